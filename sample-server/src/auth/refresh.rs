//! Refresh tokens.

use std::fmt;

use sha2::{Digest as _, Sha256};
use whimbrel_protocol::account::{from_hex, to_hex};

/// Thirty-two random bytes that stand for one sign-in of one device.
#[derive(Clone, PartialEq, Eq)]
pub struct RefreshToken([u8; 32]);

impl RefreshToken {
    /// The token with these bytes, which are to be random.
    #[must_use]
    pub fn from_random(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Reads a token as a client presents it.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() != 64 {
            return None;
        }
        from_hex(text)?.try_into().ok().map(Self)
    }

    /// The token as a client gets it.
    #[must_use]
    pub fn to_text(&self) -> String {
        to_hex(&self.0)
    }

    /// What the log keeps of it. A plain hash will do: nobody can guess 256 random bits.
    #[must_use]
    pub fn hash(&self) -> [u8; 32] {
        Sha256::digest(self.0).into()
    }
}

impl fmt::Debug for RefreshToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RefreshToken(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_back() {
        let token = RefreshToken::from_random([0xa7; 32]);
        assert_eq!(RefreshToken::parse(&token.to_text()), Some(token.clone()));
        assert!(!format!("{token:?}").contains("a7"));
        for bad in ["", "a7", &"zz".repeat(32), &"a7".repeat(33)] {
            assert_eq!(RefreshToken::parse(bad), None, "{bad}");
        }
    }
}
