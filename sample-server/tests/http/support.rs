//! People, servers, and a small HTTP and WebSocket client.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{DigitallySignedStruct, SignatureScheme};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::{self, Message, client::IntoClientRequest as _};
use whimbrel_mls::{Certificate, DeviceKey, IdentityKey, Manifest, RecoveryCode};
use whimbrel_protocol::account::to_hex;
use whimbrel_protocol::frame::{ClientMessage, Hello, ServerMessage};
use whimbrel_protocol::{ClientFrame, DeviceId, PROTOCOL_VERSION, ServerFrame, UserId};
use whimbrel_server::config::Config;
use whimbrel_server::runtime::{Running, Server};

/// Longer than anything should take on a busy machine.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// A server in this process, on a folder of its own.
pub(crate) struct TestServer {
    pub(crate) running: Running,
    pub(crate) data: tempfile::TempDir,
}

impl TestServer {
    pub(crate) async fn start() -> Self {
        Self::start_with(|_| {}).await
    }

    pub(crate) async fn start_with(change: impl FnOnce(&mut Config)) -> Self {
        let data = tempfile::tempdir().unwrap();
        let mut config = Config {
            data: data.path().join("data"),
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            ..Config::default()
        };
        change(&mut config);
        let running = Server::start(config).await.unwrap();
        Self { running, data }
    }

    /// The same folder, served by a new server.
    pub(crate) async fn restart(self) -> Self {
        let config = Config {
            data: self.data.path().join("data"),
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            ..Config::default()
        };
        self.running.shutdown().await;
        let running = Server::start(config).await.unwrap();
        Self {
            running,
            data: self.data,
        }
    }

    pub(crate) fn door(&self) -> Door {
        Door {
            address: self.running.address,
            fingerprint: self.running.fingerprint.clone(),
        }
    }
}

/// Where a server is and how to recognise it.
#[derive(Debug, Clone)]
pub(crate) struct Door {
    pub(crate) address: SocketAddr,
    pub(crate) fingerprint: String,
}

/// An answer to a request.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("not JSON: {self:?}"))
    }

    /// The word of an error answer.
    pub(crate) fn error(&self) -> String {
        self.json()["error"].as_str().unwrap().to_owned()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (found, value) = line.split_once(':')?;
            found.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }
}

impl Door {
    /// A TLS connection to the server with this certificate and no other.
    pub(crate) async fn connect(&self) -> TlsStream<TcpStream> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let pinned = Pinned {
            fingerprint: self.fingerprint.clone(),
            provider: Arc::clone(&provider),
        };
        let config = rustls::ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(pinned))
            .with_no_client_auth();
        let stream = TcpStream::connect(self.address).await.unwrap();
        TlsConnector::from(Arc::new(config))
            .connect(ServerName::try_from("localhost").unwrap(), stream)
            .await
            .unwrap()
    }

    /// Sends bytes and reads until the server closes.
    pub(crate) async fn raw(&self, request: &[u8]) -> Answer {
        let mut stream = self.connect().await;
        stream.write_all(request).await.unwrap();
        let mut bytes = Vec::new();
        // A server may close without saying so to TLS.
        let _ = tokio::time::timeout(PATIENCE, stream.read_to_end(&mut bytes))
            .await
            .expect("the server closes in time");
        let text = String::from_utf8(bytes).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
        Answer {
            status: head
                .split(' ')
                .nth(1)
                .map_or(0, |code| code.parse().unwrap()),
            head: head.to_owned(),
            body: body.to_owned(),
        }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.get_with(path, "").await
    }

    pub(crate) async fn get_with(&self, path: &str, headers: &str) -> Answer {
        self.request("GET", path, headers, None).await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        self.post_text(path, &body.to_string()).await
    }

    pub(crate) async fn post_text(&self, path: &str, body: &str) -> Answer {
        self.request("POST", path, "", Some(body)).await
    }

    /// Asks; `headers` are whole lines.
    pub(crate) async fn request(
        &self,
        method: &str,
        path: &str,
        headers: &str,
        body: Option<&str>,
    ) -> Answer {
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{headers}"
        );
        let request = match body {
            None => format!("{head}\r\n"),
            Some(body) => format!(
                "{head}Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
                body.len()
            ),
        };
        self.raw(request.as_bytes()).await
    }

    /// Registers somebody who must be welcome.
    pub(crate) async fn register(&self, person: &Person) -> Tokens {
        let answer = self.post("/v1/register", &person.registration()).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        Tokens::of(&answer)
    }

    /// Asks for a socket with this `Authorization` header.
    pub(crate) async fn try_socket(
        &self,
        authorization: Option<&str>,
    ) -> Result<Socket, tungstenite::Error> {
        let mut request = "wss://localhost/v1/socket".into_client_request().unwrap();
        if let Some(authorization) = authorization {
            let value = authorization.parse().unwrap();
            request.headers_mut().insert("Authorization", value);
        }
        let stream = self.connect().await;
        let (stream, _) = tokio_tungstenite::client_async(request, stream).await?;
        Ok(Socket { stream })
    }

    pub(crate) async fn socket(&self, tokens: &Tokens) -> Socket {
        let authorization = format!("Bearer {}", tokens.access);
        self.try_socket(Some(&authorization)).await.unwrap()
    }
}

