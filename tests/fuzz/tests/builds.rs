//! The fuzz target builds with libFuzzer, where there is a C++ compiler to build that.

#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a failed test may panic; a skipped one says so"
)]

use std::process::{Command, Stdio};

#[test]
fn the_target_builds_with_libfuzzer() {
    let compiler = std::env::var_os("CXX").unwrap_or_else(|| "c++".into());
    let version = Command::new(compiler)
        .arg("--version")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    if !version.is_ok_and(|status| status.success()) {
        println!("skipped: libFuzzer needs a C++ compiler, and there is none");
        return;
    }
    let built = Command::new(env!("CARGO"))
        .args([
            "build",
            "--quiet",
            "--features",
            "libfuzzer",
            "--bin",
            "decode",
        ])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .status();
    assert!(built.unwrap().success());
}
