//! What errors of SQLite and of the file system mean to the app.

use std::io;

use rusqlite::ErrorCode as Sqlite;

use crate::error::{Error, ErrorCode};

/// Every error of SQLite becomes one of: disk full, damaged, storage, or a defect of this library.
/// Reasons never hold SQL values, only what SQLite itself says.
#[allow(clippy::needless_pass_by_value, reason = "it is given to `map_err`")]
pub(crate) fn from_sqlite(error: rusqlite::Error) -> Error {
    let Some(code) = error.sqlite_error_code() else {
        return from_column(&error);
    };
    match code {
        Sqlite::DiskFull => Error::new(ErrorCode::DiskFull, "the disk is full"),
        Sqlite::NotADatabase | Sqlite::DatabaseCorrupt => Error::new(
            ErrorCode::Damaged,
            format!("the database is damaged: {error}"),
        ),
        Sqlite::SystemIoFailure if is_disk_full(&error) => {
            Error::new(ErrorCode::DiskFull, "the disk is full")
        }
        Sqlite::SystemIoFailure
        | Sqlite::CannotOpen
        | Sqlite::PermissionDenied
        | Sqlite::ReadOnly
        | Sqlite::FileLockingProtocolFailed
        | Sqlite::DatabaseBusy
        | Sqlite::NoLargeFileSupport => Error::new(
            ErrorCode::Storage,
            format!("the database can't be used: {error}"),
        ),
        Sqlite::OperationInterrupted => {
            Error::new(ErrorCode::Paused, "the query was interrupted by a pause")
        }
        _ => Error::internal(format!("SQLite: {error}")),
    }
}

/// Whether a connection that met this error must be discarded: what it has cached can't be
/// trusted. What is then reported is what a fresh connection says.
#[must_use]
pub const fn discards_connection(code: ErrorCode) -> bool {
    matches!(code, ErrorCode::Damaged | ErrorCode::Storage)
}

/// An error of the file system, and during what.
pub(super) fn from_io(during: &str, error: &io::Error) -> Error {
    // `QuotaExceeded` is what a full partition looks like to one user of it.
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            Error::new(ErrorCode::DiskFull, format!("{during}: the disk is full"))
        }
        _ => Error::new(ErrorCode::Storage, format!("{during}: {error}")),
    }
}

/// The unlikely ways of a full disk that SQLite does not call `SQLITE_FULL`: no room for the
/// shared memory of the write-ahead log.
fn is_disk_full(error: &rusqlite::Error) -> bool {
    use rusqlite::ffi::{SQLITE_IOERR_SHMMAP, SQLITE_IOERR_SHMSIZE};
    matches!(
        error.sqlite_error().map(|error| error.extended_code),
        Some(SQLITE_IOERR_SHMSIZE | SQLITE_IOERR_SHMMAP)
    )
}

/// A column that holds what was never written there is damage; anything else, such as a name
/// that is not in the statement, is a defect.
fn from_column(error: &rusqlite::Error) -> Error {
    match error {
        rusqlite::Error::FromSqlConversionFailure(..)
        | rusqlite::Error::IntegralValueOutOfRange(..)
        | rusqlite::Error::InvalidColumnType(..) => Error::new(
            ErrorCode::Damaged,
            "a column of the database holds a value that does not belong there",
        ),
        other => Error::internal(format!("database: {other}")),
    }
}

#[cfg(test)]
mod tests {
    use rusqlite::ffi;

    use super::*;

    fn of(result_code: i32) -> ErrorCode {
        let inner = ffi::Error::new(result_code);
        from_sqlite(rusqlite::Error::SqliteFailure(inner, None)).code
    }

    #[test]
    fn sqlite_errors_have_their_codes() {
        for (sqlite, code) in [
            (ffi::SQLITE_FULL, ErrorCode::DiskFull),
            (ffi::SQLITE_IOERR_SHMSIZE, ErrorCode::DiskFull),
            (ffi::SQLITE_NOTADB, ErrorCode::Damaged),
            (ffi::SQLITE_CORRUPT, ErrorCode::Damaged),
            (ffi::SQLITE_IOERR, ErrorCode::Storage),
            (ffi::SQLITE_IOERR_FSYNC, ErrorCode::Storage),
            (ffi::SQLITE_CANTOPEN, ErrorCode::Storage),
            (ffi::SQLITE_BUSY, ErrorCode::Storage),
            (ffi::SQLITE_READONLY, ErrorCode::Storage),
            (ffi::SQLITE_INTERRUPT, ErrorCode::Paused),
            (ffi::SQLITE_CONSTRAINT, ErrorCode::Internal),
            (ffi::SQLITE_MISUSE, ErrorCode::Internal),
        ] {
            assert_eq!(of(sqlite), code, "SQLite code {sqlite}");
        }
        assert_eq!(
            from_sqlite(rusqlite::Error::QueryReturnedNoRows).code,
            ErrorCode::Internal
        );
    }

    #[test]
    fn file_errors_have_their_codes() {
        let full = io::Error::from(io::ErrorKind::StorageFull);
        assert_eq!(from_io("writing", &full).code, ErrorCode::DiskFull);
        let denied = io::Error::from(io::ErrorKind::PermissionDenied);
        assert_eq!(from_io("writing", &denied).code, ErrorCode::Storage);
    }
}
