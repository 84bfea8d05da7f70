//! Key packages: each is handed out once, whatever is repeated.

use whimbrel_mls::LastResort;
use whimbrel_protocol::frame::FailureCode;
use whimbrel_server::log::{Answer, ChangeRequest, KeyPackageCount};

use crate::people::{FAR_S, Person};
use crate::world::World;

fn count(answer: Answer) -> KeyPackageCount {
    match answer {
        Answer::KeyPackageCount(count) => count,
        other => panic!("{other:?}"),
    }
}

fn claim(world: &mut World, users: &[&Person]) -> Answer {
    world.change(ChangeRequest::ClaimKeyPackages {
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
    let Answer::Claimed(users) = claim(&mut world, &[&bob, &bare, &bob]) else {
        panic!();
    };
    assert_eq!(users.len(), 2);
    let of_bare = users.iter().find(|user| user.user == bare.user).unwrap();
    assert_eq!(of_bare.devices[0].key_package, key_package);
    assert_eq!(of_bare.manifest, bare.account().manifest);
}
