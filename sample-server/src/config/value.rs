//! Values that can only hold what is allowed, so that a configuration that was read is a
//! configuration that works. The errors they give name what is allowed; the parser adds the line.

use std::fmt;
use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::path::PathBuf;

use serde::de::{self, Deserializer, Unexpected, Visitor};
use serde::{Deserialize, Serialize};

/// A whole number from `MIN` to `MAX`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Within<const MIN: u32, const MAX: u32>(u32);

impl<const MIN: u32, const MAX: u32> Within<MIN, MAX> {
    /// The number, where it is allowed.
    #[must_use]
    pub const fn new(value: u32) -> Option<Self> {
        if MIN <= value && value <= MAX {
            Some(Self(value))
        } else {
            None
        }
    }

    /// The allowed number nearest to this one.
    #[must_use]
    pub const fn nearest(value: u32) -> Self {
        if value < MIN {
            Self(MIN)
        } else if value > MAX {
            Self(MAX)
        } else {
            Self(value)
        }
    }

    /// The number.
    #[must_use]
    pub const fn get(self) -> u32 {
        self.0
    }

    /// The number as a size in memory.
    #[must_use]
    pub const fn size(self) -> usize {
        // A usize has 32 bits at least on everything this server is built for.
        self.0 as usize
    }

    /// The number as a span of time in milliseconds.
    #[must_use]
    pub fn millis(self) -> std::time::Duration {
        std::time::Duration::from_millis(u64::from(self.0))
    }
}

impl<'de, const MIN: u32, const MAX: u32> Deserialize<'de> for Within<MIN, MAX> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Number<const MIN: u32, const MAX: u32>;

        impl<const MIN: u32, const MAX: u32> Visitor<'_> for Number<MIN, MAX> {
            type Value = Within<MIN, MAX>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "a whole number from {MIN} to {MAX}")
            }

            fn visit_i64<E: de::Error>(self, value: i64) -> Result<Self::Value, E> {
                u32::try_from(value)
                    .ok()
                    .and_then(Within::new)
                    .ok_or_else(|| E::invalid_value(Unexpected::Signed(value), &self))
            }

            fn visit_u64<E: de::Error>(self, value: u64) -> Result<Self::Value, E> {
                u32::try_from(value)
                    .ok()
                    .and_then(Within::new)
                    .ok_or_else(|| E::invalid_value(Unexpected::Unsigned(value), &self))
            }
        }

        deserializer.deserialize_i64(Number)
    }
}

/// How often something may happen: so many at once, and so many a minute in the long run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rate {
    /// At once, after a time of rest.
    pub burst: Within<1, 1_000_000>,
    /// In the long run.
    pub per_minute: Within<1, 60_000_000>,
}

impl Rate {
    /// A rate of these figures, each moved to the nearest that is allowed.
    #[must_use]
    pub const fn of(burst: u32, per_minute: u32) -> Self {
        Self {
            burst: Within::nearest(burst),
            per_minute: Within::nearest(per_minute),
        }
    }

    /// The rate in the words of the limiter.
    #[must_use]
    pub fn quota(self) -> governor::Quota {
        let nonzero = |value: u32| NonZeroU32::new(value).unwrap_or(NonZeroU32::MIN);
        governor::Quota::per_minute(nonzero(self.per_minute.get()))
            .allow_burst(nonzero(self.burst.get()))
    }
}

/// Text of 1 to 255 printable characters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Text(String);

impl Text {
    /// The text, where it is allowed.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Option<Self> {
        let text = text.into();
        let allowed = (1..=255).contains(&text.len()) && !text.chars().any(char::is_control);
        allowed.then_some(Self(text))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::new(text)
            .ok_or_else(|| de::Error::custom("allowed is text of 1 to 255 printable characters"))
    }
}

/// A secret of at least 20 characters that is not one of the shipped examples. It is never
/// printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

/// How every secret in the shipped example configuration begins.
const EXAMPLE_SECRET_PREFIX: &str = "replace-";

impl Secret {
    /// Whether this is the secret. Takes the same time wherever the two differ.
    #[must_use]
    pub fn matches(&self, candidate: &str) -> bool {
        let (ours, theirs) = (self.0.as_bytes(), candidate.as_bytes());
        let differences = ours
            .iter()
            .zip(theirs)
            .fold(0, |differences, (a, b)| differences | (a ^ b));
        ours.len() == theirs.len() && differences == 0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        if text.starts_with(EXAMPLE_SECRET_PREFIX) {
            return Err(de::Error::custom(
                "this is the secret of the shipped example; put one of your own here",
            ));
        }
        if !(20..=255).contains(&text.len()) || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(de::Error::custom(
                "allowed is a secret of 20 to 255 visible ASCII characters",
            ));
        }
        Ok(Self(text))
    }
}

/// Reads an address to listen on.
pub(super) fn listen_address<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<SocketAddr, D::Error> {
    let text = String::deserialize(deserializer)?;
    text.parse().map_err(|_| {
        de::Error::custom(format_args!(
            "{text:?} is not allowed: an IP address with a port, like 127.0.0.1:8443 or [::]:8443"
        ))
    })
}

/// Reads the name of a folder.
pub(super) fn folder<'de, D: Deserializer<'de>>(deserializer: D) -> Result<PathBuf, D::Error> {
    let text = String::deserialize(deserializer)?;
    if text.is_empty() || text.contains('\0') {
        return Err(de::Error::custom(format_args!(
            "{text:?} is not allowed: the name of a folder, like \"./whimbrel-data\""
        )));
    }
    Ok(PathBuf::from(text))
}
