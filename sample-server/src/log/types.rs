//! What the log is asked and what it answers. Plain data, no SQL.

use std::path::PathBuf;

use whimbrel_protocol::envelope::Envelope;
use whimbrel_protocol::frame::{
    ClaimedUser, Envelopes, FailureCode, FindUser, Head, InboxItem, ItemResult, Mark, SendItem,
    UnopenedWelcome,
};
use whimbrel_protocol::{ConversationId, DeviceId, UserId};

/// Items that one [`SqliteLog::append`](super::SqliteLog::append) takes at most, unless a single
/// request has more.
pub const BATCH_ITEMS_MAX: usize = 256;
/// Bytes that one [`SqliteLog::append`](super::SqliteLog::append) takes at most, unless a single
/// request has more.
pub const BATCH_BYTES_MAX: usize = 1024 * 1024;

/// Where the database is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogOptions {
    /// The database file.
    pub path: PathBuf,
    /// The name of a registered SQLite VFS; `None` for the files of the system.
    pub vfs: Option<String>,
}

/// Sealed items that a device wants appended to one conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppendRequest {
    /// Whose device.
    pub user: UserId,
    /// Which device, as its access token says.
    pub device: DeviceId,
    /// To which conversation.
    pub conversation: ConversationId,
    /// How many items the device has ever sealed.
    pub sealed_no: u64,
    /// In order.
    pub items: Vec<SendItem>,
}

impl AppendRequest {
    /// Bytes this request counts for in a batch.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.items.iter().map(item_bytes).sum()
    }
}

/// Bytes one item counts for: its payload, its tree and its Welcome.
pub(crate) fn item_bytes(item: &SendItem) -> usize {
    let tree = item.founding.as_ref().map_or(0, |f| f.tree.len());
    let welcome = item.welcome.as_ref().map_or(0, |w| w.welcome.len());
    item.payload.len() + tree + welcome
}

/// What became of an [`AppendRequest`]. When it is handed out, it is committed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppendOutcome {
    /// One per item, in order.
    pub results: Vec<ItemResult>,
    /// What is new; `None` where every item was refused or known already.
    pub appended: Option<Appended>,
}

/// What an append added to a conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Appended {
    /// The conversation after it.
    pub head: Head,
    /// The new items, in order, with their payloads.
    pub envelopes: Vec<Envelope>,
    /// Member devices after it, sorted.
    pub members: Vec<DeviceId>,
    /// Devices that were removed, with the last head they may see.
    pub gone: Vec<Gone>,
    /// What went into the inboxes of other devices.
    pub deliveries: Vec<Delivery>,
}

/// A device that was removed from a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gone {
    /// Which device.
    pub device: DeviceId,
    /// The number of the removing commit and the epoch after it.
    pub head: Head,
}

/// A new inbox item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// In whose inbox.
    pub device: DeviceId,
    /// The item; it is the last one of that inbox.
    pub item: InboxItem,
}

/// Anything asked of the log that is not an append.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReadRequest {
    /// Envelopes that this device may read.
    Fetch {
        /// Which device.
        device: DeviceId,
        /// Of which conversation.
        conversation: ConversationId,
        /// The last number it has.
        after: u64,
        /// At most so many.
        limit: u32,
    },
    /// Where a conversation stands for this device, and the marks of the others.
    GoLive {
        /// Whose device.
        user: UserId,
        /// Which device.
        device: DeviceId,
        /// Which conversation.
        conversation: ConversationId,
    },
    /// Inbox items after a number.
    FetchInbox {
        /// Whose inbox.
        device: DeviceId,
        /// The last number it has.
        after: u64,
    },
    /// A piece of the ratchet tree of an epoch this device was welcomed into.
    FetchTree {
        /// Which device.
        device: DeviceId,
        /// Of which conversation.
        conversation: ConversationId,
        /// Of which epoch.
        epoch: u64,
        /// From which byte on.
        offset: u32,
    },
    /// A question for the directory.
    FindUser {
        /// Which device asks.
        device: DeviceId,
        /// What.
        find: FindUser,
    },
    /// Something that changes something besides.
    Change(ChangeRequest),
    /// Where a conversation stands, for pushing after a hint of another node.
    Moved {
        /// Which conversation.
        conversation: ConversationId,
    },
}