/// What a token answer holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Tokens {
    pub(crate) access: String,
    pub(crate) refresh: String,
    pub(crate) user: String,
}

impl Tokens {
    pub(crate) fn of(answer: &Answer) -> Self {
        let json = answer.json();
        let text = |name: &str| json[name].as_str().unwrap().to_owned();
        assert_eq!(text("token_type"), "Bearer");
        assert_eq!(answer.header("Cache-Control"), Some("no-store"));
        Self {
            access: text("access_token"),
            refresh: text("refresh_token"),
            user: text("user"),
        }
    }
}

/// The header that shows an access token.
pub(crate) fn bearer(token: &str) -> String {
    format!("Authorization: Bearer {token}\r\n")
}

/// Somebody with one device.
pub(crate) struct Person {
    pub(crate) name: String,
    pub(crate) password: String,
    pub(crate) user: UserId,
    pub(crate) device: DeviceId,
    pub(crate) manifest: Vec<u8>,
    seed: [u8; 32],
}

impl Person {
    /// A person of this name; the ids and keys follow from it.
    pub(crate) fn named(name: &str) -> Self {
        let seed: [u8; 32] = Sha256::digest(name).into();
        let (left, right) = seed.split_at(16);
        let mut person = Self {
            name: name.to_owned(),
            password: format!("the password of {name}"),
            user: UserId::try_from(left).unwrap(),
            device: DeviceId::try_from(right).unwrap(),
            manifest: Vec::new(),
            seed,
        };
        let identity = person.identity();
        let device_key = DeviceKey::from_seed(Sha256::digest(seed).into());
        let certificate = person.certificate(&identity, person.device, &device_key);
        let recovery_key = person.recovery_code().recovery_key();
        let manifest = Manifest::first(&identity, recovery_key, certificate).unwrap();
        person.manifest = manifest.encode();
        person
    }

    pub(crate) fn identity(&self) -> IdentityKey {
        IdentityKey::from_seed(self.seed)
    }

    pub(crate) fn recovery_code(&self) -> RecoveryCode {
        RecoveryCode::new(self.seed[..16].try_into().unwrap())
    }

    /// What an identity key says of a device of this person.
    pub(crate) fn certificate(
        &self,
        identity: &IdentityKey,
        device: DeviceId,
        key: &DeviceKey,
    ) -> Certificate {
        Certificate::issue(identity, self.user, &self.name, device, key.public()).unwrap()
    }

    /// The manifest with which this person starts anew, under another identity key, with another
    /// device; and that device.
    pub(crate) fn recovered(&self) -> (Manifest, DeviceId) {
        let identity = IdentityKey::from_seed(Sha256::digest([self.seed, [1; 32]].concat()).into());
        let device = DeviceId::from_bytes(self.device.as_bytes().map(|byte| !byte));
        let certificate = self.certificate(&identity, device, &DeviceKey::from_seed([9; 32]));
        let first = Manifest::decode_and_verify(&self.manifest).unwrap();
        let code = self.recovery_code();
        let manifest = first.recovered(&identity, certificate, &code).unwrap();
        (manifest, device)
    }

