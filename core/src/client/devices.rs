//! Devices of this user: linking a further one, removing one, coming back without any.

use std::sync::{Arc, Weak};
use std::time::Duration;

use whimbrel_protocol::account::{
    LinkGrantBody, LinkOfferAnswer, RecoveryStart, TokenAnswer, TokenRequest, from_hex, to_hex,
};

use super::commands::unexpected;
use super::{Client, Shared, shut_down};
use crate::command::{belongs_to, links};
use crate::error::{Error, ErrorCode, Result};
use crate::event::{Command, Password, Recovery, Reply, Secret};
use crate::query;
use crate::transport::session;
use crate::types::{
    Account, Alarm, Device, DeviceId, DeviceState, Devices, LinkRequest, LinkTicket,
};

/// Between two looks whether the other device has approved.
const LOOK_PAUSE: Duration = Duration::from_secs(1);
/// Between two looks whether the server has taken a manifest.
const SHORT_PAUSE: Duration = Duration::from_millis(100);
/// How long a call waits for the server to take a manifest.
const PUBLISH_PATIENCE: Duration = Duration::from_secs(20);

/// How often a device tries to hand over the identity, a second apart.
const GRANT_TRIES: u32 = 20;
/// Between two looks whether a device that was approved has come, and how many there are: for
/// longer than a code is good.
const ARRIVAL_PAUSE: Duration = Duration::from_secs(2);
const ARRIVAL_LOOKS: u32 = 180;
/// How often a re-enrolment starts over where another device publishes a manifest meanwhile.
const RE_ENROL_TRIES: u32 = 4;

/// What signing out does where the server can't be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignOut {
    /// Nothing: it fails, and everything stays as it is.
    WhenTold,
    /// It wipes this device all the same. It stays in the list of the user's devices until another
    /// one removes it.
    Anyway,
}

impl Client {
    /// The devices of this user, with what is left to do for each.
    ///
    /// # Errors
    /// `NotSignedIn`; `Damaged`; `Storage`.
    pub async fn devices(&self) -> Result<Devices> {
        self.shared.readers()?.run(query::devices).await
    }

    /// The recovery code, for the user to write down: with it a user who has lost all devices
    /// keeps the identity. `None` on devices that were linked.
    ///
    /// # Errors
    /// `Damaged`; `Storage`.
    pub async fn recovery_code(&self) -> Result<Option<String>> {
        self.shared.readers()?.run(query::recovery_code).await
    }

    /// Begins to link this device, which has no account yet, to one of a user's: shows a code that
    /// is good for five minutes and for one linking. A code shown before is no longer good.
    ///
    /// # Errors
    /// `WrongState` where somebody is registered here; `RateLimited`; `Unavailable`;
    /// `UntrustedServer`; `Protocol`; `DiskFull`.
    pub async fn link_start(&self) -> Result<LinkTicket> {
        let shared = Arc::clone(&self.shared);
        self.shared
            .run(async move { shared.link_start().await })
            .await
    }

    /// Waits until a device of the user has approved this one, and signs in. May be dropped and
    /// called again, also after a restart. Once this device is signed in, it gives the account.
    ///
    /// # Errors
    /// `WrongState` where no link was begun or it was cancelled; `CodeExpired` where its time is
    /// over, or the other device has refused; `WrongCode` and `UntrustedDevice` where somebody
    /// else has answered; `AccessDenied` where the server does not let this device in: sign in
    /// with the password then; `UntrustedServer`; `Protocol`; `DiskFull`.
    pub async fn link_wait(&self) -> Result<Account> {
        let shared = Arc::clone(&self.shared);
        self.shared
            .run_while_awaited(async move { shared.link_wait().await })
            .await
    }

    /// Gives up being linked: the code is no longer good.
    ///
    /// # Errors
    /// `DiskFull`; `Storage`.
    pub async fn link_cancel(&self) -> Result<()> {
        let shared = Arc::clone(&self.shared);
        self.shared
            .run(async move { shared.link_cancel().await })
            .await
    }

