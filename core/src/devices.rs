//! Who has which devices: the newest manifest of each user, and what follows from it.
//!
//! A manifest is signed by its user, so it does not matter who shows it: the server beside key
//! packages, or in an inbox. Only a newer one takes the place of the one that is known. Devices
//! that the newest one does not list are not added to anything; leaves of devices that it revokes
//! are removed, by whichever client comes to it first.

use whimbrel_mls::{
    Certificate, DeviceEntry, IdentityKey, IdentityPublicKey, Manifest, ManifestError, Succession,
    inspect_key_package,
};
use whimbrel_protocol::frame::ClaimedUser;
use whimbrel_protocol::{ConversationId, DeviceId, UserId};

use crate::engine::Context;
use crate::error::{Error, ErrorCode, Result};
use crate::identity;
use crate::outbox::Intent;
use crate::outbox::goals::Directory;
use crate::store::{Lane, ManifestRow, Tx};
use crate::types::Change;

/// Devices of the same user come first; others wait at least so long before they do the same.
const OTHERS_WAIT_MS: i64 = 2_000;
/// All of them spread over so much time.
const SPREAD_MS: i64 = 8_000;
/// Goals of the client's own that wait in one conversation: one for each device it may have, and
/// some.
const UPKEEP_MAX: u32 = 512;

/// What came of a manifest that somebody has shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Taken {
    /// Nothing new.
    Known,
    /// It is the newest one now.
    Newer,
    /// There is another one of the same version.
    Conflict,
    /// It is not valid, or not this user's, or does not continue what is known.
    Refused,
}

/// What the newest manifest of a user says about a device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    /// No manifest of this user was seen yet.
    Unknown,
    /// It is one of the user's.
    Listed,
    /// It was, and will never be again.
    Revoked,
    /// It is none of the user's.
    Unlisted,
}

/// The newest manifest of a user that this device has seen.
pub(crate) fn newest(tx: &Tx<'_>, user: UserId) -> Result<Option<Manifest>> {
    let bytes = match tx.account()? {
        Some(account) if account.user == user => Some(account.manifest),
        _ => tx.manifest(user)?.map(|row| row.bytes),
    };
    bytes.map(|bytes| kept(&bytes)).transpose()
}

fn kept(bytes: &[u8]) -> Result<Manifest> {
    let damaged = |_| Error::new(ErrorCode::Damaged, "a kept manifest that is not valid");
    Manifest::decode_and_verify(bytes).map_err(damaged)
}

/// What the newest manifest of a user says about a device.
pub(crate) fn standing(tx: &Tx<'_>, user: UserId, device: DeviceId) -> Result<Standing> {
    Ok(match newest(tx, user)? {
        None => Standing::Unknown,
        Some(manifest) if manifest.lists(device) => Standing::Listed,
        Some(manifest) if manifest.revokes(device) => Standing::Revoked,
        Some(_) => Standing::Unlisted,
    })
}

/// Takes in a manifest that somebody has shown, and sets in motion what follows from it.
pub(crate) fn take(
    tx: &Tx<'_>,
    context: &mut Context<'_>,
    user: UserId,
    bytes: &[u8],
) -> Result<Taken> {
    let shown = match Manifest::decode_and_verify(bytes) {
        Ok(shown) if shown.user == user => shown,
        _ => return Ok(Taken::Refused),
    };
    if user == context.me.user {
        take_own(tx, context, &shown)
    } else {
        take_of_contact(tx, context, &shown)
    }
}

fn take_own(tx: &Tx<'_>, context: &mut Context<'_>, shown: &Manifest) -> Result<Taken> {
    let user = shown.user;
    let Some(known) = newest(tx, user)? else {
        return Ok(Taken::Refused);
    };
    match shown.newer_than(&known) {
        // Anybody could have made it. If it is true, the server refuses this device anyway.
        Ok(Succession::Unproven) => Ok(Taken::Refused),
        Ok(Succession::SameIdentity | Succession::ByRecovery) => {
            tx.set_own_manifest(&shown.encode())?;
            context.changes.insert(Change::Account);
            follow(tx, context, Some(&known), shown)?;
            Ok(Taken::Newer)
        }
        Err(error) => {
            if error == ManifestError::Fork {
                let row = ManifestRow {
                    bytes: known.encode(),
                    proven: false,
                    base: None,
                };
                tx.put_manifest(user, known.version, &row)?;
            }
            not_taken(tx, context, user, error)
        }
    }
}

