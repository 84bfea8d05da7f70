//! Looking at every device after every step: what was shown once stays, and two devices never
//! show different things under one number.

use std::collections::{BTreeMap, BTreeSet};

use whimbrel::types::{
    Alarm, ClientId, ConversationId, ConversationState, Member, Message, MessageKind, UserId,
};

use super::said::Book;
use super::{Invariant, Verdict, Violation, demand};
use crate::sim::device::DeviceIndex;

/// What a device shows of a conversation at one moment.
#[derive(Debug, Clone)]
pub struct Glance {
    /// Which conversation.
    pub conversation: ConversationId,
    /// Its state.
    pub state: ConversationState,
    /// Up to where it is applied.
    pub applied_seq: u64,
    /// Its transcript value there.
    pub chain: [u8; 32],
    /// Its newest rows.
    pub rows: Vec<Message>,
    /// Whether these are all rows.
    pub complete: bool,
    /// Its members.
    pub members: Vec<Member>,
}

/// What was seen so far.
#[derive(Debug, Default)]
pub struct Watch {
    places: BTreeMap<(DeviceIndex, ConversationId), Seen>,
    /// What stands under a number, whoever shows it.
    numbers: BTreeMap<(ConversationId, u64), (UserId, ClientId)>,
    chains: BTreeMap<(ConversationId, u64), [u8; 32]>,
}

#[derive(Debug, Default)]
struct Seen {
    confirmed: BTreeSet<(u64, UserId, ClientId)>,
    applied_seq: u64,
    marks: BTreeMap<UserId, (u64, u64)>,
}

impl Watch {
    /// Looks at a conversation of a device. Returns the rows that have got a number since.
    ///
    /// # Errors
    /// The invariant that does not hold.
    pub fn look(
        &mut self,
        who: DeviceIndex,
        glance: &Glance,
        book: &Book,
    ) -> Verdict<Vec<Message>> {
        let stopped = !matches!(
            glance.state,
            ConversationState::Creating | ConversationState::Active | ConversationState::Removed
        );
        demand(!stopped, Invariant::NoAlarm, || {
            format!("it is {:?}", glance.state)
        })?;
        let seen = self.places.entry((who, glance.conversation)).or_default();
        look_at_rows(&glance.rows)?;
        seen.look_back(glance)?;
        let mut new = Vec::new();
        for row in &glance.rows {
            let Some(seq) = row.seq else { continue };
            if seen.confirmed.insert((seq, row.sender, row.id)) {
                new.push(row.clone());
            }
        }
        for row in glance.rows.iter().filter(|row| is_said(row)) {
            look_at_text(row, book)?;
            let Some(seq) = row.seq else { continue };
            let known = self
                .numbers
                .entry((glance.conversation, seq))
                .or_insert((row.sender, row.id));
            demand(*known == (row.sender, row.id), Invariant::OneOrder, || {
                format!("{} stands at {seq}, elsewhere {} does", row.id, known.1)
            })?;
        }
        if glance.applied_seq > 0 {
            let key = (glance.conversation, glance.applied_seq);
            let known = *self.chains.entry(key).or_insert(glance.chain);
            demand(known == glance.chain, Invariant::OneOrder, || {
                format!(
                    "another transcript at {} than elsewhere",
                    glance.applied_seq
                )
            })?;
        }
        Ok(new)
    }
}

impl Seen {
    /// What was there before is still there.
    fn look_back(&mut self, glance: &Glance) -> Verdict {
        demand(
            glance.applied_seq >= self.applied_seq,
            Invariant::NoRegression,
            || format!("applied {} after {}", glance.applied_seq, self.applied_seq),
        )?;
        self.applied_seq = glance.applied_seq;
        let now: BTreeSet<(u64, UserId, ClientId)> = glance
            .rows
            .iter()
            .filter_map(|row| Some((row.seq?, row.sender, row.id)))
            .collect();
        let first = now.first().map_or(u64::MAX, |(seq, ..)| *seq);
        for row in &self.confirmed {
            // Of the first number on a page some rows may be on the page before.
            let expected = glance.complete || row.0 > first;
            demand(
                !expected || now.contains(row),
                Invariant::NoRegression,
                || format!("{} was shown at {} and is gone", row.2, row.0),
            )?;
        }
        for member in &glance.members {
            let marks = (member.delivered_seq, member.read_seq);
            let before = self.marks.insert(member.user, marks).unwrap_or_default();
            let fell = marks.0 < before.0 || marks.1 < before.1;
            demand(!fell, Invariant::NoRegression, || {
                format!(
                    "marks of {} fell from {before:?} to {marks:?}",
                    member.username
                )
            })?;
        }
        Ok(())
    }
}

/// Rows by themselves: rising numbers, pending ones last, nothing twice, nothing defective.
fn look_at_rows(rows: &[Message]) -> Verdict {
    let mut ids = BTreeSet::new();
    let mut last = 0;
    for row in rows {
        demand(
            ids.insert((row.sender, row.id)),
            Invariant::NoDuplicate,
            || format!("{} is there twice", row.id),
        )?;
        let place = row.seq.unwrap_or(u64::MAX);
        let rises = place > last || (place == last && (row.seq.is_none() || !is_said(row)));
        demand(rises, Invariant::OneOrder, || {
            format!("{place} stands after {last}")
        })?;
        last = place;
        demand(!row.gap_before, Invariant::NoGap, || {
            format!("a gap before {place}")
        })?;
        if let MessageKind::Unreadable(defect) = &row.kind {
            return Err(Violation::new(
                Invariant::NoAlarm,
                format!("{place} is {defect:?}"),
            ));
        }
    }
    Ok(())
}

fn look_at_text(row: &Message, book: &Book) -> Verdict {
    let said = book.find(row.id);
    let MessageKind::Text { text, .. } = &row.kind else {
        return demand(said.is_some(), Invariant::NoPhantom, || {
            format!("{}, which nobody sent", row.id)
        });
    };
    demand(
        said.is_some_and(|said| said.texts.contains(text)),
        Invariant::NoPhantom,
        || format!("{text:?}, which nobody said"),
    )
}

fn is_said(row: &Message) -> bool {
    matches!(
        row.kind,
        MessageKind::Text { .. } | MessageKind::Deleted | MessageKind::Unsupported
    )
}

/// Alarms that an honest server and a disk that honours flushes never give cause for.
///
/// # Errors
/// Where there is one.
pub fn look_at_alarm(alarm: Option<Alarm>) -> Verdict {
    let serious = matches!(alarm, Some(Alarm::RolledBack | Alarm::UpdateNeeded));
    demand(!serious, Invariant::NoAlarm, || format!("alarm {alarm:?}"))
}
