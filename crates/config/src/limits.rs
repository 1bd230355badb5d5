//! The configured limits on retries and calls, as layers around a port.

use std::sync::Arc;
use std::time::Duration;

use payment_credentials_core::{BuildError, PaymentCredentialsPort};
use payment_credentials_layers::{
    Allowance, ConcurrencyLimit, Deadline, LocalAllowance, PauseUntil, RateLimit, Retry,
    RetryPolicy, RetryQuota,
};

use crate::settings::LimitSettings;

/// A port, whatever layers it is made of.
type Port = Arc<dyn PaymentCredentialsPort>;

/// The time limit of a call with its retries and waits, if no field sets it.
const TOTAL_DEADLINE: Duration = Duration::from_secs(30);

/// The limits on retries and calls that a configuration sets: layers around a port, in their
/// [order](payment_credentials_layers#the-order).
///
/// [`Config::limits`](crate::Config::limits) returns them. A clone shares what is limited: all ports that have
/// the same limits around them make `calls_per_second` calls together, and take their retries from one
/// quota. `max_concurrent_calls` is for each port.
#[derive(Clone, Debug)]
pub struct Limits {
    retries: Option<(RetryPolicy, RetryQuota)>,
    allowance: Option<Arc<dyn Allowance>>,
    max_concurrent_calls: Option<usize>,
    deadline: Duration,
}

impl Limits {
    pub(crate) fn new(settings: &LimitSettings) -> Result<Self, BuildError> {
        let deadline = settings.total_deadline.unwrap_or(TOTAL_DEADLINE);
        let retries = settings.max_retries.map(|retries| {
            let policy = RetryPolicy::default()
                .max_retries(retries)
                .deadline(deadline);
            (policy, RetryQuota::default())
        });
        let allowance = settings.calls_per_second.map(LocalAllowance::new);
        Ok(Self {
            retries,
            allowance: allowance
                .transpose()?
                .map(|allowance| Arc::new(allowance) as _),
            max_concurrent_calls: settings.max_concurrent_calls,
            deadline,
        })
    }

    /// Puts the configured layers around a port; without a limit, returns the port as it is.
    ///
    /// A call that waits for its turn fails at `total_deadline_ms`, with the delivery `NotSent`. Put `Metrics`
    /// and `Trace` around the result.
    ///
    /// # Errors
    ///
    /// [`BuildError`], if a layer can't be built with its limit.
    pub fn around(&self, port: Port) -> Result<Port, BuildError> {
        let limited = self.limited(port)?;
        if let Some((policy, quota)) = &self.retries {
            let retried = Retry::with_policy(limited, policy);
            return Ok(Arc::new(retried.quota(quota.clone())));
        }
        let waits = self.allowance.is_some() || self.max_concurrent_calls.is_some();
        if waits {
            return Ok(Arc::new(Deadline::new(limited, self.deadline)));
        }
        Ok(limited)
    }

    fn limited(&self, port: Port) -> Result<Port, BuildError> {
        let mut port = port;
        if let Some(allowance) = &self.allowance {
            port = Arc::new(PauseUntil::sharing(port, Arc::clone(allowance)));
        }
        if let Some(calls) = self.max_concurrent_calls {
            port = Arc::new(ConcurrencyLimit::new(port, calls)?);
        }
        if let Some(allowance) = &self.allowance {
            port = Arc::new(RateLimit::sharing(port, Arc::clone(allowance)));
        }
        Ok(port)
    }
}
