//! Tests of what is taken in about devices, and what is refused.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a failed test may panic"
)]

use std::collections::BTreeSet;

use whimbrel_mls::{Crypto, Device, DeviceKey, LastResort, RecoveryCode, make_key_package};
use whimbrel_protocol::frame::ClaimedDevice;

use super::*;
use crate::engine::Me;
use crate::env::{Now, Random};
use crate::store::{DatabaseKey, Store, StoreOptions};

/// Somebody with an identity and a device, who is nowhere registered.
struct Person {
    identity: IdentityKey,
    certificate: Certificate,
    key: [u8; 32],
    manifest: Manifest,
}

fn certificate(identity: &IdentityKey, seed: u8) -> Certificate {
    let (user, device) = (
        UserId::from_bytes([1; 16]),
        DeviceId::from_bytes([seed; 16]),
    );
    let key = DeviceKey::from_seed([seed; 32]).public();
    Certificate::issue(identity, user, "alice", device, key).unwrap()
}

fn code() -> RecoveryCode {
    RecoveryCode::new([9; 16])
}

fn alice() -> Person {
    let identity = IdentityKey::from_seed([5; 32]);
    let certificate = certificate(&identity, 10);
    let manifest = Manifest::first(&identity, code().recovery_key(), certificate.clone());
    Person {
        manifest: manifest.unwrap(),
        key: [10; 32],
        identity,
        certificate,
    }
}

/// Runs a test inside a transaction of somebody else, who has no account.
fn as_bob(test: impl FnOnce(&Tx<'_>, &mut Context<'_>)) {
    let folder = tempfile::tempdir().unwrap();
    let mut store = Store::open(&StoreOptions {
        folder: folder.path().join("data"),
        key: DatabaseKey::from_bytes([7; 32]),
        salt_seed: [9; 32],
        vfs: None,
    })
    .unwrap();
    let identity = IdentityKey::from_seed([6; 32]);
    let (user, device_id) = (UserId::from_bytes([2; 16]), DeviceId::from_bytes([2; 16]));
    let key = DeviceKey::from_seed([2; 32]);
    let own = Certificate::issue(&identity, user, "bob", device_id, key.public()).unwrap();
    let me = Me {
        user,
        device_id,
        username: "bob".into(),
        device: Device::new(own, key).unwrap(),
    };
    let mut random = Random::from_seed([3; 32]);
    let crypto = Crypto::from_seed([4; 32]);
    let (mut changes, mut merged, mut outbound) = (BTreeSet::new(), Vec::new(), BTreeSet::new());
    store
        .write(|tx| {
            let mut context = Context {
                me: &me,
                crypto: &crypto,
                random: &mut random,
                now: Now {
                    mono_ms: 0,
                    wall_ms: 0,
                },
                changes: &mut changes,
                hold_read_marks: false,
                merged: &mut merged,
                outbound: &mut outbound,
            };
            test(tx, &mut context);
            Ok(())
        })
        .unwrap();
}

#[test]
fn only_a_newer_manifest_takes_the_place_of_the_known_one() {
    let alice = alice();
    let user = alice.manifest.user;
    let second = certificate(&alice.identity, 11);
    let second = alice
        .manifest
        .next(&alice.identity, vec![second], &[])
        .unwrap();
    let other = certificate(&alice.identity, 12);
    let other = alice
        .manifest
        .next(&alice.identity, vec![other], &[])
        .unwrap();
    let mut broken = second.encode();
    *broken.last_mut().unwrap() ^= 1;
    as_bob(|tx, context| {
        let mut take = |bytes: &[u8]| take(tx, context, user, bytes).unwrap();
        assert_eq!(take(&broken), Taken::Refused);
        assert_eq!(take(&alice.manifest.encode()), Taken::Newer);
        assert_eq!(take(&broken), Taken::Refused);
        assert_eq!(take(&second.encode()), Taken::Newer);
        assert_eq!(take(&second.encode()), Taken::Known);
        assert_eq!(take(&alice.manifest.encode()), Taken::Known);
        assert_eq!(take(&other.encode()), Taken::Conflict);
        assert_eq!(newest(tx, user).unwrap(), Some(second));
    });
}

