//! People who talk.

use whimbrel::ErrorCode;
use whimbrel::client::Network;
use whimbrel::types::{
    Connection, ConversationKind, ConversationState, Delivery, MessageKind, Page, Person, Role,
};

use crate::phone::{Phone, code, named};
use crate::server::TestServer;

#[tokio::test]
async fn two_people_talk() {
    let server = TestServer::start().await;
    let bob = Phone::live(&server, "bob").await;
    let alice = Phone::live(&server, "alice").await;
    alice.network(Network::Down).await;
    let chat = alice.client.create_direct(named("bob")).await.unwrap();
    let hello = alice.send(chat, "Hello Bob, 你好, مرحبا 👩‍👩‍👧").await;
    let row = alice.row(chat).await;
    assert_eq!(
        (row.kind, row.state, row.name.as_str(), row.queued),
        (
            ConversationKind::Direct,
            ConversationState::Creating,
            "bob",
            3
        )
    );
    alice
        .sees(chat, "alice: Hello Bob, 你好, مرحبا 👩‍👩‍👧 …\n")
        .await;

    alice.network(Network::Up).await;
    let here = bob.finds("alice").await;
    assert_eq!(here, chat);
    bob.sees(
        here,
        "* alice added bob\nalice: Hello Bob, 你好, مرحبا 👩‍👩‍👧\n",
    )
    .await;
    assert_eq!(bob.row(here).await.unread, 1);
    assert_eq!(bob.row(here).await.peer, Some(alice.user()));
    alice
        .sees(
            chat,
            "* alice made this\n* alice added bob\nalice: Hello Bob, 你好, مرحبا 👩‍👩‍👧 ✓✓\n",
        )
        .await;

    bob.client.mark_read(here, hello).await.unwrap();
    bob.until("read", async |client| {
        client.conversation(here).await.unwrap().unread == 0
    })
    .await;
    alice
        .until("read by bob", async |client| {
            let message = client.message(chat, hello).await.unwrap();
            message.delivery == Delivery::Read
        })
        .await;
    bob.send(here, "Hello Alice").await;
    alice.hears(chat, "Hello Alice").await;
    assert_eq!(alice.row(chat).await.unread, 1);
    bob.sees(
        here,
        "* alice added bob\nalice: Hello Bob, 你好, مرحبا 👩‍👩‍👧\nbob: Hello Alice ✓✓\n",
    )
    .await;
    // Asked for once more, by id and by name, it is the same one.
    let again = alice.client.create_direct(Person::Id(bob.user())).await;
    assert_eq!(again.unwrap(), chat);
    let again = alice.client.create_direct(named("bob")).await;
    assert_eq!(again.unwrap(), chat);
}

#[tokio::test]
async fn a_group_is_founded_offline_and_people_come_and_go() {
    let server = TestServer::start().await;
    let bob = Phone::live(&server, "bob").await;
    let carol = Phone::live(&server, "carol").await;
    let alice = Phone::register(&server, "alice").await;
    alice.network(Network::Down).await;
    let people = vec![named("bob")];
    let group = alice.client.create_group("Birds", people).await.unwrap();
    alice.send(group, "hi bob").await;
    alice.client.add(group, vec![named("carol")]).await.unwrap();
    alice.send(group, "hi carol").await;
    alice.client.rename(group, "Waders").await.unwrap();
    alice.network(Network::Up).await;

    for phone in [&bob, &carol] {
        assert_eq!(phone.finds("Waders").await, group);
        phone.hears(group, "hi carol").await;
        let members = phone.client.members(group).await.unwrap();
        let members = members.iter().map(|m| (m.username.as_str(), m.role));
        assert_eq!(
            members.collect::<Vec<_>>(),
            [
                ("alice", Role::Owner),
                ("bob", Role::Member),
                ("carol", Role::Member)
            ]
        );
    }
    alice.has_sent_all().await;
    let removed = bob.client.remove(group, carol.user()).await;
    assert_eq!(code(removed), Some(ErrorCode::NotAllowed));

    alice.client.remove(group, bob.user()).await.unwrap();
    alice.send(group, "without bob").await;
    bob.until("removed", async |client| {
        client.conversation(group).await.unwrap().state == ConversationState::Removed
    })
    .await;
    carol.hears(group, "without bob").await;
    carol.send(group, "indeed").await;
    alice.hears(group, "indeed").await;
    carol
        .sees(
            group,
            "* alice added carol\n* alice named this \"Birds\"\nalice: hi carol\n\
             * alice named this \"Waders\"\n* alice removed bob\nalice: without bob\ncarol: indeed ✓✓\n",
        )
        .await;
    bob.sees(
        group,
        "* alice added bob\n* alice named this \"Birds\"\nalice: hi bob\n* alice added carol\nalice: hi carol\n\
         * alice named this \"Waders\"\n* alice removed bob\n",
    )
    .await;
    let late = bob.client.send(group, "wait").await;
    assert_eq!(code(late), Some(ErrorCode::NotMember));
}

