//! What is done with bytes from outside, in one function that fuzzers and the property test call.
//!
//! It panics where a decoder breaks its promise; that is what a fuzzer looks for.

use whimbrel_protocol::account::from_hex;
use whimbrel_protocol::{ClientFrame, Content, ServerFrame};

/// Decodes the bytes as everything that they could be. What decodes must encode to something that
/// decodes to the same.
///
/// # Panics
/// Where that does not hold, or a decoder panics.
pub fn decode_any(bytes: &[u8]) {
    if let Ok(frame) = ClientFrame::decode(bytes) {
        assert_eq!(ClientFrame::decode(&frame.encode()), Ok(frame));
    }
    if let Ok(frame) = ServerFrame::decode(bytes) {
        assert_eq!(ServerFrame::decode(&frame.encode()), Ok(frame));
    }
    if let Ok(content) = Content::decode(bytes)
        // What a newer client says can be kept but not said again.
        && let Ok(plaintext) = content.encode()
    {
        assert_eq!(Content::decode(&plaintext), Ok(content));
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        let _ = from_hex(text);
    }
}
