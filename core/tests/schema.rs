//! The documented schema is the real one, and no migration loses what was not sent yet.
#![allow(clippy::unwrap_used, reason = "a failed test may panic")]

use rusqlite::Connection;
use whimbrel::query;
use whimbrel::store::migrations::{migrate, migrate_to, newest, schema};
use whimbrel::store::read::Snapshot;
use whimbrel::types::{OutboxKind, OutboxState, Page};

#[test]
fn the_documented_schema_is_the_migrated_one() {
    let mut migrated = Connection::open_in_memory().unwrap();
    migrate(&mut migrated).unwrap();
    let documented = Connection::open_in_memory().unwrap();
    documented
        .execute_batch(include_str!("../../docs/schema.sql"))
        .unwrap();
    assert_eq!(schema(&documented).unwrap(), schema(&migrated).unwrap());
}

/// What clients of each older version may have left behind. A release adds its line here.
const LEFT_BEHIND: &[(i64, &str)] = &[
    (1, include_str!("fixtures/v1.sql")),
    // Version 2 brought indexes only.
    (2, include_str!("fixtures/v1.sql")),
    // Version 3 brought a table that old rows do not need.
    (3, include_str!("fixtures/v1.sql")),
    // Version 4 brought tables and columns with a default, version 5 a column that may be empty.
    (4, include_str!("fixtures/v1.sql")),
    // So did version 6.
    (5, include_str!("fixtures/v1.sql")),
];

#[test]
fn every_older_version_is_here() {
    let versions: Vec<i64> = LEFT_BEHIND.iter().map(|(version, _)| *version).collect();
    assert_eq!(versions, (1..newest()).collect::<Vec<_>>());
}

#[test]
fn an_outbox_survives_every_migration() {
    for (version, rows) in LEFT_BEHIND {
        let mut connection = Connection::open_in_memory().unwrap();
        migrate_to(&mut connection, *version).unwrap();
        connection.execute_batch(rows).unwrap();
        migrate(&mut connection).unwrap();

        let snapshot = Snapshot::of(&connection).unwrap();
        let outbox = query::outbox(&snapshot, None).unwrap();
        let texts: Vec<(&OutboxKind, OutboxState)> =
            outbox.iter().map(|item| (&item.kind, item.state)).collect();
        assert_eq!(texts.len(), 5, "version {version}");
        for expected in [
            (&OutboxKind::Text("in doubt".into()), OutboxState::InDoubt),
            (&OutboxKind::Text("refused".into()), OutboxState::Failed),
            (
                &OutboxKind::Text("not sent yet".into()),
                OutboxState::Queued,
            ),
            (&OutboxKind::ReadMark { seq: 7 }, OutboxState::Queued),
        ] {
            assert!(texts.contains(&expected), "version {version}: {expected:?}");
        }
        let conversation = outbox.first().unwrap().conversation;
        let messages = query::messages(&snapshot, conversation, Page::Newest, 10).unwrap();
        assert_eq!(messages.len(), 4, "version {version}");
    }
}
