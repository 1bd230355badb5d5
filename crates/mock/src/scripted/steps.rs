//! A scripted fake in one line.

use std::sync::Arc;

use payment_credentials_core::{
    CredentialsRequest, PaymentCredentials, PortError, ResponseHead, SealedCredentials,
};

use crate::failures;
use crate::fixtures::Fixture;
use crate::request_matcher::RequestMatcher;

use super::queue::{Maker, Queue, Step};
use super::{Script, ScriptedOpener, ScriptedPort};

/// A port that returns the sealed credentials of a fixture, for one call.
///
/// ```
/// use payment_credentials_core::{CredentialsRequest, generator::CredentialsGenerator};
/// use payment_credentials_mock::fixtures::{Fixture, FixtureOpener};
/// use payment_credentials_mock::{answers, block_on, refuses};
///
/// let port = refuses(503).times(3).then(answers(Fixture::VisaV3));
///
/// let generator = CredentialsGenerator::new(port, FixtureOpener);
/// let request = CredentialsRequest::new("7010000000016241111".parse()?);
/// for _ in 0..3 {
///     assert!(block_on(generator.generate(&request)).is_err());
/// }
/// assert!(block_on(generator.generate(&request)).is_ok());
/// assert_eq!(generator.port().calls().len(), 4);
/// # Ok::<(), payment_credentials_core::ParseValueError>(())
/// ```
#[must_use]
pub fn answers(fixture: Fixture) -> ScriptedPort {
    ScriptedPort::of(Arc::new(move || Ok(fixture.sealed())))
}

/// A port that returns the error of a refusal with this status, for one call: see [`failures::refused`].
///
/// # Panics
///
/// If the status is not between 400 and 599.
#[must_use]
#[track_caller]
pub fn refuses(status: u16) -> ScriptedPort {
    // Panics here and not in the call, if the status is none of a refusal.
    drop(failures::refused(status));
    fails(move || failures::refused(status))
}

/// A port that returns the error of a deadline that passed while the adapter waited for the response, for one
/// call: see [`failures::deadline_after_send`]. The service may have minted a cryptogram.
#[must_use]
pub fn times_out() -> ScriptedPort {
    fails(failures::deadline_after_send)
}

/// A port that returns this error, for one call; [`failures`] has the errors of the real adapter.
///
/// ```
/// use payment_credentials_mock::{answers, failures, fails, fixtures::Fixture};
///
/// let port = fails(failures::connect).then(answers(Fixture::MastercardV3));
/// # port.script().allow_unused();
/// ```
#[must_use]
pub fn fails(error: impl Fn() -> PortError + Send + Sync + 'static) -> ScriptedPort {
    ScriptedPort::of(Arc::new(move || Err(error())))
}

/// An opener that returns the credentials of a fixture, for one response, whatever that response is.
///
/// [`FixtureOpener`](crate::fixtures::FixtureOpener) opens each fixture to its own credentials.
#[must_use]
pub fn opens(fixture: Fixture) -> ScriptedOpener {
    ScriptedOpener::of(Arc::new(move || Ok(fixture.opened())))
}

/// An opener whose key doesn't open the response, for one response: see [`failures::does_not_open`].
#[must_use]
pub fn does_not_open() -> ScriptedOpener {
    ScriptedOpener::of(Arc::new(|| Err(failures::does_not_open())))
}

pub(super) fn head_in_words(head: &ResponseHead) -> String {
    match head.correlation_id() {
        Some(id) => format!("correlation id {id}"),
        None => format!("status {}", head.status()),
    }
}

/// The methods that both fakes have.
macro_rules! steps {
    ($fake:ident, $call:ty, $success:ty, $in_words:expr) => {
        impl $fake {
            pub(super) fn empty() -> Self {
                Self(Arc::new(Queue::new(stringify!($fake), $in_words)))
            }

            fn of(make: Maker<$success>) -> Self {
                let fake = Self::empty();
                fake.0.push_step(Step::made(make));
                fake
            }

            /// Repeats everything so far, so that it happens this often.
            ///
            /// # Panics
            ///
            /// If a result of [`Script::will_return`] is among it: that exists only once.
            #[must_use]
            #[track_caller]
            pub fn times(self, times: usize) -> Self {
                assert!(
                    self.0.repeat(times),
                    concat!(stringify!($fake), ": a result of `will_return` can't be repeated; \
                    use one of `answers`, `refuses`, `times_out`, `fails`, `opens` and `does_not_open`")
                );
                self
            }

            /// Repeats the last result for every further call.
            ///
            /// # Panics
            ///
            /// If there is none, or if it is one of [`Script::will_return`]: that exists only once.
            #[must_use]
            #[track_caller]
            pub fn always(self) -> Self {
                assert!(
                    self.0.repeat_last(),
                    concat!(stringify!($fake), ": there is no result that can be repeated; \
                    use one of `answers`, `refuses`, `times_out`, `fails`, `opens` and `does_not_open`")
                );
                self
            }

            /// Adds the results of another fake behind those of this one; the other one is used up.
            ///
            /// # Panics
            ///
            /// After [`always`](Self::always): no call would come to them.
            #[must_use]
            pub fn then(self, next: Self) -> Self {
                assert!(
                    self.0.append(&next.0),
                    concat!(stringify!($fake), ": nothing comes after `always`")
                );
                self
            }

            /// The script, for more results and for a look at the calls.
            #[must_use]
            pub fn script(&self) -> Script<$call, $success> {
                Script(Arc::clone(&self.0))
            }

            /// The arguments of the calls so far, as [`Script::calls`] returns them.
            #[must_use]
            pub fn calls(&self) -> Vec<$call> {
                self.0.calls()
            }
        }
    };
}

steps!(ScriptedPort, CredentialsRequest, SealedCredentials, |it| {
    format!("credentials, {}", head_in_words(it.head()))
});
steps!(ScriptedOpener, ResponseHead, PaymentCredentials, |it| {
    format!("{:?}", it.account())
});

impl ScriptedPort {
    /// Demands such requests of the calls so far, except for those that have such a demand already. Another
    /// request panics, and the message compares the two.
    ///
    /// ```
    /// use payment_credentials_mock::{answers, fixtures::Fixture, refuses, request_for};
    ///
    /// let port = answers(Fixture::VisaV3)
    ///     .to(request_for("7010000000016241111".parse()?).without_profile_id())
    ///     .then(refuses(429).always());
    /// # port.script().allow_unused();
    /// # Ok::<(), payment_credentials_core::ParseValueError>(())
    /// ```
    #[must_use]
    pub fn to(self, wanted: RequestMatcher) -> Self {
        self.0
            .want(&(Arc::new(move |request: &CredentialsRequest| wanted.compare(request)) as _));
        self
    }
}
