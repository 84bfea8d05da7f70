//! Between the generated Protobuf types and their checked twins.

mod from_client;
mod from_server;
mod parts;

use prost::Message as _;

use crate::DecodeError;
use crate::content::limit;
use crate::frame::{ClientFrame, ServerFrame};
use crate::limits::FRAME_BYTES_MAX;
use crate::wire;

impl ClientFrame {
    /// The bytes of one WebSocket message.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        from_client::to_wire(self).encode_to_vec()
    }

    /// Reads one WebSocket message.
    ///
    /// # Errors
    /// [`DecodeError`]: too large, not Protobuf, a field not valid, or a kind not known.
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        limit("frame", bytes.len(), FRAME_BYTES_MAX)?;
        let frame = wire::ClientFrame::decode(bytes).map_err(|_| DecodeError::Protobuf)?;
        from_client::from_wire(frame)
    }
}

impl ServerFrame {
    /// The bytes of one WebSocket message.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        from_server::to_wire(self).encode_to_vec()
    }

    /// Reads one WebSocket message.
    ///
    /// # Errors
    /// [`DecodeError`]: too large, not Protobuf, a field not valid, or a kind not known.
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        limit("frame", bytes.len(), FRAME_BYTES_MAX)?;
        let frame = wire::ServerFrame::decode(bytes).map_err(|_| DecodeError::Protobuf)?;
        from_server::from_wire(frame)
    }
}
