//! Stories of old copies of a database that go on as new devices.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "tests; a failure is to tell at which operation"
)]

use whimbrel::ErrorCode;
use whimbrel::event::{Command, Password, Session};
use whimbrel::types::{
    Alarm, ConversationId, ConversationState, DeviceState, MessageKind, OutboxKind, OutboxState,
};
use whimbrel_protocol::account::{RecoveryAnswer, to_hex};
use whimbrel_protocol::frame::ClientMessage;
use whimbrel_tests::World;
use whimbrel_tests::sim::DeviceIndex;
use whimbrel_tests::sim::origin::Origin;
use whimbrel_tests::vfs::Image;

/// Alice and Bob in a direct conversation with a history.
fn two(seed: u64) -> (World, DeviceIndex, DeviceIndex, ConversationId) {
    let mut world = World::from_origin(seed, Origin::plain(), 2);
    let (alice, bob) = (DeviceIndex(0), DeviceIndex(1));
    world.drive();
    let chat = world.direct(alice, "bob");
    world.drive();
    world.say(alice, chat, "before");
    world.drive();
    world.say(bob, chat, "before, too");
    world.drive();
    (world, alice, bob, chat)
}

fn alarm(world: &World, who: DeviceIndex) -> Option<Alarm> {
    world.device(who).engine.as_ref().unwrap().state().alarm
}

/// Puts the files back that were there before the life that gets lost, and waits until the
/// device is known as an old copy.
fn lose(world: &mut World, who: DeviceIndex, life: impl FnOnce(&mut World)) {
    let old = world.device(who).disk.snapshot();
    life(world);
    world.drive();
    put_back(world, who, &old);
    world.wait(20_000);
    assert_eq!(alarm(world, who), Some(Alarm::RolledBack));
}

fn put_back(world: &mut World, who: DeviceIndex, old: &Image) {
    world.kill_device(who);
    world.device(who).disk.restore(old);
    world.start_device(who);
}

/// Others have time to let the new device in.
fn come_back(world: &mut World) {
    world.wait(60_000);
    world.drive();
}

fn count(texts: &[String], text: &str) -> usize {
    texts.iter().filter(|said| *said == text).count()
}

fn has_missed_row(world: &World, who: DeviceIndex, chat: ConversationId) -> bool {
    let is_missed = |kind: &MessageKind| matches!(kind, MessageKind::Missed { .. });
    world
        .messages(who, chat)
        .iter()
        .any(|message| is_missed(&message.kind))
}

#[test]
fn with_one_device_the_copy_goes_on_and_keeps_its_history() {
    let (mut world, alice, bob, chat) = two(1_201);
    let old = world.device_id(alice);
    lose(&mut world, alice, |world| {
        world.say(alice, chat, "in the lost life");
        world.drive();
        world.say(bob, chat, "meanwhile");
    });
    world.say(bob, chat, "are you there?");
    world.wait(5_000);
    world.re_enrol(alice);
    assert_eq!(alarm(&world, alice), None);
    assert_ne!(world.device_id(alice), old);
    let state = world.conversation(alice, chat).state;
    assert_eq!(state, ConversationState::NeedsResync);
    assert_eq!(world.texts(alice, chat), ["before", "before, too"]);
    come_back(&mut world);

    let said = ["before", "before, too", "meanwhile", "are you there?"];
    assert_eq!(world.texts(alice, chat), said);
    assert!(has_missed_row(&world, alice, chat));
    world.say(alice, chat, "I am");
    world.drive();
    world.say(bob, chat, "good");
    world.drive();
    let on_bobs = world.texts(bob, chat);
    assert_eq!(count(&on_bobs, "in the lost life"), 1, "{on_bobs:?}");
    assert_eq!(on_bobs[on_bobs.len() - 2..], ["I am", "good"]);
    assert_eq!(world.texts(alice, chat).last().unwrap(), "good");
    let devices = world.own_devices(alice).devices;
    let states: Vec<_> = devices.iter().map(|each| (each.id, each.state)).collect();
    let new = world.device_id(alice);
    let expected = [(new, DeviceState::Listed), (old, DeviceState::Revoked)];
    assert_eq!(states, expected);
    // The same identity: nobody has to compare anything again.
    let is_identity = |kind: &MessageKind| matches!(kind, MessageKind::IdentityChanged { .. });
    assert!(
        !world
            .messages(bob, chat)
            .iter()
            .any(|message| is_identity(&message.kind))
    );
}

