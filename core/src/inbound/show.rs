//! Rows: what each outcome leaves for the user to see.

use whimbrel_mls::{CommitSummary, Group, LeaveStatement};
use whimbrel_protocol::content::ContentKind;
use whimbrel_protocol::frame::Welcome;
use whimbrel_protocol::{ClientId, Content, Envelope, UserId};

use super::again;
use super::apply::Outcome;
use crate::devices;
use crate::engine::Context;
use crate::error::Result;
use crate::identity;
use crate::outbox::Intent;
use crate::store::{ConversationRow, NewMessage, Placing, Tx};
use crate::types::{Change, ConversationState, Defect, MessageKind, Role};

/// Each member's client waits this much longer than the one before it, by the order of leaves,
/// before it carries out that somebody leaves.
const LET_GO_PACE_MS: i64 = 2_000;
/// None waits longer.
const LET_GO_MS_MAX: i64 = 60_000;

/// A message as it came out of the encryption.
pub(super) struct Heard<'a> {
    pub content: &'a Content,
    pub plaintext: &'a [u8],
    /// The server has left out something of its author's before it.
    pub gap_before: bool,
}

/// What a message of somebody else says.
pub(super) fn content(
    tx: &Tx<'_>,
    context: &mut Context<'_>,
    row: &mut ConversationRow,
    envelope: &Envelope,
    group: &Group,
    heard: &Heard<'_>,
) -> Result<Outcome> {
    let sender = envelope.sender_user;
    compare_transcripts(tx, context, row, envelope, heard.content)?;
    match &heard.content.kind {
        ContentKind::Text(text) => {
            let kind = MessageKind::Text {
                text: text.clone(),
                edited: false,
            };
            return said(tx, context, row, envelope, heard, &kind);
        }
        ContentKind::Unsupported => {
            return said(tx, context, row, envelope, heard, &MessageKind::Unsupported);
        }
        ContentKind::Edit { target, text } => {
            tx.edit_message(row.id, sender, *target, text, Some(envelope.seq))?;
            if sender == context.me.user {
                tx.keep_edit_for_undo(row.id, *target, text, envelope.seq)?;
            }
            context.changes.insert(Change::Messages(row.id));
        }
        ContentKind::Delete { target } => {
            tx.delete_message_text(row.id, sender, *target)?;
            context.changes.insert(Change::Messages(row.id));
        }
        ContentKind::ReadMark { seq } => {
            // Nobody can have read what is not there yet.
            let seq = (*seq).min(envelope.seq);
            tx.raise_read(row.id, sender, seq)?;
            if sender == context.me.user {
                row.own_read_seq = row.own_read_seq.max(seq);
            }
            context.changes.insert(Change::Members(row.id));
            context.changes.insert(Change::Messages(row.id));
        }
        ContentKind::State { name } if *name == row.name => row.name_seq = envelope.seq,
        ContentKind::State { name } => {
            // A newcomer is told the name by whoever added it.
            let is_first = row.name_seq == 0 && row.name.is_empty();
            if !is_first && !may_rename(group, sender) {
                return Ok(Outcome::Defect(Defect::AgainstPolicy));
            }
            renamed(tx, context, row, envelope, name)?;
        }
        ContentKind::AskAgain { from_seq, to_seq } => {
            again::asked(tx, context, row, envelope, (*from_seq, *to_seq))?;
        }
        ContentKind::Again { target, text } => {
            again::said(tx, context, row, envelope, heard.content, (*target, text))?;
        }
        ContentKind::Leave { statement } => {
            return leaving(tx, context, row, envelope, group, statement);
        }
    }
    Ok(Outcome::Done)
}

/// A message that has a row of its own.
fn said(
    tx: &Tx<'_>,
    context: &mut Context<'_>,
    row: &mut ConversationRow,
    envelope: &Envelope,
    heard: &Heard<'_>,
    kind: &MessageKind,
) -> Result<Outcome> {
    let sender = envelope.sender_user;
    let unreadable = matches!(kind, MessageKind::Unsupported);
    let inserted = tx.insert_message(&NewMessage {
        conversation: row.id,
        sender,
        id: envelope.client_id,
        kind,
        raw: unreadable.then_some(heard.plaintext),
        composed_ms: heard.content.composed_ms,
        placing: Placing::At {
            seq: envelope.seq,
            server_time_ms: envelope.server_time_ms,
            gap_before: heard.gap_before,
        },
    })?;
    if !inserted {
        return Ok(Outcome::Defect(Defect::Forged));
    }
    // Its author had applied that much, and says so under encryption.
    let has_applied = heard.content.log_seq.min(envelope.seq);
    tx.raise_delivered(row.id, sender, has_applied)?;
    row.last_activity_ms = row.last_activity_ms.max(envelope.server_time_ms);
    if sender == context.me.user {
        // Written on another device of this user.
        read_own(row, envelope.seq);
    }
    context.changes.insert(Change::Messages(row.id));
    Ok(Outcome::Done)
}

