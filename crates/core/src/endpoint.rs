//! Where calls go: the host that is signed, the version, and the address that is dialled.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use http::Uri;
use http::uri::Authority;

use crate::error::BuildError;

/// The version of the operation.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum ApiVersion {
    /// `/tms/v2/…`, which version 3 replaces.
    V2,
    /// `/tms/v3/…`, the latest: also answers with a card that has no network token.
    #[default]
    V3,
}

impl ApiVersion {
    pub(crate) fn segment(self) -> &'static str {
        match self {
            Self::V2 => "v2",
            Self::V3 => "v3",
        }
    }
}

/// The vendor's hosts for this operation.
///
/// From the vendor's TMS developer guide and release notes of 2026. No India test host is
/// documented.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Environment {
    /// `api.cybersource.com`.
    Production,
    /// `api.in.cybersource.com`.
    ProductionIndia,
    /// `api.sa.cybersource.com`.
    ProductionSaudiArabia,
    /// `api.visaacceptance.com`.
    ProductionVisaAcceptance,
    /// `apitest.cybersource.com`, the vendor's sandbox.
    Test,
    /// `apitest.sa.cybersource.com`.
    TestSaudiArabia,
    /// `apitest.visaacceptance.com`.
    TestVisaAcceptance,
}

impl Environment {
    /// Every environment, in the order of the variants.
    pub const ALL: [Self; 7] = [
        Self::Production,
        Self::ProductionIndia,
        Self::ProductionSaudiArabia,
        Self::ProductionVisaAcceptance,
        Self::Test,
        Self::TestSaudiArabia,
        Self::TestVisaAcceptance,
    ];

    /// The host name.
    #[must_use]
    pub fn host(self) -> &'static str {
        match self {
            Self::Production => "api.cybersource.com",
            Self::ProductionIndia => "api.in.cybersource.com",
            Self::ProductionSaudiArabia => "api.sa.cybersource.com",
            Self::ProductionVisaAcceptance => "api.visaacceptance.com",
            Self::Test => "apitest.cybersource.com",
            Self::TestSaudiArabia => "apitest.sa.cybersource.com",
            Self::TestVisaAcceptance => "apitest.visaacceptance.com",
        }
    }
}

/// Scheme, host and port of a service: `https://host[:port]`.
///
/// Holding one proves that the scheme is `https`, or `http` on a loopback host, and that the host
/// is plain lower-case ASCII without user, path, query or fragment. That spelling is the one that
/// is signed, sent as `Host` and checked against the certificate.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct BaseAddress {
    tls: bool,
    host: Box<str>,
    port: Option<u16>,
}

impl BaseAddress {
    /// The bare host: no scheme, no port, lower case.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The port to dial: the given one, or that of the scheme.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port.unwrap_or(if self.tls { 443 } else { 80 })
    }

    /// Host and port as a `Host` header spells them: the port stands only if it isn't the scheme's.
    #[must_use]
    pub fn authority(&self) -> String {
        match self.port {
            Some(port) => format!("{}:{port}", self.host),
            None => self.host.to_string(),
        }
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
            host: environment.host().into(),
            port: None,
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
        if !tls && !is_loopback(&host) {
            return Err(refused("may use http only for a loopback host; use https"));
        }
        // The scheme's own port isn't part of how a host is spelled.
        let port = port.filter(|port| *port != if tls { 443 } else { 80 });
        Ok(Self { tls, host, port })
    }
}

/// The host and port that are dialled in place of the signed host's own.
///
/// For a proxy in front of the service, or for the sandbox: the request, its signature and the
/// certificate check still name the [`Endpoint`]'s host.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ConnectTo {
    host: Box<str>,
    port: u16,
}

impl ConnectTo {
    /// The host to dial: a name or an address.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The port to dial.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }
}

impl From<std::net::SocketAddr> for ConnectTo {
    fn from(address: std::net::SocketAddr) -> Self {
        Self {
            host: bracketed(address.ip()).into(),
            port: address.port(),
        }
    }
}

impl FromStr for ConnectTo {
    type Err = BuildError;

    /// Takes `host:port`; an IPv6 address stands in brackets.
    fn from_str(text: &str) -> Result<Self, BuildError> {
        const FIELD: &str = "connect-to address";
        let malformed = || BuildError::new(FIELD, "is not of the form host:port");
        let authority: Authority = text
            .parse()
            .map_err(|source| malformed().with_source(source))?;
        let (host, port) = host_and_port(FIELD, &authority)?;
        let port = port.ok_or_else(malformed)?;
        Ok(Self { host, port })
    }
}

/// Where calls go, and in which version.
///
/// ```
/// use payment_credentials_core::{ApiVersion, Endpoint, Environment};
///
/// let test = Endpoint::new(Environment::Test);
/// assert_eq!(test.base().host(), "apitest.cybersource.com");
///
/// let v2 = Endpoint::custom("https://payments.example.com:8443".parse()?).with_version(ApiVersion::V2);
/// assert_eq!(v2.base().port(), 8443);
/// # Ok::<(), payment_credentials_core::BuildError>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Endpoint {
    base: BaseAddress,
    version: ApiVersion,
    connect_to: Option<ConnectTo>,
}

