//! Whether anything readable is left on a disk or in a log.

use std::path::Path;

use whimbrel::client::Network;
use whimbrel::types::ConversationState;

use crate::files::files_in;
use crate::phone::{PASSWORD, Phone, named};
use crate::server::{TestServer, logs};

/// Stands in everything that must stay secret in this test.
const CANARY: &str = "canary-yellow-feathers";

fn holds(bytes: &[u8], needle: &[u8]) -> bool {
    memchr::memmem::find(bytes, needle).is_some()
}

/// The forms in which text may lie around.
fn forms(text: &str) -> Vec<Vec<u8>> {
    let utf16: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let hex: String = text.bytes().map(|byte| format!("{byte:02x}")).collect();
    let numbers: Vec<String> = text.bytes().map(|byte| byte.to_string()).collect();
    vec![
        text.as_bytes().to_vec(),
        utf16,
        hex.into_bytes(),
        numbers.join(", ").into_bytes(),
    ]
}

/// Files below a folder that hold one of these texts in any form.
fn found_in(folder: &Path, secrets: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    for file in files_in(folder) {
        let bytes = std::fs::read(&file).unwrap();
        for secret in secrets {
            if forms(secret).iter().any(|form| holds(&bytes, form)) {
                found.push(format!("{secret} in {}", file.display()));
            }
        }
    }
    found
}

/// Everything that a conversation can hold goes through both phones and the server.
async fn a_day_of(alice: &Phone, bob: &Phone) {
    let chat = alice.client.create_direct(named(&bob.name)).await.unwrap();
    let first = alice.send(chat, &format!("{CANARY} direct")).await;
    let here = bob.finds(&alice.name).await;
    let heard = bob.hears(here, &format!("{CANARY} direct")).await;
    bob.client.mark_read(here, heard.id).await.unwrap();
    let edited = format!("{CANARY} edited");
    alice.client.edit(chat, first, &*edited).await.unwrap();
    let second = alice.send(chat, &format!("{CANARY} deleted")).await;
    bob.hears(here, &edited).await;
    alice.client.delete(chat, second).await.unwrap();

    let name = format!("{CANARY} group");
    let people = vec![named(&bob.name)];
    let group = alice.client.create_group(&*name, people).await.unwrap();
    assert_eq!(bob.finds(&name).await, group);
    let renamed = format!("{CANARY} renamed");
    alice.client.rename(group, &*renamed).await.unwrap();
    assert_eq!(bob.finds(&renamed).await, group);
    alice.client.remove(group, bob.user()).await.unwrap();
    bob.until("removed", async |client| {
        client.conversation(group).await.unwrap().state == ConversationState::Removed
    })
    .await;
    alice.has_sent_all().await;
    // And some that stays in the outbox.
    alice.network(Network::Down).await;
    alice.send(chat, &format!("{CANARY} queued")).await;
}

#[tokio::test]
async fn nothing_readable_is_left_anywhere() {
    let mut server = TestServer::start().await;
    let alice = Phone::live(&server, "canary-alice").await;
    let bob = Phone::live(&server, "canary-bob").await;
    a_day_of(&alice, &bob).await;

    let (ids, secrets) = (
        [alice.user().to_string(), bob.user().to_string()],
        [CANARY, PASSWORD],
    );
    let on_phones = [
        CANARY,
        PASSWORD,
        "canary-alice",
        "canary-bob",
        ids[0].as_str(),
        ids[1].as_str(),
    ];
    let nothing: [String; 0] = [];
    let phones = [alice.folder().to_owned(), bob.folder().to_owned()];
    // Both while everything is open, log files of SQLite included, and after the end.
    for folder in &phones {
        assert_eq!(found_in(folder, &on_phones), nothing);
    }
    assert_eq!(found_in(&server.data(), &secrets), nothing);
    for phone in [alice, bob] {
        phone.client.shutdown().await.unwrap();
        assert_eq!(found_in(phone.folder(), &on_phones), nothing);
    }
    server.stop().await;
    assert_eq!(found_in(&server.data(), &secrets), nothing);

    let log = logs().bytes();
    assert!(holds(&log, b"frame in"), "the log is there");
    for secret in on_phones {
        for form in forms(secret) {
            assert!(!holds(&log, &form), "{secret} in the log");
        }
    }

    // The search finds what is there: names at the server, and a planted file.
    assert!(!found_in(&server.data(), &["canary-alice"]).is_empty());
    let planted = tempfile::tempdir().unwrap();
    for (number, form) in forms(CANARY).iter().enumerate() {
        std::fs::write(planted.path().join(number.to_string()), form).unwrap();
    }
    assert_eq!(found_in(planted.path(), &secrets).len(), 4);
}
