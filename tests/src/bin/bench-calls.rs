//! Measures two calls of the library in Rust: what the same ones from Kotlin and Swift are compared
//! with. `cargo xtask bench ffi` starts it.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a program whose output is for whoever started it"
)]

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use clap::Parser;
use whimbrel::client::Network;
use whimbrel::store::DatabaseKey;
use whimbrel::types::Change;
use whimbrel::{Client, Error};
use whimbrel_protocol::account::from_hex;

/// Measures calls, and prints microseconds: of a query, and of an edit with its event.
#[derive(Debug, Parser)]
struct Options {
    /// The server's address.
    #[arg(long)]
    server: String,
    /// The fingerprint of its certificate.
    #[arg(long)]
    fingerprint: String,
    /// The data folder.
    #[arg(long)]
    data: PathBuf,
    /// How often each call is made.
    #[arg(long)]
    calls: u32,
}

#[tokio::main]
async fn main() -> ExitCode {
    match measure(Options::parse()).await {
        Ok((query_us, event_us)) => {
            println!("{query_us:.1} {event_us:.1}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("bench-calls: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn measure(options: Options) -> Result<(f64, f64), Error> {
    let key = DatabaseKey::from_bytes([7; 32]);
    let mut open = whimbrel::client::Options::new(options.data, key, options.server);
    open.pinned_fingerprint =
        from_hex(&options.fingerprint.replace(':', "")).and_then(|bytes| bytes.try_into().ok());
    let client = Client::open(open).await?;
    client.register("rust", "correct horse battery").await?;
    let group = client.create_group("Birds", Vec::new()).await?;
    client.set_network(Network::Down).await?;
    let message = client.send(group, "text").await?;

    let started = Instant::now();
    for _ in 0..options.calls {
        client.conversation(group).await?;
    }
    let query_us = micros_each(started, options.calls);

    let changes = client.subscribe();
    let started = Instant::now();
    for number in 0..options.calls {
        client
            .edit(group, message, format!("text {number}"))
            .await?;
        while !changes
            .next_batch(64)
            .await?
            .contains(&Change::Messages(group))
        {}
    }
    let event_us = micros_each(started, options.calls);
    client.shutdown().await?;
    Ok((query_us, event_us))
}

fn micros_each(started: Instant, calls: u32) -> f64 {
    started.elapsed().as_secs_f64() * 1e6 / f64::from(calls)
}
