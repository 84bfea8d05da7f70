//! What a conversation sends next, and the sealing of it.

use whimbrel_mls::{Group, GroupPolicy, MlsError};
use whimbrel_protocol::content::{Content, ContentKind};
use whimbrel_protocol::envelope::{authenticated_data, sha256};
use whimbrel_protocol::frame::{ClientMessage, Founding, Send, SendItem, WelcomeOut};
use whimbrel_protocol::{
    ClientFrame, ClientId, ConversationId, DeviceId, ItemKind, UserId, limits,
};

use super::Intent;
use super::goals::{self, Directory, Planned, PlannedCommit};
use crate::devices::{self, Standing};
use crate::direct;
use crate::engine::Context;
use crate::error::{Error, ErrorCode, Result};
use crate::groups::{Groups, mls_defect};
use crate::inbound::may_rename;
use crate::store::{ConversationRow, Lane, OutboxRow, SealedItem, Tx};
use crate::types::{Change, ConversationState, OutboxState, Person};

/// What came of looking at a conversation's outbox.
#[derive(Debug)]
pub(crate) enum Step {
    /// There is nothing that can go out now.
    Nothing,
    /// These items, sealed and kept.
    Send(Sealed),
    /// First ask who these are.
    FindUsers(Vec<String>),
    /// First claim key packages of these.
    Claim(Vec<UserId>),
    /// The outbox has changed without anything to send; look again.
    LookAgain,
    /// Not now; look again after a while.
    Later,
    /// Not now; look again at this time by the wall clock.
    Wait(i64),
}

/// A frame of sealed items.
#[derive(Debug)]
pub(crate) struct Sealed {
    pub send: Send,
    /// A read mark is among them; the next one waits a while.
    pub holds_read_mark: bool,
}

/// Nobody's turn is further away.
const TURN_MS_MAX: i64 = 900_000;

/// Items of the main lane looked at: those that are accepted and not reached yet, and a batch.
const LANE_WINDOW: u32 = 64;

/// Finds the next thing to send in a conversation and seals it. `sealed_no` counts up with every
/// item sealed anew.
pub(crate) fn next(
    tx: &mut Tx<'_>,
    groups: &mut Groups,
    context: &mut Context<'_>,
    directory: &mut Directory,
    conversation: ConversationId,
    sealed_no: &mut u64,
) -> Result<Step> {
    let row = match tx.conversation(conversation) {
        // The user has given it up before the server knew of it.
        Err(error) if error.code == ErrorCode::NotFound => return Ok(Step::Nothing),
        row => row?,
    };
    if !matches!(
        row.state,
        ConversationState::Creating | ConversationState::Active
    ) {
        return Ok(Step::Nothing);
    }
    let doubtful = tx.in_doubt(row.id)?;
    if !doubtful.is_empty() {
        return resend(row.id, &doubtful, *sealed_no);
    }
    let main = tx.lane(row.id, Lane::Main, LANE_WINDOW)?;
    let upkeep = tx.lane(row.id, Lane::Upkeep, LANE_WINDOW)?;
    let unreached = |item: &&OutboxRow| item.state == OutboxState::Accepted;
    if main
        .iter()
        .chain(&upkeep)
        .filter(unreached)
        .any(|item| item.intent.is_goal())
    {
        return Ok(Step::Nothing);
    }
    let waiting: Vec<OutboxRow> = main
        .into_iter()
        .filter(|item| item.state != OutboxState::Accepted)
        .collect();
    let holds_text = tx.is_identity_open(row.id, row.direct)?;
    let says_something = waiting
        .first()
        .is_some_and(|head| head.state == OutboxState::Queued && head.intent.is_written());
    let mut sealing = Sealing {
        tx,
        groups,
        context,
        holds_text,
        takes_turn: says_something && !holds_text,
        row,
        sealed_no,
        holds_read_mark: false,
    };
    let upkeep = sealing.most_urgent(&upkeep, directory);
    sealing.next(&waiting, upkeep, directory)
}

