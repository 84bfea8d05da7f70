//! `cargo xtask lint`: formatting, and clippy with every warning an error.

use crate::failure::Result;
use crate::setup;
use crate::step::{self, Steps};
use crate::workspace::cargo;

/// Checks formatting and lints of every target in the workspace.
pub(crate) fn run() -> Result<()> {
    setup::ensure()?;
    let mut steps = Steps::default();
    steps.run("formatting", || {
        step::run(cargo(&["fmt", "--all", "--check"]))
    });
    steps.run("clippy", || {
        step::run(cargo(&[
            "clippy",
            "--workspace",
            "--all-targets",
            "--",
            "--deny",
            "warnings",
        ]))
    });
    steps.finish()
}
