//! Stories of people with several devices: linked, lost, revoked, out of step.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use whimbrel::ErrorCode;
use whimbrel::event::Command;
use whimbrel::types::{Alarm, ConversationId, Delivery, DeviceState, Role};
use whimbrel_tests::World;
use whimbrel_tests::sim::DeviceIndex;

/// Alice with a phone and a linked tablet, and Bob.
fn alice_with_a_tablet(seed: u64) -> (World, DeviceIndex, DeviceIndex, DeviceIndex) {
    let (mut world, people) = World::with_people(seed, &["alice", "bob"]);
    let [phone, bob] = people[..] else { panic!() };
    let tablet = world.link_device(phone);
    world.drive();
    (world, phone, tablet, bob)
}

fn has(world: &World, who: DeviceIndex, place: ConversationId) -> bool {
    world.conversations(who).iter().any(|each| each.id == place)
}

#[test]
fn a_linked_device_comes_into_every_conversation() {
    let (mut world, people) = World::with_people(1_001, &["alice", "bob", "carol"]);
    let [phone, bob, carol] = people[..] else {
        panic!()
    };
    let direct = world.direct(phone, "bob");
    let choir = world.group(carol, "choir", &["alice", "bob"]);
    world.say(phone, direct, "before the tablet");
    world.drive();
    let tablet = world.link_device(phone);
    world.drive();
    let listed = world.own_devices(phone);
    assert_eq!((listed.version, listed.devices.len()), (2, 2));
    assert!(
        listed
            .devices
            .iter()
            .all(|each| each.conversations_left == 0)
    );
    world.say(bob, direct, "hello tablet");
    world.say(carol, choir, "welcome");
    world.drive();
    assert_eq!(world.texts(tablet, direct), ["hello tablet"]);
    assert_eq!(world.texts(tablet, choir), ["welcome"]);
    assert_eq!(
        world.texts(phone, direct),
        ["before the tablet", "hello tablet"]
    );
}

#[test]
fn own_messages_and_read_marks_are_on_both_devices() {
    let (mut world, phone, tablet, bob) = alice_with_a_tablet(1_002);
    let chat = world.direct(tablet, "bob");
    world.say(tablet, chat, "from the tablet");
    world.drive();
    let shown = world.chat(phone, chat);
    assert!(shown.ends_with("alice: from the tablet ✓✓\n"), "{shown}");
    let id = world.say(phone, chat, "from the phone");
    world.drive();
    assert_eq!(
        world.texts(tablet, chat),
        ["from the tablet", "from the phone"]
    );
    assert_eq!(
        world.conversation(tablet, chat).unread,
        0,
        "own messages are read"
    );
    world.read_all(bob, chat);
    world.drive();
    world.say(bob, chat, "answer");
    world.drive();
    assert_eq!(world.conversation(phone, chat).unread, 1);
    assert_eq!(world.conversation(tablet, chat).unread, 1);
    world.read_all(phone, chat);
    world.drive();
    assert_eq!(
        world.conversation(tablet, chat).unread,
        0,
        "read on the phone"
    );
    world.read_all(bob, chat);
    world.drive();
    for own in [phone, tablet] {
        let message = world
            .messages(own, chat)
            .into_iter()
            .find(|each| each.id == id);
        assert_eq!(message.unwrap().delivery, Delivery::Read);
    }
}

#[test]
fn a_message_of_one_device_is_edited_and_taken_back_on_the_other() {
    let (mut world, phone, tablet, bob) = alice_with_a_tablet(1_003);
    let chat = world.direct(phone, "bob");
    let first = world.say(phone, chat, "frist");
    let second = world.say(phone, chat, "oops");
    world.drive();
    world.edit(tablet, chat, first, "first");
    world.must(
        tablet,
        Command::Delete {
            conversation: chat,
            message: second,
        },
    );
    world.drive();
    for who in [phone, tablet, bob] {
        assert_eq!(world.texts(who, chat), ["first"]);
    }
}