#[test]
fn with_two_devices_the_other_one_lets_the_new_one_in() {
    let (mut world, people) = World::with_people(1_202, &["alice", "bob", "carol"]);
    let [phone, bob, carol] = people[..] else {
        panic!()
    };
    let choir = world.group(phone, "choir", &["bob", "carol"]);
    world.drive();
    let tablet = world.link_device(phone);
    world.drive();
    world.say(phone, choir, "before");
    world.drive();
    lose(&mut world, phone, |world| {
        world.say(phone, choir, "from the phone");
        world.drive();
        world.say(tablet, choir, "from the tablet");
        world.drive();
        world.say(carol, choir, "from carol");
    });
    // Nobody else is there to do it.
    world.set_online(bob, false);
    world.set_online(carol, false);
    world.re_enrol(phone);
    world.wait(30_000);
    assert_eq!(
        world.conversation(phone, choir).state,
        ConversationState::Active
    );
    assert_eq!(
        world.texts(phone, choir),
        ["before", "from the tablet"],
        "what its user has said on another device"
    );
    world.set_online(bob, true);
    world.set_online(carol, true);
    come_back(&mut world);
    let texts = world.texts(phone, choir);
    assert_eq!(count(&texts, "from carol"), 1, "{texts:?}");
    world.say(phone, choir, "here I am");
    world.drive();
    for who in [tablet, bob, carol] {
        let texts = world.texts(who, choir);
        assert_eq!(
            texts,
            [
                "before",
                "from the phone",
                "from the tablet",
                "from carol",
                "here I am"
            ]
        );
    }
    assert_eq!(world.own_devices(tablet).devices.len(), 3);
}

#[test]
fn a_conversation_of_the_lost_life_comes_back() {
    let (mut world, people) = World::with_people(1_203, &["alice", "bob"]);
    let [alice, bob] = people[..] else { panic!() };
    world.drive();
    let mut choir = None;
    lose(&mut world, alice, |world| {
        let id = world.group(bob, "choir", &["alice"]);
        choir = Some(id);
        world.drive();
        world.say(alice, id, "in the lost life");
    });
    let choir = choir.unwrap();
    world.re_enrol(alice);
    come_back(&mut world);
    world.say(bob, choir, "there you are");
    world.drive();
    assert_eq!(world.texts(alice, choir), ["there you are"]);
    assert_eq!(world.conversation(alice, choir).name, "choir");
}

#[test]
fn what_waited_in_an_old_copy_is_sent_by_nobody_but_its_user() {
    let (mut world, alice, bob, chat) = two(1_204);
    world.say(alice, chat, "numbered");
    world.drive();
    let numbered = world.messages(alice, chat).last().unwrap().id;
    world.say(alice, chat, "in doubt");
    world.step_until("sent", |world| {
        let frames = world.frames_up(alice);
        frames
            .iter()
            .any(|frame| matches!(frame.message, ClientMessage::Send(_)))
    });
    world.cut(alice);
    world.set_online(alice, false);
    world.say(alice, chat, "queued");
    world.edit(alice, chat, numbered, "edited");
    world.read_all(alice, chat);
    let before = world.outbox(alice);
    lose(&mut world, alice, |world| {
        world.set_online(alice, true);
        world.drive();
    });
    world.re_enrol(alice);
    come_back(&mut world);

    let outbox = world.outbox(alice);
    let kinds: Vec<&OutboxKind> = outbox.iter().map(|item| &item.kind).collect();
    let edit = OutboxKind::Edit {
        target: numbered,
        text: "edited".into(),
    };
    assert_eq!(
        kinds,
        [
            &OutboxKind::Text("in doubt".into()),
            &OutboxKind::Text("queued".into()),
            &edit
        ]
    );
    for item in &outbox {
        assert_eq!(item.state, OutboxState::Failed);
        assert_eq!(item.failure, Some(ErrorCode::RolledBack));
        assert!(before.iter().all(|old| old.id != item.id), "a new id");
    }
    let on_bobs = ["before", "before, too", "edited", "in doubt", "queued"];
    assert_eq!(world.texts(bob, chat), on_bobs);

    // One is sent as something new, the others are dropped.
    world.must(alice, Command::Discard { item: outbox[0].id });
    world.must(alice, Command::Retry { item: outbox[1].id });
    world.must(alice, Command::Discard { item: outbox[2].id });
    world.drive();
    assert_eq!(world.outbox(alice), []);
    assert_eq!(world.texts(bob, chat)[..5], on_bobs);
    assert_eq!(world.texts(bob, chat)[5..], ["queued"]);
    assert_eq!(count(&world.texts(alice, chat), "queued"), 1);
}

