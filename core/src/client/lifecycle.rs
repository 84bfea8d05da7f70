//! Pausing, resuming, syncing once, shutting down.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use futures_util::FutureExt as _;
use tokio::sync::{OwnedMutexGuard, oneshot};

use super::readers::Readers;
use super::{Client, Phase, Shared, shut_down};
use crate::error::{Error, ErrorCode, Result};
use crate::query;
use crate::types::{Alarm, ClientState, Connection};

/// How [`Client::sync_once`] has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SyncOutcome {
    /// Everything was fetched, and everything that can go out has gone out. What is left in the
    /// outbox waits for somebody to retry, edit or discard it.
    Complete,
    /// The time was over. What was done stays done.
    OutOfTime,
}

/// How often [`Client::sync_once`] looks whether it is done, where no notice of it comes.
const LOOK_AGAIN: Duration = Duration::from_millis(250);

impl Client {
    /// Lets go of everything before the app is suspended: calls are refused, the connection is
    /// closed, running queries are interrupted, the database is closed and its lock released.
    /// Paused already: does nothing.
    ///
    /// # Errors
    /// `ShutDown`; `DiskFull`, `Storage` where the database did not close cleanly. It is closed
    /// all the same, and nothing is lost.
    pub async fn pause(&self) -> Result<()> {
        self.in_turn(|shared| async move { shared.pause_now().await })
            .await
    }

    /// Goes on after [`pause`](Self::pause), or after a defect. Running already: does nothing.
    ///
    /// # Errors
    /// `ShutDown`; `AlreadyOpen` where another process has taken the folder meanwhile;
    /// `Damaged`; `DiskFull`; `Storage`. The client then stays paused.
    pub async fn resume(&self) -> Result<()> {
        self.shared.resumes.fetch_add(1, Ordering::AcqRel);
        self.in_turn(|shared| async move { shared.resume_now().await })
            .await
    }

    /// Fetches everything and sends what waits, within `budget`: for the moments a system grants
    /// to an app in the background. A paused client is paused again when it returns, and when nobody
    /// waits for it any more.
    ///
    /// # Errors
    /// `NotSignedIn`; `AccessDenied` where the session has ended and the password is needed;
    /// `UpdateNeeded`; `RolledBack`; `Revoked`; `DiskFull`; `Paused` where it was paused meanwhile;
    /// those of [`resume`](Self::resume).
    pub async fn sync_once(&self, budget: Duration) -> Result<SyncOutcome> {
        // Dropped with this call.
        let (_waiting, given_up) = oneshot::channel::<Infallible>();
        let shared = Arc::clone(&self.shared);
        let resumes = shared.resumes.load(Ordering::Acquire);
        let turn = shared.turn();
        self.shared
            .run(async move {
                let turn = turn.await;
                shared.sync_once(turn, resumes, budget, given_up).await
            })
            .await
    }

    /// Ends the client: like [`pause`](Self::pause), and for good. Every later call gives
    /// `ShutDown`, also those that wait for changes. May be called again.
    ///
    /// # Errors
    /// `DiskFull`, `Storage` where the database did not close cleanly. It is closed all the same.
    pub async fn shutdown(&self) -> Result<()> {
        self.in_turn(|shared| async move { shared.shutdown_now().await })
            .await
    }

    /// Changes the phase, to the end, also where nobody waits for it.
    async fn in_turn<F>(&self, change: impl FnOnce(Arc<Shared>) -> F) -> Result<()>
    where
        F: Future<Output = Result<()>> + Send + 'static,
    {
        let turn = self.shared.turn();
        let change = change(Arc::clone(&self.shared));
        self.shared
            .run(async move {
                let _turn = turn.await;
                change.await
            })
            .await
    }
}

