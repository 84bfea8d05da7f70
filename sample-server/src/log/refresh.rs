//! Refresh tokens: each is used once, and a second use ends the sign-in.
//!
//! One exception: the answer with the new token may have been lost. So the token before the
//! newest may be presented once more within a short time; the lost one is then used up as well.

use rusqlite::{Connection, OptionalExtension as _, params};
use whimbrel_protocol::{DeviceId, UserId};

use super::sql::{Doing, id};
use super::{LogError, NewFamily, Rotation};
use crate::Now;

/// Used tokens of a family that are remembered.
const TOKENS_REMEMBERED: i64 = 256;

/// Starts a family with its first token, and forgets families that are over. For a device that
/// was revoked meanwhile it starts none: the token will be unknown.
pub(super) fn start(connection: &Connection, family: &NewFamily, now: Now) -> Result<(), LogError> {
    connection
        .prepare_cached("DELETE FROM refresh_family WHERE expires_ms <= ?1")
        .doing("prepare to forget sign-ins")?
        .execute([now.wall_ms])
        .doing("forget sign-ins")?;
    let number: Option<i64> = connection
        .prepare_cached(
            "INSERT INTO refresh_family (user, device, current_no, rotated_ms, expires_ms)
             SELECT ?1, ?2, 1, ?3, ?4
             WHERE NOT EXISTS (SELECT 1 FROM device WHERE device = ?2 AND revoked = 1)
             RETURNING family",
        )
        .doing("prepare to start a sign-in")?
        .query_row(
            params![
                family.user.as_bytes(),
                family.device.as_bytes(),
                now.wall_ms,
                family.expires_ms
            ],
            |row| row.get(0),
        )
        .optional()
        .doing("start a sign-in")?;
    match number {
        Some(number) => insert_token(connection, &family.token_hash, number, 1),
        None => Ok(()),
    }
}

pub(super) const HAS_STARTED: &str =
    "SELECT EXISTS (SELECT 1 FROM refresh_family WHERE device = ?1)";

/// Whether a device has signed in, as long as that could not have expired.
pub(super) fn has_started(connection: &Connection, device: DeviceId) -> Result<bool, LogError> {
    connection
        .prepare_cached(HAS_STARTED)
        .doing("prepare to look for sign-ins")?
        .query_row([device.as_bytes()], |row| row.get(0))
        .doing("look for sign-ins")
}

pub(super) const END_ALL: &str = "UPDATE refresh_family SET ended = 1 WHERE device = ?1";

/// Ends every sign-in of a device.
pub(super) fn end_all(connection: &Connection, device: DeviceId) -> Result<(), LogError> {
    connection
        .prepare_cached(END_ALL)
        .doing("prepare to end sign-ins")?
        .execute([device.as_bytes()])
        .doing("end sign-ins")?;
    Ok(())
}

fn insert_token(
    connection: &Connection,
    hash: &[u8; 32],
    family: i64,
    no: i64,
) -> Result<(), LogError> {
    connection
        .prepare_cached("INSERT INTO refresh_token (token_hash, family, no) VALUES (?1, ?2, ?3)")
        .doing("prepare to store a token")?
        .execute(params![hash, family, no])
        .doing("store a token")?;
    Ok(())
}

struct Presented {
    no: i64,
    family: i64,
    user: UserId,
    device: DeviceId,
    current_no: i64,
    grace_no: Option<i64>,
    rotated_ms: i64,
    expires_ms: i64,
    ended: bool,
    revoked: bool,
}

pub(super) const PRESENTED: &str =
    "SELECT t.no, f.family, f.user, f.device, f.current_no, f.grace_no, f.rotated_ms,
            f.expires_ms, f.ended, d.revoked
     FROM refresh_token t JOIN refresh_family f ON f.family = t.family
     JOIN device d ON d.device = f.device
     WHERE t.token_hash = ?1";

/// Uses up a token and puts a new one in its place.
pub(super) fn rotate(
    connection: &Connection,
    old_hash: &[u8; 32],
    new_hash: &[u8; 32],
    grace_ms: i64,
    now: Now,
) -> Result<Rotation, LogError> {
    let Some(presented) = presented(connection, old_hash)? else {
        return Ok(Rotation::Unknown);
    };
    let Presented { user, device, .. } = presented;
    if presented.revoked {
        return Ok(Rotation::Revoked);
    }
    if presented.ended {
        return Ok(Rotation::Reuse);
    }
    if presented.expires_ms <= now.wall_ms {
        return Ok(Rotation::Expired);
    }
    if presented.no == presented.current_no {
        replace(connection, &presented, new_hash, Some(presented.no), now)?;
        return Ok(Rotation::Rotated { user, device });
    }
    let since_ms = now.wall_ms.saturating_sub(presented.rotated_ms);
    // A clock that went back does not stretch the time.
    let in_time = (0..=grace_ms).contains(&since_ms);
    if presented.grace_no == Some(presented.no) && in_time {
        replace(connection, &presented, new_hash, None, now)?;
        return Ok(Rotation::Grace { user, device });
    }
    connection
        .prepare_cached("UPDATE refresh_family SET ended = 1 WHERE family = ?1")
        .doing("prepare to end a sign-in")?
        .execute([presented.family])
        .doing("end a sign-in")?;
    Ok(Rotation::Reuse)
}

fn presented(connection: &Connection, hash: &[u8; 32]) -> Result<Option<Presented>, LogError> {
    connection
        .prepare_cached(PRESENTED)
        .doing("prepare to look for a token")?
        .query_row([hash], |row| {
            Ok(Presented {
                no: row.get("no")?,
                family: row.get("family")?,
                user: id(row, "user")?,
                device: id(row, "device")?,
                current_no: row.get("current_no")?,
                grace_no: row.get("grace_no")?,
                rotated_ms: row.get("rotated_ms")?,
                expires_ms: row.get("expires_ms")?,
                ended: row.get("ended")?,
                revoked: row.get("revoked")?,
            })
        })
        .optional()
        .doing("look for a token")
}

fn replace(
    connection: &Connection,
    presented: &Presented,
    new_hash: &[u8; 32],
    grace_no: Option<i64>,
    now: Now,
) -> Result<(), LogError> {
    let no = presented.current_no.saturating_add(1);
    insert_token(connection, new_hash, presented.family, no)?;
    connection
        .prepare_cached(
            "UPDATE refresh_family SET current_no = ?2, grace_no = ?3, rotated_ms = ?4
             WHERE family = ?1",
        )
        .doing("prepare to rotate a token")?
        .execute(params![presented.family, no, grace_no, now.wall_ms])
        .doing("rotate a token")?;
    connection
        .prepare_cached("DELETE FROM refresh_token WHERE family = ?1 AND no <= ?2")
        .doing("prepare to forget old tokens")?
        .execute(params![
            presented.family,
            no.saturating_sub(TOKENS_REMEMBERED)
        ])
        .doing("forget old tokens")?;
    Ok(())
}
