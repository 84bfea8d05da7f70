//! History that a device has missed: it asks, and the authors say their texts again.

use whimbrel_protocol::frame::Welcome;
use whimbrel_protocol::{ClientId, Content, Envelope};

use crate::engine::Context;
use crate::error::Result;
use crate::outbox::Intent;
use crate::store::{ConversationRow, NewMessage, Placing, Tx};
use crate::types::{Change, MessageKind};

/// Texts that one request gets from one device. More are to be asked for again.
const TEXTS_MAX: u32 = 100;

/// This device is in again after it could not follow: a row says what it missed, and the authors
/// are asked.
pub(super) fn missed(
    tx: &Tx<'_>,
    context: &mut Context<'_>,
    before: &ConversationRow,
    welcome: &Welcome,
) -> Result<()> {
    tx.forget_accepted(before.id)?;
    let (from_seq, to_seq) = (before.applied_seq + 1, welcome.seq.saturating_sub(1));
    if from_seq > to_seq {
        return Ok(());
    }
    tx.put_missed(before.id, from_seq, to_seq)?;
    tx.insert_message(&NewMessage {
        conversation: before.id,
        sender: context.me.user,
        id: context.random.client_id(context.now),
        kind: &MessageKind::Missed { from_seq, to_seq },
        raw: None,
        composed_ms: context.now.wall_ms,
        placing: Placing::At {
            seq: from_seq,
            server_time_ms: context.now.wall_ms,
            gap_before: false,
        },
    })?;
    let id = context.random.client_id(context.now);
    tx.enqueue(before.id, id, &Intent::AskAgain { from_seq, to_seq })?;
    context.changes.insert(Change::Outbox);
    Ok(())
}

/// A device has missed something: the texts that were written here are said again, each once.
pub(super) fn asked(
    tx: &Tx<'_>,
    context: &mut Context<'_>,
    row: &ConversationRow,
    envelope: &Envelope,
    (from_seq, to_seq): (u64, u64),
) -> Result<()> {
    let device = envelope.sender_device;
    let from_seq = from_seq.max(tx.answered(row.id, device)?.saturating_add(1));
    let to_seq = to_seq.min(envelope.seq);
    for (target, seq) in tx.own_texts_between(row.id, from_seq, to_seq, TEXTS_MAX)? {
        let id = context.random.client_id(context.now);
        let target = target.into();
        tx.enqueue(row.id, id, &Intent::Again { target })?;
        tx.set_answered(row.id, device, seq)?;
        context.changes.insert(Change::Outbox);
    }
    Ok(())
}

/// An author has said an earlier text once more. It is shown where this device has missed some.
pub(super) fn said(
    tx: &Tx<'_>,
    context: &mut Context<'_>,
    row: &ConversationRow,
    envelope: &Envelope,
    content: &Content,
    (target, text): (ClientId, &str),
) -> Result<()> {
    let sender = envelope.sender_user;
    let known = tx.find_message(row.id, sender, target)?.is_some();
    let Some(from_seq) = tx.last_missed(row.id)?.filter(|_| !known) else {
        return Ok(());
    };
    tx.insert_message(&NewMessage {
        conversation: row.id,
        sender,
        id: target,
        kind: &MessageKind::Text {
            text: text.to_owned(),
            edited: false,
        },
        raw: None,
        composed_ms: content.composed_ms,
        placing: Placing::At {
            seq: from_seq,
            // By the author's clock, but never from the future.
            server_time_ms: content.composed_ms.min(envelope.server_time_ms),
            gap_before: false,
        },
    })?;
    context.changes.insert(Change::Messages(row.id));
    Ok(())
}
