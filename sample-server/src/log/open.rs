//! Opening the database: the library's version, the settings, the schema.

use rusqlite::{Connection, OpenFlags, TransactionBehavior};

use super::sql::Doing;
use super::{LogError, LogOptions};
use crate::Now;

/// Before 3.51.3, SQLite can corrupt a WAL database that two processes have open.
const SQLITE_VERSION_MIN: i32 = 3_051_003;

/// Steps from each schema to the next. Only ever appended to; each runs in one transaction.
const MIGRATIONS: &[&str] = &[include_str!("schema.sql"), include_str!("schema_2.sql")];

/// Settings and what they must read back as. The order matters: the page cache and the journal
/// come before anything is read.
const SETTINGS: &[(&str, &str, &str)] = &[
    // Readers and the one writer do not wait for each other.
    ("journal_mode", "WAL", "wal"),
    // With less, a power cut can take back a commit whose number was already acknowledged.
    ("synchronous", "FULL", "2"),
    ("fullfsync", "ON", "1"),
    ("checkpoint_fullfsync", "ON", "1"),
    ("foreign_keys", "ON", "1"),
    // Deleted Welcomes and key packages are overwritten.
    ("secure_delete", "ON", "1"),
    // A damaged or planted schema can't call functions, a damaged page is noticed early.
    ("trusted_schema", "OFF", "0"),
    ("cell_size_check", "ON", "1"),
    ("temp_store", "MEMORY", "2"),
    ("wal_autocheckpoint", "1000", "1000"),
    // A WAL that a long reader let grow is cut down again.
    ("journal_size_limit", "67108864", "67108864"),
];

/// A connection with all settings and the newest schema, and the incarnation of the log.
pub(super) fn open(options: &LogOptions, now: Now) -> Result<(Connection, u64), LogError> {
    if rusqlite::version_number() < SQLITE_VERSION_MIN {
        return Err(LogError::SqliteTooOld {
            found: rusqlite::version().to_owned(),
        });
    }
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
        | OpenFlags::SQLITE_OPEN_CREATE
        | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = match &options.vfs {
        Some(vfs) => Connection::open_with_flags_and_vfs(&options.path, flags, vfs.as_str()),
        None => Connection::open_with_flags(&options.path, flags),
    }
    .doing("open the database")?;
    connection
        .busy_timeout(std::time::Duration::from_secs(5))
        .doing("set the busy timeout")?;
    for (setting, value, expected) in SETTINGS {
        set(&connection, setting, value, expected)?;
    }
    connection.set_prepared_statement_cache_capacity(128);
    flush_log(&connection)?;
    migrate(&mut connection, MIGRATIONS)?;
    let incarnation = incarnation(&connection, now)?;
    Ok((connection, incarnation))
}

/// A process killed between writing a commit and flushing it leaves a commit that can be read now
/// and that a power cut can still take back. A checkpoint flushes the log before anybody is told
/// of what is in it.
fn flush_log(connection: &Connection) -> Result<(), LogError> {
    connection
        .query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()))
        .doing("flush the write-ahead log")
}

fn set(
    connection: &Connection,
    setting: &'static str,
    value: &str,
    expected: &str,
) -> Result<(), LogError> {
    connection
        .execute_batch(&format!("PRAGMA {setting} = {value}"))
        .doing("change a setting")?;
    let found = connection
        .query_row(&format!("PRAGMA {setting}"), [], |row| {
            row.get_ref(0).map(text_of)
        })
        .doing("read a setting back")?;
    if found == expected {
        Ok(())
    } else {
        Err(LogError::Setting { setting, found })
    }
}

fn text_of(value: rusqlite::types::ValueRef<'_>) -> String {
    match value {
        rusqlite::types::ValueRef::Integer(number) => number.to_string(),
        rusqlite::types::ValueRef::Text(text) => String::from_utf8_lossy(text).into_owned(),
        other => format!("{:?}", other.data_type()),
    }
}

fn migrate(connection: &mut Connection, migrations: &[&str]) -> Result<(), LogError> {
    let known = i64::try_from(migrations.len()).unwrap_or(i64::MAX);
    let found: i64 = connection
        .query_row("PRAGMA user_version", [], |row| row.get(0))
        .doing("read the schema version")?;
    if found > known || found < 0 {
        return Err(LogError::NewerSchema { found, known });
    }
    for (version, step) in (1_i64..).zip(migrations) {
        if version <= found {
            continue;
        }
        let transaction = connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .doing("begin a migration")?;
        // Another process may have done the same step while this one waited for the lock.
        let current: i64 = transaction
            .query_row("PRAGMA user_version", [], |row| row.get(0))
            .doing("read the schema version")?;
        if current < version {
            transaction.execute_batch(step).doing("migrate")?;
            transaction
                .execute_batch(&format!("PRAGMA user_version = {version}"))
                .doing("note the schema version")?;
        }
        transaction.commit().doing("commit a migration")?;
    }
    Ok(())
}

