//! Pausing, resuming, shutting down, and dropping what is under way.

use std::time::Duration;

use tokio::time::timeout;
use whimbrel::client::{DatabaseKey, Network, Options, SyncOutcome};
use whimbrel::types::{Connection, ConversationId, Page};
use whimbrel::{Client, ErrorCode};

use crate::files::{locks_in, open_files_in};
use crate::phone::{Phone, code, eventually, named, password_of, poll_once, soon};
use crate::server::TestServer;

#[tokio::test]
async fn a_pause_lets_go_of_every_file_and_lock() {
    let server = TestServer::start().await;
    let bob = Phone::live(&server, "bob").await;
    let alice = Phone::live(&server, "alice").await;
    let chat = alice.client.create_direct(named("bob")).await.unwrap();
    assert_ne!(locks_in(alice.folder()), [0; 0], "the search finds locks");
    assert!(!open_files_in(alice.folder()).is_empty());
    let mut sent = Vec::new();
    for round in 0..20 {
        let text = format!("round {round}");
        alice.send(chat, &text).await;
        sent.push(text);
        // Queries and a connection are under way.
        let reading = tokio::spawn({
            let client = alice.client.clone();
            async move { client.messages(chat, Page::Newest, 200).await.is_ok() }
        });
        alice.client.pause().await.unwrap();
        assert_eq!(alice.client.state().connection, Connection::Paused);
        assert_eq!(locks_in(alice.folder()), [0; 0]);
        assert_eq!(open_files_in(alice.folder()), [""; 0]);
        reading.await.unwrap();
        alice.client.resume().await.unwrap();
    }
    let here = bob.finds("alice").await;
    bob.hears(here, "round 19").await;
    assert_eq!(bob.texts(here).await, sent);
    alice.has_sent_all().await;
}

#[tokio::test]
async fn one_client_at_a_time_has_a_folder() {
    let server = TestServer::start().await;
    let alice = Phone::live(&server, "alice").await;
    let already_open = Some(ErrorCode::AlreadyOpen);
    let second = Client::open(alice.options.clone()).await.map(drop);
    assert_eq!(code(second), already_open);
    alice.becomes(Connection::Live).await;

    alice.client.pause().await.unwrap();
    let second = Client::open(alice.options.clone()).await.unwrap();
    assert_eq!(second.account(), alice.client.account());
    assert_eq!(code(alice.client.resume().await), already_open);
    let synced = alice.client.sync_once(Duration::from_secs(1)).await;
    assert_eq!(code(synced), already_open);
    // Dropped without a word it lets go as well.
    drop(second);
    assert_eq!(open_files_in(alice.folder()), [""; 0]);
    alice.client.resume().await.unwrap();
    alice.becomes(Connection::Live).await;
}

/// The outcome of every call there is.
async fn every_call(client: &Client, conversation: ConversationId) -> Vec<Option<ErrorCode>> {
    let message = client_id();
    let second = Duration::from_millis(10);
    vec![
        code(client.register("alice", password_of("alice")).await),
        code(client.sign_in("alice", password_of("alice")).await),
        code(client.create_direct(named("bob")).await),
        code(client.create_group("Birds", vec![]).await),
        code(client.add(conversation, vec![named("bob")]).await),
        code(client.remove(conversation, user_id()).await),
        code(client.rename(conversation, "Waders").await),
        code(client.send(conversation, "hello").await),
        code(client.edit(conversation, message, "hello").await),
        code(client.delete(conversation, message).await),
        code(client.mark_read(conversation, message).await),
        code(client.retry(message).await),
        code(client.discard(message).await),
        code(client.focus(Some(conversation)).await),
        code(client.conversations(0, 10).await),
        code(client.conversation(conversation).await),
        code(client.messages(conversation, Page::Newest, 10).await),
        code(client.message(conversation, message).await),
        code(client.members(conversation).await),
        code(client.outbox(None).await),
        // Only these work, or end otherwise, while paused.
        code(client.set_network(Network::Up).await),
        code(client.sync_once(second).await),
        code(client.pause().await),
        code(client.resume().await),
    ]
}

fn client_id() -> whimbrel::types::ClientId {
    whimbrel::types::ClientId::from_bytes([9; 16])
}

fn user_id() -> whimbrel::types::UserId {
    whimbrel::types::UserId::from_bytes([9; 16])
}

#[tokio::test]
async fn every_call_is_refused_while_paused_and_after_the_end() {
    let server = TestServer::start().await;
    let alice = Phone::live(&server, "alice").await;
    let group = alice.client.create_group("Birds", vec![]).await.unwrap();
    let account = alice.client.account();
    alice.client.pause().await.unwrap();
    let mut paused = every_call(&alice.client, group).await;
    let others = paused.split_off(20);
    assert!(
        paused.iter().all(|code| *code == Some(ErrorCode::Paused)),
        "{paused:?}"
    );
    assert_eq!(others, [None; 4]);
    assert_eq!(alice.client.account(), account);

    alice.client.shutdown().await.unwrap();
    let ended = every_call(&alice.client, group).await;
    assert!(
        ended.iter().all(|code| *code == Some(ErrorCode::ShutDown)),
        "{ended:?}"
    );
    assert_eq!(alice.client.account(), account);
    assert_eq!(locks_in(alice.folder()), [0; 0]);
    assert_eq!(open_files_in(alice.folder()), [""; 0]);
}

