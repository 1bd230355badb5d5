mod inventory;
mod sources;

use std::ffi::OsString;
use std::io;
use std::sync::Arc;

use payment_credentials_core::Endpoint;
use payment_credentials_core::seam::{Clock as _, KeySet, RequestAuthenticator, SystemClock};
use payment_credentials_core::secret::Password;
use payment_credentials_hyper::{HyperPort, HyperPortBuilder, Proxy};
use payment_credentials_jose::{JweOpener, KeyUnwrap, Keyring, OptInAlgorithm};

use crate::assembly;
use crate::diagnostic::{ConfigError, Diagnostic, Mistakes};
use crate::enrolment::{Enrolment, enrolment};
use crate::field::Field;
use crate::fields::Fields;
use crate::files::{self, Files, PasswordPrompt};
use crate::limits::Limits;
use crate::origin::Origin;
use crate::proxy_variables::ProxyVariables;
use crate::settings::{self, ConnectionSettings, Mle, OpeningKey, Signing};

pub use inventory::Inventory;

/// Configuration from files and the environment, which builds a port and an opener.
///
/// Fields are validated when they are used, so a configuration for an opener alone needs no
/// merchant. `Debug` shows which fields there are, and no values of secrets.
#[derive(Debug)]
pub struct Config {
    fields: Fields,
    prompt: Option<PasswordPrompt>,
    /// The variables that name a proxy; used only where the field `use_proxy` is missing.
    proxy_variables: Option<ProxyVariables>,
}

impl Config {
    /// Replaces the fields of this configuration with those that another one has, field by field.
    ///
    /// ```no_run
    /// use payment_credentials_config::Config;
    ///
    /// let file = Config::from_file("payment-credentials.toml")?;
    /// let config = file.overridden_by(Config::from_env(std::env::vars_os())?);
    /// let (port, opener) = (config.port()?, config.opener()?);
    /// # let _ = (port, opener);
    /// # Ok::<(), payment_credentials_config::ConfigError>(())
    /// ```
    #[must_use]
    pub fn overridden_by(mut self, other: Self) -> Self {
        self.fields.overridden_by(other.fields);
        self.prompt = other.prompt.or(self.prompt);
        self.proxy_variables = other.proxy_variables.or(self.proxy_variables);
        self
    }

    /// Uses the proxy that `https_proxy`, `all_proxy` and `no_proxy` name, by the rules of
    /// [`Proxy::from_env`]: `config.with_proxy_from_env(std::env::vars_os())`.
    ///
    /// Without this the environment has no effect. The field `use_proxy`, true or false, wins.
    #[must_use]
    pub fn with_proxy_from_env<N, V>(mut self, variables: impl IntoIterator<Item = (N, V)>) -> Self
    where
        N: Into<OsString>,
        V: Into<OsString>,
    {
        self.proxy_variables = Some(ProxyVariables::among(variables));
        self
    }

    /// Sets the function that asks a person for the password of a key file, if no field gives it.
    ///
    /// The function gets the name of the field with the key file. Each method that reads key files calls
    /// the function again, and it has to ask again.
    #[must_use]
    pub fn with_password_prompt(
        mut self,
        ask: impl Fn(&str) -> io::Result<Password> + Send + Sync + 'static,
    ) -> Self {
        self.prompt = Some(PasswordPrompt::new(ask));
        self
    }

    /// Lists what works but may not be what was meant: unknown fields, fields without effect, secrets
    /// in plain text.
    #[must_use]
    pub fn notes(&self) -> Vec<Diagnostic> {
        let mut notes = self.fields.notes.clone();
        notes.extend(settings::notes(&self.fields));
        notes
    }

    /// Builds the endpoint that calls go to.
    ///
    /// # Errors
    ///
    /// [`ConfigError`], if one of its fields is missing or invalid.
    pub fn endpoint(&self) -> Result<Endpoint, ConfigError> {
        Mistakes::collect(|mistakes| settings::endpoint(&self.fields, mistakes))
    }

    /// Builds the port over HTTPS, ready for calls. Reads key files; opens no connection.
    ///
    /// What [`inventory`](Self::inventory) would note at this time is logged as a warning.
    ///
    /// # Errors
    ///
    /// [`ConfigError`], if a field is missing or invalid, or a file can't be used.
    pub fn port(&self) -> Result<HyperPort, ConfigError> {
        self.port_builder()?.build().map_err(|error| {
            let origin = Origin::new("the port");
            Diagnostic::new(&origin, "", format!("can't be built: {error}")).into()
        })
    }

    /// Returns the port's builder, to set what no field sets.
    ///
    /// # Errors
    ///
    /// As for [`port`](Self::port).
    pub fn port_builder(&self) -> Result<HyperPortBuilder, ConfigError> {
        let validated = self.validated()?;
        let now = SystemClock.now();
        let mut files = self.files();
        let (keys, connection) = Mistakes::collect(|mistakes| {
            let keys = assembly::key_set(&mut files, validated.signing, &validated.mle, now);
            let keys = mistakes.keep(keys);
            let connection = assembly::connection(&mut files, validated.connection, mistakes);
            Ok((keys?, connection?))
        })?;
        let listed = keys.configured_keys();
        let expiring = listed.iter().filter_map(|key| self.expiring(key, now));
        for note in self.notes().into_iter().chain(expiring) {
            files::log(&note);
        }
        let proxy = self.proxy_of_environment(&validated.endpoint)?;
        let builder = HyperPort::builder(validated.endpoint, Arc::clone(keys.authenticator()))
            .encryption(Arc::clone(keys.encryption()));
        let builder = connection.set_on(builder);
        Ok(match proxy {
            Some(proxy) => builder.proxy(proxy),
            None => builder,
        })
    }

