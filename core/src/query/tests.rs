//! Tests of the queries on rows made by hand.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a failed test may panic"
)]

use super::*;
use crate::error::ErrorCode;
use crate::store::read::fixture::{Fixture, NewConversation, NewItem, NewMessage};
use crate::types::{ConversationState, Defect, MessageKind, OutboxKind, Role};

const ALICE: UserId = UserId::from_bytes([0xa; 16]);
const BOB: UserId = UserId::from_bytes([0xb; 16]);
const CAROL: UserId = UserId::from_bytes([0xc; 16]);
const BIRDS: ConversationId = ConversationId::from_bytes([1; 16]);
const WITH_BOB: ConversationId = ConversationId::from_bytes([2; 16]);

fn message_id(number: u8) -> ClientId {
    ClientId::from_bytes([number; 16])
}

/// Alice's client, with one group of her own.
fn alice_with_a_group() -> Fixture {
    let fixture = Fixture::new(ALICE);
    fixture.conversation(&NewConversation::group(BIRDS, "Birds"));
    fixture.member(BIRDS, ALICE, 0, 0, 0);
    fixture
}

fn texts(messages: &[Message]) -> Vec<String> {
    let text = |message: &Message| match &message.kind {
        MessageKind::Text { text, .. } => text.clone(),
        other => format!("{other:?}"),
    };
    messages.iter().map(text).collect()
}

/// A conversation "1" to "6" with numbers and "7", "8" without.
fn eight_messages() -> Fixture {
    let fixture = alice_with_a_group();
    // Inserted in another order than they stand in.
    for number in [7_u8, 2, 1, 6, 3, 8, 5, 4] {
        let text = number.to_string();
        let mut message = NewMessage::text(BIRDS, ALICE, message_id(number), &text);
        message.seq = (number < 7).then_some(i64::from(number));
        fixture.message(&message);
    }
    fixture
}

#[test]
fn pages_follow_each_other() {
    let fixture = eight_messages();
    let read = fixture.snapshot();
    let page = |page, limit| texts(&messages(&read, BIRDS, page, limit).unwrap()).join("");
    assert_eq!(page(Page::Newest, 200), "12345678");
    assert_eq!(page(Page::Newest, 1), "8");
    assert_eq!(page(Page::Newest, 4), "5678");
    assert_eq!(page(Page::Before(message_id(5)), 3), "234");
    assert_eq!(page(Page::Before(message_id(1)), 3), "");
    assert_eq!(page(Page::Before(message_id(8)), 3), "567");
    assert_eq!(page(Page::Before(message_id(7)), 3), "456");
    assert_eq!(page(Page::After(message_id(2)), 3), "345");
    assert_eq!(page(Page::After(message_id(5)), 200), "678");
    assert_eq!(page(Page::After(message_id(7)), 200), "8");
    assert_eq!(page(Page::After(message_id(8)), 200), "");
    assert_eq!(page(Page::Around(message_id(4)), 1), "4");
    assert_eq!(page(Page::Around(message_id(4)), 2), "45");
    assert_eq!(page(Page::Around(message_id(4)), 3), "345");
    assert_eq!(page(Page::Around(message_id(1)), 5), "12345");
    assert_eq!(page(Page::Around(message_id(8)), 5), "45678");
    assert_eq!(page(Page::Around(message_id(7)), 200), "12345678");
}

#[test]
fn rows_of_one_number_keep_the_order_they_were_made_in() {
    let fixture = alice_with_a_group();
    for number in 1..=4 {
        let mut message = NewMessage::text(BIRDS, ALICE, message_id(number), &number.to_string());
        message.seq = Some(7);
        fixture.message(&message);
    }
    let read = fixture.snapshot();
    let page = |page| texts(&messages(&read, BIRDS, page, 2).unwrap()).join("");
    assert_eq!(page(Page::Newest), "34");
    assert_eq!(page(Page::Before(message_id(3))), "12");
    assert_eq!(page(Page::After(message_id(2))), "34");
}

