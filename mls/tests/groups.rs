//! The life of a group: members, server and policy stay in step through every kind of commit.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod common;

use common::{Chat, device, person, user_id};
use whimbrel_mls::{
    Action, CommitPlan, Group, GroupPolicy, MlsError, PolicyViolation, Processed, Role,
};

fn remove(leaves: &[u32]) -> CommitPlan {
    CommitPlan {
        remove_leaves: leaves.to_vec(),
        ..CommitPlan::default()
    }
}

fn rotate() -> CommitPlan {
    CommitPlan {
        rotate: true,
        ..CommitPlan::default()
    }
}

fn roles(roles: &[(&str, Role)]) -> CommitPlan {
    CommitPlan {
        roles: roles
            .iter()
            .map(|(name, role)| (user_id(name), *role))
            .collect(),
        ..CommitPlan::default()
    }
}

#[test]
fn a_group_lives() {
    let mut chat = Chat::group("life", person("alice"));
    let summary = chat.add(0, vec![person("bob"), person("carol"), device("carol", 2)]);
    assert_eq!(summary.users_added.len(), 2);
    assert_eq!(summary.added.len(), 3);
    assert!(summary.rotated && summary.removed.is_empty());
    assert_eq!(
        chat.seats[0]
            .group
            .policy()
            .user(user_id("bob"))
            .unwrap()
            .since_epoch,
        1
    );
    chat.say(0, "hello");
    chat.say(2, "hello from carol");

    let summary = chat.commit(1, rotate(), Vec::new());
    assert!(summary.rotated && summary.added.is_empty());

    // Dave comes and Carol goes, with all her devices, in one commit.
    let both = remove(&[chat.leaf(2), chat.leaf(3)]);
    let summary = chat.commit(0, both, vec![person("dave")]);
    assert_eq!(summary.users_removed, [user_id("carol")]);
    assert_eq!(summary.users_added, [user_id("dave")]);
    assert!(!chat.seats[2].group.is_active() && !chat.seats[3].group.is_active());
    chat.say(4, "hello from dave");

    let after = chat.seats[0].encrypt(b"", b"not for carol");
    assert!(matches!(
        chat.seats[2].process(&after),
        Err(MlsError::Inactive)
    ));
}

#[test]
fn members_change_their_own_devices_only() {
    let mut chat = Chat::with("devices", "alice", &["bob", "carol"]);
    let summary = chat.add(1, vec![device("bob", 2)]);
    assert!(summary.users_added.is_empty() && !summary.rotated);
    assert_eq!(summary.added.len(), 1);

    // Bob's second device removes his first.
    let first = chat.leaf(1);
    let summary = chat.commit(3, remove(&[first]), Vec::new());
    assert_eq!(summary.removed.len(), 1);
    assert!(summary.users_removed.is_empty());

    for (plan, action) in [
        (remove(&[chat.leaf(2)]), Action::RemoveUser),
        (
            CommitPlan {
                add: vec![person("dave").key_package().bytes],
                ..CommitPlan::default()
            },
            Action::AddUser,
        ),
        (
            CommitPlan {
                add: vec![device("carol", 2).key_package().bytes],
                ..CommitPlan::default()
            },
            Action::AddDevice,
        ),
        (roles(&[("bob", Role::Owner)]), Action::ChangeRole),
    ] {
        let user = user_id("bob");
        let refused = chat.seats[3].stage(&plan);
        assert!(
            matches!(
                refused,
                Err(MlsError::Policy(PolicyViolation::NotAllowed { user: by, action: what }))
                    if (by, what) == (user, action)
            ),
            "{action:?}: {refused:?}"
        );
        assert!(!chat.seats[3].group.has_pending_commit());
    }
    chat.say(3, "still fine");
}

#[test]
fn roles_are_given_by_owners() {
    let mut chat = Chat::with("roles", "alice", &["bob", "carol"]);
    let summary = chat.commit(0, roles(&[("bob", Role::Admin)]), Vec::new());
    assert_eq!(summary.roles_changed, [(user_id("bob"), Role::Admin)]);
    chat.add(1, vec![person("dave")]);
    let alice = remove(&[chat.leaf(0)]);
    assert!(matches!(
        chat.seats[1].stage(&alice),
        Err(MlsError::Policy(PolicyViolation::NotAllowed {
            action: Action::RemoveUser,
            ..
        }))
    ));
    let resign = roles(&[("alice", Role::Member)]);
    assert!(matches!(
        chat.seats[0].stage(&resign),
        Err(MlsError::Policy(PolicyViolation::LastOwner))
    ));
    chat.commit(
        0,
        roles(&[("carol", Role::Owner), ("alice", Role::Member)]),
        Vec::new(),
    );
    let carol_removes_alice = remove(&[chat.leaf(0)]);
    let summary = chat.commit(2, carol_removes_alice, Vec::new());
    assert_eq!(summary.users_removed, [user_id("alice")]);
    assert_eq!(
        chat.seats[2].group.policy().role_of(user_id("carol")),
        Some(Role::Owner)
    );
}

