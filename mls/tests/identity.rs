//! Certificates and manifests: one encoding each, and no way around the signature.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod common;

use common::{device, device_with_identity, person, seed};
use whimbrel_mls::{
    Certificate, Device, DeviceKey, IdentityError, IdentityKey, Manifest, ManifestError,
    is_valid_username,
};
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

#[test]
fn manifests_follow_each_other() {
    let (alice, second, third) = (person("alice"), device("alice", 2), device("alice", 3));
    let identity = &alice.identity;
    let certificate = |person: &common::Person| person.device.certificate.clone();
    let first = Manifest::first(identity, certificate(&alice)).unwrap();
    let added = vec![certificate(&second), certificate(&third)];
    let next = first.next(identity, added, &[]).unwrap();
    let last = next
        .next(identity, Vec::new(), &[second.device_id()])
        .unwrap();
    for manifest in [&first, &next, &last] {
        let bytes = manifest.encode();
        assert_eq!(Manifest::decode_and_verify(&bytes).as_ref(), Ok(manifest));
        assert!(bytes.len() <= limits::MANIFEST_BYTES_MAX);
    }
    assert_eq!(next.successor_of(&first), Ok(()));
    assert_eq!(last.successor_of(&next), Ok(()));
    for (later, earlier) in [(&last, &first), (&first, &first), (&first, &next)] {
        assert_eq!(
            later.successor_of(earlier),
            Err(ManifestError::NotASuccessor)
        );
    }
    assert!(next.lists(second.device_id()) && !last.lists(second.device_id()));
    assert_eq!(last.revoked, [second.device_id()]);
    // What is revoked never comes back.
    let again = last.next(identity, vec![certificate(&second)], &[]);
    assert_eq!(again, Err(ManifestError::Devices));
    // Another branch from the same manifest does not fit.
    let branch = first
        .next(identity, vec![certificate(&third)], &[])
        .unwrap();
    assert_eq!(branch.version, next.version);
    assert_ne!(branch.hash(), next.hash());
    assert_eq!(
        last.successor_of(&branch),
        Err(ManifestError::NotASuccessor)
    );
}

#[test]
fn manifests_hold_own_devices_only() {
    let alice = person("alice");
    let first = Manifest::first(&alice.identity, alice.device.certificate.clone()).unwrap();
    for foreign in [person("bob"), device_with_identity("alice", 2, "stranger")] {
        let added = first.next(
            &alice.identity,
            vec![foreign.device.certificate.clone()],
            &[],
        );
        assert_eq!(added, Err(ManifestError::ForeignDevice));
        let other = Manifest::first(&alice.identity, foreign.device.certificate);
        assert_eq!(other.err(), Some(ManifestError::ForeignDevice));
    }
    let twice = first.next(&alice.identity, vec![alice.device.certificate.clone()], &[]);
    assert_eq!(twice, Err(ManifestError::Devices));
    let none = first.next(&alice.identity, Vec::new(), &[alice.device_id()]);
    assert_eq!(none, Err(ManifestError::Devices));
    let many = (2..12).map(|number| device("alice", number).device.certificate);
    let many = first.next(&alice.identity, many.collect(), &[]);
    assert_eq!(many, Err(ManifestError::Devices));
}

#[test]
fn every_byte_of_a_manifest_counts() {
    let alice = person("alice");
    let first = Manifest::first(&alice.identity, alice.device.certificate.clone()).unwrap();
    let second = vec![device("alice", 2).device.certificate];
    let bytes = first.next(&alice.identity, second, &[]).unwrap().encode();
    for at in 0..bytes.len() {
        let mut altered = bytes.clone();
        altered[at] ^= 1 << (at % 8);
        assert!(Manifest::decode_and_verify(&altered).is_err(), "byte {at}");
        assert!(Manifest::decode_and_verify(&bytes[..at]).is_err());
    }
}
