//! What a disk is, behind its one mutex: its storage, open handles, locks, faults and the
//! generation. Its rules are here, in safe code; [`super::callbacks`] only translates SQLite's
//! calls.
//!
//! A handle that is not in `handles` is dead, so a kill needs no flag on the handle: it moves all
//! of them to `retired`, where their shared memory stays mapped until SQLite closes them.

use std::collections::BTreeMap;

use rusqlite::ffi;

use super::{
    Fault, Image, PowerCut, Sleep,
    file::{FILE_BYTES_MAX, File},
    locks::{FileLocks, HandleId, Level, REGIONS_MAX, Region, SharedMemory},
    random::SeededRandom,
    storage::{FileId, Storage},
};

/// A result code of SQLite that is not `SQLITE_OK`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Code(pub(super) i32);

pub(super) type Status<T> = Result<T, Code>;

/// Where SQLite keeps the names of the journal and the WAL of an open database. Calls that carry
/// no handle (delete, access, open of a side file) are traced to their connection by it: they pass
/// the very pointer.
pub(super) type SideNames = [usize; 2];

#[derive(Debug)]
struct Handle {
    file: FileId,
    read_only: bool,
    persist_wal: bool,
    side_names: Option<SideNames>,
    /// Keeps the memory SQLite has pointers to, also after a kill.
    mapped: Vec<Region>,
}

/// What SQLite asks for in an open call.
#[derive(Debug)]
pub(super) struct OpenRequest<'name> {
    /// `None` for a temporary file.
    pub(super) name: Option<&'name str>,
    pub(super) name_address: usize,
    pub(super) side_names: Option<SideNames>,
    pub(super) flags: i32,
}

/// See the module.
#[derive(Debug)]
pub(super) struct State {
    pub(super) storage: Storage,
    handles: BTreeMap<HandleId, Handle>,
    retired: BTreeMap<HandleId, Handle>,
    locks: BTreeMap<FileId, FileLocks>,
    shared_memory: BTreeMap<FileId, SharedMemory>,
    newest_handle: u64,
    pub(super) generation: u64,
    /// A planned death struck and nobody has started the next generation yet.
    pub(super) down: bool,
    pub(super) ops: u64,
    pub(super) dies_at: Option<u64>,
    pub(super) fault: Option<Fault>,
    pub(super) faults_struck: u64,
    pub(super) random: SeededRandom,
    pub(super) clock_ms: i64,
    pub(super) sleep: Sleep,
}

impl State {
    pub(super) fn new(seed: u64, image: &Image) -> Self {
        Self {
            storage: Storage::from_image(image),
            handles: BTreeMap::new(),
            retired: BTreeMap::new(),
            locks: BTreeMap::new(),
            shared_memory: BTreeMap::new(),
            newest_handle: 0,
            generation: 0,
            down: false,
            ops: 0,
            dies_at: None,
            fault: None,
            faults_struck: 0,
            random: SeededRandom::new(seed),
            clock_ms: 0,
            sleep: Sleep::Virtual,
        }
    }

    // What the owner of the disk does.

    /// Ends the generation, if a planned death has not, and starts the next.
    pub(super) fn kill(&mut self) {
        if !self.down {
            self.die();
        }
        self.down = false;
    }

    pub(super) fn power_cut(&mut self, mode: PowerCut, seed: u64) {
        self.kill();
        self.storage.power_cut(mode, &mut SeededRandom::new(seed));
    }

    pub(super) fn restore(&mut self, image: &Image) {
        self.kill();
        self.storage.load(image);
    }

    fn die(&mut self) {
        self.generation = self.generation.saturating_add(1);
        self.retired.append(&mut self.handles);
        self.locks.clear();
        self.shared_memory.clear();
        self.dies_at = None;
        self.down = true;
        self.collect_garbage();
    }

    fn collect_garbage(&mut self) {
        let open = self.handles.values().map(|handle| handle.file).collect();
        self.storage.collect_garbage(&open);
    }

    // What SQLite does without a handle.

    pub(super) fn open(&mut self, request: &OpenRequest<'_>) -> Status<HandleId> {
        self.refuse_the_dead(request.name_address, ffi::SQLITE_IOERR)?;
        let wants = |flag: i32| request.flags & flag != 0;
        let existing = request.name.and_then(|name| self.storage.find(name));
        let refused = match (existing, request.name) {
            (Some(_), _) => wants(ffi::SQLITE_OPEN_EXCLUSIVE),
            (None, Some(_)) => !wants(ffi::SQLITE_OPEN_CREATE),
            (None, None) => false,
        };
        if refused {
            return Err(Code(ffi::SQLITE_CANTOPEN));
        }
        let file = existing.unwrap_or_else(|| self.storage.create(request.name));
        self.newest_handle = self.newest_handle.saturating_add(1);
        let handle = HandleId(self.newest_handle);
        self.handles.insert(
            handle,
            Handle {
                file,
                read_only: wants(ffi::SQLITE_OPEN_READONLY),
                persist_wal: false,
                side_names: request.side_names,
                mapped: Vec::new(),
            },
        );
        Ok(handle)
    }

