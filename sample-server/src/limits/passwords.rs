//! Guessing passwords: after a few wrong ones each further try has to wait, longer each time.
//!
//! Counted are the name, whether anybody has it or not, and the network that asks. A name's wait
//! stays short, since everybody can make it wait; it slows down those who guess from many
//! networks. A try that comes too early costs nothing and changes nothing.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use sha2::{Digest as _, Sha256};

use super::{KEYS_MAX, Network, TooMany};
use crate::Now;

/// The first wait; each further one is twice as long.
const FIRST_WAIT_MS: i64 = 2_000;
/// One wrong password is forgiven each time this has passed.
const FORGIVE_MS: i64 = 600_000;
/// Forgetting walks over all keys, so it is not done more often than this.
const FORGET_EVERY_MS: i64 = 1_000;

const NAME: Patience = Patience {
    free: 5,
    wait_max_ms: 60_000,
};
const NETWORK: Patience = Patience {
    free: 20,
    wait_max_ms: 900_000,
};

/// How much is put up with.
struct Patience {
    /// Wrong passwords without a wait.
    free: u32,
    wait_max_ms: i64,
}

/// What became of a try.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It was the password.
    Right,
    /// It was not, or nobody has the name.
    Wrong,
    /// It could not be found out.
    Unknown,
}

/// A try that has begun. It counts as wrong for its name until it turns out to be right.
#[derive(Debug)]
#[must_use = "give it back by `PasswordTries::finish`"]
pub struct PasswordTry {
    name: [u8; 32],
    network: Network,
}

/// Counts wrong passwords.
#[derive(Debug, Default)]
pub struct PasswordTries {
    counts: Mutex<Counts>,
}

#[derive(Debug, Default)]
struct Counts {
    names: Wrong<[u8; 32]>,
    networks: Wrong<Network>,
}

#[derive(Debug)]
struct Wrong<K> {
    by_key: BTreeMap<K, Count>,
    forgotten_ms: i64,
}

impl<K> Default for Wrong<K> {
    fn default() -> Self {
        Self {
            by_key: BTreeMap::new(),
            forgotten_ms: 0,
        }
    }
}

/// Wrong passwords, the last of them at this time.
#[derive(Debug, Clone, Copy)]
struct Count {
    wrong: u32,
    last_ms: i64,
}

impl PasswordTries {
    /// Whether a password may be tried for this name from this network.
    ///
    /// # Errors
    /// [`TooMany`]: not yet.
    pub fn check(&self, name: &str, network: &Network, now: Now) -> Result<(), TooMany> {
        let mut counts = self.counts();
        counts.names.check(&hash(name), &NAME, now)?;
        counts.networks.check(network, &NETWORK, now)
    }

    /// Begins to try a password for this name from this network.
    ///
    /// # Errors
    /// [`TooMany`]: not yet.
    pub fn begin(&self, name: &str, network: &Network, now: Now) -> Result<PasswordTry, TooMany> {
        let name = hash(name);
        let mut counts = self.counts();
        counts.names.check(&name, &NAME, now)?;
        counts.networks.check(network, &NETWORK, now)?;
        // At once, so that many tries side by side get no further than one after another.
        counts.names.count(name, &NAME, now);
        Ok(PasswordTry {
            name,
            network: *network,
        })
    }

    /// Takes in what became of a try.
    pub fn finish(&self, tried: &PasswordTry, outcome: Outcome, now: Now) {
        let mut counts = self.counts();
        match outcome {
            // Not the network's: whoever has an account could guess for ever.
            Outcome::Right => counts.names.forgive(&tried.name, u32::MAX),
            Outcome::Wrong => counts.networks.count(tried.network, &NETWORK, now),
            Outcome::Unknown => counts.names.forgive(&tried.name, 1),
        }
    }

    fn counts(&self) -> MutexGuard<'_, Counts> {
        // Nothing panics while it holds the lock.
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn hash(name: &str) -> [u8; 32] {
    Sha256::digest(name).into()
}

impl<K: Ord> Wrong<K> {
    fn check(&mut self, key: &K, patience: &Patience, now: Now) -> Result<(), TooMany> {
        let Some(count) = self.by_key.get(key) else {
            return self.check_room(now);
        };
        let open_ms = count.last_ms.saturating_add(patience.wait_ms(count.wrong));
        match u64::try_from(open_ms.saturating_sub(now.mono_ms)) {
            Ok(wait_ms @ 1..) => Err(TooMany {
                retry_after: Duration::from_millis(wait_ms),
            }),
            _ => Ok(()),
        }
    }

    /// Whether one more key can be remembered.
    fn check_room(&mut self, now: Now) -> Result<(), TooMany> {
        let is_due = now.mono_ms.saturating_sub(self.forgotten_ms) >= FORGET_EVERY_MS;
        if self.by_key.len() >= KEYS_MAX && is_due {
            self.forgotten_ms = now.mono_ms;
            self.by_key.retain(|_, count| count.after(now) > 0);
        }
        if self.by_key.len() < KEYS_MAX {
            return Ok(());
        }
        Err(TooMany {
            retry_after: Duration::from_millis(FORGET_EVERY_MS.unsigned_abs()),
        })
    }

