//! The one error that crosses the language border.

use whimbrel::error as core;

/// Result of an exported call.
pub(crate) type Result<T> = std::result::Result<T, WhimbrelError>;

/// Why a call failed. Nothing of the call has happened, unless its documentation says otherwise.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, uniffi::Error)]
pub enum WhimbrelError {
    /// The call failed; the code says why.
    #[error("{code}: {reason}")]
    Failed {
        /// What went wrong, for programs.
        code: ErrorCode,
        /// What went wrong, for developers: not to be shown to users. Holds no content, key or
        /// token.
        reason: String,
        /// Whether the same call may succeed later without anybody changing anything.
        is_retryable: bool,
        /// What can be done about it.
        remedy: Remedy,
    },
}

impl WhimbrelError {
    pub(crate) fn new(code: ErrorCode, reason: impl Into<String>) -> Self {
        Self::Failed {
            code,
            reason: reason.into(),
            is_retryable: code.is_retryable(),
            remedy: code.remedy(),
        }
    }

    /// What went wrong, for programs.
    #[must_use]
    pub fn code(&self) -> ErrorCode {
        let Self::Failed { code, .. } = self;
        *code
    }

    /// What went wrong, for developers.
    #[must_use]
    pub fn reason(&self) -> &str {
        let Self::Failed { reason, .. } = self;
        reason
    }
}

impl From<core::Error> for WhimbrelError {
    fn from(error: core::Error) -> Self {
        Self::new(error.code.into(), error.reason)
    }
}

macro_rules! codes {
    ($($(#[doc = $doc:literal])* $code:ident,)*) => {
        /// What went wrong, as a stable code. New codes may be added by later releases.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, uniffi::Enum)]
        pub enum ErrorCode {
            $($(#[doc = $doc])* $code,)*
            /// The app's key store threw an exception, or gave something else than 32 bytes.
            KeyStore,
        }

        impl ErrorCode {
            /// Every code, in the order of the core, and behind them the one of this crate.
            pub(crate) const ALL: &[Self] = &[$(Self::$code,)* Self::KeyStore];

            /// The code of the core, unless it is of this crate alone.
            const fn of_core(self) -> Option<core::ErrorCode> {
                match self {
                    $(Self::$code => Some(core::ErrorCode::$code),)*
                    Self::KeyStore => None,
                }
            }
        }

        impl From<core::ErrorCode> for ErrorCode {
            fn from(code: core::ErrorCode) -> Self {
                match code {
                    $(core::ErrorCode::$code => Self::$code,)*
                    // A test holds that there is none.
                    _ => Self::Internal,
                }
            }
        }
    };
}

codes! {
    /// An argument is not valid; the reason says which and what is allowed.
    InvalidArgument,
    /// There is no such conversation, message, member or outbox item.
    NotFound,
    /// There is no user of this name.
    NoSuchUser,
    /// This cannot be done in the state things are in; the reason says why.
    WrongState,
    /// Nobody is registered or signed in on this client.
    NotSignedIn,
    /// Name, password or session is wrong.
    AccessDenied,
    /// The name is taken.
    UsernameTaken,
    /// The rules of the group do not allow it.
    NotAllowed,
    /// This user is not a member of the conversation.
    NotMember,
    /// The last owner of a group can't go, nor give the role up, before somebody else has it.
    LastOwner,
    /// A member goes by another identity key. Compare safety numbers, then accept the new one.
    IdentityChanged,
    /// A device, or a list of devices, that its user has not signed for was refused.
    UntrustedDevice,
    /// This device was removed by its user.
    Revoked,
    /// A user has at most ten devices; remove one first.
    TooManyDevices,
    /// A character of the code is wrong, or it is a code for something else.
    WrongCode,
    /// The code was good for five minutes; make a new one.
    CodeExpired,
    /// The code was used already; make a new one.
    CodeUsed,
    /// Over a limit; the reason says which.
    TooLarge,
    /// The outbox is full.
    OutboxFull,
    /// Too many requests; try again later.
    RateLimited,
    /// No connection, or the server could not do it now.
    Unavailable,
    /// The server's certificate is not the expected one.
    UntrustedServer,
    /// What the server answered is not of this protocol.
    Protocol,
    /// Client and server speak different versions.
    UpdateNeeded,
    /// The disk is full.
    DiskFull,
    /// The database key is not the one the database was made with.
    WrongKey,
    /// The database is damaged.
    Damaged,
    /// Another process or client has the data folder open.
    AlreadyOpen,
    /// The database is an old copy of itself: this device has sent more than it knows of.
    RolledBack,
    /// The data folder can't be read or written.
    Storage,
    /// The client is paused; resume it first.
    Paused,
    /// The client was shut down, or the subscription has ended.
    ShutDown,
    /// A defect of this library.
    Internal,
}

impl ErrorCode {
    /// The stable name, the same as in the core.
    pub(crate) fn name(self) -> &'static str {
        self.of_core().map_or("key_store", core::ErrorCode::name)
    }

    fn is_retryable(self) -> bool {
        self.of_core().is_some_and(core::ErrorCode::is_retryable)
    }

    fn remedy(self) -> Remedy {
        self.of_core()
            .map_or(Remedy::Report, |code| code.remedy().into())
    }
}

impl std::fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

crate::types::twin! {
    /// What the user or the app can do about an error.
    Remedy from core::Remedy {
        /// Nothing: the client tries again by itself.
        Wait,
        /// Try again later.
        TryAgain,
        /// Change what was asked for.
        ChangeInput,
        /// Compare safety numbers with the other user, then accept the new identity.
        CheckIdentity,
        /// Sign in.
        SignIn,
        /// Update the app.
        UpdateApp,
        /// Free space on the disk.
        FreeSpace,
        /// Set the device up anew.
        ReEnrol,
        /// Report a defect.
        Report,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_of_the_core_has_its_twin() {
        let twins: Vec<ErrorCode> = core::ErrorCode::ALL.into_iter().map(Into::into).collect();
        assert_eq!(
            [twins.as_slice(), &[ErrorCode::KeyStore]].concat(),
            ErrorCode::ALL
        );
        for (code, twin) in core::ErrorCode::ALL.into_iter().zip(twins) {
            assert_eq!(twin.of_core(), Some(code));
            assert_eq!(twin.name(), code.name());
            let error = WhimbrelError::from(core::Error::new(code, "why"));
            let WhimbrelError::Failed {
                code: given,
                reason,
                is_retryable,
                remedy,
            } = error;
            assert_eq!((given, reason.as_str()), (twin, "why"));
            assert_eq!(is_retryable, code.is_retryable());
            assert_eq!(remedy, Remedy::from(code.remedy()));
        }
    }

    #[test]
    fn the_code_of_this_crate_is_no_code_of_the_core() {
        assert_eq!(ErrorCode::KeyStore.name(), "key_store");
        assert_eq!(core::ErrorCode::from_name("key_store"), None);
        assert_eq!(ErrorCode::KeyStore.of_core(), None);
    }
}
