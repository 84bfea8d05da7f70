//! Damage and SQL errors: what one conversation suffers, others do not, and what fails leaves
//! nothing behind, in memory neither.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

#[path = "../../tests/hub/people.rs"]
#[allow(dead_code, reason = "shared with the tests of the log")]
mod people;

use tempfile::TempDir;
use whimbrel_protocol::ConversationId;
use whimbrel_protocol::frame::{ItemResult, Refusal, SendItem};

use super::{AppendRequest, LogError, LogOptions, SqliteLog};
use crate::Now;
use people::Person;

const NOW: Now = Now {
    mono_ms: 0,
    wall_ms: 1_700_000_000_000,
};

fn log() -> (TempDir, SqliteLog) {
    let folder = tempfile::tempdir().unwrap();
    let options = LogOptions {
        path: folder.path().join("log.db"),
        vfs: None,
    };
    let log = SqliteLog::open(&options, [7; 32], NOW).unwrap();
    (folder, log)
}

fn request(person: &Person, conversation: ConversationId, item: SendItem) -> AppendRequest {
    AppendRequest {
        user: person.user,
        device: person.device,
        conversation,
        sealed_no: 0,
        items: vec![item],
    }
}

fn is_accepted(result: &ItemResult) -> bool {
    matches!(result, ItemResult::Accepted { .. })
}

#[test]
fn a_damaged_conversation_does_not_take_others_with_it() {
    let (_folder, mut log) = log();
    let mut alice = Person::new("alice");
    log.register(&alice.account(), NOW).unwrap();
    let (broken, sound) = (
        ConversationId::from_bytes([1; 16]),
        ConversationId::from_bytes([2; 16]),
    );
    for conversation in [broken, sound] {
        let create = alice.create(conversation, None);
        let batch = [request(&alice, conversation, create)];
        assert!(is_accepted(&log.append(&batch, NOW).unwrap()[0].results[0]));
    }
    log.connection
        .execute(
            "UPDATE follower SET state = x'00' WHERE conversation = ?1",
            [broken.as_bytes()],
        )
        .unwrap();
    log.followers.clear();
    let in_broken = alice.rotate(broken);
    let in_sound = alice.rotate(sound);
    let batch = [
        request(&alice, broken, in_broken),
        request(&alice, sound, in_sound),
    ];
    let outcomes = log.append(&batch, NOW).unwrap();
    assert_eq!(
        outcomes[0].results,
        [ItemResult::Refused(Refusal::Unavailable)]
    );
    assert!(is_accepted(&outcomes[1].results[0]));
    assert_eq!(log.damaged_items(), 1);
}

#[test]
fn a_batch_that_fails_leaves_nothing_behind_in_memory_neither() {
    let (_folder, mut log) = log();
    let mut alice = Person::new("alice");
    log.register(&alice.account(), NOW).unwrap();
    let (first, second) = (
        ConversationId::from_bytes([1; 16]),
        ConversationId::from_bytes([2; 16]),
    );
    for conversation in [first, second] {
        let create = alice.create(conversation, None);
        let batch = [request(&alice, conversation, create)];
        assert!(is_accepted(&log.append(&batch, NOW).unwrap()[0].results[0]));
    }
    let commit = alice.rotate(first);
    let mut large = alice.message(second, "large");
    large.payload = vec![1; 48 * 1024];
    let batch = [
        request(&alice, first, commit),
        request(&alice, second, large),
    ];
    // The disk is full: the commit still fits, the message after it does not.
    let pages: i64 = log
        .connection
        .query_row("PRAGMA page_count", [], |row| row.get(0))
        .unwrap();
    let limit = |log: &SqliteLog, pages: i64| {
        let pragma = format!("PRAGMA max_page_count = {pages}");
        log.connection.query_row(&pragma, [], |_| Ok(())).unwrap();
    };
    limit(&log, pages + 3);
    assert!(matches!(
        log.append(&batch, NOW),
        Err(LogError::Sqlite { .. })
    ));
    limit(&log, pages + 1_000);
    let heads: i64 = log
        .connection
        .query_row("SELECT sum(head) FROM conversation", [], |row| row.get(0))
        .unwrap();
    assert_eq!(heads, 2);
    let outcomes = log.append(&batch, NOW).unwrap();
    assert!(outcomes.iter().all(|each| is_accepted(&each.results[0])));
    assert_eq!(log.damaged_items(), 0);
}
