//! What a client is opened with.

use std::io::ErrorKind;
use std::path::Path;

use whimbrel::client as core;

use crate::error::{ErrorCode, Result, WhimbrelError};
use crate::ids::invalid;

/// What a client is opened with. Only the data folder and the server have no default.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct ClientOptions {
    /// Path of the data folder. It holds one account, is made where it is missing, and belongs to
    /// the library alone. Keep it out of backups: an old copy of the database can't send any more.
    pub data_folder: String,
    /// The server: `https://host` or `https://host:port`.
    pub server: String,
    /// SHA-256 of the server's certificate in DER form: 64 hexadecimal digits, colons allowed.
    /// Without it the certificate must come from a public certificate authority.
    #[uniffi(default = None)]
    pub pinned_fingerprint: Option<String>,
    /// Whether there is no network at the start.
    #[uniffi(default = false)]
    pub starts_offline: bool,
}

impl ClientOptions {
    /// Whether the data folder is missing or empty.
    ///
    /// # Errors
    /// `Storage` where it can't be read.
    pub(crate) fn folder_is_new(&self) -> Result<bool> {
        match std::fs::read_dir(&self.data_folder) {
            Ok(mut entries) => Ok(entries.next().is_none()),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(true),
            Err(error) => Err(WhimbrelError::new(
                ErrorCode::Storage,
                format!("the data folder can't be read: {error}"),
            )),
        }
    }

    /// # Errors
    /// `InvalidArgument` for an empty path or one with a zero in it, and for a fingerprint that
    /// is none.
    pub(crate) fn check(&self) -> Result<Option<[u8; 32]>> {
        check_folder(&self.data_folder)?;
        self.pinned_fingerprint
            .as_deref()
            .map(fingerprint)
            .transpose()
    }

    pub(crate) fn to_core(&self, key: [u8; 32], pinned: Option<[u8; 32]>) -> core::Options {
        core::Options {
            folder: Path::new(&self.data_folder).to_path_buf(),
            key: core::DatabaseKey::from_bytes(key),
            server: self.server.clone(),
            pinned_fingerprint: pinned,
            network: if self.starts_offline {
                core::Network::Down
            } else {
                core::Network::Up
            },
        }
    }
}

/// # Errors
/// `InvalidArgument` for what can't be the path of a folder.
pub(crate) fn check_folder(path: &str) -> Result<()> {
    if path.is_empty() || path.contains('\0') {
        return Err(invalid("data_folder must be the path of a folder"));
    }
    Ok(())
}

fn fingerprint(text: &str) -> Result<[u8; 32]> {
    let wrong = || invalid("pinned_fingerprint must be 64 hexadecimal digits");
    let digits: Vec<u32> = text
        .chars()
        .filter(|character| *character != ':')
        .map(|character| character.to_digit(16))
        .collect::<Option<_>>()
        .ok_or_else(wrong)?;
    let bytes: Vec<u8> = digits
        .chunks(2)
        .map(|pair| match pair {
            [high, low] => u8::try_from(high << 4 | low).ok(),
            _ => None,
        })
        .collect::<Option<_>>()
        .ok_or_else(wrong)?;
    bytes.try_into().map_err(|_| wrong())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fingerprints_are_64_digits_with_or_without_colons() {
        assert_eq!(fingerprint(&"0f".repeat(32)).ok(), Some([15; 32]));
        assert_eq!(fingerprint(&["FF"; 32].join(":")).ok(), Some([255; 32]));
        for bad in [
            "",
            "f",
            "ff",
            &"f".repeat(63),
            &"ff".repeat(33),
            &"é".repeat(32),
        ] {
            let code = fingerprint(bad).err().map(|error| error.code());
            assert_eq!(code, Some(ErrorCode::InvalidArgument), "{bad}");
        }
    }
}
