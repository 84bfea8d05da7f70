//! What a group agrees on beside its keys: which users are in it, by which identity key, in which
//! role, since when. It stands in the group context, so every member holds the same.

use prost::Message as _;
use whimbrel_protocol::id::UserId;
use whimbrel_protocol::limits;

use crate::certificate::Certificate;
use crate::identity::IdentityPublicKey;
use crate::wire;

/// The version of the policy, and of the rule in [`crate::check_commit`], that this code knows.
pub const GROUP_POLICY_VERSION: u32 = 1;

/// Why a policy was not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum GroupPolicyError {
    /// The group context holds no policy.
    #[error("the group has no policy")]
    Missing,
    /// The bytes are not the one encoding of a policy, or too many.
    #[error("not a group policy")]
    Malformed,
    /// A newer version of this software made the policy.
    #[error("version {0} of the group policy is unknown")]
    UnknownVersion(u32),
    /// Too many users, not sorted, or one listed twice.
    #[error("the users of the group policy are not in order")]
    Users,
    /// A direct conversation with more than two users, or with a user who is not an owner.
    #[error("not a policy for a direct conversation")]
    Direct,
}

/// What a user may do. Only owners change roles, their own included: ownership passes on when an
/// owner makes another one and then steps down, and the last owner can neither step down, nor
/// leave, nor be removed. A proof (see [`crate::Proof`]) allows what the role does not.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Role {
    /// May change roles, and all that an admin may. There is always at least one.
    Owner,
    /// May add members, remove everybody but owners, and put somebody's new identity in place of
    /// the old one.
    Admin,
    /// May change only own devices and repair those of others.
    Member,
}

impl Role {
    fn to_wire(self) -> u32 {
        match self {
            Self::Owner => 1,
            Self::Admin => 2,
            Self::Member => 3,
        }
    }

    fn from_wire(number: u32) -> Option<Self> {
        match number {
            1 => Some(Self::Owner),
            2 => Some(Self::Admin),
            3 => Some(Self::Member),
            _ => None,
        }
    }
}

/// A user of a group.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PolicyUser {
    /// The user.
    pub user: UserId,
    /// The key that signs the certificates of the user's devices.
    pub identity_key: IdentityPublicKey,
    /// What the user may do.
    pub role: Role,
    /// The first epoch in which the user is a member.
    pub since_epoch: u64,
}

/// The policy of a group.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct GroupPolicy {
    /// [`GROUP_POLICY_VERSION`].
    pub version: u32,
    /// Two users who can't be removed, and nobody else can be added.
    pub direct: bool,
    /// Sorted by user, each once.
    pub users: Vec<PolicyUser>,
}

impl GroupPolicy {
    /// The policy of a new group: its founder is the owner.
    #[must_use]
    pub fn group(founder: &Certificate) -> Self {
        Self {
            version: GROUP_POLICY_VERSION,
            direct: false,
            users: vec![PolicyUser {
                user: founder.user,
                identity_key: founder.identity_key,
                role: Role::Owner,
                since_epoch: 0,
            }],
        }
    }

    /// The policy of a new direct conversation: its founder may add one other user, once.
    #[must_use]
    pub fn direct(founder: &Certificate) -> Self {
        Self {
            direct: true,
            ..Self::group(founder)
        }
    }

    /// The entry of a user.
    #[must_use]
    pub fn user(&self, user: UserId) -> Option<&PolicyUser> {
        let place = self.users.binary_search_by_key(&user, |entry| entry.user);
        place.ok().and_then(|place| self.users.get(place))
    }

    /// The role of a user, if the user is in the group.
    #[must_use]
    pub fn role_of(&self, user: UserId) -> Option<Role> {
        self.user(user).map(|entry| entry.role)
    }

    /// True when somebody is an owner.
    #[must_use]
    pub fn has_owner(&self) -> bool {
        self.users.iter().any(|entry| entry.role == Role::Owner)
    }

    /// This policy without these users.
    #[must_use]
    pub fn with_removed(&self, users: &[UserId]) -> Self {
        let mut policy = self.clone();
        policy.users.retain(|entry| !users.contains(&entry.user));
        policy
    }

    /// This policy with these users; one who is already there is replaced, and of two entries of
    /// one user the first counts.
    #[must_use]
    pub fn with_added(&self, users: Vec<PolicyUser>) -> Self {
        let added: Vec<UserId> = users.iter().map(|entry| entry.user).collect();
        let mut policy = self.with_removed(&added);
        policy.users.extend(users);
        policy.users.sort_by_key(|entry| entry.user);
        policy.users.dedup_by_key(|entry| entry.user);
        policy
    }

    /// This policy with these roles; a user who is not in the group is passed over.
    #[must_use]
    pub fn with_roles(&self, roles: &[(UserId, Role)]) -> Self {
        let mut policy = self.clone();
        for entry in &mut policy.users {
            if let Some((_, role)) = roles.iter().find(|(user, _)| *user == entry.user) {
                entry.role = *role;
            }
        }
        policy
    }

    /// The one encoding of this policy.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let users = self.users.iter().map(|entry| wire::PolicyUser {
            user: entry.user.as_bytes().to_vec(),
            identity_key: entry.identity_key.as_bytes().to_vec(),
            role: entry.role.to_wire(),
            since_epoch: entry.since_epoch,
        });
        let policy = wire::GroupPolicy {
            version: self.version,
            direct: self.direct,
            users: users.collect(),
        };
        policy.encode_to_vec()
    }

    /// Decodes a policy and checks its shape.
    ///
    /// # Errors
    /// Says in which way the bytes are not a policy; a version from the future is told apart.
    pub fn decode(bytes: &[u8]) -> Result<Self, GroupPolicyError> {
        let version = wire::VersionOnly::decode(bytes).map_err(|_| GroupPolicyError::Malformed)?;
        if version.version != GROUP_POLICY_VERSION {
            return Err(GroupPolicyError::UnknownVersion(version.version));
        }
        let wire: wire::GroupPolicy = wire::decode_canonical(bytes, limits::GROUP_POLICY_BYTES_MAX)
            .ok_or(GroupPolicyError::Malformed)?;
        let users = wire.users.iter().map(|entry| {
            Some(PolicyUser {
                user: UserId::try_from(&*entry.user).ok()?,
                identity_key: IdentityPublicKey::try_from(&*entry.identity_key).ok()?,
                role: Role::from_wire(entry.role)?,
                since_epoch: entry.since_epoch,
            })
        });
        let users: Option<Vec<PolicyUser>> = users.collect();
        let policy = Self {
            version: wire.version,
            direct: wire.direct,
            users: users.ok_or(GroupPolicyError::Malformed)?,
        };
        policy.check_shape()?;
        Ok(policy)
    }

    fn check_shape(&self) -> Result<(), GroupPolicyError> {
        let in_order = self.users.is_sorted_by(|a, b| a.user < b.user);
        if !in_order || self.users.len() > limits::CONVERSATION_USERS_MAX {
            return Err(GroupPolicyError::Users);
        }
        let all_own = self.users.iter().all(|entry| entry.role == Role::Owner);
        if self.direct && (self.users.len() > 2 || !all_own) {
            return Err(GroupPolicyError::Direct);
        }
        Ok(())
    }
}
