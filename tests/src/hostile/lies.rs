//! The lies that the malicious server can tell, frame by frame.

mod answers;
mod inbox;
mod stream;

use std::collections::BTreeMap;

use whimbrel_protocol::frame::{ClientMessage, ItemResult, Send, ServerMessage};
use whimbrel_protocol::{ClientFrame, ServerFrame, envelope};

use super::absurd;
use super::cast::Cast;
use super::pool::Pool;
use crate::sim::{DeviceIndex, Rng};

/// Frames that come rarely are lied about more often.
const RARE_PER_MILLE: u64 = 700;

/// So often a lie is drawn for a frame.
const DRAWS: usize = 4;

/// A kind of lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lie {
    /// A frame never arrives.
    Withhold,
    /// It arrives up to 40 seconds late, after others.
    Delay,
    /// It arrives twice.
    Repeat,
    /// An old frame takes its place.
    Replay,
    /// A frame of somebody else takes its place.
    Misroute,
    /// Random bytes take its place.
    Garbage,
    /// One byte of it is another.
    FlipByte,
    /// The envelopes of a run in another order.
    Reorder,
    /// Envelopes under other numbers.
    Renumber,
    /// One envelope is left out, and the others move up.
    Omit,
    /// Genuine envelopes of earlier, or of the hostile member, under the next numbers.
    Insert,
    /// A true envelope with another sender.
    WrongSender,
    /// A true envelope at another time.
    WrongTime,
    /// A true envelope with another count, epoch, id, kind or silence.
    WrongField,
    /// An envelope with the bytes of another one.
    WrongBody,
    /// An envelope of which only a hash is shown.
    OnlyHash,
    /// An envelope that is said to be taken back.
    Voided,
    /// A run of one conversation under the id of another.
    OtherPlace,
    /// Heads that are not true.
    Heads,
    /// Another incarnation of the log.
    Incarnation,
    /// Marks that are not true.
    Marks,
    /// Items are dropped, and said to be accepted.
    FalseAccept,
    /// Items are taken, and said to be refused.
    FalseRefusal,
    /// Numbers, times and hashes of results that are not true, too many and too few.
    WrongResult,
    /// Key packages of others, old ones, in another order.
    KeyPackages,
    /// A whole user made by the server.
    Ghost,
    /// A device made by the server beside the true ones.
    Stray,
    /// A manifest of another user, an older one, or one with a flipped bit.
    Manifest,
    /// Names that belong to somebody else.
    Names,
    /// Greetings with wrong counts and clocks.
    Greeting,
    /// Key package counts that are not true.
    Counts,
    /// Inbox items that are forged, old, in another order, under absurd numbers.
    Inbox,
    /// Trees that are not the one asked for.
    Tree,
    /// Requests that fail for no reason, with absurd waits.
    Failures,
    /// The client is sent away.
    GoAway,
}

impl Lie {
    /// Every kind.
    pub const ALL: [Self; 35] = [
        Self::Withhold,
        Self::Delay,
        Self::Repeat,
        Self::Replay,
        Self::Misroute,
        Self::Garbage,
        Self::FlipByte,
        Self::Reorder,
        Self::Renumber,
        Self::Omit,
        Self::Insert,
        Self::WrongSender,
        Self::WrongTime,
        Self::WrongField,
        Self::WrongBody,
        Self::OnlyHash,
        Self::Voided,
        Self::OtherPlace,
        Self::Heads,
        Self::Incarnation,
        Self::Marks,
        Self::FalseAccept,
        Self::FalseRefusal,
        Self::WrongResult,
        Self::KeyPackages,
        Self::Ghost,
        Self::Stray,
        Self::Manifest,
        Self::Names,
        Self::Greeting,
        Self::Counts,
        Self::Inbox,
        Self::Tree,
        Self::Failures,
        Self::GoAway,
    ];
}

/// What becomes of a frame on its way up.
#[derive(Debug, Default)]
pub struct Told {
    /// What the honest server gets.
    pub on: Vec<ClientFrame>,
    /// What the device is answered at once.
    pub back: Vec<ServerFrame>,
}

/// The liar.
#[derive(Debug)]
pub struct Liar {
    pub(super) rng: Rng,
    /// What it may say.
    pub repertoire: Vec<Lie>,
    /// So many of a thousand frames are not what they were.
    pub per_mille: u64,
    /// What it has seen.
    pub pool: Pool,
    pub(super) cast: Cast,
    /// How often it has told which lie.
    pub told: BTreeMap<Lie, u64>,
}

impl Liar {
    /// A liar of this seed.
    #[must_use]
    pub fn new(seed: u64, cast: Cast, repertoire: Vec<Lie>, per_mille: u64) -> Self {
        Self {
            rng: Rng::new(seed, "lies"),
            repertoire,
            per_mille,
            pool: Pool::default(),
            cast,
            told: BTreeMap::new(),
        }
    }

    /// A frame of the server on its way to a device: what arrives instead, and how much later.
    pub fn down(&mut self, to: DeviceIndex, frame: ServerFrame) -> Vec<(i64, Vec<u8>)> {
        self.pool.note(to, &frame);
        let is_rare = matches!(
            frame.message,
            ServerMessage::ClaimedKeyPackages { .. }
                | ServerMessage::UserFound { .. }
                | ServerMessage::TreeChunk { .. }
        );
        let per_mille = if is_rare {
            RARE_PER_MILLE
        } else {
            self.per_mille
        };
        if self.rng.per_mille(per_mille) {
            // Most lies are about one kind of frame; a few draws find one about this.
            for _ in 0..DRAWS {
                let Some(lie) = absurd::one_of(&mut self.rng, &self.repertoire).copied() else {
                    break;
                };
                if let Some(told) = self.tell(lie, to, &frame) {
                    *self.told.entry(lie).or_default() += 1;
                    return told;
                }
            }
        }
        vec![(0, frame.encode())]
    }

