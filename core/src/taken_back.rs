//! Commits that this device has merged and that the server has taken back since, with all that was
//! said after them: the group here is another one than everybody else's.

use whimbrel_protocol::ConversationId;
use whimbrel_protocol::frame::Head;

use crate::engine::Context;
use crate::error::Result;
use crate::groups::Groups;
use crate::outbox::Intent;
use crate::store::Tx;
use crate::types::{Change, ConversationState};

/// The conversations, of those whose heads this device has reached, in which it is in an epoch that
/// the server knows nothing of any more.
pub(crate) fn compare(
    tx: &Tx<'_>,
    groups: &mut Groups,
    context: &mut Context<'_>,
    reached: &[Head],
) -> Result<Vec<ConversationId>> {
    let mut elsewhere = Vec::new();
    for head in reached {
        let ours = tx.newest_epoch(head.conversation)?;
        let place = (head.head, head.epoch);
        if ours.is_some_and(|ours| ours > head.epoch)
            && is_elsewhere(tx, groups, context, head.conversation, place)?
        {
            elsewhere.push(head.conversation);
        }
    }
    Ok(elsewhere)
}

/// Whether this device has read everything there is and is in another epoch all the same: by a
/// commit that was taken back, or without one that was not shown to it. Then it has to be added
/// again. What was said here in an epoch that is no more goes back into the outbox: nobody can
/// read it.
pub(crate) fn is_elsewhere(
    tx: &Tx<'_>,
    groups: &mut Groups,
    context: &mut Context<'_>,
    conversation: ConversationId,
    (head, epoch): (u64, u64),
) -> Result<bool> {
    let mut row = tx.conversation(conversation)?;
    let Some(ours) = groups.find(tx, row.id)?.map(|group| group.epoch()) else {
        return Ok(false);
    };
    if row.state != ConversationState::Active || row.applied_seq != head || ours == epoch {
        return Ok(false);
    }
    if let Some(since_seq) = tx.epoch_since(row.id, epoch)? {
        say_again(tx, conversation, since_seq)?;
        context.changes.insert(Change::Outbox);
        context.changes.insert(Change::Messages(row.id));
    }
    row.state = ConversationState::NeedsResync;
    tx.put_conversation(&row)?;
    context.changes.insert(Change::Conversation(row.id));
    Ok(true)
}

/// In front of what waits, in the order in which it was said. It keeps its ids, so whoever has read
/// it all the same sees it once.
fn say_again(tx: &Tx<'_>, conversation: ConversationId, since_seq: u64) -> Result<()> {
    for (id, text) in tx
        .own_texts_since(conversation, since_seq)?
        .into_iter()
        .rev()
    {
        let intent = Intent::Text {
            text: text.text,
            composed_ms: text.composed_ms,
        };
        tx.enqueue_first(conversation, id, &intent)?;
        tx.unplace_message(conversation, id)?;
    }
    Ok(())
}
