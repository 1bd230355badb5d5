//! Payment credentials of stored cards from CyberSource's Token Management Service.
//!
//! An application holds the *token id* of a stored card. To charge the card, the application calls
//! one trait, [`PaymentCredentialsPort`], and receives a network token with its one-use cryptogram.
//! The application's code is the same whether the response comes over HTTPS, from a mock or from a
//! sandbox.
//!
//! Most applications depend on this crate alone: it re-exports all of `payment-credentials-core`,
//! and each adapter behind a feature.
//!
//! | feature | on by default | what it brings |
//! |---|---|---|
//! | `auth` | yes | [`auth`]: signing requests with your REST keys |
//! | `config` | no | `config`: port and opener from environment variables and a TOML or JSON file |
//! | `hyper` | yes | [`hyper`]: the port over HTTPS |
//! | `jose` | yes | [`jose`]: opening the JWE with private keys held in memory |
//! | `keys` | yes | `keys`: reading key files, for signing and opening |
//! | `layers` | no | `layers`: retry, limits, trace and metrics around a port |
//! | `reqwest` | no | `reqwest`: a transport for applications that already use reqwest |
//! | `tower` | no | `tower`: any tower HTTP service as a transport, and the port as a tower service |
//!
//! # The composition root
//!
//! One function of the application constructs the adapters. All other code uses the traits alone.
#![cfg_attr(
    all(feature = "hyper", feature = "jose"),
    doc = r#"
```no_run
use std::sync::Arc;

use payment_credentials::{
    CredentialsOpener, CredentialsRequest, Endpoint, Environment, PaymentCredentialsPort,
    hyper::{TokioOffload, HyperPort},
    jose::{JweOpener, Keyring}, keys::PrivateKey,
    seam::Unauthenticated,
    generator::CredentialsGenerator,
};

type Generator = CredentialsGenerator<Arc<dyn PaymentCredentialsPort>, Arc<dyn CredentialsOpener>>;

fn compose(key_pem: &[u8]) -> Result<Generator, Box<dyn std::error::Error>> {
    let endpoint = Endpoint::new(Environment::Test);
    let port = HyperPort::builder(endpoint, Arc::new(Unauthenticated)).build()?;

    let keyring = Keyring::new([PrivateKey::from_pem(key_pem)?])?
        .offload(Arc::new(TokioOffload::default()));
    let opener = JweOpener::new(keyring);

    Ok(CredentialsGenerator::new(Arc::new(port), Arc::new(opener)))
}

# async fn call(generator: Generator) -> Result<(), Box<dyn std::error::Error>> {
let request = CredentialsRequest::new("7010000000016241111".parse()?);
let generated = generator.generate(&request).await?;
println!("{:?}", generated.credentials.account());
# Ok(())
# }
```
"#
)]
//!
//! Use `Unauthenticated` for the sandbox and for an intermediary that signs requests itself. The
//! vendor's own hosts refuse unsigned requests. For those hosts, `auth` has an authenticator for each kind
//! of key.

// A glob import: the facade adds no names of its own, so each item keeps one path here too. A list
// of names would become outdated.
#[doc(inline)]
pub use payment_credentials_core::*;

#[cfg(feature = "auth")]
pub use payment_credentials_auth as auth;
#[cfg(feature = "config")]
pub use payment_credentials_config as config;
#[cfg(feature = "hyper")]
pub use payment_credentials_hyper as hyper;
#[cfg(feature = "jose")]
pub use payment_credentials_jose as jose;
#[cfg(feature = "keys")]
pub use payment_credentials_keys as keys;
#[cfg(feature = "layers")]
pub use payment_credentials_layers as layers;
#[cfg(feature = "reqwest")]
pub use payment_credentials_reqwest as reqwest;
#[cfg(feature = "tower")]
pub use payment_credentials_tower as tower;

#[cfg(all(feature = "hyper", feature = "jose"))]
#[doc = include_str!("testing.md")]
pub mod testing {}

#[cfg(test)]
mod tests {
    /// The other examples of the chapter include that file.
    #[test]
    fn the_chapter_shows_the_application_that_its_examples_test() {
        let chapter = include_str!("testing.md");
        assert!(chapter.contains(include_str!("testing/charger.rs")));
    }
}

/// Compiles and runs the code in the README as a test.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct Readme;
