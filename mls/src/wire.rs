//! Encodings of what is signed or agreed on. Each value has exactly one encoding: what decodes is
//! encoded again and compared, so nobody can make two different byte strings of one statement.

use prost::Message;

/// Decodes bytes that must be the one encoding of their value.
pub(crate) fn decode_canonical<M: Message + Default>(bytes: &[u8], bytes_max: usize) -> Option<M> {
    if bytes.len() > bytes_max {
        return None;
    }
    let message = M::decode(bytes).ok()?;
    (message.encode_to_vec() == bytes).then_some(message)
}

/// What a signature covers: the name of the statement, a zero byte, the statement.
pub(crate) fn signed_bytes(label: &str, statement: &impl Message) -> Vec<u8> {
    let mut bytes = label.as_bytes().to_vec();
    bytes.push(0);
    bytes.extend_from_slice(&statement.encode_to_vec());
    bytes
}

/// Reads only the version, which every version of a statement has as its first field.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct VersionOnly {
    #[prost(uint32, tag = "1")]
    pub(crate) version: u32,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct Certificate {
    #[prost(uint32, tag = "1")]
    pub(crate) version: u32,
    #[prost(bytes = "vec", tag = "2")]
    pub(crate) user: Vec<u8>,
    #[prost(string, tag = "3")]
    pub(crate) username: String,
    #[prost(bytes = "vec", tag = "4")]
    pub(crate) device: Vec<u8>,
    #[prost(bytes = "vec", tag = "5")]
    pub(crate) device_key: Vec<u8>,
    #[prost(bytes = "vec", tag = "6")]
    pub(crate) identity_key: Vec<u8>,
    #[prost(bytes = "vec", tag = "7")]
    pub(crate) signature: Vec<u8>,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct DeviceEntry {
    #[prost(bytes = "vec", tag = "1")]
    pub(crate) device: Vec<u8>,
    #[prost(bytes = "vec", tag = "2")]
    pub(crate) certificate: Vec<u8>,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct Manifest {
    #[prost(uint32, tag = "1")]
    pub(crate) version: u32,
    #[prost(bytes = "vec", tag = "2")]
    pub(crate) user: Vec<u8>,
    #[prost(bytes = "vec", tag = "3")]
    pub(crate) identity_key: Vec<u8>,
    #[prost(uint64, tag = "4")]
    pub(crate) number: u64,
    #[prost(bytes = "vec", tag = "5")]
    pub(crate) previous: Vec<u8>,
    #[prost(message, repeated, tag = "6")]
    pub(crate) devices: Vec<DeviceEntry>,
    #[prost(bytes = "vec", repeated, tag = "7")]
    pub(crate) revoked: Vec<Vec<u8>>,
    #[prost(bytes = "vec", tag = "8")]
    pub(crate) signature: Vec<u8>,
    #[prost(bytes = "vec", tag = "9")]
    pub(crate) recovery_key: Vec<u8>,
    #[prost(uint64, tag = "10")]
    pub(crate) identity_since: u64,
    #[prost(bytes = "vec", tag = "11")]
    pub(crate) recovery_consent: Vec<u8>,
    #[prost(message, optional, tag = "12")]
    pub(crate) recovery: Option<Recovery>,
}

/// How an identity key followed another one by the recovery key.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct Recovery {
    #[prost(bytes = "vec", tag = "1")]
    pub(crate) former_identity: Vec<u8>,
    #[prost(bytes = "vec", tag = "2")]
    pub(crate) former_consent: Vec<u8>,
    #[prost(bytes = "vec", tag = "3")]
    pub(crate) signature: Vec<u8>,
}

/// What an identity key signs about the recovery key.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct RecoveryConsent {
    #[prost(bytes = "vec", tag = "1")]
    pub(crate) user: Vec<u8>,
    #[prost(bytes = "vec", tag = "2")]
    pub(crate) recovery_key: Vec<u8>,
}

