//! Goals: from "add Carol" to a commit plan, for the state the group is in now.
//!
//! A goal that lost a race is planned again from what the winner left: what is done already is
//! not done twice.

use std::collections::{BTreeMap, BTreeSet};

use whimbrel_mls::{
    CommitPlan, Group, GroupView, KeyPackageInfo, LeaveStatement, Manifest, Proof,
    inspect_key_package,
};
use whimbrel_protocol::frame::{ClaimedDevice, ClaimedUser};
use whimbrel_protocol::{DeviceId, UserId, limits};

use super::{Hex, Intent};
use crate::error::ErrorCode;
use crate::types::{Person, Role};

/// What the server has said about people. Never stored.
#[derive(Default)]
pub(crate) struct Directory {
    /// Who has a name, as said on this connection; `None` for nobody.
    pub names: BTreeMap<String, Option<UserId>>,
    /// Key packages that were claimed for a goal and not used yet; an error where there are none.
    pub claims: BTreeMap<UserId, Result<ClaimedUser, ErrorCode>>,
    /// Devices whose claimed key package is used up, while those of others of its user are left.
    pub used: BTreeSet<DeviceId>,
    /// Devices that had no key package, and when they are asked for again.
    pub absent: BTreeMap<DeviceId, Absence>,
    /// The server's clock when it last said it, to judge expiry by.
    pub server_time_ms: i64,
}

/// A device that had no key package.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Absence {
    /// Not asked for again before, by the wall clock.
    pub until_ms: i64,
    pause_ms: i64,
}

/// First pause before a device without a key package is asked for again; doubled each time.
const ABSENT_MS: i64 = 1_000;
/// Longest such pause.
const ABSENT_MS_MAX: i64 = 600_000;

impl Directory {
    /// Whether a device had no key package and is not to be asked for again yet.
    pub(crate) fn is_absent(&self, device: DeviceId, now_ms: i64) -> bool {
        let absence = self.absent.get(&device);
        absence.is_some_and(|absence| absence.until_ms > now_ms)
    }

    /// The key package of a device is used up: forgets what is left of its claim, so that the next
    /// try claims another. Says whether that was the case.
    pub(crate) fn claim_again(&mut self, user: UserId, device: DeviceId) -> bool {
        let was_used = self.used.remove(&device);
        if was_used {
            self.claims.remove(&user);
        }
        was_used
    }

    /// Remembers that a device had no key package. Its user is asked for anew after a pause, once
    /// for all conversations that wait for it. Says until when.
    pub(crate) fn note_absent(&mut self, user: UserId, device: DeviceId, now_ms: i64) -> i64 {
        let absence = self.absent.entry(device).or_insert(Absence {
            until_ms: now_ms,
            pause_ms: ABSENT_MS,
        });
        if absence.until_ms <= now_ms {
            absence.pause_ms = (absence.pause_ms * 2).min(ABSENT_MS_MAX);
            absence.until_ms = now_ms.saturating_add(absence.pause_ms);
            self.claims.remove(&user);
        }
        absence.until_ms
    }

    /// Key packages have come: their devices are not absent, whatever was found before. Says
    /// whether one was.
    pub(crate) fn note_claimed(&mut self, claimed: ClaimedUser) -> bool {
        let absent = self.absent.len();
        for device in &claimed.devices {
            self.absent.remove(&device.device);
            self.used.remove(&device.device);
        }
        self.claims.insert(claimed.user, Ok(claimed));
        self.absent.len() < absent
    }

    /// Forgets what was not found: the next try asks again.
    pub(crate) fn forget_failures(&mut self) {
        self.claims.retain(|_, claim| claim.is_ok());
        self.names.retain(|_, user| user.is_some());
    }

