//! The crate as its users see it: from outside, through the traits.

#![expect(clippy::expect_used, reason = "it is how a test fails")]

mod cassette;
mod contract;
mod expected;
mod faulty;
mod one_line;

use std::fmt::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Response, header};
use payment_credentials_core::generator::CredentialsGenerator;
use payment_credentials_core::seam::{
    Clock, MessageEncryption, Offload, OffloadError, RequestAuthenticator, Transport, offload,
};
use payment_credentials_core::wire::ResponseBody;
use payment_credentials_core::{
    CredentialsOpener, CredentialsRequest, Endpoint, Environment, Gateway, PaymentCredentialsPort,
    PortErrorKind, ResponseHead, SealedCredentials,
};
use payment_credentials_mock::fixtures::{Fixture, FixtureOpener};
use payment_credentials_mock::mockall::Sequence;
use payment_credentials_mock::{
    MockClock, MockCredentialsOpener, MockMessageEncryption, MockOffload,
    MockPaymentCredentialsPort, MockRequestAuthenticator, MockTransport, Script, ScriptedOpener,
    ScriptedPort, answers, block_on, failures, scripted, scripted_opener,
};

fn request() -> CredentialsRequest {
    let token_id = "47CA8267360FD3EAE063AF598E0A5792".parse();
    CredentialsRequest::new(token_id.expect("a token id"))
}

fn panic_text(work: impl FnOnce()) -> String {
    let panic = catch_unwind(AssertUnwindSafe(work)).expect_err("a panic");
    match panic.downcast::<&str>() {
        Ok(text) => (*text).to_owned(),
        Err(panic) => *panic.downcast::<String>().expect("a text"),
    }
}

#[test]
fn fakes_and_scripts_cross_threads() {
    fn crosses<T: Send + Sync + 'static>() {}
    crosses::<ScriptedPort>();
    crosses::<ScriptedOpener>();
    crosses::<Script>();
    crosses::<MockPaymentCredentialsPort>();
}

#[test]
fn the_use_case_runs_on_mocks_of_both_ports() {
    let mut order = Sequence::new();
    let mut port = MockPaymentCredentialsPort::new();
    port.expect_generate()
        .once()
        .in_sequence(&mut order)
        .returning(|_| Ok(Fixture::VisaV3.sealed()));
    let mut opener = MockCredentialsOpener::new();
    opener
        .expect_open()
        .withf(|sealed| *sealed.head() == Fixture::VisaV3.head())
        .once()
        .in_sequence(&mut order)
        .returning(|_| Err(failures::does_not_open()));

    let port: Arc<dyn PaymentCredentialsPort> = Arc::new(port);
    let opener: Arc<dyn CredentialsOpener> = Arc::new(opener);
    let error = block_on(CredentialsGenerator::new(port, opener).generate(&request()))
        .expect_err("it does not open");
    assert_eq!(error.kind(), PortErrorKind::Decrypt);
}

#[test]
fn a_gateway_runs_on_mocks_of_every_seam() {
    let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_780_000_000);
    let mut clock = MockClock::new();
    clock.expect_now().return_const(now);
    let mut encryption = MockMessageEncryption::new();
    encryption.expect_is_active().return_const(true);
    encryption.expect_response_key_id().returning(|| None);
    let sealed = Bytes::from_static(b"sealed");
    encryption
        .expect_seal()
        .withf(move |body, at| body == "{}" && *at == now)
        .return_once(move |_, _| Ok(sealed));
    encryption
        .expect_open()
        .returning(|body| Ok(ResponseBody::Received(body)));
    let mut authenticator = MockRequestAuthenticator::new();
    authenticator
        .expect_carries_message_encryption()
        .return_const(true);
    authenticator
        .expect_authenticate()
        .withf(move |unsigned, at| unsigned.body == "sealed" && *at == now)
        .returning(|_, _| {
            let signature = HeaderValue::from_static("Bearer test");
            Ok(HeaderMap::from_iter([(header::AUTHORIZATION, signature)]))
        });
    let mut transport = MockTransport::new();
    transport
        .expect_send()
        .withf(|outgoing| {
            outgoing.request().body() == "sealed"
                && outgoing
                    .request()
                    .headers()
                    .contains_key(header::AUTHORIZATION)
        })
        .returning(|_| Ok(Response::new(Fixture::VisaV3.compact().into())));

    let clock: Arc<dyn Clock> = Arc::new(clock);
    let encryption: Arc<dyn MessageEncryption> = Arc::new(encryption);
    let authenticator: Arc<dyn RequestAuthenticator> = Arc::new(authenticator);
    let transport: Arc<dyn Transport> = Arc::new(transport);
    let endpoint = Endpoint::new(Environment::Test);
    let gateway = Gateway::builder(endpoint, authenticator)
        .encryption(encryption)
        .clock(clock)
        .build(transport)
        .expect("a gateway");
    let sealed = block_on(gateway.generate(&request())).expect("a response");
    assert!(block_on(FixtureOpener.open(&sealed)).is_ok());
}

