//! State written by earlier versions still loads, decrypts and sends.
//!
//! Each release adds one file with `cargo test -p whimbrel-mls --test fixture -- --ignored`; files
//! that are there are never written again.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod common;

use std::path::{Path, PathBuf};

use common::{Chat, Person, conversation, person};
use serde_json::{Value, json};
use whimbrel_mls::{CommitPlan, Follower, Group, Processed, Row, RowKey};

/// The file of this version.
const CURRENT: &str = "state-0.1.0.json";

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures")
}

fn to_hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn from_hex(text: &Value) -> Vec<u8> {
    let text = text.as_str().unwrap();
    (0..text.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap())
        .collect()
}

fn rows_to_json(rows: &[Row]) -> Value {
    let rows = rows.iter().map(|row| {
        json!([
            to_hex(&row.key.group),
            row.key.kind,
            to_hex(&row.key.key),
            to_hex(&row.value),
        ])
    });
    rows.collect()
}

fn rows_from_json(value: &Value) -> Vec<Row> {
    let rows = value.as_array().unwrap().iter().map(|row| Row {
        key: RowKey {
            group: from_hex(&row[0]),
            kind: u8::try_from(row[1].as_u64().unwrap()).unwrap(),
            key: from_hex(&row[2]),
        },
        value: from_hex(&row[3]),
    });
    rows.collect()
}

fn rows_of(group: &mut Group) -> Vec<Row> {
    let dirty = group.take_dirty().into_iter().filter_map(|row| {
        row.value.map(|value| Row {
            key: row.key,
            value,
        })
    });
    dirty.collect()
}

/// A release writes its fixture once, with `WHIMBREL_WRITE_FIXTURE` set; it is never written again.
#[test]
fn this_version_has_a_fixture() {
    let path = folder().join(CURRENT);
    if std::env::var_os("WHIMBREL_WRITE_FIXTURE").is_some() && !path.exists() {
        write_fixture(&path);
    }
    assert!(
        path.exists(),
        "set WHIMBREL_WRITE_FIXTURE=1 once to write {CURRENT}"
    );
}

fn write_fixture(path: &std::path::Path) {
    let mut chat = Chat::with("fixture", "alice", &["bob"]);
    let carol = person("carol").key_package();
    let plan = CommitPlan {
        add: vec![carol.bytes.clone()],
        ..CommitPlan::default()
    };
    let staged = chat.seats[0].stage(&plan).unwrap();
    let message = chat.seats[0].encrypt(b"aad", "written by an old version".as_bytes());
    let fixture = json!({
        "alice_rows_with_a_pending_commit": rows_to_json(&rows_of(&mut chat.seats[0].group)),
        "bob_rows": rows_to_json(&rows_of(&mut chat.seats[1].group)),
        "carol_key_package_rows": rows_to_json(&carol.rows),
        "follower": to_hex(&chat.follower.state().unwrap()),
        "message": to_hex(&message),
        "commit": to_hex(&staged.commit),
        "welcome": to_hex(&staged.welcome.unwrap()),
    });
    let text = serde_json::to_string_pretty(&fixture).unwrap();
    std::fs::write(path, text + "\n").unwrap();
}

#[test]
fn every_fixture_still_works() {
    let mut seen = 0;
    for entry in std::fs::read_dir(folder()).unwrap() {
        let path = entry.unwrap().path();
        let fixture: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
        check(&fixture);
        seen += 1;
    }
    assert!(seen > 0, "no fixture");
}

fn check(fixture: &Value) {
    let id = conversation("fixture");
    let (alice, bob, carol) = (person("alice"), person("bob"), person("carol"));
    let load = |name: &str| Group::load(id, rows_from_json(&fixture[name])).unwrap();
    let mut alices = load("alice_rows_with_a_pending_commit");
    let mut bobs = load("bob_rows");
    let process = |who: &Person, group: &mut Group, bytes: &[u8]| {
        group.process(&who.crypto, &who.device, bytes).unwrap()
    };
    let text_of = |processed: Processed| match processed {
        Processed::Message { plaintext, .. } => String::from_utf8(plaintext).unwrap(),
        Processed::Commit { .. } => panic!("a message"),
    };
    let old = process(&bob, &mut bobs, &from_hex(&fixture["message"]));
    assert_eq!(text_of(old), "written by an old version");
    let new = bobs.encrypt(&bob.crypto, &bob.device, b"", b"new").unwrap();
    assert_eq!(text_of(process(&alice, &mut alices, &new)), "new");

    let server = common::person("server").crypto;
    let mut follower = Follower::load(id, &from_hex(&fixture["follower"])).unwrap();
    let commit = from_hex(&fixture["commit"]);
    let followed = follower.stage(&server, &commit).unwrap();
    follower.merge(followed).unwrap();
    alices
        .merge_pending_commit(&alice.crypto, &alice.device)
        .unwrap();
    process(&bob, &mut bobs, &commit);
    let joined = Group::join(
        &carol.crypto,
        &carol.device,
        id,
        &from_hex(&fixture["welcome"]),
        &follower.tree().unwrap(),
        rows_from_json(&fixture["carol_key_package_rows"]),
        Vec::new(),
    );
    let mut carols = joined.unwrap().group;
    let hello = carols
        .encrypt(&carol.crypto, &carol.device, b"", b"hello")
        .unwrap();
    for (who, group) in [(&alice, &mut alices), (&bob, &mut bobs)] {
        assert_eq!(text_of(process(who, group, &hello)), "hello");
    }
}