#[test]
fn wrong_arguments_have_their_errors() {
    let fixture = eight_messages();
    let read = fixture.snapshot();
    let code = |error: Error| error.code;
    let limit = |limit| messages(&read, BIRDS, Page::Newest, limit).map_err(code);
    assert_eq!(limit(0), Err(ErrorCode::InvalidArgument));
    assert_eq!(
        limit(PAGE_MESSAGES_MAX + 1),
        Err(ErrorCode::InvalidArgument)
    );
    let unknown = ConversationId::from_bytes([0xff; 16]);
    assert_eq!(
        conversation(&read, unknown).map_err(code),
        Err(ErrorCode::NotFound)
    );
    assert_eq!(
        members(&read, unknown).map_err(code),
        Err(ErrorCode::NotFound)
    );
    assert_eq!(
        outbox(&read, Some(unknown)).map_err(code),
        Err(ErrorCode::NotFound)
    );
    let missing = message_id(99);
    assert_eq!(
        message(&read, BIRDS, missing).map_err(code),
        Err(ErrorCode::NotFound)
    );
    let around = messages(&read, BIRDS, Page::Around(missing), 5);
    assert_eq!(around.map_err(code), Err(ErrorCode::NotFound));
    assert_eq!(
        conversations(&read, 0, 0).map_err(code),
        Err(ErrorCode::InvalidArgument)
    );
}

#[test]
fn every_kind_of_row_is_shown() {
    let fixture = alice_with_a_group();
    let kinds = [
        MessageKind::Created,
        MessageKind::Added(vec![BOB, CAROL]),
        MessageKind::Renamed("Waders".to_owned()),
        MessageKind::Removed(vec![CAROL]),
        MessageKind::Deleted,
        MessageKind::Unsupported,
        MessageKind::Unreadable(Defect::AgainstPolicy),
    ];
    for (number, kind) in (1..).zip(&kinds) {
        let mut message = NewMessage::text(BIRDS, BOB, message_id(number), "");
        message.kind = kind.clone();
        message.seq = Some(i64::from(number));
        fixture.message(&message);
    }
    let mut edited = NewMessage::text(BIRDS, BOB, message_id(8), "new");
    edited.seq = Some(8);
    edited.edited_seq = Some(9);
    edited.gap_before = true;
    fixture.message(&edited);
    let read = fixture.snapshot();
    let shown = messages(&read, BIRDS, Page::Newest, 100).unwrap();
    let shown_kinds: Vec<_> = shown.iter().map(|message| message.kind.clone()).collect();
    assert_eq!(shown_kinds[..7], kinds);
    let last = &shown[7];
    assert_eq!(
        last.kind,
        MessageKind::Text {
            text: "new".to_owned(),
            edited: true
        }
    );
    assert!(last.gap_before && !shown[6].gap_before);
    assert_eq!(
        (last.sender, last.seq, last.delivery),
        (BOB, Some(8), Delivery::Sent)
    );
    assert_eq!(message(&read, BIRDS, message_id(8)).unwrap(), *last);
}

#[test]
fn delivery_follows_the_slowest_other_member() {
    let fixture = alice_with_a_group();
    for number in 1..=4 {
        let mut message = NewMessage::text(BIRDS, ALICE, message_id(number), "hi");
        message.seq = Some(i64::from(number));
        fixture.message(&message);
    }
    let deliveries = || -> Vec<Delivery> {
        let read = fixture.snapshot();
        let page = messages(&read, BIRDS, Page::Newest, 10).unwrap();
        page.iter().map(|message| message.delivery).collect()
    };
    use Delivery::{Delivered, Read, Sent};
    assert_eq!(deliveries(), [Sent; 4], "alone");
    fixture.member(BIRDS, BOB, 1, 3, 1);
    assert_eq!(deliveries(), [Read, Delivered, Delivered, Sent]);
    // Carol's read mark came before her delivery mark.
    fixture.member(BIRDS, CAROL, 2, 0, 2);
    assert_eq!(deliveries(), [Read, Delivered, Sent, Sent]);
    fixture.absent(BIRDS, CAROL);
    assert_eq!(deliveries(), [Read, Delivered, Delivered, Sent]);
}

