//! Frames of the server: each becomes work, or moves a place. No database here.

use whimbrel_protocol::frame::{
    ClaimedUser, ClientMessage, FailureCode, GoAwayReason, Hello, ServerFrame, ServerMessage,
};
use whimbrel_protocol::{PROTOCOL_VERSION, limits};

use super::work::Results;
use super::{Engine, Phase};
use crate::env::Now;
use crate::error::ErrorCode;
use crate::event::{Effect, LinkError};
use crate::sync::requests::Request;
use crate::types::Alarm;

/// Shortest wait before something refused is asked for again.
const RETRY_MS_MIN: i64 = 2_000;

fn retry_at_least(retry_ms: u32) -> i64 {
    RETRY_MS_MIN.max(i64::from(retry_ms))
}

impl Engine {
    /// The connection is open: say who this is.
    pub(super) fn greet(&mut self, now: Now) {
        let Some(account) = &self.account else {
            return;
        };
        let hello = ClientMessage::Hello(Hello {
            version: PROTOCOL_VERSION,
            device: account.device,
            sealed_no: account.sealed_no,
        });
        self.work.inbox_applied = account.inbox_seq;
        self.sync.link.set_phase(Phase::Greeting, now);
        let frame = self.sync.requests.ask(Request::Hello, hello, now);
        self.transmit(frame, now);
    }

    pub(super) fn on_frame(&mut self, frame: ServerFrame, now: Now) {
        if frame.request == 0 {
            self.told(frame.message, None, now);
        } else if let Some(request) = self.sync.requests.answered(frame.request) {
            self.answered(frame.message, request, now);
        }
        // Else it answers something asked on a connection before this one.
    }

    /// What the server may say at any time, asked or not.
    fn told(&mut self, message: ServerMessage, asked: Option<Request>, now: Now) {
        match message {
            ServerMessage::Heads { heads, more } => {
                self.sync.on_heads(&heads, more);
                let reached = heads.into_iter().filter(|head| self.sync.has_reached(head));
                self.work.reached.extend(reached);
            }
            ServerMessage::Envelopes(run) => {
                self.sync.on_envelopes(run, asked.is_none(), now);
            }
            ServerMessage::Marks {
                conversation,
                marks,
            } if self.sync.is_tracked(conversation) => {
                let waiting = self.work.marks.entry(conversation).or_default();
                for mark in marks {
                    let highest = waiting.entry(mark.user).or_default();
                    *highest = mark.delivered.max(*highest);
                }
            }
            ServerMessage::InboxItems { head, items } => {
                self.work.take_inbox(head, items, asked.is_some());
            }
            ServerMessage::KeyPackageCount {
                one_time,
                has_last_resort,
            } => {
                if let Some(Request::Publish { references }) = asked {
                    let are_missing = (one_time as usize) < references.len();
                    if are_missing {
                        self.work.publish_not_before = now.mono_ms + RETRY_MS_MIN;
                    }
                    self.work.published.extend(references);
                }
                self.work.one_time_key_packages = Some(one_time);
                self.work.needs_last_resort = !has_last_resort;
            }
            ServerMessage::GoAway {
                reason,
                retry_after_ms,
            } => self.on_go_away(reason, retry_after_ms, now),
            // Signs of life, and answers to nothing.
            _ => {}
        }
    }

    /// The answer to a request of this connection.
    fn answered(&mut self, message: ServerMessage, request: Request, now: Now) {
        match (message, request) {
            (ServerMessage::HelloOk(ok), Request::Hello) => {
                self.sync.link.greeted(ok.heartbeat_ms, now);
                self.last_error = None;
                self.denials = 0;
                self.work.hello = Some(ok);
            }
            (
                ServerMessage::SendResult { results, .. },
                Request::Send {
                    conversation,
                    items,
                },
            ) => {
                self.work.results.push_back(Results {
                    conversation,
                    sent: items,
                    results,
                });
            }
            (
                ServerMessage::ClaimedKeyPackages {
                    server_time_ms,
                    users,
                },
                Request::Claim { users: asked },
            ) => {
                self.directory.server_time_ms = server_time_ms;
                self.take_claims(&asked, users);
            }
            (ServerMessage::Done, Request::Manifest { manifest }) => {
                self.work.manifest_done = Some(manifest);
            }
            (
                ServerMessage::TreeChunk {
                    offset,
                    total,
                    bytes,
                },
                Request::Tree {
                    conversation,
                    epoch,
                },
            ) if self.work.wants_tree(conversation, epoch) => {
                self.take_tree(offset, total, &bytes);
            }
            (ServerMessage::UserFound { user, .. }, Request::FindUser { username }) => {
                self.directory.names.insert(username, Some(user));
            }
            (
                ServerMessage::Failed {
                    code,
                    retry_after_ms,
                },
                request,
            ) => self.on_failure(&request, code, retry_after_ms, now),
            // Not a greeting: nothing that follows means anything.
            (_, Request::Hello) => self.close_link(now),
            (message, request) => self.told(message, Some(request), now),
        }
    }