#[test]
fn a_conversation_made_on_one_device_is_on_the_other_and_newcomers_bring_theirs() {
    let (mut world, phone, tablet, bob) = alice_with_a_tablet(1_004);
    let choir = world.group(phone, "choir", &["bob"]);
    let laptop = world.link_device(bob);
    world.drive();
    let walk = world.group(tablet, "walk", &["bob"]);
    world.drive();
    for place in [choir, walk] {
        for who in [phone, tablet, bob, laptop] {
            assert!(has(&world, who, place), "device {who:?}");
        }
    }
    world.say(laptop, walk, "all here");
    world.drive();
    for who in [phone, tablet, bob, laptop] {
        assert_eq!(world.texts(who, walk), ["all here"]);
    }
}

#[test]
fn a_lost_phone_is_revoked_and_reads_nothing_more() {
    let (mut world, phone, tablet, bob) = alice_with_a_tablet(1_005);
    let chat = world.direct(phone, "bob");
    let choir = world.group(bob, "choir", &["alice"]);
    world.drive();
    world.say(bob, chat, "to both");
    world.drive();
    let lost = world.device_id(phone);
    world.revoke(tablet, lost).unwrap();
    world.drive();
    world.say(bob, chat, "not for the thief");
    world.say(bob, choir, "nor this");
    world.drive();
    assert_eq!(world.texts(tablet, chat), ["to both", "not for the thief"]);
    assert_eq!(world.texts(phone, chat), ["to both"]);
    assert_eq!(world.texts(phone, choir), [""; 0]);
    let state = world.device(phone).engine.as_ref().unwrap().state();
    assert_eq!(state.alarm, Some(Alarm::Revoked));
    let refused = world.try_say(phone, chat, "it is me").unwrap_err();
    assert_eq!(refused.code, ErrorCode::Revoked);
    let devices = world.own_devices(tablet).devices;
    let entry = devices.iter().find(|each| each.id == lost).unwrap();
    assert_eq!(
        (entry.state, entry.conversations_left),
        (DeviceState::Revoked, 0)
    );
}

#[test]
fn others_remove_a_revoked_device_where_the_user_has_no_device_online() {
    let (mut world, phone, tablet, bob) = alice_with_a_tablet(1_006);
    let chat = world.direct(phone, "bob");
    world.drive();
    let lost = world.device_id(phone);
    world.set_online(phone, false);
    world.revoke(tablet, lost).unwrap();
    world.step_until("the manifest is out", |world| {
        let devices = world.own_devices(tablet).devices;
        devices
            .iter()
            .any(|each| each.state == DeviceState::Revoked)
    });
    world.set_online(tablet, false);
    world.drive();
    let id = world.say(bob, chat, "only for the tablet");
    world.drive();
    world.set_online(tablet, true);
    world.set_online(phone, true);
    world.drive();
    assert_eq!(world.texts(tablet, chat), ["only for the tablet"]);
    assert_eq!(world.texts(phone, chat), [""; 0]);
    let message = world
        .messages(bob, chat)
        .into_iter()
        .find(|each| each.id == id);
    assert_eq!(message.unwrap().delivery, Delivery::Delivered);
}

