//! The span of a call: which fields it has, and which it must not have.

use std::collections::BTreeMap;
use std::fmt;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use payment_credentials_core::request::{BillTo, OrderInformation, RequestBody};
use payment_credentials_core::seam::Progress;
use payment_credentials_core::{
    ClockSkew, CredentialsRequest, MerchantId, PaymentCredentialsPort, PortError, ResponseHead,
    SealedCredentials,
};
use payment_credentials_layers::{
    ConcurrencyLimit, Deadline, Metrics, OnUnknownDelivery, PauseUntil, RateLimit, Retry,
    RetryPolicy, Trace,
};
use payment_credentials_mock::failures;
use payment_credentials_mock::fixtures::Fixture;
use tokio::time::{Instant, timeout};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::DefaultGuard;
use tracing::{Dispatch, Event, Level, Metadata, Subscriber};

use crate::fake::{Play, call, fake, request};

pub(crate) fn merchant_id() -> MerchantId {
    "testrest".parse().expect("a merchant id")
}

/// One span as the subscriber sees it.
#[derive(Clone, Debug, Default)]
struct Span {
    name: &'static str,
    target: &'static str,
    level: Option<Level>,
    fields: BTreeMap<&'static str, String>,
    entered: bool,
}

/// With a single subscriber, tracing caches the interest of the thread that reaches a span first,
/// which may belong to another test without a subscriber.
static SECOND: LazyLock<Dispatch> = LazyLock::new(|| Dispatch::new(Heard::default()));

/// All spans and events that the subscriber has received.
#[derive(Clone, Debug, Default)]
pub(crate) struct Heard {
    spans: Arc<Mutex<Vec<Span>>>,
    events: Arc<Mutex<Vec<Span>>>,
}

impl Heard {
    /// Collects the spans and events of this thread.
    pub(crate) fn listen(&self) -> DefaultGuard {
        LazyLock::force(&SECOND);
        tracing::subscriber::set_default(self.clone())
    }

    pub(crate) fn text(&self) -> String {
        format!("{:?} {:?}", self.spans(), self.events())
    }

    /// The outcomes of the warnings, in order.
    pub(crate) fn warnings(&self) -> Vec<String> {
        let events = self.events();
        let warnings = events.iter().filter(|it| it.level == Some(Level::WARN));
        warnings.map(|it| it.fields["outcome"].clone()).collect()
    }

    fn events(&self) -> MutexGuard<'_, Vec<Span>> {
        self.events.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn spans(&self) -> MutexGuard<'_, Vec<Span>> {
        self.spans.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The fields of the only span.
    pub(crate) fn fields(&self) -> BTreeMap<&'static str, String> {
        let spans = self.spans();
        let [span] = &**spans else {
            panic!("not one span: {spans:?}");
        };
        span.fields.clone()
    }
}

impl Visit for Span {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        let value = format!("{value:?}").trim_matches('"').to_owned();
        let before = self.fields.insert(field.name(), value);
        assert_eq!(before, None, "{} is told once", field.name());
    }
}

impl Subscriber for Heard {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, attributes: &Attributes<'_>) -> Id {
        let metadata = attributes.metadata();
        let mut span = Span {
            name: metadata.name(),
            target: metadata.target(),
            level: Some(*metadata.level()),
            ..Span::default()
        };
        attributes.record(&mut span);
        let mut spans = self.spans();
        spans.push(span);
        Id::from_u64(spans.len() as u64)
    }

    fn record(&self, id: &Id, values: &Record<'_>) {
        values.record(&mut self.spans()[place(id)]);
    }

    fn event(&self, event: &Event<'_>) {
        let metadata = event.metadata();
        let mut span = Span {
            target: metadata.target(),
            level: Some(*metadata.level()),
            ..Span::default()
        };
        event.record(&mut span);
        self.events().push(span);
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn enter(&self, id: &Id) {
        self.spans()[place(id)].entered = true;
    }

    fn exit(&self, id: &Id) {
        self.spans()[place(id)].entered = false;
    }
}

fn place(id: &Id) -> usize {
    usize::try_from(id.into_u64()).expect("a place") - 1
}

