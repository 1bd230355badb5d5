use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use async_trait::async_trait;
use http::{HeaderName, HeaderValue};

use crate::configured_key::ConfiguredKey;
use crate::endpoint::{Destination, Endpoint};
use crate::error::{BuildError, PortError};
use crate::id::MerchantId;
use crate::port::PaymentCredentialsPort;
use crate::request::CredentialsRequest;
use crate::sealed::SealedCredentials;
use crate::seam::{
    Clock, KeySet, MessageEncryption, NoEncryption, Progress, RequestAuthenticator, SystemClock,
    Transport,
};

mod attempt;
mod headers;

use attempt::Means;
use headers::ExtraHeaders;

/// A port built from the seams: it encodes, encrypts, authenticates, sends, decrypts and decodes.
///
/// It has no socket, no timer and no runtime, so it sets no time limit for its calls. The part that owns a
/// runtime puts a deadline around [`generate_with`](PaymentCredentialsPort::generate_with), and reads from
/// the [`Progress`] how far the call got. `payment-credentials-hyper` provides this.
///
/// Clones share their keys. A gateway [for another merchant](Self::for_merchant) shares them too.
#[derive(Clone)]
pub struct Gateway {
    endpoint: Endpoint,
    destination: Arc<Destination>,
    transport: Arc<dyn Transport>,
    keys: Arc<RwLock<KeySet>>,
    merchant_id: Option<MerchantId>,
    clock: Arc<dyn Clock>,
    on_clock_skew: OnClockSkew,
    extra: ExtraHeaders,
    trusts_bare_refusals: bool,
}

/// What a gateway does if the service refuses a signature and the response's `Date` proves that the local
/// clock is off.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub enum OnClockSkew {
    /// Reports the skew in the error.
    #[default]
    Report,
    /// Signs once more, with the service's time, if the clock is off by at most two days. If the service
    /// refuses that too, the error reports the skew.
    SignAgain,
}

impl Gateway {
    /// Starts a gateway with the parts that have no default.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use payment_credentials_core::{Endpoint, Environment, Gateway};
    /// use payment_credentials_core::seam::{Transport, Unauthenticated};
    ///
    /// fn compose(transport: Arc<dyn Transport>) -> Result<Gateway, payment_credentials_core::BuildError> {
    ///     let endpoint = Endpoint::new(Environment::Test);
    ///     Gateway::builder(endpoint, Arc::new(Unauthenticated)).build(transport)
    /// }
    /// ```
    pub fn builder(
        endpoint: Endpoint,
        authenticator: Arc<dyn RequestAuthenticator>,
    ) -> GatewayBuilder {
        GatewayBuilder {
            endpoint,
            authenticator,
            encryption: Arc::new(NoEncryption),
            clock: Arc::new(SystemClock),
            on_clock_skew: OnClockSkew::default(),
            extra: ExtraHeaders::default(),
            trusts_bare_refusals: false,
        }
    }

    /// The endpoint that calls go to.
    #[must_use]
    pub fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// Returns a gateway that makes calls in the name of another merchant, and shares transport and keys.
    ///
    /// This needs a MetaKey, the key of a portfolio that signs for the merchants in it.
    ///
    /// # Errors
    ///
    /// [`BuildError`] if the authenticator can't act for that merchant.
    pub fn for_merchant(&self, merchant_id: MerchantId) -> Result<Self, BuildError> {
        attempt::check_merchant(&self.key_set(), Some(&merchant_id))?;
        Ok(Self {
            merchant_id: Some(merchant_id),
            ..self.clone()
        })
    }

    /// Returns a gateway that signs and encrypts with keys of its own, and shares endpoint, transport, clock
    /// and extra headers: for another merchant with its own keys.
    ///
    /// The merchant is the one that the keys belong to. Replacing the keys of one gateway doesn't change
    /// those of the other.
    #[must_use]
    pub fn with_keys(&self, keys: KeySet) -> Self {
        Self {
            keys: Arc::new(RwLock::new(keys)),
            merchant_id: None,
            ..self.clone()
        }
    }

    /// Replaces the keys while calls run: each call uses one whole set, the one that it began with.
    ///
    /// This replaces the keys of every clone, and of the gateways for other merchants. If one of the two
    /// sets doesn't know its merchant ([`RequestAuthenticator::merchant_id`]), the gateway accepts the new
    /// keys without a comparison; the caller then has to make sure that they are the right merchant's.
    ///
    /// # Errors
    ///
    /// [`BuildError`] if the new keys belong to another merchant, since calls would then be made in the
    /// name of the wrong merchant account. The keys in use stay.
    pub fn replace_keys(&self, keys: KeySet) -> Result<(), BuildError> {
        let mut current = self.keys.write().unwrap_or_else(PoisonError::into_inner);
        let now = current.authenticator().merchant_id();
        let next = keys.authenticator().merchant_id();
        if now.is_some() && next.is_some() && now != next {
            return Err(BuildError::new(
                "keys",
                "act for another merchant than the keys in use; make a separate port for it",
            ));
        }
        *current = keys;
        Ok(())
    }

