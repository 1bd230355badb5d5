//! The service that calls go to: the host that is signed, the version of the operation, and the address
//! to dial.

mod base_address;
mod connect_to;
mod destination;
mod environment;
mod host;

use crate::error::BuildError;

pub use base_address::BaseAddress;
pub use connect_to::ConnectTo;
pub use destination::Destination;
pub use environment::Environment;
pub use host::Host;

/// The version of the operation.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum ApiVersion {
    /// `/tms/v2/…`, which version 3 replaces.
    V2,
    /// `/tms/v3/…`, the latest. Its responses may also hold a card that has no network token.
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

/// Whether the signed host includes the port, for an endpoint with a port of its own.
///
/// A request to `https://host:8443` carries `Host: host:8443`, since RFC 9110 §7.2 requires a port other
/// than the scheme's to be sent. The vendor's services have no such port, and its guides and SDKs sign the
/// bare host. So the signed and the sent host differ only for an endpoint with such a port. The server
/// behind that port determines which of the two it compares: a tunnel or an intermediary in front of the
/// vendor's service passes requests to a service that follows the vendor's rule, and a service that compares the
/// whole `Host` requires the port.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum SignedPort {
    /// `host`, the vendor's rule.
    #[default]
    Omitted,
    /// `host:8443`, as it is sent. The scheme's default port is neither sent nor signed.
    Included,
}

/// The service that calls go to, and the version of the operation.
///
/// ```
/// use payment_credentials_core::{ApiVersion, Endpoint, Environment};
///
/// let test = Endpoint::new(Environment::Test);
/// assert_eq!(test.base().host().to_string(), "apitest.cybersource.com");
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
    signed_port: SignedPort,
}

impl Endpoint {
    /// Makes an endpoint from one of the vendor's hosts, with version 3.
    #[must_use]
    pub fn new(environment: Environment) -> Self {
        Self::custom(environment.into())
    }

    /// Makes an endpoint from another service with the vendor's API, with version 3.
    #[must_use]
    pub fn custom(base: BaseAddress) -> Self {
        Self {
            base,
            version: ApiVersion::default(),
            connect_to: None,
            signed_port: SignedPort::default(),
        }
    }

    /// Sets the version of the operation.
    #[must_use]
    pub fn with_version(mut self, version: ApiVersion) -> Self {
        self.version = version;
        self
    }

    /// Sets whether the signed host includes a port of its own; by default it doesn't.
    ///
    /// ```
    /// use payment_credentials_core::{Endpoint, SignedPort};
    ///
    /// let endpoint = Endpoint::custom("https://payments.example.com:8443".parse()?);
    /// assert_eq!(endpoint.signed_host(), "payments.example.com");
    /// let endpoint = endpoint.with_signed_port(SignedPort::Included);
    /// assert_eq!(endpoint.signed_host(), "payments.example.com:8443");
    /// # Ok::<(), payment_credentials_core::BuildError>(())
    /// ```
    #[must_use]
    pub fn with_signed_port(mut self, signed_port: SignedPort) -> Self {
        self.signed_port = signed_port;
        self
    }

    /// Sets another address to dial. The endpoint's host is still the one that is signed and compared with
    /// the certificate.
    ///
    /// # Errors
    ///
    /// [`BuildError`] if the base address is `http` and the other address isn't loopback: card data would
    /// leave the machine in the clear.
    pub fn with_connect_to(mut self, connect_to: ConnectTo) -> Result<Self, BuildError> {
        if !self.base.is_tls() && !connect_to.is_loopback() {
            return Err(BuildError::new(
                "connect-to address",
                "is not loopback, and the base address is http; use an https base address",
            ));
        }
        self.connect_to = Some(connect_to);
        Ok(self)
    }

    /// The host as authenticators sign it. The `Host` header is always [`BaseAddress::authority`].
    #[must_use]
    pub fn signed_host(&self) -> &str {
        match self.signed_port {
            SignedPort::Omitted => self.base.bare_host(),
            SignedPort::Included => self.base.authority(),
        }
    }

    /// The base address. Its authority is sent as `Host`, its host is compared with the certificate; what is
    /// signed is [`signed_host`](Self::signed_host).
    #[must_use]
    pub fn base(&self) -> &BaseAddress {
        &self.base
    }

    /// The version of the operation.
    #[must_use]
    pub fn version(&self) -> ApiVersion {
        self.version
    }

    /// The address to dial instead of the base address, if one was set.
    #[must_use]
    pub fn connect_to(&self) -> Option<&ConnectTo> {
        self.connect_to.as_ref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_schemes_own_port_is_never_signed() {
        for (base, bare, with_port) in [
            ("https://host.example", "host.example", "host.example"),
            ("https://host.example:443", "host.example", "host.example"),
            ("https://host.example:80", "host.example", "host.example:80"),
            ("http://[::1]:8443", "[::1]", "[::1]:8443"),
        ] {
            let endpoint = Endpoint::custom(base.parse().expect("a base address"));
            assert_eq!(endpoint.signed_host(), bare);
            let endpoint = endpoint.with_signed_port(SignedPort::Included);
            assert_eq!(endpoint.signed_host(), with_port);
        }
    }

    /// Row B11.
    #[test]
    fn never_sends_plain_http_off_the_machine() {
        let plain = Endpoint::custom("http://localhost:80".parse().expect("a base address"));
        let elsewhere = "example.com:80".parse().expect("an address");
        assert!(plain.clone().with_connect_to(elsewhere).is_err());
        let loopback = "[::1]:80".parse().expect("an address");
        assert!(plain.with_connect_to(loopback).is_ok());
    }
}
