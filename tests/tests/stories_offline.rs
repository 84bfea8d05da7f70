//! Stories of being away: sending without a network, catching up, names, many conversations.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use std::fmt::Write as _;

use whimbrel::event::Command;
use whimbrel::types::{Connection, Delivery, MessageKind, Role};
use whimbrel_protocol::frame::ClientMessage;
use whimbrel_tests::World;

#[test]
fn fifty_messages_wait_for_somebody_who_is_offline() {
    let (mut world, people) = World::with_people(101, &["alice", "bob"]);
    let [alice, bob] = people[..] else { panic!() };
    let chat = world.direct(alice, "bob");
    world.drive();
    world.set_online(bob, false);
    for number in 1..=50 {
        world.say(alice, chat, &format!("message {number}"));
    }
    world.drive();
    assert_eq!(world.conversation(bob, chat).unread, 0);

    world.set_online(bob, true);
    world.drive();
    let mut expected = String::from("* alice added bob\n");
    for number in 1..=50 {
        writeln!(expected, "alice: message {number}").unwrap();
    }
    assert_eq!(world.chat(bob, chat), expected);
    assert_eq!(world.conversation(bob, chat).unread, 50);
    let marks = |world: &World| -> Vec<Delivery> {
        let own = world.messages(alice, chat).into_iter();
        own.filter(|message| matches!(message.kind, MessageKind::Text { .. }))
            .map(|message| message.delivery)
            .collect()
    };
    assert_eq!(marks(&world), [Delivery::Delivered; 50]);

    let middle = world.messages(bob, chat)[25].id;
    world.must(
        bob,
        Command::MarkRead {
            conversation: chat,
            message: middle,
        },
    );
    world.drive();
    assert_eq!(world.conversation(bob, chat).unread, 25);
    let read = marks(&world);
    assert_eq!(read[..25], [Delivery::Read; 25]);
    assert_eq!(read[25..], [Delivery::Delivered; 25]);
    world.read_all(bob, chat);
    world.drive();
    assert_eq!(world.conversation(bob, chat).unread, 0);
    assert_eq!(marks(&world), [Delivery::Read; 50]);
}

#[test]
fn a_message_goes_from_queued_to_read_member_by_member() {
    let (mut world, people) = World::with_people(102, &["alice", "bob", "carol"]);
    let [alice, bob, carol] = people[..] else {
        panic!()
    };
    let choir = world.group(alice, "choir", &["bob", "carol"]);
    world.drive();
    for who in [alice, bob, carol] {
        world.set_online(who, false);
    }
    world.say(alice, choir, "who sings?");
    let last = |world: &World| world.chat(alice, choir).lines().last().unwrap().to_owned();
    assert_eq!(last(&world), "alice: who sings? …");
    assert_eq!(world.outbox(alice).len(), 1);

    world.set_online(alice, true);
    world.drive();
    assert_eq!(last(&world), "alice: who sings? ✓");
    assert_eq!(world.outbox(alice), []);

    world.set_online(bob, true);
    world.drive();
    assert_eq!(
        last(&world),
        "alice: who sings? ✓",
        "carol does not have it"
    );
    let seq = world.messages(alice, choir).last().unwrap().seq.unwrap();
    let delivered = |world: &World| -> Vec<(String, bool, bool)> {
        let mut members: Vec<_> = world
            .members(alice, choir)
            .into_iter()
            .map(|m| (m.username, m.delivered_seq >= seq, m.read_seq >= seq))
            .filter(|(name, ..)| name != "alice")
            .collect();
        members.sort();
        members
    };
    let row = |name: &str, delivered, read| (name.to_owned(), delivered, read);
    assert_eq!(
        delivered(&world),
        [row("bob", true, false), row("carol", false, false)]
    );

    world.set_online(carol, true);
    world.drive();
    assert_eq!(last(&world), "alice: who sings? ✓✓");
    world.read_all(carol, choir);
    world.drive();
    assert_eq!(last(&world), "alice: who sings? ✓✓");
    assert_eq!(
        delivered(&world),
        [row("bob", true, false), row("carol", true, true)]
    );
    world.read_all(bob, choir);
    world.drive();
    assert_eq!(last(&world), "alice: who sings? ✓✓✓");
}

