//! Stories of coming in: Welcomes that are early, late, doubled or locked, and two people who
//! open the same direct conversation.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use whimbrel::event::Command;
use whimbrel::types::{ConversationId, Person};
use whimbrel_protocol::frame::ServerMessage;
use whimbrel_tests::World;
use whimbrel_tests::sim::DeviceIndex;

fn is_inbox(message: &ServerMessage) -> bool {
    matches!(message, ServerMessage::InboxItems { .. })
}

fn has_inbox(world: &World, who: DeviceIndex) -> bool {
    world
        .frames_down(who)
        .iter()
        .any(|frame| is_inbox(&frame.message))
}

#[test]
fn a_welcome_comes_late() {
    let (mut world, people) = World::with_people(701, &["alice", "bob"]);
    let [alice, bob] = people[..] else { panic!() };
    let choir = world.group(alice, "choir", &["bob"]);
    world.step_until("welcomed", |world| has_inbox(world, bob));
    let late = world.intercept(bob, is_inbox);
    for number in 0..3 {
        world.say(alice, choir, &format!("message {number}"));
    }
    world.wait(10_000);
    for frame in &late {
        world.send_to(bob, frame);
    }
    world.drive();
    assert_eq!(
        world.texts(bob, choir),
        ["message 0", "message 1", "message 2"]
    );
}

#[test]
fn a_welcome_that_got_lost_is_there_at_the_next_connection() {
    let (mut world, people) = World::with_people(702, &["alice", "bob"]);
    let [alice, bob] = people[..] else { panic!() };
    let choir = world.group(alice, "choir", &["bob"]);
    world.step_until("welcomed", |world| has_inbox(world, bob));
    world.intercept(bob, is_inbox);
    world.say(alice, choir, "anybody here?");
    world.wait(5_000);
    assert_eq!(world.conversations(bob), []);
    world.cut(bob);
    world.drive();
    assert_eq!(world.texts(bob, choir), ["anybody here?"]);
}

#[test]
fn a_welcome_comes_twice() {
    let (mut world, people) = World::with_people(703, &["alice", "bob"]);
    let [alice, bob] = people[..] else { panic!() };
    let choir = world.group(alice, "choir", &["bob"]);
    world.step_until("welcomed", |world| has_inbox(world, bob));
    let twice: Vec<_> = world
        .frames_down(bob)
        .into_iter()
        .filter(|frame| is_inbox(&frame.message))
        .collect();
    for frame in &twice {
        world.send_to(bob, frame);
    }
    world.drive();
    world.say(alice, choir, "one");
    world.say(bob, choir, "two");
    world.drive();
    let before = world.chat(bob, choir);
    for frame in twice {
        world.push(bob, frame.message);
    }
    world.drive();
    assert_eq!(world.chat(bob, choir), before);
    assert_eq!(before.matches("added bob").count(), 1);
}

#[test]
fn a_welcome_comes_before_the_end_of_the_stay_before() {
    let (mut world, people) = World::with_people(704, &["alice", "bob"]);
    let [alice, bob] = people[..] else { panic!() };
    let choir = world.group(alice, "choir", &["bob"]);
    world.drive();
    world.set_online(bob, false);
    for number in 0..150 {
        world.say(alice, choir, &format!("message {number}"));
    }
    world.remove(alice, choir, bob);
    world.say(alice, choir, "not for bob");
    world.drive();
    world.add(alice, choir, "bob");
    world.say(alice, choir, "hello again");
    world.drive();
    world.set_online(bob, true);
    world.drive();
    let texts = world.texts(bob, choir);
    assert_eq!(texts.len(), 151);
    assert_eq!(texts[149..], ["message 149", "hello again"]);
}

/// Takes away the private keys that Welcomes are opened with.
fn lose_private_keys(world: &mut World, who: DeviceIndex) {
    let engine = world.device(who).engine.as_ref().unwrap();
    let connection = engine.store().connection();
    let lost = connection
        .execute("DELETE FROM key_package_row", [])
        .unwrap();
    assert!(lost > 0);
}

