//! Stories of groups that change: races, blocked queues, removal and return.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use whimbrel::ErrorCode;
use whimbrel::event::Command;
use whimbrel::types::{ConversationId, ConversationState, OutboxState, Person, UserId};
use whimbrel_mls::Role;
use whimbrel_protocol::frame::{ClientMessage, ItemResult, Refusal, ServerFrame, ServerMessage};
use whimbrel_tests::sim::DeviceIndex;
use whimbrel_tests::{Puppet, World};

/// A group of these people in which everybody may do everything.
fn group_of_owners(world: &mut World, people: &[DeviceIndex]) -> ConversationId {
    let mut founder = Puppet::register(world, "founder");
    let choir = founder.found(world);
    let users: Vec<UserId> = people.iter().map(|who| world.device(*who).user).collect();
    let added = founder.add(world, choir, &users, Role::Owner);
    assert!(matches!(added, ItemResult::Accepted { .. }), "{added:?}");
    world.drive();
    choir
}

fn assert_agreed(world: &World, people: &[DeviceIndex], choir: ConversationId) {
    let (first, rest) = people.split_first().unwrap();
    // Each came in by a row of its own; from the first text on all rows are for everybody.
    let common = |who: DeviceIndex| -> Vec<String> {
        let chat = world.chat(who, choir).replace('✓', "");
        let lines = chat.lines().map(|line| line.trim_end().to_owned());
        lines.skip_while(|line| !line.contains(": ")).collect()
    };
    for who in rest {
        assert_eq!(common(*who), common(*first), "{}", world.device(*who).name);
        assert_eq!(
            world.members(*who, choir).len(),
            world.members(*first, choir).len()
        );
    }
}

#[test]
fn five_members_commit_at_once() {
    let names = [
        "alice", "bob", "carol", "dave", "erin", "faye", "gus", "hana", "ivan", "june",
    ];
    let (mut world, people) = World::with_people(601, &names);
    let (members, guests) = people.split_at(5);
    let choir = group_of_owners(&mut world, members);
    for who in members {
        world.set_online(*who, false);
    }
    for (who, guest) in members.iter().zip(&names[5..]) {
        world.add(*who, choir, guest);
        world.say(
            *who,
            choir,
            &format!("{} says hello to {guest}", names[who.0]),
        );
        world.rename(*who, choir, &format!("choir of {}", names[who.0]));
    }
    for who in members {
        world.set_online(*who, true);
    }
    world.drive();
    assert_agreed(&world, members, choir);
    for who in people.iter() {
        assert_eq!(world.outbox(*who), []);
        assert_eq!(world.members(*who, choir).len(), 11);
    }
    let mut texts = world.texts(members[0], choir);
    texts.sort();
    let expected: Vec<String> = members
        .iter()
        .zip(&names[5..])
        .map(|(who, guest)| format!("{} says hello to {guest}", names[who.0]))
        .collect();
    assert_eq!(texts, expected);
    for (who, guest) in members.iter().zip(guests) {
        let hello = format!("{} says hello to {}", names[who.0], names[guest.0]);
        assert!(world.texts(*guest, choir).contains(&hello), "{hello}");
    }
}

#[test]
fn the_same_goal_of_two_members_is_reached_once() {
    let (mut world, people) = World::with_people(602, &["alice", "bob", "carol", "dave"]);
    let [alice, bob, carol, dave] = people[..] else {
        panic!()
    };
    let choir = group_of_owners(&mut world, &[alice, bob, dave]);
    world.set_online(alice, false);
    world.set_online(bob, false);
    for who in [alice, bob] {
        world.add(who, choir, "carol");
        world.remove(who, choir, dave);
    }
    world.set_online(alice, true);
    world.set_online(bob, true);
    world.drive();
    for who in [alice, bob, carol] {
        assert_eq!(
            world.member_names(who, choir),
            ["alice", "bob", "carol", "founder"]
        );
        assert_eq!(world.outbox(who), []);
    }
    let chat = world.chat(alice, choir);
    assert_eq!(chat.matches("added carol").count(), 1, "{chat}");
    assert_eq!(chat.matches("removed dave").count(), 1, "{chat}");
    assert_eq!(
        world.conversation(dave, choir).state,
        ConversationState::Removed
    );
}

