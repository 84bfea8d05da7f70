//! What a commit shows for itself where the role of its maker is not enough: that somebody wants
//! to leave, or which devices somebody has revoked.
//!
//! A proof stands in the authenticated data of the commit, behind the bytes that name the
//! envelope. So the committer's signature covers it, everybody sees it, and the rule can look at
//! it like at the rest of the commit.

use prost::Message as _;
use whimbrel_protocol::id::{ConversationId, DeviceId, UserId};
use whimbrel_protocol::limits;

use crate::device::Device;
use crate::identity::{IdentityError, verify};
use crate::manifest::{Manifest, ManifestError};
use crate::policy::GroupView;
use crate::wire;

const VERSION: u32 = 1;
const LEAVE_LABEL: &str = "Whimbrel leave statement 1";
const PROOF_BYTES_MAX: usize = limits::MANIFEST_BYTES_MAX + 16;

/// The bytes that name the envelope in the authenticated data of a commit, as
/// `whimbrel_protocol::envelope::authenticated_data` makes them. A proof follows them.
pub const ENVELOPE_DATA_BYTES: usize = 42;

/// Why a proof was not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// The bytes are not the one encoding of a proof, or too many.
    #[error("not a proof")]
    Malformed,
    /// Another version of this software made the proof.
    #[error("version {0} of the proof is unknown")]
    UnknownVersion(u32),
    /// The manifest in it is not valid.
    #[error("the manifest in the proof is not valid")]
    Manifest(#[source] ManifestError),
    /// The statement is not signed by the device that it names.
    #[error("the signature is wrong")]
    Signature,
    /// The proof is about another conversation, another membership, somebody who is not in the
    /// group by this identity key, or something that the commit does not do.
    #[error("the proof is for something else")]
    Unfitting,
}

/// What allows a commit that the role of its maker does not.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Proof {
    /// A user wants to leave: the commit may remove this user.
    Leave(LeaveStatement),
    /// The devices of a user: the commit may remove those of its leaves that are revoked, and add
    /// devices that are listed. Under a recovered identity: the commit may put it in the place of
    /// the former one.
    Manifest(Manifest),
}

impl Proof {
    /// The one encoding of this proof.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let (leave, manifest) = match self {
            Self::Leave(statement) => (Some(statement.encode()), None),
            Self::Manifest(manifest) => (None, Some(manifest.encode())),
        };
        let proof = wire::Proof {
            version: VERSION,
            leave,
            manifest,
        };
        proof.encode_to_vec()
    }

    /// Decodes a proof. A manifest is verified; whether a statement is signed by whom it names is
    /// for [`LeaveStatement::verify`] to say.
    ///
    /// # Errors
    /// Says in which way the bytes are not a proof; another version is told apart.
    pub fn decode(bytes: &[u8]) -> Result<Self, ProofError> {
        let proof: wire::Proof = decode_versioned(bytes, PROOF_BYTES_MAX)?;
        match (proof.leave, proof.manifest) {
            (Some(statement), None) => Ok(Self::Leave(LeaveStatement::decode(&statement)?)),
            (None, Some(manifest)) => match Manifest::decode_and_verify(&manifest) {
                Ok(manifest) => Ok(Self::Manifest(manifest)),
                Err(ManifestError::Invalid(IdentityError::UnknownVersion(version))) => {
                    Err(ProofError::UnknownVersion(version))
                }
                Err(error) => Err(ProofError::Manifest(error)),
            },
            _ => Err(ProofError::Malformed),
        }
    }
}

/// "I leave this conversation", signed by a device of the user who leaves. A member can't remove
/// its own leaf in MLS, so another member's client commits it, with this as its proof.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LeaveStatement {
    /// The conversation.
    pub conversation: ConversationId,
    /// Who leaves it.
    pub user: UserId,
    /// The device that says so.
    pub device: DeviceId,
    /// Since which epoch the user is a member: the statement is good for this membership only.
    pub since_epoch: u64,
    signature: [u8; 64],
}

