//! Counters for the operator's instruments, in the Prometheus text format. No label names a
//! user, a device, a conversation or an address.

use std::sync::atomic::{AtomicBool, Ordering};

use prometheus_client::encoding::{EncodeLabelSet, EncodeLabelValue};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::Registry;

use crate::http::Route;
use crate::hub::HubStats;

/// Label of [`Metrics::requests`].
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct RequestLabels {
    /// The route, as the server names it.
    pub route: Route,
    /// The HTTP status of the answer.
    pub status: u16,
}

/// Label of [`Metrics::limited`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct LimitLabels {
    /// Which limit.
    pub limit: Limit,
}

/// A limit that can be met.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EncodeLabelValue)]
pub enum Limit {
    /// Open connections of the server.
    OpenConnections,
    /// New connections of an address.
    Connections,
    /// Registrations of an address.
    Registrations,
    /// Token requests of an address.
    Tokens,
    /// Requests of an address about the linking of devices.
    Links,
    /// Wrong passwords for a name, or of an address.
    Passwords,
    /// Frames of a device.
    Frames,
    /// Items of a device.
    Items,
    /// What waits for a slow client.
    SlowClient,
}

/// Everything that is counted.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    /// HTTP requests answered.
    pub requests: Family<RequestLabels, Counter>,
    /// Times a limit was met.
    pub limited: Family<LimitLabels, Counter>,
    /// Open network connections.
    pub open_connections: Gauge,
    /// TLS handshakes that failed or took too long.
    pub failed_handshakes: Counter,
    /// Frames from clients.
    pub frames_in: Counter,
    /// Frames to clients.
    pub frames_out: Counter,
    /// Batches that the log appended.
    pub log_batches: Counter,
    /// Items in those batches, refused ones included.
    pub log_items: Counter,
    /// Calls of the log that failed.
    pub log_failures: Counter,
    /// Time of one batch.
    pub log_batch_seconds: Histogram,
    /// Passwords that were hashed or checked; for a name that nobody has, too.
    pub password_hashes: Counter,
    /// Refresh tokens that were presented a second time after their grace.
    pub refresh_reuse: Counter,
    hub: HubMetrics,
    log_works: AtomicBool,
}

/// The hub counts for itself; these are copies.
#[derive(Debug, Default)]
struct HubMetrics {
    connections: Gauge,
    ready: Gauge,
    live: Gauge,
    unanswered: Gauge,
    appended: Counter,
    pushed: Counter,
    starved: Counter,
    closed: Counter,
}

impl HubMetrics {
    fn register(&self, registry: &mut Registry) {
        let mut gauge = |name, help, gauge: &Gauge| registry.register(name, help, gauge.clone());
        gauge(
            "hub_connections",
            "Connections of the hub",
            &self.connections,
        );
        gauge("hub_ready", "Connections after Hello", &self.ready);
        gauge(
            "hub_live",
            "Conversations pushed to connections",
            &self.live,
        );
        gauge(
            "hub_unanswered",
            "Requests the log has not answered",
            &self.unanswered,
        );
        let mut counter =
            |name, help, counter: &Counter| registry.register(name, help, counter.clone());
        counter("hub_appended", "Items appended", &self.appended);
        counter("hub_pushed", "Envelopes pushed", &self.pushed);
        counter(
            "hub_starved",
            "Falls from pushing to fetching",
            &self.starved,
        );
        counter("hub_closed", "Connections closed by the hub", &self.closed);
    }
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}

impl Metrics {
    /// All counters at zero.
    #[must_use]
    pub fn new() -> Self {
        let mut metrics = Self {
            registry: Registry::default(),
            requests: Family::default(),
            limited: Family::default(),
            open_connections: Gauge::default(),
            failed_handshakes: Counter::default(),
            frames_in: Counter::default(),
            frames_out: Counter::default(),
            log_batches: Counter::default(),
            log_items: Counter::default(),
            log_failures: Counter::default(),
            log_batch_seconds: Histogram::new(exponential_buckets(0.000_5, 2.0, 14)),
            password_hashes: Counter::default(),
            refresh_reuse: Counter::default(),
            hub: HubMetrics::default(),
            log_works: AtomicBool::new(true),
        };
        let mut registry = Registry::with_prefix("whimbrel");
        metrics.register(&mut registry);
        metrics.hub.register(&mut registry);
        metrics.registry = registry;
        metrics
    }

