//! What can wait longest: marks, key packages, the write-ahead log, the reserve on the disk.

use whimbrel_mls::{LastResort, make_key_package};
use whimbrel_protocol::frame::ClientMessage;
use whimbrel_protocol::limits;

use crate::engine::Engine;
use crate::env::Now;
use crate::groups::mls_defect;
use crate::store::Unpublished;
use crate::store::open::CheckpointMode;
use crate::sync::requests::Request;
use crate::types::{Alarm, Change};

/// How long a key package may be claimed.
const KEY_PACKAGE_MS: i64 = 90 * 24 * 3_600 * 1_000;
/// How long its private half outlives that, for Welcomes that are under way.
const KEY_PACKAGE_GRACE_MS: i64 = 30 * 24 * 3_600 * 1_000;
/// Pages in the write-ahead log from which on it is moved into the database file.
const WAL_PAGES_MAX: u64 = 1_000;
/// Pages from which on it is also cut to nothing, readers permitting: 16 MiB.
const WAL_PAGES_FORCED: u64 = 4_096;
/// Time between two looks whether there is space again.
const SPACE_PAUSE_MS: i64 = 10_000;
/// Rest after the last transaction before it is cut to nothing.
const WAL_IDLE_MS: i64 = 10_000;

impl Engine {
    pub(in crate::engine) fn marks_unit(&mut self, now: Now) -> bool {
        if self.work.marks.is_empty() {
            return false;
        }
        let marks = std::mem::take(&mut self.work.marks);
        let written = self.write(now, false, |tx, _, context, _| {
            for (conversation, marks) in &marks {
                for (user, delivered) in marks {
                    if tx.raise_delivered(*conversation, *user, *delivered)? {
                        context.changes.insert(Change::Members(*conversation));
                        context.changes.insert(Change::Messages(*conversation));
                    }
                }
            }
            Ok(())
        });
        if let Err(error) = written {
            // The server says them once.
            self.work.marks = marks;
            self.rest(&error, now);
        }
        true
    }

    pub(in crate::engine) fn key_package_unit(&mut self, now: Now) -> bool {
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
        if !self.sync.link.is_up() || now.mono_ms < self.work.publish_not_before {
            return false;
        }
        let have = usize::try_from(one_time).unwrap_or(usize::MAX);
        let refilling = have < limits::KEY_PACKAGES_ONE_TIME && self.work.refilling;
        self.work.refilling = refilling || have <= limits::KEY_PACKAGES_REFILL_AT;
        if !self.work.refilling && !self.work.needs_last_resort {
            return false;
        }
        self.publish_key_packages(have, now)
    }

    pub(in crate::engine) fn publish_key_packages(&mut self, have: usize, now: Now) -> bool {
        let missing = limits::KEY_PACKAGES_ONE_TIME.saturating_sub(have);
        let missing = if self.work.refilling { missing } else { 0 };
        let count = missing.min(limits::KEY_PACKAGES_PER_FRAME_MAX);
        let needs_last_resort = self.work.needs_last_resort;
        let expires_ms = self.directory.server_time_ms.saturating_add(KEY_PACKAGE_MS);
        // A clock that runs ahead, the server's or this device's, must not make keys go early.
        let earlier_ms = self.directory.server_time_ms.min(now.wall_ms);
        let forget_before_ms = earlier_ms.saturating_sub(KEY_PACKAGE_GRACE_MS);
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

    pub(in crate::engine) fn transmit_key_packages(&mut self, ready: Vec<Unpublished>, now: Now) {
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

    pub(in crate::engine) fn checkpoint_unit(&mut self, now: Now) -> bool {
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

    pub(in crate::engine) fn checkpoint(&mut self, mode: CheckpointMode, now: Now) -> bool {
        if let Err(error) = self.store.checkpoint(mode) {
            self.rest(&error, now);
        }
        true
    }

    pub(in crate::engine) fn space_unit(&mut self, now: Now) -> bool {
        if self.alarm != Some(Alarm::DiskFull) || now.mono_ms < self.work.space_not_before {
            return false;
        }
        match self.store.guard().fill_ballast() {
            Ok(()) => self.alarm = None,
            // What the released room was for goes on meanwhile.
            Err(_) => self.work.space_not_before = now.mono_ms + SPACE_PAUSE_MS,
        }
        true
    }
}