impl Endpoint {
    /// One of the vendor's hosts, in version 3.
    #[must_use]
    pub fn new(environment: Environment) -> Self {
        Self::custom(environment.into())
    }

    /// Another service that speaks the vendor's API, in version 3.
    #[must_use]
    pub fn custom(base: BaseAddress) -> Self {
        Self {
            base,
            version: ApiVersion::default(),
            connect_to: None,
        }
    }

    /// Selects the version of the operation.
    #[must_use]
    pub fn with_version(mut self, version: ApiVersion) -> Self {
        self.version = version;
        self
    }

    /// Dials another address; what is signed and checked stays the endpoint's host.
    ///
    /// # Errors
    ///
    /// [`BuildError`] where the base address is `http` and the other address isn't loopback: card
    /// data would leave the machine in the clear.
    pub fn with_connect_to(mut self, connect_to: ConnectTo) -> Result<Self, BuildError> {
        if !self.base.tls && !is_loopback(&connect_to.host) {
            return Err(BuildError::new(
                "connect-to address",
                "is not loopback, and the base address is http; use an https base address",
            ));
        }
        self.connect_to = Some(connect_to);
        Ok(self)
    }

    /// The address that is signed, sent as `Host` and checked against the certificate.
    #[must_use]
    pub fn base(&self) -> &BaseAddress {
        &self.base
    }

    /// The version of the operation.
    #[must_use]
    pub fn version(&self) -> ApiVersion {
        self.version
    }

    /// The address that is dialled instead, if one was given.
    #[must_use]
    pub fn connect_to(&self) -> Option<&ConnectTo> {
        self.connect_to.as_ref()
    }
}

const FIELD: &str = "base address";

fn refused(rule: &'static str) -> BuildError {
    BuildError::new(FIELD, rule)
}

fn not_an_address() -> BuildError {
    refused("is not of the form https://host[:port]")
}

/// Judges an authority's parts; `field` is what the error calls it.
fn host_and_port(
    field: &'static str,
    authority: &Authority,
) -> Result<(Box<str>, Option<u16>), BuildError> {
    let refused = |rule| Err(BuildError::new(field, rule));
    if authority.as_str().contains('@') {
        return refused("holds a user name; leave it out");
    }
    let host = authority.host();
    let port_text = authority.as_str().get(host.len()..).unwrap_or_default();
    let port = match port_text.strip_prefix(':').map(str::parse::<u16>) {
        None => None,
        Some(Ok(port)) if port != 0 => Some(port),
        Some(_) => return refused("has a port that is not a number from 1 to 65535"),
    };
    let host = host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase();
    if !is_plain_host(&host) {
        return refused(
            "has a host that is not a plain name or address; \
             internationalised names (also as xn--) and IPv6 zones are not supported",
        );
    }
    Ok((host.into(), port))
}

fn is_plain_host(host: &str) -> bool {
    if bare_address(host).is_some() {
        return true;
    }
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
            && !label.starts_with("xn--")
    };
    // A last label of digits is an address that is misspelled, such as 127.1.
    let numeric = |label: &str| label.bytes().all(|byte| byte.is_ascii_digit());
    host.len() <= 253 && host.split('.').all(label) && !host.rsplit('.').next().is_some_and(numeric)
}

/// The address that a host spells; IPv6 in brackets, as in a URL.
fn bare_address(host: &str) -> Option<IpAddr> {
    match host
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'))
    {
        Some(v6) => v6.parse().ok().map(IpAddr::V6),
        None => host.parse().ok().map(IpAddr::V4),
    }
}

fn bracketed(address: IpAddr) -> String {
    match address {
        IpAddr::V4(v4) => v4.to_string(),
        IpAddr::V6(v6) => format!("[{v6}]"),
    }
}

fn is_loopback(host: &str) -> bool {
    host == "localhost" || bare_address(host).is_some_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn reads(text: &str, host: &str, port: u16) {
        let base: BaseAddress = text.parse().expect("a base address");
        assert_eq!((base.host(), base.port()), (host, port));
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

    #[test]
    fn spells_the_host_as_it_is_signed() {
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
        let spelled: BaseAddress = "https://Example.com:443".parse().expect("an address");
        assert_eq!(spelled.to_string(), "https://example.com");
        reads("https://[::1]:9", "[::1]", 9);
    }

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
    fn never_sends_plain_http_off_the_machine() {
        let plain = Endpoint::custom("http://localhost:80".parse().expect("a base address"));
        let elsewhere = "example.com:80".parse().expect("an address");
        assert!(plain.clone().with_connect_to(elsewhere).is_err());
        let loopback = "[::1]:80".parse().expect("an address");
        assert!(plain.with_connect_to(loopback).is_ok());
    }

    #[test]
    fn a_connect_to_address_needs_a_port() {
        for text in [
            "127.0.0.1",
            "127.0.0.1:",
            "127.0.0.1:0",
            "u@h:1",
            "h:1/x",
            "",
        ] {
            assert!(text.parse::<ConnectTo>().is_err(), "{text}");
        }
        let v6 = ConnectTo::from(std::net::SocketAddr::from(([0, 0, 0, 0, 0, 0, 0, 1], 9)));
        assert_eq!((v6.host(), v6.port()), ("[::1]", 9));
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
