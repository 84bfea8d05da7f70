//! The statement that makes a device part of a user, signed by the user's identity key. Its
//! encoding is the credential of each leaf of the device, so nobody can add a device to a group
//! that its user did not sign for.

use prost::Message as _;
use whimbrel_protocol::id::{DeviceId, UserId};
use whimbrel_protocol::limits;

use crate::identity::{IdentityError, IdentityKey, IdentityPublicKey, verify};
use crate::wire;

const LABEL: &str = "Whimbrel device certificate 1";
const VERSION: u32 = 1;

/// "This device of this user has this key, and the user goes by this name", signed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Certificate {
    /// The user.
    pub user: UserId,
    /// The name that the user goes by.
    pub username: String,
    /// The device.
    pub device: DeviceId,
    /// The key that signs what the device says (Ed25519).
    pub device_key: [u8; 32],
    /// The key that signed this statement.
    pub identity_key: IdentityPublicKey,
    signature: [u8; 64],
}

/// True for a name that a user may have: three to thirty-two characters, lower-case letters of
/// ASCII, digits, and `.`, `_`, `-`. Nothing in it can turn text around or look like another name.
#[must_use]
pub fn is_valid_username(name: &str) -> bool {
    limits::USERNAME_CHARS.contains(&name.len())
        && name.bytes().all(|byte| {
            byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"._-".contains(&byte)
        })
}

impl Certificate {
    /// Signs the statement.
    ///
    /// # Errors
    /// [`IdentityError::Username`] when the name is not a valid one.
    pub fn issue(
        identity: &IdentityKey,
        user: UserId,
        username: &str,
        device: DeviceId,
        device_key: [u8; 32],
    ) -> Result<Self, IdentityError> {
        if !is_valid_username(username) {
            return Err(IdentityError::Username);
        }
        let mut certificate = Self {
            user,
            username: username.to_owned(),
            device,
            device_key,
            identity_key: identity.public(),
            signature: [0; 64],
        };
        certificate.signature = identity.sign(&certificate.signed_bytes());
        Ok(certificate)
    }

    /// The one encoding of this certificate.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        self.to_wire(self.signature.to_vec()).encode_to_vec()
    }

    /// Decodes a certificate and verifies its signature.
    ///
    /// # Errors
    /// Says in which way the bytes are not a valid certificate.
    pub fn decode_and_verify(bytes: &[u8]) -> Result<Self, IdentityError> {
        let certificate = Self::decode_trusted(bytes)?;
        verify(
            certificate.identity_key.as_bytes(),
            &certificate.signed_bytes(),
            &certificate.signature,
        )
        .map_err(|_| IdentityError::Signature)?;
        Ok(certificate)
    }

    /// Decodes a certificate that was verified before, when its leaf came into the tree.
    pub(crate) fn decode_trusted(bytes: &[u8]) -> Result<Self, IdentityError> {
        let version = wire::VersionOnly::decode(bytes).map_err(|_| IdentityError::Malformed)?;
        if version.version != VERSION {
            return Err(IdentityError::UnknownVersion(version.version));
        }
        let statement: wire::Certificate =
            wire::decode_canonical(bytes, limits::CREDENTIAL_BYTES_MAX)
                .ok_or(IdentityError::Malformed)?;
        if !is_valid_username(&statement.username) {
            return Err(IdentityError::Username);
        }
        let malformed = |_| IdentityError::Malformed;
        Ok(Self {
            user: UserId::try_from(&*statement.user).map_err(|_| IdentityError::Malformed)?,
            username: statement.username,
            device: DeviceId::try_from(&*statement.device).map_err(|_| IdentityError::Malformed)?,
            device_key: statement.device_key.try_into().map_err(malformed)?,
            identity_key: IdentityPublicKey::try_from(&*statement.identity_key)?,
            signature: statement.signature.try_into().map_err(malformed)?,
        })
    }

    fn signed_bytes(&self) -> Vec<u8> {
        wire::signed_bytes(LABEL, &self.to_wire(Vec::new()))
    }

    fn to_wire(&self, signature: Vec<u8>) -> wire::Certificate {
        wire::Certificate {
            version: VERSION,
            user: self.user.as_bytes().to_vec(),
            username: self.username.clone(),
            device: self.device.as_bytes().to_vec(),
            device_key: self.device_key.to_vec(),
            identity_key: self.identity_key.as_bytes().to_vec(),
            signature,
        }
    }
}
