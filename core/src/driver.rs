//! Gives the engine a thread, a clock, randomness and a connection, and decides nothing.
//!
//! [`EngineHandle`] is what the façade holds. Behind it one thread owns the [`Engine`]: it waits
//! for commands, frames and the time, hands them in, and carries out what comes out. Sockets and
//! HTTP run on an asynchronous runtime beside it; see [`link`].

mod clock;
mod link;
mod thread;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;

use tokio::sync::{mpsc, oneshot, watch};

use crate::client::changes::ChangeHub;
use crate::error::{Error, ErrorCode, Result};
use crate::event::{Command, Network, Reply};
use crate::store::StoreOptions;
use crate::transport::Transport;
use crate::types::ClientState;

pub(crate) use clock::random_seed;

/// Commands that wait for the engine; more wait at their callers.
const COMMANDS_MAX: usize = 256;
/// Orders of the façade that wait for the engine.
const CONTROLS_MAX: usize = 16;

/// What the engine's thread works with.
pub(crate) struct Surroundings {
    pub(crate) store: StoreOptions,
    pub(crate) network: Network,
    pub(crate) transport: Arc<Transport>,
    pub(crate) runtime: tokio::runtime::Handle,
    pub(crate) changes: Arc<ChangeHub>,
    pub(crate) state: watch::Sender<ClientState>,
}

/// A command and where its answer goes.
pub(crate) struct Request {
    command: Command,
    answer: oneshot::Sender<Result<Reply>>,
}

/// An order of the façade.
pub(crate) enum Control {
    /// Open the database and start.
    Open(oneshot::Sender<Result<()>>),
    /// Finish the turn, and close the database.
    Close(oneshot::Sender<Result<()>>),
    /// Remove the data folder, once the database is closed.
    Wipe(oneshot::Sender<Result<()>>),
    /// The app says whether there is a network.
    Network(Network),
    /// Panic, as a defect would.
    #[cfg(test)]
    Panic(oneshot::Sender<Result<()>>),
}

/// The way to the engine's thread. Dropping it ends the thread, which closes what is open.
pub(crate) struct EngineHandle {
    control: mpsc::Sender<Control>,
    commands: mpsc::Sender<Request>,
    failed: Arc<AtomicBool>,
    /// Dropped last: the thread ends once the senders are gone.
    _thread: Joined,
}

/// A thread that whoever drops this waits for.
pub(crate) struct Joined(Option<JoinHandle<()>>);

impl Joined {
    pub(crate) fn new(thread: JoinHandle<()>) -> Self {
        Self(Some(thread))
    }
}

impl Drop for Joined {
    fn drop(&mut self) {
        // The app's code runs on the thread itself where an answer wakes it right there.
        let others = |thread: &JoinHandle<()>| thread.thread().id() != std::thread::current().id();
        if let Some(thread) = self.0.take().filter(others) {
            // A panic of the thread was dealt with there.
            let _ = thread.join();
        }
    }
}

impl EngineHandle {
    /// Starts the thread. The engine is opened by [`open`](Self::open).
    pub(crate) fn start(surroundings: Surroundings) -> Result<Self> {
        let (control, control_in) = mpsc::channel(CONTROLS_MAX);
        let (commands, commands_in) = mpsc::channel(COMMANDS_MAX);
        let failed = Arc::new(AtomicBool::new(false));
        let inputs = thread::Inputs::new(control_in, commands_in);
        let shared_failed = Arc::clone(&failed);
        let thread = std::thread::Builder::new()
            .name("whimbrel-engine".to_owned())
            .spawn(move || thread::run(surroundings, inputs, &shared_failed))
            .map_err(Error::internal)?;
        Ok(Self {
            control,
            commands,
            failed,
            _thread: Joined::new(thread),
        })
    }

    /// Opens the database and starts the engine.
    pub(crate) async fn open(&self) -> Result<()> {
        self.order(Control::Open).await
    }

    /// Answers what was handed in, closes the connection and the database.
    pub(crate) async fn close(&self) -> Result<()> {
        self.order(Control::Close).await
    }

    /// Removes the data folder of a database that is closed; nobody is signed in any more.
    pub(crate) async fn wipe(&self) -> Result<()> {
        self.order(Control::Wipe).await
    }

    /// Tells whether there is a network.
    pub(crate) async fn set_network(&self, network: Network) -> Result<()> {
        self.control
            .send(Control::Network(network))
            .await
            .map_err(|_| gone())
    }

    /// Has a command carried out. Once it is handed over it happens, whether or not somebody
    /// still waits for the answer.
    pub(crate) async fn command(&self, command: Command) -> Result<Reply> {
        let (answer, reply) = oneshot::channel();
        let request = Request { command, answer };
        self.commands.send(request).await.map_err(|_| gone())?;
        reply.await.map_err(|_| gone())?
    }

    /// Whether the engine has stopped by a defect.
    pub(crate) fn has_failed(&self) -> bool {
        self.failed.load(Ordering::Acquire)
    }

    #[cfg(test)]
    pub(crate) async fn panic_for_test(&self) {
        assert!(self.order(Control::Panic).await.is_err());
        // The answer is dropped before the defect is dealt with; this comes after it.
        while !self.has_failed() {
            tokio::task::yield_now().await;
        }
    }

    async fn order(
        &self,
        control: impl FnOnce(oneshot::Sender<Result<()>>) -> Control,
    ) -> Result<()> {
        let (answer, done) = oneshot::channel();
        self.control
            .send(control(answer))
            .await
            .map_err(|_| gone())?;
        done.await.map_err(|_| gone())?
    }
}

/// The thread has ended, or dropped an answer in a panic.
fn gone() -> Error {
    Error::new(ErrorCode::Internal, "the engine has stopped by a defect")
}
