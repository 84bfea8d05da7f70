//! Where one conversation stands on the connection.

use std::collections::VecDeque;

use whimbrel_protocol::frame::Head;
use whimbrel_protocol::{Envelope, ItemKind};

use crate::env::Now;
use crate::order;

/// Envelopes that wait to be applied, per conversation. A full queue stops fetching.
const QUEUE_ENVELOPES_MAX: usize = 400;
/// What applying a commit costs, in messages.
const COMMIT_COST: usize = 32;

/// The place of a conversation.
#[derive(Debug, Default)]
pub(crate) struct Place {
    /// Committed up to here.
    pub applied: u64,
    /// The server is known to have come this far.
    head: u64,
    queue: VecDeque<Envelope>,
    pub fetching: bool,
    /// The server pushes what follows.
    pub live: bool,
    /// The server was told on this connection how far the cursor is: what was said on the last
    /// one may have been lost with it.
    pub acknowledged: bool,
    /// The cursor is held: nothing more is fetched or applied.
    pub halted: bool,
    /// It is held for an envelope that the server may take back: news of the conversation are a
    /// reason to look at it again.
    pub waits_for_verdict: bool,
    /// Incarnation of the log that the cursor is in; 0 until it is known.
    pub incarnation: u64,
    /// The server's log is not the one that the cursor is in.
    pub diverged: bool,
    /// Nothing is asked for before this time; 0 for at once.
    pub fetch_not_before: i64,
    /// Its place in the server's list of heads.
    pub rank: u64,
    /// How often the first envelope of the queue has failed.
    pub failures: u32,
}

impl Place {
    pub(crate) fn reset(&mut self) {
        self.look_again();
        self.queue.clear();
        self.fetching = false;
        self.live = false;
        self.acknowledged = false;
        self.fetch_not_before = 0;
        self.head = self.applied;
    }

    /// What the server says first on a connection. A log that ends before the cursor, or that was
    /// restored since, is not the one this device has read.
    pub(crate) fn compare(&mut self, head: &Head) {
        let known = self.incarnation != 0;
        self.diverged |= head.head < self.applied;
        self.diverged |= known && head.incarnation != self.incarnation;
        self.learn_incarnation(head.incarnation);
    }

    /// The server has news of a conversation whose cursor is held: what it serves there may have
    /// got a mark since.
    pub(crate) fn look_again(&mut self) {
        if std::mem::take(&mut self.waits_for_verdict) {
            self.halted = false;
            self.queue.clear();
            self.live = false;
        }
    }

    pub(crate) fn learn_incarnation(&mut self, incarnation: u64) {
        if self.incarnation == 0 {
            self.incarnation = incarnation;
        }
    }

    pub(crate) fn announce(&mut self, head: u64) {
        self.head = self.head.max(head);
        if head > self.have() {
            self.live = false;
        }
    }

    /// The last number that is here, applied or not.
    pub(crate) fn have(&self) -> u64 {
        self.queue
            .back()
            .map_or(self.applied, |envelope| envelope.seq)
    }

    /// Takes in what follows; at a gap the rest is fetched.
    pub(crate) fn take(&mut self, head: u64, run: Vec<Envelope>) {
        self.head = self.head.max(head);
        let last = run.last().map_or(0, |envelope| envelope.seq);
        let arranged = order::arrange(self.have(), run);
        let room = QUEUE_ENVELOPES_MAX.saturating_sub(self.queue.len());
        self.queue.extend(arranged.next.into_iter().take(room));
        if arranged.gap || last > self.have() {
            self.head = self.head.max(last);
            self.live = false;
        }
    }

    pub(crate) fn on_applied(&mut self, seq: u64) {
        self.applied = self.applied.max(seq);
        self.failures = 0;
        while self
            .queue
            .front()
            .is_some_and(|envelope| envelope.seq <= self.applied)
        {
            self.queue.pop_front();
        }
    }

    /// Envelopes from the front of the queue, at least one, up to a cost.
    pub(crate) fn run(&self, cost_max: usize) -> Vec<Envelope> {
        let mut run = Vec::new();
        let mut cost = 0;
        for envelope in &self.queue {
            cost += if envelope.kind == ItemKind::Commit {
                COMMIT_COST
            } else {
                1
            };
            if cost > cost_max && !run.is_empty() {
                break;
            }
            run.push(envelope.clone());
        }
        run
    }

    pub(crate) fn has_work(&self) -> bool {
        !self.queue.is_empty() && !self.halted
    }