    /// A request to start anew.
    pub(crate) fn recovery(&self, manifest: &[u8], device: DeviceId) -> Value {
        json!({
            "username": self.name,
            "password": self.password,
            "device": device.to_string(),
            "manifest": to_hex(manifest),
        })
    }

    pub(crate) fn registration(&self) -> Value {
        json!({
            "username": self.name,
            "password": self.password,
            "user": self.user.to_string(),
            "device": self.device.to_string(),
            "manifest": to_hex(&self.manifest),
        })
    }

    pub(crate) fn sign_in(&self) -> Value {
        json!({
            "grant_type": "password",
            "username": self.name,
            "password": self.password,
            "device": self.device.to_string(),
        })
    }
}

/// A request for new tokens.
pub(crate) fn refresh(token: &str) -> Value {
    json!({"grant_type": "refresh_token", "refresh_token": token})
}

/// A client's WebSocket.
pub(crate) struct Socket {
    stream: WebSocketStream<TlsStream<TcpStream>>,
}

impl Socket {
    pub(crate) async fn send(&mut self, request: u64, message: ClientMessage) {
        let frame = ClientFrame { request, message };
        self.send_bytes(frame.encode()).await;
    }

    pub(crate) async fn try_send(
        &mut self,
        request: u64,
        message: ClientMessage,
    ) -> Result<(), tungstenite::Error> {
        let frame = ClientFrame { request, message };
        self.send_message(Message::Binary(frame.encode().into()))
            .await
    }

    pub(crate) async fn send_bytes(&mut self, bytes: Vec<u8>) {
        self.send_message(Message::Binary(bytes.into()))
            .await
            .unwrap();
    }

    pub(crate) async fn send_message(
        &mut self,
        message: Message,
    ) -> Result<(), tungstenite::Error> {
        self.stream.send(message).await
    }

    pub(crate) async fn hello(&mut self, person: &Person) {
        self.hello_as(person.device).await;
    }

    pub(crate) async fn hello_as(&mut self, device: DeviceId) {
        let hello = Hello {
            version: PROTOCOL_VERSION,
            device,
            sealed_no: 0,
        };
        self.send(1, ClientMessage::Hello(hello)).await;
    }

    /// The next frame, or `None` once the server has closed.
    pub(crate) async fn next(&mut self) -> Option<ServerFrame> {
        loop {
            let message = tokio::time::timeout(PATIENCE, self.stream.next())
                .await
                .expect("the server says something in time")?;
            match message {
                Ok(Message::Binary(bytes)) => return Some(ServerFrame::decode(&bytes).unwrap()),
                Ok(Message::Close(_)) | Err(_) => return None,
                Ok(_) => {}
            }
        }
    }

    /// The next message that the server gives for this request.
    pub(crate) async fn answer(&mut self, request: u64) -> Option<ServerMessage> {
        loop {
            let frame = self.next().await?;
            if frame.request == request {
                return Some(frame.message);
            }
        }
    }

    /// Everything up to the end of the connection.
    pub(crate) async fn rest(mut self) -> Vec<ServerMessage> {
        let mut messages = Vec::new();
        while let Some(frame) = self.next().await {
            messages.push(frame.message);
        }
        messages
    }
}

/// Accepts one certificate, by its fingerprint.
#[derive(Debug)]
struct Pinned {
    fingerprint: String,
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for Pinned {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        if to_hex(&Sha256::digest(certificate)) == self.fingerprint {
            Ok(ServerCertVerified::assertion())
        } else {
            Err(rustls::Error::General("another certificate".to_owned()))
        }
    }

    fn verify_tls12_signature(
        &self,
        _message: &[u8],
        _certificate: &CertificateDer<'_>,
        _signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Err(rustls::Error::General("TLS 1.3 is expected".to_owned()))
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signature, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider
            .signature_verification_algorithms
            .supported_schemes()
    }
}
