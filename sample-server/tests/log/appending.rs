//! Numbers, repeats, the order of checks.

use whimbrel_protocol::envelope::{Body, sha256};
use whimbrel_protocol::frame::{ItemResult, Refusal};
use whimbrel_protocol::{Chain, ConversationId, ItemKind};
use whimbrel_server::log::{
    Answer, AppendRequest, BATCH_ITEMS_MAX, ChangeRequest, LogError, ReadRequest,
};

use crate::people::Person;
use crate::world::{CONVERSATION, World, bodies};

#[test]
fn numbers_are_dense_and_the_transcript_covers_them() {
    let (mut alice, mut bob) = (Person::new("alice"), Person::new("bob"));
    let mut world = World::with(&mut [&mut alice, &mut bob]);
    world.found(&mut alice);
    assert_eq!(world.add(&mut alice, &mut bob), 2);
    assert_eq!(world.say(&mut alice, "one"), 3);
    assert_eq!(world.say(&mut bob, "two"), 4);

    let run = world.fetch(&alice, 0);
    assert_eq!(run.head, 4);
    let mut chain = Chain::START;
    for (seq, envelope) in (1..).zip(&run.envelopes) {
        assert_eq!(envelope.seq, seq);
        chain = chain.then(CONVERSATION, envelope);
    }
    // Alice's own come back as hashes, and the transcript is the same for everybody.
    assert_eq!(bodies(&run.envelopes)[..3], [0, 0, 0]);
    let for_bob = world.fetch(&bob, 0);
    assert_eq!(for_bob.envelopes[0].body.payload_sha256(), {
        run.envelopes[2].body.payload_sha256()
    });
    let mut from_welcome = Chain::START;
    for envelope in &run.envelopes[..2] {
        from_welcome = from_welcome.then(CONVERSATION, envelope);
    }
    let of_bob = for_bob
        .envelopes
        .iter()
        .fold(from_welcome, |chain, envelope| {
            chain.then(CONVERSATION, envelope)
        });
    assert_eq!(of_bob, chain);
}

#[test]
fn a_repeat_gets_the_first_answer_also_after_a_crash() {
    let mut alice = Person::new("alice");
    let mut world = World::with(&mut [&mut alice]);
    world.found(&mut alice);
    let item = alice.message(CONVERSATION, "hello");
    let first = world.append(&alice, std::slice::from_ref(&item));
    assert!(first.appended.is_some());
    // The answer never arrives; server and client come back and the client sends again.
    world.restart();
    let again = world.append(&alice, std::slice::from_ref(&item));
    assert_eq!(again.results, first.results);
    assert_eq!(again.appended, None);
    assert_eq!(world.fetch(&alice, 0).head, 2);

    // Even other bytes under the same id: what stands in the log is answered.
    let mut other = item.clone();
    other.payload = b"something else".to_vec();
    other.counter = 99;
    let result = world.append(&alice, &[other]).results[0];
    assert_eq!(result, first.results[0]);
    let ItemResult::Accepted { payload_sha256, .. } = result else {
        panic!("{result:?}");
    };
    assert_eq!(payload_sha256, sha256(&item.payload));
}

