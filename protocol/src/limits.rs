//! Limits that both ends of the wire agree on. The unit stands last in each name.

/// Largest number, epoch, counter or head that an item or a place may have: what a signed 64-bit
/// column of a database holds.
pub const NUMBER_MAX: u64 = i64::MAX as u64;
/// Largest WebSocket frame and message, encoded.
pub const FRAME_BYTES_MAX: usize = 64 * 1024;
/// Largest MLS payload of one envelope.
pub const PAYLOAD_BYTES_MAX: usize = 48 * 1024;
/// Largest Welcome that travels beside a commit; with it a commit item still fits in a frame.
pub const WELCOME_BYTES_MAX: usize = 32 * 1024;
/// Items in one `Send`, all of one conversation.
pub const SEND_ITEMS_MAX: usize = 16;
/// Payload bytes in one `Send`, Welcomes included.
pub const SEND_BYTES_MAX: usize = 56 * 1024;
/// Envelopes in one answer to a `Fetch`.
pub const FETCH_ENVELOPES_MAX: usize = 100;
/// Payload bytes in one answer to a `Fetch`; one envelope is always served, whatever its size.
pub const FETCH_BYTES_MAX: usize = 48 * 1024;
/// Fetches that one connection may have unanswered.
pub const FETCHES_OUTSTANDING_MAX: usize = 4;
/// Envelopes pushed to a connection and not yet taken by it, before it falls back to fetching.
pub const PUSH_CREDIT_ENVELOPES: u32 = 256;
/// Conversation heads in one frame after `Hello`.
pub const HEADS_PER_FRAME_MAX: usize = 500;
/// Inbox items in one frame.
pub const INBOX_ITEMS_MAX: usize = 16;
/// Bytes of one chunk of a ratchet tree.
pub const TREE_CHUNK_BYTES_MAX: usize = 48 * 1024;
/// Largest ratchet tree accepted.
pub const TREE_BYTES_MAX: usize = 512 * 1024;
/// Devices in one conversation.
pub const CONVERSATION_DEVICES_MAX: usize = 256;
/// Users in one conversation.
pub const CONVERSATION_USERS_MAX: usize = 256;
/// Users added by one commit; larger additions are split into several.
pub const COMMIT_ADDS_MAX: usize = 32;
/// Devices of one user.
pub const USER_DEVICES_MAX: usize = 10;
/// One-time key packages a device keeps at the server.
pub const KEY_PACKAGES_ONE_TIME: usize = 50;
/// A device refills its one-time key packages when this many are left.
pub const KEY_PACKAGES_REFILL_AT: usize = 20;
/// Largest encoded key package.
pub const KEY_PACKAGE_BYTES_MAX: usize = 4 * 1024;
/// Key packages in one `PublishKeyPackages`.
pub const KEY_PACKAGES_PER_FRAME_MAX: usize = 12;
/// Largest credential (the device certificate) of a leaf.
pub const CREDENTIAL_BYTES_MAX: usize = 1024;
/// Largest statement that a device signs for others to show around.
pub const STATEMENT_BYTES_MAX: usize = 256;
/// Largest encoded device manifest.
pub const MANIFEST_BYTES_MAX: usize = 8 * 1024;
/// Largest group policy in the group context.
pub const GROUP_POLICY_BYTES_MAX: usize = 32 * 1024;
/// Text of one message, in bytes of UTF-8.
pub const TEXT_BYTES_MAX: usize = 16 * 1024;
/// Name of a conversation, in bytes of UTF-8.
pub const CONVERSATION_NAME_BYTES_MAX: usize = 256;
/// Shortest and longest user name, in characters.
pub const USERNAME_CHARS: std::ops::RangeInclusive<usize> = 3..=32;
/// Shortest and longest password, in bytes of UTF-8.
pub const PASSWORD_BYTES: std::ops::RangeInclusive<usize> = 10..=256;
/// How long a new device and an old one can meet, in milliseconds.
pub const LINK_MS: i64 = 5 * 60 * 1000;
/// What a new device says of itself when it is linked.
pub const LINK_OFFER_BYTES_MAX: usize = 1024;
/// What the old device grants it, sealed.
pub const LINK_GRANT_BYTES_MAX: usize = 12 * 1024;
