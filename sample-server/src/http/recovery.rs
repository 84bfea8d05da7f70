//! Starting anew: without any device, the password gives the account and the manifest a new
//! identity; on a device that can't go on, the manifest puts a new one in its place under the same
//! identity.
//!
//! Whether a new identity is proved by the recovery code is for the contacts to see; the server
//! takes either, and ends everything that the devices had which the manifest revokes.

use std::sync::Arc;

use axum::extract::{Extension, State};
use axum::http::HeaderMap;
use whimbrel_protocol::DeviceId;
use whimbrel_protocol::account::{
    RecoveryAnswer, RecoveryRequest, RecoveryStart, TokenAnswer, to_hex,
};
use whimbrel_protocol::limits::MANIFEST_BYTES_MAX;

use super::accounts::{MANIFEST, account_of, check_token_rate, first_tokens};
use super::body::{self, Body, Private, id, parse, private};
use super::{App, ConnectionInfo, Refusal};
use crate::log::Replacement;

/// `POST /v1/recovery/start`.
pub(super) async fn start(
    State(app): State<Arc<App>>,
    Extension(connection): Extension<ConnectionInfo>,
    headers: HeaderMap,
    body: Body,
) -> Result<Private<RecoveryAnswer>, Refusal> {
    check_token_rate(&app, &connection)?;
    app.refuse_while_draining()?;
    let RecoveryStart { username, password } = parse(&headers, body)?;
    let user = account_of(&app, &connection, username, password)
        .await?
        .user;
    let manifest = app
        .log
        .call(move |log, _| log.newest_manifest(user))
        .await?;
    let manifest = manifest.ok_or_else(Refusal::unavailable)?;
    Ok(private(RecoveryAnswer {
        user: user.to_string(),
        manifest: to_hex(&manifest),
    }))
}

/// `POST /v1/recovery`.
pub(super) async fn recover(
    State(app): State<Arc<App>>,
    Extension(connection): Extension<ConnectionInfo>,
    headers: HeaderMap,
    body: Body,
) -> Result<Private<TokenAnswer>, Refusal> {
    check_token_rate(&app, &connection)?;
    app.refuse_while_draining()?;
    let request: RecoveryRequest = parse(&headers, body)?;
    let device: DeviceId = id(&request.device, "device: 32 hexadecimal digits")?;
    let manifest = body::bytes(&request.manifest, MANIFEST_BYTES_MAX, MANIFEST)?;
    let account = account_of(&app, &connection, request.username, request.password).await?;
    let user = account.user;
    let replacement = app
        .log
        .call(move |log, now| log.replace_manifest(user, device, &manifest, now));
    match replacement.await? {
        Replacement::Replaced => first_tokens(&app, user, device).await.map(private),
        Replacement::Invalid => Err(Refusal::invalid(
            "manifest: must be of this user and name, and either under a new identity key with this \
             device alone, or under the same one with this device in the place of another",
        )),
        Replacement::Conflict => Err(Refusal::conflict()),
        Replacement::IdTaken => Err(Refusal::id_taken()),
        Replacement::Later { retry_after_ms } => Err(Refusal::later(retry_after_ms)),
    }
}
