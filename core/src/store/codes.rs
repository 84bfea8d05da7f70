//! How plain types are written into columns. Writers and readers both go through here, so that
//! a code has one meaning. Codes are for good: a released one never gets another meaning.

use whimbrel_protocol::UserId;

use crate::error::{Error, ErrorCode, Result};
use crate::types::{ConversationState, Defect, MessageKind, OutboxState, Role};

/// `message.kind`: text to read; the text is in `text`.
pub const KIND_TEXT: i64 = 1;
/// `message.kind`: taken back by its author.
pub const KIND_DELETED: i64 = 2;
/// `message.kind`: the conversation was founded.
pub const KIND_CREATED: i64 = 3;
/// `message.kind`: users came in; their ids are in `text`, see [`users_to_text`].
pub const KIND_ADDED: i64 = 4;
/// `message.kind`: users went; their ids are in `text`.
pub const KIND_REMOVED: i64 = 5;
/// `message.kind`: the conversation has the name in `text`.
pub const KIND_RENAMED: i64 = 6;
/// `message.kind`: content of an unknown kind, its plaintext kept in `raw`.
pub const KIND_UNSUPPORTED: i64 = 7;
/// `message.kind`: can't be shown; `text` holds the [`defect_name`].
pub const KIND_UNREADABLE: i64 = 8;

/// `message.kind`: the user in `text` has the role named after it.
pub const KIND_ROLE_CHANGED: i64 = 9;
/// `message.kind`: the user in `text` has left.
pub const KIND_LEFT: i64 = 10;
/// `message.kind`: the user in `text` goes by another identity key.
pub const KIND_IDENTITY_CHANGED: i64 = 11;
/// `message.kind`: the sender has seen another history.
pub const KIND_FORKED: i64 = 12;
/// `message.kind`: this device could not read the numbers in `text`, first and last.
pub const KIND_MISSED: i64 = 13;

/// `outbox.lane`: messages and what the user wants of the group, in strict order.
pub const LANE_MESSAGES: i64 = 0;
/// `outbox.lane`: edits, deletes, read marks and other state, which never block messages.
pub const LANE_SECOND: i64 = 1;
/// `outbox.lane`: the client's own upkeep of the group, done when the other lanes are idle.
pub const LANE_UPKEEP: i64 = 2;
/// `outbox.lane`: what failed while this device was out of a conversation that it is in again.
pub const LANE_ASIDE: i64 = 3;

/// The code of `conversation.state`.
#[must_use]
pub const fn conversation_state_code(state: ConversationState) -> i64 {
    match state {
        ConversationState::Creating => 0,
        ConversationState::Active => 1,
        ConversationState::Removed => 2,
        ConversationState::NeedsUpdate => 3,
        ConversationState::NeedsResync => 4,
        ConversationState::Diverged => 5,
    }
}

/// The state that a `conversation.state` stands for.
///
/// # Errors
/// `Damaged` where it stands for none.
pub fn conversation_state(code: i64) -> Result<ConversationState> {
    Ok(match code {
        0 => ConversationState::Creating,
        1 => ConversationState::Active,
        2 => ConversationState::Removed,
        3 => ConversationState::NeedsUpdate,
        4 => ConversationState::NeedsResync,
        5 => ConversationState::Diverged,
        _ => return Err(unknown_code("conversation.state", code)),
    })
}

/// The code of `member.role`.
#[must_use]
pub const fn role_code(role: Role) -> i64 {
    match role {
        Role::Owner => 0,
        Role::Admin => 1,
        Role::Member => 2,
    }
}

/// The role that a `member.role` stands for.
///
/// # Errors
/// `Damaged` where it stands for none.
pub fn role(code: i64) -> Result<Role> {
    Ok(match code {
        0 => Role::Owner,
        1 => Role::Admin,
        2 => Role::Member,
        _ => return Err(unknown_code("member.role", code)),
    })
}

/// The code of `outbox.state`.
#[must_use]
pub const fn outbox_state_code(state: OutboxState) -> i64 {
    match state {
        OutboxState::Queued => 0,
        OutboxState::InDoubt => 1,
        OutboxState::Accepted => 2,
        OutboxState::Failed => 3,
    }
}

/// The state that an `outbox.state` stands for.
///
/// # Errors
/// `Damaged` where it stands for none.
pub fn outbox_state(code: i64) -> Result<OutboxState> {
    Ok(match code {
        0 => OutboxState::Queued,
        1 => OutboxState::InDoubt,
        2 => OutboxState::Accepted,
        3 => OutboxState::Failed,
        _ => return Err(unknown_code("outbox.state", code)),
    })
}

