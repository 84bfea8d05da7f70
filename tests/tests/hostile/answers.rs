//! A server that answers what is not true.

use whimbrel::ErrorCode;
use whimbrel::event::Command;
use whimbrel::types::{ConversationState, MessageKind, Person};
use whimbrel_protocol::frame::{
    ClientMessage, InboxItem, InboxKind, ItemResult, Mark, Refusal, Send, ServerMessage,
};
use whimbrel_protocol::limits::{TREE_BYTES_MAX, TREE_CHUNK_BYTES_MAX};
use whimbrel_protocol::{ClientFrame, ConversationId, ServerFrame, envelope};
use whimbrel_tests::Puppet;
use whimbrel_tests::World;
use whimbrel_tests::hostile::cast::Cast;
use whimbrel_tests::sim::DeviceIndex;

fn is_send(message: &ClientMessage) -> bool {
    matches!(message, ClientMessage::Send(_))
}

/// Takes what a device sends next away from the server.
fn take_send(world: &mut World, from: DeviceIndex) -> (ClientFrame, Send) {
    world.step_until("sending", |world| {
        world
            .frames_up(from)
            .iter()
            .any(|frame| is_send(&frame.message))
    });
    let frame = world.intercept_up(from, is_send).remove(0);
    match frame.message.clone() {
        ClientMessage::Send(send) => (frame, send),
        other => panic!("{other:?}"),
    }
}

fn answer(world: &mut World, to: DeviceIndex, request: u64, send: &Send, results: Vec<ItemResult>) {
    let message = ServerMessage::SendResult {
        conversation: send.conversation,
        results,
    };
    world.send_to(to, &ServerFrame { request, message });
}

fn accepted(send: &Send, seq: u64) -> ItemResult {
    ItemResult::Accepted {
        seq,
        server_time_ms: 1,
        payload_sha256: envelope::sha256(&send.items[0].payload),
    }
}

fn pair(seed: u64) -> (World, DeviceIndex, DeviceIndex, ConversationId) {
    let (mut world, people) = World::with_people(seed, &["alice", "bob"]);
    let chat = world.direct(people[0], "bob");
    world.drive();
    (world, people[0], people[1], chat)
}

fn key_packages(world: &World, who: DeviceIndex) -> i64 {
    let engine = world.device(who).engine.as_ref().unwrap();
    let query = "SELECT count(*) FROM key_package";
    let connection = engine.store().connection();
    connection.query_row(query, [], |row| row.get(0)).unwrap()
}

#[test]
fn what_was_dropped_and_said_to_be_accepted_is_sent_on_the_next_connection() {
    let (mut world, alice, bob, chat) = pair(901);
    let head = world.conversation(alice, chat).applied_seq;
    world.say(alice, chat, "lost on purpose");
    let (frame, send) = take_send(&mut world, alice);
    let lie = accepted(&send, head + 1);
    answer(&mut world, alice, frame.request, &send, vec![lie]);
    world.drive();
    assert!(world.texts(bob, chat).is_empty());
    world.cut(alice);
    world.drive();
    assert_eq!(world.texts(bob, chat), ["lost on purpose"]);
    assert!(world.outbox(alice).is_empty());
    assert!(!world.conversation(alice, chat).forked);
}

#[test]
fn a_commit_that_was_dropped_and_said_to_be_accepted_blocks_nothing_for_good() {
    let (mut world, people) = World::with_people(902, &["alice", "bob", "carol"]);
    let [alice, bob, carol] = people[..] else {
        panic!()
    };
    let choir = world.group(alice, "choir", &["bob"]);
    world.drive();
    let head = world.conversation(alice, choir).applied_seq;
    world.add(alice, choir, "carol");
    let (frame, send) = take_send(&mut world, alice);
    let lie = accepted(&send, head + 1);
    answer(&mut world, alice, frame.request, &send, vec![lie]);
    world.wait(2_000);
    world.cut(alice);
    world.say(alice, choir, "hello carol");
    world.drive();
    assert_eq!(world.texts(carol, choir), ["hello carol"]);
    assert_eq!(world.member_names(bob, choir), ["alice", "bob", "carol"]);
}

