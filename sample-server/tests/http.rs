//! The server over real TLS sockets, in this process and in one of its own.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test may stop at the first surprise"
)]

#[path = "http/support.rs"]
mod support;

#[path = "http/accounts.rs"]
mod accounts;

#[path = "http/passwords.rs"]
mod passwords;

#[path = "http/linking.rs"]
mod linking;

#[path = "http/recovery.rs"]
mod recovery;

#[path = "http/operator.rs"]
mod operator;

#[path = "http/matrix.rs"]
mod matrix;

#[path = "http/frames.rs"]
mod frames;

#[path = "http/slow.rs"]
mod slow;

#[path = "http/sockets.rs"]
mod sockets;

#[path = "http/process.rs"]
mod process;
