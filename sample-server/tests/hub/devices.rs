//! Devices of one user: news of them, their end, and how they get into conversations.

use whimbrel_mls::LastResort;
use whimbrel_protocol::ConversationId;
use whimbrel_protocol::frame::{
    ClientMessage, FailureCode, GoAwayReason, InboxItem, InboxKind, ItemResult, Refusal,
    ServerMessage,
};
use whimbrel_server::hub::{ConnectionId, Event, HubConfig};
use whimbrel_server::log::Replacement;

use crate::people::{FAR_S, Person};
use crate::stage::{CONVERSATION, Pair, Stage, failed, hello, send};

fn publish(manifest: Vec<u8>) -> ClientMessage {
    ClientMessage::PublishManifest { manifest }
}

fn key_packages(person: &mut Person, one_time: usize) -> ClientMessage {
    ClientMessage::PublishKeyPackages {
        one_time: (0..one_time)
            .map(|_| person.key_package(LastResort::No, FAR_S))
            .collect(),
        last_resort: Some(person.key_package(LastResort::Yes, FAR_S)),
    }
}

fn count(one_time: u32) -> ServerMessage {
    ServerMessage::KeyPackageCount {
        one_time,
        has_last_resort: true,
    }
}

/// What was pushed into an inbox; nothing else may have been.
fn inbox(stage: &mut Stage, connection: ConnectionId) -> Vec<InboxItem> {
    let pushed = stage.pushed(connection).into_iter();
    let items = pushed.flat_map(|message| match message {
        ServerMessage::InboxItems { items, .. } => items,
        other => panic!("{other:?}"),
    });
    items.collect()
}

fn kinds(stage: &mut Stage, connection: ConnectionId) -> Vec<InboxKind> {
    let items = inbox(stage, connection).into_iter();
    items.map(|item| item.kind).collect()
}

/// Alice puts a tablet on her list, and it comes online.
fn tablet_of(pair: &mut Pair) -> (Person, ConnectionId) {
    let mut tablet = pair.alice.other_device(1);
    let manifest = pair.alice.next_manifest(&[&tablet], &[]);
    tablet.manifest = pair.alice.manifest.clone();
    let done = pair.stage.ask(pair.at_alice, publish(manifest));
    assert_eq!(done, ServerMessage::Done);
    let at_tablet = pair.stage.online(&tablet);
    pair.stage.take_all(pair.at_bob);
    (tablet, at_tablet)
}

fn waiting(person: &Person) -> InboxKind {
    InboxKind::DeviceWaits {
        conversation: CONVERSATION,
        seq: 0,
        user: person.user,
        device: person.device,
    }
}

#[test]
fn a_new_manifest_reaches_everybody_concerned_at_once() {
    let mut pair = Pair::live();
    let mut carol = Person::new("carol");
    pair.stage.enrol(&mut carol);
    let at_carol = pair.stage.online(&carol);
    let (_tablet, at_tablet) = tablet_of(&mut pair);
    let watch = pair.alice.other_device(2);
    let manifest = pair.alice.next_manifest(&[&watch], &[]);
    let done = pair.stage.ask(pair.at_alice, publish(manifest.clone()));
    assert_eq!(done, ServerMessage::Done);
    let changed = InboxKind::ManifestChanged {
        user: pair.alice.user,
        manifest: manifest.clone(),
    };
    for connection in [at_tablet, pair.at_bob] {
        assert_eq!(kinds(&mut pair.stage, connection), vec![changed.clone()]);
    }
    assert_eq!(pair.stage.take_all(at_carol), []);
    // A repeat is done, and no news.
    let done = pair.stage.ask(pair.at_alice, publish(manifest));
    assert_eq!(done, ServerMessage::Done);
    assert_eq!(pair.stage.take_all(pair.at_bob), []);
    // Both devices make the next one; the tablet is faster.
    let mut faster = pair.alice.other_device(3);
    let of_tablet = faster.next_manifest(&[], &[watch.device]);
    let done = pair.stage.ask(at_tablet, publish(of_tablet));
    assert_eq!(done, ServerMessage::Done);
    assert_eq!(kinds(&mut pair.stage, pair.at_alice).len(), 1);
    let of_phone = pair.alice.next_manifest(&[], &[]);
    let refused = pair.stage.ask(pair.at_alice, publish(of_phone));
    assert_eq!(refused, failed(FailureCode::Conflict));
}

#[test]
fn a_revoked_device_is_closed_at_once_and_can_not_come_back() {
    let mut pair = Pair::live();
    let (mut tablet, at_tablet) = tablet_of(&mut pair);
    let greeted = pair.stage.connect(&tablet);
    pair.stage.say_hello(greeted, &tablet);
    pair.stage.take_all(greeted);
    assert_eq!(pair.stage.closed[&at_tablet].0, GoAwayReason::Replaced);
    let silent = pair.stage.connect(&tablet);

    let manifest = pair.alice.next_manifest(&[], &[tablet.device]);
    let done = pair.stage.ask(pair.at_alice, publish(manifest));
    assert_eq!(done, ServerMessage::Done);
    assert_eq!(pair.stage.closed[&greeted], (GoAwayReason::Revoked, 0));
    for connection in [silent, pair.stage.connect(&tablet)] {
        let answer = pair.stage.ask(connection, hello(&tablet));
        assert_eq!(answer, failed(FailureCode::Forbidden));
        assert_eq!(pair.stage.closed[&connection], (GoAwayReason::Revoked, 0));
    }
    let item = tablet.create(ConversationId::from_bytes([1; 16]), None);
    pair.stage.tell(greeted, send(CONVERSATION, vec![item]));
    assert_eq!(pair.stage.take_all(greeted), []);
}

