//! Contacts: which identity key of a user this user relies on.

use whimbrel_protocol::UserId;

use super::{Done, Scope};
use crate::error::{Error, ErrorCode, Result};
use crate::event::Reply;
use crate::store::{ContactRow, Tx};
use crate::types::Change;

pub(super) fn accept_identity(tx: &Tx<'_>, scope: &mut Scope<'_>, user: UserId) -> Result<Done> {
    let contact = contact(tx, scope, user)?;
    let Some(new_key) = contact.new_key else {
        if contact.announced_key.is_none() {
            return Ok(Done::nothing_to_send(Reply::Done));
        }
        // No group has shown it, so nothing is relied on; it only holds up nothing any more.
        tx.put_identity(&ContactRow {
            announced_key: None,
            ..contact
        })?;
        return changed(tx, scope, user);
    };
    tx.put_identity(&ContactRow {
        identity_key: new_key,
        // Another key has another safety number.
        verified: false,
        new_key: None,
        new_key_proven: false,
        ..contact
    })?;
    changed(tx, scope, user)
}

pub(super) fn set_verified(
    tx: &Tx<'_>,
    scope: &mut Scope<'_>,
    user: UserId,
    verified: bool,
) -> Result<Done> {
    let contact = contact(tx, scope, user)?;
    if verified && (contact.new_key.is_some() || contact.announced_key.is_some()) {
        return Err(Error::new(
            ErrorCode::IdentityChanged,
            "accept the user's new identity first; it has another safety number",
        ));
    }
    tx.put_identity(&ContactRow {
        verified,
        ..contact
    })?;
    changed(tx, scope, user)
}

fn contact(tx: &Tx<'_>, scope: &Scope<'_>, user: UserId) -> Result<ContactRow> {
    if scope.me()?.user == user {
        return Err(Error::invalid("this is the own identity"));
    }
    tx.contact(user)?.ok_or_else(|| Error::not_found("contact"))
}

/// What waited for it may go out now.
fn changed(tx: &Tx<'_>, scope: &mut Scope<'_>, user: UserId) -> Result<Done> {
    scope.changes.insert(Change::Contact(user));
    let shared = tx.conversations_with(user)?;
    for conversation in &shared {
        scope.changes.insert(Change::Conversation(*conversation));
    }
    Ok(Done {
        reply: Reply::Done,
        outbound: shared,
    })
}
