//! A member that does not keep the rules.

use whimbrel::types::{ConversationId, ConversationState, Defect, MessageKind};
use whimbrel_mls::Role;
use whimbrel_protocol::content::ContentKind;
use whimbrel_protocol::envelope::Body;
use whimbrel_protocol::frame::{ItemResult, Refusal};
use whimbrel_protocol::limits::{self, NUMBER_MAX};
use whimbrel_protocol::{Chain, Content, ItemKind};
use whimbrel_tests::hostile::member::ugly_text;
use whimbrel_tests::puppet::{Heard, content};
use whimbrel_tests::sim::DeviceIndex;
use whimbrel_tests::{Puppet, World};

use crate::log::alter;

fn with_mallory(seed: u64) -> (World, [DeviceIndex; 2], Puppet, ConversationId) {
    let (mut world, people) = World::with_people(seed, &["alice", "bob"]);
    let mut mallory = Puppet::register(&mut world, "mallory");
    let choir = mallory.found(&mut world);
    let users = [world.device(people[0]).user, world.device(people[1]).user];
    let added = mallory.add(&mut world, choir, &users, Role::Member);
    assert!(matches!(added, ItemResult::Accepted { .. }), "{added:?}");
    world.drive();
    (world, [people[0], people[1]], mallory, choir)
}

#[test]
fn who_came_later_is_not_told_what_was_said_before() {
    let (mut world, people) = World::with_people(931, &["alice", "bob"]);
    let [alice, bob] = people[..] else { panic!() };
    let mut mallory = Puppet::register(&mut world, "mallory");
    let choir = world.group(alice, "choir", &["bob"]);
    world.drive();
    world.say(alice, choir, "before mallory");
    world.say(bob, choir, "before mallory, too");
    world.drive();
    world.add(alice, choir, "mallory");
    world.drive();
    mallory.join(&mut world);
    mallory.catch_up(&mut world, choir);
    mallory.say(
        &mut world,
        choir,
        ContentKind::AskAgain {
            from_seq: 0,
            to_seq: NUMBER_MAX,
        },
    );
    world.drive();
    let heard = mallory.catch_up(&mut world, choir);
    let tells = |heard: &Heard| matches!(heard, Heard::Said(ContentKind::Again { .. }));
    assert!(!heard.iter().any(tells), "{heard:?}");
}

#[test]
fn texts_are_said_again_once_however_often_somebody_asks() {
    let (mut world, [alice, _], mut mallory, choir) = with_mallory(932);
    world.say(alice, choir, "said once");
    world.drive();
    mallory.catch_up(&mut world, choir);
    for _ in 0..5 {
        mallory.say(
            &mut world,
            choir,
            ContentKind::AskAgain {
                from_seq: 0,
                to_seq: NUMBER_MAX,
            },
        );
        world.drive();
        mallory.catch_up(&mut world, choir);
    }
    let log = world.conversation(alice, choir).applied_seq;
    assert!(log < 12, "{log} numbers");
}

#[test]
fn an_earlier_text_that_nobody_has_missed_is_not_shown_again() {
    let (mut world, [alice, bob], mut mallory, choir) = with_mallory(933);
    let said = world.say(alice, choir, "alice's words");
    world.drive();
    mallory.catch_up(&mut world, choir);
    mallory.say(
        &mut world,
        choir,
        ContentKind::Again {
            target: said,
            text: "mallory's words".into(),
        },
    );
    world.drive();
    for who in [alice, bob] {
        assert_eq!(world.texts(who, choir), ["alice's words"]);
    }
}

#[test]
fn one_id_shows_one_message_and_one_row_that_says_so() {
    let (mut world, [alice, bob], mut mallory, choir) = with_mallory(934);
    let plaintext = |text: &str| content(0, ContentKind::Text(text.into())).encode().unwrap();
    let first = mallory.message_as(choir, None, None, &plaintext("first"));
    let id = first.client_id;
    mallory.send_item(&mut world, choir, first);
    world.drive();
    // Another member's id is as good as any; the own one again is not.
    let taken = world.say(alice, choir, "alice's id");
    world.drive();
    mallory.catch_up(&mut world, choir);
    let borrowed = mallory.message_as(choir, Some(taken), None, &plaintext("under alice's id"));
    mallory.send_item(&mut world, choir, borrowed);
    world.drive();
    mallory.catch_up(&mut world, choir);
    let repeated = mallory.message_as(choir, Some(id), None, &plaintext("second"));
    let answer = mallory.send_item(&mut world, choir, repeated);
    assert!(
        matches!(answer, ItemResult::Accepted { .. }),
        "a repeat: {answer:?}"
    );
    world.drive();
    for who in [alice, bob] {
        let texts = world.texts(who, choir);
        assert_eq!(texts, ["first", "alice's id", "under alice's id"]);
    }
}

#[test]
fn a_false_claim_of_what_was_read_is_an_alarm_that_names_its_author() {
    let (mut world, [alice, bob], mut mallory, choir) = with_mallory(935);
    world.say(bob, choir, "something to read");
    world.drive();
    mallory.catch_up(&mut world, choir);
    let mut lie = content(0, ContentKind::Text("we read different things".into()));
    lie.log_seq = world.conversation(alice, choir).applied_seq;
    lie.log_chain = Chain::from_bytes([9; 32]);
    mallory.send(&mut world, choir, &lie.encode().unwrap());
    world.drive();
    for who in [alice, bob] {
        assert!(world.conversation(who, choir).forked);
        let rows = world.messages(who, choir);
        let alarm = rows
            .iter()
            .find(|row| row.kind == MessageKind::Forked)
            .unwrap();
        assert_eq!(alarm.sender, mallory.user());
    }
    world.say(alice, choir, "we do not");
    world.drive();
    assert!(world.texts(bob, choir).contains(&"we do not".to_owned()));
}

