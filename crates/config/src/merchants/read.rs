use std::sync::Arc;

use payment_credentials_core::MerchantId;
use payment_credentials_core::seam::KeySet;

use super::merchant::Opening;
use crate::config::Config;
use crate::diagnostic::{ConfigError, Diagnostic, Mistakes};
use crate::noted;

/// A merchant whose keys are read and validated.
pub(super) struct ReadMerchant {
    pub(super) id: MerchantId,
    pub(super) config: Config,
    pub(super) keys: KeySet,
    pub(super) opening: Option<Opening>,
    notes: Vec<Diagnostic>,
}

/// Reads the keys of each merchant; the mistakes of all are reported together.
pub(super) fn read(each: &[(MerchantId, Config)]) -> Result<Vec<ReadMerchant>, ConfigError> {
    Mistakes::collect(|mistakes| {
        let read: Vec<_> = each
            .iter()
            .map(|(id, config)| {
                let keys = mistakes.keep_errors(config.noted_key_set());
                let opening = mistakes.keep_errors(opening(config));
                let (keys, notes) = keys?;
                Ok(ReadMerchant {
                    id: id.clone(),
                    config: config.clone(),
                    keys,
                    opening: opening?,
                    notes,
                })
            })
            .collect();
        read.into_iter().collect()
    })
}

/// Logs what is worth a note, each note once, since merchants share fields.
pub(super) fn log(shared: &Config, read: &[ReadMerchant]) {
    let mut logged: Vec<Diagnostic> = Vec::new();
    let own = read.iter().flat_map(|merchant| merchant.notes.clone());
    for note in shared.field_notes().into_iter().chain(own) {
        if !logged.contains(&note) {
            noted::log(&note);
            logged.push(note);
        }
    }
}

fn opening(config: &Config) -> Result<Option<Opening>, ConfigError> {
    if !config.opens() {
        return Ok(None);
    }
    let keyring = config.keyring()?;
    let opener = Arc::new(config.opener_with(keyring.clone())?);
    Ok(Some(Opening { opener, keyring }))
}
