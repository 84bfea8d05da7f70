//! Where exported calls run, and what becomes of a panic in one.
//!
//! Kotlin polls a Rust future on the caller's thread, which may be the one that draws. So each
//! call runs as a task on threads of our own. The task is not tied to whoever waits for it: where
//! a coroutine is cancelled, what it has begun goes on to its end, and no write is cut in two.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::LazyLock;

use futures_util::FutureExt as _;
use tokio::runtime::{Builder, Handle};
use tokio::task::JoinSet;

use crate::error::{ErrorCode, Result, WhimbrelError};

/// One thread for the calls of all clients in this process: each call only waits for a client's own
/// threads, so there is little to do. And they begin in the order in which they were made, also those
/// that nobody waits for any more: a message does not overtake the one before it. (Tokio's runtime of
/// many threads, with one, takes tasks of others in heaps, and now and then a later one first.)
static RUNTIME: LazyLock<std::io::Result<Handle>> = LazyLock::new(|| {
    let runtime = Builder::new_current_thread()
        .thread_name("whimbrel-ffi")
        .enable_time()
        .build()?;
    let handle = runtime.handle().clone();
    std::thread::Builder::new()
        .name("whimbrel-ffi".to_owned())
        .spawn(move || runtime.block_on(std::future::pending::<()>()))?;
    Ok(handle)
});

/// The threads of this library.
///
/// # Errors
/// `Internal` where the system grants none.
pub(crate) fn runtime() -> Result<&'static Handle> {
    match &*RUNTIME {
        Ok(handle) => Ok(handle),
        Err(error) => Err(WhimbrelError::new(
            ErrorCode::Internal,
            format!("the system grants no threads: {error}"),
        )),
    }
}

/// Runs work to its end on our own threads, also when nobody waits for it any more.
pub(crate) async fn run<T: Send + 'static>(
    work: impl Future<Output = Result<T>> + Send + 'static,
) -> Result<T> {
    match runtime()?.spawn(work).await {
        Ok(result) => result,
        Err(error) => Err(panicked(error.is_panic())),
    }
}

/// Does something that may block, such as calling into the app.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    match runtime()?.spawn_blocking(work).await {
        Ok(result) => result,
        Err(error) => Err(panicked(error.is_panic())),
    }
}

/// Runs work on our own threads as long as somebody waits for it: for what only waits.
pub(crate) async fn run_while_awaited<T: Send + 'static>(
    work: impl Future<Output = Result<T>> + Send + 'static,
) -> Result<T> {
    let mut task = JoinSet::new();
    task.spawn_on(work, runtime()?);
    // Dropping the set ends the task.
    match task.join_next().await {
        Some(Ok(result)) => result,
        Some(Err(error)) => Err(panicked(error.is_panic())),
        None => Err(panicked(false)),
    }
}

/// Waits on the caller's thread. Dropping it ends the wait: for what has no effect.
pub(crate) async fn wait<T>(work: impl Future<Output = Result<T>>) -> Result<T> {
    let caught = AssertUnwindSafe(work).catch_unwind().await;
    caught.unwrap_or_else(|_| Err(panicked(true)))
}

/// Does something that takes no time.
pub(crate) fn now<T>(work: impl FnOnce() -> Result<T>) -> Result<T> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| Err(panicked(true)))
}

fn panicked(by_defect: bool) -> WhimbrelError {
    let reason = if by_defect {
        "this library has a defect: the call panicked"
    } else {
        "the call was stopped"
    };
    WhimbrelError::new(ErrorCode::Internal, reason)
}

#[cfg(test)]
mod tests;
