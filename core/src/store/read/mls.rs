//! The rows of a group and the key of this device, for a look that changes neither.

use whimbrel_mls::{Row, RowKey};
use whimbrel_protocol::ConversationId;

use super::{Snapshot, column};
use crate::error::Result;
use crate::store::bytes32;

pub(super) const GROUP: &str = "SELECT kind, key, value FROM mls_row WHERE conversation = ?1";
const DEVICE: &str = "SELECT certificate, device_secret FROM account WHERE registered = 1";

impl Snapshot<'_> {
    /// Every row of a group; empty where there is none.
    pub(crate) fn group_rows(&self, conversation: ConversationId) -> Result<Vec<Row>> {
        let group = conversation.as_bytes();
        self.all(GROUP, [group], |row| {
            Ok(Row {
                key: RowKey {
                    group: group.to_vec(),
                    kind: column(row, 0)?,
                    key: column(row, 1)?,
                },
                value: column(row, 2)?,
            })
        })
    }

    /// The certificate of this device and the seed of its key, where somebody is registered.
    pub(crate) fn own_device_key(&self) -> Result<Option<(Vec<u8>, [u8; 32])>> {
        self.one(DEVICE, [], |row| {
            Ok((column(row, 0)?, bytes32(&column::<Vec<u8>>(row, 1)?)?))
        })
    }
}
