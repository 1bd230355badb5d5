//! The merchants of a configuration, over one pool of connections.

mod each;
mod merchant;
mod read;
mod reload;
mod scope;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

use payment_credentials_core::seam::{KeySet, Unauthenticated};
use payment_credentials_core::{ConfiguredKey, MerchantId, PortError};
use payment_credentials_hyper::HyperPort;

use crate::config::Config;
use crate::diagnostic::{ConfigError, Mistakes};
use crate::field::Field;
use crate::fields::Fields;
use crate::limits::Limits;

pub use merchant::Merchant;
pub use reload::Reloaded;

use read::{ReadMerchant, log, read};

/// The merchants of a configuration: each with a port and an opener of its own, over one pool of
/// connections and behind the same [limits](Limits).
///
/// [`Config::merchants`] builds them. [`reload`](Self::reload) replaces their keys while calls run.
///
/// ```no_run
/// use payment_credentials_config::Config;
///
/// const FILE: &str = "payment-credentials.toml";
///
/// let merchants = Config::from_file(FILE)?.merchants()?;
/// let bakery = merchants.get(&"bakery".parse()?).ok_or("not configured")?;
/// let (port, opener) = (bakery.port(), bakery.opener());
///
/// // Later, when the file names other keys:
/// merchants.reload(&Config::from_file(FILE)?)?;
/// # let _ = (port, opener);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Merchants {
    /// Has the pool, and no keys.
    base: HyperPort,
    limits: Limits,
    /// The fields at the start, for what a reload can't change.
    fields: Fields,
    current: RwLock<BTreeMap<MerchantId, Merchant>>,
    /// Held during a reload, so that two of them don't mix their keys.
    reloading: Mutex<()>,
}

impl Config {
    /// Builds a port and an opener for each merchant, over one pool of connections. Reads key files; opens
    /// no connection.
    ///
    /// The merchants are those of the tables in `merchants`, and of the files in `merchants_directory`.
    /// Without either, there is one: that of `merchant_id`. A merchant without a key that opens credentials
    /// has no opener.
    ///
    /// # Errors
    ///
    /// [`ConfigError`], as for [`port`](Self::port) and [`opener`](Self::opener), for any of the merchants.
    pub fn merchants(&self) -> Result<Merchants, ConfigError> {
        let (read, base, limits) = Mistakes::collect(|mistakes| {
            let each = self.each_merchant(mistakes);
            let read = each.and_then(|each| mistakes.keep_errors(read(&each)));
            let base = mistakes.keep_errors(self.connection());
            let limits = mistakes.keep_errors(self.limits());
            Ok((read?, base?, limits?))
        })?;
        log(self, &read);
        let merchants = read
            .into_iter()
            .map(|merchant| Ok((merchant.id.clone(), merchant.over(&base, &limits)?)))
            .collect::<Result<_, ConfigError>>()?;
        Ok(Merchants {
            base,
            limits,
            fields: self.fields().clone(),
            current: RwLock::new(merchants),
            reloading: Mutex::new(()),
        })
    }

    /// The port without keys that has the pool.
    fn connection(&self) -> Result<HyperPort, ConfigError> {
        let no_keys = KeySet::new(Arc::new(Unauthenticated));
        self.built(self.builder_with(&no_keys)?)
    }
}

impl Merchants {
    /// A merchant's port and opener; `None` if the configuration doesn't name the merchant.
    ///
    /// They are worth keeping: a reload replaces their keys.
    #[must_use]
    pub fn get(&self, id: &MerchantId) -> Option<Merchant> {
        let current = self.current.read().unwrap_or_else(PoisonError::into_inner);
        current.get(id).cloned()
    }

    /// All merchants, in the order of their ids.
    #[must_use]
    pub fn all(&self) -> Vec<Merchant> {
        let current = self.current.read().unwrap_or_else(PoisonError::into_inner);
        current.values().cloned().collect()
    }

    /// The keys of all merchants, without secrets.
    #[must_use]
    pub fn configured_keys(&self) -> Vec<ConfiguredKey> {
        let all = self.all();
        all.iter().flat_map(Merchant::configured_keys).collect()
    }

    /// Opens a connection for the first call, as [`HyperPort::connect`] does.
    ///
    /// # Errors
    ///
    /// [`PortError`], as for a call that finds no connection.
    pub async fn connect(&self) -> Result<(), PortError> {
        self.base.connect().await
    }

    /// Waits for the calls of all merchants, and closes the connections, as [`HyperPort::shutdown`] does.
    /// Returns the number of calls that still ran when the time was over.
    pub async fn shutdown(&self, patience: Duration) -> usize {
        self.base.shutdown(patience).await
    }
}

impl ReadMerchant {
    /// The merchant with these keys, over the pool of another port.
    fn over(self, base: &HyperPort, limits: &Limits) -> Result<Merchant, ConfigError> {
        let port = base.with_keys(self.keys);
        let limited = limits.around(Arc::new(port.clone()));
        let fields = self.config.fields();
        let unusable = |error| fields.unusable(Field::MAX_CONCURRENT_CALLS, &error);
        let limited = limited.map_err(unusable)?;
        Ok(Merchant::new(self.id, port, limited, self.opening))
    }
}
