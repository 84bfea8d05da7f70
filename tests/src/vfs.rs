//! A disk in memory that SQLite can live on, and that can be killed, cut off from power, filled up
//! and broken on purpose: the ground the simulator and the crash tests stand on.
//!
//! Read [`Disk`] first. `file` models what a power cut does to bytes, `storage` what it does to the
//! directory; `locks` holds database and WAL locks, `state` the rules of the disk; `callbacks` and `registration` are the border to SQLite,
//! and the only unsafe code of the workspace.
//!
//! The fault model, in the order of harm:
//! - **Kill** ([`Disk::kill`]): a process dies. What it wrote is there (the page cache survives);
//!   its locks and its shared memory are gone. Its connections are dead *before* anything is
//!   dropped, so dropping them afterwards cannot checkpoint, roll back or delete anything.
//! - **Planned death** ([`Disk::kill_at_op`]): the same at a counted operation, so that crash points
//!   can be enumerated. The disk is then *down*: nothing opens until [`Disk::kill`] or
//!   [`Disk::power_cut`] starts the next generation, so the dying program can't reopen by itself.
//! - **Power cut** ([`Disk::power_cut`]): what was written after the last sync is lost or torn, as
//!   [`PowerCut`] says; so are creations and deletions of files.
//! - **Faults** ([`Disk::set_fault`]): full disk, I/O errors.
//!
//! With one thread and one seed everything is deterministic. SQLite's own random numbers are one
//! stream for the whole process: see [`seed_sqlite_randomness`].

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use registration::Registration;
use state::State;

mod file;
mod locks;
mod random;
mod state;
mod storage;

mod callbacks;
mod registration;

/// Which unsynced changes survive a power cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PowerCut {
    /// None.
    LoseAllUnsynced,
    /// All: the kernel happened to have written everything back.
    KeepAllUnsynced,
    /// By the seed: each 512-byte sector stops at one of its versions, each truncation, creation
    /// and deletion happened or not.
    KeepRandomSubset,
    /// All but the newest write of the disk, of which a part survives.
    TearLast,
}

impl PowerCut {
    /// All modes, for enumeration.
    pub const ALL: [Self; 4] = [
        Self::LoseAllUnsynced,
        Self::KeepAllUnsynced,
        Self::KeepRandomSubset,
        Self::TearLast,
    ];
}

/// A disk that fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Every write that would make a file longer fails with `SQLITE_FULL`.
    Full,
    /// One counted operation fails, after this many that succeed.
    IoErrorOnce {
        /// Operations that still succeed.
        after_ops: u64,
    },
    /// Every read and every counted operation fails.
    IoErrorForever,
}

/// What happens when SQLite waits for a lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sleep {
    /// Returns at once (after letting other threads run): right when everything is on one thread,
    /// where waiting changes nothing.
    Virtual,
    /// Really waits: for tests with several threads, where retries without waiting run out.
    Real,
}

/// The bytes of all files of a disk at one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Image {
    files: BTreeMap<String, Vec<u8>>,
}

impl Image {
    /// The files by name.
    #[must_use]
    pub fn files(&self) -> &BTreeMap<String, Vec<u8>> {
        &self.files
    }
}

/// Why a disk could not be registered.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VfsError {
    /// The name is empty or has a zero byte.
    #[error("a disk name must not be empty or hold a zero byte")]
    BadName,
    /// A living disk, or SQLite itself, has the name.
    #[error("the disk name {0} is in use")]
    NameInUse(String),
    /// SQLite refused, with this result code.
    #[error("SQLite refused the disk with code {0}")]
    Refused(i32),
}

/// What the clones of a disk and its open files share.
#[derive(Debug)]
struct Shared {
    state: Mutex<State>,
}

impl Shared {
    /// A panic elsewhere leaves no half-done change that matters more than the panic itself.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[derive(Debug)]
struct Owner {
    shared: Arc<Shared>,
    registrations: Mutex<Vec<&'static Registration>>,
}

impl Drop for Owner {
    fn drop(&mut self) {
        let registrations = self.registrations.get_mut();
        for registration in registrations.unwrap_or_else(PoisonError::into_inner) {
            registration.unregister();
        }
    }
}

/// An in-memory disk. Clones are the same disk; with the last one its names are unregistered, and
/// with the last open file its bytes are gone.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use rusqlite::{Connection, OpenFlags};
/// use whimbrel_tests::vfs::Disk;
///
/// let disk = Disk::new(42);
/// disk.register("example")?;
/// let flags = OpenFlags::default();
/// let connection = Connection::open_with_flags_and_vfs("a.db", flags, "example")?;
/// connection.execute_batch("CREATE TABLE t (x); INSERT INTO t VALUES (1);")?;
/// disk.kill();
/// assert!(connection.execute_batch("INSERT INTO t VALUES (2)").is_err());
/// drop(connection);
/// let connection = Connection::open_with_flags_and_vfs("a.db", flags, "example")?;
/// let count: i64 = connection.query_row("SELECT count(*) FROM t", [], |row| row.get(0))?;
/// assert_eq!(count, 1);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Disk {
    owner: Arc<Owner>,
}

