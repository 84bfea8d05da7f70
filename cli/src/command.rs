//! Commands: what can be asked for, in the words of docs/CLI.md, and how the library does it.
//!
//! [`Command`] is the list. [`people`] has those about who somebody is and what they may do,
//! [`devices`] those about the user's own devices; the others are here.

pub(crate) mod people;

pub(crate) mod devices;

use std::fmt;
use std::time::Duration;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use serde_json::{Value, json};
use whimbrel::client::Network;
use whimbrel::types::{ClientId, ConversationId, Page, Person, Role};
use whimbrel::{Client, Error, ErrorCode};

use crate::shape;

/// Messages and conversations that a page holds when nothing else is asked for.
const PAGE_USUAL: u32 = 50;

/// What can be asked for.
#[derive(Debug, Deserialize)]
#[serde(tag = "cmd", rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum Command {
    Register {
        username: String,
        password: Secret,
    },
    Login {
        username: String,
        password: Secret,
    },
    Create {
        direct: Option<String>,
        name: Option<String>,
        #[serde(default)]
        members: Vec<String>,
    },
    Add {
        conversation: String,
        people: Vec<String>,
    },
    Remove {
        conversation: String,
        user: String,
    },
    Rename {
        conversation: String,
        name: String,
    },
    Send {
        conversation: String,
        text: String,
    },
    Edit {
        conversation: String,
        message: String,
        text: String,
    },
    Delete {
        conversation: String,
        message: String,
    },
    Read {
        conversation: String,
        message: String,
    },
    Messages {
        conversation: String,
        before: Option<String>,
        after: Option<String>,
        around: Option<String>,
        limit: Option<u32>,
    },
    Conversations {
        #[serde(default)]
        offset: u32,
        limit: Option<u32>,
    },
    Members {
        conversation: String,
    },
    Role {
        conversation: String,
        user: String,
        role: Role,
    },
    HandOver {
        conversation: String,
        user: String,
    },
    Leave {
        conversation: String,
    },
    EpochCode {
        conversation: String,
    },
    SafetyNumber {
        user: String,
    },
    Verify {
        user: String,
        scanned: Option<String>,
    },
    Unverify {
        user: String,
    },
    Accept {
        user: String,
    },
    Link {},
    CancelLink {},
    LinkInspect {
        code: Secret,
    },
    Approve {
        code: Secret,
    },
    Refuse {
        code: Secret,
    },
    Devices {},
    Revoke {
        device: String,
    },
    RecoveryCode {},
    Recover {
        username: String,
        password: Secret,
        code: Option<Secret>,
    },
    ReEnrol {
        password: Secret,
    },
    SignOut {
        #[serde(default)]
        force: bool,
    },
    Outbox {
        conversation: Option<String>,
    },
    Retry {
        item: String,
    },
    Discard {
        item: String,
    },
    Focus {
        conversation: Option<String>,
    },
    Connectivity {
        network: NetworkWord,
    },
    Pause {},
    Resume {},
    Sync {
        budget_ms: u64,
    },
    State {},
    Quit {},
}

/// A password or a code. It is never printed, not even in the complaint that it is none.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Secret(pub(crate) String);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from)
            .map(Self)
            .map_err(|_| D::Error::custom("a password or code must be text"))
    }
}

/// The two words of `connectivity`.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum NetworkWord {
    Up,
    Down,
}

/// Does what is asked for and gives the `result` of the answer.
pub(crate) async fn execute(client: &Client, command: Command) -> Result<Value, Error> {
    match command {
        Command::Register { username, password } => {
            let account = client.register(username, password.0).await?;
            Ok(shape::account(&account))
        }
        Command::Login { username, password } => {
            let account = client.sign_in(username, password.0).await?;
            Ok(shape::account(&account))
        }
        Command::Messages { .. }
        | Command::Conversations { .. }
        | Command::Members { .. }
        | Command::Outbox { .. }
        | Command::State {} => query(client, command).await,
        Command::Connectivity { .. }
        | Command::Pause {}
        | Command::Resume {}
        | Command::Sync { .. }
        | Command::Focus { .. }
        | Command::Quit {} => control(client, command).await,
        Command::Role { .. }
        | Command::HandOver { .. }
        | Command::Leave { .. }
        | Command::EpochCode { .. }
        | Command::SafetyNumber { .. }
        | Command::Verify { .. }
        | Command::Unverify { .. }
        | Command::Accept { .. } => people::execute(client, command).await,
        Command::Link {}
        | Command::CancelLink {}
        | Command::LinkInspect { .. }
        | Command::Approve { .. }
        | Command::Refuse { .. }
        | Command::Devices {}
        | Command::Revoke { .. }
        | Command::RecoveryCode {}
        | Command::Recover { .. }
        | Command::ReEnrol { .. }
        | Command::SignOut { .. } => devices::execute(client, command).await,
        change => change_something(client, change).await,
    }
}