#[test]
fn a_draft_of_an_old_copy_meets_what_became_of_it() {
    let (mut world, people) = World::with_people(1_205, &["alice", "bob", "carol"]);
    let [alice, bob, carol] = people[..] else {
        panic!()
    };
    world.drive();
    world.set_online(alice, false);
    let chat = world.direct(alice, "bob");
    world.say(alice, chat, "hello bob");
    let choir = world.group(alice, "choir", &["carol"]);
    world.say(alice, choir, "hello carol");
    lose(&mut world, alice, |world| {
        world.set_online(alice, true);
        world.drive();
    });
    world.re_enrol(alice);
    come_back(&mut world);
    world.say(bob, chat, "hello alice");
    world.drive();

    // There is one direct conversation of a pair: the draft is in it.
    assert_eq!(
        world.conversation(alice, chat).state,
        ConversationState::Active
    );
    assert_eq!(world.texts(alice, chat), ["hello alice", "hello bob"]);
    // A group is as it was founded, and the draft of it can be founded still.
    assert_eq!(
        world.conversation(alice, choir).state,
        ConversationState::Active
    );
    let drafts: Vec<_> = world
        .conversations(alice)
        .into_iter()
        .filter(|each| each.state == ConversationState::Creating)
        .collect();
    assert_eq!(drafts.len(), 1);
    assert_eq!(drafts[0].blocked, Some(ErrorCode::RolledBack));
    assert_eq!(world.texts(alice, drafts[0].id), ["hello carol"]);
    let items: Vec<_> = world
        .outbox(alice)
        .into_iter()
        .filter(|item| item.conversation == drafts[0].id)
        .collect();
    assert_eq!(items[0].kind, OutboxKind::Create);
    world.must(alice, Command::Discard { item: items[0].id });
    assert!(
        world
            .conversations(alice)
            .iter()
            .all(|each| each.state == ConversationState::Active)
    );
    world.say(carol, choir, "hello alice");
    world.drive();
    assert_eq!(world.texts(carol, choir), ["hello carol", "hello alice"]);
    assert_eq!(count(&world.texts(alice, choir), "hello alice"), 1);
}

#[test]
fn who_was_about_to_leave_decides_anew() {
    let (mut world, people) = World::with_people(1_211, &["alice", "bob"]);
    let [alice, bob] = people[..] else { panic!() };
    let choir = world.group(bob, "choir", &["alice"]);
    world.drive();
    world.set_online(alice, false);
    let leave = Command::Leave {
        conversation: choir,
    };
    world.must(alice, leave);
    lose(&mut world, alice, |world| {
        // She has thought better of it.
        let item = world.outbox(alice)[0].id;
        world.must(alice, Command::Discard { item });
        world.say(alice, choir, "I stay");
        world.set_online(alice, true);
    });
    world.re_enrol(alice);
    come_back(&mut world);
    let outbox = world.outbox(alice);
    assert_eq!(outbox.len(), 1, "{outbox:?}");
    assert_eq!(outbox[0].kind, OutboxKind::Leave);
    assert_eq!(outbox[0].state, OutboxState::Failed);
    let refused = world.try_say(alice, choir, "still here").unwrap_err();
    assert_eq!(refused.code, ErrorCode::WrongState);
    let item = outbox[0].id;
    world.must(alice, Command::Discard { item });
    world.say(alice, choir, "still here");
    world.drive();
    assert_eq!(world.texts(bob, choir), ["I stay", "still here"]);
    assert_eq!(world.member_names(bob, choir), ["alice", "bob"]);
}

