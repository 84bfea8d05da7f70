//! Linking a new device: two devices meet at a place that only their code leads to.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use whimbrel_mls::{
    Crypto, Device, DeviceKey, LinkGrant, LinkKey, LinkOffer, Manifest, sign_in_signature,
};
use whimbrel_protocol::DeviceId;
use whimbrel_protocol::account::{from_hex, to_hex};
use whimbrel_protocol::frame::{ClientMessage, ServerMessage};
use whimbrel_protocol::limits::{LINK_GRANT_BYTES_MAX, LINK_OFFER_BYTES_MAX};
use whimbrel_server::config::{Rate, Within};

use crate::support::{Answer, Door, PATIENCE, Person, TestServer, Tokens, bearer};

/// A device that wants to be linked.
struct Tablet {
    key: LinkKey,
    device_key: DeviceKey,
    offer: LinkOffer,
}

impl Tablet {
    fn new(number: u8) -> Self {
        let device_key = DeviceKey::from_seed([number; 32]);
        let offer = LinkOffer {
            device: DeviceId::from_bytes([number; 16]),
            device_key: device_key.public(),
        };
        Self {
            key: LinkKey::from_seed([number; 32]),
            device_key,
            offer,
        }
    }

    fn id(&self) -> String {
        to_hex(&self.key.code().id())
    }

    fn opening(&self) -> Value {
        json!({"id": self.id(), "offer": to_hex(&self.offer.seal(self.key.code()))})
    }

    async fn open(&self, door: &Door) {
        let answer = door.post("/v1/links", &self.opening()).await;
        assert_eq!(answer.status, 201, "{answer:?}");
    }

    fn path(&self, what: &str) -> String {
        format!("/v1/links/{}/{what}", self.id())
    }

    async fn grant(&self, door: &Door) -> Answer {
        door.get(&self.path("grant")).await
    }

    /// Signs in with what the grant says.
    fn sign_in(self, granted: &LinkGrant) -> Value {
        let link = self.key.code().id();
        let certificate = granted.manifest.certificate(self.offer.device).unwrap();
        let device = Device::new(certificate.clone(), self.device_key).unwrap();
        json!({
            "grant_type": "device",
            "user": granted.manifest.user.to_string(),
            "device": self.offer.device.to_string(),
            "link": to_hex(&link),
            "signature": to_hex(&sign_in_signature(&device, &link)),
        })
    }
}

/// The device that lets the other one in.
struct Phone<'a> {
    person: &'a Person,
    tokens: Tokens,
    door: &'a Door,
}

impl<'a> Phone<'a> {
    async fn of(person: &'a Person, door: &'a Door) -> Self {
        let tokens = door.register(person).await;
        Self {
            person,
            tokens,
            door,
        }
    }

    async fn read_offer(&self, tablet: &Tablet) -> Answer {
        let token = bearer(&self.tokens.access);
        self.door.get_with(&tablet.path("offer"), &token).await
    }

    async fn give(&self, tablet: &Tablet, grant: &[u8]) -> Answer {
        let token = bearer(&self.tokens.access);
        let body = json!({"grant": to_hex(grant)}).to_string();
        let path = tablet.path("grant");
        self.door.request("POST", &path, &token, Some(&body)).await
    }

    /// The manifest with the new device, published.
    async fn let_in(&self, offer: &LinkOffer) -> Manifest {
        let identity = self.person.identity();
        let certificate = whimbrel_mls::Certificate::issue(
            &identity,
            self.person.user,
            &self.person.name,
            offer.device,
            offer.device_key,
        );
        let first = Manifest::decode_and_verify(&self.person.manifest).unwrap();
        let next = first.next(&identity, vec![certificate.unwrap()], &[]);
        let manifest = next.unwrap();
        let mut socket = self.door.socket(&self.tokens).await;
        socket.hello(self.person).await;
        socket.answer(1).await.unwrap();
        let publish = ClientMessage::PublishManifest {
            manifest: manifest.encode(),
        };
        socket.send(2, publish).await;
        assert_eq!(socket.answer(2).await, Some(ServerMessage::Done));
        manifest
    }

