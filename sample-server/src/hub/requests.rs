//! From frames to requests to the log.

use whimbrel_protocol::frame::{
    ClientFrame, ClientMessage, FailureCode, GoAwayReason, Hello, ItemResult, Refusal, Send,
    ServerMessage,
};
use whimbrel_protocol::limits::FETCHES_OUTSTANDING_MAX;
use whimbrel_protocol::{ConversationId, PROTOCOL_VERSION, UserId};

use super::connection::Phase;
use super::{ConnectionId, Effect, Hub, Peer, RETRY_AFTER_MS, Ticket};
use crate::Now;
use crate::log::{AppendRequest, ChangeRequest, ReadRequest};

/// What a request with a payload counts for among the unanswered ones of a connection.
const HEAVY_COST: usize = 16;
const LIGHT_COST: usize = 1;

/// A request that the log has not answered yet.
#[derive(Debug)]
pub(super) struct Pending {
    pub(super) connection: ConnectionId,
    /// Its number, to be repeated in the answer.
    pub(super) request: u64,
    pub(super) cost: usize,
    pub(super) what: What,
}

/// What has to be known to make use of the answer.
#[derive(Debug)]
pub(super) enum What {
    Hello,
    Send {
        conversation: ConversationId,
        items: usize,
    },
    Fetch,
    GoLive {
        after: u64,
    },
    Claim {
        user: UserId,
        users: u32,
    },
    /// Where a conversation stands, because of a hint.
    Moved {
        conversation: ConversationId,
    },
    /// Where a conversation stands for a device that another node removed from it.
    Removed,
    /// Whether a rejected commit is void by now.
    Void {
        conversation: ConversationId,
    },
    /// Others are told that this device waits, without being asked to.
    TellWaiting,
    /// The answer says all.
    Other,
}

impl Hub {
    pub(super) fn frame(&mut self, id: ConnectionId, frame: ClientFrame, now: Now) {
        let Some(connection) = self.connections.get_mut(&id) else {
            return;
        };
        connection.heard_ms = now.mono_ms;
        let peer = connection.peer;
        let request = frame.request;
        match (connection.phase, frame.message) {
            (Phase::Silent, ClientMessage::Hello(hello)) => self.hello(id, peer, request, &hello),
            (Phase::Silent, _) | (_, ClientMessage::Hello(_)) => {
                self.close(id, GoAwayReason::ProtocolError, 0);
            }
            (_, ClientMessage::Taken { envelopes }) => {
                connection.give_back(envelopes);
                self.touched.insert(id);
            }
            (_, ClientMessage::Ping) => {
                let server_time_ms = now.wall_ms;
                self.send(id, request, ServerMessage::Pong { server_time_ms });
            }
            (_, ClientMessage::Send(send)) => self.send_items(id, peer, request, send, now),
            (_, message) => self.ask_for(id, peer, request, message, now),
        }
    }

    fn hello(&mut self, id: ConnectionId, peer: Peer, request: u64, hello: &Hello) {
        let refusal = if hello.version != PROTOCOL_VERSION {
            Some(FailureCode::UnsupportedVersion)
        } else if hello.device != peer.device {
            Some(FailureCode::Forbidden)
        } else {
            None
        };
        if let Some(code) = refusal {
            self.fail(id, request, code, 0);
            self.close(id, GoAwayReason::ProtocolError, 0);
            return;
        }
        if let Some(old) = self.devices.insert(peer.device, id) {
            self.close(old, GoAwayReason::Replaced, 0);
        }
        if let Some(connection) = self.connections.get_mut(&id) {
            connection.phase = Phase::Greeted;
        }
        let ask = ReadRequest::Change(ChangeRequest::Hello {
            device: peer.device,
            sealed_no: hello.sealed_no,
        });
        self.read(id, request, LIGHT_COST, What::Hello, ask);
    }

