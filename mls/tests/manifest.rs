//! Manifests: which devices a user has, how one follows another, and what happens when all devices
//! are lost. The code on paper, too.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod common;

use common::{Person, device, device_with_identity, person, seed};
use whimbrel_mls::{
    Certificate, CodeError, IdentityError, Manifest, ManifestError, REVOKED_DEVICES_MAX,
    RecoveryCode, Succession,
};
use whimbrel_protocol::id::DeviceId;
use whimbrel_protocol::limits;

fn code() -> RecoveryCode {
    RecoveryCode::new(*b"sixteen random b")
}

fn certificate(person: &Person) -> Certificate {
    person.device.certificate.clone()
}

/// The first manifest of a person.
fn first(person: &Person) -> Manifest {
    Manifest::first(&person.identity, code().recovery_key(), certificate(person)).unwrap()
}

#[test]
fn a_phone_gets_a_tablet_and_a_laptop_and_loses_the_tablet() {
    let (alice, tablet, laptop) = (person("alice"), device("alice", 2), device("alice", 3));
    let identity = &alice.identity;
    let one = first(&alice);
    let added = vec![certificate(&tablet), certificate(&laptop)];
    let two = one.next(identity, added, &[]).unwrap();
    let lost = tablet.device_id();
    let three = two.next(identity, Vec::new(), &[lost]).unwrap();
    for manifest in [&one, &two, &three] {
        let bytes = manifest.encode();
        assert_eq!(Manifest::decode_and_verify(&bytes).as_ref(), Ok(manifest));
        assert_eq!(manifest.recovery_key, code().recovery_key());
        assert_eq!(manifest.identity_since, 1);
    }
    let same = Ok(Succession::SameIdentity);
    assert_eq!(two.successor_of(&one), same);
    assert_eq!(three.successor_of(&two), same);
    assert!(two.lists(lost) && !two.revokes(lost));
    assert!(!three.lists(lost) && three.revokes(lost));
    // Who has missed one may go on, but the server may not skip one.
    assert_eq!(three.newer_than(&one), same);
    assert_eq!(three.successor_of(&one), Err(ManifestError::NotASuccessor));
}

#[test]
fn versions_never_go_backwards_and_two_of_one_version_are_an_alarm() {
    let (alice, tablet, laptop) = (person("alice"), device("alice", 2), device("alice", 3));
    let one = first(&alice);
    let two = one
        .next(&alice.identity, vec![certificate(&tablet)], &[])
        .unwrap();
    let branch = one
        .next(&alice.identity, vec![certificate(&laptop)], &[])
        .unwrap();
    assert_eq!(one.newer_than(&two), Err(ManifestError::Older));
    assert_eq!(two.newer_than(&two), Err(ManifestError::Older));
    assert_eq!(branch.newer_than(&two), Err(ManifestError::Fork));
    let after_branch = branch.next(&alice.identity, Vec::new(), &[laptop.device_id()]);
    let after_branch = after_branch.unwrap();
    assert_eq!(
        after_branch.successor_of(&two),
        Err(ManifestError::NotASuccessor)
    );
    // The tablet vanished without being revoked.
    assert_eq!(
        after_branch.newer_than(&two),
        Err(ManifestError::NotASuccessor)
    );
    // A manifest of somebody else.
    let bobs = first(&person("bob"));
    assert_eq!(bobs.newer_than(&one), Err(ManifestError::NotASuccessor));
}

#[test]
fn lists_that_can_not_be() {
    let alice = person("alice");
    let identity = &alice.identity;
    let one = first(&alice);
    let next = |add: Vec<Certificate>, revoke: &[DeviceId]| one.next(identity, add, revoke);
    for foreign in [person("bob"), device_with_identity("alice", 2, "stranger")] {
        let foreign = certificate(&foreign);
        assert_eq!(
            next(vec![foreign.clone()], &[]),
            Err(ManifestError::ForeignDevice)
        );
        let other = Manifest::first(identity, code().recovery_key(), foreign);
        assert_eq!(other, Err(ManifestError::ForeignDevice));
    }
    let other_key = person("bob").identity;
    let by_another_key = one.next(&other_key, Vec::new(), &[]);
    assert_eq!(by_another_key, Err(ManifestError::ForeignDevice));
    assert_eq!(
        next(vec![certificate(&alice)], &[]),
        Err(ManifestError::Devices)
    );
    assert_eq!(
        next(Vec::new(), &[alice.device_id()]),
        Err(ManifestError::NoDevice)
    );
    let devices: Vec<_> = (2..12)
        .map(|each| certificate(&device("alice", each)))
        .collect();
    assert!(next(devices[..9].to_vec(), &[]).is_ok());
    assert_eq!(
        next(devices.clone(), &[]),
        Err(ManifestError::TooManyDevices)
    );
    let revoked = devices[0].device;
    let two = next(Vec::new(), &[revoked]).unwrap();
    let again = two.next(identity, vec![devices[0].clone()], &[]);
    assert_eq!(again, Err(ManifestError::Revoked(revoked)));
}

