//! The configuration: the shipped example states the defaults, and nonsense is refused with the
//! line that is wrong and what is allowed.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test may stop at the first surprise"
)]

use std::path::Path;
use std::process::Command;

use whimbrel_server::config::{Config, EXAMPLE, LogFormat, LogLevel};

fn parse(text: &str) -> Result<Config, String> {
    Config::parse(text, Path::new("server.toml")).map_err(|error| error.to_string())
}

#[test]
fn the_example_states_the_defaults() {
    assert_eq!(parse(EXAMPLE).unwrap(), Config::default());
    assert_eq!(parse("").unwrap(), Config::default());
}

/// Every key that the example shows only in a comment is a key that exists.
#[test]
fn the_commented_keys_of_the_example_are_accepted() {
    let text: String = EXAMPLE
        .lines()
        .map(|line| match line.strip_prefix("# ") {
            Some(rest) if rest.starts_with('[') || rest.contains(" = ") => rest,
            _ => line,
        })
        .map(|line| line.replace("replace-this-by", "this-replaces") + "\n")
        .collect();
    let config = parse(&text).unwrap();
    assert!(config.tls.files.is_some());
    assert!(config.auth.trusted.is_some());
    assert!(config.metrics.token.is_some());
}

#[test]
fn every_key_can_be_set() {
    let config = parse(
        r#"
        data = "/var/lib/whimbrel"
        listen = "[::]:443"
        [tls]
        names = ["chat.example.org"]
        [auth.argon2]
        memory_kib = 47104
        [limits.address]
        tokens = { burst = 5, per_minute = 1 }
        [log]
        format = "json"
        level = "debug"
        "#,
    )
    .unwrap();
    assert_eq!(config.data, Path::new("/var/lib/whimbrel"));
    assert_eq!(config.listen.port(), 443);
    assert_eq!(
        config.tls.names.first().unwrap().as_str(),
        "chat.example.org"
    );
    assert_eq!(config.auth.argon2.memory_kib.get(), 47_104);
    assert_eq!(config.limits.address.tokens.burst.get(), 5);
    assert_eq!(config.log.format, LogFormat::Json);
    assert_eq!(config.log.level, LogLevel::Debug);
}

/// Text, where it is wrong, and words of the message.
const NONSENSE: &[(&str, &str, &str)] = &[
    ("port = 1", "1:1", "unknown field `port`, expected one of"),
    (
        "\nlisten = \"localhost:80\"",
        "2:10",
        "an IP address with a port",
    ),
    ("listen = 8443", "1:10", "expected a string"),
    ("data = [", "1:", "array"),
    ("data = \"\"", "1:8", "the name of a folder"),
    ("data = \"a\\u0000b\"", "1:8", "the name of a folder"),
    ("[limits]\nlink_ms = 300001", "2:11", "from 1000 to 300000"),
    (
        "\n\n[auth]\naccess_token_s = 0",
        "4:18",
        "a whole number from 1 to 86400",
    ),
    (
        "[auth]\naccess_token_s = 86401",
        "2:18",
        "a whole number from 1 to 86400",
    ),
    (
        "[auth]\naccess_token_s = -1",
        "2:18",
        "a whole number from 1 to 86400",
    ),
    (
        "[auth]\naccess_token_s = \"ten\"",
        "2:18",
        "a whole number from 1 to 86400",
    ),
    (
        "[auth]\nissuer = \"\"",
        "2:10",
        "1 to 255 printable characters",
    ),
    (
        "[auth]\npassword = \"x\"",
        "2:1",
        "unknown field `password`",
    ),
    (
        "[auth.argon2]\nmemory_kib = 8",
        "2:14",
        "from 7168 to 1048576",
    ),
    (
        "[tls.files]\ncertificate = \"a\"",
        "1:1",
        "missing field `key`",
    ),
    ("[limits]\nconnections = 0", "2:15", "from 1 to 1000000"),
    (
        "[limits.address]\ntokens = { burst = 0, per_minute = 1 }",
        "2:20",
        "from 1 to",
    ),
    (
        "[limits.address]\ntokens = { burst = 1 }",
        "2:10",
        "missing field `per_minute`",
    ),
    ("[limits.address]\ntokens = 5", "2:10", "expected"),
    ("[drain]\ntime_ms = 1", "2:11", "from 100 to 600000"),
    (
        "[log]\nlevel = \"loud\"",
        "2:9",
        "expected one of `error`, `warn`, `info`",
    ),
    ("[log]\nformat = \"xml\"", "2:10", "`text` or `json`"),
    (
        "[metrics]\ntoken = \"short\"",
        "2:9",
        "20 to 255 visible ASCII characters",
    ),
    (
        "[sockets]\nheartbeat_ms = 1.5",
        "2:16",
        "a whole number from 1000 to 300000",
    ),
    (
        "listen = \"127.0.0.1:1\"\nlisten = \"127.0.0.1:2\"",
        "2:1",
        "duplicate key",
    ),
    (
        "[auth.trusted]\nissuer = \"whimbrel\"\naudience = \"a\"\njwks_file = \"f\"\ndevice_claim = \"d\"",
        "1:1",
        "allowed is any other name",
    ),
];

