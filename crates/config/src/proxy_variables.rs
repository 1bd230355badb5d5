use std::ffi::OsString;
use std::fmt;

use payment_credentials_core::{BuildError, Endpoint};
use payment_credentials_hyper::Proxy;

/// The environment variables about proxies, which may hold a password.
pub(crate) struct ProxyVariables(Vec<(OsString, OsString)>);

impl ProxyVariables {
    pub(crate) fn among<N: Into<OsString>, V: Into<OsString>>(
        variables: impl IntoIterator<Item = (N, V)>,
    ) -> Self {
        let variables = variables
            .into_iter()
            .map(|(name, value)| (name.into(), value.into()));
        let is_about_proxies = |(name, _): &(OsString, OsString)| {
            let name = name.to_string_lossy().to_ascii_lowercase();
            name.ends_with("_proxy")
        };
        Self(variables.filter(is_about_proxies).collect())
    }

    pub(crate) fn proxy(&self, endpoint: &Endpoint) -> Result<Option<Proxy>, BuildError> {
        Proxy::from_env(endpoint, self.0.clone())
    }
}

impl fmt::Debug for ProxyVariables {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.0.iter().map(|(name, _)| name);
        f.debug_set().entries(names).finish()
    }
}
