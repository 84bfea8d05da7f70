//! A TLS server on this machine for tests, with a certificate of its own.

#![allow(clippy::unwrap_used, reason = "a failed test may panic")]

use std::sync::Arc;

use rustls::ServerConfig;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use sha2::{Digest, Sha256};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use super::Transport;

/// The server. It answers only when it is told to.
pub(crate) struct Loopback {
    pub(crate) url: String,
    pub(crate) fingerprint: [u8; 32],
    pub(crate) listener: TcpListener,
    acceptor: TlsAcceptor,
}

impl Loopback {
    pub(crate) async fn start() -> Self {
        let names = vec!["localhost".to_owned(), "127.0.0.1".to_owned()];
        let made = rcgen::generate_simple_self_signed(names).unwrap();
        let certificate: CertificateDer<'static> = made.cert.der().clone();
        let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(made.signing_key.serialize_der()));
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let fingerprint = Sha256::digest(&certificate).into();
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate], key)
            .unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        Self {
            url: format!(
                "https://127.0.0.1:{}",
                listener.local_addr().unwrap().port()
            ),
            fingerprint,
            listener,
            acceptor: TlsAcceptor::from(Arc::new(config)),
        }
    }

    /// A transport that trusts this server.
    pub(crate) fn transport(&self) -> Transport {
        Transport::new(&self.url, Some(self.fingerprint)).unwrap()
    }

    /// The next connection, unless its handshake fails.
    pub(crate) async fn accept(&self) -> std::io::Result<TlsStream<TcpStream>> {
        let (stream, _) = self.listener.accept().await?;
        self.acceptor.accept(stream).await
    }

    /// Answers the next request; returns head and body of it.
    pub(crate) async fn answer(
        &self,
        response: impl FnOnce(&str) -> String,
    ) -> Option<(String, String)> {
        let mut stream = self.accept().await.ok()?;
        let (head, body) = read_request(&mut stream).await?;
        let response = response(&body);
        stream.write_all(response.as_bytes()).await.ok()?;
        // A client that has heard enough may hang up first.
        let _ = stream.shutdown().await;
        Some((head, body))
    }
}

/// An HTTP response with this status line, further headers and body.
pub(crate) fn response(status: &str, headers: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "HTTP/1.1 {status}\r\ncontent-length: {length}\r\nconnection: close\r\n{headers}\r\n{body}"
    )
}

async fn read_request(stream: &mut TlsStream<TcpStream>) -> Option<(String, String)> {
    let mut request = String::new();
    let mut buffer = [0; 4096];
    loop {
        if let Some((head, body)) = request.split_once("\r\n\r\n") {
            let length = head
                .lines()
                .filter_map(|line| line.split_once(": "))
                .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
                .map_or(0, |(_, length)| length.parse().unwrap());
            if body.len() >= length {
                return Some((head.to_owned(), body.to_owned()));
            }
        }
        let count = stream.read(&mut buffer).await.ok()?;
        request.push_str(std::str::from_utf8(buffer.get(..count)?).unwrap());
        if count == 0 {
            return None;
        }
    }
}
