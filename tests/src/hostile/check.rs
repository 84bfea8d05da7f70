//! The judge: whatever was said to them, what honest devices show is right, or visibly marked.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::Connection;
use whimbrel::types::{
    ClientId, Conversation, ConversationState, Message, MessageKind, OutboxKind, UserId,
};
use whimbrel_mls::{Group, Row, RowKey};
use whimbrel_protocol::DeviceId;

use super::cast::Person;
use super::script::{Said, Script};
use crate::sim::{DeviceIndex, World};

/// Items that wait in an outbox, whatever the server says.
const OUTBOX_ITEMS_MAX: u32 = 400;
/// Key packages that a device keeps, whatever the server says.
const KEY_PACKAGES_MAX: u32 = 300;

/// What a device shows of a conversation, and the group it holds for it.
struct View<'a> {
    person: &'a Person,
    row: Conversation,
    messages: Vec<Message>,
    chain: [u8; 32],
    joined_seq: u64,
    group: Option<Group>,
    has_alarm: bool,
}

/// Says what does not hold.
fn demand(holds: bool, what: impl FnOnce() -> String) -> Result<(), String> {
    if holds { Ok(()) } else { Err(what()) }
}

/// Judges the end of a script.
///
/// # Errors
/// What does not hold.
pub fn check(script: &Script) -> Result<(), String> {
    let mut views = Vec::new();
    for person in &script.cast.people {
        bounds(&script.world, person)?;
        views.extend(of_device(&script.world, person));
    }
    for view in &views {
        words(script, view)?;
        leaves(script, view)?;
        liveness(script, view)?;
    }
    nothing_vanished(script, &views)?;
    for (index, one) in views.iter().enumerate() {
        for other in views.iter().skip(index + 1) {
            if one.row.id == other.row.id {
                agreement(one, other)?;
                delivery(script, one, other)?;
                delivery(script, other, one)?;
            }
        }
    }
    Ok(())
}

/// Everything that tells people that something is amiss.
#[must_use]
pub fn marks(world: &World) -> Vec<String> {
    let mut marks = Vec::new();
    for index in (0..world.devices.len()).map(DeviceIndex) {
        let device = world.device(index);
        let name = &device.name;
        let state = device.engine.as_ref().map(|engine| engine.state());
        if let Some(state) = &state {
            marks.extend(state.alarm.map(|alarm| format!("{name}: {alarm:?}")));
        }
        for row in world.conversations(index) {
            if row.forked {
                marks.push(format!("{name}: forked"));
            }
            if !matches!(row.state, ConversationState::Active) {
                marks.push(format!("{name}: {:?}", row.state));
            }
            let messages = world.messages(index, row.id);
            marks.extend(
                blemishes(&messages)
                    .iter()
                    .map(|it| format!("{name}: {it:?}")),
            );
        }
    }
    marks
}

fn connection(world: &World, who: DeviceIndex) -> &Connection {
    let engine = world
        .device(who)
        .engine
        .as_ref()
        .expect("a device that runs");
    engine.store().connection()
}

fn of_device<'a>(world: &World, person: &'a Person) -> Vec<View<'a>> {
    let connection = connection(world, person.index);
    let engine = world.device(person.index).engine.as_ref();
    let has_alarm = engine.is_some_and(|engine| engine.state().alarm.is_some());
    let rows = world.conversations(person.index).into_iter();
    let view = |row: Conversation| {
        let id = row.id;
        let (chain, joined_seq) = connection
            .query_row(
                "SELECT chain, coalesce((SELECT max(joined_seq) FROM interval
                                         WHERE interval.conversation = id), 0)
                 FROM conversation WHERE id = ?1",
                [id.as_bytes()],
                |row| Ok((row.get(0)?, row.get::<_, i64>(1)?)),
            )
            .expect("a conversation");
        View {
            person,
            messages: world.messages(person.index, id),
            chain,
            joined_seq: u64::try_from(joined_seq).unwrap_or(0),
            group: group(connection, &row),
            has_alarm,
            row,
        }
    };
    rows.map(view).collect()
}

/// The MLS group as it is in the database, where the device takes part in it.
fn group(connection: &Connection, row: &Conversation) -> Option<Group> {
    let id = row.id;
    if row.state != ConversationState::Active {
        return None;
    }
    let mut statement = connection
        .prepare("SELECT kind, key, value FROM mls_row WHERE conversation = ?1")
        .expect("a query");
    let rows = statement.query_map([id.as_bytes()], |row| {
        Ok(Row {
            key: RowKey {
                group: id.as_bytes().to_vec(),
                kind: row.get(0)?,
                key: row.get(1)?,
            },
            value: row.get(2)?,
        })
    });
    let rows: Vec<Row> = rows.expect("rows").map(|row| row.expect("a row")).collect();
    (!rows.is_empty()).then(|| Group::load(id, rows).expect("a group that loads"))
}

