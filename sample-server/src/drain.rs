//! How the server stops.
//!
//! 1. `/readyz` says "no", and everything still works, for the configured notice.
//! 2. Nothing new is taken; sockets are told to go away, spread over the drain time, each with
//!    a time to come back.
//! 3. What was begun is finished, the log writes its checkpoint and closes.
//!
//! Being killed at any moment instead loses nothing that was acknowledged: every commit of the
//! log is synced before its answer leaves.

use std::time::Duration;

use tokio::time::{Instant, timeout_at};
use tracing::{info, warn};

use crate::runtime::{Phase, Running};

impl Running {
    /// Drains the server and stops it, within the configured times.
    pub async fn shutdown(self) {
        let parts = self.parts;
        let config = parts.app.config.drain;
        info!("draining");
        let _ = parts.phase.send(Phase::Noticed);
        tokio::time::sleep(config.notice_ms.millis()).await;

        let time = config.time_ms.millis();
        let deadline = Instant::now() + time;
        // Half the time for the sockets leaves the other half for what they still wait for.
        let over_ms = config.time_ms.get() / 2;
        let _ = parts.phase.send(Phase::Draining { over_ms });
        let sockets_by = deadline.checked_sub(time / 10).unwrap_or(deadline);
        let finished = timeout_at(sockets_by, async {
            parts.drained.notified().await;
            parts.app.open.none_left().await;
        });
        if finished.await.is_err() {
            warn!("connections were still open at the end of the drain time");
        }

        let _ = parts.phase.send(Phase::Stopped);
        let log_by = deadline.max(Instant::now() + Duration::from_secs(1));
        if timeout_at(log_by, parts.log.stop()).await.is_err() {
            warn!("the log was still busy at the end of the drain time");
        }
        info!("stopped");
    }
}

/// The signals that ask the server to stop.
#[derive(Debug)]
pub struct Signals {
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
    #[cfg(unix)]
    interrupt: tokio::signal::unix::Signal,
}

impl Signals {
    /// From now on the signals are taken by [`Signals::next`] instead of killing the process.
    ///
    /// # Errors
    /// Where the system does not let go of them.
    #[cfg(unix)]
    pub fn listen() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    /// Waits for SIGTERM or SIGINT.
    #[cfg(unix)]
    pub async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }

    /// From now on Ctrl-C is taken by [`Signals::next`].
    ///
    /// # Errors
    /// Never on this system.
    #[cfg(not(unix))]
    pub fn listen() -> std::io::Result<Self> {
        Ok(Self {})
    }

    /// Waits for Ctrl-C.
    #[cfg(not(unix))]
    pub async fn next(&mut self) {
        let _ = tokio::signal::ctrl_c().await;
    }
}
