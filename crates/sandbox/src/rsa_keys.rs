//! The sandbox's RSA keys. Each takes some 100 ms to make, so it is made on first use, and once in a process.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};

use aws_lc_rs::encoding::{AsDer as _, Pkcs8V1Der};
use aws_lc_rs::error::Unspecified;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use zeroize::Zeroizing;

/// The purpose of a key.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(crate) enum Role {
    /// Issues the certificates in keystores.
    Authority,
    /// Signs the merchant's requests.
    Merchant,
    /// Opens the merchant's encrypted responses.
    MerchantResponses,
    /// Opens the credentials.
    Opening,
    /// Signs the portfolio's requests.
    Portfolio,
    /// Opens the portfolio's encrypted responses.
    PortfolioResponses,
    /// Opens encrypted requests.
    Service,
    /// A key that no client has.
    Stranger,
}

impl Role {
    pub(crate) const ALL: [Self; 8] = [
        Self::Authority,
        Self::Merchant,
        Self::MerchantResponses,
        Self::Opening,
        Self::Portfolio,
        Self::PortfolioResponses,
        Self::Service,
        Self::Stranger,
    ];

    /// The name under which a folder keeps the key.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Authority => "authority",
            Self::Merchant => "merchant",
            Self::MerchantResponses => "merchant-responses",
            Self::Opening => "opening",
            Self::Portfolio => "portfolio",
            Self::PortfolioResponses => "portfolio-responses",
            Self::Service => "service",
            Self::Stranger => "stranger",
        }
    }
}

/// A private key as PKCS#8 in DER.
pub(crate) type Pkcs8 = Arc<Zeroizing<Vec<u8>>>;

type Slot = Arc<Mutex<Option<Pkcs8>>>;

/// A key of 2048 bits for each role.
#[derive(Default)]
pub(crate) struct RsaKeys {
    slots: Mutex<HashMap<Role, Slot>>,
}

impl RsaKeys {
    /// The keys that the sandboxes of this process share.
    pub(crate) fn shared() -> Arc<Self> {
        static SHARED: LazyLock<Arc<RsaKeys>> = LazyLock::new(Arc::default);
        Arc::clone(&SHARED)
    }

    /// Sets a key that was kept.
    pub(crate) fn set(&self, role: Role, key: Zeroizing<Vec<u8>>) {
        *lock(&self.slot(role)) = Some(Arc::new(key));
    }

    /// The key, made if there is none. Who asks for a key that is being made waits for it.
    pub(crate) fn pkcs8(&self, role: Role) -> Result<Pkcs8, Unspecified> {
        let slot = self.slot(role);
        let mut key = lock(&slot);
        if let Some(key) = key.as_ref() {
            return Ok(Arc::clone(key));
        }
        let made: Pkcs8V1Der<'_> = KeyPair::generate(KeySize::Rsa2048)?.as_der()?;
        let made = Arc::new(Zeroizing::new(made.as_ref().to_vec()));
        Ok(Arc::clone(key.insert(made)))
    }

    /// The same key, ready for use.
    pub(crate) fn pair(&self, role: Role) -> Result<KeyPair, Unspecified> {
        let pkcs8 = self.pkcs8(role)?;
        KeyPair::from_pkcs8(&pkcs8).map_err(|_refused| Unspecified)
    }

    fn slot(&self, role: Role) -> Slot {
        Arc::clone(lock(&self.slots).entry(role).or_default())
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // A key is set whole or not at all.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl fmt::Debug for RsaKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RsaKeys").finish_non_exhaustive()
    }
}