#[test]
fn the_old_device_does_not_come_back() {
    let (mut world, alice, bob, chat) = two(1_206);
    let as_it_was = world.device(alice).disk.snapshot();
    lose(&mut world, alice, |world| {
        world.say(alice, chat, "in the lost life");
    });
    let as_a_copy = world.device(alice).disk.snapshot();
    world.re_enrol(alice);
    come_back(&mut world);
    world.say(alice, chat, "back");
    world.drive();

    // Neither the copy from before the alarm, nor the one from after it.
    put_back(&mut world, alice, &as_it_was);
    world.wait(20_000);
    assert_eq!(alarm(&world, alice), Some(Alarm::Revoked));
    let refused = world.prepare_re_enrolment(alice).unwrap_err();
    assert_eq!(refused.code, ErrorCode::WrongState);
    put_back(&mut world, alice, &as_a_copy);
    world.wait(20_000);
    assert_eq!(alarm(&world, alice), Some(Alarm::RolledBack));
    let refused = world.prepare_re_enrolment(alice).unwrap_err();
    assert_eq!(refused.code, ErrorCode::Revoked);
    let expected = ["before", "before, too", "in the lost life", "back"];
    assert_eq!(world.texts(bob, chat), expected);
}

#[test]
fn a_copy_of_the_new_device_is_found_out_and_re_enrolled_as_well() {
    let (mut world, alice, bob, chat) = two(1_207);
    lose(&mut world, alice, |world| {
        world.say(alice, chat, "in the lost life");
    });
    // A copy in the middle: the server has the new device, this one does not know.
    let request = world.prepare_re_enrolment(alice).unwrap();
    let middle = world.device(alice).disk.snapshot();
    let session = world.accept_re_enrolment(alice, &request);
    world.must(alice, Command::FinishReEnrolment(session));
    come_back(&mut world);
    world.say(alice, chat, "one");
    world.drive();
    put_back(&mut world, alice, &middle);
    world.re_enrol(alice);
    assert_eq!(world.device_id(alice).to_string(), request.device);
    world.wait(20_000);
    assert_eq!(alarm(&world, alice), Some(Alarm::RolledBack));
    world.re_enrol(alice);
    assert_ne!(world.device_id(alice).to_string(), request.device);
    come_back(&mut world);
    world.say(alice, chat, "two");
    world.drive();
    let expected = ["before", "before, too", "in the lost life", "one", "two"];
    assert_eq!(world.texts(bob, chat), expected);
}

#[test]
fn a_kill_at_every_fourth_operation_of_the_disk_is_made_good_by_the_same_call() {
    let mut operations = 0;
    for operation in (1..2_000).step_by(4) {
        let (mut world, alice, bob, chat) = two(1_208);
        lose(&mut world, alice, |world| {
            world.say(alice, chat, "in the lost life");
        });
        let disk = world.device(alice).disk.clone();
        disk.kill_at_op(operation);
        if let Ok(request) = world.prepare_re_enrolment(alice)
            && world.is_running(alice)
        {
            let session = world.accept_re_enrolment(alice, &request);
            let _ = world.run(alice, Command::FinishReEnrolment(session));
        }
        let died = !world.is_running(alice);
        disk.kill_at_op(0);
        println!("killed at operation {operation}: {died}");
        if died {
            world.start_device(alice);
        }
        if alarm(&world, alice) == Some(Alarm::RolledBack) {
            world.re_enrol(alice);
        }
        come_back(&mut world);
        world.say(alice, chat, "back");
        world.drive();
        let expected = ["before", "before, too", "in the lost life", "back"];
        assert_eq!(world.texts(bob, chat), expected);
        let devices = world.own_devices(alice).devices;
        assert_eq!(devices.len(), 2, "one new device, whatever happened");
        operations = operation;
        if !died {
            break;
        }
    }
    assert!((9..1_990).contains(&operations), "{operations}");
}

