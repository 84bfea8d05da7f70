//! The measured device: a real engine on real files, with a clock around every call.

use std::collections::VecDeque;
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use rusqlite::Connection;
use tempfile::TempDir;
use whimbrel::engine::Engine;
use whimbrel::env::Now;
use whimbrel::event::{Command, Effect, Event, Network, Reply, Ticket};
use whimbrel::store::Store;
use whimbrel::store::open::{DatabaseKey, StoreOptions};
use whimbrel_protocol::frame::ClientMessage;
use whimbrel_protocol::{ConversationId, DeviceId, ServerFrame, UserId};
use whimbrel_server::Now as ServerNow;
use whimbrel_tests::World;
use whimbrel_tests::sim::network::Wire;
use whimbrel_tests::sim::server::Out;
use whimbrel_tests::sim::{Device as SimDevice, DeviceIndex};

/// How the database in a folder is opened: as in an app, with the machine's own file system.
pub(crate) fn store_options(folder: &Path) -> StoreOptions {
    StoreOptions {
        folder: folder.to_owned(),
        key: DatabaseKey::from_bytes([7; 32]),
        salt_seed: [9; 32],
        vfs: None,
    }
}

/// A folder with a copy of the files of another one.
pub(crate) fn copy_of(folder: &Path, beside: &Path) -> TempDir {
    let copy = TempDir::new_in(beside).expect("a temporary folder");
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().expect("a file");
        fs::copy(&path, copy.path().join(name)).expect("a copied file");
    }
    copy
}

/// What the engine did in some stretch of time.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Tally {
    /// Time in the engine.
    pub(crate) busy: Duration,
    /// Runs of envelopes that were applied.
    pub(crate) batches: u64,
    /// Commits in the turns that applied them.
    pub(crate) batch_commits: u64,
    /// All commits.
    pub(crate) commits: u64,
}

/// The device.
pub(crate) struct Device {
    pub(crate) engine: Engine,
    who: Option<(UserId, DeviceId)>,
    wire: Option<u64>,
    incoming: VecDeque<Event>,
    reply: Option<whimbrel::Result<Reply>>,
    tickets: u64,
    sessions: u64,
    tally: Tally,
}

impl Device {
    /// Opens the database in a folder. The app has not spoken of a network yet.
    pub(crate) fn open(folder: &Path) -> Self {
        let store = Store::open(&store_options(folder)).expect("the database opens");
        let engine = Engine::open(store, [5; 32]).expect("the engine opens");
        let account = engine.state().account;
        Self {
            engine,
            who: account.map(|account| (account.user, account.device)),
            wire: None,
            incoming: VecDeque::new(),
            reply: None,
            tickets: 0,
            sessions: 0,
            tally: Tally::default(),
        }
    }

    /// Says who this is, once that is known.
    pub(crate) fn set_who(&mut self, user: UserId, device: DeviceId) {
        self.who = Some((user, device));
    }

    /// What was done since the last call.
    pub(crate) fn take_tally(&mut self) -> Tally {
        std::mem::take(&mut self.tally)
    }

    /// Runs a command until it is answered, and says how long that took.
    pub(crate) fn command(
        &mut self,
        world: &mut World,
        command: Command,
    ) -> (whimbrel::Result<Reply>, Duration) {
        let before = self.tally.busy;
        self.hand_in(world, command);
        while self.reply.is_none() && self.turn(world) {}
        let reply = self.reply.take().expect("an answer");
        (reply, self.tally.busy - before)
    }

    /// Hands in a command without letting the engine work.
    pub(crate) fn hand_in(&mut self, world: &mut World, command: Command) {
        self.tickets += 1;
        let ticket = Ticket(self.tickets);
        self.handle(world, Event::Command { ticket, command });
    }

    /// Lets the engine work on what is there.
    pub(crate) fn work(&mut self, world: &mut World) {
        while self.turn(world) {}
    }

    /// Connects, and lets everything happen until nothing is left to do.
    pub(crate) fn go_online(&mut self, world: &mut World) {
        self.incoming.push_back(Event::Network(Network::Up));
        self.drive(world);
    }

    /// Disconnects.
    pub(crate) fn go_offline(&mut self, world: &mut World) {
        self.handle(world, Event::Network(Network::Down));
        self.work(world);
    }

    /// Lets everything happen until nothing is left to do.
    pub(crate) fn drive(&mut self, world: &mut World) {
        // As the driver does: everything that is there goes in before each turn.
        for _ in 0..1_000_000 {
            self.receive(world);
            while let Some(event) = self.incoming.pop_front() {
                self.handle(world, event);
            }
            if self.turn(world) || !self.incoming.is_empty() {
                continue;
            }
            if self.wire.is_some() && self.engine.is_settled() {
                return;
            }
            self.let_time_pass(world);
        }
        panic!(
            "the device does not come to rest: {:?}",
            self.engine.state()
        );
    }

