//! Between SQLite's values and ours.

use rusqlite::Row;
use rusqlite::types::FromSql;
use whimbrel_protocol::{Chain, ClientId, ConversationId, DeviceId, UserId};

use super::LogError;

/// Names what was being done when SQLite failed.
pub(super) trait Doing<T> {
    fn doing(self, doing: &'static str) -> Result<T, LogError>;
}

impl<T> Doing<T> for rusqlite::Result<T> {
    fn doing(self, doing: &'static str) -> Result<T, LogError> {
        self.map_err(|source| LogError::Sqlite { doing, source })
    }
}

/// The nearest number that SQLite can store. Only numbers of clients can be larger, and such a
/// number never matches one of ours.
pub(super) fn to_sql(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// A number that this module stored, so it is not negative.
pub(super) fn from_sql(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}

/// Reads a stored number.
pub(super) fn number(row: &Row<'_>, column: &str) -> rusqlite::Result<u64> {
    row.get::<_, i64>(column).map(from_sql)
}

/// Reads an id.
pub(super) fn id<T: FromBytes>(row: &Row<'_>, column: &str) -> rusqlite::Result<T> {
    row.get::<_, T::Bytes>(column).map(T::from_stored)
}

/// What is stored as a fixed number of bytes.
pub(super) trait FromBytes {
    type Bytes: FromSql;
    fn from_stored(bytes: Self::Bytes) -> Self;
}

macro_rules! from_bytes {
    ($($name:ident: $length:literal),*) => {$(
        impl FromBytes for $name {
            type Bytes = [u8; $length];
            fn from_stored(bytes: Self::Bytes) -> Self {
                Self::from_bytes(bytes)
            }
        }
    )*};
}

from_bytes!(UserId: 16, DeviceId: 16, ConversationId: 16, ClientId: 16, Chain: 32);
