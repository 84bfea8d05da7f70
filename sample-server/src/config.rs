//! The configuration: one TOML file, every key optional, nothing unknown accepted.
//!
//! Ranges are in the types ([`Within`], [`Rate`], [`Text`], [`Secret`]), so that a [`Config`]
//! that exists is one the server can run with, and an error names the line, the value and what
//! is allowed. `whimbrel-server.toml` beside this crate lists every key with its default; a test
//! holds the two together.

mod value;

use std::fmt;
use std::fs::File;
use std::io::{self, Read as _};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use serde::Deserialize;

pub use value::{Rate, Secret, Text, Within};

/// The commented example, which equals the defaults.
pub const EXAMPLE: &str = include_str!("../whimbrel-server.toml");

/// Largest file that an operator can name.
const FILE_BYTES_MAX: u64 = 1024 * 1024;

/// Everything an operator can set.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// The one folder: database, keys, certificate, address, fingerprint.
    #[serde(deserialize_with = "value::folder")]
    pub data: PathBuf,
    /// Where to listen; port 0 takes a free one.
    #[serde(deserialize_with = "value::listen_address")]
    pub listen: SocketAddr,
    /// Certificates.
    pub tls: TlsConfig,
    /// Accounts and tokens.
    pub auth: AuthConfig,
    /// How much anyone may ask.
    pub limits: LimitsConfig,
    /// Long-lived connections.
    pub sockets: SocketsConfig,
    /// How to stop.
    pub drain: DrainConfig,
    /// What to tell the operator.
    pub log: LogConfig,
    /// What to tell the operator's instruments.
    pub metrics: MetricsConfig,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            data: PathBuf::from("./whimbrel-data"),
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 8443)),
            tls: TlsConfig::default(),
            auth: AuthConfig::default(),
            limits: LimitsConfig::default(),
            sockets: SocketsConfig::default(),
            drain: DrainConfig::default(),
            log: LogConfig::default(),
            metrics: MetricsConfig::default(),
        }
    }
}

/// Certificates.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TlsConfig {
    /// Names and addresses in the certificate made on the first start, besides `localhost`,
    /// `127.0.0.1` and `::1`.
    pub names: Vec<Text>,
    /// A certificate of one's own instead of the one made on the first start.
    pub files: Option<TlsFiles>,
}

/// A certificate chain and its key, in PEM.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TlsFiles {
    /// The chain, the server's own certificate first.
    pub certificate: PathBuf,
    /// The private key.
    pub key: PathBuf,
}

/// Accounts and tokens.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AuthConfig {
    /// `iss` of the tokens this server gives out.
    pub issuer: Text,
    /// `aud` of the tokens this server gives out.
    pub audience: Text,
    /// Lifetime of an access token.
    pub access_token_s: Within<1, 86_400>,
    /// Lifetime of a refresh token that is not used.
    pub refresh_token_days: Within<1, 3_650>,
    /// For so long the refresh token before the newest may be used once more, in case the
    /// answer that carried the newest was lost.
    pub refresh_grace_s: Within<0, 3_600>,
    /// How passwords are hashed.
    pub argon2: Argon2Config,
    /// An issuer whose tokens are accepted besides one's own.
    pub trusted: Option<TrustedIssuer>,
}

impl Default for AuthConfig {
    fn default() -> Self {
        let whimbrel = || Text::new("whimbrel").unwrap_or_else(|| unreachable!("printable text"));
        Self {
            issuer: whimbrel(),
            audience: whimbrel(),
            access_token_s: Within::nearest(600),
            refresh_token_days: Within::nearest(90),
            refresh_grace_s: Within::nearest(60),
            argon2: Argon2Config::default(),
            trusted: None,
        }
    }
}

/// Cost of Argon2id (RFC 9106). The defaults are the first choice of the OWASP password storage
/// cheat sheet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Argon2Config {
    /// Memory of one hash.
    pub memory_kib: Within<7_168, 1_048_576>,
    /// Passes over that memory.
    pub passes: Within<1, 64>,
    /// Lanes of one hash.
    pub lanes: Within<1, 16>,
    /// Hashes computed at the same time.
    pub at_once: Within<1, 64>,
}

