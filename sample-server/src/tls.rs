//! Certificates: the server's own, made on the first start, or one given by the operator.
//!
//! Clients of the server's own certificate pin its fingerprint, so it is made once and kept.
//! The cryptography is *ring*, passed explicitly; nothing is installed for the whole process.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use sha2::{Digest as _, Sha256};

use crate::config::{TlsConfig, read_file};
use crate::folder::{Folder, FolderError};

/// The names every own certificate is for.
const OWN_NAMES: [&str; 3] = ["localhost", "127.0.0.1", "::1"];
/// The file in the data folder that holds the own key and certificate.
const OWN_FILE: &str = "tls.pem";

/// A certificate that can't be used.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// The data folder failed.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// A file can't be read.
    #[error("{}: can't be read: {source}", path.display())]
    Read {
        /// Which file.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// A file is not the PEM it should be.
    #[error("{}: no {what} in PEM can be read: {source}", path.display())]
    Pem {
        /// What was looked for.
        what: &'static str,
        /// In which file.
        path: PathBuf,
        /// Why not.
        source: rustls::pki_types::pem::Error,
    },
    /// Key and certificate do not fit, or are of a kind that is not supported.
    #[error("the TLS key or certificate can't be used: {0}")]
    Rustls(#[from] rustls::Error),
    /// The own certificate could not be made.
    #[error("no certificate could be made; check tls.names: {0}")]
    Make(#[from] rcgen::Error),
}

/// What the server proves itself with.
#[derive(Debug, Clone)]
pub struct ServerTls {
    /// For the accepting side of connections.
    pub config: Arc<rustls::ServerConfig>,
    /// SHA-256 of the certificate in DER, lower-case hexadecimal.
    pub fingerprint: String,
}

impl ServerTls {
    /// Loads the configured certificate, or the own one, which is made if there is none yet.
    ///
    /// # Errors
    /// [`TlsError`].
    pub fn load(config: &TlsConfig, folder: &Folder) -> Result<Self, TlsError> {
        match &config.files {
            Some(files) => Self::from_files(&files.certificate, &files.key),
            None => {
                if folder.read(OWN_FILE)?.is_none() {
                    folder.write(OWN_FILE, &make_own(config)?)?;
                }
                let path = folder.file(OWN_FILE);
                Self::from_files(&path, &path)
            }
        }
    }

    /// Loads a certificate chain and its key from PEM files, which may be the same file.
    ///
    /// # Errors
    /// [`TlsError`].
    pub fn from_files(certificate: &Path, key: &Path) -> Result<Self, TlsError> {
        let named = |path: &Path| {
            let path = path.to_owned();
            move |source| TlsError::Read { path, source }
        };
        let unreadable = |what, path: &Path| {
            let path = path.to_owned();
            move |source| TlsError::Pem { what, path, source }
        };
        let chain_text = read_file(certificate).map_err(named(certificate))?;
        let chain = CertificateDer::pem_slice_iter(chain_text.as_bytes())
            .collect::<Result<Vec<_>, _>>()
            .map_err(unreadable("certificate", certificate))?;
        let key_text = read_file(key).map_err(named(key))?;
        let private_key = PrivateKeyDer::from_pem_slice(key_text.as_bytes())
            .map_err(unreadable("private key", key))?;
        let fingerprint = chain.first().map_or_else(String::new, fingerprint);

        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut config = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(chain, private_key)?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self {
            config: Arc::new(config),
            fingerprint,
        })
    }
}

fn fingerprint(certificate: &CertificateDer<'_>) -> String {
    whimbrel_protocol::account::to_hex(&Sha256::digest(certificate))
}

/// Key and certificate in one PEM text, so that there is no moment with one of them only.
fn make_own(config: &TlsConfig) -> Result<String, rcgen::Error> {
    let mut names: Vec<String> = OWN_NAMES.iter().map(ToString::to_string).collect();
    names.extend(config.names.iter().map(|name| name.as_str().to_owned()));
    let mut parameters = rcgen::CertificateParams::new(names)?;
    parameters.distinguished_name = rcgen::DistinguishedName::new();
    parameters
        .distinguished_name
        .push(rcgen::DnType::CommonName, "whimbrel-server");
    let key = rcgen::KeyPair::generate()?;
    let certificate = parameters.self_signed(&key)?;
    Ok(key.serialize_pem() + &certificate.pem())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

    use super::*;
    use crate::config::Text;

    #[test]
    fn the_own_certificate_is_made_once() {
        let data = tempfile::tempdir().unwrap();
        let folder = Folder::open(data.path()).unwrap();
        let config = TlsConfig {
            names: vec![
                Text::new("chat.example.org").unwrap(),
                Text::new("192.0.2.7").unwrap(),
            ],
            files: None,
        };
        let first = ServerTls::load(&config, &folder).unwrap();
        let second = ServerTls::load(&TlsConfig::default(), &folder).unwrap();
        assert_eq!(first.fingerprint, second.fingerprint);
        assert_eq!(first.fingerprint.len(), 64);
    }

    #[test]
    fn files_that_are_no_certificate_are_named() {
        let data = tempfile::tempdir().unwrap();
        let path = data.path().join("nonsense.pem");
        std::fs::write(&path, "nonsense").unwrap();
        let error = ServerTls::from_files(&path, &path).unwrap_err().to_string();
        assert!(error.contains("nonsense.pem"), "{error}");
    }
}
