//! The Kotlin tests: Maven compiles what is under `android` and runs it against real servers.
//!
//! Apps build the same sources with Gradle. The versions are written down for both, and must be
//! the same.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use crate::failure::{Failure, Result};
use crate::{setup, step, workspace};

const CATALOGUE: &str = "android/gradle/libs.versions.toml";
const MAVEN_PROJECT: &str = "tests/ffi/kotlin/pom.xml";

/// Runs the Kotlin tests, with a library and programs that are built already. What is missing of
/// JDK and Maven is installed, or named.
pub(crate) fn run() -> Result<()> {
    compare_versions()?;
    step::run(command(&workspace::programs()?)?)
}

/// The command that runs the Kotlin tests, with the library and the programs in a folder.
pub(crate) fn command(programs: &Path) -> Result<Command> {
    setup::ensure_kotlin()?;
    let mut command = Command::new("mvn");
    command
        .current_dir(workspace::root())
        .args(["--batch-mode", "--no-transfer-progress"])
        .args(["--file", MAVEN_PROJECT])
        .arg(format!("-Dprograms={}", programs.display()))
        .arg("test");
    Ok(command)
}

fn compare_versions() -> Result<()> {
    let read = |path: &str| {
        let path = workspace::root().join(path);
        fs::read_to_string(&path).map_err(Failure::file("read", path))
    };
    let wrong = differences(&read(MAVEN_PROJECT)?, &read(CATALOGUE)?)?;
    if wrong.is_empty() {
        return Ok(());
    }
    Err(Failure::Wrong(format!(
        "{MAVEN_PROJECT} and {CATALOGUE} name different versions:\n    {}",
        wrong.join("\n    ")
    )))
}

/// The versions of the Maven project that the catalogue does not have.
fn differences(project: &str, catalogue: &str) -> Result<Vec<String>> {
    let catalogue: toml::Table = catalogue
        .parse()
        .map_err(|error| Failure::Wrong(format!("{CATALOGUE}: {error}")))?;
    let versions = versions(project);
    if versions.is_empty() {
        return Err(Failure::Wrong(format!("{MAVEN_PROJECT} has no versions")));
    }
    let catalogue = catalogue.get("versions").and_then(toml::Value::as_table);
    let known = |name: &str| catalogue?.get(name)?.as_str();
    let wrong = versions
        .iter()
        .filter(|(name, version)| known(name) != Some(*version));
    Ok(wrong
        .map(|(name, version)| {
            let known = known(name).unwrap_or("none");
            format!("{name}: {version} and {known}")
        })
        .collect())
}

/// The properties of a Maven project that end in `.version`, without that ending.
fn versions(project: &str) -> BTreeMap<&str, &str> {
    let properties = project.lines().filter_map(|line| {
        let (name, rest) = line.trim().strip_prefix('<')?.split_once('>')?;
        let (version, _) = rest.split_once("</")?;
        Some((name.strip_suffix(".version")?, version))
    });
    properties.collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed test may panic")]

    use super::*;

    const PROJECT: &str = "<project>\n  <version>0</version>\n  <properties>\n    \
        <kotlin.version>2.0</kotlin.version>\n    <jna.version>5.1</jna.version>\n";

    #[test]
    fn versions_are_properties() {
        let expected = [("jna", "5.1"), ("kotlin", "2.0")];
        assert_eq!(versions(PROJECT), BTreeMap::from(expected));
    }

    #[test]
    fn a_version_that_differs_or_is_missing_is_found() {
        let same = "[versions]\nkotlin = \"2.0\"\njna = \"5.1\"\nother = \"1\"\n";
        assert_eq!(differences(PROJECT, same).unwrap(), [""; 0]);
        let other = "[versions]\nkotlin = \"2.1\"\n";
        assert_eq!(
            differences(PROJECT, other).unwrap(),
            ["jna: 5.1 and none", "kotlin: 2.0 and 2.1"]
        );
        assert!(differences("<project/>", same).is_err());
    }

    #[test]
    fn the_two_builds_name_the_same_versions() {
        compare_versions().unwrap();
    }

    #[test]
    fn gradle_publishes_the_version_of_the_workspace() {
        let file = workspace::root().join("android/gradle.properties");
        let properties = fs::read_to_string(file).unwrap();
        let own = concat!("whimbrelVersion=", env!("CARGO_PKG_VERSION"));
        assert!(properties.lines().any(|line| line == own), "{properties}");
    }
}
