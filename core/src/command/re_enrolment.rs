//! A database that is an old copy goes on as a new device of the same user.
//!
//! What the old device did after the copy was made is not known here. So nothing of it counts any
//! more but what can be read: the new device has keys of its own, asks to be added to every
//! conversation, and sends nothing again by itself.

use whimbrel_mls::{Certificate, DeviceKey, IdentityKey, Manifest, ManifestError, Succession};
use whimbrel_protocol::account::{RecoveryAnswer, RecoveryRequest, from_hex, to_hex};
use whimbrel_protocol::{ClientId, ConversationId};

use super::{Done, Scope, devices};
use crate::error::{Error, ErrorCode, Result};
use crate::event::{Password, Reply, Session};
use crate::outbox::Intent;
use crate::outbox::settle::resolve_doubt;
use crate::store::{AccountRow, ConversationRow, Lane, NewDevice, OutboxRow, ReEnrolmentRow, Tx};
use crate::types::{Change, ConversationState, OutboxState};

/// Draws the new device and keeps it, so that a try whose answer got lost is repeated with the
/// same one.
pub(super) fn prepare(
    tx: &Tx<'_>,
    scope: &mut Scope<'_>,
    password: Password,
    answer: &RecoveryAnswer,
) -> Result<Done> {
    let (account, known) = old_copy(tx)?;
    let newest = newest(&known, answer)?;
    let kept = tx.re_enrolment()?;
    let row = match kept.filter(|row| !newest.revokes(row.device)) {
        // The server has it, or somebody has published another manifest before it.
        Some(row) if newest.lists(row.device) => ReEnrolmentRow {
            manifest: newest.encode(),
            ..row
        },
        Some(row) => listed(&account, &newest, row)?,
        None => {
            let row = ReEnrolmentRow {
                device: scope.random.device_id(),
                device_secret: scope.random.block(),
                manifest: Vec::new(),
            };
            listed(&account, &newest, row)?
        }
    };
    tx.put_re_enrolment(&row)?;
    let request = RecoveryRequest {
        username: account.username,
        password: password.0,
        device: row.device.to_string(),
        manifest: to_hex(&row.manifest),
    };
    Ok(Done::nothing_to_send(Reply::Recovery(Box::new(request))))
}

/// The account and its manifest, where the database is an old copy.
fn old_copy(tx: &Tx<'_>) -> Result<(AccountRow, Manifest)> {
    let (account, manifest) = devices::own(tx)?;
    if account.rolled_back {
        Ok((account, manifest))
    } else {
        Err(Error::new(
            ErrorCode::WrongState,
            "this device is not known as an old copy and goes on as it is",
        ))
    }
}

/// The newest manifest as the server says, if it goes on from the one that is known here.
fn newest(known: &Manifest, answer: &RecoveryAnswer) -> Result<Manifest> {
    let unusable = || Error::new(ErrorCode::Protocol, "the server's manifest is not valid");
    let bytes = from_hex(&answer.manifest).ok_or_else(unusable)?;
    let newest = Manifest::decode_and_verify(&bytes).map_err(|_| unusable())?;
    if newest == *known {
        return Ok(newest);
    }
    match newest.newer_than(known) {
        Ok(Succession::SameIdentity) => Ok(newest),
        Ok(Succession::ByRecovery | Succession::Unproven) => Err(Error::new(
            ErrorCode::Revoked,
            "the user goes by another identity now; link or recover a device in an empty folder",
        )),
        Err(_) => Err(Error::new(
            ErrorCode::UntrustedDevice,
            "the server's list of devices does not go on from the one that is known here",
        )),
    }
}

/// The device with the manifest by which it takes the place of the old one.
fn listed(account: &AccountRow, newest: &Manifest, row: ReEnrolmentRow) -> Result<ReEnrolmentRow> {
    if !newest.lists(account.device) {
        return Err(Error::new(
            ErrorCode::Revoked,
            "the user has removed this device; link or recover a device in an empty folder",
        ));
    }
    let identity = IdentityKey::from_seed(account.identity_secret);
    let key = DeviceKey::from_seed(row.device_secret).public();
    let (user, name) = (account.user, &account.username);
    let certificate = Certificate::issue(&identity, user, name, row.device, key);
    let certificate = certificate.map_err(Error::internal)?;
    let next = newest.next(&identity, vec![certificate], &[account.device]);
    let next = next.map_err(|error| match error {
        ManifestError::TooManyRevoked => Error::new(ErrorCode::TooManyDevices, error.to_string()),
        _ => Error::internal(error),
    })?;
    Ok(ReEnrolmentRow {
        manifest: next.encode(),
        ..row
    })
}

