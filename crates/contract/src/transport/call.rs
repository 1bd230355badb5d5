//! One call through a gateway, which the suite observes on both sides: the request and the outcome of
//! the transport, and the outcome for the gateway's caller.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use async_trait::async_trait;
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Request, Response};
use payment_credentials_core::seam::{
    Attempt, MessageEncryption, Outgoing, Progress, RequestAuthenticator, Transport,
};
use payment_credentials_core::wire::ResponseBody;
use payment_credentials_core::{
    AuthError, BaseAddress, ConfiguredKey, CredentialsRequest, EncryptionError, Endpoint, Gateway,
    KeyId, MerchantId, PaymentCredentialsPort as _, PortError, SealedCredentials, TransportError,
};

/// How a request of the gateway differs from the usual one.
#[derive(Clone, Debug, Default)]
pub(in crate::transport) struct Ask {
    /// Replaces the body that the gateway encodes.
    pub(in crate::transport) body: Option<Bytes>,
    /// Replaces the peer's own address in the URI; the address to dial is still the peer's.
    pub(in crate::transport) named: Option<BaseAddress>,
}

/// A call that can be made once.
#[derive(Debug)]
pub(in crate::transport) struct Call {
    gateway: Option<Gateway>,
    tap: Arc<Tap>,
}

impl Call {
    pub(in crate::transport) fn new(
        transport: Arc<dyn Transport>,
        peer: SocketAddr,
        ask: Ask,
    ) -> Self {
        let tap = Arc::new(Tap {
            transport,
            seen: Mutex::default(),
        });
        let gateway = gateway(Arc::clone(&tap), peer, ask);
        Self { gateway, tap }
    }

    /// Makes the call. Returns `Ok(None)` without a gateway, but every socket address gives a gateway.
    pub(in crate::transport) async fn make(
        &self,
        progress: &Progress,
    ) -> Result<Option<SealedCredentials>, PortError> {
        let request = "7010000000016241111".parse().map(CredentialsRequest::new);
        match (&self.gateway, request) {
            (Some(gateway), Ok(request)) => {
                gateway.generate_with(&request, progress).await.map(Some)
            }
            (None, _) | (_, Err(_)) => Ok(None),
        }
    }

    /// What the transport returned, and the attempt that it reported on.
    pub(in crate::transport) fn seen(
        &self,
    ) -> (Option<Result<Response<Bytes>, TransportError>>, Attempt) {
        let mut seen = self.tap.seen();
        (seen.outcome.take(), seen.attempt.clone())
    }

    /// The request that the transport received.
    pub(in crate::transport) fn request(&self) -> Option<Request<Bytes>> {
        self.tap.seen().request.take()
    }
}

fn gateway(tap: Arc<Tap>, peer: SocketAddr, ask: Ask) -> Option<Gateway> {
    let endpoint = match ask.named {
        None => Endpoint::custom(format!("http://{peer}").parse().ok()?),
        Some(named) => Endpoint::custom(named).with_connect_to(peer.into()).ok()?,
    };
    let body = Arc::new(Body(ask.body));
    let gateway = Gateway::builder(endpoint, Arc::new(Signer)).encryption(body);
    gateway.build(tap).ok()
}

/// Records what passes between the gateway and the transport.
#[derive(Debug)]
struct Tap {
    transport: Arc<dyn Transport>,
    seen: Mutex<Seen>,
}

#[derive(Debug, Default)]
struct Seen {
    request: Option<Request<Bytes>>,
    attempt: Attempt,
    outcome: Option<Result<Response<Bytes>, TransportError>>,
}

impl Tap {
    fn seen(&self) -> std::sync::MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Transport for Tap {
    async fn send(&self, outgoing: Outgoing) -> Result<Response<Bytes>, TransportError> {
        {
            let mut seen = self.seen();
            seen.request = Some(outgoing.request().clone());
            seen.attempt = outgoing.attempt().clone();
        }
        let outcome = self.transport.send(outgoing).await;
        let (kept, passed) = match outcome {
            Ok(response) => (Ok(response.clone()), Ok(response)),
            Err(error) => {
                let (delivery, phase) = (error.delivery(), error.phase());
                let same =
                    TransportError::new(error.kind(), delivery, phase, error.repeatability());
                (Err(error), Err(same))
            }
        };
        self.seen().outcome = Some(kept);
        passed
    }
}

/// Adds headers that a transport might change.
#[derive(Debug)]
struct Signer;

#[async_trait]
impl RequestAuthenticator for Signer {
    fn carries_message_encryption(&self) -> bool {
        true
    }

    fn acts_for(&self, _merchant_id: &MerchantId) -> bool {
        false
    }

    fn configured_keys(&self) -> Vec<ConfiguredKey> {
        Vec::new()
    }

    async fn authenticate(
        &self,
        _unsigned: &payment_credentials_core::seam::UnsignedRequest,
        _now: SystemTime,
    ) -> Result<HeaderMap, AuthError> {
        let headers = [
            ("authorization", "Bearer eyJ9.a.b"),
            ("signature", "once, \"twice\";two=  2"),
        ];
        let header = |(name, value)| {
            let name = HeaderName::from_static(name);
            (name, HeaderValue::from_static(value))
        };
        Ok(headers.into_iter().map(header).collect())
    }
}

/// Replaces the body of the request.
#[derive(Debug)]
struct Body(Option<Bytes>);

#[async_trait]
impl MessageEncryption for Body {
    fn is_active(&self) -> bool {
        self.0.is_some()
    }

    fn response_key_id(&self) -> Option<KeyId> {
        None
    }

    fn configured_keys(&self) -> Vec<ConfiguredKey> {
        Vec::new()
    }

    async fn seal(&self, body: Bytes, _now: SystemTime) -> Result<Bytes, EncryptionError> {
        Ok(self.0.clone().unwrap_or(body))
    }

    async fn open(&self, body: Bytes) -> Result<ResponseBody, EncryptionError> {
        Ok(ResponseBody::Received(body))
    }
}