    /// Looks at the device that shows a code, as text or QR content, before approving it.
    ///
    /// # Errors
    /// `WrongCode` for a wrong character, and where somebody else has answered under that code;
    /// `CodeUsed` for one that a device has come in by; `CodeExpired` for one that is over, was
    /// cancelled, or that the server does not know;
    /// `NotSignedIn`; `RateLimited`; `Unavailable`; `UntrustedServer`; `Protocol`.
    pub async fn link_inspect(&self, code: impl Into<String>) -> Result<LinkRequest> {
        let (shared, code) = (Arc::clone(&self.shared), Secret(code.into()));
        let offered = self.shared.run(async move { shared.offered(&code).await });
        let offered = offered.await?;
        Ok(LinkRequest {
            device: offered.offer.device,
            fingerprint: offered.fingerprint,
            expires_ms: offered.expires_ms,
        })
    }

    /// Makes the device that shows a code one of this user's: hands over the identity, and adds
    /// the device to every conversation, which [`devices`](Self::devices) shows going on. May be
    /// repeated. Where the device does not come while its code is good, this client revokes it
    /// again. If it is killed or paused meanwhile, the device stays listed: it comes when it is
    /// approved again in time, and goes when it is revoked.
    ///
    /// # Errors
    /// Those of [`link_inspect`](Self::link_inspect); `TooManyDevices`; `CodeUsed`;
    /// `Unavailable` where the server was away for too long: the device is not one of this user's,
    /// or no more.
    pub async fn link_approve(&self, code: impl Into<String>) -> Result<DeviceId> {
        let (shared, code) = (Arc::clone(&self.shared), Secret(code.into()));
        self.shared
            .run(async move { shared.link_approve(code).await })
            .await
    }

    /// Refuses the device that shows a code: the code is no longer good.
    ///
    /// # Errors
    /// `WrongCode`; `Unavailable`; `UntrustedServer`; `Protocol`.
    pub async fn link_refuse(&self, code: impl Into<String>) -> Result<()> {
        // A client that is closed says that first.
        self.shared.readers()?;
        let code = links::read_code(&Secret(code.into()))?;
        let shared = Arc::clone(&self.shared);
        let closing = async move { Ok(shared.transport.close_link(&links::place(&code)).await) };
        let closed = self.shared.run(closing).await?;
        closed.map_err(|failure| failure.to_error())
    }

    /// Removes another device of this user for good: its session ends, and it is removed from
    /// every conversation. Works offline, and takes effect when the server knows.
    ///
    /// # Errors
    /// `NotFound` where it is none; `WrongState` for the only one; `NotSignedIn`; `DiskFull`;
    /// `RolledBack`; `Revoked`.
    pub async fn revoke_device(&self, device: DeviceId) -> Result<()> {
        self.shared
            .command(Command::RevokeDevice { device })
            .await
            .map(|_| ())
    }

    /// Signs in without any device left, in an empty data folder: with the recovery code the
    /// identity is provably the same user's, without it contacts see a new one. All former devices
    /// are removed. Where the answer got lost, the same call finishes it.
    ///
    /// # Errors
    /// `WrongCode`; `AccessDenied` for a wrong name or password; `WrongState` where somebody is
    /// registered here; `RateLimited`; `Unavailable`; `UntrustedServer`; `Protocol`; `DiskFull`.
    pub async fn recover(
        &self,
        username: impl Into<String>,
        password: impl Into<String>,
        code: Option<String>,
    ) -> Result<Account> {
        let shared = Arc::clone(&self.shared);
        let (username, password) = (username.into(), password.into());
        self.shared
            .run(async move { shared.recover(username, password, code.map(Secret)).await })
            .await
    }