#[test]
fn a_conversation_whose_founding_was_dropped_and_accepted_is_founded_again() {
    let (mut world, people) = World::with_people(903, &["alice", "bob"]);
    let [alice, bob] = people[..] else { panic!() };
    let chat = world.direct(alice, "bob");
    let (frame, send) = take_send(&mut world, alice);
    let lie = accepted(&send, u64::MAX >> 1);
    answer(&mut world, alice, frame.request, &send, vec![lie]);
    world.wait(3_000);
    world.cut(alice);
    world.say(alice, chat, "here at last");
    world.drive();
    assert_eq!(world.texts(bob, chat), ["here at last"]);
}

#[test]
fn an_acceptance_under_a_number_that_has_passed_shows_as_a_fork() {
    let (mut world, alice, bob, chat) = pair(904);
    world.say(bob, chat, "first");
    world.drive();
    let applied = world.conversation(alice, chat).applied_seq;
    world.say(alice, chat, "swallowed");
    let (frame, send) = take_send(&mut world, alice);
    let lie = accepted(&send, applied);
    answer(&mut world, alice, frame.request, &send, vec![lie]);
    world.drive();
    assert!(world.texts(alice, chat).contains(&"swallowed".to_owned()));
    assert!(world.conversation(alice, chat).forked, "not in silence");
}

#[test]
fn a_group_is_not_given_up_because_the_server_names_another_direct_conversation() {
    let (mut world, people) = World::with_people(905, &["alice", "bob"]);
    let [alice, bob] = people[..] else { panic!() };
    let choir = world.group(alice, "choir", &["bob"]);
    let chat = world.direct(alice, "bob");
    world.drive();
    for winner in [chat, ConversationId::from_bytes([5; 16])] {
        world.say(alice, choir, "still here");
        let (frame, send) = take_send(&mut world, alice);
        let lie = ItemResult::Refused(Refusal::DirectExists {
            conversation: winner,
        });
        answer(&mut world, alice, frame.request, &send, vec![lie]);
        world.drive();
    }
    assert_eq!(world.texts(bob, choir), ["still here", "still here"]);
    assert_eq!(
        world.conversation(alice, choir).state,
        ConversationState::Active
    );
    assert!(world.texts(alice, chat).is_empty());
}

#[test]
fn a_direct_conversation_that_does_not_exist_holds_up_the_true_one_for_a_moment_only() {
    let (mut world, people) = World::with_people(906, &["alice", "bob"]);
    let [alice, bob] = people[..] else { panic!() };
    let chat = world.direct(alice, "bob");
    world.say(alice, chat, "hello");
    let (frame, send) = take_send(&mut world, alice);
    let lie = ItemResult::Refused(Refusal::DirectExists {
        conversation: ConversationId::from_bytes([5; 16]),
    });
    answer(&mut world, alice, frame.request, &send, vec![lie]);
    world.drive();
    assert_eq!(world.texts(bob, chat), ["hello"]);
}