fn bounds(world: &World, person: &Person) -> Result<(), String> {
    let connection = connection(world, person.index);
    let count = |table: &str| -> u32 {
        let query = format!("SELECT count(*) FROM {table}");
        connection
            .query_row(&query, [], |row| row.get(0))
            .expect("a count")
    };
    for (table, most) in [
        ("outbox", OUTBOX_ITEMS_MAX),
        ("key_package", KEY_PACKAGES_MAX),
    ] {
        let rows = count(table);
        demand(rows <= most, || {
            format!("{}: {rows} rows in {table}", person.name)
        })?;
    }
    Ok(())
}

/// Rows that say that something is amiss, with their numbers.
fn blemishes(messages: &[Message]) -> BTreeSet<(u64, String)> {
    let blemish = |message: &Message| {
        let seq = message.seq.unwrap_or(0);
        match &message.kind {
            MessageKind::Unreadable(_)
            | MessageKind::Forked
            | MessageKind::Missed { .. }
            | MessageKind::IdentityChanged(_) => Some((seq, format!("{:?}", message.kind))),
            _ if message.gap_before => Some((seq, "gap".to_owned())),
            _ => None,
        }
    };
    messages.iter().filter_map(blemish).collect()
}

/// Nothing under an honest name that its owner did not say there; nothing twice; nothing taken
/// back by others.
fn words(script: &Script, view: &View<'_>) -> Result<(), String> {
    let mut seen = BTreeSet::new();
    for message in &view.messages {
        let at = || format!("{} in {}: {message:?}", view.person.name, view.row.id);
        let is_new = seen.insert((message.sender, message.id));
        demand(is_new, || format!("there twice: {}", at()))?;
        let Some(author) = script.cast.person(message.sender) else {
            continue;
        };
        match &message.kind {
            MessageKind::Text { text, .. } => {
                let is_true = script
                    .said
                    .get(&message.id)
                    .is_some_and(|said| said.author == author.index && said.texts.contains(text));
                demand(is_true, || format!("never said: {}", at()))?;
            }
            MessageKind::Deleted => {
                let said = script.said.get(&message.id);
                demand(said.is_some_and(|said| said.withdrawn), || {
                    format!("never taken back: {}", at())
                })?;
            }
            _ => {}
        }
    }
    Ok(())
}

/// Only devices that their users have signed for are in the group, or a row says that a user
/// goes by other keys.
fn leaves(script: &Script, view: &View<'_>) -> Result<(), String> {
    let Some(group) = &view.group else {
        return Ok(());
    };
    for leaf in group.members() {
        let Some(owner) = script.cast.person(leaf.user) else {
            continue;
        };
        let is_shown = view.messages.iter().any(
            |message| matches!(message.kind, MessageKind::IdentityChanged(user) if user == leaf.user),
        );
        let is_true = leaf.certificate == owner.certificate;
        demand(is_true || is_shown || view.person.user == leaf.user, || {
            let (name, id) = (&view.person.name, view.row.id);
            format!(
                "{name} in {id}: a device of {} that is not, and nothing shown",
                owner.name
            )
        })?;
    }
    pins(script, view.person)
}

/// Who was known before the lies goes by the key that was known.
fn pins(script: &Script, person: &Person) -> Result<(), String> {
    let connection = connection(&script.world, person.index);
    let mut statement = connection
        .prepare("SELECT user, identity_key FROM contact")
        .expect("a query");
    let rows = statement.query_map([], |row| {
        Ok((row.get::<_, Vec<u8>>(0)?, row.get::<_, Vec<u8>>(1)?))
    });
    for row in rows.expect("contacts") {
        let (user, key) = row.expect("a contact");
        let user = UserId::try_from(user.as_slice()).expect("an id");
        let known = script.cast.person(user);
        let is_true = known.is_none_or(|it| key == it.certificate.identity_key.0);
        demand(is_true, || {
            format!("{}: another key is pinned for {user}", person.name)
        })?;
    }
    Ok(())
}

/// With an honest server everything drains, except where something visible says why not.
fn liveness(script: &Script, view: &View<'_>) -> Result<(), String> {
    let is_stopped =
        view.row.state != ConversationState::Active || view.row.blocked.is_some() || view.has_alarm;
    if is_stopped {
        return Ok(());
    }
    let outbox = script.world.outbox(view.person.index);
    let left: Vec<_> = outbox
        .iter()
        .filter(|item| item.conversation == view.row.id)
        .collect();
    let is_explained = left
        .iter()
        .any(|item| item.failure.is_some() || matches!(item.kind, OutboxKind::Upkeep));
    demand(left.is_empty() || is_explained, || {
        let (name, id) = (&view.person.name, view.row.id);
        format!("{name} in {id}: stays in the outbox: {left:?}")
    })
}

