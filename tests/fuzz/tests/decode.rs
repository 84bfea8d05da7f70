//! The fuzz target's function over random bytes, and over bytes that look like frames.

use proptest::collection::vec;
use proptest::prelude::*;
use whimbrel_fuzz::decode_any;

/// Protobuf fields with the small numbers that the schemas use, nested two deep.
fn fields() -> impl Strategy<Value = Vec<u8>> {
    let number = (0_u8..16, 0_u8..128).prop_map(|(number, value)| vec![number << 3, value]);
    let leaf = prop_oneof![
        vec(any::<u8>(), 0..40),
        Just(vec![7; 16]),
        Just(vec![7; 32]),
    ];
    let field = prop_oneof![number, (0_u8..16, leaf).prop_map(wrap)];
    let inner = vec(field, 0..10).prop_map(|fields| fields.concat());
    let middle = prop_oneof![inner.clone(), (0_u8..16, inner).prop_map(wrap)];
    vec((0_u8..16, middle).prop_map(wrap), 0..3).prop_map(|fields| fields.concat())
}

/// A field of these bytes.
fn wrap((number, mut bytes): (u8, Vec<u8>)) -> Vec<u8> {
    bytes.truncate(127);
    let length = u8::try_from(bytes.len()).unwrap_or(127);
    let mut field = vec![number << 3 | 2, length];
    field.append(&mut bytes);
    field
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn random_bytes(bytes in vec(any::<u8>(), 0..300)) {
        decode_any(&bytes);
    }

    #[test]
    fn bytes_that_look_like_frames(bytes in fields()) {
        decode_any(&bytes);
        decode_any(&[bytes.as_slice(), &[0x80, 0, 0]].concat());
    }
}
