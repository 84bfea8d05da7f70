//! What goes out: sealing, and the results of what was sent.

use whimbrel_protocol::frame::{ClientMessage, FindUser};
use whimbrel_protocol::{ConversationId, limits};

use crate::engine::work::Results;
use crate::engine::{Engine, is_disk_trouble};
use crate::env::Now;
use crate::inbound::Halt;
use crate::outbox::{seal, settle};
use crate::sync::backoff;
use crate::sync::requests::Request;

/// Shortest time between two read marks of one conversation.
const READ_MARK_PAUSE_MS: i64 = 5_000;

impl Engine {
    pub(in crate::engine) fn settle(&mut self, results: Results, now: Now) {
        let Results {
            conversation,
            sent,
            results,
        } = results;
        let settled = self.write(now, false, |tx, groups, context, _| {
            settle::settle(tx, groups, context, conversation, &sent, &results)
        });
        match settled {
            Ok(settled) if settled.rolled_back => self.roll_back_alarm(now),
            Ok(settled) => {
                if let Some(head) = settled.head {
                    let creating = self.store.read(|tx| tx.find_conversation(conversation));
                    if let Ok(Some(row)) = creating {
                        self.sync
                            .track(conversation, row.applied_seq, row.incarnation);
                    }
                    self.sync.note_head(conversation, head);
                }
                match settled.wait_ms {
                    Some(wait_ms) => self.hold(conversation, i64::from(wait_ms), now),
                    None => {
                        self.work.holds.remove(&conversation);
                    }
                }
                if settled.is_elsewhere {
                    self.after_halt(conversation, Some(Halt::NeedsResync), now);
                }
                self.work.outbound.insert(conversation);
            }
            // The items stay in doubt, and the same bytes get the same answer.
            Err(error) => {
                self.work.outbound.insert(conversation);
                self.rest(&error, now);
            }
        }
    }

    pub(in crate::engine) fn hold(
        &mut self,
        conversation: ConversationId,
        at_least_ms: i64,
        now: Now,
    ) {
        let hold = self.work.holds.entry(conversation).or_default();
        let cap = backoff::SEND_DELAY_MS_MAX;
        let delay = backoff::delay_ms(hold.failures, cap, &mut self.random);
        hold.failures = hold.failures.saturating_add(1);
        hold.until = now.mono_ms + delay.max(at_least_ms.clamp(0, cap));
        self.work.outbound.insert(conversation);
    }

    pub(in crate::engine) fn outbound_unit(&mut self, now: Now) -> bool {
        if !self.work.may_speak(now.mono_ms) {
            return false;
        }
        let ready = self.work.outbound.iter().copied().find(|conversation| {
            self.sync.may_seal(*conversation)
                && !self.work.is_held(*conversation, now.mono_ms)
                && !self.is_waiting_for_directory(*conversation)
        });
        let Some(conversation) = ready else {
            return false;
        };
        let held_until = self.work.read_mark_holds.get(&conversation).copied();
        let held_until = held_until.filter(|until| now.mono_ms < *until);
        let mut sealed_no = self.account.as_ref().map_or(0, |account| account.sealed_no);
        let step = self.write(
            now,
            held_until.is_some(),
            |tx, groups, context, directory| {
                seal::next(tx, groups, context, directory, conversation, &mut sealed_no)
            },
        );
        match step {
            Ok(step) => {
                if let Some(account) = &mut self.account {
                    account.sealed_no = sealed_no;
                }
                self.after_seal(conversation, step, held_until, now);
            }
            Err(error) if is_disk_trouble(error.code) => self.rest(&error, now),
            // One conversation in trouble is not to stop the others.
            Err(error) => {
                self.last_error = Some(error.code);
                self.hold(conversation, 0, now);
            }
        }
        true
    }

    pub(in crate::engine) fn is_waiting_for_directory(&self, conversation: ConversationId) -> bool {
        let is_asked =
            |request: &Request| matches!(request, Request::Claim { .. } | Request::FindUser { .. });
        self.work.asking.contains(&conversation)
            && (!self.work.claims.is_empty() || self.sync.requests.has(is_asked))
    }

    pub(in crate::engine) fn after_seal(
        &mut self,
        conversation: ConversationId,
        step: seal::Step,
        held_until: Option<i64>,
        now: Now,
    ) {
        self.work.asking.remove(&conversation);
        match step {
            seal::Step::Nothing => {
                self.work.outbound.remove(&conversation);
                if let Some(until) = held_until {
                    self.work.later.insert(conversation, until);
                }
            }
            seal::Step::LookAgain => self.directory.forget_failures(),
            seal::Step::Later => {
                self.directory.forget_failures();
                self.hold(conversation, 0, now);
            }
            seal::Step::Wait(until_ms) => {
                self.work.outbound.remove(&conversation);
                let wait_ms = until_ms.saturating_sub(now.wall_ms).max(1);
                self.work.later.insert(conversation, now.mono_ms + wait_ms);
            }
            seal::Step::Send(sealed) => self.send(sealed, now),
            seal::Step::FindUsers(names) => {
                self.work.asking.insert(conversation);
                for username in names.into_iter().take(limits::COMMIT_ADDS_MAX) {
                    let message = ClientMessage::FindUser(FindUser::ByUsername(username.clone()));
                    let request = Request::FindUser { username };
                    let frame = self.sync.requests.ask(request, message, now);
                    self.transmit(frame, now);
                }
            }
            seal::Step::Claim(users) => {
                self.work.asking.insert(conversation);
                let users: Vec<_> = users.into_iter().take(limits::COMMIT_ADDS_MAX).collect();
                let message = ClientMessage::ClaimKeyPackages {
                    users: users.clone(),
                };
                let frame = self
                    .sync
                    .requests
                    .ask(Request::Claim { users }, message, now);
                self.transmit(frame, now);
            }
        }
    }

    pub(in crate::engine) fn send(&mut self, sealed: seal::Sealed, now: Now) {
        let seal::Sealed {
            send,
            holds_read_mark,
        } = sealed;
        let conversation = send.conversation;
        if holds_read_mark {
            let until = now.mono_ms + READ_MARK_PAUSE_MS;
            self.work.read_mark_holds.insert(conversation, until);
        }
        let request = Request::Send {
            conversation,
            items: seal::item_ids(&send),
        };
        let frame = self
            .sync
            .requests
            .ask(request, ClientMessage::Send(send), now);
        self.transmit(frame, now);
    }
}
