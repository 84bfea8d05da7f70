//! Stories that the random simulator told first: each was a defect once.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use whimbrel::ErrorCode;
use whimbrel::event::Command;
use whimbrel::types::{Delivery, OutboxKind};
use whimbrel_protocol::frame::ClientMessage;
use whimbrel_tests::World;
use whimbrel_tests::vfs::{Fault, PowerCut};

/// An invitation is pushed while an older one is still being fetched.
#[test]
fn a_pushed_invitation_does_not_hide_an_older_one() {
    let (mut world, people) = World::with_people(601, &["alice", "bob", "carol"]);
    let [alice, bob, carol] = people[..] else {
        panic!()
    };
    world.set_online(bob, false);
    let first = world.group(alice, "first", &["bob"]);
    world.drive();
    world.set_online(bob, true);
    let is_fetch = |message: &ClientMessage| matches!(message, ClientMessage::FetchInbox { .. });
    world.step_until("bob asks for his inbox", |world| {
        world
            .frames_up(bob)
            .iter()
            .any(|frame| is_fetch(&frame.message))
    });
    assert_eq!(world.intercept_up(bob, is_fetch).len(), 1);
    let second = world.group(carol, "second", &["bob"]);
    world.drive();
    for place in [first, second] {
        assert_eq!(world.member_names(bob, place).len(), 2);
    }
}

/// What a device says to have applied is lost with its connection.
#[test]
fn a_lost_acknowledgement_is_said_again_on_the_next_connection() {
    let (mut world, people) = World::with_people(602, &["alice", "bob"]);
    let [alice, bob] = people[..] else { panic!() };
    let chat = world.direct(alice, "bob");
    world.drive();
    world.say(alice, chat, "did you get this?");
    let is_applied = |message: &ClientMessage| matches!(message, ClientMessage::Applied { .. });
    world.step_until("bob has it", |world| {
        world
            .frames_up(bob)
            .iter()
            .any(|frame| is_applied(&frame.message))
    });
    assert_eq!(world.intercept_up(bob, is_applied).len(), 1);
    world.cut(bob);
    world.drive();
    let last = world.messages(alice, chat).pop().unwrap();
    assert_eq!(last.delivery, Delivery::Delivered);
}

/// A conversation is given up while its outbox is to be looked at.
#[test]
fn a_conversation_that_was_given_up_does_not_stop_the_others() {
    let (mut world, people) = World::with_people(603, &["alice", "bob"]);
    let [alice, bob] = people[..] else { panic!() };
    let chat = world.direct(alice, "bob");
    world.drive();
    world.set_online(alice, false);
    world.group(alice, "never", &["bob"]);
    let create = world
        .outbox(alice)
        .into_iter()
        .find(|item| item.kind == OutboxKind::Create);
    world.must(
        alice,
        Command::Discard {
            item: create.unwrap().id,
        },
    );
    world.say(alice, chat, "never mind");
    world.set_online(alice, true);
    world.drive();
    assert_eq!(world.texts(bob, chat), ["never mind"]);
    assert_eq!(
        world
            .device(alice)
            .engine
            .as_ref()
            .unwrap()
            .state()
            .last_error,
        None
    );
}

/// A transaction fails while something else is due before the rest after it is over.
#[test]
fn a_client_at_rest_after_trouble_asks_for_no_ticks() {
    let (mut world, people) = World::with_people(604, &["alice", "bob"]);
    let [alice, bob] = people[..] else { panic!() };
    let chat = world.direct(alice, "bob");
    world.drive();
    for text in ["one", "two"] {
        world.say(bob, chat, text);
        world.drive();
        // The second mark waits for some seconds after the first.
        world.read_all(alice, chat);
    }
    world.device(alice).disk.set_fault(Some(Fault::Full));
    world.say(bob, chat, "three");
    for _ in 0..200 {
        world.step(i64::MAX);
    }
    world.device(alice).disk.set_fault(None);
    world.drive();
    assert_eq!(world.texts(alice, chat), ["one", "two", "three"]);
}

/// Delivery marks come while the disk is full.
#[test]
fn marks_that_could_not_be_written_are_written_later() {
    let (mut world, people) = World::with_people(605, &["alice", "bob"]);
    let [alice, bob] = people[..] else { panic!() };
    let chat = world.direct(alice, "bob");
    world.drive();
    world.set_online(bob, false);
    world.say(alice, chat, "hello");
    world.drive();
    world.device(alice).disk.set_fault(Some(Fault::Full));
    world.set_online(bob, true);
    world.wait(3_000);
    let delivery = |world: &World| world.messages(alice, chat).pop().unwrap().delivery;
    assert_eq!(delivery(&world), Delivery::Sent);
    world.device(alice).disk.set_fault(None);
    world.drive();
    assert_eq!(delivery(&world), Delivery::Delivered);
}

/// A process is killed between writing a commit and flushing it; the next one reads the commit;
/// then the power goes. Whatever was read, and told to others, must still be there.
#[test]
fn what_a_killed_process_left_unflushed_is_flushed_before_it_is_shown() {
    let (mut died_before_commit, mut died_before_flush) = (0, 0);
    for op in 1..40 {
        let (mut world, people) = World::with_people(606, &["alice", "bob"]);
        let [alice, bob] = people[..] else { panic!() };
        let chat = world.direct(alice, "bob");
        world.drive();
        world.say(alice, chat, "hello");
        world.device(bob).disk.kill_at_op(op);
        world.wait(200);
        if world.is_running(bob) {
            break;
        }
        world.set_online(bob, false);
        world.start_device(bob);
        let shown = world.texts(bob, chat);
        died_before_commit += usize::from(shown.is_empty());
        died_before_flush += usize::from(!shown.is_empty());
        world.kill_device(bob);
        world
            .device(bob)
            .disk
            .power_cut(PowerCut::LoseAllUnsynced, 1);
        world.start_device(bob);
        assert_eq!(world.texts(bob, chat), shown, "killed at operation {op}");
    }
    assert!(died_before_commit > 0 && died_before_flush > 0);
}

/// Without the invitation there would be a direct conversation with one member, which the other
/// one's own draft waits for, for ever.
#[test]
fn a_direct_conversation_is_given_up_as_a_whole_or_not_at_all() {
    let (mut world, people) = World::with_people(607, &["alice", "bob"]);
    let [alice, bob] = people[..] else { panic!() };
    world.set_online(bob, false);
    let draft = world.direct(bob, "alice");
    let invitation = |world: &World| {
        let mut items = world.outbox(bob).into_iter();
        items
            .find(|item| matches!(item.kind, OutboxKind::Add(_)))
            .unwrap()
            .id
    };
    let item = invitation(&world);
    world.must(bob, Command::Discard { item });
    assert!(world.conversations(bob).is_empty() && world.outbox(bob).is_empty());

    let founded = world.direct(bob, "alice");
    assert_ne!(draft, founded);
    world.set_online(bob, true);
    world.step_until("the server knows it", |world| {
        !world
            .outbox(bob)
            .iter()
            .any(|item| item.kind == OutboxKind::Create)
    });
    let item = invitation(&world);
    let refused = world.must_fail(bob, Command::Discard { item });
    assert_eq!(refused.code, ErrorCode::NotAllowed);
    let chat = world.direct(alice, "bob");
    world.say(alice, chat, "there you are");
    world.drive();
    assert_eq!(world.texts(bob, founded), ["there you are"]);
}
