//! The one table of routes. The router is built from it, and so is the test that asks for each of
//! them with every kind of token.

use std::sync::Arc;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request};
use axum::middleware::{Next, from_fn};
use axum::routing::{MethodRouter, delete, get, post};
use prometheus_client::encoding::EncodeLabelValue;
use tracing::debug;

use super::{App, BODY_BYTES_MAX, Refusal, accounts, linking, operator, recovery};
use crate::ws;

/// A route of the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EncodeLabelValue)]
pub enum Route {
    /// Makes an account.
    Register,
    /// Gives tokens.
    Token,
    /// Opens a meeting place of a new device and an old one.
    OpenLink,
    /// Reads what the new device offers.
    ReadOffer,
    /// Leaves what the old device grants.
    GiveGrant,
    /// Reads what the old device grants.
    ReadGrant,
    /// Closes a meeting place.
    CloseLink,
    /// Whether a device of the caller's user has ever signed in.
    ReadDevice,
    /// Gives what a recovery starts from.
    StartRecovery,
    /// Lets a user start anew on a new device.
    Recover,
    /// Opens a WebSocket.
    Socket,
    /// The public keys of the issuer.
    Keys,
    /// Whether the process is worth keeping.
    Live,
    /// Whether the server is worth sending clients to.
    Ready,
    /// The counters.
    Metrics,
}

/// Who may use a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Everybody; what is asked for may need a password or the like in the body.
    Everyone,
    /// A device with an access token, that the newest manifest of its user lists.
    Device,
    /// Whoever has the operator's token, where there is one.
    Operator,
}

impl Route {
    /// All of them. What is not here is not served.
    pub const ALL: [Self; 15] = [
        Self::Register,
        Self::Token,
        Self::OpenLink,
        Self::ReadOffer,
        Self::GiveGrant,
        Self::ReadGrant,
        Self::CloseLink,
        Self::ReadDevice,
        Self::StartRecovery,
        Self::Recover,
        Self::Socket,
        Self::Keys,
        Self::Live,
        Self::Ready,
        Self::Metrics,
    ];

    const fn line(self) -> (&'static str, &'static str, Access) {
        use Access::{Device, Everyone, Operator};
        match self {
            Self::Register => ("POST", "/v1/register", Everyone),
            Self::Token => ("POST", "/v1/token", Everyone),
            Self::OpenLink => ("POST", "/v1/links", Everyone),
            Self::ReadOffer => ("GET", "/v1/links/{id}/offer", Device),
            Self::GiveGrant => ("POST", "/v1/links/{id}/grant", Device),
            Self::ReadGrant => ("GET", "/v1/links/{id}/grant", Everyone),
            Self::CloseLink => ("DELETE", "/v1/links/{id}", Everyone),
            Self::ReadDevice => ("GET", "/v1/devices/{id}", Device),
            Self::StartRecovery => ("POST", "/v1/recovery/start", Everyone),
            Self::Recover => ("POST", "/v1/recovery", Everyone),
            Self::Socket => ("GET", "/v1/socket", Device),
            Self::Keys => ("GET", "/.well-known/jwks.json", Everyone),
            Self::Live => ("GET", "/livez", Everyone),
            Self::Ready => ("GET", "/readyz", Everyone),
            Self::Metrics => ("GET", "/metrics", Operator),
        }
    }

    fn handler(self) -> MethodRouter<Arc<App>> {
        match self {
            Self::Register => post(accounts::register),
            Self::Token => post(accounts::token),
            Self::OpenLink => post(linking::open),
            Self::ReadOffer => get(linking::offer),
            Self::GiveGrant => post(linking::give),
            Self::ReadGrant => get(linking::grant),
            Self::CloseLink => delete(linking::close),
            Self::ReadDevice => get(linking::device),
            Self::StartRecovery => post(recovery::start),
            Self::Recover => post(recovery::recover),
            Self::Socket => get(ws::upgrade),
            Self::Keys => get(operator::jwks),
            Self::Live => get(operator::livez),
            Self::Ready => get(operator::readyz),
            Self::Metrics => get(operator::metrics),
        }
    }

    /// The method of HTTP.
    #[must_use]
    pub const fn method(self) -> &'static str {
        self.line().0
    }

    /// The path, with `{id}` for the id of a meeting place or a device.
    #[must_use]
    pub const fn path(self) -> &'static str {
        self.line().1
    }

    /// Who may use it.
    #[must_use]
    pub const fn access(self) -> Access {
        self.line().2
    }
}

/// The router of all routes.
pub(super) fn router(app: Arc<App>) -> Router {
    Route::ALL
        .into_iter()
        .fold(Router::new(), |router, route| {
            router.route(route.path(), counted(route, &app))
        })
        .fallback(|| async { Refusal::no_such_route() })
        .method_not_allowed_fallback(|| async { Refusal::wrong_method() })
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
        .with_state(app)
}

/// The handler of a route, with its answers counted.
fn counted(route: Route, app: &Arc<App>) -> MethodRouter<Arc<App>> {
    let metrics = Arc::clone(&app.metrics);
    route
        .handler()
        .route_layer(from_fn(move |request: Request, next: Next| {
            let metrics = Arc::clone(&metrics);
            async move {
                let response = next.run(request).await;
                let status = response.status().as_u16();
                metrics.request(route, status);
                debug!(?route, status, "answered");
                response
            }
        }))
}
