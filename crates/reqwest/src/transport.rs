use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use http::{Response, StatusCode};
use payment_credentials_core::seam::{Outgoing, Transport};
use payment_credentials_core::wire::{MAX_RESPONSE_BODY, is_plainly_framed};
use payment_credentials_core::{BuildError, Phase, TransportError};
use tokio::runtime::Handle;

use crate::clients::Clients;
use crate::encoding::{Encoded, encode};
use crate::failure;
use crate::settings::Settings;
use payment_credentials_tls::{ClientIdentity, Roots, client_config};

/// Carries requests by reqwest, each over a connection of its own; clones share their settings.
///
/// See the [crate's page](crate) for what it does and what it doesn't. It needs a tokio runtime
/// with I/O and time: a call outside of one is an error, not a panic. On one that was built without
/// them, tokio panics.
#[derive(Clone, Debug)]
pub struct ReqwestTransport {
    clients: Arc<Clients>,
}

impl ReqwestTransport {
    /// Starts a transport; every setting has a default.
    pub fn builder() -> ReqwestTransportBuilder {
        ReqwestTransportBuilder::default()
    }
}

#[async_trait]
impl Transport for ReqwestTransport {
    async fn send(&self, outgoing: Outgoing) -> Result<Response<Bytes>, TransportError> {
        Handle::try_current().map_err(failure::unusable)?;
        let (destination, attempt) = (
            Arc::clone(outgoing.destination()),
            outgoing.attempt().clone(),
        );
        let Encoded { request, detour } = encode(outgoing.into_request(), &destination)?;
        let client = match detour {
            Some(to) => self.clients.detour(&to)?,
            None => self.clients.direct(),
        };
        let mut received = client
            .execute(request)
            .await
            .map_err(|source| failure::no_head(source, &destination))?;
        if received.status() == StatusCode::SWITCHING_PROTOCOLS {
            return Err(failure::not_a_response(SWITCHED, Phase::Headers));
        }
        attempt.head_read(received.status(), received.headers());
        attempt.reached(Phase::Body);
        if !is_plainly_framed(received.headers()) {
            return Err(failure::not_a_response(OTHER_CODING, Phase::Body));
        }
        let mut response = Response::new(Bytes::new());
        *response.status_mut() = received.status();
        *response.version_mut() = received.version();
        *response.headers_mut() = std::mem::take(received.headers_mut());
        *response.body_mut() = read(received).await?;
        Ok(response)
    }
}

const SWITCHED: &str = "the service switched protocols, which nobody asked for";

const OTHER_CODING: &str = "the body has a transfer coding other than chunked";

/// Reads a body to its end or to the cap; what isn't read is closed, not drained.
async fn read(mut received: reqwest::Response) -> Result<Bytes, TransportError> {
    let promised = received.content_length().map(usize::try_from);
    if promised.is_some_and(|length| length.is_ok_and(|length| length > MAX_RESPONSE_BODY)) {
        return Err(failure::too_large());
    }
    let mut body = BytesMut::new();
    while let Some(chunk) = received.chunk().await.map_err(failure::no_body)? {
        if chunk.len() > MAX_RESPONSE_BODY.saturating_sub(body.len()) {
            return Err(failure::too_large());
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.freeze())
}

/// Builds a [`ReqwestTransport`].
#[derive(Debug, Default)]
#[must_use = "a builder does nothing until it is built"]
pub struct ReqwestTransportBuilder {
    settings: Settings,
}

impl ReqwestTransportBuilder {
    /// Bounds name lookup, TCP and TLS handshake together; 5 seconds by default.
    pub fn connect_deadline(mut self, limit: Duration) -> Self {
        self.settings.connect_deadline = limit;
        self
    }

    /// Bounds the exchange from its start to the last byte of the response; 30 seconds by default.
    pub fn deadline(mut self, limit: Duration) -> Self {
        self.settings.deadline = limit;
        self
    }

    /// Keeps at most this many idle connections to a host, **unasked**; none by default, so that
    /// each call makes a connection of its own.
    ///
    /// This saves a call its handshakes, and gives up a promise: a call can be given another call's
    /// response. reqwest can't look into a connection's socket before it uses the connection again.
    /// Where the peer, or a proxy before it, wrote a second response behind the first while the
    /// connection lay idle, or a `408` before it closed, the next call takes that for its own
    /// response: for a request about one card it returns the credentials of another, as a success.
    /// And where the peer has closed, a request goes into a dead connection, and its error says
    /// `Unknown`.
    ///
    /// Do this only where every response is checked against its request. `payment-credentials-hyper`
    /// looks before it believes a connection, and keeps them.
    pub fn keep_connections_unasked(mut self, count: usize) -> Self {
        self.settings.kept_unasked = count;
        self
    }

    /// Closes a kept connection that no call has used for this long; 45 seconds by default.
    ///
    /// Of use only with [`keep_connections_unasked`](Self::keep_connections_unasked). The vendor's
    /// front ends close theirs after about a minute: stay below it.
    pub fn idle_limit(mut self, limit: Duration) -> Self {
        self.settings.idle_limit = limit;
        self
    }

    /// Selects the trusted certificates; the platform's by default.
    pub fn roots(mut self, roots: Roots) -> Self {
        self.settings.roots = roots;
        self
    }

    /// Trusts one more root certificate, in DER; for a proxy of one's own or the sandbox.
    pub fn extra_root(mut self, certificate: impl Into<Vec<u8>>) -> Self {
        self.settings.extra_roots.push(certificate.into().into());
        self
    }

    /// Shows this certificate to a service that asks for one; none by default.
    pub fn client_identity(mut self, identity: ClientIdentity) -> Self {
        self.settings.client_identity = Some(identity);
        self
    }

    /// Validates the settings; opens no connection.
    ///
    /// # Errors
    ///
    /// [`BuildError`] where there is no usable root certificate.
    pub fn build(self) -> Result<ReqwestTransport, BuildError> {
        let Self { settings } = self;
        let identity = settings.client_identity.as_ref();
        let tls = client_config(settings.roots, &settings.extra_roots, identity)?;
        let clients = Arc::new(Clients::new(settings, tls)?);
        Ok(ReqwestTransport { clients })
    }
}
