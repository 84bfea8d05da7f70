//! A conversation as a client holds it: its MLS group above an overlay of rows.
//!
//! **Every call that fails leaves the group as it was, in memory and in its rows.** Each call that
//! changes something works on a layer of its own; on failure the layer is dropped and the group
//! loaded again from what lies below, because an object that outlives a dropped layer has lost
//! secrets that the rows still hold.
//!
//! A group is not `Sync`; it lives on the one thread that owns the database.

mod commit;
mod join;
mod process;

use openmls::prelude::*;
use whimbrel_protocol::id::ConversationId;

pub use commit::{CommitPlan, StagedCommit};
pub use join::Joined;
pub use process::Processed;

use crate::config::{create_config, group_extensions};
use crate::device::Device;
use crate::error::MlsError;
use crate::group_policy::GroupPolicy;
use crate::overlay::{DirtyRow, Overlay, Row};
use crate::policy::{GroupView, MemberView, PolicyViolation, check_group};
use crate::proof::LeaveStatement;
use crate::provider::{Crypto, Provider};
use crate::view::{self, ViewError};

/// What the server needs to follow a new group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Founding {
    /// The signed description of the group at epoch 0, an MLSMessage.
    pub group_info: Vec<u8>,
    /// The tree, with the founder's leaf in it.
    pub tree: Vec<u8>,
}

/// The MLS group of a conversation, on one device.
pub struct Group {
    conversation: ConversationId,
    store: Overlay,
    mls: MlsGroup,
    view: GroupView,
}

impl std::fmt::Debug for Group {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (conversation, epoch) = (self.conversation, self.view.epoch);
        write!(f, "Group({conversation}, epoch {epoch}, {:?})", self.store)
    }
}

impl Group {
    /// Founds a group at epoch 0, with this device as its only member.
    ///
    /// # Errors
    /// [`MlsError::Policy`] when the policy is not that of a group with just this device's user.
    pub fn create(
        crypto: &Crypto,
        device: &Device,
        conversation: ConversationId,
        policy: &GroupPolicy,
    ) -> Result<Self, MlsError> {
        check_group(&GroupView {
            conversation,
            members: vec![MemberView::new(0, device.certificate.clone())],
            policy: policy.clone(),
            epoch: 0,
        })?;
        let store = Overlay::new(conversation.as_bytes());
        let extensions = group_extensions(&policy.encode())
            .map_err(|error| MlsError::Library("the group's extensions", error.into()))?;
        let mls = MlsGroup::new_with_group_id(
            &Provider::new(crypto, &store),
            device.signer(),
            &create_config(extensions),
            GroupId::from_slice(conversation.as_bytes()),
            device.credential(),
        )
        .map_err(|error| MlsError::Library("founding a group", error.into()))?;
        Self::assemble(conversation, store, mls)
    }

    /// What the server needs to follow the group. Only the state of epoch 0 is ever shown: with
    /// it a stranger could ask to join, and it is useless one commit later.
    ///
    /// # Errors
    /// [`MlsError::WrongEpoch`] when the group has left epoch 0.
    pub fn founding_state(&self, crypto: &Crypto, device: &Device) -> Result<Founding, MlsError> {
        self.check_device(device)?;
        if self.epoch() != 0 {
            return Err(MlsError::WrongEpoch {
                ours: self.epoch(),
                theirs: 0,
            });
        }
        let group_info = self
            .mls
            .export_group_info(crypto, device.signer(), false)
            .map_err(|error| MlsError::Library("describing a group", error.into()))?;
        Ok(Founding {
            group_info: encode(&group_info)?,
            tree: encode(&self.mls.export_ratchet_tree())?,
        })
    }

    /// Loads a group from its rows.
    ///
    /// # Errors
    /// [`MlsError::State`] or [`MlsError::Storage`] when rows are missing or damaged.
    pub fn load(conversation: ConversationId, rows: Vec<Row>) -> Result<Self, MlsError> {
        let store = Overlay::with_rows(conversation.as_bytes(), rows);
        let mls = load(&store, conversation)?;
        Self::assemble(conversation, store, mls)
    }

    /// The conversation, whose id is the group's.
    #[must_use]
    pub fn conversation(&self) -> ConversationId {
        self.conversation
    }

    /// How many commits lie behind the group.
    #[must_use]
    pub fn epoch(&self) -> u64 {
        self.view.epoch
    }

    /// False once a commit has removed this device.
    #[must_use]
    pub fn is_active(&self) -> bool {
        self.mls.is_active()
    }

    /// Who is in the group and may do what.
    #[must_use]
    pub fn policy(&self) -> &GroupPolicy {
        &self.view.policy
    }

    /// The leaves of the group, by index.
    #[must_use]
    pub fn members(&self) -> &[MemberView] {
        &self.view.members
    }

