//! Starting anew without any device.

use whimbrel_mls::{DeviceKey, IdentityKey, Manifest, RecoveryCode};
use whimbrel_protocol::DeviceId;
use whimbrel_protocol::account::to_hex;
use whimbrel_protocol::frame::{GoAwayReason, ServerMessage};

use crate::accounts::{hashes, with};
use crate::support::{Answer, Person, TestServer, Tokens, bearer, refresh};

fn is(answer: &Answer, status: u16, error: &str) {
    assert_eq!(
        (answer.status, answer.error().as_str()),
        (status, error),
        "{answer:?}"
    );
}

#[tokio::test]
async fn somebody_without_a_device_starts_anew_and_the_old_devices_are_out() {
    let server = TestServer::start().await;
    let (door, alice) = (server.door(), Person::named("alice"));
    let old = door.register(&alice).await;
    let mut socket = door.socket(&old).await;
    socket.hello(&alice).await;
    socket.answer(1).await.unwrap();

    let start = alice.recovery(&[], alice.device);
    let answer = door.post("/v1/recovery/start", &start).await;
    assert_eq!(answer.header("Cache-Control"), Some("no-store"));
    assert_eq!(answer.json()["user"], alice.user.to_string());
    assert_eq!(answer.json()["manifest"], to_hex(&alice.manifest));

    let (manifest, device) = alice.recovered();
    let recovery = alice.recovery(&manifest.encode(), device);
    let tokens = Tokens::of(&door.post("/v1/recovery", &recovery).await);
    let mut anew = door.socket(&tokens).await;
    anew.hello_as(device).await;
    let hello = anew.answer(1).await;
    assert!(
        matches!(hello, Some(ServerMessage::HelloOk(_))),
        "{hello:?}"
    );

    // What the lost phone had is worth nothing any more.
    let rest = socket.rest().await;
    let revoked = |message: &ServerMessage| {
        matches!(
            message,
            ServerMessage::GoAway {
                reason: GoAwayReason::Revoked,
                ..
            }
        )
    };
    assert!(rest.iter().any(revoked), "{rest:?}");
    is(
        &door.post("/v1/token", &refresh(&old.refresh)).await,
        403,
        "unknown_device",
    );
    is(
        &door.post("/v1/token", &alice.sign_in()).await,
        403,
        "unknown_device",
    );
    let path = format!("/v1/links/{}/offer", "0".repeat(32));
    let offer = door.get_with(&path, &bearer(&old.access)).await;
    is(&offer, 401, "invalid_grant");

    // The answer got lost: the same again gives tokens again, and signing in works as ever.
    Tokens::of(&door.post("/v1/recovery", &recovery).await);
    Tokens::of(&door.post("/v1/token", &refresh(&tokens.refresh)).await);
    let sign_in = with(alice.sign_in(), "device", device.to_string());
    Tokens::of(&door.post("/v1/token", &sign_in).await);
}

#[tokio::test]
async fn without_the_recovery_code_there_is_an_unproven_identity() {
    let server = TestServer::start().await;
    let (door, alice) = (server.door(), Person::named("alice"));
    door.register(&alice).await;
    let first = Manifest::decode_and_verify(&alice.manifest).unwrap();
    let identity = IdentityKey::from_seed([3; 32]);
    let device = DeviceId::from_bytes([3; 16]);
    let certificate = alice.certificate(&identity, device, &DeviceKey::from_seed([3; 32]));
    let code = RecoveryCode::new([4; 16]);
    let manifest = first.replaced(&identity, certificate, code.recovery_key());
    let recovery = alice.recovery(&manifest.unwrap().encode(), device);
    Tokens::of(&door.post("/v1/recovery", &recovery).await);
}

/// The next manifest of somebody, with a new device in the place of the only one.
fn in_place(person: &Person) -> (Manifest, DeviceId) {
    let first = Manifest::decode_and_verify(&person.manifest).unwrap();
    let (identity, device) = (person.identity(), DeviceId::from_bytes([6; 16]));
    let certificate = person.certificate(&identity, device, &DeviceKey::from_seed([6; 32]));
    let next = first.next(&identity, vec![certificate], &[person.device]);
    (next.unwrap(), device)
}

#[tokio::test]
async fn with_the_identity_and_the_password_a_new_device_takes_the_place_of_another() {
    let server = TestServer::start().await;
    let (door, alice) = (server.door(), Person::named("alice"));
    let old = door.register(&alice).await;
    let (manifest, device) = in_place(&alice);
    let request = alice.recovery(&manifest.encode(), device);
    let wrong = with(request.clone(), "password", "not her password");
    is(
        &door.post("/v1/recovery", &wrong).await,
        400,
        "invalid_grant",
    );
    Tokens::of(&door.post("/v1/token", &alice.sign_in()).await);

    let tokens = Tokens::of(&door.post("/v1/recovery", &request).await);
    let mut anew = door.socket(&tokens).await;
    anew.hello_as(device).await;
    let hello = anew.answer(1).await;
    assert!(
        matches!(hello, Some(ServerMessage::HelloOk(_))),
        "{hello:?}"
    );
    is(
        &door.post("/v1/token", &refresh(&old.refresh)).await,
        403,
        "unknown_device",
    );
    is(
        &door.post("/v1/token", &alice.sign_in()).await,
        403,
        "unknown_device",
    );
    let start = alice.recovery(&[], device);
    let answer = door.post("/v1/recovery/start", &start).await;
    assert_eq!(answer.json()["manifest"], to_hex(&manifest.encode()));
    // The answer got lost: the same again gives tokens again.
    Tokens::of(&door.post("/v1/recovery", &request).await);
}

