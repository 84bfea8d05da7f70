//! WebSockets: who gets one, what breaks one, and how the server takes one back.

use std::time::Duration;

use tokio_tungstenite::tungstenite::{self, Message};
use whimbrel_protocol::frame::{
    ClientMessage, FailureCode, FindUser, GoAwayReason, ItemResult, Refusal, Send, SendItem,
    ServerMessage,
};
use whimbrel_protocol::limits::FRAME_BYTES_MAX;
use whimbrel_protocol::{ClientId, ConversationId, ItemKind};
use whimbrel_server::config::{Rate, Within};

use crate::support::{PATIENCE, Person, Socket, TestServer, Tokens};

async fn ready(server: &TestServer, person: &Person) -> Socket {
    let tokens = server.door().register(person).await;
    let mut socket = server.door().socket(&tokens).await;
    socket.hello(person).await;
    let answer = socket.answer(1).await;
    assert!(
        matches!(answer, Some(ServerMessage::HelloOk(_))),
        "{answer:?}"
    );
    socket
}

fn is_go_away(message: &ServerMessage, expected: GoAwayReason) -> bool {
    matches!(message, ServerMessage::GoAway { reason, .. } if *reason == expected)
}

#[tokio::test]
async fn hello_and_ping() {
    let server = TestServer::start().await;
    let mut socket = ready(&server, &Person::named("alice")).await;
    socket.send(2, ClientMessage::Ping).await;
    assert!(matches!(
        socket.answer(2).await,
        Some(ServerMessage::Pong { .. })
    ));
    socket
        .send_message(Message::Ping(vec![1].into()))
        .await
        .unwrap();
    socket.send(3, ClientMessage::Ping).await;
    assert!(matches!(
        socket.answer(3).await,
        Some(ServerMessage::Pong { .. })
    ));
}

#[tokio::test]
async fn no_socket_without_a_token_of_this_server() {
    let server = TestServer::start().await;
    let door = server.door();
    let tokens = door.register(&Person::named("alice")).await;
    let elsewhere = TestServer::start().await;
    let foreign = elsewhere.door().register(&Person::named("alice")).await;

    let mut changed = tokens.access.clone();
    changed.replace_range(changed.len() - 10..changed.len() - 8, "AA");
    for authorization in [
        None,
        Some(String::new()),
        Some(tokens.access.clone()),
        Some(format!("Basic {}", tokens.access)),
        Some("Bearer".to_owned()),
        Some("Bearer garbage".to_owned()),
        Some(format!("Bearer {changed}")),
        Some(format!("Bearer {}", foreign.access)),
        Some(format!("Bearer {}", tokens.refresh)),
        Some(format!("Bearer {}", "a".repeat(9_000))),
    ] {
        match door.try_socket(authorization.as_deref()).await {
            Err(tungstenite::Error::Http(response)) => {
                assert_eq!(response.status().as_u16(), 401);
                assert!(response.headers().contains_key("WWW-Authenticate"));
            }
            Err(other) => panic!("{authorization:?}: {other}"),
            Ok(_) => panic!("a socket for {authorization:?}"),
        }
    }
    // With a token, but not a WebSocket.
    let headers = format!("Authorization: Bearer {}\r\n", tokens.access);
    assert_eq!(door.get_with("/v1/socket", &headers).await.status, 426);
    drop(door.socket(&tokens).await);
}

#[tokio::test]
async fn a_token_whose_account_is_elsewhere_opens_nothing() {
    let (left, right) = (TestServer::start().await, TestServer::start().await);
    let key = |server: &TestServer| server.data.path().join("data/signing-key");
    let stolen = std::fs::read_to_string(key(&left)).unwrap();
    let tokens = left.door().register(&Person::named("alice")).await;
    let data = right.data;
    right.running.shutdown().await;

    // A server with the same signing key but without the account.
    std::fs::write(data.path().join("data/signing-key"), stolen).unwrap();
    let config = whimbrel_server::config::Config {
        data: data.path().join("data"),
        listen: ([127, 0, 0, 1], 0).into(),
        ..Default::default()
    };
    let running = whimbrel_server::runtime::Server::start(config)
        .await
        .unwrap();
    let right = TestServer { running, data };
    let authorization = format!("Bearer {}", tokens.access);
    let refused = right.door().try_socket(Some(&authorization)).await.err();
    assert!(
        matches!(refused, Some(tungstenite::Error::Http(_))),
        "{refused:?}"
    );
}

