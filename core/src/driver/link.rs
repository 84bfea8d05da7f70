//! The connection that the engine has asked for, as its thread sees it.

use std::sync::Arc;

use tokio::runtime::Handle;
use tokio::sync::mpsc;
use tokio::task::AbortHandle;
use whimbrel_protocol::ClientFrame;

use crate::transport::Transport;
use crate::ws::{self, Events};

/// Frames that wait to be written. The engine has few requests under way at once; more than
/// this means that the connection is stuck.
const OUTGOING_FRAMES_MAX: usize = 512;

/// A connection, opening or open. Dropping it closes it.
pub(super) struct Link {
    number: u64,
    outgoing: mpsc::Sender<ClientFrame>,
    task: AbortHandle,
    is_open: bool,
}

impl Link {
    /// Begins to connect.
    pub(super) fn connect(
        runtime: &Handle,
        transport: Arc<Transport>,
        access_token: String,
        events: Events,
    ) -> Self {
        let (outgoing, frames) = mpsc::channel(OUTGOING_FRAMES_MAX);
        let number = events.link;
        let task = runtime
            .spawn(async move { ws::run(&transport, &access_token, frames, events).await })
            .abort_handle();
        Self {
            number,
            outgoing,
            task,
            is_open: false,
        }
    }

    /// Tells its events from those of another one.
    pub(super) fn number(&self) -> u64 {
        self.number
    }

    /// It stands.
    pub(super) fn opened(&mut self) {
        self.is_open = true;
    }

    /// Writes a frame, or says that nothing gets through.
    pub(super) fn transmit(&self, frame: ClientFrame) -> bool {
        self.outgoing.try_send(frame).is_ok()
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        // An open one says goodbye when its sender is gone; one that is opening just stops.
        if !self.is_open {
            self.task.abort();
        }
    }
}
