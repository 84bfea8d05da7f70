//! What it costs that `send` returns only when the message is durable.

use std::time::Instant;

use rusqlite::{Connection, TransactionBehavior};
use whimbrel::event::Command;
use whimbrel::store::open::{CheckpointMode, checkpoint, open_writer, wal_pages};

use crate::Scale;
use crate::device::{Device, store_options};
use crate::figure::{Figure, Measured, median};
use crate::stage::{Stage, TEXT};

/// Sends handed in at once.
const BURST: u32 = 64;
/// The raw database's log is emptied when it is as long as the engine lets its own become.
const WAL_PAGES_MAX: u64 = 1_000;

/// Measures single sends beside raw commits, and a burst.
pub(crate) fn measure(stage: &mut Stage, scale: Scale) -> Vec<Figure> {
    vec![single(stage, scale), burst(stage)]
}

/// The same work without an engine: one row like a message's in one transaction.
struct Raw {
    connection: Connection,
    written: u64,
}

impl Raw {
    fn commit(&mut self) -> f64 {
        self.written += 1;
        let mut id = [0_u8; 16];
        id.iter_mut()
            .zip(self.written.to_be_bytes())
            .for_each(|(to, from)| *to = from);
        let started = Instant::now();
        self.insert(id).expect("a raw commit");
        let took = started.elapsed().as_secs_f64();
        let pages = wal_pages(&self.connection).expect("a length");
        if pages > WAL_PAGES_MAX {
            checkpoint(&self.connection, CheckpointMode::Passive).expect("a checkpoint");
        }
        took
    }

    fn insert(&mut self, id: [u8; 16]) -> rusqlite::Result<()> {
        let transaction = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)?;
        transaction
            .prepare_cached(
                "INSERT INTO message
                   (conversation, sender, id, seq, kind, text, raw, edited_seq, composed_ms,
                    server_time_ms, gap_before)
                 VALUES (?1, ?2, ?3, NULL, 1, ?4, NULL, NULL, ?5, NULL, 0)",
            )?
            .execute(([1_u8; 16], [2_u8; 16], id, TEXT, 1_750_000_000_000_i64))?;
        transaction.commit()
    }
}

fn single(stage: &mut Stage, scale: Scale) -> Figure {
    let (ours, raws) = (stage.files(), stage.files());
    let mut device = Device::open(ours.path());
    let (connection, _guard) = open_writer(&store_options(raws.path())).expect("a raw database");
    let mut raw = Raw {
        connection,
        written: 0,
    };
    let (mut ratios, mut sends, mut raw_commits) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..=scale.rounds {
        let (mut ours, mut raws) = (Vec::new(), Vec::new());
        for number in 0..scale.sends {
            // Neither is always the first.
            let raw_first = (round + number) % 2 == 0;
            if raw_first {
                raws.push(raw.commit());
            }
            ours.push(send(stage, &mut device));
            if !raw_first {
                raws.push(raw.commit());
            }
        }
        // The first round warms up.
        if round > 0 {
            let (send, raw) = (median(ours), median(raws));
            ratios.push(send / raw);
            sends.push(send);
            raw_commits.push(raw);
        }
    }
    Figure {
        what: "a durable send / one raw SQLCipher commit".to_owned(),
        measured: Measured::Ratio {
            times: median(ratios),
            at_most: 1.5,
        },
        made_of: format!(
            "{:.3} ms / {:.3} ms",
            median(sends) * 1e3,
            median(raw_commits) * 1e3
        ),
    }
}

/// One send until it is answered, in seconds. What the engine does afterwards is done, not timed.
fn send(stage: &mut Stage, device: &mut Device) -> f64 {
    let command = Command::Send {
        conversation: stage.place,
        text: TEXT.to_owned(),
    };
    // Every message has a time of its own, as in life.
    stage.world.mono_ms += 1;
    let (reply, took) = device.command(&mut stage.world, command);
    reply.expect("a message id");
    device.work(&mut stage.world);
    took.as_secs_f64()
}

fn burst(stage: &mut Stage) -> Figure {
    let files = stage.files();
    let mut device = Device::open(files.path());
    device.work(&mut stage.world);
    device.take_tally();
    for _ in 0..BURST {
        let command = Command::Send {
            conversation: stage.place,
            text: TEXT.to_owned(),
        };
        device.hand_in(&mut stage.world, command);
    }
    device.work(&mut stage.world);
    let tally = device.take_tally();
    assert_eq!(
        device.engine.state().queued,
        BURST,
        "messages in the outbox"
    );
    Figure {
        what: format!("commits of a burst of {BURST} sends"),
        measured: Measured::Commits {
            count: tally.commits,
            at_most: 4,
        },
        made_of: format!("{:.2} ms in all", tally.busy.as_secs_f64() * 1e3),
    }
}
