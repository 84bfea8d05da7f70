//! The steps from an empty file to the newest schema. The list only grows: a released migration
//! is never changed, and none deletes what the user has not yet sent.

use rusqlite::{Connection, TransactionBehavior};

use super::damage::from_sqlite;
use crate::error::{Error, ErrorCode, Result};

/// Migration n brings a database from version n - 1 to n.
const MIGRATIONS: &[&str] = &[
    include_str!("migrations/0001_first.sql"),
    include_str!("migrations/0002_indexes.sql"),
    include_str!("migrations/0003_invitations.sql"),
    include_str!("migrations/0004_who_is_who.sql"),
    include_str!("migrations/0005_taken_back.sql"),
    include_str!("migrations/0006_announced.sql"),
];

/// Marks a file as a database of this library: "Whim".
const APPLICATION_ID: i64 = 0x5768_696d;

/// The version of a fully migrated database.
#[must_use]
pub fn newest() -> i64 {
    i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX)
}

/// Brings a database to the newest version.
///
/// # Errors
/// `UpdateNeeded` for a database that a newer version of this library has migrated; `Damaged`
/// for a database of something else; what SQLite reports.
pub fn migrate(connection: &mut Connection) -> Result<()> {
    migrate_to(connection, newest())
}

/// Brings a database to a given version, so that tests can start from each older one.
///
/// # Errors
/// Those of [`migrate`].
pub fn migrate_to(connection: &mut Connection, target: i64) -> Result<()> {
    let version = version(connection)?;
    if version > newest() {
        return Err(Error::new(
            ErrorCode::UpdateNeeded,
            format!(
                "the database has version {version}, this library knows {}",
                newest()
            ),
        ));
    }
    if version < 0 {
        return Err(Error::new(
            ErrorCode::Damaged,
            "the database has a negative version",
        ));
    }
    for (number, sql) in (1_i64..).zip(MIGRATIONS) {
        if number > version && number <= target {
            step(connection, number, sql).map_err(from_sqlite)?;
        }
    }
    Ok(())
}

fn step(connection: &mut Connection, number: i64, sql: &str) -> rusqlite::Result<()> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    if number == 1 {
        transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
    }
    transaction.execute_batch(sql)?;
    transaction.pragma_update(None, "user_version", number)?;
    transaction.commit()
}

/// The version of a database, 0 for an empty one.
fn version(connection: &Connection) -> Result<i64> {
    let version = pragma(connection, "user_version")?;
    let application = pragma(connection, "application_id")?;
    let objects: i64 = connection
        .query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))
        .map_err(from_sqlite)?;
    let empty = version == 0 && application == 0 && objects == 0;
    if empty || application == APPLICATION_ID {
        Ok(version)
    } else {
        Err(Error::new(
            ErrorCode::Damaged,
            "the file is a database of something else",
        ))
    }
}

fn pragma(connection: &Connection, name: &str) -> Result<i64> {
    connection
        .pragma_query_value(None, name, |row| row.get(0))
        .map_err(from_sqlite)
}

/// Tables and indexes, one statement a line, sorted, without comments and line breaks: to be
/// compared with the schema in the documentation.
///
/// # Errors
/// What SQLite reports.
pub fn schema(connection: &Connection) -> Result<String> {
    let statements = statements(connection).map_err(from_sqlite)?;
    Ok(statements
        .iter()
        .map(|sql| format!("{};\n", normalise(sql)))
        .collect())
}

fn statements(connection: &Connection) -> rusqlite::Result<Vec<String>> {
    let mut statement = connection.prepare(
        "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite\\_%' \
         ESCAPE '\\' ORDER BY tbl_name, type DESC, name",
    )?;
    statement.query_map([], |row| row.get(0))?.collect()
}

fn normalise(sql: &str) -> String {
    let words: Vec<&str> = sql
        .lines()
        .filter_map(|line| line.split("--").next())
        .flat_map(str::split_whitespace)
        .collect();
    words
        .join(" ")
        .replace("( ", "(")
        .replace(" )", ")")
        .replace(" ,", ",")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed test may panic")]
    use super::*;

    fn empty() -> Connection {
        Connection::open_in_memory().unwrap()
    }

    #[test]
    fn all_steps_at_once_or_one_by_one_give_the_same_schema() {
        let mut at_once = empty();
        migrate(&mut at_once).unwrap();
        let mut stepwise = empty();
        for version in 0..=newest() {
            migrate_to(&mut stepwise, version).unwrap();
            assert_eq!(pragma(&stepwise, "user_version").unwrap(), version);
        }
        let text = schema(&at_once).unwrap();
        assert_eq!(text, schema(&stepwise).unwrap());
        assert!(text.contains("CREATE TABLE message (row INTEGER PRIMARY KEY AUTOINCREMENT,"));
    }

    #[test]
    fn migrating_again_changes_nothing() {
        let mut connection = empty();
        migrate(&mut connection).unwrap();
        let before = connection.total_changes();
        migrate(&mut connection).unwrap();
        assert_eq!(connection.total_changes(), before);
    }

    #[test]
    fn a_newer_database_is_refused() {
        let mut connection = empty();
        migrate(&mut connection).unwrap();
        connection
            .pragma_update(None, "user_version", newest() + 1)
            .unwrap();
        assert_eq!(
            migrate(&mut connection).unwrap_err().code,
            ErrorCode::UpdateNeeded
        );
    }

    #[test]
    fn a_database_of_something_else_is_refused() {
        let mut connection = empty();
        connection
            .execute_batch("CREATE TABLE recipe (name TEXT) STRICT")
            .unwrap();
        assert_eq!(
            migrate(&mut connection).unwrap_err().code,
            ErrorCode::Damaged
        );
    }

    #[test]
    fn comments_and_line_breaks_do_not_count() {
        let plain = empty();
        plain
            .execute_batch("CREATE TABLE bird (name TEXT NOT NULL, wings INTEGER) STRICT")
            .unwrap();
        let commented = empty();
        commented
            .execute_batch("CREATE TABLE bird ( -- a bird\n  name TEXT NOT NULL,\n\n  wings INTEGER -- two\n) STRICT")
            .unwrap();
        assert_eq!(schema(&plain).unwrap(), schema(&commented).unwrap());
    }
}
