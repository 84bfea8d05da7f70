//! What the hub knows of one connection.

use std::collections::BTreeMap;

use whimbrel_protocol::frame::{Head, Mark};
use whimbrel_protocol::limits::PUSH_CREDIT_ENVELOPES;
use whimbrel_protocol::{ConversationId, UserId};

use super::Peer;

/// How far a connection has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    /// It has said nothing; only `Hello` is taken.
    Silent,
    /// Its `Hello` is with the log.
    Greeted,
    /// It has its `HelloOk` and gets pushes.
    Ready,
}

/// One connection.
#[derive(Debug)]
pub(super) struct Connection {
    pub(super) peer: Peer,
    pub(super) phase: Phase,
    /// When it was made.
    pub(super) since_ms: i64,
    /// When its last frame came.
    pub(super) heard_ms: i64,
    /// Conversations that are pushed, with the number that is to be pushed next. Only
    /// conversations that the device is in.
    pub(super) live: BTreeMap<ConversationId, u64>,
    /// Envelopes that may be pushed before the client has to take some.
    pub(super) credit: u32,
    /// A push did not fit into the credit; heads wait until the client takes some.
    pub(super) starved: bool,
    /// Heads to be sent, the latest of each conversation.
    pub(super) heads: BTreeMap<ConversationId, Head>,
    /// Delivery marks to be sent, the latest of each user.
    pub(super) marks: BTreeMap<ConversationId, BTreeMap<UserId, u64>>,
    /// When heads and marks were sent last.
    pub(super) flushed_ms: i64,
    /// What the unanswered requests count for.
    pub(super) unanswered: usize,
    /// Fetches among them.
    pub(super) fetches: usize,
    /// When it is to be closed because the server drains, and when the client may come back.
    pub(super) drain: Option<DrainAt>,
    /// The timer that is set for it.
    pub(super) timer_ms: i64,
}

/// See [`Connection::drain`].
#[derive(Debug, Clone, Copy)]
pub(super) struct DrainAt {
    pub(super) mono_ms: i64,
    pub(super) retry_after_ms: u32,
}

impl Connection {
    pub(super) fn new(peer: Peer, mono_ms: i64) -> Self {
        Self {
            peer,
            phase: Phase::Silent,
            since_ms: mono_ms,
            heard_ms: mono_ms,
            live: BTreeMap::new(),
            credit: PUSH_CREDIT_ENVELOPES,
            starved: false,
            heads: BTreeMap::new(),
            marks: BTreeMap::new(),
            flushed_ms: i64::MIN,
            unanswered: 0,
            fetches: 0,
            drain: None,
            timer_ms: i64::MAX,
        }
    }

    /// Takes credit for a push, all or nothing.
    pub(super) fn spend(&mut self, envelopes: usize) -> bool {
        let rest = u32::try_from(envelopes)
            .ok()
            .and_then(|envelopes| self.credit.checked_sub(envelopes));
        match rest {
            Some(rest) => {
                self.credit = rest;
                true
            }
            None => false,
        }
    }

    /// The client has taken envelopes; it can't get more credit than it started with.
    pub(super) fn give_back(&mut self, envelopes: u32) {
        self.credit = self
            .credit
            .saturating_add(envelopes)
            .min(PUSH_CREDIT_ENVELOPES);
        if self.credit > 0 {
            self.starved = false;
        }
    }

    /// Notes a head to be sent, unless a later one waits already. The number may be the same and
    /// the epoch have fallen back.
    pub(super) fn note_head(&mut self, head: Head) {
        let waiting = self.heads.entry(head.conversation).or_insert(head);
        if waiting.head <= head.head || waiting.incarnation != head.incarnation {
            *waiting = head;
        }
    }

    /// Notes a mark to be sent; marks never fall.
    pub(super) fn note_mark(&mut self, conversation: ConversationId, mark: Mark) {
        let marks = self.marks.entry(conversation).or_default();
        let waiting = marks.entry(mark.user).or_insert(mark.delivered);
        *waiting = (*waiting).max(mark.delivered);
    }

    /// A fetch was answered with envelopes up to `last`: what follows them is next.
    pub(super) fn fetched(&mut self, conversation: ConversationId, first: u64, last: u64) {
        if let Some(next) = self.live.get_mut(&conversation)
            && first <= *next
            && *next <= last
        {
            *next = last.saturating_add(1);
        }
    }

    /// Whether something waits that may be sent now.
    pub(super) fn has_news(&self) -> bool {
        self.phase == Phase::Ready
            && (!self.marks.is_empty() || (!self.heads.is_empty() && !self.starved))
    }
}

#[cfg(test)]
mod tests {
    use whimbrel_protocol::DeviceId;

    use super::*;

    fn connection() -> Connection {
        let peer = Peer {
            user: UserId::from_bytes([1; 16]),
            device: DeviceId::from_bytes([1; 16]),
            expires_ms: i64::MAX,
        };
        Connection::new(peer, 0)
    }

    #[test]
    fn credit_is_spent_whole_and_never_grows_above_its_start() {
        let mut connection = connection();
        assert!(connection.spend(256));
        assert!(!connection.spend(1));
        connection.starved = true;
        connection.give_back(0);
        assert!(connection.starved);
        connection.give_back(u32::MAX);
        assert!(!connection.starved);
        assert_eq!(connection.credit, PUSH_CREDIT_ENVELOPES);
    }

    #[test]
    fn a_fetch_moves_only_what_it_reaches() {
        let conversation = ConversationId::from_bytes([2; 16]);
        let mut connection = connection();
        connection.fetched(conversation, 1, 5);
        assert_eq!(connection.live.get(&conversation), None);
        connection.live.insert(conversation, 4);
        connection.fetched(conversation, 1, 2);
        connection.fetched(conversation, 5, 9);
        assert_eq!(connection.live.get(&conversation), Some(&4));
        connection.fetched(conversation, 3, 6);
        assert_eq!(connection.live.get(&conversation), Some(&7));
    }

    #[test]
    fn of_heads_and_marks_the_highest_waits() {
        let conversation = ConversationId::from_bytes([2; 16]);
        let head = |head| Head {
            conversation,
            incarnation: 1,
            head,
            epoch: 0,
        };
        let mark = |delivered| Mark {
            user: UserId::from_bytes([3; 16]),
            delivered,
        };
        let mut connection = connection();
        for number in [5, 7, 6] {
            connection.note_head(head(number));
            connection.note_mark(conversation, mark(number));
        }
        assert_eq!(connection.heads.get(&conversation), Some(&head(7)));
        let marks = connection.marks.get(&conversation);
        assert_eq!(marks.and_then(|m| m.values().next()), Some(&7));
    }
}
