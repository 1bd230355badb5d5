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

/// Carries requests over HTTP/1.1 and TLS; clones share one pool.
///
/// It bounds the time to connect, and how large and how slow a response may be once it has begun, but
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
        let pool = Arc::new(Pool::new(Limits {
            idle: settings.idle_limit,
            max_idle: settings.max_idle,
            max_handshakes: settings.max_handshakes,
        }));
        Ok(Self {
            settings: Arc::new(settings),
            tls: Arc::new(tls),
            pool,
        })
    }

    /// Opens one connection to an endpoint ahead of the first call, which then finds it.
    ///
    /// It opens one more each time. Nothing bounds it but the limits for connecting and for TLS, each
    /// from when it is this connection's turn.
    ///
    /// # Errors
    ///
    /// [`TransportError`], as a call that can't connect has it.
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

    /// Takes no more calls, lets those that are under way end for so long, and closes what is idle.
    ///
    /// Returns how many calls were still under way by then; they go on to their own ends. A call
    /// that comes later fails before anything is sent.
    pub async fn shutdown(&self, patience: Duration) -> usize {
        self.pool.shut_down(patience).await
    }

    /// Sends a request: over a kept connection, over one that another call gives back, or over a
    /// fresh one. Of a connection that nothing has left by, another may take its place.
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
                            // The own dial may have been further than this call now is.
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
                // Nothing has left, so it was no attempt: another connection may do better.
                Err(error) if error.delivery() == Delivery::NotSent => {}
                answered => return answered,
            }
        }
    }

    /// The first look at a connection that was used before.
    fn passes(&self, destination: &Arc<Destination>, connection: &Connection) -> bool {
        let look = connection.first_look();
        if look == Err(Untimely::Surplus) {
            self.pool.distrust(destination);
        }
        look.is_ok()
    }

    /// Sends a request over a connection, which is kept if it may be used again.
    async fn exchange(
        &self,
        place: &Place,
        mut connection: Box<Connection>,
        request: Request<Full<Bytes>>,
        attempt: &Attempt,
    ) -> Result<Response<Bytes>, TransportError> {
        // On any error, and when the caller lets go, the connection is dropped and so closed.
        let answered = connection.exchange(request, attempt).await;
        if connection.saw_surplus() {
            self.pool.distrust(&place.destination);
        }
        let (response, reuse) = answered?;
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

/// Where a call's connections lead, and where they are kept.
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
    /// Validates the settings; opens no connection.
    ///
    /// # Errors
    ///
    /// [`BuildError`] where there is no usable root certificate.
    pub fn build(self) -> Result<HyperTransport, BuildError> {
        let Self { settings } = self;
        HyperTransport::with_settings(settings)
    }
}
