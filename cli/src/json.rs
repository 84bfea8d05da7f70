//! The harness mode: one JSON object per line in, one per line out (docs/CLI.md).
//!
//! Commands are done one after the other, in the order of their lines; events come in between.
//! Standard output carries nothing but these lines, and no line of input ends the program except
//! `quit` and the end of input.

use std::io::Write as _;

use serde_json::{Value, json};
use tokio::sync::mpsc;
use whimbrel::client::Changes;
use whimbrel::types::Account;
use whimbrel::{Client, Error, ErrorCode};

use crate::command::{self, Command};
use crate::input::Line;
use crate::linking::Linking;
use crate::{CHANGES_PER_BATCH, shape};

/// Answers lines until `quit` or the end of input.
pub(crate) async fn run(client: &Client, mut lines: mpsc::Receiver<Line>) {
    let events = tell_changes(client.subscribe());
    tokio::pin!(events);
    let ready = json!({
        "event": "ready",
        "version": env!("CARGO_PKG_VERSION"),
        "state": shape::state(&client.state()),
    });
    write(&ready);
    let mut linking = Linking::default();
    // A kill has not ended it.
    linking.go_on(client, tell_link);
    loop {
        // Events go on while a command waits for the network; the branch never ends by itself
        // before shutdown.
        let line = tokio::select! {
            line = lines.recv() => line,
            () = &mut events => None,
        };
        let Some(line) = line else { break };
        let (id, request) = match line {
            Line::Text(text) if text.trim().is_empty() => continue,
            Line::Text(text) => parse(&text),
            Line::Unusable(why) => (Value::Null, Err(bad_line(why))),
        };
        let kind = Kind::of(&request);
        let answer = async {
            match request {
                Ok(command) => command::execute(client, command).await,
                Err(error) => Err(error),
            }
        };
        let outcome = if kind == Kind::SignOut {
            // The events end before it does.
            answer.await
        } else {
            tokio::select! {
                outcome = answer => outcome,
                () = &mut events => Err(Error::new(ErrorCode::ShutDown, "the client was shut down")),
            }
        };
        let is_done = outcome.is_ok();
        write(&answer_line(id, outcome));
        match kind {
            Kind::Quit => break,
            Kind::SignOut if is_done => break,
            Kind::Link | Kind::Resume if is_done => linking.go_on(client, tell_link),
            _ => {}
        }
    }
}

/// Commands after which there is something to do here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Quit,
    SignOut,
    Link,
    Resume,
    Other,
}

impl Kind {
    fn of(request: &Result<Command, Error>) -> Self {
        match request {
            Ok(Command::Quit {}) => Self::Quit,
            Ok(Command::SignOut { .. }) => Self::SignOut,
            Ok(Command::Link {}) => Self::Link,
            Ok(Command::Resume {}) => Self::Resume,
            _ => Self::Other,
        }
    }
}

/// Writes how a link has ended.
fn tell_link(outcome: Result<Account, Error>) {
    write(&match outcome {
        Ok(account) => json!({ "event": "link", "ok": true, "account": shape::account(&account) }),
        Err(error) => json!({ "event": "link", "ok": false, "error": shape::error(&error) }),
    });
}

fn answer_line(id: Value, outcome: Result<Value, Error>) -> Value {
    match outcome {
        Ok(result) => json!({ "id": id, "ok": true, "result": result }),
        Err(error) => json!({ "id": id, "ok": false, "error": shape::error(&error) }),
    }
}

/// Writes a line for every batch of changes, until the client is shut down.
async fn tell_changes(changes: Changes) {
    while let Ok(changes) = changes.next_batch(CHANGES_PER_BATCH).await {
        write(&json!({
            "event": "changes",
            "changes": shape::list(&changes, shape::change),
        }));
    }
}

/// Takes a line apart into the id to answer with and the command.
fn parse(text: &str) -> (Value, Result<Command, Error>) {
    let mut request: Value = match serde_json::from_str(text) {
        Ok(request) => request,
        Err(error) => return (Value::Null, Err(bad_line(&format!("not JSON: {error}")))),
    };
    let id = request
        .as_object_mut()
        .and_then(|fields| fields.remove("id"))
        .unwrap_or(Value::Null);
    let command = serde_json::from_value(request);
    (id, command.map_err(|error| bad_line(&error.to_string())))
}

fn bad_line(reason: &str) -> Error {
    Error::new(ErrorCode::InvalidArgument, reason)
}

/// Writes one line. When nobody reads any more there is nobody left to tell.
fn write(line: &Value) {
    let mut stdout = std::io::stdout().lock();
    let _ = writeln!(stdout, "{line}").and_then(|()| stdout.flush());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_id_comes_back_whatever_it_is() {
        for (line, id) in [
            (r#"{"id":7,"cmd":"state"}"#, json!(7)),
            (r#"{"id":"a","cmd":"nonsense"}"#, json!("a")),
            (r#"{"cmd":"state"}"#, Value::Null),
            ("{", Value::Null),
            ("[1]", Value::Null),
            ("null", Value::Null),
        ] {
            assert_eq!(parse(line).0, id, "{line}");
        }
    }

    #[test]
    fn nonsense_is_an_error_and_sense_is_a_command() {
        assert!(matches!(
            parse(r#"{"id":1,"cmd":"state"}"#).1,
            Ok(Command::State {})
        ));
        for line in ["{", "[1]", "null", r#"{"cmd":"fly"}"#, r#"{"id":3}"#] {
            assert!(parse(line).1.is_err(), "{line}");
        }
    }

    #[test]
    fn answers_say_whether_it_went_well() {
        let good = answer_line(json!(1), Ok(Value::Null));
        assert_eq!(good, json!({ "id": 1, "ok": true, "result": null }));
        let bad = answer_line(json!(2), Err(bad_line("no")));
        assert_eq!(bad.pointer("/error/code"), Some(&json!("invalid_argument")));
        assert_eq!(bad.get("ok"), Some(&json!(false)));
    }
}
