//! Command-line options, and where the database key comes from.

use std::fs;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};

use clap::Parser;
use whimbrel::client::{DatabaseKey, Network};

/// A terminal client of Whimbrel.
#[derive(Debug, Parser)]
#[command(name = "whimbrel", version)]
pub(crate) struct Options {
    /// Address of the server.
    #[arg(long, value_name = "URL", default_value = "https://127.0.0.1:8443")]
    server: String,
    /// SHA-256 of the server's certificate, as the server prints it on start: trust this one
    /// certificate instead of the public authorities.
    #[arg(long, value_name = "HEX", value_parser = parse_fingerprint)]
    fingerprint: Option<[u8; 32]>,
    /// Folder of this client; one account lives in it.
    #[arg(long, value_name = "FOLDER", default_value = "whimbrel-client")]
    data: PathBuf,
    /// File with the database key: 32 bytes, or 64 hexadecimal digits. Made on the first start
    /// when it is not there [default: FOLDER.key, beside the data folder].
    #[arg(long, value_name = "FILE", conflicts_with = "key_fd")]
    key_file: Option<PathBuf>,
    /// Open file descriptor to read the database key from, so that it never lies on the disk.
    #[arg(long, value_name = "N")]
    key_fd: Option<u32>,
    /// Start as if there were no network.
    #[arg(long)]
    offline: bool,
    /// One JSON object per line in and out (docs/CLI.md).
    #[arg(long)]
    pub(crate) json: bool,
}

impl Options {
    /// What the library wants to know.
    pub(crate) fn into_client_options(self) -> Result<whimbrel::Options, String> {
        let key = match (self.key_fd, self.key_file) {
            (Some(descriptor), _) => key_from_file(Path::new(&format!("/dev/fd/{descriptor}")))?,
            (None, Some(file)) => key_from_file_or_new(&file, &self.data)?,
            (None, None) => key_from_file_or_new(&beside(&self.data), &self.data)?,
        };
        let mut options =
            whimbrel::Options::new(self.data, DatabaseKey::from_bytes(key), self.server);
        options.pinned_fingerprint = self.fingerprint;
        if self.offline {
            options.network = Network::Down;
        }
        Ok(options)
    }
}

fn beside(folder: &Path) -> PathBuf {
    let mut name = folder.file_name().unwrap_or_default().to_os_string();
    name.push(".key");
    folder.with_file_name(name)
}

/// Reads the key, or draws one for a data folder that does not exist yet. For one that does, a
/// new key could never be the right one.
fn key_from_file_or_new(file: &Path, data: &Path) -> Result<[u8; 32], String> {
    if file.exists() || data.exists() {
        return key_from_file(file);
    }
    let mut key = [0; 32];
    getrandom::fill(&mut key).map_err(|error| format!("no randomness for a key: {error}"))?;
    write_key(file, &key).map_err(|error| format!("can't write {}: {error}", file.display()))?;
    Ok(key)
}

/// Written beside and moved into place: a key cut short would lock its database for good.
fn write_key(file: &Path, key: &[u8; 32]) -> std::io::Result<()> {
    if let Some(parent) = file.parent() {
        fs::create_dir_all(parent)?;
    }
    let mut name = file.file_name().unwrap_or_default().to_os_string();
    name.push(".new");
    let beside = file.with_file_name(name);
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut opened = options.open(&beside)?;
    opened.write_all(key)?;
    opened.sync_all()?;
    fs::rename(beside, file)
}

fn key_from_file(file: &Path) -> Result<[u8; 32], String> {
    // A little more than 64 digits and a line end; anything longer is no key.
    const KEY_FILE_BYTES_MAX: u64 = 80;
    let mut bytes = Vec::new();
    fs::File::open(file)
        .and_then(|opened| opened.take(KEY_FILE_BYTES_MAX).read_to_end(&mut bytes))
        .map_err(|error| format!("can't read the key from {}: {error}", file.display()))?;
    parse_key(&bytes).ok_or_else(|| {
        format!(
            "{} holds no key: it must be 32 bytes or 64 hexadecimal digits",
            file.display()
        )
    })
}

fn parse_key(bytes: &[u8]) -> Option<[u8; 32]> {
    if let Ok(key) = bytes.try_into() {
        return Some(key);
    }
    parse_hex(std::str::from_utf8(bytes).ok()?.trim())
}

fn parse_hex(text: &str) -> Option<[u8; 32]> {
    if text.len() != 64 {
        return None;
    }
    let mut bytes = [0; 32];
    for (byte, pair) in bytes.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
        let [high, low] = pair else { return None };
        let digit = |digit: &u8| char::from(*digit).to_digit(16);
        *byte = u8::try_from(digit(high)? << 4 | digit(low)?).ok()?;
    }
    Some(bytes)
}

fn parse_fingerprint(text: &str) -> Result<[u8; 32], String> {
    let digits: String = text.chars().filter(|c| *c != ':').collect();
    parse_hex(&digits).ok_or_else(|| "a fingerprint is 64 hexadecimal digits".into())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    #[test]
    fn keys_are_32_bytes_or_64_digits() {
        assert_eq!(parse_key(&[7; 32]), Some([7; 32]));
        let digits = format!("{}\n", "0a".repeat(32));
        assert_eq!(parse_key(digits.as_bytes()), Some([10; 32]));
        for bad in ["", "0a", &"0g".repeat(32), &"é".repeat(32)] {
            assert_eq!(parse_key(bad.as_bytes()), None, "{bad}");
        }
    }

    #[test]
    fn fingerprints_may_have_colons() {
        let text = ["ff"; 32].join(":");
        assert_eq!(parse_fingerprint(&text), Ok([255; 32]));
        assert!(parse_fingerprint("ff").is_err());
    }

    #[test]
    fn a_key_is_made_only_for_a_folder_that_is_not_there() {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("alice");
        let file = beside(&data);
        assert_eq!(file, folder.path().join("alice.key"));
        let key = key_from_file_or_new(&file, &data).unwrap();
        assert_eq!(key_from_file_or_new(&file, &data), Ok(key));
        fs::remove_file(&file).unwrap();
        fs::create_dir(&data).unwrap();
        assert!(key_from_file_or_new(&file, &data).is_err());
    }
}
