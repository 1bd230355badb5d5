//! The path of a response, from the bytes of a 201's body to credentials, and the conditions that apply to
//! the whole path. The path goes through a gateway, so it includes message-level encryption if that is
//! enabled.

use std::error::Error;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Response, StatusCode};
use payment_credentials_core::credentials::{PayloadError, PayloadErrorKind};
use payment_credentials_core::seam::{Offload, OffloadError, Outgoing, Transport, Unauthenticated};
use payment_credentials_core::secret::SecretBytes;
use payment_credentials_core::wire::{ResponseBody, decode};
use payment_credentials_core::{
    CredentialsOpener as _, CredentialsRequest, Delivery, Endpoint, Environment, Gateway,
    PaymentCredentials, PaymentCredentialsPort as _, PortError, PortErrorKind, Repeatability,
    SealedCredentials, TransportError, UnexpectedResponse,
};
use payment_credentials_jose::{
    ContentKey, JweMessageEncryption, JweOpener, KeyUnwrap, Keyring, OptInAlgorithm, ResponseKey,
    ResponseKeyring, UnwrapError, WrappedKey,
};
use payment_credentials_keys::PrivateKey;
use zeroize::Zeroizing;

use crate::tools::sealer::{KID, NEXT_KID, Sealer, TAG};

/// The text that no error may show.
const SECRETS: [&str; 2] = ["4895370016750801", "AwAAAADggP"];

pub fn merchant_key() -> PrivateKey {
    key(include_bytes!("../../vectors/jwe/keys/merchant.pkcs8.pem"))
}

pub fn merchant_next_key() -> PrivateKey {
    key(include_bytes!(
        "../../vectors/jwe/keys/merchant-next.pkcs8.pem"
    ))
}

pub fn merchant_4096_key() -> PrivateKey {
    key(include_bytes!(
        "../../vectors/jwe/keys/merchant-4096.pkcs8.pem"
    ))
}

fn key(pem: &[u8]) -> PrivateKey {
    PrivateKey::from_pem(pem).expect("a key")
}

pub fn named(key: PrivateKey, kid: &str) -> PrivateKey {
    key.with_key_id(kid.parse().expect("a key id"))
}

/// An opener that counts how often a private key is used.
#[derive(Debug)]
pub struct Way {
    encryption: JweMessageEncryption,
    opener: JweOpener,
    key_uses: Arc<KeyUses>,
}

#[derive(Debug, Default)]
struct KeyUses(AtomicUsize);

#[async_trait]
impl Offload for KeyUses {
    async fn run(&self, work: Box<dyn FnOnce() + Send>) -> Result<(), OffloadError> {
        self.0.fetch_add(1, Ordering::Relaxed);
        work();
        Ok(())
    }
}

#[derive(Debug)]
struct NoKey;

#[async_trait]
impl KeyUnwrap for NoKey {
    async fn unwrap_key(&self, _wrapped: &WrappedKey) -> Result<ContentKey, UnwrapError> {
        Err(UnwrapError::Failed)
    }
}

/// Answers with a 201 and this body, to which no other reference remains, as in a real response.
#[derive(Debug)]
struct Service(Mutex<Bytes>);

#[async_trait]
impl Transport for Service {
    async fn send(&self, _outgoing: Outgoing) -> Result<Response<Bytes>, TransportError> {
        let body = std::mem::take(&mut *self.0.lock().expect("unpoisoned"));
        let mut answer = Response::new(body);
        *answer.status_mut() = StatusCode::CREATED;
        let id = HeaderValue::from_static("6612345");
        answer.headers_mut().insert("v-c-correlation-id", id);
        Ok(answer)
    }
}

impl Way {
    /// A path with the one key `merchant` and its key id.
    pub fn merchant() -> Self {
        Self::with_keys([named(merchant_key(), KID)])
    }

    pub fn with_keys(keys: impl IntoIterator<Item = PrivateKey>) -> Self {
        payment_credentials_test_limit::start();
        let key_uses = Arc::new(KeyUses::default());
        let keys = Keyring::new(keys)
            .expect("a keyring")
            .offload(Arc::clone(&key_uses) as Arc<dyn Offload>);
        Self {
            encryption: JweMessageEncryption::default(),
            opener: JweOpener::new(keys),
            key_uses,
        }
    }

    /// A path with a key service that unwraps nothing, so that every request to it ends as
    /// `Decrypt`.
    pub fn key_service() -> Self {
        Self {
            encryption: JweMessageEncryption::default(),
            opener: JweOpener::new(NoKey),
            key_uses: Arc::default(),
        }
    }

    /// Adds response message-level encryption for the key `merchant-next`, with its key id.
    pub fn opening_responses(mut self) -> Self {
        let key = ResponseKey::new(merchant_next_key(), NEXT_KID.parse().expect("a key id"));
        let keys = ResponseKeyring::new([key])
            .expect("a keyring")
            .offload(Arc::clone(&self.key_uses) as Arc<dyn Offload>);
        self.encryption = self.encryption.opening_with(keys);
        self
    }

    pub fn accepting_credentials_in_the_clear(mut self) -> Self {
        self.encryption = self.encryption.accepting_credentials_in_the_clear();
        self
    }

    pub fn accepting(mut self, algorithm: OptInAlgorithm) -> Self {
        self.opener = self.opener.accepting(algorithm);
        self
    }

