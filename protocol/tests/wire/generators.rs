//! Values of every kind that the wire knows, within their limits.

mod client;
mod server;

use proptest::collection::vec;
use proptest::prelude::*;
use whimbrel_protocol::content::{Content, ContentKind};
use whimbrel_protocol::limits::NUMBER_MAX;
use whimbrel_protocol::{Chain, ClientId, ConversationId, DeviceId, ItemKind, UserId};

pub(crate) use client::client_frame;
pub(crate) use server::server_frame;

pub(crate) fn user() -> impl Strategy<Value = UserId> {
    any::<[u8; 16]>().prop_map(UserId::from_bytes)
}

pub(crate) fn device() -> impl Strategy<Value = DeviceId> {
    any::<[u8; 16]>().prop_map(DeviceId::from_bytes)
}

pub(crate) fn conversation() -> impl Strategy<Value = ConversationId> {
    any::<[u8; 16]>().prop_map(ConversationId::from_bytes)
}

pub(crate) fn client_id() -> impl Strategy<Value = ClientId> {
    any::<[u8; 16]>().prop_map(ClientId::from_bytes)
}

pub(crate) fn item_kind() -> impl Strategy<Value = ItemKind> {
    prop_oneof![
        Just(ItemKind::Create),
        Just(ItemKind::Commit),
        Just(ItemKind::Message),
    ]
}

pub(crate) fn number() -> impl Strategy<Value = u64> {
    0..=NUMBER_MAX
}

/// Some bytes, now and then none.
pub(crate) fn bytes() -> impl Strategy<Value = Vec<u8>> {
    vec(any::<u8>(), 0..200)
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![Just(String::new()), any::<String>(), "[a-zא-ת漢😀]{1,300}",]
}

/// Everything that a message can say in this version.
pub(crate) fn content() -> impl Strategy<Value = Content> {
    let kind = prop_oneof![
        text().prop_map(ContentKind::Text),
        (client_id(), text()).prop_map(|(target, text)| ContentKind::Edit { target, text }),
        client_id().prop_map(|target| ContentKind::Delete { target }),
        number().prop_map(|seq| ContentKind::ReadMark { seq }),
        "\\PC{0,60}".prop_map(|name| ContentKind::State { name }),
        vec(any::<u8>(), 0..100).prop_map(|statement| ContentKind::Leave { statement }),
        (number(), number())
            .prop_map(|(from_seq, to_seq)| ContentKind::AskAgain { from_seq, to_seq }),
        (client_id(), text()).prop_map(|(target, text)| ContentKind::Again { target, text }),
    ];
    (number(), any::<[u8; 32]>(), any::<i64>(), kind).prop_map(
        |(log_seq, chain, composed_ms, kind)| Content {
            log_seq,
            log_chain: Chain::from_bytes(chain),
            composed_ms,
            kind,
        },
    )
}
