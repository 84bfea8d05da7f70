//! One group, two implementations: Alice and Carol on this crate, Bob on the independent `mls-rs`.
//! Each adds, removes, updates and writes; all three agree on the secrets of every epoch, and the
//! server follows the commits of both.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod common;

use std::time::Duration;

use common::{Chat, Person, person, seed, user_id};
use mls_rs::client_builder::MlsConfig;
use mls_rs::crypto::{SignaturePublicKey, SignatureSecretKey};
use mls_rs::extension::ExtensionType;
use mls_rs::group::{ExportedTree, ReceivedMessage};
use mls_rs::identity::SigningIdentity;
use mls_rs::identity::basic::{BasicCredential, BasicIdentityProvider};
use mls_rs::mls_rules::{CommitOptions, DefaultMlsRules};
use mls_rs::time::MlsTime;
use mls_rs::{CipherSuite, Client, Extension, ExtensionList, MlsMessage};
use mls_rs_crypto_rustcrypto::RustCryptoProvider;
use whimbrel_mls::{
    CommitPlan, EXPIRY_EXTENSION, GROUP_POLICY_EXTENSION, GroupPolicy, PolicyUser, Processed, Role,
};
use whimbrel_protocol::id::UserId;

const POLICY: ExtensionType = ExtensionType::new(GROUP_POLICY_EXTENSION);
const EXPIRY: ExtensionType = ExtensionType::new(EXPIRY_EXTENSION);

/// A client of the other implementation with a certificate of ours.
fn other_client(person: &Person, key_seed: &str) -> Client<impl MlsConfig + use<>> {
    let certificate = &person.device.certificate;
    let secret = [&seed(key_seed)[..], &certificate.device_key].concat();
    let rules = DefaultMlsRules::new().with_commit_options(
        CommitOptions::new()
            .with_ratchet_tree_extension(false)
            .with_single_welcome_message(true),
    );
    Client::builder()
        .identity_provider(BasicIdentityProvider)
        .crypto_provider(RustCryptoProvider::new())
        .mls_rules(rules)
        .extension_type(POLICY)
        .extension_type(EXPIRY)
        .extension_type(ExtensionType::new(0x000A))
        .key_package_lifetime(Duration::from_secs(u64::MAX))
        .signing_identity(
            SigningIdentity::new(
                BasicCredential::new(certificate.encode()).into_credential(),
                SignaturePublicKey::new_slice(&certificate.device_key),
            ),
            SignatureSecretKey::new(secret),
            CipherSuite::CURVE25519_AES128,
        )
        .build()
}

fn expiry() -> ExtensionList {
    let mut list = ExtensionList::new();
    list.set(Extension::new(
        EXPIRY,
        4_000_000_000_u64.to_be_bytes().to_vec(),
    ));
    list
}

type Other<C> = mls_rs::Group<C>;

fn policy_of<C: MlsConfig>(group: &Other<C>) -> GroupPolicy {
    let extension = group.context().extensions.get(POLICY).unwrap();
    GroupPolicy::decode(&extension.extension_data).unwrap()
}

fn with_policy<C: MlsConfig>(group: &Other<C>, policy: &GroupPolicy) -> ExtensionList {
    let mut list = group.context().extensions.clone();
    list.set(Extension::new(POLICY, policy.encode()));
    list
}

/// A commit of ours through the server, the others of ours, and the other implementation.
fn our_commit<C: MlsConfig>(chat: &mut Chat, bob: &mut Other<C>, by: usize, plan: CommitPlan) {
    let staged = chat.seats[by].stage(&plan).unwrap();
    chat.deliver(by, &staged.commit);
    let message = MlsMessage::from_bytes(&staged.commit).unwrap();
    let received = bob.process_incoming_message(message).unwrap();
    assert!(matches!(received, ReceivedMessage::Commit(_)));
    agree(chat, bob);
}

