//! What happens because time passes: silence, expiry, draining.

use whimbrel_protocol::frame::{ClientMessage, GoAwayReason, ServerMessage};

use crate::people::Person;
use crate::stage::{CONVERSATION, Pair, Stage};

#[test]
fn a_silent_connection_is_closed_and_a_living_one_is_not() {
    let mut pair = Pair::live();
    for _ in 0..10 {
        pair.stage.pass(15_000);
        let pong = pair.stage.ask(pair.at_alice, ClientMessage::Ping);
        assert!(matches!(pong, ServerMessage::Pong { .. }));
    }
    assert!(pair.stage.closed.contains_key(&pair.at_bob));
    assert!(!pair.stage.closed.contains_key(&pair.at_alice));
    pair.stage.pass(37_499);
    assert!(!pair.stage.closed.contains_key(&pair.at_alice));
    pair.stage.pass(1);
    assert_eq!(pair.stage.closed[&pair.at_alice].0, GoAwayReason::TooSlow);
    assert_eq!(pair.stage.hub.stats().live, 0);
}

#[test]
fn a_connection_without_hello_does_not_last() {
    let mut stage = Stage::new();
    let mut alice = Person::new("alice");
    stage.enrol(&mut alice);
    let connection = stage.connect(&alice);
    stage.pass(9_999);
    assert!(stage.closed.is_empty());
    stage.pass(1);
    assert_eq!(stage.closed[&connection].0, GoAwayReason::ProtocolError);
}

#[test]
fn a_connection_ends_with_its_token() {
    let mut stage = Stage::new();
    let mut alice = Person::new("alice");
    stage.enrol(&mut alice);
    let expires_ms = stage.now.wall_ms + 20_000;
    let connection = stage.connect_until(&alice, expires_ms);
    stage.say_hello(connection, &alice);
    stage.pass(19_999);
    assert!(stage.closed.is_empty());
    stage.pass(1);
    assert_eq!(stage.closed[&connection].0, GoAwayReason::TokenExpired);
    // One that was expired from the start does not even come to speak.
    let connection = stage.connect_until(&alice, expires_ms);
    stage.pass(0);
    assert_eq!(stage.closed[&connection].0, GoAwayReason::TokenExpired);
}

#[test]
fn draining_closes_everybody_spread_over_its_time() {
    let mut stage = Stage::new();
    let mut people = ["alice", "bob", "carol", "dave"].map(Person::new);
    let mut connections = Vec::new();
    for person in &mut people {
        stage.enrol(person);
        connections.push(stage.online(person));
    }
    let [alice, ..] = &mut people;
    stage.hub.drain(stage.now, 4_000);
    stage.drive();
    let mut counts = vec![stage.closed.len()];
    for _ in 0..3 {
        stage.pass(1_000);
        counts.push(stage.closed.len());
    }
    assert_eq!(counts, [1, 2, 3, 4]);
    assert!(stage.hub.is_drained());
    for (reason, retry_after_ms) in stage.closed.values() {
        assert_eq!(*reason, GoAwayReason::Draining);
        assert!((1_000..=5_000).contains(retry_after_ms));
    }
    // Whoever comes now is sent away at once.
    let late = stage.connect(alice);
    assert_eq!(stage.closed[&late], (GoAwayReason::Draining, 4_000));
}

#[test]
fn a_send_under_way_is_finished_while_draining() {
    let mut pair = Pair::live();
    pair.stage.mode = crate::stage::LogMode::Slow;
    let item = pair.alice.message(CONVERSATION, "last words");
    let message = crate::stage::send(CONVERSATION, vec![item]);
    pair.stage.tell(pair.at_alice, message);
    pair.stage.hub.drain(pair.stage.now, 0);
    pair.stage.drive();
    assert_eq!(pair.stage.closed.len(), 2);
    assert!(!pair.stage.hub.is_drained());
    pair.stage.let_log_work();
    assert!(pair.stage.hub.is_drained());
}
