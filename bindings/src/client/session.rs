//! Registering, signing in, coming back, signing out.

use super::NativeClient;
use crate::error::Result;
use crate::types::{Account, SignOut};

#[uniffi::export]
impl NativeClient {
    /// Makes an account at the server, with this device as its first. Where the answer got lost,
    /// the same call finishes the registration. User names have 3 to 32 of a to z, 0 to 9, dot,
    /// underscore and hyphen; passwords 10 to 256 bytes.
    ///
    /// Errors: `invalid_argument` for an impossible name or password; `username_taken`, also where
    /// an unfinished registration had another password; `wrong_state` where somebody is registered
    /// here already; `rate_limited`; `unavailable`; `untrusted_server`; `protocol`; `disk_full`.
    pub async fn register(&self, username: String, password: String) -> Result<Account> {
        self.call("register", move |client| async move {
            client.register(username, password).await.map(Into::into)
        })
        .await
    }

    /// Gets a new session with the password, after the old one has ended. To use an account on a
    /// further device, link that device.
    ///
    /// Errors: `access_denied` for a wrong name or password; `wrong_state` where nobody, or
    /// somebody else, is registered here; `rate_limited`; `unavailable`; `untrusted_server`;
    /// `protocol`; `disk_full`.
    pub async fn sign_in(&self, username: String, password: String) -> Result<Account> {
        self.call("sign_in", move |client| async move {
            client.sign_in(username, password).await.map(Into::into)
        })
        .await
    }

    /// Signs in without any device left, in an empty data folder: with the recovery code the
    /// identity is provably the same user's, without it contacts see a new one. All former devices
    /// are removed. Where the answer got lost, the same call finishes it.
    ///
    /// Errors: `wrong_code`; `access_denied` for a wrong name or password; `wrong_state` where
    /// somebody is registered here; `rate_limited`; `unavailable`; `untrusted_server`; `protocol`;
    /// `disk_full`.
    #[uniffi::method(default(code = None))]
    pub async fn recover(
        &self,
        username: String,
        password: String,
        code: Option<String>,
    ) -> Result<Account> {
        self.call("recover", move |client| async move {
            let recovered = client.recover(username, password, code).await;
            recovered.map(Into::into)
        })
        .await
    }

    /// Sets up anew a device whose database is an old copy (`rolled_back`), in the same folder: it
    /// goes on as a new device of the same user, and the old one is removed. What is here stays, and
    /// what it has missed is said again by its authors. What waited in the outbox may have been sent
    /// after the copy was made: it stands there as failed, for `retry` or `discard`. Where the answer
    /// got lost, the same call finishes it.
    ///
    /// Errors: `wrong_state` where the database is no old copy; `access_denied` for a wrong password;
    /// `revoked` where the user has removed this device or goes by another identity: link or recover
    /// one in an empty folder then; `untrusted_device`; `too_many_devices`; `rate_limited`;
    /// `unavailable`; `untrusted_server`; `protocol`; `disk_full`.
    pub async fn re_enrol(&self, password: String) -> Result<Account> {
        self.call("re_enrol", move |client| async move {
            client.re_enrol(password).await.map(Into::into)
        })
        .await
    }

    /// Removes this device from the user's, closes the client for good and wipes the data folder.
    /// The last device of a user stays listed: the account would be lost without one.
    ///
    /// Errors: `unavailable` where the server could not be told, unless that does not matter;
    /// `storage` where the folder could not be wiped.
    pub async fn sign_out(&self, how: SignOut) -> Result<()> {
        self.call("sign_out", move |client| async move {
            client.sign_out(how.into()).await
        })
        .await
    }
}
