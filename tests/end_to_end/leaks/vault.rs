//! Everything that the sandbox can do, over TLS, with canaries in every request.

use std::sync::Arc;
use std::time::Duration;

use payment_credentials::credentials::Account;
use payment_credentials::generator::{CredentialsGenerator, GeneratedCredentials};
use payment_credentials::jose::{JweOpener, Keyring};
use payment_credentials::keys::PrivateKey;
use payment_credentials::request::{PaymentCredentialType, RequestBody};
use payment_credentials::secret::{Cryptogram, NetworkTokenNumber, Pan};
use payment_credentials::{ApiVersion, PortErrorKind};
use payment_credentials_sandbox::{Sandbox, vault};

use super::canaries::{self, Signer};
use super::scan::{Scan, assert_clean};
use super::sealer::PRIVATE_PEM;
use crate::stage::{Generator, opener, port, request, sandbox};

/// Values that the sandbox generated become canaries once they are known.
fn keep(scan: &mut Scan, generated: &GeneratedCredentials) {
    match generated.credentials.account() {
        Account::NetworkToken(token) => {
            let number = token.number().ok().map(NetworkTokenNumber::expose);
            let cryptogram = token.cryptogram().ok().map(Cryptogram::expose);
            for (name, secret) in [("network token", number), ("cryptogram", cryptogram)] {
                if let Some(secret) = secret {
                    scan.keep(name, secret);
                }
            }
            if let Ok(code) = token.security_code() {
                // Three digits can occur by chance, but not between quotes.
                scan.keep("security code", &format!("\"{}\"", code.expose()));
            }
        }
        Account::Card(card) => {
            if let Ok(pan) = card.pan().map(Pan::expose) {
                scan.keep("PAN", pan);
            }
        }
        other => panic!("{other:?}"),
    }
}

/// Makes one call; returns whether the call returned credentials.
pub(super) async fn ask(
    scan: &mut Scan,
    generator: &Generator,
    token_id: &str,
    body: RequestBody,
) -> bool {
    let request = request(token_id, body);
    match generator.generate(&request).await {
        Ok(generated) => {
            keep(scan, &generated);
            scan.shown(token_id, &generated);
            scan.shown(token_id, &generated.credentials.bill_to);
            true
        }
        Err(error) => {
            scan.error(token_id, &error);
            assert_eq!(error.to_string().lines().count(), 1, "{token_id}");
            false
        }
    }
}

fn composed(sandbox: &Sandbox, version: ApiVersion, signer: &Signer, limit: Duration) -> Generator {
    let (name, value) = signer.extra();
    let port = port(sandbox, version, signer.clone())
        .extra_header(name, value)
        .call_deadline(limit);
    CredentialsGenerator::new(port.build().expect("a port"), opener(sandbox))
}

#[tokio::test]
async fn f8_every_entry_of_the_vault() {
    let mut scan = Scan::begin();
    let sandbox = sandbox().await;
    let signer = Signer::new(&mut scan);
    let body = canaries::body(&mut scan);
    scan.keep_pem("private key", sandbox.merchant().opening_key_pem());
    let (mut opened, mut failed) = (0, 0);
    for version in [ApiVersion::V2, ApiVersion::V3] {
        let patient = composed(&sandbox, version, &signer, Duration::from_secs(20));
        let hasty = composed(&sandbox, version, &signer, Duration::from_millis(200));
        for entry in vault::ENTRIES {
            let silent = entry.id() == vault::NEVER_RESPONDS;
            let generator = if silent { &hasty } else { &patient };
            if ask(&mut scan, generator, entry.id(), body.clone()).await {
                opened += 1;
            } else {
                failed += 1;
            }
        }
        scan.shown("the generator", &patient);
    }
    assert!(
        opened >= 26 && failed >= 26,
        "{opened} opened, {failed} failed"
    );
    scan.shown("the sandbox", &sandbox);
    scan.shown("what the sandbox received", &sandbox.requests());
    assert_clean(&scan);
}

#[tokio::test]
async fn every_kind_of_credentials() {
    let mut scan = Scan::begin();
    let sandbox = sandbox().await;
    let signer = Signer::new(&mut scan);
    let body = canaries::body(&mut scan);
    let generator = composed(&sandbox, ApiVersion::V3, &signer, Duration::from_secs(20));
    let mut opened = 0;
    for token_id in [vault::VISA, vault::MASTERCARD, vault::AMERICAN_EXPRESS] {
        for kind in [
            PaymentCredentialType::Cryptogram,
            PaymentCredentialType::NetworkToken,
            PaymentCredentialType::SecurityCode,
        ] {
            let body = body.clone().with_payment_credential_type(kind);
            opened += usize::from(ask(&mut scan, &generator, token_id, body).await);
        }
    }
    assert_eq!(opened, 8);
    assert_clean(&scan);
}

#[tokio::test]
async fn a_wrong_key_a_wrong_root_and_nobody_there() {
    let mut scan = Scan::begin();
    let (one, other) = (sandbox().await, sandbox().await);
    let signer = Signer::new(&mut scan);
    let body = canaries::body(&mut scan);
    scan.keep_pem("private key", PRIVATE_PEM);
    let right = || port(&one, ApiVersion::V3, signer.clone());

    let wrong = PrivateKey::from_pem(PRIVATE_PEM.as_bytes()).expect("a key");
    let id = one.merchant().opening_key_id().parse().expect("a key id");
    let keyring = Keyring::new([wrong.with_key_id(id)]).expect("a keyring");
    let wrong_key =
        CredentialsGenerator::new(right().build().expect("a port"), JweOpener::new(keyring));

    // The client trusts the other sandbox's root, and connects to this one.
    let endpoint = payment_credentials::Endpoint::new(payment_credentials::Environment::Test);
    let endpoint = endpoint
        .with_connect_to(one.address().into())
        .expect("an endpoint");
    let wrong_root =
        payment_credentials::hyper::HyperPort::builder(endpoint, Arc::new(signer.clone()))
            .extra_root(other.root_certificate_der());
    let wrong_root = CredentialsGenerator::new(wrong_root.build().expect("a port"), opener(&one));
    let gone = composed(&other, ApiVersion::V3, &signer, Duration::from_secs(20));
    drop(other);

    for (generator, kind) in [
        (&wrong_key, PortErrorKind::Decrypt),
        (&wrong_root, PortErrorKind::Tls),
        (&gone, PortErrorKind::Connect),
    ] {
        let request = request(vault::VISA, body.clone());
        let error = generator.generate(&request).await.expect_err("an error");
        assert_eq!(error.kind(), kind);
        scan.error("a call", &error);
        scan.shown("the generator", generator);
    }
    assert_clean(&scan);
}
