//! What the server logs in a whole session, at its most talkative: nothing about anybody.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test may stop at the first surprise"
)]
#![allow(dead_code, reason = "shared with the other tests, which use all of it")]

#[path = "http/support.rs"]
mod support;

use std::io::Write;
use std::sync::{Arc, Mutex};

use tokio_tungstenite::tungstenite::Message;
use whimbrel_protocol::frame::{ClientMessage, FindUser, Send, SendItem};
use whimbrel_protocol::{ClientId, ConversationId, ItemKind};
use whimbrel_server::config::{LogConfig, LogFormat, LogLevel, Rate};
use whimbrel_server::logging;

use support::{Door, Person, TestServer, Tokens, refresh};

/// Keeps what is written.
#[derive(Clone, Default)]
struct Kept(Arc<Mutex<Vec<u8>>>);

impl Write for Kept {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

const CANARY: &str = "canary-yellow-feathers";
/// The id of a link, and what is left there.
const LINK: &str = "c9c9c9c9c9c9c9c9c9c9c9c9c9c9c9c9";
const CONVERSATION: ConversationId = ConversationId::from_bytes([0xc9; 16]);

impl Kept {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

/// Accounts and tokens, right and wrong, up to every limit; gives the first and second tokens.
async fn use_accounts(door: &Door, alice: &Person) -> (Tokens, Tokens) {
    let tokens = door.register(alice).await;
    let refreshed = Tokens::of(&door.post("/v1/token", &refresh(&tokens.refresh)).await);
    for _ in 0..3 {
        // Grace, reuse, then an ended family.
        door.post("/v1/token", &refresh(&tokens.refresh)).await;
    }
    door.post("/v1/token", &alice.sign_in()).await;
    let mut wrong = alice.sign_in();
    wrong["password"] = format!("{CANARY} but wrong").into();
    door.post("/v1/token", &wrong).await;
    for _ in 0..3 {
        door.post("/v1/register", &alice.registration()).await;
    }
    let link = serde_json::json!({"id": LINK, "offer": LINK});
    door.post("/v1/links", &link).await;
    let path = format!("/v1/links/{LINK}/grant");
    door.get(&path).await;
    let bearer = support::bearer(&tokens.access);
    let grant = format!("{{\"grant\":\"{LINK}\"}}");
    door.request("POST", &path, &bearer, Some(&grant)).await;
    let recovery = alice.recovery(CANARY.as_bytes(), alice.device);
    door.post("/v1/recovery/start", &recovery).await;
    door.post("/v1/recovery", &recovery).await;
    let _ = door.try_socket(Some(&format!("Bearer {CANARY}"))).await;
    door.get(&format!("/{CANARY}")).await;
    (tokens, refreshed)
}

/// A socket's life, ended by breaking the protocol.
async fn use_a_socket(door: &Door, alice: &Person, tokens: &Tokens) {
    let mut socket = door.socket(tokens).await;
    socket.hello(alice).await;
    socket.answer(1).await.unwrap();
    let find = FindUser::ByUsername(alice.name.clone());
    socket.send(2, ClientMessage::FindUser(find)).await;
    socket.answer(2).await.unwrap();
    let send = Send {
        conversation: CONVERSATION,
        sealed_no: 1,
        items: vec![SendItem {
            client_id: ClientId::new(0, [5; 10]),
            kind: ItemKind::Message,
            epoch: 1,
            counter: 1,
            silent: false,
            payload: CANARY.as_bytes().to_vec(),
            founding: None,
            welcome: None,
        }],
    };
    socket.send(3, ClientMessage::Send(send)).await;
    socket.answer(3).await.unwrap();
    let text = Message::Text(CANARY.into());
    socket.send_message(text).await.unwrap();
    socket.rest().await;
}

#[tokio::test]
async fn logs_name_nobody() {
    let kept = Kept::default();
    let config = LogConfig {
        format: LogFormat::Json,
        level: LogLevel::Trace,
    };
    let writer = kept.clone();
    let lines = logging::subscriber(&config, move || writer.clone());
    tracing::subscriber::set_global_default(lines).unwrap();

    let server = TestServer::start_with(|config| {
        config.limits.address.registrations = Rate::of(2, 1);
    })
    .await;
    let door = server.door();
    let mut alice = Person::named("canary-alice");
    alice.password = CANARY.to_owned();
    let (tokens, refreshed) = use_accounts(&door, &alice).await;
    use_a_socket(&door, &alice, &tokens).await;
    server.running.shutdown().await;

    let log = kept.text();
    for sign_of_life in ["listening", "frame in", "answered", "connected", "draining"] {
        assert!(log.contains(sign_of_life), "no {sign_of_life} in\n{log}");
    }
    let claims = tokens.access.split('.').nth(1).unwrap();
    for secret in [
        CANARY,
        alice.name.as_str(),
        &alice.user.to_string(),
        &alice.device.to_string(),
        LINK,
        &CONVERSATION.to_string(),
        &tokens.refresh,
        &refreshed.refresh,
        claims,
        // Bytes that were printed as a list of numbers.
        "99, 97, 110, 97, 114, 121",
        "99,97,110,97,114,121",
    ] {
        assert!(!log.contains(secret), "{secret} in\n{log}");
    }
    // The one address in the log is the server's own.
    let others = log.replace(&door.address.to_string(), "");
    assert!(!others.contains("127.0.0.1"), "an address in\n{log}");

    // The search finds what is there.
    tracing::info!(target: "whimbrel_server", "{CANARY}");
    assert!(kept.text().contains(CANARY));
}
