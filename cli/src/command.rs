//! Commands: what can be asked for, in the words of docs/CLI.md, and how the library does it.

use std::time::Duration;

use serde::Deserialize;
use serde_json::{Value, json};
use whimbrel::client::Network;
use whimbrel::types::{ClientId, ConversationId, Page, Person, UserId};
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
        password: String,
    },
    Login {
        username: String,
        password: String,
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
            let account = client.register(username, password).await?;
            Ok(shape::account(&account))
        }
        Command::Login { username, password } => {
            let account = client.sign_in(username, password).await?;
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
            let user = member(client, conversation, &user).await?;
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

/// A member of a conversation, by name or by `id:` and 32 digits.
pub(crate) async fn member(
    client: &Client,
    conversation: ConversationId,
    text: &str,
) -> Result<UserId, Error> {
    match person(text)? {
        Person::Id(user) => Ok(user),
        Person::Username(name) => {
            let members = client.members(conversation).await?;
            let found = members.into_iter().find(|member| member.username == name);
            found.map(|member| member.user).ok_or_else(|| {
                Error::new(
                    ErrorCode::NotFound,
                    "no member of this conversation has this name",
                )
            })
        }
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
        ] {
            serde_json::from_str::<Command>(line).unwrap();
        }
    }

    #[test]
    fn misspelled_fields_and_commands_are_refused() {
        for line in [
            r#"{"cmd":"fly"}"#,
            r#"{"cmd":"send","conversation":"00","txt":"x"}"#,
            r#"{"cmd":"outbox","conversatoin":"00"}"#,
            r#"{}"#,
            r#"[]"#,
        ] {
            assert!(serde_json::from_str::<Command>(line).is_err(), "{line}");
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
