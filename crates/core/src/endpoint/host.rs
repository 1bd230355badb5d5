//! The host of an address: validated once, and never parsed from a text again.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use http::uri::Authority;

use crate::error::BuildError;

/// A host: a plain lower-case name, or an address.
///
/// `Display` writes the form of a URL: an IPv6 address is in brackets.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
#[expect(clippy::exhaustive_enums, reason = "a URL has no other kind of host")]
pub enum Host {
    /// A name of letters, digits, hyphens and dots, without a dot at its end.
    Name(Box<str>),
    /// An IPv4 address.
    V4(Ipv4Addr),
    /// An IPv6 address without a zone.
    V6(Ipv6Addr),
}

impl Host {
    /// The addresses of a host that needs no look-up, in the order to try them; `None` for a name that has
    /// to be looked up.
    ///
    /// `localhost` is always `127.0.0.1` and `::1`, whatever a resolver would return (RFC 6761 §6.3): plain
    /// HTTP is allowed only to this machine, and a resolver could lead it elsewhere.
    ///
    /// ```
    /// use payment_credentials_core::BaseAddress;
    ///
    /// let base: BaseAddress = "http://localhost:8080".parse()?;
    /// let addresses = base.host().addresses(base.port()).expect("no look-up");
    /// assert!(addresses.iter().all(|address| address.ip().is_loopback()));
    /// # Ok::<(), payment_credentials_core::BuildError>(())
    /// ```
    #[must_use]
    pub fn addresses(&self, port: u16) -> Option<Vec<SocketAddr>> {
        let addresses: &[IpAddr] = match self {
            Self::Name(name) if &**name == LOCALHOST => &[
                IpAddr::V4(Ipv4Addr::LOCALHOST),
                IpAddr::V6(Ipv6Addr::LOCALHOST),
            ],
            Self::Name(_) => return None,
            Self::V4(v4) => &[IpAddr::V4(*v4)],
            Self::V6(v6) => &[IpAddr::V6(*v6)],
        };
        let addresses = addresses.iter();
        Some(addresses.map(|ip| SocketAddr::new(*ip, port)).collect())
    }

    /// Whether the host is this machine, decided without a resolver.
    pub(super) fn is_loopback(&self) -> bool {
        match self {
            Self::Name(name) => &**name == LOCALHOST,
            Self::V4(v4) => v4.is_loopback(),
            Self::V6(v6) => v6.is_loopback(),
        }
    }

    /// Parses a host in the form of an authority; `None` if it isn't a plain name or address.
    fn read(text: &str) -> Option<Self> {
        let text = text.strip_suffix('.').unwrap_or(text).to_ascii_lowercase();
        let bracketed = text
            .strip_prefix('[')
            .and_then(|rest| rest.strip_suffix(']'));
        if let Some(v6) = bracketed {
            return v6.parse().ok().map(Self::V6);
        }
        if let Ok(v4) = text.parse() {
            return Some(Self::V4(v4));
        }
        is_plain_name(&text).then(|| Self::Name(text.into()))
    }
}

const LOCALHOST: &str = "localhost";

impl From<IpAddr> for Host {
    fn from(address: IpAddr) -> Self {
        match address {
            IpAddr::V4(v4) => Self::V4(v4),
            IpAddr::V6(v6) => Self::V6(v6),
        }
    }
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => f.write_str(name),
            Self::V4(v4) => v4.fmt(f),
            Self::V6(v6) => write!(f, "[{v6}]"),
        }
    }
}

/// Parses the parts of an authority; `field` is the name of the setting in the error.
pub(super) fn host_and_port(
    field: &'static str,
    authority: &Authority,
) -> Result<(Host, Option<u16>), BuildError> {
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
    match Host::read(host) {
        Some(host) => Ok((host, port)),
        None => refused(
            "has a host that is not a plain name or address; \
             internationalised names (also as xn--) and IPv6 zones are not supported",
        ),
    }
}

fn is_plain_name(host: &str) -> bool {
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
            && !label.starts_with("xn--")
    };
    // If the last label consists of digits, the host is a malformed address, such as 127.1.
    let numeric = |label: &str| label.bytes().all(|byte| byte.is_ascii_digit());
    host.len() <= 253 && host.split('.').all(label) && !host.rsplit('.').next().is_some_and(numeric)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_encoded_as_in_a_url() {
        for (text, host, formatted) in [
            ("A.Example.", Host::Name("a.example".into()), "a.example"),
            ("127.0.0.1", Host::V4(Ipv4Addr::LOCALHOST), "127.0.0.1"),
            ("[0:0::1]", Host::V6(Ipv6Addr::LOCALHOST), "[::1]"),
        ] {
            let read = Host::read(text).expect("a host");
            assert_eq!((&read, &*read.to_string()), (&host, formatted));
        }
        for text in ["", ".", "127.1", "::1", "[::1", "a..b", "a_b", "xn--a"] {
            assert_eq!(Host::read(text), None, "{text}");
        }
    }

    #[test]
    fn localhost_is_this_machine_without_a_look_up() {
        let addresses = |text| Host::read(text).expect("a host").addresses(7);
        let localhost = addresses("localhost").expect("addresses");
        assert_eq!(localhost.len(), 2);
        assert!(localhost.iter().all(|address| address.ip().is_loopback()));
        assert_eq!(
            addresses("[::2]"),
            Some(vec!["[::2]:7".parse().expect("an address")])
        );
        assert_eq!(addresses("localhost.example"), None);
    }
}
