//! Messages and the outbox.

use super::NativeClient;
use crate::error::Result;
use crate::ids::{count, id};
use crate::types::{Message, MessagePage, OutboxItem};

#[uniffi::export]
impl NativeClient {
    /// A page of messages, in the order of the conversation: by number, and behind them those that
    /// wait for one.
    ///
    /// Errors: `not_found` where conversation or message is unknown; `invalid_argument` for a limit
    /// below 1 or above 200; `damaged`; `storage`.
    #[uniffi::method(default(limit = 50))]
    pub async fn messages(
        &self,
        conversation: String,
        page: MessagePage,
        limit: i32,
    ) -> Result<Vec<Message>> {
        let (conversation, page) = (id(&conversation)?, page.to_core()?);
        let limit = count("limit", limit)?;
        self.call("messages", move |client| async move {
            let page = client.messages(conversation, page, limit).await?;
            Ok(page.into_iter().map(Into::into).collect())
        })
        .await
    }

    /// One message.
    ///
    /// Errors: `not_found`; `damaged`; `storage`.
    pub async fn message(&self, conversation: String, message: String) -> Result<Message> {
        let (conversation, message) = (id(&conversation)?, id(&message)?);
        self.call("message", move |client| async move {
            client.message(conversation, message).await.map(Into::into)
        })
        .await
    }

    /// Sends text. When it returns, the message survives a kill and a power cut, and is sent as
    /// soon as that is possible. Gives the message's id, which is the same on every device.
    ///
    /// Errors: `not_found`; `invalid_argument` for empty text; `too_large` over 16 KiB of UTF-8;
    /// `not_member` where this user was removed; `outbox_full`; `disk_full`; `rolled_back`;
    /// `revoked`.
    pub async fn send(&self, conversation: String, text: String) -> Result<String> {
        let conversation = id(&conversation)?;
        self.call("send", move |client| async move {
            let message = client.send(conversation, text).await;
            message.map(|message| message.to_string())
        })
        .await
    }

    /// Changes the text of an own message. One that was never written to a connection is simply
    /// another one from then on; otherwise an edit message follows it.
    ///
    /// Errors: `not_found`; `not_allowed` for a message of somebody else; `wrong_state` for one
    /// that is no text or was taken back; `invalid_argument` for empty text; `too_large` over 16
    /// KiB of UTF-8; `outbox_full`; `disk_full`; `rolled_back`; `revoked`.
    pub async fn edit(&self, conversation: String, message: String, text: String) -> Result<()> {
        let (conversation, message) = (id(&conversation)?, id(&message)?);
        self.call("edit", move |client| async move {
            client.edit(conversation, message, text).await
        })
        .await
    }

    /// Takes an own message back. One that was never written to a connection leaves no trace;
    /// otherwise a delete message follows it.
    ///
    /// Errors: `not_found`; `not_allowed` for a message of somebody else; `wrong_state` for one
    /// that is no text or was taken back already; `outbox_full`; `disk_full`; `rolled_back`;
    /// `revoked`.
    pub async fn delete(&self, conversation: String, message: String) -> Result<()> {
        let (conversation, message) = (id(&conversation)?, id(&message)?);
        self.call("delete", move |client| async move {
            client.delete(conversation, message).await
        })
        .await
    }

    /// Marks everything up to a message as read, here and for the others to see. Marks never go
    /// back.
    ///
    /// Errors: `not_found`; `disk_full`.
    pub async fn mark_read(&self, conversation: String, message: String) -> Result<()> {
        let (conversation, message) = (id(&conversation)?, id(&message)?);
        self.call("mark_read", move |client| async move {
            client.mark_read(conversation, message).await
        })
        .await
    }

    /// What waits to be sent, in order: everywhere, or in one conversation.
    ///
    /// Errors: `not_found`; `damaged`; `storage`.
    #[uniffi::method(default(conversation = None))]
    pub async fn outbox(&self, conversation: Option<String>) -> Result<Vec<OutboxItem>> {
        let conversation = conversation.as_deref().map(id).transpose()?;
        self.call("outbox", move |client| async move {
            let items = client.outbox(conversation).await?;
            Ok(items.into_iter().map(Into::into).collect())
        })
        .await
    }

    /// Tries a failed outbox item, and what waits behind it, again now. One that has not failed
    /// goes on as it would have.
    ///
    /// Errors: `not_found`; `disk_full`; `rolled_back`; `revoked`.
    pub async fn retry(&self, item: String) -> Result<()> {
        let item = id(&item)?;
        self.call(
            "retry",
            move |client| async move { client.retry(item).await },
        )
        .await
    }

    /// Takes an item out of the outbox; a queued message is gone with it. One that may already have
    /// reached the server is taken back by a delete message. Discarding an edit or a deletion gives
    /// the message its former text back. Discarding the founding of a conversation, or the
    /// invitation that a direct one was opened for, discards the conversation with everything
    /// queued in it. Works with a full disk.
    ///
    /// Errors: `not_found`; `wrong_state` for an item other than a message that is or may be at the
    /// server; `not_allowed` for the invitation of the other user of a direct conversation that is
    /// there.
    pub async fn discard(&self, item: String) -> Result<()> {
        let item = id(&item)?;
        self.call("discard", move |client| async move {
            client.discard(item).await
        })
        .await
    }
}
