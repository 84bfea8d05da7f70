//! Every error that a call documents and that can be had without breaking a disk.

use std::fs;

use whimbrel::client::{DatabaseKey, Network};
use whimbrel::query::PAGE_CONVERSATIONS_MAX;
use whimbrel::types::{
    ClientId, Connection, ConversationId, PAGE_MESSAGES_MAX, Page, Person, UserId,
};
use whimbrel::{Client, ErrorCode};

use crate::files::{copy_folder, files_in};
use crate::phone::{Phone, code, named};
use crate::server::TestServer;

const NOWHERE: ConversationId = ConversationId::from_bytes([3; 16]);
const NOTHING: ClientId = ClientId::from_bytes([4; 16]);
const NOBODY: UserId = UserId::from_bytes([5; 16]);

#[tokio::test]
async fn text_of_16_kib_arrives_and_more_is_refused() {
    let server = TestServer::start().await;
    let bob = Phone::live(&server, "bob").await;
    let alice = Phone::live(&server, "alice").await;
    let chat = alice.client.create_direct(named("bob")).await.unwrap();
    // Five thousand characters of three bytes, and the rest.
    let largest = "鷸".repeat(5_461) + "!";
    assert_eq!(largest.len(), 16 * 1024);
    let id = alice.send(chat, &largest).await;
    let too_large = Some(ErrorCode::TooLarge);
    for text in [largest.clone() + "!", "x".repeat(10_000_000)] {
        assert_eq!(code(alice.client.send(chat, text.clone()).await), too_large);
        assert_eq!(code(alice.client.edit(chat, id, text).await), too_large);
    }
    let empty = alice.client.send(chat, "").await;
    assert_eq!(code(empty), Some(ErrorCode::InvalidArgument));
    // Several of the largest do not fit into one frame, and arrive all the same.
    for _ in 0..8 {
        alice.send(chat, &largest).await;
    }
    alice.send(chat, "the end").await;
    let here = bob.finds("alice").await;
    bob.hears(here, "the end").await;
    let texts = bob.texts(here).await;
    assert_eq!(texts.len(), 10);
    assert!(texts[..9].iter().all(|text| *text == largest));
}

#[tokio::test]
async fn calls_about_things_that_do_not_exist() {
    let server = TestServer::start().await;
    let alice = Phone::live(&server, "alice").await;
    let client = &alice.client;
    let group = client.create_group("Birds", vec![]).await.unwrap();
    let not_found = Some(ErrorCode::NotFound);
    for (call, outcome) in [
        ("add", code(client.add(NOWHERE, vec![named("bob")]).await)),
        ("remove", code(client.remove(NOWHERE, NOBODY).await)),
        ("rename", code(client.rename(NOWHERE, "x").await)),
        ("send", code(client.send(NOWHERE, "x").await)),
        ("edit", code(client.edit(NOWHERE, NOTHING, "x").await)),
        ("edit", code(client.edit(group, NOTHING, "x").await)),
        ("delete", code(client.delete(NOWHERE, NOTHING).await)),
        ("delete", code(client.delete(group, NOTHING).await)),
        ("mark_read", code(client.mark_read(NOWHERE, NOTHING).await)),
        ("mark_read", code(client.mark_read(group, NOTHING).await)),
        ("retry", code(client.retry(NOTHING).await)),
        ("discard", code(client.discard(NOTHING).await)),
        ("conversation", code(client.conversation(NOWHERE).await)),
        (
            "messages",
            code(client.messages(NOWHERE, Page::Newest, 1).await),
        ),
        (
            "messages",
            code(client.messages(group, Page::Before(NOTHING), 1).await),
        ),
        ("message", code(client.message(NOWHERE, NOTHING).await)),
        ("message", code(client.message(group, NOTHING).await)),
        ("members", code(client.members(NOWHERE).await)),
        ("outbox", code(client.outbox(Some(NOWHERE)).await)),
    ] {
        assert_eq!(outcome, not_found, "{call}");
    }
    // A wish, not a claim: what is not there now may come.
    client.focus(Some(NOWHERE)).await.unwrap();
    client.focus(None).await.unwrap();
}

