//! Calls without a runtime.

use std::error::Error;
use std::sync::mpsc;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use async_trait::async_trait;
use payment_credentials_core::seam::Unauthenticated;
use payment_credentials_core::{
    CredentialsOpener, CredentialsRequest, Delivery, Endpoint, PaymentCredentials,
    PaymentCredentialsPort, Phase, PortError, PortErrorKind, Repeatability, ResponseHead,
    SealedCredentials, UnexpectedResponse,
};
use payment_credentials_hyper::blocking::BlockingGenerator;
use payment_credentials_hyper::{HyperPort, Roots, TokioOffload, pipe};
use payment_credentials_jose::{JweOpener, Keyring};
use payment_credentials_keys::PrivateKey;
use payment_credentials_sandbox::{Authentication, Sandbox, vault};

use crate::sandboxed::trusting;

pub(crate) fn sandbox() -> Sandbox {
    payment_credentials_test_limit::start();
    Sandbox::start_blocking(Authentication::NotRequired).expect("a sandbox")
}

fn opener(sandbox: &Sandbox) -> JweOpener {
    let key = PrivateKey::from_pem(sandbox.merchant().opening_key_pem());
    let id = sandbox.merchant().opening_key_id().parse();
    let key = key.expect("a key").with_key_id(id.expect("a key id"));
    let keyring = Keyring::new([key]).expect("a keyring");
    JweOpener::new(keyring.offload(Arc::new(TokioOffload::default())))
}

pub(crate) fn generator(sandbox: &Sandbox) -> BlockingGenerator<HyperPort, JweOpener> {
    let port = trusting(sandbox).build().expect("a port");
    BlockingGenerator::new(port, opener(sandbox)).expect("a generator")
}

/// A generator over a port that never receives a response.
fn over<P: PaymentCredentialsPort>(port: P) -> BlockingGenerator<P, JweOpener> {
    BlockingGenerator::new(port, opener(&sandbox())).expect("a generator")
}

pub(crate) fn request() -> CredentialsRequest {
    CredentialsRequest::new(vault::VISA.parse().expect("a token id"))
}

#[test]
fn a_thread_without_a_runtime_gets_its_credentials() {
    let sandbox = sandbox();
    let generator = generator(&sandbox);
    for _ in 0..3 {
        let generated = generator.generate(&request()).expect("credentials");
        assert!(generated.correlation_id().is_some());
    }
    assert_eq!((sandbox.connections(), sandbox.minted()), (1, 3));
}

/// A port and an opener whose response is always of the same stored card.
#[derive(Clone, Copy, Debug)]
struct Fixed;

#[async_trait]
impl PaymentCredentialsPort for Fixed {
    async fn generate(&self, _: &CredentialsRequest) -> Result<SealedCredentials, PortError> {
        let jwe = "eyJ9.a.b.c.d".parse().expect("a JWE");
        Ok(SealedCredentials::new(jwe, ResponseHead::new(201)))
    }
}

#[async_trait]
impl CredentialsOpener for Fixed {
    async fn open(&self, _: &SealedCredentials) -> Result<PaymentCredentials, PortError> {
        let plaintext = br#"{"tokenizedCard": {"id": "47CA", "number": "4895370016750801"}}"#;
        Ok(PaymentCredentials::from_plaintext(plaintext).expect("credentials"))
    }
}

#[test]
fn credentials_of_another_stored_card_are_rejected_if_confirmation_is_required() {
    payment_credentials_test_limit::start();
    let generator = BlockingGenerator::new(Fixed, Fixed).expect("a generator");
    let of = |id: &str| CredentialsRequest::new(id.parse().expect("a token id"));
    generator.generate(&of("7010")).expect("not required");
    let generator = generator.require_confirmation();
    generator.generate(&of("47CA")).expect("confirmed");
    let mut error = generator.generate(&of("7010")).expect_err("another card's");
    let unconfirmed = PortErrorKind::Unexpected(UnexpectedResponse::NotConfirmed);
    assert_eq!(error.kind(), unconfirmed);
    // Opening the response again doesn't get round it.
    let sealed = error.take_sealed().expect("the response");
    let again = generator
        .open(&of("7010"), sealed)
        .expect_err("another card's");
    assert_eq!(again.kind(), unconfirmed);
}

