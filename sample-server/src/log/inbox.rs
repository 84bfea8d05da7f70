//! Inboxes: what waits for one device, besides its conversations.
//!
//! A Welcome and the tree of its epoch are stored once per adding commit, and go when the last
//! inbox item that needs them is acknowledged.

use rusqlite::{Connection, OptionalExtension as _, Row, params};
use whimbrel_protocol::frame::{FailureCode, InboxItem, InboxKind, UnopenedWelcome, Welcome};
use whimbrel_protocol::limits::{FRAME_BYTES_MAX, INBOX_ITEMS_MAX, TREE_CHUNK_BYTES_MAX};
use whimbrel_protocol::{ConversationId, DeviceId, UserId};

use super::sql::{Doing, from_sql, id, number, to_sql};
use super::{Answer, Delivery, LogError};

/// What an inbox item is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Welcome,
    WelcomeFailed,
}

impl Kind {
    const fn code(self) -> i64 {
        match self {
            Self::Welcome => 1,
            Self::WelcomeFailed => 2,
        }
    }
}

/// An item to be put into an inbox.
pub(super) struct Entry {
    pub(super) kind: Kind,
    pub(super) conversation: ConversationId,
    pub(super) commit_seq: u64,
    pub(super) about: (UserId, DeviceId),
}

/// Puts an item into an inbox and returns its number there.
pub(super) fn put(
    connection: &Connection,
    device: DeviceId,
    entry: &Entry,
) -> Result<u64, LogError> {
    let seq: i64 = connection
        .prepare_cached(
            "UPDATE device SET inbox_head = inbox_head + 1 WHERE device = ?1
             RETURNING inbox_head",
        )
        .doing("prepare to number an inbox item")?
        .query_row([device.as_bytes()], |row| row.get(0))
        .doing("number an inbox item")?;
    let (about_user, about_device) = entry.about;
    connection
        .prepare_cached(
            "INSERT INTO inbox
                 (device, seq, kind, conversation, commit_seq, about_user, about_device)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )
        .doing("prepare to store an inbox item")?
        .execute(params![
            device.as_bytes(),
            seq,
            entry.kind.code(),
            entry.conversation.as_bytes(),
            to_sql(entry.commit_seq),
            about_user.as_bytes(),
            about_device.as_bytes()
        ])
        .doing("store an inbox item")?;
    Ok(from_sql(seq))
}

pub(super) const HEAD: &str = "SELECT inbox_head FROM device WHERE device = ?1";

/// The last number of an inbox.
pub(super) fn head(connection: &Connection, device: DeviceId) -> Result<u64, LogError> {
    let head = connection
        .prepare_cached(HEAD)
        .doing("prepare to read an inbox head")?
        .query_row([device.as_bytes()], |row| number(row, "inbox_head"))
        .optional()
        .doing("read an inbox head")?;
    Ok(head.unwrap_or(0))
}

pub(super) const ITEMS: &str =
    "SELECT i.seq, i.kind, i.conversation, i.commit_seq, i.about_user, i.about_device,
            a.epoch, a.welcome, e.chain
     FROM inbox i
     LEFT JOIN admission a
         ON i.kind = 1 AND a.conversation = i.conversation AND a.seq = i.commit_seq
     LEFT JOIN envelope e
         ON i.kind = 1 AND e.conversation = i.conversation AND e.seq = i.commit_seq
     WHERE i.device = ?1 AND i.seq > ?2
     ORDER BY i.seq LIMIT ?3";

/// What an inbox item takes in a frame besides its Welcome, generously.
const ITEM_OVERHEAD_BYTES: usize = 256;

/// Inbox items after a number, as many as a frame holds.
pub(super) fn fetch(
    connection: &Connection,
    incarnation: u64,
    device: DeviceId,
    after: u64,
) -> Result<Answer, LogError> {
    let limit = to_sql(u64::try_from(INBOX_ITEMS_MAX).unwrap_or(u64::MAX));
    let mut statement = connection
        .prepare_cached(ITEMS)
        .doing("prepare to read an inbox")?;
    let mut rows = statement
        .query(params![device.as_bytes(), to_sql(after), limit])
        .doing("read an inbox")?;
    let mut items = Vec::new();
    let mut bytes = ITEM_OVERHEAD_BYTES;
    while let Some(row) = rows.next().doing("read an inbox")? {
        let item = item(row, incarnation).doing("read an inbox item")?;
        bytes += ITEM_OVERHEAD_BYTES + welcome_bytes(&item);
        if bytes > FRAME_BYTES_MAX && !items.is_empty() {
            break;
        }
        items.push(item);
    }
    Ok(Answer::Inbox {
        head: head(connection, device)?,
        items,
    })
}

fn welcome_bytes(item: &InboxItem) -> usize {
    match &item.kind {
        InboxKind::Welcome(welcome) => welcome.welcome.len(),
        InboxKind::WelcomeFailed { .. } | InboxKind::Unknown => 0,
    }
}

fn item(row: &Row<'_>, incarnation: u64) -> rusqlite::Result<InboxItem> {
    let kind = row.get::<_, i64>("kind")?;
    let conversation = id(row, "conversation")?;
    let seq = number(row, "commit_seq")?;
    let kind = if kind == Kind::Welcome.code() {
        InboxKind::Welcome(Welcome {
            conversation,
            incarnation,
            seq,
            epoch: number(row, "epoch")?,
            adder_user: id(row, "about_user")?,
            adder_device: id(row, "about_device")?,
            welcome: row.get("welcome")?,
            chain: row.get("chain")?,
        })
    } else if kind == Kind::WelcomeFailed.code() {
        InboxKind::WelcomeFailed {
            conversation,
            seq,
            user: id(row, "about_user")?,
            device: id(row, "about_device")?,
        }
    } else {
        InboxKind::Unknown
    };
    Ok(InboxItem {
        seq: number(row, "seq")?,
        kind,
    })
}

