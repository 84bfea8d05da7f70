//! Where random runs begin: five people with accounts, key packages at the server, and tokens.
//! Made once per process, because making keys takes longer than everything a run does with them.

use std::sync::OnceLock;

use whimbrel::types::UserId;

use super::device::DeviceIndex;
use super::world::World;
use crate::vfs::Image;

/// The people of every run, in order.
pub const NAMES: [&str; 5] = ["alice", "bob", "carol", "dave", "erin"];

/// Every process makes the same origin.
const ORIGIN_SEED: u64 = 0x0511_91E5;

/// What a run begins with.
#[derive(Debug)]
pub struct Origin {
    pub(super) server: Image,
    pub(super) people: Vec<Person>,
    pub(super) grants: super::world::Grants,
    pub(super) mono_ms: i64,
}

/// One of the people.
#[derive(Debug)]
pub(super) struct Person {
    pub(super) name: String,
    pub(super) user: UserId,
    pub(super) disk: Image,
    pub(super) salt: Option<[u8; 16]>,
}

impl Origin {
    /// With databases in the clear.
    #[must_use]
    pub fn plain() -> &'static Self {
        static PLAIN: OnceLock<Origin> = OnceLock::new();
        PLAIN.get_or_init(|| Self::make(false))
    }

    /// With encrypted databases.
    #[must_use]
    pub fn keyed() -> &'static Self {
        static KEYED: OnceLock<Origin> = OnceLock::new();
        KEYED.get_or_init(|| Self::make(true))
    }

    fn make(keyed: bool) -> Self {
        let mut world = World::unannounced(ORIGIN_SEED);
        let mut salt = keyed.then_some([0x5A; 16]);
        let indices: Vec<DeviceIndex> = NAMES
            .iter()
            .map(|name| {
                if let Some([first, ..]) = &mut salt {
                    *first += 1;
                }
                world.add_person_on(name, salt)
            })
            .collect();
        world.drive();
        for index in &indices {
            world.quit_device(*index);
        }
        world.quit_server();
        let person = |index: &DeviceIndex| {
            let device = world.device(*index);
            Person {
                name: device.name.clone(),
                user: device.user,
                disk: device.disk.snapshot(),
                salt: device.salt,
            }
        };
        Self {
            server: world.server_disk.snapshot(),
            people: indices.iter().map(person).collect(),
            grants: world.grants(),
            mono_ms: world.mono_ms,
        }
    }
}
