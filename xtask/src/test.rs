//! `cargo xtask test`: everything that must hold before a change goes in.

use clap::Args;

use crate::failure::Result;
use crate::step::{self, Steps};
use crate::workspace::cargo;
use crate::{demo, ffi, setup, sim, size};

/// Seeds of the simulator in every test run.
const SEEDS: u64 = 300;

/// Options of `cargo xtask test`.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Seeds that the simulator runs.
    #[arg(long, value_name = "N", default_value_t = SEEDS)]
    seeds: u64,
    /// Leave the demo out.
    #[arg(long)]
    no_demo: bool,
}

/// Builds once, then runs tests, language tests, simulator and demo, and measures the library for
/// phones; a failure of one does not stop the next.
pub(crate) fn run(options: &Options) -> Result<()> {
    let mut steps = Steps::default();
    let built = steps.run("set-up", setup::ensure)
        && steps.run("build", || {
            step::run(cargo(&["build", "--workspace", "--all-targets"]))
        });
    if built {
        steps.run("tests", || {
            step::run(cargo(&["test", "--workspace", "--no-fail-fast"]))
        });
        ffi::steps(&mut steps);
        steps.run("simulator", || sim::seeds(options.seeds));
        if !options.no_demo {
            steps.run("demo", demo::quiet);
        }
        size::step(&mut steps);
    }
    steps.finish()
}
