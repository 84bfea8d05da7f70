//! The rows of one group, in memory: what the database holds, and what changed since.
//!
//! Layers lie above the rows. A change goes into the topmost layer; a layer is kept (its changes
//! move one level down) or dropped (as if they had never been). Only changes that reached the
//! bottom are reported as dirty, so the caller writes each row once per transaction, however many
//! messages were processed in it.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::storage::StorageError;

/// Where a row is kept.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct RowKey {
    /// The sixteen bytes of the conversation, or nothing for rows of the device itself (the
    /// private parts of its key packages).
    pub group: Vec<u8>,
    /// What the row holds; a number that never changes its meaning.
    pub kind: u8,
    /// Which one of its kind; empty where a group has only one.
    pub key: Vec<u8>,
}

/// A stored row. The value is secret: `Debug` shows only its length.
#[derive(Clone, PartialEq, Eq)]
pub struct Row {
    /// Where the row is kept.
    pub key: RowKey,
    /// MessagePack with named fields.
    pub value: Vec<u8>,
}

/// A row to write, or to delete when it has no value. `Debug` shows only the length of the value.
#[derive(Clone, PartialEq, Eq)]
pub struct DirtyRow {
    /// Where the row is kept.
    pub key: RowKey,
    /// What to store there, or `None` to delete the row.
    pub value: Option<Vec<u8>>,
}

impl fmt::Debug for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Row({:?}, {} bytes)", self.key, self.value.len())
    }
}

impl fmt::Debug for DirtyRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.value {
            Some(value) => write!(f, "DirtyRow({:?}, {} bytes)", self.key, value.len()),
            None => write!(f, "DirtyRow({:?}, deleted)", self.key),
        }
    }
}

/// The storage that OpenMLS sees: rows of one group and of the device, with layers.
pub struct Overlay {
    group: Vec<u8>,
    inner: RefCell<Inner>,
}

#[derive(Default)]
struct Inner {
    rows: BTreeMap<RowKey, Vec<u8>>,
    dirty: BTreeSet<RowKey>,
    layers: Vec<BTreeMap<RowKey, Option<Vec<u8>>>>,
}

impl fmt::Debug for Overlay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = self.inner.borrow();
        write!(
            f,
            "Overlay({} rows, {} dirty, {} layers)",
            inner.rows.len(),
            inner.dirty.len(),
            inner.layers.len()
        )
    }
}

impl Overlay {
    /// An empty overlay for the group with this id (empty for the device itself).
    #[must_use]
    pub fn new(group: &[u8]) -> Self {
        Self::with_rows(group, Vec::new())
    }

    /// An overlay above rows that are already stored: none of them is dirty.
    #[must_use]
    pub fn with_rows(group: &[u8], rows: Vec<Row>) -> Self {
        let rows = rows.into_iter().map(|row| (row.key, row.value)).collect();
        Self {
            group: group.to_vec(),
            inner: RefCell::new(Inner {
                rows,
                ..Inner::default()
            }),
        }
    }

    /// Lays a new layer on top.
    pub fn begin_layer(&self) {
        self.inner.borrow_mut().layers.push(BTreeMap::new());
    }

    /// Keeps the topmost layer: its changes become those of what lies below.
    pub fn commit_layer(&self) {
        let mut inner = self.inner.borrow_mut();
        let Some(changes) = inner.layers.pop() else {
            return;
        };
        for (key, value) in changes {
            inner.set(key, value);
        }
    }

    /// Drops the topmost layer and all that was changed in it.
    pub fn drop_layer(&self) {
        self.inner.borrow_mut().layers.pop();
    }

    /// How many layers lie above the rows.
    #[must_use]
    pub fn layers(&self) -> usize {
        self.inner.borrow().layers.len()
    }

    /// What changed below all layers since the last call.
    pub fn take_dirty(&self) -> Vec<DirtyRow> {
        let mut inner = self.inner.borrow_mut();
        let dirty = std::mem::take(&mut inner.dirty);
        dirty
            .into_iter()
            .map(|key| DirtyRow {
                value: inner.rows.get(&key).cloned(),
                key,
            })
            .collect()
    }

