//! Work that waits for its turn. All of it is memory only: what is lost with the process is
//! asked for again.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use whimbrel_protocol::frame::{ClaimedUser, Head, HelloOk, InboxItem, InboxKind, ItemResult};
use whimbrel_protocol::{ClientId, ConversationId, UserId};

use crate::event::Session;

/// Inbox items kept waiting.
const INBOX_ITEMS_MAX: usize = 64;

/// Results of one frame of sent items.
#[derive(Debug)]
pub(super) struct Results {
    pub conversation: ConversationId,
    pub sent: Vec<ClientId>,
    pub results: Vec<ItemResult>,
}

/// How long what came into the inbox may keep this device from speaking.
const LISTEN_MS: i64 = 5_000;

/// The tree for the Welcome at the front of the inbox.
#[derive(Debug, Default)]
pub(super) struct TreeFetch {
    pub bytes: Vec<u8>,
    pub total: Option<usize>,
    /// The server has no such tree.
    pub missing: bool,
}

/// When a conversation's outbox is looked at again.
#[derive(Debug, Default)]
pub(super) struct Hold {
    pub until: i64,
    pub failures: u32,
}

/// When a device asks next to be added again.
#[derive(Debug)]
pub(super) struct Ask {
    pub at: i64,
    pub pause_ms: i64,
}

/// What waits.
#[derive(Default)]
pub(super) struct Work {
    pub hello: Option<HelloOk>,
    pub session: Option<Session>,
    pub results: VecDeque<Results>,
    pub inbox: VecDeque<InboxItem>,
    /// The last inbox number the server has told of on this connection.
    pub inbox_head: u64,
    pub inbox_applied: u64,
    /// Nothing is said before the inbox is done or this time has come; 0 where it has.
    pub listens_until: i64,
    /// The inbox is not asked for before this time.
    pub inbox_not_before: i64,
    /// Heads that this device has reached, and whose epochs are to be compared.
    pub reached: Vec<Head>,
    /// A Welcome at the front of the inbox that is too early is looked at again at this time; 0
    /// where there is none.
    pub early_until: i64,
    /// Lost Welcomes were looked for on this connection.
    pub has_looked_for_lost: bool,
    /// The server has more items than this device and can't hand them out.
    pub inbox_is_forgotten: bool,
    pub tree: TreeFetch,
    pub marks: BTreeMap<ConversationId, BTreeMap<UserId, u64>>,
    /// Conversations whose outbox is worth a look.
    pub outbound: BTreeSet<ConversationId>,
    pub holds: BTreeMap<ConversationId, Hold>,
    /// No read mark of these conversations before this time.
    pub read_mark_holds: BTreeMap<ConversationId, i64>,
    /// Conversations that are looked at again at this time, for a read mark that waits.
    pub later: BTreeMap<ConversationId, i64>,
    /// References of key packages that the server now has.
    pub published: Vec<Vec<u8>>,
    /// One-time key packages at the server, once it has said so.
    pub one_time_key_packages: Option<u32>,
    pub needs_last_resort: bool,
    /// None is published before this time.
    pub publish_not_before: i64,
    /// More one-time key packages are being made until the server has its fill.
    pub refilling: bool,
    /// Conversations whose next step waits for what the server says about people.
    pub asking: BTreeSet<ConversationId>,
    /// Key packages that came, with manifests that are to be verified.
    pub claims: VecDeque<ClaimedUser>,
    /// There may be something that the next own manifest is to say.
    pub has_own_changes: bool,
    /// The own manifest that the server has taken.
    pub manifest_done: Option<Vec<u8>>,
    /// None is published before this time.
    pub manifest_not_before: i64,
    /// Conversations in which this device waits to be added again.
    pub asks: BTreeMap<ConversationId, Ask>,
    /// A failed unit: nothing in the background before this time.
    pub paused_until: i64,
    /// After the disk was full: no look for space before this time.
    pub space_not_before: i64,
    /// The write-ahead log has grown since the last look.
    pub wal_is_dirty: bool,
    /// It is cut to nothing at this time; 0 where it is.
    pub truncate_at: i64,
}

impl Work {
    /// The connection is gone, and with it all that was said on it.
    pub(super) fn reset_connection(&mut self) {
        self.hello = None;
        self.results.clear();
        self.inbox.clear();
        self.inbox_head = 0;
        self.inbox_not_before = 0;
        self.listens_until = 0;
        self.reached.clear();
        self.early_until = 0;
        self.has_looked_for_lost = false;
        self.inbox_is_forgotten = false;
        self.publish_not_before = 0;
        self.tree = TreeFetch::default();
        self.one_time_key_packages = None;
        self.holds.clear();
        self.asking.clear();
        self.manifest_not_before = 0;
    }

