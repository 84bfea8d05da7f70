//! Which device may read what: the intervals of its memberships.

use rusqlite::{Connection, params};
use whimbrel_protocol::frame::Head;
use whimbrel_protocol::{Chain, ConversationId, DeviceId, UserId};

use super::sql::{Doing, id, number, to_sql};
use super::{LogError, Membership, waiting};

/// The row of a conversation.
#[derive(Debug, Clone, Copy)]
pub(super) struct Position {
    pub(super) head: u64,
    pub(super) epoch: u64,
    pub(super) chain: Chain,
}

impl Position {
    /// As a member sees it.
    pub(super) fn as_head(&self, conversation: ConversationId, incarnation: u64) -> Head {
        Head {
            conversation,
            incarnation,
            head: self.head,
            epoch: self.epoch,
        }
    }
}

pub(super) const POSITION: &str =
    "SELECT head, epoch, chain FROM conversation WHERE conversation = ?1";

/// Where a conversation stands, or `None` where there is none.
pub(super) fn position(
    connection: &Connection,
    conversation: ConversationId,
) -> Result<Option<Position>, LogError> {
    let mut statement = connection
        .prepare_cached(POSITION)
        .doing("prepare to read a conversation")?;
    let mut rows = statement
        .query([conversation.as_bytes()])
        .doing("read a conversation")?;
    let Some(row) = rows.next().doing("read a conversation")? else {
        return Ok(None);
    };
    let position = || -> rusqlite::Result<Position> {
        Ok(Position {
            head: number(row, "head")?,
            epoch: number(row, "epoch")?,
            chain: id(row, "chain")?,
        })
    };
    position().doing("read a conversation").map(Some)
}

/// One stay of a device in a conversation: it reads `from < seq`, and `seq <= to` where it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stay {
    pub(super) from: u64,
    pub(super) to: Option<End>,
}

/// How a stay ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct End {
    /// The removing commit.
    pub(super) seq: u64,
    /// The epoch after it.
    pub(super) epoch: u64,
}

pub(super) const STAYS: &str = "SELECT from_seq, to_seq, to_epoch FROM member
     WHERE conversation = ?1 AND device = ?2 ORDER BY from_seq";

/// All stays of a device in a conversation, in order. Empty for strangers.
pub(super) fn stays(
    connection: &Connection,
    conversation: ConversationId,
    device: DeviceId,
) -> Result<Vec<Stay>, LogError> {
    let mut statement = connection
        .prepare_cached(STAYS)
        .doing("prepare to read memberships")?;
    let rows = statement.query_map(params![conversation.as_bytes(), device.as_bytes()], |row| {
        let seq: Option<i64> = row.get("to_seq")?;
        let epoch: Option<i64> = row.get("to_epoch")?;
        Ok(Stay {
            from: number(row, "from_seq")?,
            to: seq.zip(epoch).map(|(seq, epoch)| End {
                seq: super::sql::from_sql(seq),
                epoch: super::sql::from_sql(epoch),
            }),
        })
    });
    rows.and_then(Iterator::collect).doing("read memberships")
}

/// What a device may know of a conversation: how it stands there, and the last number it may
/// read. `None` for strangers and where there is no such conversation, without a difference.
pub(super) fn view(
    connection: &Connection,
    incarnation: u64,
    conversation: ConversationId,
    device: DeviceId,
) -> Result<Option<View>, LogError> {
    let Some(position) = position(connection, conversation)? else {
        return Ok(None);
    };
    let stays = stays(connection, conversation, device)?;
    let Some(last) = stays.last() else {
        return Ok(None);
    };
    let mut head = position.as_head(conversation, incarnation);
    let membership = match last.to {
        None => Membership::Present,
        Some(end) => {
            (head.head, head.epoch) = (end.seq, end.epoch);
            Membership::Past
        }
    };
    Ok(Some(View {
        head,
        membership,
        stays,
    }))
}

/// See [`view`].
#[derive(Debug)]
pub(super) struct View {
    pub(super) head: Head,
    pub(super) membership: Membership,
    pub(super) stays: Vec<Stay>,
}

impl View {
    /// The run of readable numbers that comes first after a number: from and to, both included.
    ///
    /// A stay that begins where another ended continues it; between stays lies what this device
    /// may not read, so a run never reaches over it.
    pub(super) fn run_after(&self, after: u64) -> Option<(u64, u64)> {
        let mut runs: Vec<(u64, u64)> = Vec::with_capacity(self.stays.len());
        for stay in &self.stays {
            let to = stay.to.map_or(self.head.head, |end| end.seq);
            match runs.last_mut() {
                Some((_, end)) if *end == stay.from => *end = to,
                _ => runs.push((stay.from, to)),
            }
        }
        runs.into_iter()
            .map(|(from, to)| (from.max(after).saturating_add(1), to))
            .find(|(first, last)| first <= last)
    }
}

