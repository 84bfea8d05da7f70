//! The example in the README is the one in the documentation of the core, which a documentation
//! test compiles.

use std::fs;

use crate::source;

/// The first block of code in a text whose opening line is `fence`.
fn block<'text>(text: &'text str, fence: &str) -> &'text str {
    let opening = format!("{fence}\n");
    let (_, after) = text.split_once(&opening).unwrap();
    after.split_once("```").unwrap().0
}

/// The text of the `//!` lines a file begins with.
fn crate_documentation(file: &str) -> String {
    let lines = file.lines().map_while(|line| line.strip_prefix("//!"));
    lines
        .map(|line| format!("{}\n", line.strip_prefix(' ').unwrap_or(line)))
        .collect()
}

#[test]
fn the_readme_shows_the_example_that_compiles() {
    let root = source::root();
    let readme = fs::read_to_string(root.join("README.md")).unwrap();
    let core = fs::read_to_string(root.join("core/src/lib.rs")).unwrap();
    let documentation = crate_documentation(&core);
    assert_eq!(
        block(&readme, "```rust,no_run"),
        block(&documentation, "```no_run")
    );
}

#[test]
fn another_example_is_found() {
    let documentation =
        crate_documentation("//! A\n//!\n//! ```no_run\n//! a();\n//! ```\nmod b;\n");
    assert_eq!(documentation, "A\n\n```no_run\na();\n```\n");
    assert_eq!(block(&documentation, "```no_run"), "a();\n");
}