#[test]
fn two_members_remove_each_other() {
    let (mut world, people) = World::with_people(603, &["alice", "bob", "carol"]);
    let [alice, bob, carol] = people[..] else {
        panic!()
    };
    let choir = group_of_owners(&mut world, &people);
    world.set_online(alice, false);
    world.set_online(bob, false);
    world.remove(alice, choir, bob);
    world.say(alice, choir, "sorry, bob");
    world.remove(bob, choir, alice);
    world.say(bob, choir, "sorry, alice");
    world.set_online(alice, true);
    world.set_online(bob, true);
    world.drive();
    let states = [alice, bob].map(|who| world.conversation(who, choir).state);
    let removed = states
        .iter()
        .filter(|state| **state == ConversationState::Removed)
        .count();
    assert_eq!(removed, 1, "one of them was first: {states:?}");
    assert_eq!(world.texts(carol, choir).len(), 1);
    // What the one who was removed wanted to say is not lost silently.
    let loser = if states[0] == ConversationState::Removed {
        alice
    } else {
        bob
    };
    for item in world.outbox(loser) {
        assert_eq!(item.state, OutboxState::Failed, "{item:?}");
        assert_eq!(item.failure, Some(ErrorCode::NotMember));
        world.must(loser, Command::Discard { item: item.id });
    }
    assert_eq!(world.outbox(loser), []);
}

#[test]
fn a_message_of_a_stale_epoch_is_sealed_anew() {
    let (mut world, people) = World::with_people(604, &["alice", "bob", "carol"]);
    let [alice, bob, carol] = people[..] else {
        panic!()
    };
    let choir = world.group(alice, "choir", &["bob"]);
    world.drive();
    // Bob's message is under way when the commit that adds carol is appended.
    world.say(bob, choir, "hello all");
    let is_send = |message: &ClientMessage| matches!(message, ClientMessage::Send(_));
    let held = world.intercept_up(bob, is_send);
    world.add(alice, choir, "carol");
    world.step_until("committed", |world| world.members(alice, choir).len() == 3);
    let wire = world.device(bob).wire.unwrap();
    let now = world.mono_ms;
    for frame in held {
        world.network.send_up(wire, now, frame.encode());
    }
    world.drive();
    for who in [alice, bob, carol] {
        assert_eq!(world.texts(who, choir), ["hello all"]);
        assert_eq!(world.outbox(who), []);
    }
}

#[test]
fn people_come_and_go_while_others_talk() {
    let (mut world, people) = World::with_people(605, &["alice", "bob", "carol", "dave"]);
    let [alice, bob, carol, dave] = people[..] else {
        panic!()
    };
    let choir = world.group(alice, "choir", &["bob", "carol"]);
    world.drive();
    let mut said = Vec::new();
    for round in 0..12 {
        for who in [alice, bob, carol] {
            let text = format!("{} {round}", world.device(who).name);
            world.say(who, choir, &text);
            said.push(text);
        }
        match round % 4 {
            1 => drop(world.add(alice, choir, "dave")),
            3 if world.member_names(alice, choir).len() == 4 => {
                world.remove(alice, choir, dave);
            }
            _ => {}
        }
        world.wait(35);
    }
    world.drive();
    assert_agreed(&world, &[alice, bob, carol], choir);
    let mut texts = world.texts(alice, choir);
    texts.sort();
    said.sort();
    assert_eq!(texts, said);
    for who in [alice, bob, carol] {
        let name = format!("{} ", world.device(who).name);
        let own: Vec<u32> = world
            .texts(bob, choir)
            .iter()
            .filter_map(|text| text.strip_prefix(&name)?.parse().ok())
            .collect();
        assert_eq!(own, (0..12).collect::<Vec<_>>(), "everybody's own order");
    }
    let heard = world.texts(dave, choir);
    assert!(heard.iter().all(|text| said.contains(text)));
}

