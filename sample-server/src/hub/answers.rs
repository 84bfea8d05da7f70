//! From answers of the log to frames.

use whimbrel_protocol::frame::{
    ClaimedUser, FailureCode, GoAwayReason, Head, HelloOk, Mark, ServerMessage,
};
use whimbrel_protocol::limits::HEADS_PER_FRAME_MAX;
use whimbrel_protocol::{ConversationId, DeviceId};

use super::connection::Phase;
use super::requests::{Pending, What, unavailable};
use super::{ConnectionId, Effect, Hub, RETRY_AFTER_MS, Ticket};
use crate::Now;
use crate::log::{
    Answer, AppendOutcome, HelloFacts, KeyPackageCount, LogError, Membership, ReadRequest,
};

impl Hub {
    pub(super) fn appended(&mut self, ticket: Ticket, result: Result<AppendOutcome, LogError>) {
        let Some(pending) = self.take(ticket) else {
            return;
        };
        let What::Send {
            conversation,
            items,
        } = pending.what
        else {
            return;
        };
        let (results, appended) = match result {
            Ok(outcome) => (outcome.results, outcome.appended),
            Err(_) => (unavailable(items), None),
        };
        let message = ServerMessage::SendResult {
            conversation,
            results,
        };
        self.send(pending.connection, pending.request, message);
        if let Some(appended) = appended {
            self.push(appended);
        }
    }

    pub(super) fn answered(&mut self, ticket: Ticket, answer: Result<Answer, LogError>, now: Now) {
        let Some(pending) = self.take(ticket) else {
            return;
        };
        if let What::Moved { conversation } = pending.what {
            self.moved(conversation, answer.ok());
            return;
        }
        match answer {
            Ok(answer) => self.answer(&pending, answer, now),
            Err(_) => self.refuse(&pending, FailureCode::Unavailable, RETRY_AFTER_MS),
        }
    }

    fn take(&mut self, ticket: Ticket) -> Option<Pending> {
        let pending = self.pending.remove(&ticket)?;
        if let Some(connection) = self.connections.get_mut(&pending.connection) {
            connection.unanswered = connection.unanswered.saturating_sub(pending.cost);
            if matches!(pending.what, What::Fetch) {
                connection.fetches = connection.fetches.saturating_sub(1);
            }
        }
        Some(pending)
    }

    fn refuse(&mut self, pending: &Pending, code: FailureCode, retry_after_ms: u32) {
        let id = pending.connection;
        self.fail(id, pending.request, code, retry_after_ms);
        // Without the facts of its Hello a connection is of no use.
        match (&pending.what, code) {
            (What::Hello, FailureCode::Forbidden) => {
                self.close(id, GoAwayReason::TokenExpired, 0);
            }
            (What::Hello, _) => self.close(id, GoAwayReason::Draining, RETRY_AFTER_MS),
            _ => {}
        }
    }

    fn answer(&mut self, pending: &Pending, answer: Answer, now: Now) {
        let (id, request) = (pending.connection, pending.request);
        match answer {
            Answer::Hello(facts) => self.greet(id, request, facts, now),
            Answer::Position {
                head,
                membership,
                marks,
            } => self.position(pending, head, membership, marks),
            Answer::Marked { conversation, mark } => self.spread_mark(conversation, mark),
            Answer::InboxTrimmed { deliveries } => self.deliver_all(deliveries),
            Answer::Asked { deliveries } => {
                self.deliver_all(deliveries);
                if !matches!(pending.what, What::TellWaiting) {
                    self.send(id, request, ServerMessage::Done);
                }
            }
            Answer::Published(news) => {
                self.send(id, request, ServerMessage::Done);
                news.into_iter().for_each(|news| self.manifest_news(news));
            }
            Answer::KeyPackageCount { count, deliveries } => {
                self.send(id, request, count_message(count));
                self.deliver_all(deliveries);
                // Now it can be added where it could not before.
                self.tell_waiting(id);
            }
            Answer::Noted { void_after_ms } => {
                if let What::Void { conversation } = pending.what
                    && let Some(after_ms) = void_after_ms
                {
                    self.void_later(conversation, after_ms, now);
                }
            }
            Answer::Voided { head, members } => self.voided(head, &members),
            Answer::Moved { .. } => {}
            Answer::Failed(code) => self.refuse(pending, code, 0),
            Answer::Later { retry_after_ms } => {
                self.refuse(pending, FailureCode::RateLimited, retry_after_ms);
            }
            Answer::Revoked => {
                self.fail(id, request, FailureCode::Forbidden, 0);
                self.close(id, GoAwayReason::Revoked, 0);
            }
            Answer::Envelopes(_)
            | Answer::Inbox { .. }
            | Answer::Claimed { .. }
            | Answer::TreeChunk { .. }
            | Answer::UserFound { .. } => self.hand_over(pending, answer, now),
        }
    }

