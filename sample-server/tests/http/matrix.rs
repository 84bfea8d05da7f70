//! Every route with every kind of access token, from the same table that the router is built from.

use std::collections::BTreeSet;
use std::time::{SystemTime, UNIX_EPOCH};

use whimbrel_protocol::{DeviceId, UserId};
use whimbrel_server::auth::{SigningKey, TokenIssuer};
use whimbrel_server::config::{AuthConfig, Config};
use whimbrel_server::http::{Access, Route};

use crate::support::{Answer, Door, Person, TestServer, Tokens, bearer};

const OPERATOR_TOKEN: &str = "correct-horse-battery-staple";
const PROTOCOL: &str = include_str!("../../../docs/PROTOCOL.md");
const MODULE: &str = include_str!("../../src/http.rs");
const NO_LINK: &str = "00000000000000000000000000000000";

/// A request that gets as far as it can without a right token, and the status it then gets. A new
/// route does not compile until it has a line here.
fn request(route: Route) -> (Option<&'static str>, u16) {
    match route {
        Route::Register
        | Route::Token
        | Route::OpenLink
        | Route::StartRecovery
        | Route::Recover => (Some("{}"), 400),
        Route::ReadOffer | Route::ReadGrant | Route::ReadDevice => (None, 404),
        Route::GiveGrant => (Some("{\"grant\":\"00\"}"), 404),
        Route::CloseLink => (None, 204),
        // Not asked for as a WebSocket.
        Route::Socket => (None, 426),
        Route::Keys | Route::Live | Route::Ready | Route::Metrics => (None, 200),
    }
}

async fn ask(door: &Door, route: Route, headers: &str) -> Answer {
    let path = route.path().replace("{id}", NO_LINK);
    let (body, _) = request(route);
    door.request(route.method(), &path, headers, body).await
}

/// People, and tokens of every kind.
struct Scene {
    server: TestServer,
    alice: Person,
    bob: Person,
    stranger: Tokens,
    revoked: Tokens,
}

impl Scene {
    async fn set() -> Self {
        let text = format!("[metrics]\ntoken = \"{OPERATOR_TOKEN}\"");
        let metrics = Config::parse(&text, std::path::Path::new("test")).unwrap();
        let server = TestServer::start_with(|config| config.metrics = metrics.metrics).await;
        let door = server.door();
        let (alice, bob) = (Person::named("alice"), Person::named("bob"));
        let revoked = door.register(&alice).await;
        let stranger = door.register(&bob).await;
        let (manifest, device) = alice.recovered();
        let recovery = alice.recovery(&manifest.encode(), device);
        Tokens::of(&door.post("/v1/recovery", &recovery).await);
        Self {
            server,
            alice,
            bob,
            stranger,
            revoked,
        }
    }

    /// A token that the server's own key signs.
    fn sign(&self, user: UserId, device: DeviceId, age_s: i64, config: &AuthConfig) -> String {
        let file = self.server.data.path().join("data/signing-key");
        let seed = std::fs::read_to_string(file).unwrap();
        let issuer = TokenIssuer::new(SigningKey::parse(seed.trim()).unwrap(), config);
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        let now_s = i64::try_from(since.as_secs()).unwrap();
        let issued_ms = (now_s - age_s) * 1_000;
        issuer.issue(user, device, issued_ms, [1; 16]).unwrap()
    }

