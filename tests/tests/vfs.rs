//! The in-memory disk under real SQLite: concurrency, kills, power cuts, faults, encryption and
//! replay. A power cut must lose something where SQLite does not sync, else it proves nothing.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise"
)]

use std::{
    sync::{
        RwLock, RwLockReadGuard,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use rusqlite::{Connection, ErrorCode, OpenFlags};
use whimbrel_tests::vfs::{Disk, Fault, PowerCut, Sleep, VfsError, seed_sqlite_randomness};

const PATH: &str = "chat.db";

/// SQLite's random numbers belong to the process: the replay test takes this alone.
static RANDOMNESS: RwLock<()> = RwLock::new(());

fn shared_randomness() -> RwLockReadGuard<'static, ()> {
    RANDOMNESS.read().unwrap()
}

fn new_disk(name: &str) -> Disk {
    let disk = Disk::new(7);
    disk.register(name).unwrap();
    disk
}

fn try_open(vfs: &str) -> rusqlite::Result<Connection> {
    Connection::open_with_flags_and_vfs(PATH, OpenFlags::default(), vfs)
}

/// A connection as the client opens it, with the given `synchronous`.
fn open_with(vfs: &str, synchronous: &str) -> rusqlite::Result<Connection> {
    let connection = try_open(vfs)?;
    connection.execute_batch(&format!(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = {synchronous};"
    ))?;
    Ok(connection)
}

fn open(vfs: &str) -> Connection {
    open_with(vfs, "FULL").unwrap()
}

fn create_table(connection: &Connection) {
    connection
        .execute_batch("CREATE TABLE message (id INTEGER PRIMARY KEY, body TEXT NOT NULL) STRICT")
        .unwrap();
}

fn insert(connection: &Connection, id: i64) -> rusqlite::Result<usize> {
    let body = format!("message {id} {}", "x".repeat(300));
    connection.execute("INSERT INTO message (id, body) VALUES (?1, ?2)", (id, body))
}

/// The ids in the table; an empty list if the table itself is not there.
fn ids(connection: &Connection) -> Vec<i64> {
    let Ok(mut statement) = connection.prepare("SELECT id FROM message ORDER BY id") else {
        return Vec::new();
    };
    let rows = statement.query_map([], |row| row.get(0)).unwrap();
    rows.map(Result::unwrap).collect()
}

fn is_prefix(ids: &[i64]) -> bool {
    ids.iter().zip(1..).all(|(id, expected)| *id == expected)
}

fn check_integrity(connection: &Connection) {
    let verdict: String = connection
        .query_row("PRAGMA integrity_check", [], |row| row.get(0))
        .unwrap();
    assert_eq!(verdict, "ok");
}

fn code_of(error: &rusqlite::Error) -> ErrorCode {
    error.sqlite_error_code().expect("an error of SQLite")
}

#[test]
fn a_writer_and_two_readers_on_two_threads_share_a_wal() {
    let _randomness = shared_randomness();
    let disk = new_disk("threads");
    disk.set_sleep(Sleep::Real);
    let writer = open("threads");
    create_table(&writer);
    let readers = [open("threads"), open("threads")];
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let [first, second] = &readers.map(|reader| {
                reader.busy_timeout(Duration::from_secs(5)).unwrap();
                reader
            });
            let mut seen = 0;
            while !done.load(Ordering::Acquire) {
                for reader in [first, second] {
                    let now = ids(reader);
                    assert!(now.len() >= seen, "a view never goes back");
                    assert!(is_prefix(&now));
                    seen = now.len();
                }
            }
        });
        for id in 1..=300 {
            insert(&writer, id).unwrap();
            if id % 50 == 0 {
                writer
                    .execute_batch("PRAGMA wal_checkpoint(PASSIVE)")
                    .unwrap();
            }
        }
        done.store(true, Ordering::Release);
    });
    let second_process = open("threads");
    assert_eq!(ids(&second_process).len(), 300);
    check_integrity(&second_process);
}

