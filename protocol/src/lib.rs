//! What client and server say to each other, and what messages say inside their encryption.
//!
//! Every type here is plain data that was checked when it was decoded: whoever holds a
//! [`ClientFrame`] or an [`Envelope`] holds valid ids and sizes within the limits. Any bytes
//! decode to a value or to an error, never to a panic. This crate knows no socket, no clock,
//! no database and no MLS.
//!
//! Read [`frame`] first, then [`envelope`].

pub mod limits;

pub mod id;

pub mod envelope;

pub mod frame;

pub mod content;

pub mod account;

mod convert;
mod wire;

pub use content::Content;
pub use envelope::{Chain, Envelope, ItemKind};
pub use frame::{ClientFrame, ServerFrame};
pub use id::{ClientId, ConversationId, DeviceId, UserId};

/// Version of the wire protocol that this crate speaks, as stated in `Hello`.
pub const PROTOCOL_VERSION: u32 = 1;

/// Bytes that are not what they should be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// More bytes than the limit allows; nothing of them was read.
    #[error("{what} of {bytes} bytes is over the limit of {limit}")]
    TooLarge {
        /// What was measured.
        what: &'static str,
        /// Its size.
        bytes: usize,
        /// The most it may have.
        limit: usize,
    },
    /// Not Protobuf of the expected message.
    #[error("not a valid Protobuf message")]
    Protobuf,
    /// A field that must be there is missing, or its value is not of its kind.
    #[error("field {0} is missing or not valid")]
    Field(&'static str),
    /// A frame of a kind that this version does not know.
    #[error("a frame of an unknown kind")]
    UnknownKind {
        /// The request number of that frame, so that it can be answered.
        request: u64,
    },
}
