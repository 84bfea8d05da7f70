//! The fuzz target: with the feature `libfuzzer` a libFuzzer program, without it one that runs
//! the same function over files, to try what a fuzzer has found.
//!
//! ```text
//! cargo fuzz run --fuzz-dir tests/fuzz --features libfuzzer decode
//! cargo run --package whimbrel-fuzz --bin decode -- FILE…
//! ```
#![cfg_attr(feature = "libfuzzer", no_main)]

#[cfg(feature = "libfuzzer")]
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| whimbrel_fuzz::decode_any(bytes));

#[cfg(not(feature = "libfuzzer"))]
fn main() -> std::io::Result<()> {
    for file in std::env::args_os().skip(1) {
        whimbrel_fuzz::decode_any(&std::fs::read(file)?);
    }
    Ok(())
}
