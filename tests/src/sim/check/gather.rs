//! Reading: what devices show, and what the server has.

use memchr::memmem;
use rusqlite::{Connection, OptionalExtension as _, Row};
use whimbrel::query;
use whimbrel::store::codes;
use whimbrel::store::read::Snapshot;
use whimbrel::types::{ConversationId, Page};
use whimbrel_protocol::ItemKind;

use super::watch::Glance;
use super::{DeviceEvidence, Evidence, Logged, ServerEvidence, Shown, Stay};
use crate::sim::check::said::Book;
use crate::sim::device::DeviceIndex;
use crate::sim::world::World;

/// Rows that are looked at after each step.
const GLANCE_ROWS: u32 = 24;

/// Something that could not be read, which nothing in a run excuses.
pub type Unread = Box<dyn std::error::Error>;

/// The conversations of a running device, in no meaningful order.
///
/// # Errors
/// Where the database can't be read.
pub fn conversation_ids(connection: &Connection) -> Result<Vec<ConversationId>, Unread> {
    let mut statement = connection.prepare_cached("SELECT id FROM conversation ORDER BY id")?;
    let ids = statement.query_map([], |row| row.get::<_, Vec<u8>>(0))?;
    ids.map(|id| Ok(ConversationId::try_from(id?.as_slice())?))
        .collect()
}

/// What a running device shows of a conversation now; `None` where it does not know it.
///
/// # Errors
/// Where the database can't be read.
pub fn glance(
    connection: &Connection,
    conversation: ConversationId,
) -> Result<Option<Glance>, Unread> {
    let found = connection
        .prepare_cached("SELECT state, applied_seq, chain FROM conversation WHERE id = ?1")?
        .query_row([conversation.as_bytes()], |row| {
            Ok((
                row.get::<_, i64>(0)?,
                row.get::<_, i64>(1)?,
                row.get::<_, [u8; 32]>(2)?,
            ))
        })
        .optional()?;
    let Some((state, applied_seq, chain)) = found else {
        return Ok(None);
    };
    let snapshot = Snapshot::of(connection)?;
    let rows = query::messages(&snapshot, conversation, Page::Newest, GLANCE_ROWS)?;
    Ok(Some(Glance {
        conversation,
        state: codes::conversation_state(state)?,
        applied_seq: u64::try_from(applied_seq)?,
        chain,
        complete: rows.len() < usize::try_from(GLANCE_ROWS)?,
        rows,
        members: query::members(&snapshot, conversation)?,
    }))
}

/// Everything there is to know of a world in which all devices run.
///
/// # Errors
/// Where something can't be read.
pub fn gather(world: &World, book: &Book, canary: &str) -> Result<Evidence, Unread> {
    let devices = (0..world.devices.len()).map(|index| device(world, DeviceIndex(index)));
    Ok(Evidence {
        devices: devices.collect::<Result<_, _>>()?,
        server: server(&world.server_database()?)?,
        book: book.clone(),
        leaks: leaks(world, canary),
    })
}

fn device(world: &World, index: DeviceIndex) -> Result<DeviceEvidence, Unread> {
    let device = world.device(index);
    let engine = device.engine.as_ref().ok_or("a device that does not run")?;
    let connection = engine.store().connection();
    let mut places = Vec::new();
    for conversation in world.conversations(index) {
        let id = conversation.id;
        let chain = connection
            .prepare_cached("SELECT chain FROM conversation WHERE id = ?1")?
            .query_row([id.as_bytes()], |row| row.get(0))?;
        let (messages, members) = (world.messages(index, id), world.members(index, id));
        places.push(Shown {
            conversation,
            chain,
            messages,
            members,
        });
    }
    let mut statement = connection.prepare("SELECT old, new FROM conversation_alias")?;
    let aliases = statement.query_map([], |row| Ok((id(row, 0)?, id(row, 1)?)))?;
    Ok(DeviceEvidence {
        name: device.name.clone(),
        user: device.user,
        places,
        outbox: world.outbox(index),
        alarm: engine.state().alarm,
        aliases: aliases.collect::<Result<_, _>>()?,
        damage: damage(connection)?,
    })
}

fn server(database: &Connection) -> Result<ServerEvidence, Unread> {
    let mut evidence = ServerEvidence {
        damage: damage(database)?,
        ..ServerEvidence::default()
    };
    let mut statement = database.prepare(
        "SELECT conversation, seq, kind, sender_user, client_id, silent, epoch, chain
         FROM envelope ORDER BY conversation, seq",
    )?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let kind = u8::try_from(row.get::<_, i64>(2)?)?;
        evidence.log.entry(id(row, 0)?).or_default().push(Logged {
            seq: u64::try_from(row.get::<_, i64>(1)?)?,
            kind: ItemKind::from_code(kind).ok_or("an item of an unknown kind")?,
            sender: id(row, 3)?,
            id: id(row, 4)?,
            silent: row.get(5)?,
            epoch: u64::try_from(row.get::<_, i64>(6)?)?,
            chain: row.get(7)?,
        });
    }
    let mut statement =
        database.prepare("SELECT conversation, user, from_seq, to_seq FROM member")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let to: Option<i64> = row.get(3)?;
        evidence.stays.push(Stay {
            conversation: id(row, 0)?,
            user: id(row, 1)?,
            from: u64::try_from(row.get::<_, i64>(2)?)?,
            to: to.map(u64::try_from).transpose()?,
        });
    }
    Ok(evidence)
}

fn id<Id: for<'bytes> TryFrom<&'bytes [u8]>>(row: &Row<'_>, index: usize) -> rusqlite::Result<Id> {
    let bytes: Vec<u8> = row.get(index)?;
    Id::try_from(&bytes).map_err(|_| {
        rusqlite::Error::IntegralValueOutOfRange(index, i64::try_from(bytes.len()).unwrap_or(0))
    })
}

/// What SQLite finds wrong with a database.
fn damage(database: &Connection) -> Result<Vec<String>, Unread> {
    let mut found = Vec::new();
    let mut statement = database.prepare("PRAGMA integrity_check")?;
    let lines = statement.query_map([], |row| row.get::<_, String>(0))?;
    for line in lines {
        found.push(line?);
    }
    found.retain(|line| line != "ok");
    let mut statement = database.prepare("PRAGMA foreign_key_check")?;
    let mut orphans = statement.query([])?;
    while let Some(row) = orphans.next()? {
        found.push(format!("an orphan in {}", row.get::<_, String>(0)?));
    }
    Ok(found)
}

/// Where the canary, which is part of everything anybody writes, can be read although it should
/// not be: in what the server keeps, on the wire, in encrypted databases.
fn leaks(world: &World, canary: &str) -> Vec<String> {
    let finder = memmem::Finder::new(canary.as_bytes());
    let mut leaks = Vec::new();
    for name in world.server_disk.files() {
        let content = world.server_disk.read_file(&name).unwrap_or_default();
        if finder.find(&content).is_some() {
            leaks.push(format!("the server's {name} has the canary"));
        }
    }
    let frames = world.network.recording.as_deref().unwrap_or_default();
    if frames.iter().any(|frame| finder.find(frame).is_some()) {
        leaks.push("a frame has the canary".to_owned());
    }
    for device in world.devices.iter().filter(|device| device.salt.is_some()) {
        for name in device.disk.files() {
            let content = device.disk.read_file(&name).unwrap_or_default();
            if finder.find(&content).is_some() {
                leaks.push(format!("{}'s {name} has the canary", device.name));
            }
        }
    }
    leaks
}
