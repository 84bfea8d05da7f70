//! Frames of the server, one strategy per kind.

use proptest::collection::vec;
use proptest::prelude::*;
use whimbrel_protocol::envelope::Body;
use whimbrel_protocol::frame::{
    ClaimedDevice, ClaimedUser, Envelopes, FailureCode, GoAwayReason, Head, HelloOk, InboxItem,
    InboxKind, ItemResult, Mark, Refusal, ServerMessage, Welcome,
};
use whimbrel_protocol::limits::{
    COMMIT_ADDS_MAX, FETCH_ENVELOPES_MAX, HEADS_PER_FRAME_MAX, INBOX_ITEMS_MAX, SEND_ITEMS_MAX,
};
use whimbrel_protocol::{Envelope, ServerFrame};

use super::{bytes, client_id, conversation, device, item_kind, number, user};

pub(crate) fn server_frame() -> impl Strategy<Value = ServerFrame> {
    (any::<u64>(), server_message()).prop_map(|(request, message)| ServerFrame { request, message })
}

fn server_message() -> impl Strategy<Value = ServerMessage> {
    prop_oneof![
        greetings(),
        (conversation(), vec(item_result(), 0..=SEND_ITEMS_MAX)).prop_map(
            |(conversation, results)| ServerMessage::SendResult {
                conversation,
                results,
            }
        ),
        envelopes(),
        marks(),
        (number(), vec(inbox_item(), 0..=INBOX_ITEMS_MAX))
            .prop_map(|(head, items)| ServerMessage::InboxItems { head, items }),
        key_packages(),
        (any::<u32>(), any::<u32>(), bytes()).prop_map(|(offset, total, bytes)| {
            ServerMessage::TreeChunk {
                offset,
                total,
                bytes,
            }
        }),
        (user(), any::<String>())
            .prop_map(|(user, username)| ServerMessage::UserFound { user, username }),
        endings(),
        any::<i64>().prop_map(|server_time_ms| ServerMessage::Pong { server_time_ms }),
        Just(ServerMessage::Done),
    ]
}

fn greetings() -> impl Strategy<Value = ServerMessage> {
    let head = (conversation(), number(), number(), number()).prop_map(
        |(conversation, incarnation, head, epoch)| Head {
            conversation,
            incarnation,
            head,
            epoch,
        },
    );
    let ok = (
        (any::<i64>(), number(), number()),
        (any::<u32>(), any::<bool>(), any::<u32>()),
    )
        .prop_map(
            |((server_time_ms, sealed_no, inbox_head), (one_time, has_last_resort, heartbeat))| {
                HelloOk {
                    server_time_ms,
                    sealed_no,
                    inbox_head,
                    one_time_key_packages: one_time,
                    has_last_resort,
                    heartbeat_ms: heartbeat,
                }
            },
        );
    prop_oneof![
        ok.prop_map(ServerMessage::HelloOk),
        (vec(head, 0..=HEADS_PER_FRAME_MAX), any::<bool>())
            .prop_map(|(heads, more)| ServerMessage::Heads { heads, more }),
    ]
}

fn refusal() -> impl Strategy<Value = Refusal> {
    prop_oneof![
        (number(), number()).prop_map(|(epoch, head)| Refusal::StaleEpoch { epoch, head }),
        Just(Refusal::NotMember),
        Just(Refusal::NoSuchConversation),
        Just(Refusal::ConversationExists),
        conversation().prop_map(|conversation| Refusal::DirectExists { conversation }),
        number().prop_map(|expected| Refusal::BadCounter { expected }),
        Just(Refusal::BadCommit),
        Just(Refusal::Policy),
        Just(Refusal::TooLarge),
        Just(Refusal::Malformed),
        any::<u32>().prop_map(|retry_after_ms| Refusal::RateLimited { retry_after_ms }),
        Just(Refusal::NoSuchUser),
        Just(Refusal::Unavailable),
    ]
}

fn item_result() -> impl Strategy<Value = ItemResult> {
    prop_oneof![
        (number(), any::<i64>(), any::<[u8; 32]>()).prop_map(
            |(seq, server_time_ms, payload_sha256)| ItemResult::Accepted {
                seq,
                server_time_ms,
                payload_sha256,
            }
        ),
        refusal().prop_map(ItemResult::Refused),
        Just(ItemResult::NotTried),
    ]
}