    /// A pause that is over is no longer something to wake up for.
    pub(crate) fn forget_past(&mut self, now: Now) {
        if self.fetch_not_before <= now.mono_ms {
            self.fetch_not_before = 0;
        }
    }

    pub(crate) fn wants_fetch(&self, now: Now) -> bool {
        !self.halted
            && !self.fetching
            && self.have() < self.head
            && self.queue.len() < QUEUE_ENVELOPES_MAX / 2
            && now.mono_ms >= self.fetch_not_before
    }

    pub(crate) fn wants_live(&self, now: Now) -> bool {
        !self.halted
            && !self.live
            && !self.fetching
            && self.queue.is_empty()
            && self.applied >= self.head
            && now.mono_ms >= self.fetch_not_before
    }

    /// Live, with everything announced applied; or stopped, where nothing comes any more.
    pub(crate) fn is_caught_up(&self) -> bool {
        self.halted || (self.live && self.is_idle())
    }

    /// Nothing to fetch or to apply.
    pub(crate) fn is_idle(&self) -> bool {
        self.halted || (self.queue.is_empty() && self.applied >= self.head)
    }

    pub(crate) fn wake_at(&self) -> Option<i64> {
        (!self.halted && self.fetch_not_before > 0).then_some(self.fetch_not_before)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use whimbrel_protocol::envelope::Body;
    use whimbrel_protocol::{ClientId, DeviceId, UserId};

    const NOW: Now = Now {
        mono_ms: 5_000,
        wall_ms: 0,
    };

    fn envelope(seq: u64, kind: ItemKind) -> Envelope {
        Envelope {
            seq,
            kind,
            sender_user: UserId::from_bytes([1; 16]),
            sender_device: DeviceId::from_bytes([2; 16]),
            client_id: ClientId::from_bytes([3; 16]),
            counter: seq,
            epoch: 0,
            server_time_ms: 0,
            silent: false,
            voided: false,
            body: Body::OwnHash([0; 32]),
        }
    }

    fn messages(seqs: std::ops::RangeInclusive<u64>) -> Vec<Envelope> {
        seqs.map(|seq| envelope(seq, ItemKind::Message)).collect()
    }

    #[test]
    fn behind_it_fetches_then_applies_then_goes_live() {
        let mut place = Place::default();
        place.announce(3);
        assert!(place.wants_fetch(NOW) && !place.wants_live(NOW));
        place.fetching = true;
        place.take(3, messages(1..=3));
        place.fetching = false;
        assert!(place.has_work() && !place.wants_fetch(NOW) && !place.is_idle());
        place.on_applied(3);
        assert!(place.is_idle() && place.wants_live(NOW) && !place.is_caught_up());
        place.live = true;
        assert!(place.is_caught_up());
    }

    #[test]
    fn a_gap_in_what_is_pushed_is_fetched() {
        let mut place = Place {
            live: true,
            ..Place::default()
        };
        place.take(3, messages(3..=3));
        assert_eq!(place.have(), 0);
        assert!(place.wants_fetch(NOW) && !place.live);
    }

    #[test]
    fn news_of_a_further_head_end_the_subscription_until_it_is_fetched() {
        let mut place = Place {
            live: true,
            applied: 7,
            head: 7,
            ..Place::default()
        };
        place.announce(7);
        assert!(place.live, "nothing new");
        place.announce(9);
        assert!(!place.live && place.wants_fetch(NOW));
    }

    #[test]
    fn the_queue_is_bounded() {
        let mut place = Place::default();
        place.announce(1_000);
        place.take(1_000, messages(1..=1_000));
        assert_eq!(place.have(), QUEUE_ENVELOPES_MAX as u64);
        assert!(!place.wants_fetch(NOW), "the queue is full");
        place.on_applied(300);
        assert!(
            place.wants_fetch(NOW),
            "the rest is fetched once there is room"
        );
    }

    #[test]
    fn a_run_holds_64_messages_or_two_commits_and_never_nothing() {
        let mut place = Place::default();
        place.take(100, messages(1..=100));
        assert_eq!(place.run(64).len(), 64);
        let mut place = Place::default();
        let commits = (1..=3).map(|seq| envelope(seq, ItemKind::Commit)).collect();
        place.take(3, commits);
        assert_eq!(place.run(64).len(), 2);
        assert_eq!(place.run(1).len(), 1);
    }

    #[test]
    fn a_new_connection_starts_from_what_is_committed() {
        let mut place = Place::default();
        place.announce(9);
        place.take(9, messages(1..=9));
        place.on_applied(4);
        place.reset();
        assert_eq!(place.have(), 4);
        assert!(place.is_idle(), "until the server says more");
    }
}
