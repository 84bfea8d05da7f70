//! The Android sources, without an Android SDK: Maven compiles them against the classes of a real
//! Android and runs the tests that need no phone; and the check of page sizes is tried on
//! libraries that fit and that do not.
//!
//! What can't be had without an SDK, such as androidx, is replaced by stand-ins; what those claim
//! to be generated from `res/` is compared with it here.

use std::fs;
use std::process::Command;

use crate::failure::{Failure, Result};
use crate::folder::Folder;
use crate::{setup, step, workspace};

const MAVEN_PROJECT: &str = "tests/ffi/android/pom.xml";
const CHECK_PAGE_SIZE: &str = "android/whimbrel-android/check-page-size.sh";

/// Compiles and tests, with a library that is built already. What is missing of JDK and Maven is
/// installed, or named.
pub(crate) fn run() -> Result<()> {
    setup::ensure_kotlin()?;
    if cfg!(target_os = "linux") {
        try_page_sizes()?;
    }
    let library = workspace::library()?;
    let programs = library.parent().unwrap_or(&library);
    let mut command = Command::new("mvn");
    command
        .current_dir(workspace::root())
        .args(["--batch-mode", "--no-transfer-progress"])
        .args(["--file", MAVEN_PROJECT])
        .arg(format!("-Dprograms={}", programs.display()))
        .arg("test");
    step::run(command)
}

/// The check must pass a library that fits pages of 16 KiB, and fail one that does not.
fn try_page_sizes() -> Result<()> {
    let folder = Folder::temporary()?;
    let source = folder.path().join("f.c");
    fs::write(&source, "int f(void) { return 1; }\n").map_err(Failure::file("write", &source))?;
    for (page_size, fits) in [("4096", false), ("16384", true)] {
        let library = folder.path().join(format!("{page_size}.so"));
        let mut compiler = Command::new("cc");
        compiler
            .args(["-shared", "-fPIC", "-nostdlib"])
            .arg(format!("-Wl,-z,max-page-size={page_size}"))
            .arg("-o")
            .args([&library, &source]);
        step::run(compiler)?;
        let mut check = Command::new("sh");
        check
            .arg(workspace::root().join(CHECK_PAGE_SIZE))
            .arg("readelf")
            .arg(&library);
        if step::run(check).is_ok() != fits {
            return Err(Failure::Wrong(format!(
                "{CHECK_PAGE_SIZE} is wrong about a library aligned to {page_size} bytes"
            )));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    fn read(path: &str) -> String {
        fs::read_to_string(workspace::root().join(path)).unwrap()
    }

    #[test]
    fn the_stand_ins_for_resources_name_those_there_are() {
        for (stand_in, resources) in [
            ("core", "android/whimbrel-android"),
            ("fcm", "android/whimbrel-android-fcm"),
        ] {
            let strings = read(&format!("{resources}/src/main/res/values/strings.xml"));
            let stand_in = read(&format!("tests/ffi/android/{stand_in}/standins/R.kt"));
            let names: Vec<&str> = stand_in
                .lines()
                .filter_map(|line| line.trim().strip_prefix("const val "))
                .filter_map(|line| line.split(' ').next())
                .collect();
            assert!(!names.is_empty());
            for name in names {
                assert!(strings.contains(&format!("name=\"{name}\"")), "{name}");
            }
        }
    }

    #[test]
    fn the_key_store_looks_for_the_database_under_its_name() {
        let kotlin = "android/whimbrel-android/src/main/kotlin/dev/whimbrel/android";
        assert!(read("core/src/store/open.rs").contains("DATABASE_NAME: &str = \"whimbrel.db\""));
        assert!(
            read(&format!("{kotlin}/WrappedKeyStore.kt"))
                .contains("DATABASE_NAME = \"whimbrel.db\"")
        );
    }
}
