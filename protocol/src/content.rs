//! What a message says inside its encryption.

use prost::Message as _;

use crate::DecodeError;
use crate::envelope::Chain;
use crate::id::ClientId;
use crate::limits::{
    CONVERSATION_NAME_BYTES_MAX, NUMBER_MAX, PAYLOAD_BYTES_MAX, STATEMENT_BYTES_MAX, TEXT_BYTES_MAX,
};
use crate::wire::content as wire;

/// The plaintext of an application message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Content {
    /// The last number its sender had applied when it was sealed.
    pub log_seq: u64,
    /// The sender's transcript value at that number.
    pub log_chain: Chain,
    /// When it was composed, in milliseconds since 1970 by the sender's clock.
    pub composed_ms: i64,
    /// What it says.
    pub kind: ContentKind,
}

/// What a message says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ContentKind {
    /// Text to read.
    Text(String),
    /// New text for an earlier message of the same user.
    Edit {
        /// The message.
        target: ClientId,
        /// Its new text.
        text: String,
    },
    /// An earlier message of the same user is to be removed from view.
    Delete {
        /// The message.
        target: ClientId,
    },
    /// Its sender has read everything up to this number.
    ReadMark {
        /// The number.
        seq: u64,
    },
    /// The state of the conversation that all members share.
    State {
        /// Name of the conversation; empty for none.
        name: String,
    },
    /// The sending user leaves.
    Leave {
        /// Signed by the leaving device: the proof for the commit that carries it out.
        statement: Vec<u8>,
    },
    /// The sender could not read what stands at these numbers: whoever wrote it says it again.
    AskAgain {
        /// The first.
        from_seq: u64,
        /// The last.
        to_seq: u64,
    },
    /// An earlier text of the same user, for whoever could not read it then.
    Again {
        /// The message.
        target: ClientId,
        /// Its text.
        text: String,
    },
    /// Something a newer client says. Whoever keeps the plaintext can read it after an upgrade.
    Unsupported,
}

impl Content {
    /// The padded plaintext: its size tells no more than a bucket.
    ///
    /// # Errors
    /// [`DecodeError::TooLarge`] for a text or name over its limit; [`DecodeError::Field`] for
    /// [`ContentKind::Unsupported`], which nobody can send.
    pub fn encode(&self) -> Result<Vec<u8>, DecodeError> {
        use wire::content::Kind;
        let kind = match &self.kind {
            ContentKind::Text(text) => Kind::Text(wire::Text {
                text: checked_text(text)?,
            }),
            ContentKind::Edit { target, text } => Kind::Edit(wire::Edit {
                target: target.as_bytes().to_vec(),
                text: checked_text(text)?,
            }),
            ContentKind::Delete { target } => Kind::Delete(wire::Delete {
                target: target.as_bytes().to_vec(),
            }),
            ContentKind::ReadMark { seq } => Kind::ReadMark(wire::ReadMark { seq: *seq }),
            ContentKind::State { name } => {
                let name = name.clone();
                limit("conversation name", name.len(), CONVERSATION_NAME_BYTES_MAX)?;
                Kind::State(wire::ConversationState { name })
            }
            ContentKind::Leave { statement } => {
                limit("statement", statement.len(), STATEMENT_BYTES_MAX)?;
                Kind::Leave(wire::Leave {
                    statement: statement.clone(),
                })
            }
            ContentKind::AskAgain { from_seq, to_seq } => Kind::AskAgain(wire::AskAgain {
                from_seq: *from_seq,
                to_seq: *to_seq,
            }),
            ContentKind::Again { target, text } => Kind::Again(wire::Again {
                target: target.as_bytes().to_vec(),
                text: checked_text(text)?,
            }),
            ContentKind::Unsupported => return Err(DecodeError::Field("kind")),
        };
        let content = wire::Content {
            log_seq: self.log_seq,
            log_chain: self.log_chain.as_bytes().to_vec(),
            composed_ms: self.composed_ms,
            kind: Some(kind),
        };
        Ok(pad(content.encode_to_vec()))
    }

    /// Reads a padded plaintext.
    ///
    /// # Errors
    /// [`DecodeError`] where it is no such thing. A kind of content that this version does not
    /// know is not an error: see [`ContentKind::Unsupported`].
    pub fn decode(plaintext: &[u8]) -> Result<Self, DecodeError> {
        use wire::content::Kind;
        limit("plaintext", plaintext.len(), PAYLOAD_BYTES_MAX)?;
        let content =
            wire::Content::decode(unpad(plaintext)?).map_err(|_| DecodeError::Protobuf)?;
        let chain = <[u8; 32]>::try_from(content.log_chain.as_slice())
            .map_err(|_| DecodeError::Field("log_chain"))?;
        let target =
            |bytes: &[u8]| ClientId::try_from(bytes).map_err(|_| DecodeError::Field("target"));
        let kind = match content.kind {
            Some(Kind::Text(text)) => ContentKind::Text(checked_text(&text.text)?),
            Some(Kind::Edit(edit)) => ContentKind::Edit {
                target: target(&edit.target)?,
                text: checked_text(&edit.text)?,
            },
            Some(Kind::Delete(delete)) => ContentKind::Delete {
                target: target(&delete.target)?,
            },
            Some(Kind::ReadMark(mark)) => ContentKind::ReadMark {
                seq: number("seq", mark.seq)?,
            },
            Some(Kind::State(state)) => {
                limit(
                    "conversation name",
                    state.name.len(),
                    CONVERSATION_NAME_BYTES_MAX,
                )?;
                ContentKind::State { name: state.name }
            }
            Some(Kind::Leave(leave)) => {
                limit("statement", leave.statement.len(), STATEMENT_BYTES_MAX)?;
                ContentKind::Leave {
                    statement: leave.statement,
                }
            }
            Some(Kind::AskAgain(ask)) => ContentKind::AskAgain {
                from_seq: number("from_seq", ask.from_seq)?,
                to_seq: number("to_seq", ask.to_seq)?,
            },
            Some(Kind::Again(again)) => ContentKind::Again {
                target: target(&again.target)?,
                text: checked_text(&again.text)?,
            },
            None => ContentKind::Unsupported,
        };
        Ok(Self {
            log_seq: number("log_seq", content.log_seq)?,
            log_chain: Chain::from_bytes(chain),
            composed_ms: content.composed_ms,
            kind,
        })
    }
}

