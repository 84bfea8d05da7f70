//! A seed tells the same story in every process.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::process::Command;

/// The hash of each run's history, by a process of its own.
fn hashes(jobs: &str) -> Vec<String> {
    let output = Command::new(env!("CARGO_BIN_EXE_sim"))
        .args([
            "--seeds",
            "6",
            "--seed",
            "3",
            "--history-hash",
            "--jobs",
            jobs,
        ])
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{text}");
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    lines.sort();
    lines
}

#[test]
fn two_processes_tell_the_same_histories() {
    let first = hashes("1");
    assert_eq!(first.len(), 6, "one line per seed");
    let distinct: std::collections::BTreeSet<&str> = first
        .iter()
        .filter_map(|line| line.split_once(' '))
        .map(|(_, hash)| hash)
        .collect();
    assert_eq!(distinct.len(), 6, "each seed has a story of its own");
    // Also when runs share a process at the same time.
    assert_eq!(first, hashes("2"));
}