/// The bytes that may or may not have arrived, once more.
fn resend(conversation: ConversationId, items: &[OutboxRow], sealed_no: u64) -> Result<Step> {
    let mut frame_items = Vec::with_capacity(items.len());
    for item in items.iter().take(limits::SEND_ITEMS_MAX) {
        let frame = item.sealed.as_deref().map(ClientFrame::decode);
        match frame {
            Some(Ok(ClientFrame {
                message: ClientMessage::Send(send),
                ..
            })) => {
                frame_items.extend(send.items);
            }
            _ => {
                return Err(Error::new(
                    ErrorCode::Damaged,
                    "sealed bytes that can't be read",
                ));
            }
        }
    }
    let send = Send {
        conversation,
        sealed_no,
        items: frame_items,
    };
    Ok(Step::Send(Sealed {
        send,
        holds_read_mark: false,
    }))
}

/// One sealing: the transaction, the state it works on, and what it counts.
struct Sealing<'a, 'c, 'x> {
    tx: &'a mut Tx<'c>,
    groups: &'a mut Groups,
    context: &'a mut Context<'x>,
    row: ConversationRow,
    sealed_no: &'a mut u64,
    holds_read_mark: bool,
    /// A member goes by a new identity that this user has not accepted: nothing that the user
    /// wrote goes out until then.
    holds_text: bool,
    /// The user has something to say. It is not for devices that were revoked, and it is for those
    /// that wait to be added: who speaks lets nobody else go first.
    takes_turn: bool,
}

