//! What must hold of the server's log by itself.

use std::collections::{BTreeMap, BTreeSet};

use whimbrel::types::ConversationId;
use whimbrel_protocol::ItemKind;

use super::{Evidence, Invariant, Logged, Verdict, demand};
use crate::sim::device::DeviceIndex;

pub(super) fn check(evidence: &Evidence) -> Verdict {
    for (conversation, items) in &evidence.server.log {
        check_numbers(*conversation, items)?;
        check_epochs(*conversation, items)?;
        check_authors(evidence, *conversation, items)?;
    }
    check_sender_order(evidence)
}

fn check_numbers(conversation: ConversationId, items: &[Logged]) -> Verdict {
    let mut ids = BTreeSet::new();
    for (expected, item) in (1_u64..).zip(items) {
        demand(item.seq == expected, Invariant::NoGap, || {
            format!(
                "the log of {conversation} has {} where {expected} belongs",
                item.seq
            )
        })?;
        demand(
            ids.insert((item.sender, item.id)),
            Invariant::NoDuplicate,
            || {
                format!(
                    "the log of {conversation} has {} twice, again at {}",
                    item.id, item.seq
                )
            },
        )?;
    }
    Ok(())
}

/// Every commit ends its epoch, and everything else is of the epoch that is current.
fn check_epochs(conversation: ConversationId, items: &[Logged]) -> Verdict {
    let mut epoch = 0;
    for item in items {
        demand(item.epoch == epoch, Invariant::OneOrder, || {
            format!(
                "{conversation} at {}: epoch {} instead of {epoch}",
                item.seq, item.epoch
            )
        })?;
        epoch += u64::from(item.kind == ItemKind::Commit);
    }
    Ok(())
}

fn check_authors(evidence: &Evidence, conversation: ConversationId, items: &[Logged]) -> Verdict {
    for item in items.iter().filter(|item| !item.silent) {
        let said = evidence.book.find(item.id);
        let author = said.and_then(|said| evidence.devices.get(said.author.0));
        demand(
            author.is_some_and(|author| author.user == item.sender),
            Invariant::NoPhantom,
            || format!("{conversation} at {}: a message that nobody sent", item.seq),
        )?;
        let place = said
            .zip(author)
            .map(|(said, author)| author.resolve(said.place));
        demand(place == Some(conversation), Invariant::NoPhantom, || {
            format!(
                "{conversation} at {}: a message that was sent elsewhere",
                item.seq
            )
        })?;
    }
    Ok(())
}

/// Texts stand in the log in the order in which their author sent them there.
fn check_sender_order(evidence: &Evidence) -> Verdict {
    let mut places = BTreeMap::new();
    for (conversation, items) in &evidence.server.log {
        for item in items {
            places.insert(item.id, (*conversation, item.seq));
        }
    }
    let mut last: BTreeMap<(DeviceIndex, ConversationId), u64> = BTreeMap::new();
    for (id, said) in evidence.book.all() {
        let Some((_, seq)) = places.get(&id) else {
            continue;
        };
        let before = last.insert((said.author, said.place), *seq).unwrap_or(0);
        demand(before < *seq, Invariant::SenderOrder, || {
            format!(
                "{:?} stands at {seq}, what was sent before it at {before}",
                said.text
            )
        })?;
    }
    Ok(())
}
