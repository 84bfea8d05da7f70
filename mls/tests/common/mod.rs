//! People with devices, and a conversation in which every member and the server stay in step.

#![allow(
    dead_code,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "helpers of tests; each test file uses some of them"
)]

pub mod views;

use sha2::{Digest, Sha256};
use whimbrel_mls::{
    Certificate, CommitPlan, CommitSummary, Crypto, Device, DeviceKey, Follower, FreshKeyPackage,
    Group, GroupPolicy, IdentityKey, Joined, LastResort, Processed, make_key_package,
};
use whimbrel_protocol::id::{ConversationId, DeviceId, UserId};

/// When the key packages of these tests expire.
pub const EXPIRES_S: u64 = 4_000_000_000;

/// Bytes that depend only on the text.
pub fn seed(text: &str) -> [u8; 32] {
    Sha256::digest(text).into()
}

fn id(text: &str) -> [u8; 16] {
    seed(text)[..16].try_into().unwrap()
}

pub fn conversation(name: &str) -> ConversationId {
    ConversationId::from_bytes(id(&format!("conversation {name}")))
}

/// A person with one device.
pub struct Person {
    pub name: String,
    pub crypto: Crypto,
    pub device: Device,
    pub identity: IdentityKey,
}

/// The first device of a person.
pub fn person(name: &str) -> Person {
    device(name, 1)
}

/// A numbered device of a person. Every one has its own randomness.
pub fn device(name: &str, number: u32) -> Person {
    device_with_identity(name, number, &format!("identity {name}"))
}

/// A device that claims to be of this person, signed by some identity key.
pub fn device_with_identity(name: &str, number: u32, identity: &str) -> Person {
    let identity = IdentityKey::from_seed(seed(identity));
    let key = DeviceKey::from_seed(seed(&format!("device key {name} {number}")));
    let certificate = Certificate::issue(
        &identity,
        user_id(name),
        name,
        DeviceId::from_bytes(id(&format!("device {name} {number}"))),
        key.public(),
    )
    .unwrap();
    Person {
        name: format!("{name} {number}"),
        crypto: Crypto::from_seed(seed(&format!("randomness {name} {number}"))),
        device: Device::new(certificate, key).unwrap(),
        identity,
    }
}

pub fn user_id(name: &str) -> UserId {
    UserId::from_bytes(id(&format!("user {name}")))
}

impl Person {
    pub fn user(&self) -> UserId {
        self.device.certificate.user
    }

    pub fn device_id(&self) -> DeviceId {
        self.device.certificate.device
    }

    pub fn address(&self) -> (UserId, DeviceId) {
        (self.user(), self.device_id())
    }

    pub fn key_package(&self) -> FreshKeyPackage {
        make_key_package(&self.crypto, &self.device, LastResort::No, EXPIRES_S).unwrap()
    }
}

/// A person in a conversation.
pub struct Seat {
    pub person: Person,
    pub group: Group,
}

impl Seat {
    pub fn process(&mut self, bytes: &[u8]) -> Result<Processed, whimbrel_mls::MlsError> {
        let Person { crypto, device, .. } = &self.person;
        self.group.process(crypto, device, bytes)
    }

    pub fn encrypt(&mut self, aad: &[u8], text: &[u8]) -> Vec<u8> {
        let Person { crypto, device, .. } = &self.person;
        self.group.encrypt(crypto, device, aad, text).unwrap()
    }

    pub fn stage(
        &mut self,
        plan: &CommitPlan,
    ) -> Result<whimbrel_mls::StagedCommit, whimbrel_mls::MlsError> {
        let Person { crypto, device, .. } = &self.person;
        self.group.stage_commit(crypto, device, plan, b"aad")
    }

    pub fn merge(&mut self) -> CommitSummary {
        let Person { crypto, device, .. } = &self.person;
        self.group.merge_pending_commit(crypto, device).unwrap()
    }
}

/// A conversation: the server's follower and the members, by the order in which they came.
pub struct Chat {
    pub conversation: ConversationId,
    pub server: Crypto,
    pub follower: Follower,
    pub seats: Vec<Seat>,
}

impl Chat {
    /// A group with its founder.
    pub fn group(name: &str, founder: Person) -> Self {
        let policy = GroupPolicy::group(&founder.device.certificate);
        Self::found(name, founder, &policy)
    }

    /// A direct conversation whose founder is still alone.
    pub fn direct(name: &str, founder: Person) -> Self {
        let policy = GroupPolicy::direct(&founder.device.certificate);
        Self::found(name, founder, &policy)
    }

    /// A group with its founder and these members, all added in one commit.
    pub fn with(name: &str, founder: &str, members: &[&str]) -> Self {
        let mut chat = Self::group(name, person(founder));
        chat.add(0, members.iter().map(|name| person(name)).collect());
        chat
    }

