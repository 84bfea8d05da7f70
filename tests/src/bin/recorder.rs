//! A proxy between clients and a server that ends TLS on both sides and writes down everything
//! that passes, so that a test can look for what must not be there.
//!
//! What it writes is what the server reads and writes after TLS: HTTP as it is, and of WebSocket
//! frames the payload, without the mask that RFC 6455 puts over what clients send.
//!
//! It prints one line, `ADDRESS FINGERPRINT`, when it is ready; clients pin that fingerprint.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a program whose output is for whoever started it"
)]

use std::io::{self, Write as _};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use clap::Parser;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use whimbrel_tests::middle::{Caller, Failure, Middle, Record};

/// A proxy that records what passes inside TLS.
#[derive(Debug, Parser)]
struct Options {
    /// Address of the server.
    #[arg(long)]
    upstream: SocketAddr,
    /// SHA-256 of the server's certificate.
    #[arg(long)]
    upstream_fingerprint: String,
    /// File to write to.
    #[arg(long)]
    record: PathBuf,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match serve(Options::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("recorder: {failure}");
            ExitCode::FAILURE
        }
    }
}

async fn serve(options: Options) -> Result<(), Failure> {
    let middle = Middle::start(options.upstream, &options.upstream_fingerprint).await?;
    println!("{}", middle.place()?);
    middle.serve(&options.record, relay).await
}

async fn relay(caller: Caller, record: Record) -> io::Result<()> {
    let sides = caller.connect().await?;
    let (from_client, to_client) = tokio::io::split(sides.client);
    let (from_server, to_server) = tokio::io::split(sides.server);
    // As soon as one side is gone, so is the other.
    tokio::select! {
        ended = copy(from_client, to_server, Stream::default(), Arc::clone(&record)) => ended,
        ended = copy(from_server, to_client, Stream::default(), record) => ended,
    }
}

async fn copy(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    mut stream: Stream,
    record: Record,
) -> io::Result<()> {
    let mut buffer = vec![0; 16 * 1024];
    loop {
        let count = from.read(&mut buffer).await?;
        let bytes = buffer.get(..count).unwrap_or_default();
        if bytes.is_empty() {
            return to.shutdown().await;
        }
        let clear = stream.take(bytes);
        record
            .lock()
            .map_err(|_| io::Error::other("the record is lost"))?
            .write_all(&clear)?;
        to.write_all(bytes).await?;
        to.flush().await?;
    }
}

/// One direction of a connection: HTTP until a header with `Upgrade: websocket` has ended, then
/// WebSocket frames.
#[derive(Debug, Default)]
struct Stream {
    header: Vec<u8>,
    frames: Option<Frame>,
}

/// Where in a WebSocket frame (RFC 6455, section 5.2) the next byte stands.
#[derive(Debug, Default)]
struct Frame {
    header: Vec<u8>,
    mask: [u8; 4],
    remaining: u64,
    position: usize,
}

impl Stream {
    /// The bytes without masks and frame headers.
    fn take(&mut self, bytes: &[u8]) -> Vec<u8> {
        let mut clear = Vec::with_capacity(bytes.len());
        for byte in bytes {
            match &mut self.frames {
                Some(frame) => clear.extend(frame.take(*byte)),
                None => {
                    clear.push(*byte);
                    self.take_http(*byte);
                }
            }
        }
        clear
    }

    fn take_http(&mut self, byte: u8) {
        const HEADER_BYTES_MAX: usize = 64 * 1024;
        self.header.push(byte);
        if self.header.ends_with(b"\r\n\r\n") {
            let text = String::from_utf8_lossy(&self.header).to_lowercase();
            if text.contains("upgrade: websocket") {
                self.frames = Some(Frame::default());
            }
            self.header.clear();
        } else if self.header.len() > HEADER_BYTES_MAX {
            self.header.clear();
        }
    }
}

impl Frame {
    /// The byte of payload that this byte stands for, if it does.
    fn take(&mut self, byte: u8) -> Option<u8> {
        if self.remaining == 0 {
            self.header.push(byte);
            self.begin_payload();
            return None;
        }
        let mask = self.mask.get(self.position % 4).copied().unwrap_or(0);
        self.position += 1;
        self.remaining -= 1;
        Some(byte ^ mask)
    }

    /// Reads the header once it is whole.
    fn begin_payload(&mut self) {
        let Some((first, rest)) = self.header.get(1..).and_then(<[u8]>::split_first) else {
            return;
        };
        let length_bytes = match first & 0x7f {
            126 => 2,
            127 => 8,
            _ => 0,
        };
        let mask_bytes = if first & 0x80 == 0 { 0 } else { 4 };
        let Some((length, mask)) = rest.split_at_checked(length_bytes) else {
            return;
        };
        if mask.len() < mask_bytes {
            return;
        }
        self.remaining = match length {
            [] => u64::from(first & 0x7f),
            bytes => bytes
                .iter()
                .fold(0, |length, byte| length << 8 | u64::from(*byte)),
        };
        self.mask = mask.try_into().unwrap_or_default();
        self.position = 0;
        self.header.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The masked "Hello" and the unmasked one of RFC 6455, section 5.7.
    const MASKED: [u8; 11] = [
        0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58,
    ];
    const UNMASKED: [u8; 7] = [0x81, 0x05, 0x48, 0x65, 0x6c, 0x6c, 0x6f];

    #[test]
    fn frames_are_unmasked_however_they_are_cut() {
        let upgrade = b"GET / HTTP/1.1\r\nUpgrade: websocket\r\n\r\n".as_slice();
        let mut bytes = upgrade.to_vec();
        bytes.extend_from_slice(&MASKED);
        bytes.extend_from_slice(&UNMASKED);
        // An empty frame, and one whose length takes two bytes.
        bytes.extend_from_slice(&[0x8a, 0x00, 0x82, 126, 0x01, 0x00]);
        bytes.extend_from_slice(&[b'x'; 256]);
        bytes.extend_from_slice(&UNMASKED);
        let expected = [upgrade, b"HelloHello", &[b'x'; 256], b"Hello"].concat();
        for size in [1, 3, bytes.len()] {
            let mut stream = Stream::default();
            let clear: Vec<u8> = bytes
                .chunks(size)
                .flat_map(|part| stream.take(part))
                .collect();
            assert_eq!(clear, expected, "in pieces of {size}");
        }
    }

    #[test]
    fn http_passes_as_it_is() {
        let bytes = b"POST /v1/token HTTP/1.1\r\n\r\n{\"a\":1}";
        assert_eq!(Stream::default().take(bytes), bytes);
    }
}