    /// Sends what was asked for.
    fn hand_over(&mut self, pending: &Pending, answer: Answer, now: Now) {
        let id = pending.connection;
        let message = match answer {
            Answer::Envelopes(envelopes) => {
                let run = (envelopes.envelopes.first(), envelopes.envelopes.last());
                if let (Some(first), Some(last)) = run
                    && let Some(connection) = self.connections.get_mut(&id)
                {
                    connection.fetched(envelopes.conversation, first.seq, last.seq);
                }
                ServerMessage::Envelopes(envelopes)
            }
            Answer::Inbox { head, items } => ServerMessage::InboxItems { head, items },
            Answer::Claimed { users, low } => {
                self.count_claim(&pending.what, &users);
                for (device, count) in low {
                    self.tell_device(device, count_message(count));
                }
                ServerMessage::ClaimedKeyPackages {
                    server_time_ms: now.wall_ms,
                    users,
                }
            }
            Answer::TreeChunk {
                offset,
                total,
                bytes,
            } => ServerMessage::TreeChunk {
                offset,
                total,
                bytes,
            },
            Answer::UserFound { user, username } => ServerMessage::UserFound { user, username },
            _ => return,
        };
        self.send(id, pending.request, message);
    }

    /// Users were counted when they were asked for; devices beyond the first are counted now.
    fn count_claim(&mut self, what: &What, claimed: &[ClaimedUser]) {
        if let What::Claim { user, users } = what {
            let others = claimed.iter().filter(|claimed| claimed.user != *user);
            let devices: usize = others.map(|claimed| claimed.devices.len()).sum();
            let devices = u32::try_from(devices).unwrap_or(u32::MAX);
            self.claims.add(*user, devices.saturating_sub(*users));
        }
    }

    fn greet(&mut self, id: ConnectionId, request: u64, facts: HelloFacts, now: Now) {
        let Some(connection) = self.connections.get_mut(&id) else {
            return;
        };
        connection.phase = Phase::Ready;
        self.touched.insert(id);
        let ok = HelloOk {
            server_time_ms: now.wall_ms,
            sealed_no: facts.sealed_no,
            inbox_head: facts.inbox_head,
            one_time_key_packages: facts.key_packages.one_time,
            has_last_resort: facts.key_packages.has_last_resort,
            heartbeat_ms: self.config.heartbeat_ms,
        };
        self.send(id, request, ServerMessage::HelloOk(ok));
        // At least one frame of heads, so that the client knows that it has them all.
        let frames = facts.heads.len().div_ceil(HEADS_PER_FRAME_MAX).max(1);
        let mut heads = facts.heads.into_iter();
        for frame in 1..=frames {
            let message = ServerMessage::Heads {
                heads: heads.by_ref().take(HEADS_PER_FRAME_MAX).collect(),
                more: frame < frames,
            };
            self.send(id, 0, message);
        }
        if facts.waits {
            self.tell_waiting(id);
        }
    }

