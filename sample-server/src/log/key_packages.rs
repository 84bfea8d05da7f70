//! Key packages: published by devices, claimed by whoever adds them.

use std::collections::BTreeSet;

use rusqlite::{Connection, OptionalExtension as _, params};
use whimbrel_mls::{Crypto, KeyPackageInfo, LastResort, Member, inspect_key_package};
use whimbrel_protocol::frame::{ClaimedDevice, ClaimedUser, FailureCode};
use whimbrel_protocol::limits::{FRAME_BYTES_MAX, KEY_PACKAGES_REFILL_AT};
use whimbrel_protocol::{DeviceId, UserId};

use super::sql::{Doing, to_sql};
use super::{Answer, KeyPackageCount, LogError, accounts, manifests};
use crate::Now;

/// One-time key packages the server keeps for one device.
const ONE_TIME_MAX: usize = 100;
/// What an answer to a claim takes in a frame besides key packages and manifests, per device and
/// per user, generously.
const CLAIM_OVERHEAD_BYTES: usize = 64;

fn now_s(now: Now) -> i64 {
    now.wall_ms.div_euclid(1_000)
}

pub(super) const COUNT: &str = "SELECT count(*) FILTER (WHERE last_resort = 0) AS one_time,
            count(*) FILTER (WHERE last_resort = 1) AS last_resort
     FROM key_package WHERE device = ?1 AND expires_s > ?2";

/// How many key packages of a device could be claimed now.
pub(super) fn count(
    connection: &Connection,
    device: DeviceId,
    now: Now,
) -> Result<KeyPackageCount, LogError> {
    connection
        .prepare_cached(COUNT)
        .doing("prepare to count key packages")?
        .query_row(params![device.as_bytes(), now_s(now)], |row| {
            Ok(KeyPackageCount {
                one_time: row.get("one_time")?,
                has_last_resort: row.get::<_, i64>("last_resort")? > 0,
            })
        })
        .doing("count key packages")
}

/// Whether a device can be added now.
pub(super) fn has_any(
    connection: &Connection,
    device: DeviceId,
    now: Now,
) -> Result<bool, LogError> {
    let count = count(connection, device, now)?;
    Ok(count.one_time > 0 || count.has_last_resort)
}

/// A key package that passed all checks.
struct Checked<'a> {
    bytes: &'a [u8],
    info: KeyPackageInfo,
}

/// Takes new key packages, all or none of them.
pub(super) fn publish(
    connection: &Connection,
    crypto: &Crypto,
    owner: (UserId, DeviceId),
    one_time: &[Vec<u8>],
    last_resort: Option<&[u8]>,
    now: Now,
) -> Result<Answer, LogError> {
    let device = owner.1;
    forget_expired(connection, device, now)?;
    let is_new = !has_any(connection, device, now)?;
    let mut checked = Vec::with_capacity(one_time.len().saturating_add(1));
    let kinds = one_time
        .iter()
        .map(|bytes| (bytes.as_slice(), LastResort::No))
        .chain(last_resort.map(|bytes| (bytes, LastResort::Yes)));
    for (bytes, kind) in kinds {
        match check(connection, crypto, owner, (bytes, kind), now)? {
            Ok(one) => checked.push(one),
            Err(code) => return Ok(Answer::Failed(code)),
        }
    }
    if last_resort.is_some() {
        connection
            .prepare_cached("DELETE FROM key_package WHERE device = ?1 AND last_resort = 1")
            .doing("prepare to replace a key package")?
            .execute([device.as_bytes()])
            .doing("replace a key package")?;
    }
    for one in &checked {
        insert(connection, device, one)?;
    }
    let count = count(connection, device, now)?;
    if usize::try_from(count.one_time).unwrap_or(usize::MAX) > ONE_TIME_MAX {
        return Ok(Answer::Failed(FailureCode::TooLarge));
    }
    let deliveries = if is_new && !checked.is_empty() {
        manifests::say_again(connection, owner)?
    } else {
        Vec::new()
    };
    Ok(Answer::KeyPackageCount { count, deliveries })
}

