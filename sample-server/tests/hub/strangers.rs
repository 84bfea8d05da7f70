//! Every kind of frame, sent by a stranger, by a removed member, and about another conversation.

use whimbrel_protocol::ConversationId;
use whimbrel_protocol::frame::{
    ClientMessage, FailureCode, FindUser, GoAwayReason, ItemResult, Refusal, SendItem, ServerFrame,
    ServerMessage, UnopenedWelcome,
};

use whimbrel_server::log::{ChangeRequest, ReadRequest};

use crate::people::Person;
use crate::stage::{CONVERSATION, Pair, failed, hello, send};

/// Every frame that names a conversation, with its name.
fn frames(conversation: ConversationId, item: &SendItem) -> Vec<(&'static str, ClientMessage)> {
    vec![
        ("Send", send(conversation, vec![item.clone()])),
        (
            "Fetch",
            ClientMessage::Fetch {
                conversation,
                after: 0,
                limit: 9,
            },
        ),
        (
            "GoLive",
            ClientMessage::GoLive {
                conversation,
                after: 2,
            },
        ),
        (
            "Applied",
            ClientMessage::Applied {
                conversation,
                seq: 2,
            },
        ),
        (
            "FetchTree",
            ClientMessage::FetchTree {
                conversation,
                epoch: 1,
                offset: 0,
            },
        ),
        ("AskToBeAdded", ClientMessage::AskToBeAdded { conversation }),
        (
            "RejectCommit",
            ClientMessage::RejectCommit {
                conversation,
                seq: 2,
            },
        ),
    ]
}

/// Frames that name none, or whose effect is only on the asking device.
fn harmless(conversation: ConversationId) -> Vec<ClientMessage> {
    let unopened = vec![UnopenedWelcome {
        conversation,
        seq: 2,
    }];
    vec![
        ClientMessage::Taken {
            envelopes: u32::MAX,
        },
        ClientMessage::FetchInbox { after: 0 },
        ClientMessage::InboxApplied {
            seq: i64::MAX as u64,
            unopened,
        },
        ClientMessage::PublishKeyPackages {
            one_time: vec![],
            last_resort: None,
        },
        ClientMessage::ClaimKeyPackages { users: vec![] },
        ClientMessage::FindUser(FindUser::ByUsername("carol".to_owned())),
        ClientMessage::PublishManifest { manifest: vec![1] },
        ClientMessage::Ping,
    ]
}

/// A name for every kind of frame, so that a new kind has to be thought of here.
fn name(message: &ClientMessage) -> &'static str {
    match message {
        ClientMessage::Hello(_) => "Hello",
        ClientMessage::Send(_) => "Send",
        ClientMessage::Fetch { .. } => "Fetch",
        ClientMessage::GoLive { .. } => "GoLive",
        ClientMessage::Applied { .. } => "Applied",
        ClientMessage::Taken { .. } => "Taken",
        ClientMessage::FetchInbox { .. } => "FetchInbox",
        ClientMessage::InboxApplied { .. } => "InboxApplied",
        ClientMessage::PublishKeyPackages { .. } => "PublishKeyPackages",
        ClientMessage::ClaimKeyPackages { .. } => "ClaimKeyPackages",
        ClientMessage::FetchTree { .. } => "FetchTree",
        ClientMessage::FindUser(_) => "FindUser",
        ClientMessage::RejectCommit { .. } => "RejectCommit",
        ClientMessage::PublishManifest { .. } => "PublishManifest",
        ClientMessage::AskToBeAdded { .. } => "AskToBeAdded",
        ClientMessage::Ping => "Ping",
    }
}

/// Kinds of frames there are.
const KINDS: usize = 16;

fn refused(frames: &[ServerFrame], refusal: Refusal) -> bool {
    matches!(
        frames,
        [ServerFrame { message: ServerMessage::SendResult { results, .. }, .. }]
            if *results == [ItemResult::Refused(refusal)]
    )
}

#[test]
fn a_stranger_gets_the_same_answers_as_about_nothing() {
    let mut pair = Pair::live();
    let mut carol = Person::new("carol");
    pair.stage.enrol(&mut carol);
    let at_carol = pair.stage.online(&carol);
    let item = pair.alice.message(CONVERSATION, "overheard");
    for conversation in [CONVERSATION, ConversationId::from_bytes([0xdd; 16])] {
        for (name, message) in frames(conversation, &item) {
            pair.stage.tell(at_carol, message);
            let answer = pair.stage.take_all(at_carol);
            if name == "Send" {
                assert!(refused(&answer, Refusal::NoSuchConversation), "{answer:?}");
            } else {
                assert_eq!(answer.len(), 1, "{name}");
                assert_eq!(answer[0].message, failed(FailureCode::NotFound), "{name}");
            }
        }
        for message in harmless(conversation) {
            pair.stage.tell(at_carol, message);
        }
        pair.stage.take_all(at_carol);
    }
    // Nothing of this reached the members, and nothing they say reaches her.
    assert_eq!(pair.stage.take_all(pair.at_alice), []);
    assert_eq!(pair.stage.take_all(pair.at_bob), []);
    assert_eq!(pair.stage.accept(pair.at_alice, item), 3);
    pair.stage.pass(10_000);
    assert_eq!(pair.stage.take_all(at_carol), []);
    assert!(!pair.stage.closed.contains_key(&at_carol));
}

