//! The server in the simulator: the real hub over the real log, on a virtual disk.

use std::path::PathBuf;

use whimbrel_protocol::{ClientFrame, DeviceId, UserId};
use whimbrel_server::Now;
use whimbrel_server::hub::{ConnectionId, Effect, Event, Hub, HubConfig, Peer};
use whimbrel_server::log::{LogOptions, NewAccount, Replacement, SqliteLog};

use crate::vfs::Disk;

/// What the server wants from the network.
#[derive(Debug)]
pub enum Out {
    /// Send bytes on a connection.
    Send(u64, Vec<u8>),
    /// Close a connection after these bytes.
    Close(u64, Vec<u8>),
}

/// Where the server's process is made to die.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CrashPoint {
    /// After an append was committed and before anybody hears of it.
    AfterAppend,
}

/// The running server.
pub struct Server {
    hub: Hub,
    log: SqliteLog,
    disk: Disk,
    wake_at: Option<i64>,
    /// Die at this point, the next time it is reached.
    pub crash_at: Option<CrashPoint>,
    /// It has died; nothing more comes out of it.
    pub crashed: bool,
}

impl Server {
    /// Starts on a disk, whatever is on it.
    ///
    /// # Panics
    /// Where the log can't be opened.
    #[must_use]
    pub fn start(disk: &Disk, vfs: &str, seed: [u8; 32], now: Now) -> Self {
        let options = LogOptions {
            path: PathBuf::from("/server.db"),
            vfs: Some(vfs.to_owned()),
        };
        let log = SqliteLog::open(&options, seed, now).expect("the server's log opens");
        let hub = Hub::new(HubConfig::default());
        Self {
            hub,
            log,
            disk: disk.clone(),
            wake_at: None,
            crash_at: None,
            crashed: false,
        }
    }

    /// Makes an account, as the register route does.
    ///
    /// # Panics
    /// Where the log refuses.
    pub fn register(&mut self, account: &NewAccount, now: Now) {
        self.log.register(account, now).expect("an account is made");
    }

    /// An account goes on by another device, as the recovery route lets it.
    ///
    /// # Panics
    /// Where the log refuses.
    pub fn replace_manifest(
        &mut self,
        user: UserId,
        device: DeviceId,
        manifest: &[u8],
        now: Now,
    ) -> Vec<Out> {
        let replaced = self.log.replace_manifest(user, device, manifest, now);
        let replaced = replaced.expect("a working log");
        assert!(matches!(replaced, Replacement::Replaced), "{replaced:?}");
        let mut out = Vec::new();
        for news in self.log.take_news() {
            out.extend(self.run(Event::Manifest(news), now));
        }
        out
    }

    /// The newest manifest of a user.
    ///
    /// # Panics
    /// Where the log fails, or has none.
    pub fn newest_manifest(&mut self, user: UserId) -> Vec<u8> {
        let newest = self.log.newest_manifest(user).expect("a working log");
        newest.expect("a manifest")
    }

    /// A device has connected with a good token.
    pub fn connected(
        &mut self,
        wire: u64,
        user: UserId,
        device: DeviceId,
        expires_ms: i64,
        now: Now,
    ) -> Vec<Out> {
        let connection = ConnectionId(wire);
        let peer = Peer {
            user,
            device,
            expires_ms,
        };
        self.run(Event::Connected { connection, peer }, now)
    }

    /// Bytes have arrived.
    pub fn received(&mut self, wire: u64, bytes: &[u8], now: Now) -> Vec<Out> {
        let connection = ConnectionId(wire);
        let event = match ClientFrame::decode(bytes) {
            Ok(frame) => Event::Frame { connection, frame },
            Err(error) => Event::Malformed { connection, error },
        };
        self.run(event, now)
    }

    /// A connection is gone.
    pub fn closed(&mut self, wire: u64, now: Now) -> Vec<Out> {
        self.run(
            Event::Closed {
                connection: ConnectionId(wire),
            },
            now,
        )
    }

