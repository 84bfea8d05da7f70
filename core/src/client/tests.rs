//! Tests of the client as an app calls it, without a server.
#![allow(clippy::unwrap_used, reason = "a failed test may panic")]

use std::time::Duration;

use tempfile::TempDir;
use whimbrel_protocol::account::RegisterRequest;

use super::*;
use crate::transport::loopback::{Loopback, response};
use crate::types::{Change, Delivery, Page, Person};

fn options(folder: &TempDir) -> Options {
    // Nobody listens there.
    let server = "https://127.0.0.1:1";
    let mut options = Options::new(folder.path(), DatabaseKey::from_bytes([1; 32]), server);
    options.network = Network::Down;
    options
}

/// Answers a registration as the server would.
fn registered(body: &str) -> String {
    let request: RegisterRequest = serde_json::from_str(body).unwrap();
    let answer = format!(
        r#"{{"access_token":"a","token_type":"Bearer","expires_in":600,"refresh_token":"r","user":"{}"}}"#,
        request.user
    );
    response("200 OK", "", &answer)
}

/// Alice's client: registered, and offline.
async fn alice(folder: &TempDir) -> Client {
    let server = Loopback::start().await;
    let mut options = options(folder);
    options.server.clone_from(&server.url);
    options.pinned_fingerprint = Some(server.fingerprint);
    let client = Client::open(options).await.unwrap();
    let (account, _) = tokio::join!(
        client.register("alice", "correct horse"),
        server.answer(registered)
    );
    assert_eq!(account.unwrap().username, "alice");
    client
}

fn bob() -> Person {
    Person::Username("bob".to_owned())
}

fn code<T>(result: Result<T>) -> Option<ErrorCode> {
    result.err().map(|error| error.code)
}

#[tokio::test]
async fn messages_are_written_offline_and_read_again() {
    let folder = tempfile::tempdir().unwrap();
    let client = alice(&folder).await;
    let changes = client.subscribe();
    let with_bob = client.create_direct(bob()).await.unwrap();
    let message = client.send(with_bob, "Good morning").await.unwrap();
    let batch = changes.next_batch(100).await.unwrap();
    assert!(batch.contains(&Change::Conversation(with_bob)), "{batch:?}");

    let page = client.messages(with_bob, Page::Newest, 10).await.unwrap();
    let newest = page.last().unwrap();
    assert_eq!((newest.id, newest.delivery), (message, Delivery::Queued));
    assert_eq!(*newest, client.message(with_bob, message).await.unwrap());
    let list = client.conversations(0, 10).await.unwrap();
    assert_eq!((list.len(), list.first().unwrap().id), (1, with_bob));
    assert_eq!(client.conversation(with_bob).await.unwrap().name, "bob");
    let waiting = client.outbox(Some(with_bob)).await.unwrap();
    assert!(waiting.iter().any(|item| item.id == message));
    assert!(client.state().queued > 0);
    assert_eq!(client.account().unwrap().username, "alice");

    client.shutdown().await.unwrap();
    let again = Client::open(options(&folder)).await.unwrap();
    assert_eq!(again.account().unwrap().username, "alice");
    assert_eq!(again.message(with_bob, message).await.unwrap(), *newest);
}

#[tokio::test]
async fn nothing_can_be_sent_before_somebody_is_registered() {
    let folder = tempfile::tempdir().unwrap();
    let client = Client::open(options(&folder)).await.unwrap();
    assert_eq!(client.account(), None);
    let created = client.create_direct(bob()).await;
    assert_eq!(code(created), Some(ErrorCode::NotSignedIn));
    let synced = client.sync_once(Duration::from_secs(1)).await;
    assert_eq!(code(synced), Some(ErrorCode::NotSignedIn));
    assert_eq!(client.conversations(0, 10).await.unwrap(), []);
    let registered = client.register("alice", "correct horse").await;
    assert_eq!(code(registered), Some(ErrorCode::Unavailable));
}

