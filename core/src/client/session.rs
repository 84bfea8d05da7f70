//! Registering and signing in: the two calls that need the server at once.

use std::sync::Arc;

use whimbrel_protocol::account::{TokenAnswer, TokenRequest};

use super::commands::unexpected;
use super::{Client, Shared};
use crate::error::{Error, ErrorCode, Result};
use crate::event::{Command, LinkError, Password, Reply};
use crate::transport::{link_reason, session};
use crate::types::{Account, DeviceId};

impl Client {
    /// Makes an account at the server, with this device as its first. Where the answer got
    /// lost, the same call finishes the registration.
    ///
    /// # Errors
    /// `InvalidArgument` for an impossible name or password; `UsernameTaken`, also where
    /// an unfinished registration had another password; `WrongState` where somebody is registered
    /// here already; `RateLimited`; `Unavailable`; `UntrustedServer`; `Protocol`; `DiskFull`.
    pub async fn register(
        &self,
        username: impl Into<String>,
        password: impl Into<String>,
    ) -> Result<Account> {
        let shared = Arc::clone(&self.shared);
        let (username, password) = (username.into(), password.into());
        // To its end in any case: an account the server has made must not be forgotten here.
        self.shared
            .run(async move { shared.register(username, password).await })
            .await
    }

    /// Gets a new session with the password, after the old one has ended.
    ///
    /// # Errors
    /// `AccessDenied` for a wrong name or password; `WrongState` where nobody, or somebody else,
    /// is registered here; `RateLimited`; `Unavailable`; `UntrustedServer`; `Protocol`;
    /// `DiskFull`.
    pub async fn sign_in(
        &self,
        username: impl Into<String>,
        password: impl Into<String>,
    ) -> Result<Account> {
        let shared = Arc::clone(&self.shared);
        let (username, password) = (username.into(), password.into());
        self.shared
            .run(async move { shared.sign_in(username, password).await })
            .await
    }
}

impl Shared {
    async fn register(&self, username: String, password: String) -> Result<Account> {
        let command = Command::PrepareRegistration {
            username,
            password: Password(password),
        };
        let request = match self.command(command).await? {
            Reply::Registration(request) => request,
            other => return Err(unexpected(&other)),
        };
        // Who registers here is not to be linked any more.
        self.close_link().await;
        let answer = self.transport.register(&request).await;
        let answer = answer.map_err(|failure| failure.to_error())?;
        if answer.user != request.user {
            return Err(not_of_protocol());
        }
        self.keep(answer).await
    }

    async fn sign_in(&self, username: String, password: String) -> Result<Account> {
        let command = Command::PrepareSignIn {
            username: username.clone(),
        };
        let device: DeviceId = match self.command(command).await? {
            Reply::Device(device) => device,
            other => return Err(unexpected(&other)),
        };
        let request = TokenRequest::Password {
            username,
            password,
            device: device.to_string(),
        };
        let answer = self.transport.token(&request).await;
        self.keep(answer.map_err(|failure| failure.to_error())?)
            .await
    }

    pub(super) async fn keep(&self, answer: TokenAnswer) -> Result<Account> {
        let session = session(answer).map_err(|_| not_of_protocol())?;
        self.command(Command::StoreSession(session)).await?;
        let account = self.state.borrow().account.clone();
        account.ok_or_else(|| Error::internal("there is no account after signing in"))
    }
}

fn not_of_protocol() -> Error {
    Error::new(ErrorCode::Protocol, link_reason(LinkError::Protocol))
}