/// The code that an `outbox.failure` names.
///
/// # Errors
/// `Damaged` where it names none.
pub fn failure(name: &str) -> Result<ErrorCode> {
    ErrorCode::from_name(name)
        .ok_or_else(|| Error::new(ErrorCode::Damaged, "outbox.failure names no error code"))
}

/// How a row's kind is written: `message.kind` and `message.text`.
#[must_use]
pub fn kind_columns(kind: &MessageKind) -> (i64, String) {
    match kind {
        MessageKind::Text { text, .. } => (KIND_TEXT, text.clone()),
        MessageKind::Deleted => (KIND_DELETED, String::new()),
        MessageKind::Created => (KIND_CREATED, String::new()),
        MessageKind::Added(users) => (KIND_ADDED, users_to_text(users)),
        MessageKind::Removed(users) => (KIND_REMOVED, users_to_text(users)),
        MessageKind::Renamed(name) => (KIND_RENAMED, name.clone()),
        MessageKind::RoleChanged { user, role } => {
            (KIND_ROLE_CHANGED, format!("{user} {}", role_code(*role)))
        }
        MessageKind::Left(user) => (KIND_LEFT, user.to_string()),
        MessageKind::IdentityChanged(user) => (KIND_IDENTITY_CHANGED, user.to_string()),
        MessageKind::Forked => (KIND_FORKED, String::new()),
        MessageKind::Missed { from_seq, to_seq } => (KIND_MISSED, format!("{from_seq} {to_seq}")),
        MessageKind::Unsupported => (KIND_UNSUPPORTED, String::new()),
        MessageKind::Unreadable(defect) => (KIND_UNREADABLE, defect_name(*defect).to_owned()),
    }
}

/// The kind that `message.kind`, `message.text` and `message.edited_seq` stand for.
///
/// # Errors
/// `Damaged` where they stand for none.
pub fn kind(code: i64, text: String, edited_seq: Option<i64>) -> Result<MessageKind> {
    Ok(match code {
        KIND_TEXT => MessageKind::Text {
            text,
            edited: edited_seq.is_some(),
        },
        KIND_DELETED => MessageKind::Deleted,
        KIND_CREATED => MessageKind::Created,
        KIND_ADDED => MessageKind::Added(users_from_text(&text)?),
        KIND_REMOVED => MessageKind::Removed(users_from_text(&text)?),
        KIND_RENAMED => MessageKind::Renamed(text),
        KIND_ROLE_CHANGED => role_changed(&text)?,
        KIND_LEFT => MessageKind::Left(user_from_text(&text)?),
        KIND_IDENTITY_CHANGED => MessageKind::IdentityChanged(user_from_text(&text)?),
        KIND_FORKED => MessageKind::Forked,
        KIND_MISSED => missed(&text)?,
        KIND_UNSUPPORTED => MessageKind::Unsupported,
        KIND_UNREADABLE => MessageKind::Unreadable(defect(&text)?),
        _ => return Err(unknown_code("message.kind", code)),
    })
}

fn missed(text: &str) -> Result<MessageKind> {
    let damaged = || Error::new(ErrorCode::Damaged, "message.text names no numbers");
    let (from, to) = text.split_once(' ').ok_or_else(damaged)?;
    Ok(MessageKind::Missed {
        from_seq: from.parse().map_err(|_| damaged())?,
        to_seq: to.parse().map_err(|_| damaged())?,
    })
}

fn role_changed(text: &str) -> Result<MessageKind> {
    let damaged = || Error::new(ErrorCode::Damaged, "message.text names no role");
    let (user, code) = text.split_once(' ').ok_or_else(damaged)?;
    Ok(MessageKind::RoleChanged {
        user: user_from_text(user)?,
        role: role(code.parse().map_err(|_| damaged())?)?,
    })
}

fn user_from_text(text: &str) -> Result<UserId> {
    text.parse()
        .map_err(|_| Error::new(ErrorCode::Damaged, "message.text names no user"))
}

/// The name of a defect.
#[must_use]
pub const fn defect_name(defect: Defect) -> &'static str {
    match defect {
        Defect::Undecryptable => "undecryptable",
        Defect::Forged => "forged",
        Defect::AgainstPolicy => "against_policy",
        Defect::Malformed => "malformed",
        Defect::Voided => "voided",
        Defect::Unprocessable => "unprocessable",
    }
}

