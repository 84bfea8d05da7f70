//! Every kind of frame, sent by a stranger, by a removed member, and about another conversation.

use whimbrel_protocol::ConversationId;
use whimbrel_protocol::frame::{
    ClientMessage, FailureCode, FindUser, ItemResult, Refusal, SendItem, ServerFrame,
    ServerMessage, UnopenedWelcome,
};

use crate::people::Person;
use crate::stage::{CONVERSATION, Pair, failed, send};

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
            seq: u64::MAX,
            unopened,
        },
        ClientMessage::PublishKeyPackages {
            one_time: vec![],
            last_resort: None,
        },
        ClientMessage::ClaimKeyPackages { users: vec![] },
        ClientMessage::FindUser(FindUser::ByUsername("carol".to_owned())),
        ClientMessage::Ping,
    ]
}

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
