//! A new device, a device that links it, and a server in between that may do anything with what
//! they leave there.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod common;

use common::{Person, device, device_with_identity, person, seed};
use whimbrel_mls::{
    Certificate, CodeError, IdentityError, LINK_GRANT_BYTES_MAX, LINK_LIFETIME_MS,
    LINK_OFFER_BYTES_MAX, LinkCode, LinkError, LinkGrant, LinkKey, LinkOffer, Manifest,
    SafetyNumber, fingerprint, sign_in_signature, verify_sign_in,
};
use whimbrel_protocol::limits;

const NOW_MS: i64 = 1_800_000_000_000;

fn key(name: &str) -> LinkKey {
    LinkKey::from_seed(seed(name))
}

fn offer(person: &Person) -> LinkOffer {
    LinkOffer {
        device: person.device_id(),
        device_key: person.device.certificate.device_key,
    }
}

/// What Alice's phone grants to these devices of hers.
fn grant(devices: &[&Person]) -> LinkGrant {
    let phone = person("alice");
    let certificate = phone.device.certificate.clone();
    let first = Manifest::first(&phone.identity, [7; 32], certificate).unwrap();
    let more = devices.iter().map(|each| each.device.certificate.clone());
    LinkGrant {
        granted_by: phone.device_id(),
        manifest: first.next(&phone.identity, more.collect(), &[]).unwrap(),
        identity: phone.identity,
        expires_ms: NOW_MS + LINK_LIFETIME_MS,
    }
}

#[test]
fn a_phone_links_a_tablet() {
    let (phone, tablet) = (person("alice"), device("alice", 2));
    let key = key("tablet");
    // The phone reads the code from the screen, the offer from the server.
    let code: LinkCode = key.code().to_string().parse().unwrap();
    assert_eq!(&code, key.code());
    let sealed_offer = offer(&tablet).seal(key.code());
    assert!(sealed_offer.len() <= LINK_OFFER_BYTES_MAX);
    let opened = LinkOffer::open(&code, &sealed_offer).unwrap();
    assert_eq!(opened, offer(&tablet));
    assert_eq!(
        fingerprint(&code, &opened),
        fingerprint(key.code(), &offer(&tablet))
    );
    let sealed = grant(&[&tablet])
        .seal(&phone.crypto, &code, &opened)
        .unwrap();
    // The tablet was restarted in between.
    let key = LinkKey::from_seed(*key.to_bytes());
    let granted = LinkGrant::open(&key, &offer(&tablet), &sealed, NOW_MS).unwrap();
    assert_eq!(granted.manifest, grant(&[&tablet]).manifest);
    assert_eq!(granted.identity.public(), phone.identity.public());
    assert_eq!(granted.granted_by, phone.device_id());
    let certificate = granted.manifest.certificate(tablet.device_id()).unwrap();
    assert_eq!(certificate, &tablet.device.certificate);
    assert_eq!(certificate.username, "alice");
    let signature = sign_in_signature(&tablet.device, &code.id());
    assert_eq!(verify_sign_in(certificate, &code.id(), &signature), Ok(()));
}

#[test]
fn the_fullest_grant_fits() {
    let name = "x".repeat(32);
    let phone = person(&name);
    let mut manifest = {
        let certificate = phone.device.certificate.clone();
        Manifest::first(&phone.identity, [7; 32], certificate).unwrap()
    };
    for number in 2..=10 {
        let added = vec![device(&name, number).device.certificate];
        manifest = manifest.next(&phone.identity, added, &[]).unwrap();
    }
    let lost = (0..whimbrel_mls::REVOKED_DEVICES_MAX).map(|each| {
        let id = seed(&format!("lost {each}"))[..16].try_into().unwrap();
        whimbrel_protocol::id::DeviceId::from_bytes(id)
    });
    let lost: Vec<_> = lost.collect();
    manifest = manifest.next(&phone.identity, Vec::new(), &lost).unwrap();
    let grant = LinkGrant {
        granted_by: phone.device_id(),
        identity: phone.identity,
        manifest,
        expires_ms: i64::MAX,
    };
    let key = key("full");
    let offer = offer(&device(&name, 2));
    let sealed = grant.seal(&phone.crypto, key.code(), &offer).unwrap();
    assert!(sealed.len() <= LINK_GRANT_BYTES_MAX);
    assert!(sealed.len() > limits::MANIFEST_BYTES_MAX * 3 / 4);
    assert!(LinkGrant::open(&key, &offer, &sealed, NOW_MS).is_ok());
}