#[test]
fn the_fullest_manifest_fits_and_one_more_revocation_does_not() {
    let name = "x".repeat(32);
    let owner = device(&name, 1);
    let lost = (0..=REVOKED_DEVICES_MAX)
        .map(|each| DeviceId::from_bytes(seed(&format!("lost {each}"))[..16].try_into().unwrap()));
    let lost: Vec<DeviceId> = lost.collect();
    let new = device_with_identity(&name, 11, "new");
    let recovered = first(&owner).recovered(&new.identity, certificate(&new), &code());
    let (recovered, identity) = (recovered.unwrap(), new.identity);
    let others = (2..=10).map(|each| certificate(&device_with_identity(&name, each, "new")));
    // The device that was replaced is revoked already.
    let full = recovered.next(
        &identity,
        others.collect(),
        &lost[..REVOKED_DEVICES_MAX - 1],
    );
    let full = full.unwrap();
    assert_eq!(
        (full.devices.len(), full.revoked.len()),
        (10, REVOKED_DEVICES_MAX)
    );
    assert!(full.encode().len() <= limits::MANIFEST_BYTES_MAX);
    assert_eq!(
        Manifest::decode_and_verify(&full.encode()),
        Ok(full.clone())
    );
    let beyond = full.next(&identity, Vec::new(), &lost[REVOKED_DEVICES_MAX - 1..]);
    assert_eq!(beyond, Err(ManifestError::TooManyRevoked));
}

#[test]
fn every_byte_of_a_manifest_counts() {
    let alice = person("alice");
    let recovered = {
        let new = device_with_identity("alice", 2, "new");
        first(&alice).recovered(&new.identity, certificate(&new), &code())
    };
    let second = vec![certificate(&device("alice", 2))];
    let next = first(&alice).next(&alice.identity, second, &[]);
    for manifest in [recovered, next] {
        let bytes = manifest.unwrap().encode();
        for at in 0..bytes.len() {
            let mut altered = bytes.clone();
            altered[at] ^= 1 << (at % 8);
            assert!(Manifest::decode_and_verify(&altered).is_err(), "byte {at}");
            assert!(Manifest::decode_and_verify(&bytes[..at]).is_err());
        }
    }
    let mut before_recovery_codes = first(&alice).encode();
    before_recovery_codes[1] = 1;
    assert_eq!(
        Manifest::decode_and_verify(&before_recovery_codes),
        Err(IdentityError::UnknownVersion(1).into())
    );
}

#[test]
fn with_the_code_a_new_identity_is_proved_to_be_the_same_person() {
    let (alice, tablet) = (person("alice"), device("alice", 2));
    let one = first(&alice);
    let two = one
        .next(&alice.identity, vec![certificate(&tablet)], &[])
        .unwrap();
    let new = device_with_identity("alice", 3, "new");
    let three = two
        .recovered(&new.identity, certificate(&new), &code())
        .unwrap();
    assert_eq!(three.successor_of(&two), Ok(Succession::ByRecovery));
    assert!(three.revokes(alice.device_id()) && three.revokes(tablet.device_id()));
    assert_eq!((three.version, three.identity_since), (3, 3));
    // The proof stays in later manifests, for whoever missed this one.
    let laptop = device_with_identity("alice", 4, "new");
    let four = three
        .next(&new.identity, vec![certificate(&laptop)], &[])
        .unwrap();
    assert_eq!(four.successor_of(&three), Ok(Succession::SameIdentity));
    assert_eq!(four.newer_than(&one), Ok(Succession::ByRecovery));
    assert_eq!(
        Manifest::decode_and_verify(&four.encode()),
        Ok(four.clone())
    );
    // Who knows only the former identity key needs no manifest of it.
    let former = alice.identity.public();
    assert!(three.recovers(&former) && four.recovers(&former));
    assert!(!two.recovers(&former) && !three.recovers(&new.identity.public()));
    // The code of somebody else, and a former device that wants to stay.
    let wrong = RecoveryCode::new([1; 16]);
    let by_wrong_code = two.recovered(&new.identity, certificate(&new), &wrong);
    assert_eq!(by_wrong_code, Err(ManifestError::Recovery));
    let old_device = device_with_identity("alice", 1, "new");
    let by_old_device = two.recovered(&new.identity, certificate(&old_device), &code());
    assert_eq!(
        by_old_device,
        Err(ManifestError::Revoked(alice.device_id()))
    );
}

