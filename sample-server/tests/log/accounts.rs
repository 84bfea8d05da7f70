//! Accounts, the directory, refresh tokens.

use whimbrel_protocol::frame::{FailureCode, FindUser};
use whimbrel_server::log::{Answer, NewFamily, ReadRequest, Registration, Rotation};

use crate::people::Person;
use crate::world::World;

#[test]
fn registering_twice_is_harmless_and_registering_something_else_is_refused() {
    let (alice, bob) = (Person::new("alice"), Person::new("bob"));
    let mut world = World::new();
    let account = alice.account();
    let now = world.now;
    let mut register = |account: &_| world.log.register(account, now).unwrap();
    assert!(register(&account) == Registration::Created);
    let mut again = alice.account();
    again.password_hash = "another hash of the same password".to_owned();
    let existing = Registration::Existing {
        password_hash: account.password_hash.clone(),
    };
    assert!(register(&again) == existing);

    // Somebody else's name; somebody else's user id; somebody else's device.
    let mut impostor = Person::new("alice");
    impostor.user = bob.user;
    let namesake = {
        let other = Person::new("bob");
        let identity = whimbrel_mls::IdentityKey::from_seed([99; 32]);
        let certificate = whimbrel_mls::Certificate::issue(
            &identity,
            other.user,
            "alice",
            other.device,
            other.mls.certificate.device_key,
        )
        .unwrap();
        let mut account = other.account();
        account.username = "alice".to_owned();
        account.manifest = whimbrel_mls::Manifest::first(&identity, [7; 32], certificate)
            .unwrap()
            .encode();
        account
    };
    assert!(register(&namesake) == Registration::UsernameTaken);
    assert!(register(&impostor.account()) == Registration::Invalid);
    let mut misfit = bob.account();
    misfit.device = alice.device;
    assert!(register(&misfit) == Registration::Invalid);
    let mut misnamed = bob.account();
    misnamed.username = "bobby".to_owned();
    assert!(register(&misnamed) == Registration::Invalid);
    let mut garbage = bob.account();
    garbage.manifest = vec![1; 50];
    assert!(register(&garbage) == Registration::Invalid);
    assert!(register(&bob.account()) == Registration::Created);
}

#[test]
fn accounts_are_found_by_exact_name_or_id() {
    let mut alice = Person::new("alice");
    let mut world = World::with(&mut [&mut alice]);
    let account = world.log.account_by_username("alice").unwrap().unwrap();
    assert_eq!(
        (account.user, account.devices),
        (alice.user, vec![alice.device])
    );
    assert!(world.log.account_by_username("alic").unwrap().is_none());
    assert_eq!(
        world.log.username_of(alice.user).unwrap().as_deref(),
        Some("alice")
    );
    assert!(world.log.device_of(alice.user, alice.device).unwrap());
    let bob = Person::new("bob");
    assert!(!world.log.device_of(bob.user, alice.device).unwrap());
    assert!(!world.log.device_of(alice.user, bob.device).unwrap());

    let found = Answer::UserFound {
        user: alice.user,
        username: "alice".to_owned(),
    };
    let find = |world: &mut World, find| {
        let device = alice.device;
        world.read(ReadRequest::FindUser { device, find })
    };
    let by_name = FindUser::ByUsername("alice".to_owned());
    assert_eq!(find(&mut world, by_name), found);
    assert_eq!(find(&mut world, FindUser::ById(alice.user)), found);
    for missing in [
        FindUser::ByUsername("ALICE".to_owned()),
        FindUser::ByUsername("%".to_owned()),
        FindUser::ById(bob.user),
    ] {
        assert_eq!(
            find(&mut world, missing),
            Answer::Failed(FailureCode::NotFound)
        );
    }
}

/// A log in which Alice has signed in with token 0.
fn signed_in() -> (World, Person) {
    let mut alice = Person::new("alice");
    let mut world = World::with(&mut [&mut alice]);
    let family = NewFamily {
        user: alice.user,
        device: alice.device,
        token_hash: token(0),
        expires_ms: world.now.wall_ms + 1_000_000,
    };
    world.log.start_family(&family, world.now).unwrap();
    (world, alice)
}

fn token(number: u16) -> [u8; 32] {
    let mut hash = [0; 32];
    hash[..2].copy_from_slice(&number.to_be_bytes());
    hash
}

fn rotate(world: &mut World, old: u16, new: u16) -> Rotation {
    world
        .log
        .rotate_refresh(&token(old), &token(new), 60_000, world.now)
        .unwrap()
}

#[test]
fn a_refresh_token_is_used_once() {
    let (mut world, alice) = signed_in();
    let (user, device) = (alice.user, alice.device);
    let rotated = Rotation::Rotated { user, device };
    assert_eq!(rotate(&mut world, 0, 1), rotated);
    world.now.wall_ms += 60_001;
    world.restart();
    assert_eq!(rotate(&mut world, 1, 2), rotated);
    assert_eq!(rotate(&mut world, 77, 78), Rotation::Unknown);
    // A thief presents an old one: the whole family is over, the newest token with it.
    assert_eq!(rotate(&mut world, 0, 3), Rotation::Reuse);
    assert_eq!(rotate(&mut world, 2, 4), Rotation::Reuse);
}

#[test]
fn a_lost_answer_is_forgiven_once_and_not_for_long() {
    let (mut world, alice) = signed_in();
    let (user, device) = (alice.user, alice.device);
    rotate(&mut world, 0, 1);
    world.now.wall_ms += 60_000;
    let grace = Rotation::Grace { user, device };
    assert_eq!(rotate(&mut world, 0, 2), grace);
    // The lost one turns up after all, in other hands.
    assert_eq!(rotate(&mut world, 1, 3), Rotation::Reuse);

    let (mut world, _) = signed_in();
    rotate(&mut world, 0, 1);
    assert_eq!(rotate(&mut world, 0, 2), grace);
    assert_eq!(rotate(&mut world, 0, 3), Rotation::Reuse);

    let (mut world, _) = signed_in();
    rotate(&mut world, 0, 1);
    world.now.wall_ms += 60_001;
    assert_eq!(rotate(&mut world, 0, 2), Rotation::Reuse);

    let (mut world, _) = signed_in();
    rotate(&mut world, 0, 1);
    world.now.wall_ms -= 1_000_000;
    assert_eq!(rotate(&mut world, 0, 2), Rotation::Reuse);
}

#[test]
fn a_family_expires_and_remembers_only_so_many_tokens() {
    let (mut world, alice) = signed_in();
    let (user, device) = (alice.user, alice.device);
    for number in 0..300 {
        let rotation = rotate(&mut world, number, number + 1);
        assert_eq!(rotation, Rotation::Rotated { user, device });
    }
    assert_eq!(rotate(&mut world, 0, 400), Rotation::Unknown);
    world.now.wall_ms += 1_000_000;
    assert_eq!(rotate(&mut world, 300, 301), Rotation::Expired);
    // The next sign-in sweeps it away.
    let family = NewFamily {
        user,
        device,
        token_hash: token(500),
        expires_ms: world.now.wall_ms + 1,
    };
    world.log.start_family(&family, world.now).unwrap();
    assert_eq!(rotate(&mut world, 300, 301), Rotation::Unknown);
}
