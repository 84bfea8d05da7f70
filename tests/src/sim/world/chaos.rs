//! What random runs do to the world: they start from a prepared origin, let processes die in
//! every way there is, and lose bytes that are on their way.

use std::collections::VecDeque;

use rusqlite::{Connection, OpenFlags};
use whimbrel::Result;
use whimbrel::event::{Command, Event, Network as AppNetwork, Reply};

use super::{Grant, World, unique_vfs_name};
use crate::sim::device::{Device, DeviceIndex};
use crate::sim::origin::Origin;
use crate::vfs::{Disk, PowerCut, seed_sqlite_randomness};

/// Name of the server's database on its disk.
const SERVER_DATABASE: &str = "/server.db";

/// Tokens that a world has given out.
#[derive(Debug, Clone)]
pub(in crate::sim) struct Grants {
    tokens: Vec<(String, Grant)>,
    last: u64,
}

impl World {
    /// A world that goes on from an origin, with the first so many of its people. The server
    /// and all devices run, and nobody is connected yet.
    ///
    /// # Panics
    /// Where the server or a device can't start.
    #[must_use]
    pub fn from_origin(seed: u64, origin: &Origin, people: usize) -> Self {
        seed_sqlite_randomness(u32::try_from(seed % 0xFFFF_FFFF).unwrap_or(1));
        let mut world = Self::on_disk(seed, Disk::from_image(&origin.server, seed));
        world.mono_ms = origin.mono_ms;
        world.grants = origin.grants.tokens.iter().cloned().collect();
        world.last_token = origin.grants.last;
        world.start_server();
        for person in origin.people.iter().take(people) {
            let index = DeviceIndex(world.devices.len());
            let disk = Disk::from_image(&person.disk, seed ^ (index.0 as u64 + 1));
            let vfs = unique_vfs_name(&person.name);
            disk.register(&vfs).expect("a VFS registers");
            let mut device = Device::new(&person.name, disk, vfs, person.salt);
            device.user = person.user;
            world.devices.push(device);
            world.start_device(index);
        }
        world
    }

    /// The tokens given out so far.
    pub(in crate::sim) fn grants(&self) -> Grants {
        let tokens = self
            .grants
            .iter()
            .map(|(token, grant)| (token.clone(), *grant))
            .collect();
        Grants {
            tokens,
            last: self.last_token,
        }
    }

    /// Ends the server's process in good order.
    ///
    /// # Panics
    /// Where its log can't be moved into the database file.
    pub fn quit_server(&mut self) {
        if let Some(mut server) = self.server.take() {
            server.log_mut().checkpoint().expect("a checkpoint");
        }
    }

    /// Ends a device's process in good order, as an app that is closed. What its disk says to
    /// that is of no interest: it is not allowed to matter.
    pub fn quit_device(&mut self, index: DeviceIndex) {
        let device = self.device_mut(index);
        device.replies.clear();
        if let Some(engine) = device.engine.take() {
            let _ = engine.close();
        }
        if device.disk.is_down() {
            device.disk.kill();
        }
        self.cut(index);
    }

    /// Starts a device's process, or says why it can't be.
    ///
    /// # Errors
    /// Whatever opening the database gives.
    pub fn try_start_device(&mut self, index: DeviceIndex) -> Result<()> {
        let seed = self.seeds.seed32();
        let device = self.device_mut(index);
        device.start(seed)?;
        let network = if device.online {
            AppNetwork::Up
        } else {
            AppNetwork::Down
        };
        self.feed(index, Event::Network(network));
        Ok(())
    }

    /// Runs a command. `None` where the process is not there, or died before it answered.
    pub fn try_run(&mut self, index: DeviceIndex, command: Command) -> Option<Result<Reply>> {
        let (mono, wall) = (self.mono_ms, self.wall_ms());
        let device = self.device_mut(index);
        device.engine.as_ref()?;
        let now = device.now(mono, wall);
        let (ticket, wishes) = device.command(command, now);
        let answer = device.replies.remove(&ticket);
        if !self.bury(index) {
            self.fulfil(index, wishes);
        }
        answer
    }

    /// Cuts the power of a device.
    pub fn power_cut_device(&mut self, index: DeviceIndex, mode: PowerCut, seed: u64) {
        self.kill_device(index);
        self.device(index).disk.power_cut(mode, seed);
    }

    /// Cuts the power of the server.
    pub fn power_cut_server(&mut self, mode: PowerCut, seed: u64) {
        self.kill_server();
        self.server_disk.power_cut(mode, seed);
    }

    /// The server no longer accepts a device's access tokens. Its refresh tokens are as good as
    /// before.
    pub fn expire_access(&mut self, index: DeviceIndex) {
        let (user, now) = (self.device(index).user, self.wall_ms());
        for (_, grant) in self
            .grants
            .iter_mut()
            .filter(|(_, grant)| grant.user == user)
        {
            grant.expires_ms = grant.expires_ms.min(now);
        }
    }

    /// Signs a device in again, if its process is there and can take it.
    pub fn try_sign_in(&mut self, index: DeviceIndex) -> Option<Result<Reply>> {
        let device = self.device(index);
        let (username, user) = (device.name.clone(), device.user);
        match self.try_run(index, Command::PrepareSignIn { username })? {
            Ok(Reply::Device(device)) => {
                let session = self.grant(user, device);
                self.try_run(index, Command::StoreSession(session))
            }
            other => Some(other),
        }
    }

    /// Breaks a connection in the middle of what it carries: the last bytes of each direction
    /// are lost, the frames before them arrive at this moment.
    pub fn cut_losing(&mut self, wire: u64, up_bytes: usize, down_bytes: usize) {
        let now_ms = self.mono_ms;
        if let Some(wire) = self.network.wires.get_mut(&wire) {
            wire.half_open = false;
            lose_last(&mut wire.up, up_bytes, now_ms);
            lose_last(&mut wire.down, down_bytes, now_ms);
        }
        self.deliver();
        self.break_wire(wire);
    }

    /// A connection of its own to the server's database, to look into it.
    ///
    /// # Errors
    /// SQLite's.
    pub fn server_database(&self) -> rusqlite::Result<Connection> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        Connection::open_with_flags_and_vfs(SERVER_DATABASE, flags, self.server_vfs.as_str())
    }

    /// What every device that runs and is online still waits for.
    #[must_use]
    pub fn what_is_left(&self) -> String {
        self.unrest()
    }
}

/// Drops the frames that reach into the last `bytes`; the others arrive now.
fn lose_last(queue: &mut VecDeque<(i64, Vec<u8>)>, bytes: usize, now_ms: i64) {
    let total: usize = queue.iter().map(|(_, frame)| frame.len()).sum();
    let mut room = total.saturating_sub(bytes);
    let mut kept = VecDeque::new();
    for (_, frame) in queue.drain(..) {
        if frame.len() > room {
            break;
        }
        room -= frame.len();
        kept.push_back((now_ms, frame));
    }
    *queue = kept;
}
