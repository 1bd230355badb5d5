//! Reads a proxy from environment variables that the application passes in.

use std::ffi::OsString;

use payment_credentials_core::secret::Password;
use payment_credentials_core::{BuildError, Endpoint};
use zeroize::Zeroizing;

use crate::exceptions::Target;
use crate::proxy::Proxy;

/// The names of the variables, in order of precedence, which is curl's.
const PROXIES: [&str; 4] = ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"];
const EXCEPTIONS: [&str; 2] = ["no_proxy", "NO_PROXY"];

impl Proxy {
    /// Reads the proxy for an endpoint from environment variables; `None` if there is none.
    ///
    /// The variables are those of curl's manual: `https_proxy`, or else `all_proxy`, names the proxy,
    /// and `no_proxy` lists the hosts that are reached without it. A name may be in lower or in upper case;
    /// lower case takes precedence. An empty variable counts as not set. `http_proxy` isn't read: calls
    /// use HTTPS, and the callers of a CGI program could set that variable.
    ///
    /// - A proxy is `http://host:port` or `https://host:port`. The default scheme is `http`, and the
    ///   default port is 80 for `http` and 443 for `https`. A percent-encoded user and password may
    ///   precede the host.
    /// - `no_proxy` is a list whose entries are separated by commas or whitespace. An entry is `*` for
    ///   every host; a name, with or without a leading dot, for that host and all its subdomains; an IP
    ///   address; or a block of IP addresses such as `10.0.0.0/8`. A name or an address may end in a port,
    ///   and then applies to that port only.
    /// - This machine (`localhost` and loopback addresses) is always reached without a proxy.
    ///
    /// These rules apply to the address that is dialled, which is the endpoint's other address
    /// (`connect_to`) if it has one.
    ///
    /// ```
    /// use payment_credentials_core::{BuildError, Endpoint, Environment};
    /// use payment_credentials_hyper::{HyperTransport, Proxy};
    ///
    /// # fn main() -> Result<(), BuildError> {
    /// let endpoint = Endpoint::new(Environment::Test);
    /// let mut transport = HyperTransport::builder();
    /// if let Some(proxy) = Proxy::from_env(&endpoint, std::env::vars_os())? {
    ///     transport = transport.proxy(proxy);
    /// }
    /// # let _ = transport;
    /// # let variables = [("HTTPS_PROXY", "http://proxy.example:8080"), ("NO_PROXY", "a.example")];
    /// # assert!(Proxy::from_env(&endpoint, variables)?.is_some());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`BuildError`] if a variable isn't Unicode or isn't an address, or if it names a proxy of another
    /// kind, such as SOCKS. The error names the variable and never contains its value.
    pub fn from_env<N, V>(
        endpoint: &Endpoint,
        variables: impl IntoIterator<Item = (N, V)>,
    ) -> Result<Option<Self>, BuildError>
    where
        N: Into<OsString>,
        V: Into<OsString>,
    {
        let found = Found::among(variables);
        let Some((variable, address)) = found.first(&PROXIES)? else {
            return Ok(None);
        };
        let (host, port) = endpoint.connect_to().map_or_else(
            || (endpoint.base().host(), endpoint.base().port()),
            |other| (other.host(), other.port()),
        );
        let target = Target::new(host, port);
        let exceptions = found.first(&EXCEPTIONS)?;
        let is_excepted = exceptions.is_some_and(|(_, list)| target.is_among(list));
        if target.is_this_machine() || is_excepted {
            return Ok(None);
        }
        read(variable, address).map(Some)
    }
}