#[tokio::test]
async fn a_paused_client_refuses_and_lets_go() {
    let folder = tempfile::tempdir().unwrap();
    let client = alice(&folder).await;
    let group = client.create_group("Birds", vec![]).await.unwrap();
    let second = Client::open(options(&folder)).await.map(|_| ());
    assert_eq!(code(second), Some(ErrorCode::AlreadyOpen));

    client.pause().await.unwrap();
    client.pause().await.unwrap();
    assert_eq!(client.state().connection, Connection::Paused);
    assert_eq!(
        code(client.send(group, "hi").await),
        Some(ErrorCode::Paused)
    );
    assert_eq!(
        code(client.conversation(group).await),
        Some(ErrorCode::Paused)
    );
    // Remembered, without a hand on the folder.
    client.set_network(Network::Down).await.unwrap();
    assert_eq!(client.account().unwrap().username, "alice");

    let second = Client::open(options(&folder)).await.unwrap();
    assert_eq!(second.conversation(group).await.unwrap().name, "Birds");
    assert_eq!(code(client.resume().await), Some(ErrorCode::AlreadyOpen));
    assert_eq!(
        code(client.conversation(group).await),
        Some(ErrorCode::Paused)
    );
    second.shutdown().await.unwrap();

    client.resume().await.unwrap();
    client.resume().await.unwrap();
    assert_eq!(client.conversation(group).await.unwrap().name, "Birds");
    client.send(group, "hi").await.unwrap();
}

#[tokio::test]
async fn a_client_that_was_shut_down_stays_so() {
    let folder = tempfile::tempdir().unwrap();
    let client = alice(&folder).await;
    let changes = client.subscribe();
    let clone = client.clone();
    client.shutdown().await.unwrap();
    client.shutdown().await.unwrap();
    let shut_down = Some(ErrorCode::ShutDown);
    assert_eq!(code(clone.conversations(0, 10).await), shut_down);
    assert_eq!(code(clone.create_group("", vec![]).await), shut_down);
    assert_eq!(code(clone.pause().await), shut_down);
    assert_eq!(code(clone.resume().await), shut_down);
    assert_eq!(code(clone.sync_once(Duration::ZERO).await), shut_down);
    while let Ok(batch) = changes.next_batch(10).await {
        assert!(!batch.is_empty());
    }
    assert_eq!(code(clone.subscribe().next_batch(1).await), shut_down);
}

#[tokio::test]
async fn sync_once_leaves_a_paused_client_paused() {
    let folder = tempfile::tempdir().unwrap();
    let client = alice(&folder).await;
    client.pause().await.unwrap();
    let synced = client.sync_once(Duration::from_millis(100)).await.unwrap();
    assert_eq!(synced, SyncOutcome::OutOfTime);
    assert_eq!(client.state().connection, Connection::Paused);
    // Unless somebody wants it to go on meanwhile.
    let (synced, resumed) = tokio::join!(client.sync_once(Duration::from_millis(300)), async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        client.resume().await
    });
    resumed.unwrap();
    assert_eq!(synced.unwrap(), SyncOutcome::OutOfTime);
    client.create_group("Birds", vec![]).await.unwrap();
}

#[tokio::test]
async fn a_pause_ends_sync_once() {
    let folder = tempfile::tempdir().unwrap();
    let client = alice(&folder).await;
    let started = std::time::Instant::now();
    let (synced, paused) = tokio::join!(client.sync_once(Duration::from_secs(60)), async {
        tokio::time::sleep(Duration::from_millis(50)).await;
        client.pause().await
    });
    paused.unwrap();
    assert_eq!(code(synced), Some(ErrorCode::Paused));
    assert!(started.elapsed() < Duration::from_secs(30));
}

#[tokio::test]
async fn a_dropped_future_does_not_take_its_command_back() {
    let folder = tempfile::tempdir().unwrap();
    let client = alice(&folder).await;
    let group = client.create_group("Birds", vec![]).await.unwrap();
    for number in 0..20 {
        let call = client.send(group, format!("message {number}"));
        // Polled once, which hands the command over, and dropped.
        let _ = tokio::time::timeout(Duration::ZERO, call).await;
    }
    client.send(group, "last").await.unwrap();
    let page = client.messages(group, Page::Newest, 100).await.unwrap();
    let texts = page.iter().filter(|message| message.seq.is_none()).count();
    assert!(texts >= 21, "{texts}");
}

