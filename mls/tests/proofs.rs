//! Commits that the role of their maker does not allow, but a proof does: first on views made by
//! hand, then in real groups.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod common;

use common::views::{
    commit, direct, entry, leaf, leave, proof_error, refused, removing, small_group, with_proof,
};
use common::{Chat, Person, device, device_with_identity, person, user_id};
use whimbrel_mls::{
    Action, CommitPlan, CommitView, ENVELOPE_DATA_BYTES, Group, LeaveStatement, Manifest,
    ManifestError, MlsError, PolicyViolation, Processed, Proof, ProofError, Role, Row,
    check_commit,
};
use whimbrel_protocol::envelope::{ItemKind, authenticated_data};
use whimbrel_protocol::id::ClientId;
use whimbrel_protocol::limits;

/// The manifest of a person who has these devices and has lost those.
fn manifest(person: &Person, devices: &[&Person], lost: &[&Person]) -> Manifest {
    let mut certificates = devices.iter().map(|each| each.device.certificate.clone());
    let first = certificates.next().unwrap();
    let first = Manifest::first(&person.identity, [7; 32], first).unwrap();
    let lost: Vec<_> = lost.iter().map(|each| each.device_id()).collect();
    first
        .next(&person.identity, certificates.collect(), &lost)
        .unwrap()
}

#[test]
fn whoever_wants_to_leave_is_removed_by_any_member() {
    let before = small_group();
    let carol_goes = removing(&before, 4, &[2, 3], &["carol"]);
    let no_proof = check_commit(&before, &carol_goes);
    assert_eq!(no_proof, Err(refused("dave", Action::RemoveUser)));
    for device in [person("carol"), device("carol", 2)] {
        let view = with_proof(leave(&device, "group", 3), carol_goes.clone());
        let summary = check_commit(&before, &view).unwrap();
        assert_eq!(summary.users_removed, [user_id("carol")]);
        assert_eq!(summary.users_left, [user_id("carol")]);
    }
    let by_role = removing(&before, 0, &[2, 3], &["carol"]);
    assert_eq!(check_commit(&before, &by_role).unwrap().users_left, []);
}

#[test]
fn a_leave_statement_is_good_for_one_thing_only() {
    let before = small_group();
    let (carol, dave) = (person("carol"), person("dave"));
    let carol_goes = removing(&before, 4, &[2, 3], &["carol"]);
    let both_go = removing(&before, 1, &[2, 3, 4], &["carol", "dave"]);
    let unfitting = proof_error(ProofError::Unfitting);
    let forged = Person {
        device: whimbrel_mls::Device::new(
            device_with_key("carol", "other key"),
            whimbrel_mls::DeviceKey::from_seed(common::seed("other key")),
        )
        .unwrap(),
        ..person("carol")
    };
    let mut other_epoch = before.clone();
    other_epoch.policy = other_epoch
        .policy
        .with_added(vec![entry(&carol, Role::Member, 6)]);
    let again = CommitView {
        policy: Ok(other_epoch.policy.with_removed(&[carol.user()])),
        ..carol_goes.clone()
    };
    let direct_before = direct();
    let direct_goes = removing(&direct_before, 0, &[1], &["bob"]);
    for (name, before, view, violation) in [
        (
            "of another conversation",
            &before,
            with_proof(leave(&carol, "elsewhere", 3), carol_goes.clone()),
            unfitting,
        ),
        (
            "of an earlier membership",
            &other_epoch,
            with_proof(leave(&carol, "group", 3), again),
            unfitting,
        ),
        (
            "of somebody else",
            &before,
            with_proof(leave(&dave, "group", 3), carol_goes.clone()),
            unfitting,
        ),
        (
            "of a device that is not in the group",
            &before,
            with_proof(leave(&device("carol", 3), "group", 3), carol_goes.clone()),
            unfitting,
        ),
        (
            "by another key in the name of a device",
            &before,
            with_proof(leave(&forged, "group", 3), carol_goes.clone()),
            proof_error(ProofError::Signature),
        ),
        (
            "one device of two",
            &before,
            with_proof(leave(&carol, "group", 3), removing(&before, 4, &[2], &[])),
            unfitting,
        ),
        (
            "beside a removal that needs a role",
            &before,
            with_proof(leave(&carol, "group", 3), {
                let mut view = removing(&before, 4, &[2, 3, 1], &["carol", "bob"]);
                view.removes.sort_unstable();
                view
            }),
            refused("dave", Action::RemoveUser),
        ),
        (
            "for nothing",
            &before,
            with_proof(leave(&carol, "group", 3), commit(&before, 4)),
            unfitting,
        ),
        (
            "the last owner",
            &before,
            with_proof(
                leave(&person("alice"), "group", 0),
                removing(&before, 4, &[0], &["alice"]),
            ),
            PolicyViolation::LastOwner,
        ),
        (
            "a direct conversation",
            &direct_before,
            with_proof(leave(&person("bob"), "direct", 1), direct_goes),
            PolicyViolation::DirectIsClosed,
        ),
    ] {
        assert_eq!(check_commit(before, &view), Err(violation), "{name}");
    }
    let with_a_role = with_proof(leave(&carol, "group", 3), both_go);
    let summary = check_commit(&before, &with_a_role).unwrap();
    assert_eq!(summary.users_left, [carol.user()]);
    assert_eq!(summary.users_removed.len(), 2);
}

