//! Conversations: their rows, membership intervals and aliases.

use rusqlite::OptionalExtension as _;
use whimbrel_protocol::{Chain, ConversationId, UserId};

use super::damage::from_sqlite;
use super::{Tx, bytes32, codes, from_sql, get, id, key, rows, to_sql};
use crate::error::{Error, Result};
use crate::types::ConversationState;

/// Epochs whose beginning is kept: more than a server ever takes back.
const EPOCHS_KEPT: i64 = 32;

/// The tables with rows that belong to one conversation.
const TABLES: [&str; 13] = [
    "interval",
    "member",
    "sender",
    "invitation",
    "epoch",
    "leaving",
    "answered",
    "missed",
    "transcript",
    "mls_row",
    "sealed",
    "outbox",
    "message",
];

/// A row of the conversation table.
#[derive(Debug, Clone)]
pub(crate) struct ConversationRow {
    pub id: ConversationId,
    pub direct: bool,
    pub peer: Option<UserId>,
    pub peer_username: Option<String>,
    pub state: ConversationState,
    pub name: String,
    /// The number of the message that last set the name.
    pub name_seq: u64,
    pub incarnation: u64,
    /// The cursor: everything up to this number is applied.
    pub applied_seq: u64,
    pub chain: Chain,
    /// Counter of the last own item that was accepted or is in doubt.
    pub own_counter: u64,
    pub own_read_seq: u64,
    pub last_activity_ms: i64,
}

fn read_row(row: &rusqlite::Row<'_>) -> Result<ConversationRow> {
    Ok(ConversationRow {
        id: id(&get::<Vec<u8>>(row, "id")?)?,
        direct: get(row, "direct")?,
        peer: get::<Option<Vec<u8>>>(row, "peer")?
            .map(|bytes| id(&bytes))
            .transpose()?,
        peer_username: get(row, "peer_username")?,
        state: codes::conversation_state(get(row, "state")?)?,
        name: get(row, "name")?,
        name_seq: from_sql(get(row, "name_seq")?)?,
        incarnation: from_sql(get(row, "incarnation")?)?,
        applied_seq: from_sql(get(row, "applied_seq")?)?,
        chain: Chain::from_bytes(bytes32(&get::<Vec<u8>>(row, "chain")?)?),
        own_counter: from_sql(get(row, "own_counter")?)?,
        own_read_seq: from_sql(get(row, "own_read_seq")?)?,
        last_activity_ms: get(row, "last_activity_ms")?,
    })
}

