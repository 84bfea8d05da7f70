//! What one Rust file must not contain, and how it must look.

use crate::source::RustFile;

/// Words that may stand only in some places.
pub(crate) struct Border {
    /// For the person whose change breaks it.
    pub(crate) rule: &'static str,
    /// The words, whole.
    pub(crate) words: &'static [&'static str],
    /// Starts of paths to which the rule applies.
    pub(crate) within: &'static [&'static str],
    /// Starts of paths that are free of it.
    pub(crate) except: &'static [&'static str],
    /// Whether integration tests are free of it as well.
    pub(crate) tests: Tests,
}

/// What a border says about files that are all tests.
#[derive(PartialEq, Eq)]
pub(crate) enum Tests {
    /// The rule is for them too.
    Included,
    /// They may do as they like.
    Free,
}

/// The borders of the code base.
pub(crate) const BORDERS: &[Border] = &[
    Border {
        rule: "rusqlite only in core/src/store and the server's log",
        words: &["rusqlite"],
        within: &[""],
        except: &[
            "core/src/store",
            "sample-server/src/log",
            "tests/src/",
            "tests/tests/",
        ],
        tests: Tests::Free,
    },
    Border {
        rule: "OpenMLS only in mls, and in the member that breaks its rules",
        words: &["openmls", "openmls_traits", "tls_codec"],
        within: &[""],
        except: &["mls/", "tests/src/puppet/unruly.rs"],
        tests: Tests::Included,
    },
    Border {
        rule: "tokio and async functions in core only in driver, transport, ws and client",
        words: &["tokio", "async"],
        within: &["core/src/"],
        except: &[
            "core/src/driver",
            "core/src/transport",
            "core/src/ws",
            "core/src/client",
        ],
        tests: Tests::Free,
    },
    Border {
        rule: "the server's hub and log know no tokio",
        words: &["tokio", "async"],
        within: &["sample-server/src/hub", "sample-server/src/log"],
        except: &[],
        tests: Tests::Free,
    },
    Border {
        rule: "uniffi only in bindings",
        words: &["uniffi"],
        within: &[""],
        except: &["bindings/"],
        tests: Tests::Included,
    },
    Border {
        rule: "clocks and the operating system's randomness only in the drivers",
        words: &["SystemTime", "Instant", "getrandom", "thread_rng", "OsRng"],
        within: &["protocol/", "mls/", "core/", "sample-server/"],
        except: &[
            "core/src/driver",
            "sample-server/src/clock.rs",
            "sample-server/src/runtime",
            "sample-server/src/drain.rs",
            "sample-server/src/limits.rs",
            "sample-server/src/auth/signing.rs",
        ],
        tests: Tests::Free,
    },
];

/// Every line of a file that a border forbids.
pub(crate) fn border_breaches(border: &Border, file: &RustFile) -> Vec<String> {
    let starts = |list: &[&str]| list.iter().any(|start| file.path.starts_with(start));
    let free = border.tests == Tests::Free && file.is_test();
    if free || !starts(border.within) || starts(border.except) {
        return Vec::new();
    }
    let breaks = |line: &str| words(line).any(|word| border.words.contains(&word));
    numbered(&file.code)
        .filter(|(_, line)| breaks(line))
        .map(|(number, line)| format!("{}:{number}: {}", file.path, line.trim()))
        .collect()
}

/// Strings that are SQL, outside the two places for it.
pub(crate) fn sql_breaches(file: &RustFile) -> Vec<String> {
    const HOMES: [&str; 3] = ["core/src/store", "sample-server/src/log", "tests/"];
    if file.is_test() || HOMES.iter().any(|home| file.path.starts_with(home)) {
        return Vec::new();
    }
    let strings = file.strings.iter();
    strings
        .filter(|(_, text)| is_sql(text))
        .map(|(line, text)| format!("{}:{line}: {text}", file.path))
        .collect()
}

fn is_sql(text: &str) -> bool {
    const STARTS: [&str; 12] = [
        "SELECT ",
        "INSERT INTO ",
        "INSERT OR ",
        "UPDATE ",
        "DELETE FROM ",
        "CREATE TABLE ",
        "CREATE INDEX ",
        "CREATE UNIQUE ",
        "DROP TABLE ",
        "ALTER TABLE ",
        "PRAGMA ",
        "BEGIN IMMEDIATE",
    ];
    let text = text.trim_start();
    STARTS.iter().any(|start| text.starts_with(start))
}

/// Functions that may be longer: translation tables with one arm per kind of frame, where a cut
/// would only hide that the table is complete.
const TABLES: [(&str, &str); 3] = [
    ("protocol/src/convert/from_client.rs", "to_wire"),
    ("protocol/src/convert/from_server.rs", "to_wire"),
    ("protocol/src/convert/from_server.rs", "from_wire"),
];

/// A file over 800 lines, and every function over 70, tests not counted.
pub(crate) fn length_breaches(file: &RustFile) -> Vec<String> {
    const FILE_LINES_MAX: usize = 800;
    const FUNCTION_LINES_MAX: usize = 70;
    if file.is_test() {
        return Vec::new();
    }
    let mut breaches = Vec::new();
    let lines = file.text.lines().count() - blanked_lines(file);
    if lines > FILE_LINES_MAX {
        breaches.push(format!("{}: {lines} lines", file.path));
    }
    for (name, start, length) in functions(&file.code) {
        let table = TABLES.contains(&(file.path.as_str(), name.as_str()));
        if length > FUNCTION_LINES_MAX && !table {
            breaches.push(format!("{}:{start}: {name} has {length} lines", file.path));
        }
    }
    breaches
}

