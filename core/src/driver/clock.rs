//! The only clocks and the only randomness of the machine's that the core reads.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use crate::env::Now;
use crate::error::{Error, Result};

/// Reads both clocks.
pub(super) struct Clock {
    start: Instant,
}

impl Clock {
    pub(super) fn new() -> Self {
        Self {
            start: Instant::now(),
        }
    }

    pub(super) fn now(&self) -> Now {
        let wall_ms = match SystemTime::now().duration_since(UNIX_EPOCH) {
            Ok(since) => milliseconds(since),
            // A clock set before 1970.
            Err(error) => -milliseconds(error.duration()),
        };
        Now {
            mono_ms: milliseconds(self.start.elapsed()),
            wall_ms,
        }
    }

    /// When `mono_ms` of this clock will be.
    pub(super) fn instant(&self, mono_ms: i64) -> Instant {
        let after = Duration::from_millis(u64::try_from(mono_ms).unwrap_or(0));
        self.start.checked_add(after).unwrap_or_else(Instant::now)
    }
}

/// 32 bytes of the operating system's randomness.
pub(crate) fn random_seed() -> Result<[u8; 32]> {
    let mut seed = [0; 32];
    getrandom::fill(&mut seed)
        .map_err(|error| Error::internal(format!("the system gives no randomness: {error}")))?;
    Ok(seed)
}

fn milliseconds(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed test may panic")]
    use super::*;

    #[test]
    fn clocks_go_forward_and_seeds_differ() {
        let clock = Clock::new();
        let first = clock.now();
        let later = clock.now();
        assert!(later.mono_ms >= first.mono_ms);
        assert!(first.wall_ms > 1_600_000_000_000);
        assert!(clock.instant(first.mono_ms + 1_000) > Instant::now());
        assert_ne!(random_seed().unwrap(), random_seed().unwrap());
    }
}
