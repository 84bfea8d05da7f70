//! The rows of a conversation.

use whimbrel::types as core;

use super::Role;
use crate::error::Result;
use crate::ids::{id, signed};

twin! {
    /// Why an item of a conversation can't be shown.
    Defect from core::Defect {
        /// It does not decrypt.
        Undecryptable,
        /// Signed for another place, sender or name than the server says.
        Forged,
        /// A change of the group that its rules do not allow; it had no effect.
        AgainstPolicy,
        /// Decrypted, but not a message of any known form.
        Malformed,
        /// The server says that it was taken back.
        Voided,
        /// The client failed on it twice.
        Unprocessable,
    }
}

twin! {
    /// How far a message has come.
    Delivery from core::Delivery {
        /// In the outbox of this device.
        Queued,
        /// In the outbox, and stopped: the outbox item says why.
        Failed,
        /// The server has it for good.
        Sent,
        /// A device of every other member has it.
        Delivered,
        /// Every other member has read it.
        Read,
    }
}

/// What a row of a conversation is.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Enum)]
pub enum MessageContent {
    /// Text to read.
    Text {
        /// The newest text.
        text: String,
        /// Whether it was changed after it was sent.
        edited: bool,
    },
    /// A message that its author took back.
    Deleted,
    /// The conversation was founded.
    Created,
    /// Users came in.
    Added {
        /// Their ids.
        users: Vec<String>,
    },
    /// Users went or were removed.
    Removed {
        /// Their ids.
        users: Vec<String>,
    },
    /// The conversation has a new name.
    Renamed {
        /// The name.
        name: String,
    },
    /// A user has other rights.
    RoleChanged {
        /// Id of the user.
        user: String,
        /// The new rights.
        role: Role,
    },
    /// A user has left.
    Left {
        /// Id of the user.
        user: String,
    },
    /// A user goes by another identity key: a new installation without the old keys, or somebody
    /// else. The contact tells more.
    IdentityChanged {
        /// Id of the user.
        user: String,
    },
    /// Members have been shown different histories by the server. The sender of this row is the
    /// member whose history differs from the one here.
    Forked,
    /// This device could not follow and missed these numbers. What their authors say again stands
    /// below.
    Missed {
        /// The first.
        from_seq: i64,
        /// The last.
        to_seq: i64,
    },
    /// Something that a newer version of the app says. It is kept, and shows after an update.
    Unsupported,
    /// Something was sent here that can't be read, or that breaks the rules.
    Unreadable {
        /// Why.
        defect: Defect,
    },
}

impl From<core::MessageKind> for MessageContent {
    fn from(from: core::MessageKind) -> Self {
        use core::MessageKind as Core;
        let all = |users: Vec<core::UserId>| users.iter().map(ToString::to_string).collect();
        match from {
            Core::Text { text, edited } => Self::Text { text, edited },
            Core::Deleted => Self::Deleted,
            Core::Created => Self::Created,
            Core::Added(users) => Self::Added { users: all(users) },
            Core::Removed(users) => Self::Removed { users: all(users) },
            Core::Renamed(name) => Self::Renamed { name },
            Core::RoleChanged { user, role } => Self::RoleChanged {
                user: user.to_string(),
                role: role.into(),
            },
            Core::Left(user) => Self::Left {
                user: user.to_string(),
            },
            Core::IdentityChanged(user) => Self::IdentityChanged {
                user: user.to_string(),
            },
            Core::Forked => Self::Forked,
            Core::Missed { from_seq, to_seq } => Self::Missed {
                from_seq: signed(from_seq),
                to_seq: signed(to_seq),
            },
            Core::Unsupported => Self::Unsupported,
            Core::Unreadable(defect) => Self::Unreadable {
                defect: defect.into(),
            },
        }
    }
}

/// A row of a conversation.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Message {
    /// Its id: equal on every device, from the moment it is composed.
    pub id: String,
    /// Id of the conversation.
    pub conversation: String,
    /// Id of its author.
    pub sender: String,
    /// Its number in the conversation; none until the server has accepted it.
    pub seq: Option<i64>,
    /// What it is.
    pub content: MessageContent,
    /// When it was composed, in milliseconds since 1970, by its author's clock.
    pub composed_ms: i64,
    /// When the server accepted it, in milliseconds since 1970.
    pub server_time_ms: Option<i64>,
    /// How far it has come; `Sent` for messages of others.
    pub delivery: Delivery,
    /// The server left out something its author had sent before this one.
    pub gap_before: bool,
}

impl From<core::Message> for Message {
    fn from(from: core::Message) -> Self {
        Self {
            id: from.id.to_string(),
            conversation: from.conversation.to_string(),
            sender: from.sender.to_string(),
            seq: from.seq.map(signed),
            content: from.kind.into(),
            composed_ms: from.composed_ms,
            server_time_ms: from.server_time_ms,
            delivery: from.delivery.into(),
            gap_before: from.gap_before,
        }
    }
}

/// Where a page of messages starts.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Enum)]
pub enum MessagePage {
    /// The newest ones, pending ones included.
    Newest,
    /// Those before a message, nearest last.
    Before {
        /// Id of the message.
        anchor: String,
    },
    /// Those after a message, nearest first.
    After {
        /// Id of the message.
        anchor: String,
    },
    /// Those around a message, itself included.
    Around {
        /// Id of the message.
        anchor: String,
    },
}

impl MessagePage {
    pub(crate) fn to_core(&self) -> Result<core::Page> {
        Ok(match self {
            Self::Newest => core::Page::Newest,
            Self::Before { anchor } => core::Page::Before(id(anchor)?),
            Self::After { anchor } => core::Page::After(id(anchor)?),
            Self::Around { anchor } => core::Page::Around(id(anchor)?),
        })
    }
}
