//! What an app can do: each call is one transaction, and returns when it is durable.

use super::Client;
use crate::error::{Error, Result};
use crate::event::{Command, Reply};
use crate::types::{ClientId, ConversationId, Person, Role, UserId};

impl Client {
    /// Opens the direct conversation with somebody: the one there is, or a new one. Works
    /// offline; where both sides begin at the same time, the two become one, and the id returned
    /// here goes on to stand for it.
    ///
    /// # Errors
    /// `NotSignedIn`; `InvalidArgument` for an impossible name or the own one; `OutboxFull`;
    /// `DiskFull`; `RolledBack`; `Revoked`.
    pub async fn create_direct(&self, peer: Person) -> Result<ConversationId> {
        conversation(self.shared.command(Command::CreateDirect { peer }).await?)
    }

    /// Makes a group. Works offline.
    ///
    /// # Errors
    /// `NotSignedIn`; `InvalidArgument` for an impossible user name, and for control characters in
    /// the group's; `TooLarge` for a name over 256 bytes or too many members; `OutboxFull`;
    /// `DiskFull`; `RolledBack`; `Revoked`.
    pub async fn create_group(
        &self,
        name: impl Into<String>,
        members: Vec<Person>,
    ) -> Result<ConversationId> {
        let name = name.into();
        conversation(
            self.shared
                .command(Command::CreateGroup { name, members })
                .await?,
        )
    }

    /// Adds people to a group, in turn with the messages sent there: who is added before a
    /// message can read it. Returns the outbox item, which fails with `NotAllowed` without the
    /// right to.
    ///
    /// # Errors
    /// `NotFound`; `NotAllowed` for a direct conversation; `NotMember` where this user was removed;
    /// `InvalidArgument` for nobody or an impossible name; `TooLarge` for more than 32 people at
    /// once; `OutboxFull`; `DiskFull`; `RolledBack`; `Revoked`.
    pub async fn add(&self, conversation: ConversationId, people: Vec<Person>) -> Result<ClientId> {
        item(
            self.shared
                .command(Command::Add {
                    conversation,
                    people,
                })
                .await?,
        )
    }

    /// Removes a user from a group; what follows that user can't read. Returns the outbox item,
    /// which fails with `NotAllowed` without the right to.
    ///
    /// # Errors
    /// `NotFound`; `NotMember` for somebody who is not in it, and where this user was removed;
    /// `NotAllowed` for a direct conversation; `InvalidArgument` for oneself; `OutboxFull`;
    /// `DiskFull`; `RolledBack`; `Revoked`.
    pub async fn remove(&self, conversation: ConversationId, user: UserId) -> Result<ClientId> {
        item(
            self.shared
                .command(Command::Remove { conversation, user })
                .await?,
        )
    }

    /// Gives users of a group other roles, all in one step: ownership is handed over by making
    /// the other an owner and oneself something else in one call. Only owners may. Returns the
    /// outbox item.
    ///
    /// # Errors
    /// `NotFound`; `NotMember` for somebody who is not in it; `NotAllowed` without being an owner
    /// and for a direct conversation; `LastOwner` where nobody would be left as owner;
    /// `InvalidArgument`; `OutboxFull`; `DiskFull`; `RolledBack`; `Revoked`.
    pub async fn set_roles(
        &self,
        conversation: ConversationId,
        roles: Vec<(UserId, Role)>,
    ) -> Result<ClientId> {
        item(
            self.shared
                .command(Command::SetRoles {
                    conversation,
                    roles,
                })
                .await?,
        )
    }

    /// Leaves a group. The app of another member carries it out; until then whatever would send
    /// something there fails with `WrongState`. Returns the outbox item.
    ///
    /// # Errors
    /// `NotFound`; `NotAllowed` for a direct conversation; `LastOwner`: make somebody else an owner
    /// first; `WrongState` where this user is leaving already; `OutboxFull`; `DiskFull`;
    /// `RolledBack`; `Revoked`.
    pub async fn leave(&self, conversation: ConversationId) -> Result<ClientId> {
        item(self.shared.command(Command::Leave { conversation }).await?)
    }

    /// Relies on the new identity of a user from now on: what waited for it is sent. Compare the
    /// safety number first; see [`Self::contact`].
    ///
    /// # Errors
    /// `NotFound` for somebody never met; `InvalidArgument` for oneself.
    pub async fn accept_identity(&self, user: UserId) -> Result<()> {
        self.shared
            .command(Command::AcceptIdentity { user })
            .await
            .map(|_| ())
    }

    /// Keeps that the safety number of a user was compared and fitted, or that this no longer
    /// holds. A change of identity stops sending until it is accepted: in the direct conversation
    /// with the user, and for a verified user in every group, too.
    ///
    /// # Errors
    /// `NotFound` for somebody never met; `IdentityChanged` where a new identity is not accepted
    /// yet; `InvalidArgument` for oneself.
    pub async fn set_verified(&self, user: UserId, verified: bool) -> Result<()> {
        self.shared
            .command(Command::SetVerified { user, verified })
            .await
            .map(|_| ())
    }

