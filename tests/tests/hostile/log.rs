//! A server that shows another log than the one there is.

use whimbrel::types::{ConversationId, ConversationState, Defect, MessageKind};
use whimbrel_protocol::ServerFrame;
use whimbrel_protocol::envelope::Body;
use whimbrel_protocol::frame::{Envelopes, ServerMessage};
use whimbrel_tests::World;
use whimbrel_tests::sim::DeviceIndex;

fn three(seed: u64) -> (World, [DeviceIndex; 3], ConversationId) {
    let (mut world, people) = World::with_people(seed, &["alice", "bob", "carol"]);
    let choir = world.group(people[0], "choir", &["bob", "carol"]);
    world.drive();
    (world, [people[0], people[1], people[2]], choir)
}

fn is_run(message: &ServerMessage) -> bool {
    matches!(message, ServerMessage::Envelopes(_))
}

/// Changes the next envelopes on their way to a device.
pub(crate) fn alter(world: &mut World, to: DeviceIndex, change: impl Fn(&mut Envelopes)) {
    world.step_until("shown", |world| {
        world
            .frames_down(to)
            .iter()
            .any(|frame| is_run(&frame.message))
    });
    let frames: Vec<ServerFrame> = world.intercept(to, is_run);
    for mut frame in frames {
        if let ServerMessage::Envelopes(run) = &mut frame.message {
            change(run);
        }
        world.send_to(to, &frame);
    }
}

fn defects(world: &World, who: DeviceIndex, place: ConversationId) -> Vec<Defect> {
    let rows = world.messages(who, place).into_iter();
    rows.filter_map(|row| match row.kind {
        MessageKind::Unreadable(defect) => Some(defect),
        _ => None,
    })
    .collect()
}

#[test]
fn two_histories_are_seen_at_the_first_exchange() {
    let (mut world, [alice, bob, carol], choir) = three(921);
    world.say(alice, choir, "at one time");
    alter(&mut world, bob, |run| {
        run.envelopes
            .iter_mut()
            .for_each(|envelope| envelope.server_time_ms += 1);
    });
    world.drive();
    assert!(
        !world.conversation(bob, choir).forked,
        "nothing to compare yet"
    );
    world.say(carol, choir, "what did you read?");
    world.drive();
    assert!(world.conversation(bob, choir).forked);
    assert!(!world.conversation(alice, choir).forked);
    world.say(bob, choir, "something else");
    world.drive();
    assert!(world.conversation(alice, choir).forked);
    assert_eq!(world.texts(alice, choir), world.texts(bob, choir));
}

#[test]
fn a_message_under_another_name_is_a_visible_row() {
    let (mut world, [alice, bob, carol], choir) = three(922);
    let other = world.device(carol).user;
    world.say(alice, choir, "alice's words");
    alter(&mut world, bob, |run| {
        run.envelopes
            .iter_mut()
            .for_each(|envelope| envelope.sender_user = other);
    });
    world.drive();
    assert_eq!(defects(&world, bob, choir), [Defect::Forged]);
    assert!(world.texts(bob, choir).is_empty());
}

#[test]
fn the_bytes_of_another_conversation_are_a_visible_row() {
    let (mut world, [alice, bob, _], choir) = three(923);
    let chat = world.direct(alice, "bob");
    world.drive();
    world.say(alice, chat, "for bob alone");
    let head = world.conversation(bob, choir).applied_seq;
    alter(&mut world, bob, |run| {
        run.conversation = choir;
        run.head = head + 1;
        run.envelopes
            .iter_mut()
            .for_each(|envelope| envelope.seq = head + 1);
    });
    world.wait(1_000);
    assert_eq!(defects(&world, bob, choir), [Defect::Forged]);
    assert!(world.texts(bob, choir).is_empty());
}

#[test]
fn a_message_of_which_only_a_hash_is_shown_is_a_visible_row() {
    let (mut world, [alice, bob, _], choir) = three(924);
    world.say(alice, choir, "hidden");
    alter(&mut world, bob, |run| {
        for envelope in &mut run.envelopes {
            envelope.body = Body::OwnHash(envelope.body.payload_sha256());
        }
    });
    world.drive();
    assert_eq!(defects(&world, bob, choir), [Defect::Forged]);
}

#[test]
fn a_commit_that_is_said_to_be_taken_back_stops_its_victim_visibly() {
    let (mut world, [alice, bob, carol], choir) = three(925);
    world.remove(alice, choir, carol);
    alter(&mut world, bob, |run| {
        run.envelopes
            .iter_mut()
            .for_each(|envelope| envelope.voided = true);
    });
    world.drive();
    assert_eq!(defects(&world, bob, choir), [Defect::Voided]);
    world.say(alice, choir, "in the next epoch");
    world.step_until("stopped", |world| {
        world.conversation(bob, choir).state == ConversationState::NeedsResync
    });
    assert!(world.texts(bob, choir).is_empty(), "nothing is guessed");
}

#[test]
fn an_own_commit_under_another_name_is_still_the_own_commit() {
    let (mut world, [alice, bob, carol], choir) = three(926);
    let (user, id) = (
        world.device(bob).user,
        whimbrel::types::ClientId::from_bytes([8; 16]),
    );
    world.remove(alice, choir, carol);
    alter(&mut world, alice, |run| {
        for envelope in &mut run.envelopes {
            envelope.client_id = id;
            envelope.sender_user = user;
        }
    });
    world.drive();
    world.say(alice, choir, "two of us");
    world.drive();
    assert_eq!(world.texts(bob, choir), ["two of us"]);
    assert_eq!(world.member_names(alice, choir), ["alice", "bob"]);
    assert!(world.conversation(bob, choir).forked, "the logs differ");
}

#[test]
fn a_log_that_ends_before_what_was_read_is_another_log() {
    let (mut world, [alice, bob, _], choir) = three(927);
    world.say(alice, choir, "one");
    world.drive();
    world.cut(bob);
    let is_heads = |message: &ServerMessage| matches!(message, ServerMessage::Heads { .. });
    world.step_until("heads", |world| {
        world
            .frames_down(bob)
            .iter()
            .any(|frame| is_heads(&frame.message))
    });
    for mut frame in world.intercept(bob, |_| true) {
        if let ServerMessage::Heads { heads, .. } = &mut frame.message {
            heads.iter_mut().for_each(|head| head.head = 1);
        }
        world.send_to(bob, &frame);
    }
    world.drive();
    assert_eq!(
        world.conversation(bob, choir).state,
        ConversationState::Diverged
    );
    assert_eq!(world.texts(bob, choir), ["one"], "what was read stays");
}

#[test]
fn a_message_that_is_said_to_be_taken_back_is_read_all_the_same() {
    let (mut world, [alice, bob, _], choir) = three(928);
    world.say(alice, choir, "I stand by it");
    alter(&mut world, bob, |run| {
        run.envelopes
            .iter_mut()
            .for_each(|envelope| envelope.voided = true);
    });
    world.drive();
    world.say(alice, choir, "as by this");
    world.drive();
    assert_eq!(world.texts(bob, choir), ["I stand by it", "as by this"]);
    assert_eq!(defects(&world, bob, choir), []);
}