/// What its author says to have read before, compared with what was read here: where the two
/// differ, the server has told one of them another story.
fn compare_transcripts(
    tx: &Tx<'_>,
    context: &mut Context<'_>,
    row: &mut ConversationRow,
    envelope: &Envelope,
    content: &Content,
) -> Result<()> {
    // Nobody has read a number before it was given: then it was given to something else there.
    let is_ahead = content.log_seq >= envelope.seq;
    let here = tx.transcript(row.id, content.log_seq)?;
    let differs = here.is_some_and(|here| here != content.log_chain);
    if !(is_ahead || differs) || !tx.set_forked(row.id)? {
        return Ok(());
    }
    context.changes.insert(Change::Conversation(row.id));
    // The digest of the envelope is the id of its own placeholder, so this row needs another.
    let id = context.random.client_id(context.now);
    notice(tx, context, row, envelope, id, &MessageKind::Forked)?;
    Ok(())
}

/// Whether a user has the right to name the conversation.
pub(crate) fn may_rename(group: &Group, user: UserId) -> bool {
    group
        .policy()
        .role_of(user)
        .is_some_and(|role| role <= whimbrel_mls::Role::Admin)
}

/// A member says to leave. Any other member's client can carry it out; this one will, unless
/// somebody is faster.
fn leaving(
    tx: &Tx<'_>,
    context: &mut Context<'_>,
    row: &ConversationRow,
    envelope: &Envelope,
    group: &Group,
    statement: &[u8],
) -> Result<Outcome> {
    let user = envelope.sender_user;
    let genuine = LeaveStatement::decode(statement)
        .and_then(|statement| statement.verify(group.view()).map(|()| statement))
        .is_ok_and(|statement| statement.user == user);
    if !genuine {
        return Ok(Outcome::Defect(Defect::Forged));
    }
    tx.put_leaving(row.id, user, statement)?;
    if user == context.me.user {
        // Another device of this user says so; nobody commits the removal of oneself.
        return Ok(Outcome::Done);
    }
    let rank = group
        .members()
        .iter()
        .filter(|member| member.user != user && member.leaf < group.own_leaf())
        .count();
    let wait_ms = LET_GO_PACE_MS.saturating_mul(i64::try_from(rank).unwrap_or(i64::MAX));
    let intent = Intent::LetGo {
        user: user.into(),
        not_before_ms: context
            .now
            .wall_ms
            .saturating_add(wait_ms.min(LET_GO_MS_MAX)),
    };
    devices::enqueue(tx, context, row.id, &intent)?;
    Ok(Outcome::Done)
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

/// An own text needs no reading; what came between others and it, and was not seen, does.
fn read_own(row: &mut ConversationRow, seq: u64) {
    if row.own_read_seq + 1 == seq {
        row.own_read_seq = seq;
    }
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
    read_own(row, envelope.seq);
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
    row.name_seq = envelope.seq;
    if row.name == name {
        return Ok(());
    }
    row.name = name.to_owned();
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
    write_members(tx, context, row, group, envelope.seq)?;
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
    write_members(tx, context, row, group, envelope.seq)?;
    for user in &summary.users_removed {
        tx.delete_leaving(row.id, *user)?;
    }
    for member in summary.added.iter().chain(&summary.re_added) {
        tx.set_invitation(row.id, member.device, envelope.seq)?;
    }
    // The first row of a commit has the commit's own id, equal on every device.
    let mut ids = std::iter::once(id);
    for kind in rows_of(summary) {
        let id = ids
            .next()
            .unwrap_or_else(|| context.random.client_id(context.now));
        notice(tx, context, row, envelope, id, &kind)?;
    }
    Ok(())
}

/// What a commit did, as rows for people to read.
fn rows_of(summary: &CommitSummary) -> Vec<MessageKind> {
    let mut kinds = Vec::new();
    if !summary.users_added.is_empty() {
        kinds.push(MessageKind::Added(summary.users_added.clone()));
    }
    let left = &summary.users_left;
    let removed = summary.users_removed.iter().copied();
    let removed: Vec<UserId> = removed.filter(|user| !left.contains(user)).collect();
    if !removed.is_empty() {
        kinds.push(MessageKind::Removed(removed));
    }
    kinds.extend(left.iter().map(|user| MessageKind::Left(*user)));
    let roles = summary.roles_changed.iter();
    kinds.extend(roles.map(|(user, new)| MessageKind::RoleChanged {
        user: *user,
        role: role(*new),
    }));
    kinds
}

/// Makes the member table and the contacts say what the group says after the commit `seq`.
pub(super) fn write_members(
    tx: &Tx<'_>,
    context: &mut Context<'_>,
    row: &ConversationRow,
    group: &Group,
    seq: u64,
) -> Result<()> {
    let users = &group.policy().users;
    let members: Vec<_> = users
        .iter()
        .map(|user| (user.user, role(user.role)))
        .collect();
    tx.set_members(row.id, &members)?;
    tx.set_epoch(row.id, (group.epoch(), seq), &digits(&group.epoch_code()))?;
    context.changes.insert(Change::Members(row.id));
    for member in group.members() {
        identity::shown_by_group(tx, context, (row.id, seq), member)?;
    }
    Ok(())
}

/// Six groups of five digits, to be read out aloud.
fn digits(bytes: &[u8]) -> String {
    let groups = bytes.chunks_exact(4).take(6).map(|chunk| {
        let number = chunk
            .iter()
            .fold(0_u32, |number, byte| number << 8 | u32::from(*byte));
        format!("{:05}", number % 100_000)
    });
    groups.collect::<Vec<_>>().join(" ")
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
