//! The thread that owns the log.
//!
//! It takes what is queued, in order. Appends that stand next to each other go into one
//! transaction (group commit): nobody waits for a timer, and under load one sync to disk serves
//! many senders.

use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Instant;

use tokio::sync::{mpsc, oneshot};
use tracing::{debug, error};

use crate::Now;
use crate::clock::Clock;
use crate::folder::Folder;
use crate::hub::{Event, Ticket};
use crate::log::{
    AppendRequest, BATCH_BYTES_MAX, BATCH_ITEMS_MAX, LogError, ReadRequest, SqliteLog,
};
use crate::metrics::{LogCall, Metrics};

/// Commands that may wait for the log. An append holds up to one frame, so this bounds memory.
pub(super) const COMMANDS_MAX: usize = 256;

/// Something the log is to do.
pub(super) enum LogCommand {
    Append {
        ticket: Ticket,
        request: AppendRequest,
    },
    Read {
        ticket: Ticket,
        request: ReadRequest,
    },
    Account(AccountWork),
    /// Finish what is queued, then end.
    Stop,
}

type AccountWork = Box<dyn FnOnce(&mut SqliteLog, Now) -> LogCall + Send>;

/// The log has ended, or its answer is lost with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the log is not available")]
pub(crate) struct Unavailable;

/// The way to the log for account routes.
#[derive(Debug, Clone)]
pub(crate) struct LogHandle {
    commands: mpsc::Sender<LogCommand>,
}

impl LogHandle {
    /// Does something with the log, on its thread, and waits for the result.
    pub(crate) async fn call<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut SqliteLog, Now) -> Result<T, LogError> + Send + 'static,
    ) -> Result<T, Unavailable> {
        let (answer, answered) = oneshot::channel();
        let account_work: AccountWork = Box::new(move |log, now| {
            let result = work(log, now);
            let outcome = judge(&result);
            // Whoever asked may have gone away.
            let _ = answer.send(result);
            outcome
        });
        self.commands
            .send(LogCommand::Account(account_work))
            .await
            .map_err(|_| Unavailable)?;
        match answered.await {
            Ok(Ok(value)) => Ok(value),
            Ok(Err(_)) | Err(_) => Err(Unavailable),
        }
    }

    pub(super) fn commands(&self) -> mpsc::Sender<LogCommand> {
        self.commands.clone()
    }
}

/// What the thread works with.
pub(super) struct LogThread {
    pub(super) log: SqliteLog,
    /// Given back only after the log is closed.
    pub(super) folder: Arc<Folder>,
    pub(super) clock: Clock,
    pub(super) metrics: Arc<Metrics>,
    /// Where results for the hub go.
    pub(super) results: mpsc::Sender<Event>,
}

impl LogThread {
    /// Starts the thread.
    pub(super) fn start(self) -> std::io::Result<(LogHandle, JoinHandle<()>)> {
        let (commands, waiting) = mpsc::channel(COMMANDS_MAX);
        let thread = std::thread::Builder::new()
            .name("whimbrel-log".to_owned())
            .spawn(move || self.run(waiting))?;
        Ok((LogHandle { commands }, thread))
    }

    fn run(mut self, mut waiting: mpsc::Receiver<LogCommand>) {
        let mut next = None;
        while let Some(command) = next.take().or_else(|| waiting.blocking_recv()) {
            match command {
                LogCommand::Append { ticket, request } => {
                    let mut batch = Batch::default();
                    batch.push(ticket, request);
                    next = batch.fill(&mut waiting);
                    self.append(batch);
                }
                LogCommand::Read { ticket, request } => {
                    let answer = self.log.read(&request, self.clock.now());
                    self.metrics.log_call(judge(&answer));
                    self.report(Event::Answered { ticket, answer });
                }
                LogCommand::Account(work) => {
                    let outcome = work(&mut self.log, self.clock.now());
                    self.metrics.log_call(outcome);
                    for news in self.log.take_news() {
                        self.report(Event::Manifest(news));
                    }
                }
                LogCommand::Stop => waiting.close(),
            }
        }
        judge(&self.log.checkpoint());
        drop(self.log);
        drop(self.folder);
        debug!("the log is closed");
    }

    fn append(&mut self, batch: Batch) {
        let started = Instant::now();
        let result = self.log.append(&batch.requests, self.clock.now());
        self.metrics.log_call(judge(&result));
        self.metrics
            .log_batch_seconds
            .observe(started.elapsed().as_secs_f64());
        self.metrics.log_batches.inc();
        self.metrics
            .log_items
            .inc_by(u64::try_from(batch.items).unwrap_or(u64::MAX));
        match result {
            Ok(outcomes) => {
                for (ticket, outcome) in batch.tickets.into_iter().zip(outcomes) {
                    let result = Ok(outcome);
                    self.report(Event::Appended { ticket, result });
                }
            }
            Err(error) => match *batch.tickets {
                [ticket] => {
                    let result = Err(error);
                    self.report(Event::Appended { ticket, result });
                }
                _ => self.append_one_by_one(batch),
            },
        }
    }

    /// One request that makes a transaction fail must not take the others with it.
    fn append_one_by_one(&mut self, batch: Batch) {
        for (ticket, request) in batch.tickets.into_iter().zip(batch.requests) {
            let mut alone = Batch::default();
            alone.push(ticket, request);
            self.append(alone);
        }
    }

