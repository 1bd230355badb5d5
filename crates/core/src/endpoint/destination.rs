use super::{ConnectTo, Endpoint, Host};

/// The destination of a request, as its endpoint validated it: the host that the certificate must name, and
/// the address to connect to.
///
/// Only an endpoint can make one. So plain HTTP stays on this machine, and a transport doesn't have to
/// validate anything or parse the URI again.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Destination {
    host: Host,
    port: u16,
    tls: bool,
    connect_to: Option<ConnectTo>,
}

impl Destination {
    /// The URI's host. Over TLS the certificate must name it, and SNI does if it is a name.
    #[must_use]
    pub fn host(&self) -> &Host {
        &self.host
    }

    /// The port of the URI: the given one, or the scheme's default.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Whether the connection is encrypted. An unencrypted connection always leads to this machine.
    #[must_use]
    pub fn is_tls(&self) -> bool {
        self.tls
    }

    /// The address to dial instead of host and port. A transport that doesn't support this must return an
    /// error, and must not ignore it.
    #[must_use]
    pub fn connect_to(&self) -> Option<&ConnectTo> {
        self.connect_to.as_ref()
    }

    /// The host and the port to dial: those of [`connect_to`](Self::connect_to) if it is set, or otherwise
    /// the destination's own.
    #[must_use]
    pub fn dialled(&self) -> (&Host, u16) {
        match &self.connect_to {
            Some(other) => (other.host(), other.port()),
            None => (&self.host, self.port),
        }
    }
}

impl From<&Endpoint> for Destination {
    fn from(endpoint: &Endpoint) -> Self {
        let base = endpoint.base();
        Self {
            host: base.host().clone(),
            port: base.port(),
            tls: base.is_tls(),
            connect_to: endpoint.connect_to().cloned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leads_to_the_endpoint_or_to_the_other_address() {
        let endpoint = Endpoint::custom("https://a.example:8443".parse().expect("an address"));
        let direct = Destination::from(&endpoint);
        assert_eq!(direct.dialled(), (&Host::Name("a.example".into()), 8443));
        let to = "[::1]:9".parse().expect("an address");
        let detour = Destination::from(&endpoint.with_connect_to(to).expect("an endpoint"));
        assert_eq!(
            detour.dialled(),
            (&Host::V6([0, 0, 0, 0, 0, 0, 0, 1].into()), 9)
        );
        assert_eq!((detour.host(), detour.is_tls()), (direct.host(), true));
        assert_ne!(detour, direct);
    }
}
