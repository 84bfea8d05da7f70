//! What was stopped goes on; in the end everything does, and has to come together.

use whimbrel::types::Alarm;

use super::{CONVERGENCE_MS_MAX, Recovery, Run};
use crate::sim::check::{Invariant, Verdict, Violation};
use crate::sim::device::DeviceIndex;
use crate::vfs::Fault as DiskFault;

/// Delivery marks and the like are collected for less than this before they are sent.
const QUIET_MS: i64 = 1_000;
/// Before an app is started again that could not be.
const START_AGAIN_MS: u64 = 2_000;

impl Run {
    /// Does what is due of what was planned.
    pub(super) fn recover(&mut self) -> Verdict {
        let now = self.world.mono_ms;
        let (due, later) = self.recoveries.drain(..).partition(|(at, _)| *at <= now);
        self.recoveries = later;
        let mut due: Vec<(i64, Recovery)> = due;
        due.sort_by_key(|(at, _)| *at);
        for (_, recovery) in due {
            self.recover_one(recovery)?;
        }
        Ok(())
    }

    fn recover_one(&mut self, recovery: Recovery) -> Verdict {
        match recovery {
            Recovery::StartDevice(who) => return self.start_device(who),
            Recovery::StartServer if self.world.server.is_none() => {
                self.note("the server starts");
                self.world.start_server();
                self.server_is_up();
            }
            Recovery::StartServer => {}
            Recovery::GoOnline(who) => {
                let name = self.name(who);
                self.note(&format!("{name} is online"));
                self.world.set_online(who, true);
            }
            Recovery::SignIn(who) => self.sign_in(who),
            Recovery::FreeDisk(who) => {
                let name = self.name(who);
                self.note(&format!("{name}'s disk has room"));
                self.world.device(who).disk.set_fault(None);
            }
        }
        self.observe()
    }

    /// Starts an app. A full disk or a planned death may be in the way; nothing else may.
    pub(super) fn start_device(&mut self, who: DeviceIndex) -> Verdict {
        if self.world.is_running(who) {
            return Ok(());
        }
        let name = self.name(who);
        let started = self.world.try_start_device(who);
        let disk = &self.world.device(who).disk;
        match started {
            Ok(()) => {
                self.note(&format!("{name} starts the app"));
                self.device_is_up(who);
                self.observe()?;
                self.observe_all(who)
            }
            Err(_) if disk.is_down() || disk.fault() == Some(DiskFault::Full) => {
                disk.kill();
                self.note(&format!("{name} can't start the app"));
                self.plan(START_AGAIN_MS, Recovery::StartDevice(who));
                Ok(())
            }
            Err(error) => {
                let what = format!("{name}'s database does not open: {error}");
                Err(Violation::new(Invariant::Integrity, what))
            }
        }
    }

    fn sign_in(&mut self, who: DeviceIndex) {
        let name = self.name(who);
        match self.world.try_sign_in(who) {
            Some(Ok(_)) => self.note(&format!("{name} signs in again")),
            Some(Err(_)) | None => {
                self.note(&format!("{name} can't sign in now"));
                self.plan(START_AGAIN_MS, Recovery::SignIn(who));
            }
        }
    }

    /// All faults end. Connections that are half open stay so: nobody can repair those.
    pub(super) fn heal(&mut self) -> Verdict {
        self.note("all faults end");
        self.world.lost_refreshes = 0;
        self.world.network.jitter = None;
        self.world.server_disk.kill_at_op(0);
        if let Some(server) = &mut self.world.server {
            server.crash_at = None;
        }
        self.planned.clear();
        for who in self.devices() {
            let disk = &self.world.device(who).disk;
            disk.kill_at_op(0);
            disk.set_fault(None);
        }
        let due = std::mem::take(&mut self.recoveries);
        for (_, recovery) in due {
            self.recover_one(recovery)?;
        }
        for who in self.devices() {
            if !self.world.device(who).online {
                self.recover_one(Recovery::GoOnline(who))?;
            }
        }
        self.observe()
    }

    /// Who is asked to sign in does so.
    fn sign_in_where_needed(&mut self) {
        for who in self.devices() {
            let engine = self.world.device(who).engine.as_ref();
            if engine.is_some_and(|engine| engine.state().alarm == Some(Alarm::SignInNeeded)) {
                self.sign_in(who);
            }
        }
    }

    /// Whether nobody has anything left to do or to complain of. A client rests for some seconds
    /// after trouble with its disk before it looks whether that is over.
    fn is_quiet(&self) -> bool {
        let mut engines = self
            .world
            .devices
            .iter()
            .filter_map(|it| it.engine.as_ref());
        self.world.is_at_rest() && engines.all(|engine| engine.state().alarm.is_none())
    }

    /// Everything has to come to rest in time, and stay there.
    pub(super) fn converge(&mut self) -> Verdict {
        let deadline = self.world.mono_ms + CONVERGENCE_MS_MAX;
        loop {
            while !self.is_quiet() {
                self.sign_in_where_needed();
                if !self.step(deadline)? {
                    let what = format!("no rest after 90 s:{}", self.world.what_is_left());
                    return Err(Violation::new(Invariant::Convergence, what));
                }
            }
            self.wait(QUIET_MS)?;
            if self.is_quiet() {
                return Ok(());
            }
        }
    }
}