#[test]
fn the_first_list_that_somebody_sees_may_revoke_a_device() {
    let (mut world, people) = World::with_people(1_018, &["alice", "bob"]);
    let [phone, bob] = people[..] else { panic!() };
    let tablet = world.link_device(phone);
    let chat = world.direct(phone, "bob");
    world.drive();
    let lists_at_bob = |world: &World| -> i64 {
        let engine = world.device(bob).engine.as_ref().unwrap();
        let query = "SELECT count(*) FROM manifest";
        let connection = engine.store().connection();
        connection.query_row(query, [], |row| row.get(0)).unwrap()
    };
    assert_eq!(
        lists_at_bob(&world),
        0,
        "he was invited and looked nobody up"
    );
    let lost = world.device_id(phone);
    world.set_online(phone, false);
    world.revoke(tablet, lost).unwrap();
    world.step_until("the manifest is out", |world| {
        let devices = world.own_devices(tablet).devices;
        devices
            .iter()
            .any(|each| each.state == DeviceState::Revoked)
    });
    world.set_online(tablet, false);
    world.drive();
    world.wait(30_000);
    world.drive();
    assert_eq!(lists_at_bob(&world), 1);
    let server = world.server_database().unwrap();
    let query = "SELECT count(*) FROM member WHERE device = ?1 AND to_seq IS NULL";
    let is_in = |device: whimbrel_protocol::DeviceId| -> i64 {
        server
            .query_row(query, [device.as_bytes()], |row| row.get(0))
            .unwrap()
    };
    assert_eq!((is_in(lost), is_in(world.device_id(tablet))), (0, 1));
    assert_eq!(world.texts(bob, chat), [""; 0]);
}

#[test]
fn a_device_that_comes_late_is_added_as_soon_as_it_comes() {
    let (mut world, people) = World::with_people(1_019, &["alice", "bob"]);
    let [phone, _] = people[..] else { panic!() };
    let chats: Vec<ConversationId> = ["one", "two", "three"]
        .iter()
        .map(|name| world.group(phone, name, &["bob"]))
        .collect();
    world.drive();
    // One that never comes, and one that comes after more than three minutes.
    let ghost = world.add_device("ghost");
    let link = world.start_link(ghost);
    world.approve_link(phone, &link).unwrap();
    let late = world.add_device("late");
    let link = world.start_link(late);
    let grant = world.approve_link(phone, &link).unwrap();
    world.wait(200_000);
    let before_ms = world.wall_ms();
    world.take_grant(late, grant).unwrap();
    world.step_until("in every conversation", |world| {
        chats.iter().all(|chat| has(world, late, *chat))
    });
    let took_ms = world.wall_ms() - before_ms;
    assert!(took_ms < 10_000, "{took_ms} ms of virtual time");
}

#[test]
fn two_devices_that_change_the_list_at_once_both_get_their_way() {
    let (mut world, phone, tablet, _) = alice_with_a_tablet(1_007);
    let laptop = world.link_device(phone);
    world.drive();
    let watch = world.add_device("alice");
    let link = world.start_link(watch);
    let lost = world.device_id(laptop);
    for who in [phone, tablet] {
        world.set_online(who, false);
    }
    world.revoke(tablet, lost).unwrap();
    world.set_online(tablet, true);
    world.set_online(phone, true);
    let grant = world.approve_link(phone, &link).unwrap();
    world.take_grant(watch, grant).unwrap();
    world.drive();
    for who in [phone, tablet, watch] {
        let listed = world.own_devices(who);
        assert_eq!((listed.version, listed.conflict), (5, false));
        let count = |state| {
            listed
                .devices
                .iter()
                .filter(|each| each.state == state)
                .count()
        };
        assert_eq!(
            (count(DeviceState::Listed), count(DeviceState::Revoked)),
            (3, 1)
        );
    }
}

#[test]
fn a_kill_on_either_side_does_not_end_a_linking() {
    let (mut world, people) = World::with_people(1_008, &["alice", "bob"]);
    let [phone, bob] = people[..] else { panic!() };
    let places: Vec<_> = (0..12)
        .map(|number| world.group(phone, &format!("group {number}"), &["bob"]))
        .collect();
    world.drive();
    let tablet = world.add_device("alice");
    let link = world.start_link(tablet);
    world.restart_device(tablet);
    let grant = world.approve_link(phone, &link).unwrap();
    world.restart_device(phone);
    world.take_grant(tablet, grant).unwrap();
    world.restart_device(tablet);
    world.wait(2_000);
    world.restart_device(phone);
    world.drive();
    for place in places {
        world.say(bob, place, "hello");
        world.drive();
        assert_eq!(world.texts(tablet, place), ["hello"]);
    }
}