#[tokio::test]
async fn what_was_sent_is_edited_and_taken_back() {
    let server = TestServer::start().await;
    let bob = Phone::live(&server, "bob").await;
    let alice = Phone::live(&server, "alice").await;
    let chat = alice.client.create_direct(named("bob")).await.unwrap();
    let first = alice.send(chat, "frist").await;
    let second = alice.send(chat, "second").await;
    let here = bob.finds("alice").await;
    bob.hears(here, "second").await;
    alice.client.edit(chat, first, "first").await.unwrap();
    alice.client.delete(chat, second).await.unwrap();
    bob.sees(
        here,
        "* alice added bob\nalice: first (edited)\nalice: (deleted)\n",
    )
    .await;
    alice
        .sees(
            chat,
            "* alice made this\n* alice added bob\nalice: first (edited) ✓✓\nalice: (deleted) ✓✓\n",
        )
        .await;
    // Before it was sent, a change leaves no trace.
    alice.network(Network::Down).await;
    let third = alice.send(chat, "thrid").await;
    let fourth = alice.send(chat, "fourth").await;
    alice.client.edit(chat, third, "third").await.unwrap();
    alice.client.delete(chat, fourth).await.unwrap();
    alice.network(Network::Up).await;
    bob.hears(here, "third").await;
    bob.sees(
        here,
        "* alice added bob\nalice: first (edited)\nalice: (deleted)\nalice: third\n",
    )
    .await;
}

#[tokio::test]
async fn who_writes_without_having_seen_what_came_has_not_read_it() {
    let server = TestServer::start().await;
    let alice = Phone::live(&server, "alice").await;
    let bob = Phone::live(&server, "bob").await;
    let chat = alice.client.create_direct(named(&bob.name)).await.unwrap();
    alice.send(chat, "first").await;
    bob.finds(&alice.name).await;
    bob.hears(chat, "first").await;
    bob.network(Network::Down).await;
    bob.send(chat, "written offline").await;
    assert_eq!(
        bob.row(chat).await.unread,
        0,
        "who writes has read what is there"
    );
    for text in ["second", "third"] {
        alice.send(chat, text).await;
    }
    alice.has_sent_all().await;
    bob.network(Network::Up).await;
    alice.hears(chat, "written offline").await;
    bob.has_sent_all().await;
    assert_eq!(bob.row(chat).await.unread, 2);
    let last = bob.hears(chat, "third").await;
    bob.client.mark_read(chat, last.id).await.unwrap();
    assert_eq!(bob.row(chat).await.unread, 0);
}

#[tokio::test]
async fn a_group_that_gets_the_name_it_has_shows_nothing() {
    let server = TestServer::start().await;
    let alice = Phone::live(&server, "alice").await;
    let bob = Phone::live(&server, "bob").await;
    let people = vec![named(&bob.name)];
    let group = alice.client.create_group("Birds", people).await.unwrap();
    bob.finds("Birds").await;
    for name in ["Waders", "Waders", "Gulls"] {
        alice.client.rename(group, name).await.unwrap();
    }
    bob.finds("Gulls").await;
    alice.has_sent_all().await;
    for phone in [&alice, &bob] {
        let rows = phone
            .client
            .messages(group, Page::Newest, 50)
            .await
            .unwrap();
        let names = rows.into_iter().filter_map(|row| match row.kind {
            MessageKind::Renamed(name) if name != "Birds" => Some(name),
            _ => None,
        });
        assert_eq!(
            names.collect::<Vec<_>>(),
            ["Waders", "Gulls"],
            "{}",
            phone.name
        );
    }
}

