//! What stories do to the world besides letting people talk: they look at frames on their way,
//! lose or forge some, kill processes at chosen places, and speak to the server by hand.

use whimbrel::event::{Command, Event, Password, Reply};
use whimbrel::types::{ConversationId, MessageKind, Person, UserId};
use whimbrel::{Error, Result};
use whimbrel_protocol::frame::{ClientMessage, Hello, ServerMessage};
use whimbrel_protocol::{ClientFrame, ClientId, DeviceId, PROTOCOL_VERSION, ServerFrame};
use whimbrel_server::log::NewAccount;

use super::{ACCESS_MS, DRIVE_MS_MAX, World};
use crate::sim::device::DeviceIndex;
use crate::sim::server::Out;

/// Wires of puppets are numbered from here on, out of the way of those of devices.
const PUPPET_WIRES: u64 = 1 << 40;

impl World {
    /// Takes a device whose process died by a planned death out of the world. Says whether it did.
    pub(super) fn bury(&mut self, index: DeviceIndex) -> bool {
        let died = self.device(index).disk.is_down();
        if died {
            self.kill_device(index);
        }
        died
    }

    /// Whether a device's process runs.
    #[must_use]
    pub fn is_running(&self, index: DeviceIndex) -> bool {
        self.device(index).engine.is_some()
    }

    /// Kills the server and starts it again.
    pub fn restart_server(&mut self) {
        self.kill_server();
        self.start_server();
    }

    /// Starts draining the server, as on SIGTERM.
    ///
    /// # Panics
    /// Where it is down.
    pub fn drain_server(&mut self, over_ms: u32) {
        let now = self.server_now();
        let server = self.server.as_mut().expect("a running server");
        let out = server.drain(over_ms, now);
        self.carry(out);
    }

    /// Signs a device in again, as with name and password.
    ///
    /// # Panics
    /// Where the engine refuses.
    pub fn sign_in(&mut self, index: DeviceIndex) {
        let device = self.device(index);
        let (username, user) = (device.name.clone(), device.user);
        let reply = self.run(index, Command::PrepareSignIn { username });
        let Ok(Reply::Device(device)) = reply else {
            panic!("sign-in: {reply:?}");
        };
        let session = self.grant(user, device);
        self.run(index, Command::StoreSession(session))
            .expect("a session is stored");
    }

    /// Lets things happen one by one until the condition holds.
    ///
    /// # Panics
    /// Where it does not within ten minutes of virtual time.
    pub fn step_until(&mut self, what: &str, condition: impl Fn(&Self) -> bool) {
        let deadline = self.mono_ms + DRIVE_MS_MAX;
        while !condition(self) {
            let moved = self.step(deadline);
            assert!(moved, "seed {}: never {what}", self.seed);
        }
    }

    /// What is on its way from a device to the server.
    ///
    /// # Panics
    /// Where a device sends what is no frame.
    #[must_use]
    pub fn frames_up(&self, from: DeviceIndex) -> Vec<ClientFrame> {
        let wire = self
            .device(from)
            .wire
            .and_then(|wire| self.network.wires.get(&wire));
        let bytes = wire.into_iter().flat_map(|wire| &wire.up);
        bytes
            .map(|(_, bytes)| ClientFrame::decode(bytes).expect("a frame"))
            .collect()
    }

    /// What is on its way from the server to a device.
    ///
    /// # Panics
    /// Where the server sends what is no frame.
    #[must_use]
    pub fn frames_down(&self, to: DeviceIndex) -> Vec<ServerFrame> {
        let wire = self
            .device(to)
            .wire
            .and_then(|wire| self.network.wires.get(&wire));
        let bytes = wire.into_iter().flat_map(|wire| &wire.down);
        bytes
            .map(|(_, bytes)| ServerFrame::decode(bytes).expect("a frame"))
            .collect()
    }

    /// Takes frames on their way to a device out of the wire, and gives them to the story.
    pub fn intercept(
        &mut self,
        to: DeviceIndex,
        wanted: impl Fn(&ServerMessage) -> bool,
    ) -> Vec<ServerFrame> {
        let mut taken = Vec::new();
        let wire = self.device(to).wire;
        if let Some(wire) = wire.and_then(|wire| self.network.wires.get_mut(&wire)) {
            wire.down
                .retain(|(_, bytes)| match ServerFrame::decode(bytes) {
                    Ok(frame) if wanted(&frame.message) => {
                        taken.push(frame);
                        false
                    }
                    _ => true,
                });
        }
        taken
    }

