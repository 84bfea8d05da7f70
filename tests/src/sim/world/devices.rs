//! What stories do with several devices of one person.

use whimbrel::event::{Command, Password, Reply, Session};
use whimbrel::types::{Devices, LinkTicket, UserId};
use whimbrel::{Error, Result};
use whimbrel_mls::{LinkCode, LinkOffer};
use whimbrel_protocol::DeviceId;
use whimbrel_protocol::account::{RecoveryAnswer, RecoveryRequest, TokenRequest, from_hex, to_hex};

use super::{World, unique_vfs_name};
use crate::sim::device::{Device, DeviceIndex};
use crate::vfs::Disk;

/// A link under way: what the new device shows, and what it has left with the server.
#[derive(Debug, Clone)]
pub struct Link {
    /// What the new device shows.
    pub ticket: LinkTicket,
    /// What it says of itself.
    pub offer: Vec<u8>,
}

impl World {
    /// Adds a device without an account, which goes by the name of its user to be.
    ///
    /// # Panics
    /// Where it can't start.
    pub fn add_device(&mut self, name: &str) -> DeviceIndex {
        let index = DeviceIndex(self.devices.len());
        let disk = Disk::new(self.seed ^ (index.0 as u64 + 1));
        let vfs = unique_vfs_name(name);
        disk.register(&vfs).expect("a VFS registers");
        self.devices.push(Device::new(name, disk, vfs, None));
        self.start_device(index);
        index
    }

    /// A new device shows a code.
    ///
    /// # Panics
    /// Where the engine refuses.
    pub fn start_link(&mut self, new: DeviceIndex) -> Link {
        match self.must(new, Command::StartLink) {
            Reply::LinkStarted(start) => Link {
                ticket: start.ticket,
                offer: from_hex(&start.opening.offer).expect("hexadecimal"),
            },
            other => panic!("a link: {other:?}"),
        }
    }

    /// A device of the user approves the one that shows a code; the server has the manifest when
    /// this returns what the old device leaves for the new one.
    ///
    /// # Errors
    /// The engine's.
    ///
    /// # Panics
    /// Where the offer is not of that code.
    pub fn approve_link(&mut self, old: DeviceIndex, link: &Link) -> Result<Vec<u8>> {
        let code: LinkCode = link.ticket.code.parse().expect("a code");
        let offer = LinkOffer::open(&code, &link.offer).expect("an offer");
        let (device, device_key) = (offer.device, offer.device_key);
        self.run(old, Command::ApproveDevice { device, device_key })?;
        self.step_until("the manifest is out", |world| {
            let devices = world.own_devices(old).devices;
            devices
                .iter()
                .any(|each| each.id == device && each.state == whimbrel::types::DeviceState::Listed)
        });
        let command = Command::SealLinkGrant {
            code: whimbrel::event::Secret(link.ticket.code.clone()),
            offer: link.offer.clone(),
            expires_ms: link.ticket.expires_ms,
        };
        match self.run(old, command)? {
            Reply::LinkGrant(grant) => Ok(grant),
            other => panic!("a grant: {other:?}"),
        }
    }

    /// The new device opens what was left for it, and signs in.
    ///
    /// # Errors
    /// The engine's.
    pub fn take_grant(&mut self, new: DeviceIndex, grant: Vec<u8>) -> Result<()> {
        match self.run(new, Command::TakeLinkGrant { grant })? {
            Reply::LinkSignIn(request) => self.sign_in_by_link(new, &request),
            other => panic!("a sign-in: {other:?}"),
        }
        Ok(())
    }

    /// Gives a linked device its tokens, as the token route does.
    ///
    /// # Panics
    /// Where the request names no user or device.
    pub fn sign_in_by_link(&mut self, new: DeviceIndex, request: &TokenRequest) {
        let TokenRequest::Device { user, device, .. } = request else {
            panic!("a sign-in: {request:?}");
        };
        let user: UserId = user.parse().expect("a user id");
        let device: DeviceId = device.parse().expect("a device id");
        self.device_mut(new).user = user;
        let session = self.grant(user, device);
        self.run(new, Command::StoreSession(session))
            .expect("a session is stored");
    }

    /// Links a further device of a person from beginning to end, short of driving the world.
    ///
    /// # Panics
    /// Where an engine refuses.
    pub fn link_device(&mut self, old: DeviceIndex) -> DeviceIndex {
        let name = self.device(old).name.clone();
        let new = self.add_device(&name);
        let link = self.start_link(new);
        let grant = self.approve_link(old, &link).expect("an approval");
        self.take_grant(new, grant).expect("a grant");
        new
    }

    /// A device that is an old copy prepares the one to take its place, as its first question to
    /// the recovery route makes it do.
    ///
    /// # Errors
    /// The engine's.
    ///
    /// # Panics
    /// Where the server is down.
    pub fn prepare_re_enrolment(&mut self, who: DeviceIndex) -> Result<Box<RecoveryRequest>> {
        let user = self.device(who).user;
        let server = self.server.as_mut().expect("a running server");
        let manifest = to_hex(&server.newest_manifest(user));
        let command = Command::PrepareReEnrolment {
            password: Password("correct horse battery".into()),
            answer: RecoveryAnswer {
                user: user.to_string(),
                manifest,
            },
        };
        match self.run(who, command)? {
            Reply::Recovery(request) => Ok(request),
            other => panic!("a request: {other:?}"),
        }
    }

    /// The server takes the device that was prepared, and gives it tokens.
    ///
    /// # Panics
    /// Where it refuses, or the request is not well-formed.
    pub fn accept_re_enrolment(&mut self, who: DeviceIndex, request: &RecoveryRequest) -> Session {
        let device: DeviceId = request.device.parse().expect("a device id");
        let manifest = from_hex(&request.manifest).expect("hexadecimal");
        let user = self.device(who).user;
        self.replace_manifest(user, device, &manifest);
        self.grant(user, device)
    }

    /// A device that is an old copy goes on as a new one.
    ///
    /// # Panics
    /// Where engine or server refuses.
    pub fn re_enrol(&mut self, who: DeviceIndex) {
        let request = self.prepare_re_enrolment(who).expect("a request");
        let session = self.accept_re_enrolment(who, &request);
        self.must(who, Command::FinishReEnrolment(session));
    }

    /// The devices of a person, as one of them lists them.
    ///
    /// # Panics
    /// Where the query fails.
    #[must_use]
    pub fn own_devices(&self, who: DeviceIndex) -> Devices {
        whimbrel::query::devices(&self.snapshot(who)).expect("devices")
    }

    /// The id of a device.
    ///
    /// # Panics
    /// Where it has no account.
    #[must_use]
    pub fn device_id(&self, who: DeviceIndex) -> DeviceId {
        let engine = self.device(who).engine.as_ref().expect("a running engine");
        engine.state().account.expect("an account").device
    }

    /// Removes a device of a person for good.
    ///
    /// # Errors
    /// The engine's.
    pub fn revoke(&mut self, who: DeviceIndex, device: DeviceId) -> Result<Reply, Error> {
        self.run(who, Command::RevokeDevice { device })
    }
}
