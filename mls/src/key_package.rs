//! Key packages: what a device leaves at the server so that others can add it while it is away.

use openmls::prelude::tls_codec::{Deserialize as _, Serialize as _};
use openmls::prelude::*;
use whimbrel_protocol::limits;

use crate::certificate::Certificate;
use crate::config::{EXPIRY_EXTENSION, SUITE, capabilities, unbounded_lifetime};
use crate::device::Device;
use crate::error::{KeyPackageError, MlsError};
use crate::identity::IdentityError;
use crate::overlay::{Overlay, Row, RowKey};
use crate::provider::{Crypto, Provider};
use crate::storage::{device_key, kind};
use crate::view::leaf_view;

/// Whether a key package may be used more than once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LastResort {
    /// For one join; its secret is deleted by the join.
    No,
    /// Handed out when no other is left; its secret stays.
    Yes,
}

/// A key package that was just made.
#[derive(Debug)]
pub struct FreshKeyPackage {
    /// What to publish: an MLSMessage.
    pub bytes: Vec<u8>,
    /// The hash by which a Welcome names it.
    pub reference: Vec<u8>,
    /// The private part, to store before the bytes are published.
    pub rows: Vec<Row>,
}

/// What a valid key package says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyPackageInfo {
    /// Whose it is.
    pub certificate: Certificate,
    /// The second since 1970 from which on it is not to be handed out.
    pub expires_s: u64,
    /// Whether it may be used more than once.
    pub last_resort: LastResort,
    /// The hash by which a Welcome names it.
    pub reference: Vec<u8>,
}

impl KeyPackageInfo {
    /// True when it is no longer to be handed out. This is a matter of who hands it out and who
    /// uses it, never of whether a commit that uses it is valid.
    #[must_use]
    pub fn is_expired(&self, now_s: u64) -> bool {
        self.expires_s <= now_s
    }
}

/// Makes a key package of this device.
///
/// # Errors
/// Only when the MLS library fails.
pub fn make_key_package(
    crypto: &Crypto,
    device: &Device,
    last_resort: LastResort,
    expires_s: u64,
) -> Result<FreshKeyPackage, MlsError> {
    let store = Overlay::new(&[]);
    let provider = Provider::new(crypto, &store);
    let expiry = UnknownExtension(expires_s.to_be_bytes().to_vec());
    let extensions = Extensions::single(Extension::Unknown(EXPIRY_EXTENSION, expiry))
        .map_err(|error| MlsError::Library("the key package's expiry", error.into()))?;
    let mut builder = KeyPackage::builder()
        .key_package_lifetime(unbounded_lifetime())
        .leaf_node_capabilities(capabilities())
        .key_package_extensions(extensions);
    if last_resort == LastResort::Yes {
        builder = builder.mark_as_last_resort();
    }
    let bundle = builder
        .build(SUITE, &provider, device.signer(), device.credential())
        .map_err(|error| MlsError::Library("making a key package", error.into()))?;
    let key_package = bundle.key_package();
    let bytes = MlsMessageOut::from(key_package.clone())
        .tls_serialize_detached()
        .map_err(|error| MlsError::Library("encoding a key package", error.into()))?;
    Ok(FreshKeyPackage {
        bytes,
        reference: reference(crypto, key_package)
            .map_err(|error| MlsError::Library("hashing a key package", error.into()))?,
        rows: store.rows(),
    })
}

/// Checks a key package of anybody, certificate included.
///
/// # Errors
/// [`MlsError::KeyPackage`] says what is wrong with it.
pub fn inspect_key_package(crypto: &Crypto, bytes: &[u8]) -> Result<KeyPackageInfo, MlsError> {
    let (_, info) = validate_key_package(crypto, bytes)?;
    Ok(info)
}

/// The key of the row that holds the private part of the key package with this reference.
///
/// # Errors
/// [`MlsError::Malformed`] when these bytes can't be a reference.
pub fn key_package_row_key(reference: &[u8]) -> Result<RowKey, MlsError> {
    let malformed = |_| MlsError::Malformed("key package reference");
    let encoded = VLByteSlice(reference)
        .tls_serialize_detached()
        .map_err(malformed)?;
    let reference = KeyPackageRef::tls_deserialize_exact(encoded).map_err(malformed)?;
    Ok(device_key(kind::KEY_PACKAGE, &reference)?)
}

/// Decodes and validates, for use in a commit.
pub(crate) fn validate_key_package(
    crypto: &Crypto,
    bytes: &[u8],
) -> Result<(KeyPackage, KeyPackageInfo), KeyPackageError> {
    if bytes.len() > limits::KEY_PACKAGE_BYTES_MAX {
        return Err(KeyPackageError::Malformed);
    }
    let message = MlsMessageIn::tls_deserialize_exact(bytes);
    let message = message.map_err(|_| KeyPackageError::Malformed)?;
    let MlsMessageBodyIn::KeyPackage(key_package) = message.extract() else {
        return Err(KeyPackageError::Malformed);
    };
    let key_package = key_package
        .validate(crypto, ProtocolVersion::Mls10)
        .map_err(|error| KeyPackageError::Invalid(error.into()))?;
    if key_package.ciphersuite() != SUITE {
        return Err(KeyPackageError::CipherSuite);
    }
    let leaf = leaf_view(key_package.leaf_node());
    let certificate = leaf.certificate.map_err(KeyPackageError::Certificate)?;
    if leaf.signature_key != certificate.device_key {
        return Err(KeyPackageError::Certificate(IdentityError::WrongKey));
    }
    if !leaf.lifetime_is_unbounded {
        return Err(KeyPackageError::BoundedLifetime);
    }
    let expiry = key_package.extensions().unknown(EXPIRY_EXTENSION);
    let expiry = expiry.and_then(|extension| <[u8; 8]>::try_from(&*extension.0).ok());
    let info = KeyPackageInfo {
        certificate,
        expires_s: expiry
            .map(u64::from_be_bytes)
            .ok_or(KeyPackageError::NoExpiry)?,
        last_resort: if key_package.last_resort() {
            LastResort::Yes
        } else {
            LastResort::No
        },
        reference: reference(crypto, &key_package)
            .map_err(|error| KeyPackageError::Invalid(error.into()))?,
    };
    Ok((key_package, info))
}

fn reference(crypto: &Crypto, key_package: &KeyPackage) -> Result<Vec<u8>, LibraryError> {
    Ok(key_package.hash_ref(crypto)?.as_slice().to_vec())
}
