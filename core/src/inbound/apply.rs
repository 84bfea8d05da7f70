//! A run of envelopes: process, check, write rows, move the cursor.

use whimbrel_mls::{CommitSummary, Group, MlsError, Processed};
use whimbrel_protocol::envelope::{Body, sha256};
use whimbrel_protocol::frame::ClientMessage;
use whimbrel_protocol::{
    ClientFrame, ClientId, Content, ConversationId, Envelope, ItemKind, UserId,
};

use super::show::{self, may_rename};
use crate::devices;
use crate::engine::Context;
use crate::error::{Error, ErrorCode, Result};
use crate::groups::{Groups, mls_defect};
use crate::outbox::Intent;
use crate::outbox::settle::resolve_doubt;
use crate::store::{ConversationRow, OutboxRow, SenderPlace, Tx};
use crate::types::{Change, ConversationState, Defect};

/// Own items of one conversation after which the leaf's keys are renewed.
const ROTATE_AFTER_ITEMS: u64 = 1_000;

/// Transcript values kept for comparison: a message rarely says what its author had read longer
/// ago than that.
const TRANSCRIPT_VALUES: u64 = 1_024;

/// Why a conversation stops before the end of a run. Its cursor stays before the envelope.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Halt {
    /// A newer version is needed to go on.
    NeedsUpdate,
    /// This device's encryption state does not go on from here.
    NeedsResync,
    /// A member's commit is false as far as this device can tell. The server may take it back;
    /// else this device has to be added again.
    FalseCommit,
    /// The database is an old copy: the log has own items that it does not know of.
    RolledBack,
}

/// What came of a run.
#[derive(Debug)]
pub(crate) struct Applied {
    /// The cursor now.
    pub seq: u64,
    /// What stopped it, if anything did.
    pub halt: Option<Halt>,
    /// Commits that this device could not process.
    pub rejected: Vec<u64>,
}

/// What one envelope did.
pub(super) enum Outcome {
    /// It is applied; the cursor moves past it.
    Done,
    /// It had no effect but a row that says so; the cursor moves past it.
    Defect(Defect),
    /// The cursor stays.
    Halt(Halt),
}

/// Applies a run that follows the cursor without a gap.
pub(crate) fn apply(
    tx: &mut Tx<'_>,
    groups: &mut Groups,
    context: &mut Context<'_>,
    conversation: ConversationId,
    incarnation: u64,
    run: &[Envelope],
) -> Result<Applied> {
    let mut row = tx.conversation(conversation)?;
    row.incarnation = incarnation;
    let mut rejected = Vec::new();
    let mut halt = None;
    for envelope in run {
        let outcome = {
            let group = groups.get(tx, row.id)?;
            One {
                tx,
                group,
                context,
                row: &mut row,
                envelope,
            }
            .apply()?
        };
        let is_progress = envelope.voided || matches!(outcome, Outcome::Done);
        match outcome {
            Outcome::Done => {}
            Outcome::Defect(defect) => {
                if envelope.kind == ItemKind::Commit {
                    rejected.push(envelope.seq);
                }
                show::placeholder(tx, context, &row, envelope, defect)?;
            }
            Outcome::Halt(reason) => {
                if reason == Halt::FalseCommit {
                    rejected.push(envelope.seq);
                }
                halt = Some(reason);
                break;
            }
        }
        if row.state == ConversationState::NeedsResync && is_progress {
            row.state = ConversationState::Active;
        }
        row.applied_seq = envelope.seq;
        row.chain = row.chain.then(row.id, envelope);
        tx.put_transcript(row.id, row.applied_seq, &row.chain)?;
    }
    tx.trim_transcript(row.id, row.applied_seq.saturating_sub(TRANSCRIPT_VALUES))?;
    match halt {
        Some(Halt::NeedsUpdate) => row.state = ConversationState::NeedsUpdate,
        Some(Halt::NeedsResync | Halt::FalseCommit) => {
            row.state = ConversationState::NeedsResync;
        }
        Some(Halt::RolledBack) => tx.set_rolled_back()?,
        None if row.state == ConversationState::NeedsUpdate => {
            row.state = ConversationState::Active;
        }
        None => {}
    }
    groups.save(tx, row.id)?;
    tx.put_conversation(&row)?;
    context.changes.insert(Change::Conversation(row.id));
    Ok(Applied {
        seq: row.applied_seq,
        halt,
        rejected,
    })
}

/// A conversation whose envelope failed alone, twice and not for the disk: the envelope is
/// skipped with a row that says so.
pub(crate) fn skip(
    tx: &mut Tx<'_>,
    context: &mut Context<'_>,
    conversation: ConversationId,
    envelope: &Envelope,
) -> Result<()> {
    let mut row = tx.conversation(conversation)?;
    show::placeholder(tx, context, &row, envelope, Defect::Unprocessable)?;
    row.applied_seq = envelope.seq;
    row.chain = row.chain.then(row.id, envelope);
    tx.put_transcript(row.id, row.applied_seq, &row.chain)?;
    tx.put_conversation(&row)
}

