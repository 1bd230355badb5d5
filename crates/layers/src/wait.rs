use std::thread;

use metrics::{Unit, describe_histogram, histogram};
use tokio::time::Instant;

const WAIT: &str = "payment_credentials_wait_duration_seconds";

/// Describes the metric to the recorder that is installed when this is called.
pub(crate) fn describe() {
    describe_histogram!(WAIT, Unit::Seconds, "Time that a call waits in a limit.");
}

/// Waits, and records the duration with the label of the limit. A wait that is dropped is recorded too, since
/// otherwise the metric would show nothing where no call gets through.
pub(crate) async fn measured<T>(limit: &'static str, wait: impl Future<Output = T>) -> T {
    let _recorded = Recorded {
        limit,
        start: Instant::now(),
    };
    wait.await
}

/// Records the wait when it is dropped.
struct Recorded {
    limit: &'static str,
    start: Instant,
}

impl Drop for Recorded {
    fn drop(&mut self) {
        // A second panic, in a recorder, would abort the process.
        if !thread::panicking() {
            histogram!(WAIT, "limit" => self.limit).record(self.start.elapsed());
        }
    }
}
