//! A port whose calls play a script, and that records when it was called.

use std::fmt;
use std::future::pending;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use http::{HeaderMap, HeaderValue, StatusCode};
use payment_credentials_core::seam::{Attempt, Progress};
use payment_credentials_core::wire::{self, ResponseBody};
use payment_credentials_core::{
    CredentialsRequest, Delivery, PaymentCredentialsPort, Phase, PortError, PortErrorKind,
    Repeatability, SealedCredentials,
};
use payment_credentials_mock::fixtures::Fixture;
use tokio::time::{Instant, sleep};

/// What the port does with one call.
#[derive(Debug)]
pub(crate) enum Play {
    /// Returns credentials.
    Give,
    /// Returns this error.
    Fail(PortError),
    /// Never ends.
    Hang,
    /// Waits for this time first.
    After(Duration, Box<Self>),
}

impl Play {
    pub(crate) fn after(milliseconds: u64, play: Self) -> Self {
        Self::After(Duration::from_millis(milliseconds), Box::new(play))
    }
}

/// A port that plays a script; clones share the same state.
#[derive(Clone)]
pub(crate) struct Fake(Arc<Played>);

struct Played {
    play: Box<dyn Fn(usize) -> Play + Send + Sync>,
    asked: Mutex<Vec<Instant>>,
    running: AtomicUsize,
    most_running: AtomicUsize,
}

/// A port that plays by the number of the call, counted from zero.
pub(crate) fn fake(play: impl Fn(usize) -> Play + Send + Sync + 'static) -> Fake {
    payment_credentials_test_limit::start();
    Fake(Arc::new(Played {
        play: Box::new(play),
        asked: Mutex::default(),
        running: AtomicUsize::default(),
        most_running: AtomicUsize::default(),
    }))
}

/// A script that fails this many times and then answers.
pub(crate) fn fails(
    times: usize,
    error: fn() -> PortError,
) -> impl Fn(usize) -> Play + Send + Sync {
    move |call| {
        if call < times {
            Play::Fail(error())
        } else {
            Play::Give
        }
    }
}

impl Fake {
    /// How often the port was called.
    pub(crate) fn asked(&self) -> usize {
        self.0.asked.lock().unwrap().len()
    }

    /// When the port was called.
    pub(crate) fn asked_at(&self) -> Vec<Instant> {
        self.0.asked.lock().unwrap().clone()
    }

    /// How many calls are running now.
    pub(crate) fn running(&self) -> usize {
        self.0.running.load(Ordering::SeqCst)
    }

    /// The largest number of calls that ran at the same time.
    pub(crate) fn most_running(&self) -> usize {
        self.0.most_running.load(Ordering::SeqCst)
    }
}

#[async_trait]
impl PaymentCredentialsPort for Fake {
    async fn generate(&self, _: &CredentialsRequest) -> Result<SealedCredentials, PortError> {
        let call = {
            let mut asked = self.0.asked.lock().unwrap();
            asked.push(Instant::now());
            asked.len() - 1
        };
        let running = self.0.running.fetch_add(1, Ordering::SeqCst) + 1;
        self.0.most_running.fetch_max(running, Ordering::SeqCst);
        let _running = Running(&self.0.running);
        let mut play = (self.0.play)(call);
        loop {
            play = match play {
                Play::Give => return Ok(Fixture::VisaV3.sealed()),
                Play::Fail(error) => return Err(error),
                Play::Hang => pending().await,
                Play::After(time, play) => {
                    sleep(time).await;
                    *play
                }
            };
        }
    }
}

impl fmt::Debug for Fake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Fake")
    }
}

struct Running<'a>(&'a AtomicUsize);

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

pub(crate) fn request() -> CredentialsRequest {
    payment_credentials_test_limit::start();
    CredentialsRequest::new("7010000000016241111".parse().expect("a token id"))
}

pub(crate) async fn call(
    port: &impl PaymentCredentialsPort,
) -> Result<SealedCredentials, PortError> {
    port.generate(&request()).await
}

/// Returns the call's error and how long the call took.
pub(crate) async fn failed(port: &impl PaymentCredentialsPort) -> (PortError, Duration) {
    let start = Instant::now();
    let error = call(port).await.expect_err("an error");
    (error, start.elapsed())
}

/// A kept connection that was closed before a byte of the request was written to it.
pub(crate) fn reset_before_send() -> PortError {
    let (kind, phase) = (PortErrorKind::Reset, Phase::Write);
    PortError::new(kind, Delivery::NotSent, phase, Repeatability::Safe)
}

/// A refusal with this status and these headers.
pub(crate) fn refused(status: u16, headers: &[(&'static str, &'static str)]) -> PortError {
    let headers: HeaderMap = headers
        .iter()
        .map(|(name, value)| {
            (
                name.parse().expect("a name"),
                HeaderValue::from_static(value),
            )
        })
        .collect();
    let status = StatusCode::from_u16(status).expect("a status");
    let body = ResponseBody::Received("".into());
    wire::decode(status, &headers, body).expect_err("a refusal")
}

/// A port whose call is sent while it is being dropped, as can happen on another thread.
#[derive(Debug)]
pub(crate) struct LeavesLate;

struct Leaves(Attempt);

impl Drop for Leaves {
    fn drop(&mut self) {
        self.0.reached(Phase::Headers);
    }
}

#[async_trait]
impl PaymentCredentialsPort for LeavesLate {
    async fn generate(&self, _: &CredentialsRequest) -> Result<SealedCredentials, PortError> {
        pending().await
    }

    async fn generate_with(
        &self,
        _: &CredentialsRequest,
        progress: &Progress,
    ) -> Result<SealedCredentials, PortError> {
        let _leaves = Leaves(progress.begin_attempt());
        pending().await
    }
}
