//! Envelopes: the numbered items of a conversation's log, and the hash chain over them.

use sha2::{Digest, Sha256};

use crate::id::{ClientId, ConversationId, DeviceId, UserId};

/// SHA-256 of some bytes.
#[must_use]
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

/// What kind of thing an item of the log is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ItemKind {
    /// The founding of the conversation, always number 1. The payload is the MLS `GroupInfo`.
    Create,
    /// An MLS commit, as a `PublicMessage` (RFC 9420, section 6.2).
    Commit,
    /// An MLS application message, as a `PrivateMessage` (RFC 9420, section 6.3).
    Message,
}

impl ItemKind {
    /// The number that stands for this kind in hashes, in authenticated data and in databases.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::Create => 1,
            Self::Commit => 2,
            Self::Message => 3,
        }
    }

    /// The kind that [`ItemKind::code`] names.
    #[must_use]
    pub const fn from_code(code: u8) -> Option<Self> {
        match code {
            1 => Some(Self::Create),
            2 => Some(Self::Commit),
            3 => Some(Self::Message),
            _ => None,
        }
    }
}

/// The MLS authenticated data of an item: what its sender's signature binds it to, besides
/// the group and epoch that MLS binds by itself.
#[must_use]
pub fn authenticated_data(
    conversation: ConversationId,
    client_id: ClientId,
    counter: u64,
    kind: ItemKind,
) -> Vec<u8> {
    const VERSION: u8 = 1;
    let mut bytes = Vec::with_capacity(42);
    bytes.push(VERSION);
    bytes.push(kind.code());
    bytes.extend_from_slice(conversation.as_bytes());
    bytes.extend_from_slice(client_id.as_bytes());
    bytes.extend_from_slice(&counter.to_be_bytes());
    bytes
}

/// The bytes of an envelope, or their hash where the receiver is the sender.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Body {
    /// The MLS message itself.
    Payload(Vec<u8>),
    /// SHA-256 of the MLS message: the receiving device sent it and has no use for the bytes.
    OwnHash([u8; 32]),
}

impl Body {
    /// SHA-256 of the payload.
    #[must_use]
    pub fn payload_sha256(&self) -> [u8; 32] {
        match self {
            Self::Payload(bytes) => sha256(bytes),
            Self::OwnHash(hash) => *hash,
        }
    }

    /// Bytes of payload that this body carries.
    #[must_use]
    pub fn payload_bytes(&self) -> usize {
        match self {
            Self::Payload(bytes) => bytes.len(),
            Self::OwnHash(_) => 0,
        }
    }
}

/// One numbered item of a conversation, as the server hands it out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Envelope {
    /// Its place in the conversation: 1, 2, 3 … without gaps.
    pub seq: u64,
    /// What it is.
    pub kind: ItemKind,
    /// The user the server accepted it from.
    pub sender_user: UserId,
    /// The device the server accepted it from.
    pub sender_device: DeviceId,
    /// What its sender calls it.
    pub client_id: ClientId,
    /// The sending device's own count of its items in this conversation, dense from 1.
    pub counter: u64,
    /// The MLS epoch it was made in.
    pub epoch: u64,
    /// When the server accepted it, in milliseconds since 1970 by the server's clock.
    pub server_time_ms: i64,
    /// Not worth a push notification.
    pub silent: bool,
    /// The server has taken this commit back; only the number is left.
    pub voided: bool,
    /// The MLS message, or its hash.
    pub body: Body,
}

impl Envelope {
    /// The authenticated data its sender must have put under the signature.
    #[must_use]
    pub fn authenticated_data(&self, conversation: ConversationId) -> Vec<u8> {
        authenticated_data(conversation, self.client_id, self.counter, self.kind)
    }

    /// SHA-256 over every immutable field, equal for the sender and for everyone else.
    #[must_use]
    pub fn digest(&self, conversation: ConversationId) -> [u8; 32] {
        let mut hash = Sha256::new();
        hash.update(b"Whimbrel envelope 1");
        hash.update(conversation.as_bytes());
        hash.update(self.seq.to_be_bytes());
        hash.update([self.kind.code(), u8::from(self.silent)]);
        hash.update(self.sender_user.as_bytes());
        hash.update(self.sender_device.as_bytes());
        hash.update(self.client_id.as_bytes());
        hash.update(self.counter.to_be_bytes());
        hash.update(self.epoch.to_be_bytes());
        hash.update(self.server_time_ms.to_be_bytes());
        hash.update(self.body.payload_sha256());
        hash.finalize().into()
    }
}

/// The transcript of a conversation up to some number:
/// C₀ = 0 and Cₙ = SHA-256(Cₙ₋₁ ‖ n ‖ digest of envelope n).
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Chain([u8; 32]);

impl Chain {
    /// The value before the first envelope.
    pub const START: Self = Self([0; 32]);

    /// The value with these bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The bytes of the value.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The value after one more envelope.
    #[must_use]
    pub fn then(self, conversation: ConversationId, envelope: &Envelope) -> Self {
        let mut hash = Sha256::new();
        hash.update(self.0);
        hash.update(envelope.seq.to_be_bytes());
        hash.update(envelope.digest(conversation));
        Self(hash.finalize().into())
    }
}

impl std::fmt::Debug for Chain {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let [a, b, c, d, ..] = self.0;
        write!(f, "Chain({a:02x}{b:02x}{c:02x}{d:02x}…)")
    }
}
