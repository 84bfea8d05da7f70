//! Frames: any bytes decode to a value or an error, values survive the wire, and what a newer
//! peer says does no harm.

use crate::generators::{bytes, client_frame, server_frame};
use proptest::collection::vec;
use proptest::prelude::*;
use whimbrel_protocol::frame::{FailureCode, GoAwayReason, InboxKind, ServerMessage};
use whimbrel_protocol::limits::FRAME_BYTES_MAX;
use whimbrel_protocol::{ClientFrame, DecodeError, ServerFrame};

use crate::raw;

/// Numbers of kinds that this version does not know: all above the last known one.
fn unknown_kind() -> impl Strategy<Value = u32> {
    prop_oneof![18_u32..40, 2_000_u32..3_000, Just((1 << 29) - 1)]
}

/// A field of a number that no message here uses.
fn unknown_field() -> impl Strategy<Value = Vec<u8>> {
    let number = prop_oneof![100_u32..110, Just((1 << 29) - 1)];
    (number, any::<u64>(), bytes(), 0..4_u8).prop_map(|(number, value, bytes, kind)| match kind {
        0 => raw::number_field(number, value),
        1 => raw::fixed64_field(number, value),
        2 => raw::bytes_field(number, &bytes),
        _ => raw::fixed32_field(number, value),
    })
}

fn changed(mut bytes: Vec<u8>, changes: &[(prop::sample::Index, u8)]) -> Vec<u8> {
    for (index, value) in changes {
        let at = index.index(bytes.len().max(1));
        if let Some(byte) = bytes.get_mut(at) {
            *byte = *value;
        }
    }
    bytes
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn any_bytes_are_a_frame_or_an_error(bytes in vec(any::<u8>(), 0..2_000)) {
        let _ = ClientFrame::decode(&bytes);
        let _ = ServerFrame::decode(&bytes);
    }

    #[test]
    fn frames_of_clients_survive(frame in client_frame()) {
        prop_assert_eq!(ClientFrame::decode(&frame.encode()), Ok(frame));
    }

    #[test]
    fn frames_of_the_server_survive(frame in server_frame()) {
        let bytes = frame.encode();
        // The strategies keep to the limits of each list, not to that of the whole.
        prop_assume!(bytes.len() <= FRAME_BYTES_MAX);
        prop_assert_eq!(ServerFrame::decode(&bytes), Ok(frame));
    }

    #[test]
    fn changed_and_cut_frames_never_panic(
        client in client_frame(),
        server in server_frame(),
        changes in vec((any::<prop::sample::Index>(), any::<u8>()), 0..8),
        cut in any::<prop::sample::Index>(),
    ) {
        for bytes in [client.encode(), server.encode()] {
            let mut bytes = changed(bytes, &changes);
            let _ = ClientFrame::decode(&bytes);
            let _ = ServerFrame::decode(&bytes);
            bytes.truncate(cut.index(bytes.len() + 1));
            let _ = ClientFrame::decode(&bytes);
            let _ = ServerFrame::decode(&bytes);
        }
    }

    #[test]
    fn an_unknown_kind_names_its_request(
        request in any::<u64>(),
        kind in unknown_kind(),
        body in bytes(),
    ) {
        let number = raw::number_field(1, request);
        let kind = raw::bytes_field(kind, &body);
        for bytes in [[number.clone(), kind.clone()].concat(), [kind, number].concat()] {
            let unknown = DecodeError::UnknownKind { request };
            prop_assert_eq!(ClientFrame::decode(&bytes), Err(unknown.clone()));
            prop_assert_eq!(ServerFrame::decode(&bytes), Err(unknown));
        }
    }

    #[test]
    fn unknown_fields_of_a_frame_are_ignored(
        client in client_frame(),
        server in server_frame(),
        field in unknown_field(),
    ) {
        let bytes = [field.clone(), client.encode(), field.clone()].concat();
        prop_assert_eq!(ClientFrame::decode(&bytes), Ok(client));
        let bytes = [field.clone(), server.encode(), field].concat();
        prop_assume!(bytes.len() <= FRAME_BYTES_MAX);
        prop_assert_eq!(ServerFrame::decode(&bytes), Ok(server));
    }

    #[test]
    fn unknown_fields_of_a_kind_are_ignored(
        client in client_frame(),
        server in server_frame(),
        field in unknown_field(),
    ) {
        let bytes = raw::with_field_in_kind(&client.encode(), &field);
        prop_assert_eq!(ClientFrame::decode(&bytes), Ok(client));
        let bytes = raw::with_field_in_kind(&server.encode(), &field);
        prop_assume!(bytes.len() <= FRAME_BYTES_MAX);
        prop_assert_eq!(ServerFrame::decode(&bytes), Ok(server));
    }
}

#[test]
fn nothing_at_all_is_a_frame_of_an_unknown_kind() {
    let unknown = DecodeError::UnknownKind { request: 0 };
    assert_eq!(ClientFrame::decode(&[]), Err(unknown.clone()));
    assert_eq!(ServerFrame::decode(&[]), Err(unknown));
}

#[test]
fn newer_codes_are_unknown_ones() {
    let code = |kind| {
        let bytes = raw::bytes_field(kind, &raw::number_field(1, 77));
        ServerFrame::decode(&bytes).unwrap().message
    };
    let ServerMessage::Failed { code: failure, .. } = code(12) else {
        panic!("field 12 is Failed");
    };
    assert_eq!(failure, FailureCode::Unknown);
    let ServerMessage::GoAway { reason, .. } = code(13) else {
        panic!("field 13 is GoAway");
    };
    assert_eq!(reason, GoAwayReason::Unknown);
}

#[test]
fn an_inbox_item_of_a_newer_kind_keeps_its_number() {
    let item = [raw::number_field(1, 9), raw::bytes_field(50, b"later")].concat();
    let frame = raw::bytes_field(7, &raw::bytes_field(2, &item));
    let ServerMessage::InboxItems { items, .. } = ServerFrame::decode(&frame).unwrap().message
    else {
        panic!("field 7 is InboxItems");
    };
    let item = items.first().unwrap();
    assert_eq!((item.seq, &item.kind), (9, &InboxKind::Unknown));
}

#[test]
fn an_id_of_another_length_is_refused() {
    for length in [0, 15, 17, 32] {
        let go_live = raw::bytes_field(1, &vec![7; length]);
        let frame = raw::bytes_field(5, &go_live);
        assert_eq!(
            ClientFrame::decode(&frame),
            Err(DecodeError::Field("conversation")),
            "{length}"
        );
    }
}
