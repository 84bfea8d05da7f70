//! Stories of people who come back under another identity, and of those who talk with them.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use whimbrel::ErrorCode;
use whimbrel::event::Command;
use whimbrel::query;
use whimbrel::store::read::Snapshot;
use whimbrel::types::{Contact, ConversationId, IdentityChange, MessageKind, UserId};
use whimbrel_mls::{CommitPlan, Role};
use whimbrel_protocol::content::ContentKind;
use whimbrel_protocol::frame::ItemResult;
use whimbrel_protocol::limits::NUMBER_MAX;
use whimbrel_tests::puppet::Heard;
use whimbrel_tests::sim::DeviceIndex;
use whimbrel_tests::{Puppet, World};

/// Alice and Carol in a group that Alice founded, with the hand-made Bob.
fn with_bob(seed: u64) -> (World, DeviceIndex, DeviceIndex, Puppet, ConversationId) {
    let (mut world, people) = World::with_people(seed, &["alice", "carol"]);
    let [alice, carol] = people[..] else { panic!() };
    let mut bob = Puppet::register(&mut world, "bob");
    let choir = world.group(alice, "Choir", &["bob", "carol"]);
    world.drive();
    bob.join(&mut world);
    (world, alice, carol, bob, choir)
}

fn contact(world: &World, who: DeviceIndex, user: UserId) -> Contact {
    let engine = world.device(who).engine.as_ref().unwrap();
    let snapshot = Snapshot::of(engine.store().connection()).unwrap();
    query::contact(&snapshot, user).unwrap()
}

fn changes(world: &World, who: DeviceIndex, place: ConversationId, user: UserId) -> usize {
    let rows = world.messages(who, place).into_iter();
    rows.filter(|row| row.kind == MessageKind::IdentityChanged(user))
        .count()
}

/// Helpers take turns, and wait for each other.
fn let_somebody_help(world: &mut World) {
    world.drive();
    world.wait(30_000);
    world.drive();
}

#[test]
fn a_group_is_warned_of_another_identity_and_talks_on() {
    let (mut world, alice, carol, bob, choir) = with_bob(1501);
    let before = contact(&world, carol, bob.user());
    assert!(!before.verified && before.identity_change.is_none());
    let mut bob = bob.reborn(&mut world, true);
    let_somebody_help(&mut world);
    bob.join(&mut world);
    bob.say(&mut world, choir, ContentKind::Text("lost my phone".into()));
    world.say(carol, choir, "welcome back");
    world.drive();
    // Alice has added Bob and so has seen his first manifest; Carol only knows certificates.
    for who in [alice, carol] {
        assert_eq!(changes(&world, who, choir, bob.user()), 1);
        let after = contact(&world, who, bob.user());
        assert_eq!(after.identity_change, Some(IdentityChange::ByRecovery));
        assert_ne!(
            after.safety_number.to_string(),
            before.safety_number.to_string()
        );
        assert_eq!(world.texts(who, choir), ["lost my phone", "welcome back"]);
    }
}

#[test]
fn nothing_is_said_to_a_verified_user_with_another_identity_until_it_is_accepted() {
    let (mut world, alice, _, bob, choir) = with_bob(1502);
    let user = bob.user();
    world.must(
        alice,
        Command::SetVerified {
            user,
            verified: true,
        },
    );
    assert!(contact(&world, alice, user).verified);
    let mut bob = bob.reborn(&mut world, false);
    let_somebody_help(&mut world);
    assert_eq!(bob.join(&mut world), [choir]);
    let change = contact(&world, alice, user);
    assert_eq!(change.identity_change, Some(IdentityChange::Unproven));
    assert!(!change.verified);

    world.say(alice, choir, "only for Bob");
    world.drive();
    let row = world.conversation(alice, choir);
    assert_eq!(row.blocked, Some(ErrorCode::IdentityChanged));
    // What she wrote, and the name of the group, which Bob's new device has not read.
    assert_eq!(row.queued, 2);
    let verify = Command::SetVerified {
        user,
        verified: true,
    };
    assert_eq!(
        world.must_fail(alice, verify.clone()).code,
        ErrorCode::IdentityChanged
    );
    // It survives a restart, and Alice can still act on the group.
    world.kill_device(alice);
    world.restart_device(alice);
    world.drive();
    assert_eq!(world.outbox(alice).len(), 2);

    world.must(alice, Command::AcceptIdentity { user });
    world.drive();
    assert_eq!(world.outbox(alice), []);
    assert_eq!(world.conversation(alice, choir).blocked, None);
    assert_eq!(contact(&world, alice, user).identity_change, None);
    world.must(alice, verify);
    assert!(contact(&world, alice, user).verified);
    let heard = bob.catch_up(&mut world, choir);
    let said = Heard::Said(ContentKind::Text("only for Bob".into()));
    assert!(heard.contains(&said), "{heard:?}");
}

