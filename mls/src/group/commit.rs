//! Own commits: staged here, sent by the caller, merged when the log reaches them, or discarded
//! when another commit won.

use std::collections::BTreeSet;

use openmls::prelude::*;
use whimbrel_protocol::id::UserId;

use super::{Group, check_pending, encode};
use crate::config::group_extensions;
use crate::device::Device;
use crate::error::MlsError;
use crate::group_policy::{GroupPolicy, PolicyUser, Role};
use crate::key_package::{KeyPackageInfo, validate_key_package};
use crate::proof::{ENVELOPE_DATA_BYTES, Proof};
use crate::provider::{Crypto, Provider};

/// What a commit is to do. The group derives the new policy itself.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CommitPlan {
    /// Key packages of the devices to add.
    pub add: Vec<Vec<u8>>,
    /// Leaves to remove. With two or more, OpenMLS puts them into the commit in random order: a
    /// replay that compares bytes needs one removal per commit.
    pub remove_leaves: Vec<u32>,
    /// New roles, of users who stay or come.
    pub roles: Vec<(UserId, Role)>,
    /// Whether this device gets new keys though nothing else asks for it.
    pub rotate: bool,
    /// What allows the commit where the role of this device's user does not.
    pub proof: Option<Proof>,
}

/// A commit that waits for its place in the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StagedCommit {
    /// The commit, for everybody in the group.
    pub commit: Vec<u8>,
    /// The Welcome, for the devices that were added.
    pub welcome: Option<Vec<u8>>,
}

impl Group {
    /// Makes a commit and keeps it as the pending one. The plan's proof is appended to `aad`, and
    /// taken off again by whoever processes the commit.
    ///
    /// # Errors
    /// The group is as before. [`MlsError::Policy`] when the rule refuses the commit: then all
    /// other members would, too. [`MlsError::Malformed`] when `aad` is longer than
    /// [`crate::ENVELOPE_DATA_BYTES`], or shorter though the plan has a proof.
    pub fn stage_commit(
        &mut self,
        crypto: &Crypto,
        device: &Device,
        plan: &CommitPlan,
        aad: &[u8],
    ) -> Result<StagedCommit, MlsError> {
        if !self.is_active() {
            return Err(MlsError::Inactive);
        }
        self.check_device(device)?;
        if self.has_pending_commit() {
            return Err(MlsError::PendingCommit);
        }
        let changes = Changes::of(self, crypto, plan)?;
        let proof = plan.proof.as_ref().map(Proof::encode);
        // What stands behind these bytes is read as a proof.
        let fits = match &proof {
            Some(_) => aad.len() == ENVELOPE_DATA_BYTES,
            None => aad.len() <= ENVELOPE_DATA_BYTES,
        };
        if !fits {
            return Err(MlsError::Malformed("authenticated data"));
        }
        let aad = [aad, proof.as_deref().unwrap_or_default()].concat();
        self.on_a_layer(|group| {
            let staged = group.build(crypto, device, changes, plan.rotate, aad)?;
            group.store.set_pending_proof(proof.as_deref())?;
            check_pending(group)?;
            Ok(staged)
        })
    }

    /// Forgets the pending commit: it was refused, or another one came first.
    ///
    /// # Errors
    /// [`MlsError::NoPendingCommit`] when there is none.
    pub fn discard_pending_commit(&mut self) -> Result<(), MlsError> {
        if !self.has_pending_commit() {
            return Err(MlsError::NoPendingCommit);
        }
        self.on_a_layer(|group| {
            group.mls.clear_pending_commit(&group.store)?;
            group.store.set_pending_proof(None)?;
            Ok(())
        })
    }

    fn build(
        &mut self,
        crypto: &Crypto,
        device: &Device,
        changes: Changes,
        rotate: bool,
        aad: Vec<u8>,
    ) -> Result<StagedCommit, MlsError> {
        let refused = |error: CreateCommitError| MlsError::InvalidCommit(error.into());
        self.mls.set_aad(aad);
        let mut builder = self
            .mls
            .commit_builder()
            .consume_proposal_store(false)
            .force_self_update(rotate)
            .propose_adds(changes.add)
            .propose_removals(changes.remove);
        if let Some(policy) = changes.policy {
            let extensions = group_extensions(&policy.encode())
                .map_err(|error| MlsError::Library("the group's extensions", error.into()))?;
            builder = builder
                .propose_group_context_extensions(extensions)
                .map_err(refused)?;
        }
        let bundle = builder
            .load_psks(&self.store)
            .map_err(refused)?
            .build(crypto, crypto, device.signer(), |_| true)
            .map_err(refused)?
            .stage_commit(&Provider::new(crypto, &self.store))
            .map_err(|error| MlsError::Library("staging a commit", error.into()))?;
        let (commit, welcome, _) = bundle.into_messages();
        Ok(StagedCommit {
            commit: encode(&commit)?,
            welcome: welcome.as_ref().map(encode).transpose()?,
        })
    }
}

/// A plan, checked and worked out.
struct Changes {
    add: Vec<KeyPackage>,
    remove: Vec<LeafNodeIndex>,
    /// The new policy, when it differs from the old one.
    policy: Option<GroupPolicy>,
}

impl Changes {
    fn of(group: &Group, crypto: &Crypto, plan: &CommitPlan) -> Result<Self, MlsError> {
        let mut add = Vec::with_capacity(plan.add.len());
        let mut infos = Vec::with_capacity(plan.add.len());
        for bytes in &plan.add {
            let (key_package, info) = validate_key_package(crypto, bytes)?;
            add.push(key_package);
            infos.push(info);
        }
        let remove: BTreeSet<u32> = plan.remove_leaves.iter().copied().collect();
        let after = policy_after(group, &infos, &remove, &plan.roles);
        let policy = (after != *group.policy()).then_some(after);
        if add.is_empty() && remove.is_empty() && policy.is_none() && !plan.rotate {
            return Err(MlsError::EmptyPlan);
        }
        Ok(Self {
            add,
            remove: remove.into_iter().map(LeafNodeIndex::new).collect(),
            policy,
        })
    }
}

/// The policy that follows from a change of members: users without a leaf go, new ones come as
/// members (in a direct conversation as owners), and whoever comes back by another identity key
/// keeps the role.
fn policy_after(
    group: &Group,
    added: &[KeyPackageInfo],
    removed: &BTreeSet<u32>,
    roles: &[(UserId, Role)],
) -> GroupPolicy {
    let before = group.policy();
    let stays = group
        .members()
        .iter()
        .filter(|member| !removed.contains(&member.leaf))
        .map(|member| member.user);
    let stays: BTreeSet<UserId> = stays.collect();
    let comes = |user: UserId| added.iter().any(|info| info.certificate.user == user);
    let gone: Vec<UserId> = before
        .users
        .iter()
        .map(|entry| entry.user)
        .filter(|user| !stays.contains(user) && !comes(*user))
        .collect();
    let default = if before.direct {
        Role::Owner
    } else {
        Role::Member
    };
    let mut newcomers: Vec<PolicyUser> = Vec::new();
    for info in added {
        let certificate = &info.certificate;
        let known = before.user(certificate.user);
        let replaced = !stays.contains(&certificate.user)
            && known.is_some_and(|entry| entry.identity_key != certificate.identity_key);
        if known.is_none() || replaced {
            newcomers.push(PolicyUser {
                user: certificate.user,
                identity_key: certificate.identity_key,
                role: known.map_or(default, |entry| entry.role),
                since_epoch: group.epoch() + 1,
            });
        }
    }
    before
        .with_removed(&gone)
        .with_added(newcomers)
        .with_roles(roles)
}
