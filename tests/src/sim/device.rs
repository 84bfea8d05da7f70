//! A device in the simulator: a real engine on a virtual disk.

use std::collections::BTreeMap;
use std::path::PathBuf;

use whimbrel::engine::Engine;
use whimbrel::env::Now;
use whimbrel::event::{Command, Effect, Event, Reply, Session, Ticket};
use whimbrel::store::Store;
use whimbrel::store::open::{DatabaseKey, StoreOptions, VfsPlace};
use whimbrel::types::{Change, UserId};
use whimbrel::{Error, Result};

use crate::vfs::Disk;

/// Which device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DeviceIndex(pub usize);

/// What a device wants from the world.
#[derive(Debug)]
pub enum Wish {
    /// Open a connection with this token.
    Connect(String),
    /// New tokens for this refresh token.
    Refresh(String),
    /// Close the connection.
    Disconnect,
    /// Send these bytes.
    Send(Vec<u8>),
}

/// A device.
pub struct Device {
    /// Its user's name.
    pub name: String,
    /// Its user.
    pub user: UserId,
    /// Its disk.
    pub disk: Disk,
    /// Name of the disk at SQLite.
    pub vfs: String,
    /// Salt of a keyed database; `None` for a plain one.
    pub salt: Option<[u8; 16]>,
    /// The running engine; `None` while the process is dead.
    pub engine: Option<Engine>,
    /// The app's network switch.
    pub online: bool,
    /// How far its wall clock is off.
    pub clock_off_ms: i64,
    /// The wire it is connected by.
    pub wire: Option<u64>,
    /// Answers to commands.
    pub replies: BTreeMap<Ticket, Result<Reply>>,
    /// Changes published since they were last looked at.
    pub changes: Vec<Change>,
    /// Turns done since the engine was opened.
    pub turns: u64,
    last_ticket: u64,
}

impl Device {
    /// A device with an empty disk.
    #[must_use]
    pub fn new(name: &str, disk: Disk, vfs: String, salt: Option<[u8; 16]>) -> Self {
        Self {
            name: name.to_owned(),
            user: UserId::from_bytes([0; 16]),
            disk,
            vfs,
            salt,
            engine: None,
            online: true,
            clock_off_ms: 0,
            wire: None,
            replies: BTreeMap::new(),
            changes: Vec::new(),
            turns: 0,
            last_ticket: 0,
        }
    }

    /// The device's clocks.
    #[must_use]
    pub fn now(&self, mono_ms: i64, wall_ms: i64) -> Now {
        Now {
            mono_ms,
            wall_ms: wall_ms + self.clock_off_ms,
        }
    }

    /// How its database is opened.
    #[must_use]
    pub fn store_options(&self) -> StoreOptions {
        StoreOptions {
            folder: PathBuf::from("/device"),
            key: DatabaseKey::from_bytes([7; 32]),
            salt_seed: [9; 32],
            vfs: Some(VfsPlace {
                name: self.vfs.clone(),
                salt: self.salt,
            }),
        }
    }

    /// Starts the process.
    ///
    /// # Errors
    /// Whatever opening the database gives.
    pub fn start(&mut self, seed: [u8; 32]) -> Result<()> {
        let store = Store::open(&self.store_options())?;
        self.engine = Some(Engine::open(store, seed)?);
        self.turns = 0;
        Ok(())
    }

    /// Gives the engine something and lets it work until it is done. The effects that concern the
    /// world are returned in order; nothing after a death.
    pub fn feed(&mut self, event: Event, now: Now) -> Vec<Wish> {
        let mut wishes = Vec::new();
        if let Some(engine) = &mut self.engine {
            engine.handle(event, now);
        }
        self.collect(&mut wishes);
        self.work(now, &mut wishes);
        wishes
    }

    /// Hands in a command and returns its ticket.
    pub fn command(&mut self, command: Command, now: Now) -> (Ticket, Vec<Wish>) {
        self.last_ticket += 1;
        let ticket = Ticket(self.last_ticket);
        (ticket, self.feed(Event::Command { ticket, command }, now))
    }

    /// Hands in many commands at once and lets the engine work only then.
    pub fn burst(&mut self, commands: Vec<Command>, now: Now) -> (Vec<Ticket>, Vec<Wish>) {
        let mut tickets = Vec::with_capacity(commands.len());
        for command in commands {
            self.last_ticket += 1;
            let ticket = Ticket(self.last_ticket);
            tickets.push(ticket);
            if let Some(engine) = &mut self.engine {
                engine.handle(Event::Command { ticket, command }, now);
            }
        }
        let mut wishes = Vec::new();
        self.collect(&mut wishes);
        self.work(now, &mut wishes);
        (tickets, wishes)
    }

    fn work(&mut self, now: Now, wishes: &mut Vec<Wish>) {
        // A turn that goes on for ever is a defect; say so instead of hanging.
        for _ in 0..10_000 {
            if self.disk.is_down() {
                // The process has died inside the last turn: what it would have said is not said.
                return;
            }
            let did = self.engine.as_mut().is_some_and(|engine| engine.turn(now));
            if self.disk.is_down() {
                return;
            }
            self.collect(wishes);
            if !did {
                return;
            }
            self.turns += 1;
        }
        panic!("{}'s engine does not come to rest", self.name);
    }

    fn collect(&mut self, wishes: &mut Vec<Wish>) {
        let Some(engine) = &mut self.engine else {
            return;
        };
        while let Some(effect) = engine.poll() {
            match effect {
                Effect::Reply { ticket, result } => {
                    self.replies.insert(ticket, result);
                }
                Effect::Publish(changes) => self.changes.extend(changes),
                Effect::Transmit(frame) => wishes.push(Wish::Send(frame.encode())),
                Effect::Connect { access_token } => wishes.push(Wish::Connect(access_token)),
                Effect::Refresh { refresh_token } => wishes.push(Wish::Refresh(refresh_token)),
                Effect::Disconnect => wishes.push(Wish::Disconnect),
            }
        }
    }

    /// The answer to a command.
    ///
    /// # Errors
    /// The command's own error.
    ///
    /// # Panics
    /// Where there is none.
    pub fn reply(&mut self, ticket: Ticket) -> Result<Reply, Error> {
        self.replies
            .remove(&ticket)
            .unwrap_or_else(|| panic!("{} got no answer", self.name))
    }

    /// A fresh session; tokens name the device and count up.
    #[must_use]
    pub fn session(number: u64, expires_in_ms: i64) -> Session {
        Session {
            access_token: format!("access-{number}"),
            expires_in_ms,
            refresh_token: format!("refresh-{number}"),
        }
    }
}
