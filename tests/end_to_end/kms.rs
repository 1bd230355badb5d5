//! The example that signs with a KMS, in each state of the KMS.

use std::sync::Arc;

use payment_credentials::{
    ApiVersion, CredentialsRequest, Delivery, PaymentCredentialsPort as _, Phase, PortErrorKind,
    Repeatability,
};
use payment_credentials_sandbox::{Authentication, Sandbox, vault};

use super::stage::port;

// Nothing can depend on an example, and its file isn't below this crate's root.
#[path = "../../examples/kms_signer.rs"]
#[expect(dead_code, reason = "the example's main isn't called")]
mod example;

use example::{KmsAuthenticator, Mood, SimulatedKms};

#[tokio::test]
async fn a_kms_that_fails_is_a_key_service_that_fails() {
    let sandbox = Sandbox::start(Authentication::strict())
        .await
        .expect("a sandbox");
    let kms = Arc::new(SimulatedKms::holding(&sandbox).expect("a KMS"));
    let owner = sandbox.merchant().id().parse().expect("a merchant id");
    let authenticator = KmsAuthenticator::new(Arc::clone(&kms), owner);
    let port = port(&sandbox, ApiVersion::V3, authenticator)
        .build()
        .expect("a port");
    let request = CredentialsRequest::new(vault::VISA.parse().expect("a token id"));

    for (mood, retry) in [
        (Mood::Throttling, Repeatability::Safe),
        (Mood::Down, Repeatability::Never),
    ] {
        kms.be(mood);
        let error = port.generate(&request).await.expect_err("no signature");
        assert_eq!(error.kind(), PortErrorKind::KeyService);
        assert_eq!(error.delivery(), Delivery::NotSent);
        assert_eq!(
            (error.phase(), error.repeatability()),
            (Phase::Authenticate, retry)
        );
    }
    assert_eq!(sandbox.connections(), 0);

    kms.be(Mood::Well);
    port.generate(&request).await.expect("credentials");
}
