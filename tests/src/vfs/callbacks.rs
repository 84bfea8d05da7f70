//! The functions SQLite calls: each turns raw pointers into values, asks [`State`] under its
//! mutex, and turns the answer back. No rule of the disk is here.
//!
//! What all SAFETY comments lean on: SQLite passes a `sqlite3_vfs` that [`super::registration`]
//! registered, and a `sqlite3_file` of `szOsFile` bytes that `open` filled and `close` has not yet
//! seen; out-pointers are valid for one value, buffers for the length given with them.
#![allow(unsafe_code, reason = "SQLite calls a VFS through C function pointers")]

use std::{
    ffi::{CStr, c_char, c_int, c_void},
    ptr,
    sync::{Arc, atomic},
    time::Duration,
};

use rusqlite::ffi;

use super::{
    Shared, Sleep,
    file::SECTOR_BYTES,
    locks::{HandleId, Level},
    registration::Registration,
    state::{Code, OpenRequest, State, Status},
};

/// Milliseconds from the start of the Julian day count to 1970.
const JULIAN_EPOCH_MS: i64 = 210_866_760_000_000;

const DAY_MS: f64 = 86_400_000.0;

/// What stands in the memory SQLite reserves for an open file. Nothing in it changes after `open`.
#[repr(C)]
pub(super) struct OpenFile {
    base: ffi::sqlite3_file,
    /// One strong count of the disk, given back by `close`.
    disk: *const Shared,
    handle: HandleId,
}

static IO_METHODS: ffi::sqlite3_io_methods = ffi::sqlite3_io_methods {
    iVersion: 2,
    xClose: Some(close),
    xRead: Some(read),
    xWrite: Some(write),
    xTruncate: Some(truncate),
    xSync: Some(sync),
    xFileSize: Some(file_size),
    xLock: Some(lock),
    xUnlock: Some(unlock),
    xCheckReservedLock: Some(check_reserved_lock),
    xFileControl: Some(file_control),
    xSectorSize: Some(sector_size),
    xDeviceCharacteristics: Some(device_characteristics),
    xShmMap: Some(shm_map),
    xShmLock: Some(shm_lock),
    xShmBarrier: Some(shm_barrier),
    xShmUnmap: Some(shm_unmap),
    xFetch: None,
    xUnfetch: None,
};

fn code(status: Status<()>) -> c_int {
    match status {
        Ok(()) => ffi::SQLITE_OK,
        Err(Code(code)) => code,
    }
}

/// The disk behind a VFS, unless its last owner is gone.
///
/// # Safety
/// `vfs` is one of ours.
unsafe fn disk_of(vfs: *mut ffi::sqlite3_vfs) -> Status<Arc<Shared>> {
    // SAFETY: `pAppData` of our VFS points to its registration, which is never freed.
    let registration = unsafe { &*(*vfs).pAppData.cast::<Registration>() };
    registration.disk().ok_or(Code(ffi::SQLITE_IOERR))
}

/// Runs `work` with the state of the disk an open file is on.
///
/// # Safety
/// `file` is open and ours.
unsafe fn on_file<T>(
    file: *mut ffi::sqlite3_file,
    work: impl FnOnce(&mut State, HandleId) -> T,
) -> T {
    // SAFETY: `open` wrote an `OpenFile` here; it only changes in `open` and `close`.
    let open_file = unsafe { &*file.cast::<OpenFile>() };
    // SAFETY: the file owns one strong count of the disk.
    let disk = unsafe { &*open_file.disk };
    work(&mut disk.lock(), open_file.handle)
}

/// A name SQLite passed; ours are all UTF-8.
///
/// # Safety
/// `name` is a C string that lives as long as the answer is used.
unsafe fn name_of<'name>(name: *const c_char) -> Status<&'name str> {
    // SAFETY: by the contract of this function.
    let name = unsafe { CStr::from_ptr(name) };
    name.to_str().map_err(|_| Code(ffi::SQLITE_CANTOPEN))
}

