//! Keeping up with the server: the connection and the place of every conversation on it.
//!
//! Pure: it knows no database and no socket. It is told what happened and says which frames to
//! send. **It moves a conversation's place only when told what was committed.**

pub(crate) mod backoff;
pub(crate) mod link;
pub(crate) mod place;
pub(crate) mod requests;

use std::collections::BTreeMap;

use whimbrel_protocol::frame::{ClientMessage, Envelopes, Head};
use whimbrel_protocol::{ClientFrame, ConversationId, Envelope, limits};

use crate::env::Now;
use link::Link;
use place::Place;
use requests::{Request, Requests};

/// Subscriptions that wait for their answer: more at once would fill the way to the server.
const SUBSCRIPTIONS_OUTSTANDING_MAX: usize = 64;
/// Conversations with a batch in flight at once.
const SENDS_OUTSTANDING_MAX: usize = 4;

/// Where this device stands with the server.
pub(crate) struct Sync {
    pub link: Link,
    pub requests: Requests,
    places: BTreeMap<ConversationId, Place>,
    /// Heads of conversations that are not here (yet).
    unknown_heads: BTreeMap<ConversationId, Head>,
    heads_complete: bool,
    focus: Option<ConversationId>,
    /// The server names the newest conversations first.
    last_rank: u64,
    /// Pushed envelopes that were taken from the socket and not reported yet.
    taken: u32,
}

impl Sync {
    pub(crate) fn new() -> Self {
        Self {
            link: Link::new(),
            requests: Requests::default(),
            places: BTreeMap::new(),
            unknown_heads: BTreeMap::new(),
            heads_complete: false,
            focus: None,
            last_rank: 0,
            taken: 0,
        }
    }

    /// A conversation that can be read is here up to `applied`.
    pub(crate) fn track(&mut self, conversation: ConversationId, applied: u64, incarnation: u64) {
        let place = self.places.entry(conversation).or_default();
        place.applied = applied;
        place.incarnation = incarnation;
        if let Some(head) = self.unknown_heads.remove(&conversation) {
            place.learn_incarnation(head.incarnation);
            place.announce(head.head);
        }
    }

    /// A conversation whose log at the server is not the one read here.
    pub(crate) fn next_diverged(&self) -> Option<ConversationId> {
        let diverged = |place: &Place| place.diverged && !place.halted;
        self.places
            .iter()
            .find_map(|(id, place)| diverged(place).then_some(*id))
    }

    /// Whether the server has named every conversation of this device.
    pub(crate) fn has_all_heads(&self) -> bool {
        self.heads_complete
    }

    /// Conversations that the server has named and that are not followed here.
    pub(crate) fn unknown(&self) -> Vec<ConversationId> {
        self.unknown_heads.keys().copied().collect()
    }

    /// Whether this device has applied just what the server has.
    pub(crate) fn has_reached(&self, head: &Head) -> bool {
        let place = self.places.get(&head.conversation);
        place.is_some_and(|place| place.applied == head.head)
    }

    /// Whether nothing of a conversation is under way.
    pub(crate) fn is_idle(&self, conversation: ConversationId) -> bool {
        self.places.get(&conversation).is_none_or(Place::is_idle)
    }

    /// A conversation that is not followed any more.
    pub(crate) fn untrack(&mut self, conversation: ConversationId) {
        self.places.remove(&conversation);
    }

    pub(crate) fn is_tracked(&self, conversation: ConversationId) -> bool {
        self.places.contains_key(&conversation)
    }

    /// Another device goes on here: nothing that was known of the connection is about it.
    pub(crate) fn start_over(&mut self, now: Now) {
        let (network, focus) = (self.link.network(), self.focus);
        *self = Self::new();
        self.focus = focus;
        self.link.set_network(network, now);
    }

    pub(crate) fn set_focus(&mut self, focus: Option<ConversationId>) {
        self.focus = focus;
    }

    /// The connection is gone: everything that was under way on it is forgotten.
    pub(crate) fn reset(&mut self) {
        self.requests.clear();
        self.unknown_heads.clear();
        self.heads_complete = false;
        self.taken = 0;
        for place in self.places.values_mut() {
            place.reset();
        }
    }

    pub(crate) fn on_heads(&mut self, heads: &[Head], more: bool) {
        for head in heads {
            self.last_rank += 1;
            match self.places.get_mut(&head.conversation) {
                Some(place) => {
                    place.rank = self.last_rank;
                    if !self.heads_complete {
                        place.compare(head);
                    }
                    place.look_again();
                    place.announce(head.head);
                }
                None if self.unknown_heads.len() < UNKNOWN_HEADS_MAX => {
                    self.unknown_heads.insert(head.conversation, *head);
                }
                None => {}
            }
        }
        self.heads_complete |= !more;
    }

    /// Envelopes came in, asked for or pushed.
    pub(crate) fn on_envelopes(&mut self, run: Envelopes, pushed: bool, now: Now) {
        if pushed {
            self.taken += u32::try_from(run.envelopes.len()).unwrap_or(u32::MAX);
        }
        let Some(place) = self.places.get_mut(&run.conversation) else {
            return;
        };
        place.learn_incarnation(run.incarnation);
        let before = place.have();
        place.take(run.head, run.envelopes);
        if !pushed {
            place.fetching = false;
            if place.have() == before {
                // An answer that brings nothing is not asked for again at once.
                place.fetch_not_before = now.mono_ms + EMPTY_ANSWER_PAUSE_MS;
            }
        }
    }

    /// A fetch was refused.
    pub(crate) fn on_fetch_failed(&mut self, conversation: ConversationId, retry_at: i64) {
        if let Some(place) = self.places.get_mut(&conversation) {
            place.fetching = false;
            place.live = false;
            place.fetch_not_before = retry_at;
        }
    }

