//! A member made by hand: it registers, publishes key packages, joins and sends like a device, but
//! a story pulls its strings, so it can also say what no client of this version would say.
//!
//! It has no database and no patience: every call speaks to the server at once.

#![allow(
    clippy::expect_used,
    reason = "a test system stops at the first surprise"
)]

mod unruly;

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};
use whimbrel_mls::{
    Certificate, CommitPlan, Crypto, Device, DeviceKey, Group, GroupPolicy, IdentityKey,
    LastResort, Manifest, Processed, RecoveryCode, Role, Row, make_key_package,
};
use whimbrel_protocol::content::{Content, ContentKind};
use whimbrel_protocol::envelope::{Body, authenticated_data};
use whimbrel_protocol::frame::{
    ClaimedUser, ClientMessage, Founding, InboxKind, ItemResult, Refusal, Send, SendItem,
    ServerMessage, Welcome, WelcomeOut,
};
use whimbrel_protocol::{
    Chain, ClientId, ConversationId, DeviceId, Envelope, ItemKind, UserId, limits,
};

use crate::sim::World;

/// When its key packages expire: in the year 2096.
const EXPIRES_S: u64 = 4_000_000_000;

/// The hand-made member.
pub struct Puppet {
    /// Its randomness.
    pub crypto: Crypto,
    /// Its leaf.
    pub device: Device,
    /// The key that signs its devices.
    pub identity: IdentityKey,
    key: DeviceKey,
    key_rows: Vec<Row>,
    seats: BTreeMap<ConversationId, Seat>,
    sealed_no: u64,
    inbox_seq: u64,
    last_id: u64,
}

/// Its place in one conversation.
struct Seat {
    group: Group,
    cursor: u64,
    counter: u64,
}

/// What it has heard under one number.
#[derive(Debug, PartialEq)]
pub enum Heard {
    /// Something of its own.
    Own,
    /// A message.
    Said(ContentKind),
    /// A commit.
    Commit,
    /// Something it can't read.
    Nothing,
}

fn seed(name: &str, what: &str) -> [u8; 32] {
    Sha256::digest(format!("puppet {name} {what}")).into()
}

/// Every puppet has written down the same code.
fn recovery_code() -> RecoveryCode {
    RecoveryCode::new([7; 16])
}

fn short(seed: [u8; 32]) -> [u8; 16] {
    let mut id = [0; 16];
    id.iter_mut().zip(seed).for_each(|(to, from)| *to = from);
    id
}

impl Puppet {
    /// Somebody whom the server does not know.
    ///
    /// # Panics
    /// Where keys can't be made.
    #[must_use]
    pub fn stranger(name: &str) -> Self {
        let identity = IdentityKey::from_seed(seed(name, "identity"));
        let key = || DeviceKey::from_seed(seed(name, "device key"));
        let user = UserId::from_bytes(short(seed(name, "user")));
        let device = DeviceId::from_bytes(short(seed(name, "device")));
        let certificate = Certificate::issue(&identity, user, name, device, key().public());
        let certificate = certificate.expect("a certificate");
        Self {
            crypto: Crypto::from_seed(seed(name, "randomness")),
            device: Device::new(certificate, key()).expect("a device"),
            identity,
            key: key(),
            key_rows: Vec::new(),
            seats: BTreeMap::new(),
            sealed_no: 0,
            inbox_seq: 0,
            last_id: 0,
        }
    }

    /// Somebody with an account and key packages.
    ///
    /// # Panics
    /// Where the server refuses.
    #[must_use]
    pub fn register(world: &mut World, name: &str) -> Self {
        let mut puppet = Self::stranger(name);
        let certificate = puppet.device.certificate.clone();
        let recovery_key = recovery_code().recovery_key();
        let manifest = Manifest::first(&puppet.identity, recovery_key, certificate);
        let manifest = manifest.expect("a manifest");
        world.register_account(name, puppet.user(), puppet.device_id(), manifest.encode());
        puppet.publish(world);
        puppet
    }

