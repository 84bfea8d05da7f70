//! Direct conversations: one per pair of users, though both may open it at the same time.
//!
//! The server numbers one of the two first; the other one's queue moves there. The id that the
//! app holds for the loser goes on working.

use whimbrel_protocol::{ConversationId, UserId};

use crate::engine::Context;
use crate::error::Result;
use crate::outbox::Intent;
use crate::store::{ConversationRow, Lane, Tx};
use crate::types::{Change, ConversationState};

/// After a draft's peer was found: moves the draft into the direct conversation with this peer
/// that is here already. Says whether there is one.
pub(crate) fn merge_known(
    tx: &Tx<'_>,
    context: &mut Context<'_>,
    draft: &ConversationRow,
) -> Result<bool> {
    let Some(peer) = draft.peer else {
        return Ok(false);
    };
    let known = tx
        .direct_conversations(peer)?
        .into_iter()
        .find(|other| other.id != draft.id);
    match known {
        Some(known) => move_draft(tx, context, draft.id, known.id).map(|()| true),
        None => Ok(false),
    }
}

/// The server says that there is another conversation of this pair. If it is here, the draft moves
/// into it now. Else the draft stays as it is until the Welcome comes: it is the server's word only.
pub(crate) fn lost_to(
    tx: &Tx<'_>,
    context: &mut Context<'_>,
    draft: ConversationId,
    winner: ConversationId,
) -> Result<()> {
    let row = tx.conversation(draft)?;
    let is_of_the_pair =
        |known: &ConversationRow| known.direct && row.direct && known.peer == row.peer;
    if draft != winner
        && tx
            .find_conversation(winner)?
            .is_some_and(|known| is_of_the_pair(&known))
    {
        tx.delete_group_rows(draft)?;
        move_draft(tx, context, draft, winner)?;
    }
    Ok(())
}

/// This device came into a direct conversation with `peer`: drafts for the same peer move there.
pub(crate) fn adopt_drafts(
    tx: &Tx<'_>,
    context: &mut Context<'_>,
    winner: ConversationId,
    peer: UserId,
    peer_username: &str,
) -> Result<()> {
    let by_name = tx.direct_draft_by_username(peer_username)?;
    for draft in tx.direct_conversations(peer)?.into_iter().chain(by_name) {
        if draft.id != winner && draft.state == ConversationState::Creating {
            move_draft(tx, context, draft.id, winner)?;
        }
    }
    Ok(())
}

fn move_draft(
    tx: &Tx<'_>,
    context: &mut Context<'_>,
    draft: ConversationId,
    winner: ConversationId,
) -> Result<()> {
    for item in tx.lane(draft, Lane::Main, u32::MAX)? {
        if matches!(item.intent, Intent::Create | Intent::Add { .. }) {
            tx.remove_outbox_item(item.id)?;
        }
    }
    tx.move_pending_messages(draft, winner)?;
    tx.move_outbox(draft, winner)?;
    tx.delete_conversation(draft)?;
    tx.put_alias(draft, winner)?;
    for id in [draft, winner] {
        context.changes.insert(Change::Conversation(id));
        context.changes.insert(Change::Messages(id));
    }
    context.changes.insert(Change::Outbox);
    context.merged.push((draft, winner));
    Ok(())
}
