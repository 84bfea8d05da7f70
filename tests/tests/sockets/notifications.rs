//! Push notifications: shown without a client, and without moving anything that a client needs.

use std::path::Path;
use std::process::Command;

use whimbrel::ErrorCode;
use whimbrel::client::{DatabaseKey, Network, open_notification};
use whimbrel::types::{ConversationId, Notification, Preview};
use whimbrel_protocol::envelope::Body;
use whimbrel_protocol::frame::ServerMessage;
use whimbrel_protocol::{Envelope, ServerFrame};
use whimbrel_tests::push;

use crate::files::files_in;
use crate::phone::{Phone, code, named};
use crate::server::TestServer;

/// What a push service would bring to a phone now.
fn payload(server: &TestServer, conversation: ConversationId, after: u64) -> Vec<u8> {
    push::payload(&server.data(), conversation, after).unwrap()
}

fn open(phone: &Phone, payload: &[u8]) -> Notification {
    open_notification(phone.folder(), phone.options.key.clone(), payload).unwrap()
}

fn shown(notification: Notification) -> Preview {
    match notification {
        Notification::Message(preview) => preview,
        other => panic!("{other:?}"),
    }
}

/// The envelopes of a payload, to make another one of them.
fn envelopes_of(payload: &[u8]) -> Vec<Envelope> {
    match ServerFrame::decode(payload).unwrap().message {
        ServerMessage::Envelopes(envelopes) => envelopes.envelopes,
        other => panic!("{other:?}"),
    }
}

/// Sums of the files of a data folder, less SQLite's shared memory and the empty log that it makes
/// where there was none. Another process reads them: to close a file gives up the locks that
/// SQLite has on it in this one.
fn contents(folder: &Path) -> String {
    let files = files_in(folder).into_iter();
    let files = files.filter(|file| !file.to_string_lossy().ends_with("-shm"));
    let files = files.filter(|file| file.metadata().unwrap().len() > 0);
    let sums = Command::new("cksum").args(files).output().unwrap();
    assert!(sums.status.success());
    String::from_utf8(sums.stdout).unwrap()
}

/// Two people who have talked; bob is offline, and alice goes on.
async fn bob_is_away(server: &TestServer, prefix: &str) -> (Phone, Phone, ConversationId) {
    let alice = Phone::live(server, &format!("{prefix}-alice")).await;
    let bob = Phone::live(server, &format!("{prefix}-bob")).await;
    let chat = alice.client.create_direct(named(&bob.name)).await.unwrap();
    alice.send(chat, "before").await;
    bob.finds(&alice.name).await;
    bob.hears(chat, "before").await;
    alice.has_sent_all().await;
    bob.network(Network::Down).await;
    (alice, bob, chat)
}

#[tokio::test]
async fn a_push_is_shown_and_nothing_moves() {
    let server = TestServer::start().await;
    let (alice, bob, chat) = bob_is_away(&server, "push").await;
    let after = bob.row(chat).await.applied_seq;
    alice.send(chat, "first").await;
    let second = alice.send(chat, "second").await;
    alice.has_sent_all().await;
    let payload = payload(&server, chat, after);

    // Beside the open client, and as often as one likes.
    let before = contents(bob.folder());
    let preview = shown(open(&bob, &payload));
    assert_eq!(
        (preview.conversation, preview.message, preview.sender),
        (chat, second, alice.user())
    );
    assert_eq!(preview.text, "second");
    assert_eq!(preview.sender_name, alice.name);
    assert_eq!(preview.conversation_name, alice.name);
    assert!(preview.server_time_ms > 0);
    assert_eq!(shown(open(&bob, &payload)), preview);
    assert_eq!(contents(bob.folder()), before);

    // Without one, too; and only the newest envelope.
    let folder = bob.folder().to_path_buf();
    bob.client.pause().await.unwrap();
    let before = contents(&folder);
    let newest = envelopes_of(&payload).pop().unwrap();
    let newest = push::frame(chat, newest.seq, vec![newest]);
    assert_eq!(shown(open(&bob, &newest)), preview);
    assert_eq!(contents(&folder), before);
    bob.client.resume().await.unwrap();

    // The ratchet is where it was: the client reads both.
    bob.network(Network::Up).await;
    bob.hears(chat, "second").await;
    assert_eq!(bob.texts(chat).await, ["before", "first", "second"]);
    // What it has taken in is no news.
    assert_eq!(open(&bob, &payload), Notification::Silent);
    // Nor is what was said here.
    assert_eq!(open(&alice, &payload), Notification::Silent);
}

