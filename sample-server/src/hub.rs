//! The hub: the machine between connections and log.
//!
//! **Give it an event by [`Hub::handle`], then drain [`Hub::poll`] and do what it says, in that
//! order.** Storage is asynchronous to it: it asks by [`Effect::Append`] and [`Effect::Read`] and
//! is told later. Results of the log have to come back in the order in which the log produced
//! them; how long they take does not matter.
//!
//! What it promises:
//!
//! - An envelope is pushed only after the append that made it was committed, and only to devices
//!   that may read it: members, and a removed device up to and including its removing commit.
//! - Per connection and conversation, pushes are gapless: what is not the very next number is not
//!   pushed; the client is told the new head and fetches.
//! - A connection gets at most [`PUSH_CREDIT_ENVELOPES`] envelopes ahead of what it has taken.
//! - A device has one connection: a new one takes the place of the old.
//! - A device that its user revokes is closed at once, and served nothing when it comes back.
//! - Nothing it holds grows without a limit, and everything it holds is ordered, so the same
//!   events give the same effects.
//!
//! About request numbers: an answer repeats the number of its request. Where an answer has several
//! frames, the first carries the number and the others 0: `HelloOk` then `Heads`, and for `GoLive`
//! `Heads` then `Marks`. `Applied`, `Taken`, `InboxApplied` and `RejectCommit` are answered only by `Failed`, and only
//! where they carry a number.
//!
//! [`PUSH_CREDIT_ENVELOPES`]: whimbrel_protocol::limits::PUSH_CREDIT_ENVELOPES

mod types;

mod connection;
mod quota;

mod requests;

mod answers;

mod push;

mod timers;

pub use types::{ConnectionId, Effect, Event, HubConfig, HubStats, Peer, Ticket};

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use whimbrel_protocol::frame::{FailureCode, GoAwayReason, ServerFrame, ServerMessage};
use whimbrel_protocol::{ConversationId, DecodeError, DeviceId};

use crate::Now;
use connection::{Connection, DrainAt, Phase};
use quota::ClaimQuota;
use requests::Pending;

/// When to try again what the server could not do just now.
const RETRY_AFTER_MS: u32 = 1_000;

/// The machine between connections and log. See the module.
#[derive(Debug)]
pub struct Hub {
    config: HubConfig,
    connections: BTreeMap<ConnectionId, Connection>,
    /// The connection of each device that has said `Hello`.
    devices: BTreeMap<DeviceId, ConnectionId>,
    /// For each conversation the connections that it is pushed to; the same as the `live` maps of
    /// the connections, the other way round.
    live: BTreeMap<ConversationId, BTreeSet<ConnectionId>>,
    /// What the log has not answered yet.
    pending: BTreeMap<Ticket, Pending>,
    last_ticket: u64,
    /// Conversations whose place is being read because of a hint; true if there was another
    /// hint since.
    hinted: BTreeMap<ConversationId, bool>,
    claims: ClaimQuota,
    /// Connections that may have something to be sent at the end of this call.
    touched: BTreeSet<ConnectionId>,
    timers: BTreeSet<(i64, ConnectionId)>,
    /// When to ask whether a rejected commit is void.
    voids: BTreeSet<(i64, ConversationId)>,
    wake_at_ms: Option<i64>,
    draining: Option<Draining>,
    effects: VecDeque<Effect>,
    appended: u64,
    pushed: u64,
    starved: u64,
    closed: u64,
}

/// The server is shutting down.
#[derive(Debug, Clone, Copy)]
struct Draining {
    end_ms: i64,
    over_ms: u32,
}

impl Hub {
    /// A hub without connections.
    #[must_use]
    pub fn new(config: HubConfig) -> Self {
        let claims = ClaimQuota::new(
            config.claims_per_minute,
            config.claims_per_hour,
            config.claimers_max,
        );
        Self {
            config,
            connections: BTreeMap::new(),
            devices: BTreeMap::new(),
            live: BTreeMap::new(),
            pending: BTreeMap::new(),
            last_ticket: 0,
            hinted: BTreeMap::new(),
            claims,
            touched: BTreeSet::new(),
            timers: BTreeSet::new(),
            voids: BTreeSet::new(),
            wake_at_ms: None,
            draining: None,
            effects: VecDeque::new(),
            appended: 0,
            pushed: 0,
            starved: 0,
            closed: 0,
        }
    }

    /// Takes in one event. Its effects then wait in [`Hub::poll`].
    pub fn handle(&mut self, event: Event, now: Now) {
        match event {
            Event::Connected { connection, peer } => self.connected(connection, peer, now),
            Event::Frame { connection, frame } => self.frame(connection, frame, now),
            Event::Malformed { connection, error } => self.malformed(connection, &error, now),
            Event::Appended { ticket, result } => self.appended(ticket, result),
            Event::Answered { ticket, answer } => self.answered(ticket, answer, now),
            Event::Manifest(news) => self.manifest_news(news),
            Event::Hint { conversation, .. } => self.hint(conversation),
            Event::Tick => self.tick(now),
            Event::Closed { connection } => self.forget(connection),
        }
        self.settle(now);
    }

    /// The next thing to be done, or `None` when there is none.
    pub fn poll(&mut self) -> Option<Effect> {
        self.effects.pop_front()
    }