    /// Sets up anew a device whose database is an old copy ([`Alarm::RolledBack`]), in the same
    /// folder: it goes on as a new device of the same user under the same identity, and the old
    /// one is removed. What is here stays; members' clients add the new device to every
    /// conversation, and texts of others that it has missed are said again; where nobody else is
    /// left to add it, the history stays and the conversation is `Removed`. What waited in the
    /// outbox may have been sent after the copy was made: it stands there as failed with
    /// `RolledBack`, and is sent as something new by [`retry`](Self::retry) or dropped by
    /// [`discard`](Self::discard). Where the answer got lost, the same call finishes it.
    ///
    /// # Errors
    /// `WrongState` without that alarm; `AccessDenied` for a wrong password; `Revoked` where the
    /// user has removed this device or goes by another identity: link or recover a device in an
    /// empty folder then; `UntrustedDevice` where the server shows a list of devices that does not
    /// go on from the one known here; `TooManyDevices` where the user can't revoke any more;
    /// `RateLimited`; `Unavailable`; `UntrustedServer`; `Protocol`; `DiskFull`.
    pub async fn re_enrol(&self, password: impl Into<String>) -> Result<Account> {
        let (shared, password) = (Arc::clone(&self.shared), password.into());
        self.shared
            .run(async move { shared.re_enrol(password).await })
            .await
    }

    /// Removes this device from the user's, closes the client for good and wipes the data folder.
    /// The last device of a user stays listed: the account would be lost without one.
    ///
    /// # Errors
    /// `Unavailable` where the server could not be told, unless that does not matter;
    /// `Storage` where the folder could not be wiped.
    pub async fn sign_out(&self, how: SignOut) -> Result<()> {
        let shared = Arc::clone(&self.shared);
        self.shared
            .run(async move {
                shared.take_off_the_list(how).await?;
                shared.wipe().await
            })
            .await
    }
}

/// A device that waits to be linked.
struct Offered {
    id: String,
    offer: whimbrel_mls::LinkOffer,
    bytes: Vec<u8>,
    fingerprint: String,
    expires_ms: i64,
}

impl Shared {
    /// Closes the place of a code that this device shows no more, so that nobody approves it.
    pub(super) async fn close_link(&self) {
        if let Ok(Reply::LinkWaits(id)) = self.command(Command::NextLinkStep).await {
            // Where that fails, the place closes by itself.
            let _ = self.transport.close_link(&id).await;
        }
    }

    async fn link_start(&self) -> Result<LinkTicket> {
        self.close_link().await;
        let start = match self.command(Command::StartLink).await? {
            Reply::LinkStarted(start) => start,
            other => return Err(unexpected(&other)),
        };
        let opened = self.transport.open_link(&start.opening).await;
        opened.map_err(|failure| failure.to_error())?;
        Ok(start.ticket)
    }

    async fn link_cancel(&self) -> Result<()> {
        self.close_link().await;
        self.command(Command::CancelLink).await.map(|_| ())
    }

    async fn link_wait(self: &Arc<Self>) -> Result<Account> {
        loop {
            // A client that is closed says that first.
            self.readers()?;
            if let Some(account) = self.state.borrow().account.clone() {
                return Ok(account);
            }
            let request = match self.command(Command::NextLinkStep).await {
                Ok(Reply::LinkSignIn(request)) => request,
                Ok(Reply::LinkWaits(id)) => match self.take_grant(&id).await? {
                    Some(request) => request,
                    None => {
                        tokio::time::sleep(LOOK_PAUSE).await;
                        continue;
                    }
                },
                Ok(other) => return Err(unexpected(&other)),
                Err(error) => return Err(error),
            };
            // The server lets it in once: this goes on where nobody waits any more.
            let shared = Arc::clone(self);
            let signing_in = async move { shared.sign_in_by_link(&request).await };
            match self.run(signing_in).await {
                Err(error) if error.code.is_retryable() => tokio::time::sleep(LOOK_PAUSE).await,
                signed_in => return signed_in,
            }
        }
    }

