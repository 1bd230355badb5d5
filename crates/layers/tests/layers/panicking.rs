//! Row G12: a panic below the observing layers is an outcome of its own, and goes on to the caller.

use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::{Context, Poll};

use async_trait::async_trait;
use metrics::{Counter, Gauge, Histogram, Key, KeyName, Metadata, Recorder, SharedString, Unit};
use payment_credentials_core::generator::CredentialsGenerator;
use payment_credentials_core::seam::Progress;
use payment_credentials_core::{
    CredentialsOpener, CredentialsRequest, PaymentCredentials, PaymentCredentialsPort, Phase,
    PortError, SealedCredentials,
};
use payment_credentials_layers::{ConcurrencyLimit, Metrics, Trace};
use payment_credentials_mock::fixtures::Fixture;

use crate::fake::{Play, call, fake, request};
use crate::measured::recorded;
use crate::traced::Heard;

const PANIC: &str = "a bug of one's own";

/// Panics once its call has got this far, or before it returns a future.
#[derive(Clone, Copy, Debug)]
enum Buggy {
    In(Phase),
    BeforeTheFuture,
}

impl PaymentCredentialsPort for Buggy {
    fn generate<'a: 'f, 'b: 'f, 'f>(
        &'a self,
        request: &'b CredentialsRequest,
    ) -> Pin<Box<dyn Future<Output = Result<SealedCredentials, PortError>> + Send + 'f>>
    where
        Self: 'f,
    {
        Box::pin(async { self.generate_with(request, &Progress::default()).await })
    }

    fn generate_with<'a: 'f, 'b: 'f, 'c: 'f, 'f>(
        &'a self,
        _: &'b CredentialsRequest,
        progress: &'c Progress,
    ) -> Pin<Box<dyn Future<Output = Result<SealedCredentials, PortError>> + Send + 'f>>
    where
        Self: 'f,
    {
        let Self::In(phase) = *self else {
            panic!("{PANIC}");
        };
        Box::pin(async move {
            let attempt = progress.begin_attempt();
            attempt.reached(phase);
            tokio::task::yield_now().await;
            panic!("{PANIC}");
        })
    }
}

#[async_trait]
impl CredentialsOpener for Buggy {
    async fn open(&self, _: &SealedCredentials) -> Result<PaymentCredentials, PortError> {
        panic!("{PANIC}");
    }
}

/// Runs the work, which panics, and returns the names of the series of calls that were counted.
fn counted(work: impl AsyncFnOnce()) -> Vec<String> {
    let recorded = recorded(async || {
        let panic = caught(Box::pin(work())).await;
        assert_eq!(panic, PANIC, "the caller sees the panic");
    });
    let calls = recorded.into_iter().map(|(name, _)| name);
    calls.filter(|name| name.contains("calls_total{")).collect()
}

/// The text of the panic in which the work ends.
async fn caught(mut work: Pin<Box<impl Future<Output = ()>>>) -> String {
    let poll = |cx: &mut Context<'_>| {
        let polled = catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(cx)));
        match polled {
            Ok(polled) => polled.map(|()| "no panic".to_owned()),
            Err(panic) => Poll::Ready(*panic.downcast::<String>().expect("a text")),
        }
    };
    poll_fn(poll).await
}

#[test]
fn g12_a_call_that_panics_is_counted_with_how_far_it_got() {
    for (port, delivery) in [
        (Buggy::In(Phase::Connect), "not_sent"),
        (Buggy::In(Phase::Headers), "unknown"),
        (Buggy::BeforeTheFuture, "not_sent"),
    ] {
        let counted = counted(async || {
            let _never = call(&Metrics::new(port)).await;
        });
        let expected = format!(
            "payment_credentials_calls_total{{operation=generate,outcome=panicked,delivery={delivery}}}"
        );
        assert_eq!(counted, [expected], "{port:?}");
    }
}

#[test]
fn g12_an_opening_that_panics_is_counted_alone_and_in_the_use_case() {
    let opener = Buggy::BeforeTheFuture;
    let opening = counted(async || {
        let _never = Metrics::new(opener).open(&Fixture::VisaV3.sealed()).await;
    });
    let generator = || CredentialsGenerator::new(fake(|_| Play::Give), opener);
    let whole = counted(async || {
        let _never = Metrics::new(generator()).generate(&request()).await;
    });
    for (counted, operation) in [(opening, "open"), (whole, "generate_and_open")] {
        let expected = format!(
            "payment_credentials_calls_total{{operation={operation},outcome=panicked,delivery=answered}}"
        );
        assert_eq!(counted, [expected]);
    }
}

#[test]
fn g12_a_panic_is_a_span_and_a_warning_and_its_place_is_free_again() {
    let heard = Heard::default();
    let _listening = heard.listen();
    let limit = ConcurrencyLimit::new(Buggy::In(Phase::Headers), 1).expect("a limit");
    let port = Trace::new(Metrics::new(limit));
    counted(async || {
        let _never = call(&port).await;
    });
    let fields = heard.fields();
    assert_eq!(
        (&*fields["outcome"], &*fields["phase"]),
        ("panicked", "headers")
    );
    assert_eq!(heard.warnings(), ["panicked"]);
    // A place that was kept would let the second call wait for ever.
    counted(async || {
        let _never = call(&port).await;
    });
}

/// A recorder that panics when something is counted.
struct Broken;

impl Recorder for Broken {
    fn describe_counter(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn register_counter(&self, _: &Key, _: &Metadata<'_>) -> Counter {
        panic!("a recorder that is broken");
    }

    fn register_gauge(&self, _: &Key, _: &Metadata<'_>) -> Gauge {
        panic!("a recorder that is broken");
    }

    fn register_histogram(&self, _: &Key, _: &Metadata<'_>) -> Histogram {
        panic!("a recorder that is broken");
    }
}

/// Row F9: the first panic goes on, and the process isn't aborted by a second one.
#[test]
fn f9_a_recorder_that_panics_does_not_hide_the_panic_of_a_port() {
    let text = |port: Box<dyn PaymentCredentialsPort>| {
        let runtime = tokio::runtime::Builder::new_current_thread().build();
        let runtime = runtime.expect("a runtime");
        let port = Metrics::new(port);
        let once = || metrics::with_local_recorder(&Broken, || runtime.block_on(call(&port)));
        let panic = catch_unwind(AssertUnwindSafe(once)).expect_err("a panic");
        let text = panic.downcast_ref::<String>().cloned();
        text.or_else(|| panic.downcast_ref::<&str>().map(|&text| text.to_owned()))
    };
    let buggy = text(Box::new(Buggy::In(Phase::Headers)));
    assert_eq!(buggy.as_deref(), Some(PANIC));
    let good = text(Box::new(fake(|_| Play::Give)));
    assert_eq!(good.as_deref(), Some("a recorder that is broken"));
}
