//! Devices of this user: what the next manifest is to say.

use whimbrel_mls::{Certificate, IdentityKey, Manifest};
use whimbrel_protocol::{DeviceId, limits};

use super::{Done, Scope};
use crate::error::{Error, ErrorCode, Result};
use crate::event::Reply;
use crate::store::{AccountRow, OwnChange, Tx};
use crate::types::Change;

/// Another device becomes one of this user's with the next manifest. May be repeated.
pub(super) fn approve(
    tx: &Tx<'_>,
    scope: &mut Scope<'_>,
    device: DeviceId,
    device_key: [u8; 32],
) -> Result<Done> {
    let (account, manifest) = own(tx)?;
    if manifest.revokes(device) {
        return Err(Error::new(
            ErrorCode::Revoked,
            "this device was removed before; link it anew",
        ));
    }
    if let Some(known) = manifest.certificate(device) {
        return if known.device_key == device_key {
            Ok(Done::nothing_to_send(Reply::Done))
        } else {
            Err(Error::new(
                ErrorCode::UntrustedDevice,
                "a device of this id is there already, with another key",
            ))
        };
    }
    let coming = tx.own_changes()?;
    let coming = coming
        .iter()
        .filter(|change| change.certificate.is_some() && change.device != device);
    if manifest.devices.len() + coming.count() >= limits::USER_DEVICES_MAX {
        return Err(Error::new(
            ErrorCode::TooManyDevices,
            format!("a user has at most {} devices", limits::USER_DEVICES_MAX),
        ));
    }
    let identity = IdentityKey::from_seed(account.identity_secret);
    let (user, name) = (account.user, &account.username);
    let certificate =
        Certificate::issue(&identity, user, name, device, device_key).map_err(Error::internal)?;
    tx.put_own_change(&OwnChange {
        device,
        certificate: Some(certificate.encode()),
    })?;
    scope.changes.insert(Change::Account);
    Ok(Done::nothing_to_send(Reply::Done))
}

/// A device that was approved and is not known to the server yet is given up.
pub(super) fn withdraw(tx: &Tx<'_>, scope: &mut Scope<'_>, device: DeviceId) -> Result<Done> {
    tx.delete_own_change(device)?;
    scope.changes.insert(Change::Account);
    Ok(Done::nothing_to_send(Reply::Done))
}

/// A device of this user, be it this one, is no longer one with the next manifest.
pub(super) fn revoke(tx: &Tx<'_>, scope: &mut Scope<'_>, device: DeviceId) -> Result<Done> {
    let (_, manifest) = own(tx)?;
    if manifest.revokes(device) {
        return Ok(Done::nothing_to_send(Reply::Done));
    }
    if !manifest.lists(device) {
        return Err(Error::not_found("device"));
    }
    if manifest.devices.len() == 1 {
        return Err(Error::new(
            ErrorCode::WrongState,
            "this is the only device; an account without a device would be lost",
        ));
    }
    tx.put_own_change(&OwnChange {
        device,
        certificate: None,
    })?;
    scope.changes.insert(Change::Account);
    Ok(Done::nothing_to_send(Reply::Done))
}

/// The account and its manifest.
pub(super) fn own(tx: &Tx<'_>) -> Result<(AccountRow, Manifest)> {
    let account = tx
        .account()?
        .ok_or_else(|| Error::new(ErrorCode::NotSignedIn, "register or sign in first"))?;
    let manifest = Manifest::decode_and_verify(&account.manifest)
        .map_err(|_| Error::new(ErrorCode::Damaged, "the own manifest is not valid"))?;
    Ok((account, manifest))
}
