//! Device manifests that follow the first: published by a device, or by a user who starts anew.
//!
//! The newest manifest decides which devices are the user's. One that vanished from it is revoked:
//! it is not served any more, its sign-ins end, and its key packages and inbox go. It stays a
//! member of its conversations until somebody's commit removes it.

use rusqlite::{Connection, OptionalExtension as _, params};
use whimbrel_mls::Manifest;
use whimbrel_protocol::frame::{FailureCode, InboxItem, InboxKind};
use whimbrel_protocol::{ConversationId, DeviceId, UserId};

use super::sql::{Doing, id, to_sql};
use super::{
    Answer, Delivery, LogError, ManifestNews, Replacement, accounts, inbox, key_packages, refresh,
    waiting,
};
use crate::Now;

/// Manifests that one user may publish in an hour; so many are kept.
const PER_HOUR_MAX: u64 = 60;
const HOUR_MS: i64 = 3_600_000;

/// Stores the next manifest of a user, published by one of the devices of the newest.
pub(super) fn publish(
    connection: &Connection,
    (user, device): (UserId, DeviceId),
    bytes: &[u8],
    now: Now,
) -> Result<Answer, LogError> {
    let Ok(next) = Manifest::decode_and_verify(bytes) else {
        return Ok(Answer::Failed(FailureCode::Malformed));
    };
    let Some(newest) = Newest::of(connection, user)? else {
        return Ok(Answer::Failed(FailureCode::NotFound));
    };
    if next.user != user || !newest.manifest.lists(device) {
        return Ok(Answer::Failed(FailureCode::Forbidden));
    }
    if newest.bytes == bytes {
        return Ok(Answer::Published(None));
    }
    let continues = next.identity_key == newest.manifest.identity_key
        && next.successor_of(&newest.manifest).is_ok();
    if !continues {
        return Ok(Answer::Failed(FailureCode::Conflict));
    }
    if !names_fit(connection, &next)? || !ids_are_free(connection, &next, &newest.manifest)? {
        return Ok(Answer::Failed(FailureCode::Forbidden));
    }
    if let Some(retry_after_ms) = too_soon(connection, &newest.manifest, now)? {
        return Ok(Answer::Later { retry_after_ms });
    }
    let mut news = store(connection, &newest.manifest, (&next, bytes), now)?;
    announce_to_others(connection, &mut news, device)?;
    // The publisher has the answer. Should it get lost, this waits in the inbox.
    inbox::put(connection, device, inbox::Entry::ManifestChanged { user })?;
    Ok(Answer::Published(Some(news)))
}

/// Stores the manifest of a user who starts anew on this device: under a new identity key, with no
/// other device; or under the same one, with this device in the place of one that it revokes. The
/// caller commits only for [`Replacement::Replaced`].
pub(super) fn replace(
    connection: &Connection,
    (user, device): (UserId, DeviceId),
    bytes: &[u8],
    now: Now,
) -> Result<(Replacement, Option<ManifestNews>), LogError> {
    let refused = |why| Ok((why, None));
    let Ok(next) = Manifest::decode_and_verify(bytes) else {
        return refused(Replacement::Invalid);
    };
    let Some(newest) = Newest::of(connection, user)? else {
        return refused(Replacement::Conflict);
    };
    if next.user != user || !next.lists(device) || !names_fit(connection, &next)? {
        return refused(Replacement::Invalid);
    }
    if newest.bytes == bytes {
        return refused(Replacement::Replaced);
    }
    let keeps_identity = next.identity_key == newest.manifest.identity_key;
    if !keeps_identity && next.devices.len() != 1 {
        return refused(Replacement::Invalid);
    }
    if next.successor_of(&newest.manifest).is_err() {
        return refused(Replacement::Conflict);
    }
    if keeps_identity && !takes_a_place(&next, &newest.manifest, device) {
        return refused(Replacement::Invalid);
    }
    if !ids_are_free(connection, &next, &newest.manifest)? {
        return refused(Replacement::IdTaken);
    }
    if let Some(retry_after_ms) = too_soon(connection, &newest.manifest, now)? {
        return refused(Replacement::Later { retry_after_ms });
    }
    let mut news = store(connection, &newest.manifest, (&next, bytes), now)?;
    connection
        .prepare_cached("UPDATE account SET identity_key = ?2 WHERE user = ?1")
        .doing("prepare to change an identity")?
        .execute(params![user.as_bytes(), next.identity_key.as_bytes()])
        .doing("change an identity")?;
    for conversation in conversations(connection, user)? {
        waiting::note(connection, conversation, device)?;
    }
    announce_to_others(connection, &mut news, device)?;
    Ok((Replacement::Replaced, Some(news)))
}