impl LeaveStatement {
    /// Signs the statement; [`crate::Group::leave_statement`] fills in what the group knows.
    #[must_use]
    pub fn sign(device: &Device, conversation: ConversationId, since_epoch: u64) -> Self {
        let mut statement = Self {
            conversation,
            user: device.certificate.user,
            device: device.certificate.device,
            since_epoch,
            signature: [0; 64],
        };
        statement.signature = device.signer().sign_statement(&statement.signed_bytes());
        statement
    }

    /// The one encoding of this statement, at most [`limits::STATEMENT_BYTES_MAX`] bytes.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        self.to_wire(self.signature.to_vec()).encode_to_vec()
    }

    /// Decodes a statement; [`Self::verify`] says whether it is true.
    ///
    /// # Errors
    /// [`ProofError::Malformed`] or [`ProofError::UnknownVersion`].
    pub fn decode(bytes: &[u8]) -> Result<Self, ProofError> {
        let statement: wire::LeaveStatement = decode_versioned(bytes, limits::STATEMENT_BYTES_MAX)?;
        let malformed = |_| ProofError::Malformed;
        let signature = <[u8; 64]>::try_from(statement.signature);
        Ok(Self {
            conversation: ConversationId::try_from(&*statement.conversation).map_err(malformed)?,
            user: UserId::try_from(&*statement.user).map_err(malformed)?,
            device: DeviceId::try_from(&*statement.device).map_err(malformed)?,
            since_epoch: statement.since_epoch,
            signature: signature.map_err(|_| ProofError::Malformed)?,
        })
    }

    /// Checks that a device of the group made the statement, for this membership of its user.
    ///
    /// # Errors
    /// [`ProofError::Unfitting`] or [`ProofError::Signature`].
    pub fn verify(&self, group: &GroupView) -> Result<(), ProofError> {
        let entry = group.policy.user(self.user).ok_or(ProofError::Unfitting)?;
        let device = group.device(self.device).ok_or(ProofError::Unfitting)?;
        let fits = self.conversation == group.conversation
            && self.since_epoch == entry.since_epoch
            && device.user == self.user;
        if !fits {
            return Err(ProofError::Unfitting);
        }
        let key = &device.certificate.device_key;
        verify(key, &self.signed_bytes(), &self.signature).map_err(|_| ProofError::Signature)
    }

    fn signed_bytes(&self) -> Vec<u8> {
        wire::signed_bytes(LEAVE_LABEL, &self.to_wire(Vec::new()))
    }

    fn to_wire(&self, signature: Vec<u8>) -> wire::LeaveStatement {
        wire::LeaveStatement {
            version: VERSION,
            conversation: self.conversation.as_bytes().to_vec(),
            user: self.user.as_bytes().to_vec(),
            device: self.device.as_bytes().to_vec(),
            since_epoch: self.since_epoch,
            signature,
        }
    }
}

/// The authenticated data of a commit, taken apart: what names the envelope, and the proof.
pub(crate) fn split_authenticated_data(aad: &[u8]) -> (&[u8], &[u8]) {
    aad.split_at_checked(ENVELOPE_DATA_BYTES)
        .unwrap_or((aad, &[]))
}

/// The proof behind the authenticated data of a commit; no bytes are no proof.
pub(crate) fn decode_optional(bytes: &[u8]) -> Result<Option<Proof>, ProofError> {
    if bytes.is_empty() {
        return Ok(None);
    }
    Proof::decode(bytes).map(Some)
}

fn decode_versioned<M: prost::Message + Default>(
    bytes: &[u8],
    bytes_max: usize,
) -> Result<M, ProofError> {
    let version = wire::VersionOnly::decode(bytes).map_err(|_| ProofError::Malformed)?;
    if version.version != VERSION {
        return Err(ProofError::UnknownVersion(version.version));
    }
    wire::decode_canonical(bytes, bytes_max).ok_or(ProofError::Malformed)
}