pub(super) const PRESENT: &str =
    "SELECT device FROM member WHERE conversation = ?1 AND to_seq IS NULL ORDER BY device";

/// The devices that are in a conversation now, sorted.
pub(super) fn present_devices(
    connection: &Connection,
    conversation: ConversationId,
) -> Result<Vec<DeviceId>, LogError> {
    let mut statement = connection
        .prepare_cached(PRESENT)
        .doing("prepare to read members")?;
    let rows = statement.query_map([conversation.as_bytes()], |row| id(row, "device"));
    rows.and_then(Iterator::collect).doing("read members")
}

pub(super) const USER_PRESENT: &str = "SELECT EXISTS (SELECT 1 FROM member
     WHERE user = ?2 AND conversation = ?1 AND to_seq IS NULL)";

/// Whether any device of a user is in a conversation now, a revoked one included.
pub(super) fn is_user_present(
    connection: &Connection,
    conversation: ConversationId,
    user: UserId,
) -> Result<bool, LogError> {
    connection
        .prepare_cached(USER_PRESENT)
        .doing("prepare to look for a member")?
        .query_row([conversation.as_bytes(), user.as_bytes()], |row| row.get(0))
        .doing("look for a member")
}

/// Begins a stay; the device waits no more. The participant row outlives it, so that counters and marks never fall.
pub(super) fn enter(
    connection: &Connection,
    conversation: ConversationId,
    (user, device): (UserId, DeviceId),
    from_seq: u64,
) -> Result<(), LogError> {
    connection
        .prepare_cached(
            "INSERT INTO member (conversation, device, from_seq, user) VALUES (?1, ?2, ?3, ?4)",
        )
        .doing("prepare to add a member")?
        .execute(params![
            conversation.as_bytes(),
            device.as_bytes(),
            to_sql(from_seq),
            user.as_bytes()
        ])
        .doing("add a member")?;
    connection
        .prepare_cached(
            "INSERT OR IGNORE INTO participant (conversation, device, user) VALUES (?1, ?2, ?3)",
        )
        .doing("prepare to add a participant")?
        .execute(params![
            conversation.as_bytes(),
            device.as_bytes(),
            user.as_bytes()
        ])
        .doing("add a participant")?;
    waiting::forget(connection, conversation, device)
}

/// Ends the stay of a device.
pub(super) fn leave(
    connection: &Connection,
    conversation: ConversationId,
    device: DeviceId,
    end: End,
) -> Result<(), LogError> {
    let ended = connection
        .prepare_cached(
            "UPDATE member SET to_seq = ?3, to_epoch = ?4
             WHERE conversation = ?1 AND device = ?2 AND to_seq IS NULL",
        )
        .doing("prepare to remove a member")?
        .execute(params![
            conversation.as_bytes(),
            device.as_bytes(),
            to_sql(end.seq),
            to_sql(end.epoch)
        ])
        .doing("remove a member")?;
    if ended == 1 {
        Ok(())
    } else {
        Err(LogError::Damaged("member without a stay"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn view(head: u64, stays: &[(u64, Option<u64>)]) -> View {
        View {
            head: Head {
                conversation: ConversationId::from_bytes([1; 16]),
                incarnation: 1,
                head,
                epoch: 0,
            },
            membership: Membership::Present,
            stays: stays
                .iter()
                .map(|(from, to)| Stay {
                    from: *from,
                    to: to.map(|seq| End { seq, epoch: 1 }),
                })
                .collect(),
        }
    }

    #[test]
    fn a_device_reads_from_after_its_adding_to_its_removing_commit() {
        let once = view(20, &[(3, Some(9))]);
        assert_eq!(once.run_after(0), Some((4, 9)));
        assert_eq!(once.run_after(5), Some((6, 9)));
        assert_eq!(once.run_after(9), None);
        assert_eq!(once.run_after(u64::MAX), None);
    }

    #[test]
    fn what_lies_between_two_stays_is_not_read() {
        let twice = view(20, &[(3, Some(9)), (12, None)]);
        assert_eq!(twice.run_after(8), Some((9, 9)));
        assert_eq!(twice.run_after(9), Some((13, 20)));
        assert_eq!(twice.run_after(20), None);
    }

    #[test]
    fn a_repair_continues_the_stay() {
        let repaired = view(20, &[(3, Some(9)), (9, None)]);
        assert_eq!(repaired.run_after(0), Some((4, 20)));
        assert_eq!(repaired.run_after(9), Some((10, 20)));
    }
}
