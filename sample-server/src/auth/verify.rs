//! Checks access tokens.
//!
//! A token names its key by `kid`; the key belongs to one issuer, and the issuer's one algorithm
//! family, name and audience are what the token is held to. What the token itself says about
//! algorithms only ever makes it fail.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::jwk::{Jwk, JwkSet};
use jsonwebtoken::{AlgorithmFamily, DecodingKey, Validation};
use serde_json::Value;
use whimbrel_protocol::{DeviceId, UserId};

use crate::auth::SigningKey;
use crate::config::{AuthConfig, TrustedIssuer, read_file};

/// Longest access token that is looked at.
pub const TOKEN_BYTES_MAX: usize = 8 * 1024;
/// By how much clocks may differ.
const LEEWAY_S: u64 = 30;
/// Without any of these a token is refused.
const REQUIRED_CLAIMS: [&str; 5] = ["exp", "nbf", "aud", "iss", "sub"];
/// Where the own issuer states the device.
const OWN_DEVICE_CLAIM: &str = "did";

/// Why a token was refused. For tests and counters; a client learns only that it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// Over [`TOKEN_BYTES_MAX`].
    #[error("the token is too large")]
    TooLarge,
    /// Not a JWT, or one with extensions that must be understood and are not.
    #[error("not a token")]
    Malformed,
    /// It names no key, or one that is not known.
    #[error("the token's key is not known")]
    UnknownKey,
    /// It names an algorithm that its issuer does not use.
    #[error("the token's algorithm is not its issuer's")]
    WrongAlgorithm,
    /// The signature is not its key's.
    #[error("the token's signature is false")]
    BadSignature,
    /// It was valid once.
    #[error("the token has expired")]
    Expired,
    /// It will be valid later.
    #[error("the token is not valid yet")]
    NotYetValid,
    /// It names another issuer than its key belongs to.
    #[error("the token's issuer is not its key's")]
    WrongIssuer,
    /// It was made for somebody else.
    #[error("the token is for another audience")]
    WrongAudience,
    /// A claim is missing, or not of its form.
    #[error("the token lacks a claim")]
    MissingClaim,
}

/// What a token that is in order says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verified {
    /// The user.
    pub user: UserId,
    /// The device.
    pub device: DeviceId,
    /// When the token expires, in milliseconds since 1970.
    pub expires_ms: i64,
}

/// A file of public keys that can't be used.
#[derive(Debug, thiserror::Error)]
pub enum JwksError {
    /// The file can't be read.
    #[error("auth.trusted.jwks_file {}: can't be read: {source}", path.display())]
    Read {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// It is not what it should be.
    #[error("auth.trusted.jwks_file {}: {problem}", path.display())]
    Unusable {
        /// Which file.
        path: PathBuf,
        /// What is wrong, and what is allowed.
        problem: String,
    },
    /// The own key can't be used.
    #[error("the signing key can't be used: {0}")]
    OwnKey(jsonwebtoken::errors::Error),
}

/// What the tokens of one issuer are held to.
#[derive(Debug)]
struct Issuer {
    validation: Validation,
    device_claim: String,
}

impl Issuer {
    fn new(family: AlgorithmFamily, name: &str, audience: &str, device_claim: &str) -> Self {
        let mut validation = Validation::new_for_family(family);
        validation.leeway = LEEWAY_S;
        validation.validate_nbf = true;
        validation.set_issuer(&[name]);
        validation.set_audience(&[audience]);
        validation.set_required_spec_claims(&REQUIRED_CLAIMS);
        Self {
            validation,
            device_claim: device_claim.to_owned(),
        }
    }
}

/// Checks access tokens.
#[derive(Debug)]
pub struct TokenVerifier {
    keys: BTreeMap<String, (DecodingKey, Arc<Issuer>)>,
}

impl TokenVerifier {
    /// A verifier for tokens of the own issuer, and of the trusted one where one is configured.
    ///
    /// # Errors
    /// [`JwksError`].
    pub fn new(own_key: &SigningKey, config: &AuthConfig) -> Result<Self, JwksError> {
        let own_issuer = Arc::new(Issuer::new(
            AlgorithmFamily::Ed,
            config.issuer.as_str(),
            config.audience.as_str(),
            OWN_DEVICE_CLAIM,
        ));
        let own_public = own_key.public();
        let own = DecodingKey::from_jwk(own_public).map_err(JwksError::OwnKey)?;
        let own_id = own_public.common.key_id.clone().unwrap_or_default();
        let mut keys = BTreeMap::from([(own_id, (own, own_issuer))]);

        if let Some(trusted) = &config.trusted {
            let (family, theirs) = read_jwks(&trusted.jwks_file)?;
            let issuer = Arc::new(trusted_issuer(family, trusted));
            for (key_id, key) in theirs {
                if keys.contains_key(&key_id) {
                    return Err(JwksError::Unusable {
                        path: trusted.jwks_file.clone(),
                        problem: format!("the key id {key_id:?} is taken; allowed is any other"),
                    });
                }
                keys.insert(key_id, (key, Arc::clone(&issuer)));
            }
        }
        Ok(Self { keys })
    }

