//! A handful of random runs, and the checker shown worlds that are broken on purpose.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use std::collections::BTreeSet;

use whimbrel::types::{Alarm, ClientId, ConversationState, Defect, Delivery, Message, MessageKind};
use whimbrel_tests::sim::DeviceIndex;
use whimbrel_tests::sim::check::said::Book;
use whimbrel_tests::sim::check::watch::{Glance, Watch};
use whimbrel_tests::sim::check::{Evidence, Invariant, check};
use whimbrel_tests::sim::options::RunOptions;
use whimbrel_tests::sim::run::{Run, run_seed};

#[test]
fn a_handful_of_seeds_holds_every_invariant() {
    for seed in 1..=8 {
        let outcome = run_seed(seed);
        if let Err(violation) = outcome.verdict {
            let history = outcome.history.tail(60).join("\n");
            panic!("seed {seed}: {violation}\n{history}\nseed {seed}: {violation}");
        }
    }
}

/// What is known after a calm afternoon in one group of three.
fn calm_evidence() -> Evidence {
    let options = RunOptions {
        seed: 11,
        people: 3,
        conversations: 1,
        latency_ms: 20,
        jitter_ms: 5,
        steps: 60,
        keyed: false,
        faults: BTreeSet::new(),
        fault_per_mille: 0,
    };
    let mut run = Run::new(options);
    run.go().unwrap();
    run.evidence().unwrap()
}

fn is_text(message: &Message) -> bool {
    message.seq.is_some() && matches!(message.kind, MessageKind::Text { .. })
}

/// A place where a device shows several texts of somebody else, and where they stand.
fn crowded(evidence: &Evidence) -> (usize, usize, Vec<usize>) {
    for (device, it) in evidence.devices.iter().enumerate() {
        for (place, shown) in it.places.iter().enumerate() {
            let foreign = |message: &Message| is_text(message) && message.sender != it.user;
            let rows: Vec<usize> = (0..shown.messages.len())
                .filter(|row| foreign(&shown.messages[*row]))
                .collect();
            if rows.len() >= 3 {
                return (device, place, rows);
            }
        }
    }
    panic!("a run in which nobody reads anything");
}

/// Breaks what one device shows and says what the checker says to it.
fn verdict(spoil: impl FnOnce(&mut Evidence, (usize, usize, Vec<usize>))) -> Invariant {
    let mut evidence = calm_evidence();
    check(&evidence).unwrap();
    let where_it_is = crowded(&evidence);
    spoil(&mut evidence, where_it_is);
    check(&evidence).unwrap_err().invariant
}

#[test]
fn a_lost_message_is_caught() {
    let found = verdict(|evidence, (device, place, rows)| {
        evidence.devices[device].places[place]
            .messages
            .remove(rows[1]);
    });
    assert_eq!(found, Invariant::NoLoss);
}

#[test]
fn a_message_that_its_author_was_told_is_sent_and_that_the_log_lacks_is_caught() {
    let found = verdict(|evidence, (device, place, _)| {
        let shown = &evidence.devices[device].places[place];
        let id = shown.conversation.id;
        let last = evidence.server.log.get_mut(&id).unwrap().pop().unwrap();
        for device in &mut evidence.devices {
            for shown in device
                .places
                .iter_mut()
                .filter(|shown| shown.conversation.id == id)
            {
                shown.conversation.applied_seq -= 1;
            }
        }
        let mut ghost = shown_text(evidence, device, place);
        ghost.seq = Some(last.seq);
        evidence.devices[device].places[place]
            .messages
            .retain(|row| row.id != ghost.id);
        evidence.devices[device].places[place].messages.push(ghost);
    });
    assert_eq!(found, Invariant::NoLoss);
}

fn shown_text(evidence: &Evidence, device: usize, place: usize) -> Message {
    let rows = &evidence.devices[device].places[place].messages;
    rows.iter().rev().find(|row| is_text(row)).unwrap().clone()
}

#[test]
fn a_duplicated_message_is_caught() {
    let found = verdict(|evidence, (device, place, rows)| {
        let messages = &mut evidence.devices[device].places[place].messages;
        let twin = messages[rows[0]].clone();
        messages.insert(rows[0], twin);
    });
    assert_eq!(found, Invariant::NoDuplicate);
}

