//! The reference server of Whimbrel: one binary, one folder.
//!
//! It has an inner half, which decides, and an outer half, which talks:
//!
//! - [`log`] is the database: the numbered conversations, the inboxes, the key packages and the
//!   accounts. It is the only place with SQL.
//! - [`hub`] is the machine between connections and log: events in, effects out. It knows no
//!   clock, no socket, no thread and no random source, so a simulator can run it as it is.
//! - Everything else drives these two: sockets, TLS, tokens, limits, clocks.
//!
//! Start reading at [`hub`].

pub mod hub;

pub mod log;

pub mod runtime;

pub mod drain;

pub mod http;

mod ws;

pub mod auth;

pub mod limits;

pub mod tls;

pub mod config;

pub mod folder;

pub mod metrics;

pub mod logging;

pub mod clock;

/// What time it is, by the server's clocks. Passed to every call that depends on time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Now {
    /// Milliseconds of a clock that only goes forward; for timeouts.
    pub mono_ms: i64,
    /// Milliseconds since 1970; for what is stored and shown.
    pub wall_ms: i64,
}

// Tests inside the crate share their people with the tests outside.
#[cfg(test)]
extern crate self as whimbrel_server;