/// The values of the variables that matter. They are wiped, since one may contain a password.
struct Found(Vec<(&'static str, Zeroizing<Vec<u8>>)>);

impl Found {
    fn among<N: Into<OsString>, V: Into<OsString>>(
        variables: impl IntoIterator<Item = (N, V)>,
    ) -> Self {
        let known = PROXIES.into_iter().chain(EXCEPTIONS);
        let found = variables.into_iter().filter_map(|(name, value)| {
            let name = name.into();
            let name = known.clone().find(|known| name == *known)?;
            let value = value.into().into_encoded_bytes();
            Some((name, Zeroizing::new(value)))
        });
        Self(found.collect())
    }

    /// The first of these variables that is set and not empty.
    fn first(&self, names: &[&str]) -> Result<Option<(&'static str, &str)>, BuildError> {
        let set = |name: &&str| self.0.iter().find(|(found, _)| found == name);
        let mut set = names.iter().filter_map(set);
        let Some((name, value)) = set.find(|(_, value)| !value.is_empty()) else {
            return Ok(None);
        };
        let text = str::from_utf8(value)
            .map_err(|_unsaid| BuildError::new(name, "is not valid Unicode"))?;
        Ok(Some((name, text)))
    }
}

/// Reads a proxy as curl and others do, which accept more forms than [`Proxy::new`].
fn read(variable: &'static str, address: &str) -> Result<Proxy, BuildError> {
    let refused = |rule| BuildError::new(variable, rule);
    let (scheme, rest) = address.split_once("://").unwrap_or(("http", address));
    let port = match scheme.to_ascii_lowercase().as_str() {
        "http" => 80,
        "https" => 443,
        _ => return Err(refused("must start with http:// or https://")),
    };
    // The causes are left out, since they name other settings.
    let malformed = || refused("is not of the form http://host:port or https://host:port");
    let rest = rest.strip_suffix('/').unwrap_or(rest);
    // Each of these characters ends the authority (RFC 3986 §3.2), so an @ after one is not part of it.
    if rest.contains(['/', '?', '#', '\\']) {
        return Err(malformed());
    }
    let (login, place) = rest
        .rsplit_once('@')
        .map_or((None, rest), |(login, place)| (Some(login), place));
    let has_port = place.rsplit_once(':').is_some_and(|(host, port)| {
        let is_number = port.bytes().all(|byte| byte.is_ascii_digit());
        is_number && (!host.contains(':') || host.ends_with(']'))
    });
    let scheme = if port == 443 { "https" } else { "http" };
    let address = if has_port {
        format!("{scheme}://{place}")
    } else {
        format!("{scheme}://{place}:{port}")
    };
    let proxy = Proxy::new(&address).map_err(|_unsaid| malformed())?;
    let Some(login) = login else {
        return Ok(proxy);
    };
    let (user, password) = login.split_once(':').unwrap_or((login, ""));
    let (Some(user), Some(password)) = (decoded(user), decoded(password)) else {
        return Err(refused(
            "has a user or password that is not percent-encoded UTF-8",
        ));
    };
    let password = Password::from(password.as_str());
    let proxy = proxy.with_password(&user, &password);
    proxy.map_err(|_unsaid| refused("has a colon in its user, or a control character"))
}

/// Decodes percent-encoding (RFC 3986 §2.1).
fn decoded(text: &str) -> Option<Zeroizing<String>> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(text.len()));
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        let mut digit = || char::from(rest.next()?).to_digit(16);
        let byte = match byte {
            b'%' => u8::try_from(digit()? * 16 + digit()?).ok()?,
            other => other,
        };
        bytes.push(byte);
    }
    let text = str::from_utf8(&bytes).ok()?;
    Some(Zeroizing::new(text.to_owned()))
}

#[cfg(test)]
mod tests {
    use payment_credentials_core::Environment;

    use super::*;

    fn found(variables: &[(&str, &str)]) -> Option<String> {
        let endpoint = Endpoint::new(Environment::Test);
        let found = Proxy::from_env(&endpoint, variables.iter().copied());
        found
            .expect("sound variables")
            .map(|proxy| format!("{proxy:?}"))
    }

    fn error(variable: &str, value: impl Into<OsString>) -> String {
        let endpoint = Endpoint::new(Environment::Test);
        let error = Proxy::from_env(&endpoint, [(variable, value)]).expect_err("refused");
        error.to_string()
    }

    #[test]
    fn the_variables_are_looked_at_in_order() {
        assert_eq!(found(&[]), None);
        assert_eq!(found(&[("HTTP_PROXY", "http://a:1")]), None);
        assert_eq!(found(&[("http_proxy", "http://a:1")]), None);
        assert_eq!(found(&[("HTTPS_PROXY", "")]), None);
        let mut set = vec![("ALL_PROXY", "http://d:1")];
        for (name, address, host) in [
            ("all_proxy", "http://c:1", "c"),
            ("HTTPS_PROXY", "http://b:1", "b"),
            ("https_proxy", "http://a:1", "a"),
        ] {
            set.push((name, address));
            assert_eq!(found(&set), Some(format!("Proxy(http://{host}:1)")));
        }
        set.push(("no_proxy", ""));
        set.push(("NO_PROXY", "cybersource.com"));
        assert_eq!(found(&set), None, "what is empty isn't set");
    }

