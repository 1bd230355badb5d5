//! The contract of [`CredentialsOpener`].
//!
//! Implement [`Stage`], and hand it to [`run`]. The suite takes the sealed response that the stage
//! gives and makes bad ones of it: parts of the JWE changed, headers in place of its own.
//!
//! That the plaintext is wiped can't be seen from outside, and isn't tried.

mod clauses;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use payment_credentials_core::{CredentialsOpener, SealedCredentials};

use crate::report::{Report, misdeclared};

/// What [`Scenario::NotCredentials`] has under its seal.
pub const NOT_CREDENTIALS: &str =
    r#"{"paymentInformation":{"number":"4895370016750801","cryptogram":"canary-9d27"}}"#;

/// What an opener is given.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Scenario {
    /// A JWE that opens, and the key service, wherever it is, down.
    KeyServiceDown,
    /// A JWE that opens to [`NOT_CREDENTIALS`].
    NotCredentials,
    /// A JWE that opens to payment credentials.
    Opens,
    /// A JWE that was sealed for another key, under the key id of the opener's.
    OtherKey,
    /// As [`Opens`](Self::Opens), for an opener that reads the header of a JWE: the suite puts
    /// unacceptable ones in its place.
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

/// Sets an opener up for each scenario; what an opener's author implements.
///
/// Whatever can't be set up is declared, with the reason, and `None`. A declaration that is wrong,
/// in either direction, fails the report: nothing is skipped in silence.
#[async_trait]
pub trait Stage: Send + Sync {
    /// The scenarios that this opener can't be put in, each with the reason for the report.
    fn cannot(&self) -> &[(Scenario, &'static str)] {
        &[]
    }

    /// A new opener in a scenario. A scenario that isn't known is `None`.
    async fn stage(&self, scenario: Scenario) -> Option<Staged>;

    /// How long an opening is waited for.
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
    /// What it is given: a JWE, with a correlation id beside it.
    pub sealed: SealedCredentials,
    /// Counts how often a key was used.
    pub keys: Arc<dyn KeyUses>,
}

impl Staged {
    /// An opener, what it is given, and a count of the keys that it uses.
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

/// Counts how often an opener used a key, or asked the key service that holds it.
pub trait KeyUses: std::fmt::Debug + Send + Sync {
    /// How often so far.
    fn count(&self) -> usize;
}

/// Tries every clause, in the order of the trait's documentation.
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
