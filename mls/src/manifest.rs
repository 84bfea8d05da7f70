//! The list of a user's devices, signed by the identity key and numbered: whoever knows number
//! seven can't be shown number six, and two different sevens are an alarm.

use prost::Message as _;
use sha2::{Digest, Sha256};
use whimbrel_protocol::id::{DeviceId, UserId};
use whimbrel_protocol::limits;

use crate::certificate::Certificate;
use crate::identity::{IdentityError, IdentityKey, IdentityPublicKey, verify};
use crate::wire;

const LABEL: &str = "Whimbrel device manifest 1";
const VERSION: u32 = 1;

/// Why a manifest was not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ManifestError {
    /// The manifest itself or a certificate in it is not valid.
    #[error("the manifest is not valid")]
    Invalid(#[from] IdentityError),
    /// A device or a certificate belongs to another user, identity key or device.
    #[error("the manifest holds a device of somebody else")]
    ForeignDevice,
    /// The devices are not sorted, not distinct, too many, none, or listed though revoked.
    #[error("the device list is not in order")]
    Devices,
    /// The manifest does not continue the one before.
    #[error("the manifest does not follow the one before")]
    NotASuccessor,
}

/// A device in a manifest.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DeviceEntry {
    /// The device.
    pub device: DeviceId,
    /// Its certificate.
    pub certificate: Certificate,
}

/// The devices of a user, as the user signed them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Manifest {
    /// The user.
    pub user: UserId,
    /// The key that signed the manifest and every certificate in it.
    pub identity_key: IdentityPublicKey,
    /// Counts from 1; the highest is the valid one.
    pub version: u64,
    /// The hash of the manifest before, all zero for the first.
    pub previous: [u8; 32],
    /// The devices, sorted by id; at least one.
    pub devices: Vec<DeviceEntry>,
    /// Devices that will never be valid again, sorted.
    pub revoked: Vec<DeviceId>,
    signature: [u8; 64],
}

impl Manifest {
    /// The first manifest of a user, with one device.
    ///
    /// # Errors
    /// [`ManifestError::ForeignDevice`] when another identity key signed the certificate.
    pub fn first(identity: &IdentityKey, certificate: Certificate) -> Result<Self, ManifestError> {
        let unsigned = Self {
            user: certificate.user,
            identity_key: identity.public(),
            version: 1,
            previous: [0; 32],
            devices: vec![DeviceEntry {
                device: certificate.device,
                certificate,
            }],
            revoked: Vec::new(),
            signature: [0; 64],
        };
        unsigned.sign(identity)
    }

    /// The manifest after this one, with devices added and others revoked.
    ///
    /// # Errors
    /// Says in which way the new list would not be valid.
    pub fn next(
        &self,
        identity: &IdentityKey,
        add: Vec<Certificate>,
        revoke: &[DeviceId],
    ) -> Result<Self, ManifestError> {
        let mut devices = self.devices.clone();
        devices.extend(add.into_iter().map(|certificate| DeviceEntry {
            device: certificate.device,
            certificate,
        }));
        devices.retain(|entry| !revoke.contains(&entry.device));
        devices.sort_by_key(|entry| entry.device);
        let mut revoked = [&self.revoked, revoke].concat();
        revoked.sort_unstable();
        revoked.dedup();
        let unsigned = Self {
            user: self.user,
            identity_key: identity.public(),
            version: self.version + 1,
            previous: self.hash(),
            devices,
            revoked,
            signature: [0; 64],
        };
        unsigned.sign(identity)
    }

