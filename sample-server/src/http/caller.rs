//! Who asks.

use axum::http::{HeaderMap, header};
use tracing::debug;

use super::{App, Refusal};
use crate::auth::Verified;

/// The token of an `Authorization: Bearer` header, where there is exactly one such header.
pub(super) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let value = values.next()?.to_str().ok()?;
    if values.next().is_some() {
        return None;
    }
    let (scheme, token) = value.split_once(' ')?;
    scheme
        .eq_ignore_ascii_case("bearer")
        .then_some(token.trim())
}

/// The device whose access token comes with the request. It is a device of an account here, but
/// it may have been revoked.
pub(crate) async fn caller(app: &App, headers: &HeaderMap) -> Result<Verified, Refusal> {
    let verified = verified(app, headers)?;
    let (user, device) = (verified.user, verified.device);
    let known = app.log.call(move |log, _| log.device_of(user, device));
    if known.await? {
        Ok(verified)
    } else {
        Err(Refusal::bad_token())
    }
}

/// The same, and the newest manifest of its user lists the device.
pub(super) async fn listed_caller(app: &App, headers: &HeaderMap) -> Result<Verified, Refusal> {
    let verified = verified(app, headers)?;
    let (user, device) = (verified.user, verified.device);
    let listed = app.log.call(move |log, _| log.lists_device(user, device));
    if listed.await? {
        Ok(verified)
    } else {
        Err(Refusal::bad_token())
    }
}

fn verified(app: &App, headers: &HeaderMap) -> Result<Verified, Refusal> {
    let token = bearer(headers).ok_or_else(Refusal::no_token)?;
    app.verifier.verify(token).map_err(|error| {
        debug!(%error, "an access token was refused");
        Refusal::bad_token()
    })
}
