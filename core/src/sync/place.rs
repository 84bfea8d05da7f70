//! Where one conversation stands on the connection.

use std::collections::VecDeque;

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
    /// The cursor is held: nothing more is fetched or applied.
    pub halted: bool,
    /// Nothing is asked for before this time; 0 for at once.
    pub fetch_not_before: i64,
    /// Its place in the server's list of heads.
    pub rank: u64,
    /// How often the first envelope of the queue has failed.
    pub failures: u32,
}

impl Place {
    pub(crate) fn reset(&mut self) {
        self.queue.clear();
        self.fetching = false;
        self.live = false;
        self.fetch_not_before = 0;
        self.head = self.applied;
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

    /// Live, with everything announced applied.
    pub(crate) fn is_caught_up(&self) -> bool {
        self.live && self.is_idle()
    }

    /// Nothing to fetch or to apply.
    pub(crate) fn is_idle(&self) -> bool {
        self.halted || (self.queue.is_empty() && self.applied >= self.head)
    }

    pub(crate) fn wake_at(&self) -> Option<i64> {
        (!self.halted && self.fetch_not_before > 0).then_some(self.fetch_not_before)
    }
}
