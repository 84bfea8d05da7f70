//! The wait to be linked, which goes on beside everything else that is typed.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::task::JoinHandle;
use whimbrel::types::Account;
use whimbrel::{Client, Error, ErrorCode};

/// At most one wait at a time.
#[derive(Debug, Default)]
pub(crate) struct Linking {
    wait: Option<JoinHandle<()>>,
    /// Counts the links that were begun: how an earlier one has ended is not told.
    begun: Arc<AtomicU64>,
}

impl Linking {
    /// Waits for the link that was begun last, if one was, also by an earlier run of the program,
    /// and tells how it has ended. There is nothing to tell where none was begun, where it was
    /// cancelled here, and where it goes on later.
    pub(crate) fn go_on(&mut self, client: &Client, tell: fn(Result<Account, Error>)) {
        if client.account().is_some() {
            return;
        }
        let (client, before) = (client.clone(), self.wait.take());
        let begun = Arc::clone(&self.begun);
        let number = begun.fetch_add(1, Ordering::Relaxed) + 1;
        self.wait = Some(tokio::spawn(async move {
            // An earlier wait goes on with whatever link was begun last.
            if let Some(before) = before
                && (before.await.is_err() || client.account().is_some())
            {
                return;
            }
            let outcome = client.link_wait().await;
            let untold = [
                ErrorCode::WrongState,
                ErrorCode::Paused,
                ErrorCode::ShutDown,
            ];
            let is_newest = begun.load(Ordering::Relaxed) == number;
            match &outcome {
                Err(error) if !is_newest || untold.contains(&error.code) => {}
                _ => tell(outcome),
            }
        }));
    }

    /// Whether it goes on.
    pub(crate) fn is_waiting(&self) -> bool {
        self.wait.as_ref().is_some_and(|wait| !wait.is_finished())
    }
}