fn device_with_key(name: &str, key: &str) -> whimbrel_mls::Certificate {
    let person = person(name);
    whimbrel_mls::Certificate::issue(
        &person.identity,
        person.user(),
        name,
        person.device_id(),
        whimbrel_mls::DeviceKey::from_seed(common::seed(key)).public(),
    )
    .unwrap()
}

#[test]
fn revoked_devices_are_removed_and_listed_ones_added_by_any_member() {
    let before = small_group();
    let (carol, lost, fresh) = (person("carol"), device("carol", 2), device("carol", 3));
    let proof =
        |devices: &[&Person], lost: &[&Person]| Proof::Manifest(manifest(&carol, devices, lost));
    let lost_goes = removing(&before, 4, &[3], &[]);
    let exchange = CommitView {
        adds: vec![leaf(&fresh)],
        ..lost_goes.clone()
    };
    let fresh_comes = CommitView {
        adds: vec![leaf(&fresh)],
        ..commit(&before, 4)
    };
    let all_go = removing(&before, 4, &[2, 3], &["carol"]);
    for (name, proof, view) in [
        ("lost", proof(&[&carol], &[&lost]), &lost_goes),
        ("exchange", proof(&[&carol, &fresh], &[&lost]), &exchange),
        ("fresh", proof(&[&carol, &lost, &fresh], &[]), &fresh_comes),
        ("all lost", proof(&[&fresh], &[&carol, &lost]), &all_go),
    ] {
        assert!(
            check_commit(&before, view).is_err(),
            "{name} without the proof"
        );
        let summary = check_commit(&before, &with_proof(proof, view.clone())).unwrap();
        assert_eq!(summary.users_left, [], "{name}");
    }
    let direct = direct();
    let (bob, tablet) = (person("bob"), device("bob", 2));
    let tablet_comes = CommitView {
        adds: vec![leaf(&tablet)],
        ..commit(&direct, 0)
    };
    let listed = Proof::Manifest(manifest(&bob, &[&bob, &tablet], &[]));
    assert!(check_commit(&direct, &with_proof(listed, tablet_comes)).is_ok());
}

