//! HPKE (RFC 9180) in the modes base and PSK, for one suite: DHKEM(X25519, HKDF-SHA256),
//! HKDF-SHA256, AES-128-GCM. One message per context, so the nonce is always the base nonce.

use aes_gcm::aead::{Aead, Payload};
use aes_gcm::{Aes128Gcm, KeyInit};
use hkdf::Hkdf;
use openmls_traits::types::CryptoError;
use sha2::Sha256;
use x25519_dalek::{PublicKey, StaticSecret};
use zeroize::Zeroizing;

/// "KEM" and the number of DHKEM(X25519, HKDF-SHA256).
const KEM_ID: &[u8] = b"KEM\x00\x20";
/// "HPKE" and the numbers of KEM, KDF and AEAD.
const SUITE_ID: &[u8] = b"HPKE\x00\x20\x00\x01\x00\x01";
const MODE_BASE: u8 = 0;
const MODE_PSK: u8 = 1;
const KEY_BYTES: usize = 16;
const NONCE_BYTES: usize = 12;
const SECRET_BYTES: usize = 32;

/// A secret that both sides share beforehand, and its public name; neither is empty. With it the
/// sealed text also proves to come from somebody who has the secret.
#[derive(Clone, Copy)]
pub(crate) struct Psk<'a> {
    pub(crate) secret: &'a [u8],
    pub(crate) id: &'a [u8],
}

/// A key schedule after its set-up by either side.
pub(crate) struct Context {
    key: Zeroizing<Vec<u8>>,
    base_nonce: Zeroizing<Vec<u8>>,
    exporter_secret: Zeroizing<Vec<u8>>,
}

impl Context {
    pub(crate) fn seal(&self, aad: &[u8], plaintext: &[u8]) -> Result<Vec<u8>, CryptoError> {
        aes_128_gcm_seal(&self.key, &self.base_nonce, aad, plaintext)
    }

    pub(crate) fn open(&self, aad: &[u8], ciphertext: &[u8]) -> Result<Vec<u8>, CryptoError> {
        aes_128_gcm_open(&self.key, &self.base_nonce, aad, ciphertext)
            .map_err(|_| CryptoError::HpkeDecryptionError)
    }

    pub(crate) fn export(
        &self,
        exporter_context: &[u8],
        length: usize,
    ) -> Result<Zeroizing<Vec<u8>>, CryptoError> {
        labeled_expand(
            SUITE_ID,
            &self.exporter_secret,
            b"sec",
            exporter_context,
            length,
        )
    }
}

/// Sets up the sender's side with a given ephemeral secret key; the first value is what the
/// receiver needs beside its own secret key.
pub(crate) fn set_up_sender(
    ephemeral: &[u8; SECRET_BYTES],
    receiver: &[u8],
    info: &[u8],
    psk: Option<Psk<'_>>,
) -> Result<(Vec<u8>, Context), CryptoError> {
    let ephemeral = StaticSecret::from(*ephemeral);
    let encapsulated = PublicKey::from(&ephemeral).to_bytes();
    let shared = diffie_hellman(&ephemeral, receiver)?;
    let secret = extract_and_expand(&*shared, &[&encapsulated, receiver].concat())?;
    Ok((encapsulated.to_vec(), key_schedule(&secret, info, psk)?))
}

/// Sets up the receiver's side.
pub(crate) fn set_up_receiver(
    encapsulated: &[u8],
    receiver_secret: &[u8],
    info: &[u8],
    psk: Option<Psk<'_>>,
) -> Result<Context, CryptoError> {
    let secret: [u8; SECRET_BYTES] = receiver_secret
        .try_into()
        .map_err(|_| CryptoError::InvalidLength)?;
    let secret = StaticSecret::from(secret);
    let receiver = PublicKey::from(&secret).to_bytes();
    let shared = diffie_hellman(&secret, encapsulated)?;
    let secret = extract_and_expand(&*shared, &[encapsulated, &receiver].concat())?;
    key_schedule(&secret, info, psk)
}

/// The public key of a secret key.
pub(crate) fn public_key(secret: &[u8; SECRET_BYTES]) -> [u8; SECRET_BYTES] {
    PublicKey::from(&StaticSecret::from(*secret)).to_bytes()
}

/// DeriveKeyPair: the secret and the public key that belong to some input key material.
pub(crate) fn derive_key_pair(
    input: &[u8],
) -> Result<(Zeroizing<Vec<u8>>, [u8; SECRET_BYTES]), CryptoError> {
    let prk = labeled_extract(KEM_ID, b"", b"dkp_prk", input);
    let secret = labeled_expand(KEM_ID, &*prk, b"sk", b"", SECRET_BYTES)?;
    let bytes: [u8; SECRET_BYTES] = secret
        .as_slice()
        .try_into()
        .map_err(|_| CryptoError::InvalidLength)?;
    Ok((secret, public_key(&bytes)))
}

