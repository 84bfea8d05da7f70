//! Accounts: users, their devices, their manifests, and the directory of names.

use rusqlite::{Connection, OptionalExtension as _, params};
use whimbrel_mls::{Manifest, Member, is_valid_username};
use whimbrel_protocol::frame::{FailureCode, FindUser};
use whimbrel_protocol::limits::MANIFEST_BYTES_MAX;
use whimbrel_protocol::{DeviceId, UserId};

use super::sql::{Doing, id, to_sql};
use super::{Account, Answer, LogError, NewAccount, Registration};
use crate::Now;

pub(super) const BY_USERNAME: &str =
    "SELECT user, username, password_hash FROM account WHERE username = ?1";
const BY_USER: &str = "SELECT user, username, password_hash FROM account WHERE user = ?1";

/// Makes an account with its first device. The caller commits only for [`Registration::Created`].
pub(super) fn register(
    connection: &Connection,
    account: &NewAccount,
    now: Now,
) -> Result<Registration, LogError> {
    let Some(manifest) = check(account) else {
        return Ok(Registration::Invalid);
    };
    if let Some(existing) = by_user(connection, account.user)? {
        let same =
            existing.username == account.username && existing.devices.contains(&account.device);
        return Ok(if same {
            Registration::Existing {
                password_hash: existing.password_hash,
            }
        } else {
            Registration::IdTaken
        });
    }
    if by_username(connection, &account.username)?.is_some() {
        return Ok(Registration::UsernameTaken);
    }
    if owner(connection, account.device)?.is_some() {
        return Ok(Registration::IdTaken);
    }
    insert(connection, account, &manifest, now)?;
    Ok(Registration::Created)
}

/// The manifest, if it is the first of this very user, name and device.
fn check(account: &NewAccount) -> Option<Manifest> {
    if !is_valid_username(&account.username) || account.manifest.len() > MANIFEST_BYTES_MAX {
        return None;
    }
    let manifest = Manifest::decode_and_verify(&account.manifest).ok()?;
    let [entry] = manifest.devices.as_slice() else {
        return None;
    };
    let fits = manifest.user == account.user
        && manifest.version == 1
        && entry.device == account.device
        && entry.certificate.username == account.username;
    fits.then_some(manifest)
}

fn insert(
    connection: &Connection,
    account: &NewAccount,
    manifest: &Manifest,
    now: Now,
) -> Result<(), LogError> {
    let user = account.user.as_bytes();
    connection
        .prepare_cached(
            "INSERT INTO account (user, username, password_hash, identity_key, created_ms)
             VALUES (?1, ?2, ?3, ?4, ?5)",
        )
        .doing("prepare to make an account")?
        .execute(params![
            user,
            account.username,
            account.password_hash,
            manifest.identity_key.as_bytes(),
            now.wall_ms
        ])
        .doing("make an account")?;
    insert_device(connection, account.user, account.device, now)?;
    insert_manifest(connection, manifest, &account.manifest, now)
}

/// Notes a new device of a user.
pub(super) fn insert_device(
    connection: &Connection,
    user: UserId,
    device: DeviceId,
    now: Now,
) -> Result<(), LogError> {
    connection
        .prepare_cached("INSERT INTO device (device, user, created_ms) VALUES (?1, ?2, ?3)")
        .doing("prepare to add a device")?
        .execute(params![device.as_bytes(), user.as_bytes(), now.wall_ms])
        .doing("add a device")?;
    Ok(())
}

/// Stores a manifest with its encoding; the highest version is the newest.
pub(super) fn insert_manifest(
    connection: &Connection,
    manifest: &Manifest,
    bytes: &[u8],
    now: Now,
) -> Result<(), LogError> {
    connection
        .prepare_cached(
            "INSERT INTO manifest (user, version, bytes, stored_ms) VALUES (?1, ?2, ?3, ?4)",
        )
        .doing("prepare to store a manifest")?
        .execute(params![
            manifest.user.as_bytes(),
            to_sql(manifest.version),
            bytes,
            now.wall_ms
        ])
        .doing("store a manifest")?;
    Ok(())
}

/// The account of a name.
pub(super) fn by_username(
    connection: &Connection,
    username: &str,
) -> Result<Option<Account>, LogError> {
    account(connection, BY_USERNAME, username)
}