    /// Everything that approving takes.
    async fn approve(&self, tablet: &Tablet) -> LinkGrant {
        let answer = self.read_offer(tablet).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        let text = answer.json()["offer"].as_str().unwrap().to_owned();
        let offer = LinkOffer::open(tablet.key.code(), &from_hex(&text).unwrap()).unwrap();
        let granted = LinkGrant {
            granted_by: self.person.device,
            identity: self.person.identity(),
            manifest: self.let_in(&offer).await,
            expires_ms: answer.json()["expires_ms"].as_i64().unwrap(),
        };
        let crypto = Crypto::from_seed([5; 32]);
        let sealed = granted.seal(&crypto, tablet.key.code(), &offer).unwrap();
        assert_eq!(self.give(tablet, &sealed).await.status, 204);
        granted
    }
}

fn is(answer: &Answer, status: u16, error: &str) {
    assert_eq!(
        (answer.status, answer.error().as_str()),
        (status, error),
        "{answer:?}"
    );
}

#[tokio::test]
async fn a_tablet_is_linked_by_a_phone() {
    let server = TestServer::start().await;
    let (door, alice) = (server.door(), Person::named("alice"));
    let phone = Phone::of(&alice, &door).await;
    let tablet = Tablet::new(1);
    tablet.open(&door).await;
    // The answer got lost: the same again does no harm.
    tablet.open(&door).await;
    let nothing_yet = tablet.grant(&door).await;
    assert_eq!((nothing_yet.status, nothing_yet.body.as_str()), (204, ""));

    phone.approve(&tablet).await;
    let answer = tablet.grant(&door).await;
    assert_eq!(answer.header("Cache-Control"), Some("no-store"));
    let text = answer.json()["grant"].as_str().unwrap().to_owned();
    let sealed = from_hex(&text).unwrap();
    let granted = LinkGrant::open(&tablet.key, &tablet.offer, &sealed, 0).unwrap();
    let (device, again) = (tablet.offer.device, tablet.path("grant"));

    let sign_in = tablet.sign_in(&granted);
    let tokens = Tokens::of(&door.post("/v1/token", &sign_in).await);
    assert_eq!(tokens.user, alice.user.to_string());
    let mut socket = door.socket(&tokens).await;
    socket.hello_as(device).await;
    let hello = socket.answer(1).await;
    assert!(
        matches!(hello, Some(ServerMessage::HelloOk(_))),
        "{hello:?}"
    );

    // The link is used up.
    is(&door.get(&again).await, 404, "not_found");
    let twice = door.post("/v1/token", &sign_in).await;
    is(&twice, 400, "invalid_grant");
}

#[tokio::test]
async fn an_unknown_link_is_no_place() {
    let server = TestServer::start().await;
    let (door, alice) = (server.door(), Person::named("alice"));
    let phone = Phone::of(&alice, &door).await;
    let tablet = Tablet::new(1);
    is(&tablet.grant(&door).await, 404, "not_found");
    is(&phone.read_offer(&tablet).await, 404, "not_found");
    is(&phone.give(&tablet, b"x").await, 404, "not_found");
    // Closing what is not there is as good as having closed it.
    let path = format!("/v1/links/{}", tablet.id());
    assert_eq!(door.request("DELETE", &path, "", None).await.status, 204);
    for id in [
        "",
        "0",
        "zz",
        &"0".repeat(31),
        &"0".repeat(34),
        "%ff",
        "..%2f",
    ] {
        let answer = door.get(&format!("/v1/links/{id}/grant")).await;
        assert_eq!(answer.status, 404, "{id}: {answer:?}");
    }
}

#[tokio::test]
async fn the_first_offer_and_the_first_grant_stay() {
    let server = TestServer::start().await;
    let (door, alice) = (server.door(), Person::named("alice"));
    let phone = Phone::of(&alice, &door).await;
    let (tablet, mut other) = (Tablet::new(1), Tablet::new(2));
    tablet.open(&door).await;
    other.key = LinkKey::from_seed([1; 32]);
    let second = door.post("/v1/links", &other.opening()).await;
    is(&second, 409, "conflict");

    assert_eq!(phone.give(&tablet, b"first").await.status, 204);
    assert_eq!(phone.give(&tablet, b"first").await.status, 204);
    is(&phone.give(&tablet, b"second").await, 409, "conflict");
    let kept = tablet.grant(&door).await.json()["grant"].clone();
    assert_eq!(kept, json!(to_hex(b"first")));
    let offer = phone.read_offer(&tablet).await.json()["offer"].clone();
    assert_eq!(offer, tablet.opening()["offer"]);
}

