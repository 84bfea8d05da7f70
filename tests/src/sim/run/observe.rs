//! Looking at the world after each step: who has died, what is shown now.

use std::collections::BTreeSet;

use whimbrel::types::{Change, ConversationId, Message, MessageKind};

use super::{Death, Recovery, Run};
use crate::sim::check::gather::{self, Unread};
use crate::sim::check::watch;
use crate::sim::check::{Invariant, Verdict, Violation};
use crate::sim::device::DeviceIndex;
use crate::sim::fault::Fault;

impl Run {
    /// Notices deaths and reads what has changed.
    pub(in crate::sim) fn observe(&mut self) -> Verdict {
        self.notice_deaths();
        for who in self.devices() {
            let changes = std::mem::take(&mut self.world.device_mut(who).changes);
            if changes.is_empty() {
                continue;
            }
            if changes.contains(&Change::Outbox) {
                self.note_outbox(who);
            }
            let places: BTreeSet<ConversationId> = changes
                .iter()
                .filter_map(|change| match change {
                    Change::Conversation(id) | Change::Messages(id) | Change::Members(id) => {
                        Some(*id)
                    }
                    _ => None,
                })
                .collect();
            self.look(who, &places)?;
        }
        Ok(())
    }

    /// Reads everything that a device shows, for example after its start.
    pub(in crate::sim) fn observe_all(&mut self, who: DeviceIndex) -> Verdict {
        self.note_outbox(who);
        let Some(engine) = &self.world.device(who).engine else {
            return Ok(());
        };
        let ids = gather::conversation_ids(engine.store().connection());
        let ids = ids.map_err(|error| unread(&self.name(who), &error))?;
        self.look(who, &ids.into_iter().collect())
    }

    /// Learns from the outbox what commands have become.
    pub(in crate::sim) fn note_outbox(&mut self, who: DeviceIndex) {
        if self.world.is_running(who) {
            let outbox = self.world.outbox(who);
            self.book.note_outbox(who, &outbox);
        }
    }

    fn look(&mut self, who: DeviceIndex, places: &BTreeSet<ConversationId>) -> Verdict {
        let name = self.name(who);
        for place in places {
            let Some(engine) = &self.world.device(who).engine else {
                return Ok(());
            };
            watch::look_at_alarm(engine.state().alarm).map_err(|found| {
                Violation::new(found.invariant, format!("{name}: {}", found.what))
            })?;
            let glance = gather::glance(engine.store().connection(), *place);
            let Some(glance) = glance.map_err(|error| unread(&name, &error))? else {
                continue;
            };
            let label = self.history.place(glance.conversation);
            let new = self.watch.look(who, &glance, &self.book).map_err(|found| {
                let found = self.told(found);
                Violation::new(
                    found.invariant,
                    format!("{name} in {label}: {}", found.what),
                )
            })?;
            for row in new {
                let line = format!("{name} sees {}", self.describe(&label, &row));
                self.note(&line);
            }
        }
        Ok(())
    }

    fn describe(&self, label: &str, row: &Message) -> String {
        let name = |user| {
            let found = self.world.devices.iter().find(|device| device.user == user);
            found.map_or("?", |device| device.name.as_str())
        };
        let what = match &row.kind {
            MessageKind::Text { text, .. } => self.shorten(text),
            MessageKind::Added(users) | MessageKind::Removed(users) => {
                let verb = if matches!(row.kind, MessageKind::Added(_)) {
                    "adds"
                } else {
                    "removes"
                };
                let users: Vec<&str> = users.iter().map(|user| name(*user)).collect();
                format!("{verb} {}", users.join(", "))
            }
            MessageKind::Renamed(new) => format!("names it {}", self.shorten(new)),
            other => format!("{other:?}"),
        };
        format!(
            "{label}#{} {}: {what}",
            row.seq.unwrap_or(0),
            name(row.sender)
        )
    }

    /// A text without the canary and without its filling.
    pub(super) fn shorten(&self, text: &str) -> String {
        text.replace(&self.canary, "")
            .trim()
            .chars()
            .take(24)
            .collect()
    }

    /// A process that is gone without anybody having ended it died by a planned death.
    fn notice_deaths(&mut self) {
        for who in self.devices() {
            let running = self.world.is_running(who);
            let was_running = self.alive.get(who.0).copied().unwrap_or(false);
            if was_running && !running {
                let planned = self.planned.remove(&who);
                let death = planned.unwrap_or(Death {
                    fault: Fault::ClientKilledInside,
                    power: None,
                });
                if let Some(mode) = death.power {
                    let seed = self.failing.next_u64();
                    self.world.device(who).disk.power_cut(mode, seed);
                }
                self.counters.count(death.fault);
                let name = self.name(who);
                self.note(&format!("! {name}: {}, inside", death.fault.name()));
                self.device_is_down(who);
            }
        }
        if self.server_alive && self.world.server.is_none() {
            let planned = self.server_planned.take();
            let death = planned.unwrap_or(Death {
                fault: Fault::ServerKilledInside,
                power: None,
            });
            if let Some(mode) = death.power {
                let seed = self.failing.next_u64();
                self.world.server_disk.power_cut(mode, seed);
            }
            self.counters.count(death.fault);
            self.note(&format!("! {}", death.fault.name()));
            self.server_is_down();
        }
    }

    /// Somebody starts a dead process again after a while.
    pub(in crate::sim) fn device_is_down(&mut self, who: DeviceIndex) {
        if let Some(alive) = self.alive.get_mut(who.0) {
            *alive = false;
        }
        self.planned.remove(&who);
        let in_ms = match self.failing.below(4) {
            0 => self.failing.below(100),
            1 | 2 => self.failing.below(3_000),
            _ => self.failing.below(30_000),
        };
        self.plan(in_ms, Recovery::StartDevice(who));
    }

    /// The same for the server.
    pub(in crate::sim) fn server_is_down(&mut self) {
        self.server_alive = false;
        self.server_planned = None;
        let in_ms = match self.failing.below(4) {
            0..=2 => self.failing.below(2_000),
            _ => self.failing.below(40_000),
        };
        self.plan(in_ms, Recovery::StartServer);
    }

    pub(super) fn device_is_up(&mut self, who: DeviceIndex) {
        if let Some(alive) = self.alive.get_mut(who.0) {
            *alive = true;
        }
    }

    pub(super) fn server_is_up(&mut self) {
        self.server_alive = true;
    }
}

fn unread(name: &str, error: &Unread) -> Violation {
    Violation::new(
        Invariant::Integrity,
        format!("{name}'s database can't be read: {error}"),
    )
}