#[tokio::test]
async fn calls_with_impossible_arguments() {
    let server = TestServer::start().await;
    let alice = Phone::live(&server, "alice").await;
    let client = &alice.client;
    let group = client.create_group("Birds", vec![]).await.unwrap();
    let me = alice.user();
    let long_name = "鷸".repeat(85) + "xx";
    let crowd: Vec<Person> = (0..=255).map(|n| named(&format!("user{n}"))).collect();
    let (invalid, too_large) = (ErrorCode::InvalidArgument, ErrorCode::TooLarge);
    for (call, outcome, expected) in [
        (
            "self",
            code(client.create_direct(named("alice")).await),
            invalid,
        ),
        (
            "self",
            code(client.create_direct(Person::Id(me)).await),
            invalid,
        ),
        (
            "name",
            code(client.create_direct(named("Bob!")).await),
            invalid,
        ),
        (
            "name",
            code(client.create_group("", vec![named("B")]).await),
            invalid,
        ),
        (
            "bell",
            code(client.create_group("a\u{7}b", vec![]).await),
            invalid,
        ),
        (
            "long",
            code(client.create_group(&*long_name, vec![]).await),
            too_large,
        ),
        (
            "crowd",
            code(client.create_group("", crowd.clone()).await),
            too_large,
        ),
        ("nobody", code(client.add(group, vec![]).await), invalid),
        (
            "name",
            code(client.add(group, vec![named("B")]).await),
            invalid,
        ),
        (
            "crowd",
            code(client.add(group, crowd[..33].to_vec()).await),
            too_large,
        ),
        ("self", code(client.remove(group, me).await), invalid),
        (
            "long",
            code(client.rename(group, &*long_name).await),
            too_large,
        ),
        ("line", code(client.rename(group, "a\nb").await), invalid),
        ("none", code(client.conversations(0, 0).await), invalid),
        (
            "many",
            code(client.conversations(0, PAGE_CONVERSATIONS_MAX + 1).await),
            invalid,
        ),
        (
            "none",
            code(client.messages(group, Page::Newest, 0).await),
            invalid,
        ),
        (
            "many",
            code(
                client
                    .messages(group, Page::Newest, PAGE_MESSAGES_MAX + 1)
                    .await,
            ),
            invalid,
        ),
    ] {
        assert_eq!(outcome, Some(expected), "{call}");
    }
    assert_eq!(client.conversations(0, 200).await.unwrap().len(), 1);
    let longest = "鷸".repeat(85) + "x";
    client.rename(group, longest.as_str()).await.unwrap();
    assert_eq!(alice.finds(&longest).await, group);
}

#[tokio::test]
async fn calls_that_do_not_fit_the_state_of_things() {
    let server = TestServer::start().await;
    let bob = Phone::live(&server, "bob").await;
    let alice = Phone::live(&server, "alice").await;
    let client = &alice.client;
    let chat = client.create_direct(named("bob")).await.unwrap();
    let hello = alice.send(chat, "hello").await;
    let here = bob.finds("alice").await;
    bob.hears(here, "hello").await;
    let answer = bob.send(here, "hello yourself").await;
    alice.hears(chat, "hello yourself").await;
    alice.has_sent_all().await;
    let group = client.create_group("Birds", vec![]).await.unwrap();
    alice.has_sent_all().await;

    let not_allowed = Some(ErrorCode::NotAllowed);
    let carol = vec![named("carol")];
    assert_eq!(code(client.add(chat, carol).await), not_allowed);
    assert_eq!(code(client.remove(chat, bob.user()).await), not_allowed);
    assert_eq!(code(client.rename(chat, "Bob").await), not_allowed);
    let removed = client.remove(group, bob.user()).await;
    assert_eq!(code(removed), Some(ErrorCode::NotMember));
    // Words of others are theirs.
    let edited = client.edit(chat, answer, "goodbye").await;
    assert_eq!(code(edited), not_allowed);
    let deleted = client.delete(chat, answer).await;
    assert_eq!(code(deleted), not_allowed);
    client.delete(chat, hello).await.unwrap();
    let wrong_state = Some(ErrorCode::WrongState);
    assert_eq!(code(client.edit(chat, hello, "x").await), wrong_state);
    assert_eq!(code(client.delete(chat, hello).await), wrong_state);

    // Out of the outbox again, and what has not failed needs no retry.
    alice.network(Network::Down).await;
    let waiting = alice.send(chat, "never mind").await;
    client.retry(waiting).await.unwrap();
    client.discard(waiting).await.unwrap();
    assert_eq!(
        code(client.message(chat, waiting).await),
        Some(ErrorCode::NotFound)
    );
    assert_eq!(
        code(client.discard(waiting).await),
        Some(ErrorCode::NotFound)
    );
    alice.network(Network::Up).await;
    alice.has_sent_all().await;
    alice.becomes(Connection::Live).await;
}

