//! Founding a conversation.

use rusqlite::{Connection, OptionalExtension as _, params};
use whimbrel_mls::{Follower, Member};
use whimbrel_protocol::frame::{Refusal, SendItem};
use whimbrel_protocol::{Chain, ConversationId, UserId};

use super::append::{Context, Placed, Stop, Target, envelope, insert};
use super::members::{self, Position};
use super::sql::{Doing, id};
use super::{LogError, accounts, commit};

/// Where every conversation starts.
const START: Position = Position {
    head: 0,
    epoch: 0,
    chain: Chain::START,
};

/// Founds a conversation whose id is free.
pub(super) fn found(
    connection: &Connection,
    context: &mut Context<'_>,
    target: Target,
    item: &SendItem,
) -> Result<Placed, Stop> {
    if item.counter != 1 {
        return Err(Refusal::BadCounter { expected: 1 }.into());
    }
    let founding = item.founding.as_ref().ok_or(Refusal::Malformed)?;
    if item.epoch != 0 {
        return Err(Refusal::Malformed.into());
    }
    let pair = match founding.direct_peer {
        Some(peer) => Some(check_direct(connection, target, peer)?),
        None => None,
    };
    let creator = (target.user, target.device);
    let follower = Follower::found(
        context.crypto,
        target.conversation,
        &item.payload,
        &founding.tree,
        creator,
    )
    .map_err(commit::refusal_of)?;
    if follower.policy().direct != pair.is_some() {
        return Err(Refusal::Malformed.into());
    }
    for member in follower.members() {
        if !accounts::is_genuine(connection, &Member::of(&member.certificate))? {
            return Err(Refusal::Policy.into());
        }
    }
    let state = follower.state().map_err(commit::refusal_of)?;
    let envelope = envelope(context, target, START.head, item);
    insert_conversation(connection, target.conversation, &state)?;
    if let Some((low, high)) = pair {
        insert_direct(connection, target.conversation, low, high)?;
    }
    members::enter(connection, target.conversation, creator, START.head)?;
    insert(connection, target, START, &envelope, &item.payload)?;
    context.followers.keep(target.conversation, follower);
    Ok(Placed::plain(envelope))
}

/// The pair of users in order, if they may have a direct conversation and have none yet.
fn check_direct(
    connection: &Connection,
    target: Target,
    peer: UserId,
) -> Result<(UserId, UserId), Stop> {
    if peer == target.user {
        return Err(Refusal::Malformed.into());
    }
    if accounts::username(connection, peer)?.is_none() {
        return Err(Refusal::NoSuchUser.into());
    }
    let (low, high) = (target.user.min(peer), target.user.max(peer));
    let existing: Option<ConversationId> = connection
        .prepare_cached("SELECT conversation FROM direct WHERE low_user = ?1 AND high_user = ?2")
        .doing("prepare to look for a direct conversation")?
        .query_row(params![low.as_bytes(), high.as_bytes()], |row| {
            id(row, "conversation")
        })
        .optional()
        .doing("look for a direct conversation")?;
    match existing {
        Some(conversation) => Err(Refusal::DirectExists { conversation }.into()),
        None => Ok((low, high)),
    }
}

/// The two users of a direct conversation, or `None` for a group.
pub(super) fn direct_pair(
    connection: &Connection,
    conversation: ConversationId,
) -> Result<Option<(UserId, UserId)>, LogError> {
    connection
        .prepare_cached("SELECT low_user, high_user FROM direct WHERE conversation = ?1")
        .doing("prepare to read a pair of users")?
        .query_row([conversation.as_bytes()], |row| {
            Ok((id(row, "low_user")?, id(row, "high_user")?))
        })
        .optional()
        .doing("read a pair of users")
}

fn insert_conversation(
    connection: &Connection,
    conversation: ConversationId,
    state: &[u8],
) -> Result<(), LogError> {
    connection
        .prepare_cached(
            "INSERT INTO conversation (conversation, head, epoch, chain, moved_ms)
             VALUES (?1, 0, 0, ?2, 0)",
        )
        .doing("prepare to found a conversation")?
        .execute(params![
            conversation.as_bytes(),
            START.chain.as_bytes().as_slice()
        ])
        .doing("found a conversation")?;
    connection
        .prepare_cached("INSERT INTO follower (conversation, state) VALUES (?1, ?2)")
        .doing("prepare to store a group")?
        .execute(params![conversation.as_bytes(), state])
        .doing("store a group")?;
    Ok(())
}

fn insert_direct(
    connection: &Connection,
    conversation: ConversationId,
    low: UserId,
    high: UserId,
) -> Result<(), LogError> {
    connection
        .prepare_cached(
            "INSERT INTO direct (low_user, high_user, conversation) VALUES (?1, ?2, ?3)",
        )
        .doing("prepare to note a direct conversation")?
        .execute(params![
            low.as_bytes(),
            high.as_bytes(),
            conversation.as_bytes()
        ])
        .doing("note a direct conversation")?;
    Ok(())
}
