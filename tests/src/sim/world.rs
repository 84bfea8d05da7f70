//! The world: time, the server, the devices, and the network between them.

mod chaos;
mod devices;
mod story;

pub(super) use chaos::Grants;

use std::collections::BTreeMap;

use whimbrel::event::{Command, Event, LinkError, Network as AppNetwork, Password, Reply};
use whimbrel::store::read::Snapshot;
use whimbrel::types::{
    ClientId, Conversation, ConversationId, Delivery, Member, Message, MessageKind, OutboxItem,
    Page, Person, UserId,
};
use whimbrel::{Error, ErrorCode, Result};
use whimbrel_protocol::account::from_hex;
use whimbrel_protocol::{DeviceId, ServerFrame};
use whimbrel_server::Now as ServerNow;
use whimbrel_server::log::NewAccount;

use super::device::{Device, DeviceIndex, Wish};
use super::network::Network;
use super::rng::Rng;
use super::server::{Out, Server};
use crate::vfs::{Disk, seed_sqlite_randomness};

/// Wall clock at the start of every world: some day in 2025.
const START_WALL_MS: i64 = 1_750_000_000_000;
/// Lifetime of access tokens.
const ACCESS_MS: i64 = 600_000;
/// Longer than anybody collects something before sending it.
const COLLECTING_MS: i64 = 1_000;
/// A world that is not at rest after so much time has lost liveness.
pub const DRIVE_MS_MAX: i64 = 600_000;

/// Who a token was given to.
#[derive(Debug, Clone, Copy)]
struct Grant {
    user: UserId,
    device: DeviceId,
    expires_ms: i64,
}

/// Everything.
pub struct World {
    /// The seed that this world is drawn from.
    pub seed: u64,
    /// Monotonic time.
    pub mono_ms: i64,
    /// The server's process; `None` while it is down.
    pub server: Option<Server>,
    /// The server's disk.
    pub server_disk: Disk,
    server_vfs: String,
    /// The devices.
    pub devices: Vec<Device>,
    /// The network.
    pub network: Network,
    seeds: Rng,
    grants: BTreeMap<String, Grant>,
    last_token: u64,
    last_puppet: u64,
    /// So many answers to refreshed tokens get lost on their way.
    pub lost_refreshes: u32,
}

