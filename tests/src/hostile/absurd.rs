//! Numbers and times that no honest server says.

use crate::sim::Rng;

/// A number near one that is true, or far from every true one.
pub(super) fn number(rng: &mut Rng, near: u64) -> u64 {
    match rng.below(9) {
        0 => 0,
        1 => 1,
        2 => u64::MAX,
        3 => u64::MAX / 2,
        4 => u64::MAX / 2 + 1,
        5 => near.saturating_sub(1),
        6 => near.saturating_add(1),
        7 => near.saturating_add(1_000_000),
        _ => rng.next_u64(),
    }
}

/// A number of an answer that is 32 bits wide.
pub(super) fn small_number(rng: &mut Rng) -> u32 {
    match rng.below(4) {
        0 => 0,
        1 => u32::MAX,
        2 => 1,
        _ => u32::try_from(rng.next_u64() >> 40).unwrap_or(0),
    }
}

/// A time of the server's clock: 1970, the year 5000, before and after all time.
pub(super) fn time_ms(rng: &mut Rng, near: i64) -> i64 {
    match rng.below(7) {
        0 => 0,
        1 => 95_617_584_000_000,
        2 => i64::MIN,
        3 => i64::MAX,
        4 => -1,
        5 => near.saturating_add(86_400_000 * 800),
        _ => near.saturating_sub(86_400_000 * 800),
    }
}

/// One of these; `None` where there is none.
pub(super) fn one_of<'a, T>(rng: &mut Rng, of: &'a [T]) -> Option<&'a T> {
    let at = rng.below(u64::try_from(of.len()).unwrap_or(0));
    of.get(usize::try_from(at).unwrap_or(0))
}

/// So many random bytes.
pub(super) fn bytes(rng: &mut Rng, count: u64) -> Vec<u8> {
    (0..count)
        .map(|_| rng.next_u64().to_le_bytes()[0])
        .collect()
}

/// Changes one byte.
pub(super) fn flip(rng: &mut Rng, bytes: &mut [u8]) -> bool {
    let at = rng.below(u64::try_from(bytes.len()).unwrap_or(0));
    let Some(byte) = bytes.get_mut(usize::try_from(at).unwrap_or(0)) else {
        return false;
    };
    *byte ^= 1 << rng.below(8);
    true
}
