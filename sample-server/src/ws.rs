//! One client's WebSocket: frames in to the hub, frames out from the hub, and nothing decided
//! here but what the bytes are and whether there are too many of them.
//!
//! Reading and writing go on side by side, so that a client which writes much and reads little
//! can't block itself; whichever ends first ends the socket.

mod pace;

use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::rejection::ExtensionRejection;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade, close_code};
use axum::extract::{Extension, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse as _, Response};
use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt as _, StreamExt as _};
use tokio::time::timeout;
use tracing::{debug, trace};
use whimbrel_protocol::frame::GoAwayReason;
use whimbrel_protocol::limits::FRAME_BYTES_MAX;
use whimbrel_protocol::{ClientFrame, DecodeError};

use crate::http::{App, ConnectionInfo, Refusal, caller};
use crate::hub::{ConnectionId, Event, Peer};
use crate::runtime::{Cut, GoAway, Outgoing, Outlet, Phase, SocketEvent, Waiting, queue};

use pace::{Pace, Verdict};

/// Buffers of one socket: the library's default of 128 KiB each costs gigabytes at ten thousand
/// sockets.
const BUFFER_BYTES: usize = 4 * 1024;
/// What the library may hold back of what is written: one frame and its head, once more.
const WRITE_BUFFER_BYTES_MAX: usize = 2 * (FRAME_BYTES_MAX + BUFFER_BYTES);
/// A client that takes nothing for so long is gone.
const WRITE_TIME: Duration = Duration::from_secs(15);
/// How long the last words may take.
const LAST_TIME: Duration = Duration::from_secs(1);
/// How long a socket with unread bytes stays open, so that the client reads the last words
/// before the system resets the connection.
const RESET_DELAY: Duration = Duration::from_millis(250);
/// When a client that broke the protocol may come back.
const PROTOCOL_ERROR_RETRY_MS: u32 = 5_000;

/// `GET /v1/socket`.
pub(crate) async fn upgrade(
    State(app): State<Arc<App>>,
    connection: Result<Extension<ConnectionInfo>, ExtensionRejection>,
    headers: HeaderMap,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Response {
    match admit(&app, &headers).await {
        Err(refusal) => refusal.into_response(),
        Ok(peer) => match (upgrade, connection) {
            (Ok(upgrade), Ok(Extension(connection))) => upgrade
                .read_buffer_size(BUFFER_BYTES)
                .write_buffer_size(BUFFER_BYTES)
                .max_write_buffer_size(WRITE_BUFFER_BYTES_MAX)
                .max_message_size(FRAME_BYTES_MAX)
                .max_frame_size(FRAME_BYTES_MAX)
                .on_upgrade(move |socket| async move {
                    // The connection counts as open until the socket has ended.
                    let _place = connection;
                    run(&app, peer, socket).await;
                }),
            _ => Refusal::no_upgrade().into_response(),
        },
    }
}

/// Whose socket this is: the access token says so, and the account must exist here.
async fn admit(app: &App, headers: &HeaderMap) -> Result<Peer, Refusal> {
    if !matches!(app.phase(), Phase::Running | Phase::Noticed) {
        return Err(Refusal::unavailable());
    }
    // A device that was revoked gets its socket, and is told there.
    let verified = caller(app, headers).await?;
    // The hub would close it at once: the leeway for clocks that differ is not for sockets.
    if verified.expires_ms <= app.clock.now().wall_ms {
        return Err(Refusal::bad_token());
    }
    Ok(Peer {
        user: verified.user,
        device: verified.device,
        expires_ms: verified.expires_ms,
    })
}

/// Why a socket ends.
enum End {
    /// The network, the client or the hub is gone.
    Gone,
    /// The client has closed it.
    Closed,
    /// The server closes it with these last words.
    Last(GoAway),
}

async fn run(app: &App, peer: Peer, socket: WebSocket) {
    let connection = app.hub.next_connection();
    let (outgoing, outlet, cut) = queue(&app.config.sockets);
    let connected = SocketEvent {
        event: Event::Connected { connection, peer },
        outgoing: Some(outgoing.clone()),
    };
    if !app.hub.tell(connected).await {
        return;
    }
    debug!(connection = connection.0, "connected");
    let (mut sink, mut stream) = socket.split();
    let mut phase = app.phase.clone();
    let reader = Reader {
        app,
        connection,
        peer,
        outgoing,
    };
    let end = tokio::select! {
        end = reader.read(&mut stream) => end,
        end = write(app, &mut sink, outlet) => end,
        last = cut_off(cut) => End::Last(last),
        () = app.hub.ended() => End::Gone,
        _ = phase.wait_for(|phase| *phase == Phase::Stopped) => End::Gone,
    };
    let closed = SocketEvent {
        event: Event::Closed { connection },
        outgoing: None,
    };
    app.hub.tell(closed).await;
    // A client that does not take its last words does without.
    match end {
        End::Gone => {}
        End::Closed => drop(timeout(LAST_TIME, sink.close()).await),
        End::Last(last) => {
            drop(timeout(LAST_TIME, say_last(last, &mut sink, &mut stream)).await);
        }
    }
    debug!(connection = connection.0, "closed");
}

/// Waits until the hub gives up on the client.
async fn cut_off(mut cut: Cut) -> GoAway {
    loop {
        if let Some(last) = *cut.borrow_and_update() {
            return last;
        }
        if cut.changed().await.is_err() {
            // The hub has let go in good order; the queue says what there is to say.
            std::future::pending::<()>().await;
        }
    }
}

async fn say_last(
    last: GoAway,
    sink: &mut SplitSink<WebSocket, Message>,
    stream: &mut SplitStream<WebSocket>,
) {
    let close = Message::Close(Some(CloseFrame {
        code: close_code::AWAY,
        reason: "".into(),
    }));
    let said = async {
        sink.send(binary(last.encode())).await?;
        sink.send(close).await
    };
    if said.await.is_err() {
        return;
    }
    loop {
        match stream.next().await {
            Some(Ok(_)) => {}
            Some(Err(_)) => return tokio::time::sleep(RESET_DELAY).await,
            None => return,
        }
    }
}

fn binary(bytes: Vec<u8>) -> Message {
    Message::Binary(Bytes::from(bytes))
}

/// Writes what the hub has for this client.
async fn write(app: &App, sink: &mut SplitSink<WebSocket, Message>, mut outlet: Outlet) -> End {
    while let Some(waiting) = outlet.next().await {
        match waiting {
            Waiting::Frame(frame) => {
                let bytes = frame.len();
                match timeout(WRITE_TIME, sink.send(binary(frame))).await {
                    Ok(Ok(())) => app.metrics.frames_out.inc(),
                    Ok(Err(_)) | Err(_) => return End::Gone,
                };
                outlet.sent(bytes);
            }
            Waiting::Last(last) => return End::Last(last),
        }
    }
    End::Gone
}

/// The reading side of one socket.
struct Reader<'a> {
    app: &'a App,
    connection: ConnectionId,
    peer: Peer,
    outgoing: Outgoing,
}