    /// The group as the rule looks at it.
    #[must_use]
    pub fn view(&self) -> &GroupView {
        &self.view
    }

    /// The leaf of this device.
    #[must_use]
    pub fn own_leaf(&self) -> u32 {
        self.mls.own_leaf_index().u32()
    }

    /// The statement of this device that its user leaves.
    ///
    /// # Errors
    /// [`MlsError::Inactive`] when this device was removed.
    pub fn leave_statement(&self, device: &Device) -> Result<LeaveStatement, MlsError> {
        self.check_device(device)?;
        let entry = self.policy().user(device.certificate.user);
        let entry = entry.ok_or(MlsError::State("entry of this user"))?;
        Ok(LeaveStatement::sign(
            device,
            self.conversation,
            entry.since_epoch,
        ))
    }

    /// True while a commit of this device waits for its place in the log.
    #[must_use]
    pub fn has_pending_commit(&self) -> bool {
        self.mls.pending_commit().is_some()
    }

    /// A code that all members at the same epoch of the same history share, and nobody else has.
    #[must_use]
    pub fn epoch_code(&self) -> Vec<u8> {
        self.mls.epoch_authenticator().as_slice().to_vec()
    }

    /// Lays a layer: what is changed from here on can be dropped again.
    pub fn begin_layer(&mut self) {
        self.store.begin_layer();
    }

    /// Keeps the topmost layer.
    pub fn commit_layer(&mut self) {
        self.store.commit_layer();
    }

    /// Drops the topmost layer and loads the group as it was before.
    ///
    /// # Errors
    /// When the rows below can't be loaded; then the group must not be used any more.
    pub fn roll_back_layer(&mut self) -> Result<(), MlsError> {
        self.store.drop_layer();
        self.mls = load(&self.store, self.conversation)?;
        self.refresh_view()
    }

    /// The rows to store: what changed since the last call. Changes in layers that are still open
    /// are not among them.
    pub fn take_dirty(&mut self) -> Vec<DirtyRow> {
        debug_assert_eq!(self.store.layers(), 0, "rows are taken outside layers");
        self.store.take_dirty()
    }

    fn assemble(
        conversation: ConversationId,
        store: Overlay,
        mls: MlsGroup,
    ) -> Result<Self, MlsError> {
        let view = view::trusted_group(mls.public_group()).map_err(MlsError::from)?;
        Ok(Self {
            conversation,
            store,
            mls,
            view,
        })
    }

    fn refresh_view(&mut self) -> Result<(), MlsError> {
        self.view = view::trusted_group(self.mls.public_group())?;
        Ok(())
    }

    /// Runs a change on a layer of its own, so that a failure leaves nothing behind.
    fn on_a_layer<T>(
        &mut self,
        change: impl FnOnce(&mut Self) -> Result<T, MlsError>,
    ) -> Result<T, MlsError> {
        self.begin_layer();
        match change(self) {
            Ok(value) => {
                self.commit_layer();
                Ok(value)
            }
            Err(error) => {
                self.roll_back_layer()?;
                Err(error)
            }
        }
    }

    /// A caller that mixes up its devices would sign with the wrong key.
    fn check_device(&self, device: &Device) -> Result<(), MlsError> {
        let own = self.view.member(self.own_leaf());
        match own {
            Some(own) if own.certificate == device.certificate => Ok(()),
            _ if !self.is_active() => Err(MlsError::Inactive),
            _ => Err(MlsError::WrongDevice),
        }
    }
}

impl From<ViewError> for MlsError {
    fn from(error: ViewError) -> Self {
        match error {
            ViewError::GroupId => Self::NotForThisGroup,
            ViewError::Policy(error) => Self::GroupPolicy(error),
            ViewError::Violation(violation) => Self::Policy(violation),
        }
    }
}

fn load(store: &Overlay, conversation: ConversationId) -> Result<MlsGroup, MlsError> {
    let id = GroupId::from_slice(conversation.as_bytes());
    MlsGroup::load(store, &id)?.ok_or(MlsError::State("rows"))
}

fn encode(value: &impl tls_codec::Serialize) -> Result<Vec<u8>, MlsError> {
    value
        .tls_serialize_detached()
        .map_err(|error| MlsError::Library("encoding", error.into()))
}

/// The pending commit judged by the rule.
fn check_pending(group: &Group) -> Result<crate::policy::CommitSummary, MlsError> {
    let pending = group
        .mls
        .pending_commit()
        .ok_or(MlsError::NoPendingCommit)?;
    let sender = Sender::Member(group.mls.own_leaf_index());
    let context = group.mls.public_group().group_context();
    let proof = group.store.pending_proof()?;
    let commit = view::commit(&sender, context, pending, &proof);
    let summary: Result<_, PolicyViolation> = crate::policy::check_commit(&group.view, &commit);
    Ok(summary?)
}
