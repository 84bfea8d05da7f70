//! Databases made by hand, for tests of the queries.

#![allow(clippy::unwrap_used, reason = "a failed test may panic")]

use rusqlite::Connection;
use whimbrel_protocol::{ClientId, ConversationId, UserId};

use super::Snapshot;
use crate::store::{codes, migrations};
use crate::types::{ConversationState, MessageKind};

/// A database in memory.
pub(crate) struct Fixture {
    connection: Connection,
}

pub(crate) struct NewConversation {
    pub(crate) id: ConversationId,
    pub(crate) is_direct: bool,
    pub(crate) peer_username: Option<String>,
    pub(crate) state: ConversationState,
    pub(crate) name: String,
    pub(crate) last_activity_ms: i64,
}

impl NewConversation {
    pub(crate) fn group(id: ConversationId, name: &str) -> Self {
        Self {
            id,
            is_direct: false,
            peer_username: None,
            state: ConversationState::Active,
            name: name.to_owned(),
            last_activity_ms: 0,
        }
    }

    pub(crate) fn direct(id: ConversationId, peer_username: &str) -> Self {
        Self {
            is_direct: true,
            peer_username: Some(peer_username.to_owned()),
            ..Self::group(id, "")
        }
    }
}

pub(crate) struct NewMessage {
    pub(crate) conversation: ConversationId,
    pub(crate) sender: UserId,
    pub(crate) id: ClientId,
    pub(crate) seq: Option<i64>,
    pub(crate) kind: MessageKind,
    pub(crate) edited_seq: Option<i64>,
    pub(crate) gap_before: bool,
}

impl NewMessage {
    pub(crate) fn text(
        conversation: ConversationId,
        sender: UserId,
        id: ClientId,
        text: &str,
    ) -> Self {
        Self {
            conversation,
            sender,
            id,
            seq: None,
            kind: MessageKind::Text {
                text: text.to_owned(),
                edited: false,
            },
            edited_seq: None,
            gap_before: false,
        }
    }
}

pub(crate) struct NewItem {
    pub(crate) conversation: ConversationId,
    pub(crate) id: ClientId,
    pub(crate) intent: String,
    pub(crate) state: i64,
    pub(crate) failure: Option<&'static str>,
}

impl NewItem {
    pub(crate) fn text(conversation: ConversationId, id: ClientId, text: &str) -> Self {
        let intent = crate::outbox::Intent::Text {
            text: text.to_owned(),
            composed_ms: 0,
        };
        Self {
            conversation,
            id,
            intent: intent.to_json().unwrap(),
            state: 0,
            failure: None,
        }
    }
}

impl Fixture {
    pub(crate) fn new(own: UserId) -> Self {
        let mut connection = Connection::open_in_memory().unwrap();
        migrations::migrate(&mut connection).unwrap();
        let fixture = Self { connection };
        fixture.run(
            "INSERT INTO account (one, user, device, username, identity_secret, device_secret,
               certificate, manifest, registered, access_expires_ms, sealed_no, inbox_seq,
               rolled_back)
             VALUES (1, ?1, zeroblob(16), 'alice', x'', x'', x'', x'', 1, 0, 0, 0, 0)",
            [own.as_bytes()],
        );
        fixture
    }

    pub(crate) fn snapshot(&self) -> Snapshot<'_> {
        Snapshot::of(&self.connection).unwrap()
    }

    pub(crate) fn conversation(&self, new: &NewConversation) {
        self.run(
            "INSERT INTO conversation (id, direct, peer_username, state, name, name_seq,
               incarnation, applied_seq, chain, own_counter, own_read_seq, last_activity_ms)
             VALUES (?1, ?2, ?3, ?4, ?5, 0, 0, 0, zeroblob(32), 0, 0, ?6)",
            (
                new.id.as_bytes(),
                new.is_direct,
                &new.peer_username,
                codes::conversation_state_code(new.state),
                &new.name,
                new.last_activity_ms,
            ),
        );
    }

    pub(crate) fn message(&self, new: &NewMessage) {
        let (kind, text) = codes::kind_columns(&new.kind);
        self.run(
            "INSERT INTO message (conversation, sender, id, seq, kind, text, edited_seq,
               composed_ms, server_time_ms, gap_before)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 5, ?4, ?8)",
            (
                new.conversation.as_bytes(),
                new.sender.as_bytes(),
                new.id.as_bytes(),
                new.seq,
                kind,
                text,
                new.edited_seq,
                new.gap_before,
            ),
        );
    }

    pub(crate) fn item(&self, new: &NewItem) {
        self.run(
            "INSERT INTO outbox (conversation, id, lane, intent, state, counter, attempts,
               failure)
             VALUES (?1, ?2, 0, ?3, ?4, 0, 0, ?5)",
            (
                new.conversation.as_bytes(),
                new.id.as_bytes(),
                &new.intent,
                new.state,
                new.failure,
            ),
        );
    }

    pub(crate) fn member(
        &self,
        conversation: ConversationId,
        user: UserId,
        role: i64,
        delivered_seq: i64,
        read_seq: i64,
    ) {
        self.run(
            "INSERT INTO member (conversation, user, role, present, delivered_seq, read_seq)
             VALUES (?1, ?2, ?3, 1, ?4, ?5)",
            (
                conversation.as_bytes(),
                user.as_bytes(),
                role,
                delivered_seq,
                read_seq,
            ),
        );
    }

    pub(crate) fn absent(&self, conversation: ConversationId, user: UserId) {
        self.run(
            "UPDATE member SET present = 0 WHERE conversation = ?1 AND user = ?2",
            (conversation.as_bytes(), user.as_bytes()),
        );
    }

    pub(crate) fn contact(&self, user: UserId, username: &str) {
        self.run(
            "INSERT INTO contact (user, username, identity_key) VALUES (?1, ?2, x'')",
            (user.as_bytes(), username),
        );
    }

    pub(crate) fn set_peer(&self, conversation: ConversationId, peer: UserId) {
        self.run(
            "UPDATE conversation SET peer = ?2 WHERE id = ?1",
            (conversation.as_bytes(), peer.as_bytes()),
        );
    }

    pub(crate) fn set_own_read(&self, conversation: ConversationId, seq: i64) {
        self.run(
            "UPDATE conversation SET own_read_seq = ?2 WHERE id = ?1",
            (conversation.as_bytes(), seq),
        );
    }

    pub(crate) fn alias(&self, old: ConversationId, new: ConversationId) {
        self.run(
            "INSERT INTO conversation_alias (old, new) VALUES (?1, ?2)",
            (old.as_bytes(), new.as_bytes()),
        );
    }

    fn run(&self, sql: &str, params: impl rusqlite::Params) {
        assert_eq!(self.connection.execute(sql, params).unwrap(), 1);
    }
}
