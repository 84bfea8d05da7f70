//! Stories of a server that tells members different histories, and of members who notice.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use whimbrel::query;
use whimbrel::store::read::Snapshot;
use whimbrel::types::{ConversationId, MessageKind};
use whimbrel_protocol::frame::ServerMessage;
use whimbrel_tests::World;
use whimbrel_tests::sim::DeviceIndex;

fn alice_and_bob(seed: u64) -> (World, DeviceIndex, DeviceIndex, ConversationId) {
    let (mut world, people) = World::with_people(seed, &["alice", "bob"]);
    let [alice, bob] = people[..] else { panic!() };
    let choir = world.group(alice, "Choir", &["bob"]);
    world.drive();
    world.say(alice, choir, "hello");
    world.drive();
    (world, alice, bob, choir)
}

/// The server tells Bob that what is on its way to him happened a second later than it did.
fn tell_bob_another_time(world: &mut World, bob: DeviceIndex) {
    let is_push = |message: &ServerMessage| matches!(message, ServerMessage::Envelopes(_));
    world.step_until("an envelope is on its way", |world| {
        world
            .frames_down(bob)
            .iter()
            .any(|frame| is_push(&frame.message))
    });
    for mut frame in world.intercept(bob, is_push) {
        if let ServerMessage::Envelopes(run) = &mut frame.message {
            for envelope in &mut run.envelopes {
                envelope.server_time_ms += 1_000;
            }
        }
        world.send_to(bob, &frame);
    }
    world.drive();
}

fn forks(world: &World, who: DeviceIndex, choir: ConversationId) -> usize {
    let rows = world.messages(who, choir).into_iter();
    rows.filter(|row| row.kind == MessageKind::Forked).count()
}

fn epoch_code(world: &World, who: DeviceIndex, choir: ConversationId) -> String {
    let engine = world.device(who).engine.as_ref().unwrap();
    let snapshot = Snapshot::of(engine.store().connection()).unwrap();
    query::epoch_code(&snapshot, choir).unwrap().unwrap()
}

#[test]
fn two_histories_are_noticed_by_both_at_their_first_exchange() {
    let (mut world, alice, bob, choir) = alice_and_bob(1301);
    world.say(alice, choir, "dinner at seven");
    tell_bob_another_time(&mut world, bob);
    // So far nobody can know.
    for who in [alice, bob] {
        assert!(!world.conversation(who, choir).forked);
    }
    world.say(bob, choir, "see you");
    world.drive();
    assert!(world.conversation(alice, choir).forked);
    assert!(!world.conversation(bob, choir).forked);
    world.say(alice, choir, "bring bread");
    world.drive();
    for who in [alice, bob] {
        assert!(world.conversation(who, choir).forked);
        assert_eq!(forks(&world, who, choir), 1);
    }
    // Once is enough to say it, and talking goes on.
    world.say(bob, choir, "and cheese");
    world.drive();
    assert_eq!(forks(&world, alice, choir), 1);
    assert_eq!(
        world.texts(alice, choir),
        [
            "hello",
            "dinner at seven",
            "see you",
            "bring bread",
            "and cheese"
        ]
    );
    // It is not forgotten.
    world.kill_device(alice);
    world.restart_device(alice);
    assert!(world.conversation(alice, choir).forked);
}

#[test]
fn one_history_raises_no_alarm() {
    let (mut world, alice, bob, choir) = alice_and_bob(1302);
    for round in 0..40 {
        world.set_online(bob, round % 3 != 0);
        world.say(alice, choir, &format!("a{round}"));
        world.say(bob, choir, &format!("b{round}"));
        world.drive();
    }
    world.set_online(bob, true);
    world.drive();
    for who in [alice, bob] {
        assert_eq!(forks(&world, who, choir), 0);
        assert!(!world.conversation(who, choir).forked);
    }
}

#[test]
fn members_of_one_epoch_read_each_other_the_same_code() {
    let (mut world, alice, bob, choir) = alice_and_bob(1303);
    let before = epoch_code(&world, alice, choir);
    assert_eq!(before, epoch_code(&world, bob, choir));
    let groups: Vec<&str> = before.split(' ').collect();
    assert_eq!(groups.len(), 6);
    assert!(groups.iter().all(|group| group.len() == 5));
    world.remove(alice, choir, bob);
    world.drive();
    assert_ne!(epoch_code(&world, alice, choir), before);
    assert_eq!(epoch_code(&world, bob, choir), before);
}