fn check<'a>(
    connection: &Connection,
    crypto: &Crypto,
    owner: (UserId, DeviceId),
    (bytes, kind): (&'a [u8], LastResort),
    now: Now,
) -> Result<Result<Checked<'a>, FailureCode>, LogError> {
    let Ok(info) = inspect_key_package(crypto, bytes) else {
        return Ok(Err(FailureCode::Malformed));
    };
    if info.last_resort != kind || to_sql(info.expires_s) <= now_s(now) {
        return Ok(Err(FailureCode::Malformed));
    }
    let certificate = &info.certificate;
    if (certificate.user, certificate.device) != owner
        || !accounts::is_genuine(connection, &Member::of(certificate))?
    {
        return Ok(Err(FailureCode::Forbidden));
    }
    Ok(Ok(Checked { bytes, info }))
}

/// One that is there already, or was handed out before, is left out in silence: the answer to an
/// earlier publication was lost.
fn insert(
    connection: &Connection,
    device: DeviceId,
    checked: &Checked<'_>,
) -> Result<(), LogError> {
    connection
        .prepare_cached(
            "INSERT OR IGNORE INTO key_package (device, reference, last_resort, expires_s, bytes)
             SELECT ?1, ?2, ?3, ?4, ?5
             WHERE NOT EXISTS (SELECT 1 FROM spent_key_package WHERE reference = ?2)",
        )
        .doing("prepare to store a key package")?
        .execute(params![
            device.as_bytes(),
            checked.info.reference,
            checked.info.last_resort == LastResort::Yes,
            to_sql(checked.info.expires_s),
            checked.bytes
        ])
        .doing("store a key package")?;
    Ok(())
}

fn forget_expired(connection: &Connection, device: DeviceId, now: Now) -> Result<(), LogError> {
    for statement in [
        "DELETE FROM key_package WHERE device = ?1 AND expires_s <= ?2",
        "DELETE FROM spent_key_package WHERE device = ?1 AND expires_s <= ?2",
    ] {
        connection
            .prepare_cached(statement)
            .doing("prepare to forget expired key packages")?
            .execute(params![device.as_bytes(), now_s(now)])
            .doing("forget expired key packages")?;
    }
    Ok(())
}

/// Hands out one key package of every device of these users that has one, but none of the
/// claiming device: of the longest run of users, in their order, whose answer fits in a frame. The
/// caller rolls back when the answer is a failure, so that nothing is used up by it.
pub(super) fn claim(
    connection: &Connection,
    claimer: DeviceId,
    users: &[UserId],
    now: Now,
) -> Result<Answer, LogError> {
    let own_user = accounts::owner(connection, claimer)?;
    let mut seen = BTreeSet::new();
    let (mut claimed, mut low) = (Vec::new(), Vec::new());
    let mut bytes = CLAIM_OVERHEAD_BYTES;
    for user in users {
        if !seen.insert(*user) {
            continue;
        }
        let Some(manifest) = accounts::manifest(connection, *user)? else {
            return Ok(Answer::Failed(FailureCode::NotFound));
        };
        let chosen = choose(connection, claimer, *user, now)?;
        // Who has no other device may ask for itself all the same, to see its manifest.
        if chosen.is_empty() && own_user != Some(*user) {
            return Ok(Answer::Failed(FailureCode::NoKeyPackage));
        }
        let key_packages = chosen.iter().map(|(_, stored)| stored.bytes.len());
        bytes += manifest.len() + CLAIM_OVERHEAD_BYTES;
        bytes += key_packages
            .map(|len| len + CLAIM_OVERHEAD_BYTES)
            .sum::<usize>();
        if bytes > FRAME_BYTES_MAX {
            break;
        }
        let mut devices = Vec::with_capacity(chosen.len());
        for (device, stored) in chosen {
            low.extend(use_up(connection, device, &stored, now)?);
            devices.push(ClaimedDevice {
                device,
                key_package: stored.bytes,
            });
        }
        claimed.push(ClaimedUser {
            user: *user,
            manifest,
            devices,
        });
    }
    if claimed.is_empty() && !users.is_empty() {
        return Ok(Answer::Failed(FailureCode::TooLarge));
    }
    let users = claimed;
    Ok(Answer::Claimed { users, low })
}

