//! What can go wrong with the log itself. Refusals of what a client asks are not errors.

/// The log could not do it. Nothing of the call was kept.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// The SQLite library can corrupt WAL databases.
    #[error("SQLite {found} is too old: 3.51.3 or later is needed")]
    SqliteTooOld {
        /// The version that is linked.
        found: String,
    },
    /// A setting of the database did not take.
    #[error("the database does not take {setting}: it is {found}")]
    Setting {
        /// Which setting.
        setting: &'static str,
        /// What was read back.
        found: String,
    },
    /// The database was written by a later version of this program.
    #[error("the database has schema {found}, this program knows {known}")]
    NewerSchema {
        /// Schema of the database.
        found: i64,
        /// Newest schema this program knows.
        known: i64,
    },
    /// SQLite failed.
    #[error("could not {doing}")]
    Sqlite {
        /// What was being done.
        doing: &'static str,
        /// SQLite's error.
        #[source]
        source: rusqlite::Error,
    },
    /// Something in the database is not what this program stores.
    #[error("the database holds a {0} that can't be read")]
    Damaged(&'static str),
    /// More than one append may hold.
    #[error("a batch of {items} items and {bytes} bytes is over the limit")]
    BatchTooLarge {
        /// Items in the batch.
        items: usize,
        /// Bytes in the batch.
        bytes: usize,
    },
}
