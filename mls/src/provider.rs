//! The cryptography that OpenMLS asks for, for the one suite we use, and randomness from a seed.
//!
//! [`Crypto`] holds no key of any user. It may be shared by all groups of a device.

use std::convert::Infallible;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};

use hmac::{Hmac, KeyInit, Mac};
use openmls_traits::OpenMlsProvider;
use openmls_traits::crypto::OpenMlsCrypto;
use openmls_traits::random::OpenMlsRand;
use openmls_traits::types::{
    AeadType, Ciphersuite, CryptoError, ExporterSecret, HashType, HpkeAeadType, HpkeCiphertext,
    HpkeConfig, HpkeKdfType, HpkeKemType, HpkeKeyPair, KemOutput, SignatureScheme,
};
use sha2::{Digest, Sha256};
use tls_codec::SecretVLBytes;
use zeroize::Zeroizing;

use crate::config::SUITE;
use crate::hpke::{self, Psk};
use crate::identity::{sign, verify};
use crate::overlay::Overlay;

/// Cryptography and randomness for one lifetime of one device.
///
/// All randomness comes from the 32-byte seed: the caller draws a fresh one from the operating
/// system each time it opens a device, and the simulator draws it from its own seed. Two values
/// made from the same seed give the same bytes in the same order of calls, **so in production a
/// seed must never serve two lifetimes of a device**: the second would repeat the key pairs of
/// the first.
///
/// The ephemeral keys of HPKE do not depend on the order of calls: they are a keyed hash of all
/// that is sealed. OpenMLS seals the path of a commit on several threads at once, and a counter
/// would give a different commit at each run.
pub struct Crypto {
    stream_key: Zeroizing<[u8; 32]>,
    ephemeral_key: Zeroizing<[u8; 32]>,
    draws: AtomicU64,
}

impl Crypto {
    /// Cryptography with the randomness that this seed gives.
    #[must_use]
    pub fn from_seed(seed: [u8; 32]) -> Self {
        let seed = Zeroizing::new(seed);
        Self {
            stream_key: Zeroizing::new(keyed_hash(&*seed, &[b"whimbrel random stream 1"])),
            ephemeral_key: Zeroizing::new(keyed_hash(&*seed, &[b"whimbrel hpke ephemeral 1"])),
            draws: AtomicU64::new(0),
        }
    }

    /// Fills the buffer with the next draw of the stream. Each draw has its own number, and each
    /// block of 32 bytes within it, so no two blocks are ever equal but by chance.
    fn fill(&self, buffer: &mut [u8]) {
        let draw = self.draws.fetch_add(1, Ordering::Relaxed);
        for (block, output) in (0_u64..).zip(buffer.chunks_mut(32)) {
            let bytes = keyed_hash(
                &*self.stream_key,
                &[&draw.to_be_bytes(), &block.to_be_bytes()],
            );
            for (byte, random) in output.iter_mut().zip(bytes) {
                *byte = random;
            }
        }
    }

    /// Seals by HPKE with a pre-shared key; the first value is the encapsulated key.
    pub(crate) fn seal_with_psk(
        &self,
        receiver: &[u8; 32],
        info: &[u8],
        aad: &[u8],
        plaintext: &[u8],
        psk: Psk<'_>,
    ) -> Result<(Vec<u8>, Vec<u8>), CryptoError> {
        let ephemeral = self.ephemeral(b"seal with psk", [receiver, info, aad, plaintext]);
        let (encapsulated, context) = hpke::set_up_sender(&ephemeral, receiver, info, Some(psk))?;
        Ok((encapsulated, context.seal(aad, plaintext)?))
    }

    /// An ephemeral secret key for one sealing: unique because the context is, and unknown to
    /// whoever lacks the seed.
    fn ephemeral(&self, use_label: &[u8], context: [&[u8]; 4]) -> Zeroizing<[u8; 32]> {
        let mut message = Zeroizing::new(use_label.to_vec());
        for part in context {
            message.extend_from_slice(&(part.len() as u64).to_be_bytes());
            message.extend_from_slice(part);
        }
        Zeroizing::new(keyed_hash(&*self.ephemeral_key, &[&message]))
    }
}

impl fmt::Debug for Crypto {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Crypto(..)")
    }
}

