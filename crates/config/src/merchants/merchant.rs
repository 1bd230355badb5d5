use std::fmt;
use std::sync::Arc;

use payment_credentials_core::{
    ConfiguredKey, CredentialsOpener, MerchantId, PaymentCredentialsPort,
};
use payment_credentials_hyper::HyperPort;
use payment_credentials_jose::{JweOpener, Keyring};

/// A merchant's opener, and the keys that it opens with.
#[derive(Clone, Debug)]
pub(super) struct Opening {
    pub(super) opener: Arc<JweOpener>,
    pub(super) keyring: Keyring,
}

/// A merchant of a configuration. A clone shares the keys.
#[derive(Clone)]
pub struct Merchant {
    id: MerchantId,
    /// The port without limits, whose keys are replaced.
    port: HyperPort,
    limited: Arc<dyn PaymentCredentialsPort>,
    opening: Option<Opening>,
}

impl Merchant {
    pub(super) fn new(
        id: MerchantId,
        port: HyperPort,
        limited: Arc<dyn PaymentCredentialsPort>,
        opening: Option<Opening>,
    ) -> Self {
        Self {
            id,
            port,
            limited,
            opening,
        }
    }

    /// The merchant that calls are made for.
    #[must_use]
    pub fn id(&self) -> &MerchantId {
        &self.id
    }

    /// The port, with the configured limits around it.
    #[must_use]
    pub fn port(&self) -> Arc<dyn PaymentCredentialsPort> {
        Arc::clone(&self.limited)
    }

    /// The opener; `None` if the configuration names no key that opens credentials.
    #[must_use]
    pub fn opener(&self) -> Option<Arc<dyn CredentialsOpener>> {
        let opening = self.opening.as_ref()?;
        Some(Arc::clone(&opening.opener) as _)
    }

    /// The keys in use, without secrets.
    #[must_use]
    pub fn configured_keys(&self) -> Vec<ConfiguredKey> {
        let opening = self.opening.iter();
        let mut keys = self.port.configured_keys();
        keys.extend(opening.flat_map(|opening| opening.keyring.configured_keys()));
        keys
    }

    pub(super) fn keys(&self) -> (&HyperPort, Option<&Keyring>) {
        let keyring = self.opening.as_ref().map(|opening| &opening.keyring);
        (&self.port, keyring)
    }
}

impl fmt::Debug for Merchant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Merchant")
            .field("id", &self.id)
            .field("keys", &self.configured_keys())
            .finish_non_exhaustive()
    }
}
