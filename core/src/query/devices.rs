//! The devices of this user.

use std::collections::BTreeMap;

use whimbrel_mls::{Manifest, RecoveryCode};
use whimbrel_protocol::DeviceId;

use crate::error::{Error, ErrorCode, Result};
use crate::store::read::Snapshot;
use crate::types::{Device, DeviceState, Devices};

/// The devices of this user, with what is left to do for each.
///
/// # Errors
/// `NotSignedIn`; `Damaged`; `Storage`.
pub fn devices(read: &Snapshot<'_>) -> Result<Devices> {
    let own = read
        .own_devices()?
        .ok_or_else(|| Error::new(ErrorCode::NotSignedIn, "there is no account"))?;
    let manifest = Manifest::decode_and_verify(&own.manifest)
        .map_err(|_| Error::new(ErrorCode::Damaged, "the own manifest is not valid"))?;
    let mut states: BTreeMap<DeviceId, DeviceState> = BTreeMap::new();
    for device in &manifest.revoked {
        states.insert(*device, DeviceState::Revoked);
    }
    for entry in &manifest.devices {
        states.insert(entry.device, DeviceState::Listed);
    }
    for (device, is_coming) in read.own_changes()? {
        match (is_coming, states.get(&device)) {
            (true, None) => states.insert(device, DeviceState::Coming),
            (false, Some(DeviceState::Listed)) => states.insert(device, DeviceState::Going),
            _ => continue,
        };
    }
    let mut left: BTreeMap<DeviceId, u32> = BTreeMap::new();
    for device in read.devices_under_way()? {
        *left.entry(device).or_default() += 1;
    }
    let mut devices: Vec<Device> = states
        .into_iter()
        .map(|(id, state)| Device {
            id,
            is_this_one: id == own.device,
            state,
            conversations_left: left.get(&id).copied().unwrap_or(0),
        })
        .collect();
    devices.sort_by_key(|device| (device.state == DeviceState::Revoked, device.id));
    Ok(Devices {
        version: manifest.version,
        conflict: read.manifest_conflict(own.user)?,
        devices,
    })
}

/// The recovery code, where this device knows it: the one that registered or recovered the
/// account.
///
/// # Errors
/// `Damaged`; `Storage`.
pub fn recovery_code(read: &Snapshot<'_>) -> Result<Option<String>> {
    let secret = read.recovery_secret()?;
    Ok(secret.map(|secret| RecoveryCode::new(secret).to_string()))
}