pub(super) unsafe extern "C" fn open(
    vfs: *mut ffi::sqlite3_vfs,
    name: ffi::sqlite3_filename,
    file: *mut ffi::sqlite3_file,
    flags: c_int,
    out_flags: *mut c_int,
) -> c_int {
    // SAFETY: `file` has room for an `OpenFile`; without methods SQLite will not close it.
    unsafe { (*file).pMethods = ptr::null() };
    // SAFETY: SQLite passes our VFS, and a name that lives through the call.
    let opened = unsafe { open_handle(vfs, name, flags) };
    let (disk, handle) = match opened {
        Ok(opened) => opened,
        Err(Code(code)) => return code,
    };
    let open_file = OpenFile {
        base: ffi::sqlite3_file {
            pMethods: &raw const IO_METHODS,
        },
        disk: Arc::into_raw(disk),
        handle,
    };
    // SAFETY: `file` points to `szOsFile` bytes, aligned for any C type.
    unsafe { file.cast::<OpenFile>().write(open_file) };
    if !out_flags.is_null() {
        // SAFETY: not null, so valid for one value.
        unsafe { *out_flags = flags };
    }
    ffi::SQLITE_OK
}

/// # Safety
/// As for `open`.
unsafe fn open_handle(
    vfs: *mut ffi::sqlite3_vfs,
    name: ffi::sqlite3_filename,
    flags: c_int,
) -> Status<(Arc<Shared>, HandleId)> {
    // SAFETY: our VFS.
    let disk = unsafe { disk_of(vfs)? };
    let is_main = flags & ffi::SQLITE_OPEN_MAIN_DB != 0 && !name.is_null();
    let side_names = is_main.then(|| {
        // SAFETY: the name of a main database is in the form these two functions need.
        let (journal, wal) = unsafe {
            (
                ffi::sqlite3_filename_journal(name),
                ffi::sqlite3_filename_wal(name),
            )
        };
        [journal.addr(), wal.addr()]
    });
    let request = OpenRequest {
        name: if name.is_null() {
            None
        } else {
            // SAFETY: not null, so a C string that lives through the call.
            Some(unsafe { name_of(name)? })
        },
        name_address: name.addr(),
        side_names,
        flags,
    };
    let handle = disk.lock().open(&request)?;
    Ok((disk, handle))
}

pub(super) unsafe extern "C" fn delete(
    vfs: *mut ffi::sqlite3_vfs,
    name: *const c_char,
    sync_directory: c_int,
) -> c_int {
    // SAFETY: our VFS, and a name that lives through the call.
    let (disk, text) = unsafe { (disk_of(vfs), name_of(name)) };
    code(disk.and_then(|disk| disk.lock().delete(text?, name.addr(), sync_directory != 0)))
}

pub(super) unsafe extern "C" fn access(
    vfs: *mut ffi::sqlite3_vfs,
    name: *const c_char,
    flags: c_int,
    out: *mut c_int,
) -> c_int {
    // SAFETY: our VFS, and a name that lives through the call.
    let (disk, text) = unsafe { (disk_of(vfs), name_of(name)) };
    let there = disk.and_then(|disk| disk.lock().access(text?, name.addr(), flags));
    // SAFETY: valid for one value.
    code(there.map(|there| unsafe { *out = c_int::from(there) }))
}

/// Names are taken as they are: the disk has no folders and no working directory.
pub(super) unsafe extern "C" fn full_pathname(
    _vfs: *mut ffi::sqlite3_vfs,
    name: *const c_char,
    out_bytes: c_int,
    out: *mut c_char,
) -> c_int {
    // SAFETY: a C string that lives through the call.
    let bytes = unsafe { CStr::from_ptr(name) }.to_bytes_with_nul();
    if usize::try_from(out_bytes).is_ok_and(|room| bytes.len() <= room) {
        // SAFETY: the target has room for them, and is not the name itself.
        unsafe { ptr::copy_nonoverlapping(bytes.as_ptr().cast(), out, bytes.len()) };
        ffi::SQLITE_OK
    } else {
        ffi::SQLITE_CANTOPEN
    }
}

/// Extensions can't be loaded from a disk that is not there.
pub(super) unsafe extern "C" fn no_library(
    _vfs: *mut ffi::sqlite3_vfs,
    _name: *const c_char,
) -> *mut c_void {
    ptr::null_mut()
}

pub(super) unsafe extern "C" fn no_library_error(
    _vfs: *mut ffi::sqlite3_vfs,
    out_bytes: c_int,
    out: *mut c_char,
) {
    if out_bytes > 0 {
        // SAFETY: room for at least one byte.
        unsafe { *out = 0 };
    }
}

pub(super) unsafe extern "C" fn randomness(
    vfs: *mut ffi::sqlite3_vfs,
    bytes: c_int,
    out: *mut c_char,
) -> c_int {
    let length = usize::try_from(bytes).unwrap_or(0);
    // SAFETY: our VFS.
    let Ok(disk) = (unsafe { disk_of(vfs) }) else {
        return 0;
    };
    // SAFETY: valid for `length` bytes.
    disk.lock()
        .random
        .fill(unsafe { bytes_to_fill(out.cast(), length) });
    bytes
}

