//! Stories of bad disks: old copies, wrong keys, damage, no room.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use whimbrel::ErrorCode;
use whimbrel::engine::Engine;
use whimbrel::store::Store;
use whimbrel::store::open::{DatabaseKey, StoreOptions};
use whimbrel::types::{Alarm, ConversationId};
use whimbrel_protocol::frame::ServerMessage;
use whimbrel_tests::World;
use whimbrel_tests::sim::DeviceIndex;
use whimbrel_tests::vfs::Fault;

fn two(seed: u64) -> (World, DeviceIndex, DeviceIndex, ConversationId) {
    let (mut world, people) = World::with_people(seed, &["alice", "bob"]);
    let [alice, bob] = people[..] else { panic!() };
    let chat = world.direct(alice, "bob");
    world.drive();
    (world, alice, bob, chat)
}

fn alarm(world: &World, who: DeviceIndex) -> Option<Alarm> {
    world.device(who).engine.as_ref().unwrap().state().alarm
}

/// Puts the files back that were there before "after", and starts.
fn restore_before(world: &mut World, who: DeviceIndex, during: impl FnOnce(&mut World)) {
    let old = world.device(who).disk.snapshot();
    during(world);
    world.drive();
    world.kill_device(who);
    world.device(who).disk.restore(&old);
    world.start_device(who);
}

/// Nothing that Alice says any more leaves her device.
fn assert_silenced(world: &mut World, alice: DeviceIndex, bob: DeviceIndex, chat: ConversationId) {
    assert_eq!(alarm(world, alice), Some(Alarm::RolledBack));
    let before = world.conversation(bob, chat).applied_seq;
    // Refused or kept, but never sealed.
    let _ = world.try_say(alice, chat, "under used keys");
    world.wait(120_000);
    world.restart_device(alice);
    world.wait(120_000);
    assert_eq!(
        alarm(world, alice),
        Some(Alarm::RolledBack),
        "it stays so after a restart"
    );
    assert_eq!(world.conversation(bob, chat).applied_seq, before);
    world.say(bob, chat, "where are you?");
    world.wait(10_000);
}

#[test]
fn a_restored_database_is_found_out_by_the_count_of_sealed_items() {
    let (mut world, alice, bob, chat) = two(401);
    restore_before(&mut world, alice, |world| {
        world.say(alice, chat, "one");
    });
    world.wait(5_000);
    assert_silenced(&mut world, alice, bob, chat);
}

#[test]
fn a_restored_database_is_found_out_by_an_own_envelope_it_does_not_know() {
    let (mut world, alice, bob, chat) = two(402);
    restore_before(&mut world, alice, |world| {
        world.say(alice, chat, "one");
    });
    let is_hello = |message: &ServerMessage| matches!(message, ServerMessage::HelloOk(_));
    world.step_until("greeted", |world| {
        world
            .frames_down(alice)
            .iter()
            .any(|frame| is_hello(&frame.message))
    });
    // A server that forgot the count, or hides it.
    let rest = world.intercept(alice, |_| true);
    for mut frame in rest {
        if let ServerMessage::HelloOk(ok) = &mut frame.message {
            ok.sealed_no = 0;
        }
        world.send_to(alice, &frame);
    }
    world.wait(5_000);
    assert_silenced(&mut world, alice, bob, chat);
}

#[test]
fn a_restored_database_that_has_missed_only_others_is_no_alarm() {
    let (mut world, alice, bob, chat) = two(403);
    restore_before(&mut world, alice, |world| {
        world.say(bob, chat, "one");
    });
    world.drive();
    assert_eq!(alarm(&world, alice), None);
    world.say(alice, chat, "two");
    world.drive();
    assert_eq!(world.texts(bob, chat), ["one", "two"]);
    assert_eq!(world.texts(alice, chat), ["one", "two"]);
}