/// HMAC-SHA-256 of the parts, one after the other.
pub(crate) fn keyed_hash(key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    let mut mac = hmac_sha_256(key);
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

/// True when the tag is the HMAC-SHA-256 of the bytes. How long it takes does not tell how much of
/// the tag is right.
pub(crate) fn has_keyed_hash(key: &[u8], bytes: &[u8], tag: &[u8]) -> bool {
    hmac_sha_256(key)
        .chain_update(bytes)
        .verify_slice(tag)
        .is_ok()
}

#[expect(clippy::expect_used, reason = "HMAC takes keys of every length")]
fn hmac_sha_256(key: &[u8]) -> Hmac<Sha256> {
    Hmac::new_from_slice(key).expect("HMAC takes keys of every length")
}

fn require_sha256(hash: HashType) -> Result<(), CryptoError> {
    match hash {
        HashType::Sha2_256 => Ok(()),
        _ => Err(CryptoError::UnsupportedHashAlgorithm),
    }
}

fn require_aes_128_gcm(aead: AeadType) -> Result<(), CryptoError> {
    match aead {
        AeadType::Aes128Gcm => Ok(()),
        _ => Err(CryptoError::UnsupportedAeadAlgorithm),
    }
}

fn require_ed25519(scheme: SignatureScheme) -> Result<(), CryptoError> {
    match scheme {
        SignatureScheme::ED25519 => Ok(()),
        _ => Err(CryptoError::UnsupportedSignatureScheme),
    }
}

fn require_our_hpke(config: &HpkeConfig) -> Result<(), CryptoError> {
    match config {
        HpkeConfig(HpkeKemType::DhKem25519, HpkeKdfType::HkdfSha256, HpkeAeadType::AesGcm128) => {
            Ok(())
        }
        _ => Err(CryptoError::UnsupportedCiphersuite),
    }
}

impl OpenMlsCrypto for Crypto {
    fn supports(&self, ciphersuite: Ciphersuite) -> Result<(), CryptoError> {
        if ciphersuite == SUITE {
            Ok(())
        } else {
            Err(CryptoError::UnsupportedCiphersuite)
        }
    }

    fn supported_ciphersuites(&self) -> Vec<Ciphersuite> {
        vec![SUITE]
    }

    fn hkdf_extract(
        &self,
        hash_type: HashType,
        salt: &[u8],
        ikm: &[u8],
    ) -> Result<SecretVLBytes, CryptoError> {
        require_sha256(hash_type)?;
        Ok(hpke::hkdf_extract(salt, ikm).as_slice().into())
    }

    fn hmac(
        &self,
        hash_type: HashType,
        key: &[u8],
        message: &[u8],
    ) -> Result<SecretVLBytes, CryptoError> {
        require_sha256(hash_type)?;
        Ok(keyed_hash(key, &[message]).as_slice().into())
    }

    fn hkdf_expand(
        &self,
        hash_type: HashType,
        prk: &[u8],
        info: &[u8],
        okm_len: usize,
    ) -> Result<SecretVLBytes, CryptoError> {
        require_sha256(hash_type)?;
        Ok(hpke::hkdf_expand(prk, info, okm_len)?.as_slice().into())
    }

    fn hash(&self, hash_type: HashType, data: &[u8]) -> Result<Vec<u8>, CryptoError> {
        require_sha256(hash_type)?;
        Ok(Sha256::digest(data).to_vec())
    }

    fn aead_encrypt(
        &self,
        alg: AeadType,
        key: &[u8],
        data: &[u8],
        nonce: &[u8],
        aad: &[u8],
    ) -> Result<Vec<u8>, CryptoError> {
        require_aes_128_gcm(alg)?;
        hpke::aes_128_gcm_seal(key, nonce, aad, data)
    }

    fn aead_decrypt(
        &self,
        alg: AeadType,
        key: &[u8],
        ct_tag: &[u8],
        nonce: &[u8],
        aad: &[u8],
    ) -> Result<Vec<u8>, CryptoError> {
        require_aes_128_gcm(alg)?;
        hpke::aes_128_gcm_open(key, nonce, aad, ct_tag)
    }

    fn signature_key_gen(&self, alg: SignatureScheme) -> Result<(Vec<u8>, Vec<u8>), CryptoError> {
        require_ed25519(alg)?;
        let mut seed = Zeroizing::new([0; 32]);
        self.fill(&mut *seed);
        let key = ed25519_dalek::SigningKey::from_bytes(&seed);
        Ok((
            key.to_bytes().to_vec(),
            key.verifying_key().to_bytes().to_vec(),
        ))
    }

    fn verify_signature(
        &self,
        alg: SignatureScheme,
        data: &[u8],
        pk: &[u8],
        signature: &[u8],
    ) -> Result<(), CryptoError> {
        require_ed25519(alg)?;
        verify(pk, data, signature)
    }

    fn sign(&self, alg: SignatureScheme, data: &[u8], key: &[u8]) -> Result<Vec<u8>, CryptoError> {
        require_ed25519(alg)?;
        let key: [u8; 32] = key.try_into().map_err(|_| CryptoError::InvalidLength)?;
        let key = ed25519_dalek::SigningKey::from_bytes(&key);
        Ok(sign(&key, data).to_vec())
    }

    fn hpke_seal(
        &self,
        config: HpkeConfig,
        pk_r: &[u8],
        info: &[u8],
        aad: &[u8],
        ptxt: &[u8],
    ) -> Result<HpkeCiphertext, CryptoError> {
        require_our_hpke(&config)?;
        let ephemeral = self.ephemeral(b"seal", [pk_r, info, aad, ptxt]);
        let (encapsulated, context) = hpke::set_up_sender(&ephemeral, pk_r, info, None)?;
        Ok(HpkeCiphertext {
            kem_output: encapsulated.into(),
            ciphertext: context.seal(aad, ptxt)?.into(),
        })
    }

    fn hpke_open(
        &self,
        config: HpkeConfig,
        input: &HpkeCiphertext,
        sk_r: &[u8],
        info: &[u8],
        aad: &[u8],
    ) -> Result<Vec<u8>, CryptoError> {
        require_our_hpke(&config)?;
        hpke::set_up_receiver(input.kem_output.as_slice(), sk_r, info, None)?
            .open(aad, input.ciphertext.as_slice())
    }

    fn hpke_setup_sender_and_export(
        &self,
        config: HpkeConfig,
        pk_r: &[u8],
        info: &[u8],
        exporter_context: &[u8],
        exporter_length: usize,
    ) -> Result<(KemOutput, ExporterSecret), CryptoError> {
        require_our_hpke(&config)?;
        // Unlike a sealing, an export has no plaintext that makes its context unique: an external
        // commit made twice from one group state would export one secret twice. The draw does.
        let mut draw = Zeroizing::new([0; 32]);
        self.fill(&mut *draw);
        let ephemeral = self.ephemeral(b"export", [pk_r, info, exporter_context, &*draw]);
        let (encapsulated, context) = hpke::set_up_sender(&ephemeral, pk_r, info, None)?;
        let secret = context.export(exporter_context, exporter_length)?;
        Ok((encapsulated, secret.to_vec().into()))
    }

    fn hpke_setup_receiver_and_export(
        &self,
        config: HpkeConfig,
        enc: &[u8],
        sk_r: &[u8],
        info: &[u8],
        exporter_context: &[u8],
        exporter_length: usize,
    ) -> Result<ExporterSecret, CryptoError> {
        require_our_hpke(&config)?;
        let context = hpke::set_up_receiver(enc, sk_r, info, None)?;
        let secret = context.export(exporter_context, exporter_length)?;
        Ok(secret.to_vec().into())
    }

    fn derive_hpke_keypair(
        &self,
        config: HpkeConfig,
        ikm: &[u8],
    ) -> Result<HpkeKeyPair, CryptoError> {
        require_our_hpke(&config)?;
        let (private, public) = hpke::derive_key_pair(ikm)?;
        Ok(HpkeKeyPair {
            private: private.as_slice().into(),
            public: public.to_vec(),
        })
    }
}

impl OpenMlsRand for Crypto {
    type Error = Infallible;

    fn random_array<const N: usize>(&self) -> Result<[u8; N], Infallible> {
        let mut bytes = [0; N];
        self.fill(&mut bytes);
        Ok(bytes)
    }

    fn random_vec(&self, len: usize) -> Result<Vec<u8>, Infallible> {
        let mut bytes = vec![0; len];
        self.fill(&mut bytes);
        Ok(bytes)
    }
}

/// Cryptography and the storage of one group, together what OpenMLS calls a provider. Public so
/// that standard test vectors can be run through both.
#[derive(Debug, Clone, Copy)]
pub struct Provider<'a> {
    crypto: &'a Crypto,
    store: &'a Overlay,
}

impl<'a> Provider<'a> {
    /// A provider for one call.
    #[must_use]
    pub fn new(crypto: &'a Crypto, store: &'a Overlay) -> Self {
        Self { crypto, store }
    }
}

impl OpenMlsProvider for Provider<'_> {
    type CryptoProvider = Crypto;
    type RandProvider = Crypto;
    type StorageProvider = Overlay;

    fn storage(&self) -> &Overlay {
        self.store
    }

    fn crypto(&self) -> &Crypto {
        self.crypto
    }

    fn rand(&self) -> &Crypto {
        self.crypto
    }
}
