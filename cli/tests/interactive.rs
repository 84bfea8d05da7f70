//! The mode for a person, fed through a pipe, without a server.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use tempfile::TempDir;

/// Everything that the program says to these lines, on both of its outputs.
fn said_to(folder: &Path, lines: &str) -> String {
    let mut child = Command::new(env!("CARGO_BIN_EXE_whimbrel"))
        .args(["--offline", "--server", "https://127.0.0.1:9"])
        .arg("--data")
        .arg(folder.join("data"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(lines.as_bytes()).unwrap();
    drop(stdin);
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let said = [output.stdout, output.stderr].concat();
    String::from_utf8(said).unwrap()
}

#[test]
fn passwords_and_codes_are_never_said_again() {
    let folder = TempDir::new().unwrap();
    let said = said_to(
        folder.path(),
        "/register alice\nswordfish-and-chips\n\
         /approve\nABCD-EFGH-1234\n\
         /recover alice\nswordfish-and-chips\n7ZZZ-7ZZZ-7ZZZ\n",
    );
    for secret in ["swordfish", "ABCD-EFGH", "7ZZZ"] {
        assert!(!said.contains(secret), "{said}");
    }
    assert!(said.contains("unavailable"), "{said}");
    assert!(said.contains("wrong_code"), "{said}");
}

#[test]
fn commands_say_what_they_miss() {
    let folder = TempDir::new().unwrap();
    for (line, answer) in [
        ("/devices", "not_signed_in"),
        ("/revoke 1", "not a number of /devices"),
        ("/safety-number", "name the user"),
        ("/verify bob", "not_found"),
        ("/leave", "no conversation is open"),
        ("/link", "unavailable"),
        ("/recover", "name the user"),
        ("/re-enrol\na long password", "wrong_state"),
        ("/fly", "no conversation is open"),
    ] {
        let said = said_to(folder.path(), &format!("{line}\n"));
        assert!(said.contains(answer), "{line}: {said}");
    }
}

#[test]
fn coming_back_without_the_code_needs_a_yes() {
    let folder = TempDir::new().unwrap();
    let said = said_to(
        folder.path(),
        "/recover alice\na long password\n\nn\n/state\n",
    );
    assert!(said.contains("your contacts see a stranger"), "{said}");
    assert!(!said.contains("unavailable"), "{said}");
}

#[test]
fn signing_out_needs_a_yes_and_wipes_the_folder() {
    let folder = TempDir::new().unwrap();
    let data = folder.path().join("data");
    said_to(folder.path(), "/sign-out\nno\n");
    assert!(data.exists());
    said_to(folder.path(), "/sign-out\ny\n/state\n");
    assert!(!data.exists());
}