#[test]
fn a_direct_chat_waits_for_the_new_identity_to_be_accepted() {
    let (mut world, people) = World::with_people(1503, &["alice"]);
    let alice = people[0];
    let mut bob = Puppet::register(&mut world, "bob");
    let user = bob.user();
    let chat = world.direct(alice, "bob");
    world.say(alice, chat, "hi");
    world.drive();
    bob.join(&mut world);
    let mut bob = bob.reborn(&mut world, false);
    let_somebody_help(&mut world);
    assert_eq!(bob.join(&mut world), [chat]);
    world.say(alice, chat, "is it you?");
    world.drive();
    assert_eq!(
        world.conversation(alice, chat).blocked,
        Some(ErrorCode::IdentityChanged)
    );
    bob.say(&mut world, chat, ContentKind::Text("it is me".into()));
    world.drive();
    assert_eq!(changes(&world, alice, chat, user), 1);
    assert_eq!(
        world.texts(alice, chat),
        ["hi", "it is me", "is it you?"],
        "what waits stands at the end"
    );
    world.must(alice, Command::AcceptIdentity { user });
    world.drive();
    assert_eq!(world.outbox(alice), []);
}

#[test]
fn one_is_no_contact_of_oneself_and_strangers_are_none() {
    let (mut world, alice, _, _, _) = with_bob(1504);
    let me = world.device(alice).user;
    let own = Command::AcceptIdentity { user: me };
    assert_eq!(world.must_fail(alice, own).code, ErrorCode::InvalidArgument);
    let stranger = Command::SetVerified {
        user: UserId::from_bytes([9; 16]),
        verified: true,
    };
    assert_eq!(world.must_fail(alice, stranger).code, ErrorCode::NotFound);
}

#[test]
fn a_direct_chat_with_an_id_that_nobody_has_says_so() {
    let (mut world, alice, _, _, _) = with_bob(1505);
    let peer = whimbrel::types::Person::Id(UserId::from_bytes([9; 16]));
    let reply = world.must(alice, Command::CreateDirect { peer });
    let whimbrel::event::Reply::Conversation(chat) = reply else {
        panic!("{reply:?}")
    };
    world.say(alice, chat, "hello?");
    world.drive();
    let row = world.conversation(alice, chat);
    assert_eq!(row.blocked, Some(ErrorCode::NoSuchUser));
    assert_eq!(row.queued, 3, "nothing is lost");
}

#[test]
fn what_one_identity_was_told_is_not_told_again_to_another() {
    let (mut world, alice, _, bob, choir) = with_bob(1506);
    let chat = world.direct(alice, "bob");
    for place in [choir, chat] {
        world.say(alice, place, "for the old phone");
    }
    world.drive();
    let mut bob = bob.reborn(&mut world, false);
    let_somebody_help(&mut world);
    bob.join(&mut world);
    for is_accepted in [false, true] {
        if is_accepted {
            let user = bob.user();
            world.must(alice, Command::AcceptIdentity { user });
        }
        for place in [choir, chat] {
            let ask = ContentKind::AskAgain {
                from_seq: 1,
                to_seq: NUMBER_MAX,
            };
            bob.say(&mut world, place, ask);
            world.drive();
            let heard = bob.catch_up(&mut world, place);
            let tells = |heard: &Heard| matches!(heard, Heard::Said(ContentKind::Again { .. }));
            assert!(!heard.iter().any(tells), "{heard:?}");
        }
    }
}

/// A user's new identity is announced, and no group goes by it.
fn waits_outside(world: &mut World, who: DeviceIndex, user: UserId, place: ConversationId) {
    let before = contact(world, who, user);
    assert_eq!(before.identity_change, Some(IdentityChange::Announced));
    world.say(who, place, "nobody can let Bob in");
    world.drive();
    assert_eq!(world.outbox(who), [], "he was not verified");
    let verified = true;
    let refused = world.must_fail(who, Command::SetVerified { user, verified });
    assert_eq!(refused.code, ErrorCode::IdentityChanged);
    // A server can announce what it likes: it is never relied on.
    world.must(who, Command::AcceptIdentity { user });
    let after = contact(world, who, user);
    assert_eq!(after.identity_change, None);
    assert_eq!(after.safety_number, before.safety_number);
}