/// What is asked of the log and changes something besides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ChangeRequest {
    /// What `HelloOk` and the heads after it say. Keeps the highest `sealed_no`.
    Hello {
        /// Which device.
        device: DeviceId,
        /// How many items it has ever sealed.
        sealed_no: u64,
    },
    /// This device has committed everything up to a number.
    Applied {
        /// Whose device.
        user: UserId,
        /// Which device.
        device: DeviceId,
        /// Which conversation.
        conversation: ConversationId,
        /// Up to this number.
        seq: u64,
    },
    /// Inbox items up to a number may be forgotten.
    InboxApplied {
        /// Whose device.
        user: UserId,
        /// Whose inbox.
        device: DeviceId,
        /// Up to this number.
        seq: u64,
        /// Welcomes among them that could not be opened.
        unopened: Vec<UnopenedWelcome>,
    },
    /// More key packages.
    PublishKeyPackages {
        /// Whose device.
        user: UserId,
        /// Which device.
        device: DeviceId,
        /// Each to be handed out once.
        one_time: Vec<Vec<u8>>,
        /// Replaces the one before.
        last_resort: Option<Vec<u8>>,
    },
    /// One key package of each device of these users, the claiming one left out.
    ClaimKeyPackages {
        /// Which device claims.
        device: DeviceId,
        /// Whose.
        users: Vec<UserId>,
    },
    /// A device could not process a commit.
    RejectCommit {
        /// Which device.
        device: DeviceId,
        /// In which conversation.
        conversation: ConversationId,
        /// The commit's number.
        seq: u64,
    },
    /// The next manifest of a user.
    PublishManifest {
        /// Whose.
        user: UserId,
        /// Which device publishes it.
        device: DeviceId,
        /// The manifest, encoded.
        manifest: Vec<u8>,
    },
    /// A device wants to be added (again) to a conversation that its user is in.
    AskToBeAdded {
        /// Whose device.
        user: UserId,
        /// Which device.
        device: DeviceId,
        /// To which conversation.
        conversation: ConversationId,
    },
    /// Voids a commit that was rejected and not confirmed, if it is time; what the hub asks by
    /// itself.
    Void {
        /// In which conversation.
        conversation: ConversationId,
    },
    /// Tells others wherever a device still has to be added; what the hub asks by itself.
    TellWaiting {
        /// Whose device.
        user: UserId,
        /// Which device.
        device: DeviceId,
    },
}

impl ReadRequest {
    /// The device that asks; `None` where the hub itself does.
    pub(super) fn asker(&self) -> Option<DeviceId> {
        match self {
            Self::Fetch { device, .. }
            | Self::GoLive { device, .. }
            | Self::FetchInbox { device, .. }
            | Self::FetchTree { device, .. }
            | Self::FindUser { device, .. } => Some(*device),
            Self::Change(change) => change.asker(),
            Self::Moved { .. } => None,
        }
    }
}

impl ChangeRequest {
    fn asker(&self) -> Option<DeviceId> {
        match self {
            Self::Hello { device, .. }
            | Self::Applied { device, .. }
            | Self::InboxApplied { device, .. }
            | Self::PublishKeyPackages { device, .. }
            | Self::ClaimKeyPackages { device, .. }
            | Self::RejectCommit { device, .. }
            | Self::PublishManifest { device, .. }
            | Self::AskToBeAdded { device, .. }
            | Self::TellWaiting { device, .. } => Some(*device),
            Self::Void { .. } => None,
        }
    }
}

/// The answer to a [`ReadRequest`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// To `Hello`.
    Hello(HelloFacts),
    /// To `Fetch`.
    Envelopes(Envelopes),
    /// To `GoLive`.
    Position {
        /// The last number this device may read.
        head: Head,
        /// Whether it is a member, so that what follows may be pushed to it.
        membership: Membership,
        /// Delivery marks of every other user.
        marks: Vec<Mark>,
    },
    /// To `Applied`.
    Marked {
        /// In which conversation.
        conversation: ConversationId,
        /// The user's mark, where it rose.
        mark: Option<Mark>,
    },
    /// To `FetchInbox`.
    Inbox {
        /// The last number there is.
        head: u64,
        /// In order.
        items: Vec<InboxItem>,
    },
    /// To `InboxApplied`.
    InboxTrimmed {
        /// News about unopened Welcomes, for the devices that sent them.
        deliveries: Vec<Delivery>,
    },
    /// To `PublishKeyPackages`.
    KeyPackageCount {
        /// How many there are now.
        count: KeyPackageCount,
        /// For the user's other devices, where the device had none before: it can be added now.
        deliveries: Vec<Delivery>,
    },
    /// To `ClaimKeyPackages`: of as many of the users asked for, in their order, as fit in a frame.
    Claimed {
        /// The users.
        users: Vec<ClaimedUser>,
        /// Devices that have few one-time key packages left by this.
        low: Vec<(DeviceId, KeyPackageCount)>,
    },
    /// To `FetchTree`.
    TreeChunk {
        /// First byte of this chunk.
        offset: u32,
        /// Size of the whole tree.
        total: u32,
        /// The chunk.
        bytes: Vec<u8>,
    },
    /// To `FindUser`.
    UserFound {
        /// The user.
        user: UserId,
        /// The name.
        username: String,
    },
    /// To `RejectCommit`, and to `Void` where nothing is to be voided now.
    Noted {
        /// After this time it is to be asked whether to void the commit.
        void_after_ms: Option<u32>,
    },
    /// To `Void`: the epoch has fallen back, and items up to the head are void.
    Voided {
        /// Where the conversation stands now.
        head: Head,
        /// Member devices now, sorted.
        members: Vec<DeviceId>,
    },
    /// To `Moved`.
    Moved {
        /// Where it stands.
        head: Head,
        /// Member devices, sorted.
        members: Vec<DeviceId>,
    },
    /// To `PublishManifest`: stored now, or the newest one already (then there is no news).
    Published(Option<ManifestNews>),
    /// To `AskToBeAdded` and `TellWaiting`.
    Asked {
        /// For devices that could add the one that asks.
        deliveries: Vec<Delivery>,
    },
    /// It can't be done, and this is why.
    Failed(FailureCode),
    /// Too many in too short a time.
    Later {
        /// Ask again after this time.
        retry_after_ms: u32,
    },
    /// The device that asks was revoked by its user. To any request.
    Revoked,
}

