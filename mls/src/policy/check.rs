//! The rule itself. Signs of a newer version come first, so that an old client stops rather than
//! judges; then the shape of the change, then the right to make it, then the policy it leads to.

use std::collections::BTreeSet;

use whimbrel_protocol::id::UserId;
use whimbrel_protocol::limits;

use super::change::{Change, count_devices, verified_leaf};
use super::{Action, CommitSummary, CommitView, GroupView, Member, MemberView, PolicyViolation};
use crate::group_policy::{GroupPolicy, GroupPolicyError, PolicyUser, Role};

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
    if commit.other_proposals > 0 {
        return Err(PolicyViolation::ProposalType);
    }
    if commit.changes_other_extensions {
        return Err(PolicyViolation::Extensions);
    }
    check_path(commit, committer)?;
    let change = Change::of(before, commit, committer)?;
    check_identities(before, &change)?;
    let rights = Rights::of(before, committer)?;
    rights.check_users(before, &change)?;
    rights.check_devices(before, &change)?;
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
        users_added: change.users_added.into_iter().collect(),
        users_removed: change.users_removed.into_iter().collect(),
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

/// Devices that come to a user who stays are signed by the identity key that the group knows.
fn check_identities(before: &GroupView, change: &Change<'_>) -> Result<(), PolicyViolation> {
    for certificate in &change.added {
        let known = before.policy.user(certificate.user);
        if known.is_some_and(|entry| entry.identity_key != certificate.identity_key) {
            return Err(PolicyViolation::IdentityMismatch(certificate.user));
        }
    }
    Ok(())
}

/// What a committer may do.
struct Rights {
    user: UserId,
    role: Role,
    direct: bool,
}

impl Rights {
    fn of(before: &GroupView, committer: &MemberView) -> Result<Self, PolicyViolation> {
        let role = before.policy.role_of(committer.user);
        Ok(Self {
            user: committer.user,
            role: role.ok_or(PolicyViolation::PolicyMismatch)?,
            direct: before.policy.direct,
        })
    }

    fn refuse(&self, action: Action) -> PolicyViolation {
        PolicyViolation::NotAllowed {
            user: self.user,
            action,
        }
    }

    /// An owner may act on everybody, an admin on everybody but owners.
    fn rules_over(&self, before: &GroupView, user: UserId) -> bool {
        match self.role {
            Role::Owner => true,
            Role::Admin => before.policy.role_of(user) != Some(Role::Owner),
            Role::Member => false,
        }
    }

    fn check_users(&self, before: &GroupView, change: &Change<'_>) -> Result<(), PolicyViolation> {
        if change.users_added.len() > limits::COMMIT_ADDS_MAX {
            return Err(PolicyViolation::TooManyAdds);
        }
        if self.direct {
            // Nobody can ever leave, so one user means that the other was never added.
            let other_still_missing = before.policy.users.len() == 1;
            let opens = other_still_missing && change.users_added.len() == 1;
            return if change.users_removed.is_empty() && (opens || change.users_added.is_empty()) {
                Ok(())
            } else {
                Err(PolicyViolation::DirectIsClosed)
            };
        }
        if !change.users_added.is_empty() && self.role == Role::Member {
            return Err(self.refuse(Action::AddUser));
        }
        for user in &change.users_removed {
            if !self.rules_over(before, *user) {
                return Err(self.refuse(Action::RemoveUser));
            }
        }
        Ok(())
    }

    /// Devices of users who stay: everybody changes their own, those in charge also others'.
    /// Repairs (a device removed and added again) are free for all.
    fn check_devices(
        &self,
        before: &GroupView,
        change: &Change<'_>,
    ) -> Result<(), PolicyViolation> {
        let may_touch =
            |user: UserId| user == self.user || (!self.direct && self.rules_over(before, user));
        for certificate in &change.added {
            let user = certificate.user;
            if !change.users_added.contains(&user) && !may_touch(user) {
                return Err(self.refuse(Action::AddDevice));
            }
        }
        for view in &change.removed {
            if !change.users_removed.contains(&view.user) && !may_touch(view.user) {
                return Err(self.refuse(Action::RemoveDevice));
            }
        }
        Ok(())
    }

    /// The roles that a newcomer may be given.
    fn may_welcome_as(&self, role: Role) -> bool {
        if self.direct {
            role == Role::Owner
        } else {
            role == Role::Member || self.role == Role::Owner
        }
    }
}

/// The new policy must be the old one, less the users who went, plus those who came; only roles
/// may differ, where the committer may change them. Returns the roles that changed.
fn check_policy(
    before: &GroupView,
    commit: &CommitView,
    change: &Change<'_>,
    rights: &Rights,
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
                if (old.identity_key, old.since_epoch) != (entry.identity_key, entry.since_epoch) {
                    return Err(PolicyViolation::PolicyMismatch);
                }
                if old.role != entry.role {
                    if rights.direct || rights.role != Role::Owner {
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

fn check_newcomer(
    commit: &CommitView,
    change: &Change<'_>,
    rights: &Rights,
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
