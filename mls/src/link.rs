//! Linking a further device: a new device shows a code, a device of the user reads it and hands
//! over the identity key, sealed so that only the new device can open it.
//!
//! 1. The new device makes a [`LinkKey`] and shows its [`LinkCode`]: a public key and a secret that
//!    the server never sees. Under the code's id it leaves a [`LinkOffer`] with the server: which
//!    device it is, authenticated by the secret.
//! 2. The old device, having read the code, opens the offer, signs a manifest that lists the new
//!    device, and leaves a [`LinkGrant`]: sealed by HPKE to the key in the code, with the secret
//!    as pre-shared key, bound to the account, both devices and the time at which it expires.
//! 3. Both show the [`fingerprint`]; the new device opens the grant.
//!
//! The server can delay and lose all of this. What it alters, swaps or repeats does not open.

use std::fmt;
use std::str::FromStr;

use prost::Message as _;
use sha2::{Digest, Sha256};
use whimbrel_protocol::id::DeviceId;
use whimbrel_protocol::limits;
use zeroize::Zeroizing;

use crate::certificate::Certificate;
use crate::code::{self, CodeError};
use crate::hpke::{self, Psk, hkdf_extract};
use crate::identity::{IdentityError, IdentityKey};
use crate::manifest::{Manifest, ManifestError};
use crate::provider::{Crypto, has_keyed_hash, keyed_hash};
use crate::wire;

const VERSION: u32 = 1;
const CODE_VERSION: u8 = 1;
const QR_PREFIX: &str = "whimbrel:link:1:";
const KEY_BYTES: usize = 32;
const SECRET_BYTES: usize = 16;
const CODE_BYTES: usize = 1 + KEY_BYTES + SECRET_BYTES;
const GRANT_INFO: &[u8] = b"Whimbrel link grant 1";

/// How long a code is good for, in milliseconds.
pub const LINK_LIFETIME_MS: i64 = 5 * 60 * 1000;
/// Largest encoded offer.
pub const LINK_OFFER_BYTES_MAX: usize = limits::STATEMENT_BYTES_MAX;
/// Largest sealed grant.
pub const LINK_GRANT_BYTES_MAX: usize = limits::MANIFEST_BYTES_MAX + 1024;

/// Why linking went no further.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LinkError {
    /// The bytes are not an offer or a grant, or too many.
    #[error("not a message of linking")]
    Malformed,
    /// Another version of this software made the message.
    #[error("version {0} of linking is unknown")]
    UnknownVersion(u32),
    /// Whoever made the message does not know this code, or somebody altered it on the way.
    #[error("not made by somebody who knows the code")]
    WrongCode,
    /// The grant answers another offer than the one that this device made.
    #[error("the grant answers another offer")]
    OtherOffer,
    /// The grant came too late.
    #[error("the code has expired")]
    Expired,
    /// The key in the code is none that could be sealed to.
    #[error("the key in the code is not valid")]
    BadKey,
    /// The manifest in the grant is not valid.
    #[error("the manifest in the grant is not valid")]
    Manifest(#[source] ManifestError),
    /// The manifest does not list the two devices, or belongs to another identity key.
    #[error("the parts of the grant do not fit each other")]
    Inconsistent,
}

/// What a new device keeps while it waits to be linked: the secret half of its code.
pub struct LinkKey {
    seed: Zeroizing<[u8; 32]>,
    key: Zeroizing<[u8; KEY_BYTES]>,
    code: LinkCode,
}

/// What the new device shows and the other one reads, as text or as a picture. It is good for one
/// linking within [`LINK_LIFETIME_MS`]; whoever sees it can pretend to be either side.
#[derive(Clone, PartialEq, Eq)]
pub struct LinkCode {
    key: [u8; KEY_BYTES],
    secret: Zeroizing<[u8; SECRET_BYTES]>,
}

/// The device that wants to be linked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LinkOffer {
    /// The id that it has given itself.
    pub device: DeviceId,
    /// The key that it will sign with (Ed25519).
    pub device_key: [u8; 32],
}