    /// What opens nothing, with what it is.
    async fn useless(&self) -> Vec<(&'static str, String)> {
        let (alice, bob) = (&self.alice, &self.bob);
        let elsewhere = TestServer::start().await;
        let foreign = elsewhere.door().register(&Person::named("bob")).await;
        let own = AuthConfig::default();
        let text = "[auth]\naudience = \"another\"";
        let config = Config::parse(text, std::path::Path::new("test")).unwrap();
        let other_audience = self.sign(bob.user, bob.device, 0, &config.auth);
        let nobody = UserId::from_bytes([9; 16]);
        let mut tampered = self.stranger.access.clone();
        tampered.replace_range(tampered.len() - 10..tampered.len() - 8, "AA");
        let twice = bearer(&self.stranger.access).repeat(2);
        vec![
            ("no token", String::new()),
            ("an empty one", bearer("")),
            ("garbage", bearer("garbage")),
            ("another scheme", "Authorization: Basic YTpi\r\n".to_owned()),
            ("two of them", twice),
            ("a changed one", bearer(&tampered)),
            ("a refresh token", bearer(&self.stranger.refresh)),
            ("another server's", bearer(&foreign.access)),
            ("for another audience", bearer(&other_audience)),
            (
                "an expired one",
                bearer(&self.sign(bob.user, bob.device, 3_600, &own)),
            ),
            (
                "of tomorrow",
                bearer(&self.sign(bob.user, bob.device, -86_400, &own)),
            ),
            (
                "of a user without an account",
                bearer(&self.sign(nobody, bob.device, 0, &own)),
            ),
            (
                "of somebody else's device",
                bearer(&self.sign(bob.user, alice.device, 0, &own)),
            ),
        ]
    }
}

#[tokio::test]
async fn every_route_with_every_kind_of_token() {
    let scene = Scene::set().await;
    let door = scene.server.door();
    let useless = scene.useless().await;
    let stranger = bearer(&scene.stranger.access);
    let revoked = bearer(&scene.revoked.access);
    for route in Route::ALL {
        let (_, open) = request(route);
        for (kind, headers) in &useless {
            let answer = ask(&door, route, headers).await;
            let expected = match route.access() {
                Access::Everyone => open,
                Access::Device | Access::Operator => 401,
            };
            assert_eq!(answer.status, expected, "{route:?}, {kind}: {answer:?}");
            if expected == 401 {
                assert!(answer.header("WWW-Authenticate").is_some(), "{answer:?}");
                assert_eq!(answer.error(), "invalid_grant", "{route:?}, {kind}");
            }
        }
        let answer = ask(&door, route, &stranger).await;
        let expected = match route.access() {
            Access::Everyone | Access::Device => open,
            Access::Operator => 401,
        };
        assert_eq!(answer.status, expected, "{route:?}, stranger: {answer:?}");

        let answer = ask(&door, route, &revoked).await;
        let expected = match route {
            // It is told on the socket, see the tests of frames.
            Route::Socket => open,
            _ if route.access() == Access::Everyone => open,
            _ => 401,
        };
        assert_eq!(answer.status, expected, "{route:?}, revoked: {answer:?}");
    }
    let operator = ask(&door, Route::Metrics, &bearer(OPERATOR_TOKEN)).await;
    assert_eq!(operator.status, 200);
    for route in Route::ALL {
        let line = format!("route=\"{route:?}\"");
        let counts = operator.body.contains(&line) || route == Route::Metrics;
        assert!(counts, "{line} is missing in\n{}", operator.body);
    }
}

#[tokio::test]
async fn every_route_has_one_method_and_is_documented() {
    let server = TestServer::start().await;
    let door = server.door();
    let mut lines = BTreeSet::new();
    for route in Route::ALL {
        let line = format!("`{} {}`", route.method(), route.path());
        let documented = match route.access() {
            Access::Device | Access::Everyone if route.path().starts_with("/v1/") => {
                PROTOCOL.contains(&line)
            }
            _ => MODULE.contains(route.path()),
        };
        assert!(documented, "{line}");
        assert!(lines.insert(line), "{route:?} is there twice");
        let path = route.path().replace("{id}", NO_LINK);
        for method in ["PUT", "PATCH", "OPTIONS", "TRACE"] {
            let answer = door.request(method, &path, "", None).await;
            assert_eq!(answer.status, 405, "{method} {path}: {answer:?}");
        }
    }
    assert_eq!(lines.len(), Route::ALL.len());
}