    /// The same for frames on their way to the server.
    pub fn intercept_up(
        &mut self,
        from: DeviceIndex,
        wanted: impl Fn(&ClientMessage) -> bool,
    ) -> Vec<ClientFrame> {
        let mut taken = Vec::new();
        let wire = self.device(from).wire;
        if let Some(wire) = wire.and_then(|wire| self.network.wires.get_mut(&wire)) {
            wire.up
                .retain(|(_, bytes)| match ClientFrame::decode(bytes) {
                    Ok(frame) if wanted(&frame.message) => {
                        taken.push(frame);
                        false
                    }
                    _ => true,
                });
        }
        taken
    }

    /// Puts a frame on its way to a device, behind what is on its way already.
    pub fn send_to(&mut self, to: DeviceIndex, frame: &ServerFrame) {
        if let Some(wire) = self.device(to).wire {
            self.network.send_down(wire, self.mono_ms, frame.encode());
        }
    }

    /// Hands a frame to a device at once, as if the server had pushed it.
    pub fn push(&mut self, to: DeviceIndex, message: ServerMessage) {
        self.feed(
            to,
            Event::Frame(ServerFrame {
                request: 0,
                message,
            }),
        );
    }

    /// Speaks to the server on a connection of its own that lives as long as this call: says
    /// `Hello`, then these words, and returns every answer.
    ///
    /// # Panics
    /// Where the server is down.
    pub fn exchange(
        &mut self,
        (user, device): (UserId, DeviceId),
        sealed_no: u64,
        messages: Vec<ClientMessage>,
    ) -> Vec<ServerMessage> {
        self.last_puppet += 1;
        let wire = PUPPET_WIRES + self.last_puppet;
        let now = self.server_now();
        let hello = Hello {
            version: PROTOCOL_VERSION,
            device,
            sealed_no,
        };
        let words = std::iter::once(ClientMessage::Hello(hello)).chain(messages);
        let expires_ms = now.wall_ms + ACCESS_MS;
        let server = self.server.as_mut().expect("a running server");
        let mut out = server.connected(wire, user, device, expires_ms, now);
        for (request, message) in (1..).zip(words) {
            let frame = ClientFrame { request, message };
            out.extend(server.received(wire, &frame.encode(), now));
        }
        out.extend(server.closed(wire, now));
        let mut answers = Vec::new();
        let mut others = Vec::new();
        for out in out {
            match out {
                Out::Send(to, bytes) | Out::Close(to, bytes) if to == wire => {
                    answers.push(ServerFrame::decode(&bytes).expect("a frame").message);
                }
                other => others.push(other),
            }
        }
        self.carry(others);
        answers
    }

    /// Makes an account at the server for somebody without an engine.
    ///
    /// # Panics
    /// Where the server is down or refuses.
    pub fn register_account(
        &mut self,
        username: &str,
        user: UserId,
        device: DeviceId,
        manifest: Vec<u8>,
    ) {
        let account = NewAccount {
            user,
            username: username.to_owned(),
            device,
            manifest,
            password_hash: "$argon2id$none".into(),
        };
        let now = self.server_now();
        self.server
            .as_mut()
            .expect("a running server")
            .register(&account, now);
    }

    /// An account at the server goes on by a new device.
    ///
    /// # Panics
    /// Where the server is down or refuses.
    pub fn replace_manifest(&mut self, user: UserId, device: DeviceId, manifest: &[u8]) {
        let now = self.server_now();
        let server = self.server.as_mut().expect("a running server");
        let out = server.replace_manifest(user, device, manifest, now);
        self.carry(out);
    }

    // What people see and do.

    /// A command that must work.
    ///
    /// # Panics
    /// Where it does not.
    pub fn must(&mut self, who: DeviceIndex, command: Command) -> Reply {
        let what = format!("{command:?}");
        match self.run(who, command) {
            Ok(reply) => reply,
            Err(error) => panic!("{}: {what}: {error}", self.device(who).name),
        }
    }