#[test]
fn one_wrong_character_of_a_code_is_always_noticed() {
    let code = key("typing").code().clone();
    let text = code.to_string();
    assert_eq!(text.replace('-', "").len(), 85);
    assert_eq!(
        text.to_lowercase().replace('-', " ").parse(),
        Ok(code.clone())
    );
    for at in (0..text.len()).filter(|at| text.as_bytes()[*at] != b'-') {
        for wrong in "0123456789ABCDEFGHJKMNPQRSTVWXYZ".chars() {
            let altered = format!("{}{wrong}{}", &text[..at], &text[at + 1..]);
            if altered != text {
                assert_eq!(altered.parse::<LinkCode>(), Err(CodeError::Checksum));
            }
        }
    }
    assert_eq!(text[1..].parse::<LinkCode>(), Err(CodeError::Length));
    assert_eq!(
        format!("{code:?} {:?}", key("typing")),
        "LinkCode(..) LinkKey(..)"
    );
}

#[test]
fn a_code_as_a_picture_parses_like_the_text_and_is_told_from_others() {
    let code = key("picture").code().clone();
    let picture = code.to_qr();
    assert!(picture.starts_with("whimbrel:link:1:"));
    assert_eq!(picture.parse(), Ok(code));
    let safety = picture.replace(":link:", ":safety:");
    let newer = picture.replace(":link:1:", ":link:2:");
    for other in [safety.as_str(), &newer, "https://example.org/"] {
        assert_eq!(other.parse::<LinkCode>(), Err(CodeError::Kind));
    }
}

#[test]
fn an_offer_opens_only_with_its_code_and_unaltered() {
    let (one, other) = (key("one"), key("other"));
    assert_ne!(one.code().id(), other.code().id());
    let tablet = device("alice", 2);
    let bytes = offer(&tablet).seal(one.code());
    assert_eq!(
        LinkOffer::open(other.code(), &bytes),
        Err(LinkError::WrongCode)
    );
    // The server swaps the key, or makes an offer of its own without the secret.
    for at in 0..bytes.len() {
        let mut altered = bytes.clone();
        altered[at] ^= 1 << (at % 8);
        assert!(LinkOffer::open(one.code(), &altered).is_err(), "byte {at}");
        assert!(LinkOffer::open(one.code(), &bytes[..at]).is_err());
    }
    let ghost = offer(&device("alice", 3)).seal(other.code());
    assert_eq!(
        LinkOffer::open(one.code(), &ghost),
        Err(LinkError::WrongCode)
    );
    let mut newer = bytes;
    newer[1] = 2;
    assert_eq!(
        LinkOffer::open(one.code(), &newer),
        Err(LinkError::UnknownVersion(2))
    );
    let huge = vec![8; LINK_OFFER_BYTES_MAX + 1];
    assert_eq!(
        LinkOffer::open(one.code(), &huge),
        Err(LinkError::Malformed)
    );
}

#[test]
fn a_fingerprint_tells_codes_and_devices_apart() {
    let (tablet, ghost) = (offer(&device("alice", 2)), offer(&device("alice", 3)));
    let (one, other) = (key("one"), key("other"));
    let shown = fingerprint(one.code(), &tablet);
    let groups: Vec<&str> = shown.split(' ').collect();
    assert_eq!(groups.len(), 3);
    assert!(
        groups
            .iter()
            .all(|group| group.len() == 4 && group.parse::<u16>().is_ok())
    );
    assert_ne!(shown, fingerprint(one.code(), &ghost));
    assert_ne!(shown, fingerprint(other.code(), &tablet));
}

