//! Devices of this user: linking a further one, removing one, the recovery code.

use super::NativeClient;
use crate::error::Result;
use crate::guard;
use crate::ids::id;
use crate::types::{Account, DeviceList, LinkRequest, LinkTicket};

#[uniffi::export]
impl NativeClient {
    /// The devices of this user, with what is left to do for each.
    ///
    /// Errors: `not_signed_in`; `damaged`; `storage`.
    pub async fn devices(&self) -> Result<DeviceList> {
        self.call("devices", |client| async move {
            client.devices().await.map(Into::into)
        })
        .await
    }

    /// The recovery code, for the user to write down: with it a user who has lost all devices keeps
    /// the identity. None on devices that were linked.
    ///
    /// Errors: `damaged`; `storage`.
    pub async fn recovery_code(&self) -> Result<Option<String>> {
        self.call("recovery_code", |client| async move {
            client.recovery_code().await
        })
        .await
    }

    /// Begins to link this device, which has no account yet, to one of a user's: shows a code that
    /// is good for five minutes and for one linking. A code shown before is no longer good.
    ///
    /// Errors: `wrong_state` where somebody is registered here; `rate_limited`; `unavailable`;
    /// `untrusted_server`; `protocol`; `disk_full`.
    pub async fn link_start(&self) -> Result<LinkTicket> {
        self.call("link_start", |client| async move {
            client.link_start().await.map(Into::into)
        })
        .await
    }

    /// Waits until a device of the user has approved this one, and signs in. May be cancelled and
    /// called again, also after a restart; only `link_cancel` gives up. Once this device is signed
    /// in, it gives the account.
    ///
    /// Errors: `wrong_state` where no link was begun or it was cancelled; `code_expired` where its
    /// time is over, or the other device has refused; `wrong_code` and `untrusted_device` where
    /// somebody else has answered; `access_denied` where the server does not let this device in:
    /// sign in with the password then; `untrusted_server`; `protocol`; `disk_full`.
    pub async fn link_wait(&self) -> Result<Account> {
        let client = self.client();
        let waiting = async move { Ok(client.link_wait().await?.into()) };
        let result = guard::run_while_awaited(waiting).await;
        self.log.failure("link_wait", &result);
        result
    }

    /// Gives up being linked: the code is no longer good.
    ///
    /// Errors: `disk_full`; `storage`.
    pub async fn link_cancel(&self) -> Result<()> {
        self.call(
            "link_cancel",
            |client| async move { client.link_cancel().await },
        )
        .await
    }

    /// Looks at the device that shows a code, as text or QR content, before approving it.
    ///
    /// Errors: `wrong_code` for a wrong character, and where somebody else has answered under that
    /// code; `code_used` for one that a device has come in by; `code_expired` for one that is over,
    /// was cancelled, or that the server does not know; `not_signed_in`; `rate_limited`;
    /// `unavailable`; `untrusted_server`; `protocol`.
    pub async fn link_inspect(&self, code: String) -> Result<LinkRequest> {
        self.call("link_inspect", move |client| async move {
            client.link_inspect(code).await.map(Into::into)
        })
        .await
    }

    /// Makes the device that shows a code one of this user's: hands over the identity, and adds the
    /// device to every conversation, which `devices` shows going on. May be repeated. Where the
    /// device does not come while its code is good, this client revokes it again; if the app is
    /// killed or paused meanwhile, the device stays listed until it is approved again in time, or
    /// revoked. Gives the device's id.
    ///
    /// Errors: those of `link_inspect`; `too_many_devices`; `code_used`; `unavailable` where the
    /// server was away for too long: the device is not one of this user's, or no more.
    pub async fn link_approve(&self, code: String) -> Result<String> {
        self.call("link_approve", move |client| async move {
            let device = client.link_approve(code).await;
            device.map(|device| device.to_string())
        })
        .await
    }

    /// Refuses the device that shows a code: the code is no longer good.
    ///
    /// Errors: `wrong_code`; `unavailable`; `untrusted_server`; `protocol`.
    pub async fn link_refuse(&self, code: String) -> Result<()> {
        self.call("link_refuse", move |client| async move {
            client.link_refuse(code).await
        })
        .await
    }

    /// Removes another device of this user for good: its session ends, and it is removed from every
    /// conversation. Works offline, and takes effect when the server knows.
    ///
    /// Errors: `not_found` where it is none; `wrong_state` for the only one; `not_signed_in`;
    /// `disk_full`; `rolled_back`; `revoked`.
    pub async fn revoke_device(&self, device: String) -> Result<()> {
        let device = id(&device)?;
        self.call("revoke_device", move |client| async move {
            client.revoke_device(device).await
        })
        .await
    }
}
