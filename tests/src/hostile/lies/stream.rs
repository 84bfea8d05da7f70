//! Lies about the log: envelopes, heads and marks.

use whimbrel_protocol::envelope::Body;
use whimbrel_protocol::frame::{Envelopes, Head, Mark, ServerMessage};
use whimbrel_protocol::{ConversationId, Envelope, ItemKind};

use super::{Liar, Lie};
use crate::hostile::absurd;

impl Liar {
    pub(super) fn alter_run(&mut self, lie: Lie, run: &mut Envelopes) -> bool {
        match lie {
            Lie::Heads => run.head = absurd::number(&mut self.rng, run.head),
            Lie::Incarnation => run.incarnation = absurd::number(&mut self.rng, run.incarnation),
            Lie::Reorder => {
                run.envelopes.reverse();
                return run.envelopes.len() > 1;
            }
            Lie::Renumber => {
                let up = self.rng.below(3);
                for envelope in &mut run.envelopes {
                    envelope.seq = match up {
                        0 => envelope.seq.saturating_add(1),
                        1 => envelope.seq.saturating_sub(1),
                        _ => absurd::number(&mut self.rng, envelope.seq),
                    };
                }
            }
            Lie::Omit => return self.omit(run),
            Lie::Insert => return self.insert(run),
            Lie::OtherPlace => return self.other_place(run),
            lie => return self.alter_one(lie, run),
        }
        true
    }

    fn omit(&mut self, run: &mut Envelopes) -> bool {
        let count = run.envelopes.len();
        if count == 0 {
            return false;
        }
        let at = usize::try_from(self.rng.below(count as u64)).unwrap_or(0);
        run.envelopes.remove(at);
        for envelope in run.envelopes.iter_mut().skip(at) {
            envelope.seq = envelope.seq.saturating_sub(1);
        }
        run.head = run.head.saturating_sub(1);
        true
    }

    /// What was never said here and now: old envelopes, also of other conversations.
    fn insert(&mut self, run: &mut Envelopes) -> bool {
        let pool: Vec<_> = self.pool.envelopes.iter().cloned().collect();
        let (Some((_, mut extra)), Some(first)) = (
            absurd::one_of(&mut self.rng, &pool).cloned(),
            run.envelopes.first().map(|envelope| envelope.seq),
        ) else {
            return false;
        };
        extra.seq = first;
        for envelope in &mut run.envelopes {
            envelope.seq = envelope.seq.saturating_add(1);
        }
        run.envelopes.insert(0, extra);
        run.head = run.head.saturating_add(1);
        true
    }

    fn other_place(&mut self, run: &mut Envelopes) -> bool {
        let places: Vec<ConversationId> = self.pool.heads.keys().copied().collect();
        let Some(other) = absurd::one_of(&mut self.rng, &places) else {
            return false;
        };
        let (head, incarnation) = self.pool.heads.get(other).copied().unwrap_or_default();
        run.conversation = *other;
        run.incarnation = incarnation;
        run.head = head;
        for envelope in &mut run.envelopes {
            run.head = run.head.saturating_add(1);
            envelope.seq = run.head;
        }
        true
    }

    fn alter_one(&mut self, lie: Lie, run: &mut Envelopes) -> bool {
        let at = self.rng.below(run.envelopes.len() as u64);
        let Some(envelope) = run.envelopes.get_mut(usize::try_from(at).unwrap_or(0)) else {
            return false;
        };
        match lie {
            Lie::WrongSender => self.wrong_sender(envelope),
            Lie::WrongTime => {
                envelope.server_time_ms = absurd::time_ms(&mut self.rng, envelope.server_time_ms);
            }
            Lie::WrongField => self.wrong_field(envelope),
            Lie::WrongBody => return self.wrong_body(envelope),
            Lie::OnlyHash => envelope.body = Body::OwnHash(envelope.body.payload_sha256()),
            Lie::Voided => envelope.voided = true,
            _ => return false,
        }
        true
    }

    fn wrong_sender(&mut self, envelope: &mut Envelope) {
        let (user, device) = match absurd::one_of(&mut self.rng, &self.cast.people) {
            Some(person) if self.rng.per_mille(800) => (person.user, person.device),
            _ => self.cast.mallory,
        };
        envelope.sender_user = user;
        if self.rng.per_mille(700) {
            envelope.sender_device = device;
        }
    }

