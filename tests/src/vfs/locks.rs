//! The locks of a database file and of its WAL shared memory. Each open handle is its own owner,
//! as a process of its own would be; nothing here blocks, a lock is had or refused.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Range,
    sync::Arc,
    sync::atomic::AtomicU64,
};

use rusqlite::ffi;

/// Names one open file handle of a disk; never used twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct HandleId(pub(super) u64);

/// The lock levels of a database file, weakest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Level {
    Shared,
    Reserved,
    Pending,
    Exclusive,
}

impl Level {
    /// The level SQLite means by `code`; `None` is unlocked.
    pub(super) fn from_code(code: i32) -> Option<Self> {
        match code {
            ffi::SQLITE_LOCK_SHARED => Some(Self::Shared),
            ffi::SQLITE_LOCK_RESERVED => Some(Self::Reserved),
            ffi::SQLITE_LOCK_PENDING => Some(Self::Pending),
            ffi::SQLITE_LOCK_EXCLUSIVE => Some(Self::Exclusive),
            _ => None,
        }
    }
}

/// Who holds which level of one database file.
#[derive(Debug, Default)]
pub(super) struct FileLocks {
    levels: BTreeMap<HandleId, Level>,
}

impl FileLocks {
    /// Raises `handle` to `wanted`; answers whether it has it now. A refused exclusive lock leaves
    /// the pending one, so that no new reader can starve the writer.
    pub(super) fn lock(&mut self, handle: HandleId, wanted: Level) -> bool {
        if self.levels.get(&handle).is_some_and(|held| *held >= wanted) {
            return true;
        }
        let strongest = self
            .levels
            .iter()
            .filter(|(owner, _)| **owner != handle)
            .map(|(_, level)| *level)
            .max();
        let granted = match wanted {
            Level::Shared => strongest.is_none_or(|level| level < Level::Pending),
            Level::Reserved | Level::Pending => {
                strongest.is_none_or(|level| level < Level::Reserved)
            }
            Level::Exclusive => strongest.is_none(),
        };
        if granted {
            self.levels.insert(handle, wanted);
        } else if wanted == Level::Exclusive && strongest == Some(Level::Shared) {
            self.levels.insert(handle, Level::Pending);
        }
        granted
    }

    /// Lowers `handle` to `level`.
    pub(super) fn unlock(&mut self, handle: HandleId, level: Option<Level>) {
        match level {
            Some(level) => {
                if let Some(held) = self.levels.get_mut(&handle) {
                    *held = level.min(*held);
                }
            }
            None => {
                self.levels.remove(&handle);
            }
        }
    }

    /// Whether anybody is writing or about to.
    pub(super) fn is_reserved(&self) -> bool {
        self.levels.values().any(|level| *level >= Level::Reserved)
    }
}

/// One region of WAL shared memory. Atomics, because C code writes to it from several threads
/// through a pointer taken from a shared reference.
pub(super) type Region = Arc<[AtomicU64]>;

/// More regions than any test writes frames for (a region of 32 KiB holds 4096 frames).
pub(super) const REGIONS_MAX: usize = 4096;

const SLOTS: usize = 8;

#[derive(Debug, Default)]
struct Slot {
    shared: BTreeSet<HandleId>,
    exclusive: Option<HandleId>,
}

/// The WAL shared memory of one database: it lives while a handle of the generation uses it.
#[derive(Debug, Default)]
pub(super) struct SharedMemory {
    regions: Vec<Region>,
    users: BTreeSet<HandleId>,
    slots: [Slot; SLOTS],
}

impl SharedMemory {
    /// The region number `index`, made (with all before it) if `extend`. `handle` becomes a user.
    pub(super) fn region(
        &mut self,
        handle: HandleId,
        index: usize,
        bytes: usize,
        extend: bool,
    ) -> Option<Region> {
        self.users.insert(handle);
        while extend && index < REGIONS_MAX && self.regions.len() <= index {
            let words = bytes.div_ceil(size_of::<AtomicU64>());
            self.regions
                .push((0..words).map(|_| AtomicU64::new(0)).collect());
        }
        self.regions.get(index).cloned()
    }

    /// Takes `handle` and its locks out; answers whether nobody is left.
    pub(super) fn leave(&mut self, handle: HandleId) -> bool {
        self.unlock(handle, 0..SLOTS);
        self.users.remove(&handle);
        self.users.is_empty()
    }

    /// Takes the slots for reading, all or none.
    pub(super) fn lock_shared(&mut self, handle: HandleId, range: Range<usize>) -> bool {
        let Some(slots) = self.slots.get_mut(range) else {
            return false;
        };
        let free = |slot: &Slot| slot.exclusive.is_none_or(|owner| owner == handle);
        let granted = slots.iter().all(free);
        if granted {
            for slot in slots {
                slot.shared.insert(handle);
            }
        }
        granted
    }

    /// Takes the slots for writing, all or none.
    pub(super) fn lock_exclusive(&mut self, handle: HandleId, range: Range<usize>) -> bool {
        let Some(slots) = self.slots.get_mut(range) else {
            return false;
        };
        let free = |slot: &Slot| {
            slot.exclusive.is_none_or(|owner| owner == handle)
                && slot.shared.iter().all(|owner| *owner == handle)
        };
        let granted = slots.iter().all(free);
        if granted {
            for slot in slots {
                slot.exclusive = Some(handle);
            }
        }
        granted
    }

    /// Gives back whatever `handle` holds of the slots.
    pub(super) fn unlock(&mut self, handle: HandleId, range: Range<usize>) {
        for slot in self.slots.get_mut(range).unwrap_or_default() {
            slot.shared.remove(&handle);
            if slot.exclusive == Some(handle) {
                slot.exclusive = None;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: HandleId = HandleId(1);
    const TWO: HandleId = HandleId(2);
    const THREE: HandleId = HandleId(3);

    #[test]
    fn a_pending_writer_keeps_new_readers_out() {
        let mut locks = FileLocks::default();
        assert!(locks.lock(ONE, Level::Shared));
        assert!(locks.lock(TWO, Level::Shared));
        assert!(locks.lock(ONE, Level::Reserved));
        assert!(!locks.lock(TWO, Level::Reserved));
        assert!(!locks.lock(ONE, Level::Exclusive));
        assert!(!locks.lock(THREE, Level::Shared));
        locks.unlock(TWO, None);
        assert!(locks.lock(ONE, Level::Exclusive));
        locks.unlock(ONE, Some(Level::Shared));
        assert!(!locks.is_reserved());
        assert!(locks.lock(THREE, Level::Shared));
    }

    #[test]
    fn slots_are_taken_all_or_none() {
        let mut memory = SharedMemory::default();
        assert!(memory.lock_shared(ONE, 3..4));
        assert!(memory.lock_shared(TWO, 3..4));
        assert!(!memory.lock_exclusive(TWO, 2..5));
        assert!(
            memory.lock_exclusive(THREE, 2..3),
            "nothing was kept of the refused range"
        );
        memory.unlock(ONE, 3..4);
        assert!(!memory.lock_exclusive(THREE, 3..4));
        memory.unlock(TWO, 3..4);
        assert!(memory.lock_exclusive(THREE, 3..4));
        assert!(!memory.lock_shared(ONE, 3..4));
        assert!(!memory.lock_shared(ONE, 8..9), "no such slot");
    }
}
