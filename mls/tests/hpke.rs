//! HPKE as OpenMLS asks for it, against the numbers of RFC 9180, appendix A.1.1.

#![allow(clippy::unwrap_used, reason = "tests")]

use openmls_traits::crypto::OpenMlsCrypto;
use openmls_traits::random::OpenMlsRand;
use openmls_traits::types::{
    CryptoError, HpkeAeadType, HpkeCiphertext, HpkeConfig, HpkeKdfType, HpkeKemType,
};
use whimbrel_mls::Crypto;

const INFO: &str = "4f6465206f6e2061204772656369616e2055726e";
const SENDER_INPUT: &str = "7268600d403fce431561aef583ee1613527cff655c1343f29812e66706df3234";
const SENDER_PUBLIC: &str = "37fda3567bdbd628e88668c3c8d7e97d1d1253b6d4ea6d44c150f741f1bf4431";
const SENDER_SECRET: &str = "52c4a758a802cd8b936eceea314432798d5baf2d7e9235dc084ab1b9cfa2f736";
const RECEIVER_INPUT: &str = "6db9df30aa07dd42ee5e8181afdb977e538f5e1fec8a06223f33f7013e525037";
const RECEIVER_PUBLIC: &str = "3948cfe0ad1ddb695d780e59077195da6c56506b027329794ab02bca80815c4d";
const RECEIVER_SECRET: &str = "4612c550263fc8ad58375df3f557aac531d26850903e55a9f23f21d8534e8ac8";
const PLAINTEXT: &str = "4265617574792069732074727574682c20747275746820626561757479";
const AAD: &str = "436f756e742d30";
const CIPHERTEXT: &str =
    "f938558b5d72f1a23810b4be2ab4f84331acc02fc97babc53a52ae8218a355a96d8770ac83d07bea87e13c512a";
const EXPORTS: [(&str, &str); 3] = [
    (
        "",
        "3853fe2b4035195a573ffc53856e77058e15d9ea064de3e59f4961d0095250ee",
    ),
    (
        "00",
        "2e8f0b54673c7029649d4eb9d5e33bf1872cf76d623ff164ac185da9e88c21a5",
    ),
    (
        "54657374436f6e74657874",
        "e9e43065102c3836401bed8c3c3c75ae46be1639869391d62c61f1ec7af54931",
    ),
];

/// Points of low order, in every encoding that X25519 takes (RFC 7748, section 6.1, and the list
/// of Bernstein): zero, one, the two of order eight, p - 1, p, p + 1.
const LOW_ORDER: [&str; 7] = [
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0100000000000000000000000000000000000000000000000000000000000000",
    "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
    "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
];

fn hex(text: &str) -> Vec<u8> {
    (0..text.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(text.get(at..at + 2).unwrap(), 16).unwrap())
        .collect()
}

fn ours() -> HpkeConfig {
    HpkeConfig(
        HpkeKemType::DhKem25519,
        HpkeKdfType::HkdfSha256,
        HpkeAeadType::AesGcm128,
    )
}

fn crypto() -> Crypto {
    Crypto::from_seed([7; 32])
}

#[test]
fn key_pairs_of_the_rfc() {
    for (input, secret, public) in [
        (SENDER_INPUT, SENDER_SECRET, SENDER_PUBLIC),
        (RECEIVER_INPUT, RECEIVER_SECRET, RECEIVER_PUBLIC),
    ] {
        let pair = crypto().derive_hpke_keypair(ours(), &hex(input)).unwrap();
        assert_eq!(*pair.private, *hex(secret));
        assert_eq!(pair.public, hex(public));
    }
}

