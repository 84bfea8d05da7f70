//! The one error that leaves this crate.

use std::fmt;

/// What went wrong, as a stable code. New codes may be added.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum ErrorCode {
    /// An argument is not valid; the message says which and what is allowed.
    InvalidArgument,
    /// There is no such conversation, message, member or outbox item.
    NotFound,
    /// There is no user of this name.
    NoSuchUser,
    /// This cannot be done in the state things are in; the message says why.
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
    /// Over a limit; the message says which.
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
    /// The database is an old copy of itself; see [`Alarm`](crate::types::Alarm).
    RolledBack,
    /// The data folder can't be read or written.
    Storage,
    /// The client is paused; resume it first.
    Paused,
    /// The client was shut down.
    ShutDown,
    /// A defect of this library. The operation had no effect.
    Internal,
}

/// What the user or the app can do about an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Remedy {
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

impl ErrorCode {
    /// Every code, in the order of their numbers.
    pub const ALL: [Self; 33] = [
        Self::InvalidArgument,
        Self::NotFound,
        Self::NoSuchUser,
        Self::WrongState,
        Self::NotSignedIn,
        Self::AccessDenied,
        Self::UsernameTaken,
        Self::NotAllowed,
        Self::NotMember,
        Self::LastOwner,
        Self::IdentityChanged,
        Self::UntrustedDevice,
        Self::Revoked,
        Self::TooManyDevices,
        Self::WrongCode,
        Self::CodeExpired,
        Self::CodeUsed,
        Self::TooLarge,
        Self::OutboxFull,
        Self::RateLimited,
        Self::Unavailable,
        Self::UntrustedServer,
        Self::Protocol,
        Self::UpdateNeeded,
        Self::DiskFull,
        Self::WrongKey,
        Self::Damaged,
        Self::AlreadyOpen,
        Self::RolledBack,
        Self::Storage,
        Self::Paused,
        Self::ShutDown,
        Self::Internal,
    ];

    /// The stable name, as harnesses and logs show it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::InvalidArgument => "invalid_argument",
            Self::NotFound => "not_found",
            Self::NoSuchUser => "no_such_user",
            Self::WrongState => "wrong_state",
            Self::NotSignedIn => "not_signed_in",
            Self::AccessDenied => "access_denied",
            Self::UsernameTaken => "username_taken",
            Self::NotAllowed => "not_allowed",
            Self::NotMember => "not_member",
            Self::LastOwner => "last_owner",
            Self::IdentityChanged => "identity_changed",
            Self::UntrustedDevice => "untrusted_device",
            Self::Revoked => "revoked",
            Self::TooManyDevices => "too_many_devices",
            Self::WrongCode => "wrong_code",
            Self::CodeExpired => "code_expired",
            Self::CodeUsed => "code_used",
            Self::TooLarge => "too_large",
            Self::OutboxFull => "outbox_full",
            Self::RateLimited => "rate_limited",
            Self::Unavailable => "unavailable",
            Self::UntrustedServer => "untrusted_server",
            Self::Protocol => "protocol",
            Self::UpdateNeeded => "update_needed",
            Self::DiskFull => "disk_full",
            Self::WrongKey => "wrong_key",
            Self::Damaged => "damaged",
            Self::AlreadyOpen => "already_open",
            Self::RolledBack => "rolled_back",
            Self::Storage => "storage",
            Self::Paused => "paused",
            Self::ShutDown => "shut_down",
            Self::Internal => "internal",
        }
    }

    /// The code with this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|code| code.name() == name)
    }

    /// Whether the same call may succeed later without anybody changing anything.
    #[must_use]
    pub const fn is_retryable(self) -> bool {
        matches!(
            self,
            Self::RateLimited | Self::Unavailable | Self::AlreadyOpen
        )
    }

    /// What can be done about it.
    #[must_use]
    pub const fn remedy(self) -> Remedy {
        match self {
            Self::InvalidArgument
            | Self::NotFound
            | Self::NoSuchUser
            | Self::WrongState
            | Self::UsernameTaken
            | Self::NotAllowed
            | Self::NotMember
            | Self::LastOwner
            | Self::TooManyDevices
            | Self::WrongCode
            | Self::CodeExpired
            | Self::CodeUsed
            | Self::TooLarge
            | Self::WrongKey
            | Self::UntrustedServer => Remedy::ChangeInput,
            Self::IdentityChanged | Self::UntrustedDevice => Remedy::CheckIdentity,
            Self::NotSignedIn | Self::AccessDenied => Remedy::SignIn,
            Self::OutboxFull | Self::Unavailable => Remedy::Wait,
            Self::RateLimited | Self::AlreadyOpen | Self::Paused | Self::ShutDown => {
                Remedy::TryAgain
            }
            Self::Protocol | Self::UpdateNeeded => Remedy::UpdateApp,
            Self::DiskFull => Remedy::FreeSpace,
            Self::Damaged | Self::RolledBack | Self::Revoked => Remedy::ReEnrol,
            Self::Storage | Self::Internal => Remedy::Report,
        }
    }
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Why a call failed. Nothing of the call has happened, unless its documentation says otherwise.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {reason}")]
pub struct Error {
    /// What went wrong, for programs.
    pub code: ErrorCode,
    /// What went wrong, for developers. Holds no content, key or token.
    pub reason: String,
}

impl Error {
    /// An error of this code.
    pub fn new(code: ErrorCode, reason: impl Into<String>) -> Self {
        Self {
            code,
            reason: reason.into(),
        }
    }

    pub(crate) fn invalid(reason: impl Into<String>) -> Self {
        Self::new(ErrorCode::InvalidArgument, reason)
    }

    pub(crate) fn not_found(what: &str) -> Self {
        Self::new(ErrorCode::NotFound, format!("there is no such {what}"))
    }

    pub(crate) fn internal(reason: impl fmt::Display) -> Self {
        Self::new(ErrorCode::Internal, reason.to_string())
    }
}

/// Result of a call.
pub type Result<T, E = Error> = std::result::Result<T, E>;
