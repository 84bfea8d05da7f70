//! The log: numbered conversations, inboxes, key packages and accounts in one SQLite file.
//!
//! **What a call returns is committed**, with `synchronous=FULL`, so it survives a kill and a
//! power cut; what a call fails with left nothing behind. Reading and appending go through one
//! object in one order.
//!
//! What it promises about conversations:
//!
//! - Numbers are dense: 1, 2, 3 …, given in the transaction that checks and inserts. Whoever has
//!   `n` and `n + 2` knows that `n + 1` exists.
//! - A repeat (same conversation, sending user and client id) gets the first answer again,
//!   whatever else has happened since, and adds nothing.
//! - There is at most one commit per epoch, and the epoch only moves by a commit that MLS and the
//!   policy of the group accept.
//! - A device that its user's newest manifest does not list is served nothing and says nothing.
//! - A commit that another user's device rejects and none applies in time is void, with all that
//!   came after it: members and epoch are what they were before, the numbers stay.
//! - A device reads from after the commit that added it up to the commit that removed it,
//!   included. To a stranger a conversation does not exist.
//!
//! This is the only place with SQL; see `schema.sql` for what is stored. It uses no clock and no
//! random source: [`Now`] comes with each call, the seed when it is opened.

mod error;
mod types;

mod open;
mod sql;

mod append;
mod commit;
mod create;
mod followers;
mod members;
mod voiding;

mod inbox;
mod key_packages;
mod reading;
mod waiting;

mod accounts;
mod manifests;
mod refresh;

#[cfg(test)]
mod damage_tests;

#[cfg(test)]
mod plan_tests;

pub use error::LogError;
pub use types::{
    Account, Answer, AppendOutcome, AppendRequest, Appended, BATCH_BYTES_MAX, BATCH_ITEMS_MAX,
    ChangeRequest, Delivery, Gone, HelloFacts, KeyPackageCount, LogOptions, ManifestNews,
    Membership, NewAccount, NewFamily, ReadRequest, Registration, Replacement, Rotation,
};

use rusqlite::{Connection, Transaction, TransactionBehavior};
use whimbrel_mls::Crypto;
use whimbrel_protocol::{DeviceId, UserId};

use crate::Now;
use append::Context;
use followers::Followers;
use sql::Doing;

/// The log on SQLite.
pub struct SqliteLog {
    connection: Connection,
    crypto: Crypto,
    followers: Followers,
    incarnation: u64,
    damaged: u64,
    news: Vec<ManifestNews>,
}

impl std::fmt::Debug for SqliteLog {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SqliteLog")
            .field("incarnation", &self.incarnation)
            .finish_non_exhaustive()
    }
}

impl SqliteLog {
    /// Opens the database, making or migrating it where needed. `seed` is for what MLS wants to
    /// draw at random; draw a fresh one for each opening.
    ///
    /// # Errors
    /// [`LogError`]: the library is too old, a setting did not take, the schema is newer than this
    /// program, or SQLite failed.
    pub fn open(options: &LogOptions, seed: [u8; 32], now: Now) -> Result<Self, LogError> {
        let (connection, incarnation) = open::open(options, now)?;
        Ok(Self {
            connection,
            crypto: Crypto::from_seed(seed),
            followers: Followers::default(),
            incarnation,
            damaged: 0,
            news: Vec::new(),
        })
    }

    /// Appends in one transaction, each request as a prefix up to its first refusal. At most
    /// [`BATCH_ITEMS_MAX`] items and [`BATCH_BYTES_MAX`] bytes, or a single request.
    ///
    /// # Errors
    /// [`LogError`]: nothing was appended. The caller may try again.
    pub fn append(
        &mut self,
        batch: &[AppendRequest],
        now: Now,
    ) -> Result<Vec<AppendOutcome>, LogError> {
        let mut context = Context {
            crypto: &self.crypto,
            followers: &mut self.followers,
            incarnation: self.incarnation,
            now,
            damaged: &mut self.damaged,
        };
        let result = append::append(&mut self.connection, &mut context, batch);
        if result.is_err() {
            // What memory learned in the transaction was rolled back with it.
            self.followers.clear();
        }
        result
    }

