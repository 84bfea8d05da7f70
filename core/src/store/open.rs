//! Opening and checking the database: where it lies, how it is encrypted, and which settings
//! every promise of durability rests on.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Once;

use rusqlite::{Connection, OpenFlags};

use super::ballast::Ballast;
use super::damage::{from_io, from_sqlite};
pub use super::key::DatabaseKey;
use super::key::{Salt, SideFile, sync_folder};
use super::lock::WriterLock;
use super::migrations;
use crate::error::{Error, ErrorCode, Result};

/// Where a database lies and how it is opened.
#[derive(Debug, Clone)]
pub struct StoreOptions {
    /// The data folder. It belongs to one account and to this library alone.
    pub folder: PathBuf,
    /// The key of the database.
    pub key: DatabaseKey,
    /// Random bytes, from which a new database takes its salt.
    pub salt_seed: [u8; 32],
    /// A SQLite file system of the simulator's in place of the machine's.
    pub vfs: Option<VfsPlace>,
}

/// A SQLite VFS, registered in this process, that holds the database in place of a folder. There
/// is then no lock file, no side file and no ballast.
#[derive(Debug, Clone)]
pub struct VfsPlace {
    /// The registered name.
    pub name: String,
    /// The salt of the database; without one it is not encrypted.
    pub salt: Option<[u8; 16]>,
}

/// What is held while the writer is open: the folder's lock and its ballast.
#[derive(Debug)]
pub struct OpenGuard {
    ballast: Option<Ballast>,
    _lock: Option<WriterLock>,
}

impl OpenGuard {
    /// Gives the room of the ballast back to a full disk. Whether there was any.
    ///
    /// # Errors
    /// `Storage` where the file can't be removed.
    pub fn release_ballast(&self) -> Result<bool> {
        self.ballast.as_ref().map_or(Ok(false), Ballast::release)
    }

    /// Takes up that room again.
    ///
    /// # Errors
    /// `DiskFull` as long as there is none; `Storage`.
    pub fn fill_ballast(&self) -> Result<()> {
        self.ballast.as_ref().map_or(Ok(()), Ballast::fill)
    }

    /// Whether the room is taken up, or there is no folder to take it in.
    #[must_use]
    pub fn ballast_is_filled(&self) -> bool {
        self.ballast.as_ref().is_none_or(Ballast::is_filled)
    }
}

/// SQLite from 3.7.0 to 3.51.2 can corrupt a database in WAL mode that two processes use.
const SQLITE_VERSION_MIN: i32 = 3_051_003;
/// Bytes of the header left readable, so that iOS recognises a SQLite file, and lets a suspended
/// app keep it open.
const PLAINTEXT_HEADER_BYTES: i64 = 32;
/// Waiting for a reader to let go, which is never long: each reads in one short transaction.
const BUSY_TIMEOUT_MS: i64 = 2_000;
const WRITER_CACHE_KIB: i64 = 8_192;
const READER_CACHE_KIB: i64 = 2_048;
const DATABASE_NAME: &str = "whimbrel.db";

/// Takes the lock of the data folder, opens its database for writing, or makes both, and brings
/// it to the newest schema.
///
/// # Errors
/// `AlreadyOpen`; `WrongKey`; `Damaged`, also where database or side file is missing beside the
/// other; `UpdateNeeded` for a database of a newer version; `DiskFull`; `Storage`; `Internal`
/// where SQLite is too old or lacks encryption.
pub fn open_writer(options: &StoreOptions) -> Result<(Connection, OpenGuard)> {
    check_version(rusqlite::version_number())?;
    if let Some(place) = &options.vfs {
        let mut connection = connect(options, place.salt.map(Salt), Access::Write)?;
        migrations::migrate(&mut connection)?;
        let guard = OpenGuard {
            ballast: None,
            _lock: None,
        };
        return Ok((connection, guard));
    }
    prepare_folder(&options.folder)?;
    let lock = WriterLock::take(&options.folder)?;
    let side = find_side_file(options)?;
    side.file.verify(&options.key)?;
    create_file(&database_path(options))?;
    let mut connection = connect(options, Some(side.file.salt), Access::Write)?;
    migrations::migrate(&mut connection)?;
    if side.age == Age::FirstOpening {
        SideFile::finish_first(&options.folder)?;
    }
    let ballast = Ballast::of(&options.folder);
    // Without ballast the client works; the engine tries again when it is idle.
    let _ = ballast.fill();
    let guard = OpenGuard {
        ballast: Some(ballast),
        _lock: Some(lock),
    };
    Ok((connection, guard))
}

