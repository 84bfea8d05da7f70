//! Errors. Faults of the peer, of the caller and of the stored state are told apart.

use crate::group_policy::GroupPolicyError;
use crate::identity::IdentityError;
use crate::policy::PolicyViolation;
use crate::storage::StorageError;

/// An error of OpenMLS, kept as the source of ours.
pub(crate) type Source = Box<dyn std::error::Error + Send + Sync>;

/// Why a key package was not accepted.
#[derive(Debug, thiserror::Error)]
pub enum KeyPackageError {
    /// Not a key package, or too many bytes.
    #[error("not a key package")]
    Malformed,
    /// MLS refuses it: a signature, a key or an extension is wrong.
    #[error("the key package is not valid")]
    Invalid(#[source] Source),
    /// It is for another cipher suite.
    #[error("the key package is for another cipher suite")]
    CipherSuite,
    /// Its credential is not a valid certificate for its key.
    #[error("the key package has no valid certificate")]
    Certificate(#[source] IdentityError),
    /// It has a lifetime of MLS, which clocks could disagree about.
    #[error("the key package has a bounded lifetime")]
    BoundedLifetime,
    /// It does not say when it expires.
    #[error("the key package does not say when it expires")]
    NoExpiry,
}

/// What went wrong with a group of a client.
#[derive(Debug, thiserror::Error)]
pub enum MlsError {
    /// The bytes are not what they should be; the text says what that is.
    #[error("not a valid {0}")]
    Malformed(&'static str),
    /// The message is for another conversation.
    #[error("for another conversation")]
    NotForThisGroup,
    /// The message is of another epoch: past or future.
    #[error("of epoch {theirs}, while the group is at {ours}")]
    WrongEpoch {
        /// Where the group is.
        ours: u64,
        /// Where the message belongs.
        theirs: u64,
    },
    /// This device was removed from the group.
    #[error("this device was removed from the group")]
    Inactive,
    /// An application message that can't be decrypted or whose sender is not authentic.
    #[error("the message can't be decrypted")]
    Undecryptable(#[source] Source),
    /// A commit that MLS refuses.
    #[error("the commit is not valid")]
    InvalidCommit(#[source] Source),
    /// A member made this commit, and its confirmation tag or its path is false. Only members'
    /// secrets show that: others may have been able to process it.
    #[error("the commit's tag or path is false")]
    FalseCommit(#[source] Source),
    /// A commit or a group that breaks the rule.
    #[error("against the policy of the group")]
    Policy(#[from] PolicyViolation),
    /// A proposal outside a commit; nobody may send one.
    #[error("a proposal outside a commit")]
    StandaloneProposal,
    /// A message of this device; its plaintext is known, and MLS can't decrypt it.
    #[error("a message of this device")]
    OwnMessage,
    /// The commit of this device that is pending: merge it.
    #[error("the pending commit of this device")]
    OwnCommit,
    /// A commit of this device is pending; only one can be.
    #[error("a commit is pending")]
    PendingCommit,
    /// No commit of this device is pending.
    #[error("no commit is pending")]
    NoPendingCommit,
    /// The plan of a commit changes nothing.
    #[error("nothing to commit")]
    EmptyPlan,
    /// A key package was not accepted.
    #[error("a key package was not accepted")]
    KeyPackage(#[from] KeyPackageError),
    /// None of the given key packages opens the Welcome.
    #[error("no key package of this device opens the welcome")]
    NoKeyPackage,
    /// The Welcome, or the tree that came with it, is not valid.
    #[error("the welcome is not valid")]
    InvalidWelcome(#[source] Source),
    /// The group belongs to another device than the one given.
    #[error("the group belongs to another device")]
    WrongDevice,
    /// The policy of the group can't be read.
    #[error("the policy of the group is not valid")]
    GroupPolicy(#[source] GroupPolicyError),
    /// The stored state is damaged, incomplete, or of another version.
    #[error("the stored state can't be read")]
    Storage(#[from] StorageError),
    /// The state of the group is damaged or incomplete; the text says what is missing.
    #[error("the state of the group lacks its {0}")]
    State(&'static str),
    /// OpenMLS failed where it should not be able to.
    #[error("the MLS library failed at {0}")]
    Library(&'static str, #[source] Source),
}

/// What went wrong with a group that the server follows.
#[derive(Debug, thiserror::Error)]
pub enum FollowError {
    /// The bytes are not what they should be; the text says what that is.
    #[error("not a valid {0}")]
    Malformed(&'static str),
    /// A well-formed message, but not a commit.
    #[error("not a commit")]
    NotACommit,
    /// The message is for another conversation.
    #[error("for another conversation")]
    NotForThisGroup,
    /// The commit is of another epoch: past or future.
    #[error("of epoch {theirs}, while the group is at {ours}")]
    WrongEpoch {
        /// Where the group is.
        ours: u64,
        /// Where the commit belongs.
        theirs: u64,
    },
    /// A commit or a new group that breaks the rule.
    #[error("against the policy of the group")]
    Policy(#[from] PolicyViolation),
    /// A commit that MLS refuses.
    #[error("the commit is not valid")]
    InvalidCommit(#[source] Source),
    /// A group can't be founded like this.
    #[error("the group can't be founded: {0}")]
    Founding(&'static str),
    /// MLS refuses the group that is to be founded.
    #[error("the group to be founded is not valid")]
    InvalidGroup(#[source] Source),
    /// The policy of the group can't be read.
    #[error("the policy of the group is not valid")]
    GroupPolicy(#[source] GroupPolicyError),
    /// The stored state is damaged, incomplete, or of another version.
    #[error("the stored state can't be read")]
    Storage(#[from] StorageError),
    /// The state of the group is damaged or incomplete; the text says what is missing.
    #[error("the state of the group lacks its {0}")]
    State(&'static str),
    /// OpenMLS failed where it should not be able to.
    #[error("the MLS library failed at {0}")]
    Library(&'static str, #[source] Source),
}