#[test]
fn a_removed_member_has_its_past_and_no_effect() {
    let mut pair = Pair::live();
    let before = pair.bob.message(CONVERSATION, "too late");
    let removal = pair.alice.remove(CONVERSATION, pair.bob.device);
    pair.stage.accept(pair.at_alice, removal);
    pair.alice.merge(CONVERSATION);
    pair.alice_says("without bob");
    pair.stage.take_all(pair.at_bob);
    pair.stage.take_all(pair.at_alice);
    for (name, message) in frames(CONVERSATION, &before) {
        pair.stage.tell(pair.at_bob, message);
        let answer = pair.stage.take_all(pair.at_bob);
        match name {
            "Send" => assert!(refused(&answer, Refusal::NotMember), "{answer:?}"),
            "Fetch" => assert!(
                matches!(&answer[0].message, ServerMessage::Envelopes(run)
                    if run.head == 3 && run.envelopes.iter().all(|envelope| envelope.seq == 3)),
                "{answer:?}"
            ),
            "GoLive" => assert!(
                matches!(&answer[0].message, ServerMessage::Heads { heads, .. }
                    if heads[0].head == 3),
                "{answer:?}"
            ),
            // Its mark is stored, but says nothing to those who are there.
            "Applied" => assert_eq!(answer, []),
            _ => assert_eq!(answer[0].message, failed(FailureCode::NotFound), "{name}"),
        }
    }
    pair.stage.pass(1_000);
    let to_alice = pair.stage.pushed(pair.at_alice);
    let envelopes = to_alice
        .iter()
        .filter(|message| matches!(message, ServerMessage::Envelopes(_)));
    assert_eq!(envelopes.count(), 0, "{to_alice:?}");
}

/// Every kind of frame, as a device with this item to send would say it.
fn every_kind(item: &SendItem, hello: ClientMessage) -> Vec<ClientMessage> {
    let named = frames(CONVERSATION, item).into_iter();
    let all: Vec<_> = named
        .map(|(_, message)| message)
        .chain(harmless(CONVERSATION))
        .chain([hello])
        .collect();
    let kinds: std::collections::BTreeSet<_> = all.iter().map(name).collect();
    assert_eq!(kinds.len(), KINDS);
    all
}

#[test]
fn a_revoked_device_is_shown_out_at_any_kind_of_frame() {
    for index in 0..KINDS {
        let mut pair = Pair::live();
        let mut tablet = pair.alice.other_device(1);
        let manifest = pair.alice.next_manifest(&[&tablet], &[]);
        let publish = ClientMessage::PublishManifest { manifest };
        assert_eq!(pair.stage.ask(pair.at_alice, publish), ServerMessage::Done);
        let item = tablet.create(ConversationId::from_bytes([1; 16]), None);
        let message = every_kind(&item, hello(&tablet)).remove(index);
        let kind = name(&message);
        let at_tablet = match kind {
            "Hello" => pair.stage.connect(&tablet),
            _ => pair.stage.online(&tablet),
        };
        // The log knows that it is revoked, the hub has not heard of it yet.
        let manifest = pair.alice.next_manifest(&[], &[tablet.device]);
        let publish = ReadRequest::Change(ChangeRequest::PublishManifest {
            user: pair.alice.user,
            device: pair.alice.device,
            manifest,
        });
        pair.stage.log.read(&publish, pair.stage.now).unwrap();
        pair.stage.tell(at_tablet, message);
        let answer = pair.stage.take_all(at_tablet);
        let gone = pair.stage.closed.get(&at_tablet);
        match kind {
            "Send" => assert!(refused(&answer, Refusal::NotMember), "{answer:?}"),
            // They do not reach the log and say nothing.
            "Taken" | "Ping" => assert_eq!(gone, None),
            _ => {
                assert_eq!(answer.len(), 1, "{kind}");
                assert_eq!(answer[0].message, failed(FailureCode::Forbidden), "{kind}");
                assert_eq!(gone, Some(&(GoAwayReason::Revoked, 0)), "{kind}");
            }
        }
    }
}
