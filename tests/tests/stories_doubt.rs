//! Stories of not knowing: answers that get lost, servers that die and drain, second thoughts.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use whimbrel::event::Command;
use whimbrel::types::{ConversationId, OutboxState};
use whimbrel_protocol::frame::{
    ClientMessage, GoAwayReason, ItemResult, Refusal, ServerFrame, ServerMessage,
};
use whimbrel_tests::World;
use whimbrel_tests::sim::DeviceIndex;
use whimbrel_tests::sim::server::CrashPoint;

/// Alice and Bob in a direct conversation, at rest.
fn two(seed: u64) -> (World, DeviceIndex, DeviceIndex, ConversationId) {
    let (mut world, people) = World::with_people(seed, &["alice", "bob"]);
    let [alice, bob] = people[..] else { panic!() };
    let chat = world.direct(alice, "bob");
    world.drive();
    (world, alice, bob, chat)
}

fn is_send(world: &World, who: DeviceIndex) -> bool {
    let frames = world.frames_up(who);
    frames
        .iter()
        .any(|frame| matches!(frame.message, ClientMessage::Send(_)))
}

fn is_result(message: &ServerMessage) -> bool {
    matches!(message, ServerMessage::SendResult { .. })
}

fn has_result(world: &World, who: DeviceIndex) -> bool {
    world
        .frames_down(who)
        .iter()
        .any(|frame| is_result(&frame.message))
}

const TALK: &str = "* alice added bob\nalice: one\nalice: two\n";

/// Both show the two messages once, and nothing is left to send.
fn assert_talk(world: &World, alice: DeviceIndex, bob: DeviceIndex, chat: ConversationId) {
    assert_eq!(world.chat(bob, chat), TALK);
    assert_eq!(world.texts(alice, chat), ["one", "two"]);
    assert_eq!(world.outbox(alice), []);
}

#[test]
fn the_connection_breaks_before_the_message_arrives() {
    let (mut world, alice, bob, chat) = two(201);
    world.say(alice, chat, "one");
    world.step_until("sent", |world| is_send(world, alice));
    world.cut(alice);
    assert_eq!(world.outbox(alice)[0].state, OutboxState::InDoubt);
    world.say(alice, chat, "two");
    world.drive();
    assert_talk(&world, alice, bob, chat);
}

#[test]
fn the_connection_breaks_before_the_answer_arrives() {
    let (mut world, alice, bob, chat) = two(202);
    world.say(alice, chat, "one");
    world.step_until("answered", |world| has_result(world, alice));
    world.cut(alice);
    assert_eq!(world.outbox(alice)[0].state, OutboxState::InDoubt);
    world.say(alice, chat, "two");
    world.drive();
    assert_talk(&world, alice, bob, chat);
}

#[test]
fn the_server_dies_between_appending_and_answering() {
    let (mut world, alice, bob, chat) = two(203);
    world.server.as_mut().unwrap().crash_at = Some(CrashPoint::AfterAppend);
    world.say(alice, chat, "one");
    world.step_until("dead", |world| world.server.is_none());
    assert_eq!(world.outbox(alice)[0].state, OutboxState::InDoubt);
    world.say(alice, chat, "two");
    world.start_server();
    world.drive();
    assert_talk(&world, alice, bob, chat);
}

#[test]
fn the_connection_breaks_again_and_again() {
    let (mut world, alice, bob, chat) = two(204);
    world.say(alice, chat, "one");
    for _ in 0..5 {
        world.step_until("sent", |world| is_send(world, alice));
        world.cut(alice);
        world.step_until("cut", |world| !is_send(world, alice));
    }
    world.step_until("answered", |world| has_result(world, alice));
    world.cut(alice);
    world.say(alice, chat, "two");
    world.drive();
    assert_talk(&world, alice, bob, chat);
}

#[test]
fn the_answer_is_lost_and_the_connection_stays() {
    let (mut world, alice, bob, chat) = two(205);
    world.say(alice, chat, "one");
    world.step_until("answered", |world| has_result(world, alice));
    assert_eq!(world.intercept(alice, is_result).len(), 1);
    world.say(alice, chat, "two");
    world.drive();
    assert_talk(&world, alice, bob, chat);
}

#[test]
fn the_answer_to_every_step_of_a_new_conversation_gets_lost() {
    let (mut world, people) = World::with_people(206, &["alice", "bob"]);
    let [alice, bob] = people[..] else { panic!() };
    let chat = world.direct(alice, "bob");
    world.say(alice, chat, "one");
    world.say(alice, chat, "two");
    // The founding, the commit that adds bob, the messages.
    for _ in 0..3 {
        world.step_until("answered", |world| has_result(world, alice));
        world.cut(alice);
    }
    world.drive();
    assert_talk(&world, alice, bob, chat);
}

#[test]
fn second_thoughts_before_anything_was_sent_leave_no_trace() {
    let (mut world, alice, bob, chat) = two(207);
    world.set_online(alice, false);
    let first = world.say(alice, chat, "onw");
    let gone = world.say(alice, chat, "better not");
    world.say(alice, chat, "two");
    world.edit(alice, chat, first, "one");
    world.must(alice, Command::Discard { item: gone });
    assert!(
        world
            .chat(alice, chat)
            .ends_with("alice: one …\nalice: two …\n")
    );
    world.set_online(alice, true);
    world.drive();
    assert_talk(&world, alice, bob, chat);
}

