//! A log with people who use it.

use tempfile::TempDir;
use whimbrel_mls::LastResort;
use whimbrel_protocol::envelope::Envelope;
use whimbrel_protocol::frame::{
    Envelopes, InboxItem, InboxKind, ItemResult, Refusal, SendItem, Welcome,
};
use whimbrel_protocol::{ConversationId, DeviceId};
use whimbrel_server::Now;
use whimbrel_server::log::{
    Answer, AppendOutcome, AppendRequest, ChangeRequest, LogOptions, ManifestNews, ReadRequest,
    Registration, SqliteLog,
};

use crate::people::{FAR_S, Person};

pub(crate) const CONVERSATION: ConversationId = ConversationId::from_bytes([0xc0; 16]);

/// A device that is nobody's.
pub(crate) const NOBODY: DeviceId = DeviceId::from_bytes([0xee; 16]);

pub(crate) struct World {
    pub(crate) log: SqliteLog,
    pub(crate) now: Now,
    options: LogOptions,
    _folder: TempDir,
}

impl World {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let options = LogOptions {
            path: folder.path().join("log.db"),
            vfs: None,
        };
        let now = Now {
            mono_ms: 0,
            wall_ms: 1_700_000_000_000,
        };
        Self {
            log: SqliteLog::open(&options, [7; 32], now).unwrap(),
            now,
            options,
            _folder: folder,
        }
    }

    /// A log with these people registered, each with one key package.
    pub(crate) fn with(people: &mut [&mut Person]) -> Self {
        let mut world = Self::new();
        for person in people {
            world.enrol(person);
        }
        world
    }

    pub(crate) fn enrol(&mut self, person: &mut Person) {
        let registration = self.log.register(&person.account(), self.now).unwrap();
        assert!(registration == Registration::Created);
        let key_package = person.key_package(LastResort::No, FAR_S);
        let answer = self.publish(person, vec![key_package], None);
        assert!(
            matches!(answer, Answer::KeyPackageCount { .. }),
            "{answer:?}"
        );
    }

    /// The server is killed and started again: nothing of its memory is left.
    pub(crate) fn restart(&mut self) {
        self.log = SqliteLog::open(&self.options, [8; 32], self.now).unwrap();
    }

    pub(crate) fn request(
        person: &Person,
        conversation: ConversationId,
        items: Vec<SendItem>,
    ) -> AppendRequest {
        AppendRequest {
            user: person.user,
            device: person.device,
            conversation,
            sealed_no: 0,
            items,
        }
    }

    pub(crate) fn append(&mut self, person: &Person, items: &[SendItem]) -> AppendOutcome {
        self.append_to(person, CONVERSATION, items)
    }

    pub(crate) fn append_to(
        &mut self,
        person: &Person,
        conversation: ConversationId,
        items: &[SendItem],
    ) -> AppendOutcome {
        self.now.wall_ms += 1;
        let request = Self::request(person, conversation, items.to_vec());
        let mut outcomes = self.log.append(&[request], self.now).unwrap();
        assert_eq!(outcomes.len(), 1);
        outcomes.pop().unwrap()
    }

    /// Appends one item that must be accepted; its number.
    pub(crate) fn accept(&mut self, person: &Person, item: &SendItem) -> u64 {
        let outcome = self.append(person, std::slice::from_ref(item));
        match outcome.results.as_slice() {
            [ItemResult::Accepted { seq, .. }] => *seq,
            other => panic!("not accepted: {other:?}"),
        }
    }

    /// Appends one item that must be refused; why.
    pub(crate) fn refuse(&mut self, person: &Person, item: &SendItem) -> Refusal {
        let outcome = self.append(person, std::slice::from_ref(item));
        assert_eq!(outcome.appended, None);
        match outcome.results.as_slice() {
            [ItemResult::Refused(refusal)] => *refusal,
            other => panic!("not refused: {other:?}"),
        }
    }

    pub(crate) fn read(&mut self, request: ReadRequest) -> Answer {
        self.log.read(&request, self.now).unwrap()
    }

    pub(crate) fn change(&mut self, request: ChangeRequest) -> Answer {
        self.read(ReadRequest::Change(request))
    }

    pub(crate) fn publish(
        &mut self,
        person: &Person,
        one_time: Vec<Vec<u8>>,
        last_resort: Option<Vec<u8>>,
    ) -> Answer {
        self.change(ChangeRequest::PublishKeyPackages {
            user: person.user,
            device: person.device,
            one_time,
            last_resort,
        })
    }

    pub(crate) fn publish_manifest(&mut self, person: &Person, manifest: Vec<u8>) -> Answer {
        self.change(ChangeRequest::PublishManifest {
            user: person.user,
            device: person.device,
            manifest,
        })
    }

    /// A manifest of `person` that must be taken; what it means for others.
    pub(crate) fn announce(&mut self, person: &Person, manifest: Vec<u8>) -> ManifestNews {
        match self.publish_manifest(person, manifest) {
            Answer::Published(Some(news)) => news,
            other => panic!("{other:?}"),
        }
    }

    /// `person` puts another device of theirs on the list, with one key package.
    pub(crate) fn link(&mut self, person: &mut Person, other: &mut Person) {
        let manifest = person.next_manifest(&[&*other], &[]);
        other.manifest = person.manifest.clone();
        self.announce(person, manifest);
        let key_package = other.key_package(LastResort::No, FAR_S);
        let answer = self.publish(other, vec![key_package], None);
        assert!(
            matches!(answer, Answer::KeyPackageCount { .. }),
            "{answer:?}"
        );
    }

    /// `adder` adds this very device, whose key package goes by hand, and it takes the Welcome.
    pub(crate) fn add_device(&mut self, adder: &mut Person, newcomer: &mut Person) -> u64 {
        let key_package = newcomer.key_package(LastResort::No, FAR_S);
        let item = adder.add(CONVERSATION, key_package, newcomer.device);
        let seq = self.accept(adder, &item);
        adder.merge(CONVERSATION);
        self.take_welcome(newcomer);
        seq
    }

    pub(crate) fn claim(&mut self, person: &Person) -> Vec<u8> {
        let answer = self.change(ChangeRequest::ClaimKeyPackages {
            device: NOBODY,
            users: vec![person.user],
        });
        let Answer::Claimed { mut users, .. } = answer else {
            panic!("{answer:?}");
        };
        users.remove(0).devices.remove(0).key_package
    }

    pub(crate) fn fetch(&mut self, person: &Person, after: u64) -> Envelopes {
        let answer = self.read(ReadRequest::Fetch {
            device: person.device,
            conversation: CONVERSATION,
            after,
            limit: 100,
        });
        match answer {
            Answer::Envelopes(envelopes) => envelopes,
            other => panic!("{other:?}"),
        }
    }

    pub(crate) fn seqs(&mut self, person: &Person, after: u64) -> Vec<u64> {
        let run = self.fetch(person, after);
        run.envelopes.iter().map(|envelope| envelope.seq).collect()
    }

    pub(crate) fn inbox(&mut self, person: &Person) -> Vec<InboxItem> {
        let answer = self.read(ReadRequest::FetchInbox {
            device: person.device,
            after: 0,
        });
        match answer {
            Answer::Inbox { items, .. } => items,
            other => panic!("{other:?}"),
        }
    }

    pub(crate) fn tree(&mut self, person: &Person, epoch: u64, offset: u32) -> Answer {
        self.read(ReadRequest::FetchTree {
            device: person.device,
            conversation: CONVERSATION,
            epoch,
            offset,
        })
    }

    /// `person` founds the conversation.
    pub(crate) fn found(&mut self, person: &mut Person) {
        let item = person.create(CONVERSATION, None);
        assert_eq!(self.accept(person, &item), 1);
    }

    /// `adder` adds `newcomer`, who takes the Welcome; returns the adding commit's number.
    pub(crate) fn add(&mut self, adder: &mut Person, newcomer: &mut Person) -> u64 {
        let key_package = self.claim(newcomer);
        let item = adder.add(CONVERSATION, key_package, newcomer.device);
        let seq = self.accept(adder, &item);
        adder.merge(CONVERSATION);
        self.take_welcome(newcomer);
        seq
    }

    pub(crate) fn welcome(&mut self, newcomer: &Person) -> (u64, Welcome) {
        let item = self.inbox(newcomer).pop().unwrap();
        match item.kind {
            InboxKind::Welcome(welcome) => (item.seq, welcome),
            other => panic!("{other:?}"),
        }
    }

    /// `newcomer` joins by the Welcome in its inbox and acknowledges it.
    pub(crate) fn take_welcome(&mut self, newcomer: &mut Person) {
        let (seq, welcome) = self.welcome(newcomer);
        let Answer::TreeChunk { total, bytes, .. } = self.tree(newcomer, welcome.epoch, 0) else {
            panic!("no tree");
        };
        assert_eq!(usize::try_from(total).unwrap(), bytes.len());
        newcomer.join(&welcome, &bytes);
        let answer = self.change(ChangeRequest::InboxApplied {
            user: newcomer.user,
            device: newcomer.device,
            seq,
            unopened: Vec::new(),
        });
        assert_eq!(answer, Answer::InboxTrimmed { deliveries: vec![] });
    }

    /// `sender` says something that everybody here receives.
    pub(crate) fn say(&mut self, sender: &mut Person, text: &str) -> u64 {
        let item = sender.message(CONVERSATION, text);
        self.accept(sender, &item)
    }
}

pub(crate) fn bodies(envelopes: &[Envelope]) -> Vec<usize> {
    envelopes
        .iter()
        .map(|envelope| envelope.body.payload_bytes())
        .collect()
}