/// Opens the database for writing once more, for whoever holds its guard and had to discard a
/// connection.
///
/// # Errors
/// `WrongKey`, `Damaged`, `DiskFull`, `Storage`.
pub fn reopen_writer(options: &StoreOptions) -> Result<Connection> {
    connect(options, find_salt(options)?, Access::Write)
}

/// Opens the database for reading, beside an open writer.
///
/// # Errors
/// `WrongKey`, `Damaged`, `Storage`.
pub fn open_reader(options: &StoreOptions) -> Result<Connection> {
    connect(options, find_salt(options)?, Access::Read)
}

/// The salt of a database that was opened before.
fn find_salt(options: &StoreOptions) -> Result<Option<Salt>> {
    if let Some(place) = &options.vfs {
        return Ok(place.salt.map(Salt));
    }
    let side = SideFile::read(&SideFile::path(&options.folder))?.ok_or_else(|| {
        Error::new(
            ErrorCode::Damaged,
            "the key side file whimbrel.key is missing",
        )
    })?;
    side.verify(&options.key)?;
    Ok(Some(side.salt))
}

/// Whether a database was made here that can be opened for reading.
///
/// # Errors
/// `Storage` where the folder can't be read.
pub fn is_made(options: &StoreOptions) -> Result<bool> {
    let has_database = file_bytes(&database_path(options))?.is_some_and(|bytes| bytes > 0);
    Ok(has_database && file_bytes(&SideFile::path(&options.folder))?.is_some())
}

/// How far a checkpoint goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CheckpointMode {
    /// Moves what no reader needs any more; waits for nobody.
    Passive,
    /// Moves everything and cuts the log to nothing, which also deletes old keys physically.
    Truncate,
}

/// What a checkpoint found and did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CheckpointOutcome {
    /// A reader was in the way, so that it did not finish.
    pub busy: bool,
    /// Pages in the write-ahead log.
    pub wal_pages: i64,
    /// How many of them are in the database file.
    pub moved_pages: i64,
}

/// Moves pages from the write-ahead log to the database file.
///
/// # Errors
/// What SQLite reports.
pub fn checkpoint(connection: &Connection, mode: CheckpointMode) -> Result<CheckpointOutcome> {
    let sql = match mode {
        CheckpointMode::Passive => "PRAGMA wal_checkpoint(PASSIVE)",
        CheckpointMode::Truncate => "PRAGMA wal_checkpoint(TRUNCATE)",
    };
    run_checkpoint(connection, sql)
}

/// How many pages the write-ahead log holds that are not yet in the database file.
///
/// # Errors
/// What SQLite reports.
pub fn wal_pages(connection: &Connection) -> Result<u64> {
    let outcome = run_checkpoint(connection, "PRAGMA wal_checkpoint(NOOP)")?;
    Ok(u64::try_from(outcome.wal_pages - outcome.moved_pages).unwrap_or(0))
}

