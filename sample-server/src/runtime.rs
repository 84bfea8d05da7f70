//! The running server: one hub task, one log thread, one task per socket.
//!
//! [`Server::start`] brings it up inside the caller's tokio runtime, so that a test can run
//! several in one process; [`Running::shutdown`] drains it. A `Running` that is dropped without
//! draining stops as if it had been killed, except that the log is closed.

mod hub_task;
mod log_thread;
mod outgoing;

use std::net::SocketAddr;
use std::sync::Arc;
use std::thread::JoinHandle;

use prometheus_client::metrics::counter::Counter;
use tokio::net::TcpListener;
use tokio::sync::{Notify, mpsc, watch};
use tracing::info;

use crate::auth::{
    JwksError, Overloaded, PasswordHasher, SigningKey, SigningKeyError, TokenIssuer, TokenVerifier,
};
use crate::clock::{Clock, random};
use crate::config::Config;
use crate::folder::{Folder, FolderError};
use crate::http::{self, App};
use crate::hub::{Event, HubConfig};
use crate::limits::Limits;
use crate::log::{LogError, LogOptions, SqliteLog};
use crate::metrics::Metrics;
use crate::tls::{ServerTls, TlsError};

use hub_task::{HubChannels, HubTask};
pub(crate) use hub_task::{HubHandle, SocketEvent};
use log_thread::{LogCommand, LogThread};
pub(crate) use log_thread::{LogHandle, Unavailable};
pub(crate) use outgoing::{Cut, GoAway, Outgoing, Outlet, Waiting, queue};

/// Results of the log that may wait for the hub.
const RESULTS_MAX: usize = 256;

/// How far the server is from its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    /// It serves.
    Running,
    /// It serves, and `/readyz` says that it soon will not.
    Noticed,
    /// It takes nothing new and closes its sockets, spread over this time.
    Draining {
        /// Milliseconds.
        over_ms: u32,
    },
    /// Every task is to end.
    Stopped,
}

