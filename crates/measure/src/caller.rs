//! Those who make whole calls over TLS: this library, by where it runs private-key work, and the alternatives.

use std::net::SocketAddr;
use std::sync::Arc;

use async_trait::async_trait;
use payment_credentials_core::seam::{Inline, Offload, RequestAuthenticator};
use payment_credentials_core::{
    CredentialsOpener as _, Endpoint, Environment, PaymentCredentialsPort as _,
};
use payment_credentials_hyper::{HyperPort, Roots, TokioOffload};
use payment_credentials_jose::JweOpener;

use crate::alternative::Alternative;
use crate::signing::Signing;
use crate::{fixtures, ours};

/// This library's name and where it runs private-key work.
pub type Ours = (&'static str, fn() -> Arc<dyn Offload>);

/// This library's callers. A new [`Offload`] is a line here.
pub const OURS: [Ours; 2] = [
    ("Inline", || Arc::new(Inline)),
    ("TokioOffload", || Arc::new(TokioOffload::default())),
];

/// Calls the service.
#[async_trait]
pub trait Caller: Send + Sync {
    /// Makes a call, opens its response and parses it; whether that succeeded.
    async fn call(&self) -> bool;
}

/// The names of all callers: the alternatives first, then [`OURS`].
#[must_use]
pub fn names(alternatives: &[&dyn Alternative]) -> Vec<&'static str> {
    let names = alternatives.iter().map(|other| other.name());
    names.chain(OURS.map(|(name, _)| name)).collect()
}

/// The caller of that name, which knows the service by its address and its certificate.
#[must_use]
pub fn caller(
    name: &str,
    alternatives: &[&dyn Alternative],
    address: SocketAddr,
    root: &[u8],
    signing: Signing,
) -> Arc<dyn Caller> {
    if let Some(other) = alternatives.iter().find(|other| other.name() == name) {
        return other.caller(address, root, signing);
    }
    let ours = OURS.iter().find(|(ours, _)| *ours == name);
    let (_, offload) = ours.expect("one of the callers");
    let authenticator: Arc<dyn RequestAuthenticator> = match signing {
        Signing::Certificate => Arc::new(ours::jwt_by_certificate(offload())),
        Signing::SharedSecret => Arc::new(ours::jwt_by_shared_secret()),
    };
    let endpoint = Endpoint::new(Environment::Test).with_connect_to(address.into());
    let port = HyperPort::builder(endpoint.expect("an endpoint"), authenticator)
        .roots(Roots::ExtraOnly)
        .extra_root(root)
        .build()
        .expect("a port");
    Arc::new(Composed {
        port,
        opener: ours::opener(offload()),
    })
}

/// A port and an opener, as an application composes them.
#[derive(Debug)]
struct Composed {
    port: HyperPort,
    opener: JweOpener,
}

#[async_trait]
impl Caller for Composed {
    async fn call(&self) -> bool {
        match self.port.generate(&fixtures::request()).await {
            Ok(sealed) => self.opener.open(&sealed).await.is_ok(),
            Err(_) => false,
        }
    }
}
