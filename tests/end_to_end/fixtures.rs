//! The mock's fixtures and failures are what the real adapter makes of the sandbox's responses.

use std::time::Duration;

use payment_credentials::generator::CredentialsGenerator;
use payment_credentials::hyper::HyperPort;
use payment_credentials::jose::{JweOpener, Keyring};
use payment_credentials::keys::PrivateKey;
use payment_credentials::request::{PaymentCredentialType, RequestBody};
use payment_credentials::seam::Unauthenticated;
use payment_credentials::{
    ApiVersion, CredentialsOpener, Delivery, Endpoint, Environment, Phase, PortError,
    PortErrorKind, Repeatability, SealedContent, UnexpectedResponse,
};
use payment_credentials_mock::failures;
use payment_credentials_mock::fixtures::{Fixture, OPENING_KEY_ID, OPENING_KEY_PEM};
use payment_credentials_sandbox::{Sandbox, vault};

use crate::stage::{ask, generator, opener, port, request, sandbox};

#[tokio::test]
async fn each_sealed_fixture_opens_to_its_plaintext() {
    let key = PrivateKey::from_pem(OPENING_KEY_PEM.as_bytes()).expect("a key");
    let key = key.with_key_id(OPENING_KEY_ID.parse().expect("a key id"));
    let opener = JweOpener::new(Keyring::new([key]).expect("a keyring"));
    for fixture in Fixture::ALL {
        let sealed = fixture.sealed();
        let SealedContent::Jwe(jwe) = sealed.content() else {
            panic!("not a JWE")
        };
        let plaintext = opener.open_bytes(jwe).await.expect("opened");
        assert_eq!(
            plaintext.expose(),
            fixture.plaintext().as_bytes(),
            "{fixture:?}"
        );
        let credentials = opener.open(&sealed).await.expect("credentials");
        assert_eq!(
            format!("{credentials:?}"),
            format!("{:?}", fixture.opened())
        );
    }
}

/// What a caller branches on.
type Reported = (PortErrorKind, Delivery, Phase, Repeatability, Option<u16>);

fn reported(error: &PortError) -> Reported {
    let (kind, delivery, phase) = (error.kind(), error.delivery(), error.phase());
    (kind, delivery, phase, error.repeatability(), error.status())
}

#[track_caller]
fn check(mocked: &PortError, real: &PortError) {
    assert_eq!(reported(mocked), reported(real));
    // The vendor documents no body of a 429.
    let has_reason = real.reason().is_some() && real.status() != Some(429);
    assert_eq!(mocked.reason().is_some(), has_reason, "{real}");
    assert_eq!(mocked.retry_after(), real.retry_after(), "{real}");
    assert_eq!(
        mocked.suspected_refusal(),
        real.suspected_refusal(),
        "{real}"
    );
}

#[tokio::test]
async fn each_failure_of_a_response_is_the_error_of_the_real_adapter() {
    let sandbox = sandbox().await;
    let generator = generator(&sandbox, ApiVersion::V3);
    let html = failures::unexpected(UnexpectedResponse::Html);
    for (token_id, mocked) in [
        (vault::BAD_REQUEST, failures::refused(400)),
        (vault::DECLINED, failures::declined()),
        (vault::FORBIDDEN, failures::refused(403)),
        (vault::NOT_FOUND, failures::refused(404)),
        (vault::GONE, failures::refused(410)),
        (vault::PROFILE, failures::refused(424)),
        (
            vault::TOO_MANY_REQUESTS,
            failures::throttled(Duration::from_secs(2)),
        ),
        (vault::INTERNAL_ERROR, failures::refused(500)),
        (vault::BAD_GATEWAY, failures::refused(502)),
        (vault::SERVICE_UNAVAILABLE, failures::refused(503)),
        (vault::OTHER_KEY, failures::sealed_for_another_key()),
        (vault::CLOSES, failures::reset_after_send()),
    ] {
        let real = ask(&generator, token_id).await.expect_err("an error");
        check(&mocked, &real);
    }
    let real = ask(&generator, vault::EDGE_PAGE).await.expect_err("a page");
    // The filter sends 200.
    assert_eq!(reported(&html).0, reported(&real).0);
    assert_eq!(reported(&html).1, reported(&real).1);
}

fn port_to(address: std::net::SocketAddr) -> payment_credentials::hyper::HyperPortBuilder {
    let endpoint = Endpoint::new(Environment::Test).with_connect_to(address.into());
    HyperPort::builder(
        endpoint.expect("an endpoint"),
        std::sync::Arc::new(Unauthenticated),
    )
}

async fn error_of(port: HyperPort, sandbox: &Sandbox, token_id: &str) -> PortError {
    let generator = CredentialsGenerator::new(port, opener(sandbox));
    ask(&generator, token_id).await.expect_err("an error")
}

#[tokio::test]
async fn each_failure_without_a_response_is_the_error_of_the_real_adapter() {
    let sandbox = sandbox().await;
    let closed = std::net::TcpListener::bind("127.0.0.1:0").expect("a socket");
    let address = closed.local_addr().expect("an address");
    drop(closed);
    let unreachable = port_to(address).build().expect("a port");
    let real = error_of(unreachable, &sandbox, vault::VISA).await;
    check(&failures::connect(), &real);

    let distrustful = port_to(sandbox.address()).build().expect("a port");
    let real = error_of(distrustful, &sandbox, vault::VISA).await;
    check(&failures::no_tls(), &real);

    let impatient = port(&sandbox, ApiVersion::V3, Unauthenticated)
        .call_deadline(Duration::from_millis(300))
        .build()
        .expect("a port");
    let real = error_of(impatient, &sandbox, vault::NEVER_RESPONDS).await;
    check(&failures::deadline_after_send(), &real);
}

