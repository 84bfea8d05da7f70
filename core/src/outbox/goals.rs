//! Goals: from "add Carol" to a commit plan, for the state the group is in now.
//!
//! A goal that lost a race is planned again from what the winner left: what is done already is
//! not done twice.

use std::collections::BTreeMap;

use whimbrel_mls::{CommitPlan, Group, GroupView, KeyPackageInfo, inspect_key_package};
use whimbrel_protocol::frame::ClaimedUser;
use whimbrel_protocol::{DeviceId, UserId, limits};

use super::Intent;
use crate::error::ErrorCode;
use crate::types::Person;

/// What the server has said about people. Never stored.
#[derive(Default)]
pub(crate) struct Directory {
    /// Who has a name, as said on this connection; `None` for nobody.
    pub names: BTreeMap<String, Option<UserId>>,
    /// Key packages that were claimed for a goal and not used yet; an error where there are none.
    pub claims: BTreeMap<UserId, Result<ClaimedUser, ErrorCode>>,
    /// The server's clock when it last said it, to judge expiry by.
    pub server_time_ms: i64,
}

impl Directory {
    /// Forgets what was not found: the next try asks again.
    pub(crate) fn forget_failures(&mut self) {
        self.claims.retain(|_, claim| claim.is_ok());
        self.names.retain(|_, user| user.is_some());
    }
}

/// What it takes to reach a goal.
#[derive(Debug, PartialEq, Eq)]
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
    group: &Group,
    directory: &Directory,
    crypto: &whimbrel_mls::Crypto,
) -> Planned {
    let view = group.view();
    match intent {
        Intent::Add { people } => plan_add(people, view, directory, crypto),
        Intent::Remove { user } => plan_remove(user.user(), view),
        Intent::AddAgain { user, device, .. } => {
            plan_add_again(user.user(), device.device(), view, directory, crypto)
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

fn plan_add_again(
    user: UserId,
    device: DeviceId,
    view: &GroupView,
    directory: &Directory,
    crypto: &whimbrel_mls::Crypto,
) -> Planned {
    let Some(leaf) = view.device(device).map(|member| member.leaf) else {
        return Planned::Reached;
    };
    match directory.claims.get(&user) {
        None => Planned::Claim(vec![user]),
        Some(Err(code)) => Planned::NotNow(*code),
        Some(Ok(claimed)) => {
            let fresh = valid_key_packages(claimed, directory.server_time_ms, crypto)
                .into_iter()
                .find(|(info, _)| info.certificate.device == device);
            let Some((_, bytes)) = fresh else {
                return Planned::NotNow(ErrorCode::Unavailable);
            };
            Planned::Commit(PlannedCommit {
                plan: CommitPlan {
                    add: vec![bytes],
                    remove_leaves: vec![leaf],
                    ..CommitPlan::default()
                },
                welcomed: vec![device],
                claimed: vec![user],
            })
        }
    }
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
