//! The Swift tests: run by the Swift of this machine, or by one that is fetched.
//!
//! Debian 13 has a Swift compiler. Where there is none installed, and this runs as root on a
//! Debian, a small Debian 13 with that compiler is put into the user's cache folder, outside the
//! repository, and used from there without changing the machine.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::failure::{Failure, Result};
use crate::{setup, step, workspace};

/// Set to anything, it leaves the Swift tests out.
const SKIP: &str = "WHIMBREL_SKIP_SWIFT";

/// What type-checks the files for iOS.
const CHECK_IOS: &str = "tests/ffi/ios/check.sh";

/// The release of Debian that is fetched.
const SUITE: &str = "trixie";
/// The compiler, what it needs to link, and what its package manager needs.
const PACKAGES: &str = "swiftlang,ca-certificates,libc6-dev,libstdc++-14-dev,binutils-gold,git";

/// Runs a program in another root folder, in which some folders of this machine are seen at their
/// own place. The mounts are in a namespace of their own, and end with the program.
const ENTER: &str = r#"set -eu
root=$1
shift
for folder in /proc /dev; do mount --rbind "$folder" "$root$folder"; done
while [ "$1" != -- ]; do
    mkdir -p "$root$1"
    mount --rbind "$1" "$root$1"
    shift
done
shift
exec chroot "$root" "$@"
"#;

/// The server that the tests talk to, with its files in the folder of the tests.
pub(crate) struct Server<'a> {
    /// Its address.
    pub(crate) url: &'a str,
    /// The fingerprint of its certificate.
    pub(crate) fingerprint: &'a str,
    /// Its data folder.
    pub(crate) folder: &'a Path,
}

/// Why the Swift tests are left out, if they are to be.
pub(crate) fn skipped() -> Option<&'static str> {
    std::env::var_os(SKIP).map(|_| "WHIMBREL_SKIP_SWIFT is set")
}

/// Runs the Swift tests, with files in a folder.
///
/// # Errors
/// [`Failure::Missing`] where there is no Swift and none can be fetched.
pub(crate) fn test(server: &Server<'_>, folder: &Path) -> Result<()> {
    step::run(command(server, folder, &workspace::programs()?)?)
}

/// Type-checks what only iOS compiles, after the tests have built the package.
pub(crate) fn check_ios() -> Result<()> {
    let root = workspace::root();
    let scratch = scratch()?;
    let seen = [root.as_path(), &scratch];
    let mut command = Toolchain::find()?.command("sh", &enter(&scratch)?, &seen);
    command
        .arg(root.join(CHECK_IOS))
        .arg(&root)
        .arg(scratch.join("debug"))
        .arg(scratch.join("ios"));
    step::run(command)
}

/// The folder of what Swift builds.
fn scratch() -> Result<PathBuf> {
    let scratch = workspace::target_folder()?.join("swift");
    fs::create_dir_all(&scratch).map_err(Failure::file("make", &scratch))?;
    Ok(scratch)
}

/// The script that enters a fetched toolchain.
fn enter(scratch: &Path) -> Result<PathBuf> {
    let enter = scratch.join("enter.sh");
    fs::write(&enter, ENTER).map_err(Failure::file("write", &enter))?;
    Ok(enter)
}

/// The command that runs the Swift tests, with the library and the programs in a folder.
pub(crate) fn command(server: &Server<'_>, folder: &Path, programs: &Path) -> Result<Command> {
    let scratch = scratch()?;
    let root = workspace::root();
    let seen = [root.as_path(), programs, &scratch, folder];
    let mut command = Toolchain::find()?.command("swift", &enter(&scratch)?, &seen);
    let library_folder = |before: &str| {
        let mut argument = OsString::from(before);
        argument.push(programs);
        argument
    };
    command
        .env("WHIMBREL_TEST_SERVER", server.url)
        .env("WHIMBREL_TEST_FINGERPRINT", server.fingerprint)
        .env("WHIMBREL_TEST_SERVER_FOLDER", server.folder)
        .env("WHIMBREL_TEST_PROGRAMS", programs)
        .env("LD_LIBRARY_PATH", programs)
        .env("TMPDIR", folder)
        // It panics on purpose; the traces would hide what matters.
        .env("RUST_BACKTRACE", "0")
        .arg("test")
        .arg("--package-path")
        .arg(&root)
        .arg("--scratch-path")
        .arg(&scratch)
        .arg("--no-parallel")
        .arg("-Xlinker")
        .arg(library_folder("-L"));
    Ok(command)
}

/// A Swift compiler.
enum Toolchain {
    /// The one of this machine.
    Installed,
    /// One in a root folder of its own.
    Fetched(PathBuf),
}