#[test]
fn only_the_refused_message_has_failed() {
    let fixture = alice_with_a_group();
    for (number, state) in [(1, 2), (2, 3), (3, 0)] {
        let id = message_id(number);
        fixture.message(&NewMessage::text(BIRDS, ALICE, id, "hi"));
        let mut item = NewItem::text(BIRDS, id, "hi");
        item.state = state;
        item.failure = (state == 3).then_some("too_large");
        fixture.item(&item);
    }
    let read = fixture.snapshot();
    let page = messages(&read, BIRDS, Page::Newest, 10).unwrap();
    let deliveries: Vec<_> = page.iter().map(|message| message.delivery).collect();
    assert_eq!(
        deliveries,
        [Delivery::Queued, Delivery::Failed, Delivery::Queued]
    );
    let group = conversation(&read, BIRDS).unwrap();
    assert_eq!(
        (group.queued, group.blocked),
        (2, Some(ErrorCode::TooLarge))
    );
    let items = outbox(&read, Some(BIRDS)).unwrap();
    let states: Vec<_> = items.iter().map(|item| item.state).collect();
    assert_eq!(
        states,
        [
            OutboxState::Accepted,
            OutboxState::Failed,
            OutboxState::Queued
        ]
    );
    assert_eq!(items[1].failure, Some(ErrorCode::TooLarge));
    assert_eq!(items[2].kind, OutboxKind::Text("hi".to_owned()));
    assert_eq!(outbox(&read, None).unwrap(), items);
}

#[test]
fn unread_counts_others_above_the_mark_and_stops_at_its_maximum() {
    let fixture = alice_with_a_group();
    let add = |number: i64, sender, kind: MessageKind| {
        let id = ClientId::new(number, [0; 10]);
        let mut message = NewMessage::text(BIRDS, sender, id, "hi");
        message.kind = kind;
        message.seq = Some(number);
        fixture.message(&message);
    };
    let text = || MessageKind::Text {
        text: "hi".to_owned(),
        edited: false,
    };
    add(1, BOB, text());
    add(2, BOB, text());
    add(3, ALICE, text());
    add(4, BOB, MessageKind::Unsupported);
    add(5, BOB, MessageKind::Added(vec![CAROL]));
    add(6, BOB, MessageKind::Deleted);
    let unread = || conversation(&fixture.snapshot(), BIRDS).unwrap().unread;
    assert_eq!(unread(), 3);
    fixture.set_own_read(BIRDS, 1);
    assert_eq!(unread(), 2);
    fixture.set_own_read(BIRDS, 6);
    assert_eq!(unread(), 0);
    for number in 7..7 + 1_100 {
        add(number, BOB, text());
    }
    assert_eq!(unread(), UNREAD_MAX);
}

#[test]
fn the_list_is_sorted_and_paged() {
    let fixture = Fixture::new(ALICE);
    for number in 1..=5_u8 {
        let id = ConversationId::from_bytes([number; 16]);
        let mut group = NewConversation::group(id, &format!("group {number}"));
        group.last_activity_ms = [0, 10, 30, 20, 30, 40][usize::from(number)];
        fixture.conversation(&group);
    }
    let read = fixture.snapshot();
    let names = |offset, limit| -> Vec<String> {
        let page = conversations(&read, offset, limit).unwrap();
        page.into_iter().map(|row| row.name).collect()
    };
    let sorted = ["group 5", "group 2", "group 4", "group 3", "group 1"];
    assert_eq!(names(0, 200), sorted);
    assert_eq!(names(0, 2), sorted[..2]);
    assert_eq!(names(2, 2), sorted[2..4]);
    assert_eq!(names(4, 2), sorted[4..]);
    assert_eq!(names(5, 2), [""; 0]);
}