pub(crate) fn aes_128_gcm_seal(
    key: &[u8],
    nonce: &[u8],
    aad: &[u8],
    plaintext: &[u8],
) -> Result<Vec<u8>, CryptoError> {
    let nonce = nonce.try_into().map_err(|_| CryptoError::InvalidLength)?;
    Aes128Gcm::new_from_slice(key)
        .map_err(|_| CryptoError::InvalidLength)?
        .encrypt(
            nonce,
            Payload {
                msg: plaintext,
                aad,
            },
        )
        .map_err(|_| CryptoError::CryptoLibraryError)
}

pub(crate) fn aes_128_gcm_open(
    key: &[u8],
    nonce: &[u8],
    aad: &[u8],
    ciphertext: &[u8],
) -> Result<Vec<u8>, CryptoError> {
    let nonce = nonce.try_into().map_err(|_| CryptoError::InvalidLength)?;
    Aes128Gcm::new_from_slice(key)
        .map_err(|_| CryptoError::InvalidLength)?
        .decrypt(
            nonce,
            Payload {
                msg: ciphertext,
                aad,
            },
        )
        .map_err(|_| CryptoError::AeadDecryptionError)
}

pub(crate) fn hkdf_extract(salt: &[u8], input: &[u8]) -> Zeroizing<[u8; SECRET_BYTES]> {
    let (prk, _) = Hkdf::<Sha256>::extract(Some(salt), input);
    Zeroizing::new(prk.into())
}

pub(crate) fn hkdf_expand(
    prk: &[u8],
    info: &[u8],
    length: usize,
) -> Result<Zeroizing<Vec<u8>>, CryptoError> {
    let mut output = Zeroizing::new(vec![0; length]);
    Hkdf::<Sha256>::from_prk(prk)
        .map_err(|_| CryptoError::HkdfOutputLengthInvalid)?
        .expand(info, &mut output)
        .map_err(|_| CryptoError::HkdfOutputLengthInvalid)?;
    Ok(output)
}

/// X25519, refusing points of low order: their shared secret would be zero for every secret key.
fn diffie_hellman(
    secret: &StaticSecret,
    public: &[u8],
) -> Result<Zeroizing<[u8; SECRET_BYTES]>, CryptoError> {
    let public: [u8; SECRET_BYTES] = public.try_into().map_err(|_| CryptoError::InvalidLength)?;
    let shared = secret.diffie_hellman(&PublicKey::from(public));
    if shared.was_contributory() {
        Ok(Zeroizing::new(shared.to_bytes()))
    } else {
        Err(CryptoError::InvalidPublicKey)
    }
}

fn extract_and_expand(shared: &[u8], context: &[u8]) -> Result<Zeroizing<Vec<u8>>, CryptoError> {
    let prk = labeled_extract(KEM_ID, b"", b"eae_prk", shared);
    labeled_expand(KEM_ID, &*prk, b"shared_secret", context, SECRET_BYTES)
}

fn key_schedule(
    shared_secret: &[u8],
    info: &[u8],
    psk: Option<Psk<'_>>,
) -> Result<Context, CryptoError> {
    let (mode, psk) = match psk {
        Some(psk) if psk.secret.is_empty() || psk.id.is_empty() => {
            return Err(CryptoError::InvalidLength);
        }
        Some(psk) => (MODE_PSK, psk),
        None => (
            MODE_BASE,
            Psk {
                secret: b"",
                id: b"",
            },
        ),
    };
    let psk_id_hash = labeled_extract(SUITE_ID, b"", b"psk_id_hash", psk.id);
    let info_hash = labeled_extract(SUITE_ID, b"", b"info_hash", info);
    let context = [&[mode][..], &*psk_id_hash, &*info_hash].concat();
    let secret = labeled_extract(SUITE_ID, shared_secret, b"secret", psk.secret);
    Ok(Context {
        key: labeled_expand(SUITE_ID, &*secret, b"key", &context, KEY_BYTES)?,
        base_nonce: labeled_expand(SUITE_ID, &*secret, b"base_nonce", &context, NONCE_BYTES)?,
        exporter_secret: labeled_expand(SUITE_ID, &*secret, b"exp", &context, SECRET_BYTES)?,
    })
}

fn labeled_extract(
    suite: &[u8],
    salt: &[u8],
    label: &[u8],
    input: &[u8],
) -> Zeroizing<[u8; SECRET_BYTES]> {
    let labeled = Zeroizing::new([b"HPKE-v1", suite, label, input].concat());
    hkdf_extract(salt, &labeled)
}

