//! Frames that clients send.

use super::parts::{at_most, id, ids, kind_from_wire, kind_to_wire, optional_id};
use crate::DecodeError;
use crate::content::{limit, number};
use crate::frame::{
    ClientFrame, ClientMessage, FindUser, Founding, Hello, Send, SendItem, UnopenedWelcome,
    WelcomeOut,
};
use crate::limits::{
    COMMIT_ADDS_MAX, CONVERSATION_DEVICES_MAX, INBOX_ITEMS_MAX, KEY_PACKAGE_BYTES_MAX,
    KEY_PACKAGES_PER_FRAME_MAX, MANIFEST_BYTES_MAX, PAYLOAD_BYTES_MAX, SEND_ITEMS_MAX,
    WELCOME_BYTES_MAX,
};
use crate::wire;
use wire::client_frame::Kind;

pub(super) fn to_wire(frame: &ClientFrame) -> wire::ClientFrame {
    let kind = match &frame.message {
        ClientMessage::Hello(hello) => Kind::Hello(wire::Hello {
            version: hello.version,
            device: hello.device.as_bytes().to_vec(),
            sealed_no: hello.sealed_no,
        }),
        ClientMessage::Send(send) => Kind::Send(send_to_wire(send)),
        ClientMessage::Fetch {
            conversation,
            after,
            limit,
        } => Kind::Fetch(wire::Fetch {
            conversation: conversation.as_bytes().to_vec(),
            after: *after,
            limit: *limit,
        }),
        ClientMessage::GoLive {
            conversation,
            after,
        } => Kind::GoLive(wire::GoLive {
            conversation: conversation.as_bytes().to_vec(),
            after: *after,
        }),
        ClientMessage::Applied { conversation, seq } => Kind::Applied(wire::Applied {
            conversation: conversation.as_bytes().to_vec(),
            seq: *seq,
        }),
        ClientMessage::Taken { envelopes } => Kind::Taken(wire::Taken {
            envelopes: *envelopes,
        }),
        ClientMessage::FetchInbox { after } => Kind::FetchInbox(wire::FetchInbox { after: *after }),
        ClientMessage::InboxApplied { seq, unopened } => {
            Kind::InboxApplied(inbox_applied_to_wire(*seq, unopened))
        }
        ClientMessage::PublishKeyPackages {
            one_time,
            last_resort,
        } => Kind::PublishKeyPackages(wire::PublishKeyPackages {
            one_time: one_time.clone(),
            last_resort: last_resort.clone().unwrap_or_default(),
        }),
        ClientMessage::ClaimKeyPackages { users } => {
            Kind::ClaimKeyPackages(wire::ClaimKeyPackages {
                users: users.iter().map(|user| user.as_bytes().to_vec()).collect(),
            })
        }
        ClientMessage::FetchTree {
            conversation,
            epoch,
            offset,
        } => Kind::FetchTree(wire::FetchTree {
            conversation: conversation.as_bytes().to_vec(),
            epoch: *epoch,
            offset: *offset,
        }),
        ClientMessage::FindUser(find) => Kind::FindUser(wire::FindUser {
            by: Some(match find {
                FindUser::ByUsername(name) => wire::find_user::By::Username(name.clone()),
                FindUser::ById(user) => wire::find_user::By::User(user.as_bytes().to_vec()),
            }),
        }),
        ClientMessage::RejectCommit { conversation, seq } => {
            Kind::RejectCommit(wire::RejectCommit {
                conversation: conversation.as_bytes().to_vec(),
                seq: *seq,
            })
        }
        ClientMessage::PublishManifest { manifest } => {
            Kind::PublishManifest(wire::PublishManifest {
                manifest: manifest.clone(),
            })
        }
        ClientMessage::AskToBeAdded { conversation } => Kind::AskToBeAdded(wire::AskToBeAdded {
            conversation: conversation.as_bytes().to_vec(),
        }),
        ClientMessage::Ping => Kind::Ping(wire::Ping {}),
    };
    wire::ClientFrame {
        request: frame.request,
        kind: Some(kind),
    }
}

fn send_to_wire(send: &Send) -> wire::Send {
    let item = |item: &SendItem| wire::SendItem {
        client_id: item.client_id.as_bytes().to_vec(),
        kind: kind_to_wire(item.kind),
        epoch: item.epoch,
        counter: item.counter,
        silent: item.silent,
        payload: item.payload.clone(),
        founding: item.founding.as_ref().map(|founding| wire::Founding {
            tree: founding.tree.clone(),
            direct_peer: founding
                .direct_peer
                .map(|peer| peer.as_bytes().to_vec())
                .unwrap_or_default(),
        }),
        welcome: item.welcome.as_ref().map(|welcome| wire::WelcomeOut {
            welcome: welcome.welcome.clone(),
            devices: welcome
                .devices
                .iter()
                .map(|device| device.as_bytes().to_vec())
                .collect(),
        }),
    };
    wire::Send {
        conversation: send.conversation.as_bytes().to_vec(),
        sealed_no: send.sealed_no,
        items: send.items.iter().map(item).collect(),
    }
}

fn inbox_applied_to_wire(seq: u64, unopened: &[UnopenedWelcome]) -> wire::InboxApplied {
    wire::InboxApplied {
        seq,
        unopened: unopened
            .iter()
            .map(|welcome| wire::UnopenedWelcome {
                conversation: welcome.conversation.as_bytes().to_vec(),
                seq: welcome.seq,
            })
            .collect(),
    }
}

