//! Devices that wait to be added, and who is told of them.

use whimbrel_mls::LastResort;
use whimbrel_protocol::DeviceId;
use whimbrel_protocol::frame::{FailureCode, InboxKind, UnopenedWelcome};
use whimbrel_server::log::{Answer, ChangeRequest, Replacement};

use crate::people::{FAR_S, Person};
use crate::world::{CONVERSATION, World};

/// A group of these people, founded by the first.
fn group(people: &mut [Person]) -> World {
    let mut world = World::new();
    let (founder, others) = people.split_first_mut().unwrap();
    world.enrol(founder);
    world.found(founder);
    for other in others {
        world.enrol(other);
        world.add(founder, other);
    }
    world
}

fn ask(world: &mut World, person: &Person) -> Answer {
    world.change(ChangeRequest::AskToBeAdded {
        user: person.user,
        device: person.device,
        conversation: CONVERSATION,
    })
}

fn told(answer: Answer) -> Vec<DeviceId> {
    match answer {
        Answer::Asked { deliveries } => deliveries.iter().map(|each| each.device).collect(),
        other => panic!("{other:?}"),
    }
}

fn tell_waiting(world: &mut World, person: &Person) -> Vec<DeviceId> {
    told(world.change(ChangeRequest::TellWaiting {
        user: person.user,
        device: person.device,
    }))
}

fn waits(world: &mut World, person: &Person) -> bool {
    let hello = ChangeRequest::Hello {
        device: person.device,
        sealed_no: 0,
    };
    match world.change(hello) {
        Answer::Hello(facts) => facts.waits,
        other => panic!("{other:?}"),
    }
}

#[test]
fn own_devices_are_always_told_and_others_in_turn() {
    let mut people = ["alice", "bob", "carol", "dave", "erin", "frank"].map(Person::new);
    let mut world = group(&mut people);
    let mut others: Vec<DeviceId> = people[1..].iter().map(|person| person.device).collect();
    others.sort();
    let mut tablet = people[0].other_device(1);
    world.link(&mut people[0], &mut tablet);
    let phone = people[0].device;
    let first = told(ask(&mut world, &tablet));
    assert_eq!(first, [phone, others[0], others[1], others[2]]);
    let waiting = InboxKind::DeviceWaits {
        conversation: CONVERSATION,
        seq: 0,
        user: tablet.user,
        device: tablet.device,
    };
    // After the news of her own list.
    assert_eq!(world.inbox(&people[0])[1].kind, waiting);

    let Answer::Later { retry_after_ms } = ask(&mut world, &tablet) else {
        panic!();
    };
    world.now.wall_ms += i64::from(retry_after_ms) - 1;
    let again = ask(&mut world, &tablet);
    assert_eq!(again, Answer::Later { retry_after_ms: 1 });
    world.now.wall_ms += 1;
    let second = told(ask(&mut world, &tablet));
    assert_eq!(second, [phone, others[3], others[4], others[0]]);
    // However often it asks, one note of it is in each inbox.
    let inbox = world.inbox(&people[0]);
    assert_eq!(inbox.len(), 2);
    assert_eq!((inbox[1].seq, &inbox[1].kind), (4, &waiting));
}

#[test]
fn only_who_has_a_device_there_may_ask() {
    let mut people = ["alice", "bob"].map(Person::new);
    let mut world = group(&mut people);
    let mut carol = Person::new("carol");
    world.enrol(&mut carol);
    let not_found = Answer::Failed(FailureCode::NotFound);
    assert_eq!(ask(&mut world, &carol), not_found);
    let [mut alice, bob] = people;
    let removal = alice.remove(CONVERSATION, bob.device);
    world.accept(&alice, &removal);
    assert_eq!(ask(&mut world, &bob), not_found);
    let other = world.change(ChangeRequest::AskToBeAdded {
        user: bob.user,
        device: bob.device,
        conversation: whimbrel_protocol::ConversationId::from_bytes([1; 16]),
    });
    assert_eq!(other, not_found);
}

#[test]
fn nobody_is_told_of_a_device_that_can_not_be_added() {
    let mut people = ["alice", "bob"].map(Person::new);
    let mut world = group(&mut people);
    let [mut alice, bob] = people;
    let mut tablet = alice.other_device(1);
    let manifest = alice.next_manifest(&[&tablet], &[]);
    world.announce(&alice, manifest);
    assert_eq!(told(ask(&mut world, &tablet)), []);
    assert!(!waits(&mut world, &tablet));
    let key_package = tablet.key_package(LastResort::Yes, FAR_S);
    world.publish(&tablet, vec![], Some(key_package));
    assert!(waits(&mut world, &tablet));
    assert_eq!(
        tell_waiting(&mut world, &tablet),
        [alice.device, bob.device]
    );
}

