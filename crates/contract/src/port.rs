//! The contract of [`PaymentCredentialsPort`].
//!
//! Implement [`Stage`] and pass it to [`run`]. For one [`Scenario`] after the other, the stage provides
//! a port, a request and a way to observe the service behind the port. The suite makes at most
//! [`CALLS`] calls on each port.
//!
//! ```no_run
//! # use payment_credentials_contract::port::{self, Stage};
//! # async fn my_adapter_keeps_the_contract_of_the_port(my_stage: &dyn Stage) {
//! port::run(my_stage).await.assert_kept();
//! # }
//! ```

mod clauses;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use payment_credentials_core::{
    CorrelationId, CredentialsOpener, CredentialsRequest, PaymentCredentialsPort,
};

use crate::report::{Report, misdeclared};

/// The maximum number of calls that the suite makes on one staged port.
pub const CALLS: usize = 4;

/// What the service behind a port does.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Scenario {
    /// The service responds to every request with fresh credentials, which include a cryptogram or a
    /// code.
    Responds,
    /// The service accepts the request and closes the connection without a response.
    HangsUp,
    /// The service refuses the request, and shows that it sent the refusal itself, for example by a 404
    /// with its error body.
    Refuses,
    /// The service accepts [`Staged::request`] and never responds to it; it does respond to
    /// [`Staged::next`].
    Silent,
    /// The service can't be reached: no request ever arrives.
    Unreachable,
}

impl Scenario {
    /// Every scenario.
    pub const ALL: [Self; 5] = [
        Self::Responds,
        Self::HangsUp,
        Self::Refuses,
        Self::Silent,
        Self::Unreachable,
    ];
}

/// Sets up an adapter for each scenario; the author of the adapter implements this trait.
///
/// If a scenario can't be set up, [`cannot`](Self::cannot) declares it with the reason, and
/// [`stage`](Self::stage) returns `None`. The report fails if a declared scenario is staged or an
/// undeclared one is not: no scenario is skipped silently.
#[async_trait]
pub trait Stage: Send + Sync {
    /// The scenarios that can't be set up for this adapter, each with the reason for the report.
    fn cannot(&self) -> &[(Scenario, &'static str)] {
        &[]
    }

    /// Sets up a new port in a scenario.
    ///
    /// Returns `None` for a scenario that can't be set up or isn't known.
    async fn stage(&self, scenario: Scenario) -> Option<Staged>;

    /// How long the suite waits for a call before the call counts as endless; ten seconds by default.
    ///
    /// This must be longer than the bound that the adapter sets for its calls. In
    /// [`Scenario::Silent`] the suite waits until that bound.
    fn patience(&self) -> Duration {
        Duration::from_secs(10)
    }

    /// The text that the adapter has logged so far; empty by default.
    ///
    /// The suite searches this text for secrets. Override this method for an adapter that logs.
    fn logged(&self) -> String {
        String::new()
    }
}

/// A port in a scenario.
#[derive(Debug)]
#[non_exhaustive]
pub struct Staged {
    /// The port.
    pub port: Arc<dyn PaymentCredentialsPort>,
    /// Opens the port's sealed credentials, so that the suite can compare cryptograms.
    pub opener: Arc<dyn CredentialsOpener>,
    /// The service that the port calls.
    pub service: Arc<dyn Service>,
    /// The request that leads to the scenario.
    pub request: CredentialsRequest,
    /// The request to send afterwards; the service responds to it in [`Scenario::Silent`] too.
    pub next: CredentialsRequest,
}

impl Staged {
    /// Combines a port, an opener for its responses, the service behind the port, and a request.
    #[must_use]
    pub fn new(
        port: Arc<dyn PaymentCredentialsPort>,
        opener: Arc<dyn CredentialsOpener>,
        service: Arc<dyn Service>,
        request: CredentialsRequest,
    ) -> Self {
        Self {
            port,
            opener,
            service,
            next: request.clone(),
            request,
        }
    }

    /// Sets another request to send afterwards; by default the suite sends the same request again.
    #[must_use]
    pub fn with_next(mut self, next: CredentialsRequest) -> Self {
        self.next = next;
        self
    }
}

/// Observes the service behind a staged port directly, without the port.
pub trait Service: fmt::Debug + Send + Sync {
    /// The number of requests that the service has acted on.
    fn asked(&self) -> usize;

    /// The correlation id that the service sent with its last response.
    fn gave(&self) -> GivenId;
}

/// The correlation id of a response, as the service knows it.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum GivenId {
    /// The service sent this id.
    Known(CorrelationId),
    /// The service sent no id.
    None,
    /// The service sent an id, but the stage can't see which.
    Some,
}

/// Tests every clause of [`PaymentCredentialsPort`]'s contract, in the order of that trait's page.
///
/// Stages each scenario several times: set up a new port each time. Call [`Report::assert_kept`] on the
/// result.
pub async fn run(stage: &dyn Stage) -> Report {
    let mut staged = Vec::new();
    for scenario in Scenario::ALL {
        staged.push((scenario, stage.stage(scenario).await.is_some()));
    }
    let wrong = misdeclared(stage.cannot(), &staged);
    let mut report = Report::new("PaymentCredentialsPort", wrong);
    report.add(clauses::fresh_each_time(stage).await);
    report.add(clauses::not_idempotent(stage).await);
    report.add(clauses::dropping_is_not_undoing(stage).await);
    report.add(clauses::ends_by_itself(stage).await);
    report.add(clauses::errors_say_how_far_it_got(stage).await);
    report.add(clauses::answered_means_traceable(stage).await);
    report.add(clauses::secrets_stay_inside(stage).await);
    report
}
