//! The outbox: what this device still has to say.
//!
//! An [`Intent`] is plaintext, kept from the moment a command returns. It is sealed (encrypted,
//! counted, its bytes kept) only when its conversation is caught up, and sealed anew whenever the
//! server refuses: bytes are cheap, intents are not lost.
//!
//! [`seal`] decides what goes out next and seals it; [`settle`] takes in what the server says to it.

pub(crate) mod goals;
pub(crate) mod seal;
pub(crate) mod settle;

use serde::{Deserialize, Serialize};
use whimbrel_protocol::{ClientId, DeviceId, UserId};

use crate::error::{Error, Result};
use crate::store::Lane;
use crate::types::{OutboxKind, Person};

/// What an outbox item is to achieve.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub(crate) enum Intent {
    /// Found the conversation at the server.
    Create,
    /// Add people.
    Add { people: Vec<Person> },
    /// Remove a user.
    Remove { user: Hex },
    /// Name the conversation.
    Rename { name: String },
    /// Send text.
    Text { text: String, composed_ms: i64 },
    /// Change a text that is or may be at the server.
    Edit { target: Hex, text: String },
    /// Take back a text that is or may be at the server.
    Delete { target: Hex },
    /// Tell how far this user has read.
    ReadMark { seq: u64 },
    /// Tell newcomers the name that the conversation has by then.
    Announce,
    /// Add a device again whose Welcome could not be opened.
    AddAgain { user: Hex, device: Hex, seq: u64 },
    /// Get a new leaf key.
    Rotate,
}

/// An id as the intent's JSON writes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Hex(pub [u8; 16]);

impl Serialize for Hex {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(&UserId::from_bytes(self.0))
    }
}

impl<'de> Deserialize<'de> for Hex {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let id: UserId = String::deserialize(from)?
            .parse()
            .map_err(serde::de::Error::custom)?;
        Ok(Self(*id.as_bytes()))
    }
}

impl Hex {
    pub(crate) const fn user(self) -> UserId {
        UserId::from_bytes(self.0)
    }

    pub(crate) const fn device(self) -> DeviceId {
        DeviceId::from_bytes(self.0)
    }

    pub(crate) const fn client_id(self) -> ClientId {
        ClientId::from_bytes(self.0)
    }
}

impl From<UserId> for Hex {
    fn from(id: UserId) -> Self {
        Self(*id.as_bytes())
    }
}

impl From<DeviceId> for Hex {
    fn from(id: DeviceId) -> Self {
        Self(*id.as_bytes())
    }
}

impl From<ClientId> for Hex {
    fn from(id: ClientId) -> Self {
        Self(*id.as_bytes())
    }
}

impl Intent {
    pub(crate) fn from_json(text: &str) -> Result<Self> {
        serde_json::from_str(text).map_err(|_| {
            Error::new(
                crate::ErrorCode::Damaged,
                "an outbox item that can't be read",
            )
        })
    }

    pub(crate) fn to_json(&self) -> Result<String> {
        serde_json::to_string(self).map_err(Error::internal)
    }

    /// Where it stands in line.
    pub(crate) const fn lane(&self) -> Lane {
        match self {
            Self::Create | Self::Add { .. } | Self::Remove { .. } => Lane::Main,
            Self::Rename { .. } | Self::Text { .. } => Lane::Main,
            Self::Edit { .. } | Self::Delete { .. } => Lane::Second,
            Self::ReadMark { .. } | Self::Announce => Lane::Second,
            Self::AddAgain { .. } | Self::Rotate => Lane::Upkeep,
        }
    }

    /// The message whose number it waits for.
    pub(crate) const fn target(&self) -> Option<ClientId> {
        match self {
            Self::Edit { target, .. } | Self::Delete { target } => Some(target.client_id()),
            _ => None,
        }
    }

    /// Whether it changes the group: then it is sealed alone, and nothing after it until the
    /// stream has reached it.
    pub(crate) const fn is_goal(&self) -> bool {
        matches!(
            self,
            Self::Create
                | Self::Add { .. }
                | Self::Remove { .. }
                | Self::AddAgain { .. }
                | Self::Rotate
        )
    }

    /// What apps see of it.
    pub(crate) fn kind(&self) -> OutboxKind {
        match self {
            Self::Create => OutboxKind::Create,
            Self::Add { people } => OutboxKind::Add(people.clone()),
            Self::Remove { user } => OutboxKind::Remove(user.user()),
            Self::Rename { name } => OutboxKind::Rename(name.clone()),
            Self::Text { text, .. } => OutboxKind::Text(text.clone()),
            Self::Edit { target, text } => OutboxKind::Edit {
                target: target.client_id(),
                text: text.clone(),
            },
            Self::Delete { target } => OutboxKind::Delete {
                target: target.client_id(),
            },
            Self::ReadMark { seq } => OutboxKind::ReadMark { seq: *seq },
            Self::Announce | Self::AddAgain { .. } | Self::Rotate => OutboxKind::Upkeep,
        }
    }
}
