//! Notices of what changed, to be pulled in batches: ids only, bounded, each once.

use std::collections::{BTreeSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use tokio::sync::Notify;

use crate::error::{Error, ErrorCode, Result};
use crate::types::Change;

/// Notices that one subscription keeps; more become [`Change::Everything`].
pub const CHANGES_MAX: usize = 256;

/// A subscription. Dropping it ends it.
pub struct Changes {
    mailbox: Arc<Mailbox>,
}

/// Hands each notice to every subscription.
#[derive(Default)]
pub(crate) struct ChangeHub {
    state: Mutex<HubState>,
}

#[derive(Default)]
struct HubState {
    mailboxes: Vec<Weak<Mailbox>>,
    is_finished: bool,
}

#[derive(Default)]
struct Mailbox {
    waiting: Mutex<Waiting>,
    woken: Notify,
}

#[derive(Default)]
struct Waiting {
    /// In the order they came, none twice.
    changes: VecDeque<Change>,
    is_finished: bool,
}

impl Changes {
    /// Waits until something has changed, and returns what has, at most `max` notices. A notice
    /// stands for everything that happened up to this call; read again what is on screen.
    /// A dropped future loses nothing.
    ///
    /// # Errors
    /// `InvalidArgument` for a `max` of 0; `ShutDown` after [`finish`](Self::finish) and, once
    /// everything was taken, after the client's shutdown.
    pub async fn next_batch(&self, max: usize) -> Result<Vec<Change>> {
        if max == 0 {
            return Err(Error::invalid("a batch holds at least one change"));
        }
        loop {
            // Made before looking, so that what comes in between is not missed.
            let woken = self.mailbox.woken.notified();
            if let Some(batch) = self.mailbox.take(max)? {
                return Ok(batch);
            }
            woken.await;
        }
    }

    /// Ends the subscription: whoever waits in [`next_batch`](Self::next_batch) gets `ShutDown`.
    pub fn finish(&self) {
        let mut waiting = self.mailbox.waiting();
        waiting.changes.clear();
        waiting.is_finished = true;
        drop(waiting);
        self.mailbox.woken.notify_waiters();
    }
}

impl ChangeHub {
    pub(crate) fn subscribe(&self) -> Changes {
        let mailbox = Arc::new(Mailbox::default());
        let mut state = self.state();
        mailbox.waiting().is_finished = state.is_finished;
        state.mailboxes.retain(|mailbox| mailbox.strong_count() > 0);
        state.mailboxes.push(Arc::downgrade(&mailbox));
        Changes { mailbox }
    }

    pub(crate) fn publish(&self, changes: BTreeSet<Change>) {
        for mailbox in self.state().mailboxes.iter().filter_map(Weak::upgrade) {
            let mut waiting = mailbox.waiting();
            for change in &changes {
                waiting.add(*change);
            }
            drop(waiting);
            mailbox.woken.notify_waiters();
        }
    }

    /// Ends every subscription, present and future. What waits can still be taken.
    pub(crate) fn finish(&self) {
        let mut state = self.state();
        state.is_finished = true;
        for mailbox in state.mailboxes.iter().filter_map(Weak::upgrade) {
            mailbox.waiting().is_finished = true;
            mailbox.woken.notify_waiters();
        }
    }

    fn state(&self) -> MutexGuard<'_, HubState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Mailbox {
    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take(&self, max: usize) -> Result<Option<Vec<Change>>> {
        let mut waiting = self.waiting();
        if waiting.changes.is_empty() {
            return if waiting.is_finished {
                Err(Error::new(
                    ErrorCode::ShutDown,
                    "the subscription has ended",
                ))
            } else {
                Ok(None)
            };
        }
        let count = waiting.changes.len().min(max);
        Ok(Some(waiting.changes.drain(..count).collect()))
    }
}

impl Waiting {
    fn add(&mut self, change: Change) {
        let is_told = self.changes.front() == Some(&Change::Everything);
        if self.is_finished || is_told || self.changes.contains(&change) {
            return;
        }
        if self.changes.len() >= CHANGES_MAX || change == Change::Everything {
            self.changes.clear();
            self.changes.push_back(Change::Everything);
        } else {
            self.changes.push_back(change);
        }
    }
}

#[cfg(test)]
mod tests;