#[test]
fn a_commit_that_was_taken_and_said_to_be_refused_does_not_split_the_group() {
    let (mut world, people) = World::with_people(907, &["alice", "bob", "carol"]);
    let [alice, bob, _] = people[..] else {
        panic!()
    };
    let choir = world.group(alice, "choir", &["bob"]);
    world.drive();
    world.add(alice, choir, "carol");
    let (frame, send) = take_send(&mut world, alice);
    // The server takes it, shows it to nobody yet, and says no; then it takes it from the repeat.
    let who = world
        .device(alice)
        .engine
        .as_ref()
        .unwrap()
        .state()
        .account
        .unwrap();
    let taken = world.exchange(
        (who.user, who.device),
        send.sealed_no,
        vec![frame.message.clone()],
    );
    assert!(
        taken
            .iter()
            .any(|answer| matches!(answer, ServerMessage::SendResult { .. }))
    );
    let lie = ItemResult::Refused(Refusal::Unavailable);
    let _ = world.intercept(alice, |_| true);
    answer(&mut world, alice, frame.request, &send, vec![lie]);
    world.wait(60_000);
    world.cut(alice);
    world.wait(120_000);
    let engine = world.device(alice).engine.as_ref().unwrap();
    let code = |world: &World, who: DeviceIndex| -> Option<String> {
        let engine = world.device(who).engine.as_ref().unwrap();
        let query = "SELECT epoch_code FROM conversation WHERE id = ?1";
        let connection = engine.store().connection();
        connection
            .query_row(query, [choir.as_bytes()], |row| row.get(0))
            .unwrap()
    };
    assert_eq!(engine.state().alarm, None);
    assert_eq!(
        world.conversation(alice, choir).state,
        ConversationState::Active
    );
    assert_eq!(code(&world, alice), code(&world, bob));
    world.say(alice, choir, "one group");
    world.drive();
    assert_eq!(world.texts(bob, choir), ["one group"]);
}

#[test]
fn absurd_counts_in_refusals_stop_nobody() {
    let (mut world, alice, bob, chat) = pair(908);
    for expected in [0, u64::MAX, u64::MAX >> 1, (u64::MAX >> 1) + 1] {
        world.say(alice, chat, "counted wrong");
        let (frame, send) = take_send(&mut world, alice);
        let lie = ItemResult::Refused(Refusal::BadCounter { expected });
        answer(&mut world, alice, frame.request, &send, vec![lie]);
        world.drive();
    }
    assert_eq!(world.texts(bob, chat).len(), 4);
    assert!(!world.chat(bob, chat).contains("(gap)"));
}

#[test]
fn an_epoch_that_is_always_stale_does_not_use_up_keys_in_a_hurry() {
    let (mut world, alice, bob, chat) = pair(909);
    world.say(alice, chat, "patience");
    let until = world.mono_ms + 60_000;
    let mut refused = 0;
    while world.mono_ms < until {
        for frame in world.intercept_up(alice, is_send) {
            let ClientMessage::Send(send) = &frame.message else {
                continue;
            };
            let lie = ItemResult::Refused(Refusal::StaleEpoch { epoch: 1, head: 1 });
            answer(&mut world, alice, frame.request, send, vec![lie]);
            refused += 1;
        }
        world.step(until);
    }
    assert!((2..100).contains(&refused), "{refused} tries in a minute");
    world.drive();
    assert_eq!(world.texts(bob, chat), ["patience"]);
}

#[test]
fn absurd_delivery_marks_do_not_stop_the_client() {
    let (mut world, alice, bob, chat) = pair(910);
    for delivered in [u64::MAX, (u64::MAX >> 1) + 1] {
        let mark = Mark {
            user: world.device(bob).user,
            delivered,
        };
        world.push(
            alice,
            ServerMessage::Marks {
                conversation: chat,
                marks: vec![mark],
            },
        );
        world.say(alice, chat, "and on");
        world.drive();
    }
    assert_eq!(world.texts(bob, chat), ["and on", "and on"]);
    let engine = world.device(alice).engine.as_ref().unwrap();
    assert_eq!(engine.state().last_error, None);
}

#[test]
fn no_clock_of_the_server_makes_the_client_panic_or_forget_its_keys() {
    let (mut world, people) = World::with_people(911, &["alice", "bob"]);
    let [alice, bob] = people[..] else { panic!() };
    let before = key_packages(&world, bob);
    for time in [i64::MIN, i64::MAX, 0, 95_617_584_000_000] {
        world.cut(bob);
        let is_greeting = |message: &ServerMessage| matches!(message, ServerMessage::HelloOk(_));
        world.step_until("greeted", |world| {
            world
                .frames_down(bob)
                .iter()
                .any(|frame| is_greeting(&frame.message))
        });
        for mut frame in world.intercept(bob, |_| true) {
            if let ServerMessage::HelloOk(ok) = &mut frame.message {
                ok.server_time_ms = time;
                ok.one_time_key_packages = 0;
            }
            world.send_to(bob, &frame);
        }
        world.drive();
        assert!(key_packages(&world, bob) >= before, "at {time}");
    }
    let choir = world.group(alice, "choir", &["bob"]);
    world.say(alice, choir, "welcome");
    world.drive();
    assert_eq!(world.texts(bob, choir), ["welcome"]);
}

