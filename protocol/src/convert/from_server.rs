//! Frames that the server sends.

use super::parts::{at_most, envelope_from_wire, envelope_to_wire, hash, id};
use crate::DecodeError;
use crate::content::{limit, number};
use crate::frame::{
    ClaimedDevice, ClaimedUser, Envelopes, FailureCode, GoAwayReason, Head, HelloOk, InboxItem,
    InboxKind, ItemResult, Mark, Refusal, ServerFrame, ServerMessage, Welcome,
};
use crate::limits::{
    COMMIT_ADDS_MAX, CONVERSATION_USERS_MAX, FETCH_ENVELOPES_MAX, HEADS_PER_FRAME_MAX,
    INBOX_ITEMS_MAX, KEY_PACKAGE_BYTES_MAX, MANIFEST_BYTES_MAX, SEND_ITEMS_MAX,
    TREE_CHUNK_BYTES_MAX, USER_DEVICES_MAX, WELCOME_BYTES_MAX,
};
use crate::wire;
use wire::server_frame::Kind;

pub(super) fn to_wire(frame: &ServerFrame) -> wire::ServerFrame {
    let kind = match &frame.message {
        ServerMessage::HelloOk(ok) => Kind::HelloOk(wire::HelloOk {
            server_time_ms: ok.server_time_ms,
            sealed_no: ok.sealed_no,
            inbox_head: ok.inbox_head,
            one_time_key_packages: ok.one_time_key_packages,
            has_last_resort: ok.has_last_resort,
            heartbeat_ms: ok.heartbeat_ms,
        }),
        ServerMessage::Heads { heads, more } => Kind::Heads(wire::Heads {
            heads: heads.iter().map(head_to_wire).collect(),
            more: *more,
        }),
        ServerMessage::SendResult {
            conversation,
            results,
        } => Kind::SendResult(wire::SendResult {
            conversation: conversation.as_bytes().to_vec(),
            results: results.iter().map(result_to_wire).collect(),
        }),
        ServerMessage::Envelopes(run) => Kind::Envelopes(wire::Envelopes {
            conversation: run.conversation.as_bytes().to_vec(),
            incarnation: run.incarnation,
            head: run.head,
            envelopes: run.envelopes.iter().map(envelope_to_wire).collect(),
        }),
        ServerMessage::Marks {
            conversation,
            marks,
        } => Kind::Marks(wire::Marks {
            conversation: conversation.as_bytes().to_vec(),
            marks: marks
                .iter()
                .map(|mark| wire::Mark {
                    user: mark.user.as_bytes().to_vec(),
                    delivered: mark.delivered,
                })
                .collect(),
        }),
        ServerMessage::InboxItems { head, items } => Kind::InboxItems(wire::InboxItems {
            head: *head,
            items: items.iter().map(inbox_to_wire).collect(),
        }),
        ServerMessage::KeyPackageCount {
            one_time,
            has_last_resort,
        } => Kind::KeyPackageCount(wire::KeyPackageCount {
            one_time: *one_time,
            has_last_resort: *has_last_resort,
        }),
        ServerMessage::ClaimedKeyPackages {
            server_time_ms,
            users,
        } => Kind::ClaimedKeyPackages(wire::ClaimedKeyPackages {
            server_time_ms: *server_time_ms,
            users: users.iter().map(claimed_to_wire).collect(),
        }),
        ServerMessage::TreeChunk {
            offset,
            total,
            bytes,
        } => Kind::TreeChunk(wire::TreeChunk {
            offset: *offset,
            total: *total,
            bytes: bytes.clone(),
        }),
        ServerMessage::UserFound { user, username } => Kind::UserFound(wire::UserFound {
            user: user.as_bytes().to_vec(),
            username: username.clone(),
        }),
        ServerMessage::Failed {
            code,
            retry_after_ms,
        } => Kind::Failed(wire::Failed {
            code: failure_to_wire(*code).into(),
            retry_after_ms: *retry_after_ms,
        }),
        ServerMessage::GoAway {
            reason,
            retry_after_ms,
        } => Kind::GoAway(wire::GoAway {
            reason: reason_to_wire(*reason).into(),
            retry_after_ms: *retry_after_ms,
        }),
        ServerMessage::Pong { server_time_ms } => Kind::Pong(wire::Pong {
            server_time_ms: *server_time_ms,
        }),
        ServerMessage::Done => Kind::Done(wire::Done {}),
    };
    wire::ServerFrame {
        request: frame.request,
        kind: Some(kind),
    }
}

