use std::collections::BTreeMap;
use std::sync::PoisonError;

use payment_credentials_core::MerchantId;

use super::Merchants;
use super::merchant::Merchant;
use super::read::{ReadMerchant, log, read};
use super::scope::SHARED;
use crate::config::Config;
use crate::diagnostic::{ConfigError, Mistakes};
use crate::field::Field;

/// What a [reload](Merchants::reload) did.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Reloaded {
    /// The merchants that the configuration names now and didn't name before.
    pub added: Vec<MerchantId>,
    /// The merchants that the configuration no longer names. Ports and openers of theirs that are still in use
    /// keep their last keys.
    pub removed: Vec<MerchantId>,
}

impl Merchants {
    /// Replaces the keys of all merchants by those that a configuration names now; adds merchants, and removes
    /// those that it no longer names.
    ///
    /// Everything is read and validated before the first key is replaced: after an error, nothing has
    /// changed. Each call and each opening uses the keys that it began with. The files of a proxy's password, of
    /// additional roots and of a client certificate are read at the start only.
    ///
    /// Blocks while files are read, so call it from `spawn_blocking` or from a thread.
    ///
    /// # Errors
    ///
    /// [`ConfigError`], as for [`Config::merchants`]; and if the configuration differs in what all merchants
    /// share, such as the host, a proxy or a limit: build new merchants for that.
    pub fn reload(&self, config: &Config) -> Result<Reloaded, ConfigError> {
        let _alone = self
            .reloading
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let current: BTreeMap<_, _> = self
            .all()
            .into_iter()
            .map(|merchant| (merchant.id().clone(), merchant))
            .collect();
        let read = self.validated(config, &current)?;
        log(config, &read);
        let mut next = BTreeMap::new();
        let mut replaced = Vec::new();
        let mut added = Vec::new();
        for merchant in read {
            if let Some(known) = current.get(&merchant.id) {
                next.insert(merchant.id.clone(), known.clone());
                replaced.push((known, merchant));
            } else {
                added.push(merchant.id.clone());
                next.insert(
                    merchant.id.clone(),
                    merchant.over(&self.base, &self.limits)?,
                );
            }
        }
        for (known, merchant) in replaced {
            replace(known, merchant)?;
        }
        let is_gone = |id: &&MerchantId| !next.contains_key(*id);
        let removed = current.keys().filter(is_gone).cloned().collect();
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = next;
        Ok(Reloaded { added, removed })
    }

    /// Reads the merchants of a configuration, and refuses what can't be changed while calls run.
    fn validated(
        &self,
        config: &Config,
        current: &BTreeMap<MerchantId, Merchant>,
    ) -> Result<Vec<ReadMerchant>, ConfigError> {
        Mistakes::collect(|mistakes| {
            let each = config.each_merchant(mistakes)?;
            for field in self.fields.differing(config.fields(), SHARED) {
                let rule = "differs from that of the running ports, and a reload changes keys alone; build \
                            new merchants, or set it back";
                mistakes.add(config.fields().diagnostic(field, rule));
            }
            let read = mistakes.keep_errors(read(&each))?;
            for merchant in &read {
                let Some(known) = current.get(&merchant.id) else {
                    continue;
                };
                let (_, keyring) = known.keys();
                if keyring.is_some() != merchant.opening.is_some() {
                    let rule = "is given only before or only after the reload, which changes keys alone; \
                                build new merchants";
                    let fields = merchant.config.fields();
                    mistakes.add(fields.diagnostic(Field::OPENING_KEY_FILE, rule));
                }
            }
            Ok(read)
        })
    }
}

/// Replaces a merchant's keys by validated ones. The keys are those of the same merchant, so that this
/// succeeds.
fn replace(known: &Merchant, merchant: ReadMerchant) -> Result<(), ConfigError> {
    let fields = merchant.config.fields();
    let (port, keyring) = known.keys();
    port.replace_keys(merchant.keys)
        .map_err(|error| fields.unusable(Field::MERCHANT_ID, &error))?;
    if let (Some(keyring), Some(opening)) = (keyring, merchant.opening) {
        keyring
            .replace(opening.keyring.keys().iter().cloned())
            .map_err(|error| fields.unusable(Field::OPENING_KEY_FILE, &error))?;
    }
    Ok(())
}
