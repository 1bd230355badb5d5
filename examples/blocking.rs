//! The quickstart's job for an application without a runtime: calls that block their thread.
//!
//! Runs against the embedded sandbox. `cargo run --example blocking`

use std::error::Error;
use std::sync::Arc;
use std::thread;

use payment_credentials::hyper::HyperPort;
use payment_credentials::hyper::blocking::BlockingGenerator;
use payment_credentials::jose::{JweOpener, Keyring};
use payment_credentials::keys::PrivateKey;
use payment_credentials::seam::Unauthenticated;
use payment_credentials::{CredentialsRequest, Endpoint, Environment};
use payment_credentials_sandbox::{Authentication, Sandbox, vault};

fn main() -> Result<(), Box<dyn Error>> {
    let sandbox = Sandbox::start_blocking(Authentication::NotRequired)?;
    let generator = compose(&sandbox)?;

    // One generator serves all threads, over connections that they share.
    thread::scope(|scope| {
        for (network, token_id) in [("Visa", vault::VISA), ("Mastercard", vault::MASTERCARD)] {
            let generator = &generator;
            scope.spawn(move || match charge(generator, token_id) {
                Ok(correlation_id) => println!("{network}: correlation id {correlation_id}"),
                Err(error) => println!("{network}: {error}"),
            });
        }
    });
    Ok(())
}

type Generator = BlockingGenerator<HyperPort, JweOpener>;

fn compose(sandbox: &Sandbox) -> Result<Generator, Box<dyn Error>> {
    let endpoint = Endpoint::new(Environment::Test).with_connect_to(sandbox.address().into())?;
    let port = HyperPort::builder(endpoint, Arc::new(Unauthenticated))
        .extra_root(sandbox.root_certificate_der())
        .build()?;
    let merchant = sandbox.merchant();
    let key = PrivateKey::from_pem(merchant.opening_key_pem())?
        .with_key_id(merchant.opening_key_id().parse()?);
    // Opening runs on the calling thread, so no other place has to be set.
    let opener = JweOpener::new(Keyring::new([key])?);
    Ok(BlockingGenerator::new(port, opener)?)
}

fn charge(generator: &Generator, token_id: &str) -> Result<String, Box<dyn Error>> {
    let generated = generator.generate(&CredentialsRequest::new(token_id.parse()?))?;
    Ok(generated
        .correlation_id()
        .map(ToString::to_string)
        .unwrap_or_default())
}
