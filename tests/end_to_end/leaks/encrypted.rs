//! Messages that are encrypted in both directions, their keys, and their plaintexts.

use payment_credentials::ApiVersion;
use payment_credentials::generator::CredentialsGenerator;
use payment_credentials_sandbox::{EncryptedContent, Policy, Sandbox, vault};

use super::canaries;
use super::scan::{Scan, assert_clean};
use super::vault::ask;
use crate::mle::{both, encrypting};
use crate::stage::opener;

#[tokio::test]
async fn messages_that_are_encrypted_in_both_directions() {
    let mut scan = Scan::begin();
    let body = canaries::body(&mut scan);
    let other = Sandbox::start(Policy::strict().into())
        .await
        .expect("a sandbox");
    for content in [
        EncryptedContent::Json,
        EncryptedContent::Jwe,
        EncryptedContent::QuotedJwe,
    ] {
        let policy = Policy::strict()
            .with_explanations()
            .with_encrypted_content(content);
        let sandbox = Sandbox::start(policy.into()).await.expect("a sandbox");
        let merchant = sandbox.merchant();
        scan.keep_pem("private key", merchant.opening_key_pem());
        scan.keep_pem("response key", merchant.response_key_pem().expect("a key"));
        // The second encryption has the recipient and the response key of another sandbox, which
        // this one doesn't know.
        for (encryption, ids) in [
            (
                both(&sandbox),
                &[(vault::VISA, true), (vault::NOT_FOUND, false)][..],
            ),
            (both(&other), &[(vault::VISA, false)]),
        ] {
            scan.shown("encryption", &encryption);
            let port = encrypting(&sandbox, ApiVersion::V3, encryption);
            scan.shown("a port", &port);
            let generator = CredentialsGenerator::new(port, opener(&sandbox));
            for (token_id, opens) in ids {
                let opened = ask(&mut scan, &generator, token_id, body.clone()).await;
                assert_eq!(opened, *opens, "{token_id}");
            }
        }
        scan.shown("a record", &sandbox.requests());
        scan.shown("a sandbox", &sandbox);
    }
    assert_clean(&scan);
}