/// The defect of this name.
///
/// # Errors
/// `Damaged` where there is none.
pub fn defect(name: &str) -> Result<Defect> {
    Ok(match name {
        "undecryptable" => Defect::Undecryptable,
        "forged" => Defect::Forged,
        "against_policy" => Defect::AgainstPolicy,
        "malformed" => Defect::Malformed,
        "voided" => Defect::Voided,
        "unprocessable" => Defect::Unprocessable,
        _ => {
            return Err(Error::new(
                ErrorCode::Damaged,
                "message.text names no defect",
            ));
        }
    })
}

/// User ids as text: hexadecimal, a space between them.
#[must_use]
pub fn users_to_text(users: &[UserId]) -> String {
    let ids: Vec<String> = users.iter().map(ToString::to_string).collect();
    ids.join(" ")
}

/// The user ids that [`users_to_text`] wrote.
///
/// # Errors
/// `Damaged` where it is other text.
pub fn users_from_text(text: &str) -> Result<Vec<UserId>> {
    text.split_ascii_whitespace()
        .map(|id| {
            id.parse()
                .map_err(|_| Error::new(ErrorCode::Damaged, "message.text holds no user ids"))
        })
        .collect()
}

/// A number of the protocol as SQLite keeps it.
///
/// # Errors
/// `InvalidArgument` above 2^63 - 1, which no honest server reaches.
pub fn to_sql(number: u64) -> Result<i64> {
    i64::try_from(number).map_err(|_| Error::invalid("a number is above 2^63 - 1"))
}

/// A number of the protocol that SQLite has kept.
///
/// # Errors
/// `Damaged` where it is negative.
pub fn from_sql(number: i64) -> Result<u64> {
    u64::try_from(number).map_err(|_| Error::new(ErrorCode::Damaged, "a number is negative"))
}

/// An id that SQLite has kept.
///
/// # Errors
/// `Damaged` where it does not have 16 bytes.
pub fn id<'bytes, Id: TryFrom<&'bytes [u8]>>(bytes: &'bytes [u8]) -> Result<Id> {
    Id::try_from(bytes).map_err(|_| Error::new(ErrorCode::Damaged, "an id is not of 16 bytes"))
}

fn unknown_code(column: &str, code: i64) -> Error {
    Error::new(
        ErrorCode::Damaged,
        format!("{column} holds the unknown code {code}"),
    )
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed test may panic")]
    use super::*;

    #[test]
    fn every_code_comes_back() {
        for code in 0..6 {
            assert_eq!(
                conversation_state_code(conversation_state(code).unwrap()),
                code
            );
        }
        for code in 0..3 {
            assert_eq!(role_code(role(code).unwrap()), code);
        }
        for code in 0..4 {
            assert_eq!(outbox_state_code(outbox_state(code).unwrap()), code);
        }
        for error in [
            conversation_state(6).unwrap_err(),
            role(3).unwrap_err(),
            outbox_state(-1).unwrap_err(),
            kind(0, String::new(), None).unwrap_err(),
            failure("nonsense").unwrap_err(),
        ] {
            assert_eq!(error.code, ErrorCode::Damaged);
        }
        assert_eq!(failure("not_member").unwrap(), ErrorCode::NotMember);
    }

    #[test]
    fn every_kind_comes_back() {
        let users = vec![UserId::from_bytes([1; 16]), UserId::from_bytes([2; 16])];
        let kinds = [
            MessageKind::Text {
                text: "hello".to_owned(),
                edited: false,
            },
            MessageKind::Deleted,
            MessageKind::Created,
            MessageKind::Added(users.clone()),
            MessageKind::Removed(users),
            MessageKind::Renamed("the birds".to_owned()),
            MessageKind::Unsupported,
            MessageKind::Unreadable(Defect::Undecryptable),
            MessageKind::Unreadable(Defect::Forged),
            MessageKind::Unreadable(Defect::AgainstPolicy),
            MessageKind::Unreadable(Defect::Malformed),
            MessageKind::Unreadable(Defect::Voided),
            MessageKind::Unreadable(Defect::Unprocessable),
        ];
        for wanted in kinds {
            let (code, text) = kind_columns(&wanted);
            assert_eq!(kind(code, text, None).unwrap(), wanted);
        }
    }

    #[test]
    fn numbers_and_ids_are_checked() {
        assert_eq!(from_sql(to_sql(7).unwrap()).unwrap(), 7);
        assert_eq!(
            to_sql(u64::MAX).unwrap_err().code,
            ErrorCode::InvalidArgument
        );
        assert_eq!(from_sql(-1).unwrap_err().code, ErrorCode::Damaged);
        assert_eq!(id::<UserId>(&[3; 16]).unwrap(), UserId::from_bytes([3; 16]));
        assert_eq!(id::<UserId>(&[3; 15]).unwrap_err().code, ErrorCode::Damaged);
    }
}
