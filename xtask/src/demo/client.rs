//! A client process, driven over its JSON lines (docs/CLI.md).

use std::fs::File;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::failure::{Failure, Result};
use crate::workspace;

/// Longest that one command may take.
const ANSWER_WITHIN: Duration = Duration::from_secs(30);
/// Longest that anything may take that is waited for.
pub(crate) const HAPPENS_WITHIN: Duration = Duration::from_secs(40);
/// Pause between two looks at something that is waited for.
const LOOK_EVERY: Duration = Duration::from_millis(40);
/// Messages asked for at once.
const PAGE_MESSAGES: usize = 200;

/// What every client process is told on its command line.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    /// Address of the server, as `https://…`.
    pub(crate) server: String,
    /// Fingerprint to pin.
    pub(crate) fingerprint: String,
    /// Folder with the folders of all clients.
    pub(crate) clients: PathBuf,
}

impl Place {
    /// The program with the options of one person's client.
    pub(crate) fn command(&self, name: &str) -> Result<Command> {
        let mut command = Command::new(workspace::program("whimbrel")?);
        command
            .args(["--server", &self.server, "--fingerprint", &self.fingerprint])
            .arg("--data")
            .arg(self.folder(name));
        Ok(command)
    }

    /// Folder of one person's client.
    pub(crate) fn folder(&self, name: &str) -> PathBuf {
        self.clients.join(name)
    }
}

/// A message as a device shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Shown {
    /// Its place; 0 while it waits.
    pub(crate) seq: u64,
    /// Its id.
    pub(crate) id: String,
    /// What it is: `text`, `added` …
    pub(crate) kind: String,
    /// What it says, for a text.
    pub(crate) text: Option<String>,
    /// Its author.
    pub(crate) sender: String,
}

/// A running client. Dropping it kills the process.
#[derive(Debug)]
pub(crate) struct Client {
    /// Whose it is.
    pub(crate) name: String,
    process: Child,
    stdin: ChildStdin,
    answers: Receiver<Value>,
    /// How the links of this device have ended.
    links: Receiver<Value>,
    last_id: u64,
}

impl Client {
    /// Starts the client of a person and waits until it is ready.
    pub(crate) fn start(place: &Place, name: &str, log: &Path) -> Result<Self> {
        let mut command = place.command(name)?;
        let log = File::options()
            .create(true)
            .append(true)
            .open(log)
            .map_err(Failure::file("write", log))?;
        command
            .arg("--json")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(log);
        let start_failure = |source| Failure::Start {
            program: format!("the client of {name}"),
            source,
        };
        let mut process = command.spawn().map_err(start_failure)?;
        let (Some(stdin), Some(stdout)) = (process.stdin.take(), process.stdout.take()) else {
            return Err(Failure::Wrong(format!("{name}'s client has no pipes")));
        };
        let (sender, answers) = mpsc::channel();
        let (link_sender, links) = mpsc::channel();
        std::thread::spawn(move || {
            for line in BufReader::new(stdout)
                .lines()
                .map_while(std::io::Result::ok)
            {
                // A line that is not JSON is handed on as text, and fails whoever reads it.
                let value = serde_json::from_str(&line).unwrap_or(Value::String(line));
                let sent = match value.get("event").and_then(Value::as_str) {
                    Some("changes") => Ok(()),
                    Some("link") => link_sender.send(value),
                    _ => sender.send(value),
                };
                if sent.is_err() {
                    break;
                }
            }
        });
        let client = Self {
            name: name.to_owned(),
            process,
            stdin,
            answers,
            links,
            last_id: 0,
        };
        client.receive(|line| line.get("event").is_some_and(|event| event == "ready"))?;
        Ok(client)
    }

    /// Gives a command and waits for the result.
    pub(crate) fn call(&mut self, mut command: Value) -> Result<Value> {
        self.last_id += 1;
        let id = self.last_id;
        if let Some(fields) = command.as_object_mut() {
            fields.insert("id".into(), id.into());
        }
        writeln!(self.stdin, "{command}")
            .and_then(|()| self.stdin.flush())
            .map_err(|error| self.trouble(&format!("takes no command: {error}")))?;
        let answer = self.receive(|line| line.get("id").is_some_and(|found| *found == id))?;
        if answer.get("ok") == Some(&Value::Bool(true)) {
            Ok(answer.get("result").cloned().unwrap_or_default())
        } else {
            let name = command.get("cmd").and_then(Value::as_str).unwrap_or("?");
            let error = answer.get("error").cloned().unwrap_or_default();
            Err(self.trouble(&format!("refused {name}: {error}")))
        }
    }

    /// The next line of the client, which must be the one that is waited for.
    fn receive(&self, is_it: impl FnOnce(&Value) -> bool) -> Result<Value> {
        let line = self
            .answers
            .recv_timeout(ANSWER_WITHIN)
            .map_err(|_| self.trouble("does not answer"))?;
        if is_it(&line) {
            Ok(line)
        } else {
            Err(self.trouble(&format!("said something else than was asked: {line}")))
        }
    }

    fn trouble(&self, what: &str) -> Failure {
        Failure::Wrong(format!("{}'s client {what}", self.name))
    }

    /// Sends a text and gives the message's id.
    pub(crate) fn send(&mut self, conversation: &str, text: &str) -> Result<String> {
        let command = json!({ "cmd": "send", "conversation": conversation, "text": text });
        let result = self.call(command)?;
        field(&result, "message").ok_or_else(|| self.trouble("gave a message no id"))
    }

