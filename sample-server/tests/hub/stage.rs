//! A hub, a log, and people connected to it; the test is the driver.

use std::collections::{BTreeMap, VecDeque};

use tempfile::TempDir;
use whimbrel_mls::LastResort;
use whimbrel_protocol::frame::{
    ClientFrame, ClientMessage, Envelopes, FailureCode, GoAwayReason, Head, Hello, InboxKind,
    ItemResult, Mark, Send, SendItem, ServerFrame, ServerMessage, Welcome,
};
use whimbrel_protocol::{ConversationId, DecodeError, PROTOCOL_VERSION};
use whimbrel_server::Now;
use whimbrel_server::hub::{ConnectionId, Effect, Event, Hub, HubConfig, Peer, Ticket};
use whimbrel_server::log::{
    AppendRequest, LogError, LogOptions, ReadRequest, Registration, SqliteLog,
};

use crate::people::{FAR_S, Person};

pub(crate) const CONVERSATION: ConversationId = ConversationId::from_bytes([0xc0; 16]);

/// A request that the log has not been given yet.
pub(crate) enum Waiting {
    Append(Ticket, AppendRequest),
    Read(Ticket, ReadRequest),
}

/// Whether requests reach the log by themselves.
#[derive(PartialEq, Eq)]
pub(crate) enum LogMode {
    Prompt,
    /// They wait until [`Stage::let_log_work`].
    Slow,
    /// All fail.
    Broken,
}

pub(crate) struct Stage {
    pub(crate) hub: Hub,
    pub(crate) log: SqliteLog,
    pub(crate) now: Now,
    pub(crate) mode: LogMode,
    pub(crate) waiting: VecDeque<Waiting>,
    pub(crate) closed: BTreeMap<ConnectionId, (GoAwayReason, u32)>,
    pub(crate) wake_at_ms: Option<i64>,
    /// Everything the hub ever said, to compare runs.
    pub(crate) history: Vec<String>,
    frames: BTreeMap<ConnectionId, VecDeque<ServerFrame>>,
    last_connection: u64,
    last_request: u64,
    _folder: TempDir,
}

impl Stage {
    pub(crate) fn new() -> Self {
        Self::with_config(HubConfig::default())
    }