#[test]
fn reordered_messages_are_caught() {
    let found = verdict(|evidence, (device, place, rows)| {
        evidence.devices[device].places[place]
            .messages
            .swap(rows[0], rows[1]);
    });
    assert_eq!(found, Invariant::OneOrder);
    let renumbered = verdict(|evidence, (device, place, rows)| {
        let messages = &mut evidence.devices[device].places[place].messages;
        let (first, second) = (messages[rows[0]].seq, messages[rows[1]].seq);
        messages.swap(rows[0], rows[1]);
        (messages[rows[0]].seq, messages[rows[1]].seq) = (first, second);
    });
    assert_eq!(renumbered, Invariant::OneOrder);
}

#[test]
fn what_a_sender_said_in_another_order_is_caught() {
    let mut evidence = calm_evidence();
    let mut book = Book::default();
    let all: Vec<_> = evidence
        .book
        .all()
        .map(|(id, said)| (id, said.clone()))
        .collect();
    for (id, said) in all.iter().rev() {
        book.sent(said.author, said.place, *id, &said.text);
    }
    evidence.book = book;
    assert_eq!(
        check(&evidence).unwrap_err().invariant,
        Invariant::SenderOrder
    );
}

#[test]
fn a_gap_is_caught() {
    let found = verdict(|evidence, (device, place, rows)| {
        evidence.devices[device].places[place].messages[rows[1]].gap_before = true;
    });
    assert_eq!(found, Invariant::NoGap);
    let in_the_log = verdict(|evidence, (device, place, _)| {
        let id = evidence.devices[device].places[place].conversation.id;
        evidence.server.log.get_mut(&id).unwrap().remove(1);
    });
    assert_eq!(in_the_log, Invariant::NoGap);
}

#[test]
fn a_phantom_is_caught() {
    let found = verdict(|evidence, (device, place, rows)| {
        let row = &mut evidence.devices[device].places[place].messages[rows[1]];
        row.kind = MessageKind::Text {
            text: "nobody said this".to_owned(),
            edited: false,
        };
    });
    assert_eq!(found, Invariant::NoPhantom);
    let unknown = verdict(|evidence, (device, place, rows)| {
        let messages = &mut evidence.devices[device].places[place].messages;
        messages[rows[1]].id = ClientId::from_bytes([7; 16]);
    });
    assert_eq!(unknown, Invariant::NoPhantom);
}

#[test]
fn a_fork_is_caught() {
    let found = verdict(|evidence, (device, place, _)| {
        evidence.devices[device].places[place].chain = [9; 32];
    });
    assert_eq!(found, Invariant::OneOrder);
}

#[test]
fn a_misrouted_message_is_caught() {
    let found = verdict(|evidence, (device, place, _)| {
        let id = evidence.devices[device].places[place].conversation.id;
        let log = evidence.server.log.get(&id).unwrap();
        let item = log.iter().find(|item| !item.silent).unwrap();
        let said = evidence.book.find(item.id).unwrap().clone();
        let other = whimbrel::types::ConversationId::from_bytes([3; 16]);
        let mut book = Book::default();
        for (id, it) in evidence.book.all() {
            let place = if id == item.id { other } else { it.place };
            book.sent(it.author, place, id, &it.text);
        }
        assert_ne!(said.place, other);
        evidence.book = book;
    });
    assert_eq!(found, Invariant::NoPhantom);
}

#[test]
fn what_was_said_before_somebody_came_is_caught() {
    let found = verdict(|evidence, (device, place, rows)| {
        let shown = &evidence.devices[device].places[place];
        let (id, user) = (shown.conversation.id, evidence.devices[device].user);
        let seq = shown.messages[rows[0]].seq.unwrap();
        for stay in &mut evidence.server.stays {
            if stay.conversation == id && stay.user == user {
                stay.from = seq;
            }
        }
    });
    assert_eq!(found, Invariant::NoPhantom);
}

#[test]
fn a_member_that_was_removed_and_goes_on_reading_is_caught() {
    let found = verdict(|evidence, (device, place, rows)| {
        let shown = &evidence.devices[device].places[place];
        let (id, user) = (shown.conversation.id, evidence.devices[device].user);
        let seq = shown.messages[rows[0]].seq.unwrap();
        for stay in &mut evidence.server.stays {
            if stay.conversation == id && stay.user == user {
                stay.to = Some(seq);
            }
        }
    });
    assert_eq!(found, Invariant::NoPhantom);
}