#[test]
fn a_manifest_allows_nothing_else() {
    let before = small_group();
    let (carol, lost, fresh) = (person("carol"), device("carol", 2), device("carol", 3));
    let (bob, dave) = (person("bob"), person("dave"));
    let unfitting = proof_error(ProofError::Unfitting);
    let proof = |owner: &Person, devices: &[&Person], lost: &[&Person], view: CommitView| {
        with_proof(Proof::Manifest(manifest(owner, devices, lost)), view)
    };
    let lost_goes = removing(&before, 4, &[3], &[]);
    let foreign = device_with_identity("carol", 1, "stranger");
    let fresh_by_another_key = {
        let key = whimbrel_mls::DeviceKey::from_seed(common::seed("other key"));
        let certificate = whimbrel_mls::Certificate::issue(
            &carol.identity,
            carol.user(),
            "carol",
            fresh.device_id(),
            key.public(),
        );
        Person {
            device: whimbrel_mls::Device::new(certificate.unwrap(), key).unwrap(),
            ..device("carol", 3)
        }
    };
    let also_bob = CommitView {
        removes: vec![1, 3],
        ..removing(&before, 4, &[], &["bob"])
    };
    let direct = direct();
    for (name, before, view, violation) in [
        (
            "not revoked",
            &before,
            proof(&carol, &[&carol, &lost], &[], lost_goes.clone()),
            unfitting,
        ),
        (
            "by another identity key",
            &before,
            proof(&foreign, &[&foreign], &[&lost], lost_goes.clone()),
            unfitting,
        ),
        (
            "of somebody else",
            &before,
            proof(&dave, &[&dave], &[&lost], lost_goes.clone()),
            unfitting,
        ),
        (
            "one revoked, one not",
            &before,
            proof(
                &carol,
                &[&carol],
                &[&lost],
                removing(&before, 4, &[2, 3], &["carol"]),
            ),
            refused("dave", Action::RemoveUser),
        ),
        (
            "also another user",
            &before,
            proof(&carol, &[&carol], &[&lost], also_bob),
            refused("dave", Action::RemoveUser),
        ),
        (
            "a device that is not listed",
            &before,
            proof(
                &carol,
                &[&carol],
                &[&lost],
                CommitView {
                    adds: vec![leaf(&fresh)],
                    ..lost_goes.clone()
                },
            ),
            refused("dave", Action::AddDevice),
        ),
        (
            "a listed device by another key",
            &before,
            proof(
                &carol,
                &[&carol, &fresh],
                &[&lost],
                CommitView {
                    adds: vec![leaf(&fresh_by_another_key)],
                    ..lost_goes.clone()
                },
            ),
            refused("dave", Action::AddDevice),
        ),
        (
            "the only owner",
            &before,
            proof(
                &person("alice"),
                &[&device("alice", 2)],
                &[&person("alice")],
                removing(&before, 4, &[0], &["alice"]),
            ),
            PolicyViolation::LastOwner,
        ),
        (
            "the other of a direct conversation",
            &direct,
            proof(
                &bob,
                &[&device("bob", 2)],
                &[&bob],
                removing(&direct, 0, &[1], &["bob"]),
            ),
            PolicyViolation::DirectIsClosed,
        ),
    ] {
        let verdict = check_commit(before, &view);
        assert_eq!(verdict, Err(violation), "{name}");
    }
}

#[test]
fn proofs_that_can_not_be_read() {
    let before = small_group();
    let with = |error| CommitView {
        proof: Err(error),
        ..commit(&before, 0)
    };
    let errors = [
        ProofError::Malformed,
        ProofError::Manifest(ManifestError::Devices),
        ProofError::UnknownVersion(2),
    ];
    for error in errors {
        let violation = check_commit(&before, &with(error)).unwrap_err();
        assert_eq!(violation, proof_error(error));
        let newer = error == ProofError::UnknownVersion(2);
        assert_eq!(violation.needs_upgrade(), newer);
    }
    let mut newer_and_wrong = with(ProofError::UnknownVersion(2));
    newer_and_wrong.removes = vec![99];
    assert!(
        check_commit(&before, &newer_and_wrong)
            .unwrap_err()
            .needs_upgrade()
    );
}

#[test]
fn every_byte_of_a_proof_counts() {
    let (carol, lost) = (person("carol"), device("carol", 2));
    let before = small_group();
    let carol_goes = removing(&before, 4, &[2, 3], &["carol"]);
    let leaving = leave(&carol, "group", 3);
    let statement = match &leaving {
        Proof::Leave(statement) => statement.encode(),
        Proof::Manifest(_) => panic!("a statement"),
    };
    assert!(statement.len() <= limits::STATEMENT_BYTES_MAX);
    let manifest = Proof::Manifest(manifest(&carol, &[&carol], &[&lost]));
    for (proof, view) in [
        (leaving, carol_goes),
        (manifest, removing(&before, 4, &[3], &[])),
    ] {
        let bytes = proof.encode();
        assert_eq!(Proof::decode(&bytes), Ok(proof.clone()));
        assert!(check_commit(&before, &with_proof(proof, view.clone())).is_ok());
        for at in 0..bytes.len() {
            let mut altered = bytes.clone();
            altered[at] ^= 1 << (at % 8);
            let refused = match Proof::decode(&altered) {
                Ok(proof) => check_commit(&before, &with_proof(proof, view.clone())).is_err(),
                Err(_) => true,
            };
            assert!(refused, "byte {at}");
            assert!(Proof::decode(&bytes[..at]).is_err());
        }
        let mut newer = bytes.clone();
        newer[1] = 2;
        assert_eq!(Proof::decode(&newer), Err(ProofError::UnknownVersion(2)));
        let padded = [&bytes[..], &[0x78, 1]].concat();
        assert_eq!(Proof::decode(&padded), Err(ProofError::Malformed));
    }
    assert_eq!(Proof::decode(&[8, 1]), Err(ProofError::Malformed));
}