#[test]
fn processes_that_come_and_go_share_a_database() {
    let _randomness = shared_randomness();
    for (vfs, mode) in [("come-wal", "WAL"), ("come-delete", "DELETE")] {
        let disk = new_disk(vfs);
        disk.set_sleep(Sleep::Real);
        let first = try_open(vfs).unwrap();
        first
            .pragma_update(None, "journal_mode", mode)
            .and_then(|()| first.pragma_update(None, "synchronous", "FULL"))
            .unwrap();
        create_table(&first);
        drop(first);
        let come_and_go = |parity: i64| {
            for round in 0..40 {
                let connection = try_open(vfs).unwrap();
                connection.busy_timeout(Duration::from_secs(20)).unwrap();
                insert(&connection, 2 * round + parity).unwrap();
                assert!(ids(&connection).contains(&(2 * round + parity)));
            }
        };
        std::thread::scope(|scope| {
            scope.spawn(|| come_and_go(0));
            scope.spawn(|| come_and_go(1));
        });
        let last = try_open(vfs).unwrap();
        assert!(ids(&last).into_iter().eq(0..80), "{mode}");
        check_integrity(&last);
    }
}

#[test]
fn two_writers_exclude_each_other() {
    let _randomness = shared_randomness();
    for (vfs, mode) in [("exclude-wal", "WAL"), ("exclude-delete", "DELETE")] {
        let _disk = new_disk(vfs);
        let first = try_open(vfs).unwrap();
        first
            .execute_batch(&format!("PRAGMA journal_mode = {mode}"))
            .unwrap();
        create_table(&first);
        let second = try_open(vfs).unwrap();
        first.execute_batch("BEGIN IMMEDIATE").unwrap();
        insert(&first, 1).unwrap();
        let refused = second.execute_batch("BEGIN IMMEDIATE").unwrap_err();
        assert_eq!(code_of(&refused), ErrorCode::DatabaseBusy);
        assert!(ids(&second).is_empty());
        first.execute_batch("COMMIT").unwrap();
        insert(&second, 2).unwrap();
        assert_eq!(ids(&first), [1, 2]);
    }
}

#[test]
fn a_kill_inside_a_transaction_keeps_what_was_committed() {
    let _randomness = shared_randomness();
    for (vfs, mode) in [("kill-wal", "WAL"), ("kill-delete", "DELETE")] {
        let disk = new_disk(vfs);
        let connection = try_open(vfs).unwrap();
        // A cache of a few pages spills uncommitted ones to the disk, and a closing WAL connection
        // would checkpoint: both must not matter.
        connection
            .execute_batch(&format!(
                "PRAGMA journal_mode = {mode}; PRAGMA synchronous = FULL; PRAGMA cache_size = 5;"
            ))
            .unwrap();
        create_table(&connection);
        for id in 1..=5 {
            insert(&connection, id).unwrap();
        }
        connection.execute_batch("BEGIN IMMEDIATE").unwrap();
        for id in 6..=200 {
            insert(&connection, id).unwrap();
        }
        disk.kill();
        let before = disk.snapshot();
        let refused = insert(&connection, 201).and_then(|_| connection.execute_batch("COMMIT"));
        assert_eq!(code_of(&refused.unwrap_err()), ErrorCode::SystemIoFailure);
        assert_eq!(disk.snapshot(), before);
        drop(connection);
        assert_eq!(disk.snapshot(), before, "dropping the dead changes nothing");

        let connection = try_open(vfs).unwrap();
        assert_eq!(ids(&connection), [1, 2, 3, 4, 5], "{mode}");
        check_integrity(&connection);
    }
}

