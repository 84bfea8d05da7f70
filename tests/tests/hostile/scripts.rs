//! Random scripts. One that fails is played again with its seed in `WHIMBREL_HOSTILE_SEED`; more
//! of them with a number in `WHIMBREL_HOSTILE_SCRIPTS`.

use std::collections::BTreeMap;

use whimbrel_tests::hostile::{Lie, Outcome, run_script, run_scripts};

/// Scripts in every test run.
const SCRIPTS: u64 = 300;
const THREADS: usize = 2;

fn number(variable: &str) -> Option<u64> {
    std::env::var(variable).ok()?.parse().ok()
}

fn report(outcome: &Outcome) -> Option<String> {
    let what = outcome.verdict.as_ref().err()?;
    let seed = outcome.seed;
    let history = outcome.history.join("\n");
    Some(format!("{history}\nWHIMBREL_HOSTILE_SEED={seed}: {what}\n"))
}

#[test]
fn whatever_a_server_and_a_member_say_is_right_or_visibly_marked() {
    if let Some(seed) = number("WHIMBREL_HOSTILE_SEED") {
        let outcome = run_script(seed);
        println!("{:?}, {} marks", outcome.told, outcome.marks);
        if let Some(report) = report(&outcome) {
            panic!("{report}");
        }
        return;
    }
    let count = number("WHIMBREL_HOSTILE_SCRIPTS").unwrap_or(SCRIPTS);
    let outcomes = run_scripts(1..count + 1, THREADS);
    let failures: Vec<String> = outcomes.iter().filter_map(report).collect();
    if let Some(first) = failures.first() {
        for outcome in &outcomes {
            if let Err(what) = &outcome.verdict {
                let short: String = what.chars().take(300).collect();
                println!("seed {}: {short}", outcome.seed);
            }
        }
        panic!(
            "{} of {count} scripts fail; the first:\n{first}",
            failures.len()
        );
    }
    let mut told: BTreeMap<Lie, u64> = BTreeMap::new();
    for (lie, times) in outcomes.iter().flat_map(|outcome| &outcome.told) {
        *told.entry(*lie).or_default() += times;
    }
    if count >= SCRIPTS {
        for lie in Lie::ALL {
            assert!(told.contains_key(&lie), "{lie:?} was never told");
        }
        let marked = outcomes.iter().filter(|outcome| outcome.marks > 0).count();
        assert!(marked * 4 > outcomes.len(), "{marked} scripts were noticed");
    }
}
