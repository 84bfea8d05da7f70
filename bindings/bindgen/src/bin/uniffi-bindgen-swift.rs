//! Generates Swift, its C header and module map from the compiled library; `cargo xtask bindings`
//! calls it.

fn main() {
    uniffi::uniffi_bindgen_swift();
}
