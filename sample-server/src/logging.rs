//! Log lines: what happened to the server, never what anybody said or who they are.
//!
//! Lines name connections by their number and nothing else. Libraries do not log at all,
//! because nobody has checked what they would write.

use tracing::Subscriber;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::Layer as _;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::registry::Registry;

use crate::config::{LogConfig, LogFormat, LogLevel};

/// Where the lines of this crate come from.
const OWN_TARGET: &str = "whimbrel_server";

/// What takes the log lines of the server and writes those that are asked for.
pub fn subscriber<W>(config: &LogConfig, writer: W) -> Box<dyn Subscriber + Send + Sync>
where
    W: for<'writer> MakeWriter<'writer> + Send + Sync + 'static,
{
    let level = match config.level {
        LogLevel::Error => LevelFilter::ERROR,
        LogLevel::Warn => LevelFilter::WARN,
        LogLevel::Info => LevelFilter::INFO,
        LogLevel::Debug => LevelFilter::DEBUG,
        LogLevel::Trace => LevelFilter::TRACE,
    };
    let own = Targets::new().with_target(OWN_TARGET, level);
    let lines = tracing_subscriber::fmt::layer().with_writer(writer);
    let layer = match config.format {
        LogFormat::Text => lines.with_ansi(false).with_filter(own).boxed(),
        LogFormat::Json => lines.json().with_filter(own).boxed(),
    };
    Box::new(Registry::default().with(layer))
}