#[test]
fn what_is_stuck_is_caught() {
    let behind = verdict(|evidence, (device, place, _)| {
        evidence.devices[device].places[place]
            .conversation
            .applied_seq -= 1;
    });
    assert_eq!(behind, Invariant::Convergence);
    let waiting = verdict(|evidence, _| {
        let (id, author, place) = evidence
            .book
            .all()
            .map(|(id, said)| (id, said.author, said.place))
            .find(|(id, author, _)| {
                let rows = evidence.devices[author.0].places.iter();
                rows.flat_map(|shown| &shown.messages)
                    .any(|row| row.id == *id && is_text(row))
            })
            .unwrap();
        let device = &mut evidence.devices[author.0];
        let shown = device
            .places
            .iter_mut()
            .find(|shown| shown.conversation.id == place);
        let messages = &mut shown.unwrap().messages;
        let at = messages.iter().position(|row| row.id == id).unwrap();
        let mut row = messages.remove(at);
        (row.seq, row.delivery) = (None, Delivery::Queued);
        messages.push(row);
    });
    assert_eq!(
        waiting,
        Invariant::NoLoss,
        "the log has it, its author does not know"
    );
}

#[test]
fn alarms_defects_damage_and_leaks_are_caught() {
    let alarm = verdict(|evidence, (device, ..)| {
        evidence.devices[device].alarm = Some(Alarm::RolledBack);
    });
    assert_eq!(alarm, Invariant::NoAlarm);
    let defect = verdict(|evidence, (device, place, rows)| {
        let row = &mut evidence.devices[device].places[place].messages[rows[0]];
        row.kind = MessageKind::Unreadable(Defect::Undecryptable);
    });
    assert_eq!(defect, Invariant::NoAlarm);
    let stopped = verdict(|evidence, (device, place, _)| {
        let row = &mut evidence.devices[device].places[place].conversation;
        row.state = ConversationState::NeedsResync;
    });
    assert_eq!(stopped, Invariant::NoAlarm);
    let damage = verdict(|evidence, (device, ..)| {
        evidence.devices[device]
            .damage
            .push("a page is damaged".to_owned());
    });
    assert_eq!(damage, Invariant::Integrity);
    let leak = verdict(|evidence, _| evidence.leaks.push("a frame".to_owned()));
    assert_eq!(leak, Invariant::Secrecy);
}

#[test]
fn a_view_that_goes_back_is_caught() {
    let evidence = calm_evidence();
    let (device, place, rows) = crowded(&evidence);
    let shown = &evidence.devices[device].places[place];
    let glance = Glance {
        conversation: shown.conversation.id,
        state: shown.conversation.state,
        applied_seq: shown.conversation.applied_seq,
        chain: shown.chain,
        rows: shown.messages.clone(),
        complete: true,
        members: shown.members.clone(),
    };
    let who = DeviceIndex(device);
    let after = |spoil: &dyn Fn(&mut Glance)| {
        let mut watch = Watch::default();
        watch.look(who, &glance, &evidence.book).unwrap();
        watch.look(who, &glance, &evidence.book).unwrap();
        let mut later = glance.clone();
        spoil(&mut later);
        watch
            .look(who, &later, &evidence.book)
            .unwrap_err()
            .invariant
    };
    let regressions: [&dyn Fn(&mut Glance); 3] = [
        &|glance| drop(glance.rows.remove(rows[0])),
        &|glance| glance.applied_seq -= 1,
        &|glance| {
            let told = glance
                .members
                .iter_mut()
                .find(|member| member.delivered_seq > 0);
            told.unwrap().delivered_seq -= 1;
        },
    ];
    for spoil in regressions {
        assert_eq!(after(spoil), Invariant::NoRegression);
    }
    let forked = after(&|glance| glance.chain = [1; 32]);
    assert_eq!(forked, Invariant::OneOrder);

    // Another device that shows another message under the same number.
    let mut watch = Watch::default();
    watch.look(who, &glance, &evidence.book).unwrap();
    let mut other = glance.clone();
    let (first, second) = (other.rows[rows[0]].seq, other.rows[rows[1]].seq);
    other.rows.swap(rows[0], rows[1]);
    (other.rows[rows[0]].seq, other.rows[rows[1]].seq) = (first, second);
    let found = watch.look(DeviceIndex(device + 1), &other, &evidence.book);
    assert_eq!(found.unwrap_err().invariant, Invariant::OneOrder);
}