fn take_of_contact(tx: &Tx<'_>, context: &mut Context<'_>, shown: &Manifest) -> Result<Taken> {
    let user = shown.user;
    let pinned = tx.contact(user)?.map(|contact| contact.identity_key);
    let relies_on = |manifest: &Manifest| pinned == Some(manifest.identity_key.0);
    let mut row = ManifestRow {
        bytes: shown.encode(),
        proven: false,
        base: None,
    };
    let known = match tx.manifest(user)? {
        None => None,
        Some(known) => {
            let newest = kept(&known.bytes)?;
            // What nothing connects with the identity relied on may be the server's own work, and
            // must not keep out the true one. That one goes on from where it was before.
            let is_baseless = !relies_on(&newest) && !known.proven;
            if is_baseless && relies_on(shown) {
                known.base.filter(|base| *base != row.bytes).map(|base| {
                    let proven = false;
                    ManifestRow {
                        bytes: base,
                        proven,
                        base: None,
                    }
                })
            } else {
                Some(known)
            }
        }
    };
    let before = known.as_ref().map(|known| kept(&known.bytes)).transpose()?;
    if let (Some(before), Some(known)) = (&before, known) {
        match shown.newer_than(before) {
            Ok(Succession::SameIdentity) => (row.proven, row.base) = (known.proven, known.base),
            // A recovery proves something only to who relies on the identity before it.
            Ok(Succession::ByRecovery) => {
                (row.proven, row.base) = (relies_on(before) || known.proven, known.base);
            }
            Ok(Succession::Unproven) if relies_on(before) => row.base = Some(known.bytes),
            Ok(Succession::Unproven) => row.base = known.base,
            Err(error) => return not_taken(tx, context, user, error),
        }
    }
    let pinned = pinned.map(IdentityPublicKey);
    row.proven |= pinned.is_some_and(|pinned| shown.recovers(&pinned));
    tx.put_manifest(user, shown.version, &row)?;
    context.changes.insert(Change::Contact(user));
    if row.proven {
        // The group may have shown the new identity before anybody proved it.
        tx.set_new_key_proven(user, shown.identity_key.as_bytes())?;
    }
    identity::announced(tx, context, shown)?;
    follow(tx, context, before.as_ref(), shown)?;
    Ok(Taken::Newer)
}

fn not_taken(
    tx: &Tx<'_>,
    context: &mut Context<'_>,
    user: UserId,
    error: ManifestError,
) -> Result<Taken> {
    match error {
        ManifestError::Older => Ok(Taken::Known),
        ManifestError::Fork => {
            tx.set_manifest_conflict(user)?;
            context.changes.insert(Change::Contact(user));
            Ok(Taken::Conflict)
        }
        _ => Ok(Taken::Refused),
    }
}

/// Whether the recovery key of an earlier identity of this user has signed this one.
pub(crate) fn is_recovered(tx: &Tx<'_>, user: UserId, identity_key: &[u8; 32]) -> Result<bool> {
    let Some(row) = tx.manifest(user)? else {
        return Ok(false);
    };
    Ok(row.proven && kept(&row.bytes)?.identity_key.as_bytes() == identity_key)
}

