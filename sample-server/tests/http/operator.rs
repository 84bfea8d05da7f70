//! What operators see, and what everybody else gets who asks for nonsense.

use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use whimbrel_server::config::{Config, Rate, Within};
use whimbrel_server::runtime::{Server, StartError};

use crate::support::{PATIENCE, Person, TestServer};

#[tokio::test]
async fn probes_keys_and_metrics() {
    let server = TestServer::start().await;
    let door = server.door();
    assert_eq!(door.get("/livez").await.body, "live\n");
    assert_eq!(door.get("/readyz").await.body, "ready\n");

    let keys = door.get("/.well-known/jwks.json").await.json();
    let key = &keys["keys"][0];
    assert_eq!(
        (&key["kty"], &key["crv"]),
        (&json!("OKP"), &json!("Ed25519"))
    );
    assert_eq!((&key["alg"], &key["use"]), (&json!("EdDSA"), &json!("sig")));
    assert!(key["kid"].is_string() && key["x"].is_string());
    assert!(key.get("d").is_none(), "the private half stays here");

    door.register(&Person::named("alice")).await;
    let metrics = door.get("/metrics").await;
    assert!(
        metrics
            .header("Content-Type")
            .unwrap()
            .starts_with("application/openmetrics-text")
    );
    for line in [
        "whimbrel_requests_total{route=\"Register\",status=\"200\"} 1",
        "whimbrel_open_connections 1",
        "# EOF",
    ] {
        assert!(
            metrics.body.contains(line),
            "{line} is missing in\n{}",
            metrics.body
        );
    }
    for secret in ["alice", "127.0.0.1"] {
        assert!(!metrics.body.contains(secret), "{secret} in the metrics");
    }
}

#[tokio::test]
async fn metrics_may_ask_for_a_token() {
    let text = "[metrics]\ntoken = \"correct-horse-battery-staple\"";
    let metrics = Config::parse(text, std::path::Path::new("test"))
        .unwrap()
        .metrics;
    let server = TestServer::start_with(|config| config.metrics = metrics).await;
    let door = server.door();
    assert_eq!(door.get("/metrics").await.status, 401);
    let with = |token: &str| format!("Authorization: Bearer {token}\r\n");
    let wrong = door
        .get_with("/metrics", &with("correct-horse-battery-stapler"))
        .await;
    assert_eq!(wrong.status, 401);
    let right = door
        .get_with("/metrics", &with("correct-horse-battery-staple"))
        .await;
    assert_eq!(right.status, 200);
}

#[tokio::test]
async fn every_failure_is_an_error_answer() {
    let server = TestServer::start().await;
    let door = server.door();
    let small = |request: &str| {
        format!("{request}\r\nHost: localhost\r\nConnection: close\r\n\r\n").into_bytes()
    };
    let big = "x".repeat(64 * 1024);
    let form = "POST /v1/token HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\
                Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 1\r\n\r\na";
    for (status, answer) in [
        (404, door.get("/").await),
        (404, door.get("/v1/nothing").await),
        (404, door.get("/../etc/passwd").await),
        (405, door.get("/v1/register").await),
        (405, door.raw(&small("DELETE /v1/token HTTP/1.1")).await),
        (405, door.raw(&small("POST /v1/socket HTTP/1.1")).await),
        (401, door.get("/v1/socket").await),
        (413, door.post_text("/v1/register", &big).await),
        (415, door.raw(form.as_bytes()).await),
    ] {
        assert_eq!(answer.status, status, "{answer:?}");
        assert!(!answer.error().is_empty(), "{answer:?}");
    }
}

