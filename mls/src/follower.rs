//! A conversation as the server holds it: the same group without any secret.
//!
//! The server sees who is in the group and judges every commit by the same rule as the members.
//! What it can't check, because it lacks the secrets: the membership tag and the confirmation tag
//! of a commit, and whether the path opens for each member. Every other alteration of a commit it
//! refuses.

use openmls::messages::group_info::VerifiableGroupInfo;
use openmls::prelude::tls_codec::{Deserialize as _, Serialize as _};
use openmls::prelude::*;
use prost::Message as _;
use whimbrel_protocol::id::{ConversationId, DeviceId, UserId};
use whimbrel_protocol::limits;

use crate::error::FollowError;
use crate::group_policy::{GroupPolicy, Role};
use crate::overlay::{Overlay, Row, RowKey};
use crate::policy::{CommitSummary, GroupView, MemberView, check_commit};
use crate::proof::split_authenticated_data;
use crate::provider::Crypto;
use crate::view::{self, ViewError};
use crate::wire;

const STATE_VERSION: u32 = 1;

/// The public state of a group.
pub struct Follower {
    conversation: ConversationId,
    store: Overlay,
    group: PublicGroup,
    view: GroupView,
}

/// A commit that the server may accept.
#[derive(Debug)]
pub struct FollowedCommit {
    /// What the committer authenticated beside the commit, less the proof.
    pub aad: Vec<u8>,
    /// Who made it.
    pub committer: (UserId, DeviceId),
    /// What it does.
    pub summary: CommitSummary,
    staged: Box<StagedCommit>,
}

impl std::fmt::Debug for Follower {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (conversation, epoch) = (self.conversation, self.view.epoch);
        write!(f, "Follower({conversation}, epoch {epoch})")
    }
}

impl Follower {
    /// Begins to follow a new group: at epoch 0, with the creator's device as its only member and
    /// the creator as its owner.
    ///
    /// # Errors
    /// Says what is wrong with the group.
    pub fn found(
        crypto: &Crypto,
        conversation: ConversationId,
        group_info: &[u8],
        tree: &[u8],
        creator: (UserId, DeviceId),
    ) -> Result<Self, FollowError> {
        let info = decode_group_info(group_info)?;
        if info.group_id().as_slice() != conversation.as_bytes() {
            return Err(FollowError::NotForThisGroup);
        }
        let tree = decode_tree(tree)?;
        let store = Overlay::new(conversation.as_bytes());
        let (group, _) =
            PublicGroup::from_external(crypto, &store, tree, info, ProposalStore::new())
                .map_err(|error| FollowError::InvalidGroup(error.into()))?;
        let view = view::verified_group(&group)?;
        check_founding(&view, creator)?;
        Ok(Self {
            conversation,
            store,
            group,
            view,
        })
    }

    /// Loads what [`Self::state`] gave.
    ///
    /// # Errors
    /// When the state is damaged or of another version.
    pub fn load(conversation: ConversationId, state: &[u8]) -> Result<Self, FollowError> {
        let malformed = FollowError::Malformed("state of a followed group");
        let Ok(state) = wire::FollowerState::decode(state) else {
            return Err(malformed);
        };
        if state.version != STATE_VERSION {
            return Err(malformed);
        }
        let mut rows = Vec::with_capacity(state.rows.len());
        for row in state.rows {
            let Ok(kind) = u8::try_from(row.kind) else {
                return Err(malformed);
            };
            rows.push(Row {
                key: RowKey {
                    group: conversation.as_bytes().to_vec(),
                    kind,
                    key: row.key,
                },
                value: row.value,
            });
        }
        let store = Overlay::with_rows(conversation.as_bytes(), rows);
        let id = GroupId::from_slice(conversation.as_bytes());
        let group = PublicGroup::load(&store, &id)?.ok_or(FollowError::State("rows"))?;
        let view = view::trusted_group(&group)?;
        Ok(Self {
            conversation,
            store,
            group,
            view,
        })
    }

