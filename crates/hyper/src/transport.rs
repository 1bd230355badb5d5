use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use http::Response;
use payment_credentials_core::seam::{Attempt, Outgoing, Transport};
use payment_credentials_core::{BuildError, Destination, Phase, TransportError};
use payment_credentials_tls::client_config;
use rustls::ClientConfig;
use tokio::runtime::{Handle, Id};

use crate::connection::{Connection, Reuse};
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

    /// An idle connection that still works, or a new one.
    async fn connection(
        &self,
        destination: &Destination,
        runtime: Id,
        attempt: &Attempt,
    ) -> Result<Connection, TransportError> {
        attempt.reached(Phase::Connect);
        while let Some(mut idle) = self.pool.take(destination, runtime) {
            if idle.is_ready_now() || idle.is_ready().await {
                return Ok(idle);
            }
        }
        Connection::open(destination, &self.settings, &self.tls, attempt).await
    }
}

#[async_trait]
impl Transport for HyperTransport {
    async fn send(&self, outgoing: Outgoing) -> Result<Response<Bytes>, TransportError> {
        let runtime = Handle::try_current().map_err(fault::unusable)?.id();
        let destination = Arc::clone(outgoing.destination());
        let attempt = outgoing.attempt().clone();
        let mut connection = self.connection(&destination, runtime, &attempt).await?;
        let request = outgoing.into_request();
        // On any error, and when the caller lets go, the connection is dropped and so closed.
        let (answer, reuse) = connection.exchange(request, &attempt).await?;
        if reuse == Reuse::Keep {
            self.pool.put(destination, runtime, connection);
        }
        Ok(answer)
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