    /// The keys in use, without secrets.
    #[must_use]
    pub fn configured_keys(&self) -> Vec<ConfiguredKey> {
        self.key_set().configured_keys()
    }

    async fn make(
        &self,
        request: &CredentialsRequest,
        progress: &Progress,
    ) -> Result<SealedCredentials, PortError> {
        let means = Means {
            endpoint: &self.endpoint,
            destination: &self.destination,
            transport: &*self.transport,
            keys: self.key_set(),
            merchant_id: self.merchant_id.as_ref(),
            clock: &*self.clock,
            extra: &self.extra,
            trusts_bare_refusals: self.trusts_bare_refusals,
        };
        let refused = match means.make(request, &progress.begin_attempt(), None).await {
            Ok(sealed) => return Ok(sealed),
            Err(error) => error,
        };
        match (self.on_clock_skew, refused.clock_skew()) {
            (OnClockSkew::SignAgain, Some(skew)) if skew.is_credible() => {
                let second = means
                    .make(request, &progress.begin_attempt(), Some(skew))
                    .await;
                second.map_err(|error| error.after(refused))
            }
            (OnClockSkew::SignAgain | OnClockSkew::Report, _) => Err(refused),
        }
    }

    /// The keys in use now: a copy of two pointers.
    fn key_set(&self) -> KeySet {
        let keys = self.keys.read().unwrap_or_else(PoisonError::into_inner);
        keys.clone()
    }
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl PaymentCredentialsPort for Gateway {
    async fn generate(&self, request: &CredentialsRequest) -> Result<SealedCredentials, PortError> {
        self.make(request, &Progress::default()).await
    }

    async fn generate_with(
        &self,
        request: &CredentialsRequest,
        progress: &Progress,
    ) -> Result<SealedCredentials, PortError> {
        self.make(request, progress).await
    }

    fn merchant_id(&self) -> Option<MerchantId> {
        let own = || self.key_set().authenticator().merchant_id();
        self.merchant_id.clone().or_else(own)
    }
}

impl fmt::Debug for Gateway {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let keys = self.key_set();
        f.debug_struct("Gateway")
            .field("endpoint", &self.endpoint)
            .field("transport", &self.transport)
            .field("authenticator", keys.authenticator())
            .field("encryption", keys.encryption())
            .field("merchant_id", &self.merchant_id)
            .field("on_clock_skew", &self.on_clock_skew)
            .field("extra", &self.extra)
            .finish_non_exhaustive()
    }
}

/// Builds a [`Gateway`].
#[derive(Debug)]
#[must_use = "a builder does nothing until it is built"]
pub struct GatewayBuilder {
    endpoint: Endpoint,
    authenticator: Arc<dyn RequestAuthenticator>,
    encryption: Arc<dyn MessageEncryption>,
    clock: Arc<dyn Clock>,
    on_clock_skew: OnClockSkew,
    extra: ExtraHeaders,
    trusts_bare_refusals: bool,
}

impl GatewayBuilder {
    /// Sets the message-level encryption; by default there is none.
    pub fn encryption(mut self, encryption: Arc<dyn MessageEncryption>) -> Self {
        self.encryption = encryption;
        self
    }

    /// Sets the clock whose time is signed; by default the system's.
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// Sets what to do if the local clock is off; by default the error reports it.
    pub fn on_clock_skew(mut self, reaction: OnClockSkew) -> Self {
        self.on_clock_skew = reaction;
        self
    }

    /// Treats every 4xx as the service's own, even without its ids and its error body.
    ///
    /// By default such a response is [`NotTheService`](crate::UnexpectedResponse::NotTheService): proxies
    /// and edge filters on the way send 403 and 404 too, and those give no information about a card. Turn
    /// this on only if a proxy of yours strips the service's headers and bodies.
    pub fn trust_bare_refusals(mut self) -> Self {
        self.trusts_bare_refusals = true;
        self
    }

    /// Adds a header to every request, for an intermediary such as an egress proxy that requires a
    /// credential of its own.
    ///
    /// The value is treated as a secret. It isn't signed, since intermediaries may change it. Several
    /// headers may be added, each name once. [`build`](Self::build) rejects every name in the [header
    /// table](crate::header), since those headers belong to another part or to the connection.
    pub fn extra_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.extra.add(name, value);
        self
    }

    /// Validates the parts, and joins them with the transport that sends the requests.
    ///
    /// # Errors
    ///
    /// [`BuildError`] if message-level encryption is on and the authenticator can't carry it, or if an
    /// extra header is in the header table or was given twice; the cause then names the header.
    pub fn build(self, transport: Arc<dyn Transport>) -> Result<Gateway, BuildError> {
        let Self {
            endpoint,
            authenticator,
            encryption,
            clock,
            on_clock_skew,
            extra,
            trusts_bare_refusals,
        } = self;
        let keys = KeySet::with_encryption(authenticator, encryption)?;
        Ok(Gateway {
            destination: Arc::new(Destination::from(&endpoint)),
            endpoint,
            transport,
            keys: Arc::new(RwLock::new(keys)),
            merchant_id: None,
            clock,
            on_clock_skew,
            extra: extra.validated()?,
            trusts_bare_refusals,
        })
    }
}

#[cfg(test)]
mod tests;
