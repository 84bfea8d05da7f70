//! The passive-client vectors of the MLS working group, suite 1, through our provider and our
//! storage: join, process every proposal and commit, compare the secrets of every epoch.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "tests"
)]

use std::io::Write as _;
use std::path::PathBuf;

use openmls::prelude::tls_codec::Deserialize as _;
use openmls::prelude::*;
use openmls_traits::storage::StorageProvider as _;
use serde::Deserialize;
use serde_json::{Value, json};
use whimbrel_mls::{Crypto, DeviceKey, Overlay, Provider};

const SUITE: Ciphersuite = Ciphersuite::MLS_128_DHKEMX25519_AES128GCM_SHA256_Ed25519;

#[derive(Deserialize)]
struct Vector {
    cipher_suite: u16,
    external_psks: Vec<ExternalPsk>,
    key_package: String,
    encryption_priv: String,
    init_priv: String,
    welcome: String,
    ratchet_tree: Option<String>,
    initial_epoch_authenticator: String,
    epochs: Vec<Epoch>,
}

#[derive(Deserialize)]
struct ExternalPsk {
    psk_id: String,
    psk: String,
}

#[derive(Deserialize)]
struct Epoch {
    proposals: Vec<String>,
    commit: String,
    epoch_authenticator: String,
}

fn hex(text: &str) -> Vec<u8> {
    (0..text.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap())
        .collect()
}

/// A relative path counts from the root of the workspace.
fn folder() -> PathBuf {
    let given = std::env::var_os("WHIMBREL_MLS_VECTORS");
    let folder = given.map_or_else(|| PathBuf::from("../shared/vectors/mls"), PathBuf::from);
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("..")
        .join(folder)
}

fn vectors(name: &str) -> Option<Vec<Vector>> {
    let path = folder().join(name);
    let Ok(bytes) = std::fs::read(&path) else {
        // Straight to the stream, so that the line is seen though the test passes.
        let line = format!("skipped: no {name} in the folder named by WHIMBREL_MLS_VECTORS\n");
        std::io::stderr().write_all(line.as_bytes()).unwrap();
        return None;
    };
    let all: Vec<Vector> = serde_json::from_slice(&bytes).unwrap();
    Some(
        all.into_iter()
            .filter(|each| each.cipher_suite == 1)
            .collect(),
    )
}

/// Puts secret bytes where a key package made for the purpose has its own.
fn replace_bytes(value: &mut Value, bytes: &[u8]) {
    match value {
        Value::Array(items) if items.iter().all(Value::is_number) => *value = json!(bytes),
        Value::Array(items) => items.iter_mut().for_each(|item| replace_bytes(item, bytes)),
        Value::Object(fields) => fields
            .values_mut()
            .for_each(|field| replace_bytes(field, bytes)),
        _ => {}
    }
}

/// The key package of a vector with its private keys, as the storage holds such bundles.
fn store_key_package(provider: &Provider<'_>, vector: &Vector) {
    let message = MlsMessageIn::tls_deserialize_exact(hex(&vector.key_package)).unwrap();
    let MlsMessageBodyIn::KeyPackage(key_package) = message.extract() else {
        panic!("a key package");
    };
    // Unchecked on purpose: the lifetime of the vectors has passed.
    let key_package = serde_json::to_value(&key_package).unwrap();
    let key = DeviceKey::from_seed([3; 32]);
    let credential = CredentialWithKey {
        credential: BasicCredential::new(b"template".to_vec()).into(),
        signature_key: key.public().to_vec().into(),
    };
    let template = KeyPackage::builder()
        .build(SUITE, provider, &key, credential)
        .unwrap();
    let mut bundle = serde_json::to_value(&template).unwrap();
    replace_bytes(&mut bundle["private_init_key"], &hex(&vector.init_priv));
    replace_bytes(
        &mut bundle["private_encryption_key"],
        &hex(&vector.encryption_priv),
    );
    bundle["key_package"] = key_package;
    let bundle: KeyPackageBundle = serde_json::from_value(bundle).unwrap();
    let reference = bundle.key_package().hash_ref(provider.crypto()).unwrap();
    provider
        .storage()
        .write_key_package(&reference, &bundle)
        .unwrap();
}

fn join(provider: &Provider<'_>, vector: &Vector) -> MlsGroup {
    let config = MlsGroupJoinConfig::builder()
        .use_ratchet_tree_extension(true)
        .wire_format_policy(MIXED_PLAINTEXT_WIRE_FORMAT_POLICY)
        .number_of_resumption_psks(16)
        .build();
    let message = MlsMessageIn::tls_deserialize_exact(hex(&vector.welcome)).unwrap();
    let MlsMessageBodyIn::Welcome(welcome) = message.extract() else {
        panic!("a welcome");
    };
    let mut builder = StagedWelcome::build_from_welcome(provider, &config, welcome)
        .unwrap()
        .skip_lifetime_validation();
    if let Some(tree) = &vector.ratchet_tree {
        let tree = RatchetTreeIn::tls_deserialize_exact(hex(tree)).unwrap();
        builder = builder.with_ratchet_tree(tree);
    }
    builder.build().unwrap().into_group(provider).unwrap()
}

fn process(provider: &Provider<'_>, group: &mut MlsGroup, bytes: &str) {
    let message = MlsMessageIn::tls_deserialize_exact(hex(bytes)).unwrap();
    let message = message.try_into_protocol_message().unwrap();
    let processed = group.process_message(provider, message).unwrap();
    match processed.into_content() {
        ProcessedMessageContent::ProposalMessage(proposal) => group
            .store_pending_proposal(provider.storage(), *proposal)
            .unwrap(),
        ProcessedMessageContent::StagedCommitMessage(staged) => {
            group.merge_staged_commit(provider, *staged).unwrap();
        }
        _ => panic!("a proposal or a commit"),
    }
}

/// Each epoch runs on a group that was loaded from the rows, above a layer that is then kept.
fn run(vector: &Vector) -> usize {
    let crypto = Crypto::from_seed([5; 32]);
    let store = Overlay::new(b"the group of a vector");
    let provider = Provider::new(&crypto, &store);
    store_key_package(&provider, vector);
    for each in &vector.external_psks {
        openmls::schedule::PreSharedKeyId::external(hex(&each.psk_id), Vec::new())
            .store(&provider, &hex(&each.psk))
            .unwrap();
    }
    let joined = join(&provider, vector);
    assert_eq!(
        joined.epoch_authenticator().as_slice(),
        hex(&vector.initial_epoch_authenticator)
    );
    let id = joined.group_id().clone();
    for epoch in &vector.epochs {
        let mut group = MlsGroup::load(&store, &id).unwrap().unwrap();
        store.begin_layer();
        for proposal in &epoch.proposals {
            process(&provider, &mut group, proposal);
        }
        process(&provider, &mut group, &epoch.commit);
        assert_eq!(
            group.epoch_authenticator().as_slice(),
            hex(&epoch.epoch_authenticator)
        );
        store.commit_layer();
    }
    vector.epochs.len()
}

fn run_file(name: &str, vectors_min: usize, epochs_min: usize) {
    let Some(vectors) = vectors(name) else {
        return;
    };
    let epochs: usize = vectors.iter().map(run).sum();
    assert!(vectors.len() >= vectors_min && epochs >= epochs_min);
}

#[test]
fn passive_client_welcome() {
    run_file("passive-client-welcome.json", 8, 0);
}

#[test]
fn passive_client_handling_commit() {
    run_file("passive-client-handling-commit.json", 13, 26);
}
