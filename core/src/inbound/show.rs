//! Rows: what each outcome leaves for the user to see.

use whimbrel_mls::{CommitSummary, Group};
use whimbrel_protocol::content::ContentKind;
use whimbrel_protocol::frame::Welcome;
use whimbrel_protocol::{ClientId, Content, Envelope};

use super::apply::Outcome;
use crate::engine::Context;
use crate::error::Result;
use crate::store::{ConversationRow, NewMessage, Placing, Tx};
use crate::types::{Change, ConversationState, Defect, MessageKind, Role};

/// What a message of somebody else says.
pub(super) fn content(
    tx: &Tx<'_>,
    context: &mut Context<'_>,
    row: &mut ConversationRow,
    envelope: &Envelope,
    content: &Content,
    plaintext: &[u8],
    gap_before: bool,
) -> Result<Outcome> {
    let sender = envelope.sender_user;
    let (kind, raw) = match &content.kind {
        ContentKind::Text(text) => (
            MessageKind::Text {
                text: text.clone(),
                edited: false,
            },
            None,
        ),
        ContentKind::Unsupported => (MessageKind::Unsupported, Some(plaintext)),
        ContentKind::Edit { target, text } => {
            tx.edit_message(row.id, sender, *target, text, Some(envelope.seq))?;
            return Ok(changed_messages(context, row));
        }
        ContentKind::Delete { target } => {
            tx.delete_message_text(row.id, sender, *target)?;
            return Ok(changed_messages(context, row));
        }
        ContentKind::ReadMark { seq } => {
            // Nobody can have read what is not there yet.
            tx.raise_read(row.id, sender, (*seq).min(envelope.seq))?;
            context.changes.insert(Change::Members(row.id));
            return Ok(changed_messages(context, row));
        }
        ContentKind::State { name } if *name == row.name => {
            row.name_seq = envelope.seq;
            return Ok(Outcome::Done);
        }
        ContentKind::State { name } => {
            renamed(tx, context, row, envelope, name)?;
            return Ok(Outcome::Done);
        }
    };
    let inserted = tx.insert_message(&NewMessage {
        conversation: row.id,
        sender,
        id: envelope.client_id,
        kind: &kind,
        raw,
        composed_ms: content.composed_ms,
        placing: Placing::At {
            seq: envelope.seq,
            server_time_ms: envelope.server_time_ms,
            gap_before,
        },
    })?;
    if !inserted {
        return Ok(Outcome::Defect(Defect::Forged));
    }
    // Its author had applied that much, and says so under encryption.
    tx.raise_delivered(row.id, sender, content.log_seq.min(envelope.seq))?;
    row.last_activity_ms = row.last_activity_ms.max(envelope.server_time_ms);
    Ok(changed_messages(context, row))
}

fn changed_messages(context: &mut Context<'_>, row: &ConversationRow) -> Outcome {
    context.changes.insert(Change::Messages(row.id));
    Outcome::Done
}

/// A row of this envelope's own, which its sender's other items can't be in the way of.
fn notice(
    tx: &Tx<'_>,
    context: &mut Context<'_>,
    row: &mut ConversationRow,
    envelope: &Envelope,
    id: ClientId,
    kind: &MessageKind,
) -> Result<bool> {
    context.changes.insert(Change::Messages(row.id));
    row.last_activity_ms = row.last_activity_ms.max(envelope.server_time_ms);
    tx.insert_message(&NewMessage {
        conversation: row.id,
        sender: envelope.sender_user,
        id,
        kind,
        raw: None,
        composed_ms: envelope.server_time_ms,
        placing: Placing::At {
            seq: envelope.seq,
            server_time_ms: envelope.server_time_ms,
            gap_before: false,
        },
    })
}

/// The row of something that had no effect.
pub(super) fn placeholder(
    tx: &Tx<'_>,
    context: &mut Context<'_>,
    row: &ConversationRow,
    envelope: &Envelope,
    defect: Defect,
) -> Result<()> {
    // Not under the id the server names: a forgery must not stand in the way of the true item.
    let id = own_id(row, envelope);
    let mut row = row.clone();
    notice(
        tx,
        context,
        &mut row,
        envelope,
        id,
        &MessageKind::Unreadable(defect),
    )?;
    Ok(())
}