fn head_to_wire(head: &Head) -> wire::Head {
    wire::Head {
        conversation: head.conversation.as_bytes().to_vec(),
        incarnation: head.incarnation,
        head: head.head,
        epoch: head.epoch,
    }
}

fn result_to_wire(result: &ItemResult) -> wire::ItemResult {
    use wire::item_result::Outcome;
    wire::ItemResult {
        outcome: Some(match result {
            ItemResult::Accepted {
                seq,
                server_time_ms,
                payload_sha256,
            } => Outcome::Accepted(wire::Accepted {
                seq: *seq,
                server_time_ms: *server_time_ms,
                payload_sha256: payload_sha256.to_vec(),
            }),
            ItemResult::Refused(refusal) => Outcome::Refused(refusal_to_wire(refusal)),
            ItemResult::NotTried => Outcome::NotTried(wire::NotTried {}),
        }),
    }
}

fn refusal_to_wire(refusal: &Refusal) -> wire::Refused {
    use wire::RefusalCode as Code;
    let mut refused = wire::Refused::default();
    let code = match refusal {
        Refusal::StaleEpoch { epoch, head } => {
            refused.epoch = *epoch;
            refused.head = *head;
            Code::StaleEpoch
        }
        Refusal::NotMember => Code::NotMember,
        Refusal::NoSuchConversation => Code::NoSuchConversation,
        Refusal::ConversationExists => Code::ConversationExists,
        Refusal::DirectExists { conversation } => {
            refused.direct_conversation = conversation.as_bytes().to_vec();
            Code::DirectExists
        }
        Refusal::BadCounter { expected } => {
            refused.counter = *expected;
            Code::BadCounter
        }
        Refusal::BadCommit => Code::BadCommit,
        Refusal::Policy => Code::Policy,
        Refusal::TooLarge => Code::TooLarge,
        Refusal::Malformed => Code::Malformed,
        Refusal::RateLimited { retry_after_ms } => {
            refused.retry_after_ms = *retry_after_ms;
            Code::RateLimited
        }
        Refusal::NoSuchUser => Code::NoSuchUser,
        Refusal::Unavailable => Code::Unavailable,
    };
    refused.code = code.into();
    refused
}

fn inbox_to_wire(item: &InboxItem) -> wire::InboxItem {
    use wire::inbox_item::Kind;
    let kind = match &item.kind {
        InboxKind::Welcome(welcome) => Some(Kind::Welcome(wire::Welcome {
            conversation: welcome.conversation.as_bytes().to_vec(),
            incarnation: welcome.incarnation,
            seq: welcome.seq,
            epoch: welcome.epoch,
            adder_user: welcome.adder_user.as_bytes().to_vec(),
            adder_device: welcome.adder_device.as_bytes().to_vec(),
            welcome: welcome.welcome.clone(),
            chain: welcome.chain.to_vec(),
        })),
        InboxKind::DeviceWaits {
            conversation,
            seq,
            user,
            device,
        } => Some(Kind::DeviceWaits(wire::DeviceWaits {
            conversation: conversation.as_bytes().to_vec(),
            seq: *seq,
            user: user.as_bytes().to_vec(),
            device: device.as_bytes().to_vec(),
        })),
        InboxKind::ManifestChanged { user, manifest } => {
            Some(Kind::ManifestChanged(wire::ManifestChanged {
                user: user.as_bytes().to_vec(),
                manifest: manifest.clone(),
            }))
        }
        InboxKind::Unknown => None,
    };
    wire::InboxItem {
        seq: item.seq,
        kind,
    }
}

fn claimed_to_wire(user: &ClaimedUser) -> wire::ClaimedUser {
    wire::ClaimedUser {
        user: user.user.as_bytes().to_vec(),
        manifest: user.manifest.clone(),
        devices: user
            .devices
            .iter()
            .map(|device| wire::ClaimedDevice {
                device: device.device.as_bytes().to_vec(),
                key_package: device.key_package.clone(),
            })
            .collect(),
    }
}

