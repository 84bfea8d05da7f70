//! The outbox: intents in order, and the sealed bytes of those that are in doubt.

use rusqlite::OptionalExtension as _;
use whimbrel_protocol::{ClientId, ConversationId};

use super::damage::from_sqlite;
use super::{Tx, codes, from_sql, get, id, key, rows, to_sql};
use crate::error::{Error, ErrorCode, Result};
use crate::outbox::Intent;
use crate::types::OutboxState;

/// Classes of outbox items.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Lane {
    /// Messages and the user's goals, strictly in order.
    Main,
    /// Edits, deletes, read marks: each waits for its target and blocks nobody.
    Second,
    /// The client's own goals, for when the main lane is idle.
    Upkeep,
    /// What failed because this device was out of a conversation that it is in again: out of
    /// everybody's way, until the user tries it again.
    Aside,
}

impl Lane {
    const fn code(self) -> i64 {
        match self {
            Self::Main => 0,
            Self::Second => 1,
            Self::Upkeep => 2,
            Self::Aside => 3,
        }
    }
}

/// A row of the outbox.
#[derive(Debug, Clone)]
pub(crate) struct OutboxRow {
    pub conversation: ConversationId,
    pub id: ClientId,
    pub intent: Intent,
    pub state: OutboxState,
    /// The frame with the sealed item, from sealing until the stream shows it.
    pub sealed: Option<Vec<u8>>,
    pub counter: u64,
}

/// What sealing an item adds to its row.
#[derive(Debug)]
pub(crate) struct SealedItem<'a> {
    pub frame: &'a [u8],
    pub payload_sha256: [u8; 32],
    pub counter: u64,
}

/// Most items of one outbox.
const OUTBOX_ITEMS_MAX: i64 = 10_000;

fn read_row(row: &rusqlite::Row<'_>) -> Result<OutboxRow> {
    let intent: String = get(row, "intent")?;
    Ok(OutboxRow {
        conversation: id(&get::<Vec<u8>>(row, "conversation")?)?,
        id: id(&get::<Vec<u8>>(row, "id")?)?,
        intent: Intent::from_json(&intent)?,
        state: codes::outbox_state(get(row, "state")?)?,
        sealed: get(row, "sealed")?,
        counter: from_sql(get(row, "counter")?)?,
    })
}