    fn take_claims(&mut self, asked: &[whimbrel_protocol::UserId], users: Vec<ClaimedUser>) {
        for user in asked {
            if !users.iter().any(|claimed| claimed.user == *user) {
                let missing = Err(ErrorCode::Unavailable);
                self.directory.claims.entry(*user).or_insert(missing);
            }
        }
        let wanted = users.into_iter().filter(|user| asked.contains(&user.user));
        self.work.claims.extend(wanted.take(asked.len()));
    }

    fn take_tree(&mut self, offset: u32, total: u32, bytes: &[u8]) {
        let tree = &mut self.work.tree;
        let (offset, total) = (offset as usize, total as usize);
        let fits = offset == tree.bytes.len()
            && offset + bytes.len() <= total
            && total <= limits::TREE_BYTES_MAX
            && !bytes.is_empty();
        if fits {
            tree.bytes.extend_from_slice(bytes);
            tree.total = Some(total);
        } else {
            tree.missing = true;
        }
    }

    fn on_failure(&mut self, request: &Request, code: FailureCode, retry_ms: u32, now: Now) {
        let unavailable = match code {
            FailureCode::NotFound => ErrorCode::NoSuchUser,
            FailureCode::RateLimited => ErrorCode::RateLimited,
            _ => ErrorCode::Unavailable,
        };
        match request {
            Request::Hello if code == FailureCode::UnsupportedVersion => {
                self.alarm = Some(Alarm::UpdateNeeded);
                self.close_link(now);
            }
            Request::Hello if code == FailureCode::Expired => {
                self.effects.push_back(Effect::Disconnect);
                self.link_closed(LinkError::Denied, now);
            }
            Request::Hello if code == FailureCode::Forbidden => {
                self.alarm = Some(Alarm::Revoked);
                self.close_link(now);
            }
            Request::Hello => self.close_link(now),
            Request::Fetch { conversation } | Request::GoLive { conversation } => {
                let retry_at = now.mono_ms + retry_at_least(retry_ms);
                self.sync.on_fetch_failed(*conversation, retry_at);
            }
            Request::Claim { users } => {
                for user in users {
                    self.directory.claims.insert(*user, Err(unavailable));
                }
            }
            Request::FindUser { username } if code == FailureCode::NotFound => {
                self.directory.names.insert(username.clone(), None);
            }
            Request::Tree {
                conversation,
                epoch,
            } => self.work.tree.missing |= self.work.wants_tree(*conversation, *epoch),
            // Looked at again by itself: what was sent is still in doubt, the rest is asked anew.
            Request::Send { conversation, .. } => {
                self.hold(*conversation, i64::from(retry_ms), now);
            }
            Request::FindUser { .. } => {
                for conversation in std::mem::take(&mut self.work.asking) {
                    self.hold(conversation, i64::from(retry_ms), now);
                }
            }
            Request::Inbox => self.work.inbox_not_before = now.mono_ms + retry_at_least(retry_ms),
            Request::Manifest { .. } => {
                // After a conflict the manifest that came first is in the inbox, or soon will be.
                self.work.manifest_not_before = now.mono_ms + retry_at_least(retry_ms);
            }
            Request::AskToBeAdded { conversation } if code == FailureCode::NotFound => {
                self.work.asks.remove(conversation);
            }
            Request::AskToBeAdded { .. } => {}
            Request::Publish { .. } => {
                self.work.publish_not_before = now.mono_ms + retry_at_least(retry_ms);
                // Those that are not confirmed are offered again.
                self.work.one_time_key_packages = Some(0);
            }
        }
    }

    fn on_go_away(&mut self, reason: GoAwayReason, retry_after_ms: u32, now: Now) {
        self.effects.push_back(Effect::Disconnect);
        let error = match reason {
            GoAwayReason::TokenExpired => LinkError::Denied,
            GoAwayReason::ProtocolError => LinkError::Protocol,
            GoAwayReason::Revoked => LinkError::Revoked,
            GoAwayReason::Draining
            | GoAwayReason::Replaced
            | GoAwayReason::TooSlow
            | GoAwayReason::Unknown => LinkError::RetryAfter(retry_after_ms),
        };
        self.link_closed(error, now);
    }
}