impl Shared {
    /// The turn of a call that changes the phase. Its place in the queue is taken at once, so that
    /// such calls take effect in the order in which they were made, also those that nobody waits
    /// for any more.
    fn turn(&self) -> impl Future<Output = OwnedMutexGuard<()>> + Send + 'static {
        let mut turn = Box::pin(Arc::clone(&self.changing).lock_owned());
        let at_once = turn.as_mut().now_or_never();
        async move {
            match at_once {
                Some(turn) => turn,
                None => turn.await,
            }
        }
    }

    async fn shutdown_now(&self) -> Result<()> {
        let before = self.set_phase(Phase::ShutDown);
        let closed = self.close(before).await;
        self.changes.finish();
        closed
    }

    /// Shuts down, and leaves nothing.
    pub(super) async fn wipe(&self) -> Result<()> {
        let _changing = self.changing.lock().await;
        let before = self.set_phase(Phase::ShutDown);
        // What did not close cleanly is removed all the same.
        let _ = self.close(before).await;
        let wiped = self.engine.wipe().await;
        self.changes.finish();
        wiped
    }

    async fn pause_now(&self) -> Result<()> {
        if self.is_shut_down() {
            return Err(shut_down());
        }
        let before = self.set_phase(Phase::Paused);
        self.close(before).await
    }

    /// Closes what the phase before had open.
    async fn close(&self, before: Phase) -> Result<()> {
        let Phase::Running(readers) = before else {
            return Ok(());
        };
        let runtime = self.runtime.handle()?;
        let stopped = runtime.spawn_blocking(move || readers.stop()).await;
        let closed = self.engine.close().await;
        stopped.map_err(|_| Error::internal("the readers did not stop"))?;
        closed
    }

    async fn resume_now(&self) -> Result<()> {
        match &*self.phase() {
            Phase::ShutDown => return Err(shut_down()),
            Phase::Running(_) if !self.engine.has_failed() => return Ok(()),
            Phase::Running(_) | Phase::Paused => {}
        }
        let before = self.set_phase(Phase::Paused);
        self.close(before).await?;
        self.engine.open().await?;
        let readers = Readers::start(&self.store)?;
        self.set_phase(Phase::Running(Arc::new(readers)));
        Ok(())
    }

    /// Syncs in its turn; `resumes` is how often the app had asked to go on when it was called.
    async fn sync_once(
        &self,
        turn: OwnedMutexGuard<()>,
        resumes: u64,
        budget: Duration,
        given_up: oneshot::Receiver<Infallible>,
    ) -> Result<SyncOutcome> {
        let was_paused = matches!(&*self.phase(), Phase::Paused);
        self.resume_now().await?;
        drop(turn);
        let synced = tokio::select! {
            synced = self.wait_until_synced() => synced,
            () = tokio::time::sleep(budget) => Ok(SyncOutcome::OutOfTime),
            _ = given_up => Ok(SyncOutcome::OutOfTime),
        };
        let _changing = self.changing.lock().await;
        // Somebody who resumed meanwhile wants it to go on.
        let is_wanted = self.resumes.load(Ordering::Acquire) != resumes;
        if was_paused && !is_wanted && !self.is_shut_down() {
            self.pause_now().await?;
        }
        synced
    }

    async fn wait_until_synced(&self) -> Result<SyncOutcome> {
        let mut states = self.state.clone();
        loop {
            let state = states.borrow_and_update().clone();
            let readers = self.readers()?;
            check(&state)?;
            if state.connection == Connection::Live && !readers.run(query::has_sendable).await? {
                return Ok(SyncOutcome::Complete);
            }
            // A state that does not change may still mean something else: look again.
            if let Ok(Err(_)) = tokio::time::timeout(LOOK_AGAIN, states.changed()).await {
                return Err(shut_down());
            }
        }
    }

    pub(super) fn is_shut_down(&self) -> bool {
        matches!(&*self.phase(), Phase::ShutDown)
    }

    fn set_phase(&self, phase: Phase) -> Phase {
        std::mem::replace(&mut *self.phase(), phase)
    }
}

/// What waiting does not help against.
fn check(state: &ClientState) -> Result<()> {
    if state.account.is_none() {
        return Err(Error::new(
            ErrorCode::NotSignedIn,
            "nobody is registered here",
        ));
    }
    let Some(alarm) = state.alarm else {
        return Ok(());
    };
    Err(match alarm {
        Alarm::Revoked => Error::new(ErrorCode::Revoked, "this device was removed by its user"),
        Alarm::RolledBack => Error::new(ErrorCode::RolledBack, "the database is an old copy"),
        Alarm::SignInNeeded => Error::new(ErrorCode::AccessDenied, "the session has ended"),
        Alarm::DiskFull => Error::new(ErrorCode::DiskFull, "the disk is full"),
        Alarm::UpdateNeeded => {
            Error::new(ErrorCode::UpdateNeeded, "the server speaks another version")
        }
    })
}
