//! `cargo xtask audit`: what the dependencies are, where they come from, what is known of them.
//!
//! Licences, bans and sources are checked by cargo-deny against `deny.toml`. Advisories need
//! their database; where that can't be reached this is said and is not a failure. That no
//! pre-release version is in the lock file is checked here, because cargo-deny has no rule for it.

use std::fs;
use std::process::{Command, Stdio};

use clap::Args;

use crate::failure::{Failure, Result};
use crate::step::{self, Steps};
use crate::workspace::{cargo, root};

/// Options of `cargo xtask audit`.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Install cargo-deny from crates.io when it is not there.
    #[arg(long)]
    install: bool,
}

/// Runs every check that can run here.
pub(crate) fn run(options: &Options) -> Result<()> {
    let mut steps = Steps::default();
    steps.run("no pre-releases", no_pre_releases);
    if steps.run("cargo-deny is there", || ensure_cargo_deny(options)) {
        steps.run("licences, bans, sources", || {
            step::run(cargo(&[
                "deny",
                "check",
                "--hide-inclusion-graph",
                "licenses",
                "bans",
                "sources",
            ]))
        });
        advisories(&mut steps);
    }
    steps.finish()
}

fn ensure_cargo_deny(options: &Options) -> Result<()> {
    if quietly(cargo(&["deny", "--version"])) {
        return Ok(());
    }
    if options.install {
        println!("installing cargo-deny from crates.io; this builds it and takes some minutes");
        return step::run(cargo(&["install", "cargo-deny", "--locked"]));
    }
    Err(Failure::Missing(
        "cargo-deny is not installed. Run `cargo xtask audit --install`, or install it yourself:\n\
         \x20   cargo install cargo-deny --locked"
            .into(),
    ))
}

fn advisories(steps: &mut Steps) {
    const NAME: &str = "advisories";
    if quietly(cargo(&["deny", "fetch", "db"])) {
        steps.run(NAME, || {
            step::run(cargo(&["deny", "check", "--disable-fetch", "advisories"]))
        });
    } else {
        steps.skip(
            NAME,
            "their database can't be reached from here: nothing is known either way",
        );
    }
}

fn quietly(mut command: Command) -> bool {
    command.stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

fn no_pre_releases() -> Result<()> {
    let path = root().join("Cargo.lock");
    let text = fs::read_to_string(&path).map_err(Failure::file("read", &path))?;
    let found = pre_releases(&text)?;
    if found.is_empty() {
        return Ok(());
    }
    Err(Failure::Wrong(format!(
        "pre-release versions in Cargo.lock: {}",
        found.join(", ")
    )))
}

/// Packages of a lock file whose version has a pre-release part (semver.org, rule 9).
fn pre_releases(lock_file: &str) -> Result<Vec<String>> {
    let lock: toml::Table = lock_file
        .parse()
        .map_err(|error| Failure::Wrong(format!("Cargo.lock is not TOML: {error}")))?;
    let packages = lock.get("package").and_then(toml::Value::as_array);
    let mut found = Vec::new();
    for package in packages.into_iter().flatten() {
        let field = |name| package.get(name).and_then(toml::Value::as_str);
        let (Some(name), Some(version)) = (field("name"), field("version")) else {
            continue;
        };
        let without_build = version.split('+').next().unwrap_or(version);
        if without_build.contains('-') {
            found.push(format!("{name} {version}"));
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    #[test]
    fn a_pre_release_is_found_and_build_metadata_is_none() {
        let lock = "[[package]]\nname = \"good\"\nversion = \"1.2.3+spec-1.1.0\"\n\
                    [[package]]\nname = \"bad\"\nversion = \"2.0.0-rc.1+x\"\n";
        assert_eq!(pre_releases(lock).unwrap(), ["bad 2.0.0-rc.1+x"]);
    }
}