/// A fixture, and the version, the token id and the requested type of the sandbox's response.
type Case = (
    Fixture,
    ApiVersion,
    &'static str,
    Option<PaymentCredentialType>,
);

/// The fixture for each of the sandbox's token ids, version and requested type.
const CASES: [Case; 31] = {
    use ApiVersion::{V2, V3};
    use PaymentCredentialType::{NetworkToken, SecurityCode};
    [
        (
            Fixture::AmericanExpressNumberOnlyV2,
            V2,
            vault::AMERICAN_EXPRESS,
            Some(NetworkToken),
        ),
        (
            Fixture::AmericanExpressNumberOnlyV3,
            V3,
            vault::AMERICAN_EXPRESS,
            Some(NetworkToken),
        ),
        (
            Fixture::AmericanExpressV2,
            V2,
            vault::AMERICAN_EXPRESS,
            None,
        ),
        (
            Fixture::AmericanExpressV3,
            V3,
            vault::AMERICAN_EXPRESS,
            None,
        ),
        (Fixture::CardFullV3, V3, vault::CARD_ONLY_FULL, None),
        (Fixture::CardMaskedV3, V3, vault::CARD_ONLY_MASKED, None),
        (Fixture::DeletedV2, V2, vault::DELETED, None),
        (Fixture::DeletedV3, V3, vault::DELETED, None),
        (Fixture::ExpiredV2, V2, vault::EXPIRED, None),
        (Fixture::ExpiredV3, V3, vault::EXPIRED, None),
        (
            Fixture::MastercardNumberOnlyV2,
            V2,
            vault::MASTERCARD,
            Some(NetworkToken),
        ),
        (
            Fixture::MastercardNumberOnlyV3,
            V3,
            vault::MASTERCARD,
            Some(NetworkToken),
        ),
        (
            Fixture::MastercardSecurityCodeV2,
            V2,
            vault::MASTERCARD,
            Some(SecurityCode),
        ),
        (
            Fixture::MastercardSecurityCodeV3,
            V3,
            vault::MASTERCARD,
            Some(SecurityCode),
        ),
        (Fixture::MastercardV2, V2, vault::MASTERCARD, None),
        (Fixture::MastercardV3, V3, vault::MASTERCARD, None),
        (Fixture::SuspendedV2, V2, vault::SUSPENDED, None),
        (Fixture::SuspendedV3, V3, vault::SUSPENDED, None),
        (
            Fixture::UnprovisionedV2,
            V2,
            vault::UNPROVISIONED_DECLINED,
            None,
        ),
        (
            Fixture::UnprovisionedCardNotAllowedV3,
            V3,
            vault::UNPROVISIONED_CARD_NOT_ALLOWED,
            None,
        ),
        (
            Fixture::UnprovisionedCardNotEligibleV3,
            V3,
            vault::UNPROVISIONED_CARD_NOT_ELIGIBLE,
            None,
        ),
        (
            Fixture::UnprovisionedCardVerificationFailedV3,
            V3,
            vault::UNPROVISIONED_CARD_VERIFICATION_FAILED,
            None,
        ),
        (
            Fixture::UnprovisionedDeclinedV3,
            V3,
            vault::UNPROVISIONED_DECLINED,
            None,
        ),
        (
            Fixture::UnprovisionedInvalidRequestV3,
            V3,
            vault::UNPROVISIONED_INVALID_REQUEST,
            None,
        ),
        (
            Fixture::UnprovisionedServiceUnavailableV3,
            V3,
            vault::UNPROVISIONED_SERVICE_UNAVAILABLE,
            None,
        ),
        (
            Fixture::UnprovisionedSystemErrorV3,
            V3,
            vault::UNPROVISIONED_SYSTEM_ERROR,
            None,
        ),
        (
            Fixture::VisaNumberOnlyV2,
            V2,
            vault::VISA,
            Some(NetworkToken),
        ),
        (
            Fixture::VisaNumberOnlyV3,
            V3,
            vault::VISA,
            Some(NetworkToken),
        ),
        (
            Fixture::VisaSecurityCodeV3,
            V3,
            vault::VISA,
            Some(SecurityCode),
        ),
        (Fixture::VisaV2, V2, vault::VISA, None),
        (Fixture::VisaV3, V3, vault::VISA, None),
    ]
};

#[tokio::test]
async fn each_fixture_is_what_the_real_opener_makes_of_the_sandboxs_response() {
    let sandbox = sandbox().await;
    for (fixture, version, token_id, named) in CASES {
        let mut body = RequestBody::default();
        body.payment_credential_type = named;
        let generator = generator(&sandbox, version);
        let real = generator
            .generate(&request(token_id, body))
            .await
            .expect("credentials");
        let [mocked, real] =
            [fixture.opened(), real.credentials].map(|it| format!("{:?}", it.account()));
        assert_eq!(mocked, real, "{fixture:?}");
    }
}
