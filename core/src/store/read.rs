//! The SQL of the queries: one short read transaction, rows in, plain values out.

mod devices;
mod mls;
mod reader;

pub(crate) use reader::{Interrupter, Reader};

use rusqlite::{Connection, OptionalExtension as _, Row, Transaction, TransactionBehavior};
use whimbrel_protocol::{ClientId, ConversationId, UserId};

use super::damage::from_sqlite;
use super::{ContactRow, bytes32, codes};
use crate::error::{ErrorCode, Result};
use crate::outbox::Intent;
use crate::types::{ConversationState, MessageKind, OutboxItem, OutboxState, Role};

/// One moment of the database. Everything asked of one snapshot fits together.
pub struct Snapshot<'connection> {
    transaction: Transaction<'connection>,
}

/// The columns of a conversation that queries show.
#[derive(Debug, Clone)]
pub(crate) struct ListedConversation {
    pub(crate) id: ConversationId,
    pub(crate) is_direct: bool,
    pub(crate) peer: Option<UserId>,
    pub(crate) peer_username: Option<String>,
    pub(crate) state: ConversationState,
    pub(crate) name: String,
    pub(crate) applied_seq: u64,
    pub(crate) own_read_seq: u64,
    pub(crate) last_activity_ms: i64,
    pub(crate) forked: bool,
    pub(crate) epoch_code: Option<String>,
}

/// A row of the message table.
#[derive(Debug, Clone)]
pub(crate) struct MessageRow {
    pub(crate) row: i64,
    pub(crate) id: ClientId,
    pub(crate) sender: UserId,
    pub(crate) seq: Option<u64>,
    pub(crate) kind: MessageKind,
    pub(crate) composed_ms: i64,
    pub(crate) server_time_ms: Option<i64>,
    pub(crate) gap_before: bool,
    /// Of the outbox item with the same id, while the message has no number.
    pub(crate) outbox_state: Option<OutboxState>,
}

/// Where a message stands in its conversation: those with a number by (number, row), then those
/// without by row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// It has a number.
    Confirmed { seq: i64, row: i64 },
    /// It waits for one.
    Pending { row: i64 },
}

impl Place {
    /// Behind everything that has a number.
    const LAST_CONFIRMED: Self = Self::Confirmed {
        seq: i64::MAX,
        row: i64::MAX,
    };
    /// Before everything that waits for a number.
    const BEFORE_PENDING: Self = Self::Pending { row: 0 };
    /// Behind everything.
    pub(crate) const LAST: Self = Self::Pending { row: i64::MAX };
}

/// How far the other members have come: the smallest mark of each kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Marks {
    pub(crate) delivered_seq: u64,
    pub(crate) read_seq: u64,
}

/// What waits in the outbox of a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Waiting {
    pub(crate) queued: u32,
    pub(crate) blocked: Option<ErrorCode>,
}

/// The columns of a member that queries show.
#[derive(Debug, Clone)]
pub(crate) struct MemberRow {
    pub(crate) user: UserId,
    pub(crate) username: Option<String>,
    pub(crate) role: Role,
    pub(crate) delivered_seq: u64,
    pub(crate) read_seq: u64,
}

/// The columns of a conversation.
macro_rules! conversation_columns {
    () => {
        "SELECT id, direct, peer, peer_username, state, name, applied_seq, own_read_seq,
           last_activity_ms, forked, epoch_code FROM conversation "
    };
}

/// The columns of a message, and the state of the outbox item it comes from.
macro_rules! message_columns {
    () => {
        "SELECT row, id, sender, seq, kind, text, edited_seq, composed_ms, server_time_ms,
           gap_before,
           CASE WHEN seq IS NULL
             THEN (SELECT outbox.state FROM outbox WHERE outbox.id = message.id) END
         FROM message "
    };
}

