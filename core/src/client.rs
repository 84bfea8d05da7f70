//! What apps use: [`Client`].
//!
//! Every call with an effect is in the database before it returns, whatever becomes of the
//! network. Futures may be dropped at any time: what was handed to the engine happens all the
//! same. They run on any executor, because the client brings its own threads.

pub mod changes;

mod commands;
mod devices;
mod lifecycle;
mod notification;
mod queries;
mod readers;
mod session;

use std::path::PathBuf;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;
use tokio::task::JoinSet;

pub use changes::Changes;
pub use devices::SignOut;
pub use lifecycle::SyncOutcome;
pub use notification::open_notification;

pub use crate::event::Network;
pub use crate::store::DatabaseKey;

use crate::driver::{EngineHandle, Surroundings, random_seed};
use crate::error::{Error, ErrorCode, Result};
use crate::event::{Command, Reply};
use crate::store::StoreOptions;
use crate::transport::Transport;
use crate::types::{Account, ClientState, Connection};
use changes::ChangeHub;
use readers::Readers;

/// Threads for sockets and HTTP.
const RUNTIME_THREADS: usize = 2;

/// What a client is opened with.
#[derive(Debug, Clone)]
pub struct Options {
    /// The data folder. It holds one account, is made where it is missing, and belongs to this
    /// library alone. It must stay out of backups: see [`Alarm`](crate::types::Alarm).
    pub folder: PathBuf,
    /// The key of the database, from the platform's key store.
    pub key: DatabaseKey,
    /// The server: `https://host` or `https://host:port`.
    pub server: String,
    /// SHA-256 of the server's certificate (DER). Without one the certificate must come from a
    /// public certificate authority.
    pub pinned_fingerprint: Option<[u8; 32]>,
    /// Whether there is a network at the start.
    pub network: Network,
}

impl Options {
    /// Options with a public certificate and a network.
    #[must_use]
    pub fn new(folder: impl Into<PathBuf>, key: DatabaseKey, server: impl Into<String>) -> Self {
        Self {
            folder: folder.into(),
            key,
            server: server.into(),
            pinned_fingerprint: None,
            network: Network::Up,
        }
    }
}

/// A chat client: one account on this device.
///
/// Clones are the same client. Dropping the last one closes it, and waits for that; after
/// [`shutdown`](Client::shutdown) there is nothing left to wait for. A process should not end
/// while a client is open: SQLCipher tidies up at the exit, under the feet of threads that still
/// use it. Nothing is lost by that, but the process may end with a crash.
///
/// Each call can fail with `Paused`, `ShutDown`, and `Internal` (a defect of this library; the
/// client then answers so until [`pause`](Client::pause) and [`resume`](Client::resume)), besides
/// the errors that it lists.
#[derive(Clone)]
pub struct Client {
    shared: Arc<Shared>,
}

struct Shared {
    /// Dropped first: the readers are stopped before the database is closed.
    phase: Mutex<Phase>,
    engine: EngineHandle,
    store: StoreOptions,
    transport: Arc<Transport>,
    changes: Arc<ChangeHub>,
    state: watch::Receiver<ClientState>,
    /// Held while the phase is being changed. Who asks first gets it first.
    changing: Arc<tokio::sync::Mutex<()>>,
    /// Held while a device that was approved signs in.
    linking: tokio::sync::Mutex<()>,
    /// How often the app has asked to go on.
    resumes: AtomicU64,
    runtime: OwnRuntime,
}

/// Whether calls are taken.
enum Phase {
    Running(Arc<Readers>),
    Paused,
    ShutDown,
}

/// A runtime of our own, that may be dropped on any thread.
struct OwnRuntime(Option<tokio::runtime::Runtime>);

impl Client {
    /// Opens the data folder and starts the client. It connects as soon as somebody is
    /// registered or signed in and there is a network.
    ///
    /// # Errors
    /// `InvalidArgument` for a server that is not an `https` address; `AlreadyOpen` where another
    /// client or process has the folder open; `WrongKey`; `Damaged`; `UpdateNeeded` where a newer
    /// version of this library has written the database; `DiskFull`; `Storage`.
    pub async fn open(options: Options) -> Result<Self> {
        let transport = Transport::new(&options.server, options.pinned_fingerprint)?;
        let transport = Arc::new(transport);
        let runtime = OwnRuntime::start()?;
        let changes = Arc::new(ChangeHub::default());
        let store = StoreOptions {
            folder: options.folder,
            key: options.key,
            salt_seed: random_seed()?,
            vfs: None,
        };
        let (state_sender, state) = watch::channel(ClientState::of_nobody(Connection::Offline));
        let engine = EngineHandle::start(Surroundings {
            store: store.clone(),
            network: options.network,
            transport: Arc::clone(&transport),
            runtime: runtime.handle()?,
            changes: Arc::clone(&changes),
            state: state_sender,
        })?;
        engine.open().await?;
        let readers = Arc::new(Readers::start(&store)?);
        Ok(Self {
            shared: Arc::new(Shared {
                engine,
                store,
                transport,
                changes,
                state,
                phase: Mutex::new(Phase::Running(readers)),
                changing: Arc::default(),
                linking: tokio::sync::Mutex::new(()),
                resumes: AtomicU64::new(0),
                runtime,
            }),
        })
    }

