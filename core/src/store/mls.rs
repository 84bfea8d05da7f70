//! MLS state: rows of groups, and key packages with their private halves.

use rusqlite::OptionalExtension as _;
use whimbrel_mls::{DirtyRow, FreshKeyPackage, Row, RowKey};
use whimbrel_protocol::ConversationId;

use super::damage::from_sqlite;
use super::{Tx, get, key, rows};
use crate::error::Result;

/// A key package on its way to the server.
pub(crate) struct Unpublished {
    pub reference: Vec<u8>,
    pub bytes: Vec<u8>,
    pub last_resort: bool,
}

/// One-time key packages kept: four times what the server keeps, for Welcomes that are under way.
const KEY_PACKAGES_MAX: u32 = 200;
/// Key packages of last resort kept.
const LAST_RESORTS_MAX: u32 = 4;

impl Tx<'_> {
    /// Every row of a group; empty where there is none.
    pub(crate) fn group_rows(&self, conversation: ConversationId) -> Result<Vec<Row>> {
        let mut statement = self
            .prepare_cached("SELECT kind, key, value FROM mls_row WHERE conversation = ?1")
            .map_err(from_sqlite)?;
        rows(&mut statement, [key(conversation)], |row| {
            Ok(Row {
                key: RowKey {
                    group: conversation.as_bytes().to_vec(),
                    kind: get(row, "kind")?,
                    key: get(row, "key")?,
                },
                value: get(row, "value")?,
            })
        })
    }

    /// Whether there is anything of a group.
    pub(crate) fn has_group(&self, conversation: ConversationId) -> Result<bool> {
        self.query_row(
            "SELECT EXISTS (SELECT 1 FROM mls_row WHERE conversation = ?1)",
            [key(conversation)],
            |row| row.get(0),
        )
        .map_err(from_sqlite)
    }

    /// Writes what has changed in a group. Rows of the device itself are key packages, which go
    /// as a whole in [`Tx::delete_key_package`].
    pub(crate) fn write_group_rows(
        &self,
        conversation: ConversationId,
        dirty: &[DirtyRow],
    ) -> Result<()> {
        let mine = |row: &&DirtyRow| row.key.group == conversation.as_bytes();
        for row in dirty.iter().filter(mine) {
            match &row.value {
                Some(value) => self
                    .prepare_cached(
                        "INSERT INTO mls_row (conversation, kind, key, value)
                         VALUES (?1, ?2, ?3, ?4)
                         ON CONFLICT (conversation, kind, key)
                         DO UPDATE SET value = excluded.value",
                    )
                    .and_then(|mut statement| {
                        statement.execute((key(conversation), row.key.kind, &row.key.key, value))
                    }),
                None => self
                    .prepare_cached(
                        "DELETE FROM mls_row WHERE conversation = ?1 AND kind = ?2 AND key = ?3",
                    )
                    .and_then(|mut statement| {
                        statement.execute((key(conversation), row.key.kind, &row.key.key))
                    }),
            }
            .map_err(from_sqlite)?;
        }
        Ok(())
    }

    pub(crate) fn delete_group_rows(&self, conversation: ConversationId) -> Result<()> {
        self.execute(
            "DELETE FROM mls_row WHERE conversation = ?1",
            [key(conversation)],
        )
        .map_err(from_sqlite)?;
        Ok(())
    }

    pub(crate) fn insert_key_package(
        &self,
        fresh: &FreshKeyPackage,
        last_resort: bool,
        expires_ms: i64,
    ) -> Result<()> {
        self.execute(
            "INSERT INTO key_package (reference, bytes, last_resort, expires_ms, published)
             VALUES (?1, ?2, ?3, ?4, 0)",
            (&fresh.reference, &fresh.bytes, last_resort, expires_ms),
        )
        .map_err(from_sqlite)?;
        for row in &fresh.rows {
            self.execute(
                "INSERT INTO key_package_row (reference, kind, key, value)
                 VALUES (?1, ?2, ?3, ?4)",
                (&fresh.reference, row.key.kind, &row.key.key, &row.value),
            )
            .map_err(from_sqlite)?;
        }
        // A server that never has enough is not to fill the disk: those that it got first go.
        let kept = if last_resort {
            LAST_RESORTS_MAX
        } else {
            KEY_PACKAGES_MAX
        };
        self.execute(
            "DELETE FROM key_package WHERE reference IN
               (SELECT reference FROM key_package WHERE last_resort = ?1
                ORDER BY published, expires_ms DESC, reference LIMIT -1 OFFSET ?2)",
            (last_resort, kept),
        )
        .map_err(from_sqlite)?;
        Ok(())
    }

    /// Key packages that the server has not confirmed.
    pub(crate) fn unpublished_key_packages(&self, limit: usize) -> Result<Vec<Unpublished>> {
        let mut statement = self
            .prepare_cached(
                "SELECT reference, bytes, last_resort FROM key_package
                 WHERE published = 0 ORDER BY last_resort DESC, reference LIMIT ?1",
            )
            .map_err(from_sqlite)?;
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        rows(&mut statement, [limit], |row| {
            Ok(Unpublished {
                reference: get(row, "reference")?,
                bytes: get(row, "bytes")?,
                last_resort: get(row, "last_resort")?,
            })
        })
    }

    pub(crate) fn set_key_package_published(&self, reference: &[u8]) -> Result<()> {
        self.execute(
            "UPDATE key_package SET published = 1 WHERE reference = ?1",
            [reference],
        )
        .map_err(from_sqlite)?;
        Ok(())
    }

    /// The private rows of one of these key packages, the first that is here.
    pub(crate) fn key_package_rows(&self, references: &[Vec<u8>]) -> Result<Vec<Row>> {
        for reference in references {
            let known: Option<i64> = self
                .query_row(
                    "SELECT 1 FROM key_package WHERE reference = ?1",
                    [reference],
                    |row| row.get(0),
                )
                .optional()
                .map_err(from_sqlite)?;
            if known.is_none() {
                continue;
            }
            let mut statement = self
                .prepare_cached("SELECT kind, key, value FROM key_package_row WHERE reference = ?1")
                .map_err(from_sqlite)?;
            return rows(&mut statement, [reference], |row| {
                Ok(Row {
                    key: RowKey {
                        group: Vec::new(),
                        kind: get(row, "kind")?,
                        key: get(row, "key")?,
                    },
                    value: get(row, "value")?,
                })
            });
        }
        Ok(Vec::new())
    }

    /// Forgets a key package with its private half, unless it is one of last resort.
    pub(crate) fn delete_used_key_package(&self, reference: &[u8]) -> Result<()> {
        self.execute(
            "DELETE FROM key_package WHERE reference = ?1 AND last_resort = 0",
            [reference],
        )
        .map_err(from_sqlite)?;
        Ok(())
    }

    /// Forgets key packages that nobody may claim any more, a grace period after their expiry.
    pub(crate) fn delete_expired_key_packages(&self, before_ms: i64) -> Result<()> {
        self.execute("DELETE FROM key_package WHERE expires_ms < ?1", [before_ms])
            .map_err(from_sqlite)?;
        Ok(())
    }
}
