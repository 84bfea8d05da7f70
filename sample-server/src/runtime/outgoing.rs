//! The queue from the hub to one client, bounded in frames and in bytes.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::{mpsc, watch};
use whimbrel_protocol::ServerFrame;
use whimbrel_protocol::frame::{GoAwayReason, ServerMessage};

use crate::config::SocketsConfig;

/// The last words of the server on a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct GoAway {
    reason: GoAwayReason,
    retry_after_ms: u32,
}

impl GoAway {
    pub(crate) fn new(reason: GoAwayReason, retry_after_ms: u32) -> Self {
        Self {
            reason,
            retry_after_ms,
        }
    }

    /// The bytes of the frame that says so.
    pub(crate) fn encode(self) -> Vec<u8> {
        let message = ServerMessage::GoAway {
            reason: self.reason,
            retry_after_ms: self.retry_after_ms,
        };
        ServerFrame {
            request: 0,
            message,
        }
        .encode()
    }
}

/// What waits for a client.
#[derive(Debug)]
pub(crate) enum Waiting {
    /// An encoded frame.
    Frame(Vec<u8>),
    /// The last words; the connection ends after them.
    Last(GoAway),
}

/// The queue has no room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Full;

/// The hub's end of the queue.
#[derive(Debug, Clone)]
pub(crate) struct Outgoing {
    frames: mpsc::Sender<Waiting>,
    waiting_bytes: Arc<AtomicUsize>,
    waiting_bytes_max: usize,
    cut: watch::Sender<Option<GoAway>>,
}

impl Outgoing {
    /// Adds to the queue.
    pub(crate) fn push(&self, waiting: Waiting) -> Result<(), Full> {
        let bytes = match &waiting {
            Waiting::Frame(frame) => frame.len(),
            Waiting::Last(_) => 0,
        };
        let before = self.waiting_bytes.fetch_add(bytes, Ordering::Relaxed);
        // One frame always fits, whatever its size.
        if before > 0 && before.saturating_add(bytes) > self.waiting_bytes_max {
            self.waiting_bytes.fetch_sub(bytes, Ordering::Relaxed);
            return Err(Full);
        }
        match self.frames.try_send(waiting) {
            // A socket that has ended reports so itself.
            Ok(()) | Err(mpsc::error::TrySendError::Closed(_)) => Ok(()),
            Err(mpsc::error::TrySendError::Full(_)) => {
                self.waiting_bytes.fetch_sub(bytes, Ordering::Relaxed);
                Err(Full)
            }
        }
    }

    /// Ends the connection at once, whatever still waits.
    pub(crate) fn cut(&self, last: GoAway) {
        let _ = self.cut.send(Some(last));
    }
}

/// The client's end of the queue.
#[derive(Debug)]
pub(crate) struct Outlet {
    frames: mpsc::Receiver<Waiting>,
    waiting_bytes: Arc<AtomicUsize>,
}

impl Outlet {
    /// What waits longest, or `None` once the hub has let go of the connection.
    pub(crate) async fn next(&mut self) -> Option<Waiting> {
        self.frames.recv().await
    }

    /// Says that a frame of this size has left.
    pub(crate) fn sent(&self, bytes: usize) {
        self.waiting_bytes.fetch_sub(bytes, Ordering::Relaxed);
    }
}

/// Tells the client's end that the connection is to end at once.
pub(crate) type Cut = watch::Receiver<Option<GoAway>>;

/// A queue of the configured size.
pub(crate) fn queue(config: &SocketsConfig) -> (Outgoing, Outlet, Cut) {
    let (frames, waiting) = mpsc::channel(config.waiting_frames.size());
    let waiting_bytes = Arc::new(AtomicUsize::new(0));
    let (cut, cut_off) = watch::channel(None);
    let outgoing = Outgoing {
        frames,
        waiting_bytes: Arc::clone(&waiting_bytes),
        waiting_bytes_max: config.waiting_bytes.size(),
        cut,
    };
    let outlet = Outlet {
        frames: waiting,
        waiting_bytes,
    };
    (outgoing, outlet, cut_off)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

    use super::*;
    use crate::config::Within;

    #[tokio::test]
    async fn bounded_in_frames_and_in_bytes() {
        let config = SocketsConfig {
            waiting_frames: Within::nearest(64),
            waiting_bytes: Within::nearest(131_072),
            ..SocketsConfig::default()
        };
        let (outgoing, mut outlet, _cut) = queue(&config);
        for _ in 0..64 {
            outgoing.push(Waiting::Frame(vec![0; 1])).unwrap();
        }
        assert_eq!(outgoing.push(Waiting::Frame(vec![0; 1])), Err(Full));
        for _ in 0..64 {
            outlet.next().await.unwrap();
            outlet.sent(1);
        }
        outgoing.push(Waiting::Frame(vec![0; 100_000])).unwrap();
        assert_eq!(outgoing.push(Waiting::Frame(vec![0; 100_000])), Err(Full));
        outlet.next().await.unwrap();
        outlet.sent(100_000);
        outgoing.push(Waiting::Frame(vec![0; 1_000_000])).unwrap();
    }
}
