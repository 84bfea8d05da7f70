//! The names under which SQLite finds disks.
//!
//! SQLite keeps raw pointers to a VFS for as long as a connection lives and never says when the
//! last one is gone. So the structure of a name is made once and stays for the life of the process;
//! using the name again, after its disk is gone, binds the same structure to the new disk.
#![allow(unsafe_code, reason = "SQLite's registry takes raw pointers")]

use std::{
    cell::UnsafeCell,
    collections::BTreeMap,
    ffi::{CString, c_int},
    fmt, ptr,
    sync::{Arc, Mutex, PoisonError, Weak},
};

use rusqlite::ffi;

use super::{
    Shared, VfsError,
    callbacks::{self, OpenFile},
};

/// The longest file name of a disk.
const NAME_BYTES_MAX: c_int = 512;

static REGISTRATIONS: Mutex<BTreeMap<CString, &'static Registration>> = Mutex::new(BTreeMap::new());

/// A VFS structure and the disk it stands for at present.
pub(super) struct Registration {
    name: CString,
    vfs: UnsafeCell<ffi::sqlite3_vfs>,
    disk: Mutex<Weak<Shared>>,
}

// SAFETY: `vfs` is filled before anybody else can see it, and then changed only by SQLite, under
// its own mutex; the rest is `Sync` by itself.
unsafe impl Sync for Registration {}

// SAFETY: nothing in it belongs to a thread.
unsafe impl Send for Registration {}

impl fmt::Debug for Registration {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = formatter.debug_struct("Registration");
        out.field("name", &self.name).finish_non_exhaustive()
    }
}

impl Registration {
    /// Registers `disk` under `name`.
    pub(super) fn bind(name: &str, disk: &Arc<Shared>) -> Result<&'static Self, VfsError> {
        let key = CString::new(name).map_err(|_| VfsError::BadName)?;
        if name.is_empty() {
            return Err(VfsError::BadName);
        }
        let mut all = REGISTRATIONS.lock().unwrap_or_else(PoisonError::into_inner);
        // SAFETY: a C string.
        let taken = unsafe { !ffi::sqlite3_vfs_find(key.as_ptr()).is_null() };
        let known = all.get(&key).copied();
        if taken || known.is_some_and(|known| known.disk().is_some()) {
            return Err(VfsError::NameInUse(name.to_owned()));
        }
        let registration = known.unwrap_or_else(|| Self::leak(key.clone()));
        registration.set_disk(Arc::downgrade(disk));
        // SAFETY: the structure is complete and never freed.
        let code = unsafe { ffi::sqlite3_vfs_register(registration.vfs.get(), 0) };
        if code != ffi::SQLITE_OK {
            registration.set_disk(Weak::new());
            return Err(VfsError::Refused(code));
        }
        all.insert(key, registration);
        Ok(registration)
    }

    /// Takes the name out of SQLite's list. Open connections keep working.
    pub(super) fn unregister(&self) {
        // SAFETY: the structure was registered and is never freed. The answer is always OK.
        unsafe { ffi::sqlite3_vfs_unregister(self.vfs.get()) };
    }

    /// The disk, while an owner or an open file keeps it.
    pub(super) fn disk(&self) -> Option<Arc<Shared>> {
        self.disk
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .upgrade()
    }

    fn set_disk(&self, disk: Weak<Shared>) {
        *self.disk.lock().unwrap_or_else(PoisonError::into_inner) = disk;
    }

    fn leak(name: CString) -> &'static Self {
        let registration: &'static Self = Box::leak(Box::new(Self {
            name,
            vfs: UnsafeCell::new(template()),
            disk: Mutex::new(Weak::new()),
        }));
        // SAFETY: nobody else has seen the structure yet.
        unsafe {
            let vfs = registration.vfs.get();
            (*vfs).zName = registration.name.as_ptr();
            (*vfs).pAppData = ptr::from_ref(registration).cast_mut().cast();
        }
        registration
    }
}

fn template() -> ffi::sqlite3_vfs {
    ffi::sqlite3_vfs {
        iVersion: 2,
        szOsFile: c_int::try_from(size_of::<OpenFile>()).unwrap_or(c_int::MAX),
        mxPathname: NAME_BYTES_MAX,
        pNext: ptr::null_mut(),
        zName: ptr::null(),
        pAppData: ptr::null_mut(),
        xOpen: Some(callbacks::open),
        xDelete: Some(callbacks::delete),
        xAccess: Some(callbacks::access),
        xFullPathname: Some(callbacks::full_pathname),
        xDlOpen: Some(callbacks::no_library),
        xDlError: Some(callbacks::no_library_error),
        xDlSym: None,
        xDlClose: None,
        xRandomness: Some(callbacks::randomness),
        xSleep: Some(callbacks::sleep),
        xCurrentTime: Some(callbacks::current_time),
        xGetLastError: None,
        xCurrentTimeInt64: Some(callbacks::current_time_int64),
        xSetSystemCall: None,
        xGetSystemCall: None,
        xNextSystemCall: None,
    }
}

/// See [`super::seed_sqlite_randomness`].
pub(super) fn seed_sqlite_randomness(seed: u32) {
    // Zero would mean "ask the operating system".
    let seed = c_int::from_ne_bytes((seed | 1).to_ne_bytes());
    let no_connection = ptr::null_mut::<ffi::sqlite3>();
    // SAFETY: this operation takes an integer and a connection that may be null.
    unsafe { ffi::sqlite3_test_control(ffi::SQLITE_TESTCTRL_PRNG_SEED, seed, no_connection) };
}