fn run_checkpoint(connection: &Connection, sql: &str) -> Result<CheckpointOutcome> {
    connection
        .query_row(sql, [], |row| {
            Ok(CheckpointOutcome {
                busy: row.get::<_, i64>(0)? != 0,
                wal_pages: row.get(1)?,
                moved_pages: row.get(2)?,
            })
        })
        .map_err(from_sqlite)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Access {
    Read,
    Write,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Age {
    FirstOpening,
    Finished,
}

struct FoundSideFile {
    file: SideFile,
    age: Age,
}

fn database_path(options: &StoreOptions) -> PathBuf {
    options.folder.join(DATABASE_NAME)
}

/// Finds the side file, or makes it where there is no database either. Never puts a new file
/// where an old one must have been: that would hide a loss, and lose the rest.
fn find_side_file(options: &StoreOptions) -> Result<FoundSideFile> {
    let folder = options.folder.as_path();
    let database_bytes = file_bytes(&database_path(options))?;
    let has_database = database_bytes.is_some_and(|bytes| bytes > 0);
    if let Some(file) = SideFile::read(&SideFile::path(folder))? {
        return if has_database {
            Ok(FoundSideFile {
                file,
                age: Age::Finished,
            })
        } else {
            Err(damaged(
                "the database whimbrel.db is missing, its side file is there",
            ))
        };
    }
    let first = SideFile::first_path(folder);
    if has_database {
        return match SideFile::read(&first)? {
            Some(file) => Ok(FoundSideFile {
                file,
                age: Age::FirstOpening,
            }),
            None => Err(damaged(
                "the key side file whimbrel.key is missing, its database is there",
            )),
        };
    }
    if file_bytes(&folder.join("whimbrel.db-wal"))?.is_some_and(|bytes| bytes > 0) {
        return Err(damaged(
            "the database whimbrel.db is missing, its log is there",
        ));
    }
    let file = SideFile::new(&options.key, Salt::from_seed(&options.salt_seed));
    file.write(&first)?;
    sync_folder(folder).map_err(|error| from_io("the data folder can't be flushed", &error))?;
    Ok(FoundSideFile {
        file,
        age: Age::FirstOpening,
    })
}

fn damaged(reason: &str) -> Error {
    Error::new(ErrorCode::Damaged, reason)
}

fn file_bytes(path: &Path) -> Result<Option<u64>> {
    match fs::metadata(path) {
        Ok(metadata) => Ok(Some(metadata.len())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(from_io("the data folder can't be read", &error)),
    }
}

/// Makes the data folder, or makes an existing one private.
fn prepare_folder(folder: &Path) -> Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder
        .create(folder)
        .map_err(|error| from_io("the data folder can't be made", &error))?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let private = fs::metadata(folder).and_then(|metadata| {
            if metadata.permissions().mode() & 0o077 == 0 {
                return Ok(());
            }
            fs::set_permissions(folder, fs::Permissions::from_mode(0o700))
        });
        private.map_err(|error| from_io("the data folder can't be made private", &error))?;
    }
    Ok(())
}

/// Makes an empty database file that only its owner can read; SQLite gives the files beside it
/// the same rights.
fn create_file(path: &Path) -> Result<()> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let opened = options.open(path).map(|_| ());
    opened.map_err(|error| from_io("the database file can't be opened", &error))
}

/// SQLite lets a second thread pass before SQLCipher is ready, which then refuses every key. So the
/// first connection of a process is opened alone, and it is one that needs no key.
fn initialize() {
    static READY: Once = Once::new();
    // Where even that fails, the real one will say why.
    READY.call_once(|| drop(Connection::open_in_memory()));
}

fn connect(options: &StoreOptions, salt: Option<Salt>, access: Access) -> Result<Connection> {
    initialize();
    let path = database_path(options);
    let flags = OpenFlags::SQLITE_OPEN_NO_MUTEX
        | match access {
            Access::Read => OpenFlags::SQLITE_OPEN_READ_ONLY,
            Access::Write => OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE,
        };
    let connection = match &options.vfs {
        Some(place) => Connection::open_with_flags_and_vfs(path, flags, place.name.as_str()),
        None => Connection::open_with_flags(path, flags),
    }
    .map_err(from_sqlite)?;
    // More than the statements there are; each is prepared once.
    connection.set_prepared_statement_cache_capacity(128);
    if let Some(salt) = salt {
        set_key(&connection, &options.key, salt)?;
    }
    set_pragmas(&connection, access)?;
    check_pragmas(&connection, access)?;
    if access == Access::Write {
        flush_log(&connection)?;
    }
    Ok(connection)
}

/// A process killed between writing a commit and flushing it leaves a commit that can be read now
/// and that a power cut can still take back. Before anything is done on the strength of it, a
/// checkpoint flushes the log, and that first.
fn flush_log(connection: &Connection) -> Result<()> {
    match checkpoint(connection, CheckpointMode::Passive) {
        // The log is flushed; the database file gets its pages when there is room.
        Err(error) if error.code == ErrorCode::DiskFull => Ok(()),
        outcome => outcome.map(|_| ()),
    }
}