async fn query(client: &Client, command: Command) -> Result<Value, Error> {
    match command {
        Command::Messages {
            conversation,
            before,
            after,
            around,
            limit,
        } => {
            let page = page(before, after, around)?;
            let limit = limit.unwrap_or(PAGE_USUAL);
            let found = client.messages(conversation_id(&conversation)?, page, limit);
            Ok(shape::list(&found.await?, shape::message))
        }
        Command::Conversations { offset, limit } => {
            let limit = limit.unwrap_or(PAGE_USUAL);
            let found = client.conversations(offset, limit).await?;
            Ok(shape::list(&found, shape::conversation))
        }
        Command::Members { conversation } => {
            let found = client.members(conversation_id(&conversation)?).await?;
            Ok(shape::list(&found, shape::member))
        }
        Command::Outbox { conversation } => {
            let conversation = conversation.as_deref().map(conversation_id).transpose()?;
            let found = client.outbox(conversation).await?;
            Ok(shape::list(&found, shape::outbox_item))
        }
        _ => Ok(shape::state(&client.state())),
    }
}

async fn control(client: &Client, command: Command) -> Result<Value, Error> {
    match command {
        Command::Connectivity { network } => {
            let network = match network {
                NetworkWord::Up => Network::Up,
                NetworkWord::Down => Network::Down,
            };
            client.set_network(network).await?;
        }
        Command::Pause {} => client.pause().await?,
        Command::Resume {} => client.resume().await?,
        Command::Sync { budget_ms } => {
            let outcome = client.sync_once(Duration::from_millis(budget_ms)).await?;
            return Ok(json!({ "outcome": shape::sync_outcome(outcome) }));
        }
        Command::Focus { conversation } => {
            let conversation = conversation.as_deref().map(conversation_id).transpose()?;
            client.focus(conversation).await?;
        }
        // `quit` is done by whoever reads the lines.
        _ => {}
    }
    Ok(Value::Null)
}

async fn change_something(client: &Client, command: Command) -> Result<Value, Error> {
    match command {
        Command::Create {
            direct,
            name,
            members,
        } => create(client, direct, name, members).await,
        Command::Add {
            conversation,
            people,
        } => {
            let people = persons(&people)?;
            let item = client.add(conversation_id(&conversation)?, people).await?;
            Ok(json!({ "item": item.to_string() }))
        }
        Command::Remove { conversation, user } => {
            let conversation = conversation_id(&conversation)?;
            let user = people::member(client, conversation, &user).await?;
            let item = client.remove(conversation, user).await?;
            Ok(json!({ "item": item.to_string() }))
        }
        Command::Rename { conversation, name } => {
            let item = client.rename(conversation_id(&conversation)?, name);
            Ok(json!({ "item": item.await?.to_string() }))
        }
        Command::Send { conversation, text } => {
            let message = client.send(conversation_id(&conversation)?, text).await?;
            Ok(json!({ "message": message.to_string() }))
        }
        Command::Edit {
            conversation,
            message,
            text,
        } => {
            let message = client_id(&message)?;
            let conversation = conversation_id(&conversation)?;
            client.edit(conversation, message, text).await?;
            Ok(Value::Null)
        }
        Command::Delete {
            conversation,
            message,
        } => {
            let message = client_id(&message)?;
            let conversation = conversation_id(&conversation)?;
            client.delete(conversation, message).await?;
            Ok(Value::Null)
        }
        Command::Read {
            conversation,
            message,
        } => {
            let message = client_id(&message)?;
            let conversation = conversation_id(&conversation)?;
            client.mark_read(conversation, message).await?;
            Ok(Value::Null)
        }
        Command::Retry { item } => {
            client.retry(client_id(&item)?).await?;
            Ok(Value::Null)
        }
        Command::Discard { item } => {
            client.discard(client_id(&item)?).await?;
            Ok(Value::Null)
        }
        _ => Err(invalid("this command changes nothing")),
    }
}

async fn create(
    client: &Client,
    direct: Option<String>,
    name: Option<String>,
    members: Vec<String>,
) -> Result<Value, Error> {
    let conversation = match (direct, name) {
        (Some(peer), None) if members.is_empty() => client.create_direct(person(&peer)?).await?,
        (None, name) => {
            let name = name.unwrap_or_default();
            client.create_group(name, persons(&members)?).await?
        }
        (Some(_), _) => {
            return Err(invalid(
                "`direct` stands alone: a direct conversation has no name and no other members",
            ));
        }
    };
    Ok(json!({ "conversation": conversation.to_string() }))
}

fn page(
    before: Option<String>,
    after: Option<String>,
    around: Option<String>,
) -> Result<Page, Error> {
    match (before, after, around) {
        (None, None, None) => Ok(Page::Newest),
        (Some(id), None, None) => Ok(Page::Before(client_id(&id)?)),
        (None, Some(id), None) => Ok(Page::After(client_id(&id)?)),
        (None, None, Some(id)) => Ok(Page::Around(client_id(&id)?)),
        _ => Err(invalid("only one of `before`, `after` and `around`")),
    }
}

