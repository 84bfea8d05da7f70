//! The rule that says which commits are valid, the same function for client and server.
//!
//! **A verdict depends on the group before the commit and on the commit, on nothing else**: not on
//! pinned keys, clocks, settings, or messages seen earlier. Otherwise two honest members could
//! disagree, and their group would fall apart. Nothing here knows OpenMLS; [`crate::Group`] and
//! [`crate::Follower`] make the views.

mod change;
mod check;
mod rights;

use whimbrel_protocol::id::{ConversationId, DeviceId, UserId};

use crate::certificate::Certificate;
use crate::group_policy::{GroupPolicy, GroupPolicyError, Role};
use crate::identity::{IdentityError, IdentityPublicKey};
use crate::proof::{Proof, ProofError};

pub use check::{check_commit, check_group};

/// A leaf of a group.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MemberView {
    /// Its index in the tree.
    pub leaf: u32,
    /// The user it belongs to.
    pub user: UserId,
    /// The device it belongs to.
    pub device: DeviceId,
    /// The key that signed its certificate.
    pub identity_key: IdentityPublicKey,
    /// The whole certificate.
    pub certificate: Certificate,
}

impl MemberView {
    /// The view of a leaf with this certificate.
    #[must_use]
    pub fn new(leaf: u32, certificate: Certificate) -> Self {
        Self {
            leaf,
            user: certificate.user,
            device: certificate.device,
            identity_key: certificate.identity_key,
            certificate,
        }
    }
}

/// A group, as far as the rule looks at it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct GroupView {
    /// The conversation, whose id is the group's.
    pub conversation: ConversationId,
    /// Its leaves, by index.
    pub members: Vec<MemberView>,
    /// Its policy.
    pub policy: GroupPolicy,
    /// Its epoch.
    pub epoch: u64,
}

impl GroupView {
    /// The member at a leaf.
    #[must_use]
    pub fn member(&self, leaf: u32) -> Option<&MemberView> {
        let place = self.members.binary_search_by_key(&leaf, |view| view.leaf);
        place.ok().and_then(|place| self.members.get(place))
    }

    /// The leaf of a device.
    #[must_use]
    pub fn device(&self, device: DeviceId) -> Option<&MemberView> {
        self.members.iter().find(|view| view.device == device)
    }
}

/// A leaf that a commit brings.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LeafView {
    /// The certificate in its credential, verified, or why there is none.
    pub certificate: Result<Certificate, IdentityError>,
    /// The key that signs for the leaf.
    pub signature_key: Vec<u8>,
    /// False when the leaf has a lifetime of MLS that some clock could refuse.
    pub lifetime_is_unbounded: bool,
}

/// A commit, as far as the rule looks at it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CommitView {
    /// The leaf that made it, or `None` when its maker is not a member.
    pub committer: Option<u32>,
    /// The leaves it adds.
    pub adds: Vec<LeafView>,
    /// The leaves it removes.
    pub removes: Vec<u32>,
    /// Proposals that neither add, nor remove, nor replace the group context's extensions.
    pub other_proposals: usize,
    /// The committer's new leaf, when the commit has a path.
    pub path: Option<LeafView>,
    /// True when an extension of the group context other than the policy changes.
    pub changes_other_extensions: bool,
    /// The policy of the group after the commit.
    pub policy: Result<GroupPolicy, GroupPolicyError>,
    /// The epoch of the group after the commit.
    pub epoch: u64,
    /// What the commit shows for itself beside its maker's role.
    pub proof: Result<Option<Proof>, ProofError>,
}

/// What a committer was not allowed to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Add a user.
    AddUser,
    /// Remove a user.
    RemoveUser,
    /// Add a device of another user.
    AddDevice,
    /// Remove a device of another user.
    RemoveDevice,
    /// Give a user a role.
    ChangeRole,
    /// Put devices of another identity key in the place of all devices of a user.
    ReplaceIdentity,
}