#[test]
fn a_device_may_sign_itself_off() {
    let mut pair = Pair::live();
    let (_tablet, at_tablet) = tablet_of(&mut pair);
    let own = pair.alice.device;
    let manifest = pair.alice.next_manifest(&[], &[own]);
    let done = pair.stage.ask(pair.at_alice, publish(manifest));
    assert_eq!(done, ServerMessage::Done);
    assert_eq!(
        pair.stage.closed[&pair.at_alice],
        (GoAwayReason::Revoked, 0)
    );
    assert_eq!(kinds(&mut pair.stage, at_tablet).len(), 1);
}

#[test]
fn what_a_revoked_device_has_under_way_is_refused() {
    let mut pair = Pair::live();
    let (mut tablet, at_tablet) = tablet_of(&mut pair);
    pair.stage.tell(at_tablet, key_packages(&mut tablet, 1));
    pair.stage.take_all(at_tablet);
    pair.stage.take_all(pair.at_alice);
    let key_package = tablet.key_package(LastResort::No, FAR_S);
    let add = pair.alice.add(CONVERSATION, key_package, tablet.device);
    pair.stage.accept(pair.at_alice, add);
    pair.alice.merge(CONVERSATION);
    pair.stage.join(at_tablet, &mut tablet);
    let item = tablet.message(CONVERSATION, "still here?");

    pair.stage.mode = crate::stage::LogMode::Slow;
    let manifest = pair.alice.next_manifest(&[], &[tablet.device]);
    pair.stage.tell(pair.at_alice, publish(manifest));
    pair.stage
        .tell(at_tablet, send(CONVERSATION, vec![item.clone()]));
    pair.stage.mode = crate::stage::LogMode::Prompt;
    pair.stage.take_all(pair.at_bob);
    pair.stage.let_log_work();
    assert_eq!(pair.stage.closed[&at_tablet], (GoAwayReason::Revoked, 0));
    pair.stage.pass(1_000);
    for message in pair.stage.pushed(pair.at_bob) {
        assert!(
            !matches!(message, ServerMessage::Envelopes(_)),
            "{message:?}"
        );
    }
    let request = whimbrel_server::log::AppendRequest {
        user: tablet.user,
        device: tablet.device,
        conversation: CONVERSATION,
        sealed_no: 0,
        items: vec![item],
    };
    let outcomes = pair.stage.log.append(&[request], pair.stage.now).unwrap();
    let refused = ItemResult::Refused(Refusal::NotMember);
    assert_eq!(outcomes[0].results, [refused]);
}

#[test]
fn a_device_that_waits_is_told_to_the_others() {
    let mut pair = Pair::live();
    let (mut tablet, at_tablet) = tablet_of(&mut pair);
    assert_eq!(
        pair.stage.ask(at_tablet, key_packages(&mut tablet, 1)),
        count(1)
    );
    // Alice's phone hears that the tablet can be added now.
    let said_again = kinds(&mut pair.stage, pair.at_alice);
    assert!(matches!(
        said_again[..],
        [InboxKind::ManifestChanged { .. }]
    ));
    let ask = ClientMessage::AskToBeAdded {
        conversation: CONVERSATION,
    };
    assert_eq!(pair.stage.ask(at_tablet, ask.clone()), ServerMessage::Done);
    for connection in [pair.at_alice, pair.at_bob] {
        assert_eq!(kinds(&mut pair.stage, connection), [waiting(&tablet)]);
    }
    let limited = ServerMessage::Failed {
        code: FailureCode::RateLimited,
        retry_after_ms: 5_000,
    };
    assert_eq!(pair.stage.ask(at_tablet, ask.clone()), limited);
    pair.stage.pass(5_000);
    assert_eq!(pair.stage.ask(at_tablet, ask), ServerMessage::Done);
    assert_eq!(kinds(&mut pair.stage, pair.at_bob), [waiting(&tablet)]);
}

