//! The mode for a person: commands that start with `/`, anything else is sent to the open
//! conversation, and what happens meanwhile appears as it happens.

mod people;

mod devices;

mod secret;

use std::collections::BTreeMap;
use std::time::Duration;

use tokio::sync::mpsc;
use whimbrel::client::Network;
use whimbrel::types::{
    Change, ClientId, Connection, ConversationId, Delivery, DeviceId, IdentityChange, Message,
    MessageKind, Page, UNREAD_MAX, UserId,
};
use whimbrel::{Client, Error, ErrorCode};

use crate::command;
use crate::input::Line;
use crate::linking::Linking;
use crate::show::{self, Names, say};
use crate::{CHANGES_PER_BATCH, shape};

const HELP: &str = "\
  /register NAME          make an account          /login NAME       sign in again
  /link                   make this a further device of an account; /cancel gives up
  /recover NAME           come back without any device
  /re-enrol               where this is an old copy: go on as a new device
  /list                   conversations            /open NUMBER      open one of them
  /with NAME              direct conversation      /group NAME WHO…  new group
  /add WHO…               add to the open group    /remove WHO       remove from it
  /rename NAME            name the open group      /members          who is in it
  /role WHO ROLE          owner, admin or member   /hand-over WHO    make WHO the owner instead
  /leave                  leave the open group     /epoch-code       compare it with all members
  /messages               show it again            any other text    send it
  /edit NUMBER TEXT       change a message         /delete NUMBER    take it back
  /outbox                 what waits to be sent    /retry NUMBER     try it again
  /discard NUMBER         drop it
  /safety-number WHO      compare it with WHO      /accept WHO       rely on a new identity
  /verify WHO             it was compared          /unverify WHO     it no longer counts
  /devices                your devices             /revoke NUMBER    remove a lost one
  /approve                add the device that shows a code
  /recovery-code          write it down            /sign-out         wipe this device
  /offline  /online       as if the network went   /pause  /resume   as if the app did
  /state                  connection and account   /quit             leave";

/// Messages shown when a conversation is opened, and looked at when it changes.
const MESSAGES_SHOWN: u32 = 30;
/// How often the wait to be linked shows that it goes on.
const LINK_PROGRESS: Duration = Duration::from_secs(30);
/// The state that comes and goes without being told.
const CATCHING_UP: &str = shape::connection(Connection::CatchingUp);
/// Conversations in a list.
const CONVERSATIONS_SHOWN: u32 = 100;

/// Talks with a person until `/quit` or the end of input.
pub(crate) async fn run(client: &Client, mut lines: mpsc::Receiver<Line>) {
    let changes = client.subscribe();
    let mut session = Session::new(client.clone());
    say("Whimbrel. /help lists the commands.");
    say(&show::state(&client.state()));
    // A kill has not ended it.
    session.linking.go_on(client, devices::tell_link);
    let mut progress = tokio::time::interval(LINK_PROGRESS);
    progress.reset();
    loop {
        tokio::select! {
            line = lines.recv() => {
                let Some(line) = line else { break };
                match line {
                    Line::Unusable(why) => show::complain(why),
                    Line::Text(text) => {
                        if matches!(text.trim(), "/quit" | "/q") {
                            break;
                        }
                        if let Err(error) = session.obey(text.trim(), &mut lines).await {
                            show::complain(&format!("  {error}"));
                        }
                        if session.is_over {
                            break;
                        }
                    }
                }
            }
            _ = progress.tick() => {
                if session.linking.is_waiting() {
                    session.tell_progress();
                }
            }
            batch = changes.next_batch(CHANGES_PER_BATCH) => {
                let Ok(batch) = batch else { break };
                if let Err(error) = session.notice(&batch).await {
                    show::complain(&format!("  {error}"));
                }
            }
        }
    }
}

