//! A file that takes up room, to be given back when the disk is full: SQLite needs free pages
//! even to delete, so without it a full disk could never be left by clearing the outbox.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::damage::from_io;
use crate::error::Result;

/// Size of the ballast.
pub const BALLAST_BYTES: u64 = 1024 * 1024;
const BLOCK_BYTES: usize = 4096;

/// The ballast of a data folder.
#[derive(Debug)]
pub(super) struct Ballast {
    path: PathBuf,
}

impl Ballast {
    /// The ballast of this folder, there or not.
    pub(super) fn of(folder: &Path) -> Self {
        Self {
            path: folder.join("whimbrel.ballast"),
        }
    }

    /// Gives its room back. Whether there was any.
    pub(super) fn release(&self) -> Result<bool> {
        match fs::remove_file(&self.path) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(from_io("the ballast can't be removed", &error)),
        }
    }

    /// Whether it is there in full.
    pub(super) fn is_filled(&self) -> bool {
        fs::metadata(&self.path).is_ok_and(|metadata| metadata.len() == BALLAST_BYTES)
    }

    /// Takes up its room, if as much again is free: room that was just given back is for what
    /// frees more. A disk too full for that gives `DiskFull` and no half ballast.
    pub(super) fn fill(&self) -> Result<()> {
        if self.is_filled() {
            return Ok(());
        }
        write_blocks(&self.path).map_err(|error| {
            // What could be written must not keep the last free room.
            let _ = fs::remove_file(&self.path);
            from_io("the ballast can't be written", &error)
        })
    }
}

fn write_blocks(path: &Path) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file: File = options.open(path)?;
    let mut written = 0;
    for number in 0_u64.. {
        if written >= 2 * BALLAST_BYTES {
            break;
        }
        let block = block(number);
        file.write_all(&block)?;
        written += u64::try_from(block.len()).map_err(io::Error::other)?;
    }
    file.sync_all()?;
    file.set_len(BALLAST_BYTES)?;
    file.sync_all()
}

/// Bytes that no file system can compress or leave out.
fn block(number: u64) -> Vec<u8> {
    let mut block = Vec::with_capacity(BLOCK_BYTES);
    let mut part = 0_u64;
    while block.len() < BLOCK_BYTES {
        let digest = Sha256::new()
            .chain_update(b"Whimbrel ballast")
            .chain_update(number.to_be_bytes())
            .chain_update(part.to_be_bytes())
            .finalize();
        block.extend_from_slice(digest.as_ref());
        part += 1;
    }
    block
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed test may panic")]
    use super::*;

    #[test]
    fn filled_released_and_filled_again() {
        let folder = tempfile::tempdir().unwrap();
        let ballast = Ballast::of(folder.path());
        assert!(!ballast.is_filled());
        assert!(!ballast.release().unwrap());
        ballast.fill().unwrap();
        assert!(ballast.is_filled());
        let bytes = fs::read(&ballast.path).unwrap();
        let zeros = bytes.split(|byte| *byte != 0).map(<[u8]>::len).max();
        assert!(
            zeros.unwrap() < 16,
            "a run of zeros could be left out by the file system"
        );
        assert!(ballast.release().unwrap());
        assert!(!ballast.is_filled());
        ballast.fill().unwrap();
        assert!(ballast.is_filled());
    }

    #[test]
    fn half_a_ballast_is_completed() {
        let folder = tempfile::tempdir().unwrap();
        let ballast = Ballast::of(folder.path());
        fs::write(&ballast.path, [1; 100]).unwrap();
        assert!(!ballast.is_filled());
        ballast.fill().unwrap();
        assert!(ballast.is_filled());
    }
}
