//! Random runs of the whole system, one per seed: people talk while everything goes wrong, then
//! everything is healed, and the checker judges. A seed always gives the same run.
#![allow(
    clippy::print_stdout,
    reason = "a program whose output is for whoever started it"
)]

use std::collections::VecDeque;
use std::process::ExitCode;
use std::sync::{Mutex, PoisonError, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use clap::Parser;
use whimbrel_tests::sim::fault::{Counters, Fault};
use whimbrel_tests::sim::run::{Outcome, run_seed};

/// Lines of history shown of a run that failed.
const HISTORY_LINES: usize = 60;
/// So many runs are enough for every fault to happen.
const RUNS_FOR_ALL_FAULTS: u64 = 200;
/// Between two lines of progress.
const PROGRESS: Duration = Duration::from_secs(2);

/// Runs the simulator.
#[derive(Debug, Parser)]
#[command(
    version,
    about = "Runs random simulations, each drawn from one seed, and checks them"
)]
struct Options {
    /// How many seeds to run.
    #[arg(long, default_value_t = 1)]
    seeds: u64,
    /// The first seed; with one seed this replays a run.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Runs at the same time; by default as many as there are processors.
    #[arg(long)]
    jobs: Option<usize>,
    /// Print the whole history of every run.
    #[arg(long)]
    verbose: bool,
    /// Print one line per seed: the hash of its history.
    #[arg(long)]
    history_hash: bool,
}

/// What is known of all runs so far.
#[derive(Default)]
struct Total {
    runs: u64,
    lines: usize,
    virtual_ms: i64,
    counters: Counters,
}

fn main() -> ExitCode {
    let options = Options::parse();
    let started = Instant::now();
    let mut total = Total::default();
    let failed = run_all(&options, &mut total, started);
    if let Some(outcome) = failed {
        report_failure(&outcome);
        return ExitCode::FAILURE;
    }
    if options.history_hash {
        return ExitCode::SUCCESS;
    }
    report(&total, started);
    let never = total.counters.never();
    if total.runs >= RUNS_FOR_ALL_FAULTS && !never.is_empty() {
        let names: Vec<&str> = never.into_iter().map(Fault::name).collect();
        println!("FAILED: these faults never happened: {}", names.join(", "));
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

/// Runs all seeds, and stops at the first that fails.
fn run_all(options: &Options, total: &mut Total, started: Instant) -> Option<Outcome> {
    let jobs = options
        .jobs
        .unwrap_or_else(|| thread::available_parallelism().map_or(1, usize::from));
    let seeds: VecDeque<u64> = (options.seed..)
        .take(usize::try_from(options.seeds).unwrap_or(usize::MAX))
        .collect();
    let seeds = Mutex::new(seeds);
    let next = || {
        seeds
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .pop_front()
    };
    let (sender, outcomes) = mpsc::sync_channel::<Outcome>(jobs);
    thread::scope(|scope| {
        for _ in 0..jobs.max(1) {
            let (sender, next) = (sender.clone(), &next);
            scope.spawn(move || {
                while let Some(seed) = next() {
                    if sender.send(run_seed(seed)).is_err() {
                        return;
                    }
                }
            });
        }
        drop(sender);
        let failed = collect(options, total, &outcomes, started);
        seeds.lock().unwrap_or_else(PoisonError::into_inner).clear();
        drop(outcomes);
        failed
    })
}

fn collect(
    options: &Options,
    total: &mut Total,
    outcomes: &mpsc::Receiver<Outcome>,
    started: Instant,
) -> Option<Outcome> {
    let mut shown = started;
    while let Ok(outcome) = outcomes.recv() {
        if options.history_hash {
            println!("{} {}", outcome.options.seed, outcome.history.hash());
        }
        if options.verbose {
            outcome
                .history
                .lines()
                .iter()
                .for_each(|line| println!("{line}"));
        }
        if outcome.verdict.is_err() {
            return Some(outcome);
        }
        total.runs += 1;
        total.lines += outcome.history.lines().len();
        total.virtual_ms += outcome.virtual_ms;
        total.counters.add(&outcome.counters);
        if shown.elapsed() >= PROGRESS && !options.history_hash {
            shown = Instant::now();
            let seconds = started.elapsed().as_secs_f64();
            println!(
                "{:>6} of {} runs, {seconds:.0} s",
                total.runs, options.seeds
            );
        }
    }
    None
}

fn report_failure(outcome: &Outcome) {
    let Err(violation) = &outcome.verdict else {
        return;
    };
    let seed = outcome.options.seed;
    println!("FAILED: seed {seed}");
    println!("{violation}");
    println!("options: {:?}", outcome.options);
    println!(
        "the last of {} lines of history:",
        outcome.history.lines().len()
    );
    for line in outcome.history.tail(HISTORY_LINES) {
        println!("{line}");
    }
    println!("{violation}");
    println!("replay: cargo run -p whimbrel-tests --bin sim -- --seeds 1 --seed {seed} --verbose");
}

fn report(total: &Total, started: Instant) {
    for fault in Fault::ALL {
        println!("{:>8} {}", total.counters.of(fault), fault.name());
    }
    println!(
        "{} runs, {} lines of history, {} virtual minutes, {:.1} s: every invariant holds",
        total.runs,
        total.lines,
        total.virtual_ms / 60_000,
        started.elapsed().as_secs_f64(),
    );
}