#[test]
fn second_thoughts_in_doubt_become_messages() {
    for arrived in [false, true] {
        let (mut world, alice, bob, chat) = two(208);
        world.set_online(alice, false);
        let edited = world.say(alice, chat, "onw");
        let discarded = world.say(alice, chat, "better not");
        world.set_online(alice, true);
        world.step_until("sent", |world| is_send(world, alice));
        if arrived {
            world.step_until("answered", |world| has_result(world, alice));
        }
        world.cut(alice);
        world.edit(alice, chat, edited, "one");
        world.must(alice, Command::Discard { item: discarded });
        world.drive();
        let expected = "alice: one (edited)\nalice: (deleted)\n";
        assert_eq!(
            world.chat(bob, chat),
            format!("* alice added bob\n{expected}")
        );
        let own = world.chat(alice, chat).replace(" ✓✓", "");
        assert!(own.ends_with(expected), "{own}");
        assert_eq!(world.outbox(alice), []);
    }
}

#[test]
fn second_thoughts_after_sending_become_messages() {
    let (mut world, alice, bob, chat) = two(209);
    let edited = world.say(alice, chat, "onw");
    let deleted = world.say(alice, chat, "better not");
    world.drive();
    world.set_online(bob, false);
    world.edit(alice, chat, edited, "onee");
    world.edit(alice, chat, edited, "one");
    world.must(
        alice,
        Command::Delete {
            conversation: chat,
            message: deleted,
        },
    );
    world.drive();
    world.set_online(bob, true);
    world.drive();
    let expected = "* alice added bob\nalice: one (edited)\nalice: (deleted)\n";
    assert_eq!(world.chat(bob, chat), expected);
    let unchanged = world.must_fail(
        bob,
        Command::Edit {
            conversation: chat,
            message: edited,
            text: "mine".into(),
        },
    );
    assert_eq!(
        unchanged.code,
        whimbrel::ErrorCode::NotAllowed,
        "others' messages are theirs"
    );
}

#[test]
fn the_server_dies_in_the_middle_of_delivery() {
    let (mut world, alice, bob, chat) = two(210);
    world.set_online(bob, false);
    let said: Vec<String> = (1..=60).map(|number| format!("message {number}")).collect();
    for text in &said {
        world.say(alice, chat, text);
    }
    let head = |world: &World| world.conversation(alice, chat).applied_seq;
    let start = head(&world);
    world.step_until("half sent", |world| head(world) > start + 20);
    world.restart_server();
    world.drive();
    world.set_online(bob, true);
    let received = |world: &World| world.texts(bob, chat).len();
    for least in [1, 20, 40] {
        world.step_until("receiving", |world| received(world) >= least);
        world.restart_server();
    }
    world.drive();
    assert_eq!(world.texts(bob, chat), said);
    assert_eq!(world.texts(alice, chat), said);
}

#[test]
fn a_server_that_drains_loses_nothing() {
    let (mut world, alice, bob, chat) = two(211);
    for number in 1..=40 {
        world.say(alice, chat, &format!("message {number}"));
    }
    world.drain_server(5_000);
    world.wait(8_000);
    assert!(
        world.devices.iter().all(|device| device.wire.is_none()),
        "nobody is connected"
    );
    world.restart_server();
    world.say(bob, chat, "still there");
    world.drive();
    assert_eq!(world.texts(bob, chat).len(), 41);
    let mut texts = [world.texts(alice, chat), world.texts(bob, chat)];
    texts.iter_mut().for_each(|texts| texts.sort());
    assert_eq!(texts[0], texts[1]);
}

#[test]
fn a_server_that_asks_for_years_of_patience_gets_minutes() {
    let (mut world, alice, bob, chat) = two(212);
    let away = ServerMessage::GoAway {
        reason: GoAwayReason::Draining,
        retry_after_ms: u32::MAX,
    };
    world.push(alice, away);
    world.say(alice, chat, "one");
    world.wait(310_000);
    world.say(alice, chat, "two");
    world.drive();
    assert_talk(&world, alice, bob, chat);

    world.say(bob, chat, "three");
    world.step_until("sent", |world| is_send(world, bob));
    let send = world.intercept_up(bob, |message| matches!(message, ClientMessage::Send(_)));
    let refused = ItemResult::Refused(Refusal::RateLimited {
        retry_after_ms: u32::MAX,
    });
    let message = ServerMessage::SendResult {
        conversation: chat,
        results: vec![refused],
    };
    world.send_to(
        bob,
        &ServerFrame {
            request: send[0].request,
            message,
        },
    );
    world.wait(121_000);
    assert_eq!(world.texts(alice, chat), ["one", "two", "three"]);
}

#[test]
fn a_wall_clock_that_jumps_parks_nothing() {
    let (mut world, alice, bob, chat) = two(213);
    world.kill_server();
    world.say(alice, chat, "one");
    world.wait(60_000);
    world.device_mut(alice).clock_off_ms = -2 * 365 * 24 * 3_600_000;
    world.start_server();
    world.wait(31_000);
    world.say(alice, chat, "two");
    world.drive();
    assert_talk(&world, alice, bob, chat);
}

#[test]
fn a_half_open_connection_is_noticed_by_its_silence() {
    let (mut world, alice, bob, chat) = two(214);
    let wire = world.device(alice).wire.unwrap();
    world.network.wires.get_mut(&wire).unwrap().half_open = true;
    world.say(alice, chat, "one");
    world.wait(30_000);
    assert_eq!(
        world.device(alice).wire,
        Some(wire),
        "silence is not death yet"
    );
    world.wait(6_000);
    assert_ne!(world.device(alice).wire, Some(wire));
    world.say(alice, chat, "two");
    world.drive();
    assert_talk(&world, alice, bob, chat);
}
