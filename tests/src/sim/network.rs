//! The network: connections that carry bytes in order, late, or not at all.

use std::collections::{BTreeMap, VecDeque};

use super::device::DeviceIndex;

/// One connection between a device and the server.
#[derive(Debug)]
pub struct Wire {
    /// Whose.
    pub device: DeviceIndex,
    /// Bytes on the way to the server, with the time they arrive.
    pub up: VecDeque<(i64, Vec<u8>)>,
    /// Bytes on the way to the device.
    pub down: VecDeque<(i64, Vec<u8>)>,
    /// Nothing arrives any more, and neither end is told.
    pub half_open: bool,
}

/// All connections, and how the network treats them.
#[derive(Debug, Default)]
pub struct Network {
    /// By number; numbers are never used twice.
    pub wires: BTreeMap<u64, Wire>,
    last: u64,
    /// Time a frame takes.
    pub latency_ms: i64,
    /// Every frame that a wire carried, as the server sees it after TLS, while recording.
    pub recording: Option<Vec<Vec<u8>>>,
    /// Every frame for a device, while recording.
    pub down_recording: Option<Vec<(DeviceIndex, Vec<u8>)>>,
}

impl Network {
    /// A new connection of a device. Its old ones are the caller's to close.
    pub fn connect(&mut self, device: DeviceIndex) -> u64 {
        self.last += 1;
        self.wires.insert(
            self.last,
            Wire {
                device,
                up: VecDeque::new(),
                down: VecDeque::new(),
                half_open: false,
            },
        );
        self.last
    }

    /// Puts bytes on the way to the server.
    pub fn send_up(&mut self, wire: u64, now_ms: i64, bytes: Vec<u8>) {
        let at = now_ms + self.latency_ms;
        self.record(&bytes);
        if let Some(wire) = self.wires.get_mut(&wire) {
            let at = wire.up.back().map_or(at, |(last, _)| at.max(*last));
            wire.up.push_back((at, bytes));
        }
    }

    /// Puts bytes on the way to the device.
    pub fn send_down(&mut self, wire: u64, now_ms: i64, bytes: Vec<u8>) {
        let at = now_ms + self.latency_ms;
        self.record(&bytes);
        if let Some(wire) = self.wires.get_mut(&wire) {
            if let Some(recording) = &mut self.down_recording {
                recording.push((wire.device, bytes.clone()));
            }
            let at = wire.down.back().map_or(at, |(last, _)| at.max(*last));
            wire.down.push_back((at, bytes));
        }
    }

    fn record(&mut self, bytes: &[u8]) {
        if let Some(recording) = &mut self.recording {
            recording.push(bytes.to_vec());
        }
    }

    /// When the next bytes arrive.
    #[must_use]
    pub fn next_arrival(&self) -> Option<i64> {
        self.wires
            .values()
            .filter(|wire| !wire.half_open)
            .flat_map(|wire| [wire.up.front(), wire.down.front()])
            .flatten()
            .map(|(at, _)| *at)
            .min()
    }

    /// The connections of a device.
    #[must_use]
    pub fn wires_of(&self, device: DeviceIndex) -> Vec<u64> {
        let mine = |(id, wire): (&u64, &Wire)| (wire.device == device).then_some(*id);
        self.wires.iter().filter_map(mine).collect()
    }
}
