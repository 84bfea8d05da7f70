//! New identities in the place of old ones, and owners: on views made by hand and in real groups.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod common;

use common::views::{
    commit, direct, entry, giving, leaf, leave, proof_error, refused, removing, small_group,
    with_proof,
};
use common::{Chat, Person, device_with_identity, person, user_id};
use whimbrel_mls::{
    Action, CommitPlan, CommitView, GroupView, Manifest, MemberView, PolicyUser, PolicyViolation,
    Proof, ProofError, RecoveryCode, Role, check_commit,
};

/// Carol's devices go, and this one comes.
fn replacing(before: &GroupView, committer: u32, leaves: &[u32], new: &Person) -> CommitView {
    let role = before.policy.role_of(new.user()).unwrap();
    let policy = before
        .policy
        .with_added(vec![entry(new, role, before.epoch + 1)]);
    CommitView {
        adds: vec![leaf(new)],
        removes: leaves.to_vec(),
        policy: Ok(policy),
        ..commit(before, committer)
    }
}

#[test]
fn whoever_rules_over_a_user_may_put_the_new_identity_in_its_place() {
    let before = small_group();
    let new = device_with_identity("carol", 3, "new");
    for by in [0, 1] {
        let summary = check_commit(&before, &replacing(&before, by, &[2, 3], &new)).unwrap();
        let changed = [(new.user(), new.identity.public())];
        assert_eq!(summary.identities_changed, changed);
        assert_eq!(
            (summary.users_added, summary.users_removed),
            (vec![], vec![])
        );
        assert_eq!((summary.removed.len(), summary.added.len()), (2, 1));
    }
    let direct = direct();
    let bob = device_with_identity("bob", 2, "new");
    let summary = check_commit(&direct, &replacing(&direct, 0, &[1], &bob)).unwrap();
    assert_eq!(summary.identities_changed.len(), 1);
}

#[test]
fn identities_that_can_not_be_replaced_like_that() {
    let before = small_group();
    let new = device_with_identity("carol", 3, "new");
    let whole = replacing(&before, 0, &[2, 3], &new);
    let mismatch = PolicyViolation::IdentityMismatch(user_id("carol"));
    let with = |change: &dyn Fn(&mut CommitView)| {
        let mut view = whole.clone();
        change(&mut view);
        view
    };
    let policy_with = |change: &dyn Fn(&mut PolicyUser)| {
        with(&|view| {
            let mut entry = entry(&new, Role::Member, 8);
            change(&mut entry);
            view.policy = Ok(before.policy.with_added(vec![entry]));
        })
    };
    let owner = device_with_identity("alice", 3, "new");
    for (name, view, violation) in [
        (
            "by a member",
            replacing(&before, 4, &[2, 3], &new),
            refused("dave", Action::ReplaceIdentity),
        ),
        (
            "of an owner by an admin",
            replacing(&before, 1, &[0], &owner),
            refused("bob", Action::ReplaceIdentity),
        ),
        (
            "an old device stays",
            with(&|view| view.removes = vec![2]),
            mismatch,
        ),
        (
            "an old device is repaired",
            with(&|view| view.adds.push(leaf(&person("carol")))),
            mismatch,
        ),
        (
            "two new identities",
            with(&|view| {
                view.adds
                    .push(leaf(&device_with_identity("carol", 4, "newer")))
            }),
            mismatch,
        ),
        (
            "the policy keeps the old key",
            with(&|view| view.policy = Ok(before.policy.clone())),
            mismatch,
        ),
        (
            "the policy names a third key",
            policy_with(&|entry| entry.identity_key = person("ghost").identity.public()),
            mismatch,
        ),
        (
            "a member since earlier",
            policy_with(&|entry| entry.since_epoch = 3),
            PolicyViolation::PolicyMismatch,
        ),
    ] {
        assert_eq!(check_commit(&before, &view), Err(violation), "{name}");
    }
    let promoted = CommitView {
        policy: Ok(before.policy.with_added(vec![entry(&new, Role::Admin, 8)])),
        ..replacing(&before, 1, &[2, 3], &new)
    };
    let verdict = check_commit(&before, &promoted);
    assert_eq!(verdict, Err(refused("bob", Action::ChangeRole)));
    // An old statement of leaving does not hold for the new identity.
    let mut after = before.clone();
    after.policy = whole.policy.clone().unwrap();
    after.members.retain(|view| view.user != new.user());
    after
        .members
        .push(MemberView::new(5, new.device.certificate.clone()));
    let statement = leave(&person("carol"), "group", 3);
    let view = with_proof(statement, removing(&after, 4, &[5], &["carol"]));
    assert_eq!(
        check_commit(&after, &view),
        Err(proof_error(ProofError::Unfitting))
    );
}

