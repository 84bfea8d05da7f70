//! What stands between the honest server and the devices: every byte goes through its hands.

use std::collections::BTreeMap;

use whimbrel::event::Event;
use whimbrel_protocol::{ClientFrame, ServerFrame};
use whimbrel_server::Now;

use super::lies::Liar;
use crate::sim::server::Out;
use crate::sim::{DeviceIndex, World};

/// Which way a frame goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    Up,
    Down,
}

/// A frame in the middle's hands.
#[derive(Debug)]
struct Parcel {
    wire: u64,
    device: DeviceIndex,
    way: Way,
    bytes: Vec<u8>,
}

/// The middle.
#[derive(Debug)]
pub struct Middle {
    /// Says what becomes of a frame.
    pub liar: Liar,
    /// From now on it hands on what it gets.
    pub honest: bool,
    held: BTreeMap<(i64, u64), Parcel>,
    last: u64,
}

impl Middle {
    /// A middle that has nothing yet.
    #[must_use]
    pub fn new(liar: Liar) -> Self {
        Self {
            liar,
            honest: false,
            held: BTreeMap::new(),
            last: 0,
        }
    }

    /// Drops everything that it holds back, and lies no more.
    pub fn turn_honest(&mut self) {
        self.honest = true;
        self.held.clear();
    }

    /// Whether nothing is on its way.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.held.is_empty()
    }

    /// Lets the next thing happen, no later than `until`. Says whether there was one.
    pub fn step(&mut self, world: &mut World, until: i64) -> bool {
        self.take_over(world);
        let due = self.held.keys().next().map_or(until, |(at, _)| *at);
        let moved = world.step(due.min(until).max(world.mono_ms));
        self.take_over(world);
        let handed = self.hand_out(world);
        moved || handed
    }

    /// Hands a frame to a device as if the server had said it now.
    pub fn push(&mut self, world: &World, to: DeviceIndex, frame: &ServerFrame) {
        if let Some(wire) = world.device(to).wire {
            self.hold(
                world.mono_ms + world.network.latency_ms,
                Parcel {
                    wire,
                    device: to,
                    way: Way::Down,
                    bytes: frame.encode(),
                },
            );
        }
    }

    fn hold(&mut self, at: i64, parcel: Parcel) {
        self.last += 1;
        self.held.insert((at, self.last), parcel);
    }

    /// Takes every frame off the wires.
    fn take_over(&mut self, world: &mut World) {
        let wires: Vec<u64> = world.network.wires.keys().copied().collect();
        for id in wires {
            let Some(wire) = world.network.wires.get_mut(&id) else {
                continue;
            };
            let device = wire.device;
            let up: Vec<_> = wire.up.drain(..).collect();
            let down: Vec<_> = wire.down.drain(..).collect();
            for (at, bytes) in up {
                self.take_up(id, device, at, bytes);
            }
            for (at, bytes) in down {
                self.take_down(id, device, at, bytes);
            }
        }
    }

    fn take_up(&mut self, wire: u64, device: DeviceIndex, at: i64, bytes: Vec<u8>) {
        let parcel = |way, bytes| Parcel {
            wire,
            device,
            way,
            bytes,
        };
        let frame = ClientFrame::decode(&bytes).expect("devices send frames");
        if self.honest {
            return self.hold(at, parcel(Way::Up, bytes));
        }
        let told = self.liar.up(frame);
        for frame in told.on {
            self.hold(at, parcel(Way::Up, frame.encode()));
        }
        for frame in told.back {
            self.hold(at, parcel(Way::Down, frame.encode()));
        }
    }

    fn take_down(&mut self, wire: u64, device: DeviceIndex, at: i64, bytes: Vec<u8>) {
        let parcel = |bytes| Parcel {
            wire,
            device,
            way: Way::Down,
            bytes,
        };
        if self.honest {
            return self.hold(at, parcel(bytes));
        }
        let frame = ServerFrame::decode(&bytes).expect("the hub sends frames");
        for (late_ms, bytes) in self.liar.down(device, frame) {
            self.hold(at + late_ms, parcel(bytes));
        }
    }

    fn hand_out(&mut self, world: &mut World) -> bool {
        let mut handed = false;
        while let Some(entry) = self.held.first_entry() {
            if entry.key().0 > world.mono_ms {
                break;
            }
            let parcel = entry.remove();
            handed = true;
            if !world.network.wires.contains_key(&parcel.wire) {
                continue;
            }
            match parcel.way {
                Way::Up => to_server(world, parcel.wire, &parcel.bytes),
                Way::Down if world.device(parcel.device).wire == Some(parcel.wire) => {
                    let event = ServerFrame::decode(&parcel.bytes)
                        .map_or(Event::MalformedFrame, Event::Frame);
                    world.feed(parcel.device, event);
                }
                Way::Down => {}
            }
            self.take_over(world);
        }
        handed
    }
}

fn to_server(world: &mut World, wire: u64, bytes: &[u8]) {
    let now = Now {
        mono_ms: world.mono_ms,
        wall_ms: world.wall_ms(),
    };
    let Some(server) = &mut world.server else {
        return;
    };
    for out in server.received(wire, bytes, now) {
        let (Out::Send(to, bytes) | Out::Close(to, bytes)) = out;
        world.network.send_down(to, world.mono_ms, bytes);
    }
}
