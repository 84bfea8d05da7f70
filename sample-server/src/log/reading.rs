//! Reading conversations: heads, envelopes, delivery marks.

use rusqlite::{Connection, OptionalExtension as _, Row, params};
use whimbrel_protocol::envelope::{Body, Envelope};
use whimbrel_protocol::frame::{Envelopes, FailureCode, Head, Mark};
use whimbrel_protocol::limits::{FETCH_BYTES_MAX, FETCH_ENVELOPES_MAX};
use whimbrel_protocol::{ConversationId, DeviceId, ItemKind, UserId};

use super::sql::{Doing, from_sql, id, number, to_sql};
use super::{
    Answer, HelloFacts, LogError, Membership, inbox, key_packages, members, voiding, waiting,
};
use crate::Now;

pub(super) const SEALED_NO: &str = "SELECT sealed_no FROM device WHERE device = ?1";

/// What a device is told when it connects.
pub(super) fn hello(
    connection: &Connection,
    incarnation: u64,
    device: DeviceId,
    now: Now,
) -> Result<Answer, LogError> {
    let sealed_no = connection
        .prepare_cached(SEALED_NO)
        .doing("prepare to read a device")?
        .query_row([device.as_bytes()], |row| number(row, "sealed_no"))
        .optional()
        .doing("read a device")?;
    let Some(sealed_no) = sealed_no else {
        // A valid token for a device that is not here: the database is another one.
        return Ok(Answer::Failed(FailureCode::Forbidden));
    };
    Ok(Answer::Hello(HelloFacts {
        sealed_no,
        inbox_head: inbox::head(connection, device)?,
        key_packages: key_packages::count(connection, device, now)?,
        heads: heads(connection, incarnation, device)?,
        waits: key_packages::has_any(connection, device, now)?
            && !waiting::due(connection, device, now)?.is_empty(),
    }))
}

pub(super) const HEADS: &str =
    "SELECT m.conversation, m.to_seq, m.to_epoch, c.head, c.epoch, c.moved_ms
     FROM member m JOIN conversation c ON c.conversation = m.conversation
     WHERE m.device = ?1
     ORDER BY m.conversation, m.from_seq";

/// All conversations of a device, the ones it is in first, newest first.
fn heads(
    connection: &Connection,
    incarnation: u64,
    device: DeviceId,
) -> Result<Vec<Head>, LogError> {
    let mut statement = connection
        .prepare_cached(HEADS)
        .doing("prepare to read heads")?;
    let mut rows = statement.query([device.as_bytes()]).doing("read heads")?;
    let mut heads: Vec<(i64, Head)> = Vec::new();
    while let Some(row) = rows.next().doing("read heads")? {
        let (moved_ms, head) = head(row, incarnation).doing("read a head")?;
        match heads.last_mut() {
            // A later stay in the same conversation.
            Some(last) if last.1.conversation == head.conversation => *last = (moved_ms, head),
            _ => heads.push((moved_ms, head)),
        }
    }
    heads.sort_by(|(a_ms, a), (b_ms, b)| (b_ms, a.conversation).cmp(&(a_ms, b.conversation)));
    Ok(heads.into_iter().map(|(_, head)| head).collect())
}

fn head(row: &Row<'_>, incarnation: u64) -> rusqlite::Result<(i64, Head)> {
    let mut head = Head {
        conversation: id(row, "conversation")?,
        incarnation,
        head: number(row, "head")?,
        epoch: number(row, "epoch")?,
    };
    let mut moved_ms: i64 = row.get("moved_ms")?;
    if let (Some(seq), Some(epoch)) = (row.get("to_seq")?, row.get("to_epoch")?) {
        (head.head, head.epoch) = (from_sql(seq), from_sql(epoch));
        // What happens after its removal is none of its business, the order of heads included.
        moved_ms = i64::MIN;
    }
    Ok((moved_ms, head))
}

pub(super) const ENVELOPES: &str =
    "SELECT seq, kind, sender_user, sender_device, client_id, counter, epoch, server_time_ms,
            silent, voided, payload_sha256,
            CASE WHEN sender_device = ?4 THEN NULL ELSE payload END AS payload
     FROM envelope WHERE conversation = ?1 AND seq BETWEEN ?2 AND ?3
     ORDER BY seq LIMIT ?5";

