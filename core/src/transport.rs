//! The account routes over HTTPS, and the TLS settings that the WebSocket shares.
//!
//! Nothing here decides when to connect or to try again; it reports how a try has ended.

mod devices;
mod tls;

use std::error::Error as _;
use std::sync::Arc;
use std::time::Duration;

use reqwest::{StatusCode, Url};
use tokio_rustls::TlsConnector;
use whimbrel_protocol::account::{ErrorAnswer, RegisterRequest, TokenAnswer, TokenRequest, error};

pub(crate) use tls::io_error;

use crate::error::{Error, ErrorCode, Result};
use crate::event::{LinkError, Session};

/// Until a TCP connection with TLS stands.
pub(crate) const CONNECT_TIMEOUT: Duration = Duration::from_secs(15);
/// Until an account route has answered.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(30);
/// Largest answer of an account route that is read.
const ANSWER_BYTES_MAX: usize = 64 * 1024;
/// Longest token that is taken.
const TOKEN_BYTES_MAX: usize = 16 * 1024;
/// A server that asks for more patience than this does not get it.
const RETRY_AFTER_MS_MAX: u32 = 60 * 60 * 1000;
/// Patience where the server asks for some and does not say how much.
const RETRY_AFTER_S_DEFAULT: u64 = 5;
/// No access token is believed to last longer.
const TOKEN_LIFETIME_S_MAX: u64 = 365 * 24 * 60 * 60;

/// Where the server is and how it is known.
pub(crate) struct Transport {
    base: Url,
    http: reqwest::Client,
    tls: Arc<rustls::ClientConfig>,
}

/// Why an account route gave no tokens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum AccountFailure {
    /// It was not reached, or what answered is not this protocol.
    Link(LinkError),
    /// It said no, in these words.
    Refused(ErrorAnswer),
}

