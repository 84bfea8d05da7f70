//! Being away, and servers that are away.

use whimbrel::ErrorCode;
use whimbrel::client::{Network, SyncOutcome};
use whimbrel::types::{Alarm, Connection, Delivery, OutboxItem, OutboxState};

use crate::PATIENCE;
use crate::files::copy_folder;
use crate::phone::{Phone, code, named, password_of};
use crate::server::TestServer;

#[tokio::test]
async fn what_was_missed_is_caught_up() {
    let server = TestServer::start().await;
    let bob = Phone::live(&server, "bob").await;
    let alice = Phone::live(&server, "alice").await;
    let chat = alice.client.create_direct(named("bob")).await.unwrap();
    alice.send(chat, "before").await;
    let here = bob.finds("alice").await;
    bob.hears(here, "before").await;
    bob.client.shutdown().await.unwrap();

    let mut sent = vec!["before".to_owned()];
    for number in 0..250 {
        let text = format!("while you were away {number}");
        alice.send(chat, &text).await;
        sent.push(text);
    }
    alice.has_sent_all().await;
    let bob = bob.restart().await;
    let last = bob.hears(here, sent.last().unwrap()).await;
    assert_eq!(bob.texts(here).await, sent);
    assert_eq!(bob.row(here).await.unread, 251);
    bob.becomes(Connection::Live).await;
    bob.client.mark_read(here, last.id).await.unwrap();
    assert_eq!(bob.row(here).await.unread, 0);
    alice
        .until("read to the end", async |client| {
            let message = client.message(chat, last.id).await.unwrap();
            message.delivery == Delivery::Read
        })
        .await;
}

/// Alice and Bob, connected and in one conversation.
async fn alice_and_bob(server: &TestServer) -> (Phone, Phone, whimbrel::types::ConversationId) {
    let bob = Phone::live(server, "bob").await;
    let alice = Phone::live(server, "alice").await;
    let chat = alice.client.create_direct(named("bob")).await.unwrap();
    alice.send(chat, "hello").await;
    let here = bob.finds("alice").await;
    assert_eq!(here, chat);
    bob.hears(here, "hello").await;
    (alice, bob, chat)
}

#[tokio::test]
async fn a_server_that_is_killed_and_started_again_is_found_by_itself() {
    let mut server = TestServer::start().await;
    let (alice, bob, chat) = alice_and_bob(&server).await;
    for round in 0..3 {
        // Some of these are under way when the server dies.
        for number in 0..20 {
            alice.send(chat, &format!("{round} alice {number}")).await;
            bob.send(chat, &format!("{round} bob {number}")).await;
        }
        server.kill();
        alice.becomes(Connection::Connecting).await;
        alice
            .send(chat, &format!("{round} while it was gone"))
            .await;
        server.start_again().await;
        bob.hears(chat, &format!("{round} while it was gone")).await;
    }
    for phone in [&alice, &bob] {
        phone.has_sent_all().await;
        phone.becomes(Connection::Live).await;
        assert_eq!(phone.client.state().last_error, None);
        phone
            .until("complete", async |_| {
                phone.texts(chat).await.len() == 1 + 3 * 41
            })
            .await;
    }
    let texts = alice.texts(chat).await;
    assert_eq!(bob.texts(chat).await, texts);
    for (name, count) in [("alice", 20), ("bob", 20)] {
        let said: Vec<_> = texts.iter().filter(|text| text.contains(name)).collect();
        let expected: Vec<String> = (0..3)
            .flat_map(|round| (0..count).map(move |number| format!("{round} {name} {number}")))
            .collect();
        assert_eq!(said, expected.iter().collect::<Vec<_>>());
    }
}

#[tokio::test]
async fn a_server_that_drains_is_left_and_found_again() {
    let mut server = TestServer::start().await;
    let (alice, bob, chat) = alice_and_bob(&server).await;
    server.stop().await;
    alice
        .until("told that it is away", async |client| {
            client.state().last_error == Some(ErrorCode::Unavailable)
        })
        .await;
    alice.send(chat, "while it was gone").await;
    server.start_again().await;
    // As an app does that sees a network.
    alice.network(Network::Up).await;
    bob.network(Network::Up).await;
    bob.hears(chat, "while it was gone").await;
    alice
        .sees(
            chat,
            "* alice made this\n* alice added bob\nalice: hello ✓✓\nalice: while it was gone ✓✓\n",
        )
        .await;
}

