use std::time::SystemTime;

use payment_credentials_core::{ConfiguredKey, KeyPurpose};
use payment_credentials_jose::Keyring;
use payment_credentials_keys::Validity;

use super::Config;
use crate::assembly;
use crate::diagnostic::{ConfigError, Diagnostic, Mistakes};
use crate::field::Field;
use crate::settings;

/// The keys of a configuration, and its diagnostics.
#[derive(Debug)]
#[non_exhaustive]
pub struct Inventory {
    /// The keys, without secrets.
    pub keys: Vec<ConfiguredKey>,
    /// What works but may not be what was meant, or soon won't work.
    pub notes: Vec<Diagnostic>,
}

impl Config {
    /// Lists the keys that the configuration names, and its notes at this time.
    ///
    /// The notes are those of [`notes`](Self::notes), of the key files, and of certificates that have
    /// expired or expire within 90 days. Without `authentication_type` no signing key is looked for,
    /// and without `opening_key_file` or `opening_keys` no opening key. Of several merchants, the keys of all
    /// are listed.
    ///
    /// # Errors
    ///
    /// As for [`port`](Self::port) and [`opener`](Self::opener).
    pub fn inventory(&self, now: SystemTime) -> Result<Inventory, ConfigError> {
        if self.names_several() {
            return self.inventory_of_all(now);
        }
        let signs = self.fields.has(Field::AUTHENTICATION_TYPE);
        let mut files = self.files();
        let keys = Mistakes::collect(|mistakes| {
            let key_set = signs.then(|| {
                let validated = self.validated(mistakes)?;
                let (signing, mle) = (validated.signing, validated.mle);
                assembly::key_set(&mut files, signing, mle, now, mistakes)
            });
            let keyring = self.opens().then(|| {
                let _accepts = mistakes.keep(settings::opening_accepts(&self.fields))?;
                self.opening_keyring(&mut files, mistakes)
            });
            let mut keys = key_set
                .transpose()?
                .map_or_else(Vec::new, |it| it.configured_keys());
            keys.extend(
                keyring
                    .transpose()?
                    .iter()
                    .flat_map(Keyring::configured_keys),
            );
            Ok(keys)
        })?;
        let mut notes = self.field_notes();
        notes.extend(files.into_notes());
        notes.extend(keys.iter().filter_map(|key| self.expiring(key, now)));
        Ok(Inventory { keys, notes })
    }

    fn inventory_of_all(&self, now: SystemTime) -> Result<Inventory, ConfigError> {
        let mut all = Inventory {
            keys: Vec::new(),
            notes: self.field_notes(),
        };
        let each = Mistakes::collect(|mistakes| {
            let each = self.each_merchant(mistakes)?;
            let each: Vec<_> = each
                .iter()
                .map(|(_, config)| mistakes.keep_errors(config.inventory(now)))
                .collect();
            each.into_iter().collect::<Result<Vec<_>, _>>()
        })?;
        for one in each {
            all.keys.extend(one.keys);
            for note in one.notes {
                if !all.notes.contains(&note) {
                    all.notes.push(note);
                }
            }
        }
        Ok(all)
    }

    /// The note that a key's certificate has expired, or will soon.
    pub(super) fn expiring(&self, key: &ConfiguredKey, now: SystemTime) -> Option<Diagnostic> {
        // The service's certificate is noted where it is read, under the field that it comes from.
        if key.purpose == KeyPurpose::SealRequests {
            return None;
        }
        let field = if key.purpose == KeyPurpose::OpenResponses {
            Field::RESPONSE_MLE_KEY_FILE.row()
        } else {
            Field::KEY_FILE_NAME.row()
        };
        let message = match Validity::until(key.not_after?, now) {
            Validity::Expired => "holds a certificate that has expired; make a new key".to_owned(),
            Validity::EndsSoon { days } => {
                format!("holds a certificate that expires in {days} days; make a new key")
            }
            Validity::Valid | Validity::NotYet | _ => return None,
        };
        Some(self.fields.diagnostic(field, message))
    }
}
