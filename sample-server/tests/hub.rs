//! The hub with the real log and people with real MLS clients, on one thread.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "tests"
)]

#[path = "hub/people.rs"]
#[allow(dead_code, reason = "shared with the tests of the log")]
mod people;

#[path = "hub/stage.rs"]
mod stage;

#[path = "hub/greeting.rs"]
mod greeting;

#[path = "hub/pushing.rs"]
mod pushing;

#[path = "hub/limits.rs"]
mod limits;

#[path = "hub/strangers.rs"]
mod strangers;

#[path = "hub/devices.rs"]
mod devices;

#[path = "hub/time.rs"]
mod time;
