//! A server that lies, for the demo: in the middle between clients and an honest server, it slips
//! a device of its own among those of every user whose key packages are asked for. Whoever adds
//! that user would add a listener. The signed list of the user's devices is beyond its reach, so
//! it leaves it as it is.
//!
//! It prints one line, `ADDRESS FINGERPRINT`, when it is ready. The key packages that it has
//! handed out it writes to a file.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a program whose output is for whoever started it"
)]

use std::fs::File;
use std::io::{self, Write as _};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Mutex;

use clap::Parser;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use whimbrel_mls::{
    Certificate, Crypto, Device, DeviceKey, IdentityKey, LastResort, Manifest, make_key_package,
};
use whimbrel_protocol::frame::{ClaimedDevice, ClaimedUser, ServerMessage};
use whimbrel_protocol::limits::FRAME_BYTES_MAX;
use whimbrel_protocol::{DeviceId, ServerFrame};
use whimbrel_tests::middle::{Caller, Failure, Middle, Record, Sides};

/// The id of each ghost: bytes that can be looked for in what passes.
const GHOST: DeviceId = DeviceId::from_bytes(*b"ghost-of-a-phone");
/// When its key packages expire: in the year 2096.
const EXPIRES_S: u64 = 4_000_000_000;
/// Longest HTTP header that is read.
const HEADER_BYTES_MAX: usize = 64 * 1024;
/// WebSocket (RFC 6455, section 5.2): the last frame of a message, and binary.
const FINAL_BINARY: u8 = 0x82;

