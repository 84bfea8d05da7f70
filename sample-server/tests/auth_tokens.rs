//! Access tokens: the one that is right, and everything that is nearly right.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may stop at the first surprise"
)]

use std::time::{SystemTime, UNIX_EPOCH};

use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header};
use serde_json::{Value, json};
use whimbrel_protocol::account::from_hex;
use whimbrel_protocol::{DeviceId, UserId};
use whimbrel_server::auth::{
    SigningKey, TOKEN_BYTES_MAX, TokenError, TokenIssuer, TokenVerifier, Verified,
};
use whimbrel_server::config::{AuthConfig, Text, TrustedIssuer};

const OWN_SEED: &str = "0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20";
const OTHER_SEED: &str = "2102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20";
const USER: UserId = UserId::from_bytes([1; 16]);
const DEVICE: DeviceId = DeviceId::from_bytes([2; 16]);

fn encoding_key(seed: &str) -> EncodingKey {
    let prefix = from_hex("302e020100300506032b657004220420").unwrap();
    EncodingKey::from_ed_der(&[prefix, from_hex(seed).unwrap()].concat())
}

fn key_id(seed: &str) -> String {
    let key = SigningKey::parse(seed).unwrap();
    key.public().common.key_id.clone().unwrap()
}

fn now_s() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    i64::try_from(since.as_secs()).unwrap()
}

fn verifier() -> TokenVerifier {
    let key = SigningKey::parse(OWN_SEED).unwrap();
    TokenVerifier::new(&key, &AuthConfig::default()).unwrap()
}

fn good_header() -> Header {
    let mut header = Header::new(Algorithm::EdDSA);
    header.kid = Some(key_id(OWN_SEED));
    header
}

fn good_claims() -> Value {
    json!({
        "iss": "whimbrel",
        "aud": "whimbrel",
        "sub": USER.to_string(),
        "did": DEVICE.to_string(),
        "iat": now_s(),
        "nbf": now_s(),
        "exp": now_s() + 600,
        "jti": "1",
    })
}

fn with(name: &str, value: Value) -> Value {
    let mut claims = good_claims();
    claims[name] = value;
    claims
}

fn without(name: &str) -> Value {
    let mut claims = good_claims();
    claims.as_object_mut().unwrap().remove(name);
    claims
}

fn sign(header: &Header, claims: &Value) -> String {
    jsonwebtoken::encode(header, claims, &encoding_key(OWN_SEED)).unwrap()
}

/// The base64url digits of some text, made by the library: the first part of a token is its
/// header.
fn base64url(json: &Value) -> String {
    let token = jsonwebtoken::encode(
        &Header::new(Algorithm::HS256),
        json,
        &EncodingKey::from_secret(b"any"),
    )
    .unwrap();
    token.split('.').nth(1).unwrap().to_owned()
}

#[track_caller]
fn refused(token: &str, expected: TokenError) {
    assert_eq!(verifier().verify(token), Err(expected), "{token:.120}");
}

#[test]
fn the_right_one_passes() {
    let key = SigningKey::parse(OWN_SEED).unwrap();
    let issuer = TokenIssuer::new(key, &AuthConfig::default());
    let token = issuer
        .issue(USER, DEVICE, now_s() * 1_000, [7; 16])
        .unwrap();
    let verified = verifier().verify(&token).unwrap();
    assert_eq!((verified.user, verified.device), (USER, DEVICE));
    let lifetime_ms = verified.expires_ms - now_s() * 1_000;
    assert!((598_000..=600_000).contains(&lifetime_ms), "{lifetime_ms}");

    let token = sign(&good_header(), &good_claims());
    assert!(verifier().verify(&token).is_ok());
}

#[test]
fn clocks_may_differ_by_half_a_minute() {
    let header = good_header();
    for good in [
        with("exp", json!(now_s() - 25)),
        with("nbf", json!(now_s() + 25)),
    ] {
        assert!(verifier().verify(&sign(&header, &good)).is_ok());
    }
    refused(
        &sign(&header, &with("exp", json!(now_s() - 35))),
        TokenError::Expired,
    );
    refused(
        &sign(&header, &with("nbf", json!(now_s() + 35))),
        TokenError::NotYetValid,
    );
}

