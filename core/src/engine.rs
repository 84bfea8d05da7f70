//! The engine: every command, every frame and every tick goes through here, one at a time.
//!
//! **Call [`Engine::handle`] with what happened, then [`Engine::turn`] until it returns false,
//! and after each call carry out what [`Engine::poll`] hands out.** `handle` only remembers; a
//! turn is at most one write transaction: first all waiting commands, else one unit of
//! background work, so that commands never wait behind catching up. Effects are handed out only
//! after the commit of the transaction they belong to.

mod frames;
mod units;
mod work;

use std::collections::{BTreeSet, VecDeque};

use whimbrel_mls::{Certificate, Crypto, Device, DeviceKey, Manifest};
use whimbrel_protocol::content::{Content, ContentKind};
use whimbrel_protocol::{ClientFrame, ConversationId, DeviceId, UserId};

use crate::command;
use crate::env::{Now, Random};
use crate::error::{Error, ErrorCode, Result};
use crate::event::{Command, Effect, Event, LinkError, Network, Session, Ticket};
use crate::groups::Groups;
use crate::outbox::Intent;
use crate::outbox::goals::Directory;
use crate::store::damage::discards_connection;
use crate::store::{AccountRow, Lane, OutboxRow, Store, Tx};
use crate::sync::Sync;
use crate::sync::link::{LinkWish, Phase};
use crate::types::{
    Account, Alarm, Change, ClientState, Connection, ConversationState, OutboxState,
};
use work::Work;

/// Before every clock.
const START: Now = Now {
    mono_ms: 0,
    wall_ms: 0,
};

/// Commands taken into one transaction.
const COMMANDS_PER_TURN_MAX: usize = 64;

/// Who acts: the account as far as commands and units need it.
pub(crate) struct Me {
    pub user: UserId,
    pub device_id: DeviceId,
    pub username: String,
    pub device: Device,
}

/// What a step inside a transaction may use besides the transaction.
pub(crate) struct Context<'a> {
    pub me: &'a Me,
    pub crypto: &'a Crypto,
    pub random: &'a mut Random,
    pub now: Now,
    pub changes: &'a mut BTreeSet<Change>,
    /// A read mark went out a moment ago; the next one waits.
    pub hold_read_marks: bool,
    /// Conversations that became part of another one.
    pub merged: &'a mut Vec<(ConversationId, ConversationId)>,
    /// Conversations that have got something to send.
    pub outbound: &'a mut BTreeSet<ConversationId>,
}

/// The client without clock, socket and thread.
pub struct Engine {
    store: Store,
    random: Random,
    crypto: Crypto,
    account: Option<AccountRow>,
    me: Option<Me>,
    groups: Groups,
    sync: Sync,
    directory: Directory,
    commands: VecDeque<(Ticket, Command)>,
    work: Work,
    effects: VecDeque<Effect>,
    changes: BTreeSet<Change>,
    alarm: Option<Alarm>,
    /// The server did not accept the access token though it looked good.
    access_denied: bool,
    /// How often the server has refused a token since it last accepted one.
    denials: u32,
    last_error: Option<ErrorCode>,
    queued: u32,
    /// A refreshed token that no connection was tried with yet.
    has_unused_token: bool,
    published: Option<(Connection, Option<Alarm>, Option<ErrorCode>)>,
}

impl Engine {
    /// Takes over an open database.
    ///
    /// # Errors
    /// [`Damaged`](ErrorCode::Damaged) where the account in it can't be read.
    pub fn open(mut store: Store, seed: [u8; 32]) -> Result<Self> {
        let mut random = Random::from_seed(seed);
        let crypto = Crypto::from_seed(random.block());
        let account = store.read(|tx| tx.account())?;
        let mut engine = Self {
            store,
            random,
            crypto,
            account: None,
            me: None,
            groups: Groups::default(),
            sync: Sync::new(),
            directory: Directory::default(),
            commands: VecDeque::new(),
            work: Work::default(),
            effects: VecDeque::new(),
            changes: BTreeSet::new(),
            alarm: None,
            access_denied: false,
            denials: 0,
            last_error: None,
            queued: 0,
            has_unused_token: false,
            published: None,
        };
        if let Some(account) = account {
            engine.take_account(account)?;
        }
        engine.read_again()?;
        engine.load_places()?;
        Ok(engine)
    }

