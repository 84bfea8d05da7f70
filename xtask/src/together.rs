//! One conversation of three languages: a client in Kotlin, one in Swift and one in Rust talk at the
//! same time through one server, and must show the same in the end.

use std::fs;
use std::path::Path;
use std::process::{Child, Command};
use std::time::{Duration, Instant};

use serde_json::json;

use crate::demo::client::{Client, Place, Shown, field};
use crate::failure::{Failure, Result};
use crate::ffi::Server;
use crate::folder::Folder;
use crate::{kotlin, server, swift, workspace};

/// How many texts each of them says.
const TEXTS: usize = 30;
/// How long building and starting the other clients may take.
const STARTS_WITHIN: Duration = Duration::from_secs(600);

/// Has the three talk, with libraries and programs that are built already.
pub(crate) fn run() -> Result<()> {
    let folder = Folder::temporary()?;
    let running = Server::start(folder.path())?;
    let shared = folder.path().join("together");
    fs::create_dir(&shared).map_err(Failure::file("make", &shared))?;

    let programs = workspace::programs()?;
    let mut kotlin = kotlin::command(&programs)?;
    kotlin.args(["--quiet", "--projects", "stories", "--also-make"]);
    kotlin.args([
        "-Dtest=TogetherTest",
        "-Dsurefire.failIfNoSpecifiedTests=false",
    ]);
    let server_folder = folder.path().join("server");
    let place = swift::Server {
        url: &running.url,
        fingerprint: &running.fingerprint,
        folder: &server_folder,
    };
    let mut swift = swift::command(&place, folder.path(), &programs)?;
    swift.args(["--filter", "TogetherTests"]);
    let mut others = Vec::new();
    for (name, mut command) in [("kotlin", kotlin), ("swift", swift)] {
        command
            .env("WHIMBREL_TEST_SERVER", &running.url)
            .env("WHIMBREL_TEST_FINGERPRINT", &running.fingerprint)
            .env("WHIMBREL_TOGETHER_FOLDER", &shared)
            .env("WHIMBREL_TOGETHER_TEXTS", TEXTS.to_string());
        others.push(Other::start(name, command)?);
    }
    let started = Instant::now();
    while !others.iter().all(|other| other.is_ready(&shared)) {
        for other in &mut others {
            other.check()?;
        }
        if started.elapsed() > STARTS_WITHIN {
            return Err(Failure::Wrong("the other clients did not start".into()));
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    let own = talk(&running, folder.path())?;
    for other in others {
        let name = other.name;
        other.finish()?;
        let file = shared.join(format!("{name}.txt"));
        let shown = fs::read_to_string(&file).map_err(Failure::file("read", &file))?;
        if shown != own {
            return Err(Failure::Wrong(format!(
                "the client in {name} shows another conversation:\n{shown}\nthan the one in \
                 Rust:\n{own}"
            )));
        }
    }
    println!("{} texts, the same in Kotlin, Swift and Rust", 3 * TEXTS);
    Ok(())
}

/// The Rust side; gives what it shows in the end.
fn talk(running: &Server, folder: &Path) -> Result<String> {
    let place = Place {
        server: running.url.clone(),
        fingerprint: running.fingerprint.clone(),
        clients: folder.join("clients"),
    };
    let mut rust = Client::start(&place, "rust", &folder.join("logs").join("rust.log"))?;
    let password = "correct horse battery";
    rust.call(json!({ "cmd": "register", "username": "rust", "password": password }))?;
    let members = ["kotlin", "swift"];
    let created = rust.call(json!({ "cmd": "create", "name": "Together", "members": members }))?;
    let group = field(&created, "conversation")
        .ok_or_else(|| Failure::Wrong("a conversation without an id".into()))?;
    for number in 0..TEXTS {
        rust.send(&group, &format!("rust {number}"))?;
    }
    let texts = |messages: Vec<Shown>| {
        let mut texts = messages;
        texts.retain(|message| message.kind == "text" && message.seq > 0);
        texts
    };
    rust.wait_until("everybody has spoken", |rust| {
        Ok(texts(rust.messages(&group)?).len() == 3 * TEXTS)
    })?;
    let all = texts(rust.messages(&group)?);
    let line = |shown: &Shown| {
        let text = shown.text.as_deref().unwrap_or_default();
        format!("{}\t{}\t{text}\n", shown.seq, shown.sender)
    };
    let lines = all.iter().map(line).collect();
    rust.quit()?;
    Ok(lines)
}

/// A test program in another language. Dropping it ends it.
struct Other {
    name: &'static str,
    process: Child,
}

impl Other {
    fn start(name: &'static str, mut command: Command) -> Result<Self> {
        let process = command.spawn().map_err(|source| Failure::Start {
            program: format!("the client in {name}"),
            source,
        })?;
        Ok(Self { name, process })
    }

    fn is_ready(&self, shared: &Path) -> bool {
        shared.join(format!("{}.ready", self.name)).exists()
    }

    /// It must not have ended.
    fn check(&mut self) -> Result<()> {
        match self.process.try_wait() {
            Ok(None) => Ok(()),
            _ => Err(Failure::Wrong(format!(
                "the client in {} has ended before it was ready",
                self.name
            ))),
        }
    }

    fn finish(mut self) -> Result<()> {
        let program = format!("the client in {}", self.name);
        match self.process.wait() {
            Ok(status) if status.success() => Ok(()),
            Ok(status) => Err(Failure::Program {
                program,
                status: status.to_string(),
            }),
            Err(source) => Err(Failure::Start { program, source }),
        }
    }
}

impl Drop for Other {
    fn drop(&mut self) {
        server::end(&mut self.process);
    }
}
