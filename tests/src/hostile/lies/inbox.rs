//! Lies in the inbox: Welcomes, devices that wait, manifests.

use whimbrel_protocol::frame::{InboxItem, InboxKind, ServerFrame, ServerMessage, Welcome};
use whimbrel_protocol::{ConversationId, DeviceId};

use super::{Liar, Lie};
use crate::hostile::absurd;
use crate::sim::DeviceIndex;

impl Liar {
    pub(super) fn alter_inbox(&mut self, head: &mut u64, items: &mut Vec<InboxItem>) -> bool {
        let last = items.last().map_or(*head, |item| item.seq);
        match self.rng.below(6) {
            0 => items.reverse(),
            1 => {
                let Some(item) = items.first_mut() else {
                    return false;
                };
                item.seq = absurd::number(&mut self.rng, item.seq);
            }
            2 => items.clear(),
            _ => {
                let Some(kind) = self.made_up() else {
                    return false;
                };
                *head = last.saturating_add(1);
                items.push(InboxItem { seq: *head, kind });
            }
        }
        true
    }

    fn made_up(&mut self) -> Option<InboxKind> {
        let old: Vec<InboxItem> = self.pool.inbox.iter().cloned().collect();
        let mut kind = absurd::one_of(&mut self.rng, &old).map(|item| item.kind.clone());
        let places: Vec<ConversationId> = self.pool.heads.keys().copied().collect();
        let place = absurd::one_of(&mut self.rng, &places).copied()?;
        let person = absurd::one_of(&mut self.rng, &self.cast.people)?.clone();
        match (self.rng.below(4), &mut kind) {
            (0, Some(InboxKind::Welcome(welcome))) => self.spoil(welcome, place),
            (0 | 1, Some(_)) => {}
            (2, _) => {
                let stray = DeviceId::from_bytes([0x66; 16]);
                kind = Some(InboxKind::DeviceWaits {
                    conversation: place,
                    seq: self.rng.below(9),
                    user: person.user,
                    device: if self.rng.per_mille(600) {
                        person.device
                    } else {
                        stray
                    },
                });
            }
            _ => {
                let ghost = self
                    .cast
                    .ghosts
                    .iter()
                    .find(|ghost| ghost.user == person.user);
                let mut manifest = ghost.map(|ghost| ghost.manifest.clone())?;
                if self.rng.per_mille(300) {
                    manifest = person.manifest;
                    absurd::flip(&mut self.rng, &mut manifest);
                }
                kind = Some(InboxKind::ManifestChanged {
                    user: person.user,
                    manifest,
                });
            }
        }
        kind
    }

    fn spoil(&mut self, welcome: &mut Welcome, other: ConversationId) {
        match self.rng.below(6) {
            0 => welcome.conversation = other,
            1 => welcome.seq = absurd::number(&mut self.rng, welcome.seq),
            2 => welcome.epoch = absurd::number(&mut self.rng, welcome.epoch),
            3 => welcome.chain = self.rng.seed32(),
            4 => welcome.incarnation = absurd::number(&mut self.rng, welcome.incarnation),
            _ => {
                absurd::flip(&mut self.rng, &mut welcome.welcome);
            }
        }
    }

    /// A frame that nobody asked for, of the kinds in the repertoire.
    pub fn invent(&mut self, to: DeviceIndex) -> Option<ServerFrame> {
        let lie = absurd::one_of(&mut self.rng, &self.repertoire).copied()?;
        let message = match lie {
            Lie::Heads | Lie::Marks | Lie::Insert => self.invent_stream()?,
            Lie::Inbox | Lie::Manifest | Lie::Ghost => ServerMessage::InboxItems {
                head: absurd::number(&mut self.rng, 3),
                items: vec![InboxItem {
                    seq: self.rng.below(8),
                    kind: self.made_up()?,
                }],
            },
            Lie::Counts => ServerMessage::KeyPackageCount {
                one_time: absurd::small_number(&mut self.rng),
                has_last_resort: self.rng.per_mille(500),
            },
            Lie::GoAway => self.go_away(),
            Lie::Replay | Lie::Misroute => {
                let frames: Vec<ServerFrame> = self.pool.frames.get(&to)?.iter().cloned().collect();
                absurd::one_of(&mut self.rng, &frames)?.message.clone()
            }
            _ => return None,
        };
        *self.told.entry(lie).or_default() += 1;
        Some(ServerFrame {
            request: 0,
            message,
        })
    }
}
