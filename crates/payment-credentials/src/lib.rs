//! Payment credentials of stored cards from CyberSource's Token Management Service.
//!
//! An application holds the *token id* of a stored card and wants to charge the card. It calls one
//! trait, [`PaymentCredentialsPort`], and gets a network token with its one-use cryptogram. The
//! application never learns whether the response came over HTTPS, from a mock or from a sandbox.
//!
//! This crate is the one dependency that most applications name: it re-exports all of
//! `payment-credentials-core`, and each adapter behind a feature.
//!
//! | feature | on by default | what it brings |
//! |---|---|---|
//! | `auth` | yes | [`auth`]: signing requests with your REST keys |
//! | `config` | no | `config`: port and opener from environment variables and a TOML or JSON file |
//! | `hyper` | yes | [`hyper`]: the port over HTTPS |
//! | `jose` | yes | [`jose`]: opening the JWE with private keys held in memory |
//! | `keys` | yes | `keys`: reading key files, for signing and opening |
//! | `layers` | no | `layers`: retry, limits, trace and metrics around a port |
//! | `reqwest` | no | `reqwest`: a transport for applications that use reqwest anyway |
//! | `tower` | no | `tower`: any tower HTTP service as a transport, and the port as a tower service |
//!
//! # The composition root
//!
//! One function of the application names the adapters; the rest knows the traits.
#![cfg_attr(
    all(feature = "hyper", feature = "jose"),
    doc = r#"
```no_run
use std::sync::Arc;

use payment_credentials::{
    CredentialsOpener, CredentialsRequest, Endpoint, Environment, PaymentCredentialsPort,
    hyper::{BlockingThreads, HyperPort},
    jose::{JweOpener, Keyring}, keys::PrivateKey,
    seam::Unauthenticated,
    generator::CredentialsGenerator,
};

type Generator = CredentialsGenerator<Arc<dyn PaymentCredentialsPort>, Arc<dyn CredentialsOpener>>;

fn compose(key_pem: &[u8]) -> Result<Generator, Box<dyn std::error::Error>> {
    let endpoint = Endpoint::new(Environment::Test);
    let port = HyperPort::builder(endpoint, Arc::new(Unauthenticated)).build()?;

    let keyring = Keyring::new([PrivateKey::from_pem(key_pem)?])?
        .with_offload(Arc::new(BlockingThreads::default()));
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
//! `Unauthenticated` is for the sandbox and for gateways that sign requests themselves; the vendor's
//! own hosts refuse such requests. For those, `auth` has an authenticator for each kind of key.

// The facade adds no names of its own, so that each item keeps one path here too; a list would
// only go stale.
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
#[doc = include_str!("testing/overview.md")]
#[doc = "```"]
#[doc = include_str!("testing/charger.rs")]
#[doc = "```"]
#[doc = include_str!("testing/ways.md")]
pub mod testing {}

/// Compiles and runs the code of the README as a test.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct Readme;