#[test]
fn algorithms_that_are_not_the_issuers() {
    // "none", with and without a signature.
    let none = base64url(&json!({"alg": "none", "kid": key_id(OWN_SEED)}));
    let claims = base64url(&good_claims());
    refused(&format!("{none}.{claims}."), TokenError::Malformed);
    let good = sign(&good_header(), &good_claims());
    let signature = good.split('.').nth(2).unwrap();
    refused(
        &format!("{none}.{claims}.{signature}"),
        TokenError::Malformed,
    );

    // HMAC with the public key, which everybody has, as the secret.
    let key = SigningKey::parse(OWN_SEED).unwrap();
    let jwk = serde_json::to_value(key.public()).unwrap();
    let public = jwk["x"].as_str().unwrap();
    let public_bytes = DecodingKey::from_jwk(key.public()).unwrap();
    for secret in [
        EncodingKey::from_secret(public.as_bytes()),
        EncodingKey::from_secret(public_bytes.try_get_as_bytes().unwrap()),
    ] {
        let mut header = good_header();
        header.alg = Algorithm::HS256;
        let token = jsonwebtoken::encode(&header, &good_claims(), &secret).unwrap();
        refused(&token, TokenError::WrongAlgorithm);
    }

    // Another asymmetric family in the header.
    for algorithm in ["RS256", "ES256", "PS512"] {
        let header = base64url(&json!({"alg": algorithm, "kid": key_id(OWN_SEED)}));
        refused(
            &format!("{header}.{claims}.{signature}"),
            TokenError::WrongAlgorithm,
        );
    }
}

#[test]
fn claims_that_are_wrong() {
    let header = good_header();
    for (claims, expected) in [
        (with("exp", json!(now_s() - 3_600)), TokenError::Expired),
        (with("exp", json!(0)), TokenError::Expired),
        (with("nbf", json!(now_s() + 3_600)), TokenError::NotYetValid),
        (with("aud", json!("somebody")), TokenError::WrongAudience),
        (with("aud", json!(["somebody"])), TokenError::WrongAudience),
        (with("iss", json!("somebody")), TokenError::WrongIssuer),
        (with("exp", json!("soon")), TokenError::MissingClaim),
        (with("sub", json!("alice")), TokenError::MissingClaim),
        (with("sub", json!(7)), TokenError::MissingClaim),
        (with("did", json!("phone")), TokenError::MissingClaim),
    ] {
        refused(&sign(&header, &claims), expected);
    }
    for name in ["exp", "nbf", "aud", "iss", "sub", "did"] {
        refused(&sign(&header, &without(name)), TokenError::MissingClaim);
    }
}

#[test]
fn tokens_that_were_changed() {
    let good = sign(&good_header(), &good_claims());
    let parts: Vec<&str> = good.split('.').collect();
    let [header, claims, signature] = parts[..] else {
        unreachable!("a token has three parts")
    };
    let other_claims = base64url(&with("sub", json!(UserId::from_bytes([3; 16]).to_string())));
    let changed_signature = {
        let first = if signature.starts_with('A') { "B" } else { "A" };
        first.to_owned() + signature.get(1..).unwrap()
    };
    for token in [
        format!("{header}.{other_claims}.{signature}"),
        format!("{header}.{claims}.{changed_signature}"),
        format!("{header}.{claims}."),
        format!("{header}.{claims}.{}", signature.get(..40).unwrap()),
    ] {
        refused(&token, TokenError::BadSignature);
    }
    let foreign = jsonwebtoken::encode(&good_header(), &good_claims(), &encoding_key(OTHER_SEED));
    refused(&foreign.unwrap(), TokenError::BadSignature);
}

#[test]
fn keys_that_are_not_known() {
    for key_id in [None, Some(String::new()), Some(key_id(OTHER_SEED))] {
        let mut header = good_header();
        header.kid = key_id;
        refused(&sign(&header, &good_claims()), TokenError::UnknownKey);
    }
    // A key that the token brings along is not asked.
    let mut header = Header::new(Algorithm::EdDSA);
    header.jwk = Some(SigningKey::parse(OTHER_SEED).unwrap().public().clone());
    let token = jsonwebtoken::encode(&header, &good_claims(), &encoding_key(OTHER_SEED)).unwrap();
    refused(&token, TokenError::UnknownKey);
}