struct Session {
    client: Client,
    open: Option<ConversationId>,
    /// Conversations, outbox items and devices by the numbers of their last list.
    listed: Vec<ConversationId>,
    outbox: Vec<ClientId>,
    devices: Vec<DeviceId>,
    linking: Linking,
    link_expires_ms: Option<i64>,
    /// Users whose other identity key was told of.
    told_of: BTreeMap<UserId, IdentityChange>,
    /// Messages of the open conversation by their numbers, and each as it was printed last: what
    /// it is, and how far it had come.
    numbered: Vec<ClientId>,
    printed: BTreeMap<ClientId, (MessageKind, Delivery)>,
    names: Names,
    unread: BTreeMap<ConversationId, u32>,
    connection: &'static str,
    alarm: Option<&'static str>,
    /// The server's last try to slip in a device was told of.
    has_refused: bool,
    /// There is nothing left here to talk about.
    is_over: bool,
}

impl Session {
    fn new(client: Client) -> Self {
        Self {
            connection: shape::connection(client.state().connection),
            client,
            open: None,
            listed: Vec::new(),
            outbox: Vec::new(),
            numbered: Vec::new(),
            printed: BTreeMap::new(),
            names: Names::new(),
            unread: BTreeMap::new(),
            devices: Vec::new(),
            linking: Linking::default(),
            link_expires_ms: None,
            told_of: BTreeMap::new(),
            alarm: None,
            has_refused: false,
            is_over: false,
        }
    }

    async fn obey(&mut self, line: &str, lines: &mut mpsc::Receiver<Line>) -> Result<(), Error> {
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        let rest = rest.trim();
        match word {
            "" => {}
            "/help" | "/?" => say(HELP),
            "/register" | "/login" => self.enter(word, rest, lines).await?,
            "/safety-number" | "/verify" | "/unverify" | "/accept" => {
                self.obey_about_somebody(word, rest).await?;
            }
            "/link" | "/cancel" | "/recover" | "/re-enrol" | "/approve" | "/devices"
            | "/revoke" | "/recovery-code" | "/sign-out" => {
                self.obey_about_devices(word, rest, lines).await?
            }
            "/list" => self.list().await?,
            "/open" => {
                let conversation = numbered(&self.listed, rest, "/list")?;
                self.show(conversation).await?;
            }
            "/with" => {
                let conversation = self.client.create_direct(command::person(rest)?).await?;
                self.show(conversation).await?;
            }
            "/group" => self.group(rest).await?,
            "/offline" => self.client.set_network(Network::Down).await?,
            "/online" => self.client.set_network(Network::Up).await?,
            "/pause" => self.client.pause().await?,
            "/resume" => {
                self.client.resume().await?;
                self.linking.go_on(&self.client, devices::tell_link);
            }
            "/state" => say(&show::state(&self.client.state())),
            "/outbox" => self.list_outbox().await?,
            "/retry" => {
                self.client
                    .retry(numbered(&self.outbox, rest, "/outbox")?)
                    .await?;
            }
            "/discard" => {
                self.client
                    .discard(numbered(&self.outbox, rest, "/outbox")?)
                    .await?;
            }
            _ => self.obey_in_conversation(word, rest, line).await?,
        }
        Ok(())
    }