#[tokio::test]
async fn a_restored_copy_of_the_database_sends_nothing() {
    let server = TestServer::start().await;
    let (alice, bob, chat) = alice_and_bob(&server).await;
    alice.has_sent_all().await;
    alice.client.shutdown().await.unwrap();
    let old = tempfile::tempdir().unwrap();
    copy_folder(alice.folder(), old.path());
    let alice = alice.restart().await;
    alice.send(chat, "after the copy").await;
    bob.hears(chat, "after the copy").await;
    alice.client.shutdown().await.unwrap();

    let copy = old.path().to_owned();
    let alice = alice.restart_with(|options| options.folder = copy).await;
    alice
        .until("known as a copy", async |client| {
            client.state().alarm == Some(Alarm::RolledBack)
        })
        .await;
    let rolled_back = Some(ErrorCode::RolledBack);
    let sent = alice.client.send(chat, "with old keys").await;
    assert_eq!(code(sent), rolled_back);
    let group = alice.client.create_group("Birds", vec![]).await;
    assert_eq!(code(group), rolled_back);
    assert_eq!(code(alice.client.sync_once(PATIENCE).await), rolled_back);
    assert_eq!(alice.texts(chat).await, ["hello"]);
    // It stays so, and what is there stays readable.
    let alice = alice.restart().await;
    assert_eq!(alice.client.state().alarm, Some(Alarm::RolledBack));
    assert_eq!(alice.texts(chat).await, ["hello"]);
    assert_eq!(bob.texts(chat).await, ["hello", "after the copy"]);
}

#[tokio::test]
async fn a_restored_copy_goes_on_as_a_new_device_with_the_password() {
    let server = TestServer::start().await;
    let (alice, bob, chat) = alice_and_bob(&server).await;
    alice.has_sent_all().await;
    let wrong_state = Some(ErrorCode::WrongState);
    let password = password_of("alice");
    assert_eq!(
        code(alice.client.re_enrol(password.as_str()).await),
        wrong_state
    );
    alice.client.shutdown().await.unwrap();
    let old = tempfile::tempdir().unwrap();
    copy_folder(alice.folder(), old.path());
    let alice = alice.restart().await;
    let device = alice.client.account().unwrap().device;
    alice.send(chat, "after the copy").await;
    bob.hears(chat, "after the copy").await;
    bob.send(chat, "heard").await;
    alice.hears(chat, "heard").await;
    alice.client.shutdown().await.unwrap();

    let copy = old.path().to_owned();
    let alice = alice.restart_with(|options| options.folder = copy).await;
    alice
        .until("known as a copy", async |client| {
            client.state().alarm == Some(Alarm::RolledBack)
        })
        .await;
    let wrong = alice.client.re_enrol("not her password").await;
    assert_eq!(code(wrong), Some(ErrorCode::AccessDenied));
    assert_eq!(alice.client.state().alarm, Some(Alarm::RolledBack));
    assert_eq!(alice.client.account().unwrap().device, device);

    let account = alice.client.re_enrol(password.as_str()).await.unwrap();
    assert_ne!(account.device, device);
    assert_eq!(alice.client.state().alarm, None);
    alice.hears(chat, "heard").await;
    assert_eq!(alice.texts(chat).await, ["hello", "heard"]);
    alice.send(chat, "here again").await;
    bob.hears(chat, "here again").await;
    let on_bobs = ["hello", "after the copy", "heard", "here again"];
    assert_eq!(bob.texts(chat).await, on_bobs);
    let again = alice.client.re_enrol(password.as_str()).await;
    assert_eq!(code(again), wrong_state);
}

#[tokio::test]
async fn sync_once_sends_and_fetches_and_leaves_things_as_they_were() {
    let mut server = TestServer::start().await;
    let (alice, bob, chat) = alice_and_bob(&server).await;
    // Running: it is complete as soon as everything is.
    bob.send(chat, "one").await;
    let synced = bob.client.sync_once(PATIENCE).await.unwrap();
    assert_eq!(synced, SyncOutcome::Complete);
    // The server has it; its number is reached in a moment.
    let outbox = bob.client.outbox(None).await.unwrap();
    let is_out = |item: &OutboxItem| item.state == OutboxState::Accepted;
    assert!(outbox.iter().all(is_out), "{outbox:?}");
    alice.hears(chat, "one").await;

    // Paused, with something to fetch and something to send.
    server.stop().await;
    bob.send(chat, "two").await;
    bob.client.pause().await.unwrap();
    server.start_again().await;
    alice.network(Network::Up).await;
    alice.send(chat, "three").await;
    alice.has_sent_all().await;
    let synced = bob.client.sync_once(PATIENCE).await.unwrap();
    assert_eq!(synced, SyncOutcome::Complete);
    assert_eq!(bob.client.state().connection, Connection::Paused);
    assert_eq!(
        code(bob.client.send(chat, "no").await),
        Some(ErrorCode::Paused)
    );
    alice.hears(chat, "two").await;
    // Without a server, so that only what sync_once has fetched can be there.
    server.kill();
    bob.client.resume().await.unwrap();
    assert_eq!(bob.texts(chat).await, ["hello", "one", "three", "two"]);

    let nothing = bob.client.sync_once(std::time::Duration::ZERO).await;
    assert_eq!(nothing.unwrap(), SyncOutcome::OutOfTime);
    assert_ne!(bob.client.state().connection, Connection::Paused);
}
