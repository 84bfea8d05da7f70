//! Somebody between clients and a server, who ends TLS on both sides: what passes lies open.

use std::fs::File;
use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::{Arc, Mutex};

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, ServerConfig, SignatureScheme};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::{TlsAcceptor, TlsConnector, client, server};
use whimbrel_protocol::account::{from_hex, to_hex};
use whimbrel_protocol::envelope::sha256;

/// What can go wrong at the start.
pub type Failure = Box<dyn std::error::Error + Send + Sync>;

/// What is written down about all connections.
pub type Record = Arc<Mutex<File>>;

/// The one in the middle.
pub struct Middle {
    listener: TcpListener,
    acceptor: TlsAcceptor,
    connector: TlsConnector,
    upstream: SocketAddr,
    fingerprint: String,
}

/// A client that has knocked.
pub struct Caller {
    socket: TcpStream,
    acceptor: TlsAcceptor,
    connector: TlsConnector,
    upstream: SocketAddr,
}

/// Both sides of one connection.
pub struct Sides {
    /// To the client.
    pub client: server::TlsStream<TcpStream>,
    /// To the server.
    pub server: client::TlsStream<TcpStream>,
}

impl Middle {
    /// Listens on a free port of this machine, with a certificate of its own.
    ///
    /// # Errors
    /// For a fingerprint that is not hexadecimal; otherwise what the system says.
    pub async fn start(upstream: SocketAddr, upstream_fingerprint: &str) -> Result<Self, Failure> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let own = rcgen::generate_simple_self_signed(["localhost".into(), "127.0.0.1".into()])?;
        let key = PrivateKeyDer::try_from(own.signing_key.serialize_der())?;
        let server = ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(vec![own.cert.der().clone()], key)?;
        let pinned = from_hex(upstream_fingerprint).ok_or("the fingerprint is not hexadecimal")?;
        let client = ClientConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(Pinned { pinned, provider }))
            .with_no_client_auth();
        Ok(Self {
            listener: TcpListener::bind("127.0.0.1:0").await?,
            acceptor: TlsAcceptor::from(Arc::new(server)),
            connector: TlsConnector::from(Arc::new(client)),
            upstream,
            fingerprint: to_hex(&sha256(own.cert.der())),
        })
    }

    /// `ADDRESS FINGERPRINT`, for clients to connect to and to pin.
    ///
    /// # Errors
    /// What the system says.
    pub fn place(&self) -> io::Result<String> {
        let address = self.listener.local_addr()?;
        Ok(format!("{address} {}", self.fingerprint))
    }

    /// Relays every client that comes, each in a task of its own, and writes to one file.
    ///
    /// # Errors
    /// What the system says.
    pub async fn serve<F>(
        &self,
        record: &Path,
        relay: impl Fn(Caller, Record) -> F,
    ) -> Result<(), Failure>
    where
        F: Future<Output = io::Result<()>> + Send + 'static,
    {
        let record = Arc::new(Mutex::new(File::create(record)?));
        loop {
            let (socket, _) = self.listener.accept().await?;
            let caller = Caller {
                socket,
                acceptor: self.acceptor.clone(),
                connector: self.connector.clone(),
                upstream: self.upstream,
            };
            // A connection that breaks is the business of its two ends.
            tokio::spawn(relay(caller, Arc::clone(&record)));
        }
    }
}

impl Caller {
    /// Connects to the server, then answers the client.
    ///
    /// # Errors
    /// Where either side does not do its part.
    pub async fn connect(self) -> io::Result<Sides> {
        let server = TcpStream::connect(self.upstream).await?;
        let name = ServerName::from(self.upstream.ip());
        Ok(Sides {
            server: self.connector.connect(name, server).await?,
            client: self.acceptor.accept(self.socket).await?,
        })
    }
}

/// Accepts one certificate only, and still checks that the server has its key.
#[derive(Debug)]
struct Pinned {
    pinned: Vec<u8>,
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for Pinned {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        if sha256(end_entity).as_slice() == self.pinned.as_slice() {
            Ok(ServerCertVerified::assertion())
        } else {
            Err(rustls::Error::General("not the pinned certificate".into()))
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signature, algorithms)
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
