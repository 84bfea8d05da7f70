//! Other users: how they are named, what they may do, and whether they are who they seem.

use whimbrel::types as core;

use crate::error::Result;
use crate::ids::{id, signed};

/// Whom a call is about: somebody known by id, or a name the server is asked about as soon as
/// there is a connection.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Enum)]
pub enum Person {
    /// A user id.
    Id {
        /// 32 hexadecimal digits.
        user: String,
    },
    /// A user name.
    Username {
        /// 3 to 32 of a to z, 0 to 9, dot, underscore and hyphen.
        username: String,
    },
}

impl From<core::Person> for Person {
    fn from(from: core::Person) -> Self {
        match from {
            core::Person::Id(user) => Self::Id {
                user: user.to_string(),
            },
            core::Person::Username(username) => Self::Username { username },
        }
    }
}

impl Person {
    pub(crate) fn into_core(self) -> Result<core::Person> {
        match self {
            Self::Id { user } => id(&user).map(core::Person::Id),
            Self::Username { username } => Ok(core::Person::Username(username)),
        }
    }
}

twin! {
    /// Rights of a user in a conversation.
    Role both core::Role {
        /// May do everything, and give roles. There is always at least one.
        Owner,
        /// May name the group, add users, and remove all but owners.
        Admin,
        /// May talk.
        Member,
    }
}

/// A user and the role to give.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct RoleGrant {
    /// Id of the user.
    pub user: String,
    /// The role.
    pub role: Role,
}

/// A user in a conversation.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Member {
    /// Id of the user.
    pub user: String,
    /// The user's name, from the certificate in the group.
    pub username: String,
    /// The user's rights.
    pub role: Role,
    /// The server says that a device of this user has everything up to this number.
    pub delivered_seq: i64,
    /// The user says to have read everything up to this number.
    pub read_seq: i64,
}

impl From<core::Member> for Member {
    fn from(from: core::Member) -> Self {
        Self {
            user: from.user.to_string(),
            username: from.username,
            role: from.role.into(),
            delivered_seq: signed(from.delivered_seq),
            read_seq: signed(from.read_seq),
        }
    }
}

twin! {
    /// How a user came to another identity key.
    IdentityChange from core::IdentityChange {
        /// The change is signed by the recovery key of the former identity.
        ByRecovery,
        /// Nothing connects the two but the server's word.
        Unproven,
        /// The newest device list stands under another identity key, and no conversation goes by
        /// it yet. Either the user has started anew and waits to be let in, for which without the
        /// recovery code a group needs an owner; or the server has made it up. Accepting it relies
        /// on nothing: what waited is sent to the devices that are there.
        Announced,
    }
}

/// Somebody this user has met in a conversation.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Contact {
    /// Id of the user.
    pub user: String,
    /// The user's name.
    pub username: String,
    /// The safety number was compared, and the identity has not changed since.
    pub verified: bool,
    /// The user goes by another identity key than the one relied on here, until it is accepted.
    pub identity_change: Option<IdentityChange>,
    /// Two device lists of one version were seen, both signed by this user: somebody else has the
    /// user's identity key, or the user's devices have gone separate ways.
    pub conflict: bool,
    /// What both users compare to know that nobody is between them: twelve groups of five digits,
    /// the same on both sides.
    pub safety_number: String,
    /// The same as the content of a QR picture.
    pub safety_qr: String,
}

impl From<core::Contact> for Contact {
    fn from(from: core::Contact) -> Self {
        Self {
            user: from.user.to_string(),
            username: from.username,
            verified: from.verified,
            identity_change: from.identity_change.map(Into::into),
            conflict: from.conflict,
            safety_number: from.safety_number.to_string(),
            safety_qr: from.safety_number.to_qr(),
        }
    }
}
