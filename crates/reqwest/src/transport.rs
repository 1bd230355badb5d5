use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use http::Response;
use payment_credentials_core::seam::{Outgoing, Transport};
use payment_credentials_core::wire::{MAX_RESPONSE_BODY, require_no_switch, require_plain_framing};
use payment_credentials_core::{BuildError, Phase, TransportError};
use tokio::runtime::Handle;

use crate::clients::Clients;
use crate::encoding::{Encoded, encode};
use crate::failure;
use crate::settings::Settings;
use payment_credentials_tls::{ClientIdentity, Roots, client_config};

/// Sends requests with reqwest, each over a connection of its own.
///
/// Clones share their settings. The [crate's page](crate) says what the transport does and what it
/// doesn't. It needs a tokio runtime with I/O and time enabled. A call outside of a runtime returns an
/// error; on a runtime without I/O or time, tokio panics.
#[derive(Clone, Debug)]
pub struct ReqwestTransport {
    clients: Arc<Clients>,
}

impl ReqwestTransport {
    /// Returns a builder, in which every setting has a default.
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
        require_no_switch(received.status())?;
        attempt.head_read(received.status(), received.headers());
        attempt.reached(Phase::Body);
        require_plain_framing(received.headers())?;
        let mut response = Response::new(Bytes::new());
        *response.status_mut() = received.status();
        *response.version_mut() = received.version();
        *response.headers_mut() = std::mem::take(received.headers_mut());
        *response.body_mut() = read(received).await?;
        Ok(response)
    }
}

/// Reads a body to its end, or fails if it is larger than the limit.
///
/// If the body is too large, the rest isn't read and the connection is closed.
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
    /// Limits name lookup, TCP and TLS handshake together; 5 seconds by default.
    pub fn connect_and_tls_deadline(mut self, limit: Duration) -> Self {
        self.settings.connect_and_tls_deadline = limit;
        self
    }

    /// Limits the exchange, from its start to the last byte of the response; 30 seconds by default.
    pub fn exchange_deadline(mut self, limit: Duration) -> Self {
        self.settings.exchange_deadline = limit;
        self
    }

    /// Keeps at most this many idle connections to a host, **without checking them for unread bytes**;
    /// none by default, so that each call makes a connection of its own.
    ///
    /// Calls then save the handshakes, but a promise is lost: **a call can return the response to another
    /// call.** reqwest can't check a socket for unread bytes before it uses the connection again. While
    /// the connection is idle, the peer or a proxy before it may send a second response after the first,
    /// or a `408` before it closes. The next call then takes that response for its own: it requests the
    /// credentials of one card, and returns those of another as a success. And if the peer has closed the
    /// connection, a request may be written to a dead connection, and the delivery of its error is
    /// `Unknown`.
    ///
    /// Use this only if you check that every response belongs to its request.
    /// `payment-credentials-hyper` keeps connections and checks each before it uses it.
    pub fn keep_unexamined_connections(mut self, count: usize) -> Self {
        self.settings.kept_unexamined = count;
        self
    }

    /// Closes an idle connection that no call has used for this long; 45 seconds by default.
    ///
    /// It has an effect only with [`keep_unexamined_connections`](Self::keep_unexamined_connections). Limits of
    /// more than a day count as a day. Stay below a minute, after which the vendor's front ends close
    /// idle connections.
    pub fn idle_timeout(mut self, limit: Duration) -> Self {
        self.settings.idle_timeout = limit;
        self
    }

    /// Selects the root certificates to trust; the platform's by default.
    pub fn roots(mut self, roots: Roots) -> Self {
        self.settings.roots = roots;
        self
    }

    /// Trusts further root certificates, such as that of your own proxy or of the sandbox.
    ///
    /// The content of a file: PEM or DER, one certificate or a bundle, or PKCS#7. May be called more than once.
    pub fn extra_root(mut self, certificates: impl Into<Vec<u8>>) -> Self {
        self.settings.extra_roots.push(certificates.into());
        self
    }

    /// Presents this certificate to a service that requests one (mutual TLS); none by default.
    pub fn client_identity(mut self, identity: ClientIdentity) -> Self {
        self.settings.client_identity = Some(identity);
        self
    }

    /// Validates the settings and builds the transport; opens no connection.
    ///
    /// # Errors
    ///
    /// [`BuildError`] if there is no usable root certificate, or if reqwest rejects the settings.
    pub fn build(self) -> Result<ReqwestTransport, BuildError> {
        let Self { settings } = self;
        let identity = settings.client_identity.as_ref();
        let tls = client_config(settings.roots, &settings.extra_roots, identity)?;
        let clients = Arc::new(Clients::new(settings, tls)?);
        Ok(ReqwestTransport { clients })
    }
}
