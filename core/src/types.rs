//! Plain records: what queries return and what commands take.

pub use whimbrel_mls::SafetyNumber;
pub use whimbrel_protocol::{ClientId, ConversationId, DeviceId, UserId};

use crate::error::ErrorCode;

/// Whom a command is about: somebody known by id, or a name the server is asked about as soon
/// as there is a connection.
#[derive(
    Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
pub enum Person {
    /// A user id, for example from [`Member::user`].
    Id(#[serde(with = "user_as_text")] UserId),
    /// A user name: 3 to 32 of `a-z 0-9 . _ -`.
    Username(String),
}

mod user_as_text {
    use serde::{Deserialize as _, Deserializer, Serializer, de};
    use whimbrel_protocol::UserId;

    pub(super) fn serialize<S: Serializer>(user: &UserId, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(user)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<UserId, D::Error> {
        String::deserialize(from)?
            .parse()
            .map_err(de::Error::custom)
    }
}

/// Who uses this client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// The user.
    pub user: UserId,
    /// The user's name.
    pub username: String,
    /// This device.
    pub device: DeviceId,
}

/// A device of a user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Device {
    /// The device.
    pub id: DeviceId,
    /// Whether it is the one that this client runs on.
    pub is_this_one: bool,
    /// How far it has come.
    pub state: DeviceState,
    /// Conversations that it is still to be added to, or removed from.
    pub conversations_left: u32,
}

/// How far a device of this user has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeviceState {
    /// Approved here, and not yet known to the server.
    Coming,
    /// One of the user's devices.
    Listed,
    /// Revoked here, and not yet known to the server.
    Going,
    /// Revoked.
    Revoked,
}

/// What a new device shows while it waits to be linked.
#[derive(Clone, PartialEq, Eq)]
pub struct LinkTicket {
    /// The code, to be typed on a device of the user. Whoever sees it can take part in the linking.
    pub code: String,
    /// The same as the content of a QR picture.
    pub qr: String,
    /// Twelve digits that both devices show; the user compares them.
    pub fingerprint: String,
    /// When the code is no longer good, by this device's clock.
    pub expires_ms: i64,
}

impl std::fmt::Debug for LinkTicket {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("LinkTicket(..)")
    }
}

/// A device that waits to be linked, as a device of the user sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkRequest {
    /// The new device.
    pub device: DeviceId,
    /// Twelve digits that the new device shows, too, unless somebody is between the two.
    pub fingerprint: String,
    /// When the code is no longer good, by the server's clock.
    pub expires_ms: i64,
}

/// The devices of a user, as the newest manifest known here lists them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Devices {
    /// Version of that manifest.
    pub version: u64,
    /// Two manifests of one version were seen, both signed by this user: the user's identity key
    /// is in somebody else's hands, or the user's devices have gone separate ways.
    pub conflict: bool,
    /// The devices, by id, those that are revoked last.
    pub devices: Vec<Device>,
}

/// Kinds of conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConversationKind {
    /// Two users, for good; there is one per pair.
    Direct,
    /// Any number of users, who come and go.
    Group,
}

/// What can be done in a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConversationState {
    /// Made here and not yet known to the server. Sending works and queues.
    Creating,
    /// Everything works.
    Active,
    /// This user was removed: readable up to there, no sending.
    Removed,
    /// A member uses something this version does not understand; update the app. Readable so
    /// far; sending queues.
    NeedsUpdate,
    /// This device lost the encryption state of the conversation. Readable so far; sending queues.
    NeedsResync,
    /// The server has lost messages that this device has. Readable; sending queues.
    Diverged,
}

/// A conversation as a list shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conversation {
    /// Its id.
    pub id: ConversationId,
    /// Direct or group.
    pub kind: ConversationKind,
    /// What can be done in it.
    pub state: ConversationState,
    /// The group's name; for a direct conversation the other user's name. May be empty.
    pub name: String,
    /// The other user of a direct conversation, once known.
    pub peer: Option<UserId>,
    /// Messages of others above the own read mark, at most [`UNREAD_MAX`].
    pub unread: u32,
    /// The newest row.
    pub last_message: Option<Message>,
    /// Last number applied here.
    pub applied_seq: u64,
    /// Items waiting in the outbox.
    pub queued: u32,
    /// Why the conversation's outbox is stopped, if it is. With
    /// [`IdentityChanged`](ErrorCode::IdentityChanged) it goes on once the new identity of a
    /// member is accepted.
    pub blocked: Option<ErrorCode>,
    /// A member has seen another history than this device: the server has lied to one of the two.
    pub forked: bool,
    /// When something last happened, in milliseconds since 1970; the list is sorted by it.
    pub last_activity_ms: i64,
}

