//! The two keys behind every device: the identity key of the user, which signs statements about
//! devices, and the key of the device itself, which signs MLS messages.

use std::fmt;

use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use openmls_traits::signatures::{Signer, SignerError};
use openmls_traits::types::{CryptoError, SignatureScheme};
use zeroize::Zeroizing;

/// Why a certificate or a manifest was not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum IdentityError {
    /// The bytes are not the one encoding of such a statement, or too many.
    #[error("not a statement of this kind")]
    Malformed,
    /// Another version of this software made the statement.
    #[error("version {0} of the statement is unknown")]
    UnknownVersion(u32),
    /// The user name breaks the rules for user names.
    #[error("not a valid user name")]
    Username,
    /// The signature does not belong to the identity key named in the statement.
    #[error("the signature is wrong")]
    Signature,
    /// The credential is not a basic credential, so it can't carry a certificate.
    #[error("the credential is of another kind")]
    CredentialKind,
    /// The leaf or the secret key belongs to another device key than the certificate states.
    #[error("the certificate is for another key")]
    WrongKey,
}

/// The public half of a user's identity key. Two users compare it to know each other.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IdentityPublicKey(pub [u8; 32]);

impl IdentityPublicKey {
    /// The bytes of the key.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl TryFrom<&[u8]> for IdentityPublicKey {
    type Error = IdentityError;

    fn try_from(bytes: &[u8]) -> Result<Self, IdentityError> {
        let bytes = bytes.try_into().map_err(|_| IdentityError::Malformed)?;
        Ok(Self(bytes))
    }
}

impl fmt::Debug for IdentityPublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("IdentityPublicKey(")?;
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))?;
        f.write_str(")")
    }
}

/// The secret identity key of a user (Ed25519).
pub struct IdentityKey(SigningKey);

impl IdentityKey {
    /// The key that belongs to these random bytes.
    #[must_use]
    pub fn from_seed(seed: [u8; 32]) -> Self {
        Self(SigningKey::from_bytes(&Zeroizing::new(seed)))
    }

    /// The bytes to keep; [`Self::from_seed`] makes the key of them again.
    #[must_use]
    pub fn to_bytes(&self) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(self.0.to_bytes())
    }

    /// The public half.
    #[must_use]
    pub fn public(&self) -> IdentityPublicKey {
        IdentityPublicKey(self.0.verifying_key().to_bytes())
    }

    pub(crate) fn sign(&self, bytes: &[u8]) -> [u8; 64] {
        sign(&self.0, bytes)
    }
}

impl fmt::Debug for IdentityKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("IdentityKey(..)")
    }
}

/// The secret key of a device (Ed25519): it signs the device's leaves and messages.
pub struct DeviceKey(SigningKey);

impl DeviceKey {
    /// The key that belongs to these random bytes.
    #[must_use]
    pub fn from_seed(seed: [u8; 32]) -> Self {
        Self(SigningKey::from_bytes(&Zeroizing::new(seed)))
    }

    /// The bytes to keep; [`Self::from_seed`] makes the key of them again.
    #[must_use]
    pub fn to_bytes(&self) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(self.0.to_bytes())
    }

    /// The public half.
    #[must_use]
    pub fn public(&self) -> [u8; 32] {
        self.0.verifying_key().to_bytes()
    }

    /// Signs a statement of ours. It begins with its name, which no input of MLS begins with.
    pub(crate) fn sign_statement(&self, bytes: &[u8]) -> [u8; 64] {
        sign(&self.0, bytes)
    }
}

impl fmt::Debug for DeviceKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DeviceKey(..)")
    }
}

impl Signer for DeviceKey {
    fn sign(&self, payload: &[u8]) -> Result<Vec<u8>, SignerError> {
        Ok(sign(&self.0, payload).to_vec())
    }

    fn signature_scheme(&self) -> SignatureScheme {
        SignatureScheme::ED25519
    }
}

pub(crate) fn sign(key: &SigningKey, bytes: &[u8]) -> [u8; 64] {
    key.sign(bytes).to_bytes()
}

/// Verifies strictly: weak keys and signatures that could be altered without breaking are refused.
pub(crate) fn verify(key: &[u8], bytes: &[u8], signature: &[u8]) -> Result<(), CryptoError> {
    let key = VerifyingKey::try_from(key).map_err(|_| CryptoError::InvalidPublicKey)?;
    let signature = Signature::from_slice(signature).map_err(|_| CryptoError::InvalidSignature)?;
    key.verify_strict(bytes, &signature)
        .map_err(|_| CryptoError::InvalidSignature)
}