fn failure_to_wire(code: FailureCode) -> wire::FailureCode {
    match code {
        FailureCode::Malformed => wire::FailureCode::Malformed,
        FailureCode::Forbidden => wire::FailureCode::Forbidden,
        FailureCode::NotFound => wire::FailureCode::NotFound,
        FailureCode::RateLimited => wire::FailureCode::RateLimited,
        FailureCode::TooLarge => wire::FailureCode::TooLarge,
        FailureCode::Unavailable => wire::FailureCode::Unavailable,
        FailureCode::UnsupportedVersion => wire::FailureCode::UnsupportedVersion,
        FailureCode::NoKeyPackage => wire::FailureCode::NoKeyPackage,
        FailureCode::Expired => wire::FailureCode::Expired,
        FailureCode::Conflict => wire::FailureCode::Conflict,
        FailureCode::Unknown => wire::FailureCode::Unknown,
    }
}

fn failure_from_wire(code: i32) -> FailureCode {
    match wire::FailureCode::try_from(code) {
        Ok(wire::FailureCode::Malformed) => FailureCode::Malformed,
        Ok(wire::FailureCode::Forbidden) => FailureCode::Forbidden,
        Ok(wire::FailureCode::NotFound) => FailureCode::NotFound,
        Ok(wire::FailureCode::RateLimited) => FailureCode::RateLimited,
        Ok(wire::FailureCode::TooLarge) => FailureCode::TooLarge,
        Ok(wire::FailureCode::Unavailable) => FailureCode::Unavailable,
        Ok(wire::FailureCode::UnsupportedVersion) => FailureCode::UnsupportedVersion,
        Ok(wire::FailureCode::NoKeyPackage) => FailureCode::NoKeyPackage,
        Ok(wire::FailureCode::Expired) => FailureCode::Expired,
        Ok(wire::FailureCode::Conflict) => FailureCode::Conflict,
        Ok(wire::FailureCode::Unknown) | Err(_) => FailureCode::Unknown,
    }
}

fn reason_to_wire(reason: GoAwayReason) -> wire::GoAwayReason {
    match reason {
        GoAwayReason::Draining => wire::GoAwayReason::Draining,
        GoAwayReason::TokenExpired => wire::GoAwayReason::TokenExpired,
        GoAwayReason::Replaced => wire::GoAwayReason::Replaced,
        GoAwayReason::ProtocolError => wire::GoAwayReason::ProtocolError,
        GoAwayReason::TooSlow => wire::GoAwayReason::TooSlow,
        GoAwayReason::Revoked => wire::GoAwayReason::Revoked,
        GoAwayReason::Unknown => wire::GoAwayReason::Unknown,
    }
}

fn reason_from_wire(reason: i32) -> GoAwayReason {
    match wire::GoAwayReason::try_from(reason) {
        Ok(wire::GoAwayReason::Draining) => GoAwayReason::Draining,
        Ok(wire::GoAwayReason::TokenExpired) => GoAwayReason::TokenExpired,
        Ok(wire::GoAwayReason::Replaced) => GoAwayReason::Replaced,
        Ok(wire::GoAwayReason::ProtocolError) => GoAwayReason::ProtocolError,
        Ok(wire::GoAwayReason::TooSlow) => GoAwayReason::TooSlow,
        Ok(wire::GoAwayReason::Revoked) => GoAwayReason::Revoked,
        Ok(wire::GoAwayReason::Unknown) | Err(_) => GoAwayReason::Unknown,
    }
}