#[test]
fn bytes_that_are_no_token() {
    let good = sign(&good_header(), &good_claims());
    for token in [
        String::new(),
        ".".to_owned(),
        "..".to_owned(),
        "...".to_owned(),
        "garbage".to_owned(),
        "a.b.c".to_owned(),
        "😀.😀.😀".to_owned(),
        format!("{good}."),
        format!(".{good}"),
        format!("{good}.{good}"),
        good.replacen('.', "..", 1),
        good.replace('.', ""),
        format!("{} ", good.split('.').next().unwrap()),
    ] {
        let refusal = verifier().verify(&token).unwrap_err();
        assert!(
            matches!(refusal, TokenError::Malformed | TokenError::BadSignature),
            "{token:.80}: {refusal}"
        );
    }
    refused(&"a".repeat(TOKEN_BYTES_MAX + 1), TokenError::TooLarge);
    let huge = with("padding", json!("a".repeat(TOKEN_BYTES_MAX)));
    refused(&sign(&good_header(), &huge), TokenError::TooLarge);

    let mut header = good_header();
    header.crit = Some(vec!["b64".to_owned()]);
    refused(&sign(&header, &good_claims()), TokenError::Malformed);
}

/// A configuration that trusts an issuer whose key set is this.
fn trusting(folder: &tempfile::TempDir, jwks: &Value) -> AuthConfig {
    let jwks_file = folder.path().join("jwks.json");
    std::fs::write(&jwks_file, jwks.to_string()).unwrap();
    AuthConfig {
        trusted: Some(TrustedIssuer {
            issuer: Text::new("https://login.example.org").unwrap(),
            audience: Text::new("chat").unwrap(),
            jwks_file,
            device_claim: Text::new("device").unwrap(),
        }),
        ..AuthConfig::default()
    }
}

#[test]
fn a_trusted_issuer_speaks_for_itself_only() {
    let folder = tempfile::tempdir().unwrap();
    let own = SigningKey::parse(OWN_SEED).unwrap();
    let mut theirs = serde_json::to_value(SigningKey::parse(OTHER_SEED).unwrap().public()).unwrap();
    theirs["kid"] = json!("login-1");
    let config = trusting(&folder, &json!({"keys": [theirs]}));
    let verifier = TokenVerifier::new(&own, &config).unwrap();

    let mut header = Header::new(Algorithm::EdDSA);
    header.kid = Some("login-1".to_owned());
    let sign =
        |claims: &Value| jsonwebtoken::encode(&header, claims, &encoding_key(OTHER_SEED)).unwrap();
    let mut claims = json!({
        "iss": "https://login.example.org",
        "aud": "chat",
        "sub": USER.to_string(),
        "device": DEVICE.to_string(),
        "nbf": now_s(),
        "exp": 2_000_000_000_000_i64,
    });
    assert_eq!(
        verifier.verify(&sign(&claims)),
        Ok(Verified {
            user: USER,
            device: DEVICE,
            expires_ms: 2_000_000_000_000_000,
        })
    );
    // Its key does not sign for the own issuer, and the own key does not sign for it.
    assert_eq!(
        verifier.verify(&sign(&good_claims())),
        Err(TokenError::WrongIssuer)
    );
    let crossed = jsonwebtoken::encode(&good_header(), &claims, &encoding_key(OWN_SEED)).unwrap();
    assert_eq!(verifier.verify(&crossed), Err(TokenError::WrongIssuer));
    claims["exp"] = json!(f64::MAX);
    assert_eq!(
        verifier.verify(&sign(&claims)),
        Err(TokenError::MissingClaim)
    );
}

#[test]
fn key_sets_that_are_of_no_use_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let own = SigningKey::parse(OWN_SEED).unwrap();
    let own_jwk = serde_json::to_value(own.public()).unwrap();
    let ed = |x: &str| json!({"kty": "OKP", "crv": "Ed25519", "kid": "ed", "x": x});
    let rsa = json!({"kty": "RSA", "kid": "rsa", "n": "AQAB", "e": "AQAB"});
    let good_x = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";
    let mut without_id = ed(good_x);
    without_id.as_object_mut().unwrap().remove("kid");
    for (jwks, words) in [
        (json!({"keys": []}), "no key in it"),
        (
            json!({"keys": [rsa, ed(good_x)]}),
            "several algorithm families",
        ),
        (
            json!({"keys": [{"kty": "oct", "kid": "s", "k": "c2VjcmV0"}]}),
            "shared secret",
        ),
        (json!({"keys": [without_id]}), "without kid"),
        (json!({"keys": [ed("AQAB")]}), "32 bytes"),
        (json!({"keys": [own_jwk]}), "is taken"),
        (json!([]), "not a JWK set"),
    ] {
        let config = trusting(&folder, &jwks);
        let error = TokenVerifier::new(&own, &config).unwrap_err().to_string();
        assert!(error.contains(words), "{words}: {error}");
        assert!(error.contains("jwks.json"), "{error}");
    }
}
