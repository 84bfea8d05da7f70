//! Accepts connections: limits first, then TLS, then HTTP/1.1.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::response::{IntoResponse as _, Response};
use hyper::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service as _, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use prometheus_client::metrics::gauge::Gauge;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_rustls::TlsAcceptor;
use tracing::{debug, warn};

use super::routes::router;
use super::{App, Refusal};
use crate::config::LimitsConfig;
use crate::limits::Network;
use crate::metrics::Limit;
use crate::runtime::Phase;
use crate::tls::ServerTls;

/// Head of a request, with an access token of the largest size in it.
const HEAD_BYTES_MAX: usize = 32 * 1024;
/// Headers of a request.
const HEADERS_MAX: usize = 64;
/// How long accepting rests when the system has no more descriptors.
const ACCEPT_REST: Duration = Duration::from_millis(100);

/// The connections that are open, sockets included.
#[derive(Debug)]
pub(crate) struct OpenConnections {
    places: Arc<Semaphore>,
    places_max: u32,
}

impl OpenConnections {
    pub(crate) fn new(config: &LimitsConfig) -> Self {
        Self {
            places: Arc::new(Semaphore::new(config.connections.size())),
            places_max: config.connections.get(),
        }
    }

    /// Returns when the last connection is closed.
    pub(crate) async fn none_left(&self) {
        // The semaphore is never closed, so this fails never and waits for every place.
        let _ = self.places.acquire_many(self.places_max).await;
    }
}

/// Who is at the other end, for the limits. Whoever keeps it keeps the connection's place.
#[derive(Debug, Clone)]
pub(crate) struct ConnectionInfo {
    pub(crate) network: Network,
    _place: Arc<Place>,
}

/// One connection of those that may be open.
#[derive(Debug)]
struct Place {
    open: Gauge,
    _permit: OwnedSemaphorePermit,
}

impl Drop for Place {
    fn drop(&mut self) {
        self.open.dec();
    }
}

/// Accepts connections until the server drains.
pub(crate) fn serve(listener: TcpListener, tls: &ServerTls, app: Arc<App>) {
    let acceptor = TlsAcceptor::from(Arc::clone(&tls.config));
    tokio::spawn(accept(listener, acceptor, app));
}

async fn accept(listener: TcpListener, acceptor: TlsAcceptor, app: Arc<App>) {
    let router = router(Arc::clone(&app));
    let mut phase = app.phase.clone();
    let draining = phase.wait_for(|phase| !matches!(phase, Phase::Running | Phase::Noticed));
    tokio::pin!(draining);
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = &mut draining => break,
        };
        match accepted {
            Ok((stream, address)) => {
                if let Some(info) = admit(&app, address) {
                    let connection = Connection {
                        app: Arc::clone(&app),
                        router: router.clone(),
                        info,
                    };
                    tokio::spawn(connection.run(acceptor.clone(), stream));
                }
            }
            Err(error) => {
                warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(ACCEPT_REST).await;
            }
        }
    }
    debug!("no longer listening");
}

/// A place for a new connection, unless there is none or its network opens too many.
fn admit(app: &App, address: SocketAddr) -> Option<ConnectionInfo> {
    let network = Network::from(address.ip());
    if app.limits.connections.check(&network, 1).is_err() {
        app.metrics.limit(Limit::Connections);
        return None;
    }
    let Ok(permit) = Arc::clone(&app.open.places).try_acquire_owned() else {
        app.metrics.limit(Limit::OpenConnections);
        return None;
    };
    let open = app.metrics.open_connections.clone();
    open.inc();
    Some(ConnectionInfo {
        network,
        _place: Arc::new(Place {
            open,
            _permit: permit,
        }),
    })
}

/// One connection on its way from TCP to requests.
struct Connection {
    app: Arc<App>,
    router: Router,
    info: ConnectionInfo,
}

impl Connection {
    async fn run(self, acceptor: TlsAcceptor, stream: TcpStream) {
        // Without it each small frame would wait for the acknowledgement of the one before.
        let _ = stream.set_nodelay(true);
        let limits = &self.app.config.limits;
        let handshake = tokio::time::timeout(limits.handshake_ms.millis(), acceptor.accept(stream));
        let Ok(Ok(stream)) = handshake.await else {
            self.app.metrics.failed_handshakes.inc();
            return;
        };
        let mut phase = self.app.phase.clone();
        let header_time = limits.header_ms.millis();
        let service = service_fn(|request| self.answer(request));
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(header_time)
            .max_buf_size(HEAD_BYTES_MAX)
            .max_headers(HEADERS_MAX)
            .serve_connection(TokioIo::new(stream), service)
            .with_upgrades();
        tokio::pin!(connection);
        let draining = |phase: &Phase| !matches!(phase, Phase::Running | Phase::Noticed);
        // What ends a connection is its peer's business; there is nothing to tell anybody.
        tokio::select! {
            _ = &mut connection => return,
            _ = phase.wait_for(draining) => connection.as_mut().graceful_shutdown(),
        }
        tokio::select! {
            _ = &mut connection => {}
            _ = phase.wait_for(|phase| *phase == Phase::Stopped) => {}
        }
    }

    async fn answer(
        &self,
        mut request: Request<Incoming>,
    ) -> Result<Response<Body>, std::convert::Infallible> {
        request.extensions_mut().insert(self.info.clone());
        let time = self.app.config.limits.request_ms.millis();
        let answer = TowerToHyperService::new(self.router.clone()).call(request);
        match tokio::time::timeout(time, answer).await {
            Ok(answer) => answer,
            Err(_) => Ok(Refusal::too_slow().into_response()),
        }
    }
}
