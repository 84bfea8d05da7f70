//! The documented schema is the real one.
#![allow(clippy::unwrap_used, reason = "a failed test may panic")]

use rusqlite::Connection;
use whimbrel::store::migrations::{migrate, schema};

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
