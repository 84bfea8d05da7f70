//! Links that a harness begins and the user's other device refuses, with the real server.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use std::io::{BufRead as _, BufReader, Lines, Write as _};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::{Value, json};
use tempfile::TempDir;
use whimbrel_server::config::{Config, Within};
use whimbrel_server::runtime::{Running, Server};

async fn started(folder: &Path) -> Running {
    let mut config = Config {
        data: folder.join("server"),
        listen: SocketAddr::from(([127, 0, 0, 1], 0)),
        ..Config::default()
    };
    config.auth.argon2.memory_kib = Within::nearest(0);
    config.auth.argon2.passes = Within::nearest(0);
    Server::start(config).await.unwrap()
}

/// A client program, and what it has written that nobody has looked at yet.
struct Client {
    child: Child,
    stdin: ChildStdin,
    stdout: Lines<BufReader<ChildStdout>>,
    events: Vec<Value>,
}

impl Client {
    fn start(server: &Running, data: &Path) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_whimbrel"))
            .arg("--json")
            .arg("--server")
            .arg(format!("https://127.0.0.1:{}", server.address.port()))
            .args(["--fingerprint", &server.fingerprint])
            .arg("--data")
            .arg(data)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let stdin = child.stdin.take().unwrap();
        let stdout = BufReader::new(child.stdout.take().unwrap()).lines();
        Self {
            child,
            stdin,
            stdout,
            events: Vec::new(),
        }
    }

    fn line(&mut self) -> Value {
        serde_json::from_str(&self.stdout.next().unwrap().unwrap()).unwrap()
    }

    /// The result of a command; events that come first are kept.
    fn ask(&mut self, command: &Value) -> Value {
        writeln!(self.stdin, "{command}").unwrap();
        loop {
            let mut line = self.line();
            if line.get("ok").is_some() && line.get("event").is_none() {
                assert_eq!(line["ok"], true, "{command}: {line}");
                return line["result"].take();
            }
            self.events.push(line);
        }
    }

    /// How links have ended, up to the end of the program.
    fn told_about_links(mut self) -> Vec<Value> {
        self.ask(&json!({ "cmd": "quit" }));
        let mut lines = self.events;
        lines.extend(
            self.stdout
                .map(|line| serde_json::from_str(&line.unwrap()).unwrap()),
        );
        assert!(self.child.wait().unwrap().success());
        lines.retain(|line: &Value| line["event"] == "link");
        lines
    }

    fn until_told_about_a_link(&mut self) {
        while self
            .events
            .last()
            .is_none_or(|last| last["event"] != "link")
        {
            let line = self.line();
            self.events.push(line);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_three_links_the_refusal_of_the_last_is_told_and_once() {
    let folder = TempDir::new().unwrap();
    let server = started(folder.path()).await;
    let told = tokio::task::block_in_place(|| {
        let mut phone = Client::start(&server, &folder.path().join("phone"));
        let register = json!({
            "cmd": "register", "username": "alice", "password": "correct horse of alice",
        });
        phone.ask(&register);
        let mut tablet = Client::start(&server, &folder.path().join("tablet"));
        let link = json!({ "cmd": "link" });
        tablet.ask(&link);
        tablet.ask(&link);
        let ticket = tablet.ask(&link);
        phone.ask(&json!({ "cmd": "refuse", "code": ticket["code"] }));
        tablet.until_told_about_a_link();
        assert!(phone.told_about_links().is_empty());
        tablet.told_about_links()
    });
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(told[0]["error"]["code"], "code_expired");
    server.shutdown().await;
}