pub(super) const LIST: &str = concat!(
    conversation_columns!(),
    "ORDER BY last_activity_ms DESC, id LIMIT ?1 OFFSET ?2"
);
pub(super) const CONVERSATION: &str = concat!(conversation_columns!(), "WHERE id = ?1");
pub(super) const ALIAS: &str = "SELECT new FROM conversation_alias WHERE old = ?1";
pub(super) const USERNAME: &str = "SELECT username FROM contact WHERE user = ?1";
pub(super) const UNREAD: &str = "SELECT count(*) FROM
  (SELECT 1 FROM message WHERE conversation = ?1 AND seq IS NOT NULL AND kind IN (1, 7)
     AND seq > ?2 AND sender <> ?3 LIMIT ?4)";
pub(super) const QUEUED: &str =
    "SELECT count(*) FROM outbox WHERE conversation = ?1 AND state <> 2";
pub(super) const BLOCKED: &str = "SELECT failure FROM outbox
  WHERE conversation = ?1 AND lane = 0 AND state = 3 ORDER BY item LIMIT 1";
/// Kept equal to what sealing asks: whether a member's new identity is in the way.
pub(super) const IDENTITY_OPEN: &str = "SELECT EXISTS (
  SELECT 1 FROM contact c JOIN member m ON m.user = c.user
  WHERE coalesce(c.new_key, c.announced_key) IS NOT NULL AND (?2 OR c.verified = 1)
    AND m.conversation = ?1 AND m.present = 1)";
pub(super) const CONTACT: &str =
    "SELECT username, identity_key, verified, new_key, new_key_proven, announced_key
     FROM contact WHERE user = ?1";
pub(super) const MARKS: &str = "SELECT min(max(delivered_seq, read_seq)), min(read_seq) FROM member
  WHERE conversation = ?1 AND present = 1 AND user <> ?2";
pub(super) const MEMBERS: &str =
    "SELECT member.user, contact.username, role, delivered_seq, read_seq
  FROM member LEFT JOIN contact ON contact.user = member.user
  WHERE conversation = ?1 AND present = 1 ORDER BY role, contact.username, member.user";
pub(super) const MESSAGE: &str = concat!(
    message_columns!(),
    "WHERE conversation = ?1 AND id = ?2 ORDER BY sender <> ?3, sender LIMIT 1"
);
pub(super) const CONFIRMED_BEFORE: &str = concat!(
    message_columns!(),
    "WHERE conversation = ?1 AND seq IS NOT NULL AND (seq, row) < (?2, ?3)
     ORDER BY seq DESC, row DESC LIMIT ?4"
);
pub(super) const CONFIRMED_AFTER: &str = concat!(
    message_columns!(),
    "WHERE conversation = ?1 AND seq IS NOT NULL AND (seq, row) > (?2, ?3)
     ORDER BY seq, row LIMIT ?4"
);
pub(super) const PENDING_BEFORE: &str = concat!(
    message_columns!(),
    "WHERE conversation = ?1 AND seq IS NULL AND row < ?2 ORDER BY row DESC LIMIT ?3"
);
pub(super) const PENDING_AFTER: &str = concat!(
    message_columns!(),
    "WHERE conversation = ?1 AND seq IS NULL AND row > ?2 ORDER BY row LIMIT ?3"
);
pub(super) const OUTBOX: &str =
    "SELECT conversation, id, intent, state, attempts, failure FROM outbox ORDER BY item";
pub(super) const OUTBOX_OF: &str = "SELECT conversation, id, intent, state, attempts, failure
  FROM outbox WHERE conversation = ?1 ORDER BY item";
pub(super) const SENDABLE: &str = "SELECT EXISTS (
  SELECT 1 FROM outbox JOIN conversation ON conversation.id = outbox.conversation
  WHERE outbox.state IN (0, 1) AND conversation.state IN (0, 1) AND NOT EXISTS
    (SELECT 1 FROM outbox AS failed WHERE failed.conversation = outbox.conversation
       AND failed.lane = 0 AND failed.state = 3))";

