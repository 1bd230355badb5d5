//! This library beside josekit with reqwest, and both beside the bare libraries, by turns, in one run.
//!
//! `cargo run --release --manifest-path tests/alternatives/Cargo.toml -- --bench`; names of callers (`Inline`,
//! `TokioOffload`, `josekit`) behind that leave out the others.

mod client;
mod jose;
mod signing;

use std::net::SocketAddr;
use std::sync::{Arc, LazyLock};
use std::time::SystemTime;

use http::HeaderMap;
use payment_credentials_core::seam::UnsignedRequest;
use payment_credentials_measure::alternative::Alternative;
use payment_credentials_measure::bare::Bare;
use payment_credentials_measure::caller::Caller;
use payment_credentials_measure::compare::compare;
use payment_credentials_measure::signing::Signing;
use serde_json::Value;

use client::Client;
use jose::{Opening, Sealing};
use signing::{Certificate, SharedSecret};

#[tokio::main]
async fn main() {
    compare(&[&Bare::default(), &Josekit::default()]).await;
}

/// josekit for JWE and JWT, OpenSSL for HTTP Signature, reqwest with rustls for calls.
struct Josekit {
    opening: LazyLock<Opening>,
    certificate: LazyLock<Certificate>,
    secret: LazyLock<SharedSecret>,
    sealing: LazyLock<Sealing>,
}

impl Default for Josekit {
    fn default() -> Self {
        Self {
            opening: LazyLock::new(Opening::default),
            certificate: LazyLock::new(Certificate::default),
            secret: LazyLock::new(SharedSecret::default),
            sealing: LazyLock::new(Sealing::default),
        }
    }
}

impl Alternative for Josekit {
    fn name(&self) -> &'static str {
        "josekit"
    }

    fn open(&self, jwe: &str) -> Value {
        self.opening.open(jwe)
    }

    fn jwt_by_certificate(&self, request: &UnsignedRequest, now: SystemTime) -> HeaderMap {
        self.certificate.jwt(request, now)
    }

    fn jwt_by_shared_secret(&self, request: &UnsignedRequest, now: SystemTime) -> HeaderMap {
        self.secret.jwt(request, now)
    }

    fn http_signature(&self, request: &UnsignedRequest, now: SystemTime) -> HeaderMap {
        self.secret.http_signature(request, now)
    }

    fn seal(&self, body: &[u8], now: SystemTime) -> String {
        self.sealing.seal(body, now)
    }

    fn caller(&self, address: SocketAddr, root: &[u8], signing: Signing) -> Arc<dyn Caller> {
        Arc::new(Client::new(address, root, signing))
    }
}