#[test]
fn a_recovered_identity_is_put_in_its_place_by_anybody() {
    let before = small_group();
    let code = RecoveryCode::new([7; 16]);
    let manifest = |name: &str, new: &Person, with_code: bool| {
        let old = person(name);
        let certificate = old.device.certificate.clone();
        let first = Manifest::first(&old.identity, code.recovery_key(), certificate).unwrap();
        let certificate = new.device.certificate.clone();
        let next = match with_code {
            true => first.recovered(&new.identity, certificate, &code),
            false => first.replaced(&new.identity, certificate, code.recovery_key()),
        };
        Proof::Manifest(next.unwrap())
    };
    let unfitting = Err(proof_error(ProofError::Unfitting));
    // An owner too, and who is an owner stays one.
    for (name, leaves) in [("alice", &[0][..]), ("carol", &[2, 3][..])] {
        let new = device_with_identity(name, 7, "new");
        let view = replacing(&before, 4, leaves, &new);
        let summary = check_commit(
            &before,
            &with_proof(manifest(name, &new, true), view.clone()),
        );
        let changed = [(new.user(), new.identity.public())];
        assert_eq!(summary.unwrap().identities_changed, changed);
        let unproved = with_proof(manifest(name, &new, false), view.clone());
        assert_eq!(check_commit(&before, &unproved), unfitting);
        let other = device_with_identity(name, 8, "other");
        let of_another = with_proof(manifest(name, &other, true), view);
        assert_eq!(check_commit(&before, &of_another), unfitting);
    }
    // It proves who comes, not that somebody is to go.
    let new = device_with_identity("carol", 7, "new");
    let only_goes = removing(&before, 4, &[2, 3], &["carol"]);
    let view = with_proof(manifest("carol", &new, true), only_goes);
    assert_eq!(check_commit(&before, &view), unfitting);
    // A device that the manifest does not list comes along with nobody.
    let mut view = replacing(&before, 4, &[2, 3], &new);
    view.adds
        .push(leaf(&device_with_identity("carol", 8, "new")));
    let view = with_proof(manifest("carol", &new, true), view);
    assert_eq!(check_commit(&before, &view), unfitting);
}

#[test]
fn ownership_passes_on_but_never_ends() {
    let before = small_group();
    let steps_down = giving(&before, 0, &[("alice", Role::Member)]);
    assert_eq!(
        check_commit(&before, &steps_down),
        Err(PolicyViolation::LastOwner)
    );
    let at_once = giving(&before, 0, &[("alice", Role::Admin), ("dave", Role::Owner)]);
    assert!(check_commit(&before, &at_once).is_ok());
    let mut two_owners = before.clone();
    two_owners.policy = two_owners
        .policy
        .with_roles(&[(user_id("dave"), Role::Owner)]);
    let now = giving(&two_owners, 0, &[("alice", Role::Member)]);
    let summary = check_commit(&two_owners, &now).unwrap();
    assert_eq!(summary.roles_changed, [(user_id("alice"), Role::Member)]);
    let leaves = with_proof(
        leave(&person("alice"), "group", 0),
        removing(&two_owners, 2, &[0], &["alice"]),
    );
    assert!(check_commit(&two_owners, &leaves).is_ok());
    for (by, name) in [(1, "bob"), (4, "dave")] {
        for role in [Role::Owner, Role::Admin, Role::Member] {
            for whom in ["alice", "bob", "carol", "dave"] {
                let view = giving(&before, by, &[(whom, role)]);
                if view.policy.as_ref().unwrap() != &before.policy {
                    let verdict = check_commit(&before, &view);
                    assert_eq!(verdict, Err(refused(name, Action::ChangeRole)));
                }
            }
        }
    }
}

#[test]
fn a_new_identity_takes_the_place_of_the_old_one_and_keeps_the_role() {
    for direct in [false, true] {
        let mut chat = if direct {
            let mut chat = Chat::direct("direct identity", person("alice"));
            chat.add(0, vec![person("carol")]);
            chat
        } else {
            let mut chat = Chat::with("identity", "alice", &["carol", "dave"]);
            let roles = vec![(user_id("carol"), Role::Admin)];
            chat.commit(
                0,
                CommitPlan {
                    roles,
                    ..CommitPlan::default()
                },
                Vec::new(),
            );
            chat
        };
        let role = chat.follower.policy().role_of(user_id("carol"));
        let new = device_with_identity("carol", 2, "new");
        let key = new.identity.public();
        let plan = CommitPlan {
            remove_leaves: vec![chat.leaf(1)],
            ..CommitPlan::default()
        };
        let summary = chat.commit(0, plan, vec![new]);
        assert_eq!(summary.identities_changed, [(user_id("carol"), key)]);
        let entry = chat.follower.policy().user(user_id("carol")).unwrap();
        assert_eq!(
            (entry.identity_key, entry.since_epoch),
            (key, chat.follower.epoch())
        );
        assert_eq!(Some(entry.role), role);
        assert!(!chat.seats[1].group.is_active());
    }
}
