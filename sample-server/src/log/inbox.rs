//! Inboxes: what waits for one device, besides its conversations.
//!
//! A Welcome and the tree of its epoch are stored once per adding commit, and go when the last
//! inbox item that needs them is acknowledged.

use rusqlite::{Connection, OptionalExtension as _, Row, params};
use whimbrel_protocol::frame::{FailureCode, InboxItem, InboxKind, UnopenedWelcome, Welcome};
use whimbrel_protocol::limits::{FRAME_BYTES_MAX, INBOX_ITEMS_MAX, TREE_CHUNK_BYTES_MAX};
use whimbrel_protocol::{ConversationId, DeviceId, UserId};

use super::sql::{Doing, from_sql, id, number, to_sql};
use super::{Answer, Delivery, LogError, accounts, waiting};
use crate::Now;

const WELCOME: i64 = 1;
const DEVICE_WAITS: i64 = 2;
const MANIFEST_CHANGED: i64 = 3;

/// An item to be put into an inbox. What it needs besides is looked up when it is fetched.
#[derive(Debug, Clone, Copy)]
pub(super) enum Entry {
    /// A Welcome by this commit, of this device.
    Welcome {
        conversation: ConversationId,
        commit_seq: u64,
        adder: (UserId, DeviceId),
    },
    /// See [`InboxKind::DeviceWaits`]. Of those without a commit only the newest is kept.
    DeviceWaits {
        conversation: ConversationId,
        commit_seq: u64,
        who: (UserId, DeviceId),
    },
    /// This user has a new manifest. Only the newest is kept.
    ManifestChanged { user: UserId },
}

/// The columns of an entry.
struct Columns {
    kind: i64,
    conversation: Option<ConversationId>,
    commit_seq: u64,
    about_user: UserId,
    about_device: Option<DeviceId>,
}

impl Entry {
    fn columns(self) -> Columns {
        let (kind, conversation, commit_seq, (about_user, about_device)) = match self {
            Self::Welcome {
                conversation,
                commit_seq,
                adder: (user, device),
            } => (
                WELCOME,
                Some(conversation),
                commit_seq,
                (user, Some(device)),
            ),
            Self::DeviceWaits {
                conversation,
                commit_seq,
                who: (user, device),
            } => (
                DEVICE_WAITS,
                Some(conversation),
                commit_seq,
                (user, Some(device)),
            ),
            Self::ManifestChanged { user } => (MANIFEST_CHANGED, None, 0, (user, None)),
        };
        Columns {
            kind,
            conversation,
            commit_seq,
            about_user,
            about_device,
        }
    }
}

pub(super) const SUPERSEDE_WAITING: &str = "DELETE FROM inbox
     WHERE device = ?1 AND conversation = ?2 AND about_device = ?3 AND kind = 2
         AND commit_seq = 0";
pub(super) const SUPERSEDE_MANIFEST: &str =
    "DELETE FROM inbox WHERE device = ?1 AND about_user = ?2 AND kind = 3";

/// Removes the item whose place this one takes.
fn supersede(connection: &Connection, device: DeviceId, entry: Entry) -> Result<(), LogError> {
    let device = device.as_bytes();
    match entry {
        Entry::DeviceWaits {
            conversation,
            commit_seq: 0,
            who: (_, waiting),
        } => connection
            .prepare_cached(SUPERSEDE_WAITING)
            .doing("prepare to replace an inbox item")?
            .execute([device, conversation.as_bytes(), waiting.as_bytes()])
            .doing("replace an inbox item")?,
        Entry::ManifestChanged { user } => connection
            .prepare_cached(SUPERSEDE_MANIFEST)
            .doing("prepare to replace an inbox item")?
            .execute([device, user.as_bytes()])
            .doing("replace an inbox item")?,
        Entry::Welcome { .. } | Entry::DeviceWaits { .. } => 0,
    };
    Ok(())
}