#[test]
fn a_grant_opens_only_for_its_code_its_offer_and_in_time() {
    let (phone, tablet, laptop) = (person("alice"), device("alice", 2), device("alice", 3));
    let (one, other) = (key("one"), key("other"));
    let grant = grant(&[&tablet, &laptop]);
    let sealed = grant
        .seal(&phone.crypto, one.code(), &offer(&tablet))
        .unwrap();
    let open = |key: &LinkKey, person: &Person, bytes: &[u8], now_ms| {
        LinkGrant::open(key, &offer(person), bytes, now_ms).map(|grant| grant.manifest)
    };
    let manifest = Ok(grant.manifest.clone());
    let last = grant.expires_ms - 1;
    assert_eq!(open(&one, &tablet, &sealed, last), manifest);
    assert_eq!(
        open(&one, &tablet, &sealed, last + 1),
        Err(LinkError::Expired)
    );
    // The grant for the tablet shown to the laptop, with the same code and with its own.
    assert_eq!(
        open(&one, &laptop, &sealed, NOW_MS),
        Err(LinkError::OtherOffer)
    );
    assert_eq!(
        open(&other, &laptop, &sealed, NOW_MS),
        Err(LinkError::OtherOffer)
    );
    assert_eq!(
        open(&other, &tablet, &sealed, NOW_MS),
        Err(LinkError::OtherOffer)
    );
    for at in 0..sealed.len() {
        let mut altered = sealed.clone();
        altered[at] ^= 1 << (at % 8);
        assert!(open(&one, &tablet, &altered, NOW_MS).is_err(), "byte {at}");
        assert!(open(&one, &tablet, &sealed[..at], NOW_MS).is_err());
    }
    let mut newer = sealed.clone();
    newer[1] = 2;
    assert_eq!(
        open(&one, &tablet, &newer, NOW_MS),
        Err(LinkError::UnknownVersion(2))
    );
    let huge = vec![8; LINK_GRANT_BYTES_MAX + 1];
    assert_eq!(
        open(&one, &tablet, &huge, NOW_MS),
        Err(LinkError::Malformed)
    );
}

#[test]
fn the_expiry_can_not_be_put_off_by_the_server() {
    let (phone, tablet) = (person("alice"), device("alice", 2));
    let key = key("late");
    let seal = |expires_ms| {
        let grant = LinkGrant {
            expires_ms,
            ..grant(&[&tablet])
        };
        grant
            .seal(&phone.crypto, key.code(), &offer(&tablet))
            .unwrap()
    };
    let (sealed, longer) = (seal(NOW_MS), seal(NOW_MS + 1_000_000));
    // Both begin with the same fields in clear; only the time differs.
    let differs = (0..sealed.len())
        .find(|at| sealed[*at] != longer[*at])
        .unwrap();
    let mut put_off = sealed.clone();
    put_off[differs..differs + 3].copy_from_slice(&longer[differs..differs + 3]);
    let opened = LinkGrant::open(&key, &offer(&tablet), &put_off, NOW_MS);
    assert_eq!(opened.err(), Some(LinkError::WrongCode));
    let opened = LinkGrant::open(&key, &offer(&tablet), &sealed, NOW_MS);
    assert_eq!(opened.err(), Some(LinkError::Expired));
}

#[test]
fn a_grant_whose_parts_do_not_fit_is_not_even_sealed() {
    let (phone, tablet) = (person("alice"), device("alice", 2));
    let key = key("parts");
    let good = || grant(&[&tablet]);
    let not_listed = grant(&[]);
    let other_identity = LinkGrant {
        identity: person("bob").identity,
        ..good()
    };
    let by_a_stranger = LinkGrant {
        granted_by: person("bob").device_id(),
        ..good()
    };
    let by_itself = LinkGrant {
        granted_by: tablet.device_id(),
        ..good()
    };
    for grant in [not_listed, other_identity, by_a_stranger, by_itself] {
        let sealed = grant.seal(&phone.crypto, key.code(), &offer(&tablet));
        assert_eq!(sealed, Err(LinkError::Inconsistent));
    }
    let other_key = LinkOffer {
        device_key: [9; 32],
        ..offer(&tablet)
    };
    let sealed = good().seal(&phone.crypto, key.code(), &other_key);
    assert_eq!(sealed, Err(LinkError::Inconsistent));
}