    /// Waits until another device has approved this one.
    pub(crate) fn wait_to_be_linked(&self) -> Result<()> {
        let ended = self
            .links
            .recv_timeout(HAPPENS_WITHIN)
            .map_err(|_| self.trouble("was not linked in time"))?;
        if ended.get("ok") == Some(&Value::Bool(true)) {
            Ok(())
        } else {
            Err(self.trouble(&format!("was not linked: {ended}")))
        }
    }

    /// A field of the state, where it is text.
    pub(crate) fn state(&mut self, name: &str) -> Result<Option<String>> {
        Ok(field(&self.call(json!({ "cmd": "state" }))?, name))
    }

    /// A field of the account.
    pub(crate) fn account(&mut self, name: &str) -> Result<String> {
        let state = self.call(json!({ "cmd": "state" }))?;
        let found = state
            .get("account")
            .and_then(|account| field(account, name));
        found.ok_or_else(|| self.trouble("has no account"))
    }

    /// The record of a conversation.
    pub(crate) fn conversation(&mut self, id: &str) -> Result<Value> {
        let all = self.conversations()?.into_iter();
        let mut named = all.filter(|record| field(record, "id").as_deref() == Some(id));
        named
            .next()
            .ok_or_else(|| self.trouble("does not have the conversation"))
    }

    /// Says whether there is a network.
    pub(crate) fn set_network(&mut self, network: &str) -> Result<()> {
        self.call(json!({ "cmd": "connectivity", "network": network }))?;
        Ok(())
    }

    /// Items in the outbox.
    pub(crate) fn waiting(&mut self) -> Result<usize> {
        let items = self.call(json!({ "cmd": "outbox" }))?;
        Ok(items.as_array().map_or(0, Vec::len))
    }

    /// The ids of all conversations.
    pub(crate) fn conversations(&mut self) -> Result<Vec<Value>> {
        let found = self.call(json!({ "cmd": "conversations" }))?;
        Ok(found.as_array().cloned().unwrap_or_default())
    }

    /// Every message of a conversation, in the order in which the device shows them.
    pub(crate) fn messages(&mut self, conversation: &str) -> Result<Vec<Shown>> {
        let mut all: Vec<Shown> = Vec::new();
        loop {
            let mut command = json!({
                "cmd": "messages",
                "conversation": conversation,
                "limit": PAGE_MESSAGES,
            });
            if let (Some(fields), Some(first)) = (command.as_object_mut(), all.first()) {
                fields.insert("before".into(), Value::String(first.id.clone()));
            }
            let page = self.call(command)?;
            let page = page.as_array().map(Vec::as_slice).unwrap_or_default();
            let shown: Option<Vec<Shown>> = page.iter().map(shown).collect();
            let shown = shown.ok_or_else(|| self.trouble("showed a message without an id"))?;
            let is_last = shown.len() < PAGE_MESSAGES;
            all.splice(0..0, shown);
            if is_last {
                return Ok(all);
            }
        }
    }

    /// Waits until something holds for this client.
    pub(crate) fn wait_until(
        &mut self,
        what: &str,
        mut holds: impl FnMut(&mut Self) -> Result<bool>,
    ) -> Result<()> {
        let started = Instant::now();
        while !holds(self)? {
            if started.elapsed() > HAPPENS_WITHIN {
                let state = self.call(json!({ "cmd": "state" }))?;
                return Err(self.trouble(&format!(
                    "waited {} s in vain: {what} ({state})",
                    HAPPENS_WITHIN.as_secs()
                )));
            }
            std::thread::sleep(LOOK_EVERY);
        }
        Ok(())
    }

    /// Kills the process as the kernel does, without a last word.
    pub(crate) fn kill(mut self) {
        self.end();
    }

    /// Asks the process to end, and waits for it.
    pub(crate) fn quit(mut self) -> Result<()> {
        self.call(json!({ "cmd": "quit" }))?;
        let status = self.process.wait().map_err(|source| Failure::Start {
            program: format!("the client of {}", self.name),
            source,
        })?;
        if status.success() {
            Ok(())
        } else {
            Err(self.trouble(&format!("ended badly: {status}")))
        }
    }

    fn end(&mut self) {
        // Both fail only when the process is gone already, which is what is wanted.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        self.end();
    }
}

fn shown(message: &Value) -> Option<Shown> {
    Some(Shown {
        seq: message.get("seq").and_then(Value::as_u64).unwrap_or(0),
        id: field(message, "id")?,
        kind: field(message, "kind")?,
        text: field(message, "text"),
        sender: field(message, "sender")?,
    })
}

/// A field that is text.
pub(crate) fn field(value: &Value, name: &str) -> Option<String> {
    value.get(name).and_then(Value::as_str).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_read_from_their_json() {
        let message = json!({
            "id": "01", "sender": "aa", "seq": 4, "kind": "text", "text": "hi", "edited": false,
        });
        let expected = Shown {
            seq: 4,
            id: "01".into(),
            kind: "text".into(),
            text: Some("hi".into()),
            sender: "aa".into(),
        };
        assert_eq!(shown(&message), Some(expected));
        assert_eq!(shown(&json!({ "seq": 4 })), None);
    }
}
