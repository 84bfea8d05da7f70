//! Key packages: each is handed out once, whatever is repeated.

use whimbrel_mls::LastResort;
use whimbrel_protocol::frame::FailureCode;
use whimbrel_server::log::{Answer, ChangeRequest, KeyPackageCount};

use crate::people::{FAR_S, Person};
use crate::world::{NOBODY, World};

fn count(answer: Answer) -> KeyPackageCount {
    match answer {
        Answer::KeyPackageCount { count, .. } => count,
        other => panic!("{other:?}"),
    }
}

fn claim(world: &mut World, users: &[&Person]) -> Answer {
    world.change(ChangeRequest::ClaimKeyPackages {
        device: NOBODY,
        users: users.iter().map(|person| person.user).collect(),
    })
}

#[test]
fn the_oldest_goes_first_and_the_last_resort_stays() {
    let mut bob = Person::new("bob");
    let mut world = World::new();
    world.log.register(&bob.account(), world.now).unwrap();
    let one_time: Vec<_> = (0..2)
        .map(|_| bob.key_package(LastResort::No, FAR_S))
        .collect();
    let last_resort = bob.key_package(LastResort::Yes, FAR_S);
    let published = world.publish(&bob, one_time.clone(), Some(last_resort.clone()));
    assert_eq!(
        count(published),
        KeyPackageCount {
            one_time: 2,
            has_last_resort: true
        }
    );
    assert_eq!(world.claim(&bob), one_time[0]);
    assert_eq!(world.claim(&bob), one_time[1]);
    assert_eq!(world.claim(&bob), last_resort);
    assert_eq!(world.claim(&bob), last_resort);

    // The answer to the publication was lost; what was handed out is not handed out again.
    world.restart();
    let again = world.publish(&bob, one_time, Some(last_resort));
    assert_eq!(
        count(again),
        KeyPackageCount {
            one_time: 0,
            has_last_resort: true
        }
    );
    let newer = bob.key_package(LastResort::Yes, FAR_S);
    world.publish(&bob, vec![], Some(newer.clone()));
    assert_eq!(world.claim(&bob), newer);
}

#[test]
fn only_valid_ones_of_this_device_are_taken() {
    let (mut alice, mut bob) = (Person::new("alice"), Person::new("bob"));
    let mut world = World::with(&mut [&mut alice, &mut bob]);
    let now_s = u64::try_from(world.now.wall_ms / 1_000).unwrap();
    let good = bob.key_package(LastResort::No, now_s + 1);
    let mut tampered = good.clone();
    tampered[100] ^= 1;
    let bad = [
        (vec![1, 2, 3], FailureCode::Malformed),
        (tampered, FailureCode::Malformed),
        (
            bob.key_package(LastResort::No, now_s),
            FailureCode::Malformed,
        ),
        (
            bob.key_package(LastResort::Yes, FAR_S),
            FailureCode::Malformed,
        ),
        (
            alice.key_package(LastResort::No, FAR_S),
            FailureCode::Forbidden,
        ),
    ];
    for (bytes, code) in bad {
        let answer = world.publish(&bob, vec![good.clone(), bytes], None);
        assert_eq!(answer, Answer::Failed(code));
    }
    // All or none: the good ones beside the bad were not taken.
    assert_eq!(count(world.publish(&bob, vec![], None)).one_time, 1);
    assert_eq!(count(world.publish(&bob, vec![good], None)).one_time, 2);
}

#[test]
fn expired_ones_are_dropped() {
    let mut bob = Person::new("bob");
    let mut world = World::with(&mut [&mut bob]);
    world.claim(&bob);
    let now_s = u64::try_from(world.now.wall_ms / 1_000).unwrap();
    let soon = bob.key_package(LastResort::No, now_s + 10);
    world.publish(&bob, vec![soon], None);
    world.now.wall_ms += 10_000;
    assert_eq!(
        claim(&mut world, &[&bob]),
        Answer::Failed(FailureCode::NoKeyPackage)
    );
    assert_eq!(count(world.publish(&bob, vec![], None)).one_time, 0);
}

#[test]
fn there_is_a_limit_and_a_refused_publication_leaves_nothing() {
    let mut bob = Person::new("bob");
    let mut world = World::with(&mut [&mut bob]);
    for _ in 0..11 {
        let batch = (0..9)
            .map(|_| bob.key_package(LastResort::No, FAR_S))
            .collect();
        count(world.publish(&bob, batch, None));
    }
    let two = (0..2)
        .map(|_| bob.key_package(LastResort::No, FAR_S))
        .collect();
    assert_eq!(
        world.publish(&bob, two, None),
        Answer::Failed(FailureCode::TooLarge)
    );
    assert_eq!(count(world.publish(&bob, vec![], None)).one_time, 100);
}