    /// Names a group. Only owners and admins may. Returns the outbox item.
    ///
    /// # Errors
    /// `NotFound`; `NotAllowed` for a direct conversation; `NotMember` where this user was removed;
    /// `InvalidArgument` for control characters; `TooLarge` over 256 bytes; `OutboxFull`;
    /// `DiskFull`; `RolledBack`; `Revoked`.
    pub async fn rename(
        &self,
        conversation: ConversationId,
        name: impl Into<String>,
    ) -> Result<ClientId> {
        let name = name.into();
        item(
            self.shared
                .command(Command::Rename { conversation, name })
                .await?,
        )
    }

    /// Sends text. When it returns, the message survives a kill and a power cut, and is sent as
    /// soon as that is possible. Returns the message's id, which is the same on every device.
    ///
    /// # Errors
    /// `NotFound`; `InvalidArgument` for empty text; `TooLarge` over 16 KiB; `NotMember` where this
    /// user was removed; `OutboxFull`; `DiskFull`; `RolledBack`; `Revoked`.
    pub async fn send(
        &self,
        conversation: ConversationId,
        text: impl Into<String>,
    ) -> Result<ClientId> {
        let text = text.into();
        item(
            self.shared
                .command(Command::Send { conversation, text })
                .await?,
        )
    }

    /// Changes the text of an own message. One that was never written to a connection is simply
    /// another text; otherwise an edit message follows it.
    ///
    /// # Errors
    /// `NotFound`; `NotAllowed` for a message of somebody else; `WrongState` for one that is no
    /// text; `InvalidArgument`; `TooLarge`; `OutboxFull`; `DiskFull`; `RolledBack`; `Revoked`.
    pub async fn edit(
        &self,
        conversation: ConversationId,
        message: ClientId,
        text: impl Into<String>,
    ) -> Result<()> {
        let text = text.into();
        let command = Command::Edit {
            conversation,
            message,
            text,
        };
        self.shared.command(command).await.map(|_| ())
    }

    /// Takes an own message back. One that was never written to a connection leaves no trace;
    /// otherwise a delete message follows it.
    ///
    /// # Errors
    /// `NotFound`; `NotAllowed` for a message of somebody else; `WrongState` for one that is no
    /// text or was taken back already; `OutboxFull`; `DiskFull`; `RolledBack`; `Revoked`.
    pub async fn delete(&self, conversation: ConversationId, message: ClientId) -> Result<()> {
        let command = Command::Delete {
            conversation,
            message,
        };
        self.shared.command(command).await.map(|_| ())
    }

    /// Marks everything up to a message as read, here and for the others to see. Marks never
    /// go back.
    ///
    /// # Errors
    /// `NotFound`; `DiskFull`.
    pub async fn mark_read(&self, conversation: ConversationId, message: ClientId) -> Result<()> {
        let command = Command::MarkRead {
            conversation,
            message,
        };
        self.shared.command(command).await.map(|_| ())
    }

    /// Tries a failed outbox item, and what waits behind it, again now. One that has not failed
    /// goes on as it would have.
    ///
    /// # Errors
    /// `NotFound`; `DiskFull`; `RolledBack`; `Revoked`.
    pub async fn retry(&self, item: ClientId) -> Result<()> {
        self.shared
            .command(Command::Retry { item })
            .await
            .map(|_| ())
    }

    /// Takes an item out of the outbox; a queued message is gone with it. One that may already
    /// have reached the server is taken back by a delete message. Discarding an edit or a deletion
    /// gives the message its former text back. Discarding the founding of a conversation, or the
    /// invitation that a direct one was opened for, discards the conversation with everything
    /// queued in it. Works with a full disk.
    ///
    /// # Errors
    /// `NotFound`; `WrongState` for an item other than a message that is or may be at the server;
    /// `NotAllowed` for the invitation of the other user of a direct conversation that is there.
    pub async fn discard(&self, item: ClientId) -> Result<()> {
        self.shared
            .command(Command::Discard { item })
            .await
            .map(|_| ())
    }

    /// Says which conversation is on screen, so that it is fetched first. One that is not there
    /// may come.
    ///
    /// # Errors
    /// Those of every call.
    pub async fn focus(&self, conversation: Option<ConversationId>) -> Result<()> {
        self.shared
            .command(Command::Focus(conversation))
            .await
            .map(|_| ())
    }
}

fn conversation(reply: Reply) -> Result<ConversationId> {
    match reply {
        Reply::Conversation(conversation) => Ok(conversation),
        other => Err(unexpected(&other)),
    }
}

fn item(reply: Reply) -> Result<ClientId> {
    match reply {
        Reply::Item(item) => Ok(item),
        other => Err(unexpected(&other)),
    }
}

/// The name of the variant, not what is in it.
pub(super) fn unexpected(reply: &Reply) -> Error {
    let name = match reply {
        Reply::Done => "done",
        Reply::Registration(_) => "registration",
        Reply::Device(_) => "device",
        Reply::Conversation(_) => "conversation",
        Reply::Item(_) => "item",
        Reply::LinkStarted(_) => "link started",
        Reply::LinkWaits(_) => "link waits",
        Reply::LinkSignIn(_) => "link sign-in",
        Reply::LinkGrant(_) => "link grant",
        Reply::Recovery(_) => "recovery",
        Reply::AccessToken(_) => "access token",
    };
    Error::internal(format!("the engine gave the unexpected answer \"{name}\""))
}
