//! JSON bodies of the account routes. Bytes are lower-case hexadecimal text.
//!
//! | route | body | answer |
//! |---|---|---|
//! | `POST /v1/register` | [`RegisterRequest`] | [`TokenAnswer`] |
//! | `POST /v1/token` | [`TokenRequest`] | [`TokenAnswer`] |
//! | `POST /v1/links` | [`LinkOpening`] | 201 |
//! | `GET /v1/links/{id}/offer` (with a token) | – | [`LinkOfferAnswer`], or 409 after its sign-in |
//! | `POST /v1/links/{id}/grant` (with a token) | [`LinkGrantBody`] | 204 |
//! | `GET /v1/links/{id}/grant` | – | [`LinkGrantBody`], or 204 where there is none yet |
//! | `DELETE /v1/links/{id}` | – | 204 |
//! | `GET /v1/devices/{id}` (with a token) | – | 204, or 404 before it has ever signed in |
//! | `POST /v1/recovery/start` | [`RecoveryStart`] | [`RecoveryAnswer`] |
//! | `POST /v1/recovery` | [`RecoveryRequest`] | [`TokenAnswer`] |
//! | `GET /.well-known/jwks.json` | – | a JWK set (RFC 7517) |
//!
//! Anything else is answered by a status of 400 or above and an [`ErrorAnswer`].

use serde::{Deserialize, Serialize};

/// Makes an account together with its first device. Repeating it with the same user id, device,
/// name and password gives new tokens for the same account, so that a lost answer does no harm.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RegisterRequest {
    /// Name to be found by: 3 to 32 of `a-z 0-9 . _ -`.
    pub username: String,
    /// 10 to 256 bytes of UTF-8.
    pub password: String,
    /// [`UserId`](crate::UserId) drawn by the client.
    pub user: String,
    /// [`DeviceId`](crate::DeviceId) drawn by the client.
    pub device: String,
    /// First device manifest, signed by the user's identity key; at most 8 KiB.
    pub manifest: String,
}

/// Asks for an access token (OAuth 2.0, RFC 6749, sections 4.3 and 6).
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "grant_type", rename_all = "snake_case")]
pub enum TokenRequest {
    /// By name and password.
    Password {
        /// The user's name.
        username: String,
        /// The user's password.
        password: String,
        /// The device that will use the token; it must be in the user's manifest.
        device: String,
    },
    /// By the key of a device that was linked: no password is needed there.
    Device {
        /// The user.
        user: String,
        /// The device; it must be in the user's manifest.
        device: String,
        /// The link by which it came in, which is thereby used up.
        link: String,
        /// Signature of the device's key over link, user and device.
        signature: String,
    },
    /// By a refresh token, which is thereby used up.
    RefreshToken {
        /// The newest refresh token.
        refresh_token: String,
    },
}

/// Tokens for one device.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct TokenAnswer {
    /// A JWT (RFC 7519) for the `Authorization: Bearer` header.
    pub access_token: String,
    /// Always `Bearer`.
    pub token_type: String,
    /// Lifetime of the access token in seconds.
    pub expires_in: u64,
    /// For the next [`TokenRequest::RefreshToken`].
    pub refresh_token: String,
    /// Whose tokens these are.
    pub user: String,
}

/// Opens the meeting place of a new device and an old one for
/// [`LINK_MS`](crate::limits::LINK_MS). Its id comes from the link code, which the server never
/// sees; whoever knows the id may use the place.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct LinkOpening {
    /// 16 bytes.
    pub id: String,
    /// What the new device says of itself; at most 1 KiB.
    pub offer: String,
}

/// What a new device says of itself.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct LinkOfferAnswer {
    /// As it was given.
    pub offer: String,
    /// When the place closes, in milliseconds since 1970 by the server's clock.
    pub expires_ms: i64,
}

/// What the old device grants, sealed for the new one.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct LinkGrantBody {
    /// At most 12 KiB.
    pub grant: String,
}

/// Asks for what a recovery starts from.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RecoveryStart {
    /// The user's name.
    pub username: String,
    /// The user's password.
    pub password: String,
}

/// What a recovery starts from.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RecoveryAnswer {
    /// The user.
    pub user: String,
    /// The newest manifest of the user.
    pub manifest: String,
}

/// Lets a user start anew on a new device: in the place of every device and of the identity key, or
/// under the same identity key in the place of a device that can't go on.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RecoveryRequest {
    /// The user's name.
    pub username: String,
    /// The user's password.
    pub password: String,
    /// The new device.
    pub device: String,
    /// The next manifest, which lists the new device.
    pub manifest: String,
}

/// Why an account route refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorAnswer {
    /// One of [`error`]'s words.
    pub error: String,
    /// For a developer to read.
    pub error_description: String,
    /// Seconds to wait before the next try, where waiting helps.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after_s: Option<u64>,
}

/// The words of [`ErrorAnswer::error`].
pub mod error {
    /// A field is missing or not valid.
    pub const INVALID_REQUEST: &str = "invalid_request";
    /// Wrong name, password or refresh token.
    pub const INVALID_GRANT: &str = "invalid_grant";
    /// The name is taken.
    pub const USERNAME_TAKEN: &str = "username_taken";
    /// The user or device id is taken.
    pub const ID_TAKEN: &str = "id_taken";
    /// Another manifest came first.
    pub const CONFLICT: &str = "conflict";
    /// There is no such thing, or no more.
    pub const NOT_FOUND: &str = "not_found";
    /// The device is not in the user's manifest.
    pub const UNKNOWN_DEVICE: &str = "unknown_device";
    /// Too many tries.
    pub const RATE_LIMITED: &str = "rate_limited";
    /// The server could not do it now.
    pub const UNAVAILABLE: &str = "unavailable";
}

/// Lower-case hexadecimal text of some bytes.
#[must_use]
pub fn to_hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a String can't fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The bytes that hexadecimal text stands for, or `None` where it is not such text.
#[must_use]
pub fn from_hex(text: &str) -> Option<Vec<u8>> {
    let digits = text.as_bytes();
    if !digits.len().is_multiple_of(2) {
        return None;
    }
    let nibble = |digit: u8| char::from(digit).to_digit(16);
    digits
        .chunks_exact(2)
        .map(|pair| match pair {
            [high, low] => u8::try_from(nibble(*high)? << 4 | nibble(*low)?).ok(),
            _ => None,
        })
        .collect()
}