    fn take_account(&mut self, account: AccountRow) -> Result<()> {
        let damaged = |_| Error::new(ErrorCode::Damaged, "the account's keys do not fit");
        let certificate = Certificate::decode_and_verify(&account.certificate).map_err(damaged)?;
        let key = DeviceKey::from_seed(account.device_secret);
        self.me = Some(Me {
            user: account.user,
            device_id: account.device,
            username: account.username.clone(),
            device: Device::new(certificate, key).map_err(damaged)?,
        });
        if account.rolled_back {
            self.alarm = Some(Alarm::RolledBack);
        } else if is_revoked(&account) {
            self.alarm = Some(Alarm::Revoked);
        }
        self.account = Some(account);
        Ok(())
    }

    /// After an update of the app: what an older version could not show may be readable now.
    fn read_again(&mut self) -> Result<()> {
        let kept = self.store.read(|tx| tx.unsupported_messages())?;
        let mut readable = Vec::new();
        for (row, plaintext) in kept {
            if let Ok(content) = Content::decode(&plaintext)
                && let ContentKind::Text(text) = content.kind
            {
                readable.push((row, text));
            }
        }
        if readable.is_empty() {
            return Ok(());
        }
        self.store.write(|tx| {
            let mut rows = readable.iter();
            rows.try_for_each(|(row, text)| tx.show_text(*row, text))
        })
    }

    /// Reads from the database which conversations there are and which have something to send.
    fn load_places(&mut self) -> Result<()> {
        let (conversations, outbound, founded, stopped, queued) = self.store.read(|tx| {
            let conversations = tx.conversations()?;
            // What stopped these may have been taken back since. Where there is no group, this
            // device has to be added first.
            let mut stopped = BTreeSet::new();
            for row in &conversations {
                if row.state == ConversationState::NeedsResync && tx.has_group(row.id)? {
                    stopped.insert(row.id);
                }
            }
            let outbound = tx.outbox_conversations()?;
            // The server knows these, though this device has not yet read its own founding.
            let mut founded = BTreeSet::new();
            for id in &outbound {
                let first = tx.lane(*id, Lane::Main, 1)?.pop();
                let is_founded = |item: &OutboxRow| {
                    item.intent == Intent::Create && item.state == OutboxState::Accepted
                };
                if first.as_ref().is_some_and(is_founded) {
                    founded.insert(*id);
                }
            }
            let queued = tx.outbox_count()?;
            Ok((conversations, outbound, founded, stopped, queued))
        })?;
        for row in conversations {
            // After an update of the app, what needed it is tried again.
            let readable = matches!(
                row.state,
                ConversationState::Active | ConversationState::NeedsUpdate
            );
            if row.state == ConversationState::NeedsResync {
                self.ask_to_be_added(row.id, 0, START);
            }
            if readable || founded.contains(&row.id) || stopped.contains(&row.id) {
                self.sync.track(row.id, row.applied_seq, row.incarnation);
            }
        }
        self.work.outbound.extend(outbound);
        self.queued = queued;
        self.work.has_own_changes = true;
        Ok(())
    }

    /// Remembers what happened. Never touches the database.
    pub fn handle(&mut self, event: Event, now: Now) {
        match event {
            Event::Command {
                ticket,
                command: Command::Focus(conversation),
            } => {
                self.sync.set_focus(conversation);
                self.effects.push_back(Effect::Reply {
                    ticket,
                    result: Ok(crate::event::Reply::Done),
                });
            }
            Event::Command { ticket, command } => self.commands.push_back((ticket, command)),
            Event::Network(network) => self.sync.link.set_network(network, now),
            Event::LinkOpened => self.greet(now),
            Event::LinkClosed(error) => {
                let open = matches!(
                    self.sync.link.phase(),
                    Phase::Opening { .. } | Phase::Greeting | Phase::Up
                );
                if open {
                    self.link_closed(error, now);
                }
            }
            Event::Frame(_) if !matches!(self.sync.link.phase(), Phase::Greeting | Phase::Up) => {
                // Of a connection that is gone: what it says is not about the next one.
            }
            Event::Frame(frame) => {
                self.sync.link.heard(now);
                self.on_frame(frame, now);
            }
            Event::MalformedFrame => self.sync.link.heard(now),
            Event::Refreshed(Ok(session)) => {
                self.work.session = Some(session);
            }
            Event::Refreshed(Err(LinkError::Denied)) => {
                self.alarm = Some(Alarm::SignInNeeded);
                self.link_failed(LinkError::Denied, now);
            }
            Event::Refreshed(Err(error)) => self.link_failed(error, now),
            Event::Tick => {}
        }
        self.drive(now);
    }

