//! Time and randomness as arguments: nothing in the engine asks the machine for either.

use sha2::{Digest, Sha256};
use whimbrel_protocol::{ClientId, ConversationId, DeviceId, UserId};
use zeroize::Zeroize;

/// A reading of the two clocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Now {
    /// Milliseconds of a clock that never jumps; for waiting.
    pub mono_ms: i64,
    /// Milliseconds since 1970 of the user's clock, which may be anything; for showing.
    pub wall_ms: i64,
}

/// A stream of random bytes from one 32-byte seed: SHA-256 in counter mode.
///
/// In production the seed comes from the operating system at every open and never leaves the
/// process; in the simulator it comes from the run's seed.
pub struct Random {
    seed: [u8; 32],
    counter: u64,
}

impl Random {
    /// The stream of this seed.
    #[must_use]
    pub const fn from_seed(seed: [u8; 32]) -> Self {
        Self { seed, counter: 0 }
    }

    /// The next 32 bytes.
    pub fn block(&mut self) -> [u8; 32] {
        self.counter += 1;
        let mut hash = Sha256::new();
        hash.update(b"Whimbrel random 1");
        hash.update(self.seed);
        hash.update(self.counter.to_be_bytes());
        hash.finalize().into()
    }

    /// A number below `bound`, or 0 where `bound` is not positive.
    pub fn below(&mut self, bound: i64) -> i64 {
        let [a, b, c, d, e, f, g, h, ..] = self.block();
        let number = i64::from_be_bytes([a & 0x7f, b, c, d, e, f, g, h]);
        if bound > 0 { number % bound } else { 0 }
    }

    fn id(&mut self) -> [u8; 16] {
        let mut id = [0; 16];
        for (to, from) in id.iter_mut().zip(self.block()) {
            *to = from;
        }
        id
    }

    pub(crate) fn secret16(&mut self) -> [u8; 16] {
        self.id()
    }

    pub(crate) fn user_id(&mut self) -> UserId {
        UserId::from_bytes(self.id())
    }

    pub(crate) fn device_id(&mut self) -> DeviceId {
        DeviceId::from_bytes(self.id())
    }

    pub(crate) fn conversation_id(&mut self) -> ConversationId {
        ConversationId::from_bytes(self.id())
    }

    pub(crate) fn client_id(&mut self, now: Now) -> ClientId {
        let [a, b, c, d, e, f, g, h, i, j, ..] = self.block();
        ClientId::new(now.wall_ms, [a, b, c, d, e, f, g, h, i, j])
    }
}

impl Drop for Random {
    fn drop(&mut self) {
        self.seed.zeroize();
    }
}
