//! Commits: what MLS, the policy and the server itself refuse, and that a refusal harms nobody.

use whimbrel_mls::CommitPlan;
use whimbrel_protocol::frame::{ItemResult, Refusal};

use crate::people::Person;
use crate::world::{CONVERSATION, World};

#[test]
fn of_two_commits_of_one_epoch_the_first_wins() {
    let (mut alice, mut bob) = (Person::new("alice"), Person::new("bob"));
    let mut world = World::with(&mut [&mut alice, &mut bob]);
    world.found(&mut alice);
    world.add(&mut alice, &mut bob);
    let (winner, loser) = (alice.rotate(CONVERSATION), bob.rotate(CONVERSATION));
    let late = bob.message(CONVERSATION, "of the old epoch");
    let seq = world.accept(&alice, &winner);
    let stale = Refusal::StaleEpoch {
        epoch: 2,
        head: seq,
    };
    assert_eq!(world.refuse(&bob, &loser), stale);
    let mut late = late;
    late.counter -= 1;
    assert_eq!(world.refuse(&bob, &late), stale);
    // An epoch to come is no better than a past one.
    late.epoch = 3;
    assert_eq!(world.refuse(&bob, &late), stale);
}

#[test]
fn a_garbage_commit_does_not_move_the_epoch() {
    let (mut alice, mut bob) = (Person::new("alice"), Person::new("bob"));
    let mut world = World::with(&mut [&mut alice, &mut bob]);
    world.found(&mut alice);
    world.add(&mut alice, &mut bob);
    let honest = bob.rotate(CONVERSATION);
    let mut garbage = honest.clone();
    for payload in [vec![0], vec![0xff; 1_000], honest.payload[1..].to_vec()] {
        garbage.payload = payload;
        assert_eq!(world.refuse(&bob, &garbage), Refusal::BadCommit);
    }
    // Flipped anywhere before the tags, which only members can check, it is not accepted.
    for place in (0..honest.payload.len() - 80).step_by(7) {
        garbage.payload = honest.payload.clone();
        garbage.payload[place] ^= 1;
        let refusal = world.refuse(&bob, &garbage);
        assert!(
            matches!(refusal, Refusal::BadCommit | Refusal::Policy),
            "{place}: {refusal:?}"
        );
    }
    // A message is no commit.
    let mut message = alice.message(CONVERSATION, "x");
    message.kind = whimbrel_protocol::ItemKind::Commit;
    assert_eq!(world.refuse(&alice, &message), Refusal::BadCommit);
    world.restart();
    assert_eq!(world.accept(&bob, &honest), 3);
}

#[test]
fn a_commit_is_bound_to_its_sender_and_its_item() {
    let (mut alice, mut bob) = (Person::new("alice"), Person::new("bob"));
    let mut world = World::with(&mut [&mut alice, &mut bob]);
    world.found(&mut alice);
    world.add(&mut alice, &mut bob);
    let commit = alice.rotate(CONVERSATION);
    // Somebody else hands it in.
    let mut stolen = bob.message(CONVERSATION, "x");
    stolen.kind = commit.kind;
    stolen.payload = commit.payload.clone();
    assert_eq!(world.refuse(&bob, &stolen), Refusal::BadCommit);
    // It is handed in under another id.
    let mut renamed = commit.clone();
    renamed.client_id = stolen.client_id;
    assert_eq!(world.refuse(&alice, &renamed), Refusal::BadCommit);
    assert_eq!(world.accept(&alice, &commit), 3);
}

#[test]
fn a_welcome_is_for_exactly_the_added_devices() {
    let (mut alice, mut bob) = (Person::new("alice"), Person::new("bob"));
    let mut world = World::with(&mut [&mut alice, &mut bob]);
    world.found(&mut alice);
    let key_package = world.claim(&bob);
    let good = alice.add(CONVERSATION, key_package, bob.device);
    let refused = |world: &mut World, devices: Option<Vec<_>>| {
        let mut item = good.clone();
        match devices {
            Some(devices) => item.welcome.as_mut().unwrap().devices = devices,
            None => item.welcome = None,
        }
        assert_eq!(world.refuse(&alice, &item), Refusal::Malformed);
    };
    refused(&mut world, None);
    refused(&mut world, Some(vec![]));
    refused(&mut world, Some(vec![alice.device]));
    refused(&mut world, Some(vec![bob.device, bob.device]));
    refused(&mut world, Some(vec![alice.device, bob.device]));
    let mut empty = good.clone();
    empty.welcome.as_mut().unwrap().welcome.clear();
    assert_eq!(world.refuse(&alice, &empty), Refusal::Malformed);
    assert_eq!(world.inbox(&bob), []);
    world.accept(&alice, &good);
    alice.merge(CONVERSATION);
    // And none where nobody is added.
    let mut rotation = alice.rotate(CONVERSATION);
    rotation.welcome = good.welcome;
    assert_eq!(world.refuse(&alice, &rotation), Refusal::Malformed);
}

