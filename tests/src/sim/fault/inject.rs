//! Making things go wrong.

use super::Fault;
use crate::sim::device::DeviceIndex;
use crate::sim::network::Wire;
use crate::sim::options::{index_below, signed};
use crate::sim::run::{Death, Recovery, Run};
use crate::sim::server::CrashPoint;
use crate::vfs::{Fault as DiskFault, PowerCut};

/// Operations of a disk within which a planned death strikes: a few transactions.
const DEATH_OPS: u64 = 60;
/// Two years.
const CLOCK_JUMP_MS: i64 = 2 * 365 * 24 * 3_600 * 1_000;

impl Run {
    /// One of the faults of this run happens to somebody, if it can happen now.
    pub(in crate::sim) fn inject(&mut self) {
        let enabled: Vec<Fault> = self.options.faults.iter().copied().collect();
        let at = index_below(&mut self.failing, enabled.len());
        let Some(fault) = enabled.get(at).copied() else {
            return;
        };
        let who = self.victim(fault);
        let done = match fault {
            Fault::FrameDelayed
            | Fault::ConnectionCut
            | Fault::BytesLost
            | Fault::HalfOpen
            | Fault::FrameDoubled
            | Fault::FrameStale
            | Fault::FrameReordered => self.break_network(fault, who),
            Fault::ClientKilled | Fault::ClientKilledInside | Fault::ClientPowerCut => {
                self.break_client(fault, who)
            }
            Fault::ServerKilled
            | Fault::ServerKilledInside
            | Fault::ServerKilledAfterAppend
            | Fault::ServerPowerCut => self.break_server(fault),
            Fault::Offline
            | Fault::ClockJump
            | Fault::TokenExpired
            | Fault::RefreshLost
            | Fault::SessionEnded
            | Fault::DiskFull => self.disturb(fault, who),
        };
        if done {
            self.counters.count(fault);
            let name = self.name(who);
            self.note(&format!("! {}: {name}", fault.name()));
        }
    }

    /// Somebody; for a fault of frames somebody who waits for some, if there is such a one.
    fn victim(&mut self, fault: Fault) -> DeviceIndex {
        let who = DeviceIndex(index_below(&mut self.failing, self.options.people));
        let frames_wanted = match fault {
            Fault::FrameDelayed | Fault::FrameDoubled | Fault::BytesLost => 1,
            Fault::FrameReordered => 2,
            _ => return who,
        };
        let waits = |who: &DeviceIndex| {
            let wire = self.world.device(*who).wire;
            let wire = wire.and_then(|wire| self.world.network.wires.get(&wire));
            wire.is_some_and(|wire| !wire.half_open && wire.down.len() >= frames_wanted)
        };
        let waiting: Vec<DeviceIndex> = self.devices().filter(waits).collect();
        waiting
            .get(who.0 % waiting.len().max(1))
            .copied()
            .unwrap_or(who)
    }

    /// Faults of one connection. Says whether there was one to break.
    fn break_network(&mut self, fault: Fault, who: DeviceIndex) -> bool {
        let Some(id) = self.world.device(who).wire else {
            return false;
        };
        if fault == Fault::ConnectionCut {
            self.world.break_wire(id);
            return true;
        }
        let Some(wire) = self.world.network.wires.get_mut(&id) else {
            return false;
        };
        let rng = &mut self.failing;
        match fault {
            Fault::BytesLost => {
                let (up, down) = (bytes(&wire.up), bytes(&wire.down));
                let lost = |rng: &mut crate::sim::Rng, most: usize| match rng.below(3) {
                    0 => 0,
                    1 => most,
                    _ => 1 + index_below(rng, most),
                };
                let (up, down) = (lost(rng, up), lost(rng, down));
                self.world.cut_losing(id, up, down);
                return true;
            }
            Fault::HalfOpen => {
                let was_open = !wire.half_open;
                wire.half_open = true;
                return was_open;
            }
            Fault::FrameDelayed => {
                let by_ms = signed(50 + rng.below(6_000));
                let queue = if rng.per_mille(500) {
                    &mut wire.up
                } else {
                    &mut wire.down
                };
                queue.iter_mut().for_each(|(at, _)| *at += by_ms);
                return !queue.is_empty();
            }
            _ => {}
        }
        let (place, past) = (rng.next_u64(), rng.next_u64());
        repeat(fault, wire, place, past, self.world.mono_ms)
    }

    /// Deaths of a device. One inside a transaction is only planned here, and counted when it
    /// strikes.
    fn break_client(&mut self, fault: Fault, who: DeviceIndex) -> bool {
        if !self.world.is_running(who) {
            return false;
        }
        let mode = self.power_cut_mode();
        let power = (fault == Fault::ClientPowerCut).then_some(mode);
        let inside =
            fault == Fault::ClientKilledInside || (power.is_some() && self.failing.per_mille(500));
        if inside {
            let ops = 1 + self.failing.below(DEATH_OPS);
            self.world.device(who).disk.kill_at_op(ops);
            self.planned.insert(who, Death { fault, power });
            return false;
        }
        match power {
            Some(mode) => {
                let seed = self.failing.next_u64();
                self.world.power_cut_device(who, mode, seed);
            }
            None => self.world.kill_device(who),
        }
        self.device_is_down(who);
        true
    }

