//! The first stories: people who talk, online and offline.

use whimbrel_tests::World;

#[test]
fn two_people_talk() {
    let (mut world, people) = World::with_people(1, &["alice", "bob"]);
    let [alice, bob] = people[..] else { panic!() };
    let chat = world.direct(alice, "bob");
    world.say(alice, chat, "hello bob");
    world.drive();
    world.say(bob, chat, "hello alice");
    world.drive();
    assert_eq!(
        world.chat(alice, chat),
        "* alice made this\n* alice added bob\nalice: hello bob ✓✓\nbob: hello alice\n"
    );
    assert_eq!(
        world.chat(bob, chat),
        "* alice added bob\nalice: hello bob\nbob: hello alice ✓✓\n"
    );
}