    /// Answers whatever is not an append. What it changes is committed before the answer.
    ///
    /// # Errors
    /// [`LogError`]: nothing was changed.
    pub fn read(&mut self, request: &ReadRequest, now: Now) -> Result<Answer, LogError> {
        let (connection, incarnation) = (&self.connection, self.incarnation);
        if let Some(device) = request.asker()
            && accounts::is_revoked(connection, device)?
        {
            return Ok(Answer::Revoked);
        }
        match request {
            ReadRequest::Fetch {
                device,
                conversation,
                after,
                limit,
            } => {
                let range = (*after, *limit);
                reading::fetch(connection, incarnation, *device, *conversation, range)
            }
            ReadRequest::GoLive {
                user,
                device,
                conversation,
            } => reading::go_live(connection, incarnation, (*user, *device), *conversation),
            ReadRequest::FetchInbox { device, after } => {
                inbox::fetch(connection, incarnation, *device, *after)
            }
            ReadRequest::FetchTree {
                device,
                conversation,
                epoch,
                offset,
            } => inbox::tree(connection, *device, *conversation, *epoch, *offset),
            ReadRequest::FindUser { find, .. } => accounts::find(connection, find),
            ReadRequest::Moved { conversation } => {
                reading::moved(connection, incarnation, *conversation)
            }
            ReadRequest::Change(request) => self.change(request, now),
        }
    }

    fn change(&mut self, request: &ChangeRequest, now: Now) -> Result<Answer, LogError> {
        let incarnation = self.incarnation;
        let tx = begin(&mut self.connection)?;
        let answer = match request {
            ChangeRequest::Hello { device, sealed_no } => {
                append::raise_sealed_no(&tx, *device, *sealed_no)?;
                reading::hello(&tx, incarnation, *device, now)?
            }
            ChangeRequest::Applied {
                user,
                device,
                conversation,
                seq,
            } => reading::applied(&tx, incarnation, (*user, *device), *conversation, *seq)?,
            ChangeRequest::InboxApplied {
                user,
                device,
                seq,
                unopened,
            } => inbox::applied(&tx, (*user, *device), *seq, unopened, now)?,
            ChangeRequest::PublishKeyPackages {
                user,
                device,
                one_time,
                last_resort,
            } => {
                let (owner, last_resort) = ((*user, *device), last_resort.as_deref());
                key_packages::publish(&tx, &self.crypto, owner, one_time, last_resort, now)?
            }
            ChangeRequest::ClaimKeyPackages { device, users } => {
                key_packages::claim(&tx, *device, users, now)?
            }
            ChangeRequest::RejectCommit {
                device,
                conversation,
                seq,
            } => reading::reject(&tx, incarnation, *device, *conversation, *seq, now)?,
            ChangeRequest::PublishManifest {
                user,
                device,
                manifest,
            } => manifests::publish(&tx, (*user, *device), manifest, now)?,
            ChangeRequest::AskToBeAdded {
                user,
                device,
                conversation,
            } => waiting::ask(&tx, (*user, *device), *conversation, now)?,
            ChangeRequest::Void { conversation } => {
                voiding::void(&tx, incarnation, *conversation, now)?
            }
            ChangeRequest::TellWaiting { user, device } => {
                waiting::tell_all(&tx, (*user, *device), now)?
            }
        };
        // A failure changes nothing, so what was written before it was noticed goes.
        if !matches!(answer, Answer::Failed(_)) {
            tx.commit().doing("commit an answer")?;
        }
        if let Answer::Voided { head, .. } = &answer {
            self.followers.forget(head.conversation);
        }
        Ok(answer)
    }

    /// Makes an account with its first device. Repeating it is harmless.
    ///
    /// # Errors
    /// [`LogError`]: nothing was written.
    pub fn register(&mut self, account: &NewAccount, now: Now) -> Result<Registration, LogError> {
        let transaction = begin(&mut self.connection)?;
        let registration = accounts::register(&transaction, account, now)?;
        transaction.commit().doing("commit an account")?;
        Ok(registration)
    }

    /// The account of exactly this name.
    ///
    /// # Errors
    /// [`LogError`].
    pub fn account_by_username(&self, username: &str) -> Result<Option<Account>, LogError> {
        accounts::by_username(&self.connection, username)
    }

    /// The name of this user.
    ///
    /// # Errors
    /// [`LogError`].
    pub fn username_of(&self, user: UserId) -> Result<Option<String>, LogError> {
        accounts::username(&self.connection, user)
    }

