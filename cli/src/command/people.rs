//! Commands about who somebody is, and what users may do in a conversation.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use whimbrel::query::PAGE_CONVERSATIONS_MAX;
use whimbrel::types::{ClientId, ConversationId, Person, Role, UserId};
use whimbrel::{Client, Error, ErrorCode};

use super::{Command, conversation_id, invalid, person};
use crate::shape;

/// Does what is asked for and gives the `result` of the answer.
pub(super) async fn execute(client: &Client, command: Command) -> Result<Value, Error> {
    match command {
        Command::Role {
            conversation,
            user,
            role,
        } => {
            let conversation = conversation_id(&conversation)?;
            let user = member(client, conversation, &user).await?;
            let item = client.set_roles(conversation, vec![(user, role)]).await?;
            Ok(json!({ "item": item.to_string() }))
        }
        Command::HandOver { conversation, user } => {
            let conversation = conversation_id(&conversation)?;
            let item = hand_over(client, conversation, &user).await?;
            Ok(json!({ "item": item.to_string() }))
        }
        Command::Leave { conversation } => {
            let item = client.leave(conversation_id(&conversation)?).await?;
            Ok(json!({ "item": item.to_string() }))
        }
        Command::EpochCode { conversation } => {
            let code = client.epoch_code(conversation_id(&conversation)?).await?;
            Ok(json!({ "code": code }))
        }
        Command::SafetyNumber { user } => {
            let user = acquaintance(client, &user).await?;
            Ok(shape::contact(&client.contact(user).await?))
        }
        Command::Verify { user, scanned } => {
            let user = acquaintance(client, &user).await?;
            verify(client, user, scanned.as_deref()).await?;
            Ok(Value::Null)
        }
        Command::Unverify { user } => {
            let user = acquaintance(client, &user).await?;
            client.set_verified(user, false).await?;
            Ok(Value::Null)
        }
        Command::Accept { user } => {
            let user = acquaintance(client, &user).await?;
            client.accept_identity(user).await?;
            Ok(Value::Null)
        }
        _ => Err(invalid("this command is about something else")),
    }
}

/// Makes somebody else an owner and this user an admin, in one step.
pub(crate) async fn hand_over(
    client: &Client,
    conversation: ConversationId,
    successor: &str,
) -> Result<ClientId, Error> {
    let successor = member(client, conversation, successor).await?;
    let own = client
        .account()
        .ok_or_else(|| Error::new(ErrorCode::NotSignedIn, "nobody is signed in"))?
        .user;
    if successor == own {
        return Err(invalid("somebody else has to be the new owner"));
    }
    let roles = vec![(successor, Role::Owner), (own, Role::Admin)];
    client.set_roles(conversation, roles).await
}

/// Keeps that the safety number was compared; where a picture was scanned, only if it fits.
async fn verify(client: &Client, user: UserId, scanned: Option<&str>) -> Result<(), Error> {
    if let Some(scanned) = scanned {
        let number = client.contact(user).await?.safety_number;
        let fits = number.matches_qr(scanned);
        if !fits.map_err(|_| invalid("`scanned` is no safety number"))? {
            return Err(Error::new(
                ErrorCode::NotAllowed,
                "the scanned picture shows another safety number",
            ));
        }
    }
    client.set_verified(user, true).await
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
            let named = members.into_iter().filter(|member| member.username == name);
            only_one(named.map(|member| member.user).collect())
        }
    }
}

/// Somebody who is in a conversation with this user, by name or by `id:` and 32 digits.
pub(crate) async fn acquaintance(client: &Client, text: &str) -> Result<UserId, Error> {
    let name = match person(text)? {
        Person::Id(user) => return Ok(user),
        Person::Username(name) => name,
    };
    let mut found = BTreeSet::new();
    let mut offset = 0;
    loop {
        let page = client.conversations(offset, PAGE_CONVERSATIONS_MAX).await?;
        for conversation in &page {
            let members = client.members(conversation.id).await?;
            let named = members.into_iter().filter(|member| member.username == name);
            found.extend(named.map(|member| member.user));
        }
        if page.is_empty() {
            return only_one(found);
        }
        offset += PAGE_CONVERSATIONS_MAX;
    }
}

/// A name is the server's word and a certificate's. Where two users go by one, neither is meant.
fn only_one(found: BTreeSet<UserId>) -> Result<UserId, Error> {
    let mut found = found.into_iter();
    match (found.next(), found.next()) {
        (Some(user), None) => Ok(user),
        (None, _) => Err(Error::new(
            ErrorCode::NotFound,
            "no member of a conversation here has this name",
        )),
        (Some(_), Some(_)) => Err(invalid(
            "two users here go by this name: name the one by `id:` and the user id",
        )),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    #[test]
    fn a_name_that_two_users_go_by_means_nobody() {
        let user = |digit: &str| digit.repeat(32).parse::<UserId>().unwrap();
        let one = user("1");
        assert_eq!(only_one(BTreeSet::from([one])), Ok(one));
        let two = only_one(BTreeSet::from([one, user("2")]));
        assert_eq!(two.unwrap_err().code, ErrorCode::InvalidArgument);
        let none = only_one(BTreeSet::new());
        assert_eq!(none.unwrap_err().code, ErrorCode::NotFound);
    }
}
