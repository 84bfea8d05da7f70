//! Manifests after the first: devices come, go, and are not served any more.

use whimbrel_mls::{Certificate, CommitPlan, DeviceKey, IdentityKey, LastResort, Manifest, Proof};
use whimbrel_protocol::frame::{FailureCode, FindUser, InboxKind, ItemResult, Refusal};
use whimbrel_protocol::{ConversationId, DeviceId};
use whimbrel_server::log::{
    Answer, ChangeRequest, ManifestNews, NewFamily, ReadRequest, Replacement, Rotation,
};

use crate::people::{FAR_S, Person};
use crate::world::{CONVERSATION, World};

/// Alice and Bob in a conversation, Alice on a phone and on a tablet that is in it as well.
fn two_devices() -> (World, Person, Person, Person) {
    let (mut alice, mut bob) = (Person::new("alice"), Person::new("bob"));
    let mut world = World::with(&mut [&mut alice, &mut bob]);
    let mut tablet = alice.other_device(1);
    world.link(&mut alice, &mut tablet);
    world.found(&mut alice);
    world.add(&mut alice, &mut bob);
    let seq = world.add_device(&mut alice, &mut tablet);
    let run = world.fetch(&bob, seq - 1);
    bob.receive(CONVERSATION, &run.envelopes[0]);
    (world, alice, tablet, bob)
}

fn manifests(world: &mut World, person: &Person) -> Vec<InboxKind> {
    let items = world.inbox(person).into_iter();
    items.map(|item| item.kind).collect()
}

#[test]
fn whoever_shares_a_conversation_learns_of_a_new_manifest_once() {
    let (mut world, mut alice, tablet, bob) = two_devices();
    let mut carol = Person::new("carol");
    world.enrol(&mut carol);
    let watch = alice.other_device(2);
    let first = alice.next_manifest(&[&watch], &[]);
    let news = world.announce(&alice, first.clone());
    let mut receivers = vec![bob.device, watch.device, tablet.device];
    receivers.sort();
    let mut told: Vec<DeviceId> = news.receivers.iter().map(|(device, _)| *device).collect();
    told.sort();
    assert_eq!((told, news.revoked), (receivers, vec![]));
    assert_eq!(news.manifest, first);
    assert_eq!(manifests(&mut world, &carol), []);
    // Alice has the answer; should it get lost, the news waits for her.
    let changed = InboxKind::ManifestChanged {
        user: alice.user,
        manifest: first,
    };
    assert_eq!(manifests(&mut world, &alice), [changed]);

    // Bob was away; of two manifests he gets the newest.
    let second = alice.next_manifest(&[], &[watch.device]);
    let news = world.announce(&alice, second.clone());
    let of_bob = news
        .receivers
        .iter()
        .find(|(device, _)| *device == bob.device);
    let changed = InboxKind::ManifestChanged {
        user: alice.user,
        manifest: second.clone(),
    };
    let inbox = world.inbox(&bob);
    assert_eq!(inbox.len(), 1);
    assert_eq!(inbox[0].kind, changed);
    assert_eq!(of_bob, Some(&(bob.device, inbox[0].seq)));
    assert_eq!(world.log.newest_manifest(alice.user).unwrap(), Some(second));
    let applied = world.change(ChangeRequest::InboxApplied {
        user: bob.user,
        device: bob.device,
        seq: u64::MAX,
        unopened: vec![],
    });
    assert_eq!(applied, Answer::InboxTrimmed { deliveries: vec![] });
    assert_eq!(manifests(&mut world, &bob), []);
}

#[test]
fn a_new_device_is_served_once_it_is_listed() {
    let mut alice = Person::new("alice");
    let mut world = World::with(&mut [&mut alice]);
    let mut tablet = alice.other_device(1);
    let hello = ChangeRequest::Hello {
        device: tablet.device,
        sealed_no: 0,
    };
    let forbidden = Answer::Failed(FailureCode::Forbidden);
    assert_eq!(world.change(hello.clone()), forbidden);
    let key_package = tablet.key_package(LastResort::No, FAR_S);
    let publish = |world: &mut World| world.publish(&tablet, vec![key_package.clone()], None);
    assert_eq!(publish(&mut world), forbidden);
    assert!(!world.log.lists_device(alice.user, tablet.device).unwrap());

    let manifest = alice.next_manifest(&[&tablet], &[]);
    world.announce(&alice, manifest);
    assert!(world.log.lists_device(alice.user, tablet.device).unwrap());
    assert!(matches!(world.change(hello), Answer::Hello(_)));
    assert!(matches!(
        publish(&mut world),
        Answer::KeyPackageCount { .. }
    ));
}