#[test]
fn who_was_removed_reads_no_further_and_who_returns_reads_on() {
    let (mut world, people) = World::with_people(606, &["alice", "bob", "carol"]);
    let [alice, bob, carol] = people[..] else {
        panic!()
    };
    let choir = world.group(alice, "choir", &["bob", "carol"]);
    world.drive();
    let round = |world: &mut World, number: u32| {
        world.say(alice, choir, &format!("alice {number}"));
        world.say(bob, choir, &format!("bob {number}"));
        world.drive();
    };
    round(&mut world, 1);
    world.remove(alice, choir, carol);
    world.drive();
    round(&mut world, 2);
    assert_eq!(world.texts(carol, choir), ["alice 1", "bob 1"]);
    assert_eq!(
        world.conversation(carol, choir).state,
        ConversationState::Removed
    );
    let refused = world.try_say(carol, choir, "hello?").unwrap_err();
    assert_eq!(refused.code, ErrorCode::NotMember);

    world.add(alice, choir, "carol");
    world.drive();
    round(&mut world, 3);
    world.say(carol, choir, "back again");
    world.drive();
    assert_eq!(
        world.texts(carol, choir),
        ["alice 1", "bob 1", "alice 3", "bob 3", "back again"]
    );
    assert_eq!(world.texts(bob, choir).last().unwrap(), "back again");
    assert!(
        !world.chat(carol, choir).contains("(gap)"),
        "{}",
        world.chat(carol, choir)
    );

    // Away while removed and added again: the same view.
    world.set_online(carol, false);
    world.remove(alice, choir, carol);
    round(&mut world, 4);
    world.add(alice, choir, "carol");
    world.drive();
    round(&mut world, 5);
    world.set_online(carol, true);
    world.drive();
    let texts = world.texts(carol, choir);
    assert_eq!(texts[4..], ["back again", "alice 5", "bob 5"]);
}

#[test]
fn what_failed_by_being_removed_holds_up_nobody_who_is_back() {
    let (mut world, people) = World::with_people(616, &["alice", "bob"]);
    let [alice, bob] = people[..] else { panic!() };
    let choir = world.group(alice, "choir", &["bob"]);
    world.drive();
    world.set_online(bob, false);
    let first = world.say(bob, choir, "first");
    let second = world.say(bob, choir, "second");
    let third = world.say(bob, choir, "third");
    world.remove(alice, choir, bob);
    world.drive();
    world.set_online(bob, true);
    world.drive();
    for item in world.outbox(bob) {
        assert_eq!(item.failure, Some(ErrorCode::NotMember), "{item:?}");
    }
    world.add(alice, choir, "bob");
    world.drive();
    let row = world.conversation(bob, choir);
    assert_eq!((row.blocked, row.state), (None, ConversationState::Active));

    // Nothing of before goes out unasked.
    world.say(bob, choir, "back again");
    world.drive();
    assert_eq!(world.texts(alice, choir), ["back again"]);

    world.must(bob, Command::Retry { item: second });
    world.edit(bob, choir, third, "third, put nicely");
    world.drive();
    assert_eq!(
        world.texts(alice, choir),
        ["back again", "second", "third, put nicely"]
    );
    // What is left of before survives being removed once more.
    world.remove(alice, choir, bob);
    world.drive();
    world.add(alice, choir, "bob");
    world.drive();
    let left: Vec<_> = world.outbox(bob).iter().map(|item| item.id).collect();
    assert_eq!(left, [first]);
    world.must(bob, Command::Discard { item: first });
    world.say(bob, choir, "all said");
    world.drive();
    assert_eq!(world.texts(alice, choir).last().unwrap(), "all said");
    assert_eq!(world.outbox(bob), []);
}

#[test]
fn changes_of_texts_that_fail_by_being_removed_are_seen_and_can_be_made_later() {
    let (mut world, people) = World::with_people(617, &["alice", "bob"]);
    let [alice, bob] = people[..] else { panic!() };
    let choir = world.group(alice, "choir", &["bob"]);
    world.drive();
    let said = ["one", "two", "three", "four"].map(|text| world.say(bob, choir, text));
    world.drive();
    world.set_online(bob, false);
    world.edit(bob, choir, said[0], "one, changed");
    world.edit(bob, choir, said[1], "two, changed");
    for message in &said[2..] {
        world.must(
            bob,
            Command::Delete {
                conversation: choir,
                message: *message,
            },
        );
    }
    world.remove(alice, choir, bob);
    world.drive();
    world.set_online(bob, true);
    world.drive();
    let failed = world.outbox(bob);
    assert_eq!(failed.len(), 4, "{failed:?}");
    assert!(
        failed
            .iter()
            .all(|item| item.failure == Some(ErrorCode::NotMember))
    );

    world.add(alice, choir, "bob");
    world.drive();
    world.say(bob, choir, "back again");
    world.drive();
    let others = ["one", "two", "three", "four", "back again"];
    assert_eq!(world.texts(alice, choir), others);
    let [edit, other_edit, deletion, other_deletion] = &failed[..] else {
        panic!()
    };
    for item in [edit, deletion] {
        world.must(bob, Command::Retry { item: item.id });
    }
    for item in [other_edit, other_deletion] {
        world.must(bob, Command::Discard { item: item.id });
    }
    world.drive();
    for who in [alice, bob] {
        assert_eq!(
            world.texts(who, choir),
            ["one, changed", "two", "four", "back again"]
        );
    }
    assert_eq!(world.outbox(bob), []);
}