/// The server has the new device: from here on this is it.
pub(super) fn finish(tx: &Tx<'_>, scope: &mut Scope<'_>, session: &Session) -> Result<Done> {
    old_copy(tx)?;
    let row = tx.re_enrolment()?.ok_or_else(|| {
        let reason = "no device was prepared to take the place of this one";
        Error::new(ErrorCode::WrongState, reason)
    })?;
    let damaged = || Error::new(ErrorCode::Damaged, "the prepared manifest is not valid");
    let manifest = Manifest::decode_and_verify(&row.manifest).map_err(|_| damaged())?;
    let certificate = manifest.certificate(row.device).ok_or_else(damaged)?;
    for conversation in tx.conversations()? {
        let is_founded = renew_outbox(tx, scope, conversation.id)?;
        let is_alone = manifest.devices.len() == 1 && is_only_member(tx, scope, conversation.id)?;
        leave_behind(tx, scope, conversation, is_founded, is_alone)?;
    }
    tx.forget_old_device()?;
    tx.become_device(&NewDevice {
        row: &row,
        certificate: &certificate.encode(),
        session,
        access_expires_ms: scope.now.wall_ms.saturating_add(session.expires_in_ms),
    })?;
    scope.changes.insert(Change::Account);
    scope.changes.insert(Change::Outbox);
    Ok(Done::nothing_to_send(Reply::Done))
}

/// What the user still wanted to say or do in a conversation stands as failed, under new ids: it
/// may have been sent after the copy was made. Says whether the server is known to have the
/// conversation, of one that was about to be founded.
fn renew_outbox(tx: &Tx<'_>, scope: &mut Scope<'_>, conversation: ConversationId) -> Result<bool> {
    for item in tx.in_doubt(conversation)? {
        match tx.message_seq(conversation, item.id)? {
            // The server has said so before, on an earlier connection.
            Some(Some(_)) => tx.set_accepted(item.id)?,
            _ => resolve_doubt(tx, conversation, item.id)?,
        }
    }
    let (mut is_founded, mut leaves) = (false, false);
    for lane in [Lane::Main, Lane::Aside, Lane::Second, Lane::Upkeep] {
        for item in tx.lane(conversation, lane, u32::MAX)? {
            let is_accepted = item.state == OutboxState::Accepted;
            is_founded |= is_accepted && item.intent == Intent::Create;
            match item.intent {
                // The server has it.
                _ if is_accepted => tx.remove_outbox_item(item.id)?,
                // Harmless to say twice, and a loss to others not to say at all.
                Intent::AskAgain { .. } | Intent::Again { .. } => {
                    renew(tx, scope, &item, None)?;
                }
                Intent::ReadMark { .. } | Intent::Announce => tx.remove_outbox_item(item.id)?,
                _ if lane == Lane::Upkeep => tx.remove_outbox_item(item.id)?,
                _ => {
                    leaves |= item.intent == Intent::Leave;
                    renew(tx, scope, &item, Some(ErrorCode::RolledBack))?;
                }
            }
        }
    }
    if !leaves {
        // What the old device has said of it is worth nothing without that device.
        tx.delete_leaving(conversation, scope.me()?.user)?;
    }
    Ok(is_founded)
}

fn renew(
    tx: &Tx<'_>,
    scope: &mut Scope<'_>,
    item: &OutboxRow,
    failure: Option<ErrorCode>,
) -> Result<()> {
    let me = scope.me()?.user;
    let new: ClientId = scope.random.client_id(scope.now);
    tx.renew_outbox_item(item.id, new, failure)?;
    if matches!(item.intent, Intent::Text { .. }) {
        tx.renew_pending_message(item.conversation, me, (item.id, new))?;
    }
    Ok(())
}

fn is_only_member(tx: &Tx<'_>, scope: &Scope<'_>, conversation: ConversationId) -> Result<bool> {
    let me = scope.me()?.user;
    let members = tx.member_roles(conversation)?;
    Ok(members.iter().all(|(user, _)| *user == me))
}

/// The new device is in no conversation yet. What is here stays, and from the cursor on it is
/// asked for once this device is in. One that was about to be founded may have been founded after
/// the copy was made; under another id it can be founded still.
fn leave_behind(
    tx: &Tx<'_>,
    scope: &mut Scope<'_>,
    mut row: ConversationRow,
    is_founded: bool,
    is_alone: bool,
) -> Result<()> {
    let mut ids = vec![row.id];
    row.own_counter = 0;
    match row.state {
        ConversationState::Creating if !is_founded => {
            let new = scope.random.conversation_id();
            tx.rename_conversation(row.id, new)?;
            row.id = new;
            ids.push(new);
        }
        // Nobody is left who could add this device.
        _ if is_alone => row.state = ConversationState::Removed,
        ConversationState::Creating
        | ConversationState::Active
        | ConversationState::NeedsUpdate
        | ConversationState::NeedsResync => row.state = ConversationState::NeedsResync,
        ConversationState::Removed | ConversationState::Diverged => {}
    }
    tx.put_conversation(&row)?;
    for id in ids {
        scope.changes.insert(Change::Conversation(id));
        scope.changes.insert(Change::Messages(id));
    }
    Ok(())
}