    /// Forgets key packages that serve for nothing: the next try claims others.
    pub(crate) fn forget_useless(&mut self, crypto: &whimbrel_mls::Crypto) {
        let now_ms = self.server_time_ms;
        self.claims.retain(|_, claim| match claim {
            Ok(claimed) => !valid_key_packages(claimed, now_ms, crypto).is_empty(),
            Err(_) => true,
        });
    }

    /// The key packages of a commit are used up. Those of own devices that it did not add serve
    /// for the next commit; of other users all devices come at once, or none.
    pub(crate) fn use_up(&mut self, planned: &PlannedCommit, own: UserId) {
        self.absent
            .retain(|device, _| !planned.welcomed.contains(device));
        self.used.extend(&planned.welcomed);
        self.claims.retain(|user, claim| {
            if !planned.claimed.contains(user) {
                return true;
            }
            let Ok(claimed) = claim else { return false };
            let left = |device: &ClaimedDevice| !planned.welcomed.contains(&device.device);
            claimed.devices.retain(left);
            *user == own && !claimed.devices.is_empty()
        });
    }
}

/// What it takes to reach a goal.
#[derive(Debug, PartialEq, Eq)]
#[allow(
    clippy::large_enum_variant,
    reason = "there is one at a time, and it is not kept"
)]
pub(crate) enum Planned {
    /// A commit.
    Commit(PlannedCommit),
    /// Nothing: it is reached already.
    Reached,
    /// First ask who these are.
    FindUsers(Vec<String>),
    /// First claim key packages of these.
    Claim(Vec<UserId>),
    /// It can't be reached.
    Impossible(ErrorCode),
    /// It can't be reached now.
    NotNow(ErrorCode),
    /// Its time has not come.
    Wait,
}

/// A plan, and whom its Welcome is for.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct PlannedCommit {
    pub plan: CommitPlan,
    pub welcomed: Vec<DeviceId>,
    /// Users whose claimed key packages the commit uses up.
    pub claimed: Vec<UserId>,
}

/// Plans the commit for an intent that is a goal, other than a create.
pub(crate) fn plan(
    intent: &Intent,
    own: UserId,
    group: &Group,
    directory: &Directory,
    crypto: &whimbrel_mls::Crypto,
) -> Planned {
    let view = group.view();
    match intent {
        Intent::Add { people } => plan_add(people, view, directory, crypto),
        Intent::Remove { user } => plan_remove(user.user(), view),
        Intent::SetRoles { roles } => plan_roles(roles, view),
        Intent::AddAgain { user, device, .. } => {
            plan_admission(user.user(), device.device(), own, view, directory, crypto)
        }
        Intent::AddDevice { device } if view.device(device.device()).is_some() => Planned::Reached,
        Intent::AddDevice { device } => {
            plan_admission(own, device.device(), own, view, directory, crypto)
        }
        Intent::Rotate => Planned::Commit(PlannedCommit {
            plan: CommitPlan {
                rotate: true,
                ..CommitPlan::default()
            },
            ..PlannedCommit::default()
        }),
        _ => Planned::Reached,
    }
}

/// The users that these people are, or the names to ask for.
pub(crate) fn resolve(
    people: &[Person],
    directory: &Directory,
) -> Result<Vec<UserId>, Box<Planned>> {
    let mut users = Vec::with_capacity(people.len());
    let mut unknown = Vec::new();
    for person in people {
        match person {
            Person::Id(user) => users.push(*user),
            Person::Username(name) => match directory.names.get(name) {
                Some(Some(user)) => users.push(*user),
                Some(None) => return Err(Box::new(Planned::Impossible(ErrorCode::NoSuchUser))),
                None => unknown.push(name.clone()),
            },
        }
    }
    if !unknown.is_empty() {
        return Err(Box::new(Planned::FindUsers(unknown)));
    }
    users.sort_unstable();
    users.dedup();
    Ok(users)
}