/// Envelopes after a number, as far as this device may read and a frame holds.
pub(super) fn fetch(
    connection: &Connection,
    incarnation: u64,
    device: DeviceId,
    conversation: ConversationId,
    (after, limit): (u64, u32),
) -> Result<Answer, LogError> {
    let Some(view) = members::view(connection, incarnation, conversation, device)? else {
        return Ok(Answer::Failed(FailureCode::NotFound));
    };
    let envelopes = match view.run_after(after) {
        Some(run) => envelopes(connection, device, conversation, run, limit)?,
        None => Vec::new(),
    };
    Ok(Answer::Envelopes(Envelopes {
        conversation,
        incarnation,
        head: view.head.head,
        envelopes,
    }))
}

fn envelopes(
    connection: &Connection,
    device: DeviceId,
    conversation: ConversationId,
    (first, last): (u64, u64),
    limit: u32,
) -> Result<Vec<Envelope>, LogError> {
    let limit = usize::try_from(limit)
        .unwrap_or(usize::MAX)
        .clamp(1, FETCH_ENVELOPES_MAX);
    let mut statement = connection
        .prepare_cached(ENVELOPES)
        .doing("prepare to fetch")?;
    let mut rows = statement
        .query(params![
            conversation.as_bytes(),
            to_sql(first),
            to_sql(last),
            device.as_bytes(),
            i64::try_from(limit).unwrap_or(i64::MAX)
        ])
        .doing("fetch")?;
    let mut envelopes: Vec<Envelope> = Vec::new();
    let mut bytes = 0;
    while let Some(row) = rows.next().doing("fetch")? {
        let envelope = envelope(row).doing("read an envelope")?;
        let envelope = envelope.ok_or(LogError::Damaged("envelope"))?;
        bytes += envelope.body.payload_bytes();
        if bytes > FETCH_BYTES_MAX && !envelopes.is_empty() {
            break;
        }
        envelopes.push(envelope);
    }
    Ok(envelopes)
}

fn envelope(row: &Row<'_>) -> rusqlite::Result<Option<Envelope>> {
    let Some(kind) = ItemKind::from_code(row.get("kind")?) else {
        return Ok(None);
    };
    let payload: Option<Vec<u8>> = row.get("payload")?;
    Ok(Some(Envelope {
        seq: number(row, "seq")?,
        kind,
        sender_user: id(row, "sender_user")?,
        sender_device: id(row, "sender_device")?,
        client_id: id(row, "client_id")?,
        counter: number(row, "counter")?,
        epoch: number(row, "epoch")?,
        server_time_ms: row.get("server_time_ms")?,
        silent: row.get("silent")?,
        voided: row.get("voided")?,
        body: match payload {
            Some(payload) => Body::Payload(payload),
            None => Body::OwnHash(row.get("payload_sha256")?),
        },
    }))
}

/// Where a conversation stands for a device, with the marks of the other users.
pub(super) fn go_live(
    connection: &Connection,
    incarnation: u64,
    (user, device): (UserId, DeviceId),
    conversation: ConversationId,
) -> Result<Answer, LogError> {
    let Some(view) = members::view(connection, incarnation, conversation, device)? else {
        return Ok(Answer::Failed(FailureCode::NotFound));
    };
    let marks = match view.membership {
        Membership::Present => marks(connection, conversation, user)?,
        Membership::Past => Vec::new(),
    };
    Ok(Answer::Position {
        head: view.head,
        membership: view.membership,
        marks,
    })
}

pub(super) const MARKS: &str = "SELECT p.user, max(p.delivered) AS delivered
     FROM participant p JOIN member m
         ON m.conversation = p.conversation AND m.device = p.device AND m.to_seq IS NULL
     WHERE p.conversation = ?1 AND p.user <> ?2
     GROUP BY p.user ORDER BY p.user";

fn marks(
    connection: &Connection,
    conversation: ConversationId,
    user: UserId,
) -> Result<Vec<Mark>, LogError> {
    let mut statement = connection
        .prepare_cached(MARKS)
        .doing("prepare to read marks")?;
    let rows = statement.query_map(params![conversation.as_bytes(), user.as_bytes()], |row| {
        Ok(Mark {
            user: id(row, "user")?,
            delivered: number(row, "delivered")?,
        })
    });
    rows.and_then(Iterator::collect).doing("read marks")
}

