//! The list of a user's devices, signed by the identity key and numbered: whoever knows number
//! seven can't be shown number six, and two different sevens are an alarm.
//!
//! The identity key itself can change, when somebody has lost all devices. The manifest then says
//! since which number the new key counts; with the signature of the recovery key it proves that
//! the same person made it.

use prost::Message as _;
use sha2::{Digest, Sha256};
use whimbrel_protocol::id::{DeviceId, UserId};
use whimbrel_protocol::limits;

use crate::certificate::Certificate;
use crate::identity::{IdentityError, IdentityKey, IdentityPublicKey, verify};
use crate::recovery::RecoveryCode;
use crate::wire;

const LABEL: &str = "Whimbrel device manifest 3";
const CONSENT_LABEL: &str = "Whimbrel recovery consent 1";
const RECOVERY_LABEL: &str = "Whimbrel recovered identity 1";
/// Version 1 had no recovery key, version 2 no proof of a recovery that stands by itself.
const VERSION: u32 = 3;

/// Devices that one user can revoke, ever. With them and the most devices that a user may have, a
/// manifest still fits into [`limits::MANIFEST_BYTES_MAX`].
pub const REVOKED_DEVICES_MAX: usize = 256;

/// Why a manifest was not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ManifestError {
    /// The manifest itself or a certificate in it is not valid.
    #[error("the manifest is not valid")]
    Invalid(#[from] IdentityError),
    /// A device or a certificate belongs to another user, identity key or device.
    #[error("the manifest holds a device of somebody else")]
    ForeignDevice,
    /// The devices are not sorted, or one is listed twice.
    #[error("the device list is not in order")]
    Devices,
    /// It lists no device.
    #[error("a user needs a device")]
    NoDevice,
    /// More devices than [`limits::USER_DEVICES_MAX`].
    #[error("too many devices")]
    TooManyDevices,
    /// A device is listed though it is revoked; it can never come back.
    #[error("device {0} is revoked")]
    Revoked(DeviceId),
    /// More revoked devices than [`REVOKED_DEVICES_MAX`].
    #[error("too many revoked devices")]
    TooManyRevoked,
    /// The new identity key is not signed by the recovery key of the manifest.
    #[error("the recovery key does not belong to this user")]
    Recovery,
    /// An older manifest than the one that is known. It is ignored.
    #[error("the manifest is older than the one that is known")]
    Older,
    /// Another manifest of the number that is known. Somebody shows different people different
    /// devices: an alarm.
    #[error("there are two manifests of one version")]
    Fork,
    /// The manifest does not continue the one before.
    #[error("the manifest does not follow the one before")]
    NotASuccessor,
}

/// How a manifest follows one that is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Succession {
    /// The same identity key signed both.
    SameIdentity,
    /// The identity key is another one, and the recovery key signed it: the same person.
    ByRecovery,
    /// The identity key is another one, and nothing proves that the same person holds it.
    Unproven,
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
    /// The version at which this identity key came: 1 for the first one.
    pub identity_since: u64,
    /// The key that may sign the next identity key when all devices are lost (Ed25519, public).
    pub recovery_key: [u8; 32],
    /// Counts from 1; the highest is the valid one.
    pub version: u64,
    /// The hash of the manifest before, all zero for the first.
    pub previous: [u8; 32],
    /// The devices, sorted by id; at least one.
    pub devices: Vec<DeviceEntry>,
    /// Devices that will never be valid again, sorted.
    pub revoked: Vec<DeviceId>,
    /// The identity key's signature over the recovery key: it may name the next identity key.
    recovery_consent: [u8; 64],
    /// How this identity key came, if it was by the recovery key.
    recovery: Option<Box<Recovery>>,
    signature: [u8; 64],
}

/// Proof that an identity key is that of the same person as the one before: the former one has
/// consented to the recovery key, and that has signed the new one.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Recovery {
    former_identity: IdentityPublicKey,
    former_consent: [u8; 64],
    signature: [u8; 64],
}

