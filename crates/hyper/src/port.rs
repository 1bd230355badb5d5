use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use http::{HeaderMap, HeaderName, HeaderValue};
use payment_credentials_core::seam::{
    Clock, KeySet, MessageEncryption, NoEncryption, Progress, RequestAuthenticator, SystemClock,
};
use payment_credentials_core::{
    BuildError, ConfiguredKey, CredentialsRequest, Endpoint, Gateway, MerchantId, OnClockSkew,
    PaymentCredentialsPort, Phase, PortError, SealedCredentials,
};
use tokio::runtime::Handle;
use tokio::time::timeout;

use crate::settings::{Settings, settings};
use crate::transport::HyperTransport;

/// How long a call may take by default: far more than the service needs (it answers within a
/// second), and less than most callers' own patience.
const CALL_DEADLINE: Duration = Duration::from_secs(30);

/// What tokio's timers count in. A shorter deadline would pass a tick later, with the request sent.
const CLOCK_TICK: Duration = Duration::from_millis(1);

/// The payment credentials port over HTTPS, with a deadline around every call.
///
/// Clones share one pool. See the [crate's page](crate) for what it does and what it doesn't.
#[derive(Clone, Debug)]
pub struct HyperPort {
    gateway: Gateway,
    /// None where the gateway was composed elsewhere.
    transport: Option<Arc<HyperTransport>>,
    call_deadline: Duration,
}

impl HyperPort {
    /// Starts a port with what has no default.
    pub fn builder(
        endpoint: Endpoint,
        authenticator: Arc<dyn RequestAuthenticator>,
    ) -> HyperPortBuilder {
        HyperPortBuilder {
            endpoint,
            authenticator,
            encryption: Arc::new(NoEncryption),
            clock: Arc::new(SystemClock),
            on_clock_skew: OnClockSkew::default(),
            extra_headers: HeaderMap::new(),
            trusts_bare_refusals: false,
            call_deadline: CALL_DEADLINE,
            settings: Settings::default(),
        }
    }

    /// Puts a deadline around a gateway that was composed elsewhere, such as one of several over
    /// one [`HyperTransport`].
    #[must_use]
    pub fn over(gateway: Gateway, call_deadline: Duration) -> Self {
        Self {
            gateway,
            transport: None,
            call_deadline,
        }
    }

    /// Opens one connection ahead of the first call, which then finds it; within the call's deadline.
    ///
    /// # Errors
    ///
    /// [`PortError`], as a call that can't connect has it. Of a port [`over`](Self::over) a gateway
    /// its kind is [`PortErrorKind::Setup`](payment_credentials_core::PortErrorKind::Setup): connect that gateway's [`HyperTransport`] itself.
    pub async fn connect(&self) -> Result<(), PortError> {
        let transport = self
            .transport
            .as_ref()
            .ok_or_else(|| PortError::setup(ComposedElsewhere))?;
        // Timers panic outside of a runtime.
        Handle::try_current().map_err(PortError::setup)?;
        let progress = Progress::default();
        let attempt = progress.attempt();
        let connects = transport.connect_with(self.endpoint(), &attempt);
        match timeout(self.call_deadline, connects).await {
            Ok(connected) => connected.map_err(PortError::from),
            Err(_elapsed) => Err(progress.deadline()),
        }
    }

    /// Takes no more calls, lets those that are under way end for so long, and closes what is idle;
    /// for every clone and every merchant.
    ///
    /// Returns how many calls were still under way by then; they go on to their own ends. A call that
    /// comes later fails as one that can't connect and mustn't be repeated, before anything is sent. A
    /// port [`over`](Self::over) a gateway has nothing to shut down: end that gateway's
    /// [`HyperTransport`] itself.
    pub async fn shutdown(&self, patience: Duration) -> usize {
        match &self.transport {
            Some(transport) => transport.shutdown(patience).await,
            None => 0,
        }
    }

    /// Where calls go.
    #[must_use]
    pub fn endpoint(&self) -> &Endpoint {
        self.gateway.endpoint()
    }

    /// Makes the same calls in the name of another merchant; pool and keys stay shared.
    ///
    /// # Errors
    ///
    /// [`BuildError`] where the authenticator can't act for that merchant: it takes a MetaKey.
    pub fn for_merchant(&self, merchant_id: MerchantId) -> Result<Self, BuildError> {
        let gateway = self.gateway.for_merchant(merchant_id)?;
        Ok(Self {
            gateway,
            ..self.clone()
        })
    }

    /// Swaps the keys while calls run, for every clone and every merchant; each call uses one
    /// whole set, the one that it began with.
    ///
    /// # Errors
    ///
    /// [`BuildError`] where the new keys are another merchant's, as far as both sets know theirs; see
    /// [`Gateway::replace_keys`].
    pub fn replace_keys(&self, keys: KeySet) -> Result<(), BuildError> {
        self.gateway.replace_keys(keys)
    }

