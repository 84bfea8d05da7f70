//! The test system of Whimbrel: a virtual file system, a simulator, and stories told on them.

pub mod vfs;

pub mod sim;

pub mod puppet;

pub mod hostile;

pub mod middle;

pub mod push;

pub use puppet::Puppet;
pub use sim::World;

/// The README, so that its snippet is compiled as a test.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
pub struct Readme;
