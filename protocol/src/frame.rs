//! Frames: what travels in one binary WebSocket message.
//!
//! A client states requests with a number of its choosing; the server's answer repeats it.
//! What the server says unasked (pushed envelopes, heads, marks, inbox items) carries 0.

use crate::envelope::{Envelope, ItemKind};
use crate::id::{ClientId, ConversationId, DeviceId, UserId};

/// A frame from client to server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientFrame {
    /// Names this request in its answer; 0 asks for none.
    pub request: u64,
    /// What is asked or told.
    pub message: ClientMessage,
}

/// What a client asks or tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClientMessage {
    /// First frame of a connection. Answered by [`ServerMessage::HelloOk`], then `Heads`.
    Hello(Hello),
    /// Up to [`SEND_ITEMS_MAX`](crate::limits::SEND_ITEMS_MAX) sealed items of one conversation,
    /// to be appended in order up to the first refusal. Answered by `SendResult`.
    Send(Send),
    /// Envelopes after a number. Answered by `Envelopes`.
    Fetch {
        /// Of which conversation.
        conversation: ConversationId,
        /// The last number the client has.
        after: u64,
        /// At most so many.
        limit: u32,
    },
    /// The client has everything up to `after` and wants what follows pushed. Answered by a
    /// head and the delivery marks; where the head is further on, the client fetches first.
    GoLive {
        /// Which conversation.
        conversation: ConversationId,
        /// The last number the client has.
        after: u64,
    },
    /// The client has committed everything up to `seq` to its database.
    Applied {
        /// Which conversation.
        conversation: ConversationId,
        /// Up to this number.
        seq: u64,
    },
    /// The client has taken so many pushed envelopes from the socket (flow control).
    Taken {
        /// How many since the last such frame.
        envelopes: u32,
    },
    /// Inbox items after a number. Answered by `InboxItems`.
    FetchInbox {
        /// The last number the client has.
        after: u64,
    },
    /// Everything up to `seq` in the inbox is committed and may be forgotten by the server.
    InboxApplied {
        /// Up to this number.
        seq: u64,
        /// Welcomes among them that could not be opened.
        unopened: Vec<UnopenedWelcome>,
    },
    /// More key packages of this device. Answered by `KeyPackageCount`.
    PublishKeyPackages {
        /// Each to be handed out once.
        one_time: Vec<Vec<u8>>,
        /// Handed out when no other is left; replaces the one before.
        last_resort: Option<Vec<u8>>,
    },
    /// One key package for every device of these users. Answered by `ClaimedKeyPackages`.
    ClaimKeyPackages {
        /// Whose.
        users: Vec<UserId>,
    },
    /// The ratchet tree of an epoch this device was welcomed into. Answered by `TreeChunk`.
    FetchTree {
        /// Of which conversation.
        conversation: ConversationId,
        /// Of which epoch.
        epoch: u64,
        /// From which byte on.
        offset: u32,
    },
    /// Who is this? Answered by `UserFound`.
    FindUser(FindUser),
    /// This commit could not be processed by this device.
    RejectCommit {
        /// In which conversation.
        conversation: ConversationId,
        /// Its number.
        seq: u64,
    },
    /// The next manifest of this device's user. Answered by `Done`, or by `Failed` with
    /// [`FailureCode::Conflict`] where another came first.
    PublishManifest {
        /// Signed by the user's identity key.
        manifest: Vec<u8>,
    },
    /// This device can't go on in a conversation, or is not in it though its user is: another
    /// member's client is to add it (again). Answered by `Done`.
    AskToBeAdded {
        /// Which conversation.
        conversation: ConversationId,
    },
    /// Sign of life. Answered by `Pong`.
    Ping,
}

/// First words of a client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hello {
    /// [`PROTOCOL_VERSION`](crate::PROTOCOL_VERSION) of the client.
    pub version: u32,
    /// The device that speaks; it must be the one the access token was issued to.
    pub device: DeviceId,
    /// How many items this device has ever sealed.
    pub sealed_no: u64,
}

/// Sealed items of one conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Send {
    /// Which conversation.
    pub conversation: ConversationId,
    /// How many items this device has ever sealed, these included.
    pub sealed_no: u64,
    /// In order.
    pub items: Vec<SendItem>,
}

/// One sealed item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SendItem {
    /// What its sender calls it.
    pub client_id: ClientId,
    /// What it is.
    pub kind: ItemKind,
    /// The MLS epoch it was made in.
    pub epoch: u64,
    /// The device's own count in this conversation, dense from 1.
    pub counter: u64,
    /// Not worth a push notification.
    pub silent: bool,
    /// The MLS message; for a create the `GroupInfo` of epoch 0.
    pub payload: Vec<u8>,
    /// Only with a create.
    pub founding: Option<Founding>,
    /// Only with a commit that adds somebody.
    pub welcome: Option<WelcomeOut>,
}