/// The bytes that name an envelope, as in a real commit.
fn envelope(chat: &Chat) -> Vec<u8> {
    let client_id = ClientId::from_bytes([5; 16]);
    authenticated_data(chat.conversation, client_id, 9, ItemKind::Commit)
}

#[test]
fn the_bytes_that_name_an_envelope_have_the_length_that_is_split_off() {
    let chat = Chat::group("length", person("alice"));
    assert_eq!(envelope(&chat).len(), ENVELOPE_DATA_BYTES);
}

/// Stages the plan, has the server and everybody process it, and compares what they say.
fn run(chat: &mut Chat, by: usize, plan: &CommitPlan) -> whimbrel_mls::CommitSummary {
    let aad = envelope(chat);
    let common::Seat { person, group } = &mut chat.seats[by];
    let staged = group
        .stage_commit(&person.crypto, &person.device, plan, &aad)
        .unwrap();
    let followed = chat.follower.stage(&chat.server, &staged.commit).unwrap();
    let summary = followed.summary.clone();
    assert_eq!(followed.aad, aad);
    chat.follower.merge(followed).unwrap();
    for (number, seat) in chat.seats.iter_mut().enumerate() {
        if number == by {
            assert_eq!(seat.merge(), summary);
        } else if seat.group.is_active() {
            let processed = seat.process(&staged.commit).unwrap();
            let Processed::Commit {
                aad: seen,
                summary: theirs,
                ..
            } = processed
            else {
                panic!("a commit");
            };
            assert_eq!((seen, theirs), (aad.clone(), summary.clone()));
        }
    }
    chat.assert_in_step();
    summary
}

#[test]
fn carol_leaves_and_dave_a_mere_member_commits_it() {
    let mut chat = Chat::with("leaving", "alice", &["carol", "dave"]);
    let common::Seat { person, group } = &chat.seats[1];
    let statement = group.leave_statement(&person.device).unwrap();
    assert_eq!(
        LeaveStatement::decode(&statement.encode()),
        Ok(statement.clone())
    );
    assert_eq!(statement.verify(chat.seats[2].group.view()), Ok(()));
    let plan = CommitPlan {
        remove_leaves: vec![chat.leaf(1)],
        proof: Some(Proof::Leave(statement)),
        ..CommitPlan::default()
    };
    let summary = run(&mut chat, 2, &plan);
    assert_eq!(summary.users_left, [user_id("carol")]);
    assert!(!chat.seats[1].group.is_active());
    chat.say(0, "and then there were two");
    // Carol comes back; her old statement is of no use.
    let carol = device("carol", 1);
    chat.add(0, vec![carol]);
    let leaf = chat.seats[0]
        .group
        .leaf_of(person_device("carol"))
        .unwrap()
        .leaf;
    let again = CommitPlan {
        remove_leaves: vec![leaf],
        ..plan
    };
    let aad = envelope(&chat);
    let common::Seat { person, group } = &mut chat.seats[2];
    group.take_dirty();
    let refused = group.stage_commit(&person.crypto, &person.device, &again, &aad);
    assert!(matches!(
        refused,
        Err(MlsError::Policy(PolicyViolation::Proof(
            ProofError::Unfitting
        )))
    ));
    assert!(!chat.seats[2].group.has_pending_commit());
    assert_eq!(chat.seats[2].group.take_dirty(), []);
}

