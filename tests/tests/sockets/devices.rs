//! Devices over real sockets: linking, removing, coming back without any, signing out.

use std::time::Duration;

use tokio::time::timeout;
use whimbrel::client::{Network, SignOut};
use whimbrel::types::{Alarm, Connection, Device, DeviceState, MessageKind, Page, Person};
use whimbrel::{Client, ErrorCode};
use whimbrel_server::config::Within;

use crate::phone::{Phone, code, password_of};
use crate::server::TestServer;

/// A further device of somebody, linked and connected.
async fn linked(server: &TestServer, old: &Phone, name: &str) -> Phone {
    let new = Phone::new(server, name).await;
    let ticket = new.client.link_start().await.unwrap();
    let request = old.client.link_inspect(&ticket.qr).await.unwrap();
    assert_eq!(request.fingerprint, ticket.fingerprint);
    let device = old.client.link_approve(&ticket.code).await.unwrap();
    assert_eq!(device, request.device);
    let account = new.client.link_wait().await.unwrap();
    assert_eq!((account.user, account.device), (old.user(), device));
    new.becomes(Connection::Live).await;
    new
}

async fn texts(phone: &Phone, place: whimbrel::types::ConversationId) -> Vec<String> {
    let rows = phone.client.messages(place, Page::Newest, 50).await;
    let text = |kind| match kind {
        MessageKind::Text { text, .. } => Some(text),
        _ => None,
    };
    let rows = rows.unwrap_or_default().into_iter();
    rows.filter_map(|row| text(row.kind)).collect()
}

#[tokio::test]
async fn a_tablet_is_linked_and_reads_along() {
    let server = TestServer::start().await;
    let phone = Phone::live(&server, "alice").await;
    let bob = Phone::live(&server, "bob").await;
    let peer = Person::Username("bob".into());
    let chat = phone.client.create_direct(peer).await.unwrap();
    phone.client.send(chat, "before").await.unwrap();
    bob.until("in", async |_| texts(&bob, chat).await == ["before"])
        .await;
    let tablet = linked(&server, &phone, "tablet").await;
    tablet
        .until("in the chat", async |client| {
            client.conversation(chat).await.is_ok()
        })
        .await;
    bob.client.send(chat, "for both").await.unwrap();
    tablet
        .until("reading", async |_| {
            texts(&tablet, chat).await == ["for both"]
        })
        .await;
    assert!(phone.client.recovery_code().await.unwrap().is_some());
    assert_eq!(tablet.client.recovery_code().await.unwrap(), None);

    // The lost phone is removed: its session ends, and it can do nothing more.
    let lost = phone.client.account().unwrap().device;
    tablet.client.revoke_device(lost).await.unwrap();
    phone
        .until("revoked", async |client| {
            client.state().alarm == Some(Alarm::Revoked)
        })
        .await;
    let refused = phone.client.send(chat, "it is me").await;
    assert_eq!(code(refused), Some(ErrorCode::Revoked));
    tablet
        .until("rid of the phone", async |client| {
            let devices = client.devices().await.unwrap().devices;
            let lost = devices.iter().find(|each| each.id == lost).unwrap();
            lost.state == DeviceState::Revoked && lost.conversations_left == 0
        })
        .await;
}

#[tokio::test]
async fn a_device_that_was_revoked_while_its_token_ran_out_learns_it() {
    let server = TestServer::start_with(|config| {
        config.auth.access_token_s = Within::nearest(1);
    })
    .await;
    let phone = Phone::live(&server, "alice").await;
    let tablet = linked(&server, &phone, "tablet").await;
    let lost = tablet.client.account().unwrap().device;
    tablet.client.set_network(Network::Down).await.unwrap();
    phone.client.revoke_device(lost).await.unwrap();
    phone
        .until("published", async |client| {
            let devices = client.devices().await.unwrap().devices;
            let lost = devices.iter().find(|each| each.id == lost).unwrap();
            lost.state == DeviceState::Revoked
        })
        .await;
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    tablet.client.set_network(Network::Up).await.unwrap();
    tablet
        .until("revoked", async |client| {
            client.state().alarm == Some(Alarm::Revoked)
        })
        .await;
    let again = tablet.client.sign_in("alice", password_of("alice")).await;
    assert_eq!(code(again), Some(ErrorCode::Revoked));
}

#[tokio::test]
async fn a_code_that_is_shown_no_more_is_approved_by_nobody() {
    let server = TestServer::start().await;
    let phone = Phone::live(&server, "alice").await;
    let new = Phone::new(&server, "tablet").await;
    let first = new.client.link_start().await.unwrap();
    let second = new.client.link_start().await.unwrap();
    let approved = phone.client.link_approve(&first.code).await;
    assert_eq!(code(approved), Some(ErrorCode::CodeExpired));
    let name = "carol";
    new.client.register(name, password_of(name)).await.unwrap();
    let approved = phone.client.link_approve(&second.code).await;
    assert_eq!(code(approved), Some(ErrorCode::CodeExpired));
    assert_eq!(phone.client.devices().await.unwrap().devices.len(), 1);
}