    pub(crate) fn with_config(config: HubConfig) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let options = LogOptions {
            path: folder.path().join("log.db"),
            vfs: None,
        };
        let now = Now {
            mono_ms: 1_000,
            wall_ms: 1_700_000_000_000,
        };
        Self {
            hub: Hub::new(config),
            log: SqliteLog::open(&options, [7; 32], now).unwrap(),
            now,
            mode: LogMode::Prompt,
            waiting: VecDeque::new(),
            closed: BTreeMap::new(),
            wake_at_ms: None,
            history: Vec::new(),
            frames: BTreeMap::new(),
            last_connection: 0,
            last_request: 0,
            _folder: folder,
        }
    }

    pub(crate) fn handle(&mut self, event: Event) {
        self.hub.handle(event, self.now);
        self.drive();
    }

    /// Does what the hub says until it says nothing more.
    pub(crate) fn drive(&mut self) {
        while let Some(effect) = self.hub.poll() {
            self.history.push(format!("{effect:?}"));
            match effect {
                Effect::Send { connection, frame } => self.deliver(connection, frame),
                Effect::Append { ticket, request } => {
                    self.waiting.push_back(Waiting::Append(ticket, request));
                }
                Effect::Read { ticket, request } => {
                    self.waiting.push_back(Waiting::Read(ticket, request));
                }
                Effect::Close {
                    connection,
                    reason,
                    retry_after_ms,
                } => {
                    self.closed.insert(connection, (reason, retry_after_ms));
                }
                Effect::WakeAt { mono_ms } => self.wake_at_ms = Some(mono_ms),
                Effect::Hint { .. } => {}
            }
            if self.mode != LogMode::Slow {
                self.work_one();
            }
        }
    }

    fn deliver(&mut self, connection: ConnectionId, frame: ServerFrame) {
        assert!(!self.closed.contains_key(&connection), "sent after closing");
        // What does not fit into a frame, or does not come back, would be lost on the wire.
        assert_eq!(ServerFrame::decode(&frame.encode()).as_ref(), Ok(&frame));
        self.frames.entry(connection).or_default().push_back(frame);
    }

    fn work_one(&mut self) {
        let Some(waiting) = self.waiting.pop_front() else {
            return;
        };
        let broken = || Err(LogError::Damaged("test"));
        let event = match waiting {
            Waiting::Append(ticket, request) => {
                let result = match self.mode {
                    LogMode::Broken => broken(),
                    _ => self
                        .log
                        .append(&[request], self.now)
                        .map(|mut outcomes| outcomes.remove(0)),
                };
                Event::Appended { ticket, result }
            }
            Waiting::Read(ticket, request) => {
                let answer = match self.mode {
                    LogMode::Broken => Err(LogError::Damaged("test")),
                    _ => self.log.read(&request, self.now),
                };
                Event::Answered { ticket, answer }
            }
        };
        self.hub.handle(event, self.now);
    }

    /// The slow log does everything that waits.
    pub(crate) fn let_log_work(&mut self) {
        while !self.waiting.is_empty() {
            self.work_one();
            self.drive();
        }
    }

    /// Time passes; the hub is woken when it asked to be.
    pub(crate) fn pass(&mut self, time_ms: i64) {
        let end_ms = self.now.mono_ms + time_ms;
        while let Some(wake_at_ms) = self.wake_at_ms.filter(|wake_at_ms| *wake_at_ms <= end_ms) {
            let step_ms = (wake_at_ms - self.now.mono_ms).max(0);
            self.now.mono_ms += step_ms;
            self.now.wall_ms += step_ms;
            self.wake_at_ms = None;
            self.handle(Event::Tick);
        }
        self.now.wall_ms += end_ms - self.now.mono_ms;
        self.now.mono_ms = end_ms;
    }

    pub(crate) fn enrol(&mut self, person: &mut Person) {
        let registration = self.log.register(&person.account(), self.now).unwrap();
        assert!(registration == Registration::Created);
    }

    /// A connection that has said nothing yet.
    pub(crate) fn connect(&mut self, person: &Person) -> ConnectionId {
        self.connect_until(person, i64::MAX)
    }

    pub(crate) fn connect_until(&mut self, person: &Person, expires_ms: i64) -> ConnectionId {
        self.last_connection += 1;
        let connection = ConnectionId(self.last_connection);
        let peer = Peer {
            user: person.user,
            device: person.device,
            expires_ms,
        };
        self.handle(Event::Connected { connection, peer });
        connection
    }

    /// A connection that has said `Hello` and taken the answer.
    pub(crate) fn online(&mut self, person: &Person) -> ConnectionId {
        let connection = self.connect(person);
        self.say_hello(connection, person);
        self.take_all(connection);
        connection
    }

    pub(crate) fn say_hello(&mut self, connection: ConnectionId, person: &Person) -> u64 {
        self.tell(connection, hello(person))
    }

    /// Sends a frame with a new request number, which is returned.
    pub(crate) fn tell(&mut self, connection: ConnectionId, message: ClientMessage) -> u64 {
        self.last_request += 1;
        let request = self.last_request;
        let frame = ClientFrame { request, message };
        // As it would come from the wire.
        let frame = ClientFrame::decode(&frame.encode()).unwrap();
        self.handle(Event::Frame { connection, frame });
        request
    }

    /// Sends a frame and takes its answer, which must be the only frame that comes.
    pub(crate) fn ask(
        &mut self,
        connection: ConnectionId,
        message: ClientMessage,
    ) -> ServerMessage {
        let request = self.tell(connection, message);
        let mut frames = self.take_all(connection);
        assert_eq!(frames.len(), 1, "{frames:?}");
        let frame = frames.remove(0);
        assert_eq!(frame.request, request);
        frame.message
    }

    pub(crate) fn malformed(&mut self, connection: ConnectionId, error: DecodeError) {
        self.handle(Event::Malformed { connection, error });
    }

    pub(crate) fn take_all(&mut self, connection: ConnectionId) -> Vec<ServerFrame> {
        let frames = self.frames.remove(&connection).unwrap_or_default();
        frames.into_iter().collect()
    }

    pub(crate) fn pushed(&mut self, connection: ConnectionId) -> Vec<ServerMessage> {
        let frames = self.take_all(connection);
        assert!(frames.iter().all(|frame| frame.request == 0), "{frames:?}");
        frames.into_iter().map(|frame| frame.message).collect()
    }

    /// The numbers of the envelopes that were pushed; nothing else may have been.
    pub(crate) fn pushed_seqs(&mut self, connection: ConnectionId) -> Vec<u64> {
        self.pushed(connection)
            .into_iter()
            .flat_map(|message| match message {
                ServerMessage::Envelopes(run) => run.envelopes,
                other => panic!("{other:?}"),
            })
            .map(|envelope| envelope.seq)
            .collect()
    }

    pub(crate) fn send(
        &mut self,
        connection: ConnectionId,
        items: Vec<SendItem>,
    ) -> Vec<ItemResult> {
        let request = self.tell(connection, send(CONVERSATION, items));
        let frames = self.take_all(connection);
        let (first, rest) = frames.split_first().unwrap();
        assert_eq!(first.request, request);
        // What follows was pushed; tests that look at pushes look at other connections.
        assert!(rest.iter().all(|frame| frame.request == 0), "{rest:?}");
        match &first.message {
            ServerMessage::SendResult { results, .. } => results.clone(),
            other => panic!("{other:?}"),
        }
    }

    pub(crate) fn accept(&mut self, connection: ConnectionId, item: SendItem) -> u64 {
        match self.send(connection, vec![item]).as_slice() {
            [ItemResult::Accepted { seq, .. }] => *seq,
            other => panic!("{other:?}"),
        }
    }

    pub(crate) fn go_live(&mut self, connection: ConnectionId, after: u64) -> (Head, Vec<Mark>) {
        let request = self.tell(
            connection,
            ClientMessage::GoLive {
                conversation: CONVERSATION,
                after,
            },
        );
        let frames = self.take_all(connection);
        let [first, second] = frames.as_slice() else {
            panic!("{frames:?}");
        };
        assert_eq!((first.request, second.request), (request, 0));
        match (&first.message, &second.message) {
            (ServerMessage::Heads { heads, more: false }, ServerMessage::Marks { marks, .. }) => {
                (heads[0], marks.clone())
            }
            other => panic!("{other:?}"),
        }
    }

    pub(crate) fn fetch(&mut self, connection: ConnectionId, after: u64) -> Envelopes {
        match self.ask(connection, fetch(after)) {
            ServerMessage::Envelopes(run) => run,
            other => panic!("{other:?}"),
        }
    }

    pub(crate) fn found(&mut self, connection: ConnectionId, person: &mut Person) {
        let item = person.create(CONVERSATION, None);
        assert_eq!(self.accept(connection, item), 1);
    }

    /// `adder` adds `newcomer`, whose key package goes by hand, and merges.
    pub(crate) fn add(
        &mut self,
        connection: ConnectionId,
        adder: &mut Person,
        newcomer: &mut Person,
    ) -> u64 {
        let key_package = newcomer.key_package(LastResort::No, FAR_S);
        let item = adder.add(CONVERSATION, key_package, newcomer.device);
        let seq = self.accept(connection, item);
        adder.merge(CONVERSATION);
        seq
    }

    /// The newcomer takes the Welcome that was pushed to it.
    pub(crate) fn join(&mut self, connection: ConnectionId, newcomer: &mut Person) {
        let messages = self.pushed(connection);
        let [ServerMessage::InboxItems { head, items }] = messages.as_slice() else {
            panic!("{messages:?}");
        };
        let InboxKind::Welcome(welcome) = &items[0].kind else {
            panic!("{items:?}");
        };
        self.open_welcome(connection, newcomer, welcome, *head);
    }

    pub(crate) fn open_welcome(
        &mut self,
        connection: ConnectionId,
        newcomer: &mut Person,
        welcome: &Welcome,
        inbox_seq: u64,
    ) {
        let chunk = self.ask(
            connection,
            ClientMessage::FetchTree {
                conversation: welcome.conversation,
                epoch: welcome.epoch,
                offset: 0,
            },
        );
        let ServerMessage::TreeChunk { bytes, .. } = chunk else {
            panic!("{chunk:?}");
        };
        newcomer.join(welcome, &bytes);
        let applied = ClientMessage::InboxApplied {
            seq: inbox_seq,
            unopened: vec![],
        };
        self.tell(connection, applied);
        assert_eq!(self.take_all(connection), []);
    }
}

