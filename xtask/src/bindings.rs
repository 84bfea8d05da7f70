//! `cargo xtask bindings`: generates the Kotlin and Swift sources from the compiled library, and
//! lists of their signatures for people who review a change of the API.
//!
//! What is generated is committed, so that app developers need no Rust tools. `--check` says
//! whether it is what the library of today would give.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use clap::Args;

use crate::failure::{Failure, Result};
use crate::workspace::{self, cargo};
use crate::{setup, step};

mod signatures;

/// Options of `cargo xtask bindings`.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Write nothing; fail where a committed file is not what would be written.
    #[arg(long)]
    check: bool,
}

/// A file that is generated and committed.
struct Output {
    path: &'static str,
    text: String,
}

/// Generates Kotlin and Python.
const GENERATOR: &str = "uniffi-bindgen";
/// Generates Swift, with the C header.
const SWIFT_GENERATOR: &str = "uniffi-bindgen-swift";

const KOTLIN: &str = "android/whimbrel-jvm/src/generated/kotlin/dev/whimbrel/ffi/whimbrel_ffi.kt";
const SWIFT: &str = "ios/Sources/WhimbrelBindings/WhimbrelBindings.swift";
const HEADER: &str = "ios/Sources/WhimbrelFFI/WhimbrelFFI.h";
const MODULE_MAP: &str = "ios/Sources/WhimbrelFFI/module.modulemap";
const KOTLIN_SIGNATURES: &str = "bindings/api/kotlin.txt";
const SWIFT_SIGNATURES: &str = "bindings/api/swift.txt";

/// Builds the library, generates, and writes or compares.
pub(crate) fn run(options: &Options) -> Result<()> {
    setup::ensure()?;
    // The whole workspace: naming one package would choose other features of the dependencies.
    step::run(cargo(&["build", "--workspace"]))?;
    if options.check { check() } else { write() }
}

/// Compares, with programs that are built already, as a part of the test command.
pub(crate) fn check() -> Result<()> {
    let differs = |output: &Output| {
        let path = workspace::root().join(output.path);
        fs::read_to_string(path).is_ok_and(|committed| committed == output.text)
    };
    let outputs = generate()?;
    let wrong: Vec<&str> = outputs
        .iter()
        .filter(|output| !differs(output))
        .map(|output| output.path)
        .collect();
    if wrong.is_empty() {
        println!("{} generated files are as committed", outputs.len());
        return Ok(());
    }
    Err(Failure::Wrong(format!(
        "not what the library gives: {}\nRun `cargo xtask bindings` and look at what changes.",
        wrong.join(", ")
    )))
}

fn write() -> Result<()> {
    for output in generate()? {
        let path = workspace::root().join(output.path);
        let folder = path.parent().unwrap_or(&path);
        fs::create_dir_all(folder).map_err(Failure::file("make", folder))?;
        fs::write(&path, output.text).map_err(Failure::file("write", &path))?;
        println!("wrote {}", output.path);
    }
    Ok(())
}

/// Generates the Python sources, which are for a test only, into a folder.
pub(crate) fn python(folder: &Path) -> Result<()> {
    generate_into(
        folder,
        GENERATOR,
        &["generate", "--language", "python", "--no-format"],
    )
}

fn generate() -> Result<Vec<Output>> {
    let folder = workspace::target_folder()?.join("bindings");
    let (kotlin, swift) = (folder.join("kotlin"), folder.join("swift"));
    generate_into(
        &kotlin,
        GENERATOR,
        &["generate", "--language", "kotlin", "--no-format"],
    )?;
    generate_into(
        &swift,
        SWIFT_GENERATOR,
        &[
            "--swift-sources",
            "--headers",
            "--modulemap",
            "--module-name",
            "WhimbrelFFI",
            "--modulemap-filename",
            "module.modulemap",
        ],
    )?;
    let source = read(&kotlin.join("dev/whimbrel/ffi/whimbrel_ffi.kt"))?;
    let swift_source = read(&swift.join("WhimbrelBindings.swift"))?;
    Ok(vec![
        output(KOTLIN_SIGNATURES, signatures::kotlin(&source)),
        output(SWIFT_SIGNATURES, signatures::swift(&swift_source)),
        output(KOTLIN, tidy(&source)),
        output(SWIFT, tidy(&swift_source)),
        output(HEADER, tidy(&read(&swift.join("WhimbrelFFI.h"))?)),
        output(MODULE_MAP, tidy(&read(&swift.join("module.modulemap"))?)),
    ])
}

/// Runs a generator, told our configuration, on the library.
fn generate_into(folder: &Path, generator: &str, arguments: &[&str]) -> Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder).map_err(Failure::file("empty", folder))?;
    }
    let mut command = Command::new(workspace::program(generator)?);
    // It asks cargo where the crates are, so it must run in the workspace.
    command.current_dir(workspace::root()).args(arguments);
    command.arg(workspace::library()?);
    if generator == SWIFT_GENERATOR {
        command.arg(folder);
    } else {
        command.arg("--out-dir").arg(folder);
    }
    command.args(["--config", "uniffi.toml"]);
    step::run(command)
}

fn output(path: &'static str, text: String) -> Output {
    Output { path, text }
}

fn read(path: &PathBuf) -> Result<String> {
    fs::read_to_string(path).map_err(Failure::file("read", path))
}

/// The text without spaces at the ends of lines, and with our own first line.
fn tidy(text: &str) -> String {
    let mut lines: Vec<&str> = text
        .lines()
        .map(str::trim_end)
        .filter(|line| !line.starts_with("// Trust me, "))
        .collect();
    if let Some(first) = lines.first_mut()
        && first.starts_with("// This file was autogenerated")
    {
        *first = "// Generated from the Rust library by `cargo xtask bindings`. Do not edit.";
    }
    while lines.last().is_some_and(|line| line.is_empty()) {
        lines.pop();
    }
    let mut text = lines.join("\n");
    text.push('\n');
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn generated_text_is_tidied() {
        let text = "// This file was autogenerated by a program.\n// Trust me, it was.\na  \n\n\n";
        let first = "// Generated from the Rust library by `cargo xtask bindings`. Do not edit.";
        assert_eq!(tidy(text), format!("{first}\na\n"));
    }
}