#[test]
fn a_made_up_user_under_a_known_id_is_refused_and_reported() {
    let (mut world, people) = World::with_people(912, &["alice", "bob"]);
    let [alice, bob] = people[..] else { panic!() };
    world.direct(alice, "bob");
    world.drive();
    let mallory = Puppet::register(&mut world, "mallory");
    let cast = Cast::of(&world, &mallory);
    let choir = world.group(alice, "choir", &["bob"]);
    let is_claimed =
        |message: &ServerMessage| matches!(message, ServerMessage::ClaimedKeyPackages { .. });
    world.step_until("claimed", |world| {
        world
            .frames_down(alice)
            .iter()
            .any(|frame| is_claimed(&frame.message))
    });
    for mut frame in world.intercept(alice, is_claimed) {
        if let ServerMessage::ClaimedKeyPackages { users, .. } = &mut frame.message {
            *users = vec![cast.ghosts[1].clone()];
        }
        world.send_to(alice, &frame);
    }
    world.step_until("noticed", |world| {
        let engine = world.device(alice).engine.as_ref().unwrap();
        engine.state().last_error == Some(ErrorCode::UntrustedDevice)
    });
    world.drive();
    world.say(alice, choir, "the true bob");
    world.drive();
    assert_eq!(world.texts(bob, choir), ["the true bob"]);
}

#[test]
fn forged_news_in_the_inbox_change_nothing() {
    let (mut world, alice, bob, chat) = pair(913);
    let mallory = Puppet::register(&mut world, "mallory");
    let cast = Cast::of(&world, &mallory);
    let before = world.chat(alice, chat);
    let engine = world.device(alice).engine.as_ref().unwrap();
    let query = "SELECT inbox_seq FROM account";
    let connection = engine.store().connection();
    let seq: i64 = connection.query_row(query, [], |row| row.get(0)).unwrap();
    let seq = u64::try_from(seq).unwrap() + 1;
    let items = vec![InboxItem {
        seq,
        kind: InboxKind::ManifestChanged {
            user: cast.people[1].user,
            manifest: cast.ghosts[1].manifest.clone(),
        },
    }];
    world.push(alice, ServerMessage::InboxItems { head: seq, items });
    world.drive();
    let engine = world.device(alice).engine.as_ref().unwrap();
    assert_eq!(engine.state().last_error, Some(ErrorCode::UntrustedDevice));
    assert_eq!(world.chat(alice, chat), before);
    world.say(alice, chat, "as before");
    world.drive();
    assert_eq!(world.texts(bob, chat), ["as before"]);
}

#[test]
fn a_known_name_is_not_looked_up_anew() {
    let (mut world, people) = World::with_people(914, &["alice", "bob"]);
    let [alice, bob] = people[..] else { panic!() };
    world.direct(alice, "bob");
    world.drive();
    let choir = world.group(alice, "choir", &[]);
    world.drive();
    world.must(
        alice,
        Command::Add {
            conversation: choir,
            people: vec![Person::Username("bob".into())],
        },
    );
    let asks_names = |message: &ClientMessage| matches!(message, ClientMessage::FindUser(_));
    let until = world.mono_ms + 5_000;
    loop {
        let asked = world
            .frames_up(alice)
            .iter()
            .any(|frame| asks_names(&frame.message));
        assert!(!asked, "the server could name anybody");
        if !world.step(until) {
            break;
        }
    }
    let kinds = world.messages(bob, choir);
    assert!(
        kinds
            .iter()
            .any(|row| matches!(row.kind, MessageKind::Added(_)))
    );
}

