//! What one connection may ask for.

use whimbrel_mls::LastResort;
use whimbrel_protocol::frame::{ClientMessage, FailureCode, GoAwayReason, ServerMessage};
use whimbrel_server::hub::HubConfig;

use crate::people::{FAR_S, Person};
use crate::stage::{CONVERSATION, LogMode, Pair, Stage, fetch, send};

#[test]
fn only_so_many_fetches_are_outstanding() {
    let mut pair = Pair::live();
    pair.stage.mode = LogMode::Slow;
    for _ in 0..6 {
        pair.stage.tell(pair.at_bob, fetch(0));
    }
    let limited = ServerMessage::Failed {
        code: FailureCode::RateLimited,
        retry_after_ms: 1_000,
    };
    let refused = pair.stage.take_all(pair.at_bob);
    assert_eq!(refused.len(), 2);
    assert!(refused.iter().all(|frame| frame.message == limited));
    pair.stage.let_log_work();
    assert_eq!(pair.stage.take_all(pair.at_bob).len(), 4);
    pair.stage.mode = LogMode::Prompt;
    assert_eq!(pair.stage.fetch(pair.at_bob, 0).head, 2);
}

#[test]
fn a_connection_that_asks_faster_than_the_log_answers_is_closed() {
    let mut pair = Pair::live();
    pair.stage.mode = LogMode::Slow;
    for _ in 0..64 {
        let item = pair.alice.message(CONVERSATION, "x");
        let message = send(CONVERSATION, vec![item]);
        pair.stage.tell(pair.at_alice, message);
    }
    assert!(!pair.stage.closed.contains_key(&pair.at_alice));
    let message = ClientMessage::FetchInbox { after: 0 };
    pair.stage.tell(pair.at_alice, message);
    assert_eq!(pair.stage.closed[&pair.at_alice].0, GoAwayReason::TooSlow);
    // What it sent before is appended and reaches the others all the same.
    pair.stage.let_log_work();
    assert_eq!(pair.stage.pushed_seqs(pair.at_bob).len(), 64);
    assert_eq!(pair.stage.hub.stats().unanswered, 0);
}

#[test]
fn key_packages_are_published_and_claimed_up_to_a_quota() {
    let mut stage = Stage::with_config(HubConfig {
        claims_per_minute: 3,
        ..HubConfig::default()
    });
    let (mut alice, mut bob) = (Person::new("alice"), Person::new("bob"));
    stage.enrol(&mut alice);
    stage.enrol(&mut bob);
    let (at_alice, at_bob) = (stage.online(&alice), stage.online(&bob));
    let publish = ClientMessage::PublishKeyPackages {
        one_time: (0..2)
            .map(|_| bob.key_package(LastResort::No, FAR_S))
            .collect(),
        last_resort: Some(bob.key_package(LastResort::Yes, FAR_S)),
    };
    let count = ServerMessage::KeyPackageCount {
        one_time: 2,
        has_last_resort: true,
    };
    assert_eq!(stage.ask(at_bob, publish), count);
    let claim = ClientMessage::ClaimKeyPackages {
        users: vec![bob.user],
    };
    for _ in 0..3 {
        let answer = stage.ask(at_alice, claim.clone());
        let ServerMessage::ClaimedKeyPackages {
            server_time_ms,
            users,
        } = answer
        else {
            panic!("{answer:?}");
        };
        assert_eq!(server_time_ms, stage.now.wall_ms);
        assert_eq!(users[0].devices[0].device, bob.device);
    }
    let limited = |retry_after_ms| ServerMessage::Failed {
        code: FailureCode::RateLimited,
        retry_after_ms,
    };
    assert_eq!(stage.ask(at_alice, claim.clone()), limited(60_000));
    // The quota is the user's, not the connection's.
    let again = stage.online(&alice);
    assert_eq!(stage.ask(again, claim.clone()), limited(60_000));
    stage.pass(30_000);
    stage.tell(again, ClientMessage::Ping);
    stage.take_all(again);
    stage.pass(30_000);
    let answer = stage.ask(again, claim);
    assert!(matches!(answer, ServerMessage::ClaimedKeyPackages { .. }));
}

#[test]
fn requests_without_a_number_get_no_failure() {
    let mut pair = Pair::live();
    let frame = whimbrel_protocol::ClientFrame {
        request: 0,
        message: ClientMessage::FetchTree {
            conversation: CONVERSATION,
            epoch: 1,
            offset: 0,
        },
    };
    let connection = pair.at_bob;
    pair.stage
        .handle(whimbrel_server::hub::Event::Frame { connection, frame });
    assert_eq!(pair.stage.take_all(connection), []);
}
