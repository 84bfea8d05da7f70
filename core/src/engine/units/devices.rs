//! Devices: the own manifest on its way out, those of others on their way in, and this device
//! where it has to be added again.

use whimbrel_protocol::frame::ClientMessage;
use whimbrel_protocol::{ConversationId, UserId};

use crate::devices::{self, Refused, Taken};
use crate::engine::Engine;
use crate::engine::work::Ask;
use crate::env::Now;
use crate::error::ErrorCode;
use crate::sync::requests::Request;
use crate::types::{Alarm, Change};

/// Between the first and the second time that a device asks to be added again; doubled each time.
pub(super) const ASK_PAUSE_MS: i64 = 30_000;
/// Conversations that this device asks about at one time.
const ASKS_MAX: usize = 1_024;
/// Longest pause.
const ASK_PAUSE_MS_MAX: i64 = 600_000;

impl Engine {
    /// A manifest came in by the inbox.
    pub(super) fn manifest_changed(&mut self, seq: u64, user: UserId, manifest: &[u8], now: Now) {
        let taken = self.write(now, false, |tx, _, context, _| {
            tx.set_inbox_seq(seq)?;
            devices::take(tx, context, user, manifest)
        });
        if matches!(taken, Ok(Taken::Conflict | Taken::Refused)) {
            self.report_untrusted();
        }
        let is_own = self.me.as_ref().is_some_and(|me| me.user == user);
        if is_own && matches!(taken, Ok(Taken::Newer)) {
            // What is to be changed in the own manifest is changed in this one.
            self.work.has_own_changes = true;
            self.work.manifest_not_before = 0;
            self.read_account(now);
        }
        if is_own && matches!(taken, Ok(Taken::Known)) {
            // Said again when a device that is on the list has come.
            self.directory.absent.clear();
            self.directory.forget_failures();
            self.work.wake_waiting();
        }
        self.inbox_applied(seq, taken.map(|_| ()), None, now);
    }

    /// The server has shown something that the user it is about has not signed for.
    fn report_untrusted(&mut self) {
        self.last_error = Some(ErrorCode::UntrustedDevice);
        self.changes.insert(Change::Connection);
    }

    /// The account row was changed in the background.
    fn read_account(&mut self, now: Now) {
        let read = self.store.read(|tx| tx.account());
        let taken = read.and_then(|account| match account {
            Some(account) => self.take_account(account),
            None => Ok(()),
        });
        if let Err(error) = taken {
            self.rest(&error, now);
        }
        if self.alarm == Some(Alarm::Revoked) {
            self.close_link(now);
        }
    }

    /// Publishes the next own manifest, and takes it over once the server has it.
    pub(in crate::engine) fn manifest_unit(&mut self, now: Now) -> bool {
        if let Some(manifest) = self.work.manifest_done.take() {
            let taken = self.write(now, false, |tx, _, context, _| {
                devices::take(tx, context, context.me.user, &manifest)
            });
            match taken {
                Ok(_) => self.read_account(now),
                // Published again: the server says yes to the same bytes.
                Err(error) => self.rest(&error, now),
            }
            self.work.has_own_changes = true;
            return true;
        }
        let asked = self
            .sync
            .requests
            .has(|request| matches!(request, Request::Manifest { .. }));
        let early = now.mono_ms < self.work.manifest_not_before;
        if !self.work.has_own_changes || !self.sync.link.is_up() || asked || early {
            return false;
        }
        match self.write(now, false, |tx, _, context, _| {
            devices::next_own(tx, context)
        }) {
            Ok(Some(manifest)) => {
                let message = ClientMessage::PublishManifest {
                    manifest: manifest.clone(),
                };
                let request = Request::Manifest { manifest };
                let frame = self.sync.requests.ask(request, message, now);
                self.transmit(frame, now);
            }
            Ok(None) => self.work.has_own_changes = false,
            Err(error) => self.rest(&error, now),
        }
        true
    }

    /// Verifies key packages that were claimed; those of devices that their user does not list
    /// are as good as none.
    pub(in crate::engine) fn claims_unit(&mut self, now: Now) -> bool {
        let Some(mut claimed) = self.work.claims.pop_front() else {
            return false;
        };
        let checked = self.write(now, false, |tx, _, context, directory| {
            let refused = devices::check_claim(tx, context, &mut claimed)?;
            Ok((refused, directory.note_claimed(claimed)))
        });
        match checked {
            Ok((Refused(is_refused), has_come)) => {
                if is_refused {
                    self.report_untrusted();
                }
                if has_come {
                    self.work.wake_waiting();
                }
            }
            // Claimed again.
            Err(error) => self.rest(&error, now),
        }
        true
    }

    /// From now on, after a while, this device asks to be added again.
    pub(in crate::engine) fn ask_to_be_added(
        &mut self,
        conversation: ConversationId,
        wait_ms: i64,
        now: Now,
    ) {
        if self.work.asks.len() < ASKS_MAX {
            self.work.asks.entry(conversation).or_insert(Ask {
                at: now.mono_ms + wait_ms,
                pause_ms: ASK_PAUSE_MS,
            });
        }
    }

    /// Once the inbox is done: a conversation that the server says this device is in, and that is
    /// not here, has lost its Welcome on the way.
    pub(in crate::engine) fn lost_welcomes_unit(&mut self, now: Now) -> bool {
        if self.work.has_looked_for_lost || !self.sync.has_all_heads() || !self.work.inbox_is_done()
        {
            return false;
        }
        self.work.has_looked_for_lost = true;
        for conversation in self.sync.unknown() {
            match self.store.read(|tx| tx.find_conversation(conversation)) {
                Ok(None) => self.ask_to_be_added(conversation, ASK_PAUSE_MS, now),
                Ok(Some(_)) => {}
                Err(error) => {
                    self.rest(&error, now);
                    break;
                }
            }
        }
        true
    }

    pub(in crate::engine) fn ask_unit(&mut self, now: Now) -> bool {
        let due = self
            .work
            .asks
            .iter_mut()
            .find(|(_, ask)| ask.at <= now.mono_ms);
        let Some((conversation, ask)) = due.filter(|_| self.sync.link.is_up()) else {
            return false;
        };
        let conversation = *conversation;
        ask.at = now.mono_ms + ask.pause_ms;
        ask.pause_ms = (ask.pause_ms * 2).min(ASK_PAUSE_MS_MAX);
        let message = ClientMessage::AskToBeAdded { conversation };
        let request = Request::AskToBeAdded { conversation };
        let frame = self.sync.requests.ask(request, message, now);
        self.transmit(frame, now);
        true
    }
}
