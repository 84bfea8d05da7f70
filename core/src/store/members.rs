//! Members, their marks, their devices' counters, and contacts.

use rusqlite::OptionalExtension as _;
use whimbrel_protocol::{ConversationId, DeviceId, UserId};

use super::damage::from_sqlite;
use super::{Tx, codes, from_sql, id, key, rows, to_sql};
use crate::error::Result;
use crate::types::Role;

/// How an item's counter fits what its device sent before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SenderPlace {
    /// The first from this device that can be read here, or the next one.
    InOrder,
    /// The server has left out something between.
    AfterGap,
    /// Not above the last one: a repetition.
    Stale,
}

impl Tx<'_> {
    /// Compares the counter of a device's item with the last one.
    pub(crate) fn sender_place(
        &self,
        conversation: ConversationId,
        device: DeviceId,
        counter: u64,
    ) -> Result<SenderPlace> {
        let Some(last) = self.sender_counter(conversation, device)? else {
            return Ok(SenderPlace::InOrder);
        };
        Ok(if counter == last + 1 {
            SenderPlace::InOrder
        } else if counter > last {
            SenderPlace::AfterGap
        } else {
            SenderPlace::Stale
        })
    }

    /// The last counter of a device's items, if one was seen.
    pub(crate) fn sender_counter(
        &self,
        conversation: ConversationId,
        device: DeviceId,
    ) -> Result<Option<u64>> {
        let last: Option<i64> = self
            .prepare_cached("SELECT counter FROM sender WHERE conversation = ?1 AND device = ?2")
            .and_then(|mut statement| {
                statement
                    .query_row((key(conversation), device.as_bytes()), |row| row.get(0))
                    .optional()
            })
            .map_err(from_sqlite)?;
        last.map(from_sql).transpose()
    }

    /// A commit has added this device.
    pub(crate) fn set_invitation(
        &self,
        conversation: ConversationId,
        device: DeviceId,
        seq: u64,
    ) -> Result<()> {
        self.execute(
            "INSERT INTO invitation (conversation, device, seq) VALUES (?1, ?2, ?3)
             ON CONFLICT (conversation, device) DO UPDATE SET seq = excluded.seq",
            (key(conversation), device.as_bytes(), to_sql(seq)?),
        )
        .map_err(from_sqlite)?;
        Ok(())
    }

    /// The commit that last added this device, as far as it was seen here.
    pub(crate) fn invitation(
        &self,
        conversation: ConversationId,
        device: DeviceId,
    ) -> Result<Option<u64>> {
        let seq: Option<i64> = self
            .query_row(
                "SELECT seq FROM invitation WHERE conversation = ?1 AND device = ?2",
                (key(conversation), device.as_bytes()),
                |row| row.get(0),
            )
            .optional()
            .map_err(from_sqlite)?;
        seq.map(from_sql).transpose()
    }

    /// A new membership starts to count anew: what was sent in between is not for this device.
    pub(crate) fn forget_senders(&self, conversation: ConversationId) -> Result<()> {
        self.execute(
            "DELETE FROM sender WHERE conversation = ?1",
            [key(conversation)],
        )
        .map_err(from_sqlite)?;
        Ok(())
    }

    pub(crate) fn set_sender_counter(
        &self,
        conversation: ConversationId,
        device: DeviceId,
        counter: u64,
    ) -> Result<()> {
        self.prepare_cached(
            "INSERT INTO sender (conversation, device, counter) VALUES (?1, ?2, ?3)
             ON CONFLICT (conversation, device) DO UPDATE SET counter = excluded.counter",
        )
        .and_then(|mut statement| {
            statement.execute((
                key(conversation),
                device.as_bytes(),
                i64::try_from(counter).unwrap_or(i64::MAX),
            ))
        })
        .map_err(from_sqlite)?;
        Ok(())
    }

    /// Makes the member table say who is in the group now.
    pub(crate) fn set_members(
        &self,
        conversation: ConversationId,
        members: &[(UserId, Role)],
    ) -> Result<()> {
        self.execute(
            "UPDATE member SET present = 0 WHERE conversation = ?1",
            [key(conversation)],
        )
        .map_err(from_sqlite)?;
        for (user, role) in members {
            self.prepare_cached(
                "INSERT INTO member (conversation, user, role, present, delivered_seq, read_seq)
                 VALUES (?1, ?2, ?3, 1, 0, 0)
                 ON CONFLICT (conversation, user)
                 DO UPDATE SET role = excluded.role, present = 1",
            )
            .and_then(|mut statement| {
                statement.execute((key(conversation), user.as_bytes(), codes::role_code(*role)))
            })
            .map_err(from_sqlite)?;
        }
        Ok(())
    }

    /// Raises a member's delivery mark. Says whether it rose.
    pub(crate) fn raise_delivered(
        &self,
        conversation: ConversationId,
        user: UserId,
        seq: u64,
    ) -> Result<bool> {
        // The server's word, which may be any number.
        let seq = i64::try_from(seq).unwrap_or(i64::MAX);
        let changed = self
            .prepare_cached(
                "UPDATE member SET delivered_seq = ?3
                 WHERE conversation = ?1 AND user = ?2 AND delivered_seq < ?3",
            )
            .and_then(|mut statement| statement.execute((key(conversation), user.as_bytes(), seq)))
            .map_err(from_sqlite)?;
        Ok(changed > 0)
    }

    /// Raises a member's read mark. Whoever has read something has received it.
    pub(crate) fn raise_read(
        &self,
        conversation: ConversationId,
        user: UserId,
        seq: u64,
    ) -> Result<bool> {
        let changed = self
            .execute(
                "UPDATE member SET read_seq = ?3, delivered_seq = max(delivered_seq, ?3)
                 WHERE conversation = ?1 AND user = ?2 AND read_seq < ?3",
                (key(conversation), user.as_bytes(), to_sql(seq)?),
            )
            .map_err(from_sqlite)?;
        Ok(changed > 0)
    }

    pub(crate) fn member_roles(&self, conversation: ConversationId) -> Result<Vec<(UserId, Role)>> {
        let mut statement = self
            .prepare_cached(
                "SELECT user, role FROM member WHERE conversation = ?1 AND present = 1
                 ORDER BY user",
            )
            .map_err(from_sqlite)?;
        rows(&mut statement, [key(conversation)], |row| {
            let user = id(&super::get::<Vec<u8>>(row, "user")?)?;
            Ok((user, codes::role(super::get(row, "role")?)?))
        })
    }

    /// A user has said to leave; the statement proves it.
    pub(crate) fn put_leaving(
        &self,
        conversation: ConversationId,
        user: UserId,
        statement: &[u8],
    ) -> Result<()> {
        self.execute(
            "INSERT OR REPLACE INTO leaving (conversation, user, statement) VALUES (?1, ?2, ?3)",
            (key(conversation), user.as_bytes(), statement),
        )
        .map_err(from_sqlite)?;
        Ok(())
    }

    /// The statement by which a user leaves, if there is one.
    pub(crate) fn leaving(
        &self,
        conversation: ConversationId,
        user: UserId,
    ) -> Result<Option<Vec<u8>>> {
        self.prepare_cached("SELECT statement FROM leaving WHERE conversation = ?1 AND user = ?2")
            .and_then(|mut statement| {
                statement
                    .query_row((key(conversation), user.as_bytes()), |row| row.get(0))
                    .optional()
            })
            .map_err(from_sqlite)
    }

    /// Says whether there was one.
    pub(crate) fn delete_leaving(
        &self,
        conversation: ConversationId,
        user: UserId,
    ) -> Result<bool> {
        let deleted = self.execute(
            "DELETE FROM leaving WHERE conversation = ?1 AND user = ?2",
            (key(conversation), user.as_bytes()),
        );
        Ok(deleted.map_err(from_sqlite)? > 0)
    }
}
