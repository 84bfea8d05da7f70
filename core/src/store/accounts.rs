//! The account: one row, there from the moment a registration was prepared.

use rusqlite::OptionalExtension as _;
use whimbrel_protocol::{DeviceId, UserId};

use super::damage::from_sqlite;
use super::{Tx, bytes16, bytes32, from_sql, get, id, to_sql};
use crate::error::Result;
use crate::event::Session;

/// The row.
#[derive(Clone)]
pub(crate) struct AccountRow {
    pub user: UserId,
    pub device: DeviceId,
    pub username: String,
    pub identity_secret: [u8; 32],
    pub device_secret: [u8; 32],
    pub certificate: Vec<u8>,
    pub manifest: Vec<u8>,
    /// Whether the server has confirmed the registration.
    pub registered: bool,
    pub access_token: Option<String>,
    pub access_expires_ms: i64,
    pub refresh_token: Option<String>,
    /// How many items were ever sealed here.
    pub sealed_no: u64,
    /// The last inbox item applied.
    pub inbox_seq: u64,
    pub rolled_back: bool,
    /// What the recovery code says; `None` on a device that was linked.
    pub recovery_secret: Option<[u8; 16]>,
}

impl Tx<'_> {
    pub(crate) fn account(&self) -> Result<Option<AccountRow>> {
        self.query_row("SELECT * FROM account", [], |row| {
            let read = || -> Result<AccountRow> {
                Ok(AccountRow {
                    user: id(&get::<Vec<u8>>(row, "user")?)?,
                    device: id(&get::<Vec<u8>>(row, "device")?)?,
                    username: get(row, "username")?,
                    identity_secret: bytes32(&get::<Vec<u8>>(row, "identity_secret")?)?,
                    device_secret: bytes32(&get::<Vec<u8>>(row, "device_secret")?)?,
                    certificate: get(row, "certificate")?,
                    manifest: get(row, "manifest")?,
                    registered: get(row, "registered")?,
                    access_token: get(row, "access_token")?,
                    access_expires_ms: get(row, "access_expires_ms")?,
                    refresh_token: get(row, "refresh_token")?,
                    sealed_no: from_sql(get(row, "sealed_no")?)?,
                    inbox_seq: from_sql(get(row, "inbox_seq")?)?,
                    rolled_back: get(row, "rolled_back")?,
                    recovery_secret: get::<Option<Vec<u8>>>(row, "recovery_secret")?
                        .map(|bytes| bytes16(&bytes))
                        .transpose()?,
                })
            };
            Ok(read())
        })
        .optional()
        .map_err(from_sqlite)?
        .transpose()
    }

    /// Writes the account before it is registered, over one that never was.
    pub(crate) fn put_new_account(&self, account: &AccountRow) -> Result<()> {
        self.execute(
            "INSERT OR REPLACE INTO account
               (one, user, device, username, identity_secret, device_secret, certificate,
                manifest, registered, access_token, access_expires_ms, refresh_token,
                sealed_no, inbox_seq, rolled_back, recovery_secret)
             VALUES (1, ?1, ?2, ?3, ?4, ?5, ?6, ?7, 0, NULL, 0, NULL, 0, 0, 0, ?8)",
            (
                account.user.as_bytes(),
                account.device.as_bytes(),
                &account.username,
                account.identity_secret,
                account.device_secret,
                &account.certificate,
                &account.manifest,
                account.recovery_secret,
            ),
        )
        .map_err(from_sqlite)?;
        Ok(())
    }

    pub(crate) fn store_session(&self, session: &Session, expires_ms: i64) -> Result<()> {
        self.execute(
            "UPDATE account
             SET registered = 1, access_token = ?1, access_expires_ms = ?2, refresh_token = ?3",
            (&session.access_token, expires_ms, &session.refresh_token),
        )
        .map_err(from_sqlite)?;
        Ok(())
    }

    pub(crate) fn set_rolled_back(&self) -> Result<()> {
        self.execute("UPDATE account SET rolled_back = 1", [])
            .map_err(from_sqlite)?;
        Ok(())
    }

    pub(crate) fn set_sealed_no(&self, sealed_no: u64) -> Result<()> {
        self.execute("UPDATE account SET sealed_no = ?1", [to_sql(sealed_no)?])
            .map_err(from_sqlite)?;
        Ok(())
    }

    pub(crate) fn set_inbox_seq(&self, seq: u64) -> Result<()> {
        self.execute(
            "UPDATE account SET inbox_seq = max(inbox_seq, ?1)",
            [to_sql(seq)?],
        )
        .map_err(from_sqlite)?;
        Ok(())
    }
}