    fn position(
        &mut self,
        pending: &Pending,
        head: Head,
        membership: Membership,
        marks: Vec<Mark>,
    ) {
        let (id, conversation) = (pending.connection, head.conversation);
        let What::GoLive { after } = pending.what else {
            if let Some(connection) = self.connections.get_mut(&id) {
                connection.note_head(head);
                self.touched.insert(id);
            }
            return;
        };
        // A client that is ahead of the log has met an earlier life of it: it is not served.
        if membership == Membership::Present && after <= head.head {
            self.set_live(id, conversation, after.saturating_add(1));
        } else {
            self.end_live(id, conversation);
        }
        if let Some(connection) = self.connections.get_mut(&id) {
            // Both are in this answer.
            connection.marks.remove(&conversation);
            let waiting = connection.heads.get(&conversation).map(|head| head.head);
            if waiting.is_some_and(|waiting| waiting <= head.head) {
                connection.heads.remove(&conversation);
            }
        }
        let heads = vec![head];
        self.send(
            id,
            pending.request,
            ServerMessage::Heads { heads, more: false },
        );
        let marks = ServerMessage::Marks {
            conversation,
            marks,
        };
        self.send(id, 0, marks);
    }

    /// Tells a mark that rose to everybody else who has the conversation live.
    fn spread_mark(&mut self, conversation: ConversationId, mark: Option<Mark>) {
        let (Some(mark), Some(connections)) = (mark, self.live.get(&conversation)) else {
            return;
        };
        for id in connections {
            if let Some(connection) = self.connections.get_mut(id)
                && connection.peer.user != mark.user
            {
                connection.note_mark(conversation, mark);
                self.touched.insert(*id);
            }
        }
    }

    /// Tells a head that another node moved on to all members who do not have it.
    fn moved(&mut self, conversation: ConversationId, answer: Option<Answer>) {
        let again = self.hinted.remove(&conversation).unwrap_or(false);
        if let Some(Answer::Moved { head, members }) = answer {
            self.tell_removed(conversation, &members);
            for device in members {
                let Some(id) = self.devices.get(&device) else {
                    continue;
                };
                if let Some(connection) = self.connections.get_mut(id) {
                    let next = connection.live.get(&conversation);
                    if next.is_none_or(|next| *next <= head.head) {
                        connection.note_head(head);
                        self.touched.insert(*id);
                    }
                }
            }
        }
        if again {
            self.hint(conversation);
        }
    }

    /// A commit is void: the number has not changed, but the epoch has fallen back. All members
    /// are told the head; who has the items already fetches them again to see their marks.
    fn voided(&mut self, head: Head, members: &[DeviceId]) {
        self.effects.push_back(Effect::Hint {
            conversation: head.conversation,
            head: head.head,
        });
        self.tell_removed(head.conversation, members);
        for device in members {
            if let Some(id) = self.devices.get(device)
                && let Some(connection) = self.connections.get_mut(id)
            {
                connection.note_head(head);
                self.touched.insert(*id);
            }
        }
    }

    /// Whoever has the conversation live and is no member any more gets no more pushes; the log
    /// is asked how far it may still read.
    fn tell_removed(&mut self, conversation: ConversationId, members: &[DeviceId]) {
        let live = self.live.get(&conversation).cloned().unwrap_or_default();
        for id in live {
            let Some(peer) = self.connections.get(&id).map(|connection| connection.peer) else {
                continue;
            };
            if members.binary_search(&peer.device).is_err() {
                self.end_live(id, conversation);
                let ask = ReadRequest::GoLive {
                    user: peer.user,
                    device: peer.device,
                    conversation,
                };
                self.ask_for_itself(id, What::Removed, ask);
            }
        }
    }
}

fn count_message(count: KeyPackageCount) -> ServerMessage {
    ServerMessage::KeyPackageCount {
        one_time: count.one_time,
        has_last_resort: count.has_last_resort,
    }
}