    pub(super) fn delete(
        &mut self,
        name: &str,
        address: usize,
        sync_directory: bool,
    ) -> Status<()> {
        self.refuse_the_dead(address, ffi::SQLITE_IOERR_DELETE)?;
        self.count_operation(ffi::SQLITE_IOERR_DELETE)?;
        if !self.storage.remove(name) {
            return Err(Code(ffi::SQLITE_IOERR_DELETE_NOENT));
        }
        if sync_directory {
            self.storage.sync_directory();
        }
        self.collect_garbage();
        Ok(())
    }

    /// Whether the file is there; an empty one counts only where SQLite asks for access rights,
    /// as on Unix.
    pub(super) fn access(&self, name: &str, address: usize, flags: i32) -> Status<bool> {
        self.refuse_the_dead(address, ffi::SQLITE_IOERR_ACCESS)?;
        Ok(self
            .storage
            .content(name)
            .is_some_and(|content| flags != ffi::SQLITE_ACCESS_EXISTS || !content.is_empty()))
    }

    fn refuse_the_dead(&self, name_address: usize, code: i32) -> Status<()> {
        let mut names = self.retired.values().filter_map(|handle| handle.side_names);
        if self.down || names.any(|addresses| addresses.contains(&name_address)) {
            return Err(Code(code));
        }
        Ok(())
    }

    // What SQLite does with a handle.

    /// Closes a handle, dead or alive.
    pub(super) fn close(&mut self, handle: HandleId) {
        self.retired.remove(&handle);
        if let Some(closed) = self.handles.remove(&handle) {
            self.leave_shared_memory(handle, closed.file);
            if let Some(locks) = self.locks.get_mut(&closed.file) {
                locks.unlock(handle, None);
            }
            self.collect_garbage();
        }
    }

    /// Copies bytes into `target` and answers how many there were.
    pub(super) fn read(
        &mut self,
        handle: HandleId,
        offset: i64,
        target: &mut [u8],
    ) -> Status<usize> {
        let error = Code(ffi::SQLITE_IOERR_READ);
        let id = self.live(handle, error)?.file;
        if self.fault == Some(Fault::IoErrorForever) {
            return Err(self.struck(error));
        }
        let offset = usize::try_from(offset).map_err(|_| error)?;
        Ok(self.file(id, error)?.read(offset, target))
    }

    pub(super) fn write(&mut self, handle: HandleId, offset: i64, bytes: &[u8]) -> Status<()> {
        let error = Code(ffi::SQLITE_IOERR_WRITE);
        let Handle {
            file, read_only, ..
        } = *self.live(handle, error)?;
        if read_only {
            return Err(Code(ffi::SQLITE_READONLY));
        }
        self.count_operation(error.0)?;
        let offset = usize::try_from(offset).map_err(|_| error)?;
        let end = offset.saturating_add(bytes.len());
        self.refuse_growth(file, end)?;
        let order = self.ops;
        self.file(file, error)?.write(order, offset, bytes);
        Ok(())
    }

    pub(super) fn truncate(&mut self, handle: HandleId, length: i64) -> Status<()> {
        let error = Code(ffi::SQLITE_IOERR_TRUNCATE);
        let id = self.live(handle, error)?.file;
        self.count_operation(error.0)?;
        let length = usize::try_from(length).map_err(|_| error)?;
        self.refuse_growth(id, length)?;
        let order = self.ops;
        self.file(id, error)?.truncate(order, length);
        Ok(())
    }

    pub(super) fn sync(&mut self, handle: HandleId) -> Status<()> {
        let error = Code(ffi::SQLITE_IOERR_FSYNC);
        let id = self.live(handle, error)?.file;
        self.count_operation(error.0)?;
        self.file(id, error)?.sync();
        self.storage.sync_directory_for(id);
        Ok(())
    }

    pub(super) fn size(&mut self, handle: HandleId) -> Status<i64> {
        let error = Code(ffi::SQLITE_IOERR_FSTAT);
        let id = self.live(handle, error)?.file;
        i64::try_from(self.file(id, error)?.content().len()).map_err(|_| error)
    }

    pub(super) fn lock(&mut self, handle: HandleId, level: Option<Level>) -> Status<()> {
        let id = self.live(handle, Code(ffi::SQLITE_IOERR_LOCK))?.file;
        match level {
            Some(level) if !self.locks.entry(id).or_default().lock(handle, level) => {
                Err(Code(ffi::SQLITE_BUSY))
            }
            _ => Ok(()),
        }
    }

    pub(super) fn unlock(&mut self, handle: HandleId, level: Option<Level>) -> Status<()> {
        let id = self.live(handle, Code(ffi::SQLITE_IOERR_UNLOCK))?.file;
        self.locks.entry(id).or_default().unlock(handle, level);
        Ok(())
    }

