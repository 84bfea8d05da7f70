//! Links and file names in Markdown files: each must lead to something that is there.

use std::fs;
use std::path::Path;

use crate::source;

/// Every link and file name in a document that leads nowhere.
pub(crate) fn missing_files(document: &Path) -> Vec<String> {
    let text = fs::read_to_string(document).unwrap();
    let name = document.strip_prefix(source::root()).unwrap().display();
    let missing = missing_in(&text, document.parent().unwrap());
    missing
        .iter()
        .map(|path| format!("{name}: {path}"))
        .collect()
}

/// What the text of a document in a folder names and is not there.
fn missing_in(text: &str, folder: &Path) -> Vec<String> {
    let links = links(text)
        .into_iter()
        .filter(|link| !folder.join(link).exists());
    let tests = tests_named(text)
        .into_iter()
        .filter(|(name, file)| !has_function(&folder.join(file), name))
        .map(|(name, file)| format!("{name} in {file}"));
    let names = file_names(text)
        .into_iter()
        .filter(|path| !folder.join(path).exists() && !source::root().join(path).exists());
    links.chain(tests).chain(names).collect()
}

/// Targets of links inside the repository, without their anchors.
fn links(text: &str) -> Vec<String> {
    text.split("](")
        .skip(1)
        .filter_map(|rest| rest.split([')', ' ']).next())
        .filter(|target| !target.contains("://") && !target.starts_with("mailto:"))
        .filter_map(|target| target.split('#').next())
        .filter(|target| !target.is_empty())
        .map(str::to_owned)
        .collect()
}

/// Links that name a test in code font, as [`some_test`](file.rs): the name and the file. A single
/// word is taken for the name of a module.
fn tests_named(text: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for rest in text.split("[`").skip(1) {
        let Some((name, after)) = rest.split_once("`](") else {
            continue;
        };
        let target = after.split(')').next().unwrap_or_default();
        let is_word = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        if is_word && name.contains('_') && target.ends_with(".rs") {
            found.push((name.to_owned(), target.to_owned()));
        }
    }
    found
}

fn has_function(file: &Path, name: &str) -> bool {
    let text = fs::read_to_string(file).unwrap_or_default();
    text.contains(&format!("fn {name}("))
}

/// Words in code font that look like a file of this repository: a folder and a known ending.
fn file_names(text: &str) -> Vec<String> {
    const ENDINGS: [&str; 7] = [".rs", ".md", ".toml", ".sql", ".proto", ".json", ".sh"];
    let mut names = Vec::new();
    let mut fenced = false;
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
        } else if !fenced {
            let words = line.split('`').skip(1).step_by(2);
            let plain = |word: &&str| {
                let allowed = |c: char| c.is_alphanumeric() || "/._-".contains(c);
                word.contains('/') && !word.starts_with(['/', '.']) && word.chars().all(allowed)
            };
            let files = words
                .filter(plain)
                .filter(|word| ENDINGS.iter().any(|ending| word.ends_with(ending)));
            names.extend(files.map(str::to_owned));
        }
    }
    names
}

#[test]
fn links_and_names_are_found() {
    let text = "See [a](docs/A.md#part), [b](https://example.org/x.md), [c](#here) and\n\
                `core/src/lib.rs`, `GET /x`, `name.rs`.\n```\n`not/here.rs`\n```\n";
    assert_eq!(links(text), ["docs/A.md"]);
    assert_eq!(file_names(text), ["core/src/lib.rs"]);
}

#[test]
fn tests_that_are_named_must_be_there() {
    let text =
        "See [`a_kill`](a.rs), [`types`](types.rs), [`x_y`](https://example.org/x), [b](c.rs).";
    assert_eq!(
        tests_named(text),
        [("a_kill".to_owned(), "a.rs".to_owned())]
    );
    let file = source::root().join("tests/tests/tidy/documents.rs");
    assert!(has_function(&file, "has_function"));
    assert!(!has_function(&file, "has_no_such_function"));
}

#[test]
fn a_document_that_names_a_missing_file_is_found() {
    let text = "[gone](no-such-file.md), [here](Cargo.toml) and `no/such.rs`, `docs/nor/this.md`";
    assert_eq!(
        missing_in(text, &source::root()),
        ["no-such-file.md", "no/such.rs", "docs/nor/this.md"]
    );
}
