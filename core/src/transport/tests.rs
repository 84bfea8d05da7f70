//! Tests of the HTTP routes and the pinned certificate, against a server on the loopback.
#![allow(clippy::unwrap_used, reason = "a failed test may panic")]

use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpListener;

use super::loopback::{Loopback, response};
use super::*;

fn registration() -> RegisterRequest {
    RegisterRequest {
        username: "alice".to_owned(),
        password: "correct horse".to_owned(),
        user: "01".repeat(16),
        device: "02".repeat(16),
        manifest: "03".to_owned(),
    }
}

fn tokens() -> TokenAnswer {
    TokenAnswer {
        access_token: "access".to_owned(),
        token_type: "Bearer".to_owned(),
        expires_in: 600,
        refresh_token: "refresh".to_owned(),
        user: "01".repeat(16),
    }
}

fn refused(word: &str, retry_after_s: Option<u64>) -> String {
    serde_json::to_string(&ErrorAnswer {
        error: word.to_owned(),
        error_description: "no".to_owned(),
        retry_after_s,
    })
    .unwrap()
}

/// What a registration makes of a response.
async fn registering(response: String) -> Result<TokenAnswer, AccountFailure> {
    let server = Loopback::start().await;
    let transport = server.transport();
    let request = registration();
    let (result, _) = tokio::join!(transport.register(&request), server.answer(|_| response));
    result
}

#[tokio::test]
async fn a_registration_goes_out_as_json_and_brings_tokens() {
    let server = Loopback::start().await;
    let transport = server.transport();
    let body = serde_json::to_string(&tokens()).unwrap();
    let request = registration();
    let (result, asked) = tokio::join!(
        transport.register(&request),
        server.answer(|_| response("200 OK", "", &body))
    );
    let session = session(result.unwrap()).unwrap();
    assert_eq!(session.access_token, "access");
    assert_eq!(session.expires_in_ms, 600_000);
    assert_eq!(session.refresh_token, "refresh");
    let (head, body) = asked.unwrap();
    assert!(head.starts_with("POST /v1/register HTTP/1.1"), "{head}");
    let sent: RegisterRequest = serde_json::from_str(&body).unwrap();
    assert_eq!(sent.username, "alice");
}

#[tokio::test]
async fn only_the_pinned_certificate_is_trusted() {
    let server = Loopback::start().await;
    let other_pin = Transport::new(&server.url, Some([1; 32])).unwrap();
    let no_pin = Transport::new(&server.url, None).unwrap();
    for transport in [other_pin, no_pin] {
        let request = registration();
        let (result, asked) = tokio::join!(
            transport.register(&request),
            server.answer(|_| response("200 OK", "", "{}"))
        );
        assert_eq!(
            result.unwrap_err(),
            AccountFailure::Link(LinkError::Untrusted)
        );
        assert!(
            asked.is_none(),
            "nothing is sent to a server that is not trusted"
        );
    }
}

#[tokio::test]
async fn who_does_not_speak_tls_is_not_the_server() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let transport = Transport::new(&format!("https://127.0.0.1:{port}"), None).unwrap();
    let plain = async {
        let (mut stream, _) = listener.accept().await.unwrap();
        let page = response("200 OK", "", "<html>Please log in</html>");
        stream.write_all(page.as_bytes()).await.unwrap();
    };
    let request = registration();
    let (result, ()) = tokio::join!(transport.register(&request), plain);
    assert_eq!(
        result.unwrap_err(),
        AccountFailure::Link(LinkError::Protocol)
    );
    drop(listener);
    let result = transport.register(&request).await;
    assert_eq!(
        result.unwrap_err(),
        AccountFailure::Link(LinkError::Unreachable)
    );
}

#[tokio::test]
async fn refusals_have_their_codes() {
    for (status, word, code) in [
        (
            "400 Bad Request",
            error::INVALID_REQUEST,
            ErrorCode::InvalidArgument,
        ),
        (
            "401 Unauthorized",
            error::INVALID_GRANT,
            ErrorCode::AccessDenied,
        ),
        (
            "409 Conflict",
            error::USERNAME_TAKEN,
            ErrorCode::UsernameTaken,
        ),
        ("409 Conflict", error::ID_TAKEN, ErrorCode::WrongState),
        (
            "429 Too Many Requests",
            error::RATE_LIMITED,
            ErrorCode::RateLimited,
        ),
        (
            "503 Service Unavailable",
            error::UNAVAILABLE,
            ErrorCode::Unavailable,
        ),
        ("400 Bad Request", "a_newer_word", ErrorCode::Protocol),
    ] {
        let failure = registering(response(status, "", &refused(word, None)))
            .await
            .unwrap_err();
        assert_eq!(failure.to_error().code, code, "{word}");
    }
}

