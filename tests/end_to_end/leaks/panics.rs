//! Panics outside this library: no secret is in their text, and the port stays usable.

use std::panic::{AssertUnwindSafe, catch_unwind};

use payment_credentials::{ApiVersion, CredentialsRequest, PaymentCredentialsPort};
use payment_credentials_mock::{MockPaymentCredentialsPort, block_on, scripted};
use payment_credentials_sandbox::vault;

use super::canaries;
use super::collector::{fail_after, stop_failing};
use super::scan::{Scan, assert_clean};
use crate::stage::{generator, opener, port, request, sandbox};

/// Makes a call while the log sink panics after this many lines; returns false if the call logs fewer
/// lines.
async fn call_fails(
    lines: usize,
    scan: &mut Scan,
    port: &payment_credentials::hyper::HyperPort,
    request: &CredentialsRequest,
) -> bool {
    let call = {
        let (port, request) = (port.clone(), request.clone());
        async move { port.generate(&request).await }
    };
    fail_after(lines);
    // The call is a task of its own on this thread, so a panic in the call ends there.
    let ended = tokio::spawn(call).await;
    let has_failed = !stop_failing();
    match ended {
        Ok(Ok(sealed)) => scan.shown("sealed credentials", &sealed),
        Ok(Err(error)) => scan.error("a call whose connection broke", &error),
        Err(panicked) => {
            scan.error("a call that panicked", &panicked);
            let payload = panicked.into_panic();
            let text = payload.downcast_ref::<String>().expect("a text");
            scan.saw("a panic", text);
        }
    }
    has_failed
}

#[tokio::test]
async fn f9_a_log_sink_that_panics_does_no_harm() {
    let mut scan = Scan::begin();
    let sandbox = sandbox().await;
    let request = request(vault::VISA, canaries::body(&mut scan));
    let signer = canaries::Signer::new(&mut scan);
    let opener = opener(&sandbox);
    let mut lines = 0;
    loop {
        let port = port(&sandbox, ApiVersion::V3, signer.clone())
            .build()
            .expect("a port");
        let has_failed = call_fails(lines, &mut scan, &port, &request).await;
        let sealed = port.generate(&request).await.expect("a usable port");
        payment_credentials::CredentialsOpener::open(&opener, &sealed)
            .await
            .expect("credentials");
        scan.shown("the port", &port);
        if !has_failed {
            break;
        }
        lines += 1;
    }
    assert!(lines >= 10, "only {lines} lines to fail on");
    assert_clean(&scan);
}

#[test]
fn a_mock_without_expectations_panics_without_the_request() {
    let mut scan = Scan::begin();
    let request = request(vault::VISA, canaries::body(&mut scan));
    let (port, _script) = scripted();
    let scripted = catch_unwind(AssertUnwindSafe(|| {
        block_on(port.generate(&request)).is_ok()
    }));
    assert!(scripted.is_err());
    let mock = MockPaymentCredentialsPort::new();
    let mocked = catch_unwind(AssertUnwindSafe(|| {
        block_on(mock.generate(&request)).is_ok()
    }));
    assert!(mocked.is_err());
    // The requests as a test would print them.
    scan.shown("the script", &port);
    assert_clean(&scan);
}

#[tokio::test]
async fn f12_an_unwrapped_error_panics_without_a_secret() {
    let mut scan = Scan::begin();
    let sandbox = sandbox().await;
    let generator = generator(&sandbox, ApiVersion::V3);
    let body = canaries::body(&mut scan);
    let ended = tokio::spawn(async move {
        let request = request(vault::BAD_REQUEST, body);
        generator.generate(&request).await.expect("credentials")
    });
    let panicked = ended.await.expect_err("a panic").into_panic();
    let text = panicked.downcast_ref::<String>().expect("a text");
    assert!(text.contains("Refused"), "{text}");
    scan.saw("a panic", text);
    assert_clean(&scan);
}
