//! People with real MLS clients, for tests of log and hub.

use std::collections::BTreeMap;

use whimbrel_mls::{
    Certificate, CommitPlan, Crypto, Device, DeviceKey, DirtyRow, Group, GroupPolicy, IdentityKey,
    LastResort, Manifest, RecoveryCode, Row, make_key_package,
};
use whimbrel_protocol::envelope::{Body, Envelope, authenticated_data};
use whimbrel_protocol::frame::{Founding, SendItem, Welcome, WelcomeOut};
use whimbrel_protocol::{ClientId, ConversationId, DeviceId, ItemKind, UserId};
use whimbrel_server::log::NewAccount;

/// Key packages of the tests are good until then.
pub(crate) const FAR_S: u64 = 4_000_000_000;

fn recovery_code(user: UserId) -> RecoveryCode {
    RecoveryCode::new(*user.as_bytes())
}

/// A user on one device.
pub(crate) struct Person {
    pub(crate) user: UserId,
    pub(crate) device: DeviceId,
    pub(crate) name: &'static str,
    pub(crate) mls: Device,
    pub(crate) crypto: Crypto,
    pub(crate) groups: BTreeMap<ConversationId, Group>,
    pub(crate) manifest: Manifest,
    identity: u8,
    key_rows: Vec<Row>,
    counters: BTreeMap<ConversationId, u64>,
    items: u32,
}

impl Person {
    pub(crate) fn new(name: &'static str) -> Self {
        let number = name
            .bytes()
            .fold(0_u8, |sum, byte| sum.wrapping_mul(31) ^ byte);
        let user = UserId::from_bytes([number; 16]);
        let recovery_key = recovery_code(user).recovery_key();
        Self::on(
            name,
            user,
            (number, number ^ 0xff),
            |identity, certificate| Manifest::first(identity, recovery_key, certificate).unwrap(),
        )
    }

    fn on(
        name: &'static str,
        user: UserId,
        (identity, device): (u8, u8),
        manifest: impl FnOnce(&IdentityKey, Certificate) -> Manifest,
    ) -> Self {
        let key = DeviceKey::from_seed([device; 32]);
        let id = DeviceId::from_bytes([device; 16]);
        let identity_key = IdentityKey::from_seed([identity; 32]);
        let certificate = Certificate::issue(&identity_key, user, name, id, key.public()).unwrap();
        let manifest = manifest(&identity_key, certificate.clone());
        Self {
            user,
            device: id,
            name,
            mls: Device::new(certificate, key).unwrap(),
            crypto: Crypto::from_seed([device; 32]),
            groups: BTreeMap::new(),
            manifest,
            identity,
            key_rows: Vec::new(),
            counters: BTreeMap::new(),
            items: 0,
        }
    }

    /// Another device of the same user, which no manifest lists yet.
    pub(crate) fn other_device(&self, number: u8) -> Self {
        let numbers = (self.identity, number);
        Self::on(self.name, self.user, numbers, |_, _| self.manifest.clone())
    }

    /// The same user on a new device under a new identity key, by the recovery code.
    pub(crate) fn recovered(&self, number: u8) -> Self {
        let numbers = (number, number);
        Self::on(self.name, self.user, numbers, |identity, certificate| {
            let code = recovery_code(self.user);
            self.manifest
                .recovered(identity, certificate, &code)
                .unwrap()
        })
    }

    /// The manifest after the newest this device knows, encoded.
    pub(crate) fn next_manifest(&mut self, add: &[&Self], revoke: &[DeviceId]) -> Vec<u8> {
        let identity = IdentityKey::from_seed([self.identity; 32]);
        let add = add.iter().map(|other| other.mls.certificate.clone());
        let next = self.manifest.next(&identity, add.collect(), revoke);
        self.manifest = next.unwrap();
        self.manifest.encode()
    }

    pub(crate) fn account(&self) -> NewAccount {
        NewAccount {
            user: self.user,
            username: self.name.to_owned(),
            device: self.device,
            manifest: self.manifest.encode(),
            password_hash: format!("hash of {}", self.name),
        }
    }

    pub(crate) fn key_package(&mut self, kind: LastResort, expires_s: u64) -> Vec<u8> {
        let fresh = make_key_package(&self.crypto, &self.mls, kind, expires_s).unwrap();
        self.key_rows.extend(fresh.rows);
        fresh.bytes
    }

    fn item(&mut self, conversation: ConversationId, kind: ItemKind) -> SendItem {
        self.items += 1;
        let counter = self.counters.entry(conversation).or_insert(0);
        *counter += 1;
        let [a, ..] = *self.device.as_bytes();
        SendItem {
            client_id: ClientId::new(i64::from(self.items), [a; 10]),
            kind,
            epoch: self.groups.get(&conversation).map_or(0, Group::epoch),
            counter: *counter,
            silent: false,
            payload: Vec::new(),
            founding: None,
            welcome: None,
        }
    }

    fn aad(conversation: ConversationId, item: &SendItem) -> Vec<u8> {
        authenticated_data(conversation, item.client_id, item.counter, item.kind)
    }

