//! `whimbrel`: a terminal client on the public API of the library, and nothing below it.
//!
//! Without `--json` it is [`interactive`]: for a person at a terminal. With `--json` it is
//! [`json`]: one JSON object per line in and out, so that a harness in any language can drive
//! real clients (docs/CLI.md). Both turn what they read into a [`command::Command`] and leave the
//! rest to the library; this program decides nothing about chat.

use std::process::ExitCode;

use clap::Parser;
use whimbrel::Client;

mod options;

mod input;

mod command;

mod shape;

mod linking;

mod json;

mod interactive;

mod show;

/// How much of the event stream is taken at once.
const CHANGES_PER_BATCH: usize = 256;

fn main() -> ExitCode {
    let options = options::Options::parse();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build();
    let outcome = match runtime {
        Ok(runtime) => runtime.block_on(run(options)),
        Err(error) => Err(format!("no asynchronous runtime: {error}")),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(reason) => {
            show::complain(&format!("whimbrel: {reason}"));
            ExitCode::FAILURE
        }
    }
}

async fn run(options: options::Options) -> Result<(), String> {
    let as_json = options.json;
    let opened = Client::open(options.into_client_options()?).await;
    let client = opened.map_err(|error| error.to_string())?;
    let lines = input::lines_of_stdin();
    if as_json {
        json::run(&client, lines).await;
    } else {
        interactive::run(&client, lines).await;
    }
    client.shutdown().await.map_err(|error| error.to_string())
}
