//! Linking a further device: on the new device, and the grant that the old one seals.

use std::str::FromStr as _;

use whimbrel_mls::{
    Device, DeviceKey, IdentityKey, LINK_LIFETIME_MS, LinkCode, LinkError, LinkGrant, LinkKey,
    LinkOffer, fingerprint, sign_in_signature,
};
use whimbrel_protocol::account::{LinkOpening, TokenRequest, to_hex};

use super::account::{Secrets, unregistered};
use super::{Done, Scope, belongs_to, devices};
use crate::error::{Error, ErrorCode, Result};
use crate::event::{LinkStart, Reply, Secret};
use crate::store::{AccountRow, LinkRow, Tx};
use crate::types::LinkTicket;

/// Draws what the new device shows and keeps it: a kill does not end the linking.
pub(super) fn start(tx: &Tx<'_>, scope: &mut Scope<'_>) -> Result<Done> {
    if let Some(account) = tx.account()?.filter(|account| account.registered) {
        return Err(belongs_to(&account.username));
    }
    let row = LinkRow {
        link_secret: scope.random.block(),
        device: scope.random.device_id(),
        device_secret: scope.random.block(),
        expires_ms: scope.now.wall_ms.saturating_add(LINK_LIFETIME_MS),
    };
    tx.put_link(&row)?;
    let (key, offer) = keys(&row);
    let start = LinkStart {
        ticket: LinkTicket {
            code: key.code().to_string(),
            qr: key.code().to_qr().to_string(),
            fingerprint: fingerprint(key.code(), &offer),
            expires_ms: row.expires_ms,
        },
        opening: LinkOpening {
            id: to_hex(&key.code().id()),
            offer: to_hex(&offer.seal(key.code())),
        },
    };
    Ok(Done::nothing_to_send(Reply::LinkStarted(Box::new(start))))
}

fn keys(row: &LinkRow) -> (LinkKey, LinkOffer) {
    let offer = LinkOffer {
        device: row.device,
        device_key: DeviceKey::from_seed(row.device_secret).public(),
    };
    (LinkKey::from_seed(row.link_secret), offer)
}

/// The link that waits, unless its time is over.
fn waiting(tx: &Tx<'_>, scope: &Scope<'_>) -> Result<LinkRow> {
    let row = tx.link()?.ok_or_else(|| {
        Error::new(
            ErrorCode::WrongState,
            "this device does not wait to be linked",
        )
    })?;
    if scope.now.wall_ms >= row.expires_ms {
        return Err(Error::new(ErrorCode::CodeExpired, "the code has expired"));
    }
    Ok(row)
}

/// What is to be done next to be linked.
pub(super) fn next_step(tx: &Tx<'_>, scope: &Scope<'_>) -> Result<Done> {
    if let (Some(account), Some(row)) = (tx.account()?, tx.link()?)
        && account.device == row.device
    {
        return sign_in(&account, &row);
    }
    let (key, _) = keys(&waiting(tx, scope)?);
    let id = to_hex(&key.code().id());
    Ok(Done::nothing_to_send(Reply::LinkWaits(id)))
}

/// Opens the grant and keeps the account that it is for.
pub(super) fn take_grant(tx: &Tx<'_>, scope: &Scope<'_>, bytes: &[u8]) -> Result<Done> {
    let row = waiting(tx, scope)?;
    let (key, offer) = keys(&row);
    // Its time is measured by this device's own clock, which may differ from the server's; a
    // grant for an earlier code does not open.
    let grant = LinkGrant::open(&key, &offer, bytes, 0).map_err(|error| refused(&error))?;
    let certificate = grant.manifest.certificate(row.device);
    let certificate = certificate.ok_or_else(|| refused(&LinkError::Inconsistent))?;
    let secrets = Secrets {
        identity: *grant.identity.to_bytes(),
        device: row.device_secret,
        recovery: None,
    };
    let account = unregistered(certificate, &grant.manifest, secrets);
    tx.put_new_account(&account)?;
    sign_in(&account, &row)
}

fn sign_in(account: &AccountRow, row: &LinkRow) -> Result<Done> {
    let (key, _) = keys(row);
    let damaged = |_| Error::new(ErrorCode::Damaged, "the account's keys do not fit");
    let certificate = whimbrel_mls::Certificate::decode_and_verify(&account.certificate);
    let device_key = DeviceKey::from_seed(account.device_secret);
    let device = Device::new(certificate.map_err(damaged)?, device_key).map_err(damaged)?;
    let id = key.code().id();
    let request = TokenRequest::Device {
        user: account.user.to_string(),
        device: account.device.to_string(),
        link: to_hex(&id),
        signature: to_hex(&sign_in_signature(&device, &id)),
    };
    Ok(Done::nothing_to_send(Reply::LinkSignIn(Box::new(request))))
}

/// Gives the link up. An account that was granted already stays.
pub(super) fn cancel(tx: &Tx<'_>) -> Result<Done> {
    tx.delete_link()?;
    Ok(Done::nothing_to_send(Reply::Done))
}

/// Seals what the new device needs, once the manifest lists it.
pub(super) fn seal_grant(
    tx: &Tx<'_>,
    scope: &Scope<'_>,
    code: &Secret,
    offer: &[u8],
    expires_ms: i64,
) -> Result<Done> {
    let code = read_code(code)?;
    let offer = LinkOffer::open(&code, offer).map_err(|error| refused(&error))?;
    let (account, manifest) = devices::own(tx)?;
    let grant = LinkGrant {
        granted_by: account.device,
        identity: IdentityKey::from_seed(account.identity_secret),
        manifest,
        expires_ms,
    };
    let sealed = grant.seal(scope.crypto, &code, &offer);
    let sealed = sealed.map_err(|error| refused(&error))?;
    Ok(Done::nothing_to_send(Reply::LinkGrant(sealed)))
}

/// Reads a code as somebody typed it or a camera saw it.
pub(crate) fn read_code(code: &Secret) -> Result<LinkCode> {
    LinkCode::from_str(&code.0).map_err(|error| Error::new(ErrorCode::WrongCode, error.to_string()))
}

/// The device that made an offer, and the digits to compare.
pub(crate) fn read_offer(code: &LinkCode, offer: &[u8]) -> Result<(LinkOffer, String)> {
    let offer = LinkOffer::open(code, offer).map_err(|error| refused(&error))?;
    let digits = fingerprint(code, &offer);
    Ok((offer, digits))
}

/// The id under which two devices meet, in hexadecimal.
pub(crate) fn place(code: &LinkCode) -> String {
    to_hex(&code.id())
}

fn refused(error: &LinkError) -> Error {
    let code = match error {
        LinkError::Malformed | LinkError::WrongCode | LinkError::BadKey => ErrorCode::WrongCode,
        LinkError::UnknownVersion(_) => ErrorCode::UpdateNeeded,
        LinkError::Expired => ErrorCode::CodeExpired,
        LinkError::OtherOffer | LinkError::Manifest(_) | LinkError::Inconsistent => {
            ErrorCode::UntrustedDevice
        }
    };
    Error::new(code, error.to_string())
}