fn plan_add(
    people: &[Person],
    view: &GroupView,
    directory: &Directory,
    crypto: &whimbrel_mls::Crypto,
) -> Planned {
    let users = match resolve(people, directory) {
        Ok(users) => users,
        Err(planned) => return *planned,
    };
    let missing: Vec<UserId> = users
        .into_iter()
        .filter(|user| view.policy.user(*user).is_none())
        .collect();
    if missing.is_empty() {
        return Planned::Reached;
    }
    if missing.len() > limits::COMMIT_ADDS_MAX {
        return Planned::Impossible(ErrorCode::TooLarge);
    }
    let unclaimed: Vec<UserId> = missing
        .iter()
        .copied()
        .filter(|user| !directory.claims.contains_key(user))
        .collect();
    if !unclaimed.is_empty() {
        return Planned::Claim(unclaimed);
    }
    let mut commit = PlannedCommit::default();
    for user in missing {
        match directory.claims.get(&user) {
            Some(Ok(claimed)) => {
                let valid = valid_key_packages(claimed, directory.server_time_ms, crypto);
                if valid.is_empty() {
                    return Planned::NotNow(ErrorCode::Unavailable);
                }
                for (info, bytes) in valid {
                    commit.welcomed.push(info.certificate.device);
                    commit.plan.add.push(bytes);
                }
                commit.claimed.push(user);
            }
            Some(Err(ErrorCode::NoSuchUser)) => {
                return Planned::Impossible(ErrorCode::NoSuchUser);
            }
            Some(Err(code)) => return Planned::NotNow(*code),
            None => return Planned::Claim(vec![user]),
        }
    }
    Planned::Commit(commit)
}

fn plan_remove(user: UserId, view: &GroupView) -> Planned {
    let leaves: Vec<u32> = view
        .members
        .iter()
        .filter(|member| member.user == user)
        .map(|member| member.leaf)
        .collect();
    if leaves.is_empty() {
        return Planned::Reached;
    }
    Planned::Commit(PlannedCommit {
        plan: CommitPlan {
            remove_leaves: leaves,
            ..CommitPlan::default()
        },
        ..PlannedCommit::default()
    })
}

/// Users who went meanwhile need no role any more.
fn plan_roles(roles: &[(Hex, Role)], view: &GroupView) -> Planned {
    let wanted = roles
        .iter()
        .map(|(user, role)| (user.user(), of_mls(*role)));
    let roles: Vec<_> = wanted
        .filter(|(user, role)| {
            let now = view.policy.role_of(*user);
            now.is_some_and(|now| now != *role)
        })
        .collect();
    if roles.is_empty() {
        return Planned::Reached;
    }
    Planned::Commit(PlannedCommit {
        plan: CommitPlan {
            roles,
            ..CommitPlan::default()
        },
        ..PlannedCommit::default()
    })
}

const fn of_mls(role: Role) -> whimbrel_mls::Role {
    match role {
        Role::Owner => whimbrel_mls::Role::Owner,
        Role::Admin => whimbrel_mls::Role::Admin,
        Role::Member => whimbrel_mls::Role::Member,
    }
}

/// Longest wait that a let-go can ask for; more is a clock that was wrong.
const LET_GO_WAIT_MS_MAX: i64 = 60_000;

/// The commit that carries out that a user leaves, with the user's statement as its proof.
pub(crate) fn plan_let_go(
    user: UserId,
    not_before_ms: i64,
    now_ms: i64,
    statement: Option<&[u8]>,
    group: &Group,
) -> Planned {
    let statement = statement.and_then(|bytes| LeaveStatement::decode(bytes).ok());
    let Some(statement) = statement.filter(|each| each.verify(group.view()).is_ok()) else {
        // Another member's client was faster, or the user is in again by another membership.
        return Planned::Reached;
    };
    let wait_ms = not_before_ms.saturating_sub(now_ms);
    if (1..=LET_GO_WAIT_MS_MAX).contains(&wait_ms) {
        return Planned::Wait;
    }
    match plan_remove(user, group.view()) {
        Planned::Commit(mut planned) => {
            planned.plan.proof = Some(Proof::Leave(statement));
            Planned::Commit(planned)
        }
        other => other,
    }
}

