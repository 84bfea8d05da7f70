//! What the server says to what was sent.
//!
//! Acknowledgements touch rows only: MLS and the cursor move when the stream reaches the number.

use whimbrel_protocol::frame::{ItemResult, Refusal};
use whimbrel_protocol::{ClientId, ConversationId};

use super::Intent;
use crate::direct;
use crate::engine::Context;
use crate::error::{ErrorCode, Result};
use crate::groups::{Groups, mls_defect};
use crate::store::{Lane, OutboxRow, Tx};
use crate::taken_back;
use crate::types::{Change, OutboxState};

/// No device comes to this count: an answer that says so is not believed.
const COUNTER_MAX: u64 = 1 << 62;

/// What the engine has to do after the transaction.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Settled {
    /// The server has come this far; sealing waits until this device has, too.
    pub head: Option<u64>,
    /// Wait before the next try: at least so many milliseconds.
    pub wait_ms: Option<u32>,
    /// The server holds bytes under an own id that were never sealed here.
    pub rolled_back: bool,
    /// This device is at the newest number and in another epoch than the server.
    pub is_elsewhere: bool,
}

/// Takes in the results of one frame, in the order of its items.
pub(crate) fn settle(
    tx: &mut Tx<'_>,
    groups: &mut Groups,
    context: &mut Context<'_>,
    conversation: ConversationId,
    sent: &[ClientId],
    results: &[ItemResult],
) -> Result<Settled> {
    let mut settled = Settled::default();
    context.changes.insert(Change::Outbox);
    for (index, (id, result)) in sent.iter().zip(results).enumerate() {
        let Some(item) = tx.outbox_item(*id)? else {
            continue;
        };
        if item.state != OutboxState::InDoubt {
            continue;
        }
        match result {
            ItemResult::Accepted { .. } => {
                accept(tx, context, conversation, &item, result, &mut settled)?;
                if settled.rolled_back {
                    return Ok(settled);
                }
            }
            ItemResult::Refused(refusal) => {
                let dead = sent.get(index..).unwrap_or_default();
                unseal(tx, groups, conversation, &item, dead)?;
                refuse(
                    tx,
                    groups,
                    context,
                    conversation,
                    &item,
                    *refusal,
                    &mut settled,
                )?;
                return Ok(settled);
            }
            ItemResult::NotTried => {
                let dead = sent.get(index..).unwrap_or_default();
                unseal(tx, groups, conversation, &item, dead)?;
                return Ok(settled);
            }
        }
    }
    if results.len() < sent.len() {
        // An answer that leaves something out; ask again, but not at once.
        settled.wait_ms = Some(0);
    }
    Ok(settled)
}

/// The server has it. Rows only: the stream will come to it.
fn accept(
    tx: &Tx<'_>,
    context: &mut Context<'_>,
    conversation: ConversationId,
    item: &OutboxRow,
    result: &ItemResult,
    settled: &mut Settled,
) -> Result<()> {
    let ItemResult::Accepted {
        seq,
        server_time_ms,
        payload_sha256,
    } = result
    else {
        return Ok(());
    };
    if tx.sealed_by_hash(conversation, payload_sha256)? != Some(item.id) {
        settled.rolled_back = true;
        return tx.set_rolled_back();
    }
    let row = tx.find_conversation(conversation)?;
    if row.is_none_or(|row| row.applied_seq < *seq) {
        tx.set_accepted(item.id)?;
    } else {
        let joined = tx.joined_seq(conversation)?;
        if *seq > joined && tx.set_forked(conversation)? {
            // The stream has shown something else under that number.
            context.changes.insert(Change::Conversation(conversation));
        }
        // Else this device has come in again behind it.
        tx.remove_outbox_item(item.id)?;
    }
    if matches!(item.intent, Intent::Text { .. }) {
        let me = context.me.user;
        tx.place_message(conversation, me, item.id, *seq, *server_time_ms)?;
        context.changes.insert(Change::Messages(conversation));
    }
    if item.intent == Intent::Create {
        settled.head = Some(*seq);
    }
    Ok(())
}