    /// The outcome of a body.
    pub fn answer(&self, body: impl AsRef<[u8]>) -> Result<PaymentCredentials, PortError> {
        let service = Service(Bytes::copy_from_slice(body.as_ref()).into());
        let endpoint = Endpoint::new(Environment::Test);
        let gateway = Gateway::builder(endpoint, Arc::new(Unauthenticated))
            .encryption(Arc::new(self.encryption.clone()))
            .build(Arc::new(service))
            .expect("a gateway");
        let request = CredentialsRequest::new("7010000000016241111".parse().expect("an id"));
        self.open(&pollster::block_on(gateway.generate(&request))?)
    }

    fn open(&self, sealed: &SealedCredentials) -> Result<PaymentCredentials, PortError> {
        pollster::block_on(self.opener.open(sealed))
    }

    /// The plaintext of a JWE.
    pub fn plaintext(&self, jwe: &str) -> SecretBytes {
        let jwe = jwe.parse().expect("a JWE by its shape");
        pollster::block_on(self.opener.open_bytes(&jwe)).expect("it opens")
    }

    /// How often a private key has been used so far.
    pub fn key_uses(&self) -> usize {
        self.key_uses.0.load(Ordering::Relaxed)
    }

    #[track_caller]
    pub fn opens(&self, body: impl AsRef<[u8]>) -> PaymentCredentials {
        match self.answer(body) {
            Ok(credentials) => credentials,
            Err(error) => panic!("{}", seen(&error)),
        }
    }

    /// Checks that the header or the format is rejected before any use of a key; returns the
    /// reason.
    #[track_caller]
    pub fn token(&self, body: impl AsRef<[u8]>) -> String {
        self.refused(body.as_ref(), PortErrorKind::Jwe, 0)
    }

    /// Checks that the response is unexpected, before any use of a key.
    #[track_caller]
    pub fn unexpected(&self, body: impl AsRef<[u8]>, unexpected: UnexpectedResponse) -> String {
        self.refused(body.as_ref(), PortErrorKind::Unexpected(unexpected), 0)
    }

    /// Checks that the response fails inside the cryptography, with the one uniform failure.
    #[track_caller]
    pub fn decrypt(&self, body: impl AsRef<[u8]>) {
        let seen = self.refused(body.as_ref(), PortErrorKind::Decrypt, 1);
        let alike = self.failures().contains(&seen);
        assert!(alike, "each failure looks like the other: {seen}");
    }

    /// The texts of a failure inside the cryptography: that of a wrong tag, with a header without a key id
    /// and with the merchant's key id. The cause names the header's key id, and nothing else differs.
    fn failures(&self) -> [String; 2] {
        let kid = format!(r#","kid":"{KID}""#);
        ["", &kid].map(|members| {
            let bad = Sealer::with_members(members).parts().with(TAG, [0; 16]);
            seen(&self.answer(bad.jwe()).expect_err("a wrong tag"))
        })
    }

    /// Checks that the JWE opens but contains no credentials, when it is sealed and when
    /// message-level encryption returns it.
    #[track_caller]
    pub fn payload(&self, plaintext: impl AsRef<[u8]>) -> PayloadErrorKind {
        let plaintext = plaintext.as_ref();
        let jwe = Sealer::with_plaintext(plaintext).jwe();
        self.refused(jwe.as_bytes(), PortErrorKind::Payload, 1);
        let error = self.answer(jwe).expect_err("refused");
        let source = error.source().expect("a cause");
        let payload: &PayloadError = source.downcast_ref().expect("a payload error");
        assert!(payload.offset().is_none_or(|at| at <= plaintext.len()));
        if plaintext.trim_ascii().first() == Some(&b'{') {
            let unsealed = SecretBytes::from(Zeroizing::new(plaintext.to_vec()));
            let body = ResponseBody::Decrypted(unsealed);
            let sealed = decode(StatusCode::CREATED, &HeaderMap::new(), body);
            let error = sealed
                .and_then(|sealed| self.open(&sealed))
                .expect_err("refused as well");
            assert_eq!(error.kind(), PortErrorKind::Payload);
            assert_eq!(
                error.source().expect("a cause").to_string(),
                payload.to_string()
            );
        }
        payload.kind()
    }

    /// Checks that the response is rejected in this way, twice with the same text, and with this
    /// many uses of a key.
    #[track_caller]
    fn refused(&self, body: &[u8], kind: PortErrorKind, uses: usize) -> String {
        let before = self.key_uses();
        let error = self.answer(body).expect_err("refused");
        let shown = seen(&error);
        assert_eq!(error.kind(), kind, "{shown}");
        assert_eq!(error.delivery(), Delivery::Answered);
        assert_eq!(error.repeatability(), Repeatability::Never);
        assert_eq!(error.status(), Some(201));
        assert_eq!(self.key_uses() - before, uses, "uses of a key: {shown}");
        let again = self.answer(body).expect_err("refused again");
        assert_eq!(seen(&again), shown, "the same input, the same text");
        shown
    }
}

/// The text of an error and its causes: one line each, without secrets.
#[track_caller]
fn seen(error: &PortError) -> String {
    let id = error.correlation_id().expect("a correlation id");
    assert_eq!(id.as_str(), "6612345");
    let mut shown = format!("{error} {error:?}");
    let mut source = error.source();
    while let Some(cause) = source {
        shown = format!("{shown} {cause} {cause:?}");
        source = cause.source();
    }
    for secret in SECRETS {
        assert!(!shown.contains(secret), "{secret} in {shown}");
    }
    let is_plain = |c: char| matches!(c, ' '..='~');
    assert!(shown.chars().all(is_plain), "{shown:?}");
    assert!(shown.len() < 2000, "{} characters", shown.len());
    shown
}