/// A commit of the other implementation through the server and everybody of ours.
fn their_commit<C: MlsConfig>(chat: &mut Chat, bob: &mut Other<C>, commit: &MlsMessage) {
    let bytes = commit.to_bytes().unwrap();
    let followed = chat.follower.stage(&chat.server, &bytes).unwrap();
    assert_eq!(followed.committer.0, user_id("bob"));
    let summary = followed.summary.clone();
    chat.follower.merge(followed).unwrap();
    for seat in chat.seats.iter_mut().filter(|seat| seat.group.is_active()) {
        let processed = seat.process(&bytes).unwrap();
        assert!(matches!(processed, Processed::Commit { summary: seen, .. } if seen == summary));
    }
    bob.apply_pending_commit().unwrap();
}

fn agree<C: MlsConfig>(chat: &mut Chat, bob: &Other<C>) {
    chat.assert_in_step();
    assert_eq!(bob.current_epoch(), chat.follower.epoch());
    assert_eq!(&policy_of(bob), chat.follower.policy());
    assert_eq!(
        bob.epoch_authenticator().unwrap().as_bytes(),
        chat.seats[0].group.epoch_code()
    );
    let tree = bob.export_tree().to_bytes().unwrap();
    assert_eq!(tree, chat.follower.tree().unwrap());
}

fn talk<C: MlsConfig>(chat: &mut Chat, bob: &mut Other<C>) {
    let epoch = chat.follower.epoch();
    let text = format!("from alice in epoch {epoch}");
    let bytes = chat.seats[0].encrypt(b"aad", text.as_bytes());
    let message = MlsMessage::from_bytes(&bytes).unwrap();
    let ReceivedMessage::ApplicationMessage(received) =
        bob.process_incoming_message(message).unwrap()
    else {
        panic!("a message");
    };
    assert_eq!(received.data(), text.as_bytes());
    assert_eq!(received.authenticated_data, b"aad");

    let text = format!("from bob in epoch {epoch}");
    let message = bob
        .encrypt_application_message(text.as_bytes(), b"aad".to_vec())
        .unwrap();
    let bytes = message.to_bytes().unwrap();
    for seat in chat.seats.iter_mut().filter(|seat| seat.group.is_active()) {
        let Processed::Message {
            user,
            plaintext,
            aad,
            ..
        } = seat.process(&bytes).unwrap()
        else {
            panic!("a message");
        };
        assert_eq!((user, aad.as_slice()), (user_id("bob"), &b"aad"[..]));
        // Alice has already seen her own text; the bytes of Bob are for all.
        assert_eq!(plaintext, text.as_bytes());
    }
}

/// Alice adds Bob, whose key package and whose join are of the other implementation.
fn add_bob<C: MlsConfig>(
    chat: &mut Chat,
    client: &Client<C>,
    roles: Vec<(UserId, Role)>,
) -> Other<C> {
    let key_package = client
        .generate_key_package_message(expiry(), ExtensionList::new(), Some(MlsTime::from(0)))
        .unwrap();
    let plan = CommitPlan {
        add: vec![key_package.to_bytes().unwrap()],
        roles,
        ..CommitPlan::default()
    };
    let staged = chat.seats[0].stage(&plan).unwrap();
    chat.deliver(0, &staged.commit);
    let tree = chat.follower.tree().unwrap();
    let (mut bob, _) = client
        .join_group(
            Some(ExportedTree::from_bytes(&tree).unwrap()),
            &MlsMessage::from_bytes(&staged.welcome.unwrap()).unwrap(),
            None,
        )
        .unwrap();
    agree(chat, &bob);
    talk(chat, &mut bob);
    bob
}

/// Bob adds Carol, who joins on our side by the Welcome of the other implementation.
fn bob_adds_carol<C: MlsConfig>(chat: &mut Chat, bob: &mut Other<C>) {
    let carol = person("carol");
    let key = carol.key_package();
    let policy = policy_of(bob).with_added(vec![PolicyUser {
        user: carol.user(),
        identity_key: carol.identity.public(),
        role: Role::Member,
        since_epoch: bob.current_epoch() + 1,
    }]);
    let extensions = with_policy(bob, &policy);
    let output = bob
        .commit_builder()
        .add_member(MlsMessage::from_bytes(&key.bytes).unwrap())
        .unwrap()
        .set_group_context_ext(extensions)
        .unwrap()
        .build()
        .unwrap();
    their_commit(chat, bob, &output.commit_message);
    let welcome = output.welcome_messages[0].to_bytes().unwrap();
    let joined = chat.join(&carol, &welcome, &key).unwrap();
    assert_eq!(joined.added_by, Some(person("bob").address()));
    chat.seats.push(common::Seat {
        person: carol,
        group: joined.group,
    });
    agree(chat, bob);
    talk(chat, bob);
}

