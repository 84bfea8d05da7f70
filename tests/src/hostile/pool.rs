//! What the malicious server has seen and keeps: genuine bytes, to be shown again elsewhere.

use std::collections::{BTreeMap, VecDeque};

use whimbrel_protocol::envelope::Body;
use whimbrel_protocol::frame::{ClaimedUser, InboxItem, ServerFrame, ServerMessage};
use whimbrel_protocol::{ConversationId, Envelope};

use crate::sim::DeviceIndex;

/// So many of each are kept.
const KEPT_MAX: usize = 64;

/// The pool.
#[derive(Debug, Default)]
pub struct Pool {
    /// Frames by the device they were for.
    pub frames: BTreeMap<DeviceIndex, VecDeque<ServerFrame>>,
    /// Envelopes with their bytes.
    pub envelopes: VecDeque<(ConversationId, Envelope)>,
    /// Answers to claims.
    pub claims: VecDeque<ClaimedUser>,
    /// Inbox items.
    pub inbox: VecDeque<InboxItem>,
    /// Conversations with the last number and incarnation said of each.
    pub heads: BTreeMap<ConversationId, (u64, u64)>,
}

fn keep<T>(queue: &mut VecDeque<T>, item: T) {
    queue.push_back(item);
    if queue.len() > KEPT_MAX {
        queue.pop_front();
    }
}

impl Pool {
    /// Keeps what a genuine frame holds.
    pub fn note(&mut self, to: DeviceIndex, frame: &ServerFrame) {
        keep(self.frames.entry(to).or_default(), frame.clone());
        match &frame.message {
            ServerMessage::Envelopes(run) => {
                for envelope in &run.envelopes {
                    if matches!(envelope.body, Body::Payload(_)) {
                        self.add(run.conversation, envelope.clone());
                    }
                }
                let seen = self.heads.entry(run.conversation).or_default();
                *seen = (run.head.max(seen.0), run.incarnation);
            }
            ServerMessage::Heads { heads, .. } => {
                for head in heads {
                    let seen = self.heads.entry(head.conversation).or_default();
                    *seen = (head.head.max(seen.0), head.incarnation);
                }
            }
            ServerMessage::ClaimedKeyPackages { users, .. } => {
                for user in users {
                    keep(&mut self.claims, user.clone());
                }
            }
            ServerMessage::InboxItems { items, .. } => {
                for item in items {
                    keep(&mut self.inbox, item.clone());
                }
            }
            _ => {}
        }
    }

    /// Keeps an envelope.
    pub fn add(&mut self, conversation: ConversationId, envelope: Envelope) {
        keep(&mut self.envelopes, (conversation, envelope));
    }
}