/// What the new device gets to be one of the user's.
#[derive(Debug)]
pub struct LinkGrant {
    /// The device that links it.
    pub granted_by: DeviceId,
    /// The identity key of the user.
    pub identity: IdentityKey,
    /// The user's manifest, which lists both devices. [`Manifest::certificate`] has the new
    /// device's certificate, and with it the user and the user name.
    pub manifest: Manifest,
    /// When the grant expires: milliseconds since 1970 by the server's clock.
    pub expires_ms: i64,
}

impl LinkKey {
    /// The key and the code that belong to these random bytes, which serve one linking only.
    #[must_use]
    pub fn from_seed(seed: [u8; 32]) -> Self {
        let seed = Zeroizing::new(seed);
        let key = hkdf_extract(b"Whimbrel link key 1", &*seed);
        let mut secret = Zeroizing::new([0; SECRET_BYTES]);
        let material = hkdf_extract(b"Whimbrel link secret 1", &*seed);
        for (to, from) in secret.iter_mut().zip(material.iter()) {
            *to = *from;
        }
        let code = LinkCode {
            key: hpke::public_key(&key),
            secret,
        };
        Self { seed, key, code }
    }

    /// The bytes to keep; [`Self::from_seed`] makes the key of them again.
    #[must_use]
    pub fn to_bytes(&self) -> Zeroizing<[u8; 32]> {
        self.seed.clone()
    }

    /// The code to show.
    #[must_use]
    pub fn code(&self) -> &LinkCode {
        &self.code
    }
}

impl fmt::Debug for LinkKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LinkKey(..)")
    }
}

impl LinkCode {
    /// The name under which the two devices meet at the server. It says nothing about the code,
    /// but whoever knows it may read and answer the offer.
    #[must_use]
    pub fn id(&self) -> [u8; 16] {
        let mut id = [0; 16];
        let hash = Sha256::new()
            .chain_update(b"Whimbrel link id 1")
            .chain_update(&*self.bytes())
            .finalize();
        for (to, from) in id.iter_mut().zip(hash) {
            *to = from;
        }
        id
    }

    /// The code as the content of a QR picture; it parses like the text.
    #[must_use]
    pub fn to_qr(&self) -> Zeroizing<String> {
        let text = code::encode(&self.bytes());
        Zeroizing::new(format!("{QR_PREFIX}{}", text.replace('-', "")))
    }

    fn bytes(&self) -> Zeroizing<Vec<u8>> {
        Zeroizing::new([&[CODE_VERSION][..], &self.key, &*self.secret].concat())
    }

    fn derive(&self, label: &[u8]) -> Zeroizing<[u8; 32]> {
        hkdf_extract(label, &self.bytes())
    }

    fn offer_key(&self) -> Zeroizing<[u8; 32]> {
        self.derive(b"Whimbrel link offer key 1")
    }

    fn psk(&self) -> Zeroizing<[u8; 32]> {
        self.derive(b"Whimbrel link psk 1")
    }

    fn grant_info(&self) -> Vec<u8> {
        [GRANT_INFO, &self.id()].concat()
    }
}

/// Groups of four characters.
impl fmt::Display for LinkCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&code::encode(&self.bytes()))
    }
}

impl fmt::Debug for LinkCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LinkCode(..)")
    }
}

impl FromStr for LinkCode {
    type Err = CodeError;

    fn from_str(text: &str) -> Result<Self, CodeError> {
        let text = text.trim();
        let text = text.strip_prefix(QR_PREFIX).unwrap_or(text);
        if text.contains(':') {
            return Err(CodeError::Kind);
        }
        let bytes = code::decode(text, CODE_BYTES)?;
        let (version, rest) = bytes.split_first().ok_or(CodeError::Length)?;
        if *version != CODE_VERSION {
            return Err(CodeError::UnknownVersion(*version));
        }
        let (key, secret) = rest.split_at_checked(KEY_BYTES).ok_or(CodeError::Length)?;
        let secret = secret.try_into().map_err(|_| CodeError::Length)?;
        Ok(Self {
            key: key.try_into().map_err(|_| CodeError::Length)?,
            secret: Zeroizing::new(secret),
        })
    }
}

