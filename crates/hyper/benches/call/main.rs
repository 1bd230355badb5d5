//! Compares a call over loopback TLS with hyper-util's client that sends the same bytes.
//!
//! Both keep one connection to one sandbox, on a runtime with one thread.
#![expect(
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a benchmark prints, and ends where its input is wrong"
)]

mod bare;

use std::sync::Arc;

use bare::Bare;
use payment_credentials_benchmark::{Race, is_wanted};
use payment_credentials_core::seam::Unauthenticated;
use payment_credentials_core::{
    CredentialsOpener as _, CredentialsRequest, Endpoint, Environment, PaymentCredentialsPort as _,
};
use payment_credentials_hyper::{HyperPort, Roots};
use payment_credentials_jose::{JweOpener, Keyring};
use payment_credentials_keys::PrivateKey;
use payment_credentials_sandbox::{Authentication, Sandbox, vault};

const ROUNDS: usize = 4000;

fn port(sandbox: &Sandbox) -> HyperPort {
    let endpoint = Endpoint::new(Environment::Test)
        .with_connect_to(sandbox.address().into())
        .expect("an endpoint");
    HyperPort::builder(endpoint, Arc::new(Unauthenticated))
        .roots(Roots::ExtraOnly)
        .extra_root(sandbox.root_certificate_der())
        .build()
        .expect("a port")
}

fn opener(sandbox: &Sandbox) -> JweOpener {
    let key = PrivateKey::from_pem(sandbox.merchant().opening_key_pem());
    JweOpener::new(Keyring::new([key.expect("a key")]).expect("a keyring"))
}

fn main() {
    if !is_wanted() {
        return;
    }
    let sandbox = Sandbox::start_blocking(Authentication::NotRequired).expect("a sandbox");
    let (port, opener) = (port(&sandbox), opener(&sandbox));
    let request = CredentialsRequest::new(vault::VISA.parse().expect("a token id"));
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    let bare = Bare::new(&sandbox, &request);

    Race::new("one call over TLS, connection kept")
        .with("hyper-util's client", || runtime.block_on(bare.call()))
        .with("HyperPort::generate", || {
            runtime.block_on(port.generate(&request)).expect("sealed")
        })
        .run(ROUNDS);
    // The benchmark `open` of the crate jose measures the opener itself against the cryptographic
    // primitives.
    Race::new("one call, and its response opened")
        .with("hyper-util's client, and the opening", || {
            runtime.block_on(async {
                let jwe = bare.call().await;
                let jwe = String::from_utf8(jwe.to_vec()).expect("text");
                let jwe = jwe.parse().expect("a JWE");
                opener.open_bytes(&jwe).await.expect("opened")
            })
        })
        .with("HyperPort::generate and JweOpener::open", || {
            runtime.block_on(async {
                let sealed = port.generate(&request).await.expect("sealed");
                opener.open(&sealed).await.expect("opened")
            })
        })
        .run(ROUNDS / 2);
    println!("  connections made in all: {}", sandbox.connections());
}
