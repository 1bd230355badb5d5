use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use http::{HeaderName, HeaderValue};
use payment_credentials_core::seam::{
    Clock, KeySet, MessageEncryption, Progress, RequestAuthenticator, TIMER_RESOLUTION,
};
use payment_credentials_core::{
    BuildError, ConfiguredKey, CredentialsRequest, Endpoint, Gateway, GatewayBuilder, MerchantId,
    OnClockSkew, PaymentCredentialsPort, Phase, PortError, SealedCredentials,
};
use tokio::runtime::Handle;
use tokio::time::timeout;

use crate::settings::{CALL_DEADLINE, Settings, settings};
use crate::transport::HyperTransport;

/// The payment credentials port over HTTPS, with a deadline around every call.
///
/// Clones share one pool. The [crate's page](crate) says what the port does and what it doesn't.
#[derive(Clone, Debug)]
pub struct HyperPort {
    gateway: Gateway,
    /// `None` for a port that was made by [`over`](Self::over).
    transport: Option<Arc<HyperTransport>>,
    call_deadline: Duration,
}

impl HyperPort {
    /// Returns a builder; endpoint and authenticator are the settings without a default.
    pub fn builder(
        endpoint: Endpoint,
        authenticator: Arc<dyn RequestAuthenticator>,
    ) -> HyperPortBuilder {
        HyperPortBuilder {
            gateway: Gateway::builder(endpoint, authenticator),
            call_deadline: CALL_DEADLINE,
            settings: Settings::default(),
        }
    }

    /// Puts a deadline around the calls of a gateway that you have built, such as one of several that
    /// share a [`HyperTransport`].
    #[must_use]
    pub fn over(gateway: Gateway, call_deadline: Duration) -> Self {
        Self {
            gateway,
            transport: None,
            call_deadline,
        }
    }

    /// Opens one connection, within the call deadline, and keeps it for the first call.
    ///
    /// # Errors
    ///
    /// The [`PortError`] that a call would return if it couldn't connect. A port that was made by
    /// [`over`](Self::over) can't open connections, and returns [`Setup`](payment_credentials_core::PortErrorKind::Setup): call
    /// [`connect`](HyperTransport::connect) of the gateway's [`HyperTransport`] instead.
    pub async fn connect(&self) -> Result<(), PortError> {
        let transport = self
            .transport
            .as_ref()
            .ok_or_else(|| PortError::setup(ComposedElsewhere))?;
        // Timers panic outside of a runtime.
        Handle::try_current().map_err(PortError::setup)?;
        let progress = Progress::default();
        let attempt = progress.begin_attempt();
        let connects = transport.connect_with(self.endpoint(), &attempt);
        match timeout(self.call_deadline, connects).await {
            Ok(connected) => connected.map_err(PortError::from),
            Err(_elapsed) => Err(progress.deadline_error()),
        }
    }

    /// Accepts no more calls, waits up to `patience` for calls in progress, and closes idle connections.
    ///
    /// This affects every clone and every merchant. Returns how many calls were still in progress when
    /// `patience` had passed; these calls continue. A call that is made after a shutdown fails before
    /// anything is sent: its error is that of a call that can't connect and mustn't be repeated.
    ///
    /// On a port that was made by [`over`](Self::over) this does nothing and returns 0: call
    /// [`shutdown`](HyperTransport::shutdown) of the gateway's [`HyperTransport`] instead.
    pub async fn shutdown(&self, patience: Duration) -> usize {
        match &self.transport {
            Some(transport) => transport.shutdown(patience).await,
            None => 0,
        }
    }

    /// The endpoint that calls are sent to.
    #[must_use]
    pub fn endpoint(&self) -> &Endpoint {
        self.gateway.endpoint()
    }

    /// Returns a port whose calls are for another merchant; pool and keys are shared.
    ///
    /// # Errors
    ///
    /// [`BuildError`] if the authenticator can't act for that merchant, which requires a MetaKey.
    pub fn for_merchant(&self, merchant_id: MerchantId) -> Result<Self, BuildError> {
        let gateway = self.gateway.for_merchant(merchant_id)?;
        Ok(Self {
            gateway,
            ..self.clone()
        })
    }

    /// Returns a port that signs and encrypts with keys of its own, over the same pool: for another merchant
    /// with its own keys.
    ///
    /// The merchant is the one that the keys belong to. Replacing the keys of one port doesn't change those
    /// of the other.
    #[must_use]
    pub fn with_keys(&self, keys: KeySet) -> Self {
        Self {
            gateway: self.gateway.with_keys(keys),
            ..self.clone()
        }
    }

