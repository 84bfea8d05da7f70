//! `whimbrel-server`: the reference server of Whimbrel.

use std::io::Write as _;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use tracing::error;
use whimbrel_server::config::{Config, EXAMPLE};
use whimbrel_server::runtime::{Running, Server, check};
use whimbrel_server::{drain, logging};

/// The reference server of Whimbrel: one binary, one folder.
///
/// It prints its address and the fingerprint of its certificate on standard output, and logs on
/// standard error. SIGTERM or SIGINT drains it; a second one ends it at once.
#[derive(Debug, Parser)]
#[command(name = "whimbrel-server", version, about, verbatim_doc_comment)]
struct Options {
    /// Read this configuration file (TOML); see --print-config.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Keep everything in this folder [default: ./whimbrel-data]
    #[arg(long, value_name = "FOLDER")]
    data: Option<PathBuf>,
    /// Listen on this IP address and port; port 0 takes a free one [default: 127.0.0.1:8443]
    #[arg(long, value_name = "ADDR")]
    listen: Option<SocketAddr>,
    /// Check the configuration, say whether it is good, and end.
    #[arg(long)]
    check_config: bool,
    /// Print a commented configuration that states the defaults, and end.
    #[arg(long)]
    print_config: bool,
}

/// Exit code of a server that did not start because of what it was told.
const BAD_CONFIGURATION: u8 = 2;

fn main() -> ExitCode {
    let options = Options::parse();
    if options.print_config {
        return say(EXAMPLE);
    }
    let config = match configuration(&options) {
        Ok(config) => config,
        Err(message) => return complain(&message),
    };
    if options.check_config {
        return match check(&config) {
            Ok(()) => say("the configuration is good\n"),
            Err(error) => complain(&error.to_string()),
        };
    }
    let lines = logging::subscriber(&config.log, std::io::stderr);
    if tracing::subscriber::set_global_default(lines).is_err() {
        return complain("something else logs in this process");
    }
    match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime.block_on(run(config)),
        Err(error) => complain(&format!("no threads to run on: {error}")),
    }
}

fn configuration(options: &Options) -> Result<Config, String> {
    let mut config = match &options.config {
        Some(file) => Config::read(file).map_err(|error| error.to_string())?,
        None => Config::default(),
    };
    if let Some(data) = &options.data {
        config.data.clone_from(data);
    }
    if let Some(listen) = options.listen {
        config.listen = listen;
    }
    Ok(config)
}

async fn run(config: Config) -> ExitCode {
    // Before the server runs, so that no signal finds the system's default, which is to kill.
    let mut signals = match drain::Signals::listen() {
        Ok(signals) => signals,
        Err(error) => return complain(&format!("can't wait for signals: {error}")),
    };
    let running = match Server::start(config).await {
        Ok(running) => running,
        Err(error) => {
            error!(%error, "not started");
            return complain(&error.to_string());
        }
    };
    announce(&running);
    signals.next().await;
    tokio::select! {
        () = running.shutdown() => ExitCode::SUCCESS,
        // Not an exit code of `main`: nothing may be waited for any more.
        () = signals.next() => std::process::exit(1),
    }
}

/// Tells whoever started the server where it is and how to recognise it.
fn announce(running: &Running) {
    say(&format!(
        "listening on https://{}\ncertificate SHA-256 {}\n",
        running.address, running.fingerprint
    ));
}

fn say(text: &str) -> ExitCode {
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

fn complain(message: &str) -> ExitCode {
    // Where standard error is gone, the exit code still says it.
    let _ = writeln!(std::io::stderr(), "whimbrel-server: {message}");
    ExitCode::from(BAD_CONFIGURATION)
}