    async fn sign_in_by_link(&self, request: &TokenRequest) -> Result<Account> {
        let _one_at_a_time = self.linking.lock().await;
        if let Some(account) = self.state.borrow().account.clone() {
            return Ok(account);
        }
        let answer = self.transport.token(request).await;
        self.keep(answer.map_err(|failure| failure.to_error())?)
            .await
    }

    async fn take_grant(&self, id: &str) -> Result<Option<Box<TokenRequest>>> {
        let grant = match self.transport.link_grant(id).await {
            Ok(Some(body)) => from_hex(&body.grant).ok_or_else(not_of_protocol)?,
            Ok(None) => return Ok(None),
            Err(failure) => {
                let error = failure.to_error();
                return if error.code.is_retryable() {
                    Ok(None)
                } else {
                    Err(error)
                };
            }
        };
        match self.command(Command::TakeLinkGrant { grant }).await? {
            Reply::LinkSignIn(request) => Ok(Some(request)),
            other => Err(unexpected(&other)),
        }
    }

    async fn offered(&self, code: &Secret) -> Result<Offered> {
        // A client that is closed says that first.
        self.readers()?;
        let code = links::read_code(code)?;
        let id = links::place(&code);
        let answer = self.offer_at(&id).await?;
        let bytes = from_hex(&answer.offer).ok_or_else(not_of_protocol)?;
        let (offer, fingerprint) = links::read_offer(&code, &bytes)?;
        Ok(Offered {
            id,
            offer,
            bytes,
            fingerprint,
            expires_ms: answer.expires_ms,
        })
    }

    async fn offer_at(&self, place: &str) -> Result<LinkOfferAnswer> {
        let token = self.access_token().await?;
        let answer = self.transport.link_offer(place, &token.0).await;
        answer.map_err(|failure| failure.to_error())
    }

    async fn link_approve(self: &Arc<Self>, code: Secret) -> Result<DeviceId> {
        let offered = self.offered(&code).await?;
        let (device, place) = (offered.offer.device, offered.id.clone());
        let was_listed = self.own_device(device).await?.is_some();
        self.command(Command::ApproveDevice {
            device,
            device_key: offered.offer.device_key,
        })
        .await?;
        if let Err(error) = self.wait_for(device, DeviceState::Listed).await {
            self.command(Command::WithdrawDevice { device }).await?;
            return Err(error);
        }
        let handed_over = self.hand_over(code, offered, was_listed).await;
        match &handed_over {
            Ok(()) => {
                let arrival = Self::see_in(Arc::downgrade(self), device, place);
                self.runtime.handle()?.spawn(arrival);
            }
            // Another device of the user was faster: the new one comes by that.
            Err(error) if error.code == ErrorCode::CodeUsed => {}
            Err(_) if was_listed => {}
            // It has nothing to come with.
            Err(_) => self
                .command(Command::RevokeDevice { device })
                .await
                .map(|_| ())?,
        }
        handed_over.map(|()| device)
    }

    /// Waits until a device that was approved has signed in, or its code is over: by its time, by
    /// the device itself, or because the server has forgotten it. One that has not come by then
    /// goes off the list.
    async fn see_in(shared: Weak<Self>, device: DeviceId, place: String) {
        for _ in 0..ARRIVAL_LOOKS {
            tokio::time::sleep(ARRIVAL_PAUSE).await;
            let Some(shared) = shared.upgrade() else {
                return;
            };
            let is_seen = match shared.offer_at(&place).await.map_err(|error| error.code) {
                Err(ErrorCode::CodeUsed) => true,
                Err(ErrorCode::CodeExpired) => shared.revoke_if_absent(device).await.is_ok(),
                // It may still come, or there is nobody to ask.
                _ => false,
            };
            if is_seen {
                return;
            }
        }
    }

