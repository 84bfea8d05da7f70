//! Tests of reading: what a reader may do, and the plans of hot queries.
#![allow(clippy::unwrap_used, reason = "a failed test may panic")]

use super::*;
use crate::store::migrations;

/// How SQLite carries out a statement, one step a line.
fn plan(connection: &Connection, sql: &str) -> String {
    let mut statement = connection
        .prepare(&format!("EXPLAIN QUERY PLAN {sql}"))
        .unwrap();
    for index in 1..=statement.parameter_count() {
        statement.raw_bind_parameter(index, 1).unwrap();
    }
    let mut rows = statement.raw_query();
    let mut plan = String::new();
    while let Some(row) = rows.next().unwrap() {
        let step: String = row.get("detail").unwrap();
        plan.push_str(&step);
        plan.push('\n');
    }
    plan
}

#[test]
fn hot_queries_go_by_index() {
    let mut connection = Connection::open_in_memory().unwrap();
    migrations::migrate(&mut connection).unwrap();
    for (sql, step) in [
        (
            LIST,
            "SCAN conversation USING INDEX conversation_by_activity",
        ),
        (CONVERSATION, "SEARCH conversation USING PRIMARY KEY (id=?)"),
        (ALIAS, "SEARCH conversation_alias USING PRIMARY KEY (old=?)"),
        (USERNAME, "SEARCH contact USING PRIMARY KEY (user=?)"),
        (
            UNREAD,
            "SEARCH message USING INDEX message_unread (conversation=? AND seq>?)",
        ),
        (
            QUEUED,
            "SEARCH outbox USING INDEX outbox_by_lane (conversation=?)",
        ),
        (
            BLOCKED,
            "SEARCH outbox USING INDEX outbox_by_lane (conversation=? AND lane=?)",
        ),
        (
            mls::GROUP,
            "SEARCH mls_row USING PRIMARY KEY (conversation=?)",
        ),
        (MARKS, "SEARCH member USING PRIMARY KEY (conversation=?)"),
        (MEMBERS, "SEARCH member USING PRIMARY KEY (conversation=?)"),
        (
            MESSAGE,
            "SEARCH message USING INDEX sqlite_autoindex_message_1 (conversation=? AND id=?)",
        ),
        (
            CONFIRMED_BEFORE,
            "SEARCH message USING INDEX message_by_seq (conversation=? AND seq>? AND seq<?)",
        ),
        (
            CONFIRMED_AFTER,
            "SEARCH message USING INDEX message_by_seq (conversation=? AND seq>?)",
        ),
        (
            PENDING_BEFORE,
            "SEARCH message USING INDEX message_pending (conversation=? AND row<?)",
        ),
        (
            PENDING_AFTER,
            "SEARCH message USING INDEX message_pending (conversation=? AND row>?)",
        ),
        (
            OUTBOX_OF,
            "SEARCH outbox USING INDEX outbox_by_lane (conversation=?)",
        ),
    ] {
        let plan = plan(&connection, sql);
        assert!(plan.contains(step), "{sql}\n{plan}");
        for scan in ["SCAN message", "SCAN member", "SCAN contact"] {
            assert!(!plan.contains(scan), "{sql}\n{plan}");
        }
        // Only few rows are ever sorted: members, one conversation's outbox, equal ids.
        let sorts = [MEMBERS, OUTBOX_OF, BLOCKED, MESSAGE].contains(&sql);
        assert!(sorts || !plan.contains("TEMP B-TREE"), "{sql}\n{plan}");
    }
}

#[test]
fn a_snapshot_stands_still() {
    let folder = tempfile::tempdir().unwrap();
    let options = crate::store::StoreOptions {
        folder: folder.path().to_owned(),
        key: crate::store::DatabaseKey::from_bytes([1; 32]),
        salt_seed: [2; 32],
        vfs: None,
    };
    let (writer, _guard) = crate::store::open::open_writer(&options).unwrap();
    let reader = crate::store::open::open_reader(&options).unwrap();
    let snapshot = Snapshot::of(&reader).unwrap();
    let user = UserId::from_bytes([3; 16]);
    assert_eq!(snapshot.username(user).unwrap(), None);
    let add = "INSERT INTO contact (user, username, identity_key) VALUES (?1, 'alice', x'')";
    writer.execute(add, [user.as_bytes()]).unwrap();
    assert_eq!(snapshot.username(user).unwrap(), None);
    drop(snapshot);
    let snapshot = Snapshot::of(&reader).unwrap();
    assert_eq!(snapshot.username(user).unwrap().as_deref(), Some("alice"));
}

#[test]
fn values_that_were_never_written_are_damage() {
    let mut connection = Connection::open_in_memory().unwrap();
    migrations::migrate(&mut connection).unwrap();
    let add = "INSERT INTO contact (user, username, identity_key) VALUES (x'01', 'alice', x'')";
    connection.execute(add, []).unwrap();
    let add = "INSERT INTO member (conversation, user, role, present, delivered_seq, read_seq)
               VALUES (zeroblob(16), x'01', 0, 1, 0, 0)";
    connection.execute(add, []).unwrap();
    let snapshot = Snapshot::of(&connection).unwrap();
    let conversation = ConversationId::from_bytes([0; 16]);
    let error = snapshot.members(conversation).unwrap_err();
    assert_eq!(error.code, ErrorCode::Damaged);
}