#[test]
fn a_recovered_user_is_told_of_until_they_are_back() {
    let mut people = ["alice", "bob"].map(Person::new);
    let mut world = group(&mut people);
    let [alice, bob] = people;
    let mut anew = alice.recovered(9);
    let bytes = anew.manifest.encode();
    let now = world.now;
    let replaced = world
        .log
        .replace_manifest(alice.user, anew.device, &bytes, now);
    assert_eq!(replaced.unwrap(), Replacement::Replaced);
    let key_package = anew.key_package(LastResort::Yes, FAR_S);
    world.publish(&anew, vec![], Some(key_package));
    assert_eq!(tell_waiting(&mut world, &anew), [bob.device]);
    // At most once a minute.
    assert!(!waits(&mut world, &anew));
    assert_eq!(tell_waiting(&mut world, &anew), []);
    world.now.wall_ms += 60_000;
    assert!(waits(&mut world, &anew));
    assert_eq!(tell_waiting(&mut world, &anew), [bob.device]);
}

#[test]
fn a_device_in_the_place_of_another_is_told_of_where_its_user_is() {
    let mut people = ["alice", "bob"].map(Person::new);
    let mut world = group(&mut people);
    let [alice, bob] = people;
    let mut new = alice.other_device(1);
    let mut signer = alice.other_device(2);
    let (bytes, now) = (signer.next_manifest(&[&new], &[alice.device]), world.now);
    let replaced = world
        .log
        .replace_manifest(alice.user, new.device, &bytes, now);
    assert_eq!(replaced.unwrap(), Replacement::Replaced);
    let key_package = new.key_package(LastResort::Yes, FAR_S);
    world.publish(&new, vec![], Some(key_package));
    assert_eq!(tell_waiting(&mut world, &new), [bob.device]);
}

#[test]
fn where_its_user_is_gone_a_device_does_not_wait() {
    let mut people = ["alice", "bob"].map(Person::new);
    let mut world = group(&mut people);
    let [mut alice, mut bob] = people;
    let mut tablet = bob.other_device(1);
    world.link(&mut bob, &mut tablet);
    told(ask(&mut world, &tablet));
    let removal = alice.remove(CONVERSATION, bob.device);
    world.accept(&alice, &removal);
    world.now.wall_ms += 60_000;
    assert!(waits(&mut world, &tablet));
    assert_eq!(tell_waiting(&mut world, &tablet), []);
    assert!(!waits(&mut world, &tablet));
}

#[test]
fn a_device_that_was_added_waits_no_more() {
    let mut people = ["alice", "bob"].map(Person::new);
    let mut world = group(&mut people);
    let [mut alice, _bob] = people;
    let mut tablet = alice.other_device(1);
    world.link(&mut alice, &mut tablet);
    told(ask(&mut world, &tablet));
    world.add_device(&mut alice, &mut tablet);
    world.now.wall_ms += 60_000;
    assert!(!waits(&mut world, &tablet));
    // It can't follow any more: it may ask although it is in.
    assert!(!told(ask(&mut world, &tablet)).is_empty());
}

#[test]
fn a_welcome_of_a_revoked_device_that_does_not_open_is_told_to_others() {
    let mut people = ["alice", "bob"].map(Person::new);
    let mut world = group(&mut people);
    let [mut alice, _bob] = people;
    let mut carol = Person::new("carol");
    world.enrol(&mut carol);
    let fresh = carol.key_package(LastResort::Yes, FAR_S);
    world.publish(&carol, vec![], Some(fresh));
    let mut tablet = alice.other_device(1);
    world.link(&mut alice, &mut tablet);
    world.add_device(&mut alice, &mut tablet);
    let key_package = world.claim(&carol);
    let add = tablet.add(CONVERSATION, key_package, carol.device);
    let seq = world.accept(&tablet, &add);
    let manifest = alice.next_manifest(&[], &[tablet.device]);
    world.announce(&alice, manifest);
    let answer = world.change(ChangeRequest::InboxApplied {
        user: carol.user,
        device: carol.device,
        seq: u64::MAX,
        unopened: vec![UnopenedWelcome {
            conversation: CONVERSATION,
            seq,
        }],
    });
    let Answer::InboxTrimmed { deliveries } = answer else {
        panic!("{answer:?}");
    };
    let told: Vec<DeviceId> = deliveries.iter().map(|each| each.device).collect();
    assert!(told.contains(&alice.device) && !told.contains(&tablet.device));
}
