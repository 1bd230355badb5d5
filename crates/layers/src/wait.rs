use std::thread;

use metrics::{Unit, describe_histogram, histogram};
use tokio::time::Instant;

const WAIT: &str = "payment_credentials_wait_duration_seconds";

/// Describes the metric to the recorder that is installed when this is called.
pub(crate) fn describe() {
    describe_histogram!(WAIT, Unit::Seconds, "Time that a call waits in a limit.");
}

/// Waits, and records the duration with the label of the limit. A wait that is dropped is recorded too:
/// otherwise a limit that lets no call through would show no waits at all.
pub(crate) async fn measured<T>(limit: &'static str, wait: impl Future<Output = T>) -> T {
    let start = Instant::now();
    let _recorded = Wait { limit, start };
    wait.await
}

/// Records the wait on drop.
struct Wait {
    limit: &'static str,
    start: Instant,
}

impl Drop for Wait {
    fn drop(&mut self) {
        // A second panic, in a recorder, would abort the process.
        if !thread::panicking() {
            histogram!(WAIT, "limit" => self.limit).record(self.start.elapsed());
        }
    }
}
