//! The harness mode as a harness sees it: the real program, its pipes, and no server.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use std::io::{BufRead as _, BufReader, Lines, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Output, Stdio};

use serde_json::{Value, json};
use tempfile::TempDir;

/// The program, with a client folder and options that reach no server.
fn program(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_whimbrel"));
    command
        .args(["--json", "--offline", "--server", "https://127.0.0.1:9"])
        .arg("--data")
        .arg(folder.join("data"));
    command
}

/// Runs the program with this input to its end.
fn run(command: &mut Command, input: &[u8]) -> Output {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // The program may have ended before it read anything.
    let _ = child.stdin.take().unwrap().write_all(input);
    child.wait_with_output().unwrap()
}

/// A running client that answers commands.
struct Client {
    child: Child,
    stdin: ChildStdin,
    stdout: Lines<BufReader<ChildStdout>>,
}

impl Client {
    fn start(folder: &Path) -> Self {
        let mut child = program(folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let stdin = child.stdin.take().unwrap();
        let stdout = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut client = Self {
            child,
            stdin,
            stdout,
        };
        assert_eq!(client.line()["event"], "ready");
        client
    }

    /// The next line that is not about changes. Every line must be a JSON object.
    fn line(&mut self) -> Value {
        loop {
            let line = self.stdout.next().unwrap().unwrap();
            let value: Value = serde_json::from_str(&line).unwrap();
            assert!(value.is_object(), "{line}");
            if value["event"] != "changes" {
                return value;
            }
        }
    }

    fn ask(&mut self, line: &str) -> Value {
        writeln!(self.stdin, "{line}").unwrap();
        self.line()
    }

    /// The code of the error that a command gets.
    fn refused(&mut self, command: &Value) -> String {
        let answer = self.ask(&command.to_string());
        assert_eq!(answer["ok"], false, "{command}");
        answer["error"]["code"].as_str().unwrap().to_owned()
    }

    fn quit(mut self) {
        assert_eq!(self.ask(r#"{"id":"bye","cmd":"quit"}"#)["id"], "bye");
        assert!(self.child.wait().unwrap().success());
    }
}

#[test]
fn every_line_is_answered_and_none_ends_the_program() {
    let folder = TempDir::new().unwrap();
    let mut client = Client::start(folder.path());
    for nonsense in [
        "{",
        "nonsense",
        "[]",
        "null",
        "42",
        r#"{"id":1}"#,
        r#"{"id":1,"cmd":"fly"}"#,
        r#"{"id":1,"cmd":"send"}"#,
        r#"{"id":1,"cmd":"messages","conversation":"xyz"}"#,
        r#"{"id":1,"cmd":"conversations","limit":-1}"#,
        r#"{"id":1,"cmd":"conversations","limit":4000000000}"#,
        r#"{"id":1,"cmd":"create","direct":"bob","name":"Choir"}"#,
        r#"{"id":1,"cmd":"create","direct":"id:1"}"#,
        r#"{"id":1,"cmd":"role","conversation":"00","user":"bob","role":"king"}"#,
        r#"{"id":1,"cmd":"safety_number","user":"id:1"}"#,
        r#"{"id":1,"cmd":"revoke","device":"the lost one"}"#,
        r#"{"id":1,"cmd":"sign_out","force":"yes"}"#,
    ] {
        let answer = client.ask(nonsense);
        assert_eq!(answer["ok"], false, "{nonsense}");
        assert_eq!(answer["error"]["code"], "invalid_argument", "{nonsense}");
    }
    let state = client.ask(r#"{"id":[2],"cmd":"state"}"#);
    assert_eq!(state["id"], json!([2]));
    assert_eq!(state["result"]["connection"], "offline");
    assert_eq!(state["result"]["account"], Value::Null);
    client.quit();
}

#[test]
fn commands_in_the_wrong_state_say_so() {
    let folder = TempDir::new().unwrap();
    let mut client = Client::start(folder.path());
    let nowhere = "0".repeat(32);
    let create = json!({ "id": 1, "cmd": "create", "direct": "bob" });
    assert_eq!(client.refused(&create), "not_signed_in");
    let messages = json!({ "id": 2, "cmd": "messages", "conversation": nowhere });
    assert_eq!(client.refused(&messages), "not_found");

    let list = r#"{"id":3,"cmd":"conversations"}"#;
    assert_eq!(client.ask(list)["result"], json!([]));
    assert_eq!(client.ask(r#"{"id":4,"cmd":"pause"}"#)["ok"], true);
    assert_eq!(
        client.refused(&serde_json::from_str(list).unwrap()),
        "paused"
    );
    assert_eq!(client.ask(r#"{"id":5,"cmd":"resume"}"#)["ok"], true);
    assert_eq!(client.ask(list)["result"], json!([]));
    client.quit();
}

#[test]
fn commands_about_people_and_devices_say_what_is_missing() {
    let folder = TempDir::new().unwrap();
    let mut client = Client::start(folder.path());
    let nowhere = "0".repeat(32);
    let somebody = format!("id:{nowhere}");
    for (command, code) in [
        (json!({ "cmd": "devices" }), "not_signed_in"),
        (
            json!({ "cmd": "revoke", "device": nowhere }),
            "not_signed_in",
        ),
        (
            json!({ "cmd": "safety_number", "user": "bob" }),
            "not_found",
        ),
        (json!({ "cmd": "verify", "user": "bob" }), "not_found"),
        (
            json!({ "cmd": "accept", "user": somebody }),
            "not_signed_in",
        ),
        (
            json!({ "cmd": "epoch_code", "conversation": nowhere }),
            "not_found",
        ),
        (
            json!({ "cmd": "leave", "conversation": nowhere }),
            "not_signed_in",
        ),
        (
            json!({ "cmd": "hand_over", "conversation": nowhere, "user": "bob" }),
            "not_found",
        ),
        (json!({ "cmd": "link" }), "unavailable"),
        (
            json!({ "cmd": "recover", "username": "alice", "password": "a long password" }),
            "unavailable",
        ),
        (
            json!({ "cmd": "re_enrol", "password": "a long password" }),
            "wrong_state",
        ),
    ] {
        assert_eq!(client.refused(&command), code, "{command}");
    }
    client.quit();
}

#[test]
fn a_code_with_a_wrong_character_is_refused_and_not_repeated() {
    let folder = TempDir::new().unwrap();
    let mut client = Client::start(folder.path());
    let code = "ABCD-EFGH-1234-5678";
    for command in ["link_inspect", "approve", "refuse"] {
        let answer = client.ask(&json!({ "cmd": command, "code": code }).to_string());
        assert_eq!(answer["error"]["code"], "wrong_code", "{command}");
        assert!(!answer.to_string().contains(code), "{answer}");
    }
    let wrong = r#"{"id":1,"cmd":"recover","username":"alice","password":31415926}"#;
    let answer = client.ask(wrong);
    assert_eq!(answer["error"]["code"], "invalid_argument");
    assert!(!answer.to_string().contains("31415926"), "{answer}");
    client.quit();
}

#[test]
fn signing_out_wipes_the_folder_and_ends_the_program() {
    let folder = TempDir::new().unwrap();
    let mut client = Client::start(folder.path());
    assert!(folder.path().join("data").exists());
    let answer = client.ask(r#"{"id":1,"cmd":"sign_out"}"#);
    assert_eq!(answer["ok"], true, "{answer}");
    assert!(client.child.wait().unwrap().success());
    assert!(!folder.path().join("data").exists());
}

#[test]
fn the_end_of_input_is_a_quit() {
    let folder = TempDir::new().unwrap();
    let output = run(&mut program(folder.path()), b"{\"id\":1,\"cmd\":\"state\"}");
    assert!(output.status.success());
    let lines: Vec<Value> = String::from_utf8(output.stdout)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines[0]["event"], "ready");
    assert!(
        lines
            .iter()
            .any(|line| line["id"] == 1 && line["ok"] == true)
    );
}

#[test]
fn what_prevents_the_start_goes_to_standard_error() {
    let folder = TempDir::new().unwrap();
    let client = Client::start(folder.path());
    let second = run(&mut program(folder.path()), b"");
    assert_eq!(second.status.code(), Some(1));
    assert_eq!(second.stdout, b"");
    let said = String::from_utf8(second.stderr).unwrap();
    assert!(said.contains("already_open"), "{said}");
    client.quit();

    let other_key = folder.path().join("other.key");
    std::fs::write(&other_key, "ab".repeat(32)).unwrap();
    let wrong = run(
        program(folder.path()).arg("--key-file").arg(&other_key),
        b"",
    );
    assert_eq!(wrong.status.code(), Some(1));
    let said = String::from_utf8(wrong.stderr).unwrap();
    assert!(said.contains("wrong_key"), "{said}");
}

#[cfg(unix)]
#[test]
fn the_key_can_come_from_a_descriptor() {
    let folder = TempDir::new().unwrap();
    let key = folder.path().join("key");
    std::fs::write(&key, [7; 32]).unwrap();
    let with_descriptor = |key: &Path| {
        let mut command = Command::new("sh");
        command
            .args([
                "-c",
                r#"exec "$1" --json --offline --data "$2" --key-fd 3 3<"$3""#,
                "sh",
            ])
            .arg(env!("CARGO_BIN_EXE_whimbrel"))
            .arg(folder.path().join("data"))
            .arg(key);
        run(&mut command, b"").status.code()
    };
    assert_eq!(with_descriptor(&key), Some(0));
    std::fs::write(&key, [8; 32]).unwrap();
    assert_eq!(with_descriptor(&key), Some(1));
    std::fs::write(&key, [8; 31]).unwrap();
    assert_eq!(with_descriptor(&key), Some(1));
}
