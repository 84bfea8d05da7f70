//! TLS by rustls with ring, given explicitly: a library must not depend on what the app has
//! installed for the whole process.

use std::io;
use std::sync::Arc;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, WebPkiSupportedAlgorithms};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme,
};
use sha2::{Digest, Sha256};

use crate::error::{Error, Result};
use crate::event::LinkError;

/// Settings that accept exactly the certificate with this fingerprint, or what the public
/// certificate authorities vouch for.
pub(super) fn client_config(pinned_fingerprint: Option<[u8; 32]>) -> Result<ClientConfig> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let verifier: Arc<dyn ServerCertVerifier> = match pinned_fingerprint {
        Some(fingerprint) => Arc::new(PinnedCertificate {
            fingerprint,
            algorithms: provider.signature_verification_algorithms,
        }),
        None => public_authorities(&provider)?,
    };
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(Error::internal)?
        .dangerous()
        .with_custom_certificate_verifier(verifier)
        .with_no_client_auth();
    Ok(config)
}

fn public_authorities(provider: &Arc<CryptoProvider>) -> Result<Arc<WebPkiServerVerifier>> {
    let roots = RootCertStore {
        roots: webpki_roots::TLS_SERVER_ROOTS.to_vec(),
    };
    WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(provider))
        .build()
        .map_err(Error::internal)
}

/// Accepts one certificate, whatever stands in it. That the server owns its key is still proven
/// by the signature over the handshake.
#[derive(Debug)]
struct PinnedCertificate {
    fingerprint: [u8; 32],
    algorithms: WebPkiSupportedAlgorithms,
}

impl ServerCertVerifier for PinnedCertificate {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let found: [u8; 32] = Sha256::digest(end_entity).into();
        if found == self.fingerprint {
            Ok(ServerCertVerified::assertion())
        } else {
            Err(CertificateError::ApplicationVerificationFailure.into())
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        rustls::crypto::verify_tls12_signature(message, certificate, signature, &self.algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        rustls::crypto::verify_tls13_signature(message, certificate, signature, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}

/// What a failed handshake means.
pub(super) fn link_error(error: &rustls::Error) -> LinkError {
    match error {
        rustls::Error::InvalidCertificate(_) => LinkError::Untrusted,
        // What answers does not speak TLS, such as the login page of a hotel's network.
        rustls::Error::InvalidMessage(_) => LinkError::Protocol,
        _ => LinkError::Unreachable,
    }
}

/// What a failed read or write on a TLS connection means.
pub(crate) fn io_error(error: &io::Error) -> LinkError {
    let inner = error.get_ref();
    if let Some(tls) = inner.and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
        return link_error(tls);
    }
    match inner.and_then(|inner| inner.downcast_ref::<io::Error>()) {
        Some(io) => io_error(io),
        None => LinkError::Unreachable,
    }
}
