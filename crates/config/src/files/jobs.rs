//! Notes on a key that has two jobs.

use payment_credentials_keys::{Certificate, ClientKeys, Keystore, SigningIdentity};

use super::Files;
use crate::field::AnyField;
use crate::known_keys::Job;
use crate::settings;

impl Files<'_> {
    /// Notes if the one key of a file has another job too.
    pub(crate) fn note_job(&self, keystore: &Keystore, job: Job, field: AnyField) {
        let mut keys = keystore.public_keys();
        if let (Some(key), None) = (keys.next(), keys.next()) {
            self.note_job_of(key, job, field);
        }
    }

    /// The same for the key that signs, of a file that may hold others.
    pub(crate) fn note_signing(
        &self,
        keystore: &Keystore,
        identity: &SigningIdentity,
        field: AnyField,
    ) {
        let certificate = identity.certificate().map(Certificate::public_key_info);
        let signs = |key: &&[u8]| certificate.is_none_or(|info| info.ends_with(key));
        if let Some(key) = keystore.public_keys().find(signs) {
            self.note_job_of(key, Job::Sign, field);
        }
    }

    /// Notes if the certificate of a TLS client is that of the key which signs.
    pub(crate) fn note_client(&self, identity: &ClientKeys, field: AnyField) {
        let certificates = identity.certificates().iter();
        let certificates = certificates.filter_map(|der| Certificate::from_der(der).ok());
        let mut signs =
            certificates.filter_map(|it| self.noted.known_keys.signs_with(it.public_key_info()));
        if let Some(signs) = signs.next() {
            let message = format!(
                "holds the key that signs, which {} gives; check that this is the certificate that the \
                 vendor has for mutual TLS",
                self.fields.name(signs)
            );
            self.note(self.fields.diagnostic(field, message));
        }
    }

    fn note_job_of(&self, key: &[u8], job: Job, field: AnyField) {
        for (other_job, other) in self.noted.known_keys.add(key, job, field) {
            let (opens, other) = match (job, other_job) {
                (Job::OpenCredentials, _) => (field, other),
                (_, Job::OpenCredentials) => (other, field),
                // A keystore of the vendor's may hold the key for both.
                _ => continue,
            };
            // One file for two is noted by its path.
            if settings::one_file_for_two(self.fields).is_some() {
                continue;
            }
            let message = format!(
                "holds the key that {} holds too; the vendor's Business Center (its web console) has a key for each \
                 purpose, so check that this is the one for payment credentials",
                self.fields.name(other)
            );
            self.note(self.fields.diagnostic(opens, message));
        }
    }
}