/// How a commit breaks the rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PolicyViolation {
    /// The committer is not a member (an external commit).
    #[error("the committer is not a member")]
    ExternalCommit,
    /// The commit holds a proposal of a kind that is never valid here, or not known.
    #[error("the commit holds a proposal of another kind")]
    ProposalType,
    /// The commit changes an extension of the group context that is not ours to change.
    #[error("the commit changes an extension other than the policy")]
    Extensions,
    /// The new policy is of a version that this software does not know.
    #[error("version {0} of the group policy is unknown")]
    UnknownPolicyVersion(u32),
    /// The new policy can't be read.
    #[error("the group policy is not valid")]
    Policy(#[source] GroupPolicyError),
    /// The policy does not say what follows from the old policy and the change of members.
    #[error("the group policy does not fit the members")]
    PolicyMismatch,
    /// The committer's role does not allow this.
    #[error("the role of {user} does not allow: {action:?}")]
    NotAllowed {
        /// The user of the committer.
        user: UserId,
        /// What it tried.
        action: Action,
    },
    /// A leaf that is added does not carry a valid certificate for its key.
    #[error("a leaf has no valid certificate")]
    BadCertificate(#[source] IdentityError),
    /// A leaf that is added has a lifetime that clocks could disagree about.
    #[error("a leaf has a bounded lifetime")]
    BoundedLifetime,
    /// A device of a user who is in the group is signed by another identity key.
    #[error("a device of {0} is signed by another identity key")]
    IdentityMismatch(UserId),
    /// The commit removes a leaf that is not there, removes one twice, or its own committer.
    #[error("leaf {0} can't be removed")]
    BadRemove(u32),
    /// A device would have two leaves.
    #[error("device {0} would have two leaves")]
    DuplicateDevice(DeviceId),
    /// The group or one of its users would have too many devices.
    #[error("too many devices")]
    TooManyDevices,
    /// More users in one commit than allowed.
    #[error("too many users added at once")]
    TooManyAdds,
    /// Users of a direct conversation can't be added or removed once there are two.
    #[error("a direct conversation has exactly its two users")]
    DirectIsClosed,
    /// Nobody would be left to change roles.
    #[error("the last owner can't go")]
    LastOwner,
    /// The commit carries a proof that is not valid, or not for what the commit does.
    #[error("the proof in the commit is not valid")]
    Proof(#[source] ProofError),
    /// The committer's new leaf has another credential or another key.
    #[error("a committer must keep its credential")]
    CredentialChanged,
}

impl PolicyViolation {
    /// True when the commit may be valid for newer software. A client that meets such a commit in
    /// the log stops there until it is upgraded; to skip it would be to leave the group.
    #[must_use]
    pub fn needs_upgrade(&self) -> bool {
        matches!(
            self,
            Self::UnknownPolicyVersion(_)
                | Self::ProposalType
                | Self::Extensions
                | Self::BadCertificate(IdentityError::UnknownVersion(_))
                | Self::Proof(ProofError::UnknownVersion(_))
        )
    }
}

/// A device that came or went.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Member {
    /// Its user.
    pub user: UserId,
    /// The device.
    pub device: DeviceId,
    /// The name in its certificate.
    pub username: String,
    /// The key that signed its certificate.
    pub identity_key: IdentityPublicKey,
}

impl Member {
    /// The device that a certificate is about.
    #[must_use]
    pub fn of(certificate: &Certificate) -> Self {
        Self {
            user: certificate.user,
            device: certificate.device,
            username: certificate.username.clone(),
            identity_key: certificate.identity_key,
        }
    }
}

/// What a valid commit did. Every list is sorted.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CommitSummary {
    /// Who made it.
    pub committer: (UserId, DeviceId),
    /// The epoch it led to.
    pub epoch: u64,
    /// Devices that came.
    pub added: Vec<Member>,
    /// Devices that went.
    pub removed: Vec<Member>,
    /// Devices that got a new leaf in place of an old one.
    pub re_added: Vec<Member>,
    /// Users who came: none of their devices was there before.
    pub users_added: Vec<UserId>,
    /// Users who went: none of their devices is left.
    pub users_removed: Vec<UserId>,
    /// Those of them who had asked to leave.
    pub users_left: Vec<UserId>,
    /// Users who stayed and got another identity key; all their devices went and others came.
    pub identities_changed: Vec<(UserId, IdentityPublicKey)>,
    /// Users who stayed and got another role.
    pub roles_changed: Vec<(UserId, Role)>,
    /// True when the committer got new keys.
    pub rotated: bool,
}