#[tokio::test]
async fn a_link_closes_when_its_time_is_over() {
    let server = TestServer::start_with(|config| {
        config.limits.link_ms = Within::nearest(1_000);
    })
    .await;
    let (door, alice) = (server.door(), Person::named("alice"));
    let phone = Phone::of(&alice, &door).await;
    let tablet = Tablet::new(1);
    tablet.open(&door).await;
    let started = Instant::now();
    while tablet.grant(&door).await.status == 204 {
        assert!(started.elapsed() < PATIENCE, "the link stays open");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    is(&tablet.grant(&door).await, 404, "not_found");
    is(&phone.read_offer(&tablet).await, 404, "not_found");
    is(&phone.give(&tablet, b"late").await, 404, "not_found");
}

#[tokio::test]
async fn a_cancelled_link_is_over_for_both() {
    let server = TestServer::start().await;
    let (door, alice) = (server.door(), Person::named("alice"));
    let phone = Phone::of(&alice, &door).await;
    let tablet = Tablet::new(1);
    tablet.open(&door).await;
    let granted = phone.approve(&tablet).await;
    let path = format!("/v1/links/{}", tablet.id());
    assert_eq!(door.request("DELETE", &path, "", None).await.status, 204);
    is(&phone.read_offer(&tablet).await, 404, "not_found");
    is(&tablet.grant(&door).await, 404, "not_found");
    let reopened = door.post("/v1/links", &tablet.opening()).await;
    is(&reopened, 409, "conflict");
    let answer = door.post("/v1/token", &tablet.sign_in(&granted)).await;
    is(&answer, 400, "invalid_grant");
}

#[tokio::test]
async fn what_is_left_at_a_link_is_small() {
    let server = TestServer::start().await;
    let (door, alice) = (server.door(), Person::named("alice"));
    let phone = Phone::of(&alice, &door).await;
    let tablet = Tablet::new(1);
    let opening = |offer: String| json!({"id": tablet.id(), "offer": offer});
    for offer in [
        String::new(),
        "abc".to_owned(),
        "zz".to_owned(),
        to_hex(&vec![0; LINK_OFFER_BYTES_MAX + 1]),
    ] {
        let answer = door.post("/v1/links", &opening(offer)).await;
        is(&answer, 400, "invalid_request");
    }
    let huge = "0".repeat(64 * 1024);
    let answer = door.post("/v1/links", &opening(huge.clone())).await;
    is(&answer, 413, "invalid_request");
    for id in ["", "1234", &"z".repeat(32)] {
        let opening = json!({"id": id, "offer": "00"});
        let answer = door.post("/v1/links", &opening).await;
        is(&answer, 400, "invalid_request");
    }

    tablet.open(&door).await;
    for bytes in [0, LINK_GRANT_BYTES_MAX + 1] {
        let answer = phone.give(&tablet, &vec![0; bytes]).await;
        is(&answer, 400, "invalid_request");
    }
    let answer = phone.give(&tablet, huge.as_bytes()).await;
    is(&answer, 413, "invalid_request");
    let largest = vec![7; LINK_GRANT_BYTES_MAX];
    assert_eq!(phone.give(&tablet, &largest).await.status, 204);
    let kept = tablet.grant(&door).await.json()["grant"].clone();
    assert_eq!(kept, json!(to_hex(&largest)));
}

#[tokio::test]
async fn only_a_device_reads_an_offer_and_leaves_a_grant() {
    let server = TestServer::start().await;
    let door = server.door();
    let tablet = Tablet::new(1);
    tablet.open(&door).await;
    for headers in [String::new(), bearer("garbage")] {
        let offer = door.get_with(&tablet.path("offer"), &headers).await;
        is(&offer, 401, "invalid_grant");
        assert!(offer.header("WWW-Authenticate").is_some());
        let (path, body) = (tablet.path("grant"), Some("{\"grant\":\"00\"}"));
        let grant = door.request("POST", &path, &headers, body).await;
        is(&grant, 401, "invalid_grant");
    }
    assert_eq!(tablet.grant(&door).await.status, 204);
}

#[tokio::test]
async fn links_do_not_outlive_the_server() {
    let server = TestServer::start().await;
    let (door, alice) = (server.door(), Person::named("alice"));
    let phone = Phone::of(&alice, &door).await;
    let tablet = Tablet::new(1);
    tablet.open(&door).await;
    let granted = phone.approve(&tablet).await;

    let server = server.restart().await;
    let door = server.door();
    is(&tablet.grant(&door).await, 404, "not_found");
    let phone = Phone {
        person: &alice,
        tokens: phone.tokens.clone(),
        door: &door,
    };
    is(&phone.read_offer(&tablet).await, 404, "not_found");
    let device = tablet.offer.device.to_string();
    let answer = door.post("/v1/token", &tablet.sign_in(&granted)).await;
    is(&answer, 400, "invalid_grant");
    // The device is in the manifest already, so the password still opens the door for it.
    let mut by_password = alice.sign_in();
    by_password["device"] = device.into();
    Tokens::of(&door.post("/v1/token", &by_password).await);
}

#[tokio::test]
async fn every_wrong_sign_in_by_a_link_looks_the_same() {
    let server = TestServer::start().await;
    let (door, alice) = (server.door(), Person::named("alice"));
    let phone = Phone::of(&alice, &door).await;
    let bob = Person::named("bob");
    door.register(&bob).await;
    let tablet = Tablet::new(1);
    tablet.open(&door).await;
    let granted = phone.approve(&tablet).await;
    let right = tablet.sign_in(&granted);
    let with = |name: &str, value: String| {
        let mut wrong = right.clone();
        wrong[name] = value.into();
        wrong
    };

    let mut bodies = Vec::new();
    for wrong in [
        with("signature", to_hex(&[7; 64])),
        with("signature", String::new()),
        with("signature", "xyz".to_owned()),
        with("signature", "00".repeat(4_000)),
        // Listed, but with another key; another user's; nobody's.
        with("device", alice.device.to_string()),
        with("device", bob.device.to_string()),
        with("device", "3".repeat(32)),
        with("user", bob.user.to_string()),
        with("user", "3".repeat(32)),
        with("link", "3".repeat(32)),
        with("link", String::new()),
    ] {
        let answer = door.post("/v1/token", &wrong).await;
        is(&answer, 400, "invalid_grant");
        bodies.push(answer.body);
    }
    // None of these used the link up.
    Tokens::of(&door.post("/v1/token", &right).await);
    let reused = door.post("/v1/token", &right).await;
    is(&reused, 400, "invalid_grant");
    bodies.push(reused.body);
    bodies.dedup();
    assert_eq!(bodies.len(), 1, "{bodies:?}");
}

#[tokio::test]
async fn a_device_does_not_sign_in_before_it_is_let_in() {
    let server = TestServer::start().await;
    let (door, alice) = (server.door(), Person::named("alice"));
    let phone = Phone::of(&alice, &door).await;
    let tablet = Tablet::new(1);
    tablet.open(&door).await;
    assert_eq!(phone.give(&tablet, b"a grant").await.status, 204);
    // A certificate alone, which the manifest does not list.
    let identity = alice.identity();
    let certificate = alice.certificate(&identity, tablet.offer.device, &tablet.device_key);
    let first = Manifest::decode_and_verify(&alice.manifest).unwrap();
    let unpublished = LinkGrant {
        granted_by: alice.device,
        identity: alice.identity(),
        manifest: first.next(&identity, vec![certificate], &[]).unwrap(),
        expires_ms: i64::MAX,
    };
    let sign_in = tablet.sign_in(&unpublished);
    is(
        &door.post("/v1/token", &sign_in).await,
        400,
        "invalid_grant",
    );
    // Once it is listed, the same words are right.
    let offer = Tablet::new(1).offer;
    phone.let_in(&offer).await;
    Tokens::of(&door.post("/v1/token", &sign_in).await);
}

#[tokio::test]
async fn an_address_opens_only_so_many_links() {
    let server = TestServer::start_with(|config| {
        config.limits.address.links = Rate::of(41, 1);
    })
    .await;
    let door = server.door();
    Tablet::new(1).open(&door).await;
    Tablet::new(2).open(&door).await;
    let limited = door.post("/v1/links", &Tablet::new(3).opening()).await;
    is(&limited, 429, "rate_limited");
    assert!(limited.header("Retry-After").is_some());
    // Waiting for a grant costs less.
    assert_eq!(Tablet::new(1).grant(&door).await.status, 204);
    is(&Tablet::new(1).grant(&door).await, 429, "rate_limited");
}