#[test]
fn a_claim_that_fails_uses_nothing_up() {
    let (mut alice, mut bob) = (Person::new("alice"), Person::new("bob"));
    let (nobody, mut bare) = (Person::new("nobody"), Person::new("bare"));
    let mut world = World::with(&mut [&mut alice, &mut bob]);
    world.log.register(&bare.account(), world.now).unwrap();
    assert_eq!(
        claim(&mut world, &[&bob, &nobody]),
        Answer::Failed(FailureCode::NotFound)
    );
    assert_eq!(
        claim(&mut world, &[&bob, &bare]),
        Answer::Failed(FailureCode::NoKeyPackage)
    );
    let key_package = bare.key_package(LastResort::No, FAR_S);
    world.publish(&bare, vec![key_package.clone()], None);
    // A user who is named twice is served once.
    let Answer::Claimed { users, .. } = claim(&mut world, &[&bob, &bare, &bob]) else {
        panic!();
    };
    assert_eq!(users.len(), 2);
    let of_bare = users.iter().find(|user| user.user == bare.user).unwrap();
    assert_eq!(of_bare.devices[0].key_package, key_package);
    assert_eq!(of_bare.manifest, bare.account().manifest);
}

#[test]
fn a_device_is_not_handed_its_own_and_may_ask_for_its_own_user() {
    let mut alice = Person::new("alice");
    let mut world = World::with(&mut [&mut alice]);
    let claim_own = |world: &mut World, alice: &Person| {
        let answer = world.change(ChangeRequest::ClaimKeyPackages {
            device: alice.device,
            users: vec![alice.user],
        });
        match answer {
            Answer::Claimed { mut users, .. } => users.remove(0),
            other => panic!("{other:?}"),
        }
    };
    let alone = claim_own(&mut world, &alice);
    assert_eq!(
        (alone.manifest, alone.devices),
        (alice.manifest.encode(), vec![])
    );
    let mut tablet = alice.other_device(1);
    world.link(&mut alice, &mut tablet);
    let of_both = claim_own(&mut world, &alice);
    let devices: Vec<_> = of_both.devices.iter().map(|each| each.device).collect();
    assert_eq!(devices, [tablet.device]);
    assert_eq!(count(world.publish(&alice, vec![], None)).one_time, 1);
}

#[test]
fn who_has_few_left_is_named_with_the_claim() {
    let mut bob = Person::new("bob");
    let mut world = World::new();
    world.log.register(&bob.account(), world.now).unwrap();
    for number in [9, 9, 4] {
        let batch = (0..number).map(|_| bob.key_package(LastResort::No, FAR_S));
        let batch = batch.collect();
        count(world.publish(&bob, batch, None));
    }
    let low = |answer| match answer {
        Answer::Claimed { low, .. } => low,
        other => panic!("{other:?}"),
    };
    assert_eq!(low(claim(&mut world, &[&bob])), []);
    let left = |one_time| KeyPackageCount {
        one_time,
        has_last_resort: false,
    };
    for one_time in (0..=20).rev() {
        let named = low(claim(&mut world, &[&bob]));
        assert_eq!(named, [(bob.device, left(one_time))]);
    }
    // Nothing is used up of the one of last resort.
    let last_resort = bob.key_package(LastResort::Yes, FAR_S);
    world.publish(&bob, vec![], Some(last_resort));
    assert_eq!(low(claim(&mut world, &[&bob])), []);
}

#[test]
fn of_many_users_as_many_are_answered_as_fit_in_a_frame() {
    let names = [
        "alice", "bob", "carol", "dave", "erin", "frank", "grace", "heidi", "ivan", "judy", "kim",
        "lee",
    ];
    let mut people = names.map(Person::new);
    let mut world = World::new();
    for person in &mut people {
        world.enrol(person);
    }
    let used: Vec<u8> = people
        .iter()
        .map(|person| person.device.as_bytes()[0])
        .collect();
    let mut free = (0..=u8::MAX).filter(|number| !used.contains(number));
    for person in &mut people {
        for _ in 0..9 {
            let mut other = person.other_device(free.next().unwrap());
            world.link(person, &mut other);
        }
    }
    let all: Vec<&Person> = people.iter().rev().collect();
    let Answer::Claimed { users, .. } = claim(&mut world, &all) else {
        panic!();
    };
    let asked: Vec<_> = all.iter().map(|person| person.user).collect();
    let answered: Vec<_> = users.iter().map(|claimed| claimed.user).collect();
    assert!(
        (2..all.len()).contains(&answered.len()),
        "{}",
        answered.len()
    );
    assert_eq!(answered, asked[..answered.len()]);
    let frame = whimbrel_protocol::ServerFrame {
        request: 1,
        message: whimbrel_protocol::frame::ServerMessage::ClaimedKeyPackages {
            server_time_ms: world.now.wall_ms,
            users,
        },
    };
    assert!(frame.encode().len() <= whimbrel_protocol::limits::FRAME_BYTES_MAX);
    // Of the others nothing was used up: they can be asked for next.
    let rest = &all[answered.len()..];
    let Answer::Claimed { users, .. } = claim(&mut world, rest) else {
        panic!();
    };
    assert!(users[0].devices.len() == 10, "{}", users[0].devices.len());
}
