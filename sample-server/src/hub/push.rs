//! Pushing: envelopes, heads, marks and inbox items that nobody asked for.

use std::collections::BTreeMap;

use whimbrel_protocol::envelope::{Body, Envelope};
use whimbrel_protocol::frame::{
    Envelopes, GoAwayReason, Head, InboxItem, InboxKind, Mark, ServerMessage,
};
use whimbrel_protocol::limits::HEADS_PER_FRAME_MAX;
use whimbrel_protocol::{DeviceId, ServerFrame};

use super::connection::Phase;
use super::{ConnectionId, Effect, Hub};
use crate::Now;
use crate::log::{Appended, Delivery, ManifestNews};

impl Hub {
    /// Tells everybody concerned what was appended.
    pub(super) fn push(&mut self, appended: Appended) {
        let Appended {
            head,
            envelopes,
            members,
            gone,
            deliveries,
        } = appended;
        self.appended += u64::try_from(envelopes.len()).unwrap_or(u64::MAX);
        self.effects.push_back(Effect::Hint {
            conversation: head.conversation,
            head: head.head,
        });
        // Of several removals of one device, the last counts.
        let gone: BTreeMap<DeviceId, Head> = gone
            .into_iter()
            .map(|gone| (gone.device, gone.head))
            .collect();
        // A new device gets its Welcome; heads of a conversation it is not in yet say nothing.
        let welcomed: Vec<DeviceId> = deliveries.iter().map(|each| each.device).collect();
        for delivery in deliveries {
            self.deliver(delivery);
        }
        for (device, last) in &gone {
            if let Some(id) = self.devices.get(device).copied() {
                self.push_to(id, *last, &envelopes);
                self.end_live(id, last.conversation);
            }
        }
        for device in members {
            if !gone.contains_key(&device)
                && !welcomed.contains(&device)
                && let Some(id) = self.devices.get(&device).copied()
            {
                self.push_to(id, head, &envelopes);
            }
        }
    }

    /// Pushes what of these envelopes is next for a connection, up to `head`, or else tells it
    /// the head.
    fn push_to(&mut self, id: ConnectionId, head: Head, envelopes: &[Envelope]) {
        let Some(connection) = self.connections.get_mut(&id) else {
            return;
        };
        let next = connection.live.get_mut(&head.conversation);
        let Some(next) = next else {
            connection.note_head(head);
            self.touched.insert(id);
            return;
        };
        let device = connection.peer.device;
        let run: Vec<Envelope> = envelopes
            .iter()
            .filter(|envelope| *next <= envelope.seq && envelope.seq <= head.head)
            .map(|envelope| for_device(envelope, device))
            .collect();
        let (Some(first), Some(last)) = (run.first(), run.last()) else {
            // The client has them already.
            return;
        };
        let (is_next, after_last) = (first.seq == *next, last.seq.saturating_add(1));
        if is_next && connection.spend(run.len()) {
            connection.live.insert(head.conversation, after_last);
            self.pushed += u64::try_from(run.len()).unwrap_or(u64::MAX);
            let message = ServerMessage::Envelopes(Envelopes {
                conversation: head.conversation,
                incarnation: head.incarnation,
                head: head.head,
                envelopes: run,
            });
            self.send(id, 0, message);
            return;
        }
        if is_next {
            connection.starved = true;
            self.starved += 1;
        }
        connection.note_head(head);
        self.touched.insert(id);
    }

    /// Pushes a new inbox item to the device it is for. One that is not connected, or that waits
    /// for the answer to its `Hello`, learns of it by the inbox head in its `HelloOk`.
    pub(super) fn deliver(&mut self, delivery: Delivery) {
        let message = ServerMessage::InboxItems {
            head: delivery.item.seq,
            items: vec![delivery.item],
        };
        self.tell_device(delivery.device, message);
    }

    pub(super) fn deliver_all(&mut self, deliveries: Vec<Delivery>) {
        for delivery in deliveries {
            self.deliver(delivery);
        }
    }

    /// Tells a device something that it did not ask for, if it is connected and greeted.
    pub(super) fn tell_device(&mut self, device: DeviceId, message: ServerMessage) {
        if let Some(id) = self.ready(device) {
            self.send(id, 0, message);
        }
    }

    fn ready(&self, device: DeviceId) -> Option<ConnectionId> {
        let id = self.devices.get(&device).copied()?;
        let connection = self.connections.get(&id)?;
        (connection.phase == Phase::Ready).then_some(id)
    }

    /// Tells those concerned of a new manifest, and closes the devices that it revokes.
    pub(super) fn manifest_news(&mut self, news: ManifestNews) {
        for device in news.revoked {
            if let Some(id) = self.devices.get(&device).copied() {
                self.close(id, GoAwayReason::Revoked, 0);
            }
        }
        for (device, seq) in news.receivers {
            let Some(id) = self.ready(device) else {
                continue;
            };
            let kind = InboxKind::ManifestChanged {
                user: news.user,
                manifest: news.manifest.clone(),
            };
            let message = ServerMessage::InboxItems {
                head: seq,
                items: vec![InboxItem { seq, kind }],
            };
            self.send(id, 0, message);
        }
    }

    /// Sends the heads and marks that wait, if that is not too soon after the last ones.
    pub(super) fn flush(&mut self, id: ConnectionId, now: Now) {
        let Some(connection) = self.connections.get_mut(&id) else {
            return;
        };
        let due_ms = connection
            .flushed_ms
            .saturating_add(i64::from(self.config.coalesce_ms));
        if !connection.has_news() || now.mono_ms < due_ms {
            return;
        }
        connection.flushed_ms = now.mono_ms;
        let mut messages = Vec::new();
        if !connection.starved {
            let heads: Vec<Head> = std::mem::take(&mut connection.heads)
                .into_values()
                .collect();
            for heads in heads.chunks(HEADS_PER_FRAME_MAX) {
                messages.push(ServerMessage::Heads {
                    heads: heads.to_vec(),
                    more: false,
                });
            }
        }
        for (conversation, marks) in std::mem::take(&mut connection.marks) {
            let marks = marks
                .into_iter()
                .map(|(user, delivered)| Mark { user, delivered })
                .collect();
            messages.push(ServerMessage::Marks {
                conversation,
                marks,
            });
        }
        for message in messages {
            let frame = ServerFrame {
                request: 0,
                message,
            };
            self.effects.push_back(Effect::Send {
                connection: id,
                frame,
            });
        }
    }
}

/// An envelope as a device gets it: its own comes back as a hash, for it has the bytes.
fn for_device(envelope: &Envelope, device: DeviceId) -> Envelope {
    let mut envelope = envelope.clone();
    if envelope.sender_device == device {
        envelope.body = Body::OwnHash(envelope.body.payload_sha256());
    }
    envelope
}
