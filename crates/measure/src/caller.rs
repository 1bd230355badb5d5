//! Those who make whole calls over TLS: this library, by where it runs private-key work, and hyper-util's
//! client.

use std::net::SocketAddr;
use std::sync::Arc;

use payment_credentials_core::seam::{Inline, Offload, RequestAuthenticator};
use payment_credentials_core::{
    CredentialsOpener as _, Endpoint, Environment, PaymentCredentialsPort as _,
};
use payment_credentials_hyper::{HyperPort, Roots, TokioOffload};
use payment_credentials_jose::JweOpener;

use crate::signing::Signing;
use crate::{bare, fixtures, ours};

/// The name of the caller that is not this library.
pub const BARE: &str = "bare";

/// A caller's name, and where it runs private-key work.
pub type Ours = (&'static str, fn() -> Arc<dyn Offload>);

/// This library's callers. A new [`Offload`] is a line here.
pub const OURS: [Ours; 2] = [
    ("Inline", || Arc::new(Inline)),
    ("TokioOffload", || Arc::new(TokioOffload::default())),
];

/// Calls the service, opens the response and parses it.
#[derive(Clone, Debug)]
pub struct Caller(Kind);

#[derive(Clone, Debug)]
enum Kind {
    Bare(Arc<bare::Client>),
    Ours(Box<(HyperPort, JweOpener)>),
}

impl Caller {
    /// The names of all callers, [`BARE`] first.
    pub fn names() -> impl Iterator<Item = &'static str> {
        std::iter::once(BARE).chain(OURS.map(|(name, _)| name))
    }

    /// The caller of that name, which knows the service by its address and its certificate.
    #[must_use]
    pub fn new(name: &str, address: SocketAddr, root: &[u8], signing: Signing) -> Self {
        if name == BARE {
            let client = bare::Client::new(address, root, signing);
            return Self(Kind::Bare(Arc::new(client)));
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
        Self(Kind::Ours(Box::new((port, ours::opener(offload())))))
    }

    /// Makes a call, opens its response and parses it; whether that succeeded.
    pub async fn call(&self) -> bool {
        match &self.0 {
            Kind::Bare(client) => client.call().await.is_ok(),
            Kind::Ours(ours) => {
                let (port, opener) = &**ours;
                match port.generate(&fixtures::request()).await {
                    Ok(sealed) => opener.open(&sealed).await.is_ok(),
                    Err(_) => false,
                }
            }
        }
    }
}
