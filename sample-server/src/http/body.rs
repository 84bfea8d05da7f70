//! What requests carry, read within its limits, and what answers carry.

use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::http::{HeaderMap, HeaderName, StatusCode, header};
use serde::de::DeserializeOwned;
use whimbrel_protocol::account::from_hex;

use super::Refusal;

/// The body of a request, as far as it could be read.
pub(super) type Body = Result<Bytes, BytesRejection>;

/// A JSON answer that nobody on the way may keep.
pub(super) type Private<T> = ([(HeaderName, &'static str); 1], Json<T>);

/// A JSON answer that nobody on the way may keep.
pub(super) fn private<T>(answer: T) -> Private<T> {
    ([(header::CACHE_CONTROL, "no-store")], Json(answer))
}

/// The JSON object in a body.
pub(super) fn parse<T: DeserializeOwned>(headers: &HeaderMap, body: Body) -> Result<T, Refusal> {
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

/// An id in a body.
pub(super) fn id<T: std::str::FromStr>(
    text: &str,
    description: &'static str,
) -> Result<T, Refusal> {
    text.parse().map_err(|_| Refusal::invalid(description))
}

/// Bytes in a body, as hexadecimal digits.
pub(super) fn bytes(
    text: &str,
    bytes_max: usize,
    description: &'static str,
) -> Result<Vec<u8>, Refusal> {
    from_hex(text)
        .filter(|bytes| bytes.len() <= bytes_max)
        .ok_or(Refusal::invalid(description))
}
