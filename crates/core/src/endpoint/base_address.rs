use std::fmt;
use std::str::FromStr;

use http::Uri;
use http::uri::{Authority, InvalidUri, Parts, Scheme};

use crate::error::BuildError;

use super::Environment;
use super::host::{Host, host_and_port};

/// Scheme, host and port of a service: `https://host[:port]`.
///
/// Every value has the scheme `https`, or `http` with a loopback host. Its host is plain lower-case ASCII
/// without user, path, query or fragment. In that form the host is signed, sent as `Host` and compared with
/// the certificate.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct BaseAddress {
    tls: bool,
    host: Host,
    /// Host and port; the port is left out if it is the scheme's default.
    authority: Authority,
}

impl BaseAddress {
    /// The bare host, without scheme and port.
    #[must_use]
    pub fn host(&self) -> &Host {
        &self.host
    }

    /// The host as it is written in the authority.
    pub(super) fn bare_host(&self) -> &str {
        self.authority.host()
    }

    /// The port to dial: the given one, or the scheme's default.
    #[must_use]
    pub fn port(&self) -> u16 {
        let given = self.authority.port_u16();
        given.unwrap_or(if self.tls { 443 } else { 80 })
    }

    /// Host and port as in a `Host` header; the port is left out if it is the scheme's default.
    #[must_use]
    pub fn authority(&self) -> &str {
        self.authority.as_str()
    }

    /// The URI of a path of the service.
    pub(crate) fn join(&self, path: String) -> Result<Uri, http::Error> {
        let mut parts = Parts::default();
        parts.scheme = Some(if self.tls {
            Scheme::HTTPS
        } else {
            Scheme::HTTP
        });
        parts.authority = Some(self.authority.clone());
        parts.path_and_query = Some(path.try_into()?);
        Ok(Uri::from_parts(parts)?)
    }

    /// Whether the connection is encrypted.
    #[must_use]
    pub fn is_tls(&self) -> bool {
        self.tls
    }
}

impl fmt::Display for BaseAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.tls { "https" } else { "http" };
        write!(f, "{scheme}://{}", self.authority())
    }
}

impl From<Environment> for BaseAddress {
    fn from(environment: Environment) -> Self {
        Self {
            tls: true,
            host: Host::Name(environment.host().into()),
            authority: Authority::from_static(environment.host()),
        }
    }
}

impl FromStr for BaseAddress {
    type Err = BuildError;

    fn from_str(text: &str) -> Result<Self, BuildError> {
        if text.contains('#') {
            return Err(refused("has a fragment; give https://host[:port]"));
        }
        let uri: Uri = text
            .parse()
            .map_err(|source| not_an_address().with_source(source))?;
        let authority = uri.authority().ok_or_else(not_an_address)?;
        if !matches!(uri.path(), "" | "/") || uri.query().is_some() {
            return Err(refused("has a path or a query; give https://host[:port]"));
        }
        let tls = match uri.scheme_str() {
            Some("https") => true,
            Some("http") => false,
            Some(_) | None => return Err(refused("must start with https://")),
        };
        let (host, port) = host_and_port(FIELD, authority)?;
        if !tls && !host.is_loopback() {
            return Err(refused("may use http only for a loopback host; use https"));
        }
        // The scheme's default port isn't part of a host's canonical form.
        let authority = match port.filter(|port| *port != if tls { 443 } else { 80 }) {
            Some(port) => format!("{host}:{port}"),
            None => host.to_string(),
        };
        let authority = authority
            .try_into()
            .map_err(|source: InvalidUri| not_an_address().with_source(source))?;
        Ok(Self {
            tls,
            host,
            authority,
        })
    }
}

const FIELD: &str = "base address";

fn refused(rule: &'static str) -> BuildError {
    BuildError::new(FIELD, rule)
}

fn not_an_address() -> BuildError {
    refused("is not of the form https://host[:port]")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn reads(text: &str, host: &str, port: u16) {
        let base: BaseAddress = text.parse().expect("a base address");
        assert_eq!((&*base.host().to_string(), base.port()), (host, port));
    }

    #[track_caller]
    fn refuses(text: &str, rule: &str) {
        let error = text
            .parse::<BaseAddress>()
            .expect_err("refused")
            .to_string();
        assert!(
            error.starts_with("base address ") && error.contains(rule),
            "{text}: {error}"
        );
    }

    /// Row B12.
    #[test]
    fn formats_the_host_as_it_is_signed() {
        reads(
            "https://apitest.cybersource.com",
            "apitest.cybersource.com",
            443,
        );
        reads(
            "https://APITEST.CyberSource.com./",
            "apitest.cybersource.com",
            443,
        );
        reads(
            "https://payments.example.com:8443",
            "payments.example.com",
            8443,
        );
        reads("http://localhost:8080", "localhost", 8080);
        reads("http://127.0.0.1", "127.0.0.1", 80);
        let canonical: BaseAddress = "https://Example.com:443".parse().expect("an address");
        assert_eq!(canonical.to_string(), "https://example.com");
        reads("https://[::1]:9", "[::1]", 9);
    }

    /// Rows B11 and B12.
    #[test]
    fn refuses_every_other_shape_of_address() {
        refuses("", "is not of the form");
        refuses("apitest.cybersource.com", "must start with https://");
        refuses("ftp://example.com", "must start with https://");
        refuses("file:///etc/passwd", "is not of the form");
        refuses("http://example.com", "only for a loopback host");
        refuses("http://127.0.0.1.example.com", "only for a loopback host");
        refuses("https://user:secret@example.com", "user name");
        refuses("https://example.com/tms", "path or a query");
        refuses("https://example.com?x=1", "path or a query");
        refuses("https://example.com#x", "fragment");
        refuses("https://example.com:0", "port");
        refuses("https://example.com:70000", "port");
        refuses("https://[fe80::1%25eth0]", "");
        refuses("https://xn--abc.example.com", "internationalised");
        refuses("https://b\u{fc}cher.example", "");
        refuses("https://ex ample.com", "");
        refuses("https://127.1", "plain name");
    }

    #[test]
    fn an_error_never_repeats_the_address() {
        let error = "https://user:hunter2@example.com"
            .parse::<BaseAddress>()
            .expect_err("refused");
        assert!(!format!("{error} {error:?}").contains("hunter2"));
    }

    #[test]
    fn every_vendor_host_is_a_base_address() {
        for environment in Environment::ALL {
            let text = BaseAddress::from(environment).to_string();
            let parsed: BaseAddress = text.parse().expect("a base address");
            assert_eq!(parsed, environment.into());
        }
    }

    proptest! {
        #[test]
        fn reads_back_what_it_shows(text in "https?://\\PC{0,40}") {
            if let Ok(base) = text.parse::<BaseAddress>() {
                prop_assert_eq!(base.to_string().parse::<BaseAddress>().expect("the same"), base);
            }
        }
    }
}
