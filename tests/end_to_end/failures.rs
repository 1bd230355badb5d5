//! What an application learns about each kind of failure.

use std::time::Duration;

use payment_credentials::generator::CredentialsGenerator;
use payment_credentials::jose::{JweError, JweOpener, Keyring};
use payment_credentials::keys::PrivateKey;
use payment_credentials::seam::Unauthenticated;
use payment_credentials::{
    ApiVersion, CredentialsRequest, Delivery, Phase, PortErrorKind, Refusal, Repeatability,
    RetryAfter, UnexpectedResponse,
};
use payment_credentials_sandbox::vault;

use crate::stage::{VERSIONS, ask, generator, opener, port, sandbox};

/// A token id, the status of its refusal, and what the error must report.
const REFUSALS: [(&str, u16, Refusal, Delivery, Repeatability); 10] = {
    use Delivery::{Answered, Unknown};
    use Repeatability::{MayRepeat, Never, Safe};
    [
        (vault::BAD_REQUEST, 400, Refusal::Invalid, Answered, Never),
        (vault::DECLINED, 403, Refusal::Declined, Answered, Never),
        (vault::FORBIDDEN, 403, Refusal::Forbidden, Answered, Never),
        (vault::NOT_FOUND, 404, Refusal::NotFound, Answered, Never),
        (vault::GONE, 410, Refusal::Gone, Answered, Never),
        (vault::PROFILE, 424, Refusal::Dependency, Answered, Never),
        (
            vault::TOO_MANY_REQUESTS,
            429,
            Refusal::Throttled,
            Answered,
            Safe,
        ),
        (
            vault::INTERNAL_ERROR,
            500,
            Refusal::Upstream,
            Unknown,
            MayRepeat,
        ),
        (
            vault::BAD_GATEWAY,
            502,
            Refusal::Upstream,
            Unknown,
            MayRepeat,
        ),
        (
            vault::SERVICE_UNAVAILABLE,
            503,
            Refusal::Unavailable,
            Answered,
            Safe,
        ),
    ]
};

#[tokio::test]
async fn each_refusal_has_its_kind_and_can_be_traced() {
    let sandbox = sandbox().await;
    for version in VERSIONS {
        let generator = generator(&sandbox, version);
        for (token_id, status, refusal, delivery, retry) in REFUSALS {
            let error = ask(&generator, token_id).await.expect_err("refused");
            assert_eq!(error.kind(), PortErrorKind::Refused(refusal));
            assert_eq!(error.status(), Some(status));
            assert_eq!(
                (error.delivery(), error.repeatability()),
                (delivery, retry),
                "{status}"
            );
            assert!(error.correlation_id().is_some() && error.unique_transaction_id().is_some());
            assert!(error.reason().is_some(), "{status}");
        }
    }
    assert_eq!(sandbox.minted(), 0);
}

#[tokio::test]
async fn the_error_of_a_throttled_call_says_how_long_to_wait() {
    let sandbox = sandbox().await;
    let generator = generator(&sandbox, ApiVersion::V3);
    let error = ask(&generator, vault::TOO_MANY_REQUESTS)
        .await
        .expect_err("refused");
    let wait = RetryAfter::Delay(Duration::from_secs(2));
    assert_eq!(error.retry_after(), Some(wait));
}

#[tokio::test]
async fn an_unknown_profile_id_is_distinguished_from_an_unknown_token_id() {
    let sandbox = sandbox().await;
    let generator = generator(&sandbox, ApiVersion::V3);
    let with_profile = |id: &str| {
        let request = CredentialsRequest::new(vault::VISA.parse().expect("a token id"));
        request.with_profile_id(id.parse().expect("a profile id"))
    };
    let known = with_profile("93B32398-AD51-4CC2-A682-EA3E93614EB1");
    generator.generate(&known).await.expect("credentials");
    let unknown = with_profile("00000000-0000-0000-0000-000000000000");
    let error = generator.generate(&unknown).await.expect_err("refused");
    assert_eq!(error.kind(), PortErrorKind::Refused(Refusal::Dependency));
}

