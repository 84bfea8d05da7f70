//! Registration and tokens.
//!
//! Answers and, as far as an Argon2id hash of nobody's password makes it so, times are the same
//! for a wrong name and a wrong password. That a name is taken is told to whoever registers: a
//! directory of names is what the server is. Guessing is slowed down, for names that nobody has in
//! the same way.

use std::sync::Arc;

use axum::extract::{Extension, State};
use axum::http::HeaderMap;
use tracing::warn;
use whimbrel_protocol::account::{RegisterRequest, TokenAnswer, TokenRequest};
use whimbrel_protocol::limits::{MANIFEST_BYTES_MAX, PASSWORD_BYTES, USERNAME_CHARS};
use whimbrel_protocol::{DeviceId, UserId};

use super::body::{self, Body, Private, id, parse, private};
use super::{App, ConnectionInfo, Refusal, linking};
use crate::auth::RefreshToken;
use crate::clock::random;
use crate::limits::{Outcome, TooMany};
use crate::log::{Account, NewAccount, NewFamily, Registration, Rotation};
use crate::metrics::Limit;

/// Milliseconds of a day.
const DAY_MS: i64 = 86_400_000;
const USER: &str = "user: 32 hexadecimal digits";
const DEVICE: &str = "device: 32 hexadecimal digits";
pub(super) const MANIFEST: &str = "manifest: at most 8 KiB in hexadecimal digits";

/// `POST /v1/register`.
pub(super) async fn register(
    State(app): State<Arc<App>>,
    Extension(connection): Extension<ConnectionInfo>,
    headers: HeaderMap,
    body: Body,
) -> Result<Private<TokenAnswer>, Refusal> {
    let rate = &app.limits.registrations;
    app.check_rate(Limit::Registrations, rate, &connection, 1)?;
    app.refuse_while_draining()?;
    let request: RegisterRequest = parse(&headers, body)?;
    do_register(&app, &connection, request).await.map(private)
}

/// `POST /v1/token`.
pub(super) async fn token(
    State(app): State<Arc<App>>,
    Extension(connection): Extension<ConnectionInfo>,
    headers: HeaderMap,
    body: Body,
) -> Result<Private<TokenAnswer>, Refusal> {
    check_token_rate(&app, &connection)?;
    app.refuse_while_draining()?;
    let (user, device) = match parse(&headers, body)? {
        TokenRequest::Password {
            username,
            password,
            device,
        } => {
            let device: DeviceId = id(&device, DEVICE)?;
            let account = account_of(&app, &connection, username, password).await?;
            if !account.devices.contains(&device) {
                return Err(Refusal::unknown_device());
            }
            (account.user, device)
        }
        TokenRequest::Device {
            user,
            device,
            link,
            signature,
        } => {
            let owner: (UserId, DeviceId) = (id(&user, USER)?, id(&device, DEVICE)?);
            linking::sign_in(&app, owner, &link, &signature).await?;
            owner
        }
        TokenRequest::RefreshToken { refresh_token } => {
            return refresh(&app, &refresh_token).await.map(private);
        }
    };
    first_tokens(&app, user, device).await.map(private)
}

/// Counts a request for tokens, or for what takes a password.
pub(super) fn check_token_rate(app: &App, connection: &ConnectionInfo) -> Result<(), Refusal> {
    app.check_rate(Limit::Tokens, &app.limits.tokens, connection, 1)
}

async fn do_register(
    app: &App,
    connection: &ConnectionInfo,
    request: RegisterRequest,
) -> Result<TokenAnswer, Refusal> {
    if !is_username(&request.username) {
        return Err(Refusal::invalid("username: 3 to 32 of a-z 0-9 . _ -"));
    }
    if !PASSWORD_BYTES.contains(&request.password.len()) {
        return Err(Refusal::invalid("password: 10 to 256 bytes"));
    }
    let user: UserId = id(&request.user, USER)?;
    let device: DeviceId = id(&request.device, DEVICE)?;
    let manifest = body::bytes(&request.manifest, MANIFEST_BYTES_MAX, MANIFEST)?;
    // Before anything is known, so that a name without an account waits like any other.
    let tries = &app.limits.passwords;
    let wait = tries.check(&request.username, &connection.network, app.clock.now());
    wait.map_err(|too_many| too_many_passwords(app, too_many))?;

    let password_hash = app.passwords.hash(request.password.clone()).await?;
    let account = NewAccount {
        user,
        username: request.username.clone(),
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
            let hash = Some(password_hash);
            if !is_password(app, connection, &request.username, request.password, hash).await? {
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

/// The account of this name, for whoever knows the password.
pub(super) async fn account_of(
    app: &App,
    connection: &ConnectionInfo,
    username: String,
    password: String,
) -> Result<Account, Refusal> {
    if !is_username(&username) || !PASSWORD_BYTES.contains(&password.len()) {
        // No account has such a name or password, whoever asks.
        return Err(Refusal::wrong_password());
    }
    let name = username.clone();
    let account = app
        .log
        .call(move |log, _| log.account_by_username(&name))
        .await?;
    let hash = account
        .as_ref()
        .map(|account| account.password_hash.clone());
    let fits = is_password(app, connection, &username, password, hash).await?;
    account.filter(|_| fits).ok_or_else(Refusal::wrong_password)
}

/// Whether this is the password of that hash, after the same work where there is no hash. Wrong
/// ones make the next try wait.
async fn is_password(
    app: &App,
    connection: &ConnectionInfo,
    username: &str,
    password: String,
    hash: Option<String>,
) -> Result<bool, Refusal> {
    let tries = &app.limits.passwords;
    let tried = tries
        .begin(username, &connection.network, app.clock.now())
        .map_err(|too_many| too_many_passwords(app, too_many))?;
    let verified = app.passwords.verify(password, hash).await;
    let outcome = match verified {
        Ok(true) => Outcome::Right,
        Ok(false) => Outcome::Wrong,
        Err(_) => Outcome::Unknown,
    };
    tries.finish(&tried, outcome, app.clock.now());
    Ok(verified?)
}

fn too_many_passwords(app: &App, too_many: TooMany) -> Refusal {
    app.metrics.limit(Limit::Passwords);
    too_many.into()
}

/// Tokens for a device that has just signed in.
pub(super) async fn first_tokens(
    app: &App,
    user: UserId,
    device: DeviceId,
) -> Result<TokenAnswer, Refusal> {
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
        // Whoever has the token has the device, and may know.
        Rotation::Revoked => Err(Refusal::unknown_device()),
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

fn is_username(name: &str) -> bool {
    USERNAME_CHARS.contains(&name.len())
        && name
            .bytes()
            .all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'.' | b'_' | b'-'))
}
