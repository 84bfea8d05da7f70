//! Registration, passwords, refresh tokens, and their limits.

use std::time::Duration;

use serde_json::{Value, json};
use whimbrel_server::config::{Rate, Within};

use crate::support::{Door, Person, TestServer, Tokens, refresh};

pub(crate) fn with(mut body: Value, name: &str, value: impl Into<Value>) -> Value {
    body[name] = value.into();
    body
}

#[tokio::test]
async fn register_sign_in_and_repeat() {
    let server = TestServer::start().await;
    let door = server.door();
    let alice = Person::named("alice");

    let first = door.register(&alice).await;
    assert_eq!(first.user, alice.user.to_string());
    let signed_in = Tokens::of(&door.post("/v1/token", &alice.sign_in()).await);
    assert_eq!(signed_in.user, first.user);
    assert_ne!(signed_in.refresh, first.refresh);

    // The answer to a registration was lost: the same again is welcome.
    let again = door.register(&alice).await;
    assert_eq!(again.user, first.user);
    // The same ids with another password tell nobody that they fit together.
    let guess = with(alice.registration(), "password", "some other password");
    let answer = door.post("/v1/register", &guess).await;
    assert_eq!(
        (answer.status, answer.error().as_str()),
        (409, "username_taken")
    );
}

#[tokio::test]
async fn taken_names_and_ids() {
    let server = TestServer::start().await;
    let door = server.door();
    let (alice, mallory) = (Person::named("alice"), Person::named("mallory"));
    door.register(&alice).await;

    // A whole person of the same name, with ids of their own.
    let mut namesake = Person::named("alice");
    namesake.user = mallory.user;
    namesake.device = mallory.device;
    let answer = door.post("/v1/register", &namesake.registration()).await;
    assert!(answer.status == 409 || answer.status == 400, "{answer:?}");

    let stolen = with(mallory.registration(), "user", alice.user.to_string());
    let answer = door.post("/v1/register", &stolen).await;
    assert!(answer.status == 409 || answer.status == 400, "{answer:?}");
    door.register(&mallory).await;
}

#[tokio::test]
async fn wrong_names_and_wrong_passwords_look_the_same() {
    let server = TestServer::start().await;
    let door = server.door();
    let alice = Person::named("alice");
    door.register(&alice).await;

    let wrong_password = with(alice.sign_in(), "password", "not her password");
    let wrong_name = with(alice.sign_in(), "username", "nobody");
    let no_name = with(alice.sign_in(), "username", "No Name!");
    let too_short = with(alice.sign_in(), "password", "short");
    let mut bodies = Vec::new();
    for body in [wrong_password, wrong_name, no_name, too_short] {
        let answer = door.post("/v1/token", &body).await;
        assert_eq!(
            (answer.status, answer.error().as_str()),
            (400, "invalid_grant")
        );
        bodies.push(answer.body);
    }
    bodies.dedup();
    assert_eq!(bodies.len(), 1, "{bodies:?}");

    // Only who knows the password learns about devices.
    let other_device = Person::named("bob").device.to_string();
    let unknown = with(alice.sign_in(), "device", other_device.clone());
    let answer = door.post("/v1/token", &unknown).await;
    assert_eq!(
        (answer.status, answer.error().as_str()),
        (403, "unknown_device")
    );
    let guess = with(unknown, "password", "not her password");
    let answer = door.post("/v1/token", &guess).await;
    assert_eq!(
        (answer.status, answer.error().as_str()),
        (400, "invalid_grant")
    );
}

/// How many passwords were hashed or checked so far: each takes the same time.
pub(crate) async fn hashes(door: &Door) -> u64 {
    let metrics = door.get("/metrics").await.body;
    let name = "whimbrel_password_hashes_total ";
    let line = metrics.lines().find_map(|line| line.strip_prefix(name));
    line.unwrap().parse().unwrap()
}

#[tokio::test]
async fn a_wrong_name_costs_the_work_of_a_wrong_password() {
    let server = TestServer::start().await;
    let door = server.door();
    let alice = Person::named("alice");
    door.register(&alice).await;
    assert_eq!(hashes(&door).await, 1);
    let wrong_password = with(alice.sign_in(), "password", "not her password");
    door.post("/v1/token", &wrong_password).await;
    assert_eq!(hashes(&door).await, 2);
    let wrong_name = with(wrong_password, "username", "nobody");
    door.post("/v1/token", &wrong_name).await;
    assert_eq!(hashes(&door).await, 3);
    // A taken name costs what a free one costs.
    let mut namesake = Person::named("mallory").registration();
    namesake["username"] = "alice".into();
    door.post("/v1/register", &namesake).await;
    assert_eq!(hashes(&door).await, 4);
}

