//! The number by which two people make sure, face to face or by phone, that nobody stands between
//! them.

use std::fmt;

use sha2::{Digest, Sha512};
use whimbrel_protocol::id::UserId;

use crate::code::{self, CodeError};
use crate::identity::IdentityPublicKey;

const LABEL: &[u8] = b"Whimbrel safety number 1\0";
const QR_PREFIX: &str = "whimbrel:safety:1:";
const SIDE_BYTES: usize = 32;
/// Each five digits come from five bytes.
const GROUP_BYTES: usize = 5;
const GROUPS_PER_SIDE: usize = 6;

/// The safety number of two users: thirty digits for each, the same on both sides. It changes when
/// one of the two identity keys does.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SafetyNumber {
    sides: [[u8; SIDE_BYTES]; 2],
}

impl SafetyNumber {
    /// The safety number of these two; which one is named first makes no difference.
    #[must_use]
    pub fn of(one: (UserId, IdentityPublicKey), other: (UserId, IdentityPublicKey)) -> Self {
        let mut sides = [side(one), side(other)];
        sides.sort_unstable();
        Self { sides }
    }

    /// The number as the content of a QR picture: more of both hashes than the digits show.
    #[must_use]
    pub fn to_qr(&self) -> String {
        let text = code::encode(&self.sides.concat());
        format!("{QR_PREFIX}{}", text.replace('-', ""))
    }

    /// True when the scanned picture shows the same number.
    ///
    /// # Errors
    /// [`CodeError`] when the picture shows no safety number at all.
    pub fn matches_qr(&self, scanned: &str) -> Result<bool, CodeError> {
        let text = scanned.trim().strip_prefix(QR_PREFIX);
        let theirs = code::decode(text.ok_or(CodeError::Kind)?, 2 * SIDE_BYTES)?;
        Ok(*theirs == self.sides.concat())
    }
}

/// Twelve groups of five digits.
impl fmt::Display for SafetyNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let groups = self
            .sides
            .iter()
            .flat_map(|side| side.chunks(GROUP_BYTES).take(GROUPS_PER_SIDE));
        for (place, group) in groups.enumerate() {
            let gap = if place == 0 { "" } else { " " };
            let number = group
                .iter()
                .fold(0, |sum, byte| (sum << 8) | u64::from(*byte));
            write!(f, "{gap}{:05}", number % 100_000)?;
        }
        Ok(())
    }
}

fn side((user, identity_key): (UserId, IdentityPublicKey)) -> [u8; SIDE_BYTES] {
    let hash = Sha512::new()
        .chain_update(LABEL)
        .chain_update(user.as_bytes())
        .chain_update(identity_key.as_bytes())
        .finalize();
    let mut side = [0; SIDE_BYTES];
    for (to, from) in side.iter_mut().zip(hash) {
        *to = from;
    }
    side
}