/// [`Conversation::unread`] counts no further.
pub const UNREAD_MAX: u32 = 999;

/// Rights of a user in a conversation.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// May do everything, and give roles. There is always at least one.
    Owner,
    /// May name the group, add users, and remove all but owners.
    Admin,
    /// May talk.
    Member,
}

/// A user in a conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// The user.
    pub user: UserId,
    /// The user's name, from the certificate in the group.
    pub username: String,
    /// The user's rights.
    pub role: Role,
    /// The server says that a device of this user has everything up to here.
    pub delivered_seq: u64,
    /// The user says to have read everything up to here.
    pub read_seq: u64,
}

/// Somebody this user has met in a conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contact {
    /// The user.
    pub user: UserId,
    /// The user's name.
    pub username: String,
    /// The safety number was compared, and the identity has not changed since.
    pub verified: bool,
    /// The user goes by another identity key than the one relied on here, until it is accepted; or
    /// says to.
    pub identity_change: Option<IdentityChange>,
    /// Two device lists of one version were seen, both signed by this user; see
    /// [`Devices::conflict`].
    pub conflict: bool,
    /// What both users compare to know that nobody is between them.
    pub safety_number: SafetyNumber,
}

/// How a user came to another identity key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IdentityChange {
    /// The change is signed by the recovery key of the former identity.
    ByRecovery,
    /// Nothing connects the two but the server's word.
    Unproven,
    /// The newest device list stands under another identity key, and no conversation goes by it
    /// yet. Either the user has started anew and waits to be let in, for which without the
    /// recovery code a group needs an owner; or the server has made it up. Accepting it relies on
    /// nothing: what waited is sent to the devices that are there.
    Announced,
}

/// What a row of a conversation is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MessageKind {
    /// Text to read.
    Text {
        /// The newest text.
        text: String,
        /// Whether it was changed after it was sent.
        edited: bool,
    },
    /// A message that its author took back.
    Deleted,
    /// The conversation was founded.
    Created,
    /// Users came in.
    Added(Vec<UserId>),
    /// Users went or were removed.
    Removed(Vec<UserId>),
    /// The conversation has a new name.
    Renamed(String),
    /// A user has other rights.
    RoleChanged {
        /// Whose.
        user: UserId,
        /// The new ones.
        role: Role,
    },
    /// A user has left.
    Left(UserId),
    /// A user goes by another identity key: a new installation without the old keys, or somebody
    /// else. See [`Contact`].
    IdentityChanged(UserId),
    /// Members have been shown different histories by the server. The sender of this row is the
    /// member whose history differs from the one here.
    Forked,
    /// This device could not follow and missed these numbers. What their authors say again stands
    /// below.
    Missed {
        /// The first.
        from_seq: u64,
        /// The last.
        to_seq: u64,
    },
    /// Something that a newer version of the app says. It is kept, and shows after an update.
    Unsupported,
    /// Something was sent here that can't be read, or that breaks the rules.
    Unreadable(Defect),
}

/// Why an item of the log can't be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Defect {
    /// It does not decrypt.
    Undecryptable,
    /// Signed for another place, sender or name than the server says.
    Forged,
    /// A change of the group that its rules do not allow; it had no effect.
    AgainstPolicy,
    /// Decrypted, but not a message of any known form.
    Malformed,
    /// The server says that it was taken back.
    Voided,
    /// The client failed on it twice.
    Unprocessable,
}

/// How far a message has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Delivery {
    /// In the outbox of this device.
    Queued,
    /// In the outbox, and stopped: see [`OutboxItem::failure`].
    Failed,
    /// The server has it for good.
    Sent,
    /// A device of every other member has it.
    Delivered,
    /// Every other member has read it.
    Read,
}

/// A row of a conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Its id: equal on every device, from the moment it is composed.
    pub id: ClientId,
    /// The conversation.
    pub conversation: ConversationId,
    /// Its author.
    pub sender: UserId,
    /// Its number in the conversation; `None` until the server has accepted it.
    pub seq: Option<u64>,
    /// What it is.
    pub kind: MessageKind,
    /// When it was composed, by its author's clock.
    pub composed_ms: i64,
    /// When the server accepted it.
    pub server_time_ms: Option<i64>,
    /// How far it has come. [`Delivery::Sent`] for messages of others.
    pub delivery: Delivery,
    /// The server left out something its author had sent before this one.
    pub gap_before: bool,
}

/// Where a page of messages starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Page {
    /// The newest ones, pending ones included.
    Newest,
    /// Those before this message, nearest last.
    Before(ClientId),
    /// Those after this message, nearest first.
    After(ClientId),
    /// Those around this message, itself included.
    Around(ClientId),
}

