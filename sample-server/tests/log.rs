//! The log, used by people with real MLS clients.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "tests"
)]

#[path = "hub/people.rs"]
#[allow(dead_code, reason = "shared with the tests of the hub")]
mod people;

#[path = "log/world.rs"]
mod world;

#[path = "log/appending.rs"]
mod appending;

#[path = "log/commits.rs"]
mod commits;

#[path = "log/reading.rs"]
mod reading;

#[path = "log/inbox.rs"]
mod inbox;

#[path = "log/key_packages.rs"]
mod key_packages;

#[path = "log/manifests.rs"]
mod manifests;

#[path = "log/voiding.rs"]
mod voiding;

#[path = "log/waiting.rs"]
mod waiting;

#[path = "log/accounts.rs"]
mod accounts;
