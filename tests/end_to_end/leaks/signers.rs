//! Real signers and their keys, accepted and rejected, and the signatures that they made.

use std::sync::Arc;

use payment_credentials::auth::{
    AccessToken, BearerAuthenticator, CertificateKey, HttpSignatureAuthenticator, JwtAuthenticator,
    SharedSecret, SharedSecretKey,
};
use payment_credentials::keys::Keystore;
use payment_credentials::request::RequestBody;
use payment_credentials::seam::RequestAuthenticator;
use payment_credentials::secret::Password;
use payment_credentials::{ApiVersion, PaymentCredentialsPort as _};
use payment_credentials_sandbox::{CapturedAuthentication, Merchant, Policy, Sandbox, vault};

use super::scan::{Scan, assert_clean};
use crate::stage::{port_by, request};

fn secret_key(scan: &mut Scan, merchant: &Merchant) -> SharedSecretKey {
    let secret = scan.keep("shared secret", merchant.shared_secret());
    let secret = SharedSecret::from_base64(&secret).expect("a secret");
    let owner = merchant.id().parse().expect("a merchant id");
    SharedSecretKey::new(owner, merchant.key_id().parse().expect("a key id"), secret)
}

fn certificate_key(scan: &mut Scan, merchant: &Merchant) -> CertificateKey {
    let password = scan.keep("keystore password", merchant.keystore_password());
    let password = Password::from(password);
    let file = merchant.keystore().expect("a keystore");
    let keystore = Keystore::read(file, Some(&password)).expect("a keystore");
    scan.shown("password", &password);
    scan.shown("keystore", &keystore);
    let wrong = Keystore::read(file, Some(&Password::from(scan.word("wrong password"))));
    scan.error("a wrong password", &wrong.expect_err("refused"));
    let identity = keystore
        .signing_identity(merchant.id())
        .expect("an identity");
    CertificateKey::new(merchant.id().parse().expect("a merchant id"), identity)
}

fn signers(scan: &mut Scan, sandbox: &Sandbox) -> [Arc<dyn RequestAuthenticator>; 4] {
    let merchant = sandbox.merchant();
    let secret = secret_key(scan, merchant);
    let certificate = certificate_key(scan, merchant);
    let access = scan.keep("access credential", merchant.bearer_access_token());
    let access: AccessToken = access.parse().expect("an access credential");
    scan.shown("shared secret key", &secret);
    scan.shown("certificate key", &certificate);
    scan.shown("access credential", &access);
    [
        Arc::new(JwtAuthenticator::with_shared_secret(secret.clone())),
        Arc::new(JwtAuthenticator::with_certificate(certificate)),
        Arc::new(HttpSignatureAuthenticator::new(secret)),
        Arc::new(BearerAuthenticator::new(Arc::new(access))),
    ]
}

/// Signatures are canaries too, since anyone who has one can use it within two minutes.
fn keep_credentials(scan: &mut Scan, sandbox: &Sandbox) {
    let requests = sandbox.requests();
    let captured: &CapturedAuthentication = requests
        .last()
        .and_then(|request| request.captured_authentication())
        .expect("captured");
    scan.shown("captured credentials", captured);
    let jwt = captured.expose_authorization();
    let signature = captured.expose_signature().and_then(|header| {
        let (_, signature) = header.rsplit_once("signature=\"")?;
        signature.strip_suffix('"')
    });
    let secret = jwt
        .and_then(|jwt| jwt.rsplit(['.', ' ']).next())
        .or(signature);
    scan.keep("signature", secret.expect("a signature"));
}

#[tokio::test]
async fn signers_that_are_accepted_and_refused() {
    let mut scan = Scan::begin();
    let policy = || {
        Policy::strict()
            .with_explanations()
            .with_captured_authentication()
    };
    let ours = Sandbox::start(policy().into()).await.expect("a sandbox");
    // This sandbox's merchant has the same name but other keys.
    let other = Sandbox::start(policy().into()).await.expect("a sandbox");
    for signer in signers(&mut scan, &ours) {
        scan.shown("a signer", &signer);
        for (sandbox, lets_in) in [(&ours, true), (&other, false)] {
            let port = port_by(sandbox, ApiVersion::V3, Arc::clone(&signer)).build();
            let port = port.expect("a port");
            scan.shown("a port", &port);
            scan.shown("an inventory", &port.configured_keys());
            let request = request(vault::VISA, RequestBody::default());
            let outcome = port.generate(&request).await;
            assert_eq!(outcome.is_ok(), lets_in);
            match outcome {
                Ok(sealed) => scan.shown("sealed credentials", &sealed),
                Err(error) => scan.error("a refusal", &error),
            }
            keep_credentials(&mut scan, sandbox);
            scan.shown("a record", &sandbox.requests());
            scan.shown("a sandbox", sandbox);
        }
    }
    assert_clean(&scan);
}