    async fn revoke_if_absent(&self, device: DeviceId) -> Result<()> {
        let token = self.access_token().await?;
        let signed_in = self.transport.signed_in_device(device, &token.0).await;
        match signed_in.map_err(|failure| failure.to_error()) {
            Err(error) if error.code == ErrorCode::CodeExpired => {
                let revoking = self.command(Command::RevokeDevice { device });
                revoking.await.map(|_| ())
            }
            answer => answer,
        }
    }

    /// Hands the identity over to a device that stands in the list.
    async fn hand_over(&self, code: Secret, offered: Offered, may_be_done: bool) -> Result<()> {
        let command = Command::SealLinkGrant {
            code,
            offer: offered.bytes,
            expires_ms: offered.expires_ms,
        };
        let grant = match self.command(command).await? {
            Reply::LinkGrant(grant) => to_hex(&grant),
            other => return Err(unexpected(&other)),
        };
        match self.grant(&offered.id, grant).await {
            // An answer that got lost before this try.
            (Err(error), is_retry)
                if error.code == ErrorCode::CodeUsed && (may_be_done || is_retry) =>
            {
                Ok(())
            }
            (granted, _) => granted,
        }
    }

    /// Leaves the grant at the server, with patience for one that is away. Says, too, whether it
    /// took more than one try.
    async fn grant(&self, place: &str, grant: String) -> (Result<()>, bool) {
        let body = LinkGrantBody { grant };
        let mut tries: u32 = 0;
        loop {
            tries += 1;
            let granted = match self.access_token().await {
                Ok(token) => {
                    let granted = self.transport.grant_link(place, &token.0, &body).await;
                    granted.map_err(|failure| failure.to_error())
                }
                Err(error) => Err(error),
            };
            match granted {
                Err(error) if error.code.is_retryable() && tries < GRANT_TRIES => {
                    tokio::time::sleep(LOOK_PAUSE).await;
                }
                granted => return (granted, tries > 1),
            }
        }
    }

    async fn recover(
        &self,
        username: String,
        password: String,
        code: Option<Secret>,
    ) -> Result<Account> {
        // Before anything goes to the server.
        self.readers()?;
        if let Some(account) = &self.state.borrow().account {
            return Err(belongs_to(&account.username));
        }
        let start = RecoveryStart {
            username: username.clone(),
            password: password.clone(),
        };
        let answer = self.transport.start_recovery(&start).await;
        let answer = answer.map_err(|failure| failure.to_error())?;
        let command = Command::PrepareRecovery(Box::new(Recovery {
            username: username.clone(),
            password: Password(password.clone()),
            code,
            answer,
        }));
        let request = match self.command(command).await? {
            Reply::Recovery(request) => request,
            other => return Err(unexpected(&other)),
        };
        let answer: TokenAnswer = match self.transport.recover(&request).await {
            Ok(answer) => answer,
            Err(failure) => {
                let error = failure.to_error();
                if error.code != ErrorCode::CodeUsed {
                    return Err(error);
                }
                // The server has it already; its answer got lost.
                let request = TokenRequest::Password {
                    username,
                    password,
                    device: request.device,
                };
                let answer = self.transport.token(&request).await;
                answer.map_err(|failure| failure.to_error())?
            }
        };
        self.keep(answer).await
    }

