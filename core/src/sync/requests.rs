//! Requests that the server has not answered yet.

use std::collections::BTreeMap;

use whimbrel_protocol::frame::ClientMessage;
use whimbrel_protocol::{ClientFrame, ClientId, ConversationId, UserId};

use crate::env::Now;

/// Time for an answer; a server that lets it pass is not worth staying connected to.
const ANSWER_MS_MAX: i64 = 45_000;

/// What was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Request {
    Hello,
    Send {
        conversation: ConversationId,
        items: Vec<ClientId>,
    },
    Fetch {
        conversation: ConversationId,
    },
    GoLive {
        conversation: ConversationId,
    },
    Inbox,
    Tree {
        conversation: ConversationId,
        epoch: u64,
    },
    Publish {
        references: Vec<Vec<u8>>,
    },
    Claim {
        users: Vec<UserId>,
    },
    FindUser {
        username: String,
    },
    Manifest {
        manifest: Vec<u8>,
    },
    AskToBeAdded {
        conversation: ConversationId,
    },
}

/// The requests of this connection.
#[derive(Debug, Default)]
pub(crate) struct Requests {
    last: u64,
    open: BTreeMap<u64, (Request, i64)>,
}

impl Requests {
    pub(crate) fn clear(&mut self) {
        self.open.clear();
    }

    /// Numbers a request and remembers it until it is answered.
    pub(crate) fn ask(
        &mut self,
        request: Request,
        message: ClientMessage,
        now: Now,
    ) -> ClientFrame {
        self.last += 1;
        self.open.insert(self.last, (request, now.mono_ms));
        ClientFrame {
            request: self.last,
            message,
        }
    }

    /// What an answer is the answer to.
    pub(crate) fn answered(&mut self, request: u64) -> Option<Request> {
        self.open.remove(&request).map(|(request, _)| request)
    }

    pub(crate) fn has(&self, wanted: impl Fn(&Request) -> bool) -> bool {
        self.open.values().any(|(request, _)| wanted(request))
    }

    pub(crate) fn fetches(&self) -> usize {
        let is_fetch = |(request, _): &&(Request, i64)| matches!(request, Request::Fetch { .. });
        self.open.values().filter(is_fetch).count()
    }

    pub(crate) fn subscriptions(&self) -> usize {
        let is_one = |(request, _): &&(Request, i64)| matches!(request, Request::GoLive { .. });
        self.open.values().filter(is_one).count()
    }

    pub(crate) fn sends(&self) -> usize {
        let is_send = |(request, _): &&(Request, i64)| matches!(request, Request::Send { .. });
        self.open.values().filter(is_send).count()
    }

    pub(crate) fn is_sending(&self, wanted: ConversationId) -> bool {
        self.has(|request| {
            matches!(request, Request::Send { conversation, .. } if *conversation == wanted)
        })
    }

    /// When the oldest request counts as never to be answered.
    pub(crate) fn oldest_deadline(&self) -> Option<i64> {
        self.open
            .values()
            .map(|(_, since)| since + ANSWER_MS_MAX)
            .min()
    }
}
