//! Access tokens: the one that is right, and everything that is nearly right.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may stop at the first surprise"
)]

use std::collections::BTreeSet;
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

/// The base64url digits of some text, without padding.
fn base64url_text(text: &str) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut digits = String::new();
    for chunk in text.as_bytes().chunks(3) {
        let bytes = [
            chunk[0],
            *chunk.get(1).unwrap_or(&0),
            *chunk.get(2).unwrap_or(&0),
        ];
        let bits = u32::from_be_bytes([0, bytes[0], bytes[1], bytes[2]]);
        for place in 0..=chunk.len() {
            let digit = (bits >> (18 - 6 * place)) & 63;
            digits.push(char::from(DIGITS[usize::try_from(digit).unwrap()]));
        }
    }
    digits
}

fn base64url(json: &Value) -> String {
    base64url_text(&json.to_string())
}

/// A token of exactly these two parts, signed by this key.
fn sign_parts(header: &str, claims: &str, seed: &str) -> String {
    let message = format!("{header}.{claims}");
    let key = encoding_key(seed);
    let signature = jsonwebtoken::crypto::sign(message.as_bytes(), &key, Algorithm::EdDSA);
    format!("{message}.{}", signature.unwrap())
}

/// A header that says these things besides the right ones.
fn header_with(more: &Value) -> String {
    let mut header = json!({"alg": "EdDSA", "kid": key_id(OWN_SEED)});
    for (name, value) in more.as_object().unwrap() {
        header[name] = value.clone();
    }
    base64url(&header)
}

