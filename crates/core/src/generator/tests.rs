use std::error::Error;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use pollster::block_on;

use super::*;
use crate::sealed::SealedContent;

/// A port and an opener that always return the same stored card, whatever the request names.
#[derive(Clone, Copy, Debug)]
struct Fixed;

const JWE: &str = "eyJ9.a.b.c.d";

#[async_trait]
impl PaymentCredentialsPort for Fixed {
    async fn generate(
        &self,
        _request: &CredentialsRequest,
    ) -> Result<SealedCredentials, PortError> {
        let id = "6612345".parse().expect("an id");
        let head = ResponseHead::new(201).with_correlation_id(id);
        Ok(SealedCredentials::new(JWE.parse().expect("a JWE"), head))
    }
}

#[async_trait]
impl CredentialsOpener for Fixed {
    async fn open(&self, _sealed: &SealedCredentials) -> Result<PaymentCredentials, PortError> {
        let plaintext = br#"{"tokenizedCard": {"id": "47CA", "number": "4895370016750801"}}"#;
        Ok(PaymentCredentials::from_plaintext(plaintext).expect("credentials"))
    }
}

fn ask(
    generator: &CredentialsGenerator<Fixed, Fixed>,
    token_id: &str,
) -> Result<GeneratedCredentials, GenerateError> {
    let request = CredentialsRequest::new(token_id.parse().expect("a token id"));
    block_on(generator.generate(&request))
}

#[test]
fn credentials_are_confirmed_only_for_who_asks_for_it() {
    let generator = CredentialsGenerator::new(Fixed, Fixed);
    for token_id in ["47CA", "7010"] {
        assert!(ask(&generator, token_id).is_ok());
    }
    let generator = generator.require_confirmation();
    assert!(ask(&generator, "47CA").is_ok());
    let error = ask(&generator, "7010").expect_err("another card's");
    let kind = PortErrorKind::Unexpected(UnexpectedResponse::NotConfirmed);
    assert_eq!(error.kind(), kind);
    let reported = (error.delivery(), error.repeatability(), error.phase());
    assert_eq!(
        reported,
        (
            Delivery::Answered,
            Repeatability::Never,
            Phase::OpenCredentials
        )
    );
    assert_eq!(error.correlation_id().expect("an id").as_str(), "6612345");
}

#[test]
fn a_response_that_is_not_confirmed_is_in_the_error_still_sealed() {
    let generator = CredentialsGenerator::new(Fixed, Fixed).require_confirmation();
    let mut error = ask(&generator, "7010").expect_err("another card's");
    let shown = format!("{error} {error:?}");
    for hidden in [JWE, "4895370016750801", "47CA", "7010"] {
        assert!(!shown.contains(hidden), "{shown}");
    }
    let sealed = error.take_sealed().expect("the sealed response");
    assert!(matches!(sealed.content(), SealedContent::Jwe(jwe) if jwe.as_str() == JWE));
    assert!(block_on(Fixed.open(&sealed)).is_ok());
    assert!(
        PortError::from(error).source().is_none(),
        "a port's error holds no credentials"
    );
}

/// An opener whose key service is unavailable at first.
#[derive(Debug, Default)]
struct DownAtFirst(AtomicUsize);

#[async_trait]
impl CredentialsOpener for DownAtFirst {
    async fn open(&self, sealed: &SealedCredentials) -> Result<PaymentCredentials, PortError> {
        if self.0.fetch_add(1, Ordering::Relaxed) > 0 {
            return Fixed.open(sealed).await;
        }
        let (kind, delivery) = (PortErrorKind::KeyService, Delivery::Answered);
        let error = PortError::new(
            kind,
            delivery,
            Phase::OpenCredentials,
            Repeatability::MayRepeat,
        );
        Err(error.with_source("the key service is down"))
    }
}

#[test]
fn what_could_not_be_opened_is_opened_later_without_another_call() {
    let generator = CredentialsGenerator::new(Fixed, DownAtFirst::default());
    let request = CredentialsRequest::new("7010".parse().expect("a token id"));
    let mut error = block_on(generator.generate(&request)).expect_err("no key service");
    assert_eq!(error.kind(), PortErrorKind::KeyService);
    assert_eq!(error.correlation_id().expect("an id").as_str(), "6612345");
    assert_eq!(
        error.source().expect("a cause").to_string(),
        "the key service is down"
    );
    let sealed = error.take_sealed().expect("the sealed response");
    let generated = block_on(generator.open(&request, sealed)).expect("credentials");
    assert_eq!(
        generated.correlation_id().expect("an id").as_str(),
        "6612345"
    );
}

/// An opener that returns an error that is impossible after a response.
#[derive(Debug)]
struct Wrong;

#[async_trait]
impl CredentialsOpener for Wrong {
    async fn open(&self, _sealed: &SealedCredentials) -> Result<PaymentCredentials, PortError> {
        Err(PortError::setup("no key").with_head(ResponseHead::new(404)))
    }
}

#[test]
fn what_an_opener_says_of_the_call_does_not_count() {
    let generator = CredentialsGenerator::new(Fixed, Wrong);
    let request = CredentialsRequest::new("7010".parse().expect("a token id"));
    let error = block_on(generator.generate(&request)).expect_err("no key");
    assert_eq!(error.delivery(), Delivery::Answered);
    assert_eq!(error.status(), Some(201));
    assert!(error.sealed().is_some());
}

/// The opener may repeat its own work at no cost; the call has spent its cryptogram.
#[test]
fn an_opening_that_may_be_repeated_makes_no_call_safe_to_repeat() {
    let safe = PortError::new(
        PortErrorKind::KeyService,
        Delivery::NotSent,
        Phase::OpenCredentials,
        Repeatability::Safe,
    );
    let sealed = SealedCredentials::new(JWE.parse().expect("a JWE"), ResponseHead::new(201));
    let error = GenerateError::still_sealed(safe, sealed);
    assert_eq!(error.port_error().repeatability(), Repeatability::MayRepeat);
    assert_eq!(error.port_error().delivery(), Delivery::Answered);
}