#[test]
fn the_dead_do_not_touch_what_the_living_use() {
    let _randomness = shared_randomness();
    for (vfs, mode) in [("zombie-wal", "WAL"), ("zombie-delete", "DELETE")] {
        let disk = new_disk(vfs);
        let dead = try_open(vfs).unwrap();
        dead.pragma_update(None, "journal_mode", mode).unwrap();
        create_table(&dead);
        // The lock is had, the journal not yet open: the next statement would make its file. In
        // WAL mode it stays in the cache and succeeds.
        dead.execute_batch("BEGIN IMMEDIATE").unwrap();
        disk.kill();
        assert_eq!(disk.generation(), 1);
        let before = disk.snapshot();
        assert_eq!(insert(&dead, 1).is_ok(), mode == "WAL");
        assert_eq!(disk.snapshot(), before, "{mode}");

        let alive = try_open(vfs).unwrap();
        insert(&alive, 2).unwrap();
        alive.execute_batch("BEGIN IMMEDIATE").unwrap();
        insert(&alive, 3).unwrap();
        let before = disk.snapshot();
        assert!(dead.execute_batch("COMMIT").is_err());
        drop(dead);
        assert_eq!(disk.snapshot(), before, "{mode}");
        alive.execute_batch("COMMIT").unwrap();
        assert_eq!(ids(&alive), [2, 3]);
        check_integrity(&alive);
    }
}

/// Commits ten rows, then cuts the power; answers what is there afterwards.
fn rows_after_power_cut(vfs: &str, synchronous: &str, cut: PowerCut, seed: u64) -> Vec<i64> {
    let disk = new_disk(vfs);
    let connection = open_with(vfs, synchronous).unwrap();
    create_table(&connection);
    for id in 1..=10 {
        insert(&connection, id).unwrap();
        if id == 5 {
            connection
                .execute_batch("PRAGMA wal_checkpoint(PASSIVE)")
                .unwrap();
        }
    }
    disk.power_cut(cut, seed);
    drop(connection);
    let connection = try_open(vfs).unwrap();
    let rows = ids(&connection);
    if synchronous != "OFF" {
        check_integrity(&connection);
        assert!(is_prefix(&rows), "a prefix: {rows:?}");
    }
    rows
}

#[test]
fn a_power_cut_keeps_commits_only_if_sqlite_synced_them() {
    let _randomness = shared_randomness();
    let mut lost_by_normal = 0;
    for cut in PowerCut::ALL {
        for seed in 0..20 {
            assert_eq!(
                rows_after_power_cut("power-full", "FULL", cut, seed).len(),
                10,
                "{cut:?}"
            );
            let kept = rows_after_power_cut("power-normal", "NORMAL", cut, seed).len();
            assert!(kept >= 5, "the checkpoint synced the first half: {cut:?}");
            if cut == PowerCut::TearLast {
                assert!(kept >= 9, "only the newest write is torn: {kept}");
            }
            lost_by_normal += 10 - kept;
        }
    }
    assert!(lost_by_normal > 0, "the cut must be able to lose a commit");
    assert!(
        rows_after_power_cut("power-off", "OFF", PowerCut::LoseAllUnsynced, 0).is_empty(),
        "nothing was ever synced"
    );
    let kept = rows_after_power_cut("power-keep", "NORMAL", PowerCut::KeepAllUnsynced, 0);
    assert_eq!(kept.len(), 10);
}

/// Commits a row with a rollback journal and loses power; answers how many rows are there. The
/// deletion of the journal is the commit, and only `EXTRA` syncs the directory after it.
fn rows_after_lost_directory(synchronous: &str, cut: PowerCut, seed: u64) -> usize {
    let disk = new_disk("directory");
    let connection = try_open("directory").unwrap();
    connection
        .pragma_update(None, "synchronous", "EXTRA")
        .unwrap();
    create_table(&connection);
    connection
        .pragma_update(None, "synchronous", synchronous)
        .unwrap();
    insert(&connection, 1).unwrap();
    assert_eq!(disk.files(), [PATH]);
    disk.power_cut(cut, seed);
    drop(connection);
    let connection = try_open("directory").unwrap();
    check_integrity(&connection);
    ids(&connection).len()
}