    /// The same person after losing everything: another identity and another device under the
    /// same account. With the recovery code the change is proved.
    ///
    /// # Panics
    /// Where the server refuses.
    #[must_use]
    pub fn reborn(&self, world: &mut World, with_code: bool) -> Self {
        let username = &self.device.certificate.username;
        let again = format!("{username}.again");
        let mut reborn = Self::stranger(&again);
        let device = DeviceId::from_bytes(short(seed(&again, "device")));
        let certificate = Certificate::issue(
            &reborn.identity,
            self.user(),
            username,
            device,
            reborn.key.public(),
        );
        let certificate = certificate.expect("a certificate");
        let key = DeviceKey::from_seed(seed(&again, "device key"));
        reborn.device = Device::new(certificate.clone(), key).expect("a device");
        // Ids are the user's.
        reborn.last_id = self.last_id;
        let old = self.device.certificate.clone();
        let first = Manifest::first(&self.identity, recovery_code().recovery_key(), old);
        let first = first.expect("a manifest");
        let next = if with_code {
            first.recovered(&reborn.identity, certificate, &recovery_code())
        } else {
            first.replaced(&reborn.identity, certificate, [8; 32])
        };
        let next = next.expect("the next manifest").encode();
        world.replace_manifest(self.user(), device, &next);
        reborn.publish(world);
        reborn
    }

    fn publish(&mut self, world: &mut World) {
        let one_time = (0..4).map(|_| self.key_package(LastResort::No)).collect();
        let last_resort = Some(self.key_package(LastResort::Yes));
        self.ask(
            world,
            ClientMessage::PublishKeyPackages {
                one_time,
                last_resort,
            },
        );
    }

    /// The user.
    #[must_use]
    pub fn user(&self) -> UserId {
        self.device.certificate.user
    }

    /// The device.
    #[must_use]
    pub fn device_id(&self) -> DeviceId {
        self.device.certificate.device
    }

    /// A new key package, whose private half is kept.
    ///
    /// # Panics
    /// Where it can't be made.
    pub fn key_package(&mut self, last_resort: LastResort) -> Vec<u8> {
        let fresh = make_key_package(&self.crypto, &self.device, last_resort, EXPIRES_S);
        let fresh = fresh.expect("a key package");
        self.key_rows.extend(fresh.rows);
        fresh.bytes
    }

    /// An id of an item, in the order of calls.
    pub fn next_id(&mut self) -> ClientId {
        self.last_id += 1;
        let mut bytes = short(seed("id", &format!("{} {}", self.user(), self.last_id)));
        bytes
            .iter_mut()
            .zip(self.last_id.to_be_bytes())
            .for_each(|(to, from)| *to = from);
        ClientId::from_bytes(bytes)
    }

    /// Asks the server one thing; returns everything it says after its greeting.
    pub fn ask(&self, world: &mut World, message: ClientMessage) -> Vec<ServerMessage> {
        let who = (self.user(), self.device_id());
        world.exchange(who, self.sealed_no, vec![message])
    }

    /// Its group of a conversation.
    ///
    /// # Panics
    /// Where it is not in there.
    #[must_use]
    pub fn group(&self, place: ConversationId) -> &Group {
        &self.seats.get(&place).expect("a seat").group
    }

    fn seat(&mut self, place: ConversationId) -> &mut Seat {
        self.seats.get_mut(&place).expect("a seat")
    }

    // Conversations.

    /// Founds a group.
    ///
    /// # Panics
    /// Where the server refuses.
    pub fn found(&mut self, world: &mut World) -> ConversationId {
        let (place, result) = self.send_founding(world, |_| ());
        assert!(
            matches!(result, ItemResult::Accepted { seq: 1, .. }),
            "{result:?}"
        );
        self.seat(place).cursor = 1;
        place
    }

    /// Tries to found a group, and returns what the server says.
    pub fn try_found(&mut self, world: &mut World) -> ItemResult {
        self.send_founding(world, |_| ()).1
    }

