//! One file of a disk: the bytes as the programs see them, the bytes that surely survive a power
//! cut, and the changes in between. A process kill leaves the first; a power cut falls back to the
//! second and applies as much of the third as its mode allows.

use std::collections::BTreeMap;

use super::random::SeededRandom;

/// The unit in which a power cut loses bytes: within one sector a later write never survives
/// without the earlier ones.
pub(super) const SECTOR_BYTES: usize = 512;

/// The largest file. A write above it fails as a full disk does.
pub(super) const FILE_BYTES_MAX: usize = 1 << 30;

/// Unsynced bytes above which the oldest are written back, as the kernel does under pressure.
const PENDING_BYTES_MAX: usize = 64 << 20;

/// One change that no sync has made durable yet.
#[derive(Clone, Debug)]
struct Change {
    /// Its place among all changes of the disk.
    order: u64,
    effect: Effect,
}

#[derive(Clone, Debug)]
enum Effect {
    Write { offset: usize, bytes: Vec<u8> },
    Truncate { length: usize },
}

impl Effect {
    fn apply(&self, target: &mut Vec<u8>) {
        match self {
            Self::Write { offset, bytes } => write_at(target, *offset, bytes),
            Self::Truncate { length } => target.resize(*length, 0),
        }
    }
}

/// See the module.
#[derive(Clone, Debug, Default)]
pub(super) struct File {
    content: Vec<u8>,
    durable: Vec<u8>,
    pending: Vec<Change>,
    pending_bytes: usize,
}

impl File {
    /// A file whose bytes are all durable.
    pub(super) fn durable(content: Vec<u8>) -> Self {
        Self {
            durable: content.clone(),
            content,
            ..Self::default()
        }
    }

    /// The bytes as written.
    pub(super) fn content(&self) -> &[u8] {
        &self.content
    }

    /// Copies bytes from `offset` on and answers how many there were.
    pub(super) fn read(&self, offset: usize, target: &mut [u8]) -> usize {
        let available = self.content.get(offset..).unwrap_or_default();
        let count = available.len().min(target.len());
        if let (Some(to), Some(from)) = (target.get_mut(..count), available.get(..count)) {
            to.copy_from_slice(from);
        }
        count
    }

    /// Writes bytes; a gap before them is filled with zeros.
    pub(super) fn write(&mut self, order: u64, offset: usize, bytes: &[u8]) {
        write_at(&mut self.content, offset, bytes);
        self.pending_bytes = self.pending_bytes.saturating_add(bytes.len());
        let bytes = bytes.to_vec();
        self.pending.push(Change {
            order,
            effect: Effect::Write { offset, bytes },
        });
        if self.pending_bytes > PENDING_BYTES_MAX {
            self.sync();
        }
    }

    /// Sets the length.
    pub(super) fn truncate(&mut self, order: u64, length: usize) {
        self.content.resize(length, 0);
        self.pending.push(Change {
            order,
            effect: Effect::Truncate { length },
        });
    }

    /// Makes all that was written durable.
    pub(super) fn sync(&mut self) {
        for change in self.take_pending() {
            change.effect.apply(&mut self.durable);
        }
    }

    /// The place of the newest unsynced change.
    pub(super) fn newest_pending(&self) -> Option<u64> {
        self.pending.last().map(|change| change.order)
    }

    /// Power cut: nothing unsynced survives.
    pub(super) fn lose_unsynced(&mut self) {
        self.take_pending();
        self.content.clone_from(&self.durable);
    }

    /// Power cut: each sector stops at a random one of its unsynced writes, none and all included,
    /// independently of the other sectors; a truncation survives or not.
    pub(super) fn keep_random_subset(&mut self, random: &mut SeededRandom) {
        let pending = self.take_pending();
        let mut writes_left: BTreeMap<usize, u64> = BTreeMap::new();
        for change in &pending {
            for (sector, _, _) in sector_pieces(&change.effect) {
                let writes = writes_left.entry(sector).or_default();
                *writes = writes.saturating_add(1);
            }
        }
        for writes in writes_left.values_mut() {
            *writes = random.below(writes.saturating_add(1));
        }
        for change in &pending {
            if let Effect::Truncate { .. } = change.effect
                && random.coin()
            {
                change.effect.apply(&mut self.durable);
            }
            for (sector, offset, bytes) in sector_pieces(&change.effect) {
                if let Some(left) = writes_left.get_mut(&sector)
                    && *left > 0
                {
                    *left = left.saturating_sub(1);
                    write_at(&mut self.durable, offset, bytes);
                }
            }
        }
        self.content.clone_from(&self.durable);
    }

