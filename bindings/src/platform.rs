//! What the app brings: where the key of the database is kept, and where log lines go. Nothing
//! else calls into the app.

use std::sync::Arc;

use uniffi::UnexpectedUniFFICallbackError;
use zeroize::Zeroizing;

use crate::error::{ErrorCode, Result, WhimbrelError};

/// Bytes of a database key.
const KEY_BYTES: usize = 32;

/// Why something that the app brings has failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, uniffi::Error)]
pub enum PlatformError {
    /// It failed.
    #[error("{reason}")]
    Failed {
        /// Why, for developers. It may reach a log: no key and nothing private must be in it.
        reason: String,
    },
}

impl From<UnexpectedUniFFICallbackError> for PlatformError {
    /// The exception's text and stack are left out: nobody knows what they hold.
    fn from(_: UnexpectedUniFFICallbackError) -> Self {
        Self::Failed {
            reason: "the app's code threw an unexpected exception".into(),
        }
    }
}

/// Keeps the key of a database where the platform keeps secrets. Called while a client opens,
/// on a thread of the library.
///
/// A key store that can't be read now must throw. Giving none would mean that there was never one.
#[uniffi::export(foreign)]
pub trait KeyStore: Send + Sync {
    /// The key kept here: 32 bytes, or none if none was ever kept.
    ///
    /// Throws where there may be one and it can't be read, such as before the first unlock.
    fn load_key(&self) -> std::result::Result<Option<Vec<u8>>, PlatformError>;

    /// Keeps a key, durably when it returns. Without it the database can't be opened any more.
    ///
    /// Throws where it could not be kept; the client then does not open.
    fn store_key(&self, key: Vec<u8>) -> std::result::Result<(), PlatformError>;
}

/// How much a line of the log matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, uniffi::Enum)]
pub enum LogLevel {
    /// What happens in the ordinary course.
    Info,
    /// A call has failed, or the connection was lost.
    Warning,
    /// A defect of this library, or a client that can't go on by itself.
    Error,
}

/// A line of the log. Holds no content, name, key or token.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct LogRecord {
    /// How much it matters.
    pub level: LogLevel,
    /// When, in milliseconds since 1970, by this device's clock.
    pub time_ms: i64,
    /// What happened, in English, for developers.
    pub text: String,
}

/// Takes the lines of a client's log. Called on one thread that does nothing else, so it may take
/// its time; lines that come faster than it takes them are counted and left out.
#[uniffi::export(foreign)]
pub trait LogSink: Send + Sync {
    /// Takes a line.
    ///
    /// What it throws is ignored.
    fn log(&self, line: LogRecord) -> std::result::Result<(), PlatformError>;
}

/// The key to open a data folder with: the one in the key store, or a new one, kept there before
/// it is used. For a folder that is there already a new key could never be the right one.
///
/// # Errors
/// `KeyStore`; `WrongKey` where the folder is there and its key is not.
pub(crate) fn find_key(store: &Arc<dyn KeyStore>, folder_is_new: bool) -> Result<[u8; KEY_BYTES]> {
    if let Some(key) = kept_key(store)? {
        return Ok(key);
    }
    if !folder_is_new {
        return Err(WhimbrelError::new(
            ErrorCode::WrongKey,
            "the data folder has a database, and the key store has no key for it",
        ));
    }
    let mut key = [0; KEY_BYTES];
    getrandom::fill(&mut key).map_err(|error| {
        WhimbrelError::new(ErrorCode::Internal, format!("no randomness: {error}"))
    })?;
    store
        .store_key(key.to_vec())
        .map_err(|error| failed(&error))?;
    Ok(key)
}

/// The key in the key store, if it has one.
///
/// # Errors
/// `KeyStore`.
pub(crate) fn kept_key(store: &Arc<dyn KeyStore>) -> Result<Option<[u8; KEY_BYTES]>> {
    let key = store.load_key().map_err(|error| failed(&error))?;
    key.map(|key| key_of(&Zeroizing::new(key))).transpose()
}

fn key_of(bytes: &[u8]) -> Result<[u8; KEY_BYTES]> {
    bytes.try_into().map_err(|_| {
        let length = bytes.len();
        let reason = format!("the key store gave {length} bytes; a key has {KEY_BYTES}");
        WhimbrelError::new(ErrorCode::KeyStore, reason)
    })
}

fn failed(error: &PlatformError) -> WhimbrelError {
    WhimbrelError::new(
        ErrorCode::KeyStore,
        format!("the key store failed: {error}"),
    )
}

#[cfg(test)]
mod tests;