#[test]
fn a_wrong_key_and_a_damaged_page_are_told_apart_and_harm_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let options = |key: u8| StoreOptions {
        folder: folder.path().to_path_buf(),
        key: DatabaseKey::from_bytes([key; 32]),
        salt_seed: [9; 32],
        vfs: None,
    };
    let open = |key: u8| Store::open(&options(key)).map(|store| Engine::open(store, [1; 32]));
    open(1).unwrap().unwrap().close().unwrap();
    let file = folder.path().join("whimbrel.db");
    let good = std::fs::read(&file).unwrap();

    assert_eq!(open(2).map(|_| ()).unwrap_err().code, ErrorCode::WrongKey);
    assert_eq!(std::fs::read(&file).unwrap(), good);

    let mut damaged = good.clone();
    damaged[40..400].fill(0x5a);
    std::fs::write(&file, &damaged).unwrap();
    assert_eq!(open(1).map(|_| ()).unwrap_err().code, ErrorCode::Damaged);
    assert_eq!(open(2).map(|_| ()).unwrap_err().code, ErrorCode::WrongKey);
    assert_eq!(
        std::fs::read(&file).unwrap(),
        damaged,
        "never a new file over an old one"
    );

    std::fs::write(&file, &good).unwrap();
    open(1).unwrap().unwrap().close().unwrap();
}

#[test]
fn a_damaged_page_in_the_middle_stops_and_says_so() {
    let (mut world, alice, bob, chat) = two(404);
    for number in 0..40 {
        world.say(alice, chat, &"damage ".repeat(100 + number));
    }
    world.drive();
    world
        .device_mut(bob)
        .engine
        .take()
        .unwrap()
        .close()
        .unwrap();
    world.kill_device(bob);
    let disk = world.device(bob).disk.clone();
    let files = disk.files();
    let [database] = &files[..] else {
        panic!("{files:?}")
    };
    let mut bytes = disk.read_file(database).unwrap();
    for page in bytes.chunks_mut(4096).skip(1) {
        page[..100].fill(0xa5);
    }
    disk.write_file(database, &bytes);
    let started = world.device_mut(bob).start([3; 32]);
    // Found at once, or by what it does next; never a panic, never an empty new database.
    match started {
        Err(error) => assert_eq!(error.code, ErrorCode::Damaged),
        Ok(()) => {
            let error = world.try_say(bob, chat, "hello").unwrap_err();
            assert_eq!(error.code, ErrorCode::Damaged);
        }
    }
    assert_eq!(disk.read_file(database).unwrap(), bytes);
}

#[test]
fn a_full_disk_refuses_to_send_and_loses_nothing() {
    let (mut world, alice, bob, chat) = two(405);
    world.say(bob, chat, "before");
    world.drive();
    world.device(bob).disk.set_fault(Some(Fault::Full));
    let error = world.try_say(bob, chat, "no room").unwrap_err();
    assert_eq!(error.code, ErrorCode::DiskFull);
    world.say(alice, chat, "one");
    world.say(alice, chat, "two");
    world.wait(60_000);
    assert_eq!(world.texts(bob, chat).first().unwrap(), "before");
    let error = world.try_say(bob, chat, "no room").unwrap_err();
    assert_eq!(error.code, ErrorCode::DiskFull);

    world.device(bob).disk.set_fault(None);
    world.drive();
    assert_eq!(world.texts(bob, chat), ["before", "one", "two"]);
    world.say(bob, chat, "room again");
    world.drive();
    assert_eq!(
        world.texts(alice, chat),
        ["before", "one", "two", "room again"]
    );
    assert_eq!(
        world.texts(bob, chat),
        ["before", "one", "two", "room again"]
    );
    assert_eq!(alarm(&world, bob), None);
}

#[test]
fn an_io_error_at_any_operation_loses_nothing() {
    for after_ops in 0..60 {
        let (mut world, alice, bob, chat) = two(406);
        let disk = world.device(bob).disk.clone();
        disk.set_fault(Some(Fault::IoErrorOnce { after_ops }));
        world.say(alice, chat, "one");
        world.drive();
        let said = world.try_say(bob, chat, "two");
        if said.is_err() {
            world.say(bob, chat, "two");
        }
        world.drive();
        disk.set_fault(None);
        assert_eq!(world.texts(bob, chat), ["one", "two"], "{after_ops}");
        assert_eq!(world.texts(alice, chat), ["one", "two"], "{after_ops}");
    }
}