#[test]
fn a_power_cut_brings_back_files_whose_deletion_was_not_synced() {
    let _randomness = shared_randomness();
    let cut = PowerCut::LoseAllUnsynced;
    assert_eq!(rows_after_lost_directory("FULL", cut, 0), 0);
    assert_eq!(rows_after_lost_directory("EXTRA", cut, 0), 1);
    let cut = PowerCut::KeepRandomSubset;
    let kept: usize = (0..20)
        .map(|seed| rows_after_lost_directory("FULL", cut, seed))
        .sum();
    assert!((1..20).contains(&kept), "sometimes: {kept}");
    assert!((0..20).all(|seed| rows_after_lost_directory("EXTRA", cut, seed) == 1));
}

#[test]
fn a_power_cut_takes_files_that_were_never_synced() {
    let _randomness = shared_randomness();
    let disk = new_disk("unborn");
    let connection = try_open("unborn").unwrap();
    connection
        .pragma_update(None, "synchronous", "OFF")
        .unwrap();
    connection
        .pragma_update(None, "journal_mode", "WAL")
        .unwrap();
    create_table(&connection);
    assert_eq!(disk.files().len(), 2);
    disk.power_cut(PowerCut::LoseAllUnsynced, 0);
    assert!(disk.files().is_empty());
}

/// A little of everything a client does to its file; pushes the ids whose commit returned. A
/// rollback journal needs `EXTRA`: only then is its deletion, which is the commit, synced.
fn workload(
    vfs: &str,
    mode: &str,
    synchronous: &str,
    committed: &mut Vec<i64>,
) -> rusqlite::Result<()> {
    let connection = try_open(vfs)?;
    connection.execute_batch(&format!(
        "PRAGMA journal_mode = {mode}; PRAGMA synchronous = {synchronous}; PRAGMA wal_autocheckpoint = 0;
         CREATE TABLE IF NOT EXISTS message (id INTEGER PRIMARY KEY, body TEXT NOT NULL) STRICT;"
    ))?;
    for id in 1..=6 {
        insert(&connection, id)?;
        committed.push(id);
        if id == 3 {
            connection.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)")?;
        }
    }
    connection.execute_batch("BEGIN IMMEDIATE")?;
    insert(&connection, 7)?;
    insert(&connection, 8)?;
    connection.execute_batch("COMMIT")?;
    committed.extend([7, 8]);
    connection.close().map_err(|(_, error)| error)
}

#[test]
fn every_crash_point_recovers_to_a_prefix() {
    let _randomness = shared_randomness();
    for (vfs, mode, synchronous) in [
        ("points-wal", "WAL", "FULL"),
        ("points-delete", "DELETE", "EXTRA"),
    ] {
        let disk = new_disk(vfs);
        workload(vfs, mode, synchronous, &mut Vec::new()).unwrap();
        let operations = disk.ops();
        assert!(operations > 20, "{operations}");
        drop(disk);
        let endings = PowerCut::ALL.map(Some).into_iter().chain([None]);
        for (point, ending) in
            (1..=operations).flat_map(|point| endings.clone().map(move |ending| (point, ending)))
        {
            let disk = new_disk(vfs);
            disk.kill_at_op(point);
            let mut committed = Vec::new();
            // Closing swallows errors, so a death there may go unseen by the workload.
            let _ = workload(vfs, mode, synchronous, &mut committed);
            assert!(disk.is_down(), "{mode} {point}");
            assert!(
                try_open(vfs).is_err(),
                "the dying can't come back by themselves"
            );
            match ending {
                Some(cut) => disk.power_cut(cut, point),
                None => disk.kill(),
            }
            let connection = try_open(vfs).unwrap();
            let rows = ids(&connection);
            check_integrity(&connection);
            assert!(is_prefix(&rows), "{point} {rows:?}");
            assert_ne!(rows.len(), 7, "half a transaction: {point} {ending:?}");
            assert!(
                rows.len() >= committed.len(),
                "{mode} {point} {ending:?}: {rows:?}"
            );
        }
    }
}

