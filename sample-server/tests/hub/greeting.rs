//! The beginning of a connection.

use whimbrel_protocol::frame::{ClientMessage, FailureCode, GoAwayReason, Hello, ServerMessage};
use whimbrel_protocol::{ConversationId, DecodeError, PROTOCOL_VERSION};

use crate::people::Person;
use crate::stage::{CONVERSATION, LogMode, Pair, Stage, failed, fetch, hello};

#[test]
fn hello_is_answered_by_the_facts_and_all_heads() {
    let mut stage = Stage::new();
    let mut alice = Person::new("alice");
    stage.enrol(&mut alice);
    let connection = stage.connect(&alice);
    let request = stage.tell(
        connection,
        ClientMessage::Hello(Hello {
            version: PROTOCOL_VERSION,
            device: alice.device,
            sealed_no: 12,
        }),
    );
    let frames = stage.take_all(connection);
    let ServerMessage::HelloOk(ok) = &frames[0].message else {
        panic!("{frames:?}");
    };
    assert_eq!(frames[0].request, request);
    assert_eq!((ok.sealed_no, ok.inbox_head), (12, 0));
    assert_eq!((ok.one_time_key_packages, ok.has_last_resort), (0, false));
    assert_eq!(ok.heartbeat_ms, 15_000);
    // Also somebody without conversations is told that these are all.
    let none = ServerMessage::Heads {
        heads: vec![],
        more: false,
    };
    assert_eq!((frames[1].request, &frames[1].message), (0, &none));
    assert_eq!(frames.len(), 2);
}

#[test]
fn many_heads_come_in_several_frames() {
    let mut stage = Stage::new();
    let mut alice = Person::new("alice");
    stage.enrol(&mut alice);
    let connection = stage.online(&alice);
    for number in 0..501_u16 {
        let [a, b] = number.to_be_bytes();
        let conversation =
            ConversationId::from_bytes([a, b, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1]);
        let create = alice.create(conversation, None);
        stage.tell(connection, crate::stage::send(conversation, vec![create]));
    }
    let connection = stage.connect(&alice);
    stage.say_hello(connection, &alice);
    let sizes: Vec<_> = stage
        .take_all(connection)
        .into_iter()
        .filter_map(|frame| match frame.message {
            ServerMessage::Heads { heads, more } => Some((heads.len(), more)),
            _ => None,
        })
        .collect();
    assert_eq!(sizes, [(500, true), (1, false)]);
}

#[test]
fn nothing_is_taken_before_hello_and_hello_only_once() {
    let mut stage = Stage::new();
    let mut alice = Person::new("alice");
    stage.enrol(&mut alice);
    let protocol_error = (GoAwayReason::ProtocolError, 0);
    let connection = stage.connect(&alice);
    stage.tell(connection, ClientMessage::Ping);
    assert_eq!(stage.closed[&connection], protocol_error);
    let connection = stage.connect(&alice);
    stage.malformed(connection, DecodeError::UnknownKind { request: 1 });
    assert_eq!(stage.closed[&connection], protocol_error);
    let connection = stage.online(&alice);
    stage.tell(connection, hello(&alice));
    assert_eq!(stage.closed[&connection], protocol_error);
    assert_eq!(stage.hub.stats().connections, 0);
}

#[test]
fn another_version_and_another_device_are_refused() {
    let mut stage = Stage::new();
    let (mut alice, mut bob) = (Person::new("alice"), Person::new("bob"));
    stage.enrol(&mut alice);
    stage.enrol(&mut bob);
    let wrong_version = ClientMessage::Hello(Hello {
        version: PROTOCOL_VERSION + 1,
        device: alice.device,
        sealed_no: 0,
    });
    for (message, code) in [
        (wrong_version, FailureCode::UnsupportedVersion),
        (hello(&bob), FailureCode::Forbidden),
    ] {
        let connection = stage.connect(&alice);
        assert_eq!(stage.ask(connection, message), failed(code));
        assert_eq!(stage.closed[&connection].0, GoAwayReason::ProtocolError);
    }
}

#[test]
fn an_unknown_frame_is_answered_and_bad_bytes_close() {
    let mut pair = Pair::live();
    let (stage, connection) = (&mut pair.stage, pair.at_alice);
    stage.malformed(connection, DecodeError::UnknownKind { request: 77 });
    let frames = stage.take_all(connection);
    assert_eq!(frames[0].request, 77);
    assert_eq!(frames[0].message, failed(FailureCode::Malformed));
    stage.malformed(connection, DecodeError::UnknownKind { request: 0 });
    assert_eq!(stage.take_all(connection), []);
    stage.malformed(connection, DecodeError::Protobuf);
    assert_eq!(stage.closed[&connection].0, GoAwayReason::ProtocolError);
    assert_eq!(stage.hub.stats().live, 1);
}

#[test]
fn a_new_connection_of_a_device_takes_the_place_of_the_old() {
    let mut pair = Pair::live();
    let newer = pair.stage.connect(&pair.bob);
    // Until it says Hello, the old one stays.
    pair.alice_says("one");
    assert_eq!(pair.stage.pushed_seqs(pair.at_bob), [3]);
    pair.stage.say_hello(newer, &pair.bob);
    assert_eq!(pair.stage.closed[&pair.at_bob].0, GoAwayReason::Replaced);
    pair.stage.take_all(newer);
    pair.stage.go_live(newer, 3);
    pair.alice_says("two");
    assert_eq!(pair.stage.pushed_seqs(newer), [4]);
    // The end of the old socket comes late and harms nobody.
    pair.stage.handle(whimbrel_server::hub::Event::Closed {
        connection: pair.at_bob,
    });
    pair.alice_says("three");
    assert_eq!(pair.stage.pushed_seqs(newer), [5]);
}

#[test]
fn a_log_that_fails_is_told_as_unavailable() {
    let mut pair = Pair::live();
    pair.stage.mode = LogMode::Broken;
    let item = pair.alice.message(CONVERSATION, "x");
    let second = pair.alice.message(CONVERSATION, "y");
    let results = pair.stage.send(pair.at_alice, vec![item, second]);
    use whimbrel_protocol::frame::{ItemResult, Refusal};
    assert_eq!(
        results,
        [
            ItemResult::Refused(Refusal::Unavailable),
            ItemResult::NotTried
        ]
    );
    assert_eq!(pair.stage.take_all(pair.at_bob), []);
    let unavailable = ServerMessage::Failed {
        code: FailureCode::Unavailable,
        retry_after_ms: 1_000,
    };
    assert_eq!(pair.stage.ask(pair.at_alice, fetch(0)), unavailable);
    // A Hello without facts is of no use: come again.
    let connection = pair.stage.connect(&pair.bob);
    assert_eq!(pair.stage.ask(connection, hello(&pair.bob)), unavailable);
    assert_eq!(pair.stage.closed[&connection].1, 1_000);
}

#[test]
fn a_device_that_is_not_here_has_to_sign_in_again() {
    let mut stage = Stage::new();
    let nobody = Person::new("nobody");
    let connection = stage.connect(&nobody);
    assert_eq!(
        stage.ask(connection, hello(&nobody)),
        failed(FailureCode::Forbidden)
    );
    assert_eq!(stage.closed[&connection].0, GoAwayReason::TokenExpired);
}
