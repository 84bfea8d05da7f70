//! Faults: what can go wrong in a random run, and how often it did.

mod inject;

use std::collections::BTreeMap;

/// Something that goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// Everything on its way in one direction of a connection comes seconds later.
    FrameDelayed,
    /// A connection breaks, with everything on it.
    ConnectionCut,
    /// A connection breaks, and the last bytes on it are lost in one or both directions.
    BytesLost,
    /// Nothing arrives on a connection any more, and neither end is told.
    HalfOpen,
    /// A frame for a device comes twice.
    FrameDoubled,
    /// A frame for a device comes again, after later ones.
    FrameStale,
    /// A frame for a device comes before the one that was sent before it.
    FrameReordered,
    /// A device's process is killed between two turns.
    ClientKilled,
    /// A device's process is killed inside a transaction.
    ClientKilledInside,
    /// A device loses its power, perhaps inside a transaction.
    ClientPowerCut,
    /// The server's process is killed.
    ServerKilled,
    /// The server's process is killed inside a transaction.
    ServerKilledInside,
    /// The server's process is killed after it committed and before it told anybody.
    ServerKilledAfterAppend,
    /// The server loses its power, perhaps inside a transaction.
    ServerPowerCut,
    /// A device has no network for a while.
    Offline,
    /// A device's wall clock jumps.
    ClockJump,
    /// The server does not accept a device's access token any more.
    TokenExpired,
    /// The answer with new tokens is lost.
    RefreshLost,
    /// A device's session is ended; the user has to sign in again.
    SessionEnded,
    /// A device's disk is full for a while.
    DiskFull,
}

impl Fault {
    /// Every fault.
    pub const ALL: [Self; 20] = [
        Self::FrameDelayed,
        Self::ConnectionCut,
        Self::BytesLost,
        Self::HalfOpen,
        Self::FrameDoubled,
        Self::FrameStale,
        Self::FrameReordered,
        Self::ClientKilled,
        Self::ClientKilledInside,
        Self::ClientPowerCut,
        Self::ServerKilled,
        Self::ServerKilledInside,
        Self::ServerKilledAfterAppend,
        Self::ServerPowerCut,
        Self::Offline,
        Self::ClockJump,
        Self::TokenExpired,
        Self::RefreshLost,
        Self::SessionEnded,
        Self::DiskFull,
    ];

    /// Its name in reports.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::FrameDelayed => "frame delayed",
            Self::ConnectionCut => "connection cut",
            Self::BytesLost => "connection cut, last bytes lost",
            Self::HalfOpen => "connection half open",
            Self::FrameDoubled => "frame doubled",
            Self::FrameStale => "stale frame",
            Self::FrameReordered => "frame reordered",
            Self::ClientKilled => "client killed",
            Self::ClientKilledInside => "client killed inside a transaction",
            Self::ClientPowerCut => "client power cut",
            Self::ServerKilled => "server killed",
            Self::ServerKilledInside => "server killed inside a transaction",
            Self::ServerKilledAfterAppend => "server killed after append, before ack",
            Self::ServerPowerCut => "server power cut",
            Self::Offline => "offline period",
            Self::ClockJump => "clock jump",
            Self::TokenExpired => "token expired",
            Self::RefreshLost => "refresh answer lost",
            Self::SessionEnded => "session ended",
            Self::DiskFull => "disk full",
        }
    }
}

/// How often each fault happened.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counters(BTreeMap<Fault, u64>);

impl Counters {
    /// One more.
    pub fn count(&mut self, fault: Fault) {
        *self.0.entry(fault).or_default() += 1;
    }

    /// How often this one happened.
    #[must_use]
    pub fn of(&self, fault: Fault) -> u64 {
        self.0.get(&fault).copied().unwrap_or(0)
    }

    /// Takes in the counts of another run.
    pub fn add(&mut self, other: &Self) {
        for (fault, count) in &other.0 {
            *self.0.entry(*fault).or_default() += count;
        }
    }

    /// The faults that never happened.
    #[must_use]
    pub fn never(&self) -> Vec<Fault> {
        Fault::ALL
            .into_iter()
            .filter(|fault| self.of(*fault) == 0)
            .collect()
    }
}
