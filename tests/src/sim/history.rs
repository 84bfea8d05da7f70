//! What happened in a run, as people would tell it: who did what, what went wrong, what each
//! device showed next. No ciphertext, so two processes with the same seed tell the same.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use sha2::{Digest, Sha256};
use whimbrel::types::ConversationId;

/// The history of one run.
#[derive(Debug, Clone, Default)]
pub struct History {
    lines: Vec<String>,
    places: BTreeMap<ConversationId, usize>,
}

impl History {
    /// Writes down what happened at this time.
    pub fn note(&mut self, mono_ms: i64, what: &str) {
        self.lines.push(format!("{mono_ms:>8} {what}"));
    }

    /// What a conversation is called in the history: numbers in the order of first mention.
    pub fn place(&mut self, conversation: ConversationId) -> String {
        let next = self.places.len();
        let number = *self.places.entry(conversation).or_insert(next);
        format!("c{number}")
    }

    /// Every conversation and what it is called.
    pub fn places(&self) -> impl Iterator<Item = (ConversationId, String)> {
        self.places
            .iter()
            .map(|(id, number)| (*id, format!("c{number}")))
    }

    /// All lines.
    #[must_use]
    pub fn lines(&self) -> &[String] {
        &self.lines
    }

    /// The last lines.
    #[must_use]
    pub fn tail(&self, lines: usize) -> &[String] {
        self.lines
            .get(self.lines.len().saturating_sub(lines)..)
            .unwrap_or_default()
    }

    /// A number that stands for the whole history.
    #[must_use]
    pub fn hash(&self) -> String {
        let mut hash = Sha256::new();
        for line in &self.lines {
            hash.update(line.as_bytes());
            hash.update(b"\n");
        }
        hash.finalize()
            .iter()
            .fold(String::new(), |mut text, byte| {
                // Writing to a String can't fail.
                let _ = write!(text, "{byte:02x}");
                text
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_depends_on_every_line_and_its_time() {
        let mut history = History::default();
        history.note(1, "alice says hello");
        let first = history.hash();
        let mut other = History::default();
        other.note(2, "alice says hello");
        assert_ne!(first, other.hash());
        history.note(3, "bob sees it");
        assert_ne!(first, history.hash());
        assert_eq!(history.tail(1), ["       3 bob sees it"]);
        assert_eq!(history.tail(9).len(), 2);
    }

    #[test]
    fn conversations_are_numbered_as_they_come() {
        let mut history = History::default();
        let [a, b] = [[9; 16], [1; 16]].map(ConversationId::from_bytes);
        assert_eq!(history.place(a), "c0");
        assert_eq!(history.place(b), "c1");
        assert_eq!(history.place(a), "c0");
    }
}