/// Gives the connection its key. It must come before anything that touches the file.
fn set_key(connection: &Connection, key: &DatabaseKey, salt: Salt) -> Result<()> {
    // SQLCipher would print its own words about each failure; errors say the same.
    set(connection, "cipher_log_level", &"NONE")?;
    let raw_key = key.raw_key(salt);
    set(connection, "key", &raw_key.as_str())?;
    if read_back::<String>(connection, "cipher_version").is_err() {
        return Err(Error::internal("this SQLite has no encryption"));
    }
    set(
        connection,
        "cipher_plaintext_header_size",
        &PLAINTEXT_HEADER_BYTES,
    )
}

/// WAL: readers never wait for the writer. FULL: with NORMAL a power cut may take back a commit
/// whose ratchet generation is already on the wire, and it would be used again. `secure_delete`:
/// message keys are overwritten. Checkpoints are the engine's decision, not a commit's.
fn set_pragmas(connection: &Connection, access: Access) -> Result<()> {
    let cache_kib = match access {
        Access::Read => READER_CACHE_KIB,
        Access::Write => WRITER_CACHE_KIB,
    };
    for (name, value) in [
        ("busy_timeout", BUSY_TIMEOUT_MS),
        ("cache_size", -cache_kib),
        ("temp_store", 2),
        ("trusted_schema", 0),
        ("cell_size_check", 1),
    ] {
        set(connection, name, &value)?;
    }
    match access {
        Access::Read => set(connection, "query_only", &1)?,
        Access::Write => {
            set(connection, "journal_mode", &"WAL")?;
            for (name, value) in [
                ("synchronous", 2),
                ("secure_delete", 1),
                ("foreign_keys", 1),
                ("wal_autocheckpoint", 0),
            ] {
                set(connection, name, &value)?;
            }
            // A plain fsync of Apple's systems stops at the drive's cache.
            if cfg!(target_vendor = "apple") {
                set(connection, "fullfsync", &1)?;
                set(connection, "checkpoint_fullfsync", &1)?;
            }
        }
    }
    Ok(())
}

/// SQLite ignores a pragma it does not know and settings it can't have, so each is read back.
fn check_pragmas(connection: &Connection, access: Access) -> Result<()> {
    let journal: String = read_back(connection, "journal_mode")?;
    if journal != "wal" {
        return Err(refused("journal_mode", &journal));
    }
    let expected: &[(&str, i64)] = match access {
        Access::Read => &[("query_only", 1), ("temp_store", 2)],
        Access::Write => &[
            ("synchronous", 2),
            ("secure_delete", 1),
            ("foreign_keys", 1),
            ("wal_autocheckpoint", 0),
            ("temp_store", 2),
            ("busy_timeout", BUSY_TIMEOUT_MS),
            ("cache_size", -WRITER_CACHE_KIB),
        ],
    };
    let apple: &[(&str, i64)] = match access {
        Access::Write if cfg!(target_vendor = "apple") => {
            &[("fullfsync", 1), ("checkpoint_fullfsync", 1)]
        }
        _ => &[],
    };
    for (name, value) in expected.iter().chain(apple) {
        let found: i64 = read_back(connection, name)?;
        if found != *value {
            return Err(refused(name, &found.to_string()));
        }
    }
    Ok(())
}

fn set(connection: &Connection, name: &str, value: &dyn rusqlite::ToSql) -> Result<()> {
    connection
        .pragma_update(None, name, value)
        .map_err(from_sqlite)
}

fn read_back<T: rusqlite::types::FromSql>(connection: &Connection, name: &str) -> Result<T> {
    connection
        .pragma_query_value(None, name, |row| row.get(0))
        .map_err(from_sqlite)
}

fn refused(name: &str, found: &str) -> Error {
    Error::internal(format!("SQLite has {name} = {found} and keeps it"))
}

fn check_version(number: i32) -> Result<()> {
    if number < SQLITE_VERSION_MIN {
        return Err(Error::internal(format!(
            "SQLite {number} is older than {SQLITE_VERSION_MIN}, which is safe with two processes"
        )));
    }
    Ok(())
}

#[cfg(test)]
mod tests;
