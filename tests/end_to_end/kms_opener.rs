//! The example that opens with a KMS, in each state of the KMS.

use std::error::Error as _;
use std::sync::Arc;

use payment_credentials::jose::JweOpener;
use payment_credentials::seam::Unauthenticated;
use payment_credentials::{
    ApiVersion, CredentialsOpener as _, CredentialsRequest, Delivery, PaymentCredentialsPort as _,
    PortErrorKind, Repeatability, SealedCredentials,
};
use payment_credentials_sandbox::{Sandbox, vault};

use super::stage::{port, sandbox};

// Nothing can depend on an example, and its file isn't below this crate's root.
#[path = "../../examples/kms_opener.rs"]
#[expect(dead_code, reason = "the example's main isn't called")]
mod example;

use example::{KeyInKms, Mood, SimulatedKms};

/// Sealed credentials, and the KMS that holds their key.
async fn sealed(sandbox: &Sandbox) -> (SealedCredentials, Arc<SimulatedKms>) {
    let port = port(sandbox, ApiVersion::V3, Unauthenticated).build();
    let request = CredentialsRequest::new(vault::VISA.parse().expect("a token id"));
    let sealed = port.expect("a port").generate(&request).await;
    let kms = SimulatedKms::holding(sandbox.merchant().opening_key_pem());
    (sealed.expect("credentials"), Arc::new(kms.expect("a KMS")))
}

#[tokio::test]
async fn what_a_kms_could_not_open_waits_sealed_until_it_can() {
    let sandbox = sandbox().await;
    let (sealed, kms) = sealed(&sandbox).await;
    let key_id = sandbox.merchant().opening_key_id().parse();
    let opener = JweOpener::new(KeyInKms::new(Arc::clone(&kms), key_id.expect("a key id")));
    tokio::time::pause();

    let mut calls = 0;
    for (mood, opens, asked) in [
        (Mood::Well, true, 1),
        (Mood::Throttling { calls: 3 }, true, 4),
        (Mood::Throttling { calls: 4 }, false, 4),
        (Mood::Down, false, 4),
        (Mood::Hanging, false, 1),
        (Mood::Well, true, 1),
    ] {
        kms.be(mood);
        let outcome = opener.open(&sealed).await;
        assert_eq!(outcome.is_ok(), opens);
        if let Err(error) = outcome {
            assert_eq!(error.kind(), PortErrorKind::KeyService);
            assert_eq!(
                (error.delivery(), error.repeatability()),
                (Delivery::Answered, Repeatability::MayRepeat)
            );
        }
        calls += asked;
        assert_eq!(kms.calls(), calls);
    }
    // A retry at the KMS uses up no further cryptogram.
    assert_eq!(sandbox.minted(), 1);
}

#[tokio::test]
async fn a_kms_is_not_asked_about_another_key() {
    let sandbox = sandbox().await;
    let (sealed, kms) = sealed(&sandbox).await;
    let another = "another".parse().expect("a key id");
    let opener = JweOpener::new(KeyInKms::new(Arc::clone(&kms), another));
    let error = opener.open(&sealed).await.expect_err("no such key");
    assert_eq!(error.kind(), PortErrorKind::Jwe);
    let cause = error.source().expect("a cause").to_string();
    for key_id in [sandbox.merchant().opening_key_id(), "another"] {
        assert!(cause.contains(key_id), "{cause}");
    }
    assert_eq!(kms.calls(), 0);
}
