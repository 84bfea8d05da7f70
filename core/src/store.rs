//! The only SQL of the core.
//!
//! [`Store`] owns the one connection that writes. Everything that changes the database goes
//! through [`Store::write`], which is one transaction, and the functions of [`Tx`], which have
//! no other way to exist. Reading for the app happens on other connections, in [`read`].

pub mod codes;

pub mod key;

pub mod open;

pub mod migrations;

pub mod ballast;
pub mod damage;
pub mod lock;

mod accounts;
mod contacts;
mod conversations;
mod gaps;
mod links;
mod manifests;
mod members;
mod messages;
mod mls;
mod outbox;
mod re_enrolment;

pub mod read;

use rusqlite::{Connection, Savepoint, Transaction, TransactionBehavior};
use whimbrel_protocol::ConversationId;

pub(crate) use accounts::AccountRow;
pub(crate) use contacts::{ContactRow, Seen};
pub(crate) use conversations::ConversationRow;
pub(crate) use links::LinkRow;
pub(crate) use manifests::{ManifestRow, OwnChange};
pub(crate) use members::SenderPlace;
pub(crate) use messages::{NewMessage, Placing};
pub(crate) use mls::Unpublished;
pub use open::{DatabaseKey, StoreOptions};
pub(crate) use outbox::{Lane, OutboxRow, SealedItem};
pub(crate) use re_enrolment::{NewDevice, ReEnrolmentRow};

use crate::error::{Error, Result};
use damage::from_sqlite;

/// The database of one account, open for writing.
pub struct Store {
    writer: Connection,
    guard: open::OpenGuard,
    options: StoreOptions,
    commits: u64,
}

impl Store {
    /// Opens or makes the database, and brings its schema up to date.
    ///
    /// # Errors
    /// [`AlreadyOpen`](crate::ErrorCode::AlreadyOpen), [`WrongKey`](crate::ErrorCode::WrongKey),
    /// [`Damaged`](crate::ErrorCode::Damaged), [`UpdateNeeded`](crate::ErrorCode::UpdateNeeded)
    /// for a database of a newer version, [`DiskFull`](crate::ErrorCode::DiskFull) and
    /// [`Storage`](crate::ErrorCode::Storage).
    pub fn open(options: &StoreOptions) -> Result<Self> {
        let (writer, guard) = open::open_writer(options)?;
        Ok(Self {
            writer,
            guard,
            options: options.clone(),
            commits: 0,
        })
    }