fn by_user(connection: &Connection, user: UserId) -> Result<Option<Account>, LogError> {
    account(connection, BY_USER, user.as_bytes())
}

fn account(
    connection: &Connection,
    query: &str,
    key: impl rusqlite::ToSql,
) -> Result<Option<Account>, LogError> {
    let found = connection
        .prepare_cached(query)
        .doing("prepare to look for an account")?
        .query_row([key], |row| {
            Ok(Account {
                user: id(row, "user")?,
                username: row.get("username")?,
                password_hash: row.get("password_hash")?,
                devices: Vec::new(),
            })
        })
        .optional()
        .doing("look for an account")?;
    let Some(mut found) = found else {
        return Ok(None);
    };
    found.devices = devices(connection, found.user)?;
    Ok(Some(found))
}

/// The name of a user.
pub(super) fn username(connection: &Connection, user: UserId) -> Result<Option<String>, LogError> {
    Ok(by_user(connection, user)?.map(|account| account.username))
}

/// Answers a question for the directory: exact names and ids only, so that nobody can page
/// through the users.
pub(super) fn find(connection: &Connection, find: &FindUser) -> Result<Answer, LogError> {
    let found = match find {
        FindUser::ByUsername(name) => by_username(connection, name)?,
        FindUser::ById(user) => by_user(connection, *user)?,
    };
    Ok(match found {
        Some(account) => Answer::UserFound {
            user: account.user,
            username: account.username,
        },
        None => Answer::Failed(FailureCode::NotFound),
    })
}

pub(super) const DEVICES: &str =
    "SELECT device FROM device WHERE user = ?1 AND revoked = 0 ORDER BY device";

/// The devices of a user that are not revoked, sorted.
pub(super) fn devices(connection: &Connection, user: UserId) -> Result<Vec<DeviceId>, LogError> {
    let mut statement = connection
        .prepare_cached(DEVICES)
        .doing("prepare to read devices")?;
    let rows = statement.query_map([user.as_bytes()], |row| id(row, "device"));
    rows.and_then(Iterator::collect).doing("read devices")
}

/// The user of a device.
pub(super) fn owner(connection: &Connection, device: DeviceId) -> Result<Option<UserId>, LogError> {
    connection
        .prepare_cached("SELECT user FROM device WHERE device = ?1")
        .doing("prepare to look for a device")?
        .query_row([device.as_bytes()], |row| id(row, "user"))
        .optional()
        .doing("look for a device")
}

pub(super) const REVOKED: &str = "SELECT revoked FROM device WHERE device = ?1";

/// Whether the user of this device has revoked it. An unknown one is not.
pub(super) fn is_revoked(connection: &Connection, device: DeviceId) -> Result<bool, LogError> {
    let revoked: Option<bool> = connection
        .prepare_cached(REVOKED)
        .doing("prepare to check a device")?
        .query_row([device.as_bytes()], |row| row.get(0))
        .optional()
        .doing("check a device")?;
    Ok(revoked.unwrap_or(false))
}

pub(super) const DEVICE_OF: &str = "SELECT EXISTS (
     SELECT 1 FROM device d JOIN account a ON a.user = d.user
     WHERE d.device = ?1 AND d.user = ?2 AND d.revoked = 0 AND a.identity_key = ?3 AND a.username = ?4)";

/// Whether what a device's certificate says is so: the device is this user's and not revoked, and the user has this
/// identity key and goes by this name. Clients show the name, so nobody may borrow another's.
pub(super) fn is_genuine(connection: &Connection, member: &Member) -> Result<bool, LogError> {
    connection
        .prepare_cached(DEVICE_OF)
        .doing("prepare to check a device")?
        .query_row(
            params![
                member.device.as_bytes(),
                member.user.as_bytes(),
                member.identity_key.as_bytes(),
                member.username
            ],
            |row| row.get(0),
        )
        .doing("check a device")
}

pub(super) const MANIFEST: &str =
    "SELECT bytes FROM manifest WHERE user = ?1 ORDER BY version DESC LIMIT 1";

/// The newest manifest of a user.
pub(super) fn manifest(connection: &Connection, user: UserId) -> Result<Option<Vec<u8>>, LogError> {
    connection
        .prepare_cached(MANIFEST)
        .doing("prepare to read a manifest")?
        .query_row([user.as_bytes()], |row| row.get(0))
        .optional()
        .doing("read a manifest")
}