    #[test]
    fn an_address_may_leave_scheme_and_port_out() {
        for (address, shown) in [
            ("proxy.example:8080", "http://proxy.example:8080"),
            ("proxy.example", "http://proxy.example:80"),
            ("HTTPS://proxy.example/", "https://proxy.example:443"),
            ("http://[::1]:8080", "http://[::1]:8080"),
            ("http://[::1]", "http://[::1]:80"),
        ] {
            let expected = Some(format!("Proxy({shown})"));
            assert_eq!(found(&[("https_proxy", address)]), expected, "{address}");
        }
    }

    #[test]
    fn user_and_password_are_decoded_and_not_shown() {
        for login in ["Aladdin:open%20sesame", "%41laddin:open sesame"] {
            let address = format!("http://{login}@proxy.example:8080");
            let endpoint = Endpoint::new(Environment::Test);
            let proxy = Proxy::from_env(&endpoint, [("https_proxy", &address)]);
            let proxy = proxy.expect("sound variables").expect("a proxy");
            let header = proxy.credentials().expect("a header");
            // The example of RFC 7617 §2.
            let basic = "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==";
            assert_eq!(header.expect("credentials"), basic);
            assert!(!format!("{proxy:?}").contains("Aladdin"));
        }
        let alone = found(&[("https_proxy", "http://Aladdin@proxy.example:8080")]);
        assert!(alone.expect("a proxy").ends_with(", with a password)"));
    }

    #[test]
    fn what_is_no_proxy_is_refused_by_the_name_of_its_variable() {
        for (address, rule) in [
            ("socks5://proxy.example:1080", "must start with"),
            ("http://", "is not of the form"),
            ("http://proxy.example:99999", "is not of the form"),
            ("http://proxy.example/path", "is not of the form"),
            ("http://proxy.example:1/@evil.example:2", "of the form"),
            ("http://proxy.example:1?@evil.example:2", "of the form"),
            ("http://proxy.example:1#@evil.example:2", "of the form"),
            ("http://proxy.example:1\\@evil.example:2", "of the form"),
            ("http://hunter2:pass/word@proxy.example:1", "of the form"),
            ("http://proxy.example:1\r\nhost: a", "of the form"),
            ("http://hunter2:%0d%0a@proxy.example", "control character"),
            ("http://hunter2%:x@proxy.example", "percent-encoded"),
            ("http://hunter2:%ff@proxy.example", "percent-encoded"),
            ("http://hunter2%3a:x@proxy.example", "a colon in its user"),
        ] {
            let said = error("ALL_PROXY", address);
            assert!(said.starts_with("ALL_PROXY "), "{said}");
            assert!(said.contains(rule), "{address}: {said}");
            assert!(!said.contains("example") && !said.contains("hunter2"));
        }
        #[cfg(unix)]
        {
            use std::os::unix::ffi::OsStringExt as _;
            let said = error("https_proxy", OsString::from_vec(vec![0xff]));
            assert_eq!(said, "https_proxy is not valid Unicode");
        }
    }

    #[test]
    fn this_machine_is_reached_without() {
        for address in [
            "https://localhost",
            "https://127.0.0.1:8443",
            "https://[::1]",
            "https://[::ffff:127.0.0.1]",
        ] {
            let variables = [("HTTPS_PROXY", "http://proxy.example:1")];
            let endpoint = Endpoint::custom(address.parse().expect("an address"));
            let found = Proxy::from_env(&endpoint, variables).expect("sound variables");
            assert!(found.is_none(), "{address}");
        }
        // The connection goes to the endpoint's other address.
        let elsewhere = Endpoint::new(Environment::Test)
            .with_connect_to("127.0.0.1:9".parse().expect("an address"));
        let variables = [("HTTPS_PROXY", "http://proxy.example:1")];
        let found = Proxy::from_env(&elsewhere.expect("an endpoint"), variables);
        assert!(found.expect("sound variables").is_none());
    }
}