#[test]
fn everything_can_be_made_offline() {
    let (mut world, people) = World::with_people(103, &["alice", "bob", "carol"]);
    let [alice, bob, carol] = people[..] else {
        panic!()
    };
    world.set_online(alice, false);
    let choir = world.group(alice, "choir", &["bob"]);
    world.say(alice, choir, "first");
    world.add(alice, choir, "carol");
    world.say(alice, choir, "second");
    let direct = world.direct(alice, "carol");
    world.say(alice, direct, "psst");
    assert_eq!(
        world.chat(alice, choir),
        "alice: first …\nalice: second …\n"
    );

    world.set_online(alice, true);
    world.drive();
    assert_eq!(world.outbox(alice), []);
    assert_eq!(
        world.chat(bob, choir),
        "* alice added bob\n* alice named this \"choir\"\nalice: first\n\
         * alice added carol\nalice: second\n"
    );
    assert_eq!(world.texts(carol, choir), ["second"]);
    assert_eq!(world.conversation(carol, choir).name, "choir");
    assert_eq!(world.texts(carol, direct), ["psst"]);
    assert_eq!(world.member_names(carol, choir), ["alice", "bob", "carol"]);
}

#[test]
fn a_name_is_for_everybody_and_newcomers_learn_it() {
    let (mut world, people) = World::with_people(104, &["alice", "bob", "carol"]);
    let [alice, bob, carol] = people[..] else {
        panic!()
    };
    let choir = world.group(alice, "choir", &["bob"]);
    world.drive();
    assert_eq!(world.conversation(bob, choir).name, "choir");
    world.rename(alice, choir, "chamber choir");
    world.drive();
    for who in [alice, bob] {
        assert_eq!(world.conversation(who, choir).name, "chamber choir");
        let chat = world.chat(who, choir);
        assert!(
            chat.ends_with("* alice named this \"chamber choir\"\n"),
            "{chat}"
        );
    }
    world.add(alice, choir, "carol");
    world.drive();
    assert_eq!(world.conversation(carol, choir).name, "chamber choir");

    let admin = Command::SetRoles {
        conversation: choir,
        roles: vec![(world.device(carol).user, Role::Admin)],
    };
    world.must(alice, admin);
    world.drive();
    world.set_online(carol, false);
    world.rename(carol, choir, "carol's choir");
    world.rename(alice, choir, "alice's choir");
    world.drive();
    world.set_online(carol, true);
    world.drive();
    for who in [alice, bob, carol] {
        assert_eq!(
            world.conversation(who, choir).name,
            "carol's choir",
            "the later seq wins"
        );
    }
}

#[test]
fn many_conversations_catch_up_and_the_one_on_screen_comes_first() {
    let (mut world, people) = World::with_people(105, &["alice", "bob"]);
    let [alice, bob] = people[..] else { panic!() };
    let chats: Vec<_> = (0..30)
        .map(|number| world.group(alice, &format!("group {number}"), &["bob"]))
        .collect();
    world.drive();
    world.set_online(bob, false);
    for (number, chat) in chats.iter().enumerate() {
        world.say(alice, *chat, &format!("hello {number}"));
    }
    world.drive();

    let focused = *chats.iter().max().unwrap();
    world.must(bob, Command::Focus(Some(focused)));
    world.set_online(bob, true);
    let fetches = |world: &World| -> Vec<_> {
        let frames = world.frames_up(bob).into_iter();
        frames
            .filter_map(|frame| match frame.message {
                ClientMessage::Fetch { conversation, .. } => Some(conversation),
                _ => None,
            })
            .collect()
    };
    world.step_until("fetching", |world| !fetches(world).is_empty());
    assert_eq!(fetches(&world)[0], focused);
    let state = |world: &World| {
        world
            .device(bob)
            .engine
            .as_ref()
            .unwrap()
            .state()
            .connection
    };
    assert_eq!(state(&world), Connection::CatchingUp);
    world.drive();
    assert_eq!(state(&world), Connection::Live);
    for (number, chat) in chats.iter().enumerate() {
        assert_eq!(world.texts(bob, *chat), [format!("hello {number}")]);
    }
    assert_eq!(world.conversations(bob).len(), 30);
}