#[tokio::test]
async fn a_server_that_dies_while_a_device_is_approved_leaves_none_that_can_not_come() {
    let mut server = TestServer::start().await;
    let phone = Phone::live(&server, "alice").await;
    let new = Phone::new(&server, "tablet").await;
    let ticket = new.client.link_start().await.unwrap();
    let approver = phone.client.clone();
    let approval = tokio::spawn(async move { approver.link_approve(ticket.code).await });
    phone
        .until("two devices", async |client| {
            let devices = client.devices().await.unwrap().devices;
            let is_listed = |each: &Device| each.state == DeviceState::Listed;
            devices.len() == 2 && devices.iter().all(is_listed)
        })
        .await;
    // Meeting places are gone with the server, unless the identity was handed over already.
    server.kill();
    server.start_again().await;
    phone.network(Network::Up).await;
    if approval.await.unwrap().is_ok() {
        new.client.link_wait().await.unwrap();
        return;
    }
    phone
        .until("alone", async |client| {
            let devices = client.devices().await.unwrap().devices;
            let states = devices.iter().map(|each| each.state);
            states.eq([DeviceState::Listed, DeviceState::Revoked])
        })
        .await;
}

#[tokio::test]
async fn a_device_that_was_approved_and_does_not_come_goes_off_the_list() {
    let mut server = TestServer::start().await;
    let phone = Phone::live(&server, "alice").await;
    let only_the_phone = async |client: &Client| {
        let devices = client.devices().await.unwrap().devices;
        let is_listed = |each: &&Device| each.state == DeviceState::Listed;
        let listed: Vec<_> = devices.iter().filter(is_listed).collect();
        matches!(listed[..], [phone] if phone.is_this_one)
    };
    // It gives up in the very moment.
    let new = Phone::new(&server, "tablet").await;
    let ticket = new.client.link_start().await.unwrap();
    phone.client.link_approve(&ticket.code).await.unwrap();
    new.client.link_cancel().await.unwrap();
    phone.until("alone", only_the_phone).await;

    // The server forgets it.
    let ticket = new.client.link_start().await.unwrap();
    phone.client.link_approve(&ticket.code).await.unwrap();
    server.kill();
    server.start_again().await;
    phone.network(Network::Up).await;
    phone.until("alone", only_the_phone).await;
    let waiting = new.client.link_wait().await;
    assert_eq!(code(waiting), Some(ErrorCode::CodeExpired));

    // One that comes stays, also where the server forgets the code at once. A code is good for one.
    let ticket = new.client.link_start().await.unwrap();
    phone.client.link_approve(&ticket.code).await.unwrap();
    let account = new.client.link_wait().await.unwrap();
    let used = phone.client.link_approve(&ticket.code).await;
    assert_eq!(code(used), Some(ErrorCode::CodeUsed));
    server.kill();
    server.start_again().await;
    phone.network(Network::Up).await;
    phone.becomes(Connection::Live).await;
    // Longer than the phone takes for two looks at whether it has come.
    tokio::time::sleep(Duration::from_secs(5)).await;
    let devices = phone.client.devices().await.unwrap().devices;
    let new = devices.iter().find(|each| each.id == account.device);
    assert_eq!(new.unwrap().state, DeviceState::Listed);
}

#[tokio::test]
async fn of_two_devices_that_approve_at_once_none_undoes_the_other() {
    let server = TestServer::start().await;
    let phone = Phone::live(&server, "alice").await;
    let tablet = linked(&server, &phone, "tablet").await;
    let new = Phone::new(&server, "desk").await;
    let ticket = new.client.link_start().await.unwrap();
    let approved = tokio::join!(
        phone.client.link_approve(&ticket.code),
        tablet.client.link_approve(&ticket.code),
    );
    let approved = [approved.0, approved.1];
    assert!(approved.iter().any(Result::is_ok), "{approved:?}");
    for refused in approved.iter().filter_map(|each| each.as_ref().err()) {
        assert_eq!(refused.code, ErrorCode::CodeUsed);
    }
    let account = new.client.link_wait().await.unwrap();
    new.becomes(Connection::Live).await;
    phone
        .until("a list of three", async |client| {
            let devices = client.devices().await.unwrap().devices;
            let is_listed = |each: &&Device| each.state == DeviceState::Listed;
            devices.iter().filter(is_listed).count() == 3
        })
        .await;
    assert_eq!(new.client.account(), Some(account));
    assert_eq!(new.client.state().alarm, None);
}

