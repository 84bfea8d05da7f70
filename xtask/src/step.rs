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
    failure: Option<Failure>,
}

impl Steps {
    /// Runs one part; the return value says whether it went well.
    pub(crate) fn run(&mut self, name: &'static str, work: impl FnOnce() -> Result<()>) -> bool {
        println!("\n==> {name}");
        let started = Instant::now();
        let failure = work().err();
        if let Some(failure) = &failure {
            eprintln!("{failure}");
        }
        let passed = failure.is_none();
        self.done.push(Step {
            name,
            took: started.elapsed(),
            failure,
        });
        passed
    }

    /// Prints the summary.
    ///
    /// # Errors
    /// [`Failure::Wrong`] when any part failed.
    pub(crate) fn finish(self) -> Result<()> {
        println!("\n{:<24} {:>9}  result", "step", "seconds");
        for step in &self.done {
            let result = step
                .failure
                .as_ref()
                .map_or_else(|| "ok".to_owned(), |failure| format!("FAILED: {failure}"));
            println!(
                "{:<24} {:>9.1}  {result}",
                step.name,
                step.took.as_secs_f64()
            );
        }
        let failed = self.done.iter().filter(|step| step.failure.is_some());
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
    fn programs_are_named_without_their_folder() {
        let mut command = Command::new("/usr/bin/cargo");
        command.args(["test", "--workspace"]);
        assert_eq!(describe(&command), "cargo test --workspace");
    }
}