    /// A frame of a device on its way to the server.
    pub fn up(&mut self, frame: ClientFrame) -> Told {
        let lies = self.repertoire.contains(&Lie::FalseAccept) && self.rng.per_mille(200);
        match &frame.message {
            ClientMessage::Send(send) if lies => {
                *self.told.entry(Lie::FalseAccept).or_default() += 1;
                let answer = self.false_accept(send);
                Told {
                    on: Vec::new(),
                    back: vec![ServerFrame {
                        request: frame.request,
                        message: answer,
                    }],
                }
            }
            _ => Told {
                on: vec![frame],
                back: Vec::new(),
            },
        }
    }

    fn false_accept(&mut self, send: &Send) -> ServerMessage {
        let head = self
            .pool
            .heads
            .get(&send.conversation)
            .map_or(0, |(head, _)| *head);
        let is_near = self.rng.per_mille(600);
        let first = if is_near {
            head + 1
        } else {
            absurd::number(&mut self.rng, head)
        };
        let results = (0..)
            .zip(&send.items)
            .map(|(at, item)| ItemResult::Accepted {
                seq: first.saturating_add(at),
                server_time_ms: absurd::time_ms(&mut self.rng, 1_750_000_000_000),
                payload_sha256: envelope::sha256(&item.payload),
            });
        ServerMessage::SendResult {
            conversation: send.conversation,
            results: results.collect(),
        }
    }

    fn tell(
        &mut self,
        lie: Lie,
        to: DeviceIndex,
        frame: &ServerFrame,
    ) -> Option<Vec<(i64, Vec<u8>)>> {
        let true_bytes = frame.encode();
        Some(match lie {
            Lie::Withhold => Vec::new(),
            Lie::Delay => {
                let late_ms = self.rng.below(40_000);
                vec![(i64::try_from(late_ms).unwrap_or(0), true_bytes)]
            }
            Lie::Repeat => vec![
                (0, true_bytes.clone()),
                (0, true_bytes.clone()),
                (3_000, true_bytes),
            ],
            Lie::Replay => vec![
                (0, self.old_frame(to, frame.request)?.encode()),
                (0, true_bytes),
            ],
            Lie::Misroute => {
                let other = absurd::one_of(&mut self.rng, &self.cast.people)?.index;
                let instead = self.old_frame(other, frame.request)?;
                vec![(0, instead.encode())]
            }
            Lie::Garbage => {
                let count = self.rng.below(400);
                vec![(0, absurd::bytes(&mut self.rng, count)), (0, true_bytes)]
            }
            Lie::FlipByte => {
                let mut bytes = true_bytes;
                absurd::flip(&mut self.rng, &mut bytes);
                vec![(0, bytes)]
            }
            lie => {
                let mut altered = frame.clone();
                if !self.alter(lie, &mut altered) {
                    return None;
                }
                vec![(0, altered.encode())]
            }
        })
    }

    /// A frame of earlier as the answer to this request.
    fn old_frame(&mut self, of: DeviceIndex, request: u64) -> Option<ServerFrame> {
        let frames: Vec<ServerFrame> = self.pool.frames.get(&of)?.iter().cloned().collect();
        let message = absurd::one_of(&mut self.rng, &frames)?.message.clone();
        Some(ServerFrame { request, message })
    }

    /// Changes a frame. Says whether this lie has anything to say about it.
    fn alter(&mut self, lie: Lie, frame: &mut ServerFrame) -> bool {
        if lie == Lie::Failures && frame.request != 0 {
            frame.message = self.failure();
            return true;
        }
        if lie == Lie::GoAway {
            frame.message = self.go_away();
            return true;
        }
        match &mut frame.message {
            ServerMessage::Envelopes(run) => self.alter_run(lie, run),
            ServerMessage::Heads { heads, .. } => self.alter_heads(lie, heads),
            ServerMessage::Marks { marks, .. } if lie == Lie::Marks => self.alter_marks(marks),
            ServerMessage::SendResult { results, .. } => self.alter_results(lie, results),
            ServerMessage::ClaimedKeyPackages {
                server_time_ms,
                users,
            } => self.alter_claims(lie, server_time_ms, users),
            ServerMessage::UserFound { user, .. } if lie == Lie::Names => self.alter_name(user),
            ServerMessage::HelloOk(ok) if lie == Lie::Greeting => self.alter_greeting(ok),
            ServerMessage::KeyPackageCount {
                one_time,
                has_last_resort,
            } if lie == Lie::Counts => {
                *one_time = absurd::small_number(&mut self.rng);
                *has_last_resort = self.rng.per_mille(500);
                true
            }
            ServerMessage::InboxItems { head, items } if lie == Lie::Inbox => {
                self.alter_inbox(head, items)
            }
            ServerMessage::TreeChunk {
                offset,
                total,
                bytes,
            } if lie == Lie::Tree => self.alter_tree(offset, total, bytes),
            _ => false,
        }
    }
}