impl Transport {
    /// A transport to `server`, known by the SHA-256 of its certificate or else by the public
    /// certificate authorities.
    pub(crate) fn new(server: &str, pinned_fingerprint: Option<[u8; 32]>) -> Result<Self> {
        let base = parse_server(server)?;
        let tls = tls::client_config(pinned_fingerprint)?;
        let http = reqwest::Client::builder()
            .tls_backend_preconfigured(tls.clone())
            .https_only(true)
            .http1_only()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .referer(false)
            .user_agent(concat!("whimbrel/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(ANSWER_TIMEOUT)
            .build()
            .map_err(Error::internal)?;
        Ok(Self {
            base,
            http,
            tls: Arc::new(tls),
        })
    }

    /// Host and port of the server.
    pub(crate) fn address(&self) -> (String, u16) {
        let host = self.base.host_str().unwrap_or_default();
        // An IPv6 address stands in brackets in a URL only.
        let host = host.trim_start_matches('[').trim_end_matches(']');
        (
            host.to_owned(),
            self.base.port_or_known_default().unwrap_or(443),
        )
    }

    /// The WebSocket's URL.
    pub(crate) fn socket_url(&self) -> String {
        let url = self.url("v1/socket");
        format!("wss{}", url.as_str().trim_start_matches("https"))
    }

    /// What makes TLS connections to the server.
    pub(crate) fn connector(&self) -> TlsConnector {
        TlsConnector::from(Arc::clone(&self.tls))
    }

    /// Makes an account.
    pub(crate) async fn register(
        &self,
        request: &RegisterRequest,
    ) -> Result<TokenAnswer, AccountFailure> {
        self.post("v1/register", request).await
    }

    /// Asks for tokens.
    pub(crate) async fn token(
        &self,
        request: &TokenRequest,
    ) -> Result<TokenAnswer, AccountFailure> {
        self.post("v1/token", request).await
    }

    /// Asks for tokens with a refresh token.
    pub(crate) async fn refresh(&self, refresh_token: String) -> Result<Session, LinkError> {
        let request = TokenRequest::RefreshToken { refresh_token };
        let answer = self
            .token(&request)
            .await
            .map_err(|failure| failure.of_refresh())?;
        session(answer)
    }

    fn url(&self, path: &str) -> Url {
        let mut url = self.base.clone();
        url.set_path(&format!("{}{path}", self.base.path()));
        url
    }

    async fn post<T: serde::Serialize, A: serde::de::DeserializeOwned>(
        &self,
        path: &str,
        body: &T,
    ) -> Result<A, AccountFailure> {
        let request = self.http.post(self.url(path)).json(body);
        self.ask(request)
            .await?
            .ok_or(AccountFailure::Link(LinkError::Protocol))
    }

    /// Sends a request; `None` for an answer that says no more than yes.
    async fn ask<A: serde::de::DeserializeOwned>(
        &self,
        request: reqwest::RequestBuilder,
    ) -> Result<Option<A>, AccountFailure> {
        let response = request.send().await.map_err(|error| unreached(&error))?;
        let status = response.status();
        let retry_after_s = retry_after_s(response.headers());
        let answer = read_body(response).await?;
        if status.is_success() && answer.is_empty() {
            return Ok(None);
        }
        if status.is_success() {
            return serde_json::from_slice(&answer)
                .map(Some)
                .map_err(|_| AccountFailure::Link(LinkError::Protocol));
        }
        Err(refusal(status, retry_after_s, &answer))
    }
}

impl AccountFailure {
    /// What it means to a registration or sign-in.
    pub(crate) fn to_error(&self) -> Error {
        match self {
            Self::Link(link) => Error::new(link.code(), link_reason(*link)),
            Self::Refused(answer) => {
                let code = match answer.error.as_str() {
                    error::INVALID_REQUEST => ErrorCode::InvalidArgument,
                    error::INVALID_GRANT => ErrorCode::AccessDenied,
                    error::USERNAME_TAKEN => ErrorCode::UsernameTaken,
                    error::ID_TAKEN => ErrorCode::WrongState,
                    error::UNKNOWN_DEVICE => ErrorCode::Revoked,
                    error::CONFLICT => ErrorCode::CodeUsed,
                    error::NOT_FOUND => ErrorCode::CodeExpired,
                    error::RATE_LIMITED => ErrorCode::RateLimited,
                    error::UNAVAILABLE => ErrorCode::Unavailable,
                    _ => ErrorCode::Protocol,
                };
                let said: String = answer.error_description.chars().take(200).collect();
                Error::new(code, format!("the server says: {said}"))
            }
        }
    }

    /// What it means to a refresh.
    fn of_refresh(&self) -> LinkError {
        match self {
            Self::Link(link) => *link,
            Self::Refused(answer) => match answer.error.as_str() {
                error::INVALID_GRANT => LinkError::Denied,
                error::UNKNOWN_DEVICE => LinkError::Revoked,
                error::RATE_LIMITED | error::UNAVAILABLE => {
                    retry_after(answer.retry_after_s.unwrap_or(RETRY_AFTER_S_DEFAULT))
                }
                _ => LinkError::Protocol,
            },
        }
    }
}

/// The tokens of an answer, if they can be used at all.
pub(crate) fn session(answer: TokenAnswer) -> Result<Session, LinkError> {
    let usable = |token: &str| {
        (1..=TOKEN_BYTES_MAX).contains(&token.len())
            && token.bytes().all(|byte| byte.is_ascii_graphic())
    };
    let is_bearer = answer.token_type.eq_ignore_ascii_case("bearer");
    if !is_bearer || !usable(&answer.access_token) || !usable(&answer.refresh_token) {
        return Err(LinkError::Protocol);
    }
    let lifetime_s = answer.expires_in.min(TOKEN_LIFETIME_S_MAX);
    Ok(Session {
        access_token: answer.access_token,
        expires_in_ms: i64::try_from(lifetime_s * 1000).unwrap_or(0),
        refresh_token: answer.refresh_token,
    })
}

/// Patience of so many seconds.
pub(crate) fn retry_after(seconds: u64) -> LinkError {
    let ms = u32::try_from(seconds.saturating_mul(1000)).unwrap_or(u32::MAX);
    LinkError::RetryAfter(ms.min(RETRY_AFTER_MS_MAX))
}

/// What a refused WebSocket upgrade or an answer that is no [`ErrorAnswer`] means.
pub(crate) fn link_error_of_status(status: u16, retry_after_s: Option<u64>) -> LinkError {
    match status {
        401 | 403 => LinkError::Denied,
        429 | 503 => retry_after(retry_after_s.unwrap_or(RETRY_AFTER_S_DEFAULT)),
        500.. => LinkError::Unreachable,
        _ => LinkError::Protocol,
    }
}

/// The seconds of a `Retry-After` header; the form with a date is not used by this protocol.
pub(crate) fn retry_after_s(headers: &reqwest::header::HeaderMap) -> Option<u64> {
    let value = headers.get(reqwest::header::RETRY_AFTER)?;
    value.to_str().ok()?.trim().parse().ok()
}

fn parse_server(server: &str) -> Result<Url> {
    let invalid = || {
        Error::invalid(
            "the server is written https://host or https://host:port, in ASCII, without user, query \
             or fragment",
        )
    };
    let mut url = Url::parse(server).map_err(|_| invalid())?;
    let is_plain = url.scheme() == "https"
        && url.has_host()
        && url.username().is_empty()
        && url.password().is_none()
        && url.query().is_none()
        && url.fragment().is_none();
    if !is_plain {
        return Err(invalid());
    }
    if !url.path().ends_with('/') {
        url.set_path(&format!("{}/", url.path()));
    }
    Ok(url)
}

fn unreached(error: &reqwest::Error) -> AccountFailure {
    let mut source = error.source();
    while let Some(cause) = source {
        if let Some(tls) = cause.downcast_ref::<rustls::Error>() {
            return AccountFailure::Link(tls::link_error(tls));
        }
        if let Some(io) = cause.downcast_ref::<std::io::Error>() {
            // rustls stands inside an io::Error, which does not name it as its source.
            return AccountFailure::Link(io_error(io));
        }
        source = cause.source();
    }
    AccountFailure::Link(LinkError::Unreachable)
}

async fn read_body(mut response: reqwest::Response) -> Result<Vec<u8>, AccountFailure> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| unreached(&error))? {
        if body.len() + chunk.len() > ANSWER_BYTES_MAX {
            return Err(AccountFailure::Link(LinkError::Protocol));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// An answer that is no `ErrorAnswer` came from something between here and the server.
fn refusal(status: StatusCode, header_s: Option<u64>, body: &[u8]) -> AccountFailure {
    match serde_json::from_slice::<ErrorAnswer>(body) {
        Ok(mut answer) => {
            answer.retry_after_s = answer.retry_after_s.or(header_s);
            AccountFailure::Refused(answer)
        }
        Err(_) => AccountFailure::Link(match link_error_of_status(status.as_u16(), header_s) {
            // Not the server's own words, so not its judgement of the password.
            LinkError::Denied => LinkError::Protocol,
            other => other,
        }),
    }
}

pub(crate) const fn link_reason(link: LinkError) -> &'static str {
    match link {
        LinkError::Unreachable => "the server can't be reached",
        LinkError::Denied => "the server does not accept the token",
        LinkError::Revoked => "this device was removed by its user",
        LinkError::RetryAfter(_) => "the server asks to try again later",
        LinkError::Untrusted => "the server's certificate is not the expected one",
        LinkError::Protocol => "what answers is not a server of this protocol",
    }
}

#[cfg(test)]
pub(crate) mod loopback;

#[cfg(test)]
mod tests;
