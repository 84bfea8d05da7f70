//! `cargo xtask bench ffi`: what the language border costs, as ratios to the same calls in Rust.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::failure::{Failure, Result};
use crate::ffi::Server;
use crate::folder::Folder;
use crate::workspace::{self, cargo};
use crate::{kotlin, setup, step, swift};

/// How often each call is made.
const CALLS: &str = "3000";

/// Microseconds of a query, and of an edit with the event that tells of it.
struct Times {
    query_us: f64,
    event_us: f64,
}

/// Builds the library in release mode, and has a client in each language make the same calls.
pub(crate) fn run() -> Result<()> {
    setup::ensure()?;
    workspace::build_programs()?;
    let mut build = cargo(&["build", "--release", "--package", "whimbrel-ffi"]);
    build.args([
        "--package",
        "whimbrel-tests",
        "--lib",
        "--bin",
        "bench-calls",
    ]);
    step::run(build)?;
    let programs = workspace::target_folder()?.join("release");

    let folder = Folder::temporary()?;
    let server = Server::start(folder.path())?;
    let rust = rust(&server, folder.path(), &programs)?;
    let mut kotlin = kotlin::command(&programs)?;
    kotlin.args(["--quiet", "--projects", "stories", "--also-make"]);
    kotlin.args([
        "-Dtest=BenchTest",
        "-Dsurefire.failIfNoSpecifiedTests=false",
    ]);
    let kotlin = measured(kotlin, &server, &folder.path().join("kotlin.txt"))?;
    let swift = match swift::skipped() {
        Some(why) => {
            println!("no Swift: {why}");
            None
        }
        None => Some(swift(&server, folder.path(), &programs)?),
    };
    let mut rows = vec![("Rust", &rust), ("Kotlin", &kotlin)];
    rows.extend(swift.as_ref().map(|times| ("Swift", times)));

    println!("\n            query        calls/s   ratio   edit and event   ratio");
    for (language, times) in rows {
        println!(
            "{language:<8} {:>8.1} us {:>12.0} {:>7.2} {:>13.1} us {:>7.2}",
            times.query_us,
            1e6 / times.query_us,
            times.query_us / rust.query_us,
            times.event_us,
            times.event_us / rust.event_us,
        );
    }
    Ok(())
}

fn rust(server: &Server, folder: &Path, programs: &Path) -> Result<Times> {
    let mut command = Command::new(programs.join("bench-calls"));
    command
        .args(["--server", &server.url])
        .args(["--fingerprint", &server.fingerprint])
        .args(["--calls", CALLS])
        .arg("--data")
        .arg(folder.join("rust"));
    let output = command.output().map_err(|source| Failure::Start {
        program: "bench-calls".into(),
        source,
    })?;
    times(&String::from_utf8_lossy(&output.stdout))
}

fn swift(server: &Server, folder: &Path, programs: &Path) -> Result<Times> {
    let server_folder = folder.join("server");
    let place = swift::Server {
        url: &server.url,
        fingerprint: &server.fingerprint,
        folder: &server_folder,
    };
    let mut command = swift::command(&place, folder, programs)?;
    command.args(["--configuration", "release", "--filter", "BenchTests"]);
    measured(command, server, &folder.join("swift.txt"))
}

/// Runs tests that write their times into a file.
fn measured(mut command: Command, server: &Server, file: &Path) -> Result<Times> {
    command
        .env("WHIMBREL_TEST_SERVER", &server.url)
        .env("WHIMBREL_TEST_FINGERPRINT", &server.fingerprint)
        .env("WHIMBREL_BENCH_FILE", file)
        .env("WHIMBREL_BENCH_CALLS", CALLS);
    step::run(command)?;
    times(&fs::read_to_string(file).map_err(Failure::file("read", file))?)
}

fn times(text: &str) -> Result<Times> {
    let numbers: Vec<f64> = text
        .split_whitespace()
        .filter_map(|word| word.parse().ok())
        .collect();
    match numbers[..] {
        [query_us, event_us] => Ok(Times { query_us, event_us }),
        _ => Err(Failure::Wrong(format!("these are no times: {text:?}"))),
    }
}
