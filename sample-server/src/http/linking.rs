//! Linking a new device, see [`Links`](super::links::Links).
//!
//! The id of a place is the right to use it. Reading the offer and leaving the grant take an
//! access token as well: only somebody with a device can let another one in.

use std::sync::Arc;

use axum::extract::rejection::PathRejection;
use axum::extract::{Extension, Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use whimbrel_mls::Manifest;
use whimbrel_protocol::account::{LinkGrantBody, LinkOfferAnswer, LinkOpening, from_hex, to_hex};
use whimbrel_protocol::limits::{LINK_GRANT_BYTES_MAX, LINK_OFFER_BYTES_MAX};
use whimbrel_protocol::{DeviceId, UserId};

use super::body::{self, Body, Private, parse, private};
use super::caller::listed_caller;
use super::links::{LinkId, LinkRefusal};
use super::{App, ConnectionInfo, Refusal};
use crate::metrics::Limit;

/// What opening a place counts for, where a question counts for one: a client asks once a second
/// for the grant, but opens a place only when somebody wants to link a device.
const OPENING_CELLS: u32 = 20;

type PathId = Result<Path<String>, PathRejection>;
type Connection = Extension<ConnectionInfo>;

/// `POST /v1/links`.
pub(super) async fn open(
    State(app): State<Arc<App>>,
    Extension(connection): Connection,
    headers: HeaderMap,
    body: Body,
) -> Result<StatusCode, Refusal> {
    check_rate(&app, &connection, OPENING_CELLS)?;
    app.refuse_while_draining()?;
    let opening: LinkOpening = parse(&headers, body)?;
    let id = from_hex(&opening.id).and_then(|bytes| LinkId::try_from(bytes).ok());
    let id = id.ok_or(Refusal::invalid("id: 32 hexadecimal digits"))?;
    let description = "offer: 1 to 1024 bytes in hexadecimal digits";
    let offer = body::bytes(&opening.offer, LINK_OFFER_BYTES_MAX, description)?;
    app.links.open(id, offer, app.clock.now())?;
    Ok(StatusCode::CREATED)
}

/// `GET /v1/links/{id}/offer`.
pub(super) async fn offer(
    State(app): State<Arc<App>>,
    Extension(connection): Connection,
    path: PathId,
    headers: HeaderMap,
) -> Result<Private<LinkOfferAnswer>, Refusal> {
    check_rate(&app, &connection, 1)?;
    listed_caller(&app, &headers).await?;
    let (offer, expires_ms) = app.links.offer(id(path)?, app.clock.now())?;
    Ok(private(LinkOfferAnswer {
        offer: to_hex(&offer),
        expires_ms,
    }))
}

/// `POST /v1/links/{id}/grant`.
pub(super) async fn give(
    State(app): State<Arc<App>>,
    Extension(connection): Connection,
    path: PathId,
    headers: HeaderMap,
    body: Body,
) -> Result<StatusCode, Refusal> {
    check_rate(&app, &connection, 1)?;
    app.refuse_while_draining()?;
    listed_caller(&app, &headers).await?;
    let id = id(path)?;
    let grant: LinkGrantBody = parse(&headers, body)?;
    let description = "grant: 1 byte to 12 KiB in hexadecimal digits";
    let grant = body::bytes(&grant.grant, LINK_GRANT_BYTES_MAX, description)?;
    app.links.give(id, grant, app.clock.now())?;
    Ok(StatusCode::NO_CONTENT)
}

/// `GET /v1/links/{id}/grant`.
pub(super) async fn grant(
    State(app): State<Arc<App>>,
    Extension(connection): Connection,
    path: PathId,
) -> Result<Response, Refusal> {
    check_rate(&app, &connection, 1)?;
    Ok(match app.links.grant(id(path)?, app.clock.now())? {
        Some(grant) => {
            let grant = to_hex(&grant);
            private(LinkGrantBody { grant }).into_response()
        }
        None => StatusCode::NO_CONTENT.into_response(),
    })
}

/// `DELETE /v1/links/{id}`.
pub(super) async fn close(
    State(app): State<Arc<App>>,
    Extension(connection): Connection,
    path: PathId,
) -> Result<StatusCode, Refusal> {
    check_rate(&app, &connection, 1)?;
    app.links.close(id(path)?, app.clock.now());
    Ok(StatusCode::NO_CONTENT)
}

/// `GET /v1/devices/{id}`: whoever has approved a device sees whether it has come.
pub(super) async fn device(
    State(app): State<Arc<App>>,
    Extension(connection): Connection,
    path: PathId,
    headers: HeaderMap,
) -> Result<StatusCode, Refusal> {
    check_rate(&app, &connection, 1)?;
    let user = listed_caller(&app, &headers).await?.user;
    let device = path.ok().and_then(|Path(text)| text.parse().ok());
    let device: DeviceId = device.ok_or_else(Refusal::no_such_device)?;
    let has_come = app.log.call(move |log, _| log.has_signed_in(user, device));
    if has_come.await? {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(Refusal::no_such_device())
    }
}

/// A sign-in by the key of a device that was linked. Every way to fail looks the same.
pub(super) async fn sign_in(
    app: &App,
    (user, device): (UserId, DeviceId),
    link: &str,
    signature: &str,
) -> Result<(), Refusal> {
    let link = from_hex(link).and_then(|bytes| LinkId::try_from(bytes).ok());
    let (Some(link), Some(signature)) = (link, from_hex(signature)) else {
        return Err(Refusal::wrong_link());
    };
    let manifest = app
        .log
        .call(move |log, _| log.newest_manifest(user))
        .await?;
    let manifest = manifest.and_then(|bytes| Manifest::decode_and_verify(&bytes).ok());
    let certificate = manifest
        .as_ref()
        .and_then(|manifest| manifest.certificate(device));
    let is_signed = certificate.is_some_and(|certificate| {
        whimbrel_mls::verify_sign_in(certificate, link.as_bytes(), &signature).is_ok()
    });
    // Last, so that only the device itself can use up the place.
    if is_signed && app.links.use_up(link, app.clock.now()) {
        Ok(())
    } else {
        Err(Refusal::wrong_link())
    }
}

fn check_rate(app: &App, connection: &ConnectionInfo, cells: u32) -> Result<(), Refusal> {
    app.check_rate(Limit::Links, &app.limits.links, connection, cells)
}

/// A path that is no id leads to no place.
fn id(path: PathId) -> Result<LinkId, Refusal> {
    path.ok()
        .and_then(|Path(text)| from_hex(&text))
        .and_then(|bytes| LinkId::try_from(bytes).ok())
        .ok_or_else(Refusal::no_such_link)
}

impl From<LinkRefusal> for Refusal {
    fn from(refusal: LinkRefusal) -> Self {
        match refusal {
            LinkRefusal::NotFound => Self::no_such_link(),
            LinkRefusal::Taken => Self::link_taken(),
            LinkRefusal::Size => Self::invalid("nothing, or too much, to leave there"),
            LinkRefusal::Full => Self::unavailable(),
        }
    }
}
