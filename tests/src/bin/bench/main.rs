//! The figures of `cargo xtask bench`: what each costs, as a ratio to the least it could cost,
//! measured side by side in one run.
//!
//! The measured device is a real engine on real files. The server is the real hub over the real
//! log, and the other members are made by hand; their time does not count. docs/BENCHMARKS.md
//! says what is compared with what. The exit code is 1 where a count is wrong; times are only
//! reported, because a busy machine would make them wrong.
#![allow(
    clippy::print_stdout,
    clippy::expect_used,
    reason = "a program for whoever started it; what can't go on, ends"
)]

mod catch_up;
mod device;
mod figure;
mod send;
mod stage;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;

use figure::Figure;
use stage::Stage;

/// Measures, and prints the figures as ratios.
#[derive(Debug, Parser)]
#[command(name = "bench")]
struct Options {
    /// A tenth of the work: for a first look, not for publishing.
    #[arg(long)]
    quick: bool,
    /// Rounds of each measurement; the median counts.
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=101))]
    rounds: u32,
    /// Folder on the disk to measure on, instead of the system's for temporary files.
    #[arg(long, value_name = "FOLDER")]
    folder: Option<PathBuf>,
}

/// How much is done.
#[derive(Debug, Clone, Copy)]
struct Scale {
    rounds: u32,
    /// Pairs of a send and a raw commit in one round.
    sends: u32,
    /// Envelopes to catch up with.
    envelopes: u32,
}

fn main() -> ExitCode {
    let options = Options::parse();
    let scale = Scale {
        rounds: options.rounds,
        sends: if options.quick { 50 } else { 400 },
        envelopes: if options.quick { 1_000 } else { 10_000 },
    };
    let folder = options.folder.unwrap_or_else(std::env::temp_dir);
    println!("on {}", folder.display());
    let mut stage = Stage::set(&folder);
    let mut figures = send::measure(&mut stage, scale);
    figures.extend(catch_up::measure(&mut stage, scale));
    figure::print(&figures);
    if figures.iter().all(Figure::is_acceptable) {
        ExitCode::SUCCESS
    } else {
        println!("\nA count is wrong.");
        ExitCode::FAILURE
    }
}