    fn register(&self, registry: &mut Registry) {
        registry.register("requests", "HTTP requests answered", self.requests.clone());
        registry.register("limited", "Times a limit was met", self.limited.clone());
        registry.register(
            "open_connections",
            "Open network connections",
            self.open_connections.clone(),
        );
        registry.register(
            "log_batch_seconds",
            "Time of one batch",
            self.log_batch_seconds.clone(),
        );
        let mut counter =
            |name, help, counter: &Counter| registry.register(name, help, counter.clone());
        counter(
            "failed_handshakes",
            "Failed TLS handshakes",
            &self.failed_handshakes,
        );
        counter("frames_in", "Frames from clients", &self.frames_in);
        counter("frames_out", "Frames to clients", &self.frames_out);
        counter("log_batches", "Batches appended", &self.log_batches);
        counter("log_items", "Items in those batches", &self.log_items);
        counter(
            "log_failures",
            "Failed calls of the log",
            &self.log_failures,
        );
        counter(
            "password_hashes",
            "Passwords hashed or checked",
            &self.password_hashes,
        );
        counter(
            "refresh_reuse",
            "Refresh tokens used twice",
            &self.refresh_reuse,
        );
    }

    /// Counts an answered request.
    pub fn request(&self, route: Route, status: u16) {
        self.requests
            .get_or_create(&RequestLabels { route, status })
            .inc();
    }

    /// Counts a limit that was met.
    pub fn limit(&self, limit: Limit) {
        self.limited.get_or_create(&LimitLabels { limit }).inc();
    }

    /// Notes whether the last call of the log worked.
    pub fn log_call(&self, outcome: LogCall) {
        if outcome == LogCall::Failed {
            self.log_failures.inc();
        }
        self.log_works
            .store(outcome == LogCall::Worked, Ordering::Relaxed);
    }

    /// Whether the last call of the log worked.
    #[must_use]
    pub fn log_works(&self) -> bool {
        self.log_works.load(Ordering::Relaxed)
    }

    /// Copies the counts of the hub.
    pub fn set_hub(&self, stats: HubStats) {
        let gauge = |gauge: &Gauge, value: usize| {
            gauge.set(i64::try_from(value).unwrap_or(i64::MAX));
        };
        gauge(&self.hub.connections, stats.connections);
        gauge(&self.hub.ready, stats.ready);
        gauge(&self.hub.live, stats.live);
        gauge(&self.hub.unanswered, stats.unanswered);
        let counter = |counter: &Counter, value: u64| {
            counter.inner().store(value, Ordering::Relaxed);
        };
        counter(&self.hub.appended, stats.appended);
        counter(&self.hub.pushed, stats.pushed);
        counter(&self.hub.starved, stats.starved);
        counter(&self.hub.closed, stats.closed);
    }

    /// Everything, in the text format of OpenMetrics.
    #[must_use]
    pub fn encode(&self) -> String {
        let mut text = String::new();
        // Writing to a String can't fail.
        let _ = prometheus_client::encoding::text::encode(&mut text, &self.registry);
        text
    }
}

/// How a call of the log went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogCall {
    /// It did what it should; a refusal by its rules is part of that.
    Worked,
    /// It could not.
    Failed,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_show() {
        let metrics = Metrics::new();
        metrics.request(Route::Register, 429);
        metrics.limit(Limit::Registrations);
        metrics.set_hub(HubStats {
            connections: 3,
            appended: 7,
            ..HubStats::default()
        });
        let text = metrics.encode();
        for line in [
            "whimbrel_requests_total{route=\"Register\",status=\"429\"} 1",
            "whimbrel_limited_total{limit=\"Registrations\"} 1",
            "whimbrel_hub_connections 3",
            "whimbrel_hub_appended_total 7",
        ] {
            assert!(text.contains(line), "{line} is missing in\n{text}");
        }
    }
}
