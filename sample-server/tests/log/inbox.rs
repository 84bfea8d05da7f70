//! Inboxes and what is kept for them.

use whimbrel_protocol::frame::{FailureCode, InboxKind, UnopenedWelcome};
use whimbrel_server::log::{Answer, ChangeRequest};

use crate::people::Person;
use crate::world::{CONVERSATION, World};

fn applied(
    world: &mut World,
    person: &Person,
    seq: u64,
    unopened: Vec<UnopenedWelcome>,
) -> Vec<(whimbrel_protocol::DeviceId, InboxKind)> {
    let answer = world.change(ChangeRequest::InboxApplied {
        user: person.user,
        device: person.device,
        seq,
        unopened,
    });
    match answer {
        Answer::InboxTrimmed { deliveries } => deliveries
            .into_iter()
            .map(|delivery| (delivery.device, delivery.item.kind))
            .collect(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_welcome_names_its_commit_and_leads_in() {
    let (mut alice, mut bob) = (Person::new("alice"), Person::new("bob"));
    let mut world = World::with(&mut [&mut alice, &mut bob]);
    world.found(&mut alice);
    let key_package = world.claim(&bob);
    let add = alice.add(CONVERSATION, key_package, bob.device);
    let outcome = world.append(&alice, &[add]);
    alice.merge(CONVERSATION);
    let delivery = outcome.appended.unwrap().deliveries.remove(0);
    assert_eq!(delivery.device, bob.device);
    let (seq, welcome) = world.welcome(&bob);
    assert_eq!(delivery.item.kind, InboxKind::Welcome(welcome.clone()));
    assert_eq!((seq, welcome.seq, welcome.epoch), (1, 2, 1));
    assert_eq!(
        (welcome.adder_user, welcome.adder_device),
        (alice.user, alice.device)
    );
    // The tree is for whom it is meant, until it is acknowledged.
    assert_eq!(
        world.tree(&alice, 1, 0),
        Answer::Failed(FailureCode::NotFound)
    );
    assert_eq!(
        world.tree(&bob, 0, 0),
        Answer::Failed(FailureCode::NotFound)
    );
    let Answer::TreeChunk { total, .. } = world.tree(&bob, 1, 0) else {
        panic!();
    };
    assert!(
        matches!(world.tree(&bob, 1, total), Answer::TreeChunk { bytes, .. } if bytes.is_empty())
    );
    assert_eq!(
        world.tree(&bob, 1, u32::MAX),
        Answer::Failed(FailureCode::Malformed)
    );
    world.take_welcome(&mut bob);
    assert_eq!(
        world.tree(&bob, 1, 0),
        Answer::Failed(FailureCode::NotFound)
    );
    assert_eq!(world.inbox(&bob), []);
}

#[test]
fn a_failed_welcome_is_told_to_the_adder_once() {
    let (mut alice, mut bob) = (Person::new("alice"), Person::new("bob"));
    let mut world = World::with(&mut [&mut alice, &mut bob]);
    world.found(&mut alice);
    let key_package = world.claim(&bob);
    let add = alice.add(CONVERSATION, key_package, bob.device);
    world.accept(&alice, &add);
    let unopened = UnopenedWelcome {
        conversation: CONVERSATION,
        seq: 2,
    };
    let strange = UnopenedWelcome {
        conversation: CONVERSATION,
        seq: 1,
    };
    // Not yet reached by the acknowledgement: not reported either.
    assert_eq!(applied(&mut world, &bob, 0, vec![unopened]), []);
    let failed = InboxKind::DeviceWaits {
        conversation: CONVERSATION,
        seq: 2,
        user: bob.user,
        device: bob.device,
    };
    let told = applied(&mut world, &bob, 1, vec![strange, unopened, unopened]);
    assert_eq!(told, [(alice.device, failed.clone())]);
    assert_eq!(applied(&mut world, &bob, 1, vec![unopened]), []);
    let inbox = world.inbox(&alice);
    assert_eq!(inbox.len(), 1);
    assert_eq!(inbox[0].kind, failed);
    assert_eq!(
        world.tree(&bob, 1, 0),
        Answer::Failed(FailureCode::NotFound)
    );
    // Numbers of an inbox are never used again.
    assert_eq!(applied(&mut world, &alice, u64::MAX, vec![]), []);
    let Answer::Hello(facts) = world.change(ChangeRequest::Hello {
        device: alice.device,
        sealed_no: 0,
    }) else {
        panic!();
    };
    assert_eq!(facts.inbox_head, 1);
}

#[test]
fn a_tree_is_kept_until_the_last_newcomer_has_it() {
    let mut alice = Person::new("alice");
    let (mut bob, mut carol) = (Person::new("bob"), Person::new("carol"));
    let mut world = World::with(&mut [&mut alice, &mut bob, &mut carol]);
    world.found(&mut alice);
    let plan = whimbrel_mls::CommitPlan {
        add: vec![world.claim(&bob), world.claim(&carol)],
        ..Default::default()
    };
    let add = alice.commit(CONVERSATION, &plan, &[carol.device, bob.device]);
    world.accept(&alice, &add);
    alice.merge(CONVERSATION);
    world.take_welcome(&mut bob);
    world.take_welcome(&mut carol);
    world.say(&mut bob, "both in");
    let run = world.fetch(&carol, 0);
    let text = carol.receive(CONVERSATION, &run.envelopes[0]);
    assert_eq!(text.as_deref(), Some("both in"));
}

#[test]
fn a_full_inbox_is_served_in_frames_that_fit() {
    let (mut alice, mut bob) = (Person::new("alice"), Person::new("bob"));
    let mut world = World::with(&mut [&mut alice, &mut bob]);
    for number in 0..20_u8 {
        let conversation = whimbrel_protocol::ConversationId::from_bytes([number; 16]);
        let fresh = bob.key_package(whimbrel_mls::LastResort::No, crate::people::FAR_S);
        let create = alice.create(conversation, None);
        let mut add = {
            world.append_to(&alice, conversation, &[create]);
            alice.add(conversation, fresh, bob.device)
        };
        if number == 3 || number == 4 {
            // The server can't look into a Welcome, so a large one will do.
            add.welcome.as_mut().unwrap().welcome = vec![1; 32 * 1024];
        }
        let outcome = world.append_to(&alice, conversation, &[add]);
        assert!(outcome.appended.is_some(), "{:?}", outcome.results);
    }
    let first: Vec<u64> = world.inbox(&bob).iter().map(|item| item.seq).collect();
    assert_eq!(first, [1, 2, 3, 4]);
    let answer = world.read(whimbrel_server::log::ReadRequest::FetchInbox {
        device: bob.device,
        after: 4,
    });
    let Answer::Inbox { head, items } = answer else {
        panic!("{answer:?}");
    };
    assert_eq!((head, items.len()), (20, 16));
}
