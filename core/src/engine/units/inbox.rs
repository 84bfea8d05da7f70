//! The inbox of this device, in order: Welcomes, and news about Welcomes.

use whimbrel_protocol::ClientFrame;
use whimbrel_protocol::frame::{ClientMessage, InboxKind, UnopenedWelcome, Welcome};

use super::devices::ASK_PAUSE_MS;
use crate::devices::{self, Waiting};
use crate::engine::Engine;
use crate::engine::work::TreeFetch;
use crate::env::Now;
use crate::inbound;
use crate::inbound::join::{JoinOutcome, Readiness};
use crate::sync::requests::Request;

/// How long a Welcome waits for the stream of a conversation in which nothing comes.
const EARLY_MS: i64 = 30_000;

impl Engine {
    pub(in crate::engine) fn inbox_unit(&mut self, now: Now) -> bool {
        let Some(item) = self.work.inbox.front().cloned() else {
            return self.fetch_inbox(now);
        };
        match item.kind {
            InboxKind::Welcome(welcome) => self.welcome_unit(item.seq, &welcome, now),
            InboxKind::DeviceWaits {
                conversation,
                user,
                device,
                seq: commit,
            } => {
                let waiting = Waiting {
                    conversation,
                    seq: commit,
                    user,
                    device,
                };
                let written = self.write(now, false, |tx, _, context, directory| {
                    tx.set_inbox_seq(item.seq)?;
                    devices::help(tx, context, directory, waiting)
                });
                self.inbox_applied(item.seq, written, None, now);
                true
            }
            InboxKind::ManifestChanged { user, manifest } => {
                self.manifest_changed(item.seq, user, &manifest, now);
                true
            }
            InboxKind::Unknown => {
                let written = self.write(now, false, |tx, _, _, _| tx.set_inbox_seq(item.seq));
                self.inbox_applied(item.seq, written, None, now);
                true
            }
        }
    }

    pub(in crate::engine) fn fetch_inbox(&mut self, now: Now) -> bool {
        if self.work.inbox_is_forgotten {
            // The server forgets only what this device said it had applied.
            self.roll_back_alarm(now);
            return true;
        }
        let asked = self.sync.requests.has(|request| *request == Request::Inbox);
        let early = now.mono_ms < self.work.inbox_not_before;
        let complete = self.work.inbox_head <= self.work.inbox_have();
        if !self.sync.link.is_up() || asked || early || complete {
            return false;
        }
        let message = ClientMessage::FetchInbox {
            after: self.work.inbox_have(),
        };
        let frame = self.sync.requests.ask(Request::Inbox, message, now);
        self.transmit(frame, now);
        true
    }

    pub(in crate::engine) fn welcome_unit(
        &mut self,
        seq: u64,
        welcome: &Welcome,
        now: Now,
    ) -> bool {
        let readiness = match self.store.read(|tx| inbound::join::readiness(tx, welcome)) {
            Ok(readiness) => readiness,
            Err(error) => {
                self.rest(&error, now);
                return true;
            }
        };
        match readiness {
            Readiness::TooEarly => self.early_unit(seq, welcome, now),
            Readiness::Known => {
                let written = self.write(now, false, |tx, _, _, _| tx.set_inbox_seq(seq));
                self.inbox_applied(seq, written, None, now);
                true
            }
            Readiness::Ready => self.join_unit(seq, welcome, now),
        }
    }

    /// Goes on when the stream of that conversation has come there. Where nothing comes any more, it
    /// is not to stand in the way of what is behind it.
    fn early_unit(&mut self, seq: u64, welcome: &Welcome, now: Now) -> bool {
        if self.work.early_until == 0 {
            self.work.early_until = now.mono_ms + EARLY_MS;
        }
        if now.mono_ms < self.work.early_until {
            return false;
        }
        self.work.early_until = now.mono_ms + EARLY_MS;
        if !self.sync.is_idle(welcome.conversation) {
            return false;
        }
        let written = self.write(now, false, |tx, _, _, _| tx.set_inbox_seq(seq));
        let unopened = UnopenedWelcome {
            conversation: welcome.conversation,
            seq: welcome.seq,
        };
        self.inbox_applied(seq, written, Some(unopened), now);
        true
    }

    pub(in crate::engine) fn join_unit(&mut self, seq: u64, welcome: &Welcome, now: Now) -> bool {
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
                self.sync
                    .track(welcome.conversation, welcome.seq, welcome.incarnation);
                self.work.outbound.insert(welcome.conversation);
                self.work.asks.remove(&welcome.conversation);
                self.inbox_applied(seq, Ok(()), None, now);
            }
            Ok(JoinOutcome::Unopenable) => {
                // Others at the server may be as useless as this key package; when those are used
                // up, one that was made just now is handed out.
                self.work.needs_last_resort = true;
                self.ask_to_be_added(welcome.conversation, ASK_PAUSE_MS, now);
                self.inbox_applied(seq, Ok(()), Some(unopened), now);
            }
            Err(error) => self.inbox_applied(seq, Err(error), None, now),
        }
        true
    }

    pub(in crate::engine) fn fetch_tree(&mut self, welcome: &Welcome, now: Now) -> bool {
        let wanted = Request::Tree {
            conversation: welcome.conversation,
            epoch: welcome.epoch,
        };
        let asked = self.sync.requests.has(|request| *request == wanted);
        if asked || !self.sync.link.is_up() {
            return false;
        }
        let message = ClientMessage::FetchTree {
            conversation: welcome.conversation,
            epoch: welcome.epoch,
            offset: u32::try_from(self.work.tree.bytes.len()).unwrap_or(u32::MAX),
        };
        let frame = self.sync.requests.ask(wanted, message, now);
        self.transmit(frame, now);
        true
    }

    pub(in crate::engine) fn inbox_applied(
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
        self.work.early_until = 0;
        self.work.tree = TreeFetch::default();
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
}