    /// Commands about the open conversation.
    async fn obey_in_conversation(
        &mut self,
        word: &str,
        rest: &str,
        line: &str,
    ) -> Result<(), Error> {
        let open = self.open.ok_or_else(|| {
            wrong("no conversation is open: /list and /open NUMBER, or /with NAME")
        })?;
        match word {
            "/messages" => self.show(open).await?,
            "/members" => {
                for member in self.client.members(open).await? {
                    say(&show::member(&member));
                }
            }
            "/add" => {
                let people: Result<Vec<_>, _> =
                    rest.split_whitespace().map(command::person).collect();
                self.client.add(open, people?).await?;
            }
            "/remove" => {
                let user = command::people::member(&self.client, open, rest).await?;
                self.client.remove(open, user).await?;
            }
            "/rename" => {
                self.client.rename(open, rest).await?;
            }
            "/role" | "/hand-over" | "/leave" | "/epoch-code" => {
                self.obey_about_roles(open, word, rest).await?;
            }
            "/edit" => {
                let (number, text) = rest.split_once(' ').unwrap_or((rest, ""));
                let message = numbered(&self.numbered, number, "the conversation")?;
                self.client.edit(open, message, text).await?;
            }
            "/delete" => {
                let message = numbered(&self.numbered, rest, "the conversation")?;
                self.client.delete(open, message).await?;
            }
            _ if word.starts_with('/') => return Err(wrong("no such command; /help lists them")),
            _ => {
                self.client.send(open, line).await?;
            }
        }
        Ok(())
    }

    async fn enter(
        &mut self,
        word: &str,
        username: &str,
        lines: &mut mpsc::Receiver<Line>,
    ) -> Result<(), Error> {
        if username.is_empty() {
            return Err(wrong("name the user: /register NAME or /login NAME"));
        }
        let password = secret::ask("password, at least 10 characters", lines).await?;
        let account = if word == "/register" {
            self.client.register(username, password).await?
        } else {
            self.client.sign_in(username, password).await?
        };
        say(&format!("  signed in as {}", account.username));
        if word == "/register" {
            say(
                "  write down your /recovery-code: without it, who loses all devices is a stranger",
            );
        }
        Ok(())
    }

    async fn list(&mut self) -> Result<(), Error> {
        let conversations = self.client.conversations(0, CONVERSATIONS_SHOWN).await?;
        self.listed = conversations
            .iter()
            .map(|conversation| conversation.id)
            .collect();
        for (conversation, number) in conversations.iter().zip(1..) {
            say(&show::conversation(number, conversation));
        }
        if conversations.is_empty() {
            say("  no conversations yet: /with NAME or /group NAME WHO…");
        }
        Ok(())
    }

    async fn group(&mut self, rest: &str) -> Result<(), Error> {
        let mut words = rest.split_whitespace();
        let name = words
            .next()
            .ok_or_else(|| wrong("name the group: /group NAME WHO…"))?;
        let people: Result<Vec<_>, _> = words.map(command::person).collect();
        let conversation = self.client.create_group(name, people?).await?;
        self.show(conversation).await
    }

    async fn list_outbox(&mut self) -> Result<(), Error> {
        let items = self.client.outbox(None).await?;
        self.outbox = items.iter().map(|item| item.id).collect();
        for (item, number) in items.iter().zip(1..) {
            say(&show::outbox_item(number, item, &self.names));
        }
        if items.is_empty() {
            say("  nothing is waiting");
        }
        Ok(())
    }

    /// Opens a conversation and shows its newest messages.
    async fn show(&mut self, conversation: ConversationId) -> Result<(), Error> {
        self.open = Some(conversation);
        self.numbered.clear();
        self.printed.clear();
        self.client.focus(Some(conversation)).await?;
        let record = self.client.conversation(conversation).await?;
        say(&format!("  --- {} ---", show::title(&record)));
        self.refresh(conversation).await
    }

    /// Prints what is new or different among the newest messages, and marks them as read.
    async fn refresh(&mut self, conversation: ConversationId) -> Result<(), Error> {
        for member in self.client.members(conversation).await? {
            self.names
                .insert(member.user, show::name_of(&member.username));
        }
        let own = self.client.account().map(|account| account.user);
        let page = self
            .client
            .messages(conversation, Page::Newest, MESSAGES_SHOWN)
            .await?;
        let mut last_of_others = None;
        for message in &page {
            let at = self.numbered.iter().position(|id| *id == message.id);
            let number = at.map_or(self.numbered.len() + 1, |at| at + 1);
            let line = show::message(number, message, &self.names, own);
            if at.is_none() {
                self.numbered.push(message.id);
                let of_others = own != Some(message.sender);
                if of_others && matches!(message.kind, MessageKind::Text { .. }) {
                    last_of_others = Some(message.id);
                }
            }
            if self.is_worth_a_line(message, page.last()) {
                say(&line);
                let shown = (message.kind.clone(), message.delivery);
                self.printed.insert(message.id, shown);
            }
        }
        if let Some(message) = last_of_others {
            self.client.mark_read(conversation, message).await?;
        }
        Ok(())
    }

