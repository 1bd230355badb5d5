//! A sandbox, and an application that is composed over it.

use std::sync::Arc;
use std::time::Duration;

use payment_credentials::generator::{CredentialsGenerator, GeneratedCredentials};
use payment_credentials::hyper::{HyperPort, HyperPortBuilder, TokioOffload};
use payment_credentials::jose::{JweOpener, Keyring};
use payment_credentials::keys::PrivateKey;
use payment_credentials::request::RequestBody;
use payment_credentials::seam::{RequestAuthenticator, Unauthenticated};
use payment_credentials::{ApiVersion, CredentialsRequest, Endpoint, Environment, PortError};
use payment_credentials_sandbox::{Authentication, Sandbox};

use crate::leaks::collector::listen;

pub(crate) const VERSIONS: [ApiVersion; 2] = [ApiVersion::V2, ApiVersion::V3];

pub(crate) type Generator = CredentialsGenerator<HyperPort, JweOpener>;

pub(crate) async fn sandbox() -> Sandbox {
    payment_credentials_test_limit::start();
    // Starts the collection of logs in every test, whether or not the test has canaries.
    listen();
    let started = Sandbox::start(Authentication::NotRequired).await;
    started.expect("a sandbox")
}

/// A port to the sandbox with this authenticator.
pub(crate) fn port(
    sandbox: &Sandbox,
    version: ApiVersion,
    authenticator: impl RequestAuthenticator + 'static,
) -> HyperPortBuilder {
    port_by(sandbox, version, Arc::new(authenticator))
}

pub(crate) fn port_by(
    sandbox: &Sandbox,
    version: ApiVersion,
    authenticator: Arc<dyn RequestAuthenticator>,
) -> HyperPortBuilder {
    payment_credentials_test_limit::start();
    let endpoint = Endpoint::new(Environment::Test)
        .with_version(version)
        .with_connect_to(sandbox.address().into())
        .expect("an endpoint");
    HyperPort::builder(endpoint, authenticator)
        .extra_root(sandbox.root_certificate_der())
        .call_deadline(Duration::from_secs(20))
}

/// An opener with the merchant's key.
pub(crate) fn opener(sandbox: &Sandbox) -> JweOpener {
    let merchant = sandbox.merchant();
    let key = PrivateKey::from_pem(merchant.opening_key_pem()).expect("a key");
    let key = key.with_key_id(merchant.opening_key_id().parse().expect("a key id"));
    let keyring = Keyring::new([key]).expect("a keyring");
    JweOpener::new(keyring.offload(Arc::new(TokioOffload::default())))
}

pub(crate) fn generator(sandbox: &Sandbox, version: ApiVersion) -> Generator {
    let port = port(sandbox, version, Unauthenticated)
        .build()
        .expect("a port");
    CredentialsGenerator::new(port, opener(sandbox))
}

pub(crate) fn request(token_id: &str, body: RequestBody) -> CredentialsRequest {
    let request = CredentialsRequest::new(token_id.parse().expect("a token id"));
    request.with_body(body).expect("a request")
}

pub(crate) async fn ask(
    generator: &Generator,
    token_id: &str,
) -> Result<GeneratedCredentials, PortError> {
    let request = request(token_id, RequestBody::default());
    Ok(generator.generate(&request).await?)
}