/// Whether this device, and no other, comes, and at least one goes for it.
fn takes_a_place(next: &Manifest, newest: &Manifest, device: DeviceId) -> bool {
    added(next, newest).eq([device]) && added(newest, next).next().is_some()
}

/// The newest manifest of a user.
struct Newest {
    manifest: Manifest,
    bytes: Vec<u8>,
}

impl Newest {
    fn of(connection: &Connection, user: UserId) -> Result<Option<Self>, LogError> {
        let Some(bytes) = accounts::manifest(connection, user)? else {
            return Ok(None);
        };
        let manifest =
            Manifest::decode_and_verify(&bytes).map_err(|_| LogError::Damaged("manifest"))?;
        Ok(Some(Self { manifest, bytes }))
    }
}

/// Whether every certificate has the user's name.
fn names_fit(connection: &Connection, manifest: &Manifest) -> Result<bool, LogError> {
    let username = accounts::username(connection, manifest.user)?;
    Ok(manifest
        .devices
        .iter()
        .all(|entry| Some(&entry.certificate.username) == username.as_ref()))
}

/// Whether no device that is new in a manifest is known already.
fn ids_are_free(
    connection: &Connection,
    next: &Manifest,
    newest: &Manifest,
) -> Result<bool, LogError> {
    for device in added(next, newest) {
        if accounts::owner(connection, device)?.is_some() {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Devices that the one manifest lists and the other does not.
fn added<'a>(manifest: &'a Manifest, other: &'a Manifest) -> impl Iterator<Item = DeviceId> + 'a {
    let devices = manifest.devices.iter().map(|entry| entry.device);
    devices.filter(|device| !other.lists(*device))
}

pub(super) const STORED: &str = "SELECT stored_ms FROM manifest WHERE user = ?1 AND version = ?2";

/// The time to wait before a further manifest, where there were too many of late.
fn too_soon(connection: &Connection, newest: &Manifest, now: Now) -> Result<Option<u32>, LogError> {
    let oldest = newest
        .version
        .saturating_add(1)
        .saturating_sub(PER_HOUR_MAX);
    let stored_ms: Option<i64> = connection
        .prepare_cached(STORED)
        .doing("prepare to read the age of a manifest")?
        .query_row(params![newest.user.as_bytes(), to_sql(oldest)], |row| {
            row.get(0)
        })
        .optional()
        .doing("read the age of a manifest")?;
    let Some(stored_ms) = stored_ms else {
        return Ok(None);
    };
    let age_ms = now.wall_ms.saturating_sub(stored_ms);
    let is_young = (0..HOUR_MS).contains(&age_ms);
    Ok(is_young.then(|| u32::try_from(HOUR_MS - age_ms).unwrap_or(u32::MAX)))
}

/// Makes `next` the newest manifest: its devices are the user's, and no others.
fn store(
    connection: &Connection,
    newest: &Manifest,
    (next, bytes): (&Manifest, &[u8]),
    now: Now,
) -> Result<ManifestNews, LogError> {
    accounts::insert_manifest(connection, next, bytes, now)?;
    connection
        .prepare_cached("DELETE FROM manifest WHERE user = ?1 AND version <= ?2")
        .doing("prepare to forget old manifests")?
        .execute(params![
            next.user.as_bytes(),
            to_sql(next.version.saturating_sub(PER_HOUR_MAX))
        ])
        .doing("forget old manifests")?;
    for device in added(next, newest) {
        accounts::insert_device(connection, next.user, device, now)?;
    }
    let revoked: Vec<DeviceId> = added(newest, next).collect();
    for device in &revoked {
        revoke(connection, *device)?;
    }
    Ok(ManifestNews {
        user: next.user,
        manifest: bytes.to_vec(),
        receivers: Vec::new(),
        revoked,
    })
}

fn revoke(connection: &Connection, device: DeviceId) -> Result<(), LogError> {
    connection
        .prepare_cached("UPDATE device SET revoked = 1 WHERE device = ?1")
        .doing("prepare to revoke a device")?
        .execute([device.as_bytes()])
        .doing("revoke a device")?;
    refresh::end_all(connection, device)?;
    key_packages::forget_all(connection, device)?;
    inbox::trim(connection, device, u64::MAX)?;
    waiting::forget_all(connection, device)
}

/// Puts the news into the inboxes of all who are to know, except the device that brought them.
fn announce_to_others(
    connection: &Connection,
    news: &mut ManifestNews,
    device: DeviceId,
) -> Result<(), LogError> {
    let own = accounts::devices(connection, news.user)?;
    let mut receivers = sharers(connection, news.user)?;
    receivers.extend(own.into_iter().filter(|own| *own != device));
    let entry = inbox::Entry::ManifestChanged { user: news.user };
    for device in receivers {
        let seq = inbox::put(connection, device, entry)?;
        news.receivers.push((device, seq));
    }
    Ok(())
}

/// A device that could not be added can be now: the user's other devices get the list once more.
pub(super) fn say_again(
    connection: &Connection,
    (user, device): (UserId, DeviceId),
) -> Result<Vec<Delivery>, LogError> {
    let Some(manifest) = accounts::manifest(connection, user)? else {
        return Ok(Vec::new());
    };
    let own = accounts::devices(connection, user)?;
    let mut deliveries = Vec::new();
    for device in own.into_iter().filter(|own| *own != device) {
        let seq = inbox::put(connection, device, inbox::Entry::ManifestChanged { user })?;
        let manifest = manifest.clone();
        let kind = InboxKind::ManifestChanged { user, manifest };
        let item = InboxItem { seq, kind };
        deliveries.push(Delivery { device, item });
    }
    Ok(deliveries)
}

pub(super) const SHARERS: &str = "SELECT DISTINCT o.device
     FROM member m
     JOIN member o ON o.conversation = m.conversation AND o.to_seq IS NULL
     JOIN device d ON d.device = o.device
     WHERE m.user = ?1 AND m.to_seq IS NULL AND o.user <> ?1 AND d.revoked = 0
     ORDER BY o.device";

/// Devices of other users that share a conversation with this user now, sorted.
fn sharers(connection: &Connection, user: UserId) -> Result<Vec<DeviceId>, LogError> {
    let mut statement = connection
        .prepare_cached(SHARERS)
        .doing("prepare to look who is to know")?;
    let rows = statement.query_map([user.as_bytes()], |row| id(row, "device"));
    rows.and_then(Iterator::collect)
        .doing("look who is to know")
}

pub(super) const CONVERSATIONS: &str = "SELECT DISTINCT conversation FROM member
     WHERE user = ?1 AND to_seq IS NULL ORDER BY conversation";

/// The conversations that this user is in now.
fn conversations(connection: &Connection, user: UserId) -> Result<Vec<ConversationId>, LogError> {
    let mut statement = connection
        .prepare_cached(CONVERSATIONS)
        .doing("prepare to read a user's conversations")?;
    let rows = statement.query_map([user.as_bytes()], |row| id(row, "conversation"));
    rows.and_then(Iterator::collect)
        .doing("read a user's conversations")
}
