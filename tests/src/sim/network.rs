//! The network: connections that carry bytes in order, late, or not at all.

use std::collections::{BTreeMap, VecDeque};

use super::device::DeviceIndex;
use super::rng::Rng;

/// Frames that have arrived at a device and are remembered per connection, to come again.
const PAST_FRAMES_MAX: usize = 16;

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
    /// The last frames that were sent to the device, oldest first.
    pub past: VecDeque<Vec<u8>>,
}

/// All connections, and how the network treats them.
#[derive(Debug, Default)]
pub struct Network {
    /// By number; numbers are never used twice.
    pub wires: BTreeMap<u64, Wire>,
    last: u64,
    /// Time a frame takes.
    pub latency_ms: i64,
    /// Up to how much longer a frame may take, and where that is drawn from. Order is kept.
    pub jitter: Option<(i64, Rng)>,
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
                past: VecDeque::new(),
            },
        );
        self.last
    }

    /// Puts bytes on the way to the server.
    pub fn send_up(&mut self, wire: u64, now_ms: i64, bytes: Vec<u8>) {
        let at = now_ms + self.draw_latency_ms();
        self.record(&bytes);
        if let Some(wire) = self.wires.get_mut(&wire) {
            let at = wire.up.back().map_or(at, |(last, _)| at.max(*last));
            wire.up.push_back((at, bytes));
        }
    }

    /// Puts bytes on the way to the device.
    pub fn send_down(&mut self, wire: u64, now_ms: i64, bytes: Vec<u8>) {
        let at = now_ms + self.draw_latency_ms();
        self.record(&bytes);
        if let Some(wire) = self.wires.get_mut(&wire) {
            if let Some(recording) = &mut self.down_recording {
                recording.push((wire.device, bytes.clone()));
            }
            let at = wire.down.back().map_or(at, |(last, _)| at.max(*last));
            wire.past.push_back(bytes.clone());
            if wire.past.len() > PAST_FRAMES_MAX {
                wire.past.pop_front();
            }
            wire.down.push_back((at, bytes));
        }
    }

    fn draw_latency_ms(&mut self) -> i64 {
        let jitter_ms = self.jitter.as_mut().map_or(0, |(most_ms, rng)| {
            let most_ms = u64::try_from(*most_ms).unwrap_or(0);
            i64::try_from(rng.below(most_ms + 1)).unwrap_or(0)
        });
        self.latency_ms + jitter_ms
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