    /// Replaces the keys of every clone and every merchant, while calls run.
    ///
    /// Each call uses one whole set of keys: the set that was in use when the call began.
    ///
    /// # Errors
    ///
    /// [`BuildError`] if the new keys belong to another merchant, which is checked if both sets know their
    /// merchant; see [`Gateway::replace_keys`].
    pub fn replace_keys(&self, keys: KeySet) -> Result<(), BuildError> {
        self.gateway.replace_keys(keys)
    }

    /// Lists the keys in use, without secrets.
    #[must_use]
    pub fn configured_keys(&self) -> Vec<ConfiguredKey> {
        self.gateway.configured_keys()
    }

    /// The longest time that a call may take.
    #[must_use]
    pub fn call_deadline(&self) -> Duration {
        self.call_deadline
    }
}

#[derive(Debug, thiserror::Error)]
#[error("a port made by HyperPort::over can't connect; call connect of its gateway's transport")]
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

    fn merchant_id(&self) -> Option<MerchantId> {
        self.gateway.merchant_id()
    }
}

impl HyperPort {
    /// Makes a call that ends by the deadline. `progress` must record this call alone.
    async fn bounded(
        &self,
        request: &CredentialsRequest,
        progress: &Progress,
    ) -> Result<SealedCredentials, PortError> {
        // Timers panic outside of a runtime.
        Handle::try_current().map_err(PortError::setup)?;
        if self.call_deadline < TIMER_RESOLUTION {
            return Err(PortError::deadline(Phase::Start));
        }
        let call = self.gateway.generate_with(request, progress);
        match timeout(self.call_deadline, call).await {
            Ok(result) => result,
            // Read the progress only now: the request could be sent until the call was dropped.
            Err(_elapsed) => Err(progress.deadline_error()),
        }
    }
}

/// Builds a [`HyperPort`].
#[derive(Debug)]
#[must_use = "a builder does nothing until it is built"]
pub struct HyperPortBuilder {
    gateway: GatewayBuilder,
    call_deadline: Duration,
    settings: Settings,
}

settings!(HyperPortBuilder);

impl HyperPortBuilder {
    /// Limits each call from its start to its response, signing and encryption included; 30 seconds by
    /// default.
    ///
    /// With a limit of less than a millisecond, every call fails before it begins.
    pub fn call_deadline(mut self, limit: Duration) -> Self {
        self.call_deadline = limit;
        self
    }

    /// Sets the message-level encryption (MLE); none by default.
    pub fn encryption(mut self, encryption: Arc<dyn MessageEncryption>) -> Self {
        self.gateway = self.gateway.encryption(encryption);
        self
    }

    /// Sets the clock that signing uses; the system's by default.
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.gateway = self.gateway.clock(clock);
        self
    }

    /// Selects what happens if the local clock is wrong; by default the error reports it.
    pub fn on_clock_skew(mut self, reaction: OnClockSkew) -> Self {
        self.gateway = self.gateway.on_clock_skew(reaction);
        self
    }

    /// Treats every 4xx as the service's own, even without the service's ids and error body; see
    /// [`GatewayBuilder::trust_bare_refusals`](payment_credentials_core::GatewayBuilder::trust_bare_refusals).
    pub fn trust_bare_refusals(mut self) -> Self {
        self.gateway = self.gateway.trust_bare_refusals();
        self
    }

    /// Adds a header to every request, for an intermediary such as an egress proxy; see
    /// [`GatewayBuilder::extra_header`](payment_credentials_core::GatewayBuilder::extra_header).
    ///
    /// The header isn't sent in the `CONNECT` request to a proxy.
    pub fn extra_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.gateway = self.gateway.extra_header(name, value);
        self
    }

    /// Validates the settings and builds the port; opens no connection.
    ///
    /// # Errors
    ///
    /// [`BuildError`] if there is no usable root certificate, if the authenticator can't carry the
    /// message-level encryption, or if an extra header is one that the library knows or is given twice.
    pub fn build(self) -> Result<HyperPort, BuildError> {
        let transport = Arc::new(HyperTransport::with_settings(self.settings)?);
        Ok(HyperPort {
            gateway: self.gateway.build(Arc::clone(&transport) as _)?,
            transport: Some(transport),
            call_deadline: self.call_deadline,
        })
    }
}