fn checked_text(text: &str) -> Result<String, DecodeError> {
    limit("text", text.len(), TEXT_BYTES_MAX)?;
    Ok(text.to_owned())
}

pub(crate) fn limit(what: &'static str, bytes: usize, limit: usize) -> Result<(), DecodeError> {
    if bytes > limit {
        return Err(DecodeError::TooLarge { what, bytes, limit });
    }
    Ok(())
}

/// A number that every database on the way can keep: below 2^63.
pub(crate) fn number(field: &'static str, value: u64) -> Result<u64, DecodeError> {
    if value > NUMBER_MAX {
        return Err(DecodeError::Field(field));
    }
    Ok(value)
}

/// Pads as ISO/IEC 7816-4 does (0x80, then zeros) up to the next bucket.
fn pad(mut bytes: Vec<u8>) -> Vec<u8> {
    bytes.push(0x80);
    let size = bucket(bytes.len());
    bytes.resize(size, 0);
    bytes
}

/// Powers of two from 128 bytes to 4 KiB, then multiples of 4 KiB.
fn bucket(bytes: usize) -> usize {
    if bytes <= 4096 {
        bytes.next_power_of_two().max(128)
    } else {
        bytes.next_multiple_of(4096)
    }
}

fn unpad(padded: &[u8]) -> Result<&[u8], DecodeError> {
    let end = padded
        .iter()
        .rposition(|byte| *byte != 0)
        .ok_or(DecodeError::Field("padding"))?;
    match padded.split_at_checked(end) {
        Some((content, [0x80, ..])) => Ok(content),
        _ => Err(DecodeError::Field("padding")),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    fn content(kind: ContentKind) -> Content {
        Content {
            log_seq: 7,
            log_chain: Chain::from_bytes([3; 32]),
            composed_ms: 1_700_000_000_000,
            kind,
        }
    }

    #[test]
    fn every_kind_survives_the_way_there_and_back() {
        let target = ClientId::from_bytes([9; 16]);
        for kind in [
            ContentKind::Text("שלום 👩‍👩‍👧".into()),
            ContentKind::Text(String::new()),
            ContentKind::Edit {
                target,
                text: "better".into(),
            },
            ContentKind::Delete { target },
            ContentKind::ReadMark { seq: NUMBER_MAX },
            ContentKind::State {
                name: "Choir".into(),
            },
            ContentKind::Leave {
                statement: vec![7; STATEMENT_BYTES_MAX],
            },
            ContentKind::AskAgain {
                from_seq: 3,
                to_seq: 9,
            },
            ContentKind::Again {
                target,
                text: "once more".into(),
            },
        ] {
            let sent = content(kind);
            assert_eq!(Content::decode(&sent.encode().unwrap()), Ok(sent));
        }
    }

    #[test]
    fn sizes_tell_only_the_bucket() {
        let size = |text: &str| {
            content(ContentKind::Text(text.into()))
                .encode()
                .unwrap()
                .len()
        };
        assert_eq!(size(""), size("thirty letters or so, not more"));
        assert_eq!(size(&"x".repeat(200)), 256);
        assert_eq!(size(&"x".repeat(TEXT_BYTES_MAX)) % 4096, 0);
    }

    #[test]
    fn a_newer_kind_is_unsupported_and_not_an_error() {
        // Field 99, a string: what a client of the future might say.
        let mut bytes = wire::Content {
            log_seq: 1,
            log_chain: vec![0; 32],
            composed_ms: 2,
            kind: None,
        }
        .encode_to_vec();
        bytes.extend_from_slice(&[0x9a, 0x06, 0x02, b'h', b'i']);
        let read = Content::decode(&pad(bytes)).unwrap();
        assert_eq!(read.kind, ContentKind::Unsupported);
        assert_eq!(read.log_seq, 1);
    }

    #[test]
    fn texts_over_the_limit_are_refused_both_ways() {
        let long = content(ContentKind::Text("x".repeat(TEXT_BYTES_MAX + 1)));
        assert!(matches!(long.encode(), Err(DecodeError::TooLarge { .. })));
    }
}
