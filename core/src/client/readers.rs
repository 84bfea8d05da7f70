//! The threads that answer queries, each with a connection of its own.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{mpsc, oneshot};

use crate::driver::Joined;
use crate::error::{Error, ErrorCode, Result};
use crate::store::StoreOptions;
use crate::store::read::{Interrupter, Reader, Snapshot};

/// Threads, and read connections.
const READERS: usize = 2;
/// Queries that wait for a thread; more wait at their callers.
const QUERIES_MAX: usize = 64;

type Query = Box<dyn FnOnce(&mut Reader) + Send>;

/// The threads. Dropping stops them.
pub(super) struct Readers {
    queries: Mutex<Option<mpsc::Sender<Query>>>,
    threads: Mutex<Vec<Joined>>,
    interrupters: Vec<Interrupter>,
    shared: Arc<Shared>,
}

struct Shared {
    queries: tokio::sync::Mutex<mpsc::Receiver<Query>>,
    is_stopping: AtomicBool,
}

impl Readers {
    /// Starts the threads. Each opens its connection at its first query.
    pub(super) fn start(store: &StoreOptions) -> Result<Self> {
        let (queries, receiver) = mpsc::channel(QUERIES_MAX);
        let shared = Arc::new(Shared {
            queries: tokio::sync::Mutex::new(receiver),
            is_stopping: AtomicBool::new(false),
        });
        let mut threads = Vec::with_capacity(READERS);
        let mut interrupters = Vec::with_capacity(READERS);
        for _ in 0..READERS {
            let reader = Reader::new(store.clone());
            interrupters.push(reader.interrupter());
            let shared = Arc::clone(&shared);
            let thread = std::thread::Builder::new()
                .name("whimbrel-read".to_owned())
                .spawn(move || shared.serve(reader))
                .map_err(Error::internal)?;
            threads.push(Joined::new(thread));
        }
        Ok(Self {
            queries: Mutex::new(Some(queries)),
            threads: Mutex::new(threads),
            interrupters,
            shared,
        })
    }

    /// Has a thread answer a query.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        query: impl Fn(&Snapshot<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let queries = self
            .queries
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        let queries = queries.ok_or_else(paused)?;
        let (answer, result) = oneshot::channel();
        let query: Query = Box::new(move |reader| {
            // Whoever asked may be gone.
            let _ = answer.send(reader.read(&query));
        });
        queries.send(query).await.map_err(|_| paused())?;
        // Sent while the threads ended, it may have come behind the last look at what is left.
        if self.shared.is_stopping.load(Ordering::SeqCst) {
            drop_left(&mut *self.shared.queries.lock().await);
        }
        result.await.map_err(|_| self.unanswered())?
    }

    /// Interrupts the queries under way, ends the threads and closes their connections. Blocks
    /// for as long as a query takes to notice.
    pub(super) fn stop(&self) {
        self.shared.is_stopping.store(true, Ordering::SeqCst);
        let queries = self
            .queries
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        // A caller that is not polled keeps the channel open, so each thread is woken by a query
        // of its own; where there is no room for one, others wait in it.
        for _ in 0..READERS {
            let _ = queries
                .as_ref()
                .map(|queries| queries.try_send(Box::new(|_| ())));
        }
        for interrupter in &self.interrupters {
            interrupter.interrupt();
        }
        drop(std::mem::take(
            &mut *self.threads.lock().unwrap_or_else(PoisonError::into_inner),
        ));
        // Where somebody else has it, that is a caller who does the same.
        if let Ok(mut left) = self.shared.queries.try_lock() {
            drop_left(&mut left);
        }
    }

    fn unanswered(&self) -> Error {
        if self.shared.is_stopping.load(Ordering::Acquire) {
            paused()
        } else {
            Error::internal("a query has stopped by a defect")
        }
    }
}

impl Drop for Readers {
    fn drop(&mut self) {
        self.stop();
    }
}

impl Shared {
    fn serve(&self, mut reader: Reader) {
        loop {
            // One thread waits for a query while the other waits for its turn to wait.
            let query = self.queries.blocking_lock().blocking_recv();
            let Some(query) = query else { return };
            if self.is_stopping.load(Ordering::Acquire) {
                // Dropping it answers it.
                return;
            }
            let caught = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
                query(&mut reader);
            }));
            if caught.is_err() {
                reader.discard();
            }
        }
    }
}

/// Dropping a query answers it.
fn drop_left(queries: &mut mpsc::Receiver<Query>) {
    queries.close();
    while queries.try_recv().is_ok() {}
}

fn paused() -> Error {
    Error::new(ErrorCode::Paused, "the client is paused")
}
