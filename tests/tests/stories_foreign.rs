//! Stories of members and servers that say what no client of this version would say.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use whimbrel::types::{ConversationId, Defect, MessageKind};
use whimbrel_mls::{CommitPlan, LastResort, Role};
use whimbrel_protocol::content::ContentKind;
use whimbrel_protocol::envelope::Body;
use whimbrel_protocol::frame::{Envelopes, ItemResult, Refusal, SendItem, ServerMessage};
use whimbrel_protocol::{Envelope, ItemKind};
use whimbrel_tests::puppet::{Heard, content, content_of_the_future};
use whimbrel_tests::sim::DeviceIndex;
use whimbrel_tests::{Puppet, World};

/// Alice and Bob in a group that the puppet Mallory founded; Mallory is the owner.
fn with_mallory(seed: u64) -> (World, DeviceIndex, DeviceIndex, Puppet, ConversationId) {
    let (mut world, people) = World::with_people(seed, &["alice", "bob"]);
    let mut mallory = Puppet::register(&mut world, "mallory");
    let choir = mallory.found(&mut world);
    let users = [world.device(people[0]).user, world.device(people[1]).user];
    let added = mallory.add(&mut world, choir, &users, Role::Member);
    assert!(matches!(added, ItemResult::Accepted { .. }), "{added:?}");
    world.drive();
    (world, people[0], people[1], mallory, choir)
}

fn last_kind(world: &World, who: DeviceIndex, choir: ConversationId) -> MessageKind {
    world.messages(who, choir).pop().unwrap().kind
}

/// An envelope of the puppet's item, as a server would hand it out under the next number.
fn envelope(
    world: &World,
    who: DeviceIndex,
    choir: ConversationId,
    from: &Puppet,
    item: &SendItem,
) -> Envelope {
    Envelope {
        seq: world.conversation(who, choir).applied_seq + 1,
        kind: item.kind,
        sender_user: from.user(),
        sender_device: from.device_id(),
        client_id: item.client_id,
        counter: item.counter,
        epoch: item.epoch,
        server_time_ms: world.wall_ms(),
        silent: item.silent,
        voided: false,
        body: Body::Payload(item.payload.clone()),
    }
}

/// A server that lets something through to one member.
fn let_through(world: &mut World, to: DeviceIndex, choir: ConversationId, envelope: Envelope) {
    let run = Envelopes {
        conversation: choir,
        incarnation: incarnation(world, to, choir),
        head: envelope.seq,
        envelopes: vec![envelope],
    };
    world.push(to, ServerMessage::Envelopes(run));
}

fn incarnation(world: &World, who: DeviceIndex, choir: ConversationId) -> u64 {
    let engine = world.device(who).engine.as_ref().unwrap();
    let sql = "SELECT incarnation FROM conversation WHERE id = ?1";
    let number: i64 = engine
        .store()
        .connection()
        .query_row(sql, [choir.as_bytes()], |row| row.get(0))
        .unwrap();
    u64::try_from(number).unwrap()
}

#[test]
fn what_a_newer_client_says_is_kept_and_shown_as_unsupported() {
    let (mut world, alice, bob, mut mallory, choir) = with_mallory(801);
    let plaintext = content_of_the_future("a poll");
    mallory.send(&mut world, choir, &plaintext);
    world.drive();
    for who in [alice, bob] {
        assert_eq!(last_kind(&world, who, choir), MessageKind::Unsupported);
        let engine = world.device(who).engine.as_ref().unwrap();
        let raw: Vec<u8> = engine
            .store()
            .connection()
            .query_row("SELECT raw FROM message WHERE raw IS NOT NULL", [], |row| {
                row.get(0)
            })
            .unwrap();
        assert_eq!(raw, plaintext, "an update will be able to read it");
    }
    assert_eq!(world.conversation(bob, choir).unread, 1);
    mallory.say(&mut world, choir, ContentKind::Text("never mind".into()));
    world.drive();
    assert_eq!(world.texts(bob, choir), ["never mind"]);
}

