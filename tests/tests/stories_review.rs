//! Stories of defects that reading the code has found.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use sha2::{Digest, Sha256};
use whimbrel::ErrorCode;
use whimbrel::event::Command;
use whimbrel::types::{Alarm, ConversationState};
use whimbrel_mls::{Certificate, Device, DeviceKey, Role};
use whimbrel_protocol::frame::{ClientMessage, ItemResult, Refusal, ServerMessage};
use whimbrel_tests::sim::DeviceIndex;
use whimbrel_tests::{Puppet, World};

fn sql(world: &World, who: DeviceIndex, text: &str) {
    let engine = world.device(who).engine.as_ref().unwrap();
    engine.store().connection().execute(text, []).unwrap();
}

#[test]
fn nobody_can_go_by_somebody_elses_name() {
    let (mut world, people) = World::with_people(701, &["bob", "carol"]);
    let [bob, carol] = people[..] else { panic!() };
    let mut mallory = Puppet::register(&mut world, "mallory");
    let key = || DeviceKey::from_seed(Sha256::digest("puppet mallory device key").into());
    let forged = Certificate::issue(
        &mallory.identity,
        mallory.user(),
        "carol",
        mallory.device_id(),
        key().public(),
    );
    mallory.device = Device::new(forged.unwrap(), key()).unwrap();
    let refused = mallory.try_found(&mut world);
    assert_eq!(refused, ItemResult::Refused(Refusal::Policy));

    let chat = world.direct(bob, "carol");
    world.say(bob, chat, "for carol");
    world.drive();
    assert_eq!(world.texts(carol, chat), ["for carol"]);
}

#[test]
fn news_of_a_lost_invitation_that_come_late_throw_nobody_out() {
    let (mut world, people) = World::with_people(702, &["alice", "bob", "carol"]);
    let [alice, bob, carol] = people[..] else {
        panic!()
    };
    let mut dave = Puppet::register(&mut world, "dave");
    let choir = dave.found(&mut world);
    let both = [world.device(alice).user, world.device(carol).user];
    dave.add(&mut world, choir, &both, Role::Admin);
    world.drive();
    sql(&world, bob, "UPDATE key_package_row SET kind = kind + 100");
    world.add(carol, choir, "bob");
    world.step_until("invited", |world| {
        let frames = world.frames_down(bob);
        frames
            .iter()
            .any(|frame| matches!(frame.message, ServerMessage::InboxItems { .. }))
    });
    world.set_online(carol, false);
    world.drive();
    sql(&world, bob, "UPDATE key_package_row SET kind = kind - 100");
    world.remove(alice, choir, bob);
    world.drive();
    world.add(alice, choir, "bob");
    world.drive();
    let epoch_commits = world.conversation(alice, choir).applied_seq;
    world.set_online(carol, true);
    world.drive();
    world.say(alice, choir, "still there?");
    world.drive();
    assert_eq!(
        world.conversation(bob, choir).state,
        ConversationState::Active
    );
    assert_eq!(world.texts(bob, choir), ["still there?"]);
    let after = world.conversation(alice, choir).applied_seq;
    assert_eq!(after, epoch_commits + 1, "only the message came");
}

#[test]
fn a_text_taken_back_in_doubt_is_never_sent_later() {
    let (mut world, people) = World::with_people(703, &["alice", "bob"]);
    let [alice, bob] = people[..] else { panic!() };
    let choir = world.group(alice, "choir", &["bob"]);
    world.drive();
    let taken_back = world.say(bob, choir, "oops");
    let kept = world.say(bob, choir, "first version");
    world.step_until("under way", |world| {
        let frames = world.frames_up(bob);
        frames
            .iter()
            .any(|frame| matches!(frame.message, ClientMessage::Send(_)))
    });
    world.set_online(bob, false);
    let delete = Command::Delete {
        conversation: choir,
        message: taken_back,
    };
    world.must(bob, delete);
    world.edit(bob, choir, kept, "second version");
    // The epoch moves on: the bytes in doubt die, and everything is sealed anew.
    world.add_person("carol");
    world.add(alice, choir, "carol");
    world.drive();
    world.set_online(bob, true);
    world.drive();
    assert_eq!(world.texts(alice, choir), ["second version"]);
    assert!(!world.chat(alice, choir).contains("deleted"));
    assert!(!world.chat(bob, choir).contains("deleted"));
    assert!(world.outbox(bob).is_empty());
}

#[test]
fn a_text_taken_back_before_its_author_was_removed_is_gone() {
    let (mut world, people) = World::with_people(704, &["alice", "bob"]);
    let [alice, bob] = people[..] else { panic!() };
    let choir = world.group(alice, "choir", &["bob"]);
    world.drive();
    let id = world.say(bob, choir, "oops");
    world.step_until("under way", |world| {
        let frames = world.frames_up(bob);
        frames
            .iter()
            .any(|frame| matches!(frame.message, ClientMessage::Send(_)))
    });
    world.set_online(bob, false);
    let delete = Command::Delete {
        conversation: choir,
        message: id,
    };
    world.must(bob, delete);
    world.remove(alice, choir, bob);
    world.drive();
    world.set_online(bob, true);
    world.drive();
    assert!(world.outbox(bob).is_empty());
    world.add(alice, choir, "bob");
    world.drive();
    world.say(bob, choir, "hello again");
    world.drive();
    assert_eq!(world.texts(alice, choir), ["hello again"]);
}

#[test]
fn who_was_removed_edits_and_deletes_nothing_any_more() {
    let (mut world, people) = World::with_people(705, &["alice", "bob"]);
    let [alice, bob] = people[..] else { panic!() };
    let choir = world.group(alice, "choir", &["bob"]);
    world.drive();
    let message = world.say(bob, choir, "one");
    world.drive();
    world.remove(alice, choir, bob);
    world.drive();
    let edit = Command::Edit {
        conversation: choir,
        message,
        text: "two".into(),
    };
    assert_eq!(world.must_fail(bob, edit).code, ErrorCode::NotMember);
    let delete = Command::Delete {
        conversation: choir,
        message,
    };
    assert_eq!(world.must_fail(bob, delete).code, ErrorCode::NotMember);
    assert_eq!(world.texts(bob, choir), ["one"]);
    assert!(world.outbox(bob).is_empty());
}

#[test]
fn an_inbox_that_the_server_has_forgotten_tells_of_an_old_copy() {
    let (mut world, people) = World::with_people(706, &["alice", "bob"]);
    let [alice, bob] = people[..] else { panic!() };
    world.group(alice, "choir", &["bob"]);
    world.drive();
    // As a copy from before the invitation, with nothing sealed since.
    sql(&world, bob, "UPDATE account SET inbox_seq = 0");
    world.restart_device(bob);
    world.wait(30_000);
    let state = world.device(bob).engine.as_ref().unwrap().state();
    assert_eq!(state.alarm, Some(Alarm::RolledBack));
}
