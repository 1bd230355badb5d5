use std::sync::Mutex;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode};
use pollster::block_on;

use super::*;
use crate::configured_key::ConfiguredKey;
use crate::endpoint::{ApiVersion, Environment, SignedPort};
use crate::error::{
    AuthError, Delivery, EncryptionError, EncryptionErrorKind, Phase, PortErrorKind, Refusal,
    Repeatability, TransportError, TransportErrorKind, UnexpectedResponse,
};
use crate::id::{KeyId, MerchantId};
use crate::sealed::SealedContent;
use crate::seam::{Outgoing, UnsignedRequest};
use crate::secret::SecretBytes;
use crate::wire::ResponseBody;

mod headers;
mod keys;
mod response_key;

const NOW: SystemTime = SystemTime::UNIX_EPOCH;

/// Implements every trait of the gateway, and records its arguments.
#[derive(Debug, Default)]
struct Bench {
    phases: Mutex<Vec<Phase>>,
    signed: Mutex<Option<UnsignedRequest>>,
    sent: Mutex<Option<Outgoing>>,
    answer: Answer,
    progress: Progress,
    mle: bool,
    auth_fails: bool,
    /// A header that an authenticator may not write.
    foreign: Option<(&'static str, &'static str)>,
}

#[derive(Debug, Default)]
enum Answer {
    #[default]
    Jwe,
    Status(u16),
    Fault(TransportErrorKind, Delivery),
}

impl Bench {
    fn note(&self) {
        self.phases
            .lock()
            .expect("unpoisoned")
            .push(self.progress.phase());
    }

    fn run(self) -> (Arc<Self>, Result<SealedCredentials, PortError>) {
        self.run_at(Endpoint::new(Environment::Test))
    }

    fn run_at(self, endpoint: Endpoint) -> (Arc<Self>, Result<SealedCredentials, PortError>) {
        let bench = Arc::new(self);
        let transport: Arc<dyn Transport> = Arc::clone(&bench) as _;
        let gateway = Gateway::builder(endpoint, Arc::clone(&bench) as _)
            .encryption(Arc::clone(&bench) as _)
            .clock(Arc::clone(&bench) as _)
            .build(transport)
            .expect("a gateway");
        let request = CredentialsRequest::new("7010000000016241111".parse().expect("a token id"));
        let result = block_on(gateway.generate_with(&request, &bench.progress));
        (bench, result)
    }
}

#[async_trait]
impl Transport for Bench {
    async fn send(&self, outgoing: Outgoing) -> Result<Response<Bytes>, TransportError> {
        self.note();
        *self.sent.lock().expect("unpoisoned") = Some(outgoing);
        let (status, body) = match self.answer {
            Answer::Jwe => (201, "eyJ9.a.b.c.d"),
            Answer::Status(status) => (status, r#"{"errors":[{"type":"notFound"}]}"#),
            Answer::Fault(fault, delivery) => {
                return Err(TransportError::new(
                    fault,
                    delivery,
                    Phase::Headers,
                    Repeatability::MayRepeat,
                ));
            }
        };
        let mut response = Response::new(Bytes::from_static(body.as_bytes()));
        *response.status_mut() = StatusCode::from_u16(status).expect("a status");
        let id = HeaderValue::from_static("6612345");
        response.headers_mut().insert("v-c-correlation-id", id);
        Ok(response)
    }
}

#[async_trait]
impl RequestAuthenticator for Bench {
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
        unsigned: &UnsignedRequest,
        now: SystemTime,
    ) -> Result<HeaderMap, AuthError> {
        self.note();
        assert_eq!(now, NOW + Duration::from_secs(7));
        *self.signed.lock().expect("unpoisoned") = Some(unsigned.clone());
        if self.auth_fails {
            return Err(AuthError::new(Repeatability::Safe, "the signer is down"));
        }
        let headers = [
            ("authorization", "Bearer secret"),
            ("v-c-merchant-id", "testrest"),
        ];
        let header = |(name, value)| {
            (
                HeaderName::from_static(name),
                HeaderValue::from_static(value),
            )
        };
        let mut made: HeaderMap = headers.into_iter().map(header).collect();
        // If the names are equal, the foreign header replaces the authenticator's own.
        if let Some((name, value)) = self.foreign.map(header) {
            made.insert(name, value);
        }
        Ok(made)
    }
}

#[async_trait]
impl MessageEncryption for Bench {
    fn is_active(&self) -> bool {
        self.mle
    }

