//! The scripted fake: returns the queued results in order, and panics if none is left.

mod queue;
mod steps;

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use payment_credentials_core::{
    CredentialsOpener, CredentialsRequest, PaymentCredentials, PaymentCredentialsPort, PortError,
    ResponseHead, SealedCredentials,
};

use queue::Queue;
pub use steps::{answers, does_not_open, fails, opens, refuses, times_out};

/// Makes a port that returns the results of a script, and the script.
///
/// ```
/// use payment_credentials_core::{CredentialsRequest, PaymentCredentialsPort};
/// use payment_credentials_mock::{block_on, failures, fixtures::Fixture, scripted};
///
/// let (port, script) = scripted();
/// script.will_return(Err(failures::refused(503)));
/// script.will_return(Ok(Fixture::VisaV3.sealed()));
///
/// let request = CredentialsRequest::new("7010000000016241111".parse()?);
/// assert!(block_on(port.generate(&request)).is_err());
/// assert!(block_on(port.generate(&request)).is_ok());
///
/// assert_eq!(script.calls()[1].token_id(), request.token_id());
/// script.assert_done();
/// # Ok::<(), payment_credentials_core::ParseValueError>(())
/// ```
#[must_use]
pub fn scripted() -> (ScriptedPort, Script) {
    let port = ScriptedPort::empty();
    let script = port.script();
    (port, script)
}

/// Makes an opener that returns the results of a script, and the script.
///
/// The script records the head of each response that the opener was called with, because sealed
/// credentials can't be copied.
///
/// ```
/// use payment_credentials_core::CredentialsOpener;
/// use payment_credentials_mock::{block_on, fixtures::Fixture, scripted_opener};
///
/// let (opener, script) = scripted_opener();
/// script.will_return(Ok(Fixture::CardFullV3.opened()));
///
/// assert!(block_on(opener.open(&Fixture::VisaV3.sealed())).is_ok());
///
/// assert_eq!(script.calls(), [Fixture::VisaV3.head()]);
/// script.assert_done();
/// ```
#[must_use]
pub fn scripted_opener() -> (ScriptedOpener, Script<ResponseHead, PaymentCredentials>) {
    let opener = ScriptedOpener::empty();
    let script = opener.script();
    (opener, script)
}

/// A port that plays a script: of [`scripted`], or of [`answers`], [`refuses`], [`times_out`] and [`fails`].
///
/// A call without a scripted result panics: the fake never invents a result. The test also fails if results are
/// left when the last of port and script is dropped, unless [`allow_unused`](Script::allow_unused) was called
/// or the test fails already. If another thread or task drops it, that panic may go unnoticed: then call
/// [`assert_done`](Script::assert_done).
///
/// `Debug` shows how many calls were made and how many results are left, and nothing else.
pub struct ScriptedPort(Arc<Queue<CredentialsRequest, SealedCredentials>>);

/// An opener that plays a script: of [`scripted_opener`], or of [`opens`] and [`does_not_open`].
///
/// What [`ScriptedPort`] says of calls without a result and of results that are left holds here too.
///
/// `Debug` shows how many calls were made and how many results are left, and nothing else.
pub struct ScriptedOpener(Arc<Queue<ResponseHead, PaymentCredentials>>);

/// The results that a scripted fake returns, and the record of its calls.
pub struct Script<Call = CredentialsRequest, Success = SealedCredentials>(
    Arc<Queue<Call, Success>>,
);

impl<Call: Clone, Success> Script<Call, Success> {
    /// Queues the result of the next call that doesn't have one yet.
    pub fn will_return(&self, result: Result<Success, PortError>) {
        self.0.push(result);
    }

    /// The arguments of the calls so far, in order: requests for a port, heads of responses for an
    /// opener. Calls without a scripted result are included.
    #[must_use]
    pub fn calls(&self) -> Vec<Call> {
        self.0.calls()
    }

    /// Fails the test unless every result was used and every call had a result.
    ///
    /// Results that are left also fail the test when the last of fake and script is dropped. A call without a
    /// result panics by itself, but code that makes calls in a task may lose that panic.
    ///
    /// # Panics
    ///
    /// If results are left, or if a call had no result, for example in a task whose panic went
    /// unnoticed.
    #[track_caller]
    pub fn assert_done(&self) {
        self.0.assert_done();
    }
}

impl<Call, Success> Script<Call, Success> {
    /// Results may be left when the fake and its script are dropped.
    pub fn allow_unused(&self) {
        self.0.allow_unused();
    }
}

#[async_trait]
impl PaymentCredentialsPort for ScriptedPort {
    async fn generate(&self, request: &CredentialsRequest) -> Result<SealedCredentials, PortError> {
        let what = format!("token id {}", request.token_id());
        self.0.next(request.clone(), &what)
    }
}

#[async_trait]
impl CredentialsOpener for ScriptedOpener {
    async fn open(&self, sealed: &SealedCredentials) -> Result<PaymentCredentials, PortError> {
        let head = sealed.head().clone();
        let what = steps::head_in_words(&head);
        self.0.next(head, &what)
    }
}

impl fmt::Debug for ScriptedPort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.show("ScriptedPort", f)
    }
}

impl fmt::Debug for ScriptedOpener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.show("ScriptedOpener", f)
    }
}

impl<Call, Success> fmt::Debug for Script<Call, Success> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.show("Script", f)
    }
}