#[test]
fn a_sign_in_is_for_one_link_and_one_device() {
    let (tablet, laptop) = (device("alice", 2), device("alice", 3));
    let link = key("sign in").code().id();
    let signature = sign_in_signature(&tablet.device, &link);
    let verify = |certificate: &Certificate, link: &[u8; 16], signature: &[u8]| {
        verify_sign_in(certificate, link, signature)
    };
    let certificate = &tablet.device.certificate;
    assert_eq!(verify(certificate, &link, &signature), Ok(()));
    let refused = Err(IdentityError::Signature);
    assert_eq!(
        verify(&laptop.device.certificate, &link, &signature),
        refused
    );
    assert_eq!(verify(certificate, &[0; 16], &signature), refused);
    assert_eq!(verify(certificate, &link, &signature[..63]), refused);
    for at in 0..signature.len() {
        let mut altered = signature;
        altered[at] ^= 1;
        assert_eq!(verify(certificate, &link, &altered), refused);
    }
}

#[test]
fn two_people_see_the_same_safety_number_until_a_key_changes() {
    let side = |person: &Person| (person.user(), person.identity.public());
    let (alice, bob) = (person("alice"), person("bob"));
    let number = SafetyNumber::of(side(&alice), side(&bob));
    assert_eq!(number, SafetyNumber::of(side(&bob), side(&alice)));
    let text = number.to_string();
    let groups: Vec<&str> = text.split(' ').collect();
    assert_eq!(groups.len(), 12);
    assert!(
        groups
            .iter()
            .all(|group| group.len() == 5 && group.parse::<u32>().is_ok())
    );
    let changed = device_with_identity("bob", 2, "new");
    let after = SafetyNumber::of(side(&alice), side(&changed));
    let other_user = SafetyNumber::of(side(&alice), (alice.user(), bob.identity.public()));
    assert_eq!(number.matches_qr(&number.to_qr()), Ok(true));
    for other in [after, other_user] {
        assert_ne!(other.to_string(), text);
        assert_eq!(number.matches_qr(&other.to_qr()), Ok(false));
    }
    let link = key("picture").code().to_qr();
    assert_eq!(number.matches_qr(&link), Err(CodeError::Kind));
    let short = &number.to_qr()[..60];
    assert_eq!(number.matches_qr(short), Err(CodeError::Length));
}

/// The number as it must stay: people have compared it.
#[test]
fn a_safety_number_is_thirty_digits_of_a_hash_for_each() {
    use sha2::{Digest, Sha512};
    let (alice, bob) = (person("alice"), person("bob"));
    let half = |person: &Person| {
        let mut input = b"Whimbrel safety number 1\0".to_vec();
        input.extend_from_slice(person.user().as_bytes());
        input.extend_from_slice(person.identity.public().as_bytes());
        Sha512::digest(&input).to_vec()
    };
    let mut halves = [half(&alice), half(&bob)];
    halves.sort();
    let digits = halves.iter().flat_map(|half| {
        (0..6).map(|group| {
            let five = &half[group * 5..group * 5 + 5];
            let number = five
                .iter()
                .fold(0_u64, |sum, byte| sum * 256 + u64::from(*byte));
            format!("{:05}", number % 100_000)
        })
    });
    let expected = digits.collect::<Vec<_>>().join(" ");
    let sides = [&alice, &bob].map(|each| (each.user(), each.identity.public()));
    assert_eq!(SafetyNumber::of(sides[0], sides[1]).to_string(), expected);
}