    fn send_items(&mut self, id: ConnectionId, peer: Peer, request: u64, send: Send, now: Now) {
        let (conversation, items) = (send.conversation, send.items.len());
        if self
            .draining
            .is_some_and(|drain| drain.end_ms <= now.mono_ms)
        {
            let results = unavailable(items);
            let message = ServerMessage::SendResult {
                conversation,
                results,
            };
            self.send(id, request, message);
            return;
        }
        let what = What::Send {
            conversation,
            items,
        };
        if let Some(ticket) = self.ticket(id, request, HEAVY_COST, what) {
            self.effects.push_back(Effect::Append {
                ticket,
                request: AppendRequest {
                    user: peer.user,
                    device: peer.device,
                    conversation,
                    sealed_no: send.sealed_no,
                    items: send.items,
                },
            });
        }
    }

    fn ask_for(
        &mut self,
        id: ConnectionId,
        peer: Peer,
        request: u64,
        message: ClientMessage,
        now: Now,
    ) {
        let Peer { user, device, .. } = peer;
        let (what, ask) = match message {
            ClientMessage::Fetch {
                conversation,
                after,
                limit,
            } => {
                if !self.begin_fetch(id) {
                    self.fail(id, request, FailureCode::RateLimited, RETRY_AFTER_MS);
                    return;
                }
                let ask = ReadRequest::Fetch {
                    device,
                    conversation,
                    after,
                    limit,
                };
                (What::Fetch, ask)
            }
            ClientMessage::GoLive {
                conversation,
                after,
            } => {
                let ask = ReadRequest::GoLive {
                    user,
                    device,
                    conversation,
                };
                (What::GoLive { after }, ask)
            }
            ClientMessage::ClaimKeyPackages { users } => {
                let Some(what) = self.begin_claim(id, user, request, &users, now) else {
                    return;
                };
                let ask = ReadRequest::Change(ChangeRequest::ClaimKeyPackages { device, users });
                (what, ask)
            }
            ClientMessage::RejectCommit { conversation, seq } => {
                let ask = ReadRequest::Change(ChangeRequest::RejectCommit {
                    device,
                    conversation,
                    seq,
                });
                (What::Void { conversation }, ask)
            }
            other => match plain(peer, other) {
                Some(ask) => (What::Other, ask),
                None => return,
            },
        };
        let cost = match &ask {
            ReadRequest::Change(
                ChangeRequest::PublishKeyPackages { .. } | ChangeRequest::PublishManifest { .. },
            ) => HEAVY_COST,
            _ => LIGHT_COST,
        };
        self.read(id, request, cost, what, ask);
    }

    fn begin_fetch(&mut self, id: ConnectionId) -> bool {
        let Some(connection) = self.connections.get_mut(&id) else {
            return false;
        };
        if connection.fetches >= FETCHES_OUTSTANDING_MAX {
            return false;
        }
        connection.fetches += 1;
        true
    }

    fn begin_claim(
        &mut self,
        id: ConnectionId,
        user: UserId,
        request: u64,
        claimed: &[UserId],
        now: Now,
    ) -> Option<What> {
        // One's own devices are no strangers, so they do not count.
        let others = claimed.iter().filter(|claimed| **claimed != user).count();
        let users = u32::try_from(others).unwrap_or(u32::MAX);
        if users == 0 {
            return Some(What::Claim { user, users });
        }
        match self.claims.claim(user, users, now.mono_ms) {
            Ok(()) => Some(What::Claim { user, users }),
            Err(retry_after_ms) => {
                self.fail(id, request, FailureCode::RateLimited, retry_after_ms);
                None
            }
        }
    }

    /// Asks the log on behalf of a connection, unless it has asked too much already.
    fn read(&mut self, id: ConnectionId, request: u64, cost: usize, what: What, ask: ReadRequest) {
        if let Some(ticket) = self.ticket(id, request, cost, what) {
            self.effects.push_back(Effect::Read {
                ticket,
                request: ask,
            });
        }
    }