    /// Power cut: all survives, but of the newest unsynced write only a part of its bytes.
    pub(super) fn tear_newest(&mut self, random: &mut SeededRandom) {
        let newest = self.pending.pop();
        self.sync();
        if let Some(Change {
            effect: Effect::Write { offset, bytes },
            ..
        }) = newest
        {
            let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
            let survives = usize::try_from(random.below(length)).unwrap_or(0);
            write_at(
                &mut self.durable,
                offset,
                bytes.get(..survives).unwrap_or_default(),
            );
        }
        self.content.clone_from(&self.durable);
    }

    fn take_pending(&mut self) -> Vec<Change> {
        self.pending_bytes = 0;
        std::mem::take(&mut self.pending)
    }
}

/// Cuts a write at the sector borders: (sector number, offset, bytes). A truncation has no pieces.
fn sector_pieces(effect: &Effect) -> Vec<(usize, usize, &[u8])> {
    let mut pieces = Vec::new();
    let Effect::Write { offset, bytes } = effect else {
        return pieces;
    };
    let mut offset = *offset;
    let mut rest = bytes.as_slice();
    while !rest.is_empty() {
        let room = SECTOR_BYTES.saturating_sub(offset % SECTOR_BYTES);
        let (piece, after) = rest.split_at(room.min(rest.len()));
        pieces.push((offset / SECTOR_BYTES, offset, piece));
        offset = offset.saturating_add(piece.len());
        rest = after;
    }
    pieces
}

/// Overwrites what is there and appends the rest. (Slices, not loops over bytes: these run in
/// unoptimised builds for every page.)
fn write_at(target: &mut Vec<u8>, offset: usize, bytes: &[u8]) {
    if bytes.is_empty() {
        return;
    }
    if target.len() < offset {
        target.resize(offset, 0);
    }
    let overwritten = bytes.len().min(target.len().saturating_sub(offset));
    let (over, appended) = bytes.split_at(overwritten);
    if let Some(place) = target.get_mut(offset..offset.saturating_add(overwritten)) {
        place.copy_from_slice(over);
    }
    target.extend_from_slice(appended);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A file with two durable sectors of 1, then two unsynced versions of the first and one of
    /// the third.
    fn written() -> File {
        let mut file = File::durable(vec![1; 2 * SECTOR_BYTES]);
        file.write(1, 0, &[2; SECTOR_BYTES]);
        file.write(2, 0, &[3; 10]);
        file.write(3, 2 * SECTOR_BYTES, &[4; SECTOR_BYTES]);
        file
    }

    #[test]
    fn unsynced_writes_are_lost_and_synced_ones_are_kept() {
        let mut file = written();
        file.lose_unsynced();
        assert_eq!(file.content(), vec![1; 2 * SECTOR_BYTES]);

        let mut file = written();
        let before = file.content().to_vec();
        file.sync();
        file.lose_unsynced();
        assert_eq!(file.content(), before);
    }

    #[test]
    fn a_sector_stops_at_one_of_its_versions() {
        let old = vec![1; SECTOR_BYTES];
        let middle = vec![2; SECTOR_BYTES];
        let mut new = vec![2; SECTOR_BYTES];
        new.splice(..10, [3; 10]);
        let mut seen = BTreeMap::new();
        for seed in 0..64 {
            let mut file = written();
            file.keep_random_subset(&mut SeededRandom::new(seed));
            let mut first = vec![0; SECTOR_BYTES];
            file.read(0, &mut first);
            assert!(first == old || first == middle || first == new);
            let grown = file.content().len() > 2 * SECTOR_BYTES;
            seen.insert((first, grown), ());
        }
        assert_eq!(seen.len(), 6, "three versions, with and without the growth");
    }

    #[test]
    fn only_the_newest_write_is_torn() {
        let mut lengths = BTreeMap::new();
        for seed in 0..64 {
            let mut file = written();
            file.tear_newest(&mut SeededRandom::new(seed));
            assert_eq!(file.content().get(..10), Some([3; 10].as_slice()));
            assert!(file.content().len() < 3 * SECTOR_BYTES);
            lengths.insert(file.content().len(), ());
        }
        assert!(lengths.len() > 20, "the cut moves with the seed");
    }

    #[test]
    fn an_unsynced_truncation_may_come_back() {
        let mut file = File::durable(vec![1; 100]);
        file.truncate(1, 10);
        assert_eq!(file.content().len(), 10);
        file.lose_unsynced();
        assert_eq!(file.content().len(), 100);
    }
}
