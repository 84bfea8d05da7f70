//! Where things lie, and how `cargo` is called.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::failure::{Failure, Result};

/// The root folder of the repository.
pub(crate) fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_path_buf()
}

/// The `cargo` that started this program, at work in the root folder.
pub(crate) fn cargo(arguments: &[&str]) -> Command {
    let program = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(program);
    command.current_dir(root()).args(arguments);
    // `cargo run` described this package to us. Handed on, that would make dependencies that look
    // at these variables (ring does) build again after every change between it and plain cargo.
    for (name, _) in std::env::vars_os() {
        let described = name.to_str().is_some_and(|name| {
            name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_")
        });
        if described {
            command.env_remove(name);
        }
    }
    command
}

/// Builds all programs of the workspace, with cargo's progress on the terminal.
pub(crate) fn build_programs() -> Result<()> {
    crate::step::run(cargo(&["build", "--workspace", "--bins"]))
}

/// Where [`build_programs`] leaves programs and libraries.
pub(crate) fn programs() -> Result<PathBuf> {
    Ok(target_folder()?.join("debug"))
}

/// A program that [`build_programs`] has built. It is started from here and not by `cargo run`:
/// naming one package would choose other features of the dependencies and build them again.
pub(crate) fn program(name: &str) -> Result<PathBuf> {
    let file = format!("{name}{}", std::env::consts::EXE_SUFFIX);
    let path = programs()?.join(file);
    if path.is_file() {
        Ok(path)
    } else {
        Err(Failure::Wrong(format!(
            "the build left no program {}",
            path.display()
        )))
    }
}

/// The library for Kotlin and Swift, as the build has left it.
pub(crate) fn library() -> Result<PathBuf> {
    let file = format!(
        "{}whimbrel_ffi{}",
        std::env::consts::DLL_PREFIX,
        std::env::consts::DLL_SUFFIX
    );
    let path = programs()?.join(file);
    if path.is_file() {
        Ok(path)
    } else {
        Err(Failure::Wrong(format!(
            "the build left no library {}",
            path.display()
        )))
    }
}

/// Where cargo builds.
pub(crate) fn target_folder() -> Result<PathBuf> {
    let mut command = cargo(&["metadata", "--no-deps", "--format-version", "1"]);
    let output = command.output().map_err(|source| Failure::Start {
        program: "cargo metadata".into(),
        source,
    })?;
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout)
        .map_err(|error| Failure::Wrong(format!("cargo metadata gave no JSON: {error}")))?;
    metadata
        .get("target_directory")
        .and_then(serde_json::Value::as_str)
        .map(PathBuf::from)
        .ok_or_else(|| Failure::Wrong("cargo metadata names no target folder".into()))
}
