//! Commands: what an app asks for becomes rows and intents, in the transaction of the turn.
//!
//! Nothing here touches MLS or the network, so every command works offline and returns as soon as
//! it is durable.

mod account;
mod contacts;
mod conversations;
mod devices;
pub(crate) mod links;
mod messages;
mod re_enrolment;
mod recovery;

use std::collections::BTreeSet;

use whimbrel_mls::Crypto;
use whimbrel_protocol::{ClientId, ConversationId};

use crate::engine::Me;
use crate::env::{Now, Random};
use crate::error::{Error, ErrorCode, Result};
use crate::event::{Command, Reply};
use crate::outbox::Intent;
use crate::store::Tx;
use crate::types::Change;

/// What a command may use besides the transaction.
pub(crate) struct Scope<'a> {
    pub me: Option<&'a Me>,
    pub crypto: &'a Crypto,
    pub random: &'a mut Random,
    pub now: Now,
    pub changes: &'a mut BTreeSet<Change>,
}

impl<'a> Scope<'a> {
    /// The account; every command but those that make one needs it.
    fn me(&self) -> Result<&'a Me> {
        self.me
            .ok_or_else(|| Error::new(ErrorCode::NotSignedIn, "register or sign in first"))
    }

    /// Puts an intent into the outbox of a conversation.
    fn enqueue(
        &mut self,
        tx: &Tx<'_>,
        conversation: ConversationId,
        id: ClientId,
        intent: &Intent,
    ) -> Result<()> {
        tx.check_outbox_room()?;
        tx.enqueue(conversation, id, intent)?;
        self.changes.insert(Change::Outbox);
        self.changes.insert(Change::Conversation(conversation));
        Ok(())
    }
}

/// Whether a command is refused while the disk is full. What frees space or only reads is not.
pub(crate) const fn needs_space(command: &Command) -> bool {
    !matches!(
        command,
        Command::Discard { .. }
            | Command::Delete { .. }
            | Command::MarkRead { .. }
            | Command::StoreSession(_)
            | Command::PrepareSignIn { .. }
            | Command::Focus(_)
    )
}

/// Whether a command is refused once the database is known as an old copy: it would only queue
/// what is never sent.
pub(crate) const fn is_for_others(command: &Command) -> bool {
    matches!(
        command,
        Command::CreateDirect { .. }
            | Command::CreateGroup { .. }
            | Command::Add { .. }
            | Command::Remove { .. }
            | Command::SetRoles { .. }
            | Command::Leave { .. }
            | Command::Rename { .. }
            | Command::Send { .. }
            | Command::Edit { .. }
            | Command::Delete { .. }
            | Command::Retry { .. }
            | Command::ApproveDevice { .. }
            | Command::RevokeDevice { .. }
    )
}

/// Whether the next own manifest may have something to say after a command.
pub(crate) const fn changes_devices(command: &Command) -> bool {
    matches!(
        command,
        Command::ApproveDevice { .. } | Command::RevokeDevice { .. }
    )
}

/// Whether a command may leave another account row than it found.
pub(crate) const fn changes_account(command: &Command) -> bool {
    matches!(
        command,
        Command::PrepareRegistration { .. }
            | Command::PrepareRecovery(_)
            | Command::TakeLinkGrant { .. }
            | Command::StoreSession(_)
            | Command::FinishReEnrolment(_)
    )
}

/// What a command has done.
pub(crate) struct Done {
    pub reply: Reply,
    /// Conversations whose outbox is worth a look now.
    pub outbound: Vec<ConversationId>,
}

impl Done {
    const fn nothing_to_send(reply: Reply) -> Self {
        Self {
            reply,
            outbound: Vec::new(),
        }
    }

    fn to_send(reply: Reply, conversation: ConversationId) -> Self {
        Self {
            reply,
            outbound: vec![conversation],
        }
    }
}

/// Runs one command.
pub(crate) fn run(tx: &mut Tx<'_>, scope: &mut Scope<'_>, command: Command) -> Result<Done> {
    match command {
        Command::PrepareRegistration { username, password } => {
            account::prepare_registration(tx, scope, &username, password)
        }
        Command::PrepareSignIn { username } => account::prepare_sign_in(tx, &username),
        Command::StoreSession(session) => account::store_session(tx, scope, &session),
        Command::CreateDirect { peer } => conversations::create_direct(tx, scope, peer),
        Command::CreateGroup { name, members } => {
            conversations::create_group(tx, scope, name, members)
        }
        Command::Add {
            conversation,
            people,
        } => conversations::add(tx, scope, conversation, people),
        Command::Remove { conversation, user } => {
            conversations::remove(tx, scope, conversation, user)
        }
        Command::SetRoles {
            conversation,
            roles,
        } => conversations::set_roles(tx, scope, conversation, roles),
        Command::Leave { conversation } => conversations::leave(tx, scope, conversation),
        Command::StartLink => links::start(tx, scope),
        Command::NextLinkStep => links::next_step(tx, scope),
        Command::TakeLinkGrant { grant } => links::take_grant(tx, scope, &grant),
        Command::CancelLink => links::cancel(tx),
        Command::SealLinkGrant {
            code,
            offer,
            expires_ms,
        } => links::seal_grant(tx, scope, &code, &offer, expires_ms),
        Command::PrepareRecovery(recovery) => recovery::prepare(tx, scope, *recovery),
        Command::PrepareReEnrolment { password, answer } => {
            re_enrolment::prepare(tx, scope, password, &answer)
        }
        Command::FinishReEnrolment(session) => re_enrolment::finish(tx, scope, &session),
        Command::AccessToken => account::access_token(tx, scope),
        Command::ApproveDevice { device, device_key } => {
            devices::approve(tx, scope, device, device_key)
        }
        Command::WithdrawDevice { device } => devices::withdraw(tx, scope, device),
        Command::RevokeDevice { device } => devices::revoke(tx, scope, device),
        Command::AcceptIdentity { user } => contacts::accept_identity(tx, scope, user),
        Command::SetVerified { user, verified } => {
            contacts::set_verified(tx, scope, user, verified)
        }
        Command::Rename { conversation, name } => {
            conversations::rename(tx, scope, conversation, name)
        }
        Command::Send { conversation, text } => messages::send(tx, scope, conversation, text),
        Command::Edit {
            conversation,
            message,
            text,
        } => messages::edit(tx, scope, conversation, message, text),
        Command::Delete {
            conversation,
            message,
        } => messages::delete(tx, scope, conversation, message),
        Command::MarkRead {
            conversation,
            message,
        } => messages::mark_read(tx, scope, conversation, message),
        Command::Retry { item } => messages::retry(tx, scope, item),
        Command::Discard { item } => messages::discard(tx, scope, item),
        // Memory only; the engine has done it.
        Command::Focus(_) => Ok(Done::nothing_to_send(Reply::Done)),
    }
}

/// The error for whoever comes in where somebody is registered.
pub(crate) fn belongs_to(username: &str) -> Error {
    Error::new(
        ErrorCode::WrongState,
        format!("this data folder belongs to {username} already"),
    )
}
