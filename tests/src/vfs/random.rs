//! The seeded random numbers of a disk (SplitMix64): small, fast, and the same on every machine.
//! It decides what a power cut spares; nothing secret comes from here.

/// A stream of numbers that is a pure function of its seed.
#[derive(Clone, Debug)]
pub(super) struct SeededRandom {
    state: u64,
}

impl SeededRandom {
    /// A stream that starts at `seed`.
    pub(super) fn new(seed: u64) -> Self {
        Self { state: seed }
    }

    /// The next 64 bits.
    pub(super) fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number in `0..bound`; 0 when `bound` is 0. The bias of the remainder is far below what a
    /// simulation can notice.
    pub(super) fn below(&mut self, bound: u64) -> u64 {
        self.next().checked_rem(bound).unwrap_or(0)
    }

    /// True half of the time.
    pub(super) fn coin(&mut self) -> bool {
        self.next() & 1 == 1
    }

    /// Fills `target` with random bytes.
    pub(super) fn fill(&mut self, target: &mut [u8]) {
        for chunk in target.chunks_mut(8) {
            let bytes = self.next().to_le_bytes();
            for (to, from) in chunk.iter_mut().zip(bytes) {
                *to = from;
            }
        }
    }
}