/// A server that slips in devices.
#[derive(Debug, Parser)]
struct Options {
    /// Address of the honest server.
    #[arg(long)]
    upstream: SocketAddr,
    /// SHA-256 of its certificate.
    #[arg(long)]
    upstream_fingerprint: String,
    /// File for the key packages that were handed out.
    #[arg(long)]
    record: PathBuf,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match serve(Options::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("liar: {failure}");
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
    let Sides {
        mut client,
        mut server,
    } = caller.connect().await?;
    let request = read_header(&mut client).await?;
    server.write_all(&request).await?;
    server.flush().await?;
    if !asks_for_socket(&request) {
        tokio::io::copy_bidirectional(&mut client, &mut server).await?;
        return Ok(());
    }
    let answer = read_header(&mut server).await?;
    client.write_all(&answer).await?;
    client.flush().await?;
    let (mut from_client, mut to_client) = tokio::io::split(client);
    let (mut from_server, mut to_server) = tokio::io::split(server);
    tokio::select! {
        ended = tokio::io::copy(&mut from_client, &mut to_server) => ended.map(|_| ()),
        ended = lie(&mut from_server, &mut to_client, &record) => ended,
    }
}

fn asks_for_socket(header: &[u8]) -> bool {
    let text = String::from_utf8_lossy(header).to_lowercase();
    text.contains("upgrade: websocket")
}

async fn read_header(from: &mut (impl AsyncRead + Unpin)) -> io::Result<Vec<u8>> {
    let mut header = Vec::new();
    while !header.ends_with(b"\r\n\r\n") {
        if header.len() >= HEADER_BYTES_MAX {
            return Err(io::ErrorKind::InvalidData.into());
        }
        header.push(from.read_u8().await?);
    }
    Ok(header)
}

/// Passes on what the server says, and changes what it says about key packages.
async fn lie(
    from_server: &mut (impl AsyncRead + Unpin),
    to_client: &mut (impl AsyncWrite + Unpin),
    record: &Mutex<File>,
) -> io::Result<()> {
    loop {
        let first = from_server.read_u8().await?;
        let length = read_length(from_server).await?;
        let mut payload = vec![0; length];
        from_server.read_exact(&mut payload).await?;
        if first == FINAL_BINARY
            && let Ok(mut frame) = ServerFrame::decode(&payload)
            && let ServerMessage::ClaimedKeyPackages { users, .. } = &mut frame.message
        {
            for user in users {
                slip_in(user, record)?;
            }
            payload = frame.encode();
        }
        to_client
            .write_all(&frame_head(first, payload.len()))
            .await?;
        to_client.write_all(&payload).await?;
        to_client.flush().await?;
    }
}

/// The length of a frame of the server, which has no mask.
async fn read_length(from: &mut (impl AsyncRead + Unpin)) -> io::Result<usize> {
    let length = match from.read_u8().await? {
        126 => u64::from(from.read_u16().await?),
        127 => from.read_u64().await?,
        short => u64::from(short),
    };
    let length = usize::try_from(length).ok();
    length
        .filter(|length| *length <= FRAME_BYTES_MAX)
        .ok_or_else(|| io::ErrorKind::InvalidData.into())
}

fn frame_head(first: u8, length: usize) -> Vec<u8> {
    match (u8::try_from(length), u16::try_from(length)) {
        (Ok(short @ ..=125), _) => vec![first, short],
        (_, Ok(middle)) => [&[first, 126][..], &middle.to_be_bytes()].concat(),
        _ => [&[first, 127][..], &(length as u64).to_be_bytes()].concat(),
    }
}

/// Adds a ghost to the devices of a user.
fn slip_in(claimed: &mut ClaimedUser, record: &Mutex<File>) -> io::Result<()> {
    let Some(key_package) = ghost_of(claimed) else {
        return Ok(());
    };
    record
        .lock()
        .map_err(|_| io::Error::other("the record is lost"))?
        .write_all(&key_package)?;
    claimed.devices.push(ClaimedDevice {
        device: GHOST,
        key_package,
    });
    Ok(())
}

/// A key package in this user's name, in perfect order but for whose identity key has signed it.
fn ghost_of(claimed: &ClaimedUser) -> Option<Vec<u8>> {
    let manifest = Manifest::decode_and_verify(&claimed.manifest).ok()?;
    let genuine = manifest.devices.first()?.device;
    let username = &manifest.certificate(genuine)?.username;
    let identity = IdentityKey::from_seed([0x6e; 32]);
    let key = DeviceKey::from_seed([0x6f; 32]);
    let certificate =
        Certificate::issue(&identity, claimed.user, username, GHOST, key.public()).ok()?;
    let device = Device::new(certificate, key).ok()?;
    let crypto = Crypto::from_seed([0x70; 32]);
    let made = make_key_package(&crypto, &device, LastResort::No, EXPIRES_S).ok()?;
    Some(made.bytes)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

    use whimbrel_mls::{RecoveryCode, inspect_key_package};
    use whimbrel_protocol::UserId;

    use super::*;

    #[test]
    fn a_ghost_is_in_perfect_order_but_for_who_has_signed_it() {
        let user = UserId::from_bytes([1; 16]);
        let identity = IdentityKey::from_seed([2; 32]);
        let key = DeviceKey::from_seed([3; 32]).public();
        let phone = DeviceId::from_bytes([4; 16]);
        let certificate = Certificate::issue(&identity, user, "dave", phone, key).unwrap();
        let recovery_key = RecoveryCode::new([5; 16]).recovery_key();
        let manifest = Manifest::first(&identity, recovery_key, certificate).unwrap();
        let claimed = ClaimedUser {
            user,
            manifest: manifest.encode(),
            devices: Vec::new(),
        };
        let key_package = ghost_of(&claimed).unwrap();
        let info = inspect_key_package(&Crypto::from_seed([6; 32]), &key_package).unwrap();
        assert_eq!(info.certificate.user, user);
        assert_eq!(info.certificate.username, "dave");
        assert_ne!(info.certificate.identity_key, identity.public());
        assert!(!manifest.lists(GHOST));
    }

    #[tokio::test]
    async fn frame_heads_are_written_as_they_are_read() {
        for length in [0, 125, 126, 65_535, FRAME_BYTES_MAX] {
            let head = frame_head(FINAL_BINARY, length);
            let (first, mut rest) = head.split_first().unwrap();
            assert_eq!(*first, FINAL_BINARY);
            assert_eq!(read_length(&mut rest).await.unwrap(), length);
        }
        let mut too_long = &frame_head(FINAL_BINARY, FRAME_BYTES_MAX + 1)[1..];
        assert!(read_length(&mut too_long).await.is_err());
    }
}