#[test]
fn an_encrypted_message_that_says_nothing_is_a_visible_row() {
    let (mut world, alice, bob, mut mallory, choir) = with_mallory(802);
    mallory.send(&mut world, choir, b"not a message of any form");
    mallory.say(&mut world, choir, ContentKind::Text("but this is".into()));
    world.drive();
    for who in [alice, bob] {
        let kinds: Vec<_> = world
            .messages(who, choir)
            .into_iter()
            .map(|message| message.kind)
            .collect();
        let said = MessageKind::Text {
            text: "but this is".into(),
            edited: false,
        };
        assert_eq!(
            kinds[1..],
            [MessageKind::Unreadable(Defect::Malformed), said]
        );
    }
}

#[test]
fn others_messages_can_be_neither_edited_nor_deleted() {
    let (mut world, alice, bob, mut mallory, choir) = with_mallory(803);
    let said = world.say(alice, choir, "my own words");
    world.drive();
    let text = "mallory's words".to_owned();
    mallory.catch_up(&mut world, choir);
    mallory.say(&mut world, choir, ContentKind::Edit { target: said, text });
    mallory.say(&mut world, choir, ContentKind::Delete { target: said });
    mallory.say(
        &mut world,
        choir,
        ContentKind::ReadMark { seq: u64::MAX >> 1 },
    );
    world.drive();
    assert_eq!(world.texts(alice, choir), ["my own words"]);
    assert_eq!(world.texts(bob, choir), ["my own words"]);
    let marks = world.members(alice, choir).into_iter();
    assert!(
        marks.into_iter().all(|member| member.read_seq < 1_000),
        "nobody reads the future"
    );
}

#[test]
fn a_garbage_commit_is_refused_and_where_it_gets_through_ignored() {
    let (mut world, alice, bob, mut mallory, choir) = with_mallory(804);
    let mut item = mallory.message(choir, b"x");
    item.kind = ItemKind::Commit;
    item.payload = vec![0x5a; 200];
    let result = mallory.send_item(&mut world, choir, item.clone());
    assert_eq!(result, ItemResult::Refused(Refusal::BadCommit));

    // A message under the name of a commit.
    let mut disguised = mallory.message(choir, b"x");
    disguised.kind = ItemKind::Commit;
    let result = mallory.send_item(&mut world, choir, disguised);
    assert_eq!(result, ItemResult::Refused(Refusal::BadCommit));
    world.drive();
    world.say(alice, choir, "one");
    world.drive();
    assert_eq!(world.texts(bob, choir), ["one"]);

    let garbage = envelope(&world, bob, choir, &mallory, &item);
    let_through(&mut world, bob, choir, garbage);
    assert_eq!(
        last_kind(&world, bob, choir),
        MessageKind::Unreadable(Defect::Malformed)
    );
    let before = world.conversation(bob, choir).applied_seq;
    assert_eq!(before, world.conversation(alice, choir).applied_seq + 1);
}

#[test]
fn a_commit_that_adds_a_device_the_server_does_not_know_is_refused() {
    let (mut world, alice, bob, mut mallory, choir) = with_mallory(805);
    let mut ghost = Puppet::stranger("ghost");
    let plan = CommitPlan {
        add: vec![ghost.key_package(LastResort::No)],
        ..CommitPlan::default()
    };
    let result = mallory.commit(&mut world, choir, &plan, vec![ghost.device_id()]);
    assert_eq!(result, ItemResult::Refused(Refusal::Policy));
    world.say(bob, choir, "just us");
    world.drive();
    assert_eq!(world.texts(alice, choir), ["just us"]);
    assert_eq!(world.members(alice, choir).len(), 3);
}

#[test]
fn a_commit_against_the_policy_is_refused_and_where_it_gets_through_ignored() {
    let (mut world, people) = World::with_people(809, &["alice", "bob"]);
    let [alice, bob] = people[..] else { panic!() };
    let mut mallory = Puppet::register(&mut world, "mallory");
    let choir = world.group(alice, "choir", &["bob", "mallory"]);
    world.drive();
    mallory.join(&mut world);
    mallory.catch_up(&mut world, choir);
    // A plain member throws somebody out.
    let item = mallory.commit_without_right(choir, world.device(bob).user);
    let result = mallory.send_item(&mut world, choir, item.clone());
    assert_eq!(result, ItemResult::Refused(Refusal::Policy));

    for who in [alice, bob] {
        let envelope = envelope(&world, who, choir, &mallory, &item);
        let_through(&mut world, who, choir, envelope);
        let kind = last_kind(&world, who, choir);
        assert_eq!(kind, MessageKind::Unreadable(Defect::AgainstPolicy));
        assert_eq!(world.member_names(who, choir), ["alice", "bob", "mallory"]);
    }
}