#[test]
fn threads_call_at_once() {
    let sandbox = sandbox();
    let generator = generator(&sandbox);
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                for _ in 0..3 {
                    generator.generate(&request()).expect("credentials");
                }
            });
        }
    });
    assert_eq!(sandbox.minted(), 24);
}

#[test]
fn the_deadline_holds_without_anyone_else_to_watch_it() {
    let (dialer, _silent) = pipe();
    let endpoint = Endpoint::custom("http://localhost".parse().expect("an address"));
    let port = HyperPort::builder(endpoint, Arc::new(Unauthenticated))
        .roots(Roots::Bundled)
        .dialer(Arc::new(dialer))
        .call_deadline(Duration::from_millis(50));
    let generator = over(port.build().expect("a port"));
    let error = generator.generate(&request()).expect_err("late");
    assert_eq!(
        (error.kind(), error.phase()),
        (PortErrorKind::Deadline, Phase::Headers)
    );
}

#[tokio::test]
async fn within_an_asynchronous_context_it_is_an_error() {
    let sandbox = sandbox();
    let generator = Arc::new(generator(&sandbox));
    let on_a_worker = generator.generate(&request());
    let other = Arc::clone(&generator);
    let on_a_blocking_thread = tokio::task::spawn_blocking(move || other.generate(&request()));
    for refused in [on_a_worker, on_a_blocking_thread.await.expect("no panic")] {
        let error = refused.expect_err("refused");
        assert_eq!(
            (error.kind(), error.phase()),
            (PortErrorKind::Setup, Phase::Start)
        );
        assert_eq!(
            (error.delivery(), error.repeatability()),
            (Delivery::NotSent, Repeatability::Never)
        );
        let cause = error.source().expect("a cause").to_string();
        assert!(cause.contains("await a CredentialsGenerator"), "{cause}");
    }
    assert!(sandbox.requests().is_empty());
    // Where opening is rejected too, the error keeps the response that has arrived.
    let jwe = "eyJ9.a.b.c.d".parse().expect("a JWE");
    let sealed = SealedCredentials::new(jwe, ResponseHead::new(201));
    let error = generator.open(&request(), sealed).expect_err("refused");
    assert_eq!(error.kind(), PortErrorKind::Setup);
    assert_eq!(error.delivery(), Delivery::Answered);
    assert!(error.sealed().is_some());
    let elsewhere = thread::spawn(move || generator.generate(&request()).is_ok());
    assert!(elsewhere.join().expect("no panic"));
}

/// Leaves a task and a blocking thread running after each call.
#[derive(Debug)]
struct Litters {
    task: Mutex<Option<mpsc::Sender<()>>>,
    thread: Mutex<Option<mpsc::Receiver<()>>>,
}

#[async_trait]
impl PaymentCredentialsPort for Litters {
    async fn generate(&self, _: &CredentialsRequest) -> Result<SealedCredentials, PortError> {
        let held = self
            .task
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        tokio::spawn(async move {
            std::future::pending::<()>().await;
            drop(held);
        });
        let stuck = self
            .thread
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        tokio::task::spawn_blocking(move || stuck.map(|stuck| stuck.recv()));
        Err(PortError::deadline(Phase::Transport))
    }
}

#[test]
fn dropping_it_ends_its_tasks_and_waits_for_nothing() {
    let (held, ended) = mpsc::channel();
    let (release, stuck) = mpsc::channel();
    let generator = over(Litters {
        task: Mutex::new(Some(held)),
        thread: Mutex::new(Some(stuck)),
    });
    generator.generate(&request()).expect_err("no response");
    assert_eq!(ended.try_recv(), Err(mpsc::TryRecvError::Empty));
    drop(generator);
    // Dropping the runtime drops the task, while the thread is still blocked.
    assert_eq!(ended.recv(), Err(mpsc::RecvError));
    release.send(()).expect("still stuck");
}

#[tokio::test]
async fn it_may_be_dropped_within_an_asynchronous_context() {
    drop(generator(&sandbox()));
}