#[test]
fn another_manifest_that_came_first_is_followed() {
    let (mut world, phone, bob, chat) = two(1_209);
    let tablet = world.link_device(phone);
    world.drive();
    lose(&mut world, phone, |world| {
        world.say(phone, chat, "in the lost life");
    });
    let first = world.prepare_re_enrolment(phone).unwrap();
    let watch = world.link_device(tablet);
    world.wait(30_000);
    let second = world.prepare_re_enrolment(phone).unwrap();
    assert_eq!(first.device, second.device);
    assert_ne!(first.manifest, second.manifest);
    world.re_enrol(phone);
    come_back(&mut world);
    world.say(phone, chat, "back");
    world.drive();
    for who in [tablet, watch, bob] {
        assert_eq!(world.texts(who, chat).last().unwrap(), "back");
    }
}

#[test]
fn nothing_changes_without_the_alarm_or_with_another_list_of_devices() {
    let (mut world, alice, bob, chat) = two(1_210);
    let refused = world.prepare_re_enrolment(alice).unwrap_err();
    assert_eq!(refused.code, ErrorCode::WrongState);
    let old = world.device_id(alice);
    let finish = Command::FinishReEnrolment(Session {
        access_token: "access".into(),
        expires_in_ms: 60_000,
        refresh_token: "refresh".into(),
    });
    assert_eq!(
        world.must_fail(alice, finish.clone()).code,
        ErrorCode::WrongState
    );

    let user = world.device(alice).user;
    let newest = |world: &mut World| world.server.as_mut().unwrap().newest_manifest(user);
    let first = newest(&mut world);
    world.link_device(alice);
    world.drive();
    lose(&mut world, alice, |world| {
        world.say(alice, chat, "in the lost life");
    });
    let of_bob = {
        let user = world.device(bob).user;
        world.server.as_mut().unwrap().newest_manifest(user)
    };
    let prepare = |manifest: String| Command::PrepareReEnrolment {
        password: Password("correct horse battery".into()),
        answer: RecoveryAnswer {
            user: user.to_string(),
            manifest,
        },
    };
    for (manifest, code) in [
        (to_hex(&first), ErrorCode::UntrustedDevice),
        (to_hex(&of_bob), ErrorCode::UntrustedDevice),
        ("00".into(), ErrorCode::Protocol),
        ("not hexadecimal".into(), ErrorCode::Protocol),
    ] {
        assert_eq!(world.must_fail(alice, prepare(manifest)).code, code);
        assert_eq!(
            world.must_fail(alice, finish.clone()).code,
            ErrorCode::WrongState
        );
    }
    assert_eq!(alarm(&world, alice), Some(Alarm::RolledBack));
    assert_eq!(world.device_id(alice), old);
}

#[test]
fn where_nobody_else_is_left_the_history_stays_and_says_so() {
    let (mut world, alice, _, chat) = two(1_240);
    let notes = world.group(alice, "notes", &[]);
    world.drive();
    world.say(alice, notes, "buy milk");
    world.drive();
    lose(&mut world, alice, |world| {
        world.say(alice, notes, "and bread");
    });
    world.re_enrol(alice);
    come_back(&mut world);
    let state = |place| world.conversation(alice, place).state;
    assert_eq!(state(chat), ConversationState::Active);
    assert_eq!(state(notes), ConversationState::Removed);
    assert_eq!(world.texts(alice, notes), ["buy milk"]);
    assert_eq!(world.outbox(alice), []);
    let refused = world.must_fail(
        alice,
        Command::Send {
            conversation: notes,
            text: "and butter".into(),
        },
    );
    assert_eq!(refused.code, ErrorCode::NotMember);
}