    /// Runs `work` in one transaction, committed when it succeeds and rolled back when it fails.
    pub(crate) fn write<T>(&mut self, work: impl FnOnce(&mut Tx<'_>) -> Result<T>) -> Result<T> {
        let changes = self.writer.total_changes();
        let transaction = self
            .writer
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(from_sqlite)?;
        let mut tx = Tx {
            scope: Scope::Whole(transaction),
        };
        let done = work(&mut tx)?;
        tx.commit()?;
        self.commits += u64::from(self.writer.total_changes() != changes);
        Ok(done)
    }

    /// Reads outside a transaction that writes.
    pub(crate) fn read<T>(&mut self, work: impl FnOnce(&mut Tx<'_>) -> Result<T>) -> Result<T> {
        let savepoint = self.writer.savepoint().map_err(from_sqlite)?;
        let mut tx = Tx {
            scope: Scope::Step(savepoint),
        };
        let done = work(&mut tx)?;
        tx.commit()?;
        Ok(done)
    }

    /// Discards the connection for a fresh one: what a connection has cached when it met damage or
    /// an error of the disk can't be trusted.
    pub(crate) fn reopen(&mut self) -> Result<()> {
        self.writer = open::reopen_writer(&self.options)?;
        Ok(())
    }

    /// How many transactions were committed since the database was opened; one that changed
    /// nothing costs no write to the disk and does not count.
    #[must_use]
    pub fn commits(&self) -> u64 {
        self.commits
    }

    /// The connection, for questions that the read module asks.
    #[must_use]
    pub fn connection(&self) -> &Connection {
        &self.writer
    }

    /// What keeps other processes out and space in reserve.
    pub(crate) fn guard(&self) -> &open::OpenGuard {
        &self.guard
    }

    /// Moves the write-ahead log into the database file, as far as readers let it.
    pub(crate) fn checkpoint(&self, mode: open::CheckpointMode) -> Result<()> {
        open::checkpoint(&self.writer, mode).map(|_| ())
    }

    /// Pages in the write-ahead log that are not yet in the database file.
    pub(crate) fn wal_pages(&self) -> Result<u64> {
        open::wal_pages(&self.writer)
    }

    /// Closes the connection, then releases the lock.
    pub(crate) fn close(self) -> Result<()> {
        let Self { writer, guard, .. } = self;
        let closed = writer.close().map_err(|(_, error)| from_sqlite(error));
        drop(guard);
        closed
    }
}

/// A transaction under way, or a step of one.
pub(crate) struct Tx<'c> {
    scope: Scope<'c>,
}

/// What ends with a [`Tx`]; rolled back where it is dropped.
enum Scope<'c> {
    Whole(Transaction<'c>),
    Step(Savepoint<'c>),
}

impl Tx<'_> {
    /// Runs `work` so that its failure undoes only itself.
    pub(crate) fn step<T>(&mut self, work: impl FnOnce(&mut Tx<'_>) -> Result<T>) -> Result<T> {
        let savepoint = match &mut self.scope {
            Scope::Whole(transaction) => transaction.savepoint(),
            Scope::Step(savepoint) => savepoint.savepoint(),
        };
        let mut step = Tx {
            scope: Scope::Step(savepoint.map_err(from_sqlite)?),
        };
        let done = work(&mut step)?;
        step.commit()?;
        Ok(done)
    }

    fn commit(self) -> Result<()> {
        match self.scope {
            Scope::Whole(transaction) => transaction.commit(),
            Scope::Step(savepoint) => savepoint.commit(),
        }
        .map_err(from_sqlite)
    }
}

impl std::ops::Deref for Tx<'_> {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        match &self.scope {
            Scope::Whole(transaction) => transaction,
            Scope::Step(savepoint) => savepoint,
        }
    }
}

/// SQLite has no unsigned numbers. Ours count things and never get that far; one from outside
/// that does is an error, not a wrap.
fn to_sql(number: u64) -> Result<i64> {
    i64::try_from(number).map_err(|_| {
        Error::new(
            crate::ErrorCode::Protocol,
            format!("{number} is no number of this protocol"),
        )
    })
}

/// The other way; a negative number in the database is damage.
fn from_sql(number: i64) -> Result<u64> {
    u64::try_from(number).map_err(|_| {
        Error::new(
            crate::ErrorCode::Damaged,
            "a negative count in the database",
        )
    })
}

fn id<T: for<'a> TryFrom<&'a [u8]>>(bytes: &[u8]) -> Result<T> {
    T::try_from(bytes)
        .map_err(|_| Error::new(crate::ErrorCode::Damaged, "an id of the wrong length"))
}

fn bytes16(bytes: &[u8]) -> Result<[u8; 16]> {
    bytes
        .try_into()
        .map_err(|_| Error::new(crate::ErrorCode::Damaged, "a value of the wrong length"))
}

fn bytes32(bytes: &[u8]) -> Result<[u8; 32]> {
    bytes
        .try_into()
        .map_err(|_| Error::new(crate::ErrorCode::Damaged, "a value of the wrong length"))
}

/// Collects rows, turning SQLite's errors and damaged values into ours.
fn rows<T>(
    statement: &mut rusqlite::Statement<'_>,
    params: impl rusqlite::Params,
    read: impl Fn(&rusqlite::Row<'_>) -> Result<T>,
) -> Result<Vec<T>> {
    let mut rows = statement.query(params).map_err(from_sqlite)?;
    let mut list = Vec::new();
    while let Some(row) = rows.next().map_err(from_sqlite)? {
        list.push(read(row)?);
    }
    Ok(list)
}

/// A column of a row.
fn get<T: rusqlite::types::FromSql>(row: &rusqlite::Row<'_>, column: &str) -> Result<T> {
    row.get(column).map_err(from_sqlite)
}

fn key(conversation: ConversationId) -> [u8; 16] {
    *conversation.as_bytes()
}
