//! A gateway whose service answers every request with the same response.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use bytes::Bytes;
use http::Response;
use payment_credentials_core::seam::{Outgoing, RequestAuthenticator, Transport, Unauthenticated};
use payment_credentials_core::{
    CredentialsRequest, Endpoint, Environment, Gateway, GatewayBuilder,
    PaymentCredentialsPort as _, PortError, TransportError,
};

/// Header fields as they are written.
pub type Headers<'a> = &'a [(&'a str, &'a str)];

/// The correlation id that proves that the response comes from the service itself.
pub const ID: (&str, &str) = ("v-c-correlation-id", "6612345");

#[derive(Debug)]
pub struct Answering {
    answer: Response<Bytes>,
    sent: AtomicUsize,
}

impl Answering {
    pub fn new(status: u16, headers: Headers<'_>, body: &str) -> Arc<Self> {
        let mut answer = Response::builder().status(status);
        for (name, value) in headers {
            answer = answer.header(*name, *value);
        }
        let body = Bytes::copy_from_slice(body.as_bytes());
        Arc::new(Self {
            answer: answer.body(body).expect("a response"),
            sent: AtomicUsize::new(0),
        })
    }

    /// How many requests the service received.
    pub fn sent(&self) -> usize {
        self.sent.load(Ordering::SeqCst)
    }

    /// Returns the error of a call.
    pub fn failing(
        self: &Arc<Self>,
        gateway: GatewayBuilder,
        request: &CredentialsRequest,
    ) -> PortError {
        let gateway = gateway.build(Arc::clone(self) as _).expect("a gateway");
        pollster::block_on(gateway.generate(request)).expect_err("refused")
    }
}

/// The builder of a gateway to the vendor's test host.
pub fn gateway(signer: Arc<dyn RequestAuthenticator>) -> GatewayBuilder {
    Gateway::builder(Endpoint::new(Environment::Test), signer)
}

#[async_trait]
impl Transport for Answering {
    async fn send(&self, _outgoing: Outgoing) -> Result<Response<Bytes>, TransportError> {
        self.sent.fetch_add(1, Ordering::SeqCst);
        Ok(self.answer.clone())
    }
}

pub fn request() -> CredentialsRequest {
    CredentialsRequest::new("7010000000016241111".parse().expect("a token id"))
}

/// Returns the error of a call to a service with this response.
pub fn refused(status: u16, headers: Headers<'_>, body: &str) -> PortError {
    let service = Answering::new(status, headers, body);
    service.failing(gateway(Arc::new(Unauthenticated)), &request())
}