    /// The server has come this far in a conversation; sealing waits for it.
    pub(crate) fn note_head(&mut self, conversation: ConversationId, head: u64) {
        if let Some(place) = self.places.get_mut(&conversation) {
            place.announce(head);
        }
    }

    /// Envelopes up to `seq` are committed.
    pub(crate) fn on_applied(&mut self, conversation: ConversationId, seq: u64) {
        if let Some(place) = self.places.get_mut(&conversation) {
            place.on_applied(seq);
        }
    }

    /// The next conversation with envelopes to apply: the one on screen first.
    pub(crate) fn next_run(&self) -> Option<ConversationId> {
        let waiting = |(id, place): (&ConversationId, &Place)| place.has_work().then_some(*id);
        let focused = self
            .focus
            .and_then(|id| self.places.get_key_value(&id))
            .and_then(waiting);
        focused.or_else(|| self.places.iter().find_map(waiting))
    }

    pub(crate) fn place_mut(&mut self, conversation: ConversationId) -> Option<&mut Place> {
        self.places.get_mut(&conversation)
    }

    /// Incarnation of the log that a conversation's envelopes come from.
    pub(crate) fn incarnation(&self, conversation: ConversationId) -> u64 {
        self.places
            .get(&conversation)
            .map_or(0, |place| place.incarnation)
    }

    /// The envelopes at the front of a conversation's queue, up to a cost.
    pub(crate) fn run(&self, conversation: ConversationId, cost: usize) -> Vec<Envelope> {
        self.places
            .get(&conversation)
            .map(|place| place.run(cost))
            .unwrap_or_default()
    }

    /// Whether a conversation's outbox may be looked at: it has reached the head announced on
    /// this connection, and nothing of it is in flight.
    pub(crate) fn may_seal(&self, conversation: ConversationId) -> bool {
        self.link.is_up()
            && self.heads_complete
            && self.requests.sends() < SENDS_OUTSTANDING_MAX
            && !self.requests.is_sending(conversation)
            && self
                .places
                .get(&conversation)
                .is_none_or(Place::is_caught_up)
    }

    /// Whether everything that the server has announced is applied.
    pub(crate) fn is_caught_up(&self) -> bool {
        self.link.is_up()
            && self.heads_complete
            && self.places.values().all(|place| place.is_idle())
    }

    /// The frames that are due: credit, fetches, subscriptions, signs of life.
    pub(crate) fn due_frames(&mut self, now: Now) -> Vec<ClientFrame> {
        if !self.link.is_up() {
            return Vec::new();
        }
        let mut frames = Vec::new();
        if self.taken > 0 {
            let envelopes = std::mem::take(&mut self.taken);
            frames.push(ClientFrame {
                request: 0,
                message: ClientMessage::Taken { envelopes },
            });
        }
        if self.heads_complete {
            self.fetch(now, &mut frames);
            self.go_live(now, &mut frames);
        }
        if frames.is_empty() && self.link.ping_is_due(now) {
            frames.push(ClientFrame {
                request: 0,
                message: ClientMessage::Ping,
            });
        }
        if !frames.is_empty() {
            self.link.sent(now);
        }
        frames
    }

    fn fetch(&mut self, now: Now, frames: &mut Vec<ClientFrame>) {
        let focus = self.focus;
        let mut behind: Vec<(bool, u64, ConversationId)> = Vec::new();
        for (id, place) in &mut self.places {
            place.forget_past(now);
            if place.wants_fetch(now) {
                behind.push((focus != Some(*id), place.rank, *id));
            }
        }
        behind.sort_unstable();
        for (_, _, conversation) in behind {
            if self.requests.fetches() >= limits::FETCHES_OUTSTANDING_MAX {
                break;
            }
            let Some(place) = self.places.get_mut(&conversation) else {
                continue;
            };
            place.fetching = true;
            let after = place.have();
            let limit = u32::try_from(limits::FETCH_ENVELOPES_MAX).unwrap_or(u32::MAX);
            let message = ClientMessage::Fetch {
                conversation,
                after,
                limit,
            };
            frames.push(
                self.requests
                    .ask(Request::Fetch { conversation }, message, now),
            );
        }
    }

    fn go_live(&mut self, now: Now, frames: &mut Vec<ClientFrame>) {
        for (conversation, place) in &mut self.places {
            if self.requests.subscriptions() >= SUBSCRIPTIONS_OUTSTANDING_MAX {
                break;
            }
            if place.wants_live(now) {
                place.live = true;
                let conversation = *conversation;
                if !std::mem::replace(&mut place.acknowledged, true) {
                    let seq = place.applied;
                    let message = ClientMessage::Applied { conversation, seq };
                    frames.push(ClientFrame {
                        request: 0,
                        message,
                    });
                }
                let message = ClientMessage::GoLive {
                    conversation,
                    after: place.applied,
                };
                frames.push(
                    self.requests
                        .ask(Request::GoLive { conversation }, message, now),
                );
            }
        }
    }

    /// When something here falls due, if nothing happens before.
    pub(crate) fn wake_at(&self) -> Option<i64> {
        // Without a connection there is nothing to do for them, and no end of waking up.
        let places = self.places.values().filter(|_| self.link.is_up());
        let places = places.filter_map(Place::wake_at);
        places.chain(self.requests.oldest_deadline()).min()
    }
}

/// Pause after a fetch that brought nothing though something was announced.
const EMPTY_ANSWER_PAUSE_MS: i64 = 2_000;
/// Heads kept for conversations that are not here.
const UNKNOWN_HEADS_MAX: usize = 10_000;