    fn count(&mut self, key: K, patience: &Patience, now: Now) {
        let count = self.by_key.entry(key).or_insert(Count {
            wrong: 0,
            last_ms: now.mono_ms,
        });
        let wrong = count.after(now).saturating_add(1);
        *count = Count {
            wrong: wrong.min(patience.wrong_max()),
            last_ms: now.mono_ms,
        };
    }

    fn forgive(&mut self, key: &K, wrong: u32) {
        if let Some(count) = self.by_key.get_mut(key) {
            count.wrong = count.wrong.saturating_sub(wrong);
            if count.wrong == 0 {
                self.by_key.remove(key);
            }
        }
    }
}

impl Count {
    /// What is left of it by now.
    fn after(&self, now: Now) -> u32 {
        let forgiven = now.mono_ms.saturating_sub(self.last_ms) / FORGIVE_MS;
        let forgiven = u32::try_from(forgiven.max(0)).unwrap_or(u32::MAX);
        self.wrong.saturating_sub(forgiven)
    }
}

impl Patience {
    fn wait_ms(&self, wrong: u32) -> i64 {
        match wrong.saturating_sub(self.free) {
            0 => 0,
            over => {
                let factor = 1_i64.checked_shl(over - 1).unwrap_or(i64::MAX);
                FIRST_WAIT_MS.saturating_mul(factor).min(self.wait_max_ms)
            }
        }
    }

    /// More are not counted, so that forgiving leads somewhere.
    fn wrong_max(&self) -> u32 {
        self.free + 12
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

    use super::*;

    fn at(mono_ms: i64) -> Now {
        Now {
            mono_ms,
            wall_ms: 0,
        }
    }

    fn network(last: u8) -> Network {
        Network::from(std::net::IpAddr::from([192, 0, 2, last]))
    }

    fn guess(tries: &PasswordTries, name: &str, from: u8, now: i64) -> Result<(), u64> {
        let tried = tries
            .begin(name, &network(from), at(now))
            .map_err(TooMany::retry_after_s)?;
        tries.finish(&tried, Outcome::Wrong, at(now));
        Ok(())
    }

    #[test]
    fn the_wait_of_a_name_grows_up_to_a_minute() {
        let tries = PasswordTries::default();
        for _ in 0..6 {
            guess(&tries, "alice", 1, 0).unwrap();
        }
        let mut now = 0;
        for wait_s in [2, 4, 8, 16, 32, 60, 60] {
            assert_eq!(guess(&tries, "alice", 2, now), Err(wait_s));
            now += i64::try_from(wait_s).unwrap() * 1_000;
            guess(&tries, "alice", 2, now).unwrap();
        }
        guess(&tries, "bob", 2, now).unwrap();
    }

    #[test]
    fn the_wait_of_a_network_grows_up_to_a_quarter_of_an_hour() {
        let tries = PasswordTries::default();
        for number in 0..21 {
            guess(&tries, &format!("name {number}"), 1, 0).unwrap();
        }
        let mut now = 0;
        for wait_s in [2, 4, 8, 16, 32, 64, 128, 256, 512, 900] {
            let name = format!("other {wait_s}");
            assert_eq!(guess(&tries, &name, 1, now), Err(wait_s));
            now += i64::try_from(wait_s).unwrap() * 1_000;
            guess(&tries, &name, 1, now).unwrap();
        }
        guess(&tries, "name 1", 2, now).unwrap();
    }

    #[test]
    fn the_right_password_clears_the_name_and_not_the_network() {
        let tries = PasswordTries::default();
        for _ in 0..4 {
            for _ in 0..5 {
                guess(&tries, "alice", 1, 0).unwrap();
            }
            let tried = tries.begin("alice", &network(1), at(0)).unwrap();
            tries.finish(&tried, Outcome::Right, at(0));
        }
        guess(&tries, "alice", 1, 0).unwrap();
        assert_eq!(guess(&tries, "mallory", 1, 0), Err(2));
        guess(&tries, "alice", 2, 0).unwrap();
    }

    #[test]
    fn tries_side_by_side_get_no_further_than_one_after_another() {
        let tries = PasswordTries::default();
        let begin = || tries.begin("alice", &network(1), at(0));
        let begun: Vec<PasswordTry> = (0..6).map(|_| begin().unwrap()).collect();
        assert!(begin().is_err());
        // What could not be found out does not count.
        for tried in &begun {
            tries.finish(tried, Outcome::Unknown, at(0));
        }
        assert!(begin().is_ok());
    }

    #[test]
    fn time_forgives() {
        let tries = PasswordTries::default();
        for _ in 0..6 {
            guess(&tries, "alice", 1, 0).unwrap();
        }
        for _ in 0..6 {
            guess(&tries, "alice", 1, 6 * FORGIVE_MS).unwrap();
        }
        assert_eq!(guess(&tries, "alice", 1, 6 * FORGIVE_MS), Err(2));
    }

    #[test]
    fn memory_is_bounded() {
        let tries = PasswordTries::default();
        for number in 0..KEYS_MAX {
            let from = network(u8::try_from(number % 251).unwrap());
            let tried = tries.begin(&number.to_string(), &from, at(0)).unwrap();
            drop(tried);
        }
        assert_eq!(guess(&tries, "one more", 1, 0), Err(1));
        guess(&tries, "one more", 1, FORGIVE_MS).unwrap();
    }
}
