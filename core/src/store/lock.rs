//! The lock that makes one engine at a time the writer of a data folder.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::Path;

use super::damage::from_io;
use crate::error::{Error, ErrorCode, Result};

/// Held while the writer is open. The operating system releases it when the process ends, however
/// it ends; dropping it releases it at once, so that a suspended app holds no lock.
#[derive(Debug)]
pub(super) struct WriterLock {
    _file: File,
}

impl WriterLock {
    /// Takes the lock of a folder, without waiting.
    pub(super) fn take(folder: &Path) -> Result<Self> {
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(false);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options
            .open(folder.join("whimbrel.lock"))
            .map_err(|error| from_io("the lock file can't be opened", &error))?;
        match file.try_lock() {
            Ok(()) => Ok(Self { _file: file }),
            Err(TryLockError::WouldBlock) => Err(Error::new(
                ErrorCode::AlreadyOpen,
                "another client or process has this data folder open",
            )),
            Err(TryLockError::Error(error)) => Err(from_io("the lock can't be taken", &error)),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed test may panic")]
    use super::*;

    #[test]
    fn one_at_a_time() {
        let folder = tempfile::tempdir().unwrap();
        let first = WriterLock::take(folder.path()).unwrap();
        let error = WriterLock::take(folder.path()).unwrap_err();
        assert_eq!(error.code, ErrorCode::AlreadyOpen);
        drop(first);
        WriterLock::take(folder.path()).unwrap();
    }
}