    /// The keys in use, without secrets.
    #[must_use]
    pub fn keys(&self) -> Vec<ConfiguredKey> {
        self.gateway.keys()
    }

    /// How long a call may take.
    #[must_use]
    pub fn call_deadline(&self) -> Duration {
        self.call_deadline
    }
}

#[derive(Debug, thiserror::Error)]
#[error("the port was put over a gateway that was composed elsewhere; connect its transport")]
struct ComposedElsewhere;

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl PaymentCredentialsPort for HyperPort {
    async fn generate(&self, request: &CredentialsRequest) -> Result<SealedCredentials, PortError> {
        self.bounded(request, &Progress::default()).await
    }

    async fn generate_with(
        &self,
        request: &CredentialsRequest,
        progress: &Progress,
    ) -> Result<SealedCredentials, PortError> {
        self.bounded(request, &progress.child()).await
    }
}

impl HyperPort {
    /// Makes a call that ends by the deadline; the record is of this call alone.
    async fn bounded(
        &self,
        request: &CredentialsRequest,
        progress: &Progress,
    ) -> Result<SealedCredentials, PortError> {
        // Timers panic outside of a runtime.
        Handle::try_current().map_err(PortError::setup)?;
        if self.call_deadline < CLOCK_TICK {
            return Err(PortError::deadline(Phase::Start));
        }
        let call = self.gateway.generate_with(request, progress);
        match timeout(self.call_deadline, call).await {
            Ok(result) => result,
            // The call has been dropped by now: until then it could still leave.
            Err(_elapsed) => Err(progress.deadline()),
        }
    }
}

/// Builds a [`HyperPort`].
#[derive(Debug)]
#[must_use = "a builder does nothing until it is built"]
pub struct HyperPortBuilder {
    endpoint: Endpoint,
    authenticator: Arc<dyn RequestAuthenticator>,
    encryption: Arc<dyn MessageEncryption>,
    clock: Arc<dyn Clock>,
    on_clock_skew: OnClockSkew,
    extra_headers: HeaderMap,
    trusts_bare_refusals: bool,
    call_deadline: Duration,
    settings: Settings,
}

settings!(HyperPortBuilder);

impl HyperPortBuilder {
    /// Bounds each call from its start to its response, signing and encryption included; 30 seconds
    /// by default. With less than a millisecond no call begins.
    pub fn call_deadline(mut self, limit: Duration) -> Self {
        self.call_deadline = limit;
        self
    }

    /// Encrypts messages; by default they aren't.
    pub fn encryption(mut self, encryption: Arc<dyn MessageEncryption>) -> Self {
        self.encryption = encryption;
        self
    }

    /// Sets the clock to sign by; by default the system's.
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// Says what to do about a local clock that is off; by default it is reported.
    pub fn on_clock_skew(mut self, reaction: OnClockSkew) -> Self {
        self.on_clock_skew = reaction;
        self
    }

    /// Takes every 4xx for the service's own, also without its ids and its error body; see
    /// [`GatewayBuilder::trust_bare_refusals`](payment_credentials_core::GatewayBuilder::trust_bare_refusals).
    pub fn trust_bare_refusals(mut self) -> Self {
        self.trusts_bare_refusals = true;
        self
    }

    /// Adds a header to every request, for what stands on the way, such as an egress gateway; see
    /// [`GatewayBuilder::extra_header`](payment_credentials_core::GatewayBuilder::extra_header). It isn't
    /// sent in a proxy's `CONNECT`.
    pub fn extra_header(mut self, name: HeaderName, mut value: HeaderValue) -> Self {
        value.set_sensitive(true);
        self.extra_headers.append(name, value);
        self
    }

    /// Validates the settings; opens no connection.
    ///
    /// # Errors
    ///
    /// [`BuildError`] where there is no usable root certificate, the authenticator can't carry the
    /// message-level encryption, or an extra header is one that the library knows or given twice.
    pub fn build(self) -> Result<HyperPort, BuildError> {
        let Self {
            endpoint,
            authenticator,
            encryption,
            clock,
            on_clock_skew,
            extra_headers,
            trusts_bare_refusals,
            call_deadline,
            settings,
        } = self;
        let transport = Arc::new(HyperTransport::with_settings(settings)?);
        let mut gateway = Gateway::builder(endpoint, Arc::clone(&transport) as _, authenticator)
            .encryption(encryption)
            .clock(clock)
            .on_clock_skew(on_clock_skew);
        if trusts_bare_refusals {
            gateway = gateway.trust_bare_refusals();
        }
        for name in extra_headers.keys() {
            for value in extra_headers.get_all(name) {
                gateway = gateway.extra_header(name.clone(), value.clone());
            }
        }
        Ok(HyperPort {
            gateway: gateway.build()?,
            transport: Some(transport),
            call_deadline,
        })
    }
}
