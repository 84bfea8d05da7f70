//! The clocks and the random source of the system. Only drivers use this module; hub and log
//! get both as arguments.

use std::time::{Instant, SystemTime, UNIX_EPOCH};

use crate::Now;

/// The clocks of the system, read together.
#[derive(Debug, Clone, Copy)]
pub struct Clock {
    started: Instant,
}

impl Clock {
    /// A clock whose forward time begins now.
    #[must_use]
    pub fn start() -> Self {
        Self {
            started: Instant::now(),
        }
    }

    /// What time it is.
    #[must_use]
    pub fn now(&self) -> Now {
        let wall = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        Now {
            mono_ms: i64::try_from(self.started.elapsed().as_millis()).unwrap_or(i64::MAX),
            wall_ms: i64::try_from(wall.as_millis()).unwrap_or(i64::MAX),
        }
    }

    /// The moment at which the forward clock shows this.
    #[must_use]
    pub fn at(&self, mono_ms: i64) -> Instant {
        let since_start = std::time::Duration::from_millis(u64::try_from(mono_ms).unwrap_or(0));
        self.started
            .checked_add(since_start)
            .unwrap_or(self.started)
    }
}

/// Bytes from the random source of the system.
///
/// # Errors
/// Where the system has none to give.
pub fn random<const N: usize>() -> Result<[u8; N], getrandom::Error> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes)?;
    Ok(bytes)
}
