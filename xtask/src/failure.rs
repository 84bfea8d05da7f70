//! The one error of every task: what was being done, and why it did not work.

use std::path::PathBuf;

/// Why a task ends with exit code 1.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// A program could not be started at all.
    #[error("could not start {program}: {source}")]
    Start {
        /// The program.
        program: String,
        /// What the operating system said.
        source: std::io::Error,
    },
    /// A program ended with an error.
    #[error("{program} failed ({status})")]
    Program {
        /// The program and its arguments.
        program: String,
        /// How it ended.
        status: String,
    },
    /// A file or folder could not be read or written.
    #[error("could not {action} {}: {source}", path.display())]
    File {
        /// What was being done.
        action: &'static str,
        /// To which file or folder.
        path: PathBuf,
        /// What the operating system said.
        source: std::io::Error,
    },
    /// The machine lacks something that the build needs.
    #[error("{0}")]
    Missing(String),
    /// Something came out other than it must.
    #[error("{0}")]
    Wrong(String),
}

impl Failure {
    /// For `map_err` on file operations.
    pub(crate) fn file(
        action: &'static str,
        path: impl Into<PathBuf>,
    ) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |source| Self::File {
            action,
            path,
            source,
        }
    }
}

/// What every fallible function here returns.
pub(crate) type Result<T> = std::result::Result<T, Failure>;