#[test]
fn ugly_names_and_texts_at_the_limit_arrive_as_they_are() {
    let (mut world, [alice, bob], mut mallory, choir) = with_mallory(936);
    let name = ugly_text(limits::CONVERSATION_NAME_BYTES_MAX);
    let text = ugly_text(limits::TEXT_BYTES_MAX);
    mallory.say(&mut world, choir, ContentKind::State { name: name.clone() });
    mallory.say(&mut world, choir, ContentKind::Text(text.clone()));
    world.drive();
    for who in [alice, bob] {
        assert_eq!(world.conversation(who, choir).name, name);
        assert_eq!(world.texts(who, choir), std::slice::from_ref(&text));
    }
}

#[test]
fn nobody_leaves_by_a_statement_that_is_not_theirs() {
    let (mut world, [alice, bob], mut mallory, choir) = with_mallory(937);
    for statement in [Vec::new(), vec![7; limits::STATEMENT_BYTES_MAX]] {
        mallory.say(&mut world, choir, ContentKind::Leave { statement });
    }
    world.drive();
    for who in [alice, bob] {
        let rows = world.messages(who, choir).into_iter();
        let forged = rows.filter(|row| row.kind == MessageKind::Unreadable(Defect::Forged));
        assert_eq!(forged.count(), 2);
        assert_eq!(world.member_names(who, choir), ["alice", "bob", "mallory"]);
    }
}

#[test]
fn who_has_read_a_number_before_it_was_given_shows_another_log() {
    let (mut world, [alice, _], mut mallory, choir) = with_mallory(938);
    let mut ahead = content(0, ContentKind::Text("from tomorrow".into()));
    ahead.log_seq = 1_000;
    mallory.send(&mut world, choir, &Content::encode(&ahead).unwrap());
    world.drive();
    assert!(world.conversation(alice, choir).forked);
    assert_eq!(world.texts(alice, choir), ["from tomorrow"]);
}

#[test]
fn a_commit_into_rules_that_nobody_knows_stops_visibly_until_the_server_is_honest() {
    let (mut world, [alice, bob], mut mallory, choir) = with_mallory(939);
    let item = mallory.commit_of_the_future(choir);
    let (user, device) = (mallory.user(), mallory.device_id());
    let refused = mallory.send_item(&mut world, choir, item.clone());
    assert_eq!(refused, ItemResult::Refused(Refusal::Policy));
    // A server that plays along shows it to Alice in the place of what Bob says.
    world.say(bob, choir, "the true words");
    alter(&mut world, alice, |run| {
        for envelope in &mut run.envelopes {
            envelope.kind = ItemKind::Commit;
            (envelope.sender_user, envelope.sender_device) = (user, device);
            (envelope.client_id, envelope.counter) = (item.client_id, item.counter);
            envelope.body = Body::Payload(item.payload.clone());
        }
    });
    world.drive();
    let state = |world: &World| world.conversation(alice, choir).state;
    assert_eq!(state(&world), ConversationState::NeedsUpdate);
    world.say(alice, choir, "waits");
    world.drive();
    assert_eq!(world.texts(bob, choir), ["the true words"]);
    assert_eq!(world.outbox(alice).len(), 1);
    // The cursor was held, so nothing is lost once the log is the true one.
    world.restart_device(alice);
    world.drive();
    assert_eq!(state(&world), ConversationState::Active);
    for who in [alice, bob] {
        assert_eq!(world.texts(who, choir), ["the true words", "waits"]);
    }
}

/// A ratchet tree with so many blank nodes after its own: a vector with its length in front (RFC
/// 9420, section 2.1.2).
fn pad(tree: &mut Vec<u8>, blanks: usize) {
    let length_bytes = 1 << (tree[0] >> 6);
    let mut nodes = tree.split_off(length_bytes);
    nodes.resize(nodes.len() + blanks, 0);
    let length = u32::try_from(nodes.len()).unwrap().to_be_bytes();
    let prefix = match nodes.len() {
        0..=63 => vec![length[3]],
        64..=16_383 => vec![length[2] | 0x40, length[3]],
        _ => vec![length[0] | 0x80, length[1], length[2], length[3]],
    };
    *tree = [prefix, nodes].concat();
}

#[test]
fn nobody_founds_a_group_on_a_tree_that_is_mostly_nothing() {
    let (mut world, [alice, bob], mut mallory, choir) = with_mallory(940);
    let as_it_is = mallory.try_found_with_tree(&mut world, |tree| pad(tree, 0));
    assert!(
        matches!(as_it_is, ItemResult::Accepted { .. }),
        "{as_it_is:?}"
    );
    for blanks in [1, 2, 60_000] {
        let refused = mallory.try_found_with_tree(&mut world, |tree| pad(tree, blanks));
        assert!(matches!(refused, ItemResult::Refused(_)), "{refused:?}");
    }
    let without = mallory.try_found_with_tree(&mut world, |tree| *tree = vec![0; 60_000]);
    assert!(matches!(without, ItemResult::Refused(_)), "{without:?}");
    world.say(alice, choir, "nothing has happened");
    world.drive();
    assert_eq!(world.texts(bob, choir), ["nothing has happened"]);
}