pub(super) unsafe extern "C" fn sleep(vfs: *mut ffi::sqlite3_vfs, microseconds: c_int) -> c_int {
    // SAFETY: our VFS.
    let sleep = unsafe { disk_of(vfs) }.map_or(Sleep::Virtual, |disk| disk.lock().sleep);
    match sleep {
        Sleep::Virtual => std::thread::yield_now(),
        Sleep::Real => {
            let microseconds = u64::try_from(microseconds).unwrap_or(0);
            std::thread::sleep(Duration::from_micros(microseconds));
        }
    }
    microseconds
}

/// # Safety
/// `vfs` is one of ours.
unsafe fn julian_ms(vfs: *mut ffi::sqlite3_vfs) -> i64 {
    // SAFETY: by the contract of this function.
    let clock_ms = unsafe { disk_of(vfs) }.map_or(0, |disk| disk.lock().clock_ms);
    clock_ms.saturating_add(JULIAN_EPOCH_MS)
}

pub(super) unsafe extern "C" fn current_time(vfs: *mut ffi::sqlite3_vfs, out: *mut f64) -> c_int {
    // SAFETY: our VFS, and valid for one value.
    unsafe { *out = julian_ms(vfs) as f64 / DAY_MS };
    ffi::SQLITE_OK
}

pub(super) unsafe extern "C" fn current_time_int64(
    vfs: *mut ffi::sqlite3_vfs,
    out: *mut i64,
) -> c_int {
    // SAFETY: our VFS, and valid for one value.
    unsafe { *out = julian_ms(vfs) };
    ffi::SQLITE_OK
}

unsafe extern "C" fn close(file: *mut ffi::sqlite3_file) -> c_int {
    // SAFETY: open and ours.
    unsafe { on_file(file, |state, handle| state.close(handle)) };
    // SAFETY: this is the count `open` took; SQLite does not use the file again.
    drop(unsafe { Arc::from_raw((*file.cast::<OpenFile>()).disk) });
    ffi::SQLITE_OK
}

unsafe extern "C" fn read(
    file: *mut ffi::sqlite3_file,
    buffer: *mut c_void,
    amount: c_int,
    offset: i64,
) -> c_int {
    let length = usize::try_from(amount).unwrap_or(0);
    // SAFETY: valid for `length` bytes.
    let target = unsafe { bytes_to_fill(buffer, length) };
    // SAFETY: open and ours.
    match unsafe { on_file(file, |state, handle| state.read(handle, offset, target)) } {
        Ok(count) if count == length => ffi::SQLITE_OK,
        Ok(_) => ffi::SQLITE_IOERR_SHORT_READ,
        Err(Code(code)) => code,
    }
}

/// A buffer of C, zeroed so that it may be looked at as a slice (and so that a short read leaves
/// zeros, which SQLite relies on).
///
/// # Safety
/// `buffer` is valid for `length` bytes and nobody else uses it meanwhile.
unsafe fn bytes_to_fill<'buffer>(buffer: *mut c_void, length: usize) -> &'buffer mut [u8] {
    if length == 0 {
        return &mut [];
    }
    // SAFETY: by the contract of this function.
    unsafe {
        ptr::write_bytes(buffer.cast::<u8>(), 0, length);
        std::slice::from_raw_parts_mut(buffer.cast::<u8>(), length)
    }
}

unsafe extern "C" fn write(
    file: *mut ffi::sqlite3_file,
    buffer: *const c_void,
    amount: c_int,
    offset: i64,
) -> c_int {
    let length = usize::try_from(amount).unwrap_or(0);
    let bytes: &[u8] = if length == 0 {
        &[]
    } else {
        // SAFETY: valid for `length` bytes.
        unsafe { std::slice::from_raw_parts(buffer.cast::<u8>(), length) }
    };
    // SAFETY: open and ours.
    code(unsafe { on_file(file, |state, handle| state.write(handle, offset, bytes)) })
}

unsafe extern "C" fn truncate(file: *mut ffi::sqlite3_file, size: i64) -> c_int {
    // SAFETY: open and ours.
    code(unsafe { on_file(file, |state, handle| state.truncate(handle, size)) })
}

