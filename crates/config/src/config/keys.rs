use std::sync::Arc;

use payment_credentials_core::Environment;
use payment_credentials_core::seam::{Clock as _, KeySet, RequestAuthenticator, SystemClock};
use payment_credentials_jose::{JweOpener, KeyUnwrap, Keyring};

use super::Config;
use crate::assembly;
use crate::diagnostic::{ConfigError, Diagnostic, Mistakes, Recorded};
use crate::enrolment::{Enrolment, enrolment};
use crate::field::Field;
use crate::files::Files;
use crate::settings;

impl Config {
    /// Builds the authenticator alone, for a transport of another crate.
    ///
    /// [`key_set`](Self::key_set) also has the encryption.
    ///
    /// # Errors
    ///
    /// As for [`port`](Self::port); and if the configuration asks for message-level encryption, which
    /// an authenticator alone would leave out.
    pub fn authenticator(&self) -> Result<Arc<dyn RequestAuthenticator>, ConfigError> {
        let (signing, mle) = self.validated_keys()?;
        if let Some(field) = mle.requested_by() {
            let rule = "asks for message-level encryption, which an authenticator alone doesn't \
                        do; take both from Config::key_set, or set it to false";
            return Err(self.fields.diagnostic(field, rule).into());
        }
        let mut files = self.files();
        let (authenticator, _keystore) =
            assembly::authenticator(&mut files, signing, SystemClock.now())?;
        Ok(authenticator)
    }

    /// Returns what a service has to know of the signing key, to enrol the key at a sandbox for trials.
    ///
    /// `None` for bearer and mutual TLS, and for a key file without a certificate.
    ///
    /// # Errors
    ///
    /// As for [`port`](Self::port); and if the configuration names a production host: its keys can charge cards, so
    /// no trial needs them.
    pub fn enrolment(&self) -> Result<Option<Enrolment>, ConfigError> {
        let endpoint = self.endpoint()?;
        let host = endpoint.base().host().to_string();
        let is_named = |environment: &Environment| environment.host() == host;
        if Environment::ALL
            .iter()
            .any(|it| is_named(it) && it.is_production())
        {
            let rule = "names a production host, and a sandbox needs no key that charges cards; give the \
                        configuration of the test environment";
            return Err(self.fields.diagnostic(Field::RUN_ENVIRONMENT, rule).into());
        }
        let (signing, _mle) = self.validated_keys()?;
        Ok(enrolment(&mut self.files(), signing)?)
    }

    /// Reads afresh the keys of the port, which sign and encrypt: to swap them with
    /// [`HyperPort::replace_keys`](payment_credentials_hyper::HyperPort::replace_keys), or for a transport of another crate.
    ///
    /// # Errors
    ///
    /// As for [`port`](Self::port).
    pub fn key_set(&self) -> Result<KeySet, ConfigError> {
        let mut files = self.files();
        let now = SystemClock.now();
        Mistakes::collect(|mistakes| {
            let validated = self.validated(mistakes)?;
            let (signing, mle) = (validated.signing, validated.mle);
            assembly::key_set(&mut files, signing, mle, now, mistakes)
        })
    }

    /// Reads the keys of this configuration, to replace those of a port that was built from `running`.
    ///
    /// ```no_run
    /// use payment_credentials_config::Config;
    ///
    /// let running = Config::from_file("payment-credentials.toml")?;
    /// let port = running.port()?;
    ///
    /// // Later, when the file names other keys:
    /// let config = Config::from_file("payment-credentials.toml")?;
    /// port.replace_keys(config.key_set_replacing(&running)?)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As for [`key_set`](Self::key_set); and if this configuration names another host, another host to connect
    /// to, or another version of the API than `running`: replacing keys doesn't change where calls go.
    pub fn key_set_replacing(&self, running: &Self) -> Result<KeySet, ConfigError> {
        let (endpoint, built) = (self.endpoint()?, running.endpoint()?);
        Mistakes::collect(|mistakes| {
            for (field, differs) in [
                (Field::RUN_ENVIRONMENT, endpoint.base() != built.base()),
                (
                    Field::INTERMEDIATE_HOST,
                    endpoint.connect_to() != built.connect_to(),
                ),
                (Field::API_VERSION, endpoint.version() != built.version()),
            ] {
                if differs {
                    let rule = "differs from that of the running port, and new keys don't change where its \
                                calls go; build a new port";
                    mistakes.add(self.fields.diagnostic(field, rule));
                }
            }
            Ok(())
        })?;
        self.key_set()
    }

