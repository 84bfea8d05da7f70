//! The public client against the real server: TLS sockets and SQLite files, nothing replaced.
//!
//! [`server`] starts servers in this process, [`phone`] opens clients and waits for what they
//! show. A test waits for changes, never for a time: it has up to [`PATIENCE`] and needs much
//! less. What the simulator proves with virtual time and faults is not repeated here; these
//! tests are about what it leaves out: threads, sockets, files, tokens and the calls of the
//! public API.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test may stop at the first surprise"
)]

mod accounts;
mod canary;
mod changes;
mod devices;
mod errors;
mod files;
mod imposter;
mod lifecycle;
mod notifications;
mod offline;
mod order;
mod phone;
mod server;
mod talk;

use std::time::Duration;

/// Longer than anything takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);
