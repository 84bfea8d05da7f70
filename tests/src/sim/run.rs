//! A random run: people act and things go wrong for a while, then everything is healed and has
//! to come together, then the checker judges.
//!
//! [`run_seed`] does one run; its [`Outcome`] is the same in every process.

mod actions;
mod healing;
mod observe;
mod thread;

use std::collections::BTreeMap;

use super::check::said::Book;
use super::check::watch::Watch;
use super::check::{Evidence, Invariant, Verdict, Violation, gather};
use super::device::DeviceIndex;
use super::fault::{Counters, Fault};
use super::history::History;
use super::options::{RunOptions, index_below, signed};
use super::origin::Origin;
use super::rng::Rng;
use super::world::World;
use crate::vfs::PowerCut;

pub use thread::run_seed;

/// Virtual time in which everything has to come together after the faults have ended.
pub const CONVERGENCE_MS_MAX: i64 = 90_000;

/// So much of a run is chaos.
const CHAOS_PERCENT: usize = 60;
/// Steps of the world without time passing, after which they count as going round in circles.
const STEPS_AT_ONCE_MAX: usize = 3_000;

/// What came of a run.
#[derive(Debug)]
pub struct Outcome {
    /// Its options.
    pub options: RunOptions,
    /// Whether everything held.
    pub verdict: Verdict,
    /// What happened.
    pub history: History,
    /// Which faults happened how often.
    pub counters: Counters,
    /// Virtual time it took.
    pub virtual_ms: i64,
}

/// Something that a fault has stopped and that goes on later.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Recovery {
    StartDevice(DeviceIndex),
    StartServer,
    GoOnline(DeviceIndex),
    SignIn(DeviceIndex),
    FreeDisk(DeviceIndex),
}

/// How a process that dies inside a transaction takes its disk along.
#[derive(Debug, Clone, Copy)]
pub(super) struct Death {
    pub(super) fault: Fault,
    pub(super) power: Option<PowerCut>,
}

/// A run under way.
pub struct Run {
    pub(super) world: World,
    pub(super) options: RunOptions,
    /// Draws who does what.
    pub(super) acting: Rng,
    /// Draws what goes wrong.
    pub(super) failing: Rng,
    pub(super) history: History,
    pub(super) counters: Counters,
    pub(super) book: Book,
    watch: Watch,
    recoveries: Vec<(i64, Recovery)>,
    /// Devices whose process was there when it was last looked at.
    alive: Vec<bool>,
    server_alive: bool,
    /// Deaths that are planned inside a transaction.
    pub(super) planned: BTreeMap<DeviceIndex, Death>,
    pub(super) server_planned: Option<Death>,
    /// Part of everything that people write.
    canary: String,
    texts: u64,
    started_ms: i64,
    steps_at_once: usize,
}

impl Run {
    /// A run that has not begun.
    #[must_use]
    pub fn new(options: RunOptions) -> Self {
        let origin = if options.keyed {
            Origin::keyed()
        } else {
            Origin::plain()
        };
        let seed = options.seed;
        let mut world = World::from_origin(seed, origin, options.people);
        world.network.latency_ms = options.latency_ms;
        world.network.jitter = Some((options.jitter_ms, Rng::new(seed, "network")));
        world.network.recording = Some(Vec::new());
        let (alive, started_ms) = (vec![true; options.people], world.mono_ms);
        Self {
            world,
            acting: Rng::new(seed, "acting"),
            failing: Rng::new(seed, "failing"),
            history: History::default(),
            counters: Counters::default(),
            book: Book::default(),
            watch: Watch::default(),
            recoveries: Vec::new(),
            alive,
            server_alive: true,
            planned: BTreeMap::new(),
            server_planned: None,
            canary: format!("canary{:016x}", Rng::new(seed, "canary").next_u64()),
            texts: 0,
            started_ms,
            steps_at_once: 0,
            options,
        }
    }

