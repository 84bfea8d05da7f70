//! Who may read what, and how much at once.

use whimbrel_protocol::frame::{FailureCode, Mark};
use whimbrel_server::log::{Answer, ChangeRequest, Membership, ReadRequest};

use crate::people::Person;
use crate::world::{CONVERSATION, World};

/// Alice founds, adds Bob at 2, talks at 3 and 4, removes him at 5, talks at 6.
fn removed_bob() -> (World, Person, Person, Person) {
    let (mut alice, mut bob) = (Person::new("alice"), Person::new("bob"));
    let mut carol = Person::new("carol");
    let mut world = World::with(&mut [&mut alice, &mut bob, &mut carol]);
    world.found(&mut alice);
    world.add(&mut alice, &mut bob);
    world.say(&mut alice, "one");
    world.say(&mut alice, "two");
    let removal = alice.remove(CONVERSATION, bob.device);
    let outcome = world.append(&alice, &[removal]);
    let gone = outcome.appended.unwrap().gone;
    assert_eq!(gone.len(), 1);
    assert_eq!(
        (gone[0].device, gone[0].head.head, gone[0].head.epoch),
        (bob.device, 5, 2)
    );
    alice.merge(CONVERSATION);
    world.say(&mut alice, "not for bob");
    (world, alice, bob, carol)
}

#[test]
fn a_removed_device_reads_up_to_and_including_its_removing_commit() {
    let (mut world, alice, mut bob, _) = removed_bob();
    assert_eq!(world.seqs(&bob, 0), [3, 4, 5]);
    assert_eq!(world.seqs(&bob, 4), [5]);
    assert_eq!(world.seqs(&bob, 5), [0; 0]);
    assert_eq!(world.seqs(&bob, u64::MAX), [0; 0]);
    let run = world.fetch(&bob, 0);
    assert_eq!(run.head, 5);
    for envelope in &run.envelopes {
        bob.receive(CONVERSATION, envelope);
    }
    assert!(!bob.groups[&CONVERSATION].is_active());
    assert_eq!(world.seqs(&alice, 0), [1, 2, 3, 4, 5, 6]);

    let Answer::Hello(facts) = world.change(ChangeRequest::Hello {
        device: bob.device,
        sealed_no: 0,
    }) else {
        panic!();
    };
    let heads: Vec<_> = facts
        .heads
        .iter()
        .map(|head| (head.head, head.epoch))
        .collect();
    assert_eq!(heads, [(5, 2)]);
}

#[test]
fn a_device_that_was_added_again_has_a_hole_in_between() {
    let (mut world, mut alice, mut bob, _) = removed_bob();
    let fresh = bob.key_package(whimbrel_mls::LastResort::No, crate::people::FAR_S);
    world.publish(&bob, vec![fresh], None);
    bob.groups.clear();
    assert_eq!(world.add(&mut alice, &mut bob), 7);
    world.say(&mut alice, "welcome back");
    assert_eq!(world.seqs(&bob, 0), [3, 4, 5]);
    assert_eq!(world.seqs(&bob, 5), [8]);
    assert_eq!(world.fetch(&bob, 5).head, 8);
}

/// Everything that a device can ask about a conversation.
fn questions(person: &Person) -> Vec<ReadRequest> {
    let (user, device, conversation) = (person.user, person.device, CONVERSATION);
    vec![
        ReadRequest::Fetch {
            device,
            conversation,
            after: 0,
            limit: 10,
        },
        ReadRequest::GoLive {
            user,
            device,
            conversation,
        },
        ReadRequest::FetchTree {
            device,
            conversation,
            epoch: 1,
            offset: 0,
        },
        ReadRequest::Change(ChangeRequest::Applied {
            user,
            device,
            conversation,
            seq: 6,
        }),
        ReadRequest::Change(ChangeRequest::RejectCommit {
            device,
            conversation,
            seq: 2,
        }),
        ReadRequest::Change(ChangeRequest::RejectCommit {
            device,
            conversation,
            seq: 6,
        }),
    ]
}

#[test]
fn a_stranger_can_not_tell_whether_there_is_such_a_conversation() {
    let (mut world, _, _, carol) = removed_bob();
    let mut empty = World::new();
    let mut other = Person::new("carol");
    empty.enrol(&mut other);
    for question in questions(&carol) {
        let answer = world.read(question.clone());
        assert_eq!(
            answer,
            Answer::Failed(FailureCode::NotFound),
            "{question:?}"
        );
        assert_eq!(answer, empty.read(question));
    }
}