    /// The one encoding of this manifest.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        self.to_wire(self.signature.to_vec()).encode_to_vec()
    }

    /// Decodes a manifest, verifies its signature and every certificate in it.
    ///
    /// # Errors
    /// Says in which way the bytes are not a valid manifest.
    pub fn decode_and_verify(bytes: &[u8]) -> Result<Self, ManifestError> {
        let malformed = ManifestError::Invalid(IdentityError::Malformed);
        let version = wire::VersionOnly::decode(bytes).map_err(|_| malformed)?;
        if version.version != VERSION {
            return Err(IdentityError::UnknownVersion(version.version).into());
        }
        let statement: wire::Manifest =
            wire::decode_canonical(bytes, limits::MANIFEST_BYTES_MAX).ok_or(malformed)?;
        if statement.devices.len() > limits::USER_DEVICES_MAX {
            return Err(ManifestError::Devices);
        }
        let device_id = |bytes: &[u8]| DeviceId::try_from(bytes).map_err(|_| malformed);
        let mut devices = Vec::with_capacity(statement.devices.len());
        for entry in &statement.devices {
            devices.push(DeviceEntry {
                device: device_id(&entry.device)?,
                certificate: Certificate::decode_and_verify(&entry.certificate)?,
            });
        }
        let revoked = statement.revoked.iter().map(|bytes| device_id(bytes));
        let manifest = Self {
            user: UserId::try_from(&*statement.user).map_err(|_| malformed)?,
            identity_key: IdentityPublicKey::try_from(&*statement.identity_key)?,
            version: statement.number,
            previous: statement.previous.try_into().map_err(|_| malformed)?,
            devices,
            revoked: revoked.collect::<Result<_, _>>()?,
            signature: statement.signature.try_into().map_err(|_| malformed)?,
        };
        verify(
            manifest.identity_key.as_bytes(),
            &manifest.signed_bytes(),
            &manifest.signature,
        )
        .map_err(|_| IdentityError::Signature)?;
        manifest.check()?;
        Ok(manifest)
    }

    /// The hash by which the next manifest names this one.
    #[must_use]
    pub fn hash(&self) -> [u8; 32] {
        Sha256::digest(self.encode()).into()
    }

    /// True when the device is one of the user's.
    #[must_use]
    pub fn lists(&self, device: DeviceId) -> bool {
        self.devices.iter().any(|entry| entry.device == device)
    }

    /// Checks that this manifest is the very next after `previous`.
    ///
    /// # Errors
    /// [`ManifestError::NotASuccessor`] when user, key, number or hash do not fit, when a revoked
    /// device is forgotten, or when a device vanished without being revoked.
    pub fn successor_of(&self, previous: &Self) -> Result<(), ManifestError> {
        let continues = self.user == previous.user
            && self.identity_key == previous.identity_key
            && previous.version.checked_add(1) == Some(self.version)
            && self.previous == previous.hash();
        let keeps_revoked = previous
            .revoked
            .iter()
            .all(|device| self.revoked.contains(device));
        let loses_no_device = previous
            .devices
            .iter()
            .all(|entry| self.lists(entry.device) || self.revoked.contains(&entry.device));
        if continues && keeps_revoked && loses_no_device {
            Ok(())
        } else {
            Err(ManifestError::NotASuccessor)
        }
    }

    fn sign(mut self, identity: &IdentityKey) -> Result<Self, ManifestError> {
        self.check()?;
        self.signature = identity.sign(&self.signed_bytes());
        if self.encode().len() > limits::MANIFEST_BYTES_MAX {
            return Err(ManifestError::Devices);
        }
        Ok(self)
    }

    fn check(&self) -> Result<(), ManifestError> {
        let first = self.version == 1;
        if self.version == 0 || first != (self.previous == [0; 32]) {
            return Err(IdentityError::Malformed.into());
        }
        let in_order = self.devices.is_sorted_by(|a, b| a.device < b.device)
            && self.revoked.is_sorted_by(|a, b| a < b);
        let none_revoked = !self.revoked.iter().any(|device| self.lists(*device));
        let count = self.devices.len();
        if !in_order || !none_revoked || count == 0 || count > limits::USER_DEVICES_MAX {
            return Err(ManifestError::Devices);
        }
        let all_own = self.devices.iter().all(|entry| {
            let certificate = &entry.certificate;
            certificate.user == self.user
                && certificate.device == entry.device
                && certificate.identity_key == self.identity_key
        });
        if all_own {
            Ok(())
        } else {
            Err(ManifestError::ForeignDevice)
        }
    }

    fn signed_bytes(&self) -> Vec<u8> {
        wire::signed_bytes(LABEL, &self.to_wire(Vec::new()))
    }

    fn to_wire(&self, signature: Vec<u8>) -> wire::Manifest {
        let devices = self.devices.iter().map(|entry| wire::DeviceEntry {
            device: entry.device.as_bytes().to_vec(),
            certificate: entry.certificate.encode(),
        });
        let revoked = self.revoked.iter().map(|device| device.as_bytes().to_vec());
        wire::Manifest {
            version: VERSION,
            user: self.user.as_bytes().to_vec(),
            identity_key: self.identity_key.as_bytes().to_vec(),
            number: self.version,
            previous: self.previous.to_vec(),
            devices: devices.collect(),
            revoked: revoked.collect(),
            signature,
        }
    }
}
