//! Who somebody is, and what users may do in the open conversation.

use whimbrel::types::{ConversationId, Role, UserId};
use whimbrel::{Error, ErrorCode};

use super::{Session, wrong};
use crate::command::people::{acquaintance, hand_over, member};
use crate::show::{self, say};

impl Session {
    /// Commands about somebody, whatever conversation is open.
    pub(super) async fn obey_about_somebody(&mut self, word: &str, who: &str) -> Result<(), Error> {
        if who.is_empty() {
            return Err(wrong("name the user"));
        }
        let user = acquaintance(&self.client, who).await?;
        match word {
            "/verify" => {
                self.client.set_verified(user, true).await?;
                say("  from now on nothing is sent after a change of identity until you accept it");
            }
            "/unverify" => self.client.set_verified(user, false).await?,
            "/accept" => {
                self.client.accept_identity(user).await?;
                self.told_of.remove(&user);
                say("  accepted; what waited is sent");
            }
            _ => say(&show::contact(&self.client.contact(user).await?)),
        }
        Ok(())
    }

    /// Commands about roles in the open conversation, and leaving it.
    pub(super) async fn obey_about_roles(
        &mut self,
        open: ConversationId,
        word: &str,
        rest: &str,
    ) -> Result<(), Error> {
        match word {
            "/role" => {
                let (who, role) = rest.rsplit_once(' ').unwrap_or((rest, ""));
                let role = role_named(role)?;
                let user = member(&self.client, open, who.trim()).await?;
                self.client.set_roles(open, vec![(user, role)]).await?;
            }
            "/hand-over" => {
                hand_over(&self.client, open, rest).await?;
            }
            "/leave" => {
                self.client.leave(open).await?;
                say("  the app of another member carries it out");
            }
            _ => match self.client.epoch_code(open).await? {
                Some(code) => say(&format!(
                    "  {code}\n  all members who are up to date see the same"
                )),
                None => say("  this device is not in it yet"),
            },
        }
        Ok(())
    }

    /// Tells once of each change of identity.
    pub(super) async fn notice_identity(&mut self, user: UserId) -> Result<(), Error> {
        let contact = match self.client.contact(user).await {
            Ok(contact) => contact,
            Err(error) if error.code == ErrorCode::NotFound => return Ok(()),
            Err(error) => return Err(error),
        };
        match contact.identity_change {
            Some(change) if self.told_of.insert(user, change) != Some(change) => {
                let line = show::identity_change(&contact.username, change);
                say(&format!("  * {line}"));
            }
            Some(_) => {}
            None => {
                self.told_of.remove(&user);
            }
        }
        Ok(())
    }
}

fn role_named(word: &str) -> Result<Role, Error> {
    match word {
        "owner" => Ok(Role::Owner),
        "admin" => Ok(Role::Admin),
        "member" => Ok(Role::Member),
        _ => Err(wrong("a role is owner, admin or member: /role WHO ROLE")),
    }
}
