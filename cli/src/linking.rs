//! The wait to be linked, which goes on beside everything else that is typed.

use tokio::task::JoinHandle;
use whimbrel::types::Account;
use whimbrel::{Client, Error, ErrorCode};

/// At most one wait at a time.
#[derive(Debug, Default)]
pub(crate) struct Linking(Option<JoinHandle<()>>);

impl Linking {
    /// Waits for the link that was begun last, if one was, also by an earlier run of the program,
    /// and tells how it has ended. There is nothing to tell where none was begun, where it was
    /// cancelled here, and where it goes on later.
    pub(crate) fn go_on(&mut self, client: &Client, tell: fn(Result<Account, Error>)) {
        if client.account().is_some() {
            return;
        }
        let (client, before) = (client.clone(), self.0.take());
        self.0 = Some(tokio::spawn(async move {
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
            if !outcome
                .as_ref()
                .is_err_and(|error| untold.contains(&error.code))
            {
                tell(outcome);
            }
        }));
    }

    /// Whether it goes on.
    pub(crate) fn is_waiting(&self) -> bool {
        self.0.as_ref().is_some_and(|wait| !wait.is_finished())
    }
}
