//! Stories of a commit whose tag is false: only members' secrets show it, so the server takes it,
//! nobody can process it, and the server takes it back.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use whimbrel::event::Command;
use whimbrel::types::{ConversationId, ConversationState, Defect, MessageKind};
use whimbrel_mls::{CommitPlan, Role};
use whimbrel_protocol::content::ContentKind;
use whimbrel_protocol::frame::{ClientMessage, ItemResult, Refusal};
use whimbrel_tests::sim::DeviceIndex;
use whimbrel_tests::{Puppet, World};

/// Alice, Bob and the hand-made Mallory in a group that Mallory founded.
fn with_mallory(seed: u64) -> (World, DeviceIndex, DeviceIndex, Puppet, ConversationId) {
    let (mut world, people) = World::with_people(seed, &["alice", "bob"]);
    let [alice, bob] = people[..] else { panic!() };
    let mut mallory = Puppet::register(&mut world, "mallory");
    let choir = mallory.found(&mut world);
    let users = [alice, bob].map(|who| world.device(who).user);
    let added = mallory.add(&mut world, choir, &users, Role::Owner);
    assert!(matches!(added, ItemResult::Accepted { .. }), "{added:?}");
    world.drive();
    (world, alice, bob, mallory, choir)
}

/// The server waits ten seconds for somebody who could process the commit.
fn wait_for_the_verdict(world: &mut World) {
    world.wait(12_000);
    world.drive();
}

fn rotation() -> CommitPlan {
    CommitPlan {
        rotate: true,
        ..CommitPlan::default()
    }
}

fn voided(world: &World, who: DeviceIndex, choir: ConversationId) -> usize {
    let rows = world.messages(who, choir).into_iter();
    rows.filter(|row| row.kind == MessageKind::Unreadable(Defect::Voided))
        .count()
}

#[test]
fn a_commit_with_a_false_tag_is_taken_back_and_the_talk_goes_on() {
    let (mut world, alice, bob, mut mallory, choir) = with_mallory(1401);
    world.say(alice, choir, "before");
    world.drive();
    mallory.catch_up(&mut world, choir);
    let posted = mallory.commit_false(&mut world, choir, &rotation());
    assert!(matches!(posted, ItemResult::Accepted { .. }), "{posted:?}");
    world.say(alice, choir, "is anybody there?");
    world.say(bob, choir, "yes");
    wait_for_the_verdict(&mut world);
    for who in [alice, bob] {
        assert_eq!(
            world.conversation(who, choir).state,
            ConversationState::Active
        );
        assert_eq!(voided(&world, who, choir), 1, "{}", world.chat(who, choir));
        assert_eq!(world.outbox(who), []);
        assert!(!world.conversation(who, choir).forked);
    }
    let texts = world.texts(alice, choir);
    assert_eq!(texts, world.texts(bob, choir));
    assert_eq!(texts.len(), 3, "{texts:?}");
    // Who made it has no say in the group's changes any more; the others have.
    mallory.catch_up(&mut world, choir);
    let again = mallory.commit(&mut world, choir, &rotation(), Vec::new());
    assert_eq!(again, ItemResult::Refused(Refusal::Policy));
    let user = mallory.user();
    world.must(
        alice,
        Command::Remove {
            conversation: choir,
            user,
        },
    );
    world.drive();
    assert_eq!(world.member_names(bob, choir), ["alice", "bob"]);
}

#[test]
fn a_false_commit_is_taken_back_also_for_who_comes_late() {
    let (mut world, alice, bob, mut mallory, choir) = with_mallory(1402);
    world.set_online(bob, false);
    mallory.commit_false(&mut world, choir, &rotation());
    wait_for_the_verdict(&mut world);
    assert_eq!(voided(&world, alice, choir), 1);
    world.say(alice, choir, "good morning");
    world.drive();
    world.set_online(bob, true);
    world.drive();
    assert_eq!(voided(&world, bob, choir), 1);
    assert_eq!(world.texts(bob, choir), ["good morning"]);
    assert_eq!(
        world.conversation(bob, choir).state,
        ConversationState::Active
    );
}

#[test]
fn a_kill_while_the_verdict_is_out_changes_nothing() {
    let (mut world, alice, bob, mut mallory, choir) = with_mallory(1403);
    mallory.commit_false(&mut world, choir, &rotation());
    world.step_until("alice can't go on", |world| {
        world.conversation(alice, choir).state == ConversationState::NeedsResync
    });
    world.kill_device(alice);
    world.restart_server();
    world.restart_device(alice);
    world.say(bob, choir, "hello?");
    wait_for_the_verdict(&mut world);
    for who in [alice, bob] {
        assert_eq!(voided(&world, who, choir), 1);
        assert_eq!(world.texts(who, choir), ["hello?"]);
        assert_eq!(
            world.conversation(who, choir).state,
            ConversationState::Active
        );
    }
    // What Mallory says reaches everybody still.
    mallory.catch_up(&mut world, choir);
    mallory.say(&mut world, choir, ContentKind::Text("oops".into()));
    world.drive();
    assert_eq!(world.texts(alice, choir), ["hello?", "oops"]);
}

#[test]
fn an_honest_commit_that_was_taken_back_costs_nobody_a_word() {
    let (mut world, alice, bob, mut mallory, choir) = with_mallory(1404);
    world.say(alice, choir, "before");
    world.drive();
    mallory.catch_up(&mut world, choir);
    world.set_online(bob, false);
    let name = "Quartet".to_owned();
    world.must(
        alice,
        Command::SetRoles {
            conversation: choir,
            roles: vec![(world.device(bob).user, whimbrel::types::Role::Member)],
        },
    );
    world.drive();
    let commit = world.conversation(alice, choir).applied_seq;
    for text in ["one", "two"] {
        world.say(alice, choir, text);
    }
    world.rename(alice, choir, &name);
    world.drive();
    assert_eq!(world.outbox(alice), []);
    // It is a lie, and nobody else is there to say so.
    let reject = ClientMessage::RejectCommit {
        conversation: choir,
        seq: commit,
    };
    mallory.ask(&mut world, reject);
    wait_for_the_verdict(&mut world);
    assert_eq!(
        world.conversation(alice, choir).state,
        ConversationState::NeedsResync
    );
    world.say(alice, choir, "three");

    world.set_online(bob, true);
    world.drive();
    world.wait(60_000);
    world.drive();
    assert_eq!(
        world.conversation(alice, choir).state,
        ConversationState::Active
    );
    for who in [alice, bob] {
        let said = ["before", "one", "two", "three"];
        assert_eq!(world.texts(who, choir), said, "{}", world.chat(who, choir));
        assert_eq!(world.outbox(who), []);
    }
    // One voice alone does not bar anybody.
    world.rename(alice, choir, &name);
    world.must(
        alice,
        Command::Remove {
            conversation: choir,
            user: mallory.user(),
        },
    );
    world.drive();
    assert_eq!(world.member_names(bob, choir), ["alice", "bob"]);
}
