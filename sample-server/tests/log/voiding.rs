//! Commits that nobody but their maker could process. The server can't tell such a commit from
//! another, so here any commit will do: what counts is who says what about it.

use whimbrel_protocol::DeviceId;
use whimbrel_protocol::frame::{FailureCode, ItemResult, Refusal};
use whimbrel_server::log::{Answer, ChangeRequest, ReadRequest};

use crate::people::Person;
use crate::world::{CONVERSATION, World};

fn reject(world: &mut World, person: &Person, seq: u64) -> Answer {
    world.change(ChangeRequest::RejectCommit {
        device: person.device,
        conversation: CONVERSATION,
        seq,
    })
}

fn applied(world: &mut World, person: &Person, seq: u64) {
    let answer = world.change(ChangeRequest::Applied {
        user: person.user,
        device: person.device,
        conversation: CONVERSATION,
        seq,
    });
    assert!(matches!(answer, Answer::Marked { .. }), "{answer:?}");
}

fn void(world: &mut World) -> Answer {
    world.change(ChangeRequest::Void {
        conversation: CONVERSATION,
    })
}

fn later(after_ms: u32) -> Answer {
    Answer::Noted {
        void_after_ms: Some(after_ms),
    }
}

const NOTHING: Answer = Answer::Noted {
    void_after_ms: None,
};

fn voided_marks(world: &mut World, person: &Person, after: u64) -> Vec<(u64, bool)> {
    let run = world.fetch(person, after);
    let marks = run.envelopes.iter();
    marks.map(|each| (each.seq, each.voided)).collect()
}

/// Alice and Bob in a conversation with head 2, epoch 1; Carol has an account.
fn pair() -> (World, Person, Person, Person) {
    let (mut alice, mut bob) = (Person::new("alice"), Person::new("bob"));
    let mut carol = Person::new("carol");
    let mut world = World::with(&mut [&mut alice, &mut bob, &mut carol]);
    world.found(&mut alice);
    world.add(&mut alice, &mut bob);
    applied(&mut world, &bob, 2);
    (world, alice, bob, carol)
}

fn sorted(mut devices: Vec<DeviceId>) -> Vec<DeviceId> {
    devices.sort();
    devices
}

#[test]
fn a_rejected_commit_that_nobody_applies_is_void_with_what_came_after_it() {
    let (mut world, mut alice, mut bob, mut carol) = pair();
    let key_package = world.claim(&carol);
    let add = alice.add(CONVERSATION, key_package, carol.device);
    assert_eq!(world.accept(&alice, &add), 3);
    world.take_welcome(&mut carol);
    assert_eq!(world.say(&mut carol, "am I in?"), 4);
    applied(&mut world, &carol, 4);
    assert_eq!(reject(&mut world, &bob, 3), later(10_000));
    world.now.wall_ms += 9_999;
    assert_eq!(void(&mut world), later(1));
    world.now.wall_ms += 1;
    let Answer::Voided { head, members } = void(&mut world) else {
        panic!();
    };
    assert_eq!((head.head, head.epoch), (4, 1));
    assert_eq!(members, sorted(vec![alice.device, bob.device]));
    assert_eq!(void(&mut world), NOTHING);
    let marks = voided_marks(&mut world, &bob, 2);
    assert_eq!(marks, [(3, true), (4, true)]);

    // Carol was never here.
    assert_eq!(world.inbox(&carol), []);
    let fetch = ReadRequest::Fetch {
        device: carol.device,
        conversation: CONVERSATION,
        after: 0,
        limit: 9,
    };
    assert_eq!(world.read(fetch), Answer::Failed(FailureCode::NotFound));

    // The others go on from the epoch before, and it is no matter of what the server remembers.
    alice.give_up(CONVERSATION);
    let rotation = bob.rotate(CONVERSATION);
    assert_eq!(world.accept(&bob, &rotation), 5);
    bob.merge(CONVERSATION);
    world.restart();
    let run = world.fetch(&alice, 4);
    alice.receive(CONVERSATION, &run.envelopes[0]);
    assert_eq!(world.say(&mut alice, "sorry"), 6);
    let rotation = alice.rotate(CONVERSATION);
    assert_eq!(world.refuse(&alice, &rotation), Refusal::Policy);
}

