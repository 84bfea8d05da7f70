//! Certificates: one encoding each, and no way around the signature.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod common;

use common::{person, seed};
use whimbrel_mls::{Certificate, Device, DeviceKey, IdentityError, IdentityKey, is_valid_username};
use whimbrel_protocol::limits;

#[test]
fn usernames() {
    for good in ["bob", "a.b", "under_score", "dash-1", &"x".repeat(32)] {
        assert!(is_valid_username(good), "{good}");
    }
    for bad in [
        "",
        "ab",
        "Bob",
        "böb",
        "bob ",
        "b\u{202e}ob",
        "bob\n",
        &"x".repeat(33),
    ] {
        assert!(!is_valid_username(bad), "{bad:?}");
        let alice = person("alice");
        let certificate = &alice.device.certificate;
        let issued = Certificate::issue(
            &alice.identity,
            certificate.user,
            bad,
            certificate.device,
            certificate.device_key,
        );
        assert_eq!(issued, Err(IdentityError::Username));
    }
}

#[test]
fn a_certificate_has_one_encoding_and_every_byte_counts() {
    let certificate = person("alice").device.certificate;
    let bytes = certificate.encode();
    assert!(bytes.len() <= limits::CREDENTIAL_BYTES_MAX);
    assert_eq!(Certificate::decode_and_verify(&bytes), Ok(certificate));
    for at in 0..bytes.len() {
        for bit in 0..8 {
            let mut altered = bytes.clone();
            altered[at] ^= 1 << bit;
            assert!(
                Certificate::decode_and_verify(&altered).is_err(),
                "byte {at}"
            );
        }
        assert!(Certificate::decode_and_verify(&bytes[..at]).is_err());
    }
    let padded = [&bytes[..], &[0x78, 1]].concat();
    assert_eq!(
        Certificate::decode_and_verify(&padded),
        Err(IdentityError::Malformed)
    );
    let mut newer = bytes;
    newer[1] = 2;
    assert_eq!(
        Certificate::decode_and_verify(&newer),
        Err(IdentityError::UnknownVersion(2))
    );
}

#[test]
fn a_device_needs_the_key_of_its_certificate() {
    let certificate = person("alice").device.certificate;
    let other = DeviceKey::from_seed(seed("other"));
    assert_eq!(
        Device::new(certificate, other).unwrap_err(),
        IdentityError::WrongKey
    );
    let key = IdentityKey::from_seed(seed("x"));
    assert_eq!(
        IdentityKey::from_seed(*key.to_bytes()).public(),
        key.public()
    );
    let key = DeviceKey::from_seed(seed("x"));
    assert_eq!(DeviceKey::from_seed(*key.to_bytes()).public(), key.public());
}
