//! Contacts: users seen in groups, and the identity key relied on for each.

use rusqlite::OptionalExtension as _;
use whimbrel_protocol::{ConversationId, UserId};

use super::damage::from_sqlite;
use super::{Tx, bytes32, get, id, rows};
use crate::error::Result;

/// A row of the contact table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ContactRow {
    pub user: UserId,
    pub username: String,
    /// The key relied on.
    pub identity_key: [u8; 32],
    pub verified: bool,
    /// Another key that the user goes by since, not yet accepted.
    pub new_key: Option<[u8; 32]>,
    /// It was signed by the recovery key of the identity before.
    pub new_key_proven: bool,
    /// Another key again, under which the user's newest manifest stands. No group goes by it yet.
    pub announced_key: Option<[u8; 32]>,
}

/// What a certificate in a group says about a user, compared with what is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Seen {
    /// The first certificate of this user, or the key that is known.
    AsKnown,
    /// Another key than the one relied on, for the first time.
    NewKey(ContactRow),
}

fn read_row(row: &rusqlite::Row<'_>) -> Result<ContactRow> {
    Ok(ContactRow {
        user: id(&get::<Vec<u8>>(row, "user")?)?,
        username: get(row, "username")?,
        identity_key: bytes32(&get::<Vec<u8>>(row, "identity_key")?)?,
        verified: get(row, "verified")?,
        new_key: get::<Option<Vec<u8>>>(row, "new_key")?
            .map(|bytes| bytes32(&bytes))
            .transpose()?,
        new_key_proven: get(row, "new_key_proven")?,
        announced_key: get::<Option<Vec<u8>>>(row, "announced_key")?
            .map(|bytes| bytes32(&bytes))
            .transpose()?,
    })
}

impl Tx<'_> {
    pub(crate) fn contact(&self, user: UserId) -> Result<Option<ContactRow>> {
        self.prepare_cached("SELECT * FROM contact WHERE user = ?1")
            .and_then(|mut statement| {
                statement
                    .query_row([user.as_bytes()], |row| Ok(read_row(row)))
                    .optional()
            })
            .map_err(from_sqlite)?
            .transpose()
    }

    /// Keeps what a leaf's certificate says. The key of the first contact stays the one relied on,
    /// until this user accepts another.
    pub(crate) fn see_contact(
        &self,
        user: UserId,
        username: &str,
        identity_key: &[u8; 32],
    ) -> Result<Seen> {
        let Some(contact) = self.contact(user)? else {
            self.execute(
                "INSERT INTO contact (user, username, identity_key) VALUES (?1, ?2, ?3)",
                (user.as_bytes(), username, identity_key),
            )
            .map_err(from_sqlite)?;
            return Ok(Seen::AsKnown);
        };
        // While some groups go by the key relied on and some by a newer one, the newer one stays.
        if contact.identity_key == *identity_key || contact.new_key == Some(*identity_key) {
            return Ok(Seen::AsKnown);
        }
        Ok(Seen::NewKey(contact))
    }

    /// Writes what is relied on for a contact.
    pub(crate) fn put_identity(&self, contact: &ContactRow) -> Result<()> {
        self.execute(
            "UPDATE contact SET identity_key = ?2, verified = ?3, new_key = ?4, new_key_proven = ?5,
               announced_key = ?6
             WHERE user = ?1",
            (
                contact.user.as_bytes(),
                contact.identity_key,
                contact.verified,
                contact.new_key,
                contact.new_key_proven,
                contact.announced_key,
            ),
        )
        .map_err(from_sqlite)?;
        Ok(())
    }

    /// An identity that waits to be accepted is proved to be that of the same person.
    pub(crate) fn set_new_key_proven(&self, user: UserId, new_key: &[u8; 32]) -> Result<()> {
        self.execute(
            "UPDATE contact SET new_key_proven = 1 WHERE user = ?1 AND new_key = ?2",
            (user.as_bytes(), new_key),
        )
        .map_err(from_sqlite)?;
        Ok(())
    }

    /// Conversations that this user and the contact are in.
    pub(crate) fn conversations_with(&self, user: UserId) -> Result<Vec<ConversationId>> {
        let mut statement = self
            .prepare_cached(
                "SELECT conversation FROM member WHERE user = ?1 AND present = 1
                 ORDER BY conversation",
            )
            .map_err(from_sqlite)?;
        rows(&mut statement, [user.as_bytes()], |row| {
            id(&get::<Vec<u8>>(row, "conversation")?)
        })
    }

    /// Whether a member's new identity has to be accepted before anything more is sent, one that is
    /// only announced as well: always in a direct conversation, in a group for a member whose safety number was compared.
    pub(crate) fn is_identity_open(
        &self,
        conversation: ConversationId,
        direct: bool,
    ) -> Result<bool> {
        self.prepare_cached(
            "SELECT EXISTS (
               SELECT 1 FROM contact c JOIN member m ON m.user = c.user
               WHERE coalesce(c.new_key, c.announced_key) IS NOT NULL AND (?2 OR c.verified = 1)
                 AND m.conversation = ?1 AND m.present = 1)",
        )
        .and_then(|mut statement| {
            statement.query_row((super::key(conversation), direct), |row| row.get(0))
        })
        .map_err(from_sqlite)
    }

    pub(crate) fn contact_by_username(&self, username: &str) -> Result<Option<UserId>> {
        let user: Option<Vec<u8>> = self
            .query_row(
                "SELECT user FROM contact WHERE username = ?1 ORDER BY user LIMIT 1",
                [username],
                |row| row.get(0),
            )
            .optional()
            .map_err(from_sqlite)?;
        user.map(|bytes| id(&bytes)).transpose()
    }
}
