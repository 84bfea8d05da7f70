//! HTTP over TLS: the account routes, the way to the socket, and what an operator asks for.
//!
//! | route | what | module |
//! |---|---|---|
//! | `POST /v1/register`, `POST /v1/token` | accounts and tokens | [`accounts`] |
//! | `GET /v1/socket` | WebSocket, `Authorization: Bearer` | [`crate::ws`] |
//! | `GET /.well-known/jwks.json` | public keys of the issuer | [`operator`] |
//! | `GET /livez`, `/readyz`, `/metrics` | state of the server | [`operator`] |
//!
//! Every failure is an [`ErrorAnswer`](whimbrel_protocol::account::ErrorAnswer). Limits come
//! before work: connections before the handshake, rates before bodies, sizes before parsing.

mod accounts;
mod operator;
mod refusal;
mod serve;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};
use std::sync::Arc;
use tokio::sync::watch;
use whimbrel_protocol::limits::MANIFEST_BYTES_MAX;

use crate::auth::{PasswordHasher, TokenIssuer, TokenVerifier};
use crate::clock::Clock;
use crate::config::Config;
use crate::limits::Limits;
use crate::metrics::Metrics;
use crate::runtime::{HubHandle, LogHandle, Phase};
use crate::ws;

pub(crate) use operator::bearer;
pub(crate) use refusal::Refusal;
pub(crate) use serve::{ConnectionInfo, OpenConnections, serve};

/// Largest JSON body: the manifest in hexadecimal digits, and everything else.
const BODY_BYTES_MAX: usize = 16 * 1024 + 2 * MANIFEST_BYTES_MAX;

/// What every request may use.
#[derive(Debug)]
pub(crate) struct App {
    pub(crate) config: Config,
    pub(crate) clock: Clock,
    pub(crate) log: LogHandle,
    pub(crate) hub: HubHandle,
    pub(crate) passwords: PasswordHasher,
    pub(crate) issuer: TokenIssuer,
    pub(crate) verifier: TokenVerifier,
    pub(crate) limits: Limits,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) phase: watch::Receiver<Phase>,
    pub(crate) open: OpenConnections,
}

impl App {
    pub(crate) fn phase(&self) -> Phase {
        *self.phase.borrow()
    }
}

fn router(app: Arc<App>) -> Router {
    Router::new()
        .route("/v1/register", post(accounts::register))
        .route("/v1/token", post(accounts::token))
        .route("/v1/socket", get(ws::upgrade))
        .route("/.well-known/jwks.json", get(operator::jwks))
        .route("/livez", get(operator::livez))
        .route("/readyz", get(operator::readyz))
        .route("/metrics", get(operator::metrics))
        .fallback(|| async { Refusal::no_such_route() })
        .method_not_allowed_fallback(|| async { Refusal::wrong_method() })
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
        .with_state(app)
}
