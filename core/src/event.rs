//! What goes into the engine and what comes out of it.

use std::collections::BTreeSet;

use whimbrel_protocol::account::{
    LinkOpening, RecoveryAnswer, RecoveryRequest, RegisterRequest, TokenRequest,
};
use whimbrel_protocol::{ClientFrame, ClientId, ConversationId, DeviceId, ServerFrame, UserId};

use crate::error::{ErrorCode, Result};
use crate::types::{Change, LinkTicket, Person, Role};

/// Names a command in its reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ticket(pub u64);

/// What the engine is told.
#[derive(Debug)]
pub enum Event {
    /// The app wants something done. Answered by [`Effect::Reply`] after its commit.
    Command {
        /// To match the reply.
        ticket: Ticket,
        /// What to do.
        command: Command,
    },
    /// The app says whether there is a network. The engine starts with none.
    Network(Network),
    /// The connection asked for by [`Effect::Connect`] is open.
    LinkOpened,
    /// It could not be opened, or it is closed.
    LinkClosed(LinkError),
    /// A frame came in.
    Frame(ServerFrame),
    /// A frame came in that is not of this protocol.
    MalformedFrame,
    /// Answer to [`Effect::Refresh`].
    Refreshed(Result<Session, LinkError>),
    /// Time has passed; see [`Engine::wake_at`](crate::engine::Engine::wake_at).
    Tick,
}

/// Whether there is a network.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Network {
    /// There is, as far as the app knows.
    Up,
    /// There is none, or none that may be used.
    Down,
}

/// Why there is no connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkError {
    /// Refused, cut, timed out, or the server could not do it now.
    Unreachable,
    /// The server does not accept the access or refresh token.
    Denied,
    /// This device was removed by its user.
    Revoked,
    /// The server asks to stay away for so many milliseconds.
    RetryAfter(u32),
    /// The server's certificate is not the expected one.
    Untrusted,
    /// What answers does not speak this protocol.
    Protocol,
}

impl LinkError {
    /// The code that apps see.
    #[must_use]
    pub const fn code(self) -> ErrorCode {
        match self {
            Self::Unreachable | Self::RetryAfter(_) => ErrorCode::Unavailable,
            Self::Denied => ErrorCode::AccessDenied,
            Self::Revoked => ErrorCode::Revoked,
            Self::Untrusted => ErrorCode::UntrustedServer,
            Self::Protocol => ErrorCode::Protocol,
        }
    }
}

/// Tokens of a session.
#[derive(Clone, PartialEq, Eq)]
pub struct Session {
    /// For the `Authorization` header.
    pub access_token: String,
    /// How long it is good for, in milliseconds from now.
    pub expires_in_ms: i64,
    /// For the next refresh.
    pub refresh_token: String,
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Session(…)")
    }
}