#[test]
fn a_direct_conversation_has_two_users() {
    let mut chat = Chat::direct("direct", person("alice"));
    let summary = chat.add(0, vec![person("bob"), device("bob", 2)]);
    assert_eq!(summary.users_added, [user_id("bob")]);
    assert_eq!(
        chat.seats[0].group.policy().role_of(user_id("bob")),
        Some(Role::Owner)
    );
    chat.add(1, vec![device("bob", 3)]);
    let bobs: Vec<u32> = (1..4).map(|seat| chat.leaf(seat)).collect();
    let dave = CommitPlan {
        add: vec![person("dave").key_package().bytes],
        ..CommitPlan::default()
    };
    for plan in [dave, remove(&bobs)] {
        let refused = chat.seats[0].stage(&plan);
        assert!(
            matches!(
                refused,
                Err(MlsError::Policy(
                    PolicyViolation::DirectIsClosed | PolicyViolation::Policy(_)
                ))
            ),
            "{refused:?}"
        );
    }
    assert!(matches!(
        chat.seats[0].stage(&remove(&bobs[..1])),
        Err(MlsError::Policy(PolicyViolation::NotAllowed {
            action: Action::RemoveDevice,
            ..
        }))
    ));
    chat.say(0, "hi");
    chat.say(3, "hi");
}

#[test]
fn any_member_repairs_a_device_that_lost_its_state() {
    let mut chat = Chat::with("repair", "alice", &["bob", "carol"]);
    let leaf = chat.leaf(2);
    let key = chat.seats[2].person.key_package();
    let old_rows = chat.seats[2].group.take_dirty();
    let plan = CommitPlan {
        add: vec![key.bytes.clone()],
        ..remove(&[leaf])
    };
    let staged = chat.seats[1].stage(&plan).unwrap();
    // Carol does not process the commit; she can only open the Welcome.
    let mut carol = chat.seats.remove(2);
    let summary = chat.deliver(1, &staged.commit);
    assert_eq!(summary.re_added.len(), 1);
    assert!(summary.added.is_empty() && summary.removed.is_empty());
    assert!(summary.users_added.is_empty() && summary.users_removed.is_empty());

    let old_rows: Vec<whimbrel_mls::Row> = old_rows
        .into_iter()
        .filter_map(|row| {
            row.value.map(|value| whimbrel_mls::Row {
                key: row.key,
                value,
            })
        })
        .collect();
    let joined = Group::join(
        &carol.person.crypto,
        &carol.person.device,
        chat.conversation,
        &staged.welcome.unwrap(),
        &chat.follower.tree().unwrap(),
        key.rows.clone(),
        old_rows.clone(),
    )
    .unwrap();
    carol.group = joined.group;
    // Every old row is overwritten or deleted, and the key package is used up.
    let dirty = carol.group.take_dirty();
    for row in old_rows.iter().chain(&key.rows) {
        let new = dirty.iter().find(|each| each.key == row.key);
        assert!(new.is_some(), "{row:?} is left");
    }
    let rows: Vec<_> = dirty.iter().filter(|row| row.value.is_some()).collect();
    assert!(
        rows.iter()
            .all(|row| row.key.group == chat.conversation.as_bytes())
    );
    chat.seats.push(carol);
    chat.assert_in_step();
    chat.say(2, "back again");
    chat.say(0, "welcome back");
}

#[test]
fn a_lost_race_and_own_echoes() {
    let mut chat = Chat::with("race", "alice", &["bob"]);
    let alice = chat.seats[0].stage(&rotate()).unwrap();
    let bob = chat.seats[1].stage(&rotate()).unwrap();
    assert!(matches!(
        chat.seats[1].stage(&rotate()),
        Err(MlsError::PendingCommit)
    ));
    // While a commit is pending, messages go both ways.
    chat.say(0, "one");
    chat.say(1, "two");
    assert!(matches!(
        chat.seats[0].process(&alice.commit),
        Err(MlsError::OwnCommit)
    ));
    assert!(chat.seats[0].group.has_pending_commit());
    chat.deliver(0, &alice.commit);
    assert!(!chat.seats[1].group.has_pending_commit());
    assert!(matches!(
        chat.seats[0].process(&bob.commit),
        Err(MlsError::WrongEpoch { ours: 2, theirs: 1 })
    ));
    chat.assert_in_step();

    let lost = chat.seats[1].stage(&rotate()).unwrap();
    chat.seats[1].group.discard_pending_commit().unwrap();
    assert!(matches!(
        chat.seats[1].group.discard_pending_commit(),
        Err(MlsError::NoPendingCommit)
    ));
    assert!(matches!(
        chat.seats[1].process(&lost.commit),
        Err(MlsError::InvalidCommit(_))
    ));
    let own = chat.seats[1].encrypt(b"", b"mine");
    assert!(matches!(
        chat.seats[1].process(&own),
        Err(MlsError::OwnMessage)
    ));
    chat.commit(1, rotate(), Vec::new());
}