/// One envelope on its way into the database.
struct One<'a, 'c, 'x> {
    tx: &'a Tx<'c>,
    group: &'a mut Group,
    context: &'a mut Context<'x>,
    row: &'a mut ConversationRow,
    envelope: &'a Envelope,
}

impl One<'_, '_, '_> {
    fn apply(&mut self) -> Result<Outcome> {
        // A message of the epoch that this device is in was not made after a commit that was taken
        // back: the mark is the server's word only, and what its author signed counts.
        let is_current = self.envelope.epoch == self.group.epoch();
        if self.envelope.voided && !(is_current && self.envelope.kind == ItemKind::Message) {
            return self.voided();
        }
        let hash = self.envelope.body.payload_sha256();
        if let Some(id) = self.tx.sealed_by_hash(self.row.id, &hash)? {
            return self.own(id, &hash);
        }
        if self.envelope.sender_device == self.context.me.device_id {
            return Ok(Outcome::Halt(Halt::RolledBack));
        }
        match &self.envelope.body {
            Body::Payload(payload) => self.foreign(payload),
            Body::OwnHash(_) => Ok(Outcome::Defect(Defect::Forged)),
        }
    }

    /// The server has taken back a commit, or something that was made in its epoch. The number
    /// stays, and so does its sender's count.
    fn voided(&mut self) -> Result<Outcome> {
        self.count_voided()?;
        let hash = self.envelope.body.payload_sha256();
        let own = self.tx.sealed_by_hash(self.row.id, &hash)?;
        let item = own.map(|id| self.tx.outbox_item(id)).transpose()?.flatten();
        if let Some(item) = item {
            self.row.own_counter = self.row.own_counter.max(item.counter);
            if item.intent.is_goal() {
                if self.group.has_pending_commit() {
                    self.group
                        .discard_pending_commit()
                        .map_err(|error| mls_defect(&error))?;
                }
                self.tx.set_failed(item.id, ErrorCode::NotAllowed)?;
            } else {
                self.tx.set_unsealed(item.id, None)?;
            }
            self.context.changes.insert(Change::Outbox);
        }
        Ok(Outcome::Defect(Defect::Voided))
    }

    /// An own item has reached its place. Own means: its bytes were sealed here.
    fn own(&mut self, id: ClientId, hash: &[u8; 32]) -> Result<Outcome> {
        let Some(item) = self.tx.outbox_item(id)? else {
            return Ok(Outcome::Done);
        };
        let genuine = id == self.envelope.client_id
            && self.envelope.sender_device == self.context.me.device_id;
        // As for commits of others: what the server says beside it does not make it invalid.
        if !genuine && !item.intent.is_goal() {
            return Ok(Outcome::Defect(Defect::Forged));
        }
        // The count under the signature, not what the server says it is.
        self.row.own_counter = self.row.own_counter.max(item.counter);
        let (tx, row, envelope) = (self.tx, &mut *self.row, self.envelope);
        let mut outcome = Outcome::Done;
        match &item.intent {
            Intent::Text { .. } => {
                show::own_text(tx, self.context, row, envelope)?;
                self.rotate_after_many(item.counter)?;
            }
            Intent::Rename { name } if may_rename(self.group, self.context.me.user) => {
                show::renamed(tx, self.context, row, envelope, name)?;
            }
            // As everybody else sees it.
            Intent::Rename { .. } => outcome = Outcome::Defect(Defect::AgainstPolicy),
            Intent::Edit { target, text, .. } => {
                let me = self.context.me.user;
                tx.edit_message(row.id, me, target.client_id(), text, Some(envelope.seq))?;
            }
            Intent::Create => {
                show::created(tx, self.context, row, envelope, self.group)?;
                devices::add_own_devices(tx, self.context, row.id)?;
            }
            Intent::Add { .. }
            | Intent::Remove { .. }
            | Intent::SetRoles { .. }
            | Intent::LetGo { .. }
            | Intent::AddAgain { .. }
            | Intent::AddDevice { .. }
            | Intent::RemoveDevice { .. }
            | Intent::Rotate => {
                return self.own_commit(&item, hash, genuine);
            }
            Intent::Leave
            | Intent::AskAgain { .. }
            | Intent::Again { .. }
            | Intent::Delete { .. }
            | Intent::ReadMark { .. }
            | Intent::Announce => {}
        }
        tx.remove_outbox_item(id)?;
        self.context.changes.insert(Change::Outbox);
        Ok(outcome)
    }

    /// Post-compromise security: after so many own messages this leaf gets new keys.
    fn rotate_after_many(&mut self, counter: u64) -> Result<()> {
        if !counter.is_multiple_of(ROTATE_AFTER_ITEMS) {
            return Ok(());
        }
        let id = self.context.random.client_id(self.context.now);
        self.tx.enqueue(self.row.id, id, &Intent::Rotate)
    }

    fn own_commit(&mut self, item: &OutboxRow, hash: &[u8; 32], genuine: bool) -> Result<Outcome> {
        let sealed = item.sealed.as_deref().map(sealed_hashes);
        if sealed.is_some_and(|hashes| !hashes.contains(hash)) {
            // Bytes that the server said to have refused; the secrets that go with them are gone.
            return Ok(Outcome::Halt(Halt::NeedsResync));
        }
        let context = &self.context;
        let merged = self
            .group
            .merge_pending_commit(context.crypto, &context.me.device);
        let summary = match merged {
            Ok(summary) => summary,
            Err(MlsError::NoPendingCommit) => return Ok(Outcome::Halt(Halt::NeedsResync)),
            Err(error) => return Err(mls_defect(&error)),
        };
        self.tx.remove_outbox_item(item.id)?;
        self.context.changes.insert(Change::Outbox);
        if !summary.added.is_empty() && !self.row.direct && !self.row.name.is_empty() {
            // Newcomers can't read what was said before them, the name included.
            let id = self.context.random.client_id(self.context.now);
            self.tx.enqueue(self.row.id, id, &Intent::Announce)?;
        }
        self.committed(&summary, genuine)?;
        Ok(Outcome::Done)
    }

    fn committed(&mut self, summary: &CommitSummary, genuine: bool) -> Result<()> {
        let id = if genuine {
            self.envelope.client_id
        } else {
            show::own_id(self.row, self.envelope)
        };
        self.stay_as_last_owner()?;
        let (tx, context, group) = (self.tx, &mut *self.context, &*self.group);
        // A revoked device may have waited for another one of its user to come.
        let came = summary.added.iter().chain(&summary.re_added);
        let came: Vec<UserId> = came.map(|member| member.user).collect();
        let leaves = group.members().iter();
        let leaves = leaves.filter(|member| came.contains(&member.user));
        let leaves = leaves.map(|member| (member.user, member.device));
        devices::remove_revoked(tx, context, self.row.id, leaves)?;
        show::committed(tx, context, self.row, self.envelope, group, summary, id)
    }

    /// Who has said to leave and has become the only owner meanwhile can't go. That stands in the
    /// outbox, to be tried again once there is another owner.
    fn stay_as_last_owner(&mut self) -> Result<()> {
        let me = self.context.me.user;
        let owners = self.group.policy().users.iter();
        let mut owners = owners.filter(|entry| entry.role == whimbrel_mls::Role::Owner);
        let is_last =
            owners.next().is_some_and(|owner| owner.user == me) && owners.next().is_none();
        if is_last && self.tx.delete_leaving(self.row.id, me)? {
            let id = self.context.random.client_id(self.context.now);
            self.tx.enqueue(self.row.id, id, &Intent::Leave)?;
            self.tx.set_failed(id, ErrorCode::LastOwner)?;
            self.context.changes.insert(Change::Outbox);
        }
        Ok(())
    }

    /// This device is out. Its queue fails, unless the same commit adds it again.
    fn removed(&mut self, summary: &CommitSummary) -> Result<()> {
        self.row.state = ConversationState::Removed;
        self.tx.delete_leaving(self.row.id, self.context.me.user)?;
        self.tx.close_interval(self.row.id, self.envelope.seq)?;
        let me = self.context.me.device_id;
        if summary.re_added.iter().any(|member| member.device == me) {
            return Ok(());
        }
        for item in self.tx.unsettled_texts(self.row.id)? {
            resolve_doubt(self.tx, self.row.id, item)?;
        }
        self.tx
            .fail_conversation(self.row.id, ErrorCode::NotMember)?;
        self.context.changes.insert(Change::Outbox);
        self.context.changes.insert(Change::Messages(self.row.id));
        Ok(())
    }

    /// An item of another device: MLS first, then the checks that MLS can't make.
    fn foreign(&mut self, payload: &[u8]) -> Result<Outcome> {
        self.group.begin_layer();
        let processed = self
            .group
            .process(self.context.crypto, &self.context.me.device, payload);
        let outcome = match processed {
            Ok(Processed::Message {
                user,
                device,
                aad,
                plaintext,
                ..
            }) => {
                let genuine = aad == self.envelope.authenticated_data(self.row.id)
                    && user == self.envelope.sender_user
                    && device == self.envelope.sender_device;
                if genuine {
                    self.message(&plaintext)?
                } else {
                    Outcome::Defect(Defect::Forged)
                }
            }
            // Whether a commit is valid must not depend on what the server says beside it, or
            // members who are told different things would part ways.
            Ok(Processed::Commit {
                aad,
                summary,
                removed_self,
            }) => {
                let genuine = aad == self.envelope.authenticated_data(self.row.id)
                    && summary.committer
                        == (self.envelope.sender_user, self.envelope.sender_device);
                if genuine {
                    self.count_sender()?;
                }
                self.committed(&summary, genuine)?;
                if removed_self {
                    self.removed(&summary)?;
                }
                Outcome::Done
            }
            // It went on by a commit that the server has taken back.
            Err(MlsError::WrongEpoch { .. })
                if self.row.state == ConversationState::NeedsResync =>
            {
                Outcome::Halt(Halt::NeedsResync)
            }
            Err(error) => failed(&error)?,
        };
        match outcome {
            Outcome::Done => self.group.commit_layer(),
            Outcome::Defect(_) | Outcome::Halt(_) => {
                self.group
                    .roll_back_layer()
                    .map_err(|error| mls_defect(&error))?;
            }
        }
        Ok(outcome)
    }

    fn message(&mut self, plaintext: &[u8]) -> Result<Outcome> {
        let place = self.count_sender()?;
        if place == SenderPlace::Stale {
            return Ok(Outcome::Defect(Defect::Forged));
        }
        let gap = place == SenderPlace::AfterGap;
        match Content::decode(plaintext) {
            Ok(content) => show::content(
                self.tx,
                self.context,
                self.row,
                self.envelope,
                self.group,
                &show::Heard {
                    content: &content,
                    plaintext,
                    gap_before: gap,
                },
            ),
            Err(_) => {
                // The ratchet has moved on; only the row says that it was nothing.
                show::placeholder(
                    self.tx,
                    self.context,
                    self.row,
                    self.envelope,
                    Defect::Malformed,
                )?;
                Ok(Outcome::Done)
            }
        }
    }

    /// Nobody's signature says what a voided item counts: it is believed to be the next one, and
    /// nothing else.
    fn count_voided(&mut self) -> Result<()> {
        let (conversation, device) = (self.row.id, self.envelope.sender_device);
        let last = self.tx.sender_counter(conversation, device)?;
        let counter = self.envelope.counter;
        if last.is_some_and(|last| last.checked_add(1) == Some(counter)) {
            self.tx.set_sender_counter(conversation, device, counter)?;
        }
        Ok(())
    }

    fn count_sender(&mut self) -> Result<SenderPlace> {
        let envelope = self.envelope;
        let (conversation, device) = (self.row.id, envelope.sender_device);
        let place = self
            .tx
            .sender_place(conversation, device, envelope.counter)?;
        if place != SenderPlace::Stale {
            self.tx
                .set_sender_counter(conversation, device, envelope.counter)?;
        }
        Ok(place)
    }
}

