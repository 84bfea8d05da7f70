//! Notices of what has changed.

use std::collections::BTreeSet;
use std::time::Duration;

use whimbrel::ErrorCode;
use whimbrel::client::Network;
use whimbrel::types::{Change, Connection};

use crate::phone::{Phone, code, named, poll_once, soon};
use crate::server::TestServer;

#[tokio::test]
async fn every_subscription_gets_every_notice() {
    let server = TestServer::start().await;
    let bob = Phone::live(&server, "bob").await;
    let alice = Phone::live(&server, "alice").await;
    let (first, second) = (bob.client.subscribe(), bob.client.clone().subscribe());
    let chat = alice.client.create_direct(named("bob")).await.unwrap();
    alice.send(chat, "hello").await;
    for changes in [&first, &second] {
        let mut seen = BTreeSet::new();
        let wanted = [
            Change::Conversation(chat),
            Change::Messages(chat),
            Change::Members(chat),
        ];
        while !wanted.iter().all(|change| seen.contains(change)) {
            let batch = soon("a notice", changes.next_batch(1)).await.unwrap();
            assert_eq!(batch.len(), 1, "as many as were asked for");
            seen.extend(batch);
        }
    }
    assert_eq!(
        code(first.next_batch(0).await),
        Some(ErrorCode::InvalidArgument)
    );
}

#[tokio::test]
async fn who_holds_the_former_id_of_a_conversation_hears_of_it_all_the_same() {
    let server = TestServer::start().await;
    let bob = Phone::live(&server, "bob").await;
    let alice = Phone::live(&server, "alice").await;
    let mut chats = Vec::new();
    for (phone, peer) in [(&alice, "bob"), (&bob, "alice")] {
        phone.network(Network::Down).await;
        chats.push(phone.client.create_direct(named(peer)).await.unwrap());
        phone.send(chats[chats.len() - 1], "hello").await;
    }
    for phone in [&alice, &bob] {
        phone.network(Network::Up).await;
    }
    for (phone, chat) in [(&alice, chats[0]), (&bob, chats[1])] {
        phone
            .until("one conversation of two texts", async |client| {
                let list = client.conversations(0, 9).await.unwrap();
                list.len() == 1 && phone.texts(chat).await.len() == 2
            })
            .await;
    }
    let now = alice.row(chats[0]).await.id;
    assert_eq!(bob.row(chats[1]).await.id, now);
    let (loser, former) = if chats[0] == now {
        (&bob, chats[1])
    } else {
        (&alice, chats[0])
    };
    assert_ne!(former, now, "one of them moved");
    let changes = loser.client.subscribe();
    let other = if loser.name == "bob" { &alice } else { &bob };
    other.send(now, "to the one that moved").await;
    let mut seen = BTreeSet::new();
    while !(seen.contains(&Change::Messages(former)) && seen.contains(&Change::Messages(now))) {
        seen.extend(soon("a notice", changes.next_batch(64)).await.unwrap());
    }
}

#[tokio::test]
async fn a_dropped_wait_loses_no_notice() {
    let server = TestServer::start().await;
    let alice = Phone::live(&server, "alice").await;
    let changes = alice.client.subscribe();
    // What is left from connecting.
    while tokio::time::timeout(Duration::from_millis(50), changes.next_batch(64))
        .await
        .is_ok()
    {}
    let dropped = poll_once(&mut Box::pin(changes.next_batch(64))).await;
    assert!(dropped.is_none());
    alice.network(Network::Down).await;
    let batch = soon("a notice", changes.next_batch(64)).await.unwrap();
    assert_eq!(batch, [Change::Connection]);
    assert_eq!(alice.client.state().connection, Connection::Offline);
}

#[tokio::test]
async fn a_subscription_ends_by_itself_and_with_the_client() {
    let server = TestServer::start().await;
    let alice = Phone::live(&server, "alice").await;
    let shut_down = Some(ErrorCode::ShutDown);
    let finished = std::sync::Arc::new(alice.client.subscribe());
    let waiting = tokio::spawn({
        let changes = std::sync::Arc::clone(&finished);
        async move {
            loop {
                if let Err(error) = changes.next_batch(64).await {
                    return error.code;
                }
            }
        }
    });
    finished.finish();
    let ended = soon("the end", waiting).await.unwrap();
    assert_eq!(ended, ErrorCode::ShutDown);
    assert_eq!(code(finished.next_batch(1).await), shut_down);

    // Another one goes on, through a pause, to the end of the client.
    let changes = alice.client.subscribe();
    alice.client.pause().await.unwrap();
    alice.client.resume().await.unwrap();
    let group = alice.client.create_group("Birds", vec![]).await.unwrap();
    let last = alice.send(group, "last").await;
    alice.client.shutdown().await.unwrap();
    let mut seen = BTreeSet::new();
    while let Ok(batch) = soon("the end", changes.next_batch(64)).await {
        seen.extend(batch);
    }
    assert!(seen.contains(&Change::Messages(group)), "{seen:?}");
    assert!(seen.contains(&Change::Connection), "{seen:?}");
    assert_eq!(code(changes.next_batch(1).await), shut_down);
    let late = alice.client.subscribe();
    assert_eq!(code(late.next_batch(1).await), shut_down);

    let alice = alice.restart().await;
    assert_eq!(alice.client.message(group, last).await.unwrap().id, last);
}