#[test]
fn a_text_that_was_dropped_and_accepted_does_not_come_back_after_it_was_taken_back() {
    let (mut world, alice, bob, chat) = pair(915);
    let head = world.conversation(alice, chat).applied_seq;
    let message = world.say(alice, chat, "a slip");
    let (frame, send) = take_send(&mut world, alice);
    let lie = accepted(&send, head + 1);
    answer(&mut world, alice, frame.request, &send, vec![lie]);
    world.wait(1_000);
    world.must(
        alice,
        Command::Delete {
            conversation: chat,
            message,
        },
    );
    world.wait(1_000);
    world.cut(alice);
    world.drive();
    assert!(world.texts(bob, chat).is_empty());
    assert!(world.outbox(alice).is_empty());
}

#[test]
fn whoever_does_not_greet_is_left_at_once() {
    let (mut world, alice, bob, chat) = pair(916);
    world.cut(alice);
    let is_greeting = |message: &ServerMessage| matches!(message, ServerMessage::HelloOk(_));
    world.step_until("greeted", |world| {
        let frames = world.frames_down(alice);
        frames.iter().any(|frame| is_greeting(&frame.message))
    });
    for mut frame in world.intercept(alice, is_greeting) {
        frame.message = ServerMessage::Envelopes(whimbrel_protocol::frame::Envelopes {
            conversation: chat,
            incarnation: 1,
            head: 1,
            envelopes: Vec::new(),
        });
        world.send_to(alice, &frame);
    }
    world.drive();
    world.say(alice, chat, "with another greeting");
    world.drive();
    assert_eq!(world.texts(bob, chat), ["with another greeting"]);
}

#[test]
fn a_device_whose_invitation_was_left_out_asks_for_another() {
    let (mut world, people) = World::with_people(919, &["alice", "bob"]);
    let [alice, bob] = people[..] else { panic!() };
    let choir = world.group(alice, "choir", &["bob"]);
    let is_inbox = |message: &ServerMessage| matches!(message, ServerMessage::InboxItems { .. });
    world.step_until("invited", |world| {
        world
            .frames_down(bob)
            .iter()
            .any(|frame| is_inbox(&frame.message))
    });
    for mut frame in world.intercept(bob, is_inbox) {
        if let ServerMessage::InboxItems { items, .. } = &mut frame.message {
            items
                .iter_mut()
                .for_each(|item| item.kind = InboxKind::Unknown);
        }
        world.send_to(bob, &frame);
    }
    world.drive();
    assert!(!world.conversations(bob).iter().any(|row| row.id == choir));
    world.restart_device(bob);
    world.drive();
    world.wait(60_000);
    world.drive();
    world.say(alice, choir, "welcome");
    world.drive();
    assert_eq!(world.texts(bob, choir), ["welcome"]);
}

#[test]
fn a_tree_beyond_the_limits_keeps_nobody_out() {
    let limit = u32::try_from(TREE_BYTES_MAX).unwrap();
    for claimed in [limit + 1, u32::MAX, limit] {
        let (mut world, people) = World::with_people(920, &["alice", "bob"]);
        let [alice, bob] = people[..] else { panic!() };
        let choir = world.group(alice, "choir", &["bob"]);
        let is_tree = |message: &ServerMessage| matches!(message, ServerMessage::TreeChunk { .. });
        world.step_until("given a tree", |world| {
            world
                .frames_down(bob)
                .iter()
                .any(|frame| is_tree(&frame.message))
        });
        for mut frame in world.intercept(bob, is_tree) {
            if let ServerMessage::TreeChunk { total, bytes, .. } = &mut frame.message {
                *total = claimed;
                *bytes = vec![0; TREE_CHUNK_BYTES_MAX];
            }
            world.send_to(bob, &frame);
        }
        world.drive();
        world.wait(60_000);
        world.drive();
        world.say(alice, choir, "welcome");
        world.drive();
        assert_eq!(
            world.texts(bob, choir),
            ["welcome"],
            "a tree of {claimed} bytes"
        );
    }
}