    fn response_key_id(&self) -> Option<KeyId> {
        self.mle.then(|| "response-key".parse().expect("a key id"))
    }

    fn configured_keys(&self) -> Vec<ConfiguredKey> {
        Vec::new()
    }

    async fn seal(&self, body: Bytes, _now: SystemTime) -> Result<Bytes, EncryptionError> {
        self.note();
        Ok(if self.mle {
            Bytes::from_static(b"sealed")
        } else {
            body
        })
    }

    async fn open(&self, body: Bytes) -> Result<ResponseBody, EncryptionError> {
        self.note();
        match (self.mle, &self.answer) {
            (false, _) => Ok(ResponseBody::Received(body)),
            (true, Answer::Jwe) => {
                let plaintext = zeroize::Zeroizing::new(b"{\"card\":{}}".to_vec());
                Ok(ResponseBody::Decrypted(SecretBytes::from(plaintext)))
            }
            (true, _) => Err(EncryptionError::new(
                EncryptionErrorKind::Decrypt,
                Repeatability::Never,
            )),
        }
    }
}

impl Clock for Bench {
    fn now(&self) -> SystemTime {
        NOW + Duration::from_secs(7)
    }
}

#[test]
fn signs_the_very_bytes_that_it_sends() {
    let (bench, result) = Bench {
        mle: true,
        ..Bench::default()
    }
    .run();
    let sealed = result.expect("credentials");
    assert!(matches!(sealed.content(), SealedContent::Plaintext(_)));
    assert_eq!(
        sealed.head().correlation_id().expect("an id").as_str(),
        "6612345"
    );

    let signed = bench.signed.lock().expect("unpoisoned");
    let signed = signed.as_ref().expect("signed");
    let sent = bench.sent.lock().expect("unpoisoned");
    let request = sent.as_ref().expect("sent").request();
    assert_eq!(signed.body.as_ptr(), request.body().as_ptr());
    assert_eq!(&*signed.path, request.uri().path());
    assert_eq!(&*signed.host, request.uri().host().expect("a host"));
    assert_eq!(&signed.method, request.method());
    assert_eq!(
        signed.response_key_id.as_ref().expect("a key id").as_str(),
        "response-key"
    );
    let uri =
        "https://apitest.cybersource.com/tms/v3/tokens/7010000000016241111/payment-credentials";
    assert_eq!(request.uri(), uri);
}

#[test]
fn tells_each_step_before_it_is_taken() {
    let (bench, result) = Bench::default().run();
    assert!(result.is_ok());
    let phases = bench.phases.lock().expect("unpoisoned");
    let steps = [
        Phase::Seal,
        Phase::Authenticate,
        Phase::Transport,
        Phase::OpenResponse,
    ];
    assert_eq!(*phases, steps);
    assert_eq!(bench.progress.phase(), Phase::Decode);
}

#[test]
fn marks_secret_headers_and_leaves_host_to_the_transport() {
    let (bench, _) = Bench::default().run();
    let sent = bench.sent.lock().expect("unpoisoned");
    let outgoing = sent.as_ref().expect("sent");
    let headers = outgoing.request().headers();
    assert!(headers["authorization"].is_sensitive());
    assert!(!headers["v-c-merchant-id"].is_sensitive());
    assert_eq!(headers["accept"], "application/jose;charset=utf-8");
    assert!(!headers.contains_key("host"));
    assert!(!format!("{outgoing:?} {headers:?}").contains("Bearer"));
}

#[test]
fn dials_the_other_address_and_signs_the_endpoints_host() {
    let endpoint = Endpoint::custom(
        "https://payments.example.com:8443"
            .parse()
            .expect("an address"),
    )
    .with_version(ApiVersion::V2)
    .with_connect_to("127.0.0.1:9".parse().expect("an address"))
    .expect("an endpoint");
    let (bench, _) = Bench::default().run_at(endpoint);
    let sent = bench.sent.lock().expect("unpoisoned");
    let outgoing = sent.as_ref().expect("sent");
    assert_eq!(outgoing.destination().dialled().1, 9);
    assert_eq!(
        outgoing.request().uri().authority().expect("a host"),
        "payments.example.com:8443"
    );
    let signed = bench.signed.lock().expect("unpoisoned");
    assert_eq!(
        &*signed.as_ref().expect("signed").host,
        "payments.example.com"
    );
}

