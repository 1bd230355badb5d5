//! Complete calls with MLE, through the gateway.

use std::error::Error as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Waker};

use async_trait::async_trait;
use bytes::Bytes;
use http::{Request, Response};
use payment_credentials_core::seam::{Outgoing, Transport};
use payment_credentials_core::{
    CredentialsOpener as _, Delivery, PaymentCredentialsPort as _, Phase, PortErrorKind, Refusal,
    Repeatability, TransportError,
};
use payment_credentials_jose::{JweMessageEncryption, UnwrapError};

use crate::fixtures::{MERCHANT, MERCHANT_NEXT, kid, merchant};
use crate::mle_keys::Elsewhere;
use crate::mle_sealing::END;
use crate::mle_stage::{
    RESPONSE, Service, Signer, answered, enveloped, gateway, gateway_at, key_set, opening, outer,
    recipient, request, response_keys,
};
use crate::sealer::{CREDENTIALS, Parts, Sealer};

const NOT_FOUND: &str = r#"{"errors":[{"type":"notFound","message":"Token not found"}]}"#;

#[test]
fn each_direction_is_on_where_it_is_turned_on() {
    let off = JweMessageEncryption::default;
    for (mle, seals, asks) in [
        (off(), false, false),
        (off().sealing_for(recipient()), true, false),
        (opening(), false, true),
        (opening().sealing_for(recipient()), true, true),
    ] {
        let service = Service(move |sent: &Request<Bytes>| {
            let is_sealed = sent.body().starts_with(br#"{"encryptedRequest":"eyJ"#);
            assert_eq!(is_sealed, seals);
            let content_type = &sent.headers()["content-type"];
            assert_eq!(content_type, "application/json;charset=utf-8");
            let answer = if asks {
                enveloped(&outer(CREDENTIALS))
            } else {
                Sealer::good().jwe().as_str().to_owned()
            };
            (201, answer)
        });
        let witness = Arc::<Signer>::default();
        let gateway = gateway(Arc::new(service), &witness, mle).expect("a gateway");
        let sealed = pollster::block_on(gateway.generate(&request())).expect("a response");
        pollster::block_on(merchant().open(&sealed)).expect("credentials");

        let signed = witness.signed.lock().expect("unpoisoned");
        let [signed] = &**signed else {
            panic!("signed once")
        };
        assert_eq!(signed.response_key_id, asks.then(|| kid(RESPONSE)));
        assert_eq!(signed.body.starts_with(b"{\"encryptedRequest\""), seals);
    }
}

#[test]
fn b17_encryption_is_refused_where_it_cant_be_carried() {
    let signer = Arc::new(Signer {
        carries_no_mle: true,
        ..Signer::default()
    });
    let off = JweMessageEncryption::default;
    for (mle, is_built) in [
        (off(), true),
        (off().sealing_for(recipient()), false),
        (opening(), false),
    ] {
        let service = Service(|_: &Request<Bytes>| (201, String::new()));
        assert_eq!(gateway(Arc::new(service), &signer, mle).is_ok(), is_built);
    }
}

#[test]
fn a_request_that_cant_be_sealed_is_not_sent() {
    let unreached = Service(|_: &Request<Bytes>| unreachable!("nothing is sent"));
    let mle = JweMessageEncryption::default().sealing_for(recipient());
    // The certificate has expired since it was configured.
    let gateway = gateway_at(END + 1, Arc::new(unreached), &Arc::default(), mle);
    let gateway = gateway.expect("a gateway");
    let error = pollster::block_on(gateway.generate(&request())).expect_err("not sent");
    assert_eq!(error.kind(), PortErrorKind::Setup);
    assert_eq!(
        (error.delivery(), error.phase()),
        (Delivery::NotSent, Phase::Seal)
    );
}

/// Returns what the error of a 404 reports: the service's own code, and why there is none.
#[track_caller]
fn not_found(mle: JweMessageEncryption, body: &str) -> (Option<String>, String) {
    let error = answered(mle, 404, body).expect_err("a refusal");
    assert_eq!(error.kind(), PortErrorKind::Refused(Refusal::NotFound));
    assert_eq!(error.status(), Some(404));
    assert_eq!(
        (error.delivery(), error.repeatability()),
        (Delivery::Answered, Repeatability::Never)
    );
    assert_eq!(error.correlation_id().expect("an id").as_str(), "6612345");
    let mut causes = Vec::new();
    let mut cause = error.source();
    while let Some(error) = cause {
        causes.push(error.to_string());
        cause = error.source();
    }
    (error.reason().map(str::to_owned), causes.join(": "))
}

#[test]
fn c30_an_encrypted_refusal_is_opened() {
    let opened = (Some("notFound".to_owned()), String::new());
    assert_eq!(not_found(opening(), &enveloped(&outer(NOT_FOUND))), opened);
    // A plain body, as an intermediary in front of the encryption sends it.
    assert_eq!(not_found(opening(), NOT_FOUND), opened);
    let (reason, cause) = not_found(opening(), "<html>");
    assert_eq!(reason, None);
    assert!(
        cause.starts_with("the refusal's body (6 bytes) holds no readable reason"),
        "{cause}"
    );
    // The decrypted content is no known error body.
    for plaintext in ["", "no JSON", "[]", Sealer::good().jwe().as_str()] {
        let (reason, cause) = not_found(opening(), &enveloped(&outer(plaintext)));
        assert_eq!(reason, None, "{plaintext}");
        let says_so = cause.contains("holds no readable reason");
        assert_eq!(says_so, !plaintext.is_empty(), "{cause}");
    }
}

#[test]
fn c30_a_refusal_that_cant_be_opened_keeps_its_status_and_says_why() {
    let good = outer(NOT_FOUND);
    let tampered = good.seal().with(Parts::TAG, [0; 16]).jwe();
    let tampered = format!(r#"{{"encryptedResponse":"{}"}}"#, tampered.as_str());
    let unknown = Sealer {
        plaintext: NOT_FOUND.into(),
        ..Sealer::with_kid(RESPONSE, "unknown")
    };
    let failing = |failure: fn() -> UnwrapError| {
        let kms = Elsewhere(Box::new(move |_| Err(failure())));
        JweMessageEncryption::default().opening_elsewhere(kid(RESPONSE), kms)
    };
    let off = JweMessageEncryption::default;
    for (mle, body, why) in [
        (opening(), tampered.clone(), "does not open"),
        (opening(), enveloped(&unknown), "for this kid: \"unknown\""),
        (
            opening(),
            enveloped(&Sealer::good()),
            "if it is the TMS key",
        ),
        (
            opening(),
            r#"{"encryptedResponse":1}"#.to_owned(),
            "one member",
        ),
        (
            opening(),
            r#"{"encryptedResponse":"aaa.b"}"#.to_owned(),
            "five parts",
        ),
        (
            failing(|| UnwrapError::Unavailable("the KMS throttles".into())),
            enveloped(&good),
            "the KMS throttles",
        ),
        (
            failing(|| UnwrapError::Denied("the KMS refuses".into())),
            enveloped(&good),
            "the KMS refuses",
        ),
        (off(), enveloped(&good), "no key ids"),
    ] {
        let (reason, cause) = not_found(mle, &body);
        assert_eq!(reason, None, "{cause}");
        assert!(cause.contains(why), "{why} in {cause}");
    }
    for (status, refusal) in [(401, Refusal::Authentication), (500, Refusal::Upstream)] {
        let error = answered(opening(), status, &tampered).expect_err("a refusal");
        assert_eq!(error.kind(), PortErrorKind::Refused(refusal));
    }
}

/// A service that holds each response back until the test releases it, and then answers with the
/// response for the key that the request named.
#[derive(Debug)]
struct Gate {
    open: AtomicBool,
    answers: [(String, String); 2],
}

#[async_trait]
impl Transport for Gate {
    async fn send(&self, outgoing: Outgoing) -> Result<Response<Bytes>, TransportError> {
        let is_open = |_: &mut Context<'_>| {
            if self.open.load(Ordering::Relaxed) {
                Poll::Ready(())
            } else {
                Poll::Pending
            }
        };
        std::future::poll_fn(is_open).await;
        let asked_for = outgoing.request().headers()["signature"]
            .to_str()
            .expect("a key id");
        let answer = self.answers.iter().find(|(kid, _)| kid == asked_for);
        let mut response = Response::new(answer.expect("one of two").1.clone().into());
        *response.status_mut() = http::StatusCode::CREATED;
        Ok(response)
    }
}

#[test]
fn b22_a_thousand_calls_keep_the_keys_that_they_began_with() {
    let answer = |name| {
        let kid = kid(name).as_str().to_owned();
        let body = enveloped(&Sealer::with_kid(name, &kid));
        (kid, body)
    };
    let gate = Arc::new(Gate {
        open: AtomicBool::new(false),
        answers: [answer(MERCHANT), answer(MERCHANT_NEXT)],
    });
    let mle = |name| JweMessageEncryption::default().opening_with(response_keys([name]));
    let transport = Arc::clone(&gate);
    let gateway = gateway(transport, &Arc::default(), mle(MERCHANT)).expect("a gateway");
    let request = request();
    let mut calls: Vec<_> = (0..1000).map(|_| gateway.generate(&request)).collect();
    let mut context = Context::from_waker(Waker::noop());
    for call in &mut calls {
        assert!(call.as_mut().poll(&mut context).is_pending());
    }
    gateway
        .replace_keys(key_set(mle(MERCHANT_NEXT)))
        .expect("keys of the same merchant");
    gate.open.store(true, Ordering::Relaxed);
    for call in &mut calls {
        let Poll::Ready(answer) = call.as_mut().poll(&mut context) else {
            panic!("let go")
        };
        answer.expect("opened with the old key");
    }
    let [key] = &*gateway.configured_keys() else {
        panic!("one key")
    };
    assert_eq!(key.key_id, Some(kid(MERCHANT_NEXT)));
    pollster::block_on(gateway.generate(&request)).expect("opened with the new key");
}
