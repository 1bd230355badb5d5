use metrics::{Unit, describe_histogram, histogram};
use tokio::time::Instant;

const WAIT: &str = "payment_credentials_wait_duration_seconds";

/// Describes the metric to the recorder that is installed by now.
pub(crate) fn describe() {
    describe_histogram!(WAIT, Unit::Seconds, "Time that calls wait in a limit.");
}

/// Waits, and measures how long, under the word of the limit. A wait that is dropped isn't measured.
pub(crate) async fn measured<T>(limit: &'static str, wait: impl Future<Output = T>) -> T {
    let start = Instant::now();
    let waited = wait.await;
    histogram!(WAIT, "limit" => limit).record(start.elapsed());
    waited
}
