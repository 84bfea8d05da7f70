//! Which identity key a user goes by: as the groups show it, and as the newest manifest says.
//!
//! Groups decide. A key that a manifest alone announces is shown, and holds up what a group's new
//! identity would: the devices under the former one are not to get it. It is never relied on, for a
//! server may have made it up.

use whimbrel_mls::{Manifest, MemberView};
use whimbrel_protocol::{ConversationId, UserId};

use crate::devices;
use crate::engine::Context;
use crate::error::Result;
use crate::store::{ContactRow, NewMessage, Placing, Seen, Tx};
use crate::types::{Change, MessageKind};

/// The commit `seq` of a conversation has been merged, and this is a member of it.
pub(crate) fn shown_by_group(
    tx: &Tx<'_>,
    context: &mut Context<'_>,
    (conversation, seq): (ConversationId, u64),
    member: &MemberView,
) -> Result<()> {
    let (user, certificate) = (member.user, &member.certificate);
    let key = certificate.identity_key.0;
    let Seen::NewKey(contact) = tx.see_contact(user, &certificate.username, &key)? else {
        return Ok(());
    };
    let newest = devices::newest(tx, user)?;
    let is_former = newest.is_some_and(|manifest| {
        manifest.identity_key.0 == contact.identity_key && manifest.revokes(member.device)
    });
    if is_former {
        // The new identity was accepted, and this group has still to follow.
        return Ok(());
    }
    let is_news = contact.announced_key != Some(key);
    tx.put_identity(&ContactRow {
        new_key: Some(key),
        new_key_proven: devices::is_recovered(tx, user, &key)?,
        announced_key: contact.announced_key.filter(|_| is_news),
        ..contact
    })?;
    context.changes.insert(Change::Contact(user));
    if is_news {
        tell(tx, context, user, conversation, seq)?;
    }
    for other in tx.conversations_with(user)? {
        if is_news && other != conversation {
            tell(
                tx,
                context,
                user,
                other,
                tx.conversation(other)?.applied_seq,
            )?;
        }
        // What is sent there may have to wait from now on.
        context.changes.insert(Change::Conversation(other));
    }
    Ok(())
}

/// The user's newest manifest is this one.
pub(crate) fn announced(tx: &Tx<'_>, context: &mut Context<'_>, newest: &Manifest) -> Result<()> {
    let (user, key) = (newest.user, newest.identity_key.0);
    let Some(contact) = tx.contact(user)? else {
        return Ok(());
    };
    let is_known = contact.identity_key == key || contact.new_key == Some(key);
    let announced_key = (!is_known).then_some(key);
    if contact.announced_key == announced_key {
        return Ok(());
    }
    tx.put_identity(&ContactRow {
        announced_key,
        ..contact
    })?;
    context.changes.insert(Change::Contact(user));
    for conversation in tx.conversations_with(user)? {
        if announced_key.is_some() {
            let seq = tx.conversation(conversation)?.applied_seq;
            tell(tx, context, user, conversation, seq)?;
        }
        // What waited for the other identity may go out.
        context.outbound.insert(conversation);
        context.changes.insert(Change::Conversation(conversation));
    }
    Ok(())
}

/// Leaves a row in a conversation, unless it would stand below the same.
fn tell(
    tx: &Tx<'_>,
    context: &mut Context<'_>,
    user: UserId,
    conversation: ConversationId,
    seq: u64,
) -> Result<()> {
    let kind = MessageKind::IdentityChanged(user);
    if tx.newest_kind(conversation)?.as_ref() == Some(&kind) {
        return Ok(());
    }
    tx.insert_message(&NewMessage {
        conversation,
        sender: user,
        id: context.random.client_id(context.now),
        kind: &kind,
        raw: None,
        composed_ms: context.now.wall_ms,
        placing: Placing::At {
            seq,
            server_time_ms: context.now.wall_ms,
            gap_before: false,
        },
    })?;
    context.changes.insert(Change::Messages(conversation));
    context.changes.insert(Change::Conversation(conversation));
    Ok(())
}