    /// The state of the client as a whole. Never waits; also known while paused.
    #[must_use]
    pub fn state(&self) -> ClientState {
        self.shared.state.borrow().clone()
    }

    /// Who is registered or signed in here.
    #[must_use]
    pub fn account(&self) -> Option<Account> {
        self.shared.state.borrow().account.clone()
    }

    /// Begins to collect what changes from now on. Subscribe before the first query, so that
    /// nothing falls between.
    #[must_use]
    pub fn subscribe(&self) -> Changes {
        self.shared.changes.subscribe()
    }

    /// Tells whether there is a network. With `Up` it connects at once, whatever it waited for,
    /// with `Down` it does not try to; a client that is paused remembers it. Calls that ask the
    /// server themselves, such as [`register`](Self::register), try all the same.
    ///
    /// # Errors
    /// `ShutDown`; `Internal`.
    pub async fn set_network(&self, network: Network) -> Result<()> {
        match self.shared.readers() {
            Err(error) if error.code != ErrorCode::Paused => Err(error),
            _ => self.shared.engine.set_network(network).await,
        }
    }
}

impl Shared {
    fn phase(&self) -> MutexGuard<'_, Phase> {
        self.phase.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What reads the database, if calls are taken at all.
    fn readers(&self) -> Result<Arc<Readers>> {
        if self.engine.has_failed() {
            return Err(Error::internal("the engine has stopped by a defect"));
        }
        match &*self.phase() {
            Phase::Running(readers) => Ok(Arc::clone(readers)),
            Phase::Paused => Err(Error::new(ErrorCode::Paused, "the client is paused")),
            Phase::ShutDown => Err(shut_down()),
        }
    }

    async fn command(&self, command: Command) -> Result<Reply> {
        self.readers()?;
        self.engine.command(command).await
    }

    /// Runs work to its end, also when nobody waits for it any more.
    async fn run<T: Send + 'static>(
        &self,
        work: impl Future<Output = Result<T>> + Send + 'static,
    ) -> Result<T> {
        let task = self.runtime.handle()?.spawn(work);
        task.await
            .map_err(|_| Error::internal("a task of the client has stopped"))?
    }

    /// Runs work that only waits, as long as somebody waits for it.
    async fn run_while_awaited<T: Send + 'static>(
        &self,
        work: impl Future<Output = Result<T>> + Send + 'static,
    ) -> Result<T> {
        let mut task = JoinSet::new();
        task.spawn_on(work, &self.runtime.handle()?);
        // Dropping the set ends the task.
        match task.join_next().await {
            Some(Ok(result)) => result,
            _ => Err(Error::internal("a task of the client has stopped")),
        }
    }
}

fn shut_down() -> Error {
    Error::new(ErrorCode::ShutDown, "the client was shut down")
}

/// Who writes to a connection that the other side has closed gets SIGPIPE, which ends a process that
/// has not said otherwise. Rust says so for its own programs, and not for a library in others.
fn block_sigpipe() {
    #[cfg(unix)]
    {
        let signals = nix::sys::signal::SigSet::from(nix::sys::signal::SIGPIPE);
        // It fails for impossible arguments only.
        let _ = signals.thread_block();
    }
}

impl OwnRuntime {
    fn start() -> Result<Self> {
        tokio::runtime::Builder::new_multi_thread()
            .worker_threads(RUNTIME_THREADS)
            .thread_name("whimbrel-net")
            .on_thread_start(block_sigpipe)
            .enable_all()
            .build()
            .map(|runtime| Self(Some(runtime)))
            .map_err(Error::internal)
    }

    fn handle(&self) -> Result<tokio::runtime::Handle> {
        let runtime = self.0.as_ref();
        runtime
            .map(|runtime| runtime.handle().clone())
            .ok_or_else(shut_down)
    }
}

impl Drop for OwnRuntime {
    fn drop(&mut self) {
        // Waiting for its tasks is not allowed on a thread of another runtime.
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}

#[cfg(test)]
mod tests;