#[test]
fn only_the_very_next_manifest_is_taken() {
    let (mut alice, mut mallory) = (Person::new("alice"), Person::new("mallory"));
    let mut world = World::with(&mut [&mut alice, &mut mallory]);
    let first = alice.manifest.clone();
    let tablet = alice.other_device(1);
    let second = alice.next_manifest(&[&tablet], &[]);
    let third = alice.next_manifest(&[], &[tablet.device]);
    let failed = Answer::Failed;
    let publish = |world: &mut World, bytes: &[u8]| world.publish_manifest(&alice, bytes.to_vec());
    assert_eq!(publish(&mut world, &third), failed(FailureCode::Conflict));
    assert!(matches!(
        publish(&mut world, &second),
        Answer::Published(Some(ManifestNews { .. }))
    ));
    // The answer was lost.
    assert_eq!(publish(&mut world, &second), Answer::Published(None));
    // Another device was faster.
    let mut behind = alice.other_device(3);
    behind.manifest = first.clone();
    let other_second = behind.next_manifest(&[&alice.other_device(2)], &[]);
    let conflict = failed(FailureCode::Conflict);
    assert_eq!(publish(&mut world, &other_second), conflict);
    assert_eq!(publish(&mut world, &first.encode()), conflict);
    // A new identity is not for a device to publish.
    behind.manifest = alice.manifest.clone();
    let anew = alice.recovered(9).manifest.encode();
    assert_eq!(publish(&mut world, &anew), conflict);

    let mut tampered = third.clone();
    *tampered.last_mut().unwrap() ^= 1;
    for bytes in [&[][..], &[1, 2, 3], &tampered, &vec![0; 64 * 1024]] {
        let malformed = failed(FailureCode::Malformed);
        assert_eq!(publish(&mut world, bytes), malformed);
    }
    let forbidden = failed(FailureCode::Forbidden);
    assert_eq!(world.publish_manifest(&mallory, third), forbidden);
    assert_eq!(world.log.newest_manifest(alice.user).unwrap(), Some(second));
}

#[test]
fn a_manifest_does_not_take_a_name_or_a_device_of_another() {
    let (mut bob, mut mallory) = (Person::new("bob"), Person::new("mallory"));
    let mut world = World::with(&mut [&mut bob, &mut mallory]);
    let identity = IdentityKey::from_seed([mallory.user.as_bytes()[0]; 32]);
    let certificate = |name: &str, device: DeviceId| {
        let key = DeviceKey::from_seed([5; 32]).public();
        Certificate::issue(&identity, mallory.user, name, device, key).unwrap()
    };
    let renamed = certificate("bob", DeviceId::from_bytes([5; 16]));
    let stolen = certificate("mallory", bob.device);
    for certificate in [renamed, stolen] {
        let next = mallory.manifest.next(&identity, vec![certificate], &[]);
        let bytes = next.unwrap().encode();
        let answer = world.publish_manifest(&mallory, bytes);
        assert_eq!(answer, Answer::Failed(FailureCode::Forbidden));
    }
    assert!(world.log.lists_device(bob.user, bob.device).unwrap());
}

/// Every request that a device can make.
fn requests(person: &Person, conversation: ConversationId) -> Vec<ReadRequest> {
    let (user, device) = (person.user, person.device);
    let changes = [
        ChangeRequest::Hello {
            device,
            sealed_no: 9,
        },
        ChangeRequest::Applied {
            user,
            device,
            conversation,
            seq: 1,
        },
        ChangeRequest::InboxApplied {
            user,
            device,
            seq: 1,
            unopened: vec![],
        },
        ChangeRequest::PublishKeyPackages {
            user,
            device,
            one_time: vec![],
            last_resort: None,
        },
        ChangeRequest::ClaimKeyPackages {
            device,
            users: vec![user],
        },
        ChangeRequest::RejectCommit {
            device,
            conversation,
            seq: 2,
        },
        ChangeRequest::PublishManifest {
            user,
            device,
            manifest: person.manifest.encode(),
        },
        ChangeRequest::AskToBeAdded {
            user,
            device,
            conversation,
        },
        ChangeRequest::TellWaiting { user, device },
    ];
    let reads = [
        ReadRequest::Fetch {
            device,
            conversation,
            after: 0,
            limit: 9,
        },
        ReadRequest::GoLive {
            user,
            device,
            conversation,
        },
        ReadRequest::FetchInbox { device, after: 0 },
        ReadRequest::FetchTree {
            device,
            conversation,
            epoch: 1,
            offset: 0,
        },
        ReadRequest::FindUser {
            device,
            find: FindUser::ById(user),
        },
    ];
    let changes = changes.into_iter().map(ReadRequest::Change);
    reads.into_iter().chain(changes).collect()
}