#[test]
fn the_only_owner_comes_back_with_the_recovery_code() {
    for with_code in [true, false] {
        let (mut world, people) = World::with_people(1507, &["alice", "carol"]);
        let [alice, carol] = people[..] else { panic!() };
        let mut bob = Puppet::register(&mut world, "bob");
        let choir = bob.found(&mut world);
        let users = people.iter().map(|who| world.device(*who).user);
        let users: Vec<UserId> = users.collect();
        bob.add(&mut world, choir, &users, Role::Member);
        world.drive();
        let mut bob = bob.reborn(&mut world, with_code);
        let_somebody_help(&mut world);
        // Only an owner could let an unproven identity of an owner in. Its members see that it waits.
        let expected = if with_code { vec![choir] } else { vec![] };
        assert_eq!(bob.join(&mut world), expected);
        for who in [alice, carol] {
            assert_eq!(changes(&world, who, choir, bob.user()), 1);
        }
        if !with_code {
            waits_outside(&mut world, alice, bob.user(), choir);
            continue;
        }
        for who in [alice, carol] {
            let change = contact(&world, who, bob.user()).identity_change;
            assert_eq!(change, Some(IdentityChange::ByRecovery));
        }
        let user = world.device(carol).user;
        let plan = CommitPlan {
            roles: vec![(user, Role::Owner)],
            ..CommitPlan::default()
        };
        let promoted = bob.commit(&mut world, choir, &plan, Vec::new());
        assert!(matches!(promoted, ItemResult::Accepted { .. }));
        bob.catch_up(&mut world, choir);
        let said = bob.say(&mut world, choir, ContentKind::Text("back again".into()));
        assert!(matches!(said, ItemResult::Accepted { .. }), "{said:?}");
        world.drive();
        let chat = world.chat(alice, choir);
        assert_eq!(world.texts(alice, choir), ["back again"], "{chat}");
        world.rename(carol, choir, "with two owners");
        world.drive();
        assert_eq!(world.conversation(alice, choir).name, "with two owners");
    }
}

#[test]
fn who_was_away_during_a_recovery_sees_its_proof_too() {
    let (mut world, alice, carol, bob, choir) = with_bob(1508);
    let user = bob.user();
    world.must(
        carol,
        Command::SetVerified {
            user,
            verified: true,
        },
    );
    world.set_online(carol, false);
    let mut bob = bob.reborn(&mut world, true);
    let_somebody_help(&mut world);
    assert_eq!(bob.join(&mut world), [choir]);
    world.set_online(carol, true);
    world.drive();
    for who in [alice, carol] {
        let change = contact(&world, who, user).identity_change;
        assert_eq!(change, Some(IdentityChange::ByRecovery));
        assert_eq!(changes(&world, who, choir, user), 1);
    }
}

#[test]
fn an_accepted_identity_stays_accepted_where_a_group_has_not_followed() {
    let (mut world, people) = World::with_people(1509, &["alice", "carol", "dave"]);
    let [alice, carol, _] = people[..] else {
        panic!()
    };
    let mut bob = Puppet::register(&mut world, "bob");
    let user = bob.user();
    let choir = world.group(alice, "Choir", &["bob"]);
    world.drive();
    bob.join(&mut world);
    // His own group, which nobody else owns.
    let band = bob.found(&mut world);
    let users = [alice, carol].map(|who| world.device(who).user);
    bob.add(&mut world, band, &users, Role::Admin);
    world.drive();
    let mut bob = bob.reborn(&mut world, false);
    let_somebody_help(&mut world);
    assert_eq!(bob.join(&mut world), [choir]);
    world.must(alice, Command::AcceptIdentity { user });
    let accepted = contact(&world, alice, user);
    assert_eq!(accepted.identity_change, None);
    world.add(carol, band, "dave");
    world.drive();
    assert_eq!(contact(&world, alice, user), accepted);
    assert_eq!(changes(&world, alice, band, user), 1);
}

#[test]
fn what_was_written_before_a_recovery_was_known_reaches_the_new_device() {
    for (seed, is_verified) in [(1510, false), (1511, true)] {
        let (mut world, alice, _, bob, choir) = with_bob(seed);
        let user = bob.user();
        let chat = world.direct(alice, "bob");
        let verified = is_verified;
        world.must(alice, Command::SetVerified { user, verified });
        world.drive();
        world.set_online(alice, false);
        world.say(alice, chat, "written in a tunnel");
        world.say(alice, choir, "for all of you");
        let mut bob = bob.reborn(&mut world, true);
        world.set_online(alice, true);
        world.drive();
        assert!(
            world
                .outbox(alice)
                .iter()
                .any(|item| item.conversation == chat)
        );
        let_somebody_help(&mut world);
        bob.join(&mut world);
        world.must(alice, Command::AcceptIdentity { user });
        world.drive();
        assert_eq!(world.outbox(alice), []);
        for (place, text) in [(chat, "written in a tunnel"), (choir, "for all of you")] {
            let heard = bob.catch_up(&mut world, place);
            let said = Heard::Said(ContentKind::Text(text.into()));
            assert!(heard.contains(&said), "{heard:?}");
        }
    }
}
