//! Registering, signing in, tokens, and whose server it is.

use std::time::{Duration, Instant};

use whimbrel::client::{Network, SyncOutcome};
use whimbrel::types::{Alarm, Change, Connection};
use whimbrel::{Client, ErrorCode};
use whimbrel_server::config::{Rate, Within};

use crate::PATIENCE;
use crate::files::copy_folder;
use crate::phone::{Phone, code, named, password_of, poll_once, soon};
use crate::server::TestServer;

#[tokio::test]
async fn an_account_survives_a_restart_of_the_client() {
    let server = TestServer::start().await;
    let alice = Phone::live(&server, "alice").await;
    let account = alice.client.account().unwrap();
    assert_eq!(account.username, "alice");

    let alice = alice.restart().await;
    assert_eq!(alice.client.account(), Some(account.clone()));
    alice.becomes(Connection::Live).await;
    let again = alice.client.register("alice", password_of("alice")).await;
    assert_eq!(code(again), Some(ErrorCode::WrongState));
    let other = alice.client.register("alice2", password_of("alice")).await;
    assert_eq!(code(other), Some(ErrorCode::WrongState));

    let signed_in = alice.client.sign_in("alice", password_of("alice")).await;
    assert_eq!(signed_in.unwrap(), account);
    let wrong = alice.client.sign_in("alice", "not the password").await;
    assert_eq!(code(wrong), Some(ErrorCode::AccessDenied));
    let short = alice.client.sign_in("alice", "short").await;
    assert_eq!(code(short), Some(ErrorCode::AccessDenied));
    let other = alice.client.sign_in("bob", password_of("bob")).await;
    assert_eq!(code(other), Some(ErrorCode::WrongState));

    // A refused password ends nothing.
    assert_eq!(alice.client.state().alarm, None);
    let group = alice.client.create_group("Birds", vec![]).await.unwrap();
    alice.sees(group, "* alice made this\n").await;
}

#[tokio::test]
async fn a_taken_name_is_refused_and_another_one_taken() {
    let server = TestServer::start().await;
    let _alice = Phone::register(&server, "alice").await;
    let second = Phone::new(&server, "second").await;
    let taken = second.client.register("alice", password_of("second")).await;
    assert_eq!(code(taken), Some(ErrorCode::UsernameTaken));
    assert_eq!(second.client.account(), None);
    assert_eq!(second.client.state().connection, Connection::Offline);
    let account = second
        .client
        .register("alice2", password_of("second"))
        .await;
    assert_eq!(account.unwrap().username, "alice2");
    second.becomes(Connection::Live).await;
}

#[tokio::test]
async fn impossible_names_and_passwords_are_refused_here() {
    let mut server = TestServer::start().await;
    server.stop().await;
    let phone = Phone::new(&server, "nobody").await;
    let long = "a".repeat(33);
    for name in ["", "al", "Alice", "al ice", "älice", long.as_str()] {
        let registered = phone.client.register(name, password_of(name)).await;
        assert_eq!(code(registered), Some(ErrorCode::InvalidArgument), "{name}");
    }
    let long = "p".repeat(257);
    for password in ["", "123456789", long.as_str()] {
        let registered = phone.client.register("alice", password).await;
        assert_eq!(code(registered), Some(ErrorCode::InvalidArgument));
    }
    let signed_in = phone.client.sign_in("alice", password_of("alice")).await;
    assert_eq!(code(signed_in), Some(ErrorCode::WrongState));
    let unreached = phone.client.register("alice", password_of("alice")).await;
    assert_eq!(code(unreached), Some(ErrorCode::Unavailable));

    // What could not be finished is finished later.
    server.start_again().await;
    let registered = phone.client.register("alice", password_of("alice")).await;
    assert_eq!(registered.unwrap().username, "alice");
    phone.becomes(Connection::Live).await;
}

#[tokio::test]
async fn a_server_with_another_certificate_is_not_trusted() {
    let server = TestServer::start().await;
    let new = Phone::new(&server, "new").await;
    let right = server.fingerprint;
    let mut wrong = right;
    wrong[31] ^= 1;
    for pin in [Some(wrong), None] {
        let mut options = new.options.clone();
        options.folder = options.folder.join("inside");
        options.pinned_fingerprint = pin;
        let client = Client::open(options).await.unwrap();
        let registered = client.register("mallory", password_of("mallory")).await;
        assert_eq!(code(registered), Some(ErrorCode::UntrustedServer));
        assert_eq!(client.account(), None);
        client.shutdown().await.unwrap();
    }

    let bob = Phone::live(&server, "bob").await;
    let alice = Phone::live(&server, "alice").await;
    let alice = alice
        .restart_with(|options| options.pinned_fingerprint = Some(wrong))
        .await;
    alice
        .until("told that it is not trusted", async |client| {
            client.state().last_error == Some(ErrorCode::UntrustedServer)
        })
        .await;
    let state = alice.client.state();
    assert_eq!(
        (state.connection, state.alarm),
        (Connection::Connecting, None)
    );
    let chat = alice.client.create_direct(named("bob")).await.unwrap();
    alice.send(chat, "for bob only").await;

    let alice = alice
        .restart_with(|options| options.pinned_fingerprint = Some(right))
        .await;
    let here = bob.finds("alice").await;
    bob.sees(here, "* alice added bob\nalice: for bob only\n")
        .await;
    alice.becomes(Connection::Live).await;
    assert_eq!(alice.client.state().last_error, None);
}