#[test]
fn signs_the_host_with_its_port_where_the_endpoint_says_so() {
    let base = "https://payments.example.com:8443";
    let endpoint = Endpoint::custom(base.parse().expect("an address"));
    let (bench, _) = Bench::default().run_at(endpoint.with_signed_port(SignedPort::Included));
    let signed = bench.signed.lock().expect("unpoisoned");
    let sent = bench.sent.lock().expect("unpoisoned");
    let uri = sent.as_ref().expect("sent").request().uri();
    let authority = uri.authority().expect("a host").as_str();
    assert_eq!(&*signed.as_ref().expect("signed").host, authority);
}

#[test]
fn refuses_encryption_that_the_authenticator_cannot_carry() {
    #[derive(Debug)]
    struct HttpSignature;

    #[async_trait]
    impl RequestAuthenticator for HttpSignature {
        fn carries_message_encryption(&self) -> bool {
            false
        }

        fn acts_for(&self, _merchant_id: &MerchantId) -> bool {
            false
        }

        fn configured_keys(&self) -> Vec<ConfiguredKey> {
            Vec::new()
        }

        async fn authenticate(
            &self,
            _unsigned: &UnsignedRequest,
            _now: SystemTime,
        ) -> Result<HeaderMap, AuthError> {
            Ok(HeaderMap::new())
        }
    }

    let build = |mle| {
        let bench = Arc::new(Bench {
            mle,
            ..Bench::default()
        });
        let transport: Arc<dyn Transport> = Arc::clone(&bench) as _;
        Gateway::builder(Endpoint::new(Environment::Test), Arc::new(HttpSignature))
            .encryption(bench)
            .build(transport)
    };
    assert!(build(false).is_ok());
    let error = build(true).expect_err("refused").to_string();
    assert!(
        error.starts_with("message-level encryption can't be carried"),
        "{error}"
    );
}

#[test]
fn turns_each_seams_error_into_its_own_kind() {
    let (bench, result) = Bench {
        auth_fails: true,
        ..Bench::default()
    }
    .run();
    let error = result.expect_err("refused");
    assert_eq!(
        (error.kind(), error.delivery()),
        (PortErrorKind::KeyService, Delivery::NotSent)
    );
    assert_eq!(
        (error.phase(), error.repeatability()),
        (Phase::Authenticate, Repeatability::Safe)
    );
    assert!(bench.sent.lock().expect("unpoisoned").is_none());

    let (_, result) = Bench {
        answer: Answer::Fault(TransportErrorKind::Reset, Delivery::Unknown),
        ..Bench::default()
    }
    .run();
    let error = result.expect_err("refused");
    assert_eq!(
        (error.kind(), error.delivery()),
        (PortErrorKind::Reset, Delivery::Unknown)
    );
    assert_eq!(
        (error.phase(), error.repeatability()),
        (Phase::Headers, Repeatability::MayRepeat)
    );
    assert!(std::error::Error::source(&error).is_none());
}

#[test]
fn a_refusal_that_cannot_be_opened_stays_a_refusal() {
    let (_, result) = Bench {
        mle: true,
        answer: Answer::Status(404),
        ..Bench::default()
    }
    .run();
    let error = result.expect_err("refused");
    assert_eq!(error.kind(), PortErrorKind::Refused(Refusal::NotFound));
    assert_eq!(error.reason(), None);

    let (_, result) = Bench {
        answer: Answer::Status(404),
        ..Bench::default()
    }
    .run();
    assert_eq!(result.expect_err("refused").reason(), Some("notFound"));
}

/// Row C27.
#[test]
fn a_503_that_cannot_be_opened_is_the_services_all_the_same() {
    let (_, result) = Bench {
        mle: true,
        answer: Answer::Status(503),
        ..Bench::default()
    }
    .run();
    let error = result.expect_err("refused");
    assert_eq!(
        (error.delivery(), error.repeatability()),
        (Delivery::Answered, Repeatability::Safe)
    );
}

#[test]
fn a_success_that_cannot_be_opened_is_an_error_with_its_ids() {
    let (_, result) = Bench {
        mle: true,
        answer: Answer::Status(201),
        ..Bench::default()
    }
    .run();
    let error = result.expect_err("refused");
    assert_eq!(
        (error.kind(), error.delivery()),
        (PortErrorKind::Decrypt, Delivery::Answered)
    );
    assert_eq!(error.correlation_id().expect("an id").as_str(), "6612345");

    let (_, result) = Bench {
        answer: Answer::Status(200),
        ..Bench::default()
    }
    .run();
    let kind = PortErrorKind::Unexpected(UnexpectedResponse::ErrorBody);
    assert_eq!(result.expect_err("refused").kind(), kind);
}
