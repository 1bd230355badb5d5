//! The scripted fake: answers in the order they were queued, and panics where none is left.

mod queue;

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use payment_credentials_core::{
    CredentialsOpener, CredentialsRequest, PaymentCredentials, PaymentCredentialsPort, PortError,
    ResponseHead, SealedCredentials,
};

use queue::Queue;

/// A port that answers by script, and the script.
///
/// ```
/// use payment_credentials_core::{CredentialsRequest, PaymentCredentialsPort};
/// use payment_credentials_mock::{block_on, failures, fixtures::Fixture, scripted};
///
/// let (port, script) = scripted();
/// script.answer(Err(failures::refused(503)));
/// script.answer(Ok(Fixture::VisaV3.sealed()));
///
/// let request = CredentialsRequest::new("7010000000016241111".parse()?);
/// assert!(block_on(port.generate(&request)).is_err());
/// assert!(block_on(port.generate(&request)).is_ok());
///
/// assert_eq!(script.asked()[1].token_id(), request.token_id());
/// script.done();
/// # Ok::<(), payment_credentials_core::ParseValueError>(())
/// ```
#[must_use]
pub fn scripted() -> (ScriptedPort, Script) {
    let queue = Arc::new(Queue::new("ScriptedPort"));
    let script = Script(Arc::clone(&queue));
    (ScriptedPort(queue), script)
}

/// An opener that answers by script, and the script.
///
/// What it was asked is known by the heads of the responses: what they sealed can't be copied.
///
/// ```
/// use payment_credentials_core::CredentialsOpener;
/// use payment_credentials_mock::{block_on, fixtures::Fixture, scripted_opener};
///
/// let (opener, script) = scripted_opener();
/// script.answer(Ok(Fixture::CardFullV3.opened()));
///
/// assert!(block_on(opener.open(&Fixture::VisaV3.sealed())).is_ok());
///
/// assert_eq!(script.asked(), [Fixture::VisaV3.head()]);
/// script.done();
/// ```
#[must_use]
pub fn scripted_opener() -> (ScriptedOpener, Script<ResponseHead, PaymentCredentials>) {
    let queue = Arc::new(Queue::new("ScriptedOpener"));
    let script = Script(Arc::clone(&queue));
    (ScriptedOpener(queue), script)
}

/// The port of [`scripted`].
///
/// A call without a response panics: the fake never makes one up. `Debug` counts and shows nothing
/// else.
pub struct ScriptedPort(Arc<Queue<CredentialsRequest, SealedCredentials>>);

/// The opener of [`scripted_opener`].
///
/// A call without a response panics: the fake never makes one up. `Debug` counts and shows nothing
/// else.
pub struct ScriptedOpener(Arc<Queue<ResponseHead, PaymentCredentials>>);

/// What a scripted fake will answer, and what it was asked.
pub struct Script<Asked = CredentialsRequest, Answer = SealedCredentials>(
    Arc<Queue<Asked, Answer>>,
);

impl<Asked: Clone, Answer> Script<Asked, Answer> {
    /// Queues the response to the next call that has none.
    pub fn answer(&self, answer: Result<Answer, PortError>) {
        self.0.push(answer);
    }

    /// What was asked so far, in order; calls without a response too.
    #[must_use]
    pub fn asked(&self) -> Vec<Asked> {
        self.0.asked()
    }

    /// Ends the test: every response was asked for, and every call had one.
    ///
    /// # Panics
    ///
    /// If answers are left over, or if a call had none, such as in a task whose panic nobody saw.
    /// Dropping the script checks nothing.
    #[track_caller]
    pub fn done(&self) {
        self.0.done();
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
        let what = match head.correlation_id() {
            Some(id) => format!("correlation id {id}"),
            None => format!("status {}", head.status()),
        };
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

impl<Asked, Answer> fmt::Debug for Script<Asked, Answer> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.show("Script", f)
    }
}
