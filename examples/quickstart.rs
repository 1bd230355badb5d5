//! The main job, end to end: from a token id to a network token with its cryptogram.
//!
//! Runs against the embedded sandbox, over real TLS and with a real JWE; needs neither an account
//! nor a network. `cargo run --example quickstart`

use std::error::Error;
use std::sync::Arc;

use payment_credentials::answer::{Account, Proof};
use payment_credentials::auth::{CertificateKey, JwtAuthenticator, SharedSecret, SharedSecretKey};
use payment_credentials::hyper::{BlockingThreads, HyperPort};
use payment_credentials::jose::{JweOpener, Keyring, Keystore, PrivateKey};
use payment_credentials::secret::Password;
use payment_credentials::service::{CredentialsGenerator, GeneratedCredentials};
use payment_credentials::{
    CredentialsOpener, CredentialsRequest, Endpoint, Environment, PaymentCredentialsPort,
};
use payment_credentials_sandbox::{Authentication, Merchant, Sandbox, vault};

type Generator = CredentialsGenerator<Arc<dyn PaymentCredentialsPort>, Arc<dyn CredentialsOpener>>;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let sandbox = Sandbox::start(Authentication::strict()).await?;
    println!("sandbox            {}", sandbox.address());

    let generator = compose(&sandbox)?;
    let request = CredentialsRequest::new(vault::VISA.parse()?);
    println!("token id           {}", request.token_id());

    let generated = generator.generate(&request).await?;
    show(&generated)
}

/// Signs JWTs with a REST shared secret key: the pair of key id and secret that the Business Center
/// shows once.
fn with_shared_secret(merchant: &Merchant) -> Result<JwtAuthenticator, Box<dyn Error>> {
    let secret = SharedSecret::from_base64(merchant.shared_secret())?;
    let key = SharedSecretKey::new(merchant.id().parse()?, merchant.key_id().parse()?, secret);
    Ok(JwtAuthenticator::with_shared_secret(key))
}

/// Signs JWTs with a REST certificate: the P12 file that the Business Center hands out, and its
/// password.
fn with_keystore(merchant: &Merchant) -> Result<JwtAuthenticator, Box<dyn Error>> {
    let password = Password::from(merchant.keystore_password());
    let keystore = Keystore::read(merchant.keystore()?, Some(&password))?;
    let identity = keystore.signing_identity(merchant.id())?;
    let key = CertificateKey::new(merchant.id().parse()?, identity);
    Ok(JwtAuthenticator::with_certificate(key).offload(Arc::new(BlockingThreads::default())))
}

/// The composition root: the one place that names adapters. The rest knows the ports alone.
fn compose(sandbox: &Sandbox) -> Result<Generator, Box<dyn Error>> {
    // The request is meant for the vendor's test host, and so is its certificate check; only the
    // connection leads to the sandbox. Leave this line out to call the vendor.
    let endpoint = Endpoint::new(Environment::Test).with_connect_to(sandbox.address().into())?;
    // Given the keys, this line changes the scheme: `cargo run --example quickstart -- keystore`.
    let authenticator = match std::env::args().nth(1).as_deref() {
        Some("keystore") => with_keystore(sandbox.merchant())?,
        _ => with_shared_secret(sandbox.merchant())?,
    };
    let port = HyperPort::builder(endpoint, Arc::new(authenticator))
        .extra_root(sandbox.root_certificate_der())
        .build()?;
    for key in port.keys() {
        if let Some(key_id) = key.key_id {
            println!("signs with         key {key_id}");
        }
    }

    // The private half of the merchant's "Message-Level Encryption" key for TMS.
    let merchant = sandbox.merchant();
    let key = PrivateKey::from_pem(merchant.opening_key_pem().as_bytes())?
        .with_key_id(merchant.opening_key_id().parse()?);
    // A private-key operation holds a core for about a millisecond: not on the runtime's threads.
    let keyring = Keyring::new([key])?.with_offload(Arc::new(BlockingThreads::default()));
    let opener = JweOpener::new(keyring);

    Ok(CredentialsGenerator::new(Arc::new(port), Arc::new(opener)))
}

/// Shows what may be shown: numbers masked, proofs redacted.
fn show(generated: &GeneratedCredentials) -> Result<(), Box<dyn Error>> {
    match generated.credentials.account() {
        Account::NetworkToken(token) => {
            println!("network token      {}", token.number()?.masked());
            println!("expires            {}", token.expiry()?);
            match token.proof()? {
                Proof::Cryptogram(cryptogram) => println!("cryptogram         {cryptogram:?}"),
                Proof::SecurityCode(code) => println!("security code      {code:?}"),
                other => println!("another proof      {other:?}"),
            }
            if let Some(eci) = &token.eci {
                println!("ECI                {eci}");
            }
        }
        Account::Card(card) => println!("PAN                {}", card.pan()?.masked()),
        other => println!("another account    {other:?}"),
    }
    if let Some(id) = generated.correlation_id() {
        println!("correlation id     {id}");
    }
    Ok(())
}
