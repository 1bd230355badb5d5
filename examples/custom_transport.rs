//! A custom transport, here over a blocking client (ureq), in a hundred lines.
//!
//! Runs the quickstart's job against the embedded sandbox. `cargo run --example custom_transport`
//!
//! The transport keeps the contract of [`Transport`] as far as so few lines and this client allow:
//!
//! - It reports `NotSent` only for a refused connection. For every other failure, a failed handshake
//!   included, it doesn't know, and reports `Unknown`.
//! - It can't dial an address other than the URI's, so it rejects `connect_to`.
//! - A call that is dropped isn't stopped: a thread waits for its response, for at most 30 seconds.
//! - Informational responses are skipped without a limit, and a chunk size may have a sign: the client
//!   handles both itself.
//! - It doesn't classify faults any further, and doesn't report how far a call is.

use std::error::Error;
use std::io::{self, ErrorKind};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use payment_credentials::jose::{JweOpener, Keyring};
use payment_credentials::keys::PrivateKey;
use payment_credentials::seam::{Attempt, Outgoing, Transport, Unauthenticated};
use payment_credentials::wire::{MAX_RESPONSE_BODY, require_no_switch, require_plain_framing};
use payment_credentials::{CredentialsRequest, Endpoint, Gateway, generator};
use payment_credentials::{
    Delivery, Phase, Repeatability, TransportError, TransportErrorKind as Fault,
};
use payment_credentials_sandbox::{Authentication, Sandbox, vault};
use rustls::crypto::aws_lc_rs;
use ureq::tls::{Certificate, RootCerts, TlsConfig};

#[derive(Debug)]
pub(crate) struct UreqTransport(ureq::Agent);

impl UreqTransport {
    pub(crate) fn trusting(root: &[u8]) -> Self {
        let roots = RootCerts::new_with_certs(&[Certificate::from_der(root).to_owned()]);
        let provider = Arc::new(aws_lc_rs::default_provider());
        let tls = TlsConfig::builder()
            .root_certs(roots)
            .unversioned_rustls_crypto_provider(provider)
            .build();
        let config = ureq::Agent::config_builder()
            .tls_config(tls)
            .proxy(None)
            .user_agent("")
            .max_redirects(0)
            .http_status_as_error(false);
        let limit = Some(Duration::from_secs(30));
        Self(config.timeout_global(limit).build().new_agent())
    }
}

#[async_trait::async_trait]
impl Transport for UreqTransport {
    async fn send(&self, outgoing: Outgoing) -> Result<Response<Bytes>, TransportError> {
        let runtime = tokio::runtime::Handle::try_current().map_err(unusable)?;
        if outgoing.destination().connect_to().is_some() {
            return Err(unusable("this transport can't dial another address"));
        }
        let (agent, attempt) = (self.0.clone(), outgoing.attempt().clone());
        let request = outgoing.into_request();
        let call = runtime.spawn_blocking(move || exchange(&agent, request, &attempt));
        call.await
            .unwrap_or_else(|ended| Err(sorted(io::Error::from(ended).into())))
    }
}

fn exchange(
    agent: &ureq::Agent,
    request: Request<Bytes>,
    attempt: &Attempt,
) -> Result<Response<Bytes>, TransportError> {
    let request = request.map(|body| body.to_vec());
    let (head, body) = agent.run(request).map_err(sorted)?.into_parts();
    require_no_switch(head.status)?;
    attempt.head_read(head.status, &head.headers);
    require_plain_framing(&head.headers)?;
    let limited = body.into_with_config().limit(MAX_RESPONSE_BODY as u64);
    let body = limited.read_to_vec().map_err(|error| match error {
        ureq::Error::Io(_) => malformed(),
        error => error,
    });
    Ok(Response::from_parts(head, body.map_err(sorted)?.into()))
}

fn malformed() -> ureq::Error {
    ureq::Error::Io(ErrorKind::InvalidData.into())
}

fn sorted(error: ureq::Error) -> TransportError {
    use ureq::Error::{BodyExceedsLimit, Io, Protocol, Timeout};
    const MALFORMED: (Fault, Delivery, Repeatability) =
        (Fault::Framing, Delivery::Unknown, Repeatability::Never);
    let (fault, delivery, retry) = match &error {
        Io(cause) if cause.kind() == ErrorKind::ConnectionRefused => return unusable(error),
        BodyExceedsLimit(_) => (Fault::TooLarge, Delivery::Answered, Repeatability::Never),
        Timeout(_) => (Fault::Deadline, Delivery::Unknown, Repeatability::Never),
        Io(cause) if cause.kind() == ErrorKind::InvalidData => MALFORMED,
        Protocol(_) => MALFORMED,
        _ => (Fault::Reset, Delivery::Unknown, Repeatability::MayRepeat),
    };
    TransportError::new(fault, delivery, Phase::Transport, retry).with_source(error)
}

fn unusable(source: impl Into<Box<dyn Error + Send + Sync>>) -> TransportError {
    let (fault, phase) = (Fault::Connect, Phase::Connect);
    TransportError::new(fault, Delivery::NotSent, phase, Repeatability::Never).with_source(source)
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let sandbox = Sandbox::start(Authentication::NotRequired).await?;
    let transport = Arc::new(UreqTransport::trusting(sandbox.root_certificate_der()));
    let endpoint = Endpoint::custom(format!("https://{}", sandbox.address()).parse()?);
    let port = Gateway::builder(endpoint, Arc::new(Unauthenticated)).build(transport)?;
    let key = PrivateKey::from_pem(sandbox.merchant().opening_key_pem())?
        .with_key_id(sandbox.merchant().opening_key_id().parse()?);
    let opener = JweOpener::new(Keyring::new([key])?);
    let generator = generator::CredentialsGenerator::new(port, opener);
    let request = CredentialsRequest::new(vault::VISA.parse()?);
    let generated = generator.generate(&request).await?;
    println!("{:?}", generated.credentials.account());
    Ok(())
}
