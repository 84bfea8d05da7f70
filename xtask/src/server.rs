//! Starting the reference server, as a process with its files in a folder.

use std::fs::{self, File};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::failure::{Failure, Result};
use crate::workspace;

/// How long a server may take to start.
const SERVER_STARTS_WITHIN: Duration = Duration::from_secs(20);

/// Starts a server on the folder `server` in a folder, with its log in the folder `logs` there.
pub(crate) fn start(folder: &Path, listen: &str) -> Result<Child> {
    let log = folder.join("logs").join("server.log");
    let append = || File::options().create(true).append(true).open(&log);
    let stdout = append().map_err(Failure::file("write", &log))?;
    let stderr = append().map_err(Failure::file("write", &log))?;
    Command::new(workspace::program("whimbrel-server")?)
        .arg("--data")
        .arg(folder.join("server"))
        .args(["--listen", listen])
        .stdin(Stdio::null())
        .stdout(stdout)
        .stderr(stderr)
        .spawn()
        .map_err(|source| Failure::Start {
            program: "whimbrel-server".into(),
            source,
        })
}

/// Waits until the server has written where it listens; gives address and fingerprint.
pub(crate) fn ready(folder: &Path, server: &mut Child) -> Result<(String, String)> {
    let read = |name: &str| {
        let text = fs::read_to_string(folder.join("server").join(name)).ok()?;
        Some(text.trim().to_owned()).filter(|text| !text.is_empty())
    };
    let started = Instant::now();
    while started.elapsed() < SERVER_STARTS_WITHIN {
        if let (Some(address), Some(fingerprint)) = (read("address"), read("fingerprint")) {
            return Ok((address, fingerprint));
        }
        if let Ok(Some(status)) = server.try_wait() {
            let log = folder.join("logs").join("server.log");
            let said = fs::read_to_string(log).unwrap_or_default();
            return Err(Failure::Wrong(format!(
                "the server ended ({status}):\n{said}"
            )));
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    Err(Failure::Wrong("the server did not get ready".into()))
}

/// Ends a process as a crash would.
pub(crate) fn end(process: &mut Child) {
    // Both fail only when the process is gone already, which is what is wanted.
    let _ = process.kill();
    let _ = process.wait();
}