/// The key packages that a claim of this user would hand out. Nothing is used up yet.
fn choose(
    connection: &Connection,
    claimer: DeviceId,
    user: UserId,
    now: Now,
) -> Result<Vec<(DeviceId, Stored)>, LogError> {
    let mut chosen = Vec::new();
    for device in accounts::devices(connection, user)? {
        if device == claimer {
            continue;
        }
        let stored = match oldest(connection, device, LastResort::No, now)? {
            Some(one_time) => Some(one_time),
            None => oldest(connection, device, LastResort::Yes, now)?,
        };
        chosen.extend(stored.map(|stored| (device, stored)));
    }
    Ok(chosen)
}

pub(super) const OLDEST: &str = "SELECT no, reference, expires_s, bytes FROM key_package
     WHERE device = ?1 AND last_resort = ?2 AND expires_s > ?3 ORDER BY no LIMIT 1";

struct Stored {
    no: i64,
    kind: LastResort,
    reference: Vec<u8>,
    expires_s: i64,
    bytes: Vec<u8>,
}

/// Uses up a one-time key package; the one of last resort stays. Returns how many are left where
/// it is time to refill.
fn use_up(
    connection: &Connection,
    device: DeviceId,
    stored: &Stored,
    now: Now,
) -> Result<Option<(DeviceId, KeyPackageCount)>, LogError> {
    if stored.kind == LastResort::Yes {
        return Ok(None);
    }
    connection
        .prepare_cached("DELETE FROM key_package WHERE no = ?1")
        .doing("prepare to use up a key package")?
        .execute([stored.no])
        .doing("use up a key package")?;
    connection
        .prepare_cached(
            "INSERT INTO spent_key_package (reference, device, expires_s) VALUES (?1, ?2, ?3)",
        )
        .doing("prepare to remember a key package")?
        .execute(params![
            stored.reference,
            device.as_bytes(),
            stored.expires_s
        ])
        .doing("remember a key package")?;
    let left = count(connection, device, now)?;
    let one_time = usize::try_from(left.one_time).unwrap_or(usize::MAX);
    Ok((one_time <= KEY_PACKAGES_REFILL_AT).then_some((device, left)))
}

/// Forgets all key packages of a device.
pub(super) fn forget_all(connection: &Connection, device: DeviceId) -> Result<(), LogError> {
    for statement in [
        "DELETE FROM key_package WHERE device = ?1",
        "DELETE FROM spent_key_package WHERE device = ?1",
    ] {
        connection
            .prepare_cached(statement)
            .doing("prepare to forget key packages")?
            .execute([device.as_bytes()])
            .doing("forget key packages")?;
    }
    Ok(())
}

/// The oldest key package of a kind that can be handed out.
fn oldest(
    connection: &Connection,
    device: DeviceId,
    kind: LastResort,
    now: Now,
) -> Result<Option<Stored>, LogError> {
    connection
        .prepare_cached(OLDEST)
        .doing("prepare to choose a key package")?
        .query_row(
            params![device.as_bytes(), kind == LastResort::Yes, now_s(now)],
            |row| {
                Ok(Stored {
                    no: row.get("no")?,
                    kind,
                    reference: row.get("reference")?,
                    expires_s: row.get("expires_s")?,
                    bytes: row.get("bytes")?,
                })
            },
        )
        .optional()
        .doing("choose a key package")
}
