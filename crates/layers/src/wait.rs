use metrics::{Unit, describe_histogram, histogram};
use tokio::time::Instant;

const WAIT: &str = "payment_credentials_wait_duration_seconds";

/// Describes the metric to the recorder that is installed when this is called.
pub(crate) fn describe() {
    describe_histogram!(WAIT, Unit::Seconds, "Time that a call waits in a limit.");
}

/// Waits, and records the duration with the label of the limit. A wait that is dropped isn't recorded.
pub(crate) async fn measured<T>(limit: &'static str, wait: impl Future<Output = T>) -> T {
    let start = Instant::now();
    let waited = wait.await;
    histogram!(WAIT, "limit" => limit).record(start.elapsed());
    waited
}
