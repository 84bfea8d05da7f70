//! Voiding: taking back the effect of a commit that nobody but its maker could process.
//!
//! The server sees that a commit is well-formed, signed and allowed, but not whether the secrets in
//! it are the right ones: only the members can. So the state of the group before a commit is kept
//! until a device of another user, one that was there before, says that it has applied it. Where
//! one says instead that it can't, and none that it could, for some time, the commit is void: the
//! group is what it was before, and everything that was made after it is void as well. Numbers and
//! transcript stay, the items are served with a mark. A single member of several may have lied: only
//! what two have rejected costs its maker the right to commit.

use rusqlite::{Connection, OptionalExtension as _, params};
use whimbrel_protocol::{ConversationId, DeviceId, UserId};

use super::append::Target;
use super::members::{self, Position};
use super::sql::{Doing, id, number, to_sql};
use super::{Answer, LogError};
use crate::Now;

/// How long after a rejection others may still say that they could process the commit.
const PATIENCE_MS: i64 = 10_000;
/// Commits of one conversation that can still be voided; older ones are final.
const UNCONFIRMED_MAX: i64 = 8;

/// Keeps the state before a commit, unless its user is alone: then nobody could confirm it. To be
/// called before the commit changes anything.
pub(super) fn keep(
    connection: &Connection,
    target: Target,
    before: Position,
    seq: u64,
) -> Result<(), LogError> {
    let conversation = target.conversation.as_bytes();
    connection
        .prepare_cached(
            "INSERT INTO unconfirmed (conversation, seq, user, device, epoch, state)
             SELECT f.conversation, ?2, ?3, ?4, ?5, f.state
             FROM follower f WHERE f.conversation = ?1 AND EXISTS (
                 SELECT 1 FROM member m
                 WHERE m.conversation = ?1 AND m.to_seq IS NULL AND m.user <> ?3)",
        )
        .doing("prepare to keep a group")?
        .execute(params![
            conversation,
            to_sql(seq),
            target.user.as_bytes(),
            target.device.as_bytes(),
            to_sql(before.epoch)
        ])
        .doing("keep a group")?;
    connection
        .prepare_cached(
            "DELETE FROM unconfirmed WHERE conversation = ?1 AND seq <= (
                 SELECT seq FROM unconfirmed WHERE conversation = ?1
                 ORDER BY seq DESC LIMIT 1 OFFSET ?2)",
        )
        .doing("prepare to make a commit final")?
        .execute(params![conversation, UNCONFIRMED_MAX])
        .doing("make a commit final")?;
    Ok(())
}

pub(super) const CONFIRM: &str = "DELETE FROM unconfirmed
     WHERE conversation = ?1 AND seq > ?2 AND seq <= ?3 AND user <> ?4";

/// A device of this user, which came by the commit `from`, has applied everything up to `seq`:
/// commits of other users among that are final.
pub(super) fn confirm(
    connection: &Connection,
    conversation: ConversationId,
    user: UserId,
    (from, seq): (u64, u64),
) -> Result<(), LogError> {
    connection
        .prepare_cached(CONFIRM)
        .doing("prepare to confirm a commit")?
        .execute(params![
            conversation.as_bytes(),
            to_sql(from),
            to_sql(seq),
            user.as_bytes()
        ])
        .doing("confirm a commit")?;
    Ok(())
}

/// A commit that was rejected and is not confirmed.
struct Disputed {
    seq: u64,
    device: DeviceId,
    epoch: u64,
    rejected_ms: i64,
    by_users: u64,
    of_users: u64,
}

/// Users who must reject a commit before its maker may make no more, where so many could: one alone
/// may be lying.
const BARRED_BY_USERS: u64 = 2;

pub(super) const DISPUTED: &str = "SELECT u.seq, u.device, u.epoch,
         min(r.rejected_ms) AS rejected_ms, count(DISTINCT m.user) AS by_users,
         (SELECT count(DISTINCT o.user) FROM member o
          WHERE o.conversation = u.conversation AND o.to_seq IS NULL AND o.from_seq < u.seq
            AND o.user <> u.user) AS of_users
     FROM unconfirmed u
     JOIN rejection r ON r.conversation = u.conversation AND r.seq = u.seq
     JOIN member m ON m.conversation = u.conversation AND m.device = r.device
         AND m.to_seq IS NULL AND m.from_seq < u.seq AND m.user <> u.user
     JOIN device d ON d.device = r.device AND d.revoked = 0
     WHERE u.conversation = ?1
     GROUP BY u.seq ORDER BY u.seq LIMIT 1";

