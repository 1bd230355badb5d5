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
        let is_about_proxies =
            |(name, _): &(OsString, OsString)| Self::has(&name.to_string_lossy());
        Self(variables.filter(is_about_proxies).collect())
    }

    /// Whether a variable of this name is about proxies.
    pub(crate) fn has(name: &str) -> bool {
        ["https_proxy", "all_proxy", "no_proxy"]
            .iter()
            .any(|known| name.eq_ignore_ascii_case(known))
    }

    /// The variables, to know which would name a proxy. The addresses, which may hold a password, are dropped.
    pub(crate) fn without_addresses(
        variables: impl IntoIterator<Item = (String, OsString)>,
    ) -> Self {
        let variables = variables.into_iter().map(|(name, value)| {
            let is_kept = value.is_empty() || name.eq_ignore_ascii_case("no_proxy");
            let value = if is_kept {
                value
            } else {
                "http://proxy:80".into()
            };
            (name.into(), value)
        });
        Self(variables.collect())
    }

    /// The name of the variable that names a proxy for this endpoint.
    pub(crate) fn named_for(&self, endpoint: &Endpoint) -> Option<String> {
        self.proxy(endpoint).ok()??;
        ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"]
            .into_iter()
            .find(|name| {
                self.0
                    .iter()
                    .any(|(set, value)| set == name && !value.is_empty())
            })
            .map(str::to_owned)
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
