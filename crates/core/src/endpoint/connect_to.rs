use std::net::SocketAddr;
use std::str::FromStr;

use http::uri::Authority;

use crate::error::BuildError;

use super::host::{Host, host_and_port};

/// Another host and port to connect to. The request is still signed for the endpoint's host.
///
/// Use this for a proxy in front of the service, or for the sandbox: the request, its signature and the
/// certificate check still name the [`Endpoint`](crate::Endpoint)'s host.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct ConnectTo {
    host: Host,
    port: u16,
}

impl ConnectTo {
    /// The host to dial: a name or an address.
    #[must_use]
    pub fn host(&self) -> &Host {
        &self.host
    }

    /// The port to dial.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    pub(super) fn is_loopback(&self) -> bool {
        self.host.is_loopback()
    }
}

impl From<SocketAddr> for ConnectTo {
    fn from(address: SocketAddr) -> Self {
        Self {
            host: address.ip().into(),
            port: address.port(),
        }
    }
}

impl FromStr for ConnectTo {
    type Err = BuildError;

    /// Parses `host:port`; an IPv6 address is in brackets.
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

#[cfg(test)]
mod tests {
    use super::*;

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
        let v6 = ConnectTo::from(SocketAddr::from(([0, 0, 0, 0, 0, 0, 0, 1], 9)));
        assert_eq!((v6.host().to_string(), v6.port()), ("[::1]".to_owned(), 9));
    }
}