    fn break_server(&mut self, fault: Fault) -> bool {
        let mode = self.power_cut_mode();
        let power = (fault == Fault::ServerPowerCut).then_some(mode);
        let Some(server) = &mut self.world.server else {
            return false;
        };
        if fault == Fault::ServerKilledAfterAppend {
            server.crash_at = Some(CrashPoint::AfterAppend);
            self.server_planned = Some(Death { fault, power: None });
            return false;
        }
        let inside =
            fault == Fault::ServerKilledInside || (power.is_some() && self.failing.per_mille(500));
        if inside {
            let ops = 1 + self.failing.below(DEATH_OPS);
            self.world.server_disk.kill_at_op(ops);
            self.server_planned = Some(Death { fault, power });
            return false;
        }
        match power {
            Some(mode) => {
                let seed = self.failing.next_u64();
                self.world.power_cut_server(mode, seed);
            }
            None => self.world.kill_server(),
        }
        self.server_is_down();
        true
    }

    /// Faults around a device.
    fn disturb(&mut self, fault: Fault, who: DeviceIndex) -> bool {
        let running = self.world.is_running(who);
        match fault {
            Fault::Offline if running && self.world.device(who).online => {
                self.world.set_online(who, false);
                let in_ms = 500 + self.failing.below(60_000);
                self.plan(in_ms, Recovery::GoOnline(who));
            }
            Fault::ClockJump => {
                let to_1970 = -self.world.wall_ms();
                let by_hours = signed(self.failing.below(48)) * 3_600_000;
                let choices = [
                    0,
                    CLOCK_JUMP_MS,
                    -CLOCK_JUMP_MS,
                    to_1970,
                    by_hours,
                    -by_hours,
                ];
                let at = index_below(&mut self.failing, choices.len());
                let off_ms = choices.get(at).copied().unwrap_or(0);
                self.world.device_mut(who).clock_off_ms = off_ms;
            }
            Fault::TokenExpired => {
                self.world.expire_access(who);
                self.world.cut(who);
            }
            Fault::RefreshLost => {
                self.world.lost_refreshes += 1;
                self.world.expire_access(who);
                self.world.cut(who);
            }
            Fault::SessionEnded => {
                self.world.end_session(who);
                self.world.cut(who);
                let in_ms = 2_000 + self.failing.below(30_000);
                self.plan(in_ms, Recovery::SignIn(who));
            }
            Fault::DiskFull if self.world.device(who).disk.fault().is_none() => {
                self.world.device(who).disk.set_fault(Some(DiskFault::Full));
                let in_ms = 500 + self.failing.below(30_000);
                self.plan(in_ms, Recovery::FreeDisk(who));
            }
            _ => return false,
        }
        true
    }

    fn power_cut_mode(&mut self) -> PowerCut {
        let at = index_below(&mut self.failing, PowerCut::ALL.len());
        PowerCut::ALL
            .get(at)
            .copied()
            .unwrap_or(PowerCut::LoseAllUnsynced)
    }
}

/// Frames for the device that come twice, again, or in another order.
fn repeat(fault: Fault, wire: &mut Wire, place: u64, past: u64, now_ms: i64) -> bool {
    let pick = |number: u64, length: usize| {
        usize::try_from(number.checked_rem(length as u64).unwrap_or(0)).unwrap_or(0)
    };
    match fault {
        Fault::FrameDoubled => {
            let at = pick(place, wire.down.len());
            let Some(frame) = wire.down.get(at).cloned() else {
                return false;
            };
            wire.down.insert(at, frame);
        }
        Fault::FrameStale => {
            let Some(bytes) = wire.past.get(pick(past, wire.past.len())).cloned() else {
                return false;
            };
            let at_ms = wire.down.back().map_or(now_ms, |(at_ms, _)| *at_ms) + 1;
            wire.down.push_back((at_ms, bytes));
        }
        Fault::FrameReordered => {
            let at = pick(place, wire.down.len().saturating_sub(1));
            let Some((_, first)) = wire.down.get(at).cloned() else {
                return false;
            };
            let Some((_, second)) = wire.down.get_mut(at + 1) else {
                return false;
            };
            let second = std::mem::replace(second, first);
            if let Some((_, slot)) = wire.down.get_mut(at) {
                *slot = second;
            }
        }
        _ => return false,
    }
    true
}

fn bytes(queue: &std::collections::VecDeque<(i64, Vec<u8>)>) -> usize {
    queue.iter().map(|(_, frame)| frame.len()).sum()
}
