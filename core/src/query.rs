//! What apps read: plain records, each from one moment of the database.

mod devices;

use whimbrel_mls::{Certificate, IdentityPublicKey};
use whimbrel_protocol::{ClientId, ConversationId, UserId};

use crate::error::{Error, ErrorCode, Result};
use crate::store::read::{ListedConversation, Marks, MemberRow, MessageRow, Place, Snapshot};
use crate::types::{
    Contact, Conversation, ConversationKind, Delivery, IdentityChange, Member, Message, OutboxItem,
    OutboxState, PAGE_MESSAGES_MAX, Page, SafetyNumber, UNREAD_MAX,
};

pub use devices::{devices, recovery_code};

/// Most conversations that one page of the list holds.
pub const PAGE_CONVERSATIONS_MAX: u32 = 200;

/// A page of the list of conversations, the most recently active first.
///
/// # Errors
/// `InvalidArgument` for a limit of 0 or above [`PAGE_CONVERSATIONS_MAX`]; `Damaged`; `Storage`.
pub fn conversations(read: &Snapshot<'_>, offset: u32, limit: u32) -> Result<Vec<Conversation>> {
    check_limit(limit, PAGE_CONVERSATIONS_MAX)?;
    let own = Own::of(read)?;
    read.conversations(offset, limit)?
        .into_iter()
        .map(|row| complete(read, &own, row))
        .collect()
}

/// One conversation, under its id or an id it had before.
///
/// # Errors
/// `NotFound`; `Damaged`; `Storage`.
pub fn conversation(read: &Snapshot<'_>, conversation: ConversationId) -> Result<Conversation> {
    let row = find(read, conversation)?;
    complete(read, &Own::of(read)?, row)
}

/// A page of messages, in the order of the conversation.
///
/// # Errors
/// `NotFound` where conversation or message is unknown; `InvalidArgument` for a limit of 0 or
/// above [`PAGE_MESSAGES_MAX`]; `Damaged`; `Storage`.
pub fn messages(
    read: &Snapshot<'_>,
    conversation: ConversationId,
    page: Page,
    limit: u32,
) -> Result<Vec<Message>> {
    check_limit(limit, PAGE_MESSAGES_MAX)?;
    let conversation = find(read, conversation)?.id;
    let own = Own::of(read)?;
    let anchor = |message| -> Result<MessageRow> {
        read.message(conversation, message, own.bytes())?
            .ok_or_else(|| Error::not_found("message"))
    };
    let rows = match page {
        Page::Newest => reversed(read.before(conversation, Place::LAST, limit)?),
        Page::Before(message) => {
            reversed(read.before(conversation, anchor(message)?.place()?, limit)?)
        }
        Page::After(message) => read.after(conversation, anchor(message)?.place()?, limit)?,
        Page::Around(message) => around(read, conversation, anchor(message)?, limit)?,
    };
    let marks = read.marks(conversation, own.bytes())?;
    let show = |row| message_of(conversation, &own, marks, row);
    Ok(rows.into_iter().map(show).collect())
}

/// One message.
///
/// # Errors
/// `NotFound` where conversation or message is unknown; `Damaged`; `Storage`.
pub fn message(
    read: &Snapshot<'_>,
    conversation: ConversationId,
    message: ClientId,
) -> Result<Message> {
    let conversation = find(read, conversation)?.id;
    let own = Own::of(read)?;
    let row = read
        .message(conversation, message, own.bytes())?
        .ok_or_else(|| Error::not_found("message"))?;
    let marks = read.marks(conversation, own.bytes())?;
    Ok(message_of(conversation, &own, marks, row))
}

/// Who is in a conversation now: owners, admins, members, by name.
///
/// # Errors
/// `NotFound`; `Damaged`; `Storage`.
pub fn members(read: &Snapshot<'_>, conversation: ConversationId) -> Result<Vec<Member>> {
    let conversation = find(read, conversation)?.id;
    let rows = read.members(conversation)?;
    Ok(rows.into_iter().map(member_of).collect())
}

/// Somebody whom this user has met in a conversation.
///
/// # Errors
/// `NotFound` for somebody never met, and for this user; `NotSignedIn`; `Damaged`; `Storage`.
pub fn contact(read: &Snapshot<'_>, user: UserId) -> Result<Contact> {
    let certificate = read
        .own_certificate()?
        .ok_or_else(|| Error::new(ErrorCode::NotSignedIn, "there is no account"))?;
    let own = Certificate::decode_and_verify(&certificate)
        .map_err(|_| Error::new(ErrorCode::Damaged, "the account's certificate is not valid"))?;
    let row = read
        .contact(user)?
        .filter(|row| row.user != own.user)
        .ok_or_else(|| Error::not_found("contact"))?;
    let identity_change = match (row.new_key, row.announced_key) {
        (Some(_), _) if row.new_key_proven => Some(IdentityChange::ByRecovery),
        (Some(_), _) => Some(IdentityChange::Unproven),
        (None, Some(_)) => Some(IdentityChange::Announced),
        (None, None) => None,
    };
    // The identity that the user goes by now is the one to compare.
    let key = IdentityPublicKey(row.new_key.unwrap_or(row.identity_key));
    Ok(Contact {
        user,
        username: row.username,
        verified: row.verified && row.new_key.is_none(),
        identity_change,
        conflict: read.manifest_conflict(user)?,
        safety_number: SafetyNumber::of((own.user, own.identity_key), (user, key)),
    })
}