#[test]
fn a_revoked_device_is_served_nothing_and_says_nothing() {
    let (mut world, mut alice, mut tablet, mut bob) = two_devices();
    let sign_in = NewFamily {
        user: tablet.user,
        device: tablet.device,
        token_hash: [1; 32],
        expires_ms: i64::MAX,
    };
    world.log.start_family(&sign_in, world.now).unwrap();
    let in_time = tablet.message(CONVERSATION, "in time");
    world.accept(&tablet, &in_time);
    let late = tablet.message(CONVERSATION, "too late");
    let key_package = tablet.key_package(LastResort::No, FAR_S);

    let manifest = alice.next_manifest(&[], &[tablet.device]);
    let news = world.announce(&alice, manifest);
    assert_eq!(news.revoked, [tablet.device]);
    world.restart();
    for request in requests(&tablet, CONVERSATION) {
        assert_eq!(world.read(request.clone()), Answer::Revoked, "{request:?}");
    }
    // Not even a repeat is answered.
    let anew = tablet.create(ConversationId::from_bytes([7; 16]), None);
    for item in [&late, &in_time, &anew] {
        assert_eq!(world.refuse(&tablet, item), Refusal::NotMember);
    }
    let rotated = world.log.rotate_refresh(&[1; 32], &[2; 32], 0, world.now);
    // It has the token, so it may know.
    assert_eq!(rotated.unwrap(), Rotation::Revoked);
    // Signing in at the same moment helps nothing.
    let again = NewFamily {
        token_hash: [3; 32],
        ..sign_in
    };
    world.log.start_family(&again, world.now).unwrap();
    let rotated = world.log.rotate_refresh(&[3; 32], &[4; 32], 0, world.now);
    assert_eq!(rotated.unwrap(), Rotation::Unknown);
    let account = world.log.account_by_username("alice").unwrap().unwrap();
    assert_eq!(account.devices, [alice.device]);

    // It is a member until somebody removes it, and then nobody can add it again.
    world.say(&mut alice, "who removes my tablet?");
    let leaf = bob.leaf(CONVERSATION, tablet.device);
    let plan = CommitPlan {
        remove_leaves: vec![leaf],
        proof: Some(Proof::Manifest(alice.manifest.clone())),
        ..CommitPlan::default()
    };
    let removal = bob.commit(CONVERSATION, &plan, &[]);
    let seq = world.accept(&bob, &removal);
    bob.merge(CONVERSATION);
    let run = world.fetch(&alice, seq - 1);
    alice.receive(CONVERSATION, &run.envelopes[0]);
    let back = alice.add(CONVERSATION, key_package, tablet.device);
    assert_eq!(world.refuse(&alice, &back), Refusal::Policy);
}

#[test]
fn a_member_removes_no_device_without_proof_that_it_is_revoked() {
    let (mut world, alice, tablet, mut bob) = two_devices();
    let leaf = bob.leaf(CONVERSATION, tablet.device);
    let group = bob.groups.get_mut(&CONVERSATION).unwrap();
    let plan = CommitPlan {
        remove_leaves: vec![leaf],
        proof: Some(Proof::Manifest(alice.manifest.clone())),
        ..CommitPlan::default()
    };
    let aad = whimbrel_protocol::envelope::authenticated_data(
        CONVERSATION,
        whimbrel_protocol::ClientId::new(1, [0; 10]),
        1,
        whimbrel_protocol::ItemKind::Commit,
    );
    let made = group.stage_commit(&bob.crypto, &bob.mls, &plan, &aad);
    assert!(made.is_err(), "the client refuses it as well");
    assert_eq!(world.seqs(&bob, 3), Vec::<u64>::new());
}

#[test]
fn a_user_publishes_sixty_manifests_in_an_hour() {
    let mut alice = Person::new("alice");
    let mut world = World::with(&mut [&mut alice]);
    for _ in 1..60 {
        let manifest = alice.next_manifest(&[], &[]);
        world.announce(&alice, manifest);
    }
    let one_more = alice.next_manifest(&[], &[]);
    world.now.wall_ms += 3_599_000;
    let answer = world.publish_manifest(&alice, one_more.clone());
    let retry_after_ms = 1_000;
    assert_eq!(answer, Answer::Later { retry_after_ms });
    world.now.wall_ms += 1_000;
    world.announce(&alice, one_more);
}

