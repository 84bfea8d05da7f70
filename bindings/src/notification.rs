//! What to show for a push, without a client.

use std::sync::Arc;

use whimbrel::client::{self, DatabaseKey};
use whimbrel::types as core;

use crate::error::Result;
use crate::guard;
use crate::options::check_folder;
use crate::platform::{KeyStore, kept_key};

/// What to show for a push.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Enum)]
pub enum Notification {
    /// A message.
    Show {
        /// What to show of it.
        preview: MessagePreview,
    },
    /// That there is something new in a conversation. What it is shows when the app has caught up.
    Generic {
        /// Id of the conversation.
        conversation: String,
    },
    /// Nothing: it is known already, of this user's own, or nothing to be told of.
    Silent,
}

/// A message as a notification shows it.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct MessagePreview {
    /// Id of the conversation.
    pub conversation: String,
    /// The group's name; for a direct conversation the other user's name. May be empty.
    pub conversation_name: String,
    /// Id of the message: the same as when the client has taken it in.
    pub message: String,
    /// Id of its author.
    pub sender: String,
    /// The author's name, from the certificate in the group.
    pub sender_name: String,
    /// The text, cut after 500 characters.
    pub text: String,
    /// When the server accepted it, in milliseconds since 1970.
    pub server_time_ms: i64,
}

impl From<core::Notification> for Notification {
    fn from(from: core::Notification) -> Self {
        match from {
            core::Notification::Message(preview) => Self::Show {
                preview: preview.into(),
            },
            core::Notification::Generic(conversation) => Self::Generic {
                conversation: conversation.to_string(),
            },
            core::Notification::Silent => Self::Silent,
        }
    }
}

impl From<core::Preview> for MessagePreview {
    fn from(from: core::Preview) -> Self {
        Self {
            conversation: from.conversation.to_string(),
            conversation_name: from.conversation_name,
            message: from.message.to_string(),
            sender: from.sender.to_string(),
            sender_name: from.sender_name,
            text: from.text,
            server_time_ms: from.server_time_ms,
        }
    }
}

/// What to show for the payload of a push, read from the data folder without a client, beside one
/// in this process or in another: for a notification service extension or a messaging service.
/// Writes nothing, acknowledges nothing and uses no network; the client receives the message all
/// the same when it catches up.
///
/// Where nobody is registered, or the key store has no key: `Silent`.
///
/// Errors: `protocol` for bytes that are no payload of this protocol; `invalid_argument` for a
/// folder that is none; `key_store`; `wrong_key`; `damaged`; `storage`; `internal`.
#[uniffi::export]
pub async fn open_notification(
    data_folder: String,
    key_store: Arc<dyn KeyStore>,
    payload: Vec<u8>,
) -> Result<Notification> {
    guard::blocking(move || {
        check_folder(&data_folder)?;
        let Some(key) = kept_key(&key_store)? else {
            return Ok(Notification::Silent);
        };
        let key = DatabaseKey::from_bytes(key);
        Ok(client::open_notification(data_folder, key, &payload)?.into())
    })
    .await
}