    /// Shuts down: takes no new connections, and closes the ones there are, spread over this
    /// time. Clients come back when it has passed, spread over a second.
    pub fn drain(&mut self, now: Now, over_ms: u32) {
        let over = i64::from(over_ms);
        self.draining = Some(Draining {
            end_ms: now.mono_ms.saturating_add(over),
            over_ms,
        });
        let count = i64::try_from(self.connections.len()).unwrap_or(i64::MAX);
        let spread = |index: i64, time_ms: i64| index.saturating_mul(time_ms) / count.max(1);
        for (index, (id, connection)) in (0_i64..).zip(&mut self.connections) {
            let offset_ms = spread(index, over);
            let retry_after_ms = (over - offset_ms).saturating_add(spread(index, 1_000));
            connection.drain = Some(DrainAt {
                mono_ms: now.mono_ms.saturating_add(offset_ms),
                retry_after_ms: u32::try_from(retry_after_ms).unwrap_or(u32::MAX),
            });
            self.touched.insert(*id);
        }
        self.settle(now);
        self.tick(now);
        self.settle(now);
    }

    /// Whether draining has begun, and neither a connection nor an unanswered request is left.
    #[must_use]
    pub fn is_drained(&self) -> bool {
        self.draining.is_some() && self.connections.is_empty() && self.pending.is_empty()
    }

    /// Counts for the metrics page.
    #[must_use]
    pub fn stats(&self) -> HubStats {
        let ready = |connection: &&Connection| connection.phase == Phase::Ready;
        HubStats {
            connections: self.connections.len(),
            ready: self.connections.values().filter(ready).count(),
            live: self.live.values().map(BTreeSet::len).sum(),
            unanswered: self.pending.len(),
            appended: self.appended,
            pushed: self.pushed,
            starved: self.starved,
            closed: self.closed,
        }
    }

    fn connected(&mut self, id: ConnectionId, peer: Peer, now: Now) {
        if let Some(draining) = self.draining {
            self.effects.push_back(Effect::Close {
                connection: id,
                reason: GoAwayReason::Draining,
                retry_after_ms: draining.over_ms.max(RETRY_AFTER_MS),
            });
            self.closed += 1;
            return;
        }
        self.connections
            .insert(id, Connection::new(peer, now.mono_ms));
        self.touched.insert(id);
    }

    fn malformed(&mut self, id: ConnectionId, error: &DecodeError, now: Now) {
        let Some(connection) = self.connections.get_mut(&id) else {
            return;
        };
        connection.heard_ms = now.mono_ms;
        match error {
            DecodeError::UnknownKind { request } if connection.phase != Phase::Silent => {
                self.fail(id, *request, FailureCode::Malformed, 0);
            }
            _ => self.close(id, GoAwayReason::ProtocolError, 0),
        }
    }

    /// Answers a request that can't be done; a request without a number gets no answer.
    fn fail(&mut self, id: ConnectionId, request: u64, code: FailureCode, retry_after_ms: u32) {
        if request != 0 {
            let message = ServerMessage::Failed {
                code,
                retry_after_ms,
            };
            self.send(id, request, message);
        }
    }

    fn send(&mut self, id: ConnectionId, request: u64, message: ServerMessage) {
        if self.connections.contains_key(&id) {
            self.effects.push_back(Effect::Send {
                connection: id,
                frame: ServerFrame { request, message },
            });
        }
    }

    fn close(&mut self, id: ConnectionId, reason: GoAwayReason, retry_after_ms: u32) {
        if self.connections.contains_key(&id) {
            self.forget(id);
            self.closed += 1;
            self.effects.push_back(Effect::Close {
                connection: id,
                reason,
                retry_after_ms,
            });
        }
    }

    /// Drops everything that is known of a connection. Requests of it that are with the log stay:
    /// what they change concerns others too.
    fn forget(&mut self, id: ConnectionId) {
        let Some(connection) = self.connections.remove(&id) else {
            return;
        };
        for conversation in connection.live.keys() {
            self.drop_live_entry(*conversation, id);
        }
        if self.devices.get(&connection.peer.device) == Some(&id) {
            self.devices.remove(&connection.peer.device);
        }
        self.timers.remove(&(connection.timer_ms, id));
        self.touched.remove(&id);
    }

    /// Begins to push a conversation, `next` first.
    fn set_live(&mut self, id: ConnectionId, conversation: ConversationId, next: u64) {
        if let Some(connection) = self.connections.get_mut(&id) {
            connection.live.insert(conversation, next);
            self.live.entry(conversation).or_default().insert(id);
        }
    }

    /// Stops pushing a conversation.
    fn end_live(&mut self, id: ConnectionId, conversation: ConversationId) {
        if let Some(connection) = self.connections.get_mut(&id) {
            connection.live.remove(&conversation);
            connection.marks.remove(&conversation);
            self.drop_live_entry(conversation, id);
        }
    }

    fn drop_live_entry(&mut self, conversation: ConversationId, id: ConnectionId) {
        if let Some(connections) = self.live.get_mut(&conversation) {
            connections.remove(&id);
            if connections.is_empty() {
                self.live.remove(&conversation);
            }
        }
    }
}