#[tokio::test]
async fn a_wait_that_is_dropped_is_taken_up_again() {
    let server = TestServer::start().await;
    let phone = Phone::live(&server, "alice").await;
    let new = Phone::new(&server, "tablet").await;
    let ticket = new.client.link_start().await.unwrap();
    let dropped = timeout(Duration::from_millis(300), new.client.link_wait()).await;
    assert!(dropped.is_err(), "nobody has approved yet");
    // Nobody waits any more, and so nobody signs in.
    phone.client.link_approve(&ticket.code).await.unwrap();
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    assert_eq!(new.client.account(), None);
    // Two wait, and both hear of it; so does who asks afterwards.
    let (account, other) = tokio::join!(new.client.link_wait(), new.client.link_wait());
    let account = account.unwrap();
    assert_eq!(account.user, phone.user());
    assert_eq!(other.unwrap(), account);
    assert_eq!(new.client.link_wait().await.unwrap(), account);
}

#[tokio::test]
async fn codes_that_are_wrong_cancelled_refused_or_used_say_so() {
    let server = TestServer::start().await;
    let phone = Phone::live(&server, "alice").await;
    let new = Phone::new(&server, "tablet").await;
    let nothing = new.client.link_wait().await;
    assert_eq!(code(nothing), Some(ErrorCode::WrongState));
    let ticket = new.client.link_start().await.unwrap();
    let wrong = if ticket.code.starts_with('0') {
        ticket.code.replacen('0', "1", 1)
    } else {
        format!("0{}", &ticket.code[1..])
    };
    let mistyped = phone.client.link_inspect(wrong).await;
    assert_eq!(code(mistyped), Some(ErrorCode::WrongCode));
    new.client.link_cancel().await.unwrap();
    let cancelled = phone.client.link_approve(&ticket.code).await;
    assert_eq!(code(cancelled), Some(ErrorCode::CodeExpired));
    let waiting = new.client.link_wait().await;
    assert_eq!(code(waiting), Some(ErrorCode::WrongState));

    let ticket = new.client.link_start().await.unwrap();
    phone.client.link_refuse(&ticket.code).await.unwrap();
    let refused = new.client.link_wait().await;
    assert_eq!(code(refused), Some(ErrorCode::CodeExpired));
    assert_eq!(phone.client.devices().await.unwrap().devices.len(), 1);

    let tablet = linked(&server, &phone, "other").await;
    let again = tablet.client.link_start().await;
    assert_eq!(code(again), Some(ErrorCode::WrongState));
}

#[tokio::test]
async fn with_the_recovery_code_somebody_without_a_device_comes_back() {
    let server = TestServer::start().await;
    let phone = Phone::live(&server, "alice").await;
    let bob = Phone::live(&server, "bob").await;
    let peer = Person::Username("bob".into());
    let chat = phone.client.create_direct(peer).await.unwrap();
    phone.client.send(chat, "before").await.unwrap();
    bob.until("in", async |_| texts(&bob, chat).await == ["before"])
        .await;
    let paper = phone.client.recovery_code().await.unwrap();
    let user = phone.user();
    phone.client.shutdown().await.unwrap();

    let new = Phone::new(&server, "alice").await;
    let wrong = new
        .client
        .recover("alice", "not the password", paper.clone());
    assert_eq!(code(wrong.await), Some(ErrorCode::AccessDenied));
    let password = password_of("alice");
    let wrong = Some("0000-0000".to_owned());
    let wrong = new.client.recover("alice", password.clone(), wrong);
    assert_eq!(code(wrong.await), Some(ErrorCode::WrongCode));
    let account = new.client.recover("alice", password, paper).await.unwrap();
    assert_eq!(account.user, user);
    new.becomes(Connection::Live).await;
    new.until("in the chat", async |client| {
        client.conversation(chat).await.is_ok()
    })
    .await;
}

#[tokio::test]
async fn signing_out_wipes_the_folder_and_takes_the_device_off_the_list() {
    let server = TestServer::start().await;
    let phone = Phone::live(&server, "alice").await;
    let tablet = linked(&server, &phone, "tablet").await;
    let folder = tablet.folder().to_owned();
    tablet.client.sign_out(SignOut::WhenTold).await.unwrap();
    assert!(!folder.exists());
    assert_eq!(tablet.client.account(), None);
    let again = tablet.client.sign_out(SignOut::WhenTold).await;
    assert_eq!(again.unwrap_err().code, ErrorCode::ShutDown);
    phone
        .until("alone", async |client| {
            let devices = client.devices().await.unwrap().devices;
            devices
                .iter()
                .any(|each| each.state == DeviceState::Revoked)
        })
        .await;
    let folder = phone.folder().to_owned();
    phone.client.sign_out(SignOut::WhenTold).await.unwrap();
    assert!(!folder.exists());
}
