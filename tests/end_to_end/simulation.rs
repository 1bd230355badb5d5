//! Deterministic simulation: one seed determines callers, delays and faults, with paused time.
//!
//! Callers sign and retry, over the real adapter and pipes in memory; a service at the other end
//! breaks whatever can be broken. In *safety* runs the faults never stop, and no promise may be
//! broken. In *liveness* runs the faults stop while calls are in progress: those calls end, and
//! every later call succeeds.
//!
//! By default a few thousand seeds run. To run more, or to repeat one:
//!
//! ```sh
//! SIMULATION_SEEDS=200000 cargo test --release --test end_to_end simulation
//! SIMULATION_SEED=1234 cargo test --test end_to_end simulation
//! ```

use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

mod callers;
mod dice;
mod service;
mod world;

use world::{Faults, World};

/// The number of seeds for each mode. They take about half a minute in the dev profile, in parallel
/// with other tests.
const SEEDS: u64 = 2_000;

#[expect(
    clippy::disallowed_methods,
    reason = "the environment says what to run, and nothing about how"
)]
fn seeds() -> Range<u64> {
    let number = |name| Some(std::env::var(name).ok()?.parse().expect("a number"));
    match number("SIMULATION_SEED") {
        Some(seed) => seed..seed + 1,
        None => 0..number("SIMULATION_SEEDS").unwrap_or(SEEDS),
    }
}

fn run_all(faults: Faults) {
    let mut calls = 0;
    for seed in seeds() {
        let run = catch_unwind(AssertUnwindSafe(|| World::run(seed, faults)));
        match run {
            Ok(trace) => calls += trace.len(),
            Err(panic) => {
                eprintln!("{faults:?} fails with SIMULATION_SEED={seed}");
                resume_unwind(panic);
            }
        }
    }
    assert!(calls > 0, "nothing was called");
}

#[test]
fn no_promise_is_broken_whatever_breaks() {
    run_all(Faults::Never);
}

#[test]
fn once_faults_stop_everything_ends_and_the_next_call_succeeds() {
    run_all(Faults::Stop);
}

#[test]
fn a_seed_makes_the_same_run_again() {
    for seed in [0, 1, 2, 3, 42] {
        let once = World::run(seed, Faults::Stop);
        assert_eq!(once, World::run(seed, Faults::Stop), "seed {seed}");
    }
    assert_ne!(World::run(0, Faults::Stop), World::run(1, Faults::Stop));
}
