//! The encryption of Whimbrel: MLS (RFC 9420) with one cipher suite, device certificates, group
//! roles, and the one rule that decides which changes of membership are valid.
//!
//! This is the only crate that names OpenMLS. It does no I/O: no clock, no source of randomness,
//! no database, no network. Callers bring a seed ([`Crypto`]), rows that they loaded ([`Row`]),
//! and bytes that arrived; they take away rows to store ([`DirtyRow`]) and bytes to send.
//!
//! Read [`Group`] first (what a client holds for a conversation), then [`check_commit`] (the
//! rule), then [`Follower`] (what the server holds: the same group without any secret).
//!
//! What this crate never does: it never decides by a clock, a setting or a pinned key whether a
//! commit is valid. Two honest members who see the same bytes in the same order reach the same
//! state. It never panics on bytes from outside.

mod config;
mod hpke;
mod provider;

mod overlay;
mod storage;

mod wire;

mod identity;

mod certificate;

mod code;

mod recovery;

mod manifest;

mod proof;

mod link;

mod safety_number;

mod sign_in;

mod group_policy;

mod policy;

mod view;

mod device;

mod key_package;

mod error;

mod group;

mod follower;

pub use certificate::{Certificate, is_valid_username};
pub use code::CodeError;
pub use config::{EXPIRY_EXTENSION, GROUP_POLICY_EXTENSION};
pub use device::Device;
pub use error::{FollowError, KeyPackageError, MlsError};
pub use follower::{FollowedCommit, Follower};
pub use group::{CommitPlan, Founding, Group, Joined, Processed, StagedCommit};
pub use group_policy::{GROUP_POLICY_VERSION, GroupPolicy, GroupPolicyError, PolicyUser, Role};
pub use identity::{DeviceKey, IdentityError, IdentityKey, IdentityPublicKey};
pub use key_package::{
    FreshKeyPackage, KeyPackageInfo, LastResort, inspect_key_package, key_package_row_key,
    make_key_package,
};
pub use link::{
    LINK_GRANT_BYTES_MAX, LINK_LIFETIME_MS, LINK_OFFER_BYTES_MAX, LinkCode, LinkError, LinkGrant,
    LinkKey, LinkOffer, fingerprint,
};
pub use manifest::{DeviceEntry, Manifest, ManifestError, REVOKED_DEVICES_MAX, Succession};
pub use overlay::{DirtyRow, Overlay, Row, RowKey};
pub use policy::{
    Action, CommitSummary, CommitView, GroupView, LeafView, Member, MemberView, PolicyViolation,
    check_commit, check_group,
};
pub use proof::{ENVELOPE_DATA_BYTES, LeaveStatement, Proof, ProofError};
pub use provider::{Crypto, Provider};
pub use recovery::RecoveryCode;
pub use safety_number::SafetyNumber;
pub use sign_in::{sign_in_signature, verify_sign_in};
pub use storage::StorageError;