/// What an app can ask for. Each command is one transaction, and none touches MLS or the network.
#[derive(Debug, Clone)]
pub enum Command {
    /// Draws ids and keys for a new account, or repeats those of an unfinished registration.
    /// Answered by [`Reply::Registration`].
    PrepareRegistration {
        /// Name to be found by.
        username: String,
        /// Goes into the answer, and nowhere else.
        password: Password,
    },
    /// Asks which device signs in. Answered by [`Reply::Device`].
    PrepareSignIn {
        /// Name of the user, to be compared with the account here.
        username: String,
    },
    /// Keeps the tokens of a finished registration or sign-in.
    StoreSession(Session),
    /// Opens the direct conversation with somebody, found or made. Answered by
    /// [`Reply::Conversation`].
    CreateDirect {
        /// The other one.
        peer: Person,
    },
    /// Makes a group. Answered by [`Reply::Conversation`].
    CreateGroup {
        /// Its name, at most 256 bytes; may be empty.
        name: String,
        /// Its first members besides this user.
        members: Vec<Person>,
    },
    /// Sends text. Answered by [`Reply::Item`]: the message's id.
    Send {
        /// Where.
        conversation: ConversationId,
        /// At most 16 KiB of UTF-8, not empty.
        text: String,
    },
    /// Changes the text of an own message: in place while it is queued, by an edit message once
    /// it was or may have been sent.
    Edit {
        /// Where.
        conversation: ConversationId,
        /// The message.
        message: ClientId,
        /// Its new text.
        text: String,
    },
    /// Takes an own message back: without a trace while it is queued, by a delete message once
    /// it was or may have been sent.
    Delete {
        /// Where.
        conversation: ConversationId,
        /// The message.
        message: ClientId,
    },
    /// Marks everything up to a message as read, here and for the others to see.
    MarkRead {
        /// Where.
        conversation: ConversationId,
        /// The last message read.
        message: ClientId,
    },
    /// Adds people to a group. Answered by [`Reply::Item`].
    Add {
        /// Where.
        conversation: ConversationId,
        /// Whom.
        people: Vec<Person>,
    },
    /// Removes a user from a group. Answered by [`Reply::Item`].
    Remove {
        /// Where.
        conversation: ConversationId,
        /// Whom.
        user: UserId,
    },
    /// Gives users of a group other roles, in one commit. Answered by [`Reply::Item`].
    SetRoles {
        /// Where.
        conversation: ConversationId,
        /// Who gets which.
        roles: Vec<(UserId, Role)>,
    },
    /// Leaves a group. Answered by [`Reply::Item`].
    Leave {
        /// Which.
        conversation: ConversationId,
    },
    /// Relies on the new identity key of a user.
    AcceptIdentity {
        /// Whose.
        user: UserId,
    },
    /// Keeps whether the safety number of a user was compared.
    SetVerified {
        /// Whose.
        user: UserId,
        /// Whether it was, and fitted.
        verified: bool,
    },
    /// Names a group. Answered by [`Reply::Item`].
    Rename {
        /// Which.
        conversation: ConversationId,
        /// Its new name.
        name: String,
    },
    /// Draws the keys of a device that waits to be linked, over those of an earlier try. Answered
    /// by [`Reply::LinkStarted`].
    StartLink,
    /// Asks how far the linking of this device has come. Answered by [`Reply::LinkWaits`] or
    /// [`Reply::LinkSignIn`].
    NextLinkStep,
    /// Opens what a device of the user has granted this one, and keeps the account. Answered by
    /// [`Reply::LinkSignIn`].
    TakeLinkGrant {
        /// As it came.
        grant: Vec<u8>,
    },
    /// Gives up being linked.
    CancelLink,
    /// Seals what a new device needs, once the user's manifest lists it. Answered by
    /// [`Reply::LinkGrant`].
    SealLinkGrant {
        /// The code, as text or as the content of a QR picture.
        code: Secret,
        /// What the new device has said of itself.
        offer: Vec<u8>,
        /// When the code is no longer good, by the server's clock.
        expires_ms: i64,
    },
    /// Draws the keys of a new identity, or repeats those of an unfinished recovery. Answered by
    /// [`Reply::Recovery`].
    PrepareRecovery(Box<Recovery>),
    /// Draws the keys of a device that is to take the place of this one, whose database is an old
    /// copy; or repeats those of an unfinished try. Answered by [`Reply::Recovery`].
    PrepareReEnrolment {
        /// Goes into the answer, and nowhere else.
        password: Password,
        /// What the server has said to begin with.
        answer: RecoveryAnswer,
    },
    /// Goes on as the device that was prepared, and keeps its tokens. What waited in the outbox
    /// has failed, since an old copy can't tell whether it was sent.
    FinishReEnrolment(Session),
    /// Asks for an access token that is good now. Answered by [`Reply::AccessToken`].
    AccessToken,
    /// Makes another device one of this user's, as soon as the server knows it. May be repeated.
    ApproveDevice {
        /// The device.
        device: DeviceId,
        /// The key it signs with.
        device_key: [u8; 32],
    },
    /// Gives up a device that was approved and that the server does not know yet.
    WithdrawDevice {
        /// The device.
        device: DeviceId,
    },
    /// Removes a device of this user for good, from everything.
    RevokeDevice {
        /// The device.
        device: DeviceId,
    },
    /// Tries a failed outbox item, and what waits behind it, again now.
    Retry {
        /// The item.
        item: ClientId,
    },
    /// Takes an item out of the outbox. One in doubt is taken back by a delete message.
    Discard {
        /// The item.
        item: ClientId,
    },
    /// Says which conversation is on screen, so that it is fetched first.
    Focus(Option<ConversationId>),
}

/// A password on its way to the server; never stored, never printed.
#[derive(Clone)]
pub struct Password(pub String);

impl std::fmt::Debug for Password {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Password(…)")
    }
}

/// Text that is never printed.
#[derive(Clone)]
pub struct Secret(pub String);

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// A user who comes back without any device.
#[derive(Debug, Clone)]
pub struct Recovery {
    /// The name of the user.
    pub username: String,
    /// Goes into the answer, and nowhere else.
    pub password: Password,
    /// The recovery code; without it nothing proves the new identity.
    pub code: Option<Secret>,
    /// What the server has said to begin with.
    pub answer: RecoveryAnswer,
}

/// A link that was just begun.
#[derive(Debug, Clone)]
pub struct LinkStart {
    /// What to show.
    pub ticket: LinkTicket,
    /// What to send to the server.
    pub opening: LinkOpening,
}

/// Answer to a command.
#[derive(Debug, Clone)]
pub enum Reply {
    /// A link was begun.
    LinkStarted(Box<LinkStart>),
    /// The device waits to be linked under this id, in hexadecimal.
    LinkWaits(String),
    /// The device is linked: what to send to the server's token route.
    LinkSignIn(Box<TokenRequest>),
    /// What to leave for the new device.
    LinkGrant(Vec<u8>),
    /// What to send to the server's recovery route.
    Recovery(Box<RecoveryRequest>),
    /// A token, if there is one that is good.
    AccessToken(Option<Secret>),
    /// It is done.
    Done,
    /// What to send to the server's register route.
    Registration(Box<RegisterRequest>),
    /// The device of the account here.
    Device(DeviceId),
    /// A conversation.
    Conversation(ConversationId),
    /// A message or another outbox item.
    Item(ClientId),
}

/// What the engine wants done.
#[derive(Debug)]
pub enum Effect {
    /// Answer a command.
    Reply {
        /// Of which command.
        ticket: Ticket,
        /// Its outcome, committed.
        result: Result<Reply>,
    },
    /// Tell the app what has changed.
    Publish(BTreeSet<Change>),
    /// Write a frame to the connection.
    Transmit(ClientFrame),
    /// Open a connection with this access token.
    Connect {
        /// For the `Authorization` header.
        access_token: String,
    },
    /// Get new tokens with this refresh token.
    Refresh {
        /// The newest one.
        refresh_token: String,
    },
    /// Close the connection, or give up opening it.
    Disconnect,
}
