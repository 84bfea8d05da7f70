//! How often an address or a device may do something.
//!
//! Each limiter remembers a key only until its allowance has grown back, and never more than
//! [`KEYS_MAX`] of them: whoever has that many addresses finds new ones refused, and the memory
//! of the server bounded.

mod passwords;

use std::hash::Hash;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultKeyedRateLimiter, RateLimiter};
use whimbrel_protocol::DeviceId;

use crate::config::{LimitsConfig, Rate};

pub use passwords::{Outcome, PasswordTries, PasswordTry};

/// Keys that one limiter remembers.
pub const KEYS_MAX: usize = 100_000;
/// Forgetting keys walks over all of them, so it is not done more often than this.
const FORGET_EVERY: Duration = Duration::from_secs(1);

/// Too many in too short a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooMany {
    /// When the next one will be allowed.
    pub retry_after: Duration,
}

impl TooMany {
    /// The time to wait in whole seconds, at least one.
    #[must_use]
    pub fn retry_after_s(self) -> u64 {
        self.retry_after
            .as_secs()
            .saturating_add(u64::from(self.retry_after.subsec_nanos() > 0))
            .max(1)
    }

    /// The time to wait in milliseconds, at least one.
    #[must_use]
    pub fn retry_after_ms(self) -> u32 {
        u32::try_from(self.retry_after.as_millis())
            .unwrap_or(u32::MAX)
            .max(1)
    }
}

/// One kind of thing that is limited per key.
#[derive(Debug)]
pub struct KeyedLimit<K: Clone + Hash + Eq> {
    limiter: DefaultKeyedRateLimiter<K>,
    clock: DefaultClock,
    burst: u32,
    forgotten: Mutex<Instant>,
}

impl<K: Clone + Hash + Eq> KeyedLimit<K> {
    /// A limiter of this rate.
    #[must_use]
    pub fn new(rate: Rate) -> Self {
        Self {
            limiter: RateLimiter::keyed(rate.quota()),
            clock: DefaultClock::default(),
            burst: rate.burst.get(),
            forgotten: Mutex::new(Instant::now()),
        }
    }

    /// Counts `cells` things done by `key`, or says when they may be done.
    ///
    /// More than the burst at once counts as the burst: it would never be allowed otherwise.
    ///
    /// # Errors
    /// [`TooMany`].
    pub fn check(&self, key: &K, cells: u32) -> Result<(), TooMany> {
        if self.limiter.len() >= KEYS_MAX {
            self.forget();
            if self.limiter.len() >= KEYS_MAX {
                return Err(TooMany {
                    retry_after: FORGET_EVERY,
                });
            }
        }
        let Some(cells) = NonZeroU32::new(cells.min(self.burst)) else {
            return Ok(());
        };
        match self.limiter.check_key_n(key, cells) {
            Ok(Ok(())) => Ok(()),
            Ok(Err(not_until)) => Err(TooMany {
                retry_after: not_until.wait_time_from(self.clock.now()),
            }),
            // More than the burst, which the line above excludes.
            Err(_) => Err(TooMany {
                retry_after: FORGET_EVERY,
            }),
        }
    }

    fn forget(&self) {
        let Ok(mut forgotten) = self.forgotten.try_lock() else {
            return;
        };
        if forgotten.elapsed() >= FORGET_EVERY {
            *forgotten = Instant::now();
            self.limiter.retain_recent();
        }
    }
}

/// Who counts as one: an IPv4 address or an IPv6 network of 64 bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Network([u8; 8]);

impl From<IpAddr> for Network {
    fn from(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V4(address) => {
                let [a, b, c, d] = address.octets();
                // No global IPv6 network begins with zeros.
                Self([0, 0, 0, 0, a, b, c, d])
            }
            IpAddr::V6(address) => {
                let [a, b, c, d, e, f, g, h, ..] = address.octets();
                Self([a, b, c, d, e, f, g, h])
            }
        }
    }
}

/// All limits of a server.
#[derive(Debug)]
pub struct Limits {
    /// Connections opened.
    pub connections: KeyedLimit<Network>,
    /// Registrations asked for.
    pub registrations: KeyedLimit<Network>,
    /// Tokens asked for.
    pub tokens: KeyedLimit<Network>,
    /// Requests about the linking of devices.
    pub links: KeyedLimit<Network>,
    /// Wrong passwords.
    pub passwords: PasswordTries,
    /// Frames sent.
    pub frames: KeyedLimit<DeviceId>,
    /// Items offered.
    pub items: KeyedLimit<DeviceId>,
}

impl Limits {
    /// The limits that are configured.
    #[must_use]
    pub fn new(config: &LimitsConfig) -> Self {
        Self {
            connections: KeyedLimit::new(config.address.connections),
            registrations: KeyedLimit::new(config.address.registrations),
            tokens: KeyedLimit::new(config.address.tokens),
            links: KeyedLimit::new(config.address.links),
            passwords: PasswordTries::default(),
            frames: KeyedLimit::new(config.device.frames),
            items: KeyedLimit::new(config.device.items),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

    use super::*;

    #[test]
    fn a_burst_then_a_wait() {
        let limit = KeyedLimit::new(Rate::of(3, 1));
        for _ in 0..3 {
            limit.check(&"alice", 1).unwrap();
        }
        let refused = limit.check(&"alice", 1).unwrap_err();
        assert!((1..=60).contains(&refused.retry_after_s()), "{refused:?}");
        limit.check(&"bob", 1).unwrap();
    }

    #[test]
    fn more_than_the_burst_waits_for_the_whole_burst() {
        let limit = KeyedLimit::new(Rate::of(3, 1));
        limit.check(&"alice", 16).unwrap();
        limit.check(&"alice", 1).unwrap_err();
        limit.check(&"bob", 1).unwrap();
        limit.check(&"bob", 16).unwrap_err();
    }

    #[test]
    fn neighbours_in_one_network_count_as_one() {
        let network = |text: &str| Network::from(text.parse::<IpAddr>().unwrap());
        assert_eq!(network("2001:db8::1"), network("2001:db8::ffff:1"));
        assert_ne!(network("2001:db8::1"), network("2001:db8:0:1::1"));
        assert_eq!(network("192.0.2.1"), network("::ffff:192.0.2.1"));
        assert_ne!(network("192.0.2.1"), network("192.0.2.2"));
    }

    #[test]
    fn memory_is_bounded() {
        let limit = KeyedLimit::new(Rate::of(1, 1));
        for key in 0..KEYS_MAX {
            limit.check(&key, 1).unwrap();
        }
        limit.check(&KEYS_MAX, 1).unwrap_err();
    }
}
