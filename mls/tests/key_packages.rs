//! Key packages and Welcomes: what is refused, what is used up, what stays.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod common;

use common::{Chat, EXPIRES_S, Seat, conversation, person};
use openmls::prelude::tls_codec::{Deserialize as _, Serialize as _};
use openmls::prelude::*;
use whimbrel_mls::{
    CommitPlan, DeviceKey, Group, KeyPackageError, LastResort, MlsError, Overlay, PolicyViolation,
    Provider, inspect_key_package, key_package_row_key, make_key_package,
};

fn add(bytes: &[u8]) -> CommitPlan {
    CommitPlan {
        add: vec![bytes.to_vec()],
        ..CommitPlan::default()
    }
}

#[test]
fn what_a_key_package_says() {
    let bob = person("bob");
    for last_resort in [LastResort::No, LastResort::Yes] {
        let made = make_key_package(&bob.crypto, &bob.device, last_resort, 1_000).unwrap();
        assert!(made.bytes.len() <= whimbrel_protocol::limits::KEY_PACKAGE_BYTES_MAX);
        assert_eq!(made.rows.len(), 1);
        assert_eq!(
            made.rows[0].key,
            key_package_row_key(&made.reference).unwrap()
        );
        let info = inspect_key_package(&person("server").crypto, &made.bytes).unwrap();
        assert_eq!(info.certificate, bob.device.certificate);
        assert_eq!(info.last_resort, last_resort);
        assert_eq!(info.reference, made.reference);
        assert_eq!(info.expires_s, 1_000);
        assert!(!info.is_expired(999) && info.is_expired(1_000) && info.is_expired(u64::MAX));
    }
}

#[test]
fn an_altered_key_package_is_refused() {
    let bob = person("bob");
    let bytes = bob.key_package().bytes;
    for at in 0..bytes.len() {
        let mut altered = bytes.clone();
        altered[at] ^= 1 << (at % 8);
        assert!(
            inspect_key_package(&bob.crypto, &altered).is_err(),
            "byte {at}"
        );
    }
    for wrong in [
        &bytes[..bytes.len() - 1],
        &[&bytes[..], &[0]].concat(),
        &[],
        &[0; 5_000],
    ] {
        assert!(matches!(
            inspect_key_package(&bob.crypto, wrong),
            Err(MlsError::KeyPackage(KeyPackageError::Malformed))
        ));
    }
}

/// A key package of the MLS library as it would make it for anybody.
fn foreign_key_package(credential: Vec<u8>, key: &DeviceKey, lifetime: Lifetime) -> Vec<u8> {
    let crypto = person("foreign").crypto;
    let store = Overlay::new(&[]);
    let bundle = KeyPackage::builder()
        .key_package_lifetime(lifetime)
        .build(
            Ciphersuite::MLS_128_DHKEMX25519_AES128GCM_SHA256_Ed25519,
            &Provider::new(&crypto, &store),
            key,
            CredentialWithKey {
                credential: BasicCredential::new(credential).into(),
                signature_key: key.public().to_vec().into(),
            },
        )
        .unwrap();
    let message = MlsMessageOut::from(bundle.key_package().clone());
    message.tls_serialize_detached().unwrap()
}

#[test]
fn valid_mls_but_not_ours() {
    let bob = person("bob");
    let certificate = bob.device.certificate.encode();
    let own = DeviceKey::from_seed(common::seed("device key bob 1"));
    let other = DeviceKey::from_seed(common::seed("other"));
    let forever = Lifetime::init(0, u64::MAX);
    let inspect = |bytes: Vec<u8>| match inspect_key_package(&bob.crypto, &bytes) {
        Err(MlsError::KeyPackage(error)) => error,
        outcome => panic!("{outcome:?}"),
    };
    assert!(matches!(
        inspect(foreign_key_package(b"bob".to_vec(), &own, forever)),
        KeyPackageError::Certificate(_)
    ));
    assert!(matches!(
        inspect(foreign_key_package(certificate.clone(), &other, forever)),
        KeyPackageError::Certificate(_)
    ));
    assert!(matches!(
        inspect(foreign_key_package(
            certificate.clone(),
            &own,
            Lifetime::default()
        )),
        KeyPackageError::BoundedLifetime
    ));
    assert!(matches!(
        inspect(foreign_key_package(certificate, &own, forever)),
        KeyPackageError::NoExpiry
    ));
}

#[test]
fn the_last_resort_can_be_used_again() {
    let bob = person("bob");
    let key = make_key_package(&bob.crypto, &bob.device, LastResort::Yes, EXPIRES_S).unwrap();
    for name in ["one", "two"] {
        let mut chat = Chat::group(name, person("alice"));
        let staged = chat.seats[0].stage(&add(&key.bytes)).unwrap();
        chat.deliver(0, &staged.commit);
        let welcome = staged.welcome.unwrap();
        let references = Group::welcome_key_package_references(&welcome).unwrap();
        assert_eq!(references, std::slice::from_ref(&key.reference));
        let mut joined = chat.join(&bob, &welcome, &key).unwrap();
        assert!(joined.last_resort_used);
        let dirty = joined.group.take_dirty();
        assert!(dirty.iter().all(|row| row.value.is_some()));
    }
}