/// What founds a conversation, besides the `GroupInfo`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Founding {
    /// The ratchet tree of epoch 0: one leaf.
    pub tree: Vec<u8>,
    /// The other user of a direct conversation; `None` for a group.
    pub direct_peer: Option<UserId>,
}

/// A Welcome (RFC 9420, section 12.4.3.1) and the devices it is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WelcomeOut {
    /// The MLS message.
    pub welcome: Vec<u8>,
    /// The added devices; they must be the ones the commit adds.
    pub devices: Vec<DeviceId>,
}

/// A question for the directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FindUser {
    /// Who has this name?
    ByUsername(String),
    /// What is this user's name?
    ById(UserId),
}

/// A Welcome that could not be opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnopenedWelcome {
    /// The conversation it would have led into.
    pub conversation: ConversationId,
    /// The number of its commit.
    pub seq: u64,
}

/// A frame from server to client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerFrame {
    /// The request this answers, or 0.
    pub request: u64,
    /// What is answered or told.
    pub message: ServerMessage,
}

/// What the server answers or tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ServerMessage {
    /// Answer to `Hello`.
    HelloOk(HelloOk),
    /// Conversations of this device with their last numbers: all of them after `Hello`, and one
    /// by one whenever a conversation has moved on without a push.
    Heads {
        /// Newest first.
        heads: Vec<Head>,
        /// More frames of heads follow.
        more: bool,
    },
    /// Answer to `Send`: one result per item.
    SendResult {
        /// Which conversation.
        conversation: ConversationId,
        /// In the order of the items.
        results: Vec<ItemResult>,
    },
    /// Answer to `Fetch`, or a push.
    Envelopes(Envelopes),
    /// How far each user's devices have received a conversation.
    Marks {
        /// Which conversation.
        conversation: ConversationId,
        /// Every other user at most once.
        marks: Vec<Mark>,
    },
    /// Answer to `FetchInbox`, or a push.
    InboxItems {
        /// The last number there is.
        head: u64,
        /// In order.
        items: Vec<InboxItem>,
    },
    /// How many key packages of this device the server holds.
    KeyPackageCount {
        /// One-time ones.
        one_time: u32,
        /// Whether there is one of last resort.
        has_last_resort: bool,
    },
    /// Answer to `ClaimKeyPackages`.
    ClaimedKeyPackages {
        /// To judge their expiry by.
        server_time_ms: i64,
        /// One per user asked for.
        users: Vec<ClaimedUser>,
    },
    /// Answer to `FetchTree`.
    TreeChunk {
        /// First byte of this chunk.
        offset: u32,
        /// Size of the whole tree.
        total: u32,
        /// The chunk.
        bytes: Vec<u8>,
    },
    /// Answer to `FindUser`.
    UserFound {
        /// The user.
        user: UserId,
        /// The name.
        username: String,
    },
    /// The request could not be done.
    Failed {
        /// Why.
        code: FailureCode,
        /// Ask again after this time; 0 where asking again does not help.
        retry_after_ms: u32,
    },
    /// The server is about to close this connection.
    GoAway {
        /// Why.
        reason: GoAwayReason,
        /// Connect again after this time.
        retry_after_ms: u32,
    },
    /// Answer to `Ping`.
    Pong {
        /// The server's clock.
        server_time_ms: i64,
    },
    /// What was asked for is done, and there is nothing more to say to it.
    Done,
}

/// First words of the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HelloOk {
    /// The server's clock, milliseconds since 1970.
    pub server_time_ms: i64,
    /// The highest count of sealed items the server ever saw from this device. Higher than the
    /// client's own means that the client's database was rolled back.
    pub sealed_no: u64,
    /// The last inbox item of this device.
    pub inbox_head: u64,
    /// One-time key packages left.
    pub one_time_key_packages: u32,
    /// Whether there is a key package of last resort.
    pub has_last_resort: bool,
    /// The client is to show life at least this often.
    pub heartbeat_ms: u32,
}

/// How far a conversation has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// Which conversation.
    pub conversation: ConversationId,
    /// Changes when the server's log was restored and lost something.
    pub incarnation: u64,
    /// The last number this device may read.
    pub head: u64,
    /// The MLS epoch after it.
    pub epoch: u64,
}

/// What became of one sent item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ItemResult {
    /// Appended now, or earlier under the same client id.
    Accepted {
        /// Its number.
        seq: u64,
        /// When it was appended, by the server's clock.
        server_time_ms: i64,
        /// SHA-256 of the payload that stands in the log.
        payload_sha256: [u8; 32],
    },
    /// Not appended.
    Refused(Refusal),
    /// Not looked at, because an item before it was refused.
    NotTried,
}

