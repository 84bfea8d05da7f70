//! Tests of opening: keys, damage, locks, pragmas.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a failed test may panic"
)]

use rusqlite::Connection;
use tempfile::TempDir;

use super::*;
use crate::store::damage::discards_connection;

fn options(folder: &TempDir) -> StoreOptions {
    StoreOptions {
        folder: folder.path().join("data"),
        key: DatabaseKey::from_bytes([7; 32]),
        salt_seed: [9; 32],
        vfs: None,
    }
}

fn opening(options: &StoreOptions) -> Error {
    open_writer(options).map(|_| ()).unwrap_err()
}

/// A database with a row in it, closed.
fn filled(folder: &TempDir) -> StoreOptions {
    let options = options(folder);
    let (connection, guard) = open_writer(&options).unwrap();
    let add = "INSERT INTO contact (user, username, identity_key) VALUES (randomblob(16), ?1, x'')";
    for _ in 0..200 {
        connection.execute(add, ["alice".repeat(100)]).unwrap();
    }
    connection.close().unwrap();
    drop(guard);
    options
}

fn contacts(connection: &Connection) -> Result<i64> {
    connection
        .query_row("SELECT sum(length(username)) FROM contact", [], |row| {
            row.get(0)
        })
        .map_err(from_sqlite)
}

#[test]
fn reopens_with_its_key_only() {
    let folder = tempfile::tempdir().unwrap();
    let options = filled(&folder);
    let (connection, _guard) = open_writer(&options).unwrap();
    assert_eq!(contacts(&connection).unwrap(), 100_000);
    drop((connection, _guard));

    let mut wrong = options.clone();
    wrong.key = DatabaseKey::from_bytes([8; 32]);
    assert_eq!(opening(&wrong).code, ErrorCode::WrongKey);
    assert_eq!(open_reader(&wrong).unwrap_err().code, ErrorCode::WrongKey);
    open_writer(&options).unwrap();
}

#[test]
fn the_header_is_readable_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let options = filled(&folder);
    let bytes = fs::read(database_path(&options)).unwrap();
    assert!(bytes.starts_with(b"SQLite format 3\0"));
    for word in ["alice", "CREATE TABLE"] {
        let found = bytes
            .windows(word.len())
            .any(|part| part == word.as_bytes());
        assert!(!found, "{word} stands in the file");
    }
}

#[test]
fn a_damaged_first_page_is_not_a_wrong_key() {
    let folder = tempfile::tempdir().unwrap();
    let options = filled(&folder);
    damage(&database_path(&options), 100);
    let error = opening(&options);
    assert_eq!(error.code, ErrorCode::Damaged);
    assert!(discards_connection(error.code));
    // Nothing was written over it.
    assert_eq!(opening(&options).code, ErrorCode::Damaged);
}

#[test]
fn a_damaged_inner_page_is_damage() {
    let folder = tempfile::tempdir().unwrap();
    let options = filled(&folder);
    let bytes = fs::metadata(database_path(&options)).unwrap().len();
    for page in 1..bytes / 4096 {
        damage(&database_path(&options), page * 4096 + 100);
    }
    let error = match open_writer(&options) {
        Ok((connection, _guard)) => contacts(&connection).unwrap_err(),
        Err(error) => error,
    };
    assert_eq!(error.code, ErrorCode::Damaged, "{error}");
}

fn damage(path: &Path, place: u64) {
    let mut bytes = fs::read(path).unwrap();
    bytes[usize::try_from(place).unwrap()] ^= 0xff;
    fs::write(path, bytes).unwrap();
}

#[test]
fn a_lost_file_is_damage_and_no_new_file_hides_it() {
    for lost in ["whimbrel.db", "whimbrel.key"] {
        let folder = tempfile::tempdir().unwrap();
        let options = filled(&folder);
        let path = options.folder.join(lost);
        let kept = fs::read(&path).unwrap();
        fs::remove_file(&path).unwrap();
        let error = opening(&options);
        assert_eq!(error.code, ErrorCode::Damaged);
        assert!(error.reason.contains(lost), "{error}");
        assert!(!path.exists());
        fs::write(&path, kept).unwrap();
        open_writer(&options).unwrap();
    }
}

#[test]
fn an_emptied_database_is_damage() {
    let folder = tempfile::tempdir().unwrap();
    let options = filled(&folder);
    fs::write(database_path(&options), []).unwrap();
    assert_eq!(opening(&options).code, ErrorCode::Damaged);
}

#[test]
fn a_lone_log_is_damage() {
    let folder = tempfile::tempdir().unwrap();
    let options = options(&folder);
    fs::create_dir(&options.folder).unwrap();
    fs::write(options.folder.join("whimbrel.db-wal"), [1; 100]).unwrap();
    assert_eq!(opening(&options).code, ErrorCode::Damaged);
}

#[test]
fn a_first_opening_that_was_killed_is_finished_by_the_next() {
    // Killed after the side file, after the empty database, and before the renaming.
    let folder = tempfile::tempdir().unwrap();
    let options = options(&folder);
    fs::create_dir(&options.folder).unwrap();
    let first = SideFile::first_path(&options.folder);
    fs::write(&first, b"half").unwrap();
    create_file(&database_path(&options)).unwrap();
    drop(open_writer(&options).unwrap());
    assert!(!first.exists());

    fs::rename(SideFile::path(&options.folder), &first).unwrap();
    drop(open_writer(&options).unwrap());
    assert!(!first.exists());
    assert!(SideFile::path(&options.folder).exists());
}

