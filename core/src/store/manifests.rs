//! Device manifests: the newest of each user, and what this user wants to change in the own one.

use rusqlite::OptionalExtension as _;
use whimbrel_protocol::{ConversationId, DeviceId, UserId};

use super::damage::from_sqlite;
use super::{Tx, get, id, rows, to_sql};
use crate::error::Result;

/// What is kept of a user's manifests.
#[derive(Debug)]
pub(crate) struct ManifestRow {
    pub bytes: Vec<u8>,
    /// The recovery key of the identity relied on before has signed this identity.
    pub proven: bool,
    /// The last one under the identity relied on, where nothing connects the newest with it.
    pub base: Option<Vec<u8>>,
}

/// Something that the next own manifest is to say.
#[derive(Debug)]
pub(crate) struct OwnChange {
    pub device: DeviceId,
    /// The certificate of a device that comes; `None` where the device is revoked.
    pub certificate: Option<Vec<u8>>,
}

impl Tx<'_> {
    /// The newest manifest of a user, as far as this device has seen them.
    pub(crate) fn manifest(&self, user: UserId) -> Result<Option<ManifestRow>> {
        self.prepare_cached("SELECT bytes, proven, base FROM manifest WHERE user = ?1")
            .and_then(|mut statement| {
                statement
                    .query_row([user.as_bytes()], |row| {
                        Ok(ManifestRow {
                            bytes: row.get("bytes")?,
                            proven: row.get("proven")?,
                            base: row.get("base")?,
                        })
                    })
                    .optional()
            })
            .map_err(from_sqlite)
    }

    pub(crate) fn put_manifest(
        &self,
        user: UserId,
        version: u64,
        manifest: &ManifestRow,
    ) -> Result<()> {
        self.execute(
            "INSERT INTO manifest (user, version, bytes, proven, base, conflict)
             VALUES (?1, ?2, ?3, ?4, ?5, 0)
             ON CONFLICT (user) DO UPDATE SET
               version = excluded.version, bytes = excluded.bytes, proven = excluded.proven,
               base = excluded.base",
            (
                user.as_bytes(),
                to_sql(version)?,
                &manifest.bytes,
                manifest.proven,
                &manifest.base,
            ),
        )
        .map_err(from_sqlite)?;
        Ok(())
    }

    /// Two manifests of one version were seen.
    pub(crate) fn set_manifest_conflict(&self, user: UserId) -> Result<()> {
        self.execute(
            "UPDATE manifest SET conflict = 1 WHERE user = ?1",
            [user.as_bytes()],
        )
        .map_err(from_sqlite)?;
        Ok(())
    }

    pub(crate) fn set_own_manifest(&self, bytes: &[u8]) -> Result<()> {
        self.execute("UPDATE account SET manifest = ?1", [bytes])
            .map_err(from_sqlite)?;
        Ok(())
    }

    /// What the next own manifest is to say, in a fixed order.
    pub(crate) fn own_changes(&self) -> Result<Vec<OwnChange>> {
        let mut statement = self
            .prepare_cached("SELECT device, certificate FROM own_change ORDER BY device")
            .map_err(from_sqlite)?;
        rows(&mut statement, [], |row| {
            Ok(OwnChange {
                device: id(&get::<Vec<u8>>(row, "device")?)?,
                certificate: get(row, "certificate")?,
            })
        })
    }

    pub(crate) fn put_own_change(&self, change: &OwnChange) -> Result<()> {
        self.execute(
            "INSERT INTO own_change (device, certificate) VALUES (?1, ?2)
             ON CONFLICT (device) DO UPDATE SET certificate = excluded.certificate",
            (change.device.as_bytes(), &change.certificate),
        )
        .map_err(from_sqlite)?;
        Ok(())
    }

    pub(crate) fn delete_own_change(&self, device: DeviceId) -> Result<()> {
        self.execute(
            "DELETE FROM own_change WHERE device = ?1",
            [device.as_bytes()],
        )
        .map_err(from_sqlite)?;
        Ok(())
    }

    /// The conversations that this device is in together with a user.
    pub(crate) fn shared_conversations(&self, user: UserId) -> Result<Vec<ConversationId>> {
        let mut statement = self
            .prepare_cached(
                "SELECT id FROM conversation
                 WHERE state IN (1, 3, 4) AND EXISTS
                   (SELECT 1 FROM member
                    WHERE member.conversation = conversation.id
                      AND member.user = ?1 AND member.present = 1)
                 ORDER BY id",
            )
            .map_err(from_sqlite)?;
        rows(&mut statement, [user.as_bytes()], |row| {
            id(&get::<Vec<u8>>(row, "id")?)
        })
    }
}