impl<'connection> Snapshot<'connection> {
    /// The present moment, as this connection sees it.
    ///
    /// # Errors
    /// What SQLite reports; `Internal` where a transaction is open on the connection.
    pub fn of(connection: &'connection Connection) -> Result<Self> {
        Transaction::new_unchecked(connection, TransactionBehavior::Deferred)
            .map(|transaction| Self { transaction })
            .map_err(from_sqlite)
    }

    /// The user of this client.
    pub(crate) fn own_user(&self) -> Result<Option<UserId>> {
        self.one("SELECT user FROM account", [], |row| id(row, 0))
    }

    /// The conversation that this id stands for: itself, unless it has got another id.
    pub(crate) fn resolve(&self, conversation: ConversationId) -> Result<ConversationId> {
        let new = self.one(ALIAS, [conversation.as_bytes()], |row| id(row, 0))?;
        Ok(new.unwrap_or(conversation))
    }

    /// One conversation.
    pub(crate) fn conversation(
        &self,
        conversation: ConversationId,
    ) -> Result<Option<ListedConversation>> {
        self.one(CONVERSATION, [conversation.as_bytes()], listed)
    }

    /// A page of the list of conversations, the most recently active first.
    pub(crate) fn conversations(&self, offset: u32, limit: u32) -> Result<Vec<ListedConversation>> {
        self.all(LIST, (limit, offset), listed)
    }

    /// The name of a user, from the certificate seen in a group.
    pub(crate) fn username(&self, user: UserId) -> Result<Option<String>> {
        self.one(USERNAME, [user.as_bytes()], |row| column(row, 0))
    }

    /// How many messages of others stand above a number; counts no further than `max`.
    pub(crate) fn unread(
        &self,
        conversation: ConversationId,
        above: u64,
        own: &[u8],
        max: u32,
    ) -> Result<u32> {
        let above = codes::to_sql(above)?;
        let count = self.one(UNREAD, (conversation.as_bytes(), above, own, max), |row| {
            column(row, 0)
        })?;
        Ok(count.unwrap_or(0))
    }

    /// What waits in the outbox of a conversation.
    pub(crate) fn waiting(&self, conversation: ConversationId, is_direct: bool) -> Result<Waiting> {
        let key = [conversation.as_bytes()];
        let queued = self.one(QUEUED, key, |row| column(row, 0))?.unwrap_or(0);
        let failed = self.one(BLOCKED, key, |row| failure(row, 0))?;
        // A failed item without a reason is still in the way.
        let failed = failed.map(|reason| reason.unwrap_or(ErrorCode::Internal));
        let params = (conversation.as_bytes(), is_direct);
        let identity_open = self.one(IDENTITY_OPEN, params, |row| column(row, 0))? == Some(true);
        let changed = identity_open.then_some(ErrorCode::IdentityChanged);
        Ok(Waiting {
            queued,
            blocked: changed.or(failed),
        })
    }

    /// The certificate of this device's user, as bytes.
    pub(crate) fn own_certificate(&self) -> Result<Option<Vec<u8>>> {
        self.one("SELECT certificate FROM account", [], |row| column(row, 0))
    }

    /// A user seen in a group.
    pub(crate) fn contact(&self, user: UserId) -> Result<Option<ContactRow>> {
        self.one(CONTACT, [user.as_bytes()], |row| {
            let key: Vec<u8> = column(row, 1)?;
            let new_key: Option<Vec<u8>> = column(row, 3)?;
            let announced: Option<Vec<u8>> = column(row, 5)?;
            Ok(ContactRow {
                user,
                username: column(row, 0)?,
                identity_key: bytes32(&key)?,
                verified: column(row, 2)?,
                new_key: new_key.as_deref().map(bytes32).transpose()?,
                new_key_proven: column(row, 4)?,
                announced_key: announced.as_deref().map(bytes32).transpose()?,
            })
        })
    }