#[test]
fn a_device_without_an_account_is_not_added() {
    let mut alice = Person::new("alice");
    let mut ghost = Person::new("ghost");
    let mut world = World::with(&mut [&mut alice]);
    world.found(&mut alice);
    let key_package = ghost.key_package(whimbrel_mls::LastResort::No, crate::people::FAR_S);
    let item = alice.add(CONVERSATION, key_package, ghost.device);
    assert_eq!(world.refuse(&alice, &item), Refusal::Policy);
}

#[test]
fn a_direct_conversation_takes_only_its_other_user() {
    let (mut alice, mut bob) = (Person::new("alice"), Person::new("bob"));
    let mut carol = Person::new("carol");
    let mut world = World::with(&mut [&mut alice, &mut bob, &mut carol]);
    let create = alice.create(CONVERSATION, Some(bob.user));
    world.accept(&alice, &create);
    let key_package = world.claim(&carol);
    let item = alice.add(CONVERSATION, key_package, carol.device);
    assert_eq!(world.refuse(&alice, &item), Refusal::Policy);
    alice.take_back(CONVERSATION);
    assert_eq!(world.add(&mut alice, &mut bob), 2);
    assert_eq!(world.say(&mut bob, "hello"), 3);
}

#[test]
fn a_refused_item_in_the_middle_leaves_no_trace_in_memory() {
    let (mut alice, mut bob) = (Person::new("alice"), Person::new("bob"));
    let mut world = World::with(&mut [&mut alice, &mut bob]);
    world.found(&mut alice);
    let key_package = world.claim(&bob);
    let mut add = alice.add(CONVERSATION, key_package, bob.device);
    // Accepted commit, then a refused one in the same batch: the group must be where the
    // first one left it.
    let mut garbage = add.clone();
    garbage.client_id = whimbrel_protocol::ClientId::new(1, [9; 10]);
    garbage.counter += 1;
    garbage.epoch = 1;
    garbage.welcome = None;
    let outcome = world.append(&alice, &[add.clone(), garbage]);
    assert!(matches!(outcome.results[0], ItemResult::Accepted { .. }));
    assert_eq!(outcome.results[1], ItemResult::Refused(Refusal::BadCommit));
    alice.merge(CONVERSATION);
    add = alice.rotate(CONVERSATION);
    assert_eq!(world.accept(&alice, &add), 3);
}

#[test]
fn a_repaired_device_gets_a_new_welcome_and_reads_on() {
    let (mut alice, mut bob) = (Person::new("alice"), Person::new("bob"));
    let mut world = World::with(&mut [&mut alice, &mut bob]);
    world.found(&mut alice);
    world.add(&mut alice, &mut bob);
    world.say(&mut alice, "lost on bob");
    let fresh = bob.key_package(whimbrel_mls::LastResort::No, crate::people::FAR_S);
    let leaf = alice.leaf(CONVERSATION, bob.device);
    let plan = CommitPlan {
        add: vec![fresh],
        remove_leaves: vec![leaf],
        ..CommitPlan::default()
    };
    let repair = alice.commit(CONVERSATION, &plan, &[bob.device]);
    let outcome = world.append(&alice, &[repair]);
    alice.merge(CONVERSATION);
    let appended = outcome.appended.unwrap();
    assert_eq!(appended.gone.len(), 1);
    assert!(appended.members.contains(&bob.device));
    bob.groups.clear();
    world.take_welcome(&mut bob);
    world.say(&mut alice, "again");
    let run = world.fetch(&bob, 4);
    assert_eq!(run.envelopes.len(), 1);
    let text = bob.receive(CONVERSATION, &run.envelopes[0]);
    assert_eq!(text.as_deref(), Some("again"));
    // His counter goes on where it was.
    assert_eq!(world.say(&mut bob, "back"), 6);
}