fn incarnation(connection: &Connection, now: Now) -> Result<u64, LogError> {
    connection
        .execute(
            "INSERT OR IGNORE INTO server (id, incarnation, created_ms) VALUES (1, 1, ?1)",
            [now.wall_ms],
        )
        .doing("name the server")?;
    connection
        .query_row("SELECT incarnation FROM server WHERE id = 1", [], |row| {
            super::sql::number(row, "incarnation")
        })
        .doing("read the incarnation")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

    use super::*;

    fn options() -> (tempfile::TempDir, LogOptions) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log.db");
        (folder, LogOptions { path, vfs: None })
    }

    const NOW: Now = Now {
        mono_ms: 0,
        wall_ms: 1_000,
    };

    #[test]
    fn a_second_opening_finds_what_the_first_made() {
        let (_folder, options) = options();
        let (first, incarnation) = open(&options, NOW).unwrap();
        drop(first);
        let (second, again) = open(&options, NOW).unwrap();
        assert_eq!(incarnation, again);
        let version: i64 = second
            .query_row("PRAGMA user_version", [], |row| row.get(0))
            .unwrap();
        assert_eq!(usize::try_from(version).unwrap(), MIGRATIONS.len());
    }

    /// What schema 1 held for a device that has a Welcome and a note of a failed one in its inbox.
    const ROWS_OF_SCHEMA_1: &str = "
        INSERT INTO account (user, username, password_hash, identity_key, created_ms)
            VALUES (zeroblob(16), 'alice', 'hash', zeroblob(32), 1);
        INSERT INTO device (device, user, inbox_head, created_ms)
            VALUES (zeroblob(16), zeroblob(16), 2, 1);
        INSERT INTO manifest (user, version, bytes) VALUES (zeroblob(16), 1, x'01');
        INSERT INTO conversation (conversation, head, epoch, chain, moved_ms)
            VALUES (zeroblob(16), 2, 1, zeroblob(32), 1);
        INSERT INTO admission (conversation, seq, epoch, welcome, tree)
            VALUES (zeroblob(16), 2, 1, x'02', x'03');
        INSERT INTO inbox
            (device, seq, kind, conversation, commit_seq, about_user, about_device)
            VALUES (zeroblob(16), 1, 1, zeroblob(16), 2, zeroblob(16), zeroblob(16)),
                   (zeroblob(16), 2, 2, zeroblob(16), 1, zeroblob(16), zeroblob(16));";

    #[test]
    fn what_schema_1_held_is_there_after_the_migration() {
        let (_folder, options) = options();
        let mut old = Connection::open(&options.path).unwrap();
        migrate(&mut old, &MIGRATIONS[..1]).unwrap();
        old.execute_batch(ROWS_OF_SCHEMA_1).unwrap();
        drop(old);
        let (connection, _) = open(&options, NOW).unwrap();
        let inbox: Vec<(i64, i64, i64, Vec<u8>)> = connection
            .prepare("SELECT seq, kind, commit_seq, conversation FROM inbox ORDER BY seq")
            .unwrap()
            .query_map([], |row| {
                Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
            })
            .unwrap()
            .map(Result::unwrap)
            .collect();
        let conversation = vec![0; 16];
        assert_eq!(
            inbox,
            [
                (1, 1, 2, conversation.clone()),
                (2, 2, 1, conversation.clone())
            ]
        );
        let revoked: i64 = connection
            .query_row("SELECT revoked FROM device", [], |row| row.get(0))
            .unwrap();
        let stored_ms: i64 = connection
            .query_row("SELECT stored_ms FROM manifest", [], |row| row.get(0))
            .unwrap();
        assert_eq!((revoked, stored_ms), (0, 0));
        let broken: Vec<String> = connection
            .prepare("PRAGMA foreign_key_check")
            .unwrap()
            .query_map([], |row| row.get(0))
            .unwrap()
            .map(Result::unwrap)
            .collect();
        assert!(broken.is_empty(), "{broken:?}");
        // An item without a conversation has room now, a Welcome without one still has not.
        let insert = |kind: i64| {
            connection.execute(
                "INSERT INTO inbox (device, seq, kind, commit_seq, about_user)
                 VALUES (zeroblob(16), 3, ?1, 0, zeroblob(16))",
                [kind],
            )
        };
        assert!(insert(1).is_err());
        assert!(insert(3).is_ok());
    }

    #[test]
    fn a_newer_schema_is_refused_and_left_alone() {
        let (_folder, options) = options();
        let (connection, _) = open(&options, NOW).unwrap();
        connection
            .execute_batch("PRAGMA user_version = 99")
            .unwrap();
        drop(connection);
        assert!(matches!(
            open(&options, NOW),
            Err(LogError::NewerSchema { found: 99, .. })
        ));
    }

    #[test]
    fn a_setting_that_does_not_take_is_an_error() {
        let options = LogOptions {
            path: ":memory:".into(),
            vfs: None,
        };
        assert!(matches!(
            open(&options, NOW),
            Err(LogError::Setting {
                setting: "journal_mode",
                ..
            })
        ));
    }

    #[test]
    fn a_failed_migration_leaves_the_database_as_it_was() {
        let (_folder, options) = options();
        let (mut connection, _) = open(&options, NOW).unwrap();
        let known = i64::try_from(MIGRATIONS.len()).unwrap();
        let steps = [
            MIGRATIONS,
            &["CREATE TABLE extra (x INTEGER) STRICT; NONSENSE"],
        ]
        .concat();
        assert!(migrate(&mut connection, &steps).is_err());
        let tables: i64 = connection
            .query_row(
                "SELECT count(*) FROM sqlite_schema WHERE name = 'extra'",
                [],
                |row| row.get(0),
            )
            .unwrap();
        let version: i64 = connection
            .query_row("PRAGMA user_version", [], |row| row.get(0))
            .unwrap();
        assert_eq!((tables, version), (0, known));
    }
}