/// Leaves of devices that went are removed everywhere; own devices that came are added.
pub(crate) fn follow(
    tx: &Tx<'_>,
    context: &mut Context<'_>,
    before: Option<&Manifest>,
    after: &Manifest,
) -> Result<()> {
    let user = after.user;
    let same_identity = before.is_none_or(|before| before.identity_key == after.identity_key);
    let was_listed = |device| before.is_some_and(|before| before.lists(device));
    let was_revoked = |device| before.is_some_and(|before| before.revokes(device));
    let went: Vec<DeviceId> = after
        .revoked
        .iter()
        .filter(|device| same_identity && !was_revoked(**device))
        .copied()
        .collect();
    let came: Vec<DeviceId> = after
        .devices
        .iter()
        .map(|entry| entry.device)
        .filter(|device| user == context.me.user && !was_listed(*device))
        .collect();
    for conversation in tx.shared_conversations(user)? {
        for device in &went {
            remove_device(tx, context, conversation, user, *device)?;
        }
        for device in &came {
            add_device(tx, context, conversation, *device)?;
        }
    }
    Ok(())
}

/// This device is in a conversation that was just founded: the user's other devices follow.
pub(crate) fn add_own_devices(
    tx: &Tx<'_>,
    context: &mut Context<'_>,
    conversation: ConversationId,
) -> Result<()> {
    let Some(manifest) = newest(tx, context.me.user)? else {
        return Ok(());
    };
    for DeviceEntry { device, .. } in manifest.devices {
        add_device(tx, context, conversation, device)?;
    }
    Ok(())
}

/// Leaves that should not be there: whoever sees one of a revoked device sees to its removal.
pub(crate) fn remove_revoked(
    tx: &Tx<'_>,
    context: &mut Context<'_>,
    conversation: ConversationId,
    leaves: impl Iterator<Item = (UserId, DeviceId)>,
) -> Result<()> {
    for (user, device) in leaves {
        if standing(tx, user, device)? == Standing::Revoked {
            remove_device(tx, context, conversation, user, device)?;
        }
    }
    Ok(())
}

fn add_device(
    tx: &Tx<'_>,
    context: &mut Context<'_>,
    conversation: ConversationId,
    device: DeviceId,
) -> Result<()> {
    if device == context.me.device_id {
        return Ok(());
    }
    enqueue(
        tx,
        context,
        conversation,
        &Intent::AddDevice {
            device: device.into(),
        },
    )
}

fn remove_device(
    tx: &Tx<'_>,
    context: &mut Context<'_>,
    conversation: ConversationId,
    user: UserId,
    device: DeviceId,
) -> Result<()> {
    if device == context.me.device_id {
        return Ok(());
    }
    let intent = Intent::RemoveDevice {
        user: user.into(),
        device: device.into(),
        not_before_ms: turn_ms(context, user),
    };
    enqueue(tx, context, conversation, &intent)
}

/// A device that can't follow a conversation of its user, as the server says.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Waiting {
    pub conversation: ConversationId,
    /// The commit whose Welcome it could not open; 0 where it asked to be added.
    pub seq: u64,
    pub user: UserId,
    pub device: DeviceId,
}

/// Sees to it that a device that waits gets in. The server's word is a hint only: what is done
/// follows from the group and from the user's manifest.
pub(crate) fn help(
    tx: &Tx<'_>,
    context: &mut Context<'_>,
    directory: &mut Directory,
    waiting: Waiting,
) -> Result<()> {
    let Waiting {
        conversation,
        seq,
        user,
        device,
    } = waiting;
    let Some(row) = tx.find_conversation(conversation)? else {
        return Ok(());
    };
    let is_out = matches!(
        standing(tx, user, device)?,
        Standing::Revoked | Standing::Unlisted
    );
    let is_member = tx
        .member_roles(row.id)?
        .iter()
        .any(|(member, _)| *member == user);
    // News of an invitation count as long as it is the last one.
    let is_old = seq > 0 && tx.invitation(row.id, device)? != Some(seq);
    if device == context.me.device_id || is_out || !is_member || is_old {
        return Ok(());
    }
    let not_before_ms = if seq > 0 { 0 } else { turn_ms(context, user) };
    let intent = Intent::AddAgain {
        user: user.into(),
        device: device.into(),
        seq,
        since_seq: row.applied_seq,
        not_before_ms,
    };
    // Another key package of that device than the one that failed.
    directory.claims.remove(&user);
    directory.absent.remove(&device);
    enqueue(tx, context, conversation, &intent)
}