#[test]
fn who_cannot_open_a_welcome_is_added_again() {
    let (mut world, people) = World::with_people(705, &["alice", "bob", "carol"]);
    let [alice, bob, carol] = people[..] else {
        panic!()
    };
    lose_private_keys(&mut world, bob);
    let choir = world.group(alice, "choir", &["bob", "carol"]);
    world.say(alice, choir, "one");
    world.step_until("welcomed", |world| has_inbox(world, bob));
    // Every key package that lies at the server is of no use: each is tried once.
    world.wait(90_000);
    world.drive();
    let commits = world.conversation(alice, choir).applied_seq;
    assert!(commits < 60, "{commits} commits");
    world.say(alice, choir, "two");
    world.drive();
    assert_eq!(
        world.texts(bob, choir).last().map(String::as_str),
        Some("two")
    );
    assert_eq!(world.texts(carol, choir), ["one", "two"]);
    world.say(bob, choir, "three");
    world.drive();
    for who in [alice, bob, carol] {
        assert_eq!(world.texts(who, choir).last().unwrap(), "three");
        assert_eq!(world.member_names(who, choir), ["alice", "bob", "carol"]);
        assert_eq!(world.outbox(who), []);
    }
}

/// Alice and Bob open their conversation at the same time, each in one of two ways.
fn both_open(seed: u64, alice_by_id: bool, bob_by_id: bool, alice_first: bool) {
    let (mut world, people) = World::with_people(seed, &["alice", "bob"]);
    let [alice, bob] = people[..] else { panic!() };
    for who in [alice, bob] {
        world.set_online(who, false);
    }
    let person = |world: &World, who: DeviceIndex, by_id: bool| {
        let device = world.device(who);
        if by_id {
            Person::Id(device.user)
        } else {
            Person::Username(device.name.clone())
        }
    };
    let open = |world: &mut World, who, peer| -> ConversationId {
        match world.must(who, Command::CreateDirect { peer }) {
            whimbrel::event::Reply::Conversation(id) => id,
            other => panic!("{other:?}"),
        }
    };
    let peer = person(&world, bob, alice_by_id);
    let of_alice = open(&mut world, alice, peer);
    let peer = person(&world, alice, bob_by_id);
    let of_bob = open(&mut world, bob, peer);
    assert_ne!(of_alice, of_bob);
    for number in 0..3 {
        world.say(alice, of_alice, &format!("alice {number}"));
        world.say(bob, of_bob, &format!("bob {number}"));
    }
    let order = if alice_first {
        [alice, bob]
    } else {
        [bob, alice]
    };
    for who in order {
        world.set_online(who, true);
    }
    world.drive();
    let [alices] = &world.conversations(alice)[..] else {
        panic!("one conversation")
    };
    let [bobs] = &world.conversations(bob)[..] else {
        panic!("one conversation")
    };
    assert_eq!(alices.id, bobs.id);
    for (who, id) in [(alice, of_alice), (bob, of_bob)] {
        assert_eq!(
            world.conversation(who, id).id,
            alices.id,
            "the old id still works"
        );
        let mut texts = world.texts(who, id);
        texts.sort();
        assert_eq!(
            texts,
            ["alice 0", "alice 1", "alice 2", "bob 0", "bob 1", "bob 2"]
        );
        assert_eq!(world.outbox(who), []);
        world.say(who, id, "under the old id");
    }
    world.drive();
    assert_eq!(world.texts(alice, of_alice).len(), 8);
    assert_eq!(world.texts(alice, of_alice), world.texts(bob, of_bob));
}

#[test]
fn two_people_open_the_same_direct_conversation_offline() {
    for alice_first in [false, true] {
        both_open(706, false, false, alice_first);
        both_open(707, true, true, alice_first);
        both_open(708, true, false, alice_first);
    }
}

#[test]
fn somebody_opens_a_direct_conversation_by_name_and_by_id() {
    let (mut world, people) = World::with_people(709, &["alice", "bob"]);
    let [alice, bob] = people[..] else { panic!() };
    world.set_online(alice, false);
    let by_name = world.direct(alice, "bob");
    let user = world.device(bob).user;
    let reply = world.must(
        alice,
        Command::CreateDirect {
            peer: Person::Id(user),
        },
    );
    let whimbrel::event::Reply::Conversation(by_id) = reply else {
        panic!()
    };
    world.say(alice, by_name, "by name");
    world.say(alice, by_id, "by id");
    assert_eq!(world.direct(alice, "bob"), by_name, "found, not made");
    world.set_online(alice, true);
    world.drive();
    assert_eq!(world.conversations(alice).len(), 1);
    assert_eq!(world.conversations(bob).len(), 1);
    let id = world.conversations(bob)[0].id;
    let mut texts = world.texts(bob, id);
    texts.sort();
    assert_eq!(texts, ["by id", "by name"]);
    for old in [by_name, by_id] {
        assert_eq!(world.conversation(alice, old).id, id);
    }
    assert_eq!(world.outbox(alice), []);
}