/// What a new manifest means for connected devices.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ManifestNews {
    /// Whose it is.
    pub user: UserId,
    /// The manifest, encoded.
    pub manifest: Vec<u8>,
    /// Who is to know, with the number of the item in that device's inbox.
    pub receivers: Vec<(DeviceId, u64)>,
    /// Devices that are not the user's any more: they are not served from now on.
    pub revoked: Vec<DeviceId>,
}

/// What became of the manifest of a user who starts anew on a device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Replacement {
    /// It is the newest one now, or was already. Devices that it does not list are revoked.
    Replaced,
    /// It is not a valid manifest of this user, either under a new identity key with this device
    /// alone, or under the same one with this device in the place of another.
    Invalid,
    /// It does not follow the newest one, or there is no such user.
    Conflict,
    /// The device id is in use.
    IdTaken,
    /// Too many in too short a time.
    Later {
        /// Try again after this time.
        retry_after_ms: u32,
    },
}

/// Whether a device is in a conversation now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Membership {
    /// It is.
    Present,
    /// It was.
    Past,
}

/// What the log knows about a device that says `Hello`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HelloFacts {
    /// The highest count of sealed items ever seen from it.
    pub sealed_no: u64,
    /// Its last inbox item.
    pub inbox_head: u64,
    /// Its key packages.
    pub key_packages: KeyPackageCount,
    /// All its conversations, newest first.
    pub heads: Vec<Head>,
    /// Whether it still has to be added somewhere, and it is time to tell others (again).
    pub waits: bool,
}

/// How many key packages of a device there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyPackageCount {
    /// One-time ones.
    pub one_time: u32,
    /// Whether there is one of last resort.
    pub has_last_resort: bool,
}

/// An account to be made, with its first device.
#[derive(Clone, PartialEq, Eq)]
pub struct NewAccount {
    /// The user.
    pub user: UserId,
    /// The name.
    pub username: String,
    /// The first device.
    pub device: DeviceId,
    /// The first device manifest, encoded.
    pub manifest: Vec<u8>,
    /// The password, hashed, as a PHC string.
    pub password_hash: String,
}

/// What became of a registration.
#[derive(Clone, PartialEq, Eq)]
pub enum Registration {
    /// The account is new.
    Created,
    /// The same user, device and name were registered before. The caller verifies the password
    /// against this hash before it treats the repeat as a success.
    Existing {
        /// The stored hash.
        password_hash: String,
    },
    /// Somebody else has the name.
    UsernameTaken,
    /// The user or device id is in use.
    IdTaken,
    /// The name or the manifest is not valid, or they do not fit together.
    Invalid,
}

/// An account.
#[derive(Clone, PartialEq, Eq)]
pub struct Account {
    /// The user.
    pub user: UserId,
    /// The name.
    pub username: String,
    /// The password, hashed, as a PHC string.
    pub password_hash: String,
    /// The devices that are not revoked, sorted.
    pub devices: Vec<DeviceId>,
}

/// A refresh-token family to be started: one sign-in of one device. Only hashes are stored.
#[derive(Clone, PartialEq, Eq)]
pub struct NewFamily {
    /// Whose device.
    pub user: UserId,
    /// Which device.
    pub device: DeviceId,
    /// SHA-256 of the first token.
    pub token_hash: [u8; 32],
    /// When the family ends, in milliseconds since 1970.
    pub expires_ms: i64,
}

/// What became of a presented refresh token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rotation {
    /// It was the newest; the new one has taken its place.
    Rotated {
        /// Whose device.
        user: UserId,
        /// Which device.
        device: DeviceId,
    },
    /// It was the one before, within the grace time: the answer was lost. The new one has taken
    /// the place of the lost one. Once per rotation.
    Grace {
        /// Whose device.
        user: UserId,
        /// Which device.
        device: DeviceId,
    },
    /// It was used before. The family is ended: somebody has a copy.
    Reuse,
    /// It is none of ours, or too old to be remembered.
    Unknown,
    /// Its family is over.
    Expired,
    /// The device was revoked.
    Revoked,
}
