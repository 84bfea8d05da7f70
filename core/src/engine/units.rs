//! Units of background work, most urgent first. Each is at most one transaction.

use whimbrel_mls::{LastResort, make_key_package};
use whimbrel_protocol::frame::{
    ClientMessage, FindUser, HelloOk, InboxKind, UnopenedWelcome, Welcome,
};
use whimbrel_protocol::{ClientFrame, ConversationId, Envelope, limits};

use super::work::Results;
use super::{Engine, is_disk_trouble};
use crate::env::Now;
use crate::error::Error;
use crate::groups::mls_defect;
use crate::inbound::join::{JoinOutcome, Readiness};
use crate::inbound::{self, Halt};
use crate::outbox::{Intent, seal, settle};
use crate::store::Unpublished;
use crate::store::open::CheckpointMode;
use crate::sync::backoff;
use crate::sync::requests::Request;
use crate::types::{Alarm, Change};

/// Cost of the envelopes of one transaction: a message costs 1, a commit 32.
const RUN_COST_MAX: usize = 64;
/// How long a key package may be claimed.
const KEY_PACKAGE_MS: i64 = 90 * 24 * 3_600 * 1_000;
/// How long its private half outlives that, for Welcomes that are under way.
const KEY_PACKAGE_GRACE_MS: i64 = 30 * 24 * 3_600 * 1_000;
/// Rest after a failed transaction.
const TROUBLE_PAUSE_MS: i64 = 5_000;
/// Pages in the write-ahead log from which on it is moved into the database file.
const WAL_PAGES_MAX: u64 = 1_000;
/// Pages from which on it is also cut to nothing, readers permitting: 16 MiB.
const WAL_PAGES_FORCED: u64 = 4_096;
/// Rest after the last transaction before it is cut to nothing.
const WAL_IDLE_MS: i64 = 10_000;
/// Shortest time between two read marks of one conversation.
const READ_MARK_PAUSE_MS: i64 = 5_000;

