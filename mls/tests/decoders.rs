//! Any bytes, at every place where bytes come in: an error, never a panic, and nothing changes.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod common;

use std::cell::RefCell;

use common::{Chat, conversation, person};
use proptest::prelude::*;
use whimbrel_mls::{
    Certificate, Follower, Group, GroupPolicy, LeaveStatement, LinkCode, LinkGrant, LinkKey,
    LinkOffer, Manifest, Proof, RecoveryCode, Row, inspect_key_package, key_package_row_key,
};

/// What an honest peer would send, to be altered.
struct Samples {
    chat: Chat,
    bytes: Vec<Vec<u8>>,
    rows: Vec<Row>,
}

fn samples() -> Samples {
    let mut chat = Chat::with("decoders", "alice", &["bob"]);
    let carol = person("carol");
    let alice = person("alice");
    let key_package = carol.key_package();
    let plan = whimbrel_mls::CommitPlan {
        add: vec![key_package.bytes.clone()],
        ..Default::default()
    };
    let rows = chat.seats[1]
        .group
        .take_dirty()
        .into_iter()
        .filter_map(|row| {
            row.value.map(|value| Row {
                key: row.key,
                value,
            })
        });
    let rows: Vec<Row> = rows.collect();
    let staged = chat.seats[0].stage(&plan).unwrap();
    let message = chat.seats[0].encrypt(b"", b"text");
    let fresh = Chat::group("fresh", person("alice"));
    let founding = fresh.seats[0]
        .group
        .founding_state(&alice.crypto, &fresh.seats[0].person.device)
        .unwrap();
    let manifest =
        Manifest::first(&alice.identity, [7; 32], alice.device.certificate.clone()).unwrap();
    let bytes = vec![
        key_package.bytes,
        key_package.reference,
        staged.commit,
        staged.welcome.unwrap(),
        message,
        chat.follower.tree().unwrap(),
        chat.follower.state().unwrap(),
        founding.group_info,
        founding.tree,
        chat.follower.policy().encode(),
        alice.device.certificate.encode(),
        manifest.encode(),
        Proof::Manifest(manifest).encode(),
        Proof::Leave(LeaveStatement::sign(&carol.device, conversation("x"), 7)).encode(),
        LinkKey::from_seed([8; 32]).code().to_string().into_bytes(),
    ];
    Samples { chat, bytes, rows }
}

thread_local! {
    static SAMPLES: RefCell<Samples> = RefCell::new(samples());
}

/// Shows the bytes to every decoder.
fn feed(samples: &mut Samples, bytes: &[u8]) {
    let id = conversation("decoders");
    let carol = person("carol");
    let key = carol.key_package();
    let _ = Certificate::decode_and_verify(bytes);
    let _ = Manifest::decode_and_verify(bytes);
    let _ = GroupPolicy::decode(bytes);
    let _ = Proof::decode(bytes);
    let _ = LeaveStatement::decode(bytes);
    let link = LinkKey::from_seed([7; 32]);
    let offer = LinkOffer {
        device: carol.device_id(),
        device_key: [7; 32],
    };
    assert!(LinkOffer::open(link.code(), bytes).is_err());
    assert!(LinkGrant::open(&link, &offer, bytes, 0).is_err());
    if let Ok(text) = std::str::from_utf8(bytes) {
        let _ = (text.parse::<LinkCode>(), text.parse::<RecoveryCode>());
    }
    let _ = key_package_row_key(bytes);
    let _ = inspect_key_package(&carol.crypto, bytes);
    let _ = Group::welcome_key_package_references(bytes);
    let Samples {
        chat,
        bytes: good,
        rows,
    } = samples;
    let _ = chat.follower.stage(&chat.server, bytes);
    let _ = Follower::load(id, bytes);
    for (info, tree) in [(bytes, good[8].as_slice()), (good[7].as_slice(), bytes)] {
        let _ = Follower::found(
            &chat.server,
            conversation("fresh"),
            info,
            tree,
            carol.address(),
        );
    }
    for (welcome, tree) in [(bytes, good[5].as_slice()), (good[3].as_slice(), bytes)] {
        let joined = Group::join(
            &carol.crypto,
            &carol.device,
            id,
            welcome,
            tree,
            key.rows.clone(),
            Vec::new(),
        );
        assert!(joined.is_err());
    }
    let epoch = chat.seats[1].group.epoch();
    if chat.seats[1].process(bytes).is_err() {
        assert_eq!(chat.seats[1].group.take_dirty(), []);
        assert_eq!(chat.seats[1].group.epoch(), epoch);
    }
    for at in 0..rows.len() {
        let mut damaged = rows.clone();
        damaged[at].value = bytes.to_vec();
        let _ = Group::load(id, damaged);
    }
}

fn with_samples(test: impl FnOnce(&mut Samples)) {
    SAMPLES.with_borrow_mut(test);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn random_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        with_samples(|samples| feed(samples, &bytes));
    }

    #[test]
    fn random_bytes_after_a_valid_beginning(
        which in 0_usize..15,
        keep in 0.0_f64..1.0,
        tail in proptest::collection::vec(any::<u8>(), 0..200),
    ) {
        with_samples(|samples| {
            let sample = &samples.bytes[which];
            let share = sample.iter().zip(0_u32..).take_while(|(_, at)| {
                f64::from(*at) < keep * f64::from(u32::try_from(sample.len()).unwrap())
            });
            let mut bytes: Vec<u8> = share.map(|(byte, _)| *byte).collect();
            bytes.extend(tail);
            feed(samples, &bytes);
        });
    }

    #[test]
    fn valid_bytes_with_some_altered(
        which in 0_usize..15,
        flips in proptest::collection::vec((any::<prop::sample::Index>(), 1_u8..), 1..4),
    ) {
        with_samples(|samples| {
            let mut bytes = samples.bytes[which].clone();
            for (index, flip) in flips {
                let at = index.index(bytes.len());
                bytes[at] ^= flip;
            }
            feed(samples, &bytes);
        });
    }
}
