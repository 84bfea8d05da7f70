//! Layers and dirty rows: what is dropped was never there, what is kept is written once.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod common;

use common::{Chat, Person};
use whimbrel_mls::{CommitPlan, DirtyRow, Group, MlsError, Processed, Row};

fn rotate() -> CommitPlan {
    CommitPlan {
        rotate: true,
        ..CommitPlan::default()
    }
}

/// A database: rows, to which dirty rows are applied.
#[derive(Default, Clone)]
struct Table(Vec<Row>);

impl Table {
    fn apply(&mut self, dirty: Vec<DirtyRow>) {
        for row in dirty {
            self.0.retain(|kept| kept.key != row.key);
            if let Some(value) = row.value {
                self.0.push(Row {
                    key: row.key,
                    value,
                });
            }
        }
    }
}

#[test]
fn a_dropped_layer_was_never_there() {
    let mut chat = Chat::with("layers", "alice", &["bob"]);
    let message = chat.seats[0].encrypt(b"", b"hello");
    let bob = &mut chat.seats[1];
    bob.group.take_dirty();

    bob.group.begin_layer();
    assert!(matches!(
        bob.process(&message),
        Ok(Processed::Message { .. })
    ));
    bob.group.roll_back_layer().unwrap();
    assert_eq!(bob.group.take_dirty(), []);
    assert!(matches!(
        bob.process(&message),
        Ok(Processed::Message { .. })
    ));
    // The ratchet is one row; it is reported once, then not again.
    assert_eq!(bob.group.take_dirty().len(), 1);
    assert_eq!(bob.group.take_dirty(), []);
    assert!(matches!(
        bob.process(&message),
        Err(MlsError::Undecryptable(_))
    ));
    assert_eq!(bob.group.take_dirty(), []);
}

#[test]
fn an_inner_layer_goes_and_the_outer_stays() {
    let mut chat = Chat::with("nested", "alice", &["bob"]);
    let first = chat.seats[0].encrypt(b"", b"first");
    let second = chat.seats[0].encrypt(b"", b"second");
    let bob = &mut chat.seats[1];
    bob.group.take_dirty();
    bob.group.begin_layer();
    bob.process(&first).unwrap();
    bob.group.begin_layer();
    bob.process(&second).unwrap();
    bob.group.roll_back_layer().unwrap();
    assert!(bob.process(&first).is_err());
    bob.process(&second).unwrap();
    bob.group.commit_layer();
    assert_eq!(bob.group.take_dirty().len(), 1);
}

#[test]
fn a_commit_can_be_rolled_back_and_merged_again() {
    let mut chat = Chat::with("commit", "alice", &["bob"]);
    let staged = chat.seats[0].stage(&rotate()).unwrap();
    let bob = &mut chat.seats[1];
    let before = (bob.group.epoch(), bob.group.epoch_code());
    bob.group.begin_layer();
    bob.process(&staged.commit).unwrap();
    assert_eq!(bob.group.epoch(), before.0 + 1);
    bob.group.roll_back_layer().unwrap();
    assert_eq!((bob.group.epoch(), bob.group.epoch_code()), before);
    chat.deliver(0, &staged.commit);
    chat.assert_in_step();
}

#[test]
fn rows_alone_rebuild_the_group_at_every_step() {
    let mut chat = Chat::with("rows", "alice", &["bob", "carol"]);
    let mut table = Table::default();
    table.apply(chat.seats[1].group.take_dirty());
    for round in 0..4 {
        let text = format!("round {round}");
        chat.say(0, &text);
        chat.say(1, &text);
        let staged = chat.seats[1].stage(&rotate()).unwrap();
        table.apply(chat.seats[1].group.take_dirty());
        chat.seats[1].group = Group::load(chat.conversation, table.0.clone()).unwrap();
        assert!(chat.seats[1].group.has_pending_commit());
        chat.deliver(1, &staged.commit);
        table.apply(chat.seats[1].group.take_dirty());
        chat.seats[1].group = Group::load(chat.conversation, table.0.clone()).unwrap();
        assert!(!chat.seats[1].group.has_pending_commit());
        chat.assert_in_step();
    }
    // Nothing of the past epochs is left behind.
    assert!(table.0.len() <= 12, "{:?}", table.0);
    let group = chat.conversation.as_bytes();
    assert!(
        table
            .0
            .iter()
            .all(|row| row.key.group.is_empty() || row.key.group == group)
    );
}

#[test]
fn missing_rows_are_an_error() {
    let mut chat = Chat::with("missing", "alice", &["bob"]);
    let mut table = Table::default();
    table.apply(chat.seats[0].group.take_dirty());
    for missing in 0..table.0.len() {
        let mut rows = table.0.clone();
        let row = rows.remove(missing);
        match Group::load(chat.conversation, rows) {
            Ok(mut group) => {
                // OpenMLS needs this row only when a commit is decrypted.
                let Person { crypto, device, .. } = &chat.seats[0].person;
                assert!(group.encrypt(crypto, device, b"", b"x").is_ok(), "{row:?}");
            }
            Err(MlsError::State(_) | MlsError::Storage(_)) => {}
            Err(error) => panic!("{row:?}: {error}"),
        }
    }
    assert!(Group::load(chat.conversation, Vec::new()).is_err());
}

#[test]
fn groups_can_move_between_threads() {
    fn is_send<T: Send>() {}
    is_send::<Group>();
    is_send::<whimbrel_mls::Follower>();
    is_send::<whimbrel_mls::FollowedCommit>();
    is_send::<MlsError>();
}

#[test]
fn nothing_secret_is_printed() {
    let mut chat = Chat::with("debug", "alice", &["bob"]);
    let message = chat.seats[0].encrypt(b"", b"very secret text");
    let processed = chat.seats[1].process(&message).unwrap();
    let dirty = chat.seats[1].group.take_dirty();
    for text in [
        format!("{processed:?}"),
        format!("{dirty:?}"),
        format!("{:?}", chat.seats[1].group),
        format!("{:?}", chat.seats[1].person.crypto),
        format!("{:?}", chat.seats[1].person.device),
    ] {
        assert!(!text.contains("secret") && text.len() < 4_000, "{text}");
    }
    let key = common::seed("device key bob 1");
    let shown = format!("{:?}", chat.seats[1].person.device);
    assert!(!shown.contains(&format!("{key:?}")));
}
