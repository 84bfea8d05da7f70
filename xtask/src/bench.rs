//! `cargo xtask bench`: the figures, measured in release mode and printed as ratios of one run.

use clap::{Args, ValueEnum};

use crate::failure::Result;
use crate::workspace::cargo;
use crate::{setup, step};

mod ffi;

/// Options of `cargo xtask bench`.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// What to measure; without it the library in Rust.
    #[arg(value_enum)]
    what: Option<What>,
    /// Handed on to the bench program; `-- --help` lists what it takes.
    #[arg(last = true)]
    rest: Vec<String>,
}

/// What can be measured beside the library itself.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum What {
    /// What calls and events cost in Kotlin and Swift.
    Ffi,
}

/// Builds the bench program in release mode and runs it.
pub(crate) fn run(options: &Options) -> Result<()> {
    if let Some(What::Ffi) = options.what {
        return ffi::run();
    }
    setup::ensure()?;
    let mut command = cargo(&[
        "run",
        "--release",
        "--package",
        "whimbrel-tests",
        "--bin",
        "bench",
        "--",
    ]);
    command.args(&options.rest);
    step::run(command)
}
