//! Every kind of frame, from a device that its user has revoked or whose token is over.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use tokio_tungstenite::tungstenite;
use whimbrel_protocol::frame::{
    ClientMessage, FailureCode, FindUser, GoAwayReason, Hello, Send, SendItem, ServerMessage,
};
use whimbrel_protocol::{ClientId, ConversationId, ItemKind, PROTOCOL_VERSION};
use whimbrel_server::config::Within;

use crate::support::{Door, Person, TestServer, Tokens};

const CONVERSATION: ConversationId = ConversationId::from_bytes([9; 16]);
const KINDS: usize = 16;

/// A new kind of frame does not compile until it has a number here.
fn number(message: &ClientMessage) -> usize {
    match message {
        ClientMessage::Hello(_) => 0,
        ClientMessage::Send(_) => 1,
        ClientMessage::Fetch { .. } => 2,
        ClientMessage::GoLive { .. } => 3,
        ClientMessage::Applied { .. } => 4,
        ClientMessage::Taken { .. } => 5,
        ClientMessage::FetchInbox { .. } => 6,
        ClientMessage::InboxApplied { .. } => 7,
        ClientMessage::PublishKeyPackages { .. } => 8,
        ClientMessage::ClaimKeyPackages { .. } => 9,
        ClientMessage::FetchTree { .. } => 10,
        ClientMessage::FindUser(_) => 11,
        ClientMessage::RejectCommit { .. } => 12,
        ClientMessage::PublishManifest { .. } => 13,
        ClientMessage::AskToBeAdded { .. } => 14,
        ClientMessage::Ping => 15,
    }
}

fn hello(person: &Person) -> ClientMessage {
    ClientMessage::Hello(Hello {
        version: PROTOCOL_VERSION,
        device: person.device,
        sealed_no: 0,
    })
}

fn every_kind(person: &Person) -> Vec<ClientMessage> {
    let conversation = CONVERSATION;
    let kinds = vec![
        hello(person),
        ClientMessage::Send(Send {
            conversation,
            sealed_no: 1,
            items: vec![SendItem {
                client_id: ClientId::new(0, [1; 10]),
                kind: ItemKind::Message,
                epoch: 1,
                counter: 1,
                silent: false,
                payload: vec![1],
                founding: None,
                welcome: None,
            }],
        }),
        ClientMessage::Fetch {
            conversation,
            after: 0,
            limit: 9,
        },
        ClientMessage::GoLive {
            conversation,
            after: 0,
        },
        ClientMessage::Applied {
            conversation,
            seq: 1,
        },
        ClientMessage::Taken { envelopes: 1 },
        ClientMessage::FetchInbox { after: 0 },
        ClientMessage::InboxApplied {
            seq: 1,
            unopened: vec![],
        },
        ClientMessage::PublishKeyPackages {
            one_time: vec![],
            last_resort: None,
        },
        ClientMessage::ClaimKeyPackages { users: vec![] },
        ClientMessage::FetchTree {
            conversation,
            epoch: 1,
            offset: 0,
        },
        ClientMessage::FindUser(FindUser::ByUsername("alice".to_owned())),
        ClientMessage::RejectCommit {
            conversation,
            seq: 1,
        },
        ClientMessage::PublishManifest {
            manifest: person.manifest.clone(),
        },
        ClientMessage::AskToBeAdded { conversation },
        ClientMessage::Ping,
    ];
    let numbers: BTreeSet<usize> = kinds.iter().map(number).collect();
    assert!(numbers.into_iter().eq(0..KINDS), "a kind is missing");
    kinds
}

async fn start_anew(door: &Door, person: &Person) -> Tokens {
    let (manifest, device) = person.recovered();
    let recovery = person.recovery(&manifest.encode(), device);
    Tokens::of(&door.post("/v1/recovery", &recovery).await)
}

fn is_go_away(message: &ServerMessage, expected: GoAwayReason) -> bool {
    matches!(message, ServerMessage::GoAway { reason, .. } if *reason == expected)
}

#[tokio::test]
async fn a_revoked_device_gets_nothing_by_any_frame() {
    let server = TestServer::start().await;
    let door = server.door();
    let alice = Person::named("alice");
    let old = door.register(&alice).await;
    start_anew(&door, &alice).await;
    let revoked = |message: &ServerMessage| {
        is_go_away(message, GoAwayReason::Revoked)
            || matches!(
                message,
                ServerMessage::Failed {
                    code: FailureCode::Forbidden,
                    ..
                }
            )
    };
    for message in every_kind(&alice) {
        let kind = number(&message);
        let mut socket = door.socket(&old).await;
        socket.send(1, hello(&alice)).await;
        // The server may have closed already.
        let _ = socket.try_send(2, message).await;
        let rest = socket.rest().await;
        assert!(rest.iter().all(revoked), "kind {kind}: {rest:?}");
        assert!(
            rest.iter()
                .any(|message| is_go_away(message, GoAwayReason::Revoked)),
            "kind {kind}: {rest:?}"
        );
    }
}

#[tokio::test]
async fn no_frame_is_taken_before_hello() {
    let server = TestServer::start().await;
    let door = server.door();
    let alice = Person::named("alice");
    let tokens = door.register(&alice).await;
    for message in every_kind(&alice).into_iter().skip(1) {
        let kind = number(&message);
        let mut socket = door.socket(&tokens).await;
        socket.send(1, message).await;
        let rest = socket.rest().await;
        let all = rest
            .iter()
            .all(|message| is_go_away(message, GoAwayReason::ProtocolError));
        assert!(all && !rest.is_empty(), "kind {kind}: {rest:?}");
    }
}

#[tokio::test]
async fn an_open_socket_ends_soon_after_its_device_is_revoked() {
    let server = TestServer::start().await;
    let door = server.door();
    let alice = Person::named("alice");
    let old = door.register(&alice).await;
    let mut socket = door.socket(&old).await;
    socket.hello(&alice).await;
    socket.answer(1).await.unwrap();
    start_anew(&door, &alice).await;
    let started = Instant::now();
    let rest = socket.rest().await;
    assert!(
        rest.iter()
            .any(|message| is_go_away(message, GoAwayReason::Revoked)),
        "{rest:?}"
    );
    assert!(started.elapsed() < Duration::from_secs(5));
}

#[tokio::test]
async fn a_device_whose_token_is_over_gets_nothing_by_any_frame() {
    let server = TestServer::start_with(|config| {
        config.auth.access_token_s = Within::nearest(1);
    })
    .await;
    let door = server.door();
    let alice = Person::named("alice");
    let tokens = door.register(&alice).await;
    // While it is good, each kind is taken; then the socket ends.
    let mut socket = door.socket(&tokens).await;
    socket.hello(&alice).await;
    for message in every_kind(&alice).into_iter().skip(1) {
        socket.send(2, message).await;
    }
    let over = |message: &ServerMessage| is_go_away(message, GoAwayReason::TokenExpired);
    let rest = socket.rest().await;
    assert!(rest.last().is_some_and(over), "{rest:?}");
    assert!(rest.len() > KINDS / 2, "{rest:?}");

    // The leeway for clocks that differ opens no other one.
    let authorization = format!("Bearer {}", tokens.access);
    match door.try_socket(Some(&authorization)).await {
        Err(tungstenite::Error::Http(response)) => assert_eq!(response.status(), 401),
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("a socket for a token that is over"),
    }
}