#[tokio::test]
async fn frames_that_are_none() {
    let server = TestServer::start().await;
    let alice = Person::named("alice");
    let text = |text: &str| Message::Text(text.into());
    let bytes = |bytes: Vec<u8>| Message::Binary(bytes.into());
    for message in [
        text("hello"),
        bytes(vec![0xff; 100]),
        bytes(vec![0; FRAME_BYTES_MAX]),
    ] {
        let mut socket = ready(&server, &alice).await;
        socket.send_message(message).await.unwrap();
        let rest = socket.rest().await;
        assert!(
            rest.iter()
                .any(|message| is_go_away(message, GoAwayReason::ProtocolError)),
            "{rest:?}"
        );
    }
    // Too large: the server need not read it all, so its last words may get lost.
    let mut socket = ready(&server, &alice).await;
    let _ = socket
        .send_message(bytes(vec![0; FRAME_BYTES_MAX + 1]))
        .await;
    let rest = socket.rest().await;
    assert!(
        rest.iter()
            .all(|message| is_go_away(message, GoAwayReason::ProtocolError)
                || matches!(message, ServerMessage::Heads { .. })),
        "{rest:?}"
    );
    // None of this harmed anybody else. A frame without a kind is one of a newer client.
    let mut socket = ready(&server, &alice).await;
    socket.send_bytes(Vec::new()).await;
    socket.send(2, ClientMessage::Ping).await;
    assert!(matches!(
        socket.answer(2).await,
        Some(ServerMessage::Pong { .. })
    ));
}

#[tokio::test]
async fn a_client_that_does_not_read_is_let_go() {
    let server = TestServer::start_with(|config| {
        config.sockets.waiting_frames = Within::nearest(64);
        config.limits.device.frames = Rate::of(1_000_000, 60_000_000);
    })
    .await;
    let mut socket = ready(&server, &Person::named("alice")).await;
    let find = || {
        let name = FindUser::ByUsername("alice".to_owned());
        ClientMessage::FindUser(name)
    };
    let flood = async {
        for request in 2.. {
            if socket.try_send(request, find()).await.is_err() {
                break;
            }
        }
    };
    tokio::time::timeout(PATIENCE, flood)
        .await
        .expect("the server lets go in time");
    let metrics = server.door().get("/metrics").await.body;
    assert!(
        metrics.contains("whimbrel_limited_total{limit=\"SlowClient\"} 1"),
        "{metrics}"
    );
    // It may come back.
    ready(&server, &Person::named("alice")).await;
}

#[tokio::test]
async fn a_second_connection_of_a_device_replaces_the_first() {
    let server = TestServer::start().await;
    let alice = Person::named("alice");
    let first = ready(&server, &alice).await;
    let mut second = ready(&server, &alice).await;
    let rest = first.rest().await;
    assert!(
        rest.iter()
            .any(|message| is_go_away(message, GoAwayReason::Replaced)),
        "{rest:?}"
    );
    second.send(2, ClientMessage::Ping).await;
    assert!(second.answer(2).await.is_some());
}

#[tokio::test]
async fn an_expired_token_ends_its_socket() {
    let server = TestServer::start_with(|config| {
        config.auth.access_token_s = Within::nearest(1);
    })
    .await;
    let socket = ready(&server, &Person::named("alice")).await;
    let rest = socket.rest().await;
    assert!(
        rest.iter()
            .any(|message| is_go_away(message, GoAwayReason::TokenExpired)),
        "{rest:?}"
    );
}

