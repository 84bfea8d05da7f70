//! Message rows.

use rusqlite::OptionalExtension as _;
use whimbrel_protocol::{ClientId, ConversationId, UserId};

use super::damage::from_sqlite;
use super::{Tx, codes, from_sql, key, to_sql};
use crate::error::Result;
use crate::outbox::{Former, Intent};
use crate::types::MessageKind;

/// A row to be inserted.
#[derive(Debug)]
pub(crate) struct NewMessage<'a> {
    pub conversation: ConversationId,
    pub sender: UserId,
    pub id: ClientId,
    pub kind: &'a MessageKind,
    /// The plaintext of what this version can't show.
    pub raw: Option<&'a [u8]>,
    pub composed_ms: i64,
    pub placing: Placing,
}

/// Where a row stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Placing {
    /// After everything confirmed.
    Pending,
    /// At its number.
    At {
        seq: u64,
        server_time_ms: i64,
        gap_before: bool,
    },
}

impl Tx<'_> {
    /// Inserts a row. Says whether it is new: a sender's id can be taken already.
    pub(crate) fn insert_message(&self, message: &NewMessage<'_>) -> Result<bool> {
        let (kind, text) = super::codes::kind_columns(message.kind);
        let (seq, server_time_ms, gap_before) = match message.placing {
            Placing::Pending => (None, None, false),
            Placing::At {
                seq,
                server_time_ms,
                gap_before,
            } => (Some(to_sql(seq)?), Some(server_time_ms), gap_before),
        };
        let inserted = self
            .prepare_cached(
                "INSERT INTO message
                   (conversation, sender, id, seq, kind, text, raw, edited_seq, composed_ms,
                    server_time_ms, gap_before, written_here)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, NULL, ?8, ?9, ?10, ?11)
                 ON CONFLICT (conversation, sender, id) DO NOTHING",
            )
            .and_then(|mut statement| {
                statement.execute((
                    key(message.conversation),
                    message.sender.as_bytes(),
                    message.id.as_bytes(),
                    seq,
                    kind,
                    text,
                    message.raw,
                    message.composed_ms,
                    server_time_ms,
                    gap_before,
                    message.placing == Placing::Pending,
                ))
            })
            .map_err(from_sqlite)?;
        Ok(inserted > 0)
    }

    /// What the lowest row of a conversation is, of those that have a number.
    pub(crate) fn newest_kind(&self, conversation: ConversationId) -> Result<Option<MessageKind>> {
        let row: Option<(i64, String)> = self
            .prepare_cached(
                "SELECT kind, text FROM message
                 WHERE conversation = ?1 AND seq IS NOT NULL ORDER BY seq DESC, row DESC LIMIT 1",
            )
            .and_then(|mut statement| {
                let row = statement.query_row([key(conversation)], |row| {
                    Ok((row.get("kind")?, row.get("text")?))
                });
                row.optional()
            })
            .map_err(from_sqlite)?;
        row.map(|(kind, text)| super::codes::kind(kind, text, None))
            .transpose()
    }

    /// The server has numbered an own message.
    pub(crate) fn place_message(
        &self,
        conversation: ConversationId,
        sender: UserId,
        id: ClientId,
        seq: u64,
        server_time_ms: i64,
    ) -> Result<bool> {
        let changed = self
            .execute(
                "UPDATE message SET seq = ?4, server_time_ms = ?5
                 WHERE conversation = ?1 AND sender = ?2 AND id = ?3
                   AND (seq IS NOT ?4 OR server_time_ms IS NOT ?5)",
                (
                    key(conversation),
                    sender.as_bytes(),
                    id.as_bytes(),
                    to_sql(seq)?,
                    server_time_ms,
                ),
            )
            .map_err(from_sqlite)?;
        Ok(changed > 0)
    }

    /// Number and kind code of a message.
    pub(crate) fn find_message(
        &self,
        conversation: ConversationId,
        sender: UserId,
        id: ClientId,
    ) -> Result<Option<(Option<u64>, i64)>> {
        let found: Option<(Option<i64>, i64)> = self
            .query_row(
                "SELECT seq, kind FROM message
                 WHERE conversation = ?1 AND sender = ?2 AND id = ?3",
                (key(conversation), sender.as_bytes(), id.as_bytes()),
                |row| Ok((row.get(0)?, row.get(1)?)),
            )
            .optional()
            .map_err(from_sqlite)?;
        found
            .map(|(seq, kind)| Ok((seq.map(from_sql).transpose()?, kind)))
            .transpose()
    }

    /// The number of a message of anybody in this conversation.
    pub(crate) fn message_seq(
        &self,
        conversation: ConversationId,
        id: ClientId,
    ) -> Result<Option<Option<u64>>> {
        let found: Option<Option<i64>> = self
            .query_row(
                "SELECT seq FROM message WHERE conversation = ?1 AND id = ?2 LIMIT 1",
                (key(conversation), id.as_bytes()),
                |row| row.get(0),
            )
            .optional()
            .map_err(from_sqlite)?;
        found.map(|seq| seq.map(from_sql).transpose()).transpose()
    }

    /// Gives a text row a new text, unless a later edit or a deletion is there already. A
    /// pending row is changed without a mark; `edited_seq` is the number of the edit message, or
    /// 0 while it has none.
    pub(crate) fn edit_message(
        &self,
        conversation: ConversationId,
        sender: UserId,
        id: ClientId,
        text: &str,
        edited_seq: Option<u64>,
    ) -> Result<bool> {
        let changed = self
            .execute(
                "UPDATE message SET text = ?4, edited_seq = ?5
                 WHERE conversation = ?1 AND sender = ?2 AND id = ?3 AND kind = 1
                   AND (edited_seq IS NULL OR ?5 IS NULL OR ?5 = 0 OR edited_seq < ?5)",
                (
                    key(conversation),
                    sender.as_bytes(),
                    id.as_bytes(),
                    text,
                    edited_seq.map(to_sql).transpose()?,
                ),
            )
            .map_err(from_sqlite)?;
        Ok(changed > 0)
    }

    /// What a text row says now.
    pub(crate) fn text_row(
        &self,
        conversation: ConversationId,
        sender: UserId,
        id: ClientId,
    ) -> Result<Option<Former>> {
        self.query_row(
            "SELECT text, edited_seq FROM message
             WHERE conversation = ?1 AND sender = ?2 AND id = ?3 AND kind = 1",
            (key(conversation), sender.as_bytes(), id.as_bytes()),
            |row| {
                Ok(Former {
                    text: row.get(0)?,
                    edited_seq: row.get(1)?,
                })
            },
        )
        .optional()
        .map_err(from_sqlite)
    }

    /// Another device of this user has changed a text whose deletion waits here: that is what the
    /// text says if the deletion is taken back.
    pub(crate) fn keep_edit_for_undo(
        &self,
        conversation: ConversationId,
        target: ClientId,
        text: &str,
        seq: u64,
    ) -> Result<()> {
        for waiting in self.outbox_by_target(conversation, target)? {
            if let Intent::Delete { target, .. } = waiting.intent {
                let former = Some(Former {
                    text: text.to_owned(),
                    edited_seq: Some(to_sql(seq)?),
                });
                self.set_intent(waiting.id, &Intent::Delete { target, former })?;
            }
        }
        Ok(())
    }

    /// Takes back a change of a text row that has not gone out: an edit, unless a later one is
    /// there, or a deletion.
    pub(crate) fn restore_text(
        &self,
        conversation: ConversationId,
        sender: UserId,
        change: &Intent,
    ) -> Result<()> {
        let (target, former, kind) = match change {
            Intent::Edit {
                target,
                former: Some(former),
                ..
            } => (target, former, codes::KIND_TEXT),
            Intent::Delete {
                target,
                former: Some(former),
            } => (target, former, codes::KIND_DELETED),
            _ => return Ok(()),
        };
        self.execute(
            "UPDATE message SET kind = 1, text = ?5, edited_seq = ?6
             WHERE conversation = ?1 AND sender = ?2 AND id = ?3
               AND kind = ?4 AND (kind = 2 OR edited_seq = 0)",
            (
                key(conversation),
                sender.as_bytes(),
                target.client_id().as_bytes(),
                kind,
                &former.text,
                former.edited_seq,
            ),
        )
        .map_err(from_sqlite)?;
        Ok(())
    }

    /// Empties a text row.
    pub(crate) fn delete_message_text(
        &self,
        conversation: ConversationId,
        sender: UserId,
        id: ClientId,
    ) -> Result<bool> {
        let changed = self
            .execute(
                "UPDATE message SET kind = 2, text = ''
                 WHERE conversation = ?1 AND sender = ?2 AND id = ?3 AND kind = 1",
                (key(conversation), sender.as_bytes(), id.as_bytes()),
            )
            .map_err(from_sqlite)?;
        Ok(changed > 0)
    }

    /// Rows of what an older version could not show, with the plaintext that was kept.
    pub(crate) fn unsupported_messages(&self) -> Result<Vec<(i64, Vec<u8>)>> {
        let mut statement = self
            .prepare("SELECT row, raw FROM message WHERE kind = 7 AND raw IS NOT NULL ORDER BY row")
            .map_err(from_sqlite)?;
        super::rows(&mut statement, [], |row| {
            Ok((super::get(row, "row")?, super::get(row, "raw")?))
        })
    }

    /// Such a row turns out to be text.
    pub(crate) fn show_text(&self, row: i64, text: &str) -> Result<()> {
        self.execute(
            "UPDATE message SET kind = 1, text = ?2, raw = NULL WHERE row = ?1",
            (row, text),
        )
        .map_err(from_sqlite)?;
        Ok(())
    }

    /// Gives an own row that is only in the outbox another text, without a mark.
    pub(crate) fn edit_pending_message(
        &self,
        conversation: ConversationId,
        id: ClientId,
        text: &str,
    ) -> Result<()> {
        self.execute(
            "UPDATE message SET text = ?3, edited_seq = NULL
             WHERE conversation = ?1 AND id = ?2 AND seq IS NULL AND kind = 1",
            (key(conversation), id.as_bytes(), text),
        )
        .map_err(from_sqlite)?;
        Ok(())
    }

    /// A message is only in the outbox again.
    pub(crate) fn unplace_message(&self, conversation: ConversationId, id: ClientId) -> Result<()> {
        self.execute(
            "UPDATE message SET seq = NULL, server_time_ms = NULL, edited_seq = NULL
             WHERE conversation = ?1 AND id = ?2 AND written_here = 1",
            (key(conversation), id.as_bytes()),
        )
        .map_err(from_sqlite)?;
        Ok(())
    }

    /// Removes a pending row without a trace.
    pub(crate) fn remove_pending_message(
        &self,
        conversation: ConversationId,
        id: ClientId,
    ) -> Result<()> {
        self.execute(
            "DELETE FROM message WHERE conversation = ?1 AND id = ?2 AND seq IS NULL",
            (key(conversation), id.as_bytes()),
        )
        .map_err(from_sqlite)?;
        Ok(())
    }

    /// Moves the pending rows of a conversation to another one.
    pub(crate) fn move_pending_messages(
        &self,
        from: ConversationId,
        to: ConversationId,
    ) -> Result<()> {
        self.execute(
            "UPDATE OR IGNORE message SET conversation = ?2
             WHERE conversation = ?1 AND seq IS NULL",
            [key(from), key(to)],
        )
        .map_err(from_sqlite)?;
        Ok(())
    }
}
