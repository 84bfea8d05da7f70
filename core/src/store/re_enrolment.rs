//! Another device in the place of this one: what it starts with, and what of the old one goes.

use rusqlite::OptionalExtension as _;
use whimbrel_protocol::{ClientId, ConversationId, DeviceId, UserId};

use super::codes::outbox_state_code;
use super::damage::from_sqlite;
use super::{Tx, bytes32, get, id, key};
use crate::error::{ErrorCode, Result};
use crate::event::Session;
use crate::types::OutboxState;

/// The row.
#[derive(Clone)]
pub(crate) struct ReEnrolmentRow {
    pub device: DeviceId,
    pub device_secret: [u8; 32],
    /// The user's manifest that lists it.
    pub manifest: Vec<u8>,
}

/// What of the account row changes with the device.
pub(crate) struct NewDevice<'a> {
    pub row: &'a ReEnrolmentRow,
    pub certificate: &'a [u8],
    pub session: &'a Session,
    pub access_expires_ms: i64,
}

impl Tx<'_> {
    pub(crate) fn re_enrolment(&self) -> Result<Option<ReEnrolmentRow>> {
        self.query_row("SELECT * FROM re_enrolment", [], |row| {
            let read = || -> Result<ReEnrolmentRow> {
                Ok(ReEnrolmentRow {
                    device: id(&get::<Vec<u8>>(row, "device")?)?,
                    device_secret: bytes32(&get::<Vec<u8>>(row, "device_secret")?)?,
                    manifest: get(row, "manifest")?,
                })
            };
            Ok(read())
        })
        .optional()
        .map_err(from_sqlite)?
        .transpose()
    }

    pub(crate) fn put_re_enrolment(&self, row: &ReEnrolmentRow) -> Result<()> {
        self.execute(
            "INSERT OR REPLACE INTO re_enrolment (one, device, device_secret, manifest)
             VALUES (1, ?1, ?2, ?3)",
            (row.device.as_bytes(), row.device_secret, &row.manifest),
        )
        .map_err(from_sqlite)?;
        Ok(())
    }

    /// The account goes on by the device of a re-enrolment, which has sealed and received nothing.
    pub(crate) fn become_device(&self, new: &NewDevice<'_>) -> Result<()> {
        self.execute(
            "UPDATE account
             SET device = ?1, device_secret = ?2, certificate = ?3, manifest = ?4,
                 access_token = ?5, access_expires_ms = ?6, refresh_token = ?7,
                 sealed_no = 0, inbox_seq = 0, rolled_back = 0",
            (
                new.row.device.as_bytes(),
                new.row.device_secret,
                new.certificate,
                &new.row.manifest,
                &new.session.access_token,
                new.access_expires_ms,
                &new.session.refresh_token,
            ),
        )
        .map_err(from_sqlite)?;
        self.execute("DELETE FROM re_enrolment", [])
            .map_err(from_sqlite)?;
        Ok(())
    }

    /// Forgets what belonged to the old device alone: its groups, its key packages, what it
    /// sealed, and whom it was about to make a device of this user. A device that was to be
    /// removed is still to be removed.
    pub(crate) fn forget_old_device(&self) -> Result<()> {
        for statement in [
            "DELETE FROM mls_row",
            "DELETE FROM epoch",
            "DELETE FROM key_package",
            "DELETE FROM sealed",
            "DELETE FROM own_change WHERE certificate IS NOT NULL",
        ] {
            self.execute(statement, []).map_err(from_sqlite)?;
        }
        Ok(())
    }

    /// An item becomes a new one with the same intent, never sealed: queued, or failed where
    /// there is a reason.
    pub(crate) fn renew_outbox_item(
        &self,
        old: ClientId,
        new: ClientId,
        failure: Option<ErrorCode>,
    ) -> Result<()> {
        let state = match failure {
            Some(_) => OutboxState::Failed,
            None => OutboxState::Queued,
        };
        self.execute(
            "UPDATE outbox
             SET id = ?2, state = ?3, sealed = NULL, counter = 0, attempts = 0, failure = ?4
             WHERE id = ?1",
            (
                old.as_bytes(),
                new.as_bytes(),
                outbox_state_code(state),
                failure.map(ErrorCode::name),
            ),
        )
        .map_err(from_sqlite)?;
        Ok(())
    }

    /// A message that is only in the outbox gets the new id of its item.
    pub(crate) fn renew_pending_message(
        &self,
        conversation: ConversationId,
        sender: UserId,
        (old, new): (ClientId, ClientId),
    ) -> Result<()> {
        self.execute(
            "UPDATE message SET id = ?4, seq = NULL, server_time_ms = NULL
             WHERE conversation = ?1 AND sender = ?2 AND id = ?3",
            (
                key(conversation),
                sender.as_bytes(),
                old.as_bytes(),
                new.as_bytes(),
            ),
        )
        .map_err(from_sqlite)?;
        Ok(())
    }
}