pub(super) const DELIVERED: &str = "SELECT coalesce(max(delivered), 0) AS delivered
     FROM participant WHERE conversation = ?1 AND user = ?2";

/// Raises the delivered mark of a device, never above what it may read. A user has received what
/// one of their devices has.
pub(super) fn applied(
    connection: &Connection,
    incarnation: u64,
    (user, device): (UserId, DeviceId),
    conversation: ConversationId,
    seq: u64,
) -> Result<Answer, LogError> {
    let Some(view) = members::view(connection, incarnation, conversation, device)? else {
        return Ok(Answer::Failed(FailureCode::NotFound));
    };
    let seq = seq.min(view.head.head);
    let before = delivered(connection, conversation, user)?;
    connection
        .prepare_cached(
            "UPDATE participant SET delivered = ?3
             WHERE conversation = ?1 AND device = ?2 AND delivered < ?3",
        )
        .doing("prepare to raise a mark")?
        .execute(params![
            conversation.as_bytes(),
            device.as_bytes(),
            to_sql(seq)
        ])
        .doing("raise a mark")?;
    if let Some(stay) = view.stays.last().filter(|stay| stay.to.is_none()) {
        voiding::confirm(connection, conversation, user, (stay.from, seq))?;
    }
    let rose = seq > before;
    Ok(Answer::Marked {
        conversation,
        mark: rose.then_some(Mark {
            user,
            delivered: seq,
        }),
    })
}

fn delivered(
    connection: &Connection,
    conversation: ConversationId,
    user: UserId,
) -> Result<u64, LogError> {
    connection
        .prepare_cached(DELIVERED)
        .doing("prepare to read a mark")?
        .query_row(params![conversation.as_bytes(), user.as_bytes()], |row| {
            number(row, "delivered")
        })
        .doing("read a mark")
}

/// Notes that a device can't process a commit it may read, and voids it where that is due.
pub(super) fn reject(
    connection: &Connection,
    incarnation: u64,
    device: DeviceId,
    conversation: ConversationId,
    seq: u64,
    now: Now,
) -> Result<Answer, LogError> {
    let view = members::view(connection, incarnation, conversation, device)?;
    let readable = seq.checked_sub(1).is_some_and(|before| {
        view.as_ref()
            .and_then(|view| view.run_after(before))
            .is_some_and(|(first, _)| first == seq)
    });
    let noted = readable && is_commit(connection, conversation, seq)?;
    if !noted {
        return Ok(Answer::Failed(FailureCode::NotFound));
    }
    connection
        .prepare_cached(
            "INSERT OR IGNORE INTO rejection (conversation, seq, device, rejected_ms)
             VALUES (?1, ?2, ?3, ?4)",
        )
        .doing("prepare to note a rejection")?
        .execute(params![
            conversation.as_bytes(),
            to_sql(seq),
            device.as_bytes(),
            now.wall_ms
        ])
        .doing("note a rejection")?;
    voiding::void(connection, incarnation, conversation, now)
}

fn is_commit(
    connection: &Connection,
    conversation: ConversationId,
    seq: u64,
) -> Result<bool, LogError> {
    connection
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM envelope
             WHERE conversation = ?1 AND seq = ?2 AND kind = ?3)",
        )
        .doing("prepare to look for a commit")?
        .query_row(
            params![
                conversation.as_bytes(),
                to_sql(seq),
                ItemKind::Commit.code()
            ],
            |row| row.get(0),
        )
        .doing("look for a commit")
}

/// Where a conversation stands, whoever asks: for the hub, not for a client.
pub(super) fn moved(
    connection: &Connection,
    incarnation: u64,
    conversation: ConversationId,
) -> Result<Answer, LogError> {
    let Some(position) = members::position(connection, conversation)? else {
        return Ok(Answer::Failed(FailureCode::NotFound));
    };
    Ok(Answer::Moved {
        head: position.as_head(conversation, incarnation),
        members: members::present_devices(connection, conversation)?,
    })
}
