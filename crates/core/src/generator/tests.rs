use std::error::Error;

use async_trait::async_trait;
use pollster::block_on;

use super::*;
use crate::sealed::SealedContent;

/// A port and an opener whose response is for one stored card, whatever was asked.
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
) -> Result<GeneratedCredentials, PortError> {
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
        (Delivery::Answered, Repeatability::Never, Phase::Open)
    );
    assert_eq!(error.correlation_id().expect("an id").as_str(), "6612345");
}

#[test]
fn a_response_that_is_not_confirmed_is_in_the_error_still_sealed() {
    let generator = CredentialsGenerator::new(Fixed, Fixed).require_confirmation();
    let error = ask(&generator, "7010").expect_err("another card's");
    let cause = error
        .source()
        .and_then(|cause| cause.downcast_ref::<NotConfirmed>());
    let sealed = cause.expect("the sealed response").sealed();
    assert!(matches!(sealed.content(), SealedContent::Jwe(jwe) if jwe.as_str() == JWE));
    let shown = format!("{error} {error:?} {cause:?}");
    for hidden in [JWE, "4895370016750801", "47CA", "7010"] {
        assert!(!shown.contains(hidden), "{shown}");
    }
    assert!(block_on(Fixed.open(sealed)).is_ok());
}