    /// Does at most one transaction. Returns whether there was something to do: then call again.
    pub fn turn(&mut self, now: Now) -> bool {
        let did = if self.commands.is_empty() {
            self.background(now)
        } else {
            self.run_commands(now);
            true
        };
        self.drive(now);
        did
    }

    /// The next effect to carry out, in order.
    pub fn poll(&mut self) -> Option<Effect> {
        self.effects.pop_front()
    }

    /// When a [`Event::Tick`] is wanted if nothing else happens, in monotonic milliseconds.
    #[must_use]
    pub fn wake_at(&self) -> Option<i64> {
        let link = self.sync.link.wake_at().filter(|_| self.may_connect());
        let ask = self.work.ask_at().filter(|_| self.sync.link.is_up());
        [link, self.sync.wake_at(), self.work.wake_at(), ask]
            .into_iter()
            .flatten()
            .min()
    }

    /// How things stand.
    #[must_use]
    pub fn state(&self) -> ClientState {
        let account = self.me.as_ref().filter(|_| self.is_registered());
        let connection = self.connection();
        ClientState {
            connection,
            account: account.map(|me| Account {
                user: me.user,
                username: me.username.clone(),
                device: me.device_id,
            }),
            alarm: self.alarm,
            queued: self.queued,
            // Who does not try to connect has nothing that went wrong with it.
            last_error: self
                .last_error
                .filter(|_| connection != Connection::Offline),
        }
    }

    /// Whether everything that can be done now is done: the connection is live, nothing waits to
    /// be applied or sent, no answer is outstanding.
    #[must_use]
    pub fn is_settled(&self) -> bool {
        if self.alarm == Some(Alarm::Revoked) {
            return self.commands.is_empty();
        }
        self.commands.is_empty()
            && self.sync.is_caught_up()
            && self.work.is_idle()
            && self.sync.requests.sends() == 0
    }

    /// Commits so far, and the database itself, for measurements and checks.
    #[must_use]
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// Finishes: moves the log into the database file if that is quick, and closes it.
    ///
    /// # Errors
    /// [`Storage`](ErrorCode::Storage); the database is closed all the same.
    pub fn close(self) -> Result<()> {
        let checkpointed = self
            .store
            .checkpoint(crate::store::open::CheckpointMode::Passive);
        let closed = self.store.close();
        checkpointed.and(closed)
    }

    fn is_registered(&self) -> bool {
        self.account
            .as_ref()
            .is_some_and(|account| account.registered)
    }

    fn connection(&self) -> Connection {
        let is_out = !self.is_registered() || self.alarm == Some(Alarm::Revoked);
        if self.sync.link.network() == Network::Down || is_out {
            return Connection::Offline;
        }
        match self.sync.link.phase() {
            Phase::Up if self.sync.is_caught_up() && self.work.inbox_is_done() => Connection::Live,
            Phase::Up => Connection::CatchingUp,
            _ => Connection::Connecting,
        }
    }

