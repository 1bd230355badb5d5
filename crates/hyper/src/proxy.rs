use std::fmt;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use http::HeaderValue;
use payment_credentials_core::secret::Password;
use payment_credentials_core::{BuildError, ConnectTo, Host};
use payment_credentials_tls::server_name;
use rustls_pki_types::ServerName;
use zeroize::Zeroizing;

/// An HTTP proxy through which connections are tunnelled with `CONNECT`.
///
/// The proxy learns the host and the port that are dialled. It can't read the traffic, which is encrypted
/// between this process and the service. The proxy resolves host names itself. `Debug` shows no password.
///
/// ```
/// use payment_credentials_core::secret::Password;
/// use payment_credentials_hyper::Proxy;
///
/// # fn main() -> Result<(), payment_credentials_core::BuildError> {
/// # let secret = String::from("open sesame");
/// let password = Password::from(secret);
/// let proxy = Proxy::new("https://proxy.example:8443")?.with_password("checkout", &password)?;
/// # assert!(!format!("{proxy:?}").contains("checkout"));
/// # Ok(())
/// # }
/// ```
pub struct Proxy {
    address: ConnectTo,
    /// The name that the proxy's certificate must have; `None` for a proxy without TLS.
    tls: Option<ServerName<'static>>,
    /// The value of `Proxy-Authorization`: `Basic` credentials.
    credentials: Option<Zeroizing<String>>,
}

impl Proxy {
    /// Creates a proxy from an address: `http://host:port` or `https://host:port`.
    ///
    /// The scheme is that of the connection to the proxy itself. With `https` this connection uses TLS,
    /// and the proxy's certificate is checked against the same roots as the service's.
    ///
    /// # Errors
    ///
    /// [`BuildError`] if the address has another form, or contains a user or a path.
    pub fn new(address: &str) -> Result<Self, BuildError> {
        let (is_tls, rest) = match (
            address.strip_prefix("https://"),
            address.strip_prefix("http://"),
        ) {
            (Some(rest), _) => (true, rest),
            (None, Some(rest)) => (false, rest),
            (None, None) => return Err(refused("must start with http:// or https://")),
        };
        if rest.contains('@') {
            return Err(refused(
                "holds a user or a password; pass them to Proxy::with_password",
            ));
        }
        // The cause is left out, since it names another setting.
        let address = rest
            .strip_suffix('/')
            .unwrap_or(rest)
            .parse::<ConnectTo>()
            .map_err(|_unsaid| malformed())?;
        let name = server_name(address.host()).map_err(|_unsaid| malformed())?;
        Ok(Self {
            address,
            tls: is_tls.then_some(name),
            credentials: None,
        })
    }

    /// Sends a user and a password to the proxy, and to nobody else (`Basic`, RFC 7617).
    ///
    /// They are sent unencrypted to an `http` proxy.
    ///
    /// # Errors
    ///
    /// [`BuildError`] if the user holds a colon, or if user or password holds a control character.
    pub fn with_password(mut self, user: &str, password: &Password) -> Result<Self, BuildError> {
        let refused = |rule| Err(BuildError::new("proxy user", rule));
        if user.contains(':') {
            return refused("holds a colon, which Basic authentication doesn't allow");
        }
        if [user, password.expose()]
            .iter()
            .any(|text| text.contains(char::is_control))
        {
            return refused("or its password holds a control character; remove it");
        }
        let pair = Zeroizing::new(format!("{user}:{}", password.expose()));
        let pair = Zeroizing::new(BASE64_STANDARD.encode(&*pair));
        self.credentials = Some(Zeroizing::new(format!("Basic {}", &*pair)));
        Ok(self)
    }

    pub(crate) fn host(&self) -> &Host {
        self.address.host()
    }

    pub(crate) fn port(&self) -> u16 {
        self.address.port()
    }

    pub(crate) fn tls(&self) -> Option<&ServerName<'static>> {
        self.tls.as_ref()
    }

    pub(crate) fn has_password(&self) -> bool {
        self.credentials.is_some()
    }

    pub(crate) fn credentials(&self) -> Result<Option<HeaderValue>, http::Error> {
        let Some(credentials) = &self.credentials else {
            return Ok(None);
        };
        let mut credentials = HeaderValue::from_str(credentials)?;
        credentials.set_sensitive(true);
        Ok(Some(credentials))
    }
}

impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = self.tls.as_ref().map_or("http", |_name| "https");
        let (host, port) = (self.host(), self.port());
        let with = self
            .credentials
            .as_ref()
            .map_or("", |_| ", with a password");
        write!(f, "Proxy({scheme}://{host}:{port}{with})")
    }
}

fn malformed() -> BuildError {
    refused("is not of the form http://host:port or https://host:port")
}

fn refused(rule: &'static str) -> BuildError {
    BuildError::new("proxy address", rule)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_scheme_host_and_port() {
        let plain = Proxy::new("http://Proxy.example:8080/").expect("a proxy");
        assert_eq!(
            (&*plain.host().to_string(), plain.port(), plain.tls()),
            ("proxy.example", 8080, None)
        );
        let tls = Proxy::new("https://[::1]:8443").expect("a proxy");
        assert_eq!((&*tls.host().to_string(), tls.port()), ("[::1]", 8443));
        assert_eq!(tls.tls(), ServerName::try_from("::1").ok().as_ref());
    }

    #[test]
    fn another_address_is_refused_and_not_repeated() {
        for (address, rule) in [
            ("", "must start with"),
            ("proxy.example:8080", "must start with"),
            ("socks5://proxy.example:1080", "must start with"),
            ("http://proxy.example", "of the form"),
            ("http://proxy.example:8080/path", "of the form"),
            ("http://proxy.example:8080?query", "of the form"),
            ("http://:8080", "of the form"),
            (
                "http://ann:hunter2@proxy.example:8080",
                "Proxy::with_password",
            ),
        ] {
            let error = Proxy::new(address).expect_err("refused");
            assert!(error.to_string().contains(rule), "{address}: {error}");
            let shown = format!("{error} {error:?}");
            assert!(
                !shown.contains("example") && !shown.contains("hunter2"),
                "{shown}"
            );
        }
    }

    #[test]
    fn credentials_are_basic_and_shown_to_nobody() {
        let proxy = Proxy::new("http://proxy.example:8080")
            .expect("a proxy")
            .with_password("Aladdin", &"open sesame".into())
            .expect("credentials");
        let header = proxy.credentials().expect("a header").expect("credentials");
        // The example of RFC 7617 §2.
        assert_eq!(header, "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
        let shown = format!("{proxy:?} {header:?}");
        assert_eq!(
            shown,
            "Proxy(http://proxy.example:8080, with a password) Sensitive"
        );
    }

    #[test]
    fn a_user_that_would_be_read_as_another_is_refused() {
        for (user, password) in [("a:b", "c"), ("a\n", "c"), ("a", "c\0")] {
            let proxy = Proxy::new("http://proxy.example:8080").expect("a proxy");
            let error = proxy.with_password(user, &password.into());
            assert_eq!(error.expect_err("refused").setting(), "proxy user");
        }
    }
}