/// An id for the row of an envelope that no sender has drawn.
pub(super) fn own_id(row: &ConversationRow, envelope: &Envelope) -> ClientId {
    let [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, ..] = envelope.digest(row.id);
    ClientId::from_bytes([a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p])
}

/// An own text has its place.
pub(super) fn own_text(
    tx: &Tx<'_>,
    context: &mut Context<'_>,
    row: &mut ConversationRow,
    envelope: &Envelope,
) -> Result<()> {
    let (me, time) = (context.me.user, envelope.server_time_ms);
    tx.place_message(row.id, me, envelope.client_id, envelope.seq, time)?;
    row.own_read_seq = row.own_read_seq.max(envelope.seq);
    row.last_activity_ms = row.last_activity_ms.max(time);
    context.changes.insert(Change::Messages(row.id));
    Ok(())
}

/// The conversation has a new name.
pub(super) fn renamed(
    tx: &Tx<'_>,
    context: &mut Context<'_>,
    row: &mut ConversationRow,
    envelope: &Envelope,
    name: &str,
) -> Result<()> {
    row.name = name.to_owned();
    row.name_seq = envelope.seq;
    let kind = MessageKind::Renamed(name.to_owned());
    notice(tx, context, row, envelope, envelope.client_id, &kind)?;
    Ok(())
}

/// The server knows the conversation that was made here.
pub(super) fn created(
    tx: &Tx<'_>,
    context: &mut Context<'_>,
    row: &mut ConversationRow,
    envelope: &Envelope,
    group: &Group,
) -> Result<()> {
    row.state = ConversationState::Active;
    tx.open_interval(row.id, envelope.seq)?;
    write_members(tx, context, row, group)?;
    notice(
        tx,
        context,
        row,
        envelope,
        envelope.client_id,
        &MessageKind::Created,
    )?;
    Ok(())
}

/// A commit was merged: the member table follows the group, and rows say who came and went.
pub(super) fn committed(
    tx: &Tx<'_>,
    context: &mut Context<'_>,
    row: &mut ConversationRow,
    envelope: &Envelope,
    group: &Group,
    summary: &CommitSummary,
    id: ClientId,
) -> Result<()> {
    write_members(tx, context, row, group)?;
    for member in summary.added.iter().chain(&summary.re_added) {
        tx.set_invitation(row.id, member.device, envelope.seq)?;
    }
    let (came, went) = (&summary.users_added, &summary.users_removed);
    if !came.is_empty() {
        let kind = MessageKind::Added(came.clone());
        notice(tx, context, row, envelope, id, &kind)?;
    }
    if !went.is_empty() {
        let id = if came.is_empty() {
            id
        } else {
            own_id(row, envelope)
        };
        let kind = MessageKind::Removed(went.clone());
        notice(tx, context, row, envelope, id, &kind)?;
    }
    Ok(())
}

/// Makes the member table and the contacts say what the group says.
pub(super) fn write_members(
    tx: &Tx<'_>,
    context: &mut Context<'_>,
    row: &ConversationRow,
    group: &Group,
) -> Result<()> {
    let users = &group.policy().users;
    let members: Vec<_> = users
        .iter()
        .map(|user| (user.user, role(user.role)))
        .collect();
    tx.set_members(row.id, &members)?;
    for member in group.members() {
        let certificate = &member.certificate;
        tx.put_contact(
            member.user,
            &certificate.username,
            &certificate.identity_key.0,
        )?;
    }
    context.changes.insert(Change::Members(row.id));
    Ok(())
}

fn role(role: whimbrel_mls::Role) -> Role {
    match role {
        whimbrel_mls::Role::Owner => Role::Owner,
        whimbrel_mls::Role::Admin => Role::Admin,
        whimbrel_mls::Role::Member => Role::Member,
    }
}

/// This device came in by a Welcome: the first row of its view.
pub(super) fn joined(
    tx: &Tx<'_>,
    context: &mut Context<'_>,
    row: &ConversationRow,
    welcome: &Welcome,
) -> Result<()> {
    tx.insert_message(&NewMessage {
        conversation: row.id,
        sender: welcome.adder_user,
        id: context.random.client_id(context.now),
        kind: &MessageKind::Added(vec![context.me.user]),
        raw: None,
        composed_ms: context.now.wall_ms,
        placing: Placing::At {
            seq: welcome.seq,
            server_time_ms: context.now.wall_ms,
            gap_before: false,
        },
    })?;
    Ok(())
}
