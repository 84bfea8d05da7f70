//! A client with a data folder of its own, and what its user would see.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use tempfile::TempDir;
use tokio::time::{Instant, timeout_at};
use whimbrel::client::{Changes, DatabaseKey, Network, Options};
use whimbrel::types::{
    ClientId, Connection, Conversation, ConversationId, Delivery, Message, MessageKind, Page,
    Person, UserId,
};
use whimbrel::{Client, ErrorCode, Result};

use crate::PATIENCE;
use crate::server::TestServer;

/// What everybody's password begins with.
pub(crate) const PASSWORD: &str = "correct horse of";

/// Names of all users of this process, for showing conversations whose members have gone.
static NAMES: Mutex<BTreeMap<UserId, String>> = Mutex::new(BTreeMap::new());

/// Somebody's client.
pub(crate) struct Phone {
    pub(crate) client: Client,
    pub(crate) name: String,
    pub(crate) options: Options,
    changes: Changes,
    folder: Arc<TempDir>,
}

/// Options for a server in this process.
pub(crate) fn options(server: &TestServer, folder: impl Into<PathBuf>) -> Options {
    let key = DatabaseKey::from_bytes([7; 32]);
    let mut options = Options::new(folder, key, server.url());
    options.pinned_fingerprint = Some(server.fingerprint);
    options
}

pub(crate) fn named(name: &str) -> Person {
    Person::Username(name.to_owned())
}

pub(crate) fn password_of(name: &str) -> String {
    format!("{PASSWORD} {name}")
}

/// The code of a failure.
pub(crate) fn code<T: Debug>(result: Result<T>) -> Option<ErrorCode> {
    result.err().map(|error| error.code)
}

impl Phone {
    /// A new client, with nobody registered.
    pub(crate) async fn new(server: &TestServer, name: &str) -> Self {
        let folder = Arc::new(tempfile::tempdir().unwrap());
        let options = options(server, folder.path().join("phone"));
        Self::open(options, name, folder).await
    }

    /// A new client with a new account.
    pub(crate) async fn register(server: &TestServer, name: &str) -> Self {
        let phone = Self::new(server, name).await;
        let account = phone.client.register(name, password_of(name)).await;
        let account = account.unwrap();
        names().insert(account.user, account.username);
        phone
    }

    /// A new client with a new account, connected, with everything at the server that others
    /// need to reach it.
    pub(crate) async fn live(server: &TestServer, name: &str) -> Self {
        let phone = Self::register(server, name).await;
        phone.becomes(Connection::Live).await;
        phone
    }

    async fn open(options: Options, name: &str, folder: Arc<TempDir>) -> Self {
        let client = Client::open(options.clone()).await.unwrap();
        Self {
            changes: client.subscribe(),
            client,
            name: name.to_owned(),
            options,
            folder,
        }
    }

    /// Closes the client and opens it again on the same folder.
    pub(crate) async fn restart(self) -> Self {
        self.restart_with(|_| {}).await
    }

    pub(crate) async fn restart_with(self, change: impl FnOnce(&mut Options)) -> Self {
        self.client.shutdown().await.unwrap();
        let mut options = self.options;
        change(&mut options);
        Self::open(options, &self.name, self.folder).await
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.options.folder
    }

    pub(crate) fn user(&self) -> UserId {
        self.client.account().expect("an account").user
    }

    pub(crate) async fn network(&self, network: Network) {
        self.client.set_network(network).await.unwrap();
    }

