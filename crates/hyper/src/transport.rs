use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use payment_credentials_core::seam::{Attempt, Outgoing, Transport};
use payment_credentials_core::{BuildError, Delivery, Destination, Phase, TransportError};
use payment_credentials_tls::client_config;
use rustls::ClientConfig;
use tokio::runtime::{Handle, Id};

use crate::connection::{Connection, Reuse, in_origin_form};
use crate::fault;
use crate::pool::Pool;
use crate::settings::{Settings, settings};
use crate::tunnel::TunnelDialer;

/// Carries requests over HTTP/1.1 and TLS; clones share one pool.
///
/// It bounds the time to connect, and how large and how slow an answer may be once it has begun, but
/// not the whole call: [`HyperPort`](crate::HyperPort) does that.
#[derive(Clone)]
pub struct HyperTransport {
    settings: Arc<Settings>,
    tls: Arc<ClientConfig>,
    pool: Arc<Pool>,
}

impl HyperTransport {
    /// Starts a transport; every setting has a default.
    pub fn builder() -> HyperTransportBuilder {
        HyperTransportBuilder::default()
    }

    pub(crate) fn with_settings(mut settings: Settings) -> Result<Self, BuildError> {
        let (roots, extra) = (settings.roots, &settings.extra_roots);
        let tls = client_config(roots, extra, settings.client_identity.as_ref())?;
        if let Some(proxy) = settings.proxy.clone() {
            // The identity is for the service, and no business of the proxy's.
            let tls = Arc::new(client_config(roots, extra, None)?);
            settings.dialer = Arc::new(TunnelDialer::new(proxy, tls, settings.dialer));
        }
        let pool = Pool::new(settings.idle_limit, settings.max_idle);
        Ok(Self {
            settings: Arc::new(settings),
            tls: Arc::new(tls),
            pool,
        })
    }

    /// Sends a request over a connection, which is kept if it may be used again.
    async fn exchange(
        &self,
        place: (&Arc<Destination>, Id),
        mut connection: Box<Connection>,
        request: Request<Full<Bytes>>,
        attempt: &Attempt,
    ) -> Result<Response<Bytes>, TransportError> {
        // On any error, and when the caller lets go, the connection is dropped and so closed.
        let (answer, reuse) = connection.exchange(request, attempt).await?;
        if reuse == Reuse::Keep {
            let (route, runtime) = place;
            self.pool.put(Arc::clone(route), runtime, connection);
        }
        Ok(answer)
    }
}

#[async_trait]
impl Transport for HyperTransport {
    async fn send(&self, outgoing: Outgoing) -> Result<Response<Bytes>, TransportError> {
        let runtime = Handle::try_current().map_err(fault::unusable)?.id();
        let route = Arc::clone(outgoing.destination());
        let attempt = outgoing.attempt().clone();
        let request = in_origin_form(outgoing.into_request())?;
        let place = (&route, runtime);
        attempt.reached(Phase::Connect);
        while let Some(kept) = self.pool.take(&route, runtime) {
            if kept.first_look().is_err() {
                continue;
            }
            let sent = self.exchange(place, kept, request.clone(), &attempt);
            match sent.await {
                // Nothing has left, so it was no attempt: another connection may do better.
                Err(error) if error.delivery() == Delivery::NotSent => {
                    attempt.reached(Phase::Connect);
                }
                answered => return answered,
            }
        }
        let fresh = Connection::open(&route, &self.settings, &self.tls, &attempt).await?;
        self.exchange(place, fresh, request, &attempt).await
    }
}

impl fmt::Debug for HyperTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HyperTransport")
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}

/// Builds a [`HyperTransport`].
#[derive(Debug, Default)]
#[must_use = "a builder does nothing until it is built"]
pub struct HyperTransportBuilder {
    settings: Settings,
}

settings!(HyperTransportBuilder);

impl HyperTransportBuilder {
    /// Judges the settings together; opens nothing.
    ///
    /// # Errors
    ///
    /// [`BuildError`] where there is no usable root certificate.
    pub fn build(self) -> Result<HyperTransport, BuildError> {
        let Self { settings } = self;
        HyperTransport::with_settings(settings)
    }
}
