use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use payment_credentials_core::seam::Progress;
use payment_credentials_core::{Delivery, PortError};
use tokio::time::{Instant, timeout};

use crate::runtime;

/// Runs a call until the time limit. If the limit passes, drops the call and returns the error that its
/// progress reports. Where the runtime has no timers, the call isn't begun.
///
/// The progress is read after the call has been dropped, since until then the call could still be sent.
///
/// A call that has not been sent when its time is up isn't polled again, whatever it waits for: it could
/// only be sent and then dropped.
pub(crate) async fn within<F: Future>(
    limit: Duration,
    progress: &Progress,
    call: F,
) -> Result<F::Output, PortError> {
    let end = Instant::now().checked_add(limit);
    let is_over = || end.is_some_and(|end| end <= Instant::now());
    let timed = runtime::timer(|| timeout(limit, call))?;
    let ended = {
        let mut call = pin!(timed);
        poll_fn(|cx| {
            if is_over() && progress.delivery() == Delivery::NotSent {
                return Poll::Ready(None);
            }
            call.as_mut().poll(cx).map(Result::ok)
        })
        .await
    };
    ended.ok_or_else(|| progress.deadline_error())
}
