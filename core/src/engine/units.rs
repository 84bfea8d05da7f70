//! Units of background work, most urgent first. Each is at most one transaction.

mod devices;
mod inbox;
mod outbound;
mod streams;
mod upkeep;

use whimbrel_protocol::frame::HelloOk;

use super::Engine;
use crate::env::Now;
use crate::error::Error;
use crate::types::{Alarm, Change, ConversationState};

/// Rest after a failed transaction.
const TROUBLE_PAUSE_MS: i64 = 5_000;

impl Engine {
    pub(super) fn background(&mut self, now: Now) -> bool {
        if now.mono_ms < self.work.paused_until {
            return false;
        }
        self.work.paused_until = 0;
        self.work.wake_later(now.mono_ms);
        if let Some(session) = self.work.session.take() {
            self.store_session(&session, now);
            return true;
        }
        if let Some(hello) = self.work.hello.take() {
            self.greeted(&hello, now);
            return true;
        }
        if let Some(results) = self.work.results.pop_front() {
            self.settle(results, now);
            return true;
        }
        if matches!(self.alarm, Some(Alarm::RolledBack | Alarm::Revoked)) {
            return self.checkpoint_unit(now);
        }
        if let Some(conversation) = self.sync.next_diverged() {
            self.diverged(conversation, now);
            return true;
        }
        if self.epochs_unit(now) {
            return true;
        }
        if let Some(conversation) = self.sync.next_run() {
            self.apply_run(conversation, now);
            return true;
        }
        self.inbox_unit(now)
            || self.manifest_unit(now)
            || self.claims_unit(now)
            || self.lost_welcomes_unit(now)
            || self.ask_unit(now)
            || self.marks_unit(now)
            || self.key_package_unit(now)
            || self.outbound_unit(now)
            || self.checkpoint_unit(now)
            || self.space_unit(now)
    }

    pub(super) fn rest(&mut self, error: &Error, now: Now) {
        self.last_error = Some(error.code);
        self.work.paused_until = now.mono_ms + TROUBLE_PAUSE_MS;
    }

    fn greeted(&mut self, hello: &HelloOk, now: Now) {
        let sealed_no = self.account.as_ref().map_or(0, |account| account.sealed_no);
        if hello.sealed_no > sealed_no {
            self.roll_back_alarm(now);
            return;
        }
        self.directory.server_time_ms = hello.server_time_ms;
        self.work.one_time_key_packages = Some(hello.one_time_key_packages);
        self.work.needs_last_resort = !hello.has_last_resort;
        self.work.inbox_head = self.work.inbox_head.max(hello.inbox_head);
        self.work.listen_first(now.mono_ms);
        self.work.has_own_changes = true;
        self.doubt_accepted(now);
        if let Ok(waiting) = self.store.read(|tx| tx.outbox_conversations()) {
            self.work.outbound.extend(waiting);
        }
    }

    /// An acceptance is the server's word until the stream shows the item: on a new connection the
    /// same bytes are offered again, and an honest server answers as before.
    fn doubt_accepted(&mut self, now: Now) {
        let written = self.write(now, false, |tx, _, _, _| tx.doubt_accepted());
        let creating = written.and_then(|conversations| {
            let mut creating = Vec::new();
            for id in conversations {
                let row = self.store.read(|tx| tx.find_conversation(id))?;
                if row.is_some_and(|row| row.state == ConversationState::Creating) {
                    creating.push(id);
                }
            }
            Ok(creating)
        });
        match creating {
            Ok(creating) => creating.into_iter().for_each(|id| self.sync.untrack(id)),
            Err(error) => self.rest(&error, now),
        }
    }

    fn roll_back_alarm(&mut self, now: Now) {
        let written = self.write(now, false, |tx, _, context, _| {
            context.changes.insert(Change::Account);
            tx.set_rolled_back()
        });
        if let Err(error) = written {
            self.rest(&error, now);
        }
        self.alarm = Some(Alarm::RolledBack);
        self.close_link(now);
    }
}