#[test]
fn ciphertext_of_the_rfc_opens() {
    let input = HpkeCiphertext {
        kem_output: hex(SENDER_PUBLIC).into(),
        ciphertext: hex(CIPHERTEXT).into(),
    };
    let (secret, info, aad) = (hex(RECEIVER_SECRET), hex(INFO), hex(AAD));
    let opened = crypto().hpke_open(ours(), &input, &secret, &info, &aad);
    assert_eq!(opened.unwrap(), hex(PLAINTEXT));
    assert_eq!(
        crypto().hpke_open(ours(), &input, &secret, &info, b"other"),
        Err(CryptoError::HpkeDecryptionError)
    );
}

#[test]
fn exports_of_the_rfc() {
    for (context, secret) in EXPORTS {
        let export = crypto()
            .hpke_setup_receiver_and_export(
                ours(),
                &hex(SENDER_PUBLIC),
                &hex(RECEIVER_SECRET),
                &hex(INFO),
                &hex(context),
                32,
            )
            .unwrap();
        assert_eq!(*export, *hex(secret));
    }
}

#[test]
fn what_is_sealed_opens_and_does_not_depend_on_order() {
    let (public, secret) = (hex(RECEIVER_PUBLIC), hex(RECEIVER_SECRET));
    let seal = |crypto: &Crypto, text: &[u8]| {
        let sealed = crypto.hpke_seal(ours(), &public, b"info", b"aad", text);
        sealed.unwrap()
    };
    let (one, other) = (crypto(), crypto());
    let (a, b) = (seal(&one, b"a"), seal(&one, b"b"));
    assert_ne!(a.kem_output, b.kem_output);
    assert_eq!(seal(&other, b"b").ciphertext, b.ciphertext);
    assert_eq!(seal(&other, b"a").ciphertext, a.ciphertext);
    let opened = one.hpke_open(ours(), &a, &secret, b"info", b"aad");
    assert_eq!(opened.unwrap(), b"a");

    let (enc, sent) = one
        .hpke_setup_sender_and_export(ours(), &public, b"info", b"context", 32)
        .unwrap();
    let received = one
        .hpke_setup_receiver_and_export(ours(), &enc, &secret, b"info", b"context", 32)
        .unwrap();
    assert_eq!(*sent, *received);
}

#[test]
fn points_of_low_order_are_refused() {
    for point in LOW_ORDER {
        let point = hex(point);
        let sealed = crypto().hpke_seal(ours(), &point, b"", b"", b"text");
        assert!(sealed.is_err(), "sealing to {point:02x?}");
        let input = HpkeCiphertext {
            kem_output: point.clone().into(),
            ciphertext: hex(CIPHERTEXT).into(),
        };
        let opened = crypto().hpke_open(ours(), &input, &hex(RECEIVER_SECRET), b"", b"");
        assert_eq!(opened, Err(CryptoError::InvalidPublicKey), "{point:02x?}");
    }
}

#[test]
fn other_suites_are_refused() {
    let other = || {
        HpkeConfig(
            HpkeKemType::DhKem25519,
            HpkeKdfType::HkdfSha256,
            HpkeAeadType::ChaCha20Poly1305,
        )
    };
    let refused = Err(CryptoError::UnsupportedCiphersuite);
    assert_eq!(
        crypto().derive_hpke_keypair(other(), b"x").map(|_| ()),
        refused
    );
    let sealed = crypto().hpke_seal(other(), &hex(RECEIVER_PUBLIC), b"", b"", b"");
    assert_eq!(sealed.map(|_| ()), refused);
}

#[test]
fn randomness_comes_from_the_seed_and_never_twice() {
    let (one, other) = (crypto(), crypto());
    let first: [u8; 48] = one.random_array().unwrap();
    assert_eq!(first, other.random_array().unwrap());
    let second: [u8; 48] = one.random_array().unwrap();
    assert_ne!(first, second);
    assert_ne!(first.get(..16), first.get(32..));
    let third: [u8; 48] = Crypto::from_seed([8; 32]).random_array().unwrap();
    assert_ne!(first, third);
    assert_eq!(one.random_vec(100_000).unwrap().len(), 100_000);
}