/// Forgets inbox items up to a number. For each Welcome among them that could not be opened, the
/// device that sent it is told, once.
pub(super) fn applied(
    connection: &Connection,
    (user, device): (UserId, DeviceId),
    seq: u64,
    unopened: &[UnopenedWelcome],
) -> Result<Answer, LogError> {
    let mut deliveries = Vec::new();
    for welcome in unopened {
        let Some(adder) = take_welcome(connection, device, seq, welcome)? else {
            continue;
        };
        let entry = Entry {
            kind: Kind::WelcomeFailed,
            conversation: welcome.conversation,
            commit_seq: welcome.seq,
            about: (user, device),
        };
        deliveries.push(Delivery {
            device: adder,
            item: InboxItem {
                seq: put(connection, adder, &entry)?,
                kind: InboxKind::WelcomeFailed {
                    conversation: welcome.conversation,
                    seq: welcome.seq,
                    user,
                    device,
                },
            },
        });
    }
    let commits = trim(connection, device, seq)?;
    for (conversation, commit_seq) in commits {
        drop_admission(connection, conversation, commit_seq)?;
    }
    Ok(Answer::InboxTrimmed { deliveries })
}

/// Takes one Welcome out of the inbox, so that it can't be reported a second time. Returns the
/// device that sent it.
fn take_welcome(
    connection: &Connection,
    device: DeviceId,
    up_to: u64,
    welcome: &UnopenedWelcome,
) -> Result<Option<DeviceId>, LogError> {
    let adder = connection
        .prepare_cached(
            "DELETE FROM inbox
             WHERE conversation = ?3 AND commit_seq = ?4 AND device = ?1 AND seq <= ?2
                 AND kind = 1
             RETURNING about_device",
        )
        .doing("prepare to take a Welcome")?
        .query_row(
            params![
                device.as_bytes(),
                to_sql(up_to),
                welcome.conversation.as_bytes(),
                to_sql(welcome.seq)
            ],
            |row| id(row, "about_device"),
        )
        .optional()
        .doing("take a Welcome")?;
    if adder.is_some() {
        drop_admission(connection, welcome.conversation, to_sql(welcome.seq))?;
    }
    Ok(adder)
}

pub(super) const TRIM: &str = "DELETE FROM inbox WHERE device = ?1 AND seq <= ?2
     RETURNING conversation, commit_seq";

fn trim(
    connection: &Connection,
    device: DeviceId,
    seq: u64,
) -> Result<Vec<(ConversationId, i64)>, LogError> {
    let mut statement = connection
        .prepare_cached(TRIM)
        .doing("prepare to trim an inbox")?;
    let rows = statement.query_map(params![device.as_bytes(), to_sql(seq)], |row| {
        Ok((id(row, "conversation")?, row.get("commit_seq")?))
    });
    rows.and_then(Iterator::collect).doing("trim an inbox")
}

pub(super) const DROP_ADMISSION: &str = "DELETE FROM admission
     WHERE conversation = ?1 AND seq = ?2 AND NOT EXISTS (
         SELECT 1 FROM inbox WHERE conversation = ?1 AND commit_seq = ?2 AND kind = 1)";

/// Drops Welcome and tree of a commit when no inbox needs them any more.
fn drop_admission(
    connection: &Connection,
    conversation: ConversationId,
    commit_seq: i64,
) -> Result<(), LogError> {
    connection
        .prepare_cached(DROP_ADMISSION)
        .doing("prepare to drop a Welcome")?
        .execute(params![conversation.as_bytes(), commit_seq])
        .doing("drop a Welcome")?;
    Ok(())
}

pub(super) const TREE: &str = "SELECT length(a.tree) AS total, substr(a.tree, ?4 + 1, ?5) AS chunk
     FROM admission a
     WHERE a.conversation = ?1 AND a.epoch = ?2 AND EXISTS (
         SELECT 1 FROM inbox i
         WHERE i.conversation = a.conversation AND i.commit_seq = a.seq
             AND i.device = ?3 AND i.kind = 1)";

/// A piece of the tree of an epoch, for a device that has a Welcome into it.
pub(super) fn tree(
    connection: &Connection,
    device: DeviceId,
    conversation: ConversationId,
    epoch: u64,
    offset: u32,
) -> Result<Answer, LogError> {
    let chunk_bytes = i64::try_from(TREE_CHUNK_BYTES_MAX).unwrap_or(i64::MAX);
    let chunk: Option<(u32, Vec<u8>)> = connection
        .prepare_cached(TREE)
        .doing("prepare to read a tree")?
        .query_row(
            params![
                conversation.as_bytes(),
                to_sql(epoch),
                device.as_bytes(),
                offset,
                chunk_bytes
            ],
            |row| Ok((row.get("total")?, row.get("chunk")?)),
        )
        .optional()
        .doing("read a tree")?;
    Ok(match chunk {
        Some((total, bytes)) if offset <= total => Answer::TreeChunk {
            offset,
            total,
            bytes,
        },
        Some(_) => Answer::Failed(FailureCode::Malformed),
        None => Answer::Failed(FailureCode::NotFound),
    })
}
