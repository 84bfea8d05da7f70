//! Limits: what is over one is refused, what is at one passes, and no claimed length is believed.

use whimbrel_protocol::envelope::Body;
use whimbrel_protocol::frame::{
    ClaimedDevice, ClaimedUser, ClientMessage, Envelopes, Founding, Head, InboxItem, InboxKind,
    ItemResult, Mark, Send, SendItem, ServerMessage, UnopenedWelcome, Welcome, WelcomeOut,
};
use whimbrel_protocol::limits::*;
use whimbrel_protocol::{
    ClientFrame, ClientId, Content, ConversationId, DecodeError, DeviceId, Envelope, ItemKind,
    ServerFrame, UserId,
};

use crate::raw;

const CONVERSATION: ConversationId = ConversationId::from_bytes([1; 16]);
const USER: UserId = UserId::from_bytes([2; 16]);
const DEVICE: DeviceId = DeviceId::from_bytes([3; 16]);

fn to_server(message: ClientMessage) -> Result<ClientFrame, DecodeError> {
    ClientFrame::decode(
        &ClientFrame {
            request: u64::MAX,
            message,
        }
        .encode(),
    )
}

fn to_client(message: ServerMessage) -> Result<ServerFrame, DecodeError> {
    ServerFrame::decode(
        &ServerFrame {
            request: u64::MAX,
            message,
        }
        .encode(),
    )
}

/// Asserts that one more than the limit is refused by that limit, and the limit itself is not.
fn check<T: std::fmt::Debug>(limit: usize, decode: impl Fn(usize) -> Result<T, DecodeError>) {
    decode(limit).unwrap();
    let error = decode(limit + 1).unwrap_err();
    let over = matches!(error, DecodeError::TooLarge { bytes, limit: at, .. }
        if bytes == limit + 1 && at == limit);
    assert!(over, "{error:?}");
}

fn item(payload_bytes: usize) -> SendItem {
    SendItem {
        client_id: ClientId::from_bytes([4; 16]),
        kind: ItemKind::Commit,
        epoch: NUMBER_MAX,
        counter: NUMBER_MAX,
        silent: true,
        payload: vec![5; payload_bytes],
        founding: None,
        welcome: None,
    }
}

fn send(items: Vec<SendItem>) -> ClientMessage {
    ClientMessage::Send(Send {
        conversation: CONVERSATION,
        sealed_no: NUMBER_MAX,
        items,
    })
}

fn envelope(payload_bytes: usize) -> Envelope {
    Envelope {
        seq: NUMBER_MAX,
        kind: ItemKind::Message,
        sender_user: USER,
        sender_device: DEVICE,
        client_id: ClientId::from_bytes([4; 16]),
        counter: NUMBER_MAX,
        epoch: NUMBER_MAX,
        server_time_ms: i64::MAX,
        silent: true,
        voided: true,
        body: Body::Payload(vec![5; payload_bytes]),
    }
}

fn envelopes(envelopes: Vec<Envelope>) -> ServerMessage {
    ServerMessage::Envelopes(Envelopes {
        conversation: CONVERSATION,
        incarnation: NUMBER_MAX,
        head: NUMBER_MAX,
        envelopes,
    })
}

fn welcome(bytes: usize) -> InboxItem {
    InboxItem {
        seq: NUMBER_MAX,
        kind: InboxKind::Welcome(Welcome {
            conversation: CONVERSATION,
            incarnation: NUMBER_MAX,
            seq: NUMBER_MAX,
            epoch: NUMBER_MAX,
            adder_user: USER,
            adder_device: DEVICE,
            welcome: vec![5; bytes],
            chain: [6; 32],
        }),
    }
}

fn claimed(manifest: usize, devices: usize, key_package: usize) -> ServerMessage {
    let device = ClaimedDevice {
        device: DEVICE,
        key_package: vec![5; key_package],
    };
    ServerMessage::ClaimedKeyPackages {
        server_time_ms: 1,
        users: vec![ClaimedUser {
            user: USER,
            manifest: vec![5; manifest],
            devices: vec![device; devices],
        }],
    }
}

#[test]
fn a_frame_over_its_limit_is_not_read() {
    // Not Protobuf at all: only the size can be what is refused.
    let bytes = vec![0xff; FRAME_BYTES_MAX + 1];
    let too_large = DecodeError::TooLarge {
        what: "frame",
        bytes: bytes.len(),
        limit: FRAME_BYTES_MAX,
    };
    assert_eq!(ClientFrame::decode(&bytes), Err(too_large.clone()));
    assert_eq!(ServerFrame::decode(&bytes), Err(too_large));
    let bytes = vec![0xff; PAYLOAD_BYTES_MAX + 1];
    assert!(matches!(
        Content::decode(&bytes),
        Err(DecodeError::TooLarge { .. })
    ));
}

#[test]
fn a_claimed_length_allocates_nothing() {
    // Whoever reserved what is claimed here would not live to say so.
    for length in [
        1,
        0x7fff_ffff,
        0xffff_ffff,
        1 << 40,
        NUMBER_MAX >> 1,
        NUMBER_MAX,
    ] {
        for kind in 1..=15 {
            let bare = raw::claimed_bytes_field(kind, length);
            assert!(ClientFrame::decode(&bare).is_err(), "{kind} {length}");
            assert!(ServerFrame::decode(&bare).is_err(), "{kind} {length}");
            for field in 1..=8 {
                let nested = raw::bytes_field(kind, &raw::claimed_bytes_field(field, length));
                assert!(
                    ClientFrame::decode(&nested).is_err(),
                    "{kind} {field} {length}"
                );
                assert!(
                    ServerFrame::decode(&nested).is_err(),
                    "{kind} {field} {length}"
                );
            }
        }
    }
}

