//! `cargo xtask ios`: builds the library for Apple platforms and packs it as an XCFramework, which
//! the Swift package links. Only Apple's tools can do that, so it runs on macOS alone.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::failure::{Failure, Result};
use crate::workspace::{self, cargo};
use crate::{setup, step};

/// What the Swift package links, from the root of the repository.
const FRAMEWORK: &str = "ios/WhimbrelFFI.xcframework";
/// The C header and its module map.
const HEADERS: &str = "ios/Sources/WhimbrelFFI";
const LIBRARY: &str = "libwhimbrel_ffi.a";

/// A part of the XCFramework: targets that run on one platform, joined in one file.
struct Slice {
    name: &'static str,
    targets: &'static [&'static str],
}

const SLICES: &[Slice] = &[
    Slice {
        name: "ios",
        targets: &["aarch64-apple-ios"],
    },
    Slice {
        name: "ios-simulator",
        targets: &["aarch64-apple-ios-sim", "x86_64-apple-ios"],
    },
    Slice {
        name: "macos",
        targets: &["aarch64-apple-darwin", "x86_64-apple-darwin"],
    },
];

/// Builds, joins and packs.
///
/// # Errors
/// [`Failure::Missing`] elsewhere than on macOS.
pub(crate) fn run() -> Result<()> {
    if !cfg!(target_os = "macos") {
        return Err(Failure::Missing(
            "An XCFramework can be built on macOS only: it needs lipo and xcodebuild of Xcode 16.\n\
             On Linux, `cargo xtask test` runs the Swift package with the library for Linux."
                .into(),
        ));
    }
    setup::ensure()?;
    let folder = workspace::target_folder()?.join("ios");
    let headers = headers(&folder)?;
    let mut pack = Command::new("xcodebuild");
    pack.arg("-create-xcframework");
    for slice in SLICES {
        let library = slice.build(&folder)?;
        pack.arg("-library").arg(library);
        pack.arg("-headers").arg(&headers);
    }
    let framework = workspace::root().join(FRAMEWORK);
    if framework.exists() {
        fs::remove_dir_all(&framework).map_err(Failure::file("remove", &framework))?;
    }
    pack.arg("-output").arg(&framework);
    step::run(pack)?;
    println!("wrote {FRAMEWORK}");
    Ok(())
}

impl Slice {
    /// Builds the library for each target; gives the file that has them all.
    fn build(&self, folder: &Path) -> Result<PathBuf> {
        let mut join = Command::new("lipo");
        join.arg("-create");
        for target in self.targets {
            let mut build = cargo(&["build", "--profile", "mobile", "--package", "whimbrel-ffi"]);
            build.args(["--lib", "--target", target]);
            build.env("IPHONEOS_DEPLOYMENT_TARGET", "17.0");
            build.env("MACOSX_DEPLOYMENT_TARGET", "14.0");
            step::run(build)?;
            let built = workspace::target_folder()?.join(target).join("mobile");
            join.arg(built.join(LIBRARY));
        }
        let folder = folder.join(self.name);
        fs::create_dir_all(&folder).map_err(Failure::file("make", &folder))?;
        let library = folder.join(LIBRARY);
        join.arg("-output").arg(&library);
        step::run(join)?;
        Ok(library)
    }
}

/// A folder with the header and the module map in a folder of our own name: flat ones of several
/// packages would collide in an app.
fn headers(folder: &Path) -> Result<PathBuf> {
    let headers = folder.join("headers");
    let own = headers.join("WhimbrelFFI");
    fs::create_dir_all(&own).map_err(Failure::file("make", &own))?;
    for name in ["WhimbrelFFI.h", "module.modulemap"] {
        let to = own.join(name);
        let copied = fs::copy(workspace::root().join(HEADERS).join(name), &to);
        copied.map_err(Failure::file("write", &to))?;
    }
    Ok(headers)
}