    /// Something that was made will never reach the server: its counter is free again.
    pub(crate) fn take_back(&mut self, conversation: ConversationId) {
        *self.counters.get_mut(&conversation).unwrap() -= 1;
        let group = self.groups.get_mut(&conversation);
        if let Some(group) = group.filter(|group| group.has_pending_commit()) {
            group.discard_pending_commit().unwrap();
        }
    }

    pub(crate) fn create(
        &mut self,
        conversation: ConversationId,
        peer: Option<UserId>,
    ) -> SendItem {
        let policy = match peer {
            Some(_) => GroupPolicy::direct(&self.mls.certificate),
            None => GroupPolicy::group(&self.mls.certificate),
        };
        let group = Group::create(&self.crypto, &self.mls, conversation, &policy).unwrap();
        let founding = group.founding_state(&self.crypto, &self.mls).unwrap();
        self.groups.insert(conversation, group);
        let mut item = self.item(conversation, ItemKind::Create);
        item.payload = founding.group_info;
        item.founding = Some(Founding {
            tree: founding.tree,
            direct_peer: peer,
        });
        item
    }

    pub(crate) fn message(&mut self, conversation: ConversationId, text: &str) -> SendItem {
        let mut item = self.item(conversation, ItemKind::Message);
        let aad = Self::aad(conversation, &item);
        let group = self.groups.get_mut(&conversation).unwrap();
        item.payload = group
            .encrypt(&self.crypto, &self.mls, &aad, text.as_bytes())
            .unwrap();
        item
    }

    pub(crate) fn commit(
        &mut self,
        conversation: ConversationId,
        plan: &CommitPlan,
        welcome_for: &[DeviceId],
    ) -> SendItem {
        let mut item = self.item(conversation, ItemKind::Commit);
        let aad = Self::aad(conversation, &item);
        let group = self.groups.get_mut(&conversation).unwrap();
        let staged = group
            .stage_commit(&self.crypto, &self.mls, plan, &aad)
            .unwrap();
        item.payload = staged.commit;
        item.welcome = staged.welcome.map(|welcome| WelcomeOut {
            welcome,
            devices: welcome_for.to_vec(),
        });
        item
    }

    pub(crate) fn add(
        &mut self,
        conversation: ConversationId,
        key_package: Vec<u8>,
        device: DeviceId,
    ) -> SendItem {
        let plan = CommitPlan {
            add: vec![key_package],
            ..CommitPlan::default()
        };
        self.commit(conversation, &plan, &[device])
    }

    pub(crate) fn remove(&mut self, conversation: ConversationId, device: DeviceId) -> SendItem {
        let leaf = self.leaf(conversation, device);
        let plan = CommitPlan {
            remove_leaves: vec![leaf],
            ..CommitPlan::default()
        };
        self.commit(conversation, &plan, &[])
    }

    pub(crate) fn rotate(&mut self, conversation: ConversationId) -> SendItem {
        let plan = CommitPlan {
            rotate: true,
            ..CommitPlan::default()
        };
        self.commit(conversation, &plan, &[])
    }

    pub(crate) fn leaf(&self, conversation: ConversationId, device: DeviceId) -> u32 {
        let members = self.groups[&conversation].members();
        members
            .iter()
            .find(|view| view.device == device)
            .unwrap()
            .leaf
    }

    /// The own commit has its place.
    pub(crate) fn merge(&mut self, conversation: ConversationId) {
        let group = self.groups.get_mut(&conversation).unwrap();
        group.merge_pending_commit(&self.crypto, &self.mls).unwrap();
    }

    /// The own commit is void: the group stays what it was, the counter is used.
    pub(crate) fn give_up(&mut self, conversation: ConversationId) {
        let group = self.groups.get_mut(&conversation).unwrap();
        group.discard_pending_commit().unwrap();
    }

    /// Takes an envelope; the text, where it is somebody's message.
    pub(crate) fn receive(
        &mut self,
        conversation: ConversationId,
        envelope: &Envelope,
    ) -> Option<String> {
        let group = self.groups.get_mut(&conversation).unwrap();
        let Body::Payload(bytes) = &envelope.body else {
            assert_eq!(envelope.sender_device, self.device);
            if group.has_pending_commit() {
                self.merge(conversation);
            }
            return None;
        };
        let claimed = envelope.authenticated_data(conversation);
        match group.process(&self.crypto, &self.mls, bytes).unwrap() {
            whimbrel_mls::Processed::Message { aad, plaintext, .. } => {
                assert_eq!(aad, claimed);
                Some(String::from_utf8(plaintext).unwrap())
            }
            whimbrel_mls::Processed::Commit { aad, .. } => {
                assert_eq!(aad, claimed);
                None
            }
        }
    }

    pub(crate) fn join(&mut self, welcome: &Welcome, tree: &[u8]) {
        let old = self.groups.remove(&welcome.conversation);
        assert!(old.is_none_or(|old| !old.is_active()));
        let joined = Group::join(
            &self.crypto,
            &self.mls,
            welcome.conversation,
            &welcome.welcome,
            tree,
            self.key_rows.clone(),
            Vec::new(),
        )
        .unwrap();
        let mut group = joined.group;
        let _: Vec<DirtyRow> = group.take_dirty();
        assert_eq!(group.epoch(), welcome.epoch);
        self.groups.insert(welcome.conversation, group);
    }
}
