//! Nothing that was taken on is silently forgotten: it is sent, or shown as failed or waiting
//! for the user, or was taken back.

use whimbrel::types::{ClientId, ConversationState, Delivery, OutboxItem, OutboxState};

use super::said::Said;
use super::{DeviceEvidence, Evidence, Invariant, Verdict, demand};

pub(super) fn check(evidence: &Evidence) -> Verdict {
    for (id, said) in evidence.book.all() {
        if let Some(author) = evidence.devices.get(said.author.0) {
            check_sent(evidence, author, id, said)?;
        }
    }
    for device in &evidence.devices {
        for item in &device.outbox {
            check_item(device, item)?;
        }
    }
    Ok(())
}

/// A text for which `send` returned is there on its author's device.
fn check_sent(evidence: &Evidence, author: &DeviceEvidence, id: ClientId, said: &Said) -> Verdict {
    let place = author.resolve(said.place);
    let row = author.place(place).and_then(|shown| {
        shown
            .messages
            .iter()
            .find(|message| message.id == id && message.sender == author.user)
    });
    let given_up = said.withdrawn || evidence.book.is_abandoned(said.place);
    let Some(row) = row else {
        return demand(given_up, Invariant::NoLoss, || {
            format!(
                "{} sent {:?} in {place}, and it is gone",
                author.name, said.text
            )
        });
    };
    let log = evidence
        .server
        .log
        .get(&place)
        .map(Vec::as_slice)
        .unwrap_or_default();
    let logged = log
        .iter()
        .find(|item| item.id == id && item.sender == author.user);
    demand(
        row.seq == logged.map(|item| item.seq),
        Invariant::NoLoss,
        || {
            let seq = logged.map(|item| item.seq);
            format!(
                "{}: {:?} has number {:?}, in the log {seq:?}",
                author.name, said.text, row.seq
            )
        },
    )?;
    let waits = row.delivery == Delivery::Queued;
    demand(
        !waits || is_stopped(author, place),
        Invariant::Convergence,
        || format!("{}: {:?} still waits in {place}", author.name, said.text),
    )
}

/// What is left shows why.
fn check_item(device: &DeviceEvidence, item: &OutboxItem) -> Verdict {
    let place = device.resolve(item.conversation);
    let shown = item.state == OutboxState::Failed || is_stopped(device, place);
    demand(shown, Invariant::Convergence, || {
        format!(
            "{}'s outbox still has {:?} ({:?})",
            device.name, item.kind, item.state
        )
    })
}

/// Whether a conversation says itself that nothing goes out.
fn is_stopped(device: &DeviceEvidence, place: whimbrel::types::ConversationId) -> bool {
    device.place(place).is_some_and(|shown| {
        let row = &shown.conversation;
        row.blocked.is_some() || row.state == ConversationState::Removed
    })
}
