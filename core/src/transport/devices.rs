//! The routes by which a device comes in: linking and recovery.

use whimbrel_protocol::account::{
    LinkGrantBody, LinkOfferAnswer, LinkOpening, RecoveryAnswer, RecoveryRequest, RecoveryStart,
    TokenAnswer,
};

use super::{AccountFailure, Transport};
use crate::event::LinkError;
use crate::types::DeviceId;

impl Transport {
    /// Opens the meeting place of a link.
    pub(crate) async fn open_link(&self, opening: &LinkOpening) -> Result<(), AccountFailure> {
        let request = self.http.post(self.url("v1/links")).json(opening);
        self.ask::<serde_json::Value>(request).await.map(|_| ())
    }

    /// What the new device says of itself.
    pub(crate) async fn link_offer(
        &self,
        id: &str,
        access_token: &str,
    ) -> Result<LinkOfferAnswer, AccountFailure> {
        let request = self.http.get(self.place(id, "/offer"));
        self.ask(request.bearer_auth(access_token))
            .await?
            .ok_or(AccountFailure::Link(LinkError::Protocol))
    }

    /// Leaves the grant for the new device.
    pub(crate) async fn grant_link(
        &self,
        id: &str,
        access_token: &str,
        grant: &LinkGrantBody,
    ) -> Result<(), AccountFailure> {
        let request = self.http.post(self.place(id, "/grant")).json(grant);
        let request = request.bearer_auth(access_token);
        self.ask::<serde_json::Value>(request).await.map(|_| ())
    }

    /// The grant, if there is one already.
    pub(crate) async fn link_grant(
        &self,
        id: &str,
    ) -> Result<Option<LinkGrantBody>, AccountFailure> {
        self.ask(self.http.get(self.place(id, "/grant"))).await
    }

    /// Closes the meeting place.
    pub(crate) async fn close_link(&self, id: &str) -> Result<(), AccountFailure> {
        let request = self.http.delete(self.place(id, ""));
        self.ask::<serde_json::Value>(request).await.map(|_| ())
    }

    /// Asks whether a device of this user has ever signed in; refused with "not found" where not.
    pub(crate) async fn signed_in_device(
        &self,
        device: DeviceId,
        access_token: &str,
    ) -> Result<(), AccountFailure> {
        let request = self.http.get(self.url(&format!("v1/devices/{device}")));
        let request = request.bearer_auth(access_token);
        self.ask::<serde_json::Value>(request).await.map(|_| ())
    }

    /// Asks for what a recovery starts from.
    pub(crate) async fn start_recovery(
        &self,
        start: &RecoveryStart,
    ) -> Result<RecoveryAnswer, AccountFailure> {
        self.post("v1/recovery/start", start).await
    }

    /// Lets a user start anew on this device.
    pub(crate) async fn recover(
        &self,
        request: &RecoveryRequest,
    ) -> Result<TokenAnswer, AccountFailure> {
        self.post("v1/recovery", request).await
    }

    fn place(&self, id: &str, rest: &str) -> reqwest::Url {
        self.url(&format!("v1/links/{id}{rest}"))
    }
}
