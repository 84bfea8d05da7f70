//! What the machine must have before the build: a C compiler with its headers, `make` and Perl,
//! because SQLCipher stands on an OpenSSL that is built from source. And what the Kotlin tests
//! need besides: a JDK and Maven.
//!
//! On Debian and its relatives, as root, what is missing is installed by `apt-get`; elsewhere
//! the task ends with a list of what to install. Nothing else of the machine is touched.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::failure::{Failure, Result};
use crate::step;

/// Something that the build needs.
struct Need {
    what: &'static str,
    why: &'static str,
    debian: &'static [&'static str],
    present: fn() -> bool,
}

const BUILD: &[Need] = &[
    Need {
        what: "a C compiler and the C library's headers",
        why: "SQLite, OpenSSL and ring contain C",
        debian: &["gcc", "libc6-dev"],
        present: has_c_compiler,
    },
    Need {
        what: "make",
        why: "builds OpenSSL for SQLCipher",
        debian: &["make"],
        present: has_make,
    },
    Need {
        what: "Perl with its standard modules",
        why: "configures OpenSSL for SQLCipher",
        debian: &["perl"],
        present: has_perl,
    },
];

const KOTLIN: &[Need] = &[
    Need {
        what: "a JDK, version 17 or later",
        why: "compiles and runs the Kotlin sources",
        debian: &["default-jdk-headless"],
        present: has_jdk,
    },
    Need {
        what: "Maven",
        why: "fetches the Kotlin compiler and runs the Kotlin tests",
        debian: &["maven"],
        present: has_maven,
    },
];

const BUILD_ELSEWHERE: &str = "\
    \x20   Fedora:          dnf install gcc make perl\n\
    \x20   Alpine:          apk add build-base perl linux-headers\n\
    \x20   Arch:            pacman -S base-devel perl\n\
    \x20   macOS:           xcode-select --install";

const KOTLIN_ELSEWHERE: &str = "\
    \x20   Fedora:          dnf install java-latest-openjdk-devel maven\n\
    \x20   Alpine:          apk add openjdk21 maven\n\
    \x20   Arch:            pacman -S jdk-openjdk maven\n\
    \x20   macOS:           brew install openjdk maven";

/// The JDK that the Kotlin sources are compiled for.
const JAVA_VERSION_MIN: u32 = 17;

/// Checks the machine for what the build needs, and installs what is missing where that is
/// possible.
///
/// # Errors
/// [`Failure::Missing`] with instructions where it is not.
pub(crate) fn ensure() -> Result<()> {
    ensure_all(BUILD, BUILD_ELSEWHERE)
}

/// The same for what the Kotlin tests need.
///
/// # Errors
/// [`Failure::Missing`] with instructions.
pub(crate) fn ensure_kotlin() -> Result<()> {
    ensure_all(KOTLIN, KOTLIN_ELSEWHERE)
}

fn ensure_all(needs: &[Need], elsewhere: &str) -> Result<()> {
    let missing: Vec<&Need> = needs.iter().filter(|need| !(need.present)()).collect();
    if missing.is_empty() {
        return Ok(());
    }
    for need in &missing {
        println!("missing: {} ({})", need.what, need.why);
    }
    let packages: Vec<&str> = missing
        .iter()
        .flat_map(|need| need.debian.iter().copied())
        .collect();
    if !is_debian() {
        return Err(Failure::Missing(instructions(&packages, elsewhere)));
    }
    if !is_root() {
        return Err(Failure::Missing(format!(
            "This needs root once:\n    sudo apt-get install --yes --no-install-recommends {}\n\
             Then run the same task again.",
            packages.join(" ")
        )));
    }
    install(&packages)?;
    match missing.iter().find(|need| !(need.present)()) {
        None => Ok(()),
        Some(need) => Err(Failure::Missing(format!(
            "apt-get installed {}, but {} is still not usable",
            need.debian.join(" "),
            need.what
        ))),
    }
}

pub(crate) fn install(packages: &[&str]) -> Result<()> {
    println!("installing by apt-get: {}", packages.join(" "));
    let apt_get = |arguments: &[&str]| {
        let mut command = Command::new("apt-get");
        command
            .env("DEBIAN_FRONTEND", "noninteractive")
            .args(arguments);
        step::run(command)
    };
    apt_get(&["update", "--quiet"])?;
    let mut arguments = vec!["install", "--yes", "--quiet", "--no-install-recommends"];
    arguments.extend_from_slice(packages);
    apt_get(&arguments)
}

fn instructions(debian: &[&str], elsewhere: &str) -> String {
    format!(
        "Install these and run the same task again.\n\
         \x20   Debian, Ubuntu:  apt-get install {}\n{elsewhere}",
        debian.join(" ")
    )
}

pub(crate) fn is_debian() -> bool {
    Path::new("/etc/debian_version").exists()
}

pub(crate) fn is_root() -> bool {
    let output = Command::new("id").arg("-u").output();
    output.is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}

fn has_c_compiler() -> bool {
    let compiler = std::env::var_os("CC").unwrap_or_else(|| "cc".into());
    let child = Command::new(compiler)
        .args(["-x", "c", "-fsyntax-only", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    let Ok(mut child) = child else { return false };
    let written = child.stdin.take().is_some_and(|mut stdin| {
        stdin
            .write_all(b"#include <stdlib.h>\nint main(void) { return 0; }\n")
            .is_ok()
    });
    let compiled = child.wait().is_ok_and(|status| status.success());
    written && compiled
}

fn has_make() -> bool {
    succeeds(Command::new("make").arg("--version"))
}

fn has_perl() -> bool {
    // Debian's perl-base has the program but not these modules.
    succeeds(Command::new("perl").args(["-MFindBin", "-MIPC::Cmd", "-MFile::Compare", "-e", "1"]))
}

fn has_maven() -> bool {
    succeeds(Command::new("mvn").arg("--version"))
}

fn has_jdk() -> bool {
    let output = Command::new("javac").arg("-version").output();
    output.is_ok_and(|output| {
        let text = String::from_utf8_lossy(&output.stdout);
        java_version(&text).is_some_and(|version| version >= JAVA_VERSION_MIN)
    })
}

/// The version in what `javac -version` says, such as `javac 17.0.15`.
fn java_version(text: &str) -> Option<u32> {
    let version = text.trim().strip_prefix("javac ")?;
    version.split(['.', '-', '+']).next()?.parse().ok()
}

pub(crate) fn succeeds(command: &mut Command) -> bool {
    let quiet = command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    quiet.status().is_ok_and(|status| status.success())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instructions_name_what_is_missing() {
        let text = instructions(&["make", "perl"], BUILD_ELSEWHERE);
        assert!(text.contains("apt-get install make perl"));
        assert!(text.contains("\n    macOS:"));
    }

    #[test]
    fn the_version_of_java_is_read() {
        assert_eq!(java_version("javac 17.0.15\n"), Some(17));
        assert_eq!(java_version("javac 25-ea\n"), Some(25));
        assert_eq!(java_version("javac 1.8.0_402\n"), Some(1));
        assert_eq!(java_version("command not found"), None);
    }

    #[test]
    fn a_program_that_is_not_there_is_not_present() {
        assert!(!succeeds(&mut Command::new("no-such-program-anywhere")));
    }
}
