//! How many key packages one user may claim: without a limit, a stranger could use up
//! everybody's one-time key packages.

use std::collections::{BTreeMap, BTreeSet};

use whimbrel_protocol::UserId;

const MINUTE_MS: i64 = 60_000;
const HOUR_MS: i64 = 3_600_000;

/// Counts of claimed devices per claiming user, in fixed windows of a minute and an hour.
#[derive(Debug)]
pub(super) struct ClaimQuota {
    per_minute: u32,
    per_hour: u32,
    users_max: usize,
    counts: BTreeMap<UserId, Counts>,
    /// The same users by the start of their hour, to find the one to forget.
    by_hour: BTreeSet<(i64, UserId)>,
}

#[derive(Debug, Clone, Copy)]
struct Counts {
    minute: Window,
    hour: Window,
}

#[derive(Debug, Clone, Copy)]
struct Window {
    start_ms: i64,
    count: u32,
}

impl Window {
    /// The window that is open now, and the time until it ends.
    fn at(self, mono_ms: i64, length_ms: i64) -> (Self, i64) {
        let age_ms = mono_ms.saturating_sub(self.start_ms);
        if age_ms < length_ms {
            return (self, length_ms - age_ms);
        }
        let fresh = Self {
            start_ms: mono_ms,
            count: 0,
        };
        (fresh, length_ms)
    }
}

impl ClaimQuota {
    pub(super) fn new(per_minute: u32, per_hour: u32, users_max: usize) -> Self {
        Self {
            per_minute,
            per_hour,
            users_max: users_max.max(1),
            counts: BTreeMap::new(),
            by_hour: BTreeSet::new(),
        }
    }

    /// Counts a claim of so many users, or says after what time it may be tried again.
    pub(super) fn claim(&mut self, user: UserId, users: u32, mono_ms: i64) -> Result<(), u32> {
        let new = Counts {
            minute: Window {
                start_ms: mono_ms,
                count: 0,
            },
            hour: Window {
                start_ms: mono_ms,
                count: 0,
            },
        };
        let counts = self.counts.get(&user).copied().unwrap_or(new);
        let (mut minute, minute_left_ms) = counts.minute.at(mono_ms, MINUTE_MS);
        let (mut hour, hour_left_ms) = counts.hour.at(mono_ms, HOUR_MS);
        minute.count = minute.count.saturating_add(users);
        hour.count = hour.count.saturating_add(users);
        if hour.count > self.per_hour {
            return Err(u32::try_from(hour_left_ms).unwrap_or(u32::MAX));
        }
        if minute.count > self.per_minute {
            return Err(u32::try_from(minute_left_ms).unwrap_or(u32::MAX));
        }
        self.keep(user, Counts { minute, hour });
        Ok(())
    }

    /// The claim gave more devices than users were asked for.
    pub(super) fn add(&mut self, user: UserId, devices: u32) {
        if let Some(counts) = self.counts.get_mut(&user) {
            counts.minute.count = counts.minute.count.saturating_add(devices);
            counts.hour.count = counts.hour.count.saturating_add(devices);
        }
    }

    fn keep(&mut self, user: UserId, counts: Counts) {
        if let Some(old) = self.counts.insert(user, counts) {
            self.by_hour.remove(&(old.hour.start_ms, user));
        }
        self.by_hour.insert((counts.hour.start_ms, user));
        while self.counts.len() > self.users_max {
            let Some((_, oldest)) = self.by_hour.pop_first() else {
                break;
            };
            self.counts.remove(&oldest);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user(number: u8) -> UserId {
        UserId::from_bytes([number; 16])
    }

    #[test]
    fn a_minute_and_an_hour_are_limited() {
        let mut quota = ClaimQuota::new(10, 25, 100);
        assert_eq!(quota.claim(user(1), 10, 0), Ok(()));
        assert_eq!(quota.claim(user(1), 1, 20_000), Err(40_000));
        assert_eq!(quota.claim(user(2), 10, 20_000), Ok(()));
        assert_eq!(quota.claim(user(1), 10, 60_000), Ok(()));
        assert_eq!(quota.claim(user(1), 10, 120_000), Err(3_480_000));
        assert_eq!(quota.claim(user(1), 5, 120_000), Ok(()));
        assert_eq!(quota.claim(user(1), 10, HOUR_MS), Ok(()));
    }

    #[test]
    fn devices_beyond_the_first_are_counted_afterwards() {
        let mut quota = ClaimQuota::new(10, 25, 100);
        assert_eq!(quota.claim(user(1), 1, 0), Ok(()));
        quota.add(user(1), 9);
        assert!(quota.claim(user(1), 1, 1).is_err());
    }

    #[test]
    fn only_so_many_users_are_remembered() {
        let mut quota = ClaimQuota::new(1, 1, 3);
        for number in 0..10 {
            assert_eq!(quota.claim(user(number), 1, i64::from(number)), Ok(()));
        }
        assert_eq!((quota.counts.len(), quota.by_hour.len()), (3, 3));
        assert!(quota.claim(user(9), 1, 10).is_err());
    }
}
