//! One WebSocket connection: frames in, frames out, nothing decided.

use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt as _, StreamExt as _};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::time::{Duration, timeout};
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::tungstenite::http::header::AUTHORIZATION;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{Error as SocketError, Message};
use whimbrel_protocol::limits::FRAME_BYTES_MAX;
use whimbrel_protocol::{ClientFrame, DecodeError, ServerFrame};

use crate::event::{Event, LinkError};
use crate::transport::{CONNECT_TIMEOUT, Transport, io_error, link_error_of_status, retry_after_s};

/// Until the server has answered the upgrade.
const UPGRADE_TIMEOUT: Duration = Duration::from_secs(15);
/// Until a frame is written; longer means that nobody reads any more.
const WRITE_TIMEOUT: Duration = Duration::from_secs(30);
/// Until the server has heard the goodbye.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(1);
const BUFFER_BYTES: usize = 4 * 1024;

type Socket = WebSocketStream<TlsStream<TcpStream>>;

/// Where the events of one connection go: the number tells them from those of the one before.
#[derive(Clone)]
pub(crate) struct Events {
    pub(crate) link: u64,
    pub(crate) to: mpsc::Sender<LinkEvent>,
}

/// Something that happened on a connection.
pub(crate) struct LinkEvent {
    pub(crate) link: u64,
    pub(crate) event: Event,
}

impl Events {
    /// Waits while the engine has enough to do. Whether there still is an engine.
    pub(crate) async fn tell(&self, event: Event) -> bool {
        let event = LinkEvent {
            link: self.link,
            event,
        };
        self.to.send(event).await.is_ok()
    }
}

/// Opens a connection and carries frames until it ends, or until the sender of `outgoing` is
/// dropped. The last event is [`Event::LinkClosed`].
pub(crate) async fn run(
    transport: &Transport,
    access_token: &str,
    mut outgoing: mpsc::Receiver<ClientFrame>,
    events: Events,
) {
    let socket = match connect(transport, access_token).await {
        Ok(socket) => socket,
        Err(error) => {
            events.tell(Event::LinkClosed(error)).await;
            return;
        }
    };
    if !events.tell(Event::LinkOpened).await {
        return;
    }
    // Reads and writes at the same time, so that neither side can stop the other.
    let (mut sink, mut stream) = socket.split();
    let error = tokio::select! {
        error = read(&mut stream, &events) => error,
        error = write(&mut sink, &mut outgoing) => error,
    };
    events.tell(Event::LinkClosed(error)).await;
    // Whether the server hears the goodbye makes no difference here.
    let _ = timeout(CLOSE_TIMEOUT, sink.close()).await;
}

async fn connect(transport: &Transport, access_token: &str) -> Result<Socket, LinkError> {
    let (host, port) = transport.address();
    let name = ServerName::try_from(host.clone()).map_err(|_| LinkError::Protocol)?;
    let handshake = async {
        let stream = TcpStream::connect((host.as_str(), port)).await?;
        // Frames are whole messages: waiting for more to send only delays them.
        stream.set_nodelay(true)?;
        transport.connector().connect(name, stream).await
    };
    let stream = match timeout(CONNECT_TIMEOUT, handshake).await {
        Ok(Ok(stream)) => stream,
        Ok(Err(error)) => return Err(io_error(&error)),
        Err(_) => return Err(LinkError::Unreachable),
    };
    let mut request = transport
        .socket_url()
        .into_client_request()
        .map_err(|_| LinkError::Protocol)?;
    let mut bearer =
        HeaderValue::from_str(&format!("Bearer {access_token}")).map_err(|_| LinkError::Denied)?;
    bearer.set_sensitive(true);
    request.headers_mut().insert(AUTHORIZATION, bearer);
    let upgrade =
        tokio_tungstenite::client_async_with_config(request, stream, Some(socket_config()));
    match timeout(UPGRADE_TIMEOUT, upgrade).await {
        Ok(Ok((socket, _))) => Ok(socket),
        Ok(Err(error)) => Err(upgrade_error(&error)),
        Err(_) => Err(LinkError::Unreachable),
    }
}

fn socket_config() -> WebSocketConfig {
    WebSocketConfig::default()
        .read_buffer_size(BUFFER_BYTES)
        .write_buffer_size(BUFFER_BYTES)
        .max_write_buffer_size(2 * FRAME_BYTES_MAX)
        .max_message_size(Some(FRAME_BYTES_MAX))
        .max_frame_size(Some(FRAME_BYTES_MAX))
}

fn upgrade_error(error: &SocketError) -> LinkError {
    match error {
        SocketError::Http(response) => link_error_of_status(
            response.status().as_u16(),
            retry_after_s(response.headers()),
        ),
        SocketError::Io(error) => io_error(error),
        SocketError::ConnectionClosed | SocketError::AlreadyClosed => LinkError::Unreachable,
        _ => LinkError::Protocol,
    }
}

async fn read(stream: &mut SplitStream<Socket>, events: &Events) -> LinkError {
    while let Some(message) = stream.next().await {
        let event = match message {
            Ok(Message::Binary(bytes)) => match ServerFrame::decode(&bytes) {
                Ok(frame) => Event::Frame(frame),
                // A newer server may say what this version need not know.
                Err(DecodeError::UnknownKind { .. }) => continue,
                Err(_) => Event::MalformedFrame,
            },
            Ok(Message::Text(_)) => Event::MalformedFrame,
            Ok(Message::Close(_)) => break,
            Ok(_) => continue,
            Err(error) => return read_error(&error),
        };
        if !events.tell(event).await {
            break;
        }
    }
    LinkError::Unreachable
}

fn read_error(error: &SocketError) -> LinkError {
    match error {
        SocketError::Capacity(_) | SocketError::Utf8(_) | SocketError::AttackAttempt => {
            LinkError::Protocol
        }
        SocketError::Io(error) => io_error(error),
        // Closed, or cut in the middle of a frame.
        _ => LinkError::Unreachable,
    }
}

async fn write(
    sink: &mut SplitSink<Socket, Message>,
    outgoing: &mut mpsc::Receiver<ClientFrame>,
) -> LinkError {
    while let Some(frame) = outgoing.recv().await {
        let message = Message::Binary(frame.encode().into());
        match timeout(WRITE_TIMEOUT, sink.send(message)).await {
            Ok(Ok(())) => {}
            Ok(Err(_)) | Err(_) => break,
        }
    }
    // Stuck, or let go by the engine.
    LinkError::Unreachable
}

#[cfg(test)]
mod tests;