impl Disk {
    /// An empty disk.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self::from_image(&Image::default(), seed)
    }

    /// A disk that starts with the files of an image.
    #[must_use]
    pub fn from_image(image: &Image, seed: u64) -> Self {
        let shared = Arc::new(Shared {
            state: Mutex::new(State::new(seed, image)),
        });
        let registrations = Mutex::new(Vec::new());
        Self {
            owner: Arc::new(Owner {
                shared,
                registrations,
            }),
        }
    }

    /// A disk of its own with the bytes this one has now.
    #[must_use]
    pub fn fork(&self, seed: u64) -> Self {
        Self::from_image(&self.snapshot(), seed)
    }

    /// Makes the disk known to SQLite under `name`, until the last clone is dropped.
    ///
    /// # Errors
    /// [`VfsError::NameInUse`] also while connections to an earlier disk of this name are open.
    pub fn register(&self, name: &str) -> Result<(), VfsError> {
        let registration = Registration::bind(name, &self.owner.shared)?;
        let registrations = self.owner.registrations.lock();
        registrations
            .unwrap_or_else(PoisonError::into_inner)
            .push(registration);
        Ok(())
    }

    /// Kills all processes that use the disk; see the module. The next open is a new generation.
    pub fn kill(&self) {
        self.state().kill();
    }

    /// Cuts the power: a kill that also loses unsynced changes. `seed` chooses among them.
    pub fn power_cut(&self, mode: PowerCut, seed: u64) {
        self.state().power_cut(mode, seed);
    }

    /// Plans a death at the `n`-th counted operation from now (1 is the next): that operation and
    /// all later ones fail and change nothing. 0 takes the plan back.
    pub fn kill_at_op(&self, n: u64) {
        let mut state = self.state();
        let dies_at = state.ops.saturating_add(n);
        state.dies_at = (n > 0).then_some(dies_at);
    }

    /// Whether a planned death struck and no next generation was started.
    #[must_use]
    pub fn is_down(&self) -> bool {
        self.state().down
    }

    /// Operations that changed something (write, sync, truncate, delete), also failed ones.
    #[must_use]
    pub fn ops(&self) -> u64 {
        self.state().ops
    }

    /// How many generations have died.
    #[must_use]
    pub fn generation(&self) -> u64 {
        self.state().generation
    }

    /// Sets the fault from now on, or none. It outlives kills.
    pub fn set_fault(&self, fault: Option<Fault>) {
        self.state().fault = fault;
    }

    /// The fault in force; an [`Fault::IoErrorOnce`] that struck is gone.
    #[must_use]
    pub fn fault(&self) -> Option<Fault> {
        self.state().fault
    }

    /// How many operations failed by a fault.
    #[must_use]
    pub fn faults_struck(&self) -> u64 {
        self.state().faults_struck
    }

    /// Sets the clock that SQL functions see, in milliseconds since 1970. It stands still between.
    pub fn set_clock_ms(&self, clock_ms: i64) {
        self.state().clock_ms = clock_ms;
    }

    /// Chooses how SQLite waits; [`Sleep::Virtual`] at first.
    pub fn set_sleep(&self, sleep: Sleep) {
        self.state().sleep = sleep;
    }

    /// All bytes as written (a kill would leave them so).
    #[must_use]
    pub fn snapshot(&self) -> Image {
        self.state().storage.snapshot()
    }

    /// Kills all processes and puts the files of an image in the place of all files.
    pub fn restore(&self, image: &Image) {
        self.state().restore(image);
    }

    /// The names of all files, sorted.
    #[must_use]
    pub fn files(&self) -> Vec<String> {
        self.state().storage.names()
    }

    /// The bytes of one file as written.
    #[must_use]
    pub fn read_file(&self, name: &str) -> Option<Vec<u8>> {
        self.state().storage.content(name).map(<[u8]>::to_vec)
    }

    /// Puts a file in place, durably: to damage a page, plant a side file. Connections that have
    /// the old file open keep the old one.
    pub fn write_file(&self, name: &str, content: &[u8]) {
        self.state().storage.put(name, content.to_vec());
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.owner.shared.lock()
    }
}

/// Seeds the random numbers SQLite itself draws (WAL salts, journal checks, `randomblob`): one
/// stream for the whole process, which never comes from a registered disk. Call it when a run
/// starts, while no other thread uses SQLite; then equal runs leave byte-equal files (unless
/// SQLCipher encrypts them: its random numbers come from OpenSSL).
pub fn seed_sqlite_randomness(seed: u32) {
    registration::seed_sqlite_randomness(seed);
}
