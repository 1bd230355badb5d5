//! What the client reports when a sandbox requires authentication.

use payment_credentials::generator::CredentialsGenerator;
use payment_credentials::seam::Unauthenticated;
use payment_credentials::{ApiVersion, PortErrorKind, Refusal, Repeatability};
use payment_credentials_sandbox::{Authentication, AuthenticationCheck, Policy, Sandbox, vault};

use super::stage::{Generator, ask, opener, port};

async fn generator(authentication: Authentication) -> (Sandbox, Generator) {
    let sandbox = Sandbox::start(authentication).await.expect("a sandbox");
    let port = port(&sandbox, ApiVersion::V3, Unauthenticated).build();
    let opener = opener(&sandbox);
    let generator = CredentialsGenerator::new(port.expect("a port"), opener);
    (sandbox, generator)
}

#[tokio::test]
async fn an_unauthenticated_call_is_refused_and_mints_nothing() {
    let (sandbox, generator) = generator(Authentication::strict()).await;
    let error = ask(&generator, vault::VISA).await.expect_err("a refusal");
    assert_eq!(
        error.kind(),
        PortErrorKind::Refused(Refusal::Authentication)
    );
    assert_eq!(error.repeatability(), Repeatability::Never);
    assert_eq!(error.reason(), None);
    let requests = sandbox.requests();
    let outcome = requests[0].authentication().expect("it was examined");
    let failure = outcome.failure().expect("it was refused");
    assert_eq!(failure.check(), AuthenticationCheck::Credentials);
    assert_eq!(sandbox.minted(), 0);
}

#[tokio::test]
async fn an_explanation_arrives_with_the_error() {
    let (_sandbox, generator) = generator(Policy::strict().with_explanations().into()).await;
    let error = ask(&generator, vault::VISA).await.expect_err("a refusal");
    assert_eq!(error.reason(), Some("credentials"));
    let explanation = error.vendor_errors().iter().next().expect("an explanation");
    let message = explanation.message.as_deref().expect("words");
    let expected = "expected Authorization, or v-c-merchant-id, signature and date";
    assert!(message.contains(expected), "{message}");
}
