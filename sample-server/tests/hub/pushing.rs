//! Pushes: after the commit, in order, without gaps, to members only.

use whimbrel_protocol::envelope::Body;
use whimbrel_protocol::frame::{
    ClientMessage, Head, InboxKind, Mark, ServerMessage, UnopenedWelcome,
};
use whimbrel_server::hub::Event;

use crate::people::Person;
use crate::stage::{CONVERSATION, LogMode, Pair, send};

fn heads(messages: &[ServerMessage]) -> Vec<(u64, u64)> {
    messages
        .iter()
        .flat_map(|message| match message {
            ServerMessage::Heads { heads, more: false } => heads.clone(),
            other => panic!("{other:?}"),
        })
        .map(|Head { head, epoch, .. }| (head, epoch))
        .collect()
}

#[test]
fn live_members_get_envelopes_and_the_sender_its_hash() {
    let mut pair = Pair::live();
    let item = pair.alice.message(CONVERSATION, "hello");
    pair.stage
        .tell(pair.at_alice, send(CONVERSATION, vec![item]));
    let to_alice = pair.stage.take_all(pair.at_alice);
    assert!(matches!(
        to_alice[0].message,
        ServerMessage::SendResult { .. }
    ));
    let ServerMessage::Envelopes(own) = &to_alice[1].message else {
        panic!("{to_alice:?}");
    };
    let to_bob = pair.stage.pushed(pair.at_bob);
    let [ServerMessage::Envelopes(run)] = to_bob.as_slice() else {
        panic!("{to_bob:?}");
    };
    assert_eq!((run.head, run.envelopes.len()), (3, 1));
    let Body::OwnHash(hash) = own.envelopes[0].body else {
        panic!("{own:?}");
    };
    assert_eq!(hash, run.envelopes[0].body.payload_sha256());
    let text = pair.bob.receive(CONVERSATION, &run.envelopes[0]);
    assert_eq!(text.as_deref(), Some("hello"));
}

#[test]
fn nothing_leaves_before_the_append_is_committed() {
    let mut pair = Pair::live();
    pair.stage.mode = LogMode::Slow;
    let item = pair.alice.message(CONVERSATION, "hello");
    pair.stage
        .tell(pair.at_alice, send(CONVERSATION, vec![item]));
    assert_eq!(pair.stage.take_all(pair.at_alice), []);
    assert_eq!(pair.stage.take_all(pair.at_bob), []);
    pair.stage.let_log_work();
    assert_eq!(pair.stage.pushed_seqs(pair.at_bob), [3]);
    assert_eq!(pair.stage.take_all(pair.at_alice).len(), 2);
}

#[test]
fn a_send_of_many_items_is_one_push_and_a_repeat_is_none() {
    let mut pair = Pair::live();
    let items: Vec<_> = (0..16)
        .map(|_| pair.alice.message(CONVERSATION, "x"))
        .collect();
    pair.stage.send(pair.at_alice, items.clone());
    assert_eq!(pair.stage.pushed(pair.at_bob).len(), 1);
    pair.stage.send(pair.at_alice, items);
    assert_eq!(pair.stage.take_all(pair.at_bob), []);
}

#[test]
fn a_member_who_is_not_live_is_told_the_head() {
    let mut pair = Pair::live();
    let mut carol = Person::new("carol");
    pair.stage.enrol(&mut carol);
    let at_carol = pair.stage.online(&carol);
    pair.stage.add(pair.at_alice, &mut pair.alice, &mut carol);
    pair.stage.join(at_carol, &mut carol);
    // The first at once, the next together a little later.
    assert_eq!(pair.alice_says("one"), 4);
    assert_eq!(heads(&pair.stage.pushed(at_carol)), [(4, 2)]);
    pair.alice_says("two");
    pair.alice_says("three");
    assert_eq!(pair.stage.take_all(at_carol), []);
    pair.stage.pass(250);
    assert_eq!(heads(&pair.stage.pushed(at_carol)), [(6, 2)]);
    // She fetches, goes live and is pushed to.
    let run = pair.stage.fetch(at_carol, 3);
    for envelope in &run.envelopes {
        assert!(carol.receive(CONVERSATION, envelope).is_some());
    }
    pair.stage.go_live(at_carol, 6);
    pair.alice_says("four");
    assert_eq!(pair.stage.pushed_seqs(at_carol), [7]);
}