fn open_keyed(vfs: &str, key: &str) -> rusqlite::Result<Connection> {
    let connection = try_open(vfs)?;
    connection.execute_batch(&format!(
        "PRAGMA key = \"x'{key}'\";
         PRAGMA cipher_plaintext_header_size = 32;
         PRAGMA cipher_salt = \"x'000102030405060708090a0b0c0d0e0f'\";
         PRAGMA journal_mode = WAL;
         PRAGMA synchronous = FULL;"
    ))?;
    Ok(connection)
}

#[test]
fn an_encrypted_database_lives_on_the_disk() {
    let _randomness = shared_randomness();
    let key = "2b".repeat(32);
    let disk = new_disk("keyed");
    let connection = open_keyed("keyed", &key).unwrap();
    create_table(&connection);
    insert(&connection, 1).unwrap();
    let reader = open_keyed("keyed", &key).unwrap();
    assert_eq!(ids(&reader), [1]);
    connection
        .execute_batch("PRAGMA wal_checkpoint(PASSIVE)")
        .unwrap();
    insert(&connection, 2).unwrap();
    disk.power_cut(PowerCut::LoseAllUnsynced, 1);
    drop((connection, reader));

    let header = disk.read_file(PATH).unwrap();
    assert!(
        header.starts_with(b"SQLite format 3\0"),
        "the header is plaintext"
    );
    for name in disk.files() {
        let bytes = disk.read_file(&name).unwrap();
        assert!(
            !bytes.windows(8).any(|window| window == b"message "),
            "{name}"
        );
    }
    assert!(open_keyed("keyed", &"00".repeat(32)).is_err());
    let connection = open_keyed("keyed", &key).unwrap();
    assert_eq!(ids(&connection), [1, 2]);
    check_integrity(&connection);
}

#[test]
fn a_full_disk_refuses_growth_and_recovers() {
    let _randomness = shared_randomness();
    let disk = new_disk("full");
    let connection = open("full");
    create_table(&connection);
    insert(&connection, 1).unwrap();
    disk.set_fault(Some(Fault::Full));
    let refused = insert(&connection, 2).unwrap_err();
    assert_eq!(code_of(&refused), ErrorCode::DiskFull);
    assert!(disk.faults_struck() > 0);
    assert_eq!(ids(&connection), [1], "reading still works");
    disk.set_fault(None);
    insert(&connection, 3).unwrap();
    assert_eq!(ids(&connection), [1, 3]);
    check_integrity(&connection);
}

#[test]
fn io_errors_strike_once_or_for_good() {
    let _randomness = shared_randomness();
    let disk = new_disk("errors");
    let connection = open("errors");
    create_table(&connection);
    for after_ops in 0..3 {
        disk.set_fault(Some(Fault::IoErrorOnce { after_ops }));
        let refused = insert(&connection, 1).unwrap_err();
        assert_eq!(code_of(&refused), ErrorCode::SystemIoFailure);
        assert_eq!((disk.fault(), disk.faults_struck()), (None, after_ops + 1));
    }
    insert(&connection, 1).unwrap();
    disk.set_fault(Some(Fault::IoErrorForever));
    assert!(insert(&connection, 2).is_err());
    let read = |connection: Connection| connection.execute_batch("SELECT * FROM message");
    assert!(try_open("errors").and_then(read).is_err());
    disk.set_fault(None);
    drop(connection);
    let connection = open("errors");
    assert_eq!(ids(&connection), [1]);
    check_integrity(&connection);
}