    /// The keys that sign and encrypt, and the notes on the fields. A certificate that ends soon is noted.
    pub(crate) fn noted_key_set(&self) -> Result<(KeySet, Vec<Diagnostic>), ConfigError> {
        let keys = self.key_set()?;
        let now = SystemClock.now();
        let listed = keys.configured_keys();
        for note in listed.iter().filter_map(|key| self.expiring(key, now)) {
            self.noted.add(note);
        }
        Ok((keys, self.field_notes()))
    }

    /// Builds the opener, with the key of `opening_key_file` and those of `opening_keys`.
    ///
    /// Private-key operations run as [`TokioOffload`](payment_credentials_hyper::TokioOffload) lets them, as those of
    /// [`port`](Self::port) do. For another runtime, give [`opener_with`](Self::opener_with) a [`keyring`](Self::keyring) with another
    /// offload.
    ///
    /// # Errors
    ///
    /// [`ConfigError`], if no key is configured, one can't be used, or an algorithm of `opening_accepts`
    /// isn't known.
    pub fn opener(&self) -> Result<JweOpener, ConfigError> {
        let mut files = self.files();
        Mistakes::collect(|mistakes| {
            let keyring = self.opening_keyring(&mut files, mistakes);
            let accepts = mistakes.keep(settings::opening_accepts(&self.fields));
            Ok(assembly::opener(keyring?, &accepts?))
        })
    }

    /// Builds the opener with keys of your own: with a [`keyring`](Self::keyring) of which you keep a clone,
    /// to replace the keys later, or with a KMS.
    ///
    /// The algorithms of `opening_accepts` belong to the opener, so replacing its keys doesn't change them.
    ///
    /// ```no_run
    /// use payment_credentials_config::Config;
    ///
    /// let config = Config::from_file("payment-credentials.toml")?;
    /// let keyring = config.keyring()?;
    /// let opener = config.opener_with(keyring.clone())?;
    ///
    /// // Later, when the file names other keys:
    /// let config = Config::from_file("payment-credentials.toml")?;
    /// keyring.replace(config.keyring()?.keys().iter().cloned())?;
    /// # let _ = opener;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ConfigError`], if an algorithm of `opening_accepts` isn't known.
    pub fn opener_with(&self, keys: impl KeyUnwrap + 'static) -> Result<JweOpener, ConfigError> {
        let accepts = settings::opening_accepts(&self.fields)?;
        Ok(assembly::opener(keys, &accepts))
    }

    /// Reads the keys of the opener, for [`opener_with`](Self::opener_with) or [`Keyring::replace`].
    ///
    /// # Errors
    ///
    /// [`ConfigError`], if no key is configured, or one can't be used.
    pub fn keyring(&self) -> Result<Keyring, ConfigError> {
        let mut files = self.files();
        Mistakes::collect(|mistakes| self.opening_keyring(&mut files, mistakes))
    }

    pub(super) fn opening_keyring(
        &self,
        files: &mut Files<'_>,
        mistakes: &mut Mistakes,
    ) -> Result<Keyring, Recorded> {
        let keys = settings::opening_keys(&self.fields, mistakes)?;
        assembly::keyring(files, &keys, mistakes)
    }

    /// Whether a field names a key that opens credentials.
    pub(crate) fn opens(&self) -> bool {
        [
            Field::OPENING_KEY_FILE.row(),
            Field::OPENING_KEY.row(),
            Field::OPENING_KEYS.row(),
        ]
        .iter()
        .any(|field| self.fields.has(*field))
    }
}