pub(super) fn from_wire(frame: wire::ServerFrame) -> Result<ServerFrame, DecodeError> {
    let request = frame.request;
    let message = match frame.kind.ok_or(DecodeError::UnknownKind { request })? {
        Kind::HelloOk(ok) => ServerMessage::HelloOk(HelloOk {
            server_time_ms: ok.server_time_ms,
            sealed_no: number("sealed_no", ok.sealed_no)?,
            inbox_head: number("inbox_head", ok.inbox_head)?,
            one_time_key_packages: ok.one_time_key_packages,
            has_last_resort: ok.has_last_resort,
            heartbeat_ms: ok.heartbeat_ms,
        }),
        Kind::Heads(heads) => ServerMessage::Heads {
            heads: at_most("heads", heads.heads, HEADS_PER_FRAME_MAX)?
                .iter()
                .map(head_from_wire)
                .collect::<Result<_, _>>()?,
            more: heads.more,
        },
        Kind::SendResult(result) => ServerMessage::SendResult {
            conversation: id("conversation", &result.conversation)?,
            results: at_most("results", result.results, SEND_ITEMS_MAX)?
                .into_iter()
                .map(result_from_wire)
                .collect::<Result<_, _>>()?,
        },
        Kind::Envelopes(run) => ServerMessage::Envelopes(Envelopes {
            conversation: id("conversation", &run.conversation)?,
            incarnation: number("incarnation", run.incarnation)?,
            head: number("head", run.head)?,
            envelopes: at_most("envelopes", run.envelopes, FETCH_ENVELOPES_MAX)?
                .into_iter()
                .map(envelope_from_wire)
                .collect::<Result<_, _>>()?,
        }),
        Kind::Marks(marks) => ServerMessage::Marks {
            conversation: id("conversation", &marks.conversation)?,
            marks: at_most("marks", marks.marks, CONVERSATION_USERS_MAX)?
                .iter()
                .map(|mark| {
                    Ok(Mark {
                        user: id("user", &mark.user)?,
                        delivered: number("delivered", mark.delivered)?,
                    })
                })
                .collect::<Result<_, DecodeError>>()?,
        },
        Kind::InboxItems(inbox) => ServerMessage::InboxItems {
            head: number("head", inbox.head)?,
            items: at_most("inbox items", inbox.items, INBOX_ITEMS_MAX)?
                .into_iter()
                .map(inbox_from_wire)
                .collect::<Result<_, _>>()?,
        },
        Kind::KeyPackageCount(count) => ServerMessage::KeyPackageCount {
            one_time: count.one_time,
            has_last_resort: count.has_last_resort,
        },
        Kind::ClaimedKeyPackages(claimed) => ServerMessage::ClaimedKeyPackages {
            server_time_ms: claimed.server_time_ms,
            users: at_most("users", claimed.users, COMMIT_ADDS_MAX)?
                .into_iter()
                .map(claimed_from_wire)
                .collect::<Result<_, _>>()?,
        },
        Kind::TreeChunk(chunk) => {
            limit("tree chunk", chunk.bytes.len(), TREE_CHUNK_BYTES_MAX)?;
            ServerMessage::TreeChunk {
                offset: chunk.offset,
                total: chunk.total,
                bytes: chunk.bytes,
            }
        }
        Kind::UserFound(found) => ServerMessage::UserFound {
            user: id("user", &found.user)?,
            username: found.username,
        },
        Kind::Failed(failed) => ServerMessage::Failed {
            code: failure_from_wire(failed.code),
            retry_after_ms: failed.retry_after_ms,
        },
        Kind::GoAway(away) => ServerMessage::GoAway {
            reason: reason_from_wire(away.reason),
            retry_after_ms: away.retry_after_ms,
        },
        Kind::Pong(pong) => ServerMessage::Pong {
            server_time_ms: pong.server_time_ms,
        },
        Kind::Done(wire::Done {}) => ServerMessage::Done,
    };
    Ok(ServerFrame { request, message })
}

fn head_from_wire(head: &wire::Head) -> Result<Head, DecodeError> {
    Ok(Head {
        conversation: id("conversation", &head.conversation)?,
        incarnation: number("incarnation", head.incarnation)?,
        head: number("head", head.head)?,
        epoch: number("epoch", head.epoch)?,
    })
}

