//! MLS groups: loaded from their rows when they are needed, kept while nothing was rolled back.

use std::collections::BTreeMap;

use whimbrel_mls::{Group, MlsError};
use whimbrel_protocol::ConversationId;

use crate::error::{Error, ErrorCode, Result};
use crate::store::Tx;

/// Groups kept loaded.
const CACHED_GROUPS_MAX: usize = 32;

/// The cache. **After any rollback it is emptied**: a group object that outlives a rollback has
/// lost secrets that the database still has.
#[derive(Default)]
pub(crate) struct Groups {
    cache: BTreeMap<ConversationId, Group>,
}

impl Groups {
    /// The group of a conversation, if this device has one.
    pub(crate) fn find(
        &mut self,
        tx: &Tx<'_>,
        conversation: ConversationId,
    ) -> Result<Option<&mut Group>> {
        if !self.cache.contains_key(&conversation) {
            let rows = tx.group_rows(conversation)?;
            if rows.is_empty() {
                return Ok(None);
            }
            self.insert(Group::load(conversation, rows).map_err(|error| mls_defect(&error))?);
        }
        Ok(self.cache.get_mut(&conversation))
    }

    /// The group of a conversation that must have one.
    pub(crate) fn get(&mut self, tx: &Tx<'_>, conversation: ConversationId) -> Result<&mut Group> {
        self.find(tx, conversation)?
            .ok_or_else(|| Error::new(ErrorCode::Damaged, "a conversation without its group"))
    }

    /// Takes over a group that was made or joined.
    pub(crate) fn insert(&mut self, group: Group) {
        if self.cache.len() >= CACHED_GROUPS_MAX {
            // Whoever holds unsaved changes has a transaction under way, and it is in use.
            self.cache.clear();
        }
        self.cache.insert(group.conversation(), group);
    }

    /// Writes what has changed in a group. Called before every commit that touched it.
    pub(crate) fn save(&mut self, tx: &Tx<'_>, conversation: ConversationId) -> Result<()> {
        match self.cache.get_mut(&conversation) {
            Some(group) => tx.write_group_rows(conversation, &group.take_dirty()),
            None => Ok(()),
        }
    }

    /// Drops a group from memory.
    pub(crate) fn forget(&mut self, conversation: ConversationId) {
        self.cache.remove(&conversation);
    }

    /// Drops everything from memory: after a rollback.
    pub(crate) fn forget_all(&mut self) {
        self.cache.clear();
    }
}

/// An MLS error that no input explains: the stored state or the library is at fault.
pub(crate) fn mls_defect(error: &MlsError) -> Error {
    let code = match error {
        MlsError::Storage(_) | MlsError::State(_) => ErrorCode::Damaged,
        _ => ErrorCode::Internal,
    };
    Error::new(code, format!("encryption state: {error}"))
}