#[tokio::test]
async fn refresh_tokens_rotate_and_their_reuse_ends_the_family() {
    let server = TestServer::start().await;
    let door = server.door();
    let first = door.register(&Person::named("alice")).await;
    let bystander = door.register(&Person::named("bob")).await;

    let second = Tokens::of(&door.post("/v1/token", &refresh(&first.refresh)).await);
    assert_eq!(second.user, first.user);
    // The answer was lost, so the old one comes again: once.
    let third = Tokens::of(&door.post("/v1/token", &refresh(&first.refresh)).await);
    let fourth = Tokens::of(&door.post("/v1/token", &refresh(&third.refresh)).await);
    assert_ne!(fourth.refresh, third.refresh);

    // An older one again is theft: nothing of the family works any more.
    for token in [
        &first.refresh,
        &fourth.refresh,
        &third.refresh,
        &second.refresh,
    ] {
        let answer = door.post("/v1/token", &refresh(token)).await;
        assert_eq!(
            (answer.status, answer.error().as_str()),
            (400, "invalid_grant")
        );
    }
    Tokens::of(&door.post("/v1/token", &refresh(&bystander.refresh)).await);
    let metrics = door.get("/metrics").await.body;
    assert!(
        !metrics.contains("whimbrel_refresh_reuse_total 0"),
        "{metrics}"
    );

    for nonsense in [
        "",
        "abc",
        &"0".repeat(64),
        &"z".repeat(64),
        &"0".repeat(10_000),
    ] {
        let answer = door.post("/v1/token", &refresh(nonsense)).await;
        assert_eq!(
            (answer.status, answer.error().as_str()),
            (400, "invalid_grant")
        );
    }
}

#[tokio::test]
async fn without_grace_a_repeat_is_reuse() {
    let server = TestServer::start_with(|config| {
        config.auth.refresh_grace_s = Within::nearest(0);
    })
    .await;
    let door = server.door();
    let first = door.register(&Person::named("alice")).await;
    let second = Tokens::of(&door.post("/v1/token", &refresh(&first.refresh)).await);
    tokio::time::sleep(Duration::from_millis(20)).await;
    for token in [&first.refresh, &second.refresh] {
        let answer = door.post("/v1/token", &refresh(token)).await;
        assert_eq!(
            (answer.status, answer.error().as_str()),
            (400, "invalid_grant")
        );
    }
}

#[tokio::test]
async fn bodies_that_are_not_valid() {
    let server = TestServer::start().await;
    let door = server.door();
    let alice = Person::named("alice");
    let body = || alice.registration();
    for (name, value) in [
        ("username", json!("Alice")),
        ("username", json!("al")),
        ("username", json!("a".repeat(33))),
        ("username", json!("алиса")),
        ("password", json!("short")),
        ("password", json!("x".repeat(257))),
        ("user", json!("1234")),
        ("device", json!("z".repeat(32))),
        ("manifest", json!("xyz")),
        ("manifest", json!("")),
        ("manifest", json!("00".repeat(100))),
        ("manifest", json!("00".repeat(8 * 1024 + 1))),
        ("username", json!(7)),
        ("username", Value::Null),
        // A manifest of somebody else.
        ("user", json!(Person::named("bob").user.to_string())),
    ] {
        let answer = door.post("/v1/register", &with(body(), name, value)).await;
        assert_eq!(
            (answer.status, answer.error().as_str()),
            (400, "invalid_request"),
            "{name}: {answer:?}"
        );
    }
    for text in ["", "{", "[]", "null", "\u{0}", "{\"grant_type\":\"magic\"}"] {
        for path in ["/v1/register", "/v1/token"] {
            let answer = door.post_text(path, text).await;
            assert_eq!(
                (answer.status, answer.error().as_str()),
                (400, "invalid_request")
            );
        }
    }
    // Nothing of this made an account.
    door.register(&alice).await;
}

#[tokio::test]
async fn too_many_tries_are_told_when_to_come_back() {
    let server = TestServer::start_with(|config| {
        config.limits.address.registrations = Rate::of(2, 1);
        config.limits.address.tokens = Rate::of(3, 1);
    })
    .await;
    let door = server.door();
    let alice = Person::named("alice");
    door.register(&alice).await;
    door.register(&alice).await;
    let limited = door.post("/v1/register", &alice.registration()).await;
    assert_eq!(
        (limited.status, limited.error().as_str()),
        (429, "rate_limited")
    );
    let wait: u64 = limited.header("Retry-After").unwrap().parse().unwrap();
    assert!((1..=60).contains(&wait));
    assert_eq!(limited.json()["retry_after_s"], json!(wait));

    for _ in 0..3 {
        Tokens::of(&door.post("/v1/token", &alice.sign_in()).await);
    }
    let limited = door.post("/v1/token", &alice.sign_in()).await;
    assert_eq!(
        (limited.status, limited.error().as_str()),
        (429, "rate_limited")
    );
    // What asks for nothing stays free.
    assert_eq!(door.get("/livez").await.status, 200);
}
