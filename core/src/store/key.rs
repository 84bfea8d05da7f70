//! The database key, and the side file that lets a wrong key be told from a damaged database:
//! SQLite says "not a database" to both.

use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};
use zeroize::{Zeroize, Zeroizing};

use super::damage::from_io;
use crate::error::{Error, ErrorCode, Result};

/// The 256-bit key of a database. The app keeps it in the platform's key store. It is wiped
/// from memory when dropped and never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct DatabaseKey([u8; 32]);

impl DatabaseKey {
    /// The key with these bytes, which must be random.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Key and salt as SQLCipher takes them raw: `x'…'`, 64 and 32 hexadecimal digits.
    pub(super) fn raw_key(&self, salt: Salt) -> Zeroizing<String> {
        let mut text = Zeroizing::new(String::with_capacity(99));
        text.push_str("x'");
        for byte in self.0.iter().chain(&salt.0) {
            for nibble in [byte >> 4, byte & 0x0f] {
                text.push(char::from_digit(u32::from(nibble), 16).unwrap_or('0'));
            }
        }
        text.push('\'');
        text
    }

    fn check(&self, salt: Salt) -> [u8; 16] {
        first_16(
            Sha256::new()
                .chain_update(b"Whimbrel key check 1")
                .chain_update(self.0)
                .chain_update(salt.0)
                .finalize()
                .as_ref(),
        )
    }
}

impl Drop for DatabaseKey {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl fmt::Debug for DatabaseKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DatabaseKey(…)")
    }
}

/// SQLCipher's salt of one database. It stands in the side file, because with a plaintext header
/// it has no place in the database itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Salt(pub(super) [u8; 16]);

impl Salt {
    pub(super) fn from_seed(seed: &[u8; 32]) -> Self {
        let digest = Sha256::new()
            .chain_update(b"Whimbrel salt 1")
            .chain_update(seed)
            .finalize();
        Self(first_16(digest.as_ref()))
    }
}

/// The side file: a magic word, the salt, the key check, and a checksum of these.
pub(super) struct SideFile {
    pub(super) salt: Salt,
    check: [u8; 16],
}

/// Says what the file is; the last digit is the version of its form.
const MAGIC: [u8; 8] = *b"WhmKey 1";
/// Magic word, salt, key check, checksum.
const SIDE_FILE_BYTES: usize = 56;

impl SideFile {
    /// Where the finished side file of a folder lies.
    pub(super) fn path(folder: &Path) -> PathBuf {
        folder.join("whimbrel.key")
    }

    /// Where it lies until the database was opened for the first time. A first opening that was
    /// killed half way is thereby told from a folder that has lost its database.
    pub(super) fn first_path(folder: &Path) -> PathBuf {
        folder.join("whimbrel.key.new")
    }

    pub(super) fn new(key: &DatabaseKey, salt: Salt) -> Self {
        Self {
            salt,
            check: key.check(salt),
        }
    }

    /// Reads a side file; `None` where there is none.
    pub(super) fn read(path: &Path) -> Result<Option<Self>> {
        let file = match File::open(path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(from_io("the key side file can't be opened", &error)),
        };
        let mut bytes = Vec::with_capacity(SIDE_FILE_BYTES);
        let limit = u64::try_from(SIDE_FILE_BYTES + 1).unwrap_or(u64::MAX);
        file.take(limit)
            .read_to_end(&mut bytes)
            .map_err(|error| from_io("the key side file can't be read", &error))?;
        Self::parse(&bytes).map(Some).ok_or_else(|| {
            Error::new(
                ErrorCode::Damaged,
                "the key side file whimbrel.key is damaged",
            )
        })
    }

    /// Writes a new side file durably.
    pub(super) fn write(&self, path: &Path) -> Result<()> {
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        options
            .open(path)
            .and_then(|mut file| {
                file.write_all(&self.bytes())?;
                file.sync_all()
            })
            .map_err(|error| from_io("the key side file can't be written", &error))
    }

    /// Gives the side file of a first opening its lasting name.
    pub(super) fn finish_first(folder: &Path) -> Result<()> {
        fs::rename(Self::first_path(folder), Self::path(folder))
            .and_then(|()| sync_folder(folder))
            .map_err(|error| from_io("the key side file can't be renamed", &error))
    }

