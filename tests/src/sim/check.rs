//! The checker: what must hold in every run, whatever went wrong in it.
//!
//! It looks twice. [`watch`] sees every device after every step, and knows what each has shown
//! before. [`check`] judges the [`Evidence`] of the end: what the server's log says, what every
//! device shows, and what people did. Both are pure, so that they can be shown broken worlds.

pub mod said;

pub mod gather;

pub mod watch;

mod log;
mod outbox;
mod texts;
mod views;

use std::collections::BTreeMap;
use std::fmt;

use whimbrel::types::{
    Alarm, ClientId, Conversation, ConversationId, Member, Message, OutboxItem, UserId,
};
use whimbrel_protocol::ItemKind;

use said::Book;

/// What must hold (the numbers are those of the list of guarantees).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Invariant {
    /// I1: what was acknowledged is not lost.
    NoLoss,
    /// I2: nothing is there twice.
    NoDuplicate,
    /// I3: one order, and one transcript, on all devices.
    OneOrder,
    /// I4: what one sender says comes in the order it was said.
    SenderOrder,
    /// I5: no gap, as long as the server is honest.
    NoGap,
    /// I6: nothing that nobody said, or that was said elsewhere, or to others.
    NoPhantom,
    /// I9: a view never goes back, a mark never falls.
    NoRegression,
    /// I10: soon after everything is healed, everything has arrived.
    Convergence,
    /// I11: the databases are whole.
    Integrity,
    /// I12: nothing readable where nothing readable belongs.
    Secrecy,
    /// I13: nothing panics.
    NoPanic,
    /// No alarm, no defect and no stopped conversation as long as the server is honest.
    NoAlarm,
}

impl Invariant {
    /// Its number and name in reports.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::NoLoss => "I1 no acknowledged loss",
            Self::NoDuplicate => "I2 no duplicate",
            Self::OneOrder => "I3 one order",
            Self::SenderOrder => "I4 order of one sender",
            Self::NoGap => "I5 no gap",
            Self::NoPhantom => "I6 no phantom",
            Self::NoRegression => "I9 a view never goes back",
            Self::Convergence => "I10 convergence",
            Self::Integrity => "I11 integrity",
            Self::Secrecy => "I12 nothing readable",
            Self::NoPanic => "I13 no panic",
            Self::NoAlarm => "no alarm with an honest server",
        }
    }
}

/// An invariant that does not hold, and what was seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// Which.
    pub invariant: Invariant,
    /// What was seen.
    pub what: String,
}

impl Violation {
    /// A violation.
    #[must_use]
    pub fn new(invariant: Invariant, what: impl Into<String>) -> Self {
        Self {
            invariant,
            what: what.into(),
        }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.invariant.name(), self.what)
    }
}

/// The outcome of a check.
pub type Verdict<T = ()> = Result<T, Violation>;

/// Everything that is known at the end of a run.
#[derive(Debug, Clone)]
pub struct Evidence {
    /// Each device.
    pub devices: Vec<DeviceEvidence>,
    /// The server.
    pub server: ServerEvidence,
    /// What people said and did.
    pub book: Book,
    /// Where something readable was found that must not be there.
    pub leaks: Vec<String>,
}

/// What a device shows.
#[derive(Debug, Clone)]
pub struct DeviceEvidence {
    /// Name of its user.
    pub name: String,
    /// Its user.
    pub user: UserId,
    /// Its conversations.
    pub places: Vec<Shown>,
    /// Its outbox.
    pub outbox: Vec<OutboxItem>,
    /// Its alarm.
    pub alarm: Option<Alarm>,
    /// Ids that conversations had before.
    pub aliases: BTreeMap<ConversationId, ConversationId>,
    /// What the checks of its database say.
    pub damage: Vec<String>,
}

impl DeviceEvidence {
    /// The id that a conversation has now.
    #[must_use]
    pub fn resolve(&self, conversation: ConversationId) -> ConversationId {
        self.aliases
            .get(&conversation)
            .copied()
            .unwrap_or(conversation)
    }

    /// What it shows of a conversation.
    #[must_use]
    pub fn place(&self, conversation: ConversationId) -> Option<&Shown> {
        self.places
            .iter()
            .find(|shown| shown.conversation.id == conversation)
    }
}

/// A conversation as a device shows it.
#[derive(Debug, Clone)]
pub struct Shown {
    /// Its row.
    pub conversation: Conversation,
    /// Its transcript value.
    pub chain: [u8; 32],
    /// All its messages.
    pub messages: Vec<Message>,
    /// Its members.
    pub members: Vec<Member>,
}

/// What the server has.
#[derive(Debug, Clone, Default)]
pub struct ServerEvidence {
    /// The items of each conversation, in order.
    pub log: BTreeMap<ConversationId, Vec<Logged>>,
    /// Who was in which conversation from when to when.
    pub stays: Vec<Stay>,
    /// What the checks of its database say.
    pub damage: Vec<String>,
}

/// An item of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Logged {
    /// Its number.
    pub seq: u64,
    /// What it is.
    pub kind: ItemKind,
    /// Its author.
    pub sender: UserId,
    /// Its id.
    pub id: ClientId,
    /// Whether it is anything but a text.
    pub silent: bool,
    /// The epoch it was made in.
    pub epoch: u64,
    /// Transcript value at its number.
    pub chain: [u8; 32],
}

/// A stay of a user's device in a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stay {
    /// Where.
    pub conversation: ConversationId,
    /// Who.
    pub user: UserId,
    /// The adding commit; the next number is the first readable one.
    pub from: u64,
    /// The removing commit, the last readable number.
    pub to: Option<u64>,
}

impl Stay {
    /// Whether this number can be read in this stay.
    #[must_use]
    pub fn covers(&self, seq: u64) -> bool {
        seq > self.from && self.to.is_none_or(|to| seq <= to)
    }
}

/// Judges the end of a run.
///
/// # Errors
/// The first invariant that does not hold.
pub fn check(evidence: &Evidence) -> Verdict {
    log::check(evidence)?;
    views::check(evidence)?;
    texts::check(evidence)?;
    outbox::check(evidence)?;
    for device in &evidence.devices {
        if let Some(damage) = device.damage.first() {
            let what = format!("{}'s database: {damage}", device.name);
            return Err(Violation::new(Invariant::Integrity, what));
        }
    }
    if let Some(damage) = evidence.server.damage.first() {
        return Err(Violation::new(
            Invariant::Integrity,
            format!("the server's: {damage}"),
        ));
    }
    match evidence.leaks.first() {
        Some(leak) => Err(Violation::new(Invariant::Secrecy, leak.clone())),
        None => Ok(()),
    }
}

/// Says what is wrong, or that nothing is.
fn demand(holds: bool, invariant: Invariant, what: impl FnOnce() -> String) -> Verdict {
    if holds {
        Ok(())
    } else {
        Err(Violation::new(invariant, what()))
    }
}
