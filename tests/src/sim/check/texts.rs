//! What a text must say in the end, given the edits and deletions in the log.

use std::collections::BTreeMap;

use whimbrel::types::{ClientId, ConversationId, Message, MessageKind, UserId};

use super::said::Intended;
use super::{DeviceEvidence, Evidence, Invariant, Logged, Stay, Verdict, demand};

pub(super) fn check(evidence: &Evidence) -> Verdict {
    let mut numbers = BTreeMap::new();
    for (conversation, items) in &evidence.server.log {
        for item in items {
            numbers.insert(item.id, (*conversation, item));
        }
    }
    let texts = Texts { evidence, numbers };
    for device in &evidence.devices {
        for shown in &device.places {
            for message in &shown.messages {
                texts.check(device, message)?;
            }
        }
    }
    Ok(())
}

struct Texts<'e> {
    evidence: &'e Evidence,
    numbers: BTreeMap<ClientId, (ConversationId, &'e Logged)>,
}

impl Texts<'_> {
    fn check(&self, device: &DeviceEvidence, message: &Message) -> Verdict {
        let shown = match &message.kind {
            MessageKind::Text { text, .. } => Some(text.as_str()),
            MessageKind::Deleted => None,
            _ => return Ok(()),
        };
        if message.seq.is_none() || self.is_ahead(device, message) {
            return Ok(());
        }
        let expected = self.expected(device, message);
        demand(expected == shown, Invariant::OneOrder, || {
            let (name, seq) = (&device.name, message.seq.unwrap_or(0));
            format!(
                "{name} in {} at {seq} shows {shown:?}, not {expected:?}",
                message.conversation
            )
        })
    }

    /// An author sees what it changed before the server knows it, and also if it never will.
    fn is_ahead(&self, device: &DeviceEvidence, message: &Message) -> bool {
        let said = self.evidence.book.find(message.id);
        let maybe_deleted = said.is_some_and(|said| said.withdrawn);
        let open = self
            .changes(message.id)
            .any(|(id, _)| !self.numbers.contains_key(id));
        // A change that was superseded before anybody saw its item is among the texts only.
        let unseen = said.is_some_and(|said| {
            let seen = 1 + self
                .changes(message.id)
                .filter(|(_, it)| it.text.is_some())
                .count();
            said.texts.len() > seen
        });
        message.sender == device.user && (open || maybe_deleted || unseen)
    }

    fn changes(&self, target: ClientId) -> impl Iterator<Item = (&ClientId, &Intended)> {
        let all = self.evidence.book.intended().iter();
        all.filter(move |(_, intended)| intended.target == target)
    }

    fn expected(&self, device: &DeviceEvidence, message: &Message) -> Option<&str> {
        let mut text = self
            .evidence
            .book
            .find(message.id)
            .map(|said| said.text.as_str());
        let mut changes: Vec<(u64, &Intended)> = self
            .changes(message.id)
            .filter_map(|(id, intended)| {
                let (conversation, item) = self.numbers.get(id)?;
                let readable = self.can_read(device.user, *conversation, item.seq);
                (item.sender == message.sender && readable).then_some((item.seq, intended))
            })
            .collect();
        changes.sort_by_key(|(seq, _)| *seq);
        for (_, intended) in changes {
            match &intended.text {
                Some(new) => text = text.map(|_| new.as_str()),
                None => text = None,
            }
        }
        text
    }

    fn can_read(&self, user: UserId, conversation: ConversationId, seq: u64) -> bool {
        self.evidence.server.stays.iter().any(|stay: &Stay| {
            stay.user == user && stay.conversation == conversation && stay.covers(seq)
        })
    }
}
