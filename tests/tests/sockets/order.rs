//! Many sends at the same time.

use tokio::task::JoinSet;
use whimbrel::client::Network;
use whimbrel::types::Connection;

use crate::phone::{Phone, named};
use crate::server::TestServer;

const SENDS: usize = 64;

/// Sends at the same time; each task gives its message to the client in the order of spawning.
async fn send_all(phone: &Phone, group: whimbrel::types::ConversationId) {
    let mut calls = JoinSet::new();
    for number in 0..SENDS {
        let client = phone.client.clone();
        let text = format!("{} {number}", phone.name);
        calls.spawn(async move { client.send(group, text).await });
    }
    let sent = calls.join_all().await;
    let mut ids: Vec<_> = sent.into_iter().map(Result::unwrap).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), SENDS);
}

fn expected(name: &str) -> Vec<String> {
    (0..SENDS)
        .map(|number| format!("{name} {number}"))
        .collect()
}

fn of(texts: &[String], name: &str) -> Vec<String> {
    let start = format!("{name} ");
    let texts = texts.iter().filter(|text| text.starts_with(&start));
    texts.cloned().collect()
}

#[tokio::test]
async fn concurrent_sends_arrive_once_and_in_the_order_of_each_sender() {
    let server = TestServer::start().await;
    let bob = Phone::live(&server, "bob").await;
    let carol = Phone::live(&server, "carol").await;
    let alice = Phone::live(&server, "alice").await;
    let people = vec![named("bob"), named("carol")];
    let group = alice.client.create_group("Flock", people).await.unwrap();
    let phones = [&alice, &bob, &carol];
    for phone in phones {
        assert_eq!(phone.finds("Flock").await, group);
        phone
            .until("active", async |client| {
                let members = client.members(group).await.unwrap();
                members.len() == 3
            })
            .await;
    }
    tokio::join!(
        send_all(&alice, group),
        send_all(&bob, group),
        send_all(&carol, group)
    );
    let total = phones.len() * SENDS;
    for phone in phones {
        phone
            .until("complete", async |_| {
                phone.texts(group).await.len() == total
            })
            .await;
        phone.has_sent_all().await;
    }
    let texts = alice.texts(group).await;
    for phone in phones {
        assert_eq!(phone.texts(group).await, texts, "one order for all");
        assert_eq!(of(&texts, &phone.name), expected(&phone.name));
    }
}

#[tokio::test]
async fn what_was_queued_offline_and_after_keeps_its_order() {
    let server = TestServer::start().await;
    let bob = Phone::live(&server, "bob").await;
    let alice = Phone::live(&server, "alice").await;
    let chat = alice.client.create_direct(named("bob")).await.unwrap();
    let mut sent = Vec::new();
    // The network comes and goes in the middle of sending.
    for round in 0..8 {
        let network = if round % 2 == 0 {
            Network::Down
        } else {
            Network::Up
        };
        alice.network(network).await;
        for number in 0..10 {
            let text = format!("{round}.{number}");
            alice.send(chat, &text).await;
            sent.push(text);
        }
    }
    let here = bob.finds("alice").await;
    bob.until("complete", async |_| {
        bob.texts(here).await.len() == sent.len()
    })
    .await;
    assert_eq!(bob.texts(here).await, sent);
    assert_eq!(alice.texts(chat).await, sent);
    alice.has_sent_all().await;
    alice.becomes(Connection::Live).await;
}