    fn wrong_field(&mut self, envelope: &mut Envelope) {
        match self.rng.below(5) {
            0 => envelope.counter = absurd::number(&mut self.rng, envelope.counter),
            1 => envelope.epoch = absurd::number(&mut self.rng, envelope.epoch),
            2 => {
                let pool: Vec<_> = self.pool.envelopes.iter().collect();
                if let Some((_, other)) = absurd::one_of(&mut self.rng, &pool) {
                    envelope.client_id = other.client_id;
                }
            }
            3 => {
                let kinds = [ItemKind::Create, ItemKind::Commit, ItemKind::Message];
                if let Some(kind) = absurd::one_of(&mut self.rng, &kinds) {
                    envelope.kind = *kind;
                }
            }
            _ => envelope.silent = !envelope.silent,
        }
    }

    fn wrong_body(&mut self, envelope: &mut Envelope) -> bool {
        let Body::Payload(payload) = &mut envelope.body else {
            envelope.body = Body::OwnHash(self.rng.seed32());
            return true;
        };
        let pool: Vec<_> = self.pool.envelopes.iter().collect();
        match (self.rng.below(3), absurd::one_of(&mut self.rng, &pool)) {
            (0, Some((_, other))) => envelope.body = other.body.clone(),
            (1, _) => return absurd::flip(&mut self.rng, payload),
            _ => *payload = absurd::bytes(&mut self.rng, 300),
        }
        true
    }

    pub(super) fn alter_heads(&mut self, lie: Lie, heads: &mut Vec<Head>) -> bool {
        let at = self.rng.below(heads.len() as u64);
        let at = usize::try_from(at).unwrap_or(0);
        let Some(head) = heads.get_mut(at) else {
            return false;
        };
        match lie {
            Lie::Heads => match self.rng.below(3) {
                0 => head.epoch = absurd::number(&mut self.rng, head.epoch),
                1 => head.head = absurd::number(&mut self.rng, head.head),
                _ => {
                    heads.remove(at);
                }
            },
            Lie::Incarnation => {
                head.incarnation = absurd::number(&mut self.rng, head.incarnation);
            }
            Lie::OtherPlace => {
                head.conversation = ConversationId::from_bytes([0x77; 16]);
            }
            _ => return false,
        }
        true
    }

    pub(super) fn alter_marks(&mut self, marks: &mut Vec<Mark>) -> bool {
        for mark in marks.iter_mut() {
            mark.delivered = absurd::number(&mut self.rng, mark.delivered);
        }
        marks.push(Mark {
            user: self.cast.mallory.0,
            delivered: u64::MAX,
        });
        true
    }

    /// Something that nobody asked for.
    pub(super) fn invent_stream(&mut self) -> Option<ServerMessage> {
        let places: Vec<_> = self
            .pool
            .heads
            .iter()
            .map(|(id, seen)| (*id, *seen))
            .collect();
        let (conversation, (head, incarnation)) = *absurd::one_of(&mut self.rng, &places)?;
        Some(match self.rng.below(3) {
            0 => ServerMessage::Heads {
                heads: vec![Head {
                    conversation,
                    incarnation,
                    head: absurd::number(&mut self.rng, head),
                    epoch: absurd::number(&mut self.rng, 3),
                }],
                more: self.rng.per_mille(500),
            },
            1 => {
                let mut marks = vec![Mark {
                    user: self.cast.people.first()?.user,
                    delivered: absurd::number(&mut self.rng, head),
                }];
                self.alter_marks(&mut marks);
                ServerMessage::Marks {
                    conversation,
                    marks,
                }
            }
            _ => {
                let pool: Vec<_> = self.pool.envelopes.iter().cloned().collect();
                let (_, mut envelope) = absurd::one_of(&mut self.rng, &pool)?.clone();
                envelope.seq = head.saturating_add(1);
                ServerMessage::Envelopes(Envelopes {
                    conversation,
                    incarnation,
                    head: envelope.seq,
                    envelopes: vec![envelope],
                })
            }
        })
    }
}
