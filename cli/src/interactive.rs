//! The mode for a person: commands that start with `/`, anything else is sent to the open
//! conversation, and what happens meanwhile appears as it happens.

use std::collections::BTreeMap;

use tokio::sync::mpsc;
use whimbrel::client::Network;
use whimbrel::types::{
    Change, ClientId, Connection, ConversationId, Delivery, Message, MessageKind, Page, UNREAD_MAX,
};
use whimbrel::{Client, Error, ErrorCode};

use crate::command;
use crate::input::Line;
use crate::show::{self, Names, say};
use crate::{CHANGES_PER_BATCH, shape};

const HELP: &str = "\
  /register NAME          make an account          /login NAME       sign in again
  /list                   conversations            /open NUMBER      open one of them
  /with NAME              direct conversation      /group NAME WHO…  new group
  /add WHO…               add to the open group    /remove WHO       remove from it
  /rename NAME            name the open group      /members          who is in it
  /messages               show it again            any other text    send it
  /edit NUMBER TEXT       change a message         /delete NUMBER    take it back
  /outbox                 what waits to be sent    /retry NUMBER     try it again
  /discard NUMBER         drop it
  /offline  /online       as if the network went   /pause  /resume   as if the app did
  /state                  connection and account   /quit             leave";

/// Messages shown when a conversation is opened, and looked at when it changes.
const MESSAGES_SHOWN: u32 = 30;
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
                    }
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
    /// Conversations and outbox items by the numbers of their last list.
    listed: Vec<ConversationId>,
    outbox: Vec<ClientId>,
    /// Messages of the open conversation by their numbers, and each as it was printed last: what
    /// it is, and how far it had come.
    numbered: Vec<ClientId>,
    printed: BTreeMap<ClientId, (MessageKind, Delivery)>,
    names: Names,
    unread: BTreeMap<ConversationId, u32>,
    connection: &'static str,
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
        }
    }

    async fn obey(&mut self, line: &str, lines: &mut mpsc::Receiver<Line>) -> Result<(), Error> {
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        let rest = rest.trim();
        match word {
            "" => {}
            "/help" | "/?" => say(HELP),
            "/register" | "/login" => self.enter(word, rest, lines).await?,
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
            "/resume" => self.client.resume().await?,
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
                let user = command::member(&self.client, open, rest).await?;
                self.client.remove(open, user).await?;
            }
            "/rename" => {
                self.client.rename(open, rest).await?;
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
        say("  password, at least 10 characters (it is shown as you type):");
        let Some(Line::Text(password)) = lines.recv().await else {
            return Err(wrong("no password was given"));
        };
        let account = if word == "/register" {
            self.client.register(username, password).await?
        } else {
            self.client.sign_in(username, password).await?
        };
        say(&format!("  signed in as {}", account.username));
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
                .insert(member.user, show::harmless(&member.username));
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
        if everything || changes.contains(&Change::Connection) {
            let connection = shape::connection(self.client.state().connection);
            // Every change of the group is a short catching up, which is nobody's business.
            if connection != self.connection && connection != CATCHING_UP {
                self.connection = connection;
                say(&format!("  * {connection}"));
            }
        }
        for change in changes {
            if let Change::Conversation(id) = change
                && self.open != Some(*id)
            {
                self.notice_unread(*id).await?;
            }
        }
        Ok(())
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
