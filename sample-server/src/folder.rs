//! The data folder: everything this server owns on disk, readable by its owner only.
//!
//! | file | what it is |
//! |---|---|
//! | `lock` | locked by the running server, so that there is only one |
//! | `whimbrel.db` | the log (with `-wal` and `-shm` beside it while running) |
//! | `signing-key` | Ed25519 seed of the token issuer, hexadecimal |
//! | `tls.pem` | key and certificate made on the first start |
//! | `address`, `fingerprint` | where the server listens and what its certificate is, for scripts |

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

/// What was being done to which file when it failed.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// The file system refused.
    #[error("could not {doing} {}: {source}", path.display())]
    Io {
        /// What was being done.
        doing: &'static str,
        /// To which file.
        path: PathBuf,
        /// The refusal.
        source: io::Error,
    },
    /// Another server runs on this folder.
    #[error("another server runs on {}", .0.display())]
    InUse(PathBuf),
}

/// The data folder of one running server; nobody else has it while this value lives.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
    /// Held open for its lock, which the system gives back however the process ends.
    _lock: File,
}

impl Folder {
    /// Makes the folder if need be, and takes it.
    ///
    /// # Errors
    /// [`FolderError`]: the file system refuses, or another server has it.
    pub fn open(path: &Path) -> Result<Self, FolderError> {
        make_private_folder(path).map_err(|source| FolderError::Io {
            doing: "make the data folder",
            path: path.to_owned(),
            source,
        })?;
        let lock_path = path.join("lock");
        let lock = private(OpenOptions::new().create(true).truncate(false).write(true))
            .open(&lock_path)
            .map_err(|source| FolderError::Io {
                doing: "open",
                path: lock_path.clone(),
                source,
            })?;
        match lock.try_lock() {
            Ok(()) => Ok(Self {
                path: path.to_owned(),
                _lock: lock,
            }),
            Err(TryLockError::WouldBlock) => Err(FolderError::InUse(path.to_owned())),
            Err(TryLockError::Error(source)) => Err(FolderError::Io {
                doing: "lock",
                path: lock_path,
                source,
            }),
        }
    }

    /// The path of a file in the folder.
    #[must_use]
    pub fn file(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// What a file holds, or `None` where it does not exist.
    ///
    /// # Errors
    /// [`FolderError::Io`].
    pub fn read(&self, name: &str) -> Result<Option<String>, FolderError> {
        let path = self.file(name);
        match fs::read_to_string(&path) {
            Ok(text) => Ok(Some(text)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(source) => Err(FolderError::Io {
                doing: "read",
                path,
                source,
            }),
        }
    }

    /// Puts a file in place: whole or not at all, also when the power fails.
    ///
    /// # Errors
    /// [`FolderError::Io`].
    pub fn write(&self, name: &str, contents: &str) -> Result<(), FolderError> {
        let path = self.file(name);
        self.replace(name, contents)
            .map_err(|source| FolderError::Io {
                doing: "write",
                path,
                source,
            })
    }

    /// Makes sure that a file is there and that only its owner can read it. What SQLite puts
    /// beside a database gets the rights of the database.
    ///
    /// # Errors
    /// [`FolderError::Io`].
    pub fn make_private(&self, name: &str) -> Result<PathBuf, FolderError> {
        let path = self.file(name);
        let made = private(OpenOptions::new().create(true).truncate(false).write(true))
            .open(&path)
            .and_then(|file| restrict(&file));
        match made {
            Ok(()) => Ok(path),
            Err(source) => Err(FolderError::Io {
                doing: "make private",
                path,
                source,
            }),
        }
    }

    fn replace(&self, name: &str, contents: &str) -> io::Result<()> {
        let beside = self.file(&format!("{name}.new"));
        let mut file =
            private(OpenOptions::new().create(true).truncate(true).write(true)).open(&beside)?;
        file.write_all(contents.as_bytes())?;
        file.sync_all()?;
        drop(file);
        fs::rename(&beside, self.file(name))?;
        // The rename itself lasts only once the folder is written.
        File::open(&self.path)?.sync_all()
    }
}

#[cfg(unix)]
fn make_private_folder(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)
}

#[cfg(not(unix))]
fn make_private_folder(path: &Path) -> io::Result<()> {
    fs::create_dir_all(path)
}

#[cfg(unix)]
fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    use std::os::unix::fs::OpenOptionsExt as _;
    options.mode(0o600)
}

#[cfg(unix)]
fn restrict(file: &File) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    file.set_permissions(fs::Permissions::from_mode(0o600))
}

#[cfg(not(unix))]
fn restrict(_file: &File) -> io::Result<()> {
    Ok(())
}

#[cfg(not(unix))]
fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    options
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

    use super::*;

    #[test]
    fn one_server_at_a_time_and_private_files() {
        let parent = tempfile::tempdir().unwrap();
        let path = parent.path().join("deep/data");
        let folder = Folder::open(&path).unwrap();
        assert!(matches!(Folder::open(&path), Err(FolderError::InUse(_))));

        assert_eq!(folder.read("address").unwrap(), None);
        folder.write("address", "first").unwrap();
        folder.write("address", "second").unwrap();
        assert_eq!(folder.read("address").unwrap().as_deref(), Some("second"));

        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
            assert_eq!(mode(&path), 0o700);
            assert_eq!(mode(&folder.file("address")), 0o600);
            // Also what an older version, or another program, has left readable.
            let database = folder.file("whimbrel.db");
            fs::write(&database, "kept").unwrap();
            fs::set_permissions(&database, fs::Permissions::from_mode(0o644)).unwrap();
            assert_eq!(folder.make_private("whimbrel.db").unwrap(), database);
            assert_eq!(mode(&database), 0o600);
            assert_eq!(fs::read_to_string(&database).unwrap(), "kept");
        }

        drop(folder);
        Folder::open(&path).unwrap();
    }
}
