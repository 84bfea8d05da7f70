//! Opening a push notification, in whatever process it arrives.

use std::path::PathBuf;

use whimbrel_mls::Crypto;

use crate::driver::random_seed;
use crate::error::Result;
use crate::notify::{preview, read_payload};
use crate::store::open::is_made;
use crate::store::read::Reader;
use crate::store::{DatabaseKey, StoreOptions};
use crate::types::Notification;

/// What to show for the payload of a push, read from the data folder without a client, beside one
/// in this process or in another. Writes nothing, acknowledges nothing, and uses no network; what
/// it has decrypted, the client decrypts again when it catches up. (SQLite itself may leave an
/// empty log beside the database.) Blocks for some milliseconds.
///
/// Nobody registered, or a conversation that is not known here: silent.
///
/// # Errors
/// `Protocol` for bytes that are no such payload; `WrongKey`; `Damaged`; `Storage`; `Internal`.
pub fn open_notification(
    folder: impl Into<PathBuf>,
    key: DatabaseKey,
    payload: &[u8],
) -> Result<Notification> {
    let push = read_payload(payload)?;
    let options = StoreOptions {
        folder: folder.into(),
        key,
        salt_seed: random_seed()?,
        vfs: None,
    };
    if !is_made(&options)? {
        return Ok(Notification::Silent);
    }
    let crypto = Crypto::from_seed(random_seed()?);
    Reader::new(options).read(|read| preview(read, &crypto, &push))
}
