//! The link of this device to an account, while it waits to be approved.

use rusqlite::OptionalExtension as _;
use whimbrel_protocol::DeviceId;

use super::damage::from_sqlite;
use super::{Tx, bytes32, get, id};
use crate::error::Result;

/// The row.
#[derive(Clone)]
pub(crate) struct LinkRow {
    /// What the code and its secret half follow from.
    pub link_secret: [u8; 32],
    pub device: DeviceId,
    pub device_secret: [u8; 32],
    /// By this device's clock.
    pub expires_ms: i64,
}

impl Tx<'_> {
    pub(crate) fn link(&self) -> Result<Option<LinkRow>> {
        self.query_row("SELECT * FROM link", [], |row| {
            let read = || -> Result<LinkRow> {
                Ok(LinkRow {
                    link_secret: bytes32(&get::<Vec<u8>>(row, "link_secret")?)?,
                    device: id(&get::<Vec<u8>>(row, "device")?)?,
                    device_secret: bytes32(&get::<Vec<u8>>(row, "device_secret")?)?,
                    expires_ms: get(row, "expires_ms")?,
                })
            };
            Ok(read())
        })
        .optional()
        .map_err(from_sqlite)?
        .transpose()
    }

    /// Keeps a link, over one that was never approved.
    pub(crate) fn put_link(&self, link: &LinkRow) -> Result<()> {
        self.execute(
            "INSERT OR REPLACE INTO link (one, link_secret, device, device_secret, expires_ms)
             VALUES (1, ?1, ?2, ?3, ?4)",
            (
                link.link_secret,
                link.device.as_bytes(),
                link.device_secret,
                link.expires_ms,
            ),
        )
        .map_err(from_sqlite)?;
        Ok(())
    }

    pub(crate) fn delete_link(&self) -> Result<()> {
        self.execute("DELETE FROM link", []).map_err(from_sqlite)?;
        Ok(())
    }
}
