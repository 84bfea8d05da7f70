//! What it costs to catch up with a busy group, and how often that commits.

use std::time::Instant;

use crate::Scale;
use crate::device::{Device, Tally};
use crate::figure::{Figure, Measured, median};
use crate::stage::{Bare, Stage};

/// Messages pushed one by one.
const PUSHES: u32 = 64;

/// Measures catching up beside bare decryption, and counts commits.
pub(crate) fn measure(stage: &mut Stage, scale: Scale) -> Vec<Figure> {
    let payloads = stage.talk(scale.envelopes);
    let (mut ratios, mut caught, mut bares) = (Vec::new(), Vec::new(), Vec::new());
    let (mut tally, mut pushed) = (Tally::default(), Tally::default());
    for round in 0..scale.rounds {
        let files = stage.files();
        let mut device = Device::open(files.path());
        let state = Bare::of(device.connection(), stage.place);
        // Neither is always the first.
        let (ours, bare) = if round % 2 == 0 {
            let bare = decrypt(state, &payloads);
            (catch_up(stage, &mut device), bare)
        } else {
            (catch_up(stage, &mut device), decrypt(state, &payloads))
        };
        assert_eq!(device.texts(stage.place), scale.envelopes, "messages shown");
        let busy = ours.busy.as_secs_f64();
        ratios.push(busy / bare);
        caught.push(busy);
        bares.push(bare);
        tally = ours;
        if round + 1 == scale.rounds {
            pushed = live(stage, &mut device);
        }
        device.go_offline(&mut stage.world);
    }
    let count = scale.envelopes;
    let each = |seconds: Vec<f64>| median(seconds) / f64::from(count) * 1e6;
    vec![
        Figure {
            what: format!("catch-up of {count} in a group of 10 / bare MLS decryption"),
            measured: Measured::Ratio {
                times: median(ratios),
                at_most: 4.0,
            },
            made_of: format!("{:.1} µs / {:.1} µs each", each(caught), each(bares)),
        },
        batches("commits of inbound batches, catching up", tally),
        batches("commits of inbound batches, pushed one by one", pushed),
    ]
}

fn catch_up(stage: &mut Stage, device: &mut Device) -> Tally {
    device.take_tally();
    device.go_online(&mut stage.world);
    device.take_tally()
}

/// The bare decryption of all, in seconds.
fn decrypt(mut state: Bare, payloads: &[Vec<u8>]) -> f64 {
    let started = Instant::now();
    for payload in payloads {
        state.decrypt(payload);
    }
    started.elapsed().as_secs_f64()
}

/// A live conversation: each message is pushed, applied and committed before the next is said.
fn live(stage: &mut Stage, device: &mut Device) -> Tally {
    device.take_tally();
    for _ in 0..PUSHES {
        stage.talk(1);
        device.drive(&mut stage.world);
    }
    let tally = device.take_tally();
    assert!(tally.batches >= u64::from(PUSHES), "{tally:?}");
    tally
}

fn batches(what: &str, tally: Tally) -> Figure {
    Figure {
        what: what.to_owned(),
        measured: Measured::Commits {
            count: tally.batch_commits,
            at_most: tally.batches,
        },
        made_of: format!(
            "{} batches; {} commits of all kinds",
            tally.batches, tally.commits
        ),
    }
}
