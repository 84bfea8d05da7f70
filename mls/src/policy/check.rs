//! The rule itself. Signs of a newer version come first, so that an old client stops rather than
//! judges; then the shape of the change, then the right to make it, then the policy it leads to.

use std::collections::BTreeSet;

use whimbrel_protocol::id::UserId;

use super::change::{Change, count_devices, verified_leaf};
use super::rights::Rights;
use super::{Action, CommitSummary, CommitView, GroupView, Member, MemberView, PolicyViolation};
use crate::group_policy::{GroupPolicy, GroupPolicyError, PolicyUser, Role};
use crate::proof::ProofError;

/// Judges a commit by the group before it.
///
/// # Errors
/// The first way in which the commit breaks the rule.
pub fn check_commit(
    before: &GroupView,
    commit: &CommitView,
) -> Result<CommitSummary, PolicyViolation> {
    let committer = commit
        .committer
        .and_then(|leaf| before.member(leaf))
        .ok_or(PolicyViolation::ExternalCommit)?;
    if let Err(GroupPolicyError::UnknownVersion(version)) = commit.policy {
        return Err(PolicyViolation::UnknownPolicyVersion(version));
    }
    if let Err(error @ ProofError::UnknownVersion(_)) = commit.proof {
        return Err(PolicyViolation::Proof(error));
    }
    if commit.other_proposals > 0 {
        return Err(PolicyViolation::ProposalType);
    }
    if commit.changes_other_extensions {
        return Err(PolicyViolation::Extensions);
    }
    check_path(commit, committer)?;
    let change = Change::of(before, commit, committer)?;
    let rights = Rights::of(before, commit, committer)?;
    rights.check_proof(&change)?;
    rights.check_users(&change)?;
    rights.check_identities(&change)?;
    rights.check_devices(&change)?;
    let after = commit
        .policy
        .as_ref()
        .map_err(|error| PolicyViolation::Policy(*error))?;
    let roles_changed = check_policy(before, commit, &change, &rights, after)?;
    let members = |certificates: &[&crate::Certificate]| -> Vec<Member> {
        certificates.iter().map(|each| Member::of(each)).collect()
    };
    Ok(CommitSummary {
        committer: (committer.user, committer.device),
        epoch: commit.epoch,
        added: members(&change.added),
        removed: change
            .removed
            .iter()
            .map(|view| Member::of(&view.certificate))
            .collect(),
        re_added: members(&change.re_added),
        users_left: rights.users_left(&change),
        users_added: change.users_added.into_iter().collect(),
        users_removed: change.users_removed.into_iter().collect(),
        identities_changed: change.identities_changed.into_iter().collect(),
        roles_changed,
        rotated: commit.path.is_some(),
    })
}

/// Judges a whole group, when it is founded or joined: its members, their certificates having
/// been verified, and its policy have to fit each other.
///
/// # Errors
/// The first way in which the group breaks the rule.
pub fn check_group(group: &GroupView) -> Result<(), PolicyViolation> {
    count_devices(group.members.iter().map(|view| (view.device, view.user)))?;
    let users: BTreeSet<UserId> = group.members.iter().map(|view| view.user).collect();
    let listed: BTreeSet<UserId> = group.policy.users.iter().map(|entry| entry.user).collect();
    let epochs_fit = group
        .policy
        .users
        .iter()
        .all(|entry| entry.since_epoch <= group.epoch);
    if users != listed || !epochs_fit {
        return Err(PolicyViolation::PolicyMismatch);
    }
    for member in &group.members {
        let listed = group.policy.user(member.user);
        if listed.is_none_or(|entry| entry.identity_key != member.identity_key) {
            return Err(PolicyViolation::IdentityMismatch(member.user));
        }
    }
    if group.policy.has_owner() {
        Ok(())
    } else {
        Err(PolicyViolation::LastOwner)
    }
}

/// The committer's new leaf must be the old one but for its encryption key.
fn check_path(commit: &CommitView, committer: &MemberView) -> Result<(), PolicyViolation> {
    let Some(leaf) = &commit.path else {
        return Ok(());
    };
    if *verified_leaf(leaf)? == committer.certificate {
        Ok(())
    } else {
        Err(PolicyViolation::CredentialChanged)
    }
}

/// The new policy must be the old one, less the users who went, plus those who came; whoever got
/// another identity key is a member since now. Only roles may differ, where the committer may
/// change them. Returns the roles that changed.
fn check_policy(
    before: &GroupView,
    commit: &CommitView,
    change: &Change<'_>,
    rights: &Rights<'_>,
    after: &GroupPolicy,
) -> Result<Vec<(UserId, Role)>, PolicyViolation> {
    let listed: BTreeSet<UserId> = after.users.iter().map(|entry| entry.user).collect();
    let fits = listed == change.users_after
        && listed.len() == after.users.len()
        && after.version == before.policy.version
        && after.direct == before.policy.direct;
    if !fits {
        return Err(PolicyViolation::PolicyMismatch);
    }
    let mut roles_changed = Vec::new();
    for entry in &after.users {
        match before.policy.user(entry.user) {
            Some(old) if !change.users_added.contains(&entry.user) => {
                check_staying(commit, change, old, entry)?;
                if old.role != entry.role {
                    if !rights.may_change_roles() {
                        return Err(rights.refuse(Action::ChangeRole));
                    }
                    roles_changed.push((entry.user, entry.role));
                }
            }
            _ => check_newcomer(commit, change, rights, entry)?,
        }
    }
    if after.has_owner() {
        Ok(roles_changed)
    } else {
        Err(PolicyViolation::LastOwner)
    }
}

fn check_staying(
    commit: &CommitView,
    change: &Change<'_>,
    old: &PolicyUser,
    entry: &PolicyUser,
) -> Result<(), PolicyViolation> {
    let replaced = change.identities_changed.get(&entry.user);
    if replaced.is_some_and(|identity_key| *identity_key != entry.identity_key) {
        return Err(PolicyViolation::IdentityMismatch(entry.user));
    }
    let (identity_key, since_epoch) = match replaced {
        Some(identity_key) => (*identity_key, commit.epoch),
        None => (old.identity_key, old.since_epoch),
    };
    if (entry.identity_key, entry.since_epoch) == (identity_key, since_epoch) {
        Ok(())
    } else {
        Err(PolicyViolation::PolicyMismatch)
    }
}

fn check_newcomer(
    commit: &CommitView,
    change: &Change<'_>,
    rights: &Rights<'_>,
    entry: &PolicyUser,
) -> Result<(), PolicyViolation> {
    if entry.since_epoch != commit.epoch {
        return Err(PolicyViolation::PolicyMismatch);
    }
    let mut devices = change.added.iter().filter(|each| each.user == entry.user);
    if devices.any(|each| each.identity_key != entry.identity_key) {
        return Err(PolicyViolation::IdentityMismatch(entry.user));
    }
    if rights.may_welcome_as(entry.role) {
        Ok(())
    } else {
        Err(rights.refuse(Action::ChangeRole))
    }
}
