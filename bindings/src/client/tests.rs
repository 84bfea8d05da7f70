//! A client as an app holds it, without a server. What needs one is in the language tests.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a failed test may panic")]

use std::sync::Mutex;
use std::time::Duration;

use tempfile::TempDir;

use super::*;
use crate::error::ErrorCode;
use crate::platform::{LogRecord, PlatformError};
use crate::types::{Connection, MessagePage, Person, Role, RoleGrant, SignOut};

/// Bounds every wait.
const PATIENCE: Duration = Duration::from_secs(20);

struct Keys(u8);

impl KeyStore for Keys {
    fn load_key(&self) -> std::result::Result<Option<Vec<u8>>, PlatformError> {
        Ok(Some(vec![self.0; 32]))
    }

    fn store_key(&self, _key: Vec<u8>) -> std::result::Result<(), PlatformError> {
        panic!("there is a key")
    }
}

/// Slow enough for two clients to find it empty.
#[derive(Default)]
struct SlowKeys(Mutex<Option<Vec<u8>>>);

impl KeyStore for SlowKeys {
    fn load_key(&self) -> std::result::Result<Option<Vec<u8>>, PlatformError> {
        let key = self.0.lock().unwrap().clone();
        std::thread::sleep(Duration::from_millis(50));
        Ok(key)
    }

    fn store_key(&self, key: Vec<u8>) -> std::result::Result<(), PlatformError> {
        *self.0.lock().unwrap() = Some(key);
        Ok(())
    }
}

#[derive(Default)]
struct Lines(Mutex<Vec<LogRecord>>);

impl LogSink for Lines {
    fn log(&self, line: LogRecord) -> std::result::Result<(), PlatformError> {
        self.0.lock().unwrap().push(line);
        Err(PlatformError::Failed {
            reason: "nobody cares".into(),
        })
    }
}

fn options(folder: &TempDir) -> ClientOptions {
    ClientOptions {
        data_folder: folder.path().join("data").to_str().unwrap().to_owned(),
        server: "https://127.0.0.1:1".into(),
        pinned_fingerprint: None,
        starts_offline: true,
    }
}

async fn open(options: ClientOptions) -> Result<Arc<NativeClient>> {
    NativeClient::open(options, Arc::new(Keys(1)), None).await
}

fn code<T>(result: Result<T>) -> ErrorCode {
    match result {
        Ok(_) => panic!("it went well"),
        Err(error) => error.code(),
    }
}

#[tokio::test]
async fn what_can_not_be_opened_says_why() {
    let folder = tempfile::tempdir().unwrap();
    let good = options(&folder);
    for change in [
        |options: &mut ClientOptions| options.data_folder = String::new(),
        |options: &mut ClientOptions| options.data_folder.push('\0'),
        |options: &mut ClientOptions| options.server = "http://example.org".into(),
        |options: &mut ClientOptions| options.server = String::new(),
        |options: &mut ClientOptions| options.pinned_fingerprint = Some("ab".into()),
    ] {
        let mut bad = good.clone();
        change(&mut bad);
        assert_eq!(code(open(bad).await), ErrorCode::InvalidArgument);
    }
    let file = folder.path().join("file");
    std::fs::write(&file, "x").unwrap();
    let mut bad = good.clone();
    bad.data_folder = file.to_str().unwrap().to_owned();
    assert_eq!(code(open(bad).await), ErrorCode::Storage);

    let client = open(good.clone()).await.unwrap();
    assert_eq!(code(open(good.clone()).await), ErrorCode::AlreadyOpen);
    client.shutdown().await.unwrap();
    let other = NativeClient::open(good.clone(), Arc::new(Keys(2)), None).await;
    assert_eq!(code(other), ErrorCode::WrongKey);
    open(good).await.unwrap().shutdown().await.unwrap();
}

