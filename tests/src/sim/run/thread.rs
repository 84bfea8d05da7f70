//! Each run has a thread of its own: what a panic leaves behind goes with it.

use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Once;

use super::{Outcome, Run};
use crate::sim::check::{Invariant, Violation};
use crate::sim::options::RunOptions;

const STACK_BYTES: usize = 16 * 1024 * 1024;

thread_local! {
    static IN_A_RUN: Cell<bool> = const { Cell::new(false) };
    static LAST_PANIC: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Runs a seed from beginning to end.
///
/// # Panics
/// Where the machine has no thread for it.
#[must_use]
pub fn run_seed(seed: u64) -> Outcome {
    remember_panics();
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(STACK_BYTES);
        let thread = thread.spawn_scoped(scope, || on_this_thread(RunOptions::draw(seed)));
        thread
            .expect("a thread")
            .join()
            .expect("panics are caught inside")
    })
}

fn on_this_thread(options: RunOptions) -> Outcome {
    IN_A_RUN.set(true);
    // MLS spreads work over rayon's threads; here it stays on this one. The pool is this
    // thread's for as long as it lives.
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(1)
        .use_current_thread()
        .build();
    let mut run = Run::new(options);
    let verdict = catch_unwind(AssertUnwindSafe(|| run.go())).unwrap_or_else(|_| Err(panicked()));
    let outcome = run.finish(verdict);
    drop(pool);
    IN_A_RUN.set(false);
    outcome
}

fn panicked() -> Violation {
    let what = LAST_PANIC
        .take()
        .unwrap_or_else(|| "a panic without words".to_owned());
    Violation::new(Invariant::NoPanic, what)
}

/// Panics of runs are kept, not printed: they are part of the outcome.
fn remember_panics() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            if IN_A_RUN.get() {
                LAST_PANIC.set(Some(panic.to_string()));
            } else {
                before(panic);
            }
        }));
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_becomes_a_violation_with_its_words() {
        remember_panics();
        IN_A_RUN.set(true);
        assert!(catch_unwind(|| panic!("the sky falls")).is_err());
        IN_A_RUN.set(false);
        let violation = panicked();
        assert_eq!(violation.invariant, Invariant::NoPanic);
        assert!(violation.what.contains("the sky falls"), "{violation}");
        assert!(violation.what.contains("thread.rs"), "{violation}");
    }
}