#[test]
fn whoever_goes_live_behind_the_head_catches_up_by_fetching() {
    let mut pair = Pair::live();
    for _ in 0..3 {
        pair.alice_says("x");
    }
    pair.stage.take_all(pair.at_bob);
    assert_eq!(pair.stage.go_live(pair.at_bob, 2).0.head, 5);
    // Not the next one: told, not pushed.
    pair.alice_says("six");
    pair.stage.pass(250);
    assert_eq!(heads(&pair.stage.pushed(pair.at_bob)), [(6, 1)]);
    assert_eq!(pair.stage.fetch(pair.at_bob, 2).envelopes.len(), 4);
    pair.alice_says("seven");
    assert_eq!(pair.stage.pushed_seqs(pair.at_bob), [7]);
}

#[test]
fn a_client_ahead_of_the_log_is_not_served() {
    let mut pair = Pair::live();
    assert_eq!(pair.stage.go_live(pair.at_bob, 9).0.head, 2);
    pair.alice_says("x");
    assert_eq!(heads(&pair.stage.pushed(pair.at_bob)), [(3, 1)]);
}

#[test]
fn a_removed_device_is_pushed_its_removing_commit_and_nothing_more() {
    let mut pair = Pair::live();
    let removal = pair.alice.remove(CONVERSATION, pair.bob.device);
    let mut after = pair.alice.message(CONVERSATION, "placeholder");
    // In one send with a message of the epoch after it, which he must not see.
    after.epoch = 2;
    after.payload = vec![1; 10];
    pair.stage.send(pair.at_alice, vec![removal, after]);
    let pushed = pair.stage.pushed(pair.at_bob);
    let [ServerMessage::Envelopes(run)] = pushed.as_slice() else {
        panic!("{pushed:?}");
    };
    assert_eq!((run.head, run.envelopes.len()), (3, 1));
    pair.bob.receive(CONVERSATION, &run.envelopes[0]);
    assert!(!pair.bob.groups[&CONVERSATION].is_active());
    pair.alice.merge(CONVERSATION);
    pair.alice_says("not for bob");
    pair.stage.pass(10_000);
    assert_eq!(pair.stage.take_all(pair.at_bob), []);
    // Going live again changes nothing.
    assert_eq!(pair.stage.go_live(pair.at_bob, 3).0.head, 3);
    pair.alice_says("nor this");
    pair.stage.pass(10_000);
    assert_eq!(pair.stage.take_all(pair.at_bob), []);
    assert_eq!(pair.stage.fetch(pair.at_bob, 2).envelopes.len(), 1);
}

#[test]
fn without_credit_a_conversation_falls_back_to_one_head() {
    let mut pair = Pair::live();
    let batch = |pair: &mut Pair| {
        let items = (0..16)
            .map(|_| pair.alice.message(CONVERSATION, "x"))
            .collect();
        pair.stage.send(pair.at_alice, items);
        // Alice takes what is pushed to her, Bob does not.
        let taken = ClientMessage::Taken { envelopes: 16 };
        pair.stage.tell(pair.at_alice, taken);
    };
    for _ in 0..16 {
        batch(&mut pair);
    }
    assert_eq!(pair.stage.pushed_seqs(pair.at_bob).len(), 256);
    for _ in 0..3 {
        batch(&mut pair);
        pair.stage.pass(1_000);
    }
    assert_eq!(pair.stage.take_all(pair.at_bob), []);
    assert_eq!(pair.stage.hub.stats().starved, 1);
    let taken = ClientMessage::Taken { envelopes: 256 };
    pair.stage.tell(pair.at_bob, taken);
    assert_eq!(heads(&pair.stage.pushed(pair.at_bob)), [(306, 1)]);
    // Behind now: told, not pushed, until it has fetched.
    batch(&mut pair);
    pair.stage.pass(1_000);
    assert_eq!(heads(&pair.stage.pushed(pair.at_bob)), [(322, 1)]);
    assert_eq!(pair.stage.fetch(pair.at_bob, 258).envelopes.len(), 64);
    batch(&mut pair);
    assert_eq!(pair.stage.pushed_seqs(pair.at_bob).len(), 16);
}

