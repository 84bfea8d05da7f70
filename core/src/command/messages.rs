//! Sending, changing and taking back messages; the outbox.

use whimbrel_protocol::{ClientId, ConversationId, limits};

use super::conversations::require_staying;
use super::{Done, Scope};
use crate::error::{Error, ErrorCode, Result};
use crate::event::Reply;
use crate::outbox::{Former, Intent};
use crate::store::codes::KIND_TEXT;
use crate::store::{Lane, NewMessage, OutboxRow, Placing, Tx};
use crate::types::{Change, ConversationState, MessageKind, OutboxState};

pub(super) fn send(
    tx: &Tx<'_>,
    scope: &mut Scope<'_>,
    conversation: ConversationId,
    text: String,
) -> Result<Done> {
    let me = scope.me()?;
    check_text(&text)?;
    let mut row = tx.conversation(conversation)?;
    if row.state == ConversationState::Removed {
        return Err(Error::new(
            ErrorCode::NotMember,
            "this user was removed from the conversation",
        ));
    }
    require_staying(tx, scope, row.id)?;
    let id = scope.random.client_id(scope.now);
    let composed_ms = scope.now.wall_ms;
    tx.insert_message(&NewMessage {
        conversation: row.id,
        sender: me.user,
        id,
        kind: &MessageKind::Text {
            text: text.clone(),
            edited: false,
        },
        raw: None,
        composed_ms,
        placing: Placing::Pending,
    })?;
    row.last_activity_ms = row.last_activity_ms.max(composed_ms);
    // Who writes has read what is there.
    row.own_read_seq = row.own_read_seq.max(row.applied_seq);
    tx.put_conversation(&row)?;
    scope.enqueue(tx, row.id, id, &Intent::Text { text, composed_ms })?;
    scope.changes.insert(Change::Messages(row.id));
    Ok(Done::to_send(Reply::Item(id), row.id))
}

fn check_text(text: &str) -> Result<()> {
    if text.is_empty() {
        return Err(Error::invalid("a message has some text"));
    }
    if text.len() > limits::TEXT_BYTES_MAX {
        let most = limits::TEXT_BYTES_MAX;
        return Err(Error::new(
            ErrorCode::TooLarge,
            format!(
                "a message has at most {most} bytes of UTF-8; this one has {}",
                text.len()
            ),
        ));
    }
    Ok(())
}

/// The conversation and the outbox item of an own text message, if it still has one.
fn own_text(
    tx: &Tx<'_>,
    scope: &Scope<'_>,
    conversation: ConversationId,
    message: ClientId,
) -> Result<(ConversationId, Option<OutboxRow>)> {
    let me = scope.me()?;
    let row = tx.conversation(conversation)?;
    let found = tx.find_message(row.id, me.user, message)?;
    match found {
        Some((_, KIND_TEXT)) => Ok((row.id, tx.outbox_item(message)?)),
        Some(_) => Err(Error::new(
            ErrorCode::WrongState,
            "this message has no text (any more)",
        )),
        None if tx.message_seq(row.id, message)?.is_some() => Err(Error::new(
            ErrorCode::NotAllowed,
            "this message is somebody else's",
        )),
        None => Err(Error::not_found("message")),
    }
}

pub(super) fn edit(
    tx: &Tx<'_>,
    scope: &mut Scope<'_>,
    conversation: ConversationId,
    message: ClientId,
    text: String,
) -> Result<Done> {
    check_text(&text)?;
    let me = scope.me()?.user;
    let (conversation, item) = own_text(tx, scope, conversation, message)?;
    scope.changes.insert(Change::Messages(conversation));
    require_membership(tx, conversation)?;
    match item {
        Some(item) if matches!(item.state, OutboxState::Queued | OutboxState::Failed) => {
            let composed_ms = match item.intent {
                Intent::Text { composed_ms, .. } => composed_ms,
                _ => scope.now.wall_ms,
            };
            tx.set_intent(
                message,
                &Intent::Text {
                    text: text.clone(),
                    composed_ms,
                },
            )?;
            tx.edit_message(conversation, me, message, &text, None)?;
            if item.state == OutboxState::Failed {
                // A changed message is a new try.
                tx.try_again(&item)?;
            }
            scope.changes.insert(Change::Outbox);
        }
        _ => {
            let superseded = supersede(tx, conversation, message)?;
            let former = match superseded {
                Some(former) => Some(former),
                None => tx.text_row(conversation, me, message)?,
            };
            tx.edit_message(conversation, me, message, &text, Some(0))?;
            let id = scope.random.client_id(scope.now);
            let intent = Intent::Edit {
                target: message.into(),
                text,
                former,
            };
            scope.enqueue(tx, conversation, id, &intent)?;
        }
    }
    Ok(Done::to_send(Reply::Done, conversation))
}

/// Who was removed has nothing more to say in a conversation.
fn require_membership(tx: &Tx<'_>, conversation: ConversationId) -> Result<()> {
    if tx.conversation(conversation)?.state == ConversationState::Removed {
        return Err(Error::new(
            ErrorCode::NotMember,
            "this user was removed from the conversation",
        ));
    }
    Ok(())
}

/// Edits and deletes that wait for the same message and were never sealed have become pointless.
/// Gives what the message said before the first of them.
fn supersede(
    tx: &Tx<'_>,
    conversation: ConversationId,
    message: ClientId,
) -> Result<Option<Former>> {
    let mut first = None;
    for waiting in tx.outbox_by_target(conversation, message)? {
        if matches!(waiting.state, OutboxState::Queued | OutboxState::Failed) {
            tx.remove_outbox_item(waiting.id)?;
            if let Intent::Edit { former, .. } | Intent::Delete { former, .. } = waiting.intent {
                first = first.or(former);
            }
        }
    }
    Ok(first)
}

