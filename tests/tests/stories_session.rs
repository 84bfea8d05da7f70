//! Stories of tokens and clocks.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use whimbrel::types::{Alarm, Connection, ConversationId};
use whimbrel_tests::World;
use whimbrel_tests::sim::DeviceIndex;

const DAY_MS: i64 = 24 * 3_600_000;

fn two(seed: u64) -> (World, DeviceIndex, DeviceIndex, ConversationId) {
    let (mut world, people) = World::with_people(seed, &["alice", "bob"]);
    let [alice, bob] = people[..] else { panic!() };
    let chat = world.direct(alice, "bob");
    world.drive();
    (world, alice, bob, chat)
}

fn alarm(world: &World, who: DeviceIndex) -> Option<Alarm> {
    world.device(who).engine.as_ref().unwrap().state().alarm
}

#[test]
fn a_token_expires_while_offline() {
    let (mut world, alice, bob, chat) = two(901);
    world.set_online(alice, false);
    world.say(alice, chat, "one");
    world.wait(3 * DAY_MS);
    world.set_online(alice, true);
    world.drive();
    assert_eq!(world.texts(bob, chat), ["one"]);
    assert_eq!(alarm(&world, alice), None);
}

#[test]
fn a_token_expires_while_connected() {
    let (mut world, alice, bob, chat) = two(902);
    for number in 0..8 {
        world.wait(200_000);
        world.say(alice, chat, &format!("message {number}"));
    }
    world.drive();
    assert_eq!(world.texts(bob, chat).len(), 8);
}

#[test]
fn the_answer_to_a_refresh_gets_lost() {
    let (mut world, alice, bob, chat) = two(903);
    world.set_online(alice, false);
    world.wait(DAY_MS);
    world.say(alice, chat, "one");
    world.lost_refreshes = 3;
    world.set_online(alice, true);
    world.drive();
    assert_eq!(world.lost_refreshes, 0);
    assert_eq!(world.texts(bob, chat), ["one"]);
    assert_eq!(alarm(&world, alice), None);
}

#[test]
fn a_session_is_ended_and_begun_anew() {
    let (mut world, alice, bob, chat) = two(904);
    world.end_session(alice);
    world.cut(alice);
    world.say(alice, chat, "one");
    world.wait(120_000);
    assert_eq!(alarm(&world, alice), Some(Alarm::SignInNeeded));
    world.say(alice, chat, "two");
    world.restart_device(alice);
    world.wait(120_000);
    assert_eq!(alarm(&world, alice), Some(Alarm::SignInNeeded));
    assert_eq!(world.outbox(alice).len(), 2, "kept until then");

    world.sign_in(alice);
    world.drive();
    assert_eq!(alarm(&world, alice), None);
    assert_eq!(world.texts(bob, chat), ["one", "two"]);
}

#[test]
fn a_token_is_denied_though_it_looks_good() {
    let (mut world, alice, bob, chat) = two(905);
    world.expire_access(alice);
    world.cut(alice);
    world.say(alice, chat, "one");
    world.drive();
    assert_eq!(world.texts(bob, chat), ["one"]);
}

#[test]
fn clocks_two_years_ahead_and_in_1970_talk_to_each_other() {
    let (mut world, alice, bob, chat) = two(906);
    world.device_mut(alice).clock_off_ms = 2 * 365 * DAY_MS;
    world.device_mut(bob).clock_off_ms = -world.wall_ms();
    for who in [alice, bob] {
        world.restart_device(who);
    }
    world.drive();
    for round in 0..3 {
        world.say(alice, chat, &format!("alice {round}"));
        world.say(bob, chat, &format!("bob {round}"));
        world.drive();
        world.wait(400_000);
    }
    for who in [alice, bob] {
        assert_eq!(world.texts(who, chat).len(), 6);
        let connection = world
            .device(who)
            .engine
            .as_ref()
            .unwrap()
            .state()
            .connection;
        assert_eq!(connection, Connection::Live);
    }
    assert_eq!(world.texts(alice, chat), world.texts(bob, chat));
    let composed: Vec<i64> = world
        .messages(bob, chat)
        .iter()
        .map(|message| message.composed_ms)
        .collect();
    let served: Vec<i64> = world
        .messages(bob, chat)
        .iter()
        .filter_map(|m| m.server_time_ms)
        .collect();
    assert!(
        composed.iter().any(|time| *time < DAY_MS),
        "shown as its author's clock said"
    );
    assert!(served.is_sorted(), "{served:?}");
}

#[test]
fn somebody_new_can_be_added_whatever_the_clocks_say() {
    for (seed, off) in [(907, 2 * 365 * DAY_MS), (908, -1_749_999_000_000)] {
        let (mut world, people) = World::with_people(seed, &["alice", "bob"]);
        let [alice, bob] = people[..] else { panic!() };
        for who in [alice, bob] {
            world.device_mut(who).clock_off_ms = off;
        }
        // Key packages made by the wrong clock, claimed by the wrong clock.
        let carol = world.add_person("carol");
        world.device_mut(carol).clock_off_ms = -off;
        world.drive();
        let choir = world.group(alice, "choir", &["bob", "carol"]);
        world.say(alice, choir, "what time is it?");
        world.drive();
        for who in [alice, bob, carol] {
            assert_eq!(world.texts(who, choir), ["what time is it?"]);
        }
    }
}

#[test]
fn a_clock_that_jumps_while_connected_breaks_nothing() {
    let (mut world, alice, bob, chat) = two(909);
    for (number, off) in [2 * 365 * DAY_MS, -2 * 365 * DAY_MS, 0]
        .into_iter()
        .enumerate()
    {
        world.device_mut(alice).clock_off_ms = off;
        world.say(alice, chat, &format!("message {number}"));
        world.drive();
        world.cut(alice);
        world.drive();
    }
    assert_eq!(world.texts(bob, chat).len(), 3);
    assert_eq!(alarm(&world, alice), None);
}