    /// The state to store, in one piece. It holds no secret.
    ///
    /// # Errors
    /// Never for a group that this type made; the signature leaves room for other encodings.
    pub fn state(&self) -> Result<Vec<u8>, FollowError> {
        let rows = self.store.rows().into_iter().map(|row| wire::FollowerRow {
            kind: u32::from(row.key.kind),
            key: row.key.key,
            value: row.value,
        });
        let state = wire::FollowerState {
            version: STATE_VERSION,
            rows: rows.collect(),
        };
        Ok(state.encode_to_vec())
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

    /// The leaves of the group, by index.
    #[must_use]
    pub fn members(&self) -> &[MemberView] {
        &self.view.members
    }

    /// Who is in the group and may do what.
    #[must_use]
    pub fn policy(&self) -> &GroupPolicy {
        &self.view.policy
    }

    /// The tree, for devices that join.
    ///
    /// # Errors
    /// Only when the MLS library fails.
    pub fn tree(&self) -> Result<Vec<u8>, FollowError> {
        let tree = self.group.export_ratchet_tree();
        tree.tls_serialize_detached()
            .map_err(|error| FollowError::Library("encoding a tree", error.into()))
    }

    /// Judges a commit, without changing anything.
    ///
    /// # Errors
    /// Says why the commit is not acceptable.
    pub fn stage(&self, crypto: &Crypto, commit: &[u8]) -> Result<FollowedCommit, FollowError> {
        let message = MlsMessageIn::tls_deserialize_exact(commit)
            .map_err(|_| FollowError::Malformed("MLS message"))?;
        let message = message
            .try_into_protocol_message()
            .map_err(|_| FollowError::NotACommit)?;
        if message.group_id() != self.group.group_id() {
            return Err(FollowError::NotForThisGroup);
        }
        if message.content_type() != ContentType::Commit {
            return Err(FollowError::NotACommit);
        }
        let (ours, theirs) = (self.epoch(), message.epoch().as_u64());
        if ours != theirs {
            return Err(FollowError::WrongEpoch { ours, theirs });
        }
        let processed = self
            .group
            .process_message(crypto, message)
            .map_err(|error| FollowError::InvalidCommit(error.into()))?;
        let (aad, proof) = split_authenticated_data(processed.aad());
        let (sender, aad, proof) = (processed.sender().clone(), aad.to_vec(), proof.to_vec());
        let ProcessedMessageContent::StagedCommitMessage(staged) = processed.into_content() else {
            return Err(FollowError::NotACommit);
        };
        let context = self.group.group_context();
        let commit = view::commit(&sender, context, &staged, &proof);
        let summary = check_commit(&self.view, &commit)?;
        Ok(FollowedCommit {
            aad,
            committer: summary.committer,
            summary,
            staged,
        })
    }

    /// Merges a commit that this group staged at this epoch.
    ///
    /// # Errors
    /// [`FollowError::WrongEpoch`] when the group has moved on since. After any other error the
    /// follower must be loaded again from its last state.
    pub fn merge(&mut self, commit: FollowedCommit) -> Result<(), FollowError> {
        let theirs = commit.summary.epoch.saturating_sub(1);
        let ours = self.epoch();
        if ours != theirs {
            return Err(FollowError::WrongEpoch { ours, theirs });
        }
        self.group
            .merge_commit(&self.store, *commit.staged)
            .map_err(|error| FollowError::Library("merging a commit", error.into()))?;
        // The state is written whole, so nobody asks which rows changed.
        self.store.take_dirty();
        self.view = view::trusted_group(&self.group)?;
        Ok(())
    }
}

impl From<ViewError> for FollowError {
    fn from(error: ViewError) -> Self {
        match error {
            ViewError::GroupId => Self::NotForThisGroup,
            ViewError::Policy(error) => Self::GroupPolicy(error),
            ViewError::Violation(violation) => Self::Policy(violation),
        }
    }
}

fn check_founding(view: &GroupView, creator: (UserId, DeviceId)) -> Result<(), FollowError> {
    if view.epoch != 0 {
        return Err(FollowError::Founding("it is not at epoch 0"));
    }
    let [founder] = view.members.as_slice() else {
        return Err(FollowError::Founding("it has more than one member"));
    };
    if (founder.user, founder.device) != creator {
        return Err(FollowError::Founding("its member is another device"));
    }
    if view.policy.role_of(founder.user) == Some(Role::Owner) {
        Ok(())
    } else {
        Err(FollowError::Founding("its creator is not its owner"))
    }
}

fn decode_group_info(bytes: &[u8]) -> Result<VerifiableGroupInfo, FollowError> {
    let malformed = FollowError::Malformed("group info");
    if bytes.len() > limits::FRAME_BYTES_MAX {
        return Err(malformed);
    }
    let Ok(message) = MlsMessageIn::tls_deserialize_exact(bytes) else {
        return Err(malformed);
    };
    match message.extract() {
        MlsMessageBodyIn::GroupInfo(info) => Ok(info),
        _ => Err(malformed),
    }
}

fn decode_tree(bytes: &[u8]) -> Result<RatchetTreeIn, FollowError> {
    let malformed = FollowError::Malformed("ratchet tree");
    if bytes.len() > limits::TREE_BYTES_MAX {
        return Err(malformed);
    }
    RatchetTreeIn::tls_deserialize_exact(bytes).map_err(|_| malformed)
}
