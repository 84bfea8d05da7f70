//! Arguments as they come from an app, checked: text to ids, numbers to their ranges.

use std::str::FromStr;

use whimbrel::types::{ClientId, ConversationId, DeviceId, UserId};

use crate::error::{ErrorCode, Result, WhimbrelError};

/// The text of an id.
pub(crate) trait Id: FromStr {
    /// What it is the id of.
    const WHAT: &'static str;
}

impl Id for ConversationId {
    const WHAT: &'static str = "conversation";
}

impl Id for ClientId {
    const WHAT: &'static str = "message or outbox";
}

impl Id for UserId {
    const WHAT: &'static str = "user";
}

impl Id for DeviceId {
    const WHAT: &'static str = "device";
}

/// An id from its text.
///
/// # Errors
/// `InvalidArgument` for anything but 32 hexadecimal digits.
pub(crate) fn id<T: Id>(text: &str) -> Result<T> {
    text.parse().map_err(|_| {
        invalid(format!(
            "this is no {} id: it must be 32 hexadecimal digits",
            T::WHAT
        ))
    })
}

/// A count from a signed number.
///
/// # Errors
/// `InvalidArgument` for a negative one.
pub(crate) fn count(name: &str, value: i32) -> Result<u32> {
    u32::try_from(value).map_err(|_| invalid(format!("{name} must not be negative")))
}

/// A number of the log or a counter, as languages without unsigned numbers take it.
pub(crate) fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// A count of things, which is far below the largest one.
pub(crate) fn signed_count(count: u32) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}

pub(crate) fn invalid(reason: impl Into<String>) -> WhimbrelError {
    WhimbrelError::new(ErrorCode::InvalidArgument, reason)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_32_digits_and_nothing_else() {
        let text = "a7".repeat(16);
        assert!(id::<UserId>(&text).is_ok_and(|id| id.to_string() == text));
        for bad in ["", "a7", &"zz".repeat(16), &"a".repeat(1 << 20), "\0"] {
            let error = id::<ConversationId>(bad).err();
            let error = error.map(|error| (error.code(), error.reason().to_owned()));
            let reason = "this is no conversation id: it must be 32 hexadecimal digits";
            assert_eq!(error, Some((ErrorCode::InvalidArgument, reason.into())));
        }
    }

    #[test]
    fn counts_are_not_negative() {
        assert_eq!(count("limit", 7).ok(), Some(7));
        for bad in [-1, i32::MIN] {
            let error = count("limit", bad).err();
            let reason = error.as_ref().map(WhimbrelError::reason);
            assert_eq!(reason, Some("limit must not be negative"));
        }
    }

    #[test]
    fn numbers_do_not_wrap() {
        assert_eq!(signed(7), 7);
        assert_eq!(signed(u64::MAX), i64::MAX);
        assert_eq!(signed_count(u32::MAX), i32::MAX);
    }
}