impl Tx<'_> {
    /// Whether the outbox takes one more item of the user's. The client's own upkeep is few, and
    /// must not stop because the user is far ahead of the network.
    pub(crate) fn check_outbox_room(&self) -> Result<()> {
        let count: i64 = self
            .prepare_cached("SELECT count(*) FROM outbox")
            .and_then(|mut statement| statement.query_row([], |row| row.get(0)))
            .map_err(from_sqlite)?;
        if count >= OUTBOX_ITEMS_MAX {
            return Err(Error::new(
                ErrorCode::OutboxFull,
                format!("the outbox holds {OUTBOX_ITEMS_MAX} items and takes no more"),
            ));
        }
        Ok(())
    }

    pub(crate) fn enqueue(
        &self,
        conversation: ConversationId,
        id: ClientId,
        intent: &Intent,
    ) -> Result<()> {
        let text = intent.to_json()?;
        self.prepare_cached(
            "INSERT INTO outbox
               (conversation, id, lane, intent, target, state, sealed, counter, attempts, failure)
             VALUES (?1, ?2, ?3, ?4, ?5, 0, NULL, 0, 0, NULL)",
        )
        .and_then(|mut statement| {
            statement.execute((
                key(conversation),
                id.as_bytes(),
                intent.lane().code(),
                text,
                intent.target().as_ref().map(ClientId::as_bytes),
            ))
        })
        .map_err(from_sqlite)?;
        Ok(())
    }

    /// As [`Tx::enqueue`], but in front of everything that waits.
    pub(crate) fn enqueue_first(
        &self,
        conversation: ConversationId,
        id: ClientId,
        intent: &Intent,
    ) -> Result<()> {
        self.enqueue(conversation, id, intent)?;
        self.execute(
            "UPDATE outbox SET item = (SELECT min(item) FROM outbox) - 1 WHERE id = ?1",
            [id.as_bytes()],
        )
        .map_err(from_sqlite)?;
        Ok(())
    }

    pub(crate) fn outbox_item(&self, id: ClientId) -> Result<Option<OutboxRow>> {
        self.query_row(
            "SELECT * FROM outbox WHERE id = ?1",
            [id.as_bytes()],
            |row| Ok(read_row(row)),
        )
        .optional()
        .map_err(from_sqlite)?
        .transpose()
    }

    /// The first items of a lane of a conversation, in order.
    pub(crate) fn lane(
        &self,
        conversation: ConversationId,
        lane: Lane,
        limit: u32,
    ) -> Result<Vec<OutboxRow>> {
        let mut statement = self
            .prepare_cached(
                "SELECT * FROM outbox WHERE conversation = ?1 AND lane = ?2
                 ORDER BY item LIMIT ?3",
            )
            .map_err(from_sqlite)?;
        rows(
            &mut statement,
            (key(conversation), lane.code(), limit),
            read_row,
        )
    }

    /// Every item of a conversation that is in doubt, in the order of sealing.
    pub(crate) fn in_doubt(&self, conversation: ConversationId) -> Result<Vec<OutboxRow>> {
        let mut statement = self
            .prepare_cached(
                "SELECT * FROM outbox WHERE conversation = ?1 AND state = 1 ORDER BY counter",
            )
            .map_err(from_sqlite)?;
        rows(&mut statement, [key(conversation)], read_row)
    }

    /// Conversations with something in the outbox.
    pub(crate) fn outbox_conversations(&self) -> Result<Vec<ConversationId>> {
        let mut statement = self
            .prepare_cached("SELECT DISTINCT conversation FROM outbox ORDER BY conversation")
            .map_err(from_sqlite)?;
        rows(&mut statement, [], |row| {
            id(&get::<Vec<u8>>(row, "conversation")?)
        })
    }

    pub(crate) fn outbox_count(&self) -> Result<u32> {
        // Asked for with every command. An index knows the few accepted ones, and the number of all
        // is found without looking at them.
        self.prepare_cached(
            "SELECT (SELECT count(*) FROM outbox)
                  - (SELECT count(*) FROM outbox WHERE state = 2)",
        )
        .and_then(|mut statement| statement.query_row([], |row| row.get(0)))
        .map_err(from_sqlite)
    }

    /// Items that wait for a target.
    pub(crate) fn outbox_by_target(
        &self,
        conversation: ConversationId,
        target: ClientId,
    ) -> Result<Vec<OutboxRow>> {
        let mut statement = self
            .prepare_cached(
                "SELECT * FROM outbox WHERE conversation = ?1 AND target = ?2 ORDER BY item",
            )
            .map_err(from_sqlite)?;
        rows(
            &mut statement,
            (key(conversation), target.as_bytes()),
            read_row,
        )
    }

    pub(crate) fn set_intent(&self, id: ClientId, intent: &Intent) -> Result<()> {
        self.execute(
            "UPDATE outbox SET intent = ?2 WHERE id = ?1",
            (id.as_bytes(), intent.to_json()?),
        )
        .map_err(from_sqlite)?;
        Ok(())
    }

    /// Keeps the sealed bytes, and their hash for as long as they could turn up in the log.
    pub(crate) fn set_sealed(
        &self,
        conversation: ConversationId,
        id: ClientId,
        sealed: &SealedItem<'_>,
    ) -> Result<()> {
        self.prepare_cached(
            "UPDATE outbox
             SET state = 1, sealed = ?2, counter = ?3
             WHERE id = ?1",
        )
        .and_then(|mut statement| {
            statement.execute((
                id.as_bytes(),
                sealed.frame,
                i64::try_from(sealed.counter).unwrap_or(i64::MAX),
            ))
        })
        .map_err(from_sqlite)?;
        self.prepare_cached(
            "INSERT OR REPLACE INTO sealed (conversation, hash, id) VALUES (?1, ?2, ?3)",
        )
        .and_then(|mut statement| {
            statement.execute((key(conversation), sealed.payload_sha256, id.as_bytes()))
        })
        .map_err(from_sqlite)?;
        Ok(())
    }

    /// Whose payload this hash is, if it was sealed here.
    pub(crate) fn sealed_by_hash(
        &self,
        conversation: ConversationId,
        hash: &[u8; 32],
    ) -> Result<Option<ClientId>> {
        let found: Option<Vec<u8>> = self
            .prepare_cached("SELECT id FROM sealed WHERE conversation = ?1 AND hash = ?2")
            .and_then(|mut statement| {
                statement
                    .query_row((key(conversation), hash), |row| row.get(0))
                    .optional()
            })
            .map_err(from_sqlite)?;
        found.map(|bytes| id(&bytes)).transpose()
    }

    /// The bytes of an item are dead: it waits to be sealed anew.
    pub(crate) fn set_unsealed(&self, id: ClientId, failure: Option<ErrorCode>) -> Result<()> {
        self.execute(
            "UPDATE outbox
             SET state = 0, sealed = NULL, counter = 0,
                 failure = ?2, attempts = attempts + (?2 IS NOT NULL)
             WHERE id = ?1",
            (id.as_bytes(), failure.map(ErrorCode::name)),
        )
        .map_err(from_sqlite)?;
        Ok(())
    }

    /// The user wants a failed item tried again: it waits in its place. What failed because this
    /// device was out goes to the end, as if it were said now: what came after has been said since.
    pub(crate) fn try_again(&self, item: &OutboxRow) -> Result<()> {
        self.execute(
            "UPDATE outbox
             SET state = 0, sealed = NULL, counter = 0, failure = NULL, lane = ?2,
                 item = CASE failure WHEN ?3 THEN (SELECT max(item) + 1 FROM outbox) ELSE item END
             WHERE id = ?1",
            (
                item.id.as_bytes(),
                item.intent.lane().code(),
                ErrorCode::NotMember.name(),
            ),
        )
        .map_err(from_sqlite)?;
        Ok(())
    }

    /// The server says that it has it; the stream has not reached it. The bytes stay until then.
    pub(crate) fn set_accepted(&self, id: ClientId) -> Result<()> {
        self.execute(
            "UPDATE outbox SET state = 2, failure = NULL WHERE id = ?1",
            [id.as_bytes()],
        )
        .map_err(from_sqlite)?;
        Ok(())
    }

    /// What the server said to have on an earlier connection, and the stream has not shown, is in
    /// doubt again. Returns the conversations.
    pub(crate) fn doubt_accepted(&self) -> Result<Vec<ConversationId>> {
        let mut statement = self
            .prepare_cached(
                "SELECT DISTINCT conversation FROM outbox WHERE state = 2 AND sealed IS NOT NULL",
            )
            .map_err(from_sqlite)?;
        let conversations = rows(&mut statement, [], |row| {
            id(&get::<Vec<u8>>(row, "conversation")?)
        })?;
        if !conversations.is_empty() {
            self.execute(
                "UPDATE outbox SET state = 1 WHERE state = 2 AND sealed IS NOT NULL",
                [],
            )
            .map_err(from_sqlite)?;
        }
        Ok(conversations)
    }

    /// Refused for good.
    pub(crate) fn set_failed(&self, id: ClientId, failure: ErrorCode) -> Result<()> {
        self.execute(
            "UPDATE outbox
             SET state = 3, sealed = NULL, counter = 0,
                 failure = ?2, attempts = attempts + 1
             WHERE id = ?1",
            (id.as_bytes(), failure.name()),
        )
        .map_err(from_sqlite)?;
        Ok(())
    }

    /// Items of the main lane that the stream has not reached.
    pub(crate) fn unsettled_texts(&self, conversation: ConversationId) -> Result<Vec<ClientId>> {
        let mut statement = self
            .prepare_cached(
                "SELECT id FROM outbox WHERE conversation = ?1 AND lane = 0 ORDER BY item",
            )
            .map_err(from_sqlite)?;
        rows(&mut statement, [key(conversation)], |row| {
            id(&get::<Vec<u8>>(row, "id")?)
        })
    }

    /// This device is out of the conversation. What was accepted before is in the stream before,
    /// so what is left of the main lane has failed, and so have edits and deletes; the rest is
    /// pointless.
    pub(crate) fn fail_conversation(
        &self,
        conversation: ConversationId,
        failure: ErrorCode,
    ) -> Result<()> {
        self.execute(
            "DELETE FROM outbox WHERE conversation = ?1 AND lane IN (1, 2) AND target IS NULL",
            [key(conversation)],
        )
        .map_err(from_sqlite)?;
        self.execute(
            "UPDATE outbox SET state = 3, sealed = NULL, counter = 0, failure = ?2
             WHERE conversation = ?1 AND state <> 3",
            (key(conversation), failure.name()),
        )
        .map_err(from_sqlite)?;
        Ok(())
    }

    /// This device is in the conversation again: what failed by being out holds nothing up.
    pub(crate) fn set_failed_aside(&self, conversation: ConversationId) -> Result<()> {
        self.execute(
            "UPDATE outbox SET lane = ?2
             WHERE conversation = ?1 AND lane IN (0, 1) AND state = 3 AND failure = ?3",
            (
                key(conversation),
                Lane::Aside.code(),
                ErrorCode::NotMember.name(),
            ),
        )
        .map_err(from_sqlite)?;
        Ok(())
    }

    /// Forgets an item and its hashes.
    pub(crate) fn remove_outbox_item(&self, id: ClientId) -> Result<()> {
        self.execute("DELETE FROM outbox WHERE id = ?1", [id.as_bytes()])
            .map_err(from_sqlite)?;
        self.execute("DELETE FROM sealed WHERE id = ?1", [id.as_bytes()])
            .map_err(from_sqlite)?;
        Ok(())
    }

    /// Moves what is not sealed to another conversation.
    pub(crate) fn move_outbox(&self, from: ConversationId, to: ConversationId) -> Result<()> {
        self.execute(
            "UPDATE outbox SET conversation = ?2 WHERE conversation = ?1 AND state IN (0, 3)",
            [key(from), key(to)],
        )
        .map_err(from_sqlite)?;
        Ok(())
    }

    pub(crate) fn set_own_counter(&self, conversation: ConversationId, counter: u64) -> Result<()> {
        self.execute(
            "UPDATE conversation SET own_counter = ?2 WHERE id = ?1",
            (key(conversation), to_sql(counter)?),
        )
        .map_err(from_sqlite)?;
        Ok(())
    }
}
