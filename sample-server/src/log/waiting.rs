//! Devices that wait to be added to a conversation that their user is in: a new device after a
//! recovery, or one that can't follow any more.
//!
//! The server can't add anybody; it can only tell those who can. It tells the user's other devices
//! and a few of other users, each time the next ones, so that nobody who is away stops it. A
//! device without a key package can't be added, so then nobody is told yet.

use rusqlite::{Connection, OptionalExtension as _, params};
use whimbrel_protocol::frame::FailureCode;
use whimbrel_protocol::{ConversationId, DeviceId, UserId};

use super::sql::{Doing, id};
use super::{Answer, Delivery, LogError, inbox, key_packages, members};
use crate::Now;

/// A device may ask again about the same conversation after this time.
const ASK_EVERY_MS: i64 = 5_000;
/// Unasked, others are told again after this time.
const TELL_EVERY_MS: i64 = 60_000;
/// Devices of other users that are told at a time.
const OTHERS_TOLD: usize = 3;
/// Conversations about which others are told at a time.
const CONVERSATIONS_TOLD_MAX: i64 = 1_000;

/// A device asks to be added to a conversation.
pub(super) fn ask(
    connection: &Connection,
    (user, device): (UserId, DeviceId),
    conversation: ConversationId,
    now: Now,
) -> Result<Answer, LogError> {
    if !members::is_user_present(connection, conversation, user)? {
        return Ok(Answer::Failed(FailureCode::NotFound));
    }
    let asked_ms = asked_ms(connection, conversation, device)?.unwrap_or(i64::MIN);
    let since_ms = now.wall_ms.saturating_sub(asked_ms);
    // A clock that went back does not stretch the time.
    if (0..ASK_EVERY_MS).contains(&since_ms) {
        let retry_after_ms = u32::try_from(ASK_EVERY_MS - since_ms).unwrap_or(u32::MAX);
        return Ok(Answer::Later { retry_after_ms });
    }
    note(connection, conversation, device)?;
    let deliveries = tell(connection, (user, device), conversation, now)?;
    Ok(Answer::Asked { deliveries })
}

pub(super) const ASKED: &str =
    "SELECT asked_ms FROM waiting WHERE conversation = ?1 AND device = ?2";

fn asked_ms(
    connection: &Connection,
    conversation: ConversationId,
    device: DeviceId,
) -> Result<Option<i64>, LogError> {
    connection
        .prepare_cached(ASKED)
        .doing("prepare to read when a device asked")?
        .query_row([conversation.as_bytes(), device.as_bytes()], |row| {
            row.get(0)
        })
        .optional()
        .doing("read when a device asked")
}

/// Notes that a device waits, without telling anybody yet.
pub(super) fn note(
    connection: &Connection,
    conversation: ConversationId,
    device: DeviceId,
) -> Result<(), LogError> {
    connection
        .prepare_cached(
            "INSERT OR IGNORE INTO waiting (conversation, device, asked_ms, turn)
             VALUES (?1, ?2, 0, 0)",
        )
        .doing("prepare to note a waiting device")?
        .execute([conversation.as_bytes(), device.as_bytes()])
        .doing("note a waiting device")?;
    Ok(())
}

/// Tells those whose turn it is that a device waits, if it can be added at all.
pub(super) fn tell(
    connection: &Connection,
    who: (UserId, DeviceId),
    conversation: ConversationId,
    now: Now,
) -> Result<Vec<Delivery>, LogError> {
    let (user, device) = who;
    note(connection, conversation, device)?;
    if !key_packages::has_any(connection, device, now)? {
        return Ok(Vec::new());
    }
    let turn: i64 = connection
        .prepare_cached(
            "UPDATE waiting SET asked_ms = ?3, turn = turn + 1
             WHERE conversation = ?1 AND device = ?2 RETURNING turn - 1",
        )
        .doing("prepare to count an ask")?
        .query_row(
            params![conversation.as_bytes(), device.as_bytes(), now.wall_ms],
            |row| row.get(0),
        )
        .doing("count an ask")?;
    let (own, others): (Vec<_>, Vec<_>) = candidates(connection, conversation, device)?
        .into_iter()
        .partition(|(candidate, _)| *candidate == user);
    let own_told = own.iter().map(|(_, device)| *device);
    let mut deliveries = Vec::new();
    for receiver in own_told.chain(whose_turn(&others, turn)) {
        deliveries.push(inbox::tell_of_waiting(
            connection,
            receiver,
            who,
            (conversation, 0),
        )?);
    }
    Ok(deliveries)
}