    /// Tries to found a group with another ratchet tree than the true one.
    pub fn try_found_with_tree(
        &mut self,
        world: &mut World,
        alter: impl FnOnce(&mut Vec<u8>),
    ) -> ItemResult {
        self.send_founding(world, alter).1
    }

    fn send_founding(
        &mut self,
        world: &mut World,
        alter: impl FnOnce(&mut Vec<u8>),
    ) -> (ConversationId, ItemResult) {
        let place = ConversationId::from_bytes(*self.next_id().as_bytes());
        let policy = GroupPolicy::group(&self.device.certificate);
        let group = Group::create(&self.crypto, &self.device, place, &policy).expect("a group");
        let mut founding = group
            .founding_state(&self.crypto, &self.device)
            .expect("a founding");
        alter(&mut founding.tree);
        self.seats.insert(
            place,
            Seat {
                group,
                cursor: 0,
                counter: 0,
            },
        );
        let item = SendItem {
            client_id: self.next_id(),
            kind: ItemKind::Create,
            epoch: 0,
            counter: 1,
            silent: true,
            payload: founding.group_info,
            founding: Some(Founding {
                tree: founding.tree,
                direct_peer: None,
            }),
            welcome: None,
        };
        let result = self.send_item(world, place, item);
        (place, result)
    }

    /// Claims a key package of every device of these users.
    ///
    /// # Panics
    /// Where the server refuses.
    pub fn claim(&self, world: &mut World, users: &[UserId]) -> Vec<ClaimedUser> {
        let answers = self.ask(
            world,
            ClientMessage::ClaimKeyPackages {
                users: users.to_vec(),
            },
        );
        let claimed = answers.into_iter().find_map(|answer| match answer {
            ServerMessage::ClaimedKeyPackages { users, .. } => Some(users),
            _ => None,
        });
        claimed.expect("claimed key packages")
    }

    /// Adds users in a role.
    ///
    /// # Panics
    /// Where it has no right to.
    pub fn add(
        &mut self,
        world: &mut World,
        place: ConversationId,
        users: &[UserId],
        role: Role,
    ) -> ItemResult {
        let claimed = self.claim(world, users);
        let devices = claimed.into_iter().flat_map(|user| user.devices);
        let (welcomed, add) = devices.map(|each| (each.device, each.key_package)).unzip();
        let roles = users.iter().map(|user| (*user, role)).collect();
        let plan = CommitPlan {
            add,
            roles,
            ..CommitPlan::default()
        };
        self.commit(world, place, &plan, welcomed)
    }

    /// Makes a commit and sends it.
    ///
    /// # Panics
    /// Where its own rule refuses.
    pub fn commit(
        &mut self,
        world: &mut World,
        place: ConversationId,
        plan: &CommitPlan,
        welcomed: Vec<DeviceId>,
    ) -> ItemResult {
        let item = self.staged(place, plan, welcomed);
        let result = self.send_item(world, place, item);
        let Self {
            crypto,
            device,
            seats,
            ..
        } = self;
        let seat = seats.get_mut(&place).expect("a seat");
        match result {
            ItemResult::Accepted { seq, .. } if seq == seat.cursor + 1 => {
                seat.group
                    .merge_pending_commit(crypto, device)
                    .expect("merged");
                seat.cursor = seq;
            }
            ItemResult::Accepted { .. } => panic!("catch up before committing"),
            _ => seat.group.discard_pending_commit().expect("discarded"),
        }
        result
    }

    /// Makes a commit with a false membership tag and sends it. Its own group stays where it was.
    ///
    /// # Panics
    /// Where its own rule refuses.
    pub fn commit_false(
        &mut self,
        world: &mut World,
        place: ConversationId,
        plan: &CommitPlan,
    ) -> ItemResult {
        let mut item = self.staged(place, plan, Vec::new());
        let seat = self.seats.get_mut(&place).expect("a seat");
        seat.group.discard_pending_commit().expect("discarded");
        // The tag stands last in a public message (RFC 9420, section 6.2).
        *item.payload.last_mut().expect("bytes") ^= 1;
        self.send_item(world, place, item)
    }

