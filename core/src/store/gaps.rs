//! What this device could not read, and what it has said again for devices that could not.

use rusqlite::OptionalExtension as _;
use whimbrel_protocol::{ClientId, ConversationId, DeviceId};

use super::damage::from_sqlite;
use super::{Tx, from_sql, get, id, key, rows, to_sql};
use crate::error::Result;

/// A text that was written on this device and has its number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct OwnText {
    pub text: String,
    pub composed_ms: i64,
}

impl Tx<'_> {
    /// This device could not read these numbers.
    pub(crate) fn put_missed(
        &self,
        conversation: ConversationId,
        from_seq: u64,
        to_seq: u64,
    ) -> Result<()> {
        self.execute(
            "INSERT INTO missed (conversation, from_seq, to_seq) VALUES (?1, ?2, ?3)
             ON CONFLICT (conversation, from_seq) DO UPDATE SET to_seq = excluded.to_seq",
            (key(conversation), to_sql(from_seq)?, to_sql(to_seq)?),
        )
        .map_err(from_sqlite)?;
        Ok(())
    }

    /// The first number of the last range that this device could not read.
    pub(crate) fn last_missed(&self, conversation: ConversationId) -> Result<Option<u64>> {
        self.query_row(
            "SELECT max(from_seq) FROM missed WHERE conversation = ?1",
            [key(conversation)],
            |row| row.get::<_, Option<i64>>(0),
        )
        .map_err(from_sqlite)?
        .map(from_sql)
        .transpose()
    }

    /// A text of this user, if it was written here, has a number and was not taken back.
    pub(crate) fn own_text(
        &self,
        conversation: ConversationId,
        message: ClientId,
    ) -> Result<Option<OwnText>> {
        self.query_row(
            "SELECT text, composed_ms FROM message
             WHERE conversation = ?1 AND id = ?2 AND written_here = 1 AND kind = 1
               AND seq IS NOT NULL",
            (key(conversation), message.as_bytes()),
            |row| {
                Ok(OwnText {
                    text: row.get(0)?,
                    composed_ms: row.get(1)?,
                })
            },
        )
        .optional()
        .map_err(from_sqlite)
    }

    /// The texts that were written here after a number, in order, without those taken back.
    pub(crate) fn own_texts_since(
        &self,
        conversation: ConversationId,
        seq: u64,
    ) -> Result<Vec<(ClientId, OwnText)>> {
        let mut statement = self
            .prepare_cached(
                "SELECT id, text, composed_ms FROM message
                 WHERE conversation = ?1 AND seq > ?2 AND written_here = 1 AND kind = 1
                 ORDER BY seq, row",
            )
            .map_err(from_sqlite)?;
        rows(&mut statement, (key(conversation), to_sql(seq)?), |row| {
            Ok((
                id(&get::<Vec<u8>>(row, "id")?)?,
                OwnText {
                    text: get(row, "text")?,
                    composed_ms: get(row, "composed_ms")?,
                },
            ))
        })
    }

    /// The texts that were written here between two numbers, in order. None from before somebody
    /// last came in or got another identity: they were not meant for who came then.
    pub(crate) fn own_texts_between(
        &self,
        conversation: ConversationId,
        from_seq: u64,
        to_seq: u64,
        limit: u32,
    ) -> Result<Vec<(ClientId, u64)>> {
        let mut statement = self
            .prepare_cached(
                "SELECT id, seq FROM message
                 WHERE conversation = ?1 AND seq BETWEEN ?2 AND ?3
                   AND written_here = 1 AND kind = 1
                   AND seq > coalesce((SELECT max(seq) FROM message AS came
                                       WHERE came.conversation = ?1 AND came.kind IN (4, 11)), 0)
                 ORDER BY seq, row LIMIT ?4",
            )
            .map_err(from_sqlite)?;
        // Numbers that a member named.
        let at = |seq| i64::try_from(seq).unwrap_or(i64::MAX);
        let params = (key(conversation), at(from_seq), at(to_seq), limit);
        rows(&mut statement, params, |row| {
            Ok((
                id(&get::<Vec<u8>>(row, "id")?)?,
                from_sql(get(row, "seq")?)?,
            ))
        })
    }

    /// Up to which number own texts were said again for a device; 0 for none.
    pub(crate) fn answered(&self, conversation: ConversationId, device: DeviceId) -> Result<u64> {
        let seq: Option<i64> = self
            .query_row(
                "SELECT seq FROM answered WHERE conversation = ?1 AND device = ?2",
                (key(conversation), device.as_bytes()),
                |row| row.get(0),
            )
            .optional()
            .map_err(from_sqlite)?;
        seq.map_or(Ok(0), from_sql)
    }

    pub(crate) fn set_answered(
        &self,
        conversation: ConversationId,
        device: DeviceId,
        seq: u64,
    ) -> Result<()> {
        self.execute(
            "INSERT INTO answered (conversation, device, seq) VALUES (?1, ?2, ?3)
             ON CONFLICT (conversation, device) DO UPDATE SET seq = max(seq, excluded.seq)",
            (key(conversation), device.as_bytes(), to_sql(seq)?),
        )
        .map_err(from_sqlite)?;
        Ok(())
    }

    /// This device is in again behind what it missed: it will not read where its own items that
    /// the server had accepted by then have come to.
    pub(crate) fn forget_accepted(&self, conversation: ConversationId) -> Result<()> {
        self.execute(
            "DELETE FROM sealed WHERE conversation = ?1
               AND id IN (SELECT id FROM outbox WHERE conversation = ?1 AND state = 2)",
            [key(conversation)],
        )
        .map_err(from_sqlite)?;
        self.execute(
            "DELETE FROM outbox WHERE conversation = ?1 AND state = 2",
            [key(conversation)],
        )
        .map_err(from_sqlite)?;
        Ok(())
    }
}
