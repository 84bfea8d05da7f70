//! The client as a whole, and notices of what changes.

use whimbrel::{client, types as core};

use super::Account;
use crate::error::ErrorCode;
use crate::ids::signed_count;

twin! {
    /// Whether there is a network.
    Network both client::Network {
        /// There is, as far as the app knows.
        Up,
        /// There is none, or none that may be used.
        Down,
    }
}

twin! {
    /// State of the connection.
    Connection from core::Connection {
        /// The app said that there is no network, or nobody is signed in.
        Offline,
        /// On the way, or waiting before the next try.
        Connecting,
        /// Connected and fetching what was missed.
        CatchingUp,
        /// Connected, everything fetched.
        Live,
        /// Closed by `pause`.
        Paused,
    }
}

twin! {
    /// What stops a client until somebody acts.
    Alarm from core::Alarm {
        /// The database is an old copy: this device has sent more than it knows of. Nothing is
        /// sent any more; the device has to be enrolled anew.
        RolledBack,
        /// The user has removed this device: nothing is received or sent any more. What is here
        /// can be read until it is wiped.
        Revoked,
        /// The session has ended; sign in with the password again.
        SignInNeeded,
        /// The disk is full: receiving goes on as far as it can, sending is refused.
        DiskFull,
        /// The server speaks another version; update the app.
        UpdateNeeded,
    }
}

twin! {
    /// How `sync_once` has ended.
    SyncOutcome from client::SyncOutcome {
        /// Everything was fetched, and everything that can go out has gone out. What is left in
        /// the outbox waits for somebody to retry, edit or discard it.
        Complete,
        /// The time was over. What was done stays done.
        OutOfTime,
    }
}

/// The client as a whole.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct ClientState {
    /// The connection.
    pub connection: Connection,
    /// Who is registered or signed in here.
    pub account: Option<Account>,
    /// What stops this client for good or until somebody acts.
    pub alarm: Option<Alarm>,
    /// Items in the outbox.
    pub queued: i32,
    /// Why the last try to connect failed.
    pub last_error: Option<ErrorCode>,
}

impl From<core::ClientState> for ClientState {
    fn from(from: core::ClientState) -> Self {
        Self {
            connection: from.connection.into(),
            account: from.account.map(Into::into),
            alarm: from.alarm.map(Into::into),
            queued: signed_count(from.queued),
            last_error: from.last_error.map(Into::into),
        }
    }
}

/// What changed: ids only, read again what is on screen.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Enum)]
pub enum Change {
    /// A conversation's row in the list.
    Conversation {
        /// Id of the conversation.
        id: String,
    },
    /// Messages of a conversation.
    Messages {
        /// Id of the conversation.
        conversation: String,
    },
    /// Members or marks of a conversation.
    Members {
        /// Id of the conversation.
        conversation: String,
    },
    /// A contact: its identity, or whether it is verified.
    Contact {
        /// Id of the user.
        user: String,
    },
    /// The outbox.
    Outbox,
    /// The connection; the client's state tells it.
    Connection,
    /// The account or its alarms.
    Account,
    /// More happened than is kept: everything may have changed.
    Everything,
}

impl From<core::Change> for Change {
    fn from(from: core::Change) -> Self {
        use core::Change as Core;
        match from {
            Core::Conversation(id) => Self::Conversation { id: id.to_string() },
            Core::Messages(conversation) => Self::Messages {
                conversation: conversation.to_string(),
            },
            Core::Members(conversation) => Self::Members {
                conversation: conversation.to_string(),
            },
            Core::Contact(user) => Self::Contact {
                user: user.to_string(),
            },
            Core::Outbox => Self::Outbox,
            Core::Connection => Self::Connection,
            Core::Account => Self::Account,
            Core::Everything => Self::Everything,
        }
    }
}
