//! Parts that frames of both directions share, and the checks on single fields.

use crate::DecodeError;
use crate::content::number;
use crate::envelope::{Body, Envelope, ItemKind};
use crate::limits::PAYLOAD_BYTES_MAX;
use crate::wire;

pub(super) fn id<T: for<'a> TryFrom<&'a [u8]>>(
    field: &'static str,
    bytes: &[u8],
) -> Result<T, DecodeError> {
    T::try_from(bytes).map_err(|_| DecodeError::Field(field))
}

pub(super) fn ids<T: for<'a> TryFrom<&'a [u8]>>(
    field: &'static str,
    list: &[Vec<u8>],
) -> Result<Vec<T>, DecodeError> {
    list.iter().map(|bytes| id(field, bytes)).collect()
}

/// An id that may be absent, which the wire writes as no bytes.
pub(super) fn optional_id<T: for<'a> TryFrom<&'a [u8]>>(
    field: &'static str,
    bytes: &[u8],
) -> Result<Option<T>, DecodeError> {
    if bytes.is_empty() {
        return Ok(None);
    }
    id(field, bytes).map(Some)
}

pub(super) fn hash(field: &'static str, bytes: &[u8]) -> Result<[u8; 32], DecodeError> {
    bytes.try_into().map_err(|_| DecodeError::Field(field))
}

pub(super) fn at_most<T>(
    what: &'static str,
    list: Vec<T>,
    limit: usize,
) -> Result<Vec<T>, DecodeError> {
    crate::content::limit(what, list.len(), limit)?;
    Ok(list)
}

pub(super) fn kind_to_wire(kind: ItemKind) -> i32 {
    let kind = match kind {
        ItemKind::Create => wire::ItemKind::Create,
        ItemKind::Commit => wire::ItemKind::Commit,
        ItemKind::Message => wire::ItemKind::Message,
    };
    kind.into()
}

pub(super) fn kind_from_wire(kind: i32) -> Result<ItemKind, DecodeError> {
    match wire::ItemKind::try_from(kind) {
        Ok(wire::ItemKind::Create) => Ok(ItemKind::Create),
        Ok(wire::ItemKind::Commit) => Ok(ItemKind::Commit),
        Ok(wire::ItemKind::Message) => Ok(ItemKind::Message),
        Ok(wire::ItemKind::Unknown) | Err(_) => Err(DecodeError::Field("kind")),
    }
}

pub(super) fn envelope_to_wire(envelope: &Envelope) -> wire::Envelope {
    wire::Envelope {
        seq: envelope.seq,
        kind: kind_to_wire(envelope.kind),
        sender_user: envelope.sender_user.as_bytes().to_vec(),
        sender_device: envelope.sender_device.as_bytes().to_vec(),
        client_id: envelope.client_id.as_bytes().to_vec(),
        counter: envelope.counter,
        epoch: envelope.epoch,
        server_time_ms: envelope.server_time_ms,
        silent: envelope.silent,
        voided: envelope.voided,
        body: Some(match &envelope.body {
            Body::Payload(payload) => wire::envelope::Body::Payload(payload.clone()),
            Body::OwnHash(hash) => wire::envelope::Body::PayloadSha256(hash.to_vec()),
        }),
    }
}

pub(super) fn envelope_from_wire(envelope: wire::Envelope) -> Result<Envelope, DecodeError> {
    let body = match envelope.body {
        Some(wire::envelope::Body::Payload(payload)) => {
            crate::content::limit("payload", payload.len(), PAYLOAD_BYTES_MAX)?;
            Body::Payload(payload)
        }
        Some(wire::envelope::Body::PayloadSha256(bytes)) => {
            Body::OwnHash(hash("payload_sha256", &bytes)?)
        }
        None => return Err(DecodeError::Field("body")),
    };
    Ok(Envelope {
        seq: number("seq", envelope.seq)?,
        kind: kind_from_wire(envelope.kind)?,
        sender_user: id("sender_user", &envelope.sender_user)?,
        sender_device: id("sender_device", &envelope.sender_device)?,
        client_id: id("client_id", &envelope.client_id)?,
        counter: number("counter", envelope.counter)?,
        epoch: number("epoch", envelope.epoch)?,
        server_time_ms: envelope.server_time_ms,
        silent: envelope.silent,
        voided: envelope.voided,
        body,
    })
}