#[test]
fn one_writer_at_a_time() {
    let folder = tempfile::tempdir().unwrap();
    let options = options(&folder);
    let first = open_writer(&options).unwrap();
    assert_eq!(opening(&options).code, ErrorCode::AlreadyOpen);
    drop(first);
    open_writer(&options).unwrap();
}

#[test]
fn a_reader_sees_commits_and_can_write_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let options = filled(&folder);
    let (writer, _guard) = open_writer(&options).unwrap();
    let reader = open_reader(&options).unwrap();
    writer.execute("DELETE FROM contact", []).unwrap();
    let count: i64 = reader
        .query_row("SELECT count(*) FROM contact", [], |row| row.get(0))
        .unwrap();
    assert_eq!(count, 0);
    for sql in [
        "DELETE FROM contact",
        "CREATE TABLE bird (name TEXT) STRICT",
    ] {
        let error = reader.execute(sql, []).map_err(from_sqlite).unwrap_err();
        assert_eq!(error.code, ErrorCode::Storage, "{sql}");
    }
}

#[test]
fn a_connection_without_the_settings_is_refused() {
    let connection = Connection::open_in_memory().unwrap();
    let error = check_pragmas(&connection, Access::Write).unwrap_err();
    assert_eq!(error.code, ErrorCode::Internal);
    assert!(error.reason.contains("journal_mode"));
    assert!(check_version(3_051_002).is_err());
    check_version(3_051_003).unwrap();
}

#[test]
fn the_writer_has_the_settings() {
    let folder = tempfile::tempdir().unwrap();
    let (connection, _guard) = open_writer(&options(&folder)).unwrap();
    for (name, value) in [
        ("synchronous", 2),
        ("secure_delete", 1),
        ("foreign_keys", 1),
        ("wal_autocheckpoint", 0),
        ("trusted_schema", 0),
        ("temp_store", 2),
        ("cipher_plaintext_header_size", 32),
    ] {
        let found: rusqlite::types::Value = read_back(&connection, name).unwrap();
        let text = match found {
            rusqlite::types::Value::Integer(number) => number.to_string(),
            rusqlite::types::Value::Text(text) => text,
            other => format!("{other:?}"),
        };
        assert_eq!(text, value.to_string(), "{name}");
    }
}

#[test]
fn checkpoints_move_the_log_into_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let (connection, _guard) = open_writer(&options(&folder)).unwrap();
    assert!(wal_pages(&connection).unwrap() > 0);
    let passive = checkpoint(&connection, CheckpointMode::Passive).unwrap();
    assert!(!passive.busy);
    assert_eq!(passive.wal_pages, passive.moved_pages);
    assert_eq!(wal_pages(&connection).unwrap(), 0);
    checkpoint(&connection, CheckpointMode::Truncate).unwrap();
    let log = database_path(&options(&folder)).with_extension("db-wal");
    assert_eq!(fs::metadata(log).unwrap().len(), 0);
}

#[test]
fn a_reader_in_the_way_makes_truncate_busy_and_not_fail() {
    let folder = tempfile::tempdir().unwrap();
    let options = filled(&folder);
    let (writer, _guard) = open_writer(&options).unwrap();
    writer.pragma_update(None, "busy_timeout", 1).unwrap();
    let reader = open_reader(&options).unwrap();
    reader.execute_batch("BEGIN").unwrap();
    contacts(&reader).unwrap();
    writer.execute("DELETE FROM contact", []).unwrap();
    assert!(checkpoint(&writer, CheckpointMode::Truncate).unwrap().busy);
}

#[test]
fn a_full_disk_is_told_apart() {
    let folder = tempfile::tempdir().unwrap();
    let options = filled(&folder);
    let (connection, guard) = open_writer(&options).unwrap();
    let pages: i64 = read_back(&connection, "page_count").unwrap();
    // SQLite reports its own page limit like a full disk.
    set(&connection, "max_page_count", &pages).unwrap();
    let error = connection
        .execute("INSERT INTO sealed VALUES (x'', zeroblob(100000), x'')", [])
        .map_err(from_sqlite)
        .unwrap_err();
    assert_eq!(error.code, ErrorCode::DiskFull);
    assert!(guard.ballast_is_filled());
    assert!(guard.release_ballast().unwrap());
    guard.fill_ballast().unwrap();
    assert!(guard.ballast_is_filled());
}

#[cfg(unix)]
#[test]
fn everything_belongs_to_the_user_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let options = options(&folder);
    fs::create_dir(&options.folder).unwrap();
    fs::set_permissions(&options.folder, fs::Permissions::from_mode(0o755)).unwrap();
    let open = open_writer(&options).unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&options.folder), 0o700);
    let mut names = Vec::new();
    for entry in fs::read_dir(&options.folder).unwrap() {
        let entry = entry.unwrap();
        assert_eq!(mode(&entry.path()), 0o600, "{:?}", entry.file_name());
        names.push(entry.file_name().into_string().unwrap());
    }
    names.sort();
    assert_eq!(
        names,
        [
            "whimbrel.ballast",
            "whimbrel.db",
            "whimbrel.db-shm",
            "whimbrel.db-wal",
            "whimbrel.key",
            "whimbrel.lock",
        ]
    );
    drop(open);
}
