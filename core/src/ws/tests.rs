//! Tests of the WebSocket, against a server on the loopback.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a failed test may panic")]

use tokio::net::TcpStream;
use tokio_rustls::server::TlsStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::handshake::server::{Request, Response};
use whimbrel_protocol::frame::{ClientMessage, ServerMessage};

use super::*;
use crate::transport::loopback::{Loopback, response};

type ServerSocket = WebSocketStream<TlsStream<TcpStream>>;

/// A connection under test: the client's ends and the server.
struct Connected {
    server: Loopback,
    events: mpsc::Receiver<LinkEvent>,
    outgoing: mpsc::Sender<ClientFrame>,
}

async fn connecting() -> Connected {
    let server = Loopback::start().await;
    let transport = server.transport();
    let (to, events) = mpsc::channel(4);
    let (outgoing, frames) = mpsc::channel(4);
    tokio::spawn(async move {
        run(
            &transport,
            "the.access.token",
            frames,
            Events { link: 7, to },
        )
        .await;
    });
    Connected {
        server,
        events,
        outgoing,
    }
}

impl Connected {
    #[allow(clippy::result_large_err, reason = "the callback's type is not ours")]
    async fn accept(&mut self) -> ServerSocket {
        let stream = self.server.accept().await.unwrap();
        let check = |request: &Request, response: Response| {
            assert_eq!(request.uri().path(), "/v1/socket");
            let bearer = request.headers().get(AUTHORIZATION).unwrap();
            assert_eq!(bearer, "Bearer the.access.token");
            Ok(response)
        };
        let socket = tokio_tungstenite::accept_hdr_async(stream, check)
            .await
            .unwrap();
        assert!(matches!(self.event().await, Event::LinkOpened));
        socket
    }

    async fn event(&mut self) -> Event {
        let event = timeout(Duration::from_secs(10), self.events.recv()).await;
        let event = event.unwrap().unwrap();
        assert_eq!(event.link, 7);
        event.event
    }

    async fn closed(&mut self) -> LinkError {
        match self.event().await {
            Event::LinkClosed(error) => error,
            other => panic!("not closed: {other:?}"),
        }
    }
}

fn pong(server_time_ms: i64) -> ServerFrame {
    ServerFrame {
        request: 1,
        message: ServerMessage::Pong { server_time_ms },
    }
}

fn binary(bytes: impl Into<Vec<u8>>) -> Message {
    Message::Binary(bytes.into().into())
}

#[tokio::test]
async fn frames_go_both_ways() {
    let mut connected = connecting().await;
    let mut socket = connected.accept().await;
    socket.send(binary(pong(5).encode())).await.unwrap();
    match connected.event().await {
        Event::Frame(frame) => assert_eq!(frame, pong(5)),
        other => panic!("{other:?}"),
    }
    let ping = ClientFrame {
        request: 9,
        message: ClientMessage::Ping,
    };
    connected.outgoing.send(ping.clone()).await.unwrap();
    let received = socket.next().await.unwrap().unwrap();
    assert_eq!(ClientFrame::decode(&received.into_data()).unwrap(), ping);
    socket.close(None).await.unwrap();
    assert_eq!(connected.closed().await, LinkError::Unreachable);
}

#[tokio::test]
async fn frames_that_are_none_are_told_and_newer_kinds_are_skipped() {
    let mut connected = connecting().await;
    let mut socket = connected.accept().await;
    socket.send(binary([0xff, 0xff])).await.unwrap();
    socket.send(Message::text("hello")).await.unwrap();
    // Only a request number: a kind that is not known here.
    socket.send(binary([0x08, 0x07])).await.unwrap();
    socket.send(binary(pong(6).encode())).await.unwrap();
    assert!(matches!(connected.event().await, Event::MalformedFrame));
    assert!(matches!(connected.event().await, Event::MalformedFrame));
    assert!(matches!(connected.event().await, Event::Frame(frame) if frame == pong(6)));
}

#[tokio::test]
async fn a_frame_over_the_limit_ends_the_connection() {
    let mut connected = connecting().await;
    let mut socket = connected.accept().await;
    let oversized = vec![0; FRAME_BYTES_MAX + 1];
    // The client may hang up before all of it is written.
    let _ = socket.send(binary(oversized)).await;
    assert_eq!(connected.closed().await, LinkError::Protocol);
}

#[tokio::test]
async fn a_cut_connection_is_unreachable() {
    let mut connected = connecting().await;
    let socket = connected.accept().await;
    drop(socket);
    assert_eq!(connected.closed().await, LinkError::Unreachable);
}

#[tokio::test]
async fn letting_go_says_goodbye() {
    let mut connected = connecting().await;
    let mut socket = connected.accept().await;
    drop(connected.outgoing);
    let goodbye = timeout(Duration::from_secs(10), socket.next())
        .await
        .unwrap();
    assert!(
        matches!(goodbye, Some(Ok(Message::Close(_)))),
        "{goodbye:?}"
    );
}

#[tokio::test]
async fn a_busy_engine_slows_the_server_down() {
    let mut connected = connecting().await;
    let mut socket = connected.accept().await;
    for number in 0..200 {
        socket.feed(binary(pong(number).encode())).await.unwrap();
    }
    socket.flush().await.unwrap();
    while connected.events.len() < 4 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!(connected.events.len(), 4, "no more than the channel holds");
    for number in 0..200 {
        assert!(matches!(connected.event().await, Event::Frame(frame) if frame == pong(number)));
    }
}

#[tokio::test]
async fn refused_upgrades_have_their_reasons() {
    for (answer, error) in [
        (response("401 Unauthorized", "", ""), LinkError::Denied),
        (response("403 Forbidden", "", ""), LinkError::Denied),
        (
            response("503 Draining", "retry-after: 3\r\n", ""),
            LinkError::RetryAfter(3_000),
        ),
        (response("429 Slow", "", ""), LinkError::RetryAfter(5_000)),
        (
            response("502 Bad Gateway", "", "<html>"),
            LinkError::Unreachable,
        ),
        (
            response("200 OK", "", "<html>Please log in</html>"),
            LinkError::Protocol,
        ),
        (response("404 Not Found", "", ""), LinkError::Protocol),
        ("no HTTP at all\r\n\r\n".to_owned(), LinkError::Protocol),
    ] {
        let mut connected = connecting().await;
        connected.server.answer(|_| answer.clone()).await.unwrap();
        assert_eq!(connected.closed().await, error, "{answer:.40}");
    }
}

#[tokio::test]
async fn another_certificate_is_not_trusted() {
    let server = Loopback::start().await;
    let transport = Transport::new(&server.url, Some([1; 32])).unwrap();
    let (to, mut events) = mpsc::channel(4);
    let (_outgoing, frames) = mpsc::channel(4);
    let (_, accepted) = tokio::join!(
        run(&transport, "token", frames, Events { link: 1, to }),
        server.accept()
    );
    assert!(accepted.is_err());
    let event = events.recv().await.unwrap().event;
    assert!(matches!(event, Event::LinkClosed(LinkError::Untrusted)));
}
