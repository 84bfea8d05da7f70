//! What can be asked without a client.

use crate::error::{ErrorCode, Result};
use crate::guard;

/// The version of this library, such as `0.1.0`.
#[uniffi::export]
pub fn library_version() -> Result<String> {
    Ok(env!("CARGO_PKG_VERSION").to_owned())
}

/// Every error code, in a fixed order: for tables of texts, and for tests that none was forgotten.
#[uniffi::export]
pub fn error_codes() -> Result<Vec<ErrorCode>> {
    Ok(ErrorCode::ALL.to_vec())
}

/// The stable name of an error code, such as `not_found`: the same in every language and release,
/// for logs and for tables of texts.
#[uniffi::export]
pub fn error_name(code: ErrorCode) -> Result<String> {
    Ok(code.name().to_owned())
}

/// Panics inside this library, to show that the app outlives it: always fails with `internal`.
#[uniffi::export]
pub fn panic_now() -> Result<()> {
    guard::now(panic_on_purpose)
}

/// Panics on a thread of this library, to show that the app outlives it: always fails with
/// `internal`.
#[uniffi::export]
pub async fn panic_async() -> Result<()> {
    guard::run(async { panic_on_purpose() }).await
}

#[allow(clippy::panic, reason = "what it is for")]
fn panic_on_purpose() -> Result<()> {
    panic!("on purpose")
}
