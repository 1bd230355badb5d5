//! The contract of [`CredentialsOpener`].
//!
//! Implement [`Stage`] and pass it to [`run`]. The stage provides a sealed response. From that response
//! the suite makes invalid ones: the suite changes parts of the JWE or replaces its header.
//!
//! The suite doesn't test that the plaintext is wiped, because this can't be observed from outside.

mod clauses;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use payment_credentials_core::{CredentialsOpener, SealedCredentials};

use crate::report::{Report, misdeclared};

/// The plaintext of the JWE in [`Scenario::NotCredentials`].
pub const NOT_CREDENTIALS: &str =
    r#"{"paymentInformation":{"number":"4895370016750801","cryptogram":"canary-9d27"}}"#;

/// The JWE that an opener receives, and whether its key service runs.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Scenario {
    /// A JWE that would open, but the key service, wherever it runs, is down.
    KeyServiceDown,
    /// A JWE that opens, whose plaintext is [`NOT_CREDENTIALS`].
    NotCredentials,
    /// A JWE that opens, whose plaintext is payment credentials.
    Opens,
    /// A JWE that is encrypted for another key, but names the key id of the opener's key.
    OtherKey,
    /// As [`Opens`](Self::Opens), for an opener that reads the header of a JWE: the suite replaces
    /// the header with unacceptable ones.
    ReadsHeaders,
}

impl Scenario {
    /// Every scenario.
    pub const ALL: [Self; 5] = [
        Self::KeyServiceDown,
        Self::NotCredentials,
        Self::Opens,
        Self::OtherKey,
        Self::ReadsHeaders,
    ];
}

/// Sets up an opener for each scenario; the author of the opener implements this trait.
///
/// If a scenario can't be set up, [`cannot`](Self::cannot) declares it with the reason, and
/// [`stage`](Self::stage) returns `None`. The report fails if a declared scenario is staged or an
/// undeclared one is not: no scenario is skipped silently.
#[async_trait]
pub trait Stage: Send + Sync {
    /// The scenarios that can't be set up for this opener, each with the reason for the report.
    fn cannot(&self) -> &[(Scenario, &'static str)] {
        &[]
    }

    /// Sets up a new opener in a scenario.
    ///
    /// Returns `None` for a scenario that can't be set up or isn't known.
    async fn stage(&self, scenario: Scenario) -> Option<Staged>;

    /// How long the suite waits for a call of the opener; ten seconds by default.
    fn patience(&self) -> Duration {
        Duration::from_secs(10)
    }
}

/// An opener in a scenario.
#[derive(Debug)]
#[non_exhaustive]
pub struct Staged {
    /// The opener.
    pub opener: Arc<dyn CredentialsOpener>,
    /// The sealed credentials to open: a JWE, with a correlation id in the head.
    pub sealed: SealedCredentials,
    /// Counts how often a key was used.
    pub keys: Arc<dyn KeyUses>,
}

impl Staged {
    /// Combines an opener, the sealed credentials to open, and the counter of its key uses.
    #[must_use]
    pub fn new(
        opener: Arc<dyn CredentialsOpener>,
        sealed: SealedCredentials,
        keys: Arc<dyn KeyUses>,
    ) -> Self {
        Self {
            opener,
            sealed,
            keys,
        }
    }
}

/// Counts how often an opener used a key, or called the key service that holds it.
pub trait KeyUses: std::fmt::Debug + Send + Sync {
    /// The number of uses so far.
    fn count(&self) -> usize;
}

/// Tests every clause of [`CredentialsOpener`]'s contract, in the order of that trait's page.
///
/// Stages each scenario several times: set up a new opener each time. Call [`Report::assert_kept`] on the
/// result.
pub async fn run(stage: &dyn Stage) -> Report {
    let mut staged = Vec::new();
    for scenario in Scenario::ALL {
        staged.push((scenario, stage.stage(scenario).await.is_some()));
    }
    let wrong = misdeclared(stage.cannot(), &staged);
    let mut report = Report::new("CredentialsOpener", wrong);
    report.add(clauses::one_uniform_failure(stage).await);
    report.add(clauses::the_header_is_validated_first(stage).await);
    report.add(clauses::answered(stage).await);
    report.add(clauses::secrets_stay_inside(stage).await);
    report
}