#[test]
fn a_discarded_deletion_gives_back_what_another_own_device_made_of_the_text() {
    let (mut world, people) = World::with_people(619, &["alice", "bob"]);
    let [alice, phone] = people[..] else { panic!() };
    let choir = world.group(alice, "choir", &["bob"]);
    world.drive();
    let tablet = world.link_device(phone);
    world.drive();
    let text = world.say(phone, choir, "as it was");
    world.drive();
    world.set_online(phone, false);
    let delete = Command::Delete {
        conversation: choir,
        message: text,
    };
    world.must(phone, delete);
    world.edit(tablet, choir, text, "as it is");
    world.drive();
    world.remove(alice, choir, phone);
    world.drive();
    world.set_online(phone, true);
    world.drive();
    let failed = world.outbox(phone);
    assert_eq!(failed.len(), 1, "{failed:?}");
    world.must(phone, Command::Discard { item: failed[0].id });
    for who in [alice, phone, tablet] {
        assert_eq!(world.texts(who, choir), ["as it is"]);
    }
}

#[test]
fn an_edit_or_a_deletion_that_is_discarded_is_undone() {
    let (mut world, people) = World::with_people(618, &["alice", "bob"]);
    let [alice, bob] = people[..] else { panic!() };
    let choir = world.group(alice, "choir", &["bob"]);
    world.drive();
    let text = world.say(bob, choir, "as it was");
    world.drive();
    world.edit(bob, choir, text, "as it is");
    world.drive();
    world.set_online(bob, false);
    world.edit(bob, choir, text, "as it might be");
    world.edit(bob, choir, text, "as it never was");
    assert_eq!(world.texts(bob, choir), ["as it never was"]);
    let delete = Command::Delete {
        conversation: choir,
        message: text,
    };
    world.must(bob, delete);
    assert_eq!(world.texts(bob, choir), [""; 0]);
    for item in world.outbox(bob) {
        world.must(bob, Command::Discard { item: item.id });
    }
    let chat = world.chat(bob, choir);
    assert!(chat.ends_with("bob: as it is (edited) ✓✓\n"), "{chat}");
    world.set_online(bob, true);
    world.drive();
    assert_eq!(world.texts(alice, choir), ["as it is"]);
}

#[test]
fn a_device_that_was_removed_gets_no_envelope_of_later() {
    let mut world = World::new(607);
    let alice = world.add_person("alice");
    world.drive();
    let mut mallory = Puppet::register(&mut world, "mallory");
    let choir = world.group(alice, "choir", &["mallory"]);
    world.drive();
    mallory.join(&mut world);
    world.say(alice, choir, "between us");
    world.drive();
    assert_eq!(
        mallory.catch_up(&mut world, choir).len(),
        2,
        "the name and the text"
    );
    world.must(
        alice,
        Command::Remove {
            conversation: choir,
            user: mallory.user(),
        },
    );
    world.say(alice, choir, "now that mallory is gone");
    world.drive();
    mallory.catch_up(&mut world, choir);
    assert!(!mallory.group(choir).is_active());
    assert_eq!(
        mallory
            .fetch(&mut world, choir, 0)
            .last()
            .map(|envelope| envelope.epoch),
        Some(1)
    );
    let stranger = Puppet::register(&mut world, "stranger");
    assert_eq!(stranger.fetch(&mut world, choir, 0), []);
}

#[test]
fn a_blocked_queue_is_retried_when_its_reason_is_gone() {
    let (mut world, people) = World::with_people(608, &["alice", "bob"]);
    let [alice, bob] = people[..] else { panic!() };
    let choir = world.group(alice, "choir", &["bob"]);
    world.drive();
    let add = world.add(alice, choir, "carol");
    world.say(alice, choir, "hello carol");
    world.drive();
    let conversation = world.conversation(alice, choir);
    assert_eq!(conversation.blocked, Some(ErrorCode::NoSuchUser));
    assert_eq!(conversation.queued, 2);
    assert_eq!(world.texts(bob, choir), [""; 0], "nothing overtakes it");
    let other = world.direct(alice, "bob");
    world.say(alice, other, "other conversations go on");
    world.drive();
    assert_eq!(world.texts(bob, other).len(), 1);

    world.must(alice, Command::Retry { item: add });
    world.drive();
    assert_eq!(
        world.conversation(alice, choir).blocked,
        Some(ErrorCode::NoSuchUser)
    );

    let carol = world.add_person("carol");
    world.drive();
    world.must(alice, Command::Retry { item: add });
    world.drive();
    assert_eq!(world.conversation(alice, choir).blocked, None);
    assert_eq!(world.texts(carol, choir), ["hello carol"]);
}