/// When it is this device's turn to do what one of many has to do, by the wall clock.
pub(crate) fn turn_ms(context: &mut Context<'_>, user: UserId) -> i64 {
    let first = if user == context.me.user {
        0
    } else {
        OTHERS_WAIT_MS
    };
    let spread = if user == context.me.user {
        OTHERS_WAIT_MS / 2
    } else {
        SPREAD_MS
    };
    let wait_ms = first + context.random.below(spread);
    context.now.wall_ms.saturating_add(wait_ms)
}

/// Puts a goal of the client's own into a conversation's outbox, unless it waits there already.
/// There are never more than can be looked through.
pub(crate) fn enqueue(
    tx: &Tx<'_>,
    context: &mut Context<'_>,
    conversation: ConversationId,
    intent: &Intent,
) -> Result<()> {
    let waiting = tx.lane(conversation, Lane::Upkeep, UPKEEP_MAX)?;
    let is_full = waiting.len() >= usize::try_from(UPKEEP_MAX).unwrap_or(usize::MAX);
    if is_full || waiting.iter().any(|item| item.intent.aims_like(intent)) {
        return Ok(());
    }
    let id = context.random.client_id(context.now);
    tx.enqueue(conversation, id, intent)?;
    context.outbound.insert(conversation);
    context.changes.insert(Change::Outbox);
    Ok(())
}

/// The next own manifest, if there is something that it is to say; the same bytes each time until
/// another one came first.
pub(crate) fn next_own(tx: &Tx<'_>, context: &mut Context<'_>) -> Result<Option<Vec<u8>>> {
    let Some(account) = tx.account()? else {
        return Ok(None);
    };
    let manifest = kept(&account.manifest)?;
    let (mut add, mut revoke) = (Vec::new(), Vec::new());
    for change in tx.own_changes()? {
        let done = match &change.certificate {
            Some(_) => manifest.lists(change.device) || manifest.revokes(change.device),
            None => !manifest.lists(change.device),
        };
        match change.certificate {
            _ if done => {
                tx.delete_own_change(change.device)?;
                context.changes.insert(Change::Account);
            }
            Some(bytes) => {
                let damaged = |_| Error::new(ErrorCode::Damaged, "a kept certificate");
                add.push(Certificate::decode_and_verify(&bytes).map_err(damaged)?);
            }
            None => revoke.push(change.device),
        }
    }
    if add.is_empty() && revoke.is_empty() {
        return Ok(None);
    }
    let identity = IdentityKey::from_seed(account.identity_secret);
    if let Ok(next) = manifest.next(&identity, add.clone(), &revoke) {
        return Ok(Some(next.encode()));
    }
    // Other devices have changed the manifest so that this is not possible any more. Whoever is to
    // come can be asked in again; whoever is to go must go.
    context.changes.insert(Change::Account);
    for certificate in add {
        tx.delete_own_change(certificate.device)?;
    }
    let rest = manifest.next(&identity, Vec::new(), &revoke);
    if let Some(next) = rest.ok().filter(|_| !revoke.is_empty()) {
        return Ok(Some(next.encode()));
    }
    for device in revoke {
        tx.delete_own_change(device)?;
    }
    Ok(None)
}

/// Takes in the manifest that came with key packages, and keeps those of devices it lists.
pub(crate) fn check_claim(
    tx: &Tx<'_>,
    context: &mut Context<'_>,
    claimed: &mut ClaimedUser,
) -> Result<Refused> {
    let taken = take(tx, context, claimed.user, &claimed.manifest)?;
    let mut refused = Refused(matches!(taken, Taken::Conflict | Taken::Refused));
    let manifest = newest(tx, claimed.user)?;
    claimed.devices.retain(|device| {
        let Ok(info) = inspect_key_package(context.crypto, &device.key_package) else {
            refused.0 = true;
            return false;
        };
        let listed = manifest
            .as_ref()
            .and_then(|manifest| manifest.certificate(device.device));
        let genuine = listed == Some(&info.certificate);
        refused.0 |= !genuine;
        genuine
    });
    Ok(refused)
}

/// Whether the server has handed out something that the user has not signed for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Refused(pub bool);

#[cfg(test)]
mod tests;
