//! The devices of this user, and what is left to do for each.

use whimbrel_protocol::{DeviceId, UserId};

use super::{Snapshot, column, id};
use crate::error::Result;
use crate::outbox::Intent;
use crate::store::bytes16;

/// What the account says about its devices.
#[derive(Debug, Clone)]
pub(crate) struct OwnDevices {
    pub(crate) user: UserId,
    pub(crate) device: DeviceId,
    pub(crate) manifest: Vec<u8>,
}

const ACCOUNT: &str = "SELECT user, device, manifest FROM account";
const CONFLICT: &str = "SELECT conflict FROM manifest WHERE user = ?1";
const CHANGES: &str = "SELECT device, certificate IS NOT NULL FROM own_change ORDER BY device";
const UPKEEP: &str = "SELECT intent FROM outbox WHERE lane = 2 ORDER BY item";
const RECOVERY: &str = "SELECT recovery_secret FROM account WHERE recovery_secret IS NOT NULL";

impl Snapshot<'_> {
    pub(crate) fn own_devices(&self) -> Result<Option<OwnDevices>> {
        self.one(ACCOUNT, [], |row| {
            Ok(OwnDevices {
                user: id(row, 0)?,
                device: id(row, 1)?,
                manifest: column(row, 2)?,
            })
        })
    }

    /// Whether two manifests of one version were seen.
    pub(crate) fn manifest_conflict(&self, user: UserId) -> Result<bool> {
        let conflict = self.one(CONFLICT, [user.as_bytes()], |row| column(row, 0))?;
        Ok(conflict.unwrap_or(false))
    }

    /// Devices that the next manifest adds, or else revokes.
    pub(crate) fn own_changes(&self) -> Result<Vec<(DeviceId, bool)>> {
        self.all(CHANGES, [], |row| Ok((id(row, 0)?, column(row, 1)?)))
    }

    /// Each device that is to be added to or removed from a conversation, once for each.
    pub(crate) fn devices_under_way(&self) -> Result<Vec<DeviceId>> {
        let intents = self.all(UPKEEP, [], |row| {
            let text: String = column(row, 0)?;
            Intent::from_json(&text)
        })?;
        let device = |intent| match intent {
            Intent::AddDevice { device } | Intent::RemoveDevice { device, .. } => {
                Some(device.device())
            }
            _ => None,
        };
        Ok(intents.into_iter().filter_map(device).collect())
    }

    /// What the recovery code says, where it is known.
    pub(crate) fn recovery_secret(&self) -> Result<Option<[u8; 16]>> {
        self.one(RECOVERY, [], |row| {
            let bytes: Vec<u8> = column(row, 0)?;
            bytes16(&bytes)
        })
    }
}
