//! What goes into the hub and what comes out of it.

use whimbrel_protocol::frame::{ClientFrame, GoAwayReason, ServerFrame};
use whimbrel_protocol::{ConversationId, DecodeError, DeviceId, UserId};

use crate::log::{Answer, AppendOutcome, AppendRequest, LogError, ManifestNews, ReadRequest};

/// One connection of one device, numbered by the driver and never reused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConnectionId(pub u64);

/// One request from the hub to the log, to be repeated with its result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ticket(pub u64);

/// Who is at the other end of a connection, as its access token says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Peer {
    /// The user.
    pub user: UserId,
    /// The device.
    pub device: DeviceId,
    /// When the token expires, in milliseconds since 1970.
    pub expires_ms: i64,
}

/// Something happened.
#[derive(Debug)]
pub enum Event {
    /// A connection was made, by a peer whose token was checked.
    Connected {
        /// Its new number.
        connection: ConnectionId,
        /// Who it is.
        peer: Peer,
    },
    /// A frame arrived.
    Frame {
        /// On which connection.
        connection: ConnectionId,
        /// The frame.
        frame: ClientFrame,
    },
    /// Bytes arrived that are no frame. A frame of an unknown kind is answered by `Failed`,
    /// anything else closes the connection.
    Malformed {
        /// On which connection.
        connection: ConnectionId,
        /// What is wrong with them.
        error: DecodeError,
    },
    /// An [`Effect::Append`] is done: committed, or not done at all.
    Appended {
        /// Which.
        ticket: Ticket,
        /// What became of it.
        result: Result<AppendOutcome, LogError>,
    },
    /// An [`Effect::Read`] is done.
    Answered {
        /// Which.
        ticket: Ticket,
        /// The answer.
        answer: Result<Answer, LogError>,
    },
    /// A user has a new manifest, says the log, although no connection asked for it.
    Manifest(ManifestNews),
    /// A conversation has moved on, says another node. May come late, twice, or never.
    Hint {
        /// Which conversation.
        conversation: ConversationId,
        /// At least to this number.
        head: u64,
    },
    /// The time of the last [`Effect::WakeAt`] has come.
    Tick,
    /// A connection is gone.
    Closed {
        /// Which.
        connection: ConnectionId,
    },
}

/// Something to be done by the driver, in this order.
#[derive(Debug)]
pub enum Effect {
    /// Send a frame.
    Send {
        /// On which connection.
        connection: ConnectionId,
        /// The frame.
        frame: ServerFrame,
    },
    /// Append to the log; answered by [`Event::Appended`].
    Append {
        /// To be repeated in the answer.
        ticket: Ticket,
        /// For [`SqliteLog::append`](crate::log::SqliteLog::append).
        request: AppendRequest,
    },
    /// Ask the log; answered by [`Event::Answered`].
    Read {
        /// To be repeated in the answer.
        ticket: Ticket,
        /// For [`SqliteLog::read`](crate::log::SqliteLog::read).
        request: ReadRequest,
    },
    /// Tell other nodes, if there are any, that a conversation has moved on.
    Hint {
        /// Which conversation.
        conversation: ConversationId,
        /// To this number.
        head: u64,
    },
    /// Send a `GoAway` frame with this reason and time, then close the connection. The hub has
    /// forgotten it already; an [`Event::Closed`] for it does no harm.
    Close {
        /// Which connection.
        connection: ConnectionId,
        /// Why.
        reason: GoAwayReason,
        /// When the client may come back.
        retry_after_ms: u32,
    },
    /// Give [`Event::Tick`] at this time of the forward clock. Replaces the one before.
    WakeAt {
        /// When.
        mono_ms: i64,
    },
}

/// Times and limits of the hub.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HubConfig {
    /// How often a client is to show life. After two and a half times this it is closed.
    pub heartbeat_ms: u32,
    /// How long a new connection may take to say `Hello`.
    pub hello_ms: u32,
    /// Heads and marks of one connection are collected for so long.
    pub coalesce_ms: u32,
    /// What the unanswered requests of one connection may count for: one that carries payloads
    /// counts 16, any other 1.
    pub unanswered_max: usize,
    /// Devices of others whose key packages one user may claim in a minute.
    pub claims_per_minute: u32,
    /// The same in an hour.
    pub claims_per_hour: u32,
    /// Claiming users whose counts are remembered.
    pub claimers_max: usize,
}

impl Default for HubConfig {
    fn default() -> Self {
        Self {
            heartbeat_ms: 15_000,
            hello_ms: 10_000,
            coalesce_ms: 250,
            unanswered_max: 1_024,
            claims_per_minute: 60,
            claims_per_hour: 600,
            claimers_max: 10_000,
        }
    }
}

/// Counts for the metrics page. None of them names anybody.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct HubStats {
    /// Connections there are.
    pub connections: usize,
    /// Connections whose `Hello` was answered.
    pub ready: usize,
    /// Pairs of connection and conversation that get pushes.
    pub live: usize,
    /// Requests to the log without an answer yet.
    pub unanswered: usize,
    /// Items appended so far.
    pub appended: u64,
    /// Envelopes pushed so far.
    pub pushed: u64,
    /// Times that a conversation fell back from pushing to fetching for want of credit.
    pub starved: u64,
    /// Connections closed by the hub so far.
    pub closed: u64,
}