    /// The marks of everybody else; `None` where there is nobody else.
    pub(crate) fn marks(&self, conversation: ConversationId, own: &[u8]) -> Result<Option<Marks>> {
        let marks = self.one(MARKS, (conversation.as_bytes(), own), |row| {
            let delivered: Option<i64> = column(row, 0)?;
            let read: Option<i64> = column(row, 1)?;
            match (delivered, read) {
                (Some(delivered), Some(read)) => Ok(Some(Marks {
                    delivered_seq: codes::from_sql(delivered)?,
                    read_seq: codes::from_sql(read)?,
                })),
                _ => Ok(None),
            }
        })?;
        Ok(marks.flatten())
    }

    /// Who is in a conversation.
    pub(crate) fn members(&self, conversation: ConversationId) -> Result<Vec<MemberRow>> {
        self.all(MEMBERS, [conversation.as_bytes()], |row| {
            Ok(MemberRow {
                user: id(row, 0)?,
                username: column(row, 1)?,
                role: codes::role(column(row, 2)?)?,
                delivered_seq: codes::from_sql(column(row, 3)?)?,
                read_seq: codes::from_sql(column(row, 4)?)?,
            })
        })
    }

    /// The message with this id. Ids are unique per sender only: an own one goes first.
    pub(crate) fn message(
        &self,
        conversation: ConversationId,
        message: ClientId,
        own: &[u8],
    ) -> Result<Option<MessageRow>> {
        let key = (conversation.as_bytes(), message.as_bytes(), own);
        self.one(MESSAGE, key, message_row)
    }

    /// The nearest messages before a place, nearest first.
    pub(crate) fn before(
        &self,
        conversation: ConversationId,
        place: Place,
        limit: u32,
    ) -> Result<Vec<MessageRow>> {
        let key = conversation.as_bytes();
        match place {
            Place::Confirmed { seq, row } => {
                self.all(CONFIRMED_BEFORE, (key, seq, row, limit), message_row)
            }
            Place::Pending { row } => {
                let mut found = self.all(PENDING_BEFORE, (key, row, limit), message_row)?;
                let rest = remaining(limit, &found);
                if rest > 0 {
                    found.extend(self.before(conversation, Place::LAST_CONFIRMED, rest)?);
                }
                Ok(found)
            }
        }
    }

    /// The nearest messages after a place, nearest first.
    pub(crate) fn after(
        &self,
        conversation: ConversationId,
        place: Place,
        limit: u32,
    ) -> Result<Vec<MessageRow>> {
        let key = conversation.as_bytes();
        match place {
            Place::Confirmed { seq, row } => {
                let mut found = self.all(CONFIRMED_AFTER, (key, seq, row, limit), message_row)?;
                let rest = remaining(limit, &found);
                if rest > 0 {
                    found.extend(self.after(conversation, Place::BEFORE_PENDING, rest)?);
                }
                Ok(found)
            }
            Place::Pending { row } => self.all(PENDING_AFTER, (key, row, limit), message_row),
        }
    }

    /// The outbox, or what of it belongs to one conversation, in order.
    pub(crate) fn outbox(&self, of: Option<ConversationId>) -> Result<Vec<OutboxItem>> {
        match of {
            Some(conversation) => self.all(OUTBOX_OF, [conversation.as_bytes()], outbox_item),
            None => self.all(OUTBOX, [], outbox_item),
        }
    }

    /// Whether something in the outbox may go out as soon as there is a connection: neither
    /// behind a refused item nor in a conversation that is stopped.
    pub(crate) fn has_sendable(&self) -> Result<bool> {
        let found = self.one(SENDABLE, [], |row| column(row, 0))?;
        Ok(found.unwrap_or(false))
    }

    /// Never ends by itself.
    #[cfg(test)]
    pub(crate) fn count_forever(&self) -> Result<i64> {
        let endless = "WITH RECURSIVE number (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number)
             SELECT count(*) FROM number";
        Ok(self.one(endless, [], |row| column(row, 0))?.unwrap_or(0))
    }