/// Why an item was not appended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// Made in another epoch than the conversation is in.
    StaleEpoch {
        /// The epoch it is in.
        epoch: u64,
        /// Its last number.
        head: u64,
    },
    /// The device is not a member (any more).
    NotMember,
    /// There is no such conversation.
    NoSuchConversation,
    /// A create for an id that is taken.
    ConversationExists,
    /// The two users have a direct conversation already.
    DirectExists {
        /// This one.
        conversation: ConversationId,
    },
    /// The counter is not the next one.
    BadCounter {
        /// The next one.
        expected: u64,
    },
    /// MLS does not accept the commit.
    BadCommit,
    /// The policy of the group does not allow the commit.
    Policy,
    /// Over a limit.
    TooLarge,
    /// Not what it claims to be.
    Malformed,
    /// Too many in too short a time.
    RateLimited {
        /// Try again after this time.
        retry_after_ms: u32,
    },
    /// The other user of a direct conversation is nobody.
    NoSuchUser,
    /// The server could not do it now.
    Unavailable,
}

/// A run of envelopes of one conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Envelopes {
    /// Which conversation.
    pub conversation: ConversationId,
    /// See [`Head::incarnation`].
    pub incarnation: u64,
    /// The last number this device may read.
    pub head: u64,
    /// In order, without gaps.
    pub envelopes: Vec<Envelope>,
}

/// How far one user has received a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mark {
    /// Who.
    pub user: UserId,
    /// Up to this number.
    pub delivered: u64,
}

/// An item of a device's inbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InboxItem {
    /// Its number, growing.
    pub seq: u64,
    /// What it is.
    pub kind: InboxKind,
}

/// What an inbox item is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InboxKind {
    /// This device was added to a conversation.
    Welcome(Welcome),
    /// A device can't follow a conversation that its user is in. A hint of the server's: what is
    /// to be done follows from the group and the user's manifest.
    DeviceWaits {
        /// Which conversation.
        conversation: ConversationId,
        /// The commit that added it and whose Welcome it could not open; 0 where it asked to be
        /// added.
        seq: u64,
        /// Whose device.
        user: UserId,
        /// Which device.
        device: DeviceId,
    },
    /// A user with whom this device shares a conversation has a new manifest, or its own user has.
    ManifestChanged {
        /// Whose.
        user: UserId,
        /// The manifest, to be verified.
        manifest: Vec<u8>,
    },
    /// Of a kind that this version does not know; skipped.
    Unknown,
}

/// The way into a conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Welcome {
    /// Which conversation.
    pub conversation: ConversationId,
    /// See [`Head::incarnation`].
    pub incarnation: u64,
    /// Number of the commit that added this device; the first readable one is the next.
    pub seq: u64,
    /// The epoch after that commit.
    pub epoch: u64,
    /// Whose device added it.
    pub adder_user: UserId,
    /// Which device added it.
    pub adder_device: DeviceId,
    /// The MLS message.
    pub welcome: Vec<u8>,
    /// Transcript value at `seq`, as the server claims.
    pub chain: [u8; 32],
}

/// Key packages of one user's devices.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimedUser {
    /// Who.
    pub user: UserId,
    /// The user's signed device manifest.
    pub manifest: Vec<u8>,
    /// Every device that has one.
    pub devices: Vec<ClaimedDevice>,
}

/// A key package of one device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimedDevice {
    /// Which device.
    pub device: DeviceId,
    /// The MLS key package.
    pub key_package: Vec<u8>,
}

/// Why a request could not be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FailureCode {
    /// Not what it claims to be.
    Malformed,
    /// Not this device's to ask.
    Forbidden,
    /// There is no such thing, or none that this device may know of.
    NotFound,
    /// Too many in too short a time.
    RateLimited,
    /// Over a limit.
    TooLarge,
    /// The server could not do it now.
    Unavailable,
    /// The server does not speak this version.
    UnsupportedVersion,
    /// A device has no key package left.
    NoKeyPackage,
    /// The access token has expired.
    Expired,
    /// It stands against what came before it, which this device does not know yet.
    Conflict,
    /// A code of a newer server.
    Unknown,
}

/// Why the server closes a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GoAwayReason {
    /// It is shutting down.
    Draining,
    /// The access token has expired.
    TokenExpired,
    /// The same device has connected again.
    Replaced,
    /// The client broke the protocol.
    ProtocolError,
    /// The client did not read what was sent to it.
    TooSlow,
    /// The user has revoked this device.
    Revoked,
    /// A reason of a newer server.
    Unknown,
}