#[test]
fn a_blocked_queue_goes_on_when_its_head_is_discarded() {
    let (mut world, people) = World::with_people(609, &["alice", "bob"]);
    let [alice, bob] = people[..] else { panic!() };
    let choir = world.group(alice, "choir", &["bob"]);
    world.drive();
    let add = world.add(alice, choir, "nobody");
    world.say(alice, choir, "anyway");
    world.drive();
    assert_eq!(world.texts(bob, choir), [""; 0]);
    world.restart_device(alice);
    world.drive();
    let failed = world.outbox(alice)[0].clone();
    assert_eq!((failed.id, failed.state), (add, OutboxState::Failed));
    world.must(alice, Command::Discard { item: add });
    world.drive();
    assert_eq!(world.texts(bob, choir), ["anyway"]);
    assert_eq!(world.outbox(alice), []);
}

#[test]
fn a_blocked_message_goes_on_when_it_is_edited() {
    let (mut world, people) = World::with_people(610, &["alice", "bob"]);
    let [alice, bob] = people[..] else { panic!() };
    let chat = world.direct(alice, "bob");
    world.drive();
    // A server that does not like the first message.
    let first = world.say(alice, chat, "first");
    let is_send = |message: &ClientMessage| matches!(message, ClientMessage::Send(_));
    let send = world.intercept_up(alice, is_send);
    let results = vec![ItemResult::Refused(Refusal::TooLarge)];
    let message = ServerMessage::SendResult {
        conversation: chat,
        results,
    };
    world.send_to(
        alice,
        &ServerFrame {
            request: send[0].request,
            message,
        },
    );
    world.say(alice, chat, "second");
    world.drive();
    assert!(
        world
            .chat(alice, chat)
            .ends_with("alice: first !\nalice: second …\n")
    );
    world.edit(alice, chat, first, "shorter");
    world.drive();
    assert_eq!(
        world.chat(bob, chat),
        "* alice added bob\nalice: shorter\nalice: second\n"
    );
}

#[test]
fn a_right_that_is_lost_meanwhile_is_told_and_nothing_happens() {
    let (mut world, people) = World::with_people(611, &["alice", "bob", "carol", "dave"]);
    let [alice, bob, carol, _] = people[..] else {
        panic!()
    };
    let choir = world.group(alice, "choir", &["bob", "carol"]);
    world.drive();
    let user = world.device(bob).user;
    let make = |role| Command::SetRoles {
        conversation: choir,
        roles: vec![(user, role)],
    };
    world.must(alice, make(whimbrel::types::Role::Admin));
    world.drive();
    world.set_online(bob, false);
    let remove = world.remove(bob, choir, carol);
    let add = world.add(bob, choir, "dave");
    world.must(alice, make(whimbrel::types::Role::Member));
    world.drive();
    world.set_online(bob, true);
    world.drive();
    assert_eq!(
        world.conversation(bob, choir).blocked,
        Some(ErrorCode::NotAllowed)
    );
    world.must(bob, Command::Discard { item: remove });
    world.drive();
    assert_eq!(
        world.conversation(bob, choir).blocked,
        Some(ErrorCode::NotAllowed)
    );
    world.must(bob, Command::Discard { item: add });
    world.say(bob, choir, "as I was saying");
    world.drive();
    for who in [alice, bob, carol] {
        assert_eq!(world.texts(who, choir), ["as I was saying"]);
        assert_eq!(world.member_names(who, choir), ["alice", "bob", "carol"]);
    }
    let direct = world.direct(alice, "bob");
    world.drive();
    let people = vec![Person::Username("carol".into())];
    let refused = world.must_fail(
        alice,
        Command::Add {
            conversation: direct,
            people,
        },
    );
    assert_eq!(refused.code, ErrorCode::NotAllowed);
}
