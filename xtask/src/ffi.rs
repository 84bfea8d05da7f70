//! The language tests: a real server, and programs in other languages that use the library.

use std::fs;
use std::path::Path;
use std::process::{Child, Command};

use crate::failure::{Failure, Result};
use crate::folder::Folder;
use crate::step::{self, Steps};
use crate::workspace::{self, cargo};
use crate::{android, bindings, kotlin, server, setup, swift, together};

/// Builds what they need, then runs the language tests.
pub(crate) fn run() -> Result<()> {
    setup::ensure()?;
    step::run(cargo(&["build", "--workspace"]))?;
    let mut steps = Steps::default();
    self::steps(&mut steps);
    steps.finish()
}

/// The language tests, with programs that are built already.
pub(crate) fn steps(steps: &mut Steps) {
    steps.run("bindings", bindings::check);
    if has_python() {
        steps.run("python", python);
    } else {
        steps.skip("python", "there is no python3 on this machine");
    }
    steps.run("kotlin", kotlin::run);
    steps.run("android", android::run);
    match swift::skipped() {
        Some(why) => {
            steps.skip("swift", why);
            steps.skip("ios", why);
            steps.skip("three languages", why);
        }
        None => {
            steps.run("swift", swift);
            if cfg!(target_os = "linux") {
                steps.run("ios", swift::check_ios);
            } else {
                steps.skip("ios", "the files for iOS are checked by Xcode here");
            }
            steps.run("three languages", together::run);
        }
    }
}

/// Has the Swift package tested against a server.
fn swift() -> Result<()> {
    let folder = Folder::temporary()?;
    let running = Server::start(folder.path())?;
    let server_folder = folder.path().join("server");
    let server = swift::Server {
        url: &running.url,
        fingerprint: &running.fingerprint,
        folder: &server_folder,
    };
    swift::test(&server, folder.path())
}

/// Whether there is a Python to run the test with.
fn has_python() -> bool {
    let version = Command::new("python3").arg("--version").output();
    version.is_ok_and(|output| output.status.success())
}

/// Generates the Python module and has two clients of it talk through a server.
fn python() -> Result<()> {
    let modules = workspace::target_folder()?.join("bindings").join("python");
    bindings::python(&modules)?;
    copy_library(&modules)?;
    let folder = Folder::temporary()?;
    let server = Server::start(folder.path())?;
    let clients = folder.path().join("python");
    fs::create_dir(&clients).map_err(Failure::file("make", &clients))?;
    let mut command = Command::new("python3");
    command
        // It panics on purpose; the traces would hide what matters.
        .env("RUST_BACKTRACE", "0")
        .arg(workspace::root().join("tests/ffi/python/smoke.py"))
        .arg(&modules)
        .arg(&server.url)
        .arg(&server.fingerprint)
        .arg(folder.path().join("server"))
        .arg(workspace::program("push-payload")?)
        .arg(&clients);
    step::run(command)
}

/// The generated module looks for the library beside itself.
fn copy_library(modules: &Path) -> Result<()> {
    let library = workspace::library()?;
    let to = modules.join(library.file_name().unwrap_or_default());
    let copied = fs::copy(&library, &to).map(|_| ());
    copied.map_err(Failure::file("copy the library to", &to))
}

/// A running server, which ends with this.
pub(crate) struct Server {
    process: Child,
    /// Its address.
    pub(crate) url: String,
    /// The fingerprint of its certificate.
    pub(crate) fingerprint: String,
}

impl Server {
    /// Starts one with its files in a folder.
    pub(crate) fn start(folder: &Path) -> Result<Self> {
        let logs = folder.join("logs");
        fs::create_dir(&logs).map_err(Failure::file("make", &logs))?;
        let mut process = server::start(folder, "127.0.0.1:0")?;
        match server::ready(folder, &mut process) {
            Ok((address, fingerprint)) => Ok(Self {
                process,
                url: format!("https://{address}"),
                fingerprint,
            }),
            Err(failure) => {
                server::end(&mut process);
                Err(failure)
            }
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        server::end(&mut self.process);
    }
}
