//! How long to wait before trying again.

use crate::env::Random;

/// Longest wait between two tries to connect.
pub(crate) const CONNECT_DELAY_MS_MAX: i64 = 30_000;
/// Longest wait before an item that the server put off is tried again.
pub(crate) const SEND_DELAY_MS_MAX: i64 = 120_000;

/// Full jitter: a random time up to one second, doubled with every failure, up to a cap.
/// `failures` counts from 0.
pub(crate) fn delay_ms(failures: u32, cap_ms: i64, random: &mut Random) -> i64 {
    let ceiling = 1_000_i64.saturating_mul(1 << failures.min(20)).min(cap_ms);
    random.below(ceiling) + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_wait_is_under_a_second_and_no_wait_is_over_the_cap() {
        let mut random = Random::from_seed([7; 32]);
        for _ in 0..1_000 {
            assert!((1..=1_000).contains(&delay_ms(0, CONNECT_DELAY_MS_MAX, &mut random)));
            assert!((1..=30_000).contains(&delay_ms(5, CONNECT_DELAY_MS_MAX, &mut random)));
            assert!((1..=30_000).contains(&delay_ms(u32::MAX, CONNECT_DELAY_MS_MAX, &mut random)));
        }
    }
}