/// The hashes of the payloads in a frame of sealed items.
fn sealed_hashes(frame: &[u8]) -> Vec<[u8; 32]> {
    match ClientFrame::decode(frame).map(|frame| frame.message) {
        Ok(ClientMessage::Send(send)) => send
            .items
            .iter()
            .map(|item| sha256(&item.payload))
            .collect(),
        _ => Vec::new(),
    }
}

/// What an error of MLS means for the envelope.
fn failed(error: &MlsError) -> Result<Outcome> {
    Ok(match error {
        MlsError::WrongEpoch { ours, theirs } if theirs > ours => Outcome::Halt(Halt::NeedsResync),
        MlsError::Policy(violation) if violation.needs_upgrade() => {
            Outcome::Halt(Halt::NeedsUpdate)
        }
        MlsError::Policy(_) | MlsError::StandaloneProposal | MlsError::GroupPolicy(_) => {
            Outcome::Defect(Defect::AgainstPolicy)
        }
        MlsError::NotForThisGroup => Outcome::Defect(Defect::Forged),
        MlsError::Malformed(_) | MlsError::InvalidCommit(_) => Outcome::Defect(Defect::Malformed),
        MlsError::FalseCommit(_) => Outcome::Halt(Halt::FalseCommit),
        MlsError::WrongEpoch { .. }
        | MlsError::Undecryptable(_)
        | MlsError::OwnMessage
        | MlsError::OwnCommit
        | MlsError::Inactive => Outcome::Defect(Defect::Undecryptable),
        MlsError::Storage(_) | MlsError::State(_) => return Err(mls_defect(error)),
        MlsError::PendingCommit
        | MlsError::NoPendingCommit
        | MlsError::EmptyPlan
        | MlsError::KeyPackage(_)
        | MlsError::NoKeyPackage
        | MlsError::InvalidWelcome(_)
        | MlsError::WrongDevice
        | MlsError::Library(_, _) => return Err(Error::internal(error)),
    })
}