/// What a recovery key signs.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct RecoveredIdentity {
    #[prost(bytes = "vec", tag = "1")]
    pub(crate) user: Vec<u8>,
    #[prost(bytes = "vec", tag = "2")]
    pub(crate) identity_key: Vec<u8>,
    #[prost(uint64, tag = "3")]
    pub(crate) since: u64,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct LeaveStatement {
    #[prost(uint32, tag = "1")]
    pub(crate) version: u32,
    #[prost(bytes = "vec", tag = "2")]
    pub(crate) conversation: Vec<u8>,
    #[prost(bytes = "vec", tag = "3")]
    pub(crate) user: Vec<u8>,
    #[prost(bytes = "vec", tag = "4")]
    pub(crate) device: Vec<u8>,
    #[prost(uint64, tag = "5")]
    pub(crate) since_epoch: u64,
    #[prost(bytes = "vec", tag = "6")]
    pub(crate) signature: Vec<u8>,
}

/// What a commit shows for itself: one of the two.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct Proof {
    #[prost(uint32, tag = "1")]
    pub(crate) version: u32,
    #[prost(bytes = "vec", optional, tag = "2")]
    pub(crate) leave: Option<Vec<u8>>,
    #[prost(bytes = "vec", optional, tag = "3")]
    pub(crate) manifest: Option<Vec<u8>>,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct LinkOffer {
    #[prost(uint32, tag = "1")]
    pub(crate) version: u32,
    #[prost(bytes = "vec", tag = "2")]
    pub(crate) device: Vec<u8>,
    #[prost(bytes = "vec", tag = "3")]
    pub(crate) device_key: Vec<u8>,
    #[prost(bytes = "vec", tag = "4")]
    pub(crate) tag: Vec<u8>,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct LinkGrant {
    #[prost(uint32, tag = "1")]
    pub(crate) version: u32,
    #[prost(bytes = "vec", tag = "2")]
    pub(crate) offer_hash: Vec<u8>,
    #[prost(bytes = "vec", tag = "3")]
    pub(crate) user: Vec<u8>,
    #[prost(bytes = "vec", tag = "4")]
    pub(crate) granted_by: Vec<u8>,
    #[prost(int64, tag = "5")]
    pub(crate) expires_ms: i64,
    #[prost(bytes = "vec", tag = "6")]
    pub(crate) encapsulated: Vec<u8>,
    #[prost(bytes = "vec", tag = "7")]
    pub(crate) ciphertext: Vec<u8>,
}

/// What is sealed in a grant.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct LinkSecret {
    #[prost(bytes = "vec", tag = "1")]
    pub(crate) identity: Vec<u8>,
    #[prost(bytes = "vec", tag = "2")]
    pub(crate) manifest: Vec<u8>,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct PolicyUser {
    #[prost(bytes = "vec", tag = "1")]
    pub(crate) user: Vec<u8>,
    #[prost(bytes = "vec", tag = "2")]
    pub(crate) identity_key: Vec<u8>,
    #[prost(uint32, tag = "3")]
    pub(crate) role: u32,
    #[prost(uint64, tag = "4")]
    pub(crate) since_epoch: u64,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct GroupPolicy {
    #[prost(uint32, tag = "1")]
    pub(crate) version: u32,
    #[prost(bool, tag = "2")]
    pub(crate) direct: bool,
    #[prost(message, repeated, tag = "3")]
    pub(crate) users: Vec<PolicyUser>,
}

/// One public row of a followed group.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct FollowerRow {
    #[prost(uint32, tag = "1")]
    pub(crate) kind: u32,
    #[prost(bytes = "vec", tag = "2")]
    pub(crate) key: Vec<u8>,
    #[prost(bytes = "vec", tag = "3")]
    pub(crate) value: Vec<u8>,
}

/// The public rows of a followed group.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct FollowerState {
    #[prost(uint32, tag = "1")]
    pub(crate) version: u32,
    #[prost(message, repeated, tag = "2")]
    pub(crate) rows: Vec<FollowerRow>,
}