    /// Returns the limits on retries and calls, to put around a port.
    ///
    /// [`port`](Self::port) has none of them.
    ///
    /// ```no_run
    /// use std::sync::Arc;
    /// use payment_credentials_config::Config;
    ///
    /// let config = Config::from_file("payment-credentials.toml")?;
    /// let port = config.limits()?.around(Arc::new(config.port()?))?;
    /// # let _ = port;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ConfigError`], if a limit is out of its range.
    pub fn limits(&self) -> Result<Limits, ConfigError> {
        let settings = Mistakes::collect(|it| settings::limits(&self.fields, it))?;
        let unusable = |error| self.fields.unusable(Field::CALLS_PER_SECOND, &error);
        Ok(Limits::new(&settings).map_err(unusable)?)
    }

    /// Builds the authenticator alone, for a transport of another crate.
    ///
    /// [`key_set`](Self::key_set) also has the encryption.
    ///
    /// # Errors
    ///
    /// As for [`port`](Self::port); and if the configuration asks for message-level encryption, which
    /// an authenticator alone would leave out.
    pub fn authenticator(&self) -> Result<Arc<dyn RequestAuthenticator>, ConfigError> {
        let validated = self.validated()?;
        if let Some(field) = validated.mle.requested_by() {
            let rule = "asks for message-level encryption, which an authenticator alone doesn't \
                        do; take both from Config::key_set, or set it to false";
            return Err(self.fields.diagnostic(field, rule).into());
        }
        let mut files = self.files();
        let (authenticator, _keystore) = assembly::authenticator(&mut files, validated.signing)?;
        Ok(authenticator)
    }

    /// Returns what a service has to know of the signing key, to enrol the key at a sandbox for trials.
    ///
    /// `None` for bearer and mutual TLS, and for a key file without a certificate.
    ///
    /// # Errors
    ///
    /// As for [`port`](Self::port).
    pub fn enrolment(&self) -> Result<Option<Enrolment>, ConfigError> {
        let signing = self.validated()?.signing;
        Ok(enrolment(&mut self.files(), signing)?)
    }

    /// Reads afresh the keys of the port, which sign and encrypt: to swap them with
    /// [`HyperPort::replace_keys`], or for a transport of another crate.
    ///
    /// # Errors
    ///
    /// As for [`port`](Self::port).
    pub fn key_set(&self) -> Result<KeySet, ConfigError> {
        let validated = self.validated()?;
        let mut files = self.files();
        let now = SystemClock.now();
        let keys = assembly::key_set(&mut files, validated.signing, &validated.mle, now)?;
        Ok(keys)
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

    /// Builds the opener, with the key of `opening_key_file` and those of `opening_keys`.
    ///
    /// Private-key operations run on tokio's blocking threads, as those of [`port`](Self::port) do. For
    /// another runtime, give [`opener_with`](Self::opener_with) a [`keyring`](Self::keyring) with another
    /// offload.
    ///
    /// # Errors
    ///
    /// [`ConfigError`], if no key is configured, one can't be used, or an algorithm of `opening_accepts`
    /// isn't known.
    pub fn opener(&self) -> Result<JweOpener, ConfigError> {
        let (keys, accepts) = self.opening()?;
        let keyring = self.keyring_of(&keys)?;
        Ok(assembly::opener(keyring, &accepts))
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
        let keys = Mistakes::collect(|it| settings::opening_keys(&self.fields, it))?;
        self.keyring_of(&keys)
    }

    fn keyring_of(&self, keys: &[OpeningKey<'_>]) -> Result<Keyring, ConfigError> {
        let mut files = self.files();
        Mistakes::collect(|mistakes| assembly::keyring(&mut files, keys, mistakes))
    }

    fn new(fields: Fields) -> Self {
        Self {
            fields,
            prompt: None,
            proxy_variables: None,
        }
    }

    /// The proxy of the environment, if the environment was passed in and `use_proxy` is missing.
    fn proxy_of_environment(&self, endpoint: &Endpoint) -> Result<Option<Proxy>, ConfigError> {
        let (Some(variables), None) = (&self.proxy_variables, self.fields.flag(Field::USE_PROXY))
        else {
            return Ok(None);
        };
        variables.proxy(endpoint).map_err(|error| {
            let (variable, rule) = (error.setting(), error.message());
            Diagnostic::new(&Origin::environment(), variable, rule).into()
        })
    }

    fn files(&self) -> Files<'_> {
        Files::new(&self.fields, self.prompt.as_ref())
    }

    /// Validates what an opener needs, without reading a file.
    fn opening(&self) -> Result<(Vec<OpeningKey<'_>>, Vec<OptInAlgorithm>), ConfigError> {
        Mistakes::collect(|mistakes| {
            let keys = settings::opening_keys(&self.fields, mistakes);
            let accepts = mistakes.keep(settings::opening_accepts(&self.fields));
            Ok((keys?, accepts?))
        })
    }

    /// Validates what a port needs, without reading a file.
    fn validated(&self) -> Result<Validated<'_>, ConfigError> {
        let fields = &self.fields;
        Mistakes::collect(|mistakes| {
            let endpoint = settings::endpoint(fields, mistakes);
            let signing = settings::signing(fields, mistakes);
            let connection = settings::connection(fields, mistakes);
            let version = endpoint.as_ref().map(Endpoint::version).unwrap_or_default();
            let mle = settings::mle(fields, version, mistakes);
            Ok(Validated {
                endpoint: endpoint?,
                signing: signing?,
                connection: connection?,
                mle: mle?,
            })
        })
    }
}

/// The validated settings of a port.
struct Validated<'a> {
    endpoint: Endpoint,
    signing: Signing<'a>,
    connection: ConnectionSettings<'a>,
    mle: Mle<'a>,
}