#[test]
fn the_eleventh_device_is_refused_and_changes_nothing() {
    let (mut world, people) = World::with_people(1_009, &["alice"]);
    let phone = people[0];
    for _ in 0..9 {
        world.link_device(phone);
        world.drive();
    }
    let one_more = world.add_device("alice");
    let link = world.start_link(one_more);
    let refused = world.approve_link(phone, &link).unwrap_err();
    assert_eq!(refused.code, ErrorCode::TooManyDevices);
    let listed = world.own_devices(phone);
    assert_eq!((listed.version, listed.devices.len()), (10, 10));
}

#[test]
fn the_only_device_and_a_stranger_cannot_be_revoked() {
    let (mut world, people) = World::with_people(1_010, &["alice", "bob"]);
    let [alice, bob] = people[..] else { panic!() };
    let (own, other) = (world.device_id(alice), world.device_id(bob));
    assert_eq!(
        world.revoke(alice, own).unwrap_err().code,
        ErrorCode::WrongState
    );
    assert_eq!(
        world.revoke(alice, other).unwrap_err().code,
        ErrorCode::NotFound
    );
    assert_eq!(world.own_devices(alice).version, 1);
}

#[test]
fn a_grant_for_another_code_is_refused_and_a_late_one_has_expired() {
    let (mut world, people) = World::with_people(1_011, &["alice"]);
    let phone = people[0];
    let tablet = world.add_device("alice");
    let first = world.start_link(tablet);
    let grant = world.approve_link(phone, &first).unwrap();
    let second = world.start_link(tablet);
    let refused = world.take_grant(tablet, grant).unwrap_err();
    assert_eq!(refused.code, ErrorCode::UntrustedDevice);
    let grant = world.approve_link(phone, &second).unwrap();
    world.wait(5 * 60 * 1_000);
    let refused = world.take_grant(tablet, grant).unwrap_err();
    assert_eq!(refused.code, ErrorCode::CodeExpired);
    let state = world.device(tablet).engine.as_ref().unwrap().state();
    assert_eq!(state.account, None);
}

#[test]
fn a_cancelled_link_takes_no_grant() {
    let (mut world, people) = World::with_people(1_012, &["alice"]);
    let phone = people[0];
    let tablet = world.add_device("alice");
    let link = world.start_link(tablet);
    let grant = world.approve_link(phone, &link).unwrap();
    world.must(tablet, Command::CancelLink);
    let refused = world.take_grant(tablet, grant).unwrap_err();
    assert_eq!(refused.code, ErrorCode::WrongState);
}

/// A device has lost the commit that was made just now: it can't decrypt what follows, and reads
/// nothing more until it is added again.
fn lose_the_last_commit(
    world: &mut World,
    who: DeviceIndex,
    witness: DeviceIndex,
    place: ConversationId,
) {
    let commit = world.conversation(witness, place).applied_seq;
    let engine = world.device(who).engine.as_ref().unwrap();
    let connection = engine.store().connection();
    connection
        .execute(
            &format!("UPDATE conversation SET applied_seq = {commit}"),
            [],
        )
        .unwrap();
    world.restart_device(who);
}

#[test]
fn a_device_that_cannot_follow_is_added_again_and_asks_for_what_it_missed() {
    let (mut world, people) = World::with_people(1_013, &["alice", "bob"]);
    let [alice, bob] = people[..] else { panic!() };
    let choir = world.group(alice, "choir", &["bob"]);
    world.say(alice, choir, "one");
    world.drive();
    world.set_online(bob, false);
    let roles = vec![(world.device(bob).user, Role::Admin)];
    world.must(
        alice,
        Command::SetRoles {
            conversation: choir,
            roles,
        },
    );
    world.drive();
    lose_the_last_commit(&mut world, bob, alice, choir);
    world.say(alice, choir, "two");
    world.say(alice, choir, "three");
    world.drive();
    world.set_online(bob, true);
    world.drive();
    world.wait(60_000);
    world.drive();
    let shown = world.chat(bob, choir);
    assert!(shown.contains("* missed "), "{shown}");
    assert_eq!(world.texts(bob, choir), ["one", "two", "three"]);
    world.say(alice, choir, "four");
    world.say(bob, choir, "five");
    world.drive();
    for who in [alice, bob] {
        assert_eq!(
            world.texts(who, choir),
            ["one", "two", "three", "four", "five"]
        );
    }
}

