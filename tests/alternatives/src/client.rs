use std::net::SocketAddr;

use async_trait::async_trait;
use http::{HeaderMap, Method};
use payment_credentials_core::seam::UnsignedRequest;
use payment_credentials_measure::bare::encode;
use payment_credentials_measure::caller::Caller;
use payment_credentials_measure::fixtures::{HOST, now};
use payment_credentials_measure::signing::Signing;

use crate::jose::Opening;
use crate::signing::{Certificate, SharedSecret};

/// reqwest, with signature and opening on the thread of the call.
pub struct Client {
    http: reqwest::Client,
    base: String,
    signer: Signer,
    opening: Opening,
}

enum Signer {
    Certificate(Box<Certificate>),
    SharedSecret(Box<SharedSecret>),
}

impl Client {
    pub fn new(address: SocketAddr, root: &[u8], signing: Signing) -> Self {
        let root = reqwest::Certificate::from_der(root).expect("a certificate");
        let http = reqwest::Client::builder()
            .tls_certs_only([root])
            .resolve(HOST, address)
            .http1_only()
            .no_proxy()
            .build();
        Self {
            http: http.expect("a client"),
            base: format!("https://{HOST}:{}", address.port()),
            signer: match signing {
                Signing::Certificate => Signer::Certificate(Box::default()),
                Signing::SharedSecret => Signer::SharedSecret(Box::default()),
            },
            opening: Opening::default(),
        }
    }

    fn sign(&self, request: &UnsignedRequest) -> HeaderMap {
        match &self.signer {
            Signer::Certificate(key) => key.jwt(request, now()),
            Signer::SharedSecret(key) => key.jwt(request, now()),
        }
    }

    async fn jwe(&self) -> reqwest::Result<String> {
        let (path, headers, body) = encode();
        let unsigned = UnsignedRequest::new(Method::POST, HOST, &path, body.clone());
        let request = self.http.post(format!("{}{path}", self.base));
        let request = request
            .headers(headers)
            .headers(self.sign(&unsigned))
            .body(body);
        let response = request.send().await?.error_for_status()?;
        response.text().await
    }
}

#[async_trait]
impl Caller for Client {
    async fn call(&self) -> bool {
        match self.jwe().await {
            Ok(jwe) => self.opening.open(&jwe).is_object(),
            Err(_) => false,
        }
    }
}
