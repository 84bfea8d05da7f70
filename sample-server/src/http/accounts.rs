//! Registration and tokens.
//!
//! Answers and, as far as an Argon2id hash of nobody's password makes it so, times are the same
//! for a wrong name and a wrong password. That a name is taken is told to whoever registers: a
//! directory of names is what the server is.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{Extension, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::de::DeserializeOwned;
use tracing::{debug, warn};
use whimbrel_protocol::account::{RegisterRequest, TokenAnswer, TokenRequest, from_hex};
use whimbrel_protocol::limits::{MANIFEST_BYTES_MAX, PASSWORD_BYTES, USERNAME_CHARS};
use whimbrel_protocol::{DeviceId, UserId};

use super::serve::ConnectionInfo;
use super::{App, Refusal};
use crate::auth::RefreshToken;
use crate::clock::random;
use crate::log::{NewAccount, NewFamily, Registration, Rotation};
use crate::metrics::{Limit, Route};
use crate::runtime::Phase;

type Body = Result<Bytes, BytesRejection>;

/// Milliseconds of a day.
const DAY_MS: i64 = 86_400_000;

/// `POST /v1/register`.
pub(super) async fn register(
    State(app): State<Arc<App>>,
    Extension(connection): Extension<ConnectionInfo>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let limit = app.limits.registrations.check(&connection.network, 1);
    let result = match limit {
        Ok(()) => do_register(&app, &headers, body).await,
        Err(too_many) => {
            app.metrics.limit(Limit::Registrations);
            Err(too_many.into())
        }
    };
    answer(&app, Route::Register, result)
}

/// `POST /v1/token`.
pub(super) async fn token(
    State(app): State<Arc<App>>,
    Extension(connection): Extension<ConnectionInfo>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let limit = app.limits.tokens.check(&connection.network, 1);
    let result = match limit {
        Ok(()) => do_token(&app, &headers, body).await,
        Err(too_many) => {
            app.metrics.limit(Limit::Tokens);
            Err(too_many.into())
        }
    };
    answer(&app, Route::Token, result)
}

fn answer(app: &App, route: Route, result: Result<TokenAnswer, Refusal>) -> Response {
    let status = result
        .as_ref()
        .map_or_else(Refusal::status, |_| StatusCode::OK);
    app.metrics.request(route, status.as_u16());
    debug!(?route, status = status.as_u16(), "answered");
    match result {
        Ok(tokens) => ([(header::CACHE_CONTROL, "no-store")], Json(tokens)).into_response(),
        Err(refusal) => refusal.into_response(),
    }
}

fn parse<T: DeserializeOwned>(headers: &HeaderMap, body: Body) -> Result<T, Refusal> {
    let content_type = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split(';').next())
        .unwrap_or_default();
    if !content_type.trim().eq_ignore_ascii_case("application/json") {
        return Err(Refusal::not_json());
    }
    let body = body.map_err(|rejection| match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => Refusal::too_large(),
        _ => Refusal::invalid("the body can't be read"),
    })?;
    serde_json::from_slice(&body)
        .map_err(|_| Refusal::invalid("the body is not the JSON object it should be"))
}

async fn do_register(app: &App, headers: &HeaderMap, body: Body) -> Result<TokenAnswer, Refusal> {
    refuse_while_draining(app)?;
    let request: RegisterRequest = parse(headers, body)?;
    if !is_username(&request.username) {
        return Err(Refusal::invalid("username: 3 to 32 of a-z 0-9 . _ -"));
    }
    if !PASSWORD_BYTES.contains(&request.password.len()) {
        return Err(Refusal::invalid("password: 10 to 256 bytes"));
    }
    let user: UserId = id(&request.user, "user: 32 hexadecimal digits")?;
    let device: DeviceId = id(&request.device, "device: 32 hexadecimal digits")?;
    let manifest = from_hex(&request.manifest)
        .filter(|bytes| bytes.len() <= MANIFEST_BYTES_MAX)
        .ok_or(Refusal::invalid(
            "manifest: at most 8 KiB in hexadecimal digits",
        ))?;

    let password_hash = app.passwords.hash(request.password.clone()).await?;
    let account = NewAccount {
        user,
        username: request.username,
        device,
        manifest,
        password_hash,
    };
    let registration = app
        .log
        .call(move |log, now| log.register(&account, now))
        .await?;
    match registration {
        Registration::Created => {}
        Registration::Existing { password_hash } => {
            // The lost answer of an earlier try, unless somebody else tries the same ids: they
            // learn what everybody may know.
            if !app
                .passwords
                .verify(request.password, Some(password_hash))
                .await?
            {
                return Err(Refusal::username_taken());
            }
        }
        Registration::UsernameTaken => return Err(Refusal::username_taken()),
        Registration::IdTaken => return Err(Refusal::id_taken()),
        Registration::Invalid => {
            return Err(Refusal::invalid(
                "manifest: must be the first one, signed, of this user, name and device",
            ));
        }
    }
    first_tokens(app, user, device).await
}

