//! `cargo xtask size`: how large the library is that goes into an app, and what of.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use clap::Args;

use crate::failure::{Failure, Result};
use crate::setup;
use crate::step::{self, Steps};
use crate::workspace::{self, cargo};

/// What the stripped library for x86-64 may take.
const BUDGET_BYTES: u64 = 9_000_000;
const CAN_MEASURE: bool = cfg!(all(target_os = "linux", target_arch = "x86_64"));
const NOT_HERE: &str = "the size is measured on Linux with x86-64 only";
/// Contributors that are listed.
const LISTED: usize = 10;

/// Options of `cargo xtask size`.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Fail where the library is larger than its budget.
    #[arg(long)]
    check: bool,
}

/// Builds the library with profile `mobile` for this machine, and prints what takes how much.
pub(crate) fn run(options: &Options) -> Result<()> {
    measure(options.check)
}

/// A step of `cargo xtask test`: that the library keeps its budget, where it can be measured.
pub(crate) fn step(steps: &mut Steps) {
    if CAN_MEASURE {
        steps.run("size", || measure(true));
    } else {
        steps.skip("size", NOT_HERE);
    }
}

fn measure(check: bool) -> Result<()> {
    if !CAN_MEASURE {
        return Err(Failure::Missing(NOT_HERE.to_owned()));
    }
    setup::ensure()?;
    let library = build()?;
    let stripped = library.with_extension("stripped");
    step::run(strip(&library, &stripped))?;
    let bytes = std::fs::metadata(&stripped)
        .map_err(Failure::file("read", &stripped))?
        .len();
    println!("\nthe largest contributors (code and constants with a name):");
    let mut shares: Vec<(String, u64)> = contributors(&library)?.into_iter().collect();
    shares.sort_by_key(|(_, bytes)| std::cmp::Reverse(*bytes));
    for (name, bytes) in shares.iter().take(LISTED) {
        println!("  {:>6} kB  {name}", bytes / 1000);
    }
    let percent = bytes.saturating_mul(100) / BUDGET_BYTES;
    println!("stripped: {} kB, {percent} % of the budget", bytes / 1000);
    if check && bytes > BUDGET_BYTES {
        return Err(Failure::Wrong(format!(
            "the library has {bytes} bytes, its budget is {BUDGET_BYTES}"
        )));
    }
    Ok(())
}

fn build() -> Result<PathBuf> {
    const TARGET: &str = "x86_64-unknown-linux-gnu";
    let mut build = cargo(&["build", "--locked", "--profile", "mobile"]);
    build.args(["--package", "whimbrel-ffi", "--lib", "--target", TARGET]);
    step::run(build)?;
    let folder = workspace::target_folder()?.join(TARGET).join("mobile");
    Ok(folder.join("libwhimbrel_ffi.so"))
}

fn strip(library: &Path, stripped: &Path) -> Command {
    let mut strip = Command::new("strip");
    strip
        .arg("--strip-all")
        .arg("-o")
        .arg(stripped)
        .arg(library);
    strip
}

/// The bytes of the symbols of each crate or C library.
fn contributors(library: &Path) -> Result<BTreeMap<String, u64>> {
    let mut nm = Command::new("nm");
    nm.args(["--demangle", "--print-size"]).arg(library);
    let listing = nm.output().map_err(|source| Failure::Start {
        program: "nm".to_owned(),
        source,
    })?;
    let mut shares = BTreeMap::new();
    for line in String::from_utf8_lossy(&listing.stdout).lines() {
        let mut words = line.splitn(4, ' ');
        let (_, size, _, name) = (words.next(), words.next(), words.next(), words.next());
        let size = size.and_then(|size| u64::from_str_radix(size, 16).ok());
        if let (Some(size), Some(name)) = (size, name) {
            *shares.entry(contributor(name)).or_default() += size;
        }
    }
    Ok(shares)
}

/// Whose a symbol is: the crate it names first, or the C library by its prefix.
fn contributor(symbol: &str) -> String {
    if let Some((path, _)) = symbol.split_once("::") {
        let from = path.rfind(|c: char| !c.is_alphanumeric() && c != '_');
        return path[from.map_or(0, |at| at + 1)..].to_owned();
    }
    let symbol = symbol.trim_start_matches('_');
    if symbol.starts_with("ring_core") || symbol.starts_with("ecp_nistz256") {
        "ring (C and assembler)".to_owned()
    } else if symbol.starts_with("uniffi") || symbol.starts_with("UNIFFI") {
        "whimbrel_ffi".to_owned()
    } else {
        // Their functions have no common prefix.
        "SQLCipher and OpenSSL".to_owned()
    }
}
