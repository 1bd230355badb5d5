use std::time::Duration;

use async_trait::async_trait;
use payment_credentials_core::seam::{Progress, TIMER_RESOLUTION};
use payment_credentials_core::{
    CredentialsOpener, CredentialsRequest, Delivery, MerchantId, PaymentCredentials,
    PaymentCredentialsPort, Phase, PortError, SealedCredentials,
};
use tokio::time::timeout;

use crate::runtime;
use crate::within::within;

/// Sets a time limit for each call of a port, or each opening of an opener, that has no time limit of its
/// own.
///
/// When the time limit of an opening passes, the layer drops it and returns the error `Deadline` with the
/// phase `OpenCredentials`. Its delivery is `Answered`, since the service has answered, and the response can be opened
/// again. Put a `Deadline` around an opener that calls a key service.
///
/// When the time limit of a call passes, the layer drops the call at that instant and returns the error
/// `Deadline`. Phase and delivery are those that the port below reports. If the port reports nothing, the
/// phase is `Transport` and the delivery `Unknown`. If another layer was still delaying the call, the
/// delivery is `NotSent`.
///
/// `HyperPort` has a deadline of its own, which knows the phase: prefer that one. Around a
/// [`Retry`](crate::Retry), prefer [`RetryPolicy::deadline`](crate::RetryPolicy::deadline), which begins no
/// attempt that can't end in time. In the [order](crate#the-order) of layers, this one is directly around
/// the port.
///
/// ```
/// use std::time::Duration;
/// use payment_credentials_core::{CredentialsRequest, Delivery, PaymentCredentialsPort};
/// # use payment_credentials_core::{PortError, PortErrorKind, SealedCredentials};
/// use payment_credentials_layers::Deadline;
///
/// # #[derive(Debug)]
/// # struct SlowPort;
/// # #[async_trait::async_trait]
/// # impl PaymentCredentialsPort for SlowPort {
/// #     async fn generate(&self, _: &CredentialsRequest) -> Result<SealedCredentials, PortError> {
/// #         std::future::pending().await
/// #     }
/// # }
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let port = Deadline::new(SlowPort, Duration::from_secs(8));
/// let request = CredentialsRequest::new("7010000000016241111".parse()?);
/// let late = port.generate(&request).await.expect_err("late");
/// assert_eq!(late.delivery(), Delivery::Unknown);
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Deadline<P> {
    inner: P,
    limit: Duration,
}

impl<P> Deadline<P> {
    /// Sets the time limit for a port's calls or an opener's openings. If it is less than a millisecond,
    /// none begins.
    pub fn new(inner: P, limit: Duration) -> Self {
        Self { inner, limit }
    }
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl<P: PaymentCredentialsPort> PaymentCredentialsPort for Deadline<P> {
    async fn generate(&self, request: &CredentialsRequest) -> Result<SealedCredentials, PortError> {
        self.generate_with(request, &Progress::default()).await
    }

    async fn generate_with(
        &self,
        request: &CredentialsRequest,
        progress: &Progress,
    ) -> Result<SealedCredentials, PortError> {
        runtime::require()?;
        if self.limit < TIMER_RESOLUTION {
            return Err(PortError::deadline(Phase::Start));
        }
        let calls = progress.child();
        let call = self.inner.generate_with(request, &calls);
        within(self.limit, &calls, call).await?
    }

    fn merchant_id(&self) -> Option<MerchantId> {
        self.inner.merchant_id()
    }
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl<O: CredentialsOpener> CredentialsOpener for Deadline<O> {
    async fn open(&self, sealed: &SealedCredentials) -> Result<PaymentCredentials, PortError> {
        let late = || PortError::deadline(Phase::OpenCredentials).with_head(sealed.head().clone());
        let unbounded = |missing: PortError| {
            let answered = missing.with_delivery(Delivery::Answered);
            answered.with_head(sealed.head().clone())
        };
        runtime::require().map_err(unbounded)?;
        if self.limit < TIMER_RESOLUTION {
            return Err(late());
        }
        let opening = async { self.inner.open(sealed).await };
        let opening = runtime::timer(|| timeout(self.limit, opening)).map_err(unbounded)?;
        opening.await.map_err(|_elapsed| late())?
    }
}