    async fn re_enrol(&self, password: String) -> Result<Account> {
        // A client that is closed says that first.
        self.readers()?;
        let account = self.state.borrow().account.clone();
        let is_copy = self.state.borrow().alarm == Some(Alarm::RolledBack);
        let account = account.filter(|_| is_copy).ok_or_else(|| {
            let reason = "this device is not known as an old copy and goes on as it is";
            Error::new(ErrorCode::WrongState, reason)
        })?;
        let start = RecoveryStart {
            username: account.username,
            password: password.clone(),
        };
        let mut tries_left = RE_ENROL_TRIES;
        let answer = loop {
            let answer = self.transport.start_recovery(&start).await;
            let answer = answer.map_err(|failure| failure.to_error())?;
            let command = Command::PrepareReEnrolment {
                password: Password(password.clone()),
                answer,
            };
            let request = match self.command(command).await? {
                Reply::Recovery(request) => request,
                other => return Err(unexpected(&other)),
            };
            tries_left -= 1;
            match self.transport.recover(&request).await {
                Ok(answer) => break answer,
                Err(failure) => match failure.to_error() {
                    // Another device has published a manifest meanwhile.
                    error if error.code == ErrorCode::CodeUsed && tries_left > 0 => {}
                    error if error.code == ErrorCode::CodeUsed => return Err(unavailable()),
                    error => return Err(error),
                },
            }
        };
        let session = session(answer).map_err(|_| not_of_protocol())?;
        self.command(Command::FinishReEnrolment(session)).await?;
        let account = self.state.borrow().account.clone();
        account.ok_or_else(|| Error::internal("there is no account after a re-enrolment"))
    }

    /// Removes this device from the user's, unless there is no other.
    async fn take_off_the_list(&self, how: SignOut) -> Result<()> {
        if self.is_shut_down() {
            return Err(shut_down());
        }
        let Some(account) = self.state.borrow().account.clone() else {
            return Ok(());
        };
        let listed = self.readers()?.run(query::devices).await?;
        let is_listed = |device: &&Device| device.state == DeviceState::Listed;
        let is_only_one = listed.devices.iter().filter(is_listed).count() == 1;
        let is_revoked = self.state.borrow().alarm == Some(Alarm::Revoked);
        if is_only_one || is_revoked {
            return Ok(());
        }
        let device = account.device;
        self.command(Command::RevokeDevice { device }).await?;
        match self.wait_for(device, DeviceState::Revoked).await {
            Err(_) if how == SignOut::Anyway => Ok(()),
            Err(error) => {
                self.command(Command::WithdrawDevice { device }).await?;
                Err(error)
            }
            Ok(()) => Ok(()),
        }
    }

    /// A token that is good now; waits a moment for one that is being refreshed.
    async fn access_token(&self) -> Result<Secret> {
        in_time(async {
            loop {
                match self.command(Command::AccessToken).await? {
                    Reply::AccessToken(Some(token)) => return Ok(token),
                    Reply::AccessToken(None) => tokio::time::sleep(SHORT_PAUSE).await,
                    other => return Err(unexpected(&other)),
                }
            }
        })
        .await
    }

    async fn own_device(&self, device: DeviceId) -> Result<Option<DeviceState>> {
        let devices = self.readers()?.run(query::devices).await?.devices;
        let known = devices.into_iter().find(|known| known.id == device);
        Ok(known.map(|known| known.state))
    }

    /// Waits until the server knows of a change of the user's devices.
    async fn wait_for(&self, device: DeviceId, wanted: DeviceState) -> Result<()> {
        in_time(async {
            loop {
                // Whoever is removed hears of it by being shut out.
                let is_out = self.state.borrow().alarm == Some(Alarm::Revoked);
                match self.own_device(device).await? {
                    Some(state) if state == wanted => return Ok(()),
                    Some(_) if is_out && wanted == DeviceState::Revoked => return Ok(()),
                    Some(_) => tokio::time::sleep(SHORT_PAUSE).await,
                    None => {
                        return Err(Error::new(
                            ErrorCode::TooManyDevices,
                            "another device has filled the list meanwhile",
                        ));
                    }
                }
            }
        })
        .await
    }
}

/// Gives the server so much time.
async fn in_time<T>(work: impl Future<Output = Result<T>>) -> Result<T> {
    tokio::time::timeout(PUBLISH_PATIENCE, work)
        .await
        .unwrap_or_else(|_| Err(unavailable()))
}

fn unavailable() -> Error {
    Error::new(
        ErrorCode::Unavailable,
        "the server could not be told in time",
    )
}

fn not_of_protocol() -> Error {
    Error::new(
        ErrorCode::Protocol,
        "what the server answered is not of this protocol",
    )
}
