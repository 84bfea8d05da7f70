//! What waits to be sent.

use whimbrel::types as core;

use super::{Person, RoleGrant};
use crate::error::ErrorCode;
use crate::ids::{signed, signed_count};

twin! {
    /// How far an outbox item has come.
    OutboxState from core::OutboxState {
        /// Not encrypted yet; it can be edited and discarded.
        Queued,
        /// Written to a connection, and the answer is not known.
        InDoubt,
        /// Accepted by the server; this device has not yet reached its number.
        Accepted,
        /// Refused for good. It and everything after it waits for retry, edit or discard.
        Failed,
    }
}

/// What an outbox item will do.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Enum)]
pub enum OutboxContent {
    /// Found the conversation.
    Create,
    /// Add people.
    Add {
        /// Whom.
        people: Vec<Person>,
    },
    /// Remove a user.
    Remove {
        /// Id of the user.
        user: String,
    },
    /// Give users other rights.
    SetRoles {
        /// Who gets which.
        roles: Vec<RoleGrant>,
    },
    /// Leave the conversation.
    Leave,
    /// Name the conversation.
    Rename {
        /// The name.
        name: String,
    },
    /// Send text.
    Text {
        /// The text.
        text: String,
    },
    /// Change a message's text.
    Edit {
        /// Id of the message.
        target: String,
        /// Its new text.
        text: String,
    },
    /// Take a message back.
    Delete {
        /// Id of the message.
        target: String,
    },
    /// Tell that everything up to a number was read.
    ReadMark {
        /// The number.
        seq: i64,
    },
    /// Work of the client's own, such as adding a device again whose invitation got lost.
    Upkeep,
}

impl From<core::OutboxKind> for OutboxContent {
    fn from(from: core::OutboxKind) -> Self {
        use core::OutboxKind as Core;
        match from {
            Core::Create => Self::Create,
            Core::Add(people) => Self::Add {
                people: people.into_iter().map(Into::into).collect(),
            },
            Core::Remove(user) => Self::Remove {
                user: user.to_string(),
            },
            Core::SetRoles(roles) => Self::SetRoles {
                roles: roles.into_iter().map(grant).collect(),
            },
            Core::Leave => Self::Leave,
            Core::Rename(name) => Self::Rename { name },
            Core::Text(text) => Self::Text { text },
            Core::Edit { target, text } => Self::Edit {
                target: target.to_string(),
                text,
            },
            Core::Delete { target } => Self::Delete {
                target: target.to_string(),
            },
            Core::ReadMark { seq } => Self::ReadMark { seq: signed(seq) },
            Core::Upkeep => Self::Upkeep,
        }
    }
}

fn grant((user, role): (core::UserId, core::Role)) -> RoleGrant {
    RoleGrant {
        user: user.to_string(),
        role: role.into(),
    }
}

/// Something that waits to be sent.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct OutboxItem {
    /// Its id; for a text the id of its message.
    pub id: String,
    /// Id of the conversation.
    pub conversation: String,
    /// What it will do.
    pub content: OutboxContent,
    /// How far it has come.
    pub state: OutboxState,
    /// How often the server refused or did not answer.
    pub attempts: i32,
    /// Why it failed, or why it was last put off.
    pub failure: Option<ErrorCode>,
}

impl From<core::OutboxItem> for OutboxItem {
    fn from(from: core::OutboxItem) -> Self {
        Self {
            id: from.id.to_string(),
            conversation: from.conversation.to_string(),
            content: from.kind.into(),
            state: from.state.into(),
            attempts: signed_count(from.attempts),
            failure: from.failure.map(Into::into),
        }
    }
}