#[tokio::test]
async fn a_wrong_key_and_a_damaged_database_are_told_apart() {
    let server = TestServer::start().await;
    let alice = Phone::live(&server, "alice").await;
    let group = alice.client.create_group("Birds", vec![]).await.unwrap();
    alice.send(group, "still here").await;
    alice.has_sent_all().await;
    alice.client.shutdown().await.unwrap();
    let good = tempfile::tempdir().unwrap();
    copy_folder(alice.folder(), good.path());
    let options = alice.options.clone();
    let open = async |options| Client::open(options).await.map(drop);

    let mut wrong = options.clone();
    wrong.key = DatabaseKey::from_bytes([8; 32]);
    assert_eq!(code(open(wrong).await), Some(ErrorCode::WrongKey));

    let database = alice.folder().join("whimbrel.db");
    let whole = fs::read(&database).unwrap();
    let damaged = Some(ErrorCode::Damaged);
    let truncate = |bytes: usize| {
        fs::write(&database, &whole[..bytes]).unwrap();
        // Without the log, which holds what is missing.
        let _ = fs::remove_file(alice.folder().join("whimbrel.db-wal"));
        let _ = fs::remove_file(alice.folder().join("whimbrel.db-shm"));
    };
    for bytes in [0, 100, 4096, whole.len() / 2, whole.len() - 4096] {
        truncate(bytes);
        assert_eq!(code(open(options.clone()).await), damaged, "{bytes} bytes");
        assert_eq!(
            fs::read(&database).unwrap(),
            whole[..bytes],
            "never a new file over an old one"
        );
    }
    fs::remove_file(&database).unwrap();
    assert_eq!(code(open(options.clone()).await), damaged, "no database");
    assert!(!database.exists());
    fs::write(&database, &whole).unwrap();
    let side = alice.folder().join("whimbrel.key");
    let key_check = fs::read(&side).unwrap();
    fs::write(&side, &key_check[..key_check.len() - 1]).unwrap();
    assert_eq!(code(open(options.clone()).await), damaged, "side file");
    fs::remove_file(&side).unwrap();
    assert_eq!(code(open(options.clone()).await), damaged, "no side file");

    // What was put aside opens as if nothing had been.
    for file in files_in(alice.folder()) {
        fs::remove_file(file).unwrap();
    }
    copy_folder(good.path(), alice.folder());
    let alice = alice.restart().await;
    alice.becomes(Connection::Live).await;
    assert_eq!(alice.texts(group).await, ["still here"]);
}

#[tokio::test]
async fn options_that_make_no_sense_are_refused() {
    let server = TestServer::start().await;
    let alice = Phone::new(&server, "alice").await;
    let mut options = alice.options.clone();
    options.folder = options.folder.join("other");
    for address in [
        "",
        "127.0.0.1",
        "http://127.0.0.1",
        "https://",
        "https://user:pass@127.0.0.1",
        "https://127.0.0.1/?query",
    ] {
        options.server = address.to_owned();
        let opened = Client::open(options.clone()).await.map(drop);
        assert_eq!(code(opened), Some(ErrorCode::InvalidArgument), "{address}");
    }
    options.server = server.url();
    // A file where the folder should be.
    options.folder = alice.folder().join("whimbrel.key");
    let opened = Client::open(options).await.map(drop);
    assert_eq!(code(opened), Some(ErrorCode::Storage));
}