impl Manifest {
    /// The first manifest of a user, with one device and the public half of the recovery key.
    ///
    /// # Errors
    /// [`ManifestError::ForeignDevice`] when another identity key signed the certificate.
    pub fn first(
        identity: &IdentityKey,
        recovery_key: [u8; 32],
        certificate: Certificate,
    ) -> Result<Self, ManifestError> {
        let unsigned = Self {
            user: certificate.user,
            identity_key: identity.public(),
            identity_since: 1,
            recovery_key,
            version: 1,
            previous: [0; 32],
            devices: entries([certificate]),
            revoked: Vec::new(),
            recovery_consent: [0; 64],
            recovery: None,
            signature: [0; 64],
        };
        unsigned.consent(identity).sign(identity)
    }

    /// The manifest after this one, with devices added and others revoked.
    ///
    /// # Errors
    /// Says in which way the new list would not be valid; [`ManifestError::ForeignDevice`] also
    /// when `identity` is another key than that of this manifest.
    pub fn next(
        &self,
        identity: &IdentityKey,
        add: Vec<Certificate>,
        revoke: &[DeviceId],
    ) -> Result<Self, ManifestError> {
        if identity.public() != self.identity_key {
            return Err(ManifestError::ForeignDevice);
        }
        let mut devices = self.devices.clone();
        devices.extend(entries(add));
        devices.retain(|entry| !revoke.contains(&entry.device));
        devices.sort_by_key(|entry| entry.device);
        let unsigned = Self {
            devices,
            ..self.following(revoke)
        };
        unsigned.sign(identity)
    }

    /// The manifest after this one for somebody who has no device left but the recovery code: a
    /// new identity key, proved by the code, and one new device. All former devices are revoked.
    ///
    /// # Errors
    /// [`ManifestError::Recovery`] when the code is not the one of this user. Otherwise says in
    /// which way the new manifest would not be valid.
    pub fn recovered(
        &self,
        identity: &IdentityKey,
        certificate: Certificate,
        code: &RecoveryCode,
    ) -> Result<Self, ManifestError> {
        if code.recovery_key() != self.recovery_key {
            return Err(ManifestError::Recovery);
        }
        let mut unsigned = self.with_new_identity(identity, certificate);
        unsigned.recovery = Some(Box::new(Recovery {
            former_identity: self.identity_key,
            former_consent: self.recovery_consent,
            signature: code.sign(&unsigned.recovered_bytes()),
        }));
        unsigned.consent(identity).sign(identity)
    }

    /// The manifest after this one for somebody who has neither a device nor the recovery code:
    /// a new identity key that nothing proves, one new device, and the key of a new recovery code.
    /// All former devices are revoked.
    ///
    /// # Errors
    /// Says in which way the new manifest would not be valid.
    pub fn replaced(
        &self,
        identity: &IdentityKey,
        certificate: Certificate,
        recovery_key: [u8; 32],
    ) -> Result<Self, ManifestError> {
        let unsigned = Self {
            recovery_key,
            ..self.with_new_identity(identity, certificate)
        };
        unsigned.consent(identity).sign(identity)
    }

