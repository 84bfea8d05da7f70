//! Ten people in a group: nine made by hand, and the one that is measured.

use std::path::{Path, PathBuf};

use rusqlite::Connection;
use tempfile::TempDir;
use whimbrel::event::{Command, Password, Reply};
use whimbrel_mls::{Certificate, Crypto, Device as Leaf, DeviceKey, Group, Role, Row, RowKey};
use whimbrel_protocol::ConversationId;
use whimbrel_protocol::account::from_hex;
use whimbrel_protocol::content::ContentKind;
use whimbrel_protocol::frame::ItemResult;
use whimbrel_tests::puppet::content;
use whimbrel_tests::sim::Device as SimDevice;
use whimbrel_tests::{Puppet, World};

use crate::device::{Device, copy_of};

/// Members besides the measured one.
const OTHERS: usize = 9;
/// A text of common length.
pub(crate) const TEXT: &str = "We meet at seven at the north gate; bring the long ladder, please.";

/// Everything that a measurement needs around it.
pub(crate) struct Stage {
    pub(crate) world: World,
    /// The group.
    pub(crate) place: ConversationId,
    others: Vec<Puppet>,
    /// Files of the measured device as it joined.
    files: TempDir,
    beside: PathBuf,
}

impl Stage {
    /// Registers everybody and makes the group. Temporary folders go beside each other.
    pub(crate) fn set(beside: &Path) -> Self {
        let mut world = World::new(1);
        let files = TempDir::new_in(beside).expect("a temporary folder");
        let mut device = Device::open(files.path());
        let user = register(&mut device, &mut world);
        device.go_online(&mut world);
        let mut others: Vec<Puppet> = (0..OTHERS)
            .map(|number| Puppet::register(&mut world, &format!("member{number}")))
            .collect();
        let (founder, rest) = others.split_first_mut().expect("a founder");
        let place = founder.found(&mut world);
        let mut users = vec![user];
        users.extend(rest.iter().map(Puppet::user));
        founder.add(&mut world, place, &users, Role::Member);
        for other in rest {
            other.join(&mut world);
        }
        device.drive(&mut world);
        device.go_offline(&mut world);
        device.engine.close().expect("the database closes");
        let beside = beside.to_owned();
        Self {
            world,
            place,
            others,
            files,
            beside,
        }
    }

    /// A fresh copy of the measured device's files.
    pub(crate) fn files(&self) -> TempDir {
        copy_of(self.files.path(), &self.beside)
    }

    /// The others say so much, one after the other. Returns what they encrypted.
    pub(crate) fn talk(&mut self, messages: u32) -> Vec<Vec<u8>> {
        let mut payloads = Vec::new();
        let wall_ms = self.world.wall_ms();
        let said = content(wall_ms, ContentKind::Text(TEXT.to_owned()));
        let plaintext = said.encode().expect("a short text");
        let turns = (0..OTHERS).cycle().take(messages as usize);
        for number in turns {
            let other = self.others.get_mut(number).expect("a member");
            let item = other.message(self.place, &plaintext);
            payloads.push(item.payload.clone());
            let result = other.send_item(&mut self.world, self.place, item);
            assert!(matches!(result, ItemResult::Accepted { .. }), "{result:?}");
        }
        payloads
    }
}

/// Makes the account, as the register route does.
fn register(device: &mut Device, world: &mut World) -> whimbrel_protocol::UserId {
    let name = "measured";
    let command = Command::PrepareRegistration {
        username: name.to_owned(),
        password: Password("correct horse battery".to_owned()),
    };
    let (Ok(Reply::Registration(request)), _) = device.command(world, command) else {
        panic!("no registration");
    };
    let user = request.user.parse().expect("a user id");
    let id = request.device.parse().expect("a device id");
    let manifest = from_hex(&request.manifest).expect("hexadecimal");
    world.register_account(name, user, id, manifest);
    device.set_who(user, id);
    let session = SimDevice::session(0, 600_000);
    let (stored, _) = device.command(world, Command::StoreSession(session));
    stored.expect("a stored session");
    user
}

/// The encryption state in a database, without the database.
pub(crate) struct Bare {
    crypto: Crypto,
    leaf: Leaf,
    group: Group,
}

impl Bare {
    /// Copies it.
    pub(crate) fn of(connection: &Connection, place: ConversationId) -> Self {
        let account = connection.query_row(
            "SELECT certificate, device_secret FROM account",
            [],
            |row| Ok((row.get::<_, Vec<u8>>(0)?, row.get::<_, [u8; 32]>(1)?)),
        );
        let (certificate, secret) = account.expect("an account");
        let certificate = Certificate::decode_and_verify(&certificate).expect("a certificate");
        let leaf = Leaf::new(certificate, DeviceKey::from_seed(secret)).expect("a leaf");
        let mut statement = connection
            .prepare("SELECT kind, key, value FROM mls_row WHERE conversation = ?1")
            .expect("a statement");
        let rows = statement.query_map([place.as_bytes()], |row| {
            Ok(Row {
                key: RowKey {
                    group: place.as_bytes().to_vec(),
                    kind: row.get(0)?,
                    key: row.get(1)?,
                },
                value: row.get(2)?,
            })
        });
        let rows: rusqlite::Result<Vec<Row>> = rows.expect("rows").collect();
        Self {
            crypto: Crypto::from_seed([3; 32]),
            leaf,
            group: Group::load(place, rows.expect("rows")).expect("a group"),
        }
    }

    /// Decrypts one message.
    pub(crate) fn decrypt(&mut self, payload: &[u8]) {
        let processed = self.group.process(&self.crypto, &self.leaf, payload);
        processed.expect("a message for this group");
    }
}