#[tokio::test]
async fn commits_on_the_way_are_gone_through_or_hide_the_text() {
    let server = TestServer::start().await;
    let alice = Phone::live(&server, "commit-alice").await;
    let bob = Phone::live(&server, "commit-bob").await;
    let people = vec![named(&bob.name)];
    let group = alice.client.create_group("Reef", people).await.unwrap();
    assert_eq!(bob.finds("Reef").await, group);
    alice.has_sent_all().await;
    bob.until("has the name", async |client| {
        client.conversation(group).await.unwrap().applied_seq >= 3
    })
    .await;
    bob.network(Network::Down).await;
    let after = bob.row(group).await.applied_seq;
    let mut guests = Vec::new();
    for count in 1..=3 {
        let guest = Phone::live(&server, &format!("commit-guest-{count}")).await;
        let add = vec![named(&guest.name)];
        alice.client.add(group, add).await.unwrap();
        let text = format!("welcome {count}");
        alice.send(group, &text).await;
        alice.has_sent_all().await;
        guests.push(guest);
        let notification = open(&bob, &payload(&server, group, after));
        if count <= 2 {
            let preview = shown(notification);
            assert_eq!(
                (preview.text, preview.conversation_name),
                (text, "Reef".into())
            );
        } else {
            assert_eq!(notification, Notification::Generic(group));
        }
    }
    // A message alone, of an epoch that this device has not reached.
    let newest = envelopes_of(&payload(&server, group, after)).pop().unwrap();
    let alone = push::frame(group, newest.seq, vec![newest]);
    assert_eq!(open(&bob, &alone), Notification::Generic(group));
    bob.network(Network::Up).await;
    bob.hears(group, "welcome 3").await;
}

#[tokio::test]
async fn what_is_false_or_unknown_shows_nothing() {
    let server = TestServer::start().await;
    let (alice, bob, chat) = bob_is_away(&server, "false").await;
    let after = bob.row(chat).await.applied_seq;
    alice.send(chat, "true").await;
    alice.has_sent_all().await;
    let good = payload(&server, chat, after);
    let genuine = envelopes_of(&good);
    let changed = |change: fn(&mut Envelope)| {
        let mut envelopes = genuine.clone();
        envelopes.iter_mut().for_each(change);
        open(&bob, &push::frame(chat, 99, envelopes))
    };
    // Not what its author has signed for.
    assert_eq!(
        changed(|envelope| envelope.counter += 1),
        Notification::Silent
    );
    let user =
        |envelope: &mut Envelope| envelope.sender_user = [9; 16].as_slice().try_into().unwrap();
    assert_eq!(changed(user), Notification::Silent);
    // Not worth it, or taken back.
    assert_eq!(
        changed(|envelope| envelope.silent = true),
        Notification::Silent
    );
    assert_eq!(
        changed(|envelope| envelope.voided = true),
        Notification::Silent
    );
    // Broken: there may be something, so the app has to look.
    let broken = |envelope: &mut Envelope| {
        if let Body::Payload(bytes) = &mut envelope.body {
            *bytes.last_mut().unwrap() ^= 1;
        }
    };
    assert_eq!(changed(broken), Notification::Generic(chat));
    assert_eq!(shown(open(&bob, &good)).text, "true");

    // A stranger, nobody, no payload, another key.
    let stranger = Phone::live(&server, "false-stranger").await;
    assert_eq!(open(&stranger, &good), Notification::Silent);
    let nobody = Phone::new(&server, "nobody").await;
    assert_eq!(open(&nobody, &good), Notification::Silent);
    let nowhere = bob.folder().join("nowhere");
    let key = || bob.options.key.clone();
    let silent = open_notification(&nowhere, key(), &good).unwrap();
    assert_eq!(silent, Notification::Silent);
    assert!(!nowhere.exists());
    for bytes in [b"".as_slice(), b"{}", &[0xff; 100_000]] {
        let refused = open_notification(bob.folder(), key(), bytes);
        assert_eq!(code(refused), Some(ErrorCode::Protocol));
    }
    let wrong = DatabaseKey::from_bytes([9; 32]);
    let refused = open_notification(bob.folder(), wrong, &good);
    assert_eq!(code(refused), Some(ErrorCode::WrongKey));
}

#[tokio::test]
async fn notifications_are_opened_while_the_client_catches_up() {
    let server = TestServer::start().await;
    let (alice, bob, chat) = bob_is_away(&server, "busy").await;
    let after = bob.row(chat).await.applied_seq;
    for count in 1..=60 {
        alice.send(chat, &format!("message {count}")).await;
    }
    alice.has_sent_all().await;
    let payload = payload(&server, chat, after);
    let (folder, key) = (bob.folder().to_path_buf(), bob.options.key.clone());
    let opening = std::thread::spawn(move || {
        let mut opened = Vec::new();
        // Ends when the client has taken in everything; a bound for when it never does.
        for _ in 0..10_000 {
            opened.push(open_notification(&folder, key.clone(), &payload).unwrap());
            if opened.last() == Some(&Notification::Silent) {
                break;
            }
        }
        opened
    });
    bob.network(Network::Up).await;
    bob.hears(chat, "message 60").await;
    let opened = tokio::task::spawn_blocking(move || opening.join().unwrap());
    let mut opened = opened.await.unwrap();
    assert_eq!(opened.pop(), Some(Notification::Silent));
    for notification in opened {
        assert_eq!(shown(notification).text, "message 60");
    }
    assert_eq!(bob.texts(chat).await.len(), 61);
}
