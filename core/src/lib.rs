//! Whimbrel: an offline-first, end-to-end encrypted chat core for mobile apps.
//!
//! # Example
//!
//! ```no_run
//! use whimbrel::client::{Client, DatabaseKey, Options};
//! use whimbrel::types::{Page, Person};
//!
//! async fn hello(key: [u8; 32]) -> whimbrel::Result<()> {
//!     let server = "https://chat.example.org";
//!     let client = Client::open(Options::new("data/alice", DatabaseKey::from_bytes(key), server)).await?;
//!     client.register("alice", "a long password").await?;
//!
//!     let changes = client.subscribe();
//!
//!     // Durable when they return, with or without a network.
//!     let chat = client.create_direct(Person::Username("bob".into())).await?;
//!     client.send(chat, "Hello Bob").await?;
//!
//!     // Changes say what to read again; they carry ids only.
//!     loop {
//!         changes.next_batch(64).await?;
//!         for message in client.messages(chat, Page::Newest, 50).await? {
//!             println!("{:?} {:?}", message.kind, message.delivery);
//!         }
//!     }
//! }
//! ```
//!
//! # Inside
//!
//! ```text
//! COMMAND  ui ─▶ one transaction: message row (queued) + outbox intent ─▶ Ok(message id)
//! SEAL     conversation live and at its turn ─▶ one transaction: MLS encrypt, keep the bytes ─▶ socket
//! ACK      ─▶ one transaction: number and server time on the rows ("sent")
//! RECEIVE  envelopes in order ─▶ one transaction: MLS process, check, rows, cursor
//!          ─▶ commit ─▶ acknowledge to the server ─▶ change notice (ids only)
//! READ     ui ─▶ query on a read connection ─▶ plain records
//! ```
//!
//! Apps use [`Client`]. Everything below it is a machine without clock, socket or thread:
//! the [`engine`], which the simulator drives with virtual time.

pub mod types;

pub mod error;

pub mod env;

pub mod event;

pub mod engine;

pub mod query;

mod command;
mod devices;
mod direct;
mod groups;
mod identity;
mod inbound;
mod order;
mod outbox;
mod sync;
mod taken_back;

pub mod notify;

pub mod store;

pub mod client;

mod driver;
mod transport;
mod ws;

pub use client::{Client, Options};
pub use error::{Error, ErrorCode, Result};
