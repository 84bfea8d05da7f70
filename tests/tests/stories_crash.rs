//! Stories of dying: a client killed at every operation of its disk while it sends, receives,
//! founds and joins.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "tests; a failure is to tell at which operation"
)]

use std::cell::Cell;

use whimbrel::types::ConversationId;
use whimbrel_tests::World;
use whimbrel_tests::sim::DeviceIndex;
use whimbrel_tests::sim::origin::Origin;

/// More operations than any of these workloads has.
const OPERATIONS_MAX: u64 = 2_000;

/// Tells a story of the first so many people of the origin once for every operation of the disk of
/// `victim` in it, which dies there, and once to the end. `story` says what is to be done and may
/// find the victim dead at any time; `end` finds everybody alive and at rest.
fn enumerate(
    people: usize,
    victim: usize,
    prepare: impl Fn(&mut World, &[DeviceIndex]) -> ConversationId,
    story: impl Fn(&mut World, &[DeviceIndex], ConversationId),
    end: impl Fn(&mut World, &[DeviceIndex], ConversationId),
) -> u64 {
    for operation in 1..OPERATIONS_MAX {
        let mut world = World::from_origin(300, Origin::plain(), people);
        let people: Vec<DeviceIndex> = (0..people).map(DeviceIndex).collect();
        world.drive();
        let chat = prepare(&mut world, &people);
        let disk = world.device(people[victim]).disk.clone();
        disk.kill_at_op(operation);
        story(&mut world, &people, chat);
        let died = !world.is_running(people[victim]);
        disk.kill_at_op(0);
        if died {
            world.start_device(people[victim]);
        }
        world.drive();
        println!("killed at operation {operation}: {died}");
        end(&mut world, &people, chat);
        if !died {
            return operation - 1;
        }
    }
    panic!("the workload never ends");
}

fn direct(world: &mut World, people: &[DeviceIndex]) -> ConversationId {
    let chat = world.direct(people[0], "bob");
    world.drive();
    world.say(people[0], chat, "before");
    world.drive();
    chat
}

/// Says something unless the process is dead, as often as it takes until it is there: what a
/// person does who sees the app close.
fn insist(world: &mut World, who: DeviceIndex, chat: ConversationId, text: &str) {
    if !world.texts(who, chat).iter().any(|said| said == text) {
        world.say(who, chat, text);
    }
}

fn assert_same(world: &World, people: &[DeviceIndex], chat: ConversationId, expected: &[&str]) {
    for who in people {
        assert_eq!(
            world.texts(*who, chat),
            expected,
            "{}",
            world.device(*who).name
        );
        assert_eq!(world.outbox(*who), []);
    }
}

#[test]
fn a_sender_killed_at_any_operation_sends_everything_once() {
    let points = enumerate(
        2,
        0,
        direct,
        |world, people, chat| {
            for text in ["one", "two"] {
                if world.is_running(people[0]) {
                    let _ = world.try_say(people[0], chat, text);
                }
            }
            world.drive();
        },
        |world, people, chat| {
            for text in ["one", "two"] {
                insist(world, people[0], chat, text);
            }
            world.drive();
            assert_same(world, people, chat, &["before", "one", "two"]);
        },
    );
    assert!(points > 20, "{points}");
}

#[test]
fn what_send_has_accepted_survives_a_kill_at_any_operation() {
    let accepted = Cell::new(false);
    let points = enumerate(
        2,
        0,
        direct,
        |world, people, chat| {
            accepted.set(world.try_say(people[0], chat, "one").is_ok());
            world.drive();
        },
        |world, people, chat| {
            if !accepted.get() {
                insist(world, people[0], chat, "one");
                world.drive();
            }
            assert_same(world, people, chat, &["before", "one"]);
        },
    );
    assert!(points > 10, "{points}");
}

#[test]
fn a_receiver_killed_at_any_operation_receives_everything_once() {
    let points = enumerate(
        2,
        1,
        direct,
        |world, people, chat| {
            world.say(people[0], chat, "one");
            world.drive();
            world.say(people[0], chat, "two");
            world.drive();
        },
        |world, people, chat| {
            assert_same(world, people, chat, &["before", "one", "two"]);
            assert_eq!(world.conversation(people[1], chat).unread, 3);
        },
    );
    assert!(points > 10, "{points}");
}

#[test]
fn a_founder_killed_at_any_operation_founds_once() {
    let points = enumerate(
        2,
        0,
        |world, people| {
            world.set_online(people[0], false);
            let chat = world.group(people[0], "choir", &["bob"]);
            world.say(people[0], chat, "one");
            chat
        },
        |world, people, _| {
            world.set_online(people[0], true);
            world.drive();
        },
        |world, people, chat| {
            assert_same(world, people, chat, &["one"]);
            for who in people {
                assert_eq!(world.member_names(*who, chat), ["alice", "bob"]);
                assert_eq!(world.conversation(*who, chat).name, "choir");
            }
            assert_eq!(world.conversations(people[0]).len(), 1);
        },
    );
    assert!(points > 50, "{points}");
}

#[test]
fn somebody_who_invites_and_is_killed_at_any_operation_invites_once() {
    let points = enumerate(
        3,
        0,
        |world, people| {
            let chat = world.group(people[0], "choir", &["bob"]);
            world.drive();
            world.set_online(people[0], false);
            world.add(people[0], chat, "carol");
            world.say(people[0], chat, "hello carol");
            chat
        },
        |world, people, _| {
            world.set_online(people[0], true);
            world.drive();
        },
        |world, people, chat| {
            assert_same(world, people, chat, &["hello carol"]);
            for who in people {
                assert_eq!(world.member_names(*who, chat), ["alice", "bob", "carol"]);
                assert_eq!(world.conversation(*who, chat).name, "choir");
            }
            let chat = world.chat(people[1], chat);
            assert_eq!(chat.matches("added carol").count(), 1, "{chat}");
        },
    );
    assert!(points > 30, "{points}");
}

#[test]
fn somebody_invited_and_killed_at_any_operation_comes_in() {
    let points = enumerate(
        2,
        1,
        |world, people| world.group(people[0], "choir", &[]),
        |world, people, chat| {
            world.add(people[0], chat, "bob");
            world.say(people[0], chat, "welcome");
            world.drive();
        },
        |world, people, chat| {
            assert_same(world, people, chat, &["welcome"]);
            world.say(people[1], chat, "thanks");
            world.drive();
            assert_same(world, people, chat, &["welcome", "thanks"]);
        },
    );
    assert!(points > 10, "{points}");
}

#[test]
fn a_power_cut_after_any_answer_keeps_what_was_accepted() {
    use whimbrel_tests::vfs::PowerCut;
    for (number, cut) in (0..).zip(PowerCut::ALL) {
        let (mut world, people) = World::with_people(310 + number, &["alice", "bob"]);
        let [alice, bob] = people[..] else { panic!() };
        let chat = world.direct(alice, "bob");
        world.drive();
        world.set_online(alice, false);
        let mut said = Vec::new();
        for round in 0..5 {
            let text = format!("message {round}");
            world.say(alice, chat, &text);
            said.push(text);
            let disk = world.device(alice).disk.clone();
            disk.power_cut(cut, round);
            world.restart_device(alice);
            assert_eq!(world.texts(alice, chat), said, "{cut:?}");
        }
        world.set_online(alice, true);
        world.drive();
        assert_eq!(world.texts(bob, chat), said, "{cut:?}");
    }
}