/// What it is, the token, and why it is refused, if it is.
type Case = (&'static str, String, Option<TokenError>);
/// The same, with what stands in the place that a table is about.
type Line = (&'static str, Value, Option<TokenError>);

const EXPIRED: Option<TokenError> = Some(TokenError::Expired);
const LACKS: Option<TokenError> = Some(TokenError::MissingClaim);
const MALFORMED: Option<TokenError> = Some(TokenError::Malformed);
const FALSE: Option<TokenError> = Some(TokenError::BadSignature);

/// Tokens in which one claim is another.
fn of_claim(claim: &str, lines: Vec<Line>) -> Vec<Case> {
    let cases = lines.into_iter().map(|(name, value, expected)| {
        let token = sign(&good_header(), &with(claim, value));
        (name, token, expected)
    });
    cases.collect()
}

fn times_of_expiry() -> Vec<Case> {
    let (now, tomorrow) = (now_s(), now_s() + 86_400);
    let fraction = |seconds: i64| f64::from(u32::try_from(now + seconds).unwrap()) + 0.5;
    let lines = vec![
        ("expires tomorrow", json!(tomorrow), None),
        ("expired an hour ago", json!(now - 3_600), EXPIRED),
        ("expired within the leeway", json!(now - 25), None),
        ("expired beyond the leeway", json!(now - 35), EXPIRED),
        ("expired in 1970", json!(0), EXPIRED),
        ("expired before 1970", json!(-1), LACKS),
        ("expires soon", json!("soon"), LACKS),
        ("expires in quotes", json!(tomorrow.to_string()), LACKS),
        ("expires at a fraction", json!(fraction(600)), None),
        ("expired at a fraction", json!(fraction(-600)), EXPIRED),
        ("expires much later", json!(u64::MAX / 10_000), None),
        ("expires at the largest integer", json!(u64::MAX), None),
        ("expires at the largest number", json!(f64::MAX), LACKS),
        ("expires at null", Value::Null, LACKS),
        ("expires at true", json!(true), LACKS),
        ("expires at a list", json!([tomorrow]), MALFORMED),
    ];
    of_claim("exp", lines)
}

fn times_of_beginning() -> Vec<Case> {
    const EARLY: Option<TokenError> = Some(TokenError::NotYetValid);
    let now = now_s();
    let lines = vec![
        ("begins in an hour", json!(now + 3_600), EARLY),
        ("begins within the leeway", json!(now + 25), None),
        ("begins beyond the leeway", json!(now + 35), EARLY),
        ("begins in quotes", json!("0"), LACKS),
        ("began before 1970", json!(-1), LACKS),
        ("began at null", Value::Null, LACKS),
    ];
    let mut cases = of_claim("nbf", lines);
    let later = vec![("issued tomorrow", json!(now + 86_400), None)];
    cases.extend(of_claim("iat", later));
    cases
}

fn audiences_and_issuers() -> Vec<Case> {
    const AUDIENCE: Option<TokenError> = Some(TokenError::WrongAudience);
    const ISSUER: Option<TokenError> = Some(TokenError::WrongIssuer);
    let audiences = vec![
        ("for somebody else", json!("somebody"), AUDIENCE),
        ("for others", json!(["a", "b"]), AUDIENCE),
        ("for others too", json!(["a", "whimbrel"]), None),
        ("for an empty list", json!([]), AUDIENCE),
        ("for a number", json!(7), LACKS),
        ("for one in other letters", json!("Whimbrel"), AUDIENCE),
    ];
    let issuers = vec![
        ("by somebody else", json!("somebody"), ISSUER),
        ("by one with a space", json!("whimbrel "), ISSUER),
        ("by an address", json!("https://whimbrel"), ISSUER),
        ("by null", Value::Null, LACKS),
    ];
    [of_claim("aud", audiences), of_claim("iss", issuers)].concat()
}

fn users_and_devices() -> Vec<Case> {
    let users = vec![
        ("a user who is a name", json!("alice"), LACKS),
        ("a user who is a number", json!(7), LACKS),
        ("a user who is too long", json!("01".repeat(17)), LACKS),
        ("a user who is empty", json!(""), LACKS),
    ];
    let devices = vec![
        ("a device that is a name", json!("phone"), LACKS),
        ("a device that is null", Value::Null, LACKS),
        ("a device that is a list", json!(["02"]), LACKS),
    ];
    [of_claim("sub", users), of_claim("did", devices)].concat()
}

fn claims_that_are_not_there() -> Vec<Case> {
    let lines = [
        ("no issuer", "iss", LACKS),
        ("no audience", "aud", LACKS),
        ("no user", "sub", LACKS),
        ("no device", "did", LACKS),
        ("no expiry", "exp", LACKS),
        ("no beginning", "nbf", LACKS),
        ("no time of issue", "iat", None),
        ("no id", "jti", None),
    ];
    let mut cases: Vec<Case> = lines
        .into_iter()
        .map(|(name, claim, expected)| (name, sign(&good_header(), &without(claim)), expected))
        .collect();
    let header = header_with(&json!({}));
    let mut twice = good_claims().to_string();
    twice.insert_str(1, "\"sub\":\"00000000000000000000000000000000\",");
    for (name, claims) in [
        ("a claim twice", base64url_text(&twice)),
        ("claims that are a list", base64url(&json!([]))),
        ("claims that are none", String::new()),
    ] {
        cases.push((name, sign_parts(&header, &claims, OWN_SEED), MALFORMED));
    }
    cases
}

/// Tokens that are signed by the own key, whatever their header says.
fn headers() -> Vec<Case> {
    const ALGORITHM: Option<TokenError> = Some(TokenError::WrongAlgorithm);
    const KEY: Option<TokenError> = Some(TokenError::UnknownKey);
    let other_key = key_id(OTHER_SEED);
    let lines = vec![
        ("none, signed", json!({"alg": "none"}), MALFORMED),
        ("None, in other letters", json!({"alg": "None"}), MALFORMED),
        ("no algorithm", json!({"alg": null}), MALFORMED),
        ("RSA", json!({"alg": "RS256"}), ALGORITHM),
        ("RSA-PSS", json!({"alg": "PS512"}), ALGORITHM),
        ("another curve", json!({"alg": "ES256"}), ALGORITHM),
        ("a shared secret", json!({"alg": "HS512"}), ALGORITHM),
        ("no key id", json!({"kid": null}), KEY),
        ("an empty key id", json!({"kid": ""}), KEY),
        ("another key's id", json!({"kid": other_key}), KEY),
        ("a key id that is a path", json!({"kid": "/dev/null"}), KEY),
        ("a key id that is a number", json!({"kid": 7}), MALFORMED),
        ("an unknown must", json!({"crit": ["b64"]}), MALFORMED),
        ("an empty must", json!({"crit": []}), MALFORMED),
        (
            "the type of an access token",
            json!({"typ": "at+jwt"}),
            None,
        ),
        ("a type that nobody knows", json!({"typ": "x"}), None),
        ("a compression", json!({"zip": "DEF"}), None),
    ];
    let claims = base64url(&good_claims());
    let cases = lines.into_iter().map(|(name, more, expected)| {
        let token = sign_parts(&header_with(&more), &claims, OWN_SEED);
        (name, token, expected)
    });
    cases.collect()
}

/// Tokens that are signed by another key, and say where that one is.
fn other_keys() -> Vec<Case> {
    let jwk = serde_json::to_value(SigningKey::parse(OTHER_SEED).unwrap().public()).unwrap();
    let elsewhere = "https://elsewhere.example/keys";
    let claims = base64url(&good_claims());
    let lines: [(&str, Value); 5] = [
        ("another key", json!({})),
        ("a key brought along", json!({"jwk": jwk})),
        ("a key at an address", json!({"jku": elsewhere})),
        ("a certificate at an address", json!({"x5u": elsewhere})),
        ("a certificate brought along", json!({"x5c": ["MIIB"]})),
    ];
    let mut cases: Vec<Case> = lines
        .into_iter()
        .map(|(name, more)| {
            (
                name,
                sign_parts(&header_with(&more), &claims, OTHER_SEED),
                FALSE,
            )
        })
        .collect();
    // The public key, which everybody has, as a shared secret.
    let key = SigningKey::parse(OWN_SEED).unwrap();
    let own = serde_json::to_value(key.public()).unwrap();
    let digits = own["x"].as_str().unwrap().as_bytes();
    let public = DecodingKey::from_jwk(key.public()).unwrap();
    let header = Header {
        alg: Algorithm::HS256,
        ..good_header()
    };
    for (name, secret) in [
        (
            "the public key as a secret",
            public.try_get_as_bytes().unwrap(),
        ),
        ("its digits as a secret", digits),
    ] {
        let secret = EncodingKey::from_secret(secret);
        let token = jsonwebtoken::encode(&header, &good_claims(), &secret).unwrap();
        cases.push((name, token, Some(TokenError::WrongAlgorithm)));
    }
    cases
}

fn changed_parts() -> Vec<Case> {
    let good = sign(&good_header(), &good_claims());
    let parts: Vec<&str> = good.split('.').collect();
    let [header, claims, signature] = parts[..] else {
        unreachable!("a token has three parts")
    };
    let user = UserId::from_bytes([3; 16]).to_string();
    let other_claims = base64url(&with("sub", json!(user)));
    let other_header = header_with(&json!({"typ": "x"}));
    let unsigned = header_with(&json!({"alg": "none"}));
    let flipped = if signature.starts_with('A') { "B" } else { "A" };
    let changed = flipped.to_owned() + signature.get(1..).unwrap();
    let half = signature.get(..40).unwrap();
    let lines = [
        ("other claims", [header, &other_claims, signature], FALSE),
        ("another header", [&other_header, claims, signature], FALSE),
        ("another signature", [header, claims, &changed], FALSE),
        ("no signature", [header, claims, ""], FALSE),
        ("half a signature", [header, claims, half], FALSE),
        ("the claims as signature", [header, claims, claims], FALSE),
        ("a header alone", [header, "", ""], FALSE),
        ("claims alone", ["", claims, ""], MALFORMED),
        ("none, unsigned", [&unsigned, claims, ""], MALFORMED),
        (
            "none, the signature kept",
            [&unsigned, claims, signature],
            MALFORMED,
        ),
    ];
    let cases = lines.into_iter();
    cases
        .map(|(name, parts, expected)| (name, parts.join("."), expected))
        .collect()
}

fn bytes() -> Vec<Case> {
    const LARGE: Option<TokenError> = Some(TokenError::TooLarge);
    let good = sign(&good_header(), &good_claims());
    let two_parts = good.rsplit_once('.').unwrap().0.to_owned();
    let padding = with("padding", json!("a".repeat(TOKEN_BYTES_MAX)));
    vec![
        ("nothing", String::new(), MALFORMED),
        ("a dot", ".".to_owned(), MALFORMED),
        ("two dots", "..".to_owned(), MALFORMED),
        ("a space", " ".to_owned(), MALFORMED),
        ("a word", "garbage".to_owned(), MALFORMED),
        ("letters between dots", "a.b.c".to_owned(), MALFORMED),
        ("faces between dots", "😀.😀.😀".to_owned(), MALFORMED),
        ("two parts", two_parts, MALFORMED),
        ("a dot behind", format!("{good}."), MALFORMED),
        ("a dot in front", format!(".{good}"), MALFORMED),
        ("one dot too many", good.replacen('.', "..", 1), MALFORMED),
        ("no dots", good.replace('.', ""), MALFORMED),
        ("twice", format!("{good}.{good}"), MALFORMED),
        ("a space in front", format!(" {good}"), MALFORMED),
        ("a space behind", format!("{good} "), MALFORMED),
        ("padded digits", format!("{good}=="), MALFORMED),
        ("a line break", good.replacen('.', "\n.", 1), MALFORMED),
        (
            "a digit that is none",
            good.replacen('e', "*", 1),
            MALFORMED,
        ),
        ("too many bytes", "a".repeat(TOKEN_BYTES_MAX + 1), LARGE),
        ("too large a claim", sign(&good_header(), &padding), LARGE),
    ]
}

#[test]
fn the_right_one_passes_and_what_is_nearly_right_does_not() {
    let right = (
        "as it should be",
        sign(&good_header(), &good_claims()),
        None,
    );
    let cases = [
        vec![right],
        times_of_expiry(),
        times_of_beginning(),
        audiences_and_issuers(),
        users_and_devices(),
        claims_that_are_not_there(),
        headers(),
        other_keys(),
        changed_parts(),
        bytes(),
    ]
    .concat();
    let names: BTreeSet<&str> = cases.iter().map(|(name, ..)| *name).collect();
    assert!(names.len() == cases.len() && names.len() >= 40);
    let verifier = verifier();
    let mut surprises = Vec::new();
    for (name, token, expected) in &cases {
        let verified = verifier.verify(token);
        if let Ok(verified) = verified {
            assert_eq!((verified.user, verified.device), (USER, DEVICE), "{name}");
        }
        if verified.err() != *expected {
            surprises.push((name, verified, expected));
        }
    }
    assert!(surprises.is_empty(), "{surprises:#?}");
}

#[test]
fn a_token_of_the_issuer_says_what_it_should() {
    let key = SigningKey::parse(OWN_SEED).unwrap();
    let issuer = TokenIssuer::new(key, &AuthConfig::default());
    let token = issuer
        .issue(USER, DEVICE, now_s() * 1_000, [7; 16])
        .unwrap();
    let verified = verifier().verify(&token).unwrap();
    assert_eq!((verified.user, verified.device), (USER, DEVICE));
    let lifetime_ms = verified.expires_ms - now_s() * 1_000;
    assert!((598_000..=600_000).contains(&lifetime_ms), "{lifetime_ms}");
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