#[tokio::test]
async fn a_jwe_for_another_key_is_rejected_by_its_key_id() {
    let sandbox = sandbox().await;
    let generator = generator(&sandbox, ApiVersion::V3);
    let error = ask(&generator, vault::OTHER_KEY)
        .await
        .expect_err("refused");
    assert_eq!(
        (error.kind(), error.phase()),
        (PortErrorKind::Jwe, Phase::OpenCredentials)
    );
    assert_eq!(
        (error.delivery(), error.repeatability()),
        (Delivery::Answered, Repeatability::Never)
    );
    assert!(error.correlation_id().is_some());
    let source = std::error::Error::source(&error).expect("a cause");
    let refusal = source.downcast_ref::<JweError>().expect("a refusal");
    assert!(
        matches!(refusal, JweError::KeyNotConfigured { .. }),
        "{refusal}"
    );
}

#[tokio::test]
async fn a_wrong_key_under_the_right_name_does_not_open() {
    let sandbox = sandbox().await;
    let pem = include_bytes!("../vectors/jwe/keys/merchant.pkcs8.pem");
    let id = sandbox
        .merchant()
        .opening_key_id()
        .parse()
        .expect("a key id");
    let wrong = PrivateKey::from_pem(pem).expect("a key").with_key_id(id);
    let opener = JweOpener::new(Keyring::new([wrong]).expect("a keyring"));
    let port = port(&sandbox, ApiVersion::V3, Unauthenticated)
        .build()
        .expect("a port");
    let generator = CredentialsGenerator::new(port, opener);
    let error = ask(&generator, vault::VISA).await.expect_err("refused");
    assert_eq!(
        (error.kind(), error.delivery()),
        (PortErrorKind::Decrypt, Delivery::Answered)
    );
    assert!(error.correlation_id().is_some());
}

#[tokio::test]
async fn the_old_key_opens_while_it_stays_in_the_ring() {
    let sandbox = sandbox().await;
    let merchant = sandbox.merchant();
    let named = |pem: &[u8], id: &str| {
        let key = PrivateKey::from_pem(pem).expect("a key");
        key.with_key_id(id.parse().expect("a key id"))
    };
    let next = named(
        include_bytes!("../vectors/jwe/keys/merchant-next.pkcs8.pem"),
        "next",
    );
    let old = named(
        merchant.opening_key_pem().as_bytes(),
        &merchant.opening_key_id().to_uppercase(),
    );
    let opener = JweOpener::new(Keyring::new([next, old]).expect("a keyring"));
    let port = port(&sandbox, ApiVersion::V3, Unauthenticated)
        .build()
        .expect("a port");
    ask(&CredentialsGenerator::new(port, opener), vault::VISA)
        .await
        .expect("credentials");
}

#[tokio::test]
async fn a_web_page_from_in_between_is_reported_as_such() {
    let sandbox = sandbox().await;
    let generator = generator(&sandbox, ApiVersion::V3);
    let error = ask(&generator, vault::EDGE_PAGE)
        .await
        .expect_err("refused");
    assert_eq!(
        error.kind(),
        PortErrorKind::Unexpected(UnexpectedResponse::Html)
    );
    assert!(error.correlation_id().is_some());
}

#[tokio::test]
async fn a_connection_that_closes_without_a_response_leaves_the_outcome_unknown() {
    let sandbox = sandbox().await;
    let generator = generator(&sandbox, ApiVersion::V3);
    let error = ask(&generator, vault::CLOSES).await.expect_err("closed");
    assert_eq!(
        (error.kind(), error.delivery()),
        (PortErrorKind::Reset, Delivery::Unknown)
    );
    assert_eq!(error.repeatability(), Repeatability::MayRepeat);
    ask(&generator, vault::VISA)
        .await
        .expect("the next call has a connection of its own");
}

#[tokio::test]
async fn a_service_that_never_answers_ends_at_the_deadline() {
    let sandbox = sandbox().await;
    let deadline = Duration::from_millis(300);
    let port = port(&sandbox, ApiVersion::V3, Unauthenticated)
        .call_deadline(deadline)
        .build()
        .expect("a port");
    let generator = CredentialsGenerator::new(port, opener(&sandbox));
    let error = ask(&generator, vault::NEVER_RESPONDS)
        .await
        .expect_err("late");
    assert_eq!(
        (error.kind(), error.phase()),
        (PortErrorKind::Deadline, Phase::Headers)
    );
    assert_eq!(
        (error.delivery(), error.repeatability()),
        (Delivery::Unknown, Repeatability::Never)
    );
}
