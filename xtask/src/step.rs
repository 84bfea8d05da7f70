//! How a task runs its parts: one after the other, each timed, with a summary at the end.

use std::process::Command;
use std::time::{Duration, Instant};

use crate::failure::{Failure, Result};

/// Runs a program with its output on the terminal.
pub(crate) fn run(mut command: Command) -> Result<()> {
    let program = describe(&command);
    let status = command.status().map_err(|source| Failure::Start {
        program: program.clone(),
        source,
    })?;
    if status.success() {
        Ok(())
    } else {
        Err(Failure::Program {
            program,
            status: status.to_string(),
        })
    }
}

/// The program and its arguments, for a person to read.
fn describe(command: &Command) -> String {
    let program = std::path::Path::new(command.get_program())
        .file_name()
        .unwrap_or_else(|| command.get_program());
    std::iter::once(program)
        .chain(command.get_args())
        .map(|word| word.to_string_lossy())
        .collect::<Vec<_>>()
        .join(" ")
}

/// The parts of a task that ran so far.
#[derive(Debug, Default)]
pub(crate) struct Steps {
    done: Vec<Step>,
}

#[derive(Debug)]
struct Step {
    name: &'static str,
    took: Duration,
    outcome: Outcome,
}

#[derive(Debug)]
enum Outcome {
    Passed,
    Failed(Failure),
    Skipped(&'static str),
}

impl Steps {
    /// Runs one part; the return value says whether it went well.
    pub(crate) fn run(&mut self, name: &'static str, work: impl FnOnce() -> Result<()>) -> bool {
        println!("\n==> {name}");
        let started = Instant::now();
        let outcome = match work() {
            Ok(()) => Outcome::Passed,
            Err(failure) => {
                eprintln!("{failure}");
                Outcome::Failed(failure)
            }
        };
        let passed = matches!(outcome, Outcome::Passed);
        self.done.push(Step {
            name,
            took: started.elapsed(),
            outcome,
        });
        passed
    }

    /// Notes a part that can't run here. That is no failure, and it is not silent either.
    pub(crate) fn skip(&mut self, name: &'static str, why: &'static str) {
        println!("\n==> {name}\nskipped: {why}");
        self.done.push(Step {
            name,
            took: Duration::ZERO,
            outcome: Outcome::Skipped(why),
        });
    }

    /// Prints the summary.
    ///
    /// # Errors
    /// [`Failure::Wrong`] when any part failed.
    pub(crate) fn finish(self) -> Result<()> {
        println!("\n{:<24} {:>9}  result", "step", "seconds");
        for step in &self.done {
            let result = match &step.outcome {
                Outcome::Passed => "ok".to_owned(),
                Outcome::Failed(failure) => format!("FAILED: {failure}"),
                Outcome::Skipped(why) => format!("skipped: {why}"),
            };
            println!(
                "{:<24} {:>9.1}  {result}",
                step.name,
                step.took.as_secs_f64()
            );
        }
        let has_failed = |step: &&Step| matches!(step.outcome, Outcome::Failed(_));
        let failed = self.done.iter().filter(has_failed);
        match failed.count() {
            0 => Ok(()),
            count => Err(Failure::Wrong(format!(
                "{count} of {} steps failed",
                self.done.len()
            ))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_step_is_remembered_and_the_next_still_runs() {
        let mut steps = Steps::default();
        assert!(steps.run("good", || Ok(())));
        assert!(!steps.run("bad", || Err(Failure::Wrong("on purpose".into()))));
        assert!(steps.run("good again", || Ok(())));
        assert!(steps.finish().is_err());
    }

    #[test]
    fn a_skipped_step_is_no_failure() {
        let mut steps = Steps::default();
        steps.skip("elsewhere", "not on this machine");
        assert!(steps.finish().is_ok());
    }

    #[test]
    fn programs_are_named_without_their_folder() {
        let mut command = Command::new("/usr/bin/cargo");
        command.args(["test", "--workspace"]);
        assert_eq!(describe(&command), "cargo test --workspace");
    }
}