impl Engine {
    /// Does the most urgent unit. Returns whether there was one.
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
        if self.alarm == Some(Alarm::RolledBack) {
            return false;
        }
        if let Some(conversation) = self.sync.next_run() {
            self.apply_run(conversation, now);
            return true;
        }
        self.inbox_unit(now)
            || self.marks_unit(now)
            || self.key_package_unit(now)
            || self.outbound_unit(now)
            || self.checkpoint_unit(now)
            || self.space_unit(now)
    }

    /// A unit failed: rest, then look at everything again.
    fn rest(&mut self, error: &Error, now: Now) {
        self.last_error = Some(error.code);
        self.work.paused_until = now.mono_ms + TROUBLE_PAUSE_MS;
    }

    /// The server knows who this is.
    fn greeted(&mut self, hello: &HelloOk, now: Now) {
        let sealed_no = self.account.as_ref().map_or(0, |account| account.sealed_no);
        if hello.sealed_no > sealed_no {
            self.roll_back_alarm(now);
            return;
        }
        self.directory.server_time_ms = hello.server_time_ms;
        self.work.one_time_key_packages = Some(hello.one_time_key_packages);
        self.work.needs_last_resort = !hello.has_last_resort;
        self.work.inbox_head = hello.inbox_head;
        if let Ok(waiting) = self.store.read(|tx| tx.outbox_conversations()) {
            self.work.outbound.extend(waiting);
        }
    }

    /// This database is an old copy: from here on nothing is sealed or sent.
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

    fn settle(&mut self, results: Results, now: Now) {
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
                        self.sync.track(conversation, row.applied_seq);
                    }
                    self.sync.note_head(conversation, head);
                }
                match settled.wait_ms {
                    Some(wait_ms) => self.hold(conversation, i64::from(wait_ms), now),
                    None => {
                        self.work.holds.remove(&conversation);
                    }
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

    /// Leaves a conversation's outbox alone for a while, longer with every time in a row.
    pub(super) fn hold(&mut self, conversation: ConversationId, at_least_ms: i64, now: Now) {
        let hold = self.work.holds.entry(conversation).or_default();
        let cap = backoff::SEND_DELAY_MS_MAX;
        let delay = backoff::delay_ms(hold.failures, cap, &mut self.random);
        hold.failures = hold.failures.saturating_add(1);
        hold.until = now.mono_ms + delay.max(at_least_ms.clamp(0, cap));
        self.work.outbound.insert(conversation);
    }

    fn apply_run(&mut self, conversation: ConversationId, now: Now) {
        let failures = self
            .sync
            .place_mut(conversation)
            .map_or(0, |place| place.failures);
        // What failed as a whole is tried once more, then one by one.
        let cost = if failures < 2 { RUN_COST_MAX } else { 1 };
        let run = self.sync.run(conversation, cost);
        let applied = self.write(now, false, |tx, groups, context, _| {
            inbound::apply::apply(tx, groups, context, conversation, &run)
        });
        match applied {
            Ok(applied) => {
                self.sync.on_applied(conversation, applied.seq);
                self.acknowledge(conversation, &applied, now);
                self.work.outbound.insert(conversation);
                self.after_halt(conversation, applied.halt, now);
            }
            Err(error) => self.run_failed(conversation, &run, &error, now),
        }
    }

    fn acknowledge(&mut self, conversation: ConversationId, applied: &inbound::Applied, now: Now) {
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

    fn after_halt(&mut self, conversation: ConversationId, halt: Option<Halt>, now: Now) {
        match halt {
            Some(Halt::RolledBack) => self.roll_back_alarm(now),
            Some(Halt::NeedsUpdate | Halt::NeedsResync) => {
                if let Some(place) = self.sync.place_mut(conversation) {
                    place.halted = true;
                }
            }
            None => {
                let removed = self.store.read(|tx| tx.find_conversation(conversation));
                if let Ok(Some(row)) = removed
                    && row.state == crate::types::ConversationState::Removed
                {
                    self.sync.untrack(conversation);
                }
            }
        }
    }

    fn run_failed(
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

    /// The Welcome at the front of the inbox, or whatever else is there.
    fn inbox_unit(&mut self, now: Now) -> bool {
        let Some(item) = self.work.inbox.front().cloned() else {
            return self.fetch_inbox(now);
        };
        match item.kind {
            InboxKind::Welcome(welcome) => self.welcome_unit(item.seq, &welcome, now),
            InboxKind::WelcomeFailed {
                conversation,
                user,
                device,
                ..
            } => {
                let intent = Intent::AddAgain {
                    user: user.into(),
                    device: device.into(),
                };
                let seq = item.seq;
                let written = self.write(now, false, |tx, _, context, directory| {
                    tx.set_inbox_seq(seq)?;
                    if tx.find_conversation(conversation)?.is_some() {
                        let id = context.random.client_id(context.now);
                        tx.enqueue(conversation, id, &intent)?;
                        // Another key package of that device than the one that failed.
                        directory.claims.remove(&user);
                    }
                    Ok(())
                });
                self.work.outbound.insert(conversation);
                self.inbox_applied(seq, written, None, now);
                true
            }
            InboxKind::Unknown => {
                let written = self.write(now, false, |tx, _, _, _| tx.set_inbox_seq(item.seq));
                self.inbox_applied(item.seq, written, None, now);
                true
            }
        }
    }

    fn fetch_inbox(&mut self, now: Now) -> bool {
        let asked = self.sync.requests.has(|request| *request == Request::Inbox);
        if !self.sync.link.is_up() || asked || self.work.inbox_head <= self.work.inbox_have() {
            return false;
        }
        let message = ClientMessage::FetchInbox {
            after: self.work.inbox_have(),
        };
        let frame = self.sync.requests.ask(Request::Inbox, message, now);
        self.transmit(frame, now);
        true
    }

    fn welcome_unit(&mut self, seq: u64, welcome: &Welcome, now: Now) -> bool {
        let readiness = match self.store.read(|tx| inbound::join::readiness(tx, welcome)) {
            Ok(readiness) => readiness,
            Err(error) => {
                self.rest(&error, now);
                return true;
            }
        };
        match readiness {
            // Goes on when the stream of that conversation has come there.
            Readiness::TooEarly => false,
            Readiness::Known => {
                let written = self.write(now, false, |tx, _, _, _| tx.set_inbox_seq(seq));
                self.inbox_applied(seq, written, None, now);
                true
            }
            Readiness::Ready => self.join_unit(seq, welcome, now),
        }
    }

    fn join_unit(&mut self, seq: u64, welcome: &Welcome, now: Now) -> bool {
        let tree = &self.work.tree;
        let complete = tree.total == Some(tree.bytes.len());
        if !complete && !tree.missing {
            return self.fetch_tree(welcome, now);
        }
        let tree = std::mem::take(&mut self.work.tree).bytes;
        let joined = self.write(now, false, |tx, groups, context, _| {
            let outcome = inbound::join::join(tx, groups, context, welcome, &tree)?;
            tx.set_inbox_seq(seq)?;
            Ok(outcome)
        });
        let unopened = UnopenedWelcome {
            conversation: welcome.conversation,
            seq: welcome.seq,
        };
        match joined {
            Ok(JoinOutcome::Joined) => {
                self.sync.untrack(welcome.conversation);
                self.sync.track(welcome.conversation, welcome.seq);
                self.work.outbound.insert(welcome.conversation);
                self.inbox_applied(seq, Ok(()), None, now);
            }
            Ok(JoinOutcome::Unopenable) => self.inbox_applied(seq, Ok(()), Some(unopened), now),
            Err(error) => self.inbox_applied(seq, Err(error), None, now),
        }
        true
    }

    fn fetch_tree(&mut self, welcome: &Welcome, now: Now) -> bool {
        let asked = self.sync.requests.has(|request| *request == Request::Tree);
        if asked || !self.sync.link.is_up() {
            return false;
        }
        let message = ClientMessage::FetchTree {
            conversation: welcome.conversation,
            epoch: welcome.epoch,
            offset: u32::try_from(self.work.tree.bytes.len()).unwrap_or(u32::MAX),
        };
        let frame = self.sync.requests.ask(Request::Tree, message, now);
        self.transmit(frame, now);
        true
    }

    fn inbox_applied(
        &mut self,
        seq: u64,
        written: crate::Result<()>,
        unopened: Option<UnopenedWelcome>,
        now: Now,
    ) {
        if let Err(error) = written {
            self.rest(&error, now);
            return;
        }
        if let Some(account) = &mut self.account {
            account.inbox_seq = account.inbox_seq.max(seq);
        }
        self.work.inbox.pop_front();
        self.work.inbox_applied = self.work.inbox_applied.max(seq);
        let unopened = unopened.into_iter().collect();
        let message = ClientMessage::InboxApplied { seq, unopened };
        self.transmit(
            ClientFrame {
                request: 0,
                message,
            },
            now,
        );
    }

    fn marks_unit(&mut self, now: Now) -> bool {
        if self.work.marks.is_empty() {
            return false;
        }
        let marks = std::mem::take(&mut self.work.marks);
        let written = self.write(now, false, |tx, _, context, _| {
            for (conversation, marks) in &marks {
                for mark in marks {
                    if tx.raise_delivered(*conversation, mark.user, mark.delivered)? {
                        context.changes.insert(Change::Members(*conversation));
                        context.changes.insert(Change::Messages(*conversation));
                    }
                }
            }
            Ok(())
        });
        if let Err(error) = written {
            self.rest(&error, now);
        }
        true
    }

    /// Keeps the server supplied with key packages.
    fn key_package_unit(&mut self, now: Now) -> bool {
        if !self.work.published.is_empty() {
            let published = std::mem::take(&mut self.work.published);
            let written = self.write(now, false, |tx, _, _, _| {
                published
                    .iter()
                    .try_for_each(|reference| tx.set_key_package_published(reference))
            });
            if let Err(error) = written {
                self.rest(&error, now);
            }
            return true;
        }
        let asked = self
            .sync
            .requests
            .has(|request| matches!(request, Request::Publish { .. }));
        let Some(one_time) = self.work.one_time_key_packages.filter(|_| !asked) else {
            return false;
        };
        if !self.sync.link.is_up() {
            return false;
        }
        let have = usize::try_from(one_time).unwrap_or(usize::MAX);
        let refilling = have < limits::KEY_PACKAGES_ONE_TIME && self.work.refilling;
        self.work.refilling = refilling || have < limits::KEY_PACKAGES_REFILL_AT;
        if !self.work.refilling && !self.work.needs_last_resort {
            return false;
        }
        self.publish_key_packages(have, now)
    }

    fn publish_key_packages(&mut self, have: usize, now: Now) -> bool {
        let missing = limits::KEY_PACKAGES_ONE_TIME.saturating_sub(have);
        let missing = if self.work.refilling { missing } else { 0 };
        let count = missing.min(limits::KEY_PACKAGES_PER_FRAME_MAX);
        let needs_last_resort = self.work.needs_last_resort;
        let expires_ms = self.directory.server_time_ms.saturating_add(KEY_PACKAGE_MS);
        let forget_before_ms = self.directory.server_time_ms - KEY_PACKAGE_GRACE_MS;
        let ready = self.write(now, false, |tx, _, context, _| {
            tx.delete_expired_key_packages(forget_before_ms)?;
            let mut ready = tx.unpublished_key_packages(limits::KEY_PACKAGES_PER_FRAME_MAX)?;
            let has_last_resort = ready.iter().any(|package| package.last_resort);
            let one_time = ready.len() - usize::from(has_last_resort);
            let mut wanted = vec![LastResort::No; count.saturating_sub(one_time)];
            if needs_last_resort && !has_last_resort {
                wanted.push(LastResort::Yes);
            }
            let expires_s = u64::try_from(expires_ms / 1000).unwrap_or(0);
            for kind in wanted {
                let device = &context.me.device;
                let fresh = make_key_package(context.crypto, device, kind, expires_s)
                    .map_err(|error| mls_defect(&error))?;
                tx.insert_key_package(&fresh, kind == LastResort::Yes, expires_ms)?;
                ready.push(Unpublished {
                    reference: fresh.reference,
                    bytes: fresh.bytes,
                    last_resort: kind == LastResort::Yes,
                });
            }
            Ok(ready)
        });
        match ready {
            Ok(ready) => self.transmit_key_packages(ready, now),
            Err(error) => self.rest(&error, now),
        }
        true
    }

    fn transmit_key_packages(&mut self, ready: Vec<Unpublished>, now: Now) {
        let mut one_time = Vec::new();
        let mut last_resort = None;
        let mut references = Vec::new();
        for package in ready {
            if package.last_resort {
                last_resort = Some(package.bytes);
            } else if one_time.len() < limits::KEY_PACKAGES_PER_FRAME_MAX {
                one_time.push(package.bytes);
            } else {
                continue;
            }
            references.push(package.reference);
        }
        // Counted again by the answer.
        self.work.one_time_key_packages = None;
        let message = ClientMessage::PublishKeyPackages {
            one_time,
            last_resort,
        };
        let frame = self
            .sync
            .requests
            .ask(Request::Publish { references }, message, now);
        self.transmit(frame, now);
    }

    /// The next conversation whose outbox may be looked at.
    fn outbound_unit(&mut self, now: Now) -> bool {
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
            Err(error) => self.rest(&error, now),
        }
        true
    }

    fn is_waiting_for_directory(&self, conversation: ConversationId) -> bool {
        self.work.asking.contains(&conversation)
            && self
                .sync
                .requests
                .has(|request| matches!(request, Request::Claim { .. } | Request::FindUser { .. }))
    }

    fn after_seal(
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

    fn send(&mut self, sealed: seal::Sealed, now: Now) {
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

    /// After the disk was full: takes the reserve again, and with it goes back to normal.
    fn space_unit(&mut self, now: Now) -> bool {
        if self.alarm != Some(Alarm::DiskFull) {
            return false;
        }
        match self.store.guard().fill_ballast() {
            Ok(()) => self.alarm = None,
            Err(error) => self.rest(&error, now),
        }
        true
    }

    /// Keeps the write-ahead log short while there is work, and empties it once there is none:
    /// that is when deleted keys are gone from the disk.
    fn checkpoint_unit(&mut self, now: Now) -> bool {
        if std::mem::take(&mut self.work.wal_is_dirty) {
            self.work.truncate_at = now.mono_ms + WAL_IDLE_MS;
            return match self.store.wal_pages() {
                Ok(pages) if pages > WAL_PAGES_FORCED => {
                    self.checkpoint(CheckpointMode::Truncate, now)
                }
                Ok(pages) if pages > WAL_PAGES_MAX => self.checkpoint(CheckpointMode::Passive, now),
                Ok(_) => false,
                Err(error) => {
                    self.rest(&error, now);
                    false
                }
            };
        }
        if self.work.truncate_at == 0 || now.mono_ms < self.work.truncate_at {
            return false;
        }
        self.work.truncate_at = 0;
        self.checkpoint(CheckpointMode::Truncate, now)
    }

    fn checkpoint(&mut self, mode: CheckpointMode, now: Now) -> bool {
        if let Err(error) = self.store.checkpoint(mode) {
            self.rest(&error, now);
        }
        true
    }
}