#[test]
fn a_key_package_is_used_up_by_its_join_only() {
    let bob = person("bob");
    let key = bob.key_package();
    let mut chat = Chat::group("once", person("alice"));
    let staged = chat.seats[0].stage(&add(&key.bytes)).unwrap();
    let welcome = staged.welcome.unwrap();

    // The tree of the epoch before, another conversation, another device, no key rows.
    assert!(matches!(
        chat.join(&bob, &welcome, &key),
        Err(MlsError::InvalidWelcome(_))
    ));
    chat.deliver(0, &staged.commit);
    let tree = chat.follower.tree().unwrap();
    let join = |conversation, who: &common::Person, welcome: &[u8], tree: &[u8], rows| {
        Group::join(
            &who.crypto,
            &who.device,
            conversation,
            welcome,
            tree,
            rows,
            Vec::new(),
        )
    };
    let elsewhere = join(
        conversation("other"),
        &bob,
        &welcome,
        &tree,
        key.rows.clone(),
    );
    assert!(matches!(elsewhere, Err(MlsError::NotForThisGroup)));
    let carol = person("carol");
    let stolen = join(chat.conversation, &carol, &welcome, &tree, key.rows.clone());
    assert!(matches!(stolen, Err(MlsError::WrongDevice)));
    let without = join(chat.conversation, &bob, &welcome, &tree, Vec::new());
    assert!(matches!(without, Err(MlsError::NoKeyPackage)));
    let mut damaged = welcome.clone();
    let middle = damaged.len() / 2;
    damaged[middle] ^= 1;
    assert!(join(chat.conversation, &bob, &damaged, &tree, key.rows.clone()).is_err());
    assert!(
        join(
            chat.conversation,
            &bob,
            &staged.commit,
            &tree,
            key.rows.clone()
        )
        .is_err()
    );

    // After all of that the same rows still open it; then they are gone.
    let mut joined = chat.join(&bob, &welcome, &key).unwrap();
    assert!(!joined.last_resort_used);
    let dirty = joined.group.take_dirty();
    let used = dirty.iter().find(|row| row.key == key.rows[0].key).unwrap();
    assert_eq!(used.value, None);
    chat.seats.push(Seat {
        person: bob,
        group: joined.group,
    });
    chat.assert_in_step();
    chat.say(1, "in");
}

/// A group that Alice founds by hand, with a policy that names a user who is not there.
fn group_against_the_rule(provider: &Provider<'_>, signer: &DeviceKey) -> MlsGroup {
    let policy = whimbrel_mls::GroupPolicy::group(&person("mallory").device.certificate);
    let ours = [
        ExtensionType::LastResort,
        ExtensionType::Unknown(0xF0A1),
        ExtensionType::Unknown(0xF0A2),
    ];
    let extensions = Extensions::from_vec(vec![
        Extension::RequiredCapabilities(RequiredCapabilitiesExtension::new(&ours[1..2], &[], &[])),
        Extension::Unknown(0xF0A1, UnknownExtension(policy.encode())),
    ])
    .unwrap();
    let config = MlsGroupCreateConfig::builder()
        .wire_format_policy(PURE_PLAINTEXT_WIRE_FORMAT_POLICY)
        .lifetime(Lifetime::init(0, u64::MAX))
        .capabilities(Capabilities::new(None, None, Some(&ours), None, None))
        .with_group_context_extensions(extensions)
        .build();
    let certificate = person("alice").device.certificate;
    MlsGroup::new_with_group_id(
        provider,
        signer,
        &config,
        GroupId::from_slice(conversation("against").as_bytes()),
        CredentialWithKey {
            credential: BasicCredential::new(certificate.encode()).into(),
            signature_key: signer.public().to_vec().into(),
        },
    )
    .unwrap()
}

#[test]
fn a_welcome_into_a_group_against_the_rule_is_refused() {
    let (alice, bob) = (person("alice"), person("bob"));
    let id = conversation("against");
    let store = Overlay::new(id.as_bytes());
    let provider = Provider::new(&alice.crypto, &store);
    let signer = DeviceKey::from_seed(common::seed("device key alice 1"));
    let mut group = group_against_the_rule(&provider, &signer);
    let key = bob.key_package();
    let message = MlsMessageIn::tls_deserialize_exact(&key.bytes).unwrap();
    let MlsMessageBodyIn::KeyPackage(key_package) = message.extract() else {
        panic!("a key package");
    };
    let key_package = key_package
        .validate(&alice.crypto, ProtocolVersion::Mls10)
        .unwrap();
    let (_, welcome, _) = group
        .add_members(&provider, &signer, &[key_package])
        .unwrap();
    group.merge_pending_commit(&provider).unwrap();
    let tree = group.export_ratchet_tree();
    let refused = Group::join(
        &bob.crypto,
        &bob.device,
        id,
        &welcome.tls_serialize_detached().unwrap(),
        &tree.tls_serialize_detached().unwrap(),
        key.rows,
        Vec::new(),
    );
    let expected = PolicyViolation::PolicyMismatch;
    assert!(
        matches!(refused, Err(MlsError::Policy(violation)) if violation == expected),
        "{refused:?}"
    );
}