#[tokio::test]
async fn what_is_not_of_this_protocol_is_told_apart() {
    let page = "<html>Please log in</html>";
    let huge = "x".repeat(ANSWER_BYTES_MAX + 1);
    for (response, link) in [
        (response("200 OK", "", page), LinkError::Protocol),
        (response("200 OK", "", "{}"), LinkError::Protocol),
        (response("200 OK", "", &huge), LinkError::Protocol),
        (response("401 Unauthorized", "", page), LinkError::Protocol),
        (response("404 Not Found", "", page), LinkError::Protocol),
        (
            response("302 Found", "location: https://example.com/\r\n", ""),
            LinkError::Protocol,
        ),
        (response("500 Oops", "", page), LinkError::Unreachable),
        (
            response("503 Busy", "retry-after: 7\r\n", page),
            LinkError::RetryAfter(7_000),
        ),
        (response("429 Slow", "", page), LinkError::RetryAfter(5_000)),
        (
            "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n".to_owned(),
            LinkError::Unreachable,
        ),
    ] {
        let failure = registering(response.clone()).await.unwrap_err();
        assert_eq!(failure, AccountFailure::Link(link), "{:.60}", response);
    }
}

#[tokio::test]
async fn a_refresh_is_denied_or_put_off() {
    for (status, body, link) in [
        (
            "400 Bad Request",
            refused(error::INVALID_GRANT, None),
            LinkError::Denied,
        ),
        (
            "400 Bad Request",
            refused(error::UNKNOWN_DEVICE, None),
            LinkError::Revoked,
        ),
        (
            "429 Slow",
            refused(error::RATE_LIMITED, Some(9)),
            LinkError::RetryAfter(9_000),
        ),
        (
            "429 Slow",
            refused(error::RATE_LIMITED, Some(u64::MAX)),
            LinkError::RetryAfter(RETRY_AFTER_MS_MAX),
        ),
        (
            "400 Bad Request",
            refused("a_newer_word", None),
            LinkError::Protocol,
        ),
    ] {
        let server = Loopback::start().await;
        let transport = server.transport();
        let (result, asked) = tokio::join!(
            transport.refresh("old".to_owned()),
            server.answer(|_| response(status, "", &body))
        );
        assert_eq!(result.unwrap_err(), link, "{body}");
        let (head, sent) = asked.unwrap();
        assert!(head.starts_with("POST /v1/token"));
        assert_eq!(
            sent,
            r#"{"grant_type":"refresh_token","refresh_token":"old"}"#
        );
    }
}

#[test]
fn tokens_that_can_not_be_used_are_refused() {
    let changed = |change: fn(&mut TokenAnswer)| {
        let mut answer = tokens();
        change(&mut answer);
        session(answer).map(|_| ())
    };
    assert_eq!(changed(|_| ()), Ok(()));
    assert_eq!(
        changed(|answer| answer.token_type = "bearer".to_owned()),
        Ok(())
    );
    assert_eq!(changed(|answer| answer.expires_in = u64::MAX), Ok(()));
    let refused = Err(LinkError::Protocol);
    assert_eq!(
        changed(|answer| answer.token_type = "mac".to_owned()),
        refused
    );
    assert_eq!(changed(|answer| answer.access_token.clear()), refused);
    assert_eq!(
        changed(|answer| answer.access_token = "a\r\nb: c".to_owned()),
        refused
    );
    assert_eq!(
        changed(|answer| answer.access_token = "x".repeat(20_000)),
        refused
    );
    assert_eq!(changed(|answer| answer.refresh_token.clear()), refused);
}

#[test]
fn servers_are_https_addresses() {
    for (server, host, port, socket) in [
        (
            "https://chat.example",
            "chat.example",
            443,
            "wss://chat.example/v1/socket",
        ),
        (
            "https://chat.example:8443/",
            "chat.example",
            8443,
            "wss://chat.example:8443/v1/socket",
        ),
        (
            "https://[::1]:8443",
            "::1",
            8443,
            "wss://[::1]:8443/v1/socket",
        ),
        (
            "https://chat.example/birds",
            "chat.example",
            443,
            "wss://chat.example/birds/v1/socket",
        ),
        (
            "https://xn--bcher-kva.example",
            "xn--bcher-kva.example",
            443,
            "wss://xn--bcher-kva.example/v1/socket",
        ),
    ] {
        let transport = Transport::new(server, None).unwrap();
        assert_eq!(transport.address(), (host.to_owned(), port));
        assert_eq!(transport.socket_url(), socket);
    }
    for server in [
        "",
        "chat.example",
        "http://chat.example",
        "wss://chat.example",
        "https://",
        "https://user:word@chat.example",
        "https://chat.example/?a=b",
        "https://chat.example/#a",
        "https://chat.example:99999",
        "https://b\u{fc}cher.example",
    ] {
        let error = Transport::new(server, None).map(|_| ()).unwrap_err();
        assert_eq!(error.code, ErrorCode::InvalidArgument, "{server}");
    }
}
