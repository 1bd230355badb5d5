use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use http::{HeaderMap, HeaderName, Request, Response, header};

use crate::answer_head::AnswerHead;
use crate::endpoint::Endpoint;
use crate::error::{BuildError, Delivery, Phase, PortError, PortErrorKind, Retry};
use crate::header::is_secret;
use crate::port::PaymentCredentialsPort;
use crate::request::CredentialsRequest;
use crate::sealed::SealedCredentials;
use crate::seam::{
    Clock, MessageEncryption, NoEncryption, Outgoing, Progress, RequestAuthenticator, SystemClock,
    Transport, UnsignedRequest,
};
use crate::wire::{self, AnswerBody, EncodedRequest};

/// The port that is made of seams: encode, encrypt, authenticate, send, decrypt, decode.
///
/// It has no socket, no timer and no runtime, so it doesn't bound its calls by itself: whoever
/// owns a runtime puts a deadline around [`generate_with`](Self::generate_with) and asks the
/// [`Progress`] how far the call got. `payment-credentials-hyper` has one ready.
#[derive(Clone)]
pub struct Gateway {
    endpoint: Endpoint,
    transport: Arc<dyn Transport>,
    authenticator: Arc<dyn RequestAuthenticator>,
    encryption: Arc<dyn MessageEncryption>,
    clock: Arc<dyn Clock>,
}

impl Gateway {
    /// Starts a gateway with what has no default.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use payment_credentials_core::{Endpoint, Environment, Gateway};
    /// use payment_credentials_core::seam::{Transport, Unauthenticated};
    ///
    /// fn compose(transport: Arc<dyn Transport>) -> Result<Gateway, payment_credentials_core::BuildError> {
    ///     let endpoint = Endpoint::new(Environment::Test);
    ///     Gateway::builder(endpoint, transport, Arc::new(Unauthenticated)).build()
    /// }
    /// ```
    pub fn builder(
        endpoint: Endpoint,
        transport: Arc<dyn Transport>,
        authenticator: Arc<dyn RequestAuthenticator>,
    ) -> GatewayBuilder {
        GatewayBuilder(Self {
            endpoint,
            transport,
            authenticator,
            encryption: Arc::new(NoEncryption),
            clock: Arc::new(SystemClock),
        })
    }

    /// Where calls go.
    #[must_use]
    pub fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// Generates one set of credentials and tells how far it is.
    ///
    /// # Errors
    ///
    /// [`PortError`], as [`PaymentCredentialsPort::generate`] has it.
    pub async fn generate_with(
        &self,
        request: &CredentialsRequest,
        progress: &Progress,
    ) -> Result<SealedCredentials, PortError> {
        let now = self.clock.now();
        let mut encoded = wire::encode(request, self.endpoint.version());

        progress.reached(Phase::Seal);
        let sealed = self.encryption.seal(encoded.body, now).await;
        encoded.body = sealed.map_err(|error| error.into_port_error(Phase::Seal))?;

        progress.reached(Phase::Authenticate);
        let unsigned = UnsignedRequest {
            response_key_id: self.encryption.response_key_id(),
            ..UnsignedRequest::new(
                encoded.method.clone(),
                self.endpoint.base().host(),
                &encoded.path,
                encoded.body.clone(),
            )
        };
        let authentication = self.authenticator.authenticate(&unsigned, now).await?;

        let request = join(&self.endpoint, encoded, authentication)?;
        progress.reached(Phase::Transport);
        let outgoing = Outgoing {
            connect_to: self.endpoint.connect_to().cloned(),
            progress: progress.clone(),
            ..Outgoing::new(request)
        };
        let answer = self.transport.send(outgoing).await?;
        self.read(answer, progress).await
    }

    async fn read(
        &self,
        answer: Response<Bytes>,
        progress: &Progress,
    ) -> Result<SealedCredentials, PortError> {
        let (parts, body) = answer.into_parts();
        let head = AnswerHead::received(parts.status, &parts.headers);
        progress.answered(head.clone());
        progress.reached(Phase::Unseal);
        let body = match self.encryption.open(body).await {
            Ok(body) => body,
            Err(error) if parts.status.is_success() => {
                return Err(error.into_port_error(Phase::Unseal).with_head(head));
            }
            // A refusal that can't be opened is a refusal all the same, without its details.
            Err(_unreadable) => AnswerBody::Received(Bytes::new()),
        };
        progress.reached(Phase::Decode);
        wire::decode_after(head, parts.status, &parts.headers, body)
    }
}

#[async_trait]
impl PaymentCredentialsPort for Gateway {
    async fn generate(&self, request: &CredentialsRequest) -> Result<SealedCredentials, PortError> {
        self.generate_with(request, &Progress::default()).await
    }
}

impl fmt::Debug for Gateway {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gateway")
            .field("endpoint", &self.endpoint)
            .field("transport", &self.transport)
            .field("authenticator", &self.authenticator)
            .field("encryption", &self.encryption)
            .finish_non_exhaustive()
    }
}

/// Joins what was encoded with what authenticates it; secret values are marked as such.
fn join(
    endpoint: &Endpoint,
    encoded: EncodedRequest,
    authentication: HeaderMap,
) -> Result<Request<Bytes>, PortError> {
    let unusable = |source: http::Error| {
        let kind = PortErrorKind::Request;
        PortError::new(kind, Delivery::NotSent, Phase::Authenticate, Retry::Never)
            .with_source(source)
    };
    let uri = endpoint.base().join(encoded.path).map_err(unusable)?;
    let mut request = Request::builder()
        .method(encoded.method)
        .uri(uri)
        .body(encoded.body)
        .map_err(unusable)?;
    *request.headers_mut() = encoded.headers;
    for (name, mut value) in named(authentication) {
        value.set_sensitive(is_secret(&name));
        request.headers_mut().insert(name, value);
    }
    Ok(request)
}

/// The headers of an authenticator, less those that belong to the codec and the transport.
fn named(headers: HeaderMap) -> impl Iterator<Item = (HeaderName, header::HeaderValue)> {
    let ours = [
        header::ACCEPT,
        header::CONTENT_LENGTH,
        header::CONTENT_TYPE,
        header::HOST,
    ];
    let mut last = None;
    headers
        .into_iter()
        .filter_map(move |(name, value)| {
            last = name.or_else(|| last.take());
            Some((last.clone()?, value))
        })
        .filter(move |(name, _)| !ours.contains(name))
}

/// Builds a [`Gateway`].
#[derive(Debug)]
#[must_use = "a builder does nothing until it is built"]
pub struct GatewayBuilder(Gateway);

impl GatewayBuilder {
    /// Encrypts messages; by default they aren't.
    pub fn encryption(mut self, encryption: Arc<dyn MessageEncryption>) -> Self {
        self.0.encryption = encryption;
        self
    }

    /// Tells the time to sign with; by default the system's clock does.
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.0.clock = clock;
        self
    }

    /// Judges the parts together.
    ///
    /// # Errors
    ///
    /// [`BuildError`] where message-level encryption is on and the authenticator can't carry it.
    pub fn build(self) -> Result<Gateway, BuildError> {
        let Self(gateway) = self;
        if gateway.encryption.is_active() && !gateway.authenticator.carries_mle() {
            return Err(BuildError::new(
                "message-level encryption",
                "can't be carried by this authenticator; use a JWT, or turn the encryption off",
            ));
        }
        Ok(gateway)
    }
}

#[cfg(test)]
mod tests;