async fn do_token(app: &App, headers: &HeaderMap, body: Body) -> Result<TokenAnswer, Refusal> {
    refuse_while_draining(app)?;
    match parse(headers, body)? {
        TokenRequest::Password {
            username,
            password,
            device,
        } => {
            let device = id(&device, "device: 32 hexadecimal digits")?;
            sign_in(app, username, password, device).await
        }
        TokenRequest::RefreshToken { refresh_token } => refresh(app, &refresh_token).await,
    }
}

async fn sign_in(
    app: &App,
    username: String,
    password: String,
    device: DeviceId,
) -> Result<TokenAnswer, Refusal> {
    if !is_username(&username) || !PASSWORD_BYTES.contains(&password.len()) {
        // No account has such a name or password, whoever asks.
        return Err(Refusal::wrong_password());
    }
    let account = app
        .log
        .call(move |log, _| log.account_by_username(&username))
        .await?;
    let hash = account
        .as_ref()
        .map(|account| account.password_hash.clone());
    let fits = app.passwords.verify(password, hash).await?;
    match account {
        Some(account) if fits => {
            if !account.devices.contains(&device) {
                return Err(Refusal::unknown_device());
            }
            first_tokens(app, account.user, device).await
        }
        _ => Err(Refusal::wrong_password()),
    }
}

/// Tokens for a device that has just signed in.
async fn first_tokens(app: &App, user: UserId, device: DeviceId) -> Result<TokenAnswer, Refusal> {
    let refresh_token = new_refresh_token()?;
    let lifetime_ms = i64::from(app.config.auth.refresh_token_days.get()) * DAY_MS;
    let family = NewFamily {
        user,
        device,
        token_hash: refresh_token.hash(),
        expires_ms: app.clock.now().wall_ms.saturating_add(lifetime_ms),
    };
    app.log
        .call(move |log, now| log.start_family(&family, now))
        .await?;
    tokens(app, user, device, &refresh_token)
}

async fn refresh(app: &App, presented: &str) -> Result<TokenAnswer, Refusal> {
    let presented = RefreshToken::parse(presented).ok_or_else(Refusal::wrong_refresh_token)?;
    let next = new_refresh_token()?;
    let (old_hash, new_hash) = (presented.hash(), next.hash());
    let grace_ms = i64::from(app.config.auth.refresh_grace_s.get()) * 1_000;
    let rotation = app
        .log
        .call(move |log, now| log.rotate_refresh(&old_hash, &new_hash, grace_ms, now))
        .await?;
    match rotation {
        Rotation::Rotated { user, device } | Rotation::Grace { user, device } => {
            tokens(app, user, device, &next)
        }
        Rotation::Reuse => {
            app.metrics.refresh_reuse.inc();
            warn!("a refresh token was used twice: its device has to sign in again");
            Err(Refusal::wrong_refresh_token())
        }
        Rotation::Unknown | Rotation::Expired => Err(Refusal::wrong_refresh_token()),
    }
}

fn tokens(
    app: &App,
    user: UserId,
    device: DeviceId,
    refresh_token: &RefreshToken,
) -> Result<TokenAnswer, Refusal> {
    let token_id = random().map_err(|_| Refusal::unavailable())?;
    let access_token = app
        .issuer
        .issue(user, device, app.clock.now().wall_ms, token_id)
        .map_err(|_| Refusal::unavailable())?;
    Ok(TokenAnswer {
        access_token,
        token_type: "Bearer".to_owned(),
        expires_in: u64::from(app.issuer.lifetime_s()),
        refresh_token: refresh_token.to_text(),
        user: user.to_string(),
    })
}

fn new_refresh_token() -> Result<RefreshToken, Refusal> {
    random()
        .map(RefreshToken::from_random)
        .map_err(|_| Refusal::unavailable())
}

fn refuse_while_draining(app: &App) -> Result<(), Refusal> {
    match app.phase() {
        Phase::Running | Phase::Noticed => Ok(()),
        Phase::Draining { .. } | Phase::Stopped => Err(Refusal::unavailable()),
    }
}

fn id<T: std::str::FromStr>(text: &str, description: &'static str) -> Result<T, Refusal> {
    text.parse().map_err(|_| Refusal::invalid(description))
}

fn is_username(name: &str) -> bool {
    USERNAME_CHARS.contains(&name.len())
        && name
            .bytes()
            .all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'.' | b'_' | b'-'))
}
