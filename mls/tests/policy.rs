//! The rule, case by case, on views made by hand: no MLS is involved.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod common;

use common::views::{commit, direct, entry, giving, leaf, refused, removing};
use common::{Person, conversation, device, device_with_identity, person, user_id};
use whimbrel_mls::{
    Action, CommitView, GroupPolicy, GroupPolicyError, GroupView, IdentityError, LeafView,
    MemberView, PolicyViolation, Role, check_commit, check_group,
};

/// Alice (owner, leaf 0), Bob (admin, leaves 1 and 2), Carol and Dave (members, leaves 3 and 4),
/// Erin (owner, leaf 5), at epoch 7.
fn group() -> GroupView {
    let people = [
        (person("alice"), Role::Owner),
        (person("bob"), Role::Admin),
        (device("bob", 2), Role::Admin),
        (person("carol"), Role::Member),
        (person("dave"), Role::Member),
        (person("erin"), Role::Owner),
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

/// A commit that adds these people as new users.
fn adding(before: &GroupView, committer: u32, people: &[&Person], role: Role) -> CommitView {
    let entries = people
        .iter()
        .map(|each| entry(each, role, before.epoch + 1));
    CommitView {
        adds: people.iter().map(|each| leaf(each)).collect(),
        policy: Ok(before.policy.with_added(entries.collect())),
        ..commit(before, committer)
    }
}

#[test]
fn what_is_allowed() {
    let before = group();
    let frank = person("frank");
    let nothing = commit(&before, 3);
    let rotation = CommitView {
        path: Some(leaf(&person("carol"))),
        ..nothing.clone()
    };
    let own_device = CommitView {
        adds: vec![leaf(&device("carol", 2))],
        ..nothing.clone()
    };
    let repair = CommitView {
        adds: vec![leaf(&person("alice"))],
        removes: vec![0],
        ..nothing.clone()
    };
    let admin_adds_a_device = CommitView {
        adds: vec![leaf(&device("carol", 2))],
        ..commit(&before, 1)
    };
    for (name, view) in [
        ("nothing", nothing),
        ("rotation", rotation),
        ("own device", own_device),
        ("repair of an owner by a member", repair),
        ("own device removed", removing(&before, 1, &[2], &[])),
        ("admin adds", adding(&before, 1, &[&frank], Role::Member)),
        ("admin adds a device of a member", admin_adds_a_device),
        (
            "owner adds an admin",
            adding(&before, 0, &[&frank], Role::Admin),
        ),
        (
            "owner adds an owner",
            adding(&before, 0, &[&frank], Role::Owner),
        ),
        (
            "admin removes members",
            removing(&before, 1, &[3, 4], &["carol", "dave"]),
        ),
        (
            "owner removes an admin",
            removing(&before, 0, &[1, 2], &["bob"]),
        ),
        (
            "owner removes an owner",
            removing(&before, 0, &[5], &["erin"]),
        ),
        ("owner removes one device", removing(&before, 0, &[1], &[])),
        (
            "owner gives roles",
            giving(&before, 0, &[("carol", Role::Admin)]),
        ),
        (
            "one owner resigns",
            giving(&before, 0, &[("alice", Role::Member)]),
        ),
    ] {
        let verdict = check_commit(&before, &view);
        assert!(verdict.is_ok(), "{name}: {verdict:?}");
    }
}

#[test]
fn what_a_role_forbids() {
    let before = group();
    let frank = person("frank");
    let member_adds_a_device = CommitView {
        adds: vec![leaf(&device("dave", 2))],
        ..commit(&before, 3)
    };
    let admin_adds_a_device_of_an_owner = CommitView {
        adds: vec![leaf(&device("alice", 2))],
        ..commit(&before, 1)
    };
    // Not a repair: another device of the same user comes in its place.
    let exchange = CommitView {
        adds: vec![leaf(&device("dave", 2))],
        ..removing(&before, 3, &[4], &[])
    };
    for (view, violation) in [
        (
            adding(&before, 3, &[&frank], Role::Member),
            refused("carol", Action::AddUser),
        ),
        (
            removing(&before, 3, &[4], &["dave"]),
            refused("carol", Action::RemoveUser),
        ),
        (
            removing(&before, 1, &[0], &["alice"]),
            refused("bob", Action::RemoveUser),
        ),
        (
            removing(&before, 3, &[1], &[]),
            refused("carol", Action::RemoveDevice),
        ),
        (member_adds_a_device, refused("carol", Action::AddDevice)),
        (
            admin_adds_a_device_of_an_owner,
            refused("bob", Action::AddDevice),
        ),
        (exchange, refused("carol", Action::AddDevice)),
        (
            giving(&before, 1, &[("carol", Role::Admin)]),
            refused("bob", Action::ChangeRole),
        ),
        (
            giving(&before, 3, &[("carol", Role::Owner)]),
            refused("carol", Action::ChangeRole),
        ),
        (
            adding(&before, 1, &[&frank], Role::Admin),
            refused("bob", Action::ChangeRole),
        ),
        (
            giving(
                &before,
                0,
                &[("alice", Role::Member), ("erin", Role::Admin)],
            ),
            PolicyViolation::LastOwner,
        ),
    ] {
        assert_eq!(check_commit(&before, &view), Err(violation), "{view:?}");
    }
}

#[test]
fn what_is_no_commit_of_ours() {
    let before = group();
    let plain = commit(&before, 0);
    let unknown = GroupPolicyError::UnknownVersion(2);
    let with = |change: &dyn Fn(&mut CommitView)| {
        let mut view = plain.clone();
        change(&mut view);
        view
    };
    for (view, violation) in [
        (
            with(&|view| view.committer = None),
            PolicyViolation::ExternalCommit,
        ),
        (
            with(&|view| view.committer = Some(9)),
            PolicyViolation::ExternalCommit,
        ),
        (
            with(&|view| view.other_proposals = 1),
            PolicyViolation::ProposalType,
        ),
        (
            with(&|view| view.changes_other_extensions = true),
            PolicyViolation::Extensions,
        ),
        (
            with(&|view| view.policy = Err(unknown)),
            PolicyViolation::UnknownPolicyVersion(2),
        ),
        (
            with(&|view| view.policy = Err(GroupPolicyError::Missing)),
            PolicyViolation::Policy(GroupPolicyError::Missing),
        ),
        (
            with(&|view| view.removes = vec![0]),
            PolicyViolation::BadRemove(0),
        ),
        (
            with(&|view| view.removes = vec![9]),
            PolicyViolation::BadRemove(9),
        ),
        (
            with(&|view| view.removes = vec![3, 3]),
            PolicyViolation::BadRemove(3),
        ),
        (
            with(&|view| view.path = Some(leaf(&device("alice", 2)))),
            PolicyViolation::CredentialChanged,
        ),
        (
            with(&|view| view.path = Some(leaf(&device_with_identity("alice", 1, "other")))),
            PolicyViolation::CredentialChanged,
        ),
    ] {
        assert_eq!(check_commit(&before, &view), Err(violation), "{view:?}");
        let upgrade = matches!(
            violation,
            PolicyViolation::ProposalType
                | PolicyViolation::Extensions
                | PolicyViolation::UnknownPolicyVersion(_)
        );
        assert_eq!(violation.needs_upgrade(), upgrade);
    }
}

#[test]
fn a_sign_of_newer_software_comes_before_every_other_judgement() {
    let before = group();
    let view = CommitView {
        policy: Err(GroupPolicyError::UnknownVersion(2)),
        other_proposals: 1,
        removes: vec![9],
        ..commit(&before, 0)
    };
    assert!(check_commit(&before, &view).unwrap_err().needs_upgrade());
}

#[test]
fn leaves_that_may_not_come() {
    let before = group();
    let frank = person("frank");
    let with = |change: &dyn Fn(&mut LeafView)| {
        let mut view = adding(&before, 0, &[&frank], Role::Member);
        change(&mut view.adds[0]);
        view
    };
    let signature = IdentityError::Signature;
    let twice = adding(&before, 0, &[&frank, &frank], Role::Member);
    let of_a_present_device = CommitView {
        adds: vec![leaf(&person("carol"))],
        ..commit(&before, 3)
    };
    let stranger = device_with_identity("carol", 2, "stranger");
    let of_a_present_user = CommitView {
        adds: vec![leaf(&stranger)],
        ..commit(&before, 0)
    };
    let in_place_of_a_present_user = CommitView {
        adds: vec![leaf(&device_with_identity("carol", 1, "stranger"))],
        removes: vec![3],
        ..commit(&before, 0)
    };
    let two_identities = adding(
        &before,
        0,
        &[&frank, &device_with_identity("frank", 2, "stranger")],
        Role::Member,
    );
    for (view, violation) in [
        (
            with(&|leaf| leaf.certificate = Err(signature)),
            PolicyViolation::BadCertificate(signature),
        ),
        (
            with(&|leaf| leaf.signature_key = vec![1; 32]),
            PolicyViolation::BadCertificate(IdentityError::WrongKey),
        ),
        (
            with(&|leaf| leaf.lifetime_is_unbounded = false),
            PolicyViolation::BoundedLifetime,
        ),
        (twice, PolicyViolation::DuplicateDevice(frank.device_id())),
        (
            of_a_present_device,
            PolicyViolation::DuplicateDevice(person("carol").device_id()),
        ),
        (
            of_a_present_user,
            PolicyViolation::IdentityMismatch(user_id("carol")),
        ),
        (
            in_place_of_a_present_user,
            PolicyViolation::IdentityMismatch(user_id("carol")),
        ),
        (
            two_identities,
            PolicyViolation::IdentityMismatch(user_id("frank")),
        ),
    ] {
        assert_eq!(check_commit(&before, &view), Err(violation), "{view:?}");
    }
}

#[test]
fn policies_that_do_not_fit() {
    let before = group();
    let frank = person("frank");
    let fits = adding(&before, 0, &[&frank], Role::Member);
    let with = |change: &dyn Fn(&mut GroupPolicy)| {
        let mut view = fits.clone();
        let mut policy = view.policy.unwrap();
        change(&mut policy);
        view.policy = Ok(policy);
        view
    };
    let at = |policy: &GroupPolicy, name: &str| {
        let user = user_id(name);
        policy
            .users
            .iter()
            .position(|entry| entry.user == user)
            .unwrap()
    };
    for view in [
        // The new user is missing, one more is listed, or one is missing.
        CommitView {
            policy: Ok(before.policy.clone()),
            ..fits.clone()
        },
        with(&|policy| {
            *policy = policy.with_added(vec![entry(&person("ghost"), Role::Member, 8)]);
        }),
        with(&|policy| *policy = policy.with_removed(&[user_id("carol")])),
        // Since the wrong epoch; another epoch or identity for one who stays; another kind.
        with(&|policy| {
            let place = at(policy, "frank");
            policy.users[place].since_epoch = 7;
        }),
        with(&|policy| {
            let place = at(policy, "carol");
            policy.users[place].since_epoch = 8;
        }),
        with(&|policy| {
            let place = at(policy, "carol");
            policy.users[place].identity_key = person("ghost").identity.public();
        }),
        with(&|policy| policy.direct = true),
        with(&|policy| policy.version = 9),
        // One who was removed is still listed.
        CommitView {
            policy: Ok(before.policy.clone()),
            ..removing(&before, 0, &[3], &[])
        },
    ] {
        let verdict = check_commit(&before, &view);
        assert_eq!(verdict, Err(PolicyViolation::PolicyMismatch), "{view:?}");
    }
    let other_identity = with(&|policy| {
        let place = at(policy, "frank");
        policy.users[place].identity_key = person("ghost").identity.public();
    });
    assert_eq!(
        check_commit(&before, &other_identity),
        Err(PolicyViolation::IdentityMismatch(user_id("frank")))
    );
}

#[test]
fn direct_conversations() {
    let closed = direct();
    let frank = person("frank");
    let alone = GroupView {
        conversation: closed.conversation,
        members: closed.members[..1].to_vec(),
        policy: closed.policy.with_removed(&[user_id("bob")]),
        epoch: 0,
    };
    let (bob, bob_2) = (person("bob"), device("bob", 2));
    let open = adding(&alone, 0, &[&bob, &bob_2], Role::Owner);
    assert!(check_commit(&alone, &open).is_ok());
    let as_member = adding(&alone, 0, &[&bob], Role::Member);
    assert_eq!(
        check_commit(&alone, &as_member),
        Err(refused("alice", Action::ChangeRole))
    );
    let two = adding(&alone, 0, &[&bob, &frank], Role::Owner);
    let own = CommitView {
        adds: vec![leaf(&bob_2)],
        ..commit(&closed, 1)
    };
    assert!(check_commit(&closed, &own).is_ok());
    for (before, view, violation) in [
        (&alone, two, PolicyViolation::DirectIsClosed),
        (
            &closed,
            adding(&closed, 0, &[&frank], Role::Owner),
            PolicyViolation::DirectIsClosed,
        ),
        (
            &closed,
            removing(&closed, 0, &[1], &["bob"]),
            PolicyViolation::DirectIsClosed,
        ),
        (
            &closed,
            CommitView {
                adds: vec![leaf(&bob_2)],
                ..commit(&closed, 0)
            },
            refused("alice", Action::AddDevice),
        ),
        (
            &closed,
            giving(&closed, 0, &[("bob", Role::Member)]),
            refused("alice", Action::ChangeRole),
        ),
    ] {
        assert_eq!(check_commit(before, &view), Err(violation), "{view:?}");
    }
}

#[test]
fn counts_are_bounded() {
    let before = group();
    let bobs: Vec<Person> = (3..12).map(|number| device("bob", number)).collect();
    let with_devices = |count: usize| CommitView {
        adds: bobs[..count].iter().map(leaf).collect(),
        ..commit(&before, 1)
    };
    assert!(check_commit(&before, &with_devices(8)).is_ok());
    assert_eq!(
        check_commit(&before, &with_devices(9)),
        Err(PolicyViolation::TooManyDevices)
    );

    let crowd: Vec<Person> = (0..33)
        .map(|number| person(&format!("crowd-{number}")))
        .collect();
    let all: Vec<&Person> = crowd.iter().collect();
    assert!(check_commit(&before, &adding(&before, 0, &all[..32], Role::Member)).is_ok());
    assert_eq!(
        check_commit(&before, &adding(&before, 0, &all, Role::Member)),
        Err(PolicyViolation::TooManyAdds)
    );

    let mut full = before.clone();
    for number in 0..250_u32 {
        let person = person(&format!("full-{number}"));
        full.policy = full
            .policy
            .with_added(vec![entry(&person, Role::Member, 5)]);
        full.members
            .push(MemberView::new(6 + number, person.device.certificate));
    }
    assert_eq!(check_group(&full), Ok(()));
    assert_eq!(full.members.len(), 256);
    assert!(full.policy.encode().len() <= whimbrel_protocol::limits::GROUP_POLICY_BYTES_MAX);
    assert_eq!(
        GroupPolicy::decode(&full.policy.encode()),
        Ok(full.policy.clone())
    );
    let one_more = adding(&full, 0, &[&person("frank")], Role::Member);
    assert_eq!(
        check_commit(&full, &one_more),
        Err(PolicyViolation::TooManyDevices)
    );
}

#[test]
fn whole_groups() {
    let good = group();
    assert_eq!(check_group(&good), Ok(()));
    let mut twice = good.clone();
    twice.members[4] = MemberView::new(4, person("carol").device.certificate);
    assert!(matches!(
        check_group(&twice),
        Err(PolicyViolation::DuplicateDevice(_))
    ));
    let mut ghost = good.clone();
    ghost
        .members
        .push(MemberView::new(6, person("ghost").device.certificate));
    assert_eq!(check_group(&ghost), Err(PolicyViolation::PolicyMismatch));
    let mut stranger = good.clone();
    let certificate = device_with_identity("bob", 2, "stranger")
        .device
        .certificate;
    stranger.members[2] = MemberView::new(2, certificate);
    assert_eq!(
        check_group(&stranger),
        Err(PolicyViolation::IdentityMismatch(user_id("bob")))
    );
    let mut future = good.clone();
    future.policy.users[0].since_epoch = 8;
    assert_eq!(check_group(&future), Err(PolicyViolation::PolicyMismatch));
    let mut headless = good;
    headless.policy = headless.policy.with_roles(&[
        (user_id("alice"), Role::Admin),
        (user_id("erin"), Role::Admin),
    ]);
    assert_eq!(check_group(&headless), Err(PolicyViolation::LastOwner));
}

#[test]
fn the_encoding_of_a_policy() {
    let policy = group().policy;
    let bytes = policy.encode();
    assert_eq!(GroupPolicy::decode(&bytes), Ok(policy.clone()));
    let mut newer = policy.clone();
    newer.version = 2;
    assert_eq!(
        GroupPolicy::decode(&newer.encode()),
        Err(GroupPolicyError::UnknownVersion(2))
    );
    assert_eq!(
        GroupPolicy::decode(&[]),
        Err(GroupPolicyError::UnknownVersion(0))
    );
    let mut unknown_field = bytes.clone();
    unknown_field.extend_from_slice(&[0x78, 1]);
    assert_eq!(
        GroupPolicy::decode(&unknown_field),
        Err(GroupPolicyError::Malformed)
    );
    let mut unsorted = policy.clone();
    unsorted.users.reverse();
    assert_eq!(
        GroupPolicy::decode(&unsorted.encode()),
        Err(GroupPolicyError::Users)
    );
    let mut twice = policy.clone();
    twice.users[1] = twice.users[0].clone();
    assert_eq!(
        GroupPolicy::decode(&twice.encode()),
        Err(GroupPolicyError::Users)
    );
    let mut direct = policy;
    direct.direct = true;
    assert_eq!(
        GroupPolicy::decode(&direct.encode()),
        Err(GroupPolicyError::Direct)
    );
}
