//! Pausing, resuming, syncing once, shutting down.

use std::time::Duration;

use super::NativeClient;
use crate::error::Result;
use crate::guard;
use crate::ids::invalid;
use crate::types::SyncOutcome;

#[uniffi::export]
impl NativeClient {
    /// Lets go of everything before the app is suspended: calls are refused, the connection is
    /// closed, running queries are interrupted, the database is closed and its lock released.
    /// Paused already: does nothing.
    ///
    /// Errors: `disk_full`, `storage` where the database did not close cleanly. It is closed all
    /// the same, and nothing is lost.
    pub async fn pause(&self) -> Result<()> {
        self.log.step("pausing");
        self.call("pause", |client| async move { client.pause().await })
            .await
    }

    /// Goes on after `pause`, or after a defect. Running already: does nothing.
    ///
    /// Errors: `already_open` where another process has taken the folder meanwhile; `damaged`;
    /// `disk_full`; `storage`. The client then stays paused.
    pub async fn resume(&self) -> Result<()> {
        self.log.step("resuming");
        self.call("resume", |client| async move { client.resume().await })
            .await
    }

    /// Fetches everything and sends what waits, within a budget of milliseconds: for the moments a
    /// system grants to an app in the background. A paused client is paused again when it returns,
    /// and when the call is cancelled.
    ///
    /// Errors: `invalid_argument` for a negative budget; `not_signed_in`; `access_denied` where the
    /// session has ended and the password is needed; `update_needed`; `rolled_back`; `revoked`;
    /// `disk_full`; those of `resume`.
    pub async fn sync_once(&self, budget_ms: i64) -> Result<SyncOutcome> {
        let budget = u64::try_from(budget_ms)
            .map(Duration::from_millis)
            .map_err(|_| invalid("budget_ms must not be negative"))?;
        self.log.step("syncing once");
        let client = self.client();
        let syncing = async move { Ok(client.sync_once(budget).await?.into()) };
        let result = guard::run_while_awaited(syncing).await;
        self.log.failure("sync_once", &result);
        result
    }

    /// Ends the client: like `pause`, and for good. Every later call gives `shut_down`, also those
    /// that wait for changes. May be called again.
    ///
    /// Errors: `disk_full`, `storage` where the database did not close cleanly. It is closed all
    /// the same.
    pub async fn shutdown(&self) -> Result<()> {
        self.log.step("shutting down");
        self.call("shutdown", |client| async move { client.shutdown().await })
            .await
    }
}
