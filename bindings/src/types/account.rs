//! The account, its devices, and how a further device is linked.

use whimbrel::{client, types as core};

use crate::ids::{signed, signed_count};

/// Who uses a client.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Account {
    /// Id of the user.
    pub user: String,
    /// The user's name.
    pub username: String,
    /// Id of this device.
    pub device: String,
}

impl From<core::Account> for Account {
    fn from(from: core::Account) -> Self {
        Self {
            user: from.user.to_string(),
            username: from.username,
            device: from.device.to_string(),
        }
    }
}

twin! {
    /// How far a device of this user has come.
    DeviceState from core::DeviceState {
        /// Approved here, and not yet known to the server.
        Coming,
        /// One of the user's devices.
        Listed,
        /// Revoked here, and not yet known to the server.
        Going,
        /// Revoked.
        Revoked,
    }
}

/// A device of this user.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Device {
    /// Id of the device.
    pub id: String,
    /// Whether it is the one that this client runs on.
    pub is_this_one: bool,
    /// How far it has come.
    pub state: DeviceState,
    /// Conversations that it is still to be added to, or removed from.
    pub conversations_left: i32,
}

impl From<core::Device> for Device {
    fn from(from: core::Device) -> Self {
        Self {
            id: from.id.to_string(),
            is_this_one: from.is_this_one,
            state: from.state.into(),
            conversations_left: signed_count(from.conversations_left),
        }
    }
}

/// The devices of this user, as the newest list known here has them.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct DeviceList {
    /// Version of that list.
    pub version: i64,
    /// Two lists of one version were seen, both signed by this user: the user's identity key is in
    /// somebody else's hands, or the user's devices have gone separate ways.
    pub conflict: bool,
    /// The devices, by id, those that are revoked last.
    pub devices: Vec<Device>,
}

impl From<core::Devices> for DeviceList {
    fn from(from: core::Devices) -> Self {
        Self {
            version: signed(from.version),
            conflict: from.conflict,
            devices: from.devices.into_iter().map(Into::into).collect(),
        }
    }
}

/// What a new device shows while it waits to be linked.
#[derive(Clone, PartialEq, Eq, uniffi::Record)]
pub struct LinkTicket {
    /// The code, to be typed on a device of the user. Whoever sees it can take part in the linking.
    pub code: String,
    /// The same as the content of a QR picture.
    pub qr: String,
    /// Twelve digits that both devices show; the user compares them.
    pub fingerprint: String,
    /// When the code is no longer good, in milliseconds since 1970, by this device's clock.
    pub expires_ms: i64,
}

impl std::fmt::Debug for LinkTicket {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("LinkTicket(..)")
    }
}

impl From<core::LinkTicket> for LinkTicket {
    fn from(from: core::LinkTicket) -> Self {
        Self {
            code: from.code,
            qr: from.qr,
            fingerprint: from.fingerprint,
            expires_ms: from.expires_ms,
        }
    }
}

/// A device that waits to be linked, as a device of the user sees it.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct LinkRequest {
    /// Id of the new device.
    pub device: String,
    /// Twelve digits that the new device shows, too, unless somebody is between the two.
    pub fingerprint: String,
    /// When the code is no longer good, in milliseconds since 1970, by the server's clock.
    pub expires_ms: i64,
}

impl From<core::LinkRequest> for LinkRequest {
    fn from(from: core::LinkRequest) -> Self {
        Self {
            device: from.device.to_string(),
            fingerprint: from.fingerprint,
            expires_ms: from.expires_ms,
        }
    }
}

twin! {
    /// What signing out does where the server can't be told.
    SignOut both client::SignOut {
        /// Nothing: it fails, and everything stays as it is.
        WhenTold,
        /// It wipes this device all the same. It stays in the list of the user's devices until
        /// another one removes it.
        Anyway,
    }
}
