//! What a device signs with.

use openmls::prelude::{BasicCredential, CredentialWithKey};

use crate::certificate::Certificate;
use crate::identity::{DeviceKey, IdentityError};

/// A device: its certificate and the secret key that belongs to it.
#[derive(Debug)]
pub struct Device {
    /// Who the device is.
    pub certificate: Certificate,
    key: DeviceKey,
}

impl Device {
    /// The device with this certificate and this key.
    ///
    /// # Errors
    /// [`IdentityError::WrongKey`] when the certificate is for another key.
    pub fn new(certificate: Certificate, key: DeviceKey) -> Result<Self, IdentityError> {
        if certificate.device_key != key.public() {
            return Err(IdentityError::WrongKey);
        }
        Ok(Self { certificate, key })
    }

    pub(crate) fn signer(&self) -> &DeviceKey {
        &self.key
    }

    pub(crate) fn credential(&self) -> CredentialWithKey {
        CredentialWithKey {
            credential: BasicCredential::new(self.certificate.encode()).into(),
            signature_key: self.certificate.device_key.to_vec().into(),
        }
    }
}