pub(crate) fn hello(person: &Person) -> ClientMessage {
    ClientMessage::Hello(Hello {
        version: PROTOCOL_VERSION,
        device: person.device,
        sealed_no: 0,
    })
}

pub(crate) fn send(conversation: ConversationId, items: Vec<SendItem>) -> ClientMessage {
    ClientMessage::Send(Send {
        conversation,
        sealed_no: 0,
        items,
    })
}

pub(crate) fn fetch(after: u64) -> ClientMessage {
    ClientMessage::Fetch {
        conversation: CONVERSATION,
        after,
        limit: 100,
    }
}

pub(crate) fn failed(code: FailureCode) -> ServerMessage {
    ServerMessage::Failed {
        code,
        retry_after_ms: 0,
    }
}

/// Alice and Bob, both online, both live in a conversation whose head is 2.
pub(crate) struct Pair {
    pub(crate) stage: Stage,
    pub(crate) alice: Person,
    pub(crate) bob: Person,
    pub(crate) at_alice: ConnectionId,
    pub(crate) at_bob: ConnectionId,
}

impl Pair {
    pub(crate) fn live() -> Self {
        Self::live_with(HubConfig::default())
    }

    pub(crate) fn live_with(config: HubConfig) -> Self {
        let mut stage = Stage::with_config(config);
        let (mut alice, mut bob) = (Person::new("alice"), Person::new("bob"));
        stage.enrol(&mut alice);
        stage.enrol(&mut bob);
        let (at_alice, at_bob) = (stage.online(&alice), stage.online(&bob));
        stage.found(at_alice, &mut alice);
        stage.add(at_alice, &mut alice, &mut bob);
        stage.join(at_bob, &mut bob);
        stage.pass(1_000);
        stage.take_all(at_alice);
        for connection in [at_alice, at_bob] {
            assert_eq!(stage.go_live(connection, 2).0.head, 2);
        }
        Self {
            stage,
            alice,
            bob,
            at_alice,
            at_bob,
        }
    }

    /// Alice says something; its number.
    pub(crate) fn alice_says(&mut self, text: &str) -> u64 {
        let item = self.alice.message(CONVERSATION, text);
        self.stage.accept(self.at_alice, item)
    }
}
