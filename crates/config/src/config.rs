mod inventory;
mod keys;
mod notes;
mod port;
mod sources;

use std::ffi::OsString;
use std::io;
use std::sync::Arc;

use payment_credentials_core::Endpoint;
use payment_credentials_core::secret::Password;

use crate::diagnostic::{ConfigError, Mistakes, Recorded};
use crate::field::Field;
use crate::fields::Fields;
use crate::files::{Files, PasswordPrompt};
use crate::limits::Limits;
use crate::merchant_table::MerchantTable;
use crate::noted::Noted;
use crate::proxy_variables::ProxyVariables;
use crate::settings::{self, ConnectionSettings, Mle, Signing};
use crate::uses::Uses;

pub use inventory::Inventory;

/// Configuration from files and the environment, which builds a port and an opener.
///
/// Fields are validated when they are used, so a configuration for an opener alone needs no
/// merchant. `Debug` shows which fields there are, and no values of secrets.
#[derive(Clone, Debug)]
pub struct Config {
    fields: Fields,
    /// The fields of each merchant, where there are several.
    tables: Vec<MerchantTable>,
    prompt: Option<PasswordPrompt>,
    /// What was noted about files that were read.
    noted: Noted,
    /// The variables that name a proxy; used only where the field `use_proxy` is missing.
    proxy_variables: Option<Arc<ProxyVariables>>,
    /// Such variables in an environment that was passed in for its fields alone.
    unread_proxy: Option<Arc<ProxyVariables>>,
    uses: Uses,
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
        for table in other.tables {
            table.joined_to(&mut self.tables);
        }
        self.prompt = other.prompt.or(self.prompt);
        self.proxy_variables = other.proxy_variables.or(self.proxy_variables);
        self.unread_proxy = other.unread_proxy.or(self.unread_proxy);
        self
    }

    /// Uses the proxy that `https_proxy`, `all_proxy` and `no_proxy` name, by the rules of
    /// [`Proxy::from_env`](payment_credentials_hyper::Proxy::from_env): `config.with_proxy_from_env(std::env::vars_os())`.
    ///
    /// Without this the environment has no effect. The field `use_proxy`, true or false, wins.
    #[must_use]
    pub fn with_proxy_from_env<N, V>(mut self, variables: impl IntoIterator<Item = (N, V)>) -> Self
    where
        N: Into<OsString>,
        V: Into<OsString>,
    {
        self.proxy_variables = Some(Arc::new(ProxyVariables::among(variables)));
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

    /// Returns the limits on retries and calls, to put around a port.
    ///
    /// [`port`](Self::port) has none of them, and [`notes`](Self::notes) says so where nobody asked for them.
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
        self.uses.take_limits();
        self.limits_of_fields()
    }

    fn limits_of_fields(&self) -> Result<Limits, ConfigError> {
        let settings = Mistakes::collect(|it| settings::limits(&self.fields, it))?;
        // The allowance is the one part of limits that can fail, and `calls_per_second` is its only setting.
        let unusable = |error| self.fields.unusable(Field::CALLS_PER_SECOND, &error);
        Ok(Limits::new(&settings).map_err(unusable)?)
    }

    fn new(fields: Fields) -> Self {
        Self {
            fields,
            tables: Vec::new(),
            prompt: None,
            noted: Noted::default(),
            proxy_variables: None,
            unread_proxy: None,
            uses: Uses::default(),
        }
    }

    pub(crate) fn fields(&self) -> &Fields {
        &self.fields
    }

    pub(crate) fn tables(&self) -> &[MerchantTable] {
        &self.tables
    }

    /// The configuration of one merchant.
    pub(crate) fn with_fields(&self, fields: Fields) -> Self {
        Self {
            fields,
            tables: Vec::new(),
            ..self.clone()
        }
    }

    pub(crate) fn files(&self) -> Files<'_> {
        Files::new(&self.fields, self.prompt.as_ref(), &self.noted)
    }

    /// Whether a secret itself is in it, instead of the path of its file.
    fn holds_secrets(&self) -> bool {
        let tables = self.tables.iter().map(|table| &table.fields);
        tables.chain([&self.fields]).any(Fields::hold_secrets)
    }

    /// Whether merchants have tables or files of their own.
    fn names_several(&self) -> bool {
        !self.tables.is_empty() || self.fields.has(Field::MERCHANTS_DIRECTORY)
    }

    /// Refuses a configuration of several merchants where the keys of one are asked for.
    fn names_one_merchant(&self, mistakes: &mut Mistakes) -> Result<(), Recorded> {
        if !self.names_several() {
            return Ok(());
        }
        let field = Field::MERCHANTS_DIRECTORY;
        let rule = "or a table in merchants names several merchants; take their ports from \
                    Config::merchants";
        Err(mistakes.add(self.fields.diagnostic(field, rule)))
    }

    /// Validates what a port needs, without reading a file.
    fn validated(&self, mistakes: &mut Mistakes) -> Result<Validated<'_>, Recorded> {
        let fields = &self.fields;
        self.names_one_merchant(mistakes)?;
        let endpoint = settings::endpoint(fields, mistakes);
        let signing = settings::signing(fields, mistakes);
        let connection = settings::connection(fields, mistakes);
        // Whoever builds a port from settings out of range would find out only on asking for the limits.
        let _limits = settings::limits(fields, mistakes);
        let version = endpoint.as_ref().map(Endpoint::version).unwrap_or_default();
        let mle = settings::mle(fields, version, mistakes);
        Ok(Validated {
            endpoint,
            signing,
            connection,
            mle,
        })
    }

    /// The settings of what signs and encrypts, if all settings of a port are valid.
    fn validated_keys(&self) -> Result<(Signing<'_>, Mle<'_>), ConfigError> {
        Mistakes::collect(|mistakes| {
            let validated = self.validated(mistakes)?;
            Ok((validated.signing?, validated.mle?))
        })
    }
}

/// The settings of a port. Each part is valid, or its mistakes are recorded: the files of the other parts are read
/// all the same, so that all mistakes are reported together.
struct Validated<'a> {
    endpoint: Result<Endpoint, Recorded>,
    signing: Result<Signing<'a>, Recorded>,
    connection: Result<ConnectionSettings<'a>, Recorded>,
    mle: Result<Mle<'a>, Recorded>,
}
