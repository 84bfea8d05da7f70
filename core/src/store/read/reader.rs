//! A read connection that is opened when it is needed, and anew when it can't be trusted.

use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::{Connection, InterruptHandle};

use super::Snapshot;
use crate::error::Result;
use crate::store::StoreOptions;
use crate::store::damage::discards_connection;
use crate::store::open::open_reader;

/// Reads the database, beside the writer.
pub(crate) struct Reader {
    options: StoreOptions,
    connection: Option<Connection>,
    interrupter: Interrupter,
}

/// Stops the query that a reader is at, from another thread.
#[derive(Clone, Default)]
pub(crate) struct Interrupter(Arc<Mutex<Option<InterruptHandle>>>);

impl Reader {
    pub(crate) fn new(options: StoreOptions) -> Self {
        Self {
            options,
            connection: None,
            interrupter: Interrupter::default(),
        }
    }

    pub(crate) fn interrupter(&self) -> Interrupter {
        self.interrupter.clone()
    }

    /// Runs a query in one read transaction. A connection that meets damage or an I/O error is
    /// given up, and what a fresh one says is the answer.
    pub(crate) fn read<T>(&mut self, query: impl Fn(&Snapshot<'_>) -> Result<T>) -> Result<T> {
        let first = self.read_once(&query);
        if !self.must_discard(&first) {
            return first;
        }
        self.discard();
        let second = self.read_once(&query);
        if self.must_discard(&second) {
            self.discard();
        }
        second
    }

    /// Closes the connection; the next query opens another.
    pub(crate) fn discard(&mut self) {
        self.interrupter.set(None);
        self.connection = None;
    }

    fn must_discard<T>(&self, result: &Result<T>) -> bool {
        result
            .as_ref()
            .is_err_and(|error| discards_connection(error.code))
    }

    fn read_once<T>(&mut self, query: impl Fn(&Snapshot<'_>) -> Result<T>) -> Result<T> {
        let connection = match self.connection.take() {
            Some(connection) => connection,
            None => open_reader(&self.options)?,
        };
        self.interrupter
            .set(Some(connection.get_interrupt_handle()));
        let connection = self.connection.insert(connection);
        query(&Snapshot::of(connection)?)
    }
}

impl Interrupter {
    pub(crate) fn interrupt(&self) {
        if let Some(handle) = &*self.0.lock().unwrap_or_else(PoisonError::into_inner) {
            handle.interrupt();
        }
    }

    fn set(&self, handle: Option<InterruptHandle>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = handle;
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed test may panic")]
    use std::cell::Cell;

    use super::*;
    use crate::error::{Error, ErrorCode};
    use crate::store::DatabaseKey;
    use crate::store::open::open_writer;

    fn options(folder: &tempfile::TempDir) -> StoreOptions {
        StoreOptions {
            folder: folder.path().to_owned(),
            key: DatabaseKey::from_bytes([1; 32]),
            salt_seed: [2; 32],
            vfs: None,
        }
    }

    #[test]
    fn a_passing_error_is_not_reported() {
        let folder = tempfile::tempdir().unwrap();
        let options = options(&folder);
        let _writer = open_writer(&options).unwrap();
        let mut reader = Reader::new(options);
        let tries = Cell::new(0);
        let user = reader.read(|snapshot| {
            tries.set(tries.get() + 1);
            if tries.get() == 1 {
                return Err(Error::new(ErrorCode::Storage, "a read has failed"));
            }
            snapshot.own_user()
        });
        assert_eq!((user.unwrap(), tries.get()), (None, 2));
        let refused = reader.read(|_| -> Result<()> {
            tries.set(tries.get() + 1);
            Err(Error::new(
                ErrorCode::NotFound,
                "nothing wrong with the connection",
            ))
        });
        assert_eq!(
            (refused.unwrap_err().code, tries.get()),
            (ErrorCode::NotFound, 3)
        );
    }

    #[test]
    fn a_lasting_error_is_reported() {
        let folder = tempfile::tempdir().unwrap();
        let mut reader = Reader::new(options(&folder));
        let error = reader.read(|snapshot| snapshot.own_user()).unwrap_err();
        assert_eq!(error.code, ErrorCode::Damaged);
    }

    #[test]
    fn a_query_can_be_interrupted() {
        let folder = tempfile::tempdir().unwrap();
        let options = options(&folder);
        let _writer = open_writer(&options).unwrap();
        let mut reader = Reader::new(options);
        let interrupter = reader.interrupter();
        interrupter.interrupt();
        let result = reader.read(|snapshot| {
            let interrupter = interrupter.clone();
            std::thread::spawn(move || {
                std::thread::sleep(std::time::Duration::from_millis(50));
                interrupter.interrupt();
            });
            snapshot.count_forever()
        });
        assert_eq!(result.unwrap_err().code, ErrorCode::Paused);
        assert_eq!(reader.read(|snapshot| snapshot.own_user()).unwrap(), None);
    }
}
