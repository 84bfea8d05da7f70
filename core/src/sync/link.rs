//! The connection: when to open it, whether it is alive.

use super::backoff;
use crate::env::{Now, Random};
use crate::event::Network;

/// Silence after which a connection counts as dead.
const SILENCE_MS_MAX: i64 = 35_000;
/// Longest time for a connection to open and for tokens to be refreshed.
const OPENING_MS_MAX: i64 = 60_000;
/// Pause between signs of life, until the server names its own.
const HEARTBEAT_MS: i64 = 15_000;

/// How far the connection has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    /// There is none; a try is due at this time.
    Down { retry_at: i64 },
    /// Tokens are being refreshed.
    Refreshing { since: i64 },
    /// It is being opened.
    Opening { since: i64 },
    /// It is open, and the server has not answered yet.
    Greeting,
    /// It works.
    Up,
}

/// What the link wants done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LinkWish {
    Nothing,
    Open,
    Close,
}

/// The one connection.
pub(crate) struct Link {
    network: Network,
    phase: Phase,
    failures: u32,
    heard_at: i64,
    sent_at: i64,
    heartbeat_ms: i64,
}

impl Link {
    pub(crate) fn new() -> Self {
        Self {
            network: Network::Down,
            phase: Phase::Down { retry_at: 0 },
            failures: 0,
            heard_at: 0,
            sent_at: 0,
            heartbeat_ms: HEARTBEAT_MS,
        }
    }

    pub(crate) fn phase(&self) -> Phase {
        self.phase
    }

    pub(crate) fn network(&self) -> Network {
        self.network
    }

    pub(crate) fn is_up(&self) -> bool {
        self.phase == Phase::Up
    }

    /// The app says whether there is a network. News of one make a try due at once.
    pub(crate) fn set_network(&mut self, network: Network, now: Now) {
        self.network = network;
        if let Phase::Down { retry_at } = &mut self.phase {
            self.failures = 0;
            *retry_at = now.mono_ms;
        }
    }

    pub(crate) fn set_phase(&mut self, phase: Phase, now: Now) {
        self.phase = phase;
        self.heard_at = now.mono_ms;
        self.sent_at = now.mono_ms;
    }

    /// The server has answered: the next failure counts from the start.
    pub(crate) fn greeted(&mut self, heartbeat_ms: u32, now: Now) {
        self.set_phase(Phase::Up, now);
        self.failures = 0;
        self.heartbeat_ms = i64::from(heartbeat_ms).clamp(1_000, HEARTBEAT_MS);
    }

    /// The connection is gone, or could not be had; wait before the next try, at least as long
    /// as the server asked for.
    pub(crate) fn failed(&mut self, at_least_ms: i64, now: Now, random: &mut Random) {
        let delay = backoff::delay_ms(self.failures, backoff::CONNECT_DELAY_MS_MAX, random);
        self.failures = self.failures.saturating_add(1);
        let asked = at_least_ms.clamp(0, 10 * backoff::CONNECT_DELAY_MS_MAX);
        self.phase = Phase::Down {
            retry_at: now.mono_ms + delay.max(asked),
        };
    }

    /// Try again now.
    pub(crate) fn retry_now(&mut self, now: Now) {
        self.phase = Phase::Down {
            retry_at: now.mono_ms,
        };
    }

    pub(crate) fn heard(&mut self, now: Now) {
        self.heard_at = now.mono_ms;
    }

    pub(crate) fn sent(&mut self, now: Now) {
        self.sent_at = now.mono_ms;
    }

    pub(crate) fn ping_is_due(&self, now: Now) -> bool {
        now.mono_ms - self.sent_at >= self.heartbeat_ms
    }

    /// Whether to open or to close a connection now.
    pub(crate) fn wish(&self, now: Now) -> LinkWish {
        let Phase::Down { retry_at } = self.phase else {
            let late = self
                .deadline()
                .is_some_and(|deadline| now.mono_ms >= deadline);
            let unwanted = self.network == Network::Down;
            return if late || unwanted {
                LinkWish::Close
            } else {
                LinkWish::Nothing
            };
        };
        if self.network == Network::Up && now.mono_ms >= retry_at {
            LinkWish::Open
        } else {
            LinkWish::Nothing
        }
    }

    fn deadline(&self) -> Option<i64> {
        match self.phase {
            Phase::Down { .. } => None,
            Phase::Refreshing { since } | Phase::Opening { since } => Some(since + OPENING_MS_MAX),
            Phase::Greeting | Phase::Up => Some(self.heard_at + SILENCE_MS_MAX),
        }
    }

    pub(crate) fn wake_at(&self) -> Option<i64> {
        match self.phase {
            Phase::Down { retry_at } => (self.network == Network::Up).then_some(retry_at),
            Phase::Up => {
                let ping_at = self.sent_at + self.heartbeat_ms;
                self.deadline().map(|deadline| deadline.min(ping_at))
            }
            Phase::Refreshing { .. } | Phase::Opening { .. } | Phase::Greeting => self.deadline(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(mono_ms: i64) -> Now {
        Now {
            mono_ms,
            wall_ms: 0,
        }
    }

    fn link_up(mono_ms: i64) -> Link {
        let mut link = Link::new();
        link.set_network(Network::Up, at(mono_ms));
        link.greeted(15_000, at(mono_ms));
        link
    }

    #[test]
    fn without_a_network_nothing_is_opened_and_what_is_open_is_closed() {
        let mut link = Link::new();
        assert_eq!(link.wish(at(1_000)), LinkWish::Nothing);
        link.set_network(Network::Up, at(1_000));
        assert_eq!(link.wish(at(1_000)), LinkWish::Open);
        let mut link = link_up(1_000);
        link.set_network(Network::Down, at(2_000));
        assert_eq!(link.wish(at(2_000)), LinkWish::Close);
    }

    #[test]
    fn thirty_five_seconds_of_silence_are_a_dead_connection() {
        let mut link = link_up(0);
        assert!(link.ping_is_due(at(15_000)));
        link.sent(at(15_000));
        assert_eq!(link.wish(at(34_999)), LinkWish::Nothing);
        assert_eq!(link.wish(at(35_000)), LinkWish::Close);
        link.heard(at(34_999));
        assert_eq!(link.wish(at(35_000)), LinkWish::Nothing);
    }

    #[test]
    fn failures_wait_longer_and_news_of_a_network_do_not_wait() {
        let mut random = Random::from_seed([1; 32]);
        let mut link = Link::new();
        link.set_network(Network::Up, at(0));
        for _ in 0..10 {
            link.failed(0, at(0), &mut random);
        }
        assert!(link.wake_at().is_some_and(|at| (1..=30_000).contains(&at)));
        link.failed(90_000, at(0), &mut random);
        assert_eq!(
            link.wake_at(),
            Some(90_000),
            "as long as the server asks for"
        );
        link.failed(i64::MAX, at(0), &mut random);
        assert_eq!(link.wake_at(), Some(300_000), "but not for ever");
        link.set_network(Network::Up, at(10));
        assert_eq!(link.wish(at(10)), LinkWish::Open);
    }

    #[test]
    fn a_connection_that_does_not_open_is_given_up() {
        let mut link = Link::new();
        link.set_network(Network::Up, at(0));
        link.set_phase(Phase::Opening { since: 0 }, at(0));
        assert_eq!(link.wish(at(59_999)), LinkWish::Nothing);
        assert_eq!(link.wish(at(60_000)), LinkWish::Close);
    }
}
