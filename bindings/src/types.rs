//! Twins of the core's records and enumerations. What the core calls a number of 64 bits without
//! sign is one with sign here, and an id is its text.

/// An enumeration without fields, and the conversion from that of the core; with `both` also the
/// conversion back.
macro_rules! twin {
    ($(#[doc = $doc:literal])* $name:ident from $core:ty {
        $($(#[doc = $case_doc:literal])* $case:ident,)*
    }) => {
        $(#[doc = $doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, uniffi::Enum)]
        pub enum $name {
            $($(#[doc = $case_doc])* $case,)*
        }

        impl From<$core> for $name {
            fn from(from: $core) -> Self {
                type Core = $core;
                match from {
                    $(Core::$case => Self::$case,)*
                }
            }
        }
    };
    ($(#[doc = $doc:literal])* $name:ident both $core:ty {
        $($(#[doc = $case_doc:literal])* $case:ident,)*
    }) => {
        $crate::types::twin! {
            $(#[doc = $doc])* $name from $core { $($(#[doc = $case_doc])* $case,)* }
        }

        impl From<$name> for $core {
            fn from(from: $name) -> Self {
                type Core = $core;
                match from {
                    $($name::$case => Core::$case,)*
                }
            }
        }
    };
}

pub(crate) use twin;

mod account;

mod people;

mod conversation;

mod message;

mod outbox;

mod state;

pub use account::*;
pub use conversation::*;
pub use message::*;
pub use outbox::*;
pub use people::*;
pub use state::*;

#[cfg(test)]
mod tests;
