//! Stories of what must not be seen, and of how little is written.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use whimbrel::event::Command;
use whimbrel_tests::World;
use whimbrel_tests::vfs::Disk;

/// Whether any of these bytes hold the text.
fn holds(bytes: &[u8], text: &str) -> bool {
    bytes
        .windows(text.len())
        .any(|window| window == text.as_bytes())
}

fn disk_holds(disk: &Disk, text: &str) -> bool {
    disk.files()
        .iter()
        .any(|name| holds(&disk.read_file(name).unwrap(), text))
}

#[test]
fn no_canary_is_found_where_it_must_not_be() {
    let mut world = World::new(1001);
    world.network.recording = Some(Vec::new());
    let alice = world.add_person_on("alice", Some([3; 16]));
    let bob = world.add_person_on("bob", Some([4; 16]));
    let carol = world.add_person("carol");
    world.drive();
    let choir = world.group(alice, "canary-of-a-name", &["bob", "carol"]);
    let edited = world.say(alice, choir, "canary-of-a-text");
    world.drive();
    world.edit(alice, choir, edited, "canary-of-an-edit");
    world.say(bob, choir, "canary-of-an-answer");
    world.rename(alice, choir, "canary-of-a-new-name");
    world.drive();
    world.set_online(alice, false);
    world.say(alice, choir, "canary-of-a-queue");
    let texts = ["canary-of-an-edit", "canary-of-an-answer"];
    assert_eq!(world.texts(carol, choir), texts);

    let frames = world.network.recording.take().unwrap();
    assert!(frames.len() > 50);
    assert!(
        !frames.iter().any(|frame| holds(frame, "canary")),
        "on the wire"
    );
    assert!(!disk_holds(&world.server_disk, "canary"), "at the server");
    for who in [alice, bob] {
        assert!(
            !disk_holds(&world.device(who).disk, "canary"),
            "in an encrypted database"
        );
        let header = world.device(who).disk.clone();
        let names = header.files();
        assert!(names.iter().any(|name| {
            header
                .read_file(name)
                .unwrap()
                .starts_with(b"SQLite format 3\0")
        }));
    }
    // The same search finds them where nothing is encrypted.
    for canary in texts {
        assert!(disk_holds(&world.device(carol).disk, canary), "{canary}");
    }
    // And names of people are no secret to the server: the search reads what is there.
    assert!(disk_holds(&world.server_disk, "alice"));
}

#[test]
fn deleted_words_are_gone_from_the_files() {
    let (mut world, people) = World::with_people(1002, &["alice", "bob"]);
    let [alice, bob] = people[..] else { panic!() };
    let chat = world.direct(alice, "bob");
    let said = world.say(alice, chat, "canary-to-be-deleted");
    world.drive();
    assert!(disk_holds(&world.device(bob).disk, "canary"));
    world.must(
        alice,
        Command::Delete {
            conversation: chat,
            message: said,
        },
    );
    world.drive();
    // After the next truncating checkpoint, at the latest when the client is closed and opened.
    for who in [alice, bob] {
        world
            .device_mut(who)
            .engine
            .take()
            .unwrap()
            .close()
            .unwrap();
        world.start_device(who);
        world.drive();
        world
            .device_mut(who)
            .engine
            .take()
            .unwrap()
            .close()
            .unwrap();
        assert!(
            !disk_holds(&world.device(who).disk, "canary"),
            "{}",
            world.device(who).name
        );
    }
}

#[test]
fn a_burst_of_sends_and_a_batch_of_envelopes_cost_few_commits() {
    let (mut world, people) = World::with_people(1003, &["alice", "bob"]);
    let [alice, bob] = people[..] else { panic!() };
    let chat = world.direct(alice, "bob");
    world.drive();
    let commits = |world: &World, who| world.device(who).engine.as_ref().unwrap().store().commits();
    world.set_online(bob, false);
    world.set_online(alice, false);
    let before = commits(&world, alice);
    let burst = (0..64)
        .map(|number| Command::Send {
            conversation: chat,
            text: format!("message {number}"),
        })
        .collect();
    let replies = world.burst(alice, burst);
    assert!(replies.iter().all(Result::is_ok));
    let durable = commits(&world, alice) - before;
    assert!(durable <= 4, "{durable} commits for a burst of 64");
    world.set_online(alice, true);
    world.drive();
    let sent = commits(&world, alice) - before;
    // Four batches: each is sealed, accepted and reached.
    assert!(
        sent <= durable + 4 * 3 + 4,
        "{sent} commits until all are sent"
    );

    let before = commits(&world, bob);
    world.set_online(bob, true);
    world.step_until("read", |world| world.texts(bob, chat).len() == 64);
    let received = commits(&world, bob) - before;
    assert!(received <= 2, "{received} commits for 64 envelopes");
}