/// Why the server does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The data folder.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// The certificate.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// The key that signs tokens.
    #[error(transparent)]
    SigningKey(#[from] SigningKeyError),
    /// The keys of the trusted issuer.
    #[error(transparent)]
    Jwks(#[from] JwksError),
    /// The password hasher.
    #[error("passwords can't be hashed: {0}")]
    Passwords(#[from] Overloaded),
    /// The database.
    #[error("the database can't be opened: {}", with_cause(.0))]
    Log(#[from] LogError),
    /// The random source.
    #[error("the system gives no random bytes: {0}")]
    Random(#[from] getrandom::Error),
    /// The network.
    #[error("can't listen on {address}: {source}")]
    Listen {
        /// On which address.
        address: SocketAddr,
        /// Why not.
        source: std::io::Error,
    },
    /// The log's thread.
    #[error("no thread for the log: {0}")]
    Thread(std::io::Error),
}

fn with_cause(error: &LogError) -> String {
    match std::error::Error::source(error) {
        Some(cause) => format!("{error}: {cause}"),
        None => error.to_string(),
    }
}

/// Starts servers.
#[derive(Debug)]
pub struct Server;

/// A server that runs. Read [`Running::shutdown`] for its end.
#[derive(Debug)]
pub struct Running {
    /// Where it listens.
    pub address: SocketAddr,
    /// SHA-256 of its certificate in DER, lower-case hexadecimal.
    pub fingerprint: String,
    pub(crate) parts: Parts,
}

/// What [`crate::drain`] works with.
#[derive(Debug)]
pub(crate) struct Parts {
    pub(crate) app: Arc<App>,
    pub(crate) phase: watch::Sender<Phase>,
    pub(crate) drained: Arc<Notify>,
    pub(crate) log: LogEnd,
}

/// The end of the log's thread.
#[derive(Debug)]
pub(crate) struct LogEnd {
    commands: mpsc::Sender<LogCommand>,
    thread: Option<JoinHandle<()>>,
}

impl LogEnd {
    /// Lets the log finish what is queued, write a checkpoint and close.
    pub(crate) async fn stop(mut self) {
        // Where the channel is closed, the thread is ending already.
        let _ = self.commands.send(LogCommand::Stop).await;
        if let Some(thread) = self.thread.take() {
            // A panic of the thread has been reported by the runtime's hook.
            let _ = tokio::task::spawn_blocking(move || thread.join()).await;
        }
    }
}

impl std::fmt::Debug for LogCommand {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("LogCommand(..)")
    }
}

/// Everything of a configuration that can be wrong without anything being started.
///
/// # Errors
/// [`StartError`].
pub fn check(config: &Config) -> Result<(), StartError> {
    if let Some(files) = &config.tls.files {
        ServerTls::from_files(&files.certificate, &files.key)?;
    }
    PasswordHasher::new(&config.auth.argon2, Counter::default())?;
    // A key of the moment: the one in the data folder is none of the configuration.
    let key = SigningKey::parse(&whimbrel_protocol::account::to_hex(&random::<32>()?))?;
    TokenVerifier::new(&key, &config.auth)?;
    Ok(())
}

impl Server {
    /// Starts a server inside the current tokio runtime. When this returns, it serves.
    ///
    /// # Errors
    /// [`StartError`].
    pub async fn start(config: Config) -> Result<Running, StartError> {
        let clock = Clock::start();
        let folder = Arc::new(Folder::open(&config.data)?);
        let tls = ServerTls::load(&config.tls, &folder)?;
        let key = SigningKey::load(&folder)?;
        let verifier = TokenVerifier::new(&key, &config.auth)?;
        let metrics = Arc::new(Metrics::new());
        let computed = metrics.password_hashes.clone();
        let passwords = PasswordHasher::new(&config.auth.argon2, computed)?;
        let (listener, address) = listen(config.listen).await?;

        let (results, hub_results) = mpsc::channel(RESULTS_MAX);
        let (log, log_end) = start_log(&folder, clock, &metrics, results)?;
        let (phase, phases) = watch::channel(Phase::Running);
        let drained = Arc::new(Notify::new());
        let (hub, events) = hub_task::channel();
        let hub_config = HubConfig {
            heartbeat_ms: config.sockets.heartbeat_ms.get(),
            ..HubConfig::default()
        };
        let hub_task = HubTask::new(
            hub_config,
            clock,
            Arc::clone(&metrics),
            Arc::clone(&drained),
        );
        tokio::spawn(hub_task.run(HubChannels {
            events,
            results: hub_results,
            log: log.commands(),
            phase: phases.clone(),
        }));

        let app = Arc::new(App {
            clock,
            log,
            hub,
            passwords,
            issuer: TokenIssuer::new(key, &config.auth),
            verifier,
            limits: Limits::new(&config.limits),
            links: http::Links::new(config.limits.link_ms.get()),
            metrics,
            phase: phases,
            open: http::OpenConnections::new(&config.limits),
            config,
        });
        http::serve(listener, &tls, Arc::clone(&app));

        folder.write("address", &address.to_string())?;
        folder.write("fingerprint", &tls.fingerprint)?;
        info!(%address, fingerprint = tls.fingerprint, "listening");
        Ok(Running {
            address,
            fingerprint: tls.fingerprint,
            parts: Parts {
                app,
                phase,
                drained,
                log: log_end,
            },
        })
    }
}

async fn listen(address: SocketAddr) -> Result<(TcpListener, SocketAddr), StartError> {
    let failed = |source| StartError::Listen { address, source };
    let listener = TcpListener::bind(address).await.map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    Ok((listener, address))
}

fn start_log(
    folder: &Arc<Folder>,
    clock: Clock,
    metrics: &Arc<Metrics>,
    results: mpsc::Sender<Event>,
) -> Result<(LogHandle, LogEnd), StartError> {
    let options = LogOptions {
        path: folder.make_private("whimbrel.db")?,
        vfs: None,
    };
    let log_thread = LogThread {
        log: SqliteLog::open(&options, random::<32>()?, clock.now())?,
        folder: Arc::clone(folder),
        clock,
        metrics: Arc::clone(metrics),
        results,
    };
    let (log, thread) = log_thread.start().map_err(StartError::Thread)?;
    let end = LogEnd {
        commands: log.commands(),
        thread: Some(thread),
    };
    Ok((log, end))
}