fn person_device(name: &str) -> whimbrel_protocol::id::DeviceId {
    person(name).device_id()
}

#[test]
fn a_proof_waits_with_its_commit_and_goes_with_it() {
    let mut chat = Chat::with("waiting", "alice", &["carol", "dave"]);
    chat.seats[2].group.take_dirty();
    let statement = chat.seats[1]
        .group
        .leave_statement(&person("carol").device)
        .unwrap();
    let plan = CommitPlan {
        remove_leaves: vec![chat.leaf(1)],
        proof: Some(Proof::Leave(statement)),
        ..CommitPlan::default()
    };
    let aad = envelope(&chat);
    let common::Seat {
        person: dave,
        group,
    } = &mut chat.seats[2];
    let short = group.stage_commit(&dave.crypto, &dave.device, &plan, b"aad");
    assert!(matches!(short, Err(MlsError::Malformed(_))));
    let rotate = CommitPlan {
        rotate: true,
        ..CommitPlan::default()
    };
    let long = [&aad[..], b"x"].concat();
    let long = group.stage_commit(&dave.crypto, &dave.device, &rotate, &long);
    assert!(matches!(long, Err(MlsError::Malformed(_))));
    group
        .stage_commit(&dave.crypto, &dave.device, &plan, &aad)
        .unwrap();
    let proofs = |rows: &[whimbrel_mls::DirtyRow]| {
        let proofs = rows.iter().filter(|row| row.key.kind == 14);
        proofs.map(|row| row.value.is_some()).collect::<Vec<_>>()
    };
    assert_eq!(proofs(&group.take_dirty()), [true]);
    // Alice's commit comes first.
    let staged = chat.seats[0].stage(&rotate).unwrap();
    chat.deliver(0, &staged.commit);
    assert_eq!(proofs(&chat.seats[2].group.take_dirty()), [false]);
    let common::Seat {
        person: dave,
        group,
    } = &mut chat.seats[2];
    group
        .stage_commit(&dave.crypto, &dave.device, &plan, &aad)
        .unwrap();
    group.discard_pending_commit().unwrap();
    assert!(!proofs(&group.take_dirty()).contains(&true));
}

#[test]
fn a_lost_phone_is_removed_by_somebody_else() {
    let mut chat = Chat::with("lost", "alice", &["carol", "dave"]);
    chat.add(1, vec![device("carol", 2)]);
    let (carol, tablet) = (person("carol"), device("carol", 2));
    let proof = Proof::Manifest(manifest(&carol, &[&tablet], &[&carol]));
    let plan = CommitPlan {
        remove_leaves: vec![chat.leaf(1)],
        proof: Some(proof),
        ..CommitPlan::default()
    };
    let summary = run(&mut chat, 2, &plan);
    assert_eq!(summary.removed.len(), 1);
    assert_eq!(summary.users_removed, []);
    assert!(!chat.seats[1].group.is_active());
}

#[test]
fn a_pending_commit_with_a_proof_survives_a_restart() {
    let mut chat = Chat::with("restart", "alice", &["carol", "dave"]);
    let carol = person("carol").device;
    let statement = chat.seats[1].group.leave_statement(&carol).unwrap();
    let plan = CommitPlan {
        remove_leaves: vec![chat.leaf(1)],
        proof: Some(Proof::Leave(statement)),
        ..CommitPlan::default()
    };
    let aad = envelope(&chat);
    let common::Seat { person, group } = &mut chat.seats[2];
    let staged = group.stage_commit(&person.crypto, &person.device, &plan, &aad);
    let staged = staged.unwrap();
    let rows = group.take_dirty().into_iter().filter_map(|row| {
        row.value.map(|value| Row {
            key: row.key,
            value,
        })
    });
    *group = Group::load(chat.conversation, rows.collect()).unwrap();
    let followed = chat.follower.stage(&chat.server, &staged.commit).unwrap();
    let summary = followed.summary.clone();
    chat.follower.merge(followed).unwrap();
    chat.seats[0].process(&staged.commit).unwrap();
    assert_eq!(chat.seats[2].merge(), summary);
    assert_eq!(summary.users_left, [user_id("carol")]);
    chat.seats.remove(1);
    chat.assert_in_step();
}