#[tokio::test]
async fn a_recovery_takes_the_password_and_says_nothing_without() {
    let server = TestServer::start().await;
    let (door, alice) = (server.door(), Person::named("alice"));
    let tokens = door.register(&alice).await;
    let (manifest, device) = alice.recovered();
    let right = alice.recovery(&manifest.encode(), device);
    let mut bodies = Vec::new();
    for path in ["/v1/recovery/start", "/v1/recovery"] {
        for wrong in [
            with(right.clone(), "password", "not her password"),
            with(right.clone(), "username", "nobody"),
        ] {
            let before = hashes(&door).await;
            let answer = door.post(path, &wrong).await;
            is(&answer, 400, "invalid_grant");
            bodies.push(answer.body);
            assert_eq!(hashes(&door).await, before + 1);
        }
        let malformed = with(right.clone(), "username", "No Name!");
        bodies.push(door.post(path, &malformed).await.body);
    }
    bodies.push(
        door.post(
            "/v1/token",
            &with(alice.sign_in(), "password", "not her password"),
        )
        .await
        .body,
    );
    bodies.dedup();
    assert_eq!(bodies.len(), 1, "{bodies:?}");
    Tokens::of(&door.post("/v1/token", &refresh(&tokens.refresh)).await);
}

#[tokio::test]
async fn a_recovery_with_another_manifest_changes_nothing() {
    let server = TestServer::start().await;
    let (door, alice) = (server.door(), Person::named("alice"));
    let (bob, mallory) = (Person::named("bob"), Person::named("mallory"));
    let tokens = door.register(&alice).await;
    door.register(&bob).await;
    let first = Manifest::decode_and_verify(&alice.manifest).unwrap();
    let (good, device) = alice.recovered();
    let key = DeviceKey::from_seed([3; 32]);
    let another = DeviceId::from_bytes([3; 16]);
    let (old, new) = (alice.identity(), IdentityKey::from_seed([3; 32]));

    let next = |add: &[DeviceId], revoke: &[DeviceId]| {
        let add = add.iter().map(|id| alice.certificate(&old, *id, &key));
        first.next(&old, add.collect(), revoke).unwrap()
    };
    let (mine, other) = (alice.device, another);
    let two_devices = {
        let alone = first.replaced(&new, alice.certificate(&new, device, &key), [4; 32]);
        let second = alice.certificate(&new, another, &key);
        alone.unwrap().next(&new, vec![second], &[]).unwrap()
    };
    let too_new = {
        let newest = IdentityKey::from_seed([5; 32]);
        let certificate = alice.certificate(&newest, another, &key);
        good.replaced(&newest, certificate, [4; 32]).unwrap()
    };
    let anew = Manifest::first(&new, [4; 32], alice.certificate(&new, device, &key)).unwrap();
    let stolen_id = {
        let certificate = alice.certificate(&new, bob.device, &key);
        first.replaced(&new, certificate, [4; 32]).unwrap()
    };
    let mut broken = good.encode();
    *broken.last_mut().unwrap() ^= 1;
    for (name, manifest, device, status, error) in [
        ("nothing", vec![], device, 400, "invalid_request"),
        ("garbage", vec![7; 100], device, 400, "invalid_request"),
        ("a broken one", broken, device, 400, "invalid_request"),
        (
            "somebody's",
            mallory.recovered().0.encode(),
            mallory.recovered().1,
            400,
            "invalid_request",
        ),
        (
            "another device",
            good.encode(),
            another,
            400,
            "invalid_request",
        ),
        (
            "the same identity, and nobody goes",
            next(&[device], &[]).encode(),
            device,
            400,
            "invalid_request",
        ),
        (
            "the same identity, and two come",
            next(&[device, other], &[mine]).encode(),
            device,
            400,
            "invalid_request",
        ),
        (
            "the same identity, for another device",
            next(&[device], &[mine]).encode(),
            other,
            400,
            "invalid_request",
        ),
        (
            "the same identity, with a device id of bob's",
            next(&[bob.device], &[mine]).encode(),
            bob.device,
            409,
            "id_taken",
        ),
        (
            "two devices",
            two_devices.encode(),
            device,
            400,
            "invalid_request",
        ),
        ("one too new", too_new.encode(), another, 409, "conflict"),
        ("a first one again", anew.encode(), device, 409, "conflict"),
        (
            "a device id of bob's",
            stolen_id.encode(),
            bob.device,
            409,
            "id_taken",
        ),
    ] {
        let recovery = alice.recovery(&manifest, device);
        let answer = door.post("/v1/recovery", &recovery).await;
        let got = (answer.status, answer.error());
        assert_eq!(got, (status, error.to_owned()), "{name}: {answer:?}");
    }
    Tokens::of(&door.post("/v1/token", &refresh(&tokens.refresh)).await);
    let start = alice.recovery(&[], device);
    let answer = door.post("/v1/recovery/start", &start).await;
    assert_eq!(answer.json()["manifest"], to_hex(&alice.manifest));
}