impl Default for Argon2Config {
    fn default() -> Self {
        Self {
            memory_kib: Within::nearest(19_456),
            passes: Within::nearest(2),
            lanes: Within::nearest(1),
            at_once: Within::nearest(2),
        }
    }
}

/// An issuer of access tokens (OpenID Connect or plain OAuth 2.0) that the operator trusts.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrustedIssuer {
    /// `iss` of its tokens.
    pub issuer: Text,
    /// `aud` its tokens must name.
    pub audience: Text,
    /// Its public keys, a JWK set (RFC 7517) in a file. All of one algorithm family.
    pub jwks_file: PathBuf,
    /// The claim that holds the device id; `sub` holds the user id.
    pub device_claim: Text,
}

/// How much anyone may ask.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LimitsConfig {
    /// Open connections.
    pub connections: Within<1, 1_000_000>,
    /// Time for the TLS handshake.
    pub handshake_ms: Within<100, 600_000>,
    /// Time for the head of an HTTP request.
    pub header_ms: Within<100, 600_000>,
    /// Time for the body of an HTTP request and its answer.
    pub request_ms: Within<100, 600_000>,
    /// How long a new device and an old one can meet to be linked. Link codes are good for five
    /// minutes, whatever stands here.
    pub link_ms: Within<1_000, 300_000>,
    /// Per network address (per /64 network for IPv6).
    pub address: AddressLimits,
    /// Per device.
    pub device: DeviceLimits,
}

impl Default for LimitsConfig {
    fn default() -> Self {
        Self {
            connections: Within::nearest(10_000),
            handshake_ms: Within::nearest(10_000),
            header_ms: Within::nearest(10_000),
            request_ms: Within::nearest(20_000),
            link_ms: Within::nearest(300_000),
            address: AddressLimits::default(),
            device: DeviceLimits::default(),
        }
    }
}

/// Limits per network address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AddressLimits {
    /// Connections opened.
    pub connections: Rate,
    /// Registrations asked for.
    pub registrations: Rate,
    /// Tokens asked for.
    pub tokens: Rate,
    /// Requests about the linking of devices; opening a meeting place counts as twenty.
    pub links: Rate,
}

impl Default for AddressLimits {
    fn default() -> Self {
        Self {
            connections: Rate::of(1_000, 600),
            registrations: Rate::of(100, 30),
            tokens: Rate::of(200, 120),
            links: Rate::of(600, 600),
        }
    }
}

/// Limits per device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DeviceLimits {
    /// Frames of any kind.
    pub frames: Rate,
    /// Items offered in `Send` frames.
    pub items: Rate,
}

impl Default for DeviceLimits {
    fn default() -> Self {
        Self {
            frames: Rate::of(2_000, 24_000),
            items: Rate::of(2_000, 12_000),
        }
    }
}

/// Long-lived connections.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SocketsConfig {
    /// A client is to show life at least this often; after two and a half times of it the
    /// connection is closed.
    pub heartbeat_ms: Within<1_000, 300_000>,
    /// Frames that may wait for a slow client before its connection is closed.
    pub waiting_frames: Within<64, 65_536>,
    /// Bytes that may wait for a slow client before its connection is closed.
    pub waiting_bytes: Within<131_072, 1_073_741_824>,
}

impl Default for SocketsConfig {
    fn default() -> Self {
        Self {
            heartbeat_ms: Within::nearest(15_000),
            waiting_frames: Within::nearest(512),
            waiting_bytes: Within::nearest(4 * 1024 * 1024),
        }
    }
}

/// How to stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DrainConfig {
    /// `/readyz` says "no" for so long before the first connection is closed.
    pub notice_ms: Within<0, 600_000>,
    /// All connections are closed within this time.
    pub time_ms: Within<100, 600_000>,
}