    /// Whether the database was made with this key.
    pub(super) fn verify(&self, key: &DatabaseKey) -> Result<()> {
        // The check is no secret that could be guessed piece by piece: it lies in a file beside
        // the database, and the key has 256 random bits.
        if self.check == key.check(self.salt) {
            Ok(())
        } else {
            Err(Error::new(
                ErrorCode::WrongKey,
                "the database was made with another key",
            ))
        }
    }

    fn bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(SIDE_FILE_BYTES);
        bytes.extend(MAGIC);
        bytes.extend(self.salt.0);
        bytes.extend(self.check);
        bytes.extend(checksum(&bytes));
        bytes
    }

    fn parse(bytes: &[u8]) -> Option<Self> {
        let (magic, rest) = bytes.split_first_chunk::<8>()?;
        let (salt, rest) = rest.split_first_chunk::<16>()?;
        let (check, rest) = rest.split_first_chunk::<16>()?;
        let stated: [u8; 16] = rest.try_into().ok()?;
        let content = bytes.get(..SIDE_FILE_BYTES - stated.len())?;
        (*magic == MAGIC && stated == checksum(content)).then_some(Self {
            salt: Salt(*salt),
            check: *check,
        })
    }
}

/// Makes the creation and renaming of files in a folder durable.
pub(super) fn sync_folder(folder: &Path) -> io::Result<()> {
    // Other systems have no way to open a folder as a file, and need none.
    #[cfg(unix)]
    File::open(folder)?.sync_all()?;
    #[cfg(not(unix))]
    let _ = folder;
    Ok(())
}

fn checksum(content: &[u8]) -> [u8; 16] {
    first_16(Sha256::digest(content).as_ref())
}

fn first_16(digest: &[u8]) -> [u8; 16] {
    digest.first_chunk().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed test may panic")]
    use super::*;

    #[test]
    fn the_key_is_not_printed() {
        let key = DatabaseKey::from_bytes([0xab; 32]);
        assert_eq!(format!("{key:?}"), "DatabaseKey(…)");
        let raw = key.raw_key(Salt([0x0c; 16]));
        assert_eq!(
            raw.as_str(),
            format!("x'{}{}'", "ab".repeat(32), "0c".repeat(16))
        );
    }

    #[test]
    fn a_side_file_comes_back_and_knows_its_key() {
        let folder = tempfile::tempdir().unwrap();
        let path = SideFile::path(folder.path());
        assert!(SideFile::read(&path).unwrap().is_none());
        let key = DatabaseKey::from_bytes([1; 32]);
        let salt = Salt::from_seed(&[2; 32]);
        SideFile::new(&key, salt).write(&path).unwrap();
        let read = SideFile::read(&path).unwrap().unwrap();
        assert_eq!(read.salt, salt);
        read.verify(&key).unwrap();
        let other = DatabaseKey::from_bytes([3; 32]);
        assert_eq!(read.verify(&other).unwrap_err().code, ErrorCode::WrongKey);
    }

    #[test]
    fn a_changed_side_file_is_damaged_not_a_wrong_key() {
        let folder = tempfile::tempdir().unwrap();
        let path = SideFile::path(folder.path());
        let key = DatabaseKey::from_bytes([1; 32]);
        let bytes = SideFile::new(&key, Salt([5; 16])).bytes();
        assert_eq!(bytes.len(), SIDE_FILE_BYTES);
        for place in 0..bytes.len() {
            let mut changed = bytes.clone();
            if let Some(byte) = changed.get_mut(place) {
                *byte ^= 1;
            }
            fs::write(&path, changed).unwrap();
            let error = SideFile::read(&path).map(|_| ()).unwrap_err();
            assert_eq!(error.code, ErrorCode::Damaged, "byte {place}");
        }
        for length in [0, 1, SIDE_FILE_BYTES - 1] {
            fs::write(&path, bytes.get(..length).unwrap()).unwrap();
            assert!(SideFile::read(&path).is_err());
        }
        fs::write(&path, [bytes.as_slice(), &[0]].concat()).unwrap();
        assert!(SideFile::read(&path).is_err());
    }
}