    /// Checks a token by the system's clock.
    ///
    /// # Errors
    /// [`TokenError`].
    pub fn verify(&self, token: &str) -> Result<Verified, TokenError> {
        if token.len() > TOKEN_BYTES_MAX {
            return Err(TokenError::TooLarge);
        }
        let header = jsonwebtoken::decode_header(token).map_err(|_| TokenError::Malformed)?;
        if header.crit.is_some() {
            return Err(TokenError::Malformed);
        }
        let key_id = header.kid.ok_or(TokenError::UnknownKey)?;
        let (key, issuer) = self.keys.get(&key_id).ok_or(TokenError::UnknownKey)?;
        let claims = jsonwebtoken::decode::<Value>(token, key, &issuer.validation)
            .map_err(|error| refusal(error.kind()))?
            .claims;

        let text = |name: &str| claims.get(name).and_then(Value::as_str);
        let user = text("sub").and_then(|id| id.parse().ok());
        let device = text(&issuer.device_claim).and_then(|id| id.parse().ok());
        let expires_s = claims.get("exp").and_then(Value::as_f64);
        match (user, device, expires_s) {
            (Some(user), Some(device), Some(expires_s)) => Ok(Verified {
                user,
                device,
                expires_ms: milliseconds(expires_s),
            }),
            _ => Err(TokenError::MissingClaim),
        }
    }
}

/// JSON numbers may have a fraction and any size; a conversion from floating point saturates.
#[expect(
    clippy::cast_possible_truncation,
    reason = "saturating is what is wanted"
)]
fn milliseconds(seconds: f64) -> i64 {
    (seconds * 1_000.0) as i64
}

fn refusal(kind: &ErrorKind) -> TokenError {
    match kind {
        ErrorKind::InvalidSignature => TokenError::BadSignature,
        ErrorKind::InvalidAlgorithm | ErrorKind::InvalidKeyFormat => TokenError::WrongAlgorithm,
        ErrorKind::ExpiredSignature => TokenError::Expired,
        ErrorKind::ImmatureSignature => TokenError::NotYetValid,
        ErrorKind::InvalidIssuer => TokenError::WrongIssuer,
        ErrorKind::InvalidAudience => TokenError::WrongAudience,
        ErrorKind::MissingRequiredClaim(_)
        | ErrorKind::InvalidClaimFormat(_)
        | ErrorKind::InvalidSubject => TokenError::MissingClaim,
        _ => TokenError::Malformed,
    }
}

fn trusted_issuer(family: AlgorithmFamily, trusted: &TrustedIssuer) -> Issuer {
    Issuer::new(
        family,
        trusted.issuer.as_str(),
        trusted.audience.as_str(),
        trusted.device_claim.as_str(),
    )
}

type KeySet = (AlgorithmFamily, Vec<(String, DecodingKey)>);

fn read_jwks(path: &Path) -> Result<KeySet, JwksError> {
    let unreadable = |source| JwksError::Read {
        path: path.to_owned(),
        source,
    };
    let text = read_file(path).map_err(unreadable)?;
    parse_jwks(&text).map_err(|problem| JwksError::Unusable {
        path: path.to_owned(),
        problem,
    })
}

fn parse_jwks(text: &str) -> Result<KeySet, String> {
    let set: JwkSet =
        serde_json::from_str(text).map_err(|error| format!("not a JWK set: {error}"))?;
    let mut family = None;
    let mut keys = Vec::new();
    for jwk in &set.keys {
        let (key_id, key) = usable_key(jwk)?;
        if *family.get_or_insert(key.family()) != key.family() {
            return Err("keys of several algorithm families; allowed is one".to_owned());
        }
        keys.push((key_id, key));
    }
    match family {
        Some(family) => Ok((family, keys)),
        None => Err("no key in it; allowed is one or more".to_owned()),
    }
}

fn usable_key(jwk: &Jwk) -> Result<(String, DecodingKey), String> {
    let key_id = jwk
        .common
        .key_id
        .clone()
        .ok_or("a key without kid; each must have one")?;
    let key = DecodingKey::from_jwk(jwk).map_err(|error| format!("key {key_id:?}: {error}"))?;
    match key.family() {
        AlgorithmFamily::Hmac => Err(format!(
            "key {key_id:?} is a shared secret; allowed are public keys"
        )),
        // The library takes the first 32 bytes without looking whether there are as many.
        AlgorithmFamily::Ed if key.try_get_as_bytes().map_or(0, <[u8]>::len) != 32 => {
            Err(format!("key {key_id:?} is not an Ed25519 key of 32 bytes"))
        }
        AlgorithmFamily::Rsa | AlgorithmFamily::Ec | AlgorithmFamily::Ed => Ok((key_id, key)),
    }
}