#[test]
fn who_starts_anew_keeps_the_name_and_loses_the_devices() {
    let (mut world, alice, tablet, bob) = two_devices();
    let anew = alice.recovered(9);
    let manifest = anew.manifest.encode();
    let replace = |world: &mut World, device, bytes: &[u8]| {
        let now = world.now;
        world
            .log
            .replace_manifest(alice.user, device, bytes, now)
            .unwrap()
    };
    // Another device than the one it names, another user, rubbish.
    let invalid = Replacement::Invalid;
    assert_eq!(replace(&mut world, tablet.device, &manifest), invalid);
    assert_eq!(replace(&mut world, anew.device, &[1, 2, 3]), invalid);
    let (of_alice, of_bob) = (alice.manifest.encode(), bob.manifest.encode());
    assert_eq!(replace(&mut world, bob.device, &of_bob), invalid);
    // The newest one once more is a repeat: it changes nothing and is no news.
    let repeated = replace(&mut world, alice.device, &of_alice);
    assert_eq!(repeated, Replacement::Replaced);
    assert!(world.log.lists_device(alice.user, alice.device).unwrap());
    assert!(world.log.take_news().is_empty());

    assert_eq!(
        replace(&mut world, anew.device, &manifest),
        Replacement::Replaced
    );
    let news = world.log.take_news();
    let mut lost = vec![alice.device, tablet.device];
    lost.sort();
    assert_eq!(news[0].revoked, lost);
    // The Welcome had the first number of his inbox.
    assert_eq!(news[0].receivers, [(bob.device, 2)]);
    // The answer was lost; nobody is told twice.
    assert_eq!(
        replace(&mut world, anew.device, &manifest),
        Replacement::Replaced
    );
    assert!(world.log.take_news().is_empty());
    assert_eq!(
        world.read(ReadRequest::FetchInbox {
            device: alice.device,
            after: 0
        }),
        Answer::Revoked
    );
    let changed = InboxKind::ManifestChanged {
        user: alice.user,
        manifest,
    };
    assert_eq!(manifests(&mut world, &bob), [changed]);
}

#[test]
fn under_the_same_identity_a_new_device_takes_the_place_of_another() {
    let (mut world, alice, tablet, bob) = two_devices();
    let [new, second] = [2, 3].map(|number| alice.other_device(number));
    let replace = |world: &mut World, device, bytes: &[u8]| {
        let now = world.now;
        let replaced = world.log.replace_manifest(alice.user, device, bytes, now);
        replaced.unwrap()
    };
    let next = |add: &[&Person], revoke: &[DeviceId]| {
        let mut signer = alice.other_device(0);
        signer.next_manifest(add, revoke)
    };
    let invalid = Replacement::Invalid;
    for (what, manifest, device) in [
        ("nobody goes", next(&[&new], &[]), new.device),
        ("nobody comes", next(&[], &[tablet.device]), alice.device),
        (
            "two come",
            next(&[&new, &second], &[alice.device]),
            new.device,
        ),
        (
            "another one signs in",
            next(&[&new], &[alice.device]),
            tablet.device,
        ),
        (
            "the one that goes signs in",
            next(&[&new], &[alice.device]),
            alice.device,
        ),
    ] {
        assert_eq!(replace(&mut world, device, &manifest), invalid, "{what}");
    }
    assert!(world.log.take_news().is_empty());
    assert!(world.log.lists_device(alice.user, alice.device).unwrap());

    let manifest = next(&[&new], &[alice.device]);
    let (device, replaced) = (new.device, Replacement::Replaced);
    assert_eq!(replace(&mut world, device, &manifest), replaced);
    let news = world.log.take_news();
    assert_eq!(news[0].revoked, [alice.device]);
    let mut told: Vec<DeviceId> = news[0].receivers.iter().map(|(who, _)| *who).collect();
    told.sort();
    let mut others = [bob.device, tablet.device];
    others.sort();
    assert_eq!(told, others);
    // The answer was lost; nobody is told twice.
    assert_eq!(replace(&mut world, device, &manifest), replaced);
    assert!(world.log.take_news().is_empty());
    assert!(world.log.lists_device(alice.user, tablet.device).unwrap());
    assert!(!world.log.lists_device(alice.user, alice.device).unwrap());
    // It does not come back, and what follows an older manifest is too late.
    let conflict = Replacement::Conflict;
    let late = next(&[&second], &[tablet.device]);
    assert_eq!(replace(&mut world, second.device, &late), conflict);
    let bobs = Person::new("bob").other_device(1);
    let identity = IdentityKey::from_seed([4; 32]);
    let foreign = Certificate::issue(&identity, bobs.user, "bob", bobs.device, [4; 32]);
    let foreign = Manifest::first(&identity, [5; 32], foreign.unwrap()).unwrap();
    let answer = replace(&mut world, bobs.device, &foreign.encode());
    assert_eq!(answer, invalid);
}

