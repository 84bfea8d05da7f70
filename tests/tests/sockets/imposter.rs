//! Something else answers in the server's place, with the server's certificate: a proxy's error
//! page, a hotel's login page, a redirect to itself without end.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;
use whimbrel::ErrorCode;
use whimbrel::client::Network;
use whimbrel::types::{Alarm, Connection};
use whimbrel_server::tls::ServerTls;

use crate::phone::{Phone, code, eventually, named, password_of};
use crate::server::TestServer;

/// Answers every request in the same way.
struct Imposter {
    task: JoinHandle<()>,
    asked: Arc<AtomicUsize>,
}

impl Imposter {
    /// Takes the place of a server that was stopped.
    async fn of(server: &TestServer, answer: &'static str) -> Self {
        let tls = server.data().join("tls.pem");
        let tls = ServerTls::from_files(&tls, &tls).unwrap();
        let acceptor = TlsAcceptor::from(tls.config);
        let address = server.address();
        let listener = eventually("a free port", async || {
            TcpListener::bind(address).await.ok()
        });
        let listener = listener.await;
        let asked = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&asked);
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                counter.fetch_add(1, Ordering::Relaxed);
                // A client that hangs up is its own business.
                tokio::spawn(serve(stream, acceptor.clone(), answer));
            }
        });
        Self { task, asked }
    }

    /// How often somebody has knocked so far.
    fn asked(&self) -> usize {
        self.asked.load(Ordering::Relaxed)
    }

    async fn go(self) {
        self.task.abort();
        assert!(self.task.await.unwrap_err().is_cancelled());
    }
}

async fn serve(
    stream: TcpStream,
    acceptor: TlsAcceptor,
    answer: &'static str,
) -> std::io::Result<()> {
    let mut stream = acceptor.accept(stream).await?;
    let mut request = Vec::new();
    let mut buffer = [0; 4096];
    while !request.windows(4).any(|end| end == b"\r\n\r\n") {
        let count = stream.read(&mut buffer).await?;
        if count == 0 {
            return Ok(());
        }
        request.extend_from_slice(&buffer[..count]);
    }
    stream.write_all(answer.as_bytes()).await?;
    stream.shutdown().await
}

const PAGE: &str = "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\nconnection: close\r\n\r\n\
                    <html><title>Welcome to the hotel</title></html>";
const BAD_GATEWAY: &str = "HTTP/1.1 502 Bad Gateway\r\ncontent-type: text/html\r\n\
                           connection: close\r\n\r\n<html>502</html>";
/// Relative, so that it leads back here whatever was asked.
const REDIRECT: &str = "HTTP/1.1 307 Temporary Redirect\r\nlocation: ?again\r\n\
                        content-length: 0\r\nconnection: close\r\n\r\n";
const FORBIDDEN: &str = "HTTP/1.1 403 Forbidden\r\ncontent-type: text/html\r\n\
                         connection: close\r\n\r\n<html>403</html>";

#[tokio::test]
async fn a_web_page_in_the_servers_place_stops_nothing() {
    let mut server = TestServer::start().await;
    let bob = Phone::live(&server, "bob").await;
    let alice = Phone::live(&server, "alice").await;
    server.kill();
    let imposter = Imposter::of(&server, PAGE).await;
    alice.network(Network::Up).await;
    alice
        .until("told that this is no server", async |client| {
            client.state().last_error == Some(ErrorCode::Protocol)
        })
        .await;
    let state = alice.client.state();
    assert_eq!(
        (state.connection, state.alarm),
        (Connection::Connecting, None)
    );
    let chat = alice.client.create_direct(named("bob")).await.unwrap();
    alice.send(chat, "written in the hotel").await;
    alice.sees(chat, "alice: written in the hotel …\n").await;
    let signed_in = alice.client.sign_in("alice", password_of("alice")).await;
    assert_eq!(code(signed_in), Some(ErrorCode::Protocol));
    let carol = Phone::new(&server, "carol").await;
    let registered = carol.client.register("carol", password_of("carol")).await;
    assert_eq!(code(registered), Some(ErrorCode::Protocol));

    imposter.go().await;
    server.start_again().await;
    for phone in [&alice, &bob] {
        phone.network(Network::Up).await;
    }
    let here = bob.finds("alice").await;
    bob.hears(here, "written in the hotel").await;
    let registered = carol.client.register("carol", password_of("carol")).await;
    assert_eq!(registered.unwrap().username, "carol");
}

#[tokio::test]
async fn a_proxy_that_refuses_signs_nobody_out() {
    let mut server = TestServer::start().await;
    let alice = Phone::live(&server, "alice").await;
    for (answer, error) in [
        (BAD_GATEWAY, ErrorCode::Unavailable),
        (FORBIDDEN, ErrorCode::Protocol),
    ] {
        server.kill();
        let imposter = Imposter::of(&server, answer).await;
        alice.network(Network::Up).await;
        alice
            .until("told why", async |client| {
                client.state().last_error == Some(error)
            })
            .await;
        let signed_in = alice.client.sign_in("alice", password_of("alice")).await;
        assert_eq!(code(signed_in), Some(error));
        assert_eq!(alice.client.state().alarm, None::<Alarm>);
        imposter.go().await;
        server.start_again().await;
        alice.network(Network::Up).await;
        alice.becomes(Connection::Live).await;
    }
}

#[tokio::test]
async fn a_redirect_is_followed_by_nobody() {
    let mut server = TestServer::start().await;
    let alice = Phone::live(&server, "alice").await;
    let ticket = Phone::new(&server, "tablet").await;
    let ticket = ticket.client.link_start().await.unwrap().code;
    alice.network(Network::Down).await;
    server.kill();
    let imposter = Imposter::of(&server, REDIRECT).await;
    let new = Phone::new(&server, "carol").await;
    let (client, word) = (&new.client, password_of("carol"));
    assert_eq!(
        [
            code(client.register("carol", word.clone()).await),
            code(client.sign_in("carol", word.clone()).await),
            code(client.recover("carol", word, None).await),
            code(client.link_start().await.map(|_| ())),
            code(alice.client.link_refuse(ticket).await),
        ],
        [Some(ErrorCode::Protocol); 5]
    );
    assert_eq!(imposter.asked(), 5, "one request a call");
    alice.network(Network::Up).await;
    alice
        .until("told that this is no server", async |client| {
            client.state().last_error == Some(ErrorCode::Protocol)
        })
        .await;
    let state = alice.client.state();
    assert_eq!(
        (state.connection, state.alarm),
        (Connection::Connecting, None)
    );

    imposter.go().await;
    server.start_again().await;
    alice.network(Network::Up).await;
    alice.becomes(Connection::Live).await;
}

#[tokio::test]
async fn a_port_that_does_not_speak_tls_is_no_server() {
    let mut server = TestServer::start().await;
    let alice = Phone::live(&server, "alice").await;
    server.kill();
    let address = server.address();
    let listener = eventually("a free port", async || {
        TcpListener::bind(address).await.ok()
    });
    let listener = Arc::new(listener.await);
    let plain = tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let _ = stream.write_all(PAGE.as_bytes()).await;
        }
    });
    alice.network(Network::Up).await;
    alice
        .until("told that this is no server", async |client| {
            client.state().last_error == Some(ErrorCode::Protocol)
        })
        .await;
    plain.abort();
    assert!(plain.await.unwrap_err().is_cancelled());
    server.start_again().await;
    alice.network(Network::Up).await;
    alice.becomes(Connection::Live).await;
}
