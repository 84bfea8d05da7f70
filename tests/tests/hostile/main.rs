//! A malicious server and a hostile member against real clients.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
#![allow(clippy::print_stdout, reason = "which scripts fail, and how")]

mod answers;
mod log;
mod member;
mod scripts;