    /// The item of a commit, which waits in its group.
    fn staged(
        &mut self,
        place: ConversationId,
        plan: &CommitPlan,
        welcomed: Vec<DeviceId>,
    ) -> SendItem {
        let client_id = self.next_id();
        let Self {
            crypto,
            device,
            seats,
            ..
        } = self;
        let seat = seats.get_mut(&place).expect("a seat");
        let counter = seat.counter + 1;
        let aad = authenticated_data(place, client_id, counter, ItemKind::Commit);
        let epoch = seat.group.epoch();
        let staged = seat.group.stage_commit(crypto, device, plan, &aad);
        let staged = staged.expect("a commit");
        SendItem {
            client_id,
            kind: ItemKind::Commit,
            epoch,
            counter,
            silent: true,
            payload: staged.commit,
            founding: None,
            welcome: staged.welcome.map(|welcome| WelcomeOut {
                welcome,
                devices: welcomed,
            }),
        }
    }

    /// The item of a message that says these bytes.
    ///
    /// # Panics
    /// Where it is not a member.
    pub fn message(&mut self, place: ConversationId, plaintext: &[u8]) -> SendItem {
        self.message_as(place, None, None, plaintext)
    }

    /// Says any bytes.
    pub fn send(
        &mut self,
        world: &mut World,
        place: ConversationId,
        plaintext: &[u8],
    ) -> ItemResult {
        let item = self.message(place, plaintext);
        self.send_item(world, place, item)
    }

    /// Says something that this version knows.
    ///
    /// # Panics
    /// Where it is over a limit.
    pub fn say(
        &mut self,
        world: &mut World,
        place: ConversationId,
        kind: ContentKind,
    ) -> ItemResult {
        let content = content(world.wall_ms(), kind);
        self.send(world, place, &content.encode().expect("encoded"))
    }

    /// Sends an item as it is. One that is accepted counts.
    ///
    /// # Panics
    /// Where the server does not answer.
    pub fn send_item(
        &mut self,
        world: &mut World,
        place: ConversationId,
        item: SendItem,
    ) -> ItemResult {
        self.sealed_no += 1;
        let counter = item.counter;
        let send = Send {
            conversation: place,
            sealed_no: self.sealed_no,
            items: vec![item],
        };
        let answers = self.ask(world, ClientMessage::Send(send));
        let result = answers.into_iter().find_map(|answer| match answer {
            ServerMessage::SendResult { results, .. } => results.first().copied(),
            // Not even a frame that the server can read.
            ServerMessage::Failed { .. } | ServerMessage::GoAway { .. } => {
                Some(ItemResult::Refused(Refusal::Malformed))
            }
            _ => None,
        });
        let result = result.expect("a result");
        if let (ItemResult::Accepted { .. }, Some(seat)) = (result, self.seats.get_mut(&place))
            && counter == seat.counter + 1
        {
            seat.counter = counter;
        }
        result
    }

    /// Reads everything new in a conversation.
    pub fn catch_up(&mut self, world: &mut World, place: ConversationId) -> Vec<Heard> {
        let mut heard = Vec::new();
        loop {
            let run = self.fetch(
                world,
                place,
                self.seats.get(&place).map_or(0, |seat| seat.cursor),
            );
            if run.is_empty() {
                return heard;
            }
            heard.extend(run.iter().map(|envelope| self.hear(place, envelope)));
        }
    }

    /// What the server hands out after a number.
    pub fn fetch(&self, world: &mut World, place: ConversationId, after: u64) -> Vec<Envelope> {
        let limit = u32::try_from(limits::FETCH_ENVELOPES_MAX).unwrap_or(1);
        let fetch = ClientMessage::Fetch {
            conversation: place,
            after,
            limit,
        };
        self.ask(world, fetch)
            .into_iter()
            .find_map(|answer| match answer {
                ServerMessage::Envelopes(run) => Some(run.envelopes),
                _ => None,
            })
            .unwrap_or_default()
    }

