use std::sync::Arc;

use payment_credentials_core::Endpoint;
use payment_credentials_core::seam::{Clock as _, KeySet, SystemClock};
use payment_credentials_hyper::{HyperPort, HyperPortBuilder, Proxy};

use super::Config;
use crate::assembly::{self, Connection};
use crate::diagnostic::{ConfigError, Diagnostic, Mistakes};
use crate::field::Field;
use crate::noted;
use crate::origin::Origin;
use crate::settings;

/// The setting, and how the error begins, of a transport without a root certificate. Its remedy speaks of code.
const NO_ROOTS: (&str, &str) = ("trusted roots", "are empty");

impl Config {
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
    /// What [`inventory`](Self::inventory) would note at this time is logged as a warning. Retries, and limits on
    /// calls, are not in this port: [`limits`](Self::limits) puts them around it.
    ///
    /// # Errors
    ///
    /// [`ConfigError`], if a field is missing or invalid, or a file can't be used.
    pub fn port(&self) -> Result<HyperPort, ConfigError> {
        self.built(self.port_builder()?)
    }

    /// Returns the port's builder, to set what no field sets.
    ///
    /// # Errors
    ///
    /// As for [`port`](Self::port).
    pub fn port_builder(&self) -> Result<HyperPortBuilder, ConfigError> {
        let now = SystemClock.now();
        let mut files = self.files();
        let (endpoint, keys, connection) = Mistakes::collect(|mistakes| {
            let validated = self.validated(mistakes)?;
            let (signing, mle) = (validated.signing, validated.mle);
            let keys = assembly::key_set(&mut files, signing, mle, now, mistakes);
            let connection = validated.connection;
            let connection =
                connection.and_then(|it| assembly::connection(&mut files, it, now, mistakes));
            Ok((validated.endpoint?, keys?, connection?))
        })?;
        self.uses.build_port();
        self.uses.connect();
        let listed = keys.configured_keys();
        for note in self.field_notes() {
            noted::log(&note);
        }
        for note in listed.iter().filter_map(|key| self.expiring(key, now)) {
            self.noted.add(note);
        }
        self.builder(endpoint, connection, &keys)
    }

    /// The port's builder with these keys.
    pub(crate) fn builder_with(&self, keys: &KeySet) -> Result<HyperPortBuilder, ConfigError> {
        let now = SystemClock.now();
        let mut files = self.files();
        let (endpoint, connection) = Mistakes::collect(|mistakes| {
            let endpoint = settings::endpoint(&self.fields, mistakes);
            let connection = settings::connection(&self.fields, mistakes)?;
            let connection = assembly::connection(&mut files, connection, now, mistakes);
            Ok((endpoint?, connection?))
        })?;
        self.uses.connect();
        self.builder(endpoint, connection, keys)
    }

    pub(crate) fn built(&self, builder: HyperPortBuilder) -> Result<HyperPort, ConfigError> {
        builder.build().map_err(|error| {
            if error.setting() == NO_ROOTS.0 && error.message().starts_with(NO_ROOTS.1) {
                return settings::without_roots(&self.fields).into();
            }
            let origin = Origin::new("the port");
            Diagnostic::new(&origin, "", format!("can't be built: {error}")).into()
        })
    }

    fn builder(
        &self,
        endpoint: Endpoint,
        connection: Connection,
        keys: &KeySet,
    ) -> Result<HyperPortBuilder, ConfigError> {
        let proxy = self.proxy_of_environment(&endpoint)?;
        let builder = HyperPort::builder(endpoint, Arc::clone(keys.authenticator()))
            .encryption(Arc::clone(keys.encryption()));
        let builder = connection.set_on(builder);
        Ok(match proxy {
            Some(proxy) => builder.proxy(proxy),
            None => builder,
        })
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
}