impl Default for DrainConfig {
    fn default() -> Self {
        Self {
            notice_ms: Within::nearest(0),
            time_ms: Within::nearest(5_000),
        }
    }
}

/// What to tell the operator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LogConfig {
    /// In which form.
    pub format: LogFormat,
    /// From which weight on.
    pub level: LogLevel,
}

/// The form of log lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// One JSON object a line.
    Json,
}

/// The weight of a log line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogLevel {
    /// The server can't do what it is there for.
    Error,
    /// Something an operator should look at.
    Warn,
    /// Start, stop, and the like.
    #[default]
    Info,
    /// Each connection.
    Debug,
    /// Each frame, by its kind.
    Trace,
}

/// What to tell the operator's instruments.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MetricsConfig {
    /// Bearer token that `/metrics` asks for; without one it is open to whoever reaches the
    /// server.
    pub token: Option<Secret>,
}

impl Config {
    /// Reads a configuration file.
    ///
    /// # Errors
    /// [`ConfigError`]: the file can't be read, or does not say what it is allowed to say.
    pub fn read(path: &Path) -> Result<Self, ConfigError> {
        let text = read_file(path).map_err(|source| ConfigError::Read {
            file: path.to_owned(),
            source,
        })?;
        Self::parse(&text, path)
    }

    /// Reads the text of a configuration; `file` is named in errors.
    ///
    /// # Errors
    /// [`ConfigError::Nonsense`] with the line that is wrong.
    pub fn parse(text: &str, file: &Path) -> Result<Self, ConfigError> {
        let config: Self = toml::from_str(text).map_err(|error| {
            let offset = error.span().map_or(0, |span| span.start);
            ConfigError::nonsense(file, text, offset, error.message())
        })?;
        config.check(text, file)?;
        Ok(config)
    }

    /// What no single value can know.
    fn check(&self, text: &str, file: &Path) -> Result<(), ConfigError> {
        if let Some(trusted) = &self.auth.trusted
            && trusted.issuer == self.auth.issuer
        {
            let offset = text.find("[auth.trusted]").unwrap_or(0);
            return Err(ConfigError::nonsense(
                file,
                text,
                offset,
                "auth.trusted.issuer equals auth.issuer: allowed is any other name",
            ));
        }
        Ok(())
    }
}

/// The text of a file that an operator named. It may have [`FILE_BYTES_MAX`] bytes; whatever it is
/// that the name stands for, no more is read.
pub(crate) fn read_file(path: &Path) -> io::Result<String> {
    let mut text = String::new();
    let read = File::open(path)?
        .take(FILE_BYTES_MAX + 1)
        .read_to_string(&mut text)?;
    if u64::try_from(read).is_ok_and(|read| read <= FILE_BYTES_MAX) {
        return Ok(text);
    }
    let problem = format!("over {FILE_BYTES_MAX} bytes, which is all that is allowed");
    Err(io::Error::new(io::ErrorKind::FileTooLarge, problem))
}

/// A configuration that can't be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file can't be read.
    #[error("{}: can't be read: {source}", file.display())]
    Read {
        /// Which file.
        file: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Something in it is not allowed.
    #[error("{}:{place}: {message}", file.display())]
    Nonsense {
        /// Which file.
        file: PathBuf,
        /// Where in it.
        place: Place,
        /// What is wrong, and what is allowed.
        message: String,
    },
}

impl ConfigError {
    fn nonsense(file: &Path, text: &str, offset: usize, message: &str) -> Self {
        Self::Nonsense {
            file: file.to_owned(),
            place: Place::of(text, offset),
            message: message.replace('\n', ", "),
        }
    }
}

/// A place in a text file; both count from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// Line.
    pub line: usize,
    /// Column, in characters.
    pub column: usize,
}

impl Place {
    fn of(text: &str, offset: usize) -> Self {
        let before = text.get(..offset).unwrap_or(text);
        let last_line = before.rsplit('\n').next().unwrap_or_default();
        Self {
            line: before.matches('\n').count() + 1,
            column: last_line.chars().count() + 1,
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.line, self.column)
    }
}
