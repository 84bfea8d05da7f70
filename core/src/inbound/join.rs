//! Welcomes: the way into a conversation.

use whimbrel_mls::{Group, Joined, MlsError};
use whimbrel_protocol::Chain;
use whimbrel_protocol::frame::Welcome;

use super::{again, show};
use crate::devices;
use crate::direct;
use crate::engine::Context;
use crate::error::Result;
use crate::groups::{Groups, mls_defect};
use crate::outbox::Intent;
use crate::store::{ConversationRow, Tx};
use crate::types::{Change, ConversationState};

/// Whether a Welcome can be applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Readiness {
    /// Its tree is needed, then it can be applied.
    Ready,
    /// It was applied before.
    Known,
    /// This device is still in an older membership; the stream has to reach its end first.
    TooEarly,
}

/// Compares a Welcome with what is here.
pub(crate) fn readiness(tx: &Tx<'_>, welcome: &Welcome) -> Result<Readiness> {
    let Some(row) = tx.find_conversation(welcome.conversation)? else {
        return Ok(Readiness::Ready);
    };
    Ok(match row.state {
        _ if row.applied_seq > welcome.seq => Readiness::Known,
        ConversationState::Active if row.applied_seq == welcome.seq => Readiness::Known,
        ConversationState::Removed
        | ConversationState::NeedsResync
        | ConversationState::NeedsUpdate
        | ConversationState::Diverged => Readiness::Ready,
        // A welcome by the commit that replaces this device's leaf ends the older membership
        // with the same number.
        _ if row.applied_seq + 1 == welcome.seq => Readiness::Ready,
        _ => Readiness::TooEarly,
    })
}

/// What came of a Welcome.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum JoinOutcome {
    /// This device is in.
    Joined,
    /// It can't be opened, or leads into a group that breaks the rules.
    Unopenable,
}

/// Opens a Welcome with the tree of its epoch. Nothing is used up if it can't be opened.
pub(crate) fn join(
    tx: &mut Tx<'_>,
    groups: &mut Groups,
    context: &mut Context<'_>,
    welcome: &Welcome,
    tree: &[u8],
) -> Result<JoinOutcome> {
    let conversation = welcome.conversation;
    let Ok(references) = Group::welcome_key_package_references(&welcome.welcome) else {
        return Ok(JoinOutcome::Unopenable);
    };
    let key_rows = tx.key_package_rows(&references)?;
    let old_rows = tx.group_rows(conversation)?;
    groups.forget(conversation);
    let joined = Group::join(
        context.crypto,
        &context.me.device,
        conversation,
        &welcome.welcome,
        tree,
        key_rows,
        old_rows,
    );
    let joined = match joined {
        Ok(joined) if joined.group.epoch() == welcome.epoch => joined,
        Ok(_) => return Ok(JoinOutcome::Unopenable),
        Err(error @ (MlsError::Storage(_) | MlsError::State(_))) => {
            return Err(mls_defect(&error));
        }
        Err(_) => return Ok(JoinOutcome::Unopenable),
    };
    enter(tx, groups, context, welcome, joined)?;
    Ok(JoinOutcome::Joined)
}

fn enter(
    tx: &mut Tx<'_>,
    groups: &mut Groups,
    context: &mut Context<'_>,
    welcome: &Welcome,
    joined: Joined,
) -> Result<()> {
    let Joined {
        group,
        last_resort_used,
        reference,
        ..
    } = joined;
    let me = context.me.user;
    let peer = group
        .members()
        .iter()
        .find(|member| member.user != me)
        .filter(|_| group.policy().direct)
        .map(|member| (member.user, member.certificate.username.clone()));
    let known = tx.find_conversation(welcome.conversation)?;
    let row = ConversationRow {
        id: welcome.conversation,
        direct: group.policy().direct,
        peer: peer.as_ref().map(|(user, _)| *user),
        peer_username: None,
        state: ConversationState::Active,
        name: known
            .as_ref()
            .map(|row| row.name.clone())
            .unwrap_or_default(),
        name_seq: known.as_ref().map_or(0, |row| row.name_seq),
        incarnation: welcome.incarnation,
        applied_seq: welcome.seq,
        chain: Chain::from_bytes(welcome.chain),
        own_counter: known.as_ref().map_or(0, |row| row.own_counter),
        own_read_seq: known
            .as_ref()
            .map_or(welcome.seq, |row| row.own_read_seq.max(welcome.seq)),
        last_activity_ms: context.now.wall_ms,
    };
    tx.put_conversation(&row)?;
    tx.set_failed_aside(row.id)?;
    tx.put_transcript(row.id, row.applied_seq, &row.chain)?;
    tx.forget_senders(row.id)?;
    tx.close_interval(row.id, welcome.seq)?;
    tx.open_interval(row.id, welcome.seq)?;
    show::write_members(tx, context, &row, &group, welcome.seq)?;
    match known.filter(|known| known.state == ConversationState::NeedsResync) {
        Some(known) => again::missed(tx, context, &known, welcome)?,
        None => show::joined(tx, context, &row, welcome)?,
    }
    tx.delete_used_key_package(&reference)?;
    groups.insert(group);
    groups.save(tx, row.id)?;
    if last_resort_used {
        // The key stays in use for others; this leaf is not to depend on it.
        let id = context.random.client_id(context.now);
        tx.enqueue(row.id, id, &Intent::Rotate)?;
    }
    // This user may have got a device that had no key package when this one was added.
    devices::add_own_devices(tx, context, row.id)?;
    if let Some((user, username)) = peer {
        direct::adopt_drafts(tx, context, row.id, user, &username)?;
    }
    context.changes.insert(Change::Conversation(row.id));
    context.changes.insert(Change::Messages(row.id));
    Ok(())
}
