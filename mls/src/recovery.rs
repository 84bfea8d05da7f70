//! The code on paper that lets somebody with no device left prove to be the same person.

use std::fmt;
use std::str::FromStr;

use ed25519_dalek::SigningKey;
use zeroize::Zeroizing;

use crate::code::{self, CodeError};
use crate::hpke::hkdf_extract;
use crate::identity::sign;

const LABEL: &[u8] = b"Whimbrel recovery key 1";
const CODE_BYTES: usize = 16;

/// A recovery code: 128 random bits, written as eight groups of four characters
/// (`7ZZZ-…`). The Ed25519 key that follows from it signs the user's next identity key when all
/// devices are lost; its public half stands in every manifest. The code itself is shown to the
/// user once and stored nowhere.
#[derive(Clone, PartialEq, Eq)]
pub struct RecoveryCode(Zeroizing<[u8; CODE_BYTES]>);

impl RecoveryCode {
    /// The code that these random bytes make.
    #[must_use]
    pub fn new(random: [u8; CODE_BYTES]) -> Self {
        Self(Zeroizing::new(random))
    }

    /// The public half of the recovery key.
    #[must_use]
    pub fn recovery_key(&self) -> [u8; 32] {
        self.key().verifying_key().to_bytes()
    }

    pub(crate) fn sign(&self, bytes: &[u8]) -> [u8; 64] {
        sign(&self.key(), bytes)
    }

    fn key(&self) -> SigningKey {
        SigningKey::from_bytes(&hkdf_extract(LABEL, &*self.0))
    }
}

impl fmt::Display for RecoveryCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&code::encode(&*self.0))
    }
}

impl fmt::Debug for RecoveryCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RecoveryCode(..)")
    }
}

impl FromStr for RecoveryCode {
    type Err = CodeError;

    fn from_str(text: &str) -> Result<Self, CodeError> {
        let bytes = code::decode(text, CODE_BYTES)?;
        let bytes = <[u8; CODE_BYTES]>::try_from(bytes.as_slice());
        bytes.map(Self::new).map_err(|_| CodeError::Length)
    }
}
