//! Which package must not depend on which, read from the `Cargo.toml` files, and that every
//! command of the workspace builds the dependencies with the same features.

/// What one package must not depend on. Dev-dependencies are free.
pub(crate) struct Rule {
    /// Folder of the package.
    pub(crate) folder: &'static str,
    /// Names of packages, or starts of names where they end in `*`.
    pub(crate) never: &'static [&'static str],
}

/// The rules of the workspace (see docs/ARCHITECTURE.md).
pub(crate) const RULES: &[Rule] = &[
    Rule {
        folder: "protocol",
        never: &["tokio*", "rusqlite", "openmls*", "whimbrel*", "uniffi*"],
    },
    Rule {
        folder: "mls",
        never: &[
            "tokio*",
            "rusqlite",
            "whimbrel",
            "getrandom",
            "uniffi*",
            "axum*",
        ],
    },
    Rule {
        folder: "core",
        never: &["uniffi*", "axum*", "openmls*", "whimbrel-server"],
    },
    Rule {
        folder: "bindings",
        never: &[
            "whimbrel-mls",
            "whimbrel-protocol",
            "whimbrel-server",
            "rusqlite",
            "openmls*",
            "axum*",
        ],
    },
    Rule {
        folder: "sample-server",
        never: &["whimbrel", "uniffi*", "openmls*"],
    },
    Rule {
        folder: "cli",
        never: &["whimbrel-mls", "whimbrel-server", "rusqlite", "openmls*"],
    },
    Rule {
        folder: "xtask",
        never: &["whimbrel*", "rusqlite", "openmls*"],
    },
];

/// The dependencies of a `Cargo.toml` that its rule forbids.
pub(crate) fn breaches(rule: &Rule, manifest: &str) -> Vec<String> {
    let manifest: toml::Table = manifest.parse().unwrap();
    let dependencies = manifest.get("dependencies").and_then(toml::Value::as_table);
    let names = dependencies.into_iter().flat_map(toml::Table::keys);
    names
        .filter(|name| rule.never.iter().any(|never| matches(never, name)))
        .map(|name| format!("{} must not depend on {name}", rule.folder))
        .collect()
}

/// Dev-dependencies, with their features, that the tests package does not have as ordinary ones.
/// Each would be built once for `cargo build` and again, with other features, for `cargo test`.
pub(crate) fn built_twice(manifest: &str, of_tests: &str) -> Vec<String> {
    let ordinary = wanted(of_tests, "dependencies");
    wanted(manifest, "dev-dependencies")
        .into_iter()
        .filter(|need| !need.starts_with("whimbrel") && !ordinary.contains(need))
        .map(|need| format!("the tests package lacks {need}"))
        .collect()
}

/// Names of dependencies, and for each of their features `name/feature`.
fn wanted(manifest: &str, section: &str) -> Vec<String> {
    let manifest: toml::Table = manifest.parse().unwrap();
    let dependencies = manifest.get(section).and_then(toml::Value::as_table);
    let mut wanted = Vec::new();
    for (name, dependency) in dependencies.into_iter().flatten() {
        wanted.push(name.clone());
        let features = dependency.get("features").and_then(toml::Value::as_array);
        let features = features.into_iter().flatten();
        wanted.extend(features.map(|feature| format!("{name}/{}", feature.as_str().unwrap())));
    }
    wanted
}

fn matches(pattern: &str, name: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(start) => name.starts_with(start),
        None => name == pattern,
    }
}

#[test]
fn a_forbidden_dependency_is_found() {
    let rule = Rule {
        folder: "core",
        never: &["uniffi*", "axum"],
    };
    let manifest = "[dependencies]\nuniffi_core = \"1\"\naxum-server = \"1\"\n\
                    [dev-dependencies]\naxum = \"1\"\n";
    assert_eq!(
        breaches(&rule, manifest),
        ["core must not depend on uniffi_core"]
    );
}

#[test]
fn a_dev_dependency_that_would_be_built_twice_is_found() {
    let of_tests = "[dependencies]\na = { version = \"1\", features = [\"x\"] }\n";
    let manifest = "[dev-dependencies]\nb = \"1\"\nwhimbrel = \"1\"\n\
                    a = { version = \"1\", features = [\"x\", \"y\"] }\n";
    assert_eq!(
        built_twice(manifest, of_tests),
        ["the tests package lacks a/y", "the tests package lacks b"]
    );
}
