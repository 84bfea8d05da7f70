//! HTTP over TLS: the account routes, the way to the socket, and what an operator asks for.
//!
//! | routes | what | module |
//! |---|---|---|
//! | `/v1/register`, `/v1/token` | accounts and tokens | `accounts` |
//! | `/v1/links/…`, `/v1/devices/…` | linking a new device | `linking` |
//! | `/v1/recovery/…` | starting anew, without any device or on an old copy | `recovery` |
//! | `/v1/socket` | WebSocket | [`crate::ws`] |
//! | `/.well-known/jwks.json`, `/livez`, `/readyz`, `/metrics` | for operators | `operator` |
//!
//! [`Route`] is the whole list. Every failure is an
//! [`ErrorAnswer`](whimbrel_protocol::account::ErrorAnswer). Limits come before work: connections
//! before the handshake, rates before bodies, sizes before parsing.

mod routes;

mod accounts;
mod linking;
mod links;
mod operator;
mod recovery;

mod body;
mod caller;
mod refusal;
mod serve;

use std::sync::Arc;

use tokio::sync::watch;
use whimbrel_protocol::limits::MANIFEST_BYTES_MAX;

use crate::auth::{PasswordHasher, TokenIssuer, TokenVerifier};
use crate::clock::Clock;
use crate::config::Config;
use crate::limits::{KeyedLimit, Limits, Network};
use crate::metrics::{Limit, Metrics};
use crate::runtime::{HubHandle, LogHandle, Phase};

pub(crate) use caller::caller;
pub(crate) use links::Links;
pub(crate) use refusal::Refusal;
pub use routes::{Access, Route};
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
    pub(crate) links: Links,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) phase: watch::Receiver<Phase>,
    pub(crate) open: OpenConnections,
}

impl App {
    pub(crate) fn phase(&self) -> Phase {
        *self.phase.borrow()
    }

    /// Nothing is begun that might not be finished.
    fn refuse_while_draining(&self) -> Result<(), Refusal> {
        match self.phase() {
            Phase::Running | Phase::Noticed => Ok(()),
            Phase::Draining { .. } | Phase::Stopped => Err(Refusal::unavailable()),
        }
    }

    /// Counts what a network address does.
    fn check_rate(
        &self,
        limit: Limit,
        rate: &KeyedLimit<Network>,
        connection: &ConnectionInfo,
        cells: u32,
    ) -> Result<(), Refusal> {
        rate.check(&connection.network, cells).map_err(|too_many| {
            self.metrics.limit(limit);
            too_many.into()
        })
    }
}
