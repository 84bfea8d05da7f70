//! Generates Kotlin and Python from the compiled library; `cargo xtask bindings` calls it.

fn main() {
    uniffi::uniffi_bindgen_main();
}
