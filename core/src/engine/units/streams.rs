//! Envelopes that wait: one run of one conversation, one transaction.

use whimbrel_protocol::frame::ClientMessage;
use whimbrel_protocol::{ClientFrame, ConversationId, Envelope};

use crate::engine::{Engine, is_disk_trouble};
use crate::env::Now;
use crate::error::Error;
use crate::inbound::{self, Halt};
use crate::taken_back;
use crate::types::{Change, ConversationState};

/// Cost of the envelopes of one transaction: a message costs 1, a commit 32.
const RUN_COST_MAX: usize = 64;
/// The server takes a false commit back within ten seconds, or not at all.
const VERDICT_MS: i64 = 20_000;

impl Engine {
    /// The server has lost what this device has read. Everything here is kept, visibly apart.
    pub(in crate::engine) fn diverged(&mut self, conversation: ConversationId, now: Now) {
        let written = self.write(now, false, |tx, _, context, _| {
            let mut row = tx.conversation(conversation)?;
            row.state = ConversationState::Diverged;
            context.changes.insert(Change::Conversation(conversation));
            tx.put_conversation(&row)
        });
        if let Err(error) = written {
            self.rest(&error, now);
        }
        if let Some(place) = self.sync.place_mut(conversation) {
            place.halted = true;
        }
    }

    pub(in crate::engine) fn apply_run(&mut self, conversation: ConversationId, now: Now) {
        let failures = self
            .sync
            .place_mut(conversation)
            .map_or(0, |place| place.failures);
        // What failed as a whole is tried once more, then one by one.
        let cost = if failures < 2 { RUN_COST_MAX } else { 1 };
        let run = self.sync.run(conversation, cost);
        let incarnation = self.sync.incarnation(conversation);
        let applied = self.write(now, false, |tx, groups, context, _| {
            inbound::apply::apply(tx, groups, context, conversation, incarnation, &run)
        });
        match applied {
            Ok(applied) => {
                self.sync.on_applied(conversation, applied.seq);
                self.acknowledge(conversation, &applied, now);
                self.work.outbound.insert(conversation);
                if applied.halt.is_none() {
                    self.work.asks.remove(&conversation);
                }
                self.after_halt(conversation, applied.halt, now);
            }
            Err(error) => self.run_failed(conversation, &run, &error, now),
        }
    }

    pub(in crate::engine) fn acknowledge(
        &mut self,
        conversation: ConversationId,
        applied: &inbound::Applied,
        now: Now,
    ) {
        for seq in &applied.rejected {
            let message = ClientMessage::RejectCommit {
                conversation,
                seq: *seq,
            };
            self.transmit(
                ClientFrame {
                    request: 0,
                    message,
                },
                now,
            );
        }
        let message = ClientMessage::Applied {
            conversation,
            seq: applied.seq,
        };
        self.transmit(
            ClientFrame {
                request: 0,
                message,
            },
            now,
        );
    }

    /// Where the server's epoch is an earlier one than that of this device, a commit was taken back.
    pub(in crate::engine) fn epochs_unit(&mut self, now: Now) -> bool {
        if self.work.reached.is_empty() {
            return false;
        }
        let reached = std::mem::take(&mut self.work.reached);
        let elsewhere = self.write(now, false, |tx, groups, context, _| {
            taken_back::compare(tx, groups, context, &reached)
        });
        match elsewhere {
            Ok(elsewhere) => {
                for conversation in elsewhere {
                    self.after_halt(conversation, Some(Halt::NeedsResync), now);
                }
            }
            // It shows again when this device sends something.
            Err(error) => self.rest(&error, now),
        }
        true
    }

    pub(in crate::engine) fn after_halt(
        &mut self,
        conversation: ConversationId,
        halt: Option<Halt>,
        now: Now,
    ) {
        match halt {
            Some(Halt::RolledBack) => self.roll_back_alarm(now),
            Some(halt) => {
                if let Some(place) = self.sync.place_mut(conversation) {
                    place.halted = true;
                    place.waits_for_verdict = halt != Halt::NeedsUpdate;
                }
                match halt {
                    Halt::FalseCommit => {
                        self.ask_to_be_added(conversation, VERDICT_MS, now);
                    }
                    Halt::NeedsResync => self.ask_to_be_added(conversation, 0, now),
                    Halt::NeedsUpdate | Halt::RolledBack => {}
                }
            }
            None => {
                let removed = self.store.read(|tx| tx.find_conversation(conversation));
                if let Ok(Some(row)) = removed
                    && row.state == ConversationState::Removed
                {
                    self.sync.untrack(conversation);
                }
            }
        }
    }

    pub(in crate::engine) fn run_failed(
        &mut self,
        conversation: ConversationId,
        run: &[Envelope],
        error: &Error,
        now: Now,
    ) {
        let failures = self.sync.place_mut(conversation).map_or(0, |place| {
            place.failures += u32::from(!is_disk_trouble(error.code));
            place.failures
        });
        if is_disk_trouble(error.code) {
            self.rest(error, now);
            return;
        }
        // Twice as a whole, twice alone.
        if failures < 4 {
            return;
        }
        let Some(envelope) = run.first() else { return };
        let skipped = self.write(now, false, |tx, _, context, _| {
            inbound::apply::skip(tx, context, conversation, envelope)
        });
        match skipped {
            Ok(()) => self.sync.on_applied(conversation, envelope.seq),
            Err(error) => self.rest(&error, now),
        }
    }
}
