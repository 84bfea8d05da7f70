//! How a linked device gets its first tokens: it signs the link that made it a device, by the key
//! that the user's manifest now lists.

use crate::certificate::Certificate;
use crate::device::Device;
use crate::identity::{IdentityError, verify};

const LABEL: &[u8] = b"Whimbrel device sign-in 1\0";

/// The signature of this device over a link (see [`crate::LinkCode::id`]) and its own ids.
#[must_use]
pub fn sign_in_signature(device: &Device, link: &[u8; 16]) -> [u8; 64] {
    let statement = statement(&device.certificate, link);
    device.signer().sign_statement(&statement)
}

/// Checks that the device of this certificate, which the caller takes from the user's manifest,
/// made the signature for this link.
///
/// # Errors
/// [`IdentityError::Signature`].
pub fn verify_sign_in(
    certificate: &Certificate,
    link: &[u8; 16],
    signature: &[u8],
) -> Result<(), IdentityError> {
    let statement = statement(certificate, link);
    verify(&certificate.device_key, &statement, signature).map_err(|_| IdentityError::Signature)
}

fn statement(certificate: &Certificate, link: &[u8; 16]) -> Vec<u8> {
    let (user, device) = (certificate.user.as_bytes(), certificate.device.as_bytes());
    [LABEL, link, user, device].concat()
}