#[test]
fn marks_are_told_to_the_others_together() {
    let mut pair = Pair::live();
    for _ in 0..3 {
        pair.alice_says("x");
    }
    let applied = |pair: &mut Pair, seq| {
        let message = ClientMessage::Applied {
            conversation: CONVERSATION,
            seq,
        };
        pair.stage.tell(pair.at_bob, message);
    };
    pair.stage.pass(1_000);
    pair.stage.take_all(pair.at_alice);
    pair.stage.take_all(pair.at_bob);
    let marks = |delivered| {
        [ServerMessage::Marks {
            conversation: CONVERSATION,
            marks: vec![Mark {
                user: pair.bob.user,
                delivered,
            }],
        }]
    };
    let (three, five) = (marks(3), marks(5));
    applied(&mut pair, 3);
    assert_eq!(pair.stage.pushed(pair.at_alice), three);
    applied(&mut pair, 4);
    applied(&mut pair, 5);
    applied(&mut pair, 4);
    assert_eq!(pair.stage.take_all(pair.at_alice), []);
    pair.stage.pass(250);
    assert_eq!(pair.stage.pushed(pair.at_alice), five);
    assert_eq!(pair.stage.take_all(pair.at_bob), []);
    let (_, marks) = pair.stage.go_live(pair.at_alice, 5);
    assert_eq!(marks[0].delivered, 5);
}

#[test]
fn a_failed_welcome_is_pushed_to_the_adder() {
    let mut pair = Pair::live();
    let mut carol = Person::new("carol");
    pair.stage.enrol(&mut carol);
    let at_carol = pair.stage.online(&carol);
    pair.stage.add(pair.at_alice, &mut pair.alice, &mut carol);
    assert_eq!(pair.stage.pushed(at_carol).len(), 1);
    let unopened = UnopenedWelcome {
        conversation: CONVERSATION,
        seq: 3,
    };
    let applied = ClientMessage::InboxApplied {
        seq: 1,
        unopened: vec![unopened],
    };
    pair.stage.tell(at_carol, applied);
    let pushed = pair.stage.pushed(pair.at_alice);
    let [ServerMessage::InboxItems { head: 1, items }] = pushed.as_slice() else {
        panic!("{pushed:?}");
    };
    let failed = InboxKind::DeviceWaits {
        conversation: CONVERSATION,
        seq: 3,
        user: carol.user,
        device: carol.device,
    };
    assert_eq!(items[0].kind, failed);
}

#[test]
fn a_hint_tells_members_what_they_do_not_have() {
    let mut pair = Pair::live();
    let hint = |pair: &mut Pair| {
        pair.stage.handle(Event::Hint {
            conversation: CONVERSATION,
            head: 3,
        });
    };
    // An own append comes back as a hint: nothing new.
    pair.alice_says("x");
    pair.stage.take_all(pair.at_bob);
    hint(&mut pair);
    pair.stage.pass(1_000);
    assert_eq!(pair.stage.take_all(pair.at_bob), []);
    // Another node appends, and then removes Bob.
    let item = pair.alice.message(CONVERSATION, "from elsewhere");
    let (user, device) = (pair.alice.user, pair.alice.device);
    let elsewhere = |stage: &mut crate::stage::Stage, item| {
        let request = whimbrel_server::log::AppendRequest {
            user,
            device,
            conversation: CONVERSATION,
            sealed_no: 0,
            items: vec![item],
        };
        let outcome = stage.log.append(&[request], stage.now).unwrap();
        assert!(outcome[0].appended.is_some());
    };
    elsewhere(&mut pair.stage, item);
    pair.stage.mode = LogMode::Slow;
    for _ in 0..10 {
        pair.stage.handle(Event::Hint {
            conversation: CONVERSATION,
            head: 4,
        });
    }
    assert_eq!(pair.stage.waiting.len(), 1);
    pair.stage.let_log_work();
    pair.stage.mode = LogMode::Prompt;
    pair.stage.pass(1_000);
    let told = pair.stage.pushed(pair.at_bob);
    assert_eq!(heads(&told).last(), Some(&(4, 1)));
    assert_eq!(pair.stage.fetch(pair.at_bob, 3).envelopes.len(), 1);
    let removal = pair.alice.remove(CONVERSATION, pair.bob.device);
    elsewhere(&mut pair.stage, removal);
    pair.stage.handle(Event::Hint {
        conversation: CONVERSATION,
        head: 5,
    });
    pair.stage.pass(1_000);
    assert_eq!(heads(&pair.stage.pushed(pair.at_bob)), [(5, 2)]);
    assert_eq!(pair.stage.hub.stats().live, 1);
}

#[test]
fn the_same_events_give_the_same_effects() {
    let run = || {
        let mut pair = Pair::live();
        pair.alice_says("one");
        pair.stage.pass(40_000);
        pair.stage.history
    };
    assert_eq!(run(), run());
}
