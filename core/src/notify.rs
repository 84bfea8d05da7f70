//! What a push notification can show before the client has caught up.
//!
//! A push carries envelopes as the server would send them over a connection. They are decrypted
//! on a copy of the group in memory, and the copy is thrown away: **nothing is written, nothing
//! is acknowledged, and the ratchet in the database stays where it is.** So it can run in another
//! process, beside a client or without one.

use whimbrel_mls::{Certificate, Crypto, Device, DeviceKey, Group, Processed};
use whimbrel_protocol::content::ContentKind;
use whimbrel_protocol::envelope::Body;
use whimbrel_protocol::frame::{Envelopes, ServerMessage};
use whimbrel_protocol::{Content, ConversationId, Envelope, ItemKind, ServerFrame};

use crate::error::{Error, ErrorCode, Result};
use crate::groups::mls_defect;
use crate::query;
use crate::store::read::Snapshot;
use crate::types::{Notification, Preview};

/// Envelopes of one push that are looked at.
const ENVELOPES_MAX: usize = 64;
/// Commits of one push that are gone through: each costs as much as hundreds of messages, and a
/// notification has little time and memory.
const COMMITS_MAX: usize = 2;
/// Characters of a text that a notification shows; more would not fit on any screen.
const TEXT_CHARS_MAX: usize = 500;

/// Reads the payload of a push: a frame with envelopes, as it would come over a connection.
///
/// # Errors
/// `Protocol` for anything else.
pub(crate) fn read_payload(payload: &[u8]) -> Result<Envelopes> {
    match ServerFrame::decode(payload).map(|frame| frame.message) {
        Ok(ServerMessage::Envelopes(envelopes)) => Ok(envelopes),
        _ => Err(Error::new(
            ErrorCode::Protocol,
            "these bytes are not the payload of a push of this protocol",
        )),
    }
}

/// What to show for the envelopes of a push: the newest text in them that this device has not
/// taken in yet.
///
/// # Errors
/// `Damaged`; `Storage`; `Internal`.
pub fn preview(read: &Snapshot<'_>, crypto: &Crypto, push: &Envelopes) -> Result<Notification> {
    let Some(device) = own_device(read)? else {
        return Ok(Notification::Silent);
    };
    let Some(row) = read.conversation(push.conversation)? else {
        return Ok(Notification::Silent);
    };
    let rows = read.group_rows(push.conversation)?;
    if rows.is_empty() {
        return Ok(Notification::Silent);
    }
    let group = Group::load(push.conversation, rows).map_err(|error| mls_defect(&error))?;
    let copy = Copy {
        group,
        crypto,
        device: &device,
        conversation: push.conversation,
    };
    let applied_seq = row.applied_seq;
    let name = query::name_of(read, row)?;
    let new = push.envelopes.iter().take(ENVELOPES_MAX);
    let new = new.filter(|envelope| envelope.seq > applied_seq && !envelope.voided);
    Ok(copy.show(new, &name))
}

/// The account's device, where somebody is registered.
fn own_device(read: &Snapshot<'_>) -> Result<Option<Device>> {
    let Some((certificate, secret)) = read.own_device_key()? else {
        return Ok(None);
    };
    let damaged = |_| Error::new(ErrorCode::Damaged, "the account's keys do not fit");
    let certificate = Certificate::decode_and_verify(&certificate).map_err(damaged)?;
    let device = Device::new(certificate, DeviceKey::from_seed(secret)).map_err(damaged)?;
    Ok(Some(device))
}

/// A group in memory that nobody will save.
struct Copy<'a> {
    group: Group,
    crypto: &'a Crypto,
    device: &'a Device,
    conversation: ConversationId,
}

/// What one envelope says.
enum Said {
    /// Text, by somebody of this name.
    Text { text: String, sender_name: String },
    /// Something for the user that can't be shown yet.
    Hidden,
    /// Nothing to be told of.
    Nothing,
}

impl Copy<'_> {
    fn show<'e>(
        mut self,
        envelopes: impl Iterator<Item = &'e Envelope>,
        conversation_name: &str,
    ) -> Notification {
        let mut shown = Notification::Silent;
        let mut commits = 0;
        for envelope in envelopes {
            if envelope.kind == ItemKind::Commit {
                commits += 1;
                if commits > COMMITS_MAX || !self.follow(envelope) {
                    return Notification::Generic(self.conversation);
                }
                continue;
            }
            match self.read(envelope) {
                Said::Nothing => {}
                Said::Hidden => shown = Notification::Generic(self.conversation),
                Said::Text { text, sender_name } => {
                    shown = Notification::Message(Preview {
                        conversation: self.conversation,
                        conversation_name: conversation_name.to_owned(),
                        message: envelope.client_id,
                        sender: envelope.sender_user,
                        sender_name,
                        text,
                        server_time_ms: envelope.server_time_ms,
                    });
                }
            }
        }
        shown
    }

    /// Goes through a commit; false where that can't be done here.
    fn follow(&mut self, envelope: &Envelope) -> bool {
        let Body::Payload(payload) = &envelope.body else {
            return false;
        };
        let processed = self.group.process(self.crypto, self.device, payload);
        matches!(processed, Ok(Processed::Commit { removed_self, .. }) if !removed_self)
    }

    /// Reads a message, with the checks that the client makes, too.
    fn read(&mut self, envelope: &Envelope) -> Said {
        let own = &self.device.certificate;
        let Body::Payload(payload) = &envelope.body else {
            return Said::Nothing;
        };
        if envelope.silent || envelope.kind != ItemKind::Message || envelope.sender_user == own.user
        {
            return Said::Nothing;
        }
        let (leaf, said_by, aad, plaintext) =
            match self.group.process(self.crypto, self.device, payload) {
                Ok(Processed::Message {
                    sender_leaf,
                    user,
                    device,
                    aad,
                    plaintext,
                }) => (sender_leaf, (user, device), aad, plaintext),
                Ok(Processed::Commit { .. }) => return Said::Nothing,
                // The client is behind; the app will show it.
                Err(_) => return Said::Hidden,
            };
        let genuine = aad == envelope.authenticated_data(self.conversation)
            && said_by == (envelope.sender_user, envelope.sender_device);
        if !genuine {
            return Said::Nothing;
        }
        let sender = self.group.view().member(leaf);
        let sender_name = sender.map(|member| member.certificate.username.clone());
        match Content::decode(&plaintext).map(|content| content.kind) {
            Ok(ContentKind::Text(text)) => Said::Text {
                text: shortened(text),
                sender_name: sender_name.unwrap_or_default(),
            },
            Ok(ContentKind::Unsupported) => Said::Hidden,
            _ => Said::Nothing,
        }
    }
}

fn shortened(text: String) -> String {
    match text.char_indices().nth(TEXT_CHARS_MAX) {
        None => text,
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_texts_are_cut_between_characters() {
        assert_eq!(shortened("é".repeat(500)), "é".repeat(500));
        assert_eq!(shortened("é".repeat(501)), format!("{}…", "é".repeat(500)));
    }

    #[test]
    fn other_bytes_are_no_payload() {
        let other = ServerFrame {
            request: 0,
            message: ServerMessage::Done,
        };
        for bad in [b"".as_slice(), b"\xff\xff", &other.encode()] {
            let code = read_payload(bad).err().map(|error| error.code);
            assert_eq!(code, Some(ErrorCode::Protocol));
        }
    }
}