#[tokio::test]
async fn two_who_open_the_same_chat_end_up_in_one() {
    let server = TestServer::start().await;
    let alice = Phone::live(&server, "alice").await;
    let bob = Phone::live(&server, "bob").await;
    for phone in [&alice, &bob] {
        phone.network(Network::Down).await;
    }
    let from_alice = alice.client.create_direct(named("bob")).await.unwrap();
    let from_bob = bob.client.create_direct(named("alice")).await.unwrap();
    assert_ne!(from_alice, from_bob);
    alice.send(from_alice, "alice was here").await;
    bob.send(from_bob, "bob was here").await;
    for phone in [&alice, &bob] {
        phone.network(Network::Up).await;
    }
    // The ids that the calls returned go on to work.
    alice.hears(from_alice, "bob was here").await;
    bob.hears(from_bob, "alice was here").await;
    alice.send(from_alice, "hello").await;
    bob.hears(from_bob, "hello").await;
    bob.send(from_bob, "hello yourself").await;
    alice.hears(from_alice, "hello yourself").await;
    for (phone, id) in [(&alice, from_alice), (&bob, from_bob)] {
        let list = phone.client.conversations(0, 10).await.unwrap();
        assert_eq!(list.len(), 1, "{list:?}");
        assert_eq!(phone.row(id).await.id, list[0].id);
    }
    assert_eq!(alice.row(from_alice).await.id, bob.row(from_bob).await.id);
    assert_eq!(alice.texts(from_alice).await, bob.texts(from_bob).await);
    assert_eq!(alice.texts(from_alice).await.len(), 4);
}

#[tokio::test]
async fn a_name_that_nobody_has_stops_one_conversation_only() {
    let server = TestServer::start().await;
    let alice = Phone::live(&server, "alice").await;
    let bob = Phone::live(&server, "bob").await;
    let nobody = alice.client.create_direct(named("nobody")).await.unwrap();
    let lost = alice.send(nobody, "is anybody there?").await;
    alice
        .until("told that there is nobody", async |client| {
            let row = client.conversation(nobody).await.unwrap();
            row.blocked == Some(ErrorCode::NoSuchUser)
        })
        .await;
    let chat = alice.client.create_direct(named("bob")).await.unwrap();
    alice.send(chat, "hello").await;
    let here = bob.finds("alice").await;
    bob.hears(here, "hello").await;

    let waiting = alice.client.outbox(Some(nobody)).await.unwrap();
    let failed = waiting.iter().find(|item| item.failure.is_some()).unwrap();
    assert_eq!(failed.failure, Some(ErrorCode::NoSuchUser));
    // The name is registered after all, and a retry sends everything.
    let nobody_else = Phone::live(&server, "nobody").await;
    alice.client.retry(failed.id).await.unwrap();
    let there = nobody_else.finds("alice").await;
    let heard = nobody_else.hears(there, "is anybody there?").await;
    assert_eq!(heard.id, lost);
}

#[tokio::test]
async fn pages_hold_what_they_say() {
    let server = TestServer::start().await;
    let alice = Phone::live(&server, "alice").await;
    let bob = Phone::live(&server, "bob").await;
    let chat = alice.client.create_direct(named("bob")).await.unwrap();
    let mut ids = Vec::new();
    for number in 0..20 {
        ids.push(alice.send(chat, &format!("{number}")).await);
    }
    let here = bob.finds("alice").await;
    bob.hears(here, "19").await;
    let page = async |page, limit| {
        let messages = bob.client.messages(here, page, limit).await.unwrap();
        messages
            .iter()
            .map(|message| message.id)
            .collect::<Vec<_>>()
    };
    assert_eq!(page(Page::Newest, 3).await, ids[17..]);
    assert_eq!(page(Page::Before(ids[10]), 4).await, ids[6..10]);
    assert_eq!(page(Page::After(ids[10]), 4).await, ids[11..15]);
    assert_eq!(page(Page::Around(ids[10]), 5).await, ids[8..13]);
    assert_eq!(page(Page::After(ids[19]), 5).await, []);
    assert_eq!(bob.row(here).await.unread, 20);
    bob.client.mark_read(here, ids[9]).await.unwrap();
    assert_eq!(bob.row(here).await.unread, 10);
    bob.client.mark_read(here, ids[4]).await.unwrap();
    assert_eq!(bob.row(here).await.unread, 10, "marks never go back");
    bob.becomes(Connection::Live).await;
}