/// A refusal kills the bytes of the item and of everything after it: all are sealed anew.
fn unseal(
    tx: &Tx<'_>,
    groups: &mut Groups,
    conversation: ConversationId,
    first: &OutboxRow,
    dead: &[ClientId],
) -> Result<()> {
    for id in dead {
        tx.set_unsealed(*id, None)?;
        resolve_doubt(tx, conversation, *id)?;
    }
    tx.set_own_counter(conversation, first.counter.saturating_sub(1))?;
    if first.intent.is_goal()
        && let Some(group) = groups.find(tx, conversation)?
        && group.has_pending_commit()
    {
        group
            .discard_pending_commit()
            .map_err(|error| mls_defect(&error))?;
        groups.save(tx, conversation)?;
    }
    Ok(())
}

/// A text in doubt turns out not to be at the server: what was wanted of it meanwhile is done in
/// place, as for a text that was never sent. One that was taken back is gone.
pub(crate) fn resolve_doubt(tx: &Tx<'_>, conversation: ConversationId, id: ClientId) -> Result<()> {
    let Some(item) = tx.outbox_item(id)? else {
        return Ok(());
    };
    let Intent::Text { composed_ms, .. } = item.intent else {
        return Ok(());
    };
    for second in tx.outbox_by_target(conversation, id)? {
        match second.intent {
            Intent::Delete { .. } => {
                tx.remove_outbox_item(id)?;
                tx.remove_pending_message(conversation, id)?;
            }
            Intent::Edit { text, .. } => {
                tx.edit_pending_message(conversation, id, &text)?;
                tx.set_intent(id, &Intent::Text { text, composed_ms })?;
            }
            _ => continue,
        }
        tx.remove_outbox_item(second.id)?;
    }
    Ok(())
}

fn refuse(
    tx: &Tx<'_>,
    groups: &mut Groups,
    context: &mut Context<'_>,
    conversation: ConversationId,
    item: &OutboxRow,
    refusal: Refusal,
    settled: &mut Settled,
) -> Result<()> {
    let final_code = match refusal {
        Refusal::StaleEpoch { head, epoch } => {
            settled.head = Some(head);
            settled.is_elsewhere =
                taken_back::is_elsewhere(tx, groups, context, conversation, (head, epoch))?;
            // Committers who lose to each other come back at different times.
            // So do those whom the server tells nothing new: each try uses up a key.
            let row = tx.find_conversation(conversation)?;
            let is_news = row.is_none_or(|row| row.applied_seq < head);
            settled.wait_ms = (item.intent.is_goal() || !is_news).then_some(0);
            None
        }
        Refusal::DirectExists {
            conversation: winner,
        } => {
            if item.intent == Intent::Create {
                direct::lost_to(tx, context, conversation, winner)?;
            }
            settled.wait_ms = Some(0);
            None
        }
        Refusal::BadCounter { expected } => {
            tx.set_own_counter(conversation, expected.saturating_sub(1).min(COUNTER_MAX))?;
            settled.wait_ms = Some(0);
            None
        }
        Refusal::RateLimited { retry_after_ms } => {
            tx.set_unsealed(item.id, Some(ErrorCode::RateLimited))?;
            settled.wait_ms = Some(retry_after_ms);
            None
        }
        Refusal::Unavailable => {
            tx.set_unsealed(item.id, Some(ErrorCode::Unavailable))?;
            settled.wait_ms = Some(0);
            None
        }
        Refusal::NoSuchUser => Some(ErrorCode::NoSuchUser),
        Refusal::NotMember => Some(ErrorCode::NotMember),
        Refusal::NoSuchConversation => Some(ErrorCode::NotFound),
        Refusal::BadCommit | Refusal::Policy => Some(ErrorCode::NotAllowed),
        Refusal::TooLarge => Some(ErrorCode::TooLarge),
        Refusal::ConversationExists | Refusal::Malformed => Some(ErrorCode::Protocol),
    };
    if let Some(code) = final_code {
        if item.intent.lane() == Lane::Upkeep {
            // Nobody has asked for it, so nobody is told.
            return tx.remove_outbox_item(item.id);
        }
        tx.set_failed(item.id, code)?;
        context.changes.insert(Change::Conversation(conversation));
        context.changes.insert(Change::Messages(conversation));
    }
    Ok(())
}