/// The next few of these after the ones of earlier turns, in a circle.
fn whose_turn(others: &[(UserId, DeviceId)], turn: i64) -> Vec<DeviceId> {
    let told = others.len().min(OTHERS_TOLD);
    let turn = usize::try_from(turn).unwrap_or(0);
    let skipped = turn.saturating_mul(told).checked_rem(others.len());
    let circle = others.iter().cycle().skip(skipped.unwrap_or(0));
    circle.take(told).map(|(_, device)| *device).collect()
}

pub(super) const CANDIDATES: &str = "SELECT m.user, m.device
     FROM member m JOIN device d ON d.device = m.device
     WHERE m.conversation = ?1 AND m.to_seq IS NULL AND m.device <> ?2 AND d.revoked = 0
     ORDER BY m.device";

/// Devices that could add this one, sorted.
fn candidates(
    connection: &Connection,
    conversation: ConversationId,
    device: DeviceId,
) -> Result<Vec<(UserId, DeviceId)>, LogError> {
    let mut statement = connection
        .prepare_cached(CANDIDATES)
        .doing("prepare to choose who is told")?;
    let rows = statement.query_map([conversation.as_bytes(), device.as_bytes()], |row| {
        Ok((id(row, "user")?, id(row, "device")?))
    });
    rows.and_then(Iterator::collect).doing("choose who is told")
}

pub(super) const DUE: &str = "SELECT w.conversation FROM waiting w
     WHERE w.device = ?1 AND w.asked_ms <= ?2 AND NOT EXISTS (
         SELECT 1 FROM member m WHERE m.conversation = w.conversation
             AND m.device = w.device AND m.to_seq IS NULL)
     ORDER BY w.asked_ms LIMIT ?3";

/// Conversations to which a device still has to be added, the ones told of longest ago first.
pub(super) fn due(
    connection: &Connection,
    device: DeviceId,
    now: Now,
) -> Result<Vec<ConversationId>, LogError> {
    let before_ms = now.wall_ms.saturating_sub(TELL_EVERY_MS);
    let mut statement = connection
        .prepare_cached(DUE)
        .doing("prepare to look where a device waits")?;
    let rows = statement.query_map(
        params![device.as_bytes(), before_ms, CONVERSATIONS_TOLD_MAX],
        |row| id(row, "conversation"),
    );
    rows.and_then(Iterator::collect)
        .doing("look where a device waits")
}

/// Tells others again wherever a device still has to be added.
pub(super) fn tell_all(
    connection: &Connection,
    (user, device): (UserId, DeviceId),
    now: Now,
) -> Result<Answer, LogError> {
    let mut deliveries = Vec::new();
    for conversation in due(connection, device, now)? {
        if members::is_user_present(connection, conversation, user)? {
            deliveries.extend(tell(connection, (user, device), conversation, now)?);
        } else {
            forget(connection, conversation, device)?;
        }
    }
    Ok(Answer::Asked { deliveries })
}

/// A device waits no more.
pub(super) fn forget(
    connection: &Connection,
    conversation: ConversationId,
    device: DeviceId,
) -> Result<(), LogError> {
    connection
        .prepare_cached("DELETE FROM waiting WHERE conversation = ?1 AND device = ?2")
        .doing("prepare to forget a waiting device")?
        .execute([conversation.as_bytes(), device.as_bytes()])
        .doing("forget a waiting device")?;
    Ok(())
}

/// A device waits nowhere any more.
pub(super) fn forget_all(connection: &Connection, device: DeviceId) -> Result<(), LogError> {
    connection
        .prepare_cached("DELETE FROM waiting WHERE device = ?1")
        .doing("prepare to forget a waiting device")?
        .execute([device.as_bytes()])
        .doing("forget a waiting device")?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_turn_is_that_of_the_next_ones() {
        let others = |count: u8| -> Vec<(UserId, DeviceId)> {
            (0..count)
                .map(|n| (UserId::from_bytes([n; 16]), DeviceId::from_bytes([n; 16])))
                .collect()
        };
        let turn = |count, turn| -> Vec<u8> {
            let told = whose_turn(&others(count), turn);
            told.iter().map(|device| device.as_bytes()[0]).collect()
        };
        assert_eq!(turn(5, 0), [0, 1, 2]);
        assert_eq!(turn(5, 1), [3, 4, 0]);
        assert_eq!(turn(5, 2), [1, 2, 3]);
        assert_eq!(turn(2, 7), [0, 1]);
        assert_eq!(turn(1, i64::MAX), [0]);
        assert!(turn(0, 3).is_empty());
    }
}