    /// Time has passed.
    pub fn tick(&mut self, now: Now) -> Vec<Out> {
        if self.wake_at.is_some_and(|at| now.mono_ms >= at) {
            self.wake_at = None;
            self.run(Event::Tick, now)
        } else {
            Vec::new()
        }
    }

    /// When the hub wants a tick.
    #[must_use]
    pub fn wake_at(&self) -> Option<i64> {
        self.wake_at
    }

    /// Starts draining, as on SIGTERM.
    pub fn drain(&mut self, over_ms: u32, now: Now) -> Vec<Out> {
        self.hub.drain(now, over_ms);
        let mut out = Vec::new();
        self.carry_out(now, &mut out);
        out
    }

    /// The log, for checks.
    pub fn log_mut(&mut self) -> &mut SqliteLog {
        &mut self.log
    }

    fn run(&mut self, event: Event, now: Now) -> Vec<Out> {
        let mut out = Vec::new();
        self.hub.handle(event, now);
        self.carry_out(now, &mut out);
        out
    }

    /// Carries out effects until there are none; everything that waits is one group commit.
    fn carry_out(&mut self, now: Now, out: &mut Vec<Out>) {
        loop {
            let mut tickets = Vec::new();
            let mut batch = Vec::new();
            let mut answers = Vec::new();
            while let Some(effect) = self.hub.poll() {
                match effect {
                    Effect::Send { connection, frame } => {
                        out.push(Out::Send(connection.0, frame.encode()));
                    }
                    Effect::Close {
                        connection,
                        reason,
                        retry_after_ms,
                    } => {
                        let away = whimbrel_protocol::ServerFrame {
                            request: 0,
                            message: whimbrel_protocol::frame::ServerMessage::GoAway {
                                reason,
                                retry_after_ms,
                            },
                        };
                        out.push(Out::Close(connection.0, away.encode()));
                    }
                    Effect::Append { ticket, request } => {
                        tickets.push(ticket);
                        batch.push(request);
                    }
                    Effect::Read { ticket, request } => {
                        answers.push((ticket, self.log.read(&request, now)));
                    }
                    Effect::Hint { .. } => {}
                    Effect::WakeAt { mono_ms } => self.wake_at = Some(mono_ms),
                }
            }
            if self.has_died() || (batch.is_empty() && answers.is_empty()) {
                return;
            }
            for (ticket, answer) in answers {
                self.hub.handle(Event::Answered { ticket, answer }, now);
            }
            if !batch.is_empty() {
                self.append(tickets, &batch, now);
            }
            if self.crashed {
                return;
            }
        }
    }

    /// Whether a planned death struck: then nothing that memory holds gets out any more.
    fn has_died(&mut self) -> bool {
        self.crashed |= self.disk.is_down();
        self.crashed
    }

    fn append(
        &mut self,
        tickets: Vec<whimbrel_server::hub::Ticket>,
        batch: &[whimbrel_server::log::AppendRequest],
        now: Now,
    ) {
        let appended = self.log.append(batch, now);
        if self.crash_at == Some(CrashPoint::AfterAppend) {
            self.crashed = true;
        }
        if self.has_died() {
            return;
        }
        match appended {
            Ok(outcomes) => {
                for (ticket, outcome) in tickets.into_iter().zip(outcomes) {
                    self.hub.handle(
                        Event::Appended {
                            ticket,
                            result: Ok(outcome),
                        },
                        now,
                    );
                }
            }
            Err(error) => {
                // Each is told; the error does not clone, so each tries for itself.
                let text = error.to_string();
                for (ticket, request) in tickets.into_iter().zip(batch) {
                    let single = self.log.append(std::slice::from_ref(request), now);
                    let result = single.map(|mut outcomes| outcomes.remove(0));
                    debug_assert!(!text.is_empty());
                    self.hub.handle(Event::Appended { ticket, result }, now);
                }
            }
        }
    }
}