    /// Whether this is a device of this user, be it revoked or not.
    ///
    /// # Errors
    /// [`LogError`].
    pub fn device_of(&self, user: UserId, device: DeviceId) -> Result<bool, LogError> {
        Ok(accounts::owner(&self.connection, device)? == Some(user))
    }

    /// The newest manifest of a user, encoded.
    ///
    /// # Errors
    /// [`LogError`].
    pub fn newest_manifest(&self, user: UserId) -> Result<Option<Vec<u8>>, LogError> {
        accounts::manifest(&self.connection, user)
    }

    /// Whether the newest manifest of this user lists this device.
    ///
    /// # Errors
    /// [`LogError`].
    pub fn lists_device(&self, user: UserId, device: DeviceId) -> Result<bool, LogError> {
        Ok(self.device_of(user, device)? && !accounts::is_revoked(&self.connection, device)?)
    }

    /// Whether a device of this user has ever signed in.
    ///
    /// # Errors
    /// [`LogError`].
    pub fn has_signed_in(&self, user: UserId, device: DeviceId) -> Result<bool, LogError> {
        Ok(self.device_of(user, device)? && refresh::has_started(&self.connection, device)?)
    }

    /// Lets a user start anew on this device: `manifest` becomes the newest one. Under a new
    /// identity key it lists this device alone; under the same one, this device takes the place of
    /// at least one other. Repeating it is harmless. Whoever calls it has checked that it is the
    /// user.
    ///
    /// # Errors
    /// [`LogError`]: nothing was written.
    pub fn replace_manifest(
        &mut self,
        user: UserId,
        device: DeviceId,
        manifest: &[u8],
        now: Now,
    ) -> Result<Replacement, LogError> {
        let transaction = begin(&mut self.connection)?;
        let owner = (user, device);
        let (replacement, news) = manifests::replace(&transaction, owner, manifest, now)?;
        if replacement == Replacement::Replaced {
            transaction.commit().doing("commit a manifest")?;
            self.news.extend(news);
        }
        Ok(replacement)
    }

    /// What [`SqliteLog::replace_manifest`] did that the hub is to know since the last time.
    pub fn take_news(&mut self) -> Vec<ManifestNews> {
        std::mem::take(&mut self.news)
    }

    /// Starts a refresh-token family: somebody signed in on a device.
    ///
    /// # Errors
    /// [`LogError`]: nothing was written.
    pub fn start_family(&mut self, family: &NewFamily, now: Now) -> Result<(), LogError> {
        let transaction = begin(&mut self.connection)?;
        refresh::start(&transaction, family, now)?;
        transaction.commit().doing("commit a sign-in")
    }

    /// Uses up a refresh token and puts a new one in its place; both are SHA-256 of the tokens.
    /// `grace_ms` is how long the token before the newest may be presented once more.
    ///
    /// # Errors
    /// [`LogError`]: nothing was written.
    pub fn rotate_refresh(
        &mut self,
        old_hash: &[u8; 32],
        new_hash: &[u8; 32],
        grace_ms: i64,
        now: Now,
    ) -> Result<Rotation, LogError> {
        let transaction = begin(&mut self.connection)?;
        let rotation = refresh::rotate(&transaction, old_hash, new_hash, grace_ms, now)?;
        transaction.commit().doing("commit a token")?;
        Ok(rotation)
    }

    /// Items refused since the opening because what is stored of their conversation is damaged.
    /// Anything but 0 needs an operator.
    #[must_use]
    pub fn damaged_items(&self) -> u64 {
        self.damaged
    }

    /// Moves the write-ahead log into the database file and cuts it to nothing, as far as other
    /// readers allow. Only for a tidy shutdown: nothing is lost without it.
    ///
    /// # Errors
    /// [`LogError`].
    pub fn checkpoint(&mut self) -> Result<(), LogError> {
        self.connection
            .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
            .doing("checkpoint")
    }
}

/// Takes the write lock at once: a transaction that read first and wrote later could fail.
fn begin(connection: &mut Connection) -> Result<Transaction<'_>, LogError> {
    connection
        .transaction_with_behavior(TransactionBehavior::Immediate)
        .doing("begin a transaction")
}
