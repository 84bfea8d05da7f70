//! Identifiers: 128 bits each, one type per thing named, so that none can stand where another is meant.

use std::fmt;
use std::str::FromStr;

/// Text that is not an id: an id is written as exactly 32 hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an id is 32 hexadecimal digits")]
pub struct ParseIdError;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name([u8; 16]);

        impl $name {
            /// The id with these bytes.
            #[must_use]
            pub const fn from_bytes(bytes: [u8; 16]) -> Self {
                Self(bytes)
            }

            /// The sixteen bytes of the id.
            #[must_use]
            pub const fn as_bytes(&self) -> &[u8; 16] {
                &self.0
            }
        }

        impl TryFrom<&[u8]> for $name {
            type Error = ParseIdError;

            fn try_from(bytes: &[u8]) -> Result<Self, ParseIdError> {
                bytes.try_into().map(Self).map_err(|_| ParseIdError)
            }
        }

        impl FromStr for $name {
            type Err = ParseIdError;

            fn from_str(text: &str) -> Result<Self, ParseIdError> {
                parse_hex(text).map(Self)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({self})", stringify!($name))
            }
        }
    };
}

id! {
    /// A person with an account. Drawn at random by the client that registers.
    UserId
}
id! {
    /// One installation of one user: a leaf in every group the user is in.
    DeviceId
}
id! {
    /// A conversation, and the id of its MLS group. Drawn at random by its creator.
    ConversationId
}
id! {
    /// What a sender calls one item before the server has numbered it: a UUID of version 7
    /// (RFC 9562, section 5.7), unique per conversation and sending user.
    ClientId
}

impl ClientId {
    /// A UUIDv7 from a wall clock in milliseconds since 1970 and ten random bytes.
    /// The clock only makes ids sort well; nothing depends on its being right.
    #[must_use]
    pub fn new(wall_ms: i64, random: [u8; 10]) -> Self {
        let [_, _, t0, t1, t2, t3, t4, t5] = wall_ms.to_be_bytes();
        let [r0, r1, r2, r3, r4, r5, r6, r7, r8, r9] = random;
        Self([
            t0,
            t1,
            t2,
            t3,
            t4,
            t5,
            0x70 | (r0 & 0x0f),
            r1,
            0x80 | (r2 & 0x3f),
            r3,
            r4,
            r5,
            r6,
            r7,
            r8,
            r9,
        ])
    }
}

fn parse_hex(text: &str) -> Result<[u8; 16], ParseIdError> {
    let digits = text.as_bytes();
    if digits.len() != 32 {
        return Err(ParseIdError);
    }
    let mut bytes = [0; 16];
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        let pair = std::str::from_utf8(pair).map_err(|_| ParseIdError)?;
        if !pair.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return Err(ParseIdError);
        }
        *byte = u8::from_str_radix(pair, 16).map_err(|_| ParseIdError)?;
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_back() {
        let id = UserId::from_bytes([0xa7; 16]);
        assert_eq!(id.to_string().parse::<UserId>(), Ok(id));
        for bad in [
            "",
            "a7",
            "+7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7",
            "zz",
            &"é".repeat(16),
        ] {
            assert_eq!(bad.parse::<UserId>(), Err(ParseIdError), "{bad}");
        }
    }

    #[test]
    fn client_ids_are_uuid_version_7_and_sort_by_time() {
        let early = ClientId::new(1_000, [0xff; 10]);
        let late = ClientId::new(1_001, [0; 10]);
        assert!(early < late);
        assert_eq!(early.as_bytes()[6] >> 4, 7);
        assert_eq!(early.as_bytes()[8] >> 6, 0b10);
    }
}
