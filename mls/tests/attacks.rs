//! What a stranger, a removed member or a dishonest member can try, and what comes of it.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod common;

use common::{Chat, Person, person, seed};
use openmls::prelude::tls_codec::{Deserialize as _, Serialize as _};
use openmls::prelude::*;
use whimbrel_mls::{
    Certificate, CommitPlan, DeviceKey, ENVELOPE_DATA_BYTES, FollowError, Follower, LeaveStatement,
    MlsError, Overlay, PolicyViolation, Proof, ProofError, Provider, Row,
};

/// Confirmation tag and membership tag at the end of a commit, each with its length.
const TAGS_BYTES: usize = 66;

fn rotate() -> CommitPlan {
    CommitPlan {
        rotate: true,
        ..CommitPlan::default()
    }
}

/// The founder's group in the hands of the founder's own library, without our rule.
struct Unruly {
    person: Person,
    signer: DeviceKey,
    store: Overlay,
}

impl Unruly {
    /// Takes the rows of a group that was never asked for its dirty rows before.
    fn take(chat: &mut Chat, seat: usize) -> Self {
        let dirty = chat.seats[seat].group.take_dirty();
        let rows = dirty.into_iter().filter_map(|row| {
            row.value.map(|value| Row {
                key: row.key,
                value,
            })
        });
        let name = chat.seats[seat].person.name.clone();
        let (name, _) = name.split_once(' ').unwrap();
        Self {
            signer: DeviceKey::from_seed(seed(&format!("device key {name} 1"))),
            person: person(name),
            store: Overlay::with_rows(chat.conversation.as_bytes(), rows.collect()),
        }
    }

