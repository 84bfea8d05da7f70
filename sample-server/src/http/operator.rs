//! What an operator and their instruments ask for.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use jsonwebtoken::jwk::JwkSet;

use super::caller::bearer;
use super::{App, Refusal};
use crate::runtime::Phase;

/// How long others may remember the public keys.
const JWKS_CACHE: &str = "public, max-age=300";
/// The text format of OpenMetrics, which Prometheus reads.
const METRICS_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// The public keys that access tokens are signed with.
pub(super) async fn jwks(
    State(app): State<Arc<App>>,
) -> ([(header::HeaderName, &'static str); 1], Json<JwkSet>) {
    (
        [(header::CACHE_CONTROL, JWKS_CACHE)],
        Json(app.issuer.jwks()),
    )
}

/// Whether the process is worth keeping.
pub(super) async fn livez(State(app): State<Arc<App>>) -> (StatusCode, &'static str) {
    // While stopping, the hub ends before the process does.
    if app.hub.is_up() || app.phase() == Phase::Stopped {
        (StatusCode::OK, "live\n")
    } else {
        (StatusCode::INTERNAL_SERVER_ERROR, "the hub has ended\n")
    }
}

/// Whether the server is worth sending clients to.
pub(super) async fn readyz(State(app): State<Arc<App>>) -> (StatusCode, &'static str) {
    if app.phase() != Phase::Running {
        (StatusCode::SERVICE_UNAVAILABLE, "draining\n")
    } else if !app.hub.is_up() || !app.metrics.log_works() {
        (StatusCode::SERVICE_UNAVAILABLE, "the log does not work\n")
    } else {
        (StatusCode::OK, "ready\n")
    }
}

/// The counters.
pub(super) async fn metrics(State(app): State<Arc<App>>, headers: HeaderMap) -> Response {
    if let Some(token) = &app.config.metrics.token {
        match bearer(&headers) {
            None => return Refusal::no_token().into_response(),
            Some(presented) if !token.matches(presented) => {
                return Refusal::bad_token().into_response();
            }
            Some(_) => {}
        }
    }
    ([(header::CONTENT_TYPE, METRICS_TYPE)], app.metrics.encode()).into_response()
}