    /// Runs from beginning to end.
    ///
    /// # Errors
    /// The first invariant that does not hold.
    pub fn go(&mut self) -> Verdict {
        self.note(&format!("{:?}", self.options));
        self.found()?;
        let chaos = self.options.steps * CHAOS_PERCENT / 100;
        for _ in 0..chaos {
            self.let_time_pass()?;
            self.recover()?;
            let fails = self.failing.per_mille(self.options.fault_per_mille);
            // What goes wrong right after somebody did something meets frames on their way.
            let acts_first = self.failing.per_mille(600);
            if acts_first {
                self.act()?;
            }
            if fails {
                self.inject();
                self.observe()?;
            }
            if !acts_first {
                self.act()?;
            }
        }
        self.heal()?;
        self.converge()?;
        self.judge()?;
        // After the storm everything works as if there had been none.
        for _ in chaos..self.options.steps {
            self.let_time_pass()?;
            self.recover()?;
            self.act()?;
        }
        self.heal()?;
        self.converge()?;
        self.judge()
    }

    /// The outcome so far, with this verdict.
    #[must_use]
    pub fn finish(self, verdict: Verdict) -> Outcome {
        Outcome {
            options: self.options,
            verdict,
            history: self.history,
            counters: self.counters,
            virtual_ms: self.world.mono_ms - self.started_ms,
        }
    }

    /// Mostly moments, sometimes long enough for every timeout there is.
    fn let_time_pass(&mut self) -> Verdict {
        let rng = &mut self.acting;
        let ms = match rng.below(100) {
            0..=39 => rng.below(20),
            40..=79 => rng.below(400),
            80..=93 => rng.below(3_000),
            94..=98 => rng.below(15_000),
            _ => 35_000 + rng.below(30_000),
        };
        self.wait(signed(ms))
    }

    pub(super) fn wait(&mut self, ms: i64) -> Verdict {
        let until = self.world.mono_ms + ms;
        while self.step(until)? {}
        Ok(())
    }

    /// Lets the next thing happen and looks. Says whether there was one until then.
    fn step(&mut self, until: i64) -> Verdict<bool> {
        let before_ms = self.world.mono_ms;
        let moved = self.world.step(until);
        self.steps_at_once = if self.world.mono_ms > before_ms {
            0
        } else {
            self.steps_at_once + 1
        };
        if self.steps_at_once > STEPS_AT_ONCE_MAX {
            let what = format!("it goes round in circles:{}", self.world.what_is_left());
            return Err(Violation::new(Invariant::Convergence, what));
        }
        self.observe()?;
        Ok(moved)
    }

    /// Everything there is to know now.
    ///
    /// # Errors
    /// [`Invariant::Integrity`] where something can't be read.
    pub fn evidence(&self) -> Verdict<Evidence> {
        gather::gather(&self.world, &self.book, &self.canary).map_err(|error| {
            Violation::new(
                Invariant::Integrity,
                format!("something can't be read: {error}"),
            )
        })
    }

    fn judge(&mut self) -> Verdict {
        self.note("everything is quiet; the checker looks");
        let evidence = self.evidence()?;
        super::check::check(&evidence).map_err(|found| self.told(found))
    }

    /// Ids by the names that the history has for them.
    fn told(&self, mut found: Violation) -> Violation {
        for (id, label) in self.history.places() {
            found.what = found.what.replace(&id.to_string(), &label);
        }
        for (id, said) in self.book.all() {
            if found.what.contains(&id.to_string()) {
                let text = self.shorten(&said.text);
                found.what = found.what.replace(&id.to_string(), &text);
            }
        }
        found
    }

    pub(super) fn note(&mut self, what: &str) {
        self.history.note(self.world.mono_ms, what);
    }

    pub(super) fn name(&self, who: DeviceIndex) -> String {
        self.world.device(who).name.clone()
    }

    pub(super) fn devices(&self) -> impl Iterator<Item = DeviceIndex> + use<> {
        (0..self.world.devices.len()).map(DeviceIndex)
    }

    /// Plans something for later.
    pub(super) fn plan(&mut self, in_ms: u64, recovery: Recovery) {
        self.recoveries
            .push((self.world.mono_ms + signed(in_ms), recovery));
    }

    fn somebody(rng: &mut Rng, people: usize) -> DeviceIndex {
        DeviceIndex(index_below(rng, people))
    }
}