impl Sealing<'_, '_, '_> {
    /// What has its turn: of what the user wants, of the client's own upkeep, and of messages.
    fn next(
        &mut self,
        waiting: &[OutboxRow],
        upkeep: Option<&OutboxRow>,
        directory: &mut Directory,
    ) -> Result<Step> {
        // The user has to do something first.
        let holds_text = self.holds_text;
        let stands = |head: &OutboxRow| {
            head.state == OutboxState::Failed || (holds_text && head.intent.is_written())
        };
        let is_new = self.row.state == ConversationState::Creating;
        match (waiting.first(), upkeep) {
            // What follows is not for a device that was revoked.
            (_, Some(upkeep)) if matches!(upkeep.intent, Intent::RemoveDevice { .. }) => {
                self.upkeep(upkeep, waiting, directory)
            }
            (Some(head), _) if head.state == OutboxState::Queued && head.intent.is_goal() => {
                self.goal(head, directory)
            }
            _ if is_new => Ok(Step::Nothing),
            // Devices that wait to be added read what follows, too.
            (_, Some(upkeep)) if upkeep.intent.admits().is_some() => {
                self.upkeep(upkeep, waiting, directory)
            }
            (head, Some(upkeep)) if head.is_none_or(stands) => {
                self.upkeep(upkeep, waiting, directory)
            }
            _ => self.messages(waiting),
        }
    }

    /// Seals as many messages as fit in one frame: the main lane up to its next goal, then what
    /// is ready in the second class.
    fn messages(&mut self, waiting: &[OutboxRow]) -> Result<Step> {
        let holds_text = self.holds_text;
        let held = |item: &OutboxRow| holds_text && item.intent.is_written();
        let sendable = |item: &&OutboxRow| {
            item.state == OutboxState::Queued && !item.intent.is_goal() && !held(item)
        };
        if let Some(head) = waiting.first().filter(sendable)
            && matches!(head.intent, Intent::Rename { .. })
        {
            let group = self.groups.get(self.tx, self.row.id)?;
            if !may_rename(group, self.context.me.user) {
                return self.without_commit(head, Planned::Impossible(ErrorCode::NotAllowed));
            }
        }
        let mut batch: Vec<OutboxRow> = waiting
            .iter()
            .take_while(sendable)
            .enumerate()
            // Names come first in a batch, and are looked at there.
            .take_while(|(at, item)| *at == 0 || !matches!(item.intent, Intent::Rename { .. }))
            .map(|(_, item)| item.clone())
            .collect();
        for item in self.tx.lane(self.row.id, Lane::Second, LANE_WINDOW)? {
            if item.state != OutboxState::Queued || held(&item) || !self.is_ready(&item)? {
                continue;
            }
            match item.intent {
                // Newcomers learn where they are before they read.
                Intent::Announce => batch.insert(0, item),
                _ => batch.push(item),
            }
        }
        let mut items = Vec::new();
        let mut bytes = 0;
        for item in batch.iter().take(limits::SEND_ITEMS_MAX) {
            let plaintext = self.content(item)?.encode().map_err(Error::internal)?;
            // Headers and tags of MLS take less than 512 bytes.
            bytes += plaintext.len() + 512;
            if bytes > limits::SEND_BYTES_MAX && !items.is_empty() {
                break;
            }
            self.holds_read_mark |= matches!(item.intent, Intent::ReadMark { .. });
            items.push(self.message(item, &plaintext)?);
        }
        if items.is_empty() {
            return Ok(Step::Nothing);
        }
        self.finish(items)
    }

    /// Of the client's own goals one that is due, else the next to become so: who waits for a
    /// device that does not come is not to hold up the others.
    fn most_urgent<'i>(
        &self,
        upkeep: &'i [OutboxRow],
        directory: &Directory,
    ) -> Option<&'i OutboxRow> {
        upkeep.iter().min_by_key(|item| {
            let rank = match item.intent {
                Intent::RemoveDevice { .. } => 0,
                Intent::AddDevice { .. } => 1,
                _ => 2,
            };
            (self.due_ms(item, directory).unwrap_or(0), rank)
        })
    }

    /// When the time of a goal of the client's own comes, where it has not come.
    fn due_ms(&self, item: &OutboxRow, directory: &Directory) -> Option<i64> {
        let absence = item
            .intent
            .admits()
            .and_then(|id| directory.absent.get(&id));
        let due_ms = absence.map_or(0, |absence| absence.until_ms);
        let turn_ms = match item.intent {
            Intent::RemoveDevice { .. } | Intent::AddAgain { .. } if self.takes_turn => 0,
            _ => item.intent.not_before_ms(),
        };
        let due_ms = due_ms.max(turn_ms);
        let now_ms = self.context.now.wall_ms;
        // A clock that was set back does not put it off for long.
        let is_early = due_ms > now_ms && due_ms <= now_ms.saturating_add(TURN_MS_MAX);
        is_early.then_some(due_ms)
    }

    /// The client's own goal if it is due, else what there is to say.
    fn upkeep(
        &mut self,
        item: &OutboxRow,
        waiting: &[OutboxRow],
        directory: &mut Directory,
    ) -> Result<Step> {
        let step = match self.due_ms(item, directory) {
            Some(due_ms) => Step::Wait(due_ms),
            None => self.goal(item, directory)?,
        };
        let comes_first = item.intent.admits().is_some();
        if matches!(step, Step::Send(_) | Step::LookAgain)
            || comes_first && matches!(step, Step::Claim(_))
        {
            return Ok(step);
        }
        let next = waiting.first();
        if next.is_some_and(|head| head.state == OutboxState::Queued && head.intent.is_goal()) {
            return match step {
                Step::Wait(_) | Step::Later => match next {
                    Some(head) => self.goal(head, directory),
                    None => Ok(step),
                },
                step => Ok(step),
            };
        }
        Ok(match self.messages(waiting)? {
            Step::Nothing => step,
            messages => messages,
        })
    }

    /// Items of the second class wait until the message they are about has come by in the stream:
    /// what the server says of it before may not be so, and others would get them first.
    fn is_ready(&self, item: &OutboxRow) -> Result<bool> {
        if matches!(item.intent, Intent::ReadMark { .. }) && self.context.hold_read_marks {
            return Ok(false);
        }
        if let Intent::Again { target } = &item.intent
            && self.tx.own_text(self.row.id, target.client_id())?.is_none()
        {
            // Taken back meanwhile.
            self.tx.remove_outbox_item(item.id)?;
            return Ok(false);
        }
        match item.intent.target() {
            Some(target) => {
                let is_numbered =
                    matches!(self.tx.message_seq(self.row.id, target)?, Some(Some(_)));
                Ok(is_numbered && self.tx.outbox_item(target)?.is_none())
            }
            None => Ok(true),
        }
    }

    fn content(&mut self, item: &OutboxRow) -> Result<Content> {
        let mut composed_ms = self.context.now.wall_ms;
        let kind = match &item.intent {
            Intent::Text {
                text,
                composed_ms: composed,
            } => {
                composed_ms = *composed;
                ContentKind::Text(text.clone())
            }
            Intent::Rename { name } => ContentKind::State { name: name.clone() },
            Intent::Leave => {
                let group = self.groups.get(self.tx, self.row.id)?;
                let statement = group
                    .leave_statement(&self.context.me.device)
                    .map_err(|error| mls_defect(&error))?;
                ContentKind::Leave {
                    statement: statement.encode(),
                }
            }
            Intent::Announce => ContentKind::State {
                name: self.row.name.clone(),
            },
            Intent::Edit { target, text, .. } => ContentKind::Edit {
                target: target.client_id(),
                text: text.clone(),
            },
            Intent::Delete { target, .. } => ContentKind::Delete {
                target: target.client_id(),
            },
            Intent::ReadMark { seq } => ContentKind::ReadMark { seq: *seq },
            Intent::AskAgain { from_seq, to_seq } => ContentKind::AskAgain {
                from_seq: *from_seq,
                to_seq: *to_seq,
            },
            Intent::Again { target } => {
                let target = target.client_id();
                let text = self.tx.own_text(self.row.id, target)?;
                let text = text.ok_or_else(|| Error::internal("a text that is gone"))?;
                composed_ms = text.composed_ms;
                ContentKind::Again {
                    target,
                    text: text.text,
                }
            }
            Intent::Create
            | Intent::Add { .. }
            | Intent::Remove { .. }
            | Intent::SetRoles { .. }
            | Intent::LetGo { .. }
            | Intent::AddAgain { .. }
            | Intent::AddDevice { .. }
            | Intent::RemoveDevice { .. }
            | Intent::Rotate => return Err(Error::internal("a goal among messages")),
        };
        Ok(Content {
            log_seq: self.row.applied_seq,
            log_chain: self.row.chain,
            composed_ms,
            kind,
        })
    }

    fn message(&mut self, item: &OutboxRow, plaintext: &[u8]) -> Result<SendItem> {
        let counter = self.row.own_counter + 1;
        let aad = authenticated_data(self.row.id, item.id, counter, ItemKind::Message);
        let context = &self.context;
        let group = self.groups.get(self.tx, self.row.id)?;
        let epoch = group.epoch();
        let payload = group
            .encrypt(context.crypto, &context.me.device, &aad, plaintext)
            .map_err(|error| mls_defect(&error))?;
        let silent = !matches!(item.intent, Intent::Text { .. });
        self.keep(SendItem {
            client_id: item.id,
            kind: ItemKind::Message,
            epoch,
            counter,
            silent,
            payload,
            founding: None,
            welcome: None,
        })
    }

    /// Keeps the sealed item and counts it.
    fn keep(&mut self, item: SendItem) -> Result<SendItem> {
        *self.sealed_no += 1;
        self.row.own_counter = item.counter;
        let frame = ClientFrame {
            request: 0,
            message: ClientMessage::Send(Send {
                conversation: self.row.id,
                sealed_no: *self.sealed_no,
                items: vec![item.clone()],
            }),
        };
        self.tx.set_sealed(
            self.row.id,
            item.client_id,
            &SealedItem {
                frame: &frame.encode(),
                payload_sha256: sha256(&item.payload),
                counter: item.counter,
            },
        )?;
        Ok(item)
    }

    fn finish(&mut self, items: Vec<SendItem>) -> Result<Step> {
        self.groups.save(self.tx, self.row.id)?;
        self.tx.set_own_counter(self.row.id, self.row.own_counter)?;
        self.tx.set_sealed_no(*self.sealed_no)?;
        self.context.changes.insert(Change::Outbox);
        let send = Send {
            conversation: self.row.id,
            sealed_no: *self.sealed_no,
            items,
        };
        Ok(Step::Send(Sealed {
            send,
            holds_read_mark: self.holds_read_mark,
        }))
    }

    /// Seals a goal, or finds out what it needs first.
    fn goal(&mut self, item: &OutboxRow, directory: &mut Directory) -> Result<Step> {
        if item.intent == Intent::Create {
            return self.create(item, directory);
        }
        let planned = self.plan(&item.intent, directory)?;
        match planned {
            Planned::Commit(planned) => self.commit(item, &planned, directory),
            Planned::NotNow(code) => self.put_off(item, code, directory),
            other => self.without_commit(item, other),
        }
    }

    fn plan(&mut self, intent: &Intent, directory: &Directory) -> Result<Planned> {
        match intent {
            // Another commit has removed or added the device since.
            Intent::AddAgain { .. } if self.is_overtaken(intent)? => Ok(Planned::Reached),
            Intent::RemoveDevice { user, device, .. } => {
                self.plan_revocation(user.user(), device.device())
            }
            Intent::LetGo {
                user,
                not_before_ms,
            } => {
                let leaving = self.tx.leaving(self.row.id, user.user())?;
                let now_ms = self.context.now.wall_ms;
                let group = self.groups.get(self.tx, self.row.id)?;
                let leaving = leaving.as_deref();
                Ok(goals::plan_let_go(
                    user.user(),
                    *not_before_ms,
                    now_ms,
                    leaving,
                    group,
                ))
            }
            intent => {
                let group = self.groups.get(self.tx, self.row.id)?;
                let (own, crypto) = (self.context.me.user, self.context.crypto);
                Ok(goals::plan(intent, own, group, directory, crypto))
            }
        }
    }

    fn is_overtaken(&self, intent: &Intent) -> Result<bool> {
        let Intent::AddAgain {
            device,
            seq,
            since_seq,
            ..
        } = intent
        else {
            return Ok(false);
        };
        let added = self.tx.invitation(self.row.id, device.device())?;
        Ok(match seq {
            0 => added.is_some_and(|added| added > *since_seq),
            seq => added != Some(*seq),
        })
    }

    fn plan_revocation(&mut self, user: UserId, device: DeviceId) -> Result<Planned> {
        let Some(manifest) = devices::newest(self.tx, user)? else {
            return Ok(Planned::Reached);
        };
        let group = self.groups.get(self.tx, self.row.id)?;
        let own = self.context.me.user;
        Ok(goals::plan_revocation(device, &manifest, own, group.view()))
    }

    /// A device that could not be added: it waits for its key packages and blocks nobody. One
    /// that its user does not list is given up.
    fn put_off(
        &mut self,
        item: &OutboxRow,
        code: ErrorCode,
        directory: &mut Directory,
    ) -> Result<Step> {
        let Some(device) = item.intent.admits() else {
            directory.forget_useless(self.context.crypto);
            return self.without_commit(item, Planned::NotNow(code));
        };
        let user = match &item.intent {
            Intent::AddAgain { user, .. } => user.user(),
            _ => self.context.me.user,
        };
        match devices::standing(self.tx, user, device)? {
            Standing::Revoked | Standing::Unlisted => self.without_commit(item, Planned::Reached),
            Standing::Listed | Standing::Unknown => {
                if directory.claim_again(user, device) {
                    return Ok(Step::LookAgain);
                }
                let now_ms = self.context.now.wall_ms;
                let was_absent = directory.is_absent(device, now_ms);
                let until_ms = directory.note_absent(user, device, now_ms);
                // Another one may be there meanwhile.
                Ok(match was_absent {
                    true => Step::Wait(until_ms),
                    false => Step::LookAgain,
                })
            }
        }
    }

    fn without_commit(&mut self, item: &OutboxRow, planned: Planned) -> Result<Step> {
        match planned {
            Planned::Wait => return Ok(Step::Later),
            Planned::FindUsers(names) => return Ok(Step::FindUsers(names)),
            Planned::Claim(users) => return Ok(Step::Claim(users)),
            Planned::NotNow(code) => {
                self.tx.set_unsealed(item.id, Some(code))?;
                self.context.changes.insert(Change::Outbox);
                return Ok(Step::Later);
            }
            Planned::Reached | Planned::Commit(_) => self.tx.remove_outbox_item(item.id)?,
            // Nobody has asked for it, so nobody is told.
            Planned::Impossible(_) if item.intent.lane() == Lane::Upkeep => {
                self.tx.remove_outbox_item(item.id)?;
            }
            Planned::Impossible(code) => self.tx.set_failed(item.id, code)?,
        }
        self.context.changes.insert(Change::Outbox);
        self.context
            .changes
            .insert(Change::Conversation(self.row.id));
        Ok(Step::LookAgain)
    }

    fn commit(
        &mut self,
        item: &OutboxRow,
        planned: &PlannedCommit,
        directory: &mut Directory,
    ) -> Result<Step> {
        let counter = self.row.own_counter + 1;
        let aad = authenticated_data(self.row.id, item.id, counter, ItemKind::Commit);
        let context = &self.context;
        let group = self.groups.get(self.tx, self.row.id)?;
        let epoch = group.epoch();
        let staged = group.stage_commit(context.crypto, &context.me.device, &planned.plan, &aad);
        let staged = match staged {
            Ok(staged) => staged,
            Err(MlsError::Policy(_)) => {
                return self.without_commit(item, Planned::Impossible(ErrorCode::NotAllowed));
            }
            Err(MlsError::KeyPackage(_) | MlsError::InvalidCommit(_)) => {
                directory
                    .claims
                    .retain(|user, _| !planned.claimed.contains(user));
                return self.without_commit(item, Planned::NotNow(ErrorCode::Unavailable));
            }
            Err(error) => return Err(mls_defect(&error)),
        };
        // A key package serves once. Should this commit lose, others are claimed.
        directory.use_up(planned, self.context.me.user);
        let welcome_bytes = staged.welcome.as_ref().map_or(0, Vec::len);
        if staged.commit.len() > limits::PAYLOAD_BYTES_MAX
            || welcome_bytes > limits::WELCOME_BYTES_MAX
            || staged.commit.len() + welcome_bytes > limits::SEND_BYTES_MAX
        {
            group
                .discard_pending_commit()
                .map_err(|error| mls_defect(&error))?;
            self.groups.save(self.tx, self.row.id)?;
            return self.without_commit(item, Planned::Impossible(ErrorCode::TooLarge));
        }
        let sealed = self.keep(SendItem {
            client_id: item.id,
            kind: ItemKind::Commit,
            epoch,
            counter,
            silent: true,
            payload: staged.commit,
            founding: None,
            welcome: staged.welcome.map(|welcome| WelcomeOut {
                welcome,
                devices: planned.welcomed.clone(),
            }),
        })?;
        self.finish(vec![sealed])
    }

    fn create(&mut self, item: &OutboxRow, directory: &Directory) -> Result<Step> {
        if self.row.direct && self.row.peer.is_none() {
            let name = self.row.peer_username.clone().unwrap_or_default();
            match goals::resolve(&[Person::Username(name)], directory) {
                Ok(users) => self.row.peer = users.first().copied(),
                Err(planned) => return self.without_commit(item, *planned),
            }
            if self.row.peer == Some(self.context.me.user) {
                return self.without_commit(item, Planned::Impossible(ErrorCode::InvalidArgument));
            }
            if direct::merge_known(self.tx, self.context, &self.row)? {
                return Ok(Step::LookAgain);
            }
            self.tx.put_conversation(&self.row)?;
        }
        let device = &self.context.me.device;
        let policy = if self.row.direct {
            GroupPolicy::direct(&device.certificate)
        } else {
            GroupPolicy::group(&device.certificate)
        };
        self.groups.forget(self.row.id);
        self.tx.delete_group_rows(self.row.id)?;
        let crypto = self.context.crypto;
        let group = Group::create(crypto, device, self.row.id, &policy)
            .map_err(|error| mls_defect(&error))?;
        let founding = group
            .founding_state(crypto, device)
            .map_err(|error| mls_defect(&error))?;
        self.groups.insert(group);
        self.row.own_counter = 0;
        let sealed = self.keep(SendItem {
            client_id: item.id,
            kind: ItemKind::Create,
            epoch: 0,
            counter: 1,
            silent: true,
            payload: founding.group_info,
            founding: Some(Founding {
                tree: founding.tree,
                direct_peer: self.row.peer,
            }),
            welcome: None,
        })?;
        self.finish(vec![sealed])
    }
}

/// The ids of the items in a frame, in order.
pub(crate) fn item_ids(send: &Send) -> Vec<ClientId> {
    send.items.iter().map(|item| item.client_id).collect()
}