#[test]
fn without_the_code_nothing_proves_a_new_identity() {
    let alice = person("alice");
    let one = first(&alice);
    let new = device_with_identity("alice", 2, "new");
    let new_code = RecoveryCode::new([2; 16]);
    let two = one
        .replaced(&new.identity, certificate(&new), new_code.recovery_key())
        .unwrap();
    assert_eq!(two.successor_of(&one), Ok(Succession::Unproven));
    assert!(!two.recovers(&alice.identity.public()));
    // The new code proves nothing to those who knew the old one, but all to those who know the new.
    let newer = device_with_identity("alice", 3, "newer");
    let three = two
        .recovered(&newer.identity, certificate(&newer), &new_code)
        .unwrap();
    assert_eq!(three.newer_than(&two), Ok(Succession::ByRecovery));
    assert_eq!(three.newer_than(&one), Ok(Succession::Unproven));
    // With the old recovery key named, but no signature of it.
    let named = one
        .replaced(&new.identity, certificate(&new), code().recovery_key())
        .unwrap();
    assert_eq!(named.newer_than(&one), Ok(Succession::Unproven));
}

#[test]
fn a_stolen_old_identity_key_can_not_come_back() {
    let alice = person("alice");
    let one = first(&alice);
    let second = device_with_identity("alice", 2, "second");
    let two = one
        .recovered(&second.identity, certificate(&second), &code())
        .unwrap();
    let third = device_with_identity("alice", 3, "third");
    let three = two
        .recovered(&third.identity, certificate(&third), &code())
        .unwrap();
    // The thief has the second key, its proof, and all manifests; and goes on counting.
    let ghost = device_with_identity("alice", 4, "second");
    let fork = two
        .next(&second.identity, vec![certificate(&ghost)], &[])
        .unwrap();
    let lost = [third.device_id(), ghost.device_id()];
    let later = fork.next(&second.identity, Vec::new(), &lost).unwrap();
    assert_eq!(fork.newer_than(&three), Err(ManifestError::Fork));
    assert_eq!(later.newer_than(&three), Err(ManifestError::NotASuccessor));
    // Nor the first key, which nobody ever signed.
    let first_again = one
        .next(&alice.identity, Vec::new(), &[second.device_id()])
        .unwrap();
    let first_again = first_again
        .next(&alice.identity, Vec::new(), &lost)
        .unwrap();
    let first_again = first_again.next(&alice.identity, Vec::new(), &[]).unwrap();
    assert_eq!(
        first_again.newer_than(&three),
        Err(ManifestError::NotASuccessor)
    );
}

#[test]
fn a_device_keeps_its_key() {
    let (alice, tablet) = (person("alice"), device("alice", 2));
    let identity = &alice.identity;
    let other_key =
        Certificate::issue(identity, alice.user(), "alice", tablet.device_id(), [9; 32]);
    let one = first(&alice);
    let two = one.next(identity, vec![certificate(&tablet)], &[]).unwrap();
    let other = one.next(identity, vec![other_key.unwrap()], &[]).unwrap();
    let other = other.next(identity, Vec::new(), &[]).unwrap();
    assert_eq!(other.newer_than(&two), Err(ManifestError::NotASuccessor));
}

#[test]
fn a_recovery_code_survives_sloppy_writing() {
    let text = code().to_string();
    assert_eq!(text.len(), 39, "eight groups of four: {text}");
    assert_eq!(text.parse(), Ok(code()));
    let sloppy = text.to_lowercase().replace('-', " ");
    assert_eq!(sloppy.parse(), Ok(code()));
    assert_eq!(text.replace('0', "O").replace('1', "l").parse(), Ok(code()));
    assert_eq!(format!("{:?}", code()), "RecoveryCode(..)");
    assert_ne!(
        code().recovery_key(),
        RecoveryCode::new([0; 16]).recovery_key()
    );
}

#[test]
fn one_wrong_character_or_two_swapped_are_always_noticed() {
    let text = code().to_string();
    for at in (0..text.len()).filter(|at| text.as_bytes()[*at] != b'-') {
        for wrong in "0123456789ABCDEFGHJKMNPQRSTVWXYZ".chars() {
            let altered = format!("{}{wrong}{}", &text[..at], &text[at + 1..]);
            if altered != text {
                let read: Result<RecoveryCode, _> = altered.parse();
                assert_eq!(read, Err(CodeError::Checksum), "{altered}");
            }
        }
        let mut swapped = text.clone().into_bytes();
        let next = (at + 1..text.len()).find(|next| text.as_bytes()[*next] != b'-');
        if let Some(next) = next.filter(|next| swapped[*next] != swapped[at]) {
            swapped.swap(at, next);
            let swapped = String::from_utf8(swapped).unwrap();
            assert_eq!(swapped.parse::<RecoveryCode>(), Err(CodeError::Checksum));
        }
        let shorter = format!("{}{}", &text[..at], &text[at + 1..]);
        assert_eq!(shorter.parse::<RecoveryCode>(), Err(CodeError::Length));
    }
    for (bad, error) in [
        ("", CodeError::Length),
        (&"0".repeat(513), CodeError::Length),
        (&text.replace(&text[..1], "U"), CodeError::Character('U')),
        (&format!("{text}é"), CodeError::Character('é')),
    ] {
        assert_eq!(bad.parse::<RecoveryCode>(), Err(error), "{bad}");
    }
}