    fn run_commands(&mut self, now: Now) {
        let count = self.commands.len().min(COMMANDS_PER_TURN_MAX);
        let batch: Vec<(Ticket, Command)> = self.commands.drain(..count).collect();
        let mut changes = BTreeSet::new();
        let tickets: Vec<Ticket> = batch.iter().map(|(ticket, _)| *ticket).collect();
        let alarm = self.alarm;
        let disk_is_full = alarm == Some(Alarm::DiskFull);
        // Reading the account again checks a signature, which takes as long as a commit.
        let changes_account = batch
            .iter()
            .any(|(_, command)| command::changes_account(command));
        self.work.has_own_changes |= batch
            .iter()
            .any(|(_, command)| command::changes_devices(command));
        let mut results = Vec::with_capacity(batch.len());
        let mut touched = BTreeSet::new();
        let (crypto, random) = (&self.crypto, &mut self.random);
        let me = self.me.as_ref();
        let written = self.store.write(|tx| {
            for (ticket, command) in batch {
                let mut done = BTreeSet::new();
                let mut scope = command::Scope {
                    me,
                    crypto,
                    random,
                    now,
                    changes: &mut done,
                };
                let result = match refusal(alarm, &command) {
                    Some(error) => Err(error),
                    None => tx.step(|tx| command::run(tx, &mut scope, command)),
                };
                match &result {
                    Ok(done_command) => {
                        touched.extend(done_command.outbound.iter().copied());
                        changes.extend(done);
                    }
                    Err(error) if is_disk_trouble(error.code) && !disk_is_full => {
                        return Err(error.clone());
                    }
                    Err(_) => {}
                }
                results.push((ticket, result));
            }
            let account = if changes_account { tx.account()? } else { None };
            Ok((account, tx.outbox_count()?))
        });
        match written {
            Ok((account, queued)) => {
                self.queued = queued;
                self.finish_commands(results, changes, touched, account, now);
            }
            Err(error) => {
                self.note_trouble(&error);
                self.fail_all(tickets, &error);
            }
        }
    }

    fn finish_commands(
        &mut self,
        results: Vec<(Ticket, Result<command::Done>)>,
        changes: BTreeSet<Change>,
        touched: BTreeSet<ConversationId>,
        account: Option<AccountRow>,
        now: Now,
    ) {
        self.work.outbound.extend(touched);
        self.work.wal_is_dirty = true;
        if let Some(account) = account {
            let signed_in = account.registered && account.refresh_token.is_some();
            if signed_in
                && self.alarm == Some(Alarm::SignInNeeded)
                && self.has_new_session(&account)
            {
                self.alarm = None;
                self.access_denied = false;
            }
            let is_another = self.is_registered()
                && (self.me.as_ref()).is_some_and(|me| me.device_id != account.device);
            let taken = if is_another {
                self.become_device(account, now)
            } else {
                self.take_account(account)
            };
            if let Err(error) = taken {
                self.note_trouble(&error);
            }
        }
        for (ticket, result) in results {
            let result = result.map(|done| done.reply);
            self.effects.push_back(Effect::Reply { ticket, result });
        }
        self.changes.extend(changes);
    }

    /// This device has become another one. What memory knows is of the old one.
    fn become_device(&mut self, account: AccountRow, now: Now) -> Result<()> {
        self.alarm = None;
        self.last_error = None;
        (self.access_denied, self.denials) = (false, 0);
        self.groups.forget_all();
        self.directory = Directory::default();
        self.work = Work::default();
        self.sync.start_over(now);
        self.take_account(account)?;
        self.load_places()
    }

    fn has_new_session(&self, account: &AccountRow) -> bool {
        let old = self
            .account
            .as_ref()
            .and_then(|account| account.refresh_token.as_ref());
        old != account.refresh_token.as_ref()
    }

    fn fail_all(&mut self, tickets: Vec<Ticket>, error: &Error) {
        for ticket in tickets {
            self.effects.push_back(Effect::Reply {
                ticket,
                result: Err(error.clone()),
            });
        }
    }

    fn count_queued(&mut self) {
        if let Ok(queued) = self.store.read(|tx| tx.outbox_count()) {
            self.queued = queued;
        }
    }

    /// A transaction failed. What memory knows of MLS may be ahead of the disk: it goes.
    fn note_trouble(&mut self, error: &Error) {
        self.groups.forget_all();
        self.last_error = Some(error.code);
        if discards_connection(error.code) {
            // Where that fails, too, the old connection reports the same trouble again.
            let _ = self.store.reopen();
        }
        if error.code == ErrorCode::DiskFull {
            self.alarm = self.alarm.or(Some(Alarm::DiskFull));
            // Where even that fails there is nothing more to give.
            let _ = self.store.guard().release_ballast();
            // The write-ahead log may hold more room than anything else: empty it next.
            self.work.wal_is_dirty = false;
            self.work.truncate_at = 1;
        }
    }

