//! Coming back without any device: a new identity, proved by the recovery code where it is known.

use std::str::FromStr as _;

use whimbrel_mls::{Certificate, DeviceKey, IdentityKey, Manifest, RecoveryCode};
use whimbrel_protocol::UserId;
use whimbrel_protocol::account::{RecoveryRequest, from_hex, to_hex};

use super::account::{Secrets, unregistered};
use super::{Done, Scope, belongs_to};
use crate::error::{Error, ErrorCode, Result};
use crate::event::{Recovery, Reply};
use crate::store::{AccountRow, Tx};

/// Draws the keys of the new identity and device and keeps them, so that a recovery whose answer
/// got lost is repeated with the same ones.
pub(super) fn prepare(tx: &Tx<'_>, scope: &mut Scope<'_>, recovery: Recovery) -> Result<Done> {
    let Recovery {
        username,
        password,
        code,
        answer,
    } = recovery;
    let code = code.map(|code| RecoveryCode::from_str(&code.0)).transpose();
    let code = code.map_err(|error| Error::new(ErrorCode::WrongCode, error.to_string()))?;
    let unusable = || Error::new(ErrorCode::Protocol, "the server's manifest is not valid");
    let user: UserId = answer.user.parse().map_err(|_| unusable())?;
    let bytes = from_hex(&answer.manifest).ok_or_else(unusable)?;
    let newest = Manifest::decode_and_verify(&bytes).map_err(|_| unusable())?;
    if newest.user != user {
        return Err(unusable());
    }
    let account = match tx.account()? {
        Some(account) if account.registered => {
            return Err(belongs_to(&account.username));
        }
        // The server has it already, or it still fits behind what the server has.
        Some(account) if account.user == user && continues(&account.manifest, &newest) => account,
        _ => {
            let account = new_account(scope, &username, code.as_ref(), &newest)?;
            tx.put_new_account(&account)?;
            account
        }
    };
    let request = RecoveryRequest {
        username,
        password: password.0,
        device: account.device.to_string(),
        manifest: to_hex(&account.manifest),
    };
    Ok(Done::nothing_to_send(Reply::Recovery(Box::new(request))))
}

fn continues(manifest: &[u8], newest: &Manifest) -> bool {
    Manifest::decode_and_verify(manifest)
        .is_ok_and(|own| own == *newest || own.successor_of(newest).is_ok())
}

fn new_account(
    scope: &mut Scope<'_>,
    username: &str,
    code: Option<&RecoveryCode>,
    newest: &Manifest,
) -> Result<AccountRow> {
    let device = scope.random.device_id();
    let (identity_secret, device_secret) = (scope.random.block(), scope.random.block());
    let identity = IdentityKey::from_seed(identity_secret);
    let key = DeviceKey::from_seed(device_secret).public();
    let certificate = Certificate::issue(&identity, newest.user, username, device, key)
        .map_err(|_| Error::invalid("no user has such a name"))?;
    let fresh = scope.random.secret16();
    let manifest = match code {
        Some(code) => newest.recovered(&identity, certificate.clone(), code),
        None => {
            let key = RecoveryCode::new(fresh).recovery_key();
            newest.replaced(&identity, certificate.clone(), key)
        }
    };
    let manifest = manifest.map_err(|error| Error::new(ErrorCode::WrongCode, error.to_string()))?;
    let secrets = Secrets {
        identity: identity_secret,
        device: device_secret,
        // The user has the code that was used; a new one has to be shown.
        recovery: code.is_none().then_some(fresh),
    };
    Ok(unregistered(&certificate, &manifest, secrets))
}
