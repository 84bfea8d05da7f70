//! Content: any plaintext decodes to a value or an error, values survive, and what a newer client
//! says is kept as unsupported.

use crate::generators::{bytes, content, number};
use proptest::collection::vec;
use proptest::prelude::*;
use whimbrel_protocol::content::ContentKind;
use whimbrel_protocol::limits::{CONVERSATION_NAME_BYTES_MAX, PAYLOAD_BYTES_MAX, TEXT_BYTES_MAX};
use whimbrel_protocol::{Chain, ClientId, Content, DecodeError};

use crate::raw;

/// Content with these fields besides those that every content has, padded.
fn padded(log_seq: u64, fields: &[u8]) -> Vec<u8> {
    let mut bytes = raw::number_field(1, log_seq);
    bytes.extend(raw::bytes_field(2, &[7; 32]));
    bytes.extend(fields);
    bytes.push(0x80);
    bytes.resize(bytes.len().next_multiple_of(128), 0);
    bytes
}

fn saying(kind: ContentKind) -> Content {
    Content {
        log_seq: 1,
        log_chain: Chain::START,
        composed_ms: 2,
        kind,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn any_bytes_are_content_or_an_error(bytes in vec(any::<u8>(), 0..1_000)) {
        let _ = Content::decode(&bytes);
        // With padding that fits, more of it is looked at.
        let _ = Content::decode(&[bytes.as_slice(), &[0x80, 0, 0]].concat());
    }

    #[test]
    fn content_survives(content in content()) {
        let plaintext = content.encode().unwrap();
        prop_assert!(plaintext.len() <= PAYLOAD_BYTES_MAX);
        prop_assert_eq!(Content::decode(&plaintext), Ok(content));
    }

    #[test]
    fn changed_content_never_panics(
        content in content(),
        changes in vec((any::<prop::sample::Index>(), any::<u8>()), 0..8),
    ) {
        let mut plaintext = content.encode().unwrap();
        for (index, value) in changes {
            let at = index.index(plaintext.len());
            *plaintext.get_mut(at).unwrap() = value;
        }
        let _ = Content::decode(&plaintext);
    }

    #[test]
    fn a_newer_kind_is_unsupported(
        log_seq in number(),
        number in prop_oneof![18_u32..60, 1_000_u32..2_000],
        body in bytes(),
    ) {
        let plaintext = padded(log_seq, &raw::bytes_field(number, &body));
        let read = Content::decode(&plaintext).unwrap();
        prop_assert_eq!(read.kind, ContentKind::Unsupported);
        prop_assert_eq!((read.log_seq, read.log_chain), (log_seq, Chain::from_bytes([7; 32])));
    }

    #[test]
    fn unknown_fields_beside_a_kind_are_ignored(
        number in prop_oneof![20_u32..60, 1_000_u32..2_000],
        value in any::<u64>(),
    ) {
        let text = [raw::bytes_field(1, b"hello"), raw::number_field(number, value)].concat();
        let fields = [
            raw::number_field(number, value),
            raw::bytes_field(10, &text),
            raw::bytes_field(number, b"later"),
        ];
        let read = Content::decode(&padded(1, &fields.concat())).unwrap();
        prop_assert_eq!(read.kind, ContentKind::Text("hello".into()));
    }
}

#[test]
fn what_nobody_can_send_is_not_encoded() {
    let unsupported = saying(ContentKind::Unsupported);
    assert_eq!(unsupported.encode(), Err(DecodeError::Field("kind")));
}

#[test]
fn texts_and_names_keep_their_limits_both_ways() {
    let target = ClientId::from_bytes([4; 16]);
    let text = |bytes| ContentKind::Text("x".repeat(bytes));
    let edit = |bytes| ContentKind::Edit {
        target,
        text: "x".repeat(bytes),
    };
    let name = |bytes| ContentKind::State {
        name: "x".repeat(bytes),
    };
    let at_limit = [
        text(TEXT_BYTES_MAX),
        edit(TEXT_BYTES_MAX),
        name(CONVERSATION_NAME_BYTES_MAX),
    ];
    for kind in at_limit {
        let content = saying(kind);
        assert_eq!(Content::decode(&content.encode().unwrap()), Ok(content));
    }
    let over = [
        text(TEXT_BYTES_MAX + 1),
        edit(TEXT_BYTES_MAX + 1),
        name(CONVERSATION_NAME_BYTES_MAX + 1),
    ];
    for kind in over {
        let encoded = saying(kind).encode();
        assert!(matches!(encoded, Err(DecodeError::TooLarge { .. })));
    }
    let long = raw::bytes_field(1, &vec![b'x'; TEXT_BYTES_MAX + 1]);
    let long = padded(1, &raw::bytes_field(10, &long));
    assert!(matches!(
        Content::decode(&long),
        Err(DecodeError::TooLarge { what: "text", .. })
    ));
}

#[test]
fn padding_must_be_there() {
    let padding = Err(DecodeError::Field("padding"));
    assert_eq!(Content::decode(&[]), padding);
    assert_eq!(Content::decode(&[0; 128]), padding);
    assert_eq!(Content::decode(&[1, 2, 3]), padding);
}