#[test]
fn a_send_is_appended_up_to_its_first_refusal_which_is_not_remembered() {
    let mut alice = Person::new("alice");
    let mut world = World::with(&mut [&mut alice]);
    world.found(&mut alice);
    let one = alice.message(CONVERSATION, "one");
    let two = alice.message(CONVERSATION, "two");
    let three = alice.message(CONVERSATION, "three");
    let four = alice.message(CONVERSATION, "four");
    let outcome = world.append(&alice, &[one, three.clone(), two.clone()]);
    assert!(matches!(
        outcome.results[0],
        ItemResult::Accepted { seq: 2, .. }
    ));
    assert_eq!(
        outcome.results[1..],
        [
            ItemResult::Refused(Refusal::BadCounter { expected: 3 }),
            ItemResult::NotTried
        ]
    );
    let appended = outcome.appended.unwrap();
    assert_eq!((appended.head.head, appended.envelopes.len()), (2, 1));
    assert_eq!(appended.members, [alice.device]);

    let outcome = world.append(&alice, &[two, three, four]);
    let seqs: Vec<u64> = outcome
        .results
        .iter()
        .map(|result| match result {
            ItemResult::Accepted { seq, .. } => *seq,
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(seqs, [3, 4, 5]);
}

#[test]
fn checks_come_in_their_order() {
    let (mut alice, mut bob) = (Person::new("alice"), Person::new("bob"));
    let mut carol = Person::new("carol");
    let mut world = World::with(&mut [&mut alice, &mut bob, &mut carol]);
    let mut nothing_right = carol.create(CONVERSATION, None);
    nothing_right.kind = ItemKind::Commit;
    nothing_right.founding = None;
    nothing_right.counter = 77;
    nothing_right.epoch = 77;
    nothing_right.payload = vec![1; 49 * 1024];
    assert_eq!(
        world.refuse(&alice, &nothing_right),
        Refusal::NoSuchConversation
    );
    world.found(&mut alice);
    world.add(&mut alice, &mut bob);
    let said = bob.message(CONVERSATION, "known");
    let said_at = world.accept(&bob, &said);

    // Everything wrong at once, then one thing after the other put right.
    let mut item = nothing_right;
    assert_eq!(world.refuse(&carol, &item), Refusal::NoSuchConversation);
    assert_eq!(
        world.refuse(&bob, &item),
        Refusal::BadCounter { expected: 2 }
    );
    item.counter = 2;
    let (epoch, head) = (1, said_at);
    assert_eq!(
        world.refuse(&bob, &item),
        Refusal::StaleEpoch { epoch, head }
    );
    item.epoch = 1;
    assert_eq!(world.refuse(&bob, &item), Refusal::TooLarge);
    item.payload = Vec::new();
    assert_eq!(world.refuse(&bob, &item), Refusal::Malformed);
    item.payload = b"no commit".to_vec();
    assert_eq!(world.refuse(&bob, &item), Refusal::BadCommit);
    item.kind = ItemKind::Create;
    assert_eq!(world.refuse(&bob, &item), Refusal::ConversationExists);

    let removal = alice.remove(CONVERSATION, bob.device);
    world.accept(&alice, &removal);
    item.kind = ItemKind::Message;
    item.counter = 77;
    assert_eq!(world.refuse(&bob, &item), Refusal::NotMember);
    // But a repeat comes before everything, also for a removed member.
    assert_eq!(world.accept(&bob, &said), said_at);
}

#[test]
fn an_item_carries_what_its_kind_carries_and_nothing_else() {
    let mut alice = Person::new("alice");
    let mut world = World::with(&mut [&mut alice]);
    let create = alice.create(CONVERSATION, None);
    let mut bare = create.clone();
    bare.founding = None;
    assert_eq!(world.refuse(&alice, &bare), Refusal::Malformed);
    let mut late = create.clone();
    late.epoch = 1;
    assert_eq!(world.refuse(&alice, &late), Refusal::Malformed);
    let mut second = create.clone();
    second.counter = 2;
    assert_eq!(
        world.refuse(&alice, &second),
        Refusal::BadCounter { expected: 1 }
    );
    let mut garbage = create.clone();
    garbage.payload = vec![3; 100];
    assert_eq!(world.refuse(&alice, &garbage), Refusal::BadCommit);
    assert_eq!(world.accept(&alice, &create), 1);
    let mut message = alice.message(CONVERSATION, "x");
    message.founding = create.founding.clone();
    assert_eq!(world.refuse(&alice, &message), Refusal::Malformed);
    message.founding = None;
    message.payload = vec![0; 48 * 1024 + 1];
    assert_eq!(world.refuse(&alice, &message), Refusal::TooLarge);
}

#[test]
fn a_send_over_its_byte_limit_is_cut_where_it_gets_too_large() {
    let mut alice = Person::new("alice");
    let mut world = World::with(&mut [&mut alice]);
    world.found(&mut alice);
    let items: Vec<_> = (0..3)
        .map(|_| {
            let mut item = alice.message(CONVERSATION, "x");
            item.payload = vec![9; 20 * 1024];
            item
        })
        .collect();
    let outcome = world.append(&alice, &items);
    assert!(matches!(outcome.results[1], ItemResult::Accepted { .. }));
    assert_eq!(outcome.results[2], ItemResult::Refused(Refusal::TooLarge));
}

#[test]
fn a_foreign_creator_can_not_found_with_somebody_elses_group() {
    let (mut alice, mut bob) = (Person::new("alice"), Person::new("bob"));
    let mut world = World::with(&mut [&mut alice, &mut bob]);
    let create = alice.create(CONVERSATION, None);
    assert_eq!(world.refuse(&bob, &create), Refusal::BadCommit);
    let elsewhere = ConversationId::from_bytes([0xdd; 16]);
    let outcome = world.append_to(&alice, elsewhere, &[create]);
    assert_eq!(outcome.results, [ItemResult::Refused(Refusal::BadCommit)]);
    // An account whose identity key is another one than the group says.
    let mut unknown = Person::new("dave");
    let create = unknown.create(CONVERSATION, None);
    assert_eq!(world.refuse(&unknown, &create), Refusal::Policy);
}

#[test]
fn there_is_one_direct_conversation_per_pair_in_either_order() {
    let (mut alice, mut bob) = (Person::new("alice"), Person::new("bob"));
    let mut world = World::with(&mut [&mut alice, &mut bob]);
    let first = alice.create(CONVERSATION, Some(bob.user));
    assert_eq!(world.accept(&alice, &first), 1);
    let exists = ItemResult::Refused(Refusal::DirectExists {
        conversation: CONVERSATION,
    });
    let other = ConversationId::from_bytes([0xdd; 16]);
    let again = alice.create(other, Some(bob.user));
    assert_eq!(world.append_to(&alice, other, &[again]).results, [exists]);
    let reverse = bob.create(other, Some(alice.user));
    assert_eq!(world.append_to(&bob, other, &[reverse]).results, [exists]);
    // A group of the same two is another matter.
    let group = ConversationId::from_bytes([0xee; 16]);
    let create = bob.create(group, None);
    let results = world.append_to(&bob, group, &[create]).results;
    assert!(matches!(results[0], ItemResult::Accepted { seq: 1, .. }));
}

#[test]
fn a_direct_conversation_needs_another_existing_user_and_a_direct_group() {
    let (mut alice, mut bob) = (Person::new("alice"), Person::new("bob"));
    let carol = Person::new("carol");
    let mut world = World::with(&mut [&mut alice, &mut bob]);
    let peers = [
        (alice.user, Refusal::Malformed),
        (carol.user, Refusal::NoSuchUser),
    ];
    for (peer, refusal) in peers {
        let create = alice.create(CONVERSATION, Some(peer));
        assert_eq!(world.refuse(&alice, &create), refusal);
        alice.take_back(CONVERSATION);
    }
    let mut disguised = alice.create(CONVERSATION, None);
    disguised.founding.as_mut().unwrap().direct_peer = Some(bob.user);
    assert_eq!(world.refuse(&alice, &disguised), Refusal::Malformed);
}

#[test]
fn one_batch_serves_many_and_a_failing_one_leaves_nothing() {
    let (mut alice, mut bob) = (Person::new("alice"), Person::new("bob"));
    let mut world = World::with(&mut [&mut alice, &mut bob]);
    let other = ConversationId::from_bytes([0xdd; 16]);
    let founded = alice.create(CONVERSATION, None);
    let founded_too = bob.create(other, None);
    let lost = bob.message(other, "not here");
    let said = alice.message(CONVERSATION, "x");
    let batch = [
        World::request(&alice, CONVERSATION, vec![founded]),
        World::request(&bob, other, vec![founded_too]),
        World::request(&bob, CONVERSATION, vec![lost]),
        World::request(&alice, CONVERSATION, vec![said]),
    ];
    let outcomes = world.log.append(&batch, world.now).unwrap();
    let accepted = |result: &ItemResult| matches!(result, ItemResult::Accepted { .. });
    let which: Vec<bool> = outcomes
        .iter()
        .map(|outcome| outcome.results.iter().all(accepted))
        .collect();
    assert_eq!(which, [true, true, false, true]);

    let too_many: Vec<AppendRequest> = (0..=BATCH_ITEMS_MAX).map(|_| batch[3].clone()).collect();
    assert!(matches!(
        world.log.append(&too_many, world.now),
        Err(LogError::BatchTooLarge { .. })
    ));
}

#[test]
fn the_highest_count_of_sealed_items_is_kept() {
    let mut alice = Person::new("alice");
    let mut world = World::with(&mut [&mut alice]);
    let hello = |world: &mut World, sealed_no| {
        let device = alice.device;
        match world.change(ChangeRequest::Hello { device, sealed_no }) {
            Answer::Hello(facts) => facts,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(hello(&mut world, 5).sealed_no, 5);
    assert_eq!(hello(&mut world, 3).sealed_no, 5);
    let mut request = World::request(&alice, CONVERSATION, vec![]);
    request.sealed_no = 9;
    world.log.append(&[request], world.now).unwrap();
    world.restart();
    assert_eq!(hello(&mut world, 0).sealed_no, 9);
    assert_eq!(
        hello(&mut world, u64::MAX).sealed_no,
        i64::MAX.unsigned_abs()
    );
}

#[test]
fn payloads_come_back_as_they_were_sent() {
    let (mut alice, mut bob) = (Person::new("alice"), Person::new("bob"));
    let mut world = World::with(&mut [&mut alice, &mut bob]);
    world.found(&mut alice);
    world.add(&mut alice, &mut bob);
    let mut item = alice.message(CONVERSATION, "mit Umlaut: ü");
    item.silent = true;
    let seq = world.accept(&alice, &item);
    let answer = world.read(ReadRequest::Fetch {
        device: bob.device,
        conversation: CONVERSATION,
        after: seq - 1,
        limit: 1,
    });
    let Answer::Envelopes(run) = answer else {
        panic!("{answer:?}");
    };
    let envelope = &run.envelopes[0];
    assert_eq!(envelope.body, Body::Payload(item.payload));
    assert_eq!(
        (envelope.client_id, envelope.counter, envelope.epoch),
        (item.client_id, item.counter, item.epoch)
    );
    assert!(envelope.silent);
    assert_eq!(
        bob.receive(CONVERSATION, envelope).as_deref(),
        Some("mit Umlaut: ü")
    );
}
