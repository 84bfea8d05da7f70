//! `cargo xtask`: the one door for every task of this repository.
//!
//! Each task checks first that the machine has what the build needs (see [`setup`]), says what
//! it does while it does it, and ends with exit code 0 only when everything was right. Nothing
//! here knows how Whimbrel works inside: tests, simulator and demo drive the real programs.
//!
//! Read [`Task`] for the list, then [`step`] for how a task runs its parts.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a program whose output is for the person who started it"
)]

use std::process::ExitCode;

use clap::Parser;

mod failure;

mod workspace;

mod step;

mod setup;
mod size;

mod lint;

mod test;

mod sim;

mod bench;

mod audit;

mod bindings;

mod folder;

mod server;

mod ffi;

mod kotlin;

mod android;

mod swift;

mod together;

mod ios;

mod demo;

/// The tasks of the Whimbrel repository.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
enum Task {
    /// Show the whole thing at work: a server, three clients, kills, and a table of what held.
    Demo(demo::Options),
    /// Build everything and run every test, the simulator and the demo.
    Test(test::Options),
    /// Check formatting and lints.
    Lint,
    /// Generate the Kotlin and Swift sources, or check that they are up to date.
    Bindings(bindings::Options),
    /// Run the tests in other languages alone.
    Ffi,
    /// Build the library for Apple platforms, for the Swift package. On macOS only.
    Ios,
    /// Run the simulator: many seeds, or one seed again.
    Sim(sim::Options),
    /// Measure, in release mode, and print the figures as ratios.
    Bench(bench::Options),
    /// Build the library that goes into apps, and print what takes how much of it. On Linux only.
    Size(size::Options),
    /// Check licences, sources and versions of all dependencies, and known vulnerabilities.
    Audit(audit::Options),
}

fn main() -> ExitCode {
    let outcome = match Task::parse() {
        Task::Demo(options) => demo::run(&options),
        Task::Test(options) => test::run(&options),
        Task::Lint => lint::run(),
        Task::Bindings(options) => bindings::run(&options),
        Task::Ffi => ffi::run(),
        Task::Ios => ios::run(),
        Task::Sim(options) => sim::run(&options),
        Task::Bench(options) => bench::run(&options),
        Task::Size(options) => size::run(&options),
        Task::Audit(options) => audit::run(&options),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("\n{failure}");
            ExitCode::FAILURE
        }
    }
}
