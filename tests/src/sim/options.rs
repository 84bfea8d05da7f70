//! What a random run is like, drawn from its seed.

use std::collections::BTreeSet;

use super::fault::Fault;
use super::rng::Rng;

/// The options of one run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunOptions {
    /// The seed they were drawn from, and everything else in the run is.
    pub seed: u64,
    /// People, each with one device.
    pub people: usize,
    /// Conversations that are made at the start; some more may come.
    pub conversations: usize,
    /// Shortest time a frame takes.
    pub latency_ms: i64,
    /// Up to how much longer a frame may take.
    pub jitter_ms: i64,
    /// Steps, first of chaos, then of peace.
    pub steps: usize,
    /// Whether the databases of the devices are encrypted.
    pub keyed: bool,
    /// The faults that may happen.
    pub faults: BTreeSet<Fault>,
    /// A fault happens in so many of a thousand steps.
    pub fault_per_mille: u64,
}

impl RunOptions {
    /// The options of a seed.
    #[must_use]
    pub fn draw(seed: u64) -> Self {
        let mut rng = Rng::new(seed, "options");
        let people = match rng.below(10) {
            0..=2 => 2,
            3..=6 => 3,
            7..=8 => 4,
            _ => 5,
        };
        let latency_ms = match rng.below(4) {
            0 => 1 + rng.below(10),
            1 => 10 + rng.below(40),
            2 => 50 + rng.below(100),
            _ => 150 + rng.below(350),
        };
        Self {
            seed,
            people,
            conversations: 1 + index_below(&mut rng, 3),
            latency_ms: signed(latency_ms),
            jitter_ms: signed(rng.below(latency_ms + 1)),
            steps: 70 + index_below(&mut rng, 50) + index_below(&mut rng, 50),
            keyed: seed % 8 == 7,
            faults: draw_faults(&mut rng),
            fault_per_mille: 60 + rng.below(240),
        }
    }
}

/// Half of the faults are off in each run, so that rare combinations get room.
fn draw_faults(rng: &mut Rng) -> BTreeSet<Fault> {
    let mut all = Fault::ALL.to_vec();
    let mut chosen = BTreeSet::new();
    for _ in 0..Fault::ALL.len() / 2 {
        let at = index_below(rng, all.len());
        chosen.insert(all.swap_remove(at));
    }
    chosen
}

/// A place in a list of this length.
pub(super) fn index_below(rng: &mut Rng, length: usize) -> usize {
    usize::try_from(rng.below(length as u64)).unwrap_or(0)
}

/// Milliseconds as the clocks count them.
pub(super) fn signed(ms: u64) -> i64 {
    i64::try_from(ms).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_always_gives_the_same_options_and_all_kinds_come_up() {
        let all: Vec<RunOptions> = (0..400).map(RunOptions::draw).collect();
        assert!((0..400).map(RunOptions::draw).eq(all.iter().cloned()));
        for people in 2..=5 {
            assert!(all.iter().any(|options| options.people == people));
        }
        assert_eq!(all.iter().filter(|options| options.keyed).count(), 50);
        for fault in Fault::ALL {
            let on = all
                .iter()
                .filter(|options| options.faults.contains(&fault))
                .count();
            assert!(
                (120..280).contains(&on),
                "{} is on in {on} of 400",
                fault.name()
            );
        }
        assert!(
            all.iter()
                .all(|options| (1..=500).contains(&options.latency_ms))
        );
    }
}
