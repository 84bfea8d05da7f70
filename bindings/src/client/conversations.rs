//! Conversations and who is in them.

use super::NativeClient;
use crate::error::Result;
use crate::ids::{count, id};
use crate::types::{Conversation, Member, Person, RoleGrant};

#[uniffi::export]
impl NativeClient {
    /// A page of the list of conversations, the most recently active first.
    ///
    /// Errors: `invalid_argument` for a negative offset and for a limit below 1 or above 200;
    /// `damaged`; `storage`.
    #[uniffi::method(default(offset = 0, limit = 50))]
    pub async fn conversations(&self, offset: i32, limit: i32) -> Result<Vec<Conversation>> {
        let (offset, limit) = (count("offset", offset)?, count("limit", limit)?);
        self.call("conversations", move |client| async move {
            let page = client.conversations(offset, limit).await?;
            Ok(page.into_iter().map(Into::into).collect())
        })
        .await
    }

    /// One conversation.
    ///
    /// Errors: `not_found`; `damaged`; `storage`.
    pub async fn conversation(&self, conversation: String) -> Result<Conversation> {
        let conversation = id(&conversation)?;
        self.call("conversation", move |client| async move {
            client.conversation(conversation).await.map(Into::into)
        })
        .await
    }

    /// Who is in a conversation now.
    ///
    /// Errors: `not_found`; `damaged`; `storage`.
    pub async fn members(&self, conversation: String) -> Result<Vec<Member>> {
        let conversation = id(&conversation)?;
        self.call("members", move |client| async move {
            let members = client.members(conversation).await?;
            Ok(members.into_iter().map(Into::into).collect())
        })
        .await
    }

    /// A code that all members of a conversation share as long as nobody is between them, in six
    /// groups of five digits; it changes with every change of the group. Members who read each
    /// other different codes while both are up to date have been separated by the server.
    ///
    /// Errors: `not_found`; `damaged`; `storage`.
    pub async fn epoch_code(&self, conversation: String) -> Result<Option<String>> {
        let conversation = id(&conversation)?;
        self.call("epoch_code", move |client| async move {
            client.epoch_code(conversation).await
        })
        .await
    }

    /// Opens the direct conversation with somebody: the one there is, or a new one. Works offline;
    /// where both sides begin at the same time, the two become one, and the id given here goes on
    /// to stand for it.
    ///
    /// Errors: `not_signed_in`; `invalid_argument` for an impossible name or the own one;
    /// `outbox_full`; `disk_full`; `rolled_back`; `revoked`.
    pub async fn create_direct(&self, peer: Person) -> Result<String> {
        let peer = peer.into_core()?;
        self.call("create_direct", move |client| async move {
            let conversation = client.create_direct(peer).await;
            conversation.map(|conversation| conversation.to_string())
        })
        .await
    }

    /// Makes a group. Works offline.
    ///
    /// Errors: `not_signed_in`; `invalid_argument` for an impossible user name, and for control
    /// characters in the group's; `too_large` for a name over 256 bytes or too many members;
    /// `outbox_full`; `disk_full`; `rolled_back`; `revoked`.
    pub async fn create_group(&self, name: String, members: Vec<Person>) -> Result<String> {
        let members = people(members)?;
        self.call("create_group", move |client| async move {
            let conversation = client.create_group(name, members).await;
            conversation.map(|conversation| conversation.to_string())
        })
        .await
    }

    /// Adds people to a group, in turn with the messages sent there: who is added before a message
    /// can read it. Only owners and admins may. Gives the outbox item, which fails with
    /// `not_allowed` where the right is lost before it goes out.
    ///
    /// Errors: `not_found`; `not_allowed` without the right and for a direct conversation;
    /// `not_member` where this user was removed; `invalid_argument` for nobody or an impossible
    /// name; `too_large` for more than 32 people at once; `outbox_full`; `disk_full`;
    /// `rolled_back`; `revoked`.
    pub async fn add_members(&self, conversation: String, people: Vec<Person>) -> Result<String> {
        let (conversation, people) = (id(&conversation)?, self::people(people)?);
        self.call("add_members", move |client| async move {
            let item = client.add(conversation, people).await;
            item.map(|item| item.to_string())
        })
        .await
    }