    pub(super) fn is_reserved(&mut self, handle: HandleId) -> Status<bool> {
        let error = Code(ffi::SQLITE_IOERR_CHECKRESERVEDLOCK);
        let id = self.live(handle, error)?.file;
        Ok(self.locks.get(&id).is_some_and(FileLocks::is_reserved))
    }

    /// Reads the keep-the-WAL mark of a handle, after setting it if `wanted` says so.
    pub(super) fn persist_wal(&mut self, handle: HandleId, wanted: Option<bool>) -> Status<bool> {
        let handle = self.handles.get_mut(&handle);
        let handle = handle.ok_or(Code(ffi::SQLITE_IOERR))?;
        handle.persist_wal = wanted.unwrap_or(handle.persist_wal);
        Ok(handle.persist_wal)
    }

    pub(super) fn map_region(
        &mut self,
        handle: HandleId,
        index: usize,
        bytes: usize,
        extend: bool,
    ) -> Status<Option<Region>> {
        let error = Code(ffi::SQLITE_IOERR_SHMMAP);
        let id = self.live(handle, error)?.file;
        if index >= REGIONS_MAX {
            return Err(error);
        }
        let memory = self.shared_memory.entry(id).or_default();
        let region = memory.region(handle, index, bytes, extend);
        if let (Some(region), Some(handle)) = (&region, self.handles.get_mut(&handle)) {
            handle.mapped.push(region.clone());
        }
        Ok(region)
    }

    /// Takes or gives back WAL locks `first .. first + count`, as `flags` say.
    pub(super) fn lock_slots(
        &mut self,
        handle: HandleId,
        first: usize,
        count: usize,
        flags: i32,
    ) -> Status<()> {
        let error = Code(ffi::SQLITE_IOERR_SHMLOCK);
        let id = self.live(handle, error)?.file;
        let memory = self.shared_memory.get_mut(&id).ok_or(error)?;
        let range = first..first.saturating_add(count);
        let granted = if flags & ffi::SQLITE_SHM_UNLOCK != 0 {
            memory.unlock(handle, range);
            true
        } else if flags & ffi::SQLITE_SHM_SHARED != 0 {
            memory.lock_shared(handle, range)
        } else {
            memory.lock_exclusive(handle, range)
        };
        granted.then_some(()).ok_or(Code(ffi::SQLITE_BUSY))
    }

    pub(super) fn unmap(&mut self, handle: HandleId) -> Status<()> {
        let id = self.live(handle, Code(ffi::SQLITE_IOERR))?.file;
        self.leave_shared_memory(handle, id);
        if let Some(handle) = self.handles.get_mut(&handle) {
            handle.mapped.clear();
        }
        Ok(())
    }

    fn leave_shared_memory(&mut self, handle: HandleId, id: FileId) {
        if let Some(memory) = self.shared_memory.get_mut(&id)
            && memory.leave(handle)
        {
            self.shared_memory.remove(&id);
        }
    }

    fn live(&self, handle: HandleId, error: Code) -> Status<&Handle> {
        self.handles.get(&handle).ok_or(error)
    }

    fn file(&mut self, id: FileId, error: Code) -> Status<&mut File> {
        self.storage.file_mut(id).ok_or(error)
    }

    // Faults.

    /// Counts one operation that changes the disk. It fails, before it changed anything, if the
    /// generation is to die here or a fault is due.
    fn count_operation(&mut self, code: i32) -> Status<()> {
        self.ops = self.ops.saturating_add(1);
        if self.dies_at.is_some_and(|dies_at| self.ops >= dies_at) {
            self.die();
            return Err(Code(code));
        }
        match self.fault {
            Some(Fault::IoErrorOnce { after_ops: 0 }) => {
                self.fault = None;
                Err(self.struck(Code(code)))
            }
            Some(Fault::IoErrorOnce { after_ops }) => {
                let after_ops = after_ops.saturating_sub(1);
                self.fault = Some(Fault::IoErrorOnce { after_ops });
                Ok(())
            }
            Some(Fault::IoErrorForever) => Err(self.struck(Code(code))),
            Some(Fault::Full) | None => Ok(()),
        }
    }

    fn refuse_growth(&mut self, id: FileId, end: usize) -> Status<()> {
        let length = self.storage.file(id).map_or(0, |file| file.content().len());
        if end <= length {
            return Ok(());
        }
        if self.fault == Some(Fault::Full) {
            return Err(self.struck(Code(ffi::SQLITE_FULL)));
        }
        if end > FILE_BYTES_MAX {
            return Err(Code(ffi::SQLITE_FULL));
        }
        Ok(())
    }

    fn struck(&mut self, code: Code) -> Code {
        self.faults_struck = self.faults_struck.saturating_add(1);
        code
    }
}
