//! Twins that are more than a list of names.
#![allow(clippy::unwrap_used, reason = "a failed test may panic")]

use whimbrel::types as core;

use super::*;
use crate::error::ErrorCode;

fn user() -> core::UserId {
    core::UserId::from_bytes([0xab; 16])
}

fn text() -> String {
    "ab".repeat(16)
}

#[test]
fn people_and_pages_are_read() {
    let id = Person::Id { user: text() };
    assert_eq!(id.clone().into_core().unwrap(), core::Person::Id(user()));
    assert_eq!(Person::from(core::Person::Id(user())), id);
    let bad = Person::Id { user: "bob".into() };
    assert_eq!(
        bad.into_core().err().map(|error| error.code()),
        Some(ErrorCode::InvalidArgument)
    );
    let anchor = core::ClientId::from_bytes([0xab; 16]);
    for (page, expected) in [
        (MessagePage::Newest, core::Page::Newest),
        (
            MessagePage::Before { anchor: text() },
            core::Page::Before(anchor),
        ),
        (
            MessagePage::After { anchor: text() },
            core::Page::After(anchor),
        ),
        (
            MessagePage::Around { anchor: text() },
            core::Page::Around(anchor),
        ),
    ] {
        assert_eq!(page.to_core().unwrap(), expected);
    }
}

#[test]
fn every_change_keeps_its_id() {
    let conversation = core::ConversationId::from_bytes([0xab; 16]);
    let twins = [
        core::Change::Conversation(conversation),
        core::Change::Messages(conversation),
        core::Change::Members(conversation),
        core::Change::Contact(user()),
        core::Change::Outbox,
        core::Change::Connection,
        core::Change::Account,
        core::Change::Everything,
    ]
    .map(Change::from);
    let expected = [
        Change::Conversation { id: text() },
        Change::Messages {
            conversation: text(),
        },
        Change::Members {
            conversation: text(),
        },
        Change::Contact { user: text() },
        Change::Outbox,
        Change::Connection,
        Change::Account,
        Change::Everything,
    ];
    assert_eq!(twins, expected);
}

#[test]
fn a_message_keeps_everything() {
    let message = Message::from(core::Message {
        id: core::ClientId::from_bytes([1; 16]),
        conversation: core::ConversationId::from_bytes([2; 16]),
        sender: user(),
        seq: Some(u64::MAX),
        kind: core::MessageKind::Missed {
            from_seq: 3,
            to_seq: 4,
        },
        composed_ms: -5,
        server_time_ms: Some(6),
        delivery: core::Delivery::Delivered,
        gap_before: true,
    });
    let expected = Message {
        id: "01".repeat(16),
        conversation: "02".repeat(16),
        sender: text(),
        seq: Some(i64::MAX),
        content: MessageContent::Missed {
            from_seq: 3,
            to_seq: 4,
        },
        composed_ms: -5,
        server_time_ms: Some(6),
        delivery: Delivery::Delivered,
        gap_before: true,
    };
    assert_eq!(message, expected);
}

#[test]
fn what_holds_a_secret_does_not_print_it() {
    let ticket = LinkTicket::from(core::LinkTicket {
        code: "SECRET".into(),
        qr: "SECRET".into(),
        fingerprint: "SECRET".into(),
        expires_ms: 1,
    });
    assert_eq!(ticket.code, "SECRET");
    assert!(!format!("{ticket:?}").contains("SECRET"));
}
