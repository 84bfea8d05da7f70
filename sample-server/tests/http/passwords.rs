//! Guessing passwords: the wait grows, and tells nothing about which names exist.

use std::time::{Duration, Instant};

use serde_json::Value;

use crate::accounts::{hashes, with};
use crate::support::{Door, PATIENCE, Person, TestServer, Tokens, refresh};

/// Wrong passwords for a name until one has to wait; gives what was answered each time.
async fn guess(door: &Door, sign_in: &Value) -> Vec<(u16, String)> {
    let wrong = with(sign_in.clone(), "password", "not the password");
    let mut answers = Vec::new();
    loop {
        let answer = door.post("/v1/token", &wrong).await;
        answers.push((answer.status, answer.error()));
        if answer.status == 429 {
            let wait: u64 = answer.header("Retry-After").unwrap().parse().unwrap();
            assert!((1..=2).contains(&wait), "{answer:?}");
            return answers;
        }
    }
}

#[tokio::test]
async fn a_name_without_an_account_waits_like_any_other() {
    let server = TestServer::start().await;
    let door = server.door();
    let alice = Person::named("alice");
    door.register(&alice).await;
    let known = guess(&door, &alice.sign_in()).await;
    let unknown = guess(&door, &with(alice.sign_in(), "username", "nobody")).await;
    assert_eq!(known, unknown);
    assert_eq!(known.len(), 7, "six wrong ones, then a wait: {known:?}");
    // One hash for the registration, one for each try that did not have to wait.
    assert_eq!(hashes(&door).await, 1 + 6 + 6);

    let metrics = door.get("/metrics").await.body;
    let line = "whimbrel_limited_total{limit=\"Passwords\"} 2";
    assert!(metrics.contains(line), "{metrics}");
}

#[tokio::test]
async fn the_right_password_waits_too_and_then_clears_the_name() {
    let server = TestServer::start().await;
    let door = server.door();
    let alice = Person::named("alice");
    door.register(&alice).await;
    guess(&door, &alice.sign_in()).await;
    // Else the wait would tell which guess is right.
    let started = Instant::now();
    loop {
        let answer = door.post("/v1/token", &alice.sign_in()).await;
        if answer.status == 200 {
            break;
        }
        assert_eq!(answer.status, 429, "{answer:?}");
        assert!(started.elapsed() < PATIENCE, "the wait does not end");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    // From here on there are five free ones again.
    let wrong = with(alice.sign_in(), "password", "not the password");
    for _ in 0..5 {
        assert_eq!(door.post("/v1/token", &wrong).await.status, 400);
    }
    Tokens::of(&door.post("/v1/token", &alice.sign_in()).await);
}

#[tokio::test]
async fn every_way_to_try_a_password_counts() {
    let server = TestServer::start().await;
    let door = server.door();
    let alice = Person::named("alice");
    door.register(&alice).await;
    let wrong = |body: Value| with(body, "password", "not the password");
    let (manifest, device) = alice.recovered();
    let recovery = wrong(alice.recovery(&manifest.encode(), device));
    let ways = [
        ("/v1/token", wrong(alice.sign_in())),
        ("/v1/recovery/start", recovery.clone()),
        ("/v1/recovery", recovery),
        ("/v1/register", wrong(alice.registration())),
    ];
    for (path, body) in ways.iter().cycle().take(6) {
        let answer = door.post(path, body).await;
        assert!([400, 409].contains(&answer.status), "{path}: {answer:?}");
    }
    for (path, body) in &ways {
        let answer = door.post(path, body).await;
        assert_eq!(answer.status, 429, "{path}: {answer:?}");
        assert_eq!(answer.error(), "rate_limited");
    }
    // A refresh token is no password.
    let bob = door.register(&Person::named("bob")).await;
    Tokens::of(&door.post("/v1/token", &refresh(&bob.refresh)).await);
}

#[tokio::test]
async fn device_ids_can_not_be_told_apart_without_the_password() {
    let server = TestServer::start().await;
    let door = server.door();
    let (alice, bob) = (Person::named("alice"), Person::named("bob"));
    door.register(&alice).await;
    door.register(&bob).await;
    let mut answers = Vec::new();
    for device in [
        alice.device.to_string(),
        bob.device.to_string(),
        "3".repeat(32),
    ] {
        let guess = with(alice.sign_in(), "device", device);
        let before = hashes(&door).await;
        let answer = door
            .post("/v1/token", &with(guess, "password", "not the password"))
            .await;
        let work = hashes(&door).await - before;
        answers.push((answer.status, answer.body, work));
    }
    answers.dedup();
    assert_eq!(answers.len(), 1, "{answers:?}");
}