    /// The one encoding of this manifest.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        self.to_wire(self.signature.to_vec()).encode_to_vec()
    }

    /// Decodes a manifest, verifies its signatures and every certificate in it.
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
            return Err(ManifestError::TooManyDevices);
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
        let signature = |bytes: Vec<u8>| <[u8; 64]>::try_from(bytes).map_err(|_| malformed);
        let recovery = |recovery: wire::Recovery| {
            Ok::<_, ManifestError>(Box::new(Recovery {
                former_identity: IdentityPublicKey::try_from(&*recovery.former_identity)?,
                former_consent: signature(recovery.former_consent)?,
                signature: signature(recovery.signature)?,
            }))
        };
        let manifest = Self {
            user: UserId::try_from(&*statement.user).map_err(|_| malformed)?,
            identity_key: IdentityPublicKey::try_from(&*statement.identity_key)?,
            identity_since: statement.identity_since,
            recovery_key: statement.recovery_key.try_into().map_err(|_| malformed)?,
            version: statement.number,
            previous: statement.previous.try_into().map_err(|_| malformed)?,
            devices,
            revoked: revoked.collect::<Result<_, _>>()?,
            recovery_consent: signature(statement.recovery_consent)?,
            recovery: statement.recovery.map(recovery).transpose()?,
            signature: signature(statement.signature)?,
        };
        manifest.verify()?;
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
        self.certificate(device).is_some()
    }

    /// True when the device was the user's and will never be again.
    #[must_use]
    pub fn revokes(&self, device: DeviceId) -> bool {
        self.revoked.binary_search(&device).is_ok()
    }

    /// True when this identity key is proved to be that of the same person as `former`, without any
    /// earlier manifest: `former` has consented to the recovery key, and that has signed this one.
    #[must_use]
    pub fn recovers(&self, former: &IdentityPublicKey) -> bool {
        self.recovery
            .as_ref()
            .is_some_and(|recovery| recovery.former_identity == *former)
    }

    /// The certificate of a device, if it is one of the user's.
    #[must_use]
    pub fn certificate(&self, device: DeviceId) -> Option<&Certificate> {
        let entry = self.devices.iter().find(|entry| entry.device == device);
        entry.map(|entry| &entry.certificate)
    }

    /// Checks that this manifest is the very next after `previous`: for the server, which has
    /// every one, and for the user's own devices.
    ///
    /// # Errors
    /// As [`Self::newer_than`]; also [`ManifestError::NotASuccessor`] when one between them is
    /// missing or the hash names another one.
    pub fn successor_of(&self, previous: &Self) -> Result<Succession, ManifestError> {
        let succession = self.newer_than(previous)?;
        let is_next = previous.version.checked_add(1) == Some(self.version)
            && self.previous == previous.hash();
        if is_next {
            Ok(succession)
        } else {
            Err(ManifestError::NotASuccessor)
        }
    }

    /// Checks that this manifest may take the place of one that is known, though some between
    /// them may never have been seen.
    ///
    /// # Errors
    /// [`ManifestError::Older`] for the same or an older one, [`ManifestError::Fork`] for another
    /// one of the same number, [`ManifestError::NotASuccessor`] when it is another user's, when a
    /// revoked device is forgotten, a device vanished without being revoked or got another key,
    /// or when an identity key that was replaced comes back.
    pub fn newer_than(&self, known: &Self) -> Result<Succession, ManifestError> {
        if self.user != known.user {
            return Err(ManifestError::NotASuccessor);
        }
        if self.version == known.version && self != known {
            return Err(ManifestError::Fork);
        }
        if self.version <= known.version {
            return Err(ManifestError::Older);
        }
        let keeps_revoked = known.revoked.iter().all(|device| self.revokes(*device));
        let keeps_devices = known.devices.iter().all(|entry| {
            let now = self.certificate(entry.device);
            now.is_some_and(|now| now.device_key == entry.certificate.device_key)
                || self.revokes(entry.device)
        });
        if keeps_revoked && keeps_devices {
            self.succession(known)
        } else {
            Err(ManifestError::NotASuccessor)
        }
    }

    fn succession(&self, known: &Self) -> Result<Succession, ManifestError> {
        let same_recovery = self.recovery_key == known.recovery_key;
        if self.identity_since == known.identity_since {
            let same = self.identity_key == known.identity_key
                && same_recovery
                && self.recovery_consent == known.recovery_consent
                && self.recovery == known.recovery;
            return if same {
                Ok(Succession::SameIdentity)
            } else {
                Err(ManifestError::NotASuccessor)
            };
        }
        // A key that came before the known manifest was already replaced in it.
        if self.identity_since <= known.version || self.identity_key == known.identity_key {
            return Err(ManifestError::NotASuccessor);
        }
        if same_recovery && self.recovery.is_some() {
            Ok(Succession::ByRecovery)
        } else {
            Ok(Succession::Unproven)
        }
    }

    /// The next manifest before its devices and keys are settled.
    fn following(&self, revoke: &[DeviceId]) -> Self {
        let mut revoked = [&self.revoked, revoke].concat();
        revoked.sort_unstable();
        revoked.dedup();
        Self {
            version: self.version.saturating_add(1),
            previous: self.hash(),
            revoked,
            ..self.clone()
        }
    }

    fn with_new_identity(&self, identity: &IdentityKey, certificate: Certificate) -> Self {
        let former: Vec<DeviceId> = self.devices.iter().map(|entry| entry.device).collect();
        Self {
            identity_key: identity.public(),
            identity_since: self.version.saturating_add(1),
            devices: entries([certificate]),
            recovery: None,
            ..self.following(&former)
        }
    }

    fn consent(mut self, identity: &IdentityKey) -> Self {
        self.recovery_consent = identity.sign(&self.consent_bytes());
        self
    }

    fn sign(mut self, identity: &IdentityKey) -> Result<Self, ManifestError> {
        self.check()?;
        self.signature = identity.sign(&self.signed_bytes());
        Ok(self)
    }

    fn verify(&self) -> Result<(), ManifestError> {
        let signature = IdentityError::Signature;
        let signed = self.signed_bytes();
        verify(self.identity_key.as_bytes(), &signed, &self.signature).map_err(|_| signature)?;
        self.verify_recovery()
    }

    fn verify_recovery(&self) -> Result<(), ManifestError> {
        let signed = |key: &[u8; 32], bytes: &[u8], signature: &[u8; 64]| {
            verify(key, bytes, signature).map_err(|_| ManifestError::Recovery)
        };
        let consent = self.consent_bytes();
        signed(
            self.identity_key.as_bytes(),
            &consent,
            &self.recovery_consent,
        )?;
        let Some(recovery) = &self.recovery else {
            return Ok(());
        };
        let former = recovery.former_identity.as_bytes();
        signed(former, &consent, &recovery.former_consent)?;
        signed(
            &self.recovery_key,
            &self.recovered_bytes(),
            &recovery.signature,
        )
    }

    fn check(&self) -> Result<(), ManifestError> {
        let first = self.version == 1;
        let since = self.identity_since;
        let counts = self.version <= limits::NUMBER_MAX && (1..=self.version).contains(&since);
        let came_by_recovery = self.recovery.is_some();
        if !counts || first != (self.previous == [0; 32]) || (since == 1 && came_by_recovery) {
            return Err(IdentityError::Malformed.into());
        }
        let in_order = self.devices.is_sorted_by(|a, b| a.device < b.device)
            && self.revoked.is_sorted_by(|a, b| a < b);
        if !in_order {
            return Err(ManifestError::Devices);
        }
        if self.devices.is_empty() {
            return Err(ManifestError::NoDevice);
        }
        if self.devices.len() > limits::USER_DEVICES_MAX {
            return Err(ManifestError::TooManyDevices);
        }
        if self.revoked.len() > REVOKED_DEVICES_MAX {
            return Err(ManifestError::TooManyRevoked);
        }
        if let Some(device) = self.revoked.iter().find(|device| self.lists(**device)) {
            return Err(ManifestError::Revoked(*device));
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

    /// What the identity key signs about the recovery key. The same for the next identity, which
    /// keeps the recovery key.
    fn consent_bytes(&self) -> Vec<u8> {
        let statement = wire::RecoveryConsent {
            user: self.user.as_bytes().to_vec(),
            recovery_key: self.recovery_key.to_vec(),
        };
        wire::signed_bytes(CONSENT_LABEL, &statement)
    }

    /// What the recovery key signs. It says since when the key counts, so that the signature can't
    /// bring the key back once another one has followed.
    fn recovered_bytes(&self) -> Vec<u8> {
        let statement = wire::RecoveredIdentity {
            user: self.user.as_bytes().to_vec(),
            identity_key: self.identity_key.as_bytes().to_vec(),
            since: self.identity_since,
        };
        wire::signed_bytes(RECOVERY_LABEL, &statement)
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
            recovery_key: self.recovery_key.to_vec(),
            identity_since: self.identity_since,
            recovery_consent: self.recovery_consent.to_vec(),
            recovery: self.recovery.as_ref().map(|recovery| wire::Recovery {
                former_identity: recovery.former_identity.as_bytes().to_vec(),
                former_consent: recovery.former_consent.to_vec(),
                signature: recovery.signature.to_vec(),
            }),
        }
    }
}

fn entries(certificates: impl IntoIterator<Item = Certificate>) -> Vec<DeviceEntry> {
    let entries = certificates.into_iter().map(|certificate| DeviceEntry {
        device: certificate.device,
        certificate,
    });
    entries.collect()
}