pub(super) fn delete(
    tx: &Tx<'_>,
    scope: &mut Scope<'_>,
    conversation: ConversationId,
    message: ClientId,
) -> Result<Done> {
    let me = scope.me()?.user;
    let (conversation, item) = own_text(tx, scope, conversation, message)?;
    scope.changes.insert(Change::Messages(conversation));
    scope.changes.insert(Change::Conversation(conversation));
    scope.changes.insert(Change::Outbox);
    let superseded = supersede(tx, conversation, message)?;
    match item {
        Some(item) if matches!(item.state, OutboxState::Queued | OutboxState::Failed) => {
            tx.remove_outbox_item(message)?;
            tx.remove_pending_message(conversation, message)?;
        }
        _ => {
            require_membership(tx, conversation)?;
            let former = match superseded {
                Some(former) => Some(former),
                None => tx.text_row(conversation, me, message)?,
            };
            tx.delete_message_text(conversation, me, message)?;
            let id = scope.random.client_id(scope.now);
            let intent = Intent::Delete {
                target: message.into(),
                former,
            };
            scope.enqueue(tx, conversation, id, &intent)?;
        }
    }
    Ok(Done::to_send(Reply::Done, conversation))
}

pub(super) fn mark_read(
    tx: &Tx<'_>,
    scope: &mut Scope<'_>,
    conversation: ConversationId,
    message: ClientId,
) -> Result<Done> {
    scope.me()?;
    let mut row = tx.conversation(conversation)?;
    let seq = match tx.message_seq(row.id, message)? {
        Some(Some(seq)) => seq,
        Some(None) => row.applied_seq,
        None => return Err(Error::not_found("message")),
    };
    if seq <= row.own_read_seq {
        return Ok(Done::nothing_to_send(Reply::Done));
    }
    row.own_read_seq = seq;
    tx.put_conversation(&row)?;
    scope.changes.insert(Change::Conversation(row.id));
    if row.state == ConversationState::Removed {
        return Ok(Done::nothing_to_send(Reply::Done));
    }
    let intent = Intent::ReadMark { seq };
    let waiting = tx
        .lane(row.id, Lane::Second, u32::MAX)?
        .into_iter()
        .find(|item| {
            item.state == OutboxState::Queued && matches!(item.intent, Intent::ReadMark { .. })
        });
    match waiting {
        Some(item) => tx.set_intent(item.id, &intent)?,
        None => {
            let id = scope.random.client_id(scope.now);
            scope.enqueue(tx, row.id, id, &intent)?;
        }
    }
    Ok(Done::to_send(Reply::Done, row.id))
}

pub(super) fn retry(tx: &Tx<'_>, scope: &mut Scope<'_>, item: ClientId) -> Result<Done> {
    scope.me()?;
    let row = tx
        .outbox_item(item)?
        .ok_or_else(|| Error::not_found("outbox item"))?;
    require_membership(tx, row.conversation)?;
    if row.state == OutboxState::Failed {
        tx.try_again(&row)?;
        scope.changes.insert(Change::Outbox);
        scope.changes.insert(Change::Messages(row.conversation));
        scope.changes.insert(Change::Conversation(row.conversation));
    }
    Ok(Done::to_send(Reply::Done, row.conversation))
}

pub(super) fn discard(tx: &Tx<'_>, scope: &mut Scope<'_>, item: ClientId) -> Result<Done> {
    let me = scope.me()?.user;
    let row = tx
        .outbox_item(item)?
        .ok_or_else(|| Error::not_found("outbox item"))?;
    if matches!(row.intent, Intent::Text { .. }) {
        return delete(tx, scope, row.conversation, item);
    }
    if matches!(row.state, OutboxState::InDoubt | OutboxState::Accepted) {
        return Err(Error::new(
            ErrorCode::WrongState,
            "this item is or may be at the server and can't be taken back",
        ));
    }
    let invites_peer =
        matches!(row.intent, Intent::Add { .. }) && tx.conversation(row.conversation)?.direct;
    if invites_peer && !is_unfounded(tx, row.conversation)? {
        return Err(Error::new(
            ErrorCode::NotAllowed,
            "the server knows this direct conversation, and it can't be without its other member",
        ));
    }
    if invites_peer || row.intent == Intent::Create {
        // Without it nothing of the conversation can ever be sent.
        tx.delete_conversation(row.conversation)?;
        scope.changes.insert(Change::Messages(row.conversation));
    } else {
        tx.remove_outbox_item(item)?;
        tx.restore_text(row.conversation, me, &row.intent)?;
        scope.changes.insert(Change::Messages(row.conversation));
        if row.intent == Intent::Leave {
            tx.delete_leaving(row.conversation, me)?;
        }
    }
    scope.changes.insert(Change::Outbox);
    scope.changes.insert(Change::Conversation(row.conversation));
    Ok(Done::to_send(Reply::Done, row.conversation))
}

/// Whether the founding of a conversation has surely not reached the server.
fn is_unfounded(tx: &Tx<'_>, conversation: ConversationId) -> Result<bool> {
    let first = tx.lane(conversation, Lane::Main, 1)?.pop();
    Ok(first.is_some_and(|item| {
        item.intent == Intent::Create
            && matches!(item.state, OutboxState::Queued | OutboxState::Failed)
    }))
}