/// A person: a user name, or `id:` and 32 hexadecimal digits. No user name has a colon.
pub(crate) fn person(text: &str) -> Result<Person, Error> {
    match text.strip_prefix("id:") {
        Some(id) => id
            .parse()
            .map(Person::Id)
            .map_err(|_| invalid("`id:` is followed by 32 hexadecimal digits")),
        None => Ok(Person::Username(text.to_owned())),
    }
}

fn persons(texts: &[String]) -> Result<Vec<Person>, Error> {
    texts.iter().map(|text| person(text)).collect()
}

fn conversation_id(text: &str) -> Result<ConversationId, Error> {
    text.parse()
        .map_err(|_| invalid("a conversation is 32 hexadecimal digits"))
}

fn client_id(text: &str) -> Result<ClientId, Error> {
    text.parse()
        .map_err(|_| invalid("a message or outbox item is 32 hexadecimal digits"))
}

fn invalid(reason: &str) -> Error {
    Error::new(ErrorCode::InvalidArgument, reason)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn commands_have_the_names_of_the_manual() {
        for line in [
            r#"{"cmd":"register","username":"alice","password":"x"}"#,
            r#"{"cmd":"create","direct":"bob"}"#,
            r#"{"cmd":"create","name":"Choir","members":["bob"]}"#,
            r#"{"cmd":"connectivity","network":"down"}"#,
            r#"{"cmd":"conversations"}"#,
            r#"{"cmd":"outbox"}"#,
            r#"{"cmd":"pause"}"#,
            r#"{"cmd":"quit"}"#,
            r#"{"cmd":"role","conversation":"00","user":"bob","role":"admin"}"#,
            r#"{"cmd":"hand_over","conversation":"00","user":"bob"}"#,
            r#"{"cmd":"safety_number","user":"bob"}"#,
            r#"{"cmd":"verify","user":"bob","scanned":"x"}"#,
            r#"{"cmd":"link"}"#,
            r#"{"cmd":"link_inspect","code":"x"}"#,
            r#"{"cmd":"recovery_code"}"#,
            r#"{"cmd":"recover","username":"alice","password":"x"}"#,
            r#"{"cmd":"re_enrol","password":"x"}"#,
            r#"{"cmd":"sign_out"}"#,
        ] {
            serde_json::from_str::<Command>(line).unwrap();
        }
    }

    #[test]
    fn the_manual_lists_every_command_and_no_other() {
        // A complaint about an unknown command names all there are, each in backquotes.
        let complaint = serde_json::from_str::<Command>(r#"{"cmd":"?"}"#).unwrap_err();
        let complaint = complaint.to_string();
        let known: BTreeSet<&str> = complaint.split('`').skip(3).step_by(2).collect();
        let manual = include_str!("../../docs/CLI.md");
        let table = manual.split("| `cmd` |").nth(1).unwrap();
        let rows = table
            .lines()
            .skip(2)
            .take_while(|line| line.starts_with('|'));
        let listed: BTreeSet<&str> = rows.map(|row| row.split('`').nth(1).unwrap()).collect();
        assert_eq!(listed, known);
    }

    #[test]
    fn misspelled_fields_and_commands_are_refused() {
        for line in [
            r#"{"cmd":"fly"}"#,
            r#"{"cmd":"send","conversation":"00","txt":"x"}"#,
            r#"{"cmd":"outbox","conversatoin":"00"}"#,
            r#"{"cmd":"role","conversation":"00","user":"bob","role":"king"}"#,
            r#"{"cmd":"link","code":"x"}"#,
            r#"{}"#,
            r#"[]"#,
        ] {
            assert!(serde_json::from_str::<Command>(line).is_err(), "{line}");
        }
    }

    #[test]
    fn secrets_are_in_no_message() {
        let line = r#"{"cmd":"login","username":"alice","password":"swordfish"}"#;
        let command = serde_json::from_str::<Command>(line).unwrap();
        assert!(!format!("{command:?}").contains("swordfish"));
        for line in [
            r#"{"cmd":"login","username":"alice","password":31415926}"#,
            r#"{"cmd":"approve","code":["31415926"]}"#,
            r#"{"cmd":"recover","username":"alice","password":"x","code":31415926}"#,
        ] {
            let error = serde_json::from_str::<Command>(line).unwrap_err();
            assert!(!error.to_string().contains("31415926"), "{error}");
        }
    }

    #[test]
    fn people_are_names_or_ids() {
        let digits = "a7".repeat(16);
        assert_eq!(person(&digits).unwrap(), Person::Username(digits.clone()));
        assert!(matches!(person(&format!("id:{digits}")), Ok(Person::Id(_))));
        assert!(person("id:zz").is_err());
    }

    #[test]
    fn a_page_has_one_anchor() {
        let id = || Some("0".repeat(32));
        assert!(page(id(), id(), None).is_err());
        assert_eq!(page(None, None, None).unwrap(), Page::Newest);
        assert!(matches!(page(None, None, id()), Ok(Page::Around(_))));
    }
}
