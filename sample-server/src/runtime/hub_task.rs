//! The task that owns the hub: events in by bounded channels, effects out.
//!
//! Nothing here waits for a slow client or a slow disk while others could be served. What does
//! not fit into the log's queue waits in order here, and as long as something does, no further
//! frame is taken from the sockets. What does not fit into a client's queue ends its connection.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::{Notify, mpsc, watch};
use tracing::{debug, trace};
use whimbrel_protocol::frame::GoAwayReason;

use super::Phase;
use super::log_thread::LogCommand;
use super::outgoing::{GoAway, Outgoing, Waiting};
use crate::clock::Clock;
use crate::hub::{ConnectionId, Effect, Event, Hub, HubConfig};
use crate::metrics::{Limit, Metrics};

/// Events of all sockets that may wait for the hub. Each holds up to one frame.
const EVENTS_MAX: usize = 256;
/// When a client that was too slow may come back.
const TOO_SLOW_RETRY_MS: u32 = 1_000;

/// What a socket tells the hub. The queue to the client travels with the news of it.
pub(crate) struct SocketEvent {
    pub(crate) event: Event,
    pub(crate) outgoing: Option<Outgoing>,
}

/// The way of the sockets to the hub.
#[derive(Debug, Clone)]
pub(crate) struct HubHandle {
    events: mpsc::Sender<SocketEvent>,
    last_connection: Arc<AtomicU64>,
}

impl HubHandle {
    /// A number for a new connection.
    pub(crate) fn next_connection(&self) -> ConnectionId {
        ConnectionId(self.last_connection.fetch_add(1, Ordering::Relaxed) + 1)
    }

    /// Tells the hub something; waits where it has much to do. `false` once the hub has ended.
    pub(crate) async fn tell(&self, event: SocketEvent) -> bool {
        self.events.send(event).await.is_ok()
    }

    /// Whether the hub is there. It ends with the log.
    pub(crate) fn is_up(&self) -> bool {
        !self.events.is_closed()
    }

    /// Returns once the hub has ended.
    pub(crate) async fn ended(&self) {
        self.events.closed().await;
    }
}

/// What the task works with.
pub(super) struct HubTask {
    hub: Hub,
    clock: Clock,
    metrics: Arc<Metrics>,
    sockets: BTreeMap<ConnectionId, Outgoing>,
    /// Requests to the log that did not fit into its queue yet.
    waiting: VecDeque<LogCommand>,
    wake_at_ms: Option<i64>,
    log_state: LogState,
    drained: Arc<Notify>,
}

/// Whether the log takes requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum LogState {
    Up,
    Ended,
}

/// The channels of the task.
pub(super) struct HubChannels {
    pub(super) events: mpsc::Receiver<SocketEvent>,
    pub(super) results: mpsc::Receiver<Event>,
    pub(super) log: mpsc::Sender<LogCommand>,
    pub(super) phase: watch::Receiver<Phase>,
}

/// A channel of socket events, and the handle to it.
pub(super) fn channel() -> (HubHandle, mpsc::Receiver<SocketEvent>) {
    let (events, waiting) = mpsc::channel(EVENTS_MAX);
    let handle = HubHandle {
        events,
        last_connection: Arc::default(),
    };
    (handle, waiting)
}

impl HubTask {
    pub(super) fn new(
        config: HubConfig,
        clock: Clock,
        metrics: Arc<Metrics>,
        drained: Arc<Notify>,
    ) -> Self {
        Self {
            hub: Hub::new(config),
            clock,
            metrics,
            sockets: BTreeMap::new(),
            waiting: VecDeque::new(),
            wake_at_ms: None,
            log_state: LogState::Up,
            drained,
        }
    }