#[test]
fn a_conversation_shows_its_newest_row() {
    let fixture = eight_messages();
    let group = conversation(&fixture.snapshot(), BIRDS).unwrap();
    assert_eq!(texts(&[group.last_message.unwrap()]), ["8"]);
    assert_eq!((group.kind, group.peer), (ConversationKind::Group, None));
    assert_eq!(group.state, ConversationState::Active);
}

#[test]
fn a_direct_conversation_is_called_what_its_peer_is_called() {
    let fixture = Fixture::new(ALICE);
    let mut direct = NewConversation::direct(WITH_BOB, "bob");
    direct.state = ConversationState::Creating;
    fixture.conversation(&direct);
    let name = || {
        let row = conversation(&fixture.snapshot(), WITH_BOB).unwrap();
        (row.name, row.peer, row.kind)
    };
    assert_eq!(name(), ("bob".to_owned(), None, ConversationKind::Direct));
    fixture.set_peer(WITH_BOB, BOB);
    assert_eq!(name().0, "bob");
    fixture.contact(BOB, "robert");
    assert_eq!(
        name(),
        ("robert".to_owned(), Some(BOB), ConversationKind::Direct)
    );
}

#[test]
fn an_old_id_still_finds_its_conversation() {
    let fixture = eight_messages();
    let old = ConversationId::from_bytes([0xee; 16]);
    fixture.alias(old, BIRDS);
    let read = fixture.snapshot();
    assert_eq!(conversation(&read, old).unwrap().id, BIRDS);
    let page = messages(&read, old, Page::Newest, 1).unwrap();
    assert_eq!(page[0].conversation, BIRDS);
    assert_eq!(
        message(&read, old, message_id(3)).unwrap().conversation,
        BIRDS
    );
    assert_eq!(members(&read, old).unwrap().len(), 1);
    assert_eq!(outbox(&read, Some(old)).unwrap(), []);
}

#[test]
fn members_are_sorted_by_rights_and_name() {
    let fixture = Fixture::new(ALICE);
    fixture.conversation(&NewConversation::group(BIRDS, "Birds"));
    fixture.member(BIRDS, BOB, 2, 4, 3);
    fixture.member(BIRDS, ALICE, 2, 0, 0);
    fixture.member(BIRDS, CAROL, 0, 0, 0);
    fixture.contact(ALICE, "alice");
    fixture.contact(BOB, "bob");
    let list = members(&fixture.snapshot(), BIRDS).unwrap();
    let names: Vec<_> = list.iter().map(|member| member.username.as_str()).collect();
    assert_eq!(names, ["", "alice", "bob"]);
    assert_eq!(list[0].role, Role::Owner);
    assert_eq!((list[2].delivered_seq, list[2].read_seq), (4, 3));
}

#[test]
fn an_id_taken_by_two_senders_means_the_own_message() {
    let fixture = alice_with_a_group();
    for (seq, sender, text) in [(1, BOB, "bob"), (2, ALICE, "own")] {
        let mut message = NewMessage::text(BIRDS, sender, message_id(1), text);
        message.seq = Some(seq);
        fixture.message(&message);
    }
    let found = message(&fixture.snapshot(), BIRDS, message_id(1)).unwrap();
    assert_eq!(texts(&[found]), ["own"]);
}

#[test]
fn what_stands_behind_a_refused_item_is_not_sendable() {
    let fixture = alice_with_a_group();
    let sendable = || has_sendable(&fixture.snapshot()).unwrap();
    assert!(!sendable());
    let mut accepted = NewItem::text(BIRDS, message_id(1), "there");
    accepted.state = 2;
    fixture.item(&accepted);
    assert!(!sendable());
    fixture.item(&NewItem::text(BIRDS, message_id(2), "hi"));
    assert!(sendable());
    let mut refused = NewItem::text(BIRDS, message_id(3), "too large");
    refused.state = 3;
    fixture.item(&refused);
    assert!(!sendable());
    fixture.conversation(&NewConversation::direct(WITH_BOB, "bob"));
    fixture.item(&NewItem::text(WITH_BOB, message_id(4), "hi"));
    assert!(sendable());
}