#[track_caller]
fn check(heard: &Heard, expected: &[(&'static str, &str)]) {
    let same = [("merchant_id", "testrest"), ("operation", "generate")];
    let expected: BTreeMap<_, _> = expected
        .iter()
        .chain(&same)
        .map(|(k, v)| (*k, (*v).to_owned()))
        .collect();
    assert_eq!(heard.fields(), expected);
}

#[tokio::test(start_paused = true)]
async fn a_success_is_one_span_with_its_correlation_id() {
    let heard = Heard::default();
    let _listening = heard.listen();
    let port = Trace::new(fake(|_| Play::Give)).with_merchant_id(merchant_id());
    call(&port).await.expect("credentials");
    check(
        &heard,
        &[
            ("outcome", "ok"),
            ("delivery", "answered"),
            ("correlation_id", "fixture-visa-v3"),
            ("attempts", "1"),
        ],
    );
    let span = heard.spans()[0].clone();
    assert_eq!(span.name, "payment_credentials.generate");
    assert_eq!(span.target, "payment_credentials");
    assert_eq!(span.level, Some(Level::INFO));
}

/// Row G12.
#[tokio::test(start_paused = true)]
async fn g12_a_failure_is_a_warning_too_and_a_success_is_none() {
    let heard = Heard::default();
    let _listening = heard.listen();
    let port = Trace::new(fake(|call| match call {
        0 => Play::Give,
        _ => Play::Fail(failures::refused(502)),
    }))
    .with_merchant_id(merchant_id());
    call(&port).await.expect("credentials");
    assert_eq!(heard.events().len(), 0);
    call(&port).await.expect_err("refused");
    let events = heard.events();
    let [warning] = &**events else {
        panic!("not one event: {events:?}");
    };
    assert_eq!(warning.level, Some(Level::WARN));
    assert_eq!(warning.target, "payment_credentials");
    let field = |name| warning.fields.get(name).map(String::as_str);
    assert_eq!(field("outcome"), Some("refused_upstream"));
    assert_eq!(field("delivery"), Some("unknown"));
    assert_eq!(field("phase"), Some("decode"));
    assert_eq!(field("correlation_id"), Some(failures::CORRELATION));
    // A filter for warnings turns the span off, so the event stands alone.
    assert_eq!(field("operation"), Some("generate"));
    assert_eq!(field("merchant_id"), Some("testrest"));
    assert_eq!(
        (field("attempts"), field("status")),
        (Some("1"), Some("502"))
    );
}

/// Row G12: a clock that is off is a field to alert on, also where a later attempt failed otherwise.
#[tokio::test(start_paused = true)]
async fn g12_a_clock_that_is_off_is_a_field_of_span_and_warning() {
    let local = SystemTime::UNIX_EPOCH + Duration::from_secs(1_780_000_000);
    let service = local + Duration::from_secs(300);
    let skewed = move || {
        let skew = ClockSkew::between(local, local, service).expect("a skew");
        failures::refused(401).with_clock_skew(skew)
    };
    for is_last in [true, false] {
        let heard = Heard::default();
        let _listening = heard.listen();
        let port = Trace::new(fake(move |_| {
            let error = if is_last {
                skewed()
            } else {
                failures::refused(502).after(skewed())
            };
            Play::Fail(error)
        }));
        call(&port).await.expect_err("refused");
        assert_eq!(heard.fields()["clock_skew_seconds"], "300");
        assert_eq!(heard.events()[0].fields["clock_skew_seconds"], "300");
    }
}

/// A port that reports its attempts, the first of which proves that the clock is off.
#[derive(Debug)]
struct SignsAgain;

#[async_trait]
impl PaymentCredentialsPort for SignsAgain {
    async fn generate(&self, request: &CredentialsRequest) -> Result<SealedCredentials, PortError> {
        self.generate_with(request, &Progress::default()).await
    }

    async fn generate_with(
        &self,
        _: &CredentialsRequest,
        progress: &Progress,
    ) -> Result<SealedCredentials, PortError> {
        let local = SystemTime::UNIX_EPOCH;
        let skew = ClockSkew::between(local, local, local + Duration::from_secs(300));
        let refused = failures::refused(401).with_clock_skew(skew.expect("a skew"));
        progress.begin_attempt().ended(&refused);
        let _second = progress.begin_attempt();
        Ok(Fixture::VisaV3.sealed())
    }
}

/// Row G12: each such call costs two requests, and only the skew says why.
#[tokio::test(start_paused = true)]
async fn g12_a_clock_that_is_off_is_told_also_where_signing_again_succeeds() {
    let heard = Heard::default();
    let _listening = heard.listen();
    let traced = Trace::new(Metrics::new(SignsAgain));
    call(&traced).await.expect("credentials");
    let fields = heard.fields();
    assert_eq!((&*fields["outcome"], &*fields["attempts"]), ("ok", "2"));
    assert_eq!(fields["clock_skew_seconds"], "300");
    let event = heard.events()[0].clone();
    assert_eq!(event.level, Some(Level::WARN));
    assert_eq!(event.fields["message"], "the local clock is off");
    assert_eq!(event.fields["clock_skew_seconds"], "300");
}

/// A port that reports its merchant.
#[derive(Debug)]
struct Shop;

#[async_trait]
impl PaymentCredentialsPort for Shop {
    async fn generate(&self, _: &CredentialsRequest) -> Result<SealedCredentials, PortError> {
        Ok(Fixture::VisaV3.sealed())
    }

    fn merchant_id(&self) -> Option<MerchantId> {
        Some("shop".parse().expect("a merchant id"))
    }
}

#[tokio::test(start_paused = true)]
async fn the_merchant_is_the_ports_through_every_layer_unless_another_is_set() {
    for (set, expected) in [(None, "shop"), (Some(merchant_id()), "testrest")] {
        let heard = Heard::default();
        let _listening = heard.listen();
        let port = Deadline::new(Arc::new(Shop), Duration::from_secs(8));
        let port = PauseUntil::new(ConcurrencyLimit::new(port, 1).expect("a limit"));
        let port = Metrics::new(Retry::new(RateLimit::new(port, 50).expect("a limit")));
        let traced = match set {
            Some(merchant_id) => Trace::new(port).with_merchant_id(merchant_id),
            None => Trace::new(port),
        };
        call(&traced).await.expect("credentials");
        assert_eq!(heard.fields()["merchant_id"], expected);
    }
    let heard = Heard::default();
    let _listening = heard.listen();
    let unknown = Trace::new(fake(|_| Play::Give));
    call(&unknown).await.expect("credentials");
    assert!(!heard.fields().contains_key("merchant_id"));
}

#[tokio::test(start_paused = true)]
async fn a_success_tells_the_attempts_of_every_retry_below() {
    let heard = Heard::default();
    let _listening = heard.listen();
    let port = fake(|call| match call {
        0 | 1 | 3 => Play::Fail(failures::connect()),
        _ => Play::Give,
    });
    let inner = Retry::with_policy(port.clone(), &RetryPolicy::default().max_retries(1));
    let traced = Trace::new(Retry::new(inner)).with_merchant_id(merchant_id());
    call(&traced).await.expect("credentials");
    assert_eq!(port.asked(), 3);
    assert_eq!(heard.fields()["attempts"], "3");
    // The next call is counted on its own.
    heard.spans().clear();
    call(&traced).await.expect("credentials");
    assert_eq!(heard.fields()["attempts"], "2");
}

#[tokio::test(start_paused = true)]
async fn the_call_runs_within_its_span() {
    let heard = Heard::default();
    let _listening = heard.listen();
    let spans = heard.clone();
    let port = fake(move |_| {
        assert!(spans.spans()[0].entered);
        Play::after(1, Play::Give)
    });
    let traced = Trace::new(port).with_merchant_id(merchant_id());
    let start = Instant::now();
    call(&traced).await.expect("credentials");
    assert!(!heard.spans()[0].entered && start.elapsed() > Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn under_a_retry_each_attempt_tells_of_itself() {
    let heard = Heard::default();
    let _listening = heard.listen();
    let port = fake(|call| match call {
        0 => Play::Fail(failures::connect()),
        _ => Play::Give,
    });
    let retry = Retry::new(Trace::new(port).with_merchant_id(merchant_id()));
    call(&retry).await.expect("credentials");
    let attempts: Vec<_> = heard
        .spans()
        .iter()
        .map(|it| it.fields["attempts"].clone())
        .collect();
    assert_eq!(attempts, ["1", "1"]);
}

#[tokio::test(start_paused = true)]
async fn a_failure_tells_kind_delivery_phase_and_attempts() {
    let heard = Heard::default();
    let _listening = heard.listen();
    let port = fake(|_| Play::Fail(failures::refused(502)));
    let retry = Retry::with_policy(
        port,
        &RetryPolicy::default().on_unknown_delivery(OnUnknownDelivery::Repeat),
    );
    call(&Trace::new(retry).with_merchant_id(merchant_id()))
        .await
        .expect_err("refused");
    check(
        &heard,
        &[
            ("outcome", "refused_upstream"),
            ("delivery", "unknown"),
            ("phase", "decode"),
            ("correlation_id", failures::CORRELATION),
            ("attempts", "3"),
        ],
    );
}

#[tokio::test(start_paused = true)]
async fn a_call_that_is_dropped_tells_how_far_it_got() {
    let short = Duration::from_secs(1);
    let heard = Heard::default();
    let _listening = heard.listen();
    let hangs = fake(|_| Play::Hang);
    let limit = Arc::new(ConcurrencyLimit::new(hangs, 1).expect("a limit"));
    let port = Trace::new(Arc::clone(&limit)).with_merchant_id(merchant_id());
    let sent = async {
        assert!(timeout(short, call(&port)).await.is_err());
    };
    let waiting = async {
        assert!(timeout(short / 2, call(&port)).await.is_err());
    };
    tokio::join!(sent, waiting);
    let told: Vec<_> = heard
        .spans()
        .iter()
        .map(|span| {
            (
                span.fields["outcome"].clone(),
                span.fields["delivery"].clone(),
            )
        })
        .collect();
    let expected =
        ["unknown", "not_sent"].map(|delivery| ("dropped".to_owned(), delivery.to_owned()));
    assert_eq!(told, expected);
}

#[tokio::test(start_paused = true)]
async fn a_deadline_below_tells_the_attempts_of_its_own_call() {
    let heard = Heard::default();
    let _listening = heard.listen();
    let port = fake(|call| match call {
        0 => Play::Fail(failures::connect()),
        _ => Play::Hang,
    });
    let deadline = Deadline::new(Retry::new(port), Duration::from_secs(8));
    let error = call(&Trace::new(deadline).with_merchant_id(merchant_id()))
        .await
        .expect_err("late");
    assert_eq!(error.attempts(), 2);
    assert_eq!(heard.fields()["attempts"], "2");

    // Inside a retry, the span reports its own attempt only, and the retry adds the attempts up.
    let port = fake(|call| match call {
        0 => Play::Fail(failures::connect()),
        _ => Play::Hang,
    });
    let retry = Retry::new(Deadline::new(port, Duration::from_secs(8)));
    assert_eq!(call(&retry).await.expect_err("late").attempts(), 2);
}

#[tokio::test(start_paused = true)]
async fn f13_nothing_of_the_request_or_the_response_is_told() {
    let heard = Heard::default();
    let _listening = heard.listen();
    let bill_to = BillTo::default().with_email("canary@example.com");
    let order = OrderInformation::default().with_bill_to(bill_to);
    let body = RequestBody::default().with_order_information(order);
    let request = request().with_body(body).expect("a request");
    let port = Trace::new(fake(|_| Play::Give)).with_merchant_id(merchant_id());
    port.generate(&request).await.expect("credentials");
    let told = heard.text();
    for secret in ["canary", request.token_id().as_str(), "eyJ"] {
        assert!(!told.contains(secret), "{told}");
    }
}

/// Returns an error whose correlation id looks like a card number.
#[derive(Debug)]
struct OddlyNamed;

#[async_trait]
impl PaymentCredentialsPort for OddlyNamed {
    async fn generate(&self, _: &CredentialsRequest) -> Result<SealedCredentials, PortError> {
        let head = ResponseHead::new(201).with_correlation_id(CARD.parse().expect("an id"));
        let jwe = Fixture::VisaV3.compact().parse().expect("a JWE");
        Ok(SealedCredentials::new(jwe, head))
    }
}

/// A published test number.
const CARD: &str = "4111111111111111";

/// Row C23, where a user's own port keeps a correlation id unchanged, and where a merchant id looks
/// like a card number.
#[tokio::test(start_paused = true)]
async fn an_id_that_looks_like_a_card_number_is_masked() {
    let heard = Heard::default();
    let _listening = heard.listen();
    let port = Trace::new(OddlyNamed).with_merchant_id(CARD.parse().expect("a merchant id"));
    call(&port).await.expect("credentials");
    let fields = heard.fields();
    for field in ["correlation_id", "merchant_id"] {
        let told = &fields[field];
        assert!(told.ends_with("1111") && told != CARD, "{told}");
    }
    assert!(!heard.text().contains(CARD));
}

/// Panics when the end of a call is reported.
struct Panics;

impl Subscriber for Panics {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {
        panic!("a log sink that is broken");
    }

    fn event(&self, _: &Event<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

/// Makes one call with paused time.
fn call_once(port: &impl PaymentCredentialsPort) -> bool {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = runtime.enable_time().start_paused(true).build();
    let runtime = runtime.expect("a runtime");
    runtime.block_on(async { call(port).await.is_ok() })
}

/// Makes one call whose end is reported to a subscriber that panics.
fn call_with_broken_sink(port: &impl PaymentCredentialsPort) -> Result<bool, String> {
    let call = || tracing::subscriber::with_default(Panics, || call_once(port));
    let panic = std::panic::catch_unwind(AssertUnwindSafe(call));
    panic.map_err(|panic| (*panic.downcast::<&str>().expect("a text")).to_owned())
}

/// Row F9.
#[test]
fn f9_a_log_sink_that_panics_leaves_the_layers_usable() {
    let port = fake(|_| Play::after(1, Play::Give));
    let traced = Trace::new(port).with_merchant_id(merchant_id());
    let limit = ConcurrencyLimit::new(traced, 1).expect("a limit");
    assert_eq!(
        call_with_broken_sink(&limit),
        Err("a log sink that is broken".to_owned())
    );
    assert!(call_once(&limit));
}

/// A second panic while the first one unwinds would abort the process.
#[test]
fn a_log_sink_that_panics_does_not_hide_the_panic_of_a_port() {
    let port = fake(|_| panic!("a port that is broken"));
    let traced = Trace::new(port).with_merchant_id(merchant_id());
    assert_eq!(
        call_with_broken_sink(&traced),
        Err("a port that is broken".to_owned())
    );
}