#[test]
fn what_was_said_before_somebody_came_is_not_said_again() {
    let (mut world, people) = World::with_people(1_014, &["alice", "bob", "carol"]);
    let [alice, bob, carol] = people[..] else {
        panic!()
    };
    let choir = world.group(alice, "choir", &["bob"]);
    world.drive();
    world.set_online(bob, false);
    let roles = vec![(world.device(bob).user, Role::Admin)];
    world.must(
        alice,
        Command::SetRoles {
            conversation: choir,
            roles,
        },
    );
    world.drive();
    lose_the_last_commit(&mut world, bob, alice, choir);
    world.say(alice, choir, "before carol");
    world.drive();
    world.add(alice, choir, "carol");
    world.drive();
    world.say(alice, choir, "after carol");
    world.drive();
    world.set_online(bob, true);
    world.drive();
    world.wait(60_000);
    world.drive();
    assert_eq!(world.texts(bob, choir), ["after carol"]);
    assert_eq!(world.texts(carol, choir), ["after carol"]);
}

#[test]
fn two_hundred_conversations_get_the_new_device_in_one_go() {
    let (mut world, people) = World::with_people(1_016, &["alice", "bob"]);
    let [phone, bob] = people[..] else { panic!() };
    let places: Vec<_> = (0..200)
        .map(|number| world.group(phone, &format!("group {number}"), &["bob"]))
        .collect();
    world.drive();
    let tablet = world.link_device(phone);
    let left = |world: &World| {
        let devices = world.own_devices(phone).devices;
        devices
            .iter()
            .map(|each| each.conversations_left)
            .sum::<u32>()
    };
    assert_eq!(left(&world), 200);
    world.step_until("halfway", |world| left(world) <= 100);
    world.restart_device(phone);
    world.drive();
    assert_eq!(left(&world), 0);
    for place in [places[0], places[99], places[199]] {
        world.say(bob, place, "hello tablet");
    }
    world.drive();
    assert_eq!(world.conversations(tablet).len(), 200);
    for place in [places[0], places[99], places[199]] {
        assert_eq!(world.texts(tablet, place), ["hello tablet"]);
    }
}

#[test]
fn a_linked_device_that_never_comes_holds_nobody_up() {
    let (mut world, people) = World::with_people(1_017, &["alice", "bob"]);
    let [phone, bob] = people[..] else { panic!() };
    let chat = world.direct(phone, "bob");
    world.drive();
    let tablet = world.add_device("alice");
    let link = world.start_link(tablet);
    let grant = world.approve_link(phone, &link).unwrap();
    world.wait(120_000);
    for number in 0..5 {
        world.say(phone, chat, &format!("message {number}"));
        world.wait(500);
        assert_eq!(world.texts(bob, chat).len(), number + 1, "at once");
    }
    world.take_grant(tablet, grant).unwrap();
    world.drive();
    assert!(has(&world, tablet, chat));
}

#[test]
fn a_third_device_comes_into_every_conversation_as_fast_as_the_second() {
    let (mut world, alice, tablet, _) = alice_with_a_tablet(1721);
    let places: Vec<_> = (0..40)
        .map(|number| world.group(alice, &format!("group {number}"), &["bob"]))
        .collect();
    world.drive();
    assert!(places.iter().all(|place| has(&world, tablet, *place)));
    // The server hands out a key package of the tablet beside each of the laptop's.
    let laptop = world.link_device(alice);
    world.wait(10_000);
    let missing = places
        .iter()
        .filter(|place| !has(&world, laptop, **place))
        .count();
    assert_eq!(missing, 0);
}
