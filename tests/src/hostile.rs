//! A server that lies and a member that does not keep the rules, against real clients.
//!
//! [`run_script`] plays one script from its seed. The honest hub and log run as always, so every
//! byte that the malicious server has is genuine; a [`middle`] stands between them and the
//! devices, and tells the [`lies`] that the script has drawn. A hand-made [`member`] says what no
//! client would say. Then the server turns honest, everything that can come together does, and
//! [`check`] judges what the devices show: right, or a visible mark, and nothing between the two.

#![allow(
    clippy::expect_used,
    reason = "a test system stops at the first surprise"
)]

pub mod cast;
pub mod check;
pub mod lies;
pub mod member;
pub mod middle;
pub mod script;

mod absurd;
mod pool;
mod thread;

pub use lies::Lie;
pub use script::Outcome;
pub use thread::{run_script, run_scripts};