#[test]
fn a_manifest_of_somebody_else_is_refused() {
    let alice = alice();
    as_bob(|tx, context| {
        let carol = UserId::from_bytes([3; 16]);
        let taken = take(tx, context, carol, &alice.manifest.encode()).unwrap();
        assert_eq!(taken, Taken::Refused);
        assert_eq!(newest(tx, carol).unwrap(), None);
    });
}

#[test]
fn a_new_identity_is_recovered_with_the_code_and_not_without() {
    for with_code in [true, false] {
        let alice = alice();
        let user = alice.manifest.user;
        let identity = IdentityKey::from_seed([55; 32]);
        let fresh = certificate(&identity, 20);
        let next = if with_code {
            alice.manifest.recovered(&identity, fresh, &code())
        } else {
            alice.manifest.replaced(&identity, fresh, [8; 32])
        };
        as_bob(|tx, context| {
            let key = alice.identity.public();
            tx.see_contact(user, "alice", &key.0).unwrap();
            take(tx, context, user, &alice.manifest.encode()).unwrap();
            let taken = take(tx, context, user, &next.unwrap().encode()).unwrap();
            assert_eq!(taken, Taken::Newer);
            let key = identity.public();
            assert_eq!(is_recovered(tx, user, &key.0).unwrap(), with_code);
            let former = alice.certificate.device;
            assert_eq!(standing(tx, user, former).unwrap(), Standing::Revoked);
        });
    }
}

#[test]
fn a_made_up_identity_neither_keeps_out_the_true_one_nor_proves_another() {
    let alice = alice();
    let user = alice.manifest.user;
    let invented = IdentityKey::from_seed([77; 32]);
    let made_up = Manifest::first(&invented, code().recovery_key(), certificate(&invented, 30));
    let made_up = made_up.unwrap();
    let ghost = IdentityKey::from_seed([78; 32]);
    let recovered = made_up.recovered(&ghost, certificate(&ghost, 31), &code());
    as_bob(|tx, context| {
        let relied_on = alice.identity.public();
        tx.see_contact(user, "alice", &relied_on.0).unwrap();
        take(tx, context, user, &made_up.encode()).unwrap();
        let announced = || tx.contact(user).unwrap().unwrap().announced_key;
        assert_eq!(announced(), Some(invented.public().0));
        take(tx, context, user, &recovered.unwrap().encode()).unwrap();
        assert!(!is_recovered(tx, user, &ghost.public().0).unwrap());
        let taken = take(tx, context, user, &alice.manifest.encode()).unwrap();
        assert_eq!(taken, Taken::Newer);
        assert_eq!(newest(tx, user).unwrap().as_ref(), Some(&alice.manifest));
        assert_eq!(announced(), None);
    });
}

#[test]
fn key_packages_of_devices_that_their_user_does_not_list_are_refused() {
    let alice = alice();
    let user = alice.manifest.user;
    let ghost = certificate(&alice.identity, 66);
    as_bob(|tx, context| {
        let package = |certificate: &Certificate, seed: [u8; 32]| {
            let device = Device::new(certificate.clone(), DeviceKey::from_seed(seed)).unwrap();
            let fresh = make_key_package(context.crypto, &device, LastResort::No, u64::MAX);
            ClaimedDevice {
                device: certificate.device,
                key_package: fresh.unwrap().bytes,
            }
        };
        let (true_one, ghost) = (
            package(&alice.certificate, alice.key),
            package(&ghost, [66; 32]),
        );
        let mut claimed = ClaimedUser {
            user,
            manifest: alice.manifest.encode(),
            devices: vec![true_one.clone(), ghost],
        };
        let refused = check_claim(tx, context, &mut claimed).unwrap();
        assert_eq!(refused, Refused(true));
        assert_eq!(claimed.devices, std::slice::from_ref(&true_one));
        let refused = check_claim(tx, context, &mut claimed).unwrap();
        assert_eq!(refused, Refused(false));
        assert_eq!(claimed.devices, [true_one]);
    });
}