#[tokio::test]
async fn bad_arguments_are_errors_and_the_client_still_works() {
    let folder = tempfile::tempdir().unwrap();
    let client = open(options(&folder)).await.unwrap();
    let bad = || "no id".to_owned();
    let id = || "ab".repeat(16);
    let person = Person::Id { user: bad() };
    let grant = RoleGrant {
        user: bad(),
        role: Role::Admin,
    };
    let page = MessagePage::Before { anchor: bad() };
    let codes = [
        code(client.conversation(bad()).await),
        code(client.members(bad()).await),
        code(client.epoch_code(bad()).await),
        code(client.create_direct(person.clone()).await),
        code(client.create_group(String::new(), vec![person]).await),
        code(client.add_members(bad(), Vec::new()).await),
        code(client.remove_member(id(), bad()).await),
        code(client.set_roles(id(), vec![grant]).await),
        code(client.leave(bad()).await),
        code(client.rename(bad(), String::new()).await),
        code(client.focus(Some(bad())).await),
        code(client.messages(id(), page, 50).await),
        code(client.message(id(), bad()).await),
        code(client.send(bad(), "a".into()).await),
        code(client.edit(id(), bad(), "a".into()).await),
        code(client.delete(id(), bad()).await),
        code(client.mark_read(id(), bad()).await),
        code(client.outbox(Some(bad())).await),
        code(client.retry(bad()).await),
        code(client.discard(bad()).await),
        code(client.contact(bad()).await),
        code(client.matches_safety_qr(bad(), String::new()).await),
        code(client.set_verified(bad(), true).await),
        code(client.accept_identity(bad()).await),
        code(client.revoke_device(bad()).await),
        code(client.conversations(-1, 50).await),
        code(client.conversations(0, -1).await),
        code(client.conversations(0, 0).await),
        code(client.conversations(0, i32::MAX).await),
        code(client.messages(id(), MessagePage::Newest, -1).await),
        code(client.sync_once(-1).await),
        code(client.subscribe().unwrap().next_batch(0).await),
        code(client.subscribe().unwrap().next_batch(-1).await),
    ];
    assert_eq!(codes, [ErrorCode::InvalidArgument; 33]);
    assert_eq!(code(client.conversation(id()).await), ErrorCode::NotFound);
    let peer = Person::Username {
        username: "bob".into(),
    };
    assert_eq!(
        code(client.create_direct(peer).await),
        ErrorCode::NotSignedIn
    );
    assert_eq!(client.conversations(0, 200).await.unwrap(), []);
    client.shutdown().await.unwrap();
}

#[tokio::test]
async fn after_the_shutdown_every_call_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let client = open(options(&folder)).await.unwrap();
    let changes = client.subscribe().unwrap();
    client.shutdown().await.unwrap();
    client.shutdown().await.unwrap();
    assert_eq!(end_of(&changes).await, ErrorCode::ShutDown);
    let after = client.subscribe().unwrap();
    assert_eq!(code(after.next_batch(9).await), ErrorCode::ShutDown);
    let id = || "ab".repeat(16);
    let codes = [
        code(client.conversations(0, 50).await),
        code(client.send(id(), "a".into()).await),
        code(client.outbox(None).await),
        code(client.devices().await),
        code(client.set_network(Network::Up).await),
        code(
            client
                .register("alice".into(), "correct horse".into())
                .await,
        ),
        code(client.link_start().await),
        code(client.pause().await),
        code(client.resume().await),
        code(client.sync_once(10).await),
    ];
    assert_eq!(codes, [ErrorCode::ShutDown; 10]);
    assert_eq!(client.account().unwrap(), None);
}

#[tokio::test]
async fn a_paused_client_refuses_and_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let client = open(options(&folder)).await.unwrap();
    client.pause().await.unwrap();
    assert_eq!(client.state().unwrap().connection, Connection::Paused);
    assert_eq!(code(client.conversations(0, 50).await), ErrorCode::Paused);
    client.resume().await.unwrap();
    assert_eq!(client.conversations(0, 50).await.unwrap(), []);
    assert_eq!(client.state().unwrap().connection, Connection::Offline);
    assert_eq!(code(client.sync_once(10).await), ErrorCode::NotSignedIn);
    client.sign_out(SignOut::Anyway).await.unwrap();
    assert!(!folder.path().join("data").exists());
}