/// Puts an item into an inbox and returns its number there.
pub(super) fn put(
    connection: &Connection,
    device: DeviceId,
    entry: Entry,
) -> Result<u64, LogError> {
    supersede(connection, device, entry)?;
    let seq: i64 = connection
        .prepare_cached(
            "UPDATE device SET inbox_head = inbox_head + 1 WHERE device = ?1
             RETURNING inbox_head",
        )
        .doing("prepare to number an inbox item")?
        .query_row([device.as_bytes()], |row| row.get(0))
        .doing("number an inbox item")?;
    let columns = entry.columns();
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
            columns.kind,
            columns.conversation.as_ref().map(ConversationId::as_bytes),
            to_sql(columns.commit_seq),
            columns.about_user.as_bytes(),
            columns.about_device.as_ref().map(DeviceId::as_bytes)
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
            a.epoch, a.welcome, e.chain,
            CASE i.kind WHEN 3 THEN (
                SELECT n.bytes FROM manifest n WHERE n.user = i.about_user
                ORDER BY n.version DESC LIMIT 1
            ) END AS manifest
     FROM inbox i
     LEFT JOIN admission a
         ON i.kind = 1 AND a.conversation = i.conversation AND a.seq = i.commit_seq
     LEFT JOIN envelope e
         ON i.kind = 1 AND e.conversation = i.conversation AND e.seq = i.commit_seq
     WHERE i.device = ?1 AND i.seq > ?2
     ORDER BY i.seq LIMIT ?3";

/// What an inbox item takes in a frame besides its Welcome or manifest, generously.
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
        bytes += ITEM_OVERHEAD_BYTES + large_bytes(&item);
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

fn large_bytes(item: &InboxItem) -> usize {
    match &item.kind {
        InboxKind::Welcome(welcome) => welcome.welcome.len(),
        InboxKind::ManifestChanged { manifest, .. } => manifest.len(),
        InboxKind::DeviceWaits { .. } | InboxKind::Unknown => 0,
    }
}

fn item(row: &Row<'_>, incarnation: u64) -> rusqlite::Result<InboxItem> {
    let kind = match row.get("kind")? {
        WELCOME => InboxKind::Welcome(Welcome {
            conversation: id(row, "conversation")?,
            incarnation,
            seq: number(row, "commit_seq")?,
            epoch: number(row, "epoch")?,
            adder_user: id(row, "about_user")?,
            adder_device: id(row, "about_device")?,
            welcome: row.get("welcome")?,
            chain: row.get("chain")?,
        }),
        DEVICE_WAITS => InboxKind::DeviceWaits {
            conversation: id(row, "conversation")?,
            seq: number(row, "commit_seq")?,
            user: id(row, "about_user")?,
            device: id(row, "about_device")?,
        },
        MANIFEST_CHANGED => InboxKind::ManifestChanged {
            user: id(row, "about_user")?,
            manifest: row.get("manifest")?,
        },
        _ => InboxKind::Unknown,
    };
    Ok(InboxItem {
        seq: number(row, "seq")?,
        kind,
    })
}

/// Forgets inbox items up to a number. For each Welcome among them that could not be opened, the
/// device that sent it is told, once; where that one is gone, others are.
pub(super) fn applied(
    connection: &Connection,
    (user, device): (UserId, DeviceId),
    seq: u64,
    unopened: &[UnopenedWelcome],
    now: Now,
) -> Result<Answer, LogError> {
    let mut deliveries = Vec::new();
    for welcome in unopened {
        let Some(adder) = take_welcome(connection, device, seq, welcome)? else {
            continue;
        };
        if accounts::is_revoked(connection, adder)? {
            let who = (user, device);
            deliveries.extend(waiting::tell(connection, who, welcome.conversation, now)?);
        } else {
            deliveries.push(tell_of_waiting(
                connection,
                adder,
                (user, device),
                (welcome.conversation, welcome.seq),
            )?);
        }
    }
    trim(connection, device, seq)?;
    Ok(Answer::InboxTrimmed { deliveries })
}

/// Puts a [`InboxKind::DeviceWaits`] into the inbox of `receiver`.
pub(super) fn tell_of_waiting(
    connection: &Connection,
    receiver: DeviceId,
    who: (UserId, DeviceId),
    (conversation, commit_seq): (ConversationId, u64),
) -> Result<Delivery, LogError> {
    let entry = Entry::DeviceWaits {
        conversation,
        commit_seq,
        who,
    };
    let (user, device) = who;
    Ok(Delivery {
        device: receiver,
        item: InboxItem {
            seq: put(connection, receiver, entry)?,
            kind: InboxKind::DeviceWaits {
                conversation,
                seq: commit_seq,
                user,
                device,
            },
        },
    })
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

/// Deletes inbox items up to a number, and the Welcomes that only they needed.
pub(super) fn trim(connection: &Connection, device: DeviceId, seq: u64) -> Result<(), LogError> {
    for (conversation, commit_seq) in take_up_to(connection, device, seq)? {
        drop_admission(connection, conversation, commit_seq)?;
    }
    Ok(())
}

/// Deletes inbox items up to a number; the commits that those about a conversation name.
fn take_up_to(
    connection: &Connection,
    device: DeviceId,
    seq: u64,
) -> Result<Vec<(ConversationId, i64)>, LogError> {
    let mut statement = connection
        .prepare_cached(TRIM)
        .doing("prepare to trim an inbox")?;
    let rows = statement.query_map(params![device.as_bytes(), to_sql(seq)], |row| {
        let conversation: Option<[u8; 16]> = row.get("conversation")?;
        let commit_seq: i64 = row.get("commit_seq")?;
        Ok(conversation.map(|bytes| (ConversationId::from_bytes(bytes), commit_seq)))
    });
    rows.and_then(|rows| rows.filter_map(Result::transpose).collect())
        .doing("trim an inbox")
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