#[test]
fn in_a_direct_conversation_the_other_user_lets_a_new_identity_in() {
    let (mut alice, mut bob) = (Person::new("alice"), Person::new("bob"));
    let mut world = World::with(&mut [&mut alice, &mut bob]);
    let create = alice.create(CONVERSATION, Some(bob.user));
    world.accept(&alice, &create);
    world.add(&mut alice, &mut bob);
    let mut anew = alice.recovered(9);
    let (bytes, now) = (anew.manifest.encode(), world.now);
    let key_package = anew.key_package(LastResort::No, FAR_S);
    let plan = CommitPlan {
        add: vec![key_package.clone()],
        remove_leaves: vec![bob.leaf(CONVERSATION, alice.device)],
        ..CommitPlan::default()
    };
    // Not before the server knows that she starts anew.
    let early = bob.commit(CONVERSATION, &plan, &[anew.device]);
    assert_eq!(world.refuse(&bob, &early), Refusal::Policy);
    bob.take_back(CONVERSATION);
    let replaced = world
        .log
        .replace_manifest(alice.user, anew.device, &bytes, now);
    assert_eq!(replaced.unwrap(), Replacement::Replaced);
    let published = world.publish(&anew, vec![key_package], None);
    assert!(
        matches!(published, Answer::KeyPackageCount { .. }),
        "{published:?}"
    );

    let swap = bob.commit(CONVERSATION, &plan, &[anew.device]);
    let outcome = world.append(&bob, &[swap]);
    let appended = outcome.appended.expect("accepted");
    bob.merge(CONVERSATION);
    assert_eq!(appended.gone[0].device, alice.device);
    let mut members = vec![bob.device, anew.device];
    members.sort();
    assert_eq!(appended.members, members);
    world.take_welcome(&mut anew);
    let seq = world.say(&mut anew, "it is me again");
    let run = world.fetch(&bob, seq - 1);
    let text = bob.receive(CONVERSATION, &run.envelopes[0]);
    assert_eq!(text.as_deref(), Some("it is me again"));
}

#[test]
fn who_starts_anew_follows_the_newest_manifest_on_a_free_device() {
    let (mut alice, mut bob) = (Person::new("alice"), Person::new("bob"));
    let mut world = World::with(&mut [&mut alice, &mut bob]);
    let behind = alice.recovered(9);
    let tablet = alice.other_device(1);
    let manifest = alice.next_manifest(&[&tablet], &[]);
    world.announce(&alice, manifest);
    let now = world.now;
    let mut replace = |person: &Person| {
        let bytes = person.manifest.encode();
        let user = alice.user;
        world.log.replace_manifest(user, person.device, &bytes, now)
    };
    assert_eq!(replace(&behind).unwrap(), Replacement::Conflict);
    let on_bobs = alice.recovered(bob.device.as_bytes()[0]);
    assert_eq!(replace(&on_bobs).unwrap(), Replacement::IdTaken);
    assert_eq!(replace(&alice.recovered(9)).unwrap(), Replacement::Replaced);
    let stranger = Person::new("stranger");
    let of_nobody = stranger.recovered(8);
    let bytes = of_nobody.manifest.encode();
    let answer = world
        .log
        .replace_manifest(stranger.user, of_nobody.device, &bytes, now);
    assert_eq!(answer.unwrap(), Replacement::Conflict);
}

#[test]
fn the_first_refused_item_of_a_revoked_device_is_the_only_one_tried() {
    let (mut world, mut alice, mut tablet, _bob) = two_devices();
    let manifest = alice.next_manifest(&[], &[tablet.device]);
    world.announce(&alice, manifest);
    let items = ["one", "two"].map(|text| tablet.message(CONVERSATION, text));
    let outcome = world.append(&tablet, &items);
    let refused = ItemResult::Refused(Refusal::NotMember);
    assert_eq!(outcome.results, [refused, ItemResult::NotTried]);
}