    fn hear(&mut self, place: ConversationId, envelope: &Envelope) -> Heard {
        let Self {
            crypto,
            device,
            seats,
            ..
        } = self;
        let seat = seats.get_mut(&place).expect("a seat");
        seat.cursor = envelope.seq;
        let Body::Payload(payload) = &envelope.body else {
            return Heard::Own;
        };
        match seat.group.process(crypto, device, payload) {
            Ok(Processed::Message { plaintext, .. }) => Content::decode(&plaintext)
                .map_or(Heard::Nothing, |content| Heard::Said(content.kind)),
            Ok(Processed::Commit { .. }) => Heard::Commit,
            Err(_) => Heard::Nothing,
        }
    }

    /// Takes every Welcome that waits, and goes in. Returns where.
    ///
    /// # Panics
    /// Where a Welcome can't be opened.
    pub fn join(&mut self, world: &mut World) -> Vec<ConversationId> {
        let answers = self.ask(
            world,
            ClientMessage::FetchInbox {
                after: self.inbox_seq,
            },
        );
        let items = answers.into_iter().find_map(|answer| match answer {
            ServerMessage::InboxItems { items, .. } => Some(items),
            _ => None,
        });
        let mut joined = Vec::new();
        for item in items.unwrap_or_default() {
            self.inbox_seq = item.seq;
            if let InboxKind::Welcome(welcome) = item.kind {
                self.enter(world, &welcome);
                joined.push(welcome.conversation);
            }
            let done = ClientMessage::InboxApplied {
                seq: item.seq,
                unopened: Vec::new(),
            };
            self.ask(world, done);
        }
        joined
    }

    fn enter(&mut self, world: &mut World, welcome: &Welcome) {
        let tree = self.tree(world, welcome);
        let (place, key_rows) = (welcome.conversation, self.key_rows.clone());
        let Self { crypto, device, .. } = self;
        let joined = Group::join(
            crypto,
            device,
            place,
            &welcome.welcome,
            &tree,
            key_rows,
            Vec::new(),
        );
        let group = joined.expect("an open door").group;
        // The server goes on counting where an earlier membership ended.
        let counter = self.seats.get(&place).map_or(0, |seat| seat.counter);
        self.seats.insert(
            place,
            Seat {
                group,
                cursor: welcome.seq,
                counter,
            },
        );
    }

    fn tree(&self, world: &mut World, welcome: &Welcome) -> Vec<u8> {
        let mut tree = Vec::new();
        loop {
            let ask = ClientMessage::FetchTree {
                conversation: welcome.conversation,
                epoch: welcome.epoch,
                offset: u32::try_from(tree.len()).expect("a small tree"),
            };
            let chunk = self
                .ask(world, ask)
                .into_iter()
                .find_map(|answer| match answer {
                    ServerMessage::TreeChunk { total, bytes, .. } => Some((total, bytes)),
                    _ => None,
                });
            let (total, bytes) = chunk.expect("a tree");
            tree.extend(bytes);
            if tree.len() >= total as usize {
                return tree;
            }
        }
    }
}

/// Content as a client would state it that knows nothing of the log.
#[must_use]
pub fn content(composed_ms: i64, kind: ContentKind) -> Content {
    Content {
        log_seq: 0,
        log_chain: Chain::START,
        composed_ms,
        kind,
    }
}

/// What a client of the future might say: content of this version's form with a kind that it does
/// not know (field 99), padded as always.
#[must_use]
pub fn content_of_the_future(text: &str) -> Vec<u8> {
    let mut bytes = vec![0x08, 0x01, 0x12, 0x20];
    bytes.extend([0; 32]);
    bytes.extend([0x9a, 0x06]);
    bytes.push(u8::try_from(text.len()).unwrap_or(0));
    bytes.extend(text.as_bytes());
    bytes.push(0x80);
    let size = bytes.len().next_power_of_two().max(128);
    bytes.resize(size, 0);
    bytes
}