/// Adds a device of a user who is in the group. A leaf that it has already makes room; where the
/// user goes by another identity now, all former leaves do.
fn plan_admission(
    user: UserId,
    device: DeviceId,
    own: UserId,
    view: &GroupView,
    directory: &Directory,
    crypto: &whimbrel_mls::Crypto,
) -> Planned {
    let Some(entry) = view.policy.user(user) else {
        return Planned::Reached;
    };
    let claimed = match directory.claims.get(&user) {
        None => return Planned::Claim(vec![user]),
        Some(Err(code)) => return Planned::NotNow(*code),
        Some(Ok(claimed)) => claimed,
    };
    let fresh = valid_key_packages(claimed, directory.server_time_ms, crypto)
        .into_iter()
        .find(|(info, _)| info.certificate.device == device);
    let Some((info, bytes)) = fresh else {
        return Planned::NotNow(ErrorCode::Unavailable);
    };
    let is_another = info.certificate.identity_key != entry.identity_key;
    let manifest = Manifest::decode_and_verify(&claimed.manifest).ok();
    // Repairs are free for all; the right to add a device of somebody else is its user's word, and
    // the recovery key's word is a right to put another identity in the place of the former one.
    let proof = manifest.filter(|manifest| match is_another {
        true => manifest.recovers(&entry.identity_key),
        false => user != own && view.device(device).is_none(),
    });
    let makes_room = view
        .members
        .iter()
        .filter(|member| member.device == device || (is_another && member.user == user));
    Planned::Commit(PlannedCommit {
        plan: CommitPlan {
            add: vec![bytes],
            remove_leaves: makes_room.map(|member| member.leaf).collect(),
            proof: proof.map(Proof::Manifest),
            ..CommitPlan::default()
        },
        welcomed: vec![device],
        claimed: vec![user],
    })
}

/// Removes a device that the newest manifest of its user revokes. That manifest is the right to do
/// so in the group of another user.
pub(crate) fn plan_revocation(
    device: DeviceId,
    manifest: &Manifest,
    own: UserId,
    view: &GroupView,
) -> Planned {
    let Some(member) = view.device(device) else {
        return Planned::Reached;
    };
    let is_last = view
        .members
        .iter()
        .filter(|other| other.user == member.user)
        .count()
        == 1;
    // The user would go with the last device; it is removed once another one is there. What the
    // manifest of another identity says has to wait for that identity to come in.
    let known = view
        .policy
        .user(member.user)
        .map(|entry| entry.identity_key);
    if is_last || known != Some(manifest.identity_key) || !manifest.revokes(device) {
        return Planned::Reached;
    }
    Planned::Commit(PlannedCommit {
        plan: CommitPlan {
            remove_leaves: vec![member.leaf],
            proof: (member.user != own).then(|| Proof::Manifest(manifest.clone())),
            ..CommitPlan::default()
        },
        ..PlannedCommit::default()
    })
}

/// The key packages that are what the server says, and not expired by the server's clock. The
/// server is not believed about whose they are: the certificate inside says it.
fn valid_key_packages(
    claimed: &ClaimedUser,
    server_time_ms: i64,
    crypto: &whimbrel_mls::Crypto,
) -> Vec<(KeyPackageInfo, Vec<u8>)> {
    let now_s = u64::try_from(server_time_ms / 1000).unwrap_or(0);
    claimed
        .devices
        .iter()
        .filter_map(|device| {
            let info = inspect_key_package(crypto, &device.key_package).ok()?;
            let genuine = info.certificate.user == claimed.user
                && info.certificate.device == device.device
                && !info.is_expired(now_s);
            genuine.then(|| (info, device.key_package.clone()))
        })
        .collect()
}
