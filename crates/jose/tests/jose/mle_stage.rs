//! A gateway over a transport that plays the service, and the calls through it with MLE.

use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Request, Response, StatusCode};
use payment_credentials_core::seam::{
    Clock, KeySet, MessageEncryption, Outgoing, RequestAuthenticator, Transport, UnsignedRequest,
};
use payment_credentials_core::wire::ResponseBody;
use payment_credentials_core::{
    AuthError, BuildError, ConfiguredKey, CredentialsRequest, EncryptionError, Endpoint,
    Environment, Gateway, MerchantId, PaymentCredentialsPort as _, PortError, SealedCredentials,
    TransportError,
};
use payment_credentials_jose::{JweMessageEncryption, Recipient, ResponseKey, ResponseKeyring};
use payment_credentials_keys::Keystore;

use crate::fixtures::{MERCHANT_3072, key, kid, read};
use crate::sealer::Sealer;

/// The stored key that is used as the response key; `merchant` is the key of credentials.
pub(crate) const RESPONSE: &str = MERCHANT_3072;

/// A time in the year 2027.
pub(crate) const NOW: u64 = 1_800_000_000;

pub(crate) fn at(seconds: u64) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
}

/// The service's certificate; its private key is the stored `merchant-next`.
pub(crate) fn service() -> Keystore {
    let file = read("../keystores/loads/service.pem");
    Keystore::read(&file, None).expect("a keystore")
}

pub(crate) fn recipient() -> Recipient {
    let keystore = service();
    let certificate = keystore.certificate(Recipient::COMMON_NAME);
    Recipient::new(certificate.expect("a certificate"), at(NOW)).expect("a recipient")
}

pub(crate) fn response_key(name: &str) -> ResponseKey {
    ResponseKey::new(key(name), kid(name))
}

pub(crate) fn response_keys<const N: usize>(names: [&str; N]) -> ResponseKeyring {
    ResponseKeyring::new(names.map(response_key)).expect("a keyring")
}

pub(crate) fn opening() -> JweMessageEncryption {
    JweMessageEncryption::default().opening_with(response_keys([RESPONSE]))
}

/// A sealer of a response for the response key.
pub(crate) fn outer(plaintext: impl Into<Vec<u8>>) -> Sealer {
    Sealer {
        plaintext: plaintext.into(),
        ..Sealer::with_kid(RESPONSE, kid(RESPONSE).as_str())
    }
}

/// The body of a response that contains this JWE.
pub(crate) fn enveloped(sealer: &Sealer) -> String {
    format!(r#"{{"encryptedResponse":"{}"}}"#, sealer.jwe().as_str())
}

pub(crate) fn open(
    mle: &JweMessageEncryption,
    body: impl Into<Bytes>,
) -> Result<ResponseBody, EncryptionError> {
    pollster::block_on(mle.open(body.into()))
}

/// Signs nothing, and records the requests that it is to sign.
#[derive(Debug, Default)]
pub(crate) struct Signer {
    pub(crate) signed: Mutex<Vec<UnsignedRequest>>,
    pub(crate) carries_no_mle: bool,
}

#[async_trait]
impl RequestAuthenticator for Signer {
    fn carries_message_encryption(&self) -> bool {
        !self.carries_no_mle
    }

    fn acts_for(&self, _merchant_id: &MerchantId) -> bool {
        false
    }

    fn configured_keys(&self) -> Vec<ConfiguredKey> {
        Vec::new()
    }

    async fn authenticate(
        &self,
        unsigned: &UnsignedRequest,
        _now: SystemTime,
    ) -> Result<HeaderMap, AuthError> {
        let mut headers = HeaderMap::new();
        if let Some(id) = &unsigned.response_key_id {
            let id = HeaderValue::from_str(id.as_str()).expect("a header value");
            headers.insert("signature", id);
        }
        self.signed
            .lock()
            .expect("unpoisoned")
            .push(unsigned.clone());
        Ok(headers)
    }
}

/// A service that answers with this function.
pub(crate) struct Service<F>(pub(crate) F);

impl<F> std::fmt::Debug for Service<F> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Service")
    }
}

#[async_trait]
impl<F> Transport for Service<F>
where
    F: Fn(&Request<Bytes>) -> (u16, String) + Send + Sync,
{
    async fn send(&self, outgoing: Outgoing) -> Result<Response<Bytes>, TransportError> {
        let (status, body) = (self.0)(outgoing.request());
        let mut answer = Response::new(body.into());
        *answer.status_mut() = StatusCode::from_u16(status).expect("a status");
        let id = HeaderValue::from_static("6612345");
        answer.headers_mut().insert("v-c-correlation-id", id);
        Ok(answer)
    }
}

#[derive(Debug)]
struct At(SystemTime);

impl Clock for At {
    fn now(&self) -> SystemTime {
        self.0
    }
}

pub(crate) fn gateway(
    transport: Arc<dyn Transport>,
    signer: &Arc<Signer>,
    mle: JweMessageEncryption,
) -> Result<Gateway, BuildError> {
    gateway_at(NOW, transport, signer, mle)
}

pub(crate) fn gateway_at(
    now: u64,
    transport: Arc<dyn Transport>,
    signer: &Arc<Signer>,
    mle: JweMessageEncryption,
) -> Result<Gateway, BuildError> {
    let endpoint = Endpoint::new(Environment::Test);
    Gateway::builder(endpoint, Arc::clone(signer) as _)
        .encryption(Arc::new(mle))
        .clock(Arc::new(At(at(now))))
        .build(transport)
}

pub(crate) fn key_set(mle: JweMessageEncryption) -> KeySet {
    KeySet::with_encryption(Arc::new(Signer::default()), Arc::new(mle)).expect("a key set")
}

pub(crate) fn request() -> CredentialsRequest {
    CredentialsRequest::new("7010000000016241111".parse().expect("a token id"))
}

/// Returns the result of a call that receives this response.
pub(crate) fn answered(
    mle: JweMessageEncryption,
    status: u16,
    body: &str,
) -> Result<SealedCredentials, PortError> {
    let body = body.to_owned();
    let service = Service(move |_: &Request<Bytes>| (status, body.clone()));
    let gateway = gateway(Arc::new(service), &Arc::default(), mle).expect("a gateway");
    pollster::block_on(gateway.generate(&request()))
}
