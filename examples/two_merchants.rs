//! Two merchants with keys of their own, over one transport and behind one limit.
//!
//! The transport keeps one pool of connections for both. The allowance makes the vendor's limit theirs in
//! common: together they make ten calls per second, and where the service asks one of them to wait, both do.
//! Against the embedded sandbox: `cargo run --example two_merchants`

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use payment_credentials::auth::{HttpSignatureAuthenticator, SharedSecret, SharedSecretKey};
use payment_credentials::generator::CredentialsGenerator;
use payment_credentials::hyper::{HyperPort, HyperTransport};
use payment_credentials::jose::{JweOpener, Keyring};
use payment_credentials::keys::PrivateKey;
use payment_credentials::layers::{
    Allowance, LocalAllowance, Metrics, PauseUntil, RateLimit, Trace,
};
use payment_credentials::seam::Transport;
use payment_credentials::{
    CredentialsRequest, Endpoint, Environment, Gateway, PaymentCredentialsPort,
};
use payment_credentials_sandbox::{Policy, Sandbox, vault};

/// A merchant's own key: published sample values, enrolled at the sandbox below.
struct Merchant {
    id: &'static str,
    key_id: &'static str,
    shared_secret: &'static str,
}

const MERCHANTS: [Merchant; 2] = [
    Merchant {
        id: "bakery",
        key_id: "08c94330-f618-42a3-b09d-e1e43be5efda",
        shared_secret: "yBJxy6LjM2TmcPGu+GaJrHtkke25fPpUX+UY6/L/1tE=",
    },
    Merchant {
        id: "florist",
        key_id: "2ab1b9d5-0d39-4d8f-9a4c-8a1d3a8e5c11",
        shared_secret: "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
    },
];

/// What both merchants share.
struct Shared {
    endpoint: Endpoint,
    transport: Arc<dyn Transport>,
    allowance: Arc<dyn Allowance>,
}

impl Shared {
    /// A merchant's port: its own keys, and the rest in common.
    fn port(&self, merchant: &Merchant) -> Result<impl PaymentCredentialsPort, Box<dyn Error>> {
        let secret = SharedSecret::from_base64(merchant.shared_secret)?;
        let key = SharedSecretKey::new(merchant.id.parse()?, merchant.key_id.parse()?, secret);
        let gateway = Gateway::builder(
            self.endpoint.clone(),
            Arc::new(HttpSignatureAuthenticator::new(key)),
        );
        let port = HyperPort::over(
            gateway.build(Arc::clone(&self.transport))?,
            Duration::from_secs(30),
        );
        let port = PauseUntil::sharing(port, Arc::clone(&self.allowance));
        let port = RateLimit::sharing(port, Arc::clone(&self.allowance));
        // The span's merchant is that of the keys.
        Ok(Trace::new(Metrics::new(port)))
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut policy = Policy::strict();
    for merchant in &MERCHANTS {
        policy = policy.with_shared_secret(merchant.id, merchant.key_id, merchant.shared_secret)?;
    }
    let sandbox = Sandbox::start(policy.into()).await?;
    let transport = HyperTransport::builder().extra_root(sandbox.root_certificate_der());
    let shared = Shared {
        endpoint: Endpoint::new(Environment::Test).with_connect_to(sandbox.address().into())?,
        transport: Arc::new(transport.build()?),
        allowance: Arc::new(LocalAllowance::new(10)?),
    };
    let key = PrivateKey::from_pem(sandbox.merchant().opening_key_pem())?;
    let opener = Arc::new(JweOpener::new(Keyring::new([key])?));

    for merchant in &MERCHANTS {
        let port = shared.port(merchant)?;
        let signs_for = port.merchant_id();
        let generator = CredentialsGenerator::new(port, Arc::clone(&opener));
        let request = CredentialsRequest::new(vault::VISA.parse()?);
        let generated = generator.generate(&request).await?;
        println!("{}: {:?}", merchant.id, generated.credentials.account());
        assert_eq!(signs_for, Some(merchant.id.parse()?));
    }
    println!("calls seen by the service: {}", sandbox.requests().len());
    Ok(())
}
