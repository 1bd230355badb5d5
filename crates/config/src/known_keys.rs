//! Which key has which job, so that one key with two jobs is noted: the vendor has a key for each.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use crate::field::AnyField;

/// What a key does.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Job {
    OpenCredentials,
    OpenResponses,
    Sign,
}

/// A job, and the field that gives the key for it.
type Given = (Job, AnyField);

/// The jobs of each key, by its public half in PKCS#1.
type ByKey = BTreeMap<Box<[u8]>, Vec<Given>>;

/// The keys that were read. A clone shares them. `Debug` shows how many there are.
#[derive(Clone, Default)]
pub(crate) struct KnownKeys(Arc<Mutex<ByKey>>);

impl fmt::Debug for KnownKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        write!(f, "{} keys", known.len())
    }
}

impl KnownKeys {
    /// Remembers a key with its job, and returns the other jobs that it has.
    pub(crate) fn add(&self, public_key: &[u8], job: Job, field: AnyField) -> Vec<Given> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let given = known.entry(public_key.into()).or_default();
        let others = given.iter().filter(|(other, _)| *other != job);
        let others = others.copied().collect();
        if given.iter().all(|(other, _)| *other != job) {
            given.push((job, field));
        }
        others
    }

    /// The field that gives the key which signs, if a certificate has the public half of it.
    pub(crate) fn signs_with(&self, public_key_info: &[u8]) -> Option<AnyField> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // A public key in X.509 ends in the key as PKCS#1 has it (RFC 5280 §4.1.2.7).
        let held = known
            .iter()
            .filter(|(key, _)| public_key_info.ends_with(key));
        let mut given = held.flat_map(|(_, given)| given);
        given
            .find(|(job, _)| *job == Job::Sign)
            .map(|(_, field)| *field)
    }
}
