//! What a client tells the app's log: steps of its life, calls that fail, and how the connection
//! goes. Never content, names, ids, keys or tokens.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::{SystemTime, UNIX_EPOCH};

use whimbrel::Client;
use whimbrel::types::{Alarm, Connection};

use crate::error::{ErrorCode, Result, WhimbrelError};
use crate::guard;
use crate::platform::{LogLevel, LogRecord, LogSink};

/// What is told of the connection, when it has changed.
type News = (Connection, Option<Alarm>, Option<whimbrel::ErrorCode>);

/// Lines that wait for the app; more are left out.
const LINES_MAX: usize = 256;

/// The log of one client. Without a sink it does nothing. Clones are the same log.
#[derive(Clone)]
pub(crate) struct Log(Option<Lines>);

#[derive(Clone)]
struct Lines {
    sender: SyncSender<LogRecord>,
    left_out: Arc<AtomicU64>,
}

impl Log {
    /// Starts the thread that hands lines to the app. It ends with the last clone of the log.
    ///
    /// # Errors
    /// `Internal` where the system grants no thread.
    pub(crate) fn start(sink: Option<Arc<dyn LogSink>>) -> Result<Self> {
        let Some(sink) = sink else {
            return Ok(Self(None));
        };
        let (sender, lines) = sync_channel(LINES_MAX);
        let left_out = Arc::new(AtomicU64::new(0));
        let counter = Arc::clone(&left_out);
        let thread = std::thread::Builder::new().name("whimbrel-log".into());
        let started = thread.spawn(move || hand_over(sink.as_ref(), &lines, &counter));
        started.map_err(|error| {
            WhimbrelError::new(
                ErrorCode::Internal,
                format!("no thread for the log: {error}"),
            )
        })?;
        Ok(Self(Some(Lines { sender, left_out })))
    }

    /// A step in the life of the client.
    pub(crate) fn step(&self, text: &str) {
        self.line(LogLevel::Info, || text.to_owned());
    }

    /// What a call has come to, if it failed.
    pub(crate) fn failure<T>(&self, call: &str, result: &Result<T>) {
        let Err(error) = result else { return };
        let level = match error.code() {
            ErrorCode::Internal | ErrorCode::Damaged | ErrorCode::RolledBack => LogLevel::Error,
            _ => LogLevel::Warning,
        };
        self.line(level, || format!("{call} has failed: {error}"));
    }

    /// Tells how the connection goes, for as long as the client is there.
    ///
    /// # Errors
    /// `Internal` where there are no threads.
    pub(crate) fn follow(&self, client: &Arc<Client>) -> Result<()> {
        if self.0.is_none() {
            return Ok(());
        }
        // It must not keep the client open.
        let (changes, client, log) = (client.subscribe(), Arc::downgrade(client), self.clone());
        guard::runtime()?.spawn(async move {
            let mut told = None;
            while changes.next_batch(LINES_MAX).await.is_ok() {
                let Some(state) = client.upgrade().map(|client| client.state()) else {
                    break;
                };
                let news = (state.connection, state.alarm, state.last_error);
                if told != Some(news) {
                    log.connection(news);
                    told = Some(news);
                }
            }
            log.step("the client has ended");
        });
        Ok(())
    }

    fn connection(&self, (connection, alarm, error): News) {
        let level = match (alarm, error) {
            (Some(_), _) => LogLevel::Error,
            (None, Some(_)) => LogLevel::Warning,
            (None, None) => LogLevel::Info,
        };
        self.line(level, || {
            let mut text = format!("connection: {connection:?}");
            if let Some(alarm) = alarm {
                text.push_str(&format!(", alarm: {alarm:?}"));
            }
            if let Some(error) = error {
                text.push_str(&format!(", last error: {error}"));
            }
            text
        });
    }

    fn line(&self, level: LogLevel, text: impl FnOnce() -> String) {
        let Some(lines) = &self.0 else { return };
        let line = LogRecord {
            level,
            time_ms: now_ms(),
            text: text(),
        };
        if lines.sender.try_send(line).is_err() {
            lines.left_out.fetch_add(1, Ordering::Relaxed);
        }
    }
}

fn hand_over(sink: &dyn LogSink, lines: &Receiver<LogRecord>, left_out: &AtomicU64) {
    while let Ok(line) = lines.recv() {
        // What the app does not take is lost; there is nobody to tell.
        let _ = sink.log(line);
        let count = left_out.swap(0, Ordering::Relaxed);
        if count > 0 {
            let _ = sink.log(LogRecord {
                level: LogLevel::Warning,
                time_ms: now_ms(),
                text: format!("{count} lines came too fast and were left out"),
            });
        }
    }
}

fn now_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| {
        i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
    })
}
