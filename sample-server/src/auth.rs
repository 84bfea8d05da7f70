//! Who may speak: passwords, refresh tokens, access tokens.
//!
//! - [`PasswordHasher`] turns a password into an Argon2id hash and checks it, a few at a time.
//! - [`RefreshToken`] is 32 random bytes; the log keeps its SHA-256 only.
//! - [`TokenIssuer`] signs access tokens (JWT, RFC 7519) with the server's own key.
//! - [`TokenVerifier`] checks access tokens, of the own issuer and of the one the operator trusts.
//!
//! Nothing here prints a password, a token or a key, and errors do not carry them.

mod password;
mod refresh;
mod signing;
mod verify;

pub use password::{Overloaded, PasswordHasher};
pub use refresh::RefreshToken;
pub use signing::{SigningKey, SigningKeyError, TokenIssuer};
pub use verify::{JwksError, TOKEN_BYTES_MAX, TokenError, TokenVerifier, Verified};