    /// Opens, closes and uses the connection as is due, and tells the app what has changed.
    fn drive(&mut self, now: Now) {
        self.drive_link(now);
        for frame in self.sync.due_frames(now) {
            self.effects.push_back(Effect::Transmit(frame));
        }
        let state = (self.connection(), self.alarm, self.last_error);
        if self.published != Some(state) {
            if self
                .published
                .is_some_and(|(_, alarm, _)| alarm != self.alarm)
            {
                self.changes.insert(Change::Account);
            }
            self.published = Some(state);
            self.changes.insert(Change::Connection);
        }
        if !self.changes.is_empty() {
            self.tell_of_former_ids();
            self.effects
                .push_back(Effect::Publish(std::mem::take(&mut self.changes)));
        }
    }

    /// A conversation changes for those, too, who know it by an id that it had before.
    fn tell_of_former_ids(&mut self) {
        let aliases = match self.store.read(|tx| tx.aliases()) {
            Ok(aliases) => aliases,
            Err(error) => return self.note_trouble(&error),
        };
        for (old, new) in aliases {
            for change in [Change::Conversation, Change::Messages, Change::Members] {
                if self.changes.contains(&change(new)) {
                    self.changes.insert(change(old));
                }
            }
        }
    }

    fn drive_link(&mut self, now: Now) {
        let unanswered = self.sync.requests.oldest_deadline();
        let stuck = unanswered.is_some_and(|deadline| now.mono_ms >= deadline);
        match self.sync.link.wish(now) {
            LinkWish::Close => self.close_link(now),
            LinkWish::Nothing if stuck => self.close_link(now),
            LinkWish::Nothing => {}
            LinkWish::Open => self.open_link(now),
        }
    }

    fn close_link(&mut self, now: Now) {
        self.effects.push_back(Effect::Disconnect);
        self.link_closed(LinkError::Unreachable, now);
    }

    /// Whether there is an account to connect with, and nothing that forbids it.
    fn may_connect(&self) -> bool {
        let stopped = matches!(
            self.alarm,
            Some(Alarm::RolledBack | Alarm::Revoked | Alarm::SignInNeeded | Alarm::UpdateNeeded)
        );
        self.is_registered() && !stopped && self.work.session.is_none()
    }

    fn open_link(&mut self, now: Now) {
        let Some(account) = self.account.as_ref().filter(|_| self.may_connect()) else {
            return;
        };
        // Refreshing anew does not make a short life longer.
        let lasts = account.access_expires_ms > now.wall_ms + 15_000;
        let fresh = !self.access_denied && (lasts || self.has_unused_token);
        match (&account.access_token, &account.refresh_token) {
            (Some(access_token), _) if fresh => {
                let access_token = access_token.clone();
                self.has_unused_token = false;
                self.effects.push_back(Effect::Connect { access_token });
                self.sync
                    .link
                    .set_phase(Phase::Opening { since: now.mono_ms }, now);
            }
            (_, Some(refresh_token)) => {
                let refresh_token = refresh_token.clone();
                self.effects.push_back(Effect::Refresh { refresh_token });
                self.sync
                    .link
                    .set_phase(Phase::Refreshing { since: now.mono_ms }, now);
            }
            (_, None) => self.alarm = Some(Alarm::SignInNeeded),
        }
    }

    fn link_closed(&mut self, error: LinkError, now: Now) {
        self.sync.reset();
        self.work.reset_connection();
        self.directory.forget_failures();
        self.directory.names.clear();
        if error == LinkError::Denied {
            self.access_denied = true;
            self.denials = self.denials.saturating_add(1);
        }
        if error == LinkError::Denied && self.denials == 1 {
            self.sync.link.retry_now(now);
        } else {
            self.link_failed(error, now);
        }
    }

