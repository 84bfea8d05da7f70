//! Everything that happens because time passes.
//!
//! Each connection has one timer, set to the earliest time at which something may be due. It is
//! not moved when a frame arrives: when it goes off too early, it is set anew.

use whimbrel_protocol::ConversationId;
use whimbrel_protocol::frame::GoAwayReason;

use super::connection::{Connection, Phase};
use super::requests::What;
use super::{ConnectionId, Effect, Hub, HubConfig, RETRY_AFTER_MS};
use crate::Now;
use crate::log::{ChangeRequest, ReadRequest};

/// Conversations for which it is remembered when to ask. A client that is left out rejects again
/// when it comes back.
const VOIDS_MAX: usize = 10_000;

impl Hub {
    pub(super) fn tick(&mut self, now: Now) {
        // The wake-up is used up, even if it came early.
        self.wake_at_ms = None;
        self.ask_for_voids(now);
        while let Some((due_ms, id)) = self.timers.first().copied() {
            if due_ms > now.mono_ms {
                break;
            }
            self.timers.pop_first();
            let Some(connection) = self.connections.get_mut(&id) else {
                continue;
            };
            connection.timer_ms = i64::MAX;
            match overdue(connection, &self.config, now) {
                Some((reason, retry_after_ms)) => self.close(id, reason, retry_after_ms),
                None => {
                    self.touched.insert(id);
                }
            }
        }
    }

    /// Asks the log in a while whether a rejected commit is void.
    pub(super) fn void_later(&mut self, conversation: ConversationId, after_ms: u32, now: Now) {
        if self.voids.len() < VOIDS_MAX {
            let due_ms = now.mono_ms.saturating_add(i64::from(after_ms));
            self.voids.insert((due_ms, conversation));
        }
    }

    fn ask_for_voids(&mut self, now: Now) {
        while let Some((due_ms, conversation)) = self.voids.first().copied() {
            if due_ms > now.mono_ms {
                break;
            }
            self.voids.pop_first();
            let ask = ReadRequest::Change(ChangeRequest::Void { conversation });
            self.ask_for_itself(ConnectionId(0), What::Void { conversation }, ask);
        }
    }

    /// Ends a call: sends what waits, sets the timers, asks to be woken for the first.
    pub(super) fn settle(&mut self, now: Now) {
        for id in std::mem::take(&mut self.touched) {
            self.flush(id, now);
            self.set_timer(id, now);
        }
        let first_timer = self.timers.first().map(|(due_ms, _)| *due_ms);
        let first_void = self.voids.first().map(|(due_ms, _)| *due_ms);
        let first = first_timer.into_iter().chain(first_void).min();
        if let Some(mono_ms) = first
            && self.wake_at_ms != first
        {
            self.effects.push_back(Effect::WakeAt { mono_ms });
        }
        self.wake_at_ms = first;
    }

    fn set_timer(&mut self, id: ConnectionId, now: Now) {
        let Some(connection) = self.connections.get_mut(&id) else {
            return;
        };
        let due_ms = due(connection, &self.config, now);
        if due_ms < connection.timer_ms {
            self.timers.remove(&(connection.timer_ms, id));
            connection.timer_ms = due_ms;
            self.timers.insert((due_ms, id));
        }
    }
}

/// When a silent connection is given up: after two and a half heartbeats.
fn silence_ends_ms(connection: &Connection, config: &HubConfig) -> i64 {
    let patience_ms = i64::from(config.heartbeat_ms).saturating_mul(5) / 2;
    connection.heard_ms.saturating_add(patience_ms)
}

fn hello_ends_ms(connection: &Connection, config: &HubConfig) -> i64 {
    match connection.phase {
        Phase::Silent => connection
            .since_ms
            .saturating_add(i64::from(config.hello_ms)),
        Phase::Greeted | Phase::Ready => i64::MAX,
    }
}

/// The earliest time at which something may be due.
fn due(connection: &Connection, config: &HubConfig, now: Now) -> i64 {
    let valid_ms = connection.peer.expires_ms.saturating_sub(now.wall_ms);
    let token_ends_ms = now.mono_ms.saturating_add(valid_ms.max(0));
    let drain_ms = connection.drain.map_or(i64::MAX, |drain| drain.mono_ms);
    let news_ms = if connection.has_news() {
        connection
            .flushed_ms
            .saturating_add(i64::from(config.coalesce_ms))
    } else {
        i64::MAX
    };
    silence_ends_ms(connection, config)
        .min(hello_ends_ms(connection, config))
        .min(token_ends_ms)
        .min(drain_ms)
        .min(news_ms)
}

/// Why a connection is to be closed now, and when the client may come back.
fn overdue(connection: &Connection, config: &HubConfig, now: Now) -> Option<(GoAwayReason, u32)> {
    if let Some(drain) = connection.drain
        && drain.mono_ms <= now.mono_ms
    {
        return Some((GoAwayReason::Draining, drain.retry_after_ms));
    }
    if connection.peer.expires_ms <= now.wall_ms {
        return Some((GoAwayReason::TokenExpired, 0));
    }
    if hello_ends_ms(connection, config) <= now.mono_ms {
        return Some((GoAwayReason::ProtocolError, RETRY_AFTER_MS));
    }
    if silence_ends_ms(connection, config) <= now.mono_ms {
        return Some((GoAwayReason::TooSlow, 0));
    }
    None
}
