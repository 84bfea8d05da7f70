//! The wire, held to what it promises: any bytes decode to a value or an error, every value
//! survives, limits are kept, and what a newer peer says does no harm.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a failed test may panic")]

mod generators;
mod raw;

mod content;
mod frames;
mod limits;
