//! Frames of clients, one strategy per kind.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use whimbrel_protocol::ClientFrame;
use whimbrel_protocol::frame::{
    ClientMessage, FindUser, Founding, Hello, Send, SendItem, UnopenedWelcome, WelcomeOut,
};
use whimbrel_protocol::limits::{
    COMMIT_ADDS_MAX, INBOX_ITEMS_MAX, KEY_PACKAGES_PER_FRAME_MAX, SEND_ITEMS_MAX,
};

use super::{bytes, client_id, conversation, device, item_kind, number, user};

pub(crate) fn client_frame() -> impl Strategy<Value = ClientFrame> {
    (any::<u64>(), client_message()).prop_map(|(request, message)| ClientFrame { request, message })
}

fn client_message() -> impl Strategy<Value = ClientMessage> {
    prop_oneof![
        (any::<u32>(), device(), number()).prop_map(|(version, device, sealed_no)| {
            ClientMessage::Hello(Hello {
                version,
                device,
                sealed_no,
            })
        }),
        (
            conversation(),
            number(),
            vec(send_item(), 1..=SEND_ITEMS_MAX),
        )
            .prop_map(|(conversation, sealed_no, items)| {
                ClientMessage::Send(Send {
                    conversation,
                    sealed_no,
                    items,
                })
            }),
        places(),
        inbox(),
        key_packages(),
        people(),
        bytes().prop_map(|manifest| ClientMessage::PublishManifest { manifest }),
        Just(ClientMessage::Ping),
    ]
}

fn places() -> impl Strategy<Value = ClientMessage> {
    prop_oneof![
        (conversation(), number(), any::<u32>()).prop_map(|(conversation, after, limit)| {
            ClientMessage::Fetch {
                conversation,
                after,
                limit,
            }
        }),
        (conversation(), number()).prop_map(|(conversation, after)| ClientMessage::GoLive {
            conversation,
            after,
        }),
        (conversation(), number())
            .prop_map(|(conversation, seq)| ClientMessage::Applied { conversation, seq }),
        any::<u32>().prop_map(|envelopes| ClientMessage::Taken { envelopes }),
        (conversation(), number(), any::<u32>()).prop_map(|(conversation, epoch, offset)| {
            ClientMessage::FetchTree {
                conversation,
                epoch,
                offset,
            }
        }),
        (conversation(), number())
            .prop_map(|(conversation, seq)| ClientMessage::RejectCommit { conversation, seq }),
        conversation().prop_map(|conversation| ClientMessage::AskToBeAdded { conversation }),
    ]
}

fn inbox() -> impl Strategy<Value = ClientMessage> {
    let unopened = (conversation(), number())
        .prop_map(|(conversation, seq)| UnopenedWelcome { conversation, seq });
    prop_oneof![
        number().prop_map(|after| ClientMessage::FetchInbox { after }),
        (number(), vec(unopened, 0..=INBOX_ITEMS_MAX))
            .prop_map(|(seq, unopened)| ClientMessage::InboxApplied { seq, unopened }),
    ]
}

fn key_packages() -> impl Strategy<Value = ClientMessage> {
    // No bytes are how the wire writes that there is none.
    let last_resort = option::of(vec(any::<u8>(), 1..200));
    prop_oneof![
        (vec(bytes(), 0..=KEY_PACKAGES_PER_FRAME_MAX), last_resort).prop_map(
            |(one_time, last_resort)| ClientMessage::PublishKeyPackages {
                one_time,
                last_resort,
            }
        ),
        vec(user(), 0..=COMMIT_ADDS_MAX)
            .prop_map(|users| ClientMessage::ClaimKeyPackages { users }),
    ]
}

fn people() -> impl Strategy<Value = ClientMessage> {
    prop_oneof![
        any::<String>().prop_map(FindUser::ByUsername),
        user().prop_map(FindUser::ById),
    ]
    .prop_map(ClientMessage::FindUser)
}

fn send_item() -> impl Strategy<Value = SendItem> {
    let founding = (bytes(), option::of(user()))
        .prop_map(|(tree, direct_peer)| Founding { tree, direct_peer });
    let welcome = (bytes(), vec(device(), 0..40))
        .prop_map(|(welcome, devices)| WelcomeOut { welcome, devices });
    (
        (client_id(), item_kind(), number(), number()),
        (any::<bool>(), bytes()),
        (option::of(founding), option::of(welcome)),
    )
        .prop_map(
            |((client_id, kind, epoch, counter), (silent, payload), (founding, welcome))| {
                SendItem {
                    client_id,
                    kind,
                    epoch,
                    counter,
                    silent,
                    payload,
                    founding,
                    welcome,
                }
            },
        )
}