impl Reader<'_> {
    async fn read(&self, stream: &mut SplitStream<WebSocket>) -> End {
        let pace = Pace::new(self.app, self.peer.device);
        while let Some(message) = stream.next().await {
            let decoded = match message {
                Ok(Message::Binary(bytes)) => {
                    self.app.metrics.frames_in.inc();
                    trace!(
                        connection = self.connection.0,
                        bytes = bytes.len(),
                        "frame in"
                    );
                    ClientFrame::decode(&bytes)
                }
                Ok(Message::Ping(_) | Message::Pong(_)) => {
                    pace.control_frame().await;
                    continue;
                }
                Ok(Message::Text(_)) => return protocol_error(),
                Ok(Message::Close(_)) => return End::Closed,
                // Too large, not masked, not UTF-8 …, or the network: where the client is still
                // there, it is told.
                Err(_) => return protocol_error(),
            };
            if let Err(end) = self.take(&pace, decoded).await {
                return end;
            }
        }
        End::Gone
    }

    async fn take(
        &self,
        pace: &Pace<'_>,
        decoded: Result<ClientFrame, DecodeError>,
    ) -> Result<(), End> {
        let connection = self.connection;
        let event = match decoded {
            Ok(frame) => match pace.frame(&frame).await {
                Verdict::Allowed => Event::Frame { connection, frame },
                Verdict::Refused(answer) => {
                    return match answer {
                        Some(answer) => self.answer(answer.encode()),
                        None => Ok(()),
                    };
                }
            },
            Err(error) => {
                pace.control_frame().await;
                Event::Malformed { connection, error }
            }
        };
        let told = SocketEvent {
            event,
            outgoing: None,
        };
        if self.app.hub.tell(told).await {
            Ok(())
        } else {
            Err(End::Gone)
        }
    }

    fn answer(&self, frame: Vec<u8>) -> Result<(), End> {
        self.outgoing
            .push(Waiting::Frame(frame))
            .map_err(|_| End::Last(GoAway::new(GoAwayReason::TooSlow, PROTOCOL_ERROR_RETRY_MS)))
    }
}

fn protocol_error() -> End {
    End::Last(GoAway::new(
        GoAwayReason::ProtocolError,
        PROTOCOL_ERROR_RETRY_MS,
    ))
}