    fn link_failed(&mut self, error: LinkError, now: Now) {
        self.last_error = Some(error.code());
        if error == LinkError::Revoked {
            self.alarm = Some(Alarm::Revoked);
        }
        let at_least = if let LinkError::RetryAfter(wait_ms) = error {
            i64::from(wait_ms)
        } else {
            0
        };
        self.sync.link.failed(at_least, now, &mut self.random);
    }

    fn transmit(&mut self, frame: ClientFrame, now: Now) {
        self.sync.link.sent(now);
        self.effects.push_back(Effect::Transmit(frame));
    }

    /// Runs one unit of background work in one transaction.
    fn write<T>(
        &mut self,
        now: Now,
        hold_read_marks: bool,
        unit: impl FnOnce(&mut Tx<'_>, &mut Groups, &mut Context<'_>, &mut Directory) -> Result<T>,
    ) -> Result<T> {
        let Some(me) = self.me.as_ref() else {
            return Err(Error::new(ErrorCode::NotSignedIn, "there is no account"));
        };
        let mut changes = BTreeSet::new();
        let (mut merged, mut outbound) = (Vec::new(), BTreeSet::new());
        let mut context = Context {
            me,
            crypto: &self.crypto,
            random: &mut self.random,
            now,
            changes: &mut changes,
            hold_read_marks,
            merged: &mut merged,
            outbound: &mut outbound,
        };
        let (groups, directory) = (&mut self.groups, &mut self.directory);
        let written = self
            .store
            .write(|tx| unit(tx, groups, &mut context, directory));
        match written {
            Ok(done) => {
                if changes.contains(&Change::Outbox) {
                    self.count_queued();
                }
                self.work.wal_is_dirty = true;
                self.changes.extend(changes);
                self.work.outbound.extend(outbound);
                self.follow_merges(&merged);
                Ok(done)
            }
            Err(error) => {
                self.note_trouble(&error);
                Err(error)
            }
        }
    }

    fn follow_merges(&mut self, merged: &[(ConversationId, ConversationId)]) {
        for (old, new) in merged {
            self.sync.untrack(*old);
            self.groups.forget(*old);
            self.work.outbound.remove(old);
            self.work.outbound.insert(*new);
        }
    }

    fn store_session(&mut self, session: &Session, now: Now) {
        let expires_ms = now.wall_ms.saturating_add(session.expires_in_ms);
        let written = self.store.write(|tx| {
            tx.store_session(session, expires_ms)?;
            tx.account()
        });
        match written {
            Ok(Some(account)) => {
                self.account = Some(account);
                self.access_denied = false;
                self.has_unused_token = true;
                self.sync.link.retry_now(now);
            }
            Ok(None) => {}
            Err(error) => {
                // The old refresh token is used up: these must not be lost.
                self.work.session = Some(session.clone());
                self.note_trouble(&error);
                self.rest(&error, now);
            }
        }
    }
}

/// Whether the user has removed this device.
fn is_revoked(account: &AccountRow) -> bool {
    // One of an older version is good for reading what is here, and for nothing else.
    Manifest::decode_and_verify(&account.manifest)
        .is_ok_and(|manifest| !manifest.lists(account.device))
}

/// Why a command can't be carried out at all, if it can't.
fn refusal(alarm: Option<Alarm>, command: &Command) -> Option<Error> {
    match alarm {
        Some(Alarm::DiskFull) if command::needs_space(command) => Some(Error::new(
            ErrorCode::DiskFull,
            "there is no space left on the disk",
        )),
        Some(Alarm::RolledBack) if command::is_for_others(command) => Some(Error::new(
            ErrorCode::RolledBack,
            "the database is an old copy, and nothing goes out from it any more",
        )),
        Some(Alarm::Revoked) if command::is_for_others(command) => Some(Error::new(
            ErrorCode::Revoked,
            "this device was removed by its user, and nothing goes out from it any more",
        )),
        _ => None,
    }
}

/// The database could not do it, whatever was asked.
fn is_disk_trouble(code: ErrorCode) -> bool {
    matches!(
        code,
        ErrorCode::DiskFull | ErrorCode::Storage | ErrorCode::Damaged
    )
}
