//! Conversations as a list shows them.

use whimbrel::types as core;

use super::Message;
use crate::error::ErrorCode;
use crate::ids::{signed, signed_count};

twin! {
    /// Kinds of conversation.
    ConversationKind from core::ConversationKind {
        /// Two users, for good; there is one per pair.
        Direct,
        /// Any number of users, who come and go.
        Group,
    }
}

twin! {
    /// What can be done in a conversation.
    ConversationState from core::ConversationState {
        /// Made here and not yet known to the server. Sending works and queues.
        Creating,
        /// Everything works.
        Active,
        /// This user was removed: readable up to there, no sending.
        Removed,
        /// A member uses something this version does not understand; update the app. Readable so
        /// far; sending queues.
        NeedsUpdate,
        /// This device lost the encryption state of the conversation. Readable so far; sending
        /// queues.
        NeedsResync,
        /// The server has lost messages that this device has. Readable; sending queues.
        Diverged,
    }
}

/// A conversation as a list shows it.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Conversation {
    /// Its id.
    pub id: String,
    /// Direct or group.
    pub kind: ConversationKind,
    /// What can be done in it.
    pub state: ConversationState,
    /// The group's name; for a direct conversation the other user's name. May be empty.
    pub name: String,
    /// Id of the other user of a direct conversation, once known.
    pub peer: Option<String>,
    /// Messages of others above the own read mark, at most 999.
    pub unread: i32,
    /// The newest row.
    pub last_message: Option<Message>,
    /// Last number applied here.
    pub applied_seq: i64,
    /// Items waiting in the outbox.
    pub queued: i32,
    /// Why the conversation's outbox is stopped, if it is. With `identity_changed` it goes on once
    /// the new identity of a member is accepted.
    pub blocked: Option<ErrorCode>,
    /// A member has seen another history than this device: the server has lied to one of the two.
    pub forked: bool,
    /// When something last happened, in milliseconds since 1970; the list is sorted by it.
    pub last_activity_ms: i64,
}

impl From<core::Conversation> for Conversation {
    fn from(from: core::Conversation) -> Self {
        Self {
            id: from.id.to_string(),
            kind: from.kind.into(),
            state: from.state.into(),
            name: from.name,
            peer: from.peer.map(|user| user.to_string()),
            unread: signed_count(from.unread),
            last_message: from.last_message.map(Into::into),
            applied_seq: signed(from.applied_seq),
            queued: signed_count(from.queued),
            blocked: from.blocked.map(Into::into),
            forked: from.forked,
            last_activity_ms: from.last_activity_ms,
        }
    }
}