/// The first commit that a device of another user, one that was there before it and still is, has
/// rejected.
fn disputed(
    connection: &Connection,
    conversation: ConversationId,
) -> Result<Option<Disputed>, LogError> {
    connection
        .prepare_cached(DISPUTED)
        .doing("prepare to look for a rejected commit")?
        .query_row([conversation.as_bytes()], |row| {
            Ok(Disputed {
                seq: number(row, "seq")?,
                device: id(row, "device")?,
                epoch: number(row, "epoch")?,
                rejected_ms: row.get("rejected_ms")?,
                by_users: number(row, "by_users")?,
                of_users: number(row, "of_users")?,
            })
        })
        .optional()
        .doing("look for a rejected commit")
}

/// Voids the first rejected commit of a conversation and what came after it, if it is time. Else
/// says when it will be, where there is one.
pub(super) fn void(
    connection: &Connection,
    incarnation: u64,
    conversation: ConversationId,
    now: Now,
) -> Result<Answer, LogError> {
    let Some(disputed) = disputed(connection, conversation)? else {
        return Ok(Answer::Noted {
            void_after_ms: None,
        });
    };
    let since_ms = now.wall_ms.saturating_sub(disputed.rejected_ms);
    // A clock that went back does not stretch the time.
    if (0..PATIENCE_MS).contains(&since_ms) {
        return Ok(Answer::Noted {
            void_after_ms: u32::try_from(PATIENCE_MS - since_ms).ok(),
        });
    }
    take_back(connection, conversation, &disputed)?;
    let position = members::position(connection, conversation)?
        .ok_or(LogError::Damaged("conversation that vanished"))?;
    Ok(Answer::Voided {
        head: position.as_head(conversation, incarnation),
        members: members::present_devices(connection, conversation)?,
    })
}

/// What undoes a commit, in this order. ?1 is the conversation, ?2 the commit's number.
const TAKE_BACK: &[&str] = &[
    "UPDATE envelope SET voided = 1 WHERE conversation = ?1 AND seq >= ?2",
    "UPDATE follower SET state = (
         SELECT state FROM unconfirmed WHERE conversation = ?1 AND seq = ?2)
     WHERE conversation = ?1",
    // Stays that it or a later one began, then those that it or a later one ended.
    "DELETE FROM member WHERE conversation = ?1 AND from_seq >= ?2",
    "UPDATE member SET to_seq = NULL, to_epoch = NULL WHERE conversation = ?1 AND to_seq >= ?2",
    "DELETE FROM inbox WHERE conversation = ?1 AND commit_seq >= ?2",
    "DELETE FROM admission WHERE conversation = ?1 AND seq >= ?2",
    "DELETE FROM rejection WHERE conversation = ?1 AND seq >= ?2",
    "DELETE FROM unconfirmed WHERE conversation = ?1 AND seq >= ?2",
];

fn take_back(
    connection: &Connection,
    conversation: ConversationId,
    disputed: &Disputed,
) -> Result<(), LogError> {
    for step in TAKE_BACK {
        connection
            .prepare_cached(step)
            .doing("prepare to void a commit")?
            .execute(params![conversation.as_bytes(), to_sql(disputed.seq)])
            .doing("void a commit")?;
    }
    connection
        .prepare_cached("UPDATE conversation SET epoch = ?2 WHERE conversation = ?1")
        .doing("prepare to set an epoch back")?
        .execute(params![conversation.as_bytes(), to_sql(disputed.epoch)])
        .doing("set an epoch back")?;
    if disputed.by_users < BARRED_BY_USERS.min(disputed.of_users) {
        return Ok(());
    }
    connection
        .prepare_cached(
            "UPDATE participant SET may_commit = 0 WHERE conversation = ?1 AND device = ?2",
        )
        .doing("prepare to bar a device")?
        .execute([conversation.as_bytes(), disputed.device.as_bytes()])
        .doing("bar a device")?;
    Ok(())
}