#[tokio::test]
async fn a_network_that_comes_or_goes_during_a_pause_is_not_forgotten() {
    let server = TestServer::start().await;
    let alice = Phone::live(&server, "alice").await;
    for (network, connection) in [
        (Network::Down, Connection::Offline),
        (Network::Up, Connection::Live),
    ] {
        alice.client.pause().await.unwrap();
        alice.network(network).await;
        assert_eq!(alice.client.state().connection, Connection::Paused);
        alice.client.resume().await.unwrap();
        alice.becomes(connection).await;
    }
}

#[tokio::test]
async fn calls_that_nobody_waits_for_are_carried_out() {
    let server = TestServer::start().await;
    let bob = Phone::live(&server, "bob").await;
    let alice = Phone::live(&server, "alice").await;
    let chat = alice.client.create_direct(named("bob")).await.unwrap();
    let mut sent = Vec::new();
    for number in 0..20 {
        let text = format!("dropped {number}");
        poll_once(&mut Box::pin(alice.client.send(chat, text.clone()))).await;
        sent.push(text);
    }
    // The end comes while they wait for their turn.
    let alice = alice.restart().await;
    let here = bob.finds("alice").await;
    bob.hears(here, "dropped 19").await;
    assert_eq!(bob.texts(here).await, sent);
    alice.has_sent_all().await;
    assert_eq!(alice.texts(chat).await, sent);
}

#[tokio::test]
async fn calls_that_nobody_polls_hold_nothing_up() {
    let server = TestServer::start().await;
    let alice = Phone::live(&server, "alice").await;
    let group = alice.client.create_group("Birds", vec![]).await.unwrap();
    // More than fit into any queue.
    let mut held = Vec::new();
    for _ in 0..100 {
        let client = alice.client.clone();
        let mut query = Box::pin(async move { client.conversation(group).await });
        if poll_once(&mut query).await.is_none() {
            held.push(query);
        }
    }
    assert!(held.len() > 1, "some are not answered yet");
    soon("a pause", alice.client.pause()).await.unwrap();
    assert_eq!(open_files_in(alice.folder()), [""; 0]);
    for query in held {
        let answer = soon("an answer", query).await;
        let code = answer.err().map(|error| error.code);
        assert!([None, Some(ErrorCode::Paused)].contains(&code), "{code:?}");
    }
    alice.client.resume().await.unwrap();
    assert_eq!(alice.row(group).await.name, "Birds");
}

#[tokio::test]
async fn a_dropped_pause_resume_or_shutdown_comes_to_its_end() {
    let server = TestServer::start().await;
    let alice = Phone::live(&server, "alice").await;
    poll_once(&mut Box::pin(alice.client.pause())).await;
    alice.becomes(Connection::Paused).await;
    poll_once(&mut Box::pin(alice.client.resume())).await;
    alice.becomes(Connection::Live).await;
    let synced = alice.client.sync_once(Duration::from_secs(20)).await;
    assert_eq!(synced.unwrap(), SyncOutcome::Complete);
    poll_once(&mut Box::pin(alice.client.shutdown())).await;
    eventually("closed files", async || {
        open_files_in(alice.folder()).is_empty().then_some(())
    })
    .await;
    let refused = alice.client.create_group("Birds", vec![]).await;
    assert_eq!(code(refused), Some(ErrorCode::ShutDown));
}

#[tokio::test]
async fn a_resume_comes_after_a_pause_that_nobody_waits_for() {
    let server = TestServer::start().await;
    let alice = Phone::live(&server, "alice").await;
    for round in 0..100 {
        poll_once(&mut Box::pin(alice.client.pause())).await;
        alice.client.resume().await.unwrap();
        let asked = alice.client.conversations(0, 1).await;
        assert!(asked.is_ok(), "round {round}: {asked:?}");
    }
}

#[tokio::test]
async fn a_sync_that_nobody_waits_for_leaves_the_client_paused() {
    let server = TestServer::start().await;
    let alice = Phone::live(&server, "alice").await;
    alice.network(Network::Down).await;
    alice.client.pause().await.unwrap();
    let long = Duration::from_secs(600);
    let given_up = timeout(Duration::from_millis(200), alice.client.sync_once(long)).await;
    assert!(given_up.is_err());
    alice.becomes(Connection::Paused).await;
    eventually("closed files", async || {
        open_files_in(alice.folder()).is_empty().then_some(())
    })
    .await;
    // One that somebody has resumed meanwhile goes on.
    let given_up = timeout(Duration::from_millis(200), async {
        tokio::join!(alice.client.sync_once(long), alice.client.resume())
    });
    assert!(given_up.await.is_err());
    assert_eq!(alice.client.conversations(0, 1).await, Ok(vec![]));
}

#[tokio::test]
async fn a_client_waits_for_nothing_where_nobody_is_registered() {
    let folder = tempfile::tempdir().unwrap();
    // Nobody listens there.
    let key = DatabaseKey::from_bytes([1; 32]);
    let options = Options::new(folder.path(), key, "https://127.0.0.1:1");
    let client = Client::open(options).await.unwrap();
    assert_eq!(client.state().connection, Connection::Offline);
    assert_eq!(client.account(), None);
    let not_signed_in = Some(ErrorCode::NotSignedIn);
    assert_eq!(
        code(client.create_direct(named("bob")).await),
        not_signed_in
    );
    assert_eq!(code(client.create_group("", vec![]).await), not_signed_in);
    let synced = client.sync_once(Duration::from_secs(20)).await;
    assert_eq!(code(synced), not_signed_in);
    assert_eq!(client.conversations(0, 10).await.unwrap(), []);
    assert_eq!(client.outbox(None).await.unwrap(), []);
    client.shutdown().await.unwrap();
}
