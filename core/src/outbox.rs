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
use crate::types::{OutboxKind, Person, Role};

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
    /// Give users other roles, in one commit.
    SetRoles { roles: Vec<(Hex, Role)> },
    /// Say that this user leaves.
    Leave,
    /// Carry out that a user leaves, not before this time by the wall clock: every member's
    /// client wants to, and one is enough.
    LetGo { user: Hex, not_before_ms: i64 },
    /// Name the conversation.
    Rename { name: String },
    /// Send text.
    Text { text: String, composed_ms: i64 },
    /// Change a text that is or may be at the server.
    Edit {
        target: Hex,
        text: String,
        #[serde(default)]
        former: Option<Former>,
    },
    /// Take back a text that is or may be at the server.
    Delete {
        target: Hex,
        #[serde(default)]
        former: Option<Former>,
    },
    /// Tell how far this user has read.
    ReadMark { seq: u64 },
    /// Tell newcomers the name that the conversation has by then.
    Announce,
    /// Add a device that can't follow (again): whose Welcome by commit `seq` could not be opened,
    /// or that asked for it when this device had come to `since_seq`.
    AddAgain {
        user: Hex,
        device: Hex,
        seq: u64,
        #[serde(default)]
        since_seq: u64,
        #[serde(default)]
        not_before_ms: i64,
    },
    /// Add another device of this user.
    AddDevice { device: Hex },
    /// Remove a device that its user has revoked, not before this time by the wall clock.
    RemoveDevice {
        user: Hex,
        device: Hex,
        not_before_ms: i64,
    },
    /// Ask the authors for what this device could not read.
    AskAgain { from_seq: u64, to_seq: u64 },
    /// Say an own text once more, for a device that could not read it.
    Again { target: Hex },
    /// Get a new leaf key.
    Rotate,
}

/// What an own text was before a change of it that waits here, for taking back that change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Former {
    pub text: String,
    /// The number of the edit that it came by, if it did.
    pub edited_seq: Option<i64>,
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
            Self::SetRoles { .. } | Self::Leave => Lane::Main,
            Self::Rename { .. } | Self::Text { .. } => Lane::Main,
            Self::Edit { .. } | Self::Delete { .. } => Lane::Second,
            Self::ReadMark { .. } | Self::Announce => Lane::Second,
            Self::AskAgain { .. } | Self::Again { .. } => Lane::Second,
            Self::AddDevice { .. } | Self::RemoveDevice { .. } => Lane::Upkeep,
            Self::AddAgain { .. } | Self::LetGo { .. } | Self::Rotate => Lane::Upkeep,
        }
    }

    /// The message whose number it waits for.
    pub(crate) const fn target(&self) -> Option<ClientId> {
        match self {
            Self::Edit { target, .. } | Self::Delete { target, .. } => Some(target.client_id()),
            _ => None,
        }
    }

    /// The device that it adds to a user who is in the group.
    pub(crate) const fn admits(&self) -> Option<DeviceId> {
        match self {
            Self::AddAgain { device, .. } | Self::AddDevice { device } => Some(device.device()),
            _ => None,
        }
    }

    /// The time by the wall clock before which it is others' turn; 0 for none.
    pub(crate) const fn not_before_ms(&self) -> i64 {
        match self {
            Self::LetGo { not_before_ms, .. }
            | Self::AddAgain { not_before_ms, .. }
            | Self::RemoveDevice { not_before_ms, .. } => *not_before_ms,
            _ => 0,
        }
    }

    /// Whether it wants the same as another one, be it at another time.
    pub(crate) fn aims_like(&self, other: &Self) -> bool {
        let timeless = |intent: &Self| {
            let mut intent = intent.clone();
            match &mut intent {
                Self::LetGo { not_before_ms, .. } | Self::RemoveDevice { not_before_ms, .. } => {
                    *not_before_ms = 0;
                }
                Self::AddAgain {
                    not_before_ms,
                    since_seq,
                    ..
                } => (*not_before_ms, *since_seq) = (0, 0),
                _ => {}
            }
            intent
        };
        timeless(self) == timeless(other)
    }

    /// Whether it changes the group: then it is sealed alone, and nothing after it until the
    /// stream has reached it.
    pub(crate) const fn is_goal(&self) -> bool {
        matches!(
            self,
            Self::Create
                | Self::Add { .. }
                | Self::Remove { .. }
                | Self::SetRoles { .. }
                | Self::LetGo { .. }
                | Self::AddAgain { .. }
                | Self::AddDevice { .. }
                | Self::RemoveDevice { .. }
                | Self::Rotate
        )
    }

    /// Whether it carries what a person wrote for the members to read, now or earlier.
    pub(crate) const fn is_written(&self) -> bool {
        matches!(
            self,
            Self::Text { .. }
                | Self::Edit { .. }
                | Self::Rename { .. }
                | Self::Announce
                | Self::Again { .. }
        )
    }

    /// What apps see of it.
    pub(crate) fn kind(&self) -> OutboxKind {
        match self {
            Self::Create => OutboxKind::Create,
            Self::Add { people } => OutboxKind::Add(people.clone()),
            Self::Remove { user } => OutboxKind::Remove(user.user()),
            Self::SetRoles { roles } => OutboxKind::SetRoles(
                roles
                    .iter()
                    .map(|(user, role)| (user.user(), *role))
                    .collect(),
            ),
            Self::Leave => OutboxKind::Leave,
            Self::Rename { name } => OutboxKind::Rename(name.clone()),
            Self::Text { text, .. } => OutboxKind::Text(text.clone()),
            Self::Edit { target, text, .. } => OutboxKind::Edit {
                target: target.client_id(),
                text: text.clone(),
            },
            Self::Delete { target, .. } => OutboxKind::Delete {
                target: target.client_id(),
            },
            Self::ReadMark { seq } => OutboxKind::ReadMark { seq: *seq },
            Self::Announce | Self::AskAgain { .. } | Self::Again { .. } => OutboxKind::Upkeep,
            Self::AddAgain { .. }
            | Self::AddDevice { .. }
            | Self::RemoveDevice { .. }
            | Self::LetGo { .. }
            | Self::Rotate => OutboxKind::Upkeep,
        }
    }
}