/// What was accepted by `send` is there, unless its author took it back.
fn nothing_vanished(script: &Script, views: &[View<'_>]) -> Result<(), String> {
    let has: BTreeSet<(DeviceIndex, ClientId)> = views
        .iter()
        .flat_map(|view| {
            let ids = view.messages.iter();
            ids.map(|message| (view.person.index, message.id))
        })
        .collect();
    for (id, said) in &script.said {
        demand(said.withdrawn || has.contains(&(said.author, *id)), || {
            format!("gone from its author's view: {said:?}")
        })?;
    }
    Ok(())
}

/// Whether nothing that a device shows of a conversation casts doubt on all of it.
fn is_sound(view: &View<'_>) -> bool {
    view.row.state == ConversationState::Active
        && !view.row.forked
        && view.row.blocked.is_none()
        && !view.has_alarm
}

/// The texts that are to be read. Whether one was changed before or after it went out, and whether
/// one that is gone has left a trace, may differ between its author and the others.
fn texts(view: &View<'_>, after: u64) -> Vec<(UserId, ClientId, String)> {
    let is_after = |message: &&Message| message.seq.is_some_and(|seq| seq > after);
    let rows = view.messages.iter().filter(is_after);
    rows.filter_map(|message| match &message.kind {
        MessageKind::Text { text, .. } => Some((message.sender, message.id, text.clone())),
        _ => None,
    })
    .collect()
}

/// Two sound views of one conversation are one.
fn agreement(one: &View<'_>, other: &View<'_>) -> Result<(), String> {
    if !is_sound(one) || !is_sound(other) {
        return Ok(());
    }
    let at = || {
        format!(
            "{} and {} in {}",
            one.person.name, other.person.name, one.row.id
        )
    };
    let same_place = (one.row.applied_seq, one.chain) == (other.row.applied_seq, other.chain);
    demand(same_place, || {
        let (here, there) = (one.row.applied_seq, other.row.applied_seq);
        format!(
            "{}: two histories ({here}, {there}) and no sign of it{}",
            at(),
            rows(one, other)
        )
    })?;
    let joined = one.joined_seq.max(other.joined_seq);
    let after = |view: &View<'_>| -> BTreeSet<_> {
        let all = blemishes(&view.messages).into_iter();
        all.filter(|(seq, _)| *seq > joined).collect()
    };
    if after(one) != after(other) {
        return Ok(());
    }
    let (Some(here), Some(there)) = (&one.group, &other.group) else {
        return Err(format!("{}: no group", at()));
    };
    let state = |group: &Group| (group.epoch(), group.epoch_code(), devices(group));
    demand(state(here) == state(there), || {
        format!("{}: epochs {} and {}", at(), here.epoch(), there.epoch())
    })?;
    let (ours, theirs) = (texts(one, joined), texts(other, joined));
    demand(ours == theirs, || {
        format!("{}: {ours:?}\nand {theirs:?}", at())
    })
}

/// What two devices show side by side, for reports.
fn rows(one: &View<'_>, other: &View<'_>) -> String {
    let mut text = String::new();
    for view in [one, other] {
        text += &format!("\n{}:", view.person.name);
        for message in &view.messages {
            text += &format!("\n  {:?} {:?}", message.seq, message.kind);
        }
    }
    text
}

fn devices(group: &Group) -> BTreeMap<u32, (UserId, DeviceId)> {
    let members = group.members().iter();
    members.map(|it| (it.leaf, (it.user, it.device))).collect()
}

/// What its author sees as sent has arrived, or the receiver sees that something is amiss.
fn delivery(script: &Script, from: &View<'_>, to: &View<'_>) -> Result<(), String> {
    if !is_sound(from) || !is_sound(to) {
        return Ok(());
    }
    let mine = |said: &Said| said.author == from.person.index && !said.withdrawn;
    for message in &from.messages {
        let Some(seq) = message.seq.filter(|seq| *seq > to.joined_seq) else {
            continue;
        };
        let is_mine = script.said.get(&message.id).is_some_and(mine);
        let arrived = to.messages.iter().any(|there| there.id == message.id);
        demand(
            !is_mine || arrived || !blemishes(&to.messages).is_empty(),
            || {
                let (here, there) = (&from.person.name, &to.person.name);
                format!("{here} sees {seq} as sent, {there} does not have it: {message:?}")
            },
        )?;
    }
    Ok(())
}
