//! Reads the source tree and takes Rust files apart into code, strings and tests.

use std::fs;
use std::path::{Path, PathBuf};

/// The root folder of the repository.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .unwrap()
        .to_path_buf()
}

/// A Rust file.
#[derive(Debug)]
pub(crate) struct RustFile {
    /// From the root, with `/` between folders.
    pub(crate) path: String,
    /// Its text as it stands.
    pub(crate) text: String,
    /// The same lines without comments, contents of strings, and `#[cfg(test)]` modules.
    pub(crate) code: String,
    /// The strings of the lines that `code` keeps, each with its line number from 1.
    pub(crate) strings: Vec<(usize, String)>,
}

impl RustFile {
    /// Takes a text apart.
    pub(crate) fn new(path: &str, text: &str) -> Self {
        let Lexed { code, strings } = lex(text);
        let (code, in_tests) = without_test_modules(&code);
        let strings = strings
            .into_iter()
            .filter(|(line, _)| !in_tests.contains(line))
            .collect();
        Self {
            path: path.to_owned(),
            text: text.to_owned(),
            code,
            strings,
        }
    }

    /// Whether this file is all tests: an integration test or a test module in its own file.
    pub(crate) fn is_test(&self) -> bool {
        let mut parts = self.path.split('/').skip(1);
        let in_tests_folder = parts.any(|part| part == "tests" || part == "tests.rs");
        in_tests_folder || self.path.ends_with("_tests.rs")
    }
}

/// Every Rust file of the workspace, sorted by path.
pub(crate) fn rust_files() -> Vec<RustFile> {
    let mut paths = Vec::new();
    walk(&root(), &mut paths);
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "rs"));
    paths
        .iter()
        .map(|path| {
            let relative = path.strip_prefix(root()).unwrap();
            let name = relative.to_str().unwrap().replace('\\', "/");
            RustFile::new(&name, &fs::read_to_string(path).unwrap())
        })
        .collect()
}

/// Every Markdown file of the workspace, sorted by path.
pub(crate) fn markdown_files() -> Vec<PathBuf> {
    let mut paths = Vec::new();
    walk(&root(), &mut paths);
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "md"));
    paths
}

fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
    let mut entries: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    entries.sort();
    for path in entries {
        let name = path.file_name().unwrap().to_string_lossy();
        if name.starts_with('.') || name == "target" {
            continue;
        }
        if path.is_dir() {
            walk(&path, found);
        } else {
            found.push(path);
        }
    }
}

struct Lexed {
    code: String,
    strings: Vec<(usize, String)>,
}

/// Blanks comments and the contents of strings; keeps every line break where it was.
fn lex(text: &str) -> Lexed {
    let characters: Vec<char> = text.chars().collect();
    let mut lexed = Lexed {
        code: String::new(),
        strings: Vec::new(),
    };
    let mut at = 0;
    while at < characters.len() {
        let rest = &characters[at..];
        let length = match rest {
            ['/', '/', ..] => rest.iter().position(|c| *c == '\n').unwrap_or(rest.len()),
            ['/', '*', ..] => block_comment(rest),
            ['"', ..] => string(rest, &mut lexed),
            ['r', '"' | '#', ..] if !ends_in_word(&lexed.code) => raw_string(rest, &mut lexed),
            ['\'', ..] => character(rest),
            _ => 0,
        };
        let skipped = &rest[..length];
        lexed.code.extend(skipped.iter().filter(|c| **c == '\n'));
        if length == 0 {
            lexed.code.push(rest[0]);
        }
        at += length.max(1);
    }
    lexed
}

fn ends_in_word(code: &str) -> bool {
    code.ends_with(|c: char| c.is_alphanumeric() && c != 'b' || c == '_')
}

/// Length of a block comment, nested ones included.
fn block_comment(rest: &[char]) -> usize {
    let mut depth = 0_usize;
    let mut at = 0;
    while at < rest.len() {
        match rest[at..] {
            ['/', '*', ..] => (depth, at) = (depth + 1, at + 2),
            ['*', '/', ..] => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
        if depth == 0 {
            break;
        }
    }
    at
}

/// Length of a string literal, whose contents are remembered.
fn string(rest: &[char], lexed: &mut Lexed) -> usize {
    let mut at = 1;
    while at < rest.len() && rest[at] != '"' {
        at += if rest[at] == '\\' { 2 } else { 1 };
    }
    remember(&rest[1..at.min(rest.len())], lexed);
    (at + 1).min(rest.len())
}

/// Length of a raw string literal, or 0 where there is none (as in `r#type`).
fn raw_string(rest: &[char], lexed: &mut Lexed) -> usize {
    let hashes = rest[1..].iter().take_while(|c| **c == '#').count();
    if rest.get(1 + hashes) != Some(&'"') {
        return 0;
    }
    let start = 2 + hashes;
    let mut at = start;
    while at < rest.len() {
        let closed = rest[at] == '"' && rest[at + 1..].iter().take(hashes).all(|c| *c == '#');
        if closed {
            break;
        }
        at += 1;
    }
    remember(&rest[start..at], lexed);
    (at + 1 + hashes).min(rest.len())
}

/// Length of a character literal, or 0 where the quote begins a lifetime.
fn character(rest: &[char]) -> usize {
    match rest {
        [_, '\\', ..] => rest[3..]
            .iter()
            .position(|c| *c == '\'')
            .map_or(0, |end| 3 + end + 1),
        [_, _, '\'', ..] => 3,
        _ => 0,
    }
}

fn remember(contents: &[char], lexed: &mut Lexed) {
    let line = lexed.code.matches('\n').count() + 1;
    lexed.strings.push((line, contents.iter().collect()));
}

/// Blanks the lines of `#[cfg(test)] mod … { … }`, and says which lines those were.
fn without_test_modules(code: &str) -> (String, Vec<usize>) {
    let mut kept = String::new();
    let mut blanked = Vec::new();
    let mut waiting = false;
    let mut closing: Option<String> = None;
    for (index, line) in code.lines().enumerate() {
        let content = line.trim_start();
        let indent = &line[..line.len() - content.len()];
        if let Some(end) = &closing {
            blanked.push(index + 1);
            if line == end {
                closing = None;
            }
        } else if content.starts_with("#[cfg(test)]") {
            waiting = true;
        } else if waiting && content.starts_with("mod ") && content.ends_with('{') {
            blanked.push(index + 1);
            closing = Some(format!("{indent}}}"));
            waiting = false;
        } else {
            waiting = waiting && content.starts_with("#[");
            kept.push_str(line);
        }
        kept.push('\n');
    }
    (kept, blanked)
}

#[test]
fn comments_strings_and_tests_are_taken_out() {
    let text = "//! about rusqlite\nfn a() { let q = \"SELECT x\"; /* rusqlite */ }\n\
                fn b<'a>(c: &'a str) -> char { '\"' }\nconst R: &str = r#\"UPDATE \"t\"\"#;\n\
                #[cfg(test)]\nmod tests {\n    fn c() { rusqlite(\"DELETE\"); }\n}\nfn d() {}\n";
    let file = RustFile::new("core/src/x.rs", text);
    assert!(!file.code.contains("rusqlite"));
    assert!(file.code.contains("fn d() {}"));
    assert!(file.code.contains("fn b<'a>"));
    assert_eq!(file.code.lines().count(), text.lines().count());
    let strings: Vec<&str> = file.strings.iter().map(|(_, s)| s.as_str()).collect();
    assert_eq!(strings, ["SELECT x", "UPDATE \"t\""]);
    assert_eq!(file.strings[1].0, 4);
}
