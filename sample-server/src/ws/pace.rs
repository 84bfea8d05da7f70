//! How fast one device may speak.
//!
//! A request over the limit is answered, so that the client knows when to ask again, and the
//! socket is not read until then: a flood costs no more than one answer for each allowed frame.
//! What asks for no answer (acknowledgements, flow control) must not get lost, so it waits.

use std::time::Duration;

use whimbrel_protocol::frame::{
    ClientMessage, FailureCode, ItemResult, Refusal, Send, ServerFrame, ServerMessage,
};
use whimbrel_protocol::{ClientFrame, DeviceId};

use crate::http::App;
use crate::limits::TooMany;
use crate::metrics::Limit;

/// Longest pause of a socket; a client must see its requests refused rather than ignored.
const PAUSE_MAX: Duration = Duration::from_secs(1);

/// What becomes of a frame.
pub(super) enum Verdict {
    /// It goes to the hub.
    Allowed,
    /// It does not; this is the answer, where one was asked for.
    Refused(Option<ServerFrame>),
}

/// The limits of one device.
pub(super) struct Pace<'a> {
    app: &'a App,
    device: DeviceId,
}

impl<'a> Pace<'a> {
    pub(super) fn new(app: &'a App, device: DeviceId) -> Self {
        Self { app, device }
    }

    /// Waits until a frame that is not for the hub is allowed.
    pub(super) async fn control_frame(&self) {
        while let Err(too_many) = self.app.limits.frames.check(&self.device, 1) {
            self.pause(Limit::Frames, too_many).await;
        }
    }

    /// Whether a frame goes to the hub now.
    pub(super) async fn frame(&self, frame: &ClientFrame) -> Verdict {
        if frame.request == 0 {
            self.control_frame().await;
        } else if let Err(too_many) = self.app.limits.frames.check(&self.device, 1) {
            self.pause(Limit::Frames, too_many).await;
            return Verdict::Refused(failed(frame.request, too_many));
        }
        let ClientMessage::Send(send) = &frame.message else {
            return Verdict::Allowed;
        };
        let items = u32::try_from(send.items.len()).unwrap_or(u32::MAX);
        match self.app.limits.items.check(&self.device, items) {
            Ok(()) => Verdict::Allowed,
            Err(too_many) => {
                self.pause(Limit::Items, too_many).await;
                Verdict::Refused(refused(frame.request, send, too_many))
            }
        }
    }

    async fn pause(&self, limit: Limit, too_many: TooMany) {
        self.app.metrics.limit(limit);
        tokio::time::sleep(too_many.retry_after.min(PAUSE_MAX)).await;
    }
}

fn failed(request: u64, too_many: TooMany) -> Option<ServerFrame> {
    let message = ServerMessage::Failed {
        code: FailureCode::RateLimited,
        retry_after_ms: too_many.retry_after_ms(),
    };
    Some(ServerFrame { request, message })
}

fn refused(request: u64, send: &Send, too_many: TooMany) -> Option<ServerFrame> {
    if request == 0 {
        return None;
    }
    let first = ItemResult::Refused(Refusal::RateLimited {
        retry_after_ms: too_many.retry_after_ms(),
    });
    let rest = send.items.iter().skip(1).map(|_| ItemResult::NotTried);
    let message = ServerMessage::SendResult {
        conversation: send.conversation,
        results: std::iter::once(first).chain(rest).collect(),
    };
    Some(ServerFrame { request, message })
}