#[tokio::test]
async fn too_many_frames_are_refused_or_wait() {
    let server = TestServer::start_with(|config| {
        // Four at once and five a second: Hello takes the first.
        config.limits.device.frames = Rate::of(4, 300);
    })
    .await;
    let mut socket = ready(&server, &Person::named("alice")).await;
    for request in 2..12 {
        socket.send(request, ClientMessage::Ping).await;
    }
    let (mut answered, mut limited) = (0, 0);
    for request in 2..12 {
        match socket.answer(request).await {
            Some(ServerMessage::Pong { .. }) => answered += 1,
            Some(ServerMessage::Failed {
                code: FailureCode::RateLimited,
                retry_after_ms,
            }) => {
                assert!((1..=250).contains(&retry_after_ms), "{retry_after_ms}");
                limited += 1;
            }
            other => panic!("{other:?}"),
        }
    }
    assert!(
        answered >= 3 && limited >= 1,
        "{answered} answered, {limited} limited"
    );
    // What asks for no answer is not lost, and the socket lives on.
    for _ in 0..6 {
        socket.send(0, ClientMessage::Taken { envelopes: 0 }).await;
    }
    tokio::time::sleep(Duration::from_millis(2_000)).await;
    socket.send(20, ClientMessage::Ping).await;
    assert!(socket.answer(20).await.is_some());
}

#[tokio::test]
async fn too_many_items_are_refused_as_items() {
    let server = TestServer::start_with(|config| {
        config.limits.device.items = Rate::of(2, 1);
    })
    .await;
    let mut socket = ready(&server, &Person::named("alice")).await;
    let send = || {
        ClientMessage::Send(Send {
            conversation: ConversationId::from_bytes([9; 16]),
            sealed_no: 2,
            items: (1..=2)
                .map(|counter| SendItem {
                    client_id: ClientId::new(0, [u8::try_from(counter).unwrap(); 10]),
                    kind: ItemKind::Message,
                    epoch: 1,
                    counter,
                    silent: false,
                    payload: vec![1, 2, 3],
                    founding: None,
                    welcome: None,
                })
                .collect(),
        })
    };
    socket.send(2, send()).await;
    let Some(ServerMessage::SendResult { results, .. }) = socket.answer(2).await else {
        panic!("no result");
    };
    assert!(!matches!(
        results[0],
        ItemResult::Refused(Refusal::RateLimited { .. })
    ));
    socket.send(3, send()).await;
    let Some(ServerMessage::SendResult { results, .. }) = socket.answer(3).await else {
        panic!("no result");
    };
    assert!(matches!(
        results[0],
        ItemResult::Refused(Refusal::RateLimited { .. })
    ));
    assert_eq!(results[1], ItemResult::NotTried);
}

#[tokio::test]
async fn draining_sends_everybody_away_and_answers_what_was_asked() {
    let server = TestServer::start_with(|config| {
        config.drain.notice_ms = Within::nearest(500);
        config.drain.time_ms = Within::nearest(2_000);
    })
    .await;
    let door = server.door();
    let mut sockets = Vec::new();
    for name in ["alice", "bob", "carol"] {
        sockets.push(ready(&server, &Person::named(name)).await);
    }
    sockets[0].send(2, ClientMessage::Ping).await;
    let started = std::time::Instant::now();
    let shutdown = tokio::spawn(server.running.shutdown());

    tokio::time::sleep(Duration::from_millis(200)).await;
    let readyz = door.get("/readyz").await;
    assert_eq!((readyz.status, readyz.body.as_str()), (503, "draining\n"));
    assert_eq!(door.get("/livez").await.status, 200);
    Tokens::of(
        &door
            .post("/v1/token", &Person::named("alice").sign_in())
            .await,
    );

    let mut pongs = 0;
    for socket in sockets {
        let rest = socket.rest().await;
        let retry = rest.iter().find_map(|message| match message {
            ServerMessage::GoAway {
                reason: GoAwayReason::Draining,
                retry_after_ms,
            } => Some(*retry_after_ms),
            _ => None,
        });
        assert!(retry.is_some(), "{rest:?}");
        let is_pong = |message: &&ServerMessage| matches!(message, ServerMessage::Pong { .. });
        pongs += rest.iter().filter(is_pong).count();
    }
    assert_eq!(pongs, 1);
    shutdown.await.unwrap();
    let took = started.elapsed();
    assert!(took < Duration::from_millis(4_000), "{took:?}");
    assert!(tokio::net::TcpStream::connect(door.address).await.is_err());
}