#[tokio::test]
async fn a_subscription_ends_whoever_waits() {
    let folder = tempfile::tempdir().unwrap();
    let client = open(options(&folder)).await.unwrap();
    let changes = client.subscribe().unwrap();
    // What the opening has left, until a call finds nothing and is cancelled.
    let pause = Duration::from_millis(100);
    while let Ok(batch) = tokio::time::timeout(pause, changes.next_batch(9)).await {
        assert!(!batch.unwrap().is_empty());
    }
    let waiting = tokio::spawn({
        let changes = Arc::clone(&changes);
        async move { end_of(&changes).await }
    });
    tokio::task::yield_now().await;
    changes.finish().unwrap();
    changes.finish().unwrap();
    assert_eq!(waiting.await.unwrap(), ErrorCode::ShutDown);
    client.shutdown().await.unwrap();
}

/// Takes what a subscription still has, and gives what it ends with.
async fn end_of(changes: &NativeChanges) -> ErrorCode {
    let taking = async {
        loop {
            match changes.next_batch(9).await {
                Ok(batch) => assert!(!batch.is_empty()),
                Err(error) => return error.code(),
            }
        }
    };
    tokio::time::timeout(PATIENCE, taking).await.unwrap()
}

/// Opens a folder that somebody is just letting go of.
async fn open_soon(options: &ClientOptions) -> Arc<NativeClient> {
    let opening = async {
        loop {
            match open(options.clone()).await {
                Ok(client) => return client,
                Err(error) => assert_eq!(error.code(), ErrorCode::AlreadyOpen),
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(PATIENCE, opening).await.unwrap()
}

#[tokio::test]
async fn an_opening_that_is_cancelled_leaves_the_folder_free() {
    let folder = tempfile::tempdir().unwrap();
    let options = options(&folder);
    for wait_ms in [0, 1, 5, 20] {
        let opening = open(options.clone());
        let _ = tokio::time::timeout(Duration::from_millis(wait_ms), opening).await;
        open_soon(&options).await.shutdown().await.unwrap();
    }
}

#[tokio::test]
async fn a_client_that_is_let_go_is_closed() {
    let folder = tempfile::tempdir().unwrap();
    let options = options(&folder);
    let client = open(options.clone()).await.unwrap();
    let changes = client.subscribe().unwrap();
    drop(client);
    assert_eq!(end_of(&changes).await, ErrorCode::ShutDown);
    open_soon(&options).await.shutdown().await.unwrap();
}

#[tokio::test]
async fn the_log_tells_steps_and_failures() {
    let folder = tempfile::tempdir().unwrap();
    let lines = Arc::new(Lines::default());
    let sink: Arc<dyn LogSink> = Arc::clone(&lines) as Arc<dyn LogSink>;
    let client = NativeClient::open(options(&folder), Arc::new(Keys(1)), Some(sink)).await;
    let client = client.unwrap();
    let nobody = client.conversation("ab".repeat(16)).await;
    assert_eq!(code(nobody), ErrorCode::NotFound);
    client.shutdown().await.unwrap();
    let expected = [
        "conversation has failed: not_found: there is no such conversation",
        "shutting down",
        "the client has ended",
    ];
    let texts = || -> Vec<String> {
        let lines = lines.0.lock().unwrap();
        lines.iter().map(|line| line.text.clone()).collect()
    };
    let started = std::time::Instant::now();
    while !expected
        .iter()
        .all(|text| texts().iter().any(|line| line == text))
    {
        assert!(started.elapsed() < PATIENCE, "only {:?}", texts());
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test]
async fn of_two_that_open_a_new_folder_at_once_one_has_it_with_its_key() {
    let folder = TempDir::new().unwrap();
    let keys = Arc::new(SlowKeys::default());
    let open = || NativeClient::open(options(&folder), keys.clone(), None);
    let (first, second) = tokio::join!(open(), open());
    let (opened, refused) = match (first, second) {
        (Ok(client), refused) | (refused, Ok(client)) => (client, refused),
        (Err(error), _) => panic!("nobody has it: {error}"),
    };
    assert_eq!(code(refused), ErrorCode::AlreadyOpen);
    opened.shutdown().await.unwrap();
    open().await.unwrap().shutdown().await.unwrap();
}