    /// Takes in inbox items. Those that were asked for follow what is here, whatever their numbers;
    /// of those that come by themselves only the very next number does, and the rest is fetched.
    pub(super) fn take_inbox(&mut self, head: u64, items: Vec<InboxItem>, asked: bool) {
        self.inbox_head = self.inbox_head.max(head);
        let before = self.inbox_have();
        self.inbox_is_forgotten |= asked && items.is_empty() && head > before;
        for item in items {
            let last = self.inbox_have();
            let follows = if asked {
                item.seq > last
            } else {
                item.seq == last.saturating_add(1)
            };
            if follows && self.inbox.len() < INBOX_ITEMS_MAX {
                self.inbox.push_back(item);
            }
        }
    }

    /// The last inbox number that is here.
    pub(super) fn inbox_have(&self) -> u64 {
        self.inbox
            .back()
            .map_or(self.inbox_applied, |item| item.seq)
    }

    /// The server has greeted: what has come into the inbox meanwhile goes before what is said, for
    /// it tells which devices are to read it. Not for ever, where the inbox goes on and on.
    pub(super) fn listen_first(&mut self, mono_ms: i64) {
        self.listens_until = mono_ms + LISTEN_MS;
    }

    pub(super) fn may_speak(&mut self, mono_ms: i64) -> bool {
        if self.inbox_is_done() || mono_ms >= self.listens_until {
            self.listens_until = 0;
        }
        self.listens_until == 0
    }

    /// Whether the Welcome at the front of the inbox is into this epoch.
    pub(super) fn wants_tree(&self, conversation: ConversationId, epoch: u64) -> bool {
        self.inbox.front().is_some_and(|item| match &item.kind {
            InboxKind::Welcome(welcome) => {
                welcome.conversation == conversation && welcome.epoch == epoch
            }
            _ => false,
        })
    }

    pub(super) fn inbox_is_done(&self) -> bool {
        self.inbox.is_empty() && self.inbox_applied >= self.inbox_head
    }

    pub(super) fn is_held(&self, conversation: ConversationId, mono_ms: i64) -> bool {
        self.holds
            .get(&conversation)
            .is_some_and(|hold| mono_ms < hold.until)
    }

    /// What conversations wait for may have come: all of them are looked at again.
    pub(super) fn wake_waiting(&mut self) {
        let waiting = std::mem::take(&mut self.later).into_keys();
        self.outbound.extend(waiting);
    }

    /// Conversations whose time has come are looked at again.
    pub(super) fn wake_later(&mut self, mono_ms: i64) {
        let due = self
            .later
            .extract_if(.., |_, until| *until <= mono_ms)
            .map(|(id, _)| id);
        self.outbound.extend(due);
        self.read_mark_holds.retain(|_, until| *until > mono_ms);
        for at in [
            &mut self.inbox_not_before,
            &mut self.publish_not_before,
            &mut self.manifest_not_before,
            &mut self.space_not_before,
        ] {
            if *at <= mono_ms {
                *at = 0;
            }
        }
        for hold in self.holds.values_mut().filter(|hold| hold.until <= mono_ms) {
            hold.until = 0;
        }
    }

    pub(super) fn is_idle(&self) -> bool {
        self.hello.is_none()
            && self.session.is_none()
            && self.results.is_empty()
            && self.inbox_is_done()
            && self.outbound.is_empty()
            && self.later.is_empty()
            && self.marks.is_empty()
            && self.published.is_empty()
            && self.claims.is_empty()
            && self.manifest_done.is_none()
            && (!self.has_own_changes || self.manifest_not_before > 0)
    }

    /// When this device next asks to be added somewhere, if nothing rests.
    pub(super) fn ask_at(&self) -> Option<i64> {
        let next = self.asks.values().map(|ask| ask.at).min();
        next.filter(|_| self.paused_until == 0)
    }

    /// When something here falls due. While everything rests, that is the end of the rest: what
    /// falls due before is not looked at before.
    pub(super) fn wake_at(&self) -> Option<i64> {
        if self.paused_until > 0 {
            return Some(self.paused_until);
        }
        let holds = self
            .holds
            .iter()
            .filter(|(id, _)| self.outbound.contains(id));
        holds
            .map(|(_, hold)| hold.until)
            .filter(|until| *until > 0)
            .chain(self.later.values().copied())
            .chain([
                self.inbox_not_before,
                self.listens_until,
                self.early_until,
                self.publish_not_before,
                self.manifest_not_before,
                self.space_not_before,
            ])
            .filter(|at| *at > 0)
            .chain((self.truncate_at > 0).then_some(self.truncate_at))
            .min()
    }
}