#[test]
fn an_offload_mock_runs_the_work_or_refuses() {
    let mut mock = MockOffload::new();
    mock.expect_run().once().returning(|work| {
        work();
        Ok(())
    });
    mock.expect_run().returning(|_| Err(OffloadError));
    let mock: Arc<dyn Offload> = Arc::new(mock);
    assert_eq!(block_on(offload(&*mock, || 42)), Ok(42));
    assert_eq!(block_on(offload(&*mock, || 42)), Err(OffloadError));
}

#[test]
fn a_mock_without_an_expectation_panics_and_names_itself() {
    let port: Arc<dyn PaymentCredentialsPort> = Arc::new(MockPaymentCredentialsPort::new());
    let text = panic_text(|| drop(block_on(port.generate(&request()))));
    assert!(
        text.starts_with("MockPaymentCredentialsPort::generate("),
        "{text}"
    );
}

#[test]
fn an_unscripted_call_panics_and_says_what_to_do() {
    let (port, script) = scripted();
    let port: Arc<dyn PaymentCredentialsPort> = Arc::new(port);
    assert_eq!(
        panic_text(|| drop(block_on(port.generate(&request())))),
        "ScriptedPort: call 1 (token id 47CA8267360FD3EAE063AF598E0A5792) has no scripted result; queue one with \
         `script.will_return(..)` or add one with `.then(..)` before the code under test makes the call"
    );
    assert_eq!(script.calls().len(), 1);

    let (opener, _script) = scripted_opener();
    let opener: Arc<dyn CredentialsOpener> = Arc::new(opener);
    let text = panic_text(|| drop(block_on(opener.open(&Fixture::VisaV2.sealed()))));
    assert!(
        text.starts_with(
            "ScriptedOpener: call 1 (correlation id fixture-visa-v2) has no scripted result;"
        ),
        "{text}"
    );
}

#[test]
fn a_card_number_in_the_place_of_a_token_id_stays_out_of_the_panic() {
    let (port, _script) = scripted();
    let request = CredentialsRequest::new("4111111111111111".parse().expect("a token id"));
    let text = panic_text(|| drop(block_on(port.generate(&request))));
    assert!(text.contains("411111******1111"), "{text}");
}

#[test]
fn done_fails_on_an_answer_left_over() {
    let (port, script) = scripted();
    script.will_return(Ok(Fixture::VisaV3.sealed()));
    script.will_return(Err(failures::connect()));
    assert!(block_on(port.generate(&request())).is_ok());
    let text = panic_text(|| script.assert_done());
    assert!(
        text.starts_with("ScriptedPort: scripted results left: 1; calls made: 1;"),
        "{text}"
    );
    assert!(block_on(port.generate(&request())).is_err());
    script.assert_done();
}

#[test]
fn the_fixture_opener_opens_fixtures_and_nothing_else() {
    for fixture in Fixture::ALL {
        assert!(
            block_on(FixtureOpener.open(&fixture.sealed())).is_ok(),
            "{fixture:?}"
        );
    }
    let jwe = "eyJ9.a.b.c.d".parse().expect("a JWE");
    let other = SealedCredentials::new(jwe, ResponseHead::new(201));
    let error = block_on(FixtureOpener.open(&other)).expect_err("not a fixture");
    assert_eq!(error.kind(), PortErrorKind::Decrypt);
    assert_eq!(error.status(), Some(201));
}

#[test]
fn debug_shows_no_card_data_of_fakes_scripts_or_fixtures() {
    let secrets: Vec<_> = Fixture::ALL
        .iter()
        .flat_map(|fixture| fixture.plaintext().split('"'))
        .filter(|text| text.len() > 11 && text.contains(|c: char| c.is_ascii_digit()))
        .filter(|text| !text.contains("/tms/"))
        .chain(["john.doe", "1 Market St"])
        .collect();

    let (port, script) = scripted();
    let (opener, openings) = scripted_opener();
    let mut shown = String::new();
    for fixture in Fixture::ALL {
        script.will_return(Ok(fixture.sealed()));
        openings.will_return(Ok(fixture.opened()));
        let (sealed, credentials) = (fixture.sealed(), fixture.opened());
        write!(shown, "{fixture:?} {sealed:?} {credentials:?}").expect("text");
        assert!(!shown.contains(fixture.compact()));
    }
    write!(shown, "{port:?} {script:?} {opener:?} {openings:?}").expect("text");
    script.allow_unused();
    openings.allow_unused();
    assert!(
        shown.contains(&format!(
            "ScriptedPort {{ calls: 0, results_left: {}, .. }}",
            Fixture::ALL.len()
        )),
        "{shown}"
    );
    for secret in secrets {
        assert!(!shown.contains(secret), "{secret}");
    }
}