#[test]
fn forged_and_repeated_items_that_a_server_lets_through_are_visible_and_without_effect() {
    let (mut world, alice, bob, mut mallory, choir) = with_mallory(806);
    world.say(alice, choir, "true");
    world.drive();
    // Mallory's words under Alice's name.
    let plaintext = content(0, ContentKind::Text("pay mallory".into()))
        .encode()
        .unwrap();
    let item = mallory.message(choir, &plaintext);
    let mut forged = envelope(&world, bob, choir, &mallory, &item);
    forged.sender_user = world.device(alice).user;
    forged.sender_device = world
        .device(alice)
        .engine
        .as_ref()
        .unwrap()
        .state()
        .account
        .unwrap()
        .device;
    let_through(&mut world, bob, choir, forged);
    assert_eq!(
        last_kind(&world, bob, choir),
        MessageKind::Unreadable(Defect::Forged)
    );

    // The same ciphertext once more: its key is used up, or its number is.
    let honest = envelope(&world, bob, choir, &mallory, &item);
    let_through(&mut world, bob, choir, honest.clone());
    let seq = honest.seq;
    let_through(
        &mut world,
        bob,
        choir,
        Envelope {
            seq: seq + 1,
            ..honest
        },
    );
    let kind = last_kind(&world, bob, choir);
    assert!(matches!(kind, MessageKind::Unreadable(_)), "{kind:?}");
    let texts = world.texts(bob, choir);
    assert_eq!(
        texts.iter().filter(|text| *text == "pay mallory").count(),
        1,
        "{texts:?}"
    );
}

#[test]
fn a_message_that_the_server_leaves_out_shows_as_a_gap() {
    let (mut world, _, bob, mut mallory, choir) = with_mallory(807);
    let first = mallory.say(&mut world, choir, ContentKind::Text("first".into()));
    assert!(matches!(first, ItemResult::Accepted { .. }));
    world.drive();
    let second = mallory.say(&mut world, choir, ContentKind::Text("withheld".into()));
    assert!(matches!(second, ItemResult::Accepted { .. }));
    // The server hides the second and gives its number to the third.
    let held = world.intercept(bob, |message| {
        matches!(message, ServerMessage::Envelopes(_))
    });
    assert_eq!(held.len(), 1);
    let text = ContentKind::Text("third".into());
    let item = mallory.message(choir, &content(0, text).encode().unwrap());
    let third = envelope(&world, bob, choir, &mallory, &item);
    let_through(&mut world, bob, choir, third);
    let chat = world.chat(bob, choir);
    assert!(chat.ends_with("?: first\n(gap) ?: third\n"), "{chat}");
}

#[test]
fn a_puppet_hears_what_people_say() {
    let (mut world, alice, _, mut mallory, choir) = with_mallory(808);
    world.say(alice, choir, "hello mallory");
    world.drive();
    let heard = mallory.catch_up(&mut world, choir);
    assert_eq!(
        heard,
        [Heard::Said(ContentKind::Text("hello mallory".into()))]
    );
}

#[test]
fn a_server_that_counts_own_items_wrong_does_not_stop_their_sender() {
    let (mut world, people) = World::with_people(690, &["alice", "bob"]);
    let [alice, bob] = people[..] else { panic!() };
    let chat = world.direct(alice, "bob");
    world.drive();
    for wrong in [u64::MAX, 1_000_000] {
        world.say(alice, chat, "counted wrong");
        let mut own = Vec::new();
        let until = world.mono_ms + 60_000;
        while own.is_empty() {
            assert!(world.step(until), "alice does not send any more");
            own = world.intercept(alice, |message| {
                matches!(message, ServerMessage::Envelopes(_))
            });
        }
        for mut frame in own {
            if let ServerMessage::Envelopes(run) = &mut frame.message {
                for envelope in &mut run.envelopes {
                    envelope.counter = wrong;
                }
            }
            world.send_to(alice, &frame);
        }
        world.drive();
    }
    world.say(alice, chat, "and on");
    world.drive();
    assert_eq!(world.texts(bob, chat).len(), 3);
    assert!(world.outbox(alice).is_empty());
    assert_eq!(world.texts(alice, chat).len(), 3);
}