    /// Runs until the server stops.
    pub(super) async fn run(mut self, mut channels: HubChannels) {
        loop {
            let wake = self.wake_at_ms.map(|mono_ms| self.clock.at(mono_ms));
            tokio::select! {
                biased;
                room = channels.log.reserve(), if !self.waiting.is_empty() => {
                    let Ok(room) = room else { break };
                    if let Some(command) = self.waiting.pop_front() {
                        room.send(command);
                    }
                }
                Some(result) = channels.results.recv() => self.handle(result),
                changed = channels.phase.changed() => {
                    if changed.is_err() {
                        break;
                    }
                    let phase = *channels.phase.borrow_and_update();
                    match phase {
                        Phase::Running | Phase::Noticed => {}
                        Phase::Draining { over_ms } => self.hub.drain(self.clock.now(), over_ms),
                        Phase::Stopped => break,
                    }
                }
                () = sleep_until(wake), if wake.is_some() => {
                    self.wake_at_ms = None;
                    self.handle(Event::Tick);
                }
                event = channels.events.recv(), if self.waiting.is_empty() => match event {
                    Some(event) => self.take(event),
                    None => break,
                },
            }
            self.perform(&channels.log);
            if self.log_state == LogState::Ended {
                break;
            }
            self.metrics.set_hub(self.hub.stats());
            if self.hub.is_drained() {
                self.drained.notify_one();
            }
        }
        debug!("the hub has ended");
    }

    fn take(&mut self, SocketEvent { event, outgoing }: SocketEvent) {
        if let (Event::Connected { connection, .. }, Some(outgoing)) = (&event, outgoing) {
            self.sockets.insert(*connection, outgoing);
        }
        if let Event::Closed { connection } = &event {
            self.sockets.remove(connection);
        }
        self.handle(event);
    }

    fn handle(&mut self, event: Event) {
        self.hub.handle(event, self.clock.now());
    }

    fn perform(&mut self, log: &mpsc::Sender<LogCommand>) {
        while let Some(effect) = self.hub.poll() {
            match effect {
                Effect::Send { connection, frame } => self.send(connection, frame.encode()),
                Effect::Append { ticket, request } => {
                    self.ask(log, LogCommand::Append { ticket, request });
                }
                Effect::Read { ticket, request } => {
                    self.ask(log, LogCommand::Read { ticket, request });
                }
                // There is no other node to tell.
                Effect::Hint { .. } => {}
                Effect::Close {
                    connection,
                    reason,
                    retry_after_ms,
                } => self.close(connection, GoAway::new(reason, retry_after_ms)),
                Effect::WakeAt { mono_ms } => self.wake_at_ms = Some(mono_ms),
            }
        }
    }

    fn ask(&mut self, log: &mpsc::Sender<LogCommand>, command: LogCommand) {
        if !self.waiting.is_empty() {
            self.waiting.push_back(command);
            return;
        }
        match log.try_send(command) {
            Ok(()) => {}
            Err(mpsc::error::TrySendError::Full(command)) => self.waiting.push_back(command),
            Err(mpsc::error::TrySendError::Closed(_)) => self.log_state = LogState::Ended,
        }
    }

    fn send(&mut self, connection: ConnectionId, frame: Vec<u8>) {
        let Some(outgoing) = self.sockets.get(&connection) else {
            return;
        };
        trace!(connection = connection.0, bytes = frame.len(), "frame out");
        if outgoing.push(Waiting::Frame(frame)).is_err() {
            self.metrics.limit(Limit::SlowClient);
            debug!(connection = connection.0, "too slow");
            if let Some(outgoing) = self.sockets.remove(&connection) {
                outgoing.cut(GoAway::new(GoAwayReason::TooSlow, TOO_SLOW_RETRY_MS));
            }
            self.handle(Event::Closed { connection });
        }
    }

    /// The last words stand behind what waits already, where there is room for them.
    fn close(&mut self, connection: ConnectionId, last: GoAway) {
        if let Some(outgoing) = self.sockets.remove(&connection)
            && outgoing.push(Waiting::Last(last)).is_err()
        {
            outgoing.cut(last);
        }
    }
}

async fn sleep_until(wake: Option<std::time::Instant>) {
    match wake {
        Some(instant) => tokio::time::sleep_until(instant.into()).await,
        None => std::future::pending().await,
    }
}
