//! `cargo xtask bench`: the figures, measured in release mode and printed as ratios of one run.

use clap::Args;

use crate::failure::Result;
use crate::workspace::cargo;
use crate::{setup, step};

/// Options of `cargo xtask bench`.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Handed on to the bench program; `-- --help` lists what it takes.
    #[arg(last = true)]
    rest: Vec<String>,
}

/// Builds the bench program in release mode and runs it.
pub(crate) fn run(options: &Options) -> Result<()> {
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
