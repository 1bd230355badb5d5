//! The contract of [`PaymentCredentialsPort`].
//!
//! Implement [`Stage`], and hand it to [`run`]. The suite asks for one [`Scenario`] after another
//! and gets a port, a request and a look at the service behind it; it makes at most [`CALLS`]
//! calls on each.
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

/// Most calls that the suite makes on one staged port.
pub const CALLS: usize = 4;

/// What the service behind a port does.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Scenario {
    /// It answers every request with fresh credentials, a cryptogram or a code among them.
    Answers,
    /// It takes the request and closes the connection without a response.
    HangsUp,
    /// It refuses the request with a status that leaves no doubt, such as 404.
    Refuses,
    /// It takes the request and never answers; [`Staged::next`] is answered.
    Silent,
    /// It can't be reached: nothing ever gets to it.
    Unreachable,
}

impl Scenario {
    /// Every scenario.
    pub const ALL: [Self; 5] = [
        Self::Answers,
        Self::HangsUp,
        Self::Refuses,
        Self::Silent,
        Self::Unreachable,
    ];
}

/// Sets an adapter up for each scenario; what an adapter's author implements.
///
/// Whatever can't be set up is declared, with the reason, and `None`. A declaration that is wrong,
/// in either direction, fails the report: nothing is skipped in silence.
#[async_trait]
pub trait Stage: Send + Sync {
    /// The scenarios that this adapter can't be put in, each with the reason for the report.
    fn cannot(&self) -> &[(Scenario, &'static str)] {
        &[]
    }

    /// A new port in a scenario. A scenario that isn't known is `None`.
    async fn stage(&self, scenario: Scenario) -> Option<Staged>;

    /// How long a call is waited for before it counts as endless.
    ///
    /// Longer than the bound that the adapter sets for its calls; on a service that never answers,
    /// the suite waits until that bound.
    fn patience(&self) -> Duration {
        Duration::from_secs(10)
    }

    /// What the adapter has written to its log so far.
    ///
    /// The suite looks for secrets in it. Override it for an adapter that logs.
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
    /// Opens what the port generates, so that cryptograms can be compared.
    pub opener: Arc<dyn CredentialsOpener>,
    /// The service that the port asks.
    pub service: Arc<dyn Service>,
    /// What to ask for to meet the scenario.
    pub request: CredentialsRequest,
    /// What to ask for afterwards; answered in [`Scenario::Silent`] too.
    pub next: CredentialsRequest,
}

impl Staged {
    /// A port, an opener for its responses, the service behind it, and what to ask for.
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

    /// Asks for something else afterwards; by default the same is asked again.
    #[must_use]
    pub fn with_next(mut self, next: CredentialsRequest) -> Self {
        self.next = next;
        self
    }
}

/// A look at the service behind a staged port, past the port.
pub trait Service: fmt::Debug + Send + Sync {
    /// How many requests it has acted on.
    fn asked(&self) -> usize;

    /// Which correlation id it gave with its last response.
    fn gave(&self) -> GivenId;
}

/// The correlation id of a response, as the service knows it.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum GivenId {
    /// This one.
    Known(CorrelationId),
    /// It gave none.
    None,
    /// It gave one, and the stage can't see which.
    Some,
}

/// Tries every clause, in the order of the trait's documentation.
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
