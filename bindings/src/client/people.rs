//! Contacts: safety numbers, and who is relied upon.

use whimbrel::{Error, ErrorCode};

use super::NativeClient;
use crate::error::Result;
use crate::ids::id;
use crate::types::Contact;

#[uniffi::export]
impl NativeClient {
    /// Somebody whom this user has met in a conversation: the name, the safety number to compare,
    /// and whether the user's identity has changed.
    ///
    /// Errors: `not_found` for somebody never met, and for oneself; `damaged`; `storage`.
    pub async fn contact(&self, user: String) -> Result<Contact> {
        let user = id(&user)?;
        self.call("contact", move |client| async move {
            client.contact(user).await.map(Into::into)
        })
        .await
    }

    /// Whether a scanned QR picture shows the safety number of a user. Changes nothing: keep the
    /// outcome with `set_verified`.
    ///
    /// Errors: `wrong_code` where the picture shows no safety number; those of `contact`.
    pub async fn matches_safety_qr(&self, user: String, scanned: String) -> Result<bool> {
        let user = id(&user)?;
        self.call("matches_safety_qr", move |client| async move {
            let contact = client.contact(user).await?;
            let matches = contact.safety_number.matches_qr(&scanned);
            matches
                .map_err(|_| Error::new(ErrorCode::WrongCode, "the picture shows no safety number"))
        })
        .await
    }

    /// Keeps that the safety number of a user was compared and fitted, or that this no longer
    /// holds. A change of identity stops sending until it is accepted: in the direct conversation
    /// with the user, and for a verified user in every group, too.
    ///
    /// Errors: `not_found` for somebody never met; `identity_changed` where a new identity is not
    /// accepted yet; `invalid_argument` for oneself.
    pub async fn set_verified(&self, user: String, verified: bool) -> Result<()> {
        let user = id(&user)?;
        self.call("set_verified", move |client| async move {
            client.set_verified(user, verified).await
        })
        .await
    }

    /// Relies on the new identity of a user from now on: what waited for it is sent. Compare the
    /// safety number first.
    ///
    /// Errors: `not_found` for somebody never met; `invalid_argument` for oneself.
    pub async fn accept_identity(&self, user: String) -> Result<()> {
        let user = id(&user)?;
        self.call("accept_identity", move |client| async move {
            client.accept_identity(user).await
        })
        .await
    }
}