#[test]
fn a_user_who_starts_anew_is_told_of_when_they_can_be_added() {
    let mut pair = Pair::live();
    let mut anew = pair.alice.recovered(9);
    let manifest = anew.manifest.encode();
    let now = pair.stage.now;
    let replaced = pair
        .stage
        .log
        .replace_manifest(anew.user, anew.device, &manifest, now);
    assert_eq!(replaced.unwrap(), Replacement::Replaced);
    for news in pair.stage.log.take_news() {
        pair.stage.handle(Event::Manifest(news));
    }
    assert_eq!(
        pair.stage.closed[&pair.at_alice],
        (GoAwayReason::Revoked, 0)
    );
    let changed = InboxKind::ManifestChanged {
        user: anew.user,
        manifest,
    };
    assert_eq!(kinds(&mut pair.stage, pair.at_bob), [changed]);

    let at_anew = pair.stage.online(&anew);
    assert_eq!(pair.stage.take_all(pair.at_bob), []);
    let published = pair.stage.ask(at_anew, key_packages(&mut anew, 1));
    assert_eq!(published, count(1));
    assert_eq!(kinds(&mut pair.stage, pair.at_bob), [waiting(&anew)]);
    // Coming back at once tells nobody, a minute later it does.
    pair.stage.online(&anew);
    assert_eq!(pair.stage.take_all(pair.at_bob), []);
    pair.stage.pass(30_000);
    pair.stage.tell(pair.at_bob, ClientMessage::Ping);
    pair.stage.take_all(pair.at_bob);
    pair.stage.pass(30_000);
    pair.stage.online(&anew);
    assert_eq!(kinds(&mut pair.stage, pair.at_bob), [waiting(&anew)]);
}

#[test]
fn who_has_few_key_packages_left_is_told() {
    let mut pair = Pair::live();
    for one_time in [11, 22] {
        let publish = key_packages(&mut pair.bob, 11);
        assert_eq!(pair.stage.ask(pair.at_bob, publish), count(one_time));
    }
    let claim = ClientMessage::ClaimKeyPackages {
        users: vec![pair.bob.user],
    };
    pair.stage.ask(pair.at_alice, claim.clone());
    assert_eq!(pair.stage.take_all(pair.at_bob), []);
    pair.stage.ask(pair.at_alice, claim);
    assert_eq!(pair.stage.pushed(pair.at_bob), [count(20)]);
}

#[test]
fn own_devices_are_claimed_without_limit() {
    let mut pair = Pair::live_with(HubConfig {
        claims_per_minute: 2,
        ..HubConfig::default()
    });
    let (mut tablet, at_tablet) = tablet_of(&mut pair);
    pair.stage.ask(at_tablet, key_packages(&mut tablet, 1));
    pair.stage.take_all(pair.at_alice);
    let publish = key_packages(&mut pair.alice, 1);
    pair.stage.ask(pair.at_alice, publish);
    pair.stage.take_all(at_tablet);
    let publish = key_packages(&mut pair.bob, 1);
    pair.stage.ask(pair.at_bob, publish);
    let users = vec![pair.alice.user];
    let own = ClientMessage::ClaimKeyPackages { users };
    let users = vec![pair.alice.user, pair.bob.user];
    let both = ClientMessage::ClaimKeyPackages { users };
    let devices = |answer| match answer {
        ServerMessage::ClaimedKeyPackages { users, .. } => {
            let devices = users.iter().flat_map(|user| &user.devices);
            devices.map(|each| each.device).collect::<Vec<_>>()
        }
        other => panic!("{other:?}"),
    };
    let (of_tablet, of_bob) = (tablet.device, pair.bob.device);
    for _ in 0..2 {
        let claimed = pair.stage.ask(pair.at_alice, both.clone());
        assert_eq!(devices(claimed), [of_tablet, of_bob]);
    }
    let limited = ServerMessage::Failed {
        code: FailureCode::RateLimited,
        retry_after_ms: 60_000,
    };
    assert_eq!(pair.stage.ask(pair.at_alice, both), limited);
    for _ in 0..5 {
        let claimed = pair.stage.ask(pair.at_alice, own.clone());
        assert_eq!(devices(claimed), [of_tablet]);
    }
}

#[test]
fn members_are_told_that_a_commit_is_void() {
    let mut pair = Pair::live();
    let rotation = pair.alice.rotate(CONVERSATION);
    assert_eq!(pair.stage.accept(pair.at_alice, rotation), 3);
    let seq = 3;
    pair.stage.tell(
        pair.at_bob,
        ClientMessage::RejectCommit {
            conversation: CONVERSATION,
            seq,
        },
    );
    assert_eq!(pair.stage.pushed_seqs(pair.at_bob), [3]);
    pair.stage.take_all(pair.at_alice);
    pair.stage.pass(9_999);
    assert_eq!(pair.stage.take_all(pair.at_alice), []);
    pair.stage.pass(1);
    for connection in [pair.at_alice, pair.at_bob] {
        let pushed = pair.stage.pushed(connection);
        let [ServerMessage::Heads { heads, more: false }] = pushed.as_slice() else {
            panic!("{pushed:?}");
        };
        assert_eq!((heads[0].head, heads[0].epoch), (3, 1));
    }
    let run = pair.stage.fetch(pair.at_bob, 2);
    assert!(run.envelopes[0].voided);
    // What comes next is pushed as ever.
    let item = pair.bob.message(CONVERSATION, "going on");
    assert_eq!(pair.stage.accept(pair.at_bob, item), 4);
    assert_eq!(pair.stage.pushed_seqs(pair.at_alice), [4]);
}