#[test]
fn sends_keep_their_limits() {
    check(SEND_ITEMS_MAX, |count| {
        to_server(send(vec![item(1); count]))
    });
    check(PAYLOAD_BYTES_MAX, |bytes| {
        to_server(send(vec![item(bytes)]))
    });
    check(PAYLOAD_BYTES_MAX, |bytes| {
        let founding = Some(Founding {
            tree: vec![5; bytes],
            direct_peer: Some(USER),
        });
        to_server(send(vec![SendItem {
            founding,
            ..item(1)
        }]))
    });
    let welcomed = |bytes, devices| {
        let welcome = Some(WelcomeOut {
            welcome: vec![5; bytes],
            devices: vec![DEVICE; devices],
        });
        to_server(send(vec![SendItem { welcome, ..item(1) }]))
    };
    check(WELCOME_BYTES_MAX, |bytes| welcomed(bytes, 1));
    check(CONVERSATION_DEVICES_MAX, |devices| welcomed(1, devices));
    let none = to_server(send(Vec::new()));
    assert_eq!(none, Err(DecodeError::Field("items")));
}

#[test]
fn other_requests_keep_their_limits() {
    check(INBOX_ITEMS_MAX, |count| {
        let unopened = UnopenedWelcome {
            conversation: CONVERSATION,
            seq: 1,
        };
        to_server(ClientMessage::InboxApplied {
            seq: 1,
            unopened: vec![unopened; count],
        })
    });
    let publish = |count, bytes, last| {
        to_server(ClientMessage::PublishKeyPackages {
            one_time: vec![vec![5; bytes]; count],
            last_resort: Some(vec![5; last]),
        })
    };
    check(KEY_PACKAGES_PER_FRAME_MAX, |count| publish(count, 1, 1));
    check(KEY_PACKAGE_BYTES_MAX, |bytes| publish(1, bytes, 1));
    check(KEY_PACKAGE_BYTES_MAX, |bytes| publish(1, 1, bytes));
    check(COMMIT_ADDS_MAX, |count| {
        to_server(ClientMessage::ClaimKeyPackages {
            users: vec![USER; count],
        })
    });
}

#[test]
fn answers_keep_their_limits() {
    check(HEADS_PER_FRAME_MAX, |count| {
        let head = Head {
            conversation: CONVERSATION,
            incarnation: NUMBER_MAX,
            head: NUMBER_MAX,
            epoch: NUMBER_MAX,
        };
        to_client(ServerMessage::Heads {
            heads: vec![head; count],
            more: true,
        })
    });
    check(SEND_ITEMS_MAX, |count| {
        to_client(ServerMessage::SendResult {
            conversation: CONVERSATION,
            results: vec![ItemResult::NotTried; count],
        })
    });
    check(FETCH_ENVELOPES_MAX, |count| {
        to_client(envelopes(vec![envelope(1); count]))
    });
    check(PAYLOAD_BYTES_MAX, |bytes| {
        to_client(envelopes(vec![envelope(bytes)]))
    });
    check(CONVERSATION_USERS_MAX, |count| {
        let mark = Mark {
            user: USER,
            delivered: NUMBER_MAX,
        };
        to_client(ServerMessage::Marks {
            conversation: CONVERSATION,
            marks: vec![mark; count],
        })
    });
    check(TREE_CHUNK_BYTES_MAX, |bytes| {
        to_client(ServerMessage::TreeChunk {
            offset: 0,
            total: u32::MAX,
            bytes: vec![5; bytes],
        })
    });
}

#[test]
fn inboxes_and_key_packages_keep_their_limits() {
    let inbox = |items| to_client(ServerMessage::InboxItems { head: 1, items });
    check(INBOX_ITEMS_MAX, |count| inbox(vec![welcome(1); count]));
    check(WELCOME_BYTES_MAX, |bytes| inbox(vec![welcome(bytes)]));
    check(MANIFEST_BYTES_MAX, |bytes| to_client(claimed(bytes, 1, 1)));
    check(USER_DEVICES_MAX, |count| to_client(claimed(1, count, 1)));
    check(KEY_PACKAGE_BYTES_MAX, |bytes| {
        to_client(claimed(1, 1, bytes))
    });
}

#[test]
fn a_number_that_no_database_holds_is_refused() {
    let too_large = NUMBER_MAX + 1;
    let mut envelope = envelope(1);
    envelope.seq = too_large;
    assert_eq!(
        to_client(envelopes(vec![envelope])).unwrap_err(),
        DecodeError::Field("seq")
    );
    let mut item = item(1);
    item.counter = too_large;
    assert_eq!(
        to_server(send(vec![item])).unwrap_err(),
        DecodeError::Field("counter")
    );
}

#[test]
fn what_the_other_limits_allow_fits_into_a_frame() {
    let fits = |bytes: usize| assert!(bytes <= FRAME_BYTES_MAX, "{bytes} bytes");
    let rest = SEND_BYTES_MAX - WELCOME_BYTES_MAX;
    let mut items = vec![item(rest / SEND_ITEMS_MAX); SEND_ITEMS_MAX];
    items.first_mut().unwrap().welcome = Some(WelcomeOut {
        welcome: vec![5; WELCOME_BYTES_MAX],
        devices: vec![DEVICE; CONVERSATION_DEVICES_MAX],
    });
    let frame = ClientFrame {
        request: u64::MAX,
        message: send(items),
    };
    fits(frame.encode().len());
    let each = FETCH_BYTES_MAX / FETCH_ENVELOPES_MAX;
    let frame = ServerFrame {
        request: u64::MAX,
        message: envelopes(vec![envelope(each); FETCH_ENVELOPES_MAX]),
    };
    fits(frame.encode().len());
}