    /// A new message is, and one that has become something else. How far messages have come is
    /// told of the newest only, for the others follow it.
    fn is_worth_a_line(&self, message: &Message, newest: Option<&Message>) -> bool {
        match self.printed.get(&message.id) {
            None => true,
            Some((kind, delivery)) => {
                let is_newest = newest.is_some_and(|newest| newest.id == message.id);
                *kind != message.kind || (is_newest && *delivery != message.delivery)
            }
        }
    }

    /// Shows what has changed.
    async fn notice(&mut self, changes: &[Change]) -> Result<(), Error> {
        let everything = changes.contains(&Change::Everything);
        if let Some(open) = self.open {
            let touched = changes.contains(&Change::Messages(open))
                || changes.contains(&Change::Members(open));
            if touched || everything {
                self.refresh(open).await?;
            }
        }
        let of_state = [Change::Connection, Change::Account, Change::Everything];
        if of_state.iter().any(|change| changes.contains(change)) {
            self.notice_state();
        }
        for change in changes {
            if let Change::Conversation(id) = change
                && self.open != Some(*id)
            {
                self.notice_unread(*id).await?;
            }
            if let Change::Contact(user) = change {
                self.notice_identity(*user).await?;
            }
        }
        Ok(())
    }

    fn notice_state(&mut self) {
        let state = self.client.state();
        let connection = shape::connection(state.connection);
        // Every change of the group is a short catching up, which is nobody's business.
        if connection != self.connection && connection != CATCHING_UP {
            self.connection = connection;
            say(&format!("  * {connection}"));
        }
        let alarm = state.alarm.map(show::alarm);
        if alarm != self.alarm
            && let Some(alarm) = alarm
        {
            say(&format!("  * ALARM: {alarm}"));
        }
        self.alarm = alarm;
        let refused = state.last_error == Some(ErrorCode::UntrustedDevice);
        if refused && !self.has_refused {
            say("  * the server has shown a device that its user has not signed for: refused");
        }
        self.has_refused = refused;
    }

    async fn notice_unread(&mut self, id: ConversationId) -> Result<(), Error> {
        let conversation = self.client.conversation(id).await?;
        let before = self.unread.insert(id, conversation.unread).unwrap_or(0);
        if conversation.unread > before {
            let more = if conversation.unread >= UNREAD_MAX {
                " or more"
            } else {
                ""
            };
            let title = show::title(&conversation);
            say(&format!(
                "  * {}{more} unread in {title}",
                conversation.unread
            ));
        }
        Ok(())
    }
}

/// The thing with a number of a list.
fn numbered<T: Copy>(list: &[T], number: &str, of: &str) -> Result<T, Error> {
    let index = number
        .parse::<usize>()
        .ok()
        .and_then(|number| number.checked_sub(1));
    index
        .and_then(|index| list.get(index).copied())
        .ok_or_else(|| wrong(&format!("not a number of {of}: {number}")))
}

fn wrong(reason: &str) -> Error {
    Error::new(ErrorCode::InvalidArgument, reason)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_those_of_the_list() {
        let list = ['a', 'b'];
        assert_eq!(numbered(&list, "2", "/list"), Ok('b'));
        for bad in ["0", "3", "", "x", "-1"] {
            assert!(numbered(&list, bad, "/list").is_err(), "{bad}");
        }
    }
}