/// A code that all members of a conversation share as long as nobody has come between them; it
/// changes with every change of the group. `None` while this device is not in it yet.
///
/// # Errors
/// `NotFound`; `Damaged`; `Storage`.
pub fn epoch_code(read: &Snapshot<'_>, conversation: ConversationId) -> Result<Option<String>> {
    Ok(find(read, conversation)?.epoch_code)
}

/// What waits to be sent, in order: everywhere, or in one conversation.
///
/// # Errors
/// `NotFound` for an unknown conversation; `Damaged`; `Storage`.
pub fn outbox(
    read: &Snapshot<'_>,
    conversation: Option<ConversationId>,
) -> Result<Vec<OutboxItem>> {
    let conversation = conversation.map(|id| find(read, id)).transpose()?;
    read.outbox(conversation.map(|row| row.id))
}

/// Whether something in the outbox goes out by itself as soon as there is a connection.
///
/// # Errors
/// `Damaged`; `Storage`.
pub fn has_sendable(read: &Snapshot<'_>) -> Result<bool> {
    read.has_sendable()
}

/// The user of this client, to tell own rows from those of others.
struct Own(Option<UserId>);

impl Own {
    fn of(read: &Snapshot<'_>) -> Result<Self> {
        read.own_user().map(Self)
    }

    /// As SQL compares it; nobody's id is empty.
    fn bytes(&self) -> &[u8] {
        self.0.as_ref().map_or(&[], |user| user.as_bytes())
    }

    fn is(&self, user: UserId) -> bool {
        self.0 == Some(user)
    }
}

fn check_limit(limit: u32, max: u32) -> Result<()> {
    if (1..=max).contains(&limit) {
        Ok(())
    } else {
        Err(Error::invalid(format!(
            "a page holds 1 to {max} rows, not {limit}"
        )))
    }
}

fn find(read: &Snapshot<'_>, conversation: ConversationId) -> Result<ListedConversation> {
    let conversation = read.resolve(conversation)?;
    read.conversation(conversation)?
        .ok_or_else(|| Error::not_found("conversation"))
}

fn complete(read: &Snapshot<'_>, own: &Own, row: ListedConversation) -> Result<Conversation> {
    let newest = read.before(row.id, Place::LAST, 1)?.into_iter().next();
    let last_message = match newest {
        Some(message) => {
            let marks = read.marks(row.id, own.bytes())?;
            Some(message_of(row.id, own, marks, message))
        }
        None => None,
    };
    let waiting = read.waiting(row.id, row.is_direct)?;
    Ok(Conversation {
        id: row.id,
        kind: if row.is_direct {
            ConversationKind::Direct
        } else {
            ConversationKind::Group
        },
        state: row.state,
        unread: read.unread(row.id, row.own_read_seq, own.bytes(), UNREAD_MAX)?,
        last_message,
        applied_seq: row.applied_seq,
        queued: waiting.queued,
        blocked: waiting.blocked,
        forked: row.forked,
        last_activity_ms: row.last_activity_ms,
        peer: row.peer,
        name: name_of(read, row)?,
    })
}

/// A direct conversation is called what its other user is called, as soon as a certificate has
/// said it; before that, what the app asked for.
pub(crate) fn name_of(read: &Snapshot<'_>, row: ListedConversation) -> Result<String> {
    if !row.is_direct {
        return Ok(row.name);
    }
    let certified = match row.peer {
        Some(peer) => read.username(peer)?,
        None => None,
    };
    Ok(certified.or(row.peer_username).unwrap_or_default())
}

/// Half before, the message itself, half after; where one side is short the other gets its room.
fn around(
    read: &Snapshot<'_>,
    conversation: ConversationId,
    anchor: MessageRow,
    limit: u32,
) -> Result<Vec<MessageRow>> {
    let place = anchor.place()?;
    let room = limit - 1;
    let mut before = read.before(conversation, place, room)?;
    let mut after = read.after(conversation, place, room)?;
    let room = usize::try_from(room).unwrap_or(usize::MAX);
    let half = room / 2;
    after.truncate((room - half).max(room.saturating_sub(before.len())));
    before.truncate(room.saturating_sub(after.len()));
    let mut rows = reversed(before);
    rows.push(anchor);
    rows.append(&mut after);
    Ok(rows)
}

fn reversed(mut rows: Vec<MessageRow>) -> Vec<MessageRow> {
    rows.reverse();
    rows
}

fn message_of(
    conversation: ConversationId,
    own: &Own,
    marks: Option<Marks>,
    row: MessageRow,
) -> Message {
    let delivery = if own.is(row.sender) {
        delivery_of(&row, marks)
    } else {
        Delivery::Sent
    };
    Message {
        id: row.id,
        conversation,
        sender: row.sender,
        seq: row.seq,
        kind: row.kind,
        composed_ms: row.composed_ms,
        server_time_ms: row.server_time_ms,
        delivery,
        gap_before: row.gap_before,
    }
}

fn delivery_of(row: &MessageRow, marks: Option<Marks>) -> Delivery {
    let Some(seq) = row.seq else {
        return match row.outbox_state {
            Some(OutboxState::Failed) => Delivery::Failed,
            _ => Delivery::Queued,
        };
    };
    match marks {
        Some(marks) if marks.read_seq >= seq => Delivery::Read,
        Some(marks) if marks.delivered_seq >= seq => Delivery::Delivered,
        _ => Delivery::Sent,
    }
}

fn member_of(row: MemberRow) -> Member {
    Member {
        user: row.user,
        username: row.username.unwrap_or_default(),
        role: row.role,
        delivered_seq: row.delivered_seq,
        read_seq: row.read_seq,
    }
}

#[cfg(test)]
mod tests;