impl Toolchain {
    /// The installed one, else the one in the cache, else one that is fetched into it.
    fn find() -> Result<Self> {
        if setup::succeeds(Command::new("swift").arg("--version")) {
            return Ok(Self::Installed);
        }
        let cache = cache_folder().ok_or_else(|| Failure::Missing(instructions()))?;
        let root = cache.join(format!("swift-{SUITE}"));
        if root.is_dir() {
            println!("using the Swift in {}", root.display());
        } else {
            fetch(&cache, &root)?;
        }
        Ok(Self::Fetched(root))
    }

    /// The command `program`, which has the compiler and sees these folders at their place;
    /// `enter` is the script for a fetched one.
    fn command(&self, program: &str, enter: &Path, seen: &[&Path]) -> Command {
        match self {
            Self::Installed => Command::new(program),
            Self::Fetched(root) => {
                let mut command = Command::new("unshare");
                command.args(["--mount", "sh"]).arg(enter).arg(root);
                command.args(seen).args(["--", program]);
                command
            }
        }
    }
}

/// The folder of this project in the user's cache.
fn cache_folder() -> Option<PathBuf> {
    let absolute = |name: &str| {
        let path = PathBuf::from(std::env::var_os(name)?);
        path.is_absolute().then_some(path)
    };
    let cache = absolute("XDG_CACHE_HOME").or_else(|| Some(absolute("HOME")?.join(".cache")))?;
    Some(cache.join("whimbrel"))
}

/// Puts a small Debian with a Swift compiler into a folder of the cache.
fn fetch(cache: &Path, root: &Path) -> Result<()> {
    if !setup::is_debian() || !setup::is_root() {
        return Err(Failure::Missing(instructions()));
    }
    let mirror = mirror()?;
    println!(
        "there is no Swift on this machine: fetching one from {mirror} into {} (3 GB, once)",
        root.display()
    );
    if !setup::succeeds(Command::new("debootstrap").arg("--version")) {
        setup::install(&["debootstrap"])?;
    }
    // A folder that was left half done must not be taken for a whole one.
    let partial = root.with_extension("partial");
    if partial.exists() {
        fs::remove_dir_all(&partial).map_err(Failure::file("remove", &partial))?;
    }
    fs::create_dir_all(cache).map_err(Failure::file("make", cache))?;
    let mut command = Command::new("debootstrap");
    command
        .args(["--variant=minbase", &format!("--include={PACKAGES}"), SUITE])
        .arg(&partial)
        .arg(&mirror);
    step::run(command)?;
    fs::rename(&partial, root).map_err(Failure::file("rename", &partial))
}

/// The mirror that this machine's own apt uses.
fn mirror() -> Result<String> {
    let mut command = Command::new("apt-get");
    command.args(["indextargets", "--format", "$(SITE)"]);
    command.args(["Created-By: Packages", "Origin: Debian", "Label: Debian"]);
    let output = command.output().map_err(|source| Failure::Start {
        program: "apt-get indextargets".into(),
        source,
    })?;
    let text = String::from_utf8_lossy(&output.stdout);
    let first = text.lines().next().map(str::to_owned);
    first.ok_or_else(|| {
        Failure::Missing(format!(
            "apt knows no Debian mirror to fetch a Swift compiler from.\n{}",
            instructions()
        ))
    })
}

fn instructions() -> String {
    format!(
        "The Swift tests need Swift 6. Install one and run the same task again:\n\
         \x20   Debian 13:       apt-get install swiftlang\n\
         \x20   other Linux:     the toolchain of swift.org\n\
         \x20   macOS:           Xcode 16\n\
         On Debian 12, as root, it is fetched into the cache folder by itself.\n\
         To leave these tests out, set {SKIP}."
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fetched_swift_is_started_in_its_own_root() {
        let toolchain = Toolchain::Fetched(PathBuf::from("/cache/swift"));
        let seen = [Path::new("/tree"), Path::new("/target")];
        let command = toolchain.command("swift", Path::new("enter.sh"), &seen);
        let words: Vec<_> = command.get_args().skip(2).collect();
        assert_eq!(command.get_program(), "unshare");
        assert_eq!(
            words,
            [
                "enter.sh",
                "/cache/swift",
                "/tree",
                "/target",
                "--",
                "swift"
            ]
        );
    }

    #[test]
    fn instructions_say_what_to_install_and_how_to_skip() {
        let text = instructions();
        assert!(text.contains("swiftlang") && text.contains("Xcode"));
        assert!(text.contains(SKIP));
    }
}