pub(super) fn from_wire(frame: wire::ClientFrame) -> Result<ClientFrame, DecodeError> {
    let request = frame.request;
    let message = match frame.kind.ok_or(DecodeError::UnknownKind { request })? {
        Kind::Hello(hello) => ClientMessage::Hello(Hello {
            version: hello.version,
            device: id("device", &hello.device)?,
            sealed_no: number("sealed_no", hello.sealed_no)?,
        }),
        Kind::Send(send) => ClientMessage::Send(send_from_wire(send)?),
        Kind::Fetch(fetch) => ClientMessage::Fetch {
            conversation: id("conversation", &fetch.conversation)?,
            after: number("after", fetch.after)?,
            limit: fetch.limit,
        },
        Kind::GoLive(live) => ClientMessage::GoLive {
            conversation: id("conversation", &live.conversation)?,
            after: number("after", live.after)?,
        },
        Kind::Applied(applied) => ClientMessage::Applied {
            conversation: id("conversation", &applied.conversation)?,
            seq: number("seq", applied.seq)?,
        },
        Kind::Taken(taken) => ClientMessage::Taken {
            envelopes: taken.envelopes,
        },
        Kind::FetchInbox(fetch) => ClientMessage::FetchInbox {
            after: number("after", fetch.after)?,
        },
        Kind::InboxApplied(applied) => ClientMessage::InboxApplied {
            seq: number("seq", applied.seq)?,
            unopened: at_most("unopened welcomes", applied.unopened, INBOX_ITEMS_MAX)?
                .iter()
                .map(|welcome| {
                    Ok(UnopenedWelcome {
                        conversation: id("conversation", &welcome.conversation)?,
                        seq: number("seq", welcome.seq)?,
                    })
                })
                .collect::<Result<_, DecodeError>>()?,
        },
        Kind::PublishKeyPackages(publish) => publish_from_wire(publish)?,
        Kind::ClaimKeyPackages(claim) => ClientMessage::ClaimKeyPackages {
            users: ids("users", &at_most("users", claim.users, COMMIT_ADDS_MAX)?)?,
        },
        Kind::FetchTree(fetch) => ClientMessage::FetchTree {
            conversation: id("conversation", &fetch.conversation)?,
            epoch: number("epoch", fetch.epoch)?,
            offset: fetch.offset,
        },
        Kind::FindUser(find) => ClientMessage::FindUser(find_from_wire(find)?),
        Kind::RejectCommit(reject) => ClientMessage::RejectCommit {
            conversation: id("conversation", &reject.conversation)?,
            seq: number("seq", reject.seq)?,
        },
        Kind::PublishManifest(publish) => {
            limit("manifest", publish.manifest.len(), MANIFEST_BYTES_MAX)?;
            ClientMessage::PublishManifest {
                manifest: publish.manifest,
            }
        }
        Kind::AskToBeAdded(ask) => ClientMessage::AskToBeAdded {
            conversation: id("conversation", &ask.conversation)?,
        },
        Kind::Ping(wire::Ping {}) => ClientMessage::Ping,
    };
    Ok(ClientFrame { request, message })
}

fn send_from_wire(send: wire::Send) -> Result<Send, DecodeError> {
    let items = at_most("items", send.items, SEND_ITEMS_MAX)?;
    if items.is_empty() {
        return Err(DecodeError::Field("items"));
    }
    Ok(Send {
        conversation: id("conversation", &send.conversation)?,
        sealed_no: number("sealed_no", send.sealed_no)?,
        items: items
            .into_iter()
            .map(item_from_wire)
            .collect::<Result<_, _>>()?,
    })
}

fn item_from_wire(item: wire::SendItem) -> Result<SendItem, DecodeError> {
    limit("payload", item.payload.len(), PAYLOAD_BYTES_MAX)?;
    let founding = item
        .founding
        .map(|founding| {
            limit("tree", founding.tree.len(), PAYLOAD_BYTES_MAX)?;
            Ok(Founding {
                direct_peer: optional_id("direct_peer", &founding.direct_peer)?,
                tree: founding.tree,
            })
        })
        .transpose()?;
    let welcome = item
        .welcome
        .map(|welcome| {
            limit("welcome", welcome.welcome.len(), WELCOME_BYTES_MAX)?;
            limit(
                "welcome devices",
                welcome.devices.len(),
                CONVERSATION_DEVICES_MAX,
            )?;
            Ok(WelcomeOut {
                devices: ids("devices", &welcome.devices)?,
                welcome: welcome.welcome,
            })
        })
        .transpose()?;
    Ok(SendItem {
        client_id: id("client_id", &item.client_id)?,
        kind: kind_from_wire(item.kind)?,
        epoch: number("epoch", item.epoch)?,
        counter: number("counter", item.counter)?,
        silent: item.silent,
        payload: item.payload,
        founding,
        welcome,
    })
}

fn publish_from_wire(publish: wire::PublishKeyPackages) -> Result<ClientMessage, DecodeError> {
    let one_time = at_most("key packages", publish.one_time, KEY_PACKAGES_PER_FRAME_MAX)?;
    for key_package in one_time.iter().chain([&publish.last_resort]) {
        limit("key package", key_package.len(), KEY_PACKAGE_BYTES_MAX)?;
    }
    Ok(ClientMessage::PublishKeyPackages {
        one_time,
        last_resort: Some(publish.last_resort).filter(|bytes| !bytes.is_empty()),
    })
}

fn find_from_wire(find: wire::FindUser) -> Result<FindUser, DecodeError> {
    match find.by {
        Some(wire::find_user::By::Username(name)) => Ok(FindUser::ByUsername(name)),
        Some(wire::find_user::By::User(user)) => Ok(FindUser::ById(id("user", &user)?)),
        None => Err(DecodeError::Field("by")),
    }
}
