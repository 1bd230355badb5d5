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
/// The proxy learns which host and port are dialled and nothing of what is said there, since that
/// is encrypted from here to the service. It looks names up itself.
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
    /// The name that its certificate must have; none without TLS.
    tls: Option<ServerName<'static>>,
    /// `Basic` credentials as they are sent.
    credentials: Option<Zeroizing<String>>,
}

impl Proxy {
    /// Reads `http://host:port` or `https://host:port`; the scheme is how the proxy itself is spoken
    /// to.
    ///
    /// The certificate of an `https` proxy is checked against the same roots as the service's.
    ///
    /// # Errors
    ///
    /// [`BuildError`] where the address is something else, or has a user or a path in it.
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
                "holds a user or a password; give them to Proxy::with_password",
            ));
        }
        // Without the cause, which speaks of another setting.
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

    /// Shows the proxy a user and a password (`Basic`, RFC 7617), and nobody else.
    ///
    /// To a proxy that is spoken to by `http` they go in the clear.
    ///
    /// # Errors
    ///
    /// [`BuildError`] where the user holds a colon, or either holds a control character.
    pub fn with_password(mut self, user: &str, password: &Password) -> Result<Self, BuildError> {
        let refused = |rule| Err(BuildError::new("proxy user", rule));
        if user.contains(':') {
            return refused("holds a colon, which would end it");
        }
        if [user, password.expose()]
            .iter()
            .any(|text| text.contains(char::is_control))
        {
            return refused("or its password holds a control character; leave it out");
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