    fn found(name: &str, founder: Person, policy: &GroupPolicy) -> Self {
        let conversation = conversation(name);
        let group = Group::create(&founder.crypto, &founder.device, conversation, policy).unwrap();
        let founding = group
            .founding_state(&founder.crypto, &founder.device)
            .unwrap();
        let server = Crypto::from_seed(seed("server"));
        let follower = Follower::found(
            &server,
            conversation,
            &founding.group_info,
            &founding.tree,
            founder.address(),
        )
        .unwrap();
        let mut chat = Self {
            conversation,
            server,
            follower,
            seats: vec![Seat {
                person: founder,
                group,
            }],
        };
        chat.assert_in_step();
        chat
    }

    pub fn add(&mut self, by: usize, people: Vec<Person>) -> CommitSummary {
        self.commit(by, CommitPlan::default(), people)
    }

    /// One commit through the server to everybody: `plan`, and these people added.
    pub fn commit(
        &mut self,
        by: usize,
        mut plan: CommitPlan,
        people: Vec<Person>,
    ) -> CommitSummary {
        let keys: Vec<FreshKeyPackage> = people.iter().map(Person::key_package).collect();
        plan.add.extend(keys.iter().map(|key| key.bytes.clone()));
        let staged = self.seats[by].stage(&plan).unwrap();
        let summary = self.deliver(by, &staged.commit);
        for (person, key) in people.into_iter().zip(keys) {
            let welcome = staged.welcome.as_ref().unwrap();
            let joined = self.join(&person, welcome, &key).unwrap();
            assert_eq!(joined.added_by, Some(self.seats[by].person.address()));
            assert_eq!(joined.reference, key.reference);
            self.seats.push(Seat {
                person,
                group: joined.group,
            });
        }
        self.assert_in_step();
        summary
    }

    pub fn join(
        &self,
        person: &Person,
        welcome: &[u8],
        key: &FreshKeyPackage,
    ) -> Result<Joined, whimbrel_mls::MlsError> {
        Group::join(
            &person.crypto,
            &person.device,
            self.conversation,
            welcome,
            &self.follower.tree().unwrap(),
            key.rows.clone(),
            Vec::new(),
        )
    }

    /// The server accepts a pending commit and everybody reaches it in the log.
    pub fn deliver(&mut self, by: usize, commit: &[u8]) -> CommitSummary {
        let followed = self.follower.stage(&self.server, commit).unwrap();
        let summary = followed.summary.clone();
        assert_eq!(followed.aad, b"aad");
        assert_eq!(followed.committer, self.seats[by].person.address());
        self.follower.merge(followed).unwrap();
        for (number, seat) in self.seats.iter_mut().enumerate() {
            if number == by {
                assert_eq!(seat.merge(), summary);
            } else if seat.group.is_active() {
                let Processed::Commit {
                    aad,
                    summary: seen,
                    removed_self,
                } = seat.process(commit).unwrap()
                else {
                    panic!("a commit");
                };
                assert_eq!((aad.as_slice(), &seen), (&b"aad"[..], &summary));
                assert_eq!(removed_self, !seat.group.is_active());
            }
        }
        summary
    }

    /// A message from one to all others who are in the conversation.
    pub fn say(&mut self, from: usize, text: &str) {
        let bytes = self.seats[from].encrypt(b"header", text.as_bytes());
        let address = self.seats[from].person.address();
        let leaf = self.seats[from].group.own_leaf();
        for (number, seat) in self.seats.iter_mut().enumerate() {
            if number != from && seat.group.is_active() {
                assert_eq!(
                    seat.process(&bytes).unwrap(),
                    Processed::Message {
                        sender_leaf: leaf,
                        user: address.0,
                        device: address.1,
                        aad: b"header".to_vec(),
                        plaintext: text.as_bytes().to_vec(),
                    }
                );
            }
        }
    }

    pub fn seat(&mut self, name: &str) -> &mut Seat {
        let wanted = format!("{name} 1");
        self.seats
            .iter_mut()
            .find(|seat| seat.person.name == wanted)
            .unwrap()
    }

    pub fn leaf(&self, seat: usize) -> u32 {
        self.seats[seat].group.own_leaf()
    }

    /// Members and server agree on epoch, members and policy; members also on their secrets. And
    /// all of it survives being stored and loaded.
    pub fn assert_in_step(&mut self) {
        let mut code = None;
        let state = self.follower.state().unwrap();
        self.follower = Follower::load(self.conversation, &state).unwrap();
        for seat in self.seats.iter_mut().filter(|seat| seat.group.is_active()) {
            assert_eq!(seat.group.epoch(), self.follower.epoch());
            assert_eq!(seat.group.members(), self.follower.members());
            assert_eq!(seat.group.policy(), self.follower.policy());
            let own = seat.group.epoch_code();
            assert_eq!(code.get_or_insert(own.clone()), &own);
        }
    }
}
