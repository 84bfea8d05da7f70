//! The generated Protobuf types. Private: everyone else sees the checked twins.
#![allow(missing_docs, unreachable_pub, clippy::all, reason = "generated code")]

include!(concat!(env!("OUT_DIR"), "/whimbrel.wire.v1.rs"));

pub mod content {
    include!(concat!(env!("OUT_DIR"), "/whimbrel.content.v1.rs"));
}
