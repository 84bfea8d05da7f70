//! The server's own issuer of access tokens: one Ed25519 key, made on the first start.

use std::fmt;

use jsonwebtoken::jwk::{Jwk, JwkSet, KeyAlgorithm, PublicKeyUse, ThumbprintHash};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde::Serialize;
use whimbrel_protocol::account::{from_hex, to_hex};
use whimbrel_protocol::{DeviceId, UserId};

use crate::clock::random;
use crate::config::AuthConfig;
use crate::folder::{Folder, FolderError};

/// The file in the data folder that holds the seed.
const SIGNING_KEY_FILE: &str = "signing-key";

/// What stands before the 32 bytes of an Ed25519 seed in PKCS#8 (RFC 8410, section 7).
const PKCS8_ED25519_PREFIX: [u8; 16] = [
    0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20,
];

/// Seeds that everybody knows: the test vectors of RFC 8032, section 7.1, of which the first is
/// also the example key of RFC 8037.
const PUBLISHED_SEEDS: [&str; 3] = [
    "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
    "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
    "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
];

/// A signing key that can't be used.
#[derive(Debug, thiserror::Error)]
pub enum SigningKeyError {
    /// The data folder failed.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// The system gives no random bytes.
    #[error("no random bytes for a signing key: {0}")]
    Random(#[from] getrandom::Error),
    /// The file does not hold a seed.
    #[error("the file {SIGNING_KEY_FILE} in the data folder is not 64 hexadecimal digits")]
    NotASeed,
    /// The seed is a published one, or no random one.
    #[error(
        "the file {SIGNING_KEY_FILE} in the data folder holds an example key, with which anybody \
         could sign tokens: remove the file and a new key is made"
    )]
    Published,
    /// The key can't be used.
    #[error("the signing key can't be used: {0}")]
    Key(#[from] jsonwebtoken::errors::Error),
}

/// The key that signs access tokens, with its public half as a JWK (RFC 7517).
#[derive(Clone)]
pub struct SigningKey {
    encoding: EncodingKey,
    public: Jwk,
    key_id: String,
}

impl SigningKey {
    /// The key of the data folder, made if there is none yet.
    ///
    /// # Errors
    /// [`SigningKeyError`].
    pub fn load(folder: &Folder) -> Result<Self, SigningKeyError> {
        if let Some(text) = folder.read(SIGNING_KEY_FILE)? {
            return Self::parse(text.trim());
        }
        let text = to_hex(&random::<32>()?);
        folder.write(SIGNING_KEY_FILE, &text)?;
        Self::parse(&text)
    }

    /// The key of a seed in hexadecimal digits.
    ///
    /// # Errors
    /// [`SigningKeyError::NotASeed`] or [`SigningKeyError::Published`].
    pub fn parse(text: &str) -> Result<Self, SigningKeyError> {
        let seed: [u8; 32] = from_hex(text)
            .and_then(|bytes| bytes.try_into().ok())
            .ok_or(SigningKeyError::NotASeed)?;
        let [first, rest @ ..] = seed;
        let repeats = rest.iter().all(|byte| *byte == first);
        let published = |known: &&str| known.eq_ignore_ascii_case(text);
        if repeats || PUBLISHED_SEEDS.iter().any(published) {
            return Err(SigningKeyError::Published);
        }
        let encoding = EncodingKey::from_ed_der(&[&PKCS8_ED25519_PREFIX[..], &seed].concat());
        let mut public = Jwk::from_encoding_key(&encoding, Algorithm::EdDSA)?;
        let key_id = public.thumbprint(ThumbprintHash::SHA256)?;
        public.common.key_id = Some(key_id.clone());
        public.common.key_algorithm = Some(KeyAlgorithm::EdDSA);
        public.common.public_key_use = Some(PublicKeyUse::Signature);
        Ok(Self {
            encoding,
            public,
            key_id,
        })
    }

    /// The public half.
    #[must_use]
    pub fn public(&self) -> &Jwk {
        &self.public
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey({})", self.key_id)
    }
}

/// What an access token says.
#[derive(Serialize)]
struct Claims<'a> {
    iss: &'a str,
    aud: &'a str,
    sub: String,
    did: String,
    iat: i64,
    nbf: i64,
    exp: i64,
    jti: String,
}

/// Signs access tokens.
#[derive(Debug, Clone)]
pub struct TokenIssuer {
    key: SigningKey,
    issuer: String,
    audience: String,
    lifetime_s: u32,
}

impl TokenIssuer {
    /// An issuer with this key.
    #[must_use]
    pub fn new(key: SigningKey, config: &AuthConfig) -> Self {
        Self {
            key,
            issuer: config.issuer.as_str().to_owned(),
            audience: config.audience.as_str().to_owned(),
            lifetime_s: config.access_token_s.get(),
        }
    }

    /// Lifetime of its tokens in seconds.
    #[must_use]
    pub fn lifetime_s(&self) -> u32 {
        self.lifetime_s
    }

    /// Its public keys, as anybody may ask for them.
    #[must_use]
    pub fn jwks(&self) -> JwkSet {
        JwkSet {
            keys: vec![self.key.public.clone()],
        }
    }

    /// Signs a token for a device; `token_id` is to be random.
    ///
    /// # Errors
    /// Where the key can't be used.
    pub fn issue(
        &self,
        user: UserId,
        device: DeviceId,
        wall_ms: i64,
        token_id: [u8; 16],
    ) -> Result<String, SigningKeyError> {
        let now_s = wall_ms.div_euclid(1_000);
        let mut header = Header::new(Algorithm::EdDSA);
        header.typ = Some("at+jwt".to_owned());
        header.kid = Some(self.key.key_id.clone());
        let claims = Claims {
            iss: &self.issuer,
            aud: &self.audience,
            sub: user.to_string(),
            did: device.to_string(),
            iat: now_s,
            nbf: now_s,
            exp: now_s.saturating_add(i64::from(self.lifetime_s)),
            jti: to_hex(&token_id),
        };
        Ok(jsonwebtoken::encode(&header, &claims, &self.key.encoding)?)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

    use super::*;

    #[test]
    fn the_key_is_made_once() {
        let data = tempfile::tempdir().unwrap();
        let folder = Folder::open(data.path()).unwrap();
        let first = SigningKey::load(&folder).unwrap();
        let second = SigningKey::load(&folder).unwrap();
        assert_eq!(first.public(), second.public());
    }

    #[test]
    fn keys_that_everybody_knows_are_refused() {
        let refused = |text: &str| SigningKey::parse(text).unwrap_err();
        for seed in PUBLISHED_SEEDS {
            assert!(matches!(refused(seed), SigningKeyError::Published));
        }
        assert!(matches!(
            refused(&"00".repeat(32)),
            SigningKeyError::Published
        ));
        assert!(matches!(refused("secret"), SigningKeyError::NotASeed));
        assert!(matches!(
            refused(&"0".repeat(62)),
            SigningKeyError::NotASeed
        ));
    }
}
