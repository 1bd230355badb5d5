//! Calls without a pause, so many at a time.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};

use crate::caller::Caller;
use crate::process;

/// How long the first call of each task may take before the rest is measured anyway.
const FIRST: Duration = Duration::from_secs(30);

/// What came of the calls.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Load {
    /// Calls that succeeded.
    pub calls: usize,
    /// Calls that failed.
    pub failed: usize,
    /// Calls that failed before the rest was measured.
    pub failed_first: usize,
    /// How long that took.
    pub took: Duration,
    /// What this process spent on it.
    pub cpu: Duration,
    /// How long each call took that succeeded.
    pub latencies: Vec<Duration>,
}

impl Load {
    /// Calls per second.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "some thousands")]
    pub fn rate(&self) -> f64 {
        self.calls as f64 / self.took.as_secs_f64()
    }

    /// The latency that so many of a hundred calls keep.
    #[must_use]
    pub fn percentile(&self, percent: usize) -> Duration {
        let mut sorted = self.latencies.clone();
        sorted.sort_unstable();
        let place = sorted.len().saturating_sub(1) * percent / 100;
        sorted.get(place).copied().unwrap_or_default()
    }
}

#[derive(Default)]
struct Phase {
    measured: AtomicBool,
    ended: AtomicBool,
    /// Tasks that have made their first call.
    begun: AtomicUsize,
}

/// Keeps so many calls in flight: a first call each, and then for that long, or for as long as the first
/// calls took if that is longer.
pub async fn load(caller: &Arc<dyn Caller>, in_flight: usize, during: Duration) -> Load {
    let phase = Arc::new(Phase::default());
    let mut tasks = JoinSet::new();
    for _ in 0..in_flight {
        tasks.spawn(repeat(Arc::clone(caller), Arc::clone(&phase)));
    }
    let start = Instant::now();
    while phase.begun.load(Ordering::Relaxed) < in_flight && start.elapsed() < FIRST {
        sleep(Duration::from_millis(1)).await;
    }
    let during = during.max(start.elapsed());
    let (start, cpu) = (Instant::now(), process::cpu());
    phase.measured.store(true, Ordering::Relaxed);
    sleep(during).await;
    phase.ended.store(true, Ordering::Relaxed);
    let mut whole = Load {
        took: start.elapsed(),
        cpu: process::cpu().saturating_sub(cpu),
        ..Load::default()
    };
    while let Some(part) = tasks.join_next().await {
        let part = part.expect("a task that ends");
        whole.calls += part.calls;
        whole.failed += part.failed;
        whole.failed_first += part.failed_first;
        whole.latencies.extend(part.latencies);
    }
    whole
}

/// Counts the calls that end between the beginning and the end of what is measured.
async fn repeat(caller: Arc<dyn Caller>, phase: Arc<Phase>) -> Load {
    let mut load = Load::default();
    let mut is_first = true;
    loop {
        let start = Instant::now();
        let succeeded = caller.call().await;
        if is_first {
            phase.begun.fetch_add(1, Ordering::Relaxed);
            is_first = false;
        }
        if phase.ended.load(Ordering::Relaxed) {
            return load;
        }
        match (phase.measured.load(Ordering::Relaxed), succeeded) {
            (true, true) => {
                load.calls += 1;
                load.latencies.push(start.elapsed());
            }
            (true, false) => load.failed += 1,
            (false, true) => {}
            (false, false) => load.failed_first += 1,
        }
    }
}
