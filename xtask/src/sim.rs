//! `cargo xtask sim`: real engines, real hub and log, virtual time, one seed per run.

use std::process::Command;

use clap::Args;

use crate::failure::Result;
use crate::{setup, step, workspace};

/// Options of `cargo xtask sim`.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// How many seeds to run, one after the other [default: 300, or 1 with --seed].
    #[arg(long, value_name = "N")]
    seeds: Option<u64>,
    /// The seed to run again, or the first one when there are several.
    #[arg(long, value_name = "S")]
    seed: Option<u64>,
    /// Handed on to the simulator; `-- --help` lists what it takes.
    #[arg(last = true)]
    rest: Vec<String>,
}

/// Builds the simulator and runs it.
pub(crate) fn run(options: &Options) -> Result<()> {
    setup::ensure()?;
    workspace::build_programs()?;
    let mut command = Command::new(workspace::program("sim")?);
    let usual = if options.seed.is_some() { 1 } else { 300 };
    let seeds = options.seeds.unwrap_or(usual);
    command.args(["--seeds", &seeds.to_string()]);
    if let Some(seed) = options.seed {
        command.args(["--seed", &seed.to_string()]);
    }
    command.args(&options.rest);
    step::run(command)
}

/// Runs so many seeds with a simulator that is built already.
pub(crate) fn seeds(count: u64) -> Result<()> {
    let mut command = Command::new(workspace::program("sim")?);
    command.args(["--seeds", &count.to_string()]);
    step::run(command)
}
