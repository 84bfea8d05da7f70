//! Groups that the log has at hand, so that not every commit loads one.

use std::collections::BTreeMap;

use rusqlite::{Connection, OptionalExtension as _};
use whimbrel_mls::Follower;
use whimbrel_protocol::ConversationId;

use super::LogError;
use super::sql::Doing;

/// Groups kept. A group of 256 devices takes about 1 MB, one of ten about 50 kB.
const FOLLOWERS_MAX: usize = 64;

/// The groups used last.
///
/// **A kept group is only ever ahead of the database inside the transaction that moves it.** When
/// that transaction, or the savepoint of the item, is rolled back, the group is forgotten.
#[derive(Default)]
pub(super) struct Followers {
    kept: BTreeMap<ConversationId, Kept>,
    uses: u64,
}

struct Kept {
    follower: Follower,
    last_use: u64,
}

impl Followers {
    /// The group at this epoch, from memory or from the database.
    pub(super) fn at_epoch(
        &mut self,
        connection: &Connection,
        conversation: ConversationId,
        epoch: u64,
    ) -> Result<&mut Follower, LogError> {
        let stale = self
            .kept
            .get(&conversation)
            .is_some_and(|kept| kept.follower.epoch() != epoch);
        if stale || !self.kept.contains_key(&conversation) {
            let follower = load(connection, conversation)?;
            if follower.epoch() != epoch {
                return Err(LogError::Damaged("group of another epoch"));
            }
            self.keep(conversation, follower);
        }
        self.uses += 1;
        let kept = self
            .kept
            .get_mut(&conversation)
            .ok_or(LogError::Damaged("group"))?;
        kept.last_use = self.uses;
        Ok(&mut kept.follower)
    }

    /// Keeps a group; the one unused for longest makes room.
    pub(super) fn keep(&mut self, conversation: ConversationId, follower: Follower) {
        if self.kept.len() >= FOLLOWERS_MAX && !self.kept.contains_key(&conversation) {
            let oldest = self.kept.iter().min_by_key(|(_, kept)| kept.last_use);
            if let Some(oldest) = oldest.map(|(conversation, _)| *conversation) {
                self.kept.remove(&oldest);
            }
        }
        self.uses += 1;
        let kept = Kept {
            follower,
            last_use: self.uses,
        };
        self.kept.insert(conversation, kept);
    }

    /// Forgets a group: what memory learned of it was rolled back.
    pub(super) fn forget(&mut self, conversation: ConversationId) {
        self.kept.remove(&conversation);
    }

    /// Forgets all groups.
    pub(super) fn clear(&mut self) {
        self.kept.clear();
    }
}

fn load(connection: &Connection, conversation: ConversationId) -> Result<Follower, LogError> {
    let state: Option<Vec<u8>> = connection
        .prepare_cached("SELECT state FROM follower WHERE conversation = ?1")
        .doing("prepare to load a group")?
        .query_row([conversation.as_bytes()], |row| row.get(0))
        .optional()
        .doing("load a group")?;
    let state = state.ok_or(LogError::Damaged("conversation without a group"))?;
    Follower::load(conversation, &state).map_err(|_| LogError::Damaged("group"))
}