impl LinkOffer {
    /// The one encoding of this offer, authenticated by the code.
    #[must_use]
    pub fn seal(&self, code: &LinkCode) -> Vec<u8> {
        let statement = self.to_wire(Vec::new()).encode_to_vec();
        let tag = keyed_hash(&*code.offer_key(), &[&statement]);
        self.to_wire(tag.to_vec()).encode_to_vec()
    }

    /// Opens an offer that somebody made who knows the code.
    ///
    /// # Errors
    /// [`LinkError::Malformed`], [`LinkError::UnknownVersion`] or [`LinkError::WrongCode`].
    pub fn open(code: &LinkCode, bytes: &[u8]) -> Result<Self, LinkError> {
        let wire: wire::LinkOffer = decode_versioned(bytes, LINK_OFFER_BYTES_MAX)?;
        let device = DeviceId::try_from(&*wire.device).map_err(|_| LinkError::Malformed)?;
        let device_key = wire.device_key.try_into();
        let offer = Self {
            device,
            device_key: device_key.map_err(|_| LinkError::Malformed)?,
        };
        let statement = offer.to_wire(Vec::new()).encode_to_vec();
        if has_keyed_hash(&*code.offer_key(), &statement, &wire.tag) {
            Ok(offer)
        } else {
            Err(LinkError::WrongCode)
        }
    }

    fn to_wire(self, tag: Vec<u8>) -> wire::LinkOffer {
        wire::LinkOffer {
            version: VERSION,
            device: self.device.as_bytes().to_vec(),
            device_key: self.device_key.to_vec(),
            tag,
        }
    }

    /// Binds a grant to this offer under this code.
    fn hash(&self, code: &LinkCode) -> Vec<u8> {
        Sha256::digest(self.seal(code)).to_vec()
    }
}

/// Twelve digits in three groups, the same on both screens when both hold the same code and the
/// same offer: the user compares them before the old device grants anything.
#[must_use]
pub fn fingerprint(code: &LinkCode, offer: &LinkOffer) -> String {
    let key = code.derive(b"Whimbrel link fingerprint 1");
    let hash = keyed_hash(&*key, &[&offer.seal(code)]);
    let number = hash
        .first_chunk()
        .map_or(0, |first| u64::from_be_bytes(*first));
    let digits = |place: u64| number / place % 10_000;
    format!(
        "{:04} {:04} {:04}",
        digits(100_000_000),
        digits(10_000),
        digits(1)
    )
}

impl LinkGrant {
    /// Seals the grant for the device that made the offer.
    ///
    /// # Errors
    /// [`LinkError::Inconsistent`] when the manifest does not list both devices with their keys,
    /// [`LinkError::BadKey`] when the key in the code is none.
    pub fn seal(
        &self,
        crypto: &Crypto,
        code: &LinkCode,
        offer: &LinkOffer,
    ) -> Result<Vec<u8>, LinkError> {
        self.check(offer)?;
        let secret = wire::LinkSecret {
            identity: self.identity.to_bytes().to_vec(),
            manifest: self.manifest.encode(),
        };
        let mut grant = wire::LinkGrant {
            version: VERSION,
            offer_hash: offer.hash(code),
            user: self.manifest.user.as_bytes().to_vec(),
            granted_by: self.granted_by.as_bytes().to_vec(),
            expires_ms: self.expires_ms,
            encapsulated: Vec::new(),
            ciphertext: Vec::new(),
        };
        let (id, psk) = (code.id(), code.psk());
        let psk = Psk {
            secret: &*psk,
            id: &id,
        };
        let aad = grant.encode_to_vec();
        let plaintext = Zeroizing::new(secret.encode_to_vec());
        let sealed = crypto.seal_with_psk(&code.key, &code.grant_info(), &aad, &plaintext, psk);
        (grant.encapsulated, grant.ciphertext) = sealed.map_err(|_| LinkError::BadKey)?;
        Ok(grant.encode_to_vec())
    }

