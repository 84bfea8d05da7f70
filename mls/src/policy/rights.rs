//! Who may do what. Everybody changes their own devices and repairs those of others; admins add
//! members and rule over all but owners; owners rule over everybody, and only they change roles.
//! In a direct conversation both are owners, nobody goes, and each may put the other's new
//! identity in place of the old one. A proof allows what it proves, whatever the role.

use whimbrel_protocol::id::UserId;
use whimbrel_protocol::limits;

use super::change::Change;
use super::{Action, CommitView, GroupView, MemberView, PolicyViolation};
use crate::certificate::Certificate;
use crate::group_policy::Role;
use crate::manifest::Manifest;
use crate::proof::{Proof, ProofError};

/// What a committer may do.
pub(super) struct Rights<'a> {
    before: &'a GroupView,
    user: UserId,
    role: Role,
    direct: bool,
    proof: Option<&'a Proof>,
}

impl<'a> Rights<'a> {
    pub(super) fn of(
        before: &'a GroupView,
        commit: &'a CommitView,
        committer: &MemberView,
    ) -> Result<Self, PolicyViolation> {
        let role = before.policy.role_of(committer.user);
        let proof = commit.proof.as_ref();
        Ok(Self {
            before,
            user: committer.user,
            role: role.ok_or(PolicyViolation::PolicyMismatch)?,
            direct: before.policy.direct,
            proof: proof
                .map_err(|error| PolicyViolation::Proof(*error))?
                .as_ref(),
        })
    }

    pub(super) fn refuse(&self, action: Action) -> PolicyViolation {
        PolicyViolation::NotAllowed {
            user: self.user,
            action,
        }
    }

    /// A proof must be true of this group, and the commit must do something that it allows.
    pub(super) fn check_proof(&self, change: &Change<'_>) -> Result<(), PolicyViolation> {
        let used = match self.proof {
            None => true,
            Some(Proof::Leave(statement)) => {
                let verdict = statement.verify(self.before);
                verdict.map_err(PolicyViolation::Proof)?;
                change.users_removed.contains(&statement.user)
            }
            Some(Proof::Manifest(manifest)) => {
                let entry = self.before.policy.user(manifest.user);
                let is_current =
                    entry.is_some_and(|entry| entry.identity_key == manifest.identity_key);
                let touches = change.removed.iter().any(|view| revokes(manifest, view))
                    || change.added.iter().any(|each| lists(manifest, each));
                (is_current && touches) || self.proves_identity_of(manifest.user, change)
            }
        };
        if used {
            Ok(())
        } else {
            Err(PolicyViolation::Proof(ProofError::Unfitting))
        }
    }

    pub(super) fn check_users(&self, change: &Change<'_>) -> Result<(), PolicyViolation> {
        if change.users_added.len() > limits::COMMIT_ADDS_MAX {
            return Err(PolicyViolation::TooManyAdds);
        }
        if self.direct {
            // Nobody can ever leave, so one user means that the other was never added.
            let other_still_missing = self.before.policy.users.len() == 1;
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
            if !self.rules_over(*user) && !self.proves_end_of(*user, change) {
                return Err(self.refuse(Action::RemoveUser));
            }
        }
        Ok(())
    }

    pub(super) fn check_identities(&self, change: &Change<'_>) -> Result<(), PolicyViolation> {
        for user in change.identities_changed.keys() {
            if !self.direct && !self.rules_over(*user) && !self.proves_identity_of(*user, change) {
                return Err(self.refuse(Action::ReplaceIdentity));
            }
        }
        Ok(())
    }

    /// Devices of users who stay as they are: everybody changes their own, those in charge also
    /// others'. Repairs (a device removed and added again) are free for all.
    pub(super) fn check_devices(&self, change: &Change<'_>) -> Result<(), PolicyViolation> {
        let stays = |user: UserId| {
            !change.users_added.contains(&user)
                && !change.users_removed.contains(&user)
                && !change.identities_changed.contains_key(&user)
        };
        let may_touch = |user: UserId| user == self.user || (!self.direct && self.rules_over(user));
        let manifest = match self.proof {
            Some(Proof::Manifest(manifest)) => Some(manifest),
            _ => None,
        };
        for each in &change.added {
            let proved = manifest.is_some_and(|manifest| lists(manifest, each));
            if stays(each.user) && !may_touch(each.user) && !proved {
                return Err(self.refuse(Action::AddDevice));
            }
        }
        for view in &change.removed {
            let proved = manifest.is_some_and(|manifest| revokes(manifest, view));
            if stays(view.user) && !may_touch(view.user) && !proved {
                return Err(self.refuse(Action::RemoveDevice));
            }
        }
        Ok(())
    }

    /// The roles that a newcomer may be given.
    pub(super) fn may_welcome_as(&self, role: Role) -> bool {
        if self.direct {
            role == Role::Owner
        } else {
            role == Role::Member || self.role == Role::Owner
        }
    }

    pub(super) fn may_change_roles(&self) -> bool {
        !self.direct && self.role == Role::Owner
    }

    /// Users who go because they said so.
    pub(super) fn users_left(&self, change: &Change<'_>) -> Vec<UserId> {
        match self.proof {
            Some(Proof::Leave(statement)) if change.users_removed.contains(&statement.user) => {
                vec![statement.user]
            }
            _ => Vec::new(),
        }
    }

    fn rules_over(&self, user: UserId) -> bool {
        match self.role {
            Role::Owner => true,
            Role::Admin => self.before.policy.role_of(user) != Some(Role::Owner),
            Role::Member => false,
        }
    }

    /// True when the user asked to leave, or has revoked every device that is here.
    fn proves_end_of(&self, user: UserId, change: &Change<'_>) -> bool {
        let mut devices = change.removed.iter().filter(|view| view.user == user);
        match self.proof {
            Some(Proof::Leave(statement)) => statement.user == user,
            Some(Proof::Manifest(manifest)) => devices.all(|view| revokes(manifest, view)),
            None => false,
        }
    }

    /// True when the recovery key that the user's former identity consented to has signed the new
    /// one, and the devices that come are listed under it.
    fn proves_identity_of(&self, user: UserId, change: &Change<'_>) -> bool {
        let Some(Proof::Manifest(manifest)) = self.proof else {
            return false;
        };
        let former = self.before.policy.user(user);
        let mut devices = change.added.iter().filter(|each| each.user == user);
        manifest.user == user
            && change.identities_changed.get(&user) == Some(&manifest.identity_key)
            && former.is_some_and(|former| manifest.recovers(&former.identity_key))
            && devices.all(|each| lists(manifest, each))
    }
}

/// True when the manifest, which fits its user, revokes this leaf.
fn revokes(manifest: &Manifest, view: &MemberView) -> bool {
    manifest.user == view.user && manifest.revokes(view.device)
}

/// True when the manifest lists this very device.
fn lists(manifest: &Manifest, certificate: &Certificate) -> bool {
    manifest.user == certificate.user
        && manifest.certificate(certificate.device) == Some(certificate)
}