unsafe extern "C" fn sync(file: *mut ffi::sqlite3_file, _flags: c_int) -> c_int {
    // SAFETY: open and ours.
    code(unsafe { on_file(file, State::sync) })
}

unsafe extern "C" fn file_size(file: *mut ffi::sqlite3_file, out: *mut i64) -> c_int {
    // SAFETY: open and ours.
    let size = unsafe { on_file(file, State::size) };
    // SAFETY: valid for one value.
    code(size.map(|size| unsafe { *out = size }))
}

unsafe extern "C" fn lock(file: *mut ffi::sqlite3_file, level: c_int) -> c_int {
    let level = Level::from_code(level);
    // SAFETY: open and ours.
    code(unsafe { on_file(file, |state, handle| state.lock(handle, level)) })
}

unsafe extern "C" fn unlock(file: *mut ffi::sqlite3_file, level: c_int) -> c_int {
    let level = Level::from_code(level);
    // SAFETY: open and ours.
    code(unsafe { on_file(file, |state, handle| state.unlock(handle, level)) })
}

unsafe extern "C" fn check_reserved_lock(file: *mut ffi::sqlite3_file, out: *mut c_int) -> c_int {
    // SAFETY: open and ours.
    let reserved = unsafe { on_file(file, State::is_reserved) };
    // SAFETY: valid for one value.
    code(reserved.map(|reserved| unsafe { *out = c_int::from(reserved) }))
}

unsafe extern "C" fn file_control(
    file: *mut ffi::sqlite3_file,
    operation: c_int,
    argument: *mut c_void,
) -> c_int {
    if operation != ffi::SQLITE_FCNTL_PERSIST_WAL {
        return ffi::SQLITE_NOTFOUND;
    }
    let mark = argument.cast::<c_int>();
    // SAFETY: this operation passes an integer: negative asks, zero clears, positive sets.
    let wanted = match unsafe { *mark } {
        value if value < 0 => None,
        value => Some(value != 0),
    };
    // SAFETY: open and ours.
    let kept = unsafe { on_file(file, |state, handle| state.persist_wal(handle, wanted)) };
    // SAFETY: as above.
    code(kept.map(|kept| unsafe { *mark = c_int::from(kept) }))
}

unsafe extern "C" fn sector_size(_file: *mut ffi::sqlite3_file) -> c_int {
    c_int::try_from(SECTOR_BYTES).unwrap_or(0)
}

/// A write never changes bytes outside its range, torn or not: SQLite assumes the same on phones.
unsafe extern "C" fn device_characteristics(_file: *mut ffi::sqlite3_file) -> c_int {
    ffi::SQLITE_IOCAP_POWERSAFE_OVERWRITE
}

unsafe extern "C" fn shm_map(
    file: *mut ffi::sqlite3_file,
    region: c_int,
    region_bytes: c_int,
    extend: c_int,
    out: *mut *mut c_void,
) -> c_int {
    let index = usize::try_from(region).unwrap_or(usize::MAX);
    let bytes = usize::try_from(region_bytes).unwrap_or(0);
    let map = |state: &mut State, handle| state.map_region(handle, index, bytes, extend != 0);
    // SAFETY: open and ours.
    let mapped = unsafe { on_file(file, map) };
    let address = mapped.map(|region| {
        // The handle keeps the region; it is freed when the handle unmaps or closes.
        region.map_or(ptr::null_mut(), |region| {
            Arc::as_ptr(&region).cast::<c_void>().cast_mut()
        })
    });
    // SAFETY: valid for one value.
    unsafe { *out = address.unwrap_or(ptr::null_mut()) };
    code(address.map(|_| ()))
}

unsafe extern "C" fn shm_lock(
    file: *mut ffi::sqlite3_file,
    first: c_int,
    count: c_int,
    flags: c_int,
) -> c_int {
    let first = usize::try_from(first).unwrap_or(usize::MAX);
    let count = usize::try_from(count).unwrap_or(0);
    let lock = |state: &mut State, handle| state.lock_slots(handle, first, count, flags);
    // SAFETY: open and ours.
    code(unsafe { on_file(file, lock) })
}

unsafe extern "C" fn shm_barrier(_file: *mut ffi::sqlite3_file) {
    atomic::fence(atomic::Ordering::SeqCst);
}

unsafe extern "C" fn shm_unmap(file: *mut ffi::sqlite3_file, _delete: c_int) -> c_int {
    // SAFETY: open and ours.
    code(unsafe { on_file(file, State::unmap) })
}
