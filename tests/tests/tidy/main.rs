//! The borders of the code base, held by a test: which crate may name which library, who may
//! look at a clock, how long a file and a function may be, and whether the documents still name
//! files that exist.
//!
//! [`source`] reads the tree, [`rules`] judges one file at a time and [`documents`] and
//! [`manifests`] do the same for Markdown and for `Cargo.toml`. Every rule has a test that it
//! can fail.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test"
)]

mod documents;
mod manifests;
mod readme;
mod rules;
mod source;

/// Fails with the whole list, so that one run names every breach.
fn assert_none(rule: &str, breaches: &[String]) {
    assert!(breaches.is_empty(), "{rule}:\n  {}", breaches.join("\n  "));
}

#[test]
fn borders_hold() {
    let files = source::rust_files();
    assert!(files.len() > 20, "the source tree was not found");
    for border in rules::BORDERS {
        let breaches: Vec<String> = files
            .iter()
            .flat_map(|file| rules::border_breaches(border, file))
            .collect();
        assert_none(border.rule, &breaches);
    }
}

#[test]
fn sql_stands_only_in_the_stores() {
    let files = source::rust_files();
    let breaches: Vec<String> = files.iter().flat_map(rules::sql_breaches).collect();
    assert_none("SQL only in core/src/store and the server's log", &breaches);
}

#[test]
fn files_and_functions_are_short() {
    let files = source::rust_files();
    let breaches: Vec<String> = files.iter().flat_map(rules::length_breaches).collect();
    assert_none("files ≤ 800 lines, functions ≤ 70", &breaches);
}

#[test]
fn every_module_opens_with_its_purpose() {
    let files = source::rust_files();
    let breaches: Vec<String> = files.iter().filter_map(rules::opening_breach).collect();
    assert_none("every file opens with `//!`", &breaches);
}

#[test]
fn dependencies_point_the_right_way() {
    let breaches: Vec<String> = manifests::RULES
        .iter()
        .flat_map(|rule| manifests::breaches(rule, &manifest(rule.folder)))
        .collect();
    assert_none("dependencies", &breaches);
}

#[test]
fn nothing_is_built_twice() {
    let of_tests = manifest("tests");
    let breaches: Vec<String> = manifests::RULES
        .iter()
        .flat_map(|rule| manifests::built_twice(&manifest(rule.folder), &of_tests))
        .collect();
    assert_none("dev-dependencies", &breaches);
}

fn manifest(folder: &str) -> String {
    let path = source::root().join(folder).join("Cargo.toml");
    std::fs::read_to_string(path).unwrap()
}

#[test]
fn documents_name_only_files_that_exist() {
    let breaches: Vec<String> = source::markdown_files()
        .iter()
        .flat_map(|path| documents::missing_files(path))
        .collect();
    assert_none("links and file names in documents", &breaches);
}
