//! What people said and did: the book that views and log are compared with.

use std::collections::{BTreeMap, BTreeSet};

use whimbrel::ErrorCode;
use whimbrel::types::{ClientId, ConversationId, OutboxItem, OutboxKind};

use crate::sim::device::DeviceIndex;

/// A text that somebody sent.
#[derive(Debug, Clone)]
pub struct Said {
    /// By which device.
    pub author: DeviceIndex,
    /// Where, as its author called the place then.
    pub place: ConversationId,
    /// What its outbox item said when it was last seen: the text as it goes out.
    pub text: String,
    /// Everything it may say, by this or by later edits.
    pub texts: BTreeSet<String>,
    /// Its author has taken it back, or may have.
    pub withdrawn: bool,
}

/// An edit or a deletion that has become an item of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Intended {
    /// By which device.
    pub author: DeviceIndex,
    /// Of which text.
    pub target: ClientId,
    /// The new text; `None` for a deletion.
    pub text: Option<String>,
}

/// A command whose answer was lost with the process.
#[derive(Debug, Clone)]
struct Unsure {
    author: DeviceIndex,
    place: ConversationId,
    text: String,
}

/// The book.
#[derive(Debug, Clone, Default)]
pub struct Book {
    said: BTreeMap<ClientId, Said>,
    order: Vec<ClientId>,
    /// Texts that failed because their author was removed. Tried again they count as said then.
    failed: BTreeSet<ClientId>,
    intended: BTreeMap<ClientId, Intended>,
    unsure: Vec<Unsure>,
    abandoned: BTreeSet<ConversationId>,
}

impl Book {
    /// `send` has returned this id.
    pub fn sent(&mut self, author: DeviceIndex, place: ConversationId, id: ClientId, text: &str) {
        let said = Said {
            author,
            place,
            text: text.to_owned(),
            texts: BTreeSet::from([text.to_owned()]),
            withdrawn: false,
        };
        if self.said.insert(id, said).is_none() {
            self.order.push(id);
        }
    }

    /// The process died inside `send`: the text may be there or not.
    pub fn maybe_sent(&mut self, author: DeviceIndex, place: ConversationId, text: &str) {
        self.unsure.push(Unsure {
            author,
            place,
            text: text.to_owned(),
        });
    }

    /// A text is, or may be, changed to this.
    pub fn edited(&mut self, id: ClientId, text: &str) {
        if let Some(said) = self.said.get_mut(&id) {
            said.texts.insert(text.to_owned());
        }
    }

    /// A text is, or may be, taken back by its author.
    pub fn withdrawn(&mut self, id: ClientId) {
        if let Some(said) = self.said.get_mut(&id) {
            said.withdrawn = true;
        }
    }

    /// A conversation that never reached the server was given up, with everything in it.
    pub fn abandoned(&mut self, place: ConversationId) {
        self.abandoned.insert(place);
    }

    /// Learns from a device's outbox what its commands have become.
    pub fn note_outbox(&mut self, author: DeviceIndex, outbox: &[OutboxItem]) {
        for item in outbox {
            match &item.kind {
                OutboxKind::Text(text) => self.note_text(author, item, text),
                OutboxKind::Edit { target, text } => {
                    let (target, text) = (*target, Some(text.clone()));
                    self.intended.insert(
                        item.id,
                        Intended {
                            author,
                            target,
                            text,
                        },
                    );
                }
                OutboxKind::Delete { target } => {
                    let target = *target;
                    self.intended.insert(
                        item.id,
                        Intended {
                            author,
                            target,
                            text: None,
                        },
                    );
                }
                _ => {}
            }
        }
    }

    fn note_text(&mut self, author: DeviceIndex, item: &OutboxItem, text: &str) {
        if let Some(said) = self.said.get_mut(&item.id) {
            text.clone_into(&mut said.text);
            self.note_new_try(item);
            return;
        }
        let found = self
            .unsure
            .iter()
            .position(|unsure| unsure.author == author && unsure.text == text);
        if let Some(found) = found {
            let unsure = self.unsure.remove(found);
            self.sent(author, unsure.place, item.id, text);
        }
    }

    fn note_new_try(&mut self, item: &OutboxItem) {
        if item.failure == Some(ErrorCode::NotMember) {
            self.failed.insert(item.id);
        } else if self.failed.remove(&item.id) {
            self.order.retain(|id| *id != item.id);
            self.order.push(item.id);
        }
    }

    /// A text by its id.
    #[must_use]
    pub fn find(&self, id: ClientId) -> Option<&Said> {
        self.said.get(&id)
    }

    /// Every text, in the order of sending.
    pub fn all(&self) -> impl Iterator<Item = (ClientId, &Said)> {
        self.order
            .iter()
            .filter_map(|id| Some((*id, self.said.get(id)?)))
    }

    /// The last texts of a device that it has not taken back, newest first.
    pub fn recent(&self, author: DeviceIndex) -> impl Iterator<Item = (ClientId, &Said)> {
        let newest_first = self.order.iter().rev();
        let found = newest_first.filter_map(|id| Some((*id, self.said.get(id)?)));
        found.filter(move |(_, said)| said.author == author && !said.withdrawn)
    }

    /// Edits and deletions by their item's id.
    #[must_use]
    pub fn intended(&self) -> &BTreeMap<ClientId, Intended> {
        &self.intended
    }

    /// Whether a conversation was given up before the server knew it.
    #[must_use]
    pub fn is_abandoned(&self, place: ConversationId) -> bool {
        self.abandoned.contains(&place)
    }
}