#[test]
fn nonsense_is_refused_with_its_line_and_what_is_allowed() {
    for (text, place, words) in NONSENSE {
        let error = parse(text).expect_err(text);
        assert!(
            error.starts_with(&format!("server.toml:{place}")),
            "{text:?} at another place than {place}: {error}"
        );
        assert!(error.contains(words), "{text:?} without {words:?}: {error}");
        assert!(!error.contains('\n'), "one line: {error}");
    }
}

#[test]
fn the_shipped_secret_is_refused_and_none_is_printed() {
    let error = parse("[metrics]\ntoken = \"replace-this-by-a-long-random-text\"").unwrap_err();
    assert!(error.starts_with("server.toml:2:9"), "{error}");
    assert!(error.contains("shipped example"), "{error}");

    let config = parse("[metrics]\ntoken = \"correct-horse-battery-staple\"").unwrap();
    assert!(!format!("{config:?}").contains("horse"));
    let token = config.metrics.token.unwrap();
    assert!(token.matches("correct-horse-battery-staple"));
    assert!(!token.matches("correct-horse-battery-stapl"));
    assert!(!token.matches("correct-horse-battery-stapler"));
}

fn server(arguments: &[&str]) -> (Option<i32>, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_whimbrel-server"))
        .args(arguments)
        .output()
        .unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (
        output.status.code(),
        text(output.stdout),
        text(output.stderr),
    )
}

#[test]
fn the_program_checks_and_prints_configurations() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("server.toml");
    let path = file.to_str().unwrap();

    let (code, printed, _) = server(&["--print-config"]);
    assert_eq!((code, printed.as_str()), (Some(0), EXAMPLE));

    std::fs::write(&file, printed).unwrap();
    let (code, stdout, _) = server(&["--config", path, "--check-config"]);
    assert_eq!(
        (code, stdout.as_str()),
        (Some(0), "the configuration is good\n")
    );

    std::fs::write(&file, "\nlisten = 1\n").unwrap();
    let (code, _, stderr) = server(&["--config", path]);
    assert_eq!(code, Some(2));
    assert!(stderr.contains(&format!("{path}:2:10: ")), "{stderr}");

    let missing = "[tls.files]\ncertificate = \"/nowhere/c.pem\"\nkey = \"/nowhere/k.pem\"\n";
    std::fs::write(&file, missing).unwrap();
    let (code, _, stderr) = server(&["--config", path, "--check-config"]);
    assert_eq!(code, Some(2));
    assert!(stderr.contains("/nowhere/c.pem"), "{stderr}");

    std::fs::write(&file, "data = \"\"\n").unwrap();
    let (code, _, stderr) = server(&["--config", path, "--check-config"]);
    assert_eq!(code, Some(2));
    assert!(stderr.contains(&format!("{path}:1:8: ")), "{stderr}");

    let (code, stdout, _) = server(&["--help"]);
    assert_eq!(code, Some(0));
    for option in [
        "--config",
        "--data",
        "--listen",
        "--check-config",
        "--print-config",
    ] {
        assert!(stdout.contains(option), "{option} is missing in\n{stdout}");
    }
}

/// What an operator names may be no file at all, or one without an end.
#[cfg(unix)]
#[test]
fn endless_files_are_not_read_to_their_end() {
    let (code, _, stderr) = server(&["--config", "/dev/zero"]);
    assert_eq!(code, Some(2));
    assert!(
        stderr.contains("/dev/zero: can't be read: over 1048576"),
        "{stderr}"
    );

    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("server.toml");
    let path = file.to_str().unwrap();
    let large = "# a comment\n".repeat(100_000);
    for text in [
        large.as_str(),
        "[tls.files]\ncertificate = \"/dev/zero\"\nkey = \"/dev/zero\"\n",
        "[auth.trusted]\nissuer = \"a\"\naudience = \"b\"\njwks_file = \"/dev/zero\"\n\
         device_claim = \"d\"\n",
    ] {
        std::fs::write(&file, text).unwrap();
        let (code, _, stderr) = server(&["--config", path, "--check-config"]);
        assert_eq!(code, Some(2), "{stderr}");
        assert!(stderr.contains("over 1048576 bytes"), "{stderr}");
    }
}
