//! What an app can read: each call sees one moment of the database, and never waits for the
//! engine.

use super::Client;
use crate::error::Result;
use crate::query;
use crate::types::{
    ClientId, Contact, Conversation, ConversationId, Member, Message, OutboxItem, Page, UserId,
};

impl Client {
    /// A page of the list of conversations, the most recently active first.
    ///
    /// # Errors
    /// `InvalidArgument` for a limit of 0 or above
    /// [`PAGE_CONVERSATIONS_MAX`](query::PAGE_CONVERSATIONS_MAX); `Damaged`; `Storage`.
    pub async fn conversations(&self, offset: u32, limit: u32) -> Result<Vec<Conversation>> {
        let readers = self.shared.readers()?;
        readers
            .run(move |read| query::conversations(read, offset, limit))
            .await
    }

    /// One conversation.
    ///
    /// # Errors
    /// `NotFound`; `Damaged`; `Storage`.
    pub async fn conversation(&self, conversation: ConversationId) -> Result<Conversation> {
        let readers = self.shared.readers()?;
        readers
            .run(move |read| query::conversation(read, conversation))
            .await
    }

    /// A page of messages, in the order of the conversation: by number, and behind them those
    /// that wait for one.
    ///
    /// # Errors
    /// `NotFound` where conversation or message is unknown; `InvalidArgument` for a limit of 0 or
    /// above [`PAGE_MESSAGES_MAX`](crate::types::PAGE_MESSAGES_MAX); `Damaged`; `Storage`.
    pub async fn messages(
        &self,
        conversation: ConversationId,
        page: Page,
        limit: u32,
    ) -> Result<Vec<Message>> {
        let readers = self.shared.readers()?;
        readers
            .run(move |read| query::messages(read, conversation, page, limit))
            .await
    }

    /// One message.
    ///
    /// # Errors
    /// `NotFound`; `Damaged`; `Storage`.
    pub async fn message(
        &self,
        conversation: ConversationId,
        message: ClientId,
    ) -> Result<Message> {
        let readers = self.shared.readers()?;
        readers
            .run(move |read| query::message(read, conversation, message))
            .await
    }

    /// Who is in a conversation now.
    ///
    /// # Errors
    /// `NotFound`; `Damaged`; `Storage`.
    pub async fn members(&self, conversation: ConversationId) -> Result<Vec<Member>> {
        let readers = self.shared.readers()?;
        readers
            .run(move |read| query::members(read, conversation))
            .await
    }

    /// Somebody whom this user has met in a conversation: the name, the safety number to compare,
    /// and whether the user's identity has changed.
    ///
    /// # Errors
    /// `NotFound` for somebody never met, and for oneself; `Damaged`; `Storage`.
    pub async fn contact(&self, user: UserId) -> Result<Contact> {
        let readers = self.shared.readers()?;
        readers.run(move |read| query::contact(read, user)).await
    }

    /// A code that all members of a conversation share as long as nobody is between them, in six
    /// groups of five digits; it changes with every change of the group. Members who read each
    /// other different codes while both are up to date have been separated by the server.
    ///
    /// # Errors
    /// `NotFound`; `Damaged`; `Storage`.
    pub async fn epoch_code(&self, conversation: ConversationId) -> Result<Option<String>> {
        let readers = self.shared.readers()?;
        readers
            .run(move |read| query::epoch_code(read, conversation))
            .await
    }

    /// What waits to be sent, in order: everywhere, or in one conversation.
    ///
    /// # Errors
    /// `NotFound`; `Damaged`; `Storage`.
    pub async fn outbox(&self, conversation: Option<ConversationId>) -> Result<Vec<OutboxItem>> {
        let readers = self.shared.readers()?;
        readers
            .run(move |read| query::outbox(read, conversation))
            .await
    }
}
