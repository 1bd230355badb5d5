use std::fmt;
use std::net::SocketAddr;

use bytes::Bytes;
use http::HeaderMap;
use http_body_util::Full;
use hyper_util::client::legacy::{self, Error};
use hyper_util::rt::TokioExecutor;
use payment_credentials_core::seam::UnsignedRequest;
use serde_json::Value;

use super::call::{received, signed};
use super::dial::Dial;
use super::opening::{Opening, parse};
use super::signing::{Certificate, SharedSecret};
use crate::fixtures::{HOST, now};
use crate::signing::Signing;

/// hyper-util's client over TLS, with the bare signature and opening on the thread of the call.
pub struct Client {
    http: legacy::Client<Dial, Full<Bytes>>,
    signer: Signer,
    opening: Opening,
}

enum Signer {
    Certificate(Box<Certificate>),
    SharedSecret(Box<SharedSecret>),
}

impl Client {
    /// A client of the service at this address, which has this certificate.
    #[must_use]
    pub fn new(address: SocketAddr, root: &[u8], signing: Signing) -> Self {
        let client = legacy::Client::builder(TokioExecutor::new());
        Self {
            http: client.build(Dial::new(address, root)),
            signer: match signing {
                Signing::Certificate => Signer::Certificate(Box::default()),
                Signing::SharedSecret => Signer::SharedSecret(Box::default()),
            },
            opening: Opening::default(),
        }
    }

    /// Makes a call, opens its response and parses it.
    ///
    /// # Errors
    ///
    /// If the connection fails.
    pub async fn call(&self) -> Result<Value, Error> {
        let request = signed(&format!("https://{HOST}"), |request| self.sign(request));
        let response = self.http.request(request).await?;
        let jwe = received(response).await;
        Ok(parse(&self.opening.open(&jwe)))
    }

    fn sign(&self, request: &UnsignedRequest) -> HeaderMap {
        match &self.signer {
            Signer::Certificate(key) => key.jwt(request, now()),
            Signer::SharedSecret(key) => key.jwt(request, now()),
        }
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Client")
    }
}