#[tokio::test]
async fn a_defect_of_the_engine_is_answered_and_can_be_left() {
    let folder = tempfile::tempdir().unwrap();
    let client = alice(&folder).await;
    let group = client.create_group("Birds", vec![]).await.unwrap();
    client.shared.engine.panic_for_test().await;
    let internal = Some(ErrorCode::Internal);
    assert_eq!(code(client.send(group, "hi").await), internal);
    assert_eq!(code(client.conversation(group).await), internal);
    assert_eq!(client.state().last_error, internal);
    client.resume().await.unwrap();
    assert_eq!(client.conversation(group).await.unwrap().name, "Birds");
    client.send(group, "hi").await.unwrap();
}

#[tokio::test]
async fn many_calls_at_once_are_all_answered() {
    let folder = tempfile::tempdir().unwrap();
    let client = alice(&folder).await;
    let group = client.create_group("Birds", vec![]).await.unwrap();
    let mut calls = tokio::task::JoinSet::new();
    for number in 0..300 {
        let client = client.clone();
        calls.spawn(async move {
            client.send(group, format!("message {number}")).await?;
            client
                .messages(group, Page::Newest, 50)
                .await
                .map(|page| page.len())
        });
    }
    let answered = calls.join_all().await;
    assert!(answered.into_iter().all(|page| page.is_ok()));
    // A pause in the middle answers them too, one way or the other.
    let mut calls = tokio::task::JoinSet::new();
    for _ in 0..100 {
        let client = client.clone();
        calls.spawn(async move {
            let sent = code(client.send(group, "hi").await);
            let read = code(client.messages(group, Page::Newest, 200).await);
            [sent, read]
                .into_iter()
                .flatten()
                .all(|code| code == ErrorCode::Paused)
        });
    }
    client.pause().await.unwrap();
    assert!(calls.join_all().await.into_iter().all(|fine| fine));
}

#[test]
fn a_client_works_and_is_dropped_without_an_executor() {
    let folder = tempfile::tempdir().unwrap();
    let client = futures_executor(Client::open(options(&folder))).unwrap();
    assert_eq!(futures_executor(client.conversations(0, 1)).unwrap(), []);
    drop(client);
    // It closes in the background.
    let deadline = std::time::Instant::now() + Duration::from_secs(20);
    loop {
        match futures_executor(Client::open(options(&folder))) {
            Ok(_) => break,
            Err(error) => assert_eq!(error.code, ErrorCode::AlreadyOpen),
        }
        assert!(
            std::time::Instant::now() < deadline,
            "the folder stays open"
        );
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// The simplest executor there is.
fn futures_executor<T>(future: impl Future<Output = T>) -> T {
    struct Unpark(std::thread::Thread);
    impl std::task::Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    let waker = Arc::new(Unpark(std::thread::current())).into();
    let mut context = std::task::Context::from_waker(&waker);
    let mut future = std::pin::pin!(future);
    loop {
        match future.as_mut().poll(&mut context) {
            std::task::Poll::Ready(value) => return value,
            std::task::Poll::Pending => std::thread::park(),
        }
    }
}

#[tokio::test]
async fn wrong_options_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let mut plain = options(&folder);
    plain.server = "http://127.0.0.1:1".to_owned();
    assert_eq!(
        code(Client::open(plain).await),
        Some(ErrorCode::InvalidArgument)
    );
    let client = Client::open(options(&folder)).await.unwrap();
    client.shutdown().await.unwrap();
    let mut wrong = options(&folder);
    wrong.key = DatabaseKey::from_bytes([2; 32]);
    assert!(!format!("{wrong:?}").contains("2, 2"));
    assert_eq!(code(Client::open(wrong).await), Some(ErrorCode::WrongKey));
}
