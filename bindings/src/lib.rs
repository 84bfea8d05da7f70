//! Whimbrel for Kotlin and Swift, by UniFFI.
//!
//! Twins of the core's records and calls, and the conversions between them: no decision about
//! chat is made here. Apps use the façades in `android` and `ios`, which stand on what is
//! generated from this crate.
//!
//! Read [`NativeClient`] first. Every exported function gives a `Result`: what goes wrong is a
//! [`WhimbrelError`], a panic included, so the app's process lives on.
//!
//! What is said of exported items becomes KDoc and DocC: plain sentences, no links to Rust items.
#![allow(
    unsafe_code,
    reason = "the C functions that UniFFI's macros make; nothing here is unsafe by hand"
)]

mod error;
mod guard;
mod ids;

mod types;

mod platform;

mod log;

mod options;

mod client;

mod changes;

mod notification;

mod library;

pub use changes::NativeChanges;
pub use client::NativeClient;
pub use error::{ErrorCode, Remedy, WhimbrelError};
pub use library::{error_codes, error_name, library_version, panic_async, panic_now};
pub use notification::{MessagePreview, Notification, open_notification};
pub use options::ClientOptions;
pub use platform::{KeyStore, LogLevel, LogRecord, LogSink, PlatformError};
pub use types::*;

uniffi::setup_scaffolding!();