#[tokio::test]
async fn tokens_that_end_during_a_connection_are_renewed() {
    let server = TestServer::start_with(|config| {
        config.auth.access_token_s = Within::nearest(1);
    })
    .await;
    let (alice, bob) = (
        Phone::live(&server, "alice").await,
        Phone::live(&server, "bob").await,
    );
    let reconnects = tokio::spawn({
        let changes = alice.client.subscribe();
        async move {
            let mut reconnects = 0;
            while let Ok(batch) = changes.next_batch(100).await {
                reconnects += usize::from(batch.contains(&Change::Connection));
            }
            reconnects
        }
    });
    let chat = alice.client.create_direct(named("bob")).await.unwrap();
    let here = bob.finds("alice").await;
    let mut sent = Vec::new();
    let started = Instant::now();
    while started.elapsed() < Duration::from_millis(3_300) {
        let text = format!("message {}", sent.len());
        alice.send(chat, &text).await;
        bob.hears(here, &text).await;
        sent.push(text);
    }
    assert_eq!(bob.texts(here).await, sent);
    let state = alice.client.state();
    assert_eq!((state.alarm, state.last_error), (None, None));
    alice.client.shutdown().await.unwrap();
    let reconnects = soon("the end of changes", reconnects).await.unwrap();
    assert!(reconnects >= 3, "{reconnects}");
}

#[tokio::test]
async fn a_session_that_has_ended_asks_for_the_password() {
    let mut server = TestServer::start().await;
    let alice = Phone::live(&server, "alice").await;
    alice.network(Network::Down).await;
    server.stop().await;
    // The operator signs everybody out; a day passes for Alice's access token.
    let sign_out = |server: &TestServer| {
        let log = rusqlite::Connection::open(server.data().join("whimbrel.db")).unwrap();
        log.execute("DELETE FROM refresh_family", []).unwrap();
        std::fs::remove_file(server.data().join("signing-key")).unwrap();
    };
    sign_out(&server);
    server.start_again().await;
    alice.network(Network::Up).await;
    alice
        .until("told to sign in", async |client| {
            client.state().alarm == Some(Alarm::SignInNeeded)
        })
        .await;
    assert_eq!(alice.client.account().unwrap().username, "alice");
    let group = alice.client.create_group("Birds", vec![]).await.unwrap();
    alice.send(group, "written meanwhile").await;
    let synced = alice.client.sync_once(PATIENCE).await;
    assert_eq!(code(synced), Some(ErrorCode::AccessDenied));
    let wrong = alice.client.sign_in("alice", "not the password").await;
    assert_eq!(code(wrong), Some(ErrorCode::AccessDenied));
    assert_eq!(alice.client.state().alarm, Some(Alarm::SignInNeeded));

    alice
        .client
        .sign_in("alice", password_of("alice"))
        .await
        .unwrap();
    assert_eq!(alice.client.state().alarm, None);
    let synced = alice.client.sync_once(PATIENCE).await;
    assert_eq!(synced.unwrap(), SyncOutcome::Complete);
    alice
        .sees(group, "* alice made this\nalice: written meanwhile ✓\n")
        .await;
}

#[tokio::test]
async fn too_many_registrations_are_refused_for_a_while() {
    let server = TestServer::start_with(|config| {
        config.limits.address.registrations = Rate::of(1, 1);
        config.limits.address.tokens = Rate::of(1, 1);
    })
    .await;
    let alice = Phone::register(&server, "alice").await;
    let bob = Phone::new(&server, "bob").await;
    let refused = bob.client.register("bob", password_of("bob")).await;
    assert_eq!(code(refused), Some(ErrorCode::RateLimited));
    assert_eq!(bob.client.account(), None);
    let signed_in = alice.client.sign_in("alice", password_of("alice")).await;
    assert!(signed_in.is_ok());
    let refused = alice.client.sign_in("alice", password_of("alice")).await;
    assert_eq!(code(refused), Some(ErrorCode::RateLimited));
    alice.becomes(Connection::Live).await;
}

#[tokio::test]
async fn a_registration_whose_answer_got_lost_is_finished() {
    let server = TestServer::start().await;
    let phone = Phone::new(&server, "alice").await;
    // The call is given up, the registration is not.
    let call = phone.client.register("alice", password_of("alice"));
    poll_once(&mut Box::pin(call)).await;
    phone.becomes(Connection::Live).await;
    assert_eq!(phone.client.account().unwrap().username, "alice");
}

#[tokio::test]
async fn an_unfinished_registration_belongs_to_its_password() {
    let mut server = TestServer::start().await;
    server.stop().await;
    let copy = tempfile::tempdir().unwrap();
    let unfinished = Phone::new(&server, "bob").await;
    let lost = unfinished.client.register("bob", password_of("bob")).await;
    assert_eq!(code(lost), Some(ErrorCode::Unavailable));
    unfinished.client.shutdown().await.unwrap();
    copy_folder(unfinished.folder(), copy.path());
    server.start_again().await;
    let unfinished = unfinished.restart().await;
    let account = unfinished.client.register("bob", password_of("bob")).await;
    let account = account.unwrap();

    // The same keys once more, as if the answer had never come.
    let path = copy.path().to_owned();
    let again = unfinished
        .restart_with(|options| options.folder = path)
        .await;
    let other = again.client.register("bob", password_of("mallory")).await;
    assert_eq!(code(other), Some(ErrorCode::UsernameTaken));
    let finished = again.client.register("bob", password_of("bob")).await;
    assert_eq!(finished.unwrap(), account);
    again.becomes(Connection::Live).await;
}