    fn one<T>(
        &self,
        sql: &str,
        params: impl rusqlite::Params,
        read: impl Fn(&Row<'_>) -> Result<T>,
    ) -> Result<Option<T>> {
        let mut statement = self.transaction.prepare_cached(sql).map_err(from_sqlite)?;
        statement
            .query_row(params, |row| Ok(read(row)))
            .optional()
            .map_err(from_sqlite)?
            .transpose()
    }

    fn all<T>(
        &self,
        sql: &str,
        params: impl rusqlite::Params,
        read: impl Fn(&Row<'_>) -> Result<T>,
    ) -> Result<Vec<T>> {
        let mut statement = self.transaction.prepare_cached(sql).map_err(from_sqlite)?;
        let mut rows = statement.query(params).map_err(from_sqlite)?;
        let mut list = Vec::new();
        while let Some(row) = rows.next().map_err(from_sqlite)? {
            list.push(read(row)?);
        }
        Ok(list)
    }
}

impl MessageRow {
    /// Where it stands.
    pub(crate) fn place(&self) -> Result<Place> {
        let row = self.row;
        Ok(match self.seq {
            Some(seq) => Place::Confirmed {
                seq: codes::to_sql(seq)?,
                row,
            },
            None => Place::Pending { row },
        })
    }
}

fn remaining(limit: u32, found: &[MessageRow]) -> u32 {
    limit.saturating_sub(u32::try_from(found.len()).unwrap_or(u32::MAX))
}

fn column<T: rusqlite::types::FromSql>(row: &Row<'_>, index: usize) -> Result<T> {
    row.get(index).map_err(from_sqlite)
}

fn id<Id: for<'bytes> TryFrom<&'bytes [u8]>>(row: &Row<'_>, index: usize) -> Result<Id> {
    codes::id(&column::<Vec<u8>>(row, index)?)
}

fn failure(row: &Row<'_>, index: usize) -> Result<Option<ErrorCode>> {
    let name: Option<String> = column(row, index)?;
    name.as_deref().map(codes::failure).transpose()
}

fn listed(row: &Row<'_>) -> Result<ListedConversation> {
    let peer: Option<Vec<u8>> = column(row, 2)?;
    Ok(ListedConversation {
        id: id(row, 0)?,
        is_direct: column(row, 1)?,
        peer: peer.as_deref().map(codes::id).transpose()?,
        peer_username: column(row, 3)?,
        state: codes::conversation_state(column(row, 4)?)?,
        name: column(row, 5)?,
        applied_seq: codes::from_sql(column(row, 6)?)?,
        own_read_seq: codes::from_sql(column(row, 7)?)?,
        last_activity_ms: column(row, 8)?,
        forked: column(row, 9)?,
        epoch_code: column(row, 10)?,
    })
}

fn message_row(row: &Row<'_>) -> Result<MessageRow> {
    let seq: Option<i64> = column(row, 3)?;
    let outbox_state: Option<i64> = column(row, 10)?;
    Ok(MessageRow {
        row: column(row, 0)?,
        id: id(row, 1)?,
        sender: id(row, 2)?,
        seq: seq.map(codes::from_sql).transpose()?,
        kind: codes::kind(column(row, 4)?, column(row, 5)?, column(row, 6)?)?,
        composed_ms: column(row, 7)?,
        server_time_ms: column(row, 8)?,
        gap_before: column(row, 9)?,
        outbox_state: outbox_state.map(codes::outbox_state).transpose()?,
    })
}

fn outbox_item(row: &Row<'_>) -> Result<OutboxItem> {
    let intent: String = column(row, 2)?;
    Ok(OutboxItem {
        id: id(row, 1)?,
        conversation: id(row, 0)?,
        kind: Intent::from_json(&intent)?.kind(),
        state: codes::outbox_state(column(row, 3)?)?,
        attempts: column(row, 4)?,
        failure: failure(row, 5)?,
    })
}

#[cfg(test)]
pub(crate) mod fixture;

#[cfg(test)]
mod tests;
