//! Who is in a script: what the malicious server knows of everybody, and what it has made itself.

use sha2::{Digest as _, Sha256};
use whimbrel_mls::{
    Certificate, Crypto, Device, DeviceKey, IdentityKey, LastResort, Manifest, make_key_package,
};
use whimbrel_protocol::frame::{ClaimedDevice, ClaimedUser};
use whimbrel_protocol::{DeviceId, UserId};

use crate::Puppet;
use crate::sim::{DeviceIndex, World};

/// When made-up key packages expire.
const EXPIRES_S: u64 = 4_000_000_000;

/// One of the honest people.
#[derive(Debug, Clone)]
pub struct Person {
    /// The device.
    pub index: DeviceIndex,
    /// Its user's name.
    pub name: String,
    /// Its user.
    pub user: UserId,
    /// Its id.
    pub device: DeviceId,
    /// The certificate of its leaf.
    pub certificate: Certificate,
    /// The user's true manifest.
    pub manifest: Vec<u8>,
}

/// Everybody.
#[derive(Debug, Clone)]
pub struct Cast {
    /// The honest people.
    pub people: Vec<Person>,
    /// The hostile member's user and device.
    pub mallory: (UserId, DeviceId),
    /// Made by the server, under the ids of the honest people: another identity for each.
    pub ghosts: Vec<ClaimedUser>,
    /// Made by the server: devices that carry a certificate of another identity beside the true
    /// manifest, under new device ids.
    pub strays: Vec<ClaimedUser>,
}

impl Cast {
    /// Reads the people of a world.
    ///
    /// # Panics
    /// Where a device does not run or has no account.
    #[must_use]
    pub fn of(world: &World, mallory: &Puppet) -> Self {
        let people: Vec<Person> = (0..world.devices.len())
            .map(|index| person(world, DeviceIndex(index)))
            .collect();
        let ghosts = people.iter().map(ghost).collect();
        let strays = people.iter().map(stray).collect();
        Self {
            people,
            mallory: (mallory.user(), mallory.device_id()),
            ghosts,
            strays,
        }
    }

    /// The honest user of this id.
    #[must_use]
    pub fn person(&self, user: UserId) -> Option<&Person> {
        self.people.iter().find(|person| person.user == user)
    }
}

fn person(world: &World, index: DeviceIndex) -> Person {
    let device = world.device(index);
    let engine = device.engine.as_ref().expect("a device that runs");
    let (certificate, manifest): (Vec<u8>, Vec<u8>) = engine
        .store()
        .connection()
        .query_row("SELECT certificate, manifest FROM account", [], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .expect("an account");
    let certificate = Certificate::decode_and_verify(&certificate).expect("a certificate");
    Person {
        index,
        name: device.name.clone(),
        user: certificate.user,
        device: certificate.device,
        certificate,
        manifest,
    }
}

fn secret(user: UserId, what: &str) -> [u8; 32] {
    Sha256::digest(format!("ghost {user} {what}")).into()
}

fn key_package(
    identity: &IdentityKey,
    person: &Person,
    device: DeviceId,
) -> (Certificate, Vec<u8>) {
    let key = || DeviceKey::from_seed(secret(person.user, "device"));
    let certificate =
        Certificate::issue(identity, person.user, &person.name, device, key().public());
    let certificate = certificate.expect("a certificate");
    let crypto = Crypto::from_seed(secret(person.user, "randomness"));
    let device = Device::new(certificate.clone(), key()).expect("a device");
    let fresh = make_key_package(&crypto, &device, LastResort::No, EXPIRES_S);
    (certificate, fresh.expect("a key package").bytes)
}

/// The whole user once more, with keys of the server.
fn ghost(person: &Person) -> ClaimedUser {
    let identity = IdentityKey::from_seed(secret(person.user, "identity"));
    let (certificate, key_package) = key_package(&identity, person, person.device);
    let manifest = Manifest::first(&identity, [9; 32], certificate).expect("a manifest");
    ClaimedUser {
        user: person.user,
        manifest: manifest.encode(),
        devices: vec![ClaimedDevice {
            device: person.device,
            key_package,
        }],
    }
}

/// One more device of the user that the user knows nothing of.
fn stray(person: &Person) -> ClaimedUser {
    let identity = IdentityKey::from_seed(secret(person.user, "identity"));
    let mut id = *person.device.as_bytes();
    id[0] ^= 0xff;
    let device = DeviceId::from_bytes(id);
    let (_, key_package) = key_package(&identity, person, device);
    ClaimedUser {
        user: person.user,
        manifest: person.manifest.clone(),
        devices: vec![ClaimedDevice {
            device,
            key_package,
        }],
    }
}
