//! Prints the payload of a push in hexadecimal: the envelopes of a conversation after a number,
//! read from a server's data folder. For the language tests.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a program whose output is for whoever started it"
)]

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use whimbrel_protocol::account::to_hex;
use whimbrel_tests::push;

/// Prints the payload of a push.
#[derive(Debug, Parser)]
struct Options {
    /// The server's data folder.
    #[arg(long)]
    server: PathBuf,
    /// Id of the conversation.
    #[arg(long)]
    conversation: String,
    /// The number after which the envelopes begin.
    #[arg(long, default_value_t = 0)]
    after: u64,
}

fn main() -> ExitCode {
    let options = Options::parse();
    let Ok(conversation) = options.conversation.parse() else {
        eprintln!("push-payload: this is no id");
        return ExitCode::FAILURE;
    };
    match push::payload(&options.server, conversation, options.after) {
        Ok(payload) => {
            println!("{}", to_hex(&payload));
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("push-payload: {error}");
            ExitCode::FAILURE
        }
    }
}