    fn report(&self, event: Event) {
        // The hub ends first only when the server is stopped without draining.
        let _ = self.results.blocking_send(event);
    }
}

/// Appends that go into one transaction.
#[derive(Default)]
struct Batch {
    tickets: Vec<Ticket>,
    requests: Vec<AppendRequest>,
    items: usize,
    bytes: usize,
}

impl Batch {
    fn push(&mut self, ticket: Ticket, request: AppendRequest) {
        self.items += request.items.len();
        self.bytes += request.bytes();
        self.tickets.push(ticket);
        self.requests.push(request);
    }

    fn has_room_for(&self, request: &AppendRequest) -> bool {
        self.items + request.items.len() <= BATCH_ITEMS_MAX
            && self.bytes + request.bytes() <= BATCH_BYTES_MAX
    }

    /// Takes the appends that are queued; returns the first command that can't go along.
    fn fill(&mut self, waiting: &mut mpsc::Receiver<LogCommand>) -> Option<LogCommand> {
        loop {
            match waiting.try_recv() {
                Ok(LogCommand::Append { ticket, request }) if self.has_room_for(&request) => {
                    self.push(ticket, request);
                }
                Ok(other) => return Some(other),
                Err(_) => return None,
            }
        }
    }
}

/// Whether the log worked; where not, says so to the operator. The errors of SQLite name tables
/// and columns, never values.
fn judge<T>(result: &Result<T, LogError>) -> LogCall {
    match result {
        Ok(_) => LogCall::Worked,
        Err(error) => {
            let cause = std::error::Error::source(error).map(ToString::to_string);
            error!(%error, cause, "the log failed");
            LogCall::Failed
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

    use whimbrel_protocol::envelope::ItemKind;
    use whimbrel_protocol::frame::SendItem;
    use whimbrel_protocol::{ClientId, ConversationId, DeviceId, UserId};

    use super::*;
    use crate::log::{Answer, LogOptions};

    fn append(ticket: u64, payload_bytes: usize) -> LogCommand {
        let item = SendItem {
            client_id: ClientId::from_bytes([1; 16]),
            kind: ItemKind::Message,
            epoch: 0,
            counter: 1,
            silent: false,
            payload: vec![0; payload_bytes],
            founding: None,
            welcome: None,
        };
        LogCommand::Append {
            ticket: Ticket(ticket),
            request: AppendRequest {
                user: UserId::from_bytes([1; 16]),
                device: DeviceId::from_bytes([2; 16]),
                conversation: ConversationId::from_bytes([3; 16]),
                sealed_no: 1,
                items: vec![item],
            },
        }
    }

    fn read(ticket: u64) -> LogCommand {
        LogCommand::Read {
            ticket: Ticket(ticket),
            request: ReadRequest::FetchInbox {
                device: DeviceId::from_bytes([2; 16]),
                after: 0,
            },
        }
    }

    /// Runs the thread on these commands, all of them queued beforehand; gives the tickets in
    /// the order of their results, and the number of batches.
    fn run(commands: Vec<LogCommand>) -> (Vec<u64>, u64) {
        let data = tempfile::tempdir().unwrap();
        let folder = Arc::new(Folder::open(data.path()).unwrap());
        let clock = Clock::start();
        let metrics = Arc::new(Metrics::new());
        let options = LogOptions {
            path: folder.file("whimbrel.db"),
            vfs: None,
        };
        let (results, mut reported) = mpsc::channel(1_000);
        let thread = LogThread {
            log: SqliteLog::open(&options, [0; 32], clock.now()).unwrap(),
            folder,
            clock,
            metrics: Arc::clone(&metrics),
            results,
        };
        let (queue, waiting) = mpsc::channel(1_000);
        for command in commands {
            queue.try_send(command).unwrap();
        }
        queue.try_send(LogCommand::Stop).unwrap();
        thread.run(waiting);

        let mut tickets = Vec::new();
        while let Ok(event) = reported.try_recv() {
            match event {
                Event::Appended { ticket, result } => {
                    assert_eq!(result.unwrap().appended, None);
                    tickets.push(ticket.0);
                }
                Event::Answered { ticket, answer } => {
                    assert!(matches!(answer.unwrap(), Answer::Inbox { .. }));
                    tickets.push(ticket.0);
                }
                other => unreachable!("{other:?}"),
            }
        }
        (tickets, metrics.log_batches.get())
    }

    #[test]
    fn what_is_queued_goes_into_one_transaction() {
        let (tickets, batches) = run((0..100).map(|ticket| append(ticket, 1)).collect());
        assert_eq!(tickets, (0..100).collect::<Vec<_>>());
        assert_eq!(batches, 1);
    }

    #[test]
    fn batches_are_bounded_in_items_and_in_bytes() {
        let (tickets, batches) = run((0..300).map(|ticket| append(ticket, 1)).collect());
        assert_eq!((tickets.len(), batches), (300, 2));
        let (tickets, batches) = run((0..50).map(|ticket| append(ticket, 48 * 1024)).collect());
        assert_eq!((tickets.len(), batches), (50, 3));
    }

    #[test]
    fn reads_keep_their_place() {
        let commands = vec![append(0, 1), append(1, 1), read(2), append(3, 1), read(4)];
        let (tickets, batches) = run(commands);
        assert_eq!(tickets, [0, 1, 2, 3, 4]);
        assert_eq!(batches, 2);
    }
}