    fn provider(&self) -> Provider<'_> {
        Provider::new(&self.person.crypto, &self.store)
    }

    fn group(&self, chat: &Chat) -> MlsGroup {
        let id = GroupId::from_slice(chat.conversation.as_bytes());
        MlsGroup::load(&self.store, &id).unwrap().unwrap()
    }

    fn commit(
        &self,
        chat: &Chat,
        build: impl FnOnce(CommitBuilder<'_, Initial>) -> CommitBuilder<'_, Initial>,
    ) -> Vec<u8> {
        self.commit_with(chat, Vec::new(), build)
    }

    fn commit_with(
        &self,
        chat: &Chat,
        aad: Vec<u8>,
        build: impl FnOnce(CommitBuilder<'_, Initial>) -> CommitBuilder<'_, Initial>,
    ) -> Vec<u8> {
        let mut group = self.group(chat);
        group.set_aad(aad);
        let crypto = &self.person.crypto;
        let bundle = build(group.commit_builder())
            .load_psks(&self.store)
            .unwrap()
            .build(crypto, crypto, &self.signer, |_| true)
            .unwrap()
            .stage_commit(&self.provider())
            .unwrap();
        bundle.into_messages().0.tls_serialize_detached().unwrap()
    }
}

/// Both sides refuse these bytes by the same rule, and nothing changes.
fn assert_refused(chat: &mut Chat, member: usize, commit: &[u8], expected: PolicyViolation) {
    let epoch = chat.follower.epoch();
    match chat.follower.stage(&chat.server, commit) {
        Err(FollowError::Policy(violation)) => assert_eq!(violation, expected),
        outcome => panic!("server: {outcome:?}"),
    }
    match chat.seats[member].process(commit) {
        Err(MlsError::Policy(violation)) => assert_eq!(violation, expected),
        outcome => panic!("member: {outcome:?}"),
    }
    assert_eq!(chat.seats[member].group.take_dirty(), []);
    assert_eq!(chat.seats[member].group.epoch(), epoch);
}

#[test]
fn every_flipped_byte_of_a_commit() {
    let mut chat = Chat::with("flips", "alice", &["bob"]);
    let plan = CommitPlan {
        add: vec![person("carol").key_package().bytes],
        ..CommitPlan::default()
    };
    let commit = chat.seats[0].stage(&plan).unwrap().commit;
    let tags = commit.len() - TAGS_BYTES;
    let mut accepted = 0;
    for at in 0..commit.len() {
        for bit in [0, 7] {
            let mut altered = commit.clone();
            altered[at] ^= 1 << bit;
            if chat.follower.stage(&chat.server, &altered).is_ok() {
                assert!(
                    at >= tags,
                    "the server took a flip at {at} of {}",
                    commit.len()
                );
                accepted += 1;
            }
            if at % 5 == 0 || at >= tags {
                assert!(
                    chat.seats[1].process(&altered).is_err(),
                    "bob took a flip at {at}"
                );
            }
        }
    }
    // The 32 bytes of each tag, but not their lengths.
    assert_eq!(accepted, 2 * 64);
    for length in 0..commit.len() {
        assert!(
            chat.follower
                .stage(&chat.server, &commit[..length])
                .is_err()
        );
    }
    assert!(
        chat.follower
            .stage(&chat.server, &[&commit[..], &[0]].concat())
            .is_err()
    );
    chat.deliver(0, &commit);
}

/// With whatever an owner puts behind the bytes that name the envelope.
#[test]
fn a_commit_with_a_bad_proof_is_refused_even_where_it_needs_none() {
    let mut chat = Chat::with("proof", "alice", &["bob"]);
    let unruly = Unruly::take(&mut chat, 0);
    chat.seats[1].group.take_dirty();
    let elsewhere = common::conversation("elsewhere");
    let statement = LeaveStatement::sign(&person("bob").device, elsewhere, 1);
    let mut newer = Proof::Leave(statement.clone()).encode();
    newer[1] = 9;
    for (proof, error) in [
        (b"junk".to_vec(), ProofError::Malformed),
        (vec![0], ProofError::Malformed),
        (newer, ProofError::UnknownVersion(9)),
        (Proof::Leave(statement).encode(), ProofError::Unfitting),
    ] {
        let aad = [&[7; ENVELOPE_DATA_BYTES][..], &proof].concat();
        let bob = LeafNodeIndex::new(1);
        let commit = unruly.commit_with(&chat, aad, |builder| builder.propose_removals([bob]));
        assert_refused(&mut chat, 1, &commit, PolicyViolation::Proof(error));
    }
}

#[test]
fn a_server_that_took_a_wrong_tag_goes_back() {
    let mut chat = Chat::with("back", "alice", &["bob"]);
    let honest = chat.seats[0].stage(&rotate()).unwrap().commit;
    let mut altered = honest.clone();
    *altered.last_mut().unwrap() ^= 1;
    let before = chat.follower.state().unwrap();
    let followed = chat.follower.stage(&chat.server, &altered).unwrap();
    chat.follower.merge(followed).unwrap();
    assert!(chat.seats[1].process(&altered).is_err());
    assert!(matches!(
        chat.follower.stage(&chat.server, &honest),
        Err(FollowError::WrongEpoch { ours: 2, theirs: 1 })
    ));
    chat.follower = Follower::load(chat.conversation, &before).unwrap();
    chat.deliver(0, &honest);
    chat.assert_in_step();
}

#[test]
fn a_staged_commit_can_be_merged_in_its_epoch_only() {
    let mut chat = Chat::with("stale", "alice", &["bob"]);
    let alice = chat.seats[0].stage(&rotate()).unwrap().commit;
    let bob = chat.seats[1].stage(&rotate()).unwrap().commit;
    let first = chat.follower.stage(&chat.server, &alice).unwrap();
    let second = chat.follower.stage(&chat.server, &bob).unwrap();
    chat.follower.merge(first).unwrap();
    assert!(matches!(
        chat.follower.merge(second),
        Err(FollowError::WrongEpoch { ours: 2, theirs: 1 })
    ));
    assert_eq!(chat.follower.epoch(), 2);
}

#[test]
fn what_is_no_commit() {
    let mut chat = Chat::with("none", "alice", &["bob"]);
    let mut other = Chat::with("other", "alice", &["bob"]);
    let message = chat.seats[0].encrypt(b"", b"text");
    let key_package = person("carol").key_package().bytes;
    let foreign = other.seats[0].stage(&rotate()).unwrap().commit;
    let stage = |bytes: &[u8]| chat.follower.stage(&chat.server, bytes).unwrap_err();
    assert!(matches!(stage(&message), FollowError::NotACommit));
    assert!(matches!(stage(&key_package), FollowError::NotACommit));
    assert!(matches!(stage(b"garbage"), FollowError::Malformed(_)));
    assert!(matches!(stage(&foreign), FollowError::NotForThisGroup));
    let bob = &mut chat.seats[1];
    assert!(matches!(
        bob.process(&key_package),
        Err(MlsError::Malformed(_))
    ));
    assert!(matches!(
        bob.process(b"garbage"),
        Err(MlsError::Malformed(_))
    ));
    assert!(matches!(
        bob.process(&foreign),
        Err(MlsError::NotForThisGroup)
    ));

    let unruly = Unruly::take(&mut chat, 0);
    let (proposal, _) = unruly
        .group(&chat)
        .propose_remove_member(&unruly.provider(), &unruly.signer, LeafNodeIndex::new(1))
        .unwrap();
    let proposal = proposal.tls_serialize_detached().unwrap();
    let staged = chat.follower.stage(&chat.server, &proposal);
    assert!(matches!(staged, Err(FollowError::NotACommit)));
    let processed = chat.seats[1].process(&proposal);
    assert!(matches!(processed, Err(MlsError::StandaloneProposal)));
    chat.say(1, "nothing blocks a message");
}

#[test]
fn a_stranger_who_holds_the_group_info() {
    let mut chat = Chat::group("external", person("alice"));
    let alice = &chat.seats[0];
    let founding = alice
        .group
        .founding_state(&alice.person.crypto, &alice.person.device)
        .unwrap();
    let mallory = person("mallory");
    let store = Overlay::new(chat.conversation.as_bytes());
    let provider = Provider::new(&mallory.crypto, &store);
    let signer = DeviceKey::from_seed(seed("device key mallory 1"));
    let message = MlsMessageIn::tls_deserialize_exact(&founding.group_info).unwrap();
    let MlsMessageBodyIn::GroupInfo(info) = message.extract() else {
        panic!("a group info");
    };
    let capabilities = Capabilities::new(
        None,
        None,
        Some(&[
            ExtensionType::LastResort,
            ExtensionType::Unknown(0xF0A1),
            ExtensionType::Unknown(0xF0A2),
        ]),
        None,
        None,
    );
    let config = MlsGroupJoinConfig::builder()
        .wire_format_policy(PURE_PLAINTEXT_WIRE_FORMAT_POLICY)
        .build();
    let credential = CredentialWithKey {
        credential: BasicCredential::new(mallory.device.certificate.encode()).into(),
        signature_key: signer.public().to_vec().into(),
    };
    let (_, bundle) = ExternalCommitBuilder::new()
        .with_config(config)
        .with_ratchet_tree(RatchetTreeIn::tls_deserialize_exact(&founding.tree).unwrap())
        .build_group(&provider, info, credential)
        .unwrap()
        .leaf_node_parameters(
            LeafNodeParameters::builder()
                .with_capabilities(capabilities)
                .build(),
        )
        .load_psks(&store)
        .unwrap()
        .build(&mallory.crypto, &mallory.crypto, &signer, |_| true)
        .unwrap()
        .finalize(&provider)
        .unwrap();
    let commit = bundle.into_contents().0.tls_serialize_detached().unwrap();
    chat.seats[0].group.take_dirty();
    assert_refused(&mut chat, 0, &commit, PolicyViolation::ExternalCommit);
}

#[test]
fn a_member_without_the_rule() {
    let mut chat = Chat::with("unruly", "alice", &["bob"]);
    chat.seats[1].group.take_dirty();
    let unruly = Unruly::take(&mut chat, 0);

    // Another name in the committer's own leaf, though properly certified.
    let own = &unruly.person.device.certificate;
    let renamed = Certificate::issue(
        &unruly.person.identity,
        own.user,
        "somebody-else",
        own.device,
        own.device_key,
    )
    .unwrap();
    let renamed = CredentialWithKey {
        credential: BasicCredential::new(renamed.encode()).into(),
        signature_key: own.device_key.to_vec().into(),
    };
    let parameters = LeafNodeParameters::builder()
        .with_credential_with_key(renamed)
        .build();
    let commit = unruly.commit(&chat, |builder| builder.leaf_node_parameters(parameters));
    assert_refused(&mut chat, 1, &commit, PolicyViolation::CredentialChanged);

    // A device that nobody certified, and one whose key package expires by the clock.
    let carol = person("carol");
    let ghost = key_package(&carol, b"carol".to_vec(), Lifetime::init(0, u64::MAX));
    let commit = unruly.commit(&chat, |builder| builder.propose_adds([ghost]));
    let malformed = whimbrel_mls::IdentityError::Malformed;
    assert_refused(
        &mut chat,
        1,
        &commit,
        PolicyViolation::BadCertificate(malformed),
    );
    let certificate = carol.device.certificate.encode();
    let bounded = key_package(&carol, certificate, Lifetime::default());
    let commit = unruly.commit(&chat, |builder| builder.propose_adds([bounded]));
    assert_refused(&mut chat, 1, &commit, PolicyViolation::BoundedLifetime);

    // A removal that the policy does not follow.
    let commit = unruly.commit(&chat, |builder| {
        builder.propose_removals([LeafNodeIndex::new(1)])
    });
    assert_refused(&mut chat, 1, &commit, PolicyViolation::PolicyMismatch);

    chat.say(0, "after all of that");
    chat.say(1, "we still talk");
}

#[test]
fn a_member_with_extensions_of_its_own() {
    let mut chat = Chat::with("extensions", "alice", &["bob"]);
    chat.seats[1].group.take_dirty();
    let unruly = Unruly::take(&mut chat, 0);
    let own = &unruly.person.device.certificate;
    // Senders from outside, a policy of a later version, no policy.
    let extensions = chat_extensions(&unruly.group(&chat));
    let mut outside = extensions.clone();
    outside.push(Extension::ExternalSenders(vec![ExternalSender::new(
        own.device_key.to_vec().into(),
        BasicCredential::new(b"outside".to_vec()).into(),
    )]));
    let mut later = extensions.clone();
    let mut newer = chat.follower.policy().clone();
    newer.version = 2;
    later[1] = Extension::Unknown(0xF0A1, UnknownExtension(newer.encode()));
    for (list, violation) in [
        (outside, PolicyViolation::Extensions),
        (later, PolicyViolation::UnknownPolicyVersion(2)),
        (extensions[..1].to_vec(), PolicyViolation::Extensions),
    ] {
        let commit = unruly.commit(&chat, |builder| {
            builder
                .propose_group_context_extensions(Extensions::from_vec(list).unwrap())
                .unwrap()
        });
        assert_refused(&mut chat, 1, &commit, violation);
        assert!(violation.needs_upgrade());
    }
    chat.say(0, "after all of that");
    chat.say(1, "we still talk");
}

#[test]
fn a_removed_member_has_no_say() {
    let mut chat = Chat::with("removed", "alice", &["bob", "carol"]);
    let late = chat.seats[2].stage(&rotate()).unwrap().commit;
    let plan = CommitPlan {
        remove_leaves: vec![chat.leaf(2)],
        ..CommitPlan::default()
    };
    chat.commit(0, plan, Vec::new());
    assert!(matches!(
        chat.follower.stage(&chat.server, &late),
        Err(FollowError::WrongEpoch { .. })
    ));
    let carol = &mut chat.seats[2];
    let Person { crypto, device, .. } = &carol.person;
    let sent = carol.group.encrypt(crypto, device, b"", b"x");
    assert!(matches!(sent, Err(MlsError::Inactive)));
    assert!(matches!(carol.stage(&rotate()), Err(MlsError::Inactive)));
}

#[test]
fn founding_by_somebody_else() {
    let chat = Chat::group("founding", person("alice"));
    let alice = &chat.seats[0];
    let founding = alice
        .group
        .founding_state(&alice.person.crypto, &alice.person.device)
        .unwrap();
    let found = |conversation, info: &[u8], tree: &[u8], creator| {
        Follower::found(&chat.server, conversation, info, tree, creator).map(|_| ())
    };
    let (info, tree) = (&founding.group_info, &founding.tree);
    let address = alice.person.address();
    assert!(found(chat.conversation, info, tree, address).is_ok());
    let other = common::conversation("another");
    assert!(matches!(
        found(other, info, tree, address),
        Err(FollowError::NotForThisGroup)
    ));
    let bob = person("bob").address();
    assert!(matches!(
        found(chat.conversation, info, tree, bob),
        Err(FollowError::Founding(_))
    ));
    for at in 0..info.len() {
        let mut altered = info.clone();
        altered[at] ^= 1;
        assert!(
            found(chat.conversation, &altered, tree, address).is_err(),
            "info {at}"
        );
    }
    for at in 0..tree.len() {
        let mut altered = tree.clone();
        altered[at] ^= 1;
        assert!(
            found(chat.conversation, info, &altered, address).is_err(),
            "tree {at}"
        );
    }
    // A group that has gone on can't be founded.
    let group = Chat::with("founding", "alice", &["bob"]);
    let later = group.follower.tree().unwrap();
    assert!(found(group.conversation, info, &later, address).is_err());
}

fn key_package(person: &Person, credential: Vec<u8>, lifetime: Lifetime) -> KeyPackage {
    let store = Overlay::new(&[]);
    let signer = DeviceKey::from_seed(seed("device key carol 1"));
    let suite = Ciphersuite::MLS_128_DHKEMX25519_AES128GCM_SHA256_Ed25519;
    let extensions = [ExtensionType::LastResort, ExtensionType::Unknown(0xF0A1)];
    let capabilities = Capabilities::new(None, Some(&[suite]), Some(&extensions), None, None);
    let bundle = KeyPackage::builder()
        .key_package_lifetime(lifetime)
        .leaf_node_capabilities(capabilities)
        .build(
            suite,
            &Provider::new(&person.crypto, &store),
            &signer,
            CredentialWithKey {
                credential: BasicCredential::new(credential).into(),
                signature_key: signer.public().to_vec().into(),
            },
        )
        .unwrap();
    bundle.into_key_package()
}

fn chat_extensions(group: &MlsGroup) -> Vec<Extension> {
    group.extensions().iter().cloned().collect()
}