    /// A command that must not work.
    ///
    /// # Panics
    /// Where it does.
    pub fn must_fail(&mut self, who: DeviceIndex, command: Command) -> Error {
        let what = format!("{command:?}");
        match self.run(who, command) {
            Ok(reply) => panic!("{}: {what}: {reply:?}", self.device(who).name),
            Err(error) => error,
        }
    }

    /// Sends text, or fails.
    ///
    /// # Errors
    /// The engine's.
    pub fn try_say(
        &mut self,
        who: DeviceIndex,
        place: ConversationId,
        text: &str,
    ) -> Result<Reply> {
        self.run(
            who,
            Command::Send {
                conversation: place,
                text: text.to_owned(),
            },
        )
    }

    /// Adds somebody by user name; returns the outbox item.
    ///
    /// # Panics
    /// Where the engine refuses.
    pub fn add(&mut self, who: DeviceIndex, place: ConversationId, name: &str) -> ClientId {
        let people = vec![Person::Username(name.to_owned())];
        item(self.must(
            who,
            Command::Add {
                conversation: place,
                people,
            },
        ))
    }

    /// Removes somebody; returns the outbox item.
    ///
    /// # Panics
    /// Where the engine refuses.
    pub fn remove(
        &mut self,
        who: DeviceIndex,
        place: ConversationId,
        whom: DeviceIndex,
    ) -> ClientId {
        let user = self.device(whom).user;
        item(self.must(
            who,
            Command::Remove {
                conversation: place,
                user,
            },
        ))
    }

    /// Names a conversation; returns the outbox item.
    ///
    /// # Panics
    /// Where the engine refuses.
    pub fn rename(&mut self, who: DeviceIndex, place: ConversationId, name: &str) -> ClientId {
        item(self.must(
            who,
            Command::Rename {
                conversation: place,
                name: name.to_owned(),
            },
        ))
    }

    /// Gives an own message a new text.
    ///
    /// # Panics
    /// Where the engine refuses.
    pub fn edit(&mut self, who: DeviceIndex, place: ConversationId, id: ClientId, text: &str) {
        let text = text.to_owned();
        self.must(
            who,
            Command::Edit {
                conversation: place,
                message: id,
                text,
            },
        );
    }

    /// Reads everything that a conversation shows.
    ///
    /// # Panics
    /// Where the engine refuses.
    pub fn read_all(&mut self, who: DeviceIndex, place: ConversationId) {
        let last = self.messages(who, place).last().map(|message| message.id);
        if let Some(message) = last {
            self.must(
                who,
                Command::MarkRead {
                    conversation: place,
                    message,
                },
            );
        }
    }

    /// The texts that a device shows, in order.
    #[must_use]
    pub fn texts(&self, who: DeviceIndex, place: ConversationId) -> Vec<String> {
        self.messages(who, place)
            .into_iter()
            .filter_map(|message| match message.kind {
                MessageKind::Text { text, .. } => Some(text),
                _ => None,
            })
            .collect()
    }

    /// The names of the members of a conversation, as a device shows them, in order.
    #[must_use]
    pub fn member_names(&self, who: DeviceIndex, place: ConversationId) -> Vec<String> {
        let mut names: Vec<String> = self
            .members(who, place)
            .into_iter()
            .map(|member| member.username)
            .collect();
        names.sort();
        names
    }

    /// Hands in many commands before the engine gets its turn; returns their answers.
    pub fn burst(&mut self, who: DeviceIndex, commands: Vec<Command>) -> Vec<Result<Reply>> {
        let (mono, wall) = (self.mono_ms, self.wall_ms());
        let device = self.device_mut(who);
        let now = device.now(mono, wall);
        let (tickets, wishes) = device.burst(commands, now);
        self.fulfil(who, wishes);
        let device = self.device_mut(who);
        tickets
            .into_iter()
            .map(|ticket| device.reply(ticket))
            .collect()
    }

    /// Prepares a registration, as far as a story needs it that never registers.
    ///
    /// # Errors
    /// The engine's.
    pub fn prepare_registration(&mut self, who: DeviceIndex, name: &str) -> Result<Reply> {
        let password = Password("correct horse battery".into());
        self.run(
            who,
            Command::PrepareRegistration {
                username: name.to_owned(),
                password,
            },
        )
    }
}

fn item(reply: Reply) -> ClientId {
    match reply {
        Reply::Item(id) => id,
        other => panic!("an item: {other:?}"),
    }
}