impl Tx<'_> {
    /// The conversation, under its own id or an id it had before.
    pub(crate) fn conversation(&self, conversation: ConversationId) -> Result<ConversationRow> {
        let conversation = self.resolve_alias(conversation)?;
        self.find_conversation(conversation)?
            .ok_or_else(|| Error::not_found("conversation"))
    }

    pub(crate) fn find_conversation(
        &self,
        conversation: ConversationId,
    ) -> Result<Option<ConversationRow>> {
        self.prepare_cached("SELECT * FROM conversation WHERE id = ?1")
            .and_then(|mut statement| {
                statement
                    .query_row([key(conversation)], |row| Ok(read_row(row)))
                    .optional()
            })
            .map_err(from_sqlite)?
            .transpose()
    }

    pub(crate) fn conversations(&self) -> Result<Vec<ConversationRow>> {
        let mut statement = self
            .prepare_cached("SELECT * FROM conversation ORDER BY id")
            .map_err(from_sqlite)?;
        rows(&mut statement, [], read_row)
    }

    /// The direct conversations with this user: at most one that is active, and drafts beside it.
    pub(crate) fn direct_conversations(&self, peer: UserId) -> Result<Vec<ConversationRow>> {
        let mut statement = self
            .prepare_cached("SELECT * FROM conversation WHERE peer = ?1 AND direct = 1 ORDER BY id")
            .map_err(from_sqlite)?;
        rows(&mut statement, [peer.as_bytes()], read_row)
    }

    /// The direct conversation that was begun here with this name, whether or not the user is
    /// known meanwhile.
    pub(crate) fn direct_by_username(&self, username: &str) -> Result<Option<ConversationRow>> {
        self.query_row(
            "SELECT * FROM conversation WHERE direct = 1 AND peer_username = ?1 ORDER BY id",
            [username],
            |row| Ok(read_row(row)),
        )
        .optional()
        .map_err(from_sqlite)?
        .transpose()
    }

    pub(crate) fn direct_draft_by_username(
        &self,
        username: &str,
    ) -> Result<Option<ConversationRow>> {
        self.query_row(
            "SELECT * FROM conversation WHERE direct = 1 AND peer IS NULL AND peer_username = ?1",
            [username],
            |row| Ok(read_row(row)),
        )
        .optional()
        .map_err(from_sqlite)?
        .transpose()
    }

    /// Inserts the row, or writes over the one with the same id.
    pub(crate) fn put_conversation(&self, row: &ConversationRow) -> Result<()> {
        self.prepare_cached(
            "INSERT INTO conversation
               (id, direct, peer, peer_username, state, name, name_seq, incarnation, applied_seq,
                chain, own_counter, own_read_seq, last_activity_ms)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)
             ON CONFLICT (id) DO UPDATE SET
               direct = excluded.direct, peer = excluded.peer,
               peer_username = excluded.peer_username, state = excluded.state,
               name = excluded.name, name_seq = excluded.name_seq,
               incarnation = excluded.incarnation, applied_seq = excluded.applied_seq,
               chain = excluded.chain, own_counter = excluded.own_counter,
               own_read_seq = excluded.own_read_seq,
               last_activity_ms = excluded.last_activity_ms",
        )
        .and_then(|mut statement| {
            statement.execute((
                key(row.id),
                row.direct,
                row.peer.as_ref().map(UserId::as_bytes),
                &row.peer_username,
                codes::conversation_state_code(row.state),
                &row.name,
                i64::try_from(row.name_seq).unwrap_or(i64::MAX),
                i64::try_from(row.incarnation).unwrap_or(i64::MAX),
                i64::try_from(row.applied_seq).unwrap_or(i64::MAX),
                row.chain.as_bytes(),
                i64::try_from(row.own_counter).unwrap_or(i64::MAX),
                i64::try_from(row.own_read_seq).unwrap_or(i64::MAX),
                row.last_activity_ms,
            ))
        })
        .map_err(from_sqlite)?;
        Ok(())
    }

    /// The group has come into an epoch by the commit `since_seq`; `code` is what its members can
    /// compare by hand.
    pub(crate) fn set_epoch(
        &self,
        conversation: ConversationId,
        (epoch, since_seq): (u64, u64),
        code: &str,
    ) -> Result<()> {
        let (id, epoch) = (key(conversation), to_sql(epoch)?);
        self.execute(
            "UPDATE conversation SET epoch_code = ?2 WHERE id = ?1",
            (id, code),
        )
        .and_then(|_| {
            // Epochs that a group came into before it was founded anew, and old ones.
            self.execute(
                "DELETE FROM epoch WHERE conversation = ?1 AND NOT number BETWEEN ?2 AND ?3",
                (id, epoch.saturating_sub(EPOCHS_KEPT), epoch),
            )
        })
        .map_err(from_sqlite)?;
        self.execute(
            "INSERT OR REPLACE INTO epoch (conversation, number, since_seq) VALUES (?1, ?2, ?3)",
            (id, epoch, to_sql(since_seq)?),
        )
        .map_err(from_sqlite)?;
        Ok(())
    }

    /// The newest epoch that a group has come into, as far as it is known.
    pub(crate) fn newest_epoch(&self, conversation: ConversationId) -> Result<Option<u64>> {
        let newest: Option<i64> = self
            .query_row(
                "SELECT max(number) FROM epoch WHERE conversation = ?1",
                [key(conversation)],
                |row| row.get(0),
            )
            .map_err(from_sqlite)?;
        newest.map(from_sql).transpose()
    }

    /// The number of the first commit that led beyond an epoch, as far as it is known.
    pub(crate) fn epoch_since(
        &self,
        conversation: ConversationId,
        epoch: u64,
    ) -> Result<Option<u64>> {
        let since: Option<i64> = self
            .query_row(
                "SELECT min(since_seq) FROM epoch WHERE conversation = ?1 AND number > ?2",
                (key(conversation), to_sql(epoch)?),
                |row| row.get(0),
            )
            .map_err(from_sqlite)?;
        since.map(from_sql).transpose()
    }

    /// A member has seen another transcript. Says whether that is news.
    pub(crate) fn set_forked(&self, conversation: ConversationId) -> Result<bool> {
        let changed = self
            .execute(
                "UPDATE conversation SET forked = 1 WHERE id = ?1 AND forked = 0",
                [key(conversation)],
            )
            .map_err(from_sqlite)?;
        Ok(changed > 0)
    }

    /// Keeps the transcript value at a number.
    pub(crate) fn put_transcript(
        &self,
        conversation: ConversationId,
        seq: u64,
        chain: &Chain,
    ) -> Result<()> {
        self.prepare_cached(
            "INSERT OR REPLACE INTO transcript (conversation, seq, chain) VALUES (?1, ?2, ?3)",
        )
        .and_then(|mut statement| {
            statement.execute((
                key(conversation),
                i64::try_from(seq).unwrap_or(i64::MAX),
                chain.as_bytes(),
            ))
        })
        .map_err(from_sqlite)?;
        Ok(())
    }

    /// The transcript value at a number, if it is still known.
    pub(crate) fn transcript(
        &self,
        conversation: ConversationId,
        seq: u64,
    ) -> Result<Option<Chain>> {
        let Ok(seq) = i64::try_from(seq) else {
            return Ok(None);
        };
        let found: Option<Vec<u8>> = self
            .prepare_cached("SELECT chain FROM transcript WHERE conversation = ?1 AND seq = ?2")
            .and_then(|mut statement| {
                statement
                    .query_row((key(conversation), seq), |row| row.get(0))
                    .optional()
            })
            .map_err(from_sqlite)?;
        found
            .map(|bytes| Ok(Chain::from_bytes(bytes32(&bytes)?)))
            .transpose()
    }

    /// Forgets transcript values before a number.
    pub(crate) fn trim_transcript(&self, conversation: ConversationId, before: u64) -> Result<()> {
        self.prepare_cached("DELETE FROM transcript WHERE conversation = ?1 AND seq < ?2")
            .and_then(|mut statement| {
                statement.execute((key(conversation), i64::try_from(before).unwrap_or(i64::MAX)))
            })
            .map_err(from_sqlite)?;
        Ok(())
    }

    pub(crate) fn delete_conversation(&self, conversation: ConversationId) -> Result<()> {
        for table in TABLES {
            self.execute(
                &format!("DELETE FROM {table} WHERE conversation = ?1"),
                [key(conversation)],
            )
            .map_err(from_sqlite)?;
        }
        self.execute(
            "DELETE FROM conversation WHERE id = ?1",
            [key(conversation)],
        )
        .map_err(from_sqlite)?;
        Ok(())
    }

    /// Gives a conversation that nobody else knows another id.
    pub(crate) fn rename_conversation(
        &self,
        old: ConversationId,
        new: ConversationId,
    ) -> Result<()> {
        let ids = [key(old), key(new)];
        for table in TABLES {
            self.execute(
                &format!("UPDATE {table} SET conversation = ?2 WHERE conversation = ?1"),
                ids,
            )
            .map_err(from_sqlite)?;
        }
        self.execute("UPDATE conversation SET id = ?2 WHERE id = ?1", ids)
            .and_then(|_| {
                self.execute("UPDATE conversation_alias SET new = ?2 WHERE new = ?1", ids)
            })
            .map_err(from_sqlite)?;
        Ok(())
    }

    /// From now on `old` stands for `new`; whoever still holds the old id finds the new one.
    pub(crate) fn put_alias(&self, old: ConversationId, new: ConversationId) -> Result<()> {
        self.execute(
            "UPDATE conversation_alias SET new = ?2 WHERE new = ?1",
            [key(old), key(new)],
        )
        .map_err(from_sqlite)?;
        self.execute(
            "INSERT OR REPLACE INTO conversation_alias (old, new) VALUES (?1, ?2)",
            [key(old), key(new)],
        )
        .map_err(from_sqlite)?;
        Ok(())
    }

    /// Every id that stands for another one, and that one.
    pub(crate) fn aliases(&self) -> Result<Vec<(ConversationId, ConversationId)>> {
        let mut statement = self
            .prepare_cached("SELECT old, new FROM conversation_alias")
            .map_err(from_sqlite)?;
        rows(&mut statement, [], |row| {
            Ok((
                id(&get::<Vec<u8>>(row, "old")?)?,
                id(&get::<Vec<u8>>(row, "new")?)?,
            ))
        })
    }

    pub(crate) fn resolve_alias(&self, conversation: ConversationId) -> Result<ConversationId> {
        let new: Option<Vec<u8>> = self
            .prepare_cached("SELECT new FROM conversation_alias WHERE old = ?1")
            .and_then(|mut statement| {
                statement
                    .query_row([key(conversation)], |row| row.get(0))
                    .optional()
            })
            .map_err(from_sqlite)?;
        new.map_or(Ok(conversation), |bytes| id(&bytes))
    }

    /// This device reads the conversation from the number after `seq` on.
    pub(crate) fn open_interval(&self, conversation: ConversationId, seq: u64) -> Result<()> {
        self.execute(
            "INSERT OR IGNORE INTO interval (conversation, joined_seq, left_seq)
             VALUES (?1, ?2, NULL)",
            (key(conversation), to_sql(seq)?),
        )
        .map_err(from_sqlite)?;
        Ok(())
    }

    /// This device was removed by the commit with number `seq`.
    /// The number by which this device came in last; 0 where it is not in.
    pub(crate) fn joined_seq(&self, conversation: ConversationId) -> Result<u64> {
        let seq: Option<i64> = self
            .query_row(
                "SELECT max(joined_seq) FROM interval
                 WHERE conversation = ?1 AND left_seq IS NULL",
                [key(conversation)],
                |row| row.get(0),
            )
            .map_err(from_sqlite)?;
        seq.map_or(Ok(0), from_sql)
    }

    pub(crate) fn close_interval(&self, conversation: ConversationId, seq: u64) -> Result<()> {
        self.execute(
            "UPDATE interval SET left_seq = ?2 WHERE conversation = ?1 AND left_seq IS NULL",
            (key(conversation), to_sql(seq)?),
        )
        .map_err(from_sqlite)?;
        Ok(())
    }
}