#[test]
fn what_is_void_may_be_sent_anew_under_the_same_name() {
    let (mut world, mut alice, mut bob, _carol) = pair();
    let rotation = alice.rotate(CONVERSATION);
    assert_eq!(world.accept(&alice, &rotation), 3);
    alice.merge(CONVERSATION);
    let said = alice.message(CONVERSATION, "in the void");
    assert_eq!(world.accept(&alice, &said), 4);
    reject(&mut world, &bob, 3);
    world.now.wall_ms += 10_000;
    assert!(matches!(void(&mut world), Answer::Voided { .. }));
    // The same bytes are of an epoch that is no more; they are not known any more either.
    let outcome = world.append(&alice, std::slice::from_ref(&said));
    assert!(
        matches!(
            outcome.results[..],
            [ItemResult::Refused(Refusal::BadCounter { expected: 5 })]
        ),
        "{outcome:?}"
    );
    // Bob's name for something may be the same as one of hers, and his own stays known.
    let mut item = bob.message(CONVERSATION, "going on");
    item.client_id = said.client_id;
    assert_eq!(world.accept(&bob, &item), 5);
    assert_eq!(world.accept(&bob, &item), 5);
}

#[test]
fn a_commit_is_final_once_another_user_has_applied_it() {
    let (mut world, mut alice, bob, _carol) = pair();
    let rotation = alice.rotate(CONVERSATION);
    world.accept(&alice, &rotation);
    // Its maker says nothing about it.
    applied(&mut world, &alice, 3);
    assert_eq!(reject(&mut world, &bob, 3), later(10_000));
    applied(&mut world, &bob, 3);
    world.now.wall_ms += 20_000;
    assert_eq!(void(&mut world), NOTHING);
    assert_eq!(reject(&mut world, &bob, 3), NOTHING);
    assert_eq!(voided_marks(&mut world, &bob, 2), [(3, false)]);
}

#[test]
fn neither_its_maker_nor_whom_it_removes_can_have_a_commit_voided() {
    let (mut world, mut alice, bob, _carol) = pair();
    let removal = alice.remove(CONVERSATION, bob.device);
    world.accept(&alice, &removal);
    assert_eq!(reject(&mut world, &bob, 3), NOTHING);
    assert_eq!(reject(&mut world, &alice, 3), NOTHING);
    world.now.wall_ms += 20_000;
    assert_eq!(void(&mut world), NOTHING);
}

#[test]
fn whom_a_void_commit_removed_is_in_again() {
    let (mut world, mut alice, mut bob, mut carol) = pair();
    let seq = world.add(&mut alice, &mut carol);
    let run = world.fetch(&bob, seq - 1);
    bob.receive(CONVERSATION, &run.envelopes[0]);
    applied(&mut world, &bob, seq);
    let removal = alice.remove(CONVERSATION, carol.device);
    let removed = world.accept(&alice, &removal);
    let late = carol.message(CONVERSATION, "hello?");
    assert_eq!(world.refuse(&carol, &late), Refusal::NotMember);
    carol.take_back(CONVERSATION);
    assert_eq!(reject(&mut world, &bob, removed), later(10_000));
    world.now.wall_ms += 10_000;
    let Answer::Voided { members, .. } = void(&mut world) else {
        panic!();
    };
    assert!(members.contains(&carol.device));
    let seq = world.say(&mut carol, "I am still here");
    let run = world.fetch(&bob, seq - 1);
    let text = bob.receive(CONVERSATION, &run.envelopes[0]);
    assert_eq!(text.as_deref(), Some("I am still here"));
}

#[test]
fn of_two_commits_the_first_rejected_one_takes_the_other_with_it() {
    let (mut world, mut alice, bob, _carol) = pair();
    for seq in [3, 4] {
        let rotation = alice.rotate(CONVERSATION);
        assert_eq!(world.accept(&alice, &rotation), seq);
        alice.merge(CONVERSATION);
    }
    reject(&mut world, &bob, 4);
    world.now.wall_ms += 5_000;
    // Now the earlier one counts.
    assert_eq!(reject(&mut world, &bob, 3), later(10_000));
    world.now.wall_ms += 10_000;
    let Answer::Voided { head, .. } = reject(&mut world, &bob, 3) else {
        panic!();
    };
    assert_eq!((head.head, head.epoch), (4, 1));
    assert_eq!(void(&mut world), NOTHING);
}

#[test]
fn a_single_member_of_several_bars_nobody() {
    for rejecting in [1, 2] {
        let (mut world, mut alice, mut bob, mut carol) = pair();
        world.add(&mut alice, &mut carol);
        let run = world.fetch(&bob, 2);
        bob.receive(CONVERSATION, &run.envelopes[0]);
        applied(&mut world, &carol, 3);
        let rotation = alice.rotate(CONVERSATION);
        assert_eq!(world.accept(&alice, &rotation), 4);
        for person in [&bob, &carol].into_iter().take(rejecting) {
            reject(&mut world, person, 4);
        }
        world.now.wall_ms += 10_000;
        assert!(matches!(void(&mut world), Answer::Voided { .. }));
        alice.give_up(CONVERSATION);
        let again = alice.rotate(CONVERSATION);
        if rejecting == 1 {
            world.accept(&alice, &again);
        } else {
            assert_eq!(world.refuse(&alice, &again), Refusal::Policy);
        }
    }
}
