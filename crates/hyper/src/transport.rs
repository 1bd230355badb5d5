use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use payment_credentials_core::seam::{Attempt, Outgoing, Transport};
use payment_credentials_core::{
    BuildError, Delivery, Destination, Endpoint, Phase, TransportError,
};
use payment_credentials_tls::client_config;
use rustls::ClientConfig;
use tokio::runtime::Handle;

use crate::connection::{Connection, Reuse, in_origin_form};
use crate::failure;
use crate::pool::Pool;
use crate::settings::{Settings, settings};
use crate::shelf::{Limits, Shelf};
use crate::tunnel::TunnelDialer;
use crate::waiting::{Dial, Got, Waiting};
use crate::watched::Untimely;

/// Sends requests over HTTP/1.1 and TLS; clones share one pool.
///
/// It limits the time to connect, the size of a response, and how slowly a response may arrive once it
/// has begun. It doesn't limit the whole call: [`HyperPort`](crate::HyperPort) does that.
#[derive(Clone)]
pub struct HyperTransport {
    settings: Arc<Settings>,
    tls: Arc<ClientConfig>,
    pool: Arc<Pool>,
}

impl HyperTransport {
    /// Returns a builder, in which every setting has a default.
    pub fn builder() -> HyperTransportBuilder {
        HyperTransportBuilder::default()
    }

    pub(crate) fn with_settings(mut settings: Settings) -> Result<Self, BuildError> {
        let (roots, extra) = (settings.roots, &settings.extra_roots);
        let tls = client_config(roots, extra, settings.client_identity.as_ref())?;
        if let Some(proxy) = settings.proxy.clone() {
            // The client identity is for the service, so the proxy doesn't get it.
            let tls = Arc::new(client_config(roots, extra, None)?);
            settings.dialer = Arc::new(TunnelDialer::new(proxy, tls, settings.dialer));
        }
        let pool = Arc::new(Pool::new(Limits {
            idle: settings.idle_timeout,
            max_idle_connections: settings.max_idle_connections,
            max_handshakes: settings.max_handshakes,
        }));
        Ok(Self {
            settings: Arc::new(settings),
            tls: Arc::new(tls),
            pool,
        })
    }

    /// Opens one connection to an endpoint and keeps it for the first call.
    ///
    /// Each time, this opens one more connection. Its only limits are those for connecting and for TLS,
    /// which begin when it is this connection's turn (see
    /// [`max_handshakes`](HyperTransportBuilder::max_handshakes)).
    ///
    /// # Errors
    ///
    /// The [`TransportError`] that a call would return if it couldn't connect.
    pub async fn connect(&self, endpoint: &Endpoint) -> Result<(), TransportError> {
        self.connect_with(endpoint, &Attempt::default()).await
    }

    pub(crate) async fn connect_with(
        &self,
        endpoint: &Endpoint,
        attempt: &Attempt,
    ) -> Result<(), TransportError> {
        let runtime = Handle::try_current().map_err(failure::unusable)?;
        let _under_way = self.pool.begin()?;
        let destination = Arc::new(Destination::from(endpoint));
        attempt.reached(Phase::Connect);
        let kept = self.pool.shelf(&destination, runtime.id());
        let made = self.dial(&kept, &destination).made(attempt).await?;
        kept.put(made, &runtime);
        Ok(())
    }

    /// Accepts no more calls, waits up to `patience` for calls in progress, and closes idle connections.
    ///
    /// Returns how many calls were still in progress when `patience` had passed; these calls continue.
    /// A call that is made after a shutdown fails before anything is sent.
    pub async fn shutdown(&self, patience: Duration) -> usize {
        self.pool.shut_down(patience).await
    }

    /// Sends a request: over a kept connection, over one that another call returns, or over a fresh one.
    ///
    /// If one that was used before fails with nothing sent, another connection takes its place.
    async fn carry(
        &self,
        destination: &Arc<Destination>,
        request: Request<Bytes>,
        attempt: &Attempt,
    ) -> Result<Response<Bytes>, TransportError> {
        let runtime = Handle::try_current().map_err(failure::unusable)?;
        let request = in_origin_form(request)?;
        let place = Place {
            shelf: self.pool.shelf(destination, runtime.id()),
            destination: Arc::clone(destination),
            runtime,
        };
        loop {
            if attempt.is_given_up() {
                return Err(failure::given_up(attempt.phase()));
            }
            attempt.reached(Phase::Connect);
            let (back, _beside) = match place.shelf.take() {
                Some(kept) if self.passes(&place.destination, &kept) => (kept, None),
                Some(_unfit) => continue,
                None => {
                    let dial = self.dial(&place.shelf, &place.destination);
                    let ours = Arc::clone(&place.shelf);
                    let waiting = Waiting::new(ours, place.runtime.clone(), dial);
                    let passes = |back: &Connection| self.passes(&place.destination, back);
                    match waiting.connection(attempt, passes).await? {
                        Got::Back(back, beside) => {
                            // The call's own dial may have recorded a later phase.
                            attempt.reached(Phase::Connect);
                            (back, Some(beside))
                        }
                        Got::Fresh(fresh) => {
                            return self.exchange(&place, fresh, request, attempt).await;
                        }
                    }
                }
            };
            match self.exchange(&place, back, request.clone(), attempt).await {
                // Nothing was sent, so this was no attempt, and another connection may work.
                Err(error) if error.delivery() == Delivery::NotSent => {}
                exchanged => return exchanged,
            }
        }
    }

    /// Makes the first check of a connection that was used before.
    fn passes(&self, destination: &Arc<Destination>, connection: &Connection) -> bool {
        let look = connection.first_look();
        if look == Err(Untimely::Surplus) {
            self.pool.distrust(destination);
        }
        look.is_ok()
    }

    /// Sends a request over a connection, and keeps the connection if it can be used again.
    async fn exchange(
        &self,
        place: &Place,
        mut connection: Box<Connection>,
        request: Request<Full<Bytes>>,
        attempt: &Attempt,
    ) -> Result<Response<Bytes>, TransportError> {
        // On any error, and when the caller drops the call, the connection is dropped and thereby closed.
        let exchanged = connection.exchange(request, attempt).await;
        if connection.saw_surplus() {
            self.pool.distrust(&place.destination);
        }
        let (response, reuse) = exchanged?;
        if reuse == Reuse::Keep {
            place.shelf.put(connection, &place.runtime);
        }
        Ok(response)
    }

    fn dial(&self, turns_of: &Shelf, destination: &Arc<Destination>) -> Dial {
        let (destination, settings) = (Arc::clone(destination), Arc::clone(&self.settings));
        let tls = Arc::clone(&self.tls);
        Dial::new(turns_of, |stage| async move {
            Connection::open(&destination, &settings, &tls, &stage).await
        })
    }
}

/// A call's destination, its runtime, and the shelf of connections for both.
struct Place {
    destination: Arc<Destination>,
    runtime: Handle,
    shelf: Arc<Shelf>,
}

#[async_trait]
impl Transport for HyperTransport {
    async fn send(&self, outgoing: Outgoing) -> Result<Response<Bytes>, TransportError> {
        let _under_way = self.pool.begin()?;
        let destination = Arc::clone(outgoing.destination());
        let attempt = outgoing.attempt().clone();
        self.carry(&destination, outgoing.into_request(), &attempt)
            .await
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
    /// Validates the settings and builds the transport; opens no connection.
    ///
    /// # Errors
    ///
    /// [`BuildError`] if there is no usable root certificate.
    pub fn build(self) -> Result<HyperTransport, BuildError> {
        let Self { settings } = self;
        HyperTransport::with_settings(settings)
    }
}
