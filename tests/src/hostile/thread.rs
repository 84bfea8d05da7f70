//! Scripts have threads of their own, with room and with MLS' work kept on them; a panic is a
//! verdict that names its seed.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};

use super::script::{Outcome, Script};

const STACK_BYTES: usize = 16 * 1024 * 1024;

/// Plays the script of a seed.
///
/// # Panics
/// Where the machine has no thread for it.
#[must_use]
pub fn run_script(seed: u64) -> Outcome {
    let mut outcomes = run_scripts(seed..seed + 1, 1);
    outcomes.pop().expect("one outcome")
}

/// Plays the scripts of these seeds on so many threads. Outcomes are in the order of seeds.
///
/// # Panics
/// Where the machine has no thread for it.
#[must_use]
pub fn run_scripts(seeds: std::ops::Range<u64>, threads: usize) -> Vec<Outcome> {
    let next = AtomicU64::new(seeds.start);
    let work = || {
        let mut outcomes = Vec::new();
        // MLS spreads work over rayon's threads; here it stays on this one.
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(1)
            .use_current_thread()
            .build();
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= seeds.end {
                break;
            }
            outcomes.push(play(seed));
        }
        drop(pool);
        outcomes
    };
    let mut outcomes: Vec<Outcome> = std::thread::scope(|scope| {
        let start = || {
            let thread = std::thread::Builder::new().stack_size(STACK_BYTES);
            thread.spawn_scoped(scope, work).expect("a thread")
        };
        let running: Vec<_> = (0..threads).map(|_| start()).collect();
        let joined = running.into_iter().map(|thread| thread.join());
        joined
            .flat_map(|done| done.expect("panics are caught"))
            .collect()
    });
    outcomes.sort_by_key(|outcome| outcome.seed);
    outcomes
}

fn play(seed: u64) -> Outcome {
    let mut script = Script::new(seed);
    let played = catch_unwind(AssertUnwindSafe(|| script.play()));
    let verdict = played.unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().map(String::as_str);
        let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
        Err(format!("panic: {}", text.unwrap_or_default()))
    });
    script.finish(verdict)
}
