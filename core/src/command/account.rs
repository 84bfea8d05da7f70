//! Making and entering an account.

use whimbrel_mls::{
    Certificate, DeviceKey, IdentityKey, Manifest, RecoveryCode, is_valid_username,
};
use whimbrel_protocol::account::{RegisterRequest, to_hex};
use whimbrel_protocol::limits::PASSWORD_BYTES;

use super::{Done, Scope, belongs_to};
use crate::error::{Error, ErrorCode, Result};
use crate::event::{Password, Reply, Secret, Session};
use crate::store::{AccountRow, Tx};
use crate::types::Change;

/// Draws ids and keys and keeps them, so that a registration whose answer got lost is repeated
/// with the same ones.
pub(super) fn prepare_registration(
    tx: &Tx<'_>,
    scope: &mut Scope<'_>,
    username: &str,
    password: Password,
) -> Result<Done> {
    check_username(username)?;
    if !PASSWORD_BYTES.contains(&password.0.len()) {
        let (least, most) = (PASSWORD_BYTES.start(), PASSWORD_BYTES.end());
        return Err(Error::invalid(format!(
            "a password has {least} to {most} bytes"
        )));
    }
    let account = match tx.account()? {
        Some(account) if account.registered => {
            return Err(belongs_to(&account.username));
        }
        Some(account) if account.username == username => account,
        _ => {
            let account = new_account(scope, username)?;
            tx.put_new_account(&account)?;
            account
        }
    };
    let request = RegisterRequest {
        username: username.to_owned(),
        password: password.0,
        user: account.user.to_string(),
        device: account.device.to_string(),
        manifest: to_hex(&account.manifest),
    };
    Ok(Done::nothing_to_send(Reply::Registration(Box::new(
        request,
    ))))
}

fn check_username(username: &str) -> Result<()> {
    if is_valid_username(username) {
        return Ok(());
    }
    Err(Error::invalid(
        "a user name has 3 to 32 characters out of a-z, 0-9, '.', '_' and '-'",
    ))
}

fn new_account(scope: &mut Scope<'_>, username: &str) -> Result<AccountRow> {
    let (user, device) = (scope.random.user_id(), scope.random.device_id());
    let (identity_secret, device_secret) = (scope.random.block(), scope.random.block());
    let identity = IdentityKey::from_seed(identity_secret);
    let device_key = DeviceKey::from_seed(device_secret).public();
    let certificate = Certificate::issue(&identity, user, username, device, device_key)
        .map_err(Error::internal)?;
    let recovery_secret = scope.random.secret16();
    let recovery_key = RecoveryCode::new(recovery_secret).recovery_key();
    let manifest =
        Manifest::first(&identity, recovery_key, certificate.clone()).map_err(Error::internal)?;
    let secrets = Secrets {
        identity: identity_secret,
        device: device_secret,
        recovery: Some(recovery_secret),
    };
    Ok(unregistered(&certificate, &manifest, secrets))
}

/// What only this device knows of an account.
pub(super) struct Secrets {
    pub identity: [u8; 32],
    pub device: [u8; 32],
    /// What the recovery code says, where this device has drawn it.
    pub recovery: Option<[u8; 16]>,
}

/// An account of this device's that the server has not confirmed yet.
pub(super) fn unregistered(
    certificate: &Certificate,
    manifest: &Manifest,
    secrets: Secrets,
) -> AccountRow {
    AccountRow {
        user: certificate.user,
        device: certificate.device,
        username: certificate.username.clone(),
        identity_secret: secrets.identity,
        device_secret: secrets.device,
        certificate: certificate.encode(),
        manifest: manifest.encode(),
        registered: false,
        access_token: None,
        access_expires_ms: 0,
        refresh_token: None,
        sealed_no: 0,
        inbox_seq: 0,
        rolled_back: false,
        recovery_secret: secrets.recovery,
    }
}

pub(super) fn prepare_sign_in(tx: &Tx<'_>, username: &str) -> Result<Done> {
    let Some(account) = tx.account()? else {
        return Err(Error::new(
            ErrorCode::WrongState,
            "there is no account in this data folder; a further device of an account has to be \
             linked",
        ));
    };
    if account.username != username {
        return Err(Error::new(
            ErrorCode::WrongState,
            format!("this data folder belongs to {}", account.username),
        ));
    }
    Ok(Done::nothing_to_send(Reply::Device(account.device)))
}

pub(super) fn store_session(tx: &Tx<'_>, scope: &mut Scope<'_>, session: &Session) -> Result<Done> {
    if tx.account()?.is_none() {
        return Err(Error::new(
            ErrorCode::WrongState,
            "there is no account to sign in to",
        ));
    }
    tx.store_session(
        session,
        scope.now.wall_ms.saturating_add(session.expires_in_ms),
    )?;
    tx.delete_link()?;
    scope.changes.insert(Change::Account);
    Ok(Done::nothing_to_send(Reply::Done))
}

/// The access token, while it is good for a while.
pub(super) fn access_token(tx: &Tx<'_>, scope: &Scope<'_>) -> Result<Done> {
    let account = tx
        .account()?
        .filter(|account| account.registered)
        .ok_or_else(|| Error::new(ErrorCode::NotSignedIn, "register or sign in first"))?;
    let lasts = account.access_expires_ms > scope.now.wall_ms;
    let token = account.access_token.filter(|_| lasts).map(Secret);
    Ok(Done::nothing_to_send(Reply::AccessToken(token)))
}
