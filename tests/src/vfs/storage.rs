//! The files of a disk and its directory, both as the programs see them and as a power cut leaves
//! them. It knows no handles, locks or generations: those are [`super::state`].

use std::collections::{BTreeMap, BTreeSet};

use super::{Image, PowerCut, file::File, random::SeededRandom};

/// Names the bytes of a file, also after its directory entry is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct FileId(u64);

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Storage {
    files: BTreeMap<FileId, File>,
    names: BTreeMap<String, FileId>,
    durable_names: BTreeMap<String, FileId>,
    newest_id: u64,
}

impl Storage {
    /// The files of `image`, durably.
    pub(super) fn from_image(image: &Image) -> Self {
        let mut storage = Self::default();
        storage.load(image);
        storage
    }

    /// Replaces all files by those of `image`, durably. Nothing may be open.
    pub(super) fn load(&mut self, image: &Image) {
        self.files.clear();
        self.names.clear();
        for (name, content) in &image.files {
            self.put(name, content.clone());
        }
        self.sync_directory();
    }

    /// Puts one durable file in place. Who has the old one open keeps it.
    pub(super) fn put(&mut self, name: &str, content: Vec<u8>) {
        let id = self.add(File::durable(content));
        self.names.insert(name.to_owned(), id);
        self.durable_names.insert(name.to_owned(), id);
    }

    /// Makes an empty file, under a name or a temporary one without.
    pub(super) fn create(&mut self, name: Option<&str>) -> FileId {
        let id = self.add(File::default());
        if let Some(name) = name {
            self.names.insert(name.to_owned(), id);
        }
        id
    }

    fn add(&mut self, file: File) -> FileId {
        self.newest_id = self.newest_id.saturating_add(1);
        let id = FileId(self.newest_id);
        self.files.insert(id, file);
        id
    }

    /// Takes a name out of the directory; answers whether it was there.
    pub(super) fn remove(&mut self, name: &str) -> bool {
        self.names.remove(name).is_some()
    }

    pub(super) fn find(&self, name: &str) -> Option<FileId> {
        self.names.get(name).copied()
    }

    pub(super) fn file(&self, id: FileId) -> Option<&File> {
        self.files.get(&id)
    }

    pub(super) fn file_mut(&mut self, id: FileId) -> Option<&mut File> {
        self.files.get_mut(&id)
    }

    pub(super) fn content(&self, name: &str) -> Option<&[u8]> {
        Some(self.file(self.find(name)?)?.content())
    }

    pub(super) fn names(&self) -> Vec<String> {
        self.names.keys().cloned().collect()
    }

    pub(super) fn snapshot(&self) -> Image {
        let mut files = BTreeMap::new();
        for name in self.names.keys() {
            if let Some(content) = self.content(name) {
                files.insert(name.clone(), content.to_vec());
            }
        }
        Image { files }
    }

    /// Makes creations and deletions durable.
    pub(super) fn sync_directory(&mut self) {
        self.durable_names.clone_from(&self.names);
    }

    /// Makes the directory durable if a file is new in it, as SQLite's Unix layer does at the first
    /// sync of a file it created.
    pub(super) fn sync_directory_for(&mut self, id: FileId) {
        let is_in = |names: &BTreeMap<String, FileId>| names.values().any(|named| *named == id);
        if is_in(&self.names) && !is_in(&self.durable_names) {
            self.sync_directory();
        }
    }

    /// Loses what was not synced, as far as `mode` says. Nothing may be open.
    pub(super) fn power_cut(&mut self, mode: PowerCut, random: &mut SeededRandom) {
        let newest = self.files.values().filter_map(File::newest_pending).max();
        for file in self.files.values_mut() {
            match mode {
                PowerCut::LoseAllUnsynced => file.lose_unsynced(),
                PowerCut::KeepAllUnsynced => file.sync(),
                PowerCut::KeepRandomSubset => file.keep_random_subset(random),
                PowerCut::TearLast if newest.is_some() && file.newest_pending() == newest => {
                    file.tear_newest(random);
                }
                PowerCut::TearLast => file.sync(),
            }
        }
        match mode {
            PowerCut::LoseAllUnsynced => self.names.clone_from(&self.durable_names),
            PowerCut::KeepAllUnsynced | PowerCut::TearLast => {}
            PowerCut::KeepRandomSubset => self.keep_random_names(random),
        }
        self.sync_directory();
        self.collect_garbage(&BTreeSet::new());
    }

    /// Each entry of the directory that no sync covered is as before or as after.
    fn keep_random_names(&mut self, random: &mut SeededRandom) {
        let all: BTreeSet<String> = self
            .names
            .keys()
            .chain(self.durable_names.keys())
            .cloned()
            .collect();
        for name in all {
            let durable = self.durable_names.get(&name).copied();
            if self.find(&name) != durable && random.coin() {
                match durable {
                    Some(id) => self.names.insert(name, id),
                    None => self.names.remove(&name),
                };
            }
        }
    }

    /// Forgets the bytes that neither a name leads to nor somebody has open.
    pub(super) fn collect_garbage(&mut self, open: &BTreeSet<FileId>) {
        let named = self.names.values().chain(self.durable_names.values());
        let used: BTreeSet<FileId> = named.chain(open).copied().collect();
        self.files.retain(|id, _| used.contains(id));
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use super::*;

    #[test]
    fn only_the_newest_write_of_the_disk_is_torn() {
        for seed in 0..20 {
            let mut storage = Storage::default();
            for (order, name) in [(1, "newest"), (2, "older"), (3, "newest")] {
                let id = storage.find(name);
                let id = id.unwrap_or_else(|| storage.create(Some(name)));
                let file = storage.file_mut(id).unwrap();
                file.write(order, file.content().len(), &[7; 100]);
            }
            storage.power_cut(PowerCut::TearLast, &mut SeededRandom::new(seed));
            assert_eq!(storage.content("older").unwrap().len(), 100);
            assert!((100..200).contains(&storage.content("newest").unwrap().len()));
        }
    }

    #[test]
    fn a_deleted_file_stays_while_it_is_open_or_may_come_back() {
        let mut storage = Storage::default();
        storage.put("kept", vec![1]);
        let temporary = storage.create(None);
        let id = storage.find("kept").unwrap();
        assert!(storage.remove("kept"));
        assert!(!storage.remove("kept"));
        storage.collect_garbage(&BTreeSet::from([temporary]));
        assert!(storage.file(id).is_some() && storage.file(temporary).is_some());
        storage.sync_directory();
        storage.collect_garbage(&BTreeSet::from([id]));
        assert!(storage.file(id).is_some() && storage.file(temporary).is_none());
        storage.collect_garbage(&BTreeSet::new());
        assert!(storage.file(id).is_none());
    }
}
