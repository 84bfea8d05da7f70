//! The simulator: real engines, the real hub and the real log on one thread, with virtual time,
//! virtual disks and a virtual network, all drawn from one seed.
//!
//! [`World`] is where everything happens. A story puts people into it, lets them act and calls
//! [`World::drive`]; a random run throws faults at it. Nothing here sleeps: time jumps to the next
//! thing that is due.

#![allow(
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a test system stops at the first surprise, and prints its seed"
)]

pub mod rng;

pub mod network;

pub mod server;

pub mod device;

pub mod world;

pub mod origin;

pub mod options;

pub mod fault;

pub mod run;

pub mod history;

pub mod check;

pub use device::{Device, DeviceIndex};
pub use rng::Rng;
pub use world::World;