#[test]
fn calls_that_make_no_sense_are_refused() {
    let mut chat = Chat::with("nonsense", "alice", &["bob"]);
    let empty = CommitPlan::default();
    assert!(matches!(
        chat.seats[0].stage(&empty),
        Err(MlsError::EmptyPlan)
    ));
    let own = remove(&[chat.leaf(0)]);
    assert!(chat.seats[0].stage(&own).is_err());
    assert!(chat.seats[0].stage(&remove(&[77])).is_err());
    let garbage = CommitPlan {
        add: vec![b"garbage".to_vec()],
        ..CommitPlan::default()
    };
    assert!(matches!(
        chat.seats[0].stage(&garbage),
        Err(MlsError::KeyPackage(_))
    ));
    let founding = {
        let person = &chat.seats[0].person;
        chat.seats[0]
            .group
            .founding_state(&person.crypto, &person.device)
    };
    assert!(matches!(
        founding,
        Err(MlsError::WrongEpoch { ours: 1, theirs: 0 })
    ));
    let bob = person("bob");
    let alice = &mut chat.seats[0];
    let wrong = alice.group.encrypt(&bob.crypto, &bob.device, b"", b"x");
    assert!(matches!(wrong, Err(MlsError::WrongDevice)));
    let policy = GroupPolicy::group(&bob.device.certificate);
    let alice = person("alice");
    let founded = Group::create(&alice.crypto, &alice.device, chat.conversation, &policy);
    assert!(matches!(
        founded,
        Err(MlsError::Policy(PolicyViolation::PolicyMismatch))
    ));
    chat.say(0, "all is well");
}

#[test]
fn messages_come_out_of_order_within_bounds() {
    let mut chat = Chat::with("order", "alice", &["bob"]);
    let messages: Vec<Vec<u8>> = (0..10_u8)
        .map(|number| chat.seats[0].encrypt(b"", &[number]))
        .collect();
    for (number, message) in messages.iter().enumerate().rev() {
        let processed = chat.seats[1].process(message).unwrap();
        let Processed::Message { plaintext, .. } = processed else {
            panic!("a message");
        };
        assert_eq!(usize::from(plaintext[0]), number);
    }
}

#[test]
fn a_message_of_the_epoch_before_is_lost() {
    let mut chat = Chat::with("epochs", "alice", &["bob"]);
    let late = chat.seats[0].encrypt(b"", b"late");
    chat.commit(1, rotate(), Vec::new());
    assert!(matches!(
        chat.seats[1].process(&late),
        Err(MlsError::WrongEpoch { ours: 2, theirs: 1 })
    ));
    let early = chat.commit_ahead();
    assert!(matches!(
        chat.seats[1].process(&early),
        Err(MlsError::WrongEpoch { ours: 2, theirs: 3 })
    ));
}

impl Chat {
    /// A message that Alice writes in an epoch that Bob has not reached.
    fn commit_ahead(&mut self) -> Vec<u8> {
        self.seats[0].stage(&rotate()).unwrap();
        self.seats[0].merge();
        self.seats[0].encrypt(b"", b"early")
    }
}

#[test]
fn a_commit_without_a_path_survives_the_loss_of_its_pending_state() {
    let mut chat = Chat::with("pathless", "alice", &["bob"]);
    let plan = CommitPlan {
        add: vec![device("alice", 2).key_package().bytes],
        ..CommitPlan::default()
    };
    let staged = chat.seats[0].stage(&plan).unwrap();
    chat.seats[0].group.discard_pending_commit().unwrap();
    for seat in 0..2 {
        let processed = chat.seats[seat].process(&staged.commit).unwrap();
        assert!(matches!(
            processed,
            Processed::Commit {
                removed_self: false,
                ..
            }
        ));
    }
    let followed = chat.follower.stage(&chat.server, &staged.commit).unwrap();
    chat.follower.merge(followed).unwrap();
    chat.assert_in_step();
    chat.say(0, "all there");
}

#[test]
fn the_same_seeds_give_the_same_bytes() {
    let run = || {
        let mut chat = Chat::group("replay", person("alice"));
        let crowd: Vec<String> = (0..20).map(|number| format!("crowd-{number}")).collect();
        chat.add(0, crowd.iter().map(|name| person(name)).collect());
        let mut bytes = Vec::new();
        for by in [0, 7, 20] {
            let staged = chat.seats[by].stage(&rotate()).unwrap();
            chat.deliver(by, &staged.commit);
            bytes.push(staged.commit);
            bytes.push(chat.seats[by].encrypt(b"", b"text"));
        }
        bytes
    };
    assert_eq!(run(), run());
}
