//! The payload of a push as a push service would carry it, made from the server's database: the
//! reference server pushes nothing yet.

use std::path::Path;

use rusqlite::{Connection, OpenFlags, Row};
use whimbrel_protocol::envelope::Body;
use whimbrel_protocol::frame::{Envelopes, ServerMessage};
use whimbrel_protocol::{ConversationId, Envelope, ItemKind, ServerFrame};

/// The payload with the envelopes of a conversation after a number, as the server would send them
/// to a device that has sent none of them.
///
/// # Errors
/// What SQLite says; a row that is none.
pub fn payload(
    server: &Path,
    conversation: ConversationId,
    after: u64,
) -> rusqlite::Result<Vec<u8>> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY;
    let database = Connection::open_with_flags(server.join("whimbrel.db"), flags)?;
    let mut statement = database.prepare(
        "SELECT seq, kind, sender_user, sender_device, client_id, counter, epoch, server_time_ms,
           silent, payload
         FROM envelope WHERE conversation = ?1 AND seq > ?2 ORDER BY seq",
    )?;
    let after = i64::try_from(after).unwrap_or(i64::MAX);
    let rows = statement.query_map((conversation.as_bytes(), after), envelope)?;
    let envelopes = rows.collect::<rusqlite::Result<Vec<_>>>()?;
    let head = envelopes.last().map_or(0, |envelope| envelope.seq);
    Ok(frame(conversation, head, envelopes))
}

/// The payload with these envelopes.
#[must_use]
pub fn frame(conversation: ConversationId, head: u64, envelopes: Vec<Envelope>) -> Vec<u8> {
    ServerFrame {
        request: 0,
        message: ServerMessage::Envelopes(Envelopes {
            conversation,
            incarnation: 1,
            head,
            envelopes,
        }),
    }
    .encode()
}

fn envelope(row: &Row<'_>) -> rusqlite::Result<Envelope> {
    let unsigned = |index| row.get::<_, i64>(index).map(|number| number.unsigned_abs());
    let bytes = |index| row.get::<_, Vec<u8>>(index);
    let no_id = |_| rusqlite::Error::InvalidQuery;
    let kind: u8 = row.get(1)?;
    Ok(Envelope {
        seq: unsigned(0)?,
        kind: ItemKind::from_code(kind).ok_or(rusqlite::Error::InvalidQuery)?,
        sender_user: bytes(2)?.as_slice().try_into().map_err(no_id)?,
        sender_device: bytes(3)?.as_slice().try_into().map_err(no_id)?,
        client_id: bytes(4)?.as_slice().try_into().map_err(no_id)?,
        counter: unsigned(5)?,
        epoch: unsigned(6)?,
        server_time_ms: row.get(7)?,
        silent: row.get(8)?,
        voided: false,
        body: Body::Payload(bytes(9)?),
    })
}