fn labeled_expand(
    suite: &[u8],
    prk: &[u8],
    label: &[u8],
    info: &[u8],
    length: usize,
) -> Result<Zeroizing<Vec<u8>>, CryptoError> {
    let stated = u16::try_from(length).map_err(|_| CryptoError::HkdfOutputLengthInvalid)?;
    let labeled = [&stated.to_be_bytes()[..], b"HPKE-v1", suite, label, info].concat();
    hkdf_expand(prk, &labeled, length)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

    use super::*;

    fn hex(text: &str) -> Vec<u8> {
        (0..text.len())
            .step_by(2)
            .map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap())
            .collect()
    }

    /// RFC 9180, appendix A.1.1: with its ephemeral key, sealing gives its very bytes. The public
    /// side of the vector is in tests/hpke.rs.
    #[test]
    fn seals_as_in_the_rfc() {
        let ephemeral = hex("52c4a758a802cd8b936eceea314432798d5baf2d7e9235dc084ab1b9cfa2f736");
        let receiver = hex("3948cfe0ad1ddb695d780e59077195da6c56506b027329794ab02bca80815c4d");
        let info = hex("4f6465206f6e2061204772656369616e2055726e");
        let (encapsulated, context) =
            set_up_sender(&ephemeral.try_into().unwrap(), &receiver, &info, None).unwrap();
        assert_eq!(
            encapsulated,
            hex("37fda3567bdbd628e88668c3c8d7e97d1d1253b6d4ea6d44c150f741f1bf4431")
        );
        assert_eq!(*context.key, hex("4531685d41d65f03dc48f6b8302c05b0"));
        assert_eq!(*context.base_nonce, hex("56d890e5accaaf011cff4b7d"));
        assert_eq!(
            *context.exporter_secret,
            hex("45ff1c2e220db587171952c0592d5f5ebe103f1561a2614e38f2ffd47e99e3f8")
        );
        let plaintext = hex("4265617574792069732074727574682c20747275746820626561757479");
        let sealed = context.seal(&hex("436f756e742d30"), &plaintext).unwrap();
        assert_eq!(
            sealed,
            hex(concat!(
                "f938558b5d72f1a23810b4be2ab4f84331acc02fc97babc53a52ae8218a355",
                "a96d8770ac83d07bea87e13c512a"
            ))
        );
    }
    /// RFC 9180, appendix A.1.2, with its ephemeral key.
    #[test]
    fn seals_and_opens_with_a_psk_as_in_the_rfc() {
        let ephemeral = hex("463426a9ffb42bb17dbe6044b9abd1d4e4d95f9041cef0e99d7824eef2b6f588");
        let receiver = hex("9fed7e8c17387560e92cc6462a68049657246a09bfa8ade7aefe589672016366");
        let receiver_secret =
            hex("c5eb01eb457fe6c6f57577c5413b931550a162c71a03ac8d196babbd4e5ce0fd");
        let info = hex("4f6465206f6e2061204772656369616e2055726e");
        let secret = hex("0247fd33b913760fa1fa51e1892d9f307fbe65eb171e8132c2af18555a738b82");
        let id = hex("456e6e796e20447572696e206172616e204d6f726961");
        let psk = Psk {
            secret: &secret,
            id: &id,
        };
        let ephemeral = ephemeral.try_into().unwrap();
        let (encapsulated, context) =
            set_up_sender(&ephemeral, &receiver, &info, Some(psk)).unwrap();
        assert_eq!(
            encapsulated,
            hex("0ad0950d9fb9588e59690b74f1237ecdf1d775cd60be2eca57af5a4b0471c91b")
        );
        assert_eq!(*context.key, hex("15026dba546e3ae05836fc7de5a7bb26"));
        assert_eq!(*context.base_nonce, hex("9518635eba129d5ce0914555"));
        assert_eq!(
            *context.exporter_secret,
            hex("3d76025dbbedc49448ec3f9080a1abab6b06e91c0b11ad23c912f043a0ee7655")
        );
        let plaintext = hex("4265617574792069732074727574682c20747275746820626561757479");
        let (aad, sealed) = (
            hex("436f756e742d30"),
            hex(concat!(
                "e52c6fed7f758d0cf7145689f21bc1be6ec9ea097fef4e959440012f4feb73",
                "fb611b946199e681f4cfc34db8ea"
            )),
        );
        assert_eq!(context.seal(&aad, &plaintext).unwrap(), sealed);
        let open =
            |psk| set_up_receiver(&encapsulated, &receiver_secret, &info, psk)?.open(&aad, &sealed);
        assert_eq!(open(Some(psk)), Ok(plaintext));
        let other = Psk { secret: &id, ..psk };
        assert_eq!(open(Some(other)), Err(CryptoError::HpkeDecryptionError));
        assert_eq!(open(None), Err(CryptoError::HpkeDecryptionError));
        let empty = Psk { secret: b"", ..psk };
        assert_eq!(open(Some(empty)), Err(CryptoError::InvalidLength));
    }
}