    /// All rows below all layers, in order.
    #[must_use]
    pub fn rows(&self) -> Vec<Row> {
        let inner = self.inner.borrow();
        inner
            .rows
            .iter()
            .map(|(key, value)| Row {
                key: key.clone(),
                value: value.clone(),
            })
            .collect()
    }

    /// Deletes every row of the group; rows of the device stay.
    pub(crate) fn delete_group(&self) {
        let mut inner = self.inner.borrow_mut();
        for key in inner.visible_keys(|key| key.group == self.group) {
            inner.set(key, None);
        }
    }

    /// Forgets the rows of the device that did not change: they are not this group's to hold.
    pub(crate) fn forget_device_rows(&self) {
        let Inner { rows, dirty, .. } = &mut *self.inner.borrow_mut();
        rows.retain(|key, _| !key.group.is_empty() || dirty.contains(key));
    }

    pub(crate) fn group_key(&self, kind: u8, key: Vec<u8>) -> RowKey {
        RowKey {
            group: self.group.clone(),
            kind,
            key,
        }
    }

    pub(crate) fn put<T: Serialize + ?Sized>(
        &self,
        key: RowKey,
        value: &T,
    ) -> Result<(), StorageError> {
        let value = encode(value)?;
        self.inner.borrow_mut().set(key, Some(value));
        Ok(())
    }

    pub(crate) fn get<T: DeserializeOwned>(&self, key: &RowKey) -> Result<Option<T>, StorageError> {
        self.inner.borrow().get(key).map(decode).transpose()
    }

    pub(crate) fn delete(&self, key: RowKey) {
        self.inner.borrow_mut().set(key, None);
    }

    /// The keys of a list of the group, in the order in which they were appended.
    pub(crate) fn list(&self, kind: u8) -> Vec<RowKey> {
        self.inner
            .borrow()
            .visible_keys(|key| key.kind == kind && key.group == self.group)
    }

    /// Appends to a list of the group, or replaces the entry that has this id.
    pub(crate) fn append<T: Serialize>(
        &self,
        kind: u8,
        id: &[u8],
        value: &T,
    ) -> Result<(), StorageError> {
        let entries = self.list(kind);
        let place = match entries.iter().find(|entry| entry_id(entry) == id) {
            Some(entry) => entry.key.clone(),
            None => {
                let number = entries.last().map_or(0, |entry| entry_number(entry) + 1);
                [&number.to_be_bytes()[..], id].concat()
            }
        };
        self.put(self.group_key(kind, place), value)
    }
}

impl Inner {
    fn set(&mut self, key: RowKey, value: Option<Vec<u8>>) {
        if let Some(layer) = self.layers.last_mut() {
            layer.insert(key, value);
            return;
        }
        match value {
            Some(value) => self.rows.insert(key.clone(), value),
            None => self.rows.remove(&key),
        };
        self.dirty.insert(key);
    }

    fn get(&self, key: &RowKey) -> Option<&[u8]> {
        for layer in self.layers.iter().rev() {
            if let Some(value) = layer.get(key) {
                return value.as_deref();
            }
        }
        self.rows.get(key).map(Vec::as_slice)
    }

    fn visible_keys(&self, wanted: impl Fn(&RowKey) -> bool) -> Vec<RowKey> {
        let layered = self.layers.iter().flat_map(BTreeMap::keys);
        let keys: BTreeSet<&RowKey> = self.rows.keys().chain(layered).collect();
        keys.into_iter()
            .filter(|key| wanted(key) && self.get(key).is_some())
            .cloned()
            .collect()
    }
}

/// The number at which a list entry was appended: the first eight bytes of its key.
fn entry_number(entry: &RowKey) -> u64 {
    entry
        .key
        .first_chunk()
        .map_or(0, |number| u64::from_be_bytes(*number))
}

/// The id of a list entry: what follows its number.
pub(crate) fn entry_id(entry: &RowKey) -> &[u8] {
    entry.key.get(8..).unwrap_or_default()
}

/// MessagePack with named fields: OpenMLS refuses formats that do not describe themselves.
pub(crate) fn encode<T: Serialize + ?Sized>(value: &T) -> Result<Vec<u8>, StorageError> {
    Ok(rmp_serde::to_vec_named(value)?)
}

pub(crate) fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, StorageError> {
    Ok(rmp_serde::from_slice(bytes)?)
}
