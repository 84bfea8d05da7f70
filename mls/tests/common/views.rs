//! Groups and commits made by hand, without MLS, for the rule.

use whimbrel_mls::{
    Action, CommitView, GroupPolicy, GroupView, LeafView, LeaveStatement, MemberView, PolicyUser,
    PolicyViolation, Proof, ProofError, Role,
};

use super::{Person, conversation, device, person, user_id};

/// Alice and Bob in a direct conversation.
pub fn direct() -> GroupView {
    let (alice, bob) = (person("alice"), person("bob"));
    let policy = GroupPolicy::direct(&alice.device.certificate);
    GroupView {
        conversation: conversation("direct"),
        policy: policy.with_added(vec![entry(&bob, Role::Owner, 1)]),
        members: vec![
            MemberView::new(0, alice.device.certificate),
            MemberView::new(1, bob.device.certificate),
        ],
        epoch: 1,
    }
}

pub fn entry(person: &Person, role: Role, since_epoch: u64) -> PolicyUser {
    PolicyUser {
        user: person.user(),
        identity_key: person.identity.public(),
        role,
        since_epoch,
    }
}

pub fn leaf(person: &Person) -> LeafView {
    LeafView {
        certificate: Ok(person.device.certificate.clone()),
        signature_key: person.device.certificate.device_key.to_vec(),
        lifetime_is_unbounded: true,
    }
}

/// A commit that changes nothing.
pub fn commit(before: &GroupView, committer: u32) -> CommitView {
    CommitView {
        committer: Some(committer),
        adds: Vec::new(),
        removes: Vec::new(),
        other_proposals: 0,
        path: None,
        changes_other_extensions: false,
        policy: Ok(before.policy.clone()),
        epoch: before.epoch + 1,
        proof: Ok(None),
    }
}

/// A commit that removes these leaves and these users.
pub fn removing(before: &GroupView, committer: u32, leaves: &[u32], users: &[&str]) -> CommitView {
    let users: Vec<_> = users.iter().map(|name| user_id(name)).collect();
    CommitView {
        removes: leaves.to_vec(),
        policy: Ok(before.policy.with_removed(&users)),
        ..commit(before, committer)
    }
}

pub fn giving(before: &GroupView, committer: u32, roles: &[(&str, Role)]) -> CommitView {
    let roles: Vec<_> = roles
        .iter()
        .map(|(name, role)| (user_id(name), *role))
        .collect();
    CommitView {
        policy: Ok(before.policy.with_roles(&roles)),
        ..commit(before, committer)
    }
}

pub fn refused(name: &str, action: Action) -> PolicyViolation {
    PolicyViolation::NotAllowed {
        user: user_id(name),
        action,
    }
}

/// Alice (owner, leaf 0), Bob (admin, leaf 1), Carol (member, leaves 2 and 3), Dave (member,
/// leaf 4), at epoch 7.
pub fn small_group() -> GroupView {
    let people = [
        (person("alice"), Role::Owner),
        (person("bob"), Role::Admin),
        (person("carol"), Role::Member),
        (device("carol", 2), Role::Member),
        (person("dave"), Role::Member),
    ];
    let mut policy = GroupPolicy::group(&people[0].0.device.certificate);
    for (person, role) in &people[1..] {
        policy = policy.with_added(vec![entry(person, *role, 3)]);
    }
    let members = (0..).zip(&people);
    GroupView {
        conversation: conversation("group"),
        members: members
            .map(|(leaf, (person, _))| MemberView::new(leaf, person.device.certificate.clone()))
            .collect(),
        policy,
        epoch: 7,
    }
}

pub fn with_proof(proof: Proof, commit: CommitView) -> CommitView {
    CommitView {
        proof: Ok(Some(proof)),
        ..commit
    }
}

pub fn leave(person: &Person, place: &str, since_epoch: u64) -> Proof {
    let conversation = conversation(place);
    Proof::Leave(LeaveStatement::sign(
        &person.device,
        conversation,
        since_epoch,
    ))
}

pub fn proof_error(error: ProofError) -> PolicyViolation {
    PolicyViolation::Proof(error)
}