    fn ticket(
        &mut self,
        id: ConnectionId,
        request: u64,
        cost: usize,
        what: What,
    ) -> Option<Ticket> {
        let connection = self.connections.get_mut(&id)?;
        if connection.unanswered.saturating_add(cost) > self.config.unanswered_max {
            self.close(id, GoAwayReason::TooSlow, RETRY_AFTER_MS);
            return None;
        }
        connection.unanswered += cost;
        let pending = Pending {
            connection: id,
            request,
            cost,
            what,
        };
        Some(self.note(pending))
    }

    fn note(&mut self, pending: Pending) -> Ticket {
        self.last_ticket += 1;
        let ticket = Ticket(self.last_ticket);
        self.pending.insert(ticket, pending);
        ticket
    }

    /// Another node says that a conversation has moved on. One reading at a time is enough; a
    /// hint that comes meanwhile may be about something later, so it is read again afterwards.
    pub(super) fn hint(&mut self, conversation: ConversationId) {
        if let Some(again) = self.hinted.get_mut(&conversation) {
            *again = true;
            return;
        }
        self.hinted.insert(conversation, false);
        let ask = ReadRequest::Moved { conversation };
        self.ask_for_itself(ConnectionId(0), What::Moved { conversation }, ask);
    }

    /// Lets others know where this device still has to be added.
    pub(super) fn tell_waiting(&mut self, id: ConnectionId) {
        if let Some(connection) = self.connections.get(&id) {
            let Peer { user, device, .. } = connection.peer;
            let ask = ReadRequest::Change(ChangeRequest::TellWaiting { user, device });
            self.ask_for_itself(id, What::TellWaiting, ask);
        }
    }

    /// Asks the log without being asked by a client.
    pub(super) fn ask_for_itself(&mut self, id: ConnectionId, what: What, ask: ReadRequest) {
        let ticket = self.note(Pending {
            connection: id,
            request: 0,
            cost: 0,
            what,
        });
        self.effects.push_back(Effect::Read {
            ticket,
            request: ask,
        });
    }
}

/// The request to the log that a frame stands for, where nothing but the answer is needed to
/// answer it. `None` for frames that are none of the log's business.
fn plain(peer: Peer, message: ClientMessage) -> Option<ReadRequest> {
    let Peer { user, device, .. } = peer;
    let change = match message {
        ClientMessage::FetchInbox { after } => {
            return Some(ReadRequest::FetchInbox { device, after });
        }
        ClientMessage::FetchTree {
            conversation,
            epoch,
            offset,
        } => {
            return Some(ReadRequest::FetchTree {
                device,
                conversation,
                epoch,
                offset,
            });
        }
        ClientMessage::FindUser(find) => return Some(ReadRequest::FindUser { device, find }),
        ClientMessage::Applied { conversation, seq } => ChangeRequest::Applied {
            user,
            device,
            conversation,
            seq,
        },
        ClientMessage::InboxApplied { seq, unopened } => ChangeRequest::InboxApplied {
            user,
            device,
            seq,
            unopened,
        },
        ClientMessage::PublishKeyPackages {
            one_time,
            last_resort,
        } => ChangeRequest::PublishKeyPackages {
            user,
            device,
            one_time,
            last_resort,
        },
        ClientMessage::PublishManifest { manifest } => ChangeRequest::PublishManifest {
            user,
            device,
            manifest,
        },
        ClientMessage::AskToBeAdded { conversation } => ChangeRequest::AskToBeAdded {
            user,
            device,
            conversation,
        },
        ClientMessage::Hello(_)
        | ClientMessage::Send(_)
        | ClientMessage::Fetch { .. }
        | ClientMessage::GoLive { .. }
        | ClientMessage::Taken { .. }
        | ClientMessage::ClaimKeyPackages { .. }
        | ClientMessage::RejectCommit { .. }
        | ClientMessage::Ping => return None,
    };
    Some(ReadRequest::Change(change))
}

/// The results of items that the server could not even try.
pub(super) fn unavailable(items: usize) -> Vec<ItemResult> {
    let first = std::iter::once(ItemResult::Refused(Refusal::Unavailable));
    first
        .chain(std::iter::repeat(ItemResult::NotTried))
        .take(items)
        .collect()
}