    /// Waits until something is so. Looks again only when a change is announced, so that a
    /// missing notice fails the test.
    pub(crate) async fn until(&self, what: &str, is_so: impl AsyncFn(&Client) -> bool) {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if is_so(&self.client).await {
                return;
            }
            match timeout_at(deadline, self.changes.next_batch(64)).await {
                Ok(batch) => assert!(!batch.unwrap().is_empty()),
                Err(_) => panic!(
                    "{}: not {what}
{}",
                    self.name,
                    self.describe().await
                ),
            }
        }
    }

    pub(crate) async fn becomes(&self, connection: Connection) {
        self.until(&format!("{connection:?}"), async |client| {
            client.state().connection == connection
        })
        .await;
    }

    /// Waits until a conversation looks exactly like this.
    pub(crate) async fn sees(&self, conversation: ConversationId, chat: &str) {
        let what = format!("seeing\n{chat}in {conversation}");
        self.until(&what, async |_| self.chat(conversation).await == chat)
            .await;
    }

    /// Waits until a text stands in a conversation, and gives its message.
    pub(crate) async fn hears(&self, conversation: ConversationId, text: &str) -> Message {
        let found = Mutex::new(None);
        self.until(&format!("hearing {text:?}"), async |_| {
            let messages = self.newest(conversation).await;
            let heard = messages
                .into_iter()
                .find(|message| text_of(message) == Some(text));
            let is_heard = heard.is_some();
            *found.lock().unwrap() = heard;
            is_heard
        })
        .await;
        found.into_inner().unwrap().expect("it was just heard")
    }

    /// Waits until the outbox is empty.
    pub(crate) async fn has_sent_all(&self) {
        self.until("sent", async |client| {
            client.outbox(None).await.unwrap().is_empty()
        })
        .await;
    }

    /// Waits for the conversation of this name.
    pub(crate) async fn finds(&self, name: &str) -> ConversationId {
        let found = Mutex::new(None);
        self.until(&format!("in {name:?}"), async |client| {
            let list = client.conversations(0, 100).await.unwrap();
            let row = list.into_iter().find(|row| row.name == name);
            *found.lock().unwrap() = row;
            found.lock().unwrap().is_some()
        })
        .await;
        found.into_inner().unwrap().expect("it was just found").id
    }

    pub(crate) async fn row(&self, conversation: ConversationId) -> Conversation {
        self.client.conversation(conversation).await.unwrap()
    }

    pub(crate) async fn send(&self, conversation: ConversationId, text: &str) -> ClientId {
        self.client.send(conversation, text).await.unwrap()
    }

    async fn newest(&self, conversation: ConversationId) -> Vec<Message> {
        let page = self.client.messages(conversation, Page::Newest, 200).await;
        page.unwrap()
    }

    /// Every text of a conversation, in order.
    pub(crate) async fn texts(&self, conversation: ConversationId) -> Vec<String> {
        let mut messages = self.newest(conversation).await;
        while let Some(first) = messages.first() {
            let page = Page::Before(first.id);
            let mut older = self.client.messages(conversation, page, 200).await.unwrap();
            if older.is_empty() {
                break;
            }
            older.append(&mut messages);
            messages = older;
        }
        let texts = messages.iter().filter_map(text_of);
        texts.map(str::to_owned).collect()
    }

    /// The conversation as text: one line a row.
    pub(crate) async fn chat(&self, conversation: ConversationId) -> String {
        let own = self.user();
        let messages = self.newest(conversation).await;
        messages.iter().map(|message| show(message, own)).collect()
    }

    async fn describe(&self) -> String {
        let mut text = format!("{:?}\n", self.client.state());
        let Ok(list) = self.client.conversations(0, 100).await else {
            return text;
        };
        for row in list {
            text += &format!("{:?} {:?} {}:\n", row.name, row.state, row.id);
            text += &self.chat(row.id).await;
        }
        for item in self.client.outbox(None).await.unwrap() {
            text += &format!("{item:?}\n");
        }
        text
    }
}

pub(crate) fn text_of(message: &Message) -> Option<&str> {
    match &message.kind {
        MessageKind::Text { text, .. } => Some(text),
        _ => None,
    }
}

fn names() -> MutexGuard<'static, BTreeMap<UserId, String>> {
    NAMES.lock().unwrap()
}

fn name_of(user: UserId) -> String {
    names().get(&user).cloned().unwrap_or_else(|| "?".into())
}

fn list_of(users: &[UserId]) -> String {
    let names: Vec<String> = users.iter().copied().map(name_of).collect();
    names.join(", ")
}

fn show(message: &Message, own: UserId) -> String {
    let sender = name_of(message.sender);
    let mark = match message.delivery {
        _ if message.sender != own => "",
        Delivery::Queued => " …",
        Delivery::Failed => " !",
        Delivery::Sent => " ✓",
        Delivery::Delivered => " ✓✓",
        Delivery::Read => " ✓✓✓",
    };
    let line = match &message.kind {
        MessageKind::Text { text, edited } => {
            let edited = if *edited { " (edited)" } else { "" };
            format!("{sender}: {text}{edited}{mark}")
        }
        MessageKind::Deleted => format!("{sender}: (deleted){mark}"),
        MessageKind::Created => format!("* {sender} made this"),
        MessageKind::Added(users) => format!("* {sender} added {}", list_of(users)),
        MessageKind::Removed(users) => format!("* {sender} removed {}", list_of(users)),
        MessageKind::Renamed(name) => format!("* {sender} named this {name:?}"),
        MessageKind::RoleChanged { user, role } => {
            format!("* {sender} made {} {role:?}", name_of(*user))
        }
        MessageKind::Left(user) => format!("* {} left", name_of(*user)),
        MessageKind::IdentityChanged(user) => {
            format!("* {} has another identity", name_of(*user))
        }
        MessageKind::Forked => format!("* {sender} has read another history"),
        MessageKind::Missed { .. } => "* (some messages could not be read)".to_owned(),
        MessageKind::Unsupported => format!("{sender}: (unsupported)"),
        MessageKind::Unreadable(defect) => format!("* unreadable: {defect:?}"),
    };
    let gap = if message.gap_before { "(gap) " } else { "" };
    format!("{gap}{line}\n")
}

/// Waits for what says when it is done itself.
pub(crate) async fn soon<T>(what: &str, future: impl Future<Output = T>) -> T {
    match tokio::time::timeout(PATIENCE, future).await {
        Ok(value) => value,
        Err(_) => panic!("not in time: {what}"),
    }
}

/// Polls a call once, and leaves it.
pub(crate) async fn poll_once<F: Future + Unpin>(call: &mut F) -> Option<F::Output> {
    tokio::select! {
        biased;
        value = call => Some(value),
        () = std::future::ready(()) => None,
    }
}

/// Tries again until something that lets go in the background has done so.
pub(crate) async fn eventually<T>(what: &str, mut attempt: impl AsyncFnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(value) = attempt().await {
            return value;
        }
        assert!(Instant::now() < deadline, "not in time: {what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