    fn let_time_pass(&mut self, world: &mut World) {
        let server = world.server.as_mut().expect("a running server");
        let due = [self.engine.wake_at(), server.wake_at()];
        let due = due
            .into_iter()
            .flatten()
            .min()
            .expect("something to wait for");
        world.mono_ms = world.mono_ms.max(due);
        let server_now = server_now(world);
        let server = world.server.as_mut().expect("a running server");
        let out = server.tick(server_now);
        self.take(out);
        self.incoming.push_back(Event::Tick);
    }

    fn handle(&mut self, world: &mut World, event: Event) {
        let now = now(world);
        let started = Instant::now();
        self.engine.handle(event, now);
        self.tally.busy += started.elapsed();
        self.carry_out(world);
    }

    fn turn(&mut self, world: &mut World) -> bool {
        let now = now(world);
        let before = self.engine.store().commits();
        let started = Instant::now();
        let did = self.engine.turn(now);
        self.tally.busy += started.elapsed();
        let commits = self.engine.store().commits() - before;
        let batches = self.carry_out(world);
        self.tally.commits += commits;
        self.tally.batches += batches;
        if batches > 0 {
            self.tally.batch_commits += commits;
        }
        did
    }

    /// Does what the engine wants done. Says how many runs it reported as applied.
    fn carry_out(&mut self, world: &mut World) -> u64 {
        let mut applied = 0;
        while let Some(effect) = self.engine.poll() {
            match effect {
                Effect::Reply { result, .. } => self.reply = Some(result),
                Effect::Publish(_) => {}
                Effect::Transmit(frame) => {
                    applied += u64::from(matches!(frame.message, ClientMessage::Applied { .. }));
                    self.transmit(world, &frame.encode());
                }
                Effect::Connect { .. } => self.connect(world),
                Effect::Refresh { .. } => {
                    self.sessions += 1;
                    let session = SimDevice::session(self.sessions, 600_000);
                    self.incoming.push_back(Event::Refreshed(Ok(session)));
                }
                Effect::Disconnect => self.disconnect(world),
            }
        }
        applied
    }

    fn connect(&mut self, world: &mut World) {
        let (user, device) = self.who.expect("an account");
        let now = server_now(world);
        // No device of the world has this number, and the world is not stepped meanwhile.
        let wire = world.network.connect(DeviceIndex(usize::MAX));
        let server = world.server.as_mut().expect("a running server");
        let out = server.connected(wire, user, device, now.wall_ms + 3_600_000, now);
        self.wire = Some(wire);
        self.take(out);
        self.incoming.push_back(Event::LinkOpened);
    }

    fn disconnect(&mut self, world: &mut World) {
        if let Some(wire) = self.wire.take() {
            let now = server_now(world);
            world.network.wires.remove(&wire);
            let server = world.server.as_mut().expect("a running server");
            server.closed(wire, now);
            self.incoming.clear();
        }
    }

    fn transmit(&mut self, world: &mut World, bytes: &[u8]) {
        let now = server_now(world);
        if let (Some(wire), Some(server)) = (self.wire, world.server.as_mut()) {
            let out = server.received(wire, bytes, now);
            self.take(out);
        }
    }

    /// What others have made the server say to this device.
    fn receive(&mut self, world: &mut World) {
        let wire = self
            .wire
            .and_then(|wire| world.network.wires.get_mut(&wire));
        let down = wire
            .into_iter()
            .flat_map(|Wire { down, .. }| down.drain(..));
        let frames: Vec<Event> = down.map(|(_, bytes)| frame(&bytes)).collect();
        self.incoming.extend(frames);
    }

    fn take(&mut self, out: Vec<Out>) {
        for out in out {
            let (Out::Send(wire, bytes) | Out::Close(wire, bytes)) = out;
            if self.wire.is_none_or(|own| own == wire) {
                self.incoming.push_back(frame(&bytes));
            }
        }
    }

    /// How many texts a conversation shows.
    pub(crate) fn texts(&self, place: ConversationId) -> u32 {
        let count = self.connection().query_row(
            "SELECT count(*) FROM message WHERE conversation = ?1 AND kind = 1",
            [place.as_bytes()],
            |row| row.get(0),
        );
        count.expect("a count")
    }

    /// The database, to look at.
    pub(crate) fn connection(&self) -> &Connection {
        self.engine.store().connection()
    }
}

fn frame(bytes: &[u8]) -> Event {
    Event::Frame(ServerFrame::decode(bytes).expect("a frame of the server"))
}

fn now(world: &World) -> Now {
    Now {
        mono_ms: world.mono_ms,
        wall_ms: world.wall_ms(),
    }
}

fn server_now(world: &World) -> ServerNow {
    ServerNow {
        mono_ms: world.mono_ms,
        wall_ms: world.wall_ms(),
    }
}