#[test]
fn equal_seeds_and_work_leave_equal_bytes() {
    let _alone = RANDOMNESS.write().unwrap();
    let run = |vfs: &str, seed: u64| {
        seed_sqlite_randomness(99);
        let disk = Disk::new(seed);
        disk.register(vfs).unwrap();
        disk.set_clock_ms(1_700_000_000_123);
        let connection = open_with(vfs, "NORMAL").unwrap();
        create_table(&connection);
        for id in 1..=20 {
            insert(&connection, id).unwrap();
            connection
                .execute_batch(
                    "UPDATE message SET body = hex(randomblob(40)) || strftime('%f', 'now')
                     WHERE id % 3 = 0",
                )
                .unwrap();
        }
        connection
            .execute_batch("PRAGMA wal_checkpoint(PASSIVE)")
            .unwrap();
        insert(&connection, 21).unwrap();
        disk.power_cut(PowerCut::KeepRandomSubset, seed);
        (disk.snapshot(), disk.ops())
    };
    let first = run("replay-1", 5);
    assert_eq!(first.0.files().len(), 2, "database and WAL");
    assert!(first == run("replay-2", 5), "the same run again");
    assert!(
        (6..20).any(|seed| run("replay-3", seed).0 != first.0),
        "the seed matters"
    );
}

#[test]
fn the_clock_of_the_disk_is_the_clock_of_sql() {
    let _randomness = shared_randomness();
    let disk = new_disk("clock");
    let connection = open("clock");
    for (clock_ms, expected) in [
        (1_700_000_000_123, "2023-11-14 22:13:20.123"),
        (-1_000, "1969-12-31 23:59:59.000"),
    ] {
        disk.set_clock_ms(clock_ms);
        let now: String = connection
            .query_row("SELECT strftime('%Y-%m-%d %H:%M:%f', 'now')", [], |row| {
                row.get(0)
            })
            .unwrap();
        assert_eq!(now, expected);
    }
}

#[test]
fn a_snapshot_restores_and_forks() {
    let _randomness = shared_randomness();
    let disk = new_disk("snapshot");
    let connection = open("snapshot");
    create_table(&connection);
    insert(&connection, 1).unwrap();
    let image = disk.snapshot();
    let fork = disk.fork(8);
    fork.register("snapshot-fork").unwrap();
    insert(&connection, 2).unwrap();

    disk.restore(&image);
    assert!(insert(&connection, 3).is_err(), "the process was killed");
    drop(connection);
    assert_eq!(disk.snapshot(), image);
    disk.power_cut(PowerCut::LoseAllUnsynced, 0);
    assert_eq!(disk.snapshot(), image, "a restored file is durable");
    let connection = open("snapshot");
    assert_eq!(ids(&connection), [1]);

    let forked = open("snapshot-fork");
    insert(&forked, 4).unwrap();
    assert_eq!((ids(&forked), ids(&connection)), (vec![1, 4], vec![1]));
    assert_eq!(disk.files(), [PATH.to_owned(), format!("{PATH}-wal")]);
}

#[test]
fn a_damaged_page_is_found() {
    let _randomness = shared_randomness();
    let disk = new_disk("damage");
    let connection = open("damage");
    create_table(&connection);
    insert(&connection, 1).unwrap();
    connection.close().unwrap();
    assert_eq!(
        disk.files(),
        [PATH],
        "the last to close checkpoints and removes the WAL"
    );
    let mut bytes = disk.read_file(PATH).unwrap();
    bytes[..16].fill(0xFF);
    disk.write_file(PATH, &bytes);
    let refused = open_with("damage", "FULL").unwrap_err();
    assert_eq!(code_of(&refused), ErrorCode::NotADatabase);
}

#[test]
fn a_name_belongs_to_one_living_disk() {
    let _randomness = shared_randomness();
    let disk = new_disk("name");
    let other = Disk::new(1);
    assert_eq!(
        other.register("name"),
        Err(VfsError::NameInUse("name".to_owned()))
    );
    assert_eq!(
        other.register("unix"),
        Err(VfsError::NameInUse("unix".to_owned()))
    );
    assert_eq!(other.register(""), Err(VfsError::BadName));
    assert_eq!(other.register("a\0b"), Err(VfsError::BadName));
    let connection = open("name");
    create_table(&connection);
    drop(disk);
    assert!(try_open("name").is_err(), "unregistered");
    assert!(
        other.register("name").is_err(),
        "a connection of the first is still open"
    );
    insert(&connection, 1).unwrap();
    connection.close().unwrap();
    other.register("name").unwrap();
    assert!(ids(&open("name")).is_empty());
}