/// Lines that are in the text but no longer in the code because they belong to tests.
fn blanked_lines(file: &RustFile) -> usize {
    let Some(start) = file.text.find("#[cfg(test)]\nmod ") else {
        return 0;
    };
    let before = file.text.get(..start).unwrap_or_default().lines().count();
    let after = file.code.lines().skip(before);
    let kept = after.filter(|line| !line.trim().is_empty()).count();
    file.text.lines().count() - before - kept
}

/// Name, first line and length of every function; the code must be formatted by rustfmt, which
/// puts the closing brace under the first letter of the declaration.
fn functions(code: &str) -> Vec<(String, usize, usize)> {
    let mut found = Vec::new();
    let mut open: Vec<(String, usize, String)> = Vec::new();
    for (number, line) in numbered(code) {
        let content = line.trim_start();
        let indent = &line[..line.len() - content.len()];
        let closed = open
            .last()
            .is_some_and(|(_, _, end)| line.trim_end() == *end);
        if closed && let Some((name, start, _)) = open.pop() {
            found.push((name, start, number - start + 1));
        }
        if let Some(name) = function_name(content)
            && !content.ends_with('}')
        {
            open.push((name.to_owned(), number, format!("{indent}}}")));
        } else if content.ends_with(';')
            && open
                .last()
                .is_some_and(|(_, _, end)| end.len() == indent.len() + 1 && !content.contains('}'))
        {
            // A declaration without a body, as in a trait.
            open.pop();
        }
    }
    found
}

fn function_name(content: &str) -> Option<&str> {
    const BEFORE: [&str; 9] = [
        "pub", "const", "async", "unsafe", "extern", "default", "(crate)", "(super)", "",
    ];
    let (before, after) = content.split_once("fn ")?;
    let modifiers = before.replace('(', " (");
    let only_modifiers = modifiers
        .split_whitespace()
        .all(|word| BEFORE.contains(&word) || word.starts_with("(in"));
    let name = after.split(|c: char| !(c.is_alphanumeric() || c == '_'));
    name.into_iter()
        .next()
        .filter(|name| only_modifiers && !name.is_empty())
}

/// A file that does not say first what it is for.
pub(crate) fn opening_breach(file: &RustFile) -> Option<String> {
    let first = file.text.lines().find(|line| !line.trim().is_empty());
    let opens = first.is_some_and(|line| line.starts_with("//!") && line.trim().len() > 8);
    (!opens).then(|| file.path.clone())
}

fn numbered(code: &str) -> impl Iterator<Item = (usize, &str)> {
    code.lines().zip(1..).map(|(line, number)| (number, line))
}

fn words(line: &str) -> impl Iterator<Item = &str> {
    line.split(|c: char| !(c.is_alphanumeric() || c == '_'))
}

#[test]
fn every_border_can_be_broken() {
    for border in BORDERS {
        let word = border.words[0];
        let within = border.within[0];
        let path = match within {
            "" => "xtask/src/main.rs".to_owned(),
            within => format!("{within}x.rs"),
        };
        let code = format!("//! Purpose.\nuse {word}::thing;\n");
        let broken = border_breaches(border, &RustFile::new(&path, &code));
        assert_eq!(broken.len(), 1, "{}", border.rule);
        let comment = format!("//! Purpose.\n// {word} is not named here\n");
        let fine = border_breaches(border, &RustFile::new(&path, &comment));
        assert!(fine.is_empty(), "{}", border.rule);
        if let Some(except) = border.except.first() {
            let allowed = RustFile::new(&format!("{except}.rs"), &code);
            assert!(
                border_breaches(border, &allowed).is_empty(),
                "{}",
                border.rule
            );
        }
    }
}

#[test]
fn sql_in_the_wrong_place_is_found() {
    let code = "//! Purpose.\nconst Q: &str = \"SELECT 1 FROM t\";\n";
    assert_eq!(
        sql_breaches(&RustFile::new("core/src/query.rs", code)).len(),
        1
    );
    assert!(sql_breaches(&RustFile::new("core/src/store/query.rs", code)).is_empty());
}

#[test]
fn long_functions_and_files_are_found() {
    let line = "    work();\n";
    let long = format!(
        "//! P.\npub(crate) fn long() {{\n{}}}\nfn short() {{\n{line}}}\n",
        line.repeat(70)
    );
    let breaches = length_breaches(&RustFile::new("core/src/x.rs", &long));
    assert_eq!(breaches, ["core/src/x.rs:2: long has 72 lines"]);

    let file = format!("//! Purpose.\n{}", "const A: u8 = 1;\n".repeat(800));
    assert_eq!(
        length_breaches(&RustFile::new("core/src/x.rs", &file)).len(),
        1
    );
    let mostly_tests = format!(
        "//! Purpose.\n#[cfg(test)]\nmod tests {{\n{}}}\n",
        "    const A: u8 = 1;\n".repeat(900)
    );
    assert!(length_breaches(&RustFile::new("core/src/x.rs", &mostly_tests)).is_empty());
}

#[test]
fn functions_are_measured_through_traits_and_nesting() {
    let code = "trait T {\n    fn declared(&self);\n    fn given(&self) {\n        a();\n    }\n}\n\
                fn outer(\n    a: u8,\n) {\n    fn inner() {\n        b();\n    }\n}\n";
    let names: Vec<(String, usize)> = functions(code)
        .into_iter()
        .map(|(name, _, length)| (name, length))
        .collect();
    let expected = [("given", 3), ("inner", 3), ("outer", 7)];
    assert_eq!(names, expected.map(|(name, length)| (name.into(), length)));
}

#[test]
fn a_file_without_a_purpose_is_found() {
    assert!(opening_breach(&RustFile::new("a/src/x.rs", "use std::fmt;\n")).is_some());
    assert!(opening_breach(&RustFile::new("a/src/x.rs", "//! What it is for.\n")).is_none());
}
