//! A member that does not keep the rules: what it says is sealed as it should be, and says what no
//! client would say.

use whimbrel_protocol::content::{Content, ContentKind};
use whimbrel_protocol::envelope::Body;
use whimbrel_protocol::frame::SendItem;
use whimbrel_protocol::{Chain, ClientId, ConversationId, Envelope, ItemKind, limits};

use super::absurd;
use super::cast::Cast;
use super::pool::Pool;
use crate::puppet::content_of_the_future;
use crate::sim::{Rng, World};
use crate::{Puppet, puppet};

/// Turns text around, rings bells, hides and pretends.
const UGLY: &str = "\u{202e}\u{2066}\u{200f}\u{7}\u{1b}[2J\0\u{feff}\u{200b}z\u{337}\u{337}";

/// Text of so many bytes at most, as ugly as it gets.
#[must_use]
pub fn ugly_text(bytes_max: usize) -> String {
    UGLY.repeat(bytes_max / UGLY.len())
}

/// The member does one thing in a conversation that it is in.
pub fn act(
    mallory: &mut Puppet,
    world: &mut World,
    (place, others): (ConversationId, &[ClientId]),
    (cast, pool, rng): (&Cast, &mut Pool, &mut Rng),
    has_overreached: &mut bool,
) {
    if world.server.is_none() {
        return;
    }
    mallory.catch_up(world, place);
    if !mallory.group(place).is_active() {
        return;
    }
    let item = match rng.below(10) {
        0..=4 => {
            let plaintext = plaintext(rng, others, world.wall_ms());
            mallory.message(place, &plaintext)
        }
        5 | 6 => ill_counted(mallory, place, others, rng),
        7 => {
            let Some(victim) = absurd::one_of(rng, &cast.people) else {
                return;
            };
            let is_there = |user| {
                let members = mallory.group(place).members();
                members.iter().any(|member| member.user == user)
            };
            if !is_there(victim.user) || std::mem::replace(has_overreached, true) {
                return;
            }
            mallory.commit_without_right(place, victim.user)
        }
        8 => {
            let mut item = mallory.message(place, b"a commit");
            item.kind = ItemKind::Commit;
            absurd::flip(rng, &mut item.payload);
            item
        }
        _ => {
            let mut item = mallory.message(place, b"somebody else's name");
            if let Some(other) = absurd::one_of(rng, others) {
                item.client_id = *other;
            }
            item
        }
    };
    // What the honest server refuses, the malicious one has all the same.
    pool.add(place, envelope(mallory, world, &item));
    mallory.send_item(world, place, item);
}

/// A message under a count and an id that its signature covers and nobody should use.
fn ill_counted(
    mallory: &mut Puppet,
    place: ConversationId,
    others: &[ClientId],
    rng: &mut Rng,
) -> SendItem {
    let counter = match rng.below(4) {
        0 => None,
        _ => Some(absurd::number(rng, 2)),
    };
    let id = absurd::one_of(rng, others).copied();
    let plaintext = plaintext(rng, others, 0);
    mallory.message_as(place, id, counter, &plaintext)
}

fn plaintext(rng: &mut Rng, others: &[ClientId], now_ms: i64) -> Vec<u8> {
    let target = absurd::one_of(rng, others).copied();
    let target = target.unwrap_or(ClientId::from_bytes([0x33; 16]));
    let kind = match rng.below(14) {
        0 => ContentKind::Text(ugly_text(limits::TEXT_BYTES_MAX)),
        1 => ContentKind::Text(String::new()),
        2 => ContentKind::State {
            name: ugly_text(limits::CONVERSATION_NAME_BYTES_MAX),
        },
        3 => ContentKind::Edit {
            target,
            text: "mallory's words".into(),
        },
        4 => ContentKind::Delete { target },
        5 => ContentKind::ReadMark { seq: u64::MAX },
        6 => ContentKind::Leave {
            statement: absurd::bytes(rng, 200),
        },
        7 | 8 => ContentKind::AskAgain {
            from_seq: absurd::number(rng, 2),
            to_seq: absurd::number(rng, 9),
        },
        9 => ContentKind::Again {
            target,
            text: "as I never said".into(),
        },
        10 => return content_of_the_future("a poll"),
        11 => return absurd::bytes(rng, 300),
        12 => return Vec::new(),
        _ => ContentKind::Text("plain".into()),
    };
    let mut content = puppet::content(absurd::time_ms(rng, now_ms), kind);
    if rng.per_mille(100) {
        content.log_seq = absurd::number(rng, 2);
        content.log_chain = Chain::from_bytes(rng.seed32());
    }
    Content::encode(&content).expect("within the limits")
}

/// The envelope of an item that no server has numbered.
#[must_use]
pub fn envelope(mallory: &Puppet, world: &World, item: &SendItem) -> Envelope {
    Envelope {
        seq: 0,
        kind: item.kind,
        sender_user: mallory.user(),
        sender_device: mallory.device_id(),
        client_id: item.client_id,
        counter: item.counter,
        epoch: item.epoch,
        server_time_ms: world.wall_ms(),
        silent: item.silent,
        voided: false,
        body: Body::Payload(item.payload.clone()),
    }
}