#[test]
fn a_removed_member_is_told_only_of_its_own_time() {
    let (mut world, _, bob, _) = removed_bob();
    let answers: Vec<Answer> = questions(&bob)
        .into_iter()
        .map(|question| world.read(question))
        .collect();
    assert!(matches!(&answers[0], Answer::Envelopes(run) if run.head == 5));
    let Answer::Position {
        head,
        membership,
        marks,
    } = &answers[1]
    else {
        panic!("{answers:?}");
    };
    assert_eq!((head.head, *membership), (5, Membership::Past));
    assert_eq!(marks, &[]);
    let not_found = Answer::Failed(FailureCode::NotFound);
    assert_eq!(answers[2], not_found);
    let Answer::Marked {
        mark: Some(mark), ..
    } = &answers[3]
    else {
        panic!("{answers:?}");
    };
    assert_eq!(mark.delivered, 5);
    // Number 2 came before its time, 6 after it.
    assert_eq!(answers[4..], [not_found.clone(), not_found]);
    let noted = Answer::Noted {
        void_after_ms: None,
    };
    let rejects = |world: &mut World, seq| {
        world.change(ChangeRequest::RejectCommit {
            device: bob.device,
            conversation: CONVERSATION,
            seq,
        })
    };
    assert_eq!(rejects(&mut world, 5), noted);
    assert_eq!(rejects(&mut world, 5), noted);
    // Not a commit.
    assert_eq!(
        rejects(&mut world, 4),
        Answer::Failed(FailureCode::NotFound)
    );
    assert_eq!(
        rejects(&mut world, 0),
        Answer::Failed(FailureCode::NotFound)
    );
}

#[test]
fn marks_never_fall_and_never_pass_the_head() {
    let (mut alice, mut bob) = (Person::new("alice"), Person::new("bob"));
    let mut world = World::with(&mut [&mut alice, &mut bob]);
    world.found(&mut alice);
    world.add(&mut alice, &mut bob);
    world.say(&mut alice, "one");
    world.say(&mut alice, "two");
    let applied = |world: &mut World, seq| {
        let answer = world.change(ChangeRequest::Applied {
            user: bob.user,
            device: bob.device,
            conversation: CONVERSATION,
            seq,
        });
        match answer {
            Answer::Marked { mark, .. } => mark.map(|mark| mark.delivered),
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(applied(&mut world, 3), Some(3));
    assert_eq!(applied(&mut world, 3), None);
    assert_eq!(applied(&mut world, 2), None);
    assert_eq!(applied(&mut world, u64::MAX), Some(4));
    assert_eq!(applied(&mut world, u64::MAX), None);
    let answer = world.read(ReadRequest::GoLive {
        user: alice.user,
        device: alice.device,
        conversation: CONVERSATION,
    });
    let Answer::Position {
        marks, membership, ..
    } = answer
    else {
        panic!("{answer:?}");
    };
    let of_bob = Mark {
        user: bob.user,
        delivered: 4,
    };
    assert_eq!((marks, membership), (vec![of_bob], Membership::Present));
}

#[test]
fn an_answer_to_a_fetch_is_limited_in_number_and_in_bytes() {
    let (mut alice, mut bob) = (Person::new("alice"), Person::new("bob"));
    let mut world = World::with(&mut [&mut alice, &mut bob]);
    world.found(&mut alice);
    world.add(&mut alice, &mut bob);
    for _ in 0..8 {
        let items: Vec<_> = (0..16)
            .map(|_| alice.message(CONVERSATION, "small"))
            .collect();
        assert!(world.append(&alice, &items).appended.is_some());
    }
    assert_eq!(world.seqs(&bob, 0).len(), 100);
    assert_eq!(world.seqs(&bob, 102).len(), 28);
    for limit in [0, 1, 7, u32::MAX] {
        let Answer::Envelopes(run) = world.read(ReadRequest::Fetch {
            device: bob.device,
            conversation: CONVERSATION,
            after: 0,
            limit,
        }) else {
            panic!();
        };
        let expected = usize::try_from(limit).unwrap().clamp(1, 100);
        assert_eq!(run.envelopes.len(), expected);
    }
    for size in [20 * 1024, 20 * 1024, 20 * 1024, 48 * 1024, 1] {
        let mut item = alice.message(CONVERSATION, "large");
        item.payload = vec![5; size];
        world.accept(&alice, &item);
    }
    assert_eq!(world.seqs(&bob, 130), [131, 132]);
    assert_eq!(world.seqs(&bob, 132), [133]);
    assert_eq!(world.seqs(&bob, 133), [134]);
    // Own envelopes are hashes and count nothing.
    assert_eq!(world.seqs(&alice, 130).len(), 5);
}

#[test]
fn heads_are_listed_newest_first_and_those_of_the_past_last() {
    let (mut world, mut alice, bob, _) = removed_bob();
    let _ = &mut alice;
    let mut bob = bob;
    let conversations: Vec<_> = (1..=3)
        .map(|n| whimbrel_protocol::ConversationId::from_bytes([n; 16]))
        .collect();
    for conversation in &conversations {
        let create = bob.create(*conversation, None);
        let outcome = world.append_to(&bob, *conversation, &[create]);
        assert!(outcome.appended.is_some());
    }
    let first = bob.message(conversations[0], "the oldest moves on");
    world.append_to(&bob, conversations[0], &[first]);
    let Answer::Hello(facts) = world.change(ChangeRequest::Hello {
        device: bob.device,
        sealed_no: 0,
    }) else {
        panic!();
    };
    let order: Vec<_> = facts.heads.iter().map(|head| head.conversation).collect();
    let [one, two, three] = conversations[..] else {
        panic!();
    };
    assert_eq!(order, [one, three, two, CONVERSATION]);
}