fn envelope() -> impl Strategy<Value = Envelope> {
    let body = prop_oneof![
        bytes().prop_map(Body::Payload),
        any::<[u8; 32]>().prop_map(Body::OwnHash),
    ];
    (
        (number(), item_kind(), user(), device(), client_id()),
        (number(), number(), any::<i64>()),
        (any::<bool>(), any::<bool>(), body),
    )
        .prop_map(|(who, numbers, (silent, voided, body))| {
            let (seq, kind, sender_user, sender_device, client_id) = who;
            let (counter, epoch, server_time_ms) = numbers;
            Envelope {
                seq,
                kind,
                sender_user,
                sender_device,
                client_id,
                counter,
                epoch,
                server_time_ms,
                silent,
                voided,
                body,
            }
        })
}

fn envelopes() -> impl Strategy<Value = ServerMessage> {
    (
        (conversation(), number(), number()),
        vec(envelope(), 0..=FETCH_ENVELOPES_MAX),
    )
        .prop_map(|((conversation, incarnation, head), envelopes)| {
            ServerMessage::Envelopes(Envelopes {
                conversation,
                incarnation,
                head,
                envelopes,
            })
        })
}

fn marks() -> impl Strategy<Value = ServerMessage> {
    let mark = (user(), number()).prop_map(|(user, delivered)| Mark { user, delivered });
    (conversation(), vec(mark, 0..50)).prop_map(|(conversation, marks)| ServerMessage::Marks {
        conversation,
        marks,
    })
}

fn inbox_item() -> impl Strategy<Value = InboxItem> {
    let welcome = (
        (conversation(), number(), number(), number()),
        (user(), device(), bytes(), any::<[u8; 32]>()),
    )
        .prop_map(|(place, (adder_user, adder_device, welcome, chain))| {
            let (conversation, incarnation, seq, epoch) = place;
            Welcome {
                conversation,
                incarnation,
                seq,
                epoch,
                adder_user,
                adder_device,
                welcome,
                chain,
            }
        });
    let kind = prop_oneof![
        welcome.prop_map(InboxKind::Welcome),
        (conversation(), number(), user(), device()).prop_map(
            |(conversation, seq, user, device)| InboxKind::DeviceWaits {
                conversation,
                seq,
                user,
                device,
            }
        ),
        (user(), bytes())
            .prop_map(|(user, manifest)| InboxKind::ManifestChanged { user, manifest }),
        Just(InboxKind::Unknown),
    ];
    (number(), kind).prop_map(|(seq, kind)| InboxItem { seq, kind })
}

fn key_packages() -> impl Strategy<Value = ServerMessage> {
    let device = (device(), bytes()).prop_map(|(device, key_package)| ClaimedDevice {
        device,
        key_package,
    });
    let user =
        (user(), bytes(), vec(device, 0..4)).prop_map(|(user, manifest, devices)| ClaimedUser {
            user,
            manifest,
            devices,
        });
    prop_oneof![
        (any::<u32>(), any::<bool>()).prop_map(|(one_time, has_last_resort)| {
            ServerMessage::KeyPackageCount {
                one_time,
                has_last_resort,
            }
        }),
        (any::<i64>(), vec(user, 0..=COMMIT_ADDS_MAX)).prop_map(|(server_time_ms, users)| {
            ServerMessage::ClaimedKeyPackages {
                server_time_ms,
                users,
            }
        }),
    ]
}

fn endings() -> impl Strategy<Value = ServerMessage> {
    let code = prop_oneof![
        Just(FailureCode::Malformed),
        Just(FailureCode::Forbidden),
        Just(FailureCode::NotFound),
        Just(FailureCode::RateLimited),
        Just(FailureCode::TooLarge),
        Just(FailureCode::Unavailable),
        Just(FailureCode::UnsupportedVersion),
        Just(FailureCode::NoKeyPackage),
        Just(FailureCode::Expired),
        Just(FailureCode::Unknown),
    ];
    let reason = prop_oneof![
        Just(GoAwayReason::Draining),
        Just(GoAwayReason::TokenExpired),
        Just(GoAwayReason::Replaced),
        Just(GoAwayReason::ProtocolError),
        Just(GoAwayReason::TooSlow),
        Just(GoAwayReason::Unknown),
    ];
    prop_oneof![
        (code, any::<u32>()).prop_map(|(code, retry_after_ms)| ServerMessage::Failed {
            code,
            retry_after_ms,
        }),
        (reason, any::<u32>()).prop_map(|(reason, retry_after_ms)| ServerMessage::GoAway {
            reason,
            retry_after_ms,
        }),
    ]
}