impl World {
    /// An empty world with a running server.
    ///
    /// # Panics
    /// Where the server can't start.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        println!("world seed {seed}");
        Self::unannounced(seed)
    }

    /// The same without printing its seed.
    pub(super) fn unannounced(seed: u64) -> Self {
        seed_sqlite_randomness(u32::try_from(seed % 0xFFFF_FFFF).unwrap_or(1) | 1);
        let mut world = Self::on_disk(seed, Disk::new(seed));
        world.start_server();
        world
    }

    /// A world whose server has this disk and does not run yet.
    fn on_disk(seed: u64, server_disk: Disk) -> Self {
        let server_vfs = unique_vfs_name("server");
        server_disk.register(&server_vfs).expect("a VFS registers");
        let mut network = Network::default();
        network.latency_ms = 20;
        Self {
            seed,
            mono_ms: 1_000,
            server: None,
            server_disk,
            server_vfs,
            devices: Vec::new(),
            network,
            seeds: Rng::new(seed, "seeds"),
            grants: BTreeMap::new(),
            last_token: 0,
            last_puppet: 0,
            lost_refreshes: 0,
        }
    }

    /// A world with these people, each registered, connected and at rest.
    #[must_use]
    pub fn with_people(seed: u64, names: &[&str]) -> (Self, Vec<DeviceIndex>) {
        let mut world = Self::new(seed);
        let people = names.iter().map(|name| world.add_person(name)).collect();
        world.drive();
        (world, people)
    }

    /// True wall time.
    #[must_use]
    pub fn wall_ms(&self) -> i64 {
        START_WALL_MS + self.mono_ms
    }

    fn server_now(&self) -> ServerNow {
        ServerNow {
            mono_ms: self.mono_ms,
            wall_ms: self.wall_ms(),
        }
    }

    /// Starts the server's process.
    pub fn start_server(&mut self) {
        let seed = self.seeds.seed32();
        let now = self.server_now();
        self.server = Some(Server::start(
            &self.server_disk,
            &self.server_vfs,
            seed,
            now,
        ));
    }

    /// Kills the server's process: its disk stays as written, its connections break.
    pub fn kill_server(&mut self) {
        self.server_disk.kill();
        self.server = None;
        for wire in self.network.wires.keys().copied().collect::<Vec<_>>() {
            self.break_wire(wire);
        }
    }

    /// Adds a person with one device, registers the account and goes online.
    ///
    /// # Panics
    /// Where the engine refuses.
    pub fn add_person(&mut self, name: &str) -> DeviceIndex {
        self.add_person_on(name, None)
    }

    /// The same with a database that is encrypted where it has a salt.
    ///
    /// # Panics
    /// Where the engine refuses.
    pub fn add_person_on(&mut self, name: &str, salt: Option<[u8; 16]>) -> DeviceIndex {
        let index = DeviceIndex(self.devices.len());
        let disk = Disk::new(self.seed ^ (index.0 as u64 + 1));
        let vfs = unique_vfs_name(name);
        disk.register(&vfs).expect("a VFS registers");
        self.devices.push(Device::new(name, disk, vfs, salt));
        self.start_device(index);
        let reply = self.run(
            index,
            Command::PrepareRegistration {
                username: name.to_owned(),
                password: Password("correct horse battery".into()),
            },
        );
        let Ok(Reply::Registration(request)) = reply else {
            panic!("registration of {name}: {reply:?}");
        };
        let user: UserId = request.user.parse().expect("a user id");
        let device: DeviceId = request.device.parse().expect("a device id");
        self.device_mut(index).user = user;
        let account = NewAccount {
            user,
            username: request.username,
            device,
            manifest: from_hex(&request.manifest).expect("hexadecimal"),
            password_hash: "$argon2id$none".into(),
        };
        let now = self.server_now();
        self.server
            .as_mut()
            .expect("a running server")
            .register(&account, now);
        let session = self.grant(user, device);
        self.run(index, Command::StoreSession(session))
            .expect("a session is stored");
        index
    }

    fn grant(&mut self, user: UserId, device: DeviceId) -> whimbrel::event::Session {
        self.last_token += 1;
        let session = Device::session(self.last_token, ACCESS_MS);
        let grant = Grant {
            user,
            device,
            expires_ms: self.wall_ms() + ACCESS_MS,
        };
        self.grants.insert(session.access_token.clone(), grant);
        self.grants.insert(session.refresh_token.clone(), grant);
        session
    }

    /// Starts a device's process and tells it what the app would.
    ///
    /// # Panics
    /// Where the database can't be opened.
    pub fn start_device(&mut self, index: DeviceIndex) {
        let seed = self.seeds.seed32();
        let device = self.device_mut(index);
        device.start(seed).expect("a device starts");
        let network = if device.online {
            AppNetwork::Up
        } else {
            AppNetwork::Down
        };
        self.feed(index, Event::Network(network));
    }

    /// Kills a device's process.
    pub fn kill_device(&mut self, index: DeviceIndex) {
        let device = self.device_mut(index);
        device.disk.kill();
        device.engine = None;
        device.replies.clear();
        for wire in self.network.wires_of(index) {
            self.break_wire(wire);
        }
    }

    /// Kills a device's process and starts it again.
    pub fn restart_device(&mut self, index: DeviceIndex) {
        self.kill_device(index);
        self.start_device(index);
    }

    /// The app's network switch.
    pub fn set_online(&mut self, index: DeviceIndex, online: bool) {
        self.device_mut(index).online = online;
        let network = if online {
            AppNetwork::Up
        } else {
            AppNetwork::Down
        };
        self.feed(index, Event::Network(network));
    }

    /// A device.
    ///
    /// # Panics
    /// Where there is none.
    #[must_use]
    pub fn device(&self, index: DeviceIndex) -> &Device {
        self.devices.get(index.0).expect("a device")
    }

    /// A device, to change it.
    ///
    /// # Panics
    /// Where there is none.
    pub fn device_mut(&mut self, index: DeviceIndex) -> &mut Device {
        self.devices.get_mut(index.0).expect("a device")
    }

    /// Gives a device's engine an event and carries out what comes of it.
    pub fn feed(&mut self, index: DeviceIndex, event: Event) {
        let (mono, wall) = (self.mono_ms, self.wall_ms());
        let device = self.device_mut(index);
        let now = device.now(mono, wall);
        let wishes = device.feed(event, now);
        if !self.bury(index) {
            self.fulfil(index, wishes);
        }
    }

    /// Runs a command on a device and returns its answer.
    ///
    /// # Errors
    /// The command's own.
    pub fn run(&mut self, index: DeviceIndex, command: Command) -> Result<Reply> {
        let (mono, wall) = (self.mono_ms, self.wall_ms());
        let device = self.device_mut(index);
        let now = device.now(mono, wall);
        let (ticket, wishes) = device.command(command, now);
        if self.bury(index) {
            return Err(Error::new(
                ErrorCode::ShutDown,
                "the process died inside the command",
            ));
        }
        self.fulfil(index, wishes);
        self.device_mut(index).reply(ticket)
    }

    fn fulfil(&mut self, index: DeviceIndex, wishes: Vec<Wish>) {
        for wish in wishes {
            match wish {
                Wish::Connect(token) => self.connect(index, &token),
                Wish::Refresh(token) => self.refresh(index, &token),
                Wish::Disconnect => self.disconnect(index),
                Wish::Send(bytes) => {
                    if let Some(wire) = self.device(index).wire {
                        self.network.send_up(wire, self.mono_ms, bytes);
                    }
                }
            }
        }
    }

    fn connect(&mut self, index: DeviceIndex, token: &str) {
        self.disconnect(index);
        let grant = self.grants.get(token).copied();
        let grant = grant.filter(|grant| grant.expires_ms > self.wall_ms());
        let now = self.server_now();
        match (grant, &mut self.server) {
            (_, None) => self.feed(index, Event::LinkClosed(LinkError::Unreachable)),
            (None, Some(_)) => self.feed(index, Event::LinkClosed(LinkError::Denied)),
            (Some(grant), Some(server)) => {
                let wire = self.network.connect(index);
                let out = server.connected(wire, grant.user, grant.device, grant.expires_ms, now);
                self.device_mut(index).wire = Some(wire);
                self.carry(out);
                if self.device(index).wire == Some(wire) {
                    self.feed(index, Event::LinkOpened);
                }
            }
        }
    }

    fn refresh(&mut self, index: DeviceIndex, token: &str) {
        let grant = self.grants.get(token).copied();
        let answer = match (grant, &self.server) {
            (_, None) => Err(LinkError::Unreachable),
            (None, Some(_)) => Err(LinkError::Denied),
            (Some(grant), Some(_)) => Ok(self.grant(grant.user, grant.device)),
        };
        let answer = match self.lost_refreshes.checked_sub(1) {
            Some(rest) => {
                self.lost_refreshes = rest;
                Err(LinkError::Unreachable)
            }
            None => answer,
        };
        self.feed(index, Event::Refreshed(answer));
    }

    /// Takes back every token of a device, as if its session had been ended.
    pub fn end_session(&mut self, index: DeviceIndex) {
        let user = self.device(index).user;
        self.grants.retain(|_, grant| grant.user != user);
    }

    fn disconnect(&mut self, index: DeviceIndex) {
        if let Some(wire) = self.device_mut(index).wire.take() {
            let gone = self.network.wires.remove(&wire);
            if gone.is_some_and(|wire| wire.half_open) {
                // The other end has to find out by itself.
                return;
            }
            let now = self.server_now();
            let out = self.server.as_mut().map(|server| server.closed(wire, now));
            self.carry(out.unwrap_or_default());
        }
    }

    /// Breaks a connection; both ends notice.
    pub fn break_wire(&mut self, wire: u64) {
        let Some(gone) = self.network.wires.remove(&wire) else {
            return;
        };
        let now = self.server_now();
        if let Some(server) = &mut self.server {
            let out = server.closed(wire, now);
            self.carry(out);
        }
        if self.device(gone.device).wire == Some(wire) {
            self.device_mut(gone.device).wire = None;
            self.feed(gone.device, Event::LinkClosed(LinkError::Unreachable));
        }
    }

    /// Breaks the connection of a device.
    pub fn cut(&mut self, index: DeviceIndex) {
        for wire in self.network.wires_of(index) {
            self.break_wire(wire);
        }
    }

    fn carry(&mut self, out: Vec<Out>) {
        for out in out {
            match out {
                Out::Send(wire, bytes) => self.network.send_down(wire, self.mono_ms, bytes),
                Out::Close(wire, bytes) => {
                    self.network.send_down(wire, self.mono_ms, bytes);
                }
            }
        }
        if self.server.as_ref().is_some_and(|server| server.crashed) {
            self.kill_server();
        }
    }

    /// When the next thing is due.
    #[must_use]
    pub fn next_due(&self) -> Option<i64> {
        let engines = self
            .devices
            .iter()
            .filter_map(|device| device.engine.as_ref()?.wake_at());
        let server = self.server.as_ref().and_then(Server::wake_at);
        engines
            .chain(server)
            .chain(self.network.next_arrival())
            .min()
    }

    /// Moves time to the next thing that is due, no further than `until`, and does it. Returns
    /// false when there is nothing until then.
    pub fn step(&mut self, until: i64) -> bool {
        let Some(due) = self.next_due().filter(|due| *due <= until) else {
            self.mono_ms = self.mono_ms.max(until);
            return false;
        };
        self.mono_ms = self.mono_ms.max(due);
        self.deliver();
        self.tick();
        true
    }

    fn deliver(&mut self) {
        for id in self.network.wires.keys().copied().collect::<Vec<_>>() {
            while let Some(bytes) = self.arrived(id, Direction::Up) {
                let now = self.server_now();
                let out = self
                    .server
                    .as_mut()
                    .map(|server| server.received(id, &bytes, now));
                self.carry(out.unwrap_or_default());
            }
            while let Some(bytes) = self.arrived(id, Direction::Down) {
                let Some(device) = self.network.wires.get(&id).map(|wire| wire.device) else {
                    break;
                };
                if self.device(device).wire == Some(id) {
                    let event =
                        ServerFrame::decode(&bytes).map_or(Event::MalformedFrame, Event::Frame);
                    self.feed(device, event);
                }
            }
        }
    }

    fn arrived(&mut self, id: u64, direction: Direction) -> Option<Vec<u8>> {
        let now = self.mono_ms;
        let wire = self
            .network
            .wires
            .get_mut(&id)
            .filter(|wire| !wire.half_open)?;
        let queue = match direction {
            Direction::Up => &mut wire.up,
            Direction::Down => &mut wire.down,
        };
        if queue.front().is_none_or(|(at, _)| *at > now) {
            return None;
        }
        queue.pop_front().map(|(_, bytes)| bytes)
    }

    fn tick(&mut self) {
        let now = self.server_now();
        let out = self.server.as_mut().map(|server| server.tick(now));
        self.carry(out.unwrap_or_default());
        for index in (0..self.devices.len()).map(DeviceIndex) {
            let due = self
                .device(index)
                .engine
                .as_ref()
                .and_then(|engine| engine.wake_at());
            if due.is_some_and(|due| due <= self.mono_ms) {
                self.feed(index, Event::Tick);
            }
        }
    }

    /// Whether every device that runs and is online has nothing left to do.
    #[must_use]
    pub fn is_at_rest(&self) -> bool {
        let on_the_way = self
            .network
            .wires
            .values()
            .any(|wire| !(wire.up.is_empty() && wire.down.is_empty()));
        let busy = self.devices.iter().any(|device| {
            device.online
                && device
                    .engine
                    .as_ref()
                    .is_some_and(|engine| !engine.is_settled())
        });
        !on_the_way && !busy
    }

    /// Lets everything happen until the world is at rest, and stays there: delivery marks are
    /// collected for a while before they are sent.
    ///
    /// # Panics
    /// Where that takes more than ten minutes of virtual time.
    pub fn drive(&mut self) {
        let deadline = self.mono_ms + DRIVE_MS_MAX;
        loop {
            while !self.is_at_rest() {
                let moved = self.step(deadline);
                let seed = self.seed;
                assert!(
                    moved,
                    "seed {seed}: no rest in {DRIVE_MS_MAX} ms: {}",
                    self.unrest()
                );
            }
            self.wait(COLLECTING_MS);
            if self.is_at_rest() {
                return;
            }
        }
    }

    /// Lets so much time pass.
    pub fn wait(&mut self, ms: i64) {
        let until = self.mono_ms + ms;
        while self.step(until) {}
    }

    fn unrest(&self) -> String {
        let mut text = String::new();
        for device in self.devices.iter().filter(|device| device.online) {
            if let Some(engine) = &device.engine {
                text += &format!(
                    "\n  {}: settled {}, {:?}",
                    device.name,
                    engine.is_settled(),
                    engine.state()
                );
            }
        }
        text
    }

    // What people see and do.

    /// Sends text and returns its id.
    ///
    /// # Panics
    /// Where the engine refuses.
    pub fn say(&mut self, who: DeviceIndex, place: ConversationId, text: &str) -> ClientId {
        let reply = self.run(
            who,
            Command::Send {
                conversation: place,
                text: text.to_owned(),
            },
        );
        match reply {
            Ok(Reply::Item(id)) => id,
            other => panic!("{} says {text:?}: {other:?}", self.device(who).name),
        }
    }

    /// Opens a direct conversation by user name.
    ///
    /// # Panics
    /// Where the engine refuses.
    pub fn direct(&mut self, who: DeviceIndex, peer: &str) -> ConversationId {
        let peer = Person::Username(peer.to_owned());
        match self.run(who, Command::CreateDirect { peer }) {
            Ok(Reply::Conversation(id)) => id,
            other => panic!("{} opens a direct chat: {other:?}", self.device(who).name),
        }
    }

    /// Makes a group of people by user name.
    ///
    /// # Panics
    /// Where the engine refuses.
    pub fn group(&mut self, who: DeviceIndex, name: &str, members: &[&str]) -> ConversationId {
        let members = members
            .iter()
            .map(|name| Person::Username((*name).to_owned()))
            .collect();
        match self.run(
            who,
            Command::CreateGroup {
                name: name.to_owned(),
                members,
            },
        ) {
            Ok(Reply::Conversation(id)) => id,
            other => panic!("{} makes a group: {other:?}", self.device(who).name),
        }
    }

    /// The present moment of a device's database.
    fn snapshot(&self, who: DeviceIndex) -> Snapshot<'_> {
        let engine = self.device(who).engine.as_ref().expect("a running engine");
        Snapshot::of(engine.store().connection()).expect("a snapshot")
    }

    /// The conversations of a device.
    ///
    /// # Panics
    /// Where the query fails.
    #[must_use]
    pub fn conversations(&self, who: DeviceIndex) -> Vec<Conversation> {
        whimbrel::query::conversations(&self.snapshot(who), 0, 200).expect("conversations")
    }

    /// One conversation of a device.
    ///
    /// # Panics
    /// Where the query fails.
    #[must_use]
    pub fn conversation(&self, who: DeviceIndex, id: ConversationId) -> Conversation {
        whimbrel::query::conversation(&self.snapshot(who), id).expect("a conversation")
    }

    /// Every message of a conversation that a device shows.
    ///
    /// # Panics
    /// Where the query fails.
    #[must_use]
    pub fn messages(&self, who: DeviceIndex, id: ConversationId) -> Vec<Message> {
        let snapshot = self.snapshot(who);
        let read = |page| whimbrel::query::messages(&snapshot, id, page, 200).expect("messages");
        let mut all = read(Page::Newest);
        let mut first = all.first().map(|message| message.id);
        while let Some(id) = first {
            let mut earlier = read(Page::Before(id));
            first = earlier.first().map(|message| message.id);
            earlier.append(&mut all);
            all = earlier;
        }
        all
    }

    /// The members of a conversation.
    ///
    /// # Panics
    /// Where the query fails.
    #[must_use]
    pub fn members(&self, who: DeviceIndex, id: ConversationId) -> Vec<Member> {
        whimbrel::query::members(&self.snapshot(who), id).expect("members")
    }

    /// A device's outbox.
    ///
    /// # Panics
    /// Where the query fails.
    #[must_use]
    pub fn outbox(&self, who: DeviceIndex) -> Vec<OutboxItem> {
        whimbrel::query::outbox(&self.snapshot(who), None).expect("the outbox")
    }

    /// The chat as a device shows it, one line a row: for golden text.
    #[must_use]
    pub fn chat(&self, who: DeviceIndex, id: ConversationId) -> String {
        let names: BTreeMap<UserId, &str> = self
            .devices
            .iter()
            .map(|device| (device.user, device.name.as_str()))
            .collect();
        let name = |user: &UserId| names.get(user).copied().unwrap_or("?").to_owned();
        let list = |users: &[UserId]| users.iter().map(name).collect::<Vec<_>>().join(", ");
        let mut text = String::new();
        for message in self.messages(who, id) {
            let sender = name(&message.sender);
            let mark = match message.delivery {
                _ if message.sender != self.device(who).user => "",
                Delivery::Queued => " …",
                Delivery::Failed => " !",
                Delivery::Sent => " ✓",
                Delivery::Delivered => " ✓✓",
                Delivery::Read => " ✓✓✓",
            };
            let gap = if message.gap_before { "(gap) " } else { "" };
            let line = match &message.kind {
                MessageKind::Text { text, edited } => {
                    format!(
                        "{sender}: {text}{}{mark}",
                        if *edited { " (edited)" } else { "" }
                    )
                }
                MessageKind::Deleted => format!("{sender}: (deleted){mark}"),
                MessageKind::Created => format!("* {sender} made this"),
                MessageKind::Added(users) => format!("* {sender} added {}", list(users)),
                MessageKind::Removed(users) => format!("* {sender} removed {}", list(users)),
                MessageKind::Renamed(name) => format!("* {sender} named this {name:?}"),
                MessageKind::RoleChanged { user, role } => {
                    format!("* {sender} made {} {role:?}", name(user))
                }
                MessageKind::Left(user) => format!("* {} left", name(user)),
                MessageKind::IdentityChanged(user) => {
                    format!("* {} has another identity", name(user))
                }
                MessageKind::Forked => format!("* {sender} has read another history"),
                MessageKind::Missed { from_seq, to_seq } => {
                    format!("* missed {from_seq} to {to_seq}")
                }
                MessageKind::Unsupported => format!("{sender}: (unsupported)"),
                MessageKind::Unreadable(defect) => format!("* unreadable: {defect:?}"),
            };
            text += &format!("{gap}{line}\n");
        }
        text
    }
}

#[derive(Clone, Copy)]
enum Direction {
    Up,
    Down,
}

/// SQLite keeps VFS names for the whole process, and tests run beside each other.
fn unique_vfs_name(what: &str) -> String {
    use std::sync::atomic::{AtomicU64, Ordering};
    static LAST: AtomicU64 = AtomicU64::new(0);
    format!("sim-{what}-{}", LAST.fetch_add(1, Ordering::Relaxed))
}
