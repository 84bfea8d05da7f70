//! The one form of every failure.

use axum::Json;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use whimbrel_protocol::account::{ErrorAnswer, error};

use crate::auth::Overloaded;
use crate::limits::TooMany;
use crate::runtime::Unavailable;

/// When to ask again after the server could not do something.
const UNAVAILABLE_RETRY_S: u64 = 5;

/// A request that is not done, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    status: StatusCode,
    error: &'static str,
    description: &'static str,
    retry_after_s: Option<u64>,
    challenge: Option<&'static str>,
}

impl Refusal {
    fn new(status: StatusCode, error: &'static str, description: &'static str) -> Self {
        Self {
            status,
            error,
            description,
            retry_after_s: None,
            challenge: None,
        }
    }

    pub(crate) fn invalid(description: &'static str) -> Self {
        Self::new(StatusCode::BAD_REQUEST, error::INVALID_REQUEST, description)
    }

    pub(crate) fn too_large() -> Self {
        let description = "the body is too large";
        Self::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            error::INVALID_REQUEST,
            description,
        )
    }

    pub(crate) fn not_json() -> Self {
        let description = "the Content-Type must be application/json";
        Self::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            error::INVALID_REQUEST,
            description,
        )
    }

    pub(crate) fn no_such_route() -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            error::INVALID_REQUEST,
            "no such route",
        )
    }

    pub(crate) fn wrong_method() -> Self {
        Self::new(
            StatusCode::METHOD_NOT_ALLOWED,
            error::INVALID_REQUEST,
            "another method is needed",
        )
    }

    pub(crate) fn no_upgrade() -> Self {
        Self::new(
            StatusCode::UPGRADE_REQUIRED,
            error::INVALID_REQUEST,
            "this route speaks WebSocket (RFC 6455), version 13",
        )
    }

    /// The same for a wrong name and a wrong password, so that nobody learns which names exist.
    pub(crate) fn wrong_password() -> Self {
        Self::new(
            StatusCode::BAD_REQUEST,
            error::INVALID_GRANT,
            "wrong name or password",
        )
    }

    pub(crate) fn wrong_refresh_token() -> Self {
        Self::new(
            StatusCode::BAD_REQUEST,
            error::INVALID_GRANT,
            "the refresh token is not valid: sign in again",
        )
    }

    /// The same whatever is wrong with the link, the device or the signature.
    pub(crate) fn wrong_link() -> Self {
        Self::new(
            StatusCode::BAD_REQUEST,
            error::INVALID_GRANT,
            "the device can't sign in by this link",
        )
    }

    pub(crate) fn no_such_link() -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            error::NOT_FOUND,
            "no such link, or no more",
        )
    }

    pub(crate) fn no_such_device() -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            error::NOT_FOUND,
            "no such device of this user has signed in",
        )
    }

    pub(crate) fn link_taken() -> Self {
        Self::new(
            StatusCode::CONFLICT,
            error::CONFLICT,
            "something else was left there before",
        )
    }

    pub(crate) fn conflict() -> Self {
        Self::new(
            StatusCode::CONFLICT,
            error::CONFLICT,
            "the manifest does not follow the newest one",
        )
    }

    pub(crate) fn unknown_device() -> Self {
        Self::new(
            StatusCode::FORBIDDEN,
            error::UNKNOWN_DEVICE,
            "the device is not in the user's manifest",
        )
    }

    pub(crate) fn username_taken() -> Self {
        Self::new(
            StatusCode::CONFLICT,
            error::USERNAME_TAKEN,
            "the name is taken",
        )
    }

    pub(crate) fn id_taken() -> Self {
        Self::new(
            StatusCode::CONFLICT,
            error::ID_TAKEN,
            "the user or device id is taken",
        )
    }

    /// No access token (RFC 6750, section 3.1).
    pub(crate) fn no_token() -> Self {
        Self {
            challenge: Some("Bearer"),
            ..Self::new(
                StatusCode::UNAUTHORIZED,
                error::INVALID_GRANT,
                "an access token is needed",
            )
        }
    }

    /// An access token that is not in order. The client learns no more than that it needs
    /// another one.
    pub(crate) fn bad_token() -> Self {
        Self {
            challenge: Some(r#"Bearer error="invalid_token""#),
            ..Self::new(
                StatusCode::UNAUTHORIZED,
                error::INVALID_GRANT,
                "the access token is not valid",
            )
        }
    }

    /// Too many in too short a time.
    pub(crate) fn later(retry_after_ms: u32) -> Self {
        let retry_after = std::time::Duration::from_millis(u64::from(retry_after_ms));
        TooMany { retry_after }.into()
    }

    pub(crate) fn unavailable() -> Self {
        Self {
            retry_after_s: Some(UNAVAILABLE_RETRY_S),
            ..Self::new(
                StatusCode::SERVICE_UNAVAILABLE,
                error::UNAVAILABLE,
                "the server can't do it now",
            )
        }
    }

    pub(crate) fn too_slow() -> Self {
        Self {
            retry_after_s: Some(UNAVAILABLE_RETRY_S),
            ..Self::new(
                StatusCode::REQUEST_TIMEOUT,
                error::UNAVAILABLE,
                "the request took too long",
            )
        }
    }
}

impl From<TooMany> for Refusal {
    fn from(too_many: TooMany) -> Self {
        Self {
            retry_after_s: Some(too_many.retry_after_s()),
            ..Self::new(
                StatusCode::TOO_MANY_REQUESTS,
                error::RATE_LIMITED,
                "too many tries",
            )
        }
    }
}

impl From<Overloaded> for Refusal {
    fn from(_: Overloaded) -> Self {
        Self::unavailable()
    }
}

impl From<Unavailable> for Refusal {
    fn from(_: Unavailable) -> Self {
        Self::unavailable()
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let answer = ErrorAnswer {
            error: self.error.to_owned(),
            error_description: self.description.to_owned(),
            retry_after_s: self.retry_after_s,
        };
        let mut response = (self.status, Json(answer)).into_response();
        let mut set = |name: HeaderName, value: HeaderValue| {
            response.headers_mut().insert(name, value);
        };
        set(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(seconds) = self.retry_after_s {
            set(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if let Some(challenge) = self.challenge {
            set(
                header::WWW_AUTHENTICATE,
                HeaderValue::from_static(challenge),
            );
        }
        if self.status == StatusCode::UPGRADE_REQUIRED {
            set(header::UPGRADE, HeaderValue::from_static("websocket"));
        }
        response
    }
}
