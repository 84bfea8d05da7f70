//! The program itself: its files, its signals, and being killed.

use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use tokio::process::{Child, Command};
use whimbrel_protocol::frame::{GoAwayReason, ServerMessage};

use crate::support::{Door, PATIENCE, Person, Tokens};

/// Starts the program on a folder and waits until it says where it is.
async fn start(data: &Path) -> (Child, Door) {
    for name in ["address", "fingerprint"] {
        let _ = std::fs::remove_file(data.join(name));
    }
    let child = Command::new(env!("CARGO_BIN_EXE_whimbrel-server"))
        .arg("--data")
        .arg(data)
        .args(["--listen", "127.0.0.1:0"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let started = Instant::now();
    loop {
        let file = |name: &str| std::fs::read_to_string(data.join(name));
        if let (Ok(address), Ok(fingerprint)) = (file("address"), file("fingerprint")) {
            let address = address.parse().unwrap();
            return (
                child,
                Door {
                    address,
                    fingerprint,
                },
            );
        }
        assert!(started.elapsed() < PATIENCE, "the server does not start");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

async fn signal(child: &Child, name: &str) {
    // The shell has it built in; the program of this name is missing on small systems.
    let line = format!("kill -s {name} {}", child.id().unwrap());
    let sent = Command::new("sh").args(["-c", &line]).status().await;
    assert!(sent.unwrap().success());
}

async fn exit_code(child: &mut Child) -> Option<i32> {
    let ended = tokio::time::timeout(PATIENCE, child.wait()).await;
    ended.expect("the server ends in time").unwrap().code()
}

#[tokio::test]
async fn sigterm_drains_and_sigkill_loses_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let alice = Person::named("alice");

    let (mut child, door) = start(&data).await;
    door.register(&alice).await;
    child.kill().await.unwrap();

    // Killed right after the answer: the account is there.
    let (mut child, door_again) = start(&data).await;
    assert_eq!(door_again.fingerprint, door.fingerprint);
    let tokens = Tokens::of(&door_again.post("/v1/token", &alice.sign_in()).await);
    let mut socket = door_again.socket(&tokens).await;
    socket.hello(&alice).await;
    assert!(socket.answer(1).await.is_some());

    signal(&child, "TERM").await;
    let rest = socket.rest().await;
    let draining = |message: &ServerMessage| {
        matches!(
            message,
            ServerMessage::GoAway {
                reason: GoAwayReason::Draining,
                ..
            }
        )
    };
    assert!(rest.iter().any(draining), "{rest:?}");
    assert_eq!(exit_code(&mut child).await, Some(0));
}

#[tokio::test]
async fn the_second_signal_ends_it_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("server.toml");
    std::fs::write(&file, "[drain]\nnotice_ms = 600000\n").unwrap();
    let data = folder.path().join("data");
    let mut child = Command::new(env!("CARGO_BIN_EXE_whimbrel-server"))
        .args(["--listen", "127.0.0.1:0", "--config"])
        .arg(&file)
        .arg("--data")
        .arg(&data)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let started = Instant::now();
    while !data.join("fingerprint").exists() {
        assert!(started.elapsed() < PATIENCE, "the server does not start");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    signal(&child, "INT").await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert!(
        child.try_wait().unwrap().is_none(),
        "it waits for its notice"
    );
    signal(&child, "TERM").await;
    assert_eq!(exit_code(&mut child).await, Some(1));
}
