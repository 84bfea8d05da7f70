//! Stories of a connection that doubles, delays, reorders and drops what the server says.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use whimbrel::event::Event;
use whimbrel::types::{Alarm, ConversationId};
use whimbrel_protocol::ServerFrame;
use whimbrel_protocol::frame::ServerMessage;
use whimbrel_tests::World;
use whimbrel_tests::sim::DeviceIndex;

fn three(seed: u64) -> (World, [DeviceIndex; 3], ConversationId) {
    let (mut world, people) = World::with_people(seed, &["alice", "bob", "carol"]);
    let choir = world.group(people[0], "choir", &["bob", "carol"]);
    world.drive();
    (world, [people[0], people[1], people[2]], choir)
}

fn is_envelopes(message: &ServerMessage) -> bool {
    matches!(message, ServerMessage::Envelopes(_))
}

fn pushes(world: &World, to: DeviceIndex) -> usize {
    world
        .frames_down(to)
        .iter()
        .filter(|frame| is_envelopes(&frame.message))
        .count()
}

/// Everybody shows the same texts, and nothing is amiss.
fn assert_agreed(world: &World, people: &[DeviceIndex], choir: ConversationId, count: usize) {
    let texts = world.texts(people[0], choir);
    assert_eq!(texts.len(), count);
    for who in people {
        assert_eq!(world.texts(*who, choir), texts);
        let chat = world.chat(*who, choir);
        assert!(
            !chat.contains("unreadable") && !chat.contains("(gap)"),
            "{chat}"
        );
        assert_eq!(
            world.device(*who).engine.as_ref().unwrap().state().alarm,
            None::<Alarm>
        );
    }
}

#[test]
fn every_frame_once_more_changes_nothing() {
    let (mut world, people, choir) = three(501);
    let [alice, bob, carol] = people;
    world.network.down_recording = Some(Vec::new());
    for round in 0..4 {
        world.say(alice, choir, &format!("alice {round}"));
        world.say(bob, choir, &format!("bob {round}"));
        world.drive();
    }
    world.remove(alice, choir, carol);
    world.drive();
    world.add(alice, choir, "carol");
    world.rename(alice, choir, "chamber choir");
    world.drive();
    let recorded = world.network.down_recording.take().unwrap();
    let before: Vec<String> = people.iter().map(|who| world.chat(*who, choir)).collect();
    let stale = recorded.iter().chain(recorded.iter().rev());
    for (to, bytes) in stale {
        let frame = ServerFrame::decode(bytes).unwrap();
        // An old GoAway would be a server that sends the client away, not a stale frame.
        world.feed(*to, Event::Frame(frame));
        world.feed(*to, Event::MalformedFrame);
    }
    world.drive();
    let after: Vec<String> = people.iter().map(|who| world.chat(*who, choir)).collect();
    assert_eq!(before, after);
    world.say(carol, choir, "still working");
    world.drive();
    for who in people {
        assert_eq!(world.texts(who, choir).last().unwrap(), "still working");
    }
}

#[test]
fn frames_of_an_earlier_connection_change_nothing() {
    let (mut world, people, choir) = three(502);
    let [alice, bob, _] = people;
    world.network.down_recording = Some(Vec::new());
    world.cut(bob);
    world.say(alice, choir, "one");
    world.drive();
    world.say(alice, choir, "two");
    world.drive();
    let recorded = world.network.down_recording.take().unwrap();
    world.cut(bob);
    for (to, bytes) in recorded {
        let frame = ServerFrame::decode(&bytes).unwrap();
        world.feed(to, Event::Frame(frame));
    }
    world.say(alice, choir, "three");
    world.drive();
    assert_agreed(&world, &people, choir, 3);
}

#[test]
fn a_pushed_frame_that_is_lost_is_fetched() {
    let (mut world, people, choir) = three(503);
    let [alice, bob, _] = people;
    world.say(alice, choir, "one");
    world.step_until("pushed", |world| pushes(world, bob) > 0);
    assert_eq!(world.intercept(bob, is_envelopes).len(), 1);
    world.drive();
    assert_eq!(world.texts(bob, choir), [""; 0], "nobody has told him");
    world.say(alice, choir, "two");
    world.drive();
    assert_agreed(&world, &people, choir, 2);
}

#[test]
fn pushed_frames_in_the_wrong_order_are_put_right() {
    let (mut world, people, choir) = three(504);
    let [alice, bob, carol] = people;
    for number in 0..3 {
        world.say(alice, choir, &format!("alice {number}"));
        world.say(carol, choir, &format!("carol {number}"));
    }
    world.step_until("two pushes", |world| pushes(world, bob) > 1);
    let mut frames = world.intercept(bob, is_envelopes);
    frames.reverse();
    for frame in &frames {
        world.send_to(bob, frame);
    }
    world.drive();
    assert_agreed(&world, &people, choir, 6);
}

#[test]
fn an_own_commit_is_accepted_before_earlier_envelopes_arrive() {
    let (mut world, people) = World::with_people(505, &["alice", "bob", "carol"]);
    let [alice, bob, carol] = people[..] else {
        panic!()
    };
    let choir = world.group(alice, "choir", &["bob"]);
    world.drive();
    world.add(alice, choir, "carol");
    world.step_until("claimed", |world| {
        let frames = world.frames_down(alice);
        let is_claimed =
            |frame: &ServerFrame| matches!(frame.message, ServerMessage::ClaimedKeyPackages { .. });
        frames.iter().any(is_claimed)
    });
    // It reaches the server just before the commit that is made now.
    world.say(bob, choir, "before carol");
    world.step_until("pushed", |world| pushes(world, alice) > 0);
    let early = world.intercept(alice, is_envelopes);
    world.step_until("accepted", |world| {
        let is_result =
            |frame: &ServerFrame| matches!(frame.message, ServerMessage::SendResult { .. });
        world.frames_down(alice).iter().any(is_result)
    });
    let held = world.intercept(alice, is_envelopes);
    world.wait(1_000);
    for frame in held.iter().chain(&early) {
        world.send_to(alice, frame);
    }
    world.drive();
    world.say(carol, choir, "here I am");
    world.drive();
    for who in [alice, bob] {
        assert_eq!(world.texts(who, choir), ["before carol", "here I am"]);
    }
    assert_eq!(world.texts(carol, choir), ["here I am"]);
    assert_eq!(world.member_names(bob, choir), ["alice", "bob", "carol"]);
}

#[test]
fn a_slow_network_only_takes_longer() {
    let (mut world, people, choir) = three(506);
    world.network.latency_ms = 4_000;
    for round in 0..3 {
        for who in people {
            world.say(who, choir, &format!("{} {round}", who.0));
        }
    }
    world.drive();
    assert_agreed(&world, &people, choir, 9);
}