/// Most messages that one page holds.
pub const PAGE_MESSAGES_MAX: u32 = 200;

/// What an outbox item will do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OutboxKind {
    /// Found the conversation.
    Create,
    /// Add people.
    Add(Vec<Person>),
    /// Remove a user.
    Remove(UserId),
    /// Give users other rights.
    SetRoles(Vec<(UserId, Role)>),
    /// Leave the conversation.
    Leave,
    /// Name the conversation.
    Rename(String),
    /// Send text.
    Text(String),
    /// Change a message's text.
    Edit {
        /// The message.
        target: ClientId,
        /// Its new text.
        text: String,
    },
    /// Take a message back.
    Delete {
        /// The message.
        target: ClientId,
    },
    /// Tell that everything up to a number was read.
    ReadMark {
        /// The number.
        seq: u64,
    },
    /// Work of the client's own, such as adding a device again whose invitation got lost.
    Upkeep,
}

/// How far an outbox item has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OutboxState {
    /// Not encrypted yet; it can be edited and discarded.
    Queued,
    /// Written to a connection, and the answer is not known.
    InDoubt,
    /// Accepted by the server; this device has not yet reached its number.
    Accepted,
    /// Refused for good. It and everything after it waits for retry, edit or discard.
    Failed,
}

/// Something that waits to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutboxItem {
    /// Its id; for a text the id of its message.
    pub id: ClientId,
    /// The conversation.
    pub conversation: ConversationId,
    /// What it will do.
    pub kind: OutboxKind,
    /// How far it has come.
    pub state: OutboxState,
    /// How often the server refused or did not answer.
    pub attempts: u32,
    /// Why it failed, or why it was last put off.
    pub failure: Option<ErrorCode>,
}

/// What changed: ids only, read again what is on screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Change {
    /// A conversation's row in the list.
    Conversation(ConversationId),
    /// Messages of a conversation.
    Messages(ConversationId),
    /// Members or marks of a conversation.
    Members(ConversationId),
    /// A contact: its identity, or whether it is verified.
    Contact(UserId),
    /// The outbox.
    Outbox,
    /// The connection; see [`ClientState`].
    Connection,
    /// The account or its alarms.
    Account,
    /// More happened than the buffer holds: everything may have changed.
    Everything,
}

/// What to show for a push.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Notification {
    /// This message.
    Message(Preview),
    /// That there is something new in this conversation. What it is shows when the app has caught
    /// up.
    Generic(ConversationId),
    /// Nothing: it is known already, of this user's own, or nothing to be told of.
    Silent,
}

/// A message as a notification shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preview {
    /// Where.
    pub conversation: ConversationId,
    /// The group's name; for a direct conversation the other user's name. May be empty.
    pub conversation_name: String,
    /// The message's id: the same as when the client has taken it in.
    pub message: ClientId,
    /// Its author.
    pub sender: UserId,
    /// The author's name, from the certificate in the group.
    pub sender_name: String,
    /// The text, cut after 500 characters.
    pub text: String,
    /// When the server accepted it, in milliseconds since 1970.
    pub server_time_ms: i64,
}

/// State of the connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Connection {
    /// The app said that there is no network, or nobody is signed in.
    Offline,
    /// On the way, or waiting before the next try.
    Connecting,
    /// Connected and fetching what was missed.
    CatchingUp,
    /// Connected, everything fetched.
    Live,
    /// Closed by `pause`.
    Paused,
}

/// The client as a whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientState {
    /// The connection.
    pub connection: Connection,
    /// Whether a user is registered or signed in here.
    pub account: Option<Account>,
    /// What stops this client for good or until somebody acts.
    pub alarm: Option<Alarm>,
    /// Items in the outbox.
    pub queued: u32,
    /// Why the last try to connect failed.
    pub last_error: Option<ErrorCode>,
}

impl ClientState {
    /// With nobody registered.
    pub(crate) fn of_nobody(connection: Connection) -> Self {
        Self {
            connection,
            account: None,
            alarm: None,
            queued: 0,
            last_error: None,
        }
    }
}

/// What stops a client until somebody acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Alarm {
    /// The database is an old copy: this device has sent more than it knows of. Nothing is sent
    /// any more until it goes on as a new device, by
    /// [`re_enrol`](crate::client::Client::re_enrol).
    RolledBack,
    /// The user has removed this device: nothing is received or sent any more. What is here can be
    /// read until it is wiped.
    Revoked,
    /// The session has ended; sign in with the password again.
    SignInNeeded,
    /// The disk is full: receiving goes on as far as it can, sending is refused.
    DiskFull,
    /// The server speaks another version; update the app.
    UpdateNeeded,
}
