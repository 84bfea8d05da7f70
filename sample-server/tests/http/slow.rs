//! Clients that are slow on purpose, and frames that are larger than anybody needs.

use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;
use whimbrel_protocol::frame::{ClientMessage, FindUser, Hello, ServerMessage};
use whimbrel_protocol::{ClientFrame, PROTOCOL_VERSION};
use whimbrel_server::config::{Rate, Within};

use crate::support::{Door, PATIENCE, Person, TestServer, Tokens};

fn upgrade(tokens: &Tokens) -> String {
    format!(
        "GET /v1/socket HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {}\r\n\
         Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
         Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
         Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n",
        tokens.access
    )
}

/// Everything up to the end, which the server makes.
async fn end(mut stream: TlsStream<TcpStream>) -> Vec<u8> {
    let mut bytes = Vec::new();
    let read = tokio::time::timeout(PATIENCE, stream.read_to_end(&mut bytes)).await;
    let _ = read.expect("the server closes in time");
    bytes
}

/// A connection that has become a WebSocket, of which the test writes every byte.
async fn raw_socket(door: &Door, tokens: &Tokens) -> TlsStream<TcpStream> {
    let mut stream = door.connect().await;
    stream.write_all(upgrade(tokens).as_bytes()).await.unwrap();
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.unwrap());
    }
    let head = String::from_utf8(head).unwrap();
    assert!(head.starts_with("HTTP/1.1 101 "), "{head}");
    // Nobody unpacks anything, so nothing small becomes large.
    assert!(!head.contains("permessage-deflate"), "{head}");
    stream
}

/// A WebSocket frame of a client (RFC 6455, section 5.2), masked with zeros.
fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let length = u16::try_from(payload.len()).unwrap();
    let [high, low] = length.to_be_bytes();
    let mut bytes = vec![first, 0x80 | 126, high, low, 0, 0, 0, 0];
    bytes.extend_from_slice(payload);
    bytes
}

fn hello(person: &Person) -> Vec<u8> {
    let message = ClientMessage::Hello(Hello {
        version: PROTOCOL_VERSION,
        device: person.device,
        sealed_no: 0,
    });
    let hello = ClientFrame {
        request: 1,
        message,
    };
    frame(0x82, &hello.encode())
}

#[tokio::test]
async fn a_head_that_comes_byte_by_byte_is_cut_off() {
    let server = TestServer::start_with(|config| {
        config.limits.header_ms = Within::nearest(500);
    })
    .await;
    let door = server.door();
    let tokens = door.register(&Person::named("alice")).await;
    for head in [
        "GET /livez HTTP/1.1\r\n".to_owned() + &"X: y\r\n".repeat(1_000),
        upgrade(&tokens),
    ] {
        let (mut reader, mut writer) = tokio::io::split(door.connect().await);
        let dribble = async {
            for byte in head.as_bytes() {
                if writer.write_all(&[*byte]).await.is_err() {
                    break;
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        let read = async {
            let mut bytes = Vec::new();
            let _ = reader.read_to_end(&mut bytes).await;
            String::from_utf8(bytes).unwrap()
        };
        let answer = tokio::select! {
            answer = read => answer,
            () = dribble => panic!("the server reads on"),
        };
        assert!(
            !answer.contains(" 101 ") && !answer.contains(" 200 "),
            "{answer}"
        );
    }
    assert_eq!(door.get("/livez").await.status, 200);
}

#[tokio::test]
async fn a_frame_that_never_ends_is_no_sign_of_life() {
    let server = TestServer::start_with(|config| {
        config.sockets.heartbeat_ms = Within::nearest(1_000);
    })
    .await;
    let door = server.door();
    let alice = Person::named("alice");
    let tokens = door.register(&alice).await;
    let mut stream = raw_socket(&door, &tokens).await;
    stream.write_all(&hello(&alice)).await.unwrap();
    let whole = frame(0x82, &[0; 60_000]);
    let (mut reader, mut writer) = tokio::io::split(stream);
    let dribble = async {
        for byte in whole {
            if writer.write_all(&[byte]).await.is_err() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    let mut bytes = Vec::new();
    let read = tokio::time::timeout(PATIENCE, reader.read_to_end(&mut bytes));
    tokio::select! {
        ended = read => drop(ended.expect("the server closes in time")),
        () = dribble => {}
    }
    assert!(!bytes.is_empty(), "it was greeted");
    assert_eq!(door.get("/livez").await.status, 200);
}

#[tokio::test]
async fn frame_bombs_are_not_read() {
    let server = TestServer::start().await;
    let door = server.door();
    let alice = Person::named("alice");
    let tokens = door.register(&alice).await;
    let announced = |length: u64| {
        let mut head = vec![0x82, 0x80 | 127];
        head.extend_from_slice(&length.to_be_bytes());
        head.extend_from_slice(&[0; 4]);
        head
    };
    for length in [65_537, 1 << 32, 1 << 62, u64::MAX] {
        let mut stream = raw_socket(&door, &tokens).await;
        stream.write_all(&announced(length)).await.unwrap();
        // The head is all that it takes; the server does not wait for the rest.
        end(stream).await;
    }

    // Small parts of one message that grows and grows.
    let mut stream = raw_socket(&door, &tokens).await;
    let part = [7; 16 * 1024];
    let mut written = stream.write_all(&frame(0x02, &part)).await;
    let mut parts = 1;
    while written.is_ok() && parts < 1_000 {
        written = stream.write_all(&frame(0x00, &part)).await;
        parts += 1;
    }
    assert!(parts < 1_000, "the server takes {parts} parts");
    end(stream).await;
    assert_eq!(door.get("/livez").await.status, 200);
}

#[tokio::test]
async fn ten_thousand_requests_at_once_disturb_nobody() {
    let server = TestServer::start_with(|config| {
        config.limits.device.frames = Rate::of(1_000_000, 60_000_000);
        config.sockets.waiting_frames = Within::nearest(64);
    })
    .await;
    let door = server.door();
    let (alice, bob) = (Person::named("alice"), Person::named("bob"));
    let mut greedy = door.socket(&door.register(&alice).await).await;
    greedy.hello(&alice).await;
    greedy.answer(1).await.unwrap();
    let mut other = door.socket(&door.register(&bob).await).await;
    other.hello(&bob).await;
    other.answer(1).await.unwrap();

    // Nothing is read meanwhile. The server answers what it can, or ends the connection.
    let mut sent = 0_u64;
    for request in 2..10_002 {
        let find = FindUser::ByUsername("alice".to_owned());
        let asked = greedy
            .try_send(request, ClientMessage::FindUser(find))
            .await;
        if asked.is_err() {
            break;
        }
        sent += 1;
        if request == 5_000 {
            other.send(2, ClientMessage::Ping).await;
            let answer = other.answer(2).await;
            assert!(matches!(answer, Some(ServerMessage::Pong { .. })));
        }
    }
    let mut answered = 0;
    while answered < sent
        && let Some(frame) = greedy.next().await
    {
        let is_found = matches!(frame.message, ServerMessage::UserFound { .. });
        answered += u64::from(is_found);
    }
    let metrics = door.get("/metrics").await.body;
    let is_let_go = metrics.contains("whimbrel_limited_total{limit=\"SlowClient\"} 1");
    assert!(
        answered == 10_000 || is_let_go,
        "{answered} of {sent} answered\n{metrics}"
    );
    other.send(3, ClientMessage::Ping).await;
    assert!(matches!(
        other.answer(3).await,
        Some(ServerMessage::Pong { .. })
    ));
}