#[tokio::test]
async fn slow_and_endless_heads_are_cut_off() {
    let server = TestServer::start_with(|config| {
        config.limits.header_ms = Within::nearest(300);
        config.limits.handshake_ms = Within::nearest(300);
        config.limits.request_ms = Within::nearest(300);
    })
    .await;
    let door = server.door();
    let closed = |mut stream: tokio_rustls::client::TlsStream<tokio::net::TcpStream>| async move {
        let mut bytes = Vec::new();
        let read = tokio::time::timeout(PATIENCE, stream.read_to_end(&mut bytes)).await;
        let _ = read.expect("the server closes in time");
        String::from_utf8(bytes).unwrap()
    };

    // Nothing, half a head, a head without its body.
    closed(door.connect().await).await;
    let mut half = door.connect().await;
    half.write_all(b"GET /livez HTTP/1.1\r\nHost:")
        .await
        .unwrap();
    closed(half).await;
    let mut waiting = door.connect().await;
    waiting
        .write_all(
            b"POST /v1/token HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\
              Content-Type: application/json\r\nContent-Length: 10\r\n\r\n{",
        )
        .await
        .unwrap();
    assert!(closed(waiting).await.starts_with("HTTP/1.1 408 "));

    // A head without end.
    let mut endless = door.connect().await;
    let line = format!("X-Filler: {}\r\n", "x".repeat(1_000));
    endless.write_all(b"GET /livez HTTP/1.1\r\n").await.unwrap();
    for _ in 0..60 {
        if endless.write_all(line.as_bytes()).await.is_err() {
            break;
        }
    }
    assert!(!closed(endless).await.contains("live"));

    // No TLS at all.
    let mut silent = tokio::net::TcpStream::connect(door.address).await.unwrap();
    let mut byte = [0];
    let read = tokio::time::timeout(PATIENCE, silent.read(&mut byte)).await;
    assert!(matches!(
        read.expect("the server closes in time"),
        Ok(0) | Err(_)
    ));

    assert_eq!(door.get("/livez").await.status, 200);
    let metrics = door.get("/metrics").await.body;
    assert!(
        metrics.contains("whimbrel_failed_handshakes_total 1"),
        "{metrics}"
    );
}

#[tokio::test]
async fn connections_are_limited_in_number_and_in_rate() {
    let server = TestServer::start_with(|config| {
        config.limits.connections = Within::nearest(2);
        config.limits.address.connections = Rate::of(6, 1);
    })
    .await;
    let door = server.door();
    let refused = || async {
        let mut stream = tokio::net::TcpStream::connect(door.address).await.unwrap();
        let mut byte = [0];
        let read = tokio::time::timeout(PATIENCE, stream.read(&mut byte)).await;
        assert!(matches!(
            read.expect("the server closes in time"),
            Ok(0) | Err(_)
        ));
    };
    let first = door.connect().await;
    let second = door.connect().await;
    refused().await;
    drop((first, second));
    // Their places are free again, soon.
    let mut tries = 0;
    while door_is_shut(&door).await {
        tries += 1;
        assert!(tries < 3, "no place became free");
    }
    for _ in 0..6 {
        let _ = tokio::net::TcpStream::connect(door.address).await;
    }
    refused().await;
}

/// Whether the server closes a new connection at once.
async fn door_is_shut(door: &crate::support::Door) -> bool {
    tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    let mut stream = tokio::net::TcpStream::connect(door.address).await.unwrap();
    let mut byte = [0];
    let wait = std::time::Duration::from_millis(500);
    tokio::time::timeout(wait, stream.read(&mut byte))
        .await
        .is_ok()
}

#[tokio::test]
async fn one_folder_has_one_server() {
    let server = TestServer::start().await;
    let data = server.data.path().join("data");
    let config = Config {
        data: data.clone(),
        listen: ([127, 0, 0, 1], 0).into(),
        ..Config::default()
    };
    let second = Server::start(config.clone()).await;
    assert!(matches!(second, Err(StartError::Folder(_))), "{second:?}");

    let file = |name: &str| std::fs::read_to_string(data.join(name)).unwrap();
    assert_eq!(file("address"), server.running.address.to_string());
    assert_eq!(file("fingerprint"), server.running.fingerprint);
    let door = server.door();
    let alice = Person::named("alice");
    let before = door.register(&alice).await;
    server.running.shutdown().await;

    // The same folder again: the same certificate, the same keys, the same accounts.
    let again = Server::start(config.clone()).await.unwrap();
    assert_eq!(again.fingerprint, door.fingerprint);
    let door = crate::support::Door {
        address: again.address,
        ..door
    };
    drop(door.socket(&before).await);
    again.shutdown().await;

    std::fs::write(data.join("signing-key"), "00".repeat(32)).unwrap();
    let refused = Server::start(config).await.unwrap_err().to_string();
    assert!(refused.contains("example key"), "{refused}");
}