fn bob_removes_carol<C: MlsConfig>(chat: &mut Chat, bob: &mut Other<C>) {
    let policy = policy_of(bob).with_removed(&[user_id("carol")]);
    let extensions = with_policy(bob, &policy);
    let output = bob
        .commit_builder()
        .remove_member(chat.leaf(1))
        .unwrap()
        .set_group_context_ext(extensions)
        .unwrap()
        .build()
        .unwrap();
    their_commit(chat, bob, &output.commit_message);
    assert!(!chat.seats[1].group.is_active());
    agree(chat, bob);
    talk(chat, bob);
}

#[test]
fn two_implementations_share_a_group() {
    let mut chat = Chat::group("interop", person("alice"));
    let client = other_client(&person("bob"), "device key bob 1");
    let admin = vec![(user_id("bob"), Role::Admin)];
    let mut bob = add_bob(&mut chat, &client, admin);
    bob_adds_carol(&mut chat, &mut bob);

    // Everybody gets new keys, three times.
    for _ in 0..3 {
        for by in [0, 1] {
            let rotate = CommitPlan {
                rotate: true,
                ..CommitPlan::default()
            };
            our_commit(&mut chat, &mut bob, by, rotate);
        }
        let output = bob.commit(Vec::new()).unwrap();
        their_commit(&mut chat, &mut bob, &output.commit_message);
        agree(&mut chat, &bob);
        talk(&mut chat, &mut bob);
    }

    bob_removes_carol(&mut chat, &mut bob);
    let device = person("bob").device_id();
    let leaf = chat.seats[0].group.leaf_of(device).unwrap().leaf;
    let plan = CommitPlan {
        remove_leaves: vec![leaf],
        ..CommitPlan::default()
    };
    let staged = chat.seats[0].stage(&plan).unwrap();
    chat.deliver(0, &staged.commit);
    bob.process_incoming_message(MlsMessage::from_bytes(&staged.commit).unwrap())
        .unwrap();
    assert_eq!(chat.follower.members().len(), 1);
    let after = chat.seats[0].encrypt(b"", b"not for bob");
    let after = MlsMessage::from_bytes(&after).unwrap();
    assert!(bob.process_incoming_message(after).is_err());
}

/// What the other implementation lets its user do, and the rule does not.
#[test]
fn the_other_implementation_is_held_to_the_rule() {
    let mut chat = Chat::group("held", person("alice"));
    let client = other_client(&person("bob"), "device key bob 1");
    let mut bob = add_bob(&mut chat, &client, Vec::new());

    let promoted = policy_of(&bob).with_roles(&[(user_id("bob"), Role::Owner)]);
    let promoted = with_policy(&bob, &promoted);
    let no_policy = {
        let mut list = bob.context().extensions.clone();
        list.remove(POLICY);
        list
    };
    let carol = MlsMessage::from_bytes(&person("carol").key_package().bytes).unwrap();
    for case in 0..4 {
        let builder = bob.commit_builder();
        let builder = match case {
            0 => builder.set_group_context_ext(promoted.clone()).unwrap(),
            1 => builder.set_group_context_ext(no_policy.clone()).unwrap(),
            2 => builder.add_member(carol.clone()).unwrap(),
            _ => builder.remove_member(0).unwrap(),
        };
        let commit = builder.build().unwrap().commit_message.to_bytes().unwrap();
        bob.clear_pending_commit();
        let followed = chat.follower.stage(&chat.server, &commit);
        assert!(
            matches!(followed, Err(whimbrel_mls::FollowError::Policy(_))),
            "{case}: {followed:?}"
        );
        let processed = chat.seats[0].process(&commit);
        assert!(
            matches!(processed, Err(whimbrel_mls::MlsError::Policy(_))),
            "{case}: {processed:?}"
        );
    }
    agree(&mut chat, &bob);
    talk(&mut chat, &mut bob);
}