fn result_from_wire(result: wire::ItemResult) -> Result<ItemResult, DecodeError> {
    use wire::item_result::Outcome;
    Ok(match result.outcome.ok_or(DecodeError::Field("outcome"))? {
        Outcome::Accepted(accepted) => ItemResult::Accepted {
            seq: number("seq", accepted.seq)?,
            server_time_ms: accepted.server_time_ms,
            payload_sha256: hash("payload_sha256", &accepted.payload_sha256)?,
        },
        Outcome::Refused(refused) => ItemResult::Refused(refusal_from_wire(&refused)?),
        Outcome::NotTried(wire::NotTried {}) => ItemResult::NotTried,
    })
}

/// A refusal of an unknown code counts as "not now": only enumerated ones are final.
fn refusal_from_wire(refused: &wire::Refused) -> Result<Refusal, DecodeError> {
    use wire::RefusalCode as Code;
    Ok(match Code::try_from(refused.code) {
        Ok(Code::StaleEpoch) => Refusal::StaleEpoch {
            epoch: number("epoch", refused.epoch)?,
            head: number("head", refused.head)?,
        },
        Ok(Code::NotMember) => Refusal::NotMember,
        Ok(Code::NoSuchConversation) => Refusal::NoSuchConversation,
        Ok(Code::ConversationExists) => Refusal::ConversationExists,
        Ok(Code::DirectExists) => Refusal::DirectExists {
            conversation: id("direct_conversation", &refused.direct_conversation)?,
        },
        Ok(Code::BadCounter) => Refusal::BadCounter {
            expected: number("counter", refused.counter)?,
        },
        Ok(Code::BadCommit) => Refusal::BadCommit,
        Ok(Code::Policy) => Refusal::Policy,
        Ok(Code::TooLarge) => Refusal::TooLarge,
        Ok(Code::Malformed) => Refusal::Malformed,
        Ok(Code::RateLimited) => Refusal::RateLimited {
            retry_after_ms: refused.retry_after_ms,
        },
        Ok(Code::NoSuchUser) => Refusal::NoSuchUser,
        Ok(Code::Unavailable | Code::Unknown) | Err(_) => Refusal::Unavailable,
    })
}

fn inbox_from_wire(item: wire::InboxItem) -> Result<InboxItem, DecodeError> {
    use wire::inbox_item::Kind;
    let kind = match item.kind {
        Some(Kind::Welcome(welcome)) => {
            limit("welcome", welcome.welcome.len(), WELCOME_BYTES_MAX)?;
            InboxKind::Welcome(Welcome {
                conversation: id("conversation", &welcome.conversation)?,
                incarnation: number("incarnation", welcome.incarnation)?,
                seq: number("seq", welcome.seq)?,
                epoch: number("epoch", welcome.epoch)?,
                adder_user: id("adder_user", &welcome.adder_user)?,
                adder_device: id("adder_device", &welcome.adder_device)?,
                welcome: welcome.welcome,
                chain: hash("chain", &welcome.chain)?,
            })
        }
        Some(Kind::DeviceWaits(waits)) => InboxKind::DeviceWaits {
            conversation: id("conversation", &waits.conversation)?,
            seq: number("seq", waits.seq)?,
            user: id("user", &waits.user)?,
            device: id("device", &waits.device)?,
        },
        Some(Kind::ManifestChanged(changed)) => {
            limit("manifest", changed.manifest.len(), MANIFEST_BYTES_MAX)?;
            InboxKind::ManifestChanged {
                user: id("user", &changed.user)?,
                manifest: changed.manifest,
            }
        }
        None => InboxKind::Unknown,
    };
    Ok(InboxItem {
        seq: number("seq", item.seq)?,
        kind,
    })
}

fn claimed_from_wire(user: wire::ClaimedUser) -> Result<ClaimedUser, DecodeError> {
    limit("manifest", user.manifest.len(), MANIFEST_BYTES_MAX)?;
    Ok(ClaimedUser {
        user: id("user", &user.user)?,
        devices: at_most("devices", user.devices, USER_DEVICES_MAX)?
            .into_iter()
            .map(|device| {
                limit(
                    "key package",
                    device.key_package.len(),
                    KEY_PACKAGE_BYTES_MAX,
                )?;
                Ok(ClaimedDevice {
                    device: id("device", &device.device)?,
                    key_package: device.key_package,
                })
            })
            .collect::<Result<_, DecodeError>>()?,
        manifest: user.manifest,
    })
}