    /// Removes a user from a group; what follows that user can't read. Only owners and admins may.
    /// Gives the outbox item, which fails with `not_allowed` where the right is lost before it goes
    /// out.
    ///
    /// Errors: `not_found`; `not_member` for somebody who is not in it, and where this user was
    /// removed; `not_allowed` without the right and for a direct conversation; `invalid_argument`
    /// for oneself; `outbox_full`; `disk_full`; `rolled_back`; `revoked`.
    pub async fn remove_member(&self, conversation: String, user: String) -> Result<String> {
        let (conversation, user) = (id(&conversation)?, id(&user)?);
        self.call("remove_member", move |client| async move {
            let item = client.remove(conversation, user).await;
            item.map(|item| item.to_string())
        })
        .await
    }

    /// Gives users of a group other roles, all in one step: ownership is handed over by making the
    /// other an owner and oneself something else in one call. Only owners may. Gives the outbox
    /// item.
    ///
    /// Errors: `not_found`; `not_member` for somebody who is not in it; `not_allowed` without being
    /// an owner and for a direct conversation; `last_owner` where nobody would be left as owner;
    /// `invalid_argument`; `outbox_full`; `disk_full`; `rolled_back`; `revoked`.
    pub async fn set_roles(&self, conversation: String, roles: Vec<RoleGrant>) -> Result<String> {
        let conversation = id(&conversation)?;
        let roles = roles
            .into_iter()
            .map(|grant| Ok((id(&grant.user)?, grant.role.into())))
            .collect::<Result<Vec<_>>>()?;
        self.call("set_roles", move |client| async move {
            let item = client.set_roles(conversation, roles).await;
            item.map(|item| item.to_string())
        })
        .await
    }

    /// Leaves a group. The app of another member carries it out; until then whatever would send
    /// something there fails with `wrong_state`. Gives the outbox item.
    ///
    /// Errors: `not_found`; `not_allowed` for a direct conversation; `last_owner`: make somebody
    /// else an owner first; `wrong_state` where this user is leaving already; `outbox_full`;
    /// `disk_full`; `rolled_back`; `revoked`.
    pub async fn leave(&self, conversation: String) -> Result<String> {
        let conversation = id(&conversation)?;
        self.call("leave", move |client| async move {
            let item = client.leave(conversation).await;
            item.map(|item| item.to_string())
        })
        .await
    }

    /// Names a group. Only owners and admins may. Gives the outbox item.
    ///
    /// Errors: `not_found`; `not_allowed` without the right and for a direct conversation;
    /// `not_member` where this user was removed; `invalid_argument` for control characters;
    /// `too_large` over 256 bytes; `outbox_full`; `disk_full`; `rolled_back`; `revoked`.
    pub async fn rename(&self, conversation: String, name: String) -> Result<String> {
        let conversation = id(&conversation)?;
        self.call("rename", move |client| async move {
            let item = client.rename(conversation, name).await;
            item.map(|item| item.to_string())
        })
        .await
    }

    /// Says which conversation is on screen, so that it is fetched first; none for no conversation.
    /// One that is not there may come.
    #[uniffi::method(default(conversation = None))]
    pub async fn focus(&self, conversation: Option<String>) -> Result<()> {
        let conversation = conversation.as_deref().map(id).transpose()?;
        self.call("focus", move |client| async move {
            client.focus(conversation).await
        })
        .await
    }
}

fn people(people: Vec<Person>) -> Result<Vec<whimbrel::types::Person>> {
    people.into_iter().map(Person::into_core).collect()
}