    /// Opens the grant for the offer that this device made under this code.
    ///
    /// # Errors
    /// Says in which way the bytes are not that. Where the code, the key or the bytes are wrong
    /// can't be told apart: [`LinkError::WrongCode`].
    pub fn open(
        key: &LinkKey,
        offer: &LinkOffer,
        bytes: &[u8],
        now_ms: i64,
    ) -> Result<Self, LinkError> {
        let mut wire: wire::LinkGrant = decode_versioned(bytes, LINK_GRANT_BYTES_MAX)?;
        if wire.offer_hash != offer.hash(&key.code) {
            return Err(LinkError::OtherOffer);
        }
        let encapsulated = std::mem::take(&mut wire.encapsulated);
        let ciphertext = std::mem::take(&mut wire.ciphertext);
        let (id, psk) = (key.code.id(), key.code.psk());
        let psk = Psk {
            secret: &*psk,
            id: &id,
        };
        let info = key.code.grant_info();
        let plaintext = hpke::set_up_receiver(&encapsulated, &*key.key, &info, Some(psk))
            .and_then(|context| context.open(&wire.encode_to_vec(), &ciphertext));
        let plaintext = Zeroizing::new(plaintext.map_err(|_| LinkError::WrongCode)?);
        if now_ms >= wire.expires_ms {
            return Err(LinkError::Expired);
        }
        Self::assemble(&wire, &plaintext, offer)
    }

    fn assemble(
        wire: &wire::LinkGrant,
        plaintext: &[u8],
        offer: &LinkOffer,
    ) -> Result<Self, LinkError> {
        let secret: Option<wire::LinkSecret> =
            wire::decode_canonical(plaintext, LINK_GRANT_BYTES_MAX);
        let secret = secret.ok_or(LinkError::Malformed)?;
        let identity = Zeroizing::new(secret.identity);
        let identity = <[u8; 32]>::try_from(identity.as_slice());
        let grant = Self {
            granted_by: DeviceId::try_from(&*wire.granted_by).map_err(|_| LinkError::Malformed)?,
            identity: IdentityKey::from_seed(identity.map_err(|_| LinkError::Malformed)?),
            manifest: Manifest::decode_and_verify(&secret.manifest).map_err(manifest_error)?,
            expires_ms: wire.expires_ms,
        };
        if grant.manifest.user.as_bytes().as_slice() != wire.user {
            return Err(LinkError::Inconsistent);
        }
        grant.check(offer)?;
        Ok(grant)
    }

    fn check(&self, offer: &LinkOffer) -> Result<(), LinkError> {
        let certificate = self.manifest.certificate(offer.device);
        let lists_new = |certificate: &Certificate| certificate.device_key == offer.device_key;
        let fits = certificate.is_some_and(lists_new)
            && self.manifest.lists(self.granted_by)
            && self.granted_by != offer.device
            && self.identity.public() == self.manifest.identity_key;
        if fits {
            Ok(())
        } else {
            Err(LinkError::Inconsistent)
        }
    }
}

fn manifest_error(error: ManifestError) -> LinkError {
    match error {
        ManifestError::Invalid(IdentityError::UnknownVersion(version)) => {
            LinkError::UnknownVersion(version)
        }
        error => LinkError::Manifest(error),
    }
}

fn decode_versioned<M: prost::Message + Default>(
    bytes: &[u8],
    bytes_max: usize,
) -> Result<M, LinkError> {
    if bytes.len() > bytes_max {
        return Err(LinkError::Malformed);
    }
    let version = wire::VersionOnly::decode(bytes).map_err(|_| LinkError::Malformed)?;
    if version.version != VERSION {
        return Err(LinkError::UnknownVersion(version.version));
    }
    wire::decode_canonical(bytes, bytes_max).ok_or(LinkError::Malformed)
}
